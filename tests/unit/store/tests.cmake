# SPDX-License-Identifier: MIT
apl_unit_test(store memory store/contract.c)
apl_unit_test(store sqlite store/contract.c)
target_link_libraries(test_store_sqlite PRIVATE PkgConfig::SQLITE)
apl_unit_test(store sqlite_faults store/faulty_vfs.c)
target_link_libraries(test_store_sqlite_faults PRIVATE PkgConfig::SQLITE)
apl_unit_test(store sqlite_effects)
target_link_libraries(test_store_sqlite_effects PRIVATE PkgConfig::SQLITE)
