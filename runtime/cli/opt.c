/* SPDX-License-Identifier: MIT */
/*
 * Decides what a command line means: which words are options, which values they
 * take, and what is said when one is wrong. What an option does is decided by
 * its verb.
 */
#include "cli/opt.h"

#include <stdarg.h>
#include <string.h>

enum { MOST_NAMES = 64 };

const char *cli_hint_of(const char *name, const char *const *names, size_t count, const char *prefix, char *out, size_t size) {
	const char *nearest = aplomb_nearest(name, names, count);
	out[0] = '\0';
	if (nearest != NULL) snprintf(out, size, "; did you mean \"%s%s\"?", prefix, nearest);
	return out;
}

const char *cli_hint(const char *name, const char *names, const char *prefix, char *out, size_t size) {
	char words[1024];
	const char *list[MOST_NAMES];
	size_t count = 0;
	snprintf(words, sizeof words, "%s", names);
	char *left = words;
	for (char *word; (word = strtok_r(left, " ", &left)) != NULL && count < MOST_NAMES;) list[count++] = word;
	return cli_hint_of(name, list, count, prefix, out, size);
}

/* One command line being taken apart. */
typedef struct taking {
	const cli_options *sets;
	size_t n_sets;
	const char *verb;
	const tell_screen *errors;
} taking;

__attribute__((format(printf, 2, 3))) static bool complain(const taking *t, const char *format, ...) {
	tell_print(t->errors, "aplomb%s%s: ", t->verb[0] != '\0' ? " " : "", t->verb);
	va_list arguments;
	va_start(arguments, format);
	vfprintf(t->errors->file, format, arguments);
	va_end(arguments);
	tell_print(t->errors, "\n");
	return false;
}

static const cli_option *find(const taking *t, const char *name, size_t size, char letter, char **values) {
	for (size_t s = 0; s < t->n_sets; s++) {
		for (size_t i = 0; i < t->sets[s].count; i++) {
			const cli_option *option = &t->sets[s].options[i];
			bool is_it = name != NULL ? strlen(option->name) == size && memcmp(option->name, name, size) == 0 : option->letter == letter;
			if (!is_it) continue;
			*values = t->sets[s].values;
			return option;
		}
	}
	return NULL;
}

static bool complain_unknown(const taking *t, const char *name, size_t size) {
	char asked[80], names[1024] = "", hint[96];
	snprintf(asked, sizeof asked, "%.*s", (int)(size < 79 ? size : 79), name);
	for (size_t s = 0; s < t->n_sets; s++)
		for (size_t i = 0; i < t->sets[s].count; i++) {
			size_t used = strlen(names);
			snprintf(names + used, sizeof names - used, "%s ", t->sets[s].options[i].name);
		}
	return complain(t, "there is no option \"--%s\"%s", asked, cli_hint(asked, names, "--", hint, sizeof hint));
}

/* 12, 1,000, 64k, 16M, 1G. */
static bool read_number(const char *text, uint64_t *out) {
	uint64_t value = 0;
	const char *at = text;
	for (; (*at >= '0' && *at <= '9') || (*at == ',' && at > text); at++) {
		if (*at == ',') continue;
		uint64_t digit = (uint64_t)(*at - '0');
		if (value > (UINT64_MAX - digit) / 10) return false;
		value = value * 10 + digit;
	}
	if (at == text) return false;
	unsigned shift = *at == 'k' ? 10 : *at == 'M' ? 20 : *at == 'G' ? 30 : 0;
	if (shift > 0) at++;
	if (*at != '\0' || value > UINT64_MAX >> shift) return false;
	*out = value << shift;
	return true;
}

static bool take_choice(const taking *t, const cli_option *option, const char *text, int *out) {
	int number = 0;
	size_t size = strlen(text);
	for (const char *word = option->choices; *word != '\0'; number++) {
		size_t length = strcspn(word, " ");
		if (length == size && memcmp(word, text, size) == 0) {
			*out = number;
			return true;
		}
		word += length;
		word += strspn(word, " ");
	}
	char hint[96];
	return complain(t, "--%s is one of: %s; \"%s\" was given%s", option->name, option->choices, text,
	    cli_hint(text, option->choices, "", hint, sizeof hint));
}

static bool take_text(const taking *t, const cli_option *option, const char *text, cli_texts *texts) {
	if (text[0] == '\0') return complain(t, "--%s needs a value: %s; an empty one was given", option->name, option->value);
	if (texts->count == CLI_MOST_TEXTS) return complain(t, "--%s is given more than %d times", option->name, CLI_MOST_TEXTS);
	texts->items[texts->count++] = text;
	return true;
}

