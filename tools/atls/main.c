/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const struct {
	const char	*name;
	int		(*run)(int, char **);
	const char	*what;
} commands[] = {
	{ "inspect",	cmd_inspect,	"print evidence; no verdict" },
	{ "verify",	cmd_verify,	"appraise evidence under a policy" },
	{ "attest",	cmd_attest,	"produce evidence" },
	{ "connect",	cmd_connect,	"open an attested connection" },
	{ "serve",	cmd_serve,	"accept attested connections" },
	{ "collateral",	cmd_collateral,	"fetch, bundle, look at collateral" },
	{ "policy",	cmd_policy,	"check, show or learn a policy" },
#ifdef ATLS_SIM
	{ "lab",	cmd_lab,	"play attacks on simulated machines" },
	{ "sim",	cmd_sim,	"files for simulated machines" },
#endif
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static int
usage(FILE *f, int status)
{
	size_t i;

	fprintf(f, "usage: atls COMMAND [option...] [argument...]\n");
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].what);
	fprintf(f, "atls --version says which.  Each command has --help, and a "
	    "manual: atls-COMMAND(1).\n");
	return status;
}

int
main(int argc, char **argv)
{
	size_t i;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)setenv("TSS2_LOG", "all+none", 0);	/* our words are enough */
	if (argc < 2)
		return usage(stderr, EX_USAGE_ERROR);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return usage(stdout, EX_ACCEPTED);
	if (strcmp(argv[1], "--version") == 0) {
		printf("atls %s\n", atls_version());
		return EX_ACCEPTED;
	}
	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "atls: no command '%s'\n", argv[1]);
	return usage(stderr, EX_USAGE_ERROR);
}
