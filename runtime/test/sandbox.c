/* SPDX-License-Identifier: MIT */
/*
 * Decides what a file of tests may use of Lua, and how much. Tests are programs
 * of the playbook's author, run on their own machine: they are kept from the
 * world so that they give the same answer everywhere, and within bounds so that
 * none of them hangs.
 */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

enum { HOOK_EVERY = 1000, MOST_PRINTED = 1 << 20, MOST_SOURCE = 64 << 20 };
#define USUAL_INSTRUCTIONS UINT64_C(100000000)
#define USUAL_MEMORY ((size_t)256 << 20)

/* ---- bounds ------------------------------------------------------------- */

void *apl_test_lua_alloc(void *payload, void *block, size_t old_size, size_t new_size) {
	apl_test_file *file = payload;
	/* Of a new block Lua tells its kind in place of a size. */
	if (block == NULL) old_size = 0;
	size_t most = file->options.memory > 0 ? file->options.memory : USUAL_MEMORY;
	if (new_size > old_size && new_size - old_size > most - file->held) return NULL;
	if (new_size == 0) {
		free(block);
	} else {
		block = realloc(block, new_size);
		if (block == NULL) return NULL;
	}
	file->held = file->held - old_size + new_size;
	return new_size == 0 ? NULL : block;
}

/* A test that catches the error meets it again at once: the hook then comes at every instruction. */
static void count_instructions(lua_State *L, lua_Debug *about) {
	(void)about;
	apl_test_file *file = apl_test_file_of(L);
	if (file->instructions_left > HOOK_EVERY) {
		file->instructions_left -= HOOK_EVERY;
		return;
	}
	file->instructions_left = 0;
	lua_sethook(L, count_instructions, LUA_MASKCOUNT, 1);
	apl_test_raise(L, "test-limit", "more Lua instructions than the %llu that a test may take; is there a loop without an end?",
	    (unsigned long long)(file->options.instructions > 0 ? file->options.instructions : USUAL_INSTRUCTIONS));
}

void apl_test_begin_budget(apl_test_file *file) {
	file->instructions_left = file->options.instructions > 0 ? file->options.instructions : USUAL_INSTRUCTIONS;
	lua_sethook(file->L, count_instructions, LUA_MASKCOUNT, HOOK_EVERY);
}

/* ---- print -------------------------------------------------------------- */

/* What a test prints belongs to its result. */
static int print(lua_State *L) {
	apl_test_text *out = &apl_test_file_of(L)->world.printed;
	int count = lua_gettop(L);
	for (int i = 1; i <= count; i++) {
		size_t size;
		const char *text = luaL_tolstring(L, i, &size);
		if (out->size + size > MOST_PRINTED) return apl_test_raise(L, "test-limit", "a test prints at most 1 MiB");
		if (i > 1) apl_test_text_put(out, "\t");
		apl_test_text_add(out, text, size);
		lua_pop(L, 1);
	}
	apl_test_text_put(out, "\n");
	return out->failed ? apl_test_no_memory(L) : 0;
}

/* ---- modules beside the file -------------------------------------------- */

bool apl_test_read_file(apl_test_text *text, const char *path, size_t most) {
	FILE *in = fopen(path, "rb");
	if (in == NULL) return false;
	char bytes[8192];
	for (size_t got; text->size <= most && (got = fread(bytes, 1, sizeof bytes, in)) > 0;) apl_test_text_add(text, bytes, got);
	bool read = ferror(in) == 0 && text->size <= most && !text->failed;
	fclose(in);
	return read;
}

/* "@path", which Lua then tells as the place of errors. */
static int load_text(lua_State *L, const char *path, const apl_test_text *text) {
	const char *bytes = apl_test_text_of(text);
	size_t size = text->size;
	if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) bytes += 3, size -= 3;
	if (size > 0 && bytes[0] == '#') {
		/* The line that tells a system how to run a file; its newline stays, for the numbers. */
		const char *newline = memchr(bytes, '\n', size);
		size_t skipped = newline != NULL ? (size_t)(newline - bytes) : size;
		bytes += skipped;
		size -= skipped;
	}
	lua_pushfstring(L, "@%s", path);
	int status = luaL_loadbufferx(L, bytes, size, lua_tostring(L, -1), "t");
	lua_remove(L, -2);
	return status;
}

/* [path] below the file's folder; true: its chunk, or what is wrong with it, is on the stack. */
static bool load_beside(lua_State *L, apl_test_file *file, const char *name, int *status) {
	apl_test_text *path = &file->path_text;
	apl_test_text_cut(path, 0);
	apl_test_text_format(path, "%s%s.lua", file->folder, name);
	apl_test_text_cut(&file->json, 0);
	if (path->failed) apl_test_no_memory(L);
	if (!apl_test_read_file(&file->json, path->bytes, MOST_SOURCE)) return false;
	*status = load_text(L, path->bytes, &file->json);
	return true;
}

static bool is_module_name(const char *name, size_t size) {
	return size > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == size;
}

/* require "helpers": helpers.lua beside the file of tests, once. Upvalue: what was loaded. */
static int require(lua_State *L) {
	size_t size;
	const char *name = luaL_checklstring(L, 1, &size);
	lua_settop(L, 1);
	if (!is_module_name(name, size))
		return apl_test_raise(
		    L, "test-module", "require takes the name of a file beside the tests, without .lua: small letters, digits, \"_\" and \"-\"");
	lua_pushvalue(L, 1);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
	apl_test_file *file = apl_test_file_of(L);
	int status;
	if (!load_beside(L, file, name, &status))
		return apl_test_raise(L, "test-module", "there is no %s that can be read", apl_test_text_of(&file->path_text));
	if (status != LUA_OK) return apl_test_raise(L, "test-lua", "%s", lua_tostring(L, -1));
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 1);
	}
	lua_pushvalue(L, 1);
	lua_pushvalue(L, -2);
	lua_rawset(L, lua_upvalueindex(1));
	return 1;
}

