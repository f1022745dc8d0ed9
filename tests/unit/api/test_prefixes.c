/* SPDX-License-Identifier: MIT */
/*
 * Every prefix of a journal is a place to stand: what a case is there, written down and read back, is the same to the byte, and
 * what comes of it is what came of it. Over a playbook that uses everything a case can have (timers of all kinds, counters,
 * history, deferred events, open questions, `any` and lists, random numbers), and over playbooks made by chance.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "aplomb.h"
#include "journal_lines.h"
#include "random_playbook.h"

static const char everything[] =
    "local function scribble(case, event)\n"
    "local n = math.random(1000)\n"
    "case.data.notes = { n, { deep = { n, \"two\" }, at = case.data.said }, n % 2 == 0 }\n"
    "case.data.last = { said = case.data.said, [tostring(n)] = true }\n"
    "if n % 3 == 0 then case:send { event = \"nudge\", after = (n % 7 + 1) .. \"m\", id = n % 2 == 0 and \"nudge\" or nil } end\n"
    "if n % 5 == 0 then case:send { event = \"nudge\" } end\n"
    "if n % 7 == 0 then case:send { event = \"said\", to = \"b\", data = { tone = n % 4 - 2 } } end\n"
    "if n % 11 == 0 then error(\"it went wrong at \" .. n) end\n"
    "if n % 4 == 0 then case:cancel(\"nudge\") end\n"
    "end\n"
    "\n"
    "return playbook \"everything\" {\n"
    "params = { patience = span { default = \"7m\" } },\n"
    "data = {\n"
    "said = integer { default = 0, max = 40 }, name = text { required = true, default = \"n\" }, when = instant {}, value = money {},\n"
    "notes = list { of = any {} }, last = any {}, address = fields { city = text { personal = true }, zip = integer {} },\n"
    "},\n"
    "event \"said\" { tone = integer { default = 0 }, text = text { personal = true } },\n"
    "event \"go\" {}, event \"back\" {}, event \"nudge\" {}, event \"look\" {}, event \"meet\" { at = instant {} }, event \"done\" {},\n"
    "event \"word\" { n = integer {} }, event \"ask\" {}, event \"done.ask.stock\" { there = boolean {} },\n"
    "effect \"tell\" { n = integer {}, city = text { personal = true } },\n"
    "effect \"look-up\" { n = integer {} },\n"
    "counter \"many\" { of = \"said\" },\n"
    "counter \"lately\" { of = { \"said\", \"nudge\" }, window = \"20m\" },\n"
    "counter \"angry\" { of = \"said\", when = function(case, event) return event.tone < 0 end, window = from \"params.patience\" },\n"
    "\n"
    "parallel \"work\" {\n"
    "on \"done\" { to = \"over\", when = \"count(\\\"many\\\") > 20\" },\n"
    "state \"talk\" { initial = \"desk\",\n"
    "on \"look\" { act = function(case) case:ask(\"look-up\", { n = case.data.said, timeout = \"9m\" }, { id = \"stock\" }) end },\n"
    "on \"done.ask.stock\" { act = function(case, event) case.data.last = { there = event.there } end },\n"
    "on \"error.ask.stock\" { act = \"data.said = data.said + 1\" },\n"
    "state \"desk\" { initial = \"first\",\n"
    "on { \"meet\", \"nudge\" } { to = \"aside\" },\n"
    "history \"shallow\" { default = \"first\" },\n"
    "history \"deep\" { default = \"second\", deep = true },\n"
    "state \"first\" {\n"
    "on \"said\" { { to = \"second\", when = \"event.tone < 0 and count(\\\"angry\\\") > 1\" }, { act = { \"data.said = data.said "
    "+ 1\", scribble } } },\n"
    "on \"go\" { to = \"second\" },\n"
    "on \"back\" { defer = true },\n"
    "after(from \"params.patience\") { since = \"said\", to = \"second\", because = \"silence\" },\n"
    "},\n"
    "state \"second\" { initial = \"inner\",\n"
    "entry(function(case) case:effect(\"tell\", { n = case.data.said, city = case.data.address.city }) end),\n"
    "exit(function(case) case.data.name = case.data.name .. \"x\" end),\n"
    "state \"inner\" {\n"
    "on \"go\" { to = \"outer\" }, on \"said\" { act = scribble }, every \"4m\" { act = \"data.address.zip = data.said\" },\n"
    "},\n"
    "state \"outer\" { on \"said\" { to = \"first\" }, on \"nudge\" { to = \"aside\" }, after \"11m\" { to = \"first\" } },\n"
    "},\n"
    "},\n"
    "state \"aside\" {\n"
    "invoke \"helper\" { id = \"help\", data = { n = from \"data.said\" }, autoforward = true, finalize = \"data.address.zip = "
    "7\", because = \"two heads\" },\n"
    "on \"word\" { act = function(case, event) case.data.last = { word = event.n, from = event.invoke } end },\n"
    "on \"done.invoke.help\" { act = function(case, event) case.data.last = { done = event.data } end },\n"
    "on \"error.invoke.help\" { to = \"desk.first\" },\n"
    "on \"look\" { act = function(case) case:send { event = \"ask\", to = \"child:help\", after = \"2m\" } end },\n"
    "on \"back\" { to = \"desk.deep\" }, on \"go\" { to = \"desk.shallow\" }, after \"30m\" { to = \"desk.deep\" } },\n"
    "},\n"
    "state \"mood\" {\n"
    "state \"calm\" {\n"
    "on \"said\" { to = \"upset\", when = \"event.tone < -1\" },\n"
    "on \"meet\" { act = function(case, event) case.data.when = event.at end, to = \"booked\" },\n"
    "},\n"
    "state \"upset\" { after \"3m\" { since = \"said\", to = \"calm\", when = function(case) return "
    "case:time_in(\"work.mood.upset\") > 60000000 end } , on \"go\" { to = \"calm\" } },\n"
    "state \"booked\" { at(from \"data.when\") { to = \"calm\" }, on \"said\" { act = function(case) case.data.address = { city = "
    "\"c\" .. math.random(9), zip = 1 } end } },\n"
    "},\n"
    "},\n"
    "final \"over\" { outcome = \"over\" },\n"
    "}\n";

/* What it invokes. */
static const char helper[] =
    "return playbook \"helper\" {\n"
    "  data = { n = integer { default = 0 }, heard = integer { default = 0 } },\n"
    "  event \"said\" { tone = integer { default = 0 }, text = text {} }, event \"go\" {}, event \"nudge\" {}, event \"word\" { n = "
    "integer {} }, event \"ask\" {},\n"
    "  counter \"all\" { of = \"said\" },\n"
    "  state \"on\" {\n"
    "    entry(function(case) case:send { event = \"word\", data = { n = math.random(9) }, to = \"parent\" } end),\n"
    "    on \"said\" { act = \"data.heard = data.heard + 1\" },\n"
    "    on \"ask\" { act = function(case) case:send { event = \"word\", data = { n = case.data.heard }, to = \"parent\", after = \"1m\" } "
    "end },\n"
    "    on \"go\" { to = \"over\", when = \"count(\\\"all\\\") > 1\" },\n"
    "    after \"13m\" { to = \"over\" },\n"
    "  },\n"
    "  final \"over\" { donedata = function(case) return { heard = case.data.heard, n = case.data.n } end },\n"
    "}\n";

