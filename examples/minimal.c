/* SPDX-License-Identifier: MIT */
/*
 * The smallest whole program: open a runtime, load a playbook, let the customer
 * say something, and see what the playbook wants done about it.
 *
 *   minimal late.lua
 */
#include <stdio.h>
#include <stdlib.h>

#include <aplomb.h>

static void die(const aplomb_error *error) {
	fprintf(stderr, "%s:%u: %s [%s]\n", error->file, error->line, error->message, error->slug);
	exit(1);
}

static int on_effect(const aplomb_effect *effect, void *payload) {
	(void)payload;
	printf("%s wants %s %s\n", effect->case_id, effect->kind, effect->data);
	return 0; /* taken; anything else, and it is offered again */
}

static void tell_state(const char *path, void *payload) {
	(void)payload;
	printf("the case is in %s\n", path);
}

int main(int count, char **arguments) {
	const char *path = count > 1 ? arguments[1] : "late.lua";
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	if (aplomb_open(&rt, &options, &error)) die(&error);
	if (aplomb_load_file(rt, path, &playbook, &error)) die(&error);
	if (aplomb_on_effect(rt, "*", on_effect, NULL, &error)) die(&error);

	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = "order-1";
	event.playbook = aplomb_playbook_id(playbook);
	event.name = "customer.message";
	event.by = "customer";
	event.data = "{\"text\":\"Where is it?\"}";
	if (aplomb_post_wait(rt, &event, NULL, &error)) die(&error);

	aplomb_case_states(rt, "order-1", tell_state, NULL);
	aplomb_close(rt);
	return 0;
}
