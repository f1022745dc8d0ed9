/* SPDX-License-Identifier: MIT */
/*
 * Decides how a chart is handed to Graphviz: states with an inside as boxes
 * around their children, what happens without going anywhere as lines in the
 * state, everything else as arrows. Reasons are tooltips. What time does is
 * dashed, what happens at once dotted.
 *
 * Graphviz draws arrows between nodes only: one that begins or ends at a box is drawn
 * to a point in it, and cut off at its border (ltail, lhead).
 */
#include <stdio.h>
#include <string.h>

#include "chart/drawing.h"

enum { LABEL_WIDTH = 34 };

#define INK "#33415c"
#define QUIET "#9aa5b8"
#define BORDER "#6b7a94"
#define TAKEN "#1f7a3a"
#define HERE "#b35c00"

/* ---- texts --------------------------------------------------------------------- */

static void add_escaped(apl_buf *out, uint32_t c) {
	switch (c) {
	case '&': APL_BUF_LITERAL(out, "&amp;"); break;
	case '<': APL_BUF_LITERAL(out, "&lt;"); break;
	case '>': APL_BUF_LITERAL(out, "&gt;"); break;
	case '"': APL_BUF_LITERAL(out, "&quot;"); break;
	case '\\': APL_BUF_LITERAL(out, "&#92;"); break; /* Graphviz has its own escapes */
	default: apl_drawn_add(out, c);
	}
}

static void add_text(apl_buf *out, const char *text) {
	while (*text != '\0') add_escaped(out, apl_drawn_character(&text));
}

/* Broken into lines at spaces, each ended by [separator]. */
static void add_wrapped(apl_buf *out, const char *text, const char *separator) {
	uint32_t column = 0;
	while (*text != '\0') {
		const char *end = text;
		uint32_t columns = 0;
		while (*end != '\0' && *end != ' ') {
			apl_drawn_character(&end);
			columns++;
		}
		if (column > 0 && column + 1 + columns > LABEL_WIDTH) {
			apl_buf_text(out, separator);
			column = 0;
		} else if (column > 0) {
			apl_buf_byte(out, ' ');
			column++;
		}
		while (text < end) add_escaped(out, apl_drawn_character(&text));
		column += columns;
		while (*text == ' ') text++;
	}
}

static void indent(apl_buf *out, uint32_t depth) {
	for (uint32_t i = 0; i <= depth; i++) apl_buf_byte(out, '\t');
}

/* ---- what happens within a state --------------------------------------------------- */

/* Does it go nowhere, or from a box to itself or into its own inside? An arrow would seem to begin at something in the box. */
static bool is_line(const apl_chart *chart, const apl_transition *transition) {
	uint32_t source = transition->source;
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		bool stays = target == source ? chart->states[source].first_child != APL_NONE : apl_chart_is_descendant(chart, target, source);
		if (!stays) return false;
	}
	return true;
}

static void add_taken(const apl_drawing *drawing, uint32_t number, apl_buf *out) {
	uint32_t taken = apl_drawn_taken(drawing, number);
	if (taken > 1) apl_buf_format(out, " \xc3\x97%u", (unsigned)taken);
}

/* "customer.message [is civil] / acknowledge" as UML has it. */
static void add_words(const apl_drawing *drawing, uint32_t number, apl_buf *out) {
	const apl_transition *transition = &drawing->chart->transitions[number];
	apl_drawn_trigger(drawing, transition, out);
	if (transition->guard != APL_NO_HANDLER) apl_buf_format(out, " [%s]", apl_drawn_label(drawing, transition->guard));
	if ((transition->flags & APL_DEFERS) != 0) APL_BUF_LITERAL(out, " / kept for later");
	if (transition->block != APL_NO_HANDLER) apl_buf_format(out, " / %s", apl_drawn_label(drawing, transition->block));
	add_taken(drawing, number, out);
}

#define LINE_END "<br align=\"left\"/>"

static void add_line(apl_buf *scratch, apl_buf *out) {
	APL_BUF_LITERAL(out, LINE_END);
	add_wrapped(out, apl_buf_terminate(scratch), LINE_END "\xe2\x80\x83"); /* em space: where a line goes on */
	apl_buf_clear(scratch);
}

