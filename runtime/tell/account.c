/* SPDX-License-Identifier: MIT */
/*
 * Decides how the account of a clock looks: a line for each stretch, with what
 * it counted and the sum so far, below the day it begins on. Times are those of
 * the calendar's zone; spans are exact, so that anybody can add them up.
 */
#include "tell/account.h"

#include <string.h>

#include "tell/json.h"
#include "tell/wall.h"

enum { HOUR_AND_RANGE = 27, REASON = 22, COUNTED = 12 };

typedef struct telling {
	const tell_screen *screen;
	const aplomb_calendar *calendar; /* whose zone's time is told; NULL: UTC */
	char day[96];                    /* the heading that stands above */
	bool is_ahead;                   /* what is told now has not happened */
} telling;

/* ---- time ------------------------------------------------------------------------ */

/* As the clock on the wall shows it; without a calendar in UTC. */
static aplomb_wall wall_of(const aplomb_calendar *calendar, aplomb_instant at) {
	aplomb_wall wall = APLOMB_WALL_INIT;
	return calendar != NULL && aplomb_calendar_wall(calendar, at, &wall, NULL) == APLOMB_OK ? wall : tell_wall_utc(at);
}

static const char *write_instant(const aplomb_calendar *calendar, aplomb_instant at, char out[TELL_WALL]) {
	const aplomb_wall wall = wall_of(calendar, at);
	return tell_wall(&wall, out);
}

/* Exactly, and in nothing longer than hours: "40h", "1h30m", "1.000001s"; a day is another thing in business time. */
static const char *write_span(aplomb_span span, char out[64]) {
	const int64_t hours = span / INT64_C(3600000000), minutes = span / 60000000 % 60, micros = span % 60000000;
	size_t used = 0;
	out[0] = '\0';
	if (hours > 0) used += (size_t)snprintf(out, 64, "%lldh", (long long)hours);
	if (minutes > 0) used += (size_t)snprintf(out + used, 64 - used, "%lldm", (long long)minutes);
	if (micros % 1000000 != 0)
		snprintf(out + used, 64 - used, "%lld.%06llds", (long long)(micros / 1000000), (long long)(micros % 1000000));
	else if (micros != 0)
		snprintf(out + used, 64 - used, "%llds", (long long)(micros / 1000000));
	if (out[0] == '\0') snprintf(out, 64, "0");
	return out;
}

/* ---- lines ------------------------------------------------------------------------- */

static void put_day(telling *t, aplomb_instant at) {
	const aplomb_wall wall = wall_of(t->calendar, at);
	char day[96], offset[TELL_OFFSET];
	snprintf(day, sizeof day, "%.3s %d %s %d (%s)", tell_weekday(wall.weekday), (int)wall.day, tell_month(wall.month), (int)wall.year,
	    tell_wall_offset(&wall, offset));
	if (strcmp(day, t->day) == 0) return;
	memcpy(t->day, day, sizeof day);
	tell_print(t->screen, "\n");
	tell_print_styled(t->screen, TELL_STRONG, "%s", day);
	tell_print(t->screen, "\n");
}

static void put_cell(const telling *t, const char *text, int columns) {
	tell_put_text(t->screen, text, strlen(text), columns);
}

/* "08:00 to 17:00", or "17:00 to Mon 23 Nov 08:00": of another day it says which. */
static void write_range(const telling *t, const aplomb_account_line *line, char out[128]) {
	aplomb_wall from = wall_of(t->calendar, line->from), until = wall_of(t->calendar, line->until);
	char begins[TELL_TIME], ends[TELL_TIME];
	tell_wall_time(&from, begins);
	tell_wall_time(&until, ends);
	if (from.year == until.year && from.month == until.month && from.day == until.day)
		snprintf(out, 128, "%s to %s", begins, ends);
	else
		snprintf(out, 128, "%s to %.3s %d %.3s %s", begins, tell_weekday(until.weekday), (int)until.day, tell_month(until.month), ends);
}

