/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_H
#define WIRE_H

#include "kit.h"

/* The frames of doc/protocol.md, by hand: for ends that break its rules. */
enum wire_type {
	WIRE_NONE = 0, WIRE_HELLO, WIRE_REQUEST, WIRE_AUTHENTICATOR,
	WIRE_RESULT, WIRE_OFFER, WIRE_ERROR, WIRE_DATA,
};

#define WIRE_MAX	(128 * 1024)	/* octets of a frame */
#define WIRE_CONTEXT	32
#define WIRE_LABEL	"Attestation"

struct wire {
	void		*tls;
	enum atls_role	 role;
	uint8_t		 in[WIRE_MAX];
	size_t		 len;		/* of what came last */
	unsigned	 id;
};

bool	wire_send(struct wire *, enum wire_type, unsigned id, const void *,
	    size_t);
bool	wire_hello(struct wire *, bool asks);
enum wire_type wire_recv(struct wire *);	/* NONE: nothing came */

/* Hash(SPKI || exporter(label, context)), laid out as report data; spki
 * empty: without it. */
bool	wire_report_data(void *tls, const char *label,
	    struct atls_bytes context, struct atls_bytes spki,
	    uint8_t out[64]);
/* A digest of the suite's hash over two parts. */
bool	wire_digest(void *tls, struct atls_bytes, struct atls_bytes,
	    uint8_t out[64], size_t *len);

/* opaque cmw<1..2^16-1> with evidence; beside NULL: that alone. */
bool	wire_cmw(enum atls_kind, struct atls_bytes raw,
	    const struct atls_bytes *beside, struct atls_buf *out);
bool	wire_spki(struct atls_bytes der, uint8_t *out, size_t cap,
	    size_t *len);

/* blind.c: CertificateVerify is not looked at. */
bool	weak_blind(void *ctx);

/* weak.c */
void	weak_post(struct lab_run *, struct lab_end *);
void	weak_twice(struct lab_run *);
void	weak_carried(struct lab_run *, struct lab_end *);
/* What a client judges: false with the reason in e->err. */
bool	weak_judge(struct lab_run *, struct lab_end *,
	    const struct atls_question *, struct atls_bytes beside);

#endif
