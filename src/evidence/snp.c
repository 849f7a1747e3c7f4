/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "../base/rd.h"
#include "../codec/pem.h"
#include "snp.h"

enum {
	SIG_ECDSA_P384_SHA384 = 1,	/* "Signature Algorithm" */
	KEY_AUTHOR = 1 << 0, KEY_MASKED = 1 << 1, KEY_SIGNING = 7 << 2,
	VMPL_MAX = 3,			/* above: the host has asked */
	ECDSA_DER_MAX = 112, NUMBER_LEN = 48,
};

/* Bits of POLICY that we know: to 25, of which 17 is reserved, and set. */
#define POLICY_ONE	(UINT64_C(1) << 17)
#define POLICY_DEBUG	(UINT64_C(1) << 19)
#define POLICY_KNOWN	((UINT64_C(1) << 26) - 1)

/* One report on its way. */
struct snp {
	const struct atls_evidence	*ev;
	const struct evidence_trust	*trust;
	struct atls_result		*res;
	struct snp_report		 r;
	struct store_item		*leaf;	/* of the store, or NULL */
	struct atls_buf			 der;	/* if it was PEM there */
	struct amd_path			 path;
};

static int
check_algorithm(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why, s->r.sig_algo ==
	    SIG_ECDSA_P384_SHA384, ATLS_E_UNKNOWN, "snp.sig_algo",
	    "must be 1, ECDSA P-384 with SHA-384", "%" PRIu32, s->r.sig_algo);
}

/* What is reserved in the version that the report says it is. */
static int
check_reserved(const struct snp *s)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < SNP_NZEROS; i++)
		ok = ok && evidence_zero(s->r.zero[i]);
	return evidence_check(s->trust, &s->res->why, ok, ATLS_E_FORMAT,
	    "snp.reserved", "must be zero", "reserved octets of version %"
	    PRIu32, s->r.version);
}

/* Nothing signs these octets: there must be nothing in them. */
static int
check_padding(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why,
	    evidence_zero(s->r.padding[0]) && evidence_zero(s->r.padding[1]) &&
	    evidence_zero(s->r.padding[2]), ATLS_E_FORMAT,
	    "snp.signature.padding", "must be zero", "octets around R and S");
}

static int
check_key_info(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why, (s->r.key_info &
	    ~(uint32_t)(KEY_AUTHOR | KEY_MASKED | KEY_SIGNING)) == 0,
	    ATLS_E_UNKNOWN, "snp.key_info", "must have bits 31:5 zero",
	    "0x%08" PRIx32, s->r.key_info);
}

static int
check_author_key(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why,
	    (s->r.key_info & KEY_AUTHOR) != 0 ||
	    evidence_zero(s->r.author_key_digest), ATLS_E_FORMAT,
	    "snp.author_key", "must not be there without its bit",
	    "author key digest");
}

static int
check_signing_key(const struct snp *s)
{
	uint32_t key = (s->r.key_info & KEY_SIGNING) >> 2;

	return evidence_check(s->trust, &s->res->why, key == SNP_KEY_VCEK ||
	    key == SNP_KEY_VLEK, ATLS_E_SIG, "snp.signing_key",
	    "must be 0, VCEK, or 1, VLEK", "%" PRIu32, key);
}

/* Version 2 does not say; others must name what we know, never a default. */
static int
check_cpuid(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why, s->r.version == 2 ||
	    s->r.product != AMD_UNKNOWN, ATLS_E_UNKNOWN, "snp.cpuid",
	    "must be of Milan, Genoa or Turin", "family 0x%02x model 0x%02x",
	    s->r.family, s->r.model);
}

static int
check_tcb_form(const struct snp *s)
{
	struct amd_tcb tcb;
	size_t i;
	int ok = 1;

	for (i = 0; i < SNP_NTCBS && ok == 1; i++)
		ok = snp_tcb_read(s->r.raw_tcb[i], s->r.turin, &tcb);
	return evidence_check(s->trust, &s->res->why, ok == 1, ATLS_E_FORMAT,
	    "snp.tcb.reserved", "must be zero", "reserved octets of a %s TCB",
	    s->r.turin ? "Turin" : "Milan or Genoa");
}

