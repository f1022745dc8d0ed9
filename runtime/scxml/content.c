/* SPDX-License-Identifier: MIT */
/*
 * Decides which statements of Lua SCXML's executable content becomes. What is
 * known now is written out, so that it reads as somebody would write it; what is
 * known only when it happens goes through the module aplomb.scxml.
 */

#include "scxml/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lua/lexer.h"
#include "time/instant.h"
#include "value/json.h"

#define PROCESSOR "http://www.w3.org/TR/scxml/#SCXMLEventProcessor"
enum { WIDEST = 120 };
/* Between fields, until it is known whether they stand in one line: no text of XML holds the second byte. */
#define BETWEEN ",\x1e"

/* ---- blocks ---------------------------------------------------------------------- */

void apl_block_init(apl_importing *im, apl_block *block) {
	*block = (apl_block){.n_lines = 0};
	apl_buf_init(&block->text, &im->alloc);
}

void apl_block_dispose(apl_block *block) {
	apl_buf_dispose(&block->text);
}

static void begin_line(apl_block *block) {
	for (unsigned i = 0; i < block->indent; i++) apl_buf_byte(&block->text, '\t');
	apl_mark(&block->text, block->at);
	block->at = NULL;
	block->n_lines++;
}

void apl_block_line(apl_block *block, const char *format, ...) {
	char short_text[512];
	va_list values;
	va_start(values, format);
	int size = vsnprintf(short_text, sizeof short_text, format, values);
	va_end(values);
	begin_line(block);
	if (size < 0) size = 0;
	char *room = apl_buf_reserve(&block->text, (size_t)size + 2);
	if (room == NULL) return;
	va_start(values, format);
	vsnprintf(room, (size_t)size + 1, format, values);
	va_end(values);
	for (int i = 0; i < size; i++) block->n_lines += room[i] == '\n';
	room[size] = '\n';
	block->text.size += (size_t)size + 1;
}

/* "-- " before each of its lines. */
void apl_comment_write(const apl_xml_node *node, apl_buf *out, unsigned indent) {
	const char *at = node->text, *end = node->text + node->size;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end;
		const char *from = at;
		while (from < stop && strchr(" \t\r", *from) != NULL) from++;
		const char *to = stop;
		while (to > from && strchr(" \t\r", to[-1]) != NULL) to--;
		if (to > from) {
			apl_indent(out, indent);
			APL_BUF_LITERAL(out, "-- ");
			apl_buf_add(out, from, (size_t)(to - from));
			apl_buf_byte(out, '\n');
		}
		at = stop + 1;
	}
}

static void write_comment(const apl_xml_node *node, apl_block *block) {
	size_t before = block->text.size;
	apl_comment_write(node, &block->text, block->indent);
	for (size_t i = before; i < block->text.size; i++) block->n_lines += block->text.bytes[i] == '\n';
	if (block->text.size > before) block->n_lines++; /* a comment is no function's only line: it would take the end with it */
}

void apl_note(apl_importing *im, apl_map *names, const char *name) {
	if (!apl_map_put(names, name, strlen(name), (void *)(uintptr_t)name)) im->no_memory = true;
}

void apl_content_event(apl_importing *im, const apl_xml_node *node, const char *name) {
	if (apl_map_get(&im->event_names, name, strlen(name)) != NULL) return;
	apl_note(im, &im->event_names, name);
	if (APL_GROW(&im->alloc, im->events, im->n_events, im->events_capacity))
		im->events[im->n_events++] = (apl_scxml_id){name, node};
	else
		im->no_memory = true;
}

static void value_missing(apl_importing *im, const apl_xml_node *node, const char *what) {
	apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<%s> needs %s", node->text, what);
}

/* Only one of two may be given. */
static void not_both(apl_importing *im, const apl_xml_node *node, const char *one, const char *other) {
	if (apl_scxml_value(node, one) == NULL || apl_scxml_value(node, other) == NULL) return;
	apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<%s> has both %s and %s; give one of them", node->text,
	    one, other);
}

const char *apl_content_expression(apl_importing *im, const apl_xml_node *node, const char *name, bool *failing) {
	const char *text = apl_scxml_value(node, name);
	if (text == NULL) return NULL;
	const char *piece = apl_piece_checked(im, node, name, APL_SYNTAX_EXPRESSION, text);
	if (piece == NULL) *failing = true;
	return piece;
}

/* The attribute as a text, or the expression in the other one. */
static const char *text_or_expression(
    apl_importing *im, const apl_xml_node *node, const char *name, const char *name_of_expression, bool *failing) {
	not_both(im, node, name, name_of_expression);
	const char *text = apl_scxml_value(node, name);
	return text != NULL ? apl_piece_quoted(im, text, strlen(text)) : apl_content_expression(im, node, name_of_expression, failing);
}

