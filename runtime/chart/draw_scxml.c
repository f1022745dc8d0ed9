/* SPDX-License-Identifier: MIT */
/*
 * Decides how a chart is said in SCXML. States, transitions and delays mean
 * the same there. Guards and actions are texts of the playbook, which no SCXML data model
 * evaluates: they stand in attributes and elements of a name space of our own, and a
 * guard also in cond. What SCXML has no word for stands in a comment.
 *
 * Ids are paths, for SCXML wants them unique; events that tell of an end follow them.
 */
#include <string.h>

#include "chart/drawing.h"
#include "time/instant.h"

static void add_text(apl_buf *out, const char *text) {
	while (*text != '\0') {
		uint32_t c = apl_drawn_character(&text);
		switch (c) {
		case '&': APL_BUF_LITERAL(out, "&amp;"); break;
		case '<': APL_BUF_LITERAL(out, "&lt;"); break;
		case '>': APL_BUF_LITERAL(out, "&gt;"); break;
		case '"': APL_BUF_LITERAL(out, "&quot;"); break;
		default: apl_drawn_add(out, c);
		}
	}
}

/* Two hyphens would end the comment. */
static void add_comment(apl_buf *out, const char *text) {
	uint32_t last = 0;
	while (*text != '\0') {
		uint32_t c = apl_drawn_character(&text);
		if (c == '-' && last == '-') apl_buf_byte(out, ' ');
		apl_drawn_add(out, c);
		last = c;
	}
	if (last == '-') apl_buf_byte(out, ' ');
}

/* A path as an NCName: an escaped dot, which only imported charts have, becomes "_", and so does what may not stand there. */
static void add_id(apl_buf *out, const char *path) {
	for (const char *c = path; *c != '\0'; c++) {
		bool is_good = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '_' ||
		               *c == '.' || (*c & 0x80) != 0;
		if (c == path && ((*c >= '0' && *c <= '9') || *c == '-' || *c == '.')) apl_buf_byte(out, '_');
		apl_buf_byte(out, is_good ? *c : '_');
	}
}

static void indent(apl_buf *out, uint32_t depth) {
	for (uint32_t i = 0; i < depth; i++) apl_buf_byte(out, '\t');
}

static void add_attribute(apl_buf *out, const char *name, const char *value) {
	apl_buf_format(out, " %s=\"", name);
	add_text(out, value);
	apl_buf_byte(out, '"');
}

static void add_block(const apl_drawing *drawing, int32_t block, uint32_t depth, apl_buf *out) {
	if (block == APL_NO_HANDLER) return;
	indent(out, depth);
	APL_BUF_LITERAL(out, "<aplomb:do");
	add_attribute(out, "what", apl_drawn_label(drawing, block));
	APL_BUF_LITERAL(out, "/>\n");
}

static void add_targets(const apl_chart *chart, const apl_transition *transition, apl_buf *out) {
	if (transition->n_targets == 0) return;
	APL_BUF_LITERAL(out, " target=\"");
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		if (i > 0) apl_buf_byte(out, ' ');
		add_id(out, chart->states[chart->targets[transition->first_target + i]].path);
	}
	apl_buf_byte(out, '"');
}

/* Descriptors; the end of a state is called by its path, as its id is. */
static void add_events(const apl_chart *chart, const apl_transition *transition, apl_buf *out) {
	if (transition->n_patterns == 0) return;
	uint32_t ended = apl_drawn_end(chart, transition);
	APL_BUF_LITERAL(out, " event=\"");
	if (ended != APL_NONE) {
		APL_BUF_LITERAL(out, "done.state.");
		add_id(out, chart->states[ended].path);
	} else {
		for (uint32_t i = 0; i < transition->n_patterns; i++) {
			if (i > 0) apl_buf_byte(out, ' ');
			add_text(out, chart->patterns[transition->first_pattern + i]);
		}
	}
	apl_buf_byte(out, '"');
}

