/* SPDX-License-Identifier: MIT */
/* Decides what it means to wait: time is turned, and everything that is due on the way happens at its own time. */
#include <string.h>

#include "repl/complete.h"

static int wait_until(repl *r, aplomb_instant at) {
	if (repl_wait_until(r, at) != REPL_DONE) return REPL_FAILED;
	if (r->case_id == NULL) {
		char day[40], text[32];
		tell_day_words(aplomb_now(r->rt), day);
		aplomb_instant_write(aplomb_now(r->rt), text);
		repl_say(r, "It is %s, %s, and no case is open.", day, text + 11);
	}
	repl_moved(r);
	return REPL_DONE;
}

static int run_wait(repl *r, const char *rest) {
	aplomb_span span;
	aplomb_error error;
	if (*rest == '\0') return repl_fail(r, "wait: how long? `wait 10m`, `wait 2d`; or until when: `wait until 2026-03-02T12:00:00Z`");
	if (aplomb_span_read(rest, &span, &error) != APLOMB_OK) return repl_fail(r, "wait: %s", error.message);
	aplomb_instant now = aplomb_now(r->rt);
	if (span > INT64_MAX - now) return repl_fail(r, "wait: that is beyond the year 9999");
	return wait_until(r, now + span);
}

/* "14:30" and "14:30:00" are the next such time. */
static bool read_clock(const char *text, aplomb_instant now, aplomb_instant *at) {
	const aplomb_instant second = 1000000, day = 86400 * second;
	int hour, minute, seconds = 0, used = 0;
	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || used != 5) return false;
	if (text[5] == ':' && (sscanf(text + 5, ":%2d%n", &seconds, &used) != 1 || used != 3)) return false;
	if (text[5] != '\0' && (text[5] != ':' || text[8] != '\0')) return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || seconds < 0 || seconds > 59) return false;
	aplomb_instant midnight = now - (now % day + day) % day;
	*at = midnight + ((aplomb_instant)hour * 3600 + minute * 60 + seconds) * second;
	if (*at <= now) *at += day;
	return true;
}

bool repl_read_time(const char *text, aplomb_instant now, aplomb_instant *at, aplomb_error *error) {
	return read_clock(text, now, at) || aplomb_instant_read(text, at, error) == APLOMB_OK;
}

static int run_wait_until(repl *r, const char *rest) {
	aplomb_instant at;
	aplomb_error error;
	if (*rest == '\0')
		return repl_fail(r, "wait until: when? `wait until 14:30` is the next such time, `wait until 2026-03-04T09:00:00Z` any");
	if (!repl_read_time(rest, aplomb_now(r->rt), &at, &error))
		return repl_fail(r, "wait until: %s; a time of the day is written 14:30", error.message);
	if (at < aplomb_now(r->rt)) {
		char now[32];
		aplomb_instant_write(aplomb_now(r->rt), now);
		return repl_fail(r, "wait until: it is %s already. Time goes forward; `back` goes back in what has happened.", now);
	}
	return wait_until(r, at);
}

static int run_next(repl *r, const char *rest) {
	aplomb_instant due;
	if (*rest != '\0') return repl_fail(r, "next: takes nothing; `wait %s` waits that long", rest);
	if (!aplomb_next_due(r->rt, &due)) return repl_fail(r, "Nothing is due: no timer is armed.");
	aplomb_instant now = aplomb_now(r->rt);
	return wait_until(r, due > now ? due : now);
}

const repl_command repl_cmd_wait = {
    .name = "wait",
    .form = "wait SPAN",
    .sentence = "Lets time pass, and what is due on the way happen.",
    .group = REPL_PLAY,
    .run = run_wait,
    .about = "A span is written 90s, 10m, 2h30m, 2d. Timers fire at their own times, in their order.",
};

const repl_command repl_cmd_wait_until = {
    .name = "wait until",
    .form = "wait until TIME",
    .sentence = "The same, up to a time.",
    .group = REPL_PLAY,
    .run = run_wait_until,
    .complete = repl_complete_due,
    .about =
        "A time of the day (14:30, 14:30:15) is the next such time in UTC; an instant is written 2026-03-04T09:00:00Z. Before the case is "
        "open, it says when the conversation begins; without it, on Monday 2 March 2026 at nine.",
};

const repl_command repl_cmd_next = {
    .name = "next",
    .form = "next",
    .sentence = "Goes to the next thing that happens by itself.",
    .group = REPL_PLAY,
    .run = run_next,
};
