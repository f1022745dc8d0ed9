/* SPDX-License-Identifier: MIT */
/*
 * Decides what the commands of play mean: who speaks, what an event carries,
 * who it is from when nobody says. Whether it fits is decided by the playbook.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/complete.h"

/* ---- open ------------------------------------------------------------------- */

/* One member of the envelope's `open`, behind those that are there. */
static void add_member(repl_text *open, const char *name, const char *json) {
	repl_text_put(open, open->size == 0 ? "{\"" : ",\"");
	repl_text_put(open, name);
	repl_text_put(open, "\":");
	repl_text_put(open, json);
}

typedef struct opening {
	repl_text open, value;
	char case_id[257], subject[257];
	bool has_seed;
	char why[200];
} opening;

/* Behind `open`: a table of data, then words with what they take. false: [why] says what is wrong. */
static bool read_opening(opening *o, const char *rest) {
	static const char *const members[] = {"params", "history", "locale", "seed"};
	for (rest = repl_skip(rest); *rest != '\0'; rest = repl_skip(rest)) {
		char word[32];
		repl_text_clear(&o->value);
		if (*rest == '{') {
			if (!repl_table(&rest, &o->value, o->why, sizeof o->why)) return false;
			add_member(&o->open, "data", repl_text_of(&o->value));
			continue;
		}
		if (!repl_word(&rest, word, sizeof word)) word[0] = '\0';
		bool is_member = false;
		for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) is_member = is_member || strcmp(word, members[i]) == 0;
		if (is_member) {
			if (!repl_value(&rest, &o->value, o->why, sizeof o->why)) return false;
			add_member(&o->open, word, repl_text_of(&o->value));
			o->has_seed = o->has_seed || strcmp(word, "seed") == 0;
			continue;
		}
		bool is_known = strcmp(word, "as") == 0 || strcmp(word, "about") == 0;
		char *to = strcmp(word, "as") == 0 ? o->case_id : o->subject;
		if (is_known && repl_name(&rest, to, 257)) continue;
		snprintf(o->why, sizeof o->why,
		    is_known ? "%s: a name is missing"
		             : "\"%.20s\" is not understood; it is a table of data, or one of: params, history, locale, seed, as, about",
		    word);
		return false;
	}
	if (o->open.size > 0) repl_text_put(&o->open, "}");
	return true;
}

static int run_open(repl *r, const char *rest) {
	opening *o = tell_need(sizeof *o);
	int result = read_opening(o, rest) ? REPL_DONE : repl_fail(r, "open: %s.", o->why);
	if (result == REPL_DONE)
		result = repl_open_case(r, o->open.size > 0 ? o->open.bytes : NULL, o->case_id[0] != '\0' ? o->case_id : NULL,
		    o->subject[0] != '\0' ? o->subject : NULL);
	if (result == REPL_DONE) {
		r->has_own_seed = o->has_seed;
		repl_moved(r);
	}
	repl_text_dispose(&o->open);
	repl_text_dispose(&o->value);
	free(o);
	return result;
}

/* ---- events -------------------------------------------------------------------- */

/* Who does such a thing, when nobody says: of "agent.cause" the agent. */
const char *repl_usual_sender(const char *event) {
	static const char *const kinds[] = {"customer", "agent"};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t size = strlen(kinds[i]);
		if (strncmp(event, kinds[i], size) == 0 && event[size] == '.') return kinds[i];
	}
	return "system";
}

static int post(repl *r, const char *name, const char *by, const char *data) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.name = name;
	event.by = by;
	event.data = data;
	int result = repl_post(r, &event);
	if (result == REPL_DONE) repl_moved(r);
	return result;
}

static int run_do(repl *r, const char *rest) {
	char name[256], word[16], by[257] = "", why[200];
	if (!repl_word(&rest, name, sizeof name)) return repl_fail(r, "do: which event? It is written so: do EVENT { field = value }");
	repl_text data = {0};
	int result = REPL_DONE;
	if (*repl_skip(rest) == '{' && !repl_table(&rest, &data, why, sizeof why)) result = repl_fail(r, "do: %s.", why);
	if (result == REPL_DONE && *repl_skip(rest) != '\0' &&
	    !(repl_word(&rest, word, sizeof word) && strcmp(word, "by") == 0 && repl_name(&rest, by, sizeof by) && *repl_skip(rest) == '\0'))
		result = repl_fail(r, "do: behind the event stand a table, and `by` with who does it: do %s { field = value } by agent:mira", name);
	if (result == REPL_DONE) result = post(r, name, by[0] != '\0' ? by : repl_usual_sender(name), data.bytes);
	repl_text_dispose(&data);
	return result;
}

