# SPDX-License-Identifier: MIT
apl_unit_test(cli opt)
