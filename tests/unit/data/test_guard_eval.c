/* SPDX-License-Identifier: MIT */
/* What guards answer and assignments write, by tables: a text, what the case is, what comes out. */

#include <string.h>

#include "../test_cmocka.h"
#include "guard_stage.h"

typedef struct answer_case {
	const char *text;
	const char *expected;
} answer_case;

static void check_answers(stage *s, const answer_case *cases, size_t count) {
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *answer = stage_ask(s, cases[i].text);
		if (strcmp(answer, cases[i].expected) == 0) continue;
		print_error("%s\nis       %s (%s)\nexpected %s\n", cases[i].text, answer, s->said, cases[i].expected);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define CHECK_ANSWERS(s, cases) check_answers((s), (cases), sizeof(cases) / sizeof *(cases))

static void integers_and_numbers_are_counted_as_in_lua(void **state) {
	(void)state;
	static const answer_case cases[] = {
	    {"data.m == 7", "true"},
	    {"7 == data.m", "true"},
	    {"data.m ~= 7", "false"},
	    {"data.m < 8 and data.m > 6", "true"},
	    {"8 > data.m", "true"},
	    {"8 <= data.m", "false"},
	    {"6 >= data.m", "false"},
	    {"data.m <= 7 and data.m >= 7", "true"},
	    {"data.m + 1 == 8", "true"},
	    {"data.m - 10 == -3", "true"},
	    {"data.m * data.m == 49", "true"},
	    {"data.m // 2 == 3", "true"},
	    {"-data.m // 2 == -4", "true"},
	    {"data.m // -2 == -4", "true"},
	    {"-data.m % 3 == 2", "true"},
	    {"data.m % -3 == -2", "true"},
	    {"data.m / 2 == 3.5", "true"},
	    {"data.m / 7 == 1", "true"},
	    {"data.y == 2.5", "true"},
	    {"data.y * 2 == 5", "true"},
	    {"data.y // 1 == 2", "true"},
	    {"-data.y // 1 == -3", "true"},
	    {"data.y % 1 == 0.5", "true"},
	    {"-data.y % 2 == 1.5", "true"},
	    {"data.m == 7.0", "true"},
	    {"data.m > 6.9999", "true"},
	    {"data.m < 7.0001", "true"},
	    {"9007199254740993 == 9007199254740992.0", "false"},
	    {"9007199254740993 > 9007199254740992.0", "true"},
	    {"9223372036854775807 < 9223372036854775808.0", "true"},
	    {"-9223372036854775807 > -1e300", "true"},
	    {"2 + 3 * 4 == 14", "true"},
	    {"(2 + 3) * 4 == 20", "true"},
	    {"10 - 4 - 3 == 3", "true"},
	    {"-2 - -3 == 1", "true"},
	    {"not (1 > 2) == true", "true"},
	    {"not 1 > 2", "refused"},
	    {"1 < 2 == true", "true"},
	    {"007 == 7", "true"},
	    {"1.5e1 == 15", "true"},
	    {"data.and == 5", "true"},
	    {"params.deep.n == data.m", "true"},
	    {"data . m\n==\t7", "true"},
	};
	stage s;
	stage_open(&s);
	CHECK_ANSWERS(&s, cases);
	stage_close(&s);
}

static void what_is_missing_makes_a_comparison_unknown(void **state) {
	(void)state;
	static const answer_case cases[] = {
	    {"data.n == 1", "unknown"},
	    {"data.n ~= 1", "unknown"},
	    {"1 < data.n", "unknown"},
	    {"data.n + 1 > 0", "unknown"},
	    {"-data.n > 0", "unknown"},
	    {"data.n == data.n", "unknown"},
	    {"data.x > 0.5", "unknown"},
	    {"data.t == \"a\"", "unknown"},
	    {"data.value > \"1.00 GBP\"", "unknown"},
	    {"data.cause == \"stress\"", "unknown"},
	    {"data.wait > \"1h\"", "unknown"},
	    {"data.at > case.now", "unknown"},
	    {"data.b", "unknown"},
	    {"not data.b", "unknown"},
	    {"data.b == true", "unknown"},
	    {"len(data.t) > 0", "unknown"},
	    {"#data.said == 0", "unknown"},
	    {"contains(data.said, \"a\")", "unknown"},
	    {"contains(data.tags, data.t)", "unknown"},
	    {"contains(data.t, \"a\")", "unknown"},
	    {"data.address.city == \"Bath\"", "unknown"},
	    {"data.address.zip.code > 0", "unknown"},
	    {"params.none == 0", "unknown"},
	    {"event.tone < 0", "unknown"},
	    {"event.abusive", "unknown"},
	    {"case.subject == \"x\"", "unknown"},
	    /* Kleene */
	    {"data.b and true", "unknown"},
	    {"true and data.b", "unknown"},
	    {"data.b and false", "false"},
	    {"false and data.b", "false"},
	    {"data.b or true", "true"},
	    {"true or data.b", "true"},
	    {"data.b or false", "unknown"},
	    {"false or data.b", "unknown"},
	    {"data.b and data.b", "unknown"},
	    {"data.b or not data.b", "unknown"},
	    {"not (data.b and false)", "true"},
	    {"data.n > 1 or data.m == 7", "true"},
	    {"data.n > 1 and data.m == 8", "false"},
	    {"(data.b == true) == (data.n == 1)", "unknown"},
	    /* presence is always known */
	    {"has(data.n)", "false"},
	    {"has(data.m)", "true"},
	    {"not has(data.n)", "true"},
	    {"data.n == nil", "true"},
	    {"data.n ~= nil", "false"},
	    {"nil == data.m", "false"},
	    {"nil ~= data.m", "true"},
	    {"has(data.address)", "false"},
	    {"has(data.said)", "false"},
	    {"has(data.tags)", "true"},
	    {"has(data.notes)", "false"},
	    {"has(event.tone)", "false"},
	    {"has(case.subject)", "false"},
	    {"has(case.id)", "true"},
	    {"has(event.by)", "true"},
	    {"data.b == nil", "true"},
	    {"has(data.n) and data.n > 0", "false"},
	};
	stage s;
	stage_open(&s);
	CHECK_ANSWERS(&s, cases);
	stage_close(&s);
}

static void times_money_and_choices_are_read_from_the_text_beside_them(void **state) {
	(void)state;
	static const answer_case cases[] = {
	    {"data.patience == \"10m\"", "true"},
	    {"data.patience < \"1h\"", "true"},
	    {"\"600s\" == data.patience", "true"},
	    {"data.patience * 2 == \"20m\"", "true"},
	    {"3 * data.patience > \"29m\"", "true"},
	    {"data.patience // 2 == \"5m\"", "true"},
	    {"data.patience // \"3m\" == 3", "true"},
	    {"data.patience % \"3m\" == \"1m\"", "true"},
	    {"data.patience + \"5m\" == params.answer_in", "true"},
	    {"data.patience - \"15m\" < \"0s\"", "true"},
	    {"-data.patience < \"0s\"", "true"},
	    {"data.days == \"2 business days\"", "true"},
	    {"data.since < \"2026-11-23T13:00:00+01:00\"", "false"},
	    {"data.since == \"2026-11-23T13:00:00+01:00\"", "true"},
	    {"case.now - data.since == \"1h\"", "true"},
	    {"data.since + \"1h\" == case.now", "true"},
	    {"\"1h\" + data.since == case.now", "true"},
	    {"case.now - \"1h\" == data.since", "true"},
	    {"case.now - \"2026-11-23T12:00:00Z\" == \"1h\"", "true"},
	    {"case.now - case.opened_at > params.answer_in", "true"},
	    {"time_in(\"talking\") == \"5m\"", "true"},
	    {"time_in(\"talking\", \"stay\") == \"5m\"", "true"},
	    {"time_in('done', 'total') == '1h'", "true"},
	    {"data.price == \"12.50 GBP\"", "true"},
	    {"data.price <= params.limit", "true"},
	    {"data.price * 4 > params.limit", "true"},
	    {"4 * data.price - \"10.00 GBP\" == params.limit", "true"},
	    {"-data.price < \"0.00 GBP\"", "true"},
	    {"data.price == \"12.50 EUR\"", "mixed-currencies"},
	    {"data.price + \"1 EUR\" > params.limit", "mixed-currencies"},
	    {"false and data.price < \"1 EUR\"", "false"},
	    {"data.mood == \"calm\"", "true"},
	    {"data.mood ~= \"angry\"", "true"},
	    {"\"angry\" == data.mood", "false"},
	    {"data.mood == data.hello", "false"},
	    {"data.hello == \"h\\195\\169llo\"", "true"},
	    {"data.hello < \"i\"", "true"},
	    {"data.hello >= \"h\"", "true"},
	    {"\"a\" < \"b\"", "true"},
	    {"\"a\" < \"a\"", "false"},
	    {"\"\" < \"a\"", "true"},
	    {"\"2h\" == \"120m\"", "false"},
	    {"'it\\'s' == \"it's\"", "true"},
	    {"\"\\65\\x42\\n\" == \"AB\\10\"", "true"},
	};
	stage s;
	stage_open(&s);
	CHECK_ANSWERS(&s, cases);
	stage_close(&s);
}

static void lists_and_texts_have_a_length_and_contain(void **state) {
	(void)state;
	static const answer_case cases[] = {
	    {"len(data.hello) == 5", "true"},
	    {"#data.hello == 6", "true"},
	    {"len(data.tags) == 3", "true"},
	    {"#data.tags == 3", "true"},
	    {"len(data.mixed) == 7", "true"},
	    {"len(data.mood) == 4", "true"},
	    {"contains(data.hello, \"llo\")", "true"},
	    {"contains(data.hello, \"\")", "true"},
	    {"contains(data.hello, \"world\")", "false"},
	    {"contains(data.tags, \"a\")", "true"},
	    {"contains(data.tags, \"b\\\"c\")", "true"},
	    {"contains(data.tags, '\xc3\xa9')", "true"},
	    {"contains(data.tags, \"b\")", "false"},
	    {"contains(data.sums, \"1.00 GBP\")", "true"},
	    {"contains(data.sums, \"2.00 GBP\")", "false"},
	    {"contains(data.sums, data.price)", "false"},
	    {"contains(data.waits, \"1h\")", "true"},
	    {"contains(data.waits, \"3600s\")", "true"},
	    {"contains(data.waits, data.patience)", "false"},
	    {"contains(data.times, data.since)", "true"},
	    {"contains(data.times, \"2026-11-23T12:00:00Z\")", "true"},
	    {"contains(data.kinds, \"x\")", "true"},
	    {"contains(data.kinds, \"y\")", "false"},
	    {"contains(data.numbers, 1)", "true"},
	    {"contains(data.numbers, 2.5)", "true"},
	    {"contains(data.numbers, 2)", "false"},
	    {"contains(data.flags, false)", "true"},
	    {"contains(data.flags, true)", "false"},
	    {"contains(data.mixed, 1)", "true"},
	    {"contains(data.mixed, 1.0)", "true"},
	    {"contains(data.mixed, \"one\")", "true"},
	    {"contains(data.mixed, true)", "true"},
	    {"contains(data.mixed, false)", "false"},
	    {"contains(data.mixed, \"a\\nb\")", "true"},
	    {"contains(data.mixed, \"two\")", "false"},
	    {"contains(data.mixed, \"k\")", "false"},
	    {"contains(data.mixed, data.m - 6)", "true"},
	};
	stage s;
	stage_open(&s);
	CHECK_ANSWERS(&s, cases);
	stage_close(&s);
}

static void questions_are_answered_by_whoever_runs_the_case(void **state) {
	(void)state;
	static const answer_case cases[] = {
	    {"is_in(\"talking\")", "true"},
	    {"is_in(\"talking.slow\")", "false"},
	    {"not is_in('done')", "true"},
	    {"count(\"abuse\") == 2", "true"},
	    {"count(\"offers\") >= 3", "true"},
	    {"case.id == \"c-1\"", "true"},
	    {"case.locale == \"en\"", "true"},
	    {"event.by == \"customer\"", "true"},
	    {"event.id == nil", "true"},
	};
	static const answer_case of_clocks[] = {
	    {"left('resolve') < '4 business hours'", "true"},
	    {"elapsed('resolve') >= '60 business minutes' and target('resolve') == '240 business minutes'", "true"},
	    {"left('resolve') < '4h'", "mixed-time"},
	    {"deadline('resolve') <= case.now + '1h'", "true"},
	    {"is_running('resolve') and not is_breached('resolve')", "true"},
	    {"on_duty('support') == 'Ada' and nobody_on_duty('nights') and not nobody_on_duty('support')", "true"},
	    {"on_duty('nights') == 'Ada'", "unknown"},
	    {"contains(on_duty('support'), 'd')", "true"},
	    {"is_running('first-reply')", "false"},
	    {"left('first-reply') < '1h'", "unknown"},
	    {"deadline('first-reply') > case.now", "unknown"},
	};
	static const answer_case silent[] = {{"is_in(\"talking\")", "unknown"}, {"count(\"abuse\") == 2", "unknown"},
	    {"case.id == \"c-1\"", "unknown"}, {"time_in(\"done\") > \"1h\"", "unknown"}, {"case.now > data.since", "unknown"}};
	stage s;
	stage_open(&s);
	CHECK_ANSWERS(&s, cases);
	CHECK_ANSWERS(&s, of_clocks);
	stage_listen(&s, "g");
	assert_string_equal(stage_ask(&s, "event.name == \"go\""), "unknown");
	stage_event(&s, 0, NULL);
	assert_string_equal(stage_ask(&s, "event.name == \"go\""), "true");
	stage_listen(&s, "o");
	assert_string_equal(stage_ask(&s, "event.name == \"go\""), "refused");
	stage_event(&s, 2, "{'name':3}");
	assert_string_equal(stage_ask(&s, "event.name == 3"), "true");
	stage_listen(&s, NULL);
	stage_event(&s, -1, NULL);
	s.is_silent = true;
	CHECK_ANSWERS(&s, silent);
	s.situation.know = NULL;
	CHECK_ANSWERS(&s, silent);
	stage_close(&s);
}

static void an_event_is_seen_through_its_own_schema(void **state) {
	(void)state;
	static const answer_case of_go[] = {{"event.tone < -0.5", "true"}, {"event.abusive", "true"}, {"event.text == \"hi\"", "true"},
	    {"event.cause == \"product\"", "true"}, {"event.place.city == \"Bath\"", "true"}, {"event.reason == \"x\"", "unknown"},
	    {"has(event.reason)", "false"}, {"len(event.items) == 2", "true"}, {"has(event.any)", "false"}, {"event.id == \"x\"", "unknown"},
	    {"event.other == 1", "unknown"}};
	static const answer_case of_stop[] = {{"event.tone == 1", "true"}, {"event.text == \"hi\"", "unknown"},
	    {"event.reason == \"x\"", "true"}, {"event.cause == \"angry\"", "true"}, {"event.cause == \"stress\"", "false"},
	    {"event.id == \"i\"", "true"}};
	stage s;
	stage_open(&s);
	stage_event(&s, 0, "{'tone':-0.75,'abusive':true,'text':'hi','cause':'product','place':{'city':'Bath'},'items':['a','b']}");
	CHECK_ANSWERS(&s, of_go);
	stage_event(&s, 1, "{'tone':1,'reason':'x','cause':'angry','id':'i'}");
	CHECK_ANSWERS(&s, of_stop);
	stage_close(&s);
}

static void what_has_no_true_answer_is_trouble(void **state) {
	(void)state;
	static const answer_case cases[] = {
	    {"data.n + 1 > 0", "guard-overflow"},
	    {"data.n * 2 > 0", "guard-overflow"},
	    {"-data.n - 2 < 0", "guard-overflow"},
	    {"data.n // 0 > 0", "guard-division"},
	    {"data.n % 0 > 0", "guard-division"},
	    {"data.n / 0 > 0", "guard-division"},
	    {"data.x / 0.0 > 0", "guard-division"},
	    {"data.x * 1e308 > 0", "guard-overflow"},
	    {"(-data.n - 1) // -1 > 0", "guard-overflow"},
	    {"(-data.n - 1) % -1 == 0", "true"},
	    {"-(-data.n - 1) > 0", "guard-overflow"},
	    {"data.value * 2 > \"1 GBP\"", "guard-overflow"},
	    {"data.value + data.price > \"1 GBP\"", "guard-overflow"},
	    {"data.patience * data.n > \"1h\"", "guard-overflow"},
	    {"data.days == \"2d\"", "mixed-time"},
	    {"data.days > data.patience", "mixed-time"},
	    {"data.days + data.patience > \"1h\"", "mixed-time"},
	    {"-data.days < \"1h\"", "mixed-time"},
	    {"data.days > \"5 business hours\"", "mixed-time"},
	    {"case.now + data.patience * 900000000000 > case.now", "guard-overflow"},
	    /* what comes before an answer counts, what comes behind it is not asked */
	    {"data.n + 1 > 0 or true", "guard-overflow"},
	    {"true or data.n + 1 > 0", "true"},
	    {"false and data.n + 1 > 0", "false"},
	    {"data.b and data.n + 1 > 0", "guard-overflow"},
	    {"data.b or data.n + 1 > 0", "guard-overflow"},
	    {"not (data.n + 1 > 0)", "guard-overflow"},
	    {"(data.n + 1 > 0) == true", "guard-overflow"},
	    {"contains(data.mixed, data.n + 1)", "guard-overflow"},
	};
	stage s;
	stage_open(&s);
	stage_data(&s, "{'n':9223372036854775807,'x':2.0,'value':'92233720368547758.07 GBP'}");
	CHECK_ANSWERS(&s, cases);
	stage_close(&s);
}

/* ---- assignments ------------------------------------------------------------------ */

typedef struct act_case {
	const char *text;
	const char *slug;    /* of the failure, or NULL */
	const char *message; /* of the failure, or what must stand in the record */
} act_case;

static const char *run_actions(stage *s, const char *text, aplomb_error *error) {
	*error = (aplomb_error){0};
	apl_guard *guard = stage_guard(s, APL_GUARD_ACTIONS, text, APL_GUARD_ANY_SCALAR);
	if (guard == NULL) {
		print_error("%s\n%s\n", text, s->said);
		return "refused";
	}
	apl_guard_trouble trouble = {0};
	const apl_writer writer = {.schema = s->data, .words = s->data_words, .keep = {&s->alloc, NULL}, .what = "data"};
	const apl_guard_writing writing = {&writer, &s->tape, 64};
	int code = apl_guard_act(guard, 0, &s->situation, &writing, &trouble, error);
	return code == APLOMB_OK ? NULL : error->slug;
}

static const act_case writes[] = {
    {"data.n = 5", NULL, "\"n\":5"},
    {"data.n = data.m + 1", NULL, "\"n\":8"},
    {"data.m = data.m + 1", NULL, "\"m\":8"},
    {"data.m = data.m - 1", NULL, "\"m\":6"},
    {"data.m = data.m - data.low", NULL, "\"m\":4"},
    {"data.m = 1 + data.m", NULL, "\"m\":8"},
    {"data.n = -3", NULL, "\"n\":-3"},
    {"data.n = 1; data.n = data.n + 1; data.m = data.n * 10;", NULL, "\"m\":20"},
    {"data.low = data.low + 6", NULL, "\"low\":9"},
    {"data.low = data.low + 7", "out-of-bounds", "data.low: expected 0 to 9, found 10"},
    {"data.x = 1", NULL, "\"x\":1.0"},
    {"data.x = data.m", NULL, "\"x\":7.0"},
    {"data.x = data.y / 2", NULL, "\"x\":1.25"},
    {"data.b = true", NULL, "\"b\":true"},
    {"data.b = data.m > 3 and not has(data.n)", NULL, "\"b\":true"},
    {"data.t = \"a\\\"b\"", NULL, "\"t\":\"a\\\"b\""},
    {"data.t = data.hello", NULL, "\"t\":\"h\xc3\xa9llo\""},
    {"data.t = data.mood", NULL, "\"t\":\"calm\""},
    {"data.hello = data.hello", NULL, "\"hello\":\"h\xc3\xa9llo\""},
    {"data.short = data.order", NULL, "\"short\":\"A1\""},
    {"data.cause = \"stress\"", NULL, "\"cause\":\"stress\""},
    {"data.mood = \"stress\"; data.cause = data.mood", NULL, "\"cause\":\"stress\""},
    {"data.cause = data.mood", "not-a-choice", "data.cause: expected one of \"stress\", \"product\", \"bad-day\", found \"calm\""},
    {"data.value = \"3.00 EUR\"", NULL, "\"value\":\"3.00 EUR\""},
    {"data.value = data.price * 2", NULL, "\"value\":\"25.00 GBP\""},
    {"data.capped = data.price * 2", "out-of-bounds", "data.capped: expected at most 20.00 GBP, found 25.00 GBP"},
    {"data.wait = \"90m\"", NULL, "\"wait\":\"1h30m\""},
    {"data.wait = data.days", NULL, "\"wait\":\"2 business days\""},
    {"data.wait = data.days * 1", "mixed-time",
        "data.days * 1: business time is neither compared with nor added to what is counted otherwise (in \"data.wait = data.days * 1\")"},
    {"data.wait = \"3 business hours\"", NULL, "\"wait\":\"3 business hours\""},
    {"data.wait = data.since - case.now", "out-of-bounds", "data.wait: a span is not negative"},
    {"data.at = case.now", NULL, "\"at\":\"2026-11-23T13:00:00Z\""},
    {"data.at = case.now + \"1d\"", NULL, "\"at\":\"2026-11-24T13:00:00Z\""},
    {"data.said = data.tags", NULL, "\"said\":[\"a\",\"b\\\"c\",\"\xc3\xa9\"]"},
    {"data.notes = data.mixed", NULL, "\"notes\":[1,\"one\",true,[1],{\"k\":\"one, two\"},2.5,\"a\\nb\"]"},
    {"data.notes = data.m", NULL, "\"notes\":7"},
    {"data.notes = \"x\"", NULL, "\"notes\":\"x\""},
    {"data.notes = data.price", NULL, "\"notes\":\"12.50 GBP\""},
    {"data.said = data.sums; data.notes = 1", NULL, "\"notes\":1"},
    {"data.address.city = \"Bath\"; data.address.zip.code = 5", NULL, "\"address\":{\"city\":\"Bath\",\"zip\":{\"code\":5}}"},
    /* what is missing */
    {"data.m = nil", NULL, "\"m\":null"},
    {"data.m = data.n", NULL, "\"m\":null"},
    {"data.tags = nil", NULL, "\"tags\":null"},
    {"data.order = data.t", "missing-field", "data.order: required, so it cannot be cleared; expected text"},
    {"data.m = data.n + 1", "missing-value", "data.m = data.n + 1: data.n is missing, so there is nothing to assign"},
    {"data.n = data.n + 1", "missing-value", "data.n = data.n + 1: data.n is missing, so there is nothing to assign"},
    {"data.x = 1; data.n = -data.m * (data.m - data.n)", "missing-value",
        "data.n = -data.m * (data.m - data.n): data.n is missing, so there is nothing to assign (in \"data.x = 1; data.n = -data.m * "
        "(data.m - data.n)\")"},
    {"data.b = data.n > 1", "missing-value", "data.b = data.n > 1: data.n is missing, so there is nothing to assign"},
    /* trouble */
    {"data.m = data.m // (data.m - 7)", "guard-division",
        "data.m // (data.m - 7) divides by zero (in \"data.m = data.m // (data.m - 7)\")"},
    {"data.m = 9223372036854775807; data.m = data.m + 1", "guard-overflow",
        "data.m + 1 is more than there is room for (in \"data.m = 9223372036854775807; data.m = data.m + 1\")"},
    {"data.value = data.price + \"1 EUR\"", "mixed-currencies",
        "data.price + \"1 EUR\": GBP and EUR are different currencies (in \"data.value = data.price + \"1 EUR\"\")"},
};

static void assignments_write_what_a_function_would(void **state) {
	(void)state;
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
		const act_case *c = &writes[i];
		stage s;
		stage_open(&s);
		aplomb_error error;
		const char *slug = run_actions(&s, c->text, &error);
		bool is_right = c->slug == NULL ? slug == NULL && strstr(as_json(s.data, s.data_words, false), c->message) != NULL
		                                : slug != NULL && strcmp(slug, c->slug) == 0 && strcmp(error.message, c->message) == 0;
		if (!is_right) {
			print_error("%s\n%s: %s\n%s\n", c->text, slug != NULL ? slug : "done", error.message, as_json(s.data, s.data_words, false));
			wrong++;
		}
		stage_close(&s);
	}
	assert_int_equal(wrong, 0);
}

