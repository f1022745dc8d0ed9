/* SPDX-License-Identifier: MIT */
/*
 * Documents of SCXML with something broken in them: whatever comes in, the answer
 * is a playbook that runs within its limits, or findings with places; never a
 * crash, never a leak. The mutations are the same in every run; more of them,
 * and of the W3C's documents, with APLOMB_SCXML_MUTATIONS=N (for each document)
 * and APLOMB_SCXML_IRP=FOLDER.
 */
#include "../test_rounds.h"
#include "late.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hard.h"

enum { MOST_SIZE = 64 * 1024, EACH = 150, EACH_SLOWLY = 10 };

/* Something of everything that the importer knows. */
static const char *const documents[] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" datamodel=\"lua\" name=\"all\" initial=\"s\" binding=\"late\">\n"
    "<datamodel><data id=\"a\" expr=\"1\"/><data id=\"b\">[1, {\"k\": null}]</data><data id=\"c\">{1, 2}</data><data id=\"d\"> some\n text "
    "</data></datamodel>\n"
    "<script>function f(x) return x + 1 end n = f(1) local hidden = { [1] = \"x\" }</script><!-- of s -->\n"
    "<state id=\"s\" initial=\"t\"><onentry><assign location=\"a\" expr=\"a + 1\"/><send event=\"tick\" delay=\"1.5s\" id=\"i\" "
    "namelist=\"a b\"/>"
    "<send eventexpr=\"'go'\" delayexpr=\"'.5s'\"><param name=\"p\" expr=\"f(a)\"/><param name=\"p\" location=\"b\"/></send>"
    "<if cond=\"a > 100\"><log label=\"l\" expr=\"a\"/><elseif cond=\"b[9].x\"/><cancel sendid=\"i\"/><else/><raise event=\"inner\"/></if>"
    "<foreach array=\"c\" item=\"it\" index=\"at\"><assign location=\"n\" expr=\"n + it\"/></foreach></onentry>"
    "<transition event=\"tick.*\" cond=\"In('t') and n &lt; 1000\" target=\"h\"><script>n = n * 2</script></transition>"
    "<transition event=\"go\" type=\"internal\" target=\"u\"/><transition event=\"error.execution\"/><transition event=\"inner\" "
    "target=\"p\"/>"
    "<state id=\"t\"/><state id=\"u\"><datamodel><data id=\"late\" expr=\"n\"/></datamodel><onexit><log expr=\"late\"/></onexit></state>"
    "<history id=\"h\" type=\"deep\"><transition target=\"u\"><assign location=\"n\" expr=\"0\"/></transition></history></state>\n"
    "<parallel id=\"p\"><state id=\"p1\"><transition target=\"p2\" cond=\"a == 2\"/></state>"
    "<state id=\"p2\" ><initial><transition target=\"e\"/></initial><final id=\"e\"><donedata><content "
    "expr=\"a\"/></donedata></final></state><transition event=\"done.state.p2\" target=\"end\"/></parallel>\n"
    "<final id=\"end\"><donedata><param name=\"x\" expr=\"1\"/></donedata></final></scxml>\n",
    "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" datamodel=\"lua\"><datamodel><data "
    "id=\"v\"><scxml><final/></scxml></data></datamodel>"
    "<state id=\"s\"><invoke id=\"i\" type=\"scxml\" autoforward=\"true\" namelist=\"v\"><param name=\"q\" location=\"w\"/><content><scxml "
    "name=\"kid\">"
    "<datamodel><data id=\"q\" expr=\"2\"/></datamodel><state id=\"k\"><onentry><send event=\"hello\" target=\"#_parent\"/></onentry>"
    "<transition event=\"bye\" target=\"done\"/></state><final "
    "id=\"done\"><donedata><content>over</content></donedata></final></scxml></content>"
    "<finalize><assign location=\"w\" expr=\"_event.name\"/></finalize></invoke>"
    "<invoke idlocation=\"at\" typeexpr=\"'scxml'\"><content expr=\"v\"/><finalize/></invoke>"
    "<transition event=\"hello\"><send event=\"bye\" target=\"#_i\"/><send event=\"x\" targetexpr=\"_event.origin\"/></transition>"
    "<transition event=\"done.invoke.i\" target=\"pass\"/></state><final id=\"pass\"/></scxml>",
    "<scxml><state><transition target=\"x\" cond=\"true\"/></state><final id=\"x\"/></scxml>",
};

