# SPDX-License-Identifier: MIT
# A room is a folder of runtime/ and a target that links only rooms to its left.
#   apl_room(value SOURCES json_read.c json_write.c LEFT base LIBRARIES PkgConfig::X)

# The order of the rooms stands in one place, the drawing in runtime/README.md.
set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/runtime/README.md")
file(STRINGS "${CMAKE_SOURCE_DIR}/runtime/README.md" APLOMB_ROOM_LINE REGEX "^    include \\| ")
string(REGEX MATCHALL "[a-z]+" APLOMB_ROOM_LINE "${APLOMB_ROOM_LINE}")
list(REMOVE_ITEM APLOMB_ROOM_LINE include) # A folder of headers; there is nothing to build in it.
if(NOT APLOMB_ROOM_LINE)
  message(FATAL_ERROR "runtime/README.md has no line \"    include | base | …\"; the order of the rooms is read from it")
endif()

set(APLOMB_ROOMS "" CACHE INTERNAL "The rooms that are built")

function(apl_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LEFT;LIBRARIES" ${ARGN})
  list(FIND APLOMB_ROOM_LINE ${name} place)
  if(place EQUAL -1)
    message(FATAL_ERROR "room \"${name}\" is not in the line of rooms; add it to runtime/README.md")
  endif()
  add_library(apl_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(apl_${name} PUBLIC "${CMAKE_SOURCE_DIR}/runtime" "${CMAKE_SOURCE_DIR}/runtime/include")
  target_link_libraries(apl_${name} PRIVATE apl_compiler ${ROOM_LIBRARIES})
  foreach(left IN LISTS ROOM_LEFT)
    list(FIND APLOMB_ROOM_LINE ${left} left_place)
    if(left_place EQUAL -1 OR NOT left_place LESS place)
      message(FATAL_ERROR "room \"${name}\" may not link \"${left}\": that room is not to its left in runtime/README.md")
    endif()
    target_link_libraries(apl_${name} PUBLIC apl_${left})
  endforeach()
  set(APLOMB_ROOMS ${APLOMB_ROOMS} ${name} CACHE INTERNAL "The rooms that are built")
endfunction()

# A cmocka program tests/unit/<room>/test_<name>.c, linked with that room and
# run from the project's root, so that ../shared/data is where people see it.
#   apl_unit_test(value json_read [more sources])
# What several programs have is compiled once.
function(apl_unit_test room name)
  set_property(GLOBAL APPEND PROPERTY APLOMB_UNIT_TESTS "tests/unit/${room}/test_${name}.c")
  add_executable(test_${room}_${name} unit/${room}/test_${name}.c)
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
    cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE part)
    string(MAKE_C_IDENTIFIER "part_${part}" part)
    if(NOT TARGET ${part})
      add_library(${part} OBJECT "${source}")
      target_link_libraries(${part} PRIVATE apl_compiler apl_${room} PkgConfig::CMOCKA)
    endif()
    target_sources(test_${room}_${name} PRIVATE $<TARGET_OBJECTS:${part}>)
  endforeach()
  target_link_libraries(test_${room}_${name} PRIVATE apl_compiler apl_${room} PkgConfig::CMOCKA)
  add_test(NAME ${room}/${name} COMMAND test_${room}_${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${room}/${name} PROPERTIES LABELS "unit" SKIP_RETURN_CODE 77 TIMEOUT 300)

  # The same under valgrind, only in the configuration of that name (ctest
  # --build-config Valgrind). Such a test sees APLOMB_VALGRIND in its environment (tests/unit/test_rounds.h).
  if(APLOMB_VALGRIND_PROGRAM AND NOT APLOMB_SANITIZE)
    add_test(NAME valgrind/${room}/${name} CONFIGURATIONS Valgrind
      COMMAND "${APLOMB_VALGRIND_PROGRAM}" --quiet --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=definite,indirect,possible
        --track-fds=no --error-exitcode=99 $<TARGET_FILE:test_${room}_${name}>
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(valgrind/${room}/${name} PROPERTIES LABELS "valgrind" SKIP_RETURN_CODE 77 TIMEOUT 1800
      ENVIRONMENT "APLOMB_VALGRIND=1")
  endif()
endfunction()
