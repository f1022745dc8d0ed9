/* SPDX-License-Identifier: MIT */
/*
 * Decides how bytes and signals become one stream. What a key does, and what
 * becomes of a signal, is decided by whoever reads it.
 *
 * The signals are blocked and read from a signalfd, which Linux has. Handlers
 * would need a variable outside to say what came, and would have to be told apart
 * from those of the program, which stay as they are throughout.
 */
#include "repl/keyboard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "repl/utf8.h"

static const int WHILE_READING[] = {SIGINT};
static const int WHILE_EDITING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};

/*
 * Ctrl-C makes the terminal throw away what was typed and not read, also between a poll that saw a key and its
 * read, which would then wait with the signal blocked. O_NONBLOCK on the file itself would be everybody's who has it open.
 */
static int open_again(int file) {
	char path[40];
	if (isatty(file) != 1) return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	return open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void repl_keyboard_init(repl_keyboard *keyboard, int file) {
	int own = open_again(file);
	*keyboard = (repl_keyboard){.file = own >= 0 ? own : file, .is_own = own >= 0, .signals = -1};
}

void repl_keyboard_dispose(repl_keyboard *keyboard) {
	if (keyboard->is_own) close(keyboard->file);
	keyboard->is_own = false;
}

void repl_keyboard_enter(repl_keyboard *keyboard, bool all) {
	sigset_t wanted;
	sigemptyset(&wanted);
	const int *numbers = all ? WHILE_EDITING : WHILE_READING;
	size_t count = all ? sizeof WHILE_EDITING / sizeof *WHILE_EDITING : sizeof WHILE_READING / sizeof *WHILE_READING;
	for (size_t i = 0; i < count; i++) sigaddset(&wanted, numbers[i]);
	sigprocmask(SIG_BLOCK, &wanted, &keyboard->before);
	keyboard->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	/* No more files may be opened: signals then do what they do in the program. */
	if (keyboard->signals < 0) sigprocmask(SIG_SETMASK, &keyboard->before, NULL);
}

void repl_keyboard_leave(repl_keyboard *keyboard) {
	if (keyboard->signals < 0) return;
	close(keyboard->signals);
	keyboard->signals = -1;
	sigprocmask(SIG_SETMASK, &keyboard->before, NULL);
}

void repl_keyboard_let(repl_keyboard *keyboard, int number) {
	sigset_t one, blocked;
	(void)keyboard;
	sigemptyset(&one);
	sigaddset(&one, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &one, &blocked); /* here it happens */
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* A signal that is waiting; 0: none. */
static int waiting_signal(const repl_keyboard *keyboard) {
	struct signalfd_siginfo info;
	if (keyboard->signals < 0 || read(keyboard->signals, &info, sizeof info) != (ssize_t)sizeof info) return 0;
	return (int)info.ssi_signo;
}

int repl_keyboard_byte(repl_keyboard *keyboard, bool ahead) {
	while (keyboard->at == keyboard->have) {
		struct pollfd both[2] = {{.fd = keyboard->file, .events = POLLIN}, {.fd = keyboard->signals, .events = POLLIN}};
		if (poll(both, 2, -1) < 0) {
			if (errno == EINTR) continue; /* the program's own handler has seen to it */
			keyboard->error = errno;
			return REPL_KEY_FAILED;
		}
		/* Signals first: whoever interrupts does not want what came before. */
		keyboard->signal = (both[1].revents & POLLIN) != 0 ? waiting_signal(keyboard) : 0;
		if (keyboard->signal != 0) return REPL_KEY_SIGNAL;
		if (both[0].revents == 0) continue;
		ssize_t got = read(keyboard->file, keyboard->bytes, ahead ? sizeof keyboard->bytes : 1);
		if (got == 0 || (got < 0 && errno == EIO)) return REPL_KEY_END; /* EIO: the terminal was hung up */
		if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
		if (got < 0) {
			keyboard->error = errno;
			return REPL_KEY_FAILED;
		}
		keyboard->at = 0;
		keyboard->have = (size_t)got;
	}
	return keyboard->bytes[keyboard->at++];
}

int32_t repl_keyboard_character(repl_keyboard *keyboard) {
	int byte = repl_keyboard_byte(keyboard, false);
	if (byte < 0x80) return byte;
	char bytes[4] = {(char)byte};
	size_t wanted = (byte & 0xE0) == 0xC0 ? 2 : (byte & 0xF0) == 0xE0 ? 3 : (byte & 0xF8) == 0xF0 ? 4 : 1;
	size_t have = 1;
	while (have < wanted) {
		byte = repl_keyboard_byte(keyboard, false);
		if (byte < 0) return byte;
		bytes[have++] = (char)byte;
		if ((byte & 0xC0) != 0x80) {
			/* A character was begun and not ended; what came in its place is read anew. */
			keyboard->at--;
			have--;
			break;
		}
	}
	uint32_t c;
	repl_utf8_read(bytes, have, &c);
	return (int32_t)c;
}

void repl_keyboard_drain(repl_keyboard *keyboard) {
	struct pollfd one = {.fd = keyboard->file, .events = POLLIN};
	keyboard->at = keyboard->have = 0;
	while (poll(&one, 1, 100) == 1 && (one.revents & POLLIN) != 0)
		if (read(keyboard->file, keyboard->bytes, sizeof keyboard->bytes) <= 0) return;
}