/* What breaks XML, or is another element; and what may stand where Lua, a name or a text does. */
static const char *const marks[] = {"<", ">", "/", "\"", "&", "&#x1d;", "]]>", "<![CDATA[", "<!--", "-->", "<?x?>", "\xff", "\xc3",
    "\xed\xa0\x80", "\x01", " expr=\"", " id=\"", "<state>", "</state>", "<scxml>", "<invoke>", "<transition ", "<script>"};
static const char *const pieces[] = {"'", "&lt;", "&#10;", "&quot;", "end", " end)", "function() ", "return ", "[[", "]]", "--[[", "\\",
    "\n", "\t", "(", ")", "{", "}", "_event", "_x", "_try", "while true do end ", "string.rep('x', 1e9)", "case", "scxml", "#_parent",
    "#_internal", "s", "t h", "p1 p2", "999999999999999999999", "-0.0e999", "..", "goto x ::x::", " ", "", "*", "1s", "nil", "a", "a.b.c",
    "f(f(a))", "In('s')", "_sessionid", "_G", "'", "%s%n"};

typedef struct broken {
	char text[MOST_SIZE];
	size_t size;
} broken;

static uint64_t next(uint64_t *seed) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static size_t below(uint64_t *seed, size_t most) {
	return most == 0 ? 0 : (size_t)(next(seed) % most);
}

static void insert(broken *b, size_t at, const char *text, size_t size) {
	if (b->size + size > MOST_SIZE) return;
	memmove(b->text + at + size, b->text + at, b->size - at);
	memcpy(b->text + at, text, size);
	b->size += size;
}

static void take_out(broken *b, size_t at, size_t size) {
	memmove(b->text + at, b->text + at + size, b->size - at - size);
	b->size -= size;
}

/* Behind the quote that the next attribute's value begins with; the end: there is none. */
static size_t value_behind(const broken *b, size_t at) {
	const char *quote = memmem(b->text + at, b->size - at, "=\"", 2);
	return quote != NULL ? (size_t)(quote + 2 - b->text) : b->size;
}

static void break_once(broken *b, uint64_t *seed) {
	const size_t at = below(seed, b->size);
	char copy[64];
	size_t size = below(seed, sizeof copy);
	if (size > b->size - at) size = b->size - at;
	memcpy(copy, b->text + at, size);
	/* Often it shall stay XML: what breaks that is found out at once. */
	const bool is_mark = below(seed, 8) == 0;
	const char *piece = is_mark ? marks[below(seed, sizeof marks / sizeof *marks)] : pieces[below(seed, sizeof pieces / sizeof *pieces)];
	const size_t kind = below(seed, 32);
	switch (kind < 7 ? kind : 5 + kind % 2) {
	case 0: b->text[at] ^= (char)(1u << below(seed, 8)); return;
	case 1: take_out(b, at, size); return;
	case 2: insert(b, at, copy, size); return;
	case 3: insert(b, below(seed, b->size), copy, size); return;
	case 4: insert(b, at, piece, strlen(piece)); return;
	case 5: { /* what an attribute is */
		const size_t begin = value_behind(b, at);
		const char *quote = memchr(b->text + begin, '"', b->size - begin);
		if (quote == NULL) return;
		take_out(b, begin, (size_t)(quote - b->text) - begin);
		insert(b, begin, piece, strlen(piece));
		return;
	}
	default: insert(b, value_behind(b, at), piece, strlen(piece)); return; /* what it begins with */
	}
}

/* A finding has its place; a message that is told is text. */
static void check_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	assert_non_null(finding->file);
	assert_true(strstr(finding->file, "broken.scxml") != NULL);
	assert_true(finding->line > 0);
	assert_true(finding->slug[0] != '\0' && finding->message[0] != '\0');
}

/* A step is short here, so that a chart that spins is found out soon. */
static aplomb_runtime *open_small(void) {
	aplomb_options options = APLOMB_OPTIONS_INIT;

	const aplomb_limits limits = {.size = sizeof limits, .instructions = 20000, .memory = 4 << 20, .microsteps = 100};
	options.limits = &limits;
	options.time_follows_events = true;
	aplomb_runtime *rt;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	return rt;
}

