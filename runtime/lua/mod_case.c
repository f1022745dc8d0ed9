/* SPDX-License-Identifier: MIT */
/*
 * Decides what `case` offers: what the case knows, questions about itself, and
 * what may be asked for. The table that a playbook sees is empty; reading goes
 * through its metatable to a hidden table of what never changes, and from there
 * to a function for what does.
 */

#include "lua/apart.h"
#include "lua/origin.h"
#include "lua/phrases.h"
#include "lua/purity.h"

#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "engine/calendars.h"
#include "time/instant.h"
#include "time/shown.h"

/* The case was called with a colon, while there is one. */
static apl_lua *begin(lua_State *L, const char *method) {
	apl_lua *host = apl_lua_of(L);
	if (lua_topointer(L, 1) != host->case_pointer || lua_type(L, 1) != LUA_TTABLE)
		apl_lua_refuse(L, "wrong-type", "%s is called with a colon: case:%s(…)", method, method);
	if (host->turn == NULL) apl_lua_refuse(L, "outside-turn", "case:%s works only while a case is handled", method);
	return host;
}

/* For what changes something. */
static apl_lua *begin_asking(lua_State *L, const char *method) {
	apl_lua *host = begin(L, method);
	if (host->phase != APL_LUA_BLOCK) apl_lua_refuse_touch(L, "case:%s is to be called", method);
	return host;
}

static const char *check_text(lua_State *L, int index, size_t *size, const char *method, const char *what) {
	if (lua_type(L, index) != LUA_TSTRING)
		apl_lua_refuse(L, "wrong-type", "case:%s: %s must be text, found %s", method, what, apl_lua_kind_name(L, index));
	const char *text = lua_tolstring(L, index, size);
	if (apl_utf8_valid(text, *size) != *size || memchr(text, '\0', *size) != NULL)
		apl_lua_refuse(L, "wrong-text", "case:%s: %s is not valid UTF-8, or has a zero byte in it", method, what);
	return text;
}

static void check_code(lua_State *L, int code, const aplomb_error *error) {
	if (code != APLOMB_OK) apl_lua_raise(L, error);
}

/* ---- values ---------------------------------------------------------------------------- */

/* case:value(v): what `from` or `phrase` stands for now; anything else is its own value. */
static int case_value(lua_State *L) {
	begin(L, "value");
	lua_settop(L, 2);
	apl_lua_push_referred(L, 2);
	return 1;
}

/* case:phrase("id", {…}): what the phrase says now. */
static int case_phrase(lua_State *L) {
	begin(L, "phrase");
	size_t size;
	lua_settop(L, 3);
	check_text(L, 2, &size, "phrase", "the id");
	if (!lua_isnil(L, 3) && !apl_lua_is_plain_table(L, 3))
		return apl_lua_refuse(
		    L, "wrong-type", "case:phrase: the arguments are a table of names and values, found %s", apl_lua_kind_name(L, 3));
	apl_lua_say_phrase(L, 2, lua_isnil(L, 3) ? 0 : 3);
	return 1;
}

/* case:phrases { tag = "apology" }: the ids of those that have it. */
static int case_phrases(lua_State *L) {
	begin(L, "phrases");
	lua_settop(L, 2);
	if (!lua_isnil(L, 2) && !apl_lua_is_plain_table(L, 2))
		return apl_lua_refuse(
		    L, "wrong-type", "case:phrases is asked with a table: case:phrases { tag = \"apology\" }, found %s", apl_lua_kind_name(L, 2));
	apl_lua_push_phrases(L, lua_isnil(L, 2) ? 0 : 2);
	return 1;
}

/* ---- questions ------------------------------------------------------------------------ */

static int case_is_in(lua_State *L) {
	apl_lua *host = begin(L, "is_in");
	aplomb_error error;
	size_t size;
	bool answer;
	const char *path = check_text(L, 2, &size, "is_in", "the path");
	check_code(L, apl_turn_is_in(host->turn, path, size, &answer, &error), &error);
	lua_pushboolean(L, answer);
	if (__builtin_expect(host->apart != NULL, 0)) apl_lua_looked_at_state(L, path, answer);
	return 1;
}

