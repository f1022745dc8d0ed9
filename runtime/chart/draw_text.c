/* SPDX-License-Identifier: MIT */
/*
 * Decides how a chart is read as text: a tree of states, and under each what
 * happens in it, in the order in which it is asked, in words that can be said
 * aloud: "customer.message if is_civil → listening, do acknowledge".
 */
#include <stdio.h>
#include <string.h>

#include "chart/drawing.h"

enum { USUAL_WIDTH = 80, LEAST_TEXT = 32, GUIDE = 3, MOST_GUIDES = 68 };

typedef enum style { PLAIN, STRONG, FAINT, STATE, TAKEN, HERE } style;

typedef enum guide { GUIDE_NONE, GUIDE_CHILDREN, GUIDE_REGIONS } guide;

typedef struct pen {
	const apl_drawing *drawing;
	apl_buf *out;
	apl_buf scratch;
	uint32_t width;
	uint8_t guides[MOST_GUIDES]; /* of what stands around, outermost first */
	uint32_t n_guides;
	uint32_t column; /* columns of this line so far */
	uint32_t hang;   /* where a line goes on that was too long */
	bool wants_space;
	bool has_initial, has_regions, has_final, has_history; /* for the legend */
} pen;

static const char *sign(const pen *p, const char *pretty, const char *plain) {
	return p->drawing->is_ascii ? plain : pretty;
}
#define STAY_TOGETHER "\xc2\xa0" /* a space at which no line ends */
#define ARROW(p) sign((p), "\xe2\x86\x92", "->")

static void set_style(pen *p, style s) {
	static const char *const codes[] = {"0", "1", "2", "36", "32", "1;33"};
	if (p->drawing->has_colour) apl_buf_format(p->out, "\033[%sm", codes[s]);
}

/* ---- words on lines --------------------------------------------------------------- */

/* Columns of a character, nearly: what stands on the one before has none, what is wide has two. */
static uint32_t columns_of(uint32_t c) {
	if (c < 0x300) return 1;
	if (c <= 0x36F || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F)) return 0;
	return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF && c != 0x303F) || (c >= 0xAC00 && c <= 0xD7A3) ||
	               (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF00 && c <= 0xFF60) || (c >= 0x1F300 && c <= 0x1F64F) ||
	               (c >= 0x1F900 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD)
	           ? 2
	           : 1;
}

static void put_character(pen *p, uint32_t c) {
	if (c == 0xA0) c = ' ';
	if (p->drawing->is_ascii && c >= 0x80) {
		const char *plain = c == 0x201C || c == 0x201D ? "\"" : c == 0x2018 || c == 0x2019 ? "'" : c == 0x2026 ? "..." : "?";
		apl_buf_text(p->out, plain);
		p->column += (uint32_t)strlen(plain);
		return;
	}
	apl_drawn_add(p->out, c);
	p->column += columns_of(c);
}

static void put_guides(pen *p, uint32_t count) {
	set_style(p, FAINT);
	for (uint32_t i = 0; i < count; i++) {
		const char *line = p->guides[i] == GUIDE_CHILDREN  ? sign(p, "\xe2\x94\x82  ", "|  ")
		                   : p->guides[i] == GUIDE_REGIONS ? sign(p, "\xe2\x95\x91  ", "#  ")
		                                                   : "   ";
		apl_buf_text(p->out, line);
	}
	set_style(p, PLAIN);
	p->column = count * GUIDE;
}

static void end_line(pen *p) {
	/* Guides of nothing end in spaces, which nobody needs. */
	while (!p->out->failed && p->out->size > 0 && p->out->bytes[p->out->size - 1] == ' ') p->out->size--;
	apl_buf_byte(p->out, '\n');
	p->column = 0;
	p->wants_space = false;
}

static void indent(pen *p, uint32_t column) {
	for (; p->column < column; p->column++) apl_buf_byte(p->out, ' ');
}

