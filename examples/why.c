/* SPDX-License-Identifier: MIT */
/*
 * Why would nothing happen, and what would have to be said? Tries an event
 * without letting it happen, and prints each transition that was considered,
 * with what its guard rests on.
 *
 *   why playbook.lua
 */
#include <stdio.h>
#include <stdlib.h>

#include <aplomb.h>

static void die(const aplomb_error *error) {
	fprintf(stderr, "%s:%u: %s [%s]\n", error->file, error->line, error->message, error->slug);
	exit(1);
}

static const char *const standings[] = {"taken", "depends", "inactive", "other event", "refused", "beaten", "preempted", "deferred"};

static void on_decision(const aplomb_decision *decision, void *payload) {
	(void)payload;
	if (decision->kind == APLOMB_DECISION_COUNTER) printf("counter %s: %llu\n", decision->name, (unsigned long long)decision->count);
	if (decision->kind != APLOMB_DECISION_TRANSITION) return;
	const aplomb_transition *t = decision->transition;
	printf("%s: %s on %s%s%s (%s:%u)\n", standings[decision->standing], t->state, t->on, t->to[0] != '\0' ? " to " : "", t->to, t->file,
	    t->line);
	if (decision->guard == NULL) return;
	/* What the answer rests on is marked; the rest stood by. */
	for (size_t i = 0; i < decision->guard->n_parts; i++) {
		const aplomb_part *part = &decision->guard->parts[i];
		if (part->decides) printf("  %*s%s: %s\n", (int)part->depth * 2, "", part->text, part->shown);
	}
}

int main(int count, char **arguments) {
	const char *path = count > 1 ? arguments[1] : "playbook.lua";
	aplomb_options options = APLOMB_OPTIONS_INIT;
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
	event.data = "{\"text\":\"Where is it?\"}";
	event.open = "{\"data\":{\"order\":\"A-17\"}}";
	if (aplomb_post_wait(rt, &event, NULL, &error)) die(&error);

	aplomb_watch watch = APLOMB_WATCH_INIT;
	watch.decision = on_decision;
	aplomb_tried tried = APLOMB_TRIED_INIT;
	event.open = NULL;
	event.data = "{\"text\":\"You are useless!\",\"tone\":-0.9,\"abusive\":true}";
	if (aplomb_try(rt, &event, &watch, &tried, &error)) die(&error);
	printf("then it would be in %s; nothing of it has happened\n", tried.states);
	aplomb_close(rt);
	return 0;
}
