/* SPDX-License-Identifier: MIT */
/*
 * Decides how the engine's questions are answered by Lua functions: a guard
 * with true or false, a block by running its functions until one errs, a
 * delay with a span. Everything that is different from turn to turn is set
 * when it begins, so that a call is little more than pushing three values.
 */

#include "lua/apart.h"
#include "lua/aside.h"
#include "lua/invoke.h"
#include "lua/origin.h"
#include "lua/quick.h"
#include "lua/reference.h"
#include "lua/text.h"

#include <stdio.h>
#include <string.h>

#include "base/hard.h"
#include "base/text.h"
#include "lua/label.h"
#include "time/shown.h"

/* ---- turns -------------------------------------------------------------------------------- */

/* What the event is compared with until Lua is first entered in a turn: no event lies here. */
static const apl_step_event no_event_yet;

/* What the turn before did to the memory's books: most turns make nothing large, and leave them as they were. */
static __attribute__((noinline)) void as_loaded(apl_lua *host) {
	apl_pool *pool = &host->pool;
	host->has_zeros = host->loaded_zeros;
	pool->new_bytes = 0;
	pool->longest_text = host->loaded_text;
	pool->largest_names = host->loaded_names;
	pool->largest_block = host->loaded_block;
	pool->n_refused = 0;
	pool->met_stack = false;
	/* A playbook that has large ones itself is dear in every turn. */
	pool->is_touched = true;
	pool->is_touched = apl_lua_surcharge(host) > 0;
}

static void begin(void *self, apl_turn *turn) {
	apl_lua *host = self;
	host->turn = turn;
	host->words[APL_LUA_DATA] = turn->data;
	host->words[APL_LUA_PARAMS] = apl_case_params(turn->the_case);
	host->situation.data = turn->data;
	host->situation.params = host->words[APL_LUA_PARAMS];
	host->spent = 0;
	host->n_turns++;
	host->n_touched = 0;
	host->has_writer = false;
	if (__builtin_expect(host->pool.is_touched | host->has_zeros, 0)) as_loaded(host);
	host->event_was = &no_event_yet;
	host->other_locale = (locale_t)0;
}

static void end(void *self, apl_turn *turn) {
	apl_lua *host = self;
	(void)turn;
	if (host->other_locale != (locale_t)0) uselocale(host->other_locale);
	host->turn = NULL;
	host->n_touched = 0;
	if ((host->data_cache_turn | host->call_cache_call) != 0) apl_lua_drop_tables(host);
	host->generation++; /* the last event is over, too */
}

/* ---- failures ------------------------------------------------------------------------------ */

/* A message may hold bytes of a text that the playbook cut anywhere. */
void apl_lua_make_valid(char *text) {
	for (size_t size = strlen(text); size > 0;) {
		size_t valid = apl_utf8_valid(text, size);
		if (valid == size) return;
		text[valid] = '?';
		text += valid;
		size -= valid;
	}
}

static int breached(apl_lua *host) {
	apl_turn *turn = host->turn;
	aplomb_error *error = &host->error;
	apl_origin_error(host, error);
	apl_place place = {error->file[0] != '\0' ? error->file : NULL, error->line, 0};
	bool is_turns = host->is_turns_breach;
	host->is_turns_breach = false;
	if (!is_turns || !turn->breached) return apl_turn_breach(turn, error->slug, place, "%s", error->message);
	/* Where it was asked for says more than where the effect is declared. */
	if (place.line != 0) {
		snprintf(turn->breach.file, sizeof turn->breach.file, "%s", place.file);
		turn->breach.line = place.line;
	}
	apl_origin_error(host, &turn->breach);
	return APL_PORT_BREACH;
}

/*
 * The variables of a chart from SCXML lie in a table, and what a block wrote before it erred stays. false: they cannot be saved, and are
 * what they were.
 */
static bool keep_variables(apl_lua *host) {
	const aplomb_error error = host->error;
	lua_settop(host->L, APL_AT_TOP);
	lua_pushcfunction(host->L, apl_lua_write_back);
	bool is_kept = apl_lua_call(host, 0, false, APL_NOWHERE) == APL_LUA_DONE;
	lua_settop(host->L, APL_AT_TOP);
	host->error = error;
	return is_kept;
}

