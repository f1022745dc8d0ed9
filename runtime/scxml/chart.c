/* SPDX-License-Identifier: MIT */
/*
 * Decides what SCXML's states, transitions and data become, in the order of
 * the document. Data are bound early (all of them when the case opens) or late
 * (each when its state is first entered), and each that can fail has a block of
 * its own: an error leaves it empty and the others alone (SCXML 5.3).
 */

#include "scxml/inside.h"

#include <string.h>

enum { WIDEST = 120, MOST_HINTS = 100 };

void apl_indent(apl_buf *out, unsigned indent) {
	for (unsigned i = 0; i < indent; i++) apl_buf_byte(out, '\t');
}

/* ---- functions ---------------------------------------------------------------------- */

static void write_lines(apl_buf *out, unsigned indent, const apl_block *block) {
	const char *at = block->text.bytes, *end = at + block->text.size;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)(newline - at);
		if (*at == APL_RAW)
			apl_buf_add(out, at + 1, size); /* with its end */
		else {
			if (size > 0) apl_indent(out, indent);
			apl_buf_add(out, at, size + 1);
		}
		at = newline + 1;
	}
}

void apl_function_write(apl_importing *im, apl_buf *out, unsigned indent, apl_frame frame, const apl_block *block) {
	const char *parameter = block->uses_case ? im->case_name : "";
	if (block->text.failed) {
		im->no_memory = true;
		return;
	}
	apl_indent(out, indent);
	apl_mark(out, frame.at);
	apl_buf_text(out, frame.before);
	apl_buf_format(out, "function(%s)", parameter);
	const size_t body = apl_width(block->text.bytes, block->text.size);
	const size_t width = 4 * (size_t)indent + strlen(frame.before) + strlen(parameter) + body + strlen(frame.after) + 16;
	if (block->n_lines == 1 && width <= WIDEST) {
		apl_buf_byte(out, ' ');
		apl_buf_add(out, block->text.bytes, block->text.size - 1);
		apl_buf_byte(out, ' ');
	} else {
		apl_buf_byte(out, '\n');
		write_lines(out, indent + 1, block);
		apl_indent(out, indent);
	}
	apl_buf_text(out, "end");
	apl_buf_text(out, frame.after);
	apl_buf_byte(out, '\n');
}

/* entry(function(case) … end), of all that stands in the element. */
static void write_handler(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent, const char *word) {
	apl_block block;
	apl_block_init(im, &block);
	apl_content_write(im, node, &block);
	if (block.n_lines > 0) apl_function_write(im, out, indent, (apl_frame){word, "),", node}, &block);
	apl_block_dispose(&block);
}

/* ---- names ----------------------------------------------------------------------------- */

static const apl_scxml_id *find_id(const apl_importing *im, const char *id) {
	uint32_t low = 0, high = im->n_ids;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(im->ids[middle].id, id);
		if (order == 0) return &im->ids[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void check_target(apl_importing *im, const apl_xml_node *node, const char *target) {
	if (find_id(im, target) != NULL) return;
	char hint[160];
	apl_nearest nearest = apl_nearest_to(target, strlen(target));
	/* Whoever has so many mistakes reads the first ones. */
	const bool has_few = im->findings->count < MOST_HINTS;
	for (uint32_t i = 0; has_few && i < im->n_ids; i++) apl_nearest_try(&nearest, im->ids[i].id);
	apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<%s>: no state has the id \"%.80s\"%s", node->text,
	    target, apl_nearest_hint(&nearest, hint, sizeof hint));
}

/* What stands in [items], separated by commas: as it is when it is one, otherwise a table. */
static const char *write_list(apl_importing *im, apl_buf *items, uint32_t count) {
	const char *list = apl_piece_of(im, items);
	if (count == 1) return list;
	apl_buf table;
	apl_buf_init(&table, &im->alloc);
	apl_buf_format(&table, "{ %s }", list);
	return apl_piece_of(im, &table);
}

/* Ids separated by spaces: "a", or { "a", "b" }. */
static const char *write_targets(apl_importing *im, const apl_xml_node *node, const char *targets) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	uint32_t count = 0;
	for (const char *at = targets; *(at += strspn(at, " \t\r\n")) != '\0';) {
		size_t size = strcspn(at, " \t\r\n");
		const char *target = apl_piece(im, at, size);
		check_target(im, node, target);
		if (count++ > 0) APL_BUF_LITERAL(&out, ", ");
		apl_buf_text(&out, apl_piece_quoted(im, target, size));
		at += size;
	}
	return write_list(im, &out, count);
}

