/* SPDX-License-Identifier: MIT */
/* What a phrase says: its placeholders, what is missing, what is no phrase. */

#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "declare.h"
#include "data/phrase.h"

#define DATA                                                                                                                               \
	"{'order':{'type':'text','required':true},'name':{'type':'text','personal':true},'value':{'type':'money'},'n':{'type':'integer',"      \
	"'default':3},'tone':{'type':'number','default':-0.5},'due':{'type':'instant'},'wait':{'type':'span'},'cause':{'type':'one_of',"       \
	"'choices':['stress','product'],'default':'stress'},'flag':{'type':'boolean','required':true},'all':{'type':'list'},"                  \
	"'address':{'type':'fields','required':true,'members':{'city':{'type':'text','required':true},'zip':{'type':'text'}}},"                \
	"'home':{'type':'fields','members':{'city':{'type':'text','required':true}}}}"
#define PARAMS "{'limit':{'type':'money','default':'40.00 GBP'},'patience':{'type':'span'}}"

typedef struct stage {
	test_heap heap;
	apl_alloc alloc;
	apl_arena arena;
	apl_schema *data, *params;
	uint64_t *data_words, *params_words;
	apl_buf faults, said;
} stage;

static void open_stage(stage *s) {
	memset(s, 0, sizeof *s);
	s->alloc = test_heap_allocator(&s->heap);
	apl_arena_init(&s->arena, &s->alloc);
	s->data = declared(&s->alloc, DATA);
	s->params = declared(&s->alloc, PARAMS);
	s->data_words = new_words(&s->alloc, s->data);
	s->params_words = new_words(&s->alloc, s->params);
	assert_true(apl_record_init(s->data, s->data_words, (apl_keep){&s->alloc, NULL}));
	assert_true(apl_record_init(s->params, s->params_words, (apl_keep){&s->alloc, NULL}));
	apl_buf_init(&s->faults, &s->alloc);
	apl_buf_init(&s->said, &s->alloc);
}

static void close_stage(stage *s) {
	apl_buf_dispose(&s->said);
	apl_buf_dispose(&s->faults);
	apl_record_dispose(s->data, s->data_words, &s->alloc);
	apl_record_dispose(s->params, s->params_words, &s->alloc);
	free_words(&s->alloc, s->data, s->data_words);
	free_words(&s->alloc, s->params, s->params_words);
	apl_schema_free(s->data);
	apl_schema_free(s->params);
	apl_arena_dispose(&s->arena);
	assert_int_equal(s->heap.blocks, 0);
}

static void note_fault(void *payload, uint32_t at, const char *slug, const char *message) {
	apl_buf_format(payload, "%u %s: %s\n", (unsigned)at, slug, message);
}

static apl_wording read_phrase(stage *s, const char *text) {
	apl_wording wording;
	apl_buf_clear(&s->faults);
	assert_true(apl_wording_read(&wording, &s->arena, text, strlen(text), s->data, s->params, note_fault, &s->faults));
	return wording;
}

static bool give_amount(void *payload, const char *name, apl_buf *out) {
	(void)payload;
	if (strcmp(name, "amount") != 0) return false;
	apl_buf_text(out, "{twelve}");
	return true;
}

/* What is said, or the placeholder that is missing in "<>". */
static const char *say(stage *s, const char *text, const char *subject) {
	static char label[128];
	apl_wording wording = read_phrase(s, text);
	assert_int_equal(s->faults.size, 0);
	apl_filling from = {s->data, s->data_words, s->params, s->params_words, subject, "case-7", give_amount, NULL};
	apl_buf_clear(&s->said);
	const apl_piece *missing = apl_wording_fill(&wording, &from, &s->said);
	if (missing != NULL) {
		char name[96];
		snprintf(label, sizeof label, "<%s>", apl_piece_label(missing, s->data, s->params, name, sizeof name));
		return label;
	}
	return apl_buf_terminate(&s->said);
}

static void set(stage *s, const char *path, const char *json) {
	apl_tape tape;
	apl_tape_init(&tape, &s->alloc);
	read_json(&tape, json);
	apl_writer writer = {s->data, s->data_words, {&s->alloc, NULL}, "data", false};
	assert_int_equal(apl_record_set(&writer, field_at(s->data, path), &tape, 0, NULL), APLOMB_OK);
	apl_tape_dispose(&tape);
}

