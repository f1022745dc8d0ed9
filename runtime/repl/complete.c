/* SPDX-License-Identifier: MIT */
/*
 * Decides what is offered behind a command: names that the playbook declares,
 * with what they mean, and places of the case. Which of them a command takes,
 * its own file says.
 */
#include "repl/complete.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "repl/table_place.h"

typedef struct offer {
	repl *r;
	repl_candidates *out;
	const char *event; /* whose fields; NULL: data */
	const char *lead;  /* the path that the names stand behind: "address", or "" */
	const char *sign;  /* what follows a name: " = ", "=" */
	const repl_table_place *place;
	repl_text note, text;
} offer;

static void offer_dispose(offer *o) {
	repl_text_dispose(&o->note);
	repl_text_dispose(&o->text);
}

/* ---- fields ------------------------------------------------------------------ */

/* What a person wants to know of a field: its type, what it may be, and what it is for. */
static const char *note_of(offer *o, const aplomb_param *field) {
	repl_text_clear(&o->note);
	if (field->n_choices > 0) {
		for (size_t i = 0; i < field->n_choices; i++) repl_text_format(&o->note, "%s%s", i > 0 ? " | " : "", field->choices[i]);
	} else {
		repl_text_put(&o->note, field->type);
	}
	if (field->required) repl_text_put(&o->note, ", required");
	if (field->meaning != NULL) repl_text_format(&o->note, ": %s", field->meaning);
	return repl_text_of(&o->note);
}

/* The part of a field's path that stands at this place: "city" of address.city behind "address"; NULL: it is elsewhere. */
static const char *below(const char *path, const char *lead) {
	size_t size = strlen(lead);
	if (size == 0) return path;
	return strncmp(path, lead, size) == 0 && path[size] == '.' ? path + size + 1 : NULL;
}

static void offer_name(const aplomb_param *field, void *payload) {
	offer *o = payload;
	const char *name = below(field->path, o->lead);
	if (name == NULL) return;
	const char *dot = strchr(name, '.');
	size_t size = dot != NULL ? (size_t)(dot - name) : strlen(name);
	if (o->place != NULL && repl_table_place_has(o->place, name, size)) return;
	repl_text_clear(&o->text);
	repl_text_add(&o->text, name, size);
	if (dot == NULL)
		repl_candidate_with(o->out, repl_text_of(&o->text), note_of(o, field), o->sign);
	else
		repl_candidate_with(o->out, repl_text_of(&o->text), "fields", " = { ");
}

/* The values of the field whose path is [lead]. */
static void offer_values(const aplomb_param *field, void *payload) {
	offer *o = payload;
	if (strcmp(field->path, o->lead) != 0) return;
	if (strcmp(field->type, "boolean") == 0) {
		repl_candidate_with(o->out, "true", field->meaning, "");
		repl_candidate_with(o->out, "false", field->meaning, "");
	}
	for (size_t i = 0; i < field->n_choices; i++) {
		repl_text_clear(&o->text);
		repl_text_json(&o->text, field->choices[i], strlen(field->choices[i]));
		repl_candidate_with(o->out, repl_text_of(&o->text), NULL, "");
	}
}

static void tell_fields(offer *o, void (*tell)(const aplomb_param *field, void *payload)) {
	aplomb_declares what = o->event != NULL ? APLOMB_DECLARES_EVENT : APLOMB_DECLARES_DATA;
	aplomb_playbook_fields(o->r->playbook, what, o->event, tell, o);
}

/* What may stand within the table, whose brackets are open. */
static void offer_in_table(offer *o, const repl_table_place *place) {
	o->place = place;
	o->lead = repl_text_of(&place->path);
	o->sign = " = ";
	if (place->is_list) return; /* of what its items are nothing is told */
	if (place->text != NULL) repl_candidates_begin_at(o->out, place->text);
	if (place->is_value)
		tell_fields(o, offer_values);
	else if (place->text == NULL)
		tell_fields(o, offer_name);
}

/* ---- events -------------------------------------------------------------------- */

static void list_name(const aplomb_param *field, void *payload) {
	repl_text_format(payload, "%s%s", ((repl_text *)payload)->size > 0 ? ", " : "", field->path);
}

static void offer_event(const aplomb_declaration *declaration, void *payload) {
	offer *o = payload;
	if (declaration->what != APLOMB_DECLARES_EVENT) return;
	repl_text_clear(&o->note);
	aplomb_playbook_fields(o->r->playbook, APLOMB_DECLARES_EVENT, declaration->name, list_name, &o->note);
	repl_candidate_with(o->out, declaration->name, repl_text_of(&o->note), declaration->n_fields > 0 ? o->sign : " ");
}

