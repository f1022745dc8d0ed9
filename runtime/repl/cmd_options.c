/* SPDX-License-Identifier: MIT */
/*
 * Decides how it is told what could happen: every event that some transition
 * of an active state would take now, with what it would do; and one event,
 * tried and taken back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/complete.h"
#include "repl/why.h"

/* ---- what a try would leave behind --------------------------------------------------- */

static const char *text_in(aplomb_value map, const char *name) {
	const char *text = aplomb_value_text(aplomb_value_get(map, name), NULL);
	return text != NULL ? text : "";
}

static void add(repl_text *out, const char *what) {
	if (out->size > 0) repl_text_put(out, "; ");
	repl_text_put(out, what);
}

/* The items of one line, in a clause: where it would go, what it would want, what it would arm. */
static void sum_up_entry(repl *r, aplomb_value entry, repl_text *out) {
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = text_in(item, "do");
		repl_text clause = {0};
		if (strcmp(what, "transition") == 0) {
			aplomb_value to = aplomb_value_get(item, "to");
			for (size_t n = 0; n < aplomb_value_count(to); n++)
				repl_text_format(&clause, "%s%s", n == 0 ? "\xE2\x86\x92 " : " and ",
				    repl_short_path(r, aplomb_value_text(aplomb_value_at(to, n, NULL), NULL)));
		} else if (strcmp(what, "effect") == 0) {
			repl_text_format(&clause, "wants %s", text_in(item, "kind"));
			if (text_in(item, "because")[0] != '\0') repl_text_format(&clause, " because %s", text_in(item, "because"));
		} else if (strcmp(what, "raise") == 0) {
			repl_text_format(&clause, "raises %s", text_in(item, "event"));
		} else if (strcmp(what, "arm") == 0) {
			char when[96];
			aplomb_instant due;
			if (aplomb_instant_read(text_in(item, "due"), &due, NULL) == APLOMB_OK) {
				repl_when(r, due, when);
				repl_text_format(&clause, "arms a timer for %s", when);
			}
		} else if (strcmp(what, "finding") == 0) {
			repl_text_format(&clause, "fails: %s", text_in(item, "message"));
		} else if (strcmp(what, "closed") == 0) {
			repl_text_format(&clause, "closes%s%s", text_in(item, "outcome")[0] != '\0' ? ": " : "", text_in(item, "outcome"));
		}
		if (clause.size > 0) add(out, repl_text_of(&clause));
		repl_text_dispose(&clause);
	}
}

static void sum_up(repl *r, const aplomb_tried *tried, repl_text *out) {
	const char *at = tried->lines, *end = at != NULL ? at + tried->lines_size : NULL;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		aplomb_json *json;
		if (aplomb_json_read(&json, at, (size_t)(newline - at), NULL) == APLOMB_OK) {
			sum_up_entry(r, aplomb_json_root(json), out);
			aplomb_json_free(json);
		}
		at = newline + 1;
	}
	if (out->size == 0) add(out, tried->deferred ? "it is kept for later" : tried->unhandled ? "nothing" : "nothing that shows");
}

/* ---- options ----------------------------------------------------------------------------- */

static bool could_be(const why_stand *s) {
	return s->standing == APLOMB_STANDS_TAKEN || s->standing == APLOMB_STANDS_DEPENDS || s->standing == APLOMB_STANDS_DEFERRED;
}

static bool is_timer(const char *on) {
	return strcmp(on, "after") == 0 || strcmp(on, "every") == 0 || strcmp(on, "at") == 0;
}

/* What the machine raises by itself: nobody can let it happen. */
static bool is_machines(const char *event) {
	return strncmp(event, "done.state.", 11) == 0 || strncmp(event, "error.", 6) == 0;
}

typedef struct words {
	char **items;
	size_t count, capacity;
} words;

static void add_word(words *all, const char *word) {
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i], word) == 0) return;
	tell_need_room(&all->items, all->count, 1, &all->capacity, sizeof *all->items);
	all->items[all->count++] = tell_need_copy(word);
}

/* The events that some transition could take, in the order of the playbook. */
static void gather_events(const why_stands *stands, words *events) {
	for (size_t i = 0; i < stands->count; i++) {
		char event[256];
		const char *on = stands->items[i].transition.on;
		if (!could_be(&stands->items[i]) || is_timer(on) || strcmp(on, "always") == 0) continue;
		while (repl_word(&on, event, sizeof event))
			if (!is_machines(event)) add_word(events, event);
	}
}

