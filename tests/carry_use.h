/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARRY_USE_H
#define CARRY_USE_H

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/async.h>
#include <openssl/ssl.h>

#include <atls/openssl.h>

#include "pair.h"
#include "pki.h"
#include "t.h"

/* Two ends of OpenSSL, and evidence in their handshake. */
#define NAME	"a.example"
#define CODE	0xff77
#define MEDIA	"application/x-one"
#define LATER	"application/x-two"
#define FAR	100			/* turns, more than any handshake has */

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;
static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *real, *id, outside;	/* id: &outside */

static const struct atls_carrier attests = { .code_point = CODE,
	.offer = MEDIA };
static const struct atls_carrier asks = { .code_point = CODE, .ask = true,
	.accept = { LATER, MEDIA } };

/* What signs has all of the stack: it is never called inside of a job. */
static inline enum atls_rc
sign(void *key, uint16_t scheme, struct atls_bytes tbs, struct atls_buf *sig,
    struct atls_err *err)
{
	(void)key;
	T(ASYNC_get_current_job() == NULL, "signs inside of a job");
	return real->sign(real->key, scheme, tbs, sig, err);
}

static inline bool
open_pair(struct pair *p, const struct atls_carrier *c,
    const struct atls_carrier *s, bool ask_client)
{
	struct atls_tls_setup cl = { .identity = id, .trust = trust,
	    .name = NAME, .carrier = c };
	struct atls_tls_setup sv = { .identity = id, .trust = trust,
	    .ask_client = ask_client, .carrier = s };

	*p = (struct pair){ .be = NULL };
	return pair_open(p, be, &cl, &sv);
}

static inline bool
waits(const struct pair_end *e)
{
	return e->r == ATLS_IO_WANT_READ || e->r == ATLS_IO_WANT_WRITE ||
	    e->r == ATLS_IO_WANT_EVIDENCE;
}

/* One turn; evidence is given at the `slow`th time of asking. */
static inline void
turn(struct pair_end *e, struct atls_bytes cmw, int *slow)
{
	static const uint8_t huge[65529];
	struct atls_carried ours;

	if (!waits(e))
		return;
	e->r = be->handshake(e->conn, none, &e->err);
	if (e->r != ATLS_IO_WANT_EVIDENCE || (*slow)-- > 0)
		return;
	T(be->wanted(e->conn, &ours) == ATLS_OK && ours.transcript.len != 0 &&
	    ours.certificate.len != 0, "wanted");
	T(be->give(e->conn, ATLS_ARRAY(huge)) == ATLS_E_LIMIT, "too much");
	T(be->give(e->conn, cmw) == ATLS_OK, "give");
	T(be->give(e->conn, cmw) == ATLS_E_STATE &&
	    be->wanted(e->conn, &ours) == ATLS_E_STATE, "only once");
}

static inline bool
shake(struct pair *p, struct atls_bytes cmw, int slow)
{
	int cs = slow, ss = slow, i;

	for (i = 0; i < FAR && (waits(&p->client) || waits(&p->server)); i++) {
		turn(&p->client, cmw, &cs);
		turn(&p->server, cmw, &ss);
	}
	return p->client.r == 1 && p->server.r == 1;
}

static inline void
carry_begin(void)
{
	pki = pki_new(&(struct pki_ask){ .dns = NAME,
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), pki_view(pki.crls),
	    NULL);
	real = atls_identity_new(pki_view(pki.chain),
	    pki_view(pki.leaf.key_pem), NULL);
	outside = *real;
	outside.sign = sign;
	id = &outside;
}

static inline void
carry_end(void)
{
	atls_identity_free(real);
	atls_trust_free(trust);
	pki_free(&pki);
}

#endif
