/* SPDX-License-Identifier: MIT */
/*
 * Decides what the names in a playbook's texts stand for: the fields of data,
 * params and the events that the transition listens to, the states that can be
 * seen from where the text stands, the counters. And what the case of the turn
 * answers. What a text means is data/guard.h's; who asks it is answer.c's.
 */

#include "lua/text.h"

#include "data/phrase.h"
#include "engine/clocks.h"
#include "lua/delays.h"
#include "lua/reference.h"

#include <stdio.h>
#include <string.h>

/* A text that waits for its names. */
struct apl_lua_waiting_text {
	struct apl_lua_waiting_text *next;
	apl_guard *guard;
	const char *events;
	uint32_t function; /* in host->functions */
};

/* ---- from the words --------------------------------------------------------------- */

void apl_lua_add_text(lua_State *L, int index, const apl_lua_text_owner *owner, const apl_text_place *place) {
	apl_lua *host = apl_lua_of(L);
	char what[160];
	size_t size;
	const char *bytes = lua_tolstring(L, index, &size);
	snprintf(what, sizeof what, "%s%s%s", owner->label, owner->field != NULL ? ": " : "", owner->field != NULL ? owner->field : "");
	const apl_guard_text text = {bytes, size, what, place->is_plain ? apl_lua_place_in_text(L, place, 0) : place->place, place->is_plain};
	apl_guard *guard = NULL;
	if (!APL_GROW(&host->alloc, host->functions, host->n_functions, host->functions_capacity)) apl_lua_raise_memory(L);
	if (apl_guard_parse(&guard, &host->arena, owner->form, &text, host->findings) == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	host->functions[host->n_functions] = (apl_lua_function){.text = guard, .place = text.place};
	host->n_functions++;
	if (guard == NULL) return; /* the playbook is not loaded: nobody will ask */
	struct apl_lua_waiting_text *waiting = apl_arena_take(&host->arena, sizeof *waiting);
	if (waiting == NULL) apl_lua_raise_memory(L);
	*waiting = (struct apl_lua_waiting_text){host->declaring->texts_waiting, guard, owner->events, host->n_functions - 1};
	host->declaring->texts_waiting = waiting;
	host->functions[host->n_functions - 1].cost = apl_guard_cost(guard);
	if (apl_guard_asks_time_in(guard)) host->program.asks_time_in = true;
}

/* ---- names --------------------------------------------------------------------------- */

typedef struct naming {
	apl_lua *host;
	uint32_t state; /* that carries the text */
} naming;

static uint32_t child_named(const apl_chart *chart, uint32_t parent, const char *id, size_t size) {
	for (uint32_t s = chart->states[parent].first_child; s != APL_NONE && s < chart->states[parent].end; s = chart->states[s].end) {
		if (strlen(chart->states[s].id) == size && memcmp(chart->states[s].id, id, size) == 0) return s;
	}
	return APL_NONE;
}

/* As a target is found: among the children, the state itself, its siblings, then outward. */
static uint32_t state_near(const apl_chart *chart, uint32_t from, const char *id, size_t size) {
	for (uint32_t s = from;; s = chart->states[s].parent) {
		uint32_t found = child_named(chart, s, id, size);
		if (found != APL_NONE) return found;
		if (s == 0) return APL_NONE;
		if (strlen(chart->states[s].id) == size && memcmp(chart->states[s].id, id, size) == 0) return s;
	}
}

static uint32_t find_state(void *self, const char *path, size_t size, char *hint, size_t hint_size) {
	const naming *n = self;
	const apl_chart *chart = n->host->program.chart;
	uint32_t state = memchr(path, '.', size) == NULL ? state_near(chart, n->state, path, size) : APL_NONE;
	if (state == APL_NONE) state = apl_chart_state(chart, path, size);
	if (state != APL_NONE && state != 0) return state;
	for (uint32_t s = 1; s < chart->n_states; s++) {
		if (strlen(chart->states[s].id) != size || memcmp(chart->states[s].id, path, size) != 0) continue;
		snprintf(hint, hint_size, "; from here it is called \"%.200s\"", chart->states[s].path);
		return APL_NO_FIELD;
	}
	apl_nearest nearest = apl_nearest_to(path, size);
	for (uint32_t s = 1; s < chart->n_states; s++) apl_nearest_try(&nearest, chart->states[s].path);
	for (uint32_t s = 1; s < chart->n_states && nearest.best == NULL; s++) apl_nearest_try(&nearest, chart->states[s].id);
	apl_nearest_hint(&nearest, hint, hint_size);
	return APL_NO_FIELD;
}

static uint32_t find_counter(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	const apl_lua *host = ((const naming *)self)->host;
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < host->n_counters; i++) {
		if (strlen(host->counters[i].name) == size && memcmp(host->counters[i].name, name, size) == 0) return i;
		apl_nearest_try(&nearest, host->counters[i].name);
	}
	apl_nearest_hint(&nearest, hint, hint_size);
	return APL_NO_FIELD;
}

