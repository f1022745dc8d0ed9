/* SPDX-License-Identifier: MIT */
/* Decides the vocabulary: every word once, with its place, its fields and a sentence. */

#include "lua/words.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FIELDS(array) (array), COUNT(array)
#define NO_FIELDS NULL, 0

enum {
	IN_STATES = 1u << APL_WORD_STATE | 1u << APL_WORD_PARALLEL,
	IN_CHART = 1u << APL_WORD_PLAYBOOK | IN_STATES,
	IN_PLAYBOOK = 1u << APL_WORD_PLAYBOOK,
	START = APL_TAKES_TEXT | APL_TAKES_TEXTS | APL_TAKES_START,
	TARGETS = APL_TAKES_TEXT | APL_TAKES_TEXTS,
	GUARD = APL_TAKES_TEXT | APL_TAKES_FUNCTION,
	ACTIONS = APL_TAKES_TEXT | APL_TAKES_FUNCTION | APL_TAKES_ACTIONS,
	CALENDAR = APL_TAKES_TEXT | APL_TAKES_FUNCTION | APL_TAKES_FROM
};

static const apl_word_field playbook_fields[] = {{"title", APL_TAKES_TEXT, false, false, "What people call it."},
    {"version", APL_TAKES_TEXT, false, false, "What its author calls this version."},
    {"initial", START, false, false, "The state a case begins in; without it the first child."},
    {"calendar", CALENDAR, false, false, "Which of its calendars counts business time where no other is named; one that is alone does."},
    {"uses", APL_TAKES_MODULES, false, false, "Modules whose events, effects and counters are declared here, too."},
    {"params", APL_TAKES_TYPES, false, false, "What may be set when a case opens, and never changes afterwards."},
    {"data", APL_TAKES_TYPES, false, false, "What a case knows, and its actions may write."},
    {"imported", APL_TAKES_TEXT, false, false, "\"scxml\": a chart that was brought in, with SCXML's names, targets and variables."}};

#define RESTS                                                                                                                              \
	{ "rests", APL_TAKES_TEXT, false, false, "Why it is fine that nothing is due while a case waits here, for check and for people." }

static const apl_word_field state_fields[] = {{"initial", START, false, false, "The child it begins in; without it the first."},
    {"done", APL_TAKES_OUTCOMES, false, false, "Where each of its finals leads; every one must be there."}, RESTS};

static const apl_word_field parallel_fields[] = {RESTS};

static const apl_word_field final_fields[] = {{"outcome", APL_TAKES_TEXT, false, false, "How the case ended, for reports."},
    {"donedata", APL_TAKES_FUNCTION, false, false,
        "What whoever invoked the case is told; in a chart that was brought in, what done.state.PARENT carries."}};

static const apl_word_field history_fields[] = {{"deep", APL_TAKES_BOOLEAN, false, false, "Remembers the whole depth, not only the child."},
    {"default", START, false, false, "Where to go when there is nothing to remember yet."}};

static const apl_word_field effect_fields[] = {{"once", APL_TAKES_BOOLEAN, false, false,
    "It must not be done twice: when nobody can say whether it was done, a person is asked and it is not tried again."}};

static const apl_word_field on_fields[] = {
    {"to", TARGETS, false, false, "The state, or states of parallel regions, to go to; without it the case stays."},
    {"when", GUARD, false, false, "The guard: text that is true or false, or a function that answers so."},
    {"act", ACTIONS, false, false, "What to do on the way: assignments as text, functions, or a list of them."},
    {"because", APL_TAKES_TEXT, false, false, "The reason, for people."},
    {"internal", APL_TAKES_BOOLEAN, false, false, "Going to a state within does not leave this one."},
    {"defer", APL_TAKES_BOOLEAN, false, false, "Keeps the event until the case has moved on."}};

