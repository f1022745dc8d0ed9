/* SPDX-License-Identifier: MIT */
/*
 * Decides how two futures are held against each other: from their fork on, on
 * the left where the case stands, on the right the other branch. What both have
 * stands in both columns, faint; what only one has stands alone.
 *
 *   main                                  │ future-2
 *   ── what happened ──────────────────────────────────────────────────────────
 *   09:05:00 customer “Where is it?”      │ 09:05:00 customer “Thank you!”
 *   ── states ────────────…
 */
#include <stdlib.h>
#include <string.h>

#include "repl/travel.h"

/* ---- what is compared --------------------------------------------------------- */

typedef struct list {
	char **items;
	size_t count, capacity;
} list;

static void add(list *to, const char *text) {
	tell_need_room(&to->items, to->count, 1, &to->capacity, sizeof *to->items);
	to->items[to->count++] = tell_need_copy(text);
}

static void dispose(list *l) {
	for (size_t i = 0; i < l->count; i++) free(l->items[i]);
	free(l->items);
}

/* One future, as the columns show it. */
typedef struct future {
	list happened, effects, states, timers, data, outcome;
	char near[11]; /* the day of what was told last */
} future;

static void dispose_future(future *f) {
	list *const all[] = {&f->happened, &f->effects, &f->states, &f->timers, &f->data, &f->outcome};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) dispose(all[i]);
}

static const char *text_in(aplomb_value map, const char *name) {
	const char *text = aplomb_value_text(aplomb_value_get(map, name), NULL);
	return text != NULL ? text : "";
}

static bool is_text(const char *text, const char *other) {
	return strcmp(text, other) == 0;
}

/* What is said, in quotation marks; then the other members: “I am sorry.” to: team-lead */
static void put_members(repl_text *out, aplomb_value map) {
	const char *said = text_in(map, "text");
	if (said[0] != '\0') repl_text_format(out, " \xE2\x80\x9C%s\xE2\x80\x9D", said);
	for (size_t i = 0; i < aplomb_value_count(map); i++) {
		const char *name;
		aplomb_value value = aplomb_value_at(map, i, &name);
		const char *text = aplomb_value_text(value, NULL);
		if (is_text(name, "text") && said[0] != '\0') continue;
		char *json = text == NULL ? aplomb_value_write(value) : NULL;
		repl_text_format(out, " %s: %s", name, text != NULL ? text : json != NULL ? json : "");
		free(json);
	}
}

/* Its day when it is another than that of what was told before; then its time. */
static void put_time(repl_text *out, char near[11], const char *at) {
	if (strlen(at) < 19) return;
	if (memcmp(near, at, 10) != 0) {
		memcpy(near, at, 10);
		repl_text_format(out, "%s ", near);
	}
	repl_text_format(out, "%.8s ", at + 11);
}

/* "customer “Where is it?”", "time listening", "agent agent.cause cause: product", "tried data.cause = \"stress\"" */
static void put_cause(repl *r, repl_text *out, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause"), data = aplomb_value_get(cause, "data");
	const char *kind = text_in(entry, "kind"), *by = text_in(cause, "by"), *event = text_in(cause, "event");
	if (is_text(kind, "statement")) {
		repl_text_format(out, "tried %s", text_in(cause, "statement"));
		return;
	}
	if (is_text(kind, "timer") || by[0] == '\0') {
		const char *state = text_in(cause, "state");
		repl_text_format(out, "time %s", state[0] != '\0' ? repl_short_path(r, state) : event[0] != '\0' ? event : kind);
		return;
	}
	repl_text_put(out, by);
	if (text_in(data, "text")[0] == '\0') repl_text_format(out, " %s", event);
	put_members(out, data);
	if (is_text(kind, "refused")) repl_text_put(out, ", refused");
	if (is_text(kind, "faulted")) repl_text_put(out, ", faulted");
}

static void take_entry(repl *r, future *f, aplomb_value entry) {
	repl_text line = {0};
	put_time(&line, f->near, text_in(entry, "at"));
	put_cause(r, &line, entry);
	add(&f->happened, repl_text_of(&line));
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		if (!is_text(text_in(item, "do"), "effect")) continue;
		repl_text_clear(&line);
		repl_text_put(&line, text_in(item, "kind"));
		put_members(&line, aplomb_value_get(item, "data"));
		add(&f->effects, repl_text_of(&line));
	}
	repl_text_dispose(&line);
}

static void take_text(const char *text, void *payload) {
	add(payload, text);
}

/* The runtime is not asked anything while it tells: names and instants in turn. */
static void take_timer(const char *name, aplomb_instant at, void *payload) {
	char due[32];
	aplomb_instant_write(at, due);
	add(payload, due);
	add(payload, name);
}

