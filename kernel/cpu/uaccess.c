/* SPDX-License-Identifier: MIT */
#include "kernel/cpu/uaccess.h"
#include "kernel/cpu/trap.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/string.h"

/* uaccess_copy.S */
u32 user_copy(void *to, const void *from, u32 bytes);

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

/*
 * user_copy(), with [user, user + bytes) on one side. A word that crosses into a bad page was not
 * copied at all: its bytes before that page are copied here.
 */
static inline u32 copy_bytes(void *to, const void *from, u32 bytes, vaddr_t user)
{
	u32 left = user_copy(to, from, bytes);

	if (unlikely(left)) {
		u32 done = bytes - left, part = PAGE_SIZE - ((user + done) & ~PAGE_MASK);

		BUG_ON(left > bytes);
		if (part < sizeof(u32) && part < left)
			left -= part -
				user_copy((char *)to + done, (const char *)from + done, part);
	}
	return left;
}

u32 copy_to_user(vaddr_t to, const void *from, u32 bytes)
{
	return access_ok(to, bytes) ? copy_bytes((void *)to, from, bytes, to) : bytes;
}

u32 copy_from_user(void *to, vaddr_t from, u32 bytes)
{
	u32 left = access_ok(from, bytes) ? copy_bytes(to, (const void *)from, bytes, from) : bytes;

	if (left)
		memset((char *)to + bytes - left, 0, left);
	return left;
}

int strncpy_from_user(char *to, vaddr_t from, u32 size)
{
	u32 done = 0;

	while (done < size) {
		/* Stop at the end of the page: the string may end before the next one. */
		u32 part = min(size - done, PAGE_SIZE - ((from + done) & ~PAGE_MASK));
		u32 got = part - copy_from_user(to + done, from + done, part);
		u32 length = (u32)strnlen(to + done, got);

		if (length < got)
			return (int)(done + length);
		if (got < part)
			return -EFAULT;
		done += part;
	}
	return (int)size;
}

int get_user(u32 *value, vaddr_t from)
{
	return copy_from_user(value, from, sizeof(*value)) ? -EFAULT : 0;
}

int put_user(u32 value, vaddr_t to)
{
	return copy_to_user(to, &value, sizeof(value)) ? -EFAULT : 0;
}
