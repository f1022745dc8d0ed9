/* SPDX-License-Identifier: MIT */
/*
 * Decides how a clock's time is accounted for, out of the lines of its case's
 * journal and the calendars of its playbook: a line for every stretch that
 * counted, and for every stretch that did not and why, from the clock's
 * beginning to its deadline. What a clock counts, and when, was decided by room
 * engine and is only read here; each sum that the journal names is checked.
 */
#include <stdio.h>
#include <string.h>

#include "api/document.h"
#include "api/runtime.h"
#include "time/instant.h"

/* What the journal says of the clock, or of where its case is. */
typedef struct mark {
	aplomb_account_kind kind; /* PAUSED: the case is in [states] from then on; CLOSED: the case is closed */
	aplomb_instant at;
	uint64_t entry;
	const char *states, *because, *target, *threshold;
	const char *calendar, *version; /* NULL: the clock's own time */
	aplomb_span length;             /* of the target, as it is counted */
	bool has_elapsed, has_deadline, has_begun;
	aplomb_span elapsed;
	aplomb_instant deadline;
} mark;

/* A version that the journal defines. */
typedef struct defined {
	struct defined *next;
	apl_calendar *calendar;
} defined;

struct aplomb_account {
	aplomb_runtime *rt;
	const apl_program *program;
	const char *clock;
	const char *runs_in;
	apl_arena texts;
	mark *marks;
	uint32_t count, capacity;
	defined *calendars; /* that took the place of the playbook's while the case was open */
	bool has_begun;
	bool has_last;
	aplomb_instant last; /* the newest entry's */
};

/* ---- reading ------------------------------------------------------------------ */

static int find_clock(const apl_program *program, const char *name, const char **out, aplomb_error *error) {
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	char hint[160];
	for (uint32_t i = 0; i < program->chart->n_clocks; i++) {
		const char *known = program->chart->clocks[i].name;
		*out = known;
		if (strcmp(known, name) == 0) return APLOMB_OK;
		apl_nearest_try(&nearest, known);
	}
	if (program->chart->n_clocks == 0)
		return apl_fail(
		    error, APLOMB_ENOTFOUND, "unknown-clock", "playbook \"%s\" declares no clock, so there is no \"%.100s\"", program->id, name);
	return apl_fail(error, APLOMB_ENOTFOUND, "unknown-clock", "playbook \"%s\" has no clock \"%.100s\"%s", program->id, name,
	    apl_nearest_hint(&nearest, hint, sizeof hint));
}

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

static bool is_text(const char *text, const char *other) {
	return text != NULL && strcmp(text, other) == 0;
}

/* A copy that lives as long as the account; of NULL it is NULL. false: no memory. */
static bool keep(aplomb_account *account, const char *text, const char **out) {
	*out = text != NULL ? apl_arena_text(&account->texts, text, strlen(text)) : NULL;
	return text == NULL || *out != NULL;
}

/* The states in which it runs. */
static bool keep_runs_in(aplomb_account *account) {
	const apl_chart *chart = account->program->chart;
	uint32_t number = apl_chart_clock(chart, account->clock, strlen(account->clock));
	apl_buf all;
	apl_buf_init(&all, &account->rt->alloc);
	for (uint32_t i = 0; i < chart->n_states; i++) {
		/* What stands within one of them is one of them, too, and goes without saying. */
		const uint32_t parent = chart->states[i].parent;
		const uint64_t *set = chart->clocks[number].states;
		if (!apl_set_has(set, i) || (parent != APL_NONE && apl_set_has(set, parent))) continue;
		if (all.size > 0) apl_buf_text(&all, ", ");
		apl_buf_text(&all, chart->states[i].path);
	}
	const char *text = apl_buf_terminate(&all);
	bool is_kept = !all.failed && keep(account, text, &account->runs_in);
	apl_buf_dispose(&all);
	return is_kept;
}

