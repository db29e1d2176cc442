/* SPDX-License-Identifier: MIT */
#include "kernel/cpu/uaccess.h"
#include "kernel/cpu/trap.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

/* image/kernel.lds: pairs of the instruction that may fault and the one to continue at. */
struct exception_entry {
	u32 instruction, fixup;
};
extern const struct exception_entry __start___ex_table[], __stop___ex_table[];

static const struct exception_entry *find_entry(u32 eip)
{
	const struct exception_entry *entry;

	for (entry = __start___ex_table; entry < __stop___ex_table; entry++)
		if (entry->instruction == eip)
			return entry;
	return NULL;
}

bool exception_listed(u32 eip)
{
	return find_entry(eip);
}

bool fixup_exception(struct pt_regs *regs)
{
	const struct exception_entry *entry = find_entry(regs->eip);

	if (entry)
		regs->eip = entry->fixup;
	return entry;
}

u32 copy_from_user(void *to, vaddr_t from, u32 bytes)
{
	u32 left = access_ok(from, bytes) ? user_copy(to, (const void *)from, bytes) : bytes;

	if (unlikely(left))
		memset((char *)to + bytes - left, 0, left);
	return left;
}

/* The range ends behind user memory, but the string may end before. */
int strncpy_near_end(char *to, vaddr_t from, u32 size)
{
	u32 room = from < TASK_SIZE ? min(size, TASK_SIZE - from) : 0;
	int length = user_string(to, (const char *)from, room);

	return length == (int)room ? -EFAULT : length;
}

int get_user(u32 *value, vaddr_t from)
{
	return copy_from_user(value, from, sizeof(*value)) ? -EFAULT : 0;
}

int put_user(u32 value, vaddr_t to)
{
	return copy_to_user(to, &value, sizeof(value)) ? -EFAULT : 0;
}