/* All text in the element, comments left out. */
static const char *text_inside(apl_importing *im, const apl_xml_node *node) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	for (const apl_xml_node *child = node->first; child != NULL; child = child->next) {
		if (child->kind == APL_XML_TEXT) apl_buf_add(&out, child->text, child->size);
	}
	return apl_piece_of(im, &out);
}

static bool is_blank(const char *text) {
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* XML holds neither, so what is put together from it may tell its parts apart by such bytes. */
static bool is_text(const char *bytes, size_t size) {
	for (size_t i = 0; i < size; i++) {
		if ((unsigned char)bytes[i] < ' ' && strchr("\t\r\n", bytes[i]) == NULL) return false;
		if (bytes[i] == '\0') return false;
	}
	return apl_utf8_valid(bytes, size) == size;
}

const char *apl_content_source_name(apl_importing *im, const char *src) {
	const char *name = strncmp(src, "file:", 5) == 0 ? src + 5 : src;
	if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL || strpbrk(name, ":\\") != NULL) return NULL;
	apl_buf whole;
	apl_buf_init(&whole, &im->alloc);
	apl_buf_format(&whole, "%s%s", im->folder, name);
	return apl_piece_of(im, &whole);
}

int apl_content_read(apl_importing *im, const char *src, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	const char *name = apl_content_source_name(im, src);
	const apl_lua_reader *reader = im->family->options->reader;
	if (name == NULL) return APLOMB_EINVAL;
	if (reader == NULL || reader->read_beside == NULL) return APLOMB_ENOTFOUND;
	return reader->read_beside(reader->self, name, APL_XML_MOST_BYTES, text, shown, error);
}

const char *apl_content_source(apl_importing *im, const apl_xml_node *node, const char *src) {
	apl_buf text, shown;
	apl_buf_init(&text, &im->alloc);
	apl_buf_init(&shown, &im->alloc);
	aplomb_error error = {0};
	int code = apl_content_read(im, src, &text, &shown, &error);
	apl_buf_dispose(&shown);
	const bool is_good = code == APLOMB_OK && !text.failed && is_text(text.bytes, text.size);
	if (is_good) return apl_piece_of(im, &text);
	if (code == APLOMB_ENOMEM || text.failed)
		im->no_memory = true;
	else if (code == APLOMB_OK)
		apl_found(im->findings, APLOMB_ERROR, "scxml-source", apl_scxml_place(im, node),
		    "<%s>: src \"%.80s\" is no text: it holds a control character, or is not UTF-8", node->text, src);
	else if (code == APLOMB_EINVAL)
		apl_found(im->findings, APLOMB_ERROR, "scxml-source", apl_scxml_place(im, node),
		    "<%s>: src is \"%.80s\"; only files beside the document are read, by their plain names", node->text, src);
	else
		apl_found(im->findings, APLOMB_ERROR, "scxml-source", apl_scxml_place(im, node), "<%s>: src \"%.80s\" %s", node->text, src,
		    code == APLOMB_EIO ? error.message : "is not there beside the document");
	apl_buf_dispose(&text);
	return NULL;
}

/* ---- values ------------------------------------------------------------------------ */

/* One member of a message; several of one name become a list, in their order. */
typedef struct member {
	const char *name;
	apl_buf values; /* with commas between them */
	uint32_t count;
	bool may_fail;
} member;

typedef struct members {
	member *items;
	uint32_t count, capacity;
	apl_map numbers; /* name → how many there were before it, and one */
} members;

static member *member_of(apl_importing *im, members *all, const char *name) {
	const uintptr_t number = (uintptr_t)apl_map_get(&all->numbers, name, strlen(name));
	if (number != 0) return &all->items[number - 1];
	if (!APL_GROW(&im->alloc, all->items, all->count, all->capacity) ||
	    !apl_map_put(&all->numbers, name, strlen(name), (void *)(uintptr_t)(all->count + 1))) {
		im->no_memory = true;
		return NULL;
	}
	member *made = &all->items[all->count++];
	*made = (member){.name = name};
	apl_buf_init(&made->values, &im->alloc);
	return made;
}

static void add_member(apl_importing *im, members *all, const char *name, const char *value, bool may_fail) {
	member *to = member_of(im, all, name);
	if (to == NULL) return;
	if (to->count++ > 0) APL_BUF_LITERAL(&to->values, ", ");
	apl_buf_text(&to->values, value);
	to->may_fail = to->may_fail || may_fail;
}

