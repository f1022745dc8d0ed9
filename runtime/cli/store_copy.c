/* SPDX-License-Identifier: MIT */
/* Decides how a store's copies are asked for and told: a backup, one in a store's place, and a store written anew. */
#include <string.h>
#include <sys/stat.h>

#include "cli/store.h"
#include "tell/tell.h"

/* What is there already has a status of its own. */
static int failed(const cli_screens *cli, const cli_verb *verb, const char *path, const aplomb_error *error) {
	if (strcmp(error->slug, "store-exists") != 0) return cli_kept_failed(cli, verb, path, error);
	cli_complain(cli, verb, "%s [%s]", error->message, error->slug);
	return CLI_NO_OUTPUT;
}

/* ---- backup ----------------------------------------------------------------------------- */

static int run_backup(const cli_screens *cli, char **arguments, int count) {
	aplomb_error error = {0};
	struct stat about;
	char size[32];
	if (!cli_take(cli, &cli_store_backup, NULL, arguments, &count)) return CLI_USAGE;
	if (aplomb_store_backup(arguments[0], arguments[1], NULL, &error) != APLOMB_OK)
		return failed(cli, &cli_store_backup, arguments[0], &error);
	tell_put_text(&cli->out, arguments[1], strlen(arguments[1]), -1);
	tell_print(&cli->out, "  %s\n", stat(arguments[1], &about) == 0 ? cli_bytes((uint64_t)about.st_size, size) : "?");
	return CLI_OK;
}

const cli_verb cli_store_backup = {
    .name = "store backup",
    .operands = "STORE TO",
    .sentence = "copy a store as it is in one moment, while a runtime goes on with it",
    .about =
        "TO has that name when all of the copy is on the disk, and not before; nothing is ever written over a file that is there. What was "
        "committed before the copy began is in it, and nothing of what came later. The copy is a store like any other: "
        "`aplomb store verify TO` looks at all of it, and cases in it can be looked at.",
    .examples = "aplomb store backup cases.db backups/2026-03-31.db",
    .least = 2,
    .most = 2,
    .run = run_backup,
};

/* ---- restore ---------------------------------------------------------------------------- */

typedef struct restore_options {
	bool replace;
} restore_options;

static const cli_option RESTORE_OPTIONS[] = {
    {"replace", 0, CLI_FLAG, CLI_OFFSET(restore_options, replace), NULL, "there may be a store of that name, and it is lost", NULL},
};

static void put_verified(const cli_screens *cli, const char *path, const aplomb_store_verified *sum) {
	char cases[32], lines[32], size[32];
	tell_print(&cli->out, "%s  %s case%s, %s; %s lines replayed as they are recorded\n", path, tell_count(sum->measure.cases, cases),
	    sum->measure.cases == 1 ? "" : "s", cli_bytes(sum->measure.file_bytes, size), tell_count(sum->lines, lines));
}

static int run_restore(const cli_screens *cli, char **arguments, int count) {
	restore_options options = {0};
	cli_verifying v;
	aplomb_error error = {0};
	aplomb_store_verified sum = APLOMB_STORE_VERIFIED_INIT;
	if (!cli_take(cli, &cli_store_restore, &options, arguments, &count)) return CLI_USAGE;
	cli_verifying_begin(&v, cli, arguments[0], false);
	int code = aplomb_store_restore(arguments[0], arguments[1], options.replace, &v.options, &sum, &error);
	cli_verifying_end(&v);
	if (code != APLOMB_OK) {
		int status = failed(cli, &cli_store_restore, arguments[0], &error);
		if (status == CLI_NO_OUTPUT) tell_print(&cli->err, "--replace says that what is there is to be lost\n");
		if (status == CLI_ERRORS) tell_print(&cli->err, "%s is what it was\n", arguments[1]);
		return status;
	}
	put_verified(cli, arguments[1], &sum);
	return CLI_OK;
}

const cli_verb cli_store_restore = {
    .name = "store restore",
    .operands = "FROM TO",
    .sentence = "put a copy in a store's place, once it is verified",
    .about =
        "FROM is copied, the copy is verified as `aplomb store verify` does, and then it gets the name TO: until that moment nothing has "
        "changed. A store that is there already stays, unless --replace says that it is to be lost; no runtime may have it open.",
    .examples = "aplomb store restore backups/2026-03-31.db cases.db\n"
                "aplomb store restore backups/2026-03-31.db cases.db --replace",
    .options = RESTORE_OPTIONS,
    .n_options = sizeof RESTORE_OPTIONS / sizeof RESTORE_OPTIONS[0],
    .least = 2,
    .most = 2,
    .run = run_restore,
};

/* ---- compact ----------------------------------------------------------------------------- */

static int run_compact(const cli_screens *cli, char **arguments, int count) {
	cli_verifying v;
	aplomb_error error = {0};
	aplomb_store_measure before = APLOMB_STORE_MEASURE_INIT;
	aplomb_store_verified sum = APLOMB_STORE_VERIFIED_INIT;
	char from[32], to[32], snapshots[32], lines[32];
	if (!cli_take(cli, &cli_store_compact, NULL, arguments, &count)) return CLI_USAGE;
	cli_verifying_begin(&v, cli, arguments[0], false);
	int code = aplomb_store_compact(arguments[0], &v.options, &before, &sum, &error);
	cli_verifying_end(&v);
	if (code != APLOMB_OK) return failed(cli, &cli_store_compact, arguments[0], &error);
	tell_print(&cli->out, "%s  %s before, %s now\n", arguments[0], cli_bytes(before.file_bytes + before.wal_bytes, from),
	    cli_bytes(sum.measure.file_bytes, to));
	tell_print(&cli->out, "left out: %s snapshots that have a newer one behind them; every line of every journal is there\n",
	    tell_count(before.snapshots - sum.measure.snapshots, snapshots));
	tell_print(&cli->out, "%s lines replayed as they are recorded\n", tell_count(sum.lines, lines));
	return CLI_OK;
}

const cli_verb cli_store_compact = {
    .name = "store compact",
    .operands = "STORE",
    .sentence = "write a store anew without what nobody needs",
    .about =
        "Left out are 15 of 16 of those snapshots behind which their case has a newer one, pages that hold nothing, and the room that "
        "small commits leave. Every line of every journal stays, byte for byte. It takes room for a second file, which is verified before "
        "it takes the place of the first; until then nothing has changed. No runtime may have the store open.\n\n"
        "What it costs: who goes back far in a long case has more lines stepped again on the way.",
    .examples = "aplomb store compact cases.db",
    .least = 1,
    .most = 1,
    .run = run_compact,
};