static const char *reason_of(const aplomb_account_line *line) {
	switch (line->kind) {
	case APLOMB_ACCOUNT_OPEN: return line->calendar != NULL ? "open" : "counts";
	case APLOMB_ACCOUNT_CLOSED: return "closed";
	case APLOMB_ACCOUNT_HOLIDAY: return "holiday";
	case APLOMB_ACCOUNT_EXCEPTION: return "closed, by exception";
	case APLOMB_ACCOUNT_PAUSED: return "paused";
	default: return "";
	}
}

static void put_stretch(const telling *t, const aplomb_account_line *line) {
	char range[128], counted[64], sum[64];
	write_range(t, line, range);
	tell_style_set(t->screen, line->kind == APLOMB_ACCOUNT_OPEN ? TELL_PLAIN : TELL_FAINT);
	tell_print(t->screen, "  ");
	const bool is_wide = tell_width(range, strlen(range)) >= HOUR_AND_RANGE;
	if (is_wide) {
		put_cell(t, range, -1);
		tell_print(t->screen, "\n  ");
	}
	put_cell(t, is_wide ? "" : range, HOUR_AND_RANGE);
	put_cell(t, reason_of(line), REASON);
	put_cell(t, line->counted > 0 ? write_span(line->counted, counted) : "-", COUNTED);
	tell_print(t->screen, "%s", write_span(line->elapsed, sum));
	tell_style_set(t->screen, TELL_PLAIN);
	tell_print(t->screen, "\n");
	const char *more = line->states != NULL ? line->states : line->name;
	if (more == NULL) return;
	tell_page page = {t->screen, 2 + HOUR_AND_RANGE, 0, false};
	tell_print(t->screen, "%*s", page.indent, "");
	page.column = page.indent;
	if (line->states != NULL) {
		tell_page_text(&page, "in");
		page.wants_space = true;
	}
	tell_page_text(&page, more);
	tell_page_end(&page);
}

static void say(tell_page *page, const char *text) {
	page->wants_space = page->column > page->indent;
	tell_page_text(page, text);
}

static void put_event(const telling *t, const aplomb_account_line *line) {
	static const char *const words[] = {[APLOMB_ACCOUNT_STARTS] = "runs",
	    [APLOMB_ACCOUNT_STOPS] = "stops",
	    [APLOMB_ACCOUNT_MOVES] = "moved",
	    [APLOMB_ACCOUNT_RESTARTS] = "begins anew",
	    [APLOMB_ACCOUNT_WARNS] = "warning",
	    [APLOMB_ACCOUNT_BREACHES] = "breached",
	    [APLOMB_ACCOUNT_ENDS] = "the case is closed",
	    [APLOMB_ACCOUNT_DEADLINE] = "deadline",
	    [APLOMB_ACCOUNT_RECOUNTS] = "counted by version"};
	const aplomb_wall wall = wall_of(t->calendar, line->from);
	char time[TELL_TIME], span[64], text[128];
	tell_wall_time(&wall, time);
	tell_page page = {t->screen, 2 + 8, 0, false};
	tell_print(t->screen, "  %-7s ", time);
	page.column = page.indent;
	tell_style_set(t->screen, line->kind == APLOMB_ACCOUNT_DEADLINE || line->kind == APLOMB_ACCOUNT_BREACHES ? TELL_BAD : TELL_STATE);
	say(&page, words[line->kind]);
	tell_style_set(t->screen, TELL_PLAIN);
	if (line->states != NULL) {
		say(&page, "in");
		say(&page, line->states);
	}
	if (line->kind == APLOMB_ACCOUNT_RECOUNTS && line->name != NULL) {
		snprintf(text, sizeof text, "%.12s of its calendar from here on", line->name);
		say(&page, text);
	}
	if (line->kind == APLOMB_ACCOUNT_WARNS && line->name != NULL) {
		say(&page, strchr(line->name, '%') != NULL ? "at" : "before the target by");
		say(&page, line->name);
	}
	if (line->kind == APLOMB_ACCOUNT_MOVES || line->kind == APLOMB_ACCOUNT_DEADLINE) {
		say(&page, line->kind == APLOMB_ACCOUNT_MOVES ? "to" : "of");
		if (line->target != NULL) say(&page, line->target);
		if (line->kind == APLOMB_ACCOUNT_DEADLINE) {
			snprintf(text, sizeof text, "reached: the lines above come to %s", write_span(line->elapsed, span));
			say(&page, text);
		}
	}
	if (line->because != NULL) {
		say(&page, "because");
		say(&page, line->because);
	}
	if (line->entry != 0) {
		snprintf(text, sizeof text, "(entry %llu)", (unsigned long long)line->entry);
		say(&page, text);
	}
	tell_page_end(&page);
}

