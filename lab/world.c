/* SPDX-License-Identifier: Apache-2.0 */
/* What all runs share: machines, their maker's word, keys, the record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atls/ratls.h>

#include "kit.h"

#define POLICY_ROOM	16384		/* octets of a policy */
#define REPORT_DATA	64

static const char floors[] = "binding-min exporter\nfreshness-min F3\n";

static struct {
	enum atls_kind		 kind;
	int64_t			 now;
	struct atls_trust	*trust;
	struct atls_collateral	*store;
	char			 instance[LAB_NMACHINES][ATLS_INSTANCE_MAX];
	struct lab_key		 key[2][LAB_NKEYS];	/* others; pre */
} world;

enum atls_kind
lab_kind(void)
{
	return world.kind;
}

struct atls_trust *
lab_trust(void)
{
	return world.trust;
}

struct atls_collateral *
lab_collateral(enum atls_kind kind)
{
	return kind == ATLS_KIND_EAR ? NULL : world.store;
}

static struct atls_sim_opts
machine_of(unsigned instance)
{
	return (struct atls_sim_opts){ .now = world.now,
	    .instance = instance };
}

enum atls_rc
lab_machine_quote(enum atls_kind kind, enum lab_machine m,
    struct atls_bytes rd, struct atls_buf *out, struct atls_err *err)
{
	struct atls_sim_opts o = machine_of((unsigned)m);

	if (kind == ATLS_KIND_TPM)
		return lab_tpm_quote(m, rd, out, err);
	return atls_sim_quote(kind, &o, rd, out, err);
}

static enum atls_rc
root_open(void *arg, const char *name, struct atls_buf *out)
{
	const enum atls_kind *kind = arg;
	struct atls_sim_opts o = machine_of(LAB_GENUINE);

	(void)name;
	if (*kind == ATLS_KIND_TPM) {
		struct atls_bytes pem = lab_ca_pem();

		if (pem.len > out->cap)
			return ATLS_E_SPACE;
		memcpy(out->p, pem.p, pem.len);
		out->len = pem.len;
		return ATLS_OK;
	}
	return atls_sim_root(*kind, &o, out, NULL);
}

/* What the family can reach at all; a policy that demands more refuses every
 * peer of it. */
static const char *
floors_of(enum lab_family f)
{
	switch (f) {
	case LAB_PRE:
		return "binding-min key\nfreshness-min F0\n";
	case LAB_INTRA:
		return "binding-min transcript\nfreshness-min F3\n";
	case LAB_TLS_A:
		return "binding-min nonce+key\nfreshness-min F3\n";
	case LAB_POST: case LAB_NFAMILIES:
		break;
	}
	return floors;
}

static bool
pins(const struct lab_run *r)
{
	return r->kind != ATLS_KIND_EAR && (r->measure == LAB_PIN ||
	    r->measure == LAB_ALL);
}

static bool
policy_text(const struct lab_run *r, bool optional, char *text, size_t cap)
{
	struct atls_sim_opts o = machine_of(LAB_GENUINE);
	uint8_t learned[POLICY_ROOM];
	struct atls_buf b = { learned, sizeof(learned) - 1, 0 };
	char *at, *rest;
	int n;

	if ((r->kind == ATLS_KIND_TPM ? lab_tpm_policy(&b) :
	    atls_sim_policy(r->kind, &o, "root.pem", &b, NULL)) != ATLS_OK)
		return false;
	learned[b.len] = '\0';
	rest = (char *)learned;
	if ((at = strstr(rest, floors)) != NULL) {
		*at = '\0';
		at += strlen(floors);
	}
	n = snprintf(text, cap, "%s%s%s%s%s%s%s%s%s%s",
	    optional ? "peer optional\n" : "", rest,
	    floors_of(r->family), at == NULL ? "" : at,
	    pins(r) ? "instance " : "",
	    pins(r) ? world.instance[LAB_GENUINE] : "", pins(r) ? "\n" : "",
	    pins(r) ? "instance " : "",
	    pins(r) ? world.instance[LAB_FLEET] : "", pins(r) ? "\n" : "");
	return n > 0 && (size_t)n < cap;
}

