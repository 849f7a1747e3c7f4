/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "tpm_wrap.h"

int wrap_n, wrap_at, wrap_extend;
const char *wrap_hit;
enum wrap_lie wrap_lie;

/* What the last TPM2_PCR_Read since the last quote gave; count 0: none. */
static TPML_PCR_SELECTION before;

static int
fails(const char *name)
{
	if (++wrap_n != wrap_at)
		return 0;
	wrap_hit = name;
	return 1;
}

/* TSS(name, parameters, arguments): fails before the TPM hears of it */
#define TSS(name, params, args)						\
	TSS2_RC __real_##name params;					\
	TSS2_RC __wrap_##name params;					\
	TSS2_RC __wrap_##name params					\
	{								\
		return fails(#name) ? TSS2_ESYS_RC_GENERAL_FAILURE :	\
		    __real_##name args;					\
	}

#define S3	ESYS_TR s1, ESYS_TR s2, ESYS_TR s3

TSS(Tss2_TctiLdr_Initialize, (const char *name, TSS2_TCTI_CONTEXT **out),
    (name, out))
TSS(Esys_Initialize, (ESYS_CONTEXT **e, TSS2_TCTI_CONTEXT *t,
    TSS2_ABI_VERSION *v), (e, t, v))
TSS(Esys_Startup, (ESYS_CONTEXT *e, TPM2_SU t), (e, t))
TSS(Esys_GetCapability, (ESYS_CONTEXT *e, S3, TPM2_CAP cap, UINT32 prop,
    UINT32 n, TPMI_YES_NO *more, TPMS_CAPABILITY_DATA **out),
    (e, s1, s2, s3, cap, prop, n, more, out))
TSS(Esys_TR_FromTPMPublic, (ESYS_CONTEXT *e, TPM2_HANDLE h, S3,
    ESYS_TR *out), (e, h, s1, s2, s3, out))
TSS(Esys_ReadPublic, (ESYS_CONTEXT *e, ESYS_TR h, S3, TPM2B_PUBLIC **pub,
    TPM2B_NAME **name, TPM2B_NAME **qn), (e, h, s1, s2, s3, pub, name, qn))
TSS(Esys_CreatePrimary, (ESYS_CONTEXT *e, ESYS_TR h, S3,
    const TPM2B_SENSITIVE_CREATE *sens, const TPM2B_PUBLIC *pub,
    const TPM2B_DATA *data, const TPML_PCR_SELECTION *pcrs, ESYS_TR *out,
    TPM2B_PUBLIC **outpub, TPM2B_CREATION_DATA **cd, TPM2B_DIGEST **ch,
    TPMT_TK_CREATION **ct),
    (e, h, s1, s2, s3, sens, pub, data, pcrs, out, outpub, cd, ch, ct))
TSS(Esys_Create, (ESYS_CONTEXT *e, ESYS_TR h, S3,
    const TPM2B_SENSITIVE_CREATE *sens, const TPM2B_PUBLIC *pub,
    const TPM2B_DATA *data, const TPML_PCR_SELECTION *pcrs,
    TPM2B_PRIVATE **priv, TPM2B_PUBLIC **outpub, TPM2B_CREATION_DATA **cd,
    TPM2B_DIGEST **ch, TPMT_TK_CREATION **ct),
    (e, h, s1, s2, s3, sens, pub, data, pcrs, priv, outpub, cd, ch, ct))
TSS(Esys_Load, (ESYS_CONTEXT *e, ESYS_TR h, S3, const TPM2B_PRIVATE *priv,
    const TPM2B_PUBLIC *pub, ESYS_TR *out), (e, h, s1, s2, s3, priv, pub,
    out))
TSS(Esys_FlushContext, (ESYS_CONTEXT *e, ESYS_TR h), (e, h))
TSS(Esys_Certify, (ESYS_CONTEXT *e, ESYS_TR o, ESYS_TR k, S3,
    const TPM2B_DATA *qd, const TPMT_SIG_SCHEME *scheme, TPM2B_ATTEST **a,
    TPMT_SIGNATURE **sig), (e, o, k, s1, s2, s3, qd, scheme, a, sig))
TSS(Esys_Sign, (ESYS_CONTEXT *e, ESYS_TR k, S3, const TPM2B_DIGEST *d,
    const TPMT_SIG_SCHEME *scheme, const TPMT_TK_HASHCHECK *t,
    TPMT_SIGNATURE **sig), (e, k, s1, s2, s3, d, scheme, t, sig))

#define QUOTE_PARAMS	(ESYS_CONTEXT *e, ESYS_TR k, S3,		\
    const TPM2B_DATA *qd, const TPMT_SIG_SCHEME *scheme,		\
    const TPML_PCR_SELECTION *pcrs, TPM2B_ATTEST **a, TPMT_SIGNATURE **sig)

