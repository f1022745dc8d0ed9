/* SPDX-License-Identifier: MIT */
/*
 * Decides how a document becomes a file: it is read, looked over as a whole,
 * and written in an order that reads well; what stands before the chart is
 * known only when the chart is written.
 */

#include "scxml/import.h"

#include <stdlib.h>
#include <string.h>

#include "scxml/inside.h"

bool apl_scxml_is(const char *text, size_t size) {
	const unsigned char *bytes = (const unsigned char *)text;
	if (size >= 2 && ((bytes[0] == 0xFE && bytes[1] == 0xFF) || (bytes[0] == 0xFF && bytes[1] == 0xFE))) return true; /* UTF-16 */
	if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
		bytes += 3;
		size -= 3;
	}
	while (size > 0 && strchr(" \t\r\n", *bytes) != NULL && *bytes != '\0') bytes++, size--;
	return size > 0 && *bytes == '<';
}

/* ---- the document as a whole ----------------------------------------------------------------- */

static void gather_ids(apl_importing *im, const apl_xml_node *node) {
	for (const apl_xml_node *child = apl_scxml_some(node->first); child != NULL; child = apl_scxml_some(child->next)) {
		apl_scxml_element which = apl_scxml_element_of(child);
		if (which != APL_SCXML_STATE && which != APL_SCXML_PARALLEL && which != APL_SCXML_FINAL && which != APL_SCXML_HISTORY) continue;
		if (!APL_GROW(&im->alloc, im->ids, im->n_ids, im->ids_capacity)) {
			im->no_memory = true;
			return;
		}
		const char *id = apl_scxml_id_of(im, child);
		im->ids[im->n_ids++] = (apl_scxml_id){id, child};
		if (id[strcspn(id, " \t\r\n")] != '\0')
			apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, child), "<%s>: id \"%.80s\" has a space in it",
			    child->text, id);
		gather_ids(im, child);
	}
}

static int by_id(const void *a, const void *b) {
	const apl_scxml_id *one = a, *other = b;
	int order = strcmp(one->id, other->id);
	if (order != 0) return order;
	if (one->node->line != other->node->line) return one->node->line < other->node->line ? -1 : 1;
	return one->node->column < other->node->column ? -1 : 1;
}

static void check_ids(apl_importing *im) {
	if (im->n_ids > 0) qsort(im->ids, im->n_ids, sizeof *im->ids, by_id);
	for (uint32_t i = 1; i < im->n_ids; i++) {
		if (strcmp(im->ids[i].id, im->ids[i - 1].id) != 0) continue;
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, im->ids[i].node),
		    "<%s>: another state has the id \"%.80s\", in line %u", im->ids[i].node->text, im->ids[i].id,
		    (unsigned)im->ids[i - 1].node->line);
	}
}

static void check_datamodel(apl_importing *im, const apl_xml_node *root) {
	const char *model = apl_scxml_value(root, "datamodel");
	const char *binding = apl_scxml_value(root, "binding");
	if (model != NULL && strcmp(model, "lua") != 0 && strcmp(model, "null") != 0)
		apl_found(im->findings, APLOMB_ERROR, "scxml-datamodel", apl_scxml_place(im, root),
		    "the data model is \"%.40s\"; only \"lua\" and \"null\" are carried over", model);
	if (binding != NULL && strcmp(binding, "early") != 0 && strcmp(binding, "late") != 0)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, root),
		    "<scxml>: binding is \"%.40s\"; it is early or late", binding);
	im->is_late = binding != NULL && strcmp(binding, "late") == 0;
}

/* Does a text or an attribute, read as Lua, hold that name? */
static bool is_named(const apl_xml_node *node, const char *name) {
	if (node->kind == APL_XML_TEXT && apl_piece_names(node->text, name)) return true;
	for (uint32_t i = 0; i < node->n_attributes; i++) {
		if (apl_piece_names(node->attributes[i].value, name)) return true;
	}
	for (const apl_xml_node *child = node->first; child != NULL; child = child->next) {
		if (is_named(child, name)) return true;
	}
	return false;
}

/* ---- the file ---------------------------------------------------------------------------------- */