/* What came along counts before what is at hand; of either sort, so that a
 * report with the wrong one is told so. */
static int
find_leaf(struct snp *s)
{
	const struct atls_bytes *part = s->ev->part;
	bool vlek = snp_is_vlek(&s->r);
	char key[ATLS_ITEM_KEY_MAX];
	enum atls_rc rc = ATLS_OK;

	s->path.ask = part[SNP_ASK];
	s->path.leaf = part[vlek ? SNP_VLEK : SNP_VCEK];
	snp_leaf_key(&s->r, key);
	if (s->path.leaf.len == 0 && s->trust->collateral != NULL)
		s->leaf = store_find(s->trust->collateral, vlek ? ATLS_VLEK :
		    ATLS_VCEK, key);
	if (s->leaf != NULL)
		rc = amd_der(s->leaf->bytes, PEM_CERT, &s->der,
		    &s->path.leaf);
	if (s->path.leaf.len == 0)
		s->path.leaf = part[vlek ? SNP_VCEK : SNP_VLEK];
	return evidence_check(s->trust, &s->res->why, rc == ATLS_OK &&
	    s->path.leaf.len != 0, ATLS_E_CHAIN, "snp.leaf",
	    "must come along or be in the collateral", "certificate of a %s, "
	    "%.24s...", vlek ? "VLEK" : "VCEK", key);
}

static int
check_leaf_form(struct snp *s)
{
	struct atls_err why = { .rc = ATLS_OK };
	enum atls_rc rc = amd_cert_read(s->path.leaf, &s->path.is, &why);

	return evidence_check(s->trust, &s->res->why, rc == ATLS_OK, rc,
	    "snp.leaf.form", "must be a VCEK or VLEK certificate of AMD",
	    "%zu octets", s->path.leaf.len);
}

static int
check_leaf_sort(const struct snp *s)
{
	enum amd_role want = snp_is_vlek(&s->r) ? AMD_VLEK : AMD_VCEK;

	return evidence_check(s->trust, &s->res->why, s->path.is.role == want,
	    ATLS_E_SIG, "snp.leaf.sort", "must be what the report names",
	    "certificate %s, report %s", s->path.is.role == AMD_VLEK ?
	    "SEV-VLEK" : "SEV-VCEK", want == AMD_VLEK ? "VLEK" : "VCEK");
}

static void
reverse(struct atls_bytes in, uint8_t out[NUMBER_LEN])
{
	size_t i;

	for (i = 0; i < in.len; i++)
		out[in.len - 1 - i] = in.p[i];
}

static int
check_signature(const struct snp *s, const struct crypto_chain *key)
{
	uint8_t r[NUMBER_LEN], n[NUMBER_LEN], b[ECDSA_DER_MAX];
	struct atls_buf der = { b, sizeof(b), 0 };
	enum atls_rc rc;

	reverse(s->r.r, r);
	reverse(s->r.s, n);
	if ((rc = crypto_ecdsa_der(ATLS_ARRAY(r), ATLS_ARRAY(n), &der)) ==
	    ATLS_OK)
		rc = crypto_verify(crypto_chain_key(key),
		    ATLS_ECDSA_P384_SHA384, s->r.body, (struct atls_bytes){ b,
		    der.len });
	return evidence_check(s->trust, &s->res->why, rc == ATLS_OK, rc,
	    "snp.signature", "must be by the key of the certificate",
	    "ECDSA P-384, SHA-384");
}

