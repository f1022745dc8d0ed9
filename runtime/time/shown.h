/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_SHOWN_H
#define APL_TIME_SHOWN_H

/*
 * Somebody else's text as a message shows it: short, on one line, valid UTF-8.
 * In room time because this is the lowest room whose messages quote input.
 */

#include <stddef.h>

#define APL_SHOWN 64 /* bytes that hold any shown text, terminated */

/* The first 40 bytes or so of [text]; "…" when it is longer, "?" for each byte that is a control character or no UTF-8. Returns [out]. */
const char *apl_shown(const char *text, size_t size, char out[APL_SHOWN]);

#endif
