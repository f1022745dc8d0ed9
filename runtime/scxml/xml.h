/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_XML_H
#define APL_SCXML_XML_H

/*
 * XML as a tree that remembers where each element stood. Bounded in size and
 * depth; documents that declare entities are refused, so nothing is ever
 * expanded, and nothing else is ever read.
 */

#include "base/buf.h"
#include "base/error.h"

typedef enum apl_xml_kind { APL_XML_ELEMENT, APL_XML_TEXT, APL_XML_COMMENT } apl_xml_kind;

typedef struct apl_xml_attribute {
	const char *space; /* its namespace, or NULL */
	const char *name;
	const char *value;
} apl_xml_attribute;

typedef struct apl_xml_node {
	uint8_t kind;      /* apl_xml_kind */
	const char *space; /* of an element: its namespace, or NULL */
	const char *text;  /* of an element: its name without a prefix */
	size_t size;
	uint32_t line, column;
	const apl_xml_attribute *attributes;
	uint32_t n_attributes;
	struct apl_xml_node *parent, *first, *last, *next;
} apl_xml_node;

#define APL_XML_MOST_BYTES ((size_t)16 << 20)
enum { APL_XML_MOST_DEPTH = 100 };

/* The root element, in [arena]. EJSON never; EPLAYBOOK with a finding (scxml-xml) in [findings]; ENOMEM. [path]: for places. */
int apl_xml_read(const apl_xml_node **out, apl_arena *arena, const char *path, const char *text, size_t size, apl_findings *findings,
    aplomb_error *error);

/* The attribute without a namespace, or NULL. */
const char *apl_xml_attribute_of(const apl_xml_node *node, const char *name);

#endif
