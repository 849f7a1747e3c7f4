/* SPDX-License-Identifier: Apache-2.0 */
#include <atls/appraise.h>

const char *
atls_verdict_name(enum atls_verdict v)
{
	switch (v) {
	case ATLS_VERDICT_NONE:		return "none";
	case ATLS_VERDICT_REJECT:	return "reject";
	case ATLS_VERDICT_ACCEPT:	return "accept";
	}
	return "?";
}

const char *
atls_binding_name(enum atls_binding b)
{
	switch (b) {
	case ATLS_BINDING_NONE:		return "none";
	case ATLS_BINDING_KEY:		return "key";
	case ATLS_BINDING_NONCE_KEY:	return "nonce+key";
	case ATLS_BINDING_TRANSCRIPT:	return "transcript";
	case ATLS_BINDING_EXPORTER:	return "exporter";
	}
	return "?";
}

const char *
atls_freshness_name(enum atls_freshness f)
{
	switch (f) {
	case ATLS_F0:	return "F0";
	case ATLS_F1:	return "F1";
	case ATLS_F2:	return "F2";
	case ATLS_F3:	return "F3";
	case ATLS_F4:	return "F4";
	}
	return "?";
}

const char *
atls_pillar_name(enum atls_pillar p)
{
	switch (p) {
	case ATLS_UNKNOWN:	return "unknown";
	case ATLS_BAD:		return "bad";
	case ATLS_GOOD:		return "good";
	}
	return "?";
}

const char *
atls_tcb_name(enum atls_tcb_status t)
{
	switch (t) {
	case ATLS_TCB_NONE:		return "none";
	case ATLS_TCB_UP_TO_DATE:	return "UpToDate";
	case ATLS_TCB_SW_HARDENING_NEEDED:
		return "SWHardeningNeeded";
	case ATLS_TCB_CONFIGURATION_NEEDED:
		return "ConfigurationNeeded";
	case ATLS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return "ConfigurationAndSWHardeningNeeded";
	case ATLS_TCB_OUT_OF_DATE:	return "OutOfDate";
	case ATLS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
		return "OutOfDateConfigurationNeeded";
	case ATLS_TCB_REVOKED:		return "Revoked";
	case ATLS_TCB_TD_RELAUNCH_ADVISED:
		return "TDRelaunchAdvised";
	case ATLS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
		return "TDRelaunchAdvisedConfigurationNeeded";
	case ATLS_NTCB:			break;
	}
	return "?";
}
