/* SPDX-License-Identifier: MIT */
/* Decides what counts as tested, and how it is told what is not. */
#include "cli/covered.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

enum { N_KINDS = 4 };

/* ---- adding up ---------------------------------------------------------- */

cli_covered_playbook *cli_covered_begin(cli_covered *covered, const char *path, const char *id, const char *hash) {
	for (size_t i = 0; i < covered->count; i++) {
		if (strcmp(covered->playbooks[i].hash, hash) != 0) continue;
		covered->playbooks[i].next = 0;
		return &covered->playbooks[i];
	}
	tell_need_room(&covered->playbooks, covered->count, 1, &covered->capacity, sizeof *covered->playbooks);
	cli_covered_playbook *made = &covered->playbooks[covered->count++];
	*made = (cli_covered_playbook){.path = tell_need_copy(path), .id = tell_need_copy(id), .hash = tell_need_copy(hash)};
	return made;
}

/* The same version tells the same rows in the same order, whoever asks. */
void cli_covered_add(const aplomb_coverage_row *row, void *payload) {
	cli_covered_playbook *playbook = payload;
	if (playbook->next == playbook->n_rows) {
		tell_need_room(&playbook->rows, playbook->n_rows, 1, &playbook->rows_capacity, sizeof *playbook->rows);
		playbook->rows[playbook->n_rows++] = (cli_covered_row){.what = row->what,
		    .state = tell_need_copy(row->state),
		    .on = tell_need_copy(row->on != NULL ? row->on : ""),
		    .to = tell_need_copy(row->to != NULL ? row->to : ""),
		    .label = tell_need_copy(row->label),
		    .file = tell_need_copy(row->file),
		    .span = row->span,
		    .line = row->line,
		    .column = row->column};
	}
	cli_covered_row *mine = &playbook->rows[playbook->next++];
	mine->count += row->count;
	mine->other += row->other;
	mine->unknown += row->unknown;
	mine->errors += row->errors;
}

void cli_covered_dispose(cli_covered *covered) {
	for (size_t i = 0; i < covered->count; i++) {
		cli_covered_playbook *playbook = &covered->playbooks[i];
		for (size_t r = 0; r < playbook->n_rows; r++) {
			char *const texts[] = {
			    playbook->rows[r].state, playbook->rows[r].on, playbook->rows[r].to, playbook->rows[r].label, playbook->rows[r].file};
			for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) free(texts[t]);
		}
		free(playbook->rows);
		free(playbook->path);
		free(playbook->id);
		free(playbook->hash);
	}
	free(covered->playbooks);
	*covered = (cli_covered){0};
}

/* ---- sums --------------------------------------------------------------- */

static bool has_two(aplomb_covered what) {
	return what == APLOMB_COVERED_GUARD || what == APLOMB_COVERED_TIMER;
}

static void add_row(cli_covered_sum *sum, const cli_covered_row *row) {
	sum->all += has_two(row->what) ? 2 : 1;
	if (row->count > 0) sum->met++;
	if (has_two(row->what) && row->other > 0) sum->met++;
}

static cli_covered_sum sum_of_playbook(const cli_covered_playbook *playbook, cli_covered_sum kinds[N_KINDS]) {
	cli_covered_sum sum = {0, 0};
	for (size_t i = 0; i < N_KINDS && kinds != NULL; i++) kinds[i] = (cli_covered_sum){0, 0};
	for (size_t i = 0; i < playbook->n_rows; i++) {
		add_row(&sum, &playbook->rows[i]);
		if (kinds != NULL) add_row(&kinds[playbook->rows[i].what], &playbook->rows[i]);
	}
	return sum;
}

cli_covered_sum cli_covered_sum_of(const cli_covered *covered) {
	cli_covered_sum sum = {0, 0};
	for (size_t i = 0; i < covered->count; i++) {
		cli_covered_sum one = sum_of_playbook(&covered->playbooks[i], NULL);
		sum.met += one.met;
		sum.all += one.all;
	}
	return sum;
}

unsigned cli_covered_percent(cli_covered_sum sum) {
	return sum.all == 0 ? 100 : (unsigned)(sum.met * 100 / sum.all);
}

/* ---- text --------------------------------------------------------------- */

static void put(const tell_screen *screen, const char *text) {
	tell_put_text(screen, text, strlen(text), -1);
}

/* States by their own names: where they stand, the place says. */
static void put_targets(const tell_screen *screen, const char *to) {
	for (const char *at = to; *at != '\0'; at += strspn(at, " ")) {
		size_t size = strcspn(at, " "), own = size;
		while (own > 0 && at[own - 1] != '.') own--;
		if (at > to) tell_print(screen, ", ");
		tell_put_text(screen, at + own, size - own, -1);
		at += size;
	}
}

