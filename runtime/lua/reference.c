/* SPDX-License-Identifier: MIT */
/*
 * Decides what `from` may name, and when it is looked up: at each use, of the
 * case that is being handled. What a phrase says is phrases.c's.
 */

#include "lua/reference.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/phrase.h"
#include "lua/phrases.h"
#include "lua/text.h"
#include "lua/where.h"

static apl_lua_reference *reference_of(lua_State *L, const apl_part *part) {
	apl_lua *host = apl_lua_of(L);
	APL_ASSERT(part->reference > 0 && part->reference <= host->n_references);
	return &host->references[part->reference - 1];
}

void apl_lua_refer(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	apl_part *part = lua_touserdata(L, -1);
	if (!APL_GROW(&host->alloc, host->references, host->n_references, host->references_capacity)) apl_lua_raise_memory(L);
	lua_getiuservalue(L, -1, APL_PART_NAME);
	apl_place place = apl_lua_place_of_name(L, lua_gettop(L) - 1, 0);
	const char *name = apl_lua_keep_text(L, -1, place);
	lua_pop(L, 1);
	/* What a module makes of a name that it was given is wrong where it was given. */
	if (host->n_making > 0) place = host->making[0].place;
	/* A text that is none is found already. */
	host->references[host->n_references++] =
	    (apl_lua_reference){.word = part->word, .is_checked = name == NULL, .place = place, .name = name};
	part->reference = host->n_references;
	/* Kept while the playbook is loaded: a phrase's arguments are looked at when everything is known. */
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_REFERENCES);
	lua_pushvalue(L, -2);
	lua_rawseti(L, -2, (lua_Integer)host->n_references);
	lua_pop(L, 1);
}

void apl_lua_drop_reference(lua_State *L, int index) {
	const apl_part *part = apl_lua_to_part(L, index);
	reference_of(L, part)->is_checked = true;
}

/* ---- from --------------------------------------------------------------------------- */

/* Letters, digits, "_" and dots alone are a path; what the event or the case knows is asked for as an expression is. */
static bool is_path(const char *name) {
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
	return name[strspn(name, letters)] == '\0' && strncmp(name, "event.", 6) != 0 && strncmp(name, "case.", 5) != 0;
}

/* May the part say something about a person? Names are not looked up yet: of events any field may be it. */
static bool may_be_personal(const apl_lua *host, const apl_guard_part *part) {
	char path[APL_GUARD_MOST_BYTES + 1];
	if (part->kind != APL_GUARD_PATH) return false;
	snprintf(path, sizeof path, "%.*s", (int)part->size, part->text);
	if (strncmp(path, "event.", 6) == 0) {
		for (uint32_t i = 0; i < host->n_event_schemas; i++)
			if (host->event_schemas[i].schema != NULL && host->event_schemas[i].schema->has_personal) return true;
		return false;
	}
	bool is_data = strncmp(path, "data.", 5) == 0;
	const apl_schema *schema = is_data ? host->program.data : strncmp(path, "params.", 7) == 0 ? host->program.params : NULL;
	for (uint32_t i = 0; schema != NULL && i < schema->n_fields; i++)
		if (strcmp(schema->fields[i].path, strchr(path, '.') + 1) == 0) return schema->fields[i].personal;
	return false;
}

/* Its names are looked up when the chart is there: apl_lua_type_texts. */
static void parse(lua_State *L, apl_lua_reference *r) {
	apl_lua *host = apl_lua_of(L);
	size_t size = strlen(r->name);
	const apl_text_place at = apl_lua_text_at(L, r->place, r->name, size);
	const apl_guard_text text = {r->name, size, "from", at.is_plain ? apl_lua_place_in_text(L, &at, 0) : r->place, at.is_plain};
	int code = apl_guard_parse(&r->value, &host->arena, APL_GUARD_VALUE, &text, host->findings);
	if (code == APLOMB_ENOMEM) apl_lua_raise_memory(L);
	if (code != APLOMB_OK) {
		r->value = NULL;
		return;
	}
	r->is_good = true;
	if (apl_guard_asks_time_in(r->value)) host->program.asks_time_in = true;
	for (uint32_t i = 0; i < apl_guard_parts(r->value) && !r->is_personal; i++) {
		apl_guard_part part;
		apl_guard_part_at(r->value, i, &part);
		r->is_personal = may_be_personal(host, &part);
	}
}

