/* SPDX-License-Identifier: MIT */
/*
 * Decides which constructor of a file a table or a word's value came from. Lua
 * tells the line of a call, the word and its name are known, and what is left
 * open when several such calls stand in one line is settled by their order
 * and by whether the table's keys are those of the constructor.
 */

#include "lua/where.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/files.h"

/* So many alike calls of a line are tried before giving up. */
enum { MOST_TRIES = 64 };

/* ---- the index of each file ---------------------------------------------------- */

void apl_lua_read_places(lua_State *L, uint32_t file, const char *source, size_t size) {
	apl_lua *host = apl_lua_of(L);
	apl_places_options options = {host->files[file].shown, source, size, host->line_is_of_arguments};
	apl_places_free(host->files[file].places);
	host->files[file].places = apl_places_new(&host->alloc, &options, host->findings);
	if (host->files[file].places == NULL) apl_lua_raise_memory(L);
}

void apl_lua_drop_places(apl_lua *host) {
	for (uint32_t i = 0; i < host->n_files; i++) {
		apl_places_free(host->files[i].places);
		host->files[i].places = NULL;
	}
}

static apl_places *places_of(lua_State *L, uint32_t file) {
	apl_lua *host = apl_lua_of(L);
	return file < host->n_files ? host->files[file].places : NULL;
}

/* File and line of the innermost Lua function that is running; 0 and 0 when there is none. */
static void find_running(lua_State *L, uint32_t *file, uint32_t *line) {
	apl_lua *host = apl_lua_of(L);
	lua_Debug frame;
	*file = *line = 0;
	for (int level = 0; lua_getstack(L, level, &frame); level++) {
		lua_getinfo(L, "Sl", &frame);
		if (frame.currentline <= 0) continue;
		*file = apl_lua_file_of_chunk(host, frame.source);
		*line = (uint32_t)frame.currentline;
		return;
	}
}

/* ---- places that only the tokens tell ------------------------------------------------ */

typedef struct one_by_one {
	const char *next;
	const char *end;
	bool met_end;
} one_by_one;

static const char *give_one(lua_State *L, void *payload, size_t *size) {
	one_by_one *from = payload;
	(void)L;
	from->met_end = from->next == from->end;
	*size = from->met_end ? 0 : 1;
	return from->met_end ? NULL : from->next++;
}

/* Compiling again byte by byte shows how far Lua reads before it gives up: one character beyond the token that it minds. */
static apl_token find_fault(lua_State *L, const char *source, size_t size, bool minds_end) {
	one_by_one from = {source, source + size, false};
	lua_load(L, give_one, &from, "=again", "t");
	lua_pop(L, 1);
	size_t read = (size_t)(from.next - source);
	apl_lexer lexer;
	apl_lexer_init(&lexer, source, size);
	apl_token fault = apl_lexer_next(&lexer);
	while (fault.kind != APL_TOKEN_END) {
		apl_token next = apl_lexer_next(&lexer);
		bool is_beyond = next.kind == APL_TOKEN_END ? !minds_end : !from.met_end && next.offset + 1 >= read;
		if (is_beyond) break;
		fault = next;
	}
	return fault;
}

int apl_lua_refuse_syntax(lua_State *L, uint32_t file, const char *source, size_t size) {
	static const char end[] = "<eof>";
	apl_lua *host = apl_lua_of(L);
	size_t length;
	const char *message = lua_tolstring(L, -1, &length); /* "playbook:12: …" */
	const char *text = strstr(message, ": ");
	bool minds_end = length >= sizeof end - 1 && strcmp(message + length - (sizeof end - 1), end) == 0;
	apl_token fault = find_fault(L, source, size, minds_end);
	return apl_lua_refuse_at(L, (apl_place){apl_lua_place_in(host, file, 0).file, fault.line, fault.column}, "lua-syntax", "%s",
	    text != NULL ? text + 2 : message);
}

int apl_lua_refuse_depth(lua_State *L, uint32_t file, const char *source, size_t size) {
	apl_lua *host = apl_lua_of(L);
	const apl_token fault = find_fault(L, source, size, false);
	return apl_lua_refuse_at(L, (apl_place){apl_lua_place_in(host, file, 0).file, fault.line, fault.column}, "limit-depth",
	    "the source is nested more deeply here than Lua compiles: some 190 brackets, tables, functions or signs within one another");
}

