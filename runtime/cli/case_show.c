/* SPDX-License-Identifier: MIT */
/*
 * Decides what `aplomb case show` tells of a case: where it stands, what is due,
 * what waits, what it knows, and what broke it. Values that the playbook marks
 * personal are told to whoever asks for them by a word of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/case.h"
#include "tell/tell.h"

typedef struct show_options {
	cli_kept_options kept;
	bool personal;
} show_options;

static const cli_option OPTIONS[] = {
    {"personal", 0, CLI_FLAG, CLI_OFFSET(show_options, personal), NULL, "show personal data, too, where otherwise \"[personal]\" stands",
        NULL},
    CLI_KEPT_AT(show_options, kept),
    CLI_KEPT_JSON(show_options, kept, "the same as one JSON map"),
};

typedef struct showing {
	cli_kept kept;
	const show_options *options;
	const char *id;
	bool any; /* of the list that is written as JSON */
} showing;

/* ---- for people ------------------------------------------------------------------------ */

static const tell_screen *out_of(const showing *s) {
	return &s->kept.cli->out;
}

static void line(const showing *s, const char *name, tell_style style, const char *text) {
	tell_line(out_of(s), NULL, name, style, text);
}

/* "Tue 3 Mar 10:00:00, in 3h: " and what for. */
static void due_line(const showing *s, const char *name, aplomb_instant at, const char *what) {
	char words[64], when[48], text[400];
	snprintf(text, sizeof text, "%s, %s: %.250s", tell_due_words(at, s->kept.now, words), cli_kept_when(at, s->kept.now, when), what);
	line(s, name, at < s->kept.now ? TELL_CAREFUL : TELL_PLAIN, text);
}

static void put_timer(const char *name, aplomb_instant due_at, void *payload) {
	due_line(payload, "due", due_at, name);
}

static void put_clock(const aplomb_clock *clock, void *payload) {
	const showing *s = payload;
	char text[400], when[64];
	const char *how = clock->is_running ? "runs" : clock->has_begun ? "is paused" : "has not begun";
	int used = snprintf(text, sizeof text, "%.100s %s", clock->name, how);
	if (clock->has_begun)
		used += snprintf(text + used, sizeof text - (size_t)used, ": %s of %s, %s%s", clock->elapsed_said, clock->said,
		    clock->is_breached ? "breached" : clock->left_said, clock->is_breached ? "" : " left");
	if (clock->has_deadline)
		snprintf(text + used, sizeof text - (size_t)used, "%s%s", clock->is_breached ? " since " : ", until ",
		    tell_due_words(clock->deadline, s->kept.now, when));
	line(s, "clock", clock->is_breached ? TELL_CAREFUL : TELL_PLAIN, text);
}

static void put_counter(const char *name, uint64_t count, void *payload) {
	char text[300], number[32];
	if (count == 0) return;
	snprintf(text, sizeof text, "%.250s %s", name, tell_count(count, number));
	line(payload, "counter", TELL_PLAIN, text);
}

static void put_child(const char *invoke, const char *child, void *payload) {
	char text[700];
	snprintf(text, sizeof text, "%.300s, as %.300s", child, invoke);
	line(payload, "child", TELL_PLAIN, text);
}

static void put_effect(const aplomb_waiting_effect *waiting, void *payload) {
	const showing *s = payload;
	static const char *const stands[] = {"waits to be handed out", "was handed out, and is not answered", "is answered",
	    "nobody knows whether it was done: find out, and say so"};
	char text[700], at[64], when[48];
	const aplomb_effect *effect = waiting->effect;
	int used = snprintf(
	    text, sizeof text, "%.100s %s, since %s", effect->kind, stands[waiting->stand], tell_due_words(effect->at, s->kept.now, at));
	if (effect->attempt > 0)
		used += snprintf(text + used, sizeof text - (size_t)used, ", %u attempt%s", effect->attempt, effect->attempt == 1 ? "" : "s");
	if (waiting->has_due && waiting->due_at > s->kept.now)
		used += snprintf(text + used, sizeof text - (size_t)used, ", next %s", cli_kept_when(waiting->due_at, s->kept.now, when));
	snprintf(text + used, sizeof text - (size_t)used, " (%.300s)", effect->key);
	line(s, "effect", waiting->stand == APLOMB_EFFECT_ASKS ? TELL_CAREFUL : TELL_WISH, text);
}

