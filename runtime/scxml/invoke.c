/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of <invoke>: the chart that it begins becomes a playbook
 * of its own (import.c), and this the word that begins it. What it hands over
 * lies in the child's variables under _given, from where the child takes what it
 * has a <data> for, and nothing else (SCXML 6.4.3).
 */

#include "scxml/inside.h"

#include <stdio.h>
#include <string.h>

bool apl_invoke_is_own_type(const char *type) {
	static const char url[] = "http://www.w3.org/TR/scxml";
	if (strcmp(type, "scxml") == 0) return true;
	return strncmp(type, url, sizeof url - 1) == 0 && (type[sizeof url - 1] == '\0' || strcmp(type + sizeof url - 1, "/") == 0);
}

const char *apl_invoke_id(apl_importing *im, const apl_xml_node *node, const char *state, uint32_t n) {
	const char *id = apl_scxml_value(node, "id");
	if (id != NULL) return id;
	apl_buf made;
	apl_buf_init(&made, &im->alloc);
	apl_buf_format(&made, "%s.%u", state, (unsigned)n);
	return apl_piece_of(im, &made);
}

static void gather_invokes(apl_importing *im, const apl_xml_node *state) {
	uint32_t n = 0;
	for (const apl_xml_node *child = apl_scxml_some(state->first); child != NULL; child = apl_scxml_some(child->next)) {
		const apl_scxml_element which = apl_scxml_element_of(child);
		if (which == APL_SCXML_INVOKE) apl_note(im, &im->invokes, apl_invoke_id(im, child, apl_scxml_id_of(im, state), ++n));
		if (apl_scxml_is_state(which)) gather_invokes(im, child);
	}
}

bool apl_invoke_exists(apl_importing *im, const char *id) {
	if (!im->knows_invokes) gather_invokes(im, im->root);
	im->knows_invokes = true;
	return apl_map_get(&im->invokes, id, strlen(id)) != NULL;
}

static bool is_blank(const apl_xml_node *text) {
	return strspn(text->text, " \t\r\n") == text->size;
}

/* The one <scxml> in the element, or NULL. */
static const apl_xml_node *chart_inside(apl_importing *im, const apl_xml_node *node) {
	const apl_xml_node *chart = apl_scxml_first(node, APL_SCXML_SCXML);
	if (chart == NULL) return NULL;
	bool is_alone = apl_scxml_next(chart, APL_SCXML_SCXML) == NULL;
	for (const apl_xml_node *child = node->first; child != NULL; child = child->next)
		if (child->kind == APL_XML_TEXT && !is_blank(child)) is_alone = false;
	if (!is_alone)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, chart),
		    "<%s> holds a chart and something else; it holds one value", node->text);
	return chart;
}

const char *apl_invoke_value(apl_importing *im, const apl_xml_node *node) {
	const apl_xml_node *chart = chart_inside(im, node);
	if (chart == NULL) return NULL;
	const char *id = apl_family_inline(im, chart);
	if (id == NULL) return "nil"; /* told */
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	apl_buf_format(&out, "{ scxml = %s }", apl_piece_quoted(im, id, strlen(id)));
	return apl_piece_of(im, &out);
}

/* ---- which chart --------------------------------------------------------------------- */

/* Which playbook: [id], or what the lines of [block] answer. */
typedef struct which {
	const char *id;
	apl_block block;
	bool is_computed;
} which;

static void fail(apl_importing *im, const apl_xml_node *node, const char *what, apl_block *block) {
	apl_block_line(block, "%s", apl_piece_failing(im, node, what));
}

/* Documents beside the chart that texts of its Lua name. */
typedef struct named {
	apl_map names;   /* that were looked for */
	apl_buf sources; /* ["x.scxml"] = "id" of each that is there */
} named;

static void add_named(apl_importing *im, const apl_xml_node *node, const char *lua, named *all) {
	if (strstr(lua, ".scxml") == NULL) return;
	apl_lexer lexer;
	apl_lexer_init(&lexer, lua, strlen(lua));
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		if (token.kind != APL_TOKEN_TEXT) continue;
		apl_buf text;
		apl_buf_init(&text, &im->alloc);
		apl_token_value(lua, &token, &text);
		const char *name = apl_piece_of(im, &text);
		if (strncmp(name, "file:", 5) == 0) name += 5;
		const size_t size = strlen(name);
		if (size <= 6 || strcmp(name + size - 6, ".scxml") != 0 || apl_map_get(&all->names, name, size) != NULL) continue;
		apl_note(im, &all->names, name);
		bool is_there;
		const char *id = apl_family_source(im, node, name, &is_there);
		if (id == NULL) continue;
		if (all->sources.size > 0) APL_BUF_LITERAL(&all->sources, ", ");
		apl_buf_format(&all->sources, "[%s] = %s", apl_piece_quoted(im, name, size), apl_piece_quoted(im, id, strlen(id)));
	}
}

