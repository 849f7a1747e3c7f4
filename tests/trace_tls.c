/* SPDX-License-Identifier: Apache-2.0 */
/* The key schedule of a connection that never was. */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "trace_tls.h"

static const EVP_MD *
md_of(enum atls_hash hash)
{
	return hash == ATLS_SHA384 ? EVP_sha384() : EVP_sha256();
}

static void
hmac(const EVP_MD *md, const uint8_t *key, const uint8_t *p, size_t n,
    uint8_t *out)
{
	if (HMAC(md, key, EVP_MD_get_size(md), p, n, out, NULL) == NULL)
		abort();
}

static void
hash(const EVP_MD *md, const void *p, size_t n, uint8_t *out)
{
	if (EVP_Digest(p, n, out, NULL, md, NULL) != 1)
		abort();
}

/* Derive-Secret(), of a transcript that was hashed already. */
static void
derive(const EVP_MD *md, const uint8_t *secret, const char *label,
    const uint8_t *transcript, uint8_t *out)
{
	size_t n = (size_t)EVP_MD_get_size(md), l = strlen(label);
	uint8_t info[128] = { 0, (uint8_t)n, (uint8_t)(6 + l) };

	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, l);
	info[9 + l] = (uint8_t)n;
	memcpy(info + 10 + l, transcript, n);
	info[10 + l + n] = 1;
	hmac(md, secret, info, 11 + l + n, out);
}

static uint64_t
short_of(const uint8_t *p, size_t n)
{
	return trace_hash((struct atls_bytes){ p, n });
}

void
tls_derive(enum atls_hash alg, const struct tls_end *e, struct tls_secrets *out)
{
	const EVP_MD *md = md_of(alg);
	size_t n = (size_t)EVP_MD_get_size(md);
	uint8_t zeros[64] = { 0 }, none[64], s[64], t[64], log[64];
	uint8_t both[64 + sizeof(e->flight)];

	*out = (struct tls_secrets){ .len = n };
	hash(md, "", 0, none);
	memcpy(both, e->cr, sizeof(e->cr));
	memcpy(both + sizeof(e->cr), e->sr, sizeof(e->sr));
	hash(md, both, sizeof(e->cr) + sizeof(e->sr), out->hellos);
	memcpy(both, out->hellos, n);
	memcpy(both + n, e->flight, sizeof(e->flight));
	hash(md, both, n + sizeof(e->flight), log);

	hmac(md, zeros, zeros, n, s);			/* early secret */
	derive(md, s, "derived", none, t);
	hmac(md, t, e->gxy, sizeof(e->gxy), s);		/* handshake secret */
	derive(md, s, "c hs traffic", out->hellos, t);
	out->s.htsc = short_of(t, n);
	derive(md, s, "derived", none, t);
	hmac(md, t, zeros, n, s);			/* main secret */
	derive(md, s, "c ap traffic", log, t);
	out->s.atsc = short_of(t, n);
	derive(md, s, "exp master", log, out->ems);
	out->s.ems = short_of(out->ems, n);
	out->s.gxy = short_of(e->gxy, sizeof(e->gxy));
	out->s.cr = short_of(e->cr, sizeof(e->cr));
	out->s.sr = short_of(e->sr, sizeof(e->sr));
}
