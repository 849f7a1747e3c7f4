/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atls/cmw.h>
#include <atls/conn.h>

#include "../base/err.h"
#include "../proto/session.h"

#define CHUNK		16384		/* octets moved at a time: a record */
#define CLOSE_MAX	5		/* seconds, on a blocking descriptor */

struct atls_conn {
	const struct atls_backend	*backend;
	void				*tls;
	bool				 own_tls;
	int				 fd, flags;	/* flags: -1, not ours */
	bool				 blocking;
	bool				 shaken;	/* handshake is done */
	struct atls_source		 source;
	struct atls_session		*session;
	struct atls_err			 err;

	uint8_t				 out[CHUNK];	/* to be written */
	size_t				 outlen, outoff;
	uint8_t				 in[CHUNK];	/* to be taken */
	size_t				 inlen, inoff;
	struct atls_bytes		 data;		/* in `in`, to be read */
	bool				 eof;
	int64_t				 heard;		/* when we last read */
};

static struct atls_conn *
conn_new(const struct atls_backend *be, int fd, const struct atls_source *src,
    struct atls_err *err)
{
	struct atls_conn *c;

	if (be == NULL || be->size != sizeof(*be)) {
		(void)err_set(err, ATLS_E_ARG, "backend", 0,
		    "built for another version of the library");
		return NULL;
	}
	if ((c = calloc(1, sizeof(*c))) == NULL) {
		(void)err_set(err, ATLS_E_MEM, "conn", 0, "no memory");
		return NULL;
	}
	c->backend = be;
	c->fd = fd;
	if (src != NULL)
		c->source = *src;
	c->flags = fd == -1 ? -1 : fcntl(fd, F_GETFL);
	if (c->flags != -1 && (c->flags & O_NONBLOCK) == 0) {
		c->blocking = true;
		(void)fcntl(fd, F_SETFL, c->flags | O_NONBLOCK);
	}
	return c;
}

/* The session, and its first octets, which a server may send at once. */
static int
conn_start(struct atls_conn *c, struct atls_config *config,
    enum atls_role role, struct atls_err *err)
{
	struct atls_channel ch = { c->backend->channel, c->tls };
	struct atls_buf out = { c->out, sizeof(c->out), 0 };

	c->session = atls_session_new(config, role, &ch, (int64_t)time(NULL),
	    err);
	if (c->session == NULL)
		return 0;
	if (atls_session_send(c->session, &out) == ATLS_OK)
		c->outlen = out.len;
	return 1;
}

struct atls_conn *
atls_conn_open(struct atls_config *config, enum atls_role role,
    const struct atls_backend *be, void *ctx, int fd, const char *name,
    const struct atls_source *src, struct atls_err *err)
{
	struct atls_conn *c = conn_new(be, fd, src, err);

	if (c == NULL)
		return NULL;
	c->own_tls = true;
	if (be->open(&c->tls, ctx, fd, name, err) != ATLS_OK ||
	    conn_start(c, config, role, err) != 1) {
		atls_conn_free(c);
		return NULL;
	}
	return c;
}

struct atls_conn *
atls_conn_attach(struct atls_config *config, enum atls_role role,
    const struct atls_backend *be, void *tls, int fd,
    const struct atls_source *src, struct atls_err *err)
{
	struct atls_conn *c = conn_new(be, fd, src, err);

	if (c == NULL)
		return NULL;
	c->tls = tls;
	c->shaken = true;
	if (conn_start(c, config, role, err) != 1) {
		atls_conn_free(c);
		return NULL;
	}
	(void)!atls_session_shaken(c->session);
	return c;
}

void
atls_conn_free(struct atls_conn *c)
{
	if (c == NULL)
		return;
	atls_session_free(c->session);
	if (c->own_tls && c->tls != NULL)
		c->backend->close(c->tls);
	if (c->blocking)
		(void)fcntl(c->fd, F_SETFL, c->flags);
	atls_wipe(c, sizeof(*c));
	free(c);
}

static int
conn_fail(struct atls_conn *c, enum atls_rc rc, const char *where,
    const char *what)
{
	if (atls_session_error(c->session)->rc == ATLS_OK)
		(void)err_set(&c->err, rc, where, 0, "%s", what);
	return ATLS_IO_FAIL;
}

