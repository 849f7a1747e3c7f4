/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENDORSE_TRUST_H
#define ENDORSE_TRUST_H

#include <atls/collateral.h>
#include <atls/result.h>

#include "../base/spec.h"
#include "../crypto/crypto.h"

/* One check, told to whoever explains a verdict. */
struct evidence_step {
	const char	*where;		/* static: "tdx.tee_type" */
	bool		 passed;
	const char	*input;		/* "0x00" */
	const char	*rule;		/* "must be 0x81" */
};

struct evidence_trace {
	void	(*step)(void *arg, const struct evidence_step *);
	void	*arg;
};

/* What a policy block says, and a Verifier has, that a kind's verifier needs.
 */
struct evidence_trust {
	struct atls_trust	*anchors;	/* NULL: none given */
	const char *const	*instance;	/* machines we know: "ak:000b.." */
	size_t			 ninstance;	/* 0: any that anchors vouch for */
	struct crypto_key *const *key;		/* signers, without certificate */
	size_t			 nkey;
	struct atls_collateral	*collateral;	/* NULL: none at hand */
	bool			 allow_debug;
	bool			 allow_simulated;
	int64_t			 now;
	int64_t			 max_age;	/* seconds; 0: no limit given */
	const struct evidence_trace *trace;	/* NULL: nobody asks */
};

/*
 * evidence_check() is how a verifier states the outcome of a check: 1 if ok,
 * else 0 and err has "input: rule".  input is printed from fmt.
 *
 *	return evidence_check(trust, err, tee == 0x81, ATLS_E_FORMAT,
 *	    "tdx.tee_type", "must be 0x81", "0x%02x", tee);
 */
/*@ requires \valid_read(trust) && \separated(err, trust);
    assigns *err;
    exits \false;
    ensures \result == (ok ? 1 : 0); */
int	evidence_check(const struct evidence_trust *trust,
	    struct atls_err *err, bool ok, enum atls_rc rc, const char *where,
	    const char *rule, const char *fmt, ...) __attribute__((format(printf, 7, 8)));

/* Nothing but zero octets, or no octets. */
/*@ requires view_ok(b);
    assigns \nothing;
    exits \false; */
bool	evidence_zero(struct atls_bytes b);

#endif
