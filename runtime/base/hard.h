/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_HARD_H
#define APL_BASE_HARD_H

/*
 * The hard preset (-DAPLOMB_HARD) makes rare things common: buffers and arenas
 * begin tiny, every realloc moves, every Lua call collects. APL_START gives
 * the size a growable thing begins with.
 */
#ifdef APLOMB_HARD
#define APL_START(normal) 1
#define APL_IS_HARD 1
#else
#define APL_START(normal) (normal)
#define APL_IS_HARD 0
#endif

#endif
