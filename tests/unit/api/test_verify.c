/* SPDX-License-Identifier: MIT */
/*
 * A journal that a replay does not give again, in as many ways as we could think of: each is told in the line it is in, as what
 * it is, and with what it comes from.
 *
 * Two functions of the library are put in here under other names (tests.cmake), so that a test can plant what no replay could
 * repeat: an address in the digest, and one in the random numbers.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "base/buf.h"
#include "base/hash.h"
#include "engine/inside.h"
#include "journal_lines.h"

/* ---- what is planted ------------------------------------------------------------- */

typedef enum plant { PLANT_NOTHING, PLANT_DIGEST, PLANT_DIGEST_LATER, PLANT_RANDOM } plant;
static struct {
	plant what;
	uint32_t calls;
} planted;

apl_hash128 real_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t effects_size);
apl_hash128 apl_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t effects_size) {
	apl_hash128 digest = real_case_digest(engine, c, effects, effects_size);
	bool is_now = planted.what == PLANT_DIGEST || (planted.what == PLANT_DIGEST_LATER && ++planted.calls > 6);
	if (is_now) digest.low ^= (uint64_t)(uintptr_t)c | 1;
	return digest;
}

uint64_t real_random_next(uint64_t *state);
uint64_t apl_random_next(uint64_t *state) {
	return real_random_next(state) ^ (planted.what == PLANT_RANDOM ? (uint64_t)(uintptr_t)state << 8 : 0);
}

/* ---- the playbook ------------------------------------------------------------------ */

typedef enum file { NO_FILE, DESK, RULES, PHRASES, POLICY, FILES } file;
static const char *const names[FILES] = {NULL, "desk.lua", "desk/rules.lua", "phrases.lua", "policy.lua"};
static const char *const texts[FILES] = {NULL,
    "local rules = require \"desk.rules\"\n"
    "\n"
    "local function draw(case)\n"
    "\tcase:effect(\"say\", { text = \"your number is \" .. math.random(1000000) })\n"
    "end\n"
    "\n"
    "return playbook \"desk\" {\n"
    "\ttitle = \"A desk\", version = \"1\", initial = \"work\",\n"
    "\tparams = { patience = span { default = \"10m\" }, limit = integer { default = 2 }, greeting = text {} },\n"
    "\tdata = { tone = integer { default = 0 }, said = integer { default = 0 }, tags = any {} },\n"
    "\tevent \"message\" { text = text { personal = true }, tone = integer { default = 0 } },\n"
    "\tevent \"agent.message\" {}, event \"draw\" {}, event \"later\" {}, event \"next\" {}, event \"done\" {},\n"
    "\teffect \"say\" { text = text {} },\n"
    "\teffect \"tell\" { who = text {} },\n"
    "\tcounter \"angry\" { of = \"message\", when = \"event.tone < 0\", window = \"1h\" },\n"
    "\n"
    "\tstate \"work\" { initial = \"waiting\",\n"
    "\t\ton \"draw\" { act = draw },\n"
    "\t\ton \"done\" { to = \"over\", because = \"it is done\" },\n"
    "\t\tstate \"waiting\" {\n"
    "\t\t\ton \"message\" {\n"
    "\t\t\t\t{ to = \"handed\", when = \"count(\\\"angry\\\") >= params.limit\", because = \"they are angry again\" },\n"
    "\t\t\t\t{ to = \"answered\", when = \"event.tone < 0\", act = rules.answer, because = \"they are angry\" },\n"
    "\t\t\t\t{ act = function(case, event) case.data.tone = event.tone end },\n"
    "\t\t\t},\n"
    "\t\t\tafter(from \"params.patience\") { to = \"overdue\", act = function(case) case:effect(\"tell\", { who = \"lead\" }) end },\n"
    "\t\t},\n"
    "\t\tstate \"answered\" {\n"
    "\t\t\ton \"later\" { defer = true },\n"
    "\t\t\ton \"next\" { to = \"waiting\", act = \"data.said = data.said + 1\" },\n"
    "\t\t\tentry(function(case) case:send { event = \"agent.message\", after = \"5m\", id = \"nudge\" } end),\n"
    "\t\t\ton \"agent.message\" { act = function(case) case.data.tags = { case.data.said, \"nudged\" } end },\n"
    "\t\t},\n"
    "\t\tstate \"overdue\" { on \"message\" { to = \"waiting\" } },\n"
    "\t\tstate \"handed\" { on \"later\" { to = \"overdue\" }, after \"1d\" { to = \"over\" } },\n"
    "\t},\n"
    "\tfinal \"over\" { outcome = \"done\" },\n"
    "}\n",
    "local rules = {}\n"
    "function rules.answer(case, event)\n"
    "\tcase.data.tone = event.tone\n"
    "\tcase:effect(\"say\", { text = case:phrase(\"sorry\") }, { because = \"an answer\" })\n"
    "end\n"
    "return rules\n",
    "return { en = { sorry = \"I am sorry.\" } }\n", "return { params = { limit = 2 } }\n"};

static char folder[64];

static void path_of(char *out, size_t size, const char *name) {
	snprintf(out, size, "%s/%s", folder, name);
}

/* The files, one of them with the first [from] as [to]. */
static void write_files(file edited, const char *from, const char *to) {
	char path[128];
	path_of(path, sizeof path, "desk");
	mkdir(path, 0700);
	for (int i = 1; i < FILES; i++) {
		path_of(path, sizeof path, names[i]);
		FILE *out = fopen(path, "wb");
		assert_non_null(out);
		const char *at = i == (int)edited ? strstr(texts[i], from) : NULL;
		if (i == (int)edited && at == NULL) fail_msg("%s is not in %s", from, names[i]);
		if (at == NULL)
			fputs(texts[i], out);
		else
			fprintf(out, "%.*s%s%s", (int)(at - texts[i]), texts[i], to, at + strlen(from));
		assert_int_equal(fclose(out), 0);
	}
}