/* The last part of the path, without its ending, as an id: "Order Status.scxml" → order-status */
static const char *make_id(apl_importing *im) {
	const char *path = im->options->path;
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	size_t size = dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name);
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	for (size_t i = 0; i < size && out.size < 100; i++) {
		char c = name[i];
		if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
		const bool is_letter = c >= 'a' && c <= 'z';
		const bool is_digit = c >= '0' && c <= '9';
		if (out.size == 0 && !is_letter) {
			if (is_digit) apl_buf_format(&out, "chart-%c", c);
			continue;
		}
		if (is_letter || is_digit)
			apl_buf_byte(&out, c);
		else if (out.bytes[out.size - 1] != '-')
			apl_buf_byte(&out, '-');
	}
	while (!out.failed && out.size > 0 && out.bytes[out.size - 1] == '-') out.size--;
	if (out.size == 0) apl_buf_text(&out, "chart");
	return apl_piece_of(im, &out);
}

static void write_head(apl_importing *im, const apl_xml_node *root, const apl_buf *functions, apl_buf *out) {
	const char *name = apl_scxml_value(root, "name");
	const char *document = apl_file_name(im->options->path);
	apl_buf_text(out, "-- Brought in from ");
	for (const char *c = document; *c != '\0'; c++) apl_buf_byte(out, *c >= ' ' ? *c : '?');
	apl_buf_text(out, " by `aplomb import`. A name that is not local is a variable of the case.\n\n");
	if (im->needs_module) apl_buf_format(out, "local %s = require \"aplomb.scxml\"\n\n", im->scxml_name);
	apl_buf_add(out, functions->bytes, functions->size);
	apl_mark(out, root);
	apl_buf_format(out, "return playbook \"%s\" {\n", make_id(im));
	if (name != NULL) apl_buf_format(out, "\ttitle = %s,\n", apl_piece_quoted(im, name, strlen(name)));
	apl_buf_text(out, "\timported = \"scxml\",\n");
	apl_chart_initial(im, root, out, 1);
	apl_buf_text(out, "\tdata = { variables = any { default = {} } },\n\n");
	for (uint32_t i = 0; i < im->n_events; i++) {
		apl_buf_byte(out, '\t');
		apl_mark(out, im->events[i].node);
		apl_buf_format(out, "event %s { data = any {} },\n", apl_piece_quoted(im, im->events[i].id, strlen(im->events[i].id)));
	}
	if (im->n_events > 0) apl_buf_byte(out, '\n');
}

static void write_file(apl_importing *im, const apl_xml_node *root, apl_buf *out) {
	apl_buf chart, functions;
	apl_buf_init(&chart, &im->alloc);
	apl_buf_init(&functions, &im->alloc);
	apl_chart_write(im, root, &chart, &functions);
	write_head(im, root, &functions, out);
	apl_buf_add(out, chart.bytes, chart.size);
	apl_buf_text(out, "}\n");
	if (chart.failed || functions.failed || out->failed) im->no_memory = true;
	apl_buf_dispose(&functions);
	apl_buf_dispose(&chart);
}

static int import(apl_importing *im, apl_buf *out, apl_buf *places, aplomb_error *error) {
	const size_t begun = out->size;
	const apl_xml_node *root;
	int code = apl_xml_read(&root, &im->arena, im->options->path, im->options->text, im->options->size, im->findings, error);
	if (code != APLOMB_OK) return code;
	if (apl_scxml_element_of(root) != APL_SCXML_SCXML) {
		apl_found(im->findings, APLOMB_ERROR, "scxml-element", apl_scxml_place(im, root), "the document is a <%s>, not a chart of SCXML",
		    root->text);
		return apl_findings_verdict(im->findings, error);
	}
	apl_scxml_check(im, root);
	check_datamodel(im, root);
	gather_ids(im, root);
	check_ids(im);
	im->case_name = is_named(root, "case") ? "_case" : "case";
	im->scxml_name = is_named(root, "scxml") ? "_scxml" : "scxml";
	write_file(im, root, out);
	apl_marks_end(out, begun, apl_file_name(im->options->path), places);
	if (places != NULL && places->failed) im->no_memory = true;
	return im->no_memory ? apl_fail_memory(error) : apl_findings_verdict(im->findings, error);
}

int apl_scxml_import(
    apl_buf *out, apl_buf *places, const apl_alloc *alloc, const apl_scxml_options *options, apl_findings *findings, aplomb_error *error) {
	apl_importing im = {.options = options, .alloc = *alloc, .findings = findings};
	im.syntax = apl_syntax_new(alloc);
	if (im.syntax == NULL) return apl_fail_memory(error);
	apl_arena_init(&im.arena, alloc);
	int code = import(&im, out, places, error);
	apl_free(alloc, im.ids, im.ids_capacity * sizeof *im.ids);
	apl_free(alloc, im.events, im.events_capacity * sizeof *im.events);
	apl_syntax_free(im.syntax);
	apl_arena_dispose(&im.arena);
	return code;
}
