/* SPDX-License-Identifier: MIT */
/* What a playbook declares, as prompts and forms ask for it. */
#include "late.h"

#include <stdio.h>

#define DESK                                                                                                                               \
	"return playbook \"desk\" {\n"                                                                                                         \
	"  data = { order = text { required = true, meaning = \"Which order.\" }, home = fields { city = text {} } },\n"                       \
	"  event \"customer.message\" { text = text { personal = true }, tone = number { min = -1, max = 1 } },\n"                             \
	"  event \"closed\" {},\n"                                                                                                             \
	"  effect \"notify\" { how = one_of { \"mail\", \"phone\", default = \"mail\" } },\n"                                                  \
	"  state \"here\" { on \"customer.message\" {}, on \"closed\" { to = \"over\" }, on \"error.execution\" {} },\n"                       \
	"  final \"over\" {},\n"                                                                                                               \
	"}\n"

typedef struct told {
	char text[2048];
	size_t size;
} told;

static void take(told *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void take(told *t, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	t->size += (size_t)vsnprintf(t->text + t->size, sizeof t->text - t->size, format, arguments);
	va_end(arguments);
	assert_true(t->size < sizeof t->text);
}

static void take_declaration(const aplomb_declaration *declaration, void *payload) {
	take(payload, "%d %s %zu\n", (int)declaration->what, declaration->name, declaration->n_fields);
}

static void take_field(const aplomb_param *field, void *payload) {
	take(payload, "%s %s%s%s %s %s %s", field->path, field->type, field->required ? " required" : "", field->personal ? " personal" : "",
	    field->default_value != NULL ? field->default_value : "-", field->min != NULL ? field->min : "-",
	    field->meaning != NULL ? field->meaning : "-");
	for (size_t i = 0; i < field->n_choices; i++) take(payload, " %s", field->choices[i]);
	take(payload, "\n");
}

static aplomb_playbook *load_desk(aplomb_runtime *rt) {
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook = NULL;
	aplomb_error error = {0};
	options.source = DESK;
	options.source_size = strlen(DESK);
	if (aplomb_load(rt, &options, &playbook, &error) != APLOMB_OK) fail_msg("%u: %s", error.line, error.message);
	return playbook;
}

static void data_events_and_effects_are_told_with_how_much_they_carry(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_desk(rt);
	told t = {0};
	assert_int_equal(aplomb_playbook_declarations(playbook, take_declaration, &t), 4);
	/* What only the machine raises is not among the events. */
	assert_string_equal(t.text, "0 data 2\n1 customer.message 2\n1 closed 0\n2 notify 1\n");
	assert_int_equal(aplomb_playbook_declarations(playbook, NULL, NULL), 4);
	assert_int_equal(aplomb_playbook_declarations(NULL, take_declaration, &t), 0);
	aplomb_close(rt);
}

static void each_field_says_what_it_may_be(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_desk(rt);
	told t = {0};
	assert_int_equal(aplomb_playbook_fields(playbook, APLOMB_DECLARES_DATA, NULL, take_field, &t), 2);
	assert_int_equal(aplomb_playbook_fields(playbook, APLOMB_DECLARES_EVENT, "customer.message", take_field, &t), 2);
	assert_int_equal(aplomb_playbook_fields(playbook, APLOMB_DECLARES_EVENT, "closed", take_field, &t), 0);
	assert_int_equal(aplomb_playbook_fields(playbook, APLOMB_DECLARES_EFFECT, "notify", take_field, &t), 1);
	assert_string_equal(t.text, "home.city text - - -\norder text required - - Which order.\n"
	                            "text text personal - - -\ntone number - -1.0 -\n"
	                            "how one_of \"mail\" - - mail phone\n");
	assert_int_equal(aplomb_playbook_fields(playbook, APLOMB_DECLARES_EVENT, "notify", take_field, &t), 0);
	assert_int_equal(aplomb_playbook_fields(playbook, APLOMB_DECLARES_EVENT, NULL, take_field, &t), 0);
	assert_int_equal(aplomb_playbook_fields(NULL, APLOMB_DECLARES_EVENT, "closed", take_field, &t), 0);
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(data_events_and_effects_are_told_with_how_much_they_carry),
	    cmocka_unit_test(each_field_says_what_it_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
