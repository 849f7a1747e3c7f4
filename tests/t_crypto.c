/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, MACs, random octets, the DER of ECDSA signatures. */
#include <stdlib.h>
#include <string.h>

#include "../src/crypto/crypto.h"
#include "heap.h"
#include "t.h"

/* FIPS 180-4 and its examples; RFC 6234, 8.5. */
static const struct {
	const char	*what, *in;
	enum atls_hash	 hash;
	const char	*out;
} hashes[] = {
	{ "sha256 empty", "", ATLS_SHA256,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	    },
	{ "sha256 abc", "abc", ATLS_SHA256,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	    },
	{ "sha384 abc", "abc", ATLS_SHA384,
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7" },
	{ "sha512 abc", "abc", ATLS_SHA512,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
	    },
	{ "sha256 two blocks",
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    ATLS_SHA256,
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
	    },
	{ "sha384 two blocks",
	    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	    "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	    ATLS_SHA384,
	    "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
	    "fcc7c71a557e2db966c3e9fa91746039" },
};

static void
test_hash(void)
{
	uint8_t out[ATLS_HASH_MAX];
	struct atls_bytes part[3];
	size_t i, cut;

	for (i = 0; i < NITEMS(hashes); i++) {
		struct atls_bytes in = text(hashes[i].in);
		struct atls_bytes want = hex(hashes[i].out);

		T(crypto_hash_len(hashes[i].hash) == want.len, "%s",
		    hashes[i].what);
		for (cut = 0; cut <= in.len; cut++) {
			part[0] = (struct atls_bytes){ in.p, cut };
			part[1] = (struct atls_bytes){ NULL, 0 };
			part[2] = (struct atls_bytes){ in.p + cut,
			    in.len - cut };
			T(crypto_hash(hashes[i].hash, part, 3, out) ==
			    ATLS_OK && atls_ct_eq(want, (struct atls_bytes){
			    out, want.len }), "%s, cut at %zu",
			    hashes[i].what, cut);
		}
		drop(in);
		drop(want);
	}
	T(crypto_hash(ATLS_SHA256, NULL, 0, out) == ATLS_OK &&
	    out[0] == 0xe3, "no parts");
	T(crypto_hash((enum atls_hash)0, NULL, 0, out) == ATLS_E_ARG, "hash 0");
	T(crypto_hash((enum atls_hash)4, NULL, 0, out) == ATLS_E_ARG, "hash 4");
	T(crypto_hash_len((enum atls_hash)0) == 0 &&
	    crypto_hash_len((enum atls_hash)4) == 0, "lengths");
}

/* RFC 4231, test cases 1, 2 and 6. */
static const struct {
	const char	*what, *key, *msg;
	enum atls_hash	 hash;
	const char	*out;
} macs[] = {
	{ "1, sha256", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
	    ATLS_SHA256,
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
	    },
	{ "1, sha384", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
	    ATLS_SHA384,
	    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
	    "faea9ea9076ede7f4af152e8b2fa9cb6" },
	{ "1, sha512", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
	    ATLS_SHA512,
	    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	    "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
	    },
	{ "2, sha256", "4a656665", "what do ya want for nothing?", ATLS_SHA256,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	    },
	{ "2, sha384", "4a656665", "what do ya want for nothing?", ATLS_SHA384,
	    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	    "8e2240ca5e69e2c78b3239ecfab21649" },
	{ "6, sha256",		/* a key longer than a block */
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaa", "Test Using Larger Than Block-Size Key - Hash Key First",
	    ATLS_SHA256,
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
	    },
	{ "no key, no message", "", "", ATLS_SHA256,
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
	    },
};

static void
test_hmac(void)
{
	uint8_t out[ATLS_HASH_MAX];
	size_t i;

	for (i = 0; i < NITEMS(macs); i++) {
		struct atls_bytes key = hex(macs[i].key);
		struct atls_bytes msg = text(macs[i].msg);
		struct atls_bytes want = hex(macs[i].out);

		T(crypto_hmac(macs[i].hash, key, msg, out) == ATLS_OK &&
		    atls_ct_eq(want, (struct atls_bytes){ out, want.len }),
		    "%s", macs[i].what);
		drop(key);
		drop(msg);
		drop(want);
	}
	T(crypto_hmac(ATLS_SHA256, (struct atls_bytes){ NULL, 0 },
	    (struct atls_bytes){ NULL, 0 }, out) == ATLS_OK && out[0] == 0xb6,
	    "NULL views");
	T(crypto_hmac((enum atls_hash)9, (struct atls_bytes){ NULL, 0 },
	    (struct atls_bytes){ NULL, 0 }, out) == ATLS_E_ARG, "hash 9");
}

static void
test_random(void)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	T(crypto_random(a, sizeof(a)) == ATLS_OK &&
	    crypto_random(b, sizeof(b)) == ATLS_OK &&
	    memcmp(a, b, sizeof(a)) != 0, "two draws");
	T(crypto_random(NULL, 0) == ATLS_OK, "nothing wanted");
}

/* RFC 3279, 2.2.3. */
static const struct {
	const char	*what, *r, *s;
	enum atls_rc	 rc;
	const char	*out;
} ders[] = {
	{ "small", "01", "02", ATLS_OK, "3006020101020102" },
	{ "high bit", "80", "ff", ATLS_OK, "300802020080020200ff" },
	{ "leading zeros", "000080", "00000001", ATLS_OK,
	    "300702020080020101" },
	{ "zero", "00", "0000", ATLS_OK, "3006020100020100" },
	{ "no r", "", "01", ATLS_E_ARG, NULL },
	{ "no s", "01", "", ATLS_E_ARG, NULL },
};

static void
test_ecdsa_der(void)
{
	uint8_t out[160], big[67], cut;
	struct atls_buf buf = { out, sizeof(out), 0 };
	size_t i;

	for (i = 0; i < NITEMS(ders); i++) {
		struct atls_bytes r = hex(ders[i].r), s = hex(ders[i].s);
		struct atls_bytes want = hex(ders[i].out != NULL ?
		    ders[i].out : "");

		T(crypto_ecdsa_der(r, s, &buf) == ders[i].rc &&
		    atls_ct_eq(want, (struct atls_bytes){ out, buf.len }),
		    "%s: %zu octets", ders[i].what, buf.len);
		for (cut = 0; cut < want.len; cut++) {
			struct atls_buf less = { malloc(cut + 1u), cut, 0 };

			T(crypto_ecdsa_der(r, s, &less) == ATLS_E_SPACE &&
			    less.len == want.len, "%s into %d", ders[i].what,
			    cut);
			free(less.p);
		}
		drop(r);
		drop(s);
		drop(want);
	}
	memset(big, 0xff, sizeof(big));
	T(crypto_ecdsa_der((struct atls_bytes){ big, 66 },
	    (struct atls_bytes){ big, 66 }, &buf) == ATLS_OK &&
	    buf.len == 141 && out[1] == 0x81 && out[2] == 138, "P-521: %zu",
	    buf.len);
	T(crypto_ecdsa_der((struct atls_bytes){ big, 67 },
	    (struct atls_bytes){ big, 66 }, &buf) == ATLS_E_ARG &&
	    buf.len == 0, "too long");
}

int
main(void)
{
	test_hash();
	test_hmac();
	test_random();
	test_ecdsa_der();
	return t_end("t_crypto");
}
