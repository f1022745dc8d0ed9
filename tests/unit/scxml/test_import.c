/* SPDX-License-Identifier: MIT */
/* Documents of SCXML as texts: what they become, what is said about them. How what comes out runs: tests/unit/api/test_scxml.c. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scxml/import.h"
#include "scxml/xml.h"
#include "../test_heap.h"

#define OPEN "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\">\n"
#define ONE "<state id=\"s\">"
#define END "</state></scxml>"

/* The files beside the document: x.txt holds 7, script.lua a script. */
static int read_beside(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	(void)self, (void)most, (void)shown, (void)error;
	if (strcmp(name, "x.txt") == 0) {
		apl_buf_text(text, " 7 ");
		return APLOMB_OK;
	}
	if (strcmp(name, "child.scxml") == 0) {
		apl_buf_text(text, "<scxml><datamodel><data id=\"a\" expr=\"f()\"/></datamodel><final id=\"end\"/><!-- the child --></scxml>");
		return APLOMB_OK;
	}
	if (strcmp(name, "parts/x.scxml") == 0) { /* itself, and the one beside it */
		apl_buf_text(text, "<scxml><state id=\"s\"><invoke src=\"x.scxml\"/><invoke src=\"y.scxml\"/></state></scxml>");
		return APLOMB_OK;
	}
	if (strcmp(name, "parts/y.scxml") == 0) {
		apl_buf_text(text, "<scxml><final id=\"y\"/></scxml>");
		return APLOMB_OK;
	}
	return APLOMB_ENOTFOUND;
}

typedef struct told {
	char text[4096];
	size_t size;
} told;

static void tell(const aplomb_finding *finding, void *payload) {
	told *t = payload;
	int size = snprintf(t->text + t->size, sizeof t->text - t->size, "%u:%u %s: %s [%s]\n", finding->line, finding->column,
	    finding->severity == APLOMB_ERROR ? "error" : "warning", finding->message, finding->slug);
	assert_true(size > 0 && (size_t)size < sizeof t->text - t->size);
	t->size += (size_t)size;
}

/* What comes out, all charts after each other, yours to free; NULL: nothing does. [findings] gets what is said. */
static char *import_bytes(const char *path, const char *text, size_t size, told *findings) {
	apl_alloc alloc = apl_alloc_system();
	apl_lua_reader reader = {.read_beside = read_beside};
	apl_scxml_options options = {path, text, size, &reader};
	apl_findings all;
	apl_findings_init(&all, &alloc);
	apl_scxml_charts charts;
	apl_scxml_charts_init(&charts, &alloc);
	aplomb_error error = {0};
	int code = apl_scxml_import(&charts, &alloc, &options, &all, &error);
	*findings = (told){.size = 0};
	apl_findings_tell(&all, tell, findings);
	assert_int_equal(code, all.errors > 0 ? APLOMB_EPLAYBOOK : APLOMB_OK);
	apl_buf out;
	apl_buf_init(&out, &alloc);
	for (uint32_t i = 0; i < charts.count; i++) apl_buf_add(&out, charts.items[i].text.bytes, charts.items[i].text.size);
	char *answer = code == APLOMB_OK ? strdup(apl_buf_terminate(&out)) : NULL;
	apl_buf_dispose(&out);
	apl_scxml_charts_dispose(&charts);
	apl_findings_dispose(&all);
	return answer;
}

/* The document becomes something with this in it, and this is said of it. */
static void becomes(const char *document, const char *piece, const char *said) {
	told findings;
	char *text = import_bytes("dir/Some Chart.scxml", document, strlen(document), &findings);
	if (strcmp(findings.text, said) != 0) fail_msg("said:\n%sexpected:\n%s", findings.text, said);
	assert_non_null(text);
	if (strstr(text, piece) == NULL) fail_msg("this is missing:\n%s\nin:\n%s", piece, text);
	free(text);
}

static void is_refused(const char *document, const char *said) {
	told findings;
	char *text = import_bytes("x.scxml", document, strlen(document), &findings);
	if (strstr(findings.text, said) == NULL) fail_msg("said:\n%sexpected:\n%s", findings.text, said);
	assert_null(text);
}

/* ---- what it becomes ------------------------------------------------------------- */