static const apl_word_field always_fields[] = {{"to", TARGETS, false, false, "The state, or states of parallel regions, to go to."},
    {"when", GUARD, false, false, "The guard: text that is true or false, or a function that answers so."},
    {"act", ACTIONS, false, false, "What to do on the way: assignments as text, functions, or a list of them."},
    {"because", APL_TAKES_TEXT, false, false, "The reason, for people."},
    {"internal", APL_TAKES_BOOLEAN, false, false, "Going to a state within does not leave this one."}};

#define COUNTED                                                                                                                            \
	{ "calendar", CALENDAR, false, true, "The calendar that counts its business time." }
#define SINCE                                                                                                                              \
	{ "since", TARGETS, false, true, "Counts from the later of entry and the last such event: measures silence." }
#define OVERDUE(sentence)                                                                                                                  \
	{ "overdue", APL_TAKES_TEXT, false, true, sentence }
#define OVERDUE_ONCE OVERDUE("What happens when it was due while the runtime was away: \"fire\" (without it) or \"skip\".")
static const apl_word_field after_fields[] = {SINCE, COUNTED, OVERDUE_ONCE,
    {"to", TARGETS, false, false, "The state, or states of parallel regions, to go to."},
    {"when", GUARD, false, false, "The guard: text that is true or false, or a function that answers so."},
    {"act", ACTIONS, false, false, "What to do on the way: assignments as text, functions, or a list of them."},
    {"because", APL_TAKES_TEXT, false, false, "The reason, for people."},
    {"internal", APL_TAKES_BOOLEAN, false, false, "Going to a state within does not leave this one."}};
static const apl_word_field every_fields[] = {SINCE, COUNTED,
    OVERDUE("What happens to the times missed while the runtime was away: \"fire\" each (without it), \"skip\", or \"collapse\" into the "
            "last."),
    {"to", TARGETS, false, false, "The state, or states of parallel regions, to go to; without it the case stays, and it comes again."},
    {"when", GUARD, false, false, "The guard: text that is true or false, or a function that answers so."},
    {"act", ACTIONS, false, false, "What to do each time: assignments as text, functions, or a list of them."},
    {"because", APL_TAKES_TEXT, false, false, "The reason, for people."},
    {"internal", APL_TAKES_BOOLEAN, false, false, "Going to a state within does not leave this one."}};
static const apl_word_field at_fields[] = {OVERDUE_ONCE,
    {"to", TARGETS, false, false, "The state, or states of parallel regions, to go to."},
    {"when", GUARD, false, false, "The guard: text that is true or false, or a function that answers so."},
    {"act", ACTIONS, false, false, "What to do on the way: assignments as text, functions, or a list of them."},
    {"because", APL_TAKES_TEXT, false, false, "The reason, for people."},
    {"internal", APL_TAKES_BOOLEAN, false, false, "Going to a state within does not leave this one."}};

static const apl_word_field invoke_fields[] = {{"id", APL_TAKES_TEXT, false, false, "Names the child: done.invoke.ID tells of its end."},
    {"data", APL_TAKES_VALUES | APL_TAKES_FUNCTION, false, false, "What the child begins with: its data, or an action that answers them."},
    {"params", APL_TAKES_VALUES | APL_TAKES_FUNCTION, false, false, "Its parameters, likewise."},
    {"locale", APL_TAKES_TEXT | APL_TAKES_FROM | APL_TAKES_FUNCTION, false, false, "Its locale; without it this case's."},
    {"autoforward", APL_TAKES_BOOLEAN, false, false, "The child hears what this case hears from outside, too."},
    {"finalize", ACTIONS, false, false, "What to do with an event of the child, before anybody looks at it."},
    {"because", APL_TAKES_TEXT, false, false, "The reason, for people."}};

static const apl_word_field counter_fields[] = {{"of", TARGETS, true, false, "The events it counts."},
    {"when", GUARD, false, false, "Counts only those for which this is true."},
    {"window", APL_TAKES_TEXT | APL_TAKES_FUNCTION | APL_TAKES_FROM, false, false,
        "Forgets what is older than this span; a function says it when something is first counted."},
    {"calendar", APL_TAKES_TEXT, false, false, "The calendar that counts its window, when that is business time."}};

