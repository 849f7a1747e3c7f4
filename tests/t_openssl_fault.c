/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atls/openssl.h>

#include "fault.h"
#include "pair.h"
#include "pki.h"
#include "t.h"

#define NAME	"a.example"
#define STEPS	200		/* calls that fail, spread over all there are */

static const struct atls_backend *const be = &atls_backend_openssl;
static const struct atls_bytes none;
static struct pki pki;
static struct atls_trust *trust;
static struct atls_identity *id;

/* NULL, or both ends show evidence. */
static const struct atls_carrier *carrier;

static bool
waits(const struct pair_end *e)
{
	return e->r == ATLS_IO_WANT_READ || e->r == ATLS_IO_WANT_WRITE ||
	    e->r == ATLS_IO_WANT_EVIDENCE;
}

static void
turn(struct pair_end *e, struct atls_bytes first)
{
	static const uint8_t cmw[] = { 1 };
	struct atls_carried ours;
	enum atls_rc rc;

	if (!waits(e))
		return;
	e->r = be->handshake(e->conn, first, &e->err);
	if (e->r == ATLS_IO_WANT_EVIDENCE &&
	    ((rc = be->wanted(e->conn, &ours)) != ATLS_OK ||
	    (rc = be->give(e->conn, ATLS_ARRAY(cmw))) != ATLS_OK)) {
		e->r = ATLS_IO_FAIL;
		e->err.rc = rc;
	}
}

static bool
shake(struct pair *p, struct atls_bytes first)
{
	int i;

	if (carrier == NULL)
		return pair_handshake(p, first);
	for (i = 0; i < 20; i++) {
		turn(&p->client, none);
		turn(&p->server, first);
	}
	return p->client.r == 1 && p->server.r == 1;
}

/* All of a connection: true if nothing failed. */
static bool
attempt(void)
{
	static uint8_t first[100];
	struct atls_tls_setup cl = { .identity = id, .trust = trust,
	    .name = NAME, .carrier = carrier };
	struct atls_tls_setup sv = { .identity = id, .trust = trust,
	    .ask_client = true, .carrier = carrier };
	struct atls_bytes a = none, b = none;
	uint8_t x[32] = { 0 }, y[32] = { 1 };
	struct pair p = { 0 };
	bool ok = false;
	unsigned fired;

	if (pair_open(&p, be, &cl, &sv) &&
	    shake(&p, ATLS_ARRAY(first))) {
		fired = fault_fired();
		ok = pair_export(&p, &p.client, "x", none, x) == ATLS_OK &&
		    pair_export(&p, &p.server, "x", none, y) == ATLS_OK;
		T(!ok || memcmp(x, y, sizeof(x)) == 0, "exporter");
		a = pair_spki(&p, &p.client, true);
		b = pair_spki(&p, &p.server, false);
		T(a.len == 0 || b.len == 0 || (a.len == b.len &&
		    memcmp(a.p, b.p, a.len) == 0), "spki");
		ok = ok && a.len > 0 && b.len > 0;
		T(ok || fault_fired() != fired, "failed without a cause");
	} else
		T((p.client.err.rc != ATLS_OK || p.server.err.rc !=
		    ATLS_OK) && fault_fired(), "a failure has a cause");
	T(ERR_peek_error() == 0, "queue");
	pair_close(&p);
	return ok;
}

static void
each(void)
{
	unsigned n, total, step;

	fault_set(FAULT_LIBCRYPTO, 0);
	T(attempt(), "nothing fails");
	total = fault_count();
	step = total / STEPS + 1;
	for (n = 1; n <= total; n += step) {
		fault_set(FAULT_LIBCRYPTO, n);
		(void)attempt();
	}
}

int
main(void)
{
	static const struct atls_carrier both = { .code_point = 0xff77,
	    .ask = true, .nonce = true, .offer = "a/b", .accept = { "a/b" } };
	unsigned n;

	/* what libssl does once in a process it does not try again */
	if (!fault_libcrypto() || OPENSSL_init_ssl(0, NULL) != 1)
		abort();
	pki = pki_new(&(struct pki_ask){ .dns = NAME }, (int64_t)time(NULL));
	trust = atls_trust_new(pki_view(pki.root.pem), pki_view(pki.crls),
	    NULL);
	id = atls_identity_new(pki_view(pki.chain), pki_view(pki.leaf.key_pem),
	    NULL);
	if (trust == NULL || id == NULL)
		abort();
	/* what the backend does once it does: until it can be done */
	for (n = 1; n < 3000; n += 101) {
		fault_set(FAULT_LIBCRYPTO, n);
		(void)attempt();
	}
	each();
	carrier = &both;
	each();
	fault_set(FAULT_NONE, 0);
	T(attempt(), "afterwards");
	atls_identity_free(id);
	atls_trust_free(trust);
	pki_free(&pki);
	return t_end("t_openssl_fault");
}
