# SPDX-License-Identifier: MIT
apl_unit_test(value json_read unit/value/plain_json.c)
apl_unit_test(value json_suite)
apl_unit_test(value json_write)
apl_unit_test(value number)

# A locale with a decimal comma, made here because few machines have one
# installed; without it the test about the locale says that it is skipped.
find_program(APLOMB_LOCALEDEF localedef)
set(made_locale "${CMAKE_BINARY_DIR}/locale/de_DE.UTF-8")
if(APLOMB_LOCALEDEF AND NOT EXISTS "${made_locale}")
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/locale")
  execute_process(COMMAND "${APLOMB_LOCALEDEF}" -i de_DE -f UTF-8 "${made_locale}" OUTPUT_QUIET ERROR_QUIET)
endif()
if(EXISTS "${made_locale}")
  set_property(TEST value/number APPEND PROPERTY ENVIRONMENT "LOCPATH=${CMAKE_BINARY_DIR}/locale")
endif()
