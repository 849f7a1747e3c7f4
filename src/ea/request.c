/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "object.h"

#define EXT_SIGNATURE_ALGORITHMS	13

const uint16_t ea_schemes[EA_NSCHEMES] = {
	ATLS_ECDSA_P256_SHA256, ATLS_ECDSA_P384_SHA384, ATLS_RSA_PSS_SHA256,
	ATLS_RSA_PSS_SHA384, ATLS_RSA_PSS_SHA512, ATLS_ED25519,
};

/*
 * The extensions of RFC 8446, 4.2, and which of our three messages each is
 * specified for; server_name in a ClientCertificateRequest is of RFC 9261, 4.
 */
static const struct {
	uint16_t	type;
	unsigned	places;
} known[] = {
	{ 0,	EA_IN_REQUEST_17 },	/* server_name */
	{ 1,	0 },			/* max_fragment_length */
	{ 5,	EA_IN_REQUEST_13 | EA_IN_REQUEST_17 | EA_IN_CERT },
					/* status_request */
	{ 10,	0 },			/* supported_groups */
	{ 13,	EA_IN_REQUEST_13 | EA_IN_REQUEST_17 },
					/* signature_algorithms */
	{ 14,	0 },			/* use_srtp */
	{ 15,	0 },			/* heartbeat */
	{ 16,	0 },			/* application_layer_protocol_... */
	{ 18,	EA_IN_REQUEST_13 | EA_IN_REQUEST_17 | EA_IN_CERT },
					/* signed_certificate_timestamp */
	{ 19,	0 },			/* client_certificate_type */
	{ 20,	0 },			/* server_certificate_type */
	{ 21,	0 },			/* padding */
	{ 41,	0 },			/* pre_shared_key */
	{ 42,	0 },			/* early_data */
	{ 43,	0 },			/* supported_versions */
	{ 44,	0 },			/* cookie */
	{ 45,	0 },			/* psk_key_exchange_modes */
	{ 47,	EA_IN_REQUEST_13 | EA_IN_REQUEST_17 },
					/* certificate_authorities */
	{ 48,	EA_IN_REQUEST_13 | EA_IN_REQUEST_17 },	/* oid_filters */
	{ 49,	0 },			/* post_handshake_auth */
	{ 50,	EA_IN_REQUEST_13 | EA_IN_REQUEST_17 },
					/* signature_algorithms_cert */
	{ 51,	0 },			/* key_share */
};

bool
ea_ext_fits(uint16_t type, enum ea_place place)
{
	size_t i;

	/*@ loop invariant 0 <= i <= sizeof(known) / sizeof(known[0]);
	    loop assigns i;
	    loop variant sizeof(known) / sizeof(known[0]) - i; */
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == type)
			return (known[i].places & (unsigned)place) != 0;
	return true;			/* none that we recognise */
}

bool
ea_listed(const uint16_t *v, size_t n, unsigned x)
{
	size_t i;

	/*@ loop invariant 0 <= i <= n &&
		\forall integer j; 0 <= j < i ==> v[j] != x;
	    loop assigns i;
	    loop variant n - i; */
	for (i = 0; i < n; i++)
		if (v[i] == x)
			return true;
	return false;
}

bool
ea_ext_again(const struct atls_ea_ext *ext, size_t i)
{
	size_t j;

	/*@ loop invariant 0 <= j <= i && \forall integer k; 0 <= k < j ==>
		ext[k].type != ext[i].type;
	    loop assigns j;
	    loop variant i - j; */
	for (j = 0; j < i; j++)
		if (ext[j].type == ext[i].type)
			return true;
	return false;
}

/* A list, and what was taken off it; values, so that the prover's memory has
 * the array alone to follow. */
struct taken {
	struct rd		list;
	uint16_t		type;
	struct atls_bytes	data;
	bool			more;
};

