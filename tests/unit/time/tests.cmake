# SPDX-License-Identifier: MIT
apl_unit_test(time calendar)
apl_unit_test(time calendar_slow unit/time/slow.c)
apl_unit_test(time clock)
apl_unit_test(time hours)
apl_unit_test(time ics)
apl_unit_test(time instant)
apl_unit_test(time rota)
apl_unit_test(time shown)
apl_unit_test(time span)
apl_unit_test(time timerq)

# A zone as we know it, for scripts/zones; three that are hard are compared on every run.
add_executable(show_zone unit/time/show_zone.c)
target_link_libraries(show_zone PRIVATE apl_compiler apl_time)
find_program(APLOMB_PYTHON_PROGRAM python3)
if(APLOMB_PYTHON_PROGRAM)
  add_test(NAME time/zones COMMAND "${APLOMB_PYTHON_PROGRAM}" "${CMAKE_SOURCE_DIR}/scripts/zones" --from 2000 --until 2040
    --zone Africa/Casablanca --zone America/St_Johns --zone Europe/Dublin "${CMAKE_BINARY_DIR}" WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(time/zones PROPERTIES LABELS "scripts" TIMEOUT 120)
endif()

# The events of an .ics file as we read them, for scripts/ics.
add_executable(show_ics unit/time/show_ics.c)
target_link_libraries(show_ics PRIVATE apl_compiler apl_time)

# Real files beside another reader, where both are there.
if(EXISTS /usr/bin/python3)
  add_test(NAME time/ics_files COMMAND "${CMAKE_SOURCE_DIR}/scripts/ics" --from 2021 --until 2031 --data "${CMAKE_BINARY_DIR}"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(time/ics_files PROPERTIES LABELS "unit" TIMEOUT 120 SKIP_RETURN_CODE 77)
endif()
