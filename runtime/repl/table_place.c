/* SPDX-License-Identifier: MIT */
/*
 * Decides where in an unfinished table the cursor stands. Whether the table is
 * right is decided in arguments.c, when it is whole.
 */
#include "repl/table_place.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64 };

typedef struct word {
	const char *at;
	size_t size;
} word;

typedef struct level {
	bool is_list, is_value;
	word last;    /* that was read; a name when "=" or ":" follows */
	word name;    /* of the value */
	size_t names; /* where those of this level begin in place->names */
} level;

static bool is_word(char c) {
	return c != '\0' && strchr(" \t\r\n{}[](),;=:\"'", c) == NULL;
}

/* Behind the text in quotation marks; its end when it is not closed. */
static const char *behind_text(const char *at) {
	char quote = *at++;
	while (*at != '\0' && *at != quote) {
		if (*at == '\\' && at[1] != '\0') at++;
		at++;
	}
	return *at == quote ? at + 1 : at;
}

static void cut(repl_text *text, size_t size) {
	if (text->bytes == NULL) return;
	text->size = size;
	text->bytes[size] = '\0';
}

static void open_level(repl_table_place *place, level *levels, bool is_list) {
	if (++place->depth <= DEEPEST) levels[place->depth] = (level){.is_list = is_list, .names = place->names.size};
}

static void close_level(repl_table_place *place, const level *l, const char *rest) {
	if (place->depth == 0) return;
	if (place->depth <= DEEPEST) cut(&place->names, l->names);
	if (--place->depth == 0) place->rest = rest;
}

static void begin_value(repl_table_place *place, level *l) {
	if (l->last.at == NULL) return;
	l->is_value = true;
	l->name = l->last;
	repl_text_add(&place->names, l->name.at, l->name.size);
	repl_text_put(&place->names, "\n");
}

/* One more sign or word; returns behind it. NULL: a text that is not closed begins here. */
static const char *take(repl_table_place *place, level *levels, const char *at) {
	level *l = &levels[place->depth < DEEPEST ? place->depth : DEEPEST];
	const char *end = at;
	if (*at == '"' || *at == '\'') {
		end = behind_text(at);
		if (end - at < 2 || end[-1] != *at) return NULL;
		l->last = (word){at + 1, (size_t)(end - at) - 2}; /* JSON writes names so */
		return end;
	}
	while (is_word(*end)) end++;
	if (end > at) {
		l->last = (word){at, (size_t)(end - at)};
		return end;
	}
	if (*at == '{' || *at == '[')
		open_level(place, levels, *at == '[');
	else if (*at == '}' || *at == ']')
		close_level(place, l, at + 1);
	else if (*at == '=' || *at == ':')
		begin_value(place, l);
	else if (*at == ',' || *at == ';')
		l->is_value = false;
	return at + 1;
}

void repl_table_place_find(repl_table_place *place, const char *before) {
	level levels[DEEPEST + 1] = {0};
	*place = (repl_table_place){0};
	for (const char *at = before, *next; *at != '\0'; at = next) {
		next = take(place, levels, at);
		if (next != NULL) continue;
		place->text = at;
		break;
	}
	int deepest = place->depth < DEEPEST ? place->depth : DEEPEST;
	for (int i = 1; i <= deepest; i++) {
		if (!levels[i].is_value) continue;
		if (place->path.size > 0) repl_text_put(&place->path, ".");
		repl_text_add(&place->path, levels[i].name.at, levels[i].name.size);
	}
	if (place->depth == 0) {
		place->is_behind = place->rest != NULL;
		return;
	}
	place->rest = NULL;
	place->is_value = levels[deepest].is_value;
	place->is_list = place->depth > DEEPEST || levels[deepest].is_list;
	size_t from = levels[deepest].names;
	if (from == 0) return;
	memmove(place->names.bytes, place->names.bytes + from, place->names.size - from);
	cut(&place->names, place->names.size - from);
}

void repl_table_place_dispose(repl_table_place *place) {
	repl_text_dispose(&place->path);
	repl_text_dispose(&place->names);
}

bool repl_table_place_has(const repl_table_place *place, const char *name, size_t size) {
	for (const char *at = repl_text_of(&place->names); *at != '\0';) {
		const char *end = strchr(at, '\n');
		if ((size_t)(end - at) == size && memcmp(at, name, size) == 0) return true;
		at = end + 1;
	}
	return false;
}