/* An event that may come, and its data: %d is a small number, %s an instant. */
typedef struct form {
	const char *name, *data;
} form;

typedef struct spec {
	const char *name, *source;
	const char *child; /* of a playbook that it invokes; or NULL */
	const form *forms;
	uint32_t n_forms;
	int64_t pace; /* seconds: five of them at most lie between two events */
} spec;

/* Clocks, and what is asked for and kept. */
static const char clocks[] =
    "return playbook \"clocks\" {\n"
    "params = { early = span { default = \"7m\" } },\n"
    "data = { said = integer { default = 0 }, share = number { default = 0.25 } },\n"
    "event \"said\" {}, event \"go\" {}, event \"back\" {}, event \"again\" {}, event \"more\" { n = integer {} },\n"
    "counter \"felt\" { of = \"said\", window = function(case) return (3 + case.data.said) * 60000000 end },\n"
    "clock \"talk\" { target = function(case) return case.data.said < 3 and \"40m\" or \"25m\" end, runs_in = { \"all.desk\", "
    "\"all.mood.upset\" },\n"
    "warn_at = { 0.5, from \"params.early\", function(case) return case.data.said % 2 == 0 and 0.8 or \"5m\" end, from \"data.share\" } "
    "},\n"
    "clock \"upset\" { target = \"2m\", runs_in = \"all.mood.upset\" },\n"
    "clock \"any\" { target = from \"params.early * 3\", runs_in = { \"all.desk\", \"all.mood.calm\" }, warn_at = function() return 0.5 "
    "end },\n"
    "state \"all\" {\n"
    "on \"said\" { act = \"data.said = data.said + 1\" },\n"
    "on \"again\" { act = { function(case) case:clock(\"talk\"):restart(\"anew\") end, \"data.share = 0.75\" } },\n"
    "on \"more\" { act = function(case, event) case:clock(\"any\"):move({ by = event.n * 60000000 }, \"they asked\") end },\n"
    "on \"clock.upset.breached\" { act = function(case) case:clock(\"upset\"):move({ by = \"7m\" }, \"more\") end },\n"
    "on \"clock.talk.breached\" { act = function(case) case:clock(\"talk\"):restart(\"again\") end },\n"
    "state \"desk\" { on \"go\" { to = \"mood\" }, after \"30m\" { to = \"out\" } },\n"
    "state \"mood\" { on \"back\" { to = \"desk\" },\n"
    "history \"past\" { default = \"calm\" },\n"
    "state \"calm\" { on \"said\" { to = \"upset\", when = \"count('felt') > 1\" }, on \"clock.any.warning\" { to = \"upset\" } },\n"
    "state \"upset\" { on \"go\" { to = \"calm\" }, after \"9m\" { to = \"out\" } },\n"
    "},\n"
    "state \"out\" { on \"go\" { to = \"mood.past\" }, on \"back\" { to = \"desk\" } },\n"
    "},\n"
    "}\n";
