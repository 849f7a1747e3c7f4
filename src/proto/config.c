/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "config.h"

#include "../appraise/appraise.h"
#include "../base/err.h"
#include "../crypto/crypto.h"

#define TIMEOUT_MAX	3600		/* seconds */

struct atls_config *
atls_config_new(void)
{
	struct atls_config *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	atomic_init(&c->refs, 1);
	atomic_init(&c->frozen, false);
	c->code_point = ATLS_CODE_POINT;
	c->profile = ATLS_PROFILE_EXPAT_1;
	c->stream = ATLS_STREAM_FRAMED;
	c->family = family_of(ATLS_FAMILY_POST);
	c->hello = 10;
	c->evidence = 30;
	c->result = 30;
	return c;
}

struct atls_config *
atls_config_ref(struct atls_config *c)
{
	if (c != NULL)
		atomic_fetch_add(&c->refs, 1);
	return c;
}

void
atls_config_free(struct atls_config *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	atls_policy_free(c->policy);
	atls_trust_free(c->trust);
	atls_collateral_free(c->collateral);
	free(c->name);
	free((void *)(uintptr_t)c->own_spki.p);
	free(c);
}

enum atls_rc
atls_config_set_policy(struct atls_config *c, struct atls_policy *p)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (p == NULL)
		return ATLS_E_ARG;
	atls_policy_free(c->policy);
	c->policy = atls_policy_ref(p);
	return ATLS_OK;
}

enum atls_rc
atls_config_set_peer(struct atls_config *c, struct atls_trust *trust,
    const char *name)
{
	char *copy = NULL;

	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (trust == NULL || (name != NULL && name[0] == '\0'))
		return ATLS_E_ARG;
	if (name != NULL && (copy = strdup(name)) == NULL)
		return ATLS_E_MEM;
	atls_trust_free(c->trust);
	free(c->name);
	c->trust = atls_trust_ref(trust);
	c->name = copy;
	return ATLS_OK;
}

enum atls_rc
atls_config_insecure_no_pki(struct atls_config *c)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	c->no_pki = true;
	return ATLS_OK;
}

enum atls_rc
atls_config_insecure_two_keys(struct atls_config *c)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	c->two_keys = true;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_attester(struct atls_config *c, enum atls_kind kind,
    const struct atls_identity *id)
{
	struct crypto_chain *chain;
	struct atls_bytes spki;
	uint8_t *copy;
	enum atls_rc rc;

	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (kind <= ATLS_KIND_NONE || kind >= ATLS_NKINDS || id == NULL ||
	    id->nchain == 0 || id->nscheme == 0 || id->sign == NULL)
		return ATLS_E_ARG;
	if ((rc = crypto_chain_get(NULL, id->chain, id->nchain, &chain,
	    NULL)) != ATLS_OK)
		return rc;
	spki = crypto_chain_spki(chain);
	if ((copy = malloc(spki.len)) == NULL) {
		crypto_chain_free(chain);
		return ATLS_E_MEM;
	}
	memcpy(copy, spki.p, spki.len);
	free((void *)(uintptr_t)c->own_spki.p);
	c->own_spki = (struct atls_bytes){ copy, spki.len };
	crypto_chain_free(chain);
	c->kind = kind;
	c->identity = id;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_code_point(struct atls_config *c, unsigned code_point)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (code_point > 0xffff)
		return ATLS_E_ARG;
	c->code_point = code_point;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_profile(struct atls_config *c, enum atls_profile profile)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (profile < ATLS_PROFILE_EXPAT_1 || profile > ATLS_PROFILE_COCOS)
		return ATLS_E_ARG;
	c->profile = profile;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_stream(struct atls_config *c, enum atls_stream stream)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (stream != ATLS_STREAM_FRAMED && stream != ATLS_STREAM_RAW)
		return ATLS_E_ARG;
	c->stream = stream;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_timeouts(struct atls_config *c, unsigned hello,
    unsigned evidence, unsigned result)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (hello - 1 >= TIMEOUT_MAX || evidence - 1 >= TIMEOUT_MAX ||
	    result - 1 >= TIMEOUT_MAX)
		return ATLS_E_ARG;
	c->hello = hello;
	c->evidence = evidence;
	c->result = result;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_reattest(struct atls_config *c, unsigned seconds, bool hold)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	c->reattest = seconds;
	c->hold = hold;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_collateral(struct atls_config *c,
    struct atls_collateral *store, void (*fill)(void *,
    struct atls_collateral *, const struct atls_evidence *, int64_t),
    void *arg)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (store == NULL)
		return ATLS_E_ARG;
	atls_collateral_free(c->collateral);
	c->collateral = atls_collateral_ref(store);
	c->fill = fill;
	c->fill_arg = arg;
	return ATLS_OK;
}

enum atls_rc
atls_config_set_family(struct atls_config *c, enum atls_family f,
    bool confirm)
{
	const struct family *row = family_of(f);

	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	if (row == NULL || (confirm && row->open == NULL))
		return ATLS_E_ARG;
	c->family = row;
	c->confirm = confirm;
	return ATLS_OK;
}

bool
config_is_carried(const struct atls_config *c)
{
	return c->family->open != NULL && !c->confirm;
}

bool
config_is_raw(const struct atls_config *c)
{
	return c->stream == ATLS_STREAM_RAW || config_is_carried(c);
}

enum atls_rc
atls_config_set_log(struct atls_config *c,
    void (*log)(void *, const char *, const char *), void *arg)
{
	if (atomic_load(&c->frozen))
		return ATLS_E_STATE;
	c->log = log;
	c->log_arg = arg;
	return ATLS_OK;
}

enum atls_rc
config_check(const struct atls_config *c, enum atls_role role,
    struct atls_err *err)
{
	if (c->policy == NULL && c->identity == NULL)
		return err_set(err, ATLS_E_CONF, "config", 0,
		    "neither a policy nor an attester: nothing to do");
	if (c->policy == NULL)
		return ATLS_OK;
	if (c->trust == NULL && !c->no_pki)
		return err_set(err, ATLS_E_CONF, "config.peer", 0,
		    "a policy, but no PKI anchors for the peer");
	if (role == ATLS_CLIENT && c->name == NULL && !c->no_pki)
		return err_set(err, ATLS_E_CONF, "config.peer", 0,
		    "a client must say which server it wants");
	if (config_is_carried(c) && policy_self(c->policy) == POLICY_REQUIRED)
		return err_set(err, ATLS_E_CONF, "config.family", 0,
		    "policy wants a peer that asks, and none can say so");
	if (config_is_raw(c) && (c->reattest != 0 ||
	    policy_max_age(c->policy) != 0))
		return err_set(err, ATLS_E_CONF, "config.stream", 0,
		    "no re-attestation on a raw stream");
	return ATLS_OK;
}