static void the_file_has_a_head_and_the_events_that_are_named(void **state) {
	(void)state;
	becomes("<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" name=\"A &quot;b&quot;\" initial=\"s\" version=\"1.0\">"
	        "<state id=\"s\"><transition event=\"a.* .* error.x done.state.s b.\" target=\"s\"/></state></scxml>",
	    "-- Brought in from Some Chart.scxml by `aplomb import`. A name that is not local is a variable of the case.\n\n"
	    "return playbook \"some-chart\" {\n"
	    "\ttitle = \"A \\\"b\\\"\",\n"
	    "\timported = \"scxml\",\n"
	    "\tinitial = \"s\",\n"
	    "\tdata = { variables = any { default = {} } },\n\n"
	    "\tevent \"a\" { data = any {} },\n"
	    "\tevent \"b\" { data = any {} },\n\n"
	    "\tstate \"s\" { on { \"a\", \"*\", \"error.x\", \"done.state.s\", \"b\" } { to = \"s\" } },\n"
	    "}\n",
	    "");
}

static void comments_come_along(void **state) {
	(void)state;
	becomes(OPEN "<!-- About s.\n   And more. -->" ONE "<onentry><!-- here --><raise event=\"x\"/></onentry>" END,
	    "\t-- About s.\n\t-- And more.\n\n\tstate \"s\" {\n\t\tentry(function(case)\n\t\t\t-- "
	    "here\n\t\t\tcase:raise(\"x\")\n\t\tend),\n\t},\n",
	    "");
}

static void sends_are_written_out_when_all_is_known(void **state) {
	(void)state;
	becomes(OPEN ONE
	    "<onentry><send event=\"x\" id=\"i\" delay=\"1.5s\" namelist=\"a b\"><param name=\"c d\" expr=\"1\"/></send></onentry>" END,
	    "case:send { event = \"x\", data = { data = { a = a, b = b, [\"c d\"] = 1 } }, after = \"1s500ms\", id = \"i\" }", "");
	becomes(OPEN ONE "<onentry><send event=\"x\" target=\"#_internal\"><content>a</content></send></onentry>" END,
	    "case:raise(\"x\", { data = \"a\" })", "");
	becomes(OPEN ONE "<onentry><send eventexpr=\"name\" targetexpr=\"to\"/></onentry>" END,
	    "scxml.send(case, { event = name, target = to })", "");
	/* Of two of one name both are there. */
	becomes(OPEN ONE "<onentry><send event=\"x\"><param name=\"v\" expr=\"2\"/><param name=\"v\" expr=\"3\"/></send></onentry>" END,
	    "{ v = { 2, 3 } }", "");
}

static void content_becomes_statements(void **state) {
	(void)state;
	becomes(OPEN ONE
	    "<onexit><if cond=\"a\"><raise event=\"x\"/><elseif cond=\"b\"/><cancel sendid=\"i\"/><else/><log label=\"l\"/></if></onexit>" END,
	    "\t\texit(function(case)\n\t\t\tif a then\n\t\t\t\tcase:raise(\"x\")\n\t\t\telseif b then\n\t\t\t\tcase:cancel(\"i\")\n\t\t\telse\n"
	    "\t\t\t\tcase:log(\"info\", \"l\")\n\t\t\tend\n\t\tend),\n",
	    "");
	becomes(OPEN ONE "<onentry><script>\n    local a = 1\n    if a then\n      b = a\n    end\n  </script></onentry>" END,
	    "\t\tentry(function()\n\t\t\tdo\n\t\t\t\tlocal a = 1\n\t\t\t\tif a then\n\t\t\t\t  b = a\n\t\t\t\tend\n\t\t\tend\n\t\tend)", "");
	/* What a long text holds stays as it is; what returns does not end the block. */
	becomes(OPEN ONE "<onentry><script>a = [[\n  x\n]]</script><script>return</script></onentry>" END,
	    "\t\t\ta = [[\n  x\n]]\n\t\t\t(function()\n\t\t\t\treturn\n\t\t\tend)()\n", "");
}

static void data_are_assigned_before_everything_else(void **state) {
	(void)state;
	becomes(OPEN "<datamodel><data id=\"a\" expr=\"1\"/><data id=\"b\"/><data id=\"c\" expr=\"f(a)\"/><data id=\"d\">some\n text</data>"
	             "<data id=\"e\" src=\"file:x.txt\"/><data id=\"f\">[1, {\"k\": null}]</data></datamodel>" ONE END,
	    "\tentry(function()\n\t\ta = 1\n\t\tb = nil\n\tend),\n"
	    "\tentry(function() c = f(a) end),\n"
	    "\tentry(function()\n\t\td = \"some text\"\n\t\te = 7\n\tend),\n"
	    "\tentry(function() f = { 1, { [\"k\"] = nil } } end),\n",
	    "");
}

static void a_guard_answers_one_value(void **state) {
	(void)state;
	becomes(OPEN ONE "<transition cond=\"f(x)\" target=\"s\"/>" END, "when = function() return (f(x)) end", "");
	becomes(OPEN ONE "<transition cond=\"In('s')\" target=\"s\"/>" END, "when = function() return In('s') end", "");
	becomes(OPEN ONE "<transition cond=\"x -- why\" target=\"s\"/>" END, "return ((x -- why\n))", "");
}

