/* SPDX-License-Identifier: MIT */
/*
 * Decides what may stand where a span or an instant is needed: behind `after`,
 * `every` and `at`, and as a counter's window. A text is read at once; a
 * function, and what `from` stands for, are asked when the state is entered.
 */

#include "lua/delays.h"

#include <stdio.h>
#include <string.h>

#include "data/phrase.h"
#include "lua/reference.h"
#include "lua/where.h"
#include "time/instant.h"
#include "time/shown.h"

const char *apl_lua_needed_time(apl_type wanted, bool may_be_fraction) {
	if (wanted == APL_TYPE_INSTANT) return "an instant";
	return may_be_fraction ? "a span or a fraction" : "a span";
}

/* The `from` at [index] where such a value is needed; false with a finding. */
static bool find_value(
    lua_State *L, int index, apl_place place, apl_type wanted, bool may_be_fraction, apl_lua_source *source, uint32_t *field) {
	if (!apl_lua_check_from(L, index, source, field)) return false;
	const apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = *source == APL_LUA_DATA ? host->program.data : host->program.params;
	if (schema->fields[*field].type == wanted || (may_be_fraction && schema->fields[*field].type == APL_TYPE_NUMBER)) return true;
	apl_lua_found(L, place, "bad-from", "from \"%s.%s\" is %s where %s is needed", *source == APL_LUA_DATA ? "data" : "params",
	    schema->fields[*field].path, apl_type_name((apl_type)schema->fields[*field].type), apl_lua_needed_time(wanted, may_be_fraction));
	return false;
}

static int32_t add_handler(lua_State *L, apl_lua_handler handler) {
	apl_lua *host = apl_lua_of(L);
	if (!APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity)) apl_lua_raise_memory(L);
	host->handlers[host->n_handlers] = handler;
	return (int32_t)host->n_handlers++;
}

/* Its type is looked at when it is known: text.c. */
static apl_lua_handler of_expression(uint32_t expression, apl_type wanted, apl_place place) {
	return (apl_lua_handler){.kind = APL_LUA_EXPRESSION, .first = expression, .answers = wanted, .place = place};
}

static apl_lua_handler of_field(apl_lua_source source, uint32_t field, apl_type wanted, apl_place place) {
	return (apl_lua_handler){
	    .kind = source == APL_LUA_DATA ? APL_LUA_FROM_DATA : APL_LUA_FROM_PARAMS, .first = field, .answers = wanted, .place = place};
}

static bool read_text(lua_State *L, const char *label, apl_place place, apl_build_delay_options *delay) {
	size_t size;
	const char *text = lua_tolstring(L, -1, &size);
	if (delay->kind == APL_DELAY_AT) {
		aplomb_error error = {0};
		if (apl_instant_read(text, size, &delay->span_us, &error) == APLOMB_OK) return true;
		apl_lua_found(L, place, error.slug, "%s: %s", label, error.message);
		return false;
	}
	apl_span_unit unit = APL_SPAN_CLOCK;
	bool is_counted = delay->calendar != 0 || delay->calendar_handler != 0;
	if (!apl_lua_read_span(L, text, size, label, place, is_counted, &delay->span_us, &unit)) return false;
	delay->span_unit = (uint8_t)unit;
	if (delay->kind != APL_DELAY_EVERY || delay->span_us > 0) return true;
	apl_lua_found(L, place, "bad-span", "%s: what repeats after no time at all never ends; give a span of more than zero", label);
	return false;
}

/* The function, or the `from`, at the top that says such a value. [role]: the word or field that it stands behind. APL_NO_HANDLER with a
 * finding. */
