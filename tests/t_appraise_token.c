/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/pem.h>

#include <atls/appraise.h>

#include "t.h"
#include "token_make.h"

/* Policy text and tokens of Arm CCA, PSA and AWS Nitro together. */

static enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct atls_bytes pem;
	char *p;
	long n;

	(void)arg;
	if (strcmp(name, "key.pem") == 0) {
		if (PEM_write_bio_PUBKEY(b, token_signer(false, false)) != 1)
			abort();
		n = BIO_get_mem_data(b, &p);
		pem = (struct atls_bytes){ (const uint8_t *)p, (size_t)n };
	} else
		pem = atls_trust_anchors(token_trust()->anchors);
	out->len = pem.len;
	if (pem.len <= out->cap)
		memcpy(out->p, pem.p, pem.len);
	BIO_free(b);
	return out->len <= out->cap ? ATLS_OK : ATLS_E_SPACE;
}

#define D1	"11111111111111111111111111111111111111111111111111111111" \
		"11111111"
#define D2	"22222222222222222222222222222222222222222222222222222222" \
		"22222222"
#define D4	"44444444444444444444444444444444444444444444444444444444" \
		"44444444"
#define P48	"55555555555555555555555555555555555555555555555555555555" \
		"55555555" \
		"55555555555555555555555555555555"
#define REALM	"kind cca\nkey key.pem\ncca.realm.rim " D1 "\n"
#define SW	"cca.platform.sw.count 2\ncca.platform.sw.0.measurement " D2 \
		"\ncca.platform.sw.1.measurement " D4 "\n"

static const struct {
	const char		*what, *text;
	enum atls_kind		 kind;
	struct token_opts	 o;
	bool			 other_data, other_key;
	enum atls_rc		 rc;
	const char		*where;
} cases[] = {
	{ "CCA", REALM "ignore cca.*\n", ATLS_KIND_CCA, { .cmw = false },
	  false, false, ATLS_OK, NULL },
	{ "CCA, software", REALM SW "ignore cca.*\n", ATLS_KIND_CCA,
	  { .cmw = true }, false, false, ATLS_OK, NULL },
	{ "CCA, a component more", REALM "cca.platform.sw.count 1\n"
	  "ignore cca.*\n", ATLS_KIND_CCA, { .cmw = true }, false, false,
	  ATLS_E_POLICY, "cca.platform.sw.count" },
	{ "CCA, another component", REALM "cca.platform.sw.1.measurement " D2
	  "\nignore cca.*\n", ATLS_KIND_CCA, { .cmw = true }, false, false,
	  ATLS_E_POLICY, "cca.platform.sw.1.measurement" },
	{ "CCA, a component that is not there", REALM
	  "cca.platform.sw.2.measurement " D2 "\nignore cca.*\n",
	  ATLS_KIND_CCA, { .cmw = true }, false, false, ATLS_E_POLICY,
	  "cca.platform.sw.2.measurement" },
	{ "CCA, another realm", "kind cca\nkey key.pem\ncca.realm.rim " D2
	  "\nignore cca.*\n", ATLS_KIND_CCA, { .cmw = false }, false, false,
	  ATLS_E_POLICY, "cca.realm.rim" },
	{ "CCA, of another channel", REALM "ignore cca.*\n", ATLS_KIND_CCA,
	  { .cmw = false }, true, false, ATLS_E_BIND, "cca.realm.challenge" },
	{ "CCA, a machine we know", REALM "instance cca:01"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
	  "ignore cca.*\n", ATLS_KIND_CCA, { .cmw = false }, false, false,
	  ATLS_OK, NULL },
	{ "CCA, another machine", REALM "instance cca:01ab\nignore cca.*\n",
	  ATLS_KIND_CCA, { .cmw = false }, false, false, ATLS_E_POLICY,
	  "appraise.instance" },
	{ "Parsec", REALM "ignore cca.*\n", ATLS_KIND_CCA,
	  { .parsec = true }, false, false, ATLS_OK, NULL },
	{ "Parsec, another key", REALM "ignore cca.*\n", ATLS_KIND_CCA,
	  { .parsec = true }, false, true, ATLS_E_BIND, "cca.kat.key" },
	/* its key alone does not bind it: it must answer as well */
	{ "Parsec, of another channel", REALM "ignore cca.*\n"
	  "binding-min key\nfreshness-min F0\n", ATLS_KIND_CCA,
	  { .parsec = true }, true, false, ATLS_E_BIND,
	  "cca.realm.challenge" },
	{ "PSA", "kind psa\nkey key.pem\npsa.implementation_id " D1
	  "\nignore psa.*\n", ATLS_KIND_PSA, { .legacy = false }, false,
	  false, ATLS_OK, NULL },
	{ "PSA, of another channel", "kind psa\nkey key.pem\n"
	  "psa.implementation_id " D1 "\nignore psa.*\n", ATLS_KIND_PSA,
	  { .legacy = true }, true, false, ATLS_E_BIND, "psa.nonce" },
	{ "Nitro", "kind nitro\nanchor root.pem\nnitro.pcr.0 " P48
	  "\nignore nitro.pcr.*\n", ATLS_KIND_NITRO, { .at = 0 }, false,
	  false, ATLS_OK, NULL },
	{ "Nitro, another image", "kind nitro\nanchor root.pem\nnitro.pcr.1 "
	  D1 "11111111111111111111111111111111\nignore nitro.pcr.*\n",
	  ATLS_KIND_NITRO, { .at = 0 }, false, false, ATLS_E_POLICY,
	  "nitro.pcr.1" },
	{ "Nitro, of another channel", "kind nitro\nanchor root.pem\n"
	  "nitro.pcr.0 " P48 "\nignore nitro.pcr.*\n", ATLS_KIND_NITRO,
	  { .at = 0 }, true, false, ATLS_E_BIND, "nitro.user_data" },
};

