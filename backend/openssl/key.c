/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key of the handshake that is only a function: identity->sign(),
 * behind which there may be a TPM.  libssl takes keys from providers, and its
 * CertificateVerify hands a provider the whole text to be signed, which is
 * what sign() wants (a hook below that, of EC_KEY or RSA, would see a digest,
 * is deprecated, and cannot do Ed25519).  So this is a provider of three key
 * types that can export their public half, and one signature.
 */
#include <string.h>

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include "ob.h"

#define PROVIDER	"atls"
#define SIGNATURE	"ATLS-IDENTITY"
#define PARAM		"atls-identity"

/* Keys. */

struct key {
	const struct atls_identity	*id;
	EVP_PKEY			*pub;	/* of the default provider */
};

static void *
key_new(void *provctx)
{
	(void)provctx;
	return OPENSSL_zalloc(sizeof(struct key));
}

static void
key_free(void *v)
{
	struct key *k = v;

	if (k == NULL)
		return;
	EVP_PKEY_free(k->pub);
	OPENSSL_free(k);
}

static int
key_has(const void *v, int selection)
{
	(void)selection;
	return ((const struct key *)v)->pub != NULL;
}

/* Only from ob_key_new(), which passes a struct key. */
static int
key_import(void *v, int selection, const OSSL_PARAM params[])
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, PARAM);
	struct key *k = v;

	(void)selection;
	if (p == NULL || p->data_size != sizeof(*k) ||
	    p->data_type != OSSL_PARAM_OCTET_STRING)
		return 0;
	memcpy(k, p->data, sizeof(*k));
	if (EVP_PKEY_up_ref(k->pub) != 1) {
		k->pub = NULL;
		return 0;
	}
	return 1;
}

static const OSSL_PARAM *
key_import_types(int selection)
{
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_octet_string(PARAM, NULL, 0), OSSL_PARAM_END
	};

	(void)selection;
	return types;
}

/* The public half, whatever was asked for: there is no other.  libssl wants
 * it to compare key and certificate. */
static int
key_export(void *v, int selection, OSSL_CALLBACK *give, void *arg)
{
	const struct key *k = v;
	OSSL_PARAM *params = NULL;
	int ok;

	(void)selection;
	/* without memory it says 1 and gives nothing */
	if (EVP_PKEY_todata(k->pub, EVP_PKEY_PUBLIC_KEY, &params) != 1 ||
	    params == NULL)
		return 0;
	ok = give(params, arg);
	OSSL_PARAM_free(params);
	return ok;
}

static const OSSL_PARAM *
key_export_types(int selection)
{
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
		OSSL_PARAM_END
	};

	(void)selection;
	return types;
}

static int
key_get_params(void *v, OSSL_PARAM params[])
{
	return EVP_PKEY_get_params(((const struct key *)v)->pub, params);
}

static const OSSL_PARAM *
key_gettable_params(void *provctx)
{
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_END
	};

	(void)provctx;
	return types;
}

static const char *
key_operation_name(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? SIGNATURE : NULL;
}

/* Signatures. */

struct sig {
	const struct key	*key;
	uint16_t		 scheme;
};

static void *
sig_new(void *provctx, const char *propq)
{
	(void)provctx;
	(void)propq;
	return OPENSSL_zalloc(sizeof(struct sig));
}

static void
sig_free(void *v)
{
	OPENSSL_free(v);
}

/* The scheme libssl means, of the key's type and the digest's name. */
static const struct {
	const char	*type, *group, *digest;
	uint16_t	 scheme;
} schemes[] = {
	{ "EC", SN_X9_62_prime256v1,	"SHA256", ATLS_ECDSA_P256_SHA256 },
	{ "EC", SN_secp384r1,		"SHA384", ATLS_ECDSA_P384_SHA384 },
	{ "RSA", "",			"SHA256", ATLS_RSA_PSS_SHA256 },
	{ "RSA", "",			"SHA384", ATLS_RSA_PSS_SHA384 },
	{ "RSA", "",			"SHA512", ATLS_RSA_PSS_SHA512 },
	{ "ED25519", "",		"",	  ATLS_ED25519 },
};

static uint16_t
scheme_of(const EVP_PKEY *pub, const char *digest)
{
	char group[32] = "";
	EVP_MD *md;
	uint16_t scheme = 0;
	size_t i;

	if (EVP_PKEY_is_a(pub, "EC") &&
	    EVP_PKEY_get_group_name(pub, group, sizeof(group), NULL) != 1)
		return 0;
	if (digest == NULL)
		digest = "";
	md = *digest == '\0' ? NULL : EVP_MD_fetch(ob_lib(), digest, NULL);
	for (i = 0; i < OB_NITEMS(schemes) && scheme == 0; i++)
		if (EVP_PKEY_is_a(pub, schemes[i].type) &&
		    strcmp(group, schemes[i].group) == 0 &&
		    (md == NULL ? schemes[i].digest[0] == '\0' :
		    EVP_MD_is_a(md, schemes[i].digest)))
			scheme = schemes[i].scheme;
	EVP_MD_free(md);
	return scheme;
}

static int
sig_init(void *v, const char *digest, void *key, const OSSL_PARAM params[])
{
	struct sig *s = v;
	size_t i;

	(void)params;
	s->key = key;
	s->scheme = scheme_of(s->key->pub, digest);
	for (i = 0; i < s->key->id->nscheme; i++)
		if (s->scheme != 0 && s->key->id->scheme[i] == s->scheme)
			return 1;
	return 0;
}

