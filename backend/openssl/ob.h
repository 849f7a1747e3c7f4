/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_H
#define OB_H

#include <openssl/ssl.h>

#include <atls/openssl.h>

#define OB_NITEMS(a)	(sizeof(a) / sizeof((a)[0]))
#define OB_HELLO_MAX	64	/* schemes, or extensions, of a ClientHello */
#define OB_NAME_MAX	253	/* octets of a DNS name: RFC 1035, 2.3.4 */
#define OB_NHASHES	2	/* of cipher suites */
#define OB_CHAIN_MAX	(1 << 20)	/* octets of a Certificate message that
					 * may have evidence inside */

/* What a ClientHello offered. */
struct ob_offer {
	uint16_t	v[OB_HELLO_MAX];
	size_t		n;
};

struct ob_hello {
	bool		seen;		/* whole, and within the bounds */
	struct ob_offer	schemes, extensions;
};

/* Where a server is that has something to say behind its own Finished. */
enum ob_step { OB_FLIGHT, OB_FIRST, OB_REST };

/* What we own, or none. */
struct ob_bytes {
	uint8_t	*p;
	size_t	 len;
};

/* The hellos, hashed as they pass. */
struct ob_transcript {
	EVP_MD_CTX	*md[OB_NHASHES];	/* NULL: not watched, or done */
	uint8_t		 digest[OB_NHASHES][ATLS_HASH_MAX];
	bool		 done, bad;
};

/* What we keep with an SSL_CTX and with an SSL, in their ex_data. */
struct ob_ctx {
	enum atls_role	role;
	char		name[OB_NAME_MAX + 1];	/* "": none */
	bool		carries;		/* evidence, in extensions */
	bool		unverified;		/* any certificate is taken */
};

struct ob_conn {
	struct ob_hello	hello;
	enum ob_step	step;
	bool		bye;			/* our close_notify is out */
	struct ob_bytes	spki[2];		/* ours, the peer's */
	struct ob_bytes	leaf;			/* the peer's */
	struct ob_transcript hellos;
};

/* lib.c: NULL: no memory, or, if not to be made, there is none. */
OSSL_LIB_CTX	*ob_lib(void);
int		 ob_errors(void);		/* number of our error library */
BIO		*ob_sock(int fd);
struct ob_ctx	*ob_ctx_of(SSL_CTX *, bool make);
struct ob_conn	*ob_conn_of(SSL *, bool make);

/* sock.c: a socket that raises no SIGPIPE. */
BIO_METHOD	*ob_sock_method(void);

/* err.c: record the first cause and hand it back; text NULL: the last of
 * OpenSSL's queue.  The queue is empty afterwards. */
enum atls_rc	 ob_fail(struct atls_err *, enum atls_rc, const char *where,
		    const char *text);
enum atls_rc	 ob_fail_verify(struct atls_err *, long result);
enum atls_rc	 ob_fail_handshake(struct atls_err *, const SSL *,
		    int saved_errno);
void		 ob_raise(enum atls_rc, const struct atls_err *);

/* thin.c: the default provider, of full, with few decoders. */
int		 ob_thin_provide(OSSL_LIB_CTX *, OSSL_LIB_CTX *full);

/* key.c: our provider, and a private key that is id->sign(). */
int		 ob_key_provide(OSSL_LIB_CTX *);
EVP_PKEY	*ob_key_new(const struct atls_identity *, EVP_PKEY *pub);

/* hello.c */
void		 ob_hello_read(struct ob_hello *, const uint8_t *, size_t);
void		 ob_hello_watch(SSL *);

/* transcript.c */
bool		 ob_transcript_start(struct ob_transcript *);
void		 ob_transcript_add(struct ob_transcript *, const uint8_t *,
		    size_t);
void		 ob_transcript_end(struct ob_transcript *);
struct atls_bytes ob_transcript_view(const struct ob_transcript *,
		    enum atls_hash);	/* empty: there is none */

/* ctx.c */
enum atls_rc	 ob_ctx_new(void **ctx, enum atls_role,
		    const struct atls_tls_setup *, struct atls_err *);
void		 ob_ctx_free(void *ctx);
enum atls_rc	 ob_ctx_name(struct atls_err *, const char *name);

/* channel.c */
extern const struct atls_channel_ops ob_channel;

#endif
