/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "../base/rd.h"
#include "../codec/b64.h"
#include "ear.h"

/* JWS in its compact form (RFC 7515, 7.1). */

/* RFC 7515, 4.1: keys that come with the token say nothing of its sender, and
 * extensions that must be understood are not. */
static const char *const refused[] = { "jwk", "jku", "x5u", "x5c", "crit" };

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures view_ok(\result) && rd_view{Pre,Post}(r, \result); */
static struct atls_bytes
segment(struct rd *r)
{
	struct rd ahead = *r;
	size_t n = 0;

	/*@ loop invariant rd_ok(ahead) && ahead.rc == r->rc;
	    loop invariant n + ahead.left == r->left;
	    loop assigns ahead, n;
	    loop variant ahead.left; */
	while (rd_peek(ahead) != -1 && rd_peek(ahead) != '.') {
		(void)rd_be(&ahead, 1);
		n++;
	}
	return rd_take(r, n);
}

/*@ requires \valid(r) && rd_ok(*r);
    assigns *r;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r); */
static void
dot(struct rd *r)
{
	if (rd_be(r, 1) != '.')
		rd_fail(r, ATLS_E_FORMAT);
}

/* The JSON that base64url text stands for; what is in room goes. */
static enum atls_rc
decode(struct atls_bytes text, const struct atls_buf *room,
    const char *where, json_t **out, struct atls_err *err)
{
	struct atls_buf b = { room->p, room->cap, 0 };
	struct wr w = wr_of(&b);
	json_error_t why;
	enum atls_rc rc;

	*out = NULL;
	b64_get(&w, text);
	if ((rc = wr_done(&w)) != ATLS_OK)
		return err_set(err, rc, where, 0, rc == ATLS_E_SPACE ?
		    "no room to decode it" : "not base64url");
	if (b.len == 0)
		return err_set(err, ATLS_E_FORMAT, where, 0, "is empty");
	*out = json_loadb((const char *)b.p, b.len, JSON_REJECT_DUPLICATES,
	    &why);
	if (*out != NULL)
		return ATLS_OK;
	if (json_error_code(&why) == json_error_out_of_memory)
		rc = ATLS_E_MEM;
	else
		rc = ATLS_E_FORMAT;
	return err_set(err, rc, where, why.position > 0 ?
	    (size_t)why.position : 0, "%.80s", why.text);
}

static enum atls_rc
header(const json_t *h, struct ear *e, struct atls_err *err)
{
	struct atls_bytes alg = json_view(json_object_get(h, "alg"));
	size_t i;

	if (!json_is_object(h))
		return err_set(err, ATLS_E_FORMAT, "ear.header", 0,
		    "not an object");
	/* RFC 8725, 3.1: "none" is not among them, and no HMAC */
	if ((e->alg = ear_alg_named(alg)) == NULL)
		return err_set(err, ATLS_E_UNKNOWN, "ear.alg", 0,
		    "none that we allow");
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (json_object_get(h, refused[i]) != NULL)
			return err_set(err, ATLS_E_FORMAT, "ear.header", 0,
			    "has \"%s\"", refused[i]);
	return ATLS_OK;
}

static enum atls_rc
read_header(struct atls_bytes text, const struct atls_buf *room,
    struct ear *e, struct atls_err *err)
{
	enum atls_rc rc;
	json_t *h;

	if ((rc = decode(text, room, "ear.header", &h, err)) != ATLS_OK)
		return rc;
	rc = header(h, e, err);
	json_decref(h);
	return rc;
}

/* Three parts with a dot between: views, of which two stay in out. */
/*@ requires view_ok(raw) && \valid(out) && \valid(head) &&
	\valid(payload) && \separated(out, head, payload, err);
    assigns *head, *payload, out->part[EAR_SIGNED], out->part[EAR_SIG], *err;
    exits \false;
    ensures \result == ATLS_OK ==> view_ok(*head) && view_ok(*payload) &&
	view_ok(out->part[EAR_SIGNED]) && view_ok(out->part[EAR_SIG]);
    ensures \result == ATLS_OK ==> view_in(*head, raw) &&
	view_in(*payload, raw) && view_in(out->part[EAR_SIGNED], raw) &&
	view_in(out->part[EAR_SIG], raw); */
static enum atls_rc
cut(struct atls_bytes raw, struct atls_bytes *head,
    struct atls_bytes *payload, struct atls_evidence *out,
    struct atls_err *err)
{
	struct rd r = rd_of(raw), all = r;
	enum atls_rc rc;

	*head = segment(&r);
	dot(&r);
	*payload = segment(&r);
	out->part[EAR_SIGNED] = rd_take(&all, r.off);
	dot(&r);
	out->part[EAR_SIG] = segment(&r);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ear.jwt", r.off,
		    "not three parts with a dot between");
	return ATLS_OK;
}

enum atls_rc
ear_jwt(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct atls_buf room = { NULL, 0, 0 };
	struct atls_bytes head, payload;
	json_t *root = NULL;
	struct ear e;
	enum atls_rc rc;

	if (scratch != NULL && scratch->len < scratch->cap)
		room = (struct atls_buf){ scratch->p + scratch->len,
		    scratch->cap - scratch->len, 0 };
	ear_begin(&e);
	if ((rc = cut(raw, &head, &payload, out, err)) != ATLS_OK)
		return rc;
	if ((rc = read_header(head, &room, &e, err)) != ATLS_OK)
		return rc;
	if (!b64_ok(out->part[EAR_SIG]) || out->part[EAR_SIG].len == 0)
		return err_set(err, ATLS_E_FORMAT, "ear.sig", 0,
		    "not base64url");
	if ((rc = decode(payload, &room, "ear.json", &root, err)) != ATLS_OK)
		return rc;
	if ((rc = ear_json(root, &e, err)) == ATLS_OK)
		rc = ear_emit(&e, scratch, out, err);
	json_decref(root);
	return rc;
}
