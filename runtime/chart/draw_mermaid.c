/* SPDX-License-Identifier: MIT */
/*
 * Decides how a chart is said in Mermaid's language (stateDiagram-v2). An arrow
 * stands in the innermost state that holds both its ends, for Mermaid wants it
 * so. It has no colours for arrows: those that a case took are marked with ✓.
 */
#include <stdio.h>
#include <string.h>

#include "chart/drawing.h"

/* Mermaid reads #NN; as the character of that number wherever text stands; what has a meaning to it is written so. */
static void add_text(apl_buf *out, const char *text) {
	while (*text != '\0') {
		uint32_t c = apl_drawn_character(&text);
		if (c < 0x80 && strchr("#;\"<>{}%:&`\\[]|", (int)c) != NULL)
			apl_buf_format(out, "#%u;", (unsigned)c);
		else
			apl_drawn_add(out, c);
	}
}

static void indent(apl_buf *out, uint32_t depth) {
	for (uint32_t i = 0; i <= depth; i++) APL_BUF_LITERAL(out, "    ");
}

/* "customer.message [is civil] / acknowledge" */
static void add_words(const apl_drawing *drawing, uint32_t number, apl_buf *scratch, apl_buf *out) {
	const apl_transition *transition = &drawing->chart->transitions[number];
	apl_drawn_trigger(drawing, transition, scratch);
	if (transition->guard != APL_NO_HANDLER) apl_buf_format(scratch, " [%s]", apl_drawn_label(drawing, transition->guard));
	if ((transition->flags & APL_DEFERS) != 0) APL_BUF_LITERAL(scratch, " / kept for later");
	if (transition->block != APL_NO_HANDLER) apl_buf_format(scratch, " / %s", apl_drawn_label(drawing, transition->block));
	uint32_t taken = apl_drawn_taken(drawing, number);
	if (taken > 0) APL_BUF_LITERAL(scratch, " \xe2\x9c\x93");
	if (taken > 1) apl_buf_format(scratch, " \xc3\x97%u", (unsigned)taken);
	add_text(out, apl_buf_terminate(scratch));
	apl_buf_clear(scratch);
}

/* What happens in the state without going anywhere, each behind [before]; on lines of its own when [after] ends them. */
static void add_lines(
    const apl_drawing *drawing, uint32_t number, uint32_t depth, const char *before, const char *after, apl_buf *scratch, apl_buf *out) {
	bool is_lines = after[0] == '\n';
	const apl_state *state = &drawing->chart->states[number];
	for (int is_exit = 0; is_exit < 2; is_exit++) {
		uint32_t count = is_exit ? state->n_exit : state->n_entry;
		if (count == 0) continue;
		if (is_lines) indent(out, depth);
		apl_buf_text(out, before);
		apl_buf_text(scratch, is_exit ? "leaving / " : "entering / ");
		apl_drawn_blocks(drawing, is_exit ? state->first_exit : state->first_entry, count, scratch);
		add_text(out, apl_buf_terminate(scratch));
		apl_buf_clear(scratch);
		apl_buf_text(out, after);
	}
	for (uint32_t i = state->first_invoke; i < state->first_invoke + state->n_invokes; i++) {
		if (is_lines) indent(out, depth);
		apl_buf_text(out, before);
		APL_BUF_LITERAL(scratch, "invokes ");
		apl_drawn_invoke(&drawing->chart->invokes[i], scratch);
		add_text(out, apl_buf_terminate(scratch));
		apl_buf_clear(scratch);
		apl_buf_text(out, after);
	}
	if (state->has_clock) {
		if (is_lines) indent(out, depth);
		apl_buf_text(out, before);
		APL_BUF_LITERAL(scratch, "runs ");
		apl_drawn_clocks(drawing->chart, (uint32_t)(state - drawing->chart->states), scratch);
		add_text(out, apl_buf_terminate(scratch));
		apl_buf_clear(scratch);
		apl_buf_text(out, after);
	}
	for (uint32_t i = state->first_transition; i < state->first_transition + state->n_transitions; i++) {
		if (drawing->chart->transitions[i].n_targets > 0) continue;
		if (is_lines) indent(out, depth);
		apl_buf_text(out, before);
		add_words(drawing, i, scratch, out);
		apl_buf_text(out, after);
	}
}

