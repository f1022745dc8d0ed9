# SPDX-License-Identifier: MIT
# Run as a script: makes a C source of a text file.
#   cmake -DTEXT=docs/findings.md -DOUT=findings_text.c -DHEADER=api/findings_text.h -DNAME=apl_findings_text -P EmbedText.cmake
# Bytes, not a string literal: compilers need not take literals that long.
file(READ "${TEXT}" hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUT}" "/* Made from a text by EmbedText.cmake; do not edit. */
#include \"${HEADER}\"
static const unsigned char bytes[] = {\n${bytes}0};
const char *const ${NAME} = (const char *)bytes;
const size_t ${NAME}_size = sizeof bytes - 1;
")
