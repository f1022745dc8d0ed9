/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_STORE_CONTRACT_H
#define APL_TEST_STORE_CONTRACT_H

/*
 * What every store must do (store/store.h), as tests that take a factory: a
 * store's own test program calls store_contract with it and returns the answer.
 */

#include "store/store.h"

typedef struct store_factory {
	const char *name;
	/* An empty store. APLOMB_OK, or ENOMEM. */
	int (*open)(void *payload, apl_store *out, const apl_alloc *alloc, aplomb_error *error);
	/* The same store again after it was closed. NULL: nothing survives that. */
	int (*reopen)(void *payload, apl_store *out, const apl_alloc *alloc, aplomb_error *error);
	void *payload;
	bool keeps_old_snapshots; /* not only each case's newest */
} store_factory;

/* How many tests failed. */
int store_contract(const store_factory *factory);

#endif
