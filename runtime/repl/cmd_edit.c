/* SPDX-License-Identifier: MIT */
/*
 * Decides which file `edit` opens, with which editor and at which line: the
 * playbook's own, where the text of the active state begins, as far as the text
 * alone can tell. When the editor has ended, the files are loaded again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "repl/lua.h"

/* ---- the line of a state ------------------------------------------------------------ */

static bool is_word_of_states(const char *end, const char *begin) {
	static const char *const words[] = {"state", "parallel", "final", "region"};
	while (end > begin && (end[-1] == ' ' || end[-1] == '(')) end--;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t size = strlen(words[i]);
		if ((size_t)(end - begin) >= size && memcmp(end - size, words[i], size) == 0) return true;
	}
	return false;
}

/* `state "id"` from [at] on, with either kind of quotation marks; NULL: there is none. */
static const char *find_state(const char *source, const char *at, const char *id, size_t size) {
	for (; *at != '\0'; at++) {
		bool is_quoted = (*at == '"' || *at == '\'') && strncmp(at + 1, id, size) == 0 && at[size + 1] == *at;
		if (is_quoted && is_word_of_states(at, source)) return at;
	}
	return NULL;
}

/* The path's states are looked for one behind the other; 0: not even the first is in this text. */
static uint32_t line_of_state(const char *source, const char *path) {
	const char *found = NULL, *at = source;
	while (*path != '\0') {
		size_t size = strcspn(path, ".");
		const char *next = find_state(source, at, path, size);
		if (next == NULL) break;
		found = next;
		at = next + 1;
		path += size + (path[size] == '.');
	}
	uint32_t line = found != NULL ? 1 : 0;
	for (at = source; found != NULL && at < found; at++) line += *at == '\n';
	return line;
}

static void keep_first(const char *path, void *payload) {
	char **kept = payload;
	if (*kept == NULL) *kept = tell_need_copy(path);
}

/* Where the case stands in the file; 0: nowhere that can be told. */
static uint32_t line_of_case(repl *r, const char *path) {
	char *state = NULL;
	uint32_t line = 0;
	if (r->case_id != NULL) aplomb_case_states(r->rt, r->case_id, keep_first, &state);
	FILE *file = state != NULL ? fopen(path, "rb") : NULL;
	if (file != NULL) {
		repl_text source = {0};
		char piece[4096];
		for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;) repl_text_add(&source, piece, got);
		fclose(file);
		line = line_of_state(repl_text_of(&source), state);
		repl_text_dispose(&source);
	}
	free(state);
	return line;
}

/* ---- which file ------------------------------------------------------------------------ */

/* A name without a folder is looked for beside the playbook first. */
static char *path_of(const repl *r, const char *name) {
	const char *playbook = r->options->load->path;
	const char *slash = strrchr(playbook, '/');
	if (*name == '\0') return tell_need_copy(playbook);
	repl_text beside = {0};
	repl_text_format(&beside, "%.*s%s", slash != NULL ? (int)(slash + 1 - playbook) : 0, playbook, name);
	if (name[0] != '/' && access(beside.bytes, F_OK) == 0) return beside.bytes;
	repl_text_dispose(&beside);
	return tell_need_copy(name);
}

/* ---- the editor ---------------------------------------------------------------------------- */

static const char *editor(void) {
	const char *const names[] = {"VISUAL", "EDITOR"};
	for (size_t i = 0; i < 2; i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && *value != '\0') return value;
	}
	return "vi";
}

/* Does it take +LINE before the file? Others are given the file alone. */
static bool takes_line(const char *command) {
	static const char *const known[] = {
	    "vi", "vim", "nvim", "vis", "nano", "emacs", "emacsclient", "micro", "joe", "mg", "kak", "ne", "jed", "ex"};
	size_t size = strcspn(command, " \t");
	const char *name = command;
	for (size_t i = 0; i < size; i++)
		if (command[i] == '/') name = command + i + 1;
	size -= (size_t)(name - command);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i]) == size && memcmp(known[i], name, size) == 0) return true;
	return false;
}

/* The shell splits the editor's words, and sees the file as one. The status of wait, or -1. */
static int run_editor(const char *command, const char *path, uint32_t line) {
	char at[16];
	repl_text script = {0};
	bool has_line = line > 0 && takes_line(command);
	snprintf(at, sizeof at, "+%u", (unsigned)line);
	repl_text_format(&script, "exec %s \"$@\"", command);
	pid_t child = fork();
	if (child == 0) {
		if (has_line)
			execl("/bin/sh", "sh", "-c", script.bytes, "edit", at, path, (char *)NULL);
		else
			execl("/bin/sh", "sh", "-c", script.bytes, "edit", path, (char *)NULL);
		_exit(127);
	}
	repl_text_dispose(&script);
	int status = -1;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
	return child > 0 ? status : -1;
}

static int run_edit(repl *r, const char *rest) {
	const char *command = editor();
	char *path = path_of(r, rest);
	uint32_t line = *rest == '\0' ? line_of_case(r, path) : 0;
	fflush(r->out->file);
	fflush(r->err->file);
	int status = run_editor(command, path, line);
	int result = REPL_DONE;
	if (status == -1)
		result = repl_fail(r, "edit: the editor cannot be started: %s.", strerror(errno));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		result = repl_fail(r,
		    "edit: %s did not end well, so nothing was loaded; `reload` loads what is there. $VISUAL or $EDITOR says which editor.",
		    command);
	free(path);
	return result == REPL_DONE ? repl_reload(r) : result;
}

const repl_command repl_cmd_edit = {
    .name = "edit",
    .form = "edit [FILE]",
    .sentence = "Opens the playbook in your editor, where the case stands, and loads it again.",
    .group = REPL_LUA,
    .run = run_edit,
    .about = "The editor is $VISUAL, or $EDITOR, or vi. FILE is another file, such as policy.lua; it is looked for beside the playbook "
             "first. When the "
             "editor has ended, what was written is loaded as `reload` does it.",
};