static void
row(size_t i)
{
	const char *text = cases[i].text, *what = cases[i].what;
	struct atls_err err = { .rc = ATLS_OK };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    (const uint8_t *)text, strlen(text) }, give, NULL, &err);
	uint8_t data[64];
	struct atls_question q = {
		.kind = cases[i].kind, .report_data = ATLS_ARRAY(data),
		.spki = token_spki(cases[i].other_key ?
		    token_signer(false, true) : token_aik()),
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
		.now = TOKEN_NOW,
	};
	struct atls_result res;
	enum atls_verdict v;

	T(p != NULL, "%s: %s", what, err.detail);
	if (p == NULL) {
		drop(q.spki);
		return;
	}
	memcpy(data, token_data, sizeof(data));
	data[63] ^= cases[i].other_data ? 1 : 0;
	q.raw = q.kind == ATLS_KIND_CCA ? token_cca(&cases[i].o) :
	    q.kind == ATLS_KIND_PSA ? token_psa(&cases[i].o) :
	    token_nitro(&cases[i].o);
	v = atls_appraise(p, &q, NULL, &res);
	T((v == ATLS_VERDICT_ACCEPT) == (cases[i].rc == ATLS_OK) &&
	    (v == ATLS_VERDICT_ACCEPT || (res.why.rc == cases[i].rc &&
	    strcmp(res.why.where, cases[i].where) == 0)), "%s: %s %s", what,
	    res.why.where != NULL ? res.why.where : "", res.why.detail);
	T(v != ATLS_VERDICT_ACCEPT || (res.evidence == ATLS_GOOD &&
	    res.key == (cases[i].o.parsec ? ATLS_GOOD : ATLS_UNKNOWN)), "%s",
	    what);
	drop(q.raw);
	drop(q.spki);
	atls_policy_free(p);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < NITEMS(cases); i++)
		row(i);
	token_end();
	return t_end("t_appraise_token");
}
