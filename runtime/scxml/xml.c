/* SPDX-License-Identifier: MIT */
/*
 * Decides which XML is read: expat's, without entities of a document's own,
 * within bounds. What the elements mean is decided elsewhere. Expat takes its
 * memory from the C library, for it has no way to hand a host's allocator
 * through; all of it is given back before this returns.
 */

#include "scxml/xml.h"

#include <expat.h>
#include <string.h>

#include "base/assert.h"

/* Between a namespace and a name; neither can hold it. */
#define SEPARATOR '\n'

typedef struct reading {
	XML_Parser parser;
	apl_arena *arena;
	apl_findings *findings;
	const char *path;
	apl_xml_node *root;
	apl_xml_node *current;
	apl_buf text; /* of the text node that is being read */
	uint32_t text_line, text_column;
	uint32_t depth;
	bool failed;
	bool no_memory;
} reading;

static apl_place here(const reading *r) {
	return (apl_place){r->path, (uint32_t)XML_GetCurrentLineNumber(r->parser), (uint32_t)XML_GetCurrentColumnNumber(r->parser) + 1};
}

static void stop(reading *r) {
	r->failed = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static void refuse(reading *r, const char *why) {
	if (r->failed) return;
	apl_found(r->findings, APLOMB_ERROR, "scxml-xml", here(r), "%s", why);
	stop(r);
}

static void lose_memory(reading *r) {
	r->no_memory = true;
	stop(r);
}

/* ---- the tree ------------------------------------------------------------------ */

static apl_xml_node *add_node(reading *r, apl_xml_kind kind, uint32_t line, uint32_t column) {
	apl_xml_node *node = apl_arena_take(r->arena, sizeof *node);
	if (node == NULL) {
		lose_memory(r);
		return NULL;
	}
	*node = (apl_xml_node){.kind = (uint8_t)kind, .line = line, .column = column, .parent = r->current};
	if (r->current == NULL)
		r->root = node;
	else if (r->current->last == NULL)
		r->current->first = node;
	else
		r->current->last->next = node;
	if (r->current != NULL) r->current->last = node;
	return node;
}

/* "space\nname" → both. */
static const char *split(reading *r, const char *full, const char **space) {
	const char *separator = strchr(full, SEPARATOR);
	*space = NULL;
	if (separator != NULL) *space = apl_arena_text(r->arena, full, (size_t)(separator - full));
	const char *name = separator != NULL ? separator + 1 : full;
	const char *kept = apl_arena_text(r->arena, name, strlen(name));
	if (kept == NULL || (separator != NULL && *space == NULL)) lose_memory(r);
	return kept;
}

/* The text that was gathered becomes a node; nothing but spaces between elements stays a node, too, for content may be that. */
static void end_text(reading *r) {
	if (r->text.size == 0 || r->current == NULL || r->failed) return;
	apl_xml_node *node = add_node(r, APL_XML_TEXT, r->text_line, r->text_column);
	if (node == NULL) return;
	node->text = r->text.failed ? NULL : apl_arena_text(r->arena, r->text.bytes, r->text.size);
	node->size = r->text.size;
	apl_buf_clear(&r->text);
	if (node->text == NULL) lose_memory(r);
}

static void XMLCALL begin_element(void *self, const char *name, const char **attributes) {
	reading *r = self;
	end_text(r);
	if (r->failed) return;
	if (++r->depth > APL_XML_MOST_DEPTH) {
		refuse(r, "elements are nested more than 100 deep");
		return;
	}
	apl_place place = here(r);
	apl_xml_node *node = add_node(r, APL_XML_ELEMENT, place.line, place.column);
	if (node == NULL) return;
	node->text = split(r, name, &node->space);
	uint32_t count = 0;
	while (attributes[2 * count] != NULL) count++;
	apl_xml_attribute *list = apl_arena_take(r->arena, (count + 1) * sizeof *list);
	if (list == NULL) {
		lose_memory(r);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		list[i].name = split(r, attributes[2 * i], &list[i].space);
		list[i].value = apl_arena_text(r->arena, attributes[2 * i + 1], strlen(attributes[2 * i + 1]));
		if (list[i].value == NULL) lose_memory(r);
	}
	node->attributes = list;
	node->n_attributes = count;
	r->current = node;
}

static void XMLCALL end_element(void *self, const char *name) {
	reading *r = self;
	(void)name;
	end_text(r);
	if (r->failed) return;
	r->depth--;
	r->current = r->current->parent;
}

static void XMLCALL some_text(void *self, const char *text, int size) {
	reading *r = self;
	if (r->failed) return;
	if (r->text.size == 0) {
		apl_place place = here(r);
		r->text_line = place.line;
		r->text_column = place.column;
	}
	apl_buf_add(&r->text, text, (size_t)size);
	if (r->text.failed) lose_memory(r);
}

static void XMLCALL comment(void *self, const char *text) {
	reading *r = self;
	if (r->current == NULL) return; /* before or behind the chart */
	end_text(r);
	if (r->failed) return;
	apl_place place = here(r);
	apl_xml_node *node = add_node(r, APL_XML_COMMENT, place.line, place.column);
	if (node == NULL) return;
	node->size = strlen(text);
	node->text = apl_arena_text(r->arena, text, node->size);
	if (node->text == NULL) lose_memory(r);
}

/* ---- what is not read ------------------------------------------------------------- */

static void XMLCALL entity(void *self, const char *name, int is_parameter, const char *value, int size, const char *base,
    const char *system, const char *public, const char *notation) {
	(void)name, (void)is_parameter, (void)value, (void)size, (void)base, (void)system, (void)public, (void)notation;
	refuse(self, "the document declares an entity; write out what it stands for, for only XML's own five are read");
}

static void XMLCALL skipped(void *self, const char *name, int is_parameter) {
	(void)name, (void)is_parameter;
	refuse(self, "the document uses an entity that it does not declare; nothing outside of it is read");
}

static bool is_called(const char *name, const char *capitals) {
	while (*name != '\0' && (*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name) == *capitals) name++, capitals++;
	return *name == '\0' && *capitals == '\0';
}

/* Expat knows UTF-8, UTF-16, ISO-8859-1 and ASCII; of the others only this one is met in practice. */
static int XMLCALL other_encoding(void *self, const char *name, XML_Encoding *out) {
	static const int above[32] = {0x20AC, -1, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, -1,
	    0x017D, -1, -1, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, -1, 0x017E, 0x0178};
	(void)self;
	if (!is_called(name, "WINDOWS-1252") && !is_called(name, "CP1252")) return XML_STATUS_ERROR;
	for (int i = 0; i < 256; i++) out->map[i] = i < 128 || i >= 160 ? i : above[i - 128];
	out->data = NULL;
	out->convert = NULL;
	out->release = NULL;
	return XML_STATUS_OK;
}

/* ---- all of it ---------------------------------------------------------------------- */

static void read_all(reading *r, const char *text, size_t size) {
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin_element, end_element);
	XML_SetCharacterDataHandler(r->parser, some_text);
	XML_SetCommentHandler(r->parser, comment);
	XML_SetEntityDeclHandler(r->parser, entity);
	XML_SetSkippedEntityHandler(r->parser, skipped);
	XML_SetUnknownEncodingHandler(r->parser, other_encoding, NULL);
	enum XML_Status status = XML_Parse(r->parser, text, (int)size, XML_TRUE);
	if (status == XML_STATUS_OK || r->failed) return;
	enum XML_Error code = XML_GetErrorCode(r->parser);
	if (code == XML_ERROR_NO_MEMORY) {
		r->no_memory = true;
		return;
	}
	apl_found(r->findings, APLOMB_ERROR, "scxml-xml", here(r), "this is no XML: %s", XML_ErrorString(code));
	r->failed = true;
}