static void placeholders_are_filled_and_nothing_else_is(void **state) {
	(void)state;
	stage s;
	open_stage(&s);
	set(&s, "order", "'A-{data.name}'");
	assert_string_equal(say(&s, "", NULL), "");
	assert_string_equal(say(&s, "Hello.", NULL), "Hello.");
	assert_string_equal(say(&s, "{data.order}", NULL), "A-{data.name}");
	assert_string_equal(say(&s, "Order {data.order} of case {case.id}: {amount}!", NULL), "Order A-{data.name} of case case-7: {twelve}!");
	assert_string_equal(say(&s, "{{data.order} and {{{data.n}} and }", NULL), "{data.order} and {3} and }");
	assert_string_equal(say(&s, "Hello {subject|there}.", NULL), "Hello there.");
	assert_string_equal(say(&s, "Hello {subject|there}.", "Ada"), "Hello Ada.");
	assert_string_equal(say(&s, "Up to {params.limit}.", NULL), "Up to 40.00 GBP.");
	close_stage(&s);
}

static void what_is_missing_is_said_otherwise(void **state) {
	(void)state;
	stage s;
	open_stage(&s);
	assert_string_equal(say(&s, "Dear {data.name|customer}", NULL), "Dear customer");
	assert_string_equal(say(&s, "Dear{data.name|} you", NULL), "Dear you");
	assert_string_equal(say(&s, "{data.value|no {{amount|yet}", NULL), "no {{amount|yet");
	assert_string_equal(say(&s, "{home|} {data.home.city|nowhere}", NULL), " nowhere");
	set(&s, "name", "'Ada'");
	assert_string_equal(say(&s, "Dear {data.name|customer}", NULL), "Dear Ada");
	/* Required, but not there yet; a default that was cleared; an argument that nobody gave. */
	assert_string_equal(say(&s, "Order {data.order}", NULL), "<data.order>");
	set(&s, "n", "null");
	assert_string_equal(say(&s, "{data.n} times", NULL), "<data.n>");
	assert_string_equal(say(&s, "For {amuont}", NULL), "<amuont>");
	assert_string_equal(say(&s, "For {amuont|free}", NULL), "For free");
	close_stage(&s);
}

