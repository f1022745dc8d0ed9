/* SPDX-License-Identifier: MIT */
/*
 * A text in brief means what the text means: random guards and assignments over
 * random records, in which much is missing, are answered both ways. That a
 * part cannot be brief is fine; that it comes to something else is not.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "data/brief.h"
#include "declare.h"

enum { TEXTS = 20000, FEWER_TEXTS = 1000, RECORDS = 40, MOST_TEXT = 2048, N_EVENTS = 2 };

static const char data_declaration[] =
    "{'i':{'type':'integer'},'j':{'type':'integer','default':3},'l':{'type':'integer','min':-5,'max':5},'x':{'type':'number'},"
    "'b':{'type':'boolean'},'c':{'type':'boolean','default':false},'o':{'type':'one_of','choices':['red','green','blue']},"
    "'s':{'type':'span'},'t':{'type':'text'},'deep':{'type':'fields','members':{'n':{'type':'integer'},'f':{'type':'boolean'}}}}";
static const char params_declaration[] = "{'p':{'type':'integer','default':2},'q':{'type':'boolean'}}";
static const char *const event_declarations[N_EVENTS] = {
    "{'tone':{'type':'integer','required':true},'abusive':{'type':'boolean'},'kind':{'type':'one_of','choices':['a','b']}}",
    "{'abusive':{'type':'boolean'},'more':{'type':'integer'},'tone':{'type':'integer'}}"};

static uint64_t seed = 20261125;

static uint32_t below(uint32_t bound) {
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 11) % bound);
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof *(list))])

/* ---- texts -------------------------------------------------------------------- */

static const char *const integers[] = {"data.i", "data.j", "data.l", "params.p", "event.tone", "event.more", "data.deep.n"};
static const char *const flags[] = {"data.b", "data.c", "params.q", "event.abusive", "data.deep.f"};
static const char *const things[] = {
    "data.i", "data.x", "data.b", "data.o", "data.s", "data.t", "data.deep", "event.abusive", "event.more", "params.q"};
static const char *const literals[] = {"0", "1", "-2", "3", "5", "9223372036854775807", "-9223372036854775807"};
static const char *const orders[] = {"<", "<=", ">", ">=", "==", "~="};
static const char *const states[] = {"one", "two", "seventy"};

static void put(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void put(char *out, size_t size, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int written = vsnprintf(out, size, format, arguments);
	va_end(arguments);
	assert_true(written >= 0 && (size_t)written < size);
}

static void make_truth(char *out, size_t size, int depth) {
	char left[MOST_TEXT / 2], right[MOST_TEXT / 2];
	if (depth > 0 && below(4) > 0) {
		make_truth(left, sizeof left, depth - 1);
		if (below(4) == 0) {
			put(out, size, "not (%s)", left);
			return;
		}
		make_truth(right, sizeof right, depth - 1);
		put(out, size, "(%s) %s (%s)", left, below(2) == 0 ? "and" : "or", right);
		return;
	}
	switch (below(13)) {
	case 0:
	case 1:
	case 2: put(out, size, "%s %s %s", PICK(integers), PICK(orders), PICK(literals)); return;
	case 3: put(out, size, "%s %s %s", PICK(literals), PICK(orders), PICK(integers)); return;
	case 4: put(out, size, "%s %s %s", PICK(integers), PICK(orders), PICK(integers)); return;
	case 5: put(out, size, "%s", PICK(flags)); return;
	case 6: put(out, size, "%s == %s", PICK(flags), below(2) == 0 ? "true" : "false"); return;
	case 7: put(out, size, "has(%s)", PICK(things)); return;
	case 8: put(out, size, "%s %s nil", PICK(things), below(2) == 0 ? "==" : "~="); return;
	case 9: put(out, size, "data.x %s %s", PICK(orders), below(2) == 0 ? "0.5" : "2"); return;
	case 10: put(out, size, "data.o %s '%s'", below(2) == 0 ? "==" : "~=", below(2) == 0 ? "red" : "blue"); return;
	case 11: put(out, size, "is_in('%s')", PICK(states)); return;
	default: put(out, size, "%s", below(2) == 0 ? "data.s > '90s'" : "data.i + 1 > data.j"); return;
	}
}

static void make_assignment(char *out, size_t size) {
	static const char *const targets[] = {"data.i", "data.j", "data.l"};
	const char *target = PICK(targets);
	switch (below(8)) {
	case 0: put(out, size, "%s = %s", target, PICK(literals)); return;
	case 1: put(out, size, "%s = %s + %s", target, target, below(2) == 0 ? "1" : "9223372036854775807"); return;
	case 2: put(out, size, "%s = %s - %s", target, PICK(integers), PICK(literals)); return;
	case 3: put(out, size, "%s = %s %s %s", target, PICK(integers), below(2) == 0 ? "+" : "-", PICK(integers)); return;
	case 4: put(out, size, "%s = %s", target, PICK(integers)); return;
	case 5: put(out, size, "data.b = %s", below(3) == 0 ? "true" : PICK(flags)); return;
	case 6: put(out, size, "%s = 1 + %s", target, PICK(integers)); return;
	default: put(out, size, "%s", below(2) == 0 ? "data.o = 'green'" : "data.deep.n = 1"); return;
	}
}

static void make_actions(char *out, size_t size) {
	size_t used = 0;
	for (uint32_t i = 0, n = 1 + below(3); i < n; i++) {
		char one[MOST_TEXT / 4];
		make_assignment(one, sizeof one);
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? "; " : "", one);
	}
}

