/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_CALLOUT_H
#define APL_ENGINE_CALLOUT_H

/*
 * What a callout comes to, as it is declared: whom it would ask from an instant
 * on when nobody answers, and which of its steps can ask anybody in a stretch
 * of time. Nothing here asks a case.
 */
#include "engine/program.h"

/* In the order of time, one after another. May take long for a long callout; takes no memory. */
void apl_callout_plan(const apl_callout *callout, aplomb_instant at, void (*tell)(const aplomb_call *call, void *payload), void *payload);

/*
 * For each step, whether it asks anybody when somebody is asked for at any
 * instant of [from, until) and nobody answers. [out] has room for one each.
 * ENOMEM.
 */
int apl_callout_reach(const apl_callout *callout, aplomb_instant from, aplomb_instant until, aplomb_reach *out, aplomb_error *error);

/* The stretches of [from, until) within the step's hours in which its rota has nobody. Returns how many. [tell] may be NULL. */
size_t apl_callout_holes(const apl_callout *callout, uint32_t step, aplomb_instant from, aplomb_instant until,
    void (*tell)(aplomb_instant from, aplomb_instant until, void *payload), void *payload);

#endif