/* A descriptor as this language has it: "a.*" and "a." are "a", and ".*" is "*". */
static const char *descriptor(apl_importing *im, const char *text, size_t size) {
	if (size >= 2 && memcmp(text + size - 2, ".*", 2) == 0) {
		size -= 2;
	} else if (size >= 1 && text[size - 1] == '.') {
		size -= 1;
	}
	return size == 0 ? "*" : apl_piece(im, text, size);
}

static bool begins_with(const char *text, const char *prefix) {
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const char *write_events(apl_importing *im, const apl_xml_node *node, const char *events) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	uint32_t count = 0;
	for (const char *at = events; *(at += strspn(at, " \t\r\n")) != '\0';) {
		size_t size = strcspn(at, " \t\r\n");
		const char *event = descriptor(im, at, size);
		const bool is_machines = begins_with(event, "error") || begins_with(event, "done") || strcmp(event, "*") == 0;
		if (!is_machines) apl_content_event(im, node, event);
		apl_note(im, &im->descriptors, event);
		if (count++ > 0) APL_BUF_LITERAL(&out, ", ");
		apl_buf_text(&out, apl_piece_quoted(im, event, strlen(event)));
		at += size;
	}
	return write_list(im, &out, count);
}

/* ---- transitions ----------------------------------------------------------------------------- */

/* Each ends in a byte that no text of XML holds, until it is known whether they stand in one line. */
#define END_OF_FIELD '\x1e'
static void add_field(apl_buf *out, const char *name, const char *value) {
	apl_buf_format(out, "%s = %s%c", name, value, END_OF_FIELD);
}

/* The fields, and what is to be done, behind an open brace: in its line when all of it fits there, otherwise a line each. */
static void write_fields(apl_importing *im, const apl_buf *fields, const apl_block *block, apl_buf *out, unsigned indent) {
	apl_buf act;
	apl_buf_init(&act, &im->alloc);
	if (block->n_lines > 0) apl_function_write(im, &act, indent + 1, (apl_frame){"act = ", "", NULL}, block);
	size_t begun = out->size;
	while (begun > 0 && out->bytes[begun - 1] != '\n') begun--;
	const bool has_lines = act.size > 0 && memchr(act.bytes, '\n', act.size - 1) != NULL;
	const size_t width = apl_width(out->bytes + begun, out->size - begun) + fields->size + apl_width(act.bytes, act.size);
	const bool is_narrow = !has_lines && width + 4 * (size_t)indent <= WIDEST;
	if (fields->size + act.size == 0) {
		apl_buf_text(out, "},\n");
	} else if (is_narrow && memchr(fields->bytes, '\n', fields->size) == NULL) {
		for (size_t i = 0, size; i < fields->size; i += size + 1) {
			size = (size_t)((const char *)memchr(fields->bytes + i, END_OF_FIELD, fields->size - i) - (fields->bytes + i));
			apl_buf_text(out, i > 0 ? ", " : " ");
			apl_buf_add(out, fields->bytes + i, size);
		}
		if (act.size > 0) {
			apl_buf_text(out, fields->size > 0 ? ", " : " ");
			apl_buf_add(out, act.bytes + indent + 1, act.size - indent - 2);
		}
		apl_buf_text(out, " },\n");
	} else {
		apl_buf_byte(out, '\n');
		for (size_t i = 0, size; i < fields->size; i += size + 1) {
			size = (size_t)((const char *)memchr(fields->bytes + i, END_OF_FIELD, fields->size - i) - (fields->bytes + i));
			apl_indent(out, indent + 1);
			apl_buf_add(out, fields->bytes + i, size);
			apl_buf_text(out, ",\n");
		}
		if (act.size > 0) {
			apl_buf_add(out, act.bytes, act.size - 1);
			apl_buf_text(out, ",\n");
		}
		apl_indent(out, indent);
		apl_buf_text(out, "},\n");
	}
	if (act.failed) im->no_memory = true;
	apl_buf_dispose(&act);
}

/* Name = function() return … end */
static const char *answering(apl_importing *im, const char *expression, const char *failing) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	if (expression == NULL)
		apl_buf_format(&out, "function() %s end", failing);
	else
		apl_buf_format(&out, "function() return %s end", apl_piece_single(im, expression));
	return apl_piece_of(im, &out);
}

