/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server of httpd.h as a program, for scripts:
 *
 *	fault-server PORTFILE PAGES	(until its stdin ends)
 *
 * PAGES has a page a line: path, status, fault, and the names of two files,
 * its headers and its body, parted by blanks.  Paths that are asked for go to
 * stdout.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpd.h"

#define PAGES_MAX	32
#define TEXT_MAX	(1 << 20)

static const char *const faults[] = {
	[HTTPD_FINE] = "fine", [HTTPD_HANG] = "hang",
	[HTTPD_TRICKLE] = "trickle", [HTTPD_SLOW] = "slow",
	[HTTPD_CUT] = "cut", [HTTPD_CUT_PLAIN] = "cut-plain",
	[HTTPD_DROP] = "drop", [HTTPD_ENDLESS] = "endless",
	[HTTPD_GARBAGE] = "garbage", [HTTPD_HEADERS] = "headers",
};

static char *
load(const char *path, size_t *len)
{
	char *p = malloc(TEXT_MAX);
	FILE *f = fopen(path, "rb");

	if (p == NULL || f == NULL) {
		perror(path);
		exit(2);
	}
	*len = fread(p, 1, TEXT_MAX - 1, f);
	p[*len] = '\0';
	(void)fclose(f);
	return p;
}

static void
page(struct httpd *h, const char *line)
{
	char path[512], fault[32], headers[512], body[512];
	struct httpd_page p = { .status = 0 };
	size_t i;

	if (sscanf(line, "%511s %d %31s %511s %511s", path, &p.status, fault,
	    headers, body) != 5) {
		fprintf(stderr, "not a page: %s\n", line);
		exit(2);
	}
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(fault, faults[i]) == 0)
			p.fault = (enum httpd_fault)i;
	p.path = strdup(path);
	p.headers = load(headers, &i);
	p.body.p = (uint8_t *)load(body, &p.body.len);
	httpd_put(h, &p);
}

int
main(int argc, char **argv)
{
	struct httpd *h = httpd_new();
	char line[2048], octet;
	FILE *f;

	if (argc != 3 || h == NULL || (f = fopen(argv[2], "r")) == NULL)
		return 2;
	httpd_log(h, stdout);
	while (fgets(line, sizeof(line), f) != NULL)
		page(h, line);
	(void)fclose(f);
	if ((f = fopen(argv[1], "w")) == NULL)
		return 2;
	fprintf(f, "%u\n", httpd_port(h));
	if (fclose(f) != 0)
		return 2;
	while (read(0, &octet, 1) > 0)
		continue;
	httpd_free(h);
	return 0;
}
