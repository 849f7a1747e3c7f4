/* SPDX-License-Identifier: Apache-2.0 */
/* PEM: what is read, what is refused, and no bit of it that does not matter.
 */
#include "../src/codec/pem.h"
#include "heap.h"
#include "t.h"

#define B	"-----BEGIN CERTIFICATE-----\n"
#define E	"-----END CERTIFICATE-----\n"
#define MAX	3

/* All digits: a line of 64 of them, and what it is. */
#define L	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define L_IS	"00108310518720928b30d38f41149351559761969b71d79f" \
	"8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3dfbf"

static const struct {
	const char	*what, *in;
	size_t		 len;		/* 0: of the string */
	enum atls_rc	 rc;
	size_t		 n;
	const char	*out;		/* hex, of all blocks */
} cases[] = {
	{ "three octets", B "AAEC\n" E, 0, ATLS_OK, 1, "000102" },
	{ "two octets", B "AAE=\n" E, 0, ATLS_OK, 1, "0001" },
	{ "one octet", B "AA==\n" E, 0, ATLS_OK, 1, "00" },
	{ "62 and 63", B "+/+/\n" E, 0, ATLS_OK, 1, "fbffbf" },
	{ "two lines", B "AAEC\nAwQF\n" E, 0, ATLS_OK, 1, "000102030405" },
	{ "64 digits", B L "\n" E, 0, ATLS_OK, 1, L_IS },
	{ "64 digits and more", B L "AAEC\n" E, 0, ATLS_OK, 1,
	    L_IS "000102" },
	{ "64 digits, and more in a line", B L "\nAAE=\n" E, 0, ATLS_OK, 1,
	    L_IS "0001" },
	{ "64 digits behind four", B "AAEC" L "\n" E, 0, ATLS_OK, 1,
	    "000102" L_IS },
	{ "two blocks", B "AAEC\n" E B "AwQF\n" E, 0, ATLS_OK, 2,
	    "000102030405" },
	{ "line between", B "AAEC\n" E "\n\n" B "AwQF\n" E, 0, ATLS_OK, 2,
	    "000102030405" },
	{ "CR LF", "-----BEGIN CERTIFICATE-----\r\nAAEC\r\n"
	    "-----END CERTIFICATE-----\r\n", 0, ATLS_OK, 1, "000102" },
	{ "no last line end", B "AAEC\n-----END CERTIFICATE-----", 0, ATLS_OK,
	    1, "000102" },
	{ "NUL", B "AAEC\n" E "\0", sizeof(B "AAEC\n" E), ATLS_OK, 1,
	    "000102" },
	{ "NUL, no line end", B "AAEC\n-----END CERTIFICATE-----\0",
	    sizeof(B "AAEC\n" E) - 1, ATLS_OK, 1, "000102" },
	{ "three blocks", B "AA==\n" E B "AA==\n" E B "AA==\n" E, 0, ATLS_OK,
	    3, "000000" },

	{ "four blocks", B "AA==\n" E B "AA==\n" E B "AA==\n" E B "AA==\n" E,
	    0, ATLS_E_LIMIT, 0, "" },
	{ "nothing", "", 0, ATLS_E_FORMAT, 0, "" },
	{ "only NUL", "\0", 1, ATLS_E_FORMAT, 0, "" },
	{ "two NULs", B "AAEC\n" E "\0\0", sizeof(B "AAEC\n" E) + 1,
	    ATLS_E_TRAIL, 0, "" },
	{ "NUL and a block", B "AAEC\n" E "\0" B "AAEC\n" E,
	    sizeof(B "AAEC\n" E) + sizeof(B "AAEC\n" E) - 1, ATLS_E_TRAIL, 0,
	    "" },
	{ "words before", "x\n" B "AAEC\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "words behind", B "AAEC\n" E "x", 0, ATLS_E_TRUNC, 0, "" },
	{ "words behind END", B "AAEC\n-----END CERTIFICATE-----x\n", 0,
	    ATLS_E_FORMAT, 0, "" },
	{ "space behind", B "AAEC\n" E " ", 0, ATLS_E_TRUNC, 0, "" },
	{ "CR alone", B "AAEC\r-----END CERTIFICATE-----\n", 0, ATLS_E_FORMAT,
	    0, "" },
	{ "another label", "-----BEGIN X509 CRL-----\nAAEC\n"
	    "-----END X509 CRL-----\n", 0, ATLS_E_FORMAT, 0, "" },
	{ "another end", B "AAEC\n-----END CERTIFICATF-----\n", 0,
	    ATLS_E_FORMAT, 0, "" },
	{ "no end", B "AAEC\n", 0, ATLS_E_TRUNC, 0, "" },
	{ "empty", B E, 0, ATLS_E_FORMAT, 0, "" },
	{ "blank line within", B "AAEC\n\nAwQF\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "blank line first", B "\nAAEC\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "header", B "Proc-Type: 4,ENCRYPTED\n\nAAEC\n" E, 0, ATLS_E_FORMAT,
	    0, "" },
	{ "line within a group", B "AA\nEC\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "end on the same line", B "AAEC" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "end behind 64 digits", B L E, 0, ATLS_E_FORMAT, 0, "" },
	{ "65 digits", B L "A\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "three digits", B "AAE\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "one digit", B "A===\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "digit behind =", B "AA=A\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "group behind =", B "AA==AAEC\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "line behind =", B "AA==\nAAEC\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "unused bits, two", B "AAF=\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "unused bits, four", B "AB==\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "base64url", B "-_-_\n" E, 0, ATLS_E_FORMAT, 0, "" },
	{ "space", B "AAE \n" E, 0, ATLS_E_FORMAT, 0, "" },
};

static void
t_cases(void)
{
	uint8_t b[128];
	struct atls_bytes in, want, der[MAX];
	struct atls_buf out;
	struct rd r;
	size_t i, n;

	for (i = 0; i < NITEMS(cases); i++) {
		in = copy((struct atls_bytes){ (const uint8_t *)cases[i].in,
		    cases[i].len ? cases[i].len : strlen(cases[i].in) });
		want = hex(cases[i].out);
		out = (struct atls_buf){ b, sizeof(b), 5 };
		r = rd_of(in);
		n = pem_get(&r, PEM_CERT, &out, der, MAX);
		T(rd_done(&r) == cases[i].rc && n == cases[i].n, "%s: %d, %zu",
		    cases[i].what, (int)rd_done(&r), n);
		T(out.len == 5 + want.len &&
		    memcmp(b + 5, want.p, want.len) == 0, "%s: %zu",
		    cases[i].what, out.len);
		T(n == 0 || der[0].p == b + 5, "%s: first", cases[i].what);
		out = (struct atls_buf){ b, want.len + 4, 5 };
		r = rd_of(in);
		if (n > 0)
			T(pem_get(&r, PEM_CERT, &out, der, MAX) == 0 &&
			    r.rc == ATLS_E_SPACE && out.len == 5,
			    "%s: no room", cases[i].what);
		drop(want);
		drop(in);
	}
}

/* Nobody signs this text, so all of it must matter: with one bit turned over
 * it is refused, or it says something else. */
static void
t_bits(const char *good, size_t len)
{
	struct atls_bytes in = { (const uint8_t *)good, len };
	struct atls_bytes one, der[MAX];
	uint8_t was[128], b[128];
	struct atls_buf first = { was, sizeof(was), 0 }, out;
	struct rd r = rd_of(in);
	size_t i, n;

	T(pem_get(&r, PEM_CERT, &first, der, MAX) == 2, "good");
	T(pem_is(in) && !pem_is((struct atls_bytes){ in.p, 5 }), "looks");
	for (i = 0; i < in.len * 8; i++) {
		one = flip(in, i);
		out = (struct atls_buf){ b, sizeof(b), 0 };
		r = rd_of(one);
		n = pem_get(&r, PEM_CERT, &out, der, MAX);
		T(n == 0 || (n == 2 && out.len == first.len &&
		    memcmp(b, was, out.len) != 0), "bit %zu", i);
		drop(one);
	}
	/* without NUL and LF it is good */
	for (i = 0; i + 2 < in.len; i++) {
		one = copy((struct atls_bytes){ in.p, i });
		out = (struct atls_buf){ b, sizeof(b), 0 };
		r = rd_of(one);
		n = pem_get(&r, PEM_CERT, &out, der, MAX);
		T(n == 0 || (n == 1 && out.len == first.len - 1), "prefix %zu",
		    i);
		drop(one);
	}
}

int
main(void)
{
	static const char few[] = B "AAECAwQF\nBgcICQ==\n" E B "/w==\n" E "\0";
	static const char more[] = B L "\nAAECAwQF\n" E B "/w==\n" E "\0";

	t_cases();
	t_bits(few, sizeof(few) - 1);
	t_bits(more, sizeof(more) - 1);
	return t_end("t_pem");
}
