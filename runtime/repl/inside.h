/* SPDX-License-Identifier: MIT */
#ifndef REPL_INSIDE_H
#define REPL_INSIDE_H

/*
 * What the files of this room share: the running conversation, what a command
 * is, the one way in which the case moves, and how things are said.
 */
#include <signal.h>

#include "repl/reader.h"
#include "repl/repl.h"
#include "repl/story.h"
#include "repl/text.h"

typedef struct repl repl;

/* What `x = data.value` keeps: a name of the session's, and the literal that stands for it. (names.c) */
typedef struct repl_own_name {
	char *name;
	char *literal;
} repl_own_name;

typedef struct repl_own_names {
	repl_own_name *items;
	size_t count, capacity;
} repl_own_names;

/* ---- the conversation ---------------------------------------------------- */

struct repl {
	const repl_options *options;
	const tell_screen *out, *err;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	char *case_id; /* the case that is played; NULL: none yet */
	repl_reader *reader;
	repl_story *story;
	/*
	 * Journal lines of the played case, each with its newline, written since
	 * repl_moved told them; repl_story_take has them already. While the story
	 * seeks, nothing is gathered.
	 */
	repl_text fresh;
	bool is_seeking;
	/* How the fresh lines are told; see repl_forget_told. */
	tell_casebook book;
	tell_timeline timeline;
	repl_own_names names;
	bool has_own_seed; /* the opening said one */
	uint64_t failures; /* of commands */
	struct sigaction signals_before;
	bool has_signals;
	bool is_over; /* `quit` was said */
};

/*
 * Set by Ctrl-C, from the handler, and cleared before each statement. Whatever
 * may take long looks at it between two steps. (interrupt.c)
 */
bool repl_is_interrupted(const repl *r);

/* The time at which a conversation begins: a Monday morning, as in tests of playbooks. 2026-03-02T09:00:00Z. */
#define REPL_STARTS INT64_C(1772442000000000)

/* What the case is called when nobody says. */
#define REPL_FIRST_CASE "case-1"

/* ---- commands -------------------------------------------------------------- */

/* What a command returns. */
enum { REPL_DONE = 0, REPL_FAILED = 1 };

typedef struct repl_command {
	const char *name;     /* "say"; two words are fine: "why not" is found before "why" */
	const char *form;     /* how it is written: "say TEXT" */
	const char *sentence; /* what it does */
	const char *group;    /* under which heading help lists it: one of REPL_GROUPS */
	/* [rest]: what stands behind the name, without blanks at either end. */
	int (*run)(repl *r, const char *rest);
	/* What could stand next; [before]: the argument up to the cursor. NULL: nothing to offer. */
	void (*complete)(repl *r, const char *before, repl_candidates *out);
	const char *about; /* paragraphs for `help NAME`, examples among them; or NULL */
	bool takes_table;  /* its argument may be a table over several lines */
} repl_command;

/* The headings of help, in their order. */
#define REPL_PLAY "Play"
#define REPL_LOOK "Look"
#define REPL_TRAVEL "Travel in time"
#define REPL_WHY "Ask why"
#define REPL_LUA "Lua and the playbook"
#define REPL_SESSION "The session"

/* Each file of commands exports its own; commands.c lists them in the order of help. */
extern const repl_command repl_cmd_open, repl_cmd_say, repl_cmd_agent, repl_cmd_do, repl_cmd_wait, repl_cmd_wait_until, repl_cmd_next,
    repl_cmd_show, repl_cmd_timers, repl_cmd_data, repl_cmd_timeline, repl_cmd_help, repl_cmd_quit, repl_cmd_why, repl_cmd_why_not,
    repl_cmd_options, repl_cmd_try, repl_cmd_menu, repl_cmd_pick, repl_cmd_reject, repl_cmd_save, repl_cmd_counters, repl_cmd_new,
    repl_cmd_back, repl_cmd_forward, repl_cmd_goto, repl_cmd_undo, repl_cmd_redo, repl_cmd_mark, repl_cmd_marks, repl_cmd_branch,
    repl_cmd_branches, repl_cmd_switch, repl_cmd_diff, repl_cmd_edit, repl_cmd_reload;
extern const repl_command repl_cmd_until, repl_cmd_back_until, repl_cmd_who;

/* "14:30", "14:30:15": the next such time after [now], in UTC; or an instant. false: [error] says why, when it is not NULL. (cmd_time.c) */
bool repl_read_time(const char *text, aplomb_instant now, aplomb_instant *at, aplomb_error *error);

/* The n-th command, NULL behind the last. */
const repl_command *repl_command_at(size_t n);
/* The command that the statement begins with, and what is behind it; NULL: none of that name. */
const repl_command *repl_command_of(const char *statement, const char **rest);
/* One statement: a command, or Lua. REPL_DONE or REPL_FAILED. */
int repl_perform(repl *r, const char *statement);
/* Is the statement whole, or would another line belong to it? For the reader. */
bool repl_is_whole(repl *r, const char *text, size_t size);
/* What could stand at the end of [before], the statement up to the cursor. For the reader. */
void repl_complete(repl *r, const char *before, repl_candidates *out);

