/* SPDX-License-Identifier: MIT */
/*
 * Decides how a recorded journal becomes a story: the lines of one case are
 * read, verified and replayed once from the head. The file is opened for
 * reading, read to its end and closed; nothing is ever written to it.
 *
 * The story holds the lines that came out. With the version that the case ran
 * they are the recorded ones; with another they may differ, and then the first
 * that does is named.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/travel.h"

/* ---- reading ------------------------------------------------------------------ */

typedef struct reading {
	repl *r;
	aplomb_journal *journal;
	FILE *file;
	char *line;
	size_t room;
	uint64_t number;
	bool is_open; /* the case's head was met */
} reading;

static repl_end damaged(const reading *in, const aplomb_error *error) {
	tell_print(in->r->err, "aplomb repl: %s:%llu: %s [%s]\n", in->r->options->journal, (unsigned long long)in->number, error->message,
	    error->slug);
	return REPL_ENDED_PLAYBOOK;
}

/* Of the case that is meant, or the first there is. */
static bool is_meant(repl *r, const char *id) {
	if (id == NULL) return false;
	if (r->case_id == NULL) r->case_id = tell_need_copy(r->options->case_id != NULL ? r->options->case_id : id);
	return strcmp(r->case_id, id) == 0;
}

static repl_end take_line(reading *in, size_t size, aplomb_limits *limits) {
	repl *r = in->r;
	aplomb_value entry;
	aplomb_error error;
	if (aplomb_journal_read(in->journal, in->line, size, &entry, &error) != APLOMB_OK) return damaged(in, &error);
	if (!is_meant(r, aplomb_value_text(aplomb_value_get(entry, "case"), NULL))) return REPL_ENDED;
	if (!in->is_open && aplomb_journal_limits(in->line, size, limits, &error) != APLOMB_OK) return damaged(in, &error);
	in->is_open = true;
	repl_story_add(r->story, 0, in->line, size);
	return REPL_ENDED;
}

static repl_end read_lines(reading *in, aplomb_limits *limits) {
	repl_end end = REPL_ENDED;
	ssize_t got;
	while (end == REPL_ENDED && (got = getline(&in->line, &in->room, in->file)) > 0) {
		in->number++;
		if (in->line[got - 1] == '\n') got--;
		if (got > 0) end = take_line(in, (size_t)got, limits);
	}
	if (end != REPL_ENDED || !ferror(in->file)) return end;
	tell_print(in->r->err, "aplomb repl: cannot read %s: %s\n", in->r->options->journal, strerror(errno));
	return REPL_ENDED_INPUT;
}

repl_end repl_recorded_read(repl *r, aplomb_limits *limits) {
	reading in = {.r = r, .file = fopen(r->options->journal, "rb")};
	if (in.file == NULL) {
		tell_print(r->err, "aplomb repl: cannot read %s: %s\n", r->options->journal, strerror(errno));
		return REPL_ENDED_INPUT;
	}
	aplomb_error error;
	repl_end end = REPL_ENDED_INTERNAL;
	if (aplomb_journal_open(&in.journal, &error) == APLOMB_OK) {
		repl_story_begin(r->story, "recorded", true);
		end = read_lines(&in, limits);
	}
	aplomb_journal_close(in.journal);
	free(in.line);
	fclose(in.file);
	if (end != REPL_ENDED || repl_story_length(r->story, 0) > 1) return end;
	if (r->case_id == NULL)
		tell_print(r->err, "aplomb repl: %s holds no case\n", r->options->journal);
	else
		tell_print(
		    r->err, "aplomb repl: %s holds no case \"%s\"; `aplomb journal` shows which it holds\n", r->options->journal, r->case_id);
	return REPL_ENDED_PLAYBOOK;
}

/* ---- playing ---------------------------------------------------------------------- */

/* What differs of which entry, first of all; the bytes alone do not count, such as a hash of a line that differs. */
typedef struct difference {
	uint64_t seq, count;
	char what[32];
} difference;

static bool is_told(const char *differs) {
	return strcmp(differs, "prev") != 0 && strcmp(differs, "playbook") != 0 && strcmp(differs, "other") != 0;
}

static repl_end replay_all(repl *r, difference *first, aplomb_error *error) {
	repl_story *story = r->story;
	const uint64_t length = repl_story_length(story, 0);
	repl_branch recorded = story->branches[0];
	/* The branch begins anew, with the lines that come out. */
	story->branches[0].lines = (repl_text){0};
	story->branches[0].starts = NULL;
	story->branches[0].count = story->branches[0].capacity = 0;
	repl_end end = REPL_ENDED;
	for (uint64_t n = 0; n < length && end == REPL_ENDED; n++) {
		size_t stop = n + 1 < length ? recorded.starts[n + 1] : recorded.lines.size;
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		int code = aplomb_replay(r->rt, r->playbook, recorded.lines.bytes + recorded.starts[n], stop - recorded.starts[n] - 1, &out, error);
		if (code != APLOMB_OK) {
			end = code == APLOMB_ENOMEM ? REPL_ENDED_INTERNAL : REPL_ENDED_PLAYBOOK;
			first->seq = n;
			break;
		}
		repl_story_add(story, 0, out.text, out.text_size);
		story->count = n + 1;
		if (!out.same && is_told(out.differs) && first->count++ == 0) {
			first->seq = n;
			snprintf(first->what, sizeof first->what, "%s", out.differs);
		}
		repl_story_keep(story, r->rt, r->case_id);
	}
	repl_text_dispose(&recorded.lines);
	free(recorded.starts);
	return end;
}

repl_end repl_recorded_play(repl *r) {
	difference first = {0};
	aplomb_error error;
	uint64_t length = repl_story_length(r->story, 0);
	r->is_seeking = true;
	repl_end end = replay_all(r, &first, &error);
	r->is_seeking = false;
	if (end != REPL_ENDED && r->story->count < 2) {
		tell_print(r->err, "aplomb repl: %s, entry %llu: %s [%s]\n", r->options->journal, (unsigned long long)first.seq, error.message,
		    error.slug);
		return end;
	}
	char count[32];
	repl_say(r, "%s: case %s, %s entries. It is only read; what you do here goes its own way.", r->options->journal, r->case_id,
	    tell_count(length - 1, count));
	if (end != REPL_ENDED)
		repl_say_styled(r, TELL_CAREFUL, "Entry %llu cannot come about with this playbook: %s. The story ends before it.",
		    (unsigned long long)first.seq, error.message);
	else if (first.count > 0)
		repl_say_styled(r, TELL_CAREFUL,
		    "This playbook is another version than the case ran, or was given other values: the first entry that comes out otherwise is "
		    "%llu "
		    "(its %s); there are %s.",
		    (unsigned long long)first.seq, first.what, tell_count(first.count, count));
	repl_arrive(r);
	tell_print(r->out, "\n");
	return REPL_ENDED;
}
