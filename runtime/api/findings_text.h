/* SPDX-License-Identifier: MIT */
#ifndef APL_API_FINDINGS_TEXT_H
#define APL_API_FINDINGS_TEXT_H

#include <stddef.h>

/* docs/findings.md, whole; scripts/cmake/EmbedText.cmake makes the definition at build time. */
extern const char *const apl_findings_text;
extern const size_t apl_findings_text_size;

#endif
