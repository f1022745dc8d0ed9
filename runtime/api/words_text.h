/* SPDX-License-Identifier: MIT */
#ifndef APL_API_WORDS_TEXT_H
#define APL_API_WORDS_TEXT_H

#include <stddef.h>

/* docs/words.md, whole; scripts/cmake/EmbedText.cmake makes the definition at build time. */
extern const char *const apl_words_text;
extern const size_t apl_words_text_size;

#endif
