/* SPDX-License-Identifier: Apache-2.0 */
#include "../tests/token_judge.h"

/* Whole documents, or changes to a good one: see tests/token_judge.h. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct token_opts plain;
	static struct atls_bytes good[1];

	if (good[0].p == NULL)
		good[0] = token_nitro(&plain);
	token_fuzz(ATLS_KIND_NITRO, good, 1, data, size);
	return 0;
}
