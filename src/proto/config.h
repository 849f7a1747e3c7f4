/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_CONFIG_H
#define PROTO_CONFIG_H

#include <stdatomic.h>

#include <atls/config.h>

#include "family.h"

struct atls_config {
	atomic_uint			 refs;
	atomic_bool			 frozen;	/* a session was made */

	struct atls_policy		*policy;
	struct atls_trust		*trust;
	char				*name;
	bool				 no_pki;
	bool				 two_keys;

	struct atls_collateral		*collateral;
	void				(*fill)(void *,
					    struct atls_collateral *,
					    const struct atls_evidence *,
					    int64_t);
	void				*fill_arg;

	enum atls_kind			 kind;
	const struct atls_identity	*identity;
	struct atls_bytes		 own_spki;	/* of identity; owned */

	unsigned			 code_point;
	enum atls_profile		 profile;
	enum atls_stream		 stream;
	const struct family		*family;
	bool				 confirm;
	unsigned			 hello, evidence, result; /* seconds */
	unsigned			 reattest;
	bool				 hold;

	void				(*log)(void *, const char *,
					    const char *);
	void				*log_arg;
};

/* Is evidence taken from the handshake, and from nowhere else? */
bool		config_is_carried(const struct atls_config *);

/* Does the stream become the application's alone, without frames? */
bool		config_is_raw(const struct atls_config *);

/* Is it whole, for a session of this role?  E_CONF says what is missing. */
ATLS_CHECKED enum atls_rc config_check(const struct atls_config *,
		    enum atls_role, struct atls_err *);

#endif