/* As people read them where the case stands. */
static void take_states_and_timers(repl *r, future *f) {
	list states = {0}, timers = {0};
	aplomb_case_states(r->rt, r->case_id, take_text, &states);
	aplomb_case_timers(r->rt, r->case_id, take_timer, &timers);
	for (size_t i = 0; i < states.count; i++) add(&f->states, repl_short_path(r, states.items[i]));
	for (size_t i = 0; i < timers.count; i += 2) {
		repl_text line = {0};
		put_time(&line, f->near, timers.items[i]);
		repl_text_put(&line, repl_short_path(r, timers.items[i + 1]));
		add(&f->timers, repl_text_of(&line));
		repl_text_dispose(&line);
	}
	dispose(&states);
	dispose(&timers);
}

static void take_data(repl *r, list *to) {
	char *json;
	size_t size;
	aplomb_json *read;
	if (aplomb_case_data(r->rt, r->case_id, &json, &size, NULL) != APLOMB_OK) return;
	if (aplomb_json_read(&read, json, size, NULL) == APLOMB_OK) {
		for (size_t i = 0; i < aplomb_value_count(aplomb_json_root(read)); i++) {
			const char *name;
			char *value = aplomb_value_write(aplomb_value_at(aplomb_json_root(read), i, &name));
			repl_text line = {0};
			repl_text_format(&line, "%s = %s", name, value != NULL ? value : "");
			add(to, repl_text_of(&line));
			repl_text_dispose(&line);
			free(value);
		}
		aplomb_json_free(read);
	}
	aplomb_text_free(r->rt, json);
}

/* All of a branch from line [from] on, and how it is at its end, where the case then stands. */
static int look(repl *r, size_t branch, uint64_t from, future *f) {
	size_t size;
	if (repl_travel(r, repl_end_of(r, branch)) != REPL_DONE) return REPL_FAILED;
	/* The day on which they part needs no saying. */
	const char *fork = repl_story_line_of(r->story, branch, from - 1, &size);
	if (size > 17 && memcmp(fork, "{\"at\":\"", 7) == 0) memcpy(f->near, fork + 7, 10);
	for (uint64_t n = from; n < repl_story_length(r->story, branch); n++) {
		const char *line = repl_story_line_of(r->story, branch, n, &size);
		aplomb_json *json;
		if (aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) continue;
		take_entry(r, f, aplomb_json_root(json));
		aplomb_json_free(json);
	}
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	take_states_and_timers(r, f);
	take_data(r, &f->data);
	if (aplomb_case_get(r->rt, r->case_id, &info, NULL) != APLOMB_OK) return REPL_DONE;
	static const char *const statuses[] = {"open", "closed", "faulted"};
	repl_text line = {0};
	repl_text_put(&line, statuses[info.status]);
	if (info.outcome != NULL) repl_text_format(&line, ": %s", info.outcome);
	add(&f->outcome, repl_text_of(&line));
	repl_text_dispose(&line);
	return REPL_DONE;
}

/* ---- columns -------------------------------------------------------------------- */

/* How much of the text fits into the columns, up to a blank when there is one. */
static size_t fitting(const char *text, int columns) {
	const char *at = text, *end = text + strlen(text);
	size_t blank = 0;
	for (int used = 0; at < end;) {
		char shown[8];
		size_t size;
		const char *before = at;
		used += tell_shown(&at, end, shown, &size);
		if (used > columns) return blank > 0 ? blank : before > text ? (size_t)(before - text) : (size_t)(at - text);
		if (*at == ' ') blank = (size_t)(at - text);
	}
	return (size_t)(end - text);
}

/* Both texts beside each other, wrapped each to its column; "" leaves its column empty. */
static void put_row(const tell_screen *screen, tell_style style, const char *left, const char *right) {
	int columns = (screen->width - 3) / 2;
	if (columns < 12) columns = 12;
	do {
		size_t one = fitting(left, columns), other = fitting(right, columns);
		tell_style_set(screen, style);
		tell_put_text(screen, left, one, columns);
		tell_style_set(screen, TELL_FAINT);
		tell_print(screen, other > 0 ? " \xE2\x94\x82 " : " \xE2\x94\x82");
		tell_style_set(screen, TELL_PLAIN);
		tell_style_set(screen, style);
		tell_put_text(screen, right, other, -1);
		tell_style_set(screen, TELL_PLAIN);
		tell_print(screen, "\n");
		left += one + strspn(left + one, " ");
		right += other + strspn(right + other, " ");
	} while (*left != '\0' || *right != '\0');
}

static void put_heading(const tell_screen *screen, const char *name) {
	tell_style_set(screen, TELL_FAINT);
	tell_print(screen, "\xE2\x94\x80\xE2\x94\x80 %s ", name);
	for (int i = (int)strlen(name) + 4; i < screen->width - 1; i++) tell_print(screen, "\xE2\x94\x80");
	tell_print(screen, "\n");
	tell_style_set(screen, TELL_PLAIN);
}

/*
 * What both have in the same order stands beside each other: the longest common
 * sequence, up to a size at which nobody would read it anyway.
 */
enum { MOST_ALIGNED = 1000 };