static int32_t add_asked(lua_State *L, const char *role, apl_place place, apl_type wanted, bool may_be_fraction) {
	if (lua_type(L, -1) == LUA_TFUNCTION) {
		const int32_t number = apl_lua_add_function(L, -1, role);
		apl_lua_of(L)->handlers[number].answers = wanted;
		return number;
	}
	place = apl_lua_place_of_name(L, lua_gettop(L), 0);
	apl_lua_source source = APL_LUA_DATA;
	uint32_t field = 0, expression = apl_lua_expression_of(L, lua_gettop(L));
	if (expression == APL_NO_REFERENCE && !find_value(L, -1, place, wanted, may_be_fraction, &source, &field)) return APL_NO_HANDLER;
	apl_lua_handler handler =
	    expression != APL_NO_REFERENCE ? of_expression(expression, wanted, place) : of_field(source, field, wanted, place);
	handler.role = role;
	handler.may_be_fraction = may_be_fraction;
	return add_handler(L, handler);
}

static bool read_time(lua_State *L, const char *label, const char *role, apl_place place, apl_build_delay_options *delay) {
	delay->span = APL_NO_HANDLER;
	if (lua_type(L, -1) == LUA_TSTRING) return read_text(L, label, place, delay);
	delay->span = add_asked(L, role, place, delay->kind == APL_DELAY_AT ? APL_TYPE_INSTANT : APL_TYPE_SPAN, false);
	return delay->span != APL_NO_HANDLER;
}

bool apl_lua_read_delay(lua_State *L, const char *label, apl_place place, apl_build_delay_options *delay) {
	return read_time(L, label, apl_delay_word(delay->kind), place, delay);
}

bool apl_lua_read_target(lua_State *L, const char *label, apl_place place, apl_build_delay_options *target) {
	return read_time(L, label, "target", place, target);
}

int32_t apl_lua_add_threshold(lua_State *L, apl_place place) {
	return add_asked(L, "warn_at", place, APL_TYPE_SPAN, true);
}

/*
 * Data may change, and with it what was counted: a parameter that is always
 * there, or a function, whose first answer the case keeps.
 */
void apl_lua_read_window(lua_State *L, const char *label, apl_place place, apl_counter *counter) {
	uint32_t expression;
	const apl_lua *host = apl_lua_of(L);
	char what[128];
	apl_span_unit unit = APL_SPAN_CLOCK;
	apl_lua_source source;
	snprintf(what, sizeof what, "%s: window", label);
	if (lua_type(L, -1) == LUA_TSTRING) {
		const char *text = apl_lua_keep_text(L, -1, place);
		if (text != NULL && apl_lua_read_span(L, text, strlen(text), what, place, counter->calendar != APL_NONE, &counter->window, &unit) &&
		    unit != APL_SPAN_CLOCK && counter->calendar == APL_NONE)
			apl_lua_found(L, place, "no-calendar",
			    "%s: \"%s\" is business time, and which calendar counts it is known only while a case is handled; name one: calendar = "
			    "\"%s\"",
			    what, text, host->calendars[0].name);
		counter->window_unit = (uint8_t)unit;
	} else if (lua_type(L, -1) == LUA_TFUNCTION) {
		counter->window = INT64_MAX;
		counter->window_function = (uint32_t)apl_lua_add_function(L, -1, "window") + 1;
		apl_lua_of(L)->handlers[counter->window_function - 1].answers = APL_TYPE_SPAN;
	} else if ((expression = apl_lua_expression_of(L, lua_gettop(L))) != APL_NO_REFERENCE) {
		counter->window = INT64_MAX;
		counter->window_handler = (uint32_t)add_handler(L, of_expression(expression, APL_TYPE_SPAN, place)) + 1;
	} else if (find_value(L, -1, place, APL_TYPE_SPAN, false, &source, &counter->window_param)) {
		counter->window = INT64_MAX;
		const apl_field *field = source == APL_LUA_PARAMS ? &host->program.params->fields[counter->window_param] : NULL;
		if (field == NULL)
			apl_lua_found(L, place, "bad-from", "%s comes from data, which may change; a window is a span or comes from params", what);
		else if (apl_field_may_lack(host->program.params, counter->window_param))
			apl_lua_found(L, place, "bad-from", "%s: params.%s may be missing; give it a default, or make it required", what, field->path);
	}
}

