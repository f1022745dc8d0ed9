/* SPDX-License-Identifier: MIT */
/*
 * Decides which starts a rule gives, and what may be asked of libical for them.
 *
 * A rule of hours, days or weeks that says nothing about months repeats itself:
 * libical gives the first of it, and what comes again is found there and held
 * against what comes next. Everything else is stepped through to the end of
 * the years known, or of the rule.
 *
 * A rule that can never be met costs libical eighteen thousand years of looking:
 * half a second by the day or month, eight by the hour. So hours that depend
 * on something are refused before it sees them, and a rule that gives nothing
 * is refused when it has: a file can make it look in vain once. What else
 * rules cost is counted before it is spent.
 */
#include "time/ics_inside.h"
#include "time/shown.h"

/* Nanoseconds that stepping through the rules of one file may take, by what a step was measured to take. */
#define MOST_LOOKED UINT64_C(4000000000)

typedef struct gathering {
	apl_ics_reading *r;
	const apl_ics_raw *raw;
	bool found_none; /* libical never gave anything, not even what is too late */
	apl_wall *starts;
	uint32_t count, capacity;
	uint32_t most;      /* of the rule's COUNT */
	apl_wall last;      /* no start after it */
	apl_wall period;    /* 0: none to be found */
	uint32_t in_period; /* starts within the first */
	bool does_repeat;
} gathering;

static bool gather(apl_wall start, void *payload) {
	gathering *g = payload;
	apl_ics_reading *r = g->r;
	g->found_none = false;
	if (g->count >= g->most || start > g->last) return false;
	if (g->count > 0 && start <= g->starts[g->count - 1]) return true; /* a start is one, however often a list names it */
	if (++r->starts > APL_ICS_MOST_STARTS || (g->period > 0 && g->count > 2 * APL_ICS_MOST_AGAIN)) {
		apl_ics_refuse(r, "ics-limit", g->raw->rule_line, "this rule repeats more often than can be kept");
		return false;
	}
	if (!APL_GROW(&r->out->alloc, g->starts, g->count, g->capacity)) {
		apl_ics_no_memory(r);
		return false;
	}
	g->starts[g->count++] = start;
	if (g->period == 0) return true;
	apl_wall since = start - g->starts[0];
	if (since < g->period) {
		g->in_period = g->count;
		return true;
	}
	if (since < 2 * g->period) return true;
	/* Two rounds are there: is the second the first again? */
	bool is_again = g->count - 1 == 2 * g->in_period;
	for (uint32_t i = 0; is_again && i < g->in_period; i++) is_again = g->starts[g->in_period + i] == g->starts[i] + g->period;
	g->does_repeat = is_again;
	if (!is_again) g->period = 0; /* it does not; so it is stepped through */
	return !is_again;
}

/* The latest wall time that is not after what UNTIL says, and that calendars know. */
static apl_wall last_of(const apl_ical_rule *rule, const apl_zone *zone) {
	const apl_wall known = APL_ZONE_END + APL_DAY;
	if (!rule->has_until) return known;
	apl_wall until = rule->until.wall;
	if (rule->until.is_date) until += APL_DAY - 1;
	/* An hour later on the clock may be the same hour again, and is not after it then: see too_late. */
	if (rule->until.is_utc) until = apl_zone_wall(zone, until) + APL_DAY;
	return until < known ? until : known;
}

/* UNTIL is an instant: is this start after it? */
static bool is_too_late(const apl_ical_rule *rule, const apl_ics_event *event, apl_wall start) {
	if (!rule->has_until || !rule->until.is_utc) return false;
	/* Of dates the date counts: an UNTIL at midnight, as many write it, means that day. */
	if (event->is_all_day) return start > (apl_wall)apl_wall_date(rule->until.wall) * APL_DAY;
	return apl_zone_instant(event->zone, start) > rule->until.wall;
}

/* Nanoseconds until the rule is stepped through; what repeats week by week is not. */
static uint64_t cost_of(const apl_ical_rule *rule, apl_wall first, apl_wall last) {
	static const uint32_t a_year[] = {
	    [APL_ICAL_DAILY] = 366 * 100, [APL_ICAL_WEEKLY] = 53 * 1000, [APL_ICAL_MONTHLY] = 12 * 2200, [APL_ICAL_YEARLY] = 5000};
	if (rule->frequency == APL_ICAL_HOURLY || last < first) return 0;
	if (!rule->has_dates && rule->frequency <= APL_ICAL_WEEKLY) return 0;
	return (uint64_t)a_year[rule->frequency] * (uint64_t)((last - first) / (366 * APL_DAY) + 1) / (uint32_t)rule->interval;
}