/*@ requires rd_ok(list);
    assigns \nothing;
    ensures rd_ok(\result.list) && \result.list.left <= list.left &&
	\result.list.p == list.p + (list.left - \result.list.left) &&
	\result.list.off + \result.list.left == list.off + list.left;
    ensures list.rc != ATLS_OK ==> \result.list == list;
    ensures \result.more ==> list.rc == ATLS_OK &&
	\result.list.rc == ATLS_OK && \result.type == be(list.p, 2) &&
	\result.data.len == be(list.p + 2, 2) &&
	\result.list.left == list.left - 4 - \result.data.len;
    ensures \result.more && \result.data.len > 0 ==>
	\result.data.p == list.p + 4;
    ensures !\result.more ==> \result.list.rc != ATLS_OK ||
	(\result.list.left == 0 && list.left == 0); */
static struct taken
take_ext(struct rd list)
{
	struct taken t;

	t.more = hs_ext(&list, &t.type, &t.data);
	t.list = list;
	return t;
}

size_t
ea_exts_read(struct rd *list, struct atls_ea_ext ext[ATLS_EA_EXTS_MAX])
{
	struct rd l = *list;
	struct taken t;
	size_t n = 0;

	/*@ loop invariant rd_ok(l) && l.left <= \at(list->left, Pre) &&
		l.p == \at(list->p, Pre) + (\at(list->left, Pre) - l.left) &&
		l.off + l.left == \at(list->off, Pre) + \at(list->left, Pre);
	    loop invariant \at(list->rc, Pre) != ATLS_OK ==>
		l == \at(*list, Pre);
	    loop invariant 0 <= n <= ATLS_EA_EXTS_MAX;
	    loop invariant exts_of(ext, n, \at(list->p, Pre),
		\at(list->left, Pre) - l.left);
	    loop invariant at: l.rc == ATLS_OK ==>
		ext_at(\at(list->p, Pre), n) == \at(list->left, Pre) - l.left;
	    loop assigns l, t, n, ext[0 .. ATLS_EA_EXTS_MAX - 1];
	    loop variant ATLS_EA_EXTS_MAX - n; */
	while (n < ATLS_EA_EXTS_MAX) {
		t = take_ext(l);
		l = t.list;
		if (!t.more)
			break;
		ext[n].type = t.type;
		ext[n].data = t.data;
		/*@ assert here: ext_is(ext + n, \at(list->p, Pre) +
			ext_at(\at(list->p, Pre), n)); */
		/*@ assert step: ext_at(\at(list->p, Pre), n + 1) ==
			ext_at(\at(list->p, Pre), n) + 4 + t.data.len; */
		n++;
	}
	list->p = l.p;
	list->left = l.left;
	list->off = l.off;
	list->rc = l.rc;
	if (list->rc == ATLS_OK && list->left > 0)
		rd_fail(list, ATLS_E_LIMIT);
	return n;
}

size_t
ea_exts_list(struct rd *r, struct atls_ea_ext ext[ATLS_EA_EXTS_MAX])
{
	struct rd list = rd_sub(r, 2);
	size_t n;

	/*@ ghost struct rd all = list; */
	n = ea_exts_read(&list, ext);
	rd_close(r, &list);
	/*@ assert n > 0 ==> ext_at(all.p, 0) == 0 &&
	    ext_is(ext + 0, all.p + ext_at(all.p, 0)) && all.left >= 4; */
	/*@ assert whole: n == 0 || (all.p == \at(r->p, Pre) + 2 &&
	    all.left == be(\at(r->p, Pre), 2)); */
	return n;
}

enum atls_rc
ea_offer(const struct atls_ea *ea, const struct atls_ea_request *q,
    struct ea_offer *out, struct atls_err *err)
{
	const struct atls_channel *ch = &ea->channel;
	struct ea_offer o = { 0 };
	size_t i;

	*out = o;
	if (q != NULL) {
		for (i = 0; i < q->nscheme; i++)
			o.scheme[o.nscheme++] = q->scheme[i];
		for (i = 0; i < q->next; i++)
			o.type[o.ntype++] = q->ext[i].type;
	} else if (ch->ops->offered == NULL ||
	    ch->ops->offered(ch->conn, true, o.scheme, EA_OFFERED_MAX,
	    &o.nscheme) != ATLS_OK || o.nscheme > EA_OFFERED_MAX ||
	    ch->ops->offered(ch->conn, false, o.type, EA_OFFERED_MAX,
	    &o.ntype) != ATLS_OK || o.ntype > EA_OFFERED_MAX)
		return err_set(err, ATLS_E_STATE, "channel.offered", 0,
		    "what the ClientHello offered is not known");
	*out = o;
	return ATLS_OK;
}

