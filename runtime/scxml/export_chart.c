/* SPDX-License-Identifier: MIT */
/*
 * Decides how a chart is said in SCXML: states and transitions as they are,
 * clocks as delayed sends that are cancelled when their state is left. What
 * counts anew from an event is cancelled and sent again by whichever transition
 * takes that event inside of the state, or by one made for nothing else.
 */
#include "scxml/export_inside.h"

#include <stdio.h>
#include <string.h>

#include "time/instant.h"

static bool is_history(const apl_state *state) {
	return state->kind == APL_HISTORY_SHALLOW || state->kind == APL_HISTORY_DEEP;
}

/* ---- attributes ----------------------------------------------------------------------------- */

static void add_targets(apl_exporting *ex, const apl_transition *transition, apl_buf *out) {
	if (transition->n_targets == 0) return;
	APL_BUF_LITERAL(out, " target=\"");
	for (uint32_t i = 0; i < transition->n_targets; i++) {
		if (i > 0) apl_buf_byte(out, ' ');
		const char *id = ex->ids[ex->chart->targets[transition->first_target + i]];
		apl_export_escaped(out, id, strlen(id));
	}
	apl_buf_byte(out, '"');
}

/* done.state.ID names each state of that id by its own. */
static void add_end(apl_exporting *ex, const char *pattern, apl_buf *out) {
	static const char prefix[] = "done.state.";
	bool is_first = true;
	if (strncmp(pattern, prefix, sizeof prefix - 1) == 0) {
		for (uint32_t s = 1; s < ex->chart->n_states; s++) {
			const apl_state *state = &ex->chart->states[s];
			if (state->done_event < 0 || strcmp(ex->chart->events[state->done_event].name, pattern) != 0) continue;
			if (!is_first) apl_buf_byte(out, ' ');
			apl_buf_text(out, prefix);
			apl_export_escaped(out, ex->ids[s], strlen(ex->ids[s]));
			is_first = false;
		}
	}
	if (is_first) apl_export_escaped(out, pattern, strlen(pattern));
}

static void add_events(apl_exporting *ex, const apl_transition *transition, apl_buf *out) {
	if (transition->n_patterns == 0) return;
	APL_BUF_LITERAL(out, " event=\"");
	for (uint32_t i = 0; i < transition->n_patterns; i++) {
		if (i > 0) apl_buf_byte(out, ' ');
		add_end(ex, ex->chart->patterns[transition->first_pattern + i], out);
	}
	apl_buf_byte(out, '"');
}

/* ---- clocks ------------------------------------------------------------------------------------ */

/* The delay whose event the transition takes, or NULL. */
static const apl_delay *delay_of(const apl_chart *chart, const apl_transition *transition) {
	if ((transition->flags & APL_DELAYED) == 0 || transition->n_patterns == 0) return NULL;
	const char *name = chart->patterns[transition->first_pattern];
	const apl_state *state = &chart->states[transition->source];
	for (uint32_t i = state->first_delay; i < state->first_delay + state->n_delays; i++)
		if (strcmp(chart->delays[i].name, name) == 0) return &chart->delays[i];
	return NULL;
}

/* The variable that remembers what a clock is sent with, as long as it runs. */
static const char *remembered(apl_exporting *ex, const apl_delay *delay) {
	apl_buf name;
	apl_export_buf(ex, &name);
	for (const char *c = delay->name; *c != '\0'; c++) {
		const bool is_good = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
		apl_buf_byte(&name, is_good ? *c : '_');
	}
	while (!name.failed && apl_export_is_taken(ex, apl_buf_terminate(&name))) apl_buf_byte(&name, '_');
	return apl_export_taken(ex, &name);
}

/* Its span is asked once and needed again, or whether it still runs. */
static bool is_remembered(const apl_delay *delay) {
	return delay->n_since > 0 || (delay->kind == APL_DELAY_EVERY && delay->span != APL_NO_HANDLER);
}

