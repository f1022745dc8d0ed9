/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "../test_heap.h"
#include "../test_rounds.h"
#include "lua/load.h"
#include "lua/vocabulary.h"
#include "lua/words.h"

typedef struct heard {
	uint32_t n_words;   /* of the register */
	uint32_t n_members; /* of case and event */
	uint32_t n_modules; /* of the modules that come along */
	uint32_t n_library;
	int last_kind;
	bool is_in_order;
	char sought[32];
	aplomb_word found; /* the word that was sought; its pointers are not to be followed later */
	char fields[256];  /* its fields: name(takes), … */
	char places[128];
	char module[32], items[32];
} heard;

static void hear(const aplomb_word *word, void *payload) {
	heard *h = payload;
	h->is_in_order = h->is_in_order && (int)word->kind >= h->last_kind;
	h->last_kind = (int)word->kind;
	if (word->kind == APLOMB_WORD_LIBRARY)
		h->n_library++;
	else if (word->kind == APLOMB_WORD_CASE)
		h->n_members++;
	else if (word->kind == APLOMB_WORD_MODULE)
		h->n_modules++;
	else
		h->n_words++;
	if (strcmp(word->name, h->sought) != 0) return;
	h->found = *word;
	snprintf(h->module, sizeof h->module, "%s", word->module != NULL ? word->module : "");
	snprintf(h->items, sizeof h->items, "%s", word->items);
	for (size_t i = 0; i < word->n_fields; i++) {
		size_t used = strlen(h->fields);
		snprintf(h->fields + used, sizeof h->fields - used, "%s(%s)%s ", word->fields[i].name, word->fields[i].takes,
		    word->fields[i].is_required ? "!" : "");
	}
	for (size_t i = 0; i < word->n_places; i++) {
		size_t used = strlen(h->places);
		snprintf(h->places + used, sizeof h->places - used, "%s ", word->places[i]);
	}
}

static heard listen_for(const char *name) {
	heard h = {.is_in_order = true};
	aplomb_error error = {0};
	apl_alloc alloc = apl_alloc_system();
	snprintf(h.sought, sizeof h.sought, "%s", name);
	assert_int_equal(apl_lua_vocabulary(&alloc, hear, &h, &error), APLOMB_OK);
	return h;
}

static void every_word_is_told_once_kind_by_kind(void **state) {
	(void)state;
	heard h = listen_for("");
	assert_int_equal(h.n_words, APL_WORDS);
	assert_int_equal(h.n_members, apl_n_case_members + apl_n_event_members);
	assert_true(h.n_library > 40);
	assert_true(h.is_in_order);
}

static void a_word_is_told_as_the_register_has_it(void **state) {
	(void)state;
	heard h = listen_for("counter");
	assert_int_equal(h.found.kind, APLOMB_WORD_DECLARATION);
	assert_non_null(strstr(h.fields, "of(text texts)! "));
	assert_non_null(strstr(h.fields, "window(text function from) "));
	assert_string_equal(h.places, "playbook state parallel ");
}

static void kinds_follow_from_what_a_word_is(void **state) {
	(void)state;
	static const struct {
		const char *name;
		aplomb_word_kind kind;
	} expected[] = {{"playbook", APLOMB_WORD_CHART}, {"after", APLOMB_WORD_CHART}, {"event", APLOMB_WORD_DECLARATION},
	    {"money", APLOMB_WORD_TYPE}, {"fields", APLOMB_WORD_TYPE}, {"from", APLOMB_WORD_VALUE}, {"group", APLOMB_WORD_VALUE},
	    {"case:effect", APLOMB_WORD_CASE}, {"case.data", APLOMB_WORD_CASE}, {"event.by", APLOMB_WORD_CASE},
	    {"string.format", APLOMB_WORD_LIBRARY}, {"pairs", APLOMB_WORD_LIBRARY}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		heard h = listen_for(expected[i].name);
		if (h.found.name == NULL || h.found.kind != expected[i].kind) fail_msg("%s is told otherwise", expected[i].name);
	}
}

static void what_the_sandbox_lacks_is_not_told(void **state) {
	(void)state;
	static const char *const lacking[] = {"os", "os.time", "io.open", "string.dump", "load", "pcall", "setmetatable", "math.randomseed"};
	for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) assert_null(listen_for(lacking[i]).found.name);
}

/* A field of a module's word may take what no word of the core does, and as many kinds as it likes. */
static void words_of_a_playbooks_modules_are_told_as_they_were_defined(void **state) {
	(void)state;
	static const char source[] =
	    "local once = define 'calls.once' { sentence = 'Calls once.', named = true, items = { 'on', 'text' },\n"
	    "  fields = { after = { 'span', 'from', required = true, sentence = 'When.' }, by = { 'text', sentence = 'How.' } },\n"
	    "  make = function(id, fields) return state(id) { after(fields.after) { to = 'over' } } end }\n"
	    "return playbook 'p' { once 'first' { after = '1h' }, final 'over' {} }";
	apl_findings findings;
	apl_alloc system = apl_alloc_system();
	apl_program *program = NULL;
	aplomb_error error = {0};
	for (uint64_t n = 1;; n++) {
		test_heap heap = {0};
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_findings_init(&findings, &system);
		apl_lua_options options = {.path = "folder/book.lua", .source = source, .source_size = strlen(source)};
		assert_int_equal(apl_lua_load(&program, &alloc, &options, &findings, &error), APLOMB_OK);
		apl_findings_dispose(&findings);
		heard h = {.is_in_order = true, .sought = "calls.once"};
		heap.fail_at = heap.calls + n;
		int code = apl_lua_program_words(program, hear, &h, &error);
		bool is_done = heap.calls < heap.fail_at;
		program->ops->free(program->self);
		assert_int_equal(heap.blocks, 0);
		if (!is_done) {
			assert_int_equal(code, APLOMB_ENOMEM);
			continue;
		}
		assert_int_equal(code, APLOMB_OK);
		assert_int_equal(h.n_modules, 1);
		assert_int_equal(h.found.kind, APLOMB_WORD_MODULE);
		assert_string_equal(h.fields, "after(span from)! by(text) ");
		assert_string_equal(h.module, "book");
		assert_string_equal(h.items, "on text");
		break;
	}
}

static void telling_fails_whole_at_every_request_for_memory(void **state) {
	(void)state;
	/* The library's modules are loaded each time, which memcheck makes slow. */
	uint64_t stride = APL_STRIDE(97);
	for (uint64_t n = 1;; n += stride) {
		test_heap heap = {.fail_at = n};
		apl_alloc alloc = test_heap_allocator(&heap);
		heard h = {.is_in_order = true};
		aplomb_error error = {0};
		int code = apl_lua_vocabulary(&alloc, hear, &h, &error);
		assert_int_equal(heap.blocks, 0);
		if (code == APLOMB_OK && heap.calls < n) break;
		if (code != APLOMB_OK) assert_int_equal(code, APLOMB_ENOMEM);
		assert_true(n < 100000);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_word_is_told_once_kind_by_kind),
	    cmocka_unit_test(a_word_is_told_as_the_register_has_it),
	    cmocka_unit_test(kinds_follow_from_what_a_word_is),
	    cmocka_unit_test(what_the_sandbox_lacks_is_not_told),
	    cmocka_unit_test(words_of_a_playbooks_modules_are_told_as_they_were_defined),
	    cmocka_unit_test(telling_fails_whole_at_every_request_for_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
