/* SPDX-License-Identifier: MIT */
#ifndef CLI_NEED_H
#define CLI_NEED_H

/*
 * Memory for what the command itself remembers. A library must survive without
 * memory; a command may say so and end.
 */
#include <stddef.h>

/* Zeroed; never NULL. */
void *cli_need(size_t size);
/* Room for [more] beyond [count] items of [size] bytes in *items, which may move; never fails. */
void cli_need_room(void *items, size_t count, size_t more, size_t *capacity, size_t size);
/* A copy; NULL of NULL. */
char *cli_need_copy(const char *text);

#endif
