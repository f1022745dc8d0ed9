/* SPDX-License-Identifier: MIT */
/*
 * Decides what the names in a text stand for: fields of data, params and the
 * events that may be there, what a case knows, states and counters. A name that
 * stands for nothing is told with the nearest one.
 */
#include <stdio.h>

#include "data/guard_typing.h"
#include "time/shown.h"

static const struct {
	const char *name;
	apl_guard_topic topic;
	apl_type type;
} of_case[] = {{"id", APL_GUARD_CASE_ID, APL_TYPE_TEXT}, {"subject", APL_GUARD_CASE_SUBJECT, APL_TYPE_TEXT},
    {"locale", APL_GUARD_CASE_LOCALE, APL_TYPE_TEXT}, {"now", APL_GUARD_CASE_NOW, APL_TYPE_INSTANT},
    {"opened_at", APL_GUARD_CASE_OPENED_AT, APL_TYPE_INSTANT}},
  of_event[] = {
      {"name", APL_GUARD_EVENT_NAME, APL_TYPE_TEXT}, {"by", APL_GUARD_EVENT_BY, APL_TYPE_TEXT}, {"id", APL_GUARD_EVENT_ID, APL_TYPE_TEXT}};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void set_topic(apl_guard_node *node, apl_guard_topic topic, apl_type type) {
	node->source = APL_FROM_ENVELOPE;
	node->has_topic = true;
	node->topic = topic;
	node->type = (uint8_t)type;
}

static bool type_case_path(apl_guard_typing *t, apl_guard_node *node, const char *name, size_t size) {
	char hint[APL_GUARD_HINT], shown[APL_SHOWN];
	apl_nearest nearest = apl_nearest_to(name, size);
	for (size_t i = 0; i < COUNT(of_case); i++) {
		if (strlen(of_case[i].name) == size && memcmp(of_case[i].name, name, size) == 0) {
			set_topic(node, of_case[i].topic, of_case[i].type);
			return true;
		}
		apl_nearest_try(&nearest, of_case[i].name);
	}
	size_t first = strcspn(name, ".");
	if ((first == 4 && memcmp(name, "data", 4) == 0) || (first == 6 && memcmp(name, "params", 6) == 0))
		return APL_GUARD_MISTAKE(t, node, "unknown-field", "in a text it is %s, without \"case.\"", apl_shown(name, size, shown));
	apl_nearest_hint(&nearest, hint, sizeof hint);
	return APL_GUARD_MISTAKE(t, node, "unknown-field", "case has no \"%s\" that a text can ask for%s", apl_shown(name, size, shown),
	    hint[0] != '\0' ? hint : "; there are case.id, case.subject, case.locale, case.now and case.opened_at");
}

/* How far a dotted path leads into a schema. */
typedef struct walk {
	uint32_t field;   /* the field it names, or the last one that is there */
	const char *rest; /* the name that is not there; NULL: all are */
	size_t rest_size;
	bool is_no_group; /* it goes on behind a field that has none within */
} walk;

static walk walk_schema(const apl_schema *schema, const char *path) {
	walk w = {0, NULL, 0, false};
	for (;;) {
		size_t size = strcspn(path, ".");
		w.rest = path;
		w.rest_size = size;
		w.is_no_group = schema->fields[w.field].type != APL_TYPE_FIELDS;
		if (w.is_no_group) return w;
		uint32_t member = apl_schema_member(schema, w.field, path, size);
		if (member == APL_NO_FIELD) return w;
		w.field = member;
		w.rest = NULL;
		if (path[size] == '\0') return w;
		path += size + 1;
	}
}

static void take_field(apl_guard_node *node, const apl_schema *schema, uint32_t number) {
	const apl_field *field = &schema->fields[number];
	node->schema = schema;
	node->field = field;
	node->field_number = number;
	node->type = field->type;
	node->is_personal = field->personal;
	node->item_type = APL_TYPE_ANY;
	if (field->type == APL_TYPE_LIST && field->first_child != APL_NO_FIELD) node->item_type = schema->fields[field->first_child].type;
}

