/* SPDX-License-Identifier: MIT */
/* The files of /proc about address spaces and about memory as a whole. */
#include "fs/proc.h"
#include "lib/printf.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/overcommit.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)

static u32 text_kib(const struct mm_struct *mm)
{
	return (PAGE_ALIGN(mm->end_code) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) / 1024;
}

u32 proc_print_status(struct mm_struct *mm, char *buffer, u32 size)
{
	if (!mm->mm_users)
		return 0;
	return (u32)scnprintf(buffer, size,
			      "VmSize:\t%8u kB\nVmLck:\t%8u kB\nVmRSS:\t%8u kB\nVmData:\t%8u kB\n"
			      "VmStk:\t%8u kB\nVmExe:\t%8u kB\nVmPTE:\t%8u kB\nVmSwap:\t%8u kB\n",
			      mm->total_vm * KIB_PER_PAGE, mm->locked_vm * KIB_PER_PAGE,
			      mm->rss * KIB_PER_PAGE, mm->data_vm * KIB_PER_PAGE,
			      mm->stack_vm * KIB_PER_PAGE, text_kib(mm), mm->nr_ptes * KIB_PER_PAGE,
			      mm->nr_swap * KIB_PER_PAGE);
}

/* Pages of all page caches. Sets *memory_only to those of objects that no file fills. */
static u32 cached_pages(u32 *memory_only)
{
	const struct address_space *mapping;
	u32 pages = 0;

	*memory_only = 0;
	list_for_each_entry (mapping, &mapping_list, link) {
		pages += mapping->nrpages;
		if (!mapping->a_ops->readpage)
			*memory_only += mapping->nrpages;
	}
	return pages;
}

u32 proc_print_meminfo(struct mm_struct *mm, char *buffer, u32 size)
{
	u32 shmem, cached = cached_pages(&shmem);

	(void)mm;
	return (u32)scnprintf(
		buffer, size,
		"MemTotal:       %8u kB\nMemFree:        %8u kB\n"
		"Cached:         %8u kB\nSwapCached:     %8u kB\n"
		"SwapTotal:      %8u kB\nSwapFree:       %8u kB\nShmem:          %8u kB\n"
		"CommitLimit:    %8u kB\nCommitted_AS:   %8u kB\n",
		nr_present_pages() * KIB_PER_PAGE, nr_free_pages() * KIB_PER_PAGE,
		cached * KIB_PER_PAGE, nr_swap_cached * KIB_PER_PAGE,
		total_swap_pages * KIB_PER_PAGE, nr_swap_pages * KIB_PER_PAGE, shmem * KIB_PER_PAGE,
		vm_commit_limit() * KIB_PER_PAGE, vm_committed * KIB_PER_PAGE);
}
