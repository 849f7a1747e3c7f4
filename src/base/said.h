/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SAID_H
#define SAID_H

/*
 * What the checks of a decision said: for Frama-C only.  The contract of a
 * check is that it was called, with what, and what it returned, whatever that
 * is; the contract of a decision is that it accepts if and only if all of its
 * checks, in their order, were called with the same object and returned 1.
 * So a check that is left out, that is asked about something else, or whose
 * -1 passes, breaks the proof: `make prove` tries each.
 *
 * A file that decides has said_of[], the objects, and told(), which a check
 * makes true, beside these.
 */
/*@ ghost unsigned nsaid; */
/*@ ghost int said[16]; */			/* what was returned */
/*@ ghost int said_what[16]; */			/* by which check */

#define SAID	nsaid, said[nsaid], said_what[nsaid], said_of[nsaid]

/*@ predicate told_it{A,B}(integer what, integer result) =
	\at(nsaid, B) == \at(nsaid, A) + 1 &&
	\at(said[\at(nsaid, A)], B) == result &&
	\at(said_what[\at(nsaid, A)], B) == what;

    // n checks from the first on, in this order, and no others
    predicate all_said{L}(integer first, integer n) =
	nsaid == n && said[n - 1] == 1 &&
	(\forall integer i; 0 <= i < n ==>
	said[i] == 1 && said_what[i] == first + i);
    */

#endif
