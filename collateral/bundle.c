/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "bundle.h"

#define LINE_MAX_LEN	64	/* octets of a line, with NUL */
#define CLOCK_SKEW	86400	/* seconds that the maker's clock may lead */
#define SIG_WORD	"signature "
#define SIG_TEXT	88	/* characters of a signature in base64 */

struct bundle {
	struct atls_collateral	*items;
};

/* What is left to be read. */
struct cut {
	const uint8_t	*p;
	size_t		 left;
};

static bool
cut_line(struct cut *c, char out[LINE_MAX_LEN])
{
	const uint8_t *end = memchr(c->p, '\n', c->left < LINE_MAX_LEN ?
	    c->left : LINE_MAX_LEN);
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - c->p);
	memcpy(out, c->p, n);
	out[n] = '\0';
	c->p += n + 1;
	c->left -= n + 1;
	return strlen(out) == n;
}

/* Decimal, as we write it. */
static bool
number(const char *s, int64_t max, int64_t *out)
{
	int64_t v = 0;
	const char *p;

	for (p = s; *p >= '0' && *p <= '9'; p++) {
		if (v > (max - (*p - '0')) / 10)
			return false;
		v = 10 * v + (*p - '0');
	}
	*out = v;
	return p != s && *p == '\0' && (*s != '0' || s[1] == '\0');
}

/* "made 1767225600" */
static bool
cut_number(struct cut *c, const char *word, int64_t max, int64_t *out)
{
	char line[LINE_MAX_LEN];
	size_t n = strlen(word);

	return cut_line(c, line) && strncmp(line, word, n) == 0 &&
	    line[n] == ' ' && number(line + n + 1, max, out);
}

/* "item tcb-info 5432", the octets, a line feed */
static bool
cut_item(struct cut *c, enum atls_item *item, struct atls_bytes *out)
{
	char line[LINE_MAX_LEN], *name = line + 5, *len;
	int64_t n;

	if (!cut_line(c, line) || strncmp(line, "item ", 5) != 0 ||
	    (len = strchr(name, ' ')) == NULL)
		return false;
	*len++ = '\0';
	*item = atls_item_named(name);
	if (*item == ATLS_ITEM_NONE || !number(len, ATLS_ITEM_MAX, &n) ||
	    (size_t)n >= c->left || c->p[n] != '\n')
		return false;
	*out = (struct atls_bytes){ c->p, (size_t)n };
	c->p += n + 1;
	c->left -= (size_t)n + 1;
	return true;
}

/* The signature is at the end, of fixed length: nothing else is looked at
 * before it was verified. */
static enum atls_rc
check_signature(struct atls_bytes b, struct atls_bytes key_pem,
    struct atls_bytes *tbs, struct atls_err *err)
{
	char text[SIG_TEXT + 1];
	uint8_t sig[BUNDLE_SIG + 3];
	const uint8_t *t;

	*tbs = (struct atls_bytes){ NULL, 0 };
	if (b.len > ATLS_BUNDLE_MAX)
		return fail_set(err, ATLS_E_LIMIT, "source.bundle",
		    "%zu octets", b.len);
	if (b.len <= BUNDLE_TRAILER)
		goto unsigned_;
	t = b.p + b.len - BUNDLE_TRAILER;
	if (memcmp(t, SIG_WORD, strlen(SIG_WORD)) != 0 ||
	    t[BUNDLE_TRAILER - 1] != '\n')
		goto unsigned_;
	t += strlen(SIG_WORD);
	/* decoded, and encoded again: there is one way to write it */
	if (EVP_DecodeBlock(sig, t, SIG_TEXT) != BUNDLE_SIG + 2 ||
	    EVP_EncodeBlock((unsigned char *)text, sig, BUNDLE_SIG) !=
	    SIG_TEXT || !atls_ct_eq((struct atls_bytes){ t, SIG_TEXT },
	    (struct atls_bytes){ (uint8_t *)text, SIG_TEXT }))
		goto unsigned_;
	*tbs = (struct atls_bytes){ b.p, b.len - BUNDLE_TRAILER };
	return bundle_verify(key_pem, *tbs, sig, err);
unsigned_:
	return fail_set(err, ATLS_E_SIG, "source.bundle.signature",
	    "no signature at the end");
}

static enum atls_rc
read_items(struct cut *c, int64_t n, struct atls_collateral *to,
    struct atls_err *err)
{
	struct atls_bytes bytes;
	enum atls_item item;
	enum atls_rc rc;
	int64_t i;

	for (i = 0; i < n; i++) {
		if (!cut_item(c, &item, &bytes))
			return fail_set(err, ATLS_E_FORMAT, "source.bundle",
			    "item %" PRId64 " of %" PRId64, i + 1, n);
		if ((rc = src_put_newer(to, item, bytes, err)) != ATLS_OK)
			return rc;
	}
	return c->left == 0 ? ATLS_OK : fail_set(err, ATLS_E_TRAIL,
	    "source.bundle", "%zu octets after the last item", c->left);
}

static enum atls_rc
read_bundle(struct atls_bytes tbs, int64_t now, int64_t oldest,
    int64_t *made, struct atls_collateral *to, struct atls_err *err)
{
	struct cut c = { tbs.p, tbs.len };
	size_t magic = strlen(BUNDLE_MAGIC);
	char when[SRC_TIME_MAX], than[SRC_TIME_MAX];
	int64_t n;

	if (c.left < magic || memcmp(c.p, BUNDLE_MAGIC, magic) != 0)
		return fail_set(err, ATLS_E_UNKNOWN, "source.bundle",
		    "not a bundle, or of another version");
	c.p += magic;
	c.left -= magic;
	if (!cut_number(&c, "made", INT64_MAX, made) ||
	    !cut_number(&c, "items", ATLS_ITEMS_MAX, &n))
		return fail_set(err, ATLS_E_FORMAT, "source.bundle", "header");
	if (*made < oldest)
		return fail_set(err, ATLS_E_STALE, "source.bundle.made",
		    "%s, older than %s", src_time(*made, when),
		    src_time(oldest, than));
	if (*made - CLOCK_SKEW > now)
		return fail_set(err, ATLS_E_STALE, "source.bundle.made",
		    "%s is to come", src_time(*made, when));
	return read_items(&c, n, to, err);
}