static int case_time_in(lua_State *L) {
	apl_lua *host = begin(L, "time_in");
	aplomb_error error;
	size_t size, how_size;
	aplomb_span answer;
	const char *path = check_text(L, 2, &size, "time_in", "the path");
	const char *how = lua_isnoneornil(L, 3) ? "stay" : check_text(L, 3, &how_size, "time_in", "the second argument");
	bool total = strcmp(how, "total") == 0;
	if (!total && strcmp(how, "stay") != 0)
		return apl_lua_refuse(L, "not-a-choice", "case:time_in: \"stay\" or \"total\" was expected, found \"%.40s\"", how);
	if (!host->program.asks_time_in)
		return apl_lua_refuse(
		    L, "no-time-in", "the times of states are kept only when time_in stands in the playbook by its name: case:time_in(…)");
	check_code(L, apl_turn_time_in(host->turn, path, size, total, &answer, &error), &error);
	lua_pushinteger(L, answer);
	if (__builtin_expect(host->apart != NULL, 0)) apl_lua_looked_at_time(L, path, total, answer);
	return 1;
}

static int case_count(lua_State *L) {
	apl_lua *host = begin(L, "count");
	aplomb_error error;
	size_t size;
	int64_t answer;
	const char *name = check_text(L, 2, &size, "count", "the counter's name");
	check_code(L, apl_turn_count(host->turn, name, size, &answer, &error), &error);
	lua_pushinteger(L, answer);
	if (__builtin_expect(host->apart != NULL, 0)) apl_lua_looked_at_count(L, name, answer);
	return 1;
}

static int case_clock(lua_State *L) {
	begin(L, "clock");
	size_t size;
	const char *name = check_text(L, 2, &size, "clock", "the clock's name");
	return apl_lua_push_clock(L, name, size);
}

/* ---- events ------------------------------------------------------------------------------ */

/* The record that an event carries, from the table at [index]; NULL: it carries nothing. */
static uint64_t *event_data(lua_State *L, const char *name, size_t size, int index) {
	apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = NULL;
	aplomb_error error;
	char what[96];
	check_code(L, apl_turn_event_schema(host->turn, name, size, &schema, &error), &error);
	/* The name is one that is declared, so it is short and harmless. */
	snprintf(what, sizeof what, "event \"%.80s\"", name);
	if (schema != NULL) return apl_lua_fill_record(L, schema, what, index);
	if (!lua_isnoneornil(L, index)) apl_lua_refuse(L, "unknown-field", "%s carries no data", what);
	return NULL;
}

static int case_raise(lua_State *L) {
	apl_lua *host = begin_asking(L, "raise");
	aplomb_error error;
	size_t size, id_size;
	lua_settop(L, 4);
	const char *name = check_text(L, 2, &size, "raise", "the event's name");
	const char *id = lua_isnil(L, 4) ? NULL : check_text(L, 4, &id_size, "raise", "the id");
	uint64_t *words = event_data(L, name, size, 3);
	/* The text is Lua's; the event outlives this call. */
	if (id != NULL && (id = apl_arena_text(host->turn->arena, id, id_size)) == NULL) return apl_lua_raise_memory(L);
	check_code(L, apl_turn_raise_as(host->turn, name, size, words, id, &error), &error);
	return 0;
}

aplomb_span apl_lua_check_span(lua_State *L, const char *what, apl_span_unit *unit) {
	if (apl_lua_push_referred(L, -1)) lua_remove(L, -2);
	*unit = APL_SPAN_CLOCK;
	aplomb_error error;
	aplomb_span span = 0;
	size_t size;
	if (lua_type(L, -1) == LUA_TNUMBER && lua_isinteger(L, -1)) {
		span = lua_tointeger(L, -1);
		if (span < 0) apl_lua_refuse(L, "span", "%s: a span is not negative", what);
		return span;
	}
	if (lua_type(L, -1) != LUA_TSTRING)
		apl_lua_refuse(L, "wrong-type", "%s must be a span, \"10m\" or microseconds, found %s", what, apl_lua_kind_name(L, -1));
	const char *text = lua_tolstring(L, -1, &size);
	if (apl_span_read_any(text, size, &span, unit, &error) != APLOMB_OK) apl_lua_refuse(L, error.slug, "%s: %s", what, error.message);
	return span;
}

