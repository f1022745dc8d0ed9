/* SPDX-License-Identifier: MIT */
/*
 * Decides what of a session is remembered, and how its file is kept whole while
 * several sessions write to it. How a statement is recalled is the editor's.
 *
 * The file has a line a statement; in it "\n" is a newline and "\\" a backslash.
 * Each statement is appended under a lock in one write, so nothing is lost when a
 * session dies, and two sessions only interleave. A file that has grown is
 * replaced by a shorter one through a rename. Whoever waited for the lock
 * of the replaced one sees that its file is no longer the one of that name, and
 * opens anew.
 */
#include "repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/reader.h"
#include "repl/utf8.h"
#include "tell/tell.h"

static char *sentence(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *sentence(const char *format, ...) {
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return tell_need_copy(text);
}

/* ---- the list ------------------------------------------------------------ */

static void forget_oldest(repl_history *history, size_t count) {
	for (size_t i = 0; i < count; i++) free(history->statements[i]);
	history->count -= count;
	memmove(history->statements, history->statements + count, history->count * sizeof *history->statements);
}

static bool is_the_last(const repl_history *history, const char *text, size_t size) {
	if (history->count == 0) return false;
	const char *last = history->statements[history->count - 1];
	return strlen(last) == size && memcmp(last, text, size) == 0;
}

static void keep(repl_history *history, const char *text, size_t size) {
	if (is_the_last(history, text, size)) return;
	if (history->count >= REPL_HISTORY_MOST * 2) forget_oldest(history, history->count - REPL_HISTORY_MOST);
	tell_need_room(&history->statements, history->count, 1, &history->room, sizeof *history->statements);
	char *copy = tell_need(size + 1);
	memcpy(copy, text, size);
	history->statements[history->count++] = copy;
}

/* ---- a line of the file --------------------------------------------------- */

static void encode(repl_text *out, const char *text, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n')
			repl_text_put(out, "\\n");
		else if (text[i] == '\\')
			repl_text_put(out, "\\\\");
		else
			repl_text_add(out, text + i, 1);
	}
	repl_text_put(out, "\n");
}

/* False: no statement was ever written like this. */
static bool decode(const char *line, size_t size, repl_text *out) {
	repl_text_add(out, "", 0);
	repl_text_clear(out);
	if (size == 0 || size > 2 * REPL_HISTORY_LONGEST || !repl_utf8_is_valid(line, size)) return false;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)line[i];
		if ((c < 0x20 && c != '\t') || c == 0x7F) return false;
		if (c != '\\') {
			repl_text_add(out, line + i, 1);
			continue;
		}
		if (++i == size || (line[i] != 'n' && line[i] != '\\')) return false;
		repl_text_put(out, line[i] == 'n' ? "\n" : "\\");
	}
	return true;
}

/* Could a line of the file hold it? Control characters, which only a pipe or Ctrl-V brings, would not come back. */
static bool can_be_kept(const char *text, size_t size) {
	repl_text line = {0}, back = {0};
	encode(&line, text, size);
	bool can = decode(line.bytes, line.size - 1, &back) && back.size == size;
	repl_text_dispose(&line);
	repl_text_dispose(&back);
	return can;
}

/* ---- the file ------------------------------------------------------------- */

