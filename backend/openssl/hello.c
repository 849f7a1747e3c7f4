/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a ClientHello offered, read off the message itself: OpenSSL tells a
 * server only of extensions that it knows, and a client nothing.
 */
#include <string.h>

#include <openssl/tls1.h>

#include "cur.h"
#include "ob.h"

static bool
offer_add(struct ob_offer *o, size_t v)
{
	if (o->n == OB_NITEMS(o->v))
		return false;
	o->v[o->n++] = (uint16_t)v;
	return true;
}

static bool
schemes_read(struct ob_offer *o, struct cur body)
{
	struct cur list = cur_vector(&body, 2);

	while (list.left > 0 && !list.bad)
		if (!offer_add(o, cur_be(&list, 2)))
			return false;
	return !list.bad && !body.bad && body.left == 0;
}

/* RFC 8446, 4.1.2, with the header of the handshake message. */
static bool
hello_read(struct ob_hello *h, struct cur c)
{
	struct cur body, exts, ext;
	size_t type;

	if (cur_be(&c, 1) != SSL3_MT_CLIENT_HELLO)
		return false;
	body = cur_vector(&c, 3);
	(void)cur_take(&body, 2 + SSL3_RANDOM_SIZE);
	(void)cur_vector(&body, 1);		/* legacy_session_id */
	(void)cur_vector(&body, 2);		/* cipher_suites */
	(void)cur_vector(&body, 1);		/* compression methods */
	exts = cur_vector(&body, 2);
	while (exts.left > 0 && !exts.bad) {
		type = cur_be(&exts, 2);
		ext = cur_vector(&exts, 2);
		if (!offer_add(&h->extensions, type))
			return false;
		if (type == TLSEXT_TYPE_signature_algorithms &&
		    !schemes_read(&h->schemes, ext))
			return false;
	}
	return !c.bad && c.left == 0 && !body.bad && body.left == 0 &&
	    !exts.bad;
}

void
ob_hello_read(struct ob_hello *h, const uint8_t *p, size_t n)
{
	memset(h, 0, sizeof(*h));
	if (hello_read(h, (struct cur){ p, n, false }))
		h->seen = true;
	else
		memset(h, 0, sizeof(*h));
}

/* After a HelloRetryRequest there is a second one, and it counts.  (arg is
 * not used: SSL_dup() copies it, and the copy may live longer.) */
static void
on_message(int written, int version, int type, const void *p, size_t n,
    SSL *ssl, void *arg)
{
	struct ob_conn *c = ob_conn_of(ssl, false);

	(void)written, (void)version, (void)arg;
	if (c == NULL || type != SSL3_RT_HANDSHAKE || n == 0)
		return;
	if (*(const uint8_t *)p == SSL3_MT_CLIENT_HELLO)
		ob_hello_read(&c->hello, p, n);
	ob_transcript_add(&c->hellos, p, n);
}

void
ob_hello_watch(SSL *ssl)
{
	SSL_set_msg_callback(ssl, on_message);
}
