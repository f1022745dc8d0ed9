/* SPDX-License-Identifier: MIT */
#include "faulty_vfs.h"

#include <sqlite3.h>
#include <string.h>

/* The usual way, with this before it. */
static sqlite3_vfs vfs;
static sqlite3_io_methods methods;
static faulty *the;

typedef struct faulty_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
} faulty_file;

static sqlite3_file *real_of(sqlite3_file *file) {
	return ((faulty_file *)file)->real;
}

/* Does this call go wrong? */
static bool fails(void) {
	the->calls++;
	bool now = the->how != FAULTY_NOT && (the->calls == the->at || (the->how == FAULTY_GONE && the->calls > the->at));
	the->hits += now;
	return now;
}

static int answer(void) {
	return the->how == FAULTY_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int on_close(sqlite3_file *file) {
	return real_of(file)->pMethods->xClose(real_of(file));
}
static int on_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at) {
	return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}
static int on_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at) {
	if (!fails()) return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
	bool is_first = the->calls == the->at;
	if ((the->how == FAULTY_SHORT || (the->how == FAULTY_GONE && is_first)) && size > 1)
		real_of(file)->pMethods->xWrite(real_of(file), from, size / 2, at);
	return answer();
}
static int on_truncate(sqlite3_file *file, sqlite3_int64 size) {
	if (fails()) return SQLITE_IOERR_TRUNCATE;
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
static int on_sync(sqlite3_file *file, int flags) {
	(void)file;
	(void)flags;
	if (fails()) return SQLITE_IOERR_FSYNC;
	/* Nobody cuts the power of a test: what is counted is the call. */
	return SQLITE_OK;
}
static int on_size(sqlite3_file *file, sqlite3_int64 *size) {
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int on_lock(sqlite3_file *file, int level) {
	return real_of(file)->pMethods->xLock(real_of(file), level);
}
static int on_unlock(sqlite3_file *file, int level) {
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
static int on_reserved(sqlite3_file *file, int *out) {
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
static int on_control(sqlite3_file *file, int op, void *argument) {
	return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}
static int on_sector(sqlite3_file *file) {
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}
static int on_device(sqlite3_file *file) {
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
static int on_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
static int on_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}
static void on_shm_barrier(sqlite3_file *file) {
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}
static int on_shm_unmap(sqlite3_file *file, int also_delete) {
	return real_of(file)->pMethods->xShmUnmap(real_of(file), also_delete);
}

static int on_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out) {
	sqlite3_vfs *real = self->pAppData;
	faulty_file *opened = (faulty_file *)file;
	opened->real = (sqlite3_file *)(void *)(opened + 1);
	opened->base.pMethods = NULL;
	int code = real->xOpen(real, name, opened->real, flags, out);
	if (code == SQLITE_OK) opened->base.pMethods = &methods;
	return code;
}

void faulty_begin(faulty *how) {
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);
	the = how;
	methods = (sqlite3_io_methods){.iVersion = 2,
	    .xClose = on_close,
	    .xRead = on_read,
	    .xWrite = on_write,
	    .xTruncate = on_truncate,
	    .xSync = on_sync,
	    .xFileSize = on_size,
	    .xLock = on_lock,
	    .xUnlock = on_unlock,
	    .xCheckReservedLock = on_reserved,
	    .xFileControl = on_control,
	    .xSectorSize = on_sector,
	    .xDeviceCharacteristics = on_device,
	    .xShmMap = on_shm_map,
	    .xShmLock = on_shm_lock,
	    .xShmBarrier = on_shm_barrier,
	    .xShmUnmap = on_shm_unmap};
	vfs = *real;
	vfs.zName = FAULTY_VFS;
	vfs.pAppData = real;
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(faulty_file) + real->szOsFile;
	vfs.xOpen = on_open;
	sqlite3_vfs_register(&vfs, 0);
}

void faulty_end(void) {
	sqlite3_vfs_unregister(&vfs);
	the = NULL;
}
