/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/ea/ea.h"
#include "ea_util.h"
#include "t.h"

/* Exported authenticators: validation, and the contexts that it spends. */

static const struct atls_bytes	none = { NULL, 0 };
static struct ea_who		who;

static enum atls_rc
validate(const struct ea_made *m, struct atls_trust *trust, const char *name,
    int64_t now, struct atls_ea_peer *peer)
{
	memset(peer, 1, sizeof(*peer));
	return atls_ea_validate(m->relier, VIEW(m->request), VIEW(m->auth),
	    trust, name, now, peer, NULL);
}

static void
test_good(void)
{
	static const enum pki_key keys[] = { PKI_P256, PKI_P384, PKI_RSA2048,
	    PKI_ED25519 };
	static const uint16_t schemes[] = { 0x0403, 0x0503, 0x0804, 0x0807 };
	struct atls_ea_peer peer;
	struct ea_who w;
	struct ea_made m;
	struct ea_pair p;
	size_t i, j;

	for (i = 0; i < 4 * NITEMS(keys); i++) {
		ea_who(&w, keys[i / 4]);
		ea_pair(&p, i & 1 ? ATLS_SHA384 : ATLS_SHA256, 1);
		ea_make(&p, i & 2 ? ATLS_CLIENT : ATLS_SERVER, &w, 1, &m);
		T(validate(&m, w.trust, "ea.example", EA_NOW, &peer) ==
		    ATLS_OK, "%zu", i);
		T(peer.context.len == 32 && peer.nchain == 2 && peer.spki.len
		    > 0 && peer.next == 1 && peer.ext[0].type == EA_EXT &&
		    peer.ext[0].data.len == 5 && peer.nother == 0, "%zu", i);
		T(peer.scheme == schemes[i / 4], "%zu: 0x%04x", i,
		    peer.scheme);
		/* the CRLs of the test PKI are the first to end */
		T(peer.not_after > EA_NOW && peer.not_after <= EA_NOW + 31 *
		    PKI_DAY, "%zu", i);
		for (j = 0; j < 2; j++)
			T(peer.chain[j].len == w.id->chain[j].len &&
			    memcmp(peer.chain[j].p, w.id->chain[j].p,
			    peer.chain[j].len) == 0, "%zu", i);
		for (j = 0; j + peer.spki.len <= peer.chain[0].len; j++)
			if (memcmp(peer.chain[0].p + j, peer.spki.p,
			    peer.spki.len) == 0)
				break;
		T(j + peer.spki.len <= peer.chain[0].len, "%zu", i);
		T(validate(&m, w.trust, "ea.example", EA_NOW, &peer) ==
		    ATLS_E_PEER && peer.nchain == 0, "%zu: again", i);
		ea_made_free(&m);
		ea_pair_free(&p);
		ea_who_free(&w);
	}
}

