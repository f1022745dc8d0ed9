/* SPDX-License-Identifier: MIT */
/*
 * Decides how a rota is made, written and read back. Its text is what a
 * playbook's bundle brings along, so whoever reads it asks no file, no zone
 * data and no library.
 */
#include <stdio.h>

#include "time/rota_inside.h"
#include "value/json.h"

/* ---- making one ----------------------------------------------------------------------- */

static bool copy_zone(apl_rota *rota, const apl_zone *zone) {
	apl_zone *copy = &rota->zones[rota->n_zones];
	*copy = (apl_zone){.alloc = rota->alloc, .name = apl_copy_text(&rota->alloc, zone->name, strlen(zone->name))};
	rota->n_zones++;
	bool has_memory = copy->name != NULL;
	for (uint32_t i = 0; i < zone->count && has_memory; i++) has_memory = apl_zone_add(copy, zone->changes[i].at, zone->changes[i].offset);
	return has_memory;
}

/* The copy of that zone, made when there is none yet; NULL without memory. */
static const apl_zone *zone_like(apl_rota *rota, const apl_zone *zone) {
	for (uint32_t i = 0; i < rota->n_zones; i++) {
		if (strcmp(rota->zones[i].name, zone->name) == 0) return &rota->zones[i];
	}
	return copy_zone(rota, zone) ? &rota->zones[rota->n_zones - 1] : NULL;
}

static bool copy_walls(apl_rota *rota, const apl_wall **walls, uint32_t count) {
	apl_wall *copy = apl_arena_take(&rota->arena, (count + 1) * sizeof *copy);
	if (copy == NULL) return false;
	if (count > 0) memcpy(copy, *walls, count * sizeof *copy);
	*walls = copy;
	return true;
}

static bool copy_text(apl_rota *rota, const char **text) {
	if (*text != NULL) *text = apl_arena_text(&rota->arena, *text, strlen(*text));
	return *text != NULL;
}

static bool copy_shift(apl_rota *rota, const apl_rota_shift *from, apl_rota_shift *to) {
	*to = *from;
	to->when.zone = zone_like(rota, from->when.zone);
	to->when.name = "";
	return to->when.zone != NULL && (from->who == NULL || copy_text(rota, &to->who)) && copy_text(rota, &to->source) &&
	       copy_walls(rota, &to->when.starts, from->when.n_starts) && copy_walls(rota, &to->when.without, from->when.n_without);
}

static void write_walls(apl_buf *out, const char *name, const apl_wall *walls, uint32_t count) {
	apl_buf_text(out, name);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0) apl_buf_byte(out, ',');
		apl_buf_integer(out, walls[i] / APL_SECOND);
	}
	apl_buf_byte(out, ']');
}

static void write_shift(apl_buf *out, const apl_rota *rota, const apl_rota_shift *shift) {
	const apl_ics_event *when = &shift->when;
	apl_buf_format(out, "{\"for\":%lld", (long long)(when->length / APL_SECOND));
	if (shift->from != APL_ROTA_ALWAYS_FROM) apl_buf_format(out, ",\"from\":%lld", (long long)(shift->from / APL_SECOND));
	apl_buf_format(out, ",\"period\":%lld,\"rank\":%u,\"source\":", (long long)(when->period / APL_SECOND), (unsigned)shift->rank);
	apl_json_write_text(out, shift->source, strlen(shift->source));
	write_walls(out, ",\"starts\":[", when->starts, when->n_starts);
	apl_buf_format(out, ",\"total\":%u", (unsigned)when->total);
	if (shift->until != APL_ROTA_ALWAYS_UNTIL) apl_buf_format(out, ",\"until\":%lld", (long long)(shift->until / APL_SECOND));
	if (shift->who != NULL) {
		APL_BUF_LITERAL(out, ",\"who\":");
		apl_json_write_text(out, shift->who, strlen(shift->who));
	}
	if (when->n_without > 0) write_walls(out, ",\"without\":[", when->without, when->n_without);
	apl_buf_format(out, ",\"zone\":%d}", (int)(when->zone - rota->zones));
}