static uint32_t find_clock(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	const apl_lua *host = ((const naming *)self)->host;
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < host->n_clocks; i++) {
		if (strlen(host->clock_names[i]) == size && memcmp(host->clock_names[i], name, size) == 0) return i;
		apl_nearest_try(&nearest, host->clock_names[i]);
	}
	apl_nearest_hint(&nearest, hint, hint_size);
	return APL_NO_FIELD;
}

static int clock_counts(void *self, uint32_t number) {
	const apl_clock_rule *clock = &((const naming *)self)->host->clocks[number];
	return clock->handler != APL_NO_HANDLER ? -1 : clock->unit != APL_SPAN_CLOCK;
}

uint32_t apl_lua_find_rota(const apl_lua *host, const char *name, size_t size, char *hint, size_t hint_size) {
	apl_nearest nearest = apl_nearest_to(name, size);
	for (uint32_t i = 0; i < host->n_rotas; i++) {
		if (strlen(host->rotas[i].name) == size && memcmp(host->rotas[i].name, name, size) == 0) return i;
		apl_nearest_try(&nearest, host->rotas[i].name);
	}
	apl_nearest_hint(&nearest, hint, hint_size);
	return APL_NO_FIELD;
}

static uint32_t find_rota(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	return apl_lua_find_rota(((const naming *)self)->host, name, size, hint, hint_size);
}

/* What every text may name; states and events are for whoever knows where it stands. */
static apl_guard_scope scope_of(naming *names) {
	return (apl_guard_scope){.data = names->host->program.data,
	    .params = names->host->program.params,
	    .self = names,
	    .counter = find_counter,
	    .clock = find_clock,
	    .rota = find_rota,
	    .clock_counts = clock_counts};
}

/* Does one of the descriptors take the event? */
static bool listens(const char *events, const char *name) {
	char pattern[256];
	while (*events != '\0') {
		size_t size = strcspn(events, " "), kept = size;
		if (kept > 2 && events[kept - 1] == '*' && events[kept - 2] == '.') kept -= 2;
		if (kept < sizeof pattern) {
			memcpy(pattern, events, kept);
			pattern[kept] = '\0';
			if (apl_pattern_matches(pattern, name, strlen(name))) return true;
		}
		events += size;
		events += *events == ' ';
	}
	return false;
}

static const apl_schema *error_schema(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	uint32_t fields[APL_ERROR_FIELDS];
	if (host->error_schema == NULL) host->error_schema = apl_error_schema_new(&host->alloc, fields);
	if (host->error_schema == NULL) apl_lua_raise_memory(L);
	return host->error_schema;
}

/* The events that may be the one of the moment. */
static void gather_events(lua_State *L, const char *events, apl_guard_scope *scope) {
	apl_lua *host = apl_lua_of(L);
	apl_guard_event *list = apl_arena_take(&host->arena, (host->n_event_schemas + 3) * sizeof *list);
	if (list == NULL) apl_lua_raise_memory(L);
	scope->events = list;
	scope->n_events = 0;
	scope->is_of_all_events = events == NULL;
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const apl_lua_event *event = &host->event_schemas[i];
		if (events != NULL && !listens(events, event->name)) continue;
		/* The machine's own: see below. */
		if (events == NULL &&
		    (event->is_of_clock || strncmp(event->name, "error.ask.", 10) == 0 || strncmp(event->name, "error.effect.", 13) == 0))
			continue;
		if (event->schema == NULL)
			scope->lacks_events = true;
		else
			list[scope->n_events++] = (apl_guard_event){event->name, event->schema};
	}
	/* The machine's own; a text that may see any event sees those of the playbook. */
	static const char *const errors[] = {"error.execution", "error.communication"};
	for (int i = 0; i < 2 && events != NULL; i++) {
		if (listens(events, errors[i])) list[scope->n_events++] = (apl_guard_event){errors[i], error_schema(L)};
	}
}

