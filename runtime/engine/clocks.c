/* SPDX-License-Identifier: MIT */
/*
 * Decides what a named clock has counted, when each of its events is due, and
 * what the journal says of it. In which states it runs is the chart's; what its
 * target is, the playbook's.
 *
 * A clock is eight words behind the case's record, so whatever takes a case
 * back takes its clocks back. It begins to run and stops when a step is quiet:
 * time stands still within one, so nothing is lost, and a state that is left
 * and entered again in one step leaves no trace. What it has counted is the sum
 * of the intervals that the journal tells, and never anything else; a target
 * that changes changes none of them.
 *
 * While it runs, one timer is armed for it: for the next of what it has to
 * tell. A running clock counts microseconds of the clock, or of a calendar's
 * open time; business days become open time when the clock begins.
 */
#include "engine/clocks.h"

#include "base/assert.h"
#include "engine/asked.h"
#include "engine/inside.h"
#include "time/instant.h"

enum { BREACH_BIT = 63 };
_Static_assert(APL_MOST_THRESHOLDS < BREACH_BIT, "each threshold has a bit");

static bool is(const apl_clock_row *row, uint64_t flag) {
	return (row->flags & flag) != 0;
}

static void put(apl_clock_row *row, uint64_t flag, bool on) {
	row->flags = on ? row->flags | flag : row->flags & ~flag;
}

static apl_span_unit unit_of(const apl_clock_row *row) {
	return (apl_span_unit)(row->flags >> APL_CLOCK_UNIT & 0xff);
}

static uint32_t calendar_of(const apl_clock_row *row) {
	return (uint32_t)(row->flags >> APL_CLOCK_CALENDAR & 0xffff);
}

/* [unit] and [calendar] of its target. */
static void count_in(apl_clock_row *row, apl_span_unit unit, uint32_t calendar) {
	row->flags &= (UINT64_C(1) << APL_CLOCK_UNIT) - 1;
	row->flags |= (uint64_t)unit << APL_CLOCK_UNIT | (uint64_t)calendar << APL_CLOCK_CALENDAR;
}

static bool is_breached(const apl_clock_row *row) {
	return (row->fired >> BREACH_BIT & 1) != 0;
}

static uint64_t bit_of(const apl_clock_rule *rule, uint32_t number) {
	return UINT64_C(1) << (number < rule->n_thresholds ? number : BREACH_BIT);
}

/* What business time is counted in once its target is known; the clock's own otherwise. */
static apl_span_unit counted_in(apl_span_unit unit) {
	return unit == APL_SPAN_CLOCK ? APL_SPAN_CLOCK : APL_SPAN_BUSINESS_MINUTES;
}

static const apl_calendar *opening_hours(const apl_case *c, const apl_clock_row *row) {
	const uint32_t calendar = calendar_of(row);
	return unit_of(row) == APL_SPAN_CLOCK || calendar == APL_NO_CALENDAR ? NULL : apl_case_calendar(c, calendar);
}

/* What it counts from [from] to [to]. */
static aplomb_span counted(const apl_case *c, const apl_clock_row *row, aplomb_instant from, aplomb_instant to) {
	const apl_calendar *calendar = opening_hours(c, row);
	return calendar == NULL ? to - from : apl_calendar_between(calendar, from, to);
}

static aplomb_span elapsed_at(const apl_case *c, const apl_clock_row *row, aplomb_instant now) {
	return is(row, APL_CLOCK_RUNS) && now > row->since ? row->elapsed + counted(c, row, row->since, now) : row->elapsed;
}

static int over(
    const apl_case *c, const apl_clock_row *row, aplomb_instant from, aplomb_span span, aplomb_instant *out, aplomb_error *error) {
	return apl_span_over(c, from, span, counted_in(unit_of(row)), calendar_of(row), out, error);
}

/* As it is written, or as this case was told when it asked; [room] holds the latter. */
static const apl_threshold *threshold_of(const apl_case *c, uint32_t clock, uint32_t number, apl_threshold *room) {
	const apl_threshold *written = &c->program->clocks[clock].thresholds[number];
	if (written->handler == APL_NO_HANDLER) return written;
	const apl_asked *asked = &apl_case_asked_of(c)[written->asked];
	*room = *written;
	if (asked->kind == APL_ASKED_FRACTION) {
		apl_threshold_fraction(room, apl_asked_fraction_of(asked));
	} else {
		room->before = asked->value;
		room->unit = (uint8_t)(asked->kind - APL_ASKED_SPAN);
	}
	return room;
}

