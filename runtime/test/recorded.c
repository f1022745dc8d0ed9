/* SPDX-License-Identifier: MIT */
/*
 * Decides how a recorded journal is a test: what came from outside is given to
 * the playbook again, at its own times, and what the cases then do is held
 * against what they did, entry by entry. Compared is what people would notice:
 * when, in which states, with which effects, how it ended. Not compared are
 * words for people (`because`, places), timers that are armed, numbers of
 * entries and hashes, so that a playbook may be rewritten and still pass.
 */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

#define MOST_BYTES ((size_t)256 << 20)

/* ---- reading ------------------------------------------------------------ */

static bool is_kind(aplomb_value entry, const char *kind) {
	return apl_test_same(apl_test_text_in(entry, "kind"), kind);
}

static bool is_head(aplomb_value entry) {
	return apl_test_text_in(entry, "aplomb") != NULL;
}

/* Nothing that a replay makes: turned away at the door, or the clock stood still for the process. */
static bool is_passed_over(aplomb_value entry) {
	return is_head(entry) || is_kind(entry, "refused") || is_kind(entry, "away");
}

static int damaged(lua_State *L, const aplomb_error *error) {
	return apl_test_raise(L, error->slug, "the recorded journal is damaged: %s", error->message);
}

/* Every line is verified and kept until the test is over. */
static void read_journal(lua_State *L, apl_test_world *world) {
	aplomb_error error;
	if (aplomb_journal_open(&world->journal, &error) != APLOMB_OK) apl_test_no_memory(L);
	const apl_test_text *text = &world->recorded_text;
	for (size_t at = 0; at < text->size;) {
		const char *line = text->bytes + at;
		const char *newline = memchr(line, '\n', text->size - at);
		size_t size = newline != NULL ? (size_t)(newline - line) : text->size - at;
		at += size + 1;
		world->recorded_line++;
		if (size == 0) continue;
		aplomb_value ignored;
		if (aplomb_journal_read(world->journal, line, size, &ignored, &error) != APLOMB_OK) damaged(L, &error);
		apl_test_need_room(L, &world->recorded, world->n_recorded, &world->recorded_capacity, sizeof *world->recorded);
		apl_test_recorded *entry = &world->recorded[world->n_recorded];
		*entry = (apl_test_recorded){.line = world->recorded_line};
		if (aplomb_json_read(&entry->json, line, size, &error) != APLOMB_OK) damaged(L, &error);
		entry->value = aplomb_json_root(entry->json);
		world->n_recorded++;
	}
	world->recorded_line = 0;
	if (world->n_recorded == 0) apl_test_raise(L, "test-value", "the recorded journal is empty");
}

/* ---- what came from outside --------------------------------------------- */

static bool is_recorded_case(const apl_test_world *world, const char *id) {
	for (size_t i = 0; i < world->n_recorded; i++)
		if (is_head(world->recorded[i].value) && apl_test_same(apl_test_text_in(world->recorded[i].value, "case"), id)) return true;
	return false;
}

/* Did it come from outside? What cases of the journal sent one another comes by itself, and so does what was deferred. */
static bool came_from_outside(const apl_test_world *world, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause");
	const char *by = apl_test_text_in(cause, "by");
	if (by == NULL || apl_test_text_in(cause, "event") == NULL) return false;
	if (!is_kind(entry, "event") && !is_kind(entry, "faulted")) return false;
	if (aplomb_value_kind(aplomb_value_get(cause, "deferred_seq")) != APLOMB_ABSENT) return false;
	return strncmp(by, "case:", 5) != 0 || !is_recorded_case(world, by + 5);
}

static void put_json(lua_State *L, apl_test_text *out, aplomb_value value) {
	char *written = aplomb_value_write(value);
	if (written != NULL) apl_test_text_put(out, written);
	bool failed = written == NULL || out->failed;
	free(written);
	if (failed) apl_test_no_memory(L);
}

