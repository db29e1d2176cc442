/* SPDX-License-Identifier: MIT */
/*
 * Names of code addresses, and the walk up the stack. Any context; nothing faults or allocates.
 */
#ifndef KERNEL_CPU_BACKTRACE_H
#define KERNEL_CPU_BACKTRACE_H

#include "lib/types.h"

/*
 * Returns the name of the function that contains a kernel code address, and in *offset the
 * distance from its start. NULL: the address is not kernel code, or there is no symbol table.
 */
const char *ksym_lookup(uintptr_t address, size_t *offset);

/*
 * Prints the location of eip and of each caller, following the frame pointers from ebp. One line
 * ` [<c0101234>] function+0x12/0x40` each. eip 0: only the callers.
 */
void backtrace(uintptr_t ebp, uintptr_t eip);

/*
 * The return addresses of the callers, following the frame pointers from ebp, `max` at most.
 * Returns how many.
 */
u32 backtrace_callers(uintptr_t ebp, uintptr_t *places, u32 max);

/* Do the page tables in use map this kernel address? False below PAGE_OFFSET. */
bool kernel_address_mapped(uintptr_t address);

#endif
