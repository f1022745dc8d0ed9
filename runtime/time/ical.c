/* SPDX-License-Identifier: MIT */
/*
 * Decides how libical is asked, here and nowhere else. It reads values and
 * steps rules. Files, folded lines, components and zones it never sees: what a
 * hostile file can reach of it is a line at a time, and every mistake has the
 * number of its line.
 *
 * It is loaded when a file is read, and not before: it brings ICU along, 36 MB
 * that a program which reads no .ics file would map at every start. A bundle
 * needs none of it, for what was read is kept with the playbook.
 *
 * libical keeps things in the process: whether its errors abort (off in
 * Debian's, and seen to here, for a host may have turned it on), the last
 * error and a ring of texts, which are the thread's. It takes no allocator, and
 * where it finds no memory it may end the process: so while a file is read, and
 * never later. Two of its habits are ours to keep in bounds: a rule
 * that can never be met makes it look through eighteen thousand years (see
 * ics_rule.c), and what is wrong within a line it says as a property of its own
 * (XLICERROR).
 */
#include "time/ical.h"

#include <dlfcn.h>
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

#if ICAL_MAJOR_VERSION != 3
#error "the rule of libical 3 has its lists in it, and its library is called so: another version needs another look here"
#endif

/* Name, and how it is declared. */
#define FUNCTIONS(X)                                                                                                                       \
	X(icalerror_get_errors_are_fatal)                                                                                                      \
	X(icalerror_set_errors_are_fatal)                                                                                                      \
	X(icalerror_clear_errno)                                                                                                               \
	X(icalmemory_free_ring)                                                                                                                \
	X(icalparser_parse_string)                                                                                                             \
	X(icalcomponent_isa)                                                                                                                   \
	X(icalcomponent_free)                                                                                                                  \
	X(icalcomponent_get_first_property)                                                                                                    \
	X(icalcomponent_get_next_property)                                                                                                     \
	X(icalproperty_isa)                                                                                                                    \
	X(icalproperty_get_value)                                                                                                              \
	X(icalproperty_get_first_parameter)                                                                                                    \
	X(icalparameter_get_tzid)                                                                                                              \
	X(icalproperty_get_summary)                                                                                                            \
	X(icalproperty_get_uid)                                                                                                                \
	X(icalproperty_get_status)                                                                                                             \
	X(icalproperty_get_sequence)                                                                                                           \
	X(icalvalue_isa)                                                                                                                       \
	X(icalvalue_get_date)                                                                                                                  \
	X(icalvalue_get_datetime)                                                                                                              \
	X(icalvalue_get_datetimeperiod)                                                                                                        \
	X(icalvalue_get_period)                                                                                                                \
	X(icalvalue_get_duration)                                                                                                              \
	X(icaltime_is_null_time)                                                                                                               \
	X(icaltime_null_time)                                                                                                                  \
	X(icalrecurrencetype_from_string)                                                                                                      \
	X(icalrecur_iterator_new)                                                                                                              \
	X(icalrecur_iterator_next)                                                                                                             \
	X(icalrecur_iterator_free)

struct apl_ical {
	apl_alloc alloc;
	void *library;
	int were_fatal;
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
#undef POINTER
};

static bool find(void *library, const char *name, void *out) {
	void *symbol = dlsym(library, name);
	memcpy(out, &symbol, sizeof symbol); /* C has no cast from an object's address to a function's */
	return symbol != NULL;
}