int aplomb_account_open(aplomb_account **out, aplomb_runtime *rt, const aplomb_playbook *playbook, const char *clock, aplomb_error *error) {
	static const char call[] = "aplomb_account_open";
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK) return code;
	if (out == NULL) return apl_fail_null(error, call, "out");
	if (playbook == NULL) return apl_fail_null(error, call, "playbook");
	if (clock == NULL) return apl_fail_null(error, call, "clock");
	const apl_program *program = apl_program_of(playbook);
	const char *name = NULL;
	code = find_clock(program, clock, &name, error);
	if (code != APLOMB_OK) return code;
	aplomb_account *account = apl_new(&rt->alloc, sizeof *account);
	if (account == NULL) return apl_fail_memory(error);
	account->rt = rt;
	account->program = program;
	account->clock = name;
	apl_arena_init(&account->texts, &rt->alloc);
	if (!keep_runs_in(account)) {
		aplomb_account_close(account);
		return apl_fail_memory(error);
	}
	*out = account;
	return APLOMB_OK;
}

void aplomb_account_close(aplomb_account *account) {
	if (account == NULL) return;
	const apl_alloc alloc = account->rt->alloc;
	while (account->calendars != NULL) {
		defined *gone = account->calendars;
		account->calendars = gone->next;
		apl_calendar_free(gone->calendar);
		apl_free(&alloc, gone, sizeof *gone);
	}
	apl_arena_dispose(&account->texts);
	apl_free(&alloc, account->marks, account->capacity * sizeof *account->marks);
	apl_free(&alloc, account, sizeof *account);
}

static bool keep_states(aplomb_account *account, aplomb_value active, const char **out) {
	apl_buf all;
	apl_buf_init(&all, &account->rt->alloc);
	size_t count = aplomb_value_count(active);
	for (size_t i = 0; i < count; i++) {
		const char *path = aplomb_value_text(aplomb_value_at(active, i, NULL), NULL);
		if (i > 0) apl_buf_text(&all, ", ");
		apl_buf_text(&all, path != NULL ? path : "?");
	}
	const char *text = apl_buf_terminate(&all);
	bool is_kept = !all.failed && keep(account, text, out);
	apl_buf_dispose(&all);
	return is_kept;
}

static bool add(aplomb_account *account, const mark *m) {
	if (!APL_GROW(&account->rt->alloc, account->marks, account->count, account->capacity)) return false;
	account->marks[account->count++] = *m;
	return true;
}

/* "80 %" of the target, or the span before it. */
static bool keep_threshold(aplomb_account *account, aplomb_value item, const char **out) {
	aplomb_value fraction = aplomb_value_get(item, "fraction");
	char text[64];
	if (aplomb_value_kind(fraction) == APLOMB_ABSENT) return keep(account, text_of(item, "before"), out);
	/* To a millionth, as thresholds are counted; without asking a locale how it writes a fraction. */
	const int64_t millionths = (int64_t)(aplomb_value_number(fraction) * 1e6 + 0.5);
	int size = snprintf(text, sizeof text, "%lld.%04lld", (long long)(millionths / 10000), (long long)(millionths % 10000));
	while (text[size - 1] == '0') size--;
	if (text[size - 1] == '.') size--;
	snprintf(text + size, sizeof text - (size_t)size, " %%");
	return keep(account, text, out);
}

static bool read_instant(aplomb_value item, const char *key, aplomb_instant *out) {
	size_t size = 0;
	const char *text = aplomb_value_text(aplomb_value_get(item, key), &size);
	return text != NULL && apl_instant_read(text, size, out, NULL) == APLOMB_OK;
}