static bool no_field(apl_guard_typing *t, apl_guard_node *node, const char *what, const apl_schema *schema, walk w) {
	char hint[APL_GUARD_HINT], shown[APL_SHOWN];
	const apl_field *field = &schema->fields[w.field];
	const char *point = field->path[0] != '\0' ? "." : "";
	if (w.is_no_group)
		return APL_GUARD_MISTAKE(
		    t, node, "unknown-field", "%s%s%s is %s, which has no fields", what, point, field->path, kind_of_type(field->type));

	return APL_GUARD_MISTAKE(t, node, "unknown-field", "%s%s%s has no field \"%s\"%s", what, point, field->path,
	    apl_shown(w.rest, w.rest_size, shown), apl_schema_hint(schema, w.field, w.rest, w.rest_size, hint, sizeof hint));
}

static bool type_record_path(apl_guard_typing *t, apl_guard_node *node, const char *what, const apl_schema *schema, const char *path) {
	if (schema == NULL) {
		node->is_wrong = true; /* the schema's own findings are told */
		return false;
	}
	walk w = walk_schema(schema, path);
	if (w.rest != NULL) return no_field(t, node, what, schema, w);
	take_field(node, schema, w.field);
	return true;
}

/* None of the events has it. */
static bool no_event_field(apl_guard_typing *t, apl_guard_node *node, const char *path) {
	const apl_guard_scope *scope = t->scope;
	char hint[APL_GUARD_HINT], shown[APL_SHOWN], what[128];
	size_t size = strcspn(path, ".");
	if (scope->lacks_events) {
		node->is_wrong = true;
		return false;
	}
	if (scope->n_events == 1) {
		walk w = walk_schema(scope->events[0].schema, path);
		apl_nearest nearest = apl_nearest_to(w.rest, w.rest_size);
		for (uint32_t i = scope->events[0].schema->fields[w.field].first_child; i != APL_NO_FIELD && !w.is_no_group;
		     i = scope->events[0].schema->fields[i].next)
			apl_nearest_try(&nearest, scope->events[0].schema->fields[i].name);
		for (size_t i = 0; i < COUNT(of_event) && w.field == 0; i++) apl_nearest_try(&nearest, of_event[i].name);
		snprintf(what, sizeof what, "event \"%.80s\"", scope->events[0].name);
		if (w.is_no_group || w.field != 0) return no_field(t, node, "event", scope->events[0].schema, w);
		return APL_GUARD_MISTAKE(t, node, "unknown-field", "%s has no field \"%s\"%s", what, apl_shown(w.rest, w.rest_size, shown),
		    apl_nearest_hint(&nearest, hint, sizeof hint));
	}
	apl_nearest nearest = apl_nearest_to(path, size);
	for (uint32_t e = 0; e < scope->n_events; e++) {
		const apl_schema *schema = scope->events[e].schema;
		for (uint32_t i = schema->fields[0].first_child; i != APL_NO_FIELD; i = schema->fields[i].next)
			apl_nearest_try(&nearest, schema->fields[i].name);
	}
	for (size_t i = 0; i < COUNT(of_event); i++) apl_nearest_try(&nearest, of_event[i].name);
	const char *whose = scope->is_of_all_events ? "no event of the playbook has" : "none of the events that are listened to here has";
	if (scope->n_events == 0)
		whose = scope->is_of_all_events ? "the playbook declares no event with" : "no declared event is listened to here, with";
	return APL_GUARD_MISTAKE(t, node, "unknown-field", "%s a field \"%s\"%s", whose, apl_shown(path, strlen(path), shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
}

static bool is_same_type(const apl_guard_node *node, const apl_schema *schema, const apl_field *field) {
	if (node->type != field->type) return false;
	if (field->type != APL_TYPE_LIST) return true;
	uint8_t item = field->first_child != APL_NO_FIELD ? schema->fields[field->first_child].type : (uint8_t)APL_TYPE_ANY;
	return item == node->item_type;
}

static bool type_event_path(apl_guard_typing *t, apl_guard_node *node, const char *path) {
	const apl_guard_scope *scope = t->scope;
	apl_guard_member *members = apl_arena_take(t->guard->arena, (scope->n_events + 1) * sizeof *members);
	if (members == NULL) {
		t->no_memory = true;
		return false;
	}
	const char *first = "";
	for (uint32_t e = 0; e < scope->n_events; e++) {
		const apl_schema *schema = scope->events[e].schema;
		walk w = walk_schema(schema, path);
		if (w.rest != NULL) continue;
		const apl_field *field = &schema->fields[w.field];
		bool is_personal = node->is_personal || field->personal;
		if (node->n_members == 0) {
			take_field(node, schema, w.field);
			first = scope->events[e].name;
		} else if (!is_same_type(node, schema, field)) {

			return APL_GUARD_MISTAKE(t, node, "event-types",
			    "%s is %s in event \"%.60s\" and %s in event \"%.60s\"; let the transition listen to one of them", node->name,
			    kind_of(node), first, kind_of_type(field->type), scope->events[e].name);
		}
		node->is_personal = is_personal;
		members[node->n_members++] = (apl_guard_member){schema, field, w.field};
	}
	node->members = members;
	node->source = APL_FROM_EVENT;
	for (size_t i = 0; i < COUNT(of_event); i++) {
		if (strcmp(of_event[i].name, path) != 0) continue;
		if (node->n_members == 0) {
			set_topic(node, of_event[i].topic, of_event[i].type);
			return true;
		}
		/* The data's own member goes first; an event without it has the envelope's. */
		bool all_have = node->n_members == scope->n_events && !scope->is_of_all_events;

		if (!all_have && node->type != of_event[i].type)
			return APL_GUARD_MISTAKE(t, node, "event-types",
			    "%s is %s in event \"%.60s\" and %s of every other event; let the transition listen to one of them", node->name,
			    kind_of(node), first, kind_of_type((uint8_t)of_event[i].type));
		node->has_topic = !all_have;
		node->topic = of_event[i].topic;
		return true;
	}
	return node->n_members > 0 || no_event_field(t, node, path);
}

/* A field's name without where it is: "tries" for data.tries. */
static void suggest_field(const apl_guard_typing *t, const char *name, size_t size, char *hint, size_t hint_size) {
	const apl_guard_scope *scope = t->scope;
	const char *where = NULL;
	for (uint32_t i = 0; i < scope->n_events; i++) {
		if (apl_schema_member(scope->events[i].schema, 0, name, size) != APL_NO_FIELD) where = "event";
	}
	if (scope->params != NULL && apl_schema_member(scope->params, 0, name, size) != APL_NO_FIELD) where = "params";
	if (scope->data != NULL && apl_schema_member(scope->data, 0, name, size) != APL_NO_FIELD) where = "data";
	if (where != NULL) snprintf(hint, hint_size, "; did you mean %s.%.*s?", where, (int)size, name);
}

bool apl_guard_name_path(apl_guard_typing *t, apl_guard_node *node) {
	static const char *const roots[] = {"data", "params", "event", "case"};
	char hint[APL_GUARD_HINT], shown[APL_SHOWN];
	size_t size = strcspn(node->name, ".");
	const char *path = node->name[size] != '\0' ? node->name + size + 1 : NULL;
	size_t root = 0;
	while (root < COUNT(roots) && (strlen(roots[root]) != size || memcmp(roots[root], node->name, size) != 0)) root++;
	if (root == COUNT(roots)) {
		apl_nearest nearest = apl_nearest_to(node->name, size);
		for (size_t i = 0; i < COUNT(roots); i++) apl_nearest_try(&nearest, roots[i]);
		for (int op = APL_OP_IS_IN; op <= APL_OP_CONTAINS; op++) apl_nearest_try(&nearest, apl_guard_ops[op].word);
		apl_nearest_hint(&nearest, hint, sizeof hint);
		suggest_field(t, node->name, size, hint, sizeof hint);
		return APL_GUARD_MISTAKE(t, node, "unknown-name", "a text does not know \"%s\"%s", apl_shown(node->name, size, shown),
		    hint[0] != '\0' ? hint : "; a path begins with data., params., event. or case.");
	}
	if (path == NULL)
		return APL_GUARD_MISTAKE(t, node, "unknown-field", "%s is not a value; name one of its fields, as %s.x", node->name, node->name);
	switch (root) {
	case 0: node->source = APL_FROM_DATA; return type_record_path(t, node, "data", t->scope->data, path);
	case 1: node->source = APL_FROM_PARAMS; return type_record_path(t, node, "params", t->scope->params, path);
	case 2: return type_event_path(t, node, path);
	default: return type_case_path(t, node, path, strlen(path));
	}
}

bool apl_guard_name_clock(apl_guard_typing *t, apl_guard_node *node) {
	const apl_guard_scope *scope = t->scope;
	char hint[APL_GUARD_HINT] = "", shown[APL_SHOWN];
	node->type = node->op >= APL_OP_CLOCK_RUNNING ? APL_TYPE_BOOLEAN : node->op == APL_OP_CLOCK_DEADLINE ? APL_TYPE_INSTANT : APL_TYPE_SPAN;
	node->topic = APL_GUARD_CLOCK_ELAPSED + (uint32_t)(node->op - APL_OP_CLOCK_ELAPSED);
	if (scope->clock == NULL) return true;
	node->number = scope->clock(scope->self, node->name, node->name_size, hint, sizeof hint);
	if (node->number != APL_NO_FIELD) return true;
	return APL_GUARD_MISTAKE(t, node, "unknown-clock", "there is no clock \"%s\"%s", apl_shown(node->name, node->name_size, shown), hint);
}

bool apl_guard_name_rota(apl_guard_typing *t, apl_guard_node *node) {
	const apl_guard_scope *scope = t->scope;
	char hint[APL_GUARD_HINT] = "", shown[APL_SHOWN];
	node->type = node->op == APL_OP_ON_DUTY ? APL_TYPE_TEXT : APL_TYPE_BOOLEAN;
	node->topic = node->op == APL_OP_ON_DUTY ? APL_GUARD_ON_DUTY : APL_GUARD_NOBODY_ON_DUTY;
	if (scope->rota == NULL) return true;
	node->number = scope->rota(scope->self, node->name, node->name_size, hint, sizeof hint);
	if (node->number != APL_NO_FIELD) return true;
	return APL_GUARD_MISTAKE(t, node, "unknown-rota", "there is no rota \"%s\"%s", apl_shown(node->name, node->name_size, shown), hint);
}

bool apl_guard_name_state_or_counter(apl_guard_typing *t, apl_guard_node *node) {
	static const uint8_t types[] = {[APL_OP_IS_IN] = APL_TYPE_BOOLEAN, [APL_OP_TIME_IN] = APL_TYPE_SPAN, [APL_OP_COUNT] = APL_TYPE_INTEGER};
	const apl_guard_scope *scope = t->scope;
	char hint[APL_GUARD_HINT] = "", shown[APL_SHOWN];
	node->type = types[node->op];
	node->topic = node->op == APL_OP_IS_IN ? APL_GUARD_IS_IN : node->op == APL_OP_COUNT ? APL_GUARD_COUNT : APL_GUARD_TIME_IN_STAY;
	if (node->is_total) node->topic = APL_GUARD_TIME_IN_TOTAL;
	bool is_counter = node->op == APL_OP_COUNT;
	if ((is_counter ? scope->counter : scope->state) == NULL) return true;
	node->number = (is_counter ? scope->counter : scope->state)(scope->self, node->name, node->name_size, hint, sizeof hint);
	if (node->number != APL_NO_FIELD) return true;
	return APL_GUARD_MISTAKE(t, node, is_counter ? "unknown-counter" : "unknown-state", "there is no %s \"%s\"%s",
	    is_counter ? "counter" : "state", apl_shown(node->name, node->name_size, shown), hint);
}
