/* SPDX-License-Identifier: MIT */
#include "guard_stage.h"

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "time/instant.h"

static const char data_declaration[] =
    "{'n':{'type':'integer'},'m':{'type':'integer','default':7},'low':{'type':'integer','min':0,'max':9,'default':3},"
    "'x':{'type':'number'},'y':{'type':'number','default':2.5},'b':{'type':'boolean'},'yes':{'type':'boolean','default':true},"
    "'t':{'type':'text'},'hello':{'type':'text','default':'h\xc3\xa9llo'},'short':{'type':'text','max':5},"
    "'value':{'type':'money'},'price':{'type':'money','default':'12.50 GBP'},'capped':{'type':'money','max':'20.00 GBP'},"
    "'at':{'type':'instant'},'since':{'type':'instant','default':'2026-11-23T12:00:00Z'},"
    "'wait':{'type':'span'},'patience':{'type':'span','default':'10m'},'days':{'type':'span','default':'2 business days'},"
    "'cause':{'type':'one_of','choices':['stress','product','bad-day']},"
    "'mood':{'type':'one_of','choices':['calm','angry','stress'],'default':'calm'},"
    "'said':{'type':'list','items':{'type':'text'}},'tags':{'type':'list','items':{'type':'text'},'default':['a','b\\\"c','\xc3\xa9']},"
    "'sums':{'type':'list','items':{'type':'money'},'default':['1.00 GBP','2.00 EUR']},"
    "'waits':{'type':'list','items':{'type':'span'},'default':['60m','1 business hour']},"
    "'times':{'type':'list','items':{'type':'instant'},'default':['2026-11-23T13:00:00+01:00']},"
    "'kinds':{'type':'list','items':{'type':'one_of','choices':['x','y']},'default':['x']},"
    "'numbers':{'type':'list','items':{'type':'number'},'default':[1,2.5]},"
    "'flags':{'type':'list','items':{'type':'boolean'},'default':[false]},"
    "'rows':{'type':'list','items':{'type':'fields','members':{'n':{'type':'integer'}}}},"
    "'mixed':{'type':'list','default':[1,'one',true,[1],{'k':'one, two'},2.5,'a\\nb']},"
    "'notes':{'type':'any'},'secret':{'type':'text','personal':true},'order':{'type':'text','required':true,'default':'A1'},"
    "'address':{'type':'fields','members':{'city':{'type':'text'},'zip':{'type':'fields','members':{'code':{'type':'integer'}}}}},"
    "'and':{'type':'integer','default':5}}";

static const char params_declaration[] =
    "{'limit':{'type':'money','default':'40.00 GBP'},'most':{'type':'integer','default':3},'answer_in':{'type':'span','default':'15m'},"
    "'none':{'type':'integer'},'deep':{'type':'fields','members':{'n':{'type':'integer','default':7}}}}";

static const char go_declaration[] =
    "{'tone':{'type':'number'},'abusive':{'type':'boolean'},'text':{'type':'text'},'cause':{'type':'one_of','choices':['stress','product']}"
    ","
    "'count':{'type':'integer'},'items':{'type':'list','items':{'type':'text'}},'any':{'type':'any'},'value':{'type':'money'},"
    "'place':{'type':'fields','members':{'city':{'type':'text'}}},'wait':{'type':'span'},'mix':{'type':'integer'}}";
static const char stop_declaration[] =
    "{'tone':{'type':'number'},'reason':{'type':'text'},'cause':{'type':'one_of','choices':['angry']},'mix':{'type':'text'},"
    "'id':{'type':'text'}}";
static const char other_declaration[] = "{'other':{'type':'integer'},'name':{'type':'integer'}}";
static const char *const event_declarations[STAGE_EVENTS] = {go_declaration, stop_declaration, other_declaration};
static const char *const event_names[STAGE_EVENTS] = {"go", "stop", "other"};

/* ---- what only a running case knows ----------------------------------------- */

static const char *const states[] = {"talking", "talking.slow", "done"};
static const char *const counters[] = {"abuse", "offers"};
static const char *const rotas[] = {"support", "nights"};       /* Ada has it; nobody is there */
static const char *const clocks[] = {"resolve", "first-reply"}; /* of business hours, and running; of the clock, and not begun */

static uint32_t find(const char *const *names, size_t count, const char *name, size_t size, char *hint, size_t hint_size) {
	apl_nearest nearest = apl_nearest_to(name, size);
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) return (uint32_t)i;
		apl_nearest_try(&nearest, names[i]);
	}
	apl_nearest_hint(&nearest, hint, hint_size);
	return APL_NO_FIELD;
}

