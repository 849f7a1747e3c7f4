/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/err.h"
#include "object.h"

/* What follows the Certificate, at its largest. */
#define REST_MAX	(HS_HEADER + 2 + 2 + ATLS_SIG_MAX + HS_HEADER +	\
			    ATLS_HASH_MAX)

struct making {
	struct atls_ea		 *ea;
	struct atls_channel_info  info;
	const struct ea_keys	 *keys;
	struct atls_bytes	  request, context;
	struct ea_offer		  offer;
	enum ea_state		  from;		/* of the context */
	struct ea_id		  id;
	uint16_t		  scheme;
	uint8_t			  sig[ATLS_SIG_MAX];
	size_t			  siglen;
};

/* Is there something to answer, and was it not yet? */
static enum atls_rc
begin(struct making *m, const struct atls_ea_request *q,
    struct atls_bytes context, struct atls_err *err)
{
	enum atls_rc rc;

	if (ea_channel_fit(&m->ea->channel, &m->info, err) != 1)
		return ATLS_E_STATE;
	if (q == NULL && m->info.role != ATLS_SERVER)	/* RFC 9261, 5 */
		return err_set(err, ATLS_E_STATE, "ea.spontaneous", 0,
		    "a client does not speak unless asked");
	if (q == NULL ? context.len == 0 || context.len > EA_CONTEXT_MAX :
	    context.len != 0)
		return err_set(err, ATLS_E_ARG, "ea.context", 0,
		    "%zu octets", context.len);
	m->context = q == NULL ? context : q->context;
	m->from = q == NULL ? EA_UNSEEN : EA_RECEIVED;
	if (q != NULL)
		m->request = q->raw;
	if ((rc = ea_context_id(m->context, &m->id, err)) != ATLS_OK)
		return rc;
	/* RFC 9261, 5.2: no second authenticator for one context. */
	if (ea_context_state(m->ea, m->id) != m->from)
		return err_set(err, ATLS_E_STATE, "ea.context", 0,
		    "not one that awaits our answer");
	return ea_keys(m->ea, &m->info, m->info.role, &m->keys, err);
}

static enum atls_rc
check_identity(const struct atls_identity *id, struct atls_err *err)
{
	size_t i;

	if (id->nchain == 0 || id->nchain > ATLS_CHAIN_MAX ||
	    id->nscheme > sizeof(id->scheme) / sizeof(id->scheme[0]) ||
	    id->sign == NULL)
		return err_set(err, ATLS_E_ARG, "ea.identity", 0,
		    "not complete");
	for (i = 0; i < id->nchain; i++)
		if (id->chain[i].len == 0)
			return err_set(err, ATLS_E_ARG, "ea.identity", 0,
			    "certificate %zu is empty", i);
	return ATLS_OK;
}

/* RFC 9261, 5.2.1: only what was in the request, else in the ClientHello. */
static enum atls_rc
check_exts(const struct ea_offer *offer, const struct atls_ea_ext *ext,
    size_t next, struct atls_err *err)
{
	size_t i, j;

	if (next > ATLS_EA_EXTS_MAX)
		return err_set(err, ATLS_E_ARG, "ea.ext", 0, "%zu extensions",
		    next);
	for (i = 0; i < next; i++) {
		if (!ea_listed(offer->type, offer->ntype, ext[i].type) ||
		    !ea_ext_fits(ext[i].type, EA_IN_CERT))
			return err_set(err, ATLS_E_ARG, "ea.ext", 0,
			    "type %u was not asked for", ext[i].type);
		for (j = 0; j < i; j++)
			if (ext[j].type == ext[i].type)
				return err_set(err, ATLS_E_ARG, "ea.ext", 0,
				    "type %u twice", ext[i].type);
	}
	return ATLS_OK;
}

/* RFC 9261, 5.2.2: of TLS 1.3, and one that the peer takes. */
static enum atls_rc
choose_scheme(struct making *m, const struct atls_identity *id,
    struct atls_err *err)
{
	size_t i;

	for (i = 0; i < id->nscheme; i++)
		if (ea_listed(ea_schemes, EA_NSCHEMES, id->scheme[i]) &&
		    ea_listed(m->offer.scheme, m->offer.nscheme,
		    id->scheme[i])) {
			m->scheme = id->scheme[i];
			return ATLS_OK;
		}
	return err_set(err, ATLS_E_UNKNOWN, "ea.scheme", 0,
	    "none of the peer's is ours");
}

/* RFC 8446, 4.4.2; the extensions go into the first entry. */
static void
write_certificate(struct wr *w, struct atls_bytes context,
    const struct atls_identity *id, const struct atls_ea_ext *ext,
    size_t next)
{
	size_t message = hs_open(w, HS_CERTIFICATE), list, mark, i, j;

	mark = wr_open(w, 1);
	wr_bytes(w, context);
	wr_close(w, mark, 1);
	list = wr_open(w, 3);
	for (i = 0; i < id->nchain; i++) {
		mark = wr_open(w, 3);
		wr_bytes(w, id->chain[i]);
		wr_close(w, mark, 3);
		mark = wr_open(w, 2);
		for (j = 0; i == 0 && j < next; j++)
			hs_ext_write(w, ext[j].type, ext[j].data);
		wr_close(w, mark, 2);
	}
	wr_close(w, list, 3);
	wr_close(w, message, 3);
}

