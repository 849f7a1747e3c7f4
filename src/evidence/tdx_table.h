/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TDX_TABLE_H
#define TDX_TABLE_H

#include "dcap.h"

#define TDX_MR	48	/* octets of a measurement */

/* A policy must speak of what software runs and who decides on it: a TD
 * without SEPT_VE_DISABLE can be attacked by its host, one that can migrate
 * or has a service TD depends on somebody else. */
#define TDX_CLAIM_TABLE							\
	DCAP_CLAIM_TABLE("tdx"),					\
	DCAP_SVN_TABLE("tdx.tcb_svn."),					\
	{ "tdx.tcb_svn_2",	ATLS_CLAIM_BYTES,  false, 16 },		\
	{ "tdx.mrseam",	ATLS_CLAIM_BYTES,  true, TDX_MR },		\
	{ "tdx.mrsignerseam",	ATLS_CLAIM_BYTES,  false, TDX_MR },	\
	{ "tdx.seam_attributes",	ATLS_CLAIM_BYTES,  false, 8 },	\
	{ "tdx.td_attributes",	ATLS_CLAIM_BYTES,  false, 8 },		\
	{ "tdx.td_attributes.debug",	ATLS_CLAIM_BOOL,   false, 0 },	\
	{ "tdx.td_attributes.sept_ve_disable", ATLS_CLAIM_BOOL, true, 0 }, \
	{ "tdx.td_attributes.migratable",	ATLS_CLAIM_BOOL,   true, 0 },	\
	{ "tdx.td_attributes.pks",	ATLS_CLAIM_BOOL,   false, 0 },	\
	{ "tdx.td_attributes.kl",	ATLS_CLAIM_BOOL,   false, 0 },	\
	{ "tdx.td_attributes.perfmon",	ATLS_CLAIM_BOOL,   false, 0 },	\
	{ "tdx.xfam",	ATLS_CLAIM_BYTES,  false, 8 },			\
	{ "tdx.mrtd",	ATLS_CLAIM_BYTES,  true, TDX_MR },		\
	{ "tdx.mrconfigid",	ATLS_CLAIM_BYTES,  true, TDX_MR },	\
	{ "tdx.mrowner",	ATLS_CLAIM_BYTES,  true, TDX_MR },	\
	{ "tdx.mrownerconfig",	ATLS_CLAIM_BYTES,  true, TDX_MR },	\
	{ "tdx.rtmr.0",	ATLS_CLAIM_BYTES,  true, TDX_MR },		\
	{ "tdx.rtmr.1",	ATLS_CLAIM_BYTES,  true, TDX_MR },		\
	{ "tdx.rtmr.2",	ATLS_CLAIM_BYTES,  true, TDX_MR },		\
	{ "tdx.rtmr.3",	ATLS_CLAIM_BYTES,  true, TDX_MR },		\
	{ "tdx.mrservicetd",	ATLS_CLAIM_BYTES,  true, TDX_MR }

#endif
