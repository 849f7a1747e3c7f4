/* SPDX-License-Identifier: Apache-2.0 */
/* Two sessions, one thread, byte arrays: who ends where, and why. */
#include <stdlib.h>
#include <string.h>

#include "t.h"
#include "world.h"

#define REQUIRED	"peer required\n"
#define OPTIONAL	"peer optional\n"

/* The evidence of the other end is asked for, or there is a policy at all. */
static const struct outcome {
	const char		*what;
	struct world_opts	 o;
	bool			 open;
	enum atls_verdict	 client, server;	/* each about the other */
	enum atls_rc		 rc;		/* of who refused first */
	const char		*where;
	enum world_side		 by;		/* who refused */
} outcomes[] = {
	{ "server attests", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "server attests, SHA-384", { .hash = ATLS_SHA384, .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "client attests", { .side = {
	    [W_CLIENT] = { .attests = true },
	    [W_SERVER] = { .policy = REQUIRED } } },
	    true, ATLS_VERDICT_NONE, ATLS_VERDICT_ACCEPT, ATLS_OK, NULL, 0 },
	{ "both", { .side = {
	    [W_CLIENT] = { .attests = true, .policy = REQUIRED },
	    [W_SERVER] = { .attests = true, .policy = REQUIRED } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_ACCEPT, ATLS_OK, NULL, 0 },
	{ "both, an octet at a time", { .chunk = 1, .side = {
	    [W_CLIENT] = { .attests = true, .policy = REQUIRED },
	    [W_SERVER] = { .attests = true, .policy = REQUIRED } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_ACCEPT, ATLS_OK, NULL, 0 },
	{ "both, raw stream", { .side = {
	    [W_CLIENT] = { .attests = true, .policy = REQUIRED,
	    .stream = ATLS_STREAM_RAW },
	    [W_SERVER] = { .attests = true, .policy = REQUIRED,
	    .stream = ATLS_STREAM_RAW } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_ACCEPT, ATLS_OK, NULL, 0 },
	{ "another code point at both", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED, .code_point = 0xff00 },
	    [W_SERVER] = { .attests = true, .code_point = 0xff00 } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "another profile at both", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED,
	    .profile = ATLS_PROFILE_COCOS },
	    [W_SERVER] = { .attests = true,
	    .profile = ATLS_PROFILE_COCOS } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "binder and key hash at both", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED,
	    .profile = ATLS_PROFILE_EXPAT_2 },
	    [W_SERVER] = { .attests = true,
	    .profile = ATLS_PROFILE_EXPAT_2 } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "optional, and there is evidence", { .side = {
	    [W_CLIENT] = { .policy = OPTIONAL },
	    [W_SERVER] = { .attests = true } } },
	    true, ATLS_VERDICT_ACCEPT, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "optional, and the other end has none", { .side = {
	    [W_CLIENT] = { .policy = OPTIONAL },
	    [W_SERVER] = { .attests = true, .empty = true } } },
	    true, ATLS_VERDICT_NONE, ATLS_VERDICT_NONE, ATLS_OK, NULL, 0 },
	{ "optional, and the evidence is bad", { .side = {
	    [W_CLIENT] = { .policy = OPTIONAL },
	    [W_SERVER] = { .attests = true, .other = 1 } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_POLICY,
	    "tpm.pcr.sha256.0", W_CLIENT },
	{ "optional, and the evidence lacks what counts", { .side = {
	    [W_CLIENT] = { .policy = OPTIONAL },
	    [W_SERVER] = { .attests = true, .fault = TPM_NO_EXT } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_FORMAT,
	    "tpm.ext", W_CLIENT },
	{ "required, and an empty authenticator", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true, .empty = true } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_REFUSED,
	    NULL, W_CLIENT },
	{ "required, and our policy is not to answer", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true,
	    .policy = OPTIONAL "self never\n" } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_REFUSED,
	    NULL, W_CLIENT },
	{ "nobody asks us, and we insist", { .side = {
	    [W_CLIENT] = { .attests = true,
	    .policy = OPTIONAL "self required\n" },
	    [W_SERVER] = { .attests = true } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_POLICY,
	    "hello.asks", W_CLIENT },
	{ "a PCR that is not as learned", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true, .other = 1 << 7 } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_POLICY,
	    "tpm.pcr.sha256.7", W_CLIENT },
	{ "mutual, and the client's PCR is wrong", { .side = {
	    [W_CLIENT] = { .attests = true, .policy = REQUIRED, .other = 2 },
	    [W_SERVER] = { .attests = true, .policy = REQUIRED } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_POLICY,
	    "tpm.pcr.sha256.1", W_SERVER },
	{ "a key that the TPM did not certify", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true, .fault = TPM_BAD_KEY } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_BIND,
	    NULL, W_CLIENT },
	{ "a name that is not in the certificate", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED, .expects = "other.example" },
	    [W_SERVER] = { .attests = true } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_CHAIN,
	    NULL, W_CLIENT },
	{ "one end framed, the other raw", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED },
	    [W_SERVER] = { .attests = true,
	    .stream = ATLS_STREAM_RAW } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_PEER,
	    "hello.stream", W_SERVER },
	{ "code points differ", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED, .code_point = 0xff00 },
	    [W_SERVER] = { .attests = true } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_PEER,
	    "request.cmw_attestation", W_SERVER },
	{ "profiles differ", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED,
	    .profile = ATLS_PROFILE_COCOS },
	    [W_SERVER] = { .attests = true } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_BIND,
	    NULL, W_CLIENT },
	{ "both ends have one key", { .same_key = true, .side = {
	    [W_CLIENT] = { .attests = true, .policy = REQUIRED },
	    [W_SERVER] = { .attests = true, .policy = REQUIRED } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_BIND,
	    "ea.leaf", W_SERVER },
	{ "freshness that nobody has", { .side = {
	    [W_CLIENT] = { .policy = REQUIRED,
	    .block = "freshness-min F4\n" },
	    [W_SERVER] = { .attests = true } } },
	    false, ATLS_VERDICT_REJECT, ATLS_VERDICT_REJECT, ATLS_E_POLICY,
	    NULL, W_CLIENT },
};

static void
test_outcomes(void)
{
	size_t i;

	for (i = 0; i < NITEMS(outcomes); i++) {
		const struct outcome *c = &outcomes[i];
		const struct atls_err *err;
		struct world w;

		T(world_open(&w, &c->o), "%s: %s", c->what,
		    w.end[W_SERVER].err.detail);
		if (w.end[W_SERVER].s == NULL || w.end[W_CLIENT].s == NULL) {
			world_close(&w);
			continue;
		}
		T(!world_send(&w, W_CLIENT, "x") &&
		    !world_send(&w, W_SERVER, "x"), "%s: early", c->what);
		world_pump(&w);
		T(world_is_open(&w) == c->open, "%s: gates; %s / %s", c->what,
		    atls_session_error(w.end[W_CLIENT].s)->detail,
		    atls_session_error(w.end[W_SERVER].s)->detail);
		T(atls_session_result(w.end[W_CLIENT].s)->verdict ==
		    c->client, "%s: client's verdict", c->what);
		T(atls_session_result(w.end[W_SERVER].s)->verdict ==
		    c->server, "%s: server's verdict", c->what);
		err = atls_session_error(w.end[c->by].s);
		T(err->rc == c->rc, "%s: %s %s %s", c->what,
		    atls_rc_name(err->rc), err->where, err->detail);
		if (c->where != NULL)
			T(err->where != NULL && strcmp(err->where, c->where)
			    == 0, "%s: %s", c->what, err->where);
		if (!c->open) {
			/* told, or refusing for the same reason */
			err = atls_session_error(w.end[!c->by].s);
			T(err->rc == ATLS_E_ALERT || err->rc == c->rc,
			    "%s: the other: %s", c->what,
			    atls_rc_name(err->rc));
			T(!world_send(&w, W_CLIENT, "x") &&
			    !world_send(&w, W_SERVER, "x"), "%s: data",
			    c->what);
		} else {
			T(world_send(&w, W_CLIENT, "ping") &&
			    world_send(&w, W_SERVER, "pong"), "%s: data",
			    c->what);
			world_pump(&w);
			T(w.end[W_SERVER].datalen == 4 &&
			    memcmp(w.end[W_SERVER].data, "ping", 4) == 0 &&
			    w.end[W_CLIENT].datalen == 4 &&
			    memcmp(w.end[W_CLIENT].data, "pong", 4) == 0,
			    "%s: data arrived", c->what);
		}
		world_close(&w);
	}
}

static const struct world_opts mutual = { .side = {
	[W_CLIENT] = { .attests = true, .policy = REQUIRED },
	[W_SERVER] = { .attests = true, .policy = REQUIRED } } };

static const struct world_opts one_way = { .side = {
	[W_CLIENT] = { .policy = REQUIRED },
	[W_SERVER] = { .attests = true } } };

/* What a good verdict says. */
static void
test_result(void)
{
	const struct atls_result *r;
	struct world w;
	char pin[TPM_MAKE_PIN];

	T(world_open(&w, &mutual), "open");
	world_pump(&w);
	r = atls_session_result(w.end[W_CLIENT].s);
	tpm_make_pin(&w.end[W_SERVER].tpm, pin);
	T(r->identity == ATLS_GOOD && r->evidence == ATLS_GOOD &&
	    r->key == ATLS_GOOD, "pillars");
	T(r->binding == ATLS_BINDING_EXPORTER && r->freshness == ATLS_F3,
	    "binding");
	T(strcmp(r->instance, pin) == 0, "%s", r->instance);
	T(r->kind == ATLS_KIND_TPM && !r->simulated, "kind");
	T(atls_evidence_claim(&r->claims, "tpm.pcr.sha256.7") != NULL,
	    "claims are kept");
	T(atls_session_rounds(w.end[W_CLIENT].s) == 1, "rounds");
	T(memcmp(w.end[W_CLIENT].report_data, w.end[W_SERVER].report_data,
	    32) != 0, "directions have binders of their own");
	world_close(&w);
}

/* Which of the connection's properties are looked at, each in turn. */
static void
test_channel(void)
{
	static const char *const what[] = { "version", "not established",
	    "resumed", "early data", "tickets", "no hash" };
	size_t i;
	int side;

	for (i = 0; i < NITEMS(what); i++)
		for (side = 0; side < 2; side++) {
			struct atls_channel_info *info;
			struct world w;

			T(world_open(&w, &mutual), "open");
			info = side == W_CLIENT ? &w.net.client.info :
			    &w.net.server.info;
			switch (i) {
			case 0: info->version = 0x0303; break;
			case 1: info->established = false; break;
			case 2: info->resumed = true; break;
			case 3: info->early_data = true; break;
			case 4: info->tickets = true; break;
			case 5: info->hash = 0; break;
			}
			world_pump(&w);
			T(!world_is_open(&w), "%s: open", what[i]);
			T((atls_session_want(w.end[side].s) &
			    ATLS_WANT_FAILED) != 0 &&
			    atls_session_error(w.end[side].s)->rc ==
			    ATLS_E_STATE, "%s: %s", what[i],
			    atls_session_error(w.end[side].s)->where);
			T(w.end[side].quotes == 0, "%s: a quote was made",
			    what[i]);
			world_close(&w);
		}
}

/* Handshake leaf and authenticator leaf must be one, unless said otherwise. */
static void
test_one_key(void)
{
	struct world_opts o = one_way;
	struct atls_bytes keep;
	struct world w;
	uint8_t other[91];
	int i;

	for (i = 0; i < 3; i++) {
		o.side[W_CLIENT].two_keys = i == 1;
		T(world_open(&w, &o), "open");
		keep = w.net.client.peer_spki;
		memset(other, 7, sizeof(other));
		w.net.client.peer_spki = i == 2 ? (struct atls_bytes){ NULL,
		    0 } : ATLS_ARRAY(other);
		world_pump(&w);
		T(world_is_open(&w) == (i != 0), "case %d: %s", i,
		    atls_session_error(w.end[W_CLIENT].s)->where);
		if (i == 0)
			T(atls_session_error(w.end[W_CLIENT].s)->rc ==
			    ATLS_E_BIND, "why");
		w.net.client.peer_spki = keep;
		world_close(&w);
	}
}

/* Policies and configurations that no session is made of. */
static void
test_config(void)
{
	struct atls_config *c = atls_config_new();
	struct fake_pair p;
	struct atls_channel ch;
	struct atls_err err = { 0 };
	struct world w;

	fake_pair(&p, ATLS_SHA256, 1);
	ch = fake_channel(&p.client);
	T(atls_session_new(c, ATLS_CLIENT, &ch, WORLD_NOW, &err) == NULL &&
	    err.rc == ATLS_E_CONF, "nothing to do");
	atls_config_free(c);
	T(world_open(&w, &one_way), "open");
	T(atls_session_new(w.end[W_CLIENT].config, ATLS_CLIENT, &ch, 0,
	    NULL) == NULL, "no time");
	T(atls_config_set_reattest(w.end[W_CLIENT].config, 1, false) ==
	    ATLS_E_STATE, "frozen");
	c = atls_config_new();
	T(atls_config_set_policy(c, w.end[W_CLIENT].policy) == ATLS_OK, "p");
	err = (struct atls_err){ 0 };
	T(atls_session_new(c, ATLS_CLIENT, &ch, WORLD_NOW, &err) == NULL &&
	    err.rc == ATLS_E_CONF && strcmp(err.where, "config.peer") == 0,
	    "policy without PKI");
	T(atls_config_set_peer(c, w.trust, NULL) == ATLS_OK, "peer");
	err = (struct atls_err){ 0 };
	T(atls_session_new(c, ATLS_CLIENT, &ch, WORLD_NOW, &err) == NULL &&
	    err.rc == ATLS_E_CONF, "client without a name");
	T(atls_config_set_stream(c, ATLS_STREAM_RAW) == ATLS_OK &&
	    atls_config_set_reattest(c, 30, false) == ATLS_OK, "raw");
	err = (struct atls_err){ 0 };
	T(atls_session_new(c, ATLS_SERVER, &ch, WORLD_NOW, &err) == NULL &&
	    err.rc == ATLS_E_CONF && strcmp(err.where, "config.stream") == 0,
	    "raw stream with re-attestation");
	T(atls_config_set_timeouts(c, 0, 1, 1) == ATLS_E_ARG &&
	    atls_config_set_timeouts(c, 1, 3601, 1) == ATLS_E_ARG &&
	    atls_config_set_code_point(c, 0x10000) == ATLS_E_ARG &&
	    atls_config_set_profile(c, 0) == ATLS_E_ARG &&
	    atls_config_set_stream(c, 3) == ATLS_E_ARG &&
	    atls_config_set_peer(c, w.trust, "") == ATLS_E_ARG &&
	    atls_config_set_peer(c, NULL, "a") == ATLS_E_ARG &&
	    atls_config_set_attester(c, ATLS_KIND_NONE, w.end[0].id) ==
	    ATLS_E_ARG, "arguments");
	atls_config_free(c);
	world_close(&w);
}

int
main(void)
{
	world_init();
	test_outcomes();
	test_result();
	test_channel();
	test_one_key();
	test_config();
	world_done();
	return t_end("t_session");
}
