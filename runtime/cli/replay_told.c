/* SPDX-License-Identifier: MIT */
/*
 * Decides how a verification is told: which line, what happened there, what
 * differs (the member, and not two long lines), and what it most likely comes
 * from. What differs and what vouches for what is decided by the library.
 */
#include "cli/replay_told.h"

#include <stdlib.h>
#include <string.h>

#include "cli/excerpt.h"
#include "tell/tell.h"

enum { TEXT_COLUMN = 21, MOST_VALUE = 600 };

static const char *const HOWS[] = {"line", "cause", "chain", "order", "damage"};

/* ---- pieces ------------------------------------------------------------------- */

/* A value between quotes is told without what would not fit on a screen. */
static void put_value(tell_page *page, const char *json) {
	size_t size = json != NULL ? strlen(json) : 0;
	if (json == NULL) {
		tell_page_text(page, "nothing");
		return;
	}
	size_t shown = size;
	if (shown > MOST_VALUE) {
		shown = MOST_VALUE;
		while (shown > 0 && ((unsigned char)json[shown] & 0xC0) == 0x80) shown--;
	}
	tell_page_words(page, json, shown);
	char rest[64], number[32];
	if (shown == size) return;
	snprintf(rest, sizeof rest, "… and %s bytes more", tell_count(size - shown, number));
	tell_page_text(page, rest);
}

static tell_page begin_line(const tell_screen *out, const char *label) {
	tell_print(out, "%10s", "");
	tell_print_styled(out, TELL_STRONG, "%-11s", label);
	return (tell_page){out, TEXT_COLUMN, TEXT_COLUMN, false};
}

static void value_line(const tell_screen *out, const char *label, tell_style style, const char *json, const char *place) {
	tell_page page = begin_line(out, label);
	tell_style_set(out, style);
	put_value(&page, json);
	tell_style_set(out, TELL_PLAIN);
	if (place != NULL) {
		char text[320];
		snprintf(text, sizeof text, "at %s", place);
		page.wants_space = true;
		tell_page_text(&page, text);
	}
	tell_page_end(&page);
}

static void text_line(const tell_screen *out, const char *label, const char *text) {
	tell_page page = begin_line(out, label);
	tell_page_text(&page, text);
	tell_page_end(&page);
}

/* ---- what stands on what --------------------------------------------------------- */

/* "3 (8c1f0a77…)" of {"hash":…,"id":…,"version":…}. */
static void playbook_words(aplomb_value playbook, char *out, size_t size) {
	const char *hash = aplomb_value_text(aplomb_value_get(playbook, "hash"), NULL);
	const char *id = aplomb_value_text(aplomb_value_get(playbook, "id"), NULL);
	const char *version = aplomb_value_text(aplomb_value_get(playbook, "version"), NULL);
	snprintf(out, size, "%.80s%s%.40s (%.12s…)", id != NULL ? id : "?", version != NULL ? " " : "", version != NULL ? version : "",
	    hash != NULL ? hash : "?");
}

/* Of two maps the members that differ, as `name: 1, here 2`. */
static void member_words(aplomb_value recorded, aplomb_value here, tell_page *page) {
	bool any = false;
	for (int side = 0; side < 2; side++) {
		aplomb_value of = side == 0 ? recorded : here, other = side == 0 ? here : recorded;
		for (size_t i = 0; i < aplomb_value_count(of); i++) {
			const char *name;
			char *mine = aplomb_value_write(aplomb_value_at(of, i, &name)), *theirs = aplomb_value_write(aplomb_value_get(other, name));
			bool differs = side == 0 ? theirs == NULL || strcmp(mine, theirs) != 0 : theirs == NULL;
			if (differs) {
				char text[400];
				snprintf(text, sizeof text, "%s%s: %.120s, here %.120s", any ? "; " : "", name, side == 0 ? mine : "nothing",
				    side == 0 ? (theirs != NULL ? theirs : "nothing") : mine);
				tell_page_text(page, text);
				any = true;
			}
			free(mine);
			free(theirs);
		}
	}
}

