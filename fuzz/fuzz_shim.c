/* SPDX-License-Identifier: Apache-2.0 */
/* The framing, the binder's extension and the RFC 9261 readers that have no
 * state.  What is read is inside the input and, written again, the same. */
#include <stdlib.h>
#include <string.h>

#include "../src/proto/binder.h"
#include "../src/proto/shim.h"

#include <atls/ea.h>

#define MUST(cond) do {							\
	if (!(cond))							\
		abort();						\
} while (0)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
inside(struct atls_bytes v, struct atls_bytes in)
{
	MUST(v.len == 0 || (v.p >= in.p && v.p + v.len <= in.p + in.len));
}

static void
frames(struct atls_bytes in)
{
	struct shim_frame f;
	struct shim_hello h;
	struct shim_result res;
	enum atls_class why;
	uint8_t out[16];

	if (in.len == ATLS_FRAME_HEADER && shim_header_read(in.p, &f, NULL) ==
	    ATLS_OK) {
		shim_header_write(out, f.type, f.id, f.length);
		MUST(memcmp(out, in.p, in.len) == 0);
	}
	if (shim_hello_read(in, &h, NULL) == ATLS_OK) {
		shim_hello_write(out, &h);
		MUST(memcmp(out, in.p, in.len) == 0);
	}
	if (shim_result_read(in, &res, NULL) == ATLS_OK) {
		shim_result_write(out, &res);
		MUST(memcmp(out, in.p, in.len) == 0);
	}
	MUST(shim_error_read(in, &why, NULL) != ATLS_OK || in.len == 1);
}

static void
messages(struct atls_bytes in)
{
	static struct atls_ea_request req;
	static struct atls_ea_peer peer;
	struct atls_bytes v;
	size_t i;

	if (binder_ext_read(in, &v, NULL) == ATLS_OK)
		inside(v, in);
	if (atls_ea_context(in, &v, NULL) == ATLS_OK)
		inside(v, in);
	if (atls_ea_request_parse(in, &req, NULL) == ATLS_OK) {
		inside(req.context, in);
		for (i = 0; i < req.next; i++)
			inside(req.ext[i].data, in);
	}
	if (atls_ea_parse(in, &peer, NULL) == ATLS_OK) {
		inside(peer.context, in);
		for (i = 0; i < peer.nchain; i++)
			inside(peer.chain[i], in);
		for (i = 0; i < peer.next; i++)
			inside(peer.ext[i].data, in);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t *q = malloc(n == 0 ? 1 : n);

	MUST(q != NULL);
	if (n > 0)
		memcpy(q, p, n);
	frames((struct atls_bytes){ q, n });
	messages((struct atls_bytes){ q, n });
	free(q);
	return 0;
}
