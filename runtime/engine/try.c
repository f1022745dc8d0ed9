/* SPDX-License-Identifier: MIT */
/*
 * Decides what trying an event is: the way of aplomb_post_wait from the door to
 * the entry, and not a step further. What it would leave behind is written down
 * as text, for the case will not have it.
 */
#include "engine/watch.h"

#include "time/instant.h"

typedef struct trying {
	apl_engine *engine;
	apl_trial trial;
	apl_watching watching;
	apl_case *the_case; /* NULL: there is none, and none would come about */
	/* Where texts begin in engine->tried; each is terminated. SIZE_MAX: none. */
	size_t slug, message, lines, states, data, timers;
	size_t lines_size;
} trying;

static size_t begin_text(const trying *t) {
	return t->engine->tried.size;
}

static void end_text(const trying *t) {
	apl_buf_byte(&t->engine->tried, '\0');
}

static size_t put_text(const trying *t, const char *text) {
	size_t begun = begin_text(t);
	apl_buf_text(&t->engine->tried, text);
	end_text(t);
	return begun;
}

/* ---- what it would leave behind ------------------------------------------------- */

static void put_lines(trying *t) {
	const apl_batch *batch = &t->engine->batch;
	const char *at = batch->bytes.bytes, *id = apl_case_id(t->the_case);
	t->lines = begin_text(t);
	for (uint32_t i = 0; i < batch->n_lines; i++) {
		const apl_store_line *line = &batch->lines[i];
		if (line->case_id == id) apl_buf_add(&t->engine->tried, at, line->size);
		at += line->size;
	}
	t->lines_size = begin_text(t) - t->lines;
	end_text(t);
}

static void put_states(trying *t) {
	const apl_chart *chart = t->the_case->program->chart;
	apl_buf *out = &t->engine->tried;
	t->states = begin_text(t);
	for (uint32_t s = 0; s < chart->n_states; s++) {
		if (!apl_set_has(apl_case_configuration(t->the_case), s) || !apl_set_has(chart->leaves, s)) continue;
		if (out->size > t->states) apl_buf_byte(out, ' ');
		apl_buf_text(out, chart->states[s].path);
	}
	end_text(t);
}

static void put_timer(const char *name, aplomb_instant due_at, void *payload) {
	const trying *t = payload;
	apl_buf *out = &t->engine->tried;
	char text[APL_INSTANT_TEXT];
	if (out->size > t->timers + 1) apl_buf_byte(out, ',');
	APL_BUF_LITERAL(out, "{\"due\":\"");
	apl_buf_add(out, text, apl_instant_write(due_at, text));
	APL_BUF_LITERAL(out, "\",\"name\":");
	apl_json_write_text(out, name, strlen(name));
	apl_buf_byte(out, '}');
}

static void put_case(trying *t, aplomb_tried *tried) {
	if (t->the_case == NULL) return;
	put_lines(t);
	put_states(t);
	t->data = begin_text(t);
	apl_record_write(&t->engine->tried, t->the_case->program->data, apl_case_data(t->the_case), false);
	end_text(t);
	t->timers = begin_text(t);
	apl_buf_byte(&t->engine->tried, '[');
	apl_engine_timers(t->engine, t->the_case, put_timer, t);
	apl_buf_byte(&t->engine->tried, ']');
	end_text(t);
	tried->at = t->the_case->at;
}

/* The texts stand still from now on. */
static void address_texts(const trying *t, aplomb_tried *tried) {
	const char *texts = t->engine->tried.bytes;
	struct {
		size_t begun;
		const char **text;
	} const all[] = {{t->slug, &tried->slug}, {t->message, &tried->message}, {t->lines, &tried->lines}, {t->states, &tried->states},
	    {t->data, &tried->data}, {t->timers, &tried->timers}};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].begun != SIZE_MAX) *all[i].text = texts + all[i].begun;
	tried->lines_size = t->lines_size;
}

/* ---- an event ---------------------------------------------------------------------- */

static void put_refusal(trying *t, aplomb_tried *tried, int code, const char *slug, const char *message) {
	tried->code = code;
	t->slug = put_text(t, slug);
	t->message = put_text(t, message);
}

/* What was done in the way of aplomb_post_wait, up to and with this one. */
static int step_to(trying *t, const apl_queued *queued) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_instant now = apl_clock_now(t->engine->clock);
	int owed = t->engine->n_owing > 0 ? apl_offer_owed(t->engine) : APLOMB_OK;
	if (owed) return owed;
	while (!queued->stepped) {
		int code = apl_step_batch(t->engine, 1, now, &report);
		if (code) return code;
	}
	return APLOMB_OK;
}