/* As far as it goes in a few steps of time. */
static void run_shortly(aplomb_runtime *rt, const aplomb_playbook *playbook) {
	aplomb_event opening = APLOMB_EVENT_INIT;
	opening.case_id = "c";
	opening.playbook = aplomb_playbook_id(playbook);
	opening.has_at = true;
	opening.at = AT_NINE;
	if (aplomb_case_open(rt, &opening, NULL, NULL) != APLOMB_OK) return;
	for (int i = 0; i < 8; i++) {
		aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
		aplomb_instant due;
		assert_int_equal(aplomb_pump(rt, 100, &report, NULL), APLOMB_OK);
		if (!aplomb_next_due(rt, &due)) return;
		if (due > aplomb_now(rt)) assert_int_equal(aplomb_turn_clock(rt, due, NULL), APLOMB_OK);
	}
}

/* Is it a playbook? */
static bool try(const broken *b) {
	aplomb_runtime *rt = open_small();
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	options.path = "broken.scxml";
	options.source = b->text;
	options.source_size = b->size;
	options.examine = true;
	options.on_finding = check_finding;
	const int code = aplomb_load(rt, &options, &playbook, &error);
	if (code == APLOMB_OK)
		run_shortly(rt, playbook);
	else if (code != APLOMB_EPLAYBOOK)
		fail_msg("%d: %s [%s]", code, error.message, error.slug);
	aplomb_close(rt);
	return code == APLOMB_OK;
}

static size_t wanted(void) {
	const char *text = getenv("APLOMB_SCXML_MUTATIONS");
	if (text != NULL) return strtoul(text, NULL, 10);
	return apl_is_watched() || APL_IS_HARD ? EACH_SLOWLY : EACH;
}

static void break_document(const char *text, size_t size, uint64_t seed, size_t count, size_t *n_good) {
	static broken b;
	for (size_t i = 0; i < count; i++) {
		memcpy(b.text, text, size);
		b.size = size;
		for (size_t times = 1 + below(&seed, 4); times > 0 && b.size > 0; times--) break_once(&b, &seed);
		/* No playbook in Lua: it is one of XML that is tried. */
		if (b.size == 0 || b.text[0] != '<') continue;
		if (try(&b)) ++*n_good;
	}
}

static void an_unbroken_document_is_a_playbook(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		static broken b;
		b.size = strlen(documents[i]);
		memcpy(b.text, documents[i], b.size);
		assert_true(try(&b));
	}
}

static void a_broken_document_is_refused_or_runs_within_its_limits(void **state) {
	(void)state;
	size_t n_good = 0;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
		break_document(documents[i], strlen(documents[i]), UINT64_C(0x9E3779B97F4A7C15) + i, wanted(), &n_good);
	print_message("%zu are playbooks\n", n_good);
	assert_true(n_good > 0); /* some breaks are none */
}

static void so_is_a_broken_one_of_the_standards(void **state) {
	(void)state;
	const char *folder = getenv("APLOMB_SCXML_IRP");
	if (folder == NULL || getenv("APLOMB_SCXML_MUTATIONS") == NULL) skip();
	char path[4096];
	snprintf(path, sizeof path, "%s/lua", folder);
	DIR *all = opendir(path);
	if (all == NULL) skip();
	static char text[MOST_SIZE / 2];
	size_t n_good = 0;
	uint64_t seed = 1;
	for (const struct dirent *entry; (entry = readdir(all)) != NULL; seed++) {
		if (strstr(entry->d_name, ".scxml") == NULL) continue;
		snprintf(path, sizeof path, "%s/lua/%s", folder, entry->d_name);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		const size_t size = fread(text, 1, sizeof text, file);
		fclose(file);
		break_document(text, size, seed * UINT64_C(0x9E3779B97F4A7C15), wanted(), &n_good);
	}
	closedir(all);
	assert_true(n_good > 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_unbroken_document_is_a_playbook),
	    cmocka_unit_test(a_broken_document_is_refused_or_runs_within_its_limits),
	    cmocka_unit_test(so_is_a_broken_one_of_the_standards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
