/* SPDX-License-Identifier: MIT */
/*
 * Decides what an .ics file is made of: lines, unfolded; components within one
 * another; and of an event's own lines those that say when and what. Everything
 * else (alarms, attachments, attendees) is passed over unread, but for its form.
 */
#include <stdio.h>

#include "base/text.h"
#include "time/ics_inside.h"
#include "time/shown.h"

enum { DEEPEST = 8 };

typedef struct lines {
	apl_ics_reading *r;
	const char *text;
	size_t size, at;
	uint32_t number; /* of the line that begins at [at] */
	apl_buf line;    /* unfolded, terminated */
	uint32_t line_number;
	struct {
		const char *name;
		uint32_t line;
	} open[DEEPEST];
	uint32_t depth;
	apl_ics_raw *event; /* whose lines these are, or NULL */
	apl_ics_city *city;
} lines;

/* One line as it stands there; its end is passed over. */
static void take_line(lines *l, const char **begin, size_t *size) {
	const char *from = l->text + l->at, *end = memchr(from, '\n', l->size - l->at);
	size_t length = end != NULL ? (size_t)(end - from) : l->size - l->at;
	l->at += length + (end != NULL ? 1 : 0);
	l->number++;
	while (length > 0 && from[length - 1] == '\r') length--;
	*begin = from;
	*size = length;
}

/* The next line that is not empty, with those that are folded below it; false at the end. */
static bool next_line(lines *l) {
	const char *begin;
	size_t size = 0;
	apl_buf_clear(&l->line);
	while (size == 0) {
		if (l->at >= l->size) return false;
		l->line_number = l->number;
		take_line(l, &begin, &size);
	}
	apl_buf_add(&l->line, begin, size);
	while (l->at < l->size && (l->text[l->at] == ' ' || l->text[l->at] == '\t') && l->line.size <= APL_ICS_MOST_LINE) {
		take_line(l, &begin, &size);
		if (size > 0) apl_buf_add(&l->line, begin + 1, size - 1);
	}
	apl_buf_terminate(&l->line);
	return true;
}

/* What no line may hold. */
static int check_line(lines *l) {
	const char *text = l->line.bytes;
	if (l->line.failed) return apl_ics_no_memory(l->r);
	if (l->line.size > APL_ICS_MOST_LINE)
		return apl_ics_refuse(l->r, "ics-limit", l->line_number, "this line is longer than %d bytes, what is folded below it included",
		    (int)APL_ICS_MOST_LINE);
	if (apl_utf8_valid(text, l->line.size) != l->line.size)
		return apl_ics_refuse(l->r, "ics-text", l->line_number, "this line is no UTF-8; save the file as UTF-8");
	for (size_t i = 0; i < l->line.size; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c < ' ' && c != '\t') || c == 0x7F)
			return apl_ics_refuse(l->r, "ics-text", l->line_number, "there is a control character (0x%02X) in this line", (unsigned)c);
	}
	return APLOMB_OK;
}

/* ---- components ------------------------------------------------------------------------- */

static bool is_word(const char *text, size_t size, const char *word) {
	size_t i = 0;
	for (; i < size && word[i] != '\0'; i++) {
		char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
		if (c != word[i]) return false;
	}
	return i == size && word[i] == '\0';
}

static const char *keep(lines *l, const char *text, size_t size) {
	const char *copy = apl_arena_text(&l->r->out->arena, text, size);
	if (copy == NULL) apl_ics_no_memory(l->r);
	return copy;
}

static void begin_event(lines *l) {
	apl_ics_reading *r = l->r;
	if (r->n_raws == APL_ICS_MOST_EVENTS) {
		apl_ics_refuse(r, "ics-limit", l->line_number, "there are more than %d events in this file", (int)APL_ICS_MOST_EVENTS);
	} else if (!APL_GROW(&r->out->alloc, r->raws, r->n_raws, r->raws_capacity)) {
		apl_ics_no_memory(r);
	} else {
		l->event = &r->raws[r->n_raws++];
		*l->event = (apl_ics_raw){.name = "", .line = l->line_number, .duration = -1};
	}
}

static void begin_zone(lines *l) {
	apl_ics_reading *r = l->r;
	if (!APL_GROW(&r->out->alloc, r->cities, r->n_cities, r->cities_capacity)) {
		apl_ics_no_memory(r);
		return;
	}
	l->city = &r->cities[r->n_cities++];
	*l->city = (apl_ics_city){NULL, NULL};
}

