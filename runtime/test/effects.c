/* SPDX-License-Identifier: MIT */
/*
 * Decides when the effects of a case are those that a test expects: all of
 * them and in order, some of them in order, or none of a kind.
 */
#include <lauxlib.h>
#include <string.h>

#include "test/inside.h"

/* ---- what is expected ---------------------------------------------------- */

/* Is the table one effect, { "say", text = "…" }, and not a list of them? */
static bool is_one(lua_State *L, int index) {
	for (lua_pushnil(L); lua_next(L, index) != 0;) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING) continue;
		lua_pop(L, 1);
		return true;
	}
	return false;
}

/* The value on top as a list of effects, in its place. */
static void as_list(lua_State *L) {
	int index = lua_gettop(L);
	bool is_table = lua_istable(L, index);
	if (!is_table && lua_type(L, index) != LUA_TSTRING)
		apl_test_raise(L, "test-value", "effects are expected as kinds, or as { \"kind\", field = … }, in a list");
	if (is_table && !is_one(L, index)) return;
	lua_createtable(L, 1, 0);
	lua_insert(L, index);
	lua_rawseti(L, index, 1);
}

/* The n-th of the list at [list]: pushes its kind and a table of what its data and reason are to be. */
static const char *push_effect(lua_State *L, const apl_test_look *look, int list, lua_Integer n) {
	const apl_test_names *kinds = &look->file->world.group->effects;
	if (lua_rawgeti(L, list, n) == LUA_TTABLE) {
		lua_rawgeti(L, -1, 1);
	} else {
		lua_pushvalue(L, -1);
		lua_newtable(L);
		lua_replace(L, -3);
	}
	if (lua_type(L, -1) != LUA_TSTRING) apl_test_raise(L, "test-value", "an effect is expected as its kind, or as { \"kind\", field = … }");
	lua_insert(L, -2);
	const char *kind = lua_tostring(L, -2);
	char hint[160];
	if (!apl_test_names_have(kinds, kind))
		apl_test_raise(
		    L, "test-word", "the playbook declares no effect \"%.80s\"%s", kind, apl_test_nearest(kinds, kind, hint, sizeof hint));
	/* Without the kind itself: the members that are left are fields. */
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, -3) != 0;) {
		if (lua_type(L, -2) != LUA_TSTRING) {
			lua_pop(L, 1);
			continue;
		}
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_settable(L, -4);
	}
	lua_remove(L, -2);
	return kind;
}

/* ---- one effect ---------------------------------------------------------- */

/* Is the item the effect that push_effect left on the stack? The kind is the same already. */
static bool is_it(lua_State *L, aplomb_value item, apl_test_text *why) {
	int fields = lua_gettop(L);
	/* `because` is the reason, unless the effect has a field of that name. */
	aplomb_value data = aplomb_value_get(item, "data");
	bool is_so = true;
	if (aplomb_value_kind(aplomb_value_get(data, "because")) == APLOMB_ABSENT && lua_getfield(L, fields, "because") != LUA_TNIL) {
		is_so = apl_test_matches(L, -1, aplomb_value_get(item, "because"), NULL);
		if (!is_so && why != NULL) {
			apl_test_text_put(why, "because: expected ");
			apl_test_show_lua(L, why, -1);
			apl_test_text_put(why, ", found ");
			apl_test_show_json(why, aplomb_value_get(item, "because"));
		}
		lua_pushnil(L);
		lua_setfield(L, fields, "because");
	}
	lua_settop(L, fields);
	return is_so && apl_test_matches(L, fields, data, why);
}

/* ---- told ----------------------------------------------------------------- */

static void tell_found(const apl_test_look *look, apl_test_text *out) {
	apl_test_text_cut(out, 0);
	apl_test_cursor cursor = {0};
	for (aplomb_value item; aplomb_value_kind(item = apl_test_next_item(look, &cursor, "effect")) != APLOMB_ABSENT;) {
		if (out->size > 0) apl_test_text_put(out, "; ");
		const char *kind = apl_test_text_in(item, "kind");
		aplomb_value data = aplomb_value_get(item, "data");
		apl_test_text_put(out, kind != NULL ? kind : "?");
		if (aplomb_value_count(data) == 0) continue;
		apl_test_text_put(out, " ");
		apl_test_show_json(out, data);
	}
	if (out->size == 0) apl_test_text_put(out, "none");
}

static void tell_expected(lua_State *L, const apl_test_look *look, int list, apl_test_text *out) {
	apl_test_text_cut(out, 0);
	for (lua_Integer n = 1, count = (lua_Integer)lua_rawlen(L, list); n <= count; n++) {
		int top = lua_gettop(L);
		if (n > 1) apl_test_text_put(out, "; ");
		apl_test_text_put(out, push_effect(L, look, list, n));
		lua_pushnil(L);
		if (lua_next(L, -2) != 0) {
			lua_pop(L, 2);
			apl_test_text_put(out, " ");
			apl_test_show_lua(L, out, -1);
		}
		lua_settop(L, top);
	}
	if (out->size == 0) apl_test_text_put(out, "none");
}

