/* SPDX-License-Identifier: MIT */
/*
 * Decides how `aplomb run` takes events through a playbook: a line at a time,
 * in batches of so many, in the time of the events themselves. Where cases are kept and
 * somebody writes the events while we read them, a batch is bounded in time, too;
 * the events of a file are always the same batches, so that what comes of them is always the same. What each event
 * does is decided by the library; what a run came to, by summary.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/filter.h"
#include "tell/tell.h"
#include "cli/limits.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/summary.h"
#include "cli/worker.h"

enum {
	BATCH = 256,
	MOST_BATCH = 4096,
	USUAL_BATCH_MS = 50,
	MOST_DRAINED = 1000000,
	REFUSALS_TOLD = 10,
	BAD_LINES_TOLD = 20,
	LOG_LINE = 4096,
	MOST_REFUSED = 16,
	USUAL_WAIT = 30
};

typedef struct run_options {
	const char *events;
	const char *journal;
	bool overwrite;
	const char *store;
	int durability;
	uint64_t resident;
	uint64_t batch, batch_ms;
	bool drain;
	cli_instant until;
	bool keep_going;
	bool transcript;
	const char *case_id;
	bool places;
	int summary;
	int log;
	int log_format;
	const char *trace;
	const char *effects_command;
	uint64_t effects_wait;
	cli_texts roots;
	cli_settings settings;
	cli_limits limits;
} run_options;

enum { SUMMARY_AUTO, SUMMARY_TEXT, SUMMARY_JSON, SUMMARY_NONE };

#define OFFSET(member) CLI_OFFSET(run_options, member)
static const cli_option OPTIONS[] = {
    {"events", 'e', CLI_TEXT, OFFSET(events), "FILE", "events as JSON Lines; - is standard input", NULL},
    {"journal", 'j', CLI_TEXT, OFFSET(journal), "FILE", "write every journal line there, as it is committed; - is standard output", NULL},
    {"overwrite", 0, CLI_FLAG, OFFSET(overwrite), NULL, "the journal file may hold something already, and loses it", NULL},
    {"store", 's', CLI_TEXT, OFFSET(store), "FILE", "keep the cases there, and go on with those that are there already", NULL},
    {"durability", 0, CLI_CHOICE, OFFSET(durability), "full|normal",
        "full: every commit is on the disk before it counts; normal: a power cut may take the newest, many times faster", "full normal"},
    {"resident", 0, CLI_NUMBER, OFFSET(resident), "N", "cases in memory at a time, of those in the store (100,000)", NULL},
    {"batch", 0, CLI_NUMBER, OFFSET(batch), "N", "events that are committed together at most: 256; 1 to 4,096", NULL},
    {"batch-ms", 0, CLI_NUMBER, OFFSET(batch_ms), "MILLISECONDS",
        "with --store, of events from a pipe: how long one waits for others to be committed with: 50", NULL},
    {"drain", 'd', CLI_FLAG, OFFSET(drain), NULL, "after the last event go on until no timer is armed (1,000,000 timers at most)", NULL},
    {"effects", 0, CLI_TEXT, OFFSET(effects_command), "COMMAND",
        "hand effects to this program, run by /bin/sh -c, as JSON Lines, and read from it what came of them", NULL},
    {"effects-wait", 0, CLI_NUMBER, OFFSET(effects_wait), "SECONDS", "how long that program may say nothing while it has an effect: 30",
        NULL},
    {"until", 'u', CLI_INSTANT, OFFSET(until), "TIME", "go on until this time; later events are left out", NULL},
    {"keep-going", 'k', CLI_FLAG, OFFSET(keep_going), NULL, "count wrong lines and skip them, where otherwise the first one stops the run",
        NULL},
    {"transcript", 't', CLI_FLAG, OFFSET(transcript), NULL, "show what happens, as a person would read it", NULL},
    {"case", 'c', CLI_TEXT, OFFSET(case_id), "ID", "the transcript shows this case only; all are run", NULL},
    {"places", 0, CLI_FLAG, OFFSET(places), NULL, "the transcript says which line of the playbook took each transition", NULL},
    {"summary", 0, CLI_CHOICE, OFFSET(summary), "auto|text|json|none", "what stands at the end; auto: text, or none after a transcript",
        "auto text json none"},
    {"log", 0, CLI_CHOICE, OFFSET(log), "LEVEL",
        "how much the log says on standard error: off, error (the usual), warn, info, debug or trace", "error off warn info debug trace"},
    {"log-format", 0, CLI_CHOICE, OFFSET(log_format), "text|json", "how each line of the log looks", "text json"},
    {"trace", 0, CLI_TEXT, OFFSET(trace), "CASE", "follow this case through every guard, in the log", NULL},
    {"root", 0, CLI_TEXTS, OFFSET(roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(run_options, settings),
    CLI_LIMITS_OPTIONS(run_options, limits),
};

typedef struct run run;

/* Which line an event that waits for its receipt came from. */
typedef struct waiting {
	run *run;
	uint64_t line;
} waiting;