static bool
failed(const struct atls_conn *c)
{
	return (atls_session_want(c->session) & ATLS_WANT_FAILED) != 0;
}

/* Our turn to prove something.  What fails is a polite "no" to the peer. */
static void
give_evidence(struct atls_conn *c)
{
	struct atls_buf buf = { malloc(ATLS_CMW_MAX), ATLS_CMW_MAX, 0 };
	struct atls_bytes raw = { buf.p, 0 };

	if (buf.p == NULL)
		(void)err_set(&c->err, ATLS_E_MEM, "evidence", 0, "no memory");
	else if (c->source.attester == NULL)
		(void)err_set(&c->err, ATLS_E_CONF, "evidence", 0,
		    "no attester to ask");
	else if (c->source.attester->quote(c->source.dev,
	    atls_session_report_data(c->session), &buf, &c->err) == ATLS_OK)
		raw.len = buf.len;
	(void)!atls_session_give_evidence(c->session, raw);
	free(buf.p);
}

/* 1 when nothing is left to write, else ATLS_IO_*. */
static int
flush(struct atls_conn *c)
{
	struct atls_buf out = { c->out, sizeof(c->out), 0 };
	ssize_t n;

	for (;;) {
		while (c->outoff < c->outlen) {
			n = c->backend->write(c->tls, c->out + c->outoff,
			    c->outlen - c->outoff);
			if (n <= 0)
				return n == 0 ? ATLS_IO_FAIL : (int)n;
			c->outoff += (size_t)n;
		}
		c->outoff = c->outlen = 0;
		if ((atls_session_want(c->session) & ATLS_WANT_SEND) == 0)
			return 1;
		if (atls_session_send(c->session, &out) != ATLS_OK)
			return ATLS_IO_FAIL;
		c->outlen = out.len;
	}
}

/* The same, of what the handshake itself is to carry. */
static enum atls_rc
quote(struct atls_conn *c, struct atls_buf *raw, struct atls_buf *cmw)
{
	struct atls_config *config = c->session->config;
	struct atls_channel_info info;
	struct atls_carried ours;
	uint8_t rd[64];
	size_t n;
	enum atls_rc rc;

	if (c->source.attester == NULL)
		return err_set(&c->err, ATLS_E_CONF, "evidence", 0,
		    "no attester to ask");
	if ((rc = c->backend->channel->info(c->tls, &info)) != ATLS_OK ||
	    (rc = c->backend->wanted(c->tls, &ours)) != ATLS_OK)
		return err_set(&c->err, rc, "conn.wanted", 0,
		    "not available");
	if ((rc = atls_config_challenge(config, info.hash, &ours, rd, &n,
	    &c->err)) != ATLS_OK ||
	    (rc = c->source.attester->quote(c->source.dev,
	    (struct atls_bytes){ rd, n }, raw, &c->err)) != ATLS_OK)
		return rc;
	return atls_config_wrap(config, (struct atls_bytes){ raw->p,
	    raw->len }, cmw, &c->err);
}

/* Without any the handshake fails, and c->err says why. */
static int
carry_evidence(struct atls_conn *c)
{
	struct atls_buf raw = { malloc(ATLS_CMW_MAX), ATLS_CMW_MAX, 0 };
	struct atls_buf cmw = { malloc(ATLS_CMW_MAX), ATLS_CMW_MAX, 0 };
	struct atls_bytes out = { cmw.p, 0 };
	enum atls_rc rc;

	if (raw.p == NULL || cmw.p == NULL)
		(void)err_set(&c->err, ATLS_E_MEM, "evidence", 0, "no memory");
	else if (quote(c, &raw, &cmw) == ATLS_OK)
		out.len = cmw.len;
	rc = c->backend->give(c->tls, out);
	free(raw.p);
	free(cmw.p);
	return rc == ATLS_OK ? 1 : conn_fail(c, rc, "conn.give",
	    "the TLS library did not take the evidence");
}