static void add_name(const apl_drawing *drawing, uint32_t number, apl_buf *out) {
	const apl_state *state = &drawing->chart->states[number];
	uint32_t entered = apl_drawn_entered(drawing, number);
	add_text(out, state->id);
	if (state->outcome != NULL && strcmp(state->outcome, state->id) != 0) {
		APL_BUF_LITERAL(out, " #40;");
		add_text(out, state->outcome);
		APL_BUF_LITERAL(out, "#41;");
	}
	if (entered > 1) apl_buf_format(out, " \xc3\x97%u", (unsigned)entered);
}

/* ---- arrows ----------------------------------------------------------------------- */

/* The innermost state that holds both, and is neither. */
static uint32_t scope_of(const apl_chart *chart, uint32_t from, uint32_t to) {
	uint32_t scope = from == 0 ? 0 : chart->states[from].parent;
	while (scope != 0 && !apl_chart_is_descendant(chart, to, scope)) scope = chart->states[scope].parent;
	return scope;
}

/* Arrows by the state in which they stand: [first .. first+1] of [arrows]. */
typedef struct arrow {
	uint32_t scope, from, to;
	uint32_t transition;
	bool has_words; /* of a transition with several targets only the first */
} arrow;

typedef struct arrows {
	apl_arena arena;
	arrow *all;
	uint32_t count;
	uint32_t *first; /* [state + 1] */
	arrow *sorted;
} arrows;

static bool is_drawn(const apl_chart *chart, uint32_t number) {
	const apl_transition *transition = &chart->transitions[number];
	/* A compound's initial is said with [*]; a history's default is an arrow. */
	return (transition->flags & APL_INITIAL) == 0 || apl_drawn_history(&chart->states[transition->source]);
}

static bool gather(const apl_chart *chart, arrows *a) {
	uint32_t count = 0;
	for (uint32_t i = 0; i < chart->n_transitions; i++) count += is_drawn(chart, i) ? chart->transitions[i].n_targets : 0;
	a->all = apl_arena_take(&a->arena, ((size_t)count + 1) * sizeof *a->all);
	a->sorted = apl_arena_take(&a->arena, ((size_t)count + 1) * sizeof *a->sorted);
	a->first = apl_arena_take(&a->arena, ((size_t)chart->n_states + 2) * sizeof *a->first);
	if (a->all == NULL || a->sorted == NULL || a->first == NULL) return false;
	memset(a->first, 0, ((size_t)chart->n_states + 2) * sizeof *a->first);
	for (uint32_t i = 0; i < chart->n_transitions; i++) {
		const apl_transition *transition = &chart->transitions[i];
		for (uint32_t t = 0; is_drawn(chart, i) && t < transition->n_targets; t++) {
			uint32_t to = chart->targets[transition->first_target + t];
			arrow found = {scope_of(chart, transition->source, to), transition->source, to, i, t == 0};
			a->all[a->count++] = found;
			a->first[found.scope + 2]++;
		}
	}
	for (uint32_t i = 2; i < chart->n_states + 2; i++) a->first[i] += a->first[i - 1];
	for (uint32_t i = 0; i < a->count; i++) a->sorted[a->first[a->all[i].scope + 1]++] = a->all[i];
	return true;
}

static void add_arrows(const apl_drawing *drawing, const arrows *a, uint32_t scope, uint32_t depth, apl_buf *scratch, apl_buf *out) {
	for (uint32_t i = a->first[scope]; i < a->first[scope + 1]; i++) {
		const arrow *one = &a->sorted[i];
		indent(out, depth);
		/* The root's own transitions begin nowhere that could be drawn. */
		if (one->from == 0)
			APL_BUF_LITERAL(out, "[*]");
		else
			apl_buf_format(out, "s%u", (unsigned)one->from);
		apl_buf_format(out, " --> s%u", (unsigned)one->to);
		bool is_default = (drawing->chart->transitions[one->transition].flags & APL_INITIAL) != 0;
		if (one->has_words || is_default) APL_BUF_LITERAL(out, " : ");
		if (is_default)
			APL_BUF_LITERAL(out, "at first");
		else if (one->has_words)
			add_words(drawing, one->transition, scratch, out);
		apl_buf_byte(out, '\n');
	}
}

/* ---- states ----------------------------------------------------------------------- */

