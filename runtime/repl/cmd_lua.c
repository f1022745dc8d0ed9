/* SPDX-License-Identifier: MIT */
/*
 * Decides what a line is that is no command: an expression, which is answered;
 * a value to be kept under a name; or a statement, which is tried on a copy of
 * the case, for a real one changes only through events. And how it is said what
 * is wrong with a text, and where in it.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/lua.h"

/* ---- what went wrong ------------------------------------------------------------ */

/* Characters of the first [size] bytes. */
static uint32_t characters(const char *text, size_t size) {
	uint32_t count = 0;
	for (size_t i = 0; i < size; i++) count += ((unsigned char)text[i] & 0xC0u) != 0x80u;
	return count;
}

/* The text's line of that number, from 1. */
static const char *line_of(const char *text, uint32_t number, size_t *size) {
	while (number > 1 && *text != '\0') {
		text += strcspn(text, "\n");
		text += *text == '\n';
		number--;
	}
	*size = strcspn(text, "\n");
	return text;
}

/* The line that is wrong, and a caret below the character. */
static void point_at(repl *r, const char *text, const aplomb_error *error) {
	size_t size;
	const char *line = line_of(text, error->line, &size);
	tell_print(r->out, "    ");
	tell_put_text(r->out, line, size, -1);
	tell_print(r->out, "\n    ");
	uint32_t before = error->column - 1;
	for (size_t i = 0; i < size && before > 0; i++) {
		if (((unsigned char)line[i] & 0xC0u) == 0x80u) continue;
		tell_print(r->out, "%s", line[i] == '\t' ? "\t" : " ");
		before--;
	}
	for (; before > 0; before--) tell_print(r->out, " ");
	tell_print_styled(r->out, TELL_BAD, "^");
	tell_print(r->out, "\n");
}

/* Is it a place in what was typed, and not in a file of the playbook? */
static bool is_typed(const aplomb_error *error) {
	return strcmp(error->file, "expression") == 0 || strcmp(error->file, "statement") == 0;
}

int repl_fail_lua(repl *r, const char *text, const aplomb_error *error) {
	if (!is_typed(error)) return repl_fail_error(r, error);
	if (error->line > 0 && error->column > 0) point_at(r, text, error);
	if (error->line > 0 && error->column == 0 && strchr(text, '\n') != NULL)
		return repl_fail(r, "Line %u: %s [%s]", (unsigned)error->line, error->message, error->slug);
	return repl_fail(r, "%s [%s]", error->message, error->slug);
}

/* ---- asking ------------------------------------------------------------------------ */

/* Behind what stands before the text in its first line. */
static void move_column(aplomb_error *error, const repl_text *before) {
	uint32_t size = characters(repl_text_of(before), before->size);
	if (is_typed(error) && error->line == 1 && error->column > size) error->column -= size;
}

/* The newest line of the story that speaks of an event that came about. */
static const char *newest_event(repl *r, size_t *size) {
	size_t count = repl_story_count(r->story);
	for (size_t n = count; n-- > 0 && count - n < 200;) {
		aplomb_json *json;
		const char *line = repl_story_line(r->story, n, size);
		if (line == NULL || aplomb_json_read(&json, line, *size, NULL) != APLOMB_OK) return NULL;
		const char *kind = aplomb_value_text(aplomb_value_get(aplomb_json_root(json), "kind"), NULL);
		bool is_event = kind != NULL && (strcmp(kind, "event") == 0 || strcmp(kind, "timer") == 0);
		aplomb_json_free(json);
		if (is_event) return line;
	}
	return count > 0 ? repl_story_line(r->story, count - 1, size) : NULL;
}

/* With the session's names in front of it, if it mentions any. [before] is emptied first. */
static int read_expression(repl *r, const char *text, repl_text *before, aplomb_expression **out, aplomb_error *error) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	repl_text whole = {0};
	bool has_case = r->case_id != NULL && aplomb_case_get(r->rt, r->case_id, &info, NULL) == APLOMB_OK;
	repl_text_clear(before);
	repl_own_names_declare(&r->names, text, before);
	if (before->size > 0) {
		repl_text declared = *before;
		*before = (repl_text){0};
		repl_text_format(before, "(function() %sreturn ", declared.bytes);
		repl_text_format(&whole, "%s%s end)()", before->bytes, text);
		repl_text_dispose(&declared);
	} else {
		repl_text_put(&whole, text);
	}
	int code = aplomb_expression_read(r->rt, has_case ? info.playbook : r->playbook, repl_text_of(&whole), whole.size, out, error);
	if (code != APLOMB_OK) move_column(error, before);
	repl_text_dispose(&whole);
	return code;
}

static int answer(repl *r, aplomb_expression *expression, const repl_text *before, aplomb_answer *out, aplomb_error *error) {
	size_t size = 0;
	const char *line = newest_event(r, &size);
	*out = (aplomb_answer)APLOMB_ANSWER_INIT;
	int code = aplomb_expression_answer(expression, r->case_id, line, size, out, error);
	if (code != APLOMB_OK) move_column(error, before);
	return code;
}

int repl_ask(repl *r, const char *text, aplomb_expression **expression, aplomb_answer *out, aplomb_error *error) {
	repl_text before = {0};
	*expression = NULL;
	int code = read_expression(r, text, &before, expression, error);
	if (code == APLOMB_OK) code = answer(r, *expression, &before, out, error);
	repl_text_dispose(&before);
	return code;
}

static void tell_answer(repl *r, const char *name, const aplomb_answer *given) {
	if (name != NULL) tell_print(r->out, "%s = ", name);
	tell_style_set(r->out, given->is_there ? TELL_PLAIN : TELL_FAINT);
	tell_put_text(r->out, given->text, given->text_size, -1);
	tell_style_set(r->out, TELL_PLAIN);
	tell_print(r->out, "\n");
	if (given->is_cut) repl_say(r, "There is more of it; ask for a part.");
}

