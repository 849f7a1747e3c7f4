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

/* moves_post.c, moves_carried.c: one attack in each way of carrying. */
void	post_key_substitution(struct lab_run *);
void	post_label(struct lab_run *);
void	post_context(struct lab_run *);
void	post_envelope(struct lab_run *);
void	post_split(struct lab_run *);
void	post_empty(struct lab_run *);
void	post_stripping(struct lab_run *);
void	post_early_data(struct lab_run *);
void	post_downgrade(struct lab_run *);
void	post_relay(struct lab_run *, enum lab_whose, const char *groups);
void	carried_key_substitution(struct lab_run *);
void	carried_plain(struct lab_run *);
void	carried_downgrade(struct lab_run *);
void	carried_same_hello(struct lab_run *);
void	carried_relay(struct lab_run *, enum lab_whose, const char *groups);
void	pre_key_substitution(struct lab_run *);
void	pre_relay(struct lab_run *, enum lab_whose);
void	pre_bent(struct lab_run *);

void	play_key_substitution(struct lab_run *);
void	play_relay_safe(struct lab_run *);
void	play_relay_leaked(struct lab_run *);
void	play_proxy(struct lab_run *);
void	play_stripping(struct lab_run *);
void	play_downgrade(struct lab_run *);
void	play_data_early(struct lab_run *);
void	play_bent(struct lab_run *);
void	play_replay_inside(struct lab_run *);
void	play_context_reuse(struct lab_run *);
void	play_resumption(struct lab_run *);
void	play_early_data(struct lab_run *);
void	play_reflection(struct lab_run *);
void	play_theft(struct lab_run *);
void	victim_mutual(struct lab_run *);
void	play_swapped(struct lab_run *);
void	play_hrr(struct lab_run *);
void	victim_resumes(struct lab_run *);
void	victim_hurries(struct lab_run *);
void	victim_twice(struct lab_run *);
void	victim_pair(struct lab_run *);

lab_quote	quote_swapped, quote_truncated, quote_empty, quote_padded;
lab_quote	quote_recorded, quote_leaked, quote_foreign, quote_fleet;

#endif
