/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates with evidence, when memory or the crypto library fails. */
#include <stdlib.h>

#include <atls/ratls.h>

#include "fault.h"
#include "heap.h"
#include "t.h"

#define NOW	((int64_t)1790000000)
#define ROOM	65536

static uint8_t chain[ROOM], key[4096], der_room[ROOM];

static enum atls_rc
quote(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	static const uint8_t head[] = { 4, 0, 2, 0, 0x81, 0, 0, 0 };

	(void)arg, (void)rd, (void)err;
	memcpy(out->p, head, sizeof(head));
	out->len = sizeof(head);
	return fault_hit(FAULT_OWN) ? ATLS_E_DEVICE : ATLS_OK;
}

/* Makes, reads and checks: the first that fails. */
static enum atls_rc
all(enum atls_ratls_form form, struct atls_err *err)
{
	struct atls_ratls_ask ask = { .name = "tee.example", .from = NOW - 1,
	    .until = NOW + 1, .kind = ATLS_KIND_TDX, .form = form };
	struct atls_buf c = { chain, sizeof(chain), 0 };
	struct atls_buf k = { key, sizeof(key), 0 };
	struct atls_ratls r;
	struct atls_bytes der;
	enum atls_rc rc = atls_ratls_make(&ask, quote, NULL, &c, &k, err);
	const char *text = (char *)chain;
	size_t n = 0, i, bits = 0;
	uint32_t v = 0;

	if (rc != ATLS_OK) {
		T(c.len == 0, "a chain is left");
		return rc;
	}
	/* base64 of the one block */
	for (i = sizeof("-----BEGIN CERTIFICATE-----"); i < c.len &&
	    text[i] != '-' && text[i] != '='; i++) {
		static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789+/";
		const char *at = strchr(abc, text[i]);

		if (at == NULL || *at == '\0')
			continue;
		v = v << 6 | (uint32_t)(at - abc);
		if ((bits += 6) >= 8) {
			bits -= 8;
			der_room[n++] = (uint8_t)(v >> bits);
		}
	}
	der = (struct atls_bytes){ der_room, n };
	if ((rc = atls_ratls_read(der, &r, err)) != ATLS_OK) {
		T(r.form == ATLS_RATLS_NONE && r.raw.len == 0, "left");
		return rc;
	}
	return atls_ratls_check(der, NOW, err);
}

static void
test(enum fault_family family, enum atls_ratls_form form, unsigned least)
{
	struct atls_err err;
	enum atls_rc rc;
	unsigned n;

	for (n = 1; n < 100; n++) {
		err = (struct atls_err){ .rc = ATLS_OK };
		fault_set(family, n);
		rc = all(form, &err);
		if (!fault_fired())
			break;
		fault_set(FAULT_NONE, 0);
		T(rc != ATLS_OK && err.rc == rc && err.where != NULL,
		    "%d: call %u: %s", family, n, atls_rc_name(rc));
	}
	fault_set(FAULT_NONE, 0);
	T(rc == ATLS_OK && n > least, "%d: only %u: %s %s", family, n - 1,
	    atls_rc_name(rc), err.where);
}

int
main(void)
{
	static const enum atls_ratls_form forms[] = { ATLS_RATLS_DICE,
	    ATLS_RATLS_CMW };
	size_t i;

	for (i = 0; i < NITEMS(forms); i++) {
		test(FAULT_MEM, forms[i], 2);
		test(FAULT_CRYPTO, forms[i], 2);
		test(FAULT_OWN, forms[i], 1);
	}
	return t_end("t_ratls_fault");
}
