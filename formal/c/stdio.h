/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVE_STDIO_H
#define PROVE_STDIO_H

/* For the prover, in place of the system's <stdio.h>: an assumption. */
#include <stdarg.h>
#include <stddef.h>

/*@ requires \valid(to + (0 .. n - 1));
    assigns to[0 .. n - 1];
    exits \false; */
int	 vsnprintf(char *to, size_t n, const char *format, va_list args);

#endif
