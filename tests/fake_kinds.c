/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/base/err.h"

struct fake fake;

static const char letter[] = "psrtk";
static const char *const where[] = {
	"fake.parse", "fake.signature", "fake.revocation", "fake.tcb",
	"fake.key",
};
static const enum atls_rc rcs[] = {
	ATLS_E_FORMAT, ATLS_E_SIG, ATLS_E_REVOKED, ATLS_E_STALE, ATLS_E_BIND,
};

static uint8_t report_data[64];
static const uint8_t m0[32] = { 0xa0 }, m1[48] = { 0xa1 }, m10[32] = { 0xb0 };

static int
answer(enum fake_check c, struct atls_err *err)
{
	size_t n = strlen(fake.log);
	bool good = c == FAKE_PARSE ? fake.says[c] == ATLS_OK :
	    fake.says[c] == 1;

	if (n < sizeof(fake.log) - 1)
		fake.log[n] = letter[c];
	if (good ? fake.noise : !fake.mute)
		(void)err_set(err, rcs[c], where[c], 0, "%s", fake.reason);
	return fake.says[c];
}

static enum atls_rc
parse(struct atls_bytes raw, struct atls_buf *scratch, struct atls_evidence *out,
    struct atls_err *err)
{
	enum atls_kind kind = out->kind;
	int rc = answer(FAKE_PARSE, err);

	(void)scratch;
	*out = fake.ev;
	out->kind = kind;
	out->raw = raw;
	return (enum atls_rc)rc;
}

static int
signature(const struct atls_evidence *ev, const struct evidence_trust *t,
    struct atls_result *res)
{
	(void)ev;
	fake.trust = *t;
	if (fake.simulated)
		res->simulated = true;
	if (fake.not_after != 0)
		res->not_after = fake.not_after;
	if (fake.once) {
		fake.simulated = false;
		fake.not_after = 0;
	}
	res->verdict = ATLS_VERDICT_ACCEPT;	/* has no say in it */
	return answer(FAKE_SIGNATURE, &res->why);
}

static int
revocation(const struct atls_evidence *ev, const struct evidence_trust *t,
    struct atls_result *res)
{
	(void)ev;
	(void)t;
	return answer(FAKE_REVOCATION, &res->why);
}

static int
tcb(const struct atls_evidence *ev, const struct evidence_trust *t,
    struct atls_result *res)
{
	(void)ev;
	(void)t;
	res->tcb = fake.tcb;
	return answer(FAKE_TCB, &res->why);
}

static int
key(const struct atls_evidence *ev, struct atls_bytes spki,
    struct atls_result *res)
{
	(void)ev;
	fake.spki = spki;
	return answer(FAKE_KEY, &res->why);
}

static void
instance(const struct atls_evidence *ev, char out[ATLS_INSTANCE_MAX])
{
	(void)ev;
	(void)snprintf(out, ATLS_INSTANCE_MAX, "%s", fake.instance);
}

static const struct evidence_claim fake_claims[] = {
	{ "fake.m.0",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "fake.m.1",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "fake.m.10",		ATLS_CLAIM_BYTES,	true, 0 },
	{ "fake.svn",		ATLS_CLAIM_NUMBER,	true, 0 },
	{ "fake.secure",	ATLS_CLAIM_BOOL,	true, 0 },
	{ "fake.image",		ATLS_CLAIM_TEXT,	true, 0 },
	{ "fake.firmware",	ATLS_CLAIM_NUMBER,	false, 0 },
	{ "fake.note",		ATLS_CLAIM_TEXT,	false, 0 },
};
static const struct evidence_claim plain_claims[] = {
	{ "plain.code",		ATLS_CLAIM_BYTES,	true, 0 },
};
static const char *const also[] = { FAKE_ALSO, NULL };

static const struct evidence_ops fake_ops = {
	.word = WORD_ANCHOR | WORD_INSTANCE,
	.kind = (enum atls_kind)FAKE, .name = "fake", .media = FAKE_MEDIA,
	.also = also, .field = 64, .field_name = "fake.report_data",
	.claim = fake_claims,
	.nclaim = sizeof(fake_claims) / sizeof(fake_claims[0]),
	.parse = parse, .signature = signature, .revocation = revocation,
	.tcb = tcb, .key = key, .instance = instance,
};

