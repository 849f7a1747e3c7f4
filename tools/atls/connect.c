/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "relay.h"

static const char usage[] =
"usage: atls connect [option...] HOST:PORT\n"
"stdin goes to the peer, what it sends to stdout.\n"
"  --attest              prove ourselves, too\n"
LINK_USAGE;

static atomic_bool stop;

static void
on_signal(int sig)
{
	(void)sig;
	atomic_store(&stop, true);
}

int
cmd_connect(int argc, char **argv)
{
	struct link l = LINK_INIT;
	struct option longs[LINK_NOPTIONS + 2];
	struct sigaction sa = { .sa_handler = on_signal };
	char host[256];
	int o, fd, status;

	memcpy(longs, link_options, sizeof(link_options));
	longs[LINK_NOPTIONS] = (struct option){ "help", no_argument, NULL,
	    'h' };
	longs[LINK_NOPTIONS + 1] = (struct option){ 0 };
	while ((o = getopt_long(argc, argv, "j", longs, NULL)) != -1) {
		if (o == 'h') {
			fputs(usage, stdout);
			return EX_ACCEPTED;
		}
		if (!LINK_IS_OPTION(o)) {
			fputs(usage, stderr);
			return EX_USAGE_ERROR;
		}
		if ((status = link_option(&l, o, optarg)) != -1)
			return status;
	}
	if (optind + 1 != argc || !link_host(argv[optind], host,
	    sizeof(host))) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if (l.name == NULL)
		l.name = host;
	if ((status = link_open(&l, ATLS_CLIENT)) == -1) {
		(void)sigaction(SIGINT, &sa, NULL);
		(void)sigaction(SIGTERM, &sa, NULL);
		relay_nonblocking(STDIN_FILENO);
		if ((fd = link_connect(argv[optind])) == -1)
			status = EX_TROUBLE;
		else
			status = link_run(&l, 1, fd, argv[optind],
			    &(struct plain){ .in = STDIN_FILENO,
			    .out = STDOUT_FILENO }, &stop);
	}
	link_close(&l);
	return status;
}