static bool note_clock(aplomb_account *account, aplomb_value item, mark m) {
	static const struct {
		const char *what;
		aplomb_account_kind kind;
	} kinds[] = {{"start", APLOMB_ACCOUNT_STARTS}, {"stop", APLOMB_ACCOUNT_STOPS}, {"end", APLOMB_ACCOUNT_ENDS},
	    {"move", APLOMB_ACCOUNT_MOVES}, {"restart", APLOMB_ACCOUNT_RESTARTS}, {"warn", APLOMB_ACCOUNT_WARNS},
	    {"breach", APLOMB_ACCOUNT_BREACHES}, {"recount", APLOMB_ACCOUNT_RECOUNTS}};
	const char *what = text_of(item, "what");
	size_t i = 0;
	while (i < sizeof kinds / sizeof *kinds && !is_text(what, kinds[i].what)) i++;
	if (i == sizeof kinds / sizeof *kinds) return true; /* of a newer version: nothing is known of it, and no sum will lack it unseen */
	m.kind = kinds[i].kind;
	if (m.kind == APLOMB_ACCOUNT_STARTS) account->has_begun = true;
	m.has_begun = account->has_begun;
	if (m.kind == APLOMB_ACCOUNT_RESTARTS) account->has_begun = false;
	m.has_elapsed = aplomb_value_kind(aplomb_value_get(item, "elapsed_us")) == APLOMB_INTEGER;
	m.elapsed = aplomb_value_integer(aplomb_value_get(item, "elapsed_us"));
	m.length = aplomb_value_integer(aplomb_value_get(item, "target_us"));
	m.has_deadline = read_instant(item, "deadline", &m.deadline);
	/* Why a calendar is another is said of the whole entry. */
	const char *because = text_of(item, "because");
	return (because == NULL || keep(account, because, &m.because)) && keep(account, text_of(item, "target"), &m.target) &&
	       keep(account, text_of(item, "calendar"), &m.calendar) && keep(account, text_of(item, "calendar_version"), &m.version) &&
	       keep_threshold(account, item, &m.threshold) && add(account, &m);
}

/* The calendar of an entry that changes one. */
static int note_calendar(aplomb_account *account, aplomb_value cause, mark *m, aplomb_error *error) {
	aplomb_value definition = aplomb_value_get(cause, "definition");
	if (aplomb_value_kind(definition) != APLOMB_MAP) return APLOMB_OK;
	if (!keep(account, text_of(cause, "because"), &m->because)) return apl_fail_memory(error);
	apl_buf text;
	apl_buf_init(&text, &account->rt->alloc);
	apl_json_write(&text, &definition.json->tape, definition.cell);
	apl_calendar *calendar = NULL;
	int code = text.failed ? apl_fail_memory(error) : apl_calendar_read(&calendar, &account->rt->alloc, text.bytes, text.size, error);
	apl_buf_dispose(&text);
	if (code != APLOMB_OK) return code;
	defined *one = apl_new(&account->rt->alloc, sizeof *one);
	if (one == NULL) {
		apl_calendar_free(calendar);
		return apl_fail_memory(error);
	}
	*one = (defined){account->calendars, calendar};
	account->calendars = one;
	return APLOMB_OK;
}

/* Where the case is from this entry on: before what the clock did in it, for it did so because of that. */
static bool note_states(aplomb_account *account, aplomb_value items, mark m) {
	size_t count = aplomb_value_count(items);
	for (size_t i = 0; i < count; i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = text_of(item, "do");
		m.kind = APLOMB_ACCOUNT_PAUSED;
		if (is_text(what, "state") && (!keep_states(account, aplomb_value_get(item, "active"), &m.states) || !add(account, &m)))
			return false;
	}
	return true;
}

int aplomb_account_note(aplomb_account *account, aplomb_value entry, aplomb_error *error) {
	if (account == NULL) return apl_fail_null(error, "aplomb_account_note", "account");
	mark m = {.entry = (uint64_t)aplomb_value_integer(aplomb_value_get(entry, "seq"))};
	size_t size = 0;
	const char *written = aplomb_value_text(aplomb_value_get(entry, "at"), &size);
	if (written == NULL) return APLOMB_OK; /* the head: nothing has happened */
	int code = apl_instant_read(written, size, &m.at, error);
	if (code != APLOMB_OK) return code;
	account->has_last = true;
	account->last = m.at;
	aplomb_value items = aplomb_value_get(entry, "items");
	if (is_text(text_of(entry, "kind"), "calendar")) {
		code = note_calendar(account, aplomb_value_get(entry, "cause"), &m, error);
		if (code != APLOMB_OK) return code;
	}
	if (!note_states(account, items, m)) return apl_fail_memory(error);
	size_t count = aplomb_value_count(items);
	for (size_t i = 0; i < count; i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = text_of(item, "do");
		bool is_noted = true;
		if (is_text(what, "clock") && is_text(text_of(item, "clock"), account->clock)) is_noted = note_clock(account, item, m);
		if (is_text(what, "closed")) {
			m.kind = APLOMB_ACCOUNT_CLOSED;
			is_noted = add(account, &m);
		}
		if (!is_noted) return apl_fail_memory(error);
	}
	return APLOMB_OK;
}

