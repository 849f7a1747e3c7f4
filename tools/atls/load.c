/* SPDX-License-Identifier: Apache-2.0 */
/* What a command line names: policies, anchors, identities, attesters. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <atls/gramine.h>
#include <atls/nsm.h>
#ifdef ATLS_SIM
#include <atls/sim.h>
#endif
#include <atls/tpm.h>
#include <atls/tsm.h>

#include "tool.h"

/* Files that a policy names are beside it. */
static enum atls_rc
open_beside(void *arg, const char *name, struct atls_buf *out)
{
	const char *policy = arg, *slash = strrchr(policy, '/');
	size_t dir = slash == NULL || name[0] == '/' ? 0 :
	    (size_t)(slash - policy) + 1;
	size_t n = dir + strlen(name) + 1;
	struct atls_buf file;
	enum atls_rc rc = ATLS_OK;
	char *path;

	if ((path = malloc(n)) == NULL)
		return ATLS_E_MEM;
	memcpy(path, policy, dir);
	memcpy(path + dir, name, n - dir);
	if (file_read(path, &file) == -1) {
		free(path);
		return ATLS_E_IO;
	}
	free(path);
	out->len = file.len;
	if (file.len > out->cap)
		rc = ATLS_E_SPACE;
	else if (file.len > 0)
		memcpy(out->p, file.p, file.len);
	free(file.p);
	return rc;
}

static int
must_read(const char *path, struct atls_buf *out, int *status)
{
	if (file_read(path, out) == 0)
		return 1;
	*status = complain(EX_TROUBLE, "%s: %s", path, strerror(errno));
	return 0;
}

struct atls_policy *
policy_load(const char *path, int *status)
{
	struct atls_err err = { 0 };
	struct atls_policy *p;
	struct atls_buf text;

	if (!must_read(path, &text, status))
		return NULL;
	p = atls_policy_parse(buf_view(&text), open_beside,
	    (void *)(uintptr_t)path, &err);
	free(text.p);
	if (p == NULL)
		*status = complain_err(status_of_file(err.rc), path, &err);
	return p;
}

struct atls_policy *
policy_parse(const char *path, const char *text)
{
	struct atls_err err = { 0 };
	struct atls_policy *p = atls_policy_parse((struct atls_bytes){
	    (const uint8_t *)text, strlen(text) }, open_beside,
	    (void *)(uintptr_t)path, &err);

	if (p == NULL)
		(void)complain_err(status_of_file(err.rc), path, &err);
	return p;
}

struct atls_trust *
trust_load(const char *ca, const char *crl, int *status)
{
	struct atls_err err = { 0 };
	struct atls_buf a, c = { NULL, 0, 0 };
	struct atls_trust *t;

	if (!must_read(ca, &a, status))
		return NULL;
	if (crl != NULL && !must_read(crl, &c, status)) {
		free(a.p);
		return NULL;
	}
	t = atls_trust_new(buf_view(&a), buf_view(&c), &err);
	free(a.p);
	free(c.p);
	if (t == NULL)
		*status = complain_err(status_of_file(err.rc), ca, &err);
	return t;
}

struct atls_identity *
identity_load(const char *cert, const char *key, int *status)
{
	struct atls_err err = { 0 };
	struct atls_buf c, k;
	struct atls_identity *id;

	if (!must_read(cert, &c, status))
		return NULL;
	if (!must_read(key, &k, status)) {
		free(c.p);
		return NULL;
	}
	id = atls_identity_new(buf_view(&c), buf_view(&k), &err);
	free(c.p);
	atls_wipe(k.p, k.len);
	free(k.p);
	if (id == NULL)
		*status = complain_err(status_of_file(err.rc) ==
		    EX_USAGE_ERROR ? EX_MALFORMED : status_of_file(err.rc),
		    cert, &err);
	return id;
}

static const struct atls_attester *const attesters[] = {
	&atls_attester_gramine, &atls_attester_nsm, &atls_attester_tpm,
	&atls_attester_tsm_cca, &atls_attester_tsm_snp, &atls_attester_tsm_tdx,
};

/* "NAME" or "NAME:where"; where is set if it is this one. */
static bool
is_named(const struct atls_attester *a, const char *text, const char **where)
{
	size_t n = a == NULL ? 0 : strlen(a->name);

	if (n == 0 || strncmp(a->name, text, n) != 0 ||
	    (text[n] != ':' && text[n] != '\0'))
		return false;
	*where = text[n] == ':' ? text + n + 1 : text + n;
	return true;
}

static const struct atls_attester *
attester_named(const char *text, const char **where)
{
	size_t i;

	for (i = 0; i < sizeof(attesters) / sizeof(attesters[0]); i++)
		if (is_named(attesters[i], text, where))
			return attesters[i];
#ifdef ATLS_SIM
	for (i = 0; i < ATLS_NKINDS; i++)
		if (is_named(atls_sim_attester((enum atls_kind)i), text,
		    where))
			return atls_sim_attester((enum atls_kind)i);
#endif
	return NULL;
}

int
source_open(struct source *s, const char *text, int *status)
{
	struct atls_err err = { 0 };
	const char *where = "";

	*s = (struct source){ 0 };
	s->source.attester = attester_named(text, &where);
	if (s->source.attester == NULL) {
		*status = complain(EX_USAGE_ERROR, "no attester '%.*s'",
		    (int)strcspn(text, ":"), text);
		return 0;
	}
	if (s->source.attester->open(&s->source.dev, where, &err) !=
	    ATLS_OK) {
		s->source.attester = NULL;
		*status = complain_err(err.rc == ATLS_E_CONF ? EX_USAGE_ERROR :
		    status_of_file(err.rc), "attester", &err);
		return 0;
	}
	return 1;
}

/* The identity whose key is in the device. */
int
source_identity(struct source *s, const char *cert, int *status)
{
	struct atls_err err = { 0 };
	struct atls_buf c;

	if (s->source.attester->identity == NULL) {
		*status = complain(EX_USAGE_ERROR,
		    "this attester holds no key: give --key, too");
		return 0;
	}
	if (!must_read(cert, &c, status))
		return 0;
	s->identity = s->source.attester->identity(s->source.dev,
	    buf_view(&c), &err);
	free(c.p);
	if (s->identity != NULL)
		return 1;
	*status = complain_err(status_of_file(err.rc), cert, &err);
	return 0;
}

void
source_close(struct source *s)
{
	atls_identity_free(s->identity);
	if (s->source.attester != NULL)
		s->source.attester->close(s->source.dev);
	*s = (struct source){ 0 };
}
