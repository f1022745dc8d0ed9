/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_INSIDE_H
#define APL_TEST_INSIDE_H

/*
 * What the files of this room share: a file of tests while it is open, and the
 * test that is running. Lua's errors jump over C functions, so whatever must be
 * freed hangs on one of the two and never on a C function alone.
 */
#include <lua.h>

#include "test/test.h"
#include "test/text.h"

/* Names out of the playbook, in its order. */
typedef struct apl_test_names {
	char **names;
	size_t count, capacity;
} apl_test_names;

/* `tests "playbook.lua" { … }`: the tests of one playbook, and a runtime that has it loaded. */
typedef struct apl_test_group {
	char *path;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	apl_test_names states, effects, events;
	aplomb_instant starts_at;
	int params; /* Lua reference: what each case of the group gets; or LUA_NOREF */
} apl_test_group;

typedef struct apl_test_item {
	char *name;
	uint32_t line;
	size_t group;
	char *recorded; /* a journal, in place of a function; or NULL */
	int function;   /* Lua references */
	int row;        /* of `each`; or LUA_NOREF */
} apl_test_item;

/* A journal line, read. Heads are among them. */
typedef struct apl_test_entry {
	aplomb_json *json;
	aplomb_value value;
	uint64_t seq;
	size_t the_case; /* APL_TEST_NOBODY: of a case that the test did not open itself */
	uint32_t step;   /* of the test, in which it was written */
} apl_test_entry;

#define APL_TEST_NOBODY ((size_t)-1)

/* What went wrong in a step, and was not expected so far. */
typedef enum apl_test_trouble_kind { APL_TEST_REFUSED, APL_TEST_FINDING, APL_TEST_FAULTED } apl_test_trouble_kind;

typedef struct apl_test_trouble {
	apl_test_trouble_kind kind;
	bool is_expected;
	size_t the_case;
	uint32_t step, line;
	char *file; /* of the test's line */
	char *slug;
	char *message;
	char *place; /* of a finding: "file:line"; or NULL */
} apl_test_trouble;

typedef struct apl_test_case {
	char *id;
	char *subject;     /* or NULL */
	char *open;        /* what its first event carries, as JSON; or NULL */
	bool has_begun;    /* its first event was taken */
	aplomb_value head; /* of a recorded one */
	size_t looked_at;  /* of a recorded one: entries before this one were compared */
} apl_test_case;

/* A line of a recorded journal. */
typedef struct apl_test_recorded {
	aplomb_json *json;
	aplomb_value value;
	uint32_t line;
} apl_test_recorded;

/* The running test. */
typedef struct apl_test_world {
	apl_test_group *group;
	apl_test_case *cases;
	size_t n_cases, cases_capacity;
	uint32_t step; /* number of the newest step; the test has not done anything yet: 0 */
	apl_test_text lines;
	size_t lines_read;
	apl_test_entry *entries;
	size_t n_entries, entries_capacity;
	apl_test_trouble *troubles;
	size_t n_troubles, troubles_capacity;
	apl_test_text printed;
	aplomb_json *read; /* what was asked of a case last */
	/* Of a recorded journal; its path is NULL when the test is a function. */
	const char *recorded_path;
	uint32_t recorded_line; /* the one being played */
	apl_test_text recorded_text;
	aplomb_journal *journal;
	apl_test_recorded *recorded;
	size_t n_recorded, recorded_capacity;
	uint64_t parted_seq; /* the entry that differs; 0: none */
	/* Its failure. The first one counts: what follows is its consequence. */
	bool has_failed;
	char *message, *file;
	uint32_t line;
	size_t the_case;
	apl_test_difference *differences;
	size_t n_differences, differences_capacity;
} apl_test_world;