static void add_assign(const char *location, const char *expression, uint32_t depth, apl_buf *out) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<assign");
	apl_export_attribute(out, "location", location);
	apl_export_attribute(out, "expr", expression);
	APL_BUF_LITERAL(out, "/>\n");
}

/* [is_first]: the state is being entered, and the span is asked; otherwise what it came to then. */
static void add_send(apl_exporting *ex, const apl_delay *delay, bool is_first, uint32_t depth, apl_buf *out) {
	char fixed[APL_EXPORT_SECONDS];
	apl_export_seconds(delay->span_us, fixed);
	const char *value = NULL;
	if (is_first && delay->span != APL_NO_HANDLER) {
		value = apl_export_span(ex, delay);
		if (value == NULL) return;
	}
	if (is_remembered(delay)) {
		char quoted[64];
		snprintf(quoted, sizeof quoted, "'%s'", fixed);
		if (is_first) add_assign(remembered(ex, delay), value != NULL ? value : quoted, depth, out);
		value = remembered(ex, delay);
	}
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<send");
	apl_export_attribute(out, "event", delay->name);
	apl_export_attribute(out, "id", delay->name);
	apl_export_attribute(out, value != NULL ? "delayexpr" : "delay", value != NULL ? value : fixed);
	APL_BUF_LITERAL(out, "/>\n");
}

static void add_cancel(const apl_delay *delay, uint32_t depth, apl_buf *out) {
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<cancel");
	apl_export_attribute(out, "sendid", delay->name);
	APL_BUF_LITERAL(out, "/>\n");
}

static void check_delay(apl_exporting *ex, const apl_delay *delay) {
	const char *word = apl_delay_word((apl_delay_kind)delay->kind);
	if (delay->kind == APL_DELAY_AT)
		apl_export_cannot(
		    ex, delay->place, "export-clock", "%s waits for an instant, and a chart of SCXML has no clock to tell how long that is", word);
	else if (delay->span == APL_NO_HANDLER && delay->span_unit != APL_SPAN_CLOCK)
		apl_export_cannot(ex, delay->place, "export-clock", "%s counts business time, and SCXML has no calendar", word);
	if (delay->overdue != APL_OVERDUE_FIRE)
		apl_found(ex->findings, APLOMB_WARNING, "export-left-out", delay->place,
		    "%s: overdue = \"%s\" is left out: SCXML knows no downtime, and what is due fires", word,
		    apl_overdue_name((apl_overdue)delay->overdue));
	if (delay->n_since == 0) return;
	for (uint32_t i = 0; i < delay->n_since; i++) {
		const char *since = ex->chart->patterns[delay->first_since + i];
		if (strcmp(since, "*") == 0)
			apl_export_cannot(
			    ex, delay->place, "export-since", "%s counts anew from any event, which SCXML cannot tell from a clock's", word);
		for (uint32_t s = ex->chart->states[delay->state].parent; s != APL_NONE; s = ex->chart->states[s].parent) {
			const apl_state *outer = &ex->chart->states[s];
			for (uint32_t t = outer->first_transition; t < outer->first_transition + outer->n_transitions; t++) {
				const apl_transition *transition = &ex->chart->transitions[t];
				if ((transition->flags & (APL_EVENTLESS | APL_DELAYED)) != 0) continue;
				for (uint32_t p = 0; p < transition->n_patterns; p++) {
					const char *pattern = ex->chart->patterns[transition->first_pattern + p];
					if (strcmp(pattern, "*") != 0 && !apl_pattern_matches(pattern, since, strlen(since)) &&
					    !apl_pattern_matches(since, pattern, strlen(pattern)))
						continue;
					apl_export_cannot(ex, delay->place, "export-since",
					    "%s counts anew from %s, which a state around it takes: in SCXML one of the two would not be done", word, since);
					return;
				}
			}
		}
	}
	apl_found(ex->findings, APLOMB_WARNING, "export-order", delay->place,
	    "%s since …: when such an event comes at the very instant at which the state was entered, clocks that are due at one instant may "
	    "be in another order",
	    word);
}