/* Whom the chain leads to; and that a failure leaves all as it was. */
static void
test_chain(void)
{
	struct ea_who other, clients, old;
	struct atls_trust *anchors, *revoking;
	struct atls_ea_peer peer;
	struct ea_made m, c;
	struct ea_pair p;
	char *crl[2], *crls;
	int64_t day = PKI_DAY;

	ea_who(&other, PKI_P256);
	anchors = atls_trust_new(pki_view(who.pki.root.pem), none, NULL);
	crl[0] = pki_crl(&who.pki.root, NULL, 0, EA_NOW - 1, EA_NOW + day);
	crl[1] = pki_crl(&who.pki.inter, &who.pki.leaf.serial, 1, EA_NOW - 1,
	    EA_NOW + day);
	crls = pki_join(crl[0], crl[1], NULL);
	revoking = atls_trust_new(pki_view(who.pki.root.pem), pki_view(crls),
	    NULL);
	ea_pair(&p, ATLS_SHA256, 1);
	ea_make(&p, ATLS_SERVER, &who, 1, &m);
	T(validate(&m, other.trust, NULL, EA_NOW, &peer) == ATLS_E_CHAIN &&
	    peer.nchain == 0 && peer.spki.len == 0, "another root");
	T(validate(&m, who.trust, "else.example", EA_NOW, &peer) ==
	    ATLS_E_CHAIN, "another name");
	T(validate(&m, who.trust, NULL, EA_NOW + 400 * day, &peer) ==
	    ATLS_E_STALE, "too late");
	T(validate(&m, anchors, NULL, EA_NOW - 2 * day, &peer) ==
	    ATLS_E_STALE, "too early");
	T(validate(&m, revoking, NULL, EA_NOW, &peer) == ATLS_E_REVOKED,
	    "revoked");
	T(validate(&m, who.trust, "ea.example", EA_NOW, &peer) == ATLS_OK,
	    "good");
	ea_made_free(&m);
	ea_make(&p, ATLS_SERVER, &who, 2, &m);
	T(validate(&m, NULL, "not looked at", EA_NOW + 4000 * day, &peer) ==
	    ATLS_OK && peer.not_after == 0 && peer.nchain == 2, "no trust");
	ea_made_free(&m);

	/* what the leaf is good for goes by who showed it */
	clients = who;
	clients.pki = pki_new(&(struct pki_ask){ .dns = "ea.example",
	    .eku = PKI_EKU_CLIENT }, EA_NOW);
	clients.id = atls_identity_new(pki_view(clients.pki.chain),
	    pki_view(clients.pki.leaf.key_pem), NULL);
	clients.trust = atls_trust_new(pki_view(clients.pki.root.pem), none,
	    NULL);
	ea_make(&p, ATLS_SERVER, &clients, 3, &m);
	ea_make(&p, ATLS_CLIENT, &clients, 3, &c);
	T(validate(&m, clients.trust, NULL, EA_NOW, &peer) == ATLS_E_CHAIN,
	    "a client's certificate shown by a server");
	T(validate(&c, clients.trust, NULL, EA_NOW, &peer) == ATLS_OK,
	    "a client's certificate shown by a client");
	ea_made_free(&m);
	ea_made_free(&c);

	/* RFC 8446, 4.2.3: none of our schemes has SHA-1 */
	old = who;
	pki_cert_free(&clients.pki.leaf);
	clients.pki.leaf = pki_cert(&(struct pki_ask){ .dns = "ea.example",
	    .sha1 = true }, &clients.pki.inter, EA_NOW);
	crl[0] = (free(crl[0]), pki_join(clients.pki.leaf.pem,
	    clients.pki.inter.pem, NULL));
	old.id = atls_identity_new(pki_view(crl[0]),
	    pki_view(clients.pki.leaf.key_pem), NULL);
	ea_make(&p, ATLS_SERVER, &old, 4, &m);
	T(validate(&m, clients.trust, NULL, EA_NOW, &peer) == ATLS_E_CHAIN,
	    "a leaf signed with SHA-1");
	ea_made_free(&m);
	atls_identity_free(old.id);

	ea_pair_free(&p);
	atls_trust_free(anchors);
	atls_trust_free(revoking);
	free(crl[0]);
	free(crl[1]);
	free(crls);
	ea_who_free(&other);
	ea_who_free(&clients);
}

/* RFC 8446, 4.4.2.2: the leaf's key must be one for signatures. */
static void
test_key_usage(void)
{
	static const char *const usage[] = { "critical,keyEncipherment",
	    "critical,keyAgreement", "critical,digitalSignature,keyAgreement" };
	struct atls_ea_peer peer;
	struct ea_made m;
	struct ea_pair p;
	size_t i;

	for (i = 0; i < 2 * NITEMS(usage); i++) {
		struct ea_who w;
		enum atls_rc rc;

		w.pki = pki_new(&(struct pki_ask){ .dns = "ea.example",
		    .ku = usage[i / 2] }, EA_NOW);
		w.id = atls_identity_new(pki_view(w.pki.chain),
		    pki_view(w.pki.leaf.key_pem), NULL);
		w.trust = atls_trust_new(pki_view(w.pki.root.pem), none,
		    NULL);
		ea_pair(&p, ATLS_SHA256, 1);
		ea_make(&p, i & 1 ? ATLS_CLIENT : ATLS_SERVER, &w, 1, &m);
		rc = validate(&m, w.trust, NULL, EA_NOW, &peer);
		T(rc == (i / 2 == 2 ? ATLS_OK : ATLS_E_CHAIN), "%s: %s",
		    usage[i / 2], atls_rc_name(rc));
		ea_made_free(&m);
		ea_pair_free(&p);
		ea_who_free(&w);
	}
}

