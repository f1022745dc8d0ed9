/* SPDX-License-Identifier: MIT */
/* Decides what help says: all commands under their headings, or one in full. */
#include <string.h>

#include "repl/complete.h"

enum { FORM_WIDTH = 30 };

static const char *const GROUPS[] = {REPL_PLAY, REPL_LOOK, REPL_TRAVEL, REPL_WHY, REPL_LUA, REPL_SESSION};

static void put_command(repl *r, const repl_command *command) {
	tell_page page = {r->out, FORM_WIDTH + 2, 0, false};
	tell_print(r->out, "  ");
	tell_style_set(r->out, TELL_STRONG);
	tell_put_text(r->out, command->form, strlen(command->form), -1);
	tell_style_set(r->out, TELL_PLAIN);
	page.column = 2 + tell_width(command->form, strlen(command->form));
	if (page.column >= page.indent) tell_page_end(&page);
	tell_page_text(&page, command->sentence);
	tell_page_end(&page);
}

static void help_all(repl *r) {
	for (size_t g = 0; g < sizeof GROUPS / sizeof GROUPS[0]; g++) {
		bool is_first = true;
		for (size_t i = 0; repl_command_at(i) != NULL; i++) {
			const repl_command *command = repl_command_at(i);
			if (strcmp(command->group, GROUPS[g]) != 0) continue;
			if (is_first) tell_print_styled(r->out, TELL_FAINT, "%s", GROUPS[g]);
			if (is_first) tell_print(r->out, "\n");
			is_first = false;
			put_command(r, command);
		}
	}
	repl_say(r, "\n`help WORD` says more of a command.");
}

static int run_help(repl *r, const char *rest) {
	if (*rest == '\0') {
		help_all(r);
		return REPL_DONE;
	}
	const char *behind;
	const repl_command *command = repl_command_of(rest, &behind);
	if (command == NULL || *behind != '\0') return repl_fail(r, "There is no command \"%.60s\".", rest);
	repl_say_styled(r, TELL_STRONG, "%s", command->form);
	repl_say(r, "%s", command->sentence);
	if (command->about != NULL) repl_say(r, "\n%s", command->about);
	return REPL_DONE;
}

static int run_quit(repl *r, const char *rest) {
	(void)rest;
	r->is_over = true;
	return REPL_DONE;
}

const repl_command repl_cmd_help = {
    .name = "help",
    .form = "help [WORD]",
    .sentence = "This list, or all about one word.",
    .group = REPL_SESSION,
    .run = run_help,
    .complete = repl_complete_command,
};

const repl_command repl_cmd_quit = {
    .name = "quit",
    .form = "quit",
    .sentence = "Ends the session; so does Ctrl-D.",
    .group = REPL_SESSION,
    .run = run_quit,
};