static void check_path(lua_State *L, apl_lua_reference *r) {
	apl_lua *host = apl_lua_of(L);
	bool is_data = strncmp(r->name, "data.", 5) == 0;
	if (!is_data && strncmp(r->name, "params.", 7) != 0) {
		apl_lua_found(L, r->place, "bad-from",
		    "from \"%s\" must begin with \"params.\", \"data.\", \"event.\" or \"case.\", or be an expression over them", r->name);
		return;
	}
	const apl_schema *schema = is_data ? host->program.data : host->program.params;
	if (schema == NULL) return; /* its own findings come first */
	uint32_t field = 0;
	for (const char *name = r->name + (is_data ? 5 : 7);;) {
		size_t size = strcspn(name, ".");
		uint32_t member = schema->fields[field].type == APL_TYPE_FIELDS ? apl_schema_member(schema, field, name, size) : APL_NO_FIELD;
		if (member == APL_NO_FIELD) {
			char hint[160];
			apl_lua_found(L, r->place, "unknown-field", "from \"%s\": there is no such field%s", r->name,
			    apl_schema_hint(schema, field, name, size, hint, sizeof hint));
			return;
		}
		field = member;
		if (name[size] == '\0') break;
		name += size + 1;
	}
	r->source = is_data ? APL_LUA_DATA : APL_LUA_PARAMS;
	r->number = field;
	r->is_good = true;
}

static void check(lua_State *L, apl_lua_reference *r) {
	if (r->is_checked) return;
	r->is_checked = true;
	if (r->word == APL_WORD_FROM) {
		if (is_path(r->name))
			check_path(L, r);
		else
			parse(L, r);
		return;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_REFERENCES);
	lua_rawgeti(L, -1, (lua_Integer)(r - apl_lua_of(L)->references) + 1);
	apl_lua_check_phrase(L, lua_gettop(L), r);
	lua_pop(L, 2);
}

bool apl_lua_check_from(lua_State *L, int index, apl_lua_source *source, uint32_t *field) {
	const apl_part *part = apl_lua_to_part(L, index);
	APL_ASSERT(part != NULL && part->word == APL_WORD_FROM);
	if (part->stage == APL_PART_WRONG) return false; /* as was told where it was called */
	apl_lua_reference *r = reference_of(L, part);
	check(L, r);
	*source = (apl_lua_source)r->source;
	*field = r->number;
	return r->is_good && r->value == NULL;
}

uint32_t apl_lua_expression_of(lua_State *L, int index) {
	const apl_part *part = apl_lua_to_part(L, index);
	if (part == NULL || part->word != APL_WORD_FROM || part->reference == 0) return APL_NO_REFERENCE;
	apl_lua_reference *r = reference_of(L, part);
	check(L, r);
	return r->value != NULL ? part->reference - 1 : APL_NO_REFERENCE;
}

void apl_lua_check_references(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	for (uint32_t i = 0; i < host->n_references; i++) check(L, &host->references[i]);
}

/* ---- values --------------------------------------------------------------------------- */

int apl_lua_evaluate(apl_lua *host, const apl_lua_reference *r, apl_guard_value *out) {
	const apl_lua_function as_text = {.text = r->value, .sees_event = r->sees_event};
	apl_guard_trouble trouble;
	trouble.work = 0;
	host->spent += apl_guard_cost(r->value);
	bool is_known = apl_guard_evaluate(r->value, apl_lua_situation(host, &as_text), out, &trouble);
	host->spent += trouble.work / APL_LUA_BYTES_PER_INSTRUCTION;
	if (is_known) return out->is_there ? 0 : 1;
	apl_guard_explain(r->value, &trouble, &host->error);
	return -1;
}

/* Over the record: lists that the running function has changed are written there when it is over. */
static void evaluate_now(lua_State *L, const apl_lua_reference *r, apl_guard_value *out) {
	apl_lua *host = apl_lua_of(L);
	apl_lua_charge(L, apl_guard_cost(r->value));
	if (apl_lua_evaluate(host, r, out) < 0) apl_lua_raise_placed(L);
}

