/* SPDX-License-Identifier: MIT */
/*
 * Asks a case things, and tries something on it: a rehearsal, in which nothing
 * leaves the case. What is asked changes nothing; what is tried is an entry of
 * its own in the journal.
 *
 *   ask late.lua
 */
#include <stdio.h>
#include <stdlib.h>

#include <aplomb.h>

static void die(const aplomb_error *error) {
	fprintf(stderr, "%s:%u:%u: %s [%s]\n", error->file, error->line, error->column, error->message, error->slug);
	exit(1);
}

/* One expression of one case, answered for people. */
static void ask(aplomb_runtime *rt, const aplomb_playbook *playbook, const char *text) {
	aplomb_expression *expression;
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	aplomb_error error = {0};
	if (aplomb_expression_read(rt, playbook, text, 0, &expression, &error)) die(&error);
	if (aplomb_expression_answer(expression, "order-1", NULL, 0, &answer, &error))
		printf("%s: %s\n", text, error.message);
	else
		printf("%s = %s\n", text, answer.text);
	aplomb_expression_free(expression);
}

/* The cause of a journal line, and its items. */
static int tell_line(const char *line, size_t size, void *payload) {
	(void)payload;
	aplomb_json *json;
	if (aplomb_json_read(&json, line, size, NULL)) return 1;
	aplomb_value entry = aplomb_json_root(json);
	char *cause = aplomb_value_write(aplomb_value_get(entry, "cause"));
	if (aplomb_value_text(aplomb_value_get(aplomb_value_get(entry, "cause"), "statement"), NULL) != NULL)
		printf("entry %d tried %s\n", (int)aplomb_value_integer(aplomb_value_get(entry, "seq")), cause);
	free(cause);
	aplomb_json_free(json);
	return 0;
}

int main(int count, char **arguments) {
	const char *path = count > 1 ? arguments[1] : "late.lua";
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.rehearsal = true;
	options.time_follows_events = true;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	if (aplomb_open(&rt, &options, &error)) die(&error);
	if (aplomb_load_file(rt, path, &playbook, &error)) die(&error);

	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "order-1";
	event.playbook = aplomb_playbook_id(playbook);
	event.name = "customer.message";
	event.by = "customer";
	event.has_at = true;
	event.data = "{\"text\":\"Where is it?\"}";
	if (aplomb_post_wait(rt, &event, NULL, &error)) die(&error);

	ask(rt, playbook, "params.patience * 2");
	ask(rt, playbook, "is_in('under-way.waiting') and event.by == 'customer'");
	ask(rt, playbook, "{ words = select(2, event.text:gsub('%a+', '')), text = event.text }");
	ask(rt, playbook, "case:effect('notify', { text = 'Look at this' })");

	uint64_t entry;
	if (aplomb_case_run(rt, "order-1", "case:effect('notify', { text = 'Look at this' })", 0, &entry, &error)) die(&error);
	if (aplomb_journal_each(rt, "order-1", tell_line, NULL, &error)) die(&error);
	aplomb_close(rt);
	return 0;
}