/* How much it has counted when the threshold is reached; behind the thresholds it is the target. */
static aplomb_span position(const apl_case *c, uint32_t clock, const apl_clock_row *row, uint32_t number) {
	if (number == c->program->clocks[clock].n_thresholds) return row->target;
	apl_threshold room;
	const apl_threshold *threshold = threshold_of(c, clock, number, &room);
	const int64_t whole = APL_CLOCK_WHOLE;
	if (threshold->is_fraction) return row->target / whole * threshold->millionths + row->target % whole * threshold->millionths / whole;
	return threshold->before < row->target ? row->target - threshold->before : 0;
}

/* The next that it has to tell: the nearest that was not told; of several at once the one that stands first. APL_NONE: nothing any more. */
static uint32_t next_of(const apl_case *c, uint32_t clock, const apl_clock_row *row) {
	const apl_clock_rule *rule = &c->program->clocks[clock];
	uint32_t next = APL_NONE;
	aplomb_span nearest = 0;
	for (uint32_t i = 0; i <= rule->n_thresholds; i++) {
		if ((row->fired & bit_of(rule, i)) != 0) continue;
		const aplomb_span at = position(c, clock, row, i);
		if (next != APL_NONE && at >= nearest) continue;
		next = i;
		nearest = at;
	}
	return next;
}

/* ---- the timer ---------------------------------------------------------------- */

static apl_case_timer *timer_of(const apl_case *c, uint32_t number) {
	const uint32_t delay = c->program->chart->n_delays + number;
	apl_case_timer *timer = c->timers;
	while (timer != NULL && (timer->send != NULL || timer->delay != delay)) timer = timer->next;
	return timer;
}

/* When the next is due: false: it is not. What was reached before now, or in an interval that has ended, is due now. */
static bool due_of(const apl_case *c, uint32_t clock, const apl_clock_row *row, aplomb_instant now, aplomb_instant *out) {
	const uint32_t next = is(row, APL_CLOCK_HAS_BEGUN) ? next_of(c, clock, row) : APL_NONE;
	if (next == APL_NONE) return false;
	const aplomb_span left = position(c, clock, row, next) - row->elapsed;
	*out = now;
	if (left <= 0) return true;
	if (!is(row, APL_CLOCK_RUNS) || over(c, row, row->since, left, out, NULL) != APLOMB_OK) return false;
	if (*out < now) *out = now;
	return true;
}

/* The timer is armed for what comes next, moved, or taken back. One that is due already stays as it is. */
static void plan(apl_step *step, uint32_t number, const apl_clock_row *row) {
	apl_engine *engine = step->turn.engine;
	apl_case *c = step->turn.the_case;
	apl_case_timer *timer = timer_of(c, number);
	aplomb_instant due_at, now = step->turn.now;
	const bool is_due = due_of(c, number, row, now, &due_at);
	if (timer != NULL && is_due && (timer->timer.due_at == due_at || (timer->timer.due_at <= now && due_at <= now))) return;
	if (timer != NULL && !apl_timer_disarm(engine, timer)) step->no_memory = true;
	if (!is_due) return;
	if (apl_timer_arm(engine, c, due_at, c->seq + 1, c->program->chart->n_delays + number, NULL) == NULL) step->no_memory = true;
}

/* ---- items -------------------------------------------------------------------- */

typedef struct told {
	const char *what;
	const char *because;
	size_t because_size;
	const apl_threshold *threshold;
	bool tells_target;
	bool has_ended; /* an interval, at the step's time */
	aplomb_instant from;
	aplomb_span counted;
	const aplomb_instant *was; /* its deadline was another until now; or NULL */
} told;

static void add_instant(apl_engine *engine, const char *label, aplomb_instant at) {
	apl_buf_text(engine->line, label);
	apl_instant_append(engine->line, &engine->instants, at);
	APL_BUF_LITERAL(engine->line, "\",");
}

static void add_span(apl_engine *engine, const char *label, aplomb_span span) {
	apl_buf_text(engine->line, label);
	apl_json_write_integer(engine->line, span);
	apl_buf_byte(engine->line, ',');
}

static void add_text(apl_engine *engine, const char *label, const char *text, size_t size) {
	apl_buf_text(engine->line, label);
	apl_json_write_text(engine->line, text, size);
	apl_buf_byte(engine->line, ',');
}

static void add_said_span(apl_engine *engine, const char *label, aplomb_span span, apl_span_unit unit) {
	char text[APL_SPAN_TEXT];
	add_text(engine, label, text, apl_span_write_in(span, unit, text));
}

