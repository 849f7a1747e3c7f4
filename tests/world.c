/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "world.h"

static const char *const names[2] = { "client.example", "server.example" };

static struct {
	struct pki		 pki;
	struct pki_cert		 client;
	char			*client_chain;
	EVP_PKEY		*ak[2];
} made;

void
world_init(void)
{
	made.pki = pki_new(&(struct pki_ask){ .dns = names[W_SERVER],
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, WORLD_NOW);
	made.client = pki_cert(&(struct pki_ask){ .dns = names[W_CLIENT],
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT }, &made.pki.inter,
	    WORLD_NOW);
	made.client_chain = pki_join(made.client.pem, made.pki.inter.pem,
	    (char *)NULL);
	made.ak[W_CLIENT] = EVP_EC_gen("P-256");
	made.ak[W_SERVER] = EVP_EC_gen("P-256");
}

void
world_done(void)
{
	pki_cert_free(&made.client);
	pki_free(&made.pki);
	free(made.client_chain);
	EVP_PKEY_free(made.ak[W_CLIENT]);
	EVP_PKEY_free(made.ak[W_SERVER]);
}

const struct pki_cert *
world_ca(void)
{
	return &made.pki.inter;
}

static void
add(char *text, size_t cap, const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, cap - n, fmt, ap);
	va_end(ap);
}

/* A policy that wants exactly the other end's machine. */
static struct atls_policy *
policy_for(const struct world_side_opts *o, const struct tpm_make_opts *of,
    struct atls_err *err)
{
	struct tpm_make_opts honest = *of;
	char text[8192] = "", pin[TPM_MAKE_PIN];
	uint8_t pcr[64];
	unsigned i;
	size_t k, n;

	honest.other = 0;
	tpm_make_pin(of, pin);
	add(text, sizeof(text), "%skind tpm\ninstance %s\n", o->policy, pin);
	for (i = 0; i < 8; i++) {
		add(text, sizeof(text), "tpm.pcr.sha256.%u ", i);
		n = tpm_make_pcr(&honest, TPM_MAKE_SHA256, i, pcr);
		for (k = 0; k < n; k++)
			add(text, sizeof(text), "%02x", pcr[k]);
		add(text, sizeof(text), "\n");
	}
	for (i = 8; i < 24; i++)
		add(text, sizeof(text), "ignore tpm.pcr.sha256.%u\n", i);
	add(text, sizeof(text), "ignore tpm.pcr.sha384.*\n%s",
	    o->block == NULL ? "" : o->block);
	return atls_policy_parse((struct atls_bytes){ (uint8_t *)text,
	    strlen(text) }, NULL, NULL, err);
}

static bool
configure(struct world *w, enum world_side me)
{
	struct world_side_opts *o = &w->o.side[me];
	struct world_end *e = &w->end[me];
	struct atls_config *c = e->config = atls_config_new();
	enum atls_rc rc = ATLS_OK;

	if (c == NULL)
		return false;
	if (o->policy != NULL) {
		e->policy = policy_for(o, &w->end[!me].tpm, &e->err);
		if (e->policy == NULL)
			return false;
		rc = atls_config_set_policy(c, e->policy);
		if (rc == ATLS_OK && !o->no_pki)
			rc = atls_config_set_peer(c, w->trust,
			    o->expects != NULL ? o->expects :
			    names[w->o.same_key ? W_SERVER : !me]);
	}
	if (rc == ATLS_OK && o->no_pki)
		rc = atls_config_insecure_no_pki(c);
	if (rc == ATLS_OK && o->two_keys)
		rc = atls_config_insecure_two_keys(c);
	if (rc == ATLS_OK && o->attests)
		rc = atls_config_set_attester(c, ATLS_KIND_TPM, e->id);
	if (rc == ATLS_OK && o->code_point != 0)
		rc = atls_config_set_code_point(c, o->code_point);
	if (rc == ATLS_OK && o->profile != 0)
		rc = atls_config_set_profile(c, o->profile);
	if (rc == ATLS_OK && w->o.family != 0)
		rc = atls_config_set_family(c, w->o.family, false);
	if (rc == ATLS_OK && o->stream != 0)
		rc = atls_config_set_stream(c, o->stream);
	if (rc == ATLS_OK)
		rc = atls_config_set_reattest(c, o->reattest, o->hold);
	return rc == ATLS_OK;
}

static struct atls_channel_ops heedless;
static const struct atls_channel_ops *heeding;