static bool has_slug(const aplomb_error *error, const char *slug) {
	return strcmp(error->slug, slug) == 0;
}

/* ---- values that are kept --------------------------------------------------------------- */

/* Does the name mean something already, that is not the session's? */
static bool is_taken(repl *r, const char *name) {
	aplomb_expression *expression;
	aplomb_answer known;
	aplomb_error error = {0};
	if (repl_own_names_find(&r->names, name) != NULL) return false;
	int code = repl_ask(r, name, &expression, &known, &error);
	aplomb_expression_free(expression);
	return code == APLOMB_OK || !has_slug(&error, "unknown-name");
}

static int keep(repl *r, const char *name, const char *text) {
	aplomb_expression *expression = NULL;
	aplomb_answer given;
	aplomb_error error;
	if (!repl_has_case(r)) return REPL_FAILED;
	if (is_taken(r, name)) return repl_fail(r, "\"%s\" means something already; keep the value under another name.", name);
	int result = REPL_DONE;
	if (repl_ask(r, text, &expression, &given, &error) != APLOMB_OK) {
		result = repl_fail_lua(r, text, &error);
	} else if (!given.is_there) {
		result = repl_fail(r, "There is no value to keep: %s.", given.text);
	} else if (given.literal == NULL) {
		result = repl_fail(r, "This cannot be kept, for it cannot be written down: %.200s", given.text);
	} else {
		repl_own_names_keep(&r->names, name, given.literal);
		tell_answer(r, name, &given);
	}
	aplomb_expression_free(expression);
	return result;
}

/* ---- trying ---------------------------------------------------------------------------------- */

/* The session's names become locals of the statement, with their values: what is journalled needs no session. */
static int try_statement(repl *r, const char *text, aplomb_error *error) {
	repl_text before = {0}, whole = {0};
	repl_own_names_declare(&r->names, text, &before);
	repl_text_format(&whole, "%s%s", repl_text_of(&before), text);
	int code = repl_try(r, repl_text_of(&whole), error);
	if (code < 0) move_column(error, &before);
	repl_text_dispose(&before);
	repl_text_dispose(&whole);
	return code;
}

/* ---- which of them it is ------------------------------------------------------------------------ */

/* One word that is near a command, or a word and then something that Lua would not have there: a command that was mistyped. */
static bool is_like_command(const char *text) {
	size_t size = repl_name_size(text);
	if (size == 0) return false;
	const char *at = repl_skip(text + size);
	if (*at != '\0') return at > text + size && (repl_name_size(at) > 0 || (*at >= '0' && *at <= '9'));
	const char *names[64];
	char word[64];
	size_t count = 0;
	if (size >= sizeof word) return false;
	memcpy(word, text, size);
	word[size] = '\0';
	for (; count < 64 && repl_command_at(count) != NULL; count++) names[count] = repl_command_at(count)->name;
	return aplomb_nearest(word, names, count) != NULL;
}

/* Whoever came further says what is wrong. */
static const aplomb_error *further(const aplomb_error *one, const aplomb_error *other) {
	bool is_other = other->line > one->line || (other->line == one->line && other->column >= one->column);
	return is_other ? other : one;
}

static int as_statement(repl *r, const char *text, const aplomb_error *why) {
	aplomb_error error = {0};
	int code = try_statement(r, text, &error);
	if (code == APLOMB_OK) {
		repl_moved(r);
		return REPL_DONE;
	}
	if (code == REPL_FAILED) return REPL_FAILED;
	if (!has_slug(&error, "lua-syntax")) return repl_fail_lua(r, text, &error);
	return repl_fail_lua(r, text, has_slug(why, "lua-syntax") ? further(why, &error) : why);
}

int repl_try_lua(repl *r, const char *statement) {
	const char *text = repl_skip(statement), *rest;
	bool is_forced = text[0] == '=' && text[1] != '=';
	if (is_forced) text = repl_skip(text + 1);
	char *name = is_forced ? NULL : repl_own_names_kept(text, &rest);
	if (name != NULL) {
		int result = keep(r, name, rest);
		free(name);
		return result;
	}
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	bool has_case = r->case_id != NULL && aplomb_case_get(r->rt, r->case_id, &info, NULL) == APLOMB_OK;
	aplomb_expression *expression = NULL;
	repl_text before = {0};
	aplomb_answer given;
	aplomb_error error = {0};
	int code = read_expression(r, text, &before, &expression, &error), result = REPL_DONE;
	bool could_be_read = code == APLOMB_OK;
	if (!is_forced && is_like_command(text) && (!could_be_read || !has_case)) {
		result = REPL_NOT_LUA;
	} else if (!repl_has_case(r)) {
		result = REPL_FAILED;
	} else {
		if (could_be_read) code = answer(r, expression, &before, &given, &error);
		if (code == APLOMB_OK)
			tell_answer(r, NULL, &given);
		else if (!is_forced && (!could_be_read || has_slug(&error, "expression-writes")))
			result = as_statement(r, text, &error);
		else if (!is_forced && has_slug(&error, "unknown-name") && is_like_command(text))
			result = REPL_NOT_LUA;
		else
			result = repl_fail_lua(r, text, &error);
	}
	aplomb_expression_free(expression);
	repl_text_dispose(&before);
	return result;
}

bool repl_lua_is_whole(repl *r, const char *text, size_t size) {
	const char *at = text, *end = text + size;
	while (at < end && (*at == ' ' || *at == '\t')) at++;
	if (at < end && *at == '=') at++;
	return at == end || aplomb_is_whole(r->rt, at, (size_t)(end - at));
}
