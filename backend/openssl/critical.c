/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates with evidence in an extension that is marked critical. */
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "ob.h"

/* What the core reads, as DICE would have it marked: RFC 9999, tagged
 * evidence, endorsements. */
static const char *const known[] = {
	"1.3.6.1.5.5.7.1.35", "2.23.133.5.4.9", "2.23.133.5.4.2",
};

static bool
is_known(X509_EXTENSION *e)
{
	ASN1_OBJECT *o;
	bool is = X509_supported_extension(e) == 1;
	size_t i;

	for (i = 0; i < OB_NITEMS(known) && !is; i++) {
		o = OBJ_txt2obj(known[i], 1);
		is = o != NULL && OBJ_cmp(o,
		    X509_EXTENSION_get_object(e)) == 0;
		ASN1_OBJECT_free(o);
	}
	return is;
}

/*
 * RFC 5280, 4.2: a critical extension that is not processed is a reason to
 * refuse.  These are processed, behind the handshake, and only in the leaf.
 */
int
ob_critical_verify(int ok, X509_STORE_CTX *ctx)
{
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	int i;

	if (ok == 1 || x == NULL || X509_STORE_CTX_get_error(ctx) !=
	    X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION ||
	    X509_STORE_CTX_get_error_depth(ctx) != 0)
		return ok;
	for (i = 0; i < X509_get_ext_count(x); i++)
		if (X509_EXTENSION_get_critical(X509_get_ext(x, i)) != 0 &&
		    !is_known(X509_get_ext(x, i)))
			return 0;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}
