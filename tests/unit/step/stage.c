/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

enum { STEP_SIZE = 2048 };

static void append(char *log, const char *sign, const char *word) {
	size_t used = strlen(log);
	APL_ASSERT(used + strlen(sign) + strlen(word) + 2 < STEP_SIZE);
	sprintf(log + used, "%s%s%s", used > 0 ? " " : "", sign, word);
}

/* [name] outlives the macrostep: it is a constant, or stands in the handler's text up to a comma. */
static void raise_named(stage *s, const char *name) {
	size_t size = strcspn(name, ",");
	apl_machine_raise(s->machine, &(apl_step_event){apl_chart_event(s->chart, name, size), (uint32_t)size, name, NULL});
}

static int guard(void *self, int32_t number) {
	stage *s = self;
	const char *text = s->text.handlers[number];
	s->n_guards++;
	if (strcmp(text, "yes") == 0) return APL_PORT_TRUE;
	if (strcmp(text, "no") == 0) return APL_PORT_FALSE;
	if (strcmp(text, "breach") == 0) return APL_PORT_BREACH;
	if (strcmp(text, "fail") == 0) {
		raise_named(s, "error.execution");
		return APL_PORT_ERROR;
	}
	APL_ASSERT(strncmp(text, "in:", 3) == 0);
	uint32_t state = apl_chart_state(s->chart, text + 3, strlen(text + 3));
	APL_ASSERT(state != APL_NONE);
	return apl_set_has(s->words, state) ? APL_PORT_TRUE : APL_PORT_FALSE;
}

static int run(void *self, int32_t number) {
	stage *s = self;
	char text[sizeof *s->text.handlers];
	strcpy(text, s->text.handlers[number]);
	for (char *word = text, *next; word != NULL; word = next) {
		next = strchr(word, ',');
		if (next != NULL) *next++ = '\0';
		if (strcmp(word, "breach") == 0) return APL_PORT_BREACH;
		if (strcmp(word, "fail") == 0) {
			raise_named(s, "error.execution");
			return APL_PORT_ERROR;
		}
		if (strncmp(word, "raise:", 6) == 0)
			raise_named(s, s->text.handlers[number] + (word - text) + 6);
		else
			append(s->log, "", word);
	}
	return APL_PORT_FALSE;
}

static void event(void *self, const apl_step_event *happened) {
	char name[256]; /* not terminated where it stands */
	snprintf(name, sizeof name, "%.*s", (int)happened->size, happened->name);
	append(((stage *)self)->events, "", name);
}

static void taken(void *self, uint32_t transition) {
	(void)transition;
	((stage *)self)->n_taken++;
}

static const char *path_of(const stage *s, uint32_t state) {
	return state == 0 ? s->chart->states[0].id : s->chart->states[state].path;
}

static void entered(void *self, uint32_t state) {
	stage *s = self;
	append(s->moves, "+", path_of(s, state));
}

static void exited(void *self, uint32_t state) {
	stage *s = self;
	append(s->moves, "-", path_of(s, state));
}

const apl_port stage_port = {guard, run, event, taken, entered, exited, NULL};

static void print_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	fprintf(stderr, "%u %s: %s\n", finding->line, finding->slug, finding->message);
}

void stage_open(stage *s, const char *text, const apl_build_options *options) {
	static const apl_build_options any = {.name = "t", .any_event = true};
	memset(s, 0, sizeof *s);
	s->alloc = apl_alloc_system();
	apl_findings_init(&s->findings, &s->alloc);
	int code = chart_text_build(&s->text, text, &s->alloc, options != NULL ? options : &any, &s->chart, &s->findings);
	if (code != APLOMB_OK) apl_findings_tell(&s->findings, print_finding, NULL);
	APL_ASSERT(code == APLOMB_OK);
	s->machine = apl_machine_new(&s->alloc);
	s->words = calloc((size_t)s->chart->n_words * (1 + s->chart->n_history_slots), sizeof *s->words);
	APL_ASSERT(s->machine != NULL && s->words != NULL);
	s->bounds = (apl_machine_bounds){100, 100};
}

void stage_close(stage *s) {
	apl_machine_free(s->machine);
	apl_chart_free(s->chart);
	apl_findings_dispose(&s->findings);
	free(s->words);
}

static void ready(stage *s) {
	s->log[0] = s->moves[0] = s->events[0] = '\0';
	s->n_taken = s->n_guards = 0;
	apl_machine_use(s->machine, s->chart, s->words, s->words + s->chart->n_words, &stage_port, s, &s->bounds);
}

apl_step_result stage_start(stage *s) {
	ready(s);
	return apl_machine_start(s->machine);
}

apl_step_result stage_send(stage *s, const char *name) {
	ready(s);
	apl_step_event sent = {apl_chart_event(s->chart, name, strlen(name)), (uint32_t)strlen(name), name, NULL};
	return apl_machine_step(s->machine, &sent);
}

apl_step_result stage_delay(stage *s, const char *path, uint32_t n) {
	uint32_t state = apl_chart_state(s->chart, path, strlen(path));
	APL_ASSERT(state != APL_NONE && n >= 1 && n <= s->chart->states[state].n_delays);
	const apl_delay *delay = &s->chart->delays[s->chart->states[state].first_delay + n - 1];
	ready(s);
	return apl_machine_step(s->machine, &(apl_step_event){delay->event, (uint32_t)strlen(delay->name), delay->name, NULL});
}

const char *stage_leaves(stage *s) {
	static char leaves[STEP_SIZE];
	leaves[0] = '\0';
	for (uint32_t i = 0; i < s->chart->n_states; i++)
		if (apl_set_has(s->words, i) && apl_set_has(s->chart->leaves, i)) append(leaves, "", path_of(s, i));
	return leaves;
}

const char *stage_result_name(apl_step_result result) {
	static const char *const names[] = {"stable", "unhandled", "deferred", "finished", "microsteps", "queue", "breach", "no-memory"};
	return names[result];
}