struct atls_policy *
lab_policy(const struct lab_run *r, bool optional)
{
	char text[POLICY_ROOM];
	enum atls_kind kind = r->kind;
	struct atls_err err = { 0 };

	if (!policy_text(r, optional, text, sizeof(text)))
		return NULL;
	return atls_policy_parse((struct atls_bytes){ (uint8_t *)text,
	    strlen(text) }, root_open, &kind, &err);
}

/* The record that was made when the server was set up: key and machine. */
bool
lab_enrolled(const char *instance, struct atls_bytes spki)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct lab_key *k = &world.key[i][LAB_K_SERVER];

		if (atls_ct_eq(spki, (struct atls_bytes){ k->spki,
		    k->spkilen }) &&
		    strcmp(instance, world.instance[LAB_GENUINE]) == 0)
			return true;
	}
	return false;
}

const struct lab_key *
lab_key(enum lab_family f, enum lab_whose w)
{
	return &world.key[f == LAB_PRE][w];
}

static enum atls_rc
item_put(void *arg, enum atls_item item, struct atls_bytes b)
{
	return atls_collateral_put(arg, item, b, NULL);
}

/* The name of a machine, as policies pin it. */
static bool
name_machine(unsigned m)
{
	uint8_t rd[REPORT_DATA] = { 1 };
	uint8_t *raw = malloc(2 * LAB_EVIDENCE);
	struct atls_buf out = { raw, LAB_EVIDENCE, 0 };
	struct lab_run r = { .kind = world.kind, .measure = LAB_BARE };
	struct atls_policy *p = raw == NULL ? NULL : lab_policy(&r, false);
	struct atls_result res = { 0 };
	struct atls_question q = { .kind = world.kind, .now = world.now,
	    .collateral = world.store };

	if (p != NULL && lab_machine_quote(world.kind, (enum lab_machine)m,
	    ATLS_ARRAY(rd), &out, NULL) == ATLS_OK) {
		struct atls_buf scratch = { raw + LAB_EVIDENCE, LAB_EVIDENCE,
		    0 };

		q.raw = (struct atls_bytes){ raw, out.len };
		(void)!atls_insecure_appraise_unbound(p, &q, &scratch, &res);
		memcpy(world.instance[m], res.instance, ATLS_INSTANCE_MAX);
	}
	atls_policy_free(p);
	free(raw);
	return res.verdict == ATLS_VERDICT_ACCEPT && res.instance[0] != '\0';
}

static bool
machines_open(void)
{
	unsigned m;

	if ((world.store = atls_collateral_new()) == NULL)
		return false;
	if (world.kind == ATLS_KIND_TPM) {
		for (m = 0; m < LAB_NTPMS; m++)
			lab_tpm_instance((enum lab_machine)m,
			    world.instance[m]);
		return true;
	}
	for (m = 0; m < LAB_NMACHINES; m++) {
		struct atls_sim_opts o = machine_of(m);

		if (atls_sim_collateral(world.kind, &o, item_put, world.store,
		    NULL) != ATLS_OK || !name_machine(m))
			return false;
	}
	return true;
}

/* What a certificate of RA-TLS has inside. */
struct inside {
	enum atls_kind		kind;
	enum lab_machine	machine;
};

static enum atls_rc
quote_inside(void *arg, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	const struct inside *in = arg;

	return lab_machine_quote(in->kind, in->machine, rd, out, err);
}