static void gather_named(apl_importing *im, const apl_xml_node *node, named *all) {
	for (uint32_t i = 0; i < node->n_attributes; i++) add_named(im, node, node->attributes[i].value, all);
	for (const apl_xml_node *child = node->first; child != NULL; child = child->next) {
		if (child->kind == APL_XML_TEXT) add_named(im, node, child->text, all);
		if (child->kind == APL_XML_ELEMENT && apl_scxml_element_of(child) != APL_SCXML_SCXML) gather_named(im, child, all);
	}
}

static const char *sources_of(apl_importing *im) {
	if (im->sources != NULL) return im->sources;
	named all;
	apl_map_init(&all.names, &im->alloc);
	apl_buf_init(&all.sources, &im->alloc);
	gather_named(im, im->root, &all);
	apl_map_dispose(&all.names);
	return im->sources = apl_piece_of(im, &all.sources);
}

/* return scxml.chart(…, { ["x.scxml"] = "id" }) */
static void compute(apl_importing *im, const apl_xml_node *node, const char *attribute, which *out) {
	bool failing = false;
	const char *expression = apl_content_expression(im, node, attribute, &failing);
	out->is_computed = true;
	if (failing) {
		fail(im, node, attribute, &out->block);
		return;
	}
	im->needs_module = true;
	const char *list = sources_of(im);
	apl_block_line(&out->block, list[0] != '\0' ? "return %s.chart(%s, { %s })" : "return %s.chart(%s)", im->scxml_name, expression, list);
}

/* The chart that src or <content> names now. */
static void name_chart(apl_importing *im, const apl_xml_node *node, which *out) {
	const char *src = apl_scxml_value(node, "src");
	const apl_xml_node *content = apl_scxml_first(node, APL_SCXML_CONTENT);
	const int ways = (src != NULL) + (apl_scxml_value(node, "srcexpr") != NULL) + (content != NULL);
	if (ways != 1) {
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    ways == 0 ? "<invoke> needs a chart: src, srcexpr or <content>"
		              : "<invoke> has its chart twice: src, srcexpr and <content> are three ways, and one is enough");
		return;
	}
	if (src != NULL) {
		bool is_there;
		out->id = apl_family_source(im, node, src, &is_there);
		if (!is_there)
			apl_found(im->findings, APLOMB_ERROR, "scxml-source", apl_scxml_place(im, node),
			    "<invoke>: src \"%.80s\" is no document that stands beside this one", src);
		return;
	}
	if (content == NULL) {
		compute(im, node, "srcexpr", out);
		return;
	}
	const apl_xml_node *chart = chart_inside(im, content);
	if (chart != NULL && apl_scxml_value(content, "expr") == NULL) {
		out->id = apl_family_inline(im, chart);
	} else if (chart == NULL && apl_scxml_value(content, "expr") != NULL) {
		compute(im, content, "expr", out);
	} else {
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, content),
		    "<content> of <invoke> holds the <scxml> that is begun, or has an expr that is one");
	}
}

