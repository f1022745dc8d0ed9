/* SPDX-License-Identifier: MIT */
#ifndef APL_API_SOURCES_H
#define APL_API_SOURCES_H

/* The files beside a playbook and in the roots that the host names: how room lua reads what it must not touch itself. */

#include "aplomb.h"
#include "lua/load.h"

typedef struct apl_sources {
	const aplomb_load_options *options;
	bool lacks_policy; /* what stands beside is for the playbook that was asked for, and this one comes along with it */
} apl_sources;

/* [options], [sources] and [reader] live until the playbook is loaded. */
void apl_sources_init(apl_sources *sources, const aplomb_load_options *options, apl_lua_reader *reader);

#endif
