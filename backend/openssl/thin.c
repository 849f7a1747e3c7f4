/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL 3.0 tries every decoder it has on every public key, which is most
 * of the work of reading a certificate, and a tenth of a handshake.  This
 * provider hands on what the default one has, except the decoders of keys
 * that no peer may show.
 */
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include "ob.h"

static const char *const wanted[] = { "EC", "ED25519", "RSA", "RSA-PSS" };

static OSSL_PROVIDER *whole;		/* the default provider */
static OSSL_ALGORITHM few[OB_NITEMS(wanted) + 1];

static bool
is_wanted(const OSSL_ALGORITHM *a)
{
	size_t i;

	if (strstr(a->property_definition, "input=der") == NULL ||
	    strstr(a->property_definition,
	    "structure=SubjectPublicKeyInfo") == NULL)
		return false;
	for (i = 0; i < OB_NITEMS(wanted); i++)
		if (strcmp(a->algorithm_names, wanted[i]) == 0)
			return true;
	return false;
}

static const OSSL_ALGORITHM *
thin_query(void *provctx, int operation, int *no_cache)
{
	const OSSL_ALGORITHM *all;

	(void)provctx;
	all = OSSL_PROVIDER_query_operation(whole, operation, no_cache);
	return operation == OSSL_OP_DECODER && all != NULL ? few : all;
}

/* libssl asks for the groups of its key exchange. */
static int
thin_capabilities(void *provctx, const char *name, OSSL_CALLBACK *give,
    void *arg)
{
	(void)provctx;
	return OSSL_PROVIDER_get_capabilities(whole, name, give, arg);
}

static int
thin_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
    const OSSL_DISPATCH **out, void **provctx)
{
	static const OSSL_DISPATCH thin[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION,
		    (void (*)(void))thin_query },
		{ OSSL_FUNC_PROVIDER_GET_CAPABILITIES,
		    (void (*)(void))thin_capabilities },
		{ 0, NULL }
	};
	const OSSL_ALGORITHM *a;
	int no_cache;
	size_t n = 0;

	(void)handle;
	(void)in;
	a = OSSL_PROVIDER_query_operation(whole, OSSL_OP_DECODER, &no_cache);
	for (; a != NULL && a->algorithm_names != NULL; a++)
		if (n < OB_NITEMS(wanted) && is_wanted(a))
			few[n++] = *a;
	few[n] = (OSSL_ALGORITHM){ NULL, NULL, NULL, NULL };
	*out = thin;
	*provctx = OSSL_PROVIDER_get0_provider_ctx(whole);
	return n == OB_NITEMS(wanted);
}

/* Once in a process; full is kept for good. */
int
ob_thin_provide(OSSL_LIB_CTX *lib, OSSL_LIB_CTX *full)
{
	return (whole = OSSL_PROVIDER_load(full, "default")) != NULL &&
	    OSSL_PROVIDER_add_builtin(lib, "thin", thin_init) == 1 &&
	    OSSL_PROVIDER_load(lib, "thin") != NULL;
}
