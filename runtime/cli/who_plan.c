/* SPDX-License-Identifier: MIT */
/*
 * Decides how a callout is told to those who answer for it: its steps as they
 * are declared, who would be asked when if nobody answered, where its rotas have
 * holes, and which step asks nobody. What happens is decided by the library.
 */
#include "cli/who_plan.h"

#include <string.h>

#include "tell/tell.h"

enum { MOST_HOLES = 3 }; /* that are told one by one to people; a program gets all */

typedef struct telling {
	cli_who_plan *plan;
	const char *name;
	const aplomb_callout *callout;
	/* In whose zone times are told; both NULL: UTC. */
	const aplomb_rota *rota;
	const aplomb_calendar *calendar;
	size_t step, holes; /* told so far */
	aplomb_span empty;
	uint32_t said; /* the step that was told to ask nobody last, and why need not be told again */
} telling;

const char *cli_who_wall(const aplomb_wall *wall, char *out, size_t size) {
	char offset[TELL_OFFSET];
	snprintf(out, size, "%.3s %2d %.3s %4d %02d:%02d (%s)", tell_weekday(wall->weekday), (int)wall->day, tell_month(wall->month),
	    (int)wall->year, (int)wall->hour, (int)wall->minute, tell_wall_offset(wall, offset));
	return out;
}

static const char *shown(const telling *t, aplomb_instant at, char out[TELL_WALL]) {
	aplomb_wall wall = APLOMB_WALL_INIT;
	int code = APLOMB_EINVAL;
	if (t->rota != NULL)
		code = aplomb_rota_wall(t->rota, at, &wall, NULL);
	else if (t->calendar != NULL)
		code = aplomb_calendar_wall(t->calendar, at, &wall, NULL);
	if (code != APLOMB_OK) wall = tell_wall_utc(at);
	return cli_who_wall(&wall, out, TELL_WALL);
}

static const char *plural(size_t count) {
	return count == 1 ? "" : "s";
}

/* ---- as it is declared ------------------------------------------------------------------- */

static aplomb_callout_step step_of(const telling *t, size_t number) {
	aplomb_callout_step step = APLOMB_CALLOUT_STEP_INIT;
	aplomb_callout_step_at(t->callout, number, &step, NULL);
	return step;
}

static void put_step(const telling *t, size_t number) {
	const tell_screen *out = &t->plan->cli->out;
	const aplomb_callout_step step = step_of(t, number);
	tell_print(out, "  step %zu  ", number);
	if (step.rota != NULL)
		tell_print(out, "%s %s", step.is_next ? "after whoever has" : "whoever has", step.rota);
	else
		tell_print(out, "%s", step.to);
	if (step.only_during != NULL) tell_print(out, ", only during %s", step.only_during);
	tell_print(out, ", %s", step.answer_in != NULL ? step.answer_in : "for as long as the case says");
	if (step.times > 1) tell_print(out, ", %u times", (unsigned)step.times);
	if (step.rota != NULL && strcmp(step.if_nobody, "fallback") == 0)
		tell_print(out, "; nobody there: %s", step.fallback);
	else if (step.rota != NULL)
		tell_print(out, "; nobody there: %s", strcmp(step.if_nobody, "wait") == 0 ? "it waits" : "passed over");
	tell_print(out, "\n");
}

static void put_step_json(const telling *t, size_t number) {
	const tell_screen *out = &t->plan->cli->out;
	const aplomb_callout_step step = step_of(t, number);
	tell_print(out, "{\"callout\":");
	tell_json_text(out, t->name);
	tell_print(out, ",\"what\":\"step\",\"step\":%zu", number);
	tell_json_text_member(out, "to", step.to);
	tell_json_text_member(out, "rota", step.rota);
	tell_print(out, ",\"next\":%s", step.is_next ? "true" : "false");
	tell_json_text_member(out, "if_nobody", step.rota != NULL ? step.if_nobody : NULL);
	tell_json_text_member(out, "fallback", step.fallback);
	tell_json_text_member(out, "only_during", step.only_during);
	tell_json_text_member(out, "answer_in", step.answer_in);
	tell_print(out, ",\"times\":%u", (unsigned)step.times);
	tell_json_text_member(out, "file", step.file);
	tell_print(out, ",\"line\":%u}\n", (unsigned)step.line);
}

/* ---- who is asked when ---------------------------------------------------------------------- */

