/* SPDX-License-Identifier: MIT */
/*
 * Decides how the register of words is told to those who show it: in which
 * order, of which kind each word is, what its bits are called. What a word is
 * and takes stands in words.c; what there is of Lua's library the sandbox says,
 * which is opened for it; what the modules that come with Aplomb define, a playbook
 * that requires them all.
 */

#include "lua/vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "lua/define.h"
#include "lua/files.h"
#include "lua/host.h"
#include "lua/load.h"
#include "lua/words.h"

enum { MOST_FIELDS = 16, MOST_TAKES = 96 };

typedef struct telling {
	void (*tell)(const aplomb_word *word, void *payload);
	void *payload;
} telling;

/* The names of what a field takes; out of [room] bytes at [out]. */
static const char *takes_text(uint32_t takes, char *out, size_t room) {
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{APL_TAKES_TEXT, "text"}, {APL_TAKES_TEXTS, "texts"}, {APL_TAKES_BOOLEAN, "boolean"}, {APL_TAKES_NUMBER, "number"},
	    {APL_TAKES_FUNCTION, "function"}, {APL_TAKES_ACTIONS, "actions"}, {APL_TAKES_TYPES, "types"}, {APL_TAKES_TYPE, "type"},
	    {APL_TAKES_START, "start"}, {APL_TAKES_TABLE, "table"}, {APL_TAKES_FROM, "from"}, {APL_TAKES_OUTCOMES, "outcomes"},
	    {APL_TAKES_MODULES, "modules"}, {APL_TAKES_KINDS, "kinds"}, {APL_TAKES_VALUES, "values"}, {APL_TAKES_STEPS, "steps"},
	    {APL_TAKES_WARNINGS, "warnings"}};
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if ((takes & names[i].bit) != 0) used += (size_t)snprintf(out + used, room - used, "%s%s", used > 0 ? " " : "", names[i].name);
		takes &= ~names[i].bit;
	}
	APL_ASSERT(takes == 0 && used < room); /* a new bit needs its name here */
	return out;
}

/* What stands in the chart and has no counterpart in SCXML declares something; what stands nowhere is a value. */
static aplomb_word_kind kind_of(uint32_t number) {
	const apl_word *word = &apl_words[number];
	if (word->is_type) return APLOMB_WORD_TYPE;
	if (number == APL_WORD_GROUP || (word->places == 0 && number != APL_WORD_PLAYBOOK)) return APLOMB_WORD_VALUE;
	return word->scxml[0] == '\0' ? APLOMB_WORD_DECLARATION : APLOMB_WORD_CHART;
}

static void tell_word(uint32_t number, const telling *to) {
	static const char *const shapes[] = {[APL_SHAPE_NAMED] = "named",
	    [APL_SHAPE_TABLE] = "table",
	    [APL_SHAPE_ACTIONS] = "actions",
	    [APL_SHAPE_PATH] = "path",
	    [APL_SHAPE_PHRASE] = "phrase"};
	static const char *const items[] = {
	    [APL_ITEMS_NONE] = "", [APL_ITEMS_CHILDREN] = "children", [APL_ITEMS_CANDIDATES] = "candidates", [APL_ITEMS_TEXTS] = "texts"};
	const apl_word *word = &apl_words[number];
	const char *places[APL_WORDS];
	aplomb_word_field fields[MOST_FIELDS];
	char takes[MOST_FIELDS + 1][MOST_TAKES];
	aplomb_word told = {.size = sizeof told,
	    .kind = kind_of(number),
	    .name = word->name,
	    .form = word->form,
	    .sentence = word->sentence,
	    .scxml = word->scxml,
	    .shape = shapes[word->shape],
	    .items = items[word->items],
	    .has_members = word->has_members,
	    .places = places,
	    .fields = fields,
	    .n_fields = word->n_fields};
	APL_ASSERT(word->n_fields <= MOST_FIELDS);
	told.named_by = takes_text(word->names, takes[MOST_FIELDS], MOST_TAKES);
	for (uint32_t i = 0; i < APL_WORDS; i++)
		if ((word->places & APL_WORD_BIT(i)) != 0) places[told.n_places++] = apl_words[i].name;
	for (uint32_t i = 0; i < word->n_fields; i++) {
		const apl_word_field *field = &word->fields[i];
		fields[i] = (aplomb_word_field){
		    sizeof fields[i], field->name, takes_text(field->takes, takes[i], MOST_TAKES), field->is_required, field->sentence};
	}
	to->tell(&told, to->payload);
}