/* How long the span at the top is from now on, by the clock. [calendar]: the name that stands beside it, or NULL. */
static aplomb_span clock_span(lua_State *L, const char *what, const char *calendar) {
	apl_lua *host = apl_lua_of(L);
	apl_span_unit unit;
	aplomb_span span = apl_lua_check_span(L, what, &unit);
	if (unit == APL_SPAN_CLOCK) return span;
	const apl_program *program = &host->program;
	uint32_t number = program->calendar;
	aplomb_error error;
	if (calendar != NULL) {
		char hint[128], shown[APL_SHOWN];
		apl_nearest nearest = apl_nearest_to(calendar, strlen(calendar));
		for (number = 0; number < program->n_calendars && strcmp(program->calendars[number].name, calendar) != 0; number++)
			apl_nearest_try(&nearest, program->calendars[number].name);
		if (number == program->n_calendars)
			apl_lua_refuse(L, "unknown-calendar", "%s: there is no calendar \"%s\"%s", what, apl_shown(calendar, strlen(calendar), shown),
			    apl_nearest_hint(&nearest, hint, sizeof hint));
	} else if (program->calendar_handler != APL_NO_HANDLER) {
		if (apl_lua_calendar_of_field(host, &host->handlers[program->calendar_handler], &number) != APL_PORT_FALSE)
			apl_lua_refuse(L, host->error.slug, "%s: %s", what, host->error.message);
	}
	if (number == APL_NONE)
		apl_lua_refuse(
		    L, "no-calendar", "%s: this is business time, and no calendar is in scope; say which counts it: calendar = \"…\"", what);
	aplomb_instant over;
	if (apl_span_over(host->turn->the_case, host->turn->now, span, unit, apl_calendar_newest(host->turn->the_case, number), &over,
	        &error) != APLOMB_OK)
		apl_lua_refuse(L, error.slug, "%s: %s", what, error.message);
	return over - host->turn->now;
}

aplomb_instant apl_lua_check_instant(lua_State *L, const char *what) {
	if (apl_lua_push_referred(L, -1)) lua_remove(L, -2);
	aplomb_error error;
	aplomb_instant at = 0;
	size_t size;
	if (lua_type(L, -1) == LUA_TNUMBER && lua_isinteger(L, -1)) {
		at = lua_tointeger(L, -1);
		if (at < APL_INSTANT_MIN || at > APL_INSTANT_MAX)
			apl_lua_refuse(L, "instant", "%s: %lld microseconds since 1970 lie outside of the years 1 to 9999", what, (long long)at);
		return at;
	}
	if (lua_type(L, -1) != LUA_TSTRING)
		apl_lua_refuse(L, "wrong-type", "%s must be an instant, \"2026-12-24T18:00:00Z\" or microseconds since 1970, found %s", what,
		    apl_lua_kind_name(L, -1));
	const char *text = lua_tolstring(L, -1, &size);
	if (apl_instant_read(text, size, &at, &error) != APLOMB_OK) apl_lua_refuse(L, error.slug, "%s: %s", what, error.message);
	return at;
}

/* The table's member: pushed, or nil; when it is there and [size] is not NULL it must be text. */
static const char *member(lua_State *L, const char *name, size_t *size) {
	lua_pushstring(L, name);
	if (lua_rawget(L, 2) == LUA_TNIL || size == NULL) return NULL;
	return check_text(L, -1, size, "send", name);
}

static void refuse_other_members(lua_State *L) {
	static const char *const names[] = {"event", "data", "to", "after", "id", "calendar", "overdue"};
	apl_lua_push_keys(L, 2);
	for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
		apl_lua_push_as_text(L, lua_gettop(L));
		const char *key = lua_tostring(L, -1);
		char hint[128];
		apl_nearest nearest = apl_nearest_to(key, strlen(key));
		bool is_known = false;
		for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
			is_known = is_known || strcmp(key, names[n]) == 0;
			apl_nearest_try(&nearest, names[n]);
		}
		if (!is_known)
			apl_lua_refuse(L, "unknown-field", "case:send has no field \"%.60s\"%s", key, apl_nearest_hint(&nearest, hint, sizeof hint));
		lua_pop(L, 2);
	}
	lua_pop(L, 2);
}