static bool
ratls_key(struct lab_key *k, enum atls_kind kind, enum lab_machine m,
    const char *name, bool by_ca)
{
	struct inside in = { kind, m };
	struct atls_ratls_ask ask = { .name = name, .from = world.now - 3600,
	    .until = world.now + 3600, .kind = kind, .form = ATLS_RATLS_CMW };
	struct atls_buf chain = { (uint8_t *)k->chain, LAB_PEM - 1, 0 };
	struct atls_buf key = { (uint8_t *)k->key, sizeof(k->key) - 1, 0 };

	if (by_ca) {
		ask.ca_pem = lab_ca_pem();
		ask.ca_key_pem = lab_ca_key_pem();
	}
	if (atls_ratls_make(&ask, quote_inside, &in, &chain, &key, NULL) !=
	    ATLS_OK)
		return false;
	k->chain[chain.len] = '\0';
	k->key[key.len] = '\0';
	return lab_key_read(k);
}

static bool
keys_open(void)
{
	struct lab_key *k = world.key[0], *p = world.key[1];

	if (world.kind == ATLS_KIND_TPM)
		return lab_tpm_key(&k[LAB_K_SERVER], LAB_GENUINE, LAB_NAME,
		    true) && lab_tpm_key(&k[LAB_K_ATTACKER], LAB_FOREIGN,
		    LAB_NAME, false) && lab_tpm_key(&k[LAB_K_TENANT],
		    LAB_FLEET, LAB_OTHER, true) &&
		    lab_key_new(&k[LAB_K_STOLEN_NAME], LAB_NAME, true);
	return lab_key_new(&k[LAB_K_SERVER], LAB_NAME, true) &&
	    lab_key_new(&k[LAB_K_ATTACKER], LAB_NAME, false) &&
	    lab_key_new(&k[LAB_K_TENANT], LAB_OTHER, true) &&
	    lab_key_new(&k[LAB_K_STOLEN_NAME], LAB_NAME, true) &&
	    lab_key_new(&k[LAB_K_LEAKED], LAB_NAME, false) &&
	    lab_key_new(&k[LAB_K_EAR], LAB_NAME, true) &&
	    ratls_key(&p[LAB_K_SERVER], world.kind, LAB_GENUINE, LAB_NAME,
	    true) &&
	    ratls_key(&p[LAB_K_ATTACKER], world.kind, LAB_FOREIGN, LAB_NAME,
	    false) &&
	    ratls_key(&p[LAB_K_TENANT], world.kind, LAB_FLEET, LAB_OTHER,
	    true) &&
	    ratls_key(&p[LAB_K_STOLEN_NAME], world.kind, LAB_GENUINE,
	    LAB_NAME, true) &&
	    ratls_key(&p[LAB_K_LEAKED], world.kind, LAB_LEAKED, LAB_NAME,
	    false) &&
	    ratls_key(&p[LAB_K_EAR], ATLS_KIND_EAR, LAB_GENUINE, LAB_NAME,
	    true);
}

bool
lab_world_open(enum atls_kind kind, const char *const tpm[],
    char why[LAB_TEXT])
{
	world.kind = kind;
	why[0] = '\0';
	world.now = (int64_t)time(NULL);
	if (!lab_pki_open() || (world.trust = atls_trust_new(lab_ca_pem(),
	    (struct atls_bytes){ NULL, 0 }, NULL)) == NULL)
		(void)snprintf(why, LAB_TEXT, "the PKI");
	else if (kind == ATLS_KIND_TPM && !lab_tpm_open(tpm, why))
		;
	else if (!machines_open())
		(void)snprintf(why, LAB_TEXT, "the simulated machines");
	else if (!keys_open())
		(void)snprintf(why, LAB_TEXT, "keys and certificates");
	else
		return true;
	lab_world_close();
	return false;
}

void
lab_world_close(void)
{
	size_t i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < LAB_NKEYS; k++)
			lab_key_free(&world.key[i][k]);
	lab_tpm_close();
	atls_trust_free(world.trust);
	atls_collateral_free(world.store);
	lab_pki_close();
	memset(&world, 0, sizeof(world));
}