/* Where it leads within the box. */
static void add_line_targets(const apl_chart *chart, const apl_transition *transition, apl_buf *scratch) {
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		apl_buf_format(
		    scratch, " \xe2\x86\x92 %s", target == transition->source ? "anew" : apl_drawn_target(chart, transition->source, target));
	}
}

/* The state's name and what happens in it, as an HTML-like label. */
static void add_label(const apl_drawing *drawing, uint32_t number, apl_buf *scratch, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_state *state = &chart->states[number];
	uint32_t entered = apl_drawn_entered(drawing, number);
	APL_BUF_LITERAL(out, "label=<<b>");
	add_text(out, state->id);
	APL_BUF_LITERAL(out, "</b>");
	if (entered > 1) apl_buf_format(out, " \xc3\x97%u", (unsigned)entered);
	if (state->outcome != NULL && strcmp(state->outcome, state->id) != 0) {
		APL_BUF_LITERAL(out, LINE_END "<font point-size=\"9\">");
		add_text(out, state->outcome);
		APL_BUF_LITERAL(out, "</font>");
	}
	size_t before = out->size;
	APL_BUF_LITERAL(out, "<font point-size=\"9\">");
	size_t empty = out->size;
	if (entered > 0 && apl_drawn_active(drawing, number)) {
		char at[APL_DRAWN_INSTANT];
		apl_drawn_instant(drawing->trail->last[number], at);
		apl_buf_format(scratch, "%s %s", drawing->trail->has_ended ? "ended" : "since", at);
		add_line(scratch, out);
	}
	if (state->n_entry > 0) {
		APL_BUF_LITERAL(scratch, "entering / ");
		apl_drawn_blocks(drawing, state->first_entry, state->n_entry, scratch);
		add_line(scratch, out);
	}
	if (state->n_exit > 0) {
		APL_BUF_LITERAL(scratch, "leaving / ");
		apl_drawn_blocks(drawing, state->first_exit, state->n_exit, scratch);
		add_line(scratch, out);
	}
	for (uint32_t i = state->first_invoke; i < state->first_invoke + state->n_invokes; i++) {
		APL_BUF_LITERAL(scratch, "invokes ");
		apl_drawn_invoke(&chart->invokes[i], scratch);
		add_line(scratch, out);
	}
	if (state->has_clock) {
		APL_BUF_LITERAL(scratch, "runs ");
		apl_drawn_clocks(chart, (uint32_t)(state - chart->states), scratch);
		add_line(scratch, out);
	}
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++) {
		if (!is_line(chart, &chart->transitions[i])) continue;
		add_words(drawing, i, scratch);
		add_line_targets(chart, &chart->transitions[i], scratch);
		const char *colour = drawing->trail == NULL ? NULL : apl_drawn_taken(drawing, i) > 0 ? TAKEN : QUIET;
		if (colour != NULL) apl_buf_format(out, "<font color=\"%s\">", colour);
		add_line(scratch, out);
		if (colour != NULL) APL_BUF_LITERAL(out, "</font>");
	}
	if (!out->failed && out->size == empty)
		out->size = before;
	else
		APL_BUF_LITERAL(out, LINE_END "</font>");
	APL_BUF_LITERAL(out, ">");
}

/* ---- states ------------------------------------------------------------------------------- */

static void add_colours(const apl_drawing *drawing, uint32_t number, bool is_box, apl_buf *out) {
	bool is_leaf = drawing->chart->states[number].first_child == APL_NONE;
	if (apl_drawn_active(drawing, number) && is_leaf)
		APL_BUF_LITERAL(out, "color=\"" HERE "\" fillcolor=\"#ffe7b8\" penwidth=2.5");
	else if (apl_drawn_entered(drawing, number) > 0)
		apl_buf_format(out, "color=\"" TAKEN "\" fillcolor=\"%s\" penwidth=1.8", is_box ? "#f4faf5" : "#dff2e3");
	else if (drawing->trail != NULL)
		APL_BUF_LITERAL(out, "color=\"" QUIET "\" fillcolor=\"#ffffff\" fontcolor=\"#6c778c\"");
	else
		apl_buf_format(out, "color=\"" BORDER "\" fillcolor=\"%s\"", is_box ? "#fafbfd" : "#eaf0f9");
}

