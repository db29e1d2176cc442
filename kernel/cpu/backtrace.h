/* SPDX-License-Identifier: MIT */
/*
 * Names for code addresses, and the walk up the stack. Any context; nothing here faults or
 * allocates.
 */
#ifndef KERNEL_CPU_BACKTRACE_H
#define KERNEL_CPU_BACKTRACE_H

#include "lib/types.h"

/*
 * The function that holds a code address of the kernel, and how far into it that is. NULL if it is
 * no code of the kernel, or if there is no symbol table.
 */
const char *ksym_lookup(uintptr_t address, size_t *offset);

/*
 * Prints where eip is and, following the frame pointers from ebp, who called: one line
 * ` [<c0101234>] function+0x12/0x40` each. eip 0: the frame's own function is not told.
 */
void backtrace(uintptr_t ebp, uintptr_t eip);

/* Is there memory at this kernel address, by the page tables in use? False below PAGE_OFFSET. */
bool kernel_address_mapped(uintptr_t address);

#endif
