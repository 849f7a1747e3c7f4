/* SPDX-License-Identifier: Apache-2.0 */
#include "../tests/token_judge.h"

/* Whole tokens, or changes to good ones: see tests/token_judge.h. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct token_opts plain, cmw = { .cmw = true },
	    parsec = { .parsec = true };
	static struct atls_bytes good[3];

	if (good[0].p == NULL) {
		good[0] = token_cca(&plain);
		good[1] = token_cca(&cmw);
		good[2] = token_cca(&parsec);
	}
	token_fuzz(ATLS_KIND_CCA, good, 3, data, size);
	return 0;
}
