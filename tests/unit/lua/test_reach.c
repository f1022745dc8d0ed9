/* SPDX-License-Identifier: MIT */
/* docs/sandbox.md has a row for every name that a handler can reach, and names nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "book.h"
#include "lua/words.h"

/* The names in the first column of the page's tables, each between spaces. */
static char listed[16384];

static void read_page(void) {
	size_t size;
	char *page = read_whole("docs/sandbox.md", &size);
	assert_non_null(page);
	strcpy(listed, " ");
	for (char *line = strtok(page, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		if (strncmp(line, "| `", 3) != 0) continue;
		char *cell_end = strstr(line, "` |");
		assert_non_null(cell_end);
		for (char *at = line + 2; at <= cell_end;) {
			size_t length = strcspn(at + 1, "`");
			assert_true(strlen(listed) + length + 2 < sizeof listed);
			strncat(listed, at + 1, length);
			strcat(listed, " ");
			at += length + 2;
			at += *at == ' ';
		}
	}
	free(page);
}

/* Is the name on the page? Takes it out there. */
static bool take_listed(const char *name) {
	char between[256];
	snprintf(between, sizeof between, " %s ", name);
	char *at = strstr(listed, between);
	if (at == NULL) return false;
	memmove(at, at + strlen(between) - 1, strlen(at + strlen(between) - 1) + 1);
	return true;
}

/* Behind the lock, or the metatable of the case: what can be read through the table at the top, in its place. */
static void see_behind(lua_State *L) {
	assert_true(lua_getmetatable(L, -1));
	lua_getfield(L, -1, "__index");
	assert_int_equal(lua_type(L, -1), LUA_TTABLE);
	lua_replace(L, -3);
	lua_pop(L, 1);
}

static bool is_word(const char *name) {
	for (size_t i = 0; i < APL_WORDS; i++) {
		if (strcmp(apl_words[i].name, name) == 0) return true;
	}
	return strcmp(name, "define") == 0 || strcmp(name, "described") == 0 || strcmp(name, "uses") == 0;
}

/* Every name of the table at the top; tables within once more. */
static size_t check_table(lua_State *L, const char *prefix) {
	size_t missing = 0;
	for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
		char name[128];
		snprintf(name, sizeof name, "%s%s", prefix, lua_tostring(L, -2));
		if (prefix[0] == '\0' && is_word(name)) continue;
		if (prefix[0] == '\0' && lua_type(L, -1) == LUA_TTABLE) {
			lua_pushvalue(L, -1);
			see_behind(L);
			strcat(name, ".");
			missing += check_table(L, name);
			lua_pop(L, 1);
		} else if (!take_listed(name)) {
			print_error("%s can be reached, and docs/sandbox.md does not say what bounds it\n", name);
			missing++;
		}
	}
	return missing;
}

static void every_name_has_its_row_and_every_row_its_name(void **state) {
	(void)state;
	book b = {0};
	read_page();
	book_open(&b, "return playbook 'p' { event 'go' {}, state 's' {} }", NULL);
	apl_lua *host = b.program->self;
	lua_State *L = host->L;
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_GLOBALS);
	see_behind(L);
	size_t wrong = check_table(L, "");
	lua_settop(L, APL_AT_TOP);
	lua_pushvalue(L, APL_AT_CASE);
	see_behind(L);
	wrong += check_table(L, "case.");
	lua_settop(L, APL_AT_TOP);
	for (size_t i = 0; i < apl_n_case_members; i++) {
		char name[64];
		snprintf(name, sizeof name, "case.%s", apl_case_members[i].name);
		/* Those that stand in the table were met already. */
		lua_pushvalue(L, APL_AT_CASE);
		see_behind(L);
		lua_pushstring(L, apl_case_members[i].name);
		bool was_met = lua_rawget(L, -2) != LUA_TNIL;
		lua_settop(L, APL_AT_TOP);
		if (was_met || take_listed(name)) continue;
		print_error("%s can be read, and docs/sandbox.md does not say what bounds it\n", name);
		wrong++;
	}
	if (strspn(listed, " ") != strlen(listed)) fail_msg("docs/sandbox.md names what is not there:%s", listed);
	assert_int_equal(wrong, 0);
	book_close(&b);
}

/* Texts lead to the library and nowhere else. */
static void texts_have_the_librarys_functions_alone(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, "return playbook 'p' { event 'go' {}, state 's' {} }", NULL);
	lua_State *L = ((apl_lua *)b.program->self)->L;
	lua_pushliteral(L, "");
	assert_true(lua_getmetatable(L, -1));
	size_t count = 0;
	for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
		const char *event = lua_tostring(L, -2);
		assert_true(strcmp(event, "__index") == 0 || strcmp(event, "__call") == 0);
		count++;
	}
	assert_int_equal(count, 2);
	lua_settop(L, APL_AT_TOP);
	book_close(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_name_has_its_row_and_every_row_its_name),
	    cmocka_unit_test(texts_have_the_librarys_functions_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