/* ---- texts that are not the playbook's ------------------------------------------------------ */

int apl_lua_read_text(
    apl_lua *host, apl_arena *arena, apl_guard_form form, const apl_guard_text *text, apl_findings *findings, apl_guard **out) {
	naming names = {host, 0};
	apl_guard *guard = NULL;
	int code = apl_guard_parse(&guard, arena, form, text, findings);
	if (code != APLOMB_OK) return code;
	apl_guard_event *events = apl_arena_take(arena, (host->n_event_schemas + 1) * sizeof *events);
	if (events == NULL) return APLOMB_ENOMEM;
	apl_guard_scope scope = scope_of(&names);
	scope.events = events;
	scope.is_of_all_events = true;
	scope.state = find_state;
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const apl_lua_event *event = &host->event_schemas[i];
		if (event->schema != NULL && !event->is_of_clock) events[scope.n_events++] = (apl_guard_event){event->name, event->schema};
	}
	code = apl_guard_type(guard, &scope, APL_GUARD_ANY_SCALAR, findings);
	if (code == APLOMB_OK) *out = guard;
	return code;
}

/* ---- where texts stand ------------------------------------------------------------------ */

static void note_state(const apl_lua *host, uint32_t *states, int32_t handler, uint32_t state) {
	if (handler == APL_NO_HANDLER) return;
	const apl_lua_handler *what = &host->handlers[handler];
	for (uint32_t i = 0; what->kind == APL_LUA_FUNCTIONS && i < what->count; i++) states[what->first + i] = state;
}

/* The state that carries each function; of counters' it is the root. */
static uint32_t *states_of_functions(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const apl_chart *chart = host->program.chart;
	uint32_t *states = apl_arena_take(&host->arena, (host->n_functions + 1) * sizeof *states);
	if (states == NULL) apl_lua_raise_memory(L);
	memset(states, 0, (host->n_functions + 1) * sizeof *states);
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		note_state(host, states, chart->transitions[i].guard, chart->transitions[i].source);
		note_state(host, states, chart->transitions[i].block, chart->transitions[i].source);
	}
	for (uint32_t s = 0; s < chart->n_states; s++) {
		const apl_state *state = &chart->states[s];
		for (uint32_t i = 0; i < state->n_entry; i++) note_state(host, states, chart->blocks[state->first_entry + i], s);
		for (uint32_t i = 0; i < state->n_exit; i++) note_state(host, states, chart->blocks[state->first_exit + i], s);
	}
	return states;
}

/* What `from` stands for as an expression: it may stand anywhere, so it sees any event, and states from the root. */
static void type_references(lua_State *L, naming *names) {
	apl_lua *host = apl_lua_of(L);
	for (uint32_t i = 0; i < host->n_references; i++) {
		apl_lua_reference *r = &host->references[i];
		if (r->value == NULL) continue;
		apl_guard_scope scope = scope_of(names);
		names->state = 0;
		if (host->program.chart != NULL) scope.state = find_state;
		gather_events(L, NULL, &scope);
		int code = apl_guard_type(r->value, &scope, APL_GUARD_ANY_SCALAR, host->findings);
		if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
		r->is_good = code == APLOMB_OK;
		if (r->is_good) r->sees_event = apl_guard_sees_event(r->value);
	}
}

/* Expressions where a span or an instant is needed come to one; a warning may come to a fraction. */
static void check_times(lua_State *L) {
	const apl_lua *host = apl_lua_of(L);
	for (uint32_t i = 0; i < host->n_handlers; i++) {
		const apl_lua_handler *handler = &host->handlers[i];
		if (handler->kind != APL_LUA_EXPRESSION) continue;
		const apl_lua_reference *r = &host->references[handler->first];
		if (!r->is_good || apl_guard_type_of(r->value) == handler->answers) continue;
		if (handler->may_be_fraction && apl_guard_type_of(r->value) == APL_TYPE_NUMBER) continue;
		apl_lua_found(L, handler->place, "bad-from", "from \"%s\" comes to %s where %s is needed", r->name,
		    apl_type_name(apl_guard_type_of(r->value)), apl_lua_needed_time(handler->answers, handler->may_be_fraction));
	}
}

