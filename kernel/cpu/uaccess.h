/* SPDX-License-Identifier: MIT */
/*
 * Copies between the kernel and a program's memory.
 *
 * An address from ring 3 may have any value. These functions check that the range lies below
 * TASK_SIZE. The exception table lists the instructions that access it: a fault that cannot be
 * resolved ends the copy, not the kernel. Absent pages and copy-on-write pages fault in as for
 * the program itself. If there is no memory for them, the process is killed, as after its own
 * access: a program never sees -EFAULT for a valid address.
 *
 * Never sleeps; interrupts on.
 */
#ifndef KERNEL_CPU_UACCESS_H
#define KERNEL_CPU_UACCESS_H

#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"

/* [address, address + bytes) lies in the user half. */
static inline bool access_ok(vaddr_t address, u32 bytes)
{
	return bytes <= TASK_SIZE && address <= TASK_SIZE - bytes;
}

/*
 * Copies in either direction, in a range that the caller has checked with access_ok(). Returns
 * the number of bytes NOT copied, which keep their value: 0 is success.
 */
u32 user_copy(void *to, const void *from, u32 bytes);

/* The same with the check. copy_from_user() zeroes what is not copied. */
static inline u32 copy_to_user(vaddr_t to, const void *from, u32 bytes)
{
	return likely(access_ok(to, bytes)) ? user_copy((void *)(uintptr_t)to, from, bytes) : bytes;
}
u32 copy_from_user(void *to, vaddr_t from, u32 bytes);

/*
 * Copies a string with its NUL. Returns its length without the NUL; `size` if the first `size`
 * bytes have no NUL; or -EFAULT. `to` has room for `size` bytes, and after the NUL they may
 * change.
 */
int user_string(char *to, const char *from, u32 size); /* uaccess_copy.S: without the check */
int strncpy_near_end(char *to, vaddr_t from, u32 size);

static inline int strncpy_from_user(char *to, vaddr_t from, u32 size)
{
	return likely(access_ok(from, size)) ? user_string(to, (const char *)(uintptr_t)from, size)
					     : strncpy_near_end(to, from, size);
}

/* One word. 0 or -EFAULT. */
int get_user(u32 *value, vaddr_t from);
int put_user(u32 value, vaddr_t to);

/*
 * No memory for a page that the program, or the kernel for it, accessed: logs a line and sends
 * SIGKILL. The copies above call this; no program sees their -EFAULT. Interrupts on.
 */
void user_out_of_memory(vaddr_t address, enum fault_access access);

/* Does the exception table list the instruction at `eip`? Then it may access user memory. */
bool exception_listed(u32 eip);

#endif