static void add_inside(const apl_drawing *drawing, const arrows *a, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out);

static void add_leaf(const apl_drawing *drawing, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out) {
	const apl_state *state = &drawing->chart->states[number];
	char before[16];
	indent(out, depth);
	apl_buf_format(out, "state \"");
	if (apl_drawn_history(state)) APL_BUF_LITERAL(out, "H ");
	add_name(drawing, number, out);
	apl_buf_format(out, "\" as s%u\n", (unsigned)number);
	if (apl_drawn_history(state)) return;
	snprintf(before, sizeof before, "s%u : ", (unsigned)number);
	add_lines(drawing, number, depth, before, "\n", scratch, out);
	if (state->kind == APL_FINAL) {
		indent(out, depth);
		apl_buf_format(out, "s%u --> [*]\n", (unsigned)number);
	}
}

static void add_state(const apl_drawing *drawing, const arrows *a, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out) {
	const apl_state *state = &drawing->chart->states[number];
	if (state->first_child == APL_NONE) {
		add_leaf(drawing, number, depth, scratch, out);
		return;
	}
	indent(out, depth);
	APL_BUF_LITERAL(out, "state \"");
	add_name(drawing, number, out);
	add_lines(drawing, number, depth, "<br/>", "", scratch, out);
	apl_buf_format(out, "\" as s%u {\n", (unsigned)number);
	add_inside(drawing, a, number, depth + 1, scratch, out);
	indent(out, depth);
	APL_BUF_LITERAL(out, "}\n");
}

static void add_inside(const apl_drawing *drawing, const arrows *a, uint32_t number, uint32_t depth, apl_buf *scratch, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_state *state = &chart->states[number];
	if (state->kind == APL_COMPOUND) {
		const apl_transition *initial = &chart->transitions[state->initial];
		for (uint32_t i = 0; i < initial->n_targets; i++) {
			uint32_t target = chart->targets[initial->first_target + i];
			/* To a child; what is further in begins where that says. */
			while (chart->states[target].parent != number) target = chart->states[target].parent;
			indent(out, depth);
			apl_buf_format(out, "[*] --> s%u\n", (unsigned)target);
		}
	}
	bool is_first = true;
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end) {
		if (state->kind == APL_PARALLEL && !apl_drawn_history(&chart->states[child])) {
			if (!is_first) {
				indent(out, depth);
				APL_BUF_LITERAL(out, "--\n");
			}
			is_first = false;
		}
		add_state(drawing, a, child, depth, scratch, out);
	}
	add_arrows(drawing, a, number, depth, scratch, out);
}

static void add_classes(const apl_drawing *drawing, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	if (drawing->trail == NULL) return;
	APL_BUF_LITERAL(
	    out, "    classDef been fill:#dff2e3,stroke:#1f7a3a,color:#33415c\n    classDef here fill:#ffe7b8,stroke:#b35c00,color:#33415c\n");
	for (uint32_t i = 1; i < chart->n_states; i++) {
		if (chart->states[i].first_child != APL_NONE) continue; /* Mermaid has no classes for states with an inside */
		if (apl_drawn_active(drawing, i))
			apl_buf_format(out, "    class s%u here\n", (unsigned)i);
		else if (apl_drawn_entered(drawing, i) > 0)
			apl_buf_format(out, "    class s%u been\n", (unsigned)i);
	}
}

void apl_draw_mermaid(const apl_drawing *drawing, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	apl_buf scratch;
	arrows a = {0};
	apl_buf_init(&scratch, &out->alloc);
	apl_arena_init(&a.arena, &out->alloc);
	if (!gather(chart, &a)) {
		out->failed = true;
	} else {
		APL_BUF_LITERAL(out, "---\ntitle: \"");
		add_text(out, drawing->title != NULL ? drawing->title : chart->name);
		if (drawing->trail != NULL && drawing->case_id != NULL) {
			APL_BUF_LITERAL(out, ", case ");
			add_text(out, drawing->case_id);
		}
		APL_BUF_LITERAL(out, "\"\n---\nstateDiagram-v2\n");
		add_inside(drawing, &a, 0, 0, &scratch, out);
		add_classes(drawing, out);
	}
	if (scratch.failed) out->failed = true;
	apl_arena_dispose(&a.arena);
	apl_buf_dispose(&scratch);
}