static void put_other(tell_page *page, const aplomb_stands_on *one) {
	aplomb_json *recorded = NULL, *here = NULL;
	bool is_read = one->recorded != NULL && one->here != NULL &&
	               aplomb_json_read(&recorded, one->recorded, strlen(one->recorded), NULL) == APLOMB_OK &&
	               aplomb_json_read(&here, one->here, strlen(one->here), NULL) == APLOMB_OK;
	char text[512], mine[160];
	if (is_read && one->ground == APLOMB_GROUND_PLAYBOOK) {
		playbook_words(aplomb_json_root(recorded), mine, sizeof mine);
		char other[160];
		playbook_words(aplomb_json_root(here), other, sizeof other);
		snprintf(text, sizeof text, "another version: the journal's is %s, here is %s", mine, other);
		tell_page_text(page, text);
	} else if (is_read && aplomb_value_kind(aplomb_json_root(recorded)) == APLOMB_MAP) {
		member_words(aplomb_json_root(recorded), aplomb_json_root(here), page);
	} else {
		snprintf(text, sizeof text, "the journal's is %.160s, here is %.160s", one->recorded != NULL ? one->recorded : "unknown",
		    one->here != NULL ? one->here : "unknown");
		tell_page_text(page, text);
	}
	aplomb_json_free(recorded);
	aplomb_json_free(here);
}

/* Each that is another one by itself, then those that are the same. Returns how many are others. */
static size_t tell_ones(const tell_screen *out, const aplomb_stands_on *ones, size_t count) {
	size_t others = 0;
	char same[128] = "";
	for (size_t i = 0; i < count; i++) {
		if (ones[i].same) {
			size_t used = strlen(same);
			snprintf(same + used, sizeof same - used, "%s%s", used > 0 ? ", " : "", ones[i].name);
			continue;
		}
		others++;
		tell_page page = begin_line(out, ones[i].name);
		tell_style_set(out, TELL_CAREFUL);
		put_other(&page, &ones[i]);
		tell_style_set(out, TELL_PLAIN);
		tell_page_end(&page);
	}
	if (same[0] != '\0') {
		char text[200];
		snprintf(text, sizeof text, "%s", same);
		text_line(out, "the same", text);
	}
	return others;
}

/* ---- what it comes from ------------------------------------------------------------ */

/* "the playbook and the params". */
static void other_names(const aplomb_difference *d, char *out, size_t size) {
	size_t left = 0;
	out[0] = '\0';
	for (size_t i = 0; i < d->n_ones; i++) left += !d->ones[i].same;
	for (size_t i = 0, told = 0; i < d->n_ones; i++) {
		if (d->ones[i].same) continue;
		size_t used = strlen(out);
		const char *joint = told == 0 ? "" : told + 1 == left ? " and " : ", ";
		snprintf(out + used, size - used, "%sthe %s", joint, d->ones[i].name);
		told++;
	}
}

static void tell_reason(const tell_screen *out, const aplomb_difference *d, size_t others) {
	char text[600], names[160];
	unsigned long long line = d->line, next = d->vouching_line;
	other_names(d, names, sizeof names);
	bool was_changed = d->vouched == APLOMB_VOUCHED_PRODUCED || (d->vouched == APLOMB_VOUCHED_NEITHER && d->how != APLOMB_DIFFERS_CHAIN);
	if (d->how == APLOMB_DIFFERS_CHAIN && d->changed_line != 0)
		snprintf(text, sizeof text, "the journal: line %llu was changed after it was written%s", (unsigned long long)d->changed_line,
		    d->changed_line != line ? ", for this one is whole: the line behind it holds its hash" : ", in its \"prev\"");
	else if (d->how == APLOMB_DIFFERS_CHAIN)
		snprintf(text, sizeof text, "the journal: this line, or the one before it, was changed after it was written");
	else if (d->vouched == APLOMB_VOUCHED_PRODUCED)
		snprintf(text, sizeof text,
		    "the journal: line %llu was changed after it was written. Line %llu holds the hash of what comes out here", line, next);
	else if (was_changed)
		snprintf(
		    text, sizeof text, "the journal: line %llu was changed after it was written, for line %llu holds another hash", line, next);
	else if (others > 0)
		snprintf(text, sizeof text, "%s: another one here than the journal's", names);
	else
		snprintf(text, sizeof text,
		    "nothing that the journal names: engine, playbook, params, tzdata and limits are its own%s. Either the journal was written "
		    "anew as a "
		    "whole, or something decided that no journal holds, and that is a mistake of the runtime",
		    d->vouched == APLOMB_VOUCHED_RECORDED ? ", and the line is as it was written" : "");
	tell_page page = begin_line(out, "comes from");
	tell_style_set(out, TELL_CAREFUL);
	tell_page_text(&page, text);
	tell_style_set(out, TELL_PLAIN);
	tell_page_end(&page);
}

