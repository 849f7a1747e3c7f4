/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's PCS API, version 4, and AMD's KDS (57230). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "request.h"

#define FMSPC_LEN	12	/* hex digits */
#define HWID_LEN	128	/* hex digits of a chip's name */
#define HWID_LEN_TURIN	16

static bool
all_of(const char *s, size_t n, const char *set)
{
	return strlen(s) >= n && strspn(s, set) >= n;
}

#define HEX	"0123456789abcdef"

static enum atls_rc
nobody(const struct atls_need *need, struct atls_err *err)
{
	return fail_set(err, ATLS_E_UNKNOWN, "source.net.item",
	    "no service has %s %.48s", atls_item_name(need->item), need->key);
}

static bool
set_url(struct request *q, const char *base, const char *path)
{
	char *url = q->url[q->nurl];
	int n = snprintf(url, HTTP_URL_MAX, "%s%s", base, path);

	if (n < 0 || n >= HTTP_URL_MAX)
		return false;
	q->nurl++;
	return true;
}

/* "tdx:b0c06f000000", or "tdx" alone: which TEE, and what is after it */
static const char *
tee_of(const char *key, const char **rest)
{
	size_t n = strcspn(key, ":");

	*rest = key[n] == ':' ? key + n + 1 : "";
	if (n == 3 && strncmp(key, "tdx", n) == 0)
		return "tdx";
	return n == 3 && strncmp(key, "sgx", n) == 0 ? "sgx" : NULL;
}

static bool
tcb_info(const struct request_conf *c, const struct atls_need *need,
    struct request *q)
{
	const char *fmspc, *tee = tee_of(need->key, &fmspc);
	char path[128];

	if (tee == NULL || strlen(fmspc) != FMSPC_LEN ||
	    !all_of(fmspc, FMSPC_LEN, HEX))
		return false;
	(void)snprintf(path, sizeof(path), "/%s/certification/v4/tcb?fmspc=%s"
	    "%s", tee, fmspc, need->item == ATLS_TCB_INFO_EARLY ?
	    "&update=early" : "");
	q->body = need->item;
	q->chain = ATLS_TCB_INFO_CHAIN;
	q->header[0] = "TCB-Info-Issuer-Chain";
	q->header[1] = "SGX-TCB-Info-Issuer-Chain";
	return set_url(q, c->pcs, path);
}

/*
 * The chain of the TCB info alone is that of any QE identity: one key signs
 * both (PCS API v4, "Get TDX TCB Info", "Get Quoting Enclave Identity").
 */
static bool
qe_identity(const struct request_conf *c, const struct atls_need *need,
    struct request *q)
{
	const char *rest, *tee = tee_of(need->key, &rest);
	char path[64];

	if (need->item == ATLS_QE_IDENTITY && (tee == NULL || *rest != '\0'))
		return false;
	(void)snprintf(path, sizeof(path), "/%s/certification/v4/qe/identity",
	    tee == NULL ? "sgx" : tee);
	q->body = need->item == ATLS_QE_IDENTITY ? ATLS_QE_IDENTITY :
	    ATLS_ITEM_NONE;
	q->chain = need->item == ATLS_TCB_INFO_CHAIN ? ATLS_TCB_INFO_CHAIN :
	    ATLS_QE_IDENTITY_CHAIN;
	q->header[0] = "SGX-Enclave-Identity-Issuer-Chain";
	return set_url(q, c->pcs, path);
}

static bool
pck_crl(const struct request_conf *c, const struct atls_need *need,
    struct request *q)
{
	const char *ca;
	char path[96];

	if (strcmp(need->key, "platform") == 0)
		ca = "platform";
	else if (strcmp(need->key, "processor") == 0)
		ca = "processor";
	else
		return false;
	(void)snprintf(path, sizeof(path),
	    "/sgx/certification/v4/pckcrl?ca=%s&encoding=der", ca);
	q->body = need->item == ATLS_PCK_CRL ? ATLS_PCK_CRL : ATLS_ITEM_NONE;
	q->chain = ATLS_PCK_CRL_CHAIN;
	q->header[0] = "SGX-PCK-CRL-Issuer-Chain";
	return set_url(q, c->pcs, path);
}

