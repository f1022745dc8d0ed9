/* SPDX-License-Identifier: MIT */
/*
 * Decides which functions a document brings along for what its playbook meant
 * and Lua does not: those that its expressions call, and those that these call.
 * What they do stands in export_helpers.lua.
 */
#include "scxml/export_inside.h"

#include <string.h>

#include "base/assert.h"
#include "scxml/export_helpers_text.h"

/* ---- fields of events, and their defaults ---------------------------------------------------- */

/* The function's text in the library, from its word to its end. */
static const char *find_helper(apl_lua_helper helper, size_t *size) {
	const char *name = apl_lua_helper_name(helper);
	const size_t length = strlen(name);
	const char *at = apl_export_helpers_text;
	while ((at = strstr(at, "function ")) != NULL) {
		const char *called = at + strlen("function ");
		if (strncmp(called, name, length) == 0 && called[length] == '(') break;
		at = called;
	}
	const char *end = at != NULL ? strstr(at, "\nend\n") : NULL;
	APL_ASSERT(end != NULL);
	*size = (size_t)(end + strlen("\nend\n") - at);
	return at;
}

static void add_defaults(apl_exporting *ex, apl_buf *out) {
	bool has_defaults = false;
	for (int32_t e = 0; e < (int32_t)ex->chart->n_events; e++) {
		const apl_schema *schema = ex->program->events[e];
		bool is_named = false;
		for (uint32_t i = 0; i < ex->n_looked_at && schema != NULL; i++) {
			if (ex->looked_at[i].schema != schema || !ex->chart->events[e].declared) continue;
			const apl_field *field = &schema->fields[ex->looked_at[i].field];
			if (!field->has_default) continue;
			if (!has_defaults) APL_BUF_LITERAL(out, "\tif value == nil and _event ~= nil then\n\t\tlocal defaults = {\n");
			has_defaults = true;
			if (!is_named) apl_buf_format(out, "\t\t\t['%s'] = {", ex->chart->events[e].name);
			apl_buf_format(out, "%s ['%s'] = ", is_named ? "," : "", field->path);
			is_named = true;
			apl_export_value(schema, ex->looked_at[i].field, out);
		}
		if (is_named) APL_BUF_LITERAL(out, " },\n");
	}
	if (!has_defaults) return;
	APL_BUF_LITERAL(out, "\t\t}\n\t\tlocal own = defaults[_event.name]\n\t\tif own then value = own[path] end\n\tend\n");
}

/* The one that knows what events carry when nobody said it. */
static void add_carried(apl_exporting *ex, apl_buf *out) {
	static const char mark[] = "\t-- defaults\n";
	size_t size;
	const char *text = find_helper(APL_HELPER_CARRIED, &size);
	const char *at = strstr(text, mark);
	APL_ASSERT(at != NULL);
	apl_buf_add(out, text, (size_t)(at - text));
	add_defaults(ex, out);
	apl_buf_add(out, at + sizeof mark - 1, size - (size_t)(at - text) - (sizeof mark - 1));
}

static bool calls(const char *text, size_t size, const char *name) {
	const size_t length = strlen(name);
	for (size_t i = 1; i + length < size; i++) {
		const char before = text[i - 1];
		const bool is_begun = !(before >= 'a' && before <= 'z') && !(before >= 'A' && before <= 'Z') && before != '_';
		if (is_begun && strncmp(text + i, name, length) == 0 && text[i + length] == '(') return true;
	}
	return false;
}

/* Those that this one calls. */
static void need_called(apl_exporting *ex, apl_lua_helper helper) {
	size_t size;
	const char *text = find_helper(helper, &size);
	for (int i = 0; i < APL_HELPERS; i++)
		if (calls(text, size, apl_lua_helper_name((apl_lua_helper)i))) apl_export_needs(ex, (apl_lua_helper)i);
}

void apl_export_helpers(apl_exporting *ex, apl_buf *out) {
	for (uint64_t before = 0; before != ex->helpers;) {
		before = ex->helpers;
		for (int i = 0; i < APL_HELPERS; i++)
			if ((before >> i & 1) != 0) need_called(ex, (apl_lua_helper)i);
	}
	for (int i = 0; i < APL_HELPERS; i++) {
		if ((ex->helpers >> i & 1) == 0) continue;
		if (out->size > 0) apl_buf_byte(out, '\n');
		if (i == APL_HELPER_CARRIED) {
			add_carried(ex, out);
			continue;
		}
		size_t size;
		const char *text = find_helper((apl_lua_helper)i, &size);
		apl_buf_add(out, text, size);
	}
}