/* ---- a difference --------------------------------------------------------------------- */

/* The entry as it is recorded, as people read entries: what happened, and what led there. */
static void tell_entry(const tell_screen *out, const aplomb_difference *d) {
	aplomb_json *json;
	if (d->case_id == NULL || aplomb_json_read(&json, d->recorded_line, strlen(d->recorded_line), NULL) != APLOMB_OK) return;
	tell_casebook book;
	tell_casebook_init(&book);
	tell_timeline timeline = {.screen = out, .shows_places = true};
	tell_case *c = tell_casebook_note(&book, aplomb_json_root(json));
	if (c != NULL) tell_timeline_show(&timeline, c, aplomb_json_root(json));
	tell_casebook_dispose(&book);
	aplomb_json_free(json);
}

/* "late.lua:12" beside the file that was loaded: its line, if it can be read. */
static void show_source(const tell_screen *out, const cli_replay_told *told, const char *place) {
	const char *colon = place != NULL ? strrchr(place, ':') : NULL;
	const char *slash = told->playbook != NULL ? strrchr(told->playbook, '/') : NULL;
	if (colon == NULL || told->playbook == NULL) return;
	int folder = slash != NULL ? (int)(slash - told->playbook) + 1 : 0;
	char path[4096];
	snprintf(path, sizeof path, "%.*s%.*s", folder, told->playbook, (int)(colon - place), place);
	cli_excerpt excerpt = {0};
	size_t size;
	const char *text = cli_excerpt_line(&excerpt, path, (uint32_t)strtoul(colon + 1, NULL, 10), &size);
	if (text != NULL) {
		char label[340];
		snprintf(label, sizeof label, "%.300s:", place);
		tell_page page = begin_line(out, "source");
		tell_page_text(&page, label);
		page.wants_space = true;
		tell_page_words(&page, text, size);
		tell_page_end(&page);
	}
	cli_excerpt_free(&excerpt);
}

const char *cli_replay_member(const char *member, char *out, size_t size) {
	static const char items[] = "items[";
	const char *behind = strncmp(member, items, sizeof items - 1) == 0 ? strchr(member, ']') : NULL;
	if (behind == NULL)
		snprintf(out, size, "%.240s", member);
	else
		snprintf(out, size, "item %lu%s%.200s", strtoul(member + sizeof items - 1, NULL, 10) + 1, behind[1] != '\0' ? ": " : "",
		    behind[1] == '.' ? behind + 2 : behind + 1);
	return out;
}

/* The same with what the item does: "item 3, effect: data.text". */
static void member_name(const aplomb_difference *d, char *out, size_t size) {
	const char *behind = d->item > 0 ? strchr(d->member, ']') : NULL;
	if (behind == NULL) {
		snprintf(out, size, "%.240s", d->member);
		return;
	}
	aplomb_json *json;
	const char *does = NULL;
	bool is_read = aplomb_json_read(&json, d->recorded_line, strlen(d->recorded_line), NULL) == APLOMB_OK;
	if (is_read)
		does = aplomb_value_text(
		    aplomb_value_get(aplomb_value_at(aplomb_value_get(aplomb_json_root(json), "items"), d->item - 1, NULL), "do"), NULL);
	snprintf(out, size, "item %u%s%.40s%s%.200s", (unsigned)d->item, does != NULL ? ", " : "", does != NULL ? does : "",
	    behind[1] != '\0' ? ": " : "", behind[1] == '.' ? behind + 2 : behind + 1);
	if (is_read) aplomb_json_free(json);
}

