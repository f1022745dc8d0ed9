/* SPDX-License-Identifier: MIT */
#include "chart_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

enum { LINE_SIZE = 512 };

/* ---- failing allocation ---------------------------------------------------- */

static void *allocate_or_fail(void *payload, void *block, size_t old_size, size_t new_size) {
	failing_allocator *f = payload;
	size_t old = block == NULL ? 0 : old_size;
	if (new_size == 0) {
		free(block);
		f->bytes -= (int64_t)old;
		return NULL;
	}
	/* Shrinking must not fail. */
	if ((block == NULL || new_size > old) && ++f->asked == f->fails_at) return NULL;
	void *moved = realloc(block, new_size);
	APL_ASSERT(moved != NULL);
	f->bytes += (int64_t)new_size - (int64_t)old;
	return moved;
}

apl_alloc failing_alloc(failing_allocator *payload) {
	return (apl_alloc){allocate_or_fail, payload};
}

/* ---- reading --------------------------------------------------------------- */

/* One line's words; [text] is cut up in place. */
typedef struct words {
	char text[LINE_SIZE];
	char *next;
	char *word; /* the current one, or NULL */
} words;

static void advance(words *w) {
	while (*w->next == ' ') w->next++;
	w->word = *w->next == '\0' ? NULL : w->next;
	while (*w->next != ' ' && *w->next != '\0') w->next++;
	if (*w->next == ' ') *w->next++ = '\0';
}

static bool is(const words *w, const char *word) {
	return w->word != NULL && strcmp(w->word, word) == 0;
}

static bool is_keyword(const words *w) {
	static const char *const all[] = {"if", "internal", "defers", "->", "do", "/", "since", "initial", "default", "outcome", "rests"};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (is(w, all[i])) return true;
	return false;
}

/* Words up to the next keyword, joined by spaces. */
static void gather(words *w, char out[LINE_SIZE]) {
	out[0] = '\0';
	for (; w->word != NULL && !is_keyword(w); advance(w)) {
		if (out[0] != '\0') strcat(out, " ");
		strcat(out, w->word);
	}
}

static int32_t handler(chart_text *t, const char *text) {
	APL_ASSERT(t->n_handlers < MOST_HANDLERS && strlen(text) < sizeof *t->handlers);
	strcpy(t->handlers[t->n_handlers], text);
	return t->n_handlers++;
}

static int32_t handler_word(chart_text *t, words *w) {
	advance(w);
	APL_ASSERT(w->word != NULL);
	int32_t number = handler(t, w->word);
	advance(w);
	return number;
}

typedef struct transition_line {
	apl_build_transition_options options;
	char events[LINE_SIZE], targets[LINE_SIZE], since[LINE_SIZE];
	bool has_since;
} transition_line;

static void read_transition(chart_text *t, words *w, apl_place place, transition_line *out) {
	memset(out, 0, sizeof *out);
	out->options.guard = out->options.block = APL_NO_HANDLER;
	out->options.place = place;
	gather(w, out->events);
	while (w->word != NULL) {
		if (is(w, "if")) {
			out->options.guard = handler_word(t, w);
		} else if (is(w, "do")) {
			out->options.block = handler_word(t, w);
		} else if (is(w, "->")) {
			advance(w);
			gather(w, out->targets);
			out->options.targets = out->targets;
		} else if (is(w, "since")) {
			advance(w);
			gather(w, out->since);
			out->has_since = true;
		} else {
			APL_ASSERT(is(w, "internal") || is(w, "defers"));
			if (is(w, "internal"))
				out->options.internal = true;
			else
				out->options.defers = true;
			advance(w);
		}
	}
}

enum { MOST_CANDIDATES = 8 };

typedef struct reading {
	chart_text *t;
	apl_builder *b;
	uint32_t depth; /* states begun */
	/* A delay waits for its `or` lines. */
	bool has_delay;
	apl_build_delay_options delay;
	transition_line candidates[MOST_CANDIDATES];
	apl_build_transition_options options[MOST_CANDIDATES];
	uint32_t n_candidates;
	char delay_since[LINE_SIZE];
} reading;

static bool flush_delay(reading *r) {
	if (!r->has_delay) return true;
	for (uint32_t i = 0; i < r->n_candidates; i++) r->options[i] = r->candidates[i].options;
	r->delay.transitions = r->options;
	r->delay.n_transitions = r->n_candidates;
	r->has_delay = false;
	return apl_build_delay(r->b, &r->delay);
}

