/* SPDX-License-Identifier: MIT */
#ifndef CLI_EXCERPT_H
#define CLI_EXCERPT_H

/*
 * The line of a source file that a finding is about, with a mark under the
 * place. The file read last is kept, for findings come in its order.
 */
#include "tell/tell.h"

typedef struct cli_excerpt {
	char *path; /* NULL: none yet */
	char *text; /* NULL: it cannot be read */
	size_t size;
	size_t at;     /* where line [line] begins */
	uint32_t line; /* from 1 */
} cli_excerpt;

void cli_excerpt_free(cli_excerpt *excerpt);
/* Shows line [line] of the file, and a mark under the name, text or sign at [column] (in characters, from 1). Nothing when there is none.
 */
void cli_excerpt_show(cli_excerpt *excerpt, const tell_screen *screen, const char *path, uint32_t line, uint32_t column);
/* Line [line] of the file, without what it is indented by, of [*size] bytes; lent until the next call. NULL when there is none. */
const char *cli_excerpt_line(cli_excerpt *excerpt, const char *path, uint32_t line, size_t *size);

#endif