void repl_complete_event(repl *r, const char *before, repl_candidates *out) {
	offer o = {.r = r, .out = out, .sign = " "};
	if (strpbrk(before, " \t\n") == NULL) aplomb_playbook_declarations(r->playbook, offer_event, &o);
	offer_dispose(&o);
}

/* Behind the table: who it is from. */
static void offer_who(const char *rest, repl_candidates *out) {
	rest = repl_skip(rest);
	size_t size = strcspn(rest, " \t\n");
	if (rest[size] == '\0') {
		repl_candidate(out, "by", "who it is from");
		return;
	}
	if (size != 2 || strncmp(rest, "by", 2) != 0 || strpbrk(repl_skip(rest + 2), " \t\n") != NULL) return;
	repl_candidate_with(out, "customer", NULL, "");
	repl_candidate_with(out, "agent", "or agent:NAME", "");
	repl_candidate_with(out, "system", NULL, "");
}

void repl_complete_happening(repl *r, const char *before, repl_candidates *out) {
	size_t size = strcspn(before, " \t\n{");
	offer o = {.r = r, .out = out, .sign = " { "};
	if (before[size] == '\0') {
		aplomb_playbook_declarations(r->playbook, offer_event, &o);
		offer_dispose(&o);
		return;
	}
	repl_text name = {0};
	repl_table_place place;
	repl_text_add(&name, before, size);
	o.event = name.bytes;
	repl_table_place_find(&place, before + size);
	if (place.depth > 0)
		offer_in_table(&o, &place);
	else
		offer_who(place.rest != NULL ? place.rest : before + size, out);
	repl_table_place_dispose(&place);
	repl_text_dispose(&name);
	offer_dispose(&o);
}

/* Behind a text in quotation marks: name=value, or the name of a boolean alone. */
static void offer_spoken(repl *r, const char *event, const char *before, repl_candidates *out) {
	if (*before != '"') return; /* a line as it stands has no fields */
	const char *at = before + 1;
	while (*at != '\0' && *at != '"') at += *at == '\\' && at[1] != '\0' ? 2 : 1;
	if (*at != '"' || at[1] == '\0') return;
	offer o = {.r = r, .out = out, .event = event, .lead = "", .sign = "="};
	const char *word = out->before + strlen(out->before);
	while (word > at + 1 && strchr(" \t\n", word[-1]) == NULL) word--;
	const char *equals = strchr(word, '=');
	if (equals == NULL) {
		repl_candidates_begin_at(out, word);
		tell_fields(&o, offer_name);
	} else {
		repl_text name = {0};
		repl_text_add(&name, word, (size_t)(equals - word));
		o.lead = name.bytes;
		repl_candidates_begin_at(out, equals + 1);
		tell_fields(&o, offer_values);
		repl_text_dispose(&name);
	}
	offer_dispose(&o);
}

void repl_complete_customer(repl *r, const char *before, repl_candidates *out) {
	offer_spoken(r, "customer.message", before, out);
}

void repl_complete_agent(repl *r, const char *before, repl_candidates *out) {
	offer_spoken(r, "agent.message", before, out);
}

/* ---- opening ---------------------------------------------------------------------- */

static void offer_param(const aplomb_param *param, void *payload) {
	offer *o = payload;
	if (o->place != NULL && o->place->is_value)
		offer_values(param, o);
	else
		offer_name(param, o);
}

void repl_complete_opening(repl *r, const char *before, repl_candidates *out) {
	repl_table_place place;
	offer o = {.r = r, .out = out};
	repl_table_place_find(&place, before);
	if (place.depth > 0) {
		/* The data's table stands alone; the others have a name before them. */
		const char *bracket = before, *last = NULL;
		int depth = 0;
		for (; *bracket != '\0'; bracket++) {
			if (*bracket == '{' && depth++ == 0) last = bracket;
			if (*bracket == '}' && depth > 0) depth--;
		}
		while (last != NULL && last > before && strchr(" \t\n", last[-1]) != NULL) last--;
		bool is_params = last != NULL && last - before >= 6 && strncmp(last - 6, "params", 6) == 0;
		bool is_data = last != NULL && (last == before || last[-1] == '}');
		if (is_data) offer_in_table(&o, &place);
		if (is_params && !place.is_list) {
			o.place = &place;
			o.lead = repl_text_of(&place.path);
			o.sign = " = ";
			if (place.text != NULL) repl_candidates_begin_at(out, place.text);
			aplomb_playbook_params(r->playbook, offer_param, &o);
		}
	} else if (place.text == NULL) {
		if (*before == '\0') repl_candidate_with(out, "{", "what the case knows from the beginning", " ");
		repl_candidate_with(out, "params", "parameters that are otherwise for this case", " { ");
		repl_candidate_with(out, "history", "what is known of the customer", " { ");
		repl_candidate(out, "locale", "the language of what is said");
		repl_candidate(out, "seed", "the number that chance begins with");
		repl_candidate(out, "as", "what the case is called");
		repl_candidate(out, "about", "whom the case is about");
	}
	repl_table_place_dispose(&place);
	offer_dispose(&o);
}

