/* SPDX-License-Identifier: MIT */
/* Decides what all drawings call things, whatever language they are written in. */
#include <string.h>

#include "chart/drawing.h"
#include "time/instant.h"

const char *apl_drawn_label(const apl_drawing *drawing, int32_t handler) {
	const char *label = NULL;
	if (handler == APL_NO_HANDLER) return "";
	if (drawing->label != NULL) label = drawing->label(drawing->self, handler);
	return label != NULL ? label : "?";
}

static bool is_target(const apl_chart *chart, const apl_transition *transition, uint32_t state) {
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		uint32_t target = chart->targets[transition->first_target + i];
		if (target == state || apl_chart_is_descendant(chart, target, state)) return true;
	}
	return false;
}

bool apl_drawn_initial(const apl_chart *chart, uint32_t state) {
	if (state == 0 || apl_drawn_history(&chart->states[state])) return false;
	const apl_state *parent = &chart->states[chart->states[state].parent];
	return parent->kind == APL_COMPOUND && is_target(chart, &chart->transitions[parent->initial], state);
}

const apl_delay *apl_drawn_delay(const apl_chart *chart, const apl_transition *transition) {
	if ((transition->flags & APL_DELAYED) == 0) return NULL;
	const apl_state *state = &chart->states[transition->source];
	for (uint32_t i = state->first_delay; i < state->first_delay + state->n_delays; i++)
		if (chart->delays[i].name == chart->patterns[transition->first_pattern]) return &chart->delays[i];
	return NULL;
}

uint32_t apl_drawn_end(const apl_chart *chart, const apl_transition *transition) {
	static const char beginning[] = "done.state.";
	if (transition->n_patterns != 1 || (transition->flags & APL_DELAYED) != 0) return APL_NONE;
	const char *pattern = chart->patterns[transition->first_pattern];
	if (strncmp(pattern, beginning, sizeof beginning - 1) != 0) return APL_NONE;
	int32_t event = apl_chart_event(chart, pattern, strlen(pattern));
	/* It is told of most often by the state around it, or by itself. */
	for (uint32_t up = transition->source; up != APL_NONE; up = chart->states[up].parent) {
		if (chart->states[up].done_event == event && event >= 0) return up;
		for (uint32_t child = chart->states[up].first_child; child != APL_NONE && child < chart->states[up].end;
		     child = chart->states[child].end)
			if (chart->states[child].done_event == event && event >= 0) return child;
	}
	for (uint32_t i = 1; i < chart->n_states && event >= 0; i++)
		if (chart->states[i].done_event == event) return i;
	return APL_NONE;
}

void apl_drawn_span(const apl_drawing *drawing, const apl_delay *delay, apl_buf *out) {
	if (delay->span != APL_NO_HANDLER) {
		apl_buf_text(out, apl_drawn_label(drawing, delay->span));
		return;
	}
	char span[APL_SPAN_TEXT];
	if (delay->kind == APL_DELAY_AT)
		apl_instant_write(delay->span_us, span);
	else
		apl_span_write_in(delay->span_us, (apl_span_unit)delay->span_unit, span);
	apl_buf_text(out, span);
}

static void add_patterns(const apl_chart *chart, uint32_t first, uint32_t count, apl_buf *out) {
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0) APL_BUF_LITERAL(out, " or ");
		const char *pattern = chart->patterns[first + i];
		apl_buf_text(out, strcmp(pattern, "*") == 0 ? "any event" : pattern);
	}
}

void apl_drawn_trigger(const apl_drawing *drawing, const apl_transition *transition, apl_buf *out) {
	const apl_chart *chart = drawing->chart;
	const apl_delay *delay = apl_drawn_delay(chart, transition);
	if (delay != NULL) {
		apl_buf_text(out, apl_delay_word((apl_delay_kind)delay->kind));
		apl_buf_byte(out, ' ');
		apl_drawn_span(drawing, delay, out);
		if (delay->n_since > 0) APL_BUF_LITERAL(out, " since ");
		add_patterns(chart, delay->first_since, delay->n_since, out);
		return;
	}
	if ((transition->flags & APL_EVENTLESS) != 0) {
		APL_BUF_LITERAL(out, "always");
		return;
	}
	uint32_t ended = apl_drawn_end(chart, transition);
	if (ended != APL_NONE) {
		APL_BUF_LITERAL(out, "when ");
		apl_buf_text(out, chart->states[ended].id);
		APL_BUF_LITERAL(out, " ends");
		return;
	}
	add_patterns(chart, transition->first_pattern, transition->n_patterns, out);
}

