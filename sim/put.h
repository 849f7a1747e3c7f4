/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_PUT_H
#define SIM_PUT_H

#include <atls/bytes.h>
#include <atls/error.h>

/*
 * Octets that grow as they are written.  The first failure, of memory or of
 * what is written, sticks; free(p) is the owner's.
 */
struct put {
	uint8_t		*p;
	size_t		 len, cap;
	enum atls_rc	 rc;
};

void	put_raw(struct put *, const void *, size_t);
void	put_bytes(struct put *, struct atls_bytes);
void	put_fill(struct put *, uint8_t octet, size_t n);
void	put_be(struct put *, uint64_t, size_t n);
void	put_le(struct put *, uint64_t, size_t n);
void	put_text(struct put *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	put_hex(struct put *, struct atls_bytes);
void	put_base64url(struct put *, struct atls_bytes);
void	put_pem(struct put *, const char *type, struct atls_bytes der);
void	put_fail(struct put *, enum atls_rc);

/* Writes v over the n octets at `at`, little-endian. */
void	put_le_at(struct put *, size_t at, uint64_t v, size_t n);
/* Changes one bit of the octet at `at`. */
void	put_flip(struct put *, size_t at);

struct atls_bytes put_view(const struct put *);
struct atls_bytes put_from(const struct put *, size_t at);	/* to the end */
void	put_free(struct put *);
enum atls_rc put_copy(const struct put *, struct atls_buf *out);

/* DER (X.690): what is between open and close is the content. */
size_t	put_der_open(struct put *, unsigned tag);
void	put_der_close(struct put *, size_t mark);
void	put_der(struct put *, unsigned tag, struct atls_bytes content);
void	put_der_oid(struct put *, const char *dotted);
void	put_der_uint(struct put *, uint64_t);
void	put_der_number(struct put *, struct atls_bytes big_endian);
void	put_der_text(struct put *, unsigned tag, const char *);
void	put_der_bool(struct put *, bool);
void	put_der_time(struct put *, int64_t);
size_t	put_der_bits(struct put *);	/* open; no unused bits */

enum { DER_INTEGER = 0x02, DER_OCTETS = 0x04, DER_ENUMERATED = 0x0a,
    DER_UTF8 = 0x0c, DER_IA5 = 0x16, DER_SEQUENCE = 0x30, DER_SET = 0x31 };

/* CBOR (RFC 8949). */
void	put_cbor(struct put *, unsigned major, uint64_t);
void	put_cbor_int(struct put *, int64_t);
void	put_cbor_bstr(struct put *, struct atls_bytes);
void	put_cbor_tstr(struct put *, const char *);

enum { CBOR_MAJOR_BSTR = 2, CBOR_MAJOR_TSTR, CBOR_MAJOR_ARRAY,
    CBOR_MAJOR_MAP, CBOR_MAJOR_TAG, CBOR_MAJOR_SIMPLE };

#define PUT_STRING(s)	((struct atls_bytes){ (const uint8_t *)(s), strlen(s) })

/* A time as JSON of Intel has it: "2026-01-01T00:00:00Z". */
#define PUT_DATE_MAX	40
const char *put_date(int64_t, char out[PUT_DATE_MAX]);

#endif