static void add_state(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out);

static void add_children(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_state *state = &chart->states[number];
	/* Where arrows to and from the box begin and end, and where a case begins in it. */
	indent(out, depth);
	if (state->kind == APL_COMPOUND)
		apl_buf_format(out,
		    "i%u [shape=circle width=0.13 fixedsize=true label=\"\" style=filled fillcolor=\"" INK "\" color=\"" INK "\"];\n",
		    (unsigned)number);
	else
		apl_buf_format(out, "i%u [shape=point width=0.01 style=invis];\n", (unsigned)number);
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end)
		add_state(drawing, child, depth, scratch, out);
}

static void add_state(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out) {
	const apl_state *state = &drawing->chart->states[number];
	bool is_region = drawing->chart->states[state->parent].kind == APL_PARALLEL;
	if (state->first_child != APL_NONE) {
		indent(out, depth);
		apl_buf_format(out, "subgraph cluster_%u {\n", (unsigned)number);
		indent(out, depth + 1);
		add_label(drawing, number, scratch, out);
		apl_buf_format(out, " labeljust=l style=\"rounded,filled%s\" ", is_region ? ",dashed" : "");
		add_colours(drawing, number, true, out);
		APL_BUF_LITERAL(out, ";\n");
		add_children(drawing, number, depth + 1, scratch, out);
		indent(out, depth);
		APL_BUF_LITERAL(out, "}\n");
		return;
	}
	indent(out, depth);
	apl_buf_format(out, "s%u [", (unsigned)number);
	if (apl_drawn_history(state)) {
		apl_buf_format(out, "shape=circle width=0.35 fixedsize=true label=\"%s\" tooltip=\"", state->kind == APL_HISTORY_DEEP ? "H*" : "H");
		add_text(out, state->id);
		APL_BUF_LITERAL(out, "\" color=\"" BORDER "\" style=filled fillcolor=\"#ffffff\"");
	} else {
		if (state->kind == APL_FINAL) APL_BUF_LITERAL(out, "peripheries=2 ");
		add_label(drawing, number, scratch, out);
		if (state->rests != NULL) {
			APL_BUF_LITERAL(out, " tooltip=\"");
			add_text(out, state->rests);
			APL_BUF_LITERAL(out, "\"");
		}
		apl_buf_byte(out, ' ');
		add_colours(drawing, number, false, out);
	}
	APL_BUF_LITERAL(out, "];\n");
}

/* ---- arrows --------------------------------------------------------------------------------- */

static void add_end(const apl_chart *chart, uint32_t state, apl_buf *out) {
	apl_buf_format(out, chart->states[state].first_child != APL_NONE ? "i%u" : "s%u", (unsigned)state);
}

/* From one state to another, cut off at the borders of boxes that do not hold the other end. [is_lit]: -1 without a trail. */
static void begin_arrow(const apl_chart *chart, uint32_t from, uint32_t to, int is_lit, apl_buf *out) {
	apl_buf_byte(out, '\t');
	add_end(chart, from, out);
	APL_BUF_LITERAL(out, " -> ");
	add_end(chart, to, out);
	APL_BUF_LITERAL(out, " [");
	bool from_box = chart->states[from].first_child != APL_NONE;
	bool to_box = chart->states[to].first_child != APL_NONE;
	if (from_box && from != to && !apl_chart_is_descendant(chart, to, from)) apl_buf_format(out, "ltail=cluster_%u ", (unsigned)from);
	if (to_box && from != to && !apl_chart_is_descendant(chart, from, to)) apl_buf_format(out, "lhead=cluster_%u ", (unsigned)to);
	if (is_lit == 1) APL_BUF_LITERAL(out, "color=\"" TAKEN "\" fontcolor=\"" TAKEN "\" penwidth=2.2 ");
	if (is_lit == 0) APL_BUF_LITERAL(out, "color=\"" QUIET "\" fontcolor=\"" QUIET "\" ");
}