bool apl_drawn_blocks(const apl_drawing *drawing, uint32_t first, uint32_t count, apl_buf *out) {
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0) APL_BUF_LITERAL(out, ", ");
		apl_buf_text(out, apl_drawn_label(drawing, drawing->chart->blocks[first + i]));
	}
	return count > 0;
}

void apl_drawn_clocks(const apl_chart *chart, uint32_t state, apl_buf *out) {
	bool any = false;
	for (uint32_t i = 0; i < chart->n_clocks; i++) {
		if (!apl_set_has(chart->clocks[i].states, state)) continue;
		apl_buf_format(out, "%sclock %s", any ? ", " : "", chart->clocks[i].name);
		any = true;
	}
}

void apl_drawn_invoke(const apl_invoke *invoke, apl_buf *out) {
	apl_buf_format(out, "%s as %s", invoke->playbook != NULL ? invoke->playbook : "a playbook that is computed", invoke->id);
	if (invoke->autoforward) APL_BUF_LITERAL(out, ", which hears what comes here");
}

const char *apl_drawn_target(const apl_chart *chart, uint32_t source, uint32_t target) {
	uint32_t common = source;
	if (target == source) return chart->states[target].id;
	while (common != 0 && !apl_chart_is_descendant(chart, target, common)) common = chart->states[common].parent;
	const char *path = chart->states[target].path;
	return common == 0 ? path : path + strlen(chart->states[common].path) + 1;
}

bool apl_drawn_together(const apl_chart *chart, const apl_transition *a, const apl_transition *b) {
	if (a->source != b->source || a->n_patterns != b->n_patterns || ((a->flags ^ b->flags) & (APL_EVENTLESS | APL_DELAYED)) != 0)
		return false;
	for (uint32_t i = 0; i < a->n_patterns; i++)
		if (strcmp(chart->patterns[a->first_pattern + i], chart->patterns[b->first_pattern + i]) != 0) return false;
	return true;
}

uint32_t apl_drawn_entered(const apl_drawing *drawing, uint32_t state) {
	return drawing->trail != NULL ? drawing->trail->entered[state] : 0;
}

uint32_t apl_drawn_taken(const apl_drawing *drawing, uint32_t transition) {
	return drawing->trail != NULL ? drawing->trail->taken[transition] : 0;
}

bool apl_drawn_active(const apl_drawing *drawing, uint32_t state) {
	return drawing->trail != NULL && drawing->trail->is_open && apl_set_has(drawing->trail->active, state);
}

void apl_drawn_instant(aplomb_instant at, char out[APL_DRAWN_INSTANT]) {
	_Static_assert(APL_DRAWN_INSTANT >= APL_INSTANT_TEXT, "it holds any instant");
	size_t size = apl_instant_write(at, out);
	for (size_t i = 0; i < size; i++)
		if (out[i] == 'T') out[i] = ' ';
	if (size > 0 && out[size - 1] == 'Z') out[size - 1] = '\0';
}

/* ---- characters ------------------------------------------------------------------ */

static bool is_harmful(uint32_t c) {
	return c < ' ' || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069) || (c >= 0xFFF9 && c <= 0xFFFB) || c >= 0xE0000 || (c & 0xFFFE) == 0xFFFE;
}

uint32_t apl_drawn_character(const char **at) {
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)*at;
	unsigned more = bytes[0] < 0x80 ? 0 : (bytes[0] & 0xE0) == 0xC0 ? 1 : (bytes[0] & 0xF0) == 0xE0 ? 2 : (bytes[0] & 0xF8) == 0xF0 ? 3 : 4;
	*at += 1;
	if (more == 4) return 0xFFFD;
	uint32_t c = more == 0 ? bytes[0] : bytes[0] & (0x3Fu >> more);
	for (unsigned i = 1; i <= more; i++) {
		if ((bytes[i] & 0xC0) != 0x80) return 0xFFFD; /* the terminator as well */
		c = c << 6 | (bytes[i] & 0x3Fu);
	}
	*at += more;
	if (c == '\t' || c == '\n' || c == '\r') return ' ';
	return c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) || is_harmful(c) ? 0xFFFD : c;
}

void apl_drawn_add(apl_buf *out, uint32_t c) {
	if (c < 0x80) {
		apl_buf_byte(out, (char)c);
		return;
	}
	unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
	apl_buf_byte(out, (char)(lead[more] | c >> (6 * more)));
	while (more-- > 0) apl_buf_byte(out, (char)(0x80 | ((c >> (6 * more)) & 0x3F)));
}