static const form of_clocks[] = {
    {"said", NULL}, {"said", NULL}, {"go", NULL}, {"back", NULL}, {"again", NULL}, {"more", "{\"n\":%d}"}, {"unknown", NULL}};

/* Deadlines and a window in business time, over some weeks with clocks that change in them. */
static const char business[] =
    "return playbook \"business\" {\n"
    "data = { where = text { default = \"uk\" }, n = integer { default = 0 } },\n"
    "calendar = from \"data.where\",\n"
    "calendar \"uk\" { zone = \"Europe/London\", week = { [\"mon-fri\"] = \"08:00-12:30 13:00-17:00\" },\n"
    "holidays = { [\"2026-04-03\"] = \"Good Friday\", \"2026-04-06\" }, exceptions = { [\"2026-04-02\"] = \"08:00-12:00\" } },\n"
    "calendar \"iran\" { zone = \"Asia/Tehran\", week = { [\"mon-wed\"] = \"08:30-16:45\", [\"sat-sun\"] = \"08:30-16:45\" } },\n"
    "event \"said\" {}, event \"go\" {}, event \"moves\" {}, event \"nudge\" {},\n"
    "counter \"lately\" { of = \"said\", window = \"6 business hours\", calendar = \"uk\" },\n"
    "counter \"there\" { of = \"said\", window = \"2 business days\", calendar = \"iran\" },\n"
    "counter \"felt\" { of = \"said\", calendar = \"uk\", window = function(case) return case.data.n < 3 and \"90 business minutes\" or "
    "\"1d\" end },\n"
    "clock \"here\" { target = \"6 business hours\", runs_in = \"work.desk.a\", calendar = \"uk\",\n"
    "warn_at = { 0.5, function(case) return case.data.n % 2 == 0 and \"30 business minutes\" or 0.75 end } },\n"
    "clock \"moving\" { target = function(case) return case.data.n % 2 == 0 and \"1 business day\" or \"5h\" end, runs_in = \"work.desk\" "
    "},\n"
    "parallel \"work\" {\n"
    "on \"clock.moving.breached\" { act = function(case) case:clock(\"moving\"):restart(\"again\") end },\n"
    "on \"moves\" { act = function(case) case.data.where = case.data.where == \"uk\" and \"iran\" or \"uk\" end },\n"
    "state \"desk\" {\n"
    "state \"a\" { on \"go\" { to = \"b\" },\n"
    "on \"said\" { to = \"b\", when = \"count(\\\"lately\\\") > 3 and (count(\\\"there\\\") > 4 or count(\\\"felt\\\") > 1)\" },\n"
    "after \"4 business hours\" { since = \"said\", to = \"b\" } },\n"
    "state \"b\" { after \"1 business day\" { to = \"a\", calendar = \"iran\" }, on \"said\" { to = \"a\" } },\n"
    "},\n"
    "state \"round\" { every \"1 business day\" { act = \"data.n = data.n + 1\" },\n"
    "on \"go\" { act = function(case) case:send { event = \"nudge\", after = \"90 business minutes\" } end } },\n"
    "},\n"
    "}\n";