/* What the event would do when it carries nothing; or that it has to carry something. */
static void try_bare(repl *r, const char *name) {
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_tried tried = APLOMB_TRIED_INIT;
	aplomb_error error;
	repl_text text = {0};
	event.case_id = r->case_id;
	event.name = name;
	if (aplomb_try(r->rt, &event, NULL, &tried, &error) != APLOMB_OK) return;
	if (tried.code == APLOMB_OK) {
		sum_up(r, &tried, &text);
		tell_line(r->out, NULL, "does", TELL_PLAIN, repl_text_of(&text));
	} else if (strcmp(tried.slug, "unknown-event") == 0) {
		/* The machine's own, or what only a step of the case raises. */
		tell_line(r->out, NULL, "", TELL_FAINT, "only a step of the case itself can bring it about");
	} else {
		tell_line(r->out, NULL, "takes", TELL_PLAIN, tried.message);
	}
	repl_text_dispose(&text);
}

static void tell_event(repl *r, const why_stands *stands, const char *name) {
	bool depends = false;
	tell_line(r->out, NULL, "event", TELL_STRONG, name);
	for (size_t i = 0; i < stands->count; i++) {
		const why_stand *s = &stands->items[i];
		if (!could_be(s) || is_timer(s->transition.on) || !why_listens(&s->transition, name)) continue;
		repl_text text = {0};
		why_name_transition(r, &text, &s->transition);
		if (s->standing == APLOMB_STANDS_DEPENDS) {
			depends = true;
			repl_text_put(&text, " if ");
			repl_text_put(&text, s->guard->label);
		}
		if (s->standing == APLOMB_STANDS_DEFERRED) repl_text_put(&text, ", which keeps it for later");
		tell_line(r->out, NULL, s->standing == APLOMB_STANDS_DEPENDS ? "may take" : "takes it", TELL_PLAIN, repl_text_of(&text));
		repl_text_dispose(&text);
	}
	if (depends) tell_line(r->out, NULL, "", TELL_FAINT, "without data:");
	try_bare(r, name);
}

static void tell_timers(repl *r, const why_stands *stands) {
	for (size_t i = 0; i < stands->count; i++) {
		const why_stand *s = &stands->items[i];
		if (!s->has_due) continue;
		char when[96];
		repl_text text = {0};
		repl_when(r, s->due_at, when);
		repl_text_format(&text, "%s: ", when);
		why_name_transition(r, &text, &s->transition);
		if (s->guard != NULL && s->standing == APLOMB_STANDS_REFUSED) {
			repl_text_put(&text, "; not now, for ");
			why_explain(&text, s->guard);
		}
		tell_line(r->out, NULL, "time", TELL_PLAIN, repl_text_of(&text));
		repl_text_dispose(&text);
	}
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_tried tried = APLOMB_TRIED_INIT;
	repl_text text = {0};
	event.case_id = r->case_id;
	if (aplomb_try(r->rt, &event, NULL, &tried, NULL) == APLOMB_OK) {
		char when[96];
		sum_up(r, &tried, &text);
		repl_text line = {0};
		repl_when(r, tried.at, when);
		repl_text_format(&line, "%s: %s", when, repl_text_of(&text));
		tell_line(r->out, NULL, "next", TELL_PLAIN, repl_text_of(&line));
		repl_text_dispose(&line);
	}
	repl_text_dispose(&text);
}

static int run_options(repl *r, const char *rest) {
	why_stands stands = {0};
	words events = {0};
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (!repl_has_case(r)) return REPL_FAILED;
	aplomb_case_get(r->rt, r->case_id, &info, NULL);
	if (info.status != APLOMB_CASE_OPEN) {
		repl_say(r, "Nothing: the case takes no events any more.");
		return REPL_DONE;
	}
	if (!why_consider(r, &stands)) return REPL_FAILED;
	gather_events(&stands, &events);
	bool found = false;
	for (size_t i = 0; i < events.count && !repl_is_interrupted(r); i++) {
		if (*rest != '\0' && strcmp(rest, events.items[i]) != 0) continue;
		tell_event(r, &stands, events.items[i]);
		found = true;
	}
	int result = REPL_DONE;
	if (*rest == '\0') {
		tell_timers(r, &stands);
		if (events.count == 0) repl_say(r, "No event would be taken now.");
	} else if (!found) {
		const char *near = aplomb_nearest(rest, (const char *const *)events.items, events.count);
		result =
		    near != NULL
		        ? repl_fail(r, "options: no active state would take \"%s\" now; did you mean \"%s\"?", rest, near)
		        : repl_fail(r, "options: no active state would take \"%s\" now. `why not` STATE %s says what would be needed.", rest, rest);
	}
	for (size_t i = 0; i < events.count; i++) free(events.items[i]);
	free(events.items);
	why_stands_dispose(&stands);
	return result;
}

/* ---- try ------------------------------------------------------------------------------------ */

