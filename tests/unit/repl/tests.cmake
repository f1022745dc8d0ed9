# SPDX-License-Identifier: MIT
apl_unit_test(repl arguments)
apl_unit_test(repl candidates)
apl_unit_test(repl commands)
apl_unit_test(repl complete)
apl_unit_test(repl history)
apl_unit_test(repl paste)
apl_unit_test(repl reader repl/pty.c)
target_link_libraries(test_repl_reader PRIVATE util)
