/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVE_STRING_H
#define PROVE_STRING_H

/*
 * For the prover, in place of the system's <string.h>: what the code relies
 * on, for octets, which is what it uses it with.  (The prover's memory knows
 * types: a void * that was a uint8_t * is lost on it.)  An assumption, not a
 * proof.
 */
#include <stddef.h>
#include <stdint.h>

/*@ requires n == 0 || \valid(to + (0 .. n - 1));
    requires n == 0 || \valid_read(from + (0 .. n - 1));
    requires n == 0 || \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    assigns to[0 .. n - 1] \from from[0 .. n - 1];
    assigns \result \from to;
    exits \false;
    ensures \result == to;
    ensures \forall integer i; 0 <= i < n ==> to[i] == \old(from[i]); */
uint8_t	*memcpy(uint8_t *to, const uint8_t *from, size_t n);

/*@ requires n == 0 || \valid(to + (0 .. n - 1));
    assigns to[0 .. n - 1] \from c;
    assigns \result \from to;
    exits \false;
    ensures \result == to;
    ensures \forall integer i; 0 <= i < n ==> to[i] == (uint8_t)c; */
uint8_t	*memset(uint8_t *to, int c, size_t n);

/*@ axiomatic Text {
	logic integer text_len{L}(char *s) reads s[0 ..];
    }
    predicate text_ok{L}(char *s) = 0 <= text_len(s) < SIZE_MAX &&
	\valid_read(s + (0 .. text_len(s))) && s[text_len(s)] == 0 &&
	(\forall integer i; 0 <= i < text_len(s) ==> s[i] != 0);
    */

/*@ requires text_ok(s);
    assigns \result \from s[0 ..];
    exits \false;
    ensures \result == text_len(s); */
size_t	 strlen(const char *s);

/*@ requires text_ok(s);
    assigns \result \from s, c, s[0 ..];
    exits \false; */
char	*strchr(const char *s, int c);

#endif
