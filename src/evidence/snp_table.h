/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SNP_TABLE_H
#define SNP_TABLE_H

/* The claims of a report, for the tables of kinds that have one; their order
 * is that of snp_claims.c. */
#define SNP_C_BYTES(name, must, len)	{ name, ATLS_CLAIM_BYTES, must, len }
#define SNP_C_NUMBER(name, must)	{ name, ATLS_CLAIM_NUMBER, must, 0 }
#define SNP_C_BOOL(name, must)		{ name, ATLS_CLAIM_BOOL, must, 0 }
#define SNP_C_TEXT(name)		{ name, ATLS_CLAIM_TEXT, false, 0 }
#define SNP_C_TCB(of)							\
	SNP_C_NUMBER("snp.tcb." of "fmc", false),			\
	SNP_C_NUMBER("snp.tcb." of "bootloader", false),		\
	SNP_C_NUMBER("snp.tcb." of "tee", false),			\
	SNP_C_NUMBER("snp.tcb." of "snp", false),			\
	SNP_C_NUMBER("snp.tcb." of "microcode", false)

#define SNP_CLAIM_TABLE							\
	SNP_C_BYTES("snp.measurement", true, 48),			\
	SNP_C_BYTES("snp.host_data", true, 32),				\
	SNP_C_BYTES("snp.id_key_digest", true, 48),			\
	SNP_C_BYTES("snp.author_key_digest", true, 48),			\
	SNP_C_BYTES("snp.family_id", false, 16),			\
	SNP_C_BYTES("snp.image_id", false, 16),				\
	SNP_C_BYTES("snp.report_id", false, 32),			\
	SNP_C_BYTES("snp.report_id_ma", false, 32),			\
	SNP_C_BYTES("snp.chip_id", false, 64),				\
	SNP_C_NUMBER("snp.vmpl", true),					\
	SNP_C_NUMBER("snp.guest_svn", false),				\
	SNP_C_NUMBER("snp.version", false),				\
	SNP_C_TEXT("snp.product"),					\
	SNP_C_TEXT("snp.signing_key"),					\
	SNP_C_TEXT("snp.csp"),						\
	SNP_C_BOOL("snp.mask_chip_key", false),				\
	SNP_C_BOOL("snp.author_key_en", false),				\
	SNP_C_NUMBER("snp.cpuid.family", false),			\
	SNP_C_NUMBER("snp.cpuid.model", false),				\
	SNP_C_NUMBER("snp.cpuid.stepping", false),			\
	SNP_C_NUMBER("snp.firmware.current", false),			\
	SNP_C_NUMBER("snp.firmware.committed", false),			\
	SNP_C_NUMBER("snp.mitigation.launch", false),			\
	SNP_C_NUMBER("snp.mitigation.current", false),			\
	SNP_C_NUMBER("snp.policy.abi", false),				\
	SNP_C_NUMBER("snp.policy", false),				\
	SNP_C_BOOL("snp.policy.smt", false),				\
	SNP_C_BOOL("snp.policy.migrate", true),				\
	SNP_C_BOOL("snp.policy.debug", false),				\
	SNP_C_BOOL("snp.policy.single_socket", false),			\
	SNP_C_BOOL("snp.policy.cxl", false),				\
	SNP_C_BOOL("snp.policy.aes_256_xts", false),			\
	SNP_C_BOOL("snp.policy.rapl_off", false),			\
	SNP_C_BOOL("snp.policy.ciphertext_hiding", false),		\
	SNP_C_BOOL("snp.policy.page_swap_off", false),			\
	SNP_C_NUMBER("snp.platform", false),				\
	SNP_C_BOOL("snp.platform.smt", false),				\
	SNP_C_BOOL("snp.platform.tsme", false),				\
	SNP_C_BOOL("snp.platform.ecc", false),				\
	SNP_C_BOOL("snp.platform.rapl_off", false),			\
	SNP_C_BOOL("snp.platform.ciphertext_hiding", false),		\
	SNP_C_BOOL("snp.platform.alias_check", false),			\
	SNP_C_BOOL("snp.platform.tio", false),				\
	SNP_C_TCB(""), SNP_C_TCB("committed."), SNP_C_TCB("current."),	\
	SNP_C_TCB("launch.")

#endif