static const form of_business[] = {{"said", NULL}, {"said", NULL}, {"said", NULL}, {"go", NULL}, {"moves", NULL}, {"nudge", NULL}};

static const form of_everything[] = {{"said", "{\"tone\":%d,\"text\":\"a\"}"}, {"said", "{\"tone\":-%d}"}, {"go", NULL}, {"back", NULL},
    {"nudge", NULL}, {"look", NULL}, {"meet", "{\"at\":\"%s\"}"}, {"done", NULL}, {"done.ask.stock", "{\"there\":true}"},
    {"error.ask.stock", "{\"message\":\"no\",\"slug\":\"gone\"}"}, {"unknown", NULL}};
static const form of_chance[] = {{"said", "{\"tone\":%d,\"text\":\"a\"}"}, {"said", "{\"tone\":-%d,\"abusive\":true}"}, {"go", NULL},
    {"back", "{\"tone\":%d}"}, {"note", "{\"word\":\"w%d\",\"level\":%d,\"deep\":{\"n\":%d}}"}, {"note", "{\"level\":99}"}, {"tick", NULL}};

/* ---- runtimes ----------------------------------------------------------------------- */

static aplomb_runtime *open_one(const spec *s, bool rehearses, journal *to) {
	static const aplomb_limits limits = {.size = sizeof limits, .microsteps = 60, .internal_events = 60, .timers = 12, .deferred = 6};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.forget_journal = true;
	options.rehearsal = rehearses;
	options.limits = &limits;
	if (to != NULL) {
		options.journal = journal_keep;
		options.journal_payload = to;
	}
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	const char *const sources[2] = {s->child, s->source};
	for (int i = 0; i < 2; i++) {
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		load.source = sources[i];
		if (sources[i] == NULL) continue;
		load.source_size = strlen(sources[i]);
		if (aplomb_load(rt, &load, &playbook, &error)) fail_msg("%s: %s:%u: %s", s->name, error.file, error.line, error.message);
	}
	assert_int_equal(aplomb_default_playbook(rt, playbook, NULL), APLOMB_OK);
	return rt;
}

/* ---- what happens ---------------------------------------------------------------------- */

#define NEW_YEAR INT64_C(1767225600000000)
#define SECOND INT64_C(1000000)

typedef struct scenario {
	uint64_t seed;
	aplomb_instant now;
	uint32_t acts;
} scenario;

/* Of business time a Thursday before clocks are put on in London. */
static aplomb_instant begin_of(const spec *of) {
	return of->pace < 3600 ? NEW_YEAR : NEW_YEAR + 84 * 24 * 3600 * SECOND;
}

static const char *const cases[2] = {"a", "b"};

static void write_form(char *out, size_t size, const char *data, scenario *s) {
	char at[32];
	int n = (int)random_below(&s->seed, 4);
	aplomb_instant_write(s->now + (int64_t)random_below(&s->seed, 900) * SECOND, at);
	const char *is_instant = strstr(data, "%s");
	out[0] = '\0';
	for (const char *from = data; *from != '\0'; from++) {
		size_t used = strlen(out);
		if (*from != '%')
			snprintf(out + used, size - used, "%c", *from);
		else if (is_instant != NULL)
			snprintf(out + used, size - used, "%s", at);
		else
			snprintf(out + used, size - used, "%d", n);
		from += *from == '%';
	}
}

