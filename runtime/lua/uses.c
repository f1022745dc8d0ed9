/* SPDX-License-Identifier: MIT */
/*
 * Decides what of a playbook's declarations is surely of no use: an effect or an
 * event that no text of any file names, and no descriptor takes. A name that is
 * put together when it runs may be missed, so this is a note and no warning.
 */
#include "lua/uses.h"

#include <stdio.h>
#include <string.h>

#include "lua/lexer.h"

/* Bytes of texts times names to look for in them: beyond that, nothing is said. */
enum { MOST_SEARCHED = 1 << 28 };

typedef struct reading {
	apl_lua *host;
	apl_findings *findings;
	apl_buf texts; /* a zero byte behind each */
} reading;

/* Every text of every file. */
static void gather_texts(reading *r) {
	for (uint32_t i = 0; i < r->host->n_files; i++) {
		const apl_lua_file *file = &r->host->files[i];
		apl_lexer lexer;
		apl_lexer_init(&lexer, file->text, file->size);
		for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
			if (token.kind != APL_TOKEN_TEXT && token.kind != APL_TOKEN_LONG_TEXT) continue;
			apl_token_value(file->text, &token, &r->texts);
			apl_buf_byte(&r->texts, '\0');
		}
	}
}

/* The declaration itself is one place; any other, within a longer text too, may be a use. */
static bool is_named_elsewhere(const reading *r, const char *name) {
	size_t size = strlen(name);
	const char *at = r->texts.bytes;
	const char *end = at + r->texts.size;
	for (int found = 0; (at = memmem(at, (size_t)(end - at), name, size)) != NULL; at++)
		if (++found == 2) return true;
	return false;
}

static bool is_listened_to(const reading *r, const char *name) {
	const apl_lua *host = r->host;
	const apl_chart *chart = host->program.chart;
	size_t size = strlen(name);
	for (uint32_t i = 0; i < chart->n_transitions; i++)
		for (uint32_t p = 0; p < chart->transitions[i].n_patterns; p++)
			if (apl_pattern_matches(chart->patterns[chart->transitions[i].first_pattern + p], name, size)) return true;
	return false;
}

/* An answer is waited for: somebody has to mind that none may come. [failure]: the event that says so. */
static void check_question(const reading *r, const apl_lua_event *failure) {
	const char *id = failure->name + strlen("error.ask.");
	char answer[256];
	int size = snprintf(answer, sizeof answer, "done.ask.%s", id);
	if (size < 0 || (size_t)size >= sizeof answer || !is_listened_to(r, answer) || is_listened_to(r, failure->name)) return;
	apl_found(r->findings, APLOMB_WARNING, "ask-without-error", failure->place,
	    "an answer to \"%s\" is waited for, and nothing says what happens when nobody answers: add on \"error.ask.%s\" { … }", id, id);
}

/* The same of an effect that the case hears of. */
static void check_outcome(const reading *r, const apl_lua_event *failure) {
	const char *kind = failure->name + strlen("error.effect.");
	bool once = false;
	for (uint32_t i = 0; i < r->host->n_effects; i++)
		once = once || (r->host->effects[i].once && strcmp(r->host->effects[i].name, kind) == 0);
	if (is_listened_to(r, failure->name)) return;
	apl_found(r->findings, APLOMB_WARNING, "effect-without-error", failure->place,
	    "the case is told when \"%s\" was done, and nothing says what happens when it could not be%s: add on \"error.effect.%s\" { … }",
	    kind, once ? ", or when nobody knows" : "", kind);
}

/* The journal has what a clock tells; but whoever wrote it wanted somebody to hear it. */
static void check_clock(const reading *r, uint32_t number) {
	const apl_lua *host = r->host;
	const apl_clock_rule *rule = &host->clocks[number];
	const char *name = host->clock_names[number];
	for (int i = 0; i < 2; i++) {
		char event[256];
		const char *what = i == 0 ? "warning" : "breached";
		int size = snprintf(event, sizeof event, "clock.%s.%s", name, what);
		if ((i == 0 && rule->n_thresholds == 0) || size < 0 || (size_t)size >= sizeof event || is_listened_to(r, event)) continue;
		apl_found(r->findings, APLOMB_NOTE, "clock-unheard", rule->place, "clock \"%s\": no state listens to \"%s\"", name, event);
	}
}

static void check_uses(reading *r) {
	const apl_lua *host = r->host;
	uint64_t names = (uint64_t)host->n_effects + host->n_event_schemas;
	gather_texts(r);
	if (r->texts.failed || names * (r->texts.size + host->program.chart->n_transitions) > MOST_SEARCHED) return;
	for (uint32_t i = 0; i < host->n_effects; i++) {
		const apl_effect_kind *effect = &host->effects[i];
		if (effect->place.file != host->files[0].shown || is_named_elsewhere(r, effect->name)) continue;
		apl_found(
		    r->findings, APLOMB_NOTE, "unused-effect", effect->place, "effect \"%s\" is declared, and nothing asks for it", effect->name);
	}
	for (uint32_t i = 0; i < host->n_clocks; i++) {
		if (host->clocks[i].place.file == host->files[0].shown) check_clock(r, i);
	}
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		const apl_lua_event *event = &host->event_schemas[i];
		if (strncmp(event->name, "error.ask.", 10) == 0) { /* nobody wrote it: it came with its done.ask */
			check_question(r, event);
			continue;
		}
		if (strncmp(event->name, "error.effect.", 13) == 0) {
			check_outcome(r, event);
			continue;
		}
		if (event->is_of_clock || event->place.file != host->files[0].shown || is_named_elsewhere(r, event->name) ||
		    is_listened_to(r, event->name))
			continue;
		apl_found(r->findings, APLOMB_NOTE, "unused-event", event->place, "event \"%s\" is declared, and no state takes it", event->name);
	}
}

bool apl_lua_check_uses(apl_lua *host, apl_findings *findings) {
	reading r = {.host = host, .findings = findings};
	apl_buf_init(&r.texts, &host->alloc);
	check_uses(&r);
	bool is_done = !r.texts.failed;
	apl_buf_dispose(&r.texts);
	return is_done;
}