struct run {
	const cli_screens *cli;
	run_options options;
	aplomb_runtime *rt;
	cli_worker *worker; /* or NULL */
	tell_lines lines;
	bool lines_are_open;
	FILE *journal; /* or NULL */
	const char *journal_name;
	int journal_errno;
	tell_casebook book;
	tell_timeline timeline;
	cli_filter filter;
	cli_progress progress;
	cli_summary summary;
	waiting waiting[MOST_BATCH];
	uint32_t n_waiting, batch; /* how many may wait before they are stepped */
	bool is_live;              /* somebody waits for what comes of each */
	int64_t waits_since;       /* the first of them, in nanoseconds of cli_monotonic */
	uint64_t refusals_told;
	char stopped[sizeof((aplomb_error *)NULL)->message];
	bool output_failed;
};

/* ---- plugs -------------------------------------------------------------- */

static void log_line(const aplomb_log_record *record, void *payload) {
	run *r = payload;
	char line[LOG_LINE];
	size_t size =
	    r->options.log_format == 1 ? aplomb_log_as_json(record, line, sizeof line) : aplomb_log_as_text(record, line, sizeof line);
	cli_progress_clear(&r->progress);
	fwrite(line, 1, size, r->cli->err.file);
}

static void show_lines(run *r, const char *lines, size_t size) {
	for (const char *at = lines, *end = lines + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		aplomb_json *json;
		if (aplomb_json_read(&json, at, length, NULL) == APLOMB_OK) {
			aplomb_value entry = aplomb_json_root(json);
			if (cli_filter_passes(&r->filter, entry)) {
				tell_case *c = tell_casebook_note(&r->book, entry);
				if (c != NULL) tell_timeline_show(&r->timeline, c, entry);
			}
			aplomb_json_free(json);
		}
		at += length + 1;
	}
}

/* Within the commit: what cannot be written is not committed. */
static int journal_lines(const char *lines, size_t size, void *payload) {
	run *r = payload;
	if (r->journal != NULL) {
		errno = 0;
		if (fwrite(lines, 1, size, r->journal) != size || fflush(r->journal) != 0) {
			r->journal_errno = errno != 0 ? errno : EIO;
			return 1;
		}
	}
	if (r->options.transcript) show_lines(r, lines, size);
	return 0;
}

/* ---- what is told while it runs ----------------------------------------- */

static void told_refused(run *r, uint64_t line, const char *message, const char *slug) {
	cli_tally_of(&r->summary.refusals, slug)->count++;
	if (r->refusals_told++ > REFUSALS_TOLD) return;
	cli_progress_clear(&r->progress);
	if (r->refusals_told > REFUSALS_TOLD) {
		tell_print(&r->cli->err, "more events were refused; the summary counts them\n");
		return;
	}
	char text[1024];
	snprintf(text, sizeof text, "refused: %s", message);
	cli_tell_error(r->cli, r->lines.name, line, 0, text, slug);
}

static void receipt(const aplomb_receipt *answer, void *payload) {
	const waiting *from = payload;
	if (answer->code == APLOMB_EREFUSED) told_refused(from->run, from->line, answer->message, "case-closed");
	if (answer->code == APLOMB_EFAULTED) told_refused(from->run, from->line, answer->message, "case-faulted");
}

static int fail_memory(const run *r, const aplomb_error *error) {
	cli_tell_error(r->cli, NULL, 0, 0, error->message, error->slug);
	return CLI_INTERNAL;
}

static int stop(run *r, int status, const char *why) {
	snprintf(r->stopped, sizeof r->stopped, "%s", why);
	r->summary.stopped = r->stopped;
	return status;
}