static void write_text(apl_rota *rota) {
	apl_buf *out = &rota->text;
	APL_BUF_LITERAL(out, "{\"shifts\":[");
	for (uint32_t i = 0; i < rota->n_shifts; i++) {
		if (i > 0) apl_buf_byte(out, ',');
		write_shift(out, rota, &rota->shifts[i]);
	}
	APL_BUF_LITERAL(out, "],\"v\":1,\"zones\":[");
	for (uint32_t i = 0; i < rota->n_zones; i++) {
		if (i > 0) apl_buf_byte(out, ',');
		apl_zone_write(&rota->zones[i], out);
	}
	APL_BUF_LITERAL(out, "]}");
	apl_buf_terminate(out);
}

static uint32_t count_zones(const apl_rota_parts *parts) {
	uint32_t count = 1; /* at most: shifts of one zone often follow one another */
	for (uint32_t i = 0; i < parts->n_shifts; i++) count += i == 0 || parts->shifts[i].when.zone != parts->shifts[i - 1].when.zone;
	return count;
}

int apl_rota_new(apl_rota **out, const apl_alloc *alloc, const apl_rota_parts *parts, aplomb_error *error) {
	apl_rota *rota = apl_new(alloc, sizeof *rota);
	if (rota == NULL) return apl_fail_memory(error);
	rota->alloc = *alloc;
	apl_arena_init(&rota->arena, alloc);
	apl_buf_init(&rota->text, alloc);
	uint32_t most = count_zones(parts);
	/* As large as it may become: shifts point into it. */
	rota->zones = apl_new(alloc, most * sizeof *rota->zones);
	rota->shifts = apl_arena_take(&rota->arena, (parts->n_shifts + 1) * sizeof *rota->shifts);
	bool has_memory = rota->zones != NULL && rota->shifts != NULL && copy_zone(rota, parts->zone);
	for (uint32_t i = 0; i < parts->n_shifts && has_memory; i++) {
		has_memory = copy_shift(rota, &parts->shifts[i], &rota->shifts[i]);
		rota->n_shifts++;
	}
	rota->text.failed = rota->text.failed || !has_memory;
	if (has_memory) write_text(rota);
	if (rota->text.failed) {
		if (rota->zones != NULL) {
			for (uint32_t i = 0; i < rota->n_zones; i++) apl_zone_dispose(&rota->zones[i]);
			apl_free(alloc, rota->zones, most * sizeof *rota->zones);
		}
		rota->zones = NULL;
		apl_rota_free(rota);
		return apl_fail_memory(error);
	}
	apl_zone *zones = apl_new(alloc, rota->n_zones * sizeof *zones);
	if (zones != NULL) {
		memcpy(zones, rota->zones, rota->n_zones * sizeof *zones);
		for (uint32_t i = 0; i < rota->n_shifts; i++) rota->shifts[i].when.zone = zones + (rota->shifts[i].when.zone - rota->zones);
	} else {
		for (uint32_t i = 0; i < rota->n_zones; i++) apl_zone_dispose(&rota->zones[i]);
	}
	apl_free(alloc, rota->zones, most * sizeof *rota->zones);
	rota->zones = zones;
	if (zones == NULL) {
		apl_rota_free(rota);
		return apl_fail_memory(error);
	}
	apl_bytes text = {rota->text.bytes, rota->text.size};
	apl_sha256_hex(&text, 1, rota->version);
	*out = rota;
	return APLOMB_OK;
}

void apl_rota_free(apl_rota *rota) {
	if (rota == NULL) return;
	const apl_alloc alloc = rota->alloc;
	if (rota->zones != NULL) {
		for (uint32_t i = 0; i < rota->n_zones; i++) apl_zone_dispose(&rota->zones[i]);
		apl_free(&alloc, rota->zones, rota->n_zones * sizeof *rota->zones);
	}
	apl_buf_dispose(&rota->text);
	apl_arena_dispose(&rota->arena);
	apl_free(&alloc, rota, sizeof *rota);
}

const char *apl_rota_text(const apl_rota *rota, size_t *size) {
	*size = rota->text.size;
	return rota->text.bytes;
}

const char *apl_rota_version(const apl_rota *rota) {
	return rota->version;
}

const apl_zone *apl_rota_zone(const apl_rota *rota) {
	return &rota->zones[0];
}

/* ---- from its text ----------------------------------------------------------------------- */

typedef struct reader {
	const apl_tape *tape;
	apl_alloc alloc;
	apl_arena arena;
	apl_zone *zones;
	uint32_t n_zones;
	apl_rota_shift *shifts;
	const char *wrong;
	bool no_memory;
} reader;