/* ---- records ------------------------------------------------------------------- */

static void fill(const apl_schema *schema, uint64_t *words, const apl_alloc *alloc) {
	static const int64_t values[] = {0, 1, -2, 3, 5, -5, INT64_MAX, INT64_MIN, INT64_MAX - 1};
	static const char *const choices[] = {"red", "green", "blue", "a", "b"};
	const apl_writer writer = {.schema = schema, .words = words, .keep = {alloc, NULL}, .what = "record"};
	assert_true(apl_record_init(schema, words, writer.keep));
	for (uint32_t i = 1; i < schema->n_fields; i++) {
		const apl_field *field = &schema->fields[i];
		if (below(3) == 0) {
			if (below(3) == 0 && field->type != APL_TYPE_FIELDS) apl_record_clear(&writer, i, NULL);
			continue;
		}
		/* What does not fit is not written, and that is fine as well. */
		if (field->type == APL_TYPE_INTEGER || field->type == APL_TYPE_SPAN) apl_record_set_integer(&writer, i, PICK(values), NULL);
		if (field->type == APL_TYPE_NUMBER) apl_record_set_number(&writer, i, below(2) == 0 ? 0.5 : (double)below(4), NULL);
		if (field->type == APL_TYPE_BOOLEAN) apl_record_set_boolean(&writer, i, below(2) == 0, NULL);
		const char *choice = PICK(choices);
		if (field->type == APL_TYPE_ONE_OF) apl_record_set_text(&writer, i, choice, strlen(choice), NULL);
		if (field->type == APL_TYPE_TEXT) apl_record_set_text(&writer, i, "a", 1, NULL);
	}
}

/* ---- both ways -------------------------------------------------------------------- */

typedef struct bench {
	test_heap heap;
	apl_alloc alloc;
	apl_arena arena;
	apl_findings findings;
	apl_schema *data, *params, *events[N_EVENTS];
	uint64_t *data_words, *params_words, *event_words[N_EVENTS];
	uint64_t active[2];
	apl_guard_scope scope;
	apl_guard_event listened[N_EVENTS];
} bench;

static uint32_t state_of(void *self, const char *path, size_t size, char *hint, size_t hint_size) {
	(void)self;
	if (hint_size > 0) hint[0] = '\0';
	return size == 7 ? 70 : memcmp(path, "one", 3) == 0 ? 1 : 2;
}

static void know(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out) {
	const bench *b = self;
	assert_int_equal(topic, APL_GUARD_IS_IN);
	*out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = b->active[number >> 6] >> (number & 63u) & 1u};
}

static void open_bench(bench *b) {
	*b = (bench){.heap = {0}};
	b->alloc = test_heap_allocator(&b->heap);
	apl_arena_init(&b->arena, &b->alloc);
	apl_findings_init(&b->findings, &b->alloc);
	b->data = declared(&b->alloc, data_declaration);
	b->params = declared(&b->alloc, params_declaration);
	b->data_words = new_words(&b->alloc, b->data);
	b->params_words = new_words(&b->alloc, b->params);
	for (int i = 0; i < N_EVENTS; i++) {
		b->events[i] = declared(&b->alloc, event_declarations[i]);
		b->event_words[i] = new_words(&b->alloc, b->events[i]);
		b->listened[i] = (apl_guard_event){i == 0 ? "said" : "done", b->events[i]};
	}
	b->scope = (apl_guard_scope){
	    .data = b->data, .params = b->params, .events = b->listened, .n_events = N_EVENTS, .is_of_all_events = true, .state = state_of};
}

