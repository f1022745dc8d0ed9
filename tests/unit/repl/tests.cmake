# SPDX-License-Identifier: MIT
apl_unit_test(repl arguments)
apl_unit_test(repl commands)
