# SPDX-License-Identifier: MIT
apl_unit_test(journal entry)
apl_unit_test(journal read)