/* RFC 8446, 4.2.3: SignatureScheme supported_signature_algorithms<2..2^16-2> */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && \separated(r, q);
    requires q->nscheme <= EA_NSCHEMES;
    assigns *r, q->scheme[0 .. EA_NSCHEMES - 1], q->nscheme;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures q->nscheme <= EA_NSCHEMES; */
static void
read_schemes(struct rd *r, struct atls_ea_request *q)
{
	struct rd list = rd_sub(r, 2);

	if (list.left == 0)
		rd_fail(&list, ATLS_E_FORMAT);
	/*@ loop invariant rd_ok(list) && q->nscheme <= EA_NSCHEMES;
	    loop assigns list, q->scheme[0 .. EA_NSCHEMES - 1], q->nscheme;
	    loop variant list.left + (list.rc == ATLS_OK ? 1 : 0); */
	while (list.rc == ATLS_OK && list.left > 0) {
		uint16_t x = (uint16_t)rd_be(&list, 2);

		if (list.rc == ATLS_OK && q->nscheme < EA_NSCHEMES &&
		    ea_listed(ea_schemes, EA_NSCHEMES, x) &&
		    !ea_listed(q->scheme, q->nscheme, x))
			q->scheme[q->nscheme++] = x;
	}
	rd_close(r, &list);
}

/* What signature_algorithms says, where it is one. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && \separated(r, q);
    requires q->nscheme <= EA_NSCHEMES && view_ok(data);
    assigns r->rc, q->scheme[0 .. EA_NSCHEMES - 1], q->nscheme;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc);
    ensures q->nscheme <= EA_NSCHEMES; */
static void
take_schemes(struct rd *r, struct atls_ea_request *q, struct atls_bytes data)
{
	struct rd body = rd_of(data);

	read_schemes(&body, q);
	rd_close(r, &body);
}

/* RFC 8446, 4.2: each once, and none for another message.  What is not
 * recognised is ignored (RFC 9261, 5.2.1).  Where signature_algorithms is, or
 * n. */
/*@ requires \valid(r) && n <= ATLS_EA_EXTS_MAX;
    requires n == 0 || \valid_read(ext + (0 .. n - 1));
    requires \separated(r, ext + (0 .. ATLS_EA_EXTS_MAX - 1));
    assigns r->rc;
    ensures \result <= n;
    ensures \old(r->rc) != ATLS_OK ==> r->rc == \old(r->rc); */
static size_t
find_schemes(struct rd *r, const struct atls_ea_ext *ext, size_t n,
    enum ea_place place)
{
	size_t i, at = n;

	/*@ loop invariant 0 <= i <= n && at <= n;
	    loop invariant \at(r->rc, Pre) != ATLS_OK ==>
		r->rc == \at(r->rc, Pre);
	    loop assigns i, at, r->rc;
	    loop variant n - i; */
	for (i = 0; i < n; i++) {
		if (ea_ext_again(ext, i) || !ea_ext_fits(ext[i].type, place))
			rd_fail(r, ATLS_E_FORMAT);
		if (ext[i].type == EXT_SIGNATURE_ALGORITHMS)
			at = i;
	}
	return at;
}

/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && \separated(r, q);
    requires q->nscheme <= EA_NSCHEMES;
    assigns *r, q->ext[0 .. ATLS_EA_EXTS_MAX - 1], q->next,
	q->scheme[0 .. EA_NSCHEMES - 1], q->nscheme;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures q->next <= ATLS_EA_EXTS_MAX && q->nscheme <= EA_NSCHEMES; */
static void
read_exts(struct rd *r, struct atls_ea_request *q)
{
	enum ea_place place = q->type == HS_CERTIFICATE_REQUEST ?
	    EA_IN_REQUEST_13 : EA_IN_REQUEST_17;
	size_t n = ea_exts_list(r, q->ext);
	size_t at = find_schemes(r, q->ext, n, place);

	if (at < n) {
		/*@ assert \let p = \at(r->p, Pre) + 2;
		    ext_is(&q->ext[0] + at, p + ext_at(p, at)) &&
		    0 <= ext_at(p, at) && ext_at(p, at) + 4 +
		    q->ext[at].data.len <= \at(r->left, Pre) - 2; */
		take_schemes(r, q, q->ext[at].data);
	} else
		rd_fail(r, ATLS_E_FORMAT);		/* RFC 9261, 7.1 */
	q->next = n;
}