static void add_delays(apl_exporting *ex, const apl_state *state, uint32_t depth, apl_buf *out) {
	for (uint32_t i = state->first_delay; i < state->first_delay + state->n_delays; i++) {
		const apl_delay *delay = &ex->chart->delays[i];
		check_delay(ex, delay);
		if (delay->kind == APL_DELAY_AT) continue;
		/* A block each: a span that cannot be computed leaves the others alone. */
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<onentry>\n");
		add_send(ex, delay, true, depth + 1, out);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "</onentry>\n");
	}
	if (state->n_delays == 0) return;
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<onexit>\n");
	for (uint32_t i = state->first_delay; i < state->first_delay + state->n_delays; i++) {
		add_cancel(&ex->chart->delays[i], depth + 1, out);
		if (is_remembered(&ex->chart->delays[i])) add_assign(remembered(ex, &ex->chart->delays[i]), "nil", depth + 1, out);
	}
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "</onexit>\n");
}

/* May the same event match both? */
static bool may_meet(const char *a, const char *b) {
	return strcmp(a, "*") == 0 || strcmp(b, "*") == 0 || apl_pattern_matches(a, b, strlen(b)) || apl_pattern_matches(b, a, strlen(a));
}

/* Does every event that [pattern] takes match [since]? */
static bool is_part_of(const char *pattern, const char *since) {
	return strcmp(pattern, "*") != 0 && apl_pattern_matches(since, pattern, strlen(pattern));
}

/* Clocks of [source] and of what is around it that count anew from what these patterns take. */
static void add_restarts(
    apl_exporting *ex, uint32_t source, const char *const *patterns, uint32_t n_patterns, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = ex->chart;
	for (uint32_t s = source; s != APL_NONE; s = chart->states[s].parent) {
		const apl_state *state = &chart->states[s];
		for (uint32_t d = state->first_delay; d < state->first_delay + state->n_delays; d++) {
			const apl_delay *delay = &chart->delays[d];
			bool meets = false, is_certain = true;
			for (uint32_t p = 0; p < n_patterns; p++) {
				bool is_part = false;
				for (uint32_t i = 0; i < delay->n_since; i++) {
					const char *since = chart->patterns[delay->first_since + i];
					meets = meets || may_meet(patterns[p], since);
					is_part = is_part || is_part_of(patterns[p], since);
				}
				is_certain = is_certain && is_part;
			}
			if (!meets) continue;
			/* While it runs: a state that was just left has forgotten its clocks. */
			apl_buf cond;
			apl_export_buf(ex, &cond);
			apl_buf_format(&cond, "%s ~= nil", remembered(ex, delay));
			if (!is_certain) {
				apl_export_needs(ex, APL_HELPER_MATCHES);
				apl_buf_text(&cond, " and (");
				for (uint32_t i = 0; i < delay->n_since; i++) {
					if (i > 0) APL_BUF_LITERAL(&cond, " or ");
					APL_BUF_LITERAL(&cond, "Matches(_event.name, ");
					const char *since = chart->patterns[delay->first_since + i];
					apl_lua_quote(&cond, since, strlen(since));
					apl_buf_byte(&cond, ')');
				}
				apl_buf_byte(&cond, ')');
			}
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "<if");
			apl_export_attribute(out, "cond", apl_buf_terminate(&cond));
			APL_BUF_LITERAL(out, ">\n");
			add_cancel(delay, depth + 1, out);
			add_send(ex, delay, false, depth + 1, out);
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "</if>\n");
			if (cond.failed) ex->no_memory = true;
			apl_buf_dispose(&cond);
		}
	}
}

