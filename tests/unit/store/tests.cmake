# SPDX-License-Identifier: MIT
apl_unit_test(store memory store/contract.c)
apl_unit_test(store sqlite store/contract.c)
target_link_libraries(test_store_sqlite PRIVATE PkgConfig::SQLITE)
