/* SPDX-License-Identifier: Apache-2.0 */
#include "quote.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_quote(ATLS_KIND_SGX, data, len);
	return 0;
}