static const apl_word_field clock_fields[] = {{"target", APL_TAKES_TEXT | APL_TAKES_FUNCTION | APL_TAKES_FROM, true, false,
                                                  "How much time there is: a span, or what answers one when the clock first runs."},
    {"runs_in", TARGETS, true, false, "The states in which it runs; elsewhere it pauses, and keeps what it has counted."},
    {"warn_at", APL_TAKES_TEXT | APL_TAKES_NUMBER | APL_TAKES_WARNINGS | APL_TAKES_FUNCTION | APL_TAKES_FROM, false, false,
        "When to warn: fractions of the target, and spans before it, or what comes to one when the clock first runs: { 0.5, 0.8, \"1 "
        "business "
        "hour\" }."},
    {"calendar", CALENDAR, false, false, "The calendar that counts it, when its target is business time."},
    {"because", APL_TAKES_TEXT, false, false, "What it is for, for people."}};

static const apl_word_field calendar_fields[] = {
    {"zone", APL_TAKES_TEXT, true, false, "The zone of its hours, as IANA names it: \"Europe/London\"."},
    {"week", APL_TAKES_TABLE, true, false, "The hours of each day: [\"mon-fri\"] = \"09:00-12:30 13:30-17:30\"."},
    {"holidays", APL_TAKES_TABLE | APL_TAKES_TEXT, false, false,
        "Days on which nobody is there: \"2026-12-25\", with a name: [\"2026-12-25\"] = \"Christmas Day\", or of a file: "
        "\"holidays/uk.ics\"."},
    {"exceptions", APL_TAKES_TABLE, false, false,
        "Days with hours of their own, holidays or not: [\"2026-12-24\"] = \"09:00-12:00\", [\"2026-12-31\"] = \"closed\"."},
    {"changes", APL_TAKES_TEXT, false, false,
        "What becomes of deadlines that stand when this version is brought to open cases: \"keep\", or \"recompute\" what is left of "
        "them."}};

static const apl_word_field rota_fields[] = {
    {"zone", APL_TAKES_TEXT, true, false, "The zone of its times, as IANA names it: \"Europe/London\"."},
    {"turns", APL_TAKES_TEXTS, false, false, "People, in the order of their turns."},
    {"begins", APL_TAKES_TEXT, false, false, "The first turn is from the first handover on or after this date."},
    {"handover", APL_TAKES_TEXT, false, false, "When the next one's turn begins: \"mon 09:00\" every week, \"08:00\" every day."},
    {"each", APL_TAKES_NUMBER, false, false, "After how many handovers it is the next one's turn; without it after each."},
    {"hours", APL_TAKES_TABLE, false, false, "Somebody is there only then: [\"mon-fri\"] = \"09:00-17:30\"."},
    {"ends", APL_TAKES_TEXT, false, false, "When there are no turns any more: \"2027-06-01\", or with a time."},
    {"leaves", APL_TAKES_TABLE, false, false,
        "From when on somebody is not there any more; their turns are the next one's: Bob = \"2027-03-01\"."},
    {"file", APL_TAKES_TEXT, false, false,
        "An .ics file beside the playbook: an event is a duty, its title who has it. It is above turns."},
    {"layers", APL_TAKES_TABLE, false, false, "More of the same, each above those before it: { turns = …, … }, { file = \"…\" }."},
    {"overrides", APL_TAKES_TABLE, false, false,
        "Who it is instead, above all: { who = \"…\", from = \"2026-12-24 09:00\", to = \"…\" }, or nobody = true."}};

