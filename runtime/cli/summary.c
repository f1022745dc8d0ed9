/* SPDX-License-Identifier: MIT */
/* Decides how the sum of a run looks: aligned, within 80 columns, nothing that is zero and says nothing. */
#include "cli/summary.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

cli_tally_line *cli_tally_of(cli_tally *tally, const char *name) {
	for (size_t i = 0; i < tally->count; i++)
		if (strcmp(tally->lines[i].name, name) == 0) return &tally->lines[i];
	tell_need_room(&tally->lines, tally->count, 1, &tally->capacity, sizeof *tally->lines);
	cli_tally_line *line = &tally->lines[tally->count++];
	*line = (cli_tally_line){.name = tell_need_copy(name)};
	return line;
}

void cli_tally_dispose(cli_tally *tally) {
	for (size_t i = 0; i < tally->count; i++) free(tally->lines[i].name);
	free(tally->lines);
	*tally = (cli_tally){0};
}

/* ---- text --------------------------------------------------------------- */

enum { NAME = 28, NUMBER = 12 };

static void heading(const tell_screen *screen, const char *text) {
	tell_print(screen, "\n");
	tell_print_styled(screen, TELL_STRONG, "%s", text);
	tell_print(screen, "\n");
}

static void row(const tell_screen *screen, tell_style style, int indent, const char *name, uint64_t count) {
	char number[32];
	tell_print(screen, "  %*s", indent, "");
	tell_style_set(screen, style);
	tell_put_text(screen, name, strlen(name), NAME - indent);
	tell_print(screen, "%*s", NUMBER, tell_count(count, number));
	tell_style_set(screen, TELL_PLAIN);
}

static void plain_row(const tell_screen *screen, int indent, const char *name, uint64_t count) {
	row(screen, TELL_PLAIN, indent, name, count);
	tell_print(screen, "\n");
}

/* Only when there is something to look at. */
static void careful_row(const tell_screen *screen, const char *name, uint64_t count) {
	if (count == 0) return;
	row(screen, TELL_CAREFUL, 2, name, count);
	tell_print(screen, "\n");
}

static uint64_t counted(const cli_tally *tally) {
	uint64_t count = 0;
	for (size_t i = 0; i < tally->count; i++) count += tally->lines[i].count;
	return count;
}

static void cases(const tell_screen *screen, const cli_summary *s) {
	heading(screen, "Cases");
	plain_row(screen, 0, "opened", s->totals.cases);
	if (s->totals.invoked > 0) plain_row(screen, 2, "invoked by others", s->totals.invoked);
	plain_row(screen, 2, "still open", s->totals.open);
	plain_row(screen, 2, "closed", s->totals.closed);
	for (size_t i = 0; i < s->outcomes.count; i++)
		if (s->outcomes.lines[i].count > 0) plain_row(screen, 4, s->outcomes.lines[i].name, s->outcomes.lines[i].count);
	uint64_t named = counted(&s->outcomes);
	if (named > 0 && named < s->totals.closed)
		plain_row(screen, 4, s->totals.invoked > 0 ? "(invoked, or no outcome named)" : "(no outcome named)", s->totals.closed - named);
	if (s->totals.faulted > 0) {
		row(screen, TELL_BAD, 2, "faulted", s->totals.faulted);
		tell_print(screen, "\n");
	}
}

static void events(const tell_screen *screen, const cli_summary *s) {
	heading(screen, "Events");
	plain_row(screen, 0, "lines read", s->lines);
	plain_row(screen, 2, "stepped", s->totals.events);
	if (s->totals.late > 0) plain_row(screen, 4, "late, run at the case's time", s->totals.late);
	if (s->totals.unhandled > 0) plain_row(screen, 4, "that no state took", s->totals.unhandled);
	if (s->totals.deferred > 0) plain_row(screen, 4, "kept for later", s->totals.deferred);
	if (s->totals.duplicates > 0) plain_row(screen, 2, "seen before (same id)", s->totals.duplicates);
	careful_row(screen, "refused", s->totals.refused);
	for (size_t i = 0; i < s->refusals.count; i++) plain_row(screen, 4, s->refusals.lines[i].name, s->refusals.lines[i].count);
	careful_row(screen, "wrong lines, skipped", s->bad_lines);
	if (s->left_out > 0) plain_row(screen, 2, "later than --until", s->left_out);
	plain_row(screen, 0, "timers fired", s->totals.timers);
	plain_row(screen, 0, "journal entries", s->totals.entries);
}

static void tally(const tell_screen *screen, const char *title, const cli_tally *tallied, tell_style style) {
	if (counted(tallied) == 0) return;
	heading(screen, title);
	for (size_t i = 0; i < tallied->count; i++) {
		if (tallied->lines[i].count == 0) continue;
		row(screen, style, 0, tallied->lines[i].name, tallied->lines[i].count);
		tell_print(screen, "\n");
	}
}

/* A path as a tree: its depth, and its last name. A dot that belongs to a name has a backslash before it. */
static const char *last_name(const char *path, int *depth) {
	const char *last = path;
	*depth = 0;
	for (const char *c = path; *c != '\0'; c++) {
		if (*c == '\\' && c[1] != '\0') {
			c++;
		} else if (*c == '.') {
			last = c + 1;
			++*depth;
		}
	}
	return last;
}

