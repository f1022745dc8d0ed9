/* SPDX-License-Identifier: MIT */
/* Decides which clocks of the played case may be asked about, and hands their accounts what has happened where the case stands. */
#include <string.h>

#include "repl/why.h"

/* The account of that clock, as far as the case stands; NULL: there is none of that name, or [error] says what failed. */
static aplomb_account *account_of(repl *r, const char *clock, aplomb_error *error) {
	aplomb_account *account = NULL;
	if (aplomb_account_open(&account, r->rt, r->playbook, clock, error) != APLOMB_OK) return NULL;
	for (size_t n = 0; n < repl_story_count(r->story); n++) {
		size_t size;
		const char *line = repl_story_line(r->story, n, &size);
		aplomb_json *json;
		int code = aplomb_json_read(&json, line, size, error);
		if (code == APLOMB_OK) {
			code = aplomb_account_note(account, aplomb_json_root(json), error);
			aplomb_json_free(json);
		}
		if (code == APLOMB_OK) continue;
		aplomb_account_close(account);
		return NULL;
	}
	return account;
}

bool why_is_clock(repl *r, const char *name) {
	aplomb_account *account = NULL;
	if (aplomb_account_open(&account, r->rt, r->playbook, name, NULL) != APLOMB_OK) return false;
	aplomb_account_close(account);
	return true;
}

int why_clock(repl *r, const char *name) {
	aplomb_error error = {0};
	aplomb_account *account = account_of(r, name, &error);
	if (account == NULL) return repl_fail(r, "why: %s", error.message);
	const aplomb_instant now = aplomb_now(r->rt);
	int code = tell_account(r->out, account, &now, &error);
	aplomb_account_close(account);
	return code == APLOMB_OK ? REPL_DONE : repl_fail(r, "why: %s", error.message);
}
