/* SPDX-License-Identifier: MIT */
/* The table of segments of a process. */
#include "kernel/task/ldt.h"
#include "abi/linux/errno.h"
#include "abi/linux/ldt.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/task/tls.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

/* Tables grow by this many entries: a page. */
#define STEP 512u

static const struct ldt *loaded;

static struct ldt *ldt_alloc(u32 count)
{
	u32 bytes = (u32)sizeof(struct ldt) + count * (u32)sizeof(u64);
	struct ldt *ldt = kmalloc(bytes, GFP_KERNEL);

	if (ldt) {
		memset(ldt, 0, bytes);
		ldt->count = count;
	}
	return ldt;
}

static void copy_entries(struct ldt *to, const struct ldt *from)
{
	memcpy(to->entries, from->entries, from->count * sizeof(*from->entries));
}

void ldt_load(const struct ldt *ldt)
{
	loaded = ldt;
	gdt_set_ldt(ldt ? ldt->entries : NULL, ldt ? ldt->count : 0);
}

static void mark_threads(struct thread_group *group)
{
	struct task *thread;

	list_for_each_entry (thread, &group->list, thread)
		thread->extras |= EXTRA_LDT;
}

/* Makes the table large enough for the entry. 0 or -ENOMEM. */
static int grow(struct thread_group *group, u32 entry)
{
	struct ldt *old = group->ldt, *ldt;

	if (old && entry < old->count)
		return 0;
	ldt = ldt_alloc(ALIGN_UP(entry + 1, STEP));
	if (!ldt)
		return -ENOMEM;
	old = group->ldt; /* memory may have taken time: another thread made it larger */
	if (old && entry < old->count) {
		kfree(ldt);
		return 0;
	}
	if (old)
		copy_entries(ldt, old);
	group->ldt = ldt;
	mark_threads(group);
	ldt_load(ldt);
	kfree(old);
	return 0;
}

/* Linux's checks, for both formats of the call. */
static int check(const struct user_desc *desc, bool old_format)
{
	if (desc->entry >= LDT_ENTRIES)
		return -EINVAL;
	if ((desc->flags & DESC_CONTENTS) == DESC_CONTENTS &&
	    (old_format || !(desc->flags & DESC_NOT_PRESENT)))
		return -EINVAL;
	return 0;
}

int ldt_set(vaddr_t place, u32 bytes, bool old_format)
{
	struct user_desc desc;
	bool empty;
	int err;

	if (bytes != sizeof(desc))
		return -EINVAL;
	if (copy_from_user(&desc, place, sizeof(desc)))
		return -EFAULT;
	err = check(&desc, old_format);
	if (err)
		return err;
	if (old_format)
		desc.flags &= ~(u32)DESC_USEABLE;
	empty = (old_format && !desc.base && !desc.limit) || desc_is_empty(&desc);
	if (!empty && !(desc.flags & DESC_32BIT))
		return -EINVAL; /* (1) */
	err = grow(current->group, desc.entry);
	if (err)
		return err;
	/* First: no interrupt may reload FS or GS from the entry while it changes. */
	ldt_load(current->group->ldt);
	current->group->ldt->entries[desc.entry] = empty ? 0 : desc_encode(&desc);
	return 0;
}

s32 ldt_read(vaddr_t to, u32 bytes)
{
	u64 entries[32];
	u32 part;

	if (!current->group->ldt)
		return 0;
	bytes = min(bytes, LDT_ENTRIES * (u32)sizeof(u64));
	for (u32 at = 0; at < bytes; at += part) {
		/* The copy may sleep, and another thread replace the table. */
		const struct ldt *ldt = current->group->ldt;
		u32 first = at / (u32)sizeof(u64), count = 0;

		if (first < ldt->count)
			count = min(ldt->count - first, (u32)ARRAY_SIZE(entries));
		memset(entries, 0, sizeof(entries));
		memcpy(entries, ldt->entries + first, count * sizeof(u64));
		part = min(bytes - at, (u32)sizeof(entries));
		if (copy_to_user(to + at, entries, part))
			return -EFAULT;
	}
	return (s32)bytes;
}

int ldt_copy(struct task *child)
{
	const struct ldt *from = current->group->ldt;
	struct ldt *ldt;
	u32 count;

	child->extras |= current->extras & EXTRA_LDT;
	if (!from || child->group == current->group)
		return 0;
	do {
		count = from->count;
		ldt = ldt_alloc(count);
		if (!ldt)
			return -ENOMEM;
		from = current->group->ldt; /* another thread may have made it larger */
		if (from->count != count)
			kfree(ldt);
	} while (from->count != count);
	copy_entries(ldt, from);
	child->group->ldt = ldt;
	return 0;
}

void ldt_free(struct thread_group *group)
{
	struct ldt *ldt = group->ldt;

	if (!ldt)
		return;
	group->ldt = NULL;
	if (ldt == loaded)
		ldt_load(NULL);
	kfree(ldt);
}
