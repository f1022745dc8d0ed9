/* SPDX-License-Identifier: MIT */
/*
 * Decides which elements and attributes are SCXML's, and where each may stand.
 * What is not is an error, for nothing of a document is dropped without a
 * word; only what belongs to other namespaces is left out with a warning.
 */

#include "scxml/inside.h"

#include <stdio.h>
#include <string.h>

#define BIT(element) (UINT32_C(1) << (element))
#define NAMESPACE "http://www.w3.org/2005/07/scxml"

enum { HOLDS_TEXT = 1, HOLDS_CHART = 2 /* and text */ };

typedef struct element {
	const char *name;
	const char *attributes; /* each with a space behind */
	uint32_t children;
	int holds;
} element;

#define EXECUTABLE                                                                                                                         \
	(BIT(APL_SCXML_RAISE) | BIT(APL_SCXML_IF) | BIT(APL_SCXML_FOREACH) | BIT(APL_SCXML_LOG) | BIT(APL_SCXML_ASSIGN) |                      \
	    BIT(APL_SCXML_SCRIPT) | BIT(APL_SCXML_SEND) | BIT(APL_SCXML_CANCEL))
#define STATES (BIT(APL_SCXML_STATE) | BIT(APL_SCXML_PARALLEL))
#define IN_STATE                                                                                                                           \
	(BIT(APL_SCXML_ONENTRY) | BIT(APL_SCXML_ONEXIT) | BIT(APL_SCXML_TRANSITION) | BIT(APL_SCXML_HISTORY) | BIT(APL_SCXML_DATAMODEL) |      \
	    BIT(APL_SCXML_INVOKE))
#define MESSAGE (BIT(APL_SCXML_CONTENT) | BIT(APL_SCXML_PARAM))

static const element elements[APL_SCXML_ELEMENTS] = {
    [APL_SCXML_SCXML] = {"scxml", "initial name version datamodel binding ",
        STATES | BIT(APL_SCXML_FINAL) | BIT(APL_SCXML_DATAMODEL) | BIT(APL_SCXML_SCRIPT), 0},
    [APL_SCXML_STATE] = {"state", "id initial ", STATES | IN_STATE | BIT(APL_SCXML_FINAL) | BIT(APL_SCXML_INITIAL), 0},
    [APL_SCXML_PARALLEL] = {"parallel", "id ", STATES | IN_STATE, 0},
    [APL_SCXML_TRANSITION] = {"transition", "event cond target type ", EXECUTABLE, 0},
    [APL_SCXML_INITIAL] = {"initial", "", BIT(APL_SCXML_TRANSITION), 0},
    [APL_SCXML_FINAL] = {"final", "id ", BIT(APL_SCXML_ONENTRY) | BIT(APL_SCXML_ONEXIT) | BIT(APL_SCXML_DONEDATA), 0},
    [APL_SCXML_ONENTRY] = {"onentry", "", EXECUTABLE, 0},
    [APL_SCXML_ONEXIT] = {"onexit", "", EXECUTABLE, 0},
    [APL_SCXML_HISTORY] = {"history", "id type ", BIT(APL_SCXML_TRANSITION), 0},
    [APL_SCXML_RAISE] = {"raise", "event ", 0, 0},
    [APL_SCXML_IF] = {"if", "cond ", EXECUTABLE | BIT(APL_SCXML_ELSEIF) | BIT(APL_SCXML_ELSE), 0},
    [APL_SCXML_ELSEIF] = {"elseif", "cond ", 0, 0},
    [APL_SCXML_ELSE] = {"else", "", 0, 0},
    [APL_SCXML_FOREACH] = {"foreach", "array item index ", EXECUTABLE, 0},
    [APL_SCXML_LOG] = {"log", "label expr ", 0, 0},
    [APL_SCXML_DATAMODEL] = {"datamodel", "", BIT(APL_SCXML_DATA), 0},
    [APL_SCXML_DATA] = {"data", "id src expr ", 0, HOLDS_CHART},
    [APL_SCXML_ASSIGN] = {"assign", "location expr ", 0, HOLDS_CHART},
    [APL_SCXML_DONEDATA] = {"donedata", "", MESSAGE, 0},
    [APL_SCXML_CONTENT] = {"content", "expr ", 0, HOLDS_CHART},
    [APL_SCXML_PARAM] = {"param", "name expr location ", 0, 0},
    [APL_SCXML_SCRIPT] = {"script", "src ", 0, HOLDS_TEXT},
    [APL_SCXML_SEND] = {"send", "event eventexpr target targetexpr type typeexpr id idlocation delay delayexpr namelist ", MESSAGE, 0},
    [APL_SCXML_CANCEL] = {"cancel", "sendid sendidexpr ", 0, 0},
    [APL_SCXML_INVOKE] = {"invoke", "type typeexpr src srcexpr id idlocation namelist autoforward ",
        BIT(APL_SCXML_PARAM) | BIT(APL_SCXML_FINALIZE) | BIT(APL_SCXML_CONTENT), 0},
    [APL_SCXML_FINALIZE] = {"finalize", "", EXECUTABLE & ~(BIT(APL_SCXML_RAISE) | BIT(APL_SCXML_SEND)), 0},
};

apl_scxml_element apl_scxml_element_of(const apl_xml_node *node) {
	if (node->kind != APL_XML_ELEMENT || (node->space != NULL && strcmp(node->space, NAMESPACE) != 0)) return APL_SCXML_NONE;
	for (int i = APL_SCXML_NONE + 1; i < APL_SCXML_ELEMENTS; i++) {
		if (strcmp(elements[i].name, node->text) == 0) return (apl_scxml_element)i;
	}
	return APL_SCXML_NONE;
}