struct apl_test_file {
	lua_State *L;
	char *path;
	char *folder; /* with its slash; "" when it is the current one */
	apl_test_options options;
	size_t held;                /* bytes of Lua's */
	uint64_t instructions_left; /* 0: used up */
	bool is_loading;
	apl_test_group *groups;
	size_t n_groups, groups_capacity;
	apl_test_item *items;
	size_t n_items, items_capacity;
	apl_test_world world;
	/* Scratch, for one use at a time. */
	apl_test_text expected, found, hint, json, path_text, refusal;
	/* What was raised by us, until the protected call has ended. */
	char *raised, *raised_file;
	uint32_t raised_line;
	char raised_slug[48];
};

static inline apl_test_file *apl_test_file_of(lua_State *L) {
	return *(apl_test_file **)lua_getextraspace(L);
}

/* ---- run.c: mistakes and failures; all of these raise ------------------------ */

/* A mistake in the test itself: ends it, with the place of the Lua that runs. */
int apl_test_raise(lua_State *L, const char *slug, const char *format, ...) __attribute__((format(printf, 3, 4)));
int apl_test_no_memory(lua_State *L);
/* Room for one more of [size] bytes in the array at [items], or raises. */
void apl_test_need_room(lua_State *L, void *items, size_t count, size_t *capacity, size_t size);
char *apl_test_need_copy(lua_State *L, const char *text);
/* The place of the Lua function that called us: its file (lent by Lua) and line. */
uint32_t apl_test_here(lua_State *L, const char **file);
/* The protected call: [n_arguments] on the stack above the function. false: file->raised says why. */
bool apl_test_call(apl_test_file *file, int n_arguments, int n_results);

/* A difference is noted; apl_test_fail then ends the test. Texts are copied; NULL: none. */
void apl_test_differ(lua_State *L, const char *about, const char *expected, const char *found, const char *hint);
int apl_test_fail(lua_State *L, size_t the_case, const char *message);
/* The same for something that went wrong and was noted with the test already: apl_test_troubled said so. */
int apl_test_fail_again(lua_State *L);
/* Is anything left that went wrong and nobody expected? Then the test has failed, where it went wrong. */
bool apl_test_troubled(apl_test_file *file);

/* ---- sandbox.c ------------------------------------------------------------------ */

void *apl_test_lua_alloc(void *payload, void *block, size_t old_size, size_t new_size);
void apl_test_begin_budget(apl_test_file *file);
/* The globals of a file of tests, as far as they are Lua's. Raises. */
void apl_test_open_lua(lua_State *L);
/*
 * Through a table in the order of its keys, so that nothing depends on Lua's:
 *     for (apl_test_pairs(L, index); apl_test_next(L); lua_pop(L, 2)) … key at -2, value at -1
 * What the loop keeps on the stack is gone after it.
 */
void apl_test_pairs(lua_State *L, int index);
bool apl_test_next(lua_State *L);
/* The whole file, added; false: it cannot be read, or has more bytes than that. */
bool apl_test_read_file(apl_test_text *text, const char *path, size_t most);
/* Pushes the chunk of a file. false: file->raised says why. */
bool apl_test_load_file(apl_test_file *file, const char *path, int *code);

/* ---- words.c, match.c, play.c: what a file of tests can say ----------------------- */

void apl_test_open_words(lua_State *L);
void apl_test_open_matchers(lua_State *L);
/* The n-th of their names, from 0; NULL behind the last. */
const char *apl_test_word_name(size_t n);
const char *apl_test_matcher_name(size_t n);
void apl_test_open_play(lua_State *L);
/* Takes what the file returned (on top) apart into groups and items. Raises. */
void apl_test_take_tests(lua_State *L);
/* Loads the group's playbook; the error says what is wrong. */
int apl_test_load_playbook(apl_test_file *file, apl_test_group *group, aplomb_error *error);

/* Pushes a new object for a case of the running test. */
void apl_test_push_case(lua_State *L, const char *id);

/* Time goes on until [at]; what is due on the way happens at its own time. Raises. */
void apl_test_advance(lua_State *L, aplomb_instant at);
/* One step: the event, of which case and opening are filled in here, happens to the case. Raises. */
void apl_test_deliver(lua_State *L, size_t the_case, aplomb_event *event);
/* recorded.c: plays world->recorded_path; called by Lua. */
int apl_test_play_recorded(lua_State *L);