static void remove_files(void) {
	char path[128];
	for (int i = 1; i < FILES; i++) {
		path_of(path, sizeof path, names[i]);
		unlink(path);
	}
	path_of(path, sizeof path, "desk");
	rmdir(path);
	rmdir(folder);
}

/* ---- the journal ----------------------------------------------------------------------- */

enum { LINES = 17 };

static journal recorded;

static journal copy(const journal *from) {
	journal made = {.count = from->count};
	for (uint32_t i = 0; i < from->count; i++) made.line[i] = strdup(from->line[i]);
	return made;
}

static void load_into(aplomb_load_options *load, char *path, size_t size) {
	path_of(path, size, "desk.lua");
	load->path = path;
}

static void record(const aplomb_limits *limits, journal *to) {
	static const struct {
		const char *case_id, *id, *name, *at, *data;
	} events[] = {
	    {"a", "a1", "message", "2026-03-31T09:00:00Z", "{\"text\":\"Where is it?\",\"tone\":-1}"},
	    {"b", NULL, "message", "2026-03-31T09:01:00Z", "{\"text\":\"Hello\",\"tone\":3}"},
	    {"a", NULL, "draw", "2026-03-31T09:02:00Z", NULL},
	    {"a", NULL, "later", "2026-03-31T09:03:00Z", NULL},
	    {"a", NULL, "next", "2026-03-31T09:07:00Z", NULL},
	    {"a", NULL, "unknown", "2026-03-31T09:08:00Z", NULL},
	    {"b", NULL, "draw", "2026-03-31T09:09:00Z", NULL},
	    {"a", NULL, "message", "2026-03-31T09:10:00Z", "{\"text\":\"Hello?\",\"tone\":-2}"},
	    {"b", NULL, "message", "2026-03-31T09:20:00Z", "{\"text\":\"Still there?\"}"},
	    {"b", NULL, "done", "2026-03-31T09:21:00Z", NULL},
	};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.forget_journal = true;
	options.journal = journal_keep;
	options.journal_payload = to;
	options.limits = limits;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	char path[128];
	load_into(&load, path, sizeof path);
	if (aplomb_load(rt, &load, &playbook, &error)) fail_msg("%s:%u: %s", error.file, error.line, error.message);
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		aplomb_event event = APLOMB_EVENT_INIT;
		event.case_id = events[i].case_id;
		event.id = events[i].id;
		event.playbook = "desk";
		event.name = events[i].name;
		event.by = events[i].data != NULL ? "customer" : NULL;
		event.has_at = true;
		assert_int_equal(aplomb_instant_read(events[i].at, &event.at, NULL), APLOMB_OK);
		event.data = events[i].data;
		int code = aplomb_post(rt, &event, NULL, NULL, &error);
		if (code != APLOMB_OK && code != APLOMB_EREFUSED && code != APLOMB_EFAULTED) fail_msg("%s", error.message);
		aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
		do assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
		while (report.more);
	}
	aplomb_close(rt);
}

/* ---- editing ------------------------------------------------------------------------------ */

static const char *case_in(const char *line) {
	return strstr(line, "\"case\":\"a\"") != NULL ? "a" : "b";
}

/* As somebody would who knows how: every hash is what it must be again. */
static void chain(journal *j) {
	for (uint32_t i = 0; i < j->count; i++) {
		char *params = strstr(j->line[i], "\"params\":{"), *hash = strstr(j->line[i], "\"params_hash\":\"");
		if (params != NULL && hash != NULL) apl_hash_hex(apl_hash_bytes(params + 9, (size_t)(hash - 1 - params - 9)), hash + 15);
		char *prev = strstr(j->line[i], ",\"prev\":\"");
		for (uint32_t k = i; prev != NULL && k-- > 0;) {
			if (strcmp(case_in(j->line[k]), case_in(j->line[i])) != 0) continue;
			apl_hash_hex(apl_hash_bytes(j->line[k], strlen(j->line[k])), prev + 9);
			break;
		}
	}
}

static void replace(journal *j, uint32_t line, const char *from, const char *to) {
	char one[256], other[256];
	snprintf(one, sizeof one, "%s", from);
	snprintf(other, sizeof other, "%s", to);
	for (char *at = one; *at != '\0'; at++) *at = *at == '\'' ? '"' : *at;
	for (char *at = other; *at != '\0'; at++) *at = *at == '\'' ? '"' : *at;
	char *was = j->line[line - 1], *at = strstr(was, one);
	if (at == NULL) fail_msg("%s is not in %s", one, was);
	size_t size = strlen(was) + strlen(other) + 1;
	char *made = malloc(size);
	snprintf(made, size, "%.*s%s%s", (int)(at - was), was, other, at + strlen(one));
	free(was);
	j->line[line - 1] = made;
}

static void take_out(journal *j, uint32_t line) {
	free(j->line[line - 1]);
	j->count--;
	memmove(&j->line[line - 1], &j->line[line], (j->count - line + 1) * sizeof j->line[0]);
}

static void put_in(journal *j, uint32_t before, char *line) {
	memmove(&j->line[before], &j->line[before - 1], (j->count - before + 1) * sizeof j->line[0]);
	j->line[before - 1] = line;
	j->count++;
}

/* ---- the causes ------------------------------------------------------------------------------ */

typedef enum act { NOTHING, EDIT, EDIT_AND_CHAIN, DROP, DOUBLE, SWAP, CUT } act;

/* What must be told. DIFFERS_NOTHING: nothing differs. */
enum { DIFFERS_NOTHING = -1, ENGINE = 1, PLAYBOOK = 2, PARAMS = 4, TZDATA = 8, LIMITS = 16 };