static const char *write_guard(apl_importing *im, const apl_xml_node *node) {
	const char *cond = apl_scxml_value(node, "cond");
	if (cond == NULL) return NULL;
	const char *piece = apl_piece_checked(im, node, "cond", APL_SYNTAX_EXPRESSION, cond);
	return answering(im, piece, piece == NULL ? apl_piece_failing(im, node, "cond") : NULL);
}

/* on "event" { to = …, when = …, act = function(case) … end }, */
static void write_transition(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	const char *event = apl_scxml_value(node, "event");
	const char *target = apl_scxml_value(node, "target");
	const char *type = apl_scxml_value(node, "type");
	const char *guard = write_guard(im, node);
	apl_block block;
	apl_block_init(im, &block);
	apl_content_write(im, node, &block);
	if (event == NULL && target == NULL && guard == NULL)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    "<transition> has neither event, cond nor target, and would be taken for ever");
	if (type != NULL && strcmp(type, "internal") != 0 && strcmp(type, "external") != 0)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    "<transition>: type is \"%.40s\"; it is internal or external", type);
	apl_buf fields;
	apl_buf_init(&fields, &im->alloc);
	if (target != NULL) add_field(&fields, "to", write_targets(im, node, target));
	if (type != NULL && strcmp(type, "internal") == 0) add_field(&fields, "internal", "true");
	if (guard != NULL) add_field(&fields, "when", guard);
	const char *because = apl_ours_value(node, "because");
	if (because != NULL) add_field(&fields, "because", apl_piece_quoted(im, because, strlen(because)));
	apl_indent(out, indent);
	apl_mark(out, node);
	if (event != NULL)
		apl_buf_format(out, "on %s {", write_events(im, node, event));
	else
		apl_buf_text(out, "always {");
	write_fields(im, &fields, &block, out, indent);
	if (fields.failed) im->no_memory = true;
	apl_buf_dispose(&fields);
	apl_block_dispose(&block);
}

/* initial or default = "a", or { to = "a", act = … }: of an attribute, or of a <transition>. */
static void write_start(apl_importing *im, const apl_xml_node *node, const char *name, const char *attribute,
    const apl_xml_node *transition, apl_buf *out, unsigned indent) {
	if (attribute != NULL) {
		apl_indent(out, indent);
		apl_mark(out, node);
		apl_buf_format(out, "%s = %s,\n", name, write_targets(im, node, attribute));
		return;
	}
	const char *target = transition != NULL ? apl_scxml_value(transition, "target") : NULL;
	if (target == NULL) {
		apl_found(
		    im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<%s> needs a <transition> with a target", node->text);
		return;
	}
	if (apl_scxml_value(transition, "event") != NULL || apl_scxml_value(transition, "cond") != NULL)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, transition),
		    "<transition> in <%s> has neither event nor cond: it is always taken", node->text);
	apl_block block;
	apl_block_init(im, &block);
	apl_content_write(im, transition, &block);
	const char *targets = write_targets(im, transition, target);
	apl_indent(out, indent);
	apl_mark(out, transition);
	if (block.n_lines == 0) {
		apl_buf_format(out, "%s = %s,\n", name, targets);
	} else {
		apl_buf_format(out, "%s = {\n", name);
		apl_indent(out, indent + 1);
		apl_buf_format(out, "to = %s,\n", targets);
		apl_function_write(im, out, indent + 1, (apl_frame){"act = ", ",", NULL}, &block);
		apl_indent(out, indent);
		apl_buf_text(out, "},\n");
	}
	apl_block_dispose(&block);
}

void apl_chart_initial(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	const char *attribute = apl_scxml_value(node, "initial");
	const apl_xml_node *initial = apl_scxml_first(node, APL_SCXML_INITIAL);
	if (attribute != NULL && initial != NULL)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, initial),
		    "<%s> has both an attribute and an element that say where it begins; give one of them", node->text);
	if (attribute == NULL && initial == NULL) return;
	const apl_xml_node *transition = initial != NULL ? apl_scxml_first(initial, APL_SCXML_TRANSITION) : NULL;
	write_start(im, initial != NULL ? initial : node, "initial", attribute, transition, out, indent);
}

/* ---- data -------------------------------------------------------------------------------------- */

typedef struct bound {
	const char *name;
	const char *value; /* NULL: it fails */
	const apl_xml_node *node;
} bound;

static const char *text_inside(const apl_xml_node *node, size_t *size) {
	const apl_xml_node *child = node->first;
	while (child != NULL && child->kind != APL_XML_TEXT) child = child->next;
	*size = child != NULL ? child->size : 0;
	return child != NULL ? child->text : "";
}