static void values_have_one_form_for_people(void **state) {
	(void)state;
	stage s;
	open_stage(&s);
	static const struct {
		const char *path, *json, *shown;
	} cases[] = {
	    {"value", "'40.00 GBP'", "40.00 GBP"},
	    {"value", "'500 JPY'", "500 JPY"},
	    {"n", "-12", "-12"},
	    {"tone", "-0.25", "-0.25"},
	    {"cause", "'product'", "product"},
	    {"due", "'2026-11-23T13:06:00Z'", "2026-11-23 13:06 UTC"},
	    {"due", "'2026-11-23T13:06:07.5+01:00'", "2026-11-23 12:06:07 UTC"},
	    {"wait", "'2h30m'", "2 h 30 min"},
	    {"wait", "'26h'", "1 d 2 h"},
	    {"wait", "'0s'", "0 s"},
	    {"wait", "'1s1500us'", "1 s 1 ms 500 \xc2\xb5s"},
	    {"wait", "'1 business day'", "1 business day"},
	    {"address.city", "'Ulm'", "Ulm"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char phrase[64];
		set(&s, cases[i].path, cases[i].json);
		snprintf(phrase, sizeof phrase, "{data.%s|-}", cases[i].path);
		assert_string_equal(say(&s, phrase, NULL), cases[i].shown);
	}
	close_stage(&s);
}

static void mistakes_are_told_where_they_stand(void **state) {
	(void)state;
	stage s;
	open_stage(&s);
	static const struct {
		const char *text, *faults;
	} cases[] = {
	    {"Hi {data.ordr}", "3 unknown-field: {data.ordr}: there is no such field; did you mean \"order\"?\n"},
	    {"{data.address.town}{data.order.x}",
	        "0 unknown-field: {data.address.town}: there is no such field\n19 unknown-field: {data.order.x}: there is no such field\n"},
	    {"{params.limt}", "0 unknown-field: {params.limt}: there is no such field; did you mean \"limit\"?\n"},
	    {"{data.name}", "0 phrase-may-lack: {data.name} may be missing, so the phrase must say what is said then: {data.name|…}\n"},
	    {"{data.home.city}",
	        "0 phrase-may-lack: {data.home.city} may be missing, so the phrase must say what is said then: {data.home.city|…}\n"},
	    {"{data.address.zip}",
	        "0 phrase-may-lack: {data.address.zip} may be missing, so the phrase must say what is said then: {data.address.zip|…}\n"},
	    {"{params.patience}",
	        "0 phrase-may-lack: {params.patience} may be missing, so the phrase must say what is said then: {params.patience|…}\n"},
	    {"{subject}", "0 phrase-may-lack: {subject} may be missing, so the phrase must say what is said then: {subject|…}\n"},
	    {"{data.address.city}{data.cause}{data.n}{params.limit}", ""},
	    {"{data.flag}", "0 phrase-placeholder: {data.flag} is boolean, which has no form for people; give an argument that has\n"},
	    {"{data.all|}", "0 phrase-placeholder: {data.all} is list, which has no form for people; give an argument that has\n"},
	    {"{data.address|}", "0 phrase-placeholder: {data.address} is fields, which has no form for people; give an argument that has\n"},
	    {"{case.ID}",
	        "0 phrase-placeholder: {case.ID}: a placeholder is data.…, params.…, subject, case.id, or an argument's name; did you "
	        "mean \"case.id\"?\n"},
	    {"{data}", "0 phrase-placeholder: {data}: a placeholder is data.…, params.…, subject, case.id, or an argument's name\n"},
	    {"{event.text}",
	        "0 phrase-placeholder: {event.text}: a placeholder is data.…, params.…, subject, case.id, or an argument's name\n"},
	    {"{}", "0 phrase-placeholder: {}: a placeholder holds a name, such as {data.order}; a brace that is meant is written {{\n"},
	    {"{ data.order }", "0 phrase-placeholder: { data.order }: a placeholder holds a name, such as {data.order}; a brace that is meant "
	                       "is written {{\n"},
	    {"{data.order", "0 phrase-placeholder: a brace is opened here and not closed; a brace that is meant is written {{\n"},
	    {"{", "0 phrase-placeholder: a brace is opened here and not closed; a brace that is meant is written {{\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		read_phrase(&s, cases[i].text);
		assert_string_equal(apl_buf_terminate(&s.faults), cases[i].faults);
	}
	close_stage(&s);
}

static void a_phrase_knows_when_it_is_about_a_person(void **state) {
	(void)state;
	stage s;
	open_stage(&s);
	assert_false(read_phrase(&s, "{data.order} {amount} {case.id}").is_personal);
	assert_true(read_phrase(&s, "Dear {data.name|customer}").is_personal);
	assert_true(read_phrase(&s, "Dear {subject|customer}").is_personal);
	close_stage(&s);
}

static void without_memory_nothing_is_read(void **state) {
	(void)state;
	static char text[300000];
	memset(text, 'x', sizeof text);
	memcpy(text, "{data.order}", 12);
	memcpy(text + sizeof text - 8, "{amount}", 8);
	bool is_good = false;
	for (uint64_t n = 1; !is_good; n++) {
		stage s;
		open_stage(&s);
		apl_wording wording;
		s.heap.calls = 0;
		s.heap.fail_at = n;
		is_good = apl_wording_read(&wording, &s.arena, text, sizeof text, s.data, s.params, note_fault, &s.faults);
		assert_true(n > 1 || !is_good);
		assert_int_equal(s.faults.size, 0);
		s.heap.fail_at = 0;
		close_stage(&s);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(placeholders_are_filled_and_nothing_else_is),
	    cmocka_unit_test(what_is_missing_is_said_otherwise),
	    cmocka_unit_test(values_have_one_form_for_people),
	    cmocka_unit_test(mistakes_are_told_where_they_stand),
	    cmocka_unit_test(a_phrase_knows_when_it_is_about_a_person),
	    cmocka_unit_test(without_memory_nothing_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
