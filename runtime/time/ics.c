/* SPDX-License-Identifier: MIT */
/*
 * Decides what the events of an .ics file come to: which zone each is of, how
 * long it lasts, which of its starts are cancelled, and which are replaced by
 * another event.
 */
#include "time/ics.h"

#include <stdlib.h>

#include "time/ics_inside.h"
#include "time/shown.h"

int apl_ics_refuse(apl_ics_reading *r, const char *slug, uint32_t line, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	r->code = apl_vfail(r->error, APLOMB_EINVAL, slug, (apl_place){NULL, line, 0}, format, arguments);
	va_end(arguments);
	return r->code;
}

int apl_ics_no_memory(apl_ics_reading *r) {
	r->code = apl_fail_memory(r->error);
	return r->code;
}

/* ---- starts ---------------------------------------------------------------------------- */

uint32_t apl_ics_find(const apl_ics_event *event, apl_wall wall) {
	uint32_t low = 0, high = event->total;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (apl_ics_start(event, middle) < wall)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool apl_ics_is_without(const apl_ics_event *event, apl_wall start) {
	uint32_t low = 0, high = event->n_without;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (event->without[middle] < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < event->n_without && event->without[low] == start;
}

static int by_wall(const void *left, const void *right) {
	const apl_wall *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* ---- zones ------------------------------------------------------------------------------ */

/* The zone of that name, or NULL: there is none. */
static const apl_zone *zone_called(apl_ics_reading *r, const char *name, uint32_t line) {
	apl_ics *out = r->out;
	if (strcmp(name, r->zone->name) == 0) return r->zone;
	for (uint32_t i = 0; i < out->n_zones; i++) {
		if (strcmp(out->zones[i].name, name) == 0) return &out->zones[i];
	}
	apl_zone zone;
	int code = apl_zone_load(&zone, &out->alloc, name, strlen(name), NULL);
	if (code == APLOMB_ENOMEM) apl_ics_no_memory(r);
	if (code != APLOMB_OK) return NULL;
	/* Events point at them: the array is as large as it may become. */
	if (out->zones == NULL) out->zones = apl_new(&out->alloc, APL_ICS_MOST_ZONES * sizeof *out->zones);
	if (out->zones == NULL || out->n_zones == APL_ICS_MOST_ZONES) {
		if (out->zones == NULL)
			apl_ics_no_memory(r);
		else
			apl_ics_refuse(r, "ics-limit", line, "this file names more than %d zones", (int)APL_ICS_MOST_ZONES);
		apl_zone_dispose(&zone);
		return NULL;
	}
	out->zones[out->n_zones] = zone;
	return &out->zones[out->n_zones++];
}

/* A TZID is IANA's name, or ends with it, or its VTIMEZONE says which. */
static const apl_zone *zone_of(apl_ics_reading *r, const apl_ics_time *time) {
	char shown[APL_SHOWN];
	if (time->at.is_utc) return zone_called(r, "UTC", time->line);
	if (time->tzid == NULL || time->at.is_date) return r->zone;
	const apl_zone *zone = zone_called(r, time->tzid, time->line);
	for (uint32_t i = 0; zone == NULL && r->code == APLOMB_OK && i < r->n_cities; i++) {
		const apl_ics_city *city = &r->cities[i];
		if (city->tzid != NULL && city->city != NULL && strcmp(city->tzid, time->tzid) == 0) zone = zone_called(r, city->city, time->line);
	}
	for (const char *rest = strchr(time->tzid, '/'); zone == NULL && r->code == APLOMB_OK && rest != NULL; rest = strchr(rest + 1, '/'))
		zone = zone_called(r, rest + 1, time->line);
	if (zone == NULL && r->code == APLOMB_OK)
		apl_ics_refuse(r, "ics-zone", time->line,
		    "the zone \"%s\" is none that this machine's zone data (tzdata) has; zones are called like \"Europe/London\"",
		    apl_shown(time->tzid, strlen(time->tzid), shown));
	return zone;
}

/* What the clocks of [zone] show at that time; of a date its midnight. */
static bool wall_in(apl_ics_reading *r, const apl_zone *zone, const apl_ics_time *time, apl_wall *out) {
	*out = time->at.wall;
	if (time->at.is_date) return true;
	const apl_zone *own = zone_of(r, time);
	if (own == NULL) return false;
	if (own != zone) *out = apl_zone_wall(zone, apl_zone_instant(own, time->at.wall));
	return true;
}

/* ---- one event ------------------------------------------------------------------------------ */

static apl_ics_event *add_event(apl_ics_reading *r, const apl_ics_event *event) {
	apl_ics *out = r->out;
	if (!APL_GROW(&out->alloc, out->events, out->n_events, out->capacity)) {
		apl_ics_no_memory(r);
		return NULL;
	}
	out->events[out->n_events] = *event;
	return &out->events[out->n_events++];
}

/* false: nothing more is to be done with it. */
static bool read_length(apl_ics_reading *r, const apl_ics_raw *raw, apl_ics_event *event) {
	if (raw->duration >= 0) {
		event->length = raw->duration;
	} else if (raw->end.line == 0) {
		event->length = event->is_all_day ? APL_DAY : 0; /* the standard's rule */
	} else {
		apl_wall end;
		if (raw->end.at.is_date && !event->is_all_day) {
			apl_ics_refuse(r, "ics-event", raw->end.line, "the event begins at a time, and its DTEND is a date");
			return false;
		}
		/* The other way round it is done: a date that ends with a time is that whole day, whatever the zone of the time. */
		if (event->is_all_day && !raw->end.at.is_date)
			end = ((apl_wall)apl_wall_date(raw->end.at.wall - 1) + 1) * APL_DAY;
		else if (!wall_in(r, event->zone, &raw->end, &end))
			return false;
		event->length = end - raw->start.at.wall;
		/* Some write a day as one that ends on itself. */
		if (event->is_all_day && event->length == 0) event->length = APL_DAY;
		if (event->length < 0) {
			apl_ics_refuse(r, "ics-event", raw->end.line, "the event ends before it begins");
			return false;
		}
	}
	if (event->is_all_day && event->length % APL_DAY != 0) {
		apl_ics_refuse(r, "ics-event", raw->line, "the event begins on a date, and lasts no whole days");
		return false;
	}
	return true;
}

/* One start of its own. */
static void add_single(apl_ics_reading *r, const apl_ics_event *like, apl_wall start, apl_wall length) {
	apl_wall *starts = apl_arena_take(&r->out->arena, sizeof *starts);
	if (starts == NULL) {
		apl_ics_no_memory(r);
		return;
	}
	*starts = start;
	apl_ics_event single = *like;
	single.starts = starts;
	single.n_starts = single.total = 1;
	single.period = 0;
	single.length = length;
	if (length > 0) add_event(r, &single);
}

/* Those of an RDATE that last as long as the event, in order, each once, and none that the rule gives. */
static void add_like(apl_ics_reading *r, const apl_ics_event *event, apl_wall *walls, uint32_t count) {
	uint32_t kept = 0;
	qsort(walls, count, sizeof *walls, by_wall);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t found = apl_ics_find(event, walls[i]);
		bool is_there = (found < event->total && apl_ics_start(event, found) == walls[i]) || (kept > 0 && walls[kept - 1] == walls[i]);
		if (!is_there) walls[kept++] = walls[i];
	}
	if (kept == 0 || event->length == 0) return;
	apl_ics_event more = *event;
	more.starts = walls;
	more.n_starts = more.total = kept;
	more.period = 0;
	add_event(r, &more);
}

enum { MOST_PERIODS = 256 }; /* of a file: each is an event of its own */

static void add_dates(apl_ics_reading *r, const apl_ics_raw *raw, const apl_ics_event *event) {
	apl_wall *walls = apl_arena_take(&r->out->arena, (raw->n_dates + 1) * sizeof *walls);
	uint32_t count = 0;
	if (walls == NULL) {
		apl_ics_no_memory(r);
		return;
	}
	for (uint32_t i = 0; i < raw->n_dates && r->code == APLOMB_OK; i++) {
		const apl_ics_time *date = &raw->dates[i];
		apl_wall wall;
		if (!wall_in(r, event->zone, date, &wall)) return;
		/* A date for an event with times is that time on the date; a time for one of whole days is its day. */
		if (date->at.is_date && !event->is_all_day) wall += apl_wall_of_day(raw->start.at.wall);
		if (event->is_all_day) wall = (apl_wall)apl_wall_date(wall) * APL_DAY;
		if (date->length < 0)
			walls[count++] = wall;
		else if (event->is_all_day)
			apl_ics_refuse(r, "ics-event", date->line, "the event lasts whole days, and this RDATE is a period with times");
		else if (++r->periods > MOST_PERIODS)
			apl_ics_refuse(r, "ics-limit", date->line, "the events of this file have more than %d periods", (int)MOST_PERIODS);
		else
			add_single(r, event, wall, date->length);
	}
	if (r->code == APLOMB_OK) add_like(r, event, walls, count);
}

/* Which of the starts an EXDATE or a RECURRENCE-ID means: one, or all of a date. */
static bool add_without(
    apl_ics_reading *r, const apl_ics_event *event, const apl_ics_time *time, apl_wall **out, uint32_t *count, uint32_t *capacity) {
	apl_wall wall, end;
	if (!wall_in(r, event->zone, time, &wall)) return false;
	if (event->is_all_day) wall = (apl_wall)apl_wall_date(wall) * APL_DAY;
	end = time->at.is_date && !event->is_all_day ? wall + APL_DAY : wall + 1;
	for (uint32_t n = apl_ics_find(event, wall); n < event->total && apl_ics_start(event, n) < end; n++) {
		if (++r->starts > APL_ICS_MOST_STARTS) {
			apl_ics_refuse(r, "ics-limit", time->line, "the events of this file have more than %d dates", (int)APL_ICS_MOST_STARTS);
			return false;
		}
		if (!APL_GROW(&r->out->alloc, *out, *count, *capacity)) {
			apl_ics_no_memory(r);
			return false;
		}
		(*out)[(*count)++] = apl_ics_start(event, n);
	}
	return true;
}

/* Those that stand in for one start have the same UID: [raws] in the order of their UIDs, [raw] the first of [count]. */
static void drop_starts(apl_ics_reading *r, const apl_ics_raw *raw, apl_ics_raw *const *same, uint32_t count, apl_ics_event *event) {
	apl_wall *without = NULL;
	uint32_t n = 0, capacity = 0;
	bool is_well = true;
	for (uint32_t i = 0; is_well && i < raw->n_without; i++) is_well = add_without(r, event, &raw->without[i], &without, &n, &capacity);
	for (uint32_t i = 0; is_well && i < count; i++) {
		if (same[i]->recurrence.line != 0) is_well = add_without(r, event, &same[i]->recurrence, &without, &n, &capacity);
	}
	apl_wall *kept = n > 0 ? apl_arena_take(&r->out->arena, n * sizeof *kept) : NULL;
	if (n > 0 && kept == NULL) apl_ics_no_memory(r);
	if (kept != NULL) {
		qsort(without, n, sizeof *without, by_wall);
		memcpy(kept, without, n * sizeof *kept);
		event->without = kept;
		event->n_without = n;
	}
	if (without != NULL) apl_free(&r->out->alloc, without, capacity * sizeof *without);
}

static void resolve(apl_ics_reading *r, const apl_ics_raw *raw, apl_ics_raw *const *same, uint32_t count) {
	if (raw->start.line == 0) {
		apl_ics_refuse(r, "ics-event", raw->line, "this event has no DTSTART");
		return;
	}
	apl_ics_event event = {
	    .name = raw->name, .line = raw->line, .is_all_day = raw->start.at.is_date, .is_override = raw->recurrence.line != 0};
	event.zone = zone_of(r, &raw->start);
	if (event.zone == NULL || !read_length(r, raw, &event) || raw->is_cancelled) return;
	uint32_t first = r->out->n_events;
	if (raw->rule != NULL && !event.is_override) {
		if (apl_ics_rule(r, raw, &event) != APLOMB_OK) return;
	}
	/* The first start is one, also when the rule does not give it; and it is counted by COUNT then, which libical does not know. */
	bool is_given = event.total > 0 && apl_ics_start(&event, 0) == raw->start.at.wall;
	if (event.total > 0 && event.length > 0 && add_event(r, &event) == NULL) return;
	if (!is_given) add_single(r, &event, raw->start.at.wall, event.length);
	if (!event.is_override) add_dates(r, raw, &event);
	for (uint32_t i = first; !event.is_override && i < r->out->n_events && r->code == APLOMB_OK; i++)
		drop_starts(r, raw, same, count, &r->out->events[i]);
}

/* ---- all of them ------------------------------------------------------------------------------- */

static int compare_uids(const apl_ics_raw *a, const apl_ics_raw *b) {
	if (a->uid == NULL || b->uid == NULL) return (a->uid != NULL) - (b->uid != NULL);
	return strcmp(a->uid, b->uid);
}

/* Of one UID the later versions first, and of equal ones what stands later in the file. */
static int by_uid(const void *left, const void *right) {
	const apl_ics_raw *const *a = left, *const *b = right;
	int order = compare_uids(*a, *b);
	if (order != 0) return order;
	if ((*a)->sequence != (*b)->sequence) return (*a)->sequence > (*b)->sequence ? -1 : 1;
	return (*a)->line > (*b)->line ? -1 : 1;
}

/* Another version of the same start stands before this one. */
static bool is_outdated(apl_ics_raw *const *same, uint32_t number) {
	const apl_ics_time *own = &same[number]->recurrence;
	if (own->line == 0 || same[number]->uid == NULL) return false;
	for (uint32_t i = 0; i < number; i++) {
		const apl_ics_time *other = &same[i]->recurrence;
		if (other->line != 0 && other->at.wall == own->at.wall && other->at.is_date == own->at.is_date &&
		    other->at.is_utc == own->at.is_utc)
			return true;
	}
	return false;
}

static int by_line(const void *left, const void *right) {
	const apl_ics_event *a = left, *b = right;
	if (a->line != b->line) return a->line < b->line ? -1 : 1;
	return a->starts[0] < b->starts[0] ? -1 : a->starts[0] > b->starts[0];
}

static void resolve_all(apl_ics_reading *r) {
	apl_ics_raw **order = apl_new(&r->out->alloc, (r->n_raws + 1) * sizeof(apl_ics_raw *));
	if (order == NULL) {
		apl_ics_no_memory(r);
		return;
	}
	for (uint32_t i = 0; i < r->n_raws; i++) order[i] = &r->raws[i];
	qsort(order, r->n_raws, sizeof *order, by_uid);
	for (uint32_t i = 0; i < r->n_raws && r->code == APLOMB_OK;) {
		uint32_t end = i + 1;
		while (end < r->n_raws && order[i]->uid != NULL && compare_uids(order[i], order[end]) == 0) end++;
		for (uint32_t k = i; k < end && r->code == APLOMB_OK; k++) {
			if (!is_outdated(order + i, k - i)) resolve(r, order[k], order + i, end - i);
		}
		i = end;
	}
	apl_free(&r->out->alloc, order, (r->n_raws + 1) * sizeof(apl_ics_raw *));
	if (r->code == APLOMB_OK && r->out->n_events > 0) qsort(r->out->events, r->out->n_events, sizeof *r->out->events, by_line);
}

static void dispose_raws(apl_ics_reading *r) {
	const apl_alloc *alloc = &r->out->alloc;
	for (uint32_t i = 0; i < r->n_raws; i++) {
		apl_ics_raw *raw = &r->raws[i];
		if (raw->dates != NULL) apl_free(alloc, raw->dates, raw->dates_capacity * sizeof *raw->dates);
		if (raw->without != NULL) apl_free(alloc, raw->without, raw->without_capacity * sizeof *raw->without);
	}
	if (r->raws != NULL) apl_free(alloc, r->raws, r->raws_capacity * sizeof *r->raws);
	if (r->cities != NULL) apl_free(alloc, r->cities, r->cities_capacity * sizeof *r->cities);
}

int apl_ics_read(apl_ics *out, const apl_alloc *alloc, const apl_zone *zone, const char *text, size_t size, aplomb_error *error) {
	*out = (apl_ics){.alloc = *alloc};
	apl_ical *ical;
	int code = apl_ical_open(&ical, alloc, error);
	if (code != APLOMB_OK) return code;
	apl_arena_init(&out->arena, alloc);
	apl_ics_reading r = {.out = out, .ical = ical, .zone = zone, .code = APLOMB_OK, .error = error};
	if (apl_ics_lines(&r, text, size) == APLOMB_OK) resolve_all(&r);
	dispose_raws(&r);
	apl_ical_close(ical);
	if (r.code != APLOMB_OK) apl_ics_dispose(out);
	return r.code;
}

void apl_ics_dispose(apl_ics *ics) {
	for (uint32_t i = 0; i < ics->n_zones; i++) apl_zone_dispose(&ics->zones[i]);
	if (ics->zones != NULL) apl_free(&ics->alloc, ics->zones, APL_ICS_MOST_ZONES * sizeof *ics->zones);
	if (ics->events != NULL) apl_free(&ics->alloc, ics->events, ics->capacity * sizeof *ics->events);
	apl_arena_dispose(&ics->arena);
	*ics = (apl_ics){.alloc = ics->alloc};
}
