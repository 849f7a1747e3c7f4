/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_IN_H
#define STORE_IN_H

#include <pthread.h>

#include "store.h"

/* The inside of a store: for store.c and memo.c. */
struct memo_key {
	const char	*what;
	size_t		 nparts;
	uint8_t		 id[1 + STORE_PARTS][STORE_ID];	/* anchors first */
};

struct memo {
	struct memo_key		 key;
	struct store_object	*object;	/* NULL: nothing here yet */
};

#define MARK_TEE_MAX	8

/* The most of tcbEvaluationDataNumber that was verified. */
struct mark {
	uint8_t		anchors[STORE_ID];
	enum atls_item	item;
	char		tee[MARK_TEE_MAX];	/* "tdx"; "": nothing here */
	uint32_t	highest;
};

struct atls_collateral {
	atomic_uint		 refs;
	pthread_mutex_t		 lock;		/* of all below */
	struct store_item	*item[ATLS_ITEMS_MAX];
	size_t			 nitem;
	struct memo		 memo[STORE_OBJECTS];
	size_t			 next;		/* to be overwritten */
	struct mark		 mark[STORE_MARKS];
	size_t			 next_mark;
};

#endif
