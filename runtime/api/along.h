/* SPDX-License-Identifier: MIT */
#ifndef APL_API_ALONG_H
#define APL_API_ALONG_H

/* The playbooks that a playbook invokes and that stand beside it, loaded along with it: along.c. */

#include "api/runtime.h"

/* Playbooks that are being loaded, the innermost first: one that invokes itself is loaded once. */
typedef struct apl_loading {
	const struct apl_loading *outer;
	const char *id;
} apl_loading;

/* [program] has been made and is not the engine's yet. What is wrong with the others is told as theirs. EPLAYBOOK, EIO, ENOMEM. */
int apl_load_along(aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *outer, const apl_program *program,
    apl_findings *findings, aplomb_error *error);
/* playbook.c: the text in [options->source], whatever it is written in. */
int apl_load_text(
    aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *outer, aplomb_playbook **out, aplomb_error *error);

#endif
