/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's own socket BIO calls write(2), and a peer that has gone away then
 * kills the process unless it ignores SIGPIPE.  That is not for a library to
 * ask for: this one calls send(2) with MSG_NOSIGNAL.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdint.h>

#include <openssl/bio.h>

#include "ob.h"

static int
fd_of(BIO *b)
{
	return (int)(intptr_t)BIO_get_data(b);
}

static int
sock_write(BIO *b, const char *p, int n)
{
	ssize_t r;

	BIO_clear_retry_flags(b);
	r = send(fd_of(b), p, (size_t)n, MSG_NOSIGNAL);
	if (r == -1 && BIO_sock_should_retry(-1))
		BIO_set_retry_write(b);
	return (int)r;
}

static int
sock_read(BIO *b, char *p, int n)
{
	ssize_t r;

	BIO_clear_retry_flags(b);
	errno = 0;
	r = recv(fd_of(b), p, (size_t)n, 0);
	if (r == -1 && BIO_sock_should_retry(-1))
		BIO_set_retry_read(b);
	return (int)r;
}

static long
sock_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)num;
	switch (cmd) {
	case BIO_C_SET_FD:
		BIO_set_data(b, (void *)(intptr_t)*(int *)ptr);
		BIO_set_init(b, 1);
		return 1;
	case BIO_C_GET_FD:
		if (ptr != NULL)
			*(int *)ptr = fd_of(b);
		return fd_of(b);
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP:
		return 1;
	default:
		return 0;
	}
}

/* A type without a number of its own: nobody has to find it. */
BIO_METHOD *
ob_sock_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK |
	    BIO_TYPE_DESCRIPTOR, "atls socket");

	if (m != NULL && BIO_meth_set_write(m, sock_write) == 1 &&
	    BIO_meth_set_read(m, sock_read) == 1 &&
	    BIO_meth_set_ctrl(m, sock_ctrl) == 1)
		return m;
	BIO_meth_free(m);
	return NULL;
}
