/* SPDX-License-Identifier: MIT */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

/*
 * How the command ends. The only table there is: `aplomb help status` prints
 * it and a test holds docs/cli.md against it. Numbers from 64 are those of
 * sysexits.h.
 */
#define CLI_STATUSES(X)                                                                                                                    \
	X(OK, 0, "done, and nothing is wrong; notes may have been made")                                                                       \
	X(LOOK, 1, "done, but look: warnings, refused events, skipped lines, faulted cases, findings, timers left over")                       \
	X(ERRORS, 2, "what was examined is wrong: errors in a playbook, failed tests, damage in a journal, a replay that differs")             \
	X(USAGE, 64, "the command line is wrong: nothing was done")                                                                            \
	X(DATA, 65, "a line of the events or of a script is wrong: what stands before it was run")                                             \
	X(NO_INPUT, 66, "a file cannot be read")                                                                                               \
	X(UNAVAILABLE, 69, "a program that is needed is not there, or did not do its part")                                                    \
	X(INTERNAL, 70, "the command itself failed: no memory, or a fault of ours")                                                            \
	X(NO_OUTPUT, 73, "a file cannot be made, or holds something already")                                                                  \
	X(IO, 74, "writing failed: the disk is full, or nobody reads any more")                                                                \
	X(IN_USE, 75, "a runtime has the store open, and what was asked needs it for itself: nothing was done")

enum {
#define CLI_STATUS(name, number, sentence) CLI_##name = number,
	CLI_STATUSES(CLI_STATUS)
#undef CLI_STATUS
};

#endif
