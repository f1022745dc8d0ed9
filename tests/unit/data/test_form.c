/* SPDX-License-Identifier: MIT */
/* A record filled by position is the record filled by name, or it is left to that. */
#include <stdio.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "data/form.h"
#include "declare.h"

static const char declaration[] =
    "{'tone':{'type':'integer','required':true},'abusive':{'type':'boolean','default':true},'text':{'type':'text'},"
    "'level':{'type':'integer','max':9},'deep':{'type':'fields','members':{'n':{'type':'integer'}}}}";

typedef struct sheet {
	test_heap heap;
	apl_alloc alloc;
	apl_schema *schema;
	uint64_t *words;
	apl_form *form;
	aplomb_error error;
} sheet;

static void open_sheet(sheet *s, const char *const *names, size_t n) {
	*s = (sheet){.heap = {0}};
	s->alloc = test_heap_allocator(&s->heap);
	s->schema = declared(&s->alloc, declaration);
	s->words = new_words(&s->alloc, s->schema);
	if (apl_form_new(&s->form, &s->alloc, s->schema, "event", names, n, &s->error) != APLOMB_OK) fail_msg("%s", s->error.message);
}

static void close_sheet(sheet *s) {
	apl_form_free(s->form);
	free_words(&s->alloc, s->schema, s->words);
	apl_schema_free(s->schema);
	assert_int_equal(s->heap.blocks, 0);
}

static const aplomb_field three = {.kind = APLOMB_INTEGER, .as.integer = 3};
static const aplomb_field no = {.kind = APLOMB_BOOLEAN, .as.boolean = false};
static const aplomb_field absent = {.kind = APLOMB_ABSENT};
static const aplomb_field null = {.kind = APLOMB_NULL};
static aplomb_field text_of(const char *bytes) {
	return (aplomb_field){.kind = APLOMB_TEXT, .as.text = {bytes, strlen(bytes)}};
}

static void values_go_where_their_names_were_found(void **state) {
	(void)state;
	static const char *const names[] = {"abusive", "text", "tone"};
	sheet s;
	open_sheet(&s, names, 3);
	const apl_field *fields = s.schema->fields;
	uint32_t tone = field_at(s.schema, "tone"), abusive = field_at(s.schema, "abusive"), text = field_at(s.schema, "text");
	const aplomb_field values[] = {no, text_of("a text of more than sixteen bytes"), three};
	assert_true(apl_form_fill(s.form, s.words, values));
	assert_int_equal(apl_record_integer(s.words, &fields[tone]), 3);
	assert_true(apl_record_has(s.words, &fields[abusive]) && apl_record_has(s.words, &fields[text]));
	assert_int_equal(s.words[fields[abusive].word], 0);
	assert_false(apl_record_has(s.words, &fields[field_at(s.schema, "level")]));
	/* What is not given is the default, and nothing of the time before. */
	const aplomb_field fewer[] = {absent, absent, three};
	assert_true(apl_form_fill(s.form, s.words, fewer));
	assert_int_equal(s.words[fields[abusive].word], 1);
	assert_false(apl_record_has(s.words, &fields[text]));
	close_sheet(&s);
}

static void what_is_not_simply_so_is_left(void **state) {
	(void)state;
	static const char *const names[] = {"tone", "text", "level", "deep.n"};
	sheet s;
	open_sheet(&s, names, 4);
	const aplomb_field wrong[][4] = {
	    {absent, absent, absent, absent},                                        /* tone is required */
	    {no, absent, absent, absent},                                            /* of another kind */
	    {null, absent, absent, absent},                                          /* null is absent */
	    {three, null, absent, absent}, {three, text_of("\xff"), absent, absent}, /* no UTF-8 */
	    {three, text_of("more than sixteen bytes \xe2\x82"), absent, absent},
	    {three, absent, {.kind = APLOMB_INTEGER, .as.integer = 10}, absent}, /* beyond a bound */
	    {three, absent, absent, three},                                      /* within `fields` */
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (apl_form_fill(s.form, s.words, wrong[i])) fail_msg("row %zu was taken", i);
	const aplomb_field right[] = {three, text_of("gr\xc3\xbc\xc3\x9f dich, w\xc3\xa4hrend es l\xc3\xa4nger wird"), three, absent};
	assert_true(apl_form_fill(s.form, s.words, right));
	close_sheet(&s);
}

static void every_length_of_text_is_looked_at_whole(void **state) {
	(void)state;
	static const char *const names[] = {"tone", "text"};
	sheet s;
	open_sheet(&s, names, 2);
	char bytes[200];
	for (size_t size = 0; size < sizeof bytes; size++) {
		for (size_t at = 0; at <= size; at++) {
			memset(bytes, 'a', size);
			if (at < size) bytes[at] = '\xff';
			const aplomb_field values[] = {three, {.kind = APLOMB_TEXT, .as.text = {bytes, size}}};
			if (apl_form_fill(s.form, s.words, values) != (at == size)) fail_msg("byte %zu of %zu", at, size);
		}
	}
	close_sheet(&s);
}

static void a_name_that_is_none_is_refused_with_the_nearest(void **state) {
	(void)state;
	static const char *const wrong[][2] = {{"tone", "txet"}, {"tone", "deep.m"}, {"tone", "text.n"}};
	sheet s;
	open_sheet(&s, NULL, 0);
	for (size_t i = 0; i < 3; i++) {
		apl_form *form = NULL;
		assert_int_equal(apl_form_new(&form, &s.alloc, s.schema, "event", wrong[i], 2, &s.error), APLOMB_EREFUSED);
		assert_string_equal(s.error.slug, "unknown-field");
		assert_null(form);
	}
	apl_form *form = NULL;
	apl_form_new(&form, &s.alloc, s.schema, "event", wrong[0], 2, &s.error);
	assert_non_null(strstr(s.error.message, "did you mean \"text\"?"));
	close_sheet(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_go_where_their_names_were_found),
	    cmocka_unit_test(what_is_not_simply_so_is_left),
	    cmocka_unit_test(every_length_of_text_is_looked_at_whole),
	    cmocka_unit_test(a_name_that_is_none_is_refused_with_the_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