static void add_names(apl_importing *im, const apl_xml_node *node, members *all, bool *failing) {
	const char *at = apl_scxml_value(node, "namelist");
	while (at != NULL && *(at += strspn(at, " \t\r\n")) != '\0') {
		size_t size = strcspn(at, " \t\r\n");
		const char *name = apl_piece(im, at, size);
		const char *value = apl_piece_checked(im, node, "namelist", APL_SYNTAX_LOCATION, name);
		if (value == NULL)
			*failing = true;
		else
			add_member(im, all, name, value, false);
		at += size;
	}
}

/* One that fails raises its error and is left out, and the others are there (SCXML 5.7.1). */
static void add_param(apl_importing *im, const apl_xml_node *param, members *all) {
	const char *name = apl_scxml_value(param, "name");
	if (name == NULL) {
		value_missing(im, param, "a name");
		return;
	}
	not_both(im, param, "expr", "location");
	const char *location = apl_scxml_value(param, "location");
	const char *what = location != NULL ? "location" : "expr";
	if (location == NULL && apl_scxml_value(param, "expr") == NULL) {
		value_missing(im, param, "expr or location");
		return;
	}
	const apl_syntax_form form = location != NULL ? APL_SYNTAX_LOCATION : APL_SYNTAX_EXPRESSION;
	const char *value = apl_piece_checked(im, param, what, form, location != NULL ? location : apl_scxml_value(param, "expr"));
	if (value == NULL)
		add_member(im, all, name, apl_piece_tried_failing(im, apl_piece_failing(im, param, what)), true);
	else
		add_member(im, all, name, apl_piece_tried(im, value), !apl_piece_cannot_fail(value));
}

static const char *write_members(apl_importing *im, members *all) {
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	bool may_all_fail = all->count > 0;
	for (uint32_t i = 0; i < all->count; i++) may_all_fail = may_all_fail && all->items[i].may_fail;
	if (may_all_fail) apl_buf_format(&out, "%s.data(", im->scxml_name);
	APL_BUF_LITERAL(&out, "{ ");
	for (uint32_t i = 0; i < all->count; i++) {
		member *m = &all->items[i];
		if (i > 0) APL_BUF_LITERAL(&out, ", ");
		if (m->values.failed) im->no_memory = true;
		const char *value = apl_buf_terminate(&m->values);
		if (m->count > 1) {
			apl_buf list;
			apl_buf_init(&list, &im->alloc);
			if (m->may_fail)
				apl_buf_format(&list, "%s.list(%s)", im->scxml_name, value);
			else
				apl_buf_format(&list, "{ %s }", value);
			value = apl_piece_of(im, &list);
		}
		apl_piece_member(im, &out, m->name, value);
	}
	apl_buf_text(&out, may_all_fail ? " })" : " }");
	return apl_piece_of(im, &out);
}

const char *apl_content_data(apl_importing *im, const apl_xml_node *node, bool *failing) {
	const apl_xml_node *content = apl_scxml_first(node, APL_SCXML_CONTENT);
	const apl_xml_node *param = apl_scxml_first(node, APL_SCXML_PARAM);
	const bool has_names = apl_scxml_value(node, "namelist") != NULL;
	if (content != NULL && (param != NULL || has_names))
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, content),
		    "<%s> has both <content> and <param> or namelist; give one of them", node->text);
	if (content != NULL) {
		const char *inside = text_inside(im, content);
		const char *chart = apl_invoke_value(im, content);
		if (chart != NULL) return chart;
		if (apl_scxml_value(content, "expr") == NULL) return apl_piece_literal(im, inside, strlen(inside));
		if (!is_blank(inside))
			apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, content), "<content> has both expr and text in it");
		/* One that fails raises its error, and there are no data (SCXML 5.6). */
		bool fails = false;
		const char *value = apl_content_expression(im, content, "expr", &fails);
		if (fails) return apl_piece_tried_failing(im, apl_piece_failing(im, content, "expr"));
		return apl_piece_tried(im, value);
	}
	return param != NULL || has_names ? apl_content_params(im, node, failing) : NULL;
}

const char *apl_content_params(apl_importing *im, const apl_xml_node *node, bool *failing) {
	const apl_xml_node *param = apl_scxml_first(node, APL_SCXML_PARAM);
	members all = {.items = NULL};
	apl_map_init(&all.numbers, &im->alloc);
	add_names(im, node, &all, failing);
	for (; param != NULL; param = apl_scxml_next(param, APL_SCXML_PARAM)) add_param(im, param, &all);
	const char *table = write_members(im, &all);
	for (uint32_t i = 0; i < all.count; i++) apl_buf_dispose(&all.items[i].values);
	apl_free(&im->alloc, all.items, all.capacity * sizeof *all.items);
	apl_map_dispose(&all.numbers);
	return table;
}

/* ---- statements ---------------------------------------------------------------------- */