/* SCXML writes spans as CSS does, in seconds. What is due at an instant is due so long after now. */
static void add_span(const apl_drawing *drawing, const apl_delay *delay, apl_buf *out) {
	if (delay->kind == APL_DELAY_AT) {
		bool is_fixed = delay->span == APL_NO_HANDLER;
		apl_buf_text(out, is_fixed ? " delayexpr=\"'" : " delayexpr=\"");
		char instant[APL_INSTANT_TEXT];
		if (is_fixed) apl_instant_write(delay->span_us, instant);
		add_text(out, is_fixed ? instant : apl_drawn_label(drawing, delay->span));
		apl_buf_text(out, is_fixed ? "' - case.now\"" : " - case.now\"");
	} else if (delay->span != APL_NO_HANDLER) {
		add_attribute(out, "delayexpr", apl_drawn_label(drawing, delay->span));
	} else if (delay->span_us % APL_SECOND == 0) {
		apl_buf_format(out, " delay=\"%llds\"", (long long)(delay->span_us / APL_SECOND));
	} else {
		apl_buf_format(out, " delay=\"%lld.%06llds\"", (long long)(delay->span_us / APL_SECOND), (long long)(delay->span_us % APL_SECOND));
	}
}

static void add_send(const apl_drawing *drawing, const apl_delay *delay, uint32_t depth, apl_buf *out) {
	indent(out, depth);
	APL_BUF_LITERAL(out, "<send id=\"");
	add_id(out, delay->name);
	APL_BUF_LITERAL(out, "\"");
	add_attribute(out, "event", delay->name);
	add_span(drawing, delay, out);
	APL_BUF_LITERAL(out, "/>\n");
}

/* Of `every`: what is due again is sent anew, unless the state is left, whose onexit came before. */
static bool sends_anew(const apl_chart *chart, const apl_transition *transition) {
	const apl_delay *delay = apl_drawn_delay(chart, transition);
	if (delay == NULL || delay->kind != APL_DELAY_EVERY) return false;
	return transition->n_targets == 0 || ((transition->flags & APL_INTERNAL) != 0 && transition->domain == transition->source);
}

static void add_transition(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_transition *transition = &chart->transitions[number];
	indent(out, depth);
	if ((transition->flags & APL_DEFERS) != 0) {
		APL_BUF_LITERAL(out, "<!-- kept for later, for which SCXML has no word: ");
		for (uint32_t i = 0; i < transition->n_patterns; i++) {
			if (i > 0) apl_buf_byte(out, ' ');
			add_comment(out, chart->patterns[transition->first_pattern + i]);
		}
		APL_BUF_LITERAL(out, " -->\n");
		return;
	}
	APL_BUF_LITERAL(out, "<transition");
	add_events(chart, transition, out);
	if (transition->guard != APL_NO_HANDLER) add_attribute(out, "cond", apl_drawn_label(drawing, transition->guard));
	add_targets(chart, transition, out);
	if ((transition->flags & APL_INTERNAL) != 0 && transition->n_targets > 0) APL_BUF_LITERAL(out, " type=\"internal\"");
	if (transition->because != NULL) add_attribute(out, "aplomb:because", transition->because);
	bool is_sent_anew = sends_anew(chart, transition);
	if (transition->block == APL_NO_HANDLER && !is_sent_anew) {
		APL_BUF_LITERAL(out, "/>\n");
		return;
	}
	APL_BUF_LITERAL(out, ">\n");
	if (is_sent_anew) add_send(drawing, apl_drawn_delay(chart, transition), depth + 1, out);
	add_block(drawing, transition->block, depth + 1, out);
	indent(out, depth);
	APL_BUF_LITERAL(out, "</transition>\n");
}

/* An `every` is due again, too, when none of its guards held. */
static void add_repeats(const apl_drawing *drawing, const apl_state *state, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	for (uint32_t d = state->first_delay; d < state->first_delay + state->n_delays; d++) {
		bool always_taken = chart->delays[d].kind != APL_DELAY_EVERY;
		for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions && !always_taken; i++)
			always_taken =
			    apl_drawn_delay(chart, &chart->transitions[i]) == &chart->delays[d] && chart->transitions[i].guard == APL_NO_HANDLER;
		if (always_taken) continue;
		indent(out, depth);
		APL_BUF_LITERAL(out, "<transition");
		add_attribute(out, "event", chart->delays[d].name);
		APL_BUF_LITERAL(out, ">\n");
		add_send(drawing, &chart->delays[d], depth + 1, out);
		indent(out, depth);
		APL_BUF_LITERAL(out, "</transition>\n");
	}
}