/* Members by their paths, a line each. */
static void put_values(const showing *s, const char *path, aplomb_value value) {
	if (aplomb_value_kind(value) == APLOMB_MAP && (path[0] == '\0' || aplomb_value_count(value) > 0)) {
		for (size_t i = 0; i < aplomb_value_count(value); i++) {
			const char *key;
			const aplomb_value member = aplomb_value_at(value, i, &key);
			const size_t size = strlen(path) + strlen(key) + 2;
			char *inner = tell_need(size);
			snprintf(inner, size, "%s%s%s", path, path[0] != '\0' ? "." : "", key);
			put_values(s, inner, member);
			free(inner);
		}
		return;
	}
	char *json = aplomb_value_write(value);
	const char *plain = aplomb_value_text(value, NULL), *told = plain != NULL ? plain : json != NULL ? json : "";
	const size_t size = strlen(path) + strlen(told) + 4;
	char *text = tell_need(size);
	snprintf(text, size, "%s: %s", path, told);
	line(s, "data", TELL_PLAIN, text);
	free(text);
	free(json);
}

static int data_of(const showing *s, char **json, size_t *size, aplomb_error *error) {
	return (s->options->personal ? aplomb_case_data : aplomb_case_data_shown)(s->kept.rt, s->id, json, size, error);
}

static void put_data(const showing *s) {
	char *text;
	size_t size;
	aplomb_json *json;
	if (data_of(s, &text, &size, NULL) != APLOMB_OK) return;
	if (aplomb_json_read(&json, text, size, NULL) == APLOMB_OK) {
		put_values(s, "", aplomb_json_root(json));
		aplomb_json_free(json);
	}
	aplomb_text_free(s->kept.rt, text);
}

static void put_fault(const showing *s, uint64_t seq) {
	cli_fault fault;
	char text[900];
	cli_case_fault(&s->kept, s->id, seq, &fault);
	if (fault.is_known)
		snprintf(text, sizeof text, "%s, at entry %llu (%s), over %s [%s]", fault.message, (unsigned long long)fault.seq, fault.at,
		    fault.cause, fault.slug);
	line(s, "FAULTED", TELL_BAD, fault.is_known ? text : "what broke it stands in a journal that is not kept here");
	line(s, "", TELL_FAINT, "it takes no events: `aplomb case resume`, skip, set or close, with --because");
}

static void put_heading(const showing *s, const aplomb_case_info *info) {
	const tell_screen *out = out_of(s);
	const char *version = aplomb_playbook_version(info->playbook), *playbook = aplomb_playbook_id(info->playbook);
	tell_style_set(out, TELL_STRONG);
	tell_put_text(out, s->id, strlen(s->id), -1);
	tell_style_set(out, TELL_FAINT);
	tell_print(out, "  playbook ");
	tell_put_text(out, playbook, strlen(playbook), -1);
	if (version != NULL) {
		tell_print(out, " ");
		tell_put_text(out, version, strlen(version), -1);
	}
	tell_print(out, " (%.12s)", aplomb_playbook_hash(info->playbook));
	if (info->parent != NULL) {
		tell_print(out, "  invoked by ");
		tell_put_text(out, info->parent, strlen(info->parent), -1);
	}
	if (info->subject != NULL) {
		tell_print(out, "  about ");
		tell_put_text(out, info->subject, strlen(info->subject), -1);
	}
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
}

