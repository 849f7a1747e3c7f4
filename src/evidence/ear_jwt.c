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
    ensures view_ok(\result) && rd_has(\old(*r), \result); */
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

struct parts {
	struct atls_bytes	 head, payload, covered, sig;
};

/* Three parts with a dot between; the signature covers the first two. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(p) && \separated(r, p);
    assigns *r, *p;
    exits \false;
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures view_ok(p->head) && rd_has(\old(*r), p->head);
    ensures view_ok(p->payload) && rd_has(\old(*r), p->payload);
    ensures view_ok(p->covered) && rd_has(\old(*r), p->covered);
    ensures view_ok(p->sig) && rd_has(\old(*r), p->sig); */
static void
cut(struct rd *r, struct parts *p)
{
	struct rd all = *r;
	struct atls_bytes head, payload, sig;
	size_t covered;

	head = segment(r);
	dot(r);
	payload = segment(r);
	covered = all.left - r->left;
	dot(r);
	sig = segment(r);
	p->head = head;
	p->payload = payload;
	p->covered.p = all.p;
	p->covered.len = covered;
	p->sig = sig;
}

enum atls_rc
ear_jwt(struct atls_bytes raw, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	struct atls_buf room = { NULL, 0, 0 };
	struct rd r = rd_of(raw);
	struct parts p;
	json_t *root = NULL;
	struct ear e;
	enum atls_rc rc;

	if (scratch != NULL && scratch->len < scratch->cap)
		room = (struct atls_buf){ scratch->p + scratch->len,
		    scratch->cap - scratch->len, 0 };
	ear_begin(&e);
	cut(&r, &p);
	out->part[EAR_SIGNED] = p.covered;
	out->part[EAR_SIG] = p.sig;
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ear.jwt", r.off,
		    "not three parts with a dot between");
	if ((rc = read_header(p.head, &room, &e, err)) != ATLS_OK)
		return rc;
	if (!b64_ok(out->part[EAR_SIG]) || out->part[EAR_SIG].len == 0)
		return err_set(err, ATLS_E_FORMAT, "ear.sig", 0,
		    "not base64url");
	if ((rc = decode(p.payload, &room, "ear.json", &root, err)) != ATLS_OK)
		return rc;
	if ((rc = ear_json(root, &e, err)) == ATLS_OK)
		rc = ear_emit(&e, scratch, out, err);
	json_decref(root);
	return rc;
}
