/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "nsm.h"

/*
 * What goes to the module and comes back is CBOR.  An attester is built on
 * the public API, which has no CBOR in it; two messages of fixed shape do not
 * make it worth its while to change that.
 */
#define BSTR	0x40		/* RFC 8949, 3.1: major type 2, */
#define TSTR	0x60		/* and 3 */

/* { "Attestation": { "user_data": */
static const uint8_t before[] = {
	0xa1, 0x6b, 'A', 't', 't', 'e', 's', 't', 'a', 't', 'i', 'o', 'n',
	0xa3, 0x69, 'u', 's', 'e', 'r', '_', 'd', 'a', 't', 'a',
};

/* "nonce": null, "public_key": null } } */
static const uint8_t after[] = {
	0x65, 'n', 'o', 'n', 'c', 'e', 0xf6,
	0x6a, 'p', 'u', 'b', 'l', 'i', 'c', '_', 'k', 'e', 'y', 0xf6,
};

_Static_assert(sizeof(before) + 3 + NSM_USER_DATA_MAX + sizeof(after) <=
    NSM_REQUEST_MAX, "fits");

/* { "Attestation": { "document": */
static const uint8_t good[] = {
	0xa1, 0x6b, 'A', 't', 't', 'e', 's', 't', 'a', 't', 'i', 'o', 'n',
	0xa1, 0x68, 'd', 'o', 'c', 'u', 'm', 'e', 'n', 't',
};

/* { "Error": */
static const uint8_t bad[] = { 0xa1, 0x65, 'E', 'r', 'r', 'o', 'r' };

size_t
nsm_request(uint8_t out[NSM_REQUEST_MAX], struct atls_bytes data)
{
	uint8_t *p = out;

	memcpy(p, before, sizeof(before));
	p += sizeof(before);
	if (data.len < 24) {
		*p++ = (uint8_t)(BSTR | data.len);
	} else if (data.len <= UINT8_MAX) {
		*p++ = BSTR | 24;
		*p++ = (uint8_t)data.len;
	} else {
		*p++ = BSTR | 25;
		*p++ = (uint8_t)(data.len >> 8);
		*p++ = (uint8_t)data.len;
	}
	memcpy(p, data.p, data.len);
	p += data.len;
	memcpy(p, after, sizeof(after));
	return (size_t)(p + sizeof(after) - out);
}

/* *in begins with n octets that are those at p, and they are taken off. */
static bool
take_same(struct atls_bytes *in, const uint8_t *p, size_t n)
{
	if (in->len < n || memcmp(in->p, p, n) != 0)
		return false;
	in->p += n;
	in->len -= n;
	return true;
}

/* All of in is one string of that type, its length written the short way. */
static bool
is_string(struct atls_bytes in, unsigned type, struct atls_bytes *content)
{
	size_t head, len;

	*content = (struct atls_bytes){ NULL, 0 };
	if (in.len >= 1 && in.p[0] >= type && in.p[0] < type + 24) {
		head = 1;
		len = in.p[0] - type;
	} else if (in.len >= 2 && in.p[0] == type + 24 && in.p[1] >= 24) {
		head = 2;
		len = in.p[1];
	} else if (in.len >= 3 && in.p[0] == type + 25 && in.p[1] > 0) {
		head = 3;
		len = (size_t)in.p[1] << 8 | in.p[2];
	} else
		return false;
	if (in.len - head != len)
		return false;
	*content = (struct atls_bytes){ in.p + head, len };
	return true;
}

/* Some word such as "InvalidArgument": nothing else goes to anybody's log. */
static bool
is_word(struct atls_bytes s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((s.p[i] < 'A' || s.p[i] > 'Z') &&
		    (s.p[i] < 'a' || s.p[i] > 'z'))
			return false;
	return s.len > 0 && s.len <= 40;
}

enum atls_rc
nsm_response(struct atls_bytes in, struct atls_bytes *document,
    struct atls_err *err)
{
	struct atls_bytes rest = in, word;

	*document = (struct atls_bytes){ NULL, 0 };
	if (take_same(&rest, bad, sizeof(bad)) &&
	    is_string(rest, TSTR, &word) && is_word(word))
		return fail_set(err, ATLS_E_DEVICE, "nsm.error", "%.*s",
		    (int)word.len, (const char *)word.p);
	rest = in;
	if (!take_same(&rest, good, sizeof(good)) ||
	    !is_string(rest, BSTR, document) || document->len == 0) {
		*document = (struct atls_bytes){ NULL, 0 };
		return fail_set(err, ATLS_E_DEVICE, "nsm.response",
		    "%zu octets, not a document", in.len);
	}
	return ATLS_OK;
}