static void write_failing(apl_importing *im, const apl_xml_node *node, const char *what, apl_block *block) {
	apl_block_line(block, "%s", apl_piece_failing(im, node, what));
}

static void write_raise(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	const char *event = apl_scxml_value(node, "event");
	if (event == NULL) {
		value_missing(im, node, "an event");
		return;
	}
	apl_content_event(im, node, event);
	block->uses_case = true;
	apl_block_line(block, "%s:raise(%s)", im->case_name, apl_piece_quoted(im, event, strlen(event)));
}

static void write_log(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	bool failing = false;
	const char *label = apl_scxml_value(node, "label");
	const char *value = apl_content_expression(im, node, "expr", &failing);
	if (label == NULL) label = "";
	block->uses_case = true;
	if (failing) {
		write_failing(im, node, "expr", block);
	} else if (value == NULL) {
		apl_block_line(block, "%s:log(\"info\", %s)", im->case_name, apl_piece_quoted(im, label, strlen(label)));
	} else {
		im->needs_module = true;
		apl_block_line(block, "%s.log(%s, %s, %s)", im->scxml_name, im->case_name, apl_piece_quoted(im, label, strlen(label)), value);
	}
}

static void write_assign(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	const char *location = apl_scxml_value(node, "location");
	if (location == NULL) {
		value_missing(im, node, "a location");
		return;
	}
	bool failing = false;
	const char *inside = text_inside(im, node);
	const char *value = apl_content_expression(im, node, "expr", &failing);
	if (apl_scxml_value(node, "expr") != NULL && (!is_blank(inside) || apl_scxml_first(node, APL_SCXML_SCXML) != NULL))
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node), "<assign> has both expr and text in it");
	const char *chart = apl_invoke_value(im, node);
	if (chart != NULL)
		value = chart;
	else if (apl_scxml_value(node, "expr") == NULL)
		value = apl_piece_literal(im, inside, strlen(inside));
	const char *to = apl_piece_checked(im, node, "location", APL_SYNTAX_LOCATION, location);
	if (to == NULL || failing)
		write_failing(im, node, to == NULL ? "the location" : "expr", block);
	else
		apl_block_line(block, "%s = %s", to, value);
}

/* Does the text return, or make names that must not reach beyond it? */
static bool needs_own_block(const char *text, bool *returns) {
	bool has_names = false;
	*returns = false;
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, strlen(text));
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		if (token.kind == APL_TOKEN_KEYWORD && token.symbol == APL_LUA_RETURN) *returns = true;
		if (token.kind == APL_TOKEN_KEYWORD && (token.symbol == APL_LUA_LOCAL || token.symbol == APL_LUA_GOTO)) has_names = true;
		if (token.kind == APL_TOKEN_SIGN && token.symbol == APL_SIGN_LABEL) has_names = true;
	}
	return has_names;
}

/* How far all of its lines are indented. */
static size_t common_indent(const char *text) {
	size_t least = SIZE_MAX;
	bool is_first = true;
	while (*text != '\0') {
		size_t indent = strspn(text, " \t");
		size_t size = strcspn(text, "\n");
		/* The first line begins where its element ended. */
		if (!is_first && indent < size && indent < least) least = indent;
		is_first = false;
		text += size + (text[size] == '\n');
	}
	return least == SIZE_MAX ? 0 : least;
}

bool apl_content_script_of(apl_importing *im, const apl_xml_node *node, apl_script *out) {
	const char *src = apl_scxml_value(node, "src");
	const apl_xml_node *text = node->first;
	while (text != NULL && text->kind != APL_XML_TEXT) text = text->next;
	*out = (apl_script){.text = src != NULL ? apl_content_source(im, node, src) : text_inside(im, node)};
	if (out->text == NULL) return false;
	out->size = strlen(out->text);
	if (src == NULL && text != NULL) {
		out->line = text->line;
		out->column = text->column;
	}
	return true;
}

/* Where its first character that is no space stands in the document. */
static void find_beginning(const apl_script *script, uint32_t *line, uint32_t *column) {
	*line = script->line;
	*column = script->column;
	for (const char *at = script->text; *at != '\0' && strchr(" \t\r\n", *at) != NULL; at++) {
		++*column;
		if (*at != '\n') continue;
		++*line;
		*column = 1;
	}
}

static bool is_blank_line(const char *line, size_t size) {
	return strspn(line, " \t\r") >= size;
}

