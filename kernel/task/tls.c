/* SPDX-License-Identifier: MIT */
/*
 * Converts descriptors between ring 3's format and the processor's:
 *
 *     63     56 55 54 53 52 51     48 47 46 45 44 43   40 39          16 15       0
 *     base high  G  D  0  A  limit hi  P  DPL   1  type   base low        limit low
 *
 *  (1) Only data segments of ring 3 are accepted: none that could be called or jumped to.
 */
#include "kernel/task/tls.h"
#include "abi/linux/ldt.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

_Static_assert(TLS_SLOTS == GDT_TLS_ENTRIES, "a task's descriptors are those of the GDT");

/* Two forms of "no segment" (Linux LDT_empty, LDT_zero). */
bool desc_is_empty(const struct user_desc *desc)
{
	u32 flags = desc->flags & DESC_ALL;

	return !desc->base && !desc->limit &&
	       (!flags || flags == (DESC_READ_ONLY | DESC_NOT_PRESENT));
}

static bool is_data(const struct user_desc *desc)
{
	return desc->flags & DESC_32BIT && !(desc->flags & (DESC_CODE | DESC_NOT_PRESENT));
}

u64 desc_encode(const struct user_desc *desc)
{
	u32 flags = desc->flags;
	/* Accessed, and the type; a segment of ring 3. */
	u32 access = 1 | (flags & DESC_READ_ONLY ? 0 : 2) | (flags & DESC_CONTENTS) << 1 | 0x70 |
		     (flags & DESC_NOT_PRESENT ? 0 : 0x80);
	u32 upper = (flags & DESC_PAGES ? 8 : 0) | (flags & DESC_32BIT ? 4 : 0) |
		    (flags & DESC_USEABLE ? 1 : 0);

	if (desc_is_empty(desc))
		return 0;
	return (u64)(desc->base >> 24) << 56 | (u64)upper << 52 |
	       (u64)(desc->limit >> 16 & 15) << 48 | (u64)access << 40 |
	       (u64)(desc->base & 0xffffff) << 16 | (desc->limit & 0xffff);
}

static void decode(u64 descriptor, struct user_desc *desc)
{
	u32 access = (u32)(descriptor >> 40) & 0xff, upper = (u32)(descriptor >> 52) & 15;

	desc->base = (u32)(descriptor >> 16 & 0xffffff) | (u32)(descriptor >> 56) << 24;
	desc->limit = (u32)(descriptor & 0xffff) | (u32)(descriptor >> 32 & 0xf0000);
	desc->flags = (upper & 4 ? DESC_32BIT : 0) | (access >> 1 & DESC_CONTENTS) |
		      (access & 2 ? 0 : DESC_READ_ONLY) | (upper & 8 ? DESC_PAGES : 0) |
		      (access & 0x80 ? 0 : DESC_NOT_PRESENT) | (upper & 1 ? DESC_USEABLE : 0);
}

static int free_slot(const struct task *task)
{
	for (int i = 0; i < TLS_SLOTS; i++)
		if (!task->tls[i])
			return i;
	return -ESRCH;
}

int tls_set(struct task *task, vaddr_t place, bool allocate)
{
	struct user_desc desc;
	u32 slot;

	if (copy_from_user(&desc, place, sizeof(desc)))
		return -EFAULT;
	if (!desc_is_empty(&desc) && !is_data(&desc))
		return -EINVAL;
	if (desc.entry == UINT32_MAX && allocate) {
		int found = free_slot(task);

		if (found < 0)
			return found;
		desc.entry = GDT_ENTRY_TLS_MIN + (u32)found;
		if (put_user(desc.entry, place))
			return -EFAULT;
	}
	slot = desc.entry - GDT_ENTRY_TLS_MIN;
	if (slot >= TLS_SLOTS)
		return -EINVAL;
	task->tls[slot] = desc_encode(&desc);
	task->extras &= ~(u32)EXTRA_TLS;
	if (task->tls[0] || task->tls[1] || task->tls[2])
		task->extras |= EXTRA_TLS;
	if (task == current)
		gdt_set_tls(task->tls);
	return 0;
}

int tls_get(const struct task *task, vaddr_t place)
{
	struct user_desc desc = { 0 };
	u32 slot;

	if (get_user(&desc.entry, place))
		return -EFAULT;
	slot = desc.entry - GDT_ENTRY_TLS_MIN;
	if (slot >= TLS_SLOTS)
		return -EINVAL;
	decode(task->tls[slot], &desc);
	return copy_to_user(place, &desc, sizeof(desc)) ? -EFAULT : 0;
}

void tls_clear(void)
{
	if (!(current->extras & EXTRA_TLS))
		return;
	memset(current->tls, 0, sizeof(current->tls));
	current->extras &= ~(u32)EXTRA_TLS;
	gdt_set_tls(current->tls);
}