static bool take_value(const taking *t, const cli_option *option, char *values, const char *text) {
	void *to = values + option->offset;
	aplomb_error error;
	switch (option->kind) {
	case CLI_FLAG: *(bool *)to = true; return true;
	case CLI_TEXT:
		if (text[0] == '\0') return complain(t, "--%s needs a value: %s; an empty one was given", option->name, option->value);
		*(const char **)to = text;
		return true;
	case CLI_TEXTS: return take_text(t, option, text, to);
	case CLI_CHOICE: return take_choice(t, option, text, to);
	case CLI_MAYBE:
		if (!take_choice(t, option, text, to)) return false;
		++*(int *)to;
		return true;
	case CLI_NUMBER:
		if (read_number(text, to)) return true;
		return complain(t, "--%s is a number such as 1000, 64k or 16M; \"%s\" was given", option->name, text);
	case CLI_INSTANT:
		if (aplomb_instant_read(text, &((cli_instant *)to)->at, &error) != APLOMB_OK)
			return complain(t, "--%s: %s", option->name, error.message);
		((cli_instant *)to)->is_given = true;
		return true;
	}
	return false;
}

/* "--name", "--name=value" or "--name value"; [*next] is the argument behind it, moved on when it was used. */
static bool take_long(const taking *t, const char *argument, char ***next, char **end) {
	const char *name = argument + 2;
	size_t size = strcspn(name, "=");
	const char *value = name[size] == '=' ? name + size + 1 : NULL;
	char *values;
	const cli_option *option = find(t, name, size, 0, &values);
	if (option == NULL) return complain_unknown(t, name, size);
	if (option->kind == CLI_FLAG && value != NULL) return complain(t, "--%s takes no value; \"%s\" was given", option->name, value);
	if (option->kind == CLI_MAYBE && value == NULL) {
		*(int *)(void *)(values + option->offset) = 1;
		return true;
	}
	if (option->kind != CLI_FLAG && value == NULL) {
		if (*next == end) return complain(t, "--%s needs a value: %s", option->name, option->value);
		value = *(*next)++;
	}
	return take_value(t, option, values, value);
}

static bool take_letters(const taking *t, const char *letters, char ***next, char **end) {
	for (const char *letter = letters; *letter != '\0'; letter++) {
		char *values;
		const cli_option *option = find(t, NULL, 0, *letter, &values);
		if (option == NULL) return complain(t, "there is no option \"-%c\"", *letter);
		const char *value = NULL;
		if (option->kind != CLI_FLAG) {
			if (letter[1] != '\0')
				value = letter + 1;
			else if (*next < end)
				value = *(*next)++;
			else
				return complain(t, "-%c needs a value: %s", *letter, option->value);
		}
		if (!take_value(t, option, values, value)) return false;
		if (value != NULL) return true;
	}
	return true;
}

bool cli_options_take(const cli_options *sets, size_t n_sets, char **arguments, int *count, const char *verb, const tell_screen *errors) {
	taking t = {sets, n_sets, verb, errors};
	char **end = arguments + *count;
	char **operand = arguments;
	for (char **next = arguments; next < end;) {
		char *argument = *next++;
		if (strcmp(argument, "--") == 0) {
			while (next < end) *operand++ = *next++;
		} else if (argument[0] != '-' || argument[1] == '\0') {
			*operand++ = argument;
		} else if (argument[1] == '-') {
			if (!take_long(&t, argument, &next, end)) return false;
		} else {
			if (!take_letters(&t, argument + 1, &next, end)) return false;
		}
	}
	*count = (int)(operand - arguments);
	return true;
}

void cli_options_help(const cli_option *options, size_t count, const tell_screen *screen) {
	enum { HELP_COLUMN = 26 };
	for (size_t i = 0; i < count; i++) {
		const cli_option *option = &options[i];
		char name[80];
		const char *before = option->kind == CLI_MAYBE ? "[=" : option->value != NULL ? " " : "";
		int size = snprintf(name, sizeof name, "  --%s%s%s%s%s", option->name,
		    option->letter != 0 ? (char[]){',', ' ', '-', option->letter, '\0'} : "", before, option->value != NULL ? option->value : "",
		    option->kind == CLI_MAYBE ? "]" : "");
		tell_print_styled(screen, TELL_STRONG, "%s", name);
		tell_page page = {screen, HELP_COLUMN, size, false};
		if (size >= HELP_COLUMN - 1) tell_page_break(&page);
		tell_page_text(&page, option->help);
		tell_page_end(&page);
	}
}
