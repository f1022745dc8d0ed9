/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a guard, a value or assignments (the first byte says which, and
 * which event is there). What is refused has findings in valid UTF-8. What is
 * accepted is asked of a case; printed, it is accepted again, prints alike and answers
 * alike; so does it when every part is answered the long way. Each part can be
 * asked for, and shown.
 */
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "data/guard_tree.h"
#include "time/instant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- a case -------------------------------------------------------------------- */

typedef struct member {
	const char *name;
	apl_type type;
	const char *value; /* as JSON, or NULL: it is missing */
	const char *items; /* of a list: the type's name, or NULL */
	bool has_bounds;
} member;

static const member data_members[] = {{"n", APL_TYPE_INTEGER, NULL, NULL, false}, {"m", APL_TYPE_INTEGER, "7", NULL, false},
    {"big", APL_TYPE_INTEGER, "9223372036854775807", NULL, false}, {"low", APL_TYPE_INTEGER, "3", NULL, true},
    {"x", APL_TYPE_NUMBER, "2.5", NULL, false}, {"y", APL_TYPE_NUMBER, NULL, NULL, false}, {"b", APL_TYPE_BOOLEAN, "true", NULL, false},
    {"c", APL_TYPE_BOOLEAN, NULL, NULL, false}, {"t", APL_TYPE_TEXT, "\"h\xc3\xa9llo\"", NULL, false},
    {"u", APL_TYPE_TEXT, NULL, NULL, false}, {"v", APL_TYPE_MONEY, "\"12.50 GBP\"", NULL, false}, {"w", APL_TYPE_MONEY, NULL, NULL, false},
    {"at", APL_TYPE_INSTANT, "\"2026-11-23T12:00:00Z\"", NULL, false}, {"s", APL_TYPE_SPAN, "\"2 business hours\"", NULL, false},
    {"o", APL_TYPE_ONE_OF, "\"red\"", NULL, false}, {"l", APL_TYPE_LIST, "[\"a\",\"b\\\"c\"]", "text", false},
    {"f", APL_TYPE_LIST, "[1,\"x\",[2],true,2.5]", NULL, false}, {"a", APL_TYPE_ANY, NULL, NULL, false}};
static const member event_members[][3] = {{{"tone", APL_TYPE_NUMBER, "-0.5", NULL, false}, {"o", APL_TYPE_ONE_OF, "\"green\"", NULL, false},
                                              {"l", APL_TYPE_LIST, "[\"z\"]", "text", false}},
    {{"tone", APL_TYPE_NUMBER, NULL, NULL, false}, {"k", APL_TYPE_INTEGER, "4", NULL, false},
        {"name", APL_TYPE_TEXT, "\"n\"", NULL, false}}};

typedef struct stage {
	apl_alloc alloc;
	apl_arena arena;
	apl_tape tape;
	apl_schema *data, *events[2];
	uint64_t *words, *event_words[2];
	apl_guard_event listened[2];
} stage;

static apl_schema *declare(const apl_alloc *alloc, const member *members, size_t count) {
	static const char *const choices[] = {"red", "green", "blue"};
	apl_schema_builder *builder = apl_schema_builder_new(alloc, "data");
	APL_ASSERT(builder != NULL);
	apl_tape low, high;
	apl_tape_init(&low, alloc);
	apl_tape_init(&high, alloc);
	APL_ASSERT(apl_json_read(&low, "0", 1, NULL, NULL) == APLOMB_OK && apl_json_read(&high, "9", 1, NULL, NULL) == APLOMB_OK);
	for (size_t i = 0; i < count; i++) {
		uint32_t number, item;
		apl_field_options options = {.name = members[i].name, .type = members[i].type};
		if (members[i].type == APL_TYPE_ONE_OF) options.choices = choices, options.n_choices = 3;
		if (members[i].has_bounds) options.min_tape = &low, options.max_tape = &high;
		APL_ASSERT(apl_schema_add(builder, 0, &options, &number));
		const apl_field_options of = {.type = APL_TYPE_TEXT};
		if (members[i].items != NULL) APL_ASSERT(apl_schema_add(builder, number, &of, &item));
	}
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	apl_schema *schema = NULL;
	APL_ASSERT(apl_schema_finish(builder, &schema, &findings) == APLOMB_OK);
	apl_findings_dispose(&findings);
	apl_schema_builder_free(builder);
	apl_tape_dispose(&low);
	apl_tape_dispose(&high);
	return schema;
}

