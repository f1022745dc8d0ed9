# SPDX-License-Identifier: MIT
# Run as a script: makes one C source of the library's files, which are named relative to FOLDER.
#   cmake -DFOLDER=stdlib "-DFILES=aplomb/a.lua;aplomb/b.lua" -DOUT=library.c -P EmbedLibrary.cmake
# Bytes, not string literals: compilers need not take literals that long.
set(texts "")
set(rows "")
set(number 0)
foreach(file IN LISTS FILES)
  file(READ "${FOLDER}/${file}" hex HEX)
  file(SIZE "${FOLDER}/${file}" size)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND texts "static const unsigned char text_${number}[] = {\n${bytes}0};\n")
  string(APPEND rows "    {\"${file}\", text_${number}, ${size}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUT}" "/* Made of the files of stdlib by EmbedLibrary.cmake; do not edit. */
#include \"lua/files.h\"
${texts}const apl_library_file apl_library[] = {
${rows}    {NULL, NULL, 0}};
const size_t apl_library_count = ${number};
")