static enum atls_rc
no_context(void *conn, const char *label, struct atls_bytes context,
    uint8_t *out, size_t outlen)
{
	static const uint8_t same[32];

	return heeding->exporter(conn, label, context.len == 0 ? context :
	    ATLS_ARRAY(same), out, outlen);
}

static bool
start(struct world *w, enum world_side me)
{
	struct world_end *e = &w->end[me];
	struct atls_channel ch = fake_channel(me == W_CLIENT ?
	    &w->net.client : &w->net.server);

	if (!configure(w, me))
		return false;
	if (w->o.family != 0)
		ch = fake_channel_carrying(ch.conn);
	if (w->o.one_binder) {
		heeding = ch.ops;
		heedless = *ch.ops;
		heedless.exporter = no_context;
		ch.ops = &heedless;
	}
	e->s = atls_session_new(e->config, me == W_CLIENT ? ATLS_CLIENT :
	    ATLS_SERVER, &ch, WORLD_NOW, &e->err);
	return e->s != NULL;
}

static struct atls_bytes
spki(X509 *x)
{
	unsigned char *p = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &p);

	return (struct atls_bytes){ p, (size_t)n };
}

static void
identity(struct world *w, enum world_side me)
{
	const struct world_side_opts *o = &w->o.side[me];
	bool usual = me == W_SERVER || w->o.same_key;
	const struct pki_cert *leaf = usual ? &made.pki.leaf : &made.client;
	const char *chain = usual ? made.pki.chain : made.client_chain;

	if (o->leaf != NULL) {
		leaf = o->leaf;
		chain = o->chain;
	}
	w->end[me].id = atls_identity_new(pki_view(chain),
	    pki_view(leaf->key_pem), NULL);
	w->end[me].leaf = *leaf;
}

static void
identities(struct world *w)
{
	struct world_end *c = &w->end[W_CLIENT], *s = &w->end[W_SERVER];

	identity(w, W_CLIENT);
	identity(w, W_SERVER);
	w->net.server.own_spki = spki(s->leaf.x509);
	w->net.server.peer_spki = spki(c->leaf.x509);
	w->net.client.own_spki = spki(c->leaf.x509);
	w->net.client.peer_spki = spki(s->leaf.x509);
}

bool
world_open(struct world *w, const struct world_opts *o)
{
	*w = (struct world){ .o = *o };
	if (w->o.hash == 0)
		w->o.hash = ATLS_SHA256;
	if (w->o.chunk == 0)
		w->o.chunk = 65536;
	fake_pair(&w->net, w->o.hash, 1);
	w->trust = atls_trust_new(pki_view(made.pki.root.pem),
	    pki_view(made.pki.crls), NULL);
	identities(w);
	w->end[W_CLIENT].tpm = (struct tpm_make_opts){
	    .ak = made.ak[o->same_ak ? W_SERVER : W_CLIENT],
	    .fault = o->side[W_CLIENT].fault,
	    .other = o->side[W_CLIENT].other };
	w->end[W_SERVER].tpm = (struct tpm_make_opts){
	    .ak = made.ak[W_SERVER], .fault = o->side[W_SERVER].fault,
	    .other = o->side[W_SERVER].other };
	if (w->trust == NULL || w->end[W_CLIENT].id == NULL ||
	    w->end[W_SERVER].id == NULL)
		return false;
	return start(w, W_CLIENT) && start(w, W_SERVER);
}

void
world_close(struct world *w)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct world_end *e = &w->end[i];

		atls_session_free(e->s);
		atls_config_free(e->config);
		atls_policy_free(e->policy);
		atls_identity_free(e->id);
		OPENSSL_free(e->wire);
		OPENSSL_free(e->data);
	}
	OPENSSL_free((void *)(uintptr_t)w->net.server.own_spki.p);
	OPENSSL_free((void *)(uintptr_t)w->net.server.peer_spki.p);
	OPENSSL_free((void *)(uintptr_t)w->net.client.own_spki.p);
	OPENSSL_free((void *)(uintptr_t)w->net.client.peer_spki.p);
	atls_trust_free(w->trust);
}

static void
append(uint8_t **p, size_t *len, const uint8_t *more, size_t n)
{
	uint8_t *q = OPENSSL_malloc(*len + n + 1);

	if (q == NULL)
		abort();
	if (*len > 0)
		memcpy(q, *p, *len);
	if (n > 0)
		memcpy(q + *len, more, n);
	OPENSSL_free(*p);
	*p = q;
	*len += n;
}