static void act(aplomb_runtime *rt, const spec *of, scenario *s) {
	const form *what = &of->forms[random_below(&s->seed, of->n_forms)];
	char data[256], id[16];
	s->acts++;
	s->now += (int64_t)random_below(&s->seed, 6) * of->pace * SECOND;
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = cases[random_below(&s->seed, 3) == 0];
	event.name = what->name;
	event.has_at = true;
	event.at = s->now - (random_below(&s->seed, 9) == 0 ? 90 * SECOND : 0);
	snprintf(id, sizeof id, "e%u", random_below(&s->seed, 5) == 0 ? s->acts / 2 : s->acts);
	if (random_below(&s->seed, 2) == 0) event.id = id;
	if (what->data != NULL) {
		write_form(data, sizeof data, what->data, s);
		event.data = data;
	}
	aplomb_error error = {0};
	int code = aplomb_post(rt, &event, NULL, NULL, &error);
	if (code != APLOMB_OK && code != APLOMB_EREFUSED && code != APLOMB_EFAULTED) fail_msg("%s: %s", of->name, error.message);
	if (s->now > aplomb_now(rt)) assert_int_equal(aplomb_turn_clock(rt, s->now, NULL), APLOMB_OK);
	/* Bounded: a case that always sends itself something is never quiet. */
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	report.more = true;
	for (int i = 0; i < 20 && report.more; i++) assert_int_equal(aplomb_pump(rt, 8, &report, NULL), APLOMB_OK);
}

/* The id of the line's case, in one of four static buffers. */
static const char *case_in(const char *line) {
	static char ids[4][64];
	static int next;
	static const char member[] = "\"case\":\"";
	const char *at = strstr(line, member) + sizeof member - 1;
	char *id = ids[next++ % 4];
	snprintf(id, sizeof ids[0], "%.*s", (int)(strchr(at, '"') - at), at);
	return id;
}

static bool is_head(const char *line) {
	return strncmp(line, "{\"aplomb\":", 10) == 0;
}

/* NULL: there is no such case. */
static char *snapshot_of(aplomb_runtime *rt, const char *id) {
	char *text;
	return aplomb_case_snapshot(rt, id, &text, NULL, NULL) == APLOMB_OK ? text : NULL;
}

static void expect_snapshot(const spec *of, aplomb_runtime *rt, const char *id, const char *wanted, uint32_t prefix) {
	char *is = snapshot_of(rt, id);
	assert_non_null(is);
	if (strcmp(is, wanted) != 0) fail_msg("%s, prefix %u, case %s:\n%s\n%s", of->name, prefix, id, wanted, is);
	aplomb_text_free(rt, is);
}

/*
 * The same at the end of a journal. A deferred event that is offered again and deferred again leaves no line, so of the case that was
 * replayed it is not known whether that has happened: its snapshot may say `offered`, and nothing else is another.
 */
static void expect_end(const spec *of, aplomb_runtime *rt, const char *id, const char *wanted, uint32_t prefix) {
	static const char member[] = ",\"offered\":";
	char *is = snapshot_of(rt, id);
	assert_non_null(is);
	char *at = strstr(is, member);
	if (at != NULL && strstr(wanted, member) == NULL) {
		const char *behind = at + sizeof member - 1;
		while (*behind >= '0' && *behind <= '9') behind++;
		memmove(at, behind, strlen(behind) + 1);
	}
	if (strcmp(is, wanted) != 0) fail_msg("%s, prefix %u, case %s in the end:\n%s\n%s", of->name, prefix, id, wanted, is);
	aplomb_text_free(rt, is);
}

/* ---- every prefix --------------------------------------------------------------------------- */

static void replay_same(const spec *of, aplomb_runtime *rt, const char *line, uint32_t prefix) {
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	aplomb_error error = {0};
	if (aplomb_replay(rt, NULL, line, strlen(line), &out, &error)) fail_msg("%s, prefix %u: %s\n%s", of->name, prefix, error.message, line);
	if (!out.same) fail_msg("%s, prefix %u: %s\n%s\n%s", of->name, prefix, out.differs, line, out.text);
}

