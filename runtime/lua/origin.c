/* SPDX-License-Identifier: MIT */
/*
 * Decides which place of a document a place of the file stands for that was
 * made of it. Where only the line is known, what a guard did belongs to the
 * first element that the line came from, and what a block did to the last: in
 * `on "e" { when = …, act = … }` those are the transition and its content.
 */

#include "lua/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/files.h"

/* ---- reading ------------------------------------------------------------------------ */

/* A number and what stands behind it; false: there is none. */
static bool read_number(const char **at, const char *end, uint32_t *out) {
	uint64_t value = 0;
	const char *begun = *at;
	while (*at < end && **at >= '0' && **at <= '9' && value < UINT32_MAX) value = value * 10 + (uint64_t)(*(*at)++ - '0');
	if (*at == begun || value == 0 || value > UINT32_MAX) return false;
	if (*at < end && **at == ' ') ++*at;
	*out = (uint32_t)value;
	return true;
}

static bool read_row(const char *at, const char *end, apl_origin_row *row) {
	*row = (apl_origin_row){.line = 0};
	if (!read_number(&at, end, &row->line) || !read_number(&at, end, &row->column)) return false;
	if (!read_number(&at, end, &row->to_line) || !read_number(&at, end, &row->to_column)) return false;
	row->runs = at < end && *at == '+';
	return at + row->runs == end;
}

static bool is_before(const apl_origin_row *a, uint32_t line, uint32_t column) {
	return a->line != line ? a->line < line : a->column < column;
}

static bool refuse(apl_lua *host, uint32_t file, uint32_t line) {
	apl_found(host->findings, APLOMB_ERROR, "bundle-shape", (apl_place){host->files[file].name, line, 0},
	    "this says where each piece of %s came from, a line each: LINE COLUMN LINE COLUMN, in their order; and this line does not",
	    host->files[0].name);
	return false;
}

bool apl_origin_read(apl_lua *host, uint32_t file, const char *shown) {
	const char *text = host->files[file].text, *end = text + host->files[file].size;
	const char *newline = memchr(text, '\n', host->files[file].size);
	if (newline == NULL || newline == text) return refuse(host, file, 1);
	const char *name = apl_arena_text(&host->arena, text, (size_t)(newline - text));
	uint32_t count = 0;
	for (const char *c = newline + 1; c < end; c++) count += *c == '\n';
	apl_origin_row *rows = apl_arena_take(&host->arena, (count + 1) * sizeof *rows);
	if (name == NULL || rows == NULL) {
		host->host_is_out_of_memory = true;
		return false;
	}
	const char *at = newline + 1;
	for (uint32_t i = 0; i < count; i++, at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!read_row(at, newline, &rows[i])) return refuse(host, file, i + 2);
		if (i > 0 && !is_before(&rows[i - 1], rows[i].line, rows[i].column + 1)) return refuse(host, file, i + 2);
	}
	if (count == 0 || at != end) return refuse(host, file, count + 2);
	host->origin = (apl_origin){file, name, shown != NULL ? shown : name, rows, count};
	return true;
}

/* ---- answering ------------------------------------------------------------------------- */

/* How many rows are not behind that place. */
static uint32_t count_until(const apl_origin *origin, uint32_t line, uint32_t column) {
	uint32_t low = 0, high = origin->n_rows;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const apl_origin_row *row = &origin->rows[middle];
		if (is_before(row, line, column) || (row->line == line && row->column == column))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const apl_origin_row *row_of(const apl_lua *host, apl_place place) {
	const apl_origin *origin = &host->origin;
	uint32_t count = count_until(origin, place.line, place.column != 0 ? place.column : UINT32_MAX);
	if (place.column == 0 && host->phase == APL_LUA_GUARD) {
		const uint32_t before = count_until(origin, place.line, 0);
		if (before < count) count = before + 1;
	}
	return &origin->rows[count > 0 ? count - 1 : 0];
}

/* An error's copy of a long name is cut. */
static bool is_main_file(const apl_lua *host, const char *name) {
	return name != NULL && strncmp(name, host->files[0].shown, sizeof((aplomb_error *)NULL)->file - 1) == 0;
}

apl_place apl_origin_place(const apl_lua *host, apl_place place) {
	if (host->origin.rows == NULL || !is_main_file(host, place.file)) return place;
	if (place.line == 0) return (apl_place){host->origin.shown, 0, 0};
	const apl_origin_row *row = row_of(host, place);
	const uint32_t below = row->runs && place.line > row->line ? place.line - row->line : 0;
	return (apl_place){host->origin.shown, row->to_line + below, below == 0 ? row->to_column : 0};
}

void apl_origin_error(const apl_lua *host, aplomb_error *error) {
	if (host->origin.rows == NULL || error->file[0] == '\0') return;
	const apl_place place = apl_origin_place(host, (apl_place){error->file, error->line, error->column});
	if (place.file == error->file) return;
	snprintf(error->file, sizeof error->file, "%s", place.file);
	error->line = place.line;
	error->column = place.column;
}

/* ---- what was loaded --------------------------------------------------------------------- */

static apl_place move(const void *self, apl_place place) {
	return apl_origin_place(self, place);
}

void apl_origin_apply(apl_lua *host, apl_findings *findings) {
	if (host->origin.rows == NULL) return;
	apl_findings_move(findings, move, host);
	apl_chart *chart = host->program.chart;
	for (uint32_t i = 0; chart != NULL && i < chart->n_states; i++) chart->states[i].place = apl_origin_place(host, chart->states[i].place);
	for (uint32_t i = 0; chart != NULL && i < chart->n_transitions; i++)
		chart->transitions[i].place = apl_origin_place(host, chart->transitions[i].place);
	for (uint32_t i = 0; chart != NULL && i < chart->n_delays; i++) chart->delays[i].place = apl_origin_place(host, chart->delays[i].place);
	for (uint32_t i = 0; i < host->n_effects; i++) host->effects[i].place = apl_origin_place(host, host->effects[i].place);
	for (uint32_t i = 0; i < host->n_counters; i++) host->counters[i].place = apl_origin_place(host, host->counters[i].place);
	for (uint32_t i = 0; i < host->n_clocks; i++) host->clocks[i].place = apl_origin_place(host, host->clocks[i].place);
	for (uint32_t i = 0; i < host->n_made; i++) host->made[i].place = apl_origin_place(host, host->made[i].place);
}
