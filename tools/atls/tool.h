/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_H
#define TOOL_H

#include <stdint.h>
#include <stdio.h>

#include <atls/atls.h>
#include <atls/ratls.h>
#include <atls/source.h>

/* Exit status of every command. */
enum {
	EX_ACCEPTED = 0,	/* or done */
	EX_REJECTED = 1,
	EX_USAGE_ERROR = 2,
	EX_MALFORMED = 3,
	EX_TROUBLE = 4,		/* of this machine */
};

/* One command each; argv[0] is its name. */
int	cmd_inspect(int argc, char **argv);
int	cmd_verify(int argc, char **argv);
int	cmd_attest(int argc, char **argv);
int	cmd_connect(int argc, char **argv);
int	cmd_serve(int argc, char **argv);
int	cmd_policy(int argc, char **argv);
int	cmd_sim(int argc, char **argv);
int	cmd_lab(int argc, char **argv);
int	cmd_collateral(int argc, char **argv);
int	cmd_explain(int argc, char **argv);	/* policy explain, why-not */

/* "atls: ..." on stderr; returns status. */
int	complain(int status, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
int	complain_err(int status, const char *what, const struct atls_err *);

/* The status that a failure on input of ours, or of a peer, ends with. */
int	status_of_file(enum atls_rc);
int	status_of_peer(enum atls_rc);

/* What a command line refers to: a file's octets, on the heap, with a NUL
 * behind them; "-" is stdin.  0, or -1 with errno set. */
#define FILE_MAX	(16u << 20)
int	file_read(const char *path, struct atls_buf *out);
struct atls_bytes buf_view(const struct atls_buf *);

/* Each gives NULL, or 0, after a complaint with the status in *status. */
struct atls_policy	*policy_load(const char *path, int *status);
/* The same of text; files that it names are beside path. */
struct atls_policy	*policy_parse(const char *path, const char *text);
struct atls_trust	*trust_load(const char *ca, const char *crl,
			    int *status);
struct atls_identity	*identity_load(const char *cert, const char *key,
			    int *status);

/* Evidence in a file, with all that its views point into. */
struct evidence {
	struct atls_buf		 file, scratch;
	struct atls_bytes	 raw;
	struct atls_evidence	*ev;
};

/* kind NONE: the file is a CMW, and says it.  A status, after a complaint
 * unless EX_ACCEPTED; evidence_close() in any case. */
int	evidence_open(struct evidence *, const char *path, enum atls_kind);
/* The same of octets, which are copied. */
int	evidence_parse(struct evidence *, struct atls_bytes, enum atls_kind);
void	evidence_close(struct evidence *);
enum atls_rc evidence_of_record(const struct atls_cmw_record *,
	    struct atls_bytes value, struct atls_buf *scratch,
	    struct atls_evidence *out, struct atls_err *);

/* Is it a certificate, PEM or DER?  PEM becomes DER in place. */
bool	is_certificate(struct atls_buf *file);

/* Collateral, from where the command line says. */
struct collateral {
	const char			*from;	/* folder, bundle, net[:...] */
	const char			*key;	/* of the bundle's signer */
	bool				 asks;	/* a service, when needed */
	struct atls_collateral		*store;	/* freed by _close, like */
	struct atls_collateral_source	*source;
};

/* A status, after a complaint unless EX_ACCEPTED; _close in any case. */
int	collateral_open(struct collateral *, int64_t now);
void	collateral_fill(struct collateral *, const struct atls_evidence *,
	    int64_t now);
void	collateral_close(struct collateral *);

/* An attester by "tpm:WHERE". */
struct source {
	struct atls_source	 source;
	struct atls_identity	*identity;	/* freed by source_close */
};

int	source_open(struct source *, const char *text, int *status);
int	source_identity(struct source *, const char *cert, int *status);
void	source_close(struct source *);

/* "30", "30s", "5m", "2h", "1d": seconds; -1: not a duration. */
int64_t	parse_duration(const char *);
/* RFC 3339 in UTC, or Unix seconds; -1: neither. */
int64_t	parse_time(const char *);
int	parse_hex(const char *, uint8_t *out, size_t cap, size_t *len);
/* A binder is as long as the hash of a suite: -1, or a status. */
int	parse_binder(const char *, uint8_t out[64], size_t *len);
int	parse_profile(const char *, enum atls_profile *);

/* A verdict, for people and as one JSON object. */
void	result_print(FILE *, const struct atls_result *);
void	result_json(FILE *, const struct atls_result *);
void	evidence_json(FILE *, const struct atls_evidence *);
void	claims_print(FILE *, const struct atls_evidence *);
void	hex_print(FILE *, struct atls_bytes);
/* A stranger's text: what is not printable ASCII as \xHH, and \ as \\. */
void	text_print(FILE *, struct atls_bytes);

#endif