/* There the case is put away and fetched again, in another runtime, and goes the rest of the way. */
static void from_prefix(const spec *of, const journal *j, uint32_t prefix, const char *here, aplomb_runtime *other, const char *final) {
	char id[64];
	snprintf(id, sizeof id, "%s", case_in(j->line[prefix]));
	aplomb_error error = {0};
	if (aplomb_case_restore(other, here, strlen(here), &error)) fail_msg("%s, prefix %u: %s\n%s", of->name, prefix, error.message, here);
	expect_snapshot(of, other, id, here, prefix);
	aplomb_moment *moment;
	assert_int_equal(aplomb_moment_keep(other, id, &moment, NULL), APLOMB_OK);
	for (uint32_t i = prefix + 1; i < j->count; i++) {
		if (strcmp(case_in(j->line[i]), id) == 0) replay_same(of, other, j->line[i], prefix);
	}
	expect_end(of, other, id, final, prefix);
	assert_int_equal(aplomb_moment_return(other, moment, NULL), APLOMB_OK);
	expect_snapshot(of, other, id, here, prefix);
	aplomb_moment_free(moment);
	assert_int_equal(aplomb_case_forget(other, id, NULL), APLOMB_OK);
}

/* And all of it at once, as whoever verifies a journal does. */
static void verify_all(const spec *of, const journal *j) {
	aplomb_verifier *verifier;
	aplomb_error error = {0};
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
	const char *const sources[2] = {of->child, of->source};
	for (int i = 0; i < 2; i++) {
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		load.source = sources[i];
		if (sources[i] == NULL) continue;
		load.source_size = strlen(sources[i]);
		if (aplomb_verifier_load(verifier, &load, NULL, &error)) fail_msg("%s: %s", of->name, error.message);
	}
	for (uint32_t i = 0; i < j->count; i++) {
		int code = aplomb_verify(verifier, j->line[i], strlen(j->line[i]), i + 1, &error);
		if (code != APLOMB_OK) fail_msg("%s, line %u: %s\n%s", of->name, i + 1, error.message, j->line[i]);
	}
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(aplomb_verifier_end(verifier, &verified, &error), APLOMB_OK);
	assert_int_equal(verified.lines, j->count);
	assert_int_equal(verified.elsewhere, 0);
	aplomb_verifier_close(verifier);
}

static uint32_t every_prefix(const spec *of, uint64_t seed, uint32_t acts) {
	static journal j;
	j.count = 0;
	aplomb_runtime *live = open_one(of, false, &j), *first = open_one(of, true, NULL), *other = open_one(of, true, NULL);
	scenario s = {.seed = seed * 77 + 1, .now = begin_of(of)};
	while (s.acts < acts) act(live, of, &s);
	verify_all(of, &j);
	uint32_t prefixes = 0;
	for (uint32_t i = 0; i < j.count; i++) {
		replay_same(of, first, j.line[i], i);
		if (is_head(j.line[i])) continue;
		char id[64];
		snprintf(id, sizeof id, "%s", case_in(j.line[i]));
		char *here = snapshot_of(first, id), *final = snapshot_of(live, id);
		assert_non_null(here);
		from_prefix(of, &j, i, here, other, final);
		aplomb_text_free(first, here);
		aplomb_text_free(live, final);
		prefixes++;
	}
	aplomb_close(live);
	aplomb_close(first);
	aplomb_close(other);
	journal_drop(&j);
	return prefixes;
}

/* ---- the future ------------------------------------------------------------------------------- */

/* The next line of that case from [*at] on; NULL: there is none. */
static const char *next_of(const journal *j, uint32_t *at, const char *id) {
	while (*at < j->count && strcmp(case_in(j->line[*at]), id) != 0) ++*at;
	return *at < j->count ? j->line[(*at)++] : NULL;
}