static const struct {
	const char	*key, *path;
} products[] = {
	{ "milan", "Milan" }, { "genoa", "Genoa" }, { "turin", "Turin" },
};

#define NPRODUCTS	(sizeof(products) / sizeof(products[0]))

/* "milan" or, for the issuer of VLEKs, "milan:vlek" */
static bool
amd_ca(const struct request_conf *c, const struct atls_need *need,
    struct request *q)
{
	size_t n = strcspn(need->key, ":"), i;
	bool vlek = strcmp(need->key + n, ":vlek") == 0;
	char path[64];

	if (!vlek && need->key[n] != '\0')
		return false;
	for (i = 0; i < NPRODUCTS; i++)
		if (strlen(products[i].key) == n &&
		    strncmp(products[i].key, need->key, n) == 0)
			break;
	if (i == NPRODUCTS)
		return false;
	(void)snprintf(path, sizeof(path), "/%s/v1/%s/%s",
	    vlek ? "vlek" : "vcek", products[i].path,
	    need->item == ATLS_AMD_CRL ? "crl" : "cert_chain");
	q->body = need->item == ATLS_AMD_CRL ? ATLS_AMD_CRL : ATLS_ASK;
	return set_url(q, c->kds, path);
}

/*
 * "HWID?blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=115".  The length of the name says
 * whether it is a Turin; Milan and Genoa have to be tried.
 */
static bool
vcek(const struct request_conf *c, const struct atls_need *need,
    struct request *q)
{
	size_t n = strcspn(need->key, "?"), i;
	char path[ATLS_ITEM_KEY_MAX + 32];
	bool ok = true;

	if ((n != HWID_LEN && n != HWID_LEN_TURIN) || need->key[n] != '?' ||
	    !all_of(need->key, n, HEX) || need->key[n + 1] == '\0' ||
	    !all_of(need->key + n + 1, strlen(need->key + n + 1),
	    "0123456789abcdefghijklmnopqrstuvwxyzPSL=&"))
		return false;
	q->body = ATLS_VCEK;
	for (i = 0; i < NPRODUCTS; i++) {
		if ((n == HWID_LEN_TURIN) != (strcmp(products[i].key,
		    "turin") == 0))
			continue;
		(void)snprintf(path, sizeof(path), "/vcek/v1/%s/%s",
		    products[i].path, need->key);
		ok = ok && set_url(q, c->kds, path);
	}
	return ok;
}

enum atls_rc
request_of(const struct request_conf *c, const struct atls_need *need,
    struct request *q, struct atls_err *err)
{
	bool ok = false;

	memset(q, 0, sizeof(*q));
	switch (need->item) {
	case ATLS_TCB_INFO:
	case ATLS_TCB_INFO_EARLY:
		ok = tcb_info(c, need, q);
		break;
	case ATLS_TCB_INFO_CHAIN:
	case ATLS_QE_IDENTITY:
	case ATLS_QE_IDENTITY_CHAIN:
		ok = qe_identity(c, need, q);
		break;
	case ATLS_PCK_CRL:
	case ATLS_PCK_CRL_CHAIN:
		ok = pck_crl(c, need, q);
		break;
	case ATLS_ROOT_CA_CRL:
		q->body = ATLS_ROOT_CA_CRL;
		ok = set_url(q, c->root_crl, "");
		break;
	case ATLS_VCEK:
		ok = vcek(c, need, q);
		break;
	case ATLS_ASK:
	case ATLS_ARK:
	case ATLS_AMD_CRL:
		ok = amd_ca(c, need, q);
		break;
	case ATLS_VLEK:		/* its provider hands it out, to guests */
	case ATLS_ITEM_NONE:
	case ATLS_NITEMS:
		break;
	}
	return ok ? ATLS_OK : nobody(need, err);
}