/* The message, and how far into its body we came. */
/*@ requires \valid(r) && rd_ok(*r) && \valid(q) && \separated(r, q);
    requires q->nscheme <= EA_NSCHEMES;
    assigns *r, q->type, q->context, q->ext[0 .. ATLS_EA_EXTS_MAX - 1],
	q->next, q->scheme[0 .. EA_NSCHEMES - 1], q->nscheme;
    ensures rd_ok(*r) && rd_goes(\old(*r), *r);
    ensures q->next <= ATLS_EA_EXTS_MAX && q->nscheme <= EA_NSCHEMES;
    ensures view_ok(q->context) && rd_has(\old(*r), q->context); */
static struct hs_msg
read_request(struct rd *r, struct atls_ea_request *q)
{
	struct hs_msg m = hs_take(r);
	struct rd body = m.body, context;

	q->type = (uint8_t)m.type;
	if (q->type != HS_CERTIFICATE_REQUEST &&
	    q->type != HS_CLIENT_CERTIFICATE_REQUEST)
		rd_fail(r, ATLS_E_FORMAT);
	context = rd_sub(&body, 1);
	q->context = rd_rest(&context);
	rd_close(&body, &context);
	read_exts(&body, q);
	rd_close(r, &body);
	m.body = body;
	return m;
}

enum atls_rc
ea_request_read(struct atls_bytes raw, struct atls_ea_request *out,
    struct atls_err *err)
{
	struct rd r = rd_of(raw);
	struct hs_msg m;
	enum atls_rc rc;

	*out = (struct atls_ea_request){ 0 };
	if (raw.len > ATLS_EA_REQUEST_MAX)
		return err_set(err, ATLS_E_LIMIT, "ea.request", 0,
		    "%zu octets", raw.len);
	out->raw = raw;
	m = read_request(&r, out);
	if ((rc = rd_done(&r)) != ATLS_OK) {
		*out = (struct atls_ea_request){ 0 };
		return err_set(err, rc, "ea.request", m.body.off,
		    "message of type %u, %zu octets", m.type, raw.len);
	}
	return ATLS_OK;
}

static enum atls_rc
write_request(struct wr *w, enum hs_type type, struct atls_bytes context,
    const struct atls_ea_ext *ext, size_t next)
{
	size_t message = hs_open(w, type), mark, list, data, i;

	mark = wr_open(w, 1);
	wr_bytes(w, context);
	wr_close(w, mark, 1);
	mark = wr_open(w, 2);
	wr_be(w, EXT_SIGNATURE_ALGORITHMS, 2);
	data = wr_open(w, 2);
	list = wr_open(w, 2);
	for (i = 0; i < EA_NSCHEMES; i++)
		wr_be(w, ea_schemes[i], 2);
	wr_close(w, list, 2);
	wr_close(w, data, 2);
	for (i = 0; i < next; i++)
		hs_ext_write(w, ext[i].type, ext[i].data);
	wr_close(w, mark, 2);
	wr_close(w, message, 3);
	if (w->rc == ATLS_OK && w->need > ATLS_EA_REQUEST_MAX)
		wr_fail(w, ATLS_E_LIMIT);
	return wr_done(w);
}

/* What we must not ask for, as we would refuse it ourselves. */
static enum atls_rc
check_asked(enum ea_place place, const struct atls_ea_ext *ext, size_t next,
    struct atls_err *err)
{
	size_t i, j;

	if (next > ATLS_EA_EXTS_MAX - 1)
		return err_set(err, ATLS_E_LIMIT, "ea.request.ext", 0,
		    "%zu extensions", next);
	for (i = 0; i < next; i++) {
		if (ext[i].type == EXT_SIGNATURE_ALGORITHMS ||
		    !ea_ext_fits(ext[i].type, place))
			return err_set(err, ATLS_E_ARG, "ea.request.ext", 0,
			    "type %u", ext[i].type);
		for (j = 0; j < i; j++)
			if (ext[j].type == ext[i].type)
				return err_set(err, ATLS_E_ARG,
				    "ea.request.ext", 0, "type %u twice",
				    ext[i].type);
	}
	return ATLS_OK;
}

