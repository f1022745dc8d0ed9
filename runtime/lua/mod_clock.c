/* SPDX-License-Identifier: MIT */
/*
 * Decides what case:clock("resolve") offers: what the clock shows now, and that
 * actions may move its target or let it begin anew. Time is told as fields of
 * that type are: clock time in microseconds, business time as text.
 */

#include "lua/host.h"

#include <string.h>

#include <lauxlib.h>

#include "engine/clocks.h"
#include "lua/apart.h"
#include "lua/purity.h"
#include "time/instant.h"
#include "time/shown.h"

static const char METATABLE[] = "clock";

static const char *const fields[] = {"elapsed", "left", "target", "deadline", "is_running", "is_breached", "move", "restart"};

static uint32_t check_clock(lua_State *L, const char *method) {
	const uint32_t *number = lua_type(L, 1) == LUA_TUSERDATA ? luaL_testudata(L, 1, METATABLE) : NULL;
	if (number == NULL) apl_lua_refuse(L, "wrong-type", "%s is called with a colon: case:clock(\"…\"):%s(…)", method, method);
	if (apl_lua_of(L)->turn == NULL) apl_lua_refuse(L, "outside-turn", "a clock works only while a case is handled");
	return *number;
}

static uint32_t check_moving(lua_State *L, const char *method) {
	const uint32_t number = check_clock(L, method);
	if (apl_lua_of(L)->phase != APL_LUA_BLOCK) apl_lua_refuse_touch(L, "case:clock(\"…\"):%s is to be called", method);
	return number;
}

static const char *check_because(lua_State *L, int index, const char *method, size_t *size) {
	if (lua_type(L, index) != LUA_TSTRING)
		apl_lua_refuse(L, "missing-because", "clock: %s needs a reason for people: the last argument is because, found %s", method,
		    apl_lua_kind_name(L, index));
	return lua_tolstring(L, index, size);
}

/* The member of the table at 2, at the top; false: it is not there. */
static bool has_member(lua_State *L, const char *name) {
	lua_pushstring(L, name);
	return lua_rawget(L, 2) != LUA_TNIL;
}

static void read_move(lua_State *L, apl_clock_move *move) {
	static const char form[] = "clock: move takes a span, { by = span } or { to = instant }, and says why";
	apl_lua_see_through(L, 2);
	if (!apl_lua_is_plain_table(L, 2)) {
		lua_pushvalue(L, 2);
		move->way = APL_CLOCK_TARGET_IS;
		move->span = apl_lua_check_span(L, "clock: move: the target", &move->unit);
		return;
	}
	apl_lua_push_keys(L, 2);
	if (lua_rawlen(L, -1) != 1) apl_lua_refuse(L, "wrong-type", "%s", form);
	if (has_member(L, "by")) {
		move->way = APL_CLOCK_MORE;
		move->span = apl_lua_check_span(L, "clock: move: by", &move->unit);
	} else if (has_member(L, "to")) {
		move->way = APL_CLOCK_UNTIL;
		move->until = apl_lua_check_instant(L, "clock: move: to");
	} else {
		apl_lua_refuse(L, "unknown-field", "%s", form);
	}
}

/* clock:move("4h", because), clock:move({ by = "1h" }, because), clock:move({ to = instant }, because) */
static int clock_move(lua_State *L) {
	const uint32_t number = check_moving(L, "move");
	apl_clock_move move = {0};
	aplomb_error error = {0};
	lua_settop(L, 3);
	move.because = check_because(L, 3, "move", &move.because_size);
	read_move(L, &move);
	if (apl_turn_clock_move(apl_lua_of(L)->turn, number, &move, &error) != APLOMB_OK) return apl_lua_raise(L, &error);
	return 0;
}

/* clock:restart(because) */
static int clock_restart(lua_State *L) {
	const uint32_t number = check_moving(L, "restart");
	aplomb_error error = {0};
	size_t size;
	lua_settop(L, 2);
	const char *because = check_because(L, 2, "restart", &size);
	if (apl_turn_clock_restart(apl_lua_of(L)->turn, number, because, size, &error) != APLOMB_OK) return apl_lua_raise(L, &error);
	return 0;
}

static void push_span(lua_State *L, aplomb_span span, apl_span_unit unit) {
	char text[APL_SPAN_TEXT];
	if (unit == APL_SPAN_CLOCK)
		lua_pushinteger(L, span);
	else
		lua_pushlstring(L, text, apl_span_write_in(span, unit, text));
}