static void only_what_may_fail_is_tried(void **state) {
	(void)state;
	static const char *const safe[] = {
	    "1", "'x'", "a", "a == 1", "not a and b ~= 'x' or nil", "_event.data == 2", "In('s')", "In('s') and a"};
	static const char *const may_fail[] = {"a.b", "a > 1", "f(a)", "f'x'", "f{}", "_event.data.x", "_event.data()", "_event.data{}",
	    "a + 1", "-a", "#a", "a .. 'x'", "(a)", "{a}", "function() end", "In(a)", "In", "a[1]"};
	char document[512], wanted[256];
	for (size_t i = 0; i < sizeof safe / sizeof *safe + sizeof may_fail / sizeof *may_fail; i++) {
		const size_t n_safe = sizeof safe / sizeof *safe;
		const char *expression = i < n_safe ? safe[i] : may_fail[i - n_safe];
		snprintf(document, sizeof document, OPEN ONE "<onentry><send event=\"x\"><param name=\"p\" expr=\"%s\"/></send></onentry>" END,
		    expression);
		if (i < n_safe)
			snprintf(wanted, sizeof wanted, "data = { data = { p = %s } }", expression);
		else
			snprintf(wanted, sizeof wanted, "data = { data = scxml.data({ p = scxml.try(function() return %s end) }) }", expression);
		becomes(document, wanted, "");
	}
	becomes(
	    OPEN ONE "<onentry><if cond=\"a.b\"><raise event=\"x\"/></if></onentry>" END, "if scxml.try(function() return a.b end) then", "");
	becomes(OPEN ONE "<onentry><if cond=\"a\"><raise event=\"x\"/></if></onentry>" END, "if a then", "");
}

/* ---- what it invokes ------------------------------------------------------------------- */

static void a_chart_inside_becomes_a_playbook_of_its_own(void **state) {
	(void)state;
	becomes(OPEN ONE "<invoke id=\"i\" type=\"http://www.w3.org/TR/scxml/\" autoforward=\"true\"><content><scxml name=\"The Child\"><final "
	                 "id=\"f\"/></scxml></content></invoke>" END,
	    "\tstate \"s\" { invoke \"some-chart-the-child\" { id = \"i\", autoforward = true } },\n}\n"
	    "-- Brought in from Some Chart.scxml by `aplomb import`. A name that is not local is a variable of the case.\n\n"
	    "return playbook \"some-chart-the-child\" {\n\ttitle = \"The Child\",\n\timported = \"scxml\",\n",
	    "");
	/* Without an id it is called after its state. */
	becomes(OPEN ONE
	    "<invoke><content><scxml><final id=\"f\"/></scxml></content></invoke><invoke idlocation=\"at.x\"><content><scxml><final "
	    "id=\"g\"/></scxml></content></invoke>" END,
	    "\t\tinvoke \"some-chart-child\" { id = \"s.1\" },\n\t\tinvoke \"some-chart-child-2\" {\n\t\t\tid = \"s.2\",\n"
	    "\t\t\tdata = function()\n\t\t\t\tat.x = \"s.2\"\n\t\t\t\treturn {}\n\t\t\tend,\n\t\t},\n",
	    "");
}

static void a_chart_beside_it_takes_what_it_is_handed_for_its_data(void **state) {
	(void)state;
	static const char document[] =
	    OPEN ONE "<invoke src=\"file:child.scxml\" namelist=\"a\"><param name=\"b\" expr=\"a.b\"/><finalize><assign "
	             "location=\"a\" expr=\"_event.data\"/></finalize></invoke>" END;
	becomes(document,
	    "\t\tinvoke \"some-chart-child\" {\n\t\t\tid = \"s.1\",\n"
	    "\t\t\tdata = function()\n\t\t\t\treturn { variables = { _given = { a = a, b = scxml.try(function() return a.b end) } } }\n"
	    "\t\t\tend,\n"
	    "\t\t\tfinalize = function() a = _event.data end,\n\t\t},\n",
	    "");
	becomes(document, "\tentry(function(case) if not scxml.given(case, \"a\") then a = f() end end),\n", "");
	becomes(OPEN ONE
	    "<invoke src=\"child.scxml\" namelist=\"a\"><param name=\"b\" location=\"c.d\"/><param name=\"e\" expr=\"1\"/><finalize/>"
	    "</invoke>" END,
	    "\t\t\tfinalize = function()\n\t\t\t\ta = scxml.returned(\"a\", a)\n\t\t\t\tc.d = scxml.returned(\"b\", c.d)\n\t\t\tend,\n", "");
}