/* All of warn_at, where some of it was asked for: otherwise whoever reads on has to know the playbook to see what it comes to. */
static void add_thresholds(apl_engine *engine, const apl_case *c, uint32_t clock) {
	apl_threshold room;
	APL_BUF_LITERAL(engine->line, "\"warn_at\":[");
	for (uint32_t i = 0; i < c->program->clocks[clock].n_thresholds; i++) {
		const apl_threshold *threshold = threshold_of(c, clock, i, &room);
		const apl_asked said = threshold->is_fraction ? apl_asked_fraction(threshold->fraction)
		                                              : apl_asked_span(threshold->before, (apl_span_unit)threshold->unit);
		if (i > 0) apl_buf_byte(engine->line, ',');
		apl_asked_write(engine->line, &said);
	}
	APL_BUF_LITERAL(engine->line, "],");
}

/* Its timer is planned already. */
static void item(apl_step *step, uint32_t number, const apl_clock_row *row, const told *it) {
	apl_engine *engine = step->turn.engine;
	const apl_case *c = step->turn.the_case;
	const apl_program *program = c->program;
	const apl_case_timer *timer = timer_of(c, number);
	const apl_threshold *threshold = it->threshold;
	apl_buf *items = engine->line;
	apl_item_begin(step);
	if (it->because != NULL) add_text(engine, "\"because\":", it->because, it->because_size);
	if (threshold != NULL && !threshold->is_fraction) add_said_span(engine, "\"before\":", threshold->before, threshold->unit);
	if (it->tells_target && opening_hours(c, row) != NULL) apl_calendar_write_counting(items, c, calendar_of(row));
	add_text(engine, "\"clock\":", program->chart->clocks[number].name, strlen(program->chart->clocks[number].name));
	if (it->has_ended) add_span(engine, "\"counted_us\":", it->counted);
	if (is(row, APL_CLOCK_HAS_DEADLINE)) add_instant(engine, "\"deadline\":\"", row->deadline);
	APL_BUF_LITERAL(items, "\"do\":\"clock\",");
	if (timer != NULL) add_instant(engine, "\"due\":\"", timer->timer.due_at);
	if (is(row, APL_CLOCK_HAS_BEGUN)) add_span(engine, "\"elapsed_us\":", elapsed_at(c, row, step->turn.now));
	if (threshold != NULL && threshold->is_fraction) {
		APL_BUF_LITERAL(items, "\"fraction\":");
		apl_json_write_number(items, threshold->fraction);
		apl_buf_byte(items, ',');
	}
	if (it->has_ended) add_instant(engine, "\"from\":\"", it->from);
	if (it->tells_target) {
		add_said_span(engine, "\"target\":", row->span, unit_of(row));
		if (is(row, APL_CLOCK_HAS_BEGUN)) add_span(engine, "\"target_us\":", row->target);
	}
	if (it->tells_target && program->clocks[number].asks_thresholds && is(row, APL_CLOCK_HAS_BEGUN)) add_thresholds(engine, c, number);
	if (it->was != NULL) add_instant(engine, "\"was\":\"", *it->was);
	APL_BUF_LITERAL(items, "\"what\":\"");
	apl_buf_text(items, it->what);
	APL_BUF_LITERAL(items, "\"}");
}

/* ---- targets ------------------------------------------------------------------ */

static int mixed(aplomb_error *error, const char *clock, apl_place place, const char *what, bool is_business) {
	return apl_fail_at(error, APLOMB_EREFUSED, "mixed-time", place, "clock \"%s\": %s is %s, and the clock counts %s; they are not mixed",
	    clock, what, is_business ? "business time" : "clock time", is_business ? "clock time" : "business time");
}

static bool has_answer(apl_step *step, int answer) {
	if (answer == APL_PORT_BREACH) step->breach_pending = true;
	return answer == APL_PORT_FALSE;
}

/* [unit]: of the target. */
static int check_threshold(
    const apl_program *program, uint32_t number, const apl_threshold *threshold, apl_span_unit unit, aplomb_error *error) {
	const bool is_business = threshold->unit != APL_SPAN_CLOCK;
	const char *name = program->chart->clocks[number].name;
	if (threshold->is_fraction) return APLOMB_OK;
	if (is_business != (unit != APL_SPAN_CLOCK)) return mixed(error, name, threshold->place, "a span of warn_at", is_business);
	if (threshold->unit == APL_SPAN_BUSINESS_DAYS)
		return apl_fail_at(error, APLOMB_EREFUSED, "bad-warning", threshold->place,
		    "clock \"%s\": business days before the target may be any time of that day; say it in business hours, or as a fraction", name);
	return APLOMB_OK;
}

