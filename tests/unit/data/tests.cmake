# SPDX-License-Identifier: MIT
apl_unit_test(data money)
foreach(name form guard_brief phrase record_random record_read record_set record_write schema schema_equal spread)
  apl_unit_test(data ${name} unit/data/declare.c)
endforeach()
foreach(name guard_apart guard_eval guard_parse guard_print guard_type)
  apl_unit_test(data ${name} unit/data/declare.c unit/data/guard_stage.c)
endforeach()