/* A line within the state: what stands around, and [column] more columns. A long one goes on [hang] further in. */
static void begin_line(pen *p, uint32_t column, uint32_t hang) {
	put_guides(p, p->n_guides);
	indent(p, p->n_guides * GUIDE + column);
	p->hang = column + hang;
}

static uint32_t word_columns(const char *word, const char *end) {
	uint32_t columns = 0;
	while (word < end) columns += columns_of(apl_drawn_character(&word));
	return columns;
}

/* The text's words, each on the line where it still fits. */
static void put(pen *p, style s, const char *text) {
	bool first = true;
	while (*text != '\0') {
		while (*text == ' ') text++;
		const char *end = text;
		while (*end != '\0' && *end != ' ') end++;
		if (end == text) break;
		uint32_t columns = word_columns(text, end);
		if (p->column + (p->wants_space ? 1 : 0) + columns > p->width && p->column > p->n_guides * GUIDE + p->hang) {
			set_style(p, PLAIN);
			end_line(p);
			put_guides(p, p->n_guides);
			indent(p, p->n_guides * GUIDE + p->hang);
			first = true;
		}
		if (p->wants_space) {
			apl_buf_byte(p->out, ' ');
			p->column++;
		}
		if (first) set_style(p, s);
		first = false;
		while (text < end) {
			if (p->column + 1 > p->width + LEAST_TEXT) { /* one word that no line holds is broken */
				end_line(p);
				put_guides(p, p->n_guides);
				indent(p, p->n_guides * GUIDE + p->hang);
			}
			put_character(p, apl_drawn_character(&text));
		}
		p->wants_space = true;
	}
	set_style(p, PLAIN);
}

/* On the word before, without a space. */
static void put_on(pen *p, style s, const char *text) {
	p->wants_space = false;
	put(p, s, text);
}

static void put_scratch(pen *p, style s) {
	put(p, s, apl_buf_terminate(&p->scratch));
	apl_buf_clear(&p->scratch);
}

/* “…”, behind what stands there if it fits, else on lines of its own. */
static void put_quoted(pen *p, const char *text, uint32_t column) {
	apl_buf_clear(&p->scratch);
	apl_buf_text(&p->scratch, "\xe2\x80\x9c");
	apl_buf_text(&p->scratch, text);
	apl_buf_text(&p->scratch, "\xe2\x80\x9d");
	const char *quoted = apl_buf_terminate(&p->scratch);
	uint32_t columns = word_columns(quoted, quoted + strlen(quoted));
	if (p->column + 2 + columns <= p->width) {
		p->wants_space = false;
		indent(p, p->column + 2);
	} else {
		end_line(p);
		begin_line(p, column, 1);
	}
	put(p, FAINT, quoted);
	apl_buf_clear(&p->scratch);
}

/* ---- what happens in a state ---------------------------------------------------------- */

static style style_of(const pen *p, uint32_t transition, style otherwise) {
	if (p->drawing->trail == NULL) return otherwise;
	return apl_drawn_taken(p->drawing, transition) > 0 ? TAKEN : FAINT;
}

static void put_targets(pen *p, const apl_transition *transition, style s) {
	const apl_chart *chart = p->drawing->chart;
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		/* An arrow at the end of a line points nowhere. */
		apl_buf_format(
		    &p->scratch, "%s" STAY_TOGETHER "%s", i == 0 ? ARROW(p) : "and", apl_drawn_target(chart, transition->source, target));
		put_scratch(p, s);
		if (target == transition->source) put(p, PLAIN, "anew");
	}
}