/* Events that clocks of this state count anew from, when no transition takes them. */
static void add_since(apl_exporting *ex, uint32_t number, uint32_t depth, apl_buf *out) {
	const apl_state *state = &ex->chart->states[number];
	for (uint32_t d = state->first_delay; d < state->first_delay + state->n_delays; d++) {
		const apl_delay *delay = &ex->chart->delays[d];
		for (uint32_t i = 0; i < delay->n_since; i++) {
			const char *since = ex->chart->patterns[delay->first_since + i];
			bool is_there = false;
			for (uint32_t e = state->first_delay; e <= d && !is_there; e++) {
				const apl_delay *other = &ex->chart->delays[e];
				for (uint32_t k = 0; k < other->n_since && !is_there && !(e == d && k >= i); k++)
					is_there = is_part_of(since, ex->chart->patterns[other->first_since + k]);
			}
			if (is_there) continue;
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "<transition");
			apl_export_attribute(out, "event", since);
			APL_BUF_LITERAL(out, ">\n");
			add_restarts(ex, number, &since, 1, depth + 1, out);
			apl_export_indent(out, depth);
			APL_BUF_LITERAL(out, "</transition>\n");
		}
	}
}

/* It has fired: an `every` is due again, another one runs no more. */
static void add_fired(apl_exporting *ex, const apl_delay *delay, uint32_t depth, apl_buf *out) {
	if (delay->kind == APL_DELAY_EVERY)
		add_send(ex, delay, false, depth, out);
	else if (is_remembered(delay))
		add_assign(remembered(ex, delay), "nil", depth, out);
}

/* That also when none of its guards held. */
static void add_repeats(apl_exporting *ex, const apl_state *state, uint32_t depth, apl_buf *out) {
	for (uint32_t d = state->first_delay; d < state->first_delay + state->n_delays; d++) {
		const apl_delay *delay = &ex->chart->delays[d];
		bool is_always_taken = delay->kind != APL_DELAY_EVERY && !is_remembered(delay);
		for (uint32_t t = state->first_transition; t < state->first_transition + state->n_transitions && !is_always_taken; t++)
			is_always_taken = delay_of(ex->chart, &ex->chart->transitions[t]) == delay && ex->chart->transitions[t].guard == APL_NO_HANDLER;
		if (is_always_taken) continue;
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<transition");
		apl_export_attribute(out, "event", delay->name);
		APL_BUF_LITERAL(out, ">\n");
		add_fired(ex, delay, depth + 1, out);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "</transition>\n");
	}
}

/* ---- transitions ----------------------------------------------------------------------------------- */

/* Would the transition, as SCXML has it, also take the event of some clock? */
static bool takes_clocks(const apl_chart *chart, const apl_transition *transition) {
	for (uint32_t p = 0; p < transition->n_patterns; p++) {
		const char *pattern = chart->patterns[transition->first_pattern + p];
		for (uint32_t d = 0; d < chart->n_delays; d++)
			if (strcmp(pattern, "*") == 0 || apl_pattern_matches(pattern, chart->delays[d].name, strlen(chart->delays[d].name)))
				return true;
	}
	return false;
}

/* cond="…", of the guard and of what else must hold. */
static void add_cond(apl_exporting *ex, const apl_transition *transition, bool is_of_delay, apl_buf *out) {
	const char *guard = transition->guard != APL_NO_HANDLER ? apl_export_guard(ex, transition->guard) : NULL;
	if (is_of_delay || transition->n_patterns == 0 || !takes_clocks(ex->chart, transition)) {
		if (guard != NULL) apl_export_attribute(out, "cond", guard);
		return;
	}
	apl_buf cond;
	apl_export_buf(ex, &cond);
	APL_BUF_LITERAL(&cond, "not (string.match(_event.name, '^after%.') or string.match(_event.name, '^every%.'))");
	if (guard != NULL) apl_buf_format(&cond, " and (%s)", guard);
	apl_export_attribute(out, "cond", apl_buf_terminate(&cond));
	apl_buf_dispose(&cond);
}

