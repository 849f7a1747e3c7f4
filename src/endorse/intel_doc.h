/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INTEL_DOC_H
#define INTEL_DOC_H

#include <jansson.h>

#include "intel.h"

/*
 * TCB info and enclave identities (Intel PCS API, version 4, "Get TCB Info"
 * and "Get Quoting Enclave Identity"; version 2 of TCB info as in API version
 * 3), read when they are put into a store: in form, not yet believed.
 */
#define INTEL_JSON_MAX		262144	/* octets; known ones have 40000 */
#define INTEL_LEVELS_MAX	128	/* TCB levels in a list */
#define INTEL_MODULES_MAX	16	/* TDX module identities */
#define INTEL_SVNS		16	/* TCB components */

enum {				/* versions of documents */
	INTEL_IDENTITY = 2, INTEL_TCB_INFO_SGX = 2, INTEL_TCB_INFO = 3
};

struct intel_level {
	uint8_t			sgx[INTEL_SVNS], tdx[INTEL_SVNS];
	uint16_t		pcesvn;
	uint16_t		isvsvn;		/* of modules and QEs instead */
	enum atls_tcb_status	status;
	int64_t			date;
	size_t			advisory, nadvisory;	/* in the document's */
};

struct intel_levels {
	struct intel_level	*level;		/* best first, as received */
	size_t			 n;
};

struct intel_module {
	uint8_t			version;	/* 3 of "TDX_03" */
	uint8_t			mrsigner[48], attributes[8], mask[8];
	struct intel_levels	levels;
};

struct intel_doc {
	bool			identity;	/* of an enclave; or TCB info */
	enum intel_tee		tee;
	uint32_t		version, evaluation;
	int64_t			issued, until;
	struct atls_bytes	body;		/* signed: view into the text */
	uint8_t			signature[64];	/* r and s */
	struct intel_levels	levels;
	char			(*advisory)[ATLS_ADVISORY_MAX];
	size_t			nadvisory, cap;

	/* TCB info */
	uint8_t			fmspc[6], pceid[2];
	struct intel_module	module;		/* if module version is 0 */
	struct intel_module	id[INTEL_MODULES_MAX];
	size_t			nid;

	/* enclave identity */
	uint32_t		miscselect, miscselect_mask;
	uint8_t			attributes[16], attributes_mask[16];
	uint8_t			mrsigner[32];
	uint16_t		isvprodid;
};

/* Errors: E_LIMIT, E_FORMAT, E_UNKNOWN (version, id or status), E_MEM. */
ATLS_CHECKED enum atls_rc intel_doc_read(struct atls_bytes text,
		    bool identity, struct intel_doc **out, struct atls_err *);
void		intel_doc_free(struct intel_doc *);

/*
 * Reading JSON.  The first failure sticks, as with struct rd: after it all
 * gives zero or NULL, and NULL may be passed on.
 */
struct intel_json {
	const char	*where;
	struct atls_err	*err;
	enum atls_rc	 rc;
};

void		intel_fail(struct intel_json *, enum atls_rc, const char *name,
		    const char *why);
json_t		*intel_member(struct intel_json *, json_t *, const char *name,
		    json_type);
uint32_t	intel_number(struct intel_json *, json_t *, const char *name,
		    uint32_t max);
void		intel_hex(struct intel_json *, json_t *, const char *name,
		    uint8_t *out, size_t n);
int64_t		intel_date(struct intel_json *, json_t *, const char *name);
struct atls_bytes intel_text(struct intel_json *, json_t *, const char *name);

/* The object that is the value of the member with this name, of an object
 * that is the whole text: as it stands there.  text is JSON without duplicate
 * names.  Empty: there is none whose name is written like that. */
struct atls_bytes intel_span(struct atls_bytes text, const char *name);

/* Fields of one kind of document. */
void		intel_tcb_info_read(struct intel_json *, json_t *,
		    struct intel_doc *);
void		intel_identity_read(struct intel_json *, json_t *,
		    struct intel_doc *);

/* A list of levels, with what only the caller knows of each. */
void		intel_levels_read(struct intel_json *, json_t *,
		    struct intel_doc *, struct intel_levels *,
		    void (*tcb)(struct intel_json *, json_t *,
		    const struct intel_doc *, struct intel_level *));
void		intel_level_isvsvn(struct intel_json *, json_t *,
		    const struct intel_doc *, struct intel_level *);

#endif