enum atls_rc
atls_ea_request(struct atls_ea *ea, struct atls_bytes context,
    const struct atls_ea_ext *ext, size_t next, struct atls_buf *out,
    struct atls_err *err)
{
	struct wr w = wr_of(out);
	struct ea_id id;
	enum atls_role role;
	enum atls_rc rc;
	bool server;

	if ((rc = ea_role(ea, &role, err)) != ATLS_OK)
		return rc;
	server = role == ATLS_SERVER;
	if (context.len == 0 || context.len > EA_CONTEXT_MAX)
		return err_set(err, ATLS_E_ARG, "ea.context", 0, "%zu octets",
		    context.len);
	if ((rc = check_asked(server ? EA_IN_REQUEST_13 : EA_IN_REQUEST_17,
	    ext, next, err)) != ATLS_OK ||
	    (rc = ea_context_id(context, &id, err)) != ATLS_OK)
		return rc;
	if ((rc = write_request(&w, server ? HS_CERTIFICATE_REQUEST :
	    HS_CLIENT_CERTIFICATE_REQUEST, context, ext, next)) != ATLS_OK)
		return err_set(err, rc, "ea.request", 0, "%zu octets", w.need);
	/* RFC 9261, 4: a context is used once */
	if ((rc = ea_context_move(ea, id, EA_UNSEEN, EA_ISSUED, err)) !=
	    ATLS_OK)
		out->len = 0;
	return rc;
}

enum atls_rc
atls_ea_receive(struct atls_ea *ea, struct atls_bytes request,
    struct atls_ea_request *out, struct atls_err *err)
{
	struct atls_channel_info info;
	struct atls_ea_request q;
	struct ea_id id;
	enum atls_rc rc;

	*out = (struct atls_ea_request){ 0 };
	if (ea_channel_fit(&ea->channel, &info, err) != 1)
		return ATLS_E_STATE;
	if ((rc = ea_request_read(request, &q, err)) != ATLS_OK)
		return rc;
	/* RFC 9261, 4: clients and servers ask by messages of their own. */
	if (q.type != (info.role == ATLS_SERVER ?
	    HS_CLIENT_CERTIFICATE_REQUEST : HS_CERTIFICATE_REQUEST))
		return err_set(err, ATLS_E_FORMAT, "ea.request.type", 0,
		    "%u is not of the peer's role", q.type);
	if ((rc = ea_context_id(q.context, &id, err)) != ATLS_OK)
		return rc;
	if (ea_context_state(ea, id) != EA_UNSEEN)	/* RFC 9261, 4 */
		return err_set(err, ATLS_E_PEER, "ea.context", 0,
		    "seen before");
	if ((rc = ea_context_move(ea, id, EA_UNSEEN, EA_RECEIVED, err)) ==
	    ATLS_OK)
		*out = q;
	return rc;
}

enum atls_rc
atls_ea_context(struct atls_bytes message, struct atls_bytes *context,
    struct atls_err *err)
{
	struct rd r = rd_of(message), body;
	struct hs_msg first = hs_take(&r);
	struct atls_ea_request q;
	struct ea_parts p;
	enum atls_rc rc;

	*context = (struct atls_bytes){ NULL, 0 };
	if (first.type == HS_CERTIFICATE_REQUEST ||
	    first.type == HS_CLIENT_CERTIFICATE_REQUEST) {
		if ((rc = ea_request_read(message, &q, err)) == ATLS_OK)
			*context = q.context;
		return rc;
	}
	if ((rc = ea_split(message, &p, err)) != ATLS_OK)
		return rc;
	if (p.certificate.type == 0)			/* RFC 9261, 7.2 */
		return err_set(err, ATLS_E_NONE, "ea.context", 0,
		    "an empty authenticator has none");
	body = rd_sub(&p.certificate.body, 1);
	*context = rd_rest(&body);
	if ((rc = rd_done(&body)) != ATLS_OK)
		return err_set(err, rc, "ea.context", body.off, "cut short");
	return ATLS_OK;
}