static int case_send(lua_State *L) {
	apl_lua *host = begin_asking(L, "send");
	aplomb_error error;
	apl_send send = {0};
	apl_lua_see_through(L, 2);
	if (!apl_lua_is_plain_table(L, 2))
		return apl_lua_refuse(L, "wrong-type", "case:send takes a table: case:send { event = \"…\", after = \"2h\" }");
	lua_settop(L, 2);
	refuse_other_members(L);
	send.event = member(L, "event", &send.event_size);
	if (send.event == NULL) return apl_lua_refuse(L, "missing-field", "case:send needs the field \"event\"");
	send.to = member(L, "to", &send.to_size);
	send.id = member(L, "id", &send.id_size);
	size_t calendar_size;
	const char *calendar = member(L, "calendar", &calendar_size);
	size_t overdue_size;
	const char *overdue = member(L, "overdue", &overdue_size);
	if (overdue != NULL && strcmp(overdue, apl_overdue_name(APL_OVERDUE_SKIP)) == 0)
		send.overdue = APL_OVERDUE_SKIP;
	else if (overdue != NULL && strcmp(overdue, apl_overdue_name(APL_OVERDUE_FIRE)) != 0)
		return apl_lua_refuse(L, "not-a-choice", "case:send: overdue is \"fire\" or \"skip\", found \"%.40s\"", overdue);
	member(L, "after", NULL);
	if (!lua_isnil(L, -1)) send.after = clock_span(L, "case:send: after", calendar);
	member(L, "data", NULL);
	send.words = event_data(L, send.event, send.event_size, lua_gettop(L));
	check_code(L, apl_turn_send(host->turn, &send, &error), &error);
	return 0;
}

/* case:fail("error.communication", "why", "id of the send"): as the runtime says of its own failures. */
static int case_fail(lua_State *L) {
	apl_lua *host = begin_asking(L, "fail");
	size_t size, why_size, id_size;
	lua_settop(L, 4);
	const char *name = check_text(L, 2, &size, "fail", "the event's name");
	const char *why = check_text(L, 3, &why_size, "fail", "the reason");
	const char *id = lua_isnil(L, 4) ? NULL : check_text(L, 4, &id_size, "fail", "the id");
	const bool is_communication = strcmp(name, "error.communication") == 0;
	if (!is_communication && strcmp(name, "error.execution") != 0)
		return apl_lua_refuse(
		    L, "not-a-choice", "case:fail: \"error.execution\" or \"error.communication\" was expected, found \"%.40s\"", name);
	if (is_communication) {
		aplomb_error error = {0};
		apl_place place = apl_lua_place(L, 1);
		apl_fail_at(&error, APLOMB_EPLAYBOOK, "not-reached", place, "%s", why);
		apl_origin_error(host, &error);
		apl_turn_send_failed(host->turn, &error, true, id);
		return 0;
	}
	host->failed_send = id != NULL ? apl_text_in(host->turn->arena, id, id_size) : NULL;
	if (id != NULL && host->failed_send == NULL) return apl_lua_raise_memory(L);
	return apl_lua_refuse(L, "not-done", "%s", why);
}

static int case_cancel(lua_State *L) {
	apl_lua *host = begin_asking(L, "cancel");
	aplomb_error error;
	size_t size;
	const char *id = check_text(L, 2, &size, "cancel", "the id");
	check_code(L, apl_turn_cancel(host->turn, id, size, &error), &error);
	return 0;
}

/* ---- effects and lines ------------------------------------------------------------------------ */

/* What may stand behind the fields: { because = "…" }, of a question also { id = "…" }. */
typedef struct aside {
	const char *because, *id;
	size_t id_size;
} aside;

static const char *text_behind(lua_State *L, int index, const char *method, const char *name, size_t *size) {
	lua_pushstring(L, name);
	lua_rawget(L, index);
	return lua_isnil(L, -1) ? NULL : check_text(L, -1, size, method, name); /* { because = reason }, and there may be none */
}

static aside read_about(lua_State *L, int index, const char *method, bool is_question) {
	aside result = {0};
	size_t size;
	if (lua_isnoneornil(L, index)) return result;
	const char *form = is_question ? "{ id = \"…\", because = \"…\" }" : "{ because = \"…\" }";
	apl_lua_see_through(L, index);
	if (!apl_lua_is_plain_table(L, index))
		apl_lua_refuse(L, "wrong-type", "case:%s: behind the fields stands %s, found %s", method, form, apl_lua_kind_name(L, index));
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		lua_pop(L, 1);
		const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
		if (strcmp(key, "because") != 0 && !(is_question && strcmp(key, "id") == 0))
			apl_lua_refuse(L, "unknown-field", "case:%s: behind the fields stands %s and nothing else", method, form);
	}
	result.because = text_behind(L, index, method, "because", &size);
	if (is_question) result.id = text_behind(L, index, method, "id", &result.id_size);
	return result;
}

