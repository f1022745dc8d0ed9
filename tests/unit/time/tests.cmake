# SPDX-License-Identifier: MIT
apl_unit_test(time clock)
apl_unit_test(time hours)
apl_unit_test(time instant)
apl_unit_test(time shown)
apl_unit_test(time span)
apl_unit_test(time timerq)
