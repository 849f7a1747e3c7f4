/* SPDX-License-Identifier: Apache-2.0 */
/* Attackers where evidence travels in the handshake, or in a certificate. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <openssl/ssl.h>

#include "carried.h"
#include "wire.h"

#define ENTRIES		16		/* times a handshake may wait */
#define RECORD_HEADER	5		/* RFC 8446, 5.1 */

static void
read_secret(struct lab_run *r, void *tls)
{
	uint8_t buf[128];
	ssize_t n = atls_backend_openssl.read(tls, buf, sizeof(buf));

	if (n > 0)
		lab_loot(r, buf, (size_t)n);
}

/* Evidence by fn, whenever the handshake wants it. */
static bool
shake(struct lab_run *r, void *tls, struct atls_config *c, carried_fn *fn)
{
	const struct atls_backend *be = &atls_backend_openssl;
	uint8_t *room = malloc(2 * LAB_EVIDENCE);
	struct atls_buf raw = { room, LAB_EVIDENCE, 0 };
	struct atls_buf cmw = { room == NULL ? NULL : room + LAB_EVIDENCE,
	    LAB_EVIDENCE, 0 };
	struct atls_bytes none = { NULL, 0 };
	struct atls_err err = { 0 };
	struct atls_carried ours;
	int i, n = ATLS_IO_FAIL;

	for (i = 0; room != NULL && i < ENTRIES; i++) {
		n = be->handshake(tls, none, &err);
		if (n == ATLS_IO_WANT_READ || n == ATLS_IO_WANT_WRITE)
			continue;
		if (n != ATLS_IO_WANT_EVIDENCE || be->wanted(tls, &ours) !=
		    ATLS_OK || !fn(r, tls, c, &ours, &raw) ||
		    atls_config_wrap(c, (struct atls_bytes){ raw.p, raw.len },
		    &cmw, &err) != ATLS_OK || be->give(tls,
		    (struct atls_bytes){ cmw.p, cmw.len }) != ATLS_OK)
			break;
	}
	free(room);
	return n == 1;
}

void
carried_serve(struct lab_run *r, int fd, const struct lab_key *tls_key,
    const struct lab_key *attests, carried_fn *fn, const char *groups)
{
	const struct atls_backend *be = &atls_backend_openssl;
	struct atls_config *c = fn == NULL ? NULL : lab_config(r, ATLS_SERVER,
	    attests, false);
	struct atls_err err = { 0 };
	void *ctx = NULL, *tls = NULL;

	if (fd != -1 && (fn == NULL || c != NULL) &&
	    lab_ctx(r, c, ATLS_SERVER, tls_key, &ctx) &&
	    (groups == NULL || SSL_CTX_set1_groups_list(ctx, groups) == 1) &&
	    be->open(&tls, ctx, fd, NULL, &err) == ATLS_OK &&
	    shake(r, tls, c, fn))
		read_secret(r, tls);
	if (tls != NULL)
		be->close(tls);
	if (ctx != NULL)
		be->ctx_free(ctx);
	atls_config_free(c);
	lab_hang_up(fd);
}

/* Evidence of a machine for what this handshake demands, as if it were for
 * the certificate of that key. */
bool
carried_quote(struct lab_run *r, void *tls, struct atls_config *c,
    const struct atls_carried *ours, const struct lab_key *k,
    struct atls_buf *out)
{
	struct atls_carried as = *ours;
	struct atls_channel_info info;
	struct atls_err err = { 0 };
	uint8_t rd[64];
	size_t n;

	as.certificate = k->id->chain[0];
	if (atls_backend_openssl.channel->info(tls, &info) != ATLS_OK ||
	    atls_config_challenge(c, info.hash, &as, rd, &n, &err) !=
	    ATLS_OK) {
		lab_failed(r, "challenge: %s", err.detail);
		return false;
	}
	return lab_machine_quote(r->kind, LAB_GENUINE, (struct atls_bytes){
	    rd, n }, out, &err) == ATLS_OK;
}

static bool
other_key(struct lab_run *r, void *tls, struct atls_config *c,
    const struct atls_carried *ours, struct atls_buf *out)
{
	lab_tell(r, LAB_ATTACKER, LAB_SERVER,
	    "an agent inside quotes this handshake, for the key inside");
	return carried_quote(r, tls, c, ours, lab_key(r->family,
	    LAB_K_SERVER), out);
}

void
carried_key_substitution(struct lab_run *r)
{
	lab_ready(r);
	carried_serve(r, lab_answer(r->listener), lab_key(r->family,
	    LAB_K_STOLEN_NAME), lab_key(r->family, LAB_K_SERVER), other_key,
	    NULL);
}

/* TLS, with a certificate of the name, and no word of evidence. */
void
carried_plain(struct lab_run *r)
{
	int fd;

	lab_ready(r);
	fd = lab_answer(r->listener);
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shakes hands as if he had never heard of evidence");
	carried_serve(r, fd, lab_key(LAB_POST,
	    LAB_K_STOLEN_NAME), NULL, NULL, NULL);
}

