/* SPDX-License-Identifier: MIT */
#ifndef APL_DATA_MESSAGE_H
#define APL_DATA_MESSAGE_H

/* Private to room data: the sentences of refusals. None of this is on the path of an event that fits. */

#include "data/layout.h"

/* [cell] is the value as found; what an instant or money came from in C is an integer cell. */
int apl_refuse_type(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, aplomb_error *error);
/* The same with what the reader of an instant, a span or money said. */
int apl_refuse_reading(
    const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, const aplomb_error *said, aplomb_error *error);
/* [size]: characters of a text or items of a list, otherwise 0. */
int apl_refuse_bounds(const apl_target *t, uint32_t field, const apl_tape *tape, uint32_t cell, uint64_t size, aplomb_error *error);
int apl_refuse_choice(const apl_target *t, uint32_t field, const char *bytes, size_t size, aplomb_error *error);
int apl_refuse_unknown(const apl_target *t, uint32_t parent, const char *name, size_t size, aplomb_error *error);
int apl_refuse_missing(const apl_target *t, uint32_t field, aplomb_error *error);
int apl_refuse_clearing(const apl_target *t, uint32_t field, aplomb_error *error);
/* path: [sentence] */
int apl_refuse_saying(const apl_target *t, uint32_t field, const char *slug, const char *sentence, aplomb_error *error);

#endif
