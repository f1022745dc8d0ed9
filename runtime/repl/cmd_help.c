/* SPDX-License-Identifier: MIT */
/* Decides what help says: all commands under their headings, or one word in full, whoever's it is. */
#include <stdlib.h>
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
	repl_say(r, "\n`help WORD` says more of a command, an event of the playbook, or a word of its language.");
}

/* ---- one word ---------------------------------------------------------------- */

static bool help_command(repl *r, const char *name) {
	const char *behind;
	const repl_command *command = repl_command_of(name, &behind);
	if (command == NULL || *behind != '\0') return false;
	repl_say_styled(r, TELL_STRONG, "%s", command->form);
	repl_say(r, "%s", command->sentence);
	if (command->about != NULL) repl_say(r, "\n%s", command->about);
	return true;
}

/* An event or an effect of the playbook, or the data of its cases. */
static bool help_declared(repl *r, const char *name) {
	if (repl_is_declared(r, APLOMB_DECLARES_EVENT, name)) {
		repl_say(r, "An event of this playbook; `do %s` lets it happen.", name);
		return repl_say_declared(r, APLOMB_DECLARES_EVENT, name);
	}
	if (!repl_is_declared(r, APLOMB_DECLARES_EFFECT, name)) return false;
	repl_say(r, "An effect: something that this playbook wants done in the world.");
	return repl_say_declared(r, APLOMB_DECLARES_EFFECT, name);
}

/* A word of the language, or the names of all of them for the nearest. */
typedef struct search {
	const repl *r;
	const char *name;
	repl_names *names;
	bool by_end;
	bool is_found;
} search;

static void look_at_word(const aplomb_word *word, void *payload) {
	search *s = payload;
	repl_names_add(s->names, word->name);
	/* "ladder" is enough for "boundary.ladder". */
	const char *dot = strrchr(word->name, '.');
	bool is_it = strcmp(word->name, s->name) == 0 || (s->by_end && dot != NULL && strcmp(dot + 1, s->name) == 0);
	if (s->is_found || !is_it) return;
	tell_word(s->r->out, word);
	s->is_found = true;
}

static bool help_language(repl *r, const char *name, repl_names *names) {
	search s = {.r = r, .name = name, .names = names};
	aplomb_error error;
	for (int round = 0; round < 2 && !s.is_found; round++) {
		aplomb_words(r->rt, look_at_word, &s, &error);
		if (!s.is_found) aplomb_playbook_words(r->rt, r->playbook, look_at_word, &s, &error);
		s.by_end = true;
	}
	return s.is_found;
}

static void add_declared(repl *r, aplomb_declares what, repl_names *names) {
	repl_names declared = repl_declared(r, what);
	for (size_t i = 0; i < declared.count; i++) repl_names_add(names, declared.items[i]);
	repl_names_dispose(&declared);
}

static int run_help(repl *r, const char *rest) {
	if (*rest == '\0') {
		help_all(r);
		return REPL_DONE;
	}
	repl_names names = {0};
	bool is_known = help_command(r, rest) || help_declared(r, rest) || help_language(r, rest, &names);
	if (!is_known) {
		for (size_t i = 0; repl_command_at(i) != NULL; i++) repl_names_add(&names, repl_command_at(i)->name);
		add_declared(r, APLOMB_DECLARES_EVENT, &names);
		add_declared(r, APLOMB_DECLARES_EFFECT, &names);
		const char *near = repl_names_nearest(&names, rest);
		if (near != NULL)
			repl_fail(r, "There is no word \"%.60s\"; did you mean \"%s\"?", rest, near);
		else
			repl_fail(
			    r, "There is no word \"%.60s\", neither a command nor of the playbook or its language; `help` lists the commands.", rest);
	}
	repl_names_dispose(&names);
	return is_known ? REPL_DONE : REPL_FAILED;
}

/* The case is put away as if it had never been; what was saved stays saved. */
static int run_new(repl *r, const char *rest) {
	aplomb_error error;
	if (*rest != '\0') return repl_fail(r, "new: takes nothing; `open { \xE2\x80\xA6 }` then opens the next case");
	/* The story's moments are of the case that goes. */
	repl_story_clear(r->story);
	if (aplomb_reset(r->rt, &error) != APLOMB_OK || aplomb_turn_clock(r->rt, REPL_STARTS, &error) != APLOMB_OK)
		return repl_fail_error(r, &error);
	repl_forget_told(r);
	free(r->case_id);
	r->case_id = NULL;
	r->has_own_seed = false;
	char day[40];
	tell_day_words(aplomb_now(r->rt), day);
	repl_say(r, "It is %s, nine o'clock, and no case is open.", day);
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
    .complete = repl_complete_help,
    .about = "A word may be a command, an event or effect of the playbook, or a word of the language it is written in.",
};

const repl_command repl_cmd_new = {
    .name = "new",
    .form = "new",
    .sentence = "Puts the case away, to begin with another.",
    .group = REPL_SESSION,
    .run = run_new,
};

const repl_command repl_cmd_quit = {
    .name = "quit",
    .form = "quit",
    .sentence = "Ends the session; so does Ctrl-D.",
    .group = REPL_SESSION,
    .run = run_quit,
};
