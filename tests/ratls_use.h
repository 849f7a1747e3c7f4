/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RATLS_USE_H
#define RATLS_USE_H

#include <openssl/ec.h>
#include <openssl/sha.h>

#include <atls/ratls.h>
#include <atls/sim.h>

#include "../src/codec/cbor.h"
#include "cert_make.h"
#include "heap.h"
#include "t.h"

/* A key, a quote of SGX over anything, and certificates with extensions. */
#define NOW	((int64_t)1790000000)
#define ROOM	65536

static const uint8_t dice[] = { 0x67, 0x81, 5, 5, 4, 9 };

static EVP_PKEY *key;
static struct atls_bytes spki, pem, quote;	/* of SGX, over anything */

static inline enum atls_rc
read_of(const struct cert_ext *e, size_t n, struct atls_ratls *r,
    struct atls_err *err)
{
	static struct atls_bytes der;		/* r has views of the last */

	drop(der);
	der = cert_make(key, e, n, NOW - 1, NOW + 1);
	*err = (struct atls_err){ .rc = ATLS_OK };
	return atls_ratls_read(der, r, err);
}

static inline void
is_bound(const char *what, const struct atls_ratls *r, struct atls_bytes to)
{
	uint8_t want[64] = { 0 };

	(void)SHA256(to.p, to.len, want);
	T(atls_ct_eq(ATLS_ARRAY(want), (struct atls_bytes){ r->report_data,
	    r->report_datalen }), "%s: report data", what);
	T(r->kind == ATLS_KIND_SGX && atls_ct_eq(r->raw, quote) &&
	    atls_ct_eq(r->spki, spki), "%s: views", what);
}

/* One way in which the value of a DICE extension can be. */
struct way {
	const char	*what;
	uint64_t	 tag;		/* 0: 60000 */
	unsigned	 items;		/* 0: 2 */
	bool		 indefinite, text, swapped, trailing, no_tag;
	uint64_t	 alg;		/* 0: 1 */
	size_t		 hash;		/* octets; 0: those of alg */
	bool		 wrong, once, short_entry, long_entry, entry_trail;
	bool		 nonce, twice, missing, number_key, claims_trail;
	bool		 more, more_twice, long_head;
	const char	*quote;		/* hex; NULL: of SGX */
	enum atls_rc	 rc;
	const char	*where;
};

static inline size_t
hash(const struct way *w, uint8_t out[64])
{
	uint64_t alg = w->alg == 0 ? 1 : w->alg;
	size_t n = alg == 7 ? 48 : alg == 8 ? 64 : 32;

	if (alg == 7)
		(void)SHA384(spki.p, spki.len, out);
	else if (alg == 8)
		(void)SHA512(spki.p, spki.len, out);
	else
		(void)SHA256(spki.p, spki.len, out);
	if (w->wrong)
		out[n - 1] ^= 1;
	return w->hash != 0 ? w->hash : n;
}

static inline void
put_entry(struct wr *out, const struct way *w)
{
	uint8_t room[128], digest[64] = { 0 };
	struct atls_buf b = { room, sizeof(room), 0 };
	struct wr e = wr_of(&b);
	size_t n = hash(w, digest);

	cbor_put_array(&e, w->short_entry ? 1 : w->long_entry ? 3 : 2);
	cbor_put_uint(&e, w->alg == 0 ? 1 : w->alg);
	if (!w->short_entry)
		cbor_put_bstr(&e, (struct atls_bytes){ digest, n });
	if (w->long_entry || w->entry_trail)
		cbor_put_uint(&e, 0);
	T(wr_done(&e) == ATLS_OK, "entry");
	if (w->once)
		wr_bytes(out, (struct atls_bytes){ room, b.len });
	else
		cbor_put_bstr(out, (struct atls_bytes){ room, b.len });
}

static inline struct atls_bytes
claims(const struct way *w)
{
	static uint8_t room[512];
	struct atls_buf b = { room, sizeof(room), 0 };
	struct wr o = wr_of(&b);
	unsigned i;

	cbor_put_map(&o, (w->missing ? 0u : 1u) + w->twice + w->nonce +
	    w->number_key + w->more + 2u * w->more_twice);
	if (w->nonce) {
		cbor_put_text(&o, "nonce");
		cbor_put_bstr(&o, (struct atls_bytes){ room, 4 });
	}
	for (i = w->missing; i < 1u + w->twice; i++) {
		cbor_put_text(&o, "pubkey-hash");
		put_entry(&o, w);
	}
	if (w->number_key) {
		cbor_put_uint(&o, 7);
		cbor_put_uint(&o, 7);
	}
	if (w->more) {
		cbor_put_text(&o, "key_0");
		cbor_put_array(&o, 1);
		cbor_put_map(&o, 0);
	}
	for (i = 0; i < 2u * w->more_twice; i++) {
		cbor_put_text(&o, "key_1");
		cbor_put_null(&o);
	}
	if (w->claims_trail)
		cbor_put_null(&o);
	T(wr_done(&o) == ATLS_OK, "claims");
	return (struct atls_bytes){ room, b.len };
}

static inline struct atls_bytes
value(const struct way *w, struct atls_bytes cb)
{
	static uint8_t room[ROOM];
	struct atls_buf b = { room, sizeof(room), 0 };
	struct wr o = wr_of(&b);
	struct atls_bytes q = w->quote == NULL ? copy(quote) : hex(w->quote);
	unsigned i, items = w->items == 0 ? 2 : w->items;

	if (w->long_head)		/* a tag in eight octets */
		wr_bytes(&o, ATLS_ARRAY(((const uint8_t[]){ 0xdb, 0, 0, 0, 0,
		    0, 0, 0xea, 0x60 })));
	else if (!w->no_tag)
		cbor_put_tag(&o, w->tag == 0 ? 60000 : w->tag);
	if (w->indefinite)
		wr_be(&o, 0x9f, 1);
	else
		cbor_put_array(&o, items);
	for (i = 0; i < items; i++)
		if (w->text && i == 1)
			cbor_put_text(&o, "claims");
		else
			cbor_put_bstr(&o, (i == 0) != w->swapped ? q : cb);
	if (w->indefinite)
		wr_be(&o, 0xff, 1);
	if (w->trailing)
		cbor_put_null(&o);
	T(wr_done(&o) == ATLS_OK, "value");
	drop(q);
	return (struct atls_bytes){ room, b.len };
}

static inline enum atls_rc
ratls_begin(struct atls_err *err)
{
	uint8_t rd[64] = { 1 }, *p = malloc(ROOM);
	struct atls_buf b = { p, ROOM, 0 };
	struct atls_sim_opts sim = { .now = NOW };
	enum atls_rc rc;

	key = EVP_EC_gen("P-256");
	spki = cert_spki(key);
	pem = cert_spki_pem(key);
	rc = atls_sim_quote(ATLS_KIND_SGX, &sim, ATLS_ARRAY(rd), &b, err);
	quote = copy((struct atls_bytes){ p, b.len });
	free(p);
	return rc;
}

static inline void
ratls_end(void)
{
	drop(quote);
	drop(spki);
	drop(pem);
	EVP_PKEY_free(key);
}

#endif