static bool is_of_delay(const cli_covered_row *row) {
	return strcmp(row->on, "after") == 0 || strcmp(row->on, "every") == 0 || strcmp(row->on, "at") == 0;
}

/* "state on event, when guard", as far as it has them. */
static void put_subject(const tell_screen *screen, const cli_covered_row *row) {
	char span[32];
	tell_style_set(screen, TELL_STATE);
	put(screen, row->state[0] != '\0' ? row->state : row->to);
	tell_style_set(screen, TELL_PLAIN);
	if (row->what == APLOMB_COVERED_STATE) return;
	if (row->state[0] == '\0') {
		tell_print(screen, ", a counter of ");
		put(screen, row->on);
	} else if (is_of_delay(row)) {
		tell_print(screen, " %s", row->on);
		if (row->what == APLOMB_COVERED_TIMER && row->span >= 0) tell_print(screen, " %s", tell_span(row->span, span));
		if (row->what == APLOMB_COVERED_TIMER && row->span < 0 && row->label != NULL) {
			tell_print(screen, " ");
			put(screen, row->label);
		}
	} else if (strcmp(row->on, "always") == 0) {
		tell_print(screen, " always");
	} else {
		tell_print(screen, " on ");
		put(screen, row->on);
	}
	if (row->state[0] != '\0' && row->what != APLOMB_COVERED_TIMER && row->to[0] != '\0') {
		tell_print(screen, " to ");
		put_targets(screen, row->to);
	}
	if (row->label != NULL && row->what != APLOMB_COVERED_TIMER) {
		tell_print(screen, ", when ");
		put(screen, row->label);
	}
}

static const char *what_is_missing(const cli_covered_row *row) {
	switch (row->what) {
	case APLOMB_COVERED_STATE: return "never entered";
	case APLOMB_COVERED_TRANSITION: return "never taken";
	case APLOMB_COVERED_GUARD:
		if (row->count + row->other + row->unknown + row->errors == 0) return "never asked";
		if (row->count + row->other == 0) return row->errors > 0 ? "only errors" : "only unknown";
		return row->count == 0 ? "never true" : "never false";
	case APLOMB_COVERED_TIMER:
		if (row->count + row->other == 0) return "never fired, never beaten";
		return row->count == 0 ? "never fired" : "never beaten";
	}
	return "";
}

static bool is_met(const cli_covered_row *row) {
	return row->count > 0 && (!has_two(row->what) || row->other > 0);
}

/* Rows of a state that was never entered say nothing that the state does not. */
static const cli_covered_row *dead_state(const cli_covered_playbook *playbook, const cli_covered_row *row) {
	for (size_t i = 0; i < playbook->n_rows; i++) {
		const cli_covered_row *state = &playbook->rows[i];
		if (state->what != APLOMB_COVERED_STATE || state->count > 0 || state == row) continue;
		size_t size = strlen(state->state);
		bool is_inside = strncmp(row->state, state->state, size) == 0 && (row->state[size] == '\0' || row->state[size] == '.');
		if (is_inside && (row->what != APLOMB_COVERED_STATE || row->state[size] == '.')) return state;
	}
	return NULL;
}

/* A transition that was not taken has its reason in the row of its guard, or of its timer: one line is enough. */
static bool is_said_elsewhere(const cli_covered_playbook *playbook, size_t number) {
	const cli_covered_row *row = &playbook->rows[number];
	if (row->what != APLOMB_COVERED_TRANSITION) return false;
	if (number + 1 < playbook->n_rows && playbook->rows[number + 1].what == APLOMB_COVERED_GUARD)
		return playbook->rows[number + 1].count == 0;
	for (size_t i = number + 1; i < playbook->n_rows && is_of_delay(row); i++) {
		const cli_covered_row *timer = &playbook->rows[i];
		if (timer->what == APLOMB_COVERED_TIMER && timer->line == row->line && timer->column == row->column &&
		    strcmp(timer->state, row->state) == 0)
			return timer->count == 0;
	}
	return false;
}

static void tell_rows(const tell_screen *screen, const cli_covered_playbook *playbook) {
	for (size_t i = 0; i < playbook->n_rows; i++) {
		const cli_covered_row *row = &playbook->rows[i];
		if (is_met(row) || is_said_elsewhere(playbook, i) || dead_state(playbook, row) != NULL) continue;
		put(screen, row->file[0] != '\0' ? row->file : playbook->path);
		tell_print(screen, ":%u: ", row->line);
		put_subject(screen, row);
		tell_print(screen, ": ");
		tell_print_styled(screen, TELL_CAREFUL, "%s", what_is_missing(row));
		tell_print(screen, "\n");
	}
}