/* The same lines of each case, from these on; of two cases it does not matter which goes first at one instant. */
static void same_lines(const spec *of, const journal *one, uint32_t from, const journal *other, uint32_t after) {
	for (uint32_t i = from; i < one->count || i - from < other->count; i++) {
		/* Whose line it is, in whichever has one; each case is gone through as often as it has lines, which does no harm. */
		const char *line = i < one->count ? one->line[i] : other->line[i - from];
		char id[64];
		snprintf(id, sizeof id, "%s", case_in(line));
		uint32_t a = from, b = 0;
		const char *was, *is;
		do {
			was = next_of(one, &a, id);
			is = next_of(other, &b, id);
			if (was == NULL && is == NULL) break;
			if (was == NULL || is == NULL || strcmp(was, is) != 0)
				fail_msg("%s, after %u acts:\n%s\n%s", of->name, after, was != NULL ? was : "nothing", is != NULL ? is : "nothing");
		} while (was != NULL);
	}
}

static void note_case(const char *id, void *payload) {
	char *ids = payload;
	size_t used = strlen(ids);
	snprintf(ids + used, 4096 - used, "%s\n", id);
}

/* Another process after so many acts: all cases out of their snapshots, the clock as late, and on. */
static void future_after(const spec *of, uint64_t seed, uint32_t before, uint32_t acts) {
	static journal one, other;
	one.count = other.count = 0;
	aplomb_runtime *through = open_one(of, false, &one), *again = open_one(of, false, &other);
	scenario s = {.seed = seed * 77 + 1, .now = begin_of(of)};
	while (s.acts < before) act(through, of, &s);
	uint32_t from = one.count;
	char ids[4096] = "", after[4096] = "";
	aplomb_cases(through, note_case, ids);
	for (char *id = strtok(ids, "\n"); id != NULL; id = strtok(NULL, "\n")) {
		char *here = snapshot_of(through, id);
		aplomb_error error = {0};
		if (here == NULL) continue;
		if (aplomb_case_restore(again, here, strlen(here), &error)) fail_msg("%s: %s", of->name, error.message);
		aplomb_text_free(through, here);
	}
	assert_int_equal(aplomb_turn_clock(again, aplomb_now(through), NULL), APLOMB_OK);
	scenario s_again = s;
	while (s.acts < acts) {
		act(through, of, &s);
		act(again, of, &s_again);
	}
	same_lines(of, &one, from, &other, before);
	aplomb_cases(through, note_case, after);
	for (char *id = strtok(after, "\n"); id != NULL; id = strtok(NULL, "\n")) {
		char *was = snapshot_of(through, id);
		if (was != NULL) expect_snapshot(of, again, id, was, before);
		aplomb_text_free(through, was);
	}
	aplomb_close(through);
	aplomb_close(again);
	journal_drop(&one);
	journal_drop(&other);
}

/* APLOMB_PREFIXES says how many times as many, for long runs. */
static uint32_t times(uint32_t usual, uint32_t few) {
	const char *given = getenv("APLOMB_PREFIXES");
	return given != NULL ? (uint32_t)strtoul(given, NULL, 10) * usual : APL_ROUNDS(usual, few);
}

static const spec the_everything = {"everything", everything, helper, of_everything, sizeof of_everything / sizeof of_everything[0], 37};
static const spec the_clocks = {"clocks", clocks, NULL, of_clocks, sizeof of_clocks / sizeof of_clocks[0], 37};
static const spec the_business = {"business", business, NULL, of_business, sizeof of_business / sizeof of_business[0], 4501};

static spec by_chance(uint64_t number) {
	static char name[32];
	uint64_t seed = number * 7919 + 3;
	snprintf(name, sizeof name, "random %u", (unsigned)number);
	return (spec){name, random_playbook(&seed, 0), NULL, of_chance, sizeof of_chance / sizeof of_chance[0], 37};
}