static void push_counted(lua_State *L, aplomb_span span, apl_span_unit unit, bool up) {
	apl_clock_in_people_time(span, up, &unit, &span);
	push_span(L, span, unit);
}

static int refuse_field(lua_State *L) {
	char hint[128], shown[APL_SHOWN];
	size_t size;
	if (lua_type(L, 2) != LUA_TSTRING)
		return apl_lua_refuse(L, "unknown-field", "a clock has names, and %s is none", apl_lua_kind_name(L, 2));
	const char *key = lua_tolstring(L, 2, &size);
	apl_nearest nearest = apl_nearest_to(key, size);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) apl_nearest_try(&nearest, fields[i]);
	return apl_lua_refuse(
	    L, "unknown-field", "a clock has no field \"%s\"%s", apl_shown(key, size, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* Somebody wants to know why: the value at the top is what the field came to. */
static void look_at(lua_State *L, uint32_t number, const char *key) {
	const char *name = apl_lua_of(L)->program.chart->clocks[number].name;
	char text[APL_INSTANT_TEXT];
	const bool is_instant = strcmp(key, "deadline") == 0;
	switch (lua_type(L, -1)) {
	case LUA_TBOOLEAN: apl_lua_looked_at_clock(L, name, key, lua_toboolean(L, -1) ? "true" : "false"); return;
	case LUA_TSTRING: apl_lua_looked_at_clock(L, name, key, lua_tostring(L, -1)); return;
	case LUA_TNUMBER:
		if (is_instant)
			apl_instant_write(lua_tointeger(L, -1), text);
		else
			apl_span_write(lua_tointeger(L, -1), text);
		apl_lua_looked_at_clock(L, name, key, text);
		return;
	default: apl_lua_looked_at_clock(L, name, key, NULL); return;
	}
}

static int clock_index(lua_State *L) {
	const uint32_t number = check_clock(L, "a field");
	apl_lua *host = apl_lua_of(L);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	size_t field = 0;
	while (field < sizeof fields / sizeof *fields && strcmp(fields[field], key) != 0) field++;
	apl_clock_view view;
	apl_clock_look(host->turn->the_case, number, host->turn->now, &view);
	lua_pushnil(L);
	switch (field) {
	case 0:
		if (view.has_begun) push_counted(L, view.elapsed, view.unit, false);
		break;
	case 1:
		if (view.has_begun) push_counted(L, view.left, view.unit, true);
		break;
	case 2:
		if (view.has_target) push_span(L, view.span, view.unit);
		break;
	case 3:
		if (view.has_deadline) lua_pushinteger(L, view.deadline);
		break;
	case 4: lua_pushboolean(L, view.runs); break;
	case 5: lua_pushboolean(L, view.is_breached); break;
	case 6: lua_pushcfunction(L, clock_move); break;
	case 7: lua_pushcfunction(L, clock_restart); break;
	default: return refuse_field(L);
	}
	if (__builtin_expect(host->apart != NULL, 0) && field < 6) look_at(L, number, key);
	return 1;
}

static int clock_newindex(lua_State *L) {
	return apl_lua_refuse(L, "locked", "a clock is not written to; an action moves it: clock:move(target, because)");
}

int apl_lua_push_clock(lua_State *L, const char *name, size_t size) {
	const apl_chart *chart = apl_lua_of(L)->program.chart;
	const uint32_t number = apl_chart_clock(chart, name, size);
	if (number == APL_NONE) {
		char hint[128], shown[APL_SHOWN];
		apl_nearest nearest = apl_nearest_to(name, size);
		for (uint32_t i = 0; i < chart->n_clocks; i++) apl_nearest_try(&nearest, chart->clocks[i].name);
		return apl_lua_refuse(L, "unknown-clock", "case:clock: there is no clock \"%s\"%s", apl_shown(name, size, shown),
		    apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	uint32_t *clock = lua_newuserdatauv(L, sizeof *clock, 0);
	*clock = number;
	luaL_setmetatable(L, METATABLE);
	return 1;
}

void apl_lua_open_clocks(lua_State *L) {
	luaL_newmetatable(L, METATABLE);
	lua_pushcfunction(L, clock_index);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, clock_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_pop(L, 1);
}