/* false: there is nothing to be done, for a finding says why. */
static bool read_data(apl_importing *im, const apl_xml_node *node, bound *out) {
	const char *id = apl_scxml_value(node, "id");
	const char *expr = apl_scxml_value(node, "expr");
	const char *src = apl_scxml_value(node, "src");
	size_t size;
	const char *inside = text_inside(node, &size);
	const char *chart = apl_invoke_value(im, node);
	const bool has_text = chart == NULL && size > strspn(inside, " \t\r\n");
	if (id == NULL || !apl_piece_is_name(id, strlen(id)) || id[0] == '_') {
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    "<data>: id \"%.80s\" is no name of a variable of Lua%s", id != NULL ? id : "",
		    id != NULL && id[0] == '_' ? " for you: those with \"_\" are the system's" : "");
		return false;
	}
	if ((expr != NULL) + (src != NULL) + has_text + (chart != NULL) > 1)
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    "<data> has its value twice: expr, src and text in it are "
		    "three ways, and one is enough");
	*out = (bound){id, "nil", node};
	if (expr != NULL) {
		out->value = apl_piece_checked(im, node, "expr", APL_SYNTAX_EXPRESSION, expr);
	} else if (src != NULL) {
		const char *text = apl_content_source(im, node, src);
		if (text == NULL) return false;
		out->value = apl_piece_literal(im, text, strlen(text));
	} else if (has_text) {
		out->value = apl_piece_literal(im, inside, size);
	} else if (chart != NULL) {
		out->value = chart;
	}
	return true;
}

/* [may_be_given]: by whoever invoked the chart. */
static void write_binding(apl_importing *im, const bound *b, bool may_be_given, apl_block *block) {
	apl_buf statement;
	apl_buf_init(&statement, &im->alloc);
	if (b->value != NULL)
		apl_buf_format(&statement, "%s = %s", b->name, b->value);
	else
		apl_buf_text(&statement, apl_piece_failing(im, b->node, "expr"));
	const char *text = apl_piece_of(im, &statement);
	block->at = b->node;
	if (!may_be_given) {
		apl_block_line(block, "%s", text);
		return;
	}
	im->needs_module = true;
	block->uses_case = true;
	apl_block_line(block, "if not %s.given(%s, \"%s\") then %s end", im->scxml_name, im->case_name, b->name, text);
}

/* [first]: of which state, when it happens only the first time that it is entered; NULL: at once. [key]: what the module remembers. */
static void begin_first(apl_importing *im, apl_block *block, const char *first, const char *key) {
	if (first == NULL) return;
	im->needs_module = true;
	block->uses_case = true;
	apl_buf name;
	apl_buf_init(&name, &im->alloc);
	apl_buf_format(&name, "%s%s%s", first, key != NULL ? "." : "", key != NULL ? key : "");
	const char *text = apl_piece_of(im, &name);
	apl_block_line(block, "if %s.first(%s, %s) then", im->scxml_name, im->case_name, apl_piece_quoted(im, text, strlen(text)));
	block->indent++;
}

static void end_entry(apl_importing *im, apl_block *block, const char *first, apl_buf *out, unsigned indent) {
	if (first != NULL && block->n_lines > 0) {
		block->indent--;
		apl_block_line(block, "end");
	}
	if (block->n_lines > 0) apl_function_write(im, out, indent, (apl_frame){"entry(", "),", NULL}, block);
	apl_block_dispose(block);
}

/* The data of one <datamodel>: constants in a row are one block. */
static void write_datamodel(apl_importing *im, const apl_xml_node *model, const char *first, apl_buf *out, unsigned indent) {
	const bool may_be_given = im->is_invoked && model->parent == im->root;
	bool is_open = false;
	apl_block block;
	for (const apl_xml_node *child = apl_scxml_some(model->first); child != NULL; child = apl_scxml_some(child->next)) {
		bound b;
		if (apl_scxml_element_of(child) != APL_SCXML_DATA || !read_data(im, child, &b)) continue;
		bool is_constant = b.value != NULL && apl_piece_is_constant(b.value);
		if (is_open && !is_constant) end_entry(im, &block, first, out, indent);
		if (!is_open || !is_constant) {
			apl_block_init(im, &block);
			begin_first(im, &block, first, b.name);
		}
		is_open = is_constant;
		write_binding(im, &b, may_be_given, &block);
		if (!is_constant) end_entry(im, &block, first, out, indent);
	}
	if (is_open) end_entry(im, &block, first, out, indent);
}

