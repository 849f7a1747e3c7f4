/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "../src/appraise/policy.h"
#include "fake_kinds.h"
#include "pki.h"
#include "t.h"

/* Policies of the kinds that do as told: from text, and to text again. */
#define NOW		1767225600

#define PLAIN_OK	"kind plain\nanchor a.pem\nplain.code 00\n"
#define FAKE_OK		"kind fake\ninstance ak:00\nignore fake.*\n"

#define X10	"1234567890"
#define X100	X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

/* The files that a policy may name. */
static struct {
	const char	*name;
	const char	*text;
	size_t		 len;
} files[9];

static inline enum atls_rc
give(void *arg, const char *name, struct atls_buf *out)
{
	size_t i;

	(void)arg;
	for (i = 0; i < NITEMS(files) && files[i].name != NULL; i++) {
		if (strcmp(files[i].name, name) != 0)
			continue;
		out->len = files[i].len;
		if (files[i].len > out->cap)
			return ATLS_E_SPACE;
		memcpy(out->p, files[i].text, files[i].len);
		return ATLS_OK;
	}
	return ATLS_E_IO;
}

/* Parses a heap copy of exact size. */
static inline struct atls_policy *
parse(const char *text, size_t len, struct atls_err *err)
{
	uint8_t *copy = malloc(len + (len == 0));
	struct atls_policy *p;

	*err = (struct atls_err){ 0 };
	if (len > 0)
		memcpy(copy, text, len);
	p = atls_policy_parse((struct atls_bytes){ copy, len }, give, NULL,
	    err);
	free(copy);
	return p;
}

/* What show() writes, NUL-terminated; the caller frees it. */
static inline char *
shown(const struct atls_policy *p)
{
	struct atls_buf b = { NULL, 0, 0 };
	char *s;

	T(atls_policy_show(p, &b) == ATLS_E_SPACE, "no room");
	s = malloc(b.len + 1);
	b.p = (uint8_t *)s;
	b.cap = b.len;
	T(atls_policy_show(p, &b) == ATLS_OK, "exact room");
	s[b.len] = '\0';
	return s;
}

/* A policy that parses is shown as one that parses and is shown alike. */
static inline void
check_stable(const char *what, const struct atls_policy *p)
{
	char *one = shown(p), *two;
	struct atls_policy *q;
	struct atls_err err;

	q = parse(one, strlen(one), &err);
	T(q != NULL, "%s: shown, then: %s\n%s", what, err.detail, one);
	if (q != NULL) {
		two = shown(q);
		T(strcmp(one, two) == 0, "%s:\n%s---\n%s", what, one, two);
		free(two);
	}
	atls_policy_free(q);
	free(one);
}

static inline void
add_file(size_t i, const char *name, const char *text, size_t len)
{
	files[i].name = name;
	files[i].text = text;
	files[i].len = len;
}

/* Nobody has the private key any more. */
static const char pub_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEneVOcg7b+CXPLGNsN2zjdK0FqDkr\n"
	"NOHfKFqgfcUA3Jeh/9gbuOTJRhB4+r1AMcMFFV9ThApcEJaZbgEDE0Y6ng==\n"
	"-----END PUBLIC KEY-----\n";

static struct pki ours, theirs;
static char *huge;

/* a.pem, b.pem, a.crl, b.crl, pub.pem are good; empty, junk and huge are not. */
static inline void
files_new(void)
{
	ours = pki_new(&(struct pki_ask){ .dns = "a.example" }, NOW);
	theirs = pki_new(&(struct pki_ask){ .dns = "b.example" }, NOW);
	huge = malloc(POLICY_FILES_MAX + 1);
	memset(huge, '\n', POLICY_FILES_MAX + 1);
	add_file(0, "a.pem", ours.root.pem, strlen(ours.root.pem));
	add_file(1, "b.pem", theirs.root.pem, strlen(theirs.root.pem));
	add_file(2, "a.crl", ours.crls, strlen(ours.crls));
	add_file(3, "b.crl", theirs.crls, strlen(theirs.crls));
	add_file(7, "pub.pem", pub_pem, strlen(pub_pem));
	add_file(4, "empty", "", 0);
	add_file(5, "junk", "junk", 4);
	add_file(6, "huge", huge, POLICY_FILES_MAX + 1);
}

static inline void
files_free(void)
{
	free(huge);
	pki_free(&ours);
	pki_free(&theirs);
}

#endif
