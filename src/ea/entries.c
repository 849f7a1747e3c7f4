/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of a Certificate message: certificates and extensions. */
#include "object.h"

/* Adds an extension type to those of the entries behind the first. */
/*@ requires \valid(list) && \valid(a) && \separated(list, a);
    requires a->nother <= ATLS_EA_EXTS_MAX;
    assigns list->rc, a->nother, a->other[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures a->nother <= ATLS_EA_EXTS_MAX;
    ensures \old(list->rc) != ATLS_OK ==> list->rc == \old(list->rc); */
static void
note_other(struct rd *list, struct ea_auth *a, uint16_t type)
{
	if (ea_listed(a->other, a->nother, type))
		return;
	if (a->nother == ATLS_EA_EXTS_MAX)
		rd_fail(list, ATLS_E_LIMIT);
	else
		a->other[a->nother++] = type;
}

/* RFC 9261, 5.2.1: in every entry, only what was in the request (else in the
 * ClientHello); RFC 8446, 4.2: for this message, and each once. */
/*@ requires \valid(r) && rd_ok(*r) && \valid_read(offer);
    requires offer->ntype <= EA_OFFERED_MAX;
    requires \valid(ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    requires \separated(r, offer, ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    assigns *r, ext[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures rd_ok(*r) && rd_went{Pre,Post}(r);
    ensures exts_of(ext, \result, \old(r->p) + 2, be(\old(r->p), 2));
    ensures \result > 0 ==> 2 + be(\old(r->p), 2) <= \old(r->left);
    ensures r->rc == ATLS_OK ==>
	ext_at(\old(r->p) + 2, \result) == be(\old(r->p), 2) &&
	r->left == \old(r->left) - 2 - be(\old(r->p), 2);
    ensures once: r->rc == ATLS_OK ==> \forall integer i, j;
	0 <= i < j < \result ==> ext[i].type != ext[j].type;
    ensures asked: r->rc == ATLS_OK ==> \forall integer i;
	0 <= i < \result ==> offered(*offer, ext[i].type); */
static size_t
read_exts(struct rd *r, const struct ea_offer *offer,
    struct atls_ea_ext ext[ATLS_EA_EXTS_MAX])
{
	size_t n = ea_exts_list(r, ext), i;

