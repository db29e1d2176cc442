/* SPDX-License-Identifier: MIT */
/*
 * The one way from the kernel to a program's memory.
 *
 * An address from ring 3 may be anything. These functions check that the range lies below TASK_SIZE, and the instructions that touch it
 * are listed in the exception table: a fault that memory management cannot resolve ends the copy instead of the kernel. Pages that are not
 * there yet, or are shared for copy on write, come by faults as for the program itself, and without memory for them the process ends as
 * by its own access: an address that is good is never -EFAULT for a program that goes on. Sleeps never; interrupts on.
 */
#ifndef KERNEL_CPU_UACCESS_H
#define KERNEL_CPU_UACCESS_H

#include "mm/user_space/mm.h"

/* [address, address + bytes) lies in the user half. */
static inline bool access_ok(vaddr_t address, u32 bytes)
{
	return bytes <= TASK_SIZE && address <= TASK_SIZE - bytes;
}

/* Copy and return the number of bytes that could NOT be copied: 0 is success. copy_from_user() clears those at the end of its buffer. */
u32 copy_to_user(vaddr_t to, const void *from, u32 bytes);
u32 copy_from_user(void *to, vaddr_t from, u32 bytes);

/*
 * Copies a string with its NUL. Returns its length without the NUL; `size` if there is no NUL within size bytes; -EFAULT.
 */
int strncpy_from_user(char *to, vaddr_t from, u32 size);

/* One word. 0 or -EFAULT. */
int get_user(u32 *value, vaddr_t from);
int put_user(u32 value, vaddr_t to);

/*
 * There is no memory for a page that the program, or the kernel for it, accessed: a line in the log, and the process gets SIGKILL. The
 * copies above do that themselves, and their call's -EFAULT is seen by no program. Interrupts on.
 */
void user_out_of_memory(vaddr_t address, enum fault_access access);

/* The instruction at `eip` is listed in the exception table: it may touch ring 3's memory. */
bool exception_listed(u32 eip);

#endif