/* The tried lines in the words of the timeline, which knows all that has happened before. */
static void tell_tried(repl *r, const aplomb_tried *tried) {
	tell_casebook book;
	tell_casebook_init(&book);
	tell_timeline timeline = {.screen = r->out, .is_played = true};
	tell_case *c = NULL;
	aplomb_json *json;
	for (size_t i = 0; i < repl_story_count(r->story); i++) {
		size_t size;
		const char *text = repl_story_line(r->story, i, &size);
		if (aplomb_json_read(&json, text, size, NULL) != APLOMB_OK) continue;
		c = tell_casebook_note(&book, aplomb_json_root(json));
		const char *at = text_in(aplomb_json_root(json), "at");
		/* As if it had been shown: the day is not told again. */
		if (c != NULL && strlen(at) > 10) snprintf(c->day, sizeof c->day, "%.10s", at);
		aplomb_json_free(json);
	}
	timeline.last = c;
	const char *at = tried->lines, *end = at + tried->lines_size;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (aplomb_json_read(&json, at, (size_t)(newline - at), NULL) == APLOMB_OK) {
			c = tell_casebook_note(&book, aplomb_json_root(json));
			if (c != NULL) tell_timeline_show(&timeline, c, aplomb_json_root(json));
			aplomb_json_free(json);
		}
		at = newline + 1;
	}
	tell_casebook_dispose(&book);
}

/* Behind the paths that all active states share nothing is left out: they are those of a case that is not there. */
static void tell_would_be(repl *r, const aplomb_tried *tried) {
	char path[512];
	const char *states = tried->states;
	repl_text text = {0};
	while (repl_word(&states, path, sizeof path))
		repl_text_format(&text, "%s%s", text.size > 0 ? " \xE2\x94\x82 " : "", repl_short_path(r, path));
	if (tried->closed) repl_text_put(&text, "closed");
	if (tried->faulted) repl_text_put(&text, "faulted");
	tell_line(r->out, NULL, "would be", TELL_STATE, repl_text_of(&text));
	repl_text_dispose(&text);
	tell_line(r->out, NULL, "", TELL_FAINT, "Nothing of it has happened.");
}

static int run_try(repl *r, const char *rest) {
	char name[256], word[16], by[257] = "", why[200];
	repl_text data = {0};
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_tried tried = APLOMB_TRIED_INIT;
	aplomb_error error;
	int result = REPL_DONE;
	if (!repl_has_case(r)) return REPL_FAILED;
	if (!repl_word(&rest, name, sizeof name))
		return repl_fail(r, "try: which event? It is written as for `do`: try EVENT { field = value }, or try next");
	if (*repl_skip(rest) == '{' && !repl_table(&rest, &data, why, sizeof why)) result = repl_fail(r, "try: %s.", why);
	bool is_next = strcmp(name, "next") == 0;
	if (result == REPL_DONE && *repl_skip(rest) != '\0' &&
	    !(repl_word(&rest, word, sizeof word) && strcmp(word, "by") == 0 && repl_word(&rest, by, sizeof by) && *repl_skip(rest) == '\0'))
		result =
		    repl_fail(r, "try: behind the event stand a table, and `by` with who does it: try %s { field = value } by agent:mira", name);
	event.case_id = r->case_id;
	event.name = is_next ? NULL : name;
	event.data = data.bytes;
	event.by = by[0] != '\0' ? by : repl_usual_sender(name);
	if (result == REPL_DONE && aplomb_try(r->rt, &event, NULL, &tried, &error) != APLOMB_OK) result = repl_fail_error(r, &error);
	if (result == REPL_DONE && tried.code != APLOMB_OK) result = repl_fail(r, "%s [%s]", tried.message, tried.slug);
	if (result == REPL_DONE) {
		tell_tried(r, &tried);
		tell_would_be(r, &tried);
	}
	repl_text_dispose(&data);
	return result;
}

static void complete_try(repl *r, const char *before, repl_candidates *out) {
	repl_complete_happening(r, before, out);
	if (strpbrk(before, " \t\n") == NULL) repl_candidate_with(out, "next", "what happens next by itself", "");
}

const repl_command repl_cmd_options = {
    .name = "options",
    .form = "options [EVENT]",
    .sentence = "What could happen now: the events that would be taken, what each would do, and what is due.",
    .group = REPL_WHY,
    .run = run_options,
    .complete = repl_complete_event,
    .about = "What an event would do is found out by trying it without data; what depends on its data is told with the condition.",
};

const repl_command repl_cmd_try = {
    .name = "try",
    .form = "try EVENT [{ … }] [by WHO] | try next",
    .sentence = "Shows what an event would do, or the next timer, and takes it back.",
    .group = REPL_WHY,
    .run = run_try,
    .complete = complete_try,
    .about = "The case, its data and timers, and the time stay what they are: try customer.message { tone = -0.9 }",
    .takes_table = true,
};