static void add_delay(const apl_drawing *drawing, const apl_delay *delay, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	if (delay->n_since > 0) {
		indent(out, depth);
		APL_BUF_LITERAL(out, "<!-- counts anew, for which SCXML has no word, from each: ");
		for (uint32_t i = 0; i < delay->n_since; i++) {
			if (i > 0) apl_buf_byte(out, ' ');
			add_comment(out, chart->patterns[delay->first_since + i]);
		}
		APL_BUF_LITERAL(out, " -->\n");
	}
	add_send(drawing, delay, depth, out);
}

static void add_blocks(const apl_drawing *drawing, const char *element, uint32_t first, uint32_t count, uint32_t depth, apl_buf *out) {
	for (uint32_t i = 0; i < count; i++) {
		indent(out, depth);
		apl_buf_format(out, "<%s>\n", element);
		add_block(drawing, drawing->chart->blocks[first + i], depth + 1, out);
		indent(out, depth);
		apl_buf_format(out, "</%s>\n", element);
	}
}

/* The delays begin with the state and end with it. */
static void add_delays(const apl_drawing *drawing, const apl_state *state, uint32_t depth, apl_buf *out) {
	if (state->n_delays == 0) return;
	indent(out, depth);
	APL_BUF_LITERAL(out, "<onentry>\n");
	for (uint32_t i = 0; i < state->n_delays; i++) add_delay(drawing, &drawing->chart->delays[state->first_delay + i], depth + 1, out);
	indent(out, depth);
	APL_BUF_LITERAL(out, "</onentry>\n");
	indent(out, depth);
	APL_BUF_LITERAL(out, "<onexit>\n");
	for (uint32_t i = 0; i < state->n_delays; i++) {
		indent(out, depth + 1);
		APL_BUF_LITERAL(out, "<cancel sendid=\"");
		add_id(out, drawing->chart->delays[state->first_delay + i].name);
		APL_BUF_LITERAL(out, "\"/>\n");
	}
	indent(out, depth);
	APL_BUF_LITERAL(out, "</onexit>\n");
}

static void add_initial(const apl_drawing *drawing, const apl_state *state, uint32_t depth, apl_buf *out) {
	const apl_transition *initial = &drawing->chart->transitions[state->initial];
	bool is_history = apl_drawn_history(state);
	if (!is_history) {
		indent(out, depth);
		APL_BUF_LITERAL(out, "<initial>\n");
	}
	indent(out, depth + 1);
	APL_BUF_LITERAL(out, "<transition");
	add_targets(drawing->chart, initial, out);
	if (initial->block == APL_NO_HANDLER) {
		APL_BUF_LITERAL(out, "/>\n");
	} else {
		APL_BUF_LITERAL(out, ">\n");
		add_block(drawing, initial->block, depth + 2, out);
		indent(out, depth + 1);
		APL_BUF_LITERAL(out, "</transition>\n");
	}
	if (!is_history) {
		indent(out, depth);
		APL_BUF_LITERAL(out, "</initial>\n");
	}
}

/* A child's chart is a document beside this one. */
static void add_invoke(const apl_drawing *drawing, const apl_invoke *invoke, uint32_t depth, apl_buf *out) {
	indent(out, depth);
	APL_BUF_LITERAL(out, "<invoke type=\"scxml\"");
	if (invoke->playbook != NULL) {
		apl_buf src;
		apl_buf_init(&src, &out->alloc);
		apl_buf_format(&src, "%s.scxml", invoke->playbook);
		add_attribute(out, "src", apl_buf_terminate(&src));
		apl_buf_dispose(&src);
	} else {
		APL_BUF_LITERAL(out, " srcexpr=\"the playbook computes it\"");
	}
	add_attribute(out, "id", invoke->id);
	if (invoke->autoforward) APL_BUF_LITERAL(out, " autoforward=\"true\"");
	if (invoke->because != NULL) add_attribute(out, "aplomb:because", invoke->because);
	if (invoke->finalize == APL_NO_HANDLER) {
		APL_BUF_LITERAL(out, "/>\n");
		return;
	}
	APL_BUF_LITERAL(out, ">\n");
	indent(out, depth + 1);
	APL_BUF_LITERAL(out, "<finalize>\n");
	add_block(drawing, invoke->finalize, depth + 2, out);
	indent(out, depth + 1);
	APL_BUF_LITERAL(out, "</finalize>\n");
	indent(out, depth);
	APL_BUF_LITERAL(out, "</invoke>\n");
}