/* ---- stepping ----------------------------------------------------------- */

/* Time stands still while the program does what it was handed; what came of that is stepped next. */
static bool settle(run *r, bool *more) {
	aplomb_instant due;
	if (r->worker == NULL) return true;
	bool is_good = cli_worker_settle(r->worker);
	*more = *more || (aplomb_next_due(r->rt, &due) && due <= aplomb_now(r->rt));
	return is_good;
}

/* Steps all that waits or is due. */
static int pump(run *r) {
	aplomb_error error;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	bool is_good = true;
	do {
		int code = aplomb_pump(r->rt, 0, &report, &error);
		if (code == APLOMB_ENOMEM) return fail_memory(r, &error);
		if (code == APLOMB_ESTORE && r->journal_errno != 0) {
			cli_progress_clear(&r->progress);
			tell_print(&r->cli->err, "aplomb run: cannot write the journal to %s: %s; what it holds so far is whole and was run\n",
			    r->journal_name, r->journal_errno == EPIPE ? "nobody reads it any more" : strerror(r->journal_errno));
			return stop(r, CLI_IO, "the journal could not be written");
		}
		if (code != APLOMB_OK) {
			cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
			return stop(r, CLI_INTERNAL, error.message);
		}
		if (r->options.transcript && ferror(r->cli->out.file)) {
			r->output_failed = true;
			return CLI_IO;
		}
		is_good = settle(r, &report.more);
	} while (report.more);
	r->n_waiting = 0;
	return is_good ? CLI_OK : stop(r, CLI_UNAVAILABLE, "the program of --effects did not do its part");
}

/* A line that is no event. CLI_OK: go on with the next. */
static int bad_line(run *r, uint32_t column, const char *message, const char *slug) {
	char why[256];
	snprintf(why, sizeof why, "line %llu of %s is wrong", (unsigned long long)r->lines.number, r->lines.name);
	if (++r->summary.bad_lines <= BAD_LINES_TOLD) {
		cli_progress_clear(&r->progress);
		cli_tell_error(r->cli, r->lines.name, r->lines.number, column, message, slug);
	} else if (r->summary.bad_lines == BAD_LINES_TOLD + 1) {
		tell_print(&r->cli->err, "more lines are wrong; the summary counts them\n");
	}
	if (r->options.keep_going) return CLI_OK;
	/* What was read before it is run all the same. */
	int status = pump(r);
	return status != CLI_OK ? status : stop(r, CLI_DATA, why);
}

/* Only --until asks when an event happened before it is posted. */
static bool is_later(run *r, const char *text, size_t size) {
	if (!r->options.until.is_given) return false;
	aplomb_json *json;
	aplomb_instant at;
	if (aplomb_json_read(&json, text, size, NULL) != APLOMB_OK) return false;
	const char *given = aplomb_value_text(aplomb_value_get(aplomb_json_root(json), "at"), NULL);
	bool later = given != NULL && aplomb_instant_read(given, &at, NULL) == APLOMB_OK && at > r->options.until.at;
	aplomb_json_free(json);
	return later;
}

static int post(run *r, const char *text, size_t size) {
	if (is_later(r, text, size)) {
		r->summary.left_out++;
		return CLI_OK;
	}
	aplomb_error error;
	waiting *wait = &r->waiting[r->n_waiting];
	*wait = (waiting){r, r->lines.number};
	int code = aplomb_post_json(r->rt, text, size, receipt, wait, &error);
	switch (code) {
	case APLOMB_OK:
		if (r->n_waiting++ == 0) r->waits_since = cli_monotonic();
		break;
	case APLOMB_EREFUSED:
	case APLOMB_EFAULTED: told_refused(r, r->lines.number, error.message, error.slug); break;
	case APLOMB_ENOMEM: return fail_memory(r, &error);
	case APLOMB_ELIMIT: {
		/* The queue is smaller than a batch: make room, and once more. */
		int status = pump(r);
		if (status != CLI_OK) return status;
		wait = &r->waiting[r->n_waiting];
		*wait = (waiting){r, r->lines.number};
		code = aplomb_post_json(r->rt, text, size, receipt, wait, &error);
		if (code == APLOMB_OK) {
			if (r->n_waiting++ == 0) r->waits_since = cli_monotonic();
			break;
		}
		return bad_line(r, error.column, error.message, error.slug);
	}
	default: return bad_line(r, error.column, error.message, error.slug);
	}
	if (!r->summary.has_time && code == APLOMB_OK) {
		r->summary.has_time = true;
		r->summary.from = aplomb_now(r->rt);
	}
	return r->n_waiting >= r->batch ? pump(r) : CLI_OK;
}

