/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets on loopback: the laboratory never leaves this machine. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "kit.h"

#define PATIENCE	4000		/* ms that anybody is waited for */

static void
quick(int fd)
{
	struct timeval t = { PATIENCE / 1000, 0 };
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
}

int
lab_bind(int *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1 ||
	    listen(fd, 8) == -1 || getsockname(fd, (struct sockaddr *)&sa,
	    &len) == -1) {
		lab_hang_up(fd);
		return -1;
	}
	*port = ntohs(sa.sin_port);
	return fd;
}

int
lab_dial(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons((uint16_t)port);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sa,
	    sizeof(sa)) == -1) {
		lab_hang_up(fd);
		return -1;
	}
	quick(fd);
	return fd;
}

int
lab_answer(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd = poll(&p, 1, PATIENCE) == 1 ? accept(listener, NULL, NULL) :
	    -1;

	if (fd != -1)
		quick(fd);
	return fd;
}

void
lab_hang_up(int fd)
{
	if (fd != -1)
		(void)close(fd);
}