typedef struct cause {
	const char *name;
	act act;
	uint32_t at; /* the line; the journal of the desk is in the comment below */
	file edited;
	const char *from, *to; /* in that line, where ' stands for ", or in that file */
	plant plant;
	/* what is expected */
	int how;
	uint64_t line;
	const char *member, *slug;
	aplomb_vouched vouched;
	uint64_t changed;
	uint32_t others;   /* of what the case stands on */
	const char *place; /* produced_place, when it matters */
} cause;

/*
 *  1 head of a      7 event draw      11 event later, deferred    15 timer, b
 *  2 opened         8 event later     12 refused                  16 event message, b
 *  3 event message  9 timer, a send   13 event draw, b            17 event done, b
 *  4 5 6 of b      10 event next      14 event message
 */
#define RECORDED APLOMB_VOUCHED_RECORDED
#define PRODUCED APLOMB_VOUCHED_PRODUCED
#define NEITHER APLOMB_VOUCHED_NEITHER
#define LINE APLOMB_DIFFERS_LINE
#define CAUSE APLOMB_DIFFERS_CAUSE
#define CHAIN APLOMB_DIFFERS_CHAIN
#define ORDER APLOMB_DIFFERS_ORDER
#define DAMAGE APLOMB_DIFFERS_DAMAGE