/* The column of the name in the line when it stands there once; else 0. */
static uint32_t column_of_only(const apl_lua_file *file, uint32_t line, const char *name, size_t size) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, file->text, file->size);
	uint32_t column = 0;
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END && token.line <= line; token = apl_lexer_next(&lexer)) {
		if (token.line != line || token.kind != APL_TOKEN_NAME || token.size != size || memcmp(file->text + token.offset, name, size) != 0)
			continue;
		if (column != 0) return 0;
		column = token.column;
	}
	return column;
}

uint32_t apl_lua_column_of_error(const apl_lua_file *file, uint32_t line, const char *message) {
	static const char *const kinds[] = {"(global '", "(local '", "(field '", "(method '", "(upvalue '"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const char *name = strstr(message, kinds[i]);
		if (name == NULL) continue;
		name += strlen(kinds[i]);
		return column_of_only(file, line, name, strcspn(name, "'"));
	}
	uint32_t column = column_of_only(file, line, "error", strlen("error"));
	return column != 0 ? column : column_of_only(file, line, "assert", strlen("assert"));
}

apl_place apl_lua_place_of_mention(lua_State *L, const char *name, size_t size) {
	uint32_t file, line;
	find_running(L, &file, &line);
	return apl_lua_place_of_word(L, file, line, name, size);
}

apl_place apl_lua_place_of_word(lua_State *L, uint32_t file, uint32_t line, const char *name, size_t size) {
	apl_place place = apl_lua_place_in(apl_lua_of(L), file, line);
	const apl_places *places = places_of(L, file);
	if (places == NULL) return place;
	/* An item that ends its line is looked up when Lua has read on into the next one: then the last mention before counts. */
	apl_place last = place;
	apl_lexer lexer;
	apl_lexer_init(&lexer, places->source, places->size);
	for (apl_token token; (token = apl_lexer_next(&lexer)).kind != APL_TOKEN_END && token.line <= line;) {
		if (token.kind != APL_TOKEN_NAME || token.size != size || memcmp(places->source + token.offset, name, size) != 0) continue;
		bool is_alone = last.line != token.line || last.column == 0;
		last = (apl_place){place.file, token.line, is_alone ? token.column : 0};
	}
	if (last.line == line || last.column != 0) place = last;
	return place;
}

static int tell_line(lua_State *L) {
	lua_Debug frame;
	lua_getstack(L, 1, &frame);
	lua_getinfo(L, "l", &frame);
	lua_pushinteger(L, frame.currentline);
	return 1;
}

bool apl_lua_line_is_of_arguments(lua_State *L) {
	static const char sample[] = "local f = ... local line = f\n''\nreturn line";
	if (luaL_loadbufferx(L, sample, sizeof sample - 1, "=sample", "t") != LUA_OK) lua_error(L);
	lua_pushcfunction(L, tell_line);
	lua_call(L, 1, 1);
	bool is_of_arguments = lua_tointeger(L, -1) == 2;
	lua_pop(L, 1);
	return is_of_arguments;
}

/* ---- calls ------------------------------------------------------------------------ */

/* Has the constructor every key that the table has? A key may be missing in the table: its value was nil. */
static bool can_be(lua_State *L, const apl_places *places, uint32_t site, int table) {
	const apl_site_table *t = &places->tables[site];
	bool is_good = true;
	uint32_t last = t->first_entry + t->n_items + t->n_keys;
	/* Keys that are computed stand last. */
	if (t->n_keys > 0 && places->entries[last - 1].key_kind == APL_KEY_COMPUTED) return true;
	lua_pushnil(L);
	while (is_good && lua_next(L, table) != 0) {
		lua_pop(L, 1);
		size_t size;
		if (lua_type(L, -1) != LUA_TSTRING) continue;
		const char *key = lua_tolstring(L, -1, &size);
		is_good = apl_places_key(places, site, key, size) != NULL;
	}
	if (!is_good) lua_pop(L, 1);
	return is_good;
}

/* The constructor that the call was given, directly or as its last argument; APL_NO_SITE. */
static uint32_t table_of_call(const apl_places *places, const apl_site_call *call) {
	if (call->table == APL_NO_SITE || !places->tables[call->table].is_arguments) return call->table;
	return apl_places_table_of(places, apl_places_item(places, call->table, places->tables[call->table].n_items));
}

static uint32_t take_turn(lua_State *L, apl_places *places, uint32_t first, uint32_t count, int table) {
	apl_site_call *leader = &places->calls[places->sorted[first]];
	for (uint32_t i = 0; i < count && i < MOST_TRIES; i++) {
		uint32_t at = (leader->next + i) % count;
		uint32_t number = places->sorted[first + at];
		uint32_t site = table_of_call(places, &places->calls[number]);
		if (table != 0 && site != APL_NO_SITE && !can_be(L, places, site, table)) continue;
		leader->next = at + 1;
		return number;
	}
	return APL_NO_SITE;
}