/* There must be room for the longest signature before one is made. */
static enum atls_rc
check_room(struct wr *w, struct atls_err *err)
{
	size_t need = w->need + REST_MAX;

	if (w->rc != ATLS_OK)
		return err_set(err, w->rc, "ea", 0, "too large");
	if (need > ATLS_EA_MAX)
		return err_set(err, ATLS_E_LIMIT, "ea", 0, "%zu octets", need);
	if (need > w->out->cap) {
		w->out->len = need;
		return err_set(err, ATLS_E_SPACE, "ea", 0, "%zu octets", need);
	}
	return ATLS_OK;
}

static enum atls_rc
sign(struct making *m, const struct atls_identity *id,
    struct atls_bytes certificate, struct atls_err *err)
{
	struct ea_transcript t = { m->keys, m->request, certificate,
	    { NULL, 0 } };
	struct atls_buf sig = { m->sig, sizeof(m->sig), 0 };
	uint8_t octets[EA_TBS_MAX];
	struct atls_bytes tbs;
	enum atls_rc rc;

	if ((rc = ea_tbs(&t, octets, &tbs, err)) != ATLS_OK)
		return rc;
	if ((rc = id->sign(id->key, m->scheme, tbs, &sig, err)) ==
	    ATLS_E_SPACE)		/* that is about sig, not about out */
		rc = ATLS_E_CRYPTO;
	if (rc == ATLS_OK && (sig.len == 0 || sig.len > sizeof(m->sig)))
		rc = ATLS_E_CRYPTO;
	if (rc != ATLS_OK)
		return err_set(err, rc, "ea.sign", 0, "%zu octets", sig.len);
	m->siglen = sig.len;
	return ATLS_OK;
}

static void
write_finished(struct wr *w, const uint8_t *verify_data, enum atls_hash hash)
{
	size_t message = hs_open(w, HS_FINISHED);

	wr_bytes(w, (struct atls_bytes){ verify_data, crypto_hash_len(hash) });
	wr_close(w, message, 3);
}

/* RFC 9261, 5.2.4 */
static enum atls_rc
write_all(struct making *m, const struct atls_identity *id,
    const struct atls_ea_ext *ext, size_t next, struct atls_buf *out,
    struct atls_err *err)
{
	struct ea_transcript t = { .keys = m->keys, .request = m->request };
	struct wr w = wr_of(out);
	uint8_t verify_data[ATLS_HASH_MAX];
	size_t message, mark;
	enum atls_rc rc;

	write_certificate(&w, m->context, id, ext, next);
	if ((rc = check_room(&w, err)) != ATLS_OK)
		return rc;
	t.certificate = (struct atls_bytes){ out->p, w.need };
	if ((rc = sign(m, id, t.certificate, err)) != ATLS_OK)
		return rc;
	message = hs_open(&w, HS_CERTIFICATE_VERIFY);
	wr_be(&w, m->scheme, 2);
	mark = wr_open(&w, 2);
	wr_bytes(&w, (struct atls_bytes){ m->sig, m->siglen });
	wr_close(&w, mark, 2);
	wr_close(&w, message, 3);
	t.certificate_verify = (struct atls_bytes){ out->p +
	    t.certificate.len, w.need - t.certificate.len };
	if ((rc = ea_verify_data(&t, verify_data, err)) != ATLS_OK)
		return rc;
	write_finished(&w, verify_data, m->info.hash);
	return wr_done(&w);
}

/* The context is spent with the first answer that leaves here. */
static enum atls_rc
finish(struct making *m, struct atls_buf *out, struct atls_err *err)
{
	enum atls_rc rc;

	rc = ea_context_move(m->ea, m->id, m->from, EA_SPENT, err);
	if (rc != ATLS_OK)
		out->len = 0;
	return rc;
}

enum atls_rc
atls_ea_authenticate(struct atls_ea *ea, const struct atls_ea_request *q,
    struct atls_bytes context, const struct atls_identity *id,
    const struct atls_ea_ext *ext, size_t next, struct atls_buf *out,
    struct atls_err *err)
{
	struct making m = { .ea = ea };
	enum atls_rc rc;

	out->len = 0;
	if ((rc = begin(&m, q, context, err)) != ATLS_OK ||
	    (rc = check_identity(id, err)) != ATLS_OK ||
	    (rc = ea_offer(ea, q, &m.offer, err)) != ATLS_OK ||
	    (rc = check_exts(&m.offer, ext, next, err)) != ATLS_OK ||
	    (rc = choose_scheme(&m, id, err)) != ATLS_OK ||
	    (rc = write_all(&m, id, ext, next, out, err)) != ATLS_OK)
		return rc;
	return finish(&m, out, err);
}

enum atls_rc
atls_ea_refuse(struct atls_ea *ea, const struct atls_ea_request *q,
    struct atls_buf *out, struct atls_err *err)
{
	const struct atls_bytes none = { NULL, 0 };
	struct making m = { .ea = ea };
	uint8_t verify_data[ATLS_HASH_MAX];
	struct wr w = wr_of(out);
	enum atls_rc rc;

	if (q == NULL)				/* RFC 9261, 6 */
		return err_set(err, ATLS_E_ARG, "ea.request", 0, "none");
	if ((rc = begin(&m, q, none, err)) != ATLS_OK ||
	    (rc = ea_refusal_data(m.keys, m.request, m.context, verify_data,
	    err)) != ATLS_OK)
		return rc;
	write_finished(&w, verify_data, m.info.hash);
	if ((rc = wr_done(&w)) != ATLS_OK)
		return err_set(err, rc, "ea", 0, "%zu octets", w.need);
	return finish(&m, out, err);
}