static void take_answer(trying *t, const apl_queued *queued, aplomb_tried *tried) {
	const apl_case *c = queued->the_case;
	if (queued->kind == APL_QUEUED_DUPLICATE) {
		const apl_seen_id *id = apl_seen_find(&c->more->seen, queued->id_hash);
		tried->duplicate = true;
		if (id == NULL) return;
		tried->seq = id->seq;
		tried->unhandled = (id->how & APL_SEEN_UNHANDLED) != 0;
		tried->deferred = (id->how & APL_SEEN_DEFERRED) != 0;
		tried->faulted = (id->how & APL_SEEN_FAULTED) != 0;
		tried->closed = (id->how & APL_SEEN_CLOSED) != 0;
		return;
	}
	tried->seq = queued->kind == APL_QUEUED_REFUSED && c != NULL ? c->seq : queued->seq;
	if (queued->kind != APL_QUEUED_EVENT) return;
	tried->unhandled = queued->unhandled;
	tried->deferred = queued->deferred;
	tried->faulted = queued->faulted;
	tried->closed = queued->closed;
	tried->late_by = queued->late_by;
	/* It was let in, and what waited before it has closed the case. */
	if (queued->code != APLOMB_OK)
		put_refusal(t, tried, queued->code, queued->code == APLOMB_EFAULTED ? "case-faulted" : "case-closed", queued->why);
}

static int try_event(trying *t, const aplomb_event *event, aplomb_tried *tried, aplomb_error *error) {
	apl_engine *engine = t->engine;
	apl_queued *queued = NULL;
	int code = apl_post_event(engine, event, false, NULL, NULL, &queued, error);
	if (code == APLOMB_EREFUSED || code == APLOMB_EFAULTED) {
		put_refusal(t, tried, code, error->slug, error->message);
		queued = engine->queue.last != t->trial.last ? engine->queue.last : NULL;
		t->the_case = apl_cases_find(&engine->cases, event->case_id, strlen(event->case_id));
		if (queued == NULL) return APLOMB_OK;
	} else if (code) {
		return code;
	}
	t->the_case = queued->the_case;
	code = step_to(t, queued);
	if (!code) take_answer(t, queued, tried);
	return code;
}

/* ---- a timer ------------------------------------------------------------------------- */

static int try_timer(trying *t, const char *case_id, aplomb_tried *tried, aplomb_error *error) {
	apl_engine *engine = t->engine;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	apl_case *c = apl_cases_find(&engine->cases, case_id, strlen(case_id));
	if (c == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
	t->the_case = c;
	const apl_case_timer *timer = apl_next_timer(c);
	if (timer == NULL) return apl_fail(error, APLOMB_ENOTFOUND, "no-timer", "case \"%s\" has no timer armed", case_id);
	aplomb_instant now = apl_later(apl_clock_now(engine->clock), timer->timer.due_at);
	if (engine->clock->fn == NULL) engine->clock->now = now;
	int owed = engine->n_owing > 0 ? apl_offer_owed(engine) : APLOMB_OK;
	if (owed) return owed;
	uint64_t before = 0;
	aplomb_totals found = {0};
	while (timer->armed && c->status == APLOMB_CASE_OPEN) {
		before = c->seq;
		found = engine->batch.totals;
		uint32_t timers = report.timers, events = report.events;
		int code = apl_step_batch(engine, 1, now, &report);
		if (code) return code;
		if (report.timers == timers && report.events == events) break;
	}
	tried->seq = before + 1;
	tried->unhandled = engine->batch.totals.unhandled > found.unhandled;
	tried->closed = c->status == APLOMB_CASE_CLOSED;
	tried->faulted = c->status == APLOMB_CASE_FAULTED;
	return APLOMB_OK;
}

/* ---- both ------------------------------------------------------------------------------ */

int apl_engine_try(apl_engine *engine, const aplomb_event *event, const aplomb_watch *watch, aplomb_tried *tried, aplomb_error *error) {
	aplomb_error own;
	if (error == NULL) error = &own;
	bool is_watched = watch != NULL && watch->decision != NULL;
	trying t = {.engine = engine,
	    .slug = SIZE_MAX,
	    .message = SIZE_MAX,
	    .lines = SIZE_MAX,
	    .states = SIZE_MAX,
	    .data = SIZE_MAX,
	    .timers = SIZE_MAX};
	apl_buf_clear(&engine->tried);
	/* Before: what is tried is taken back, and that the case came into memory is not a part of it. */
	apl_case *c;
	int there = apl_page_look(engine, event->case_id, strlen(event->case_id), &c, error);
	if (there) return there;
	apl_trial_begin(engine, &t.trial);
	if (is_watched) apl_watching_init(&t.watching, engine, watch);
	/* Who watches all steps does not hear of this one, for it will not have been. */
	apl_watching *before = apl_watching_change(engine, is_watched ? &t.watching : NULL);
	int code = event->name != NULL ? try_event(&t, event, tried, error) : try_timer(&t, event->case_id, tried, error);
	if (!code) put_case(&t, tried);
	apl_watching_change(engine, before);
	if (is_watched) apl_watching_dispose(&t.watching, engine);
	apl_trial_end(engine, &t.trial);
	if (code == APLOMB_ENOMEM || engine->tried.failed) return apl_fail_memory(error);
	if (code == APLOMB_EINTERRUPTED) return apl_fail_interrupted(error);
	if (!code) address_texts(&t, tried);
	return code;
}