/* What the playbook says of each warn_at now that the target's [unit] is known; [*asked] holds the answers. false: that was told. */
static bool ask_thresholds(apl_step *step, uint32_t number, apl_span_unit unit, apl_asked asked[APL_MOST_THRESHOLDS]) {
	const apl_program *program = step->turn.program;
	const apl_clock_rule *rule = &program->clocks[number];
	for (uint32_t i = 0; i < rule->n_thresholds; i++) {
		apl_threshold threshold = rule->thresholds[i];
		aplomb_error error = {0};
		if (threshold.handler != APL_NO_HANDLER &&
		    !has_answer(step, program->ops->threshold(program->self, &step->turn, threshold.handler, &threshold)))
			return false;
		if (check_threshold(program, number, &threshold, unit, &error) != APLOMB_OK) {
			apl_turn_error(&step->turn, &error);
			return false;
		}
		asked[i] = threshold.is_fraction ? apl_asked_fraction(threshold.fraction)
		                                 : apl_asked_span(threshold.before, (apl_span_unit)threshold.unit);
	}
	return true;
}

/* From now on the case has them; or none of them, as long as it has not asked. */
static void keep_thresholds(apl_case *c, uint32_t number, const apl_asked asked[APL_MOST_THRESHOLDS]) {
	const apl_clock_rule *rule = &c->program->clocks[number];
	for (uint32_t i = 0; i < rule->n_thresholds; i++) {
		const apl_threshold *threshold = &rule->thresholds[i];
		if (threshold->handler != APL_NO_HANDLER)
			apl_case_asked(c)[threshold->asked] = asked != NULL ? asked[i] : (apl_asked){0, APL_ASKED_NOT};
	}
}

/* A span of the target's kind in what is counted. Days are those from [from] on. */
static int count_out(const apl_case *c, const apl_clock_row *row, aplomb_span span, apl_span_unit unit, aplomb_instant from,
    aplomb_span *out, aplomb_error *error) {
	aplomb_instant date;
	*out = span;
	if (unit != APL_SPAN_BUSINESS_DAYS || opening_hours(c, row) == NULL) return APLOMB_OK;
	const int code = apl_span_over(c, from, span, unit, calendar_of(row), &date, error);
	if (code == APLOMB_OK) *out = counted(c, row, from, date);
	return code;
}

/* When it will have reached its target, or did. */
static int foresee(const apl_case *c, apl_clock_row *row, aplomb_instant now, aplomb_error *error) {
	if (is_breached(row)) return APLOMB_OK;
	put(row, APL_CLOCK_HAS_DEADLINE, false);
	row->deadline = 0; /* equal cases have equal words */
	if (!is(row, APL_CLOCK_RUNS)) return APLOMB_OK;
	row->deadline = now;
	const aplomb_span left = row->target - row->elapsed;
	const int code = left > 0 ? over(c, row, row->since, left, &row->deadline, error) : APLOMB_OK;
	if (code != APLOMB_OK) row->deadline = 0;
	put(row, APL_CLOCK_HAS_DEADLINE, code == APLOMB_OK);
	return code;
}

/* What was told, and lies ahead of a target that has moved, is to be told again when it is reached. */
static void forget_what_lies_ahead(const apl_case *c, uint32_t clock, apl_clock_row *row, aplomb_span elapsed) {
	const apl_clock_rule *rule = &c->program->clocks[clock];
	for (uint32_t i = 0; i <= rule->n_thresholds; i++) {
		if (position(c, clock, row, i) > elapsed) row->fired &= ~bit_of(rule, i);
	}
}

static void tell_error(apl_step *step, uint32_t number, const aplomb_error *why) {
	const apl_program *program = step->turn.program;
	aplomb_error placed;
	apl_fail_at(&placed, why->code, why->slug, program->clocks[number].place, "clock \"%s\": %s", program->chart->clocks[number].name,
	    why->message);
	apl_turn_error(&step->turn, &placed);
}

/*
 * The target as the playbook says now, unless somebody moved it already, the
 * calendar that counts it, and when to warn. false: that was told.
 */