static void every_prefix_is_saved_and_restored_and_goes_on_as_it_did(void **state) {
	(void)state;
	uint32_t prefixes = 0, most = times(4, 1);
	for (uint32_t seed = 1; seed <= most; seed++) prefixes += every_prefix(&the_everything, seed, apl_is_watched() ? 15 : 60);
	most = times(2, 1);
	for (uint32_t seed = 1; seed <= most; seed++) prefixes += every_prefix(&the_business, seed, apl_is_watched() ? 12 : 80);
	most = times(2, 1);
	for (uint32_t seed = 1; seed <= most; seed++) prefixes += every_prefix(&the_clocks, seed, apl_is_watched() ? 12 : 80);
	most = times(12, 1);
	for (uint32_t number = 1; number <= most; number++) {
		spec one = by_chance(number);
		prefixes += every_prefix(&one, number, apl_is_watched() ? 10 : 40);
	}
	print_message("%u prefixes\n", prefixes);
	assert_true(prefixes > 5);
}

static void whoever_is_restored_after_any_act_lives_on_as_if_nothing_had_been(void **state) {
	(void)state;
	uint32_t most = times(2, 0), acts = 30, futures = 0;
	for (uint32_t seed = 1; seed <= most; seed++) {
		for (uint32_t before = 1; before < acts; before++, futures += 2) {
			future_after(&the_everything, seed, before, acts);
			future_after(&the_clocks, seed, before, acts);
		}
	}
	most = times(3, 1);
	for (uint32_t number = 1; number <= most; number++) {
		spec one = by_chance(number + 100);
		for (uint32_t before = 1; before < 16; before += APL_STRIDE(7), futures++) future_after(&one, number, before, 16);
	}
	print_message("%u futures\n", futures);
}

enum { MOST_WANTED = 16 };

/* The test is about what a case can have only if its cases have it. */
static void expect_among_snapshots(const spec *of, const char *const *wanted, size_t count) {
	bool seen[MOST_WANTED] = {false};
	static journal j;
	for (uint32_t seed = 1; seed <= 4; seed++) {
		j.count = 0;
		aplomb_runtime *live = open_one(of, false, &j), *first = open_one(of, true, NULL);
		scenario s = {.seed = seed * 77 + 1, .now = begin_of(of)};
		while (s.acts < 60) act(live, of, &s);
		for (uint32_t i = 0; i < j.count; i++) {
			replay_same(of, first, j.line[i], i);
			char *here = snapshot_of(first, case_in(j.line[i]));
			for (size_t w = 0; here != NULL && w < count; w++) seen[w] = seen[w] || strstr(here, wanted[w]) != NULL;
			aplomb_text_free(first, here);
		}
		aplomb_close(live);
		aplomb_close(first);
		journal_drop(&j);
	}
	for (size_t w = 0; w < count; w++)
		if (!seen[w]) fail_msg("no snapshot has %s", wanted[w]);
}

static void the_playbook_of_everything_has_everything(void **state) {
	(void)state;
	static const char *const wanted[] = {"\"deferred\":[{", "\"counters\":{\"angry\":[\"",
	    "\"history\":{\"work.talk.desk.deep\":[\"work.talk.desk.second.", "\"timer\":\"after.", "\"timer\":\"every.", "\"timer\":\"at.",
	    "\"timer\":\"send\"", "\"event\":\"error.ask.stock\"", "\"last\":{", "\"notes\":[", "\"times\":{", "\"ids\":[[", "\"children\":[",
	    "\"parent\":{", "\"offered\":"};
	expect_among_snapshots(&the_everything, wanted, sizeof wanted / sizeof wanted[0]);
}

static void the_playbook_of_clocks_has_all_of_clocks(void **state) {
	(void)state;
	static const char *const wanted[] = {"\"talk\":{", "\"fired\":[1", ",\"breached\"]", "\"warn_at\":[0.5]", "\"warn_at\":[\"7m\",",
	    ",0.8,0.25]", ",\"5m\",", ",0.75]", "\"since\":", "\"timer\":\"clock\"", "\"windows\":{\"felt\":\"", "\"felt\":[\""};
	expect_among_snapshots(&the_clocks, wanted, sizeof wanted / sizeof wanted[0]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_prefix_is_saved_and_restored_and_goes_on_as_it_did),
	    cmocka_unit_test(whoever_is_restored_after_any_act_lives_on_as_if_nothing_had_been),
	    cmocka_unit_test(the_playbook_of_everything_has_everything),
	    cmocka_unit_test(the_playbook_of_clocks_has_all_of_clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
