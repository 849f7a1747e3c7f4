/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server with the TLS key of another: it leaked, or a CA was careless.  Its
 * evidence is what the attacker has: none; a recording of an earlier
 * connection; or a genuine TPM that quotes whatever it is asked to (a
 * dishonest host, an evidence oracle), about a key that is not this one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atls/openssl.h>
#include <atls/tpm.h>

#include "lab.h"

static struct atls_bytes recorded;

static enum atls_rc
replay(void *dev, struct atls_bytes report_data, struct atls_buf *out,
    struct atls_err *err)
{
	(void)dev, (void)report_data, (void)err;
	if (recorded.len > out->cap)
		return ATLS_E_SPACE;
	if (recorded.len > 0)
		memcpy(out->p, recorded.p, recorded.len);
	out->len = recorded.len;
	return ATLS_OK;
}

static const struct atls_attester recording = {
	.name = "recording", .kind = ATLS_KIND_TPM, .quote = replay,
};

static void
serve(int fd, struct atls_config *config, void *ctx,
    const struct atls_source *src)
{
	struct atls_err err = { 0 };
	struct atls_conn *c;
	uint8_t buf[256];
	ssize_t n = 0;

	c = atls_conn_open(config, ATLS_SERVER, &atls_backend_openssl, ctx, fd,
	    NULL, src, &err);
	if (c == NULL)
		lab_die("connection", err.detail);
	if (atls_conn_attest(c) == 1)
		n = atls_conn_read(c, buf, sizeof(buf));
	if (n > 0)
		printf("impostor: THE VICTIM SENT: %.*s\n", (int)n, buf);
	else
		printf("impostor: the victim sent nothing (%s)\n",
		    atls_conn_error(c)->detail);
	atls_conn_free(c);
}

int
move_impostor(int argc, char **argv)
{
	struct atls_tls_setup setup = { 0 };
	struct atls_source src = { &recording, NULL };
	struct atls_err err = { 0 };
	struct atls_identity *id;
	struct atls_config *config = atls_config_new();
	void *ctx;
	int fd;

	if (argc < 5)
		return 2;
	if (strcmp(argv[4], "file") == 0 && argc == 6)
		recorded = lab_file(argv[5]);
	else if (strcmp(argv[4], "tpm") == 0 && argc == 6) {
		src.attester = &atls_attester_tpm;
		if (atls_attester_tpm.open(&src.dev, argv[5], &err) != ATLS_OK)
			lab_die("tpm", err.detail);
	} else if (strcmp(argv[4], "none") != 0 || argc != 5)
		return 2;
	id = atls_identity_new(lab_file(argv[2]), lab_file(argv[3]), &err);
	if (id == NULL || config == NULL)
		lab_die("identity", err.detail);
	if (atls_config_set_attester(config, ATLS_KIND_TPM, id) != ATLS_OK)
		lab_die("config", "attester");
	setup.identity = id;
	if (atls_backend_openssl.ctx_new(&ctx, ATLS_SERVER, &setup, &err) !=
	    ATLS_OK)
		lab_die("tls", err.detail);
	fd = lab_accept(lab_listen(argv[1]));
	serve(fd, config, ctx, &src);
	(void)close(fd);
	atls_backend_openssl.ctx_free(ctx);
	atls_config_free(config);
	atls_identity_free(id);
	if (src.dev != NULL)
		src.attester->close(src.dev);
	return 0;
}
