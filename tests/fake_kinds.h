/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_KINDS_H
#define FAKE_KINDS_H

#include <atls/appraise.h>

#include "../src/evidence/evidence.h"

/*
 * Kinds of evidence that do as they are told, in place of src/evidence:
 * "fake" has every check and a claim of every type, "plain" has none of what
 * may be missing, "bare" has not even a signature.  Link without
 * src/evidence/evidence.c.
 */
enum { FAKE = 1, PLAIN = 2, BARE = 3 };

#define FAKE_MEDIA	"application/vnd.example.fake"
#define FAKE_ALSO	"application/vnd.example.fake; v=0"
#define PLAIN_MEDIA	"application/vnd.example.plain"
#define FAKE_INSTANCE	"ak:000b00112233445566778899aabbccddeeff"

/* What each check answers; 1 and ATLS_OK are "passed". */
enum fake_check {
	FAKE_PARSE, FAKE_SIGNATURE, FAKE_REVOCATION, FAKE_TCB, FAKE_KEY,
	FAKE_NCHECKS,
};

struct fake {
	int			 says[FAKE_NCHECKS];
	bool			 mute;		/* no, and no reason */
	const char		*reason;
	bool			 noise;		/* yes, and a reason */
	bool			 once;		/* these two, then no more */
	bool			 simulated;
	int64_t			 not_after;
	const char		*instance;
	struct atls_tcb		 tcb;		/* what tcb gives */
	struct atls_evidence	 ev;		/* what parse gives */
	char			 log[16];	/* one letter a check: psrtk */
	struct evidence_trust	 trust;		/* as given to signature */
	struct atls_bytes	 spki;		/* as given to key */
};

extern struct fake fake;

/* Everything passes: all claims there, 64 octets 0x5a as report data. */
void	fake_reset(void);

/* The claim of that name, to be changed. */
struct atls_claim	*fake_claim(const char *name);

#endif
