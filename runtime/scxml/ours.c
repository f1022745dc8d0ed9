/* SPDX-License-Identifier: MIT */
/*
 * Decides what comes back of what `aplomb export` wrote beside SCXML's own
 * words: reasons, outcomes, and sends that ask the world for something, which
 * become effects again.
 */
#include <string.h>

#include "scxml/export.h"
#include "scxml/inside.h"

const char *apl_ours_value(const apl_xml_node *node, const char *name) {
	for (uint32_t i = 0; i < node->n_attributes; i++) {
		const apl_xml_attribute *attribute = &node->attributes[i];
		if (attribute->space != NULL && strcmp(attribute->space, APL_SCXML_OURS) == 0 && strcmp(attribute->name, name) == 0)
			return attribute->value;
	}
	return NULL;
}

bool apl_ours_is(apl_scxml_element element, const apl_xml_attribute *attribute) {
	static const struct {
		const char *name;
		apl_scxml_element of;
	} known[] = {{"because", APL_SCXML_TRANSITION}, {"because", APL_SCXML_SEND}, {"rests", APL_SCXML_STATE}, {"rests", APL_SCXML_PARALLEL},
	    {"outcome", APL_SCXML_FINAL}, {"meaning", APL_SCXML_DATA}};
	if (strcmp(attribute->space, APL_SCXML_OURS) != 0) return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].of == element && strcmp(known[i].name, attribute->name) == 0) return true;
	return false;
}

/* ---- effects ------------------------------------------------------------------------- */

static apl_scxml_effect *effect_of(apl_importing *im, const apl_xml_node *node, const char *kind) {
	for (uint32_t i = 0; i < im->n_effects; i++)
		if (strcmp(im->effects[i].kind, kind) == 0) return &im->effects[i];
	if (!APL_GROW(&im->alloc, im->effects, im->n_effects, im->effects_capacity)) {
		im->no_memory = true;
		return NULL;
	}
	im->effects[im->n_effects] = (apl_scxml_effect){.kind = kind, .node = node};
	return &im->effects[im->n_effects++];
}

static void add_field(apl_importing *im, apl_scxml_effect *effect, const char *name) {
	for (uint32_t i = 0; i < effect->n_fields; i++)
		if (strcmp(effect->fields[i], name) == 0) return;
	if (APL_GROW(&im->alloc, effect->fields, effect->n_fields, effect->fields_capacity))
		effect->fields[effect->n_fields++] = name;
	else
		im->no_memory = true;
}

bool apl_ours_is_effect(const apl_xml_node *node) {
	const char *type = apl_scxml_value(node, "type");
	return type != NULL && strcmp(type, APL_SCXML_EFFECT) == 0;
}

void apl_ours_write_effect(apl_importing *im, const apl_xml_node *node, apl_block *block) {
	static const char *const none[] = {"eventexpr", "target", "targetexpr", "id", "idlocation", "delay", "delayexpr", "namelist"};
	const char *kind = apl_scxml_value(node, "event");
	const char *found = kind == NULL ? "no event, which names the effect" : NULL;
	for (size_t i = 0; i < sizeof none / sizeof *none && found == NULL; i++)
		if (apl_scxml_value(node, none[i]) != NULL) found = none[i];
	if (found == NULL && apl_scxml_first(node, APL_SCXML_CONTENT) != NULL) found = "<content>";
	if (found != NULL) {
		apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, node),
		    "<send> of the type " APL_SCXML_EFFECT " has %s; an effect has an event and <param>s, and nothing else", found);
		return;
	}
	apl_scxml_effect *effect = effect_of(im, node, kind);
	if (effect == NULL) return;
	apl_buf fields;
	apl_buf_init(&fields, &im->alloc);
	for (const apl_xml_node *param = apl_scxml_first(node, APL_SCXML_PARAM); param != NULL;
	     param = apl_scxml_next(param, APL_SCXML_PARAM)) {
		const char *name = apl_scxml_value(param, "name");
		if (name == NULL || !apl_piece_is_name(name, strlen(name))) {
			apl_found(im->findings, APLOMB_ERROR, "scxml-value", apl_scxml_place(im, param),
			    "<param>: \"%.80s\" is no name that the field of an effect may have", name != NULL ? name : "");
			continue;
		}
		add_field(im, effect, name);
	}
	bool failing = false;
	const char *data = apl_content_data(im, node, &failing);
	const char *because = apl_ours_value(node, "because");
	block->uses_case = true;
	apl_buf_format(&fields, "%s:effect(%s", im->case_name, apl_piece_quoted(im, kind, strlen(kind)));
	if (data != NULL || because != NULL) apl_buf_format(&fields, ", %s", data != NULL ? data : "{}");
	if (because != NULL) apl_buf_format(&fields, ", { because = %s }", apl_piece_quoted(im, because, strlen(because)));
	apl_buf_byte(&fields, ')');
	apl_block_line(block, "%s", apl_piece_of(im, &fields));
}

void apl_ours_declare(apl_importing *im, apl_buf *out) {
	for (uint32_t i = 0; i < im->n_effects; i++) {
		const apl_scxml_effect *effect = &im->effects[i];
		apl_buf_byte(out, '\t');
		apl_mark(out, effect->node);
		apl_buf_format(out, "effect %s {", apl_piece_quoted(im, effect->kind, strlen(effect->kind)));
		for (uint32_t k = 0; k < effect->n_fields; k++) apl_buf_format(out, "%s%s = any {}", k > 0 ? ", " : " ", effect->fields[k]);
		apl_buf_text(out, effect->n_fields > 0 ? " },\n" : "},\n");
	}
	if (im->n_effects > 0) apl_buf_byte(out, '\n');
}

void apl_ours_dispose(apl_importing *im) {
	for (uint32_t i = 0; i < im->n_effects; i++)
		apl_free(&im->alloc, im->effects[i].fields, im->effects[i].fields_capacity * sizeof *im->effects[i].fields);
	apl_free(&im->alloc, im->effects, im->effects_capacity * sizeof *im->effects);
}