static void what_was_written_before_a_failure_stays(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	aplomb_error error;
	assert_string_equal(run_actions(&s, "data.n = 1; data.low = data.m * 2; data.t = \"never\"", &error), "out-of-bounds");
	assert_non_null(strstr(as_json(s.data, s.data_words, false), "\"n\":1"));
	assert_null(strstr(as_json(s.data, s.data_words, false), "never"));
	assert_non_null(strstr(as_json(s.data, s.data_words, false), "\"low\":3"));
	stage_close(&s);
}

static void the_event_is_written_as_it_came(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	aplomb_error error;
	stage_event(&s, 0, "{'cause':'product','items':['x','y'],'any':{'k':[1,null]},'value':'2.00 GBP','count':4,'wait':'1 business hour'}");
	stage_listen(&s, "g");
	assert_null(run_actions(&s, "data.cause = event.cause; data.said = event.items; data.notes = event.any", &error));
	assert_null(run_actions(&s, "data.value = event.value; data.n = event.count; data.wait = event.wait; data.t = event.text", &error));
	const char *json = as_json(s.data, s.data_words, false);
	static const char *const parts[] = {"\"cause\":\"product\"", "\"said\":[\"x\",\"y\"]", "\"notes\":{\"k\":[1,null]}",
	    "\"value\":\"2.00 GBP\"", "\"n\":4", "\"wait\":\"1 business hour\""};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (strstr(json, parts[i]) == NULL) fail_msg("%s is not in %s", parts[i], json);
	}
	assert_null(strstr(json, "\"t\""));
	stage_event(&s, 0, "{}");
	assert_null(run_actions(&s, "data.cause = event.cause; data.said = event.items; data.notes = event.any", &error));
	assert_null(strstr(as_json(s.data, s.data_words, false), "\"said\""));
	stage_close(&s);
}