/* Version 2: that it is of a product with this layout of TCB_VERSION. */
static int
check_product(const struct snp *s)
{
	enum amd_product is = s->path.is.product;

	return evidence_check(s->trust, &s->res->why, s->r.version == 2 ?
	    (is == AMD_TURIN) == s->r.turin : is == s->r.product,
	    ATLS_E_CHAIN, "snp.product", "must be that of the report",
	    "certificate %s, report %s", amd_product_name(is),
	    amd_product_name(s->r.product));
}

/* VCEK, 3.1: the key is derived from these levels, so it is theirs alone. */
static int
check_level(const struct snp *s, enum amd_part part, const char *where)
{
	uint8_t is = s->r.tcb[SNP_TCB_REPORTED].spl[part];
	uint8_t cert = s->path.is.tcb.spl[part];

	return evidence_check(s->trust, &s->res->why, is == cert,
	    ATLS_E_CHAIN, where, "must be that of the certificate",
	    "report %u, certificate %u", is, cert);
}

static int
check_levels(const struct snp *s)
{
	if (check_level(s, AMD_FMC, "snp.tcb.reported.fmc") != 1 ||
	    check_level(s, AMD_BOOTLOADER, "snp.tcb.reported.bootloader") !=
	    1 ||
	    check_level(s, AMD_TEE, "snp.tcb.reported.tee") != 1 ||
	    check_level(s, AMD_SNP, "snp.tcb.reported.snp") != 1 ||
	    check_level(s, AMD_MICROCODE, "snp.tcb.reported.microcode") != 1)
		return 0;
	return 1;
}

/* A VLEK is not of one chip, and a chip may be hidden: then there is none. */
static int
check_chip(const struct snp *s)
{
	struct atls_bytes hwid = s->path.is.hwid;
	struct rd r = rd_of(s->r.chip_id);
	bool same = atls_ct_eq(rd_take(&r, hwid.len), hwid) &&
	    evidence_zero(rd_rest(&r));
	bool masked = (s->r.key_info & KEY_MASKED) != 0;

	if (masked)
		return evidence_check(s->trust, &s->res->why,
		    evidence_zero(s->r.chip_id), ATLS_E_FORMAT, "snp.chip_id",
		    "must be zero where MASK_CHIP_KEY is set", "CHIP_ID");
	if (snp_is_vlek(&s->r))
		return 1;
	return evidence_check(s->trust, &s->res->why, same, ATLS_E_CHAIN,
	    "snp.hwid", "must be that of the certificate", "CHIP_ID");
}

static int
check_order(const struct snp *s, size_t low, size_t high, const char *where,
    const char *rule)
{
	static const char *const name[AMD_NPARTS] = { "FMC", "boot loader",
	    "TEE", "SNP", "microcode" };
	const struct amd_tcb *a = &s->r.tcb[low], *b = &s->r.tcb[high];
	size_t i, at = AMD_MICROCODE;
	bool ok = true;

	for (i = 0; i < AMD_NPARTS && ok; i++)
		if (a->spl[i] > b->spl[i]) {
			ok = false;
			at = i;
		}
	return evidence_check(s->trust, &s->res->why, ok, ATLS_E_REVOKED,
	    where, rule, "%s %u, and %u", name[at], a->spl[at], b->spl[at]);
}

static int
check_firmware(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why, s->r.committed <=
	    s->r.current, ATLS_E_REVOKED, "snp.firmware.committed",
	    "must not be above the current one", "0x%06" PRIx32
	    ", current 0x%06" PRIx32, s->r.committed, s->r.current);
}

static int
check_abi(const struct snp *s)
{
	uint32_t abi = (uint32_t)(s->r.policy & 0xffff);

	return evidence_check(s->trust, &s->res->why, abi <= s->r.current >>
	    8, ATLS_E_REVOKED, "snp.policy.abi",
	    "must be what the firmware has, or less", "0x%04" PRIx32
	    ", firmware 0x%06" PRIx32, abi, s->r.current);
}

static int
check_policy_form(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why, (s->r.policy &
	    POLICY_ONE) != 0 && (s->r.policy & ~POLICY_KNOWN) == 0,
	    ATLS_E_UNKNOWN, "snp.policy.reserved",
	    "must have bit 17 set, and those above 25 clear", "0x%016" PRIx64,
	    s->r.policy);
}

