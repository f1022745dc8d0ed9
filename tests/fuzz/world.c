/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"

/* Instructions and not memory stop what does not end: only they are counted alike everywhere. */
const aplomb_limits world_limits = {.size = sizeof world_limits,
    .instructions = 20000,
    .memory = 8 << 20,
    .microsteps = 50,
    .internal_events = 50,
    .effects = 20,
    .timers = 20,
    .deferred = 8,
    .data = 4096,
    .depth = 16};

enum { MOST_RUNTIMES = 4, MOST_PUMPS = 6 };

/* Another version of the desk's calendar. */
static const char hours[] = "return playbook \"hours\" {\n"
                            "	calendar \"office\" { zone = \"Australia/Lord_Howe\", week = { [\"mon-thu\"] = \"22:00-24:00\", "
                            "[\"fri-sun\"] = \"00:00-03:30 21:15-24:00\" }, changes = \"recompute\",\n"
                            "		exceptions = { [\"2026-01-03\"] = \"08:00-09:00\" } },\n"
                            "	event \"go\" {}, state \"s\" { on \"go\" {}, after \"1 business hour\" { to = \"s\" } },\n"
                            "}\n";

static aplomb_playbook *load_text(aplomb_runtime *rt, const char *source, size_t size) {
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	load.source = source;
	load.source_size = size;
	if (aplomb_load(rt, &load, &playbook, &error) != APLOMB_OK) {
		fprintf(stderr, "a playbook of the fuzzers is refused: %u: %s\n", error.line, error.message);
		abort();
	}
	return playbook;
}

/* Of the process, as the fuzzer's own tables are; the library has no such variables. */
static struct {
	aplomb_runtime *rt;
	aplomb_playbook *desk, *hours;
} worlds[MOST_RUNTIMES];

aplomb_runtime *world_anew(int number, bool is_rehearsal, aplomb_playbook **desk) {
	aplomb_error error = {0};
	APL_ASSERT(number >= 0 && number < MOST_RUNTIMES);
	if (worlds[number].rt == NULL) {
		aplomb_options options = APLOMB_OPTIONS_INIT;
		options.time_follows_events = true;
		options.limits = &world_limits;
		options.rehearsal = is_rehearsal;
		APL_ASSERT(aplomb_open(&worlds[number].rt, &options, &error) == APLOMB_OK);
		/* Its licence line is the file's and not the playbook's, whose version the seeds name. */
		const char *source = strchr(world_desk, '\n') + 1;
		worlds[number].hours = load_text(worlds[number].rt, hours, sizeof hours - 1);
		worlds[number].desk = load_text(worlds[number].rt, source, world_desk_size - (size_t)(source - world_desk));
		APL_ASSERT(aplomb_default_playbook(worlds[number].rt, worlds[number].desk, &error) == APLOMB_OK);
	}
	APL_ASSERT(aplomb_reset(worlds[number].rt, &error) == APLOMB_OK);
	APL_ASSERT(aplomb_turn_clock(worlds[number].rt, WORLD_NOON, &error) == APLOMB_OK);
	if (desk != NULL) *desk = worlds[number].desk;
	return worlds[number].rt;
}

aplomb_runtime *world_desk_again(void *self, bool is_rehearsal) {
	(void)self;
	return world_anew(is_rehearsal ? 2 : 1, is_rehearsal, NULL);
}

void world_check_error(int code, const aplomb_error *error) {
	if (code == APLOMB_OK) return;
	APL_ASSERT(code == error->code && error->slug[0] != '\0' && error->message[0] != '\0');
	APL_ASSERT(apl_utf8_valid(error->message, strlen(error->message)) == strlen(error->message));
	APL_ASSERT(apl_utf8_valid(error->file, strlen(error->file)) == strlen(error->file));
}

void world_pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error = {0};
	for (int i = 0; i < MOST_PUMPS; i++) {
		APL_ASSERT(aplomb_pump(rt, 20, &report, &error) == APLOMB_OK);
		if (!report.more) break;
	}
}

void world_turn(aplomb_runtime *rt, aplomb_span by) {
	aplomb_error error = {0};
	int code = aplomb_turn_clock(rt, aplomb_now(rt) + by, &error);
	APL_ASSERT(code == APLOMB_OK || code == APLOMB_EINVAL); /* the year 9999 ends somewhere */
	world_pump(rt);
}

static void note_id(const char *id, void *payload) {
	world_ids *ids = payload;
	if (ids->count < WORLD_MOST_IDS) ids->all[ids->count++] = strdup(id);
}

