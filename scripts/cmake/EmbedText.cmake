# SPDX-License-Identifier: MIT
# Run as a script: makes a C source of a text file.
#   cmake -DTEXT=docs/findings.md -DOUT=findings_text.c -DHEADER=api/findings_text.h -DNAME=apl_findings_text -P EmbedText.cmake
# Bytes, not a string literal: compilers need not take literals that long.
file(READ "${TEXT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "/* Made from ${NAME}'s text file; do not edit. */\n#include \"${HEADER}\"\nconst char ${NAME}[] = {\n${bytes}\n0};\nconst size_t ${NAME}_size = sizeof ${NAME} - 1;\n")
