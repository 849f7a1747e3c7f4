/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "object.h"

/*@ requires view_ok(request) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    ensures \result == ATLS_OK ==> out->raw == request &&
	view_in(out->context, request) && out->nscheme <= EA_NSCHEMES &&
	out->next <= ATLS_EA_EXTS_MAX; */
enum atls_rc
atls_ea_request_parse(struct atls_bytes request, struct atls_ea_request *out,
    struct atls_err *err)
{
	return ea_request_read(request, out, err);
}

/*@ predicate peer_ok(struct atls_ea_peer p) = p.nchain <= ATLS_CHAIN_MAX &&
	p.next <= ATLS_EA_EXTS_MAX && p.nother <= ATLS_EA_EXTS_MAX;
    */

/*@ requires \valid(r) && rd_ok(*r) && \valid(p) && \separated(r, p);
    requires peer_ok(*p);
    assigns *r, p->ext[0 .. ATLS_EA_EXTS_MAX - 1], p->next,
	p->other[0 .. ATLS_EA_EXTS_MAX - 1], p->nother;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && peer_ok(*p); */
static void
read_exts(struct rd *r, struct atls_ea_peer *p)
{
	struct rd list = rd_sub(r, 2);
	struct atls_ea_ext e;

	/*@ loop invariant rd_ok(list) && peer_ok(*p);
	    loop assigns list, e, p->ext[0 .. ATLS_EA_EXTS_MAX - 1], p->next,
		p->other[0 .. ATLS_EA_EXTS_MAX - 1], p->nother;
	    loop variant list.left; */
	while (hs_ext(&list, &e.type, &e.data)) {
		if (p->nchain > 1) {
			if (!ea_listed(p->other, p->nother, e.type) &&
			    p->nother < ATLS_EA_EXTS_MAX)
				p->other[p->nother++] = e.type;
		} else if (p->next == ATLS_EA_EXTS_MAX)
			rd_fail(&list, ATLS_E_LIMIT);
		else
			p->ext[p->next++] = e;
	}
	rd_close(r, &list);
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(p) && \separated(r, p);
    requires peer_ok(*p);
    assigns *r, *p;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r) && peer_ok(*p); */
static void
read_certificate(struct rd *r, struct atls_ea_peer *p)
{
	struct rd context = rd_sub(r, 1), list;

	p->context = rd_rest(&context);
	rd_close(r, &context);
	list = rd_sub(r, 3);
	/*@ loop invariant rd_ok(list) && peer_ok(*p);
	    loop assigns list, *p;
	    loop variant list.left + (list.rc == ATLS_OK ? 1 : 0); */
	while (list.rc == ATLS_OK && list.left > 0) {
		struct rd der = rd_sub(&list, 3);

		if (p->nchain == ATLS_CHAIN_MAX)
			rd_fail(&list, ATLS_E_LIMIT);
		if (list.rc != ATLS_OK)
			break;
		p->chain[p->nchain++] = rd_rest(&der);
		rd_close(&list, &der);
		read_exts(&list, p);
	}
	rd_close(r, &list);
}

/*@ requires view_ok(authenticator) && \valid(out) && \separated(out, err);
    assigns *out, *err;
    ensures peer_ok(*out); */
enum atls_rc
atls_ea_parse(struct atls_bytes authenticator, struct atls_ea_peer *out,
    struct atls_err *err)
{
	struct atls_ea_peer p = { 0 };
	struct ea_parts parts;
	struct rd r;
	enum atls_rc rc;

	*out = p;
	if (authenticator.len > ATLS_EA_MAX)
		return err_set(err, ATLS_E_LIMIT, "ea", 0, "%zu octets",
		    authenticator.len);
	if ((rc = ea_split(authenticator, &parts, err)) != ATLS_OK)
		return rc;
	if (parts.certificate.type == 0)
		return err_set(err, ATLS_E_REFUSED, "ea", 0,
		    "empty authenticator");
	r = parts.certificate.body;
	read_certificate(&r, &p);
	if ((rc = rd_done(&r)) != ATLS_OK)
		return err_set(err, rc, "ea.certificate", r.off,
		    "entry %zu", p.nchain);
	r = parts.certificate_verify.body;
	p.scheme = (uint16_t)rd_be(&r, 2);
	if (r.rc != ATLS_OK)
		return err_set(err, r.rc, "ea.certificate_verify", r.off,
		    "no scheme");
	*out = p;
	return ATLS_OK;
}