/* What the transition does, behind its trigger and its guard. */
static void put_outcome(pen *p, uint32_t number, uint32_t column) {
	const apl_transition *transition = &p->drawing->chart->transitions[number];
	uint32_t taken = apl_drawn_taken(p->drawing, number);
	bool has_block = transition->block != APL_NO_HANDLER;
	if ((transition->flags & APL_DEFERS) != 0) put(p, PLAIN, "is kept for later");
	if (transition->n_targets > 0) put_targets(p, transition, style_of(p, number, STATE));
	if (has_block) {
		put_on(p, PLAIN, transition->n_targets > 0 ? "," : ":");
		apl_buf_format(&p->scratch, "do" STAY_TOGETHER "%s", apl_drawn_label(p->drawing, transition->block));
		put_scratch(p, PLAIN);
	}
	if (!has_block && transition->n_targets == 0 && (transition->flags & APL_DEFERS) == 0) {
		put_on(p, PLAIN, ":");
		put(p, PLAIN, "nothing more");
	}
	if (taken > 1) {
		apl_buf_format(&p->scratch, "%s%u", sign(p, "\xc3\x97", "x"), (unsigned)taken);
		put_scratch(p, TAKEN);
	}
	if (transition->because != NULL) put_quoted(p, transition->because, column + 4);
	end_line(p);
}

/* Two columns: a bullet when the case took it. */
static void put_bullet(pen *p, uint32_t number, uint32_t column) {
	begin_line(p, column, 6);
	if (p->drawing->trail == NULL) return;
	if (apl_drawn_taken(p->drawing, number) > 0) {
		set_style(p, TAKEN);
		apl_buf_text(p->out, sign(p, "\xe2\x97\x8f", "*"));
		set_style(p, PLAIN);
		p->column++;
	}
	indent(p, p->n_guides * GUIDE + column + 2);
}

static void put_guard(pen *p, const apl_transition *transition, bool is_else) {
	if (transition->guard != APL_NO_HANDLER) {
		put(p, PLAIN, "if");
		put(p, PLAIN, apl_drawn_label(p->drawing, transition->guard));
	} else if (is_else) {
		put(p, PLAIN, "else");
	}
}

static void put_transition(pen *p, uint32_t number, bool stands_in_list, bool is_first) {
	const apl_transition *transition = &p->drawing->chart->transitions[number];
	uint32_t column = stands_in_list ? 4 : 2;
	put_bullet(p, number, column);
	if (!stands_in_list) {
		apl_drawn_trigger(p->drawing, transition, &p->scratch);
		put_scratch(p, style_of(p, number, STRONG));
	}
	put_guard(p, transition, stands_in_list && !is_first);
	put_outcome(p, number, column);
}

/* Candidates of one event stand below it. */
static void put_transitions(pen *p, const apl_state *state) {
	const apl_chart *chart = p->drawing->chart;
	uint32_t end = state->first_transition + state->n_transitions;
	for (uint32_t i = state->first_transition; i < end;) {
		uint32_t next = i + 1;
		while (next < end && apl_drawn_together(chart, &chart->transitions[i], &chart->transitions[next])) next++;
		if (next - i > 1) {
			bool any = p->drawing->trail == NULL;
			for (uint32_t n = i; n < next; n++) any = any || apl_drawn_taken(p->drawing, n) > 0;
			begin_line(p, p->drawing->trail != NULL ? 4 : 2, 4);
			apl_drawn_trigger(p->drawing, &chart->transitions[i], &p->scratch);
			put_scratch(p, any ? STRONG : FAINT);
			end_line(p);
		}
		for (uint32_t n = i; n < next; n++) put_transition(p, n, next - i > 1, n == i);
		i = next;
	}
}

static void put_blocks(pen *p, const char *word, uint32_t first, uint32_t count) {
	if (!apl_drawn_blocks(p->drawing, first, count, &p->scratch)) return;
	begin_line(p, p->drawing->trail != NULL ? 4 : 2, 4);
	put(p, FAINT, word);
	put_scratch(p, PLAIN);
	end_line(p);
}