/*
 * A line that is no command: an expression on the case, then a statement on a
 * copy of it. REPL_DONE or REPL_FAILED, or REPL_NOT_LUA when it cannot be Lua
 * at all; then the nearest command is named. (cmd_lua.c)
 */
enum { REPL_NOT_LUA = 2 };
int repl_try_lua(repl *r, const char *statement);
/* What may stand at the end of [before], a piece of Lua. (complete_lua.c) */
void repl_lua_complete(repl *r, const char *before, repl_candidates *out);
/* Could a line more make it Lua? */
bool repl_lua_is_whole(repl *r, const char *text, size_t size);

/* ---- the way the case moves -------------------------------------------------- */

/*
 * Posts the event to the played case (event->case_id is filled in), steps it
 * and what is due with it, and takes the lines into the story. A case that is
 * not open yet is opened first. REPL_DONE: whoever called it calls repl_moved
 * now. REPL_FAILED: why was said, below what happened before it failed.
 */
int repl_post(repl *r, const aplomb_event *event);
/* Who does such a thing, when nobody says: of "agent.cause" the agent. */
const char *repl_usual_sender(const char *event);
/* Opens the case with [open] (JSON of the envelope's `open`, or NULL). */
int repl_open_case(repl *r, const char *open, const char *case_id, const char *subject);
/* Turns time up to [at], firing what is due on the way, each at its own time. Ctrl-C ends it between two. */
int repl_wait_until(repl *r, aplomb_instant at);

/*
 * Tries a statement on a copy of the case: what is due happens first, then the story goes on aside, on a branch of its own
 * unless it is on such a one already, and that is said. The library's code with [error]: the case is as it was, and nothing was
 * said of it. REPL_FAILED: something on the way failed, and that was said. Whoever calls it calls repl_moved afterwards.
 */
int repl_try(repl *r, const char *text, aplomb_error *error);

/* Tells what the fresh lines hold, in words, and then where the case is and what is due. */
void repl_moved(repl *r);
/* Only the first of it; false: there was nothing to tell. */
bool repl_tell_fresh(repl *r);
/* Where the case is, and what is due next: what stands below each step. */
void repl_stand(repl *r);
/* The first [most] of what is due, as lines. */
void repl_dues(repl *r, size_t most);
/* The story went somewhere else: what was told of timers and states is read anew from the runtime. */
void repl_forget_told(repl *r);

/* There is a case, or says that there is none. */
bool repl_has_case(repl *r);
/* The active states as one line: "conversation.listening │ respect.calm"; free() it. */
char *repl_state_line(repl *r);
/* A state's path without what that line leaves out; lent from [path]. */
const char *repl_short_path(repl *r, const char *path);

/* ---- what the playbook declares ------------------------------------------------ */

bool repl_is_declared(const repl *r, aplomb_declares what, const char *name);
/* What it carries, field by field; false: it is not declared, and nothing was said. */
bool repl_say_declared(repl *r, aplomb_declares what, const char *name);

/* Names of one kind, in the order of their declaration. */
typedef struct repl_names {
	char **items;
	size_t count, capacity;
	aplomb_declares what;
} repl_names;
repl_names repl_declared(const repl *r, aplomb_declares what);
void repl_names_add(repl_names *names, const char *name);
void repl_names_dispose(repl_names *names);
/* The one that may have been meant, or NULL. */
const char *repl_names_nearest(const repl_names *names, const char *name);

/* Who lets such an event happen, when nobody says: of "agent.cause" the agent. */
const char *repl_usual_sender(const char *event);

/* ---- saying -------------------------------------------------------------------- */

/* Paragraphs of ours, wrapped to the screen. */
void repl_say(repl *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same in a style. */
void repl_say_styled(repl *r, tell_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What went wrong; counts for the exit status. Always REPL_FAILED. */
int repl_fail(repl *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The library's error, with its slug. Always REPL_FAILED. */
int repl_fail_error(repl *r, const aplomb_error *error);
/* "10:00:00, in 10m" or "Tue 3 Mar 10:00:00, in 1d", as seen from now. */
void repl_when(repl *r, aplomb_instant at, char out[96]);

/* ---- reading arguments ------------------------------------------------------------ */

/* Behind blanks. */
const char *repl_skip(const char *text);
/* The next word, up to a blank; [*text] moves behind it. false: there is none, or it does not fit. */
bool repl_word(const char **text, char *word, size_t size);
/* A word, or a text in quotes, as it is. */
bool repl_name(const char **text, char *name, size_t size);
/*
 * A table as playbooks write it ({ a = 1, list = { "x" } }) or JSON, as JSON in
 * [out]; [*text] moves behind it. false: [why] says what was expected, and
 * where, in a sentence. An empty table is a map, [] is an empty list.
 */
bool repl_table(const char **text, repl_text *out, char *why, size_t why_size);
/* One value of the same kinds, or a bare word as text. */
bool repl_value(const char **text, repl_text *out, char *why, size_t why_size);

#endif