static bool is_blank(const char *text, size_t size) {
	for (size_t i = 0; i < size; i++)
		if (text[i] != ' ' && text[i] != '\t') return false;
	return true;
}

/* The first that waits has waited long enough: because time is up, or because nobody writes until it is. */
static bool has_waited(run *r) {
	if (r->n_waiting == 0 || !r->is_live) return false;
	const int64_t waited = (cli_monotonic() - r->waits_since) / 1000000, left = (int64_t)r->options.batch_ms - waited;
	return left <= 0 || tell_lines_lack(&r->lines, (int)left);
}

static int post_all(run *r) {
	for (;;) {
		const char *text;
		size_t size;
		int status = has_waited(r) ? pump(r) : CLI_OK;
		if (status != CLI_OK) return status;
		errno = 0;
		switch (tell_lines_next(&r->lines, &text, &size)) {
		case TELL_LINES_END: return pump(r);
		case TELL_LINES_FAILED:
			tell_print(&r->cli->err, "aplomb run: cannot read %s: %s\n", r->lines.name, strerror(errno));
			status = pump(r);
			return status != CLI_OK ? status : stop(r, CLI_NO_INPUT, "the events could not be read to their end");
		case TELL_LINE_TOO_LONG: status = bad_line(r, 0, "the line is longer than 16 MiB", "line-too-long"); break;
		case TELL_LINE:
			if (is_blank(text, size)) break;
			r->summary.lines++;
			status = post(r, text, size);
			break;
		}
		if (status != CLI_OK) return status;
		if (r->n_waiting == 0) cli_progress_show(&r->progress, r->lines.bytes_read, r->lines.bytes_total, r->summary.lines);
	}
}

/* Time goes on to the end that was asked for. */
static int go_on(run *r) {
	aplomb_error error;
	aplomb_instant due;
	if (r->options.until.is_given && r->options.until.at > aplomb_now(r->rt)) {
		if (aplomb_turn_clock(r->rt, r->options.until.at, &error) != APLOMB_OK) return stop(r, CLI_INTERNAL, error.message);
		int status = pump(r);
		if (status != CLI_OK) return status;
	}
	if (!r->options.drain) return CLI_OK;
	aplomb_totals before = APLOMB_TOTALS_INIT, now = APLOMB_TOTALS_INIT;
	aplomb_count(r->rt, &before);
	for (now = before; aplomb_next_due(r->rt, &due); aplomb_count(r->rt, &now)) {
		if (now.timers - before.timers >= MOST_DRAINED) {
			char at[32];
			aplomb_instant_write(due, at);
			cli_complain(
			    r->cli, &cli_run, "stopped draining after 1,000,000 timers, at %s; a playbook that arms timers for ever never drains", at);
			return stop(r, CLI_OK, "draining stopped after 1,000,000 timers, and more are armed");
		}
		if (r->worker != NULL && cli_worker_attempts(r->worker) > MOST_REFUSED)
			return stop(r, CLI_OK, "draining stopped: the program of --effects refuses an effect again and again");
		if (due > aplomb_now(r->rt) && aplomb_turn_clock(r->rt, due, &error) != APLOMB_OK) return stop(r, CLI_INTERNAL, error.message);
		int status = pump(r);
		if (status != CLI_OK) return status;
		cli_progress_show(&r->progress, 0, 0, r->summary.lines);
	}
	return CLI_OK;
}

/* ---- the end ------------------------------------------------------------ */

static void take_stat(const aplomb_stat_line *line, void *payload) {
	cli_summary *summary = payload;
	cli_tally *tallies[] = {[APLOMB_STAT_STATE] = &summary->states,
	    [APLOMB_STAT_EFFECT] = &summary->effects,
	    [APLOMB_STAT_OUTCOME] = &summary->outcomes,
	    [APLOMB_STAT_FINDING] = &summary->findings};
	if (line->stat == APLOMB_STAT_EVENT) return;
	cli_tally_line *mine = cli_tally_of(tallies[line->stat], line->name);
	mine->count += line->count;
	mine->inside += line->inside;
	mine->total += line->total;
}