static const cause causes[] = {
    {.name = "nothing", .how = DIFFERS_NOTHING},
    /* A head that was changed shows in the line behind it, for that holds its hash. */
    {"seed", EDIT, 1, 0, "'seed':7", "'seed':8", 0, CHAIN, 2, "prev", "journal-chain", RECORDED, 1, 0, NULL},
    {"seed, chained", EDIT_AND_CHAIN, 1, 0, "'seed':7", "'seed':8", 0, LINE, 7, "items[1].data.text", NULL, RECORDED, 0, 0, "desk.lua:18"},
    {"param", EDIT, 1, 0, "'patience':'10m'", "'patience':'20m'", 0, LINE, 1, "params_hash", NULL, NEITHER, 1, 0, NULL},
    {"param, chained", EDIT_AND_CHAIN, 1, 0, "'patience':'10m'", "'patience':'20m'", 0, LINE, 2, "items[0].due", NULL, RECORDED, 0, 0,
        NULL},
    {"param of another kind, chained", EDIT_AND_CHAIN, 1, 0, "'limit':2", "'limit':'two'", 0, CAUSE, 1, NULL, "wrong-type", RECORDED, 0, 0,
        NULL},
    {"param that is unknown, chained", EDIT_AND_CHAIN, 1, 0, "'limit':2", "'limit':2,'limits':3", 0, CAUSE, 1, NULL, "unknown-field",
        RECORDED, 0, 0, NULL},
    {"hash of the playbook, chained", EDIT_AND_CHAIN, 1, 0, "'hash':'", "'hash':'0", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, PLAYBOOK,
        NULL},
    {"engine", EDIT, 1, 0, "'engine':'0.1.0'", "'engine':'0.0.9'", 0, CHAIN, 2, "prev", "journal-chain", RECORDED, 1, ENGINE, NULL},
    {"engine, chained", EDIT_AND_CHAIN, 1, 0, "'engine':'0.1.0'", "'engine':'0.0.9'", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, ENGINE,
        NULL},
    {"tzdata, chained", EDIT_AND_CHAIN, 1, 0, "'tzdata':null", "'tzdata':'2026a'", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, TZDATA, NULL},
    {"limit of effects, chained", EDIT_AND_CHAIN, 1, 0, "'effects':256", "'effects':1", 0, LINE, 3, "kind", NULL, RECORDED, 0, 0, NULL},
    {"limit of timers, chained", EDIT_AND_CHAIN, 1, 0, "'deferred':100", "'deferred':1", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, 0, NULL},
    {"limit that an older head has not, chained", EDIT_AND_CHAIN, 1, 0, "'deferred':100,", "", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, 0,
        NULL},
    {"what an older head has not, chained", EDIT_AND_CHAIN, 1, 0, "'personal':{'events':{'message':['text']}},", "", 0, DIFFERS_NOTHING, 0,
        NULL, NULL, 0, 0, 0, NULL},
    {"what is personal, chained", EDIT_AND_CHAIN, 1, 0, "{'message':['text']}", "{'message':['name']}", 0, LINE, 1,
        "personal.events.message[0]", NULL, RECORDED, 0, 0, NULL},
    {"member that no head has, chained", EDIT_AND_CHAIN, 1, 0, "'v':1}", "'v':1,'w':2}", 0, LINE, 1, "w", NULL, RECORDED, 0, 0, NULL},
    /* Entries, member by member. */
    {"data of the opening, chained", EDIT_AND_CHAIN, 2, 0, "'said':0", "'said':1", 0, LINE, 2, "digest", NULL, RECORDED, 0, 0, NULL},
    {"data of the event", EDIT, 3, 0, "'tone':-1", "'tone':-2", 0, LINE, 3, "digest", NULL, NEITHER, 3, 0, NULL},
    {"data of the event that decide, chained", EDIT_AND_CHAIN, 3, 0, "'tone':-1", "'tone':1", 0, LINE, 3, "items[0]", NULL, RECORDED, 0, 0,
        NULL},
    {"data of the event that nobody looks at", EDIT, 3, 0, "Where is it?", "Where are you?", 0, CHAIN, 7, "prev", "journal-chain", RECORDED,
        3, 0, NULL},
    {"who it came from", EDIT, 3, 0, "'by':'customer'", "'by':'agent'", 0, CHAIN, 7, "prev", "journal-chain", RECORDED, 3, 0, NULL},
    {"name of the event", EDIT, 7, 0, "'event':'draw'", "'event':'drow'", 0, LINE, 7, "kind", NULL, NEITHER, 7, 0, NULL},
    {"id that was seen", EDIT, 7, 0, "'event':'draw'", "'event':'draw','id':'a1'", 0, CAUSE, 7, NULL, "replay-duplicate", NEITHER, 7, 0,
        NULL},
    {"time of an event", EDIT, 7, 0, "09:02:00Z", "09:02:01Z", 0, CHAIN, 8, "prev", "journal-chain", RECORDED, 7, 0, NULL},
    {"time of a timer", EDIT, 9, 0, "09:05:00Z", "09:06:00Z", 0, LINE, 9, "at", NULL, PRODUCED, 9, 0, NULL},
    {"entry that armed it", EDIT, 9, 0, "'armed_seq':2", "'armed_seq':1", 0, LINE, 9, "cause.armed_seq", NULL, PRODUCED, 9, 0, NULL},
    {"timer that is none", EDIT, 15, 0, "'event':'after.work.waiting.1'", "'event':'after.work.waiting.2'", 0, CAUSE, 15, NULL,
        "replay-timer", NEITHER, 15, 0, NULL},
    {"event that was not deferred", EDIT, 11, 0, "'deferred_seq':4", "'deferred_seq':3", 0, CAUSE, 11, NULL, "replay-deferred", NEITHER, 11,
        0, NULL},
    {"why it was refused", EDIT, 12, 0, "is not declared", "is unknown", 0, CHAIN, 14, "prev", "journal-chain", APLOMB_VOUCHED_NOT, 0, 0,
        NULL},
    {"kind", EDIT, 7, 0, "'kind':'event'", "'kind':'timer'", 0, LINE, 7, "kind", NULL, PRODUCED, 7, 0, NULL},
    {"data of an effect", EDIT, 3, 0, "I am sorry.", "I am glad.", 0, LINE, 3, "items[2].data.text", NULL, PRODUCED, 3, 0, "desk.lua:23"},
    {"kind of an effect, chained", EDIT_AND_CHAIN, 3, 0, "'kind':'say'", "'kind':'tell'", 0, LINE, 3, "items[2].kind", NULL, RECORDED, 0, 0,
        NULL},
    {"reason of a transition", EDIT, 14, 0, "angry again", "glad again", 0, LINE, 14, "items[1].because", NULL, APLOMB_VOUCHED_NOT, 0, 0,
        NULL},
    {"target of a transition", EDIT, 10, 0, "'to':['work.waiting']", "'to':['work.handed']", 0, LINE, 10, "items[0].to[0]", NULL, PRODUCED,
        10, 0, "desk.lua:30"},
    {"place of a transition", EDIT, 3, 0, "desk.lua:23", "desk.lua:22", 0, LINE, 3, "items[1].place", NULL, PRODUCED, 3, 0, "desk.lua:23"},
    {"when a timer is due", EDIT, 3, 0, "'due':'2026-03-31T09:05:00Z'", "'due':'2026-03-31T09:06:00Z'", 0, LINE, 3, "items[3].due", NULL,
        PRODUCED, 3, 0, NULL},
    {"states", EDIT, 10, 0, "'active':['work.waiting']", "'active':['work.handed']", 0, LINE, 10, "items[2].active[0]", NULL, PRODUCED, 10,
        0, NULL},
    {"item that is missing", EDIT, 11, 0, "{'do':'unhandled'}", "", 0, LINE, 11, "items[0]", NULL, PRODUCED, 11, 0, NULL},
    {"item too many", EDIT, 11, 0, "{'do':'unhandled'}", "{'do':'unhandled'},{'do':'deferred'}", 0, LINE, 11, "items[1]", NULL, PRODUCED,
        11, 0, NULL},
    {"item that does another thing", EDIT, 11, 0, "{'do':'unhandled'}", "{'do':'deferred'}", 0, LINE, 11, "items[0]", NULL, PRODUCED, 11, 0,
        NULL},
    {"outcome", EDIT, 17, 0, "'outcome':'done'", "'outcome':'lost'", 0, LINE, 17, "items[3].outcome", NULL, APLOMB_VOUCHED_NOT, 0, 0,
        "desk.lua:19"},
    {"digest", EDIT, 6, 0, "'digest':'a", "'digest':'b", 0, LINE, 6, "digest", NULL, PRODUCED, 6, 0, NULL},
    {"hash of the line before", EDIT, 8, 0, "'prev':'6", "'prev':'7", 0, CHAIN, 8, "prev", "journal-chain", PRODUCED, 8, 0, NULL},
    {"number", EDIT, 8, 0, "'seq':4", "'seq':5", 0, ORDER, 8, NULL, "journal-seq", 0, 0, 0, NULL},
    {"version", EDIT, 8, 0, "'v':1}", "'v':2}", 0, DAMAGE, 8, NULL, "journal-version", 0, 0, 0, NULL},
    {"spaces", EDIT, 6, 0, ",'digest'", ", 'digest'", 0, LINE, 6, NULL, NULL, PRODUCED, 6, 0, NULL},
    {"member that no entry has", EDIT, 6, 0, "'v':1}", "'v':1,'w':2}", 0, LINE, 6, "w", NULL, PRODUCED, 6, 0, NULL},
    {"JSON that is none", EDIT, 6, 0, "'v':1}", "'v':1", 0, DAMAGE, 6, NULL, "json-syntax", 0, 0, 0, NULL},
    {"shape", EDIT, 6, 0, "'items':[", "'item':[", 0, DAMAGE, 6, NULL, "journal-shape", 0, 0, 0, NULL},
    {"case of another", EDIT, 13, 0, "'case':'b'", "'case':'a'", 0, ORDER, 13, NULL, "journal-seq", 0, 0, 0, NULL},
    {"case of nobody", EDIT, 13, 0, "'case':'b'", "'case':'c'", 0, ORDER, 13, NULL, "journal-headless", 0, 0, 0, NULL},
    /* Lines. */
    {"line that is missing", DROP, 8, 0, NULL, NULL, 0, ORDER, 8, NULL, "journal-seq", 0, 0, 0, NULL},
    {"head that is missing", DROP, 1, 0, NULL, NULL, 0, ORDER, 1, NULL, "journal-headless", 0, 0, 0, NULL},
    {"line that stands there twice", DOUBLE, 8, 0, NULL, NULL, 0, ORDER, 9, NULL, "journal-seq", 0, 0, 0, NULL},
    {"head that stands there twice", DOUBLE, 1, 0, NULL, NULL, 0, ORDER, 2, NULL, "journal-seq", 0, 0, 0, NULL},
    {"lines in another order", SWAP, 7, 0, NULL, NULL, 0, ORDER, 7, NULL, "journal-seq", 0, 0, 0, NULL},
    {"lines of two cases in another order", SWAP, 6, 0, NULL, NULL, 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, 0, NULL},
    {"end that is cut off", CUT, 17, 0, NULL, NULL, 0, DAMAGE, 17, NULL, "json-syntax", 0, 0, 0, NULL},
    /* Playbooks. */
    {"guard", NOTHING, 0, DESK, "\"event.tone < 0\", act", "\"event.tone < -5\", act", 0, LINE, 3, "items[0]", NULL, RECORDED, 0, PLAYBOOK,
        NULL},
    {"action", NOTHING, 0, DESK, "data.said + 1", "data.said + 2", 0, LINE, 10, "digest", NULL, RECORDED, 0, PLAYBOOK, NULL},
    {"target", NOTHING, 0, DESK, "on \"next\" { to = \"waiting\"", "on \"next\" { to = \"overdue\"", 0, LINE, 10, "items[0].to[0]", NULL,
        RECORDED, 0, PLAYBOOK, "desk.lua:30"},
    {"timer", NOTHING, 0, DESK, "after \"1d\"", "after \"2d\"", 0, LINE, 14, "items[2].due", NULL, APLOMB_VOUCHED_NOT, 0, PLAYBOOK, NULL},
    {"delay", NOTHING, 0, DESK, "after = \"5m\"", "after = \"6m\"", 0, LINE, 3, "items[3].due", NULL, RECORDED, 0, PLAYBOOK, NULL},
    {"timer that is not there", NOTHING, 0, DESK, "id = \"nudge\"", "id = \"push\"", 0, LINE, 3, "items[3].id", NULL, RECORDED, 0, PLAYBOOK,
        NULL},
    {"effect", NOTHING, 0, DESK, "who = \"lead\"", "who = \"boss\"", 0, LINE, 15, "items[1].data.who", NULL, RECORDED, 0, PLAYBOOK,
        "desk.lua:26"},
    {"counter", NOTHING, 0, DESK, "window = \"1h\"", "window = \"5m\"", 0, LINE, 14, "items[1].because", NULL, APLOMB_VOUCHED_NOT, 0,
        PLAYBOOK, "desk.lua:23"},
    {"deferring", NOTHING, 0, DESK, "on \"later\" { defer = true },", "", 0, LINE, 8, "items[0]", NULL, RECORDED, 0, PLAYBOOK, NULL},
    {"reason", NOTHING, 0, DESK, "\"it is done\"", "\"it is over\"", 0, LINE, 17, "items[1].because", NULL, APLOMB_VOUCHED_NOT, 0, PLAYBOOK,
        "desk.lua:19"},
    {"module", NOTHING, 0, RULES, "an answer", "our answer", 0, LINE, 3, "items[2].because", NULL, RECORDED, 0, PLAYBOOK, NULL},
    {"phrase", NOTHING, 0, PHRASES, "I am sorry.", "We are sorry.", 0, LINE, 3, "items[2].data.text", NULL, RECORDED, 0, PLAYBOOK, NULL},
    {"policy of what the head names", NOTHING, 0, POLICY, "limit = 2", "limit = 1", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, PLAYBOOK,
        NULL},
    {"policy of what it does not", NOTHING, 0, POLICY, "limit = 2", "limit = 2, greeting = \"Hi\"", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0,
        PLAYBOOK | PARAMS, NULL},
    {"lines of the playbook elsewhere", NOTHING, 0, DESK, "local rules", "\n\nlocal rules", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0,
        PLAYBOOK, NULL},
    {"what nothing comes of", NOTHING, 0, DESK, "A desk", "The desk", 0, DIFFERS_NOTHING, 0, NULL, NULL, 0, 0, PLAYBOOK, NULL},
    /* What no journal could hold. */
    {"address in the digest", NOTHING, 0, 0, NULL, NULL, PLANT_DIGEST, LINE, 2, "digest", NULL, RECORDED, 0, 0, NULL},
    {"address in the digest, later", NOTHING, 0, 0, NULL, NULL, PLANT_DIGEST_LATER, LINE, 9, "digest", NULL, RECORDED, 0, 0, NULL},
    {"address in the random numbers", NOTHING, 0, 0, NULL, NULL, PLANT_RANDOM, LINE, 7, "items[1].data.text", NULL, RECORDED, 0, 0,
        "desk.lua:18"},
};
enum { CAUSES = sizeof causes / sizeof causes[0] };

