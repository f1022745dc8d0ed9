/* SPDX-License-Identifier: MIT */
/*
 * Decides how a document becomes files, one for its chart and one for each that
 * it invokes: each is read, looked over as a whole, and written in an order that
 * reads well. What stands before a chart is known only when all charts are
 * written: which events it can be sent depends on the others.
 */

#include "scxml/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
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
		if (!apl_scxml_is_state(which) && which != APL_SCXML_FINAL && which != APL_SCXML_HISTORY) continue;
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

/* Is the attribute's value Lua, or the name of a variable? */
static bool is_lua(const char *attribute) {
	static const char *const names[] = {"cond", "location", "array", "item", "index", "namelist", "idlocation", "id"};
	const size_t size = strlen(attribute);
	if (size >= 4 && strcmp(attribute + size - 4, "expr") == 0) return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], attribute) == 0) return true;
	return false;
}

/* Does a text or an attribute, read as Lua, hold that name? Another chart that stands inside has names of its own. */
static bool is_named(const apl_xml_node *node, const char *name) {
	if (node->kind == APL_XML_TEXT && apl_piece_names(node->text, name)) return true;
	for (uint32_t i = 0; i < node->n_attributes; i++) {
		if (is_lua(node->attributes[i].name) && apl_piece_names(node->attributes[i].value, name)) return true;
	}
	for (const apl_xml_node *child = node->first; child != NULL; child = child->next) {
		if (apl_scxml_element_of(child) != APL_SCXML_SCXML && is_named(child, name)) return true;
	}
	return false;
}

/* ---- the file ---------------------------------------------------------------------------------- */

/* "Order Status" → order-status, behind what stands in [out]. */
static void add_id(apl_buf *out, const char *name, size_t size, const char *otherwise) {
	const size_t begun = out->size;
	for (size_t i = 0; i < size && out->size < begun + 100; i++) {
		char c = name[i];
		if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
		const bool is_letter = c >= 'a' && c <= 'z';
		const bool is_digit = c >= '0' && c <= '9';
		if (out->size == begun && !is_letter) {
			if (is_digit) apl_buf_format(out, begun > 0 ? "%c" : "chart-%c", c);
			continue;
		}
		if (is_letter || is_digit)
			apl_buf_byte(out, c);
		else if (!out->failed && out->bytes[out->size - 1] != '-')
			apl_buf_byte(out, '-');
	}
	while (!out->failed && out->size > begun && out->bytes[out->size - 1] == '-') out->size--;
	if (out->size == begun) apl_buf_text(out, otherwise);
}

/* The last part of the path, without its ending, as an id. */
static void add_id_of_path(apl_buf *out, const char *path) {
	const char *name = apl_file_name(path);
	const char *dot = strrchr(name, '.');
	add_id(out, name, dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name), "chart");
}

/* Does a descriptor of the chart's take the event? Then whoever sends it may: it is declared. A descriptor takes what begins with its
 * words. */
static bool takes(const apl_importing *im, const char *event) {
	if (apl_map_get(&im->descriptors, "*", 1) != NULL) return true;
	for (size_t size = 0; event[size] != '\0';) {
		size += strcspn(event + size, ".");
		if (apl_map_get(&im->descriptors, event, size) != NULL) return true;
		if (event[size] == '.') size++;
	}
	return false;
}

static void write_event(apl_importing *im, const apl_scxml_id *event, const apl_xml_node *from, apl_buf *out) {
	apl_buf_byte(out, '\t');
	apl_mark(out, from);
	apl_buf_format(out, "event %s { data = any {} },\n", apl_piece_quoted(im, event->id, strlen(event->id)));
}

/* Its own, and those of the others' that it listens to. */
static void write_event_names(apl_importing *im, apl_buf *out) {
	const apl_family *family = im->family;
	const uint32_t n_own = im->n_events;
	for (uint32_t i = 0; i < family->n_charts; i++) {
		const apl_importing *other = family->charts[i];
		for (uint32_t e = 0; e < other->n_events && other != im; e++)
			if (takes(im, other->events[e].id)) apl_content_event(im, im->root, other->events[e].id);
	}
	for (uint32_t i = 0; i < n_own; i++) write_event(im, &im->events[i], im->events[i].node, out);
	for (uint32_t i = n_own; i < im->n_events; i++) write_event(im, &im->events[i], im->root, out);
	if (im->n_events > 0) apl_buf_byte(out, '\n');
	apl_ours_declare(im, out);
}