/* ---- places of the case ------------------------------------------------------------- */

typedef struct state_names {
	char **names;
	size_t count, capacity;
} state_names;

static void keep_state(const aplomb_stat_line *line, void *payload) {
	state_names *states = payload;
	if (line->stat != APLOMB_STAT_STATE) return;
	tell_need_room(&states->names, states->count, 1, &states->capacity, sizeof *states->names);
	states->names[states->count++] = tell_need_copy(line->name);
}

void repl_complete_state(repl *r, const char *before, repl_candidates *out) {
	(void)before;
	state_names states = {0};
	/* Kept first: while they are told nothing else may be asked of the runtime. */
	aplomb_playbook_stats(r->rt, r->playbook, keep_state, &states);
	for (size_t i = 0; i < states.count; i++) {
		bool is_active = r->case_id != NULL && aplomb_case_is_in(r->rt, r->case_id, states.names[i]);
		repl_candidate(out, repl_short_path(r, states.names[i]), is_active ? "active" : NULL);
		free(states.names[i]);
	}
	free(states.names);
}

static void offer_due(const char *name, aplomb_instant due_at, void *payload) {
	char text[32];
	aplomb_instant_write(due_at, text);
	repl_candidate_with(payload, text, name, "");
}

void repl_complete_due(repl *r, const char *before, repl_candidates *out) {
	(void)before;
	if (r->case_id != NULL) aplomb_case_timers(r->rt, r->case_id, offer_due, out);
}

/* ---- words that help knows --------------------------------------------------------------- */

static void offer_declared(const aplomb_declaration *declaration, void *payload) {
	if (declaration->what == APLOMB_DECLARES_DATA) return;
	const char *note = declaration->what == APLOMB_DECLARES_EVENT ? "an event of this playbook" : "an effect of this playbook";
	repl_candidate_with(payload, declaration->name, note, "");
}

static void offer_word(const aplomb_word *word, void *payload) {
	repl_candidate_with(payload, word->name, word->sentence, "");
}

void repl_complete_help(repl *r, const char *before, repl_candidates *out) {
	const repl_command *command;
	aplomb_error error; /* without memory there are fewer candidates */
	repl_candidates_begin_at(out, before);
	for (size_t n = 0; (command = repl_command_at(n)) != NULL; n++) repl_candidate_with(out, command->name, command->sentence, "");
	aplomb_playbook_declarations(r->playbook, offer_declared, out);
	aplomb_words(r->rt, offer_word, out, &error);
	aplomb_playbook_words(r->rt, r->playbook, offer_word, out, &error);
}

/* ---- files -------------------------------------------------------------------------------- */

void repl_complete_file(repl *r, const char *before, repl_candidates *out) {
	(void)r;
	const char *slash = strrchr(before, '/');
	const char *typed = slash != NULL ? slash + 1 : before;
	repl_text folder = {0}, path = {0};
	if (slash != NULL) repl_text_add(&folder, before, (size_t)(slash + 1 - before));
	DIR *entries = opendir(folder.size > 0 ? folder.bytes : ".");
	repl_candidates_begin_at(out, before);
	for (const struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
		struct stat about;
		bool is_hidden = entry->d_name[0] == '.';
		if (is_hidden && (typed[0] != '.' || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)) continue;
		repl_text_clear(&path);
		repl_text_put(&path, repl_text_of(&folder));
		repl_text_put(&path, entry->d_name);
		bool is_folder = stat(path.bytes, &about) == 0 && S_ISDIR(about.st_mode);
		if (is_folder) repl_text_put(&path, "/");
		repl_candidate_with(out, path.bytes, NULL, "");
	}
	if (entries != NULL) closedir(entries);
	repl_text_dispose(&folder);
	repl_text_dispose(&path);
}
