/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MOVES_H
#define MOVES_H

#include "kit.h"

/* The attackers, and what their attesters do.  Each is in one row of the
 * table; moves_*.c have them. */
void	move_impostor(struct lab_run *, enum lab_whose);

void	play_replay(struct lab_run *);
void	play_replay_own_key(struct lab_run *);
void	play_own_key(struct lab_run *);
void	play_leaked(struct lab_run *);
void	play_tenant(struct lab_run *);
void	play_stolen_key(struct lab_run *);

lab_quote	quote_recorded, quote_leaked, quote_foreign, quote_fleet;

#endif
