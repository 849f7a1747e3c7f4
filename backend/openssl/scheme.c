/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is negotiated about evidence in the handshake, as draft-fossati-seat-
 * early-attestation has it:
 *
 *	AttestationScheme = mechanism(1) || EvidenceType |
 *	    verifier_identity<0..2^16-1>
 *	EvidenceType = type_encoding(1) || content_format(2) |
 *	    media_type<0..2^16-1>
 *	ClientHello: server_attester_schemes<0..2^16-1>,
 *	    client_attester_schemes<0..2^16-1>
 *	EncryptedExtensions, CertificateRequest: the one that was chosen
 *
 * With a nonce (TLS-a), that goes last, nonce<0..255>, in ClientHello and in
 * CertificateRequest.
 */
#include <string.h>

#include "cur.h"
#include "ob.h"

#define NONCE_MIN	8	/* draft-fossati-tls-attestation: nonce<8..255> */

enum { MECHANISM_EVIDENCE, MECHANISM_RESULT };
enum { ENCODING_FORMAT, ENCODING_MEDIA };

/* One of a list, whatever it says: we compare what we know as a whole. */
static struct atls_bytes
scheme_read(struct cur *c)
{
	const uint8_t *start = c->p;
	size_t mechanism = cur_be(c, 1), encoding;

	if (mechanism == MECHANISM_EVIDENCE) {
		encoding = cur_be(c, 1);
		if (encoding == ENCODING_FORMAT)
			(void)cur_take(c, 2);
		else
			(void)cur_vector(c, 2);
		c->bad = c->bad || encoding > ENCODING_MEDIA;
	} else {
		(void)cur_vector(c, 2);		/* who the verifier is */
		c->bad = c->bad || mechanism != MECHANISM_RESULT;
	}
	return c->bad ? (struct atls_bytes){ NULL, 0 } :
	    (struct atls_bytes){ start, (size_t)(c->p - start) };
}

/* All that is offered is offered by media type. */
static void
scheme_of(struct ob_scheme *o, const char *media)
{
	size_t n = strlen(media);

	o->p[0] = MECHANISM_EVIDENCE;
	o->p[1] = ENCODING_MEDIA;
	o->p[2] = (uint8_t)(n >> 8);
	o->p[3] = (uint8_t)n;
	memcpy(o->p + 4, media, n);
	o->len = 4 + n;
}

static void
put(uint8_t *p, size_t cap, size_t *n, const void *in, size_t len)
{
	if (len <= cap && *n <= cap - len && len > 0)
		memcpy(p + *n, in, len);
	*n += len;
}

static void
put_list(uint8_t *p, size_t cap, size_t *n, const char *const *media,
    size_t count)
{
	struct ob_scheme s;
	uint8_t len[2];
	size_t at = *n, i, size;

	put(p, cap, n, "\0", 2);
	for (i = 0; i < count; i++) {
		scheme_of(&s, media[i]);
		put(p, cap, n, s.p, s.len);
	}
	size = *n - at - 2;
	len[0] = (uint8_t)(size >> 8);
	len[1] = (uint8_t)size;
	put(p, cap, &at, len, 2);
}

/* Its length; over cap: it did not fit. */
size_t
ob_hello_write(uint8_t *p, size_t cap, const struct atls_carrier *how,
    const uint8_t *nonce)
{
	uint8_t noncelen = how->accept[0] != NULL ? OB_NONCE : 0;
	size_t n = 0, k = 0;

	while (k < ATLS_CARRIER_MEDIA && how->accept[k] != NULL)
		k++;
	put_list(p, cap, &n, how->accept, k);
	put_list(p, cap, &n, &how->offer, how->offer == NULL ? 0 : 1);
	if (how->nonce) {
		put(p, cap, &n, &noncelen, 1);
		put(p, cap, &n, nonce, noncelen);
	}
	return n;
}

static bool
nonce_read(struct ob_carry *c, struct cur *in, bool needed)
{
	struct cur v;

	if (!c->how->nonce)
		return true;
	v = cur_vector(in, 1);
	if (v.bad || (needed && v.left < NONCE_MIN))
		return false;
	if (v.left > 0)
		memcpy(c->their_nonce, v.p, v.left);
	c->their_noncelen = v.left;
	return true;
}

static bool
known(struct atls_bytes s, const char *const *media, size_t n)
{
	struct ob_scheme o;
	size_t i;

	for (i = 0; i < n && media[i] != NULL; i++) {
		scheme_of(&o, media[i]);
		if (atls_ct_eq(s, (struct atls_bytes){ o.p, o.len }))
			return true;
	}
	return false;
}

static void
keep(struct ob_scheme *out, struct atls_bytes s)
{
	memcpy(out->p, s.p, s.len);
	out->len = s.len;
}

/* The first of the list that is one of ours; all of the list is read. */
static void
choose(struct ob_scheme *out, struct cur *list, const char *const *media,
    size_t n)
{
	struct atls_bytes s;

	while (list->left > 0 && !list->bad) {
		s = scheme_read(list);
		if (out->len == 0 && known(s, media, n))
			keep(out, s);
	}
}

/* A ClientHello, at the server: 1, or nothing in common, or malformed. */
int
ob_hello_choose(struct ob_carry *c, const uint8_t *p, size_t n)
{
	struct cur in = { p, n, false };
	struct cur ours = cur_vector(&in, 2), theirs = cur_vector(&in, 2);
	bool any = ours.left > 0 || theirs.left > 0;
	bool needed = ours.left > 0;

	memset(&c->schemes, 0, sizeof(c->schemes));
	choose(&c->schemes.ours, &ours, &c->how->offer, 1);
	choose(&c->schemes.theirs, &theirs, c->how->accept,
	    ATLS_CARRIER_MEDIA);
	if (!nonce_read(c, &in, needed) || in.bad || in.left > 0 ||
	    ours.bad || theirs.bad)
		return OB_SCHEME_BAD;
	return any && (c->schemes.ours.len > 0 || c->schemes.theirs.len > 0) ?
	    1 : OB_SCHEME_NONE;
}

/* What the server chose of our lists, in EncryptedExtensions (how it attests)
 * and CertificateRequest (how we do): exactly one that we offered. */
int
ob_choice_check(struct ob_carry *c, bool of_ours, const uint8_t *p, size_t n)
{
	struct cur in = { p, n, false };
	struct atls_bytes s = scheme_read(&in);

	if ((of_ours && !nonce_read(c, &in, true)) || in.bad || in.left > 0)
		return OB_SCHEME_BAD;
	if (of_ours ? !known(s, &c->how->offer, 1) :
	    !known(s, c->how->accept, ATLS_CARRIER_MEDIA))
		return OB_SCHEME_NONE;
	keep(of_ours ? &c->schemes.ours : &c->schemes.theirs, s);
	return 1;
}
