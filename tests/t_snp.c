/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_expect.h"

/*
 * Each check of SEV-SNP broken once, in reports that are signed after that:
 * nothing but the check in question can tell.
 */
static void sig_algo(uint8_t *r) { r[0x34] = 2; }
static void zero_4c(uint8_t *r) { r[0x4d] = 1; }
static void zero_188(uint8_t *r) { r[0x188] = 1; }
static void zero_18b(uint8_t *r) { r[0x19f] = 1; }
static void zero_1eb(uint8_t *r) { r[0x1eb] = 1; }
static void zero_1ef(uint8_t *r) { r[0x1ef] = 1; }
static void zero_1f8(uint8_t *r) { r[0x1f8] = 1; }
static void zero_208(uint8_t *r) { r[0x208] = 1; }
static void zero_29f(uint8_t *r) { r[0x29f] = 0x80; }
static void key_info(uint8_t *r) { r[0x48] |= 1 << 5; }
static void key_none(uint8_t *r) { r[0x48] = 7 << 2; }
static void key_two(uint8_t *r) { r[0x48] = 2 << 2; }
static void key_vlek(uint8_t *r) { r[0x48] = 1 << 2; }
static void key_vcek(uint8_t *r) { r[0x48] = 0; }
static void author(uint8_t *r) { r[0x110] = 1; }
static void author_good(uint8_t *r) { r[0x110] = 1; r[0x48] |= 1; }
static void cpu_family(uint8_t *r) { r[0x188] = 0x17; }
static void cpu_model(uint8_t *r) { r[0x189] = 0x20; }
static void cpu_turin(uint8_t *r) { r[0x188] = 0x1a; r[0x189] = 0x12; }
static void cpu_genoa(uint8_t *r) { r[0x189] = 0x11; }
static void cpu_siena(uint8_t *r) { r[0x189] = 0xa0; }
static void tcb_mid(uint8_t *r) { r[0x182] = 1; }
static void tcb_mid2(uint8_t *r) { r[0x1f5] = 1; }
static void tcb_mid_turin(uint8_t *r) { r[0x1e4] = 1; }
static void bootloader(uint8_t *r) { r[0x180]--; }
static void tee(uint8_t *r) { r[0x181] = 0; }
static void snp(uint8_t *r) { r[0x186]--; }
static void microcode(uint8_t *r) { r[0x187]--; }
static void fmc(uint8_t *r) { r[0x180]--; }
static void chip(uint8_t *r) { r[0x1df] ^= 1; }
static void chip_none(uint8_t *r) { memset(r + 0x1a0, 0, 64); }
static void chip_tail(uint8_t *r) { r[0x1a8] = 1; }
static void masked(uint8_t *r) { r[0x48] |= 2; }
static void masked_good(uint8_t *r) { r[0x48] |= 2; chip_none(r); }
static void committed(uint8_t *r) { r[0x1e6]--; }
static void current(uint8_t *r) { r[0x3f]--; }
static void fw_build(uint8_t *r) { r[0x1ec]++; }
static void fw_older(uint8_t *r) { r[0x1ec] += 2; r[0x1e9]++; }
static void policy_17(uint8_t *r) { r[0x0a] = 1; }
static void policy_26(uint8_t *r) { r[0x0b] |= 4; }
static void policy_63(uint8_t *r) { r[0x0f] = 0x80; }
static void policy_25(uint8_t *r) { r[0x0b] |= 2; }
static void abi_minor(uint8_t *r) { r[0x08] = 0x38; r[0x09] = 1; }
static void abi_major(uint8_t *r) { r[0x09] = 2; }
static void debug(uint8_t *r) { r[0x0a] |= 8; }
static void vmpl_3(uint8_t *r) { r[0x30] = 3; }
static void vmpl_4(uint8_t *r) { r[0x30] = 4; }
static void vmpl_host(uint8_t *r) { memset(r + 0x30, 0xff, 4); }
static void platform(uint8_t *r) { r[0x47] = 0x80; }
static void pad_r(uint8_t *r) { r[0x2a0 + 48] = 1; }
static void pad_s(uint8_t *r) { r[0x2e8 + 71] = 1; }
static void pad_end(uint8_t *r) { r[0x49f] = 1; }
static void sig_r(uint8_t *r) { r[0x2a0] ^= 1; }
static void sig_s(uint8_t *r) { r[0x2e8] ^= 1; }
static void sig_r0(uint8_t *r) { memset(r + 0x2a0, 0, 48); }
static void sig_s0(uint8_t *r) { memset(r + 0x2e8, 0, 48); }
static void sig_big(uint8_t *r) { memset(r + 0x2e8, 0xff, 48); }

