# SPDX-License-Identifier: MIT
apl_unit_test(cli lines)
apl_unit_test(cli opt)
apl_unit_test(cli screen)
