/* SPDX-License-Identifier: MIT */
/*
 * Decides which store a runtime gets: the file that it names, or one of the
 * host's, of which is checked that it can do what is asked of it. What a store promises is
 * said in aplomb.h.
 */
#include "api/store_api.h"

#include <string.h>

#include "api/along.h"
#include "store/sqlite.h"

static void close_nothing(void *self) {
	(void)self;
}

/* Each function that must be there, by its name. */
static const char *missing_in(const aplomb_store_ops *ops) {
	if (ops->commit == NULL) return "commit";
	if (ops->read == NULL) return "read";
	if (ops->snapshot == NULL) return "snapshot";
	if (ops->put_source == NULL) return "put_source";
	if (ops->get_source == NULL) return "get_source";
	if (ops->find == NULL) return "find";
	if (ops->leave == NULL) return "leave";
	if (ops->due == NULL) return "due";
	if (ops->next_due == NULL) return "next_due";
	if (ops->cases == NULL) return "cases";
	if (ops->effects == NULL) return "effects";
	if (ops->n_effects == NULL) return "n_effects";
	if (ops->sent == NULL) return "sent";
	if (ops->last_at == NULL) return "last_at";
	return ops->is_durable != NULL && ops->sync == NULL ? "sync" : NULL;
}

static int take_own(aplomb_runtime *rt, const aplomb_store *given, apl_store *out, aplomb_error *error) {
	aplomb_store store = {.size = sizeof store};
	int code = apl_take_struct(&store, sizeof store, given, "aplomb_store", error);
	if (code != APLOMB_OK) return code;
	if (store.ops == NULL) return apl_fail_null(error, "aplomb_open", "options->own_store->ops");
	code = apl_take_struct(&rt->own_ops, sizeof rt->own_ops, store.ops, "aplomb_store_ops", error);
	if (code != APLOMB_OK) return code;
	const char *missing = missing_in(&rt->own_ops);
	if (missing != NULL)
		return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_open: options->own_store has no function `%s`", missing);
	if (rt->own_ops.close == NULL) rt->own_ops.close = close_nothing;
	*out = (apl_store){.ops = &rt->own_ops, .self = store.self, .pages = true};
	return APLOMB_OK;
}

int apl_open_store(aplomb_runtime *rt, const aplomb_options *options, aplomb_journal_fn sink, apl_store *out, aplomb_error *error) {
	if (options->rehearsal)
		return apl_fail(error, APLOMB_EINVAL, "store-rehearsal",
		    "aplomb_open: options->rehearsal is set, and a store: a rehearsal goes back on what happened; leave the store out");
	if (options->looks && options->store == NULL)
		return apl_fail(error, APLOMB_EINVAL, "looks-where",
		    "aplomb_open: options->looks is set, and no file in options->store that is to be looked into");
	if (options->store != NULL && options->own_store != NULL)
		return apl_fail(error, APLOMB_EINVAL, "two-stores",
		    "aplomb_open: options->store and options->own_store are both set; cases are kept in one place: leave one out");
	if (options->own_store != NULL && sink != NULL)
		return apl_fail(error, APLOMB_EINVAL, "store-journal",
		    "aplomb_open: options->own_store and options->journal are both set; lines go to your store: leave the journal out");
	if (options->own_store != NULL) return take_own(rt, options->own_store, out, error);
	const apl_store_sqlite_options sqlite = {.path = options->store,
	    .full = options->durability == APLOMB_DURABILITY_FULL,
	    .reads_only = options->looks,
	    .sink = sink,
	    .sink_payload = rt};
	return apl_store_sqlite_open(out, &rt->alloc, &sqlite, error);
}

/* In the midst of whatever asked for a case: the runtime is as present afterwards as it was. */
int apl_load_kept(void *payload, const char *source, size_t size, aplomb_error *error) {
	aplomb_runtime *rt = payload;
	const apl_presence before = rt->presence;
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	options.source = source;
	options.source_size = size;
	int code = apl_load_text(rt, &options, NULL, &playbook, error);
	rt->presence = before;
	return code;
}
