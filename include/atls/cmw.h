/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_CMW_H
#define ATLS_CMW_H

#include <atls/bytes.h>
#include <atls/error.h>

#define ATLS_CMW_MAX		65529	/* octets, RFC 8446 4.4.2 less headers */
#define ATLS_CMW_DEPTH		4	/* collections in collections */
#define ATLS_CMW_ENTRIES	16	/* members of one collection */
#define ATLS_CMW_LEAVES		32	/* records in one message */
#define ATLS_MEDIA_MAX		256	/* octets of a media type */

/* RFC 9999, "CMW Indicators". */
enum atls_cmw_ind {
	ATLS_IND_REFVALS = 1, ATLS_IND_ENDORSEMENTS = 2, ATLS_IND_EVIDENCE = 4,
	ATLS_IND_RESULTS = 8, ATLS_IND_POLICY = 16,
};

/* How one record was written: [type, value] in either form, or a tag. */
enum atls_cmw_form { ATLS_CMW_CBOR = 1, ATLS_CMW_JSON, ATLS_CMW_TAG };

/*
 * One record.  Its type is a media type (type.len > 0, as written) or a CoAP
 * content format (type.len == 0).  value is a view into the input, except for
 * JSON, where it is base64url text as written: see atls_cmw_value().
 */
struct atls_cmw_record {
	enum atls_cmw_form	form;
	struct atls_bytes	type;
	unsigned		format;	/* content format; 0 with a media type */
	struct atls_bytes	value;
	unsigned		ind;	/* 0: not said; else bits */
	struct atls_bytes	label;	/* of its collection entry, as encoded */
	unsigned		depth;	/* 0: it is the whole message */
};

/* A whole message: its records in order.  Views into the input. */
struct atls_cmw {
	struct atls_cmw_record	record[ATLS_CMW_LEAVES];
	size_t			nrecord;
	struct atls_bytes	collection_type; /* outermost "__cmwc_t" or {} */
	bool			is_collection;
};

/*
 * atls_cmw_parse() reads a whole CMW; the first octet says which encoding.
 *
 * in	1..ATLS_CMW_MAX octets.
 * out	set; nrecord is 0 on failure.
 *
 * Errors, with the offset in err: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT (size,
 * depth, entries), E_UNKNOWN (a tag outside RFC 9277's range).
 * Source: RFC 9999, 3 and 4; RFC 9277, appendix B.
 */
ATLS_CHECKED enum atls_rc atls_cmw_parse(struct atls_bytes in,
			    struct atls_cmw *out, struct atls_err *);

/*
 * atls_cmw_value() gives a record's value as octets: the view itself, or for
 * JSON the decoded text, written to scratch (as large as value.len suffices).
 * Errors: E_FORMAT (base64url, not canonical), E_SPACE.
 */
ATLS_CHECKED enum atls_rc atls_cmw_value(const struct atls_cmw_record *,
			    struct atls_buf *scratch, struct atls_bytes *out);

/*
 * atls_cmw_is() compares a record's type with a media type: type, subtype and
 * parameter names without regard to case, parameter values exactly, in any
 * order, white space around ';' ignored.  A content format that is registered
 * for `media` counts as equal.
 */
bool	atls_cmw_is(const struct atls_cmw_record *, const char *media);

/*
 * atls_cmw_write() writes one record [media, value, ind], CBOR or JSON.  Tags
 * are never written.  ind 0 is left out.  Errors: E_SPACE, E_ARG (media is
 * not a media type; form is not CBOR or JSON; ind over 31), E_LIMIT.
 */
ATLS_CHECKED enum atls_rc atls_cmw_write(struct atls_buf *out,
			    enum atls_cmw_form, const char *media,
			    struct atls_bytes value, unsigned ind);

#endif
