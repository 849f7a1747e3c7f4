/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_CHANNEL_H
#define FAKE_CHANNEL_H

#include <atls/backend.h>

#define FAKE_OFFERED	24		/* entries that fit */

/*
 * Two ends of a TLS 1.3 connection that never was: for tests of everything
 * that asks only an exporter of a connection.  The exporter is that of RFC
 * 8446, 7.5, computed from `secret` as exporter_master_secret.  All fields may
 * be changed at any time; what `info` says is what is reported.
 *
 *	struct fake_pair p;
 *	struct atls_channel ch;
 *
 *	fake_pair(&p, ATLS_SHA256, 1);
 *	ch = fake_channel(&p.client);
 */
struct fake_end {
	struct atls_channel_info info;
	uint8_t			 secret[48];	/* as long as the hash */
	struct atls_bytes	 own_spki, peer_spki;	/* empty: none */
	uint16_t		 scheme[FAKE_OFFERED];	/* of the ClientHello */
	size_t			 nscheme;
	uint16_t		 type[FAKE_OFFERED];
	size_t			 ntype;

	struct atls_carried	 carried;	/* by the peer's handshake */

	enum atls_rc		 info_rc, spki_rc, offered_rc;

	/* What is wrong with the exporter, from call number wrong_from on. */
	enum atls_rc		 exporter_rc;
	bool			 too_early;	/* as if of a secret of zeros */
	bool			 silent;	/* writes nothing */
	unsigned		 wrong_from;
	unsigned		 nexports;	/* calls so far */
};

struct fake_pair {
	struct fake_end	client, server;
};

/* A connection fit for authenticators; another seed, another secret. */
void			fake_pair(struct fake_pair *, enum atls_hash,
			    unsigned seed);

/* The end must outlive what uses the channel. */
struct atls_channel	fake_channel(struct fake_end *);

/* The same, for a library that cannot tell what the ClientHello offered. */
struct atls_channel	fake_channel_deaf(struct fake_end *);

/* The same, for one whose handshakes carry evidence. */
struct atls_channel	fake_channel_carrying(struct fake_end *);

/* TLS-Exporter(label, context, len) of that secret; aborts on failure. */
void			fake_export(enum atls_hash, const uint8_t *secret,
			    const char *label, struct atls_bytes context,
			    uint8_t *out, size_t len);

#endif