static uint32_t find_state(void *self, const char *path, size_t size, char *hint, size_t hint_size) {
	(void)self;
	return find(states, 3, path, size, hint, hint_size);
}

static uint32_t find_counter(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	(void)self;
	return find(counters, 2, name, size, hint, hint_size);
}

static uint32_t find_clock(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	(void)self;
	return find(clocks, 2, name, size, hint, hint_size);
}

static uint32_t find_rota(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	(void)self;
	return find(rotas, 2, name, size, hint, hint_size);
}

static void know_text(apl_guard_value *out, const char *text) {
	*out = (apl_guard_value){.type = APL_TYPE_TEXT, .is_there = text != NULL};
	out->as.text.bytes = text;
	out->as.text.size = text != NULL ? (uint32_t)strlen(text) : 0;
}

static void know_integer(apl_guard_value *out, apl_type type, int64_t integer) {
	*out = (apl_guard_value){.type = (uint8_t)type, .is_there = true, .as.integer = integer};
}

static void know(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out) {
	const stage *s = self;
	int64_t now = 0;
	assert_int_equal(apl_instant_read("2026-11-23T13:00:00Z", 20, &now, NULL), APLOMB_OK);
	if (s->is_silent) return;
	switch (topic) {
	case APL_GUARD_CASE_ID: know_text(out, "c-1"); return;
	case APL_GUARD_CASE_SUBJECT: know_text(out, NULL); return;
	case APL_GUARD_CASE_LOCALE: know_text(out, "en"); return;
	case APL_GUARD_CASE_NOW: know_integer(out, APL_TYPE_INSTANT, now); return;
	case APL_GUARD_CASE_OPENED_AT: know_integer(out, APL_TYPE_INSTANT, now - 2 * APL_HOUR); return;
	case APL_GUARD_EVENT_NAME: know_text(out, s->situation.event_schema != NULL ? "go" : NULL); return;
	case APL_GUARD_EVENT_BY: know_text(out, "customer"); return;
	case APL_GUARD_EVENT_ID: know_text(out, NULL); return;
	case APL_GUARD_IS_IN: *out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = number == 0}; return;
	case APL_GUARD_TIME_IN_STAY: know_integer(out, APL_TYPE_SPAN, 5 * APL_MINUTE); return;
	case APL_GUARD_TIME_IN_TOTAL: know_integer(out, APL_TYPE_SPAN, APL_HOUR); return;
	case APL_GUARD_COUNT: know_integer(out, APL_TYPE_INTEGER, 2 + (int64_t)number); return;
	case APL_GUARD_CLOCK_ELAPSED:
	case APL_GUARD_CLOCK_LEFT:
	case APL_GUARD_CLOCK_TARGET:
		*out = (apl_guard_value){.type = APL_TYPE_SPAN,
		    .is_there = number == 0,
		    .unit = APL_SPAN_BUSINESS_HOURS,
		    .as.integer = topic == APL_GUARD_CLOCK_ELAPSED ? APL_HOUR
		                  : topic == APL_GUARD_CLOCK_LEFT  ? 3 * APL_HOUR
		                                                   : 4 * APL_HOUR};
		return;
	case APL_GUARD_CLOCK_DEADLINE:
		*out = (apl_guard_value){.type = APL_TYPE_INSTANT, .is_there = number == 0, .as.integer = now + APL_HOUR};
		return;
	case APL_GUARD_CLOCK_RUNNING:
	case APL_GUARD_CLOCK_BREACHED:
		*out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = number == 0 && topic == APL_GUARD_CLOCK_RUNNING};
		return;
	case APL_GUARD_ON_DUTY: know_text(out, number == 0 ? "Ada" : NULL); return;
	case APL_GUARD_NOBODY_ON_DUTY: *out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = number == 1}; return;
	}
}

/* ---- life ----------------------------------------------------------------------- */

static uint64_t *begin_record(stage *s, const apl_schema *schema) {
	uint64_t *words = new_words(&s->alloc, schema);
	assert_true(apl_record_init(schema, words, (apl_keep){&s->alloc, NULL}));
	return words;
}

static void end_record(stage *s, const apl_schema *schema, uint64_t *words) {
	apl_record_dispose(schema, words, &s->alloc);
	free_words(&s->alloc, schema, words);
}