int apl_xml_read(const apl_xml_node **out, apl_arena *arena, const char *path, const char *text, size_t size, apl_findings *findings,
    aplomb_error *error) {
	if (size > APL_XML_MOST_BYTES) {
		apl_found(findings, APLOMB_ERROR, "scxml-xml", (apl_place){path, 1, 1}, "the document is larger than 16 MiB");
		return apl_findings_verdict(findings, error);
	}
	reading r = {.arena = arena, .findings = findings, .path = path, .parser = XML_ParserCreateNS(NULL, SEPARATOR)};
	if (r.parser == NULL) return apl_fail_memory(error);
	apl_buf_init(&r.text, &findings->alloc);
	read_all(&r, text, size);
	XML_ParserFree(r.parser);
	apl_buf_dispose(&r.text);
	if (r.no_memory) return apl_fail_memory(error);
	if (r.failed) return apl_findings_verdict(findings, error);
	APL_ASSERT(r.root != NULL); /* a document without an element is no XML */
	*out = r.root;
	return APLOMB_OK;
}

const char *apl_xml_attribute_of(const apl_xml_node *node, const char *name) {
	for (uint32_t i = 0; i < node->n_attributes; i++) {
		if (node->attributes[i].space == NULL && strcmp(node->attributes[i].name, name) == 0) return node->attributes[i].value;
	}
	return NULL;
}