/* ---- calendars -------------------------------------------------------------------- */

uint32_t apl_lua_find_calendar(lua_State *L, const char *name, const char *label, apl_place place) {
	const apl_lua *host = apl_lua_of(L);
	char hint[128], shown[APL_SHOWN];
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	for (uint32_t i = 0; i < host->n_calendars; i++) {
		if (strcmp(host->calendars[i].name, name) == 0) return i;
		apl_nearest_try(&nearest, host->calendars[i].name);
	}
	apl_lua_found(L, place, "unknown-calendar", "%s: there is no calendar \"%s\"%s", label, apl_shown(name, strlen(name), shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
	return APL_NONE;
}

/* The `from` at the top, where the name of a calendar is needed: a text, or one of several. APL_NO_HANDLER with a finding. */
static int32_t add_name(lua_State *L, apl_place place) {
	const apl_lua *host = apl_lua_of(L);
	apl_lua_source source = APL_LUA_DATA;
	uint32_t field = 0;
	if (!apl_lua_check_from(L, -1, &source, &field)) return APL_NO_HANDLER;
	const apl_schema *schema = source == APL_LUA_DATA ? host->program.data : host->program.params;
	apl_type type = (apl_type)schema->fields[field].type;
	if (type != APL_TYPE_TEXT && type != APL_TYPE_ONE_OF) {
		apl_lua_found(L, place, "bad-from", "from \"%s.%s\" is %s where the name of a calendar is needed",
		    source == APL_LUA_DATA ? "data" : "params", schema->fields[field].path, apl_type_name(type));
		return APL_NO_HANDLER;
	}
	return add_handler(L, of_field(source, field, APL_TYPE_TEXT, place));
}

void apl_lua_read_scope(
    lua_State *L, int table, const apl_word *word, const char *label, const apl_spot *spot, uint32_t *calendar, uint32_t *handler) {
	apl_lua *host = apl_lua_of(L);
	*calendar = *handler = 0;
	if (apl_lua_get_field(L, table, word, "calendar")) {
		apl_place place = apl_lua_place_of_value(L, spot, "calendar");
		if (lua_type(L, -1) == LUA_TSTRING) {
			*calendar = apl_lua_find_calendar(L, lua_tostring(L, -1), label, place) + 1; /* APL_NONE becomes 0 */
		} else if (lua_type(L, -1) == LUA_TFUNCTION) {
			*handler = (uint32_t)apl_lua_add_function(L, -1, "calendar") + 1;
			host->handlers[*handler - 1].answers = APL_TYPE_TEXT;
		} else if (apl_lua_expression_of(L, lua_gettop(L)) != APL_NO_REFERENCE) {
			apl_lua_found(
			    L, place, "bad-from", "%s: calendar is the name of one, or from a field that holds it; an expression has no name", label);
		} else {
			*handler = (uint32_t)(add_name(L, place) + 1); /* APL_NO_HANDLER becomes 0 */
		}
		/* What was told needs not be told again of each span: the playbook is refused. */
		if (*calendar == 0 && *handler == 0) *calendar = 1;
	}
	lua_settop(L, table);
}

void apl_lua_check_default_spans(lua_State *L, const apl_schema *schema, const char *what) {
	if (schema == NULL || apl_lua_has_calendar(apl_lua_of(L))) return;
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		const apl_field *field = &schema->fields[i];
		const uint64_t *initial = schema->initial;
		char label[300], text[APL_SPAN_TEXT];
		if (field->type != APL_TYPE_SPAN || field->is_item || !apl_record_has(initial, field) ||
		    apl_record_span_unit(initial, field) == APL_SPAN_CLOCK)
			continue;
		snprintf(label, sizeof label, "%s.%s", what, field->path);
		apl_span_write_in(apl_record_integer(initial, field), apl_record_span_unit(initial, field), text);
		apl_lua_found_uncounted(L, field->default_place, label, text);
	}
}