static void push_expression(lua_State *L, const apl_lua_reference *r) {
	apl_guard_value value;
	evaluate_now(L, r, &value);
	if (!value.is_there) {
		lua_pushnil(L);
		return;
	}
	switch ((apl_type)value.type) {
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT: lua_pushinteger(L, value.as.integer); return;
	case APL_TYPE_SPAN: {
		char span[APL_SPAN_TEXT];
		if (value.unit == APL_SPAN_CLOCK)
			lua_pushinteger(L, value.as.integer);
		else
			lua_pushlstring(L, span, apl_span_write_in(value.as.integer, (apl_span_unit)value.unit, span));
		return;
	}
	case APL_TYPE_NUMBER: lua_pushnumber(L, value.as.number); return;
	case APL_TYPE_BOOLEAN: lua_pushboolean(L, value.as.truth); return;
	case APL_TYPE_MONEY: apl_lua_push_money(L, value.as.money); return;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: apl_lua_push_text(L, value.as.text.bytes, value.as.text.size); return;
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: break;
	}
	APL_ASSERT(false); /* an expression comes to a scalar */
}

static void push_from(lua_State *L, const apl_lua_reference *r) {
	const apl_lua *host = apl_lua_of(L);
	if (r->value != NULL) {
		push_expression(L, r);
		return;
	}
	const apl_lua_node *root = &host->nodes[r->source == APL_LUA_DATA ? host->data_node : host->params_node];
	if (root->schema->fields[r->number].type != APL_TYPE_FIELDS) {
		apl_lua_push_field(L, root, host->words[r->source], r->number);
		return;
	}
	/* `fields` have a node of their own, which stands behind its record's root. */
	uint32_t node = (uint32_t)(root - host->nodes);
	while (host->nodes[node].schema != root->schema || host->nodes[node].field != r->number) node++;
	lua_pushlightuserdata(L, apl_lua_proxy(0, node));
}

bool apl_lua_push_referred(lua_State *L, int index) {
	const apl_part *part = apl_lua_to_part(L, index);
	if (part == NULL || part->reference == 0 || part->stage != APL_PART_WHOLE) return false;
	const apl_lua_reference *r = reference_of(L, part);
	if (apl_lua_of(L)->turn == NULL)
		apl_lua_refuse(L, "outside-turn", "%s \"%s\" has a value only while a case is handled", apl_words[r->word].name, r->name);
	APL_ASSERT(r->is_good); /* or the playbook would not have loaded */
	if (r->word == APL_WORD_FROM)
		push_from(L, r);
	else
		apl_lua_push_phrase(L, lua_absindex(L, index), r);
	return true;
}

const apl_lua_reference *apl_lua_referred(lua_State *L, int index) {
	const apl_part *part = apl_lua_to_part(L, index);
	return part != NULL && part->reference != 0 ? reference_of(L, part) : NULL;
}

bool apl_lua_show_from(lua_State *L, const apl_lua_reference *r, apl_buf *out) {
	const apl_lua *host = apl_lua_of(L);
	if (r->value != NULL) {
		apl_guard_value value;
		evaluate_now(L, r, &value);
		if (value.is_there && (value.type == APL_TYPE_TEXT || value.type == APL_TYPE_ONE_OF))
			apl_buf_add(out, value.as.text.bytes, value.as.text.size);
		else if (value.is_there)
			apl_guard_show(out, &value);
		return value.is_there;
	}
	const apl_schema *schema = r->source == APL_LUA_DATA ? host->program.data : host->program.params;
	const apl_field *field = &schema->fields[r->number];
	if (!apl_type_is_shown((apl_type)field->type))
		apl_lua_refuse(L, "wrong-type", "from \"%s\" is %s, which has no form for people", r->name, apl_type_name((apl_type)field->type));
	if (!apl_record_has(host->words[r->source], field)) return false;
	apl_field_show(out, schema, host->words[r->source], r->number);
	return true;
}

bool apl_lua_referred_business(lua_State *L, int index, char out[APL_SPAN_TEXT]) {
	const apl_lua *host = apl_lua_of(L);
	const apl_part *part = apl_lua_to_part(L, index);
	if (part == NULL || part->word != APL_WORD_FROM || host->turn == NULL) return false;
	const apl_lua_reference *r = reference_of(L, part);
	if (r->value != NULL) return false;
	const apl_schema *schema = r->source == APL_LUA_DATA ? host->program.data : host->program.params;
	const apl_field *field = &schema->fields[r->number];
	const uint64_t *words = host->words[r->source];
	if (field->type != APL_TYPE_SPAN || !apl_record_has(words, field) || apl_record_span_unit(words, field) == APL_SPAN_CLOCK) return false;
	apl_span_write_in(apl_record_integer(words, field), apl_record_span_unit(words, field), out);
	return true;
}
