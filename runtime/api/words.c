/* SPDX-License-Identifier: MIT */
/*
 * Decides which example belongs to a word: the first ```lua playbook block under
 * its heading in docs/words.md, which is part of the library (words_text.c is
 * made from it at build time). There examples are run with every other page's.
 */
#include <string.h>

#include "api/runtime.h"
#include "api/words_text.h"
#include "lua/vocabulary.h"

typedef struct telling {
	void (*tell)(const aplomb_word *word, void *payload);
	void *payload;
} telling;

/* The line that is [line] and nothing else, at or behind [from], which begins a line; NULL: none before [end]. */
static const char *find_line(const char *from, const char *end, const char *line) {
	size_t size = strlen(line);
	for (const char *at = from; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline != NULL ? newline : end) - at);
		if (length == size && memcmp(at, line, size) == 0) return at;
		at += length + 1;
	}
	return NULL;
}

static const char *behind(const char *line, const char *end) {
	const char *newline = memchr(line, '\n', (size_t)(end - line));
	return newline != NULL ? newline + 1 : end;
}

static void find_example(const char *name, aplomb_word *word) {
	char heading[96] = "## ";
	if (strlen(name) >= sizeof heading - 3) return;
	strcat(heading, name);
	const char *end = apl_words_text + apl_words_text_size;
	const char *section = find_line(apl_words_text, end, heading);
	if (section == NULL) return;
	section = behind(section, end);
	const char *next = section;
	while (next < end && memcmp(next, "## ", (size_t)(end - next) < 3 ? (size_t)(end - next) : 3) != 0) next = behind(next, end);
	const char *open = find_line(section, next, "```lua playbook");
	if (open == NULL) return;
	const char *first = behind(open, next);
	const char *close = find_line(first, next, "```");
	if (close == NULL) return;
	word->example = first;
	word->example_size = (size_t)(close - first);
}

static void tell_with_example(const aplomb_word *word, void *payload) {
	const telling *to = payload;
	aplomb_word told = *word;
	find_example(word->name, &told);
	to->tell(&told, to->payload);
}

int aplomb_words(aplomb_runtime *rt, void (*tell)(const aplomb_word *word, void *payload), void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_words", error);
	if (code != APLOMB_OK) return code;
	if (tell == NULL) return apl_fail_null(error, "aplomb_words", "tell");
	telling to = {tell, payload};
	apl_enter(rt);
	code = apl_lua_vocabulary(&rt->alloc, tell_with_example, &to, error);
	apl_leave(rt);
	return code;
}

int aplomb_playbook_words(aplomb_runtime *rt, const aplomb_playbook *playbook, void (*tell)(const aplomb_word *word, void *payload),
    void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_playbook_words", error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, "aplomb_playbook_words", "playbook");
	if (tell == NULL) return apl_fail_null(error, "aplomb_playbook_words", "tell");
	telling to = {tell, payload};
	apl_enter(rt);
	code = apl_lua_program_words(apl_program_of(playbook), tell_with_example, &to, error);
	apl_leave(rt);
	return code;
}
