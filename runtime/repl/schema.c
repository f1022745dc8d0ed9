/* SPDX-License-Identifier: MIT */
/*
 * Decides how what a playbook declares is told at the prompt: which events
 * there are, and what one of them carries, field by field.
 *
 *   customer.message carries
 *     abusive   boolean; false when nothing is said
 *     text      text, personal
 *     tone      number from -1.0 to 1.0
 */
#include <stdlib.h>
#include <string.h>

#include "repl/inside.h"

/* ---- one declaration -------------------------------------------------------- */

typedef struct showing {
	repl *r;
	int width; /* of the names */
} showing;

static void widen(const aplomb_param *field, void *payload) {
	showing *s = payload;
	int width = tell_width(field->path, strlen(field->path));
	if (width > s->width) s->width = width;
}

static void put_bounds(repl_text *line, const aplomb_param *field) {
	/* Of texts and lists the bounds are of their lengths. */
	bool is_length = strcmp(field->type, "text") == 0 || strcmp(field->type, "list") == 0;
	const char *what = is_length ? " of length" : "";
	if (field->min != NULL && field->max != NULL)
		repl_text_format(line, "%s from %s to %s", what, field->min, field->max);
	else if (field->min != NULL)
		repl_text_format(line, "%s of %s at least", is_length ? " of length" : "", field->min);
	else if (field->max != NULL)
		repl_text_format(line, "%s of %s at most", is_length ? " of length" : "", field->max);
}

static void show_field(const aplomb_param *field, void *payload) {
	const showing *s = payload;
	repl_text line = {0};
	if (field->n_choices > 0) {
		repl_text_put(&line, "one of ");
		for (size_t i = 0; i < field->n_choices; i++) repl_text_format(&line, "%s\"%s\"", i > 0 ? ", " : "", field->choices[i]);
	} else {
		repl_text_put(&line, field->type);
	}
	put_bounds(&line, field);
	if (field->required) repl_text_put(&line, "; it must be given");
	if (field->default_value != NULL) repl_text_format(&line, "; %s when nothing is said", field->default_value);
	if (field->personal) repl_text_put(&line, "; personal");
	if (field->meaning != NULL) repl_text_format(&line, "; %s", field->meaning);
	tell_page page = {s->r->out, s->width + 4, 0, false};
	tell_print(s->r->out, "  ");
	tell_style_set(s->r->out, TELL_STRONG);
	tell_put_text(s->r->out, field->path, strlen(field->path), s->width);
	tell_style_set(s->r->out, TELL_PLAIN);
	page.column = s->width + 2;
	tell_page_text(&page, repl_text_of(&line));
	tell_page_end(&page);
	repl_text_dispose(&line);
}

typedef struct finding {
	aplomb_declares what;
	const char *name;
	bool is_there;
} finding;

static void find(const aplomb_declaration *declaration, void *payload) {
	finding *f = payload;
	if (declaration->what == f->what && strcmp(declaration->name, f->name) == 0) f->is_there = true;
}

bool repl_is_declared(const repl *r, aplomb_declares what, const char *name) {
	finding f = {what, name, false};
	aplomb_playbook_declarations(r->playbook, find, &f);
	return f.is_there;
}

bool repl_say_declared(repl *r, aplomb_declares what, const char *name) {
	if (!repl_is_declared(r, what, name)) return false;
	showing s = {r, 0};
	if (aplomb_playbook_fields(r->playbook, what, name, widen, &s) == 0) {
		if (what == APLOMB_DECLARES_DATA)
			repl_say(r, "Cases of this playbook have no data.");
		else
			repl_say(r, "%s carries nothing.", name);
		return true;
	}
	repl_say(r, what == APLOMB_DECLARES_DATA ? "A case has these %s:" : "%s carries", name);
	aplomb_playbook_fields(r->playbook, what, name, show_field, &s);
	return true;
}

/* ---- all events ---------------------------------------------------------------- */

static void add_event(const aplomb_declaration *declaration, void *payload) {
	repl_names *names = payload;
	if (declaration->what == names->what) repl_names_add(names, declaration->name);
}

void repl_names_add(repl_names *names, const char *name) {
	tell_need_room(&names->items, names->count, 1, &names->capacity, sizeof *names->items);
	names->items[names->count++] = tell_need_copy(name);
}

repl_names repl_declared(const repl *r, aplomb_declares what) {
	repl_names names = {.what = what};
	aplomb_playbook_declarations(r->playbook, add_event, &names);
	return names;
}

void repl_names_dispose(repl_names *names) {
	for (size_t i = 0; i < names->count; i++) free(names->items[i]);
	free(names->items);
	*names = (repl_names){0};
}

const char *repl_names_nearest(const repl_names *names, const char *name) {
	return aplomb_nearest(name, (const char *const *)names->items, names->count);
}