/* The server's certificate of RA-TLS, with its key, and nothing else. */
void
carried_downgrade(struct lab_run *r)
{
	int fd;

	lab_ready(r);
	fd = lab_answer(r->listener);
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shakes hands with evidence in his certificate, and no other");
	carried_serve(r, fd, lab_key(LAB_PRE, LAB_K_SERVER), NULL, NULL,
	    NULL);
}

/* --- relay: what the victim's handshake asked for, asked of the server */

static bool
relayed(struct lab_run *r, void *tls, struct atls_config *c,
    const struct atls_carried *ours, struct atls_buf *out)
{
	(void)tls, (void)c;
	lab_tell(r, LAB_ATTACKER, LAB_SERVER, ours->nonce.len != 0 ?
	    "connects himself, with the client's nonce in his ClientHello" :
	    "connects himself");
	if (!carried_ask(r, ours->nonce))
		return false;
	lab_tell(r, LAB_SERVER, LAB_ATTACKER, "attests that handshake");
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "shows that evidence, and signs with the key he has");
	if (r->recordlen > out->cap)
		return false;
	memcpy(out->p, r->record, r->recordlen);
	out->len = r->recordlen;
	return true;
}

void
carried_relay(struct lab_run *r, enum lab_whose whose, const char *groups)
{
	const struct lab_key *k = lab_key(r->family, whose);

	if (!lab_server_start(r, 1))
		return;
	lab_ready(r);
	carried_serve(r, lab_answer(r->listener), k, k, relayed, groups);
}

/* --- relay of the ClientHello, octet for octet: whose shares are in it he
 * cannot know, but the host of the server sees what is quoted for it */

static enum atls_rc
quote_seen(struct lab_run *r, struct atls_bytes rd, struct atls_buf *out,
    struct atls_err *err)
{
	enum atls_rc rc = lab_machine_quote(r->kind, LAB_GENUINE, rd, out,
	    err);

	(void)pthread_mutex_lock(&r->lock);
	if (rc == ATLS_OK && out->len <= sizeof(r->record)) {
		memcpy(r->record, out->p, out->len);
		r->recordlen = out->len;
	}
	(void)pthread_cond_broadcast(&r->moved);
	(void)pthread_mutex_unlock(&r->lock);
	return rc;
}

/* The client's first record, which is left where it is. */
static size_t
peek_hello(int fd, uint8_t *p, size_t cap)
{
	size_t want = RECORD_HEADER;
	ssize_t n = 0;
	int i;

	for (i = 0; i < ENTRIES && (size_t)n < want; i++) {
		n = recv(fd, p, want, MSG_PEEK | MSG_WAITALL);
		if (n < RECORD_HEADER)
			return 0;
		want = RECORD_HEADER + ((size_t)p[3] << 8 | p[4]);
		if (want > cap)
			return 0;
	}
	return (size_t)n == want ? want : 0;
}

static bool
forward(struct lab_run *r, int client, int *server)
{
	uint8_t hello[4096];
	size_t n = client == -1 ? 0 : peek_hello(client, hello,
	    sizeof(hello));
	struct timespec until = { time(NULL) + 3, 0 };
	bool seen;

	*server = n == 0 ? -1 : lab_dial(r->server_port);
	if (*server == -1 || send(*server, hello, n, MSG_NOSIGNAL) !=
	    (ssize_t)n)
		return false;
	lab_tell(r, LAB_ATTACKER, LAB_SERVER,
	    "passes the ClientHello on, octet for octet");
	(void)pthread_mutex_lock(&r->lock);
	while (r->recordlen == 0 && pthread_cond_timedwait(&r->moved,
	    &r->lock, &until) == 0)
		;
	seen = r->recordlen > 0;
	(void)pthread_mutex_unlock(&r->lock);
	return seen;
}

static bool
shown(struct lab_run *r, void *tls, struct atls_config *c,
    const struct atls_carried *ours, struct atls_buf *out)
{
	(void)tls, (void)c, (void)ours;
	lab_tell(r, LAB_ATTACKER, LAB_CLIENT,
	    "answers it himself, with a ServerHello of his own and that "
	    "evidence");
	if (r->recordlen > out->cap)
		return false;
	memcpy(out->p, r->record, r->recordlen);
	out->len = r->recordlen;
	return true;
}

void
carried_same_hello(struct lab_run *r)
{
	const struct lab_key *k = lab_key(r->family, LAB_K_SERVER);
	int fd, server = -1;

	if (!lab_server_start_as(r, 1, quote_seen))
		return;
	lab_ready(r);
	fd = lab_answer(r->listener);
	if (!forward(r, fd, &server))
		lab_failed(r, "nothing was quoted for that ClientHello");
	lab_tell(r, LAB_SERVER, LAB_ATTACKER,
	    "has evidence made; its host looks on");
	carried_serve(r, fd, k, k, shown, NULL);
	lab_hang_up(server);
}