static const struct report_row {
	const char	*what;
	char		 product;
	unsigned	 version;
	bool		 vlek;
	void		(*edit)(uint8_t *), (*spoil)(uint8_t *);
	enum atls_rc	 rc;
	const char	*where;			/* NULL: is good */
} reports[] = {
	{ "good", 'M', 2, false, NULL, NULL, 0, NULL },
	{ "good 3", 'M', 3, false, NULL, NULL, 0, NULL },
	{ "good 5", 'M', 5, false, NULL, NULL, 0, NULL },
	{ "good VLEK", 'M', 3, true, NULL, NULL, 0, NULL },
	{ "good VLEK 2", 'M', 2, true, NULL, NULL, 0, NULL },
	{ "Turin", 'T', 3, false, NULL, NULL, 0, NULL },
	{ "Turin 2", 'T', 2, false, NULL, NULL, 0, NULL },
	{ "Turin 5", 'T', 5, false, NULL, NULL, 0, NULL },
	{ "Turin VLEK", 'T', 5, true, NULL, NULL, 0, NULL },
	/* the layout of its TCB_VERSION cannot be known */
	{ "Turin VLEK 2", 'T', 2, true, NULL, NULL, ATLS_E_FORMAT,
	    "snp.tcb.reserved" },
	{ "author key", 'M', 3, false, author_good, NULL, 0, NULL },
	{ "VMPL 3", 'M', 3, false, vmpl_3, NULL, 0, NULL },
	{ "no page swap", 'M', 3, false, policy_25, NULL, 0, NULL },
	{ "platform bits are for the policy", 'M', 3, false, platform, NULL,
	    0, NULL },
	{ "masked", 'M', 3, false, masked_good, NULL, 0, NULL },

	{ "algorithm", 'M', 3, false, sig_algo, NULL, ATLS_E_UNKNOWN,
	    "snp.sig_algo" },
	{ "after key info", 'M', 3, false, zero_4c, NULL, ATLS_E_FORMAT,
	    "snp.reserved" },
	{ "CPUID in version 2", 'M', 2, false, zero_188, NULL, ATLS_E_FORMAT,
	    "snp.reserved" },
	{ "after CPUID", 'M', 3, false, zero_18b, NULL, ATLS_E_FORMAT,
	    "snp.reserved" },
	{ "after current version", 'M', 3, false, zero_1eb, NULL,
	    ATLS_E_FORMAT, "snp.reserved" },
	{ "after committed version", 'M', 3, false, zero_1ef, NULL,
	    ATLS_E_FORMAT, "snp.reserved" },
	{ "mitigations in version 3", 'M', 3, false, zero_1f8, NULL,
	    ATLS_E_FORMAT, "snp.reserved" },
	{ "after mitigations", 'M', 5, false, zero_208, NULL, ATLS_E_FORMAT,
	    "snp.reserved" },
	{ "last octet", 'M', 5, false, zero_29f, NULL, ATLS_E_FORMAT,
	    "snp.reserved" },
	{ "padding of R", 'M', 3, false, NULL, pad_r, ATLS_E_FORMAT,
	    "snp.signature.padding" },
	{ "padding of S", 'M', 3, false, NULL, pad_s, ATLS_E_FORMAT,
	    "snp.signature.padding" },
	{ "behind S", 'M', 3, false, NULL, pad_end, ATLS_E_FORMAT,
	    "snp.signature.padding" },
	{ "key info", 'M', 3, false, key_info, NULL, ATLS_E_UNKNOWN,
	    "snp.key_info" },
	{ "author key without its bit", 'M', 3, false, author, NULL,
	    ATLS_E_FORMAT, "snp.author_key" },
	{ "signed by nobody", 'M', 3, false, key_none, NULL, ATLS_E_SIG,
	    "snp.signing_key" },
	{ "signed by key 2", 'M', 3, false, key_two, NULL, ATLS_E_SIG,
	    "snp.signing_key" },
	{ "VLEK, with a VCEK", 'M', 3, false, key_vlek, NULL, ATLS_E_SIG,
	    "snp.leaf.sort" },
	{ "VCEK, with a VLEK", 'M', 3, true, key_vcek, NULL, ATLS_E_SIG,
	    "snp.leaf.sort" },
	{ "family", 'M', 3, false, cpu_family, NULL, ATLS_E_UNKNOWN,
	    "snp.cpuid" },
	{ "model", 'M', 3, false, cpu_model, NULL, ATLS_E_UNKNOWN,
	    "snp.cpuid" },
	{ "model of family 0x1a", 'T', 3, false, cpu_turin, NULL,
	    ATLS_E_UNKNOWN, "snp.cpuid" },
	{ "Genoa, with a Milan's VCEK", 'M', 3, false, cpu_genoa, NULL,
	    ATLS_E_CHAIN, "snp.product" },
	{ "Siena, with a Milan's VCEK", 'M', 3, false, cpu_siena, NULL,
	    ATLS_E_CHAIN, "snp.product" },
	{ "reserved in reported TCB", 'M', 3, false, tcb_mid, NULL,
	    ATLS_E_FORMAT, "snp.tcb.reserved" },
	{ "reserved in launch TCB", 'M', 3, false, tcb_mid2, NULL,
	    ATLS_E_FORMAT, "snp.tcb.reserved" },
	{ "reserved in Turin's TCB", 'T', 3, false, tcb_mid_turin, NULL,
	    ATLS_E_FORMAT, "snp.tcb.reserved" },
	{ "R", 'M', 3, false, NULL, sig_r, ATLS_E_SIG, "snp.signature" },
	{ "S", 'M', 3, false, NULL, sig_s, ATLS_E_SIG, "snp.signature" },
	{ "R zero", 'M', 3, false, NULL, sig_r0, ATLS_E_SIG,
	    "snp.signature" },
	{ "S zero", 'M', 3, false, NULL, sig_s0, ATLS_E_SIG,
	    "snp.signature" },
	{ "S over the order", 'M', 3, false, NULL, sig_big, ATLS_E_SIG,
	    "snp.signature" },
	{ "boot loader", 'M', 3, false, bootloader, NULL, ATLS_E_CHAIN,
	    "snp.tcb.reported.bootloader" },
	{ "TEE", 'M', 3, false, tee, NULL, ATLS_E_CHAIN,
	    "snp.tcb.reported.tee" },
	{ "SNP", 'M', 3, false, snp, NULL, ATLS_E_CHAIN,
	    "snp.tcb.reported.snp" },
	{ "microcode", 'M', 3, false, microcode, NULL, ATLS_E_CHAIN,
	    "snp.tcb.reported.microcode" },
	{ "FMC", 'T', 3, false, fmc, NULL, ATLS_E_CHAIN,
	    "snp.tcb.reported.fmc" },
	{ "chip", 'M', 3, false, chip, NULL, ATLS_E_CHAIN, "snp.hwid" },
	{ "no chip", 'M', 3, false, chip_none, NULL, ATLS_E_CHAIN,
	    "snp.hwid" },
	{ "longer than Turin's", 'T', 3, false, chip_tail, NULL, ATLS_E_CHAIN,
	    "snp.hwid" },
	{ "masked and there", 'M', 3, false, masked, NULL, ATLS_E_FORMAT,
	    "snp.chip_id" },
	{ "reported over committed", 'M', 3, false, committed, NULL,
	    ATLS_E_REVOKED, "snp.tcb.committed" },
	{ "committed over current", 'M', 3, false, current, NULL,
	    ATLS_E_REVOKED, "snp.tcb.current" },
	{ "committed build", 'M', 3, false, fw_build, NULL, ATLS_E_REVOKED,
	    "snp.firmware.committed" },
	{ "build by itself does not count", 'M', 3, false, fw_older, NULL, 0,
	    NULL },
	{ "bit 17", 'M', 3, false, policy_17, NULL, ATLS_E_UNKNOWN,
	    "snp.policy.reserved" },
	{ "bit 26", 'M', 3, false, policy_26, NULL, ATLS_E_UNKNOWN,
	    "snp.policy.reserved" },
	{ "bit 63", 'M', 3, false, policy_63, NULL, ATLS_E_UNKNOWN,
	    "snp.policy.reserved" },
	{ "ABI minor", 'M', 3, false, abi_minor, NULL, ATLS_E_REVOKED,
	    "snp.policy.abi" },
	{ "ABI major", 'M', 3, false, abi_major, NULL, ATLS_E_REVOKED,
	    "snp.policy.abi" },
	{ "debug", 'M', 3, false, debug, NULL, ATLS_E_POLICY,
	    "snp.policy.debug" },
	{ "VMPL 4", 'M', 3, false, vmpl_4, NULL, ATLS_E_BIND, "snp.vmpl" },
	{ "asked by the host", 'M', 3, false, vmpl_host, NULL, ATLS_E_BIND,
	    "snp.vmpl" },
};

