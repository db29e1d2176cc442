/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/pagemap: a u64 for each page of the address space, computed entry by entry. Source:
 * Linux Documentation/admin-guide/mm/pagemap.rst.
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/proc/proc.h"
#include "lib/resched.h"
#include "mm/swap/swap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/limits.h"
#include "mm/user_space/vma.h"

#define PAGEMAP_PRESENT	  (1ull << 63)
#define PAGEMAP_SWAP	  (1ull << 62) /* in swap: type in bits 4..0, offset above them */
#define PAGEMAP_FILE	  (1ull << 61) /* the page cache's */
#define PAGEMAP_EXCLUSIVE (1ull << 56) /* no other entry maps the frame */

/* Numbers of frames and slots are for the super-user only, as on Linux (CVE-2015-0565). */
static u64 pagemap_entry(struct mm_struct *mm, vaddr_t address)
{
	bool numbers = capable(CAP_SYS_ADMIN);
	pte_t pte = page_entry(mm->pgd, address);
	const struct page *page;
	u64 entry;

	if (pte_none(pte))
		return 0;
	if (pte_swap(pte)) {
		swp_entry_t swap = pte_to_swp_entry(pte);

		return PAGEMAP_SWAP | (numbers ? (u64)swp_offset(swap) << 5 | swp_type(swap) : 0);
	}
	page = vma_page_head(find_vma(mm, address), pfn_to_page(pte_pfn(pte)));
	entry = PAGEMAP_PRESENT | (numbers ? pte_pfn(pte) : 0);
	if (page != zero_page && page_mapcount(page) == 1)
		entry |= PAGEMAP_EXCLUSIVE;
	return page == zero_page || page_is_anon(page) ? entry : entry | PAGEMAP_FILE;
}

static s32 pagemap_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	struct mm_struct *mm = proc_file_subject(file)->mm;
	u64 end = (u64)(TASK_SIZE >> PAGE_SHIFT) * sizeof(u64);
	u32 done;

	if (position % sizeof(u64) || bytes % sizeof(u64))
		return -EINVAL;
	for (done = 0; done < bytes && position + done < end; done += sizeof(u64)) {
		vaddr_t address = (u32)((position + done) / sizeof(u64)) << PAGE_SHIFT;
		u64 entry;

		/* Other tasks may have run, and the address space may be gone. */
		if (!mm || !mm->mm_users || (done && task_killed()))
			break;
		entry = pagemap_entry(mm, address);
		if (copy(&entry, sizeof(entry), context))
			return done ? (s32)done : -EFAULT;
		cond_resched();
	}
	return (s32)done;
}

const struct file_operations proc_pagemap_operations = {
	.read = pagemap_read,
	.open = proc_open,
	.release = proc_release,
	.seekable = true,
	.no_splice_read = true,
};
