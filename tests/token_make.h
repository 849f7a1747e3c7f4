/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_MAKE_H
#define TOKEN_MAKE_H

#include <openssl/evp.h>

#include "../src/evidence/arm.h"
#include "heap.h"

/*
 * Tokens of Arm CCA and PSA, and documents of AWS Nitro, made and signed with
 * keys of the test, with any claim replaced.  Whatever fails, aborts.
 */
enum token_set {
	TOKEN_NONE = 0, TOKEN_PLATFORM, TOKEN_REALM, TOKEN_KAT, TOKEN_PSA,
	TOKEN_NITRO,
};

/* A claim to be put (hex: its value, encoded) or taken out (hex NULL). */
struct token_edit {
	enum token_set	 set;
	int64_t		 key;
	const char	*text;		/* its name, in NITRO; else NULL */
	const char	*hex;
};

/* All zero is a good message. */
struct token_opts {
	struct token_edit	 edit[3];
	/* hex: header of the platform, */
	const char		*protected;
	const char		*realm_protected;	/* of the realm */
	const char		*unprotected;	/* hex: of the platform */
	bool			 cmw;		/* CCA: tag 907 */
	bool			 parsec;	/* CCA: a statement before it */
	bool			 point;		/* CCA: realm without profile */
	uint8_t			 form;		/* its first octet; 0: 4 */
	uint64_t		 kat_tag;	/* 0: 601 */
	bool			 legacy;	/* PSA: numbers of before */
	bool			 untagged;
	bool			 stranger;	/* signed by another key */
	bool			 realm_stranger;
	/* the challenge of another RAK */
	bool			 unbound;
	bool			 kat_unbound;
	bool			 p384;		/* keys are of P-384 */
	/* NITRO: Unix seconds; 0: NOW */
	int64_t			 at;
	bool			 no_root;	/* NITRO: cabundle without it */
	bool			 other_root;	/* another certificate of it */
	bool			 leaf_ca;
	bool			 leaf_p256;
	bool			 leaf_ku;	/* not for signatures */
};

#define TOKEN_NOW	((int64_t)1767225600)
#define TOKEN_HOUR	((int64_t)3600)

extern const uint8_t token_data[64];	/* report data of all of them */

/* On the heap: drop(). */
struct atls_bytes token_cca(const struct token_opts *);
struct atls_bytes token_psa(const struct token_opts *);
struct atls_bytes token_nitro(const struct token_opts *);

/* One signed message, with a header in hex; tag 18 if tagged. */
struct atls_bytes token_sign1(EVP_PKEY *, const char *protected,
		    const char *unprotected, bool tagged,
		    struct atls_bytes payload);

/* The keys that sign platforms, realms, and the one of the statement. */
EVP_PKEY	*token_signer(bool p384, bool stranger);
EVP_PKEY	*token_aik(void);
struct atls_bytes token_spki(EVP_PKEY *);	/* drop() */

/* Whom to trust: the signer's two public keys, and the Nitro root. */
const struct evidence_trust *token_trust(void);
void		 token_end(void);

/* The verdict of the kind's own checks: ATLS_OK or res->why.rc. */
enum atls_rc	 token_judge(enum atls_kind, struct atls_bytes raw,
		    const struct evidence_trust *, struct atls_result *res);

/* A file of the vectors, or of those that may not be copied; p NULL: none. */
struct atls_bytes token_file(const char *name);
/* The key in a PEM file, or abort. */
struct crypto_key *token_key_file(const char *name);

/* Line after line of a table: its columns, "" if there are fewer. */
#define TOKEN_COLUMNS	10
bool		 token_row(struct rd *, char *column[TOKEN_COLUMNS],
		    char line[4096]);

#endif
