/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "marks.h"

#define PAUSE_FIRST	10	/* seconds, after one failure */
#define PAUSE_MAX	3600	/* after many */
#define PAUSE_GOOD	3600	/* after an answer: it will not differ soon */
#define TEXT_MAX	2048	/* octets of a mark in a file */

bool
marks_init(struct marks *m, const char *dir)
{
	char path[FILE_PATH_MAX];

	*m = (struct marks){ 0 };
	if (dir != NULL) {
		(void)snprintf(path, sizeof(path), "%s/.again", dir);
		if ((m->dir = strdup(path)) == NULL)
			return false;
	}
	if (pthread_mutex_init(&m->lock, NULL) != 0) {
		free(m->dir);
		return false;
	}
	if (pthread_cond_init(&m->landed, NULL) != 0) {
		(void)pthread_mutex_destroy(&m->lock);
		free(m->dir);
		return false;
	}
	return true;
}

static void
mark_free(struct mark *k)
{
	free(k->name);
	free(k);
}

void
marks_free(struct marks *m)
{
	struct mark *k;

	while ((k = m->first) != NULL) {
		m->first = k->next;
		mark_free(k);
	}
	(void)pthread_cond_destroy(&m->landed);
	(void)pthread_mutex_destroy(&m->lock);
	free(m->dir);
}

/* A file for each: its name is a digest (FNV-1a), its content says whose. */
static bool
place_of(const struct marks *m, const char *name, char out[FILE_PATH_MAX])
{
	uint64_t h = 14695981039346656037u;
	const char *p;
	int n;

	if (m->dir == NULL)
		return false;
	for (p = name; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 1099511628211u;
	n = snprintf(out, FILE_PATH_MAX, "%s/%016" PRIx64, m->dir, h);
	return n > 0 && n < FILE_PATH_MAX;
}

static enum atls_rc
rc_of(unsigned v)
{
	enum atls_rc rc = (enum atls_rc)v;

	return strcmp(atls_rc_name(rc), "E_?") == 0 || rc == ATLS_OK ?
	    ATLS_E_IO : rc;
}

/* Waiting is all that a file can make us do, and not for long. */
static void
recall(const struct marks *m, struct mark *k, int64_t now)
{
	char path[FILE_PATH_MAX], text[TEXT_MAX + 1], why[sizeof(k->why)];
	int64_t asked, again;
	unsigned fails, rc;
	struct atls_buf b;
	size_t len = strlen(k->name);
	int n = 0;

	if (!place_of(m, k->name, path) ||
	    file_read(path, TEXT_MAX, &b, NULL) != ATLS_OK)
		return;
	memcpy(text, b.p, b.len);
	text[b.len] = '\0';
	free(b.p);
	if (strncmp(text, k->name, len) != 0 || text[len] != '\n' ||
	    sscanf(text + len + 1, "%" SCNd64 " %" SCNd64 " %u %x %55[^\n]%n",
	    &asked, &again, &fails, &rc, why, &n) != 5 || n == 0 ||
	    asked > now || again - now > MARKS_WAIT_MAX || fails > 64)
		return;
	k->asked = asked;
	k->again = again;
	k->fails = fails;
	k->rc = fails == 0 ? ATLS_OK : rc_of(rc);
	for (n = 0; why[n] != '\0'; n++)
		k->why[n] = why[n] < ' ' || why[n] > '~' ? '?' : why[n];
	k->why[n] = '\0';
}

/* For others after us; without it they have to find out for themselves. */
static void
keep(const struct marks *m, const struct mark *k)
{
	char path[FILE_PATH_MAX], text[TEXT_MAX];
	int n;

	if (!place_of(m, k->name, path))
		return;
	n = snprintf(text, sizeof(text), "%s\n%" PRId64 " %" PRId64
	    " %u %x %s\n", k->name, k->asked, k->again, k->fails,
	    (unsigned)k->rc, k->why[0] == '\0' ? "-" : k->why);
	if (n < 0 || (size_t)n >= sizeof(text) ||
	    file_mkdir(m->dir, NULL) != ATLS_OK)
		return;
	if (file_write(path, (struct atls_bytes){ (uint8_t *)text,
	    (size_t)n }, NULL) != ATLS_OK)
		return;
}

static void
forget_one(struct marks *m)
{
	struct mark **at, **least = NULL, *k;

	for (at = &m->first; (k = *at) != NULL; at = &k->next)
		if (k->users == 0 && (least == NULL ||
		    k->again < (*least)->again))
			least = at;
	if (least == NULL)
		return;
	k = *least;
	*least = k->next;
	mark_free(k);
	m->n--;
}

struct mark *
marks_use(struct marks *m, const char *name, int64_t now)
{
	struct mark *k;

	for (k = m->first; k != NULL; k = k->next)
		if (strcmp(k->name, name) == 0)
			break;
	if (k == NULL) {
		if (m->n >= MARKS_MAX)
			forget_one(m);
		if ((k = calloc(1, sizeof(*k))) == NULL ||
		    (k->name = strdup(name)) == NULL) {
			free(k);
			return NULL;
		}
		k->next = m->first;
		m->first = k;
		m->n++;
		recall(m, k, now);
	}
	/* the clock was set back: do not sit it out */
	if (k->again - now > MARKS_WAIT_MAX)
		k->again = now;
	k->users++;
	return k;
}

void
marks_leave(struct mark *k)
{
	if (k != NULL)
		k->users--;
}

static int64_t
at_most(int64_t v, int64_t max)
{
	return v < max ? v : max;
}

void
marks_done(struct marks *m, struct mark *k, int64_t now, int64_t retry_after,
    uint32_t chance)
{
	int64_t pause = retry_after > PAUSE_GOOD ? retry_after : PAUSE_GOOD;

	k->asked = now;
	k->fails = 0;
	k->rc = ATLS_OK;
	k->why[0] = '\0';
	k->again = now + at_most(pause - pause / 8 + (int64_t)(chance %
	    (uint32_t)(pause / 8 + 1)), MARKS_WAIT_MAX);
	keep(m, k);
}

void
marks_clear(struct marks *m, struct mark *k)
{
	if (k->fails == 0)
		return;
	k->again = 0;
	k->fails = 0;
	k->rc = ATLS_OK;
	k->why[0] = '\0';
	keep(m, k);
}

void
marks_failed(struct marks *m, struct mark *k, int64_t now, enum atls_rc rc,
    const char *why, int64_t retry_after, uint32_t chance)
{
	int64_t pause = PAUSE_FIRST;
	unsigned i;

	for (i = 0; i < k->fails && pause < PAUSE_MAX; i++)
		pause *= 2;
	pause = at_most(pause, PAUSE_MAX);
	pause = pause / 2 + (int64_t)(chance % (uint32_t)(pause / 2 + 1));
	/* never before the server wants it, and not all at that moment */
	if (retry_after >= 0) {
		retry_after += (int64_t)(chance % (uint32_t)(retry_after / 8 +
		    1));
		pause = retry_after > pause ? retry_after : pause;
	}
	k->asked = now;
	k->again = now + at_most(pause, MARKS_WAIT_MAX);
	if (k->fails < 64)
		k->fails++;
	k->rc = rc;
	(void)snprintf(k->why, sizeof(k->why), "%s", why);
	keep(m, k);
}