static bool stays(const apl_transition *transition) {
	return transition->n_targets == 0 || ((transition->flags & APL_INTERNAL) != 0 && transition->domain == transition->source);
}

static void add_transition(apl_exporting *ex, uint32_t number, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = ex->chart;
	const apl_transition *transition = &chart->transitions[number];
	if ((transition->flags & APL_DEFERS) != 0) {
		apl_export_cannot(ex, transition->place, "export-defer", "an event that is kept for later has no counterpart in SCXML");
		return;
	}
	const apl_delay *delay = delay_of(chart, transition);
	if (delay != NULL && delay->kind == APL_DELAY_AT) return; /* told */
	apl_export_indent(out, depth);
	APL_BUF_LITERAL(out, "<transition");
	add_events(ex, transition, out);
	add_cond(ex, transition, delay != NULL, out);
	add_targets(ex, transition, out);
	if ((transition->flags & APL_INTERNAL) != 0 && transition->n_targets > 0) APL_BUF_LITERAL(out, " type=\"internal\"");
	if (transition->because != NULL) apl_export_attribute(out, "aplomb:because", transition->because);
	APL_BUF_LITERAL(out, ">\n");
	const size_t inside = out->size;
	if (delay != NULL && stays(transition)) {
		add_fired(ex, delay, depth + 1, out);
	} else if (delay != NULL && (transition->flags & APL_DYNAMIC) != 0 && delay->kind == APL_DELAY_EVERY) {
		/* Whether its state is left is known when a history is looked at. */
		apl_buf cond;
		apl_export_buf(ex, &cond);
		ex->naming.is_in(ex, transition->source, &cond);
		apl_export_indent(out, depth + 1);
		APL_BUF_LITERAL(out, "<if");
		apl_export_attribute(out, "cond", apl_buf_terminate(&cond));
		APL_BUF_LITERAL(out, ">\n");
		add_fired(ex, delay, depth + 2, out);
		apl_export_indent(out, depth + 1);
		APL_BUF_LITERAL(out, "</if>\n");
		apl_buf_dispose(&cond);
	} else if (delay != NULL && (transition->flags & APL_DYNAMIC) != 0) {
		add_fired(ex, delay, depth + 1, out);
	}
	if (delay == NULL && transition->n_patterns > 0)
		add_restarts(ex, transition->source, chart->patterns + transition->first_pattern, transition->n_patterns, depth + 1, out);
	apl_export_block(ex, transition->block, depth + 1, out);
	apl_export_close(out, "transition", inside, depth);
}

/* ---- states --------------------------------------------------------------------------------------------- */

static void add_blocks(apl_exporting *ex, const char *element, uint32_t first, uint32_t count, uint32_t depth, apl_buf *out) {
	for (uint32_t i = 0; i < count; i++) {
		apl_export_indent(out, depth);
		apl_buf_format(out, "<%s>\n", element);
		apl_export_block(ex, ex->chart->blocks[first + i], depth + 1, out);
		apl_export_indent(out, depth);
		apl_buf_format(out, "</%s>\n", element);
	}
}

/* <initial>, or what is in a <history>. */
static void add_start(apl_exporting *ex, const apl_transition *initial, bool is_history_default, uint32_t depth, apl_buf *out) {
	if (!is_history_default) {
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<initial>\n");
	}
	const uint32_t within = is_history_default ? depth : depth + 1;
	apl_export_indent(out, within);
	APL_BUF_LITERAL(out, "<transition");
	add_targets(ex, initial, out);
	if (initial->block == APL_NO_HANDLER) {
		APL_BUF_LITERAL(out, "/>\n");
	} else {
		APL_BUF_LITERAL(out, ">\n");
		apl_export_block(ex, initial->block, within + 1, out);
		apl_export_indent(out, within);
		APL_BUF_LITERAL(out, "</transition>\n");
	}
	if (!is_history_default) {
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "</initial>\n");
	}
}