apl_call apl_lua_find_call(lua_State *L, const char *word, bool is_second, int name, int table) {
	apl_call call = {0, 0, APL_NO_SITE};
	find_running(L, &call.file, &call.line);
	apl_places *places = places_of(L, call.file);
	if (places == NULL || !lua_checkstack(L, 8)) return call;
	size_t size = 0;
	uint32_t first;
	const char *text = name != 0 && lua_type(L, name) == LUA_TSTRING ? lua_tolstring(L, name, &size) : "";
	uint32_t count = apl_places_calls(places, call.line, word, text, size, is_second, &first);
	/* A name that was put together has none in the text. */
	if (count == 0 && size > 0) count = apl_places_calls(places, call.line, word, "", 0, is_second, &first);
	if (count > 0) call.site = take_turn(L, places, first, count, table);
	return call;
}

/* The call in the text, or NULL. */
static const apl_site_call *site_of(lua_State *L, const apl_call *call) {
	const apl_places *places = places_of(L, call->file);
	return places != NULL && call->site != APL_NO_SITE ? &places->calls[call->site] : NULL;
}

apl_place apl_lua_place_of_call(lua_State *L, const apl_call *call) {
	const apl_site_call *site = site_of(L, call);
	return site != NULL ? apl_places_at(places_of(L, call->file), site->at) : apl_lua_place_in(apl_lua_of(L), call->file, call->line);
}

apl_spot apl_lua_arguments_of_call(lua_State *L, const apl_call *call) {
	const apl_site_call *site = site_of(L, call);
	apl_spot spot = {call->file, APL_NO_SITE, apl_lua_place_of_call(L, call)};
	if (site == NULL) return spot;
	const apl_places *places = places_of(L, call->file);
	spot.table = site->table;
	spot.place = apl_places_at(places, site->table != APL_NO_SITE ? places->tables[site->table].at : site->text_at);
	return spot;
}

apl_spot apl_lua_table_of_call(lua_State *L, const apl_call *call) {
	const apl_site_call *site = site_of(L, call);
	apl_spot spot = {call->file, APL_NO_SITE, apl_lua_place_of_call(L, call)};
	if (site != NULL) spot.table = table_of_call(places_of(L, call->file), site);
	return spot;
}

apl_spot apl_lua_names_of_call(lua_State *L, const apl_call *call) {
	const apl_site_call *site = site_of(L, call);
	apl_spot spot = {call->file, APL_NO_SITE, apl_lua_place_of_call(L, call)};
	if (site == NULL) return spot;
	const apl_places *places = places_of(L, call->file);
	if (site->before != APL_NO_SITE) site = &places->calls[site->before];
	if (site->table != APL_NO_SITE) {
		const apl_site_entry *first = apl_places_item(places, site->table, 1);
		bool is_list = !places->tables[site->table].is_arguments;
		spot.table = is_list ? site->table : apl_places_table_of(places, first);
		spot.place = apl_places_at(places, !is_list && first != NULL ? first->value_at : places->tables[site->table].at);
	} else if (site->text_at != APL_NO_SITE) {
		spot.place = apl_places_at(places, site->text_at);
	}
	return spot;
}

/* ---- parts ----------------------------------------------------------------------------- */

apl_place apl_lua_place_of(lua_State *L, int part) {
	return apl_lua_place_of_call(L, &apl_lua_to_part(L, part)->called);
}

apl_spot apl_lua_spot_of_names(lua_State *L, int part) {
	return apl_lua_names_of_call(L, &apl_lua_to_part(L, part)->made);
}

apl_place apl_lua_place_of_name(lua_State *L, int part, uint64_t item) {
	apl_spot spot = apl_lua_spot_of_names(L, part);
	return item > 0 ? apl_lua_place_of_item(L, &spot, item) : spot.place;
}

apl_spot apl_lua_spot_of(lua_State *L, int part) {
	const apl_part *p = apl_lua_to_part(L, part);
	const apl_site_call *site = site_of(L, &p->made);
	apl_word_shape shape = apl_words[p->word].shape;
	apl_spot spot = shape == APL_SHAPE_ACTIONS ? apl_lua_arguments_of_call(L, &p->made) : apl_lua_table_of_call(L, &p->made);
	spot.place = apl_lua_place_of(L, part);
	if (site == NULL || shape != APL_SHAPE_NAMED || site->before != APL_NO_SITE) return spot;
	/* A name alone: the table came later, from somewhere else. */
	const apl_site_table *given = site->table != APL_NO_SITE ? &places_of(L, p->made.file)->tables[site->table] : NULL;
	if (given == NULL || !given->is_arguments || given->n_items != 2) spot.table = APL_NO_SITE;
	return spot;
}