#define MOST_SECONDS INT64_C(400000000000) /* further than any year that is known */

static const apl_cell *member(const reader *r, uint32_t map, const char *name, aplomb_kind kind, uint32_t *at) {
	uint32_t cell = apl_tape_find(r->tape, map, name, strlen(name));
	if (at != NULL) *at = cell;
	return cell != 0 && r->tape->cells[cell].kind == kind ? &r->tape->cells[cell] : NULL;
}

static bool read_seconds(const apl_cell *cell, apl_wall *out) {
	if (cell == NULL || cell->kind != APLOMB_INTEGER || cell->as.integer < -MOST_SECONDS || cell->as.integer > MOST_SECONDS) return false;
	*out = cell->as.integer * APL_SECOND;
	return true;
}

/* A list of seconds, each later than the one before. */
static const apl_wall *read_walls(reader *r, uint32_t list, uint32_t *count) {
	*count = r->tape->cells[list].count;
	apl_wall *walls = apl_arena_take(&r->arena, (*count + 1) * sizeof *walls);
	r->no_memory = r->no_memory || walls == NULL;
	uint32_t at = list + 1;
	for (uint32_t i = 0; i < *count && walls != NULL; i++, at = apl_tape_next(r->tape, at)) {
		if (!read_seconds(&r->tape->cells[at], &walls[i]) || (i > 0 && walls[i] < walls[i - 1])) {
			r->wrong = "the starts of a shift are none";
			return NULL;
		}
	}
	return walls;
}

static const char *read_text(reader *r, const apl_cell *cell) {
	if (cell == NULL || memchr(cell->as.text, '\0', cell->count) != NULL) {
		r->wrong = "a name is none";
		return NULL;
	}
	const char *text = apl_arena_text(&r->arena, cell->as.text, cell->count);
	r->no_memory = r->no_memory || text == NULL;
	return text;
}

/* Starts follow one another, also from one round to the next. */
static bool is_sound(const apl_ics_event *when) {
	if (when->n_starts == 0 || when->total == 0 || when->length <= 0 || when->period < 0) return false;
	for (uint32_t i = 1; i < when->n_starts; i++) {
		if (when->starts[i] <= when->starts[i - 1]) return false;
	}
	if (when->period == 0) return when->total == when->n_starts;
	return when->period > when->starts[when->n_starts - 1] - when->starts[0] &&
	       (int64_t)(when->total / when->n_starts) <= MOST_SECONDS * APL_SECOND / when->period;
}

static void read_shift(reader *r, uint32_t at, apl_rota_shift *out) {
	*out = (apl_rota_shift){.from = APL_ROTA_ALWAYS_FROM, .until = APL_ROTA_ALWAYS_UNTIL};
	apl_ics_event *when = &out->when;
	when->name = "";
	uint32_t starts, without, who, from, until;
	const apl_cell *rank = member(r, at, "rank", APLOMB_INTEGER, NULL), *total = member(r, at, "total", APLOMB_INTEGER, NULL);
	const apl_cell *zone = member(r, at, "zone", APLOMB_INTEGER, NULL);
	bool is_list = member(r, at, "starts", APLOMB_LIST, &starts) != NULL;
	bool has_without = member(r, at, "without", APLOMB_LIST, &without) != NULL;
	const apl_cell *name = member(r, at, "who", APLOMB_TEXT, &who);
	const apl_cell *first = member(r, at, "from", APLOMB_INTEGER, &from), *last = member(r, at, "until", APLOMB_INTEGER, &until);
	bool is_whole = rank != NULL && total != NULL && zone != NULL && is_list && rank->as.integer >= 0 && rank->as.integer <= UINT32_MAX &&
	                total->as.integer > 0 && total->as.integer <= UINT32_MAX && zone->as.integer >= 0 && zone->as.integer < r->n_zones &&
	                (who == 0 || name != NULL) && (without == 0 || has_without) && (from == 0 || read_seconds(first, &out->from)) &&
	                (until == 0 || read_seconds(last, &out->until)) &&
	                read_seconds(member(r, at, "for", APLOMB_INTEGER, NULL), &when->length) &&
	                read_seconds(member(r, at, "period", APLOMB_INTEGER, NULL), &when->period);
	if (!is_whole) {
		r->wrong = "a shift is none";
		return;
	}
	out->rank = (uint32_t)rank->as.integer;
	when->zone = &r->zones[zone->as.integer];
	when->total = (uint32_t)total->as.integer;
	when->starts = read_walls(r, starts, &when->n_starts);
	if (has_without) when->without = read_walls(r, without, &when->n_without);
	if (r->wrong == NULL && name != NULL) out->who = read_text(r, name);
	if (r->wrong == NULL) out->source = read_text(r, member(r, at, "source", APLOMB_TEXT, NULL));
	if (r->wrong == NULL && !r->no_memory && !is_sound(when)) r->wrong = "the starts of a shift are none";
}