void cli_covered_text(const tell_screen *screen, const cli_covered *covered) {
	static const char *const names[] = {[APLOMB_COVERED_STATE] = "states entered",
	    [APLOMB_COVERED_TRANSITION] = "transitions taken",
	    [APLOMB_COVERED_GUARD] = "guards true, and false",
	    [APLOMB_COVERED_TIMER] = "timers fired, and beaten"};
	char met[32], all[32];
	for (size_t i = 0; i < covered->count; i++) {
		const cli_covered_playbook *playbook = &covered->playbooks[i];
		cli_covered_sum kinds[N_KINDS];
		cli_covered_sum sum = sum_of_playbook(playbook, kinds);
		tell_print(screen, "\n");
		tell_rows(screen, playbook);
		tell_style_set(screen, TELL_STRONG);
		put(screen, playbook->path);
		tell_style_set(screen, TELL_PLAIN);
		tell_print(screen, ": %u %% is tested\n", cli_covered_percent(sum));
		for (size_t k = 0; k < N_KINDS; k++) {
			if (kinds[k].all == 0) continue;
			tell_print(screen, "  %-26s %6s of %s\n", names[k], tell_count(kinds[k].met, met), tell_count(kinds[k].all, all));
		}
	}
	if (covered->count == 0) return;
	cli_covered_sum sum = cli_covered_sum_of(covered);
	tell_print(screen, "\n%u %% is tested, %s of %s\n", cli_covered_percent(sum), tell_count(sum.met, met), tell_count(sum.all, all));
}

/* ---- JSON --------------------------------------------------------------- */

static void json_row(const tell_screen *screen, const cli_covered_row *row) {
	static const char *const kinds[] = {"state", "transition", "guard", "timer"};
	static const char *const counts[][2] = {{"entered", NULL}, {"taken", NULL}, {"true", "false"}, {"fired", "beaten"}};
	tell_print(screen, "{\"column\":%u,\"file\":", row->column);
	tell_json_text(screen, row->file);
	tell_print(screen, ",\"kind\":\"%s\",\"label\":", kinds[row->what]);
	if (row->label != NULL)
		tell_json_text(screen, row->label);
	else
		tell_print(screen, "null");
	tell_print(screen, ",\"line\":%u,\"on\":", row->line);
	tell_json_text(screen, row->on);
	tell_print(screen, ",\"state\":");
	tell_json_text(screen, row->state);
	tell_print(screen, ",\"to\":");
	tell_json_text(screen, row->to);
	tell_print(screen, ",\"%s\":%llu", counts[row->what][0], (unsigned long long)row->count);
	if (counts[row->what][1] != NULL) tell_print(screen, ",\"%s\":%llu", counts[row->what][1], (unsigned long long)row->other);
	if (row->what == APLOMB_COVERED_GUARD)
		tell_print(screen, ",\"errors\":%llu,\"unknown\":%llu", (unsigned long long)row->errors, (unsigned long long)row->unknown);
	tell_print(screen, "}");
}

void cli_covered_json(const tell_screen *screen, const cli_covered *covered) {
	cli_covered_sum all = cli_covered_sum_of(covered);
	tell_print(screen, "{\"all\":%llu,\"met\":%llu,\"playbooks\":[", (unsigned long long)all.all, (unsigned long long)all.met);
	for (size_t i = 0; i < covered->count; i++) {
		const cli_covered_playbook *playbook = &covered->playbooks[i];
		cli_covered_sum sum = sum_of_playbook(playbook, NULL);
		tell_print(screen, "%s\n{\"all\":%llu,\"file\":", i > 0 ? "," : "", (unsigned long long)sum.all);
		tell_json_text(screen, playbook->path);
		tell_print(screen, ",\"hash\":");
		tell_json_text(screen, playbook->hash);
		tell_print(screen, ",\"id\":");
		tell_json_text(screen, playbook->id);
		tell_print(screen, ",\"met\":%llu,\"rows\":[", (unsigned long long)sum.met);
		for (size_t r = 0; r < playbook->n_rows; r++) {
			tell_print(screen, "%s\n", r > 0 ? "," : "");
			json_row(screen, &playbook->rows[r]);
		}
		tell_print(screen, "]}");
	}
	tell_print(screen, "]}\n");
}
