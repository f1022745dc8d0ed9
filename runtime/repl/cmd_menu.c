/* SPDX-License-Identifier: MIT */
/*
 * Decides how the customer's choice is played: the newest menu that the
 * playbook asked for (the effect `menu` of aplomb.solutions) is read out of the
 * case's own lines, shown, and picked from. Whether an option can be had is
 * decided by the playbook.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/complete.h"

/* The newest menu; json NULL: there is none. */
typedef struct menu {
	aplomb_json *json;
	aplomb_value data; /* menu, options, closed */
	aplomb_instant at;
} menu;

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

static bool is_text(aplomb_value map, const char *key, const char *wanted) {
	const char *text = text_of(map, key);
	return text != NULL && strcmp(text, wanted) == 0;
}

/* The last menu of an entry; absent: it asked for none. */
static aplomb_value menu_in(aplomb_value entry) {
	aplomb_value found = {0}, items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		if (is_text(item, "do", "effect") && is_text(item, "kind", "menu")) found = aplomb_value_get(item, "data");
	}
	return found;
}

static menu newest(repl *r) {
	for (size_t n = repl_story_count(r->story); n-- > 0;) {
		size_t size;
		const char *line = repl_story_line(r->story, n, &size);
		/* Most lines hold none, and need not be read. */
		if (line == NULL || memmem(line, size, "\"kind\":\"menu\"", strlen("\"kind\":\"menu\"")) == NULL) continue;
		menu m = {0};
		if (aplomb_json_read(&m.json, line, size, NULL) != APLOMB_OK) continue;
		m.data = menu_in(aplomb_json_root(m.json));
		if (aplomb_value_kind(m.data) == APLOMB_MAP && tell_entry_at(aplomb_json_root(m.json), &m.at)) return m;
		aplomb_json_free(m.json);
	}
	return (menu){0};
}

/* ---- is it still of account? --------------------------------------------------- */

typedef struct looking {
	const char *name;
	bool is_found;
} looking;

/* Is one of the path's components called so? */
static void look_at_path(const char *path, void *payload) {
	looking *l = payload;
	size_t size = strlen(l->name);
	for (const char *at = path; at != NULL; at = strchr(at, '.')) {
		if (*at == '.') at++;
		if (strncmp(at, l->name, size) == 0 && (at[size] == '.' || at[size] == '\0')) l->is_found = true;
	}
}

/* A menu bears the name of the state that shows it. */
static bool is_open(repl *r, const menu *m) {
	looking l = {text_of(m->data, "menu"), false};
	if (l.name == NULL) return true;
	aplomb_case_states(r->rt, r->case_id, look_at_path, &l);
	return l.is_found;
}

/* ---- menu ---------------------------------------------------------------------------- */

static void show_open(repl *r, aplomb_value option) {
	repl_text line = {0};
	const char *title = text_of(option, "title"), *cost = text_of(option, "cost"), *authority = text_of(option, "authority");
	const char *separator = " (";
	repl_text_put(&line, text_of(option, "id"));
	if (cost != NULL) {
		repl_text_format(&line, "%scosts %s", separator, cost);
		separator = ", ";
	}
	if (authority != NULL) {
		repl_text_format(&line, "%sneeds the %s", separator, authority);
		separator = ", ";
	}
	if (aplomb_value_boolean(aplomb_value_get(option, "compromise"))) {
		repl_text_format(&line, "%sa compromise", separator);
		separator = ", ";
	}
	if (separator[0] == ',') repl_text_put(&line, ")");
	if (title != NULL) repl_text_format(&line, ": %s", title);
	tell_line(r->out, NULL, "open", TELL_PLAIN, repl_text_of(&line));
	repl_text_dispose(&line);
}

static void show_closed(repl *r, aplomb_value option) {
	repl_text line = {0};
	const char *why = text_of(option, "why"), *instead = text_of(option, "instead");
	repl_text_put(&line, text_of(option, "id"));
	if (why != NULL) repl_text_format(&line, ": %s", why);
	if (instead != NULL) repl_text_format(&line, "; instead there is \"%s\"", instead);
	tell_line(r->out, NULL, "closed", TELL_FAINT, repl_text_of(&line));
	repl_text_dispose(&line);
}

static void show_menu(repl *r, const menu *m) {
	char when[64];
	repl_text line = {0};
	const char *name = text_of(m->data, "menu");
	repl_text_format(
	    &line, "%s, as it was shown at %s", name != NULL ? name : "without a name", tell_due_words(m->at, aplomb_now(r->rt), when));
	if (!is_open(r, m)) repl_text_put(&line, "; the case has left it since");
	tell_line(r->out, NULL, "menu", TELL_STATE, repl_text_of(&line));
	repl_text_dispose(&line);
	aplomb_value open = aplomb_value_get(m->data, "options"), closed = aplomb_value_get(m->data, "closed");
	for (size_t i = 0; i < aplomb_value_count(open); i++) {
		aplomb_value option = aplomb_value_at(open, i, NULL);
		if (text_of(option, "id") != NULL) show_open(r, option);
	}
	for (size_t i = 0; i < aplomb_value_count(closed); i++) {
		aplomb_value option = aplomb_value_at(closed, i, NULL);
		if (text_of(option, "id") != NULL) show_closed(r, option);
	}
}