bool apl_scxml_is_state(apl_scxml_element which) {
	return which == APL_SCXML_STATE || which == APL_SCXML_PARALLEL;
}

/* Early binding: all data of the document, in its order. Late: the outermost only. */
static void write_early(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	for (const apl_xml_node *child = apl_scxml_some(node->first); child != NULL; child = apl_scxml_some(child->next)) {
		apl_scxml_element which = apl_scxml_element_of(child);
		if (which == APL_SCXML_DATAMODEL) write_datamodel(im, child, NULL, out, indent);
		if (apl_scxml_is_state(which) && !im->is_late) write_early(im, child, out, indent);
	}
}

/* ---- states -------------------------------------------------------------------------------------- */

static void write_state(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent, bool is_outermost);

static void write_child(apl_importing *im, const apl_xml_node *child, apl_buf *out, unsigned indent, bool is_outermost) {
	if (child->kind == APL_XML_COMMENT) {
		apl_comment_write(child, out, indent);
		return;
	}
	switch (apl_scxml_element_of(child)) {
	case APL_SCXML_STATE:
	case APL_SCXML_PARALLEL:
	case APL_SCXML_FINAL:
	case APL_SCXML_HISTORY: write_state(im, child, out, indent, is_outermost); return;
	case APL_SCXML_TRANSITION: write_transition(im, child, out, indent); return;
	case APL_SCXML_ONENTRY: write_handler(im, child, out, indent, "entry("); return;
	case APL_SCXML_ONEXIT: write_handler(im, child, out, indent, "exit("); return;
	default: return;
	}
}

static void write_children(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	uint32_t n_invokes = 0;
	for (const apl_xml_node *child = apl_scxml_some(node->first); child != NULL; child = apl_scxml_some(child->next)) {
		if (apl_scxml_element_of(child) == APL_SCXML_INVOKE)
			apl_invoke_write(im, child, apl_scxml_id_of(im, node), ++n_invokes, out, indent);
		else
			write_child(im, child, out, indent, false);
	}
}

static void write_donedata(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent) {
	const apl_xml_node *donedata = apl_scxml_first(node, APL_SCXML_DONEDATA);
	if (donedata == NULL) return;
	bool failing = false;
	const char *data = apl_content_data(im, donedata, &failing);
	if (data == NULL && !failing) return;
	const char *failure = failing ? apl_piece_failing(im, donedata, "a value") : NULL;
	apl_indent(out, indent);
	apl_mark(out, donedata);
	apl_buf_format(out, "donedata = %s,\n", answering(im, failing ? NULL : data, failure));
}

/* What stands before the children: fields come first in a table. */
static void write_state_fields(
    apl_importing *im, const apl_xml_node *node, apl_scxml_element which, apl_buf *out, unsigned indent, bool is_outermost) {
	const char *id = apl_scxml_id_of(im, node);
	const char *type = apl_scxml_value(node, "type");
	const char *rests = apl_ours_value(node, "rests");
	if (rests != NULL) {
		apl_indent(out, indent);
		apl_buf_format(out, "rests = %s,\n", apl_piece_quoted(im, rests, strlen(rests)));
	}
	if (which == APL_SCXML_STATE) apl_chart_initial(im, node, out, indent);
	if (which == APL_SCXML_FINAL) {
		const char *outcome = apl_ours_value(node, "outcome");
		if (outcome == NULL) outcome = id;
		if (is_outermost && outcome[0] != '\0') {
			apl_indent(out, indent);
			apl_buf_format(out, "outcome = %s,\n", apl_piece_quoted(im, outcome, strlen(outcome)));
		}
		write_donedata(im, node, out, indent);
	}
	if (which == APL_SCXML_HISTORY) {
		if (type != NULL && strcmp(type, "deep") == 0) {
			apl_indent(out, indent);
			apl_buf_text(out, "deep = true,\n");
		} else if (type != NULL && strcmp(type, "shallow") != 0) {
			apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
			    "<history>: type is \"%.40s\"; it is shallow or deep", type);
		}
		write_start(im, node, "default", NULL, apl_scxml_first(node, APL_SCXML_TRANSITION), out, indent);
	}
	const apl_xml_node *model = im->is_late ? apl_scxml_first(node, APL_SCXML_DATAMODEL) : NULL;
	for (; model != NULL; model = apl_scxml_next(model, APL_SCXML_DATAMODEL)) write_datamodel(im, model, id, out, indent);
}

