/* SPDX-License-Identifier: MIT */
/* Nothing but the header, twice, as C and as C++. */
#include <aplomb.h>
#include <aplomb.h>

int main(void) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	return options.size + load.size + event.size + receipt.size + report.size + info.size + totals.size == 0;
}
