# SPDX-License-Identifier: MIT
# Each dependency and why it is here: docs/dependencies.md.
find_package(PkgConfig REQUIRED)

# Programs find what they need by its SONAME only; a library that ended up
# unused (xxHash is inlined from its header) is not asked for at start.
add_link_options("LINKER:--as-needed")

pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(MD REQUIRED IMPORTED_TARGET libmd)
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
# From 2.70 on it knows what a zone does behind the years that its file lists.
pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0>=2.70)
# Its headers only: the library itself is asked for when an .ics file is read (runtime/time/ical.c), and is no program's to load at start.
pkg_check_modules(ICAL REQUIRED libical>=3.0 libical<4)
# From 3.24 on an insert may become an update, with a condition.
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.24)
# The command's, not the library's.
pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit)
if(APLOMB_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  find_program(APLOMB_VALGRIND_PROGRAM valgrind)
endif()

# Our programs take Lua's static library where there is one: calls within the
# interpreter then need no table of addresses. The shared
# library keeps to the shared one, so that a host that embeds Lua as well has
# it once. Which of the two is asked of the target that is being linked.
set(APLOMB_LUA_IS "shared")
if(APLOMB_STATIC_LUA)
  find_library(APLOMB_STATIC_LUA_LIBRARY NAMES liblua5.4.a liblua.a HINTS ${LUA_LIBRARY_DIRS})
  if(APLOMB_STATIC_LUA_LIBRARY)
    set(static_lua "${APLOMB_STATIC_LUA_LIBRARY}" m ${CMAKE_DL_LIBS})
    get_target_property(shared_lua PkgConfig::LUA INTERFACE_LINK_LIBRARIES)
    set(is_program "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
    set_property(TARGET PkgConfig::LUA PROPERTY INTERFACE_LINK_LIBRARIES
      "$<${is_program}:${static_lua}>" "$<$<NOT:${is_program}>:${shared_lua}>")
    set(APLOMB_LUA_IS "static in programs, shared in libaplomb")
  endif()
endif()

# Tests and the playbooks' converters are Lua scripts of their own.
find_program(APLOMB_LUA_PROGRAM NAMES lua5.4 lua)
