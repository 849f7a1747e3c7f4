/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <time.h>

#include "../src/codec/date.h"
#include "../src/codec/pem.h"
#include "../src/evidence/tpm.h"
#include "snp_make.h"
#include "token_make.h"

/*
 * For second.sh: evidence of the vectors, and what is made of it by changing
 * something at random (the same each time), with our verdict on what another
 * implementation looks at, too.
 *
 *	t_second nitro		kind, row, what was done and where (part and
 *				octet), verdict, time, document in hexadecimal
 *	t_second snp		..., verdict, VCEK and report in hexadecimal
 *	t_second tpm FOLDER	number, row, what, verdict, nonce; the files are
 *				FOLDER/number.msg, .sig and .pem
 *
 * Nitro: signature, certificates and the root, at the row's time.  SNP: VCEK
 * and signature of Milan, today.  TPM: the quote's signature and its nonce.
 */
#define MUTANTS		400
#define GOOD_MAX	32

enum { FLIP, OCTET, CUT, INSERT, APPEND, DELETE, SWAP, NCHANGES };

static const char *const changes[NCHANGES] = { "flip", "octet", "cut",
    "insert", "append", "delete", "swap" };

/* What is judged, and in which parts it may be changed. */
struct piece {
	char			 id[64];
	struct atls_bytes	 part[3];
	int64_t			 now;
	struct crypto_key	*key;		/* of a TPM */
	struct atls_bytes	 pem;
};

static struct piece good[GOOD_MAX];
static size_t ngood, nparts;
static struct atls_trust *anchors;
static struct atls_bytes ask;			/* of Milan, DER */
static const char *folder;
static const char *why;				/* or "" if it was accepted */

/* Knuth's MMIX generator. */
static uint64_t
any(uint64_t n)
{
	static uint64_t x = 20221013;

	x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (x >> 33) % n;
}

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "t_second: %s\n", what);
	exit(1);
}

static struct atls_bytes
load(const char *kind, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", kind, name);
	return token_file(path);
}

static struct atls_trust *
trust_of(const char *kind, const char *name)
{
	struct atls_bytes pem = load(kind, name);
	struct atls_trust *t = atls_trust_new(pem, (struct atls_bytes){ NULL,
	    0 }, NULL);

	drop(pem);
	if (t == NULL)
		die(name);
	return t;
}

static bool
nitro(const struct piece *p)
{
	struct evidence_trust trust = { .anchors = anchors,
	    .now = p->now, .allow_debug = true };
	struct atls_result res;
	enum atls_rc rc = token_judge(ATLS_KIND_NITRO, p->part[0], &trust,
	    &res);

	why = rc == ATLS_OK ? "" : res.why.where;
	return rc == ATLS_OK;
}

/* That there is no CRL of AMD is left out. */
static bool
snp(const struct piece *p)
{
	const struct atls_bytes none = { NULL, 0 };
	struct evidence_trust trust = { .anchors = anchors, .now = p->now,
	    .allow_debug = true };
	struct atls_result res = { .kind = ATLS_KIND_SNP };
	static uint8_t table[16384];
	struct atls_bytes raw = { table, 0 };
	bool ok = false;

	why = "snp.report";
	/* a table behind less than a report would be taken for its end */
	if (p->part[1].len == SNP_REPORT_LEN) {
		raw.len = snp_table_put(table, sizeof(table), p->part[0],
		    none, ask);
		raw = joined(p->part[1], raw);
		ok = atls_evidence_parse(&res.claims, ATLS_KIND_SNP, raw,
		    NULL, &res.why) == ATLS_OK &&
		    snp_signature(&res.claims, &trust, &res) == 1;
		drop(raw);
		why = ok ? "" : res.why.where;
	}
	return ok;
}