/* ---- telling ------------------------------------------------------------------- */

/* The account as far as it was told. */
typedef struct telling {
	const aplomb_account *account;
	void (*tell)(const aplomb_account_line *line, void *payload);
	void *payload;
	aplomb_account_sum sum;
	bool has_begun;
	bool is_deadline_told;
	aplomb_instant cursor;
	aplomb_instant seen; /* what lies behind it is ahead of us */
	const char *states;
	const char *deadline_text; /* of the target that the deadline is of */
	const apl_calendar *calendar;
} telling;

static void tell_line(telling *t, aplomb_account_line *line) {
	line->size = sizeof *line;
	line->elapsed = t->sum.elapsed;
	line->is_ahead = line->until > t->seen;
	line->calendar = t->sum.calendar;
	if (t->tell != NULL) t->tell(line, t->payload);
}

static void tell_deadline(telling *t) {
	if (t->is_deadline_told || !t->sum.has_deadline || t->cursor != t->sum.deadline) return;
	t->is_deadline_told = true;
	t->sum.elapsed_at_deadline = t->sum.elapsed;
	aplomb_account_line line = {.kind = APLOMB_ACCOUNT_DEADLINE,
	    .from = t->cursor,
	    .until = t->cursor,
	    .target = t->deadline_text,
	    .target_length = t->sum.deadline_target};
	tell_line(t, &line);
}

/* A stretch from the cursor to [until], which ends at the deadline if that lies in it. */
static void tell_stretch(telling *t, aplomb_account_kind kind, const char *name, aplomb_instant until) {
	while (t->cursor < until) {
		aplomb_instant end = until;
		if (t->sum.has_deadline && !t->is_deadline_told && t->sum.deadline > t->cursor && t->sum.deadline < end) end = t->sum.deadline;
		aplomb_account_line line = {.kind = kind, .from = t->cursor, .until = end, .name = name};
		if (kind == APLOMB_ACCOUNT_PAUSED) line.states = t->states;
		if (kind == APLOMB_ACCOUNT_OPEN) line.counted = end - t->cursor;
		t->sum.elapsed += line.counted;
		tell_line(t, &line);
		t->cursor = end;
		tell_deadline(t);
	}
}

static void tell_running(telling *t, aplomb_instant until) {
	static const aplomb_account_kind kinds[] = {[APL_CALENDAR_OPEN] = APLOMB_ACCOUNT_OPEN,
	    [APL_CALENDAR_CLOSED] = APLOMB_ACCOUNT_CLOSED,
	    [APL_CALENDAR_HOLIDAY] = APLOMB_ACCOUNT_HOLIDAY,
	    [APL_CALENDAR_EXCEPTION] = APLOMB_ACCOUNT_EXCEPTION};
	while (t->cursor < until) {
		apl_calendar_stretch stretch = {.until = until, .reason = APL_CALENDAR_OPEN};
		if (t->calendar != NULL) apl_calendar_stretch_at(t->calendar, t->cursor, &stretch);
		tell_stretch(t, kinds[stretch.reason], stretch.reason != APL_CALENDAR_OPEN ? stretch.name : NULL,
		    stretch.until < until ? stretch.until : until);
	}
}

/* From the cursor to [until], as the clock stands. Before it first ran nothing is accounted for. */
static void go_on(telling *t, aplomb_instant until) {
	if (!t->has_begun || t->cursor >= until) {
		if (!t->has_begun) t->cursor = until;
		return;
	}
	if (t->sum.is_running)
		tell_running(t, until);
	else
		tell_stretch(t, APLOMB_ACCOUNT_PAUSED, NULL, until);
}