static uint64_t *fill(stage *s, const apl_schema *schema, const member *members, size_t count) {
	uint64_t *words = apl_new(&s->alloc, (schema->n_words + 1) * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&s->alloc, NULL}, .what = "data"};
	APL_ASSERT(words != NULL && apl_record_init(schema, words, writer.keep));
	for (size_t i = 0; i < count; i++) {
		if (members[i].value == NULL) continue;
		APL_ASSERT(apl_json_read(&s->tape, members[i].value, strlen(members[i].value), NULL, NULL) == APLOMB_OK);
		APL_ASSERT(apl_record_set(&writer, apl_schema_member(schema, 0, members[i].name, strlen(members[i].name)), &s->tape, 0, NULL) ==
		           APLOMB_OK);
	}
	return words;
}

static void drop(stage *s, const apl_schema *schema, uint64_t *words) {
	apl_record_dispose(schema, words, &s->alloc);
	apl_free(&s->alloc, words, (schema->n_words + 1) * sizeof *words);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void begin(stage *s) {
	s->alloc = apl_alloc_system();
	apl_arena_init(&s->arena, &s->alloc);
	apl_tape_init(&s->tape, &s->alloc);
	s->data = declare(&s->alloc, data_members, COUNT(data_members));
	s->words = fill(s, s->data, data_members, COUNT(data_members));
	for (int i = 0; i < 2; i++) {
		s->events[i] = declare(&s->alloc, event_members[i], 3);
		s->event_words[i] = fill(s, s->events[i], event_members[i], 3);
		s->listened[i] = (apl_guard_event){i == 0 ? "go" : "stop", s->events[i]};
	}
}

static void end(stage *s) {
	for (int i = 0; i < 2; i++) {
		drop(s, s->events[i], s->event_words[i]);
		apl_schema_free(s->events[i]);
	}
	drop(s, s->data, s->words);
	apl_schema_free(s->data);
	apl_tape_dispose(&s->tape);
	apl_arena_dispose(&s->arena);
}

/* ---- names and answers ------------------------------------------------------------ */

static uint32_t find_name(void *self, const char *name, size_t size, char *hint, size_t hint_size) {
	(void)self;
	if (hint_size > 0) hint[0] = '\0';
	return size <= 3 && name[0] != 'z' ? (uint32_t)size : APL_NO_FIELD;
}

static void know(void *self, apl_guard_topic topic, uint32_t number, apl_guard_value *out) {
	(void)self;
	switch (topic) {
	case APL_GUARD_CASE_NOW:
	case APL_GUARD_CASE_OPENED_AT:
		*out = (apl_guard_value){.type = APL_TYPE_INSTANT, .is_there = true, .as.integer = APL_INSTANT_MAX};
		return;
	case APL_GUARD_IS_IN: *out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = number == 1}; return;
	case APL_GUARD_CLOCK_LEFT:
		*out = (apl_guard_value){.type = APL_TYPE_SPAN, .is_there = true, .unit = APL_SPAN_BUSINESS_MINUTES, .as.integer = INT64_MAX};
		return;
	case APL_GUARD_NOBODY_ON_DUTY:
	case APL_GUARD_CLOCK_BREACHED: *out = (apl_guard_value){.type = APL_TYPE_BOOLEAN, .is_there = true, .as.truth = number == 1}; return;
	case APL_GUARD_TIME_IN_STAY:
	case APL_GUARD_TIME_IN_TOTAL: *out = (apl_guard_value){.type = APL_TYPE_SPAN, .is_there = true, .as.integer = INT64_MAX}; return;
	case APL_GUARD_COUNT: *out = (apl_guard_value){.type = APL_TYPE_INTEGER, .is_there = true, .as.integer = number}; return;
	case APL_GUARD_ON_DUTY: *out = (apl_guard_value){.type = APL_TYPE_TEXT, .is_there = number == 1, .as.text = {"a", 1}}; return;
	case APL_GUARD_CASE_ID: *out = (apl_guard_value){.type = APL_TYPE_TEXT, .is_there = true, .as.text = {"c", 1}}; return;
	default: return;
	}
}

static void look_at_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	APL_ASSERT(finding->slug[0] != '\0' && finding->message[0] != '\0' && finding->line >= 1);
	APL_ASSERT(apl_utf8_valid(finding->message, strlen(finding->message)) == strlen(finding->message));
}

static apl_guard *read(stage *s, apl_guard_form form, const char *text, size_t size, bool is_plain) {
	apl_guard *guard = NULL;
	apl_findings findings;
	apl_findings_init(&findings, &s->alloc);
	const apl_guard_text given = {text, size, "when", {"f.lua", 3, is_plain ? 5 : 0}, is_plain};
	const apl_guard_scope scope = {.data = s->data,
	    .params = s->data,
	    .events = s->listened,
	    .n_events = 2,
	    .state = find_name,
	    .counter = find_name,
	    .clock = find_name,
	    .rota = find_name,
	    .self = s};
	int code = apl_guard_parse(&guard, &s->arena, form, &given, &findings);
	if (code == APLOMB_OK) code = apl_guard_type(guard, &scope, APL_GUARD_ANY_SCALAR, &findings);
	APL_ASSERT(code == APLOMB_OK || code == APLOMB_EPLAYBOOK);
	APL_ASSERT((code == APLOMB_OK) == (findings.errors == 0));
	apl_findings_tell(&findings, look_at_finding, NULL);
	apl_findings_dispose(&findings);
	return code == APLOMB_OK ? guard : NULL;
}