static void differ(lua_State *L, const apl_test_look *look, int list, const char *about) {
	apl_test_file *file = look->file;
	tell_expected(L, look, list, &file->expected);
	tell_found(look, &file->found);
	if (file->expected.failed || file->found.failed || file->hint.failed) apl_test_no_memory(L);
	apl_test_differ(L, about, file->expected.bytes, file->found.bytes, file->hint.size > 0 ? file->hint.bytes : NULL);
}

/* ---- expectations --------------------------------------------------------- */

static void name_part(apl_test_text *hint, lua_Integer n, lua_Integer count, const char *kind) {
	if (count > 1) apl_test_text_format(hint, "effect %lld, ", (long long)n);
	apl_test_text_format(hint, "%s: ", kind);
}

void apl_test_expect_effects(lua_State *L, const apl_test_look *look) {
	as_list(L);
	int list = lua_gettop(L);
	apl_test_text *hint = &look->file->hint;
	apl_test_text_cut(hint, 0);
	apl_test_cursor cursor = {0};
	bool is_so = true;
	for (lua_Integer n = 1, count = (lua_Integer)lua_rawlen(L, list); n <= count && is_so; n++) {
		const char *kind = push_effect(L, look, list, n);
		aplomb_value item = apl_test_next_item(look, &cursor, "effect");
		is_so = apl_test_same(apl_test_text_in(item, "kind"), kind);
		if (is_so) {
			name_part(hint, n, count, kind);
			size_t named = hint->size;
			is_so = is_it(L, item, hint);
			if (hint->size == named) apl_test_text_cut(hint, 0);
		} else {
			const char *other = apl_test_text_in(item, "kind");
			apl_test_text_format(
			    hint, "effect %lld is %s, and %s was expected there", (long long)n, other != NULL ? other : "missing", kind);
		}
		lua_settop(L, list);
	}
	if (is_so) {
		aplomb_value more = apl_test_next_item(look, &cursor, "effect");
		is_so = aplomb_value_kind(more) == APLOMB_ABSENT;
		const char *kind = apl_test_text_in(more, "kind");
		if (!is_so && lua_rawlen(L, list) > 0) apl_test_text_format(hint, "%s was not expected behind them", kind != NULL ? kind : "?");
	}
	if (!is_so) differ(L, look, list, "effects");
}

/* The nearest miss of an effect that was not found: one of its kind, and where it parts. */
static void tell_near_miss(lua_State *L, const apl_test_look *look, const char *kind) {
	apl_test_text *hint = &look->file->hint;
	apl_test_cursor cursor = {0};
	for (aplomb_value item; aplomb_value_kind(item = apl_test_next_item(look, &cursor, "effect")) != APLOMB_ABSENT;) {
		if (!apl_test_same(apl_test_text_in(item, "kind"), kind)) continue;
		apl_test_text_format(hint, "the nearest %s: ", kind);
		size_t named = hint->size;
		is_it(L, item, hint);
		if (hint->size == named) apl_test_text_put(hint, "it came before the others that were expected");
		return;
	}
	apl_test_text_format(hint, "there is no %s", kind);
}

void apl_test_expect_some_effects(lua_State *L, const apl_test_look *look) {
	as_list(L);
	int list = lua_gettop(L);
	apl_test_text_cut(&look->file->hint, 0);
	apl_test_cursor cursor = {0};
	bool is_so = true;
	for (lua_Integer n = 1, count = (lua_Integer)lua_rawlen(L, list); n <= count && is_so; n++) {
		const char *kind = push_effect(L, look, list, n);
		int fields = lua_gettop(L);
		is_so = false;
		for (aplomb_value item; !is_so && aplomb_value_kind(item = apl_test_next_item(look, &cursor, "effect")) != APLOMB_ABSENT;) {
			if (!apl_test_same(apl_test_text_in(item, "kind"), kind)) continue;
			/* Looking at one takes its reason out of what is expected. */
			lua_settop(L, fields - 2);
			push_effect(L, look, list, n);
			is_so = is_it(L, item, NULL);
		}
		if (!is_so) {
			lua_settop(L, fields - 2);
			push_effect(L, look, list, n);
			tell_near_miss(L, look, kind);
		}
		lua_settop(L, list);
	}
	if (!is_so) differ(L, look, list, "effects_include");
}

void apl_test_expect_no_effect(lua_State *L, const apl_test_look *look) {
	as_list(L);
	int list = lua_gettop(L);
	apl_test_text *hint = &look->file->hint;
	apl_test_text_cut(hint, 0);
	for (lua_Integer n = 1, count = (lua_Integer)lua_rawlen(L, list); n <= count && hint->size == 0; n++) {
		const char *kind = push_effect(L, look, list, n);
		int fields = lua_gettop(L);
		apl_test_cursor cursor = {0};
		for (aplomb_value item;
		     aplomb_value_kind(item = apl_test_next_item(look, &cursor, "effect")) != APLOMB_ABSENT && hint->size == 0;) {
			if (!apl_test_same(apl_test_text_in(item, "kind"), kind)) continue;
			lua_settop(L, fields - 2);
			push_effect(L, look, list, n);
			if (is_it(L, item, NULL)) apl_test_text_format(hint, "there is a %s", kind);
		}
		lua_settop(L, list);
	}
	if (hint->size > 0) differ(L, look, list, "no_effect");
}
