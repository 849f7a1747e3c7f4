/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "relay.h"

void
relay_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int64_t
relay_clock(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Milliseconds to sleep at most: to the session's deadline, and at most one
 * second, so that a request to stop is seen. */
static int
patience(const struct relay *r)
{
	int64_t left = atls_conn_deadline(r->conn) - (int64_t)time(NULL);

	return left < 1 ? 100 : 1000;
}

static bool
echo(const struct relay *r)
{
	return r->begin == NULL && r->in_fd == -1;
}

static int
attest(struct relay *r)
{
	struct pollfd p = { .fd = r->fd };
	int io;

	while ((io = atls_conn_attest(r->conn)) != 1) {
		if (io != ATLS_IO_WANT_READ && io != ATLS_IO_WANT_WRITE)
			return 0;
		p.events = io == ATLS_IO_WANT_READ ? POLLIN : POLLOUT;
		(void)poll(&p, 1, patience(r));
		if (relay_clock() >= r->handshake_until &&
		    atls_conn_result(r->conn)->verdict == ATLS_VERDICT_NONE) {
			r->late = true;
			return 0;
		}
	}
	return 1;
}

/* From the peer towards us.  1 moved, 0 nothing to do, -1 ended badly. */
static int
pull(struct relay *r, short *want)
{
	ssize_t n;

	if (r->downoff < r->downlen || r->down_eof)
		return 0;
	n = atls_conn_read(r->conn, r->down, sizeof(r->down));
	if (n == ATLS_IO_WANT_READ || n == ATLS_IO_WANT_WRITE) {
		*want |= n == ATLS_IO_WANT_READ ? POLLIN : POLLOUT;
		return 0;
	}
	if (n == ATLS_IO_EOF) {
		r->down_eof = true;
		return 1;
	}
	if (n < 0)
		return -1;
	r->downoff = 0;
	r->downlen = (size_t)n;
	r->in += (uint64_t)n;
	return 1;
}

/* What came from the peer, to the plain side. */
static int
deliver(struct relay *r)
{
	ssize_t n;

	if (r->downoff == r->downlen)
		return 0;
	if (echo(r)) {
		if (r->upoff < r->uplen)
			return 0;
		memcpy(r->up, r->down, r->downlen);
		r->upoff = 0;
		r->uplen = r->downlen;
		r->downoff = r->downlen;
		return 1;
	}
	n = write(r->out_fd, r->down + r->downoff, r->downlen - r->downoff);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == -1) {
		r->local = errno;
		return -1;
	}
	r->downoff += (size_t)n;
	return 1;
}

/* From the plain side. */
static int
collect(struct relay *r)
{
	ssize_t n;

	if (r->upoff < r->uplen || r->up_eof)
		return 0;
	if (echo(r)) {
		r->up_eof = r->down_eof && r->downoff == r->downlen;
		return r->up_eof;
	}
	n = read(r->in_fd, r->up, sizeof(r->up));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == -1) {
		r->local = errno;
		return -1;
	}
	if (n == 0)
		r->up_eof = true;
	r->upoff = 0;
	r->uplen = (size_t)n;
	return 1;
}

static int
push(struct relay *r, short *want)
{
	ssize_t n;
	int io;

	if (r->upoff == r->uplen) {
		if (!r->up_eof || r->closed)
			return 0;
		io = atls_conn_close(r->conn);
		if (io == ATLS_IO_FAIL)
			return -1;
		r->closed = io == 1;
		if (io != 1)
			*want |= io == ATLS_IO_WANT_READ ? POLLIN : POLLOUT;
		return io == 1;
	}
	n = atls_conn_write(r->conn, r->up + r->upoff, r->uplen - r->upoff);
	if (n == ATLS_IO_WANT_READ || n == ATLS_IO_WANT_WRITE) {
		*want |= n == ATLS_IO_WANT_READ ? POLLIN : POLLOUT;
		return 0;
	}
	if (n <= 0)
		return -1;
	r->upoff += (size_t)n;
	r->out += (uint64_t)n;
	return 1;
}

static bool
finished(const struct relay *r)
{
	return r->down_eof && r->downoff == r->downlen && r->closed;
}

/* The peer said that it has ended: so does the plain side's reader. */
static void
pass_eof(struct relay *r)
{
	if (echo(r) || !r->down_eof || r->downoff < r->downlen ||
	    r->out_fd == -1)
		return;
	(void)shutdown(r->out_fd, SHUT_WR);	/* stdout need not be a socket */
	if (r->out_fd != r->in_fd)
		r->out_fd = -1;
}

static void
sleep_until_ready(struct relay *r, short want)
{
	struct pollfd p[3];
	nfds_t n = 0;

	want = (short)(want |
	    (r->downoff == r->downlen && !r->down_eof ? POLLIN : 0));
	/* poll(2) tells of errors unasked: who cannot act on them spins */
	p[n++] = (struct pollfd){ .fd = want != 0 ? r->fd : -1,
	    .events = want };
	if (!echo(r) && r->upoff == r->uplen && !r->up_eof)
		p[n++] = (struct pollfd){ .fd = r->in_fd, .events = POLLIN };
	if (!echo(r) && r->downoff < r->downlen)
		p[n++] = (struct pollfd){ .fd = r->out_fd, .events = POLLOUT };
	(void)poll(p, n, patience(r));
}

int
relay_run(struct relay *r)
{
	int moved, io;
	short want;

	if (!attest(r))
		return 0;
	if (r->begin != NULL) {
		r->in_fd = r->out_fd = r->begin(r->begin_arg);
		if (r->in_fd == -1) {
			r->local = errno;
			return 0;
		}
		relay_nonblocking(r->in_fd);
	}
	while (!finished(r)) {
		if (r->stop != NULL && atomic_load(r->stop))
			r->up_eof = r->down_eof = true;
		want = 0;
		io = atls_conn_tick(r->conn);
		if (io == ATLS_IO_FAIL)
			return 0;
		if (io == ATLS_IO_WANT_WRITE)
			want |= POLLOUT;
		moved = 0;
		if ((io = pull(r, &want)) == -1 || (moved |= io,
		    (io = deliver(r)) == -1) || (moved |= io,
		    (io = collect(r)) == -1) || (moved |= io,
		    (io = push(r, &want)) == -1))
			return 0;
		moved |= io;
		pass_eof(r);
		if (r->end_with_peer && r->down_eof)
			r->up_eof = true;
		if (!moved)
			sleep_until_ready(r, want);
	}
	return 1;
}