static int begin_component(lines *l, const char *name, size_t size) {
	char shown[APL_SHOWN];
	bool is_calendar = is_word(name, size, "VCALENDAR");
	if (is_calendar != (l->depth == 0))
		return apl_ics_refuse(l->r, "ics-text", l->line_number, "BEGIN:%s %s", apl_shown(name, size, shown),
		    is_calendar ? "stands within another component" : "stands outside of a VCALENDAR");
	if (l->depth == DEEPEST)
		return apl_ics_refuse(l->r, "ics-limit", l->line_number, "components stand within one another more than %d deep", DEEPEST);
	l->open[l->depth].name = keep(l, name, size);
	l->open[l->depth++].line = l->line_number;
	if (l->depth == 2 && is_word(name, size, "VEVENT")) begin_event(l);
	if (l->depth == 2 && is_word(name, size, "VTIMEZONE")) begin_zone(l);
	return l->r->code;
}

static int end_component(lines *l, const char *name, size_t size) {
	char shown[APL_SHOWN];
	const char *open = l->depth > 0 ? l->open[l->depth - 1].name : NULL;
	if (open == NULL) return apl_ics_refuse(l->r, "ics-text", l->line_number, "END:%s ends nothing", apl_shown(name, size, shown));
	char upper[APL_SHOWN];
	size_t length = strlen(open);
	for (size_t i = 0; i <= length && i < sizeof upper; i++)
		upper[i] = open[i] >= 'a' && open[i] <= 'z' ? (char)(open[i] - 'a' + 'A') : open[i];
	if (length >= sizeof upper || !is_word(name, size, upper))
		return apl_ics_refuse(l->r, "ics-text", l->line_number, "END:%s, but what was begun last is the %s of line %u",
		    apl_shown(name, size, shown), apl_shown(open, length, upper), (unsigned)l->open[l->depth - 1].line);
	l->depth--;
	if (l->depth == 1) l->event = NULL, l->city = NULL;
	return APLOMB_OK;
}

/* ---- an event's lines ---------------------------------------------------------------------- */

typedef enum property {
	SUMMARY,
	UID,
	STATUS,
	SEQUENCE,
	DTSTART,
	DTEND,
	DURATION,
	RRULE,
	RDATE,
	EXDATE,
	RECURRENCE_ID,
	EXRULE,
	OTHER
} property;
static const char *const PROPERTIES[OTHER] = {
    "SUMMARY", "UID", "STATUS", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "EXRULE"};

typedef struct told {
	lines *l;
	property which;
} told;

static void set_time(lines *l, apl_ics_time *time, const apl_ical_value *value) {
	if (time->line != 0) {
		apl_ics_refuse(l->r, "ics-event", l->line_number, "the event has said this in line %u already", (unsigned)time->line);
		return;
	}
	*time = (apl_ics_time){value->at, NULL, l->line_number, value->has_length ? value->length : -1};
	if (value->zone != NULL) time->tzid = keep(l, value->zone, strlen(value->zone));
}

static void add_time(lines *l, apl_ics_time **times, uint32_t *count, uint32_t *capacity, const apl_ical_value *value) {
	if (++l->r->starts > APL_ICS_MOST_STARTS) {
		apl_ics_refuse(l->r, "ics-limit", l->line_number, "the events of this file have more than %d dates", (int)APL_ICS_MOST_STARTS);
	} else if (!APL_GROW(&l->r->out->alloc, *times, *count, *capacity)) {
		apl_ics_no_memory(l->r);
	} else {
		(*times)[*count] = (apl_ics_time){.line = 0};
		set_time(l, &(*times)[(*count)++], value);
	}
}

/* Without spaces around it, and on one line. */
static const char *trimmed(lines *l, const char *text) {
	size_t size = strlen(text);
	while (size > 0 && (unsigned char)text[size - 1] <= ' ') size--;
	while (size > 0 && (unsigned char)*text <= ' ') text++, size--;
	if (size > APL_ICS_MOST_NAME) {
		apl_ics_refuse(l->r, "ics-limit", l->line_number, "this SUMMARY is longer than %d bytes", (int)APL_ICS_MOST_NAME);
		return NULL;
	}
	char *copy = apl_arena_text(&l->r->out->arena, text, size);
	if (copy == NULL) apl_ics_no_memory(l->r);
	for (size_t i = 0; copy != NULL && i < size; i++) {
		if ((unsigned char)copy[i] < ' ' || copy[i] == 0x7F) copy[i] = ' ';
	}
	return copy;
}

