/* SPDX-License-Identifier: MIT */
/*
 * A program that steps events all day: the case, the kinds of event and their
 * fields are looked up once, and named by handles from then on.
 *
 *   all_day mood.lua
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <aplomb.h>

static void die(const aplomb_error *error) {
	fprintf(stderr, "%s:%u: %s [%s]\n", error->file, error->line, error->message, error->slug);
	exit(1);
}

static void tell_state(const char *path, void *payload) {
	(void)payload;
	printf("the case is in %s\n", path);
}

int main(int count, char **arguments) {
	const char *path = count > 1 ? arguments[1] : "mood.lua";
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.forget_journal = true; /* nobody reads it here */
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	if (aplomb_open(&rt, &options, &error)) die(&error);
	if (aplomb_load_file(rt, path, &playbook, &error)) die(&error);

	/* A case begins with an event by name. */
	aplomb_event first = APLOMB_EVENT_INIT;
	first.case_id = "order-1";
	first.playbook = aplomb_playbook_id(playbook);
	first.name = "agent.message";
	if (aplomb_post_wait(rt, &first, NULL, &error)) die(&error);

	static const char *const fields[] = {"tone", "text"};
	const aplomb_event_kind *message;
	aplomb_known_event event = APLOMB_KNOWN_EVENT_INIT;
	if (aplomb_event_kind_find(rt, playbook, "customer.message", fields, 2, &message, &error)) die(&error);
	if (aplomb_case_find(rt, "order-1", &event.the_case, &error)) die(&error);

	aplomb_field values[2] = {{.kind = APLOMB_INTEGER}, {.kind = APLOMB_TEXT}};
	event.kind = message;
	event.fields = values;
	event.n_fields = 2;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	static const char *const said[] = {"Thank you.", "Where is it?", "This takes very long.", "Hello?"};
	for (int i = 0; i < 100000; i++) {
		const char *text = said[i % 4];
		values[0].as.integer = i % 4 == 0 ? 1 : -1;
		values[1].as.text.bytes = text;
		values[1].as.text.size = strlen(text);
		if (aplomb_step(rt, &event, &receipt, &error)) die(&error);
	}
	printf("%llu entries\n", (unsigned long long)receipt.seq);
	aplomb_case_states(rt, "order-1", tell_state, NULL);

	/* A handle of what is gone is an error, and nothing worse. */
	if (aplomb_reset(rt, &error)) die(&error);
	if (aplomb_step(rt, &event, &receipt, &error)) printf("%s: %s\n", aplomb_code_name(error.code), error.slug);
	aplomb_close(rt);
	return 0;
}