/* What the guard comes to, as text: its value or the data it leaves, and what went wrong. */
static void answer(stage *s, const apl_guard *guard, int event, apl_buf *out) {
	apl_guard_trouble trouble = {0};
	apl_guard_value value;
	aplomb_error error = {0};
	uint64_t *words = apl_new(&s->alloc, (s->data->n_words + 1) * sizeof *words);
	APL_ASSERT(words != NULL);
	apl_record_share(s->data, words, s->words);
	const apl_guard_situation situation = {.data = words,
	    .params = s->words,
	    .event_schema = event < 2 ? s->events[event] : NULL,
	    .event = event < 2 ? s->event_words[event] : NULL,
	    .know = know};
	apl_buf_clear(out);
	if (guard->form == APL_GUARD_ACTIONS) {
		const apl_writer writer = {.schema = s->data, .words = words, .keep = {&s->alloc, NULL}, .what = "data"};
		const apl_guard_writing writing = {&writer, &s->tape, 64};
		int code = apl_guard_act(guard, 0, &situation, &writing, &trouble, &error);
		APL_ASSERT(code == APLOMB_OK || error.slug[0] != '\0');
		apl_record_write(out, s->data, words, false);
		apl_buf_text(out, error.slug);
	} else if (guard->form == APL_GUARD_TRUTH) {
		int truth = apl_guard_ask(guard, &situation, &trouble);
		apl_buf_integer(out, truth);
		APL_ASSERT((truth == APL_GUARD_ERROR) == (trouble.slug != NULL));
	} else if (apl_guard_evaluate(guard, &situation, &value, &trouble)) {
		apl_guard_show(out, &value);
	}
	if (trouble.slug != NULL) {
		APL_ASSERT(apl_guard_explain(guard, &trouble, &error) == APLOMB_EPLAYBOOK);
		APL_ASSERT(apl_utf8_valid(error.message, strlen(error.message)) == strlen(error.message) && error.line >= 3);
		apl_buf_text(out, error.slug);
	}
	for (uint32_t i = 0; i < apl_guard_parts(guard) && guard->form != APL_GUARD_ACTIONS; i++) {
		apl_guard_part part;
		apl_guard_part_at(guard, i, &part);
		APL_ASSERT(part.at + part.size <= guard->size && part.size > 0);
		APL_ASSERT((part.left == APL_GUARD_NO_PART || part.left < i) && (part.right == APL_GUARD_NO_PART || part.right < i));
		if (part.type == APL_TYPE_FIELDS || !apl_guard_part_value(guard, i, &situation, &value, &trouble)) continue;
		apl_buf_byte(out, ' ');
		apl_guard_show(out, &value);
	}
	APL_ASSERT(!out->failed);
	drop(s, s->data, words);
}

static void expect_same(const apl_buf *a, const apl_buf *b) {
	APL_ASSERT(a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0);
}

static void check(stage *s, apl_guard *guard, int event) {
	apl_buf first, second, printed, again;
	apl_buf_init(&first, &s->alloc);
	apl_buf_init(&second, &s->alloc);
	apl_buf_init(&printed, &s->alloc);
	apl_buf_init(&again, &s->alloc);
	answer(s, guard, event, &first);
	apl_guard_print(&printed, guard);
	/* A text is printed with longer escapes: only what is still short enough is read again. */
	apl_guard *same = printed.size <= APL_GUARD_MOST_BYTES ? read(s, guard->form, printed.bytes, printed.size, false) : NULL;
	APL_ASSERT(same != NULL || printed.size > APL_GUARD_MOST_BYTES);
	if (same != NULL) {
		apl_guard_print(&again, same);
		expect_same(&printed, &again);
		answer(s, same, event, &second);
		expect_same(&first, &second);
	}
	for (apl_guard_node *node = guard->first; node != NULL; node = node->next) {
		node->way = APL_WAY_LONG;
		node->does = node->op;
	}
	answer(s, guard, event, &second);
	expect_same(&first, &second);
	apl_buf_dispose(&again);
	apl_buf_dispose(&printed);
	apl_buf_dispose(&second);
	apl_buf_dispose(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0) return 0;
	stage s;
	begin(&s);
	apl_guard *guard = read(&s, (apl_guard_form)(data[0] % 3), (const char *)data + 1, size - 1, data[0] & 64);
	if (guard != NULL) check(&s, guard, data[0] / 3 % 3);
	end(&s);
	return 0;
}