static const apl_word_field callout_fields[] = {
    {"steps", APL_TAKES_STEPS, true, false,
        "In their order: { to = \"…\" } or { rota = \"…\", next =, if_nobody =, fallback = }, with only_during, answer_in and times."},
    {"repeat_from", APL_TAKES_NUMBER, false, false, "The step from which it begins again when the last was in vain."},
    {"repeats", APL_TAKES_NUMBER, false, false, "How often it begins again; once without it."},
    {"until_taken", APL_TAKES_BOOLEAN, false, false, "It begins again until somebody takes it."},
    {"may_send_on", APL_TAKES_BOOLEAN, false, false, "Whoever is asked may send it to any step."}};

static const apl_word_field define_fields[] = {{"sentence", APL_TAKES_TEXT, true, false, "What it is for, in a sentence."},
    {"form", APL_TAKES_TEXT, false, false, "How it is written, for messages; without it as its name and fields say."},
    {"named", APL_TAKES_BOOLEAN, false, false, "A name stands between the word and its table."},
    {"fields", APL_TAKES_KINDS, false, false, "What it takes: name = { \"kind\", …, required =, default =, sentence = }."},
    {"items", APL_TAKES_TEXT | APL_TAKES_TEXTS, false, false, "The kinds of what may stand in its table without a name."},
    {"asks", APL_TAKES_TEXT | APL_TAKES_TEXTS, false, false, "The effects that its value asks for: whoever uses it has to declare them."},
    {"make", APL_TAKES_FUNCTION, false, false,
        "The function (id, fields, items) that answers its value; without it the fields are the value."}};

#define REQUIRED                                                                                                                           \
	{ "required", APL_TAKES_BOOLEAN, false, false, "It must be given." }
#define PERSONAL                                                                                                                           \
	{ "personal", APL_TAKES_BOOLEAN, false, false, "It is about a person: never shown in the log." }
#define MEANING                                                                                                                            \
	{ "meaning", APL_TAKES_TEXT, false, false, "What it is, in a sentence for people." }
#define DEFAULT                                                                                                                            \
	{ "default", APL_TAKES_VALUE, false, false, "What it is when nobody gives it." }
#define MIN                                                                                                                                \
	{ "min", APL_TAKES_TEXT | APL_TAKES_NUMBER, false, false, "The least it may be." }
#define MAX                                                                                                                                \
	{ "max", APL_TAKES_TEXT | APL_TAKES_NUMBER, false, false, "The most it may be." }

static const apl_word_field sized_fields[] = {MEANING, REQUIRED, PERSONAL, DEFAULT, MIN, MAX};
static const apl_word_field plain_fields[] = {MEANING, REQUIRED, PERSONAL, DEFAULT};
static const apl_word_field list_fields[] = {
    {"of", APL_TAKES_TYPE, false, false, "The type of its items; without it anything."}, MEANING, REQUIRED, PERSONAL, DEFAULT, MIN, MAX};

#define TYPE(name, type, fields, form, sentence)                                                                                           \
	{ name, APL_SHAPE_TABLE, APL_ITEMS_NONE, 0, 0, false, true, type, FIELDS(fields), form, "", sentence }