	/*@ loop invariant 0 <= i <= n;
	    loop invariant \at(r->rc, LoopEntry) != ATLS_OK ==>
		r->rc == \at(r->rc, LoopEntry);
	    loop invariant r->rc == ATLS_OK ==> \forall integer j, k;
		0 <= j < k < i ==> ext[j].type != ext[k].type;
	    loop invariant r->rc == ATLS_OK ==> \forall integer j;
		0 <= j < i ==> offered(*offer, ext[j].type);
	    loop assigns i, r->rc;
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		if (!ea_listed(offer->type, offer->ntype, ext[i].type) ||
		    !ea_ext_fits(ext[i].type, EA_IN_CERT) ||
		    ea_ext_again(ext, i))
			rd_fail(r, ATLS_E_FORMAT);
	return n;
}

/* Of an entry behind the first, types alone are kept. */
/*@ requires \valid(list) && rd_ok(*list) && \valid_read(offer);
    requires offer->ntype <= EA_OFFERED_MAX;
    requires \valid(a) && a->nother <= ATLS_EA_EXTS_MAX &&
	\separated(list, offer, a);
    assigns *list, a->nother, a->other[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures rd_ok(*list) && rd_goes(\old(*list), *list);
    ensures a->nother <= ATLS_EA_EXTS_MAX; */
static void
read_others(struct rd *list, const struct ea_offer *offer, struct ea_auth *a)
{
	struct atls_ea_ext ext[ATLS_EA_EXTS_MAX];
	size_t n = read_exts(list, offer, ext), i;

	/*@ loop invariant 0 <= i <= n && a->nother <= ATLS_EA_EXTS_MAX;
	    loop invariant \at(list->rc, LoopEntry) != ATLS_OK ==>
		list->rc == \at(list->rc, LoopEntry);
	    loop assigns i, list->rc, a->nother,
		a->other[0 .. ATLS_EA_EXTS_MAX - 1];
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		note_other(list, a, ext[i].type);
}

/* opaque cert_data<1..2^24-1> of an entry; false if it fails. */
/*@ requires \valid(list) && rd_ok(*list);
    requires \valid(a) && entries_ok(a) && \separated(list, a);
    assigns *list, a->der[0 .. ATLS_CHAIN_MAX - 1], a->nder;
    ensures rd_ok(*list) && rd_goes(\old(*list), *list);
    ensures \result <==> list->rc == ATLS_OK;
    ensures \result ==> list->left < \old(list->left) && a->nder > 0;
    ensures a->nder == \old(a->nder) + (\result ? 1 : 0) &&
	a->nder <= ATLS_CHAIN_MAX; */
static bool
read_der(struct rd *list, struct ea_auth *a)
{
	struct rd der = rd_sub(list, 3);

	if (der.left == 0)
		rd_fail(list, ATLS_E_FORMAT);
	if (a->nder == ATLS_CHAIN_MAX)
		rd_fail(list, ATLS_E_LIMIT);
	if (list->rc != ATLS_OK)
		return false;
	a->der[a->nder++] = rd_rest(&der);
	return true;
}

/* Of the first entry, they are kept whole. */
/*@ requires \valid(list) && rd_ok(*list) && \valid_read(offer);
    requires offer->ntype <= EA_OFFERED_MAX;
    requires \valid(a) && \separated(list, offer, a);
    assigns *list, a->next, a->ext[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures rd_ok(*list) && rd_goes(\old(*list), *list);
    ensures a->next <= ATLS_EA_EXTS_MAX; */
static void
read_first(struct rd *list, const struct ea_offer *offer, struct ea_auth *a)
{
	a->next = read_exts(list, offer, a->ext);
}

/* One entry: CertificateEntry, RFC 8446, 4.4.2. */
/*@ requires \valid(list) && rd_ok(*list) && \valid_read(offer);
    requires offer->ntype <= EA_OFFERED_MAX;
    requires \valid(a) && entries_ok(a) && \separated(list, offer, a);
    assigns *list, a->der[0 .. ATLS_CHAIN_MAX - 1], a->nder, a->next,
	a->ext[0 .. ATLS_EA_EXTS_MAX - 1], a->nother,
	a->other[0 .. ATLS_EA_EXTS_MAX - 1];
    ensures rd_ok(*list) && entries_ok(a);
    ensures went: rd_goes(\old(*list), *list);
    ensures list->rc == ATLS_OK ==> list->left < \old(list->left);
    ensures list->rc == ATLS_OK ==> a->nder == \old(a->nder) + 1; */
static void
read_entry(struct rd *list, const struct ea_offer *offer, struct ea_auth *a)
{
	if (!read_der(list, a))
		return;
	if (a->nder > 1)
		read_others(list, offer, a);
	else
		read_first(list, offer, a);
}

/* CertificateEntry certificate_list<0..2^24-1>, behind the context. */
enum atls_rc
ea_entries_read(struct rd *body, const struct ea_offer *offer, struct ea_auth *a)
{
	struct rd context = rd_sub(body, 1), list;

	(void)rd_rest(&context);
	rd_close(body, &context);
	list = rd_sub(body, 3);
	if (list.left == 0)		/* RFC 9261, 6: no such thing */
		rd_fail(&list, ATLS_E_FORMAT);
	/*@ loop invariant rd_ok(list) && entries_ok(a);
	    loop assigns list, a->der[0 .. ATLS_CHAIN_MAX - 1], a->nder,
		a->next, a->ext[0 .. ATLS_EA_EXTS_MAX - 1], a->nother,
		a->other[0 .. ATLS_EA_EXTS_MAX - 1];
	    loop variant list.left + (list.rc == ATLS_OK ? 1 : 0); */
	while (list.rc == ATLS_OK && list.left > 0)
		read_entry(&list, offer, a);
	rd_close(body, &list);
	body->off = list.off;		/* where it failed, if it did */
	return rd_done(body);
}