static void put_line(const aplomb_account_line *line, void *payload) {
	telling *t = payload;
	if (line->is_ahead && !t->is_ahead) {
		t->is_ahead = true;
		tell_print_styled(t->screen, TELL_FAINT, "  ... and so it will go on, if the case stays where it is:");
		tell_print(t->screen, "\n");
	}
	put_day(t, line->from);
	if (line->kind <= APLOMB_ACCOUNT_PAUSED)
		put_stretch(t, line);
	else
		put_event(t, line);
}

/* ---- around them --------------------------------------------------------------------- */

static void put_member(const tell_screen *screen, const char *label, const char *text) {
	tell_page page = {screen, 10, 0, false};
	tell_print(screen, "%-10s", label);
	page.column = 10;
	tell_page_text(&page, text);
	tell_page_end(&page);
}

static void put_head(const telling *t, const aplomb_account_sum *sum) {
	char text[512], span[64];
	tell_style_set(t->screen, TELL_STRONG);
	put_cell(t, sum->clock, -1);
	tell_style_set(t->screen, TELL_PLAIN);
	if (sum->target_text != NULL) tell_print(t->screen, "  %s", sum->target_text);
	if (sum->target_text != NULL && sum->has_begun) tell_print(t->screen, ", which is %s", write_span(sum->target, span));
	tell_print(t->screen, "\n");
	put_member(t->screen, "runs in", sum->runs_in);
	if (sum->calendar != NULL)
		snprintf(text, sizeof text, "%.100s, %.100s, version %.12s, zone data %.12s", sum->calendar_name,
		    aplomb_calendar_zone(sum->calendar), sum->calendar_version, aplomb_calendar_zone_version(sum->calendar));
	else
		snprintf(text, sizeof text, "none: it counts the clock's time, told in UTC");
	put_member(t->screen, "calendar", text);
}

static void put_end(const telling *t, const aplomb_account_sum *sum) {
	char text[512], at[128], elapsed[64], left[64];
	write_span(sum->elapsed, elapsed);
	write_span(sum->left, left);
	tell_print(t->screen, "\n");
	if (!sum->has_begun) {
		put_member(
		    t->screen, "so far", sum->is_over ? "it never ran, and the case is closed" : "it does not run yet, and nothing is counted");
		return;
	}
	if (sum->has_deadline) put_member(t->screen, "deadline", write_instant(t->calendar, sum->deadline, at));
	char target[64], when[128];
	snprintf(text, sizeof text, "%s of %s by %s", elapsed, write_span(sum->target, target), write_instant(t->calendar, sum->at, when));
	put_member(t->screen, "counted", text);
	const char *label = "left";
	if (sum->is_breached) {
		label = "breached";
		snprintf(text, sizeof text, "%s",
		    sum->is_over      ? "and the case is closed"
		    : sum->is_running ? "and it counts on"
		                      : "and it does not run now");
	} else if (sum->is_over) {
		snprintf(text, sizeof text, "%s, when the case was closed", left);
	} else if (sum->is_running) {
		snprintf(text, sizeof text, "%s, and the deadline stands if the case stays where it is", left);
	} else {
		snprintf(text, sizeof text, "%s; it waits for the case to be in %.300s", left, sum->runs_in);
	}
	put_member(t->screen, label, text);
}

int tell_account(const tell_screen *screen, aplomb_account *account, const aplomb_instant *at, aplomb_error *error) {
	aplomb_account_sum sum = APLOMB_ACCOUNT_SUM_INIT;
	int code = aplomb_account_tell(account, at, NULL, NULL, &sum, error);
	if (code != APLOMB_OK) return code;
	telling t = {.screen = screen, .calendar = sum.calendar};
	put_head(&t, &sum);
	code = aplomb_account_tell(account, at, put_line, &t, NULL, error);
	if (code == APLOMB_OK) put_end(&t, &sum);
	return code;
}