static void the_target_of_each_assignment_is_known(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	apl_guard *guard = stage_guard(&s, APL_GUARD_ACTIONS, "data.m = 1; data.address.city = \"x\"", APL_GUARD_ANY_SCALAR);
	assert_int_equal(apl_guard_target(guard, 0), field_at(s.data, "m"));
	assert_int_equal(apl_guard_target(guard, 1), field_at(s.data, "address.city"));
	assert_int_equal(apl_guard_target(guard, 2), APL_NO_FIELD);
	guard = stage_guard(&s, APL_GUARD_TRUTH, "data.m == 1", APL_GUARD_ANY_SCALAR);
	assert_int_equal(apl_guard_target(guard, 0), APL_NO_FIELD);
	stage_close(&s);
}

static void long_texts_are_work(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	apl_guard_trouble trouble = {0};
	apl_guard *guard =
	    stage_guard(&s, APL_GUARD_TRUTH, "contains(data.hello, \"x\") or data.hello == \"h\\195\\169llx\"", APL_GUARD_ANY_SCALAR);
	assert_int_equal(apl_guard_ask(guard, &s.situation, &trouble), APL_GUARD_FALSE);
	assert_int_equal(trouble.work, 12);
	guard = stage_guard(&s, APL_GUARD_TRUTH, "data.m > 1", APL_GUARD_ANY_SCALAR);
	assert_int_equal(apl_guard_cost(guard), 3);
	stage_close(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(integers_and_numbers_are_counted_as_in_lua),
	    cmocka_unit_test(what_is_missing_makes_a_comparison_unknown),
	    cmocka_unit_test(times_money_and_choices_are_read_from_the_text_beside_them),
	    cmocka_unit_test(lists_and_texts_have_a_length_and_contain),
	    cmocka_unit_test(questions_are_answered_by_whoever_runs_the_case),
	    cmocka_unit_test(an_event_is_seen_through_its_own_schema),
	    cmocka_unit_test(what_has_no_true_answer_is_trouble),
	    cmocka_unit_test(assignments_write_what_a_function_would),
	    cmocka_unit_test(what_was_written_before_a_failure_stays),
	    cmocka_unit_test(the_event_is_written_as_it_came),
	    cmocka_unit_test(the_target_of_each_assignment_is_known),
	    cmocka_unit_test(long_texts_are_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
