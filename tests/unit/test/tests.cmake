# SPDX-License-Identifier: MIT
apl_unit_test(test file)
apl_unit_test(test expect)
apl_unit_test(test match)
apl_unit_test(test play)
apl_unit_test(test recorded)
target_link_libraries(test_test_match PRIVATE PkgConfig::LUA)
