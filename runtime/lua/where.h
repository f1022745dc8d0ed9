/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_WHERE_H
#define APL_LUA_WHERE_H

/*
 * From values of the running file to places in its text, while a playbook is
 * loaded: a word's value remembers its call (apl_part), a table is known
 * as a spot, and keys, items and texts in it have places. Where nothing is
 * known, because a table was put together somewhere else, the place is that of
 * the nearest thing that is known, down to a line without a column. Nothing
 * here raises, but where it says so.
 */

#include "lua/host.h"
#include "lua/places.h"
#include "lua/words.h"

/* Reads what stands where in the file; findings: duplicate-key. The file has compiled. raises */
void apl_lua_read_places(lua_State *L, uint32_t file, const char *source, size_t size);
/*
 * The chunk did not compile, and Lua's message is at the top of the stack:
 * refuses it with line and column of the token where Lua stopped. raises
 */
int apl_lua_refuse_syntax(lua_State *L, uint32_t file, const char *source, size_t size);
/* It did not, for it is nested too deeply, which Lua says without a line: refuses it where Lua stopped. raises */
int apl_lua_refuse_depth(lua_State *L, uint32_t file, const char *source, size_t size);
/* Where the line that is running mentions the name; without a column when it does more than once, and when nothing is being loaded. */
apl_place apl_lua_place_of_mention(lua_State *L, const char *name, size_t size);
/* The same for a line of a file. */
apl_place apl_lua_place_of_word(lua_State *L, uint32_t file, uint32_t line, const char *name, size_t size);
/* Loading is over. */
void apl_lua_drop_places(apl_lua *host);
/* Does Lua tell a call's line by its arguments, or by what is called? raises */
bool apl_lua_line_is_of_arguments(lua_State *L);

/*
 * The call that is being made now: of the word, or ([is_second]) of what it
 * answered. The name it has or had stands at [name], the table it is given at
 * [table]; 0: none. When several in the line are alike, they take turns, as
 * they do when they run. Its site is APL_NO_SITE when none fits.
 */
apl_call apl_lua_find_call(lua_State *L, const char *word, bool is_second, int name, int table);
/* Where a call begins; without a column when its site is unknown. */
apl_place apl_lua_place_of_call(lua_State *L, const apl_call *call);
/* What it is given; the place is that of the text, "{" or "(". */
apl_spot apl_lua_arguments_of_call(lua_State *L, const apl_call *call);
/* The table it is given, directly or as its last argument; the place is that of the call. */
apl_spot apl_lua_table_of_call(lua_State *L, const apl_call *call);
/* The names or the name that a word was called with, before its table or alone; the place is theirs. */
apl_spot apl_lua_names_of_call(lua_State *L, const apl_call *call);

/* Where the word stands that made the value at [part]. */
apl_place apl_lua_place_of(lua_State *L, int part);
/* Where its name stands; the n-th of several (from 1); or (0) the list of them. */
apl_place apl_lua_place_of_name(lua_State *L, int part, uint64_t item);

/*
 * Lua tells only the line of what went wrong, and often a name: "(global 'x')". The column of that name, or of the error or assert that was
 * called, when it stands in the line just once; else 0. Does not raise.
 */
uint32_t apl_lua_column_of_error(const apl_lua_file *file, uint32_t line, const char *message);

/* The list of names that stands before its table. */
apl_spot apl_lua_spot_of_names(lua_State *L, int part);

/* The table that the part was given; for entry and exit their arguments. */
apl_spot apl_lua_spot_of(lua_State *L, int part);
/* The table that stands at a key or as an item of this one. */
apl_spot apl_lua_spot_of_key(lua_State *L, const apl_spot *spot, const char *key);
apl_spot apl_lua_spot_of_item(lua_State *L, const apl_spot *spot, uint64_t item);

/* Of the key itself: for a name that is none, or that has no business here. */
apl_place apl_lua_place_of_key(lua_State *L, const apl_spot *spot, const char *key);
/* Of what stands at the key: for a value that is wrong. */
apl_place apl_lua_place_of_value(lua_State *L, const apl_spot *spot, const char *key);
apl_place apl_lua_place_of_item(lua_State *L, const apl_spot *spot, uint64_t item);

/* A text in the file, for those who look for mistakes within it. */
typedef struct apl_text_place {
	uint32_t file;
	uint32_t at;     /* offset of its first byte, behind the quote */
	bool is_plain;   /* each of its bytes stands in the file: apl_lua_place_in_text is exact */
	apl_place place; /* of the value */
} apl_text_place;
/* Of the text at the key, or ([key] NULL) of the item. */
apl_text_place apl_lua_place_of_text(lua_State *L, const apl_spot *spot, const char *key, uint64_t item);
/* Of the text that was found to stand at [place], when it does stand there as it is, between quotes. */
apl_text_place apl_lua_text_at(lua_State *L, apl_place place, const char *text, size_t size);
/* Where the text's byte at [offset] stands; where the text itself does, when it is not plain. */
apl_place apl_lua_place_in_text(lua_State *L, const apl_text_place *text, size_t offset);

#endif
