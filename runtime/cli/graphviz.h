/* SPDX-License-Identifier: MIT */
#ifndef CLI_GRAPHVIZ_H
#define CLI_GRAPHVIZ_H

/* Graphviz's program `dot`, run beside ours. */
#include "cli/cli.h"

/* Hands it [size] bytes in its language; what it answers, as SVG, goes to [to]. Returns a status, mistakes told. */
int cli_graphviz(const cli_screens *cli, const cli_verb *verb, const char *text, size_t size, FILE *to);

#endif