static bool read_state(reading *r, words *w, apl_build_kind kind, apl_place place) {
	char targets[LINE_SIZE] = "";
	bool has_targets = false;
	int32_t block = APL_NO_HANDLER;
	const char *id = w->word != NULL ? w->word : "";
	if (strcmp(id, "-") == 0) id = ""; /* an empty id, to be refused */
	if (!apl_build_begin(r->b, kind, id, place)) return false;
	r->depth++;
	if (w->word != NULL) advance(w);
	while (w->word != NULL) {
		if (is(w, "initial") || is(w, "default")) {
			advance(w);
			gather(w, targets);
			has_targets = true;
		} else if (is(w, "/")) {
			block = handler_word(r->t, w);
		} else if (is(w, "rests")) {
			char why[LINE_SIZE];
			advance(w);
			gather(w, why);
			if (!apl_build_rests(r->b, why)) return false;
		} else {
			APL_ASSERT(is(w, "outcome"));
			advance(w);
			if (!apl_build_outcome(r->b, w->word)) return false;
			advance(w);
		}
	}
	return !has_targets || apl_build_initial(r->b, targets, block, place, NULL);
}

static bool read_line(reading *r, words *w, apl_place place) {
	transition_line line;
	if (is(w, "or")) {
		APL_ASSERT(r->has_delay && r->n_candidates < MOST_CANDIDATES);
		advance(w);
		transition_line *to = &r->candidates[r->n_candidates++];
		read_transition(r->t, w, place, to);
		return true;
	}
	if (!flush_delay(r)) return false;
	if (is(w, "event")) {
		advance(w);
		return apl_build_event(r->b, w->word, place);
	}
	if (is(w, "entry") || is(w, "exit")) {
		bool entry = is(w, "entry");
		int32_t block = handler_word(r->t, w);
		return entry ? apl_build_entry(r->b, block) : apl_build_exit(r->b, block);
	}
	if (is(w, "on")) {
		advance(w);
		read_transition(r->t, w, place, &line);
		line.options.events = line.events;
		return apl_build_transition(r->b, &line.options);
	}
	if (is(w, "always")) {
		advance(w);
		read_transition(r->t, w, place, &line);
		return apl_build_transition(r->b, &line.options);
	}
	if (is(w, "after")) {
		advance(w);
		read_transition(r->t, w, place, &r->candidates[0]);
		strcpy(r->delay_since, r->candidates[0].since);
		r->delay = (apl_build_delay_options){
		    .span = APL_NO_HANDLER, .span_us = 1000000, .since = r->candidates[0].has_since ? r->delay_since : NULL, .place = place};
		r->n_candidates = 1;
		r->has_delay = true;
		return true;
	}
	static const char *const kinds[] = {"state", "parallel", "final", "history", "deep"};
	for (uint32_t kind = 0; kind < 5; kind++) {
		if (!is(w, kinds[kind])) continue;
		advance(w);
		return read_state(r, w, (apl_build_kind)kind, place);
	}
	bool is_known = false; /* every line begins with a word that is known */
	APL_ASSERT(is_known);
	return false;
}

static bool end_states(reading *r, uint32_t depth) {
	if (!flush_delay(r)) return false;
	for (; r->depth > depth; r->depth--)
		if (!apl_build_end(r->b)) return false;
	return true;
}

static bool read_all(reading *r, const char *text) {
	uint32_t number = 0;
	while (*text != '\0') {
		size_t size = strcspn(text, "\n");
		words w;
		APL_ASSERT(size < sizeof w.text);
		memcpy(w.text, text, size);
		w.text[size] = '\0';
		text += size + (text[size] == '\n');
		number++;
		size_t indent = strspn(w.text, " ");
		if (w.text[indent] == '\0' || w.text[indent] == '#') continue;
		w.next = w.text;
		advance(&w);
		/* `or` belongs to the delay above, which has not been declared yet. */
		if (!is(&w, "or") && !end_states(r, (uint32_t)indent / 2)) return false;
		if (!read_line(r, &w, (apl_place){"t", number, 0})) return false;
	}
	return end_states(r, 0);
}

int chart_text_build(
    chart_text *t, const char *text, const apl_alloc *alloc, const apl_build_options *options, apl_chart **out, apl_findings *findings) {
	static const apl_build_options none = {.name = "t"};
	t->n_handlers = 0;
	reading *r = calloc(1, sizeof *r);
	APL_ASSERT(r != NULL);
	int code = APLOMB_ENOMEM;
	r->t = t;
	r->b = apl_builder_new(alloc, options != NULL ? options : &none);
	if (r->b != NULL && read_all(r, text)) code = apl_build_finish(r->b, out, findings);
	apl_builder_free(r->b);
	free(r);
	return code;
}
