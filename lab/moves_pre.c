/* SPDX-License-Identifier: Apache-2.0 */
/* Attackers with certificates that have evidence inside. */
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atls/ratls.h>

#include "carried.h"

static void
serve(struct lab_run *r, const struct lab_key *k, const char *deed)
{
	int fd;

	lab_ready(r);
	fd = lab_answer(r->listener);
	if (deed != NULL)
		lab_tell(r, LAB_ATTACKER, LAB_CLIENT, "%s", deed);
	carried_serve(r, fd, k, NULL, NULL, NULL);
}

/* The server's evidence, which is public, in a certificate for another key,
 * which a careless CA signs. */
void
pre_key_substitution(struct lab_run *r)
{
	static _Thread_local struct lab_key bad;

	if (!lab_key_graft(&bad, lab_key(LAB_PRE, r->kind == ATLS_KIND_EAR ?
	    LAB_K_EAR : LAB_K_SERVER), LAB_NAME)) {
		lab_failed(r, "no certificate could be made");
		return;
	}
	serve(r, &bad,
	    "shows a certificate for his key, with the server's evidence");
	lab_key_free(&bad);
}

/* With the key: the certificate is all that is needed beside.  Without: he
 * shows it, and signs the handshake with his own. */
void
pre_relay(struct lab_run *r, enum lab_whose whose)
{
	struct lab_key k = *lab_key(LAB_PRE, LAB_K_SERVER);
	const struct lab_key *own = lab_key(LAB_POST, LAB_K_ATTACKER);
	struct atls_identity id = *k.id;

	if (whose != LAB_K_SERVER) {
		id.key = own->id->key;
		id.sign = own->id->sign;
		k.id = &id;
	}
	serve(r, &k, whose == LAB_K_SERVER ?
	    "shows the server's own certificate, and has its key" :
	    "shows the server's certificate, and signs with another key");
}

struct bent {
	struct lab_run	*run;
};

static enum atls_rc
bend(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	struct bent *b = arg;

	return b->run->attack->quote(b->run, rd, out, err);
}

/* A new certificate, whose evidence is not quite over its key. */
void
pre_bent(struct lab_run *r)
{
	static _Thread_local struct lab_key k;
	int64_t now = (int64_t)time(NULL);
	struct bent b = { r };
	struct atls_ratls_ask ask = { .name = LAB_NAME, .from = now - 3600,
	    .until = now + 3600, .kind = r->kind, .form = ATLS_RATLS_CMW,
	    .ca_pem = lab_ca_pem(), .ca_key_pem = lab_ca_key_pem() };
	struct atls_buf chain = { (uint8_t *)k.chain, LAB_PEM - 1, 0 };
	struct atls_buf key = { (uint8_t *)k.key, sizeof(k.key) - 1, 0 };

	if (atls_ratls_make(&ask, bend, &b, &chain, &key, NULL) != ATLS_OK) {
		lab_failed(r, "no certificate could be made");
		return;
	}
	k.chain[chain.len] = '\0';
	k.key[key.len] = '\0';
	if (lab_key_read(&k))
		serve(r, &k, NULL);
	lab_key_free(&k);
}
