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

static const char *article_of(apl_type type) {
	return type == APL_TYPE_INSTANT ? "an instant" : "a span";
}

/* The `from` at [index] where such a value is needed; false with a finding. */
static bool find_value(lua_State *L, int index, apl_place place, apl_type wanted, apl_lua_source *source, uint32_t *field) {
	if (!apl_lua_check_from(L, index, source, field)) return false;
	const apl_lua *host = apl_lua_of(L);
	const apl_schema *schema = *source == APL_LUA_DATA ? host->program.data : host->program.params;
	if (schema->fields[*field].type == wanted) return true;
	apl_lua_found(L, place, "bad-from", "from \"%s.%s\" is %s where %s is needed", *source == APL_LUA_DATA ? "data" : "params",
	    schema->fields[*field].path, apl_type_name((apl_type)schema->fields[*field].type), article_of(wanted));
	return false;
}

/* Its type is looked at when it is known: text.c. */
static int32_t add_expression(lua_State *L, uint32_t expression, apl_type wanted, apl_place place) {
	apl_lua *host = apl_lua_of(L);
	if (!APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity)) apl_lua_raise_memory(L);
	host->handlers[host->n_handlers] =
	    (apl_lua_handler){.kind = APL_LUA_EXPRESSION, .first = expression, .answers = wanted, .place = place};
	return (int32_t)host->n_handlers++;
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
	if (!apl_lua_read_span(L, text, size, label, place, &delay->span_us, &unit)) return false;
	delay->span_unit = (uint8_t)unit;
	if (delay->kind != APL_DELAY_EVERY || delay->span_us > 0) return true;
	apl_lua_found(L, place, "bad-span", "%s: what repeats after no time at all never ends; give a span of more than zero", label);
	return false;
}

bool apl_lua_read_delay(lua_State *L, const char *label, apl_place place, apl_build_delay_options *delay) {
	apl_lua *host = apl_lua_of(L);
	apl_type wanted = delay->kind == APL_DELAY_AT ? APL_TYPE_INSTANT : APL_TYPE_SPAN;
	delay->span = APL_NO_HANDLER;
	if (lua_type(L, -1) == LUA_TSTRING) return read_text(L, label, place, delay);
	if (lua_type(L, -1) == LUA_TFUNCTION) {
		delay->span = apl_lua_add_function(L, -1, apl_delay_word(delay->kind));
		host->handlers[delay->span].answers = wanted;
		return true;
	}
	place = apl_lua_place_of_name(L, lua_gettop(L), 0);
	apl_lua_source source = APL_LUA_DATA;
	uint32_t field = 0, expression = apl_lua_expression_of(L, lua_gettop(L));
	if (expression == APL_NO_REFERENCE && !find_value(L, -1, place, wanted, &source, &field)) return false;
	if (expression != APL_NO_REFERENCE) {
		delay->span = add_expression(L, expression, wanted, place);
		return true;
	}
	if (!APL_GROW(&host->alloc, host->handlers, host->n_handlers, host->handlers_capacity)) apl_lua_raise_memory(L);
	host->handlers[host->n_handlers] = (apl_lua_handler){
	    .kind = source == APL_LUA_DATA ? APL_LUA_FROM_DATA : APL_LUA_FROM_PARAMS, .first = field, .answers = wanted, .place = place};
	delay->span = (int32_t)host->n_handlers++;
	return true;
}

/* Data may change, and with it what was counted: a parameter that is always there. */
void apl_lua_read_window(lua_State *L, const char *label, apl_place place, apl_counter *counter) {
	uint32_t expression;
	const apl_lua *host = apl_lua_of(L);
	char what[128];
	apl_span_unit unit = APL_SPAN_CLOCK;
	apl_lua_source source;
	snprintf(what, sizeof what, "%s: window", label);
	if (lua_type(L, -1) == LUA_TSTRING) {
		const char *text = apl_lua_keep_text(L, -1, place);
		if (text != NULL) apl_lua_read_span(L, text, strlen(text), what, place, &counter->window, &unit);
		counter->window_unit = (uint8_t)unit;
	} else if ((expression = apl_lua_expression_of(L, lua_gettop(L))) != APL_NO_REFERENCE) {
		counter->window = INT64_MAX;
		counter->window_handler = (uint32_t)add_expression(L, expression, APL_TYPE_SPAN, place) + 1;
	} else if (find_value(L, -1, place, APL_TYPE_SPAN, &source, &counter->window_param)) {
		counter->window = INT64_MAX;
		const apl_field *field = source == APL_LUA_PARAMS ? &host->program.params->fields[counter->window_param] : NULL;
		if (field == NULL)
			apl_lua_found(L, place, "bad-from", "%s comes from data, which may change; a window is a span or comes from params", what);
		else if (apl_field_may_lack(host->program.params, counter->window_param))
			apl_lua_found(L, place, "bad-from", "%s: params.%s may be missing; give it a default, or make it required", what, field->path);
	}
}