static bool ask_target(apl_step *step, uint32_t number, apl_clock_row *row, apl_asked asked[APL_MOST_THRESHOLDS]) {
	const apl_program *program = step->turn.program;
	const apl_clock_rule *rule = &program->clocks[number];
	aplomb_error error = {0};
	apl_span_unit unit = is(row, APL_CLOCK_HAS_TARGET) ? unit_of(row) : (apl_span_unit)rule->unit;
	uint32_t calendar = APL_NO_CALENDAR;
	if (!is(row, APL_CLOCK_HAS_TARGET)) {
		row->span = rule->span;
		if (rule->handler != APL_NO_HANDLER) {
			unit = APL_SPAN_CLOCK;
			if (!has_answer(step, program->ops->span(program->self, &step->turn, rule->handler, &row->span, &unit))) return false;
		}
	}
	if (row->span < 0) {
		apl_fail(&error, APLOMB_EREFUSED, "bad-span", "the target is negative: give one of zero or more");
		tell_error(step, number, &error);
		return false;
	}
	if (!ask_thresholds(step, number, unit, asked)) return false;
	if (unit != APL_SPAN_CLOCK &&
	    !has_answer(step, apl_calendar_of(&step->turn, rule->calendar, rule->calendar_handler, rule->place, &calendar)))
		return false;
	count_in(row, unit, calendar);
	if (count_out(step->turn.the_case, row, row->span, unit, step->turn.now, &row->target, &error) == APLOMB_OK) {
		put(row, APL_CLOCK_HAS_TARGET, true);
		return true;
	}
	tell_error(step, number, &error);
	return false;
}

/* ---- running ------------------------------------------------------------------- */

static void start(apl_step *step, uint32_t number, apl_clock_row *row) {
	aplomb_error error = {0};
	if (!is(row, APL_CLOCK_HAS_BEGUN)) {
		/* What went wrong is not asked again in this step: the error that it raised may lead here once more. */
		if ((step->clocks_asked >> number & 1) != 0) return;
		step->clocks_asked |= UINT64_C(1) << number;
		apl_clock_row asked = *row;
		apl_asked thresholds[APL_MOST_THRESHOLDS];
		if (!ask_target(step, number, &asked, thresholds)) return;
		*row = asked;
		keep_thresholds(step->turn.the_case, number, thresholds);
		row->begun = step->turn.now;
		put(row, APL_CLOCK_HAS_BEGUN, true);
	}
	put(row, APL_CLOCK_RUNS, true);
	row->since = step->turn.now;
	/* It runs all the same: what it counts is known, only not when it will be enough. */
	const int code = foresee(step->turn.the_case, row, step->turn.now, &error);
	plan(step, number, row);
	item(step, number, row, &(told){.what = "start", .tells_target = true});
	if (code != APLOMB_OK) tell_error(step, number, &error);
}

static told end_interval(apl_step *step, apl_clock_row *row, const char *what) {
	const aplomb_instant now = step->turn.now;
	const told ended = {.what = what, .has_ended = true, .from = row->since, .counted = counted(step->turn.the_case, row, row->since, now)};
	row->elapsed += ended.counted;
	row->since = 0;
	put(row, APL_CLOCK_RUNS, false);
	if (!is_breached(row)) put(row, APL_CLOCK_HAS_DEADLINE, false);
	if (!is(row, APL_CLOCK_HAS_DEADLINE)) row->deadline = 0;
	return ended;
}

static void hush(apl_step *step, uint32_t number) {
	apl_case_timer *timer = timer_of(step->turn.the_case, number);
	if (timer != NULL && !apl_timer_disarm(step->turn.engine, timer)) step->no_memory = true;
}

static void stop(apl_step *step, uint32_t number, apl_clock_row *row, bool closes) {
	const told ended = end_interval(step, row, closes ? "end" : "stop");
	/* What it has reached by now is still told, unless the case is over. */
	if (closes)
		hush(step, number);
	else
		plan(step, number, row);
	item(step, number, row, &ended);
}

void apl_clocks_settle(apl_step *step, bool closes) {
	apl_case *c = step->turn.the_case;
	const apl_chart *chart = c->program->chart;
	apl_clock_row *rows = apl_case_clocks(c);
	for (uint32_t i = 0; i < chart->n_clocks && !step->no_memory; i++) {
		const bool is_active = !closes && apl_clock_runs_in(chart, &chart->clocks[i], apl_case_configuration(c));
		if (is_active == is(&rows[i], APL_CLOCK_RUNS)) continue;
		if (is_active)
			start(step, i, &rows[i]);
		else
			stop(step, i, &rows[i], closes);
	}
}

/* ---- what it tells --------------------------------------------------------------- */