static const char *what_of(aplomb_call_what what) {
	switch (what) {
	case APLOMB_CALL_MADE:
	case APLOMB_CALL_MADE_UNTIL_WHEN: return "call";
	case APLOMB_CALL_CLOSED: return "closed";
	case APLOMB_CALL_NOBODY: return "nobody";
	case APLOMB_CALL_WAITS: return "waits";
	case APLOMB_CALL_AGAIN: return "again";
	case APLOMB_CALL_OVER: return "over";
	}
	return "";
}

static void put_call_json(const telling *t, const aplomb_call *call) {
	const tell_screen *out = &t->plan->cli->out;
	bool has_until = call->what == APLOMB_CALL_MADE || call->what == APLOMB_CALL_WAITS;
	tell_print(out, "{\"callout\":");
	tell_json_text(out, t->name);
	tell_print(out, ",\"what\":\"%s\",\"step\":%u,\"round\":%u,\"attempt\":%u", what_of(call->what), (unsigned)call->step,
	    (unsigned)call->round, (unsigned)call->attempt);
	tell_json_instant_member(out, "at", call->at);
	if (has_until)
		tell_json_instant_member(out, "until", call->until);
	else
		tell_print(out, ",\"until\":null");
	tell_json_text_member(out, "who", call->who);
	tell_json_text_member(out, "rota", call->rota);
	tell_json_text_member(out, "source", call->source);
	tell_print(out, ",\"fallback\":%s}\n", call->is_fallback ? "true" : "false");
}

/* "step 1", "step 1, call 2", "step 2 again" */
static const char *place_of(const aplomb_call *call, char *out, size_t size) {
	int used = snprintf(out, size, "step %u%s", (unsigned)call->step, call->round > 0 ? " again" : "");
	if (call->attempt > 1 && used > 0 && (size_t)used < size)
		snprintf(out + used, size - (size_t)used, ", call %u", (unsigned)call->attempt);
	return out;
}

static void put_call(const aplomb_call *call, void *payload) {
	telling *t = payload;
	const tell_screen *out = &t->plan->cli->out;
	char at[TELL_WALL], until[TELL_WALL], after[TELL_LENGTH], place[64];
	if (t->plan->is_json) {
		put_call_json(t, call);
		return;
	}
	tell_print(out, "  %s  %-10s  ", shown(t, call->at, at),
	    call->at > t->plan->from ? tell_length(call->at - t->plan->from, true, after) : "at once");
	if (call->step > 0) tell_print(out, "%-14s  ", place_of(call, place, sizeof place));
	const aplomb_callout_step step = call->step > 0 ? step_of(t, call->step) : (aplomb_callout_step)APLOMB_CALLOUT_STEP_INIT;
	switch (call->what) {
	case APLOMB_CALL_MADE:
	case APLOMB_CALL_MADE_UNTIL_WHEN:
		tell_print(out, "%s", call->who);
		if (call->is_fallback) tell_print(out, ", for %s has nobody", call->rota);
		if (call->what == APLOMB_CALL_MADE_UNTIL_WHEN) tell_print(out, "; only a case knows for how long");
		break;
	case APLOMB_CALL_CLOSED: tell_print(out, "passed over: %s is closed", step.only_during); break;
	case APLOMB_CALL_NOBODY: tell_print(out, "passed over: %s has nobody%s", call->rota, call->attempt > 1 ? " any more" : ""); break;
	case APLOMB_CALL_WAITS: tell_print(out, "waits: %s has nobody until %s", call->rota, shown(t, call->until, until)); break;
	case APLOMB_CALL_AGAIN: tell_print(out, "again, and so on until somebody takes it"); break;
	case APLOMB_CALL_OVER: tell_print(out, "nobody is left who could be asked"); break;
	}
	tell_print(out, "\n");
}

/* ---- what can never come ------------------------------------------------------------------------- */

static void put_hole(aplomb_instant from, aplomb_instant until, void *payload) {
	telling *t = payload;
	const tell_screen *out = &t->plan->cli->out;
	char begin[TELL_WALL], end[TELL_WALL];
	t->holes++;
	t->empty += until - from;
	if (t->plan->is_json) {
		tell_print(out, "{\"callout\":");
		tell_json_text(out, t->name);
		tell_print(out, ",\"what\":\"hole\",\"step\":%zu", t->step);
		tell_json_text_member(out, "rota", step_of(t, t->step).rota);
		tell_json_instant_member(out, "from", from);
		tell_json_instant_member(out, "until", until);
		tell_print(out, "}\n");
	} else if (t->holes <= MOST_HOLES) {
		tell_print(out, "  step %zu  nobody from %s to %s\n", t->step, shown(t, from, begin), shown(t, until, end));
	}
}

