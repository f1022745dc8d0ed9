/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a policy (the first byte says what goes along: parameters as JSON stand behind a line "--- params"), for a playbook with a
 * parameter of every type. What is refused has findings in valid UTF-8; what is taken is told, and is what a case opens with.
 */
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char knobs[] =
    "return playbook 'knobs' { params = { i = integer { default = 1, min = 0, max = 9 }, n = number { default = 0.5, max = 2 }, b = "
    "boolean { "
    "default = true },\n"
    "m = money { default = '1.00 GBP', max = '200.00 GBP' }, s = span { default = '1h', min = '1m' }, at = instant { default = "
    "'2026-01-01T00:00:00Z' },\n"
    "t = text { default = 'x', max = 5, personal = true }, o = one_of { 'a', 'b', default = 'a' }, l = list { of = text { max = 3 }, "
    "default = { 'x' }, max = 4 },\n"
    "any = any {}, f = fields { t = text { default = 'y' }, d = fields { lead = span { default = '2 business hours' } } } },\n"
    "event 'go' {}, state 's' { on 'go' {}, after(from 'params.s') {} } }\n";

static void check_finding(const aplomb_finding *finding, void *payload) {
	size_t *errors = payload;
	size_t size = strlen(finding->message);
	APL_ASSERT(size > 0 && apl_utf8_valid(finding->message, size) == size && finding->slug[0] != '\0');
	APL_ASSERT(finding->file != NULL && apl_utf8_valid(finding->file, strlen(finding->file)) == strlen(finding->file));
	*errors += finding->severity == APLOMB_ERROR;
}

static void check_param(const aplomb_param *param, void *payload) {
	size_t *count = payload;
	APL_ASSERT(param->path[0] != '\0' && param->type[0] != '\0');
	if (param->value != NULL) {
		aplomb_json *json;
		aplomb_error error = {0};
		APL_ASSERT(aplomb_json_read(&json, param->value, strlen(param->value), &error) == APLOMB_OK);
		aplomb_json_free(json);
	}
	++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const char mark[] = "\n--- params\n";
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = true;
	options.limits = &world_limits;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	APL_ASSERT(aplomb_open(&rt, &options, &error) == APLOMB_OK);
	const char *params = memmem(data, size, mark, sizeof mark - 1);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	size_t errors = 0, count = 0;
	load.source = knobs;
	load.source_size = sizeof knobs - 1;
	load.policy_path = "policy.lua";
	load.policy = (const char *)data;
	load.policy_size = params != NULL ? (size_t)(params - (const char *)data) : size;
	if (params != NULL) {
		load.params = params + sizeof mark - 1;
		load.params_size = size - load.policy_size - (sizeof mark - 1);
	}
	load.on_finding = check_finding;
	load.payload = &errors;
	/* A text of no bytes is none: the file would be looked for. */
	if (load.policy_size == 0) load.policy = " ", load.policy_size = 1;
	if (params != NULL && load.params_size == 0) load.params = NULL;
	int code = aplomb_load(rt, &load, &playbook, &error);
	APL_ASSERT((code == APLOMB_OK) == (errors == 0) || code == APLOMB_EINVAL || code == APLOMB_EJSON);
	world_check_error(code, &error);
	if (code == APLOMB_OK) {
		APL_ASSERT(aplomb_playbook_params(playbook, check_param, &count) == count && count > 10);
		static const char go[] = "{\"event\":\"go\",\"case\":\"c\",\"playbook\":\"knobs\"}";
		APL_ASSERT(aplomb_post_json(rt, go, sizeof go - 1, NULL, NULL, &error) == APLOMB_OK);
		world_pump(rt);
	}
	aplomb_close(rt);
	return 0;
}
