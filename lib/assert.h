/* SPDX-License-Identifier: MIT */
/*
 * Assertions of the kernel's own invariants. They stay in the release build: a wrong memory manager must stop, not
 * go on. Where a check costs more than the work it guards, it belongs into an X_validate() instead.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include "lib/printk.h"

#define BUG_ON(condition)                                                          \
	do {                                                                       \
		if (unlikely(condition))                                           \
			panic("BUG: %s at %s:%d", #condition, __FILE__, __LINE__); \
	} while (0)

#endif