static void close_bench(bench *b) {
	apl_findings_dispose(&b->findings);
	apl_arena_dispose(&b->arena);
	free_words(&b->alloc, b->data, b->data_words);
	free_words(&b->alloc, b->params, b->params_words);
	for (int i = 0; i < N_EVENTS; i++) {
		free_words(&b->alloc, b->events[i], b->event_words[i]);
		apl_schema_free(b->events[i]);
	}
	apl_schema_free(b->data);
	apl_schema_free(b->params);
	assert_int_equal(b->heap.blocks, 0);
}

static void fill_all(bench *b) {
	fill(b->data, b->data_words, &b->alloc);
	fill(b->params, b->params_words, &b->alloc);
	for (int i = 0; i < N_EVENTS; i++) fill(b->events[i], b->event_words[i], &b->alloc);
	b->active[0] = below(8);
	b->active[1] = below(2) << 6;
}

static void drop_all(bench *b) {
	apl_record_dispose(b->data, b->data_words, &b->alloc);
	apl_record_dispose(b->params, b->params_words, &b->alloc);
	for (int i = 0; i < N_EVENTS; i++) apl_record_dispose(b->events[i], b->event_words[i], &b->alloc);
}

/* NULL: the text is refused, for a literal beyond a bound, say. */
static apl_guard *guard_of(bench *b, apl_guard_form form, const char *text) {
	apl_guard *guard = NULL;
	apl_arena_reset(&b->arena);
	const apl_guard_text given = {text, strlen(text), "random", APL_NOWHERE, false};
	if (apl_guard_parse(&guard, &b->arena, form, &given, &b->findings) != APLOMB_OK) fail_msg("%s", text);
	return apl_guard_type(guard, &b->scope, APL_GUARD_ANY_SCALAR, &b->findings) == APLOMB_OK ? guard : NULL;
}

/* Event N_EVENTS is one without data. */
static apl_guard_situation situation_of(bench *b, int event) {
	return (apl_guard_situation){.data = b->data_words,
	    .params = b->params_words,
	    .event_schema = event < N_EVENTS ? b->events[event] : NULL,
	    .event = event < N_EVENTS ? b->event_words[event] : NULL,
	    .know = know,
	    .self = b};
}

static void a_brief_guard_is_true_when_the_guard_is(void **state) {
	(void)state;
	bench b;
	open_bench(&b);
	apl_brief brief;
	apl_brief_init(&brief, &b.alloc);
	unsigned n_brief = 0, n_true = 0, n_unknown = 0;
	int count = APL_ROUNDS(TEXTS, FEWER_TEXTS);
	for (int n = 0; n < count; n++) {
		char text[MOST_TEXT];
		make_truth(text, sizeof text, (int)below(4));
		const apl_guard *guard = guard_of(&b, APL_GUARD_TRUTH, text);
		if (guard == NULL) continue;
		for (int event = 0; event <= N_EVENTS; event++) {
			uint32_t entry;
			brief.n_tests = 0;
			if (!apl_brief_guard(&brief, guard, event < N_EVENTS ? b.events[event] : NULL, &entry)) continue;
			n_brief++;
			for (int twice = 0; twice < 3; twice++) {
				fill_all(&b);
				const apl_guard_situation situation = situation_of(&b, event);
				apl_guard_trouble trouble = {0};
				int answer = apl_guard_ask(guard, &situation, &trouble);
				const uint64_t *const sources[] = {b.data_words, b.params_words, situation.event, b.active};
				if (answer == APL_GUARD_ERROR || apl_brief_ask(brief.tests, entry, sources) != (answer == APL_GUARD_TRUE))
					fail_msg("%s: event %d: the text says %d", text, event, answer);
				n_true += answer == APL_GUARD_TRUE;
				n_unknown += answer == APL_GUARD_UNKNOWN;
				drop_all(&b);
			}
		}
	}
	print_message("%u guards in brief; %u answers true, %u unknown\n", n_brief, n_true, n_unknown);
	assert_true(n_brief > (unsigned)count && n_true > (unsigned)count / 4 && n_unknown > (unsigned)count / 4);
	apl_brief_dispose(&brief);
	close_bench(&b);
}