static void put_holes(telling *t, size_t number) {
	const aplomb_callout_step step = step_of(t, number);
	char length[TELL_LENGTH];
	t->step = number;
	t->holes = 0;
	t->empty = 0;
	aplomb_callout_holes(t->callout, number, t->plan->from, t->plan->until, put_hole, t);
	if (t->plan->is_json || step.rota == NULL) return;
	const tell_screen *out = &t->plan->cli->out;
	if (t->holes > MOST_HOLES) tell_print(out, "  step %zu  …\n", number);
	if (t->holes > 0)
		tell_print(out, "  step %zu  %s has nobody %zu time%s%s%s, %s in all\n", number, step.rota, t->holes, plural(t->holes),
		    step.only_during != NULL ? " while it is open in " : "", step.only_during != NULL ? step.only_during : "",
		    tell_length(t->empty, true, length));
}

/* Why nobody is asked by it. */
static void put_reason(const telling *t, const aplomb_reach *reach, const aplomb_callout_step *step) {
	const tell_screen *out = &t->plan->cli->out;
	if (!reach->is_come_to)
		tell_print(out, "no step before it ever leads there");
	else if (reach->waits_on)
		tell_print(out, "it waits for somebody in %s longer than that", step->rota);
	else if (reach->is_closed && reach->is_empty)
		tell_print(out, "%s has nobody whenever %s is open then", step->rota, step->only_during);
	else if (reach->is_closed)
		tell_print(out, "%s is closed all the while", step->only_during);
	else
		tell_print(out, "%s has nobody all the while", step->rota);
}

static void put_reach(const aplomb_reach *reach, void *payload) {
	telling *t = payload;
	const tell_screen *out = &t->plan->cli->out;
	const aplomb_callout_step step = step_of(t, reach->step);
	if (reach->asks) return;
	t->plan->unreached++;
	if (t->plan->is_json) {
		tell_print(out, "{\"callout\":");
		tell_json_text(out, t->name);
		tell_print(out, ",\"what\":\"unreached\",\"step\":%u,\"come_to\":%s,\"closed\":%s,\"empty\":%s,\"waits_on\":%s}\n",
		    (unsigned)reach->step, reach->is_come_to ? "true" : "false", reach->is_closed ? "true" : "false",
		    reach->is_empty ? "true" : "false", reach->waits_on ? "true" : "false");
		return;
	}
	tell_print_styled(out, TELL_BAD, "  step %u  asks nobody in that time", (unsigned)reach->step);
	tell_print(out, ": ");
	put_reason(t, reach, &step);
	tell_print(out, "\n");
}

/* ---- one callout ------------------------------------------------------------------------------------ */

/* The zone of the first step that has one. */
static void find_zone(telling *t) {
	for (size_t i = 1; i <= aplomb_callout_steps(t->callout) && t->rota == NULL; i++) {
		const aplomb_callout_step step = step_of(t, i);
		if (step.rota != NULL) t->rota = aplomb_playbook_rota(t->plan->playbook, step.rota);
		if (step.only_during != NULL && t->calendar == NULL) t->calendar = aplomb_playbook_calendar(t->plan->playbook, step.only_during);
	}
	if (t->rota == NULL && t->calendar == NULL) t->calendar = aplomb_playbook_calendar(t->plan->playbook, NULL);
}

static void tell_callout(const char *name, const aplomb_callout *callout, void *payload) {
	cli_who_plan *plan = payload;
	const tell_screen *out = &plan->cli->out;
	telling t = {.plan = plan, .name = name, .callout = callout};
	size_t steps = aplomb_callout_steps(callout);
	if (plan->name != NULL && strcmp(plan->name, name) != 0) return;
	plan->told++;
	find_zone(&t);
	if (!plan->is_json) {
		tell_print_styled(out, TELL_STRONG, "%s", name);
		tell_print(out, "  who is asked, and who then if they do not answer\n");
	}
	for (size_t i = 1; i <= steps; i++) {
		if (plan->is_json)
			put_step_json(&t, i);
		else
			put_step(&t, i);
	}
	aplomb_callout_plan(callout, plan->from, put_call, &t, NULL);
	if (plan->until <= plan->from) return;
	for (size_t i = 1; i <= steps; i++) put_holes(&t, i);
	size_t before = plan->unreached;
	if (aplomb_callout_reach(callout, plan->from, plan->until, put_reach, &t, NULL) != APLOMB_OK)
		plan->has_no_memory = true;
	else if (!plan->is_json && plan->unreached == before)
		tell_print(out, "  each step asks somebody at some time\n");
}

void cli_tell_callouts(cli_who_plan *plan) {
	aplomb_playbook_callouts(plan->playbook, tell_callout, plan);
}