static void tell_member(const tell_screen *out, const cli_replay_told *told, const aplomb_difference *d) {
	if (d->how == APLOMB_DIFFERS_LINE && d->member == NULL) {
		text_line(out, "differs", "no value, but the bytes: members in another order, spaces, or a number written otherwise");
		return;
	}
	if (d->member == NULL) return;
	char text[320];
	member_name(d, text, sizeof text);
	text_line(out, "differs", text);
	/* Where the digest is another one, no place is to be told from the others. */
	bool has_places = d->item > 0;
	value_line(out, "recorded", TELL_BAD, d->recorded, has_places ? d->recorded_place : NULL);
	value_line(out, "produced", TELL_GOOD, d->produced, has_places ? d->produced_place : NULL);
	bool is_state = strcmp(d->member, "digest") == 0;
	if (is_state) {
		text_line(out, "", "the digest covers states, data and timers: one of them is another one from this entry on. Here they are:");
		text_line(out, "states", d->states != NULL ? d->states : "");
		tell_page page = begin_line(out, "data");
		put_value(&page, d->data);
		tell_page_end(&page);
	}
	show_source(out, told, d->produced_place);
}

static void tell_difference(const cli_screens *cli, const cli_replay_told *told, const aplomb_difference *d) {
	char text[900], entry[300] = "";
	if (d->case_id != NULL && d->seq > 0)
		snprintf(entry, sizeof entry, "entry %llu of case \"%.200s\"", (unsigned long long)d->seq, d->case_id);
	if (d->case_id != NULL && d->seq == 0) snprintf(entry, sizeof entry, "the head of case \"%.200s\"", d->case_id);
	if (d->how == APLOMB_DIFFERS_LINE)
		snprintf(text, sizeof text, "%s comes out otherwise", entry);
	else if (d->how == APLOMB_DIFFERS_CHAIN)
		snprintf(text, sizeof text, "%s: %.500s", entry, d->message);
	else
		snprintf(text, sizeof text, "%.800s", d->message != NULL ? d->message : "");
	fflush(cli->out.file);
	cli_tell_error(cli, told->journal, d->line, 0, text, d->slug != NULL ? d->slug : "replay-differs");
	if (d->how == APLOMB_DIFFERS_ORDER || d->how == APLOMB_DIFFERS_DAMAGE) return;
	const tell_screen *out = &cli->out;
	tell_entry(out, d);
	tell_print(out, "\n");
	tell_member(out, told, d);
	if (d->how == APLOMB_DIFFERS_CAUSE && d->recorded_place != NULL) text_line(out, "place", d->recorded_place);
	if (d->n_ones == 0) return;
	size_t others = 0;
	for (size_t i = 0; i < d->n_ones; i++) others += !d->ones[i].same;
	tell_ones(out, d->ones, d->n_ones);
	tell_reason(out, d, others);
}

/* ---- all of it ---------------------------------------------------------------------------- */

static void tell_elsewhere(const cli_screens *cli, const aplomb_verified *v) {
	char number[32];
	const tell_screen *out = &cli->out;
	tell_print(out, "%s %s on something else here, and nothing came of it:\n",
	    v->cases == v->elsewhere ? "All cases" : tell_count(v->elsewhere, number),
	    v->cases != v->elsewhere && v->elsewhere == 1 ? "case stands"
	    : v->cases == v->elsewhere                    ? "stand"
	                                                  : "cases stand");
	tell_ones(out, v->ones, v->n_ones);
}

static void tell_unfinished(const cli_screens *cli, const cli_replay_told *told, const aplomb_verified *v) {
	char at[32], number[32], text[600];
	aplomb_instant_write(v->unfinished_at, at);
	snprintf(text, sizeof text,
	    "%s %s before the journal's end: after entry %llu of case \"%.120s\", %.120s was due at %s, and no line tells of it. Lines at the "
	    "end are "
	    "missing, or nobody was there to step them",
	    v->unfinished == 1 ? "one case" : tell_count(v->unfinished, number), v->unfinished == 1 ? "ends" : "cases end",
	    (unsigned long long)v->unfinished_seq, v->unfinished_case, v->unfinished_due, at);
	fflush(cli->out.file);
	cli_tell_error(cli, told->journal, 0, 0, text, "journal-unfinished");
}