/* ---- lines.c --------------------------------------------------------------------- */

/* The runtime's journal sink; the payload is the file. */
int apl_test_take_lines(const char *lines, size_t size, void *payload);
/* Reads what was written since; false without memory. */
bool apl_test_read_lines(apl_test_file *file);
void apl_test_world_clear(apl_test_world *world);

/* ---- names.c --------------------------------------------------------------------- */

bool apl_test_names_of(apl_test_group *group);
void apl_test_names_dispose(apl_test_names *names);
bool apl_test_names_have(const apl_test_names *names, const char *name);
/* The path of the state that [name] may mean: it whole, or its last parts. Raises when there is none, or several. */
const char *apl_test_state(lua_State *L, const apl_test_group *group, const char *name);
/* Does the path end in these parts? */
bool apl_test_is_path(const char *path, const char *name);
/* `; did you mean "x"?`, or "". */
const char *apl_test_nearest(const apl_test_names *names, const char *name, char *out, size_t size);

/* ---- shown.c, to_json.c, match.c --------------------------------------------------- */

/* A value as messages show it, added. */
void apl_test_show_json(apl_test_text *out, aplomb_value value);
void apl_test_show_lua(lua_State *L, apl_test_text *out, int index);
/* As JSON, for an event or an opening. Raises on what is none. */
void apl_test_to_json(lua_State *L, apl_test_text *out, int index);
void apl_test_push_json(lua_State *L, aplomb_value value);
/*
 * Is the value as the Lua value at [index] says? A scalar is equal; a map has
 * at least the members named; a list has just these items; a function answers
 * true; a matcher as it is made. Otherwise [why] gets where they part.
 */
bool apl_test_matches(lua_State *L, int index, aplomb_value value, apl_test_text *why);
/* Marks the table on top as a list, though it may be empty; is it so marked? */
void apl_test_mark_list(lua_State *L);
bool apl_test_is_list(lua_State *L, int index);
/* A matcher on the stack? */
bool apl_test_is_matcher(lua_State *L, int index);

/* ---- expect.c, effects.c ------------------------------------------------------------ */

int apl_test_expect(lua_State *L);        /* case:expect */
int apl_test_expect_so_far(lua_State *L); /* case:expect_so_far */
/* The case that is the first argument. Raises when it is none. */
size_t apl_test_check_case(lua_State *L);
/* Raises, too, when it has not begun. */
apl_test_case *apl_test_begun_case(lua_State *L, size_t the_case);
/* The case's data, lent until something is asked again. Raises. */
aplomb_value apl_test_case_data(lua_State *L, size_t the_case);
/* JSON text as a value, lent likewise. */
aplomb_value apl_test_read_json(lua_State *L, const char *text, size_t size);
/* Every active atomic state, or every timer that is due, as a sentence, added. */
void apl_test_tell_states(apl_test_file *file, const apl_test_case *c, apl_test_text *out);

/* What an expectation looks at. */
typedef struct apl_test_look {
	apl_test_file *file;
	size_t the_case;
	uint32_t from_step; /* entries of this step and later ones count */
} apl_test_look;

/* The next item of kind [what] at or behind the cursor, or an absent value; the cursor begins as all zero. */
typedef struct apl_test_cursor {
	size_t entry, item;
} apl_test_cursor;
aplomb_value apl_test_next_item(const apl_test_look *look, apl_test_cursor *cursor, const char *what);
/* The value at the top of the stack is what was expected of it. */
void apl_test_expect_effects(lua_State *L, const apl_test_look *look);
void apl_test_expect_some_effects(lua_State *L, const apl_test_look *look);
void apl_test_expect_no_effect(lua_State *L, const apl_test_look *look);

const char *apl_test_text_in(aplomb_value map, const char *key);
bool apl_test_same(const char *a, const char *b);

#endif
