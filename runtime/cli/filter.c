/* SPDX-License-Identifier: MIT */
/* Decides which entries of a journal pass the options that narrow it. */
#include "cli/filter.h"

#include <string.h>

static bool is_text(aplomb_value map, const char *key, const char *wanted) {
	const char *text = aplomb_value_text(aplomb_value_get(map, key), NULL);
	return text != NULL && strcmp(text, wanted) == 0;
}

static bool has_effect(aplomb_value entry) {
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++)
		if (is_text(aplomb_value_at(items, i, NULL), "do", "effect")) return true;
	return false;
}

bool cli_filter_passes(const cli_filter *filter, aplomb_value entry) {
	if (filter->case_id != NULL && !is_text(entry, "case", filter->case_id)) return false;
	if (aplomb_value_kind(aplomb_value_get(entry, "aplomb")) != APLOMB_ABSENT) return true;
	if (filter->kind != NULL && !is_text(entry, "kind", filter->kind)) return false;
	if (filter->since.is_given || filter->until.is_given) {
		aplomb_instant at;
		if (!tell_entry_at(entry, &at)) return false;
		if (filter->since.is_given && at < filter->since.at) return false;
		if (filter->until.is_given && at > filter->until.at) return false;
	}
	return !filter->effects_only || has_effect(entry);
}