/* ---- speech ---------------------------------------------------------------------- */

/* Behind a text in quotes: tone=-0.8, and words that are true: abusive. */
static bool read_fields(const char *rest, repl_text *data, char *why, size_t why_size) {
	for (rest = repl_skip(rest); *rest != '\0'; rest = repl_skip(rest)) {
		size_t size = strspn(rest, "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
		if (size == 0 || (rest[size] != '=' && rest[size] != ' ' && rest[size] != '\t' && rest[size] != '\0')) {
			snprintf(why, why_size, "behind the text in quotes stand fields, as in: \"Where is it?\" tone=-0.8 abusive");
			return false;
		}
		repl_text_put(data, ",");
		repl_text_json(data, rest, size);
		repl_text_put(data, ":");
		bool has_value = rest[size] == '=';
		rest += size + (has_value ? 1 : 0);
		if (!has_value)
			repl_text_put(data, "true");
		else if (!repl_value(&rest, data, why, why_size))
			return false;
	}
	return true;
}

/* A line as it stands; or a text in quotes, and fields behind it. */
static bool read_speech(const char *rest, repl_text *data, char *why, size_t why_size) {
	repl_text_put(data, "{\"text\":");
	if (*rest != '"') {
		repl_text_json(data, rest, strlen(rest));
	} else if (!repl_value(&rest, data, why, why_size) || !read_fields(rest, data, why, why_size)) {
		return false;
	}
	repl_text_put(data, "}");
	return true;
}

static int speak(repl *r, const char *verb, const char *event, const char *by, const char *rest) {
	char why[200];
	repl_text data = {0};
	int result;
	if (*rest == '\0')
		result = repl_fail(r, "%s: what is said? The words simply follow: %s Where is my parcel?", verb, verb);
	else if (!read_speech(rest, &data, why, sizeof why))
		result = repl_fail(r, "%s: %s.", verb, why);
	else
		result = post(r, event, by, data.bytes);
	repl_text_dispose(&data);
	return result;
}

static int run_say(repl *r, const char *rest) {
	return speak(r, "say", "customer.message", "customer", rest);
}

static int run_agent(repl *r, const char *rest) {
	return speak(r, "agent", "agent.message", "agent", rest);
}

const repl_command repl_cmd_open = {
    .name = "open",
    .form = "open [{ field = value, … }]",
    .sentence = "Opens a case, with these data.",
    .group = REPL_PLAY,
    .run = run_open,
    .complete = repl_complete_opening,
    .about = "Behind the table may stand, each with what it takes: params { … }, history { … }, locale en, seed 7, as ID (what the case is "
             "called; otherwise case-1) and about SUBJECT.\n\nopen { order = \"A-1\", value = \"30.00 GBP\" } params { warnings = 3 }",
    .takes_table = true,
};

const repl_command repl_cmd_say = {
    .name = "say",
    .form = "say TEXT",
    .sentence = "The customer says something.",
    .group = REPL_PLAY,
    .run = run_say,
    .complete = repl_complete_customer,
    .about = "The words are taken as they stand. In quotation marks, fields of the event may follow them: name=value, or a name alone, "
             "which then is true.\n\nsay Where is my parcel?\nsay \"You thieves!\" tone=-0.9 abusive",
};

const repl_command repl_cmd_agent = {
    .name = "agent",
    .form = "agent TEXT",
    .sentence = "The agent says something.",
    .group = REPL_PLAY,
    .run = run_agent,
    .complete = repl_complete_agent,
    .about = "Written as with `say`.",
};

const repl_command repl_cmd_do = {
    .name = "do",
    .form = "do EVENT [{ … }] [by WHO]",
    .sentence = "Lets any event of the playbook happen.",
    .group = REPL_PLAY,
    .run = run_do,
    .complete = repl_complete_happening,
    .about = "What it carries is a table as in playbooks, or JSON. Without `by`, an event that begins with customer. or agent. comes from "
             "there, and any other from the system.\n\ndo agent.cause { cause = \"product\" } by agent:mira\ndo customer.done",
    .takes_table = true,
};