static uint64_t peak_kib(void) {
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss : 0;
}

static void summarise(run *r, const aplomb_playbook *playbook) {
	cli_summary *s = &r->summary;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	s->playbook = aplomb_playbook_id(playbook);
	s->is_alone = !r->lines_are_open;
	if (s->is_alone && aplomb_case_get(r->rt, s->playbook, &info, NULL) == APLOMB_OK) s->ended = info.outcome;
	s->version = aplomb_playbook_version(playbook);
	s->events_name = r->lines.name;
	s->totals = (aplomb_totals)APLOMB_TOTALS_INIT;
	aplomb_count(r->rt, &s->totals);
	aplomb_playbook_stats(r->rt, playbook, take_stat, s);
	s->until = aplomb_now(r->rt);
	s->seconds = (double)(cli_monotonic() - r->progress.began) / 1e9;
	s->peak_kib = peak_kib();
	int kind = r->options.summary;
	if (kind == SUMMARY_AUTO) kind = r->options.transcript ? SUMMARY_NONE : SUMMARY_TEXT;
	/* A journal on standard output is for a program, which wants nothing else there. */
	const tell_screen *screen = r->journal == stdout ? &r->cli->err : &r->cli->out;
	if (kind == SUMMARY_TEXT) cli_summary_text(screen, s);
	if (kind == SUMMARY_JSON) cli_summary_json(screen, s);
}

static int verdict(const run *r, bool worker_said_nothing) {
	const cli_summary *s = &r->summary;
	bool look = s->bad_lines > 0 || s->totals.refused > 0 || s->totals.faulted > 0 || s->totals.findings > 0 || s->stopped != NULL ||
	            s->totals.undelivered > 0 || worker_said_nothing;
	return look ? CLI_LOOK : CLI_OK;
}

/* ---- the beginning ------------------------------------------------------ */

/* A journal is not something to lose by running a command twice. */
static int open_journal(run *r) {
	const char *path = r->options.journal;
	if (path == NULL) return CLI_OK;
	r->journal_name = path;
	if (strcmp(path, "-") == 0) {
		r->journal = stdout;
		r->journal_name = "standard output";
		return CLI_OK;
	}
	struct stat about;
	bool holds_something = stat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
	if (holds_something && !r->options.overwrite) {
		cli_complain(r->cli, &cli_run, "%s holds something already; name another file, or give --overwrite and lose it", path);
		return CLI_NO_OUTPUT;
	}
	r->journal = fopen(path, "wb");
	if (r->journal != NULL) return CLI_OK;
	cli_complain(r->cli, &cli_run, "cannot make %s: %s", path, strerror(errno));
	return CLI_NO_OUTPUT;
}

static void tell_finding(const aplomb_finding *finding, void *payload) {
	const run *r = payload;
	/* Notes are for those who work on the playbook: `aplomb check` tells them. */
	if (finding->severity != APLOMB_NOTE) cli_tell_finding(&r->cli->err, finding);
}

static int load(run *r, const char *path, aplomb_playbook **playbook) {
	aplomb_error error;
	aplomb_load_options load_options = APLOMB_LOAD_OPTIONS_INIT;
	int status = cli_settings_apply(&r->options.settings, r->cli, &cli_run, &load_options);
	if (status != CLI_OK) return status;
	load_options.path = path;
	load_options.on_finding = tell_finding;
	load_options.payload = r;
	load_options.roots = r->options.roots.items;
	load_options.n_roots = r->options.roots.count;
	int code = aplomb_load(r->rt, &load_options, playbook, &error);
	if (code == APLOMB_OK) code = aplomb_default_playbook(r->rt, *playbook, &error);
	/* What a case says to its children, or wants done, it says at its own time, and they answer before somebody else's event of a later
	 * time. */
	bool are_single =
	    r->options.effects_command != NULL || (code == APLOMB_OK && aplomb_playbook_invokes(r->rt, *playbook, NULL, NULL) > 0);
	r->batch = are_single ? 1 : cli_narrow(r->options.batch);
	if (code == APLOMB_OK) return CLI_OK;
	if (code == APLOMB_EPLAYBOOK) return CLI_ERRORS;
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	return code == APLOMB_EIO ? CLI_NO_INPUT : code == APLOMB_ELIMIT ? CLI_ERRORS : CLI_INTERNAL;
}

