/* SPDX-License-Identifier: MIT */
#ifndef APL_API_STORE_API_H
#define APL_API_STORE_API_H

/* Where a runtime keeps its cases when they are to outlive it. */

#include "api/runtime.h"

/* The store that the options name; [sink] (or NULL) gets the lines, with the runtime. EINVAL and what the store answers. */
int apl_open_store(aplomb_runtime *rt, const aplomb_options *options, aplomb_journal_fn sink, apl_store *out, aplomb_error *error);
/* The limits under which a store that is looked into was stepped last; [*limits] stays what it is where nobody knows. */
void apl_look_limits(const apl_alloc *alloc, const apl_store *store, aplomb_limits *limits);
/* An apl_program_loader's: [rt] loads what its store kept. */
int apl_load_kept(void *rt, const char *source, size_t size, aplomb_error *error);

#endif