static bool
tpm(const struct piece *p)
{
	const struct evidence_trust untold = { .now = p->now };
	struct atls_err err = { .rc = ATLS_OK };
	struct tpm_attest a;
	struct tpm_sig sig;
	bool ok = tpm_attest_parse(p->part[0], 0, TPM_ST_QUOTE, "tpm.quote",
	    &a, &err) == ATLS_OK &&
	    tpm_sig_parse(p->part[1], 0, "tpm.quote.sig", &sig, &err) ==
	    ATLS_OK &&
	    tpm_check_signature(&untold, p->key, &sig, p->part[0], false,
	    &err) == 1;

	why = ok ? "" : err.where;
	if (ok && (a.extra.len == 0 || !atls_ct_eq(a.extra, p->part[2]))) {
		why = "tpm.extra_data";
		ok = false;
	}
	return ok;
}

static void
put_hex(struct atls_bytes b)
{
	size_t i;

	printf("\t");
	for (i = 0; i < b.len; i++)
		printf("%02x", b.p[i]);
}

static void
put_file(unsigned n, const char *suffix, struct atls_bytes b)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%u.%s", folder, n, suffix);
	if ((f = fopen(path, "wb")) == NULL ||
	    fwrite(b.p, 1, b.len, f) != b.len || fclose(f) != 0)
		die(path);
}

static bool
say(const char *kind, const struct piece *p, const char *what, size_t part,
    size_t at)
{
	static unsigned n;
	bool ok = strcmp(kind, "nitro") == 0 ? nitro(p) :
	    strcmp(kind, "snp") == 0 ? snp(p) : tpm(p);

	if (folder != NULL)
		printf("%u", n);
	else
		printf("%s", kind);
	printf("\t%s\t%s@%zu.%zu\t%s%s", p->id, what, part, at, ok ?
	    "accept" : "reject:", why);
	if (strcmp(kind, "nitro") == 0)
		printf("\t%" PRId64, p->now);
	if (folder != NULL) {
		put_file(n, "msg", p->part[0]);
		put_file(n, "sig", p->part[1]);
		put_file(n, "pem", p->pem);
		put_hex(p->part[2]);
	} else {
		put_hex(p->part[0]);
		if (nparts > 1)
			put_hex(p->part[1]);
	}
	printf("\n");
	n++;
	return ok;
}

static void
piece_free(struct piece *p)
{
	size_t i;

	for (i = 0; i < 3; i++)
		drop(p->part[i]);
	drop(p->pem);
	crypto_key_free(p->key);
}

/* Says it, and takes it over. */
static void
keep(const char *kind, struct piece *p)
{
	if (say(kind, p, "none", 0, 0) && ngood < GOOD_MAX)
		good[ngood++] = *p;
	else
		piece_free(p);
}

/* Columns are those of each kind's cases.tsv. */
static void
nitro_row(char *col[TOKEN_COLUMNS])
{
	struct piece p = { .part = { load("nitro", col[1]) } };

	(void)snprintf(p.id, sizeof(p.id), "%s", col[0]);
	if (p.part[0].p == NULL)		/* not to be passed on */
		return;
	if (!date_read((struct atls_bytes){ (const uint8_t *)col[2],
	    strlen(col[2]) }, &p.now))
		die(col[2]);
	keep("nitro", &p);
}

/* Of Milan, with a VCEK; those of another time are the same today. */
static void
snp_row(char *col[TOKEN_COLUMNS])
{
	struct piece p = { .now = (int64_t)time(NULL) };

	(void)snprintf(p.id, sizeof(p.id), "%s", col[0]);
	if (strstr(col[3], "sev-milan.pem") == NULL ||
	    strstr(col[2], "vlek") != NULL || strstr(col[4], "ark-milan") ==
	    NULL || strstr(col[0], "-x") != NULL)
		return;
	p.part[0] = load("snp", col[2]);
	p.part[1] = load("snp", col[1]);
	if (p.part[0].p != NULL && p.part[1].p != NULL)
		keep("snp", &p);
	else
		piece_free(&p);
}