static void do_to(journal *j, const cause *what) {
	switch (what->act) {
	case NOTHING: return;
	case EDIT_AND_CHAIN:
	case EDIT:
		replace(j, what->at, what->from, what->to);
		if (what->act == EDIT_AND_CHAIN) chain(j);
		return;
	case DROP: take_out(j, what->at); return;
	case DOUBLE: put_in(j, what->at, strdup(j->line[what->at - 1])); return;
	case SWAP: {
		char *line = j->line[what->at];
		j->line[what->at] = j->line[what->at - 1];
		j->line[what->at - 1] = line;
		return;
	}
	case CUT: j->line[what->at - 1][strlen(j->line[what->at - 1]) - 20] = '\0'; return;
	}
}

static aplomb_verifier *open_verifier(const aplomb_verifier_options *options) {
	aplomb_verifier *verifier;
	aplomb_error error = {0};
	assert_int_equal(aplomb_verifier_open(&verifier, options, &error), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	char path[128];
	load_into(&load, path, sizeof path);
	if (aplomb_verifier_load(verifier, &load, NULL, &error)) fail_msg("%s:%u: %s", error.file, error.line, error.message);
	return verifier;
}

/* All its lines, or as many as it wants; what it came to. */
static int verify(aplomb_verifier *verifier, const journal *j, aplomb_verified *out) {
	aplomb_error error;
	int code = APLOMB_OK;
	for (uint32_t i = 0; i < j->count && code == APLOMB_OK; i++) {
		/* Not terminated, so that reading on would be seen. */
		size_t size = strlen(j->line[i]);
		char *line = malloc(size + 1);
		memcpy(line, j->line[i], size);
		code = aplomb_verify(verifier, line, size, i + 1, &error);
		free(line);
		if (code != APLOMB_OK && code != APLOMB_EDIFFERS) fail_msg("line %u: %s", i + 1, error.message);
	}
	return aplomb_verifier_end(verifier, out, &error);
}

static uint32_t others_in(const aplomb_stands_on *ones, size_t count) {
	uint32_t others = 0;
	for (size_t i = 0; i < count; i++) others |= ones[i].same ? 0 : 1u << ones[i].ground;
	return others;
}

static const char *told(const char *text) {
	return text != NULL ? text : "nothing";
}

static bool same_text(const char *one, const char *other) {
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

/* All that is wrong is told before the test fails. */
static uint32_t n_wrong;
#define WRONG(...)                                                                                                                         \
	do {                                                                                                                                   \
		print_error(__VA_ARGS__);                                                                                                          \
		print_error("\n");                                                                                                                 \
		n_wrong++;                                                                                                                         \
		return;                                                                                                                            \
	} while (0)

static void expect(const cause *what, int code, const aplomb_verified *verified) {
	const aplomb_difference *d = verified->difference;
	const char *name = what->name;
	if (what->how == DIFFERS_NOTHING) {
		if (code != APLOMB_OK || d != NULL)
			WRONG("%s: line %u differs: %s", name, (unsigned)d->line, told(d->member != NULL ? d->member : d->message));
		if (others_in(verified->ones, verified->n_ones) != what->others)
			WRONG("%s: stands on %x, not %x", name, others_in(verified->ones, verified->n_ones), what->others);
		assert_true((verified->elsewhere > 0) == (what->others != 0));
		return;
	}
	if (code != APLOMB_EDIFFERS || d == NULL) WRONG("%s: nothing differs", name);
	if ((int)d->how != what->how || d->line != what->line || !same_text(d->member, what->member) || !same_text(d->slug, what->slug))
		WRONG("%s: it is %u, line %u, %s, %s: %s", name, (unsigned)d->how, (unsigned)d->line, told(d->member), told(d->slug),
		    told(d->message));
	if (d->vouched != what->vouched || d->changed_line != what->changed)
		WRONG("%s: vouched %u, line %u was changed", name, (unsigned)d->vouched, (unsigned)d->changed_line);
	if (others_in(d->ones, d->n_ones) != what->others) WRONG("%s: stands on %x, not %x", name, others_in(d->ones, d->n_ones), what->others);
	if (what->place != NULL && !same_text(d->produced_place, what->place)) WRONG("%s: at %s", name, told(d->produced_place));
	if (what->how == APLOMB_DIFFERS_LINE) {
		assert_non_null(d->recorded_line);
		assert_non_null(d->produced_line);
		assert_string_not_equal(d->recorded_line, d->produced_line);
		if (d->member != NULL) assert_false(same_text(d->recorded, d->produced));
		assert_true((d->item > 0) == (d->member != NULL && strncmp(d->member, "items[", 6) == 0));
		if (d->seq > 0) assert_non_null(d->states);
		if (d->seq > 0) assert_non_null(d->at);
	}
	if (what->how != APLOMB_DIFFERS_DAMAGE) assert_non_null(d->case_id);
	assert_int_equal(verified->differing, 1);
	assert_true(verified->lines < d->line);
}

static void every_cause_of_a_difference_is_told_as_what_it_is(void **state) {
	(void)state;
	/* Loading a playbook takes valgrind longest. */
	uint32_t step = APL_STRIDE(5);
	for (uint32_t i = 0; i < CAUSES; i += step) {
		const cause *what = &causes[i];
		journal j = copy(&recorded);
		do_to(&j, what);
		write_files(what->edited, what->from, what->to);
		aplomb_verifier *verifier = open_verifier(NULL);
		aplomb_verified verified = APLOMB_VERIFIED_INIT;
		planted.what = what->plant;
		planted.calls = 0;
		int code = verify(verifier, &j, &verified);
		planted.what = PLANT_NOTHING;
		expect(what, code, &verified);
		aplomb_verifier_close(verifier);
		journal_drop(&j);
	}
	write_files(NO_FILE, NULL, NULL);
	print_message("%u causes\n", (unsigned)(CAUSES / step));
	assert_int_equal(n_wrong, 0);
}

/* ---- what else there is to a verification ------------------------------------------------------ */

static void a_whole_journal_is_counted(void **state) {
	(void)state;
	aplomb_verifier *verifier = open_verifier(NULL);
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(verify(verifier, &recorded, &verified), APLOMB_OK);
	assert_int_equal(verified.lines, LINES);
	assert_int_equal(verified.cases, 2);
	assert_int_equal(verified.entries, LINES - 2);
	assert_int_equal(verified.elsewhere, 0);
	assert_int_equal(verified.unfinished, 0);
	assert_null(verified.difference);
	aplomb_verifier_close(verifier);
}

static void one_case_of_many_is_verified_alone(void **state) {
	(void)state;
	aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
	options.case_id = "b";
	journal j = copy(&recorded);
	replace(&j, 3, "I am sorry.", "I am glad."); /* of the other */
	aplomb_verifier *verifier = open_verifier(&options);
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(verify(verifier, &j, &verified), APLOMB_OK);
	assert_int_equal(verified.cases, 1);
	assert_int_equal(verified.lines + verified.skipped, LINES);
	aplomb_verifier_close(verifier);
	journal_drop(&j);
}

/* The end of a case is missing, and others went on. */
static void a_case_that_stops_too_early_is_told(void **state) {
	(void)state;
	journal j = copy(&recorded);
	take_out(&j, 14);
	aplomb_verifier *verifier = open_verifier(NULL);
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(verify(verifier, &j, &verified), APLOMB_OK);
	assert_int_equal(verified.unfinished, 1);
	assert_string_equal(verified.unfinished_case, "a");
	assert_int_equal(verified.unfinished_seq, 8);
	assert_string_equal(verified.unfinished_due, "after.work.waiting.1");
	char at[32];
	aplomb_instant_write(verified.unfinished_at, at);
	assert_string_equal(at, "2026-03-31T09:17:00Z");
	aplomb_verifier_close(verifier);
	journal_drop(&j);
}

/* Cases of one journal under several limits, each replayed under its own. */
static void each_case_has_the_limits_of_its_head(void **state) {
	(void)state;
	journal few = {.count = 0};
	const aplomb_limits limits = {.size = sizeof limits, .effects = 1};
	record(&limits, &few);
	assert_non_null(strstr(few.line[2], "\"kind\":\"faulted\""));
	/* The other case of it, behind the recorded one of the same id, which it is not. */
	journal both = copy(&recorded);
	for (uint32_t i = 0; i < both.count;) {
		if (strcmp(case_in(both.line[i]), "b") == 0)
			take_out(&both, i + 1);
		else
			i++;
	}
	for (uint32_t i = 0; i < few.count; i++) {
		if (strcmp(case_in(few.line[i]), "b") == 0) put_in(&both, both.count + 1, strdup(few.line[i]));
	}
	aplomb_verifier *verifier = open_verifier(NULL);
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(verify(verifier, &both, &verified), APLOMB_OK);
	assert_int_equal(verified.lines, both.count);
	aplomb_verifier_close(verifier);
	verifier = open_verifier(NULL);
	assert_int_equal(verify(verifier, &few, &verified), APLOMB_OK);
	assert_int_equal(verified.lines, few.count);
	aplomb_verifier_close(verifier);
	journal_drop(&both);
	journal_drop(&few);
}

static const char greedy[] = "return playbook \"greedy\" {\n"
                             "  data = { n = integer { default = 0 } },\n"
                             "  event \"fill\" { n = integer { default = 0 } }, event \"other\" {},\n"
                             "  state \"on\" {\n"
                             "    after \"1h\" { to = \"over\" },\n"
                             "    on \"fill\" { act = function(case, event)\n"
                             "      local t = {} for i = 1, event.n do t[i] = i end\n"
                             "      case.data.n = #t\n"
                             "    end },\n"
                             "  },\n"
                             "  final \"over\" {},\n"
                             "}\n";

/*
 * It depends on the build how much memory is too much. A step that ran out of it is taken as it stands; the same step would not run out
 * of what a verifier allows.
 */
static void a_step_that_ran_out_of_memory_is_a_fact_of_the_journal(void **state) {
	(void)state;
	journal j = {.count = 0};
	const aplomb_limits limits = {.size = sizeof limits, .memory = (size_t)1 << 20};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.forget_journal = true;
	options.journal = journal_keep;
	options.journal_payload = &j;
	options.limits = &limits;
	options.log_level = APLOMB_LOG_OFF;
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "greedy.lua";
	load.source = greedy;
	load.source_size = sizeof greedy - 1;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	assert_int_equal(aplomb_load(rt, &load, &playbook, NULL), APLOMB_OK);
	static const char *const data[] = {"{\"n\":10}", "{\"n\":100000}", "{\"n\":1}"};
	for (int i = 0; i < 3; i++) {
		aplomb_event event = APLOMB_EVENT_INIT;
		event.case_id = "a";
		event.id = i == 1 ? "e1" : NULL;
		event.playbook = "greedy";
		event.name = "fill";
		event.data = data[i];
		aplomb_post_wait(rt, &event, NULL, NULL);
	}
	aplomb_close(rt);
	assert_int_equal(j.count, 4);
	assert_non_null(strstr(j.line[3], "\"slug\":\"limit-memory\""));
	for (int changed = 0; changed < 2; changed++) {
		aplomb_verifier *verifier;
		aplomb_verified verified = APLOMB_VERIFIED_INIT;
		assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
		assert_int_equal(aplomb_verifier_load(verifier, &load, NULL, NULL), APLOMB_OK);
		int code = verify(verifier, &j, &verified);
		if (changed == 0 && code != APLOMB_OK) fail_msg("%s", told(verified.difference->member));
		assert_int_equal(verified.lines, changed == 0 ? 4 : 3);
		aplomb_verifier_close(verifier);
		/* Of a limit that is counted nothing is taken: the step does not break it. */
		if (changed == 0) replace(&j, 4, "'slug':'limit-memory'", "'slug':'limit-instructions'");
	}
	journal_drop(&j);
}

typedef struct seen {
	uint32_t lines, others, stuck;
	char first_member[64];
} seen;

static void see(const aplomb_stepped_line *line, void *payload) {
	seen *s = payload;
	s->lines++;
	s->others += !line->same;
	s->stuck += line->produced == NULL;
	if (line->member != NULL && s->first_member[0] == '\0') snprintf(s->first_member, sizeof s->first_member, "%s", line->member);
	assert_true((line->produced == NULL) == (line->error != NULL));
	if (line->same) assert_true(line->member == NULL);
}

/* With another playbook: the case goes on from where it went, and one that cannot take a line stops there. */
static void who_goes_on_is_told_of_every_line(void **state) {
	(void)state;
	seen s = {0};
	aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
	options.goes_on = true;
	options.on_line = see;
	options.payload = &s;
	write_files(DESK, "data.said + 1", "data.said + 2");
	aplomb_verifier *verifier = open_verifier(&options);
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(verify(verifier, &recorded, &verified), APLOMB_EDIFFERS);
	/* Lines 10, 11, 12 and 14 have another digest. */
	assert_int_equal(verified.differing, 4);
	assert_int_equal(verified.lost, 0);
	assert_int_equal(verified.lines, LINES - 4);
	assert_int_equal(s.lines, LINES);
	assert_int_equal(s.others, 4);
	assert_string_equal(s.first_member, "digest");
	assert_int_equal(verified.difference->line, 10);
	aplomb_verifier_close(verifier);
	s = (seen){0};
	write_files(DESK, "after = \"5m\", id", "after = \"5m\", to = \"b\", id");
	verifier = open_verifier(&options);
	assert_int_equal(verify(verifier, &recorded, &verified), APLOMB_EDIFFERS);
	assert_int_equal(verified.difference->line, 3);
	assert_int_equal(s.stuck, 1);
	assert_int_equal(s.lines + verified.lost, LINES);
	assert_true(verified.lost > 3);
	aplomb_verifier_close(verifier);
	write_files(NO_FILE, NULL, NULL);
}

static void what_is_missing_or_wrong_is_said(void **state) {
	(void)state;
	aplomb_error error;
	aplomb_verifier *verifier;
	const char *head = recorded.line[0];
	assert_int_equal(aplomb_verifier_open(NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
	assert_int_equal(aplomb_verify(NULL, head, 1, 1, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_verify(verifier, NULL, 1, 1, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_verifier_load(verifier, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_verifier_load(NULL, NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_verify(verifier, head, strlen(head), 1, &error), APLOMB_ENOTFOUND);
	assert_string_equal(error.slug, "unknown-playbook");
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "desk.lua";
	assert_int_equal(aplomb_verifier_load(verifier, &load, NULL, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "verifier-begun");
	aplomb_verified small = {0};
	assert_int_equal(aplomb_verifier_end(verifier, &small, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "struct-size");
	assert_int_equal(aplomb_verifier_end(NULL, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_verifier_end(verifier, NULL, &error), APLOMB_OK);
	aplomb_verifier_close(verifier);
	aplomb_verifier_close(NULL);
}

/* Whatever allocation fails: it says so, and nothing is left behind. */
static void verifying_without_memory_says_so(void **state) {
	(void)state;
	journal j = copy(&recorded);
	replace(&j, 7, "your number", "your numbers");
	uint64_t step = APL_STRIDE(23), failed = 0;
	for (uint64_t fail_at = 1;; fail_at += step) {
		test_heap heap = {.fail_at = fail_at};
		aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
		const aplomb_allocator allocator = test_heap_allocator(&heap);
		options.allocator = &allocator;
		aplomb_verifier *verifier = NULL;
		aplomb_error error = {0};
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		char path[128];
		load_into(&load, path, sizeof path);
		int code = aplomb_verifier_open(&verifier, &options, &error);
		if (code == APLOMB_OK) code = aplomb_verifier_load(verifier, &load, NULL, &error);
		bool is_fed = code == APLOMB_OK;
		for (uint32_t i = 0; i < j.count && code == APLOMB_OK; i++)
			code = aplomb_verify(verifier, j.line[i], strlen(j.line[i]), i + 1, &error);
		if (code == APLOMB_EDIFFERS) {
			is_fed = false; /* what comes now is the end's */
			code = aplomb_verifier_end(verifier, NULL, &error);
		}
		bool is_through = heap.calls < fail_at;
		if (code != APLOMB_ENOMEM && code != APLOMB_EDIFFERS && code != APLOMB_EPLAYBOOK)
			fail_msg("request %u: %s: %s", (unsigned)fail_at, aplomb_code_name(code), error.message);
		failed += code == APLOMB_ENOMEM;
		/* It never says of a line that was stepped already that it differs. */
		if (code == APLOMB_ENOMEM && is_fed)
			assert_int_equal(aplomb_verify(verifier, j.line[0], strlen(j.line[0]), 1, &error), APLOMB_ENOMEM);
		aplomb_verifier_close(verifier);
		assert_int_equal(heap.blocks, 0);
		if (is_through) break;
	}
	print_message("%u requests failed\n", (unsigned)failed);
	assert_true(failed > 10);
	journal_drop(&j);
}

static int begin(void **state) {
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/aplomb-verify-XXXXXX");
	if (mkdtemp(folder) == NULL) return 1;
	write_files(NO_FILE, NULL, NULL);
	record(NULL, &recorded);
	return recorded.count == LINES ? 0 : 1;
}

static int end(void **state) {
	(void)state;
	journal_drop(&recorded);
	remove_files();
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_cause_of_a_difference_is_told_as_what_it_is),
	    cmocka_unit_test(a_whole_journal_is_counted),
	    cmocka_unit_test(one_case_of_many_is_verified_alone),
	    cmocka_unit_test(a_case_that_stops_too_early_is_told),
	    cmocka_unit_test(each_case_has_the_limits_of_its_head),
	    cmocka_unit_test(a_step_that_ran_out_of_memory_is_a_fact_of_the_journal),
	    cmocka_unit_test(who_goes_on_is_told_of_every_line),
	    cmocka_unit_test(what_is_missing_or_wrong_is_said),
	    cmocka_unit_test(verifying_without_memory_says_so),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