apl_place apl_scxml_place(const apl_importing *im, const apl_xml_node *node) {
	return (apl_place){im->path, node->line, node->column};
}

const apl_xml_node *apl_scxml_some(const apl_xml_node *node) {
	while (node != NULL && node->kind == APL_XML_TEXT) node = node->next;
	return node;
}

const apl_xml_node *apl_scxml_next(const apl_xml_node *node, apl_scxml_element which) {
	for (node = node->next; node != NULL && apl_scxml_element_of(node) != which;) node = node->next;
	return node;
}

const apl_xml_node *apl_scxml_first(const apl_xml_node *parent, apl_scxml_element which) {
	const apl_xml_node *node = parent->first;
	return node == NULL || apl_scxml_element_of(node) == which ? node : apl_scxml_next(node, which);
}

const char *apl_scxml_value(const apl_xml_node *node, const char *name) {
	const char *value = apl_xml_attribute_of(node, name);
	return value != NULL && value[strspn(value, " \t\r\n")] != '\0' ? value : NULL;
}

const char *apl_scxml_id_of(apl_importing *im, const apl_xml_node *node) {
	const char *id = apl_scxml_value(node, "id");
	if (id != NULL) return id;
	char made[64];
	int size = snprintf(made, sizeof made, "unnamed-%u-%u", (unsigned)node->line, (unsigned)node->column);
	return apl_piece(im, made, (size_t)size);
}

static bool is_blank(const apl_xml_node *node) {
	return strspn(node->text, " \t\r\n") == node->size;
}

/* Is "name " one of the attributes? */
static bool has_attribute(const char *attributes, const char *name) {
	size_t size = strlen(name);
	for (const char *at = attributes; *at != '\0'; at = strchr(at, ' ') + 1) {
		if (strncmp(at, name, size) == 0 && at[size] == ' ') return true;
	}
	return false;
}

static void try_attributes(apl_importing *im, const char *attributes, apl_nearest *nearest) {
	while (*attributes != '\0') {
		size_t size = strcspn(attributes, " ");
		apl_nearest_try(nearest, apl_piece(im, attributes, size));
		attributes += size + 1;
	}
}

static void check_attributes(apl_importing *im, const apl_xml_node *node, const element *about) {
	for (uint32_t i = 0; i < node->n_attributes; i++) {
		const apl_xml_attribute *attribute = &node->attributes[i];
		if (attribute->space != NULL && strcmp(attribute->space, NAMESPACE) != 0) {
			if (apl_ours_is(apl_scxml_element_of(node), attribute)) continue;
			apl_found(im->findings, APLOMB_WARNING, "scxml-left-out", apl_scxml_place(im, node),
			    "<%s>: the attribute \"%s\" of %s is not SCXML's and is left out", about->name, attribute->name, attribute->space);
		} else if (!has_attribute(about->attributes, attribute->name)) {
			char hint[128];
			apl_nearest nearest = apl_nearest_to(attribute->name, strlen(attribute->name));
			try_attributes(im, about->attributes, &nearest);
			apl_found(im->findings, APLOMB_ERROR, "scxml-element", apl_scxml_place(im, node), "<%s> has no attribute \"%s\"%s", about->name,
			    attribute->name, apl_nearest_hint(&nearest, hint, sizeof hint));
		}
	}
}

static void check_child(apl_importing *im, const apl_xml_node *child, const element *about) {
	if (child->kind == APL_XML_COMMENT) return;
	if (child->kind == APL_XML_TEXT) {
		if (!is_blank(child) && about->holds == 0)
			apl_found(im->findings, APLOMB_ERROR, "scxml-element", apl_scxml_place(im, child), "<%s> holds text, which has no place there",
			    about->name);
		return;
	}
	apl_scxml_element which = apl_scxml_element_of(child);
	if (about->holds == HOLDS_CHART && which == APL_SCXML_SCXML) return; /* it is looked over by itself */
	if (about->holds != 0) {
		apl_found(im->findings, APLOMB_ERROR, "scxml-content", apl_scxml_place(im, child),
		    "<%s> holds the element <%s>; XML as a value is not carried over, only text, numbers, tables, JSON and whole charts are",
		    about->name, child->text);
	} else if (which == APL_SCXML_NONE && child->space != NULL && strcmp(child->space, NAMESPACE) != 0) {
		apl_found(im->findings, APLOMB_WARNING, "scxml-left-out", apl_scxml_place(im, child),
		    "<%s> of %s is not SCXML's and is left out, with all that is in it", child->text, child->space);
	} else if (which == APL_SCXML_NONE) {
		char hint[128];
		apl_nearest nearest = apl_nearest_to(child->text, child->size != 0 ? child->size : strlen(child->text));
		for (int i = APL_SCXML_NONE + 1; i < APL_SCXML_ELEMENTS; i++) apl_nearest_try(&nearest, elements[i].name);
		apl_found(im->findings, APLOMB_ERROR, "scxml-element", apl_scxml_place(im, child), "<%s> is no element of SCXML%s", child->text,
		    apl_nearest_hint(&nearest, hint, sizeof hint));
	} else if ((about->children & BIT(which)) == 0) {
		apl_found(
		    im->findings, APLOMB_ERROR, "scxml-element", apl_scxml_place(im, child), "<%s> has no place in <%s>", child->text, about->name);
	} else {
		apl_scxml_check(im, child);
	}
}

void apl_scxml_check(apl_importing *im, const apl_xml_node *node) {
	apl_scxml_element which = apl_scxml_element_of(node);
	const element *about = &elements[which];
	check_attributes(im, node, about);
	for (const apl_xml_node *child = node->first; child != NULL; child = child->next) check_child(im, child, about);
}