static enum atls_rc
add(struct request_items *out, enum atls_item item, struct atls_buf *b,
    struct atls_err *err)
{
	struct atls_buf *to = &out->bytes[out->n];

	*to = *b;			/* ours from here on */
	*b = (struct atls_buf){ NULL, 0, 0 };
	out->item[out->n++] = item;
	return file_form(item, to, err);
}

/* A PCCS sends the root's CRL as hex. */
static void
from_hex(struct atls_buf *b)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t i, n = b->len;
	unsigned v[2];
	const char *d;
	int k;

	while (n > 0 && (b->p[n - 1] == '\n' || b->p[n - 1] == '\r'))
		n--;
	if (n == 0 || n % 2 != 0 || b->p[0] != '3')
		return;
	for (i = 0; i < n; i++)
		if (b->p[i] == 0 || strchr(digits, b->p[i]) == NULL)
			return;
	for (i = 0; i < n; i += 2) {
		for (k = 0; k < 2; k++) {
			d = strchr(digits, b->p[i + (size_t)k]);
			v[k] = (unsigned)(d - digits);
			v[k] = v[k] > 15 ? v[k] - 6 : v[k];
		}
		b->p[i / 2] = (uint8_t)(v[0] << 4 | v[1]);
	}
	b->len = n / 2;
}

/* The second of two certificates in PEM goes into a buffer of its own. */
static enum atls_rc
split(struct atls_buf *b, struct atls_buf *second, struct atls_err *err)
{
	static const char end[] = "-----END CERTIFICATE-----";
	size_t n = sizeof(end) - 1, i;

	for (i = 0; i + n <= b->len; i++)
		if (memcmp(b->p + i, end, n) == 0)
			break;
	i += n;
	while (i < b->len && (b->p[i] == '\n' || b->p[i] == '\r'))
		i++;
	if (i >= b->len)
		return fail_set(err, ATLS_E_FORMAT, "source.net.chain",
		    "not two certificates, PEM");
	second->len = second->cap = b->len - i;
	if ((second->p = malloc(second->cap)) == NULL)
		return fail_set(err, ATLS_E_MEM, "source.net.chain",
		    "%zu octets", second->cap);
	memcpy(second->p, b->p + i, second->len);
	b->len = i;
	return ATLS_OK;
}

enum atls_rc
request_take(const struct request *q, struct http_reply *y,
    struct request_items *out, struct atls_err *err)
{
	struct atls_buf second = { NULL, 0, 0 };
	enum atls_rc rc = ATLS_OK;

	memset(out, 0, sizeof(*out));
	if (q->chain != ATLS_ITEM_NONE && y->chain.len == 0)
		return fail_set(err, ATLS_E_FORMAT, "source.net.chain",
		    "no %s in the answer", q->header[0]);
	if (q->body == ATLS_ASK) {
		rc = split(&y->body, &second, err);
		if (rc == ATLS_OK)
			rc = add(out, ATLS_ASK, &y->body, err);
		if (rc == ATLS_OK)
			rc = add(out, ATLS_ARK, &second, err);
		free(second.p);
		return rc;
	}
	if (q->body == ATLS_ROOT_CA_CRL)
		from_hex(&y->body);
	if (q->body != ATLS_ITEM_NONE)
		rc = add(out, q->body, &y->body, err);
	if (rc == ATLS_OK && q->chain != ATLS_ITEM_NONE)
		rc = add(out, q->chain, &y->chain, err);
	return rc;
}

void
request_items_free(struct request_items *out)
{
	size_t i;

	for (i = 0; i < out->n; i++)
		free(out->bytes[i].p);
	memset(out, 0, sizeof(*out));
}