TSS2_RC	__real_Esys_Quote QUOTE_PARAMS;
TSS2_RC	__wrap_Esys_Quote QUOTE_PARAMS;

TSS2_RC
__wrap_Esys_Quote QUOTE_PARAMS
{
	TPML_DIGEST_VALUES v = { .count = 1 };
	TSS2_RC r;

	before.count = 0;
	if (fails("Esys_Quote"))
		return TSS2_ESYS_RC_GENERAL_FAILURE;
	r = __real_Esys_Quote(e, k, s1, s2, s3, qd, scheme, pcrs, a, sig);
	if (r != TSS2_RC_SUCCESS || wrap_extend == 0)
		return r;
	wrap_extend--;
	v.digests[0].hashAlg = TPM2_ALG_SHA256;
	return Esys_PCR_Extend(e, ESYS_TR_PCR16, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &v);
}

#define READ_PARAMS	(ESYS_CONTEXT *e, S3,				\
    const TPML_PCR_SELECTION *in, UINT32 *n, TPML_PCR_SELECTION **out,	\
    TPML_DIGEST **v)

TSS2_RC	__real_Esys_PCR_Read READ_PARAMS;
TSS2_RC	__wrap_Esys_PCR_Read READ_PARAMS;

static void
lie(TPML_PCR_SELECTION *sel, TPML_DIGEST *v)
{
	const TPML_PCR_SELECTION now = *sel;
	enum wrap_lie how = wrap_lie;

	wrap_lie = WRAP_TRUTH;
	switch (how) {
	case WRAP_TRUTH:
	case WRAP_NLIES:
		break;
	case WRAP_FEWER:
		v->count--;
		break;
	case WRAP_MORE:
		v->count++;
		break;
	case WRAP_ALL:
		memset(sel->pcrSelections[0].pcrSelect, 0xff, 3);
		break;
	case WRAP_BANK:
		sel->pcrSelections[0].hash = TPM2_ALG_SHA1;
		break;
	case WRAP_EMPTY:
		v->digests[0].size = 0;
		break;
	case WRAP_LONG:
		v->digests[v->count - 1].size = UINT16_MAX;
		break;
	case WRAP_AGAIN:
		if (before.count == 0)
			wrap_lie = how;		/* next time */
		else
			*sel = before;
	}
	before = now;
}

TSS2_RC
__wrap_Esys_PCR_Read READ_PARAMS
{
	TSS2_RC r;

	if (fails("Esys_PCR_Read"))
		return TSS2_ESYS_RC_GENERAL_FAILURE;
	r = __real_Esys_PCR_Read(e, s1, s2, s3, in, n, out, v);
	if (r == TSS2_RC_SUCCESS)
		lie(*out, *v);
	return r;
}

/* LIBC(type, name, parameters, arguments, errno, value) */
#define LIBC(type, name, params, args, e, v)				\
	type __real_##name params;					\
	type __wrap_##name params;					\
	type __wrap_##name params					\
	{								\
		if (!fails(#name))					\
			return __real_##name args;			\
		errno = e;						\
		return v;						\
	}

LIBC(void *, malloc, (size_t n), (n), ENOMEM, NULL)
LIBC(void *, calloc, (size_t n, size_t m), (n, m), ENOMEM, NULL)
LIBC(int, fsync, (int fd), (fd), EIO, -1)
LIBC(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), ENOSPC,
    -1)
LIBC(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), EIO, -1)
LIBC(int, linkat, (int a, const char *p, int b, const char *q, int f),
    (a, p, b, q, f), EDQUOT, -1)