static void put_invokes(pen *p, const apl_state *state) {
	const uint32_t column = p->drawing->trail != NULL ? 4 : 2;
	for (uint32_t i = state->first_invoke; i < state->first_invoke + state->n_invokes; i++) {
		const apl_invoke *invoke = &p->drawing->chart->invokes[i];
		begin_line(p, column, 4);
		put(p, FAINT, "invokes:");
		apl_drawn_invoke(invoke, &p->scratch);
		put_scratch(p, PLAIN);
		if (invoke->because != NULL) put_quoted(p, invoke->because, column + 4);
		end_line(p);
	}
}

static void put_clocks(pen *p, uint32_t number) {
	if (!p->drawing->chart->states[number].has_clock) return;
	begin_line(p, p->drawing->trail != NULL ? 4 : 2, 4);
	put(p, FAINT, "runs:");
	apl_drawn_clocks(p->drawing->chart, number, &p->scratch);
	put_scratch(p, PLAIN);
	end_line(p);
}

static void put_body(pen *p, uint32_t number) {
	const apl_state *state = &p->drawing->chart->states[number];
	if (apl_drawn_history(state)) return;
	if (state->rests != NULL) {
		begin_line(p, p->drawing->trail != NULL ? 4 : 2, 4);
		put(p, FAINT, "rests:");
		put(p, FAINT, state->rests);
		end_line(p);
	}
	put_blocks(p, "entering:", state->first_entry, state->n_entry);
	put_blocks(p, "leaving:", state->first_exit, state->n_exit);
	put_invokes(p, state);
	put_clocks(p, number);
	put_transitions(p, state);
}

/* ---- states -------------------------------------------------------------------------------- */

/* What kind of state it is, behind its name. */
static void put_kind(pen *p, const apl_state *state) {
	const apl_chart *chart = p->drawing->chart;
	const apl_state *parent = &chart->states[state->parent];
	switch ((apl_state_kind)state->kind) {
	case APL_PARALLEL: put(p, FAINT, "all of this at once"); break;
	case APL_FINAL:
		put(p, FAINT, state->parent == 0 ? "ends the case" : "ends");
		if (state->parent != 0) put(p, FAINT, parent->id);
		if (state->outcome == NULL || strcmp(state->outcome, state->id) == 0) break;
		put_on(p, FAINT, ":");
		put(p, FAINT, state->outcome);
		break;
	case APL_HISTORY_SHALLOW:
	case APL_HISTORY_DEEP: {
		const apl_transition *first = &chart->transitions[state->initial];
		put(p, FAINT,
		    state->kind == APL_HISTORY_DEEP ? "back to where it was, all the way in; at first" : "back to where it was; at first");
		for (uint32_t i = 0; i < first->n_targets; i++)
			put(p, FAINT, apl_drawn_target(chart, state->parent, chart->targets[first->first_target + i]));
		break;
	}
	case APL_ATOMIC:
	case APL_COMPOUND: break;
	}
}

static void put_trail(pen *p, uint32_t number) {
	const apl_drawing *drawing = p->drawing;
	uint32_t entered = apl_drawn_entered(drawing, number);
	if (entered > 0) {
		if (p->drawing->chart->states[number].kind != APL_ATOMIC && p->drawing->chart->states[number].kind != APL_COMPOUND)
			put_on(p, FAINT, ",");
		char at[APL_DRAWN_INSTANT];
		apl_drawn_instant(drawing->trail->last[number], at);
		if (entered > 1) apl_buf_format(&p->scratch, "%s%u, last ", sign(p, "\xc3\x97", "x"), (unsigned)entered);
		apl_buf_text(&p->scratch, at);
		put_scratch(p, TAKEN);
	}
	if (!apl_drawn_active(drawing, number) || drawing->chart->states[number].first_child != APL_NONE) return;
	put(p, HERE, sign(p, "\xe2\x97\x80", "<=="));
	put(p, HERE, drawing->trail->has_ended ? "ended here" : "now");
}

