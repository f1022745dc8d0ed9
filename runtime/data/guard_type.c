/* SPDX-License-Identifier: MIT */
/*
 * Decides what the names in a text mean and which parts go together: like is
 * compared with like, and what a text is read as follows from what stands
 * beside it. Everything is told at once, but nothing about what stands around a mistake.
 */
#include <stdio.h>

#include "base/assert.h"
#include "data/guard_tree.h"
#include "data/message.h"
#include "time/instant.h"
#include "time/shown.h"

typedef struct typing {
	apl_guard *guard;
	const apl_guard_scope *scope;
	apl_findings *findings;
	bool no_memory;
} typing;

enum { PIECE = 80, HINT = 160 };

/* A mistake at the node, which is wrong from now on; evaluates to false. */
#define WRONG(t, node, slug, ...)                                                                                                          \
	(apl_guard_found((t)->guard, (t)->findings, (slug), (node)->begin, __VA_ARGS__), (node)->is_wrong = true, false)

static const char *piece(const typing *t, const apl_guard_node *node, char out[PIECE]) {
	return apl_guard_piece(t->guard, node, out, PIECE);
}

/* "an integer", as in "data.n is an integer". */
static const char *kind_of(const apl_guard_node *node) {
	static const char *const names[APL_TYPES] = {[APL_TYPE_TEXT] = "text",
	    [APL_TYPE_INTEGER] = "an integer",
	    [APL_TYPE_NUMBER] = "a number",
	    [APL_TYPE_BOOLEAN] = "true or false",
	    [APL_TYPE_MONEY] = "money",
	    [APL_TYPE_INSTANT] = "an instant",
	    [APL_TYPE_SPAN] = "a span",
	    [APL_TYPE_ONE_OF] = "one of its choices",
	    [APL_TYPE_LIST] = "a list",
	    [APL_TYPE_ANY] = "of any type",
	    [APL_TYPE_FIELDS] = "a group of fields"};
	return node->op == APL_OP_NIL ? "nil" : names[node->type];
}

static bool is_path(const apl_guard_node *node) {
	return node->op == APL_OP_PATH;
}
static bool is_text(const apl_guard_node *node) {
	return node->type == APL_TYPE_TEXT || node->type == APL_TYPE_ONE_OF;
}
static bool is_numeric(const apl_guard_node *node) {
	return node->type == APL_TYPE_INTEGER || node->type == APL_TYPE_NUMBER;
}
static bool is_a(const apl_guard_node *node, apl_type type) {
	return node->op != APL_OP_NIL && node->type == type;
}

/* ---- names ------------------------------------------------------------------- */

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

