/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_H
#define OB_H

#include <openssl/async.h>
#include <openssl/ssl.h>

#include <atls/openssl.h>

#define OB_NITEMS(a)	(sizeof(a) / sizeof((a)[0]))
#define OB_HELLO_MAX	64	/* schemes, or extensions, of a ClientHello */
#define OB_NAME_MAX	253	/* octets of a DNS name: RFC 1035, 2.3.4 */
#define OB_NONCE	32
#define OB_MEDIA_MAX	256	/* octets of a media type */
#define OB_EVIDENCE_MAX	65528	/* octets of a CMW, RFC 8446, 4.4.2: less heads */
#define OB_NHASHES	2	/* of cipher suites */
#define OB_CHAIN_MAX	327680	/* octets of a Certificate message that may have
				 * evidence inside: 256 KiB, and 64 for all
				 * else */

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

/* Evidence types: what we echo of what the peer offered. */
struct ob_scheme {
	uint8_t		p[2 + 2 + OB_MEDIA_MAX];
	size_t		len;			/* 0: none was chosen */
};

struct ob_schemes {
	struct ob_scheme ours, theirs;		/* to attest by */
};

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
	bool		unverified;		/* any certificate is taken */
	bool		carries;		/* evidence, in extensions */
	struct atls_carrier carrier;
};

/* What a handshake agreed on, and carried. */
struct ob_carry {
	const struct atls_carrier	*how;
	struct ob_schemes		 schemes;
	uint8_t				 nonce[OB_NONCE];	/* ours */
	uint8_t				 their_nonce[255];
	size_t				 their_noncelen;
	bool				 given;
	struct ob_bytes			 ours, theirs;
	struct atls_err			 why;		/* it failed */
	bool				 awaited;	/* we stopped for ours */
	ASYNC_WAIT_CTX			*wait;
	ASYNC_JOB			*job;
	struct ob_errand		*errand;
	struct atls_bytes		 first;
};

struct ob_conn {
	struct ob_hello	hello;
	enum ob_step	step;
	bool		bye;			/* our close_notify is out */
	struct ob_bytes	spki[2];		/* ours, the peer's */
	struct ob_bytes	leaf;			/* the peer's */
	struct ob_bytes	own;			/* our leaf */
	struct ob_transcript hellos;
	struct ob_carry	*carry;			/* NULL: no carrier */
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

/* scheme.c: the extension in each message.  Readers: whole, or false. */
enum { OB_SCHEME_NONE = 0, OB_SCHEME_BAD = -1 };

size_t		 ob_hello_write(uint8_t *, size_t cap,
		    const struct atls_carrier *, const uint8_t *nonce);
int		 ob_hello_choose(struct ob_carry *, const uint8_t *, size_t);
int		 ob_choice_check(struct ob_carry *, bool of_ours,
		    const uint8_t *, size_t);

/* carry.c */
int		 ob_carry_ctx(SSL_CTX *, enum atls_role,
		    const struct atls_carrier *);
bool		 ob_carry_start(struct ob_conn *, const struct ob_ctx *);
void		 ob_carry_end(struct ob_conn *);
int		 ob_carry_verify(X509_STORE_CTX *, void *);
bool		 ob_carry_is_whole(struct ob_conn *);
struct atls_bytes ob_carry_nonce(const struct ob_conn *);
enum atls_rc	 ob_wanted(void *conn, struct atls_carried *);
enum atls_rc	 ob_give(void *conn, struct atls_bytes cmw);

/* job.c: a server's handshake that can stop inside of a callback. */
int		 ob_job_run(SSL *, struct ob_conn *,
		    int (*step)(SSL *, struct ob_conn *, struct atls_bytes),
		    struct atls_bytes first);
bool		 ob_job_pause(void);	/* false: not inside of one */
void		 ob_job_drop(SSL *, struct ob_conn *);
enum atls_rc	 ob_job_sign(const struct atls_identity *, uint16_t scheme,
		    struct atls_bytes tbs, struct atls_buf *sig,
		    struct atls_err *);

/* transcript.c */
bool		 ob_transcript_start(struct ob_transcript *);
void		 ob_transcript_add(struct ob_transcript *, const uint8_t *,
		    size_t);
void		 ob_transcript_end(struct ob_transcript *);
struct atls_bytes ob_transcript_view(const struct ob_transcript *,
		    enum atls_hash);	/* empty: there is none */

/* critical.c: a verify callback. */
int		 ob_critical_verify(int ok, X509_STORE_CTX *);

/* channel.c */
enum atls_hash	 ob_hash(const SSL *);

/* ctx.c */
enum atls_rc	 ob_ctx_new(void **ctx, enum atls_role,
		    const struct atls_tls_setup *, struct atls_err *);
void		 ob_ctx_free(void *ctx);
enum atls_rc	 ob_ctx_name(struct atls_err *, const char *name);

/* channel.c */
extern const struct atls_channel_ops ob_channel;

#endif