static void
check_reports(const struct snp_world *milan, const struct snp_world *turin)
{
	struct snp_verdict v;
	size_t i;

	for (i = 0; i < NITEMS(reports); i++) {
		const struct report_row *r = &reports[i];
		const struct snp_world *w = r->product == 'M' ? milan : turin;
		struct snp_case c = snp_case_of(w, r->vlek);

		c.version = r->version;
		c.edit = r->edit;
		c.spoil = r->spoil;
		v = snp_judge(w, &c);
		expect(r->what, &v, r->rc, r->where);
	}
}

struct told {
	unsigned	n, failed;
	char		name[64][40];
};

static void
tell(void *arg, const struct evidence_step *s)
{
	struct told *t = arg;

	if (t->n < NITEMS(t->name))
		(void)snprintf(t->name[t->n], sizeof(t->name[0]), "%s",
		    s->where);
	t->n++;
	t->failed += !s->passed;
}

/* Every check is told, under a name of its own. */
static void
check_told(const struct snp_world *w)
{
	struct told told = { .n = 0 };
	const struct evidence_trace trace = { tell, &told };
	struct snp_case c = snp_case_of(w, false);
	struct snp_verdict v;
	unsigned i, k;

	c.trace = &trace;
	v = snp_judge(w, &c);
	expect("told", &v, 0, NULL);
	T(told.failed == 0 && told.n > 25 && told.n < NITEMS(told.name),
	    "%u, %u", told.n, told.failed);
	for (i = 0; i < told.n; i++)
		for (k = 0; k < i; k++)
			T(strcmp(told.name[i], told.name[k]) != 0, "%s twice",
			    told.name[i]);
}

