/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../base/err.h"
#include "az.h"

static enum atls_rc
bad(struct atls_err *err, const char *where, const char *what)
{
	return err_set(err, ATLS_E_FORMAT, where, 0, "%s", what);
}

static bool
is(const json_t *s, const char *text)
{
	return atls_ct_eq(json_view(s), (struct atls_bytes){
	    (const uint8_t *)text, strlen(text) });
}

/* Behind what is in scratch. */
static struct atls_bytes
keep(struct atls_buf *scratch, struct atls_bytes b, enum atls_rc *rc)
{
	struct atls_bytes out = { NULL, 0 };

	if (scratch == NULL || b.len > scratch->cap - scratch->len) {
		*rc = ATLS_E_SPACE;
		return out;
	}
	if (b.len == 0)
		return out;
	out = (struct atls_bytes){ scratch->p + scratch->len, b.len };
	memcpy(scratch->p + scratch->len, b.p, b.len);
	scratch->len += b.len;
	return out;
}

/* The one key that is called so. */
static const json_t *
key_named(const json_t *keys, const char *name)
{
	const json_t *k, *found = NULL;
	size_t i;

	for (i = 0; i < json_array_size(keys); i++) {
		k = json_array_get(keys, i);
		if (!is(json_object_get(k, "kid"), name))
			continue;
		if (found != NULL)
			return NULL;
		found = k;
	}
	return found;
}

static enum atls_rc
get_ak(const json_t *root, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	const json_t *k = key_named(json_object_get(root, "keys"),
	    "HCLAkPub");
	uint8_t store[JWK_MAX];
	enum atls_rc rc;
	struct jwk ak;

	if (k == NULL)
		return bad(err, "az.runtime.keys", "not one HCLAkPub");
	if ((rc = jwk_read(k, store, &ak)) != ATLS_OK)
		return err_set(err, rc, "az.runtime.ak", 0, "not a JWK");
	if (ak.type != JWK_RSA)
		return err_set(err, ATLS_E_UNKNOWN, "az.runtime.ak", 0,
		    "not RSA");
	out->part[AZ_AK_N] = keep(scratch, ak.a, &rc);
	out->part[AZ_AK_E] = keep(scratch, ak.b, &rc);
	if (rc != ATLS_OK)
		return err_set(err, rc, "az.scratch", 0, "no room");
	return ATLS_OK;
}

static void
claim(struct atls_evidence *out, const char *name, enum atls_claim_type type,
    struct atls_bytes bytes, uint64_t number)
{
	if (out->nclaim < ATLS_CLAIMS_MAX)
		out->claim[out->nclaim++] = (struct atls_claim){ name, type,
		    bytes, number };
}

static enum atls_rc
get_config(const json_t *c, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	static const struct {
		const char	*key, *name;
	} bools[] = {
		{ "secure-boot",	"az.secure_boot" },
		{ "tpm-enabled",	"az.tpm_enabled" },
		{ "tpm-persisted",	"az.tpm_persisted" },
		{ "console-enabled",	"az.console_enabled" },
	};
	const json_t *v = json_object_get(c, "vmUniqueId");
	struct atls_bytes id = json_view(v);
	enum atls_rc rc = ATLS_OK;
	size_t i;

	if (c != NULL && !json_is_object(c))
		return bad(err, "az.runtime.config", "not an object");
	if (v != NULL && (id.len == 0 || id.len > AZ_TEXT_MAX))
		return bad(err, "az.runtime.vm_id", "not a short text");
	if (v != NULL)
		claim(out, "az.vm_id", ATLS_CLAIM_TEXT, keep(scratch, id, &rc),
		    0);
	if (rc != ATLS_OK)
		return err_set(err, rc, "az.scratch", 0, "no room");
	for (i = 0; i < sizeof(bools) / sizeof(bools[0]); i++) {
		if ((v = json_object_get(c, bools[i].key)) == NULL)
			continue;
		if (!json_is_boolean(v))
			return bad(err, "az.runtime.config",
			    "neither true nor false");
		claim(out, bools[i].name, ATLS_CLAIM_BOOL,
		    (struct atls_bytes){ NULL, 0 }, json_is_true(v));
	}
	return ATLS_OK;
}

enum atls_rc
az_runtime(struct atls_bytes json, struct atls_buf *scratch,
    struct atls_evidence *out, struct atls_err *err)
{
	json_error_t why;
	json_t *root = json_loadb((const char *)json.p, json.len,
	    JSON_REJECT_DUPLICATES, &why);
	enum atls_rc rc;

	if (root == NULL)
		return err_set(err, json_error_code(&why) ==
		    json_error_out_of_memory ? ATLS_E_MEM : ATLS_E_FORMAT,
		    "az.runtime", why.position > 0 ? (size_t)why.position : 0,
		    "%.80s", why.text);
	rc = get_ak(root, scratch, out, err);
	if (rc == ATLS_OK)
		rc = get_config(json_object_get(root, "vm-configuration"),
		    scratch, out, err);
	json_decref(root);
	return rc;
}
