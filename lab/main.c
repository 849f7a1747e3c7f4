/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

static const struct {
	const char	*name, *args;
	int		(*run)(int, char **);
} moves[] = {
	{ "impostor", "PORT CERT KEY none | file EVIDENCE | tpm WHERE",
	    move_impostor },
	{ "proxy", "PORT CERT KEY TARGETPORT", move_proxy },
	{ "resume", "CERT KEY CA POLICY NAME", move_resume },
};

void
lab_die(const char *what, const char *why)
{
	fprintf(stderr, "moves: %s: %s\n", what, why);
	exit(4);
}

struct atls_bytes
lab_file(const char *path)
{
	static uint8_t file[4][1 << 20];	/* as many as a move names */
	static int nfile;
	FILE *f = nfile < 4 ? fopen(path, "rb") : NULL;
	uint8_t *p;
	size_t n;

	if (f == NULL)
		lab_die(path, strerror(errno));
	p = file[nfile++];
	n = fread(p, 1, sizeof(file[0]), f);
	fclose(f);
	return (struct atls_bytes){ p, n };
}

/* The laboratory never leaves this machine. */
static struct sockaddr_in
loopback(const char *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons((uint16_t)atoi(port));
	return sa;
}

int
lab_listen(const char *port)
{
	struct sockaddr_in sa = loopback(port);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) == -1 || bind(fd, (struct sockaddr *)&sa,
	    sizeof(sa)) == -1 || listen(fd, 8) == -1)
		lab_die(port, strerror(errno));
	return fd;
}

int
lab_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		lab_die("accept", strerror(errno));
	return fd;
}

int
lab_connect(const char *port)
{
	struct sockaddr_in sa = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1)
		lab_die(port, strerror(errno));
	return fd;
}

int
main(int argc, char **argv)
{
	size_t i;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);		/* a move never outlives its demo */
	for (i = 0; argc > 1 && i < sizeof(moves) / sizeof(moves[0]); i++)
		if (strcmp(argv[1], moves[i].name) == 0)
			return moves[i].run(argc - 1, argv + 1);
	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		fprintf(stderr, "usage: moves %s %s\n", moves[i].name,
		    moves[i].args);
	return 2;
}