static void show(const showing *s, const aplomb_case_info *info) {
	char text[300], words[64], when[48], number[32];
	aplomb_error error;
	bool stuck = false;
	put_heading(s, info);
	snprintf(text, sizeof text, "closed%s%.200s", info->outcome != NULL ? ": " : "", info->outcome != NULL ? info->outcome : "");
	/* What was lent is told before anything else is asked. */
	char *states = info->status == APLOMB_CASE_CLOSED ? tell_need_copy(text) : cli_kept_states(&s->kept, s->id);
	line(s, "where", info->status == APLOMB_CASE_CLOSED ? TELL_GOOD : TELL_STATE, states);
	free(states);
	if (info->status == APLOMB_CASE_FAULTED) put_fault(s, info->seq);
	snprintf(text, sizeof text, "%s, %s", tell_due_words(info->opened_at, s->kept.now, words),
	    cli_kept_when(info->opened_at, s->kept.now, when));
	line(s, "opened", TELL_PLAIN, text);
	snprintf(text, sizeof text, "entry %s, %s, %s", tell_count(info->seq, number), tell_due_words(info->at, s->kept.now, words),
	    cli_kept_when(info->at, s->kept.now, when));
	line(s, "newest", TELL_PLAIN, text);
	if (info->status == APLOMB_CASE_OPEN) {
		const size_t timers = aplomb_case_timers(s->kept.rt, s->id, put_timer, (void *)(uintptr_t)s);
		if (timers == 0 && aplomb_case_stuck(s->kept.rt, s->id, &stuck, &error) == APLOMB_OK)
			line(s, stuck ? "STUCK" : "due", stuck ? TELL_BAD : TELL_FAINT,
			    stuck ? "no timer is armed, and no event that can come would move it" : "nothing: it waits for an event");
	}
	aplomb_case_clocks(s->kept.rt, s->id, put_clock, (void *)(uintptr_t)s);
	aplomb_case_counters(s->kept.rt, s->id, put_counter, (void *)(uintptr_t)s);
	aplomb_case_children(s->kept.rt, s->id, put_child, (void *)(uintptr_t)s);
	aplomb_effects(s->kept.rt, s->id, put_effect, (void *)(uintptr_t)s);
	put_data(s);
}

/* ---- for programs ------------------------------------------------------------------------ */

static void next_item(showing *s) {
	tell_print(out_of(s), s->any ? ",{" : "{");
	s->any = true;
}

static void list(showing *s, const char *name) {
	tell_json_member(out_of(s), name, false);
	tell_print(out_of(s), "[");
	s->any = false;
}

static void json_timer(const char *name, aplomb_instant due_at, void *payload) {
	showing *s = payload;
	next_item(s);
	tell_json_member(out_of(s), "name", true);
	tell_json_text(out_of(s), name);
	tell_json_instant_member(out_of(s), "due_at", due_at);
	tell_print(out_of(s), "}");
}

static void json_clock(const aplomb_clock *clock, void *payload) {
	showing *s = payload;
	const tell_screen *out = out_of(s);
	next_item(s);
	tell_json_member(out, "name", true);
	tell_json_text(out, clock->name);
	tell_print(out, ",\"begun\":%s,\"running\":%s,\"breached\":%s", clock->has_begun ? "true" : "false",
	    clock->is_running ? "true" : "false", clock->is_breached ? "true" : "false");
	tell_print(out, ",\"elapsed_us\":%lld,\"target_us\":%lld,\"left_us\":%lld", (long long)clock->elapsed, (long long)clock->target,
	    (long long)clock->left);
	tell_json_instant_member(out, "deadline", clock->has_deadline ? clock->deadline : APLOMB_NEVER);
	tell_print(out, "}");
}

static void json_counter(const char *name, uint64_t count, void *payload) {
	showing *s = payload;
	if (s->any) tell_print(out_of(s), ",");
	s->any = true;
	tell_json_text(out_of(s), name);
	tell_print(out_of(s), ":%llu", (unsigned long long)count);
}

static void json_child(const char *invoke, const char *child, void *payload) {
	showing *s = payload;
	next_item(s);
	tell_json_member(out_of(s), "invoke", true);
	tell_json_text(out_of(s), invoke);
	tell_json_text_member(out_of(s), "case", child);
	tell_print(out_of(s), "}");
}

static void json_effect(const aplomb_waiting_effect *waiting, void *payload) {
	static const char *const stands[] = {"waits", "handed", "answered", "unknown"};
	showing *s = payload;
	const tell_screen *out = out_of(s);
	next_item(s);
	tell_json_member(out, "key", true);
	tell_json_text(out, waiting->effect->key);
	tell_json_text_member(out, "kind", waiting->effect->kind);
	tell_json_text_member(out, "stand", stands[waiting->stand]);
	tell_json_instant_member(out, "at", waiting->effect->at);
	tell_json_number_member(out, "attempts", waiting->effect->attempt);
	tell_json_instant_member(out, "due_at", waiting->has_due ? waiting->due_at : APLOMB_NEVER);
	tell_print(out, "}");
}