bool apl_test_load_file(apl_test_file *file, const char *path, int *code) {
	apl_test_text text = {0};
	*code = APLOMB_EIO;
	if (!apl_test_read_file(&text, path, MOST_SOURCE)) {
		apl_test_text_dispose(&text);
		return false;
	}
	*code = text.failed ? APLOMB_ENOMEM : APLOMB_OK;
	bool loaded = !text.failed && load_text(file->L, path, &text) == LUA_OK;
	apl_test_text_dispose(&text);
	if (!loaded && *code == APLOMB_OK) *code = APLOMB_EPLAYBOOK;
	return loaded;
}

/* ---- Lua's library ------------------------------------------------------ */

/* In the order of its keys, for Lua's own order is another on every run: numbers, then texts, then the rest. */
static const char ORDERED_PAIRS[] = "local next, type, sort, setmetatable = next, type, table.sort, setmetatable\n"
                                    "local rank = setmetatable({ number = 1, string = 2 }, { __index = function() return 3 end })\n"
                                    "return function(t)\n"
                                    "  if type(t) ~= 'table' then error('pairs wants a table, and this is ' .. type(t), 2) end\n"
                                    "  local keys, n = {}, 0\n"
                                    "  for key in next, t do n = n + 1 keys[n] = key end\n"
                                    "  sort(keys, function(a, b)\n"
                                    "    local x, y = rank[type(a)], rank[type(b)]\n"
                                    "    if x ~= y then return x < y end\n"
                                    "    return x < 3 and a < b\n"
                                    "  end)\n"
                                    "  local i = 0\n"
                                    "  return function() i = i + 1 if i <= n then return keys[i], t[keys[i]] end end\n"
                                    "end\n";

static const char PAIRS;

void apl_test_pairs(lua_State *L, int index) {
	lua_pushvalue(L, index);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &PAIRS);
	lua_insert(L, -2);
	lua_call(L, 1, 1);
}

bool apl_test_next(lua_State *L) {
	lua_pushvalue(L, -1);
	lua_call(L, 0, 2);
	if (!lua_isnil(L, -2)) return true;
	lua_pop(L, 3);
	return false;
}

/* What is Lua's own. */
static const char *const KEPT[] = {"assert", "error", "ipairs", "math", "next", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select",
    "setmetatable", "string", "table", "tonumber", "tostring", "type", "utf8", "xpcall", NULL};
/* What has another's place. */
static const char *const OURS[] = {"pairs", "print", "require", NULL};

static const char *nth(const char *(*names)(size_t), size_t *n) {
	size_t count = 0;
	while (names(count) != NULL) {
		if (count == *n) return names(count);
		count++;
	}
	*n -= count;
	return NULL;
}

static const char *kept_name(size_t n) {
	return KEPT[n];
}

static const char *our_name(size_t n) {
	return OURS[n];
}

const char *apl_test_word(size_t n) {
	static const char *(*const sets[])(size_t) = {apl_test_word_name, apl_test_matcher_name, our_name, kept_name};
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		const char *name = nth(sets[i], &n);
		if (name != NULL) return name;
	}
	return NULL;
}

static void take_over(lua_State *L, const char *const *names) {
	for (; *names != NULL; names++) {
		lua_getglobal(L, *names);
		lua_setfield(L, -2, *names);
	}
}

static int unknown_global(lua_State *L) {
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	const char *names[64];
	size_t count = 0;
	for (lua_pushnil(L); count < 64 && lua_next(L, 1) != 0; lua_pop(L, 1))
		if (lua_type(L, -2) == LUA_TSTRING) names[count++] = lua_tostring(L, -2);
	const char *nearest = aplomb_nearest(name, names, count);
	if (nearest == NULL)
		return apl_test_raise(L, "test-word", "\"%.80s\" is no word of tests, no library and no local variable here", name);
	return apl_test_raise(
	    L, "test-word", "\"%.80s\" is no word of tests, no library and no local variable here; did you mean \"%s\"?", name, nearest);
}

static int new_global(lua_State *L) {
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	return apl_test_raise(
	    L, "test-global", "\"%.80s\" would be a global variable, which every test could see; write \"local %.80s = …\"", name, name);
}

/* A library without the members that the world would come in by. */
static void without(lua_State *L, const char *library, const char *member) {
	lua_getglobal(L, library);
	lua_pushnil(L);
	lua_setfield(L, -2, member);
	lua_pop(L, 1);
}

void apl_test_open_lua(lua_State *L) {
	static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base}, {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
	    {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8}};
	for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_pop(L, 1);
	}
	without(L, "string", "dump");
	lua_createtable(L, 0, 64); /* the globals to be */
	take_over(L, KEPT);
	if (luaL_loadbufferx(L, ORDERED_PAIRS, sizeof ORDERED_PAIRS - 1, "=pairs", "t") != LUA_OK) lua_error(L);
	lua_call(L, 0, 1);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &PAIRS);
	lua_setfield(L, -2, "pairs");
	lua_pushcfunction(L, print);
	lua_setfield(L, -2, "print");
	lua_newtable(L);
	lua_pushcclosure(L, require, 1);
	lua_setfield(L, -2, "require");
	/* What stays of Lua's own globals is reached by nobody. */
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	apl_test_open_words(L);
	apl_test_open_matchers(L);
	lua_pushglobaltable(L);
	lua_createtable(L, 0, 3);
	lua_pushcfunction(L, unknown_global);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, new_global);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}