static int
check_debug(const struct snp *s)
{
	bool debug = (s->r.policy & POLICY_DEBUG) != 0;

	return evidence_check(s->trust, &s->res->why, !debug ||
	    s->trust->allow_debug, ATLS_E_POLICY, "snp.policy.debug",
	    "must be off, or allowed by the policy", "%s",
	    debug ? "on" : "off");
}

static int
check_vmpl(const struct snp *s)
{
	return evidence_check(s->trust, &s->res->why, s->r.vmpl <= VMPL_MAX,
	    ATLS_E_BIND, "snp.vmpl",
	    "must be 0..3: else the host has asked, not the guest",
	    "0x%" PRIx32, s->r.vmpl);
}

/* What the report alone shows. */
static int
check_form(const struct snp *s)
{
	if (check_algorithm(s) != 1 ||
	    check_reserved(s) != 1 ||
	    check_padding(s) != 1 ||
	    check_key_info(s) != 1 ||
	    check_author_key(s) != 1 ||
	    check_signing_key(s) != 1 ||
	    check_cpuid(s) != 1 ||
	    check_tcb_form(s) != 1)
		return 0;
	return 1;
}

/* What a report that is AMD's, and of this certificate, has to show. */
static int
check_content(const struct snp *s)
{
	if (check_product(s) != 1 ||
	    check_levels(s) != 1 ||
	    check_chip(s) != 1 ||
	    check_order(s, SNP_TCB_REPORTED, SNP_TCB_COMMITTED,
	    "snp.tcb.committed", "reported must not be above committed") !=
	    1 ||
	    check_order(s, SNP_TCB_COMMITTED, SNP_TCB_CURRENT,
	    "snp.tcb.current", "committed must not be above current") != 1 ||
	    check_firmware(s) != 1 ||
	    check_policy_form(s) != 1 ||
	    check_abi(s) != 1 ||
	    check_debug(s) != 1 ||
	    check_vmpl(s) != 1)
		return 0;
	return 1;
}

/* parse() has seen that it is a report. */
static int
begin(struct snp *s, const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	*s = (struct snp){ .ev = ev, .trust = trust, .res = res };
	if (snp_report_read(ev->part[SNP_REPORT], &s->r, &res->why) !=
	    ATLS_OK ||
	    check_form(s) != 1 ||
	    find_leaf(s) != 1 ||
	    check_leaf_form(s) != 1 ||
	    check_leaf_sort(s) != 1)
		return 0;
	return 1;
}

static void
end(struct snp *s)
{
	store_release(s->leaf);
	free(s->der.p);
}

int
snp_signature(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct crypto_chain *key = NULL;
	struct snp s;
	int ok = 0;

	if (begin(&s, ev, trust, res) == 1 &&
	    amd_path_check(trust, &s.path, &key, res) == 1 &&
	    check_signature(&s, key) == 1 &&
	    check_content(&s) == 1)
		ok = 1;
	if (ok == 1 && s.leaf != NULL)
		store_verified(s.leaf, trust->now);
	if (ok == 1)		/* a view, so only of what came along */
		snp_claims_cert(&res->claims, s.path.is.product,
		    s.leaf == NULL ? s.path.is.csp :
		    (struct atls_bytes){ NULL, 0 });
	crypto_chain_free(key);
	end(&s);
	return ok;
}

int
snp_revocation(const struct atls_evidence *ev,
    const struct evidence_trust *trust, struct atls_result *res)
{
	struct evidence_trust quiet = *trust;
	struct snp s;
	int ok;

	quiet.trace = NULL;		/* it was told before */
	ok = begin(&s, ev, &quiet, res) == 1 &&
	    amd_revocation_check(trust, &s.path, res) == 1 ? 1 : 0;
	end(&s);
	return ok;
}
