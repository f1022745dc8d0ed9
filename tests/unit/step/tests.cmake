# SPDX-License-Identifier: MIT
apl_unit_test(step machine unit/step/stage.c unit/chart/chart_text.c)
apl_unit_test(step random unit/step/appendix_d.c unit/step/random_chart.c)
apl_unit_test(step explored unit/step/random_chart.c)