static void add_state(apl_exporting *ex, uint32_t number, uint32_t depth, apl_buf *out);

/* What stands in a state but for where it begins; of the root's shell all but the finals. */
static void add_inside(apl_exporting *ex, uint32_t number, uint32_t depth, apl_buf *out) {
	const apl_chart *chart = ex->chart;
	const apl_state *state = &chart->states[number];
	add_delays(ex, state, depth, out);
	add_blocks(ex, "onentry", state->first_entry, state->n_entry, depth, out);
	add_blocks(ex, "onexit", state->first_exit, state->n_exit, depth, out);
	for (uint32_t t = state->first_transition; t < state->first_transition + state->n_transitions; t++) add_transition(ex, t, depth, out);
	add_repeats(ex, state, depth, out);
	add_since(ex, number, depth, out);
	for (uint32_t child = state->first_child; child != APL_NONE && child < state->end; child = chart->states[child].end)
		if (number != 0 || chart->states[child].kind != APL_FINAL) add_state(ex, child, depth, out);
}

static void add_state(apl_exporting *ex, uint32_t number, uint32_t depth, apl_buf *out) {
	static const char *const elements[] = {"state", "state", "parallel", "final", "history", "history"};
	const apl_chart *chart = ex->chart;
	const apl_state *state = &chart->states[number];
	const char *element = elements[state->kind];
	apl_export_indent(out, depth);
	apl_buf_format(out, "<%s", element);
	apl_export_attribute(out, "id", ex->ids[number]);
	if (state->kind == APL_HISTORY_DEEP) APL_BUF_LITERAL(out, " type=\"deep\"");
	if (state->rests != NULL) apl_export_attribute(out, "aplomb:rests", state->rests);
	/* Taken back, a final that says nothing has its id for an outcome. */
	const char *outcome = state->outcome != NULL ? state->outcome : "";
	if (state->kind == APL_FINAL && state->parent == 0 && strcmp(outcome, ex->ids[number]) != 0)
		apl_export_attribute(out, "aplomb:outcome", outcome);
	APL_BUF_LITERAL(out, ">\n");
	const size_t inside = out->size;
	if (state->initial != APL_NONE) add_start(ex, &chart->transitions[state->initial], is_history(state), depth + 1, out);
	if (!is_history(state)) add_inside(ex, number, depth + 1, out);
	if (state->kind == APL_FINAL) apl_export_donedata(ex, number, depth + 1, out);
	apl_export_close(out, element, inside, depth);
}

void apl_export_remembered(apl_exporting *ex, apl_buf *out) {
	for (uint32_t i = 0; i < ex->chart->n_delays; i++) {
		const apl_delay *delay = &ex->chart->delays[i];
		if (!is_remembered(delay) || delay->kind == APL_DELAY_AT) continue;
		APL_BUF_LITERAL(out, "\t\t<data");
		apl_export_attribute(out, "id", remembered(ex, delay));
		APL_BUF_LITERAL(out, "/>\n");
	}
}

void apl_export_chart(apl_exporting *ex, apl_buf *out) {
	const apl_chart *chart = ex->chart;
	const apl_state *root = &chart->states[0];
	uint32_t depth = 1;
	if (ex->has_shell) {
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "<state");
		apl_export_attribute(out, "id", ex->shell);
		APL_BUF_LITERAL(out, ">\n");
		if (root->initial != APL_NONE) add_start(ex, &chart->transitions[root->initial], false, depth + 1, out);
		add_inside(ex, 0, depth + 1, out);
		apl_export_indent(out, depth);
		APL_BUF_LITERAL(out, "</state>\n");
	}
	for (uint32_t child = root->first_child; child != APL_NONE && child < root->end; child = chart->states[child].end)
		if (!ex->has_shell || chart->states[child].kind == APL_FINAL) add_state(ex, child, depth, out);
}