/* Its lines, without what all are indented by; several blank ones become one. */
static void write_lines(const apl_script *script, const char *text, apl_block *block) {
	const size_t indent = common_indent(text);
	uint32_t line, column;
	find_beginning(script, &line, &column);
	bool is_first = true, was_blank = false, is_marked = false;
	for (const char *at = text; *at != '\0'; line++) {
		const size_t size = strcspn(at, "\n");
		size_t cut = 0;
		while (!is_first && cut < indent && cut < size && strchr(" \t", at[cut]) != NULL) cut++;
		const bool blank = is_blank_line(at, size);
		if (blank && was_blank) {
			is_marked = false;
		} else {
			const size_t shown = size - cut - (size > cut && at[size - 1] == '\r');
			for (unsigned i = 0; i < block->indent && !blank; i++) apl_buf_byte(&block->text, '\t');
			if (!is_marked && !blank && script->line != 0) apl_mark_running(&block->text, line, is_first ? column : (uint32_t)cut + 1);
			if (!blank) is_marked = true;
			apl_buf_add(&block->text, at + cut, blank ? 0 : shown);
			apl_buf_byte(&block->text, '\n');
			block->n_lines++;
		}
		was_blank = blank;
		is_first = false;
		at += size + (at[size] == '\n');
	}
}

/* A long text goes over lines that must stay as they are. */
static void write_raw_lines(const apl_script *script, const char *text, apl_block *block) {
	uint32_t line, column;
	find_beginning(script, &line, &column);
	for (const char *at = text; *at != '\0';) {
		const size_t size = strcspn(at, "\n");
		if (at != text) apl_buf_byte(&block->text, APL_RAW);
		for (unsigned i = 0; i < block->indent && at == text; i++) apl_buf_byte(&block->text, '\t');
		if (at == text && script->line != 0) apl_mark_running(&block->text, line, column);
		apl_buf_add(&block->text, at, size);
		apl_buf_byte(&block->text, '\n');
		block->n_lines++;
		at += size + (at[size] == '\n');
	}
}

void apl_content_script(apl_importing *im, const apl_xml_node *node, const apl_script *script, apl_block *block) {
	const char *copy = apl_piece(im, script->text, script->size);
	if (is_blank(copy)) return;
	const char *checked = apl_piece_checked(im, node, "the script", APL_SYNTAX_STATEMENTS, copy);
	if (checked == NULL) {
		write_failing(im, node, "the script", block);
		return;
	}
	bool returns;
	const bool is_own = needs_own_block(checked, &returns);
	const bool is_raw = strstr(checked, "[[") != NULL || strstr(checked, "[=") != NULL;
	if (returns)
		apl_block_line(block, "(function()");
	else if (is_own)
		apl_block_line(block, "do");
	if (returns || is_own) block->indent++;
	block->at = NULL;
	(is_raw ? write_raw_lines : write_lines)(script, checked, block);
	if (returns || is_own) block->indent--;
	if (returns)
		apl_block_line(block, "end)()");
	else if (is_own)
		apl_block_line(block, "end");
}

static void write_script(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	apl_script script;
	if (apl_content_script_of(im, node, &script)) apl_content_script(im, node, &script, block);
}

/* What fails is false, raises its error, and the block goes on (SCXML 5.9.1). */
static const char *condition(apl_importing *im, const apl_xml_node *node) {
	bool failing = false;
	const char *cond = apl_content_expression(im, node, "cond", &failing);
	if (failing) return apl_piece_tried_failing(im, apl_piece_failing(im, node, "cond"));
	if (cond != NULL) return apl_piece_tried(im, cond);
	value_missing(im, node, "a cond");
	return "false";
}

static void write_one(apl_importing *im, const apl_xml_node *node, apl_block *block);

static void write_if(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	apl_block_line(block, "if %s then", condition(im, node));
	block->indent++;
	for (const apl_xml_node *child = apl_scxml_some(node->first); child != NULL; child = apl_scxml_some(child->next)) {
		apl_scxml_element which = apl_scxml_element_of(child);
		if (which != APL_SCXML_ELSEIF && which != APL_SCXML_ELSE) {
			write_one(im, child, block);
			continue;
		}
		block->indent--;
		block->at = child;
		if (which == APL_SCXML_ELSEIF)
			apl_block_line(block, "elseif %s then", condition(im, child));
		else
			apl_block_line(block, "else");
		block->indent++;
		if (which == APL_SCXML_ELSE && (apl_scxml_next(child, APL_SCXML_ELSEIF) != NULL || apl_scxml_next(child, APL_SCXML_ELSE) != NULL)) {
			apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, child), "<else> is the last part of its <if>");
			break;
		}
	}
	block->indent--;
	apl_block_line(block, "end");
}