static void states(const tell_screen *screen, const cli_summary *s) {
	if (s->states.count == 0) return;
	tell_print(screen, "\n");
	tell_print_styled(screen, TELL_STRONG, "%-*s%*s%10s%13s%15s", NAME + 2, "States", NUMBER, "entered", "now", "mean stay", "in all");
	tell_print(screen, "\n");
	for (size_t i = 0; i < s->states.count; i++) {
		const cli_tally_line *line = &s->states.lines[i];
		if (line->name[0] == '\0') continue; /* the root: all of a case */
		int depth;
		const char *name = last_name(line->name, &depth);
		char inside[32], mean[32], total[32];
		row(screen, line->count > 0 ? TELL_PLAIN : TELL_FAINT, 2 * depth < NAME - 8 ? 2 * depth : NAME - 8, name, line->count);
		if (line->count > 0)
			tell_print(screen, "%10s%13s%15s", tell_count(line->inside, inside), tell_span(line->total / (aplomb_span)line->count, mean),
			    tell_span(line->total, total));
		tell_print(screen, "\n");
	}
}

void cli_summary_text(const tell_screen *screen, const cli_summary *s) {
	tell_style_set(screen, TELL_STRONG);
	tell_put_text(screen, s->playbook, strlen(s->playbook), -1);
	tell_style_set(screen, TELL_PLAIN);
	if (s->version != NULL) {
		tell_print(screen, " ");
		tell_put_text(screen, s->version, strlen(s->version), -1);
	}
	tell_print(screen, "  ");
	tell_put_text(screen, s->events_name, strlen(s->events_name), -1);
	tell_print(screen, "\n");
	if (s->has_time) {
		char from[32], until[32], span[32];
		aplomb_instant_write(s->from, from);
		aplomb_instant_write(s->until, until);
		tell_print_styled(screen, TELL_FAINT, "%s to %s, %s", from, until, tell_span(s->until - s->from, span));
		tell_print(screen, "\n");
	}
	if (s->is_alone) {
		tell_print(screen, s->ended != NULL ? "ended in " : "not ended");
		if (s->ended != NULL) tell_put_text(screen, s->ended, strlen(s->ended), -1);
		tell_print(screen, "\n");
	}
	if (s->stopped != NULL) {
		tell_print_styled(screen, TELL_BAD, "stopped: %s", s->stopped);
		tell_print(screen, "\n");
	}
	cases(screen, s);
	events(screen, s);
	tally(screen, "What cases wanted done", &s->effects, TELL_PLAIN);
	careful_row(screen, "of these nobody has done yet", s->totals.undelivered);
	tally(screen, "Findings", &s->findings, TELL_CAREFUL);
	states(screen, s);
	char rate[32], read[32];
	double seconds = s->seconds > 0 ? s->seconds : 1e-9;
	tell_print(screen, "\n%s events in %.2f s, %s a second; %.1f MiB at most\n", tell_count(s->totals.events, read), s->seconds,
	    tell_count((uint64_t)((double)s->totals.events / seconds), rate), (double)s->peak_kib / 1024);
}

/* ---- JSON --------------------------------------------------------------- */

static void counts_json(const tell_screen *screen, const char *name, const cli_tally *tallied) {
	tell_print(screen, ",\"%s\":{", name);
	for (size_t i = 0; i < tallied->count; i++) {
		if (i > 0) tell_print(screen, ",");
		tell_json_text(screen, tallied->lines[i].name);
		tell_print(screen, ":%llu", (unsigned long long)tallied->lines[i].count);
	}
	tell_print(screen, "}");
}

static void states_json(const tell_screen *screen, const cli_tally *states_) {
	tell_print(screen, ",\"states\":[");
	for (size_t i = 0; i < states_->count; i++) {
		const cli_tally_line *line = &states_->lines[i];
		tell_print(screen, "%s{\"entered\":%llu,\"now\":%llu,\"path\":", i > 0 ? "," : "", (unsigned long long)line->count,
		    (unsigned long long)line->inside);
		tell_json_text(screen, line->name);
		tell_print(screen, ",\"total_us\":%lld}", (long long)line->total);
	}
	tell_print(screen, "]");
}

void cli_summary_json(const tell_screen *screen, const cli_summary *s) {
	const aplomb_totals *t = &s->totals;
	const struct {
		const char *name;
		uint64_t count;
	} numbers[] = {{"cases", t->cases}, {"open", t->open}, {"closed", t->closed}, {"faulted", t->faulted}, {"lines", s->lines},
	    {"wrong_lines", s->bad_lines}, {"later_than_until", s->left_out}, {"events", t->events}, {"refused", t->refused},
	    {"duplicates", t->duplicates}, {"late", t->late}, {"unhandled", t->unhandled}, {"deferred", t->deferred}, {"timers", t->timers},
	    {"entries", t->entries}, {"invoked", t->invoked}, {"undelivered", t->undelivered}, {"peak_kib", s->peak_kib}};
	tell_print(screen, "{\"playbook\":");
	tell_json_text(screen, s->playbook);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		tell_print(screen, ",\"%s\":%llu", numbers[i].name, (unsigned long long)numbers[i].count);
	tell_print(screen, ",\"microseconds\":%lld", (long long)(s->seconds * 1e6));
	if (s->has_time) {
		char from[32], until[32];
		aplomb_instant_write(s->from, from);
		aplomb_instant_write(s->until, until);
		tell_print(screen, ",\"from\":\"%s\",\"until\":\"%s\"", from, until);
	}
	if (s->is_alone) {
		tell_print(screen, s->ended != NULL ? ",\"ended\":" : ",\"ended\":null");
		if (s->ended != NULL) tell_json_text(screen, s->ended);
	}
	if (s->stopped != NULL) {
		tell_print(screen, ",\"stopped\":");
		tell_json_text(screen, s->stopped);
	}
	counts_json(screen, "outcomes", &s->outcomes);
	counts_json(screen, "effects", &s->effects);
	counts_json(screen, "findings", &s->findings);
	counts_json(screen, "refusals", &s->refusals);
	states_json(screen, &s->states);
	tell_print(screen, "}\n");
}