const apl_word apl_words[APL_WORDS] = {
    [APL_WORD_PLAYBOOK] = {"playbook", APL_SHAPE_NAMED, APL_ITEMS_CHILDREN, APL_TAKES_TEXT, 0, false, false, 0, FIELDS(playbook_fields),
        "playbook \"id\" { … }", "scxml", "The whole: what cases of this kind go through."},
    [APL_WORD_STATE] = {"state", APL_SHAPE_NAMED, APL_ITEMS_CHILDREN, APL_TAKES_TEXT, IN_CHART, false, false, 0, FIELDS(state_fields),
        "state \"id\" { … }", "state", "A situation; with children, one of them is active at a time."},
    [APL_WORD_PARALLEL] = {"parallel", APL_SHAPE_NAMED, APL_ITEMS_CHILDREN, APL_TAKES_TEXT, IN_CHART, false, false, 0,
        FIELDS(parallel_fields), "parallel \"id\" { … }", "parallel", "A situation whose children are all active at once."},
    [APL_WORD_FINAL] = {"final", APL_SHAPE_NAMED, APL_ITEMS_CHILDREN, APL_TAKES_TEXT, 1u << APL_WORD_PLAYBOOK | 1u << APL_WORD_STATE, false,
        false, 0, FIELDS(final_fields), "final \"id\" { … }", "final", "The end of its parent; at the top, of the case."},
    [APL_WORD_HISTORY] = {"history", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_CHART, false, false, 0, FIELDS(history_fields),
        "history \"id\" { default = \"…\" }", "history", "Back to where its parent was when it was left."},
    [APL_WORD_ON] = {"on", APL_SHAPE_NAMED, APL_ITEMS_CANDIDATES, TARGETS, IN_STATES, false, false, 0, FIELDS(on_fields),
        "on \"event\" { … }", "transition", "What happens when an event comes."},
    [APL_WORD_ALWAYS] = {"always", APL_SHAPE_TABLE, APL_ITEMS_CANDIDATES, 0, IN_STATES, false, false, 0, FIELDS(always_fields),
        "always { … }", "transition", "What happens as soon as its guard holds, without an event."},
    [APL_WORD_AFTER] = {"after", APL_SHAPE_NAMED, APL_ITEMS_CANDIDATES, APL_TAKES_TEXT | APL_TAKES_FUNCTION, IN_STATES, false, false, 0,
        FIELDS(after_fields), "after \"10m\" { … }", "send delay", "What happens when the state has lasted so long."},
    [APL_WORD_EVERY] = {"every", APL_SHAPE_NAMED, APL_ITEMS_CANDIDATES, APL_TAKES_TEXT | APL_TAKES_FUNCTION, IN_STATES, false, false, 0,
        FIELDS(every_fields), "every \"1h\" { … }", "send delay",
        "What happens again and again, each time as much later, while the state lasts."},
    [APL_WORD_AT] = {"at", APL_SHAPE_NAMED, APL_ITEMS_CANDIDATES, APL_TAKES_TEXT | APL_TAKES_FUNCTION, IN_STATES, false, false, 0,
        FIELDS(at_fields), "at(from \"data.x\") { … }", "send delay",
        "What happens at an instant, if the state is active then; at once when it has passed."},
    [APL_WORD_ENTRY] = {"entry", APL_SHAPE_ACTIONS, APL_ITEMS_NONE, 0, IN_CHART | 1u << APL_WORD_FINAL, false, false, 0, NO_FIELDS,
        "entry(function(case, event) … end)", "onentry", "A block of actions when the state is entered; an error ends only its block."},
    [APL_WORD_EXIT] = {"exit", APL_SHAPE_ACTIONS, APL_ITEMS_NONE, 0, IN_STATES | 1u << APL_WORD_FINAL, false, false, 0, NO_FIELDS,
        "exit(function(case, event) … end)", "onexit", "A block of actions when the state is left; an error ends only its block."},
    [APL_WORD_INVOKE] = {"invoke", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT | APL_TAKES_FUNCTION, IN_STATES, false, false, 0,
        FIELDS(invoke_fields), "invoke \"playbook\" { … }", "invoke", "A case of another playbook that lives as long as the state."},
    [APL_WORD_GROUP] = {"group", APL_SHAPE_TABLE, APL_ITEMS_CHILDREN, 0, IN_CHART | 1u << APL_WORD_FINAL, false, false, 0, NO_FIELDS,
        "group { … }", "", "Several children as one value; they stand where the group stands."},
    [APL_WORD_EVENT] = {"event", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_CHART, true, false, 0, NO_FIELDS,
        "event \"name\" { field = type, … }", "", "Declares an event, and what it carries."},
    [APL_WORD_EFFECT] = {"effect", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_CHART, true, false, 0, FIELDS(effect_fields),
        "effect \"kind\" { field = type, … }", "", "Declares something the world may be asked to do, and what it carries."},
    [APL_WORD_COUNTER] = {"counter", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_CHART, false, false, 0, FIELDS(counter_fields),
        "counter \"id\" { of = \"event\" }", "", "How often something happened lately."},
    [APL_WORD_CLOCK] = {"clock", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_CHART, false, false, 0, FIELDS(clock_fields),
        "clock \"id\" { target = \"8h\", runs_in = \"state\" }", "",
        "How long a case may be in some of its states, all stays together: warns, and tells when it was too long."},
    [APL_WORD_CALENDAR] = {"calendar", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_PLAYBOOK, false, false, 0,
        FIELDS(calendar_fields), "calendar \"id\" { zone = \"…\", week = { … } }", "",
        "Declares when people are there: business time will be counted by it."},
    [APL_WORD_ROTA] = {"rota", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_PLAYBOOK, false, false, 0, FIELDS(rota_fields),
        "rota \"id\" { zone = \"…\", turns = { … }, begins = \"…\", handover = \"mon 09:00\" }", "", "Declares who is on duty when."},
    [APL_WORD_CALLOUT] = {"callout", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, IN_CHART, false, false, 0, FIELDS(callout_fields),
        "callout \"id\" { steps = { { rota = \"…\", answer_in = \"…\" }, … } }", "",
        "Declares who is asked, one after another, so that people can be told before it happens; states do the asking."},
    [APL_WORD_DEFINE] = {"define", APL_SHAPE_NAMED, APL_ITEMS_NONE, APL_TAKES_TEXT, 0, false, false, 0, FIELDS(define_fields),
        "define \"module.word\" { … }", "", "Makes a word of a module, which is checked as the core's words are."},
    [APL_WORD_FROM] = {"from", APL_SHAPE_PATH, APL_ITEMS_NONE, APL_TAKES_TEXT, 0, false, false, 0, NO_FIELDS, "from \"params.x\"", "expr",
        "A value that is looked up when it is needed: a field, or an expression such as \"data.n * 2\"."},
    [APL_WORD_PHRASE] = {"phrase", APL_SHAPE_PHRASE, APL_ITEMS_NONE, APL_TAKES_TEXT, 0, false, false, 0, NO_FIELDS, "phrase \"id\"", "",
        "What the catalogue has under that id, said in the case's locale when it is needed."},
    [APL_WORD_TEXT] = TYPE("text", APL_TYPE_TEXT, sized_fields, "text {}", "Text; min and max count characters."),
    [APL_WORD_INTEGER] = TYPE("integer", APL_TYPE_INTEGER, sized_fields, "integer {}", "A whole number of 64 bits."),
    [APL_WORD_NUMBER] = TYPE("number", APL_TYPE_NUMBER, sized_fields, "number {}", "A number with a fraction; never infinite."),
    [APL_WORD_BOOLEAN] = TYPE("boolean", APL_TYPE_BOOLEAN, plain_fields, "boolean {}", "true or false."),
    [APL_WORD_MONEY] = TYPE("money", APL_TYPE_MONEY, sized_fields, "money {}", "An amount in a currency: \"40.00 GBP\"."),
    [APL_WORD_INSTANT] = TYPE("instant", APL_TYPE_INSTANT, sized_fields, "instant {}", "A moment: microseconds since 1970 in UTC."),
    [APL_WORD_SPAN] = TYPE("span", APL_TYPE_SPAN, sized_fields, "span {}", "A length of time: \"2h30m\"; in Lua microseconds."),
    [APL_WORD_ONE_OF] = {"one_of", APL_SHAPE_TABLE, APL_ITEMS_TEXTS, 0, 0, false, true, APL_TYPE_ONE_OF, FIELDS(plain_fields),
        "one_of { \"a\", \"b\" }", "", "One of these texts."},
    [APL_WORD_LIST] = TYPE("list", APL_TYPE_LIST, list_fields, "list { of = text {} }", "A list; min and max count items."),
    [APL_WORD_FIELDS] = {"fields", APL_SHAPE_TABLE, APL_ITEMS_NONE, 0, 0, true, true, APL_TYPE_FIELDS, NO_FIELDS,
        "fields { name = type, … }", "", "Several values under one name."},
    [APL_WORD_ANY] = TYPE("any", APL_TYPE_ANY, plain_fields, "any {}", "Anything that JSON can say."),
};

