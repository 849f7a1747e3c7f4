/* SPDX-License-Identifier: Apache-2.0 */
#include "../tests/token_judge.h"

/* Whole tokens, or changes to good ones: see tests/token_judge.h. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct token_opts plain, legacy = { .legacy = true };
	static struct atls_bytes good[2];

	if (good[0].p == NULL) {
		good[0] = token_psa(&plain);
		good[1] = token_psa(&legacy);
	}
	token_fuzz(ATLS_KIND_PSA, good, 2, data, size);
	return 0;
}
