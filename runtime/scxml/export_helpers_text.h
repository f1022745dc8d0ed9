/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_EXPORT_HELPERS_TEXT_H
#define APL_SCXML_EXPORT_HELPERS_TEXT_H

#include <stddef.h>

/* export_helpers.lua, whole; scripts/cmake/EmbedText.cmake makes the definition at build time. */
extern const char *const apl_export_helpers_text;
extern const size_t apl_export_helpers_text_size;

#endif
