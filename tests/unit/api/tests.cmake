# SPDX-License-Identifier: MIT
apl_unit_test(api api)
apl_unit_test(api explain)
apl_unit_test(api instants)
apl_unit_test(api journal_api)
apl_unit_test(api json_api)
apl_unit_test(api log_sink)
apl_unit_test(api playbook)
apl_unit_test(api reset)