static void write_head(apl_importing *im, apl_buf *out) {
	const char *name = apl_scxml_value(im->root, "name");
	apl_buf_text(out, "-- Brought in from ");
	for (const char *c = apl_file_name(im->path); *c != '\0'; c++) apl_buf_byte(out, *c >= ' ' ? *c : '?');
	apl_buf_text(out, " by `aplomb import`. A name that is not local is a variable of the case.\n\n");
	if (im->needs_module) apl_buf_format(out, "local %s = require \"aplomb.scxml\"\n\n", im->scxml_name);
	apl_buf_add(out, im->functions.bytes, im->functions.size);
	apl_mark(out, im->root);
	apl_buf_format(out, "return playbook \"%s\" {\n", im->id);
	if (name != NULL) apl_buf_format(out, "\ttitle = %s,\n", apl_piece_quoted(im, name, strlen(name)));
	apl_buf_text(out, "\timported = \"scxml\",\n");
	apl_chart_initial(im, im->root, out, 1);
	apl_buf_text(out, "\tdata = { variables = any { default = {} } },\n\n");
	write_event_names(im, out);
}

static void write_file(apl_importing *im, apl_scxml_chart *chart) {
	chart->id = im->id;
	chart->document = im->path;
	apl_buf_init(&chart->text, &im->alloc);
	apl_buf_init(&chart->places, &im->alloc);
	write_head(im, &chart->text);
	apl_buf_add(&chart->text, im->chart.bytes, im->chart.size);
	apl_buf_text(&chart->text, "}\n");
	apl_marks_end(&chart->text, apl_file_name(im->path), &chart->places);
	if (im->chart.failed || im->functions.failed || chart->text.failed || chart->places.failed) im->no_memory = true;
}

/* ---- the family ----------------------------------------------------------------------------- */

enum { MOST_CHARTS = 100 };
#define MOST_BYTES ((size_t)64 << 20)

static apl_importing *add_chart(apl_family *family, const apl_importing *like) {
	apl_importing *im = apl_arena_take(family->arena, sizeof *im);
	const uint32_t count = family->n_charts;
	if (im == NULL || !APL_GROW(&like->alloc, family->charts, count, family->charts_capacity) ||
	    !APL_GROW(&like->alloc, family->sources, count, family->sources_capacity))
		return NULL;
	*im = (apl_importing){.family = family,
	    .path = like->path,
	    .folder = like->folder,
	    .alloc = like->alloc,
	    .arena = like->arena,
	    .syntax = like->syntax,
	    .findings = like->findings};
	apl_buf_init(&im->chart, &im->alloc);
	apl_buf_init(&im->functions, &im->alloc);
	apl_map_init(&im->event_names, &im->alloc);
	apl_map_init(&im->descriptors, &im->alloc);
	apl_map_init(&im->invokes, &im->alloc);
	family->sources[count] = NULL;
	family->charts[count] = im;
	family->n_charts++;
	return im;
}

/* The first id of that beginning that no chart of the family has. */
static const char *free_id(apl_importing *by, apl_buf *id) {
	const apl_family *family = by->family;
	const size_t size = id->size;
	for (unsigned n = 2;; n++) {
		bool is_free = true;
		const char *text = apl_buf_terminate(id);
		for (uint32_t i = 0; i < family->n_charts; i++) is_free = is_free && strcmp(family->charts[i]->id, text) != 0;
		if (is_free || id->failed) return apl_piece_of(by, id);
		id->size = size;
		apl_buf_format(id, "-%u", n);
	}
}

