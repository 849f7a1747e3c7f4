/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts and claims, as text and as JSON.  The words are those of policy,
 * log and manual. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "tool.h"

/* One line, and ASCII: a stranger's text is in it. */
#define JSON_FORM	(JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII)

void
hex_print(FILE *f, struct atls_bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		fprintf(f, "%02x", b.p[i]);
}

void
text_print(FILE *f, struct atls_bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		if (b.p[i] == '\\')
			fputs("\\\\", f);
		else if (b.p[i] < 0x20 || b.p[i] > 0x7e)
			fprintf(f, "\\x%02x", b.p[i]);
		else
			fputc(b.p[i], f);
}

/* A claim's value but for text, as a policy would have it.  The caller frees
 * it. */
static char *
claim_text(const struct atls_claim *c)
{
	static const char digit[] = "0123456789abcdef";
	char *s = malloc(2 * c->bytes.len + 32);
	size_t i;

	if (s == NULL)
		abort();
	if (c->type == ATLS_CLAIM_NUMBER)
		snprintf(s, 32, "%" PRIu64, c->number);
	else if (c->type == ATLS_CLAIM_BOOL)
		snprintf(s, 32, "%s", c->number == 1 ? "yes" : "no");
	else {
		for (i = 0; i < c->bytes.len; i++) {
			s[2 * i] = digit[c->bytes.p[i] >> 4];
			s[2 * i + 1] = digit[c->bytes.p[i] & 15];
		}
		s[2 * i] = '\0';
	}
	return s;
}

void
claims_print(FILE *f, const struct atls_evidence *ev)
{
	size_t i;
	char *s;

	for (i = 0; i < ev->nclaim; i++) {
		const struct atls_claim *c = &ev->claim[i];

		fprintf(f, "%-20s ", c->name);
		if (c->type == ATLS_CLAIM_TEXT) {
			text_print(f, c->bytes);
		} else {
			s = claim_text(c);
			fputs(s, f);
			free(s);
		}
		fputc('\n', f);
	}
}

/* RFC 3339. */
static const char *
date_text(int64_t at, char out[32])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, 32, "%" PRId64, at);
	return out;
}

static void
tcb_print(FILE *f, const struct atls_tcb *t)
{
	char b[32];
	size_t i;

	if (t->status == ATLS_TCB_NONE)
		return;
	fprintf(f, "tcb        %s, of %s, evaluation %lu\n",
	    atls_tcb_name(t->status), date_text(t->date, b),
	    (unsigned long)t->evaluation);
	for (i = 0; i < t->nadvisory; i++)
		fprintf(f, "advisory   %s\n", t->advisory[i]);
	if (t->newer != 0)
		fprintf(f, "newer      %s\n", date_text(t->newer, b));
	if (t->outlook[0] != '\0')
		fprintf(f, "outlook    %s\n", t->outlook);
}

void
result_print(FILE *f, const struct atls_result *r)
{
	fprintf(f, "verdict    %s\n", atls_verdict_name(r->verdict));
	if (r->verdict != ATLS_VERDICT_ACCEPT)
		fprintf(f, "why        %s %s: %s\n", atls_rc_name(r->why.rc),
		    r->why.where == NULL ? "-" : r->why.where, r->why.detail);
	if (r->kind != ATLS_KIND_NONE)
		fprintf(f, "kind       %s\n", atls_kind_name(r->kind));
	fprintf(f, "identity   %s\nevidence   %s\nkey        %s\n",
	    atls_pillar_name(r->identity), atls_pillar_name(r->evidence),
	    atls_pillar_name(r->key));
	fprintf(f, "binding    %s\nfreshness  %s\n",
	    atls_binding_name(r->binding), atls_freshness_name(r->freshness));
	if (r->instance[0] != '\0')
		fprintf(f, "instance   %s\n", r->instance);
	tcb_print(f, &r->tcb);
	if (r->voucher != NULL)
		fprintf(f, "voucher    %s\n", r->voucher);
	if (r->simulated)
		fprintf(f, "simulated  yes\n");
	if (r->not_after != 0)
		fprintf(f, "not_after  %" PRId64 "\n", r->not_after);
}

static json_t *
text_json(const char *s)
{
	json_t *j = json_string(s);

	/* a peer's text need not be UTF-8 */
	return j != NULL ? j : json_string("?");
}

/* "ak:000b..." */
static json_t *
instance_json(const char *s)
{
	const char *colon = strchr(s, ':');
	json_t *j = json_object();

	json_object_set_new(j, "kind", json_stringn(s, colon == NULL ? 0 :
	    (size_t)(colon - s)));
	json_object_set_new(j, "value", text_json(colon == NULL ? s :
	    colon + 1));
	return j;
}