static bool is_file(const char *path) {
	struct stat about;
	return (strcmp(path, "-") == 0 ? fstat(0, &about) : stat(path, &about)) == 0 && S_ISREG(about.st_mode);
}

static int open_runtime(run *r) {
	static const aplomb_span FOR_EVER = INT64_C(1) << 50;
	static const aplomb_level levels[] = {
	    APLOMB_LOG_ERROR, APLOMB_LOG_OFF, APLOMB_LOG_WARN, APLOMB_LOG_INFO, APLOMB_LOG_DEBUG, APLOMB_LOG_TRACE};
	const run_options *o = &r->options;
	aplomb_limits limits = {.size = sizeof limits};
	cli_limits_apply(&o->limits, &limits);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.forget_journal = true; /* it goes to the file, or nowhere */
	options.limits = &limits;
	options.log_level = levels[o->log];
	if (options.log_level != APLOMB_LOG_OFF || o->trace != NULL) options.log = log_line;
	if (options.log_level == APLOMB_LOG_OFF) options.log_level = APLOMB_LOG_ERROR; /* only the traced case goes beyond */
	options.log_payload = r;
	options.trace_case = o->trace;
	options.store = o->store;
	options.durability = o->durability == 0 ? APLOMB_DURABILITY_FULL : APLOMB_DURABILITY_NORMAL;
	options.resident = cli_narrow(o->resident);
	options.batch_most = cli_narrow(o->batch);
	r->is_live = o->store != NULL && o->events != NULL && !is_file(o->events);
	options.batch_within = r->is_live ? (aplomb_span)o->batch_ms * 1000 : FOR_EVER;
	if (o->journal != NULL || o->transcript) {
		options.journal = journal_lines;
		options.journal_payload = r;
	}
	aplomb_error error;
	if (aplomb_open(&r->rt, &options, &error) == APLOMB_OK) return CLI_OK;
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	if (strcmp(error.slug, "store-in-use") == 0) return CLI_IN_USE;
	return o->store != NULL ? CLI_IO : CLI_INTERNAL;
}

static int check_options(const cli_screens *cli, const run_options *options) {
	const char *wrong = NULL;
	if (options->case_id != NULL && !options->transcript) wrong = "--case says what the transcript shows; give --transcript as well";
	if (options->transcript && options->journal != NULL && strcmp(options->journal, "-") == 0)
		wrong = "--transcript and --journal - both want standard output; name a file for the journal";
	if (options->batch < 1 || options->batch > MOST_BATCH) wrong = "--batch is how many events are committed together: 1 to 4,096";
	if (options->batch_ms < 1 || options->batch_ms > 3600000) wrong = "--batch-ms is how many milliseconds an event waits: 1 to 3,600,000";
	if (wrong == NULL) return CLI_OK;
	cli_complain(cli, &cli_run, "%s", wrong);
	return CLI_USAGE;
}

/* A chart from SCXML goes on by itself: one case of it, until no timer is armed. */
static int open_alone(run *r, const aplomb_playbook *playbook) {
	if (aplomb_playbook_imported(playbook) == NULL) {
		cli_complain(r->cli, &cli_run, "which events? give --events FILE, or --events - for standard input");
		return CLI_USAGE;
	}
	r->lines.name = "no events";
	r->options.drain = true;
	return CLI_OK;
}

static int play_alone(run *r, const aplomb_playbook *playbook) {
	aplomb_error error;
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.case_id = aplomb_playbook_id(playbook);
	r->summary.has_time = true;
	r->summary.from = aplomb_now(r->rt);
	int code = aplomb_case_open(r->rt, &opening, NULL, &error);
	if (code == APLOMB_OK) return pump(r);
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	return code == APLOMB_EREFUSED ? stop(r, CLI_DATA, error.message) : CLI_INTERNAL;
}

static int open_events(run *r, const aplomb_playbook *playbook) {
	if (r->options.events == NULL) return open_alone(r, playbook);
	r->lines_are_open = tell_lines_open(&r->lines, r->options.events);
	if (!r->lines_are_open) {
		cli_complain(r->cli, &cli_run, "cannot read the events %s: %s", r->options.events, strerror(errno));
		return CLI_NO_INPUT;
	}
	return CLI_OK;
}