/* The calendar that counts from this mark on, as the playbook has it. */
static int take_calendar(telling *t, const mark *m, aplomb_error *error) {
	const apl_program *program = t->account->program;
	t->calendar = NULL;
	t->sum.calendar = NULL;
	t->sum.calendar_name = m->calendar;
	if (m->calendar == NULL) return APLOMB_OK;
	const apl_declared_calendar *named = NULL;
	for (uint32_t i = 0; i < program->n_calendars; i++) {
		const apl_declared_calendar *one = &program->calendars[i];
		if (one->calendar == NULL) continue;
		if (strcmp(one->name, m->calendar) == 0) named = one;
		if (!is_text(m->version, apl_calendar_version(one->calendar))) continue;
		t->calendar = one->calendar;
		t->sum.calendar = (const aplomb_calendar *)one->calendar;
		return APLOMB_OK;
	}
	for (const defined *one = t->account->calendars; one != NULL; one = one->next) {
		if (!is_text(m->version, apl_calendar_version(one->calendar))) continue;
		t->calendar = one->calendar;
		t->sum.calendar = (const aplomb_calendar *)one->calendar;
		return APLOMB_OK;
	}
	return apl_fail(error, APLOMB_EDIFFERS, "account-calendar",
	    "entry %llu: the clock was counted by version %.12s of calendar \"%s\", and here it %s%.12s: give the playbook that the case ran",
	    (unsigned long long)m->entry, m->version != NULL ? m->version : "?", m->calendar, named != NULL ? "is " : "is not there",
	    named != NULL ? apl_calendar_version(named->calendar) : "");
}

static int check_sum(const telling *t, const mark *m, aplomb_error *error) {
	if (!m->has_elapsed || m->elapsed == t->sum.elapsed) return APLOMB_OK;
	return apl_fail(error, APLOMB_EDIFFERS, "account-sum",
	    "entry %llu says that clock \"%s\" has counted %lld microseconds, and the lines up to it come to %lld: the journal was changed, or "
	    "a "
	    "part of it is missing",
	    (unsigned long long)m->entry, t->account->clock, (long long)m->elapsed, (long long)t->sum.elapsed);
}

/* What the mark makes of the clock. */
static int take_mark(telling *t, const mark *m, aplomb_error *error) {
	bool is_target = m->kind == APLOMB_ACCOUNT_STARTS || m->kind == APLOMB_ACCOUNT_MOVES || m->kind == APLOMB_ACCOUNT_RECOUNTS;
	int code = m->kind == APLOMB_ACCOUNT_RESTARTS ? APLOMB_OK : check_sum(t, m, error);
	if (code == APLOMB_OK && is_target && (m->calendar != NULL || m->has_begun)) code = take_calendar(t, m, error);
	if (code != APLOMB_OK) return code;
	if (is_target) {
		t->sum.target_text = m->target;
		t->sum.target = m->length;
	}
	switch (m->kind) {
	case APLOMB_ACCOUNT_STARTS:
		if (!t->has_begun) t->sum.begun_at = m->at;
		t->has_begun = t->sum.has_begun = t->sum.is_running = true;
		break;
	case APLOMB_ACCOUNT_STOPS:
	case APLOMB_ACCOUNT_ENDS: t->sum.is_running = false; break;
	case APLOMB_ACCOUNT_BREACHES: t->sum.is_breached = true; break;
	case APLOMB_ACCOUNT_MOVES: t->sum.is_breached = t->sum.is_breached && m->length <= m->elapsed; break;
	case APLOMB_ACCOUNT_RESTARTS:
		t->sum.elapsed = 0;
		t->has_begun = t->sum.has_begun = t->sum.is_running = t->sum.is_breached = false;
		break;
	default: break;
	}
	aplomb_account_line line = {.kind = m->kind,
	    .from = m->at,
	    .until = m->at,
	    .states = m->kind == APLOMB_ACCOUNT_STARTS || m->kind == APLOMB_ACCOUNT_STOPS ? t->states : NULL,
	    .because = m->because,
	    .target = m->target,
	    .target_length = m->length,
	    .name = m->kind == APLOMB_ACCOUNT_RECOUNTS ? m->version : m->threshold,
	    .entry = m->entry};
	tell_line(t, &line);
	if (t->has_begun) tell_deadline(t);
	return APLOMB_OK;
}

