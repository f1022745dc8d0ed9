/* SPDX-License-Identifier: MIT */
/*
 * Decides what `x = data.value` at the prompt keeps: the value, as the literal
 * that Lua would write for it, under a name of the session's. A name is no part
 * of the case: where it is mentioned its literal is declared in front of the
 * text, so that what goes into the journal holds the value and not the name.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/lua.h"

static bool is_letter(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_inside(char c) {
	return is_letter(c) || (c >= '0' && c <= '9');
}

size_t repl_name_size(const char *text) {
	static const char *const keywords[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
	    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"};
	size_t size = 0;
	if (!is_letter(text[0])) return 0;
	while (is_inside(text[size])) size++;
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
		if (strlen(keywords[i]) == size && memcmp(keywords[i], text, size) == 0) return 0;
	return size;
}

char *repl_own_names_kept(const char *text, const char **rest) {
	size_t size = repl_name_size(text);
	const char *at = repl_skip(text + size);
	if (size == 0 || at[0] != '=' || at[1] == '=') return NULL;
	char *name = tell_need(size + 1);
	memcpy(name, text, size);
	*rest = repl_skip(at + 1);
	return name;
}

static repl_own_name *find(const repl_own_names *names, const char *name, size_t size) {
	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->items[i].name) == size && memcmp(names->items[i].name, name, size) == 0) return &names->items[i];
	return NULL;
}

const char *repl_own_names_find(const repl_own_names *names, const char *name) {
	const repl_own_name *found = find(names, name, strlen(name));
	return found != NULL ? found->literal : NULL;
}

void repl_own_names_keep(repl_own_names *names, const char *name, const char *literal) {
	repl_own_name *found = find(names, name, strlen(name));
	if (found == NULL) {
		tell_need_room(&names->items, names->count, 1, &names->capacity, sizeof *names->items);
		found = &names->items[names->count++];
		*found = (repl_own_name){.name = tell_need_copy(name)};
	}
	free(found->literal);
	found->literal = tell_need_copy(literal);
}

void repl_own_names_dispose(repl_own_names *names) {
	for (size_t i = 0; i < names->count; i++) {
		free(names->items[i].name);
		free(names->items[i].literal);
	}
	free(names->items);
	*names = (repl_own_names){0};
}

/* Is the name mentioned, as a name and not as a field? In a text or a comment it may be, too: then a local is declared that nobody reads.
 */
static bool mentions(const char *text, const char *name) {
	size_t size = strlen(name);
	for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
		char before = at == text ? ' ' : at[-1];
		bool is_field = (before == '.' && (at < text + 2 || at[-2] != '.')) || before == ':';
		if (!is_inside(before) && !is_inside(at[size]) && !is_field) return true;
	}
	return false;
}

void repl_own_names_declare(const repl_own_names *names, const char *text, repl_text *out) {
	for (size_t i = 0; i < names->count; i++)
		if (mentions(text, names->items[i].name)) repl_text_format(out, "local %s = %s; ", names->items[i].name, names->items[i].literal);
}
