/* SPDX-License-Identifier: MIT */
#ifndef TELL_NEED_H
#define TELL_NEED_H

/*
 * Memory for what the command, or a program in it, itself remembers. A library must survive without
 * memory; a command may say so and end.
 */
#include <stddef.h>

/* With what the command ends without memory: EX_SOFTWARE of sysexits.h, and a row of docs/cli.md. */
enum { TELL_NO_MEMORY = 70 };

/* Zeroed; never NULL. */
void *tell_need(size_t size);
/* Room for [more] beyond [count] items of [size] bytes in *items, which may move; never fails. */
void tell_need_room(void *items, size_t count, size_t more, size_t *capacity, size_t size);
/* A copy; NULL of NULL. */
char *tell_need_copy(const char *text);

#endif