/* What the case's first event carried: what its head and its `opened` entry say. */
static void write_open(lua_State *L, apl_test_text *out, aplomb_value head, aplomb_value opened) {
	static const char *const of_head[] = {"params", "locale", "seed"};
	aplomb_value cause = aplomb_value_get(opened, "cause");
	apl_test_text_cut(out, 0);
	apl_test_text_put(out, "{\"data\":");
	if (aplomb_value_kind(aplomb_value_get(cause, "data")) == APLOMB_MAP)
		put_json(L, out, aplomb_value_get(cause, "data"));
	else
		apl_test_text_put(out, "{}");
	if (aplomb_value_kind(aplomb_value_get(cause, "history")) != APLOMB_ABSENT) {
		apl_test_text_put(out, ",\"history\":");
		put_json(L, out, aplomb_value_get(cause, "history"));
	}
	for (size_t i = 0; i < sizeof of_head / sizeof of_head[0]; i++) {
		aplomb_value member = aplomb_value_get(head, of_head[i]);
		if (aplomb_value_kind(member) == APLOMB_ABSENT || aplomb_value_kind(member) == APLOMB_NULL) continue;
		apl_test_text_format(out, ",\"%s\":", of_head[i]);
		put_json(L, out, member);
	}
	apl_test_text_put(out, "}");
}

static aplomb_instant instant_in(lua_State *L, aplomb_value map, const char *key) {
	aplomb_instant at = 0;
	aplomb_error error;
	const char *text = apl_test_text_in(map, key);
	if (text == NULL || aplomb_instant_read(text, &at, &error) != APLOMB_OK)
		apl_test_raise(L, "test-value", "an entry of the recorded journal has no time in \"%s\"", key);
	return at;
}

/* Again. */
static void give(lua_State *L, size_t the_case, const apl_test_recorded *entry) {
	apl_test_file *file = apl_test_file_of(L);
	aplomb_value cause = aplomb_value_get(entry->value, "cause");
	aplomb_value data = aplomb_value_get(cause, "data");
	aplomb_event event = APLOMB_EVENT_INIT;
	bool is_late = apl_test_text_in(cause, "sent_at") != NULL;
	event.has_at = true;
	event.at = is_late ? instant_in(L, cause, "sent_at") : instant_in(L, entry->value, "at");
	event.name = apl_test_text_in(cause, "event");
	event.by = apl_test_text_in(cause, "by");
	event.id = apl_test_text_in(cause, "id");
	apl_test_text_cut(&file->json, 0);
	if (aplomb_value_kind(data) == APLOMB_MAP) {
		put_json(L, &file->json, data);
		event.data = file->json.bytes;
		event.data_size = file->json.size;
	}
	apl_test_deliver(L, the_case, &event);
}

/* ---- comparing ---------------------------------------------------------- */

static bool is_compared(aplomb_value item) {
	static const char *const kinds[] = {"state", "effect", "send", "closed", "unhandled", "deferred", "finding"};
	const char *what = apl_test_text_in(item, "do");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (apl_test_same(what, kinds[i])) return true;
	return false;
}

static void add_members(apl_test_text *out, aplomb_value item, const char *const *members) {
	for (; *members != NULL; members++) {
		aplomb_value member = aplomb_value_get(item, *members);
		if (aplomb_value_kind(member) == APLOMB_ABSENT) continue;
		apl_test_text_put(out, " ");
		const char *text = aplomb_value_text(member, NULL);
		if (text != NULL)
			apl_test_text_put(out, text);
		else
			apl_test_show_json(out, member);
	}
}

/* What is compared of an item, in words. */
static void describe(apl_test_text *out, aplomb_value item) {
	const char *what = apl_test_text_in(item, "do");
	apl_test_text_put(out, what);
	if (apl_test_same(what, "state")) add_members(out, item, (const char *const[]){"active", NULL});
	if (apl_test_same(what, "effect")) add_members(out, item, (const char *const[]){"kind", "data", NULL});
	if (apl_test_same(what, "send")) add_members(out, item, (const char *const[]){"event", "to", "data", NULL});
	if (apl_test_same(what, "closed")) add_members(out, item, (const char *const[]){"outcome", NULL});
	if (apl_test_same(what, "finding")) add_members(out, item, (const char *const[]){"slug", NULL});
}

static aplomb_value next_compared(aplomb_value items, size_t *at) {
	for (; *at < aplomb_value_count(items); ++*at) {
		aplomb_value item = aplomb_value_at(items, *at, NULL);
		if (!is_compared(item)) continue;
		++*at;
		return item;
	}
	return (aplomb_value){0};
}

