/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that does not look at the server's CertificateVerify.  libssl has
 * no switch for that, so the key in the certificate gets a method by which any
 * signature is right; the certificate itself stays as it is.
 */
#define OPENSSL_SUPPRESS_DEPRECATED	/* nothing newer takes a method */

#include <openssl/ec.h>
#include <openssl/ssl.h>

#include "wire.h"

static EC_KEY_METHOD *method;

static int
verify(int type, const unsigned char *digest, int digestlen,
    const unsigned char *sig, int siglen, EC_KEY *key)
{
	(void)type, (void)digest, (void)digestlen, (void)sig, (void)siglen;
	(void)key;
	return 1;
}

static int
verify_sig(const unsigned char *digest, int digestlen, const ECDSA_SIG *sig,
    EC_KEY *key)
{
	(void)digest, (void)digestlen, (void)sig, (void)key;
	return 1;
}

static int
take_any(X509_STORE_CTX *x, void *arg)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(x);
	EVP_PKEY *key = leaf == NULL ? NULL : X509_get0_pubkey(leaf);
	EC_KEY *ec = key == NULL ? NULL : EVP_PKEY_get1_EC_KEY(key);
	EVP_PKEY *blind = EVP_PKEY_new();
	int ok = ec != NULL && blind != NULL && EC_KEY_set_method(ec, method)
	    == 1 && EVP_PKEY_set1_EC_KEY(blind, ec) == 1 &&
	    X509_set_pubkey(leaf, blind) == 1;

	(void)arg;
	EC_KEY_free(ec);
	EVP_PKEY_free(blind);
	return ok;
}

bool
weak_blind(void *ctx)
{
	if (method == NULL && (method = EC_KEY_METHOD_new(
	    EC_KEY_OpenSSL())) != NULL)
		EC_KEY_METHOD_set_verify(method, verify, verify_sig);
	SSL_CTX_set_cert_verify_callback(ctx, take_any, NULL);
	return method != NULL;
}
