/* SPDX-License-Identifier: MIT */
/*
 * Decides which commands there are: the one table that help, completion and
 * docs/repl.md are held against. And what becomes of a statement: a command,
 * or Lua, or the nearest command's name.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/travel.h"

/* In the order of help. */
static const repl_command *const COMMANDS[] = {
    &repl_cmd_open,
    &repl_cmd_say,
    &repl_cmd_agent,
    &repl_cmd_do,
    &repl_cmd_menu,
    &repl_cmd_pick,
    &repl_cmd_reject,
    &repl_cmd_wait,
    &repl_cmd_wait_until,
    &repl_cmd_next,
    &repl_cmd_show,
    &repl_cmd_timers,
    &repl_cmd_data,
    &repl_cmd_counters,
    &repl_cmd_who,
    &repl_cmd_timeline,
    &repl_cmd_back,
    &repl_cmd_forward,
    &repl_cmd_goto,
    &repl_cmd_until,
    &repl_cmd_back_until,
    &repl_cmd_undo,
    &repl_cmd_redo,
    &repl_cmd_mark,
    &repl_cmd_marks,
    &repl_cmd_branch,
    &repl_cmd_branches,
    &repl_cmd_switch,
    &repl_cmd_diff,
    &repl_cmd_why,
    &repl_cmd_why_not,
    &repl_cmd_options,
    &repl_cmd_try,
    &repl_cmd_edit,
    &repl_cmd_reload,
    &repl_cmd_new,
    &repl_cmd_save,
    &repl_cmd_help,
    &repl_cmd_quit,
};
enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0] };

const repl_command *repl_command_at(size_t n) {
	return n < N_COMMANDS ? COMMANDS[n] : NULL;
}

/* Behind [name] at the beginning of the statement, or NULL. Blanks within a name may be any. */
static const char *behind(const char *statement, const char *name) {
	for (; *name != '\0'; name++) {
		if (*name == ' ') {
			if (repl_skip(statement) == statement) return NULL;
			statement = repl_skip(statement);
		} else if (*statement++ != *name) {
			return NULL;
		}
	}
	return *statement == '\0' || repl_skip(statement) > statement ? repl_skip(statement) : NULL;
}

const repl_command *repl_command_of(const char *statement, const char **rest) {
	const repl_command *found = NULL;
	statement = repl_skip(statement);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const char *after = behind(statement, COMMANDS[i]->name);
		/* The longest name counts: "wait until" before "wait". */
		if (after == NULL || (found != NULL && strlen(found->name) > strlen(COMMANDS[i]->name))) continue;
		found = COMMANDS[i];
		*rest = after;
	}
	return found;
}

static int unknown(repl *r, const char *statement) {
	const char *names[N_COMMANDS];
	char word[64];
	const char *at = statement;
	for (size_t i = 0; i < N_COMMANDS; i++) names[i] = COMMANDS[i]->name;
	if (!repl_word(&at, word, sizeof word)) snprintf(word, sizeof word, "%.40s", statement);
	const char *near = aplomb_nearest(word, names, N_COMMANDS);
	if (near != NULL) return repl_fail(r, "There is no command \"%s\"; did you mean \"%s\"? `help` lists them all.", word, near);
	return repl_fail(r, "There is no command \"%s\"; `help` lists those there are.", word);
}

int repl_perform(repl *r, const char *statement) {
	const char *rest;
	const repl_command *command = repl_command_of(statement, &rest);
	if (command == NULL) {
		int result = repl_try_lua(r, statement);
		repl_step(r);
		return result == REPL_NOT_LUA ? unknown(r, repl_skip(statement)) : result;
	}
	char *argument = tell_need_copy(rest);
	size_t size = strlen(argument);
	while (size > 0 && (argument[size - 1] == ' ' || argument[size - 1] == '\t' || argument[size - 1] == '\n')) argument[--size] = '\0';
	int result = command->run(r, argument);
	free(argument);
	repl_step(r);
	return result;
}

/* Are all brackets closed that are opened outside of quotation marks? */
static bool is_closed(const char *text) {
	int depth = 0;
	for (char quote = '\0'; *text != '\0'; text++) {
		if (quote != '\0') {
			if (*text == '\\' && text[1] != '\0')
				text++;
			else if (*text == quote || *text == '\n')
				quote = '\0';
		} else if (*text == '"' || *text == '\'') {
			quote = *text;
		} else if (*text == '{' || *text == '[') {
			depth++;
		} else if (*text == '}' || *text == ']') {
			depth--;
		}
	}
	return depth <= 0;
}

bool repl_is_whole(repl *r, const char *text, size_t size) {
	const char *rest;
	const repl_command *command = repl_command_of(text, &rest);
	if (command == NULL) return repl_lua_is_whole(r, text, size);
	return !command->takes_table || is_closed(rest);
}

void repl_complete(repl *r, const char *before, repl_candidates *out) {
	const char *start = repl_skip(before), *rest = NULL;
	const repl_command *command = repl_command_of(start, &rest);
	/* Names of commands, also those of two words: what is still to be typed of them. */
	size_t typed = strlen(start), behind_start = out->word >= start ? (size_t)(out->word - start) : 0;
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strncmp(COMMANDS[i]->name, start, typed) == 0) repl_candidate(out, COMMANDS[i]->name + behind_start, COMMANDS[i]->sentence);
	if (command == NULL && *start != '\0') repl_lua_complete(r, start, out);
	if (command == NULL || rest == start || (rest[-1] != ' ' && rest[-1] != '\t')) return;
	if (command->complete != NULL) command->complete(r, rest, out);
}