/* ---- tables, keys and items ------------------------------------------------------------------ */

static const apl_site_entry *entry_of_key(lua_State *L, const apl_spot *spot, const char *key) {
	const apl_places *places = places_of(L, spot->file);
	return places != NULL ? apl_places_key(places, spot->table, key, strlen(key)) : NULL;
}

static const apl_site_entry *entry_of_item(lua_State *L, const apl_spot *spot, uint64_t item) {
	const apl_places *places = places_of(L, spot->file);
	return places != NULL ? apl_places_item(places, spot->table, item) : NULL;
}

static apl_place place_at(lua_State *L, const apl_spot *spot, const apl_site_entry *entry, bool is_key) {
	if (entry == NULL) return spot->place;
	return apl_places_at(places_of(L, spot->file), is_key ? entry->key_at : entry->value_at);
}

static apl_spot spot_at(lua_State *L, const apl_spot *spot, const apl_site_entry *entry) {
	apl_spot inner = {spot->file, APL_NO_SITE, spot->place};
	if (entry == NULL) return inner;
	const apl_places *places = places_of(L, spot->file);
	inner.table = apl_places_table_of(places, entry);
	inner.place = apl_places_at(places, inner.table != APL_NO_SITE ? places->tables[inner.table].at : entry->value_at);
	return inner;
}

apl_spot apl_lua_spot_of_key(lua_State *L, const apl_spot *spot, const char *key) {
	return spot_at(L, spot, entry_of_key(L, spot, key));
}

apl_spot apl_lua_spot_of_item(lua_State *L, const apl_spot *spot, uint64_t item) {
	return spot_at(L, spot, entry_of_item(L, spot, item));
}

apl_place apl_lua_place_of_key(lua_State *L, const apl_spot *spot, const char *key) {
	return place_at(L, spot, entry_of_key(L, spot, key), true);
}

apl_place apl_lua_place_of_value(lua_State *L, const apl_spot *spot, const char *key) {
	return place_at(L, spot, entry_of_key(L, spot, key), false);
}

apl_place apl_lua_place_of_item(lua_State *L, const apl_spot *spot, uint64_t item) {
	return place_at(L, spot, entry_of_item(L, spot, item), false);
}

/* ---- texts ------------------------------------------------------------------------------------- */

apl_text_place apl_lua_place_of_text(lua_State *L, const apl_spot *spot, const char *key, uint64_t item) {
	const apl_site_entry *entry = key != NULL ? entry_of_key(L, spot, key) : entry_of_item(L, spot, item);
	apl_text_place text = {.file = spot->file, .place = place_at(L, spot, entry, false)};
	const apl_places *places = places_of(L, spot->file);
	if (entry != NULL && !apl_places_text(places, entry, &text.at, &text.is_plain)) text.is_plain = false;
	return text;
}

/* Where the place's character begins in the file's text; the file's size when there is none. */
static size_t offset_of(const apl_lua_file *file, apl_place place) {
	size_t at = 0;
	for (uint32_t line = 1; line < place.line && at < file->size; at++) line += file->text[at] == '\n';
	/* Columns count characters. */
	for (uint32_t column = 1; column < place.column && at < file->size; column++) do
			at++;
		while (at < file->size && ((unsigned char)file->text[at] & 0xC0) == 0x80);
	return at;
}

apl_text_place apl_lua_text_at(lua_State *L, apl_place place, const char *text, size_t size) {
	const apl_lua *host = apl_lua_of(L);
	apl_text_place result = {.place = place};
	uint32_t number = 0;
	while (number < host->n_files && host->files[number].shown != place.file) number++;
	if (number == host->n_files || place.line == 0 || place.column == 0) return result;
	const apl_lua_file *file = &host->files[number];
	size_t at = offset_of(file, place);
	if (at >= file->size || size + 2 > file->size - at || (file->text[at] != '"' && file->text[at] != '\'')) return result;
	if (memcmp(file->text + at + 1, text, size) != 0 || file->text[at + 1 + size] != file->text[at]) return result;
	result.file = number;
	result.at = (uint32_t)at + 1;
	result.is_plain = true;
	return result;
}

apl_place apl_lua_place_in_text(lua_State *L, const apl_text_place *text, size_t offset) {
	const apl_places *places = places_of(L, text->file);
	if (places == NULL || !text->is_plain) return text->place;
	return apl_places_at(places, text->at + (uint32_t)offset);
}