int apl_ical_open(apl_ical **out, const apl_alloc *alloc, aplomb_error *error) {
	apl_ical *ical = apl_new(alloc, sizeof *ical);
	if (ical == NULL) return apl_fail_memory(error);
	ical->alloc = *alloc;
	/* Never unloaded: what it keeps for a thread is taken down by code of its own when the thread ends. */
	ical->library = dlopen("libical.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	bool is_there = ical->library != NULL;
#define FIND(name) is_there = is_there && find(ical->library, #name, &ical->name);
	FUNCTIONS(FIND)
#undef FIND
	if (!is_there) {
		if (ical->library != NULL) dlclose(ical->library);
		apl_free(alloc, ical, sizeof *ical);
		return apl_fail(error, APLOMB_EIO, "ics-library",
		    "reading .ics files needs the library libical.so.3 (Debian's package libical3), which this machine does not have");
	}
	ical->were_fatal = ical->icalerror_get_errors_are_fatal();
	if (ical->were_fatal != 0) ical->icalerror_set_errors_are_fatal(0);
	*out = ical;
	return APLOMB_OK;
}

void apl_ical_close(apl_ical *ical) {
	if (ical == NULL) return;
	const apl_alloc alloc = ical->alloc;
	if (ical->were_fatal != 0) ical->icalerror_set_errors_are_fatal(ical->were_fatal);
	ical->icalerror_clear_errno();
	ical->icalmemory_free_ring();
	dlclose(ical->library);
	apl_free(&alloc, ical, sizeof *ical);
}

/* ---- values --------------------------------------------------------------------------- */

/* A leap second is no time that a clock of ours shows. */
static bool read_time(struct icaltimetype t, apl_ical_time *out) {
	if (t.year < 1 || t.year > 9999 || t.month < 1 || t.month > 12 || t.day < 1 || t.day > apl_days_of_month(t.year, t.month)) return false;
	if (t.is_date == 0 && (t.hour < 0 || t.hour > 23 || t.minute < 0 || t.minute > 59 || t.second < 0 || t.second > 59)) return false;
	*out = (apl_ical_time){.wall = apl_date_of(t.year, t.month, t.day) * APL_DAY, .is_date = t.is_date != 0, .is_utc = t.zone != NULL};
	if (t.is_date == 0) out->wall += t.hour * APL_HOUR + t.minute * APL_MINUTE + t.second * APL_SECOND;
	return true;
}

static bool read_length(struct icaldurationtype d, apl_wall *out) {
	enum { MOST = 100000000 };
	if (d.is_neg != 0 || d.weeks > MOST || d.days > MOST || d.hours > MOST || d.minutes > MOST || d.seconds > MOST) return false;
	*out = (apl_wall)d.weeks * 7 * APL_DAY + (apl_wall)d.days * APL_DAY + (apl_wall)d.hours * APL_HOUR + (apl_wall)d.minutes * APL_MINUTE +
	       (apl_wall)d.seconds * APL_SECOND;
	return true;
}

static bool read_period(struct icalperiodtype p, apl_ical_value *out) {
	apl_ical_time end;
	if (!read_time(p.start, &out->at)) return false;
	out->has_time = out->has_length = true;
	if (p.end.year == 0) return read_length(p.duration, &out->length);
	if (!read_time(p.end, &end) || end.wall < out->at.wall) return false;
	out->length = end.wall - out->at.wall;
	return true;
}

static bool read_value(const apl_ical *ical, icalproperty *property, apl_ical_value *out) {
	icalvalue *value = ical->icalproperty_get_value(property);
	icalparameter *zone = ical->icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	*out = (apl_ical_value){.has_range = ical->icalproperty_get_first_parameter(property, ICAL_RANGE_PARAMETER) != NULL};
	if (zone != NULL) out->zone = ical->icalparameter_get_tzid(zone);
	if (value == NULL) return false;
	switch (ical->icalproperty_isa(property)) {
	case ICAL_SUMMARY_PROPERTY: out->text = ical->icalproperty_get_summary(property); return out->text != NULL;
	case ICAL_UID_PROPERTY: out->text = ical->icalproperty_get_uid(property); return out->text != NULL;
	case ICAL_STATUS_PROPERTY: out->text = ical->icalproperty_get_status(property) == ICAL_STATUS_CANCELLED ? "CANCELLED" : ""; return true;
	case ICAL_SEQUENCE_PROPERTY: out->number = ical->icalproperty_get_sequence(property); return true;
	default: break;
	}
	switch (ical->icalvalue_isa(value)) {
	case ICAL_DATE_VALUE: out->has_time = true; return read_time(ical->icalvalue_get_date(value), &out->at) && out->at.is_date;
	case ICAL_DATETIME_VALUE: out->has_time = true; return read_time(ical->icalvalue_get_datetime(value), &out->at);
	case ICAL_DURATION_VALUE: out->has_length = true; return read_length(ical->icalvalue_get_duration(value), &out->length);
	case ICAL_PERIOD_VALUE: return read_period(ical->icalvalue_get_period(value), out);
	case ICAL_DATETIMEPERIOD_VALUE: {
		struct icaldatetimeperiodtype either = ical->icalvalue_get_datetimeperiod(value);
		if (either.time.year == 0) return read_period(either.period, out);
		out->has_time = true;
		return read_time(either.time, &out->at);
	}
	default: return false;
	}
}

int apl_ical_values(const apl_ical *ical, const char *line, void (*tell)(const apl_ical_value *value, void *payload), void *payload) {
	static const char before[] = "BEGIN:VEVENT\r\n", behind[] = "\r\nEND:VEVENT\r\n";
	apl_buf text;
	apl_buf_init(&text, &ical->alloc);
	apl_buf_text(&text, before);
	apl_buf_text(&text, line);
	apl_buf_text(&text, behind);
	apl_buf_terminate(&text);
	const bool has_memory = !text.failed;
	icalcomponent *event = has_memory ? ical->icalparser_parse_string(text.bytes) : NULL;
	apl_buf_dispose(&text);
	if (!has_memory) return -1;
	ical->icalerror_clear_errno();
	if (event == NULL) return 0;
	int count = 0;
	bool is_event = ical->icalcomponent_isa(event) == ICAL_VEVENT_COMPONENT;
	icalproperty *property = is_event ? ical->icalcomponent_get_first_property(event, ICAL_ANY_PROPERTY) : NULL;
	for (; property != NULL; property = ical->icalcomponent_get_next_property(event, ICAL_ANY_PROPERTY)) {
		apl_ical_value value;
		if (!read_value(ical, property, &value)) {
			count = 0;
			break;
		}
		tell(&value, payload);
		count++;
	}
	ical->icalcomponent_free(event);
	return count;
}

/* ---- rules ------------------------------------------------------------------------------ */

static bool is_given(short first) {
	return first != (short)ICAL_RECURRENCE_ARRAY_MAX;
}

bool apl_ical_rule_read(const apl_ical *ical, const char *text, apl_ical_rule *out) {
	struct icalrecurrencetype rule = ical->icalrecurrencetype_from_string(text);
	bool is_rule = rule.freq != ICAL_NO_RECURRENCE;
	*out = (apl_ical_rule){.frequency = APL_ICAL_OTHER, .interval = rule.interval, .count = rule.count, .is_gregorian = true};
	switch (rule.freq) {
	case ICAL_HOURLY_RECURRENCE: out->frequency = APL_ICAL_HOURLY; break;
	case ICAL_DAILY_RECURRENCE: out->frequency = APL_ICAL_DAILY; break;
	case ICAL_WEEKLY_RECURRENCE: out->frequency = APL_ICAL_WEEKLY; break;
	case ICAL_MONTHLY_RECURRENCE: out->frequency = APL_ICAL_MONTHLY; break;
	case ICAL_YEARLY_RECURRENCE: out->frequency = APL_ICAL_YEARLY; break;
	default: break;
	}
	out->has_until = ical->icaltime_is_null_time(rule.until) == 0;
	if (is_rule && out->has_until) is_rule = read_time(rule.until, &out->until);
	if (rule.rscale != NULL) out->is_gregorian = strcmp(rule.rscale, "GREGORIAN") == 0;
	out->has_days = is_given(rule.by_day[0]);
	out->has_times = is_given(rule.by_hour[0]) || is_given(rule.by_minute[0]) || is_given(rule.by_second[0]);
	out->has_dates = is_given(rule.by_month[0]) || is_given(rule.by_month_day[0]) || is_given(rule.by_year_day[0]) ||
	                 is_given(rule.by_week_no[0]) || is_given(rule.by_set_pos[0]);
	free(rule.rscale);
	ical->icalerror_clear_errno();
	return is_rule && out->interval > 0 && out->count >= 0;
}

bool apl_ical_starts(
    const apl_ical *ical, const char *text, const apl_ical_time *start, bool (*tell)(apl_wall start, void *payload), void *payload) {
	struct icalrecurrencetype rule = ical->icalrecurrencetype_from_string(text);
	struct icaltimetype from = ical->icaltime_null_time();
	apl_civil date = apl_civil_of(apl_wall_date(start->wall));
	int64_t second = apl_wall_of_day(start->wall) / APL_SECOND;
	from.year = date.year, from.month = date.month, from.day = date.day;
	from.hour = (int)(second / 3600), from.minute = (int)(second / 60 % 60), from.second = (int)(second % 60);
	from.is_date = start->is_date ? 1 : 0;
	rule.until = ical->icaltime_null_time();
	rule.count = 0;
	icalrecur_iterator *iterator = ical->icalrecur_iterator_new(rule, from);
	bool is_rule = iterator != NULL;
	while (iterator != NULL) {
		struct icaltimetype next = ical->icalrecur_iterator_next(iterator);
		apl_ical_time at;
		if (ical->icaltime_is_null_time(next) != 0 || !read_time(next, &at) || !tell(at.wall, payload)) break;
	}
	if (iterator != NULL) ical->icalrecur_iterator_free(iterator);
	free(rule.rscale); /* the one thing that it gives away as malloc gave it */
	ical->icalerror_clear_errno();
	return is_rule;
}
