/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "fake_channel.h"

static const EVP_MD *
md_of(enum atls_hash hash)
{
	return hash == ATLS_SHA384 ? EVP_sha384() : EVP_sha256();
}

/* RFC 8446, 7.1: HKDF-Expand-Label */
static bool
expand_label(const EVP_MD *md, const uint8_t *secret, const char *label,
    const uint8_t *context, uint8_t *out, size_t len)
{
	size_t n = (size_t)EVP_MD_get_size(md), labellen = strlen(label);
	uint8_t msg[64 + 2 + 1 + 6 + 249 + 1 + 64 + 1], t[64], *p, *info;
	unsigned tlen = 0;
	size_t done = 0;

	if (labellen > 249 || len > 255 * n)
		return false;
	for (unsigned i = 1; done < len; i++) {
		memcpy(msg, t, tlen);
		p = info = msg + tlen;
		*p++ = (uint8_t)(len >> 8);
		*p++ = (uint8_t)(len & 0xff);
		*p++ = (uint8_t)(6 + labellen);
		memcpy(p, "tls13 ", 6);
		memcpy(p + 6, label, labellen);
		p += 6 + labellen;
		*p++ = (uint8_t)n;
		memcpy(p, context, n);
		p += n;
		*p++ = (uint8_t)i;
		if (HMAC(md, secret, (int)n, msg, (size_t)(p - msg), t,
		    &tlen) == NULL)
			return false;
		memcpy(out + done, t, len - done < n ? len - done : n);
		done += n;
	}
	return true;
}

/* RFC 8446, 7.5 */
static bool
tls_exporter(enum atls_hash hash, const uint8_t *secret, const char *label,
    struct atls_bytes context, uint8_t *out, size_t len)
{
	const EVP_MD *md = md_of(hash);
	uint8_t digest[64], derived[64];

	return EVP_Digest("", 0, digest, NULL, md, NULL) == 1 &&
	    expand_label(md, secret, label, digest, derived,
	    (size_t)EVP_MD_get_size(md)) &&
	    EVP_Digest(context.len == 0 ? (const uint8_t *)"" : context.p,
	    context.len, digest, NULL, md, NULL) == 1 &&
	    expand_label(md, derived, "exporter", digest, out, len);
}

void
fake_export(enum atls_hash hash, const uint8_t *secret, const char *label,
    struct atls_bytes context, uint8_t *out, size_t len)
{
	if (!tls_exporter(hash, secret, label, context, out, len))
		abort();
}

static enum atls_rc
fake_info(void *conn, struct atls_channel_info *out)
{
	const struct fake_end *e = conn;

	*out = e->info;
	return e->info_rc;
}

static enum atls_rc
fake_exporter(void *conn, const char *label, struct atls_bytes context,
    uint8_t *out, size_t len)
{
	static const uint8_t zeros[48];
	struct fake_end *e = conn;
	bool wrong = ++e->nexports >= e->wrong_from;

	if (wrong && e->exporter_rc != ATLS_OK)
		return e->exporter_rc;
	if (wrong && e->silent)
		return ATLS_OK;
	return tls_exporter(e->info.hash, wrong && e->too_early ? zeros :
	    e->secret, label, context, out, len) ? ATLS_OK : ATLS_E_CRYPTO;
}

static enum atls_rc
fake_spki(void *conn, bool of_peer, struct atls_bytes *out)
{
	const struct fake_end *e = conn;

	*out = of_peer ? e->peer_spki : e->own_spki;
	return e->spki_rc;
}

static enum atls_rc
fake_offered(void *conn, bool schemes, uint16_t *v, size_t cap, size_t *n)
{
	const struct fake_end *e = conn;
	const uint16_t *from = schemes ? e->scheme : e->type;
	size_t i;

	*n = schemes ? e->nscheme : e->ntype;
	for (i = 0; i < *n && i < cap && i < FAKE_OFFERED; i++)
		v[i] = from[i];
	return e->offered_rc;
}

static enum atls_rc
fake_carried(void *conn, struct atls_carried *out)
{
	const struct fake_end *e = conn;

	*out = e->carried;
	return ATLS_OK;
}

static const struct atls_channel_ops fake_ops = {
	.info = fake_info, .exporter = fake_exporter, .spki = fake_spki,
	.offered = fake_offered,
}, carrying_ops = {
	.info = fake_info, .exporter = fake_exporter, .spki = fake_spki,
	.offered = fake_offered, .carried = fake_carried,
}, deaf_ops = {
	.info = fake_info, .exporter = fake_exporter, .spki = fake_spki,
	.offered = NULL,
};

static void
end_init(struct fake_end *e, enum atls_role role, enum atls_hash hash,
    unsigned seed)
{
	static const uint16_t schemes[] = { 0x0403, 0x0503, 0x0804, 0x0805,
	    0x0806, 0x0807, 0x0401 };
	static const uint16_t types[] = { 0, 10, 13, 43, 45, 51, 5, 0xff77 };

	*e = (struct fake_end){ .info = { .role = role, .version = 0x0304,
	    .hash = hash, .established = true, .peer_verified = true } };
	memset(e->secret, (int)(seed & 0xff), sizeof(e->secret));
	e->secret[0] = 0x5a;
	e->secret[1] = (uint8_t)(seed >> 8 & 0xff);
	memcpy(e->scheme, schemes, sizeof(schemes));
	e->nscheme = sizeof(schemes) / sizeof(schemes[0]);
	memcpy(e->type, types, sizeof(types));
	e->ntype = sizeof(types) / sizeof(types[0]);
}

void
fake_pair(struct fake_pair *p, enum atls_hash hash, unsigned seed)
{
	end_init(&p->client, ATLS_CLIENT, hash, seed);
	end_init(&p->server, ATLS_SERVER, hash, seed);
}

struct atls_channel
fake_channel(struct fake_end *e)
{
	return (struct atls_channel){ &fake_ops, e };
}

struct atls_channel
fake_channel_carrying(struct fake_end *e)
{
	return (struct atls_channel){ &carrying_ops, e };
}

struct atls_channel
fake_channel_deaf(struct fake_end *e)
{
	return (struct atls_channel){ &deaf_ops, e };
}
