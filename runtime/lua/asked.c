/* SPDX-License-Identifier: MIT */
/*
 * Decides whether the names that functions write down are names of something:
 * case:effect("say"), case:raise("x.y"), case:count("abuse"), case:is_in("a.b").
 * At run time such a call would fail when it is first come to, perhaps in a
 * year; here it is told before. Only a plain text that stands in the call itself is
 * looked at, and only in the playbook's own file: what a module names
 * depends on who uses it. A name that is computed is left to run time.
 */
#include "lua/asked.h"

#include <string.h>

#include "base/error.h"

typedef enum asked_kind { ASKS_EFFECT, ASKS_EVENT, ASKS_COUNTER, ASKS_CLOCK, ASKS_STATE, ASKS_ROTA, ASKS_CALENDAR } asked_kind;

static const struct {
	const char *method;
	asked_kind kind;
	const char *slug;
	const char *fact; /* %s: the name; %s: the hint */
} methods[] = {
    {"effect", ASKS_EFFECT, "unknown-effect", "case:effect: no effect \"%.80s\" is declared%s"},
    {"ask", ASKS_EFFECT, "unknown-effect", "case:ask: no effect \"%.80s\" is declared%s"},
    {"raise", ASKS_EVENT, "unknown-event", "case:raise: no event \"%.80s\" is declared%s"},
    {"count", ASKS_COUNTER, "unknown-counter", "case:count: there is no counter \"%.80s\"%s"},
    {"clock", ASKS_CLOCK, "unknown-clock", "case:clock: there is no clock \"%.80s\"%s"},
    {"on_duty", ASKS_ROTA, "unknown-rota", "case:on_duty: there is no rota \"%.80s\"%s"},
    {"next_duty", ASKS_ROTA, "unknown-rota", "case:next_duty: there is no rota \"%.80s\"%s"},
    {"is_open", ASKS_CALENDAR, "unknown-calendar", "case:is_open: there is no calendar \"%.80s\"%s"},
    {"is_in", ASKS_STATE, "unknown-state", "case:is_in: there is no state \"%.80s\"; states are asked for by their whole path%s"},
    {"time_in", ASKS_STATE, "unknown-state", "case:time_in: there is no state \"%.80s\"; states are asked for by their whole path%s"},
};

/* Is there one of that name? Those that are there are offered to [nearest]. */
static bool is_there(const apl_lua *host, asked_kind kind, const char *name, apl_nearest *nearest) {
	const apl_chart *chart = host->program.chart;
	bool found = false;
	switch (kind) {
	case ASKS_EFFECT:
		for (uint32_t i = 0; i < host->n_effects; i++) {
			found = found || strcmp(host->effects[i].name, name) == 0;
			apl_nearest_try(nearest, host->effects[i].name);
		}
		break;
	case ASKS_EVENT:
		for (uint32_t i = 0; i < host->n_event_schemas; i++) {
			if (host->event_schemas[i].is_of_clock) continue;
			found = found || strcmp(host->event_schemas[i].name, name) == 0;
			apl_nearest_try(nearest, host->event_schemas[i].name);
		}
		break;
	case ASKS_COUNTER:
		for (uint32_t i = 0; i < host->n_counters; i++) {
			found = found || strcmp(host->counters[i].name, name) == 0;
			apl_nearest_try(nearest, host->counters[i].name);
		}
		break;
	case ASKS_CLOCK:
		for (uint32_t i = 0; i < host->n_clocks; i++) {
			found = found || strcmp(host->clock_names[i], name) == 0;
			apl_nearest_try(nearest, host->clock_names[i]);
		}
		break;
	case ASKS_ROTA:
		for (uint32_t i = 0; i < host->n_rotas; i++) {
			found = found || strcmp(host->rotas[i].name, name) == 0;
			apl_nearest_try(nearest, host->rotas[i].name);
		}
		break;
	case ASKS_CALENDAR:
		for (uint32_t i = 0; i < host->n_calendars; i++) {
			found = found || strcmp(host->calendars[i].name, name) == 0;
			apl_nearest_try(nearest, host->calendars[i].name);
		}
		break;
	case ASKS_STATE:
		if (chart == NULL) return true; /* its own findings come first */
		if (apl_chart_state(chart, name, strlen(name)) != APL_NONE) return true;
		for (uint32_t i = 1; i < chart->n_states; i++) apl_nearest_try(nearest, chart->states[i].path);
		break;
	}
	return found;
}

static bool is_sign(const apl_token *token, apl_symbol sign) {
	return token->kind == APL_TOKEN_SIGN && token->symbol == (uint8_t)sign;
}

/* The number of the method that the name is, or -1. */
static int method_named(const char *source, const apl_token *name) {
	if (name->kind != APL_TOKEN_NAME) return -1;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (strlen(methods[i].method) == name->size && memcmp(source + name->offset, methods[i].method, name->size) == 0) return (int)i;
	}
	return -1;
}

static bool check(apl_lua *host, const apl_lua_file *file, int method, const apl_token *text) {
	apl_buf value;
	char hint[160];
	apl_buf_init(&value, &host->alloc);
	apl_token_value(file->text, text, &value);
	const char *name = apl_buf_terminate(&value);
	bool has_memory = !value.failed;
	if (has_memory) {
		apl_nearest nearest = apl_nearest_to(name, strlen(name));
		if (!is_there(host, methods[method].kind, name, &nearest)) {
			apl_found(host->findings, APLOMB_ERROR, methods[method].slug, (apl_place){file->shown, text->line, text->column},
			    methods[method].fact, name, apl_nearest_hint(&nearest, hint, sizeof hint));
		}
	}
	apl_buf_dispose(&value);
	return has_memory;
}

/* : method ( "text" , or ) behind it: anything else is computed. */
bool apl_lua_check_asked(apl_lua *host) {
	const apl_lua_file *file = &host->files[0];
	apl_lexer lexer;
	apl_token last[4] = {{0}}; /* ":", method, "(", text */
	apl_lexer_init(&lexer, file->text, file->size);
	for (;;) {
		apl_token token = apl_lexer_next(&lexer);
		bool ends = is_sign(&token, APL_SIGN_COMMA) || is_sign(&token, APL_SIGN_CLOSE_PAREN);
		if (ends && last[3].kind == APL_TOKEN_TEXT && is_sign(&last[2], APL_SIGN_OPEN_PAREN) && is_sign(&last[0], APL_SIGN_COLON)) {
			int method = method_named(file->text, &last[1]);
			if (method >= 0 && !check(host, file, method, &last[3])) return false;
		}
		if (token.kind == APL_TOKEN_END) return true;
		memmove(last, last + 1, 3 * sizeof *last);
		last[3] = token;
	}
}