static int part(lua_State *L, size_t the_case, const apl_test_recorded *entry, uint64_t found_seq, const char *about) {
	apl_test_file *file = apl_test_file_of(L);
	char message[320];
	snprintf(message, sizeof message, "the case \"%.120s\" parts from what was recorded, at entry %lld", file->world.cases[the_case].id,
	    (long long)aplomb_value_integer(aplomb_value_get(entry->value, "seq")));
	file->world.parted_seq = found_seq;
	apl_test_differ(L, about, apl_test_text_of(&file->expected), apl_test_text_of(&file->found), NULL);
	return apl_test_fail(L, the_case, message);
}

static void set_texts(apl_test_file *file, const char *expected, const char *found) {
	apl_test_text_cut(&file->expected, 0);
	apl_test_text_cut(&file->found, 0);
	apl_test_text_put(&file->expected, expected != NULL ? expected : "nothing");
	apl_test_text_put(&file->found, found != NULL ? found : "nothing");
}

/* When and by what: "timer at …", "event customer.message at …". */
static void describe_entry(apl_test_text *out, aplomb_value entry) {
	apl_test_text_cut(out, 0);
	const char *kind = apl_test_text_in(entry, "kind"), *at = apl_test_text_in(entry, "at");
	apl_test_text_put(out, kind != NULL ? kind : "?");
	aplomb_value cause = aplomb_value_get(entry, "cause");
	const char *name = apl_test_text_in(cause, "state");
	if (name == NULL) name = apl_test_text_in(cause, "event");
	if (name != NULL) apl_test_text_format(out, " %s", name);
	apl_test_text_format(out, " at %s", at != NULL ? at : "?");
}

static void compare(lua_State *L, size_t the_case, const apl_test_recorded *entry, const apl_test_entry *made) {
	apl_test_file *file = apl_test_file_of(L);
	describe_entry(&file->expected, entry->value);
	describe_entry(&file->found, made->value);
	if (strcmp(apl_test_text_of(&file->expected), apl_test_text_of(&file->found)) != 0) part(L, the_case, entry, made->seq, "what happens");
	aplomb_value expected = aplomb_value_get(entry->value, "items"), found = aplomb_value_get(made->value, "items");
	size_t in_expected = 0, in_found = 0;
	for (;;) {
		aplomb_value one = next_compared(expected, &in_expected), other = next_compared(found, &in_found);
		bool has_one = aplomb_value_kind(one) != APLOMB_ABSENT, has_other = aplomb_value_kind(other) != APLOMB_ABSENT;
		if (!has_one && !has_other) return;
		set_texts(file, has_one ? "" : "nothing more", has_other ? "" : "nothing more");
		if (has_one) describe(&file->expected, one);
		if (has_other) describe(&file->found, other);
		if (strcmp(apl_test_text_of(&file->expected), apl_test_text_of(&file->found)) == 0) continue;
		const char *what = apl_test_text_in(one, "do");
		if (!apl_test_same(what, apl_test_text_in(other, "do"))) part(L, the_case, entry, made->seq, "what happens");
		/* Both are of one kind, which need not be said twice. */
		apl_test_text_cut_front(&file->expected, strlen(what) + 1);
		apl_test_text_cut_front(&file->found, strlen(what) + 1);
		part(L, the_case, entry, made->seq, what);
	}
}

/* The next entry that the case made and nobody looked at yet; NULL: none. */
static const apl_test_entry *next_made(apl_test_world *world, size_t the_case) {
	apl_test_case *c = &world->cases[the_case];
	for (size_t i = c->looked_at; i < world->n_entries; i++) {
		const apl_test_entry *made = &world->entries[i];
		if (made->the_case != the_case || is_passed_over(made->value)) continue;
		c->looked_at = i + 1;
		return made;
	}
	return NULL;
}

/* ---- a journal ---------------------------------------------------------- */

static size_t find_case(const apl_test_world *world, const char *id) {
	for (size_t i = 0; i < world->n_cases; i++)
		if (apl_test_same(world->cases[i].id, id)) return i;
	return APL_TEST_NOBODY;
}