static void write_foreach(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	bool failing = false;
	const char *array = apl_content_expression(im, node, "array", &failing);
	const char *item = apl_scxml_value(node, "item");
	const char *index = apl_scxml_value(node, "index");
	if ((array == NULL && !failing) || item == NULL) {
		value_missing(im, node, array == NULL && !failing ? "an array" : "an item");
		return;
	}
	item = apl_piece_checked(im, node, "item", APL_SYNTAX_LOCATION, item);
	const char *to = index != NULL ? apl_piece_checked(im, node, "index", APL_SYNTAX_LOCATION, index) : NULL;
	if (failing || item == NULL || (index != NULL && to == NULL)) {
		write_failing(im, node, failing ? "the array" : item == NULL ? "the item" : "the index", block);
		return;
	}
	im->needs_module = true;
	apl_block_line(block, "for %s, _item in %s.items(%s) do", to != NULL ? "_index" : "_", im->scxml_name, array);
	block->indent++;
	apl_block_line(block, "%s = _item", item);
	if (to != NULL) apl_block_line(block, "%s = _index", to);
	apl_content_write(im, node, block);
	block->indent--;
	apl_block_line(block, "end");
}

/* ---- sends ------------------------------------------------------------------------------ */

typedef struct send {
	const char *event, *data, *target, *type, *delay, *id;
	const char *to;   /* whom else it goes to, as is known now; NULL: the case itself */
	bool is_plain;    /* everything is known now */
	bool is_internal; /* the same, to #_internal */
	char after[APL_SPAN_TEXT];
} send;

static bool is_number_sign(char c) {
	return (c >= '0' && c <= '9') || c == '.';
}

/* "1.5s" → microseconds; false: it is no delay. CSS2's units, and those that examples of the standard use. */
static bool read_delay(const char *text, aplomb_span *out) {
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {{"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", INT64_C(3600000000)}, {"d", INT64_C(86400000000)}};
	text += strspn(text, " \t");
	size_t size = 0;
	while (is_number_sign(text[size])) size++;
	char number[64];
	if (size == 0 || size >= sizeof number - 2) return false;
	/* ".5" is no number of JSON's. */
	snprintf(number, sizeof number, "%s%.*s%s", text[0] == '.' ? "0" : "", (int)size, text, text[size - 1] == '.' ? "0" : "");
	int64_t integer;
	double real;
	aplomb_kind kind = apl_number_read(number, strlen(number), &integer, &real);
	if (kind == APLOMB_ABSENT) return false;
	if (kind == APLOMB_INTEGER) real = (double)integer;
	text += size + strspn(text + size, " \t");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t unit = strlen(units[i].name);
		if (strncmp(text, units[i].name, unit) != 0 || text[unit + strspn(text + unit, " \t")] != '\0') continue;
		double us = real * (double)units[i].us + 0.5;
		if (us > 9e17) return false;
		*out = (aplomb_span)us;
		return true;
	}
	return false;
}

/* The expression is a text in quotes, and that a delay. */
static bool read_quoted_delay(apl_importing *im, const char *expression, aplomb_span *out) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, expression, strlen(expression));
	apl_token token = apl_lexer_next(&lexer);
	if (token.kind != APL_TOKEN_TEXT || apl_lexer_next(&lexer).kind != APL_TOKEN_END) return false;
	apl_buf text;
	apl_buf_init(&text, &im->alloc);
	apl_token_value(expression, &token, &text);
	return read_delay(apl_piece_of(im, &text), out);
}

/* When it comes, when that is known now. */
static void read_after(apl_importing *im, const apl_xml_node *node, send *s, bool *failing) {
	not_both(im, node, "delay", "delayexpr");
	const char *delay = apl_scxml_value(node, "delay");
	aplomb_span span;
	s->after[0] = '\0';
	if (delay == NULL) {
		s->delay = apl_content_expression(im, node, "delayexpr", failing);
		/* A text that is known now, in quotes. */
		if (s->delay != NULL && read_quoted_delay(im, s->delay, &span) && span > 0) apl_span_write(span, s->after);
	} else if (!read_delay(delay, &span)) {
		apl_found(im->findings, APLOMB_WARNING, "scxml-expression", apl_scxml_place(im, node),
		    "<send>: delay is \"%.40s\", which is none; write \"1.5s\" or \"200ms\". It raises error.execution when it is reached", delay);
		*failing = true;
	} else {
		if (span > 0) apl_span_write(span, s->after);
		s->delay = apl_piece_quoted(im, delay, strlen(delay));
	}
}

/* Whom the target names, as case:send has it; NULL: it is none that is known now. */
static const char *known_target(apl_importing *im, const char *target) {
	if (strcmp(target, "#_parent") == 0) return "\"parent\"";
	if (strncmp(target, "#_", 2) != 0 || strncmp(target, "#_scxml_", 8) == 0 || strcmp(target, "#_internal") == 0) return NULL;
	apl_buf to;
	apl_buf_init(&to, &im->alloc);
	apl_buf_format(&to, "child:%s", target + 2);
	const char *text = apl_piece_of(im, &to);
	return apl_piece_quoted(im, text, strlen(text));
}