/* What the port answers after a call that was not done. */
static int answer_failure(apl_lua *host, apl_lua_verdict verdict) {
	const apl_text *sendid = host->failed_send;
	host->failed_send = NULL;
	const bool keeps = host->is_imported && verdict == APL_LUA_ERROR && host->phase == APL_LUA_BLOCK && host->n_touched > 0;
	if (!keeps || !keep_variables(host)) host->n_touched = 0; /* what the function did to tables is lost with it */
	apl_lua_make_valid(host->error.message);
	apl_origin_error(host, &host->error);
	switch (verdict) {
	case APL_LUA_BREACH: return breached(host);
	case APL_LUA_NO_MEMORY:
		apl_fail(&host->error, APLOMB_ELIMIT, "limit-memory", "%s", "the host has no more memory for Lua");
		return breached(host);
	case APL_LUA_DONE:
	case APL_LUA_ERROR: break;
	}
	/* To say what was meant, all names may have been looked through. */
	host->spent += ((uint64_t)host->program.chart->n_states + host->program.chart->n_events) * 4;
	if (sendid != NULL)
		apl_turn_send_failed(host->turn, &host->error, false, sendid->bytes);
	else
		apl_turn_error(host->turn, &host->error);
	return APL_PORT_ERROR;
}

/* The author's mistake that is seen only when the function has returned. */
static int answer_mistake(apl_lua *host, const apl_lua_function *function, const char *message) {
	lua_settop(host->L, APL_AT_TOP);
	apl_fail_at(&host->error, APLOMB_EPLAYBOOK, "wrong-answer", function->place, "%s", message);
	return answer_failure(host, APL_LUA_ERROR);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static inline bool event_is_another(const apl_lua *host) {
	const apl_step_event *event = host->turn->event;
	if (event != host->event_was) return true;
	return event != NULL && (event->number != host->event_number || event->payload != host->event_payload);
}

static int over_budget(apl_lua *host, apl_place place) {
	apl_fail_at(&host->error, APLOMB_ELIMIT, "limit-instructions", place, "more than %llu instructions in one step",
	    (unsigned long long)host->instruction_limit);
	return breached(host);
}

/* Calls the function with (case, event); its results are left on the stack. 0, or what the port answers. */
static inline int call(apl_lua *host, const apl_lua_function *function) {
	lua_State *L = host->L;
	host->spent += function->cost;
	if (__builtin_expect(host->spent > host->instruction_limit, 0)) return over_budget(host, function->place);
	if (event_is_another(host)) apl_lua_event_changed(host);
	/* Lua's number and text functions mind the thread's locale; a turn that is answered without Lua does not touch it. */
	if (host->other_locale == (locale_t)0) host->other_locale = uselocale(host->c_locale);
	lua_rawgeti(L, APL_AT_HANDLERS, (lua_Integer)function->reference);
	lua_pushvalue(L, APL_AT_CASE);
	lua_pushlightuserdata(L, host->event);
	apl_lua_verdict verdict = apl_lua_call(host, 2, function->is_counted, function->place);
	if (__builtin_expect(verdict != APL_LUA_DONE, 0)) return answer_failure(host, verdict);
	uint64_t surcharge = apl_lua_surcharge(host);
	/* What is counted paid for that already. */
	if (__builtin_expect(surcharge > 0, 0) && !function->is_counted) host->spent += surcharge * function->cost;
	return 0;
}

/* Without Lua, if the function is simple and nothing is out of the ordinary. The hostile build always takes the long way. */
static inline int answer_quickly(apl_lua *host, const apl_lua_function *function, bool is_guard) {
	if (APL_IS_HARD || function->quick == NULL || host->apart != NULL || host->spent + function->cost > host->instruction_limit)
		return APL_QUICK_LEFT;
	if (host->n_touched > 0) return APL_QUICK_LEFT; /* tables are to be written back after this function, too, which is charged for */
	if (event_is_another(host)) apl_lua_event_changed(host);
	int answer = apl_quick_run(host, function->quick, is_guard);
	if (answer != APL_QUICK_LEFT)
		host->spent += function->cost * (1 + apl_lua_surcharge(host));
	else
		host->n_left++;
	return answer;
}

/* After a function that may have touched tables. 0, or what the port answers. */
static int write_back(apl_lua *host, const apl_lua_function *function) {
	int results = lua_gettop(host->L);
	lua_pushcfunction(host->L, apl_lua_write_back);
	apl_lua_verdict verdict = apl_lua_call(host, 0, false, function->place);
	if (verdict != APL_LUA_DONE) {
		/* It found the mistake after the function; the function's line is the nearest there is. */
		return answer_failure(host, verdict);
	}
	lua_settop(host->L, results);
	return 0;
}

static const apl_lua_function *function_of(const apl_lua *host, int32_t handler) {
	return &host->functions[host->handlers[handler].first];
}

/* ---- texts ---------------------------------------------------------------------------------------- */

_Static_assert(APL_GUARD_FALSE == (int)APL_PORT_FALSE && APL_GUARD_TRUE == (int)APL_PORT_TRUE &&
                   APL_GUARD_UNKNOWN == (int)APL_PORT_UNKNOWN && APL_GUARD_ERROR == (int)APL_PORT_ERROR,
    "what a text answers is what the machine is told");

/* A text is charged for its parts, and for the long texts it looked through. 0, or what the port answers. */
static inline int begin_text(apl_lua *host, const apl_lua_function *function) {
	host->spent += function->cost;
	return __builtin_expect(host->spent > host->instruction_limit, 0) ? over_budget(host, function->place) : 0;
}

static int ask_text(apl_lua *host, const apl_lua_function *function) {
	apl_guard_trouble trouble;
	trouble.work = 0;
	int failure = begin_text(host, function);
	if (failure != 0) return failure;
	int answer = apl_guard_ask(function->text, apl_lua_situation(host, function), &trouble);
	host->spent += trouble.work / APL_LUA_BYTES_PER_INSTRUCTION;
	if (__builtin_expect(answer != APL_GUARD_ERROR, 1)) return answer;
	apl_guard_explain(function->text, &trouble, &host->error);
	return answer_failure(host, APL_LUA_ERROR);
}

/* Tables that a function holds are written back already, so the record is what they are; what is written over is theirs no more. */
static void forget_tables(apl_lua *host, const apl_guard *guard) {
	uint32_t field;
	for (uint32_t i = 0; (field = apl_guard_target(guard, i)) != APL_NO_FIELD; i++) apl_lua_forget_table(host, field);
}

/* What is not simple: the record checks it, keeps texts, or says what is wrong. */
__attribute__((noinline)) static int act_text_from(
    apl_lua *host, const apl_lua_function *function, uint32_t first, const apl_guard_situation *situation) {
	apl_guard_trouble trouble;
	trouble.work = 0;
	if (!host->has_writer) {
		host->writer = apl_turn_writer(host->turn);
		host->has_writer = true;
	}
	const apl_guard_writing writing = {&host->writer, &host->tape, host->depth_limit + 1};
	int code = apl_guard_act(function->text, first, situation, &writing, &trouble, &host->error);
	host->spent += trouble.work / APL_LUA_BYTES_PER_INSTRUCTION;
	if (host->n_touched > 0) forget_tables(host, function->text);
	if (__builtin_expect(code == APLOMB_OK, 1)) return 0;
	if (code == APLOMB_ENOMEM) return answer_failure(host, APL_LUA_NO_MEMORY);
	if (host->error.line == 0) {
		snprintf(host->error.file, sizeof host->error.file, "%s", function->place.file);
		host->error.line = function->place.line;
		host->error.column = function->place.column;
	}
	return answer_failure(host, APL_LUA_ERROR);
}

static inline int act_text(apl_lua *host, const apl_lua_function *function) {
	apl_guard_trouble trouble;
	trouble.work = 0;
	int failure = begin_text(host, function);
	if (failure != 0) return failure;
	const apl_guard_situation *situation = apl_lua_situation(host, function);
	uint32_t first = apl_guard_act_simply(function->text, situation, host->turn->data, &trouble);
	host->spent += trouble.work / APL_LUA_BYTES_PER_INSTRUCTION;
	return first == APL_GUARD_NO_PART ? 0 : act_text_from(host, function, first, situation);
}

int apl_lua_answer_guard(void *self, apl_turn *turn, int32_t number) {
	apl_lua *host = self;
	if (host->handlers[number].kind == APL_LUA_IN_STATE)
		return apl_set_has(apl_case_configuration(turn->the_case), host->handlers[number].first) ? APL_PORT_TRUE : APL_PORT_FALSE;
	const apl_lua_function *function = function_of(host, number);
	if (function->text != NULL) return ask_text(host, function);
	int quickly = answer_quickly(host, function, true);
	if (quickly != APL_QUICK_LEFT) return quickly;
	host->phase = APL_LUA_GUARD;
	int failure = call(host, function);
	if (failure == 0 && apl_lua_tables_may_differ(host)) failure = write_back(host, function);
	host->phase = APL_LUA_IDLE;
	if (__builtin_expect(failure != 0, 0)) return failure;
	lua_State *L = host->L;
	int answer = APL_PORT_FALSE;
	switch (lua_gettop(L) == APL_AT_TOP + 1 ? lua_type(L, -1) : LUA_TNONE) {
	case LUA_TBOOLEAN: answer = lua_toboolean(L, -1) ? APL_PORT_TRUE : APL_PORT_FALSE; break;
	case LUA_TNIL: break; /* something optional was missing */
	case LUA_TNONE:
		return answer_mistake(host, function,
		    lua_gettop(L) == APL_AT_TOP ? "the guard answered nothing; is \"return\" missing?" : "the guard answered more than one value");
	default: {
		if (host->is_imported) { /* SCXML's Lua: whatever is not false or nil holds */
			answer = APL_PORT_TRUE;
			break;
		}
		char message[128];
		snprintf(message, sizeof message, "the guard answered %s where true or false was expected", apl_lua_kind_name(L, -1));
		return answer_mistake(host, function, message);
	}
	}
	lua_settop(L, APL_AT_TOP);
	return answer;
}

static int run(void *self, apl_turn *turn, int32_t number) {
	apl_lua *host = self;
	(void)turn;
	const apl_lua_handler *handler = &host->handlers[number];
	for (uint32_t i = 0; i < handler->count; i++) {
		const apl_lua_function *function = &host->functions[handler->first + i];
		int failure;
		if (function->text != NULL) {
			failure = act_text(host, function);
			if (__builtin_expect(failure != 0, 0)) return failure;
			continue;
		}
		if (answer_quickly(host, function, false) != APL_QUICK_LEFT) continue;
		host->phase = APL_LUA_BLOCK;
		failure = call(host, function);
		if (failure == 0 && apl_lua_tables_may_differ(host)) failure = write_back(host, function);
		host->phase = APL_LUA_IDLE;
		if (__builtin_expect(failure != 0, 0)) return failure;
		if (lua_gettop(host->L) > APL_AT_TOP && lua_type(host->L, APL_AT_TOP + 1) != LUA_TNIL) {
			char message[128];
			snprintf(
			    message, sizeof message, "an action answers nothing, but this one returned %s", apl_lua_kind_name(host->L, APL_AT_TOP + 1));
			return answer_mistake(host, function, message);
		}
		lua_settop(host->L, APL_AT_TOP);
	}
	return APL_PORT_FALSE;
}

/* ---- spans --------------------------------------------------------------------------------------- */

/* (the function's answer) → microseconds, unit. For C functions, for reading text may raise. */
static int read_span_of(lua_State *L, const char *what) {
	lua_settop(L, 1);
	apl_span_unit unit;
	lua_pushinteger(L, apl_lua_check_span(L, what, &unit));
	lua_pushinteger(L, (lua_Integer)unit);
	return 2;
}

static int read_span(lua_State *L) {
	return read_span_of(L, "the span of this delay");
}

static int read_window(lua_State *L) {
	return read_span_of(L, "what window answers");
}

static int read_instant(lua_State *L) {
	lua_settop(L, 1);
	lua_pushinteger(L, apl_lua_check_instant(L, "the instant of this at"));
	return 1;
}

/* (the function's answer) → a fraction and nil, or as read_span. */
static int read_threshold(lua_State *L) {
	lua_settop(L, 1);
	if (lua_type(L, 1) != LUA_TNUMBER || lua_isinteger(L, 1)) return read_span_of(L, "what warn_at answers");
	lua_pushnil(L);
	return 2;
}

static lua_CFunction reader_of(const apl_lua_handler *handler) {
	if (handler->answers == APL_TYPE_INSTANT) return read_instant;
	return handler->role != NULL && strcmp(handler->role, "window") == 0 ? read_window : read_span;
}

static const char *lacks(const apl_lua_handler *handler) {
	static const char *const roles[][2] = {{"target", "clock has no target"}, {"warn_at", "warning has no time"}};
	for (size_t i = 0; handler->role != NULL && i < sizeof roles / sizeof *roles; i++) {
		if (strcmp(handler->role, roles[i][0]) == 0) return roles[i][1];
	}
	return handler->answers == APL_TYPE_INSTANT ? "at has no instant" : "delay has no span";
}

static int value_of_field(apl_lua *host, const apl_lua_handler *handler, apl_guard_value *out) {
	bool is_data = handler->kind == APL_LUA_FROM_DATA;
	const apl_schema *schema = is_data ? host->program.data : host->program.params;
	const apl_field *field = &schema->fields[handler->first];
	const uint64_t *words = host->words[is_data ? APL_LUA_DATA : APL_LUA_PARAMS];
	if (apl_record_has(words, field)) {
		*out = (apl_guard_value){.type = field->type, .is_there = true};
		if (field->type == APL_TYPE_NUMBER)
			out->as.number = apl_record_number(words, field);
		else
			out->as.integer = apl_record_integer(words, field);
		if (field->type == APL_TYPE_SPAN) out->unit = (uint8_t)apl_record_span_unit(words, field);
		if (field->type != APL_TYPE_SPAN || out->as.integer >= 0) return APL_PORT_FALSE;
	}
	apl_fail_at(&host->error, APLOMB_EPLAYBOOK, "missing-field", handler->place, "%s.%s is %s, so this %s", is_data ? "data" : "params",
	    field->path, apl_record_has(words, field) ? "negative" : "missing", lacks(handler));
	return answer_failure(host, APL_LUA_ERROR);
}

static int value_of_expression(apl_lua *host, const apl_lua_handler *handler, apl_guard_value *out) {
	const apl_lua_reference *r = &host->references[handler->first];
	int answer = apl_lua_evaluate(host, r, out);
	if (__builtin_expect(host->spent > host->instruction_limit, 0)) return over_budget(host, handler->place);
	if (answer == 0) return APL_PORT_FALSE;
	if (answer > 0)
		apl_fail_at(&host->error, APLOMB_EPLAYBOOK, "missing-field", handler->place,
		    "from \"%.200s\": something in it is missing, so this %s", r->name, lacks(handler));
	return answer_failure(host, APL_LUA_ERROR);
}

/* What the function gives, made into what is wanted by [read], on the top of the stack; 0, or the port's failure. */
static int call_for(apl_lua *host, const apl_lua_function *function, lua_CFunction read) {
	host->phase = APL_LUA_GUARD;
	int failure = call(host, function);
	if (failure == 0 && apl_lua_tables_may_differ(host)) failure = write_back(host, function);
	if (failure == 0) {
		lua_settop(host->L, APL_AT_TOP + 1);
		lua_pushcfunction(host->L, read);
		lua_insert(host->L, APL_AT_TOP + 1);
		apl_lua_verdict verdict = apl_lua_call(host, 1, false, function->place);
		if (verdict != APL_LUA_DONE) failure = answer_failure(host, verdict);
	}
	host->phase = APL_LUA_IDLE;
	return failure;
}

static int value_without_function(apl_lua *host, const apl_lua_handler *handler, apl_guard_value *out) {
	return handler->kind == APL_LUA_EXPRESSION ? value_of_expression(host, handler, out) : value_of_field(host, handler, out);
}

static int span(void *self, apl_turn *turn, int32_t number, aplomb_span *out, apl_span_unit *unit) {
	apl_lua *host = self;
	(void)turn;
	const apl_lua_handler *handler = &host->handlers[number];
	if (handler->kind != APL_LUA_FUNCTIONS) {
		apl_guard_value value;
		const int answer = value_without_function(host, handler, &value);
		if (answer != APL_PORT_FALSE) return answer;
		*out = value.as.integer;
		if (value.type == APL_TYPE_SPAN) *unit = (apl_span_unit)value.unit;
		return APL_PORT_FALSE;
	}
	int failure = call_for(host, function_of(host, number), reader_of(handler));
	if (failure != 0) return failure;
	bool is_instant = handler->answers == APL_TYPE_INSTANT;
	*out = lua_tointeger(host->L, is_instant ? -1 : -2);
	if (!is_instant) *unit = (apl_span_unit)lua_tointeger(host->L, -1);
	lua_settop(host->L, APL_AT_TOP);
	return APL_PORT_FALSE;
}

static int threshold(void *self, apl_turn *turn, int32_t number, apl_threshold *out) {
	apl_lua *host = self;
	(void)turn;
	const apl_lua_handler *handler = &host->handlers[number];
	apl_guard_value value = {0};
	int failure = handler->kind != APL_LUA_FUNCTIONS ? value_without_function(host, handler, &value)
	                                                 : call_for(host, function_of(host, number), read_threshold);
	if (failure != 0) return failure;
	if (handler->kind == APL_LUA_FUNCTIONS) {
		const bool is_fraction = lua_isnil(host->L, -1);
		value.type = is_fraction ? APL_TYPE_NUMBER : APL_TYPE_SPAN;
		if (is_fraction)
			value.as.number = lua_tonumber(host->L, -2);
		else
			value.as.integer = lua_tointeger(host->L, -2);
		value.unit = (uint8_t)lua_tointeger(host->L, -1);
		lua_settop(host->L, APL_AT_TOP);
	}
	if (value.type == APL_TYPE_SPAN) {
		out->before = value.as.integer;
		out->unit = value.unit;
		return APL_PORT_FALSE;
	}
	if (apl_threshold_fraction(out, value.as.number)) return APL_PORT_FALSE;
	apl_fail_at(&host->error, APLOMB_EPLAYBOOK, "bad-warning", handler->place,
	    "warn_at comes to %g; a fraction of the target is more than 0 and less than 1, and at the target it is breached", value.as.number);
	return answer_failure(host, APL_LUA_ERROR);
}

/* ---- calendars ------------------------------------------------------------------------------------- */

static uint32_t calendar_named(const apl_lua *host, const char *name, size_t size) {
	for (uint32_t i = 0; i < host->program.n_calendars; i++) {
		if (strlen(host->program.calendars[i].name) == size && memcmp(host->program.calendars[i].name, name, size) == 0) return i;
	}
	return APL_NONE;
}

static void refuse_calendar(apl_lua *host, const char *name, size_t size, apl_place place) {
	char hint[128], shown[APL_SHOWN];
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < host->program.n_calendars; i++) apl_nearest_try(&nearest, host->program.calendars[i].name);
	apl_fail_at(&host->error, APLOMB_EPLAYBOOK, "unknown-calendar", place, "there is no calendar \"%s\"%s", apl_shown(name, size, shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* (the function's answer) → the calendar's number. A C function, for it may raise. */
static int read_calendar(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	lua_settop(L, 1);
	if (apl_lua_push_referred(L, 1)) lua_remove(L, 1);
	if (lua_type(L, 1) != LUA_TSTRING)
		return apl_lua_refuse(L, "wrong-type", "a calendar is said by its name, found %s", apl_lua_kind_name(L, 1));
	size_t size;
	const char *name = lua_tolstring(L, 1, &size);
	uint32_t number = calendar_named(host, name, size);
	if (number == APL_NONE) {
		refuse_calendar(host, name, size, APL_NOWHERE);
		return apl_lua_refuse(L, "unknown-calendar", "%s", host->error.message);
	}
	lua_pushinteger(L, (lua_Integer)number);
	return 1;
}

int apl_lua_calendar_of_field(apl_lua *host, const apl_lua_handler *handler, uint32_t *out) {
	if (handler->kind == APL_LUA_FUNCTIONS) {
		apl_fail_at(&host->error, APLOMB_EREFUSED, "no-calendar", handler->place,
		    "this is business time, and which calendar counts it is for another function to say; name one: calendar = \"…\"");
		return APL_PORT_ERROR;
	}
	bool is_data = handler->kind == APL_LUA_FROM_DATA;
	const apl_field *field = &(is_data ? host->program.data : host->program.params)->fields[handler->first];
	const uint64_t *words = host->words[is_data ? APL_LUA_DATA : APL_LUA_PARAMS];
	if (!apl_record_has(words, field)) {
		apl_fail_at(&host->error, APLOMB_EPLAYBOOK, "missing-field", handler->place,
		    "%s.%s is missing, so no calendar counts this business time", is_data ? "data" : "params", field->path);
		return APL_PORT_ERROR;
	}
	const apl_text *text = field->type == APL_TYPE_TEXT ? apl_record_text(words, field) : NULL;
	const char *name = text != NULL ? text->bytes : field->choices[words[field->word]];
	size_t size = text != NULL ? text->size : strlen(name);
	*out = calendar_named(host, name, size);
	if (*out != APL_NONE) return APL_PORT_FALSE;
	refuse_calendar(host, name, size, handler->place);
	return APL_PORT_ERROR;
}

static int calendar(void *self, apl_turn *turn, int32_t number, uint32_t *out) {
	apl_lua *host = self;
	(void)turn;
	const apl_lua_handler *handler = &host->handlers[number];
	if (handler->kind != APL_LUA_FUNCTIONS)
		return apl_lua_calendar_of_field(host, handler, out) == APL_PORT_FALSE ? APL_PORT_FALSE : answer_failure(host, APL_LUA_ERROR);
	int failure = call_for(host, function_of(host, number), read_calendar);
	if (failure != 0) return failure;
	*out = (uint32_t)lua_tointeger(host->L, -1);
	lua_settop(host->L, APL_AT_TOP);
	return APL_PORT_FALSE;
}

/* Of params alone, as check_window saw to: nothing else is looked at. */
static int window(void *self, int32_t number, const uint64_t *params, aplomb_span *out, apl_span_unit *unit, aplomb_error *error) {
	const apl_lua *host = self;
	const apl_lua_handler *handler = &host->handlers[number];
	const apl_lua_reference *r = &host->references[handler->first];
	const apl_guard_situation situation = {.params = params};
	apl_guard_value value;
	apl_guard_trouble trouble;
	aplomb_error own;
	trouble.work = 0;
	if (!apl_guard_evaluate(r->value, &situation, &value, &trouble)) {
		apl_guard_explain(r->value, &trouble, &own);
		return apl_fail_at(
		    error, APLOMB_EREFUSED, own.slug, handler->place, "params: a counter's window cannot be computed from them: %s", own.message);
	}
	if (!value.is_there || value.as.integer <= 0)
		return apl_fail_at(error, APLOMB_EREFUSED, "bad-span", handler->place,
		    "params: a counter's window, %.200s, comes to no span of more than zero", r->name);
	*out = value.as.integer;
	*unit = (apl_span_unit)value.unit;
	return APLOMB_OK;
}

static void free_host(void *self) {
	apl_lua_host_free(self);
}

/* Where the finals of a state lead is asked by guards that `done` makes. */
static bool is_implied(void *self, int32_t number) {
	const apl_lua *host = self;
	return host->handlers[number].kind == APL_LUA_IN_STATE;
}

static bool text(void *self, int32_t number, uint32_t which, const apl_guard **out, uint32_t *cost) {
	const apl_lua *host = self;
	const apl_lua_handler *handler = &host->handlers[number];
	if (handler->kind != APL_LUA_FUNCTIONS) return false;
	*out = NULL;
	if (which == handler->count) return true;
	const apl_lua_function *function = &host->functions[handler->first + which];
	*out = function->text;
	*cost = function->cost;
	return function->text != NULL;
}

/* What the parent's done event carries. */
static int done(void *self, apl_turn *turn, uint32_t final, const apl_schema **schema, uint64_t **words) {
	apl_lua *host = self;
	(void)turn;
	uint32_t at = 0;
	while (at < host->n_finals && host->finals[at].state != final) at++;
	if (at == host->n_finals) return APL_PORT_FALSE;
	int failure = call_for(host, &host->functions[host->finals[at].function], apl_lua_fill_done);
	if (failure != 0) return failure;
	*words = lua_touserdata(host->L, -1);
	*schema = host->done_schema;
	lua_settop(host->L, APL_AT_TOP);
	return APL_PORT_FALSE;
}

/* ---- invokes -------------------------------------------------------------------------------------- */

/* Calls the part's function as an action; its answer is on the stack. 0, or what the port answers. */
static int call_part(apl_lua *host, const apl_lua_function *function) {
	host->phase = APL_LUA_BLOCK;
	int failure = call(host, function);
	if (failure == 0 && apl_lua_tables_may_differ(host)) failure = write_back(host, function);
	host->phase = APL_LUA_IDLE;
	return failure;
}

/*
 * What one part of an invoke comes to now, as JSON: the answer of its function,
 * or the value that it was given. [*out] NULL: it was not given. 0, or what the
 * port answers.
 */
static int ask_part(apl_lua *host, uint32_t number, apl_lua_invoke_part part, const apl_text **out) {
	static const lua_CFunction read[APL_INVOKE_PARTS] = {
	    apl_lua_read_invoked, apl_lua_read_opening, apl_lua_read_opening, apl_lua_read_invoked};
	const apl_lua_invoke *invoke = &host->invokes[number];
	lua_State *L = host->L;
	*out = NULL;
	if (!invoke->is_given[part]) return 0;
	int failure = 0;
	if (invoke->functions[part] != UINT32_MAX) {
		failure = call_part(host, &host->functions[invoke->functions[part]]);
		if (failure != 0) return failure;
		lua_settop(L, APL_AT_TOP + 1);
	} else {
		if (event_is_another(host)) apl_lua_event_changed(host);
		if (host->other_locale == (locale_t)0) host->other_locale = uselocale(host->c_locale);
		apl_lua_push_invoke_part(L, number, part);
	}
	lua_pushcfunction(L, read[part]);
	lua_insert(L, APL_AT_TOP + 1);
	host->phase = APL_LUA_GUARD;
	apl_lua_verdict verdict = apl_lua_call(host, 1, false, invoke->places[part]);
	host->phase = APL_LUA_IDLE;
	if (verdict != APL_LUA_DONE) return answer_failure(host, verdict);
	bool has_none = lua_toboolean(L, -1) == 0;
	lua_settop(L, APL_AT_TOP);
	if (has_none) return 0;
	*out = apl_text_in(host->turn->arena, host->json.bytes, host->json.size);
	return *out != NULL ? 0 : answer_failure(host, APL_LUA_NO_MEMORY);
}

/* Without its quotes; the ids of playbooks need no escapes. */
static int ask_playbook(apl_lua *host, uint32_t number, apl_invocation *out) {
	const apl_text *text;
	int failure = ask_part(host, number, APL_INVOKE_PLAYBOOK, &text);
	if (failure != 0 || text == NULL) return failure;
	out->playbook = text->bytes + 1;
	out->playbook_size = text->size - 2;
	return 0;
}

static int invoke(void *self, apl_turn *turn, uint32_t which, apl_invocation *out) {
	static const char *const names[APL_INVOKE_PARTS] = {NULL, "\"data\":", "\"params\":", "\"locale\":"};
	static const apl_lua_invoke_part order[] = {APL_INVOKE_DATA, APL_INVOKE_LOCALE, APL_INVOKE_PARAMS};
	apl_lua *host = self;
	uint32_t number = (uint32_t)host->program.chart->invokes[which].handler;
	const apl_text *parts[APL_INVOKE_PARTS] = {NULL};
	int failure = ask_playbook(host, number, out);
	for (int i = 0; i < 3 && failure == 0; i++) failure = ask_part(host, number, order[i], &parts[order[i]]);
	if (failure != 0) return failure;
	apl_buf *json = &host->json;
	apl_buf_clear(json);
	for (int i = 0; i < 3; i++) {
		const char *locale = order[i] == APL_INVOKE_LOCALE ? apl_case_locale(turn->the_case) : NULL;
		if (parts[order[i]] == NULL && locale == NULL) continue;
		apl_buf_byte(json, json->size == 0 ? '{' : ',');
		apl_buf_text(json, names[order[i]]);
		if (parts[order[i]] != NULL)
			apl_buf_add(json, parts[order[i]]->bytes, parts[order[i]]->size);
		else
			apl_json_write_text(json, locale, strlen(locale));
	}
	apl_buf_text(json, json->size == 0 ? "{}" : "}");
	const apl_text *open = json->failed ? NULL : apl_text_in(turn->arena, json->bytes, json->size);
	if (open == NULL) return answer_failure(host, APL_LUA_NO_MEMORY);
	out->open = open->bytes;
	out->open_size = open->size;
	return APL_PORT_FALSE;
}

const apl_program_ops apl_lua_ops = {.guard = apl_lua_answer_guard,
    .run = run,
    .span = span,
    .threshold = threshold,
    .calendar = calendar,
    .begin = begin,
    .end = end,
    .free = free_host,
    .label = apl_lua_label_handler,
    .is_implied = is_implied,
    .window = window,
    .apart = apl_lua_apart,
    .made = apl_lua_tell_made,
    .text = text,
    .done = done,
    .invoke = invoke,
    .read_aside = apl_lua_read_aside,
    .ask_aside = apl_lua_ask_aside,
    .run_aside = apl_lua_run_aside,
    .free_aside = apl_lua_free_aside};