/* The folders of a path, as far as they are missing; nobody else may look in. */
static void make_folders(const char *path) {
	char *copy = tell_need_copy(path);
	for (char *at = strchr(copy + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(copy, 0700); /* what is there already, or cannot be made, shows when the file is opened */
		*at = '/';
	}
	free(copy);
}

/* Opens and locks the file that bears the name now. -1: errno says why not. */
static int open_locked(const char *path) {
	for (;;) {
		int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
		if (file < 0) return -1;
		struct stat opened, named;
		if (fstat(file, &opened) != 0 || !S_ISREG(opened.st_mode)) {
			close(file);
			errno = S_ISDIR(opened.st_mode) ? EISDIR : EINVAL;
			return -1;
		}
		while (flock(file, LOCK_EX) != 0)
			if (errno != EINTR) {
				int reason = errno;
				close(file);
				errno = reason;
				return -1;
			}
		if (stat(path, &named) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev) {
			/* Statements hold what people wrote: a file from elsewhere becomes as private as ours. */
			if ((opened.st_mode & 077) != 0 && opened.st_uid == geteuid() && fchmod(file, 0600) != 0) errno = 0;
			return file;
		}
		close(file);
	}
}

static bool write_all(int file, const char *text, size_t size) {
	while (size > 0) {
		ssize_t written = write(file, text, size);
		if (written < 0 && errno == EINTR) continue;
		if (written < 0) return false;
		text += written;
		size -= (size_t)written;
	}
	return true;
}

/* All of the file; false: errno. */
static bool read_all(int file, repl_text *out) {
	char part[1 << 14];
	for (;;) {
		ssize_t got = read(file, part, sizeof part);
		if (got < 0 && errno == EINTR) continue;
		if (got < 0) return false;
		if (got == 0) return true;
		repl_text_add(out, part, (size_t)got);
		if (out->size > REPL_HISTORY_LARGEST) {
			errno = EFBIG;
			return false;
		}
	}
}

/* In place of the file, which is locked: the newest statements of it. */
static bool shorten(repl_history *history, const char *path) {
	if (history->count > REPL_HISTORY_MOST) forget_oldest(history, history->count - REPL_HISTORY_MOST);
	repl_text text = {0}, name = {0};
	for (size_t i = 0; i < history->count; i++) encode(&text, history->statements[i], strlen(history->statements[i]));
	repl_text_put(&name, path);
	repl_text_put(&name, ".XXXXXX");
	int file = mkostemp(name.bytes, O_CLOEXEC); /* of mode 0600 */
	bool done = file >= 0 && write_all(file, text.bytes, text.size) && fsync(file) == 0;
	int reason = errno;
	if (file >= 0 && close(file) != 0 && done) {
		reason = errno;
		done = false;
	}
	if (done && rename(name.bytes, path) != 0) {
		reason = errno;
		done = false;
	}
	if (!done && file >= 0) unlink(name.bytes);
	repl_text_dispose(&text);
	repl_text_dispose(&name);
	errno = reason;
	return done;
}

static void stop_writing(repl_history *history) {
	free(history->path);
	history->path = NULL;
}

static const char *reason_of(int number) {
	return number == EINVAL ? "it is no file" : strerror(number);
}

void repl_history_open(repl_history *history, const char *path, char **trouble) {
	*history = (repl_history){0};
	*trouble = NULL;
	if (path == NULL) return;
	make_folders(path);
	int file = open_locked(path);
	repl_text text = {0}, statement = {0};
	if (file < 0 || !read_all(file, &text)) {
		*trouble = sentence("the history %s cannot be used: %s; what you type is remembered until you leave", path, reason_of(errno));
		if (file >= 0) close(file);
		repl_text_dispose(&text);
		return;
	}
	history->path = tell_need_copy(path);
	size_t lines = 0, damaged = 0;
	for (size_t at = 0; at < text.size;) {
		const char *line = text.bytes + at;
		const char *end = memchr(line, '\n', text.size - at);
		size_t size = end != NULL ? (size_t)(end - line) : text.size - at;
		if (decode(line, size, &statement))
			keep(history, statement.bytes, statement.size);
		else
			damaged++;
		lines++;
		at += size + 1;
	}
	if (damaged > 0) *trouble = sentence("%zu of %zu lines of the history %s are damaged and were left out", damaged, lines, path);
	/* It is shortened when it holds twice as many as are kept, so that this happens rarely; damage is cleared away then, too. */
	if (lines >= REPL_HISTORY_MOST * 2 && !shorten(history, path) && *trouble == NULL)
		*trouble = sentence("the history %s cannot be shortened: %s", path, strerror(errno));
	if (history->count > REPL_HISTORY_MOST) forget_oldest(history, history->count - REPL_HISTORY_MOST);
	close(file);
	repl_text_dispose(&text);
	repl_text_dispose(&statement);
}

void repl_history_dispose(repl_history *history) {
	for (size_t i = 0; i < history->count; i++) free(history->statements[i]);
	free(history->statements);
	free(history->path);
	*history = (repl_history){0};
}

bool repl_history_add(repl_history *history, const char *text, size_t size, char **trouble) {
	*trouble = NULL;
	if (size == 0 || text[0] == ' ' || size > REPL_HISTORY_LONGEST || is_the_last(history, text, size)) return false;
	if (!can_be_kept(text, size)) return false;
	keep(history, text, size);
	if (history->path == NULL) return true;
	repl_text line = {0};
	int file = open_locked(history->path);
	/* The last write of somebody else may have been cut off. */
	char last = '\n';
	off_t end = file >= 0 ? lseek(file, 0, SEEK_END) : 0;
	if (end > 0 && pread(file, &last, 1, end - 1) != 1) last = '\n';
	if (last != '\n') repl_text_put(&line, "\n");
	encode(&line, text, size);
	if (file < 0 || !write_all(file, line.bytes, line.size)) {
		*trouble =
		    sentence("the history %s cannot be written: %s; what you type is remembered until you leave", history->path, reason_of(errno));
		stop_writing(history);
	}
	if (file >= 0) close(file);
	repl_text_dispose(&line);
	return true;
}

char *repl_history_path(void) {
	const char *own = getenv("APLOMB_HISTORY");
	if (own != NULL) return own[0] != '\0' ? tell_need_copy(own) : NULL;
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	repl_text path = {0};
	if (state != NULL && state[0] == '/') { /* a relative one is to be ignored, says the specification */
		repl_text_put(&path, state);
	} else if (home != NULL && home[0] != '\0') {
		repl_text_put(&path, home);
		repl_text_put(&path, "/.local/state");
	} else {
		return NULL;
	}
	repl_text_put(&path, "/aplomb/history");
	return path.bytes;
}
