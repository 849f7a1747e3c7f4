/* SPDX-License-Identifier: Apache-2.0 */
#include <atls/atls.h>

const char *
atls_version(void)
{
	return ATLS_VERSION;
}
