/* SPDX-License-Identifier: MIT */
/* Decides what is saved under which name, and that nothing is lost by it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "repl/complete.h"
#include "repl/retell.h"

static bool ends_in(const char *path, const char *suffix) {
	size_t size = strlen(path), suffix_size = strlen(suffix);
	return size > suffix_size && strcmp(path + size - suffix_size, suffix) == 0;
}

static void put_journal(repl *r, repl_text *out) {
	for (size_t n = 0; n < repl_story_count(r->story); n++) {
		size_t size;
		const char *line = repl_story_line(r->story, n, &size);
		if (line == NULL) continue;
		repl_text_add(out, line, size);
		repl_text_put(out, "\n");
	}
}

static void take_nothing(void *payload, aplomb_value head, aplomb_value opened, aplomb_instant at) {
	(void)payload, (void)head, (void)opened, (void)at;
}
static void take_no_wait(void *payload, aplomb_span span, aplomb_instant at) {
	(void)payload, (void)span, (void)at;
}
static void take_no_entry(void *payload, aplomb_value entry) {
	(void)payload, (void)entry;
}

/* Entries that a script or a test has no words for. */
static size_t count_unsayable(repl *r) {
	static const repl_retelling nothing = {take_nothing, take_no_wait, take_no_entry, take_no_entry};
	return repl_retell(r, &nothing, NULL);
}

static int write_file(repl *r, const char *path, const repl_text *text) {
	FILE *file = fopen(path, "wb");
	if (file == NULL) return repl_fail(r, "save: cannot make %s: %s", path, strerror(errno));
	bool is_written = fwrite(text->bytes, 1, text->size, file) == text->size;
	int reason = errno;
	if (fclose(file) == 0 && is_written) return REPL_DONE;
	return repl_fail(r, "save: cannot write to %s: %s", path, strerror(is_written ? errno : reason));
}

static int run_save(repl *r, const char *rest) {
	char path[1024], word[16] = "";
	struct stat about;
	if (!repl_word(&rest, path, sizeof path))
		return repl_fail(r, "save: under which name? `save monday.aplomb`, `save late_test.lua`, `save case.jsonl`");
	bool is_over = repl_word(&rest, word, sizeof word) && strcmp(word, "over") == 0 && *repl_skip(rest) == '\0';
	if (word[0] != '\0' && !is_over) return repl_fail(r, "save: behind the file's name may stand `over`, which writes over what is there");
	if (!repl_has_case(r)) return REPL_FAILED;
	if (!is_over && stat(path, &about) == 0)
		return repl_fail(r, "save: %s is there already. Name another file, or say `save %s over`, and what is in it is lost.", path, path);
	bool is_journal = ends_in(path, ".jsonl"), is_test = ends_in(path, ".lua");
	if (is_test && !ends_in(path, "_test.lua"))
		return repl_fail(r, "save: a test's name ends in _test.lua, so that `aplomb test` finds it; a script's in anything else.");
	size_t unsayable = is_journal ? 0 : count_unsayable(r);
	if (unsayable > 0)
		return repl_fail(r,
		    "save: statements of Lua changed this case (%zu), which happens only in a rehearsal: a %s cannot say that. Save it as a "
		    "journal (.jsonl).",
		    unsayable, is_test ? "test" : "script");
	repl_text text = {0};
	if (is_journal)
		put_journal(r, &text);
	else if (is_test)
		repl_save_test(r, path, &text);
	else
		repl_save_script(r, &text);
	int result = write_file(r, path, &text);
	repl_text_dispose(&text);
	if (result != REPL_DONE) return result;
	if (is_journal)
		repl_say(r, "Saved as a journal. `aplomb repl --journal %s` goes on with it, `aplomb journal %s` shows it.", path, path);
	else if (is_test)
		repl_say(r, "Saved as a test. `aplomb test %s` runs it.", path);
	else
		repl_say(r, "Saved as a script. `aplomb repl --script %s` plays it.", path);
	return REPL_DONE;
}

const repl_command repl_cmd_save = {
    .name = "save",
    .form = "save FILE [over]",
    .sentence = "Saves the case as a script, a test or a journal.",
    .group = REPL_SESSION,
    .run = run_save,
    .complete = repl_complete_file,
    .about =
        "The name says as what: one that ends in _test.lua is a test for `aplomb test`, which passes as it is; one that ends in .jsonl is "
        "the case's journal; any other is a script of commands. A file that is there is not written over, unless `over` is said.",
};