static void tell_member(aplomb_word_kind kind, const char *name, const char *form, const char *sentence, const telling *to) {
	aplomb_word told = {.size = sizeof told,
	    .kind = kind,
	    .name = name,
	    .form = form,
	    .sentence = sentence,
	    .scxml = "",
	    .shape = "",
	    .named_by = "",
	    .items = ""};
	to->tell(&told, to->payload);
}

/* `case:effect` out of `case:effect("kind", …)`: what stands before the first character that no name has. */
static void tell_members(const apl_member *members, size_t count, const telling *to) {
	for (size_t i = 0; i < count; i++) {
		char name[64];
		size_t owner = strcspn(members[i].form, ".:");
		snprintf(name, sizeof name, "%.*s%s", (int)owner + 1, members[i].form, members[i].name);
		tell_member(APLOMB_WORD_CASE, name, members[i].form, members[i].sentence, to);
	}
}

/* ---- what the sandbox holds --------------------------------------------------------------- */

/* Pushes the table that the locked one at [index] reads through to. raises */
static void push_behind(lua_State *L, int index) {
	int has_metatable = lua_getmetatable(L, index);
	APL_ASSERT(has_metatable != 0);
	lua_pushliteral(L, "__index");
	lua_rawget(L, -2);
	lua_remove(L, -2);
	APL_ASSERT(lua_istable(L, -1));
}

/* The functions and values of the locked table at [index], and of the tables in it, as Lua's own. raises */
static void tell_table(lua_State *L, int index, const char *prefix, const telling *to) {
	push_behind(L, index);
	int real = lua_gettop(L);
	apl_lua_push_keys(L, real);
	int keys = lua_gettop(L);
	for (lua_Integer i = 1; lua_rawgeti(L, keys, i) != LUA_TNIL; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s%s", prefix, lua_tostring(L, -1));
		lua_rawget(L, real);
		if (lua_istable(L, -1)) {
			char inner[64];
			snprintf(inner, sizeof inner, "%.60s.", name);
			tell_table(L, lua_gettop(L), inner, to);
		} else if (apl_lua_to_word(L, -1) < 0) {
			tell_member(APLOMB_WORD_LIBRARY, name, name, "", to);
		}
		lua_settop(L, keys);
	}
	lua_settop(L, real - 1);
}

/* (the telling) → nothing. A C function. */
static int tell_library(lua_State *L) {
	const telling *to = lua_touserdata(L, 1);
	for (int i = APL_REGISTRY_GLOBALS; i <= APL_REGISTRY_FUNCTIONS; i++) {
		lua_createtable(L, 0, 0);
		lua_rawseti(L, LUA_REGISTRYINDEX, i);
	}
	apl_lua_sandbox(L);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	tell_table(L, lua_gettop(L), "", to);
	return 0;
}

/* ---- what modules define --------------------------------------------------------------------- */

/* The kinds of a field or of items, as the module wrote them, terminated. Where they begin in [texts]. */
static size_t add_kinds(apl_buf *texts, const apl_module_kind *kinds, uint32_t count) {
	size_t begin = texts->size;
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0) apl_buf_byte(texts, ' ');
		apl_buf_text(texts, kinds[i].name);
	}
	apl_buf_byte(texts, '\0');
	return begin;
}

/* `aplomb.talk` for the file aplomb/talk.lua. */
static const char *module_of(const apl_lua *host, const char *shown, char *out, size_t room) {
	out[0] = '\0';
	for (uint32_t i = 0; i < host->n_files; i++)
		if (host->files[i].shown == shown) snprintf(out, room, "%s", host->files[i].name);
	size_t size = strlen(out);
	if (size > 4 && strcmp(out + size - 4, ".lua") == 0) out[size - 4] = '\0';
	for (char *at = out; *at != '\0'; at++)
		if (*at == '/') *at = '.';
	return out;
}

