/* SPDX-License-Identifier: MIT */
/* Decides what a line is that is no command. */
#include "repl/inside.h"

int repl_try_lua(repl *r, const char *statement) {
	(void)r;
	(void)statement;
	return REPL_NOT_LUA;
}

bool repl_lua_is_whole(repl *r, const char *text, size_t size) {
	(void)r;
	(void)text;
	(void)size;
	return true;
}