static uint16_t *measure(const list *left, const list *right) {
	size_t width = right->count + 1;
	uint16_t *longest = tell_need((left->count + 1) * width * sizeof *longest);
	for (size_t i = left->count; i-- > 0;) {
		for (size_t k = right->count; k-- > 0;) {
			uint16_t down = longest[(i + 1) * width + k], over = longest[i * width + k + 1];
			longest[i * width + k] = strcmp(left->items[i], right->items[k]) == 0 ? (uint16_t)(longest[(i + 1) * width + k + 1] + 1)
			                         : down > over                                ? down
			                                                                      : over;
		}
	}
	return longest;
}

static void put_list(const tell_screen *screen, const char *name, const list *left, const list *right) {
	if (left->count == 0 && right->count == 0) return;
	put_heading(screen, name);
	bool is_aligned = left->count <= MOST_ALIGNED && right->count <= MOST_ALIGNED;
	uint16_t *longest = is_aligned ? measure(left, right) : NULL;
	size_t width = right->count + 1;
	for (size_t i = 0, k = 0; i < left->count || k < right->count;) {
		bool has_both = i < left->count && k < right->count;
		if (has_both && strcmp(left->items[i], right->items[k]) == 0) {
			put_row(screen, TELL_FAINT, left->items[i++], right->items[k++]);
		} else if (has_both && (longest == NULL || longest[(i + 1) * width + k + 1] == longest[i * width + k])) {
			/* Neither is found again without loss: one in the other's place. */
			put_row(screen, TELL_PLAIN, left->items[i++], right->items[k++]);
		} else if (k == right->count || (i < left->count && longest[(i + 1) * width + k] >= longest[i * width + k + 1])) {
			put_row(screen, TELL_PLAIN, left->items[i++], "");
		} else {
			put_row(screen, TELL_PLAIN, "", right->items[k++]);
		}
	}
	free(longest);
}

/* Of lists that hold the same names, only what differs. */
static void put_differing(const tell_screen *screen, const char *name, const list *left, const list *right) {
	list one = {0}, other = {0};
	for (size_t i = 0, k = 0; i < left->count || k < right->count;) {
		const char *a = i < left->count ? left->items[i] : NULL, *b = k < right->count ? right->items[k] : NULL;
		/* Both are in the order of their names. */
		size_t a_size = a != NULL ? strcspn(a, " ") : 0, b_size = b != NULL ? strcspn(b, " ") : 0;
		int order = a == NULL ? 1 : b == NULL ? -1 : strncmp(a, b, a_size > b_size ? a_size : b_size);
		if (order != 0 || strcmp(a, b) != 0) {
			add(&one, order <= 0 ? a : "");
			add(&other, order >= 0 ? b : "");
		}
		i += order <= 0;
		k += order >= 0;
	}
	if (one.count > 0) put_heading(screen, name);
	for (size_t i = 0; i < one.count; i++) put_row(screen, TELL_PLAIN, one.items[i], other.items[i]);
	dispose(&one);
	dispose(&other);
}

static void show(repl *r, size_t left, size_t right, const future *one, const future *other) {
	const tell_screen *screen = r->out;
	put_row(screen, TELL_STRONG, r->story->branches[left].name, r->story->branches[right].name);
	put_list(screen, "what happened", &one->happened, &other->happened);
	put_list(screen, "effects", &one->effects, &other->effects);
	put_list(screen, "states", &one->states, &other->states);
	put_list(screen, "timers", &one->timers, &other->timers);
	put_differing(screen, "data that differ", &one->data, &other->data);
	put_list(screen, "outcome", &one->outcome, &other->outcome);
}

/* ---- the command ------------------------------------------------------------------- */

static int run_diff(repl *r, const char *rest) {
	repl_story *story = r->story;
	if (!repl_has_case(r)) return REPL_FAILED;
	if (*rest == '\0') return repl_fail(r, "diff: with which branch? `branches` lists them.");
	size_t other = repl_named_branch(r, "diff", rest);
	if (other == REPL_NO_BRANCH) return REPL_FAILED;
	if (other == story->branch) return repl_fail(r, "diff: the case stands on %s; name another branch.", rest);
	const repl_place here = repl_story_place(story, aplomb_now(r->rt));
	repl_leave(r);
	uint64_t common = repl_story_common(story, here.branch, other);
	future *one = tell_need(sizeof *one), *two = tell_need(sizeof *two);
	int result = look(r, here.branch, common, one);
	if (result == REPL_DONE) result = look(r, other, common, two);
	if (repl_travel(r, here) != REPL_DONE) result = REPL_FAILED;
	if (result == REPL_DONE) {
		repl_say(r, "Both have the entries up to %llu; this is what comes after, up to the end of each.", (unsigned long long)common - 1);
		show(r, here.branch, other, one, two);
	}
	dispose_future(one);
	dispose_future(two);
	free(one);
	free(two);
	return result;
}

const repl_command repl_cmd_diff = {
    .name = "diff",
    .form = "diff BRANCH",
    .sentence = "Two futures side by side, from where they part.",
    .group = REPL_TRAVEL,
    .run = run_diff,
    .complete = repl_complete_branch,
    .about =
        "On the left the branch on which the case stands, on the right the other one, each up to its end: what happened, what was wanted, "
        "where they are, what is due, what their data say otherwise, how they ended. What both have is faint.",
};