/* A target or a type that will not do, whatever happens. */
static void look_at_target(apl_importing *im, const apl_xml_node *node) {
	const char *target = apl_scxml_value(node, "target");
	const char *type = apl_scxml_value(node, "type");
	if (target != NULL && strncmp(target, "#_", 2) != 0)
		apl_found(im->findings, APLOMB_WARNING, "scxml-target", apl_scxml_place(im, node),
		    "<send>: target \"%.80s\" is none that an event can be sent to; it raises error.execution when it is reached", target);
	else if (target != NULL && known_target(im, target) != NULL && strcmp(target, "#_parent") != 0 && !apl_invoke_exists(im, target + 2))
		apl_found(im->findings, APLOMB_WARNING, "scxml-target", apl_scxml_place(im, node),
		    "<send>: target \"%.80s\" is no <invoke> of this chart; it raises error.communication when it is reached", target);
	if (type != NULL && strcmp(type, "scxml") != 0 && strcmp(type, PROCESSOR) != 0)
		apl_found(im->findings, APLOMB_WARNING, "scxml-target", apl_scxml_place(im, node),
		    "<send>: type \"%.80s\" is not here, only SCXML's own is; it raises error.execution when it is reached", type);
}

static bool is_event_name(const char *name) {
	const size_t size = strlen(name);
	for (size_t i = 0; i < size; i++) {
		const unsigned char c = (unsigned char)name[i];
		if (c < 128 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !is_number_sign((char)c) && c != '_' && c != '-') return false;
	}
	return size > 0 && name[0] != '.' && name[size - 1] != '.';
}

/* An expression makes names of the texts in it, if it is not put together of them; what is no name harms nobody. */
static void declare_texts(apl_importing *im, const apl_xml_node *node, const char *expression) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, expression, strlen(expression));
	for (apl_token token = apl_lexer_next(&lexer); token.kind != APL_TOKEN_END; token = apl_lexer_next(&lexer)) {
		if (token.kind != APL_TOKEN_TEXT) continue;
		apl_buf text;
		apl_buf_init(&text, &im->alloc);
		apl_token_value(expression, &token, &text);
		const char *name = apl_piece_of(im, &text);
		if (is_event_name(name)) apl_content_event(im, node, name);
	}
}

static void read_send(apl_importing *im, const apl_xml_node *node, send *s, bool *failing) {
	const char *event = apl_scxml_value(node, "event");
	const char *type = apl_scxml_value(node, "type");
	const char *target = apl_scxml_value(node, "target");
	s->event = text_or_expression(im, node, "event", "eventexpr", failing);
	if (s->event == NULL && !*failing) value_missing(im, node, "event or eventexpr");
	if (event != NULL) apl_content_event(im, node, event);
	if (event == NULL && s->event != NULL) declare_texts(im, node, s->event);
	s->target = text_or_expression(im, node, "target", "targetexpr", failing);
	s->type = text_or_expression(im, node, "type", "typeexpr", failing);
	s->data = apl_content_data(im, node, failing);
	read_after(im, node, s, failing);
	look_at_target(im, node);
	const bool is_own_type = s->type == NULL || (type != NULL && (strcmp(type, "scxml") == 0 || strcmp(type, PROCESSOR) == 0));
	const bool is_known = event != NULL && is_own_type && (apl_scxml_value(node, "delayexpr") == NULL || s->after[0] != '\0');
	s->to = target != NULL ? known_target(im, target) : NULL;
	s->is_plain = is_known && (s->target == NULL || s->to != NULL);
	s->is_internal = is_known && target != NULL && strcmp(target, "#_internal") == 0 && s->delay == NULL;
}

static void add_field(apl_importing *im, apl_buf *out, const char *name, const char *value) {
	(void)im;
	if (value == NULL) return;
	apl_buf_format(out, "%s%s = %s", out->size > 0 ? BETWEEN : "", name, value);
}

/* head { a = 1, b = 2 }tail, in one line or in several. */
static void write_fields(apl_block *block, const char *head, apl_buf *fields, const char *tail) {
	size_t width = strlen(head) + fields->size + 8 * block->indent;
	if (width <= WIDEST) {
		for (size_t i = 0; i < fields->size; i++) {
			if (fields->bytes[i] == BETWEEN[1]) fields->bytes[i] = ' ';
		}
		apl_block_line(block, "%s{ %s }%s", head, apl_buf_terminate(fields), tail);
		return;
	}
	apl_block_line(block, "%s{", head);
	block->indent++;
	const char *at = apl_buf_terminate(fields);
	for (const char *end; (end = strstr(at, BETWEEN)) != NULL; at = end + 2) apl_block_line(block, "%.*s,", (int)(end - at), at);
	apl_block_line(block, "%s,", at);
	block->indent--;
	apl_block_line(block, "}%s", tail);
}

