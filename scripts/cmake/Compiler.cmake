# SPDX-License-Identifier: MIT
# How everything here is compiled.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_library(apl_compiler INTERFACE)
target_compile_options(apl_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  # Sums of instants and budgets wrap instead of being reasoned away, and a
  # product and a sum are two roundings on every machine: replay is exact.
  -fno-strict-overflow -ffp-contract=off)
# newlocale and friends, and getline, are POSIX.
target_compile_definitions(apl_compiler INTERFACE _GNU_SOURCE)
if(APLOMB_WERROR)
  target_compile_options(apl_compiler INTERFACE -Werror)
endif()
if(APLOMB_SANITIZE)
  target_compile_options(apl_compiler INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(apl_compiler INTERFACE -fsanitize=address,undefined)
endif()
if(APLOMB_HARD)
  target_compile_definitions(apl_compiler INTERFACE APLOMB_HARD)
endif()
if(APLOMB_FUZZ)
  target_compile_options(apl_compiler INTERFACE -fsanitize=fuzzer-no-link)
endif()

# The path of an event goes through seven rooms. As one program, what a room
# asks of another is inlined: 4 to 8 % of that path. Objects hold both forms;
# the tests are linked the plain way, which takes no time, and who is to be
# one says so with apl_link_as_one.
set(APLOMB_AS_ONE OFF)
if(APLOMB_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  set(APLOMB_AS_ONE ON)
  target_compile_options(apl_compiler INTERFACE -flto -ffat-lto-objects)
  add_link_options("$<IF:$<BOOL:$<TARGET_PROPERTY:APLOMB_AS_ONE>>,-flto=auto,-fno-lto>")
endif()
function(apl_link_as_one target)
  set_target_properties(${target} PROPERTIES APLOMB_AS_ONE "${APLOMB_AS_ONE}")
endfunction()