/* Which case it is of, while a line of a list is written: what more there is is asked of it. */
static void json_rest(const cli_kept *kept, const cli_case_line *about) {
	const tell_screen *out = &kept->cli->out;
	/* [kept] is the first member of who asks. */
	showing *s = (showing *)(void *)(uintptr_t)kept;
	aplomb_error error;
	bool stuck = false;
	aplomb_case_stuck(kept->rt, s->id, &stuck, &error);
	tell_print(out, ",\"stuck\":%s", stuck ? "true" : "false");
	list(s, "timers");
	if (about->status == APLOMB_CASE_OPEN) aplomb_case_timers(kept->rt, s->id, json_timer, s);
	tell_print(out, "]");
	list(s, "clocks");
	aplomb_case_clocks(kept->rt, s->id, json_clock, s);
	tell_print(out, "],\"counters\":{");
	s->any = false;
	aplomb_case_counters(kept->rt, s->id, json_counter, s);
	tell_print(out, "}");
	list(s, "children");
	aplomb_case_children(kept->rt, s->id, json_child, s);
	tell_print(out, "]");
	list(s, "effects");
	aplomb_effects(kept->rt, s->id, json_effect, s);
	tell_print(out, "]");
	cli_fault fault = {0};
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (about->status == APLOMB_CASE_FAULTED && aplomb_case_get(kept->rt, s->id, &info, NULL) == APLOMB_OK)
		cli_case_fault(kept, s->id, info.seq, &fault);
	if (fault.is_known) {
		tell_print(out, ",\"fault\":{\"entry\":%llu", (unsigned long long)fault.seq);
		tell_json_text_member(out, "slug", fault.slug);
		tell_json_text_member(out, "message", fault.message);
		tell_json_text_member(out, "at", fault.at);
		tell_print(out, "}");
	} else {
		tell_print(out, ",\"fault\":null");
	}
	char *text;
	size_t size;
	if (data_of(s, &text, &size, NULL) != APLOMB_OK) return;
	tell_json_member(out, "data", false);
	tell_print(out, "%s", text);
	aplomb_text_free(kept->rt, text);
}

static void note_first(const char *name, aplomb_instant due_at, void *payload) {
	(void)name;
	aplomb_instant *first = payload;
	if (due_at < *first) *first = due_at;
}

static int show_json(showing *s, const aplomb_case_info *info) {
	cli_case_line about = {.id = (char *)(uintptr_t)s->id, .status = info->status, .due_at = APLOMB_NEVER};
	if (about.status == APLOMB_CASE_OPEN) aplomb_case_timers(s->kept.rt, s->id, note_first, &about.due_at);
	return cli_case_json(&s->kept, &about, json_rest);
}

static int run(const cli_screens *cli, char **arguments, int count) {
	show_options options = {0};
	aplomb_case_info info;
	if (!cli_take(cli, &cli_case_show, &options, arguments, &count)) return CLI_USAGE;
	showing s = {.options = &options, .id = arguments[1]};
	int status = cli_kept_open(&s.kept, cli, &cli_case_show, arguments[0], &options.kept, NULL);
	if (status != CLI_OK) return status;
	status = cli_kept_case(&s.kept, s.id, &info);
	if (status == CLI_OK && options.kept.json)
		status = show_json(&s, &info);
	else if (status == CLI_OK)
		show(&s, &info);
	cli_kept_close(&s.kept);
	return status;
}

const cli_verb cli_case_show = {
    .name = "case show",
    .operands = "STORE CASE",
    .sentence = "show where a case stands, what is due, what waits, what it knows",
    .about =
        "The active states, timers, clocks, counters, children, effects that wait, what broke a case that is faulted, and its data; values "
        "that the playbook marks personal are \"[personal]\" without --personal. What led there is told by `aplomb case journal`.",
    .examples = "aplomb case show cases.db order-2077\n"
                "aplomb case show cases.db order-2077 --json",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 2,
    .most = 2,
    .run = run,
};