void cli_replay_tell(const cli_screens *cli, const cli_replay_told *told, const aplomb_verified *v) {
	char cases[32], lines[32], rate[32];
	const tell_screen *out = &cli->out;
	if (v->difference != NULL) {
		tell_difference(cli, told, v->difference);
		tell_print(out, "\n%s %s came out as recorded before it\n", tell_count(v->lines, lines), v->lines == 1 ? "line" : "lines");
		return;
	}
	tell_print_styled(
	    out, TELL_STRONG, "%s %s, %s lines", tell_count(v->cases, cases), v->cases == 1 ? "case" : "cases", tell_count(v->lines, lines));
	tell_print_styled(out, TELL_GOOD, ": a replay gives %s", v->elsewhere == 0 ? "every byte again" : "every entry again");
	tell_print(out, "\nin %.2f s, %s lines a second\n", told->seconds,
	    tell_count(told->seconds > 0 ? (uint64_t)((double)v->lines / told->seconds) : 0, rate));
	if (v->elsewhere > 0) tell_elsewhere(cli, v);
	if (v->unfinished > 0) tell_unfinished(cli, told, v);
}

/* ---- for programs ------------------------------------------------------------------------------ */

static void put_text(const tell_screen *out, const char *name, const char *text) {
	if (text == NULL) return;
	tell_print(out, ",\"%s\":", name);
	tell_json_text(out, text);
}

static void put_json(const tell_screen *out, const char *name, const char *json) {
	if (json != NULL) tell_print(out, ",\"%s\":%s", name, json);
}

static void put_number(const tell_screen *out, const char *name, uint64_t number) {
	if (number != 0) tell_print(out, ",\"%s\":%llu", name, (unsigned long long)number);
}

static void put_ones(const tell_screen *out, const aplomb_stands_on *ones, size_t count) {
	tell_print(out, ",\"stands_on\":{");
	for (size_t i = 0; i < count; i++) {
		tell_print(out, "%s\"%s\":{\"same\":%s", i > 0 ? "," : "", ones[i].name, ones[i].same ? "true" : "false");
		put_json(out, "recorded", ones[i].recorded);
		put_json(out, "here", ones[i].here);
		tell_print(out, "}");
	}
	tell_print(out, "}");
}

static void put_difference(const tell_screen *out, const aplomb_difference *d) {
	static const char *const vouched[] = {"not", "recorded", "produced", "neither"};
	tell_print(out, ",\"difference\":{\"how\":\"%s\"", HOWS[d->how]);
	put_number(out, "line", d->line);
	put_text(out, "case", d->case_id);
	if (d->case_id != NULL) tell_print(out, ",\"seq\":%llu", (unsigned long long)d->seq);
	put_text(out, "at", d->at);
	put_text(out, "slug", d->slug);
	put_text(out, "message", d->message);
	put_text(out, "member", d->member);
	put_number(out, "item", d->item);
	put_json(out, "recorded", d->recorded);
	put_json(out, "produced", d->produced);
	put_text(out, "recorded_place", d->recorded_place);
	put_text(out, "produced_place", d->produced_place);
	put_text(out, "produced_line", d->produced_line);
	put_text(out, "states", d->states);
	put_json(out, "data", d->data);
	tell_print(out, ",\"vouched\":\"%s\"", vouched[d->vouched]);
	put_number(out, "vouching_line", d->vouching_line);
	put_number(out, "changed_line", d->changed_line);
	if (d->n_ones > 0) put_ones(out, d->ones, d->n_ones);
	tell_print(out, "}");
}

void cli_replay_tell_json(const cli_screens *cli, const cli_replay_told *told, const aplomb_verified *v) {
	const tell_screen *out = &cli->out;
	tell_print(out, "{\"journal\":");
	tell_json_text(out, told->journal);
	tell_print(out, ",\"same\":%s,\"cases\":%llu,\"entries\":%llu,\"lines\":%llu,\"seconds\":%.3f",
	    v->difference == NULL ? "true" : "false", (unsigned long long)v->cases, (unsigned long long)v->entries,
	    (unsigned long long)v->lines, told->seconds);
	if (v->difference != NULL) put_difference(out, v->difference);
	if (v->difference == NULL && v->elsewhere > 0) {
		put_number(out, "elsewhere", v->elsewhere);
		put_ones(out, v->ones, v->n_ones);
	}
	if (v->unfinished > 0) {
		char at[32];
		aplomb_instant_write(v->unfinished_at, at);
		tell_print(
		    out, ",\"unfinished\":{\"cases\":%llu,\"seq\":%llu", (unsigned long long)v->unfinished, (unsigned long long)v->unfinished_seq);
		put_text(out, "case", v->unfinished_case);
		put_text(out, "due", v->unfinished_due);
		put_text(out, "at", at);
		tell_print(out, "}");
	}
	tell_print(out, "}\n");
}
