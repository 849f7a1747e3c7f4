/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral, by what the command line says: a folder, a bundle, the net. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/rand.h>

#include "tool.h"

static uint32_t
jitter(void *arg)
{
	uint32_t n = 0;

	(void)arg;
	(void)RAND_bytes((unsigned char *)&n, (int)sizeof(n));
	return n;
}

static void
say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "atls: collateral: %s\n", line);
}

/* "net" or "net:key=value,...". */
static struct atls_collateral_source *
network(const char *options, struct atls_err *err)
{
	struct atls_source_net net = { .random = jitter, .log = say };
	static const struct { const char *name; size_t at; } strings[] = {
		{ "pcs", offsetof(struct atls_source_net, pcs) },
		{ "root-crl", offsetof(struct atls_source_net, root_crl) },
		{ "kds", offsetof(struct atls_source_net, kds) },
		{ "cache", offsetof(struct atls_source_net, cache) },
		{ "ca", offsetof(struct atls_source_net, ca) },
		{ "proxy", offsetof(struct atls_source_net, proxy) },
	};
	struct atls_collateral_source *s = NULL;
	char *copy = strdup(options), *rest, *word, *value;
	size_t i;

	for (word = copy == NULL ? NULL : strtok_r(copy, ",", &rest);
	    word != NULL; word = strtok_r(NULL, ",", &rest)) {
		value = strchr(word, '=');
		if (value != NULL)
			*value++ = '\0';
		for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
			if (value != NULL && strcmp(word, strings[i].name) ==
			    0)
				break;
		if (i < sizeof(strings) / sizeof(strings[0]))
			memcpy((char *)&net + strings[i].at, &value,
			    sizeof(value));
		else if (strcmp(word, "early") == 0)
			net.early = true;
		else if (strcmp(word, "insecure-http") == 0)
			net.insecure_http = true;
		else {
			(void)complain(EX_USAGE_ERROR, "net: no option '%s'",
			    word);
			free(copy);
			return NULL;
		}
	}
	if (copy != NULL)
		s = atls_source_network(&net, err);
	free(copy);
	return s;
}

static struct atls_collateral_source *
bundle(const char *path, const char *key, int64_t now, struct atls_err *err)
{
	struct atls_buf in, pem;
	struct atls_collateral_source *s = NULL;

	if (key == NULL) {
		(void)complain(EX_USAGE_ERROR, "%s: --collateral-key FILE?",
		    path);
		return NULL;
	}
	if (file_read(path, &in) == -1 || file_read(key, &pem) == -1) {
		(void)complain(EX_TROUBLE, "%s, %s: %s", path, key,
		    strerror(errno));
		return NULL;
	}
	s = atls_source_bundle(buf_view(&in), buf_view(&pem), now, 0, NULL,
	    err);
	free(in.p);
	free(pem.p);
	return s;
}

int
collateral_open(struct collateral *c, int64_t now)
{
	struct atls_err err = { 0 };
	struct stat st;

	c->asks = strcmp(c->from, "net") == 0 ||
	    strncmp(c->from, "net:", 4) == 0;
	if ((c->store = atls_collateral_new()) == NULL)
		return complain(EX_TROUBLE, "no memory");
	if (c->asks)
		c->source = network(c->from[3] == ':' ? c->from + 4 : "",
		    &err);
	else if (stat(c->from, &st) == -1)
		return complain(EX_TROUBLE, "%s: %s", c->from,
		    strerror(errno));
	else if (S_ISDIR(st.st_mode))
		c->source = atls_source_folder(c->from, &err);
	else
		c->source = bundle(c->from, c->key, now, &err);
	if (c->source == NULL)
		return err.rc == ATLS_OK ? EX_USAGE_ERROR :
		    complain_err(status_of_file(err.rc), c->from, &err);
	if (!c->asks && atls_source_all(c->source, c->store, &err) != ATLS_OK)
		return complain_err(status_of_file(err.rc), c->from, &err);
	return EX_ACCEPTED;
}

/* What cannot be had is what the verdict will miss: a remark is enough. */
void
collateral_fill(struct collateral *c, const struct atls_evidence *ev,
    int64_t now)
{
	struct atls_err err = { 0 };

	if (c->asks && atls_source_fill(c->source, c->store, ev, now, &err) !=
	    ATLS_OK)
		(void)complain_err(EX_TROUBLE, "collateral", &err);
}

void
collateral_close(struct collateral *c)
{
	atls_source_free(c->source);
	atls_collateral_free(c->store);
}
