/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ASK_H
#define ASK_H

#include <stdlib.h>
#include <string.h>

#include "fake_kinds.h"
#include "heap.h"
#include "t.h"

/* Appraisal of the kinds that do as told: a policy, a question, an answer. */
#define NOW	1767225600

/* Lines 1 to 8; all of what fake_reset() claims is right by it. */
#define POLICY								\
	"kind fake\n"							\
	"instance ak:ff\n"						\
	"instance " FAKE_INSTANCE "\n"					\
	"ignore fake.m.* fake.secure fake.image\n"			\
	"fake.svn 3\n"							\
	"fake.svn 7\n"							\
	"binding-min exporter\n"					\
	"freshness-min F3\n"

static uint8_t expected[64];
static const uint8_t raw[] = { 1, 2, 3 }, spki[] = { 0x30, 0 };

static inline struct atls_policy *
policy(const char *s)
{
	struct atls_err err = { 0 };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    (const uint8_t *)s, strlen(s) }, NULL, NULL, &err);

	T(p != NULL, "%s\n%s", err.detail, s);
	if (p == NULL)
		exit(1);
	return p;
}

/* Everything in order. */
static inline struct atls_question
question(void)
{
	fake_reset();
	memset(expected, 0x5a, sizeof(expected));
	return (struct atls_question){
		.kind = (enum atls_kind)FAKE, .raw = ATLS_ARRAY(raw),
		.report_data = ATLS_ARRAY(expected), .spki = ATLS_ARRAY(spki),
		.binding = ATLS_BINDING_EXPORTER, .freshness = ATLS_F3,
		.now = NOW,
	};
}

static inline struct atls_result
ask(const struct atls_policy *p, const struct atls_question *q)
{
	struct atls_result r;
	enum atls_verdict v;

	memset(&r, 0xee, sizeof(r));
	v = atls_appraise(p, q, NULL, &r);
	T(v == r.verdict, "returned as set");
	T((v == ATLS_VERDICT_ACCEPT) == (r.why.rc == ATLS_OK), "a reason");
	T(v == ATLS_VERDICT_ACCEPT || v == ATLS_VERDICT_REJECT, "no NONE");
	T(r.identity == ATLS_UNKNOWN, "who is not said here");
	return r;
}

static inline bool
is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

static inline void
rejects(const char *what, const struct atls_policy *p,
    const struct atls_question *q, enum atls_rc rc, const char *where,
    const char *detail)
{
	struct atls_result r = ask(p, q);

	T(r.verdict == ATLS_VERDICT_REJECT, "%s", what);
	T(r.why.rc == rc, "%s: %s", what, atls_rc_name(r.why.rc));
	T(is(r.why.where, where), "%s: %s", what, r.why.where);
	T(detail == NULL || is(r.why.detail, detail), "%s: %s", what,
	    r.why.detail);
}

static inline void
accepts(const char *what, const struct atls_policy *p,
    const struct atls_question *q)
{
	struct atls_result r = ask(p, q);

	T(r.verdict == ATLS_VERDICT_ACCEPT, "%s: %s %s", what, r.why.where,
	    r.why.detail);
}

#endif