/* The handshake, with our first octets behind a server's Finished. */
static int
shake(struct atls_conn *c)
{
	struct atls_bytes first = { NULL, 0 };
	int r;

	if (c->shaken)
		return 1;
	if (c->session->role == ATLS_SERVER)
		first = (struct atls_bytes){ c->out, c->outlen };
	while ((r = c->backend->handshake(c->tls, first, &c->err)) ==
	    ATLS_IO_WANT_EVIDENCE)
		if (c->backend->give == NULL || carry_evidence(c) != 1)
			return ATLS_IO_FAIL;
	if (r != 1)
		return r;
	if (first.len > 0)
		c->outlen = 0;
	c->shaken = true;
	(void)!atls_session_shaken(c->session);
	return 1;
}

/* All that can be done without hearing from the peer. */
static int
advance(struct atls_conn *c)
{
	unsigned want;
	int r;

	(void)!atls_session_tick(c->session, (int64_t)time(NULL));
	if (!failed(c) && (r = shake(c)) != 1)
		return r;
	want = atls_session_want(c->session);
	if ((want & ATLS_WANT_EVIDENCE) != 0)
		give_evidence(c);
	if ((want & ATLS_WANT_VERDICT) != 0)
		(void)!atls_session_appraise(c->session);
	if (!c->shaken)
		return ATLS_IO_FAIL;
	r = flush(c);
	return failed(c) && r == 1 ? ATLS_IO_FAIL : r;
}

static int
hear(struct atls_conn *c)
{
	size_t need = atls_session_need(c->session), used;
	struct atls_bytes in;
	ssize_t n;

	c->heard = (int64_t)time(NULL);
	if (c->inoff == c->inlen) {
		n = c->backend->read(c->tls, c->in,
		    need < CHUNK ? need : CHUNK);
		if (n == ATLS_IO_EOF) {
			c->eof = true;
			return 1;
		}
		if (n < 0)
			return (int)n;
		c->inoff = 0;
		c->inlen = (size_t)n;
	}
	in = (struct atls_bytes){ c->in + c->inoff, c->inlen - c->inoff };
	(void)!atls_session_recv(c->session, in, &used, &c->data);
	c->inoff += used;
	return 1;
}

/* On what was a blocking descriptor: sleep until it is worth a try. */
static int
wait_for(struct atls_conn *c, int io)
{
	struct pollfd p = { .fd = c->fd };
	int64_t left = atls_session_deadline(c->session) -
	    (int64_t)time(NULL);
	int ms = left > 1 ? 1000 : left < 0 ? 0 : (int)left * 1000;

	if ((io != ATLS_IO_WANT_READ && io != ATLS_IO_WANT_WRITE) ||
	    !c->blocking)
		return io;
	p.events = io == ATLS_IO_WANT_READ ? POLLIN : POLLOUT;
	if (poll(&p, 1, ms) == -1 && errno != EINTR)
		return conn_fail(c, ATLS_E_IO, "conn.poll", strerror(errno));
	return 1;
}

static bool
is_open(const struct atls_conn *c)
{
	return atls_session_open(c->session);
}

static bool
has_data(const struct atls_conn *c)
{
	return c->data.len > 0 || c->eof;
}

/* Until done: 1, or ATLS_IO_*. */
static int
drive(struct atls_conn *c, bool (*done)(const struct atls_conn *))
{
	int r;

	for (;;) {
		if ((r = advance(c)) == 1) {
			if (done(c)) {
				if (is_open(c))		/* waived, or mended */
					c->err = (struct atls_err){ 0 };
				return 1;
			}
			if (c->eof)
				return conn_fail(c, ATLS_E_IO, "conn.closed",
				    "the peer closed the connection");
			if (c->data.len > 0)	/* reads come first */
				return ATLS_IO_WANT_READ;
			r = hear(c);
		}
		if (r == ATLS_IO_FAIL || r == ATLS_IO_EOF)
			return conn_fail(c, ATLS_E_IO, "conn.tls",
			    "the TLS connection failed");
		if (r != 1 && (r = wait_for(c, r)) != 1)
			return r;
	}
}

int
atls_conn_attest(struct atls_conn *c)
{
	return drive(c, is_open);
}