static void
check_instances(const struct snp_world *milan, const struct snp_world *turin)
{
	char id[ATLS_INSTANCE_MAX];
	struct snp_case c = snp_case_of(turin, false);
	struct snp_verdict v = snp_judge(turin, &c);

	snp_instance(&v.res.claims, id);
	T(strcmp(id, "chip:a0a1a2a3a4a5a6a7") == 0, "%s", id);
	free(v.raw);
	c = snp_case_of(milan, false);
	v = snp_judge(milan, &c);
	snp_instance(&v.res.claims, id);
	T(strlen(id) == 133 && strncmp(id, "chip:a0a1", 9) == 0, "%s", id);
	free(v.raw);
	c.edit = masked_good;
	v = snp_judge(milan, &c);
	snp_instance(&v.res.claims, id);
	T(id[0] == '\0', "%s", id);
	free(v.raw);
	c = snp_case_of(milan, true);
	v = snp_judge(milan, &c);
	snp_instance(&v.res.claims, id);
	T(id[0] == '\0', "%s", id);
	T(atls_evidence_claim(&v.res.claims, "snp.csp") != NULL, "provider");
	free(v.raw);
}

int
main(void)
{
	struct snp_world milan = snp_world_new("Milan");
	struct snp_world turin = snp_world_new("Turin");

	check_reports(&milan, &turin);
	check_told(&milan);
	check_instances(&milan, &turin);
	snp_world_free(&milan);
	snp_world_free(&turin);
	return t_end("t_snp");
}
