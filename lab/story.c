/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened in a run: one line for each message or deed; two
 * clients that do the same are one line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit.h"

void
lab_tell(struct lab_run *r, enum lab_who from, enum lab_who to,
    const char *fmt, ...)
{
	struct lab_event e = { .from = from, .to = to };
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	(void)vsnprintf(e.text, sizeof(e.text), fmt, ap);
	va_end(ap);
	(void)pthread_mutex_lock(&r->lock);
	for (i = 0; i < r->nevent; i++)
		if (r->event[i].from == from && r->event[i].to == to &&
		    strcmp(r->event[i].text, e.text) == 0)
			break;
	if (i == r->nevent && r->nevent < LAB_EVENTS)
		r->event[r->nevent++] = e;
	(void)pthread_mutex_unlock(&r->lock);
}

/* The victim's reason; the first counts. */
void
lab_refused(struct lab_run *r, const struct atls_err *err)
{
	(void)pthread_mutex_lock(&r->lock);
	if (r->where[0] == '\0') {
		r->rc = err->rc;
		(void)snprintf(r->where, sizeof(r->where), "%s",
		    err->where == NULL ? "?" : err->where);
		(void)snprintf(r->detail, sizeof(r->detail), "%s",
		    err->detail);
	}
	(void)pthread_mutex_unlock(&r->lock);
}

void
lab_loot(struct lab_run *r, const void *p, size_t n)
{
	(void)pthread_mutex_lock(&r->lock);
	if (n >= sizeof(r->loot))
		n = sizeof(r->loot) - 1;
	memcpy(r->loot, p, n);
	r->loot[n] = '\0';
	(void)pthread_mutex_unlock(&r->lock);
}

void
lab_failed(struct lab_run *r, const char *fmt, ...)
{
	va_list ap;

	(void)pthread_mutex_lock(&r->lock);
	if (r->verdict != LAB_TROUBLE) {
		r->verdict = LAB_TROUBLE;
		va_start(ap, fmt);
		(void)vsnprintf(r->detail, sizeof(r->detail), fmt, ap);
		va_end(ap);
	}
	(void)pthread_mutex_unlock(&r->lock);
}
