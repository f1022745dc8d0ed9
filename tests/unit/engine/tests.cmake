# SPDX-License-Identifier: MIT
foreach(name cases door effects_kept golden outbox personal replay snapshot step time try undo)
  apl_unit_test(engine ${name} unit/engine/world.c unit/engine/desk.c unit/engine/scenario.c unit/engine/random_program.c unit/data/declare.c unit/step/random_chart.c)
endforeach()