const apl_member apl_case_members[] = {{"id", "case.id", "The case's id: a text."},
    {"subject", "case.subject", "Whom the case is about: a text, or nil."},
    {"locale", "case.locale", "The customer's locale: a text, or nil."},
    {"parent", "case.parent", "The id of the case that invoked this one, or nil."},
    {"now", "case.now", "The time of this step, in microseconds; it stands still during a step."},
    {"opened_at", "case.opened_at", "When the case was opened, in microseconds."},
    {"history", "case.history", "The subject's history, as it came with the opening, or nil."},
    {"data", "case.data.field", "The case's own data: to be read, and in actions to be written."},
    {"params", "case.params.field", "The case's parameters: to be read."},
    {"is_in", "case:is_in(\"path\")", "Whether that state is active."},
    {"time_in", "case:time_in(\"path\", \"stay\")", "Microseconds since the state was entered; with \"total\" in all its stays."},
    {"count", "case:count(\"counter\")", "How often a counter counts now."},
    {"clock", "case:clock(\"id\").left",
        "A clock: elapsed, left, target, deadline, is_running, is_breached; actions move it, or restart it, and say why."},
    {"on_duty", "case:on_duty(\"rota\", \"next\")",
        "Who is on duty now: a text, or nil when nobody is; with \"next\" who is so after them."},
    {"next_duty", "case:next_duty(\"rota\")",
        "When somebody is on duty next, in microseconds: now, if somebody is; nil when nobody ever is."},
    {"is_open", "case:is_open(\"calendar\")", "Whether that calendar is open now."},
    {"raise", "case:raise(\"event\", { … })", "An event of this case, in this step."},
    {"send", "case:send { event = \"…\", data = { … }, after = \"…\", to = \"…\", id = \"…\" }",
        "An event later, or for another case: its id, \"parent\", \"child:ID\"."},
    {"fail", "case:fail(\"error.execution\", \"why\", \"id\")", "Says that something could not be done: error.execution ends the block."},
    {"cancel", "case:cancel(\"id\")", "Takes back what was sent with that id and has not come yet."},
    {"effect", "case:effect(\"kind\", { … }, { because = \"…\" })", "Asks the world for something."},
    {"ask", "case:ask(\"kind\", { …, timeout = \"10s\" }, { id = \"…\", because = \"…\" })",
        "Asks the world for something with an answer: the event done.ask.ID or error.ask.ID; without an id, the kind is it."},
    {"phrase", "case:phrase(\"id\", { … })", "What the phrase says now, in the case's locale; the table fills its placeholders."},
    {"phrases", "case:phrases { tag = \"apology\" }", "The ids of the phrases with that tag, or with other attributes, in order."},
    {"value", "case:value(v)", "What from or phrase stands for now; any other value is itself."},
    {"log", "case:log(\"info\", \"message\", { … })", "A line for operators: debug, info, warn or error."}};
const size_t apl_n_case_members = COUNT(apl_case_members);

const apl_member apl_event_members[] = {{"name", "event.name", "The event's name, unless its data have a field of this name."},
    {"id", "event.id", "The sender's id of the event, or nil."}, {"by", "event.by", "Who it came from: \"customer\", \"agent:17\"."},
    {"invoke", "event.invoke", "The id of the invoke whose child it came from, or nil."}};
const size_t apl_n_event_members = COUNT(apl_event_members);

const apl_word_field *apl_word_field_named(const apl_word *word, const char *name) {
	for (uint32_t i = 0; i < word->n_fields; i++) {
		if (strcmp(word->fields[i].name, name) == 0) return &word->fields[i];
	}
	return NULL;
}
