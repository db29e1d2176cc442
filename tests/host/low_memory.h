/* SPDX-License-Identifier: MIT */
/* Memory with an address of 32 bits, also in a test of 64 bits: for code that has a u32. */
#ifndef TESTS_HOST_LOW_MEMORY_H
#define TESTS_HOST_LOW_MEMORY_H

#include "lib/types.h"

/* Cleared memory at this address, that can also be executed. Ends the case if it is in use. */
void *low_memory(u32 address, size_t bytes);

#endif