static void
tpm_row(char *col[TOKEN_COLUMNS])
{
	char name[128];
	struct piece p = { .now = 1 };

	(void)snprintf(p.id, sizeof(p.id), "%s", col[0]);
	(void)snprintf(name, sizeof(name), "%s/attest.bin", col[1]);
	p.part[0] = load("tpm", name);
	(void)snprintf(name, sizeof(name), "%s/tpmt_signature.bin", col[1]);
	p.part[1] = load("tpm", name);
	if (p.part[0].p == NULL || p.part[1].p == NULL) {
		piece_free(&p);
		return;
	}
	p.part[2] = hex(col[2]);
	(void)snprintf(name, sizeof(name), "tpm/%s/ak.pub.pem", col[1]);
	p.key = token_key_file(name);
	p.pem = token_file(name);
	keep("tpm", &p);
}

/* Takes the place of *b. */
static size_t
change(struct atls_bytes *b, unsigned how)
{
	size_t at = any(b->len), n = b->len, other;
	uint8_t *p = malloc(n + 1), x[16];

	if (p == NULL)
		die("memory");
	memcpy(p, b->p, n);
	switch (how) {
	case FLIP:
		p[at] ^= (uint8_t)(1u << any(8));
		break;
	case OCTET:
		p[at] = (uint8_t)any(256);
		break;
	case CUT:
		n = at;
		break;
	case APPEND:
		at = n;
		/* FALLTHROUGH */
	case INSERT:
		memmove(p + at + 1, p + at, n - at);
		p[at] = (uint8_t)any(256);
		n++;
		break;
	case DELETE:
		memmove(p + at, p + at + 1, n - at - 1);
		n--;
		break;
	case SWAP:			/* two runs of octets */
		other = any(n);
		if (at + sizeof(x) > n || other + sizeof(x) > n)
			break;
		memcpy(x, p + at, sizeof(x));
		memmove(p + at, p + other, sizeof(x));
		memcpy(p + other, x, sizeof(x));
		break;
	}
	*b = copy((struct atls_bytes){ p, n });
	free(p);
	return at;
}

static void
mutants(const char *kind)
{
	struct piece p;
	unsigned how;
	size_t i, part, at;

	for (i = 0; i < MUTANTS; i++) {
		p = good[any(ngood)];
		part = any(nparts);
		how = (unsigned)any(NCHANGES);
		at = change(&p.part[part], how);
		(void)say(kind, &p, changes[how], part, at);
		drop(p.part[part]);
	}
}

static struct atls_bytes
milan(void)
{
	static uint8_t der[4096];
	struct atls_bytes pem = load("snp", "anchors/sev-milan.pem");
	struct atls_bytes out = { NULL, 0 };
	struct atls_buf buf = { der, sizeof(der), 0 };
	struct rd r = rd_of(pem);

	if (pem.p == NULL || pem_get(&r, PEM_CERT, &buf, &out, 1) != 1)
		die("ASK");
	drop(pem);
	return out;
}

int
main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	void (*row)(char *[TOKEN_COLUMNS]);
	struct atls_bytes table;
	char *col[TOKEN_COLUMNS], line[4096];
	struct rd r;

	if (strcmp(kind, "nitro") == 0) {
		row = nitro_row;
		nparts = 1;
		anchors = trust_of("nitro", "aws-nitro-root.pem");
	} else if (strcmp(kind, "snp") == 0) {
		row = snp_row;
		nparts = 2;
		anchors = trust_of("snp", "anchors/ark-milan.pem");
		ask = milan();
	} else if (strcmp(kind, "tpm") == 0 && argc > 2) {
		row = tpm_row;
		nparts = 3;
		folder = argv[2];
	} else
		die("nitro, snp, or tpm and a folder");
	table = load(kind, "cases.tsv");
	if (table.p == NULL)
		die("no table");
	r = rd_of(table);
	(void)token_row(&r, col, line);		/* the names of the columns */
	while (token_row(&r, col, line))
		row(col);
	if (ngood == 0)
		die("nothing is accepted");
	mutants(kind);
	while (ngood > 0)
		piece_free(&good[--ngood]);
	drop(table);
	atls_trust_free(anchors);
	return 0;
}
