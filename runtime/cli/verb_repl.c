/* SPDX-License-Identifier: MIT */
/* Decides what `aplomb repl` understands on its command line and how it ends; the conversation is the room repl's. */
#include "repl/repl.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/settings.h"

typedef struct repl_verb_options {
	const char *journal;
	const char *case_id;
	const char *script;
	bool keep_going;
	cli_texts roots;
	cli_settings settings;
} repl_verb_options;

#define OFFSET(member) CLI_OFFSET(repl_verb_options, member)
static const cli_option OPTIONS[] = {
    {"journal", 'j', CLI_TEXT, OFFSET(journal), "FILE", "begin with a case that this journal recorded; it is only read", NULL},
    {"case", 'c', CLI_TEXT, OFFSET(case_id), "ID", "which case, when the journal holds several; else the first", NULL},
    {"script", 's', CLI_TEXT, OFFSET(script), "FILE", "read commands from this file; - is standard input", NULL},
    {"keep-going", 'k', CLI_FLAG, OFFSET(keep_going), NULL, "a command that fails does not end a script", NULL},
    {"root", 0, CLI_TEXTS, OFFSET(roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    CLI_SETTINGS_OPTIONS(repl_verb_options, settings),
};

static void tell_finding(const aplomb_finding *finding, void *payload) {
	const cli_screens *cli = payload;
	/* Notes are for those who work on the playbook: `aplomb check` tells them. */
	if (finding->severity != APLOMB_NOTE) cli_tell_finding(&cli->err, finding);
}

/* Without a name it is the playbook of this folder. */
static char *path_of(const cli_screens *cli, char **arguments, int count) {
	struct stat about;
	if (count > 0) return cli_playbook_path(arguments[0]);
	if (stat("playbook.lua", &about) == 0) return tell_need_copy("playbook.lua");
	cli_complain(cli, &cli_repl, "which playbook? Give its file or folder; there is no playbook.lua here");
	return NULL;
}

static int status_of(repl_end end) {
	switch (end) {
	case REPL_ENDED: return CLI_OK;
	case REPL_ENDED_LOOK: return CLI_LOOK;
	case REPL_ENDED_COMMAND: return CLI_DATA;
	case REPL_ENDED_PLAYBOOK: return CLI_ERRORS;
	case REPL_ENDED_INPUT: return CLI_NO_INPUT;
	case REPL_ENDED_INTERNAL: break;
	}
	return CLI_INTERNAL;
}

static int run_verb(const cli_screens *cli, char **arguments, int count) {
	repl_verb_options options = {0};
	if (!cli_take(cli, &cli_repl, &options, arguments, &count)) return CLI_USAGE;
	if (options.case_id != NULL && options.journal == NULL) {
		cli_complain(cli, &cli_repl, "--case says which case of a journal is meant; give --journal as well");
		return CLI_USAGE;
	}
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	char *path = path_of(cli, arguments, count);
	int status = path != NULL ? cli_settings_apply(&options.settings, cli, &cli_repl, &load) : CLI_USAGE;
	if (status == CLI_OK) {
		load.path = path;
		load.on_finding = tell_finding;
		load.payload = (void *)(uintptr_t)cli;
		load.roots = options.roots.items;
		load.n_roots = options.roots.count;
		const repl_options given = {.load = &load,
		    .journal = options.journal,
		    .case_id = options.case_id,
		    .script = options.script,
		    .keep_going = options.keep_going,
		    .out = &cli->out,
		    .err = &cli->err};
		status = status_of(repl_run(&given));
	}
	cli_settings_dispose(&options.settings);
	free(path);
	return status;
}

const cli_verb cli_repl = {
    .name = "repl",
    .operands = "[PLAYBOOK]",
    .sentence = "play a conversation through a playbook, and ask why",
    .about =
        "A prompt at which you are the customer, the agent and the clock: `say Where is it?`, `agent One moment.`, `wait 2d`. After each "
        "step it "
        "says what happened, where the case is and what is due next. Nothing typed here can send anything to the world: no effect has a "
        "handler, and time is turned by hand. `help` at the prompt lists the commands. Without a terminal, and with --script, the same "
        "words "
        "are read line by line and shown before their answers; the first that fails ends the script, unless --keep-going is given. A "
        "folder "
        "stands for the playbook.lua in it.",
    .examples = "aplomb repl playbooks/late-delivery\n"
                "aplomb repl playbooks/late-delivery --script monday.aplomb\n"
                "aplomb repl incident.lua --journal incidents.journal --case INC0041",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 0,
    .most = 1,
    .run = run_verb,
};