static int start_worker(run *r) {
	aplomb_error error;
	if (r->options.effects_command == NULL) return CLI_OK;
	r->worker = cli_worker_start(r->cli, &cli_run, r->rt, r->options.effects_command, r->options.effects_wait);
	if (r->worker == NULL) return CLI_UNAVAILABLE;
	if (aplomb_on_effect(r->rt, "*", cli_worker_hand, r->worker, &error) == APLOMB_OK) return CLI_OK;
	cli_tell_error(r->cli, NULL, 0, 0, error.message, error.slug);
	return CLI_INTERNAL;
}

/* It has had its last effect: how it ends counts, too. */
static int end_worker(run *r, int status) {
	bool is_good = cli_worker_end(r->worker);
	r->worker = NULL;
	return is_good || status != CLI_OK ? status : CLI_UNAVAILABLE;
}

static int run_file(run *r, const char *path) {
	aplomb_playbook *playbook;
	int status = open_runtime(r);
	if (status == CLI_OK) status = load(r, path, &playbook);
	if (status == CLI_OK) status = open_events(r, playbook);
	if (status == CLI_OK) status = open_journal(r);
	if (status == CLI_OK) status = start_worker(r);
	if (status != CLI_OK) return status;
	cli_progress_begin(&r->progress, &r->cli->err, !r->options.transcript);
	status = r->lines_are_open ? post_all(r) : play_alone(r, playbook);
	if (status == CLI_OK) status = go_on(r);
	cli_progress_clear(&r->progress);
	const bool says_nothing = r->worker != NULL && cli_worker_wrong(r->worker) > 0;
	status = end_worker(r, status);
	if (status == CLI_INTERNAL || r->output_failed) return status;
	if (r->options.transcript && r->timeline.last == NULL && r->options.case_id != NULL)
		cli_complain(r->cli, &cli_run, "no event opened a case \"%.80s\", so there is nothing to show", r->options.case_id);
	summarise(r, playbook);
	return status != CLI_OK ? status : verdict(r, says_nothing);
}

static int run_verb(const cli_screens *cli, char **arguments, int count) {
	run *r = tell_need(sizeof *r);
	r->cli = cli;
	r->options.effects_wait = USUAL_WAIT;
	r->options.batch = BATCH;
	r->options.batch_ms = USUAL_BATCH_MS;
	int status = cli_take(cli, &cli_run, &r->options, arguments, &count) ? check_options(cli, &r->options) : CLI_USAGE;
	if (status == CLI_OK) {
		r->timeline = (tell_timeline){.screen = &cli->out, .shows_places = r->options.places};
		r->filter = (cli_filter){.case_id = r->options.case_id};
		tell_casebook_init(&r->book);
		status = run_file(r, arguments[0]);
	}
	cli_worker_end(r->worker);
	aplomb_close(r->rt);
	if (r->journal != NULL && r->journal != stdout && fclose(r->journal) != 0 && status != CLI_IO) {
		cli_complain(cli, &cli_run, "cannot write the journal to %s: %s", r->journal_name, strerror(errno));
		status = CLI_IO;
	}
	if (r->lines_are_open) tell_lines_close(&r->lines);
	tell_casebook_dispose(&r->book);
	cli_settings_dispose(&r->options.settings);
	cli_tally *tallies[] = {&r->summary.states, &r->summary.effects, &r->summary.outcomes, &r->summary.findings, &r->summary.refusals};
	for (size_t i = 0; i < sizeof tallies / sizeof tallies[0]; i++) cli_tally_dispose(tallies[i]);
	free(r);
	return status;
}

const cli_verb cli_run = {
    .name = "run",
    .operands = "PLAYBOOK --events FILE | CHART.scxml",
    .sentence = "run events through a playbook, in their own time",
    .about =
        "Reads events, one JSON map a line, and steps each case through the playbook. Time is the events': it follows their `at`, and "
        "timers "
        "fire between them. It stops at the last event's time, unless --drain or --until lets time go on. A case opens with its first "
        "event, "
        "which need not name the playbook. A chart of SCXML is taken as it is; without --events one case of it is opened, and time goes on "
        "until no timer is armed.",
    .examples = "aplomb run upset_customer.lua --events late_parcel.jsonl --transcript --drain\n"
                "aplomb run incident.lua --events incidents.jsonl --journal incidents.journal\n"
                "zcat events.jsonl.gz | aplomb run incident.lua --events - --summary json",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run_verb,
};