/* What a window is computed from is always there and never changes while the case lives. */
static void check_window(lua_State *L, const apl_counter *counter) {
	const apl_lua *host = apl_lua_of(L);
	const apl_lua_handler *handler = &host->handlers[counter->window_handler - 1];
	const apl_lua_reference *r = &host->references[handler->first];
	if (!r->is_good) return;
	for (uint32_t i = 0; i < apl_guard_parts(r->value); i++) {
		apl_guard_part part;
		apl_guard_part_at(r->value, i, &part);
		bool is_param = part.kind == APL_GUARD_PATH && part.size > 7 && memcmp(part.text, "params.", 7) == 0;
		bool asks_case = part.kind == APL_GUARD_QUESTION && part.word != NULL && strcmp(part.word, "has") != 0 &&
		                 strcmp(part.word, "len") != 0 && strcmp(part.word, "contains") != 0;
		if ((part.kind == APL_GUARD_PATH && !is_param) || asks_case) {
			apl_lua_found(L, handler->place, "bad-from",
			    "counter \"%s\": window: %.*s may change while a case lives; a window comes from params alone", counter->name,
			    (int)part.size, part.text);
			return;
		}
		for (uint32_t f = 0; is_param && f < host->program.params->n_fields; f++) {
			const char *path = host->program.params->fields[f].path;
			if (strlen(path) != part.size - 7 || memcmp(path, part.text + 7, part.size - 7) != 0 ||
			    !apl_field_may_lack(host->program.params, f))
				continue;
			apl_lua_found(L, handler->place, "bad-from",
			    "counter \"%s\": window: params.%s may be missing; give it a default, or make it required", counter->name, path);
		}
	}
}

void apl_lua_type_texts(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	naming names = {host, 0};
	bool has_chart = host->program.chart != NULL;
	const uint32_t *states = has_chart && host->declaring->texts_waiting != NULL ? states_of_functions(L) : NULL;
	for (struct apl_lua_waiting_text *text = host->declaring->texts_waiting; text != NULL; text = text->next) {
		apl_guard_scope scope = scope_of(&names);
		if (has_chart) {
			scope.state = find_state;
			names.state = states[text->function];
		}
		gather_events(L, text->events, &scope);
		if (apl_guard_type(text->guard, &scope, APL_GUARD_ANY_SCALAR, host->findings) == APLOMB_ENOMEM) apl_lua_raise_memory(L);
		host->functions[text->function].sees_event = apl_guard_sees_event(text->guard);
	}
	type_references(L, &names);
	check_times(L);
	for (uint32_t i = 0; i < host->n_counters; i++)
		if (host->counters[i].window_handler != 0) check_window(L, &host->counters[i]);
}

/* ---- what the case answers ------------------------------------------------------------------ */

static void know_text(apl_guard_value *out, const char *bytes, size_t size) {
	out->type = APL_TYPE_TEXT;
	out->is_there = bytes != NULL;
	out->as.text.bytes = bytes;
	out->as.text.size = (uint32_t)size;
}

static void know_terminated(apl_guard_value *out, const char *text) {
	know_text(out, text, text != NULL ? strlen(text) : 0);
}

static void know_integer(apl_guard_value *out, apl_type type, int64_t integer) {
	*out = (apl_guard_value){.type = (uint8_t)type, .is_there = true, .as.integer = integer};
}

static void know_span(apl_guard_value *out, bool is_there, aplomb_span span, apl_span_unit unit) {
	*out = (apl_guard_value){.type = APL_TYPE_SPAN, .is_there = is_there, .unit = (uint8_t)unit, .as.integer = is_there ? span : 0};
}

static void know_counted(apl_guard_value *out, bool is_there, aplomb_span span, apl_span_unit unit, bool up) {
	apl_clock_in_people_time(span, up, &unit, &span);
	know_span(out, is_there, span, unit);
}

