/* SPDX-License-Identifier: MIT */
/*
 * Decides whether anything can still move a case that waits: a timer, an event
 * of the playbook from outside, or what its waiting effects and its children
 * would tell. What a guard is now counts, unless it may come to be another as
 * time passes and events are counted, or says nothing of what it asks about. In
 * doubt a case is not stuck.
 */
#include "engine/inside.h"

typedef struct finding {
	const apl_engine *engine;
	const apl_case *the_case;
	const apl_chart *chart;
	const char *invoke; /* that is looked for among the children */
	bool has_it;
	bool can_move;
} finding;

/* ---- what can come --------------------------------------------------------------- */

static bool begins(const char *name, const char *with) {
	return strncmp(name, with, strlen(with)) == 0;
}

static bool has_effect(const finding *f, const char *kind) {
	for (const apl_outbox_row *row = apl_outbox_of(f->engine, f->the_case); row != NULL; row = apl_outbox_next_of(row)) {
		if (!row->is_over && strcmp(f->the_case->program->effects[row->kind].name, kind) == 0) return true;
	}
	return false;
}

static void note_child(const char *invoke, const char *child, void *payload) {
	(void)child;
	finding *f = payload;
	f->has_it = f->has_it || strcmp(f->invoke, invoke) == 0;
}

static bool has_child(finding *f, const char *invoke) {
	f->invoke = invoke;
	f->has_it = false;
	apl_engine_children(f->the_case, note_child, f);
	return f->has_it;
}

/* Nobody posts what only the runtime tells. Of a question nothing is said here: while it is open a timer is armed. */
static bool can_come(finding *f, const apl_event_name *event) {
	const char *name = event->name;
	if (!event->declared) return false;
	if (begins(name, "done.invoke.")) return has_child(f, name + strlen("done.invoke."));
	if (begins(name, "error.invoke.")) return has_child(f, name + strlen("error.invoke."));
	if (begins(name, "done.effect.")) return has_effect(f, name + strlen("done.effect."));
	if (begins(name, "error.effect.")) return has_effect(f, name + strlen("error.effect."));
	return !begins(name, "done.ask.") && !begins(name, "error.ask.");
}

/* After any event those without one are looked at again. */
static bool hears(finding *f, const apl_transition *transition) {
	for (uint32_t e = 0; e < f->chart->n_events; e++) {
		const apl_event_name *event = &f->chart->events[e];
		const bool listens =
		    (transition->flags & APL_EVENTLESS) != 0 || apl_chart_listens(f->chart, transition, (int32_t)e, event->name, event->size);
		if (listens && can_come(f, event)) return true;
	}
	return false;
}

/* ---- what a guard may come to ---------------------------------------------------------- */

/* What stays what it is while nothing of the case changes. */
static bool stays(const aplomb_part *part) {
	static const char *const questions[] = {"is_in", "has", "len", "contains"};
	switch (part->kind) {
	case APLOMB_PART_QUESTION:
		for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
			if (strcmp(part->word, questions[i]) == 0) return true;
		}
		return false;
	case APLOMB_PART_PATH: return begins(part->text, "data.") || begins(part->text, "params.");
	case APLOMB_PART_FUNCTION:
	case APLOMB_PART_LINE: return false; /* what was looked at is told, and not what else decided */
	default: return true;
	}
}

static bool may_change(const aplomb_guard *guard) {
	if (guard == NULL || guard->n_parts == 0) return true;
	for (size_t i = 0; i < guard->n_parts; i++) {
		if (!stays(&guard->parts[i])) return true;
	}
	return false;
}

static void consider(const aplomb_considered *considered, void *payload) {
	finding *f = payload;
	const apl_transition *transition = &f->chart->transitions[considered->transition->number - 1];
	if (f->can_move || (transition->flags & APL_DELAYED) != 0) return;
	switch (considered->standing) {
	case APLOMB_STANDS_TAKEN:
	case APLOMB_STANDS_DEPENDS: f->can_move = hears(f, transition); break;
	case APLOMB_STANDS_REFUSED: f->can_move = may_change(considered->guard) && hears(f, transition); break;
	default: break; /* whoever comes first is looked at himself; what is kept for later moves nothing */
	}
}

/* ---- the case ------------------------------------------------------------------------ */

/* Something of it waits to be stepped. */
static bool has_more_to_do(const apl_engine *engine, const apl_case *c) {
	if (c->timers != NULL || (c->more != NULL && c->more->owes_offers)) return true;
	for (const apl_queued *queued = engine->queue.first; queued != NULL; queued = queued->next) {
		if (queued->the_case == c) return true;
	}
	return false;
}

int apl_engine_stuck(apl_engine *engine, apl_case *c, bool *stuck, aplomb_error *error) {
	*stuck = c->status == APLOMB_CASE_FAULTED;
	if (c->status != APLOMB_CASE_OPEN || has_more_to_do(engine, c)) return APLOMB_OK;
	finding f = {.engine = engine, .the_case = c, .chart = c->program->chart};
	int code = apl_engine_consider(engine, c, consider, &f, error);
	if (code == APLOMB_OK) *stuck = !f.can_move;
	return code;
}