/* The branch that leads to the state, its mark, its name. */
static void put_head(pen *p, uint32_t number, bool is_last) {
	const apl_chart *chart = p->drawing->chart;
	const apl_state *state = &chart->states[number];
	bool is_region = chart->states[state->parent].kind == APL_PARALLEL;
	put_guides(p, p->n_guides - 1);
	set_style(p, FAINT);
	if (is_region)
		apl_buf_text(p->out, is_last ? sign(p, "\xe2\x95\x9a\xe2\x95\x90", "#=") : sign(p, "\xe2\x95\xa0\xe2\x95\x90", "#="));
	else
		apl_buf_text(p->out, is_last ? sign(p, "\xe2\x94\x94\xe2\x94\x80", "`-") : sign(p, "\xe2\x94\x9c\xe2\x94\x80", "|-"));
	set_style(p, PLAIN);
	const char *mark = is_region ? sign(p, "\xe2\x95\x90", "=") : sign(p, "\xe2\x94\x80", "-");
	if (state->kind == APL_FINAL)
		mark = sign(p, "\xe2\x97\x89", "X");
	else if (apl_drawn_history(state))
		mark = sign(p, "\xe2\x86\xba", "~");
	else if (apl_drawn_initial(chart, number))
		mark = sign(p, "\xe2\x96\xb8", ">");
	apl_buf_text(p->out, mark);
	p->has_regions = p->has_regions || is_region;
	p->has_final = p->has_final || state->kind == APL_FINAL;
	p->has_history = p->has_history || apl_drawn_history(state);
	p->has_initial = p->has_initial || apl_drawn_initial(chart, number);
	p->column += GUIDE;
	p->hang = GUIDE;
	p->wants_space = true;
	bool is_unseen = p->drawing->trail != NULL && apl_drawn_entered(p->drawing, number) == 0 && !apl_drawn_history(state);
	put(p, apl_drawn_active(p->drawing, number) ? HERE : is_unseen ? FAINT : STRONG, state->id);
	put_on(p, PLAIN, "");
	p->wants_space = true;
	indent(p, p->column + 1);
	put_kind(p, state);
	put_trail(p, number);
	end_line(p);
}

/* The last child that is shown. */
static uint32_t last_child(const apl_chart *chart, const apl_state *state) {
	uint32_t last = APL_NONE;
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end) last = child;
	return last;
}

static void put_state(pen *p, uint32_t number, bool is_last);

static void put_children(pen *p, uint32_t number) {
	const apl_chart *chart = p->drawing->chart;
	const apl_state *state = &chart->states[number];
	uint32_t last = last_child(chart, state);
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end)
		put_state(p, child, child == last);
}

/* [p]: the guides end with that of the parent's children. */
static void put_state(pen *p, uint32_t number, bool is_last) {
	const apl_chart *chart = p->drawing->chart;
	const apl_state *state = &chart->states[number];
	const apl_state *parent = &chart->states[state->parent];
	guide own = parent->kind == APL_PARALLEL ? GUIDE_REGIONS : GUIDE_CHILDREN;
	/* What has an inside stands apart from what is before it. */
	if (state->first_child != APL_NONE && number != parent->first_child) {
		put_guides(p, p->n_guides);
		end_line(p);
	}
	put_head(p, number, is_last);
	p->guides[p->n_guides - 1] = (uint8_t)(is_last ? GUIDE_NONE : own);
	if (state->first_child != APL_NONE) {
		p->guides[p->n_guides++] = (uint8_t)(state->kind == APL_PARALLEL ? GUIDE_REGIONS : GUIDE_CHILDREN);
		put_body(p, number);
		put_children(p, number);
		p->n_guides--;
	} else {
		p->guides[p->n_guides++] = GUIDE_NONE;
		put_body(p, number);
		p->n_guides--;
	}
	p->guides[p->n_guides - 1] = (uint8_t)own;
}

/* ---- above and below ----------------------------------------------------------------------- */

static void put_count(pen *p, uint32_t count, const char *one, const char *many, bool is_first) {
	if (count == 0) return;
	apl_buf_format(&p->scratch, "%s%u %s", is_first ? "" : ", ", (unsigned)count, count == 1 ? one : many);
}