void
world_collect(struct world *w, enum world_side from)
{
	struct world_end *to = &w->end[!from];
	uint8_t buf[4096];
	struct atls_buf b = { buf, sizeof(buf), 0 };
	uint8_t *all = NULL;
	size_t n = 0;

	while ((atls_session_want(w->end[from].s) & ATLS_WANT_SEND) != 0 &&
	    atls_session_send(w->end[from].s, &b) == ATLS_OK)
		append(&all, &n, b.p, b.len);
	if (n > 0 && w->wiretap != NULL)
		w->wiretap(w, from, all, &n);
	if (n > 0)
		append(&to->wire, &to->wirelen, all, n);
	OPENSSL_free(all);
}

/* Exact-size pieces, so that the sanitizer sees an octet too many. */
static size_t
feed(struct world_end *e, size_t n)
{
	uint8_t *p = OPENSSL_malloc(n);
	struct atls_bytes data;
	size_t used = 0;

	if (p == NULL)
		abort();
	memcpy(p, e->wire, n);
	if (atls_session_recv(e->s, (struct atls_bytes){ p, n }, &used,
	    &data) == ATLS_OK && data.len > 0)
		append(&e->data, &e->datalen, data.p, data.len);
	OPENSSL_free(p);
	return used;
}

void
world_deliver(struct world *w, enum world_side to)
{
	struct world_end *e = &w->end[to];
	const unsigned busy = ATLS_WANT_EVIDENCE | ATLS_WANT_VERDICT;
	size_t n, used;

	while (e->wirelen > 0) {
		n = atls_session_need(e->s);
		if (n > w->o.chunk)
			n = w->o.chunk;
		if (n > e->wirelen)
			n = e->wirelen;
		used = feed(e, n);
		memmove(e->wire, e->wire + used, e->wirelen - used);
		e->wirelen -= used;
		if ((atls_session_want(e->s) & (busy | ATLS_WANT_FAILED)) != 0)
			break;
	}
	if ((atls_session_want(e->s) & ATLS_WANT_FAILED) != 0)
		e->wirelen = 0;
}

static void
evidence(struct world *w, enum world_side me)
{
	struct world_end *e = &w->end[me];
	struct atls_bytes rd = atls_session_report_data(e->s);
	uint8_t raw[TPM_MAKE_MAX];
	struct atls_buf out = { raw, sizeof(raw), 0 };

	memcpy(e->report_data, rd.p, rd.len);
	e->report_datalen = rd.len;
	e->quotes++;
	if (w->oracle != NULL)
		out.len = w->oracle(w, me, rd, raw, sizeof(raw));
	else if (!w->o.side[me].empty)
		tpm_make(&e->tpm, rd, e->leaf.key, &out);
	(void)!atls_session_give_evidence(e->s, (struct atls_bytes){ raw,
	    out.len });
}

bool
world_turn(struct world *w, enum world_side me)
{
	struct world_end *e = &w->end[me];
	unsigned want = atls_session_want(e->s);
	bool moved = e->wirelen > 0 || (want & ATLS_WANT_SEND) != 0;

	world_collect(w, me);
	world_deliver(w, me);
	want = atls_session_want(e->s);
	if ((want & ATLS_WANT_EVIDENCE) != 0)
		evidence(w, me);
	if ((want & ATLS_WANT_VERDICT) != 0)
		(void)!atls_session_appraise(e->s);
	return moved || (want & (ATLS_WANT_EVIDENCE | ATLS_WANT_VERDICT)) != 0;
}

void
world_pump(struct world *w)
{
	bool moved;

	do {
		moved = world_turn(w, W_CLIENT);
		moved = world_turn(w, W_SERVER) || moved;
	} while (moved);
}

bool
world_send(struct world *w, enum world_side from, const char *text)
{
	struct world_end *to = &w->end[!from];
	uint8_t hdr[ATLS_FRAME_HEADER];
	size_t hdrlen;

	world_collect(w, from);
	if (atls_session_wrap(w->end[from].s, strlen(text), hdr, &hdrlen) !=
	    ATLS_OK)
		return false;
	append(&to->wire, &to->wirelen, hdr, hdrlen);
	append(&to->wire, &to->wirelen, (const uint8_t *)text, strlen(text));
	return true;
}

void
world_tick(struct world *w, int64_t seconds)
{
	int i;

	for (i = 0; i < 2; i++)
		(void)!atls_session_tick(w->end[i].s, WORLD_NOW + seconds);
}

bool
world_is_open(const struct world *w)
{
	return atls_session_open(w->end[W_CLIENT].s) &&
	    atls_session_open(w->end[W_SERVER].s);
}
