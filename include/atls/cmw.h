/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_CMW_H
#define ATLS_CMW_H

#include <atls/bytes.h>
#include <atls/error.h>

#define ATLS_CMW_MAX		65529	/* octets, RFC 8446 4.4.2 less heads */
#define ATLS_CMW_LONG		262144	/* ... where no TLS extension holds it:
					 * in certificates */
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
 * One record.  Its type is a media type (type.len > 0) or a CoAP content
 * format (type.len == 0).  value is a view into the input, in JSON its
 * base64url text: see atls_cmw_value().  In JSON, type and label may have
 * escapes: compare with atls_cmw_is().  A tag says its content format, but
 * for 1668547092 and 1668547093, on which RFC 9999 contradicts itself: there
 * the value decides, 274 if it begins like JSON, 275 if like COSE_Sign1.
 */
struct atls_cmw_record {
	enum atls_cmw_form	form;
	struct atls_bytes	type;
	unsigned		format;	/* content format, if no media type */
	struct atls_bytes	value;
	unsigned		ind;	/* 0: not said; else bits */
	struct atls_bytes	label;	/* its key: CBOR item, JSON string */
	unsigned		depth;	/* 0: it is the whole message */
};

/*
 * A whole message: its records in order.  Views into the input.  Types and
 * labels of collections in the collection are checked but not kept: who needs
 * them must refuse records of a depth over 1.
 */
struct atls_cmw {
	struct atls_cmw_record	record[ATLS_CMW_LEAVES];
	size_t			nrecord;
	struct atls_bytes	collection_type; /* outermost "__cmwc_t" */
	bool			is_collection;
};

/*
 * atls_cmw_parse() reads a whole CMW; the first octet says which encoding.
 * CBOR must be in its shortest form, and definite but for the outermost array
 * or map; JSON may have white space inside and behind, not before.  What a
 * record holds is not looked into, be it another CMW.
 *
 * in	1..ATLS_CMW_LONG octets.
 * out	set; all zero on failure.
 *
 * Errors, with the offset in err: E_TRUNC, E_TRAIL, E_FORMAT, E_LIMIT (size,
 * depth, entries), E_UNKNOWN (a tag that RFC 9277 makes of no content format).
 * Source: RFC 9999, 3 and 6; RFC 9277, appendix B.
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
 * parameter names without regard to case, parameter values exactly (quoted or
 * not), in any order, spaces around ';' ignored.  A content format that is
 * registered for `media` counts as equal.
 */
bool	atls_cmw_is(const struct atls_cmw_record *, const char *media);

/*
 * atls_cmw_write() writes one record [media, value, ind], CBOR or JSON.  Tags
 * are never written.  ind 0 is left out.  Errors: E_SPACE, E_ARG (media is
 * not a media type; form is not CBOR or JSON; ind over 31; in JSON, an empty
 * value), E_LIMIT (over ATLS_CMW_LONG).
 */
ATLS_CHECKED enum atls_rc atls_cmw_write(struct atls_buf *out,
			    enum atls_cmw_form, const char *media,
			    struct atls_bytes value, unsigned ind);

#endif
