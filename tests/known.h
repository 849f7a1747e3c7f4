/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KNOWN_H
#define KNOWN_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "heap.h"

/* Keys and signatures over "sample" of RFC 6979, A.2.5 and A.2.6. */
#define P256_HEAD	"3059301306072a8648ce3d020106082a8648ce3d030107034200"
#define P384_HEAD	"3076301006072a8648ce3d020106052b81040022036200"
#define P256_X		"60fed4ba255a9d31c961eb74c6356d68" \
			"c049b8923b61fa6ce669622e60f29fb6"
#define P256_Y		"7903fe1008b8bc99a41ae9e95628bc64" \
			"f2f1b20c2d7e9f5177a3c294d4462299"
#define P384_X		"ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e" \
			"06aae5286b300c64def8f0ea9055866064a254515480bc13"
#define P384_Y		"8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9" \
			"f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"
#define P256_R		"efd48b2aacb6a8fd1140dd9cd45e81d6" \
			"9d2c877b56aaf991c34d0ea84eaf3716"
#define P256_S		"f7cb1c942d657c41d436c7a1b6e29f65" \
			"f3e900dbb9aff4064dc4ab2f843acda8"
#define P384_R		"94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7" \
			"3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
#define P384_S		"99ef4aeb15f178cea1fe40db2603138f130e740a19624526" \
			"203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"

static inline struct atls_bytes
spki_of(EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);
	struct atls_bytes b = copy((struct atls_bytes){ der, (size_t)n });

	OPENSSL_free(der);
	return b;
}

#endif