/* Writes one by one as a step does. false: one is a mistake, or would be. */
static bool write_all(const apl_brief *brief, uint64_t *data, const uint64_t *const sources[]) {
	for (uint32_t i = 0; i < brief->n_writes; i++) {
		int64_t value;
		if (!apl_brief_value(&brief->writes[i], sources, &value)) return false;
		data[brief->writes[i].word] = (uint64_t)value;
		data[brief->writes[i].presence] |= brief->writes[i].mask;
	}
	return true;
}

static void brief_actions_write_what_the_actions_write(void **state) {
	(void)state;
	bench b;
	open_bench(&b);
	apl_brief brief;
	apl_brief_init(&brief, &b.alloc);
	apl_tape tape;
	apl_tape_init(&tape, &b.alloc);
	unsigned n_written = 0, n_left = 0;
	int count = APL_ROUNDS(TEXTS, FEWER_TEXTS);
	uint64_t *copy = new_words(&b.alloc, b.data);
	for (int n = 0; n < count; n++) {
		char text[MOST_TEXT];
		make_actions(text, sizeof text);
		const apl_guard *guard = guard_of(&b, APL_GUARD_ACTIONS, text);
		if (guard == NULL) continue;
		for (int event = 0; event <= N_EVENTS; event++) {
			brief.n_writes = 0;
			if (!apl_brief_actions(&brief, guard, event < N_EVENTS ? b.events[event] : NULL)) {
				assert_int_equal(brief.n_writes, 0);
				continue;
			}
			fill_all(&b);
			const apl_guard_situation situation = situation_of(&b, event);
			memcpy(copy, b.data_words, b.data->n_words * sizeof *copy);
			const uint64_t *const sources[] = {copy, b.params_words, situation.event, b.active};
			bool is_written = write_all(&brief, copy, sources);
			const apl_writer writer = {.schema = b.data, .words = b.data_words, .keep = {&b.alloc, NULL}, .what = "data"};
			const apl_guard_writing writing = {&writer, &tape, 8};
			apl_guard_trouble trouble = {0};
			aplomb_error error;
			int code = apl_guard_act(guard, 0, &situation, &writing, &trouble, &error);
			if (is_written && (code != APLOMB_OK || memcmp(copy, b.data_words, b.data->n_words * sizeof *copy) != 0))
				fail_msg("%s: event %d: code %d, %s", text, event, code, as_json(b.data, b.data_words, false));
			n_written += is_written;
			n_left += !is_written;
			drop_all(&b);
		}
	}
	print_message("%u blocks written in brief, %u left to the long way\n", n_written, n_left);
	assert_true(n_written > (unsigned)count / 8 && n_left > (unsigned)count / 8);
	free_words(&b.alloc, b.data, copy);
	apl_tape_dispose(&tape);
	apl_brief_dispose(&brief);
	close_bench(&b);
}

static void without_memory_nothing_is_half_there(void **state) {
	(void)state;
	bench b;
	open_bench(&b);
	const apl_guard *guard = guard_of(&b, APL_GUARD_TRUTH, "event.tone < 0 and data.i > 2 or data.b");
	assert_non_null(guard);
	apl_brief brief;
	apl_brief_init(&brief, &b.alloc);
	uint32_t entry;
	b.heap.fail_at = b.heap.calls + 1;
	assert_false(apl_brief_guard(&brief, guard, b.events[0], &entry));
	assert_true(brief.no_memory);
	assert_int_equal(brief.n_tests, 0);
	b.heap.fail_at = 0;
	brief.no_memory = false;
	assert_true(apl_brief_guard(&brief, guard, b.events[0], &entry));
	assert_int_equal(brief.n_tests, 3);
	apl_brief_dispose(&brief);
	close_bench(&b);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_brief_guard_is_true_when_the_guard_is),
	    cmocka_unit_test(brief_actions_write_what_the_actions_write),
	    cmocka_unit_test(without_memory_nothing_is_half_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