static void
test_arguments(void)
{
	static uint8_t large[ATLS_EA_MAX + 1];
	struct atls_ea_peer peer;
	struct ea_made m, c, never;
	struct ea_pair p, q;
	uint8_t byte;
	enum atls_rc rc;

	ea_pair(&p, ATLS_SHA256, 1);
	ea_pair(&q, ATLS_SHA256, 1);
	ea_make(&p, ATLS_SERVER, &who, 1, &m);
	ea_make(&p, ATLS_CLIENT, &who, 2, &c);
	ea_make(&q, ATLS_SERVER, &who, 3, &never);
	rc = atls_ea_validate(p.client, VIEW(m.request), ATLS_ARRAY(large),
	    who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_LIMIT, "%s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, VIEW(m.request), (struct atls_bytes){
	    large, ATLS_EA_MAX }, who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_FORMAT, "%s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, VIEW(c.request), VIEW(m.auth),
	    who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_ARG, "request of a server: %s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, VIEW(m.auth), VIEW(m.auth), who.trust,
	    NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_ARG, "no request: %s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, (struct atls_bytes){ m.request.p,
	    m.request.len - 1 }, VIEW(m.auth), who.trust, NULL, EA_NOW, &peer,
	    NULL);
	T(rc == ATLS_E_ARG, "request cut: %s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, (struct atls_bytes){ (const uint8_t *)
	    "\x11\0\0\x11\0\0\x0e\0\x0d\0\x0a\0\x08\4\3\4\3\4\3\4\3", 21 },
	    VIEW(m.auth), who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_ARG, "request without context: %s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, VIEW(never.request), VIEW(never.auth),
	    who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_PEER, "never issued: %s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, none, VIEW(m.auth), who.trust, NULL,
	    EA_NOW, &peer, NULL);
	T(rc == ATLS_E_PEER, "answer taken for spontaneous: %s",
	    atls_rc_name(rc));
	/* a Finished of the right length, from nobody */
	memset(large, 0, 36);
	large[0] = 20;
	large[3] = 32;
	rc = atls_ea_validate(p.client, VIEW(m.request), (struct atls_bytes){
	    large, 36 }, who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_SIG, "empty one of nobody: %s", atls_rc_name(rc));
	rc = atls_ea_validate(p.client, none, (struct atls_bytes){ large, 36 },
	    who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_PEER, "spontaneous and empty: %s", atls_rc_name(rc));
	/* the same context, but not the octets that we sent */
	byte = m.request.p[m.request.len - 3];
	m.request.p[m.request.len - 3] ^= 1;
	T(validate(&m, who.trust, NULL, EA_NOW, &peer) == ATLS_E_SIG,
	    "another request");
	m.request.p[m.request.len - 3] = byte;
	T(validate(&m, who.trust, NULL, EA_NOW, &peer) == ATLS_OK, "good");
	T(validate(&c, who.trust, NULL, EA_NOW, &peer) == ATLS_OK, "good");
	ea_made_free(&m);
	ea_made_free(&c);
	ea_made_free(&never);
	ea_pair_free(&p);
	ea_pair_free(&q);
}

/* Only the connection it was made on: RFC 9261, 5.2.2 (last paragraph). */
static void
test_elsewhere(void)
{
	struct atls_ea_peer peer;
	struct ea_made here, there;
	struct ea_pair p, q;
	enum atls_rc rc;

	ea_pair(&p, ATLS_SHA256, 1);
	ea_pair(&q, ATLS_SHA256, 2);
	ea_ask(&p, ATLS_SERVER, 1, &here);
	ea_make(&q, ATLS_SERVER, &who, 1, &there);
	T(here.request.len == there.request.len && memcmp(here.request.p,
	    there.request.p, here.request.len) == 0, "the same request");
	rc = atls_ea_validate(p.client, VIEW(here.request), VIEW(there.auth),
	    who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_SIG, "%s", atls_rc_name(rc));
	/* nor with a Finished of this one, by a man between both */
	T(ea_refinish(&p.tls.client, ATLS_SERVER, VIEW(here.request),
	    there.auth.p, there.auth.len), "refinish");
	rc = atls_ea_validate(p.client, VIEW(here.request), VIEW(there.auth),
	    who.trust, NULL, EA_NOW, &peer, NULL);
	T(rc == ATLS_E_SIG, "%s", atls_rc_name(rc));
	ea_made_free(&here);
	ea_made_free(&there);
	ea_pair_free(&p);
	ea_pair_free(&q);
}