/* The declared kind of that name. */
static uint32_t find_kind(lua_State *L, const char *name, size_t size) {
	const apl_program *program = &apl_lua_of(L)->program;
	uint32_t kind = apl_program_effect(program, name, size);
	if (kind != APL_NONE) return kind;
	char hint[128];
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < program->n_effects; i++) apl_nearest_try(&nearest, program->effects[i].name);
	apl_lua_refuse(L, "unknown-effect", "effect \"%.80s\" is not declared%s", name, apl_nearest_hint(&nearest, hint, sizeof hint));
	return APL_NONE;
}

static int case_effect(lua_State *L) {
	apl_lua *host = begin_asking(L, "effect");
	aplomb_error error;
	size_t size;
	lua_settop(L, 4);
	const char *name = check_text(L, 2, &size, "effect", "the kind");
	uint32_t kind = find_kind(L, name, size);
	const aside about = read_about(L, 4, "effect", false);
	char text[128];
	snprintf(text, sizeof text, "effect \"%.80s\"", name);
	uint64_t *words = apl_lua_fill_record(L, host->program.effects[kind].schema, text, 3);
	check_code(L, apl_turn_effect(host->turn, kind, words, about.because, &error), &error);
	return 0;
}

/* The timeout of the question whose fields stand at [index]; the table there becomes one without it. */
static aplomb_span take_timeout(lua_State *L, int index, const apl_effect_kind *kind) {
	static const char missing[] =
	    "case:ask: \"%.80s\" needs a timeout, the span after which nobody has answered: case:ask(\"…\", { …, timeout = \"10s\" })";
	if (apl_schema_member(kind->schema, 0, "timeout", strlen("timeout")) != APL_NO_FIELD)
		apl_lua_refuse(L, "reserved-field",
		    "effect \"%.80s\" has a field \"timeout\" of its own, so case:ask cannot ask for it; call the field otherwise", kind->name);
	if (lua_isnoneornil(L, index)) apl_lua_refuse(L, "missing-field", missing, kind->name);
	apl_lua_see_through(L, index);
	if (!apl_lua_is_plain_table(L, index))
		apl_lua_refuse(L, "wrong-type", "case:ask: the fields and the timeout stand in a table, found %s", apl_lua_kind_name(L, index));
	lua_pushliteral(L, "timeout");
	if (lua_rawget(L, index) == LUA_TNIL) apl_lua_refuse(L, "missing-field", missing, kind->name);
	aplomb_span timeout = clock_span(L, "case:ask: timeout", NULL);
	lua_createtable(L, 0, 8);
	int rest = lua_gettop(L);
	for (lua_pushnil(L); lua_next(L, index) != 0;) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, rest);
	}
	lua_pushliteral(L, "timeout");
	lua_pushnil(L);
	lua_rawset(L, rest);
	lua_pushvalue(L, rest);
	lua_replace(L, index);
	return timeout;
}

static int case_ask(lua_State *L) {
	apl_lua *host = begin_asking(L, "ask");
	aplomb_error error;
	size_t size;
	lua_settop(L, 4);
	const char *name = check_text(L, 2, &size, "ask", "the kind");
	uint32_t kind = find_kind(L, name, size);
	const aside about = read_about(L, 4, "ask", true);
	char text[128];
	apl_ask ask = {.kind = kind,
	    .because = about.because,
	    .id = about.id != NULL ? about.id : name,
	    .id_size = about.id != NULL ? about.id_size : size,
	    .timeout = take_timeout(L, 3, &host->program.effects[kind])};
	snprintf(text, sizeof text, "effect \"%.80s\"", name);
	ask.words = apl_lua_fill_record(L, host->program.effects[kind].schema, text, 3);
	check_code(L, apl_turn_ask(host->turn, &ask, &error), &error);
	return 0;
}