ssize_t
atls_conn_read(struct atls_conn *c, uint8_t *p, size_t n)
{
	int r;

	if (n == 0)
		return ATLS_IO_FAIL;
	if (c->data.len == 0) {
		if ((r = drive(c, has_data)) != 1)
			return r;
		if (c->data.len == 0 && !sm_may_receive(&c->session->r,
		    &c->session->a))
			return conn_fail(c, ATLS_E_IO, "conn.closed",
			    "the peer closed the connection");
		if (c->data.len == 0)
			return c->session->hdrlen == 0 ? ATLS_IO_EOF :
			    conn_fail(c, ATLS_E_TRUNC, "frame",
			    "the stream ended inside a frame");
	}
	if (n > c->data.len)
		n = c->data.len;
	memcpy(p, c->data.p, n);
	c->data.p += n;
	c->data.len -= n;
	return (ssize_t)n;
}

/* After a wait that was not for the session: is it still in time? */
static bool
in_time(struct atls_conn *c)
{
	return atls_session_tick(c->session, (int64_t)time(NULL)) == ATLS_OK;
}

ssize_t
atls_conn_write(struct atls_conn *c, const uint8_t *p, size_t n)
{
	uint8_t hdr[ATLS_FRAME_HEADER];
	size_t hdrlen;
	int r;

	if (n == 0)
		return ATLS_IO_FAIL;
	/* who only writes must hear the peer's requests, too */
	if (c->shaken && c->data.len == 0 && !c->eof &&
	    c->heard < (int64_t)time(NULL) && hear(c) == ATLS_IO_FAIL)
		return conn_fail(c, ATLS_E_IO, "conn.tls",
		    "the TLS connection failed");
	if ((r = drive(c, is_open)) != 1)
		return r;
	if (n > ATLS_FRAME_DATA_MAX)
		n = ATLS_FRAME_DATA_MAX;
	if (atls_session_wrap(c->session, n, hdr, &hdrlen) != ATLS_OK)
		return ATLS_IO_FAIL;
	memcpy(c->out, hdr, hdrlen);
	memcpy(c->out + hdrlen, p, n);
	c->outlen = hdrlen + n;
	while ((r = flush(c)) != 1 && r != ATLS_IO_FAIL && c->blocking)
		if (wait_for(c, r) != 1 || !in_time(c))
			return ATLS_IO_FAIL;
	return r == ATLS_IO_FAIL ? conn_fail(c, ATLS_E_IO, "conn.write",
	    "the TLS connection failed") : (ssize_t)n;
}

bool
atls_conn_pending(const struct atls_conn *c)
{
	return c->data.len > 0 || c->inoff < c->inlen ||
	    c->backend->pending(c->tls);
}

int
atls_conn_tick(struct atls_conn *c)
{
	int r = advance(c);

	return r == ATLS_IO_EOF || r == ATLS_IO_FAIL ? conn_fail(c, ATLS_E_IO,
	    "conn.tls", "the TLS connection failed") : r;
}

int64_t
atls_conn_deadline(const struct atls_conn *c)
{
	return atls_session_deadline(c->session);
}

int
atls_conn_reattest(struct atls_conn *c)
{
	return atls_session_reattest(c->session) == ATLS_OK ?
	    atls_conn_tick(c) : ATLS_IO_FAIL;
}

int
atls_conn_close(struct atls_conn *c)
{
	time_t end = time(NULL) + CLOSE_MAX;
	int r;

	if (!c->shaken)
		return 1;
	while ((r = flush(c)) != 1 || (r = c->backend->shutdown(c->tls)) != 1)
		if (r == ATLS_IO_FAIL || time(NULL) >= end)
			return conn_fail(c, ATLS_E_IO, "conn.close",
			    "the TLS connection failed");
		else if ((r = wait_for(c, r)) != 1)
			return r;
	return 1;
}

const struct atls_result *
atls_conn_result(const struct atls_conn *c)
{
	return atls_session_result(c->session);
}

const struct atls_err *
atls_conn_error(const struct atls_conn *c)
{
	return c->err.rc != ATLS_OK ? &c->err : atls_session_error(c->session);
}

const struct atls_session *
atls_conn_session(const struct atls_conn *c)
{
	return c->session;
}