void world_list(aplomb_runtime *rt, world_ids *out) {
	out->count = 0;
	aplomb_cases(rt, note_id, out);
}

void world_change_calendar(aplomb_runtime *rt, bool to_hours, aplomb_calendar_changes changes) {
	aplomb_calendar_change to = APLOMB_CALENDAR_CHANGE_INIT;
	aplomb_error error = {0};
	world_ids i;
	aplomb_instant due;
	int number = 0;
	/* All that is due is stepped before: of who began a thousand years ago that is a thousand years of deadlines. */
	if (aplomb_next_due(rt, &due) && due <= aplomb_now(rt)) return;
	while (worlds[number].rt != rt) number++;
	to.calendar = "office";
	to.playbook = to_hours ? worlds[number].hours : worlds[number].desk;
	to.changes = changes;
	to.because = "somebody wrote other hours";
	world_list(rt, &i);
	for (size_t n = 0; n < i.count; n++) {
		world_check_error(aplomb_case_calendar_impact(rt, i.all[n], &to, NULL, NULL, NULL, &error), &error);
		world_check_error(aplomb_case_calendar_change(rt, i.all[n], &to, NULL, NULL, NULL, &error), &error);
		free(i.all[n]);
	}
}

/* ---- what must hold of any case ---------------------------------------------------- */

typedef struct lines {
	aplomb_journal *journal;
	aplomb_runtime *rehearsal;
	bool is_whole; /* from its head on */
	size_t count;
} lines;

static int check_line(const char *text, size_t size, void *payload) {
	lines *l = payload;
	aplomb_value entry;
	aplomb_error error = {0};
	if (l->count++ == 0) l->is_whole = memmem(text, size, "\"aplomb\":\"journal\"", 18) != NULL;
	if (!l->is_whole) return 0; /* a restored case: what was before it is elsewhere */
	APL_ASSERT(aplomb_journal_read(l->journal, text, size, &entry, &error) == APLOMB_OK);
	aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
	int code = aplomb_replay(l->rehearsal, NULL, text, size, &replayed, &error);
	if (code != APLOMB_OK || !replayed.same) {
		fprintf(stderr, "recorded %.*s\nproduced %.*s %s\n", (int)size, text, (int)replayed.text_size,
		    replayed.text != NULL ? replayed.text : "", code != APLOMB_OK ? error.message : replayed.differs);
		abort();
	}
	return 0;
}

static void check_case(aplomb_runtime *rt, const char *id, world_maker *again, void *self) {
	aplomb_error error = {0};
	lines l = {.rehearsal = again(self, true)};
	APL_ASSERT(aplomb_journal_open(&l.journal, &error) == APLOMB_OK);
	int code = aplomb_journal_each(rt, id, check_line, &l, &error);
	APL_ASSERT(code == APLOMB_OK || code == APLOMB_ENOTFOUND); /* a restored case that has not stepped yet has no lines */
	aplomb_journal_close(l.journal);

	char *before, *after;
	size_t before_size, after_size;
	APL_ASSERT(aplomb_case_snapshot(rt, id, &before, &before_size, &error) == APLOMB_OK);
	aplomb_runtime *other = again(self, false);
	code = aplomb_case_restore(other, before, before_size, &error);
	if (code != APLOMB_OK) {
		fprintf(stderr, "%.*s\nis refused: %s\n", (int)before_size, before, error.message);
		abort();
	}
	APL_ASSERT(aplomb_case_snapshot(other, id, &after, &after_size, &error) == APLOMB_OK);
	/* But for the hash of lines that the other runtime has not seen. */
	const char *hash = memmem(before, before_size, "\"sha256\":", 9), *other_hash = memmem(after, after_size, "\"sha256\":", 9);
	APL_ASSERT(hash != NULL && other_hash != NULL);
	if (hash - before != other_hash - after || memcmp(before, after, (size_t)(hash - before)) != 0) {
		fprintf(stderr, "%.*s\nbecomes %.*s\n", (int)before_size, before, (int)after_size, after);
		abort();
	}
	aplomb_text_free(other, after);
	world_turn(other, INT64_C(3600000000)); /* it goes on */
	aplomb_text_free(rt, before);
}

void world_check_cases(aplomb_runtime *rt, world_maker *again, void *self) {
	world_ids i;
	world_list(rt, &i);
	for (size_t n = 0; n < i.count; n++) {
		check_case(rt, i.all[n], again, self);
		free(i.all[n]);
	}
}