static int tell_module_word(const apl_lua *host, const apl_module_word *word, const telling *to, aplomb_error *error) {
	char module[128];
	bool has_table = word->n_fields > 0 || word->n_items > 0;
	apl_buf texts; /* modules may take as much as they like */
	apl_buf_init(&texts, &host->alloc);
	size_t items = add_kinds(&texts, word->items, word->n_items);
	for (uint32_t i = 0; i < word->n_fields; i++) add_kinds(&texts, word->fields[i].kinds, word->fields[i].n_kinds);
	aplomb_word_field *fields = apl_new(&host->alloc, (word->n_fields + 1) * sizeof *fields);
	int code = fields == NULL || texts.failed ? apl_fail_memory(error) : APLOMB_OK;
	if (code == APLOMB_OK) {
		const char *takes = texts.bytes + items + strlen(texts.bytes + items) + 1;
		for (uint32_t i = 0; i < word->n_fields; i++, takes += strlen(takes) + 1) {
			const apl_module_field *field = &word->fields[i];
			fields[i] = (aplomb_word_field){sizeof *fields, field->name, takes, field->is_required, field->sentence};
		}
		aplomb_word told = {.size = sizeof told,
		    .kind = APLOMB_WORD_MODULE,
		    .name = word->name,
		    .form = word->form,
		    .sentence = word->sentence,
		    .scxml = "",
		    .shape = !has_table && word->is_named ? "path"
		             : word->is_named             ? "named"
		                                          : "table",
		    .named_by = word->is_named ? "text" : "",
		    .items = texts.bytes + items,
		    .fields = fields,
		    .n_fields = word->n_fields};
		told.module = module_of(host, word->place.file, module, sizeof module);
		to->tell(&told, to->payload);
	}
	if (fields != NULL) apl_free(&host->alloc, fields, (word->n_fields + 1) * sizeof *fields);
	apl_buf_dispose(&texts);
	return code;
}

int apl_lua_program_words(
    const apl_program *program, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error) {
	if (program->ops != &apl_lua_ops) return APLOMB_OK;
	const apl_lua *host = program->self;
	telling to = {tell, payload};
	uint32_t count;
	const apl_module_word *words = apl_lua_module_words(host, &count);
	int code = APLOMB_OK;
	for (uint32_t i = 0; i < count && code == APLOMB_OK; i++) code = tell_module_word(host, &words[i], &to, error);
	return code;
}

/* The modules that come with Aplomb, as a playbook that requires them has them. */
static int tell_library_modules(const apl_alloc *alloc, const telling *to, aplomb_error *error) {
	apl_buf source;
	apl_findings findings;
	apl_program *program;
	apl_buf_init(&source, alloc);
	apl_findings_init(&findings, alloc);
	for (size_t i = 0; i < apl_library_count; i++) {
		size_t size = strlen(apl_library[i].name) - strlen(".lua");
		APL_BUF_LITERAL(&source, "require \"");
		for (size_t at = 0; at < size; at++) apl_buf_byte(&source, apl_library[i].name[at] == '/' ? '.' : apl_library[i].name[at]);
		APL_BUF_LITERAL(&source, "\"\n");
	}
	APL_BUF_LITERAL(&source, "return playbook \"words\" { state \"open\" {} }");
	apl_lua_options options = {.path = "words.lua", .source = source.bytes, .source_size = source.size};
	int code = source.failed ? apl_fail_memory(error) : apl_lua_load(&program, alloc, &options, &findings, error);
	if (code == APLOMB_OK) {
		code = apl_lua_program_words(program, to->tell, to->payload, error);
		program->ops->free(program->self);
	}
	apl_findings_dispose(&findings);
	apl_buf_dispose(&source);
	return code;
}

int apl_lua_vocabulary(const apl_alloc *alloc, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error) {
	telling to = {tell, payload};
	apl_lua *host;
	int code = apl_lua_host_new(&host, alloc, NULL, error);
	if (code != APLOMB_OK) return code;
	for (int kind = APLOMB_WORD_CHART; kind <= APLOMB_WORD_VALUE; kind++)
		for (uint32_t i = 0; i < APL_WORDS; i++)
			if (kind_of(i) == (aplomb_word_kind)kind) tell_word(i, &to);
	if (apl_library_count > 0) code = tell_library_modules(alloc, &to, error);
	if (code != APLOMB_OK) {
		apl_lua_host_free(host);
		return code;
	}
	tell_members(apl_case_members, apl_n_case_members, &to);
	tell_members(apl_event_members, apl_n_event_members, &to);
	lua_pushcfunction(host->L, tell_library);
	lua_pushlightuserdata(host->L, &to);
	if (apl_lua_call(host, 1, false, (apl_place){NULL, 0, 0}) != APL_LUA_DONE) code = apl_fail_memory(error);
	apl_lua_host_free(host);
	return code;
}