static const struct evidence_ops plain_ops = {
	.word = WORD_ANCHOR | WORD_INSTANCE,
	.kind = (enum atls_kind)PLAIN, .name = "plain", .media = PLAIN_MEDIA,
	.claim = plain_claims, .nclaim = 1,
	.parse = parse, .signature = signature,
};

static const struct evidence_ops bare_ops = {
	.word = WORD_INSTANCE | WORD_KEY,
	.kind = (enum atls_kind)BARE, .name = "bare",
	.media = "application/vnd.example.bare", .field = 40,
	.parse = parse, .instance = instance,
};

const struct evidence_ops *
evidence_ops(enum atls_kind kind)
{
	switch ((int)kind) {
	case FAKE:	return &fake_ops;
	case PLAIN:	return &plain_ops;
	case BARE:	return &bare_ops;
	default:	return NULL;
	}
}

enum atls_rc
atls_evidence_parse(struct atls_evidence *out, enum atls_kind kind,
    struct atls_bytes raw, struct atls_buf *scratch, struct atls_err *err)
{
	enum atls_rc rc;

	*out = (struct atls_evidence){ .kind = kind, .raw = raw };
	if ((rc = evidence_ops(kind)->parse(raw, scratch, out, err)) != ATLS_OK)
		*out = (struct atls_evidence){ .kind = ATLS_KIND_NONE };
	return rc;
}

const struct atls_claim *
atls_evidence_claim(const struct atls_evidence *ev, const char *name)
{
	size_t i;

	for (i = 0; i < ev->nclaim; i++)
		if (strcmp(ev->claim[i].name, name) == 0)
			return &ev->claim[i];
	return NULL;
}

const char *
atls_kind_name(enum atls_kind kind)
{
	return evidence_ops(kind) == NULL ? "none" : evidence_ops(kind)->name;
}

enum atls_kind
atls_kind_named(const char *name)
{
	return strcmp(name, "fake") == 0 ? (enum atls_kind)FAKE :
	    strcmp(name, "plain") == 0 ? (enum atls_kind)PLAIN :
	    strcmp(name, "bare") == 0 ? (enum atls_kind)BARE :
	    ATLS_KIND_NONE;
}

const char *
atls_kind_media(enum atls_kind kind)
{
	return evidence_ops(kind)->media;
}

static void
has(const char *name, enum atls_claim_type type, struct atls_bytes b,
    uint64_t number)
{
	fake.ev.claim[fake.ev.nclaim++] = (struct atls_claim){
		.name = name, .type = type, .bytes = b, .number = number,
	};
}

static struct atls_bytes
text(const char *s)
{
	return (struct atls_bytes){ (const uint8_t *)s, strlen(s) };
}

void
fake_reset(void)
{
	size_t i;

	memset(report_data, 0x5a, sizeof(report_data));
	fake = (struct fake){
		.instance = FAKE_INSTANCE, .reason = "told so",
		.tcb = { .status = ATLS_TCB_UP_TO_DATE },
	};
	for (i = 0; i < FAKE_NCHECKS; i++)
		fake.says[i] = i == FAKE_PARSE ? ATLS_OK : 1;
	fake.ev.report_data = ATLS_ARRAY(report_data);
	has("fake.m.0", ATLS_CLAIM_BYTES, ATLS_ARRAY(m0), 0);
	has("fake.m.1", ATLS_CLAIM_BYTES, ATLS_ARRAY(m1), 0);
	has("fake.m.10", ATLS_CLAIM_BYTES, ATLS_ARRAY(m10), 0);
	has("fake.svn", ATLS_CLAIM_NUMBER, text(""), 7);
	has("fake.secure", ATLS_CLAIM_BOOL, text(""), 1);
	has("fake.image", ATLS_CLAIM_TEXT, text("web server 4"), 0);
	has("fake.firmware", ATLS_CLAIM_NUMBER, text(""), 300);
	has("plain.code", ATLS_CLAIM_BYTES, ATLS_ARRAY(m0), 0);
}

struct atls_claim *
fake_claim(const char *name)
{
	size_t i;

	for (i = 0; i < fake.ev.nclaim; i++)
		if (strcmp(fake.ev.claim[i].name, name) == 0)
			return &fake.ev.claim[i];
	abort();
}