static enum atls_rc
bundle_get(void *self, struct atls_collateral *to,
    const struct atls_need *need, int64_t now, int64_t horizon,
    struct atls_err *err)
{
	struct bundle *b = self;

	(void)horizon;
	if (src_copy(b->items, to, need, err) == -1)
		return err != NULL ? err->rc : ATLS_E_MEM;
	return src_has(to, need, now) ? ATLS_OK : fail_set(err, ATLS_E_IO,
	    "source.bundle", "no %s %.48s that holds in it",
	    atls_item_name(need->item), need->key);
}

static enum atls_rc
bundle_all(void *self, struct atls_collateral *to, struct atls_err *err)
{
	struct bundle *b = self;

	return src_copy_all(b->items, to, err);
}

static bool
bundle_early(void *self)
{
	(void)self;
	return true;
}

static void
bundle_free(void *self)
{
	struct bundle *b = self;

	atls_collateral_free(b->items);
	free(b);
}

static const struct src_ops bundle_ops = {
	.get = bundle_get, .all = bundle_all, .drop = NULL,
	.early = bundle_early, .free = bundle_free,
};

struct atls_collateral_source *
atls_source_bundle(struct atls_bytes bytes, struct atls_bytes key_pem,
    int64_t now, int64_t oldest, int64_t *made, struct atls_err *err)
{
	struct atls_bytes tbs;
	struct bundle *b;
	int64_t when = 0;

	if (made != NULL)
		*made = 0;
	if (check_signature(bytes, key_pem, &tbs, err) != ATLS_OK)
		return NULL;
	if ((b = calloc(1, sizeof(*b))) == NULL ||
	    (b->items = atls_collateral_new()) == NULL) {
		free(b);
		(void)fail_set(err, ATLS_E_MEM, "source.bundle", "a bundle");
		return NULL;
	}
	if (read_bundle(tbs, now, oldest, &when, b->items, err) != ATLS_OK) {
		bundle_free(b);
		return NULL;
	}
	if (made != NULL)
		*made = when;
	return src_new(&bundle_ops, b, err);
}

/* Counts past the end, as atls_buf has it. */
static void
put(struct atls_buf *out, const void *p, size_t n)
{
	if (out->len <= out->cap && n <= out->cap - out->len)
		memcpy(out->p + out->len, p, n);
	out->len += n;
}

struct counting {
	struct atls_buf	*out;
	size_t		 n;
};

static enum atls_rc
count_one(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct counting *w = arg;

	(void)is;
	(void)bytes;
	w->n++;
	return ATLS_OK;
}

static enum atls_rc
write_one(void *arg, const struct atls_need *is, struct atls_bytes bytes)
{
	struct counting *w = arg;
	char line[LINE_MAX_LEN];
	int n = snprintf(line, sizeof(line), "item %s %zu\n",
	    atls_item_name(is->item), bytes.len);

	if (w->n-- == 0)
		return ATLS_E_STATE;	/* put in since they were counted */
	put(w->out, line, (size_t)n);
	put(w->out, bytes.p, bytes.len);
	put(w->out, "\n", 1);
	return ATLS_OK;
}

enum atls_rc
atls_bundle_write(struct atls_collateral *c, struct atls_bytes key_pem,
    int64_t now, struct atls_buf *out, struct atls_err *err)
{
	struct counting w = { out, 0 };
	char head[LINE_MAX_LEN + sizeof(BUNDLE_MAGIC)], text[SIG_TEXT + 1];
	uint8_t sig[BUNDLE_SIG];
	enum atls_rc rc;
	int n;

	if (c == NULL || out == NULL || now < 0)
		return fail_set(err, ATLS_E_ARG, "source.bundle", "no store");
	out->len = 0;
	if ((rc = atls_collateral_each(c, count_one, &w)) != ATLS_OK)
		return fail_set(err, rc, "source.bundle", "the store");
	n = snprintf(head, sizeof(head), BUNDLE_MAGIC "made %" PRId64
	    "\nitems %zu\n", now, w.n);
	put(out, head, (size_t)n);
	rc = atls_collateral_each(c, write_one, &w);
	if (rc != ATLS_OK || w.n != 0)
		return fail_set(err, ATLS_E_STATE, "source.bundle",
		    "the store changed meanwhile");
	if (out->len + BUNDLE_TRAILER > ATLS_BUNDLE_MAX)
		return fail_set(err, ATLS_E_LIMIT, "source.bundle",
		    "%zu octets", out->len);
	if (out->len + BUNDLE_TRAILER > out->cap) {
		out->len += BUNDLE_TRAILER;
		return fail_set(err, ATLS_E_SPACE, "source.bundle",
		    "%zu octets are needed", out->len);
	}
	rc = bundle_sign(key_pem, (struct atls_bytes){ out->p, out->len }, sig,
	    err);
	if (rc != ATLS_OK) {
		out->len = 0;
		return rc;
	}
	(void)EVP_EncodeBlock((unsigned char *)text, sig, BUNDLE_SIG);
	put(out, SIG_WORD, strlen(SIG_WORD));
	put(out, text, SIG_TEXT);
	put(out, "\n", 1);
	return ATLS_OK;
}