static void add_arrows(const apl_drawing *drawing, uint32_t number, apl_buf *scratch, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_transition *transition = &chart->transitions[number];
	int is_lit = drawing->trail == NULL ? -1 : apl_drawn_taken(drawing, number) > 0;
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		begin_arrow(chart, transition->source, chart->targets[transition->first_target + i], is_lit, out);
		if ((transition->flags & APL_DELAYED) != 0) APL_BUF_LITERAL(out, "style=dashed ");
		if ((transition->flags & APL_EVENTLESS) != 0) APL_BUF_LITERAL(out, "style=dotted ");
		if (transition->because != NULL) {
			APL_BUF_LITERAL(out, "tooltip=\"");
			add_text(out, transition->because);
			APL_BUF_LITERAL(out, "\" labeltooltip=\"");
			add_text(out, transition->because);
			APL_BUF_LITERAL(out, "\" ");
		}
		if (i == 0) {
			APL_BUF_LITERAL(out, "label=<&#160;");
			add_words(drawing, number, scratch);
			add_wrapped(out, apl_buf_terminate(scratch), LINE_END "&#160;");
			APL_BUF_LITERAL(out, LINE_END ">");
			apl_buf_clear(scratch);
		}
		APL_BUF_LITERAL(out, "];\n");
	}
}

/* Where a case begins in a compound state; a history's default likewise, without a point. */
static void add_initial(const apl_drawing *drawing, uint32_t number, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_state *state = &chart->states[number];
	if (state->initial == APL_NONE) return;
	const apl_transition *initial = &chart->transitions[state->initial];
	int is_lit = drawing->trail == NULL || state->kind != APL_COMPOUND ? -1 : apl_drawn_entered(drawing, number) > 0;
	for (uint32_t i = 0; i < initial->n_targets; i++) {
		begin_arrow(chart, number, chart->targets[initial->first_target + i], is_lit, out);
		if (state->kind != APL_COMPOUND) APL_BUF_LITERAL(out, "style=dotted ");
		if (initial->block != APL_NO_HANDLER) {
			APL_BUF_LITERAL(out, "label=</ ");
			add_wrapped(out, apl_drawn_label(drawing, initial->block), LINE_END);
			APL_BUF_LITERAL(out, ">");
		}
		APL_BUF_LITERAL(out, "];\n");
	}
}

void apl_draw_dot(const apl_drawing *drawing, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	apl_buf scratch;
	apl_buf_init(&scratch, &out->alloc);
	APL_BUF_LITERAL(out,
	    "digraph chart {\n\tgraph [compound=true rankdir=TB nodesep=0.35 ranksep=0.5 fontname=\"Helvetica\" fontsize=11 fontcolor=\"" INK
	    "\" pad=0.2 tooltip=\" \" label=<<b>");
	add_text(out, drawing->title != NULL ? drawing->title : chart->name);
	APL_BUF_LITERAL(out, "</b>");
	if (drawing->trail != NULL && drawing->case_id != NULL) {
		APL_BUF_LITERAL(out, "<br/>case ");
		add_text(out, drawing->case_id);
	}
	APL_BUF_LITERAL(out, "> labelloc=t];\n\tnode [shape=box style=\"rounded,filled\" fontname=\"Helvetica\" fontsize=11 fontcolor=\"" INK
	                     "\" margin=\"0.12,0.06\" tooltip=\" \"];\n\tedge [fontname=\"Helvetica\" fontsize=9 color=\"" BORDER
	                     "\" fontcolor=\"" INK "\" arrowsize=0.7 tooltip=\" \"];\n");
	add_children(drawing, 0, 0, &scratch, out);
	for (uint32_t i = 0; i < chart->n_states; i++) add_initial(drawing, i, out);
	for (uint32_t i = 0; i < chart->n_transitions; i++)
		if ((chart->transitions[i].flags & APL_INITIAL) == 0 && !is_line(chart, &chart->transitions[i]))
			add_arrows(drawing, i, &scratch, out);
	APL_BUF_LITERAL(out, "}\n");
	if (scratch.failed) out->failed = true;
	apl_buf_dispose(&scratch);
}