/* One context, one authenticator, also when two are at hand. */
static void
test_twice(void)
{
	struct atls_channel ch;
	struct atls_ea_request q;
	struct atls_ea_peer peer;
	struct ea_auth a, b;
	uint8_t o[EA_ROOM];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct atls_ea *twin;
	struct ea_made m;
	struct ea_pair p;
	int kind;

	for (kind = 0; kind < 2; kind++) {
		ea_pair(&p, ATLS_SHA256, 1);
		ea_make(&p, ATLS_SERVER, &who, 1, &m);
		ch = fake_channel(&p.tls.server);
		twin = atls_ea_new(&ch, NULL);	/* has forgotten */
		T(atls_ea_receive(twin, VIEW(m.request), &q, NULL) == ATLS_OK,
		    "receive");
		T((kind == 0 ? atls_ea_authenticate(twin, &q, none, who.id,
		    NULL, 0, &buf, NULL) : atls_ea_refuse(twin, &q, &buf,
		    NULL)) == ATLS_OK, "second");
		T(ea_open(p.client, VIEW(m.request), VIEW(m.auth), &a, NULL)
		    == ATLS_OK, "one");
		if (kind == 0) {
			T(ea_open(p.client, VIEW(m.request), (struct
			    atls_bytes){ o, buf.len }, &b, NULL) == ATLS_OK,
			    "two");
			T(ea_close(p.client, &b, who.trust, NULL, EA_NOW,
			    &peer, NULL) == ATLS_OK, "two");
		} else {
			T(ea_open(p.client, VIEW(m.request), (struct
			    atls_bytes){ o, buf.len }, &b, NULL) ==
			    ATLS_E_REFUSED && b.raw.len == 0, "refusal");
		}
		T(ea_close(p.client, &a, who.trust, NULL, EA_NOW, &peer, NULL)
		    == ATLS_E_PEER && peer.nchain == 0, "one, too late");
		T(ea_open(p.client, VIEW(m.request), VIEW(m.auth), &a, NULL)
		    == ATLS_E_PEER && a.raw.len == 0, "one, again");
		T(ea_close(p.client, &a, who.trust, NULL, EA_NOW, &peer, NULL)
		    != ATLS_OK, "nothing that was opened");
		atls_ea_free(twin);
		ea_made_free(&m);
		ea_pair_free(&p);
	}
}

/* The connection is looked at again before a peer is believed. */
static void
test_close_fit(void)
{
	struct atls_ea_peer peer;
	struct ea_auth a;
	struct ea_made m;
	struct ea_pair p;

	ea_pair(&p, ATLS_SHA256, 1);
	ea_make(&p, ATLS_SERVER, &who, 1, &m);
	T(ea_open(p.client, VIEW(m.request), VIEW(m.auth), &a, NULL) ==
	    ATLS_OK, "open");
	p.tls.client.info.tickets = true;
	T(ea_close(p.client, &a, who.trust, NULL, EA_NOW, &peer, NULL) ==
	    ATLS_E_STATE, "a ticket came");
	p.tls.client.info.tickets = false;
	p.tls.client.info.hash = ATLS_SHA384;
	p.tls.client.exporter_rc = ATLS_E_IO;
	T(ea_close(p.client, &a, who.trust, NULL, EA_NOW, &peer, NULL) ==
	    ATLS_E_IO, "another hash, and no keys");
	p.tls.client.info.hash = ATLS_SHA256;
	p.tls.client.exporter_rc = ATLS_OK;
	T(ea_close(p.client, &a, who.trust, NULL, EA_NOW, &peer, NULL) ==
	    ATLS_OK, "good");
	ea_made_free(&m);
	ea_pair_free(&p);
}

/* Several at once, answered in any order; both directions. */
static void
test_interleaved(void)
{
	struct atls_ea_peer peer;
	struct ea_made m[4];
	struct ea_pair p;
	unsigned i;

	ea_pair(&p, ATLS_SHA384, 1);
	for (i = 0; i < NITEMS(m); i++)
		ea_make(&p, i & 1 ? ATLS_CLIENT : ATLS_SERVER, &who, i,
		    &m[i]);
	for (i = NITEMS(m); i-- > 0;)
		T(validate(&m[i], who.trust, NULL, EA_NOW, &peer) == ATLS_OK,
		    "%u", i);
	for (i = 0; i < NITEMS(m); i++)
		ea_made_free(&m[i]);
	/* the suite's hash is not remembered longer than it is true */
	p.tls.client.info.hash = p.tls.server.info.hash = ATLS_SHA256;
	ea_make(&p, ATLS_SERVER, &who, 9, &m[0]);
	T(m[0].auth.p[m[0].auth.len - 33] == 32, "SHA-256");
	T(validate(&m[0], who.trust, NULL, EA_NOW, &peer) == ATLS_OK,
	    "another hash");
	ea_made_free(&m[0]);
	ea_pair_free(&p);
}

int
main(void)
{
	ea_who(&who, PKI_P256);
	test_good();
	test_chain();
	test_key_usage();
	test_arguments();
	test_elsewhere();
	test_twice();
	test_close_fit();
	test_interleaved();
	ea_who_free(&who);
	return t_end("t_ea_validate");
}