static int no_menu(repl *r) {
	return repl_fail(
	    r, "Nothing was put before the customer yet: no entry of this case asked for a menu. Playbooks make one with solutions.menu.");
}

static int run_menu(repl *r, const char *rest) {
	if (*rest != '\0') return repl_fail(r, "menu: takes nothing; `pick %.40s` chooses it", rest);
	if (!repl_has_case(r)) return REPL_FAILED;
	menu m = newest(r);
	if (m.json == NULL) return no_menu(r);
	show_menu(r, &m);
	aplomb_json_free(m.json);
	return REPL_DONE;
}

/* ---- pick and reject -------------------------------------------------------------------- */

typedef struct option_names {
	const char **items;
	size_t count, capacity;
} option_names;

static void add_names(option_names *names, aplomb_value options) {
	for (size_t i = 0; i < aplomb_value_count(options); i++) {
		const char *id = text_of(aplomb_value_at(options, i, NULL), "id");
		if (id == NULL) continue;
		tell_need_room(&names->items, names->count, 1, &names->capacity, sizeof *names->items);
		names->items[names->count++] = id;
	}
}

static option_names names_of(const menu *m) {
	option_names names = {0};
	add_names(&names, aplomb_value_get(m->data, "options"));
	add_names(&names, aplomb_value_get(m->data, "closed"));
	return names;
}

/* One that the newest menu names, open or closed; otherwise the nearest of them is said. */
static bool is_option(repl *r, const char *verb, const char *option) {
	menu m = newest(r);
	if (m.json == NULL) {
		no_menu(r);
		return false;
	}
	option_names names = names_of(&m);
	bool is_known = false;
	for (size_t i = 0; i < names.count; i++) is_known = is_known || strcmp(names.items[i], option) == 0;
	if (!is_known) {
		const char *near = aplomb_nearest(option, names.items, names.count);
		repl_text all = {0};
		for (size_t i = 0; i < names.count; i++) repl_text_format(&all, "%s%s", i > 0 ? ", " : "", names.items[i]);
		if (near != NULL)
			repl_fail(r, "%s: the menu has no option \"%s\"; did you mean \"%s\"?", verb, option, near);
		else
			repl_fail(r, "%s: the menu has no option \"%s\"; it has %s.", verb, option, repl_text_of(&all));
		repl_text_dispose(&all);
	}
	free(names.items);
	aplomb_json_free(m.json);
	return is_known;
}

static int choose(repl *r, const char *verb, const char *event_name, const char *option) {
	if (!repl_has_case(r)) return REPL_FAILED;
	if (*option != '\0' && !is_option(r, verb, option)) return REPL_FAILED;
	repl_text data = {0};
	aplomb_event event = APLOMB_EVENT_INIT;
	if (*option != '\0') {
		repl_text_put(&data, "{\"option\":");
		repl_text_json(&data, option, strlen(option));
		repl_text_put(&data, "}");
	}
	event.name = event_name;
	event.by = "customer";
	event.data = data.bytes;
	int result = repl_post(r, &event);
	if (result == REPL_DONE) repl_moved(r);
	repl_text_dispose(&data);
	return result;
}

static int run_pick(repl *r, const char *rest) {
	if (*rest == '\0') return repl_fail(r, "pick: which option? `menu` shows them");
	return choose(r, "pick", "customer.picks", rest);
}

static int run_reject(repl *r, const char *rest) {
	return choose(r, "reject", "customer.rejects", rest);
}

void repl_complete_option(repl *r, const char *before, repl_candidates *out) {
	menu m = newest(r);
	(void)before;
	if (m.json == NULL) return;
	aplomb_value open = aplomb_value_get(m.data, "options"), closed = aplomb_value_get(m.data, "closed");
	for (size_t i = 0; i < aplomb_value_count(open); i++) {
		aplomb_value option = aplomb_value_at(open, i, NULL);
		if (text_of(option, "id") != NULL) repl_candidate(out, text_of(option, "id"), text_of(option, "title"));
	}
	for (size_t i = 0; i < aplomb_value_count(closed); i++) {
		aplomb_value option = aplomb_value_at(closed, i, NULL);
		if (text_of(option, "id") != NULL) repl_candidate(out, text_of(option, "id"), text_of(option, "why"));
	}
	aplomb_json_free(m.json);
}

const repl_command repl_cmd_menu = {
    .name = "menu",
    .form = "menu",
    .sentence = "What the customer can choose from, and why not from the rest.",
    .group = REPL_PLAY,
    .run = run_menu,
    .about = "The newest menu that the playbook asked for (solutions.menu), and whether the case is still at it.",
};

const repl_command repl_cmd_pick = {
    .name = "pick",
    .form = "pick OPTION",
    .sentence = "The customer chooses an option of the menu.",
    .group = REPL_PLAY,
    .run = run_pick,
    .complete = repl_complete_option,
    .about = "An option that is closed may be picked, too: the playbook says what comes of it.",
};

const repl_command repl_cmd_reject = {
    .name = "reject",
    .form = "reject [OPTION]",
    .sentence = "The customer turns an option down, or all of them.",
    .group = REPL_PLAY,
    .run = run_reject,
    .complete = repl_complete_option,
};
