/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_PLAIN_JSON_H
#define APL_TEST_PLAIN_JSON_H

/*
 * A second recogniser of the JSON that docs/json.md describes, written to be
 * read beside RFC 8259 and not to be fast. The reader must agree with it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool plain_json_accepts(const char *text, size_t size, uint32_t depth);

#endif
