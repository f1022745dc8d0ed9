# SPDX-License-Identifier: MIT
apl_unit_test(chart build unit/chart/chart_text.c)
apl_unit_test(chart draw unit/chart/chart_text.c)
apl_unit_test(chart explore unit/chart/chart_text.c)
apl_unit_test(chart findings unit/chart/chart_text.c)