/* What is due in the end: the newest deadline that stands until [until], and the target that it is of: a breached clock keeps it. */
static void foresee(telling *t, aplomb_instant until) {
	const aplomb_account *account = t->account;
	const mark *target = NULL;
	for (uint32_t i = 0; i < account->count && account->marks[i].at <= until; i++) {
		const mark *m = &account->marks[i];
		if (m->kind == APLOMB_ACCOUNT_PAUSED || m->kind == APLOMB_ACCOUNT_CLOSED) continue;
		if (m->kind == APLOMB_ACCOUNT_STARTS || m->kind == APLOMB_ACCOUNT_MOVES || m->kind == APLOMB_ACCOUNT_RECOUNTS) target = m;
		bool has_deadline = m->has_deadline && m->kind != APLOMB_ACCOUNT_RESTARTS;
		if (has_deadline && target != NULL && (!t->sum.has_deadline || t->sum.deadline != m->deadline)) {
			t->sum.deadline_target = target->length;
			t->deadline_text = target->target;
		}
		t->sum.has_deadline = has_deadline;
		t->sum.deadline = m->deadline;
	}
}

static int tell_all(telling *t, aplomb_instant until, aplomb_error *error) {
	const aplomb_account *account = t->account;
	uint32_t restarts = 0;
	for (uint32_t i = 0; i < account->count && account->marks[i].at <= until; i++)
		restarts += account->marks[i].kind == APLOMB_ACCOUNT_RESTARTS;
	bool has_deadline = t->sum.has_deadline;
	for (uint32_t i = 0; i < account->count && account->marks[i].at <= until; i++) {
		const mark *m = &account->marks[i];
		t->sum.has_deadline = has_deadline && restarts == 0;
		if (m->kind == APLOMB_ACCOUNT_PAUSED && t->sum.is_running) {
			t->states = m->states; /* it runs, or stops in this entry: it will say so */
			continue;
		}
		go_on(t, m->at);
		t->cursor = m->at;
		if (m->kind == APLOMB_ACCOUNT_PAUSED) {
			t->states = m->states;
		} else if (m->kind == APLOMB_ACCOUNT_CLOSED) {
			t->sum.is_over = true;
			until = m->at;
		} else {
			int code = take_mark(t, m, error);
			if (code != APLOMB_OK) return code;
		}
		restarts -= m->kind == APLOMB_ACCOUNT_RESTARTS;
	}
	t->sum.has_deadline = has_deadline;
	go_on(t, until);
	return APLOMB_OK;
}

int aplomb_account_tell(aplomb_account *account, const aplomb_instant *at, void (*tell)(const aplomb_account_line *line, void *payload),
    void *payload, aplomb_account_sum *sum, aplomb_error *error) {
	if (account == NULL) return apl_fail_null(error, "aplomb_account_tell", "account");
	telling t = {.account = account, .tell = tell, .payload = payload};
	const aplomb_instant until = at != NULL ? *at : account->has_last ? account->last : 0;
	t.sum.size = sizeof t.sum;
	t.sum.clock = account->clock;
	t.sum.at = t.seen = until;
	t.sum.runs_in = account->runs_in;
	foresee(&t, until);
	int code = tell_all(&t, until, error);
	if (code != APLOMB_OK) return code;
	aplomb_span elapsed = t.sum.elapsed;
	t.sum.left = elapsed < t.sum.target ? t.sum.target - elapsed : 0;
	/* And on to the deadline, if nothing else happens. */
	if (t.sum.is_running && !t.sum.is_over && t.sum.has_deadline && t.sum.deadline > t.cursor) go_on(&t, t.sum.deadline);
	tell_deadline(&t);
	t.sum.elapsed = elapsed;
	t.sum.states = t.states;
	if (t.sum.calendar != NULL) t.sum.calendar_version = apl_calendar_version(t.calendar);
	if (sum != NULL) apl_give_struct(sum, &t.sum, sizeof t.sum);
	return APLOMB_OK;
}