static int
sig_sign(void *v, unsigned char *out, size_t *outlen, size_t cap,
    const unsigned char *tbs, size_t tbslen)
{
	const struct sig *s = v;
	struct atls_buf buf = { out, cap, 0 };
	struct atls_err why = { 0 };
	enum atls_rc rc;

	if (out == NULL) {
		*outlen = ATLS_SIG_MAX;
		return 1;
	}
	if (cap < ATLS_SIG_MAX)
		return 0;
	rc = ob_job_sign(s->key->id, s->scheme,
	    (struct atls_bytes){ tbs, tbslen }, &buf, &why);
	if (rc != ATLS_OK || buf.len == 0 || buf.len > cap) {
		ob_raise(rc != ATLS_OK ? rc : ATLS_E_CRYPTO, &why);
		return 0;
	}
	*outlen = buf.len;
	return 1;
}

static bool
param_is(const OSSL_PARAM *p, const char *name, int number)
{
	const char *s;
	int n;

	if (p == NULL)
		return true;
	if (p->data_type == OSSL_PARAM_UTF8_STRING)
		return OSSL_PARAM_get_utf8_string_ptr(p, &s) == 1 &&
		    strcmp(s, name) == 0;
	return OSSL_PARAM_get_int(p, &n) == 1 && n == number;
}

/* TLS 1.3 has one way to use an RSA key, and scheme_of() knows it: here it
 * only remains to refuse any other. */
static int
sig_set_params(void *v, const OSSL_PARAM params[])
{
	(void)v;
	return param_is(OSSL_PARAM_locate_const(params,
	    OSSL_SIGNATURE_PARAM_PAD_MODE), OSSL_PKEY_RSA_PAD_MODE_PSS,
	    RSA_PKCS1_PSS_PADDING) &&
	    param_is(OSSL_PARAM_locate_const(params,
	    OSSL_SIGNATURE_PARAM_PSS_SALTLEN),
	    OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, RSA_PSS_SALTLEN_DIGEST);
}

static const OSSL_PARAM *
sig_settable_params(void *v, void *provctx)
{
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL,
		    0),
		OSSL_PARAM_END
	};

	(void)v;
	(void)provctx;
	return types;
}

/* The provider. */

#define FN(id, f)	{ OSSL_FUNC_ ## id, (void (*)(void))(f) }

static const OSSL_DISPATCH keymgmt[] = {
	FN(KEYMGMT_NEW, key_new),
	FN(KEYMGMT_FREE, key_free),
	FN(KEYMGMT_HAS, key_has),
	FN(KEYMGMT_IMPORT, key_import),
	FN(KEYMGMT_IMPORT_TYPES, key_import_types),
	FN(KEYMGMT_EXPORT, key_export),
	FN(KEYMGMT_EXPORT_TYPES, key_export_types),
	FN(KEYMGMT_GET_PARAMS, key_get_params),
	FN(KEYMGMT_GETTABLE_PARAMS, key_gettable_params),
	FN(KEYMGMT_QUERY_OPERATION_NAME, key_operation_name),
	{ 0, NULL }
};

static const OSSL_DISPATCH signature[] = {
	FN(SIGNATURE_NEWCTX, sig_new),
	FN(SIGNATURE_FREECTX, sig_free),
	FN(SIGNATURE_DIGEST_SIGN_INIT, sig_init),
	FN(SIGNATURE_DIGEST_SIGN, sig_sign),
	FN(SIGNATURE_SET_CTX_PARAMS, sig_set_params),
	FN(SIGNATURE_SETTABLE_CTX_PARAMS, sig_settable_params),
	{ 0, NULL }
};

static const OSSL_ALGORITHM keymgmts[] = {
	{ "EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=" PROVIDER,
	    keymgmt, "identity" },
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=" PROVIDER,
	    keymgmt, "identity" },
	{ "ED25519:1.3.101.112", "provider=" PROVIDER, keymgmt, "identity" },
	{ NULL, NULL, NULL, NULL }
};

static const OSSL_ALGORITHM signatures[] = {
	{ SIGNATURE, "provider=" PROVIDER, signature, "identity" },
	{ NULL, NULL, NULL, NULL }
};

static const OSSL_ALGORITHM *
provider_query(void *provctx, int operation, int *no_cache)
{
	(void)provctx;
	*no_cache = 0;
	switch (operation) {
	case OSSL_OP_KEYMGMT:
		return keymgmts;
	case OSSL_OP_SIGNATURE:
		return signatures;
	default:
		return NULL;
	}
}

static int
provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
    const OSSL_DISPATCH **out, void **provctx)
{
	static const OSSL_DISPATCH provider[] = {
		FN(PROVIDER_QUERY_OPERATION, provider_query), { 0, NULL }
	};
	static char ours;

	(void)handle;
	(void)in;
	*out = provider;
	*provctx = &ours;
	return 1;
}

int
ob_key_provide(OSSL_LIB_CTX *lib)
{
	return OSSL_PROVIDER_add_builtin(lib, PROVIDER, provider_init) == 1 &&
	    OSSL_PROVIDER_load(lib, PROVIDER) != NULL;
}

EVP_PKEY *
ob_key_new(const struct atls_identity *id, EVP_PKEY *pub)
{
	struct key k = { id, pub };
	OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(PARAM, &k, sizeof(k)), OSSL_PARAM_END
	};
	EVP_PKEY_CTX *c;
	EVP_PKEY *key = NULL;

	c = EVP_PKEY_CTX_new_from_name(ob_lib(), EVP_PKEY_get0_type_name(pub),
	    "provider=" PROVIDER);
	if (c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
	    EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(c);
	return key;
}