/* What is checked before it: is it a chart of SCXML at all? */
static void check_type(apl_importing *im, const apl_xml_node *node, which *out) {
	const char *type = apl_scxml_value(node, "type");
	const char *typeexpr = apl_scxml_value(node, "typeexpr");
	bool failing = false;
	if (type != NULL && typeexpr != NULL)
		apl_found(
		    im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<invoke> has both type and typeexpr; give one of them");
	if (type != NULL && !apl_invoke_is_own_type(type)) {
		apl_found(im->findings, APLOMB_WARNING, "scxml-target", apl_scxml_place(im, node),
		    "<invoke>: type \"%.80s\" is not here, only SCXML's own is; it raises error.execution when it is reached", type);
		apl_block_line(&out->block, "%s.type(%s)", im->scxml_name, apl_piece_quoted(im, type, strlen(type)));
	} else if (typeexpr != NULL) {
		const char *expression = apl_content_expression(im, node, "typeexpr", &failing);
		if (failing)
			fail(im, node, "typeexpr", &out->block);
		else
			apl_block_line(&out->block, "%s.type(%s)", im->scxml_name, expression);
	} else {
		return;
	}
	im->needs_module = true;
	out->is_computed = true;
}

static void write_which(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	which w = {.id = NULL};
	apl_block_init(im, &w.block);
	w.block.at = node;
	check_type(im, node, &w);
	name_chart(im, node, &w);
	if (!w.is_computed) {
		const char *id = w.id != NULL ? w.id : "";
		apl_indent(out, indent);
		apl_mark(out, node);
		apl_buf_format(out, "invoke %s {", apl_piece_quoted(im, id, strlen(id)));
	} else {
		if (w.id != NULL) apl_block_line(&w.block, "return %s", apl_piece_quoted(im, w.id, strlen(w.id)));
		apl_function_write(im, out, indent, (apl_frame){"invoke(", ") {", node}, &w.block);
		if (!out->failed && out->size > 0) out->size--; /* the brace ends the line, not the function */
	}
	apl_block_dispose(&w.block);
}

/* ---- what it is given, and what comes back --------------------------------------------- */

/* data = function(case) … end: idlocation is assigned, and params and namelist are handed over. */
static void write_data(apl_importing *im, const apl_xml_node *node, const char *id, apl_buf *out, unsigned indent) {
	bool failing = false;
	const char *location = apl_scxml_value(node, "idlocation");
	const bool has_data = apl_scxml_value(node, "namelist") != NULL || apl_scxml_first(node, APL_SCXML_PARAM) != NULL;
	if (location != NULL && apl_scxml_value(node, "id") != NULL)
		apl_found(
		    im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<invoke> has both id and idlocation; give one of them");
	if (location == NULL && !has_data) return;
	apl_block block;
	apl_block_init(im, &block);
	block.at = node;
	if (location != NULL) {
		const char *to = apl_piece_checked(im, node, "idlocation", APL_SYNTAX_LOCATION, location);
		if (to == NULL)
			fail(im, node, "idlocation", &block);
		else
			apl_block_line(&block, "%s = %s", to, apl_piece_quoted(im, id, strlen(id)));
	}
	const char *given = has_data ? apl_content_params(im, node, &failing) : NULL;
	if (failing)
		fail(im, node, "namelist", &block);
	else if (given != NULL)
		apl_block_line(&block, "return { variables = { _given = %s } }", given);
	else if (location != NULL)
		apl_block_line(&block, "return {}");
	apl_function_write(im, out, indent, (apl_frame){"data = ", ",", node}, &block);
	apl_block_dispose(&block);
}

static void take_back(apl_importing *im, const char *name, const char *location, apl_block *block) {
	im->needs_module = true;
	apl_block_line(block, "%s = %s.returned(%s, %s)", location, im->scxml_name, apl_piece_quoted(im, name, strlen(name)), location);
}

/* An empty <finalize> takes back what was handed over by its place (SCXML 6.5.2). */
static void write_empty_finalize(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	const char *at = apl_scxml_value(node, "namelist");
	while (at != NULL && *(at += strspn(at, " \t\r\n")) != '\0') {
		const size_t size = strcspn(at, " \t\r\n");
		const char *name = apl_piece(im, at, size);
		if (apl_syntax_check(im->syntax, APL_SYNTAX_LOCATION, name, size) == NULL) take_back(im, name, name, block); /* told */
		at += size;
	}
	const apl_xml_node *param = apl_scxml_first(node, APL_SCXML_PARAM);
	for (; param != NULL; param = apl_scxml_next(param, APL_SCXML_PARAM)) {
		const char *name = apl_scxml_value(param, "name"), *location = apl_scxml_value(param, "location");
		if (name == NULL || location == NULL || apl_syntax_check(im->syntax, APL_SYNTAX_LOCATION, location, strlen(location)) != NULL)
			continue;
		take_back(im, name, location, block);
	}
}

static void write_finalize(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	const apl_xml_node *finalize = apl_scxml_first(node, APL_SCXML_FINALIZE);
	if (finalize == NULL) return;
	if (apl_scxml_next(finalize, APL_SCXML_FINALIZE) != NULL)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, finalize), "<invoke> has two <finalize>; one is enough");
	apl_block block;
	apl_block_init(im, &block);
	block.at = finalize;
	apl_content_write(im, finalize, &block);
	const apl_xml_node *inside = finalize->first;
	while (inside != NULL && inside->kind != APL_XML_ELEMENT) inside = inside->next;
	if (inside == NULL) write_empty_finalize(im, node, &block);
	if (block.n_lines > 0) apl_function_write(im, out, indent, (apl_frame){"finalize = ", ",", finalize}, &block);
	apl_block_dispose(&block);
}

void apl_invoke_write(apl_importing *im, const apl_xml_node *node, const char *state, uint32_t n, apl_buf *out, unsigned indent) {
	const char *id = apl_invoke_id(im, node, state, n);
	const char *forward = apl_scxml_value(node, "autoforward");
	const bool forwards = forward != NULL && strcmp(forward, "true") == 0;
	if (forward != NULL && !forwards && strcmp(forward, "false") != 0)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    "<invoke>: autoforward is \"%.40s\"; it is true or false", forward);
	if (id[strcspn(id, " \t\r\n")] != '\0')
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<invoke>: id \"%.80s\" has a space in it", id);
	apl_buf more;
	apl_buf_init(&more, &im->alloc);
	write_which(im, node, out, indent);
	write_data(im, node, id, &more, indent + 1);
	write_finalize(im, node, &more, indent + 1);
	const char *quoted = apl_piece_quoted(im, id, strlen(id));
	if (more.size == 0) {
		apl_buf_format(out, " id = %s%s },\n", quoted, forwards ? ", autoforward = true" : "");
	} else {
		apl_buf_byte(out, '\n');
		apl_indent(out, indent + 1);
		apl_buf_format(out, "id = %s,\n", quoted);
		if (forwards) {
			apl_indent(out, indent + 1);
			apl_buf_text(out, "autoforward = true,\n");
		}
		apl_buf_add(out, more.bytes, more.size);
		apl_indent(out, indent);
		apl_buf_text(out, "},\n");
	}
	if (more.failed) im->no_memory = true;
	apl_buf_dispose(&more);
}
