/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_CONFIG_H
#define ATLS_CONFIG_H

#include <atls/appraise.h>
#include <atls/backend.h>

/* cmw_attestation has no registered number yet; ours is of the private range
 * (first octet 255).  The others are those of known peers. */
enum {
	ATLS_CODE_POINT		= 0xff77,
	ATLS_CODE_POINT_COCOS	= 0xff00,
	ATLS_CODE_POINT_CRATE	= 0xffff,
};

/* What is on the TLS stream once the gate is open. */
enum atls_stream {
	ATLS_STREAM_FRAMED = 1,	/* all data in frames; re-attestation works */
	ATLS_STREAM_RAW,	/* the application's own octets, from there on */
};

/*
 * How evidence travels, and what it is bound to.  Both ends have the same.
 *
 *	post	in an exported authenticator: exporter, F3
 *	pre	in the certificate (RA-TLS): key, F0
 *	intra	in the handshake's Certificate message, as draft-fossati-seat-
 *		early-attestation: transcript, F3.  Experimental.
 *	tls-a	the same, bound to a nonce and the key, as draft-fossati-tls-
 *		attestation was analysed: to show what is wrong with it
 */
enum atls_family {
	ATLS_FAMILY_POST = 1, ATLS_FAMILY_PRE, ATLS_FAMILY_INTRA,
	ATLS_FAMILY_INSECURE_TLS_A,
};

/*
 * Configuration.  Set up once, then shared by any number of sessions (also of
 * several threads), which hold references; setters fail with ATLS_E_STATE
 * once a session was made.  What it takes by pointer it does not own, unless
 * it says "reference".  Setters return E_ARG for what is out of contract.
 */
struct atls_config;

struct atls_config	*atls_config_new(void);		/* NULL: no memory */
struct atls_config	*atls_config_ref(struct atls_config *);
void			 atls_config_free(struct atls_config *);

/* What the peer must prove; takes a reference.  Without a policy the peer is
 * not asked, and no verdict about it is ever ACCEPT. */
ATLS_CHECKED enum atls_rc atls_config_set_policy(struct atls_config *,
			    struct atls_policy *);

/* Who the peer must be.  trust: a reference.  name: DNS name or IP address
 * in the peer's leaf, copied; NULL: any, and only on the server's side. */
ATLS_CHECKED enum atls_rc atls_config_set_peer(struct atls_config *,
			    struct atls_trust *trust, const char *name);

/* Accept the peer by its evidence alone.  Anyone with the same evidence, on
 * any machine, can then be in the middle: see atls-security(7). */
ATLS_CHECKED enum atls_rc atls_config_insecure_no_pki(struct atls_config *);

/* Allow the authenticator's leaf key to differ from that of the handshake. */
ATLS_CHECKED enum atls_rc atls_config_insecure_two_keys(struct atls_config *);

/*
 * Where a verdict finds collateral; takes a reference.  fill, unless NULL, is
 * called from within atls_session_appraise(), once the peer's authenticator
 * was verified: it may put what this evidence needs into the store, and take
 * its time.  What is then still missing shows in the verdict.
 */
ATLS_CHECKED enum atls_rc atls_config_set_collateral(struct atls_config *,
			    struct atls_collateral *,
			    void (*fill)(void *arg, struct atls_collateral *,
			    const struct atls_evidence *, int64_t now),
			    void *arg);

/* What we can prove: kind, and the identity that signs authenticators. */
ATLS_CHECKED enum atls_rc atls_config_set_attester(struct atls_config *,
			    enum atls_kind, const struct atls_identity *);

/* Extension number, 0..65535, and report-data profile, the same at both ends. */
ATLS_CHECKED enum atls_rc atls_config_set_code_point(struct atls_config *,
			    unsigned);
ATLS_CHECKED enum atls_rc atls_config_set_profile(struct atls_config *,
			    enum atls_profile);
ATLS_CHECKED enum atls_rc atls_config_set_stream(struct atls_config *,
			    enum atls_stream);

/*
 * Default: ATLS_FAMILY_POST.  In the others there are no frames: the stream is
 * raw, and there is no re-attestation.  confirm: after the handshake, and
 * evidence of its own, the peer must do as in ATLS_FAMILY_POST as well.
 */
ATLS_CHECKED enum atls_rc atls_config_set_family(struct atls_config *,
			    enum atls_family, bool confirm);

/*
 * Where the handshake carries evidence (intra, tls-a): the carrier for a
 * context of such connections, out of policy and attester; what to quote when
 * handshake() returned ATLS_IO_WANT_EVIDENCE, of the backend's wanted(); and
 * the CMW around the quote, for its give().  atls_conn_open() does the latter
 * two.  E_CONF: nothing is carried, or not with this certificate.
 */
ATLS_CHECKED enum atls_rc atls_config_carrier(const struct atls_config *,
			    struct atls_carrier *out);
ATLS_CHECKED enum atls_rc atls_config_challenge(const struct atls_config *,
			    enum atls_hash, const struct atls_carried *ours,
			    uint8_t out[64], size_t *outlen,
			    struct atls_err *);
ATLS_CHECKED enum atls_rc atls_config_wrap(const struct atls_config *,
			    struct atls_bytes raw, struct atls_buf *out,
			    struct atls_err *);

/* Seconds, 1..3600, after which a peer that owes us something has failed:
 * its first frame, its authenticator, its verdict.  Default 10, 30, 30. */
ATLS_CHECKED enum atls_rc atls_config_set_timeouts(struct atls_config *,
			    unsigned hello, unsigned evidence,
			    unsigned result);

/* Ask again every `seconds`, 1..; 0: when two thirds of a lease are
 * over.  hold: no application data moves while the answer is awaited. */
ATLS_CHECKED enum atls_rc atls_config_set_reattest(struct atls_config *,
			    unsigned seconds, bool hold);

/* Events for a log; from within session calls.  Nothing secret. */
ATLS_CHECKED enum atls_rc atls_config_set_log(struct atls_config *,
			    void (*log)(void *arg, const char *event,
			    const char *detail), void *arg);

const char	*atls_family_name(enum atls_family);	/* "post" */
enum atls_family atls_family_named(const char *);	/* 0: none */

#endif
