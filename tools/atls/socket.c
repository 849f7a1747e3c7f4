/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

#define BACKLOG	128

/* "host:port", "[::1]:port", ":port".  0: not of that form. */
static int
split(const char *where, char *host, size_t cap, const char **port)
{
	const char *colon = strrchr(where, ':');
	size_t n;

	if (colon == NULL || colon[1] == '\0')
		return 0;
	n = (size_t)(colon - where);
	if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
		where++;
		n -= 2;
	} else if (memchr(where, ':', n) != NULL)
		return 0;
	if (n >= cap)
		return 0;
	memcpy(host, where, n);
	host[n] = '\0';
	*port = colon + 1;
	return 1;
}

int
link_host(const char *where, char *host, size_t cap)
{
	const char *port;

	return split(where, host, cap, &port) && host[0] != '\0';
}

static int
one_socket(const struct addrinfo *a, int passive)
{
	int on = 1, fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
	    a->ai_protocol);

	if (fd == -1)
		return -1;
	if (passive)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
		    sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
	if ((passive ? bind(fd, a->ai_addr, a->ai_addrlen) :
	    connect(fd, a->ai_addr, a->ai_addrlen)) == -1 ||
	    (passive && listen(fd, BACKLOG) == -1)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
open_socket(const char *where, int passive)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = passive ? AI_PASSIVE : 0 };
	struct addrinfo *list, *a;
	char host[256];
	const char *port;
	int rc, fd = -1;

	if (!split(where, host, sizeof(host), &port)) {
		(void)complain(0, "'%s' is not HOST:PORT", where);
		return -1;
	}
	rc = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &list);
	if (rc != 0) {
		(void)complain(0, "%s: %s", where, gai_strerror(rc));
		return -1;
	}
	for (a = list; a != NULL && fd == -1; a = a->ai_next)
		fd = one_socket(a, passive);
	if (fd == -1)
		(void)complain(0, "%s: %s", where, strerror(errno));
	freeaddrinfo(list);
	return fd;
}

int
link_connect(const char *where)
{
	return open_socket(where, 0);
}

int
link_listen(const char *where)
{
	return open_socket(where, 1);
}
