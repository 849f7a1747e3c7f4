/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../src/ea/ea.h"
#include "ea_util.h"
#include "fault.h"
#include "t.h"

/* Exported authenticators: sizes, numbers, and what a stranger can cost us. */

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

/* The bound holds for what would pass as well. */
static void
test_size(void)
{
	struct ea_made m;
	struct ea_pair p;
	struct ea_auth a;
	size_t len, i;

	for (i = 0; i < 2; i++) {
		uint8_t *auth, *q;

		len = ATLS_EA_MAX + i;
		ea_pair(&p, ATLS_SHA256, 1);
		ea_ask(&p, ATLS_SERVER, 1, &m);
		m.auth = (struct block){ calloc(len, 1), len };
		auth = m.auth.p;
		q = auth + len - 36 - 9;	/* CertificateVerify, Finished */
		memcpy(q, "\x0f\0\0\5\4\3\0\1x\x14\0\0\x20", 13);
		len -= 36 + 9;
		auth[0] = 11;
		auth[1] = (uint8_t)((len - 4) >> 16);
		auth[2] = (uint8_t)((len - 4) >> 8 & 0xff);
		auth[3] = (uint8_t)((len - 4) & 0xff);
		memcpy(auth + 4, m.request.p + 4, 33);	/* context */
		len -= 37 + 3;
		auth[37] = (uint8_t)(len >> 16);
		auth[38] = (uint8_t)(len >> 8 & 0xff);
		auth[39] = (uint8_t)(len & 0xff);
		len -= 3 + 2;
		auth[40] = (uint8_t)(len >> 16);
		auth[41] = (uint8_t)(len >> 8 & 0xff);
		auth[42] = (uint8_t)(len & 0xff);
		T(ea_refinish(&p.tls.server, ATLS_SERVER, VIEW(m.request),
		    auth, m.auth.len), "refinish");
		T(ea_open(p.client, VIEW(m.request), VIEW(m.auth), &a, NULL)
		    == (i == 0 ? ATLS_OK : ATLS_E_LIMIT), "%zu", m.auth.len);
		ea_made_free(&m);
		ea_pair_free(&p);
	}
}

/* What an outsider can make us compute: see the table in src/ea/open.c. */
static void
test_cost(void)
{
	struct atls_ea_peer peer;
	struct ea_made m;
	struct ea_pair p;

	ea_pair(&p, ATLS_SHA256, 1);
	ea_make(&p, ATLS_SERVER, &who, 1, &m);
	m.auth.p[m.auth.len - 1] ^= 1;
	fault_set(FAULT_CRYPTO, 0);
	T(validate(&m, who.trust, NULL, EA_NOW, &peer) == ATLS_E_SIG &&
	    fault_count() == 3, "wrong Finished: %u calls", fault_count());
	m.auth.p[5] ^= 1;
	fault_set(FAULT_CRYPTO, 0);
	T(validate(&m, who.trust, NULL, EA_NOW, &peer) == ATLS_E_PEER &&
	    fault_count() == 0, "wrong context: %u calls", fault_count());
	m.auth.p[0] ^= 1;
	fault_set(FAULT_CRYPTO, 0);
	T(validate(&m, who.trust, NULL, EA_NOW, &peer) == ATLS_E_FORMAT &&
	    fault_count() == 0, "wrong type: %u calls", fault_count());
	T(p.tls.client.nexports == 2, "%u", p.tls.client.nexports);
	fault_set(FAULT_NONE, 0);
	ea_made_free(&m);
	ea_pair_free(&p);
}

/* ATLS_EA_CONTEXTS_MAX: no call goes beyond, and what waits can be had. */
static void
test_limit(void)
{
	uint8_t context[4] = { 0xff }, o[EA_ROOM];
	struct atls_buf buf = { o, sizeof(o), 0 };
	struct atls_ea_request q, waiting;
	struct atls_ea_peer peer;
	struct atls_err err = { 0 };
	struct ea_made m, c, late;
	struct ea_pair p;
	enum atls_rc rc;
	unsigned i;

	ea_pair(&p, ATLS_SHA256, 1);
	ea_make(&p, ATLS_SERVER, &who, 1, &m);
	ea_ask(&p, ATLS_CLIENT, 2, &c);
	T(atls_ea_receive(p.client, VIEW(c.request), &waiting, NULL) ==
	    ATLS_OK, "receive");
	for (i = 2; i < ATLS_EA_CONTEXTS_MAX; i++) {
		context[1] = (uint8_t)(i >> 8);
		context[2] = (uint8_t)(i & 0xff);
		rc = atls_ea_request(p.client, ATLS_ARRAY(context), NULL, 0,
		    &buf, NULL);
		if (rc != ATLS_OK)
			break;
	}
	T(i == ATLS_EA_CONTEXTS_MAX, "%u contexts", i);
	context[3] = 1;
	T(atls_ea_request(p.client, ATLS_ARRAY(context), NULL, 0, &buf, &err)
	    == ATLS_E_LIMIT && buf.len == 0 && err.rc == ATLS_E_LIMIT,
	    "one more request");
	ea_ask(&p, ATLS_CLIENT, 3, &late);
	T(atls_ea_receive(p.client, VIEW(late.request), &q, NULL) ==
	    ATLS_E_LIMIT && q.raw.len == 0, "one more received");
	buf.len = 0;
	T(atls_ea_authenticate(p.server, NULL, ATLS_ARRAY(context), who.id,
	    NULL, 0, &buf, NULL) == ATLS_OK, "spontaneous");
	T(atls_ea_validate(p.client, none, (struct atls_bytes){ o, buf.len },
	    who.trust, NULL, EA_NOW, &peer, NULL) == ATLS_E_LIMIT &&
	    peer.nchain == 0, "one more validated");
	T(validate(&m, who.trust, NULL, EA_NOW, &peer) == ATLS_OK,
	    "what was waited for");
	buf.len = 0;
	T(atls_ea_authenticate(p.client, &waiting, none, who.id, NULL, 0,
	    &buf, NULL) == ATLS_OK, "what was asked");
	ea_made_free(&m);
	ea_made_free(&c);
	ea_made_free(&late);
	ea_pair_free(&p);
}

int
main(void)
{
	ea_who(&who, PKI_P256);
	test_size();
	test_cost();
	test_limit();
	ea_who_free(&who);
	return t_end("t_ea_bounds");
}
