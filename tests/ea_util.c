/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "ea_util.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #cond);						\
		abort();						\
	}								\
} while (0)

struct block
block_of(struct atls_bytes b)
{
	struct block out = { malloc(b.len == 0 ? 1 : b.len), b.len };

	MUST(out.p != NULL);
	if (b.len == 0) {		/* a block without octets */
		free(out.p);
		MUST((out.p = malloc(0)) != NULL);
	} else {
		memcpy(out.p, b.p, b.len);
	}
	return out;
}

void
block_free(struct block *b)
{
	free(b->p);
	*b = (struct block){ NULL, 0 };
}

void
ea_who(struct ea_who *w, enum pki_key key)
{
	const struct pki_ask ask = { .dns = "ea.example", .key = key,
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT };

	w->pki = pki_new(&ask, EA_NOW);
	w->id = atls_identity_new(pki_view(w->pki.chain),
	    pki_view(w->pki.leaf.key_pem), NULL);
	w->trust = atls_trust_new(pki_view(w->pki.root.pem),
	    pki_view(w->pki.crls), NULL);
	MUST(w->id != NULL && w->trust != NULL);
}

void
ea_who_free(struct ea_who *w)
{
	atls_identity_free(w->id);
	atls_trust_free(w->trust);
	pki_free(&w->pki);
}

void
ea_pair(struct ea_pair *p, enum atls_hash hash, unsigned seed)
{
	struct atls_channel c, s;

	fake_pair(&p->tls, hash, seed);
	c = fake_channel(&p->tls.client);
	s = fake_channel(&p->tls.server);
	p->client = atls_ea_new(&c, NULL);
	p->server = atls_ea_new(&s, NULL);
	MUST(p->client != NULL && p->server != NULL);
}

void
ea_pair_free(struct ea_pair *p)
{
	atls_ea_free(p->client);
	atls_ea_free(p->server);
}

void
ea_ask(struct ea_pair *p, enum atls_role maker, unsigned nonce,
    struct ea_made *m)
{
	const struct atls_ea_ext ext = { EA_EXT, { NULL, 0 } };
	uint8_t context[32], out[256];
	struct atls_buf buf = { out, sizeof(out), 0 };

	*m = (struct ea_made){ 0 };
	m->relier = maker == ATLS_SERVER ? p->client : p->server;
	m->maker = maker == ATLS_SERVER ? p->server : p->client;
	memset(context, (int)(nonce & 0xff), sizeof(context));
	context[0] = maker == ATLS_SERVER ? 1 : 2;
	context[1] = (uint8_t)(nonce >> 8 & 0xff);
	context[2] = (uint8_t)(nonce >> 16 & 0xff);
	MUST(atls_ea_request(m->relier, ATLS_ARRAY(context), &ext, 1, &buf,
	    NULL) == ATLS_OK);
	m->request = block_of((struct atls_bytes){ buf.p, buf.len });
}

void
ea_make(struct ea_pair *p, enum atls_role maker, const struct ea_who *who,
    unsigned nonce, struct ea_made *m)
{
	static const uint8_t cmw[] = { 0, 3, 'c', 'm', 'w' };
	const struct atls_ea_ext ext = { EA_EXT, ATLS_ARRAY(cmw) };
	uint8_t out[EA_ROOM];
	struct atls_buf buf = { out, sizeof(out), 0 };
	struct atls_ea_request q;

	ea_ask(p, maker, nonce, m);
	MUST(atls_ea_receive(m->maker, VIEW(m->request), &q, NULL) ==
	    ATLS_OK);
	MUST(atls_ea_authenticate(m->maker, &q, (struct atls_bytes){ NULL, 0 },
	    who->id, &ext, 1, &buf, NULL) == ATLS_OK);
	m->auth = block_of((struct atls_bytes){ buf.p, buf.len });
}

void
ea_made_free(struct ea_made *m)
{
	block_free(&m->request);
	block_free(&m->auth);
}

bool
ea_refinish(const struct fake_end *end, enum atls_role maker,
    struct atls_bytes request, uint8_t *auth, size_t len)
{
	const EVP_MD *md = end->info.hash == ATLS_SHA384 ? EVP_sha384() :
	    EVP_sha256();
	size_t n = (size_t)EVP_MD_get_size(md), at = 0, i, body;
	const char *hc = maker == ATLS_SERVER ?
	    "EXPORTER-server authenticator handshake context" :
	    "EXPORTER-client authenticator handshake context";
	const char *fk = maker == ATLS_SERVER ?
	    "EXPORTER-server authenticator finished key" :
	    "EXPORTER-client authenticator finished key";
	const struct atls_bytes none = { NULL, 0 };
	uint8_t c[64], k[64], th[64];
	EVP_MD_CTX *ctx;

	for (i = 0; i < 2; i++) {
		if (len - at < 4)
			return false;
		body = (size_t)auth[at + 1] << 16 |
		    (size_t)auth[at + 2] << 8 | auth[at + 3];
		if (body > len - at - 4)
			return false;
		at += 4 + body;
	}
	if (len - at != 4 + n)
		return false;
	fake_export(end->info.hash, end->secret, hc, none, c, n);
	fake_export(end->info.hash, end->secret, fk, none, k, n);
	MUST((ctx = EVP_MD_CTX_new()) != NULL);
	MUST(EVP_DigestInit_ex(ctx, md, NULL) == 1);
	MUST(EVP_DigestUpdate(ctx, c, n) == 1);
	MUST(EVP_DigestUpdate(ctx, request.p, request.len) == 1);
	MUST(EVP_DigestUpdate(ctx, auth, at) == 1);
	MUST(EVP_DigestFinal_ex(ctx, th, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	MUST(HMAC(md, k, (int)n, th, n, auth + at + 4, NULL) != NULL);
	return true;
}