static void add_state(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *out);

static void add_inside(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_state *state = &chart->states[number];
	add_delays(drawing, state, depth, out);
	add_blocks(drawing, "onentry", state->first_entry, state->n_entry, depth, out);
	add_blocks(drawing, "onexit", state->first_exit, state->n_exit, depth, out);
	for (uint32_t i = state->first_invoke; i < state->first_invoke + state->n_invokes; i++)
		add_invoke(drawing, &chart->invokes[i], depth, out);
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++)
		add_transition(drawing, i, depth, out);
	add_repeats(drawing, state, depth, out);
	if (state->outcome != NULL) {
		indent(out, depth);
		APL_BUF_LITERAL(out, "<donedata><content>");
		add_text(out, state->outcome);
		APL_BUF_LITERAL(out, "</content></donedata>\n");
	}
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end)
		add_state(drawing, child, depth, out);
}

static void add_state(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *out) {
	static const char *const elements[] = {"state", "state", "parallel", "final", "history", "history"};
	const apl_state *state = &drawing->chart->states[number];
	const char *element = elements[state->kind];
	indent(out, depth);
	apl_buf_format(out, "<%s id=\"", element);
	add_id(out, state->path);
	apl_buf_byte(out, '"');
	if (state->kind == APL_HISTORY_DEEP) APL_BUF_LITERAL(out, " type=\"deep\"");
	if (state->rests != NULL) add_attribute(out, "aplomb:rests", state->rests);
	APL_BUF_LITERAL(out, ">\n");
	if (state->initial != APL_NONE) add_initial(drawing, state, apl_drawn_history(state) ? depth : depth + 1, out);
	add_inside(drawing, number, depth + 1, out);
	indent(out, depth);
	apl_buf_format(out, "</%s>\n", element);
}

void apl_draw_scxml(const apl_drawing *drawing, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_state *root = &chart->states[0];
	APL_BUF_LITERAL(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (drawing->title != NULL) {
		APL_BUF_LITERAL(out, "<!-- ");
		add_comment(out, drawing->title);
		APL_BUF_LITERAL(out, " -->\n");
	}
	APL_BUF_LITERAL(out, "<!-- cond, delayexpr and aplomb:do hold texts of the playbook, which no data model of SCXML evaluates. -->\n"
	                     "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:aplomb=\"urn:aplomb:playbook\" version=\"1.0\"");
	add_attribute(out, "name", chart->name);
	if (root->initial != APL_NONE && chart->transitions[root->initial].n_targets > 0) {
		const apl_transition *initial = &chart->transitions[root->initial];
		APL_BUF_LITERAL(out, " initial=\"");
		for (uint32_t i = 0; i < initial->n_targets; i++) {
			if (i > 0) apl_buf_byte(out, ' ');
			add_id(out, chart->states[chart->targets[initial->first_target + i]].path);
		}
		apl_buf_byte(out, '"');
	}
	APL_BUF_LITERAL(out, ">\n");
	/* What the root itself does has no place in SCXML. */
	if (root->n_delays + root->n_entry + root->n_exit + root->n_transitions > 0)
		APL_BUF_LITERAL(
		    out, "\t<!-- the playbook itself also has clocks, actions or transitions: SCXML's root has none, and they are left out -->\n");
	for (uint32_t child = root->first_child; child != APL_NONE && child < root->end; child = chart->states[child].end)
		add_state(drawing, child, 1, out);
	APL_BUF_LITERAL(out, "</scxml>\n");
}