/* "main-name": a chart that is invoked is called after the document that all of it came with. */
static apl_importing *add_invoked(apl_importing *by, const apl_xml_node *from, const char *path, const char *name) {
	apl_family *family = by->family;
	if (family->n_charts >= MOST_CHARTS) {
		apl_found(by->findings, APLOMB_ERROR, "scxml-invoke", apl_scxml_place(by, from),
		    "a document brings at most %d charts along, with those that it invokes; this would be one more", MOST_CHARTS);
		return NULL;
	}
	apl_buf id;
	apl_buf_init(&id, &by->alloc);
	apl_buf_format(&id, "%s-", family->charts[0]->id);
	if (path != NULL)
		add_id_of_path(&id, path);
	else
		add_id(&id, name != NULL ? name : "", name != NULL ? strlen(name) : 0, "child");
	const char *text = free_id(by, &id);
	apl_importing *im = add_chart(family, by);
	if (im == NULL) {
		by->no_memory = true;
		return NULL;
	}
	im->id = text;
	im->is_invoked = true;
	return im;
}

const char *apl_family_inline(apl_importing *by, const apl_xml_node *scxml) {
	const apl_family *family = by->family;
	for (uint32_t i = 0; i < family->n_charts; i++)
		if (family->charts[i]->root == scxml) return family->charts[i]->id;
	apl_importing *im = add_invoked(by, scxml, NULL, apl_scxml_value(scxml, "name"));
	if (im == NULL) return NULL;
	im->root = scxml;
	return im->id;
}

static int read_root(apl_importing *im, const char *text, size_t size, aplomb_error *error) {
	int code = apl_xml_read(&im->root, im->arena, im->path, text, size, im->findings, error);
	if (code != APLOMB_OK) return code;
	if (apl_scxml_element_of(im->root) == APL_SCXML_SCXML) return APLOMB_OK;
	apl_found(im->findings, APLOMB_ERROR, "scxml-element", apl_scxml_place(im, im->root), "the document is a <%s>, not a chart of SCXML",
	    im->root->text);
	return APLOMB_EPLAYBOOK;
}

const char *apl_family_source(apl_importing *by, const apl_xml_node *node, const char *src, bool *is_there) {
	apl_family *family = by->family;
	const char *name = apl_content_source_name(by, src);
	*is_there = true;
	for (uint32_t i = 0; name != NULL && i < family->n_charts; i++)
		if (family->sources[i] != NULL && strcmp(family->sources[i], name) == 0) return family->charts[i]->id;
	apl_buf text, shown;
	apl_buf_init(&text, &by->alloc);
	apl_buf_init(&shown, &by->alloc);
	aplomb_error error = {0};
	const int code = apl_content_read(by, src, &text, &shown, &error);
	apl_importing *im = NULL;
	*is_there = code == APLOMB_OK;
	if (code == APLOMB_ENOMEM || text.failed || shown.failed)
		by->no_memory = true;
	else if (code == APLOMB_OK && (im = add_invoked(by, node, name, NULL)) != NULL) {
		const char *slash = strrchr(name, '/');
		family->sources[family->n_charts - 1] = name;
		im->path = apl_piece(by, shown.size > 0 ? shown.bytes : name, shown.size > 0 ? shown.size : strlen(name));
		im->folder = apl_piece(by, name, slash != NULL ? (size_t)(slash + 1 - name) : 0);
		const int read = read_root(im, text.bytes, text.size, &error);
		if (read == APLOMB_ENOMEM) by->no_memory = true;
		if (read != APLOMB_OK) im->root = NULL; /* told */
	}
	apl_buf_dispose(&shown);
	apl_buf_dispose(&text);
	return im != NULL ? im->id : NULL;
}

/* No state may be called like the whole; those that are invoked have ids that no state has. */
static void keep_id_apart(apl_importing *im) {
	for (uint32_t i = 0; i < im->n_ids && !im->is_invoked && !im->no_memory; i++) {
		if (strcmp(im->ids[i].id, im->id) != 0) continue;
		apl_buf id;
		apl_buf_init(&id, &im->alloc);
		apl_buf_format(&id, "%s-chart", im->id);
		im->id = apl_piece_of(im, &id);
		i = UINT32_MAX; /* from the first one on */
	}
}

