/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transcript-Hash(ClientHello .. ServerHello), RFC 8446, 4.4.1, from the
 * messages as they pass: OpenSSL has it, and tells nobody.  The suite is known
 * too late, so both hashes run.
 */
#include <string.h>

#include <openssl/evp.h>

#include "ob.h"

#define HEADER		4		/* msg_type, length */
#define MESSAGE_HASH	254

static const char *const names[OB_NHASHES] = { "SHA256", "SHA384" };
static const enum atls_hash hashes[OB_NHASHES] = { ATLS_SHA256, ATLS_SHA384 };

/* RFC 8446, 4.1.3: the Random of a HelloRetryRequest. */
static const uint8_t retry_random[SSL3_RANDOM_SIZE] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool
ob_transcript_start(struct ob_transcript *t)
{
	EVP_MD *md;
	bool ok = true;
	size_t i;

	for (i = 0; i < OB_NHASHES && ok; i++) {
		md = EVP_MD_fetch(ob_lib(), names[i], NULL);
		t->md[i] = EVP_MD_CTX_new();
		ok = md != NULL && t->md[i] != NULL &&
		    EVP_DigestInit_ex2(t->md[i], md, NULL) == 1;
		EVP_MD_free(md);
	}
	return ok;
}

void
ob_transcript_end(struct ob_transcript *t)
{
	size_t i;

	for (i = 0; i < OB_NHASHES; i++) {
		EVP_MD_CTX_free(t->md[i]);
		t->md[i] = NULL;
	}
}

/* RFC 8446, 4.4.1: the first ClientHello becomes a message_hash. */
static bool
retry(EVP_MD_CTX *c)
{
	uint8_t message[HEADER + EVP_MAX_MD_SIZE] = { MESSAGE_HASH, 0, 0, 0 };
	unsigned n;

	if (EVP_DigestFinal_ex(c, message + HEADER, &n) != 1)
		return false;
	message[HEADER - 1] = (uint8_t)n;
	return EVP_DigestInit_ex2(c, NULL, NULL) == 1 &&
	    EVP_DigestUpdate(c, message, HEADER + n) == 1;
}

static bool
is_retry(const uint8_t *p, size_t n)
{
	const size_t at = HEADER + 2;		/* legacy_version */

	return n >= at + sizeof(retry_random) && memcmp(p + at, retry_random,
	    sizeof(retry_random)) == 0;
}

static bool
add(struct ob_transcript *t, size_t i, const uint8_t *p, size_t n)
{
	bool hello = p[0] == SSL3_MT_SERVER_HELLO;

	if (hello && is_retry(p, n) && !retry(t->md[i]))
		return false;
	if (EVP_DigestUpdate(t->md[i], p, n) != 1)
		return false;
	return !hello || is_retry(p, n) ||
	    EVP_DigestFinal_ex(t->md[i], t->digest[i], NULL) == 1;
}

void
ob_transcript_add(struct ob_transcript *t, const uint8_t *p, size_t n)
{
	size_t i;

	if (n < HEADER || t->done || t->bad || t->md[OB_NHASHES - 1] == NULL ||
	    (p[0] != SSL3_MT_CLIENT_HELLO && p[0] != SSL3_MT_SERVER_HELLO))
		return;
	for (i = 0; i < OB_NHASHES && !t->bad; i++)
		t->bad = !add(t, i, p, n);
	if (p[0] == SSL3_MT_SERVER_HELLO && !is_retry(p, n)) {
		t->done = !t->bad;
		ob_transcript_end(t);
	}
}

struct atls_bytes
ob_transcript_view(const struct ob_transcript *t, enum atls_hash hash)
{
	size_t i;

	for (i = 0; i < OB_NHASHES && t->done; i++)
		if (hashes[i] == hash)
			return (struct atls_bytes){ t->digest[i],
			    hash == ATLS_SHA256 ? 32 : 48 };
	return (struct atls_bytes){ NULL, 0 };
}