int32_t apl_clock_next_event(const apl_case *c, uint32_t number) {
	const apl_named_clock *clock = &c->program->chart->clocks[number];
	const apl_clock_rule *rule = &c->program->clocks[number];
	return next_of(c, number, apl_case_clocks_of(c) + number) < rule->n_thresholds ? clock->warning : clock->breached;
}

void apl_clock_in_people_time(aplomb_span span, bool up, apl_span_unit *unit, aplomb_span *out) {
	*out = span;
	if (*unit == APL_SPAN_CLOCK) return;
	*out = (span + (up ? APL_MINUTE - 1 : 0)) / APL_MINUTE * APL_MINUTE;
	*unit = *out % APL_HOUR == 0 ? APL_SPAN_BUSINESS_HOURS : APL_SPAN_BUSINESS_MINUTES;
}

void apl_clock_look(const apl_case *c, uint32_t number, aplomb_instant now, apl_clock_view *out) {
	const apl_program *program = c->program;
	const apl_clock_row *row = apl_case_clocks_of(c) + number;
	const apl_clock_rule *rule = &program->clocks[number];
	*out = (apl_clock_view){.has_target = is(row, APL_CLOCK_HAS_TARGET),
	    .has_begun = is(row, APL_CLOCK_HAS_BEGUN),
	    .runs = is(row, APL_CLOCK_RUNS),
	    .is_breached = is_breached(row),
	    .has_deadline = is(row, APL_CLOCK_HAS_DEADLINE),
	    .calendar = APL_NO_CALENDAR,
	    .span = row->span,
	    .unit = unit_of(row),
	    .deadline = row->deadline};
	for (uint32_t i = 0; i < rule->n_thresholds; i++) out->warned += (row->fired & bit_of(rule, i)) != 0;
	if (!out->has_begun) return;
	out->begun = row->begun;
	out->since = row->since;
	out->elapsed = elapsed_at(c, row, now);
	out->target = row->target;
	out->left = out->elapsed < row->target ? row->target - out->elapsed : 0;
	if (opening_hours(c, row) != NULL) out->calendar = calendar_of(row);
}

static bool set_span(const apl_writer *writer, uint32_t field, aplomb_span span, apl_span_unit unit) {
	char text[APL_SPAN_TEXT];
	const size_t size = apl_span_write_in(span, unit, text);
	return apl_record_set_text(writer, field, text, size, NULL) == APLOMB_OK;
}

static bool set_counted(const apl_writer *writer, uint32_t field, aplomb_span span, apl_span_unit unit, bool up) {
	apl_clock_in_people_time(span, up, &unit, &span);
	return set_span(writer, field, span, unit);
}

apl_schema *apl_clock_schema_new(const apl_alloc *alloc, bool warns, uint32_t fields[APL_CLOCK_FIELDS]) {
	static const apl_field_options members[APL_CLOCK_FIELDS] = {[APL_CLOCK_ELAPSED] = {.name = "elapsed", .type = APL_TYPE_SPAN},
	    [APL_CLOCK_TARGET] = {.name = "target", .type = APL_TYPE_SPAN},
	    [APL_CLOCK_DEADLINE] = {.name = "deadline", .type = APL_TYPE_INSTANT},
	    [APL_CLOCK_LEFT] = {.name = "left", .type = APL_TYPE_SPAN},
	    [APL_CLOCK_FRACTION] = {.name = "fraction", .type = APL_TYPE_NUMBER},
	    [APL_CLOCK_BEFORE] = {.name = "before", .type = APL_TYPE_SPAN}};
	apl_schema_builder *builder = apl_schema_builder_new(alloc, "clock");
	if (builder == NULL) return NULL;
	apl_findings findings;
	apl_findings_init(&findings, alloc);
	apl_schema *schema = NULL;
	bool made = true;
	const size_t count = warns ? APL_CLOCK_FIELDS : APL_CLOCK_LEFT;
	for (size_t i = 0; i < count && made; i++) made = apl_schema_add(builder, 0, &members[i], &fields[i]);
	if (made && apl_schema_finish(builder, &schema, &findings) != APLOMB_OK) schema = NULL;
	apl_findings_dispose(&findings);
	apl_schema_builder_free(builder);
	return schema;
}

