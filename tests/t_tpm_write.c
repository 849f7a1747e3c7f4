/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <atls/tpm_evidence.h>

#include "t.h"

#define B(s)	{ (const uint8_t *)(s), sizeof(s) - 1 }

static const struct atls_tpm_parts good = {
	.kid = B("k"), .certify_sig = B("s1"), .certify_info = B("i1"),
	.key_pub = B("p1"), .quote_sig = B("s2"), .quote_info = B("i2"),
	.ak_pub = B("p2"), .ak_cert = { B("c1"), B("c2") }, .nak_cert = 2,
	.bank = { { 0x0b, { [0] = B("v0"), [23] = B("v23") } },
	    { 0x0c, { [7] = B("w7") } } },
	.nbank = 2,
};

/* RFC 8949, by hand: heads, and text in between. */
static const char wire[] =
"\xa3" "\x63" "ext" "\xa3"
"\x64" "pcrs" "\x82"
"\x82\x0b\xa2\x00\x42v0\x17\x43v23" "\x82\x0c\xa1\x07\x42w7"
"\x65" "akPub" "\x42p2" "\x66" "akCert" "\x82\x42" "c1\x42" "c2"
"\x63" "kat" "\xa5" "\x63" "kid" "\x41k" "\x63" "sig" "\x42s1"
"\x66" "tpmVer" "\x63" "2.0" "\x67" "pubArea" "\x42p1"
"\x68" "certInfo" "\x42i1"
"\x63" "pat" "\xa4" "\x63" "kid" "\x41k" "\x63" "sig" "\x42s2"
"\x66" "tpmVer" "\x63" "2.0" "\x6a" "attestInfo" "\x42i2";

static enum atls_rc
write_in(const struct atls_tpm_parts *t, size_t cap, size_t *len, bool *same)
{
	struct atls_buf out = { malloc(cap == 0 ? 1 : cap), cap, 99 };
	enum atls_rc rc;

	if (out.p == NULL)
		exit(1);
	rc = atls_tpm_evidence_write(t, &out);
	*len = out.len;
	*same = rc == ATLS_OK && out.len == sizeof(wire) - 1 &&
	    memcmp(out.p, wire, out.len) == 0;
	free(out.p);
	return rc;
}

/* What must be there, and by which change it is not. */
static void
t_missing(void)
{
	static const struct atls_bytes none;
	struct atls_tpm_parts t[13];
	size_t i, len;
	bool same;

	for (i = 0; i < NITEMS(t); i++)
		t[i] = good;
	t[0].kid = none;
	t[1].certify_sig = none;
	t[2].certify_info = none;
	t[3].key_pub = none;
	t[4].quote_sig = none;
	t[5].quote_info = none;
	t[6].ak_pub = none;
	t[7].ak_cert[1] = none;
	t[8].nak_cert = ATLS_CHAIN_MAX + 1;
	t[9].nbank = 0;
	t[10].nbank = ATLS_TPM_BANKS + 1;
	t[11].bank[1].pcr[7] = none;
	t[12].nbank = 3;
	for (i = 0; i < NITEMS(t); i++)
		T(write_in(&t[i], 512, &len, &same) == ATLS_E_ARG && len == 0,
		    "change %zu: %zu octets", i, len);
}

int
main(void)
{
	struct atls_tpm_parts bare = good;
	size_t n, len;
	bool same;

	for (n = 0; n < sizeof(wire) - 1; n++)
		T(write_in(&good, n, &len, &same) == ATLS_E_SPACE &&
		    len == sizeof(wire) - 1, "room for %zu: %zu", n, len);
	T(write_in(&good, n, &len, &same) == ATLS_OK && same, "all of it");
	bare.nak_cert = 0;
	T(write_in(&bare, n, &len, &same) == ATLS_OK &&
	    len == n - sizeof("\x66" "akCert" "\x82\x42" "c1\x42" "c2") + 1,
	    "without certificates: %zu", len);
	t_missing();
	return t_end("t_tpm_write");
}