void stage_open(stage *s) {
	memset(s, 0, sizeof *s);
	s->alloc = test_heap_allocator(&s->heap);
	apl_arena_init(&s->arena, &s->alloc);
	apl_tape_init(&s->tape, &s->alloc);
	s->data = declared(&s->alloc, data_declaration);
	s->params = declared(&s->alloc, params_declaration);
	s->data_words = begin_record(s, s->data);
	s->params_words = begin_record(s, s->params);
	for (int i = 0; i < STAGE_EVENTS; i++) {
		s->events[i] = declared(&s->alloc, event_declarations[i]);
		s->event_words[i] = begin_record(s, s->events[i]);
	}
	s->scope = (apl_guard_scope){.data = s->data,
	    .params = s->params,
	    .events = s->listened,
	    .state = find_state,
	    .counter = find_counter,
	    .clock = find_clock,
	    .rota = find_rota,
	    .self = s};
	s->situation = (apl_guard_situation){.data = s->data_words, .params = s->params_words, .know = know, .self = s};
	stage_listen(s, NULL);
}

void stage_close(stage *s) {
	for (int i = 0; i < STAGE_EVENTS; i++) {
		end_record(s, s->events[i], s->event_words[i]);
		apl_schema_free(s->events[i]);
	}
	end_record(s, s->params, s->params_words);
	end_record(s, s->data, s->data_words);
	apl_schema_free(s->params);
	apl_schema_free(s->data);
	apl_tape_dispose(&s->tape);
	apl_arena_dispose(&s->arena);
	assert_int_equal(s->heap.blocks, 0);
	assert_int_equal(s->heap.bytes, 0);
}

void stage_listen(stage *s, const char *events) {
	static const char letters[] = "gso";
	s->scope.n_events = 0;
	s->scope.is_of_all_events = events == NULL;
	for (int i = 0; i < STAGE_EVENTS; i++) {
		if (events == NULL || strchr(events, letters[i]) != NULL)
			s->listened[s->scope.n_events++] = (apl_guard_event){event_names[i], s->events[i]};
	}
}

static void fill(stage *s, const apl_schema *schema, uint64_t *words, const char *json, const char *what) {
	aplomb_error error = {0};
	apl_writer writer = {.schema = schema, .words = words, .keep = {&s->alloc, NULL}, .what = what};
	apl_record_dispose(schema, words, &s->alloc);
	read_json(&s->tape, json != NULL ? json : "{}");
	if (apl_record_read(&writer, &s->tape, 0, &error) != APLOMB_OK) fail_msg("%s: %s", json, error.message);
}

void stage_data(stage *s, const char *json) {
	fill(s, s->data, s->data_words, json, "data");
}

void stage_event(stage *s, int event, const char *json) {
	s->situation.event_schema = event >= 0 ? s->events[event] : NULL;
	s->situation.event = event >= 0 ? s->event_words[event] : NULL;
	if (event >= 0) fill(s, s->events[event], s->event_words[event], json, "event");
}

/* ---- texts -------------------------------------------------------------------------- */

static void take_finding(const aplomb_finding *finding, void *payload) {
	stage *s = payload;
	size_t used = strlen(s->said);
	snprintf(s->said + used, sizeof s->said - used, "%s%s%s: %s", used > 0 ? "\n" : "",
	    finding->severity == APLOMB_ERROR  ? ""
	    : finding->severity == APLOMB_NOTE ? "(note) "
	                                       : "(warning) ",
	    finding->slug, finding->message);
}

apl_guard *stage_guard(stage *s, apl_guard_form form, const char *text, int wanted) {
	apl_guard *guard = NULL;
	apl_findings findings;
	apl_alloc system = apl_alloc_system();
	apl_findings_init(&findings, &system);
	apl_arena_reset(&s->arena);
	const apl_guard_text given = {text, strlen(text), "when", {"p.lua", 7, 0}, false};
	int code = apl_guard_parse(&guard, &s->arena, form, &given, &findings);
	if (code == APLOMB_OK) code = apl_guard_type(guard, &s->scope, wanted, &findings);
	s->said[0] = '\0';
	apl_findings_tell(&findings, take_finding, s);
	assert_true(code == APLOMB_OK ? findings.errors == 0 : findings.errors > 0 || s->scope.data == NULL);
	apl_findings_dispose(&findings);
	return code == APLOMB_OK ? guard : NULL;
}

const char *stage_ask(stage *s, const char *text) {
	static const char *const answers[] = {[APL_GUARD_FALSE] = "false", [APL_GUARD_TRUE] = "true", [APL_GUARD_UNKNOWN] = "unknown"};
	apl_guard *guard = stage_guard(s, APL_GUARD_TRUTH, text, APL_GUARD_ANY_SCALAR);
	if (guard == NULL) return "refused";
	apl_guard_trouble trouble = {0};
	apl_guard_answer answer = apl_guard_ask(guard, &s->situation, &trouble);
	return answer == APL_GUARD_ERROR ? trouble.slug : answers[answer];
}