bool apl_clock_tell(apl_engine *engine, const apl_case *c, uint32_t number, aplomb_instant at, apl_payload *out) {
	const apl_clock_rule *rule = &c->program->clocks[number];
	const uint32_t next = next_of(c, number, apl_case_clocks_of(c) + number);
	const apl_schema *schema = c->program->events[apl_clock_next_event(c, number)];
	apl_clock_view view;
	apl_clock_look(c, number, at, &view);
	uint64_t *words = apl_arena_take(&engine->turn_arena, schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&engine->alloc, &engine->turn_arena}, .what = "clock"};
	const uint32_t *fields = rule->fields;
	bool is_good = words != NULL && apl_record_init(schema, words, writer.keep) &&
	               set_counted(&writer, fields[APL_CLOCK_ELAPSED], view.elapsed, view.unit, false) &&
	               set_span(&writer, fields[APL_CLOCK_TARGET], view.span, view.unit) &&
	               (!view.has_deadline || apl_record_set_integer(&writer, fields[APL_CLOCK_DEADLINE], view.deadline, NULL) == APLOMB_OK);
	if (is_good && next < rule->n_thresholds) {
		apl_threshold room;
		const apl_threshold *threshold = threshold_of(c, number, next, &room);
		is_good =
		    set_counted(&writer, fields[APL_CLOCK_LEFT], view.left, view.unit, true) &&
		    (threshold->is_fraction ? apl_record_set_number(&writer, fields[APL_CLOCK_FRACTION], threshold->fraction, NULL) == APLOMB_OK
		                            : set_span(&writer, fields[APL_CLOCK_BEFORE], threshold->before, threshold->unit));
	}
	*out = (apl_payload){.schema = schema, .words = words};
	return is_good;
}

void apl_clock_fired(apl_step *step, const apl_step_event *event) {
	apl_case *c = step->turn.the_case;
	const uint32_t number = apl_chart_clock_of(c->program->chart, event->number);
	/* A deferred one that is offered again was told when it came; only such a one says who sent it. */
	if (((const apl_payload *)event->payload)->by != NULL) return;
	const apl_clock_rule *rule = &c->program->clocks[number];
	apl_clock_row *row = apl_case_clocks(c) + number;
	const uint32_t next = next_of(c, number, row);
	const bool warns = next < rule->n_thresholds;
	row->fired |= bit_of(rule, next);
	if (!warns && !is(row, APL_CLOCK_HAS_DEADLINE)) {
		row->deadline = step->turn.now;
		put(row, APL_CLOCK_HAS_DEADLINE, true);
	}
	plan(step, number, row);
	apl_threshold room;
	const apl_threshold *threshold = warns ? threshold_of(c, number, next, &room) : NULL;
	item(step, number, row, &(told){.what = warns ? "warn" : "breach", .threshold = threshold});
}

/* ---- another version of its calendar ------------------------------------------------- */

uint32_t apl_clock_calendar(const apl_case *c, uint32_t number) {
	const apl_clock_row *row = apl_case_clocks_of(c) + number;
	return is(row, APL_CLOCK_HAS_BEGUN) && opening_hours(c, row) != NULL ? calendar_of(row) : APL_NO_CALENDAR;
}

void apl_clock_recount(apl_step *step, uint32_t number, uint32_t calendar) {
	const apl_case *c = step->turn.the_case;
	apl_clock_row *row = apl_case_clocks(step->turn.the_case) + number;
	const aplomb_instant now = step->turn.now, was = row->deadline;
	told it = {.what = "recount", .tells_target = true};
	aplomb_error error = {0};
	if (is(row, APL_CLOCK_HAS_DEADLINE)) it.was = &was;
	if (is(row, APL_CLOCK_RUNS)) {
		it.has_ended = true;
		it.from = row->since;
		it.counted = counted(c, row, row->since, now);
		row->elapsed += it.counted;
		row->since = now;
	}
	count_in(row, unit_of(row), calendar);
	const int code = foresee(c, row, now, &error);
	plan(step, number, row);
	item(step, number, row, &it);
	if (code == APLOMB_OK) return;
	/* No step hears of it: nothing of the playbook's is at fault. */
	aplomb_error placed;
	apl_fail_at(&placed, error.code, error.slug, c->program->clocks[number].place, "clock \"%s\": %s",
	    c->program->chart->clocks[number].name, error.message);
	apl_item_finding(step, &placed);
}

/* ---- what is asked of it ------------------------------------------------------------ */

static int check_because(apl_turn *turn, uint32_t number, const char *because, size_t size, const char *method, aplomb_error *error) {
	if (size > 0 && apl_utf8_valid(because, size) == size) return apl_turn_takes_one(turn, turn->program->clocks[number].place, error);
	return apl_fail(error, APLOMB_EREFUSED, size == 0 ? "missing-because" : "wrong-text", "clock \"%s\": %s needs a reason for people%s",
	    turn->program->chart->clocks[number].name, method, size == 0 ? ": the last argument is because" : ", in valid UTF-8");
}

