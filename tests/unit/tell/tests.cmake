# SPDX-License-Identifier: MIT
apl_unit_test(tell lines)
apl_unit_test(tell screen)
apl_unit_test(tell wall)