static void know_clock(const apl_turn *turn, apl_guard_topic topic, uint32_t number, apl_guard_value *out) {
	apl_clock_view view;
	apl_clock_look(turn->the_case, number, turn->now, &view);
	switch (topic) {
	case APL_GUARD_CLOCK_ELAPSED: know_counted(out, view.has_begun, view.elapsed, view.unit, false); return;
	case APL_GUARD_CLOCK_LEFT: know_counted(out, view.has_begun, view.left, view.unit, true); return;
	case APL_GUARD_CLOCK_TARGET: know_span(out, view.has_target, view.span, view.unit); return;
	case APL_GUARD_CLOCK_DEADLINE:
		*out = (apl_guard_value){.type = APL_TYPE_INSTANT, .is_there = view.has_deadline, .as.integer = view.deadline};
		return;
	default:
		*out = (apl_guard_value){
		    .type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = topic == APL_GUARD_CLOCK_RUNNING ? view.runs : view.is_breached};
	}
}

/* As of the step's time. Whoever is looked for among many is so much work, as for case:on_duty. */
static void know_duty(apl_lua *host, apl_guard_topic topic, uint32_t number, apl_guard_value *out) {
	const apl_rota *rota = host->turn->program->rotas[number].rota;
	const char *who = apl_rota_who(rota, host->turn->now);
	host->spent += apl_rota_size(rota);
	if (topic == APL_GUARD_ON_DUTY)
		know_terminated(out, who);
	else
		*out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = who == NULL};
}

void apl_lua_know(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out) {
	apl_lua *host = self;
	const apl_turn *turn = host->turn;
	apl_case *c = turn->the_case;
	const apl_payload *payload = apl_turn_payload(turn);
	switch (topic) {
	case APL_GUARD_CASE_ID: know_text(out, apl_case_id(c), c->id_size); return;
	case APL_GUARD_CASE_SUBJECT: know_terminated(out, apl_case_subject(c)); return;
	case APL_GUARD_CASE_LOCALE: know_terminated(out, apl_case_locale(c)); return;
	case APL_GUARD_CASE_NOW: know_integer(out, APL_TYPE_INSTANT, turn->now); return;
	case APL_GUARD_CASE_OPENED_AT: know_integer(out, APL_TYPE_INSTANT, c->opened_at); return;
	case APL_GUARD_EVENT_NAME:
		know_text(out, turn->event != NULL ? turn->event->name : NULL, turn->event != NULL ? turn->event->size : 0);
		return;
	case APL_GUARD_EVENT_BY: know_terminated(out, payload != NULL ? payload->by : NULL); return;
	case APL_GUARD_EVENT_ID: know_terminated(out, payload != NULL ? payload->id : NULL); return;
	case APL_GUARD_IS_IN:
		*out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = apl_set_has(apl_case_configuration(c), number)};
		return;
	case APL_GUARD_TIME_IN_STAY:
	case APL_GUARD_TIME_IN_TOTAL:
		know_integer(out, APL_TYPE_SPAN, apl_turn_time_in_state(turn, number, topic == APL_GUARD_TIME_IN_TOTAL));
		return;
	case APL_GUARD_COUNT: know_integer(out, APL_TYPE_INTEGER, apl_turn_count_of(turn, number)); return;
	case APL_GUARD_CLOCK_ELAPSED:
	case APL_GUARD_CLOCK_LEFT:
	case APL_GUARD_CLOCK_TARGET:
	case APL_GUARD_CLOCK_DEADLINE:
	case APL_GUARD_CLOCK_RUNNING:
	case APL_GUARD_CLOCK_BREACHED: know_clock(turn, topic, number, out); return;
	case APL_GUARD_ON_DUTY:
	case APL_GUARD_NOBODY_ON_DUTY: know_duty(host, topic, number, out); return;
	}
}

void apl_lua_whole(void *self, const uint64_t *data, apl_guard_value *out) {
	apl_lua *host = self;
	apl_buf_clear(&host->whole);
	apl_spread_write(&host->whole, host->program.data, data);
	if (host->whole.failed)
		apl_turn_breach(host->turn, "limit-memory", APL_NOWHERE, "the host has no memory for data.variables as one text");
	know_text(out, host->whole.failed ? "{}" : host->whole.bytes, host->whole.failed ? 2 : host->whole.size);
	out->type = APL_TYPE_ANY;
}