/* "{\n\ta = 1,\n}" with one short line in it becomes "{ a = 1 }". */
static void close_table(apl_buf *out, size_t begun, unsigned indent) {
	if (out->failed) return;
	size_t size = out->size - begun; /* from behind the brace */
	const char *inside = out->bytes + begun;
	if (size == 0) {
		apl_buf_text(out, "},\n");
		return;
	}
	const bool is_one =
	    size > 2 && memchr(inside, '\n', size - 1) == NULL && apl_width(inside, size) < 90 && memmem(inside, size, "--", 2) == NULL;
	if (is_one) {
		size_t from = begun;
		while (out->bytes[from] == '\t') from++;
		size_t kept = out->size - from - 1; /* without the line's end */
		if (kept > 0 && out->bytes[from + kept - 1] == ',') kept--;
		memmove(out->bytes + begun + 1, out->bytes + from, kept);
		out->bytes[begun] = ' ';
		out->size = begun + 1 + kept;
		apl_buf_text(out, " },\n");
		return;
	}
	char first = '\n';
	char *room = apl_buf_reserve(out, 1);
	if (room == NULL) return;
	memmove(out->bytes + begun + 1, out->bytes + begun, size);
	out->bytes[begun] = first;
	out->size++;
	apl_indent(out, indent);
	apl_buf_text(out, "},\n");
}

static void write_state(apl_importing *im, const apl_xml_node *node, apl_buf *out, unsigned indent, bool is_outermost) {
	static const char *const words[APL_SCXML_ELEMENTS] = {
	    [APL_SCXML_STATE] = "state", [APL_SCXML_PARALLEL] = "parallel", [APL_SCXML_FINAL] = "final", [APL_SCXML_HISTORY] = "history"};
	apl_scxml_element which = apl_scxml_element_of(node);
	const char *id = apl_scxml_id_of(im, node);
	apl_indent(out, indent);
	apl_mark(out, node);
	apl_buf_format(out, "%s %s {", words[which], apl_piece_quoted(im, id, strlen(id)));
	size_t begun = out->size;
	write_state_fields(im, node, which, out, indent + 1, is_outermost);
	if (which != APL_SCXML_HISTORY) write_children(im, node, out, indent + 1);
	close_table(out, begun, indent);
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static void write_script(apl_importing *im, const apl_xml_node *node, apl_buf *out, apl_buf *functions) {
	static const char *const taken[] = {
	    "playbook", "state", "parallel", "final", "history", "on", "always", "entry", "exit", "event", "any", "require", "error"};
	apl_script script;
	if (!apl_content_script_of(im, node, &script)) return;
	const char *hoisted = NULL;
	apl_block block;
	apl_block_init(im, &block);
	/* What is no Lua is told, and fails, as a whole. */
	if (apl_syntax_check(im->syntax, APL_SYNTAX_STATEMENTS, script.text, script.size) == NULL) {
		script.text = apl_piece_hoist(im, &script, &hoisted);
		script.size = strlen(script.text);
	}
	block.at = node;
	apl_content_script(im, node, &script, &block);
	if (block.n_lines > 0) apl_function_write(im, out, 1, (apl_frame){"entry(", "),", node}, &block);
	apl_block_dispose(&block);
	if (hoisted == NULL) return;
	apl_buf_text(functions, hoisted);
	const char *line_end = strchr(hoisted, '\n');
	const char *names = apl_piece(im, hoisted, (size_t)(line_end - hoisted));
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (apl_piece_names(names, taken[i]))
			apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
			    "<script>: a function is called %s, as a word of this language is; give it another name", taken[i]);
	}
}

void apl_chart_write(apl_importing *im, const apl_xml_node *root, apl_buf *out, apl_buf *functions) {
	write_early(im, root, out, 1);
	const apl_xml_node *script = apl_scxml_first(root, APL_SCXML_SCRIPT);
	for (; script != NULL; script = apl_scxml_next(script, APL_SCXML_SCRIPT)) write_script(im, script, out, functions);
	bool is_first = out->size == 0;
	for (const apl_xml_node *child = apl_scxml_some(root->first); child != NULL; child = apl_scxml_some(child->next)) {
		apl_scxml_element which = apl_scxml_element_of(child);
		if (which == APL_SCXML_DATAMODEL || which == APL_SCXML_SCRIPT) continue;
		if (!is_first && which != APL_SCXML_NONE) apl_buf_byte(out, '\n');
		is_first = false;
		write_child(im, child, out, 1, true);
	}
}
