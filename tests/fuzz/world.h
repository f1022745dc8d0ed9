/* SPDX-License-Identifier: MIT */
#ifndef APL_FUZZ_WORLD_H
#define APL_FUZZ_WORLD_H

/*
 * What the fuzzers of whole calls share: a playbook that uses most of the
 * language, a runtime in which it is loaded, and what must hold of any case,
 * whatever was done to it. Runtimes are kept from input to input and begun
 * anew, for loading a playbook takes longer than most inputs do.
 */

#include <stddef.h>
#include <stdint.h>

#include "aplomb.h"

/* Noon of some day, at which every input begins. */
#define WORLD_NOON INT64_C(1767225600000000)

/* desk.lua: source of the playbook. */
extern const char *const world_desk;
extern const size_t world_desk_size;
extern const aplomb_limits world_limits;

/* A runtime with the desk's playbook, as if it had just been opened; each number names another one. It lives until the process ends. */
aplomb_runtime *world_anew(int number, bool is_rehearsal, aplomb_playbook **desk);
/* The error says what it is in valid UTF-8, with a slug. */
void world_check_error(int code, const aplomb_error *error);
/* Whatever is due, and what follows from it, up to a bound: who sends himself something is never quiet. */
void world_pump(aplomb_runtime *rt);
void world_turn(aplomb_runtime *rt, aplomb_span by);
/* The ids of the first cases, each the caller's to free. */
enum { WORLD_MOST_IDS = 6 };
typedef struct world_ids {
	char *all[WORLD_MOST_IDS];
	size_t count;
} world_ids;
void world_list(aplomb_runtime *rt, world_ids *out);
/* The calendar of every case is from now on another one, or the desk's again; not while much is due. */
void world_change_calendar(aplomb_runtime *rt, bool to_hours, aplomb_calendar_changes changes);
/*
 * Of every case: its journal reads and chains; its snapshot, restored elsewhere, gives that snapshot; its lines, stepped again in a
 * rehearsal, come out byte for byte. [again] makes a runtime with the same playbook.
 */
typedef aplomb_runtime *world_maker(void *self, bool is_rehearsal);
void world_check_cases(aplomb_runtime *rt, world_maker *again, void *self);
/* The maker of desks: runtimes 1 and 2. */
aplomb_runtime *world_desk_again(void *self, bool is_rehearsal);

#endif
