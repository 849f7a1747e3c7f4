/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AZ_H
#define AZ_H

#include "evidence.h"
#include "jwk.h"
#include "tpm.h"

/*
 * Azure confidential VMs: a TPM that the VM's paravisor makes in software, and
 * a report of the hardware that says which attestation key (AK) is its.
 *
 *	{
 *		"hcl":   bstr,			the HCL report, from NV index
 *						0x01400001
 *		"quote": { "attest": bstr,	TPMS_ATTEST of TPM2_Quote by
 *						the AK, handle 0x81000003
 *			   "sig": bstr },	TPMT_SIGNATURE
 *		"pcrs":  [ + [ uint, { + uint => bstr } ] ],
 *						as in TPM evidence
 *		? "vcek": bstr, ? "ask": bstr,	SNP: certificates, DER
 *		"td": bstr			TDX: the quote that the host
 *						made of the report in hcl
 *	}
 *
 * So: hardware, by AMD's or Intel's keys -> digest in its report data ->
 * runtime data -> AK -> quote -> challenge and PCRs.  What the paravisor is,
 * only its measurement tells: any other code in a VM of an attacker's own can
 * name a key of its making.  And what becomes of the TPM's state, the provider
 * says: it is in res->voucher.
 *
 * Layout of the HCL report: Microsoft, "Guest attestation for confidential
 * VMs: design detail" ("Attestation report", "Runtime claims").
 */
#define AZ_MAX		65536	/* octets of all of it */
#define AZ_HCL_MAX	8192	/* octets of the HCL report */
#define AZ_TEXT_MAX	128	/* octets of a text in the runtime data */

#define AZ_HW_LEN	1184	/* the hardware's report, or room for it */

/* atls_evidence.part[] of these kinds: those of the hardware's kind, with
 * their own numbers, and behind them: */
enum az_part {
	AZ_HW_DATA = 12,		/* report data of the hardware */
	AZ_TDREPORT,			/* TDX: what hcl has for a report */
	AZ_RUNTIME,			/* runtime data, JSON */
	AZ_AK_N, AZ_AK_E,		/* in it: "HCLAkPub" */
	AZ_ATTEST, AZ_SIG, AZ_PCRS,
};

/* What runtime data claim; no policy must speak of them. */
#define AZ_TABLE							\
	{ "az.vm_id",		ATLS_CLAIM_TEXT,	false, 0 },	\
	{ "az.secure_boot",	ATLS_CLAIM_BOOL,	false, 0 },	\
	{ "az.tpm_enabled",	ATLS_CLAIM_BOOL,	false, 0 },	\
	{ "az.tpm_persisted",	ATLS_CLAIM_BOOL,	false, 0 },	\
	{ "az.console_enabled",	ATLS_CLAIM_BOOL,	false, 0 }

/* az_runtime.c: reads runtime data, which nobody vouches for yet: the AK, to
 * scratch, and claims.  Errors: E_FORMAT, E_UNKNOWN, E_LIMIT, E_SPACE, E_MEM. */
ATLS_CHECKED enum atls_rc az_runtime(struct atls_bytes json,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);

/* The message as a whole (az_parse.c). */
ATLS_CHECKED enum atls_rc az_parse(enum atls_kind, struct atls_bytes raw,
		    struct atls_buf *scratch, struct atls_evidence *out,
		    struct atls_err *);

#endif