static int read_zones(reader *r, uint32_t list, aplomb_error *error) {
	uint32_t at = list + 1;
	for (uint32_t i = 0; i < r->tape->cells[list].count; i++, at = apl_tape_next(r->tape, at)) {
		apl_buf text;
		apl_buf_init(&text, &r->alloc);
		apl_json_write(&text, r->tape, at);
		int code = text.failed ? apl_fail_memory(error) : apl_zone_read(&r->zones[i], &r->alloc, text.bytes, text.size, error);
		apl_buf_dispose(&text);
		if (code != APLOMB_OK) return code;
		r->n_zones++;
	}
	return APLOMB_OK;
}

static int read_parts(reader *r, apl_rota **out, aplomb_error *error) {
	static const char fact[] = "the text of a rota: %s";
	uint32_t shifts, zones;
	const apl_cell *v = member(r, 0, "v", APLOMB_INTEGER, NULL);
	if (v == NULL || v->as.integer != 1) return apl_fail(error, APLOMB_EINVAL, "rota-material", fact, "its version (\"v\") is not 1");
	const apl_cell *list = member(r, 0, "shifts", APLOMB_LIST, &shifts), *names = member(r, 0, "zones", APLOMB_LIST, &zones);
	if (list == NULL || names == NULL || names->count == 0 || names->count > APL_ICS_MOST_ZONES * 8 || list->count > APL_ROTA_MOST_SHIFTS)
		return apl_fail(error, APLOMB_EINVAL, "rota-material", fact, "it has no \"shifts\", or no \"zones\"");
	r->zones = apl_arena_take(&r->arena, names->count * sizeof *r->zones);
	r->shifts = apl_arena_take(&r->arena, (list->count + 1) * sizeof *r->shifts);
	if (r->zones == NULL || r->shifts == NULL) return apl_fail_memory(error);
	int code = read_zones(r, zones, error);
	if (code != APLOMB_OK) return code;
	uint32_t at = shifts + 1;
	for (uint32_t i = 0; i < list->count && r->wrong == NULL && !r->no_memory; i++, at = apl_tape_next(r->tape, at)) {
		if (r->tape->cells[at].kind == APLOMB_MAP)
			read_shift(r, at, &r->shifts[i]);
		else
			r->wrong = "a shift is none";
	}
	if (r->no_memory) return apl_fail_memory(error);
	if (r->wrong != NULL) return apl_fail(error, APLOMB_EINVAL, "rota-material", fact, r->wrong);
	const apl_rota_parts parts = {&r->zones[0], r->shifts, list->count};
	return apl_rota_new(out, &r->alloc, &parts, error);
}

int apl_rota_read(apl_rota **out, const apl_alloc *alloc, const char *text, size_t size, aplomb_error *error) {
	apl_tape tape;
	reader r = {.tape = &tape, .alloc = *alloc};
	apl_tape_init(&tape, alloc);
	apl_arena_init(&r.arena, alloc);
	const apl_json_bounds bounds = {.size = 32u << 20};
	int code = apl_json_read(&tape, text, size, &bounds, error);
	if (code == APLOMB_OK && tape.cells[0].kind != APLOMB_MAP)
		code = apl_fail(error, APLOMB_EINVAL, "rota-material", "the text of a rota: %s", "it is no object");
	if (code == APLOMB_OK) code = read_parts(&r, out, error);
	for (uint32_t i = 0; i < r.n_zones; i++) apl_zone_dispose(&r.zones[i]);
	apl_arena_dispose(&r.arena);
	apl_tape_dispose(&tape);
	return code;
}