static void take_value(const apl_ical_value *value, void *payload) {
	const told *t = payload;
	lines *l = t->l;
	apl_ics_raw *event = l->event;
	if (l->r->code != APLOMB_OK) return;
	bool is_time = t->which == DTSTART || t->which == DTEND || t->which == RDATE || t->which == EXDATE || t->which == RECURRENCE_ID;
	if (is_time ? !value->has_time : t->which == DURATION ? !value->has_length || value->has_time : false) {
		apl_ics_refuse(
		    l->r, "ics-event", l->line_number, "the %s is %s", PROPERTIES[t->which], is_time ? "no date and no time" : "no span");
		return;
	}
	switch (t->which) {
	case SUMMARY: event->name = trimmed(l, value->text != NULL ? value->text : ""); break;
	case UID: event->uid = keep(l, value->text, strlen(value->text)); break;
	case STATUS: event->is_cancelled = value->text[0] != '\0'; break;
	case SEQUENCE: event->sequence = value->number; break;
	case DTSTART: set_time(l, &event->start, value); break;
	case DTEND: set_time(l, &event->end, value); break;
	case DURATION: event->duration = value->length; break;
	case RDATE: add_time(l, &event->dates, &event->n_dates, &event->dates_capacity, value); break;
	case EXDATE: add_time(l, &event->without, &event->n_without, &event->without_capacity, value); break;
	case RECURRENCE_ID:
		if (value->has_range)
			apl_ics_refuse(l->r, "ics-event", l->line_number,
			    "RECURRENCE-ID with RANGE changes all that follows, which cannot be read; give the rule an UNTIL and begin another event");
		else
			set_time(l, &event->recurrence, value);
		break;
	default: break;
	}
}

/* Where a line's value begins: behind the first colon that is not quoted. */
static const char *value_of(const char *line) {
	bool is_quoted = false;
	for (; *line != '\0'; line++) {
		if (*line == '"') is_quoted = !is_quoted;
		if (*line == ':' && !is_quoted) return line + 1;
	}
	return NULL;
}

static int take_property(lines *l, const char *name, size_t size, const char *value) {
	char shown[APL_SHOWN];
	told t = {l, SUMMARY};
	while (t.which < OTHER && !is_word(name, size, PROPERTIES[t.which])) t.which++;
	if (t.which == OTHER) return APLOMB_OK;
	if (t.which == EXRULE)
		return apl_ics_refuse(l->r, "ics-event", l->line_number, "EXRULE is of the standard no longer and is not read; use EXDATE");
	if (t.which == RRULE) {
		if (l->event->rule != NULL)
			return apl_ics_refuse(l->r, "ics-event", l->line_number, "the event has a rule in line %u already; make it two events",
			    (unsigned)l->event->rule_line);
		l->event->rule = keep(l, value, strlen(value));
		l->event->rule_line = l->line_number;
		return l->r->code;
	}
	/* Those that may be empty, and often are. */
	if (*value == '\0' && (t.which == SUMMARY || t.which == STATUS || t.which == SEQUENCE)) return APLOMB_OK;
	int count = apl_ical_values(l->r->ical, l->line.bytes, take_value, &t);
	if (count > 0 || l->r->code != APLOMB_OK) return l->r->code;
	if (count < 0) return apl_ics_no_memory(l->r);
	return apl_ics_refuse(
	    l->r, "ics-event", l->line_number, "the %s \"%s\" cannot be read", PROPERTIES[t.which], apl_shown(value, strlen(value), shown));
}

static int take(lines *l) {
	char shown[APL_SHOWN];
	const char *line = l->line.bytes, *value = value_of(line);
	if (value == NULL)
		return apl_ics_refuse(l->r, "ics-text", l->line_number, "there is no \":\" in \"%s\"; a line of an .ics file is NAME:VALUE",
		    apl_shown(line, l->line.size, shown));
	size_t name_size = strcspn(line, ":;"), size = strlen(value);
	while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t')) size--;
	if (is_word(line, name_size, "BEGIN")) return begin_component(l, value, size);
	if (is_word(line, name_size, "END")) return end_component(l, value, size);
	if (l->depth == 0) return apl_ics_refuse(l->r, "ics-text", l->line_number, "an .ics file begins with BEGIN:VCALENDAR");
	if (l->depth != 2) return APLOMB_OK;
	if (l->city != NULL && is_word(line, name_size, "TZID")) l->city->tzid = keep(l, value, size);
	if (l->city != NULL && is_word(line, name_size, "X-LIC-LOCATION")) l->city->city = keep(l, value, size);
	return l->event != NULL ? take_property(l, line, name_size, value) : l->r->code;
}

int apl_ics_lines(apl_ics_reading *r, const char *text, size_t size) {
	lines l = {.r = r, .text = text, .size = size, .number = 1};
	if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) l.at = 3;
	apl_buf_init(&l.line, &r->out->alloc);
	while (r->code == APLOMB_OK && next_line(&l)) {
		if (check_line(&l) == APLOMB_OK) take(&l);
	}
	if (r->code == APLOMB_OK && l.depth > 0)
		apl_ics_refuse(
		    r, "ics-text", l.open[l.depth - 1].line, "the file ends before this %s does; it is cut off", l.open[l.depth - 1].name);
	if (r->code == APLOMB_OK && l.line_number == 0) apl_ics_refuse(r, "ics-text", 1, "the file is empty");
	apl_buf_dispose(&l.line);
	return r->code;
}