static void put_title(pen *p) {
	const apl_drawing *drawing = p->drawing;
	const apl_chart *chart = drawing->chart;
	uint32_t n_states = 0, n_ends = 0;
	for (uint32_t i = 1; i < chart->n_states; i++) {
		n_ends += chart->states[i].kind == APL_FINAL && chart->states[i].parent == 0;
		n_states += !apl_drawn_history(&chart->states[i]) && chart->states[i].kind != APL_FINAL;
	}
	p->hang = 0;
	put(p, STRONG, drawing->title != NULL ? drawing->title : chart->name);
	end_line(p);
	put(p, FAINT, chart->name);
	if (drawing->version != NULL) put(p, FAINT, drawing->version);
	put_on(p, FAINT, ":");
	put_count(p, n_states, "state", "states", true);
	put_count(p, chart->n_delays, "timer", "timers", n_states == 0);
	put_count(p, chart->n_clocks, "clock", "clocks", n_states == 0 && chart->n_delays == 0);
	put_count(p, n_ends, "way to end", "ways to end", false);
	put_scratch(p, FAINT);
	end_line(p);
	if (drawing->trail != NULL) {
		put(p, PLAIN, "case");
		if (drawing->case_id != NULL) put(p, STRONG, drawing->case_id);
		put_on(p, PLAIN, ":");
		apl_buf_format(
		    &p->scratch, "%llu transition%s taken", (unsigned long long)drawing->trail->n_taken, drawing->trail->n_taken == 1 ? "" : "s");
		put_scratch(p, PLAIN);
		put_on(p, PLAIN, "; times are UTC");
		end_line(p);
	}
	end_line(p);
}

/* What a sign means: words that stay together, three columns from those before. */
static void put_sign(pen *p, const char *pretty, const char *plain, const char *meaning) {
	apl_buf_text(&p->scratch, sign(p, pretty, plain));
	for (const char *c = meaning;; c++) {
		if (c == meaning || *c == ' ') APL_BUF_LITERAL(&p->scratch, STAY_TOGETHER);
		if (*c == '\0') break;
		if (*c != ' ') apl_buf_byte(&p->scratch, *c);
	}
	if (p->column > 0) {
		APL_BUF_LITERAL(&p->scratch, " ");
		p->wants_space = false;
		if (p->column + 2 < p->width) indent(p, p->column + 2);
		p->wants_space = true;
	}
	put_scratch(p, FAINT);
}

static void put_legend(pen *p) {
	p->hang = 0;
	if (p->has_initial || p->has_regions || p->has_final || p->has_history || p->drawing->trail != NULL) end_line(p);
	if (p->has_initial) put_sign(p, "\xe2\x96\xb8", ">", "begins here");
	if (p->has_regions) put_sign(p, "\xe2\x95\x90", "=", "at the same time");
	if (p->has_final) put_sign(p, "\xe2\x97\x89", "X", "an end");
	if (p->has_history) put_sign(p, "\xe2\x86\xba", "~", "back to where it was");
	if (p->drawing->trail != NULL) put_sign(p, "\xe2\x97\x8f", "*", "taken");
	if (p->column > 0) end_line(p);
}

void apl_draw_text(const apl_drawing *drawing, apl_buf *out) {
	pen p = {.drawing = drawing, .out = out, .width = drawing->width != 0 ? drawing->width : USUAL_WIDTH};
	apl_buf_init(&p.scratch, &out->alloc);
	put_title(&p);
	p.guides[p.n_guides++] = (uint8_t)(drawing->chart->states[0].kind == APL_PARALLEL ? GUIDE_REGIONS : GUIDE_CHILDREN);
	put_body(&p, 0);
	put_children(&p, 0);
	p.n_guides = 0;
	put_legend(&p);
	if (p.scratch.failed) out->failed = true;
	apl_buf_dispose(&p.scratch);
}