static void write_chart(apl_importing *im) {
	if (im->root == NULL) return; /* told */
	apl_scxml_check(im, im->root);
	check_datamodel(im, im->root);
	gather_ids(im, im->root);
	check_ids(im);
	keep_id_apart(im);
	im->case_name = is_named(im->root, "case") ? "_case" : "case";
	im->scxml_name = is_named(im->root, "scxml") ? "_scxml" : "scxml";
	apl_chart_write(im, im->root, &im->chart, &im->functions);
}

static int finish(apl_family *family, apl_scxml_charts *out, apl_importing *first, aplomb_error *error) {
	bool no_memory = false;
	for (uint32_t i = 0; i < family->n_charts; i++) no_memory = no_memory || family->charts[i]->no_memory;
	if (no_memory) return apl_fail_memory(error);
	int code = apl_findings_verdict(first->findings, error);
	if (code != APLOMB_OK) return code;
	out->items = apl_arena_take(&out->arena, family->n_charts * sizeof *out->items);
	if (out->items == NULL) return apl_fail_memory(error);
	size_t size = 0;
	for (uint32_t i = 0; i < family->n_charts && !no_memory && size <= MOST_BYTES; i++) {
		write_file(family->charts[i], &out->items[out->count++]);
		no_memory = family->charts[i]->no_memory;
		size += out->items[i].text.size;
	}
	if (size > MOST_BYTES)
		apl_found(first->findings, APLOMB_ERROR, "scxml-invoke", apl_scxml_place(first, first->root),
		    "the playbooks that this document and what it invokes become are larger than 64 MiB together");
	/* A head says where its chart begins, of which something may be wrong. */
	return no_memory ? apl_fail_memory(error) : apl_findings_verdict(first->findings, error);
}

static int import(apl_family *family, apl_scxml_charts *out, const apl_importing *like, aplomb_error *error) {
	const apl_scxml_options *options = family->options;
	apl_importing *first = add_chart(family, like);
	if (first == NULL) return apl_fail_memory(error);
	apl_buf id;
	apl_buf_init(&id, &first->alloc);
	add_id_of_path(&id, options->path);
	first->id = apl_piece_of(first, &id);
	int code = read_root(first, options->text, options->size, error);
	if (code == APLOMB_EPLAYBOOK) return apl_findings_verdict(first->findings, error);
	if (code != APLOMB_OK) return code;
	for (uint32_t i = 0; i < family->n_charts; i++) write_chart(family->charts[i]);
	return finish(family, out, first, error);
}

int apl_scxml_import(
    apl_scxml_charts *out, const apl_alloc *alloc, const apl_scxml_options *options, apl_findings *findings, aplomb_error *error) {
	apl_syntax *syntax = apl_syntax_new(alloc);
	if (syntax == NULL) return apl_fail_memory(error);
	apl_family family = {.options = options, .arena = &out->arena};
	const apl_importing like = {
	    .path = options->path, .folder = "", .alloc = *alloc, .arena = &out->arena, .syntax = syntax, .findings = findings};
	const int code = import(&family, out, &like, error);
	for (uint32_t i = 0; i < family.n_charts; i++) {
		apl_importing *im = family.charts[i];
		apl_ours_dispose(im);
		apl_free(alloc, im->ids, im->ids_capacity * sizeof *im->ids);
		apl_free(alloc, im->events, im->events_capacity * sizeof *im->events);
		apl_map_dispose(&im->event_names);
		apl_map_dispose(&im->descriptors);
		apl_map_dispose(&im->invokes);
		apl_buf_dispose(&im->functions);
		apl_buf_dispose(&im->chart);
	}
	apl_free(alloc, family.charts, family.charts_capacity * sizeof *family.charts);
	apl_free(alloc, family.sources, family.sources_capacity * sizeof *family.sources);
	apl_syntax_free(syntax);
	return code;
}

void apl_scxml_charts_init(apl_scxml_charts *charts, const apl_alloc *alloc) {
	*charts = (apl_scxml_charts){.count = 0};
	apl_arena_init(&charts->arena, alloc);
}

void apl_scxml_charts_dispose(apl_scxml_charts *charts) {
	for (uint32_t i = 0; i < charts->count; i++) {
		apl_buf_dispose(&charts->items[i].places);
		apl_buf_dispose(&charts->items[i].text);
	}
	apl_arena_dispose(&charts->arena);
	charts->count = 0;
}