/* The case of a head: it opens with its next entry. */
static void begin_case(lua_State *L, aplomb_value head) {
	apl_test_world *world = &apl_test_file_of(L)->world;
	apl_test_need_room(L, &world->cases, world->n_cases, &world->cases_capacity, sizeof *world->cases);
	world->cases[world->n_cases] = (apl_test_case){.id = apl_test_need_copy(L, apl_test_text_in(head, "case"))};
	apl_test_case *c = &world->cases[world->n_cases++];
	c->subject = apl_test_need_copy(L, apl_test_text_in(head, "subject"));
	c->head = head;
}

/* It opens at its own time: its first event may have come later. */
static void open_case(lua_State *L, size_t the_case, size_t opened) {
	apl_test_file *file = apl_test_file_of(L);
	apl_test_world *world = &file->world;
	apl_test_case *c = &world->cases[the_case];
	aplomb_value entry = world->recorded[opened].value;
	write_open(L, &file->found, c->head, entry);
	c->open = apl_test_need_copy(L, apl_test_text_of(&file->found));
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.has_at = true;
	opening.at = instant_in(L, entry, "at");
	apl_test_deliver(L, the_case, &opening);
}

/* What went wrong then as now is no news, and is compared; what is refused now never was. */
static void look_at_troubles(lua_State *L, apl_test_world *world) {
	for (size_t i = 0; i < world->n_troubles; i++)
		if (world->troubles[i].kind != APL_TEST_REFUSED) world->troubles[i].is_expected = true;
	if (apl_test_troubled(apl_test_file_of(L))) apl_test_fail_again(L);
}

static void take(lua_State *L, size_t number) {
	apl_test_world *world = &apl_test_file_of(L)->world;
	apl_test_recorded *entry = &world->recorded[number];
	world->recorded_line = entry->line;
	if (is_head(entry->value)) {
		begin_case(L, entry->value);
		return;
	}
	if (is_passed_over(entry->value)) return;
	if (is_kind(entry->value, "statement"))
		apl_test_raise(L, "test-value",
		    "entry %lld of the recorded journal was tried in a rehearsal, as a statement, and no event would bring it about; record a "
		    "journal without it",
		    (long long)aplomb_value_integer(aplomb_value_get(entry->value, "seq")));
	size_t the_case = find_case(world, apl_test_text_in(entry->value, "case"));
	if (the_case == APL_TEST_NOBODY) apl_test_raise(L, "test-value", "the recorded journal begins in the midst of a case");
	if (is_kind(entry->value, "opened"))
		open_case(L, the_case, number);
	else if (came_from_outside(world, entry->value))
		give(L, the_case, entry);
	else
		apl_test_advance(L, instant_in(L, entry->value, "at"));
	look_at_troubles(L, world);
	const apl_test_entry *made = next_made(world, the_case);
	if (made != NULL) {
		compare(L, the_case, entry, made);
		return;
	}
	apl_test_file *file = apl_test_file_of(L);
	describe_entry(&file->expected, entry->value);
	apl_test_text_cut(&file->found, 0);
	apl_test_text_put(&file->found, "nothing happens");
	part(L, the_case, entry, 0, "what happens");
}

/* Something that was not recorded: the first of it. */
static void look_for_more(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	for (size_t i = 0; i < file->world.n_cases; i++) {
		const apl_test_entry *made = next_made(&file->world, i);
		if (made == NULL) continue;
		apl_test_text_cut(&file->expected, 0);
		apl_test_text_put(&file->expected, "nothing more");
		describe_entry(&file->found, made->value);
		file->world.parted_seq = made->seq;
		apl_test_differ(L, "what happens", apl_test_text_of(&file->expected), apl_test_text_of(&file->found), NULL);
		char message[320];
		snprintf(message, sizeof message, "the case \"%.120s\" does more than was recorded", file->world.cases[i].id);
		apl_test_fail(L, i, message);
	}
}

int apl_test_play_recorded(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	apl_test_world *world = &file->world;
	if (!apl_test_read_file(&world->recorded_text, world->recorded_path, MOST_BYTES)) {
		if (world->recorded_text.failed) apl_test_no_memory(L);
		return apl_test_raise(L, "test-value", "the recorded journal cannot be read");
	}
	read_journal(L, world);
	for (size_t i = 0; i < world->n_recorded; i++) take(L, i);
	look_for_more(L);
	return 0;
}