static json_t *
tcb_json(const struct atls_tcb *t)
{
	json_t *j = json_object(), *list = json_array();
	char b[32];
	size_t i;

	for (i = 0; i < t->nadvisory; i++)
		json_array_append_new(list, text_json(t->advisory[i]));
	json_object_set_new(j, "status", text_json(atls_tcb_name(t->status)));
	json_object_set_new(j, "date", text_json(date_text(t->date, b)));
	if (t->newer != 0)
		json_object_set_new(j, "newer", text_json(date_text(t->newer,
		    b)));
	json_object_set_new(j, "evaluation", json_integer(t->evaluation));
	json_object_set_new(j, "advisories", list);
	if (t->outlook[0] != '\0')
		json_object_set_new(j, "outlook", text_json(t->outlook));
	return j;
}

static json_t *
claims_json(const struct atls_evidence *ev)
{
	json_t *j = json_object(), *v;
	size_t i;
	char *s;

	for (i = 0; i < ev->nclaim; i++) {
		const struct atls_claim *c = &ev->claim[i];

		if (c->type == ATLS_CLAIM_TEXT) {	/* NULs, too */
			v = json_stringn((const char *)c->bytes.p,
			    c->bytes.len);
			json_object_set_new(j, c->name, v != NULL ? v :
			    json_string("?"));
			continue;
		}
		s = claim_text(c);
		if (c->type == ATLS_CLAIM_BOOL)
			v = json_boolean(c->number == 1);
		else if (c->type == ATLS_CLAIM_NUMBER &&
		    c->number <= INT64_MAX)
			v = json_integer((json_int_t)c->number);
		else
			v = text_json(s);
		json_object_set_new(j, c->name, v);
		free(s);
	}
	return j;
}

/* What is claimed, and nothing about whether it is so. */
void
evidence_json(FILE *f, const struct atls_evidence *ev)
{
	json_t *j = json_object();
	struct atls_claim rd = { .type = ATLS_CLAIM_BYTES,
	    .bytes = ev->report_data };
	char *s = claim_text(&rd);

	json_object_set_new(j, "kind", text_json(atls_kind_name(ev->kind)));
	json_object_set_new(j, "report_data", text_json(s));
	json_object_set_new(j, "certificates",
	    json_integer((json_int_t)ev->nchain));
	json_object_set_new(j, "claims", claims_json(ev));
	json_dumpf(j, f, JSON_FORM);
	fputc('\n', f);
	json_decref(j);
	free(s);
}

void
result_json(FILE *f, const struct atls_result *r)
{
	json_t *j = json_object(), *why = json_object();

	json_object_set_new(j, "verdict",
	    text_json(atls_verdict_name(r->verdict)));
	if (r->kind != ATLS_KIND_NONE)
		json_object_set_new(j, "kind",
		    text_json(atls_kind_name(r->kind)));
	if (r->verdict != ATLS_VERDICT_ACCEPT) {
		json_object_set_new(why, "rc",
		    text_json(atls_rc_name(r->why.rc)));
		json_object_set_new(why, "where", text_json(r->why.where ==
		    NULL ? "-" : r->why.where));
		json_object_set_new(why, "offset",
		    json_integer((json_int_t)r->why.offset));
		json_object_set_new(why, "detail", text_json(r->why.detail));
		json_object_set_new(j, "why", json_incref(why));
	}
	json_decref(why);
	json_object_set_new(j, "identity",
	    text_json(atls_pillar_name(r->identity)));
	json_object_set_new(j, "evidence",
	    text_json(atls_pillar_name(r->evidence)));
	json_object_set_new(j, "key", text_json(atls_pillar_name(r->key)));
	json_object_set_new(j, "binding",
	    text_json(atls_binding_name(r->binding)));
	json_object_set_new(j, "freshness",
	    text_json(atls_freshness_name(r->freshness)));
	if (r->instance[0] != '\0')
		json_object_set_new(j, "instance", instance_json(r->instance));
	if (r->tcb.status != ATLS_TCB_NONE)
		json_object_set_new(j, "tcb", tcb_json(&r->tcb));
	if (r->voucher != NULL)
		json_object_set_new(j, "voucher", text_json(r->voucher));
	if (r->simulated)
		json_object_set_new(j, "simulated", json_true());
	json_object_set_new(j, "claims", claims_json(&r->claims));
	if (r->not_after != 0)
		json_object_set_new(j, "not_after",
		    json_integer(r->not_after));
	json_dumpf(j, f, JSON_FORM);
	fputc('\n', f);
	json_decref(j);
}