static int case_log(lua_State *L) {
	static const struct {
		const char *name;
		aplomb_level level;
	} levels[] = {{"error", APLOMB_LOG_ERROR}, {"warn", APLOMB_LOG_WARN}, {"info", APLOMB_LOG_INFO}, {"debug", APLOMB_LOG_DEBUG}};
	apl_lua *host = begin_asking(L, "log");
	aplomb_error error;
	size_t level_size, size;
	aplomb_level level = APLOMB_LOG_OFF;
	const char *name = check_text(L, 2, &level_size, "log", "the level");
	const char *message = check_text(L, 3, &size, "log", "the message");
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (strcmp(levels[i].name, name) == 0) level = levels[i].level;
	}
	if (level == APLOMB_LOG_OFF)
		return apl_lua_refuse(
		    L, "not-a-choice", "case:log: \"debug\", \"info\", \"warn\" or \"error\" was expected, found \"%.40s\"", name);
	const apl_text *fields = NULL;
	if (!lua_isnoneornil(L, 4)) {
		apl_lua_see_through(L, 4);
		if (lua_type(L, 4) != LUA_TLIGHTUSERDATA && !apl_lua_is_plain_table(L, 4))
			return apl_lua_refuse(L, "wrong-type", "case:log: the fields must be a table, found %s", apl_lua_kind_name(L, 4));
		apl_lua_write_json(L, 4, "case:log", NULL, 0, false);
		if (host->json.bytes[0] != '{')
			return apl_lua_refuse(L, "wrong-type", "case:log: the fields must have names, but the table is a list");
		fields = apl_text_in(host->turn->arena, host->json.bytes, host->json.size);
		if (fields == NULL) return apl_lua_raise_memory(L);
	}
	check_code(L, apl_turn_log(host->turn, level, message, size, fields, &error), &error);
	return 0;
}

/* ---- who is there ------------------------------------------------------------------------------ */

