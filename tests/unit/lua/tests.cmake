# SPDX-License-Identifier: MIT
foreach(name phrases policy)
  apl_unit_test(lua ${name} unit/lua/book.c)
  target_link_libraries(test_lua_${name} PRIVATE apl_store)
endforeach()
foreach(name ask asked breaches case clocks data delays duty_texts fragments invoke label lexer limits uses load memory modules places purity quick reach reference sandbox slots text vocabulary words worst wrong)
  apl_unit_test(lua ${name} unit/lua/book.c)
  target_link_libraries(test_lua_${name} PRIVATE apl_store)
endforeach()
# The register names functions of Lua in its header.
target_link_libraries(test_lua_words PRIVATE PkgConfig::LUA)
target_link_libraries(test_lua_vocabulary PRIVATE PkgConfig::LUA)
# These look into the host.
target_link_libraries(test_lua_quick PRIVATE PkgConfig::LUA)
target_link_libraries(test_lua_reach PRIVATE PkgConfig::LUA)
target_link_libraries(test_lua_slots PRIVATE PkgConfig::LUA)
# Patterns beside Lua's own.
apl_unit_test(lua pattern)
target_link_libraries(test_lua_pattern PRIVATE PkgConfig::LUA)
# These ask Lua itself.
target_link_libraries(test_lua_lexer PRIVATE PkgConfig::LUA)
target_link_libraries(test_lua_purity PRIVATE PkgConfig::LUA)
# Texts beside Lua itself.
apl_unit_test(lua text_random unit/data/declare.c)
target_link_libraries(test_lua_text_random PRIVATE PkgConfig::LUA)
