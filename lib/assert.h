/* SPDX-License-Identifier: MIT */
/*
 * Assertions of the kernel's own invariants. They stay in the release build: a memory manager that
 * goes on after an error destroys data. A check that costs more than the work it guards belongs in
 * an X_validate() function.
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
