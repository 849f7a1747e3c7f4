/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "../base/err.h"
#include "object.h"

#define SEEN_FIRST	16	/* contexts that the first allocation holds */

struct atls_ea *
atls_ea_new(const struct atls_channel *channel, struct atls_err *err)
{
	struct atls_ea *ea;

	if ((ea = calloc(1, sizeof(*ea))) == NULL) {
		(void)err_set(err, ATLS_E_MEM, "ea", 0, "%zu octets",
		    sizeof(*ea));
		return NULL;
	}
	ea->channel = *channel;
	return ea;
}

void
atls_ea_free(struct atls_ea *ea)
{
	if (ea == NULL)
		return;
	crypto_chain_free(ea->chain);
	free(ea->seen);
	atls_wipe(ea, sizeof(*ea));
	free(ea);
}

/* The name of the first thing that forbids authenticators, or NULL. */
static const char *
unfit(const struct atls_channel_info *i)
{
	if (i->role != ATLS_CLIENT && i->role != ATLS_SERVER)
		return "channel.role";
	/* RFC 9261, 7: no API call on TLS 1.1 or before.  TLS 1.2 would need
	 * extended_master_secret (5.1); it is not supported at all. */
	if (i->version != EA_TLS13)
		return "channel.version";
	/* RFC 9261, 9: a server must have verified the client's Finished. */
	if (!i->established)
		return "channel.established";
	/* RFC 9261, 5.1: the suite must have a hash. */
	if (i->hash != ATLS_SHA256 && i->hash != ATLS_SHA384)
		return "channel.hash";
	/* draft-fossati-seat-expat: full handshakes only. */
	if (i->resumed)
		return "channel.resumed";
	if (i->early_data)
		return "channel.early_data";
	if (i->tickets)
		return "channel.tickets";
	return NULL;
}

static enum atls_rc
channel_info(const struct atls_channel *ch, struct atls_channel_info *out,
    struct atls_err *err)
{
	struct atls_channel_info info = { 0 };

	*out = info;
	if (ch->ops->info(ch->conn, &info) != ATLS_OK)
		return err_set(err, ATLS_E_STATE, "channel.info", 0,
		    "not available");
	*out = info;
	return ATLS_OK;
}

int
ea_channel_fit(const struct atls_channel *ch, struct atls_channel_info *out,
    struct atls_err *err)
{
	struct atls_channel_info info;
	const char *where;

	if (out != NULL)
		*out = (struct atls_channel_info){ 0 };
	if (channel_info(ch, &info, err) != ATLS_OK)
		return 0;
	if ((where = unfit(&info)) == NULL) {
		if (out != NULL)
			*out = info;
		return 1;
	}
	(void)err_set(err, ATLS_E_STATE, where, 0,
	    "connection is not fit for exported authenticators");
	return 0;
}

enum atls_rc
ea_role(const struct atls_ea *ea, enum atls_role *role, struct atls_err *err)
{
	struct atls_channel_info info;

	if (channel_info(&ea->channel, &info, err) != ATLS_OK)
		return ATLS_E_STATE;
	if (info.role != ATLS_CLIENT && info.role != ATLS_SERVER)
		return err_set(err, ATLS_E_STATE, "channel.role", 0, "none");
	*role = info.role;
	if (info.established && ea_channel_fit(&ea->channel, &info, err) != 1)
		return ATLS_E_STATE;
	return ATLS_OK;
}

enum atls_rc
ea_context_id(struct atls_bytes context, struct ea_id *id,
    struct atls_err *err)
{
	uint8_t digest[ATLS_HASH_MAX];
	enum atls_rc rc;

	*id = (struct ea_id){ { 0, 0 } };
	if ((rc = crypto_hash(ATLS_SHA256, &context, 1, digest)) != ATLS_OK)
		return err_set(err, rc, "ea.context", 0, "digest failed");
	memcpy(id->w, digest, sizeof(id->w));
	return ATLS_OK;
}

/* Its place in the table, or nseen.  Time may tell: both sides know all
 * contexts of their connection. */
static size_t
seen_at(const struct atls_ea *ea, struct ea_id id)
{
	size_t i;

	for (i = 0; i < ea->nseen; i++)
		if (ea->seen[i].id.w[0] == id.w[0] &&
		    ea->seen[i].id.w[1] == id.w[1])
			break;
	return i;
}

enum ea_state
ea_context_state(const struct atls_ea *ea, struct ea_id id)
{
	size_t at = seen_at(ea, id);

	return at == ea->nseen ? EA_UNSEEN : ea->seen[at].state;
}

static enum atls_rc
make_room(struct atls_ea *ea, struct atls_err *err)
{
	size_t cap = ea->cap == 0 ? SEEN_FIRST : 2 * ea->cap;
	struct ea_seen *seen;

	if (ea->nseen < ea->cap)
		return ATLS_OK;
	if (ea->nseen >= ATLS_EA_CONTEXTS_MAX)
		return err_set(err, ATLS_E_LIMIT, "ea.context", 0,
		    "%zu contexts on this connection", ea->nseen);
	if ((seen = realloc(ea->seen, cap * sizeof(*seen))) == NULL)
		return err_set(err, ATLS_E_MEM, "ea.context", 0,
		    "%zu contexts", cap);
	ea->seen = seen;
	ea->cap = cap;
	return ATLS_OK;
}

enum atls_rc
ea_context_move(struct atls_ea *ea, struct ea_id id, enum ea_state from,
    enum ea_state to, struct atls_err *err)
{
	size_t at = seen_at(ea, id);
	enum atls_rc rc;

	if ((at == ea->nseen ? EA_UNSEEN : ea->seen[at].state) != from)
		return err_set(err, ATLS_E_STATE, "ea.context", 0,
		    "seen before");
	if (at == ea->nseen) {
		if ((rc = make_room(ea, err)) != ATLS_OK)
			return rc;
		ea->seen[at].id = id;
		ea->nseen++;
	}
	ea->seen[at].state = to;
	return ATLS_OK;
}

enum atls_rc
ea_reject(const struct atls_err *why, struct atls_err *err)
{
	if (why->rc == ATLS_OK)		/* a check that gave no reason */
		return err_set(err, ATLS_E_CRYPTO, "ea", 0, "not accepted");
	return err_set(err, why->rc, why->where, why->offset, "%s",
	    why->detail);
}