/* ---- for programs ---------------------------------------------------------------------- */

/* What is not known is left out. */
static void put_json_text(const tell_screen *screen, const char *name, const char *text) {
	if (text != NULL) tell_json_text_member(screen, name, text);
}

typedef struct json_telling {
	const tell_screen *screen;
	const char *version; /* of the calendar that counts in the end; or NULL */
	bool has_one;
} json_telling;

static void put_json_line(const aplomb_account_line *line, void *payload) {
	static const char *const kinds[] = {"open", "closed", "holiday", "exception", "paused", "starts", "stops", "moves", "restarts", "warns",
	    "breaches", "ends", "deadline", "recounts"};
	json_telling *t = payload;
	const tell_screen *screen = t->screen;
	tell_print(screen, "%s{\"what\":\"%s\"", t->has_one ? "," : "", kinds[line->kind]);
	t->has_one = true;
	tell_json_instant_member(screen, line->until != line->from ? "from" : "at", line->from);
	if (line->until != line->from) tell_json_instant_member(screen, "until", line->until);
	if (line->kind <= APLOMB_ACCOUNT_PAUSED) tell_print(screen, ",\"counted_us\":%lld", (long long)line->counted);
	tell_print(screen, ",\"elapsed_us\":%lld", (long long)line->elapsed);
	if (line->is_ahead) tell_print(screen, ",\"ahead\":true");
	/* A stretch that an earlier version counted. */
	const char *version = line->kind < APLOMB_ACCOUNT_PAUSED ? aplomb_calendar_version(line->calendar) : NULL;
	if (version != NULL && t->version != NULL && strcmp(version, t->version) != 0) put_json_text(screen, "calendar_version", version);
	put_json_text(screen,
	    line->kind == APLOMB_ACCOUNT_WARNS      ? "threshold"
	    : line->kind == APLOMB_ACCOUNT_RECOUNTS ? "calendar_version"
	                                            : "name",
	    line->name);
	put_json_text(screen, "states", line->states);
	put_json_text(screen, "target", line->target);
	put_json_text(screen, "because", line->because);
	if (line->entry != 0) tell_print(screen, ",\"entry\":%llu", (unsigned long long)line->entry);
	tell_print(screen, "}");
}

int tell_account_json(const tell_screen *screen, aplomb_account *account, const aplomb_instant *at, aplomb_error *error) {
	aplomb_account_sum sum = APLOMB_ACCOUNT_SUM_INIT;
	int code = aplomb_account_tell(account, at, NULL, NULL, &sum, error);
	if (code != APLOMB_OK) return code;
	json_telling t = {screen, sum.calendar_version, false};
	tell_print(screen, "{\"v\":1");
	put_json_text(screen, "clock", sum.clock);
	tell_json_instant_member(screen, "at", sum.at);
	tell_print(screen, ",\"begun\":%s,\"running\":%s,\"breached\":%s,\"closed\":%s", sum.has_begun ? "true" : "false",
	    sum.is_running ? "true" : "false", sum.is_breached ? "true" : "false", sum.is_over ? "true" : "false");
	if (sum.has_deadline) tell_json_instant_member(screen, "deadline", sum.deadline);
	tell_print(screen, ",\"elapsed_us\":%lld,\"target_us\":%lld,\"left_us\":%lld", (long long)sum.elapsed, (long long)sum.target,
	    (long long)sum.left);
	put_json_text(screen, "target", sum.target_text);
	put_json_text(screen, "calendar", sum.calendar_name);
	put_json_text(screen, "calendar_version", sum.calendar_version);
	if (sum.calendar != NULL) {
		put_json_text(screen, "zone", aplomb_calendar_zone(sum.calendar));
		put_json_text(screen, "zone_version", aplomb_calendar_zone_version(sum.calendar));
	}
	put_json_text(screen, "runs_in", sum.runs_in);
	put_json_text(screen, "states", sum.states);
	tell_print(screen, ",\"lines\":[");
	code = aplomb_account_tell(account, at, put_json_line, &t, NULL, error);
	tell_print(screen, "]}\n");
	return code;
}
