/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server has to show evidence of a ServerHello that it has just written,
 * and libssl goes on to Certificate without a word.  So the handshake runs in
 * a job of libcrypto's, a stack of its own, which it can leave in the middle.
 * That stack is small: what is not ours or OpenSSL's never runs on it, neither
 * what makes evidence nor what signs.
 */
#include <openssl/err.h>

#include "ob.h"

/* Something to be done outside, at once, before the job goes on. */
struct ob_errand {
	const struct atls_identity	*id;
	uint16_t			 scheme;
	struct atls_bytes		 tbs;
	struct atls_buf			*sig;
	struct atls_err			*err;
	enum atls_rc			 rc;
};

struct args {
	SSL		*ssl;
	struct ob_conn	*c;
	int		(*step)(SSL *, struct ob_conn *, struct atls_bytes);
};

static _Thread_local struct ob_conn *running;

static int
job(void *v)
{
	const struct args *a = v;

	return a->step(a->ssl, a->c, a->c->carry->first);
}

static int
enter(struct ob_conn *c, struct args *a)
{
	struct ob_carry *k = c->carry;
	int r = ATLS_IO_FAIL, status;

	running = c;
	status = ASYNC_start_job(&k->job, k->wait, &r, job, a, sizeof(*a));
	running = NULL;
	switch (status) {
	case ASYNC_PAUSE:
		return ATLS_IO_WANT_EVIDENCE;
	case ASYNC_FINISH:
		k->job = NULL;
		return r;
	default:				/* no memory for a stack */
		k->job = NULL;
		k->why = (struct atls_err){ ATLS_E_MEM, "openssl.job", 0,
		    "no memory" };
		return ATLS_IO_FAIL;
	}
}

int
ob_job_run(SSL *ssl, struct ob_conn *c,
    int (*step)(SSL *, struct ob_conn *, struct atls_bytes),
    struct atls_bytes first)
{
	struct args a = { ssl, c, step };
	struct ob_errand *e;
	int r;

	if (c->carry == NULL || c->carry->wait == NULL ||
	    (c->carry->given && c->carry->job == NULL))
		return step(ssl, c, first);
	c->carry->first = first;
	if (c->carry->job != NULL && !c->carry->given)
		return ATLS_IO_WANT_EVIDENCE;
	while ((r = enter(c, &a)) == ATLS_IO_WANT_EVIDENCE &&
	    (e = c->carry->errand) != NULL) {
		c->carry->errand = NULL;
		e->rc = e->id->sign(e->id->key, e->scheme, e->tbs, e->sig,
		    e->err);
	}
	return r;
}

bool
ob_job_pause(void)
{
	return running != NULL && ASYNC_get_current_job() != NULL &&
	    ASYNC_pause_job() == 1;
}

/* A job that was left must end before its connection does. */
void
ob_job_drop(SSL *ssl, struct ob_conn *c)
{
	struct args a = { ssl, c, NULL };

	if (c->carry == NULL || c->carry->job == NULL)
		return;
	c->carry->given = true;
	OPENSSL_free(c->carry->ours.p);
	c->carry->ours = (struct ob_bytes){ NULL, 0 };
	(void)enter(c, &a);
	ERR_clear_error();
}

enum atls_rc
ob_job_sign(const struct atls_identity *id, uint16_t scheme,
    struct atls_bytes tbs, struct atls_buf *sig, struct atls_err *err)
{
	struct ob_errand e = { id, scheme, tbs, sig, err, ATLS_E_STATE };

	if (running == NULL || ASYNC_get_current_job() == NULL)
		return id->sign(id->key, scheme, tbs, sig, err);
	running->carry->errand = &e;
	return ASYNC_pause_job() == 1 ? e.rc : ATLS_E_CRYPTO;
}