static bool type_case_path(typing *t, apl_guard_node *node, const char *name, size_t size) {
	char hint[HINT], shown[APL_SHOWN];
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
		return WRONG(t, node, "unknown-field", "in a text it is %s, without \"case.\"", apl_shown(name, size, shown));
	apl_nearest_hint(&nearest, hint, sizeof hint);
	return WRONG(t, node, "unknown-field", "case has no \"%s\" that a text can ask for%s", apl_shown(name, size, shown),
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

static bool no_field(typing *t, apl_guard_node *node, const char *what, const apl_schema *schema, walk w) {
	char hint[HINT], shown[APL_SHOWN];
	const apl_field *field = &schema->fields[w.field];
	const char *point = field->path[0] != '\0' ? "." : "";
	if (w.is_no_group) {
		apl_guard_node at = {.type = field->type};
		return WRONG(t, node, "unknown-field", "%s%s%s is %s, which has no fields", what, point, field->path, kind_of(&at));
	}
	return WRONG(t, node, "unknown-field", "%s%s%s has no field \"%s\"%s", what, point, field->path, apl_shown(w.rest, w.rest_size, shown),
	    apl_schema_hint(schema, w.field, w.rest, w.rest_size, hint, sizeof hint));
}

static bool type_record_path(typing *t, apl_guard_node *node, const char *what, const apl_schema *schema, const char *path) {
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
static bool no_event_field(typing *t, apl_guard_node *node, const char *path) {
	const apl_guard_scope *scope = t->scope;
	char hint[HINT], shown[APL_SHOWN], what[128];
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
		return WRONG(t, node, "unknown-field", "%s has no field \"%s\"%s", what, apl_shown(w.rest, w.rest_size, shown),
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
	return WRONG(t, node, "unknown-field", "%s a field \"%s\"%s", whose, apl_shown(path, strlen(path), shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
}

static bool is_same_type(const apl_guard_node *node, const apl_schema *schema, const apl_field *field) {
	if (node->type != field->type) return false;
	if (field->type != APL_TYPE_LIST) return true;
	uint8_t item = field->first_child != APL_NO_FIELD ? schema->fields[field->first_child].type : (uint8_t)APL_TYPE_ANY;
	return item == node->item_type;
}

static bool type_event_path(typing *t, apl_guard_node *node, const char *path) {
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
			apl_guard_node other = {.type = field->type};
			return WRONG(t, node, "event-types",
			    "%s is %s in event \"%.60s\" and %s in event \"%.60s\"; let the transition listen to one of them", node->name,
			    kind_of(node), first, kind_of(&other), scope->events[e].name);
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
		apl_guard_node own = {.type = (uint8_t)of_event[i].type};
		if (!all_have && node->type != of_event[i].type)
			return WRONG(t, node, "event-types",
			    "%s is %s in event \"%.60s\" and %s of any other event; let the transition listen to one of them", node->name,
			    kind_of(node), first, kind_of(&own));
		node->has_topic = !all_have;
		node->topic = of_event[i].topic;
		return true;
	}
	return node->n_members > 0 || no_event_field(t, node, path);
}

/* A field's name without where it is: "tries" for data.tries. */
static void suggest_field(const typing *t, const char *name, size_t size, char *hint, size_t hint_size) {
	const apl_guard_scope *scope = t->scope;
	const char *where = NULL;
	for (uint32_t i = 0; i < scope->n_events; i++) {
		if (apl_schema_member(scope->events[i].schema, 0, name, size) != APL_NO_FIELD) where = "event";
	}
	if (scope->params != NULL && apl_schema_member(scope->params, 0, name, size) != APL_NO_FIELD) where = "params";
	if (scope->data != NULL && apl_schema_member(scope->data, 0, name, size) != APL_NO_FIELD) where = "data";
	if (where != NULL) snprintf(hint, hint_size, "; did you mean %s.%.*s?", where, (int)size, name);
}

static bool type_path(typing *t, apl_guard_node *node) {
	static const char *const roots[] = {"data", "params", "event", "case"};
	char hint[HINT], shown[APL_SHOWN];
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
		return WRONG(t, node, "unknown-name", "a text does not know \"%s\"%s", apl_shown(node->name, size, shown),
		    hint[0] != '\0' ? hint : "; a path begins with data., params., event. or case.");
	}
	if (path == NULL) return WRONG(t, node, "unknown-field", "%s is not a value; name one of its fields, as %s.x", node->name, node->name);
	switch (root) {
	case 0: node->source = APL_FROM_DATA; return type_record_path(t, node, "data", t->scope->data, path);
	case 1: node->source = APL_FROM_PARAMS; return type_record_path(t, node, "params", t->scope->params, path);
	case 2: return type_event_path(t, node, path);
	default: return type_case_path(t, node, path, strlen(path));
	}
}

static bool type_named(typing *t, apl_guard_node *node) {
	static const uint8_t types[] = {[APL_OP_IS_IN] = APL_TYPE_BOOLEAN, [APL_OP_TIME_IN] = APL_TYPE_SPAN, [APL_OP_COUNT] = APL_TYPE_INTEGER};
	const apl_guard_scope *scope = t->scope;
	char hint[HINT] = "", shown[APL_SHOWN];
	node->type = types[node->op];
	node->topic = node->op == APL_OP_IS_IN ? APL_GUARD_IS_IN : node->op == APL_OP_COUNT ? APL_GUARD_COUNT : APL_GUARD_TIME_IN_STAY;
	if (node->is_total) node->topic = APL_GUARD_TIME_IN_TOTAL;
	bool is_counter = node->op == APL_OP_COUNT;
	if ((is_counter ? scope->counter : scope->state) == NULL) return true;
	node->number = (is_counter ? scope->counter : scope->state)(scope->self, node->name, node->name_size, hint, sizeof hint);
	if (node->number != APL_NO_FIELD) return true;
	return WRONG(t, node, is_counter ? "unknown-counter" : "unknown-state", "there is no %s \"%s\"%s", is_counter ? "counter" : "state",
	    apl_shown(node->name, node->name_size, shown), hint);
}

/* ---- literals ------------------------------------------------------------------- */

static bool read_choice(typing *t, apl_guard_node *literal, const apl_guard_node *beside) {
	apl_guard_member own = {beside->schema, beside->field, beside->field_number};
	const apl_guard_member *members = beside->n_members > 0 ? beside->members : &own;
	uint32_t count = beside->n_members > 0 ? beside->n_members : 1;
	for (uint32_t m = 0; m < count; m++) {
		for (uint32_t i = 0; i < members[m].field->n_choices; i++) {
			if (strcmp(members[m].field->choices[i], literal->name) != 0) continue;
			literal->type = APL_TYPE_ONE_OF;
			literal->constant.type = APL_TYPE_ONE_OF;
			literal->number = i; /* counts where there is one field only */
			return true;
		}
	}
	static const char *const whats[] = {[APL_FROM_DATA] = "data", [APL_FROM_PARAMS] = "params", [APL_FROM_EVENT] = "event"};
	aplomb_error error;
	apl_target target = {.schema = members[0].schema, .layout = &members[0].schema->private_->layouts[0], .what = whats[beside->source]};
	apl_refuse_choice(&target, members[0].number, literal->name, literal->name_size, &error);
	return WRONG(t, literal, "not-a-choice", "%s", error.message);
}

/* A text literal as a value of the type; told when it is none. */
static bool read_literal(typing *t, apl_guard_node *literal, apl_type type) {
	aplomb_error error = {0};
	int code = APLOMB_OK;
	char clock[APL_INSTANT_TEXT];
	apl_span_unit unit = APL_SPAN_CLOCK;
	apl_guard_value value = {.type = (uint8_t)type, .is_there = true};
	if (type == APL_TYPE_MONEY)
		code = apl_money_read(literal->name, literal->name_size, &value.as.money, &error);
	else if (type == APL_TYPE_SPAN)
		code = apl_span_read_any(literal->name, literal->name_size, &value.as.integer, &unit, &error);
	else if (type == APL_TYPE_INSTANT)
		code = apl_instant_read(literal->name, literal->name_size, &value.as.integer, &error);
	else
		return true;
	if (code != APLOMB_OK) return WRONG(t, literal, error.slug, "%s", error.message);
	value.unit = (uint8_t)unit;
	if (unit != APL_SPAN_CLOCK) {
		apl_span_write(value.as.integer, clock);
		apl_guard_told(t->guard, t->findings, APLOMB_NOTE, "business-clock-time", literal->begin,
		    "\"%s\" counts as %s of clock time: no calendar is asked yet", literal->name, clock);
	}
	literal->constant = value;
	literal->type = (uint8_t)type;
	return true;
}

static bool is_text_literal(const apl_guard_node *node) {
	return node->op == APL_OP_CONSTANT && node->type == APL_TYPE_TEXT;
}

/* A text is what stands beside it; false: it is not, which was told. */
static bool adapt(typing *t, apl_guard_node *literal, const apl_guard_node *beside) {
	if (!is_text_literal(literal) || beside->op == APL_OP_NIL || is_text_literal(beside)) return true;
	if (beside->type == APL_TYPE_ONE_OF && is_path(beside)) return read_choice(t, literal, beside);
	return read_literal(t, literal, (apl_type)beside->type);
}

/* ---- operations -------------------------------------------------------------------- */

static bool type_has(typing *t, apl_guard_node *node) {
	char text[PIECE];
	node->type = APL_TYPE_BOOLEAN;
	if (is_path(node->left)) return true;
	return WRONG(t, node->left, "wrong-type", "has(…) takes a path such as data.x, found %s", piece(t, node->left, text));
}

static bool type_length(typing *t, apl_guard_node *node) {
	char text[PIECE];
	node->type = APL_TYPE_INTEGER;
	if (is_text(node->left) || is_a(node->left, APL_TYPE_LIST)) return true;
	return WRONG(
	    t, node->left, "wrong-type", "%s is %s; only text and lists have a length", piece(t, node->left, text), kind_of(node->left));
}

/* May an item of this type be the value? Items that are not declared are what they are. */
static bool may_be_item(apl_type item, const apl_guard_node *value) {
	bool is_plain = is_text(value) || is_numeric(value) || is_a(value, APL_TYPE_BOOLEAN);
	switch (item) {
	case APL_TYPE_ANY: return is_plain;
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: return is_text(value);
	case APL_TYPE_INTEGER:
	case APL_TYPE_NUMBER: return is_numeric(value);
	case APL_TYPE_LIST:
	case APL_TYPE_FIELDS: return false;
	default: return value->type == item;
	}
}

static bool read_item(typing *t, apl_guard_node *literal, const apl_guard_node *list) {
	if (!is_text_literal(literal)) return true;
	if (list->item_type != APL_TYPE_ONE_OF) return read_literal(t, literal, (apl_type)list->item_type);
	uint32_t item = list->field->first_child;
	apl_guard_node beside = {.op = APL_OP_PATH,
	    .type = APL_TYPE_ONE_OF,
	    .source = list->source,
	    .schema = list->schema,
	    .field = &list->schema->fields[item],
	    .field_number = item};
	return read_choice(t, literal, &beside);
}

static bool type_contains(typing *t, apl_guard_node *node) {
	char text[PIECE], value[PIECE];
	apl_guard_node *where = node->left, *what = node->right;
	node->type = APL_TYPE_BOOLEAN;
	if (!is_text(where) && !is_a(where, APL_TYPE_LIST))
		return WRONG(t, where, "wrong-type", "%s is %s; only a list or a text contains something", piece(t, where, text), kind_of(where));
	if (is_text(where)) {
		if (is_text(what)) return true;
		return WRONG(t, what, "wrong-type", "%s is %s; a text contains only text", piece(t, what, value), kind_of(what));
	}
	if (!read_item(t, what, where)) return false;
	if (what->op != APL_OP_NIL && may_be_item((apl_type)where->item_type, what)) return true;
	apl_guard_node item = {.type = where->item_type};
	return WRONG(t, what, "wrong-type", "%s is %s, and the items of %s are %s", piece(t, what, value), kind_of(what), piece(t, where, text),
	    where->item_type == APL_TYPE_ANY ? "not declared; only text, numbers and booleans are compared with such" : kind_of(&item));
}

static bool type_logic(typing *t, apl_guard_node *node) {
	char text[PIECE];
	node->type = APL_TYPE_BOOLEAN;
	bool is_good = true;
	apl_guard_node *sides[] = {node->left, node->right};
	for (int i = 0; i < 2 && sides[i] != NULL; i++) {
		if (is_a(sides[i], APL_TYPE_BOOLEAN)) continue;
		piece(t, sides[i], text);
		is_good = WRONG(t, sides[i], "wrong-type", "%s is %s, and \"%s\" is about what is true or false%s%s%s", text, kind_of(sides[i]),
		    apl_guard_ops[node->op].word, is_path(sides[i]) ? "; did you mean has(" : "", is_path(sides[i]) ? text : "",
		    is_path(sides[i]) ? ")?" : "");
	}
	return is_good;
}

/* How the sides of a comparison go together. */
static bool compares(const apl_guard_node *a, const apl_guard_node *b, apl_guard_kinds *out) {
	if (a->op == APL_OP_NIL || b->op == APL_OP_NIL) return false;
	if (is_numeric(a) && is_numeric(b)) {
		*out = a->type == APL_TYPE_INTEGER && b->type == APL_TYPE_INTEGER ? APL_KINDS_INTEGERS : APL_KINDS_NUMBERS;
		return true;
	}
	if (is_text(a) && is_text(b)) {
		*out = APL_KINDS_TEXTS;
		return true;
	}
	if (a->type != b->type) return false;
	switch ((apl_type)a->type) {
	case APL_TYPE_MONEY: *out = APL_KINDS_MONEY; return true;
	case APL_TYPE_BOOLEAN: *out = APL_KINDS_BOOLEANS; return true;
	case APL_TYPE_INSTANT:
	case APL_TYPE_SPAN: *out = APL_KINDS_INTEGERS; return true;
	default: return false;
	}
}

static bool type_nil(typing *t, apl_guard_node *node) {
	bool is_equality = node->op == APL_OP_EQUAL || node->op == APL_OP_UNEQUAL;
	apl_guard_node *other = node->left->op == APL_OP_NIL ? node->right : node->left;
	node->kinds = APL_KINDS_NIL;
	if (is_equality && is_path(other)) return true;
	return WRONG(t, node, "wrong-type", "nil stands only beside a path and == or ~=: data.x == nil asks whether data.x is missing");
}

/* What to write instead of a comparison that does not fit. */
static const char *comparison_hint(const apl_guard_node *a, const apl_guard_node *b) {
	if (is_a(b, APL_TYPE_SPAN) || is_a(b, APL_TYPE_MONEY)) {
		const apl_guard_node *swap = a;
		a = b;
		b = swap;
	}
	if (is_a(a, APL_TYPE_SPAN) && is_numeric(b)) return "; write the span as text, as in \"90s\"";
	if (is_a(a, APL_TYPE_MONEY) && is_numeric(b)) return "; write the amount as text, as in \"40.00 GBP\"";
	return "";
}

static bool type_comparison(typing *t, apl_guard_node *node) {
	char left[PIECE], right[PIECE];
	apl_guard_node *a = node->left, *b = node->right;
	const char *word = apl_guard_ops[node->op].word;
	bool is_order = node->op < APL_OP_EQUAL;
	apl_guard_kinds kinds = APL_KINDS_INTEGERS;
	node->type = APL_TYPE_BOOLEAN;
	if (a->op == APL_OP_NIL || b->op == APL_OP_NIL) return type_nil(t, node);
	if (!adapt(t, a, b) || !adapt(t, b, a)) return false;
	if (!compares(a, b, &kinds))
		return WRONG(t, node, "wrong-type", "%s is %s and %s is %s; %s compares like with like%s", piece(t, a, left), kind_of(a),
		    piece(t, b, right), kind_of(b), word, comparison_hint(a, b));
	node->kinds = (uint8_t)kinds;
	if (is_order && kinds == APL_KINDS_BOOLEANS)
		return WRONG(t, node, "wrong-type", "true and false have no order, so %s cannot compare them", word);
	if (is_order && (a->type == APL_TYPE_ONE_OF || b->type == APL_TYPE_ONE_OF))
		return WRONG(t, node, "wrong-type", "the choices of a one_of have no order, so %s cannot compare %s; there are == and ~=", word,
		    piece(t, a->type == APL_TYPE_ONE_OF ? a : b, left));
	return true;
}

/* What a sum of two types comes to; false: nothing. */
static bool calculates(apl_guard_op op, const apl_guard_node *a, const apl_guard_node *b, apl_type *out) {
	bool sums = op == APL_OP_ADD || op == APL_OP_SUBTRACT;
	if (is_numeric(a) && is_numeric(b)) {
		bool is_integer = a->type == APL_TYPE_INTEGER && b->type == APL_TYPE_INTEGER && op != APL_OP_DIVIDE;
		*out = is_integer ? APL_TYPE_INTEGER : APL_TYPE_NUMBER;
		return true;
	}
	for (int money_or_span = 0; money_or_span < 2; money_or_span++) {
		apl_type type = money_or_span == 0 ? APL_TYPE_MONEY : APL_TYPE_SPAN;
		*out = type;
		if (sums && is_a(a, type) && is_a(b, type)) return true;
		if (op == APL_OP_MULTIPLY && is_a(a, type) && is_a(b, APL_TYPE_INTEGER)) return true;
		if (op == APL_OP_MULTIPLY && is_a(a, APL_TYPE_INTEGER) && is_a(b, type)) return true;
	}
	if (is_a(a, APL_TYPE_SPAN) && op == APL_OP_FLOOR_DIVIDE && is_a(b, APL_TYPE_INTEGER)) return true;
	if (is_a(a, APL_TYPE_SPAN) && op == APL_OP_MODULO && is_a(b, APL_TYPE_SPAN)) return true;
	*out = APL_TYPE_INTEGER;
	if (is_a(a, APL_TYPE_SPAN) && op == APL_OP_FLOOR_DIVIDE && is_a(b, APL_TYPE_SPAN)) return true;
	*out = APL_TYPE_SPAN;
	if (op == APL_OP_SUBTRACT && is_a(a, APL_TYPE_INSTANT) && is_a(b, APL_TYPE_INSTANT)) return true;
	*out = APL_TYPE_INSTANT;
	if (sums && is_a(a, APL_TYPE_INSTANT) && is_a(b, APL_TYPE_SPAN)) return true;
	return op == APL_OP_ADD && is_a(a, APL_TYPE_SPAN) && is_a(b, APL_TYPE_INSTANT);
}

/* A text beside an instant is a span, or, subtracted, an instant when it reads as one. */
static bool adapt_operand(typing *t, apl_guard_op op, apl_guard_node *literal, const apl_guard_node *beside) {
	if (!is_text_literal(literal) || is_text_literal(beside)) return true;
	if (is_a(beside, APL_TYPE_INSTANT)) {
		aplomb_instant at;
		bool is_instant = op == APL_OP_SUBTRACT && apl_instant_read(literal->name, literal->name_size, &at, NULL) == APLOMB_OK;
		return read_literal(t, literal, is_instant ? APL_TYPE_INSTANT : APL_TYPE_SPAN);
	}
	if (is_a(beside, APL_TYPE_SPAN) || is_a(beside, APL_TYPE_MONEY)) return read_literal(t, literal, (apl_type)beside->type);
	return true;
}

static const char *calculation_hint(apl_guard_op op, const apl_guard_node *a, const apl_guard_node *b) {
	bool divides = op == APL_OP_DIVIDE || op == APL_OP_FLOOR_DIVIDE || op == APL_OP_MODULO;
	if (divides && (is_a(a, APL_TYPE_MONEY) || is_a(b, APL_TYPE_MONEY))) return "; money is not divided, for a penny would be lost";
	if (op == APL_OP_DIVIDE && is_a(a, APL_TYPE_SPAN)) return "; write // for whole microseconds or whole times";
	if (is_a(a, APL_TYPE_MONEY) != is_a(b, APL_TYPE_MONEY) && (is_a(a, APL_TYPE_NUMBER) || is_a(b, APL_TYPE_NUMBER)))
		return "; money is multiplied by integers only";
	if (is_text(a) || is_text(b)) return "; text is no number";
	return "";
}

static bool type_arithmetic(typing *t, apl_guard_node *node) {
	static const char *const done[] = {[APL_OP_ADD] = "added",
	    [APL_OP_SUBTRACT] = "subtracted",
	    [APL_OP_MULTIPLY] = "multiplied",
	    [APL_OP_DIVIDE] = "divided",
	    [APL_OP_FLOOR_DIVIDE] = "divided",
	    [APL_OP_MODULO] = "divided"};
	char left[PIECE], right[PIECE];
	apl_guard_node *a = node->left, *b = node->right;
	apl_guard_op op = (apl_guard_op)node->op;
	apl_type type;
	if (!adapt_operand(t, op, a, b) || !adapt_operand(t, op, b, a)) return false;
	if (!calculates(op, a, b, &type))
		return WRONG(t, node, "wrong-type", "%s is %s and %s is %s; that cannot be %s%s", piece(t, a, left), kind_of(a), piece(t, b, right),
		    kind_of(b), done[op], calculation_hint(op, a, b));
	node->type = (uint8_t)type;
	node->kinds = type == APL_TYPE_NUMBER ? APL_KINDS_NUMBERS : type == APL_TYPE_MONEY ? APL_KINDS_MONEY : APL_KINDS_INTEGERS;
	return true;
}

static bool type_minus(typing *t, apl_guard_node *node) {
	char text[PIECE];
	node->type = node->left->type;
	if (is_numeric(node->left) || is_a(node->left, APL_TYPE_SPAN) || is_a(node->left, APL_TYPE_MONEY)) {
		node->kinds = node->type == APL_TYPE_NUMBER  ? APL_KINDS_NUMBERS
		              : node->type == APL_TYPE_MONEY ? APL_KINDS_MONEY
		                                             : APL_KINDS_INTEGERS;
		if (node->left->op != APL_OP_NIL) return true;
	}
	return WRONG(t, node, "wrong-type", "%s is %s, which has no minus", piece(t, node->left, text), kind_of(node->left));
}

/* ---- assignments ---------------------------------------------------------------------- */

/* Would the record take it? Asked of a record that nothing else is in. */
static bool try_constant(typing *t, apl_guard_node *node) {
	const apl_guard_node *target = node->left;
	const apl_schema *schema = target->schema;
	aplomb_error error = {0};
	apl_guard_value value;
	apl_guard_trouble trouble = {0};
	apl_guard_situation nothing = {0};
	uint64_t *words = apl_arena_take(t->guard->arena, (schema->n_words + 1) * sizeof *words);
	apl_writer writer = {.schema = schema, .words = words, .keep = {NULL, t->guard->arena}, .what = "data"};
	if (words == NULL || !apl_record_init(schema, words, writer.keep)) {
		t->no_memory = true;
		return false;
	}
	if (!apl_guard_node_value(t->guard, node->right, &nothing, &value, &trouble)) return true; /* told by check_constants */
	int code = apl_guard_write(&writer, target->field_number, &value, &error);
	if (code == APLOMB_OK) return true;
	if (code == APLOMB_ENOMEM) {
		t->no_memory = true;
		return false;
	}
	return WRONG(t, node->right, error.slug, "%s", error.message);
}

static bool type_assignment(typing *t, apl_guard_node *node) {
	char text[PIECE];
	apl_guard_node *target = node->left, *value = node->right;
	const apl_field *field = target->field;
	node->type = target->type;
	if (target->source != APL_FROM_DATA) return WRONG(t, target, "locked", "%s cannot be changed; only data can", target->name);
	if (field->type == APL_TYPE_FIELDS)
		return WRONG(t, target, "wrong-type", "%s is a group of fields; assign one of them, as %s.x", target->name, target->name);
	if (value->op == APL_OP_NIL) {
		if (!field->required) return true;
		return WRONG(t, value, "missing-field", "%s: required, so it cannot be cleared", target->name);
	}
	if (field->type == APL_TYPE_ONE_OF && is_text_literal(value) && !read_choice(t, value, target)) return false;
	if (is_text_literal(value) && !read_literal(t, value, (apl_type)field->type)) return false;
	bool fits = value->type == field->type;
	fits = fits || (field->type == APL_TYPE_NUMBER && is_a(value, APL_TYPE_INTEGER));
	fits = fits || ((field->type == APL_TYPE_TEXT || field->type == APL_TYPE_ONE_OF) && is_text(value));
	fits = fits || (field->type == APL_TYPE_ANY && value->type != APL_TYPE_FIELDS);
	if (!fits)
		return WRONG(
		    t, value, "wrong-type", "%s is %s, and %s is %s", target->name, kind_of(target), piece(t, value, text), kind_of(value));
	if (value->is_constant) return try_constant(t, node);
	return true;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool type_node(typing *t, apl_guard_node *node) {
	const apl_guard_node *a = node->left, *b = node->right;
	if ((a != NULL && a->is_wrong) || (b != NULL && b->is_wrong)) {
		node->is_wrong = true;
		return false;
	}
	node->is_personal = (a != NULL && a->is_personal) || (b != NULL && b->is_personal);
	node->is_constant =
	    node->op == APL_OP_CONSTANT || (node->op >= APL_OP_LEN && a != NULL && a->is_constant && (b == NULL || b->is_constant));
	switch ((apl_guard_op)node->op) {
	case APL_OP_NIL:
	case APL_OP_CONSTANT: return true;
	case APL_OP_PATH: return type_path(t, node);
	case APL_OP_IS_IN:
	case APL_OP_TIME_IN:
	case APL_OP_COUNT: return type_named(t, node);
	case APL_OP_HAS: return type_has(t, node);
	case APL_OP_LEN:
	case APL_OP_SIZE: return type_length(t, node);
	case APL_OP_CONTAINS: return type_contains(t, node);
	case APL_OP_OR:
	case APL_OP_AND:
	case APL_OP_NOT: return type_logic(t, node);
	case APL_OP_LESS:
	case APL_OP_LESS_EQUAL:
	case APL_OP_GREATER:
	case APL_OP_GREATER_EQUAL:
	case APL_OP_EQUAL:
	case APL_OP_UNEQUAL: return type_comparison(t, node);
	case APL_OP_ADD:
	case APL_OP_SUBTRACT:
	case APL_OP_MULTIPLY:
	case APL_OP_DIVIDE:
	case APL_OP_FLOOR_DIVIDE:
	case APL_OP_MODULO: return type_arithmetic(t, node);
	case APL_OP_MINUS: return type_minus(t, node);
	case APL_OP_ASSIGN: return type_assignment(t, node);
	case APL_OPS: break;
	}
	APL_ASSERT(false);
}

static bool type_truth(typing *t, apl_guard_node *root) {
	char text[PIECE];
	if (is_a(root, APL_TYPE_BOOLEAN)) return true;
	piece(t, root, text);
	return WRONG(t, root, "wrong-type", "something that is true or false was expected, but %s is %s%s%s%s", text, kind_of(root),
	    is_path(root) ? "; did you mean has(" : "", is_path(root) ? text : "", is_path(root) ? ")?" : "");
}

static bool type_value(typing *t, apl_guard_node *root, int wanted) {
	char text[PIECE];
	apl_guard_node want = {.op = APL_OP_PATH, .type = wanted == APL_GUARD_ANY_SCALAR ? (uint8_t)APL_TYPE_TEXT : (uint8_t)wanted};
	if (wanted == APL_GUARD_ANY_SCALAR) {
		if (root->op != APL_OP_NIL && root->type < APL_TYPE_LIST) return true;
		return WRONG(t, root, "wrong-type", "a single value was expected, but %s is %s", piece(t, root, text), kind_of(root));
	}
	if (is_text_literal(root) && !read_literal(t, root, (apl_type)wanted)) return false;
	t->guard->wants_number = wanted == APL_TYPE_NUMBER && is_a(root, APL_TYPE_INTEGER);
	bool fits = root->op != APL_OP_NIL && (root->type == wanted || t->guard->wants_number || (is_text(&want) && is_text(root)));
	if (fits) return true;
	return WRONG(t, root, "wrong-type", "%s was expected, but %s is %s", kind_of(&want), piece(t, root, text), kind_of(root));
}

/* Sums of nothing but literals are done once, now: the largest of them, whose operands need not be looked at. */
static bool check_constants(typing *t) {
	bool is_good = true;
	apl_guard_situation nothing = {0};
	for (apl_guard_node *node = t->guard->first; node != NULL; node = node->next) {
		apl_guard_value value;
		apl_guard_trouble trouble = {0};
		char fact[256];
		bool is_largest = node->is_constant && (node->parent == NULL || !node->parent->is_constant);
		if (node->is_wrong || !is_largest || node->op == APL_OP_CONSTANT) continue;
		if (apl_guard_node_value(t->guard, node, &nothing, &value, &trouble)) continue;
		is_good = WRONG(t, t->guard->nodes[trouble.part], trouble.slug, "%s", apl_guard_fact(t->guard, &trouble, fact, sizeof fact));
	}
	return is_good;
}

int apl_guard_type(apl_guard *guard, const apl_guard_scope *scope, int wanted, apl_findings *findings) {
	typing t = {guard, scope, findings, false};
	bool is_good = true;
	for (apl_guard_node *node = guard->first; node != NULL && !t.no_memory; node = node->next) is_good = type_node(&t, node) && is_good;
	if (is_good && guard->form == APL_GUARD_TRUTH) is_good = type_truth(&t, guard->roots[0]);
	if (is_good && guard->form == APL_GUARD_VALUE) is_good = type_value(&t, guard->roots[0], wanted);
	if (t.no_memory) return APLOMB_ENOMEM;
	is_good = check_constants(&t) && is_good;
	if (!is_good) return APLOMB_EPLAYBOOK;
	apl_guard_find_ways(guard);
	return APLOMB_OK;
}

int apl_guard_compile_value(
    apl_guard **out, apl_arena *arena, const apl_guard_text *text, const apl_guard_scope *scope, int wanted, apl_findings *findings) {
	apl_guard *guard;
	int code = apl_guard_parse(&guard, arena, APL_GUARD_VALUE, text, findings);
	if (code == APLOMB_OK) code = apl_guard_type(guard, scope, wanted, findings);
	if (code == APLOMB_OK) *out = guard;
	return code;
}

/* ---- what is known then ------------------------------------------------------------------------ */

bool apl_guard_asks_time_in(const apl_guard *guard) {
	return guard->asks_time_in;
}

uint32_t apl_guard_cost(const apl_guard *guard) {
	return guard->n_nodes;
}

apl_type apl_guard_type_of(const apl_guard *guard) {
	return guard->wants_number ? APL_TYPE_NUMBER : (apl_type)guard->roots[0]->type;
}

const char *apl_guard_source(const apl_guard *guard, size_t *size) {
	if (size != NULL) *size = guard->size;
	return guard->text;
}

uint32_t apl_guard_target(const apl_guard *guard, uint32_t number) {
	if (guard->form != APL_GUARD_ACTIONS || number >= guard->n_roots) return APL_NO_FIELD;
	return guard->roots[number]->left->field_number;
}
