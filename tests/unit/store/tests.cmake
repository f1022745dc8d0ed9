# SPDX-License-Identifier: MIT
apl_unit_test(store memory store/contract.c)