static int check_rule(apl_ics_reading *r, const apl_ics_raw *raw, const apl_ical_rule *rule, apl_wall last) {
	uint32_t line = raw->rule_line;
	if (!rule->is_gregorian) return apl_ics_refuse(r, "ics-rule", line, "the rule counts by another calendar (RSCALE) than the Gregorian");
	if (rule->frequency == APL_ICAL_OTHER)
		return apl_ics_refuse(r, "ics-rule", line, "the rule repeats by the minute or second; hours are the least that can be read");
	if (rule->frequency == APL_ICAL_HOURLY && (rule->has_days || rule->has_dates || rule->has_times))
		return apl_ics_refuse(
		    r, "ics-rule", line, "a rule by the hour says also on which days or hours; say it by the day: FREQ=DAILY;BYHOUR=…");
	r->looked += cost_of(rule, raw->start.at.wall, last);
	if (r->looked > MOST_LOOKED)
		return apl_ics_refuse(r, "ics-limit", line,
		    "with this rule, the rules of this file would take too long to step through; give those that are over an UNTIL");
	return APLOMB_OK;
}

static void keep_starts(gathering *g, const apl_ical_rule *rule, apl_ics_event *event) {
	uint32_t kept = g->does_repeat ? g->in_period : g->count;
	if (kept == 0) return;
	apl_wall *starts = apl_arena_take(&g->r->out->arena, (kept + 1) * sizeof *starts);
	if (starts == NULL) {
		apl_ics_no_memory(g->r);
		return;
	}
	memcpy(starts, g->starts, kept * sizeof *starts);
	g->r->starts -= g->count - kept;
	event->starts = starts;
	event->n_starts = event->total = kept;
	event->period = g->does_repeat ? g->period : 0;
	if (g->does_repeat) {
		uint64_t rounds = (uint64_t)((g->last - starts[0]) / g->period) + 1;
		event->total = (uint32_t)(rounds * kept < UINT32_MAX ? rounds * kept : UINT32_MAX);
		event->total = apl_ics_find(event, g->last + 1);
		if (event->total > g->most) event->total = g->most;
	}
	while (event->total > 0 && is_too_late(rule, event, apl_ics_start(event, event->total - 1))) event->total--;
	if (event->period == 0) event->n_starts = event->total;
}

int apl_ics_rule(apl_ics_reading *r, const apl_ics_raw *raw, apl_ics_event *event) {
	char shown[APL_SHOWN];
	apl_ical_rule rule;
	if (!apl_ical_rule_read(r->ical, raw->rule, &rule))
		return apl_ics_refuse(
		    r, "ics-rule", raw->rule_line, "the rule \"%s\" cannot be read", apl_shown(raw->rule, strlen(raw->rule), shown));
	gathering g = {.r = r,
	    .raw = raw,
	    .most = rule.count > 0 ? (uint32_t)rule.count : UINT32_MAX,
	    .last = last_of(&rule, event->zone),
	    .found_none = true};
	if (check_rule(r, raw, &rule, g.last) != APLOMB_OK) return r->code;
	if (rule.frequency <= APL_ICAL_WEEKLY && !rule.has_dates) g.period = 7 * APL_DAY * rule.interval;
	bool is_rule = apl_ical_starts(r->ical, raw->rule, &raw->start.at, gather, &g);
	if (!is_rule && r->code == APLOMB_OK)
		apl_ics_refuse(
		    r, "ics-rule", raw->rule_line, "the rule \"%s\" puts together what cannot be", apl_shown(raw->rule, strlen(raw->rule), shown));
	if (is_rule && g.count == 0 && g.found_none && r->code == APLOMB_OK)
		apl_ics_refuse(r, "ics-rule", raw->rule_line, "the rule \"%s\" is never met", apl_shown(raw->rule, strlen(raw->rule), shown));
	if (r->code == APLOMB_OK) keep_starts(&g, &rule, event);
	if (g.starts != NULL) apl_free(&r->out->alloc, g.starts, g.capacity * sizeof *g.starts);
	return r->code;
}