/* The rota that is named first; refuses one that there is not. */
static const apl_rota *find_rota(lua_State *L, const apl_lua *host, const char *call) {
	char shown[APL_SHOWN], hint[128];
	size_t size;
	const char *name = check_text(L, 2, &size, call, "the rota");
	const apl_program *program = host->turn->program;
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < program->n_rotas; i++) {
		if (strcmp(program->rotas[i].name, name) == 0) {
			apl_lua_charge(L, apl_rota_size(program->rotas[i].rota));
			return program->rotas[i].rota;
		}
		apl_nearest_try(&nearest, program->rotas[i].name);
	}
	apl_lua_refuse(L, "unknown-rota", "case:%s: there is no rota \"%s\"%s", call, apl_shown(name, size, shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
	return NULL;
}

static int case_on_duty(lua_State *L) {
	apl_lua *host = begin(L, "on_duty");
	const apl_rota *rota = find_rota(L, host, "on_duty");
	size_t size;
	if (lua_isnoneornil(L, 3)) {
		lua_pushstring(L, apl_rota_who(rota, host->turn->now));
		return 1;
	}
	if (strcmp(check_text(L, 3, &size, "on_duty", "the second argument"), "next") != 0)
		return apl_lua_refuse(L, "not-a-choice", "case:on_duty: \"next\" was expected, found \"%.40s\"", lua_tostring(L, 3));
	apl_rota_duty duty;
	aplomb_instant at;
	uint64_t looks = 0;
	apl_rota_duty_at(rota, host->turn->now, &duty);
	bool is_there = duty.until < INT64_MAX && apl_rota_next_counted(rota, duty.until, &at, &looks);
	apl_lua_charge(L, apl_rota_size(rota) * UINT64_C(4) + looks);
	lua_pushstring(L, is_there ? apl_rota_who(rota, at) : NULL);
	return 1;
}

static int case_next_duty(lua_State *L) {
	apl_lua *host = begin(L, "next_duty");
	const apl_rota *rota = find_rota(L, host, "next_duty");
	aplomb_instant at;
	uint64_t looks;
	bool is_there = apl_rota_next_counted(rota, host->turn->now, &at, &looks);
	apl_lua_charge(L, looks);
	if (is_there)
		lua_pushinteger(L, at);
	else
		lua_pushnil(L);
	return 1;
}

static int case_is_open(lua_State *L) {
	char shown[APL_SHOWN], hint[128];
	apl_lua *host = begin(L, "is_open");
	size_t size;
	const char *name = check_text(L, 2, &size, "is_open", "the calendar");
	const apl_program *program = host->turn->program;
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < program->n_calendars; i++) {
		/* Of a bundle from before calendars counted there are no hours: business time is the clock's there. */
		if (strcmp(program->calendars[i].name, name) == 0) {
			const apl_case *c = host->turn->the_case;
			const apl_calendar *calendar = apl_case_calendar(c, apl_calendar_newest(c, i));
			lua_pushboolean(L, calendar == NULL || apl_calendar_is_open(calendar, host->turn->now));
			return 1;
		}
		apl_nearest_try(&nearest, program->calendars[i].name);
	}
	return apl_lua_refuse(L, "unknown-calendar", "case:is_open: there is no calendar \"%s\"%s", apl_shown(name, size, shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* ---- what the case knows ------------------------------------------------------------------------ */

/* Called with (hidden table, key): what is not the same for all cases. */
static int case_index(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	size_t size;
	if (lua_type(L, 2) != LUA_TSTRING) return apl_lua_refuse(L, "unknown-field", "case has names, and %s is none", apl_lua_kind_name(L, 2));
	const char *key = lua_tolstring(L, 2, &size);
	bool is_known = false;
	for (size_t i = 0; i < apl_n_case_members; i++) is_known = is_known || strcmp(apl_case_members[i].name, key) == 0;
	if (!is_known) {
		char hint[128];
		apl_nearest nearest = apl_nearest_to(key, size);
		for (size_t i = 0; i < apl_n_case_members; i++) apl_nearest_try(&nearest, apl_case_members[i].name);
		return apl_lua_refuse(L, "unknown-field", "case has no field \"%.80s\"%s", key, apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	if (host->turn == NULL) return apl_lua_refuse(L, "outside-turn", "case.%s is there only while a case is handled", key);
	const apl_case *c = host->turn->the_case;
	if (strcmp(key, "now") == 0)
		lua_pushinteger(L, host->turn->now);
	else if (strcmp(key, "id") == 0)
		lua_pushlstring(L, apl_case_id(c), c->id_size);
	else if (strcmp(key, "subject") == 0)
		lua_pushstring(L, apl_case_subject(c));
	else if (strcmp(key, "opened_at") == 0)
		lua_pushinteger(L, c->opened_at);
	else if (strcmp(key, "locale") == 0)
		lua_pushstring(L, apl_case_locale(c));
	else if (strcmp(key, "parent") == 0)
		lua_pushstring(L, apl_case_parent(c));
	else if (strcmp(key, "history") == 0 && apl_case_subject_history(c) != NULL)
		apl_lua_push_copy(L, apl_case_subject_history(c));
	else
		lua_pushnil(L);
	return 1;
}

static int case_newindex(lua_State *L) {
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	return apl_lua_refuse(L, "locked", "case.%.80s cannot be set; what a case remembers stands in case.data", key);
}

void apl_lua_open_case(lua_State *L) {
	static const apl_lua_entry methods[] = {{"ask", case_ask}, {"cancel", case_cancel}, {"clock", case_clock}, {"count", case_count},
	    {"effect", case_effect}, {"fail", case_fail}, {"is_in", case_is_in}, {"is_open", case_is_open}, {"log", case_log},
	    {"next_duty", case_next_duty}, {"on_duty", case_on_duty}, {"phrase", case_phrase}, {"phrases", case_phrases}, {"raise", case_raise},
	    {"send", case_send}, {"time_in", case_time_in}, {"value", case_value}};
	apl_lua *host = apl_lua_of(L);
	apl_lua_open_clocks(L);
	lua_createtable(L, 0, 0); /* case */
	host->case_pointer = lua_topointer(L, -1);
	lua_createtable(L, 0, 2);  /* case meta */
	lua_createtable(L, 0, 16); /* case meta hidden */
	APL_LUA_PUT(L, methods);
	lua_pushlightuserdata(L, apl_lua_proxy(0, host->data_node));
	lua_setfield(L, -2, "data");
	lua_pushlightuserdata(L, apl_lua_proxy(0, host->params_node));
	lua_setfield(L, -2, "params");
	lua_createtable(L, 0, 1); /* case meta hidden meta */
	lua_pushcfunction(L, case_index);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, case_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
}