static const char *in_data(apl_importing *im, const char *data) {
	if (data == NULL) return NULL;
	apl_buf out;
	apl_buf_init(&out, &im->alloc);
	apl_buf_format(&out, "{ data = %s }", data);
	return apl_piece_of(im, &out);
}

/* The id; with idlocation it is made first, and stays there though the send fails. */
static bool write_id(apl_importing *im, const apl_xml_node *node, send *s, apl_block *block) {
	not_both(im, node, "id", "idlocation");
	const char *id = apl_scxml_value(node, "id");
	const char *location = apl_scxml_value(node, "idlocation");
	s->id = id != NULL ? apl_piece_quoted(im, id, strlen(id)) : NULL;
	if (location == NULL) return true;
	s->id = apl_piece_checked(im, node, "idlocation", APL_SYNTAX_LOCATION, location);
	if (s->id == NULL) return false;
	im->needs_module = true;
	apl_block_line(block, "%s = %s.id(%s)", s->id, im->scxml_name, im->case_name);
	return true;
}

static void write_send(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	send s = {0};
	bool failing = false;
	if (apl_ours_is_effect(node)) {
		apl_ours_write_effect(im, node, block);
		return;
	}
	block->uses_case = true;
	read_send(im, node, &s, &failing);
	if (!write_id(im, node, &s, block)) failing = true;
	if (failing) {
		write_failing(im, node, "a value", block);
		return;
	}
	if (s.event == NULL) return; /* told */
	apl_buf fields;
	apl_buf_init(&fields, &im->alloc);
	char head[128];
	if (s.is_internal) {
		const char *data = s.data != NULL ? in_data(im, s.data) : s.id != NULL ? "nil" : NULL;
		apl_block_line(block, "%s:raise(%s%s%s%s%s)", im->case_name, s.event, data != NULL ? ", " : "", data != NULL ? data : "",
		    s.id != NULL ? ", " : "", s.id != NULL ? s.id : "");
	} else if (s.is_plain) {
		add_field(im, &fields, "event", s.event);
		add_field(im, &fields, "data", in_data(im, s.data));
		add_field(im, &fields, "to", s.to);
		if (s.after[0] != '\0') add_field(im, &fields, "after", apl_piece_quoted(im, s.after, strlen(s.after)));
		add_field(im, &fields, "id", s.id);
		snprintf(head, sizeof head, "%s:send ", im->case_name);
		write_fields(block, head, &fields, "");
	} else {
		im->needs_module = true;
		add_field(im, &fields, "event", s.event);
		add_field(im, &fields, "data", s.data);
		add_field(im, &fields, "target", s.target);
		add_field(im, &fields, "type", s.type);
		add_field(im, &fields, "delay", s.delay);
		add_field(im, &fields, "id", s.id);
		snprintf(head, sizeof head, "%s.send(%s, ", im->scxml_name, im->case_name);
		write_fields(block, head, &fields, ")");
	}
	if (fields.failed) im->no_memory = true;
	apl_buf_dispose(&fields);
}

static void write_cancel(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	bool failing = false;
	const char *id = text_or_expression(im, node, "sendid", "sendidexpr", &failing);
	block->uses_case = true;
	if (failing)
		write_failing(im, node, "sendidexpr", block);
	else if (id == NULL)
		value_missing(im, node, "sendid or sendidexpr");
	else
		apl_block_line(block, "%s:cancel(%s)", im->case_name, id);
}

/* ---- all of it ---------------------------------------------------------------------------- */

static void write_one(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	if (node->kind == APL_XML_COMMENT) {
		write_comment(node, block);
		return;
	}
	block->at = node;
	switch (apl_scxml_element_of(node)) {
	case APL_SCXML_RAISE: write_raise(im, node, block); return;
	case APL_SCXML_LOG: write_log(im, node, block); return;
	case APL_SCXML_ASSIGN: write_assign(im, node, block); return;
	case APL_SCXML_SCRIPT: write_script(im, node, block); return;
	case APL_SCXML_IF: write_if(im, node, block); return;
	case APL_SCXML_FOREACH: write_foreach(im, node, block); return;
	case APL_SCXML_SEND: write_send(im, node, block); return;
	case APL_SCXML_CANCEL: write_cancel(im, node, block); return;
	default: return; /* elements.c has told of it */
	}
}

void apl_content_write(apl_importing *im, const apl_xml_node *parent, apl_block *block) {
	for (const apl_xml_node *child = apl_scxml_some(parent->first); child != NULL; child = apl_scxml_some(child->next))
		write_one(im, child, block);
}