/* The target that the move comes to, as it is said and as it is counted. */
static int find_target(const apl_turn *turn, uint32_t number, const apl_clock_move *move, apl_clock_row *row, aplomb_error *error) {
	const apl_case *c = turn->the_case;
	const apl_program *program = turn->program;
	const char *name = program->chart->clocks[number].name;
	const bool is_business =
	    is(row, APL_CLOCK_HAS_TARGET) ? unit_of(row) != APL_SPAN_CLOCK : program->clocks[number].unit != APL_SPAN_CLOCK;
	const bool is_known = is(row, APL_CLOCK_HAS_TARGET) || program->clocks[number].handler == APL_NO_HANDLER;
	if (move->way != APL_CLOCK_UNTIL && is_known && (move->unit != APL_SPAN_CLOCK) != is_business)
		return mixed(error, name, APL_NOWHERE, "this span", !is_business);
	if (!is(row, APL_CLOCK_HAS_BEGUN)) {
		if (move->way != APL_CLOCK_TARGET_IS)
			return apl_fail(error, APLOMB_EREFUSED, "clock-not-begun",
			    "clock \"%s\" has not begun to run, so only a whole target can be given: move(\"4h\", because)", name);
		count_in(row, move->unit, APL_NO_CALENDAR);
		row->span = move->span;
		put(row, APL_CLOCK_HAS_TARGET, true);
		return APLOMB_OK;
	}
	const aplomb_span elapsed = elapsed_at(c, row, turn->now);
	aplomb_span target;
	int code = APLOMB_OK;
	if (move->way == APL_CLOCK_UNTIL) {
		target = elapsed + (move->until > turn->now ? counted(c, row, turn->now, move->until) : 0);
	} else {
		code = count_out(c, row, move->span, move->unit, move->way == APL_CLOCK_TARGET_IS ? row->begun : turn->now, &target, error);
		if (!code && move->way == APL_CLOCK_MORE && __builtin_add_overflow(target, row->target, &target))
			code = apl_fail(error, APLOMB_EREFUSED, "bad-span", "clock \"%s\": the target would be too long: give less", name);
	}
	if (code) return code;
	row->target = target;
	apl_span_unit said = move->unit;
	if (move->way == APL_CLOCK_TARGET_IS) {
		row->span = move->span;
	} else {
		said = unit_of(row);
		apl_clock_in_people_time(target, true, &said, &row->span);
	}
	count_in(row, said, calendar_of(row));
	return APLOMB_OK;
}

int apl_turn_clock_move(apl_turn *turn, uint32_t number, const apl_clock_move *move, aplomb_error *error) {
	apl_step *step = (apl_step *)(void *)turn;
	apl_case *c = turn->the_case;
	apl_clock_row *row = apl_case_clocks(c) + number, moved = *row;
	int code = check_because(turn, number, move->because, move->because_size, "move", error);
	if (!code) code = find_target(turn, number, move, &moved, error);
	if (!code && is(&moved, APL_CLOCK_HAS_BEGUN)) {
		forget_what_lies_ahead(c, number, &moved, elapsed_at(c, &moved, turn->now));
		code = foresee(c, &moved, turn->now, error);
	}
	if (code) return code;
	*row = moved;
	plan(step, number, row);
	item(step, number, row, &(told){.what = "move", .because = move->because, .because_size = move->because_size, .tells_target = true});
	return APLOMB_OK;
}

int apl_turn_clock_restart(apl_turn *turn, uint32_t number, const char *because, size_t size, aplomb_error *error) {
	apl_step *step = (apl_step *)(void *)turn;
	apl_clock_row *row = apl_case_clocks(turn->the_case) + number;
	int code = check_because(turn, number, because, size, "restart", error);
	if (code) return code;
	told what = is(row, APL_CLOCK_RUNS) ? end_interval(step, row, "restart") : (told){.what = "restart"};
	*row = (apl_clock_row){0};
	keep_thresholds(turn->the_case, number, NULL);
	what.because = because;
	what.because_size = size;
	hush(step, number);
	item(step, number, row, &what);
	/* When the step is quiet it begins, if it is to run then. */
	apl_step_pends(step);
	step->clocks_pend = true;
	step->clocks_asked &= ~(UINT64_C(1) << number);
	return APLOMB_OK;
}