static void a_document_is_read_once_though_it_invokes_itself(void **state) {
	(void)state;
	becomes(OPEN ONE "<invoke src=\"parts/x.scxml\"/>" END,
	    "invoke \"some-chart-x\" { id = \"s.1\" },\n\t\tinvoke \"some-chart-y\" { id = \"s.2\" }", "");
}

static void a_chart_that_is_known_only_when_it_begins_is_computed(void **state) {
	(void)state;
	becomes(OPEN "<datamodel><data id=\"which\" expr=\"'file:child.scxml'\"/><data id=\"other\" expr=\"'no.scxml'\"/></datamodel>" ONE
	             "<invoke srcexpr=\"which\" typeexpr=\"kind\"/>" END,
	    "\t\tinvoke(function()\n\t\t\tscxml.type(kind)\n\t\t\treturn scxml.chart(which, { [\"child.scxml\"] = \"some-chart-child\" "
	    "})\n\t\tend) { id "
	    "= \"s.1\" },\n",
	    "");
	becomes(OPEN ONE "<onentry><assign location=\"c\"><scxml><final/></scxml></assign></onentry><invoke><content expr=\"c\"/></invoke>" END,
	    "c = { scxml = \"some-chart-child\" }", "");
	becomes(OPEN ONE "<invoke type=\"http\" src=\"child.scxml\"/>" END,
	    "\t\tinvoke(function()\n\t\t\tscxml.type(\"http\")\n\t\t\treturn \"some-chart-child\"\n\t\tend) { id = \"s.1\" },\n",
	    "2:15 warning: <invoke>: type \"http\" is not here, only SCXML's own is; it raises error.execution when it is reached "
	    "[scxml-target]\n");
}

static void parent_and_child_are_addressed_by_their_names(void **state) {
	(void)state;
	becomes(OPEN ONE
	    "<onentry><send event=\"x\" target=\"#_parent\" delay=\"1s\"/><send event=\"y\" target=\"#_i\"/></onentry><invoke id=\"i\" "
	    "src=\"child.scxml\"/>" END,
	    "case:send { event = \"x\", to = \"parent\", after = \"1s\" }\n\t\t\tcase:send { event = \"y\", to = \"child:i\" }", "");
	becomes(OPEN ONE "<onentry><send event=\"y\" target=\"#_j\"/></onentry>" END, "case:send { event = \"y\", to = \"child:j\" }",
	    "2:24 warning: <send>: target \"#_j\" is no <invoke> of this chart; it raises error.communication when it is reached "
	    "[scxml-target]\n");
}

/* What another chart of the family sends is declared where somebody listens to it, and nowhere else. */
static void events_of_the_family_are_declared_where_they_are_listened_to(void **state) {
	(void)state;
	static const char document[] =
	    OPEN ONE "<invoke><content><scxml><state id=\"c\"><onentry><send event=\"reply.a\" "
	             "target=\"#_parent\"/></onentry></state></scxml></content></invoke>"
	             "<invoke><content><scxml><state id=\"d\"><transition event=\"*\"/></state></scxml></content></invoke>"
	             "<transition event=\"reply\"/><transition event=\"own\"/>" END;
	becomes(document,
	    "\tevent \"reply\" { data = any {} },\n\tevent \"own\" { data = any {} },\n\tevent \"reply.a\" { data = any {} },\n\n\tstate \"s\"",
	    "");
	becomes(document, "\tevent \"reply.a\" { data = any {} },\n\n\tstate \"c\"", "");
	becomes(document,
	    "\tevent \"reply\" { data = any {} },\n\tevent \"own\" { data = any {} },\n\tevent \"reply.a\" { data = any {} },\n\n\tstate \"d\"",
	    "");
}

static void functions_of_the_script_stand_above_the_playbook(void **state) {
	(void)state;
	becomes(OPEN "<script>n = 1\nfunction f(x) if x then return function() end end end\nlocal function g() end</script>" ONE END,
	    "local f\n\nfunction f(x) if x then return function() end end end\n\nreturn playbook", "");
}

/* ---- what is Lua ----------------------------------------------------------------------- */

static void what_is_not_lua_is_told_and_fails_when_it_is_reached(void **state) {
	(void)state;
	becomes(OPEN ONE "<onentry><assign location=\"a\" expr=\"return#\"/></onentry>" END,
	    "entry(function() error(\"expr of <assign> in line 2 of the SCXML document is not Lua\") end)",
	    "2:24 warning: <assign>: expr is no expression of Lua (unexpected symbol near 'return'); it raises error.execution when it is "
	    "reached "
	    "[scxml-expression]\n");
	/* It is not put together from the outside, either. */
	becomes(OPEN ONE "<transition cond=\"1) end, act = function() f(2\" target=\"s\"/>" END, "is not Lua\") end",
	    "2:15 warning: <transition>: cond is no expression of Lua (<eof> expected near ')'); it raises error.execution when it is reached "
	    "[scxml-expression]\n");
	becomes(OPEN ONE "<onentry><foreach array=\"a\" item=\"'x'\"/></onentry>" END, "the item of <foreach>",
	    "2:24 warning: <foreach>: item is nothing that can be assigned to (unexpected symbol near ''x''); it raises error.execution when "
	    "it is "
	    "reached [scxml-expression]\n");
	is_refused(OPEN ONE "<transition cond=\"2 ^ 3 == 8\" target=\"s\"/>" END, "[scxml-power]");
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void each_mistake_is_told_with_its_place(void **state) {
	(void)state;
	static const struct {
		const char *document;
		const char *said;
	} cases[] = {
	    {OPEN ONE "<invoke/>" END, "2:15 error: <invoke> needs a chart: src, srcexpr or <content> [scxml-value]"},
	    {OPEN ONE "<invoke src=\"child.scxml\" srcexpr=\"a\"/>" END, "<invoke> has its chart twice"},
	    {OPEN ONE "<invoke src=\"nobody.scxml\"/>" END,
	        "2:15 error: <invoke>: src \"nobody.scxml\" is no document that stands beside this one"},
	    {OPEN ONE "<invoke src=\"../child.scxml\"/>" END, "is no document that stands beside this one [scxml-source]"},
	    {OPEN ONE "<invoke src=\"x.txt\"/>" END, "1:2 error: this is no XML: syntax error [scxml-xml]"},
	    {OPEN ONE "<invoke><content>text</content></invoke>" END, "2:23 error: <content> of <invoke> holds the <scxml> that is begun"},
	    {OPEN ONE "<invoke><content>text<scxml/></content></invoke>" END, "<content> holds a chart and something else"},
	    {OPEN ONE "<invoke src=\"child.scxml\" type=\"a\" typeexpr=\"b\"/>" END, "<invoke> has both type and typeexpr"},
	    {OPEN ONE "<invoke src=\"child.scxml\" id=\"a\" idlocation=\"b\"/>" END, "<invoke> has both id and idlocation"},
	    {OPEN ONE "<invoke src=\"child.scxml\" id=\"a b\"/>" END, "<invoke>: id \"a b\" has a space in it"},
	    {OPEN ONE "<invoke src=\"child.scxml\" autoforward=\"yes\"/>" END, "autoforward is \"yes\"; it is true or false"},
	    {OPEN ONE "<invoke src=\"child.scxml\"><finalize><raise event=\"x\"/></finalize></invoke>" END,
	        "<raise> has no place in <finalize>"},
	    {OPEN ONE "<invoke src=\"child.scxml\"><finalize/><finalize/></invoke>" END, "<invoke> has two <finalize>"},
	    {OPEN ONE "<invoke><content><scxml><state id=\"a\"/><state id=\"a\"/></scxml></content></invoke>" END,
	        "2:54 error: <state>: another state has the id \"a\", in line 2 [scxml-value]"},
	    {OPEN ONE "<transitoin/>" END, "2:15 error: <transitoin> is no element of SCXML; did you mean \"transition\"? [scxml-element]"},
	    {OPEN ONE "<data id=\"x\"/>" END, "2:15 error: <data> has no place in <state> [scxml-element]"},
	    {OPEN "<state idd=\"s\"/></scxml>", "2:1 error: <state> has no attribute \"idd\"; did you mean \"id\"? [scxml-element]"},
	    {OPEN ONE "text" END, "2:15 error: <state> holds text, which has no place there [scxml-element]"},
	    {OPEN ONE "<onentry><assign location=\"a\"><x/></assign></onentry>" END,
	        "2:45 error: <assign> holds the element <x>; XML as a value"},
	    {OPEN ONE "<transition target=\"t\"/>" END "", "2:15 error: <transition>: no state has the id \"t\""},
	    {OPEN ONE "</state>" ONE END, "2:23 error: <state>: another state has the id \"s\", in line 2 [scxml-value]"},
	    {OPEN ONE "<transition/>" END, "2:15 error: <transition> has neither event, cond nor target"},
	    {OPEN ONE "<transition type=\"sideways\" target=\"s\"/>" END, "type is \"sideways\"; it is internal or external"},
	    {OPEN ONE "<onentry><raise/></onentry>" END, "2:24 error: <raise> needs an event [scxml-value]"},
	    {OPEN ONE "<onentry><send/></onentry>" END, "<send> needs event or eventexpr"},
	    {OPEN ONE "<onentry><send event=\"a\" eventexpr=\"b\"/></onentry>" END, "<send> has both event and eventexpr; give one of them"},
	    {OPEN ONE "<onentry><cancel/></onentry>" END, "<cancel> needs sendid or sendidexpr"},
	    {OPEN ONE "<onentry><assign expr=\"1\"/></onentry>" END, "<assign> needs a location"},
	    {OPEN ONE "<onentry><if><raise event=\"x\"/></if></onentry>" END, "<if> needs a cond"},
	    {OPEN ONE "<onentry><if cond=\"a\"><else/><else/></if></onentry>" END, "<else> is the last part of its <if>"},
	    {OPEN ONE "<onentry><foreach item=\"a\"/></onentry>" END, "<foreach> needs an array"},
	    {OPEN ONE "<onentry><script src=\"../x.lua\"/></onentry>" END, "only files beside the document are read"},
	    {OPEN ONE "<onentry><script src=\"http://x/y.lua\"/></onentry>" END, "only files beside the document are read"},
	    {OPEN ONE "<onentry><script src=\"y.lua\"/></onentry>" END, "src \"y.lua\" is not there beside the document [scxml-source]"},
	    {OPEN "<datamodel><data id=\"_x\"/></datamodel>" ONE END, "those with \"_\" are the system's"},
	    {OPEN "<datamodel><data id=\"a-b\"/></datamodel>" ONE END, "id \"a-b\" is no name of a variable of Lua"},
	    {OPEN "<datamodel><data id=\"a\" expr=\"1\">2</data></datamodel>" ONE END, "<data> has its value twice"},
	    {OPEN "<script>function state() end</script>" ONE END, "a function is called state, as a word of this language is"},
	    {OPEN ONE "<history id=\"h\"/>" END, "<history> needs a <transition> with a target"},
	    {"<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" datamodel=\"ecmascript\">" ONE END, "the data model is \"ecmascript\"; only"},
	    {"<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" binding=\"never\">" ONE END, "binding is \"never\"; it is early or late"},
	    {"<html/>", "1:1 error: the document is a <html>, not a chart of SCXML [scxml-element]"},
	    {"<scxml xmlns=\"http://example.org/\"/>", "the document is a <scxml>, not a chart"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) is_refused(cases[i].document, cases[i].said);
}

static void what_is_of_others_is_left_out_with_a_word(void **state) {
	(void)state;
	becomes("<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" xmlns:q=\"urn:q\" q:x=\"1\"><q:layout><state/></q:layout><state "
	        "id=\"s\"/></scxml>",
	    "state \"s\" {}",
	    "1:1 warning: <scxml>: the attribute \"x\" of urn:q is not SCXML's and is left out [scxml-left-out]\n"
	    "1:72 warning: <layout> of urn:q is not SCXML's and is left out, with all that is in it [scxml-left-out]\n");
	becomes(OPEN ONE "<onentry><send event=\"x\" target=\"mailto:x\" type=\"basichttp\"/></onentry>" END, "scxml.send",
	    "2:24 warning: <send>: target \"mailto:x\" is none that an event can be sent to; it raises error.execution "
	    "when it is "
	    "reached [scxml-target]\n"
	    "2:24 warning: <send>: type \"basichttp\" is not here, only SCXML's own is; it raises error.execution when it is reached "
	    "[scxml-target]\n");
}

/* ---- XML ------------------------------------------------------------------------------------ */

static void no_entity_is_expanded_and_nothing_else_is_read(void **state) {
	(void)state;
	is_refused("<!DOCTYPE scxml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><scxml>&b;</scxml>", "error: the document declares an entity");
	is_refused("<!DOCTYPE scxml [<!ENTITY a SYSTEM \"/etc/passwd\">]><scxml>&a;</scxml>", "error: the document declares an entity");
	is_refused("<!DOCTYPE scxml [<!ENTITY % a SYSTEM \"x.dtd\"> %a;]><scxml/>", "error: the document declares an entity");
	is_refused("<!DOCTYPE scxml SYSTEM \"x.dtd\"><scxml>&a;</scxml>", "error: the document uses an entity that it does not declare");
	is_refused("<scxml>&a;</scxml>", "this is no XML: undefined entity [scxml-xml]");
}

static void a_document_is_bounded(void **state) {
	(void)state;
	told findings;
	size_t size = APL_XML_MOST_BYTES;
	char *text = malloc(size + 1);
	assert_non_null(text);
	memset(text, ' ', size + 1);
	assert_null(import_bytes("x.scxml", text, size + 1, &findings));
	assert_non_null(strstr(findings.text, "larger than 16 MiB"));
	free(text);
	char deep[101 * 16 + 200] = "<scxml>";
	for (int i = 0; i < 100; i++) strcat(deep, "<state>");
	is_refused(deep, "1:701 error: elements are nested more than 100 deep [scxml-xml]");
	is_refused("", "this is no XML: no element found");
	is_refused("<scxml", "this is no XML: unclosed token");
}

static void encodings_are_read(void **state) {
	(void)state;
	told findings;
	static const char latin[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><scxml><state id=\"\xe9\"/></scxml>";
	static const char windows[] = "<?xml version=\"1.0\" encoding=\"windows-1252\"?><scxml><state id=\"\x80\x9c\"/></scxml>";
	static const char utf16[] = "\xff\xfe<\0s\0c\0x\0m\0l\0>\0<\0s\0t\0a\0t\0e\0 \0i\0d\0=\0\"\0\xe9\0\"\0/\0>\0<\0/\0s\0c\0x\0m\0l\0>\0";
	char *text = import_bytes("x.scxml", latin, sizeof latin - 1, &findings);
	assert_non_null(strstr(text, "state \"\xc3\xa9\" {}"));
	free(text);
	text = import_bytes("x.scxml", windows, sizeof windows - 1, &findings);
	assert_non_null(strstr(text, "state \"\xe2\x82\xac\xc5\x93\" {}"));
	free(text);
	text = import_bytes("x.scxml", utf16, sizeof utf16 - 1, &findings);
	assert_non_null(text);
	assert_non_null(strstr(text, "state \"\xc3\xa9\" {}"));
	free(text);
	is_refused("<?xml version=\"1.0\" encoding=\"EBCDIC-X\"?><scxml/>", "this is no XML: unknown encoding");
}

static void a_document_is_told_from_a_playbook(void **state) {
	(void)state;
	assert_true(apl_scxml_is("<scxml/>", 8));
	assert_true(apl_scxml_is(" \n<?xml?>", 9));
	assert_true(apl_scxml_is("\xEF\xBB\xBF<a/>", 7));
	assert_true(apl_scxml_is("\xFF\xFE<\0", 4));
	assert_false(apl_scxml_is("return playbook", 15));
	assert_false(apl_scxml_is("", 0));
	assert_false(apl_scxml_is("   ", 3));
	assert_false(apl_scxml_is("\0<", 2));
}

static void an_import_fails_whole_at_every_request_for_memory(void **state) {
	(void)state;
	static const char document[] = OPEN
	    "<datamodel><data id=\"a\" expr=\"1\"/><data id=\"b\">[1, {\"k\": 2}]</data></datamodel>"
	    "<script>x = 1 function f() end</script><!-- c -->"
	    "<state id=\"s\"><onentry><send event=\"e\" delay=\"1s\" namelist=\"a b\"/><if cond=\"a\"><log expr=\"a\"/></if>"
	    "<foreach array=\"b\" item=\"c\"><assign location=\"d\" expr=\"c\"/></foreach></onentry>"
	    "<transition event=\"e x\" cond=\"f(a)\" target=\"t\"><raise event=\"r\"/></transition></state>"
	    "<state id=\"t\"><final id=\"u\"><donedata><content expr=\"a\"/></donedata></final>"
	    "<invoke namelist=\"a\" idlocation=\"x\"><content><scxml><datamodel><data id=\"a\"/></datamodel><state id=\"c\"><transition "
	    "event=\"*\"/></state></scxml></content><finalize/></invoke><invoke srcexpr=\"'child.scxml'\" typeexpr=\"b\"/></state></scxml>";
	const apl_lua_reader reader = {.read_beside = read_beside};
	uint64_t n = 1;
	for (;; n++) {
		test_heap heap = {.fail_at = n};
		apl_alloc alloc = test_heap_allocator(&heap);
		apl_alloc system = apl_alloc_system();
		apl_scxml_options options = {"x.scxml", document, strlen(document), &reader};
		apl_findings findings;
		apl_findings_init(&findings, &system);
		apl_scxml_charts charts;
		apl_scxml_charts_init(&charts, &alloc);
		int code = apl_scxml_import(&charts, &alloc, &options, &findings, NULL);
		apl_scxml_charts_dispose(&charts);
		assert_int_equal(heap.blocks, 0);
		if (code == APLOMB_OK) assert_int_equal(findings.count, 0);
		apl_findings_dispose(&findings);
		if (code == APLOMB_OK) break;
		assert_int_equal(code, APLOMB_ENOMEM);
	}
	assert_true(n > 50);
}

/* What an import holds when [count] of one thing stand in the document. */
static uint64_t held_for(const char *before, const char *one, const char *after, unsigned count) {
	apl_alloc system = apl_alloc_system();
	apl_buf document;
	apl_buf_init(&document, &system);
	apl_buf_text(&document, before);
	for (unsigned i = 0; i < count; i++) {
		const char *number = strchr(one, '@'); /* where its number stands */
		apl_buf_add(&document, one, number != NULL ? (size_t)(number - one) : strlen(one));
		if (number != NULL) apl_buf_format(&document, "%u%s", i, number + 1);
	}
	apl_buf_text(&document, after);
	test_heap heap = {.fail_at = 0};
	apl_alloc alloc = test_heap_allocator(&heap);
	const apl_scxml_options options = {"x.scxml", document.bytes, document.size, NULL};
	apl_findings findings;
	apl_findings_init(&findings, &system);
	apl_scxml_charts charts;
	apl_scxml_charts_init(&charts, &alloc);
	assert_int_not_equal(apl_scxml_import(&charts, &alloc, &options, &findings, NULL), APLOMB_ENOMEM);
	const uint64_t held = heap.bytes;
	apl_scxml_charts_dispose(&charts);
	assert_int_equal(heap.blocks, 0);
	apl_findings_dispose(&findings);
	apl_buf_dispose(&document);
	return held;
}

static void an_import_holds_no_more_than_grows_with_the_document(void **state) {
	(void)state;
	static const struct {
		const char *before, *one, *after;
	} kinds[] = {
	    {OPEN ONE "<onentry><send event=\"x\">", "<param name=\"p\" expr=\"1\"/>", "</send></onentry>" END},
	    {OPEN ONE "<onentry><send event=\"x\">", "<param name=\"p@\" expr=\"a.b\"/>", "</send></onentry>" END},
	    {OPEN ONE "<onentry>", "<raise event=\"e@\"/>", "</onentry>" END},
	    {OPEN ONE "<onentry>", "<send event=\"e\" target=\"#_i@\"/>", "</onentry>" END},
	    {OPEN ONE, "<invoke srcexpr=\"'x@.scxml'\"/>", END},
	    {OPEN ONE, "<transition event=\"e\" target=\"t@\"/>", END},
	    {OPEN "<script>", "function f@() end ", "</script>" ONE END},
	    {OPEN "<datamodel>", "<data id=\"d@\" expr=\"f()\"/>", "</datamodel>" ONE END},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const uint64_t some = held_for(kinds[i].before, kinds[i].one, kinds[i].after, 500);
		const uint64_t more = held_for(kinds[i].before, kinds[i].one, kinds[i].after, 2000);
		/* Four times as many; blocks grow by halves and doubles. */
		if (more > 10 * some)
			fail_msg("%s: %llu bytes for 500, %llu for 2,000", kinds[i].one, (unsigned long long)some, (unsigned long long)more);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_file_has_a_head_and_the_events_that_are_named),
	    cmocka_unit_test(comments_come_along),
	    cmocka_unit_test(sends_are_written_out_when_all_is_known),
	    cmocka_unit_test(content_becomes_statements),
	    cmocka_unit_test(data_are_assigned_before_everything_else),
	    cmocka_unit_test(a_guard_answers_one_value),
	    cmocka_unit_test(only_what_may_fail_is_tried),
	    cmocka_unit_test(a_chart_inside_becomes_a_playbook_of_its_own),
	    cmocka_unit_test(a_chart_beside_it_takes_what_it_is_handed_for_its_data),
	    cmocka_unit_test(a_document_is_read_once_though_it_invokes_itself),
	    cmocka_unit_test(a_chart_that_is_known_only_when_it_begins_is_computed),
	    cmocka_unit_test(parent_and_child_are_addressed_by_their_names),
	    cmocka_unit_test(events_of_the_family_are_declared_where_they_are_listened_to),
	    cmocka_unit_test(functions_of_the_script_stand_above_the_playbook),
	    cmocka_unit_test(what_is_not_lua_is_told_and_fails_when_it_is_reached),
	    cmocka_unit_test(each_mistake_is_told_with_its_place),
	    cmocka_unit_test(what_is_of_others_is_left_out_with_a_word),
	    cmocka_unit_test(no_entity_is_expanded_and_nothing_else_is_read),
	    cmocka_unit_test(a_document_is_bounded),
	    cmocka_unit_test(encodings_are_read),
	    cmocka_unit_test(a_document_is_told_from_a_playbook),
	    cmocka_unit_test(an_import_fails_whole_at_every_request_for_memory),
	    cmocka_unit_test(an_import_holds_no_more_than_grows_with_the_document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
