/* SPDX-License-Identifier: MIT */
/* Address spaces: creation, copy and end. */
#include "mm/user_space/mm.h"
#include "lib/assert.h"
#include "mm/user_space/anon.h"
#include "abi/linux/errno.h"
#include "mm/page_cache/filemap.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm_internal.h"
#include "mm/kernel_space/quicklist.h"
#include "mm/slab/slab.h"
#include "mm/user_space/trace_events.h"
#include "paging/tlb.h"

LIST_HEAD(mm_list);
static struct kmem_cache *mm_cache;

void mm_init(void)
{
	list_init(&mm_list);
	quicklists_init();
	vma_init();
	anon_init();
	mm_cache = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0, 0, NULL, NULL);
	BUG_ON(!mm_cache);
	zero_page_init();
}

/* A space of the relative's family, or (NULL) of a new one. */
static struct mm_struct *alloc_space(struct mm_struct *relative)
{
	struct mm_struct *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL);

	if (!mm)
		return NULL;
	*mm = (struct mm_struct){
		.mm_users = 1,
		.mm_count = 1,
	};
	mm->pgd = pgd_alloc();
	if (!mm->pgd || anon_join(mm, relative)) {
		if (mm->pgd)
			pgd_free(mm->pgd);
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	list_init(&mm->parked);
	list_add(&mm->link, &mm_list);
	trace_state(mm_create, mm);
	return mm;
}

struct mm_struct *mm_alloc(void)
{
	return alloc_space(NULL);
}

/* Copies the layout and the limits; not areas and pages. */
static void copy_layout(struct mm_struct *to, const struct mm_struct *from)
{
	to->start_code = from->start_code;
	to->end_code = from->end_code;
	to->start_data = from->start_data;
	to->end_data = from->end_data;
	to->start_brk = from->start_brk;
	to->brk = from->brk;
	to->start_stack = from->start_stack;
	to->arg_start = from->arg_start;
	to->arg_end = from->arg_end;
	to->env_start = from->env_start;
	to->env_end = from->env_end;
	to->auxv_start = from->auxv_start;
	to->auxv_end = from->auxv_end;
	if (from->exe)
		BUG_ON(mm_set_exe(to, from->exe)); /* `from` excludes writers already */
}

struct mm_struct *mm_copy(struct mm_struct *mm)
{
	struct mm_struct *copy = alloc_space(mm);
	int err;

	BUG_ON(!mm->mm_users);
	if (!copy)
		return NULL;
	copy_layout(copy, mm);
	copy->mdwe = mm_mdwe_inherited(mm);
	copy->read_exec = mm->read_exec;
	err = copy_areas(copy, mm);
	if (!err)
		err = copy_pages(copy, mm);
	/* Entries of the original lost write rights that the TLB may still grant. */
	flush_tlb_range(mm, 0, TASK_SIZE);
	/* Of a victim only a part was copied. */
	if (err || mm->oom_victim) {
		mm_put(copy);
		return NULL;
	}
	return copy;
}

int mm_set_exe(struct mm_struct *mm, struct address_space *exe)
{
	BUG_ON(mm->exe);
	if (!mapping_deny_write(exe))
		return -ETXTBSY;
	mapping_get(exe);
	mm->exe = exe;
	return 0;
}

static void drop_exe(struct mm_struct *mm)
{
	if (!mm->exe)
		return;
	mapping_allow_write(mm->exe);
	mapping_put(mm->exe);
	mm->exe = NULL;
}

/*
 * Every page table lies below an area: so it is enough to go from area to area. Those that touch
 * are emptied in one go.
 */
static void exit_mmap(struct mm_struct *mm)
{
	const struct vm_area_struct *vma = mm->mmap;

	while (vma) {
		vaddr_t start = vma->vm_start, end = start, next;

		for (; vma && vma->vm_start == end; vma = vma->vm_next)
			end = vma->vm_end;
		next = vma ? vma->vm_start : TASK_SIZE;
		zap_large_range(mm, start, end);
		free_pgd_range(mm, ALIGN_DOWN(start, PMD_SIZE),
			       min(ALIGN_UP(end, PMD_SIZE), ALIGN_DOWN(next, PMD_SIZE)));
	}
	vma_remove_all(mm);
}

void mm_reap(struct mm_struct *mm)
{
	mm->oom_victim = true;
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		zap_page_range(mm, vma->vm_start, vma->vm_end);
	free_pgd_range(mm, 0, TASK_SIZE);
}

void mm_put(struct mm_struct *mm)
{
	BUG_ON(!mm->mm_users);
	if (--mm->mm_users)
		return;
	if (mm_active(mm))
		mmu_set_root(virt_to_phys(kernel_pgd));
	exit_mmap(mm);
	drop_exe(mm);
	if (unlikely(mm->rss || mm->nr_swap))
		panic("zap_page_range() left %u frames and %u pages in swap mapped", mm->rss,
		      mm->nr_swap);
	BUG_ON(mm->total_vm || mm->nr_ptes || mm->map_count || mm->locked_vm || mm->data_vm ||
	       mm->stack_vm || mm->exec_vm || mm->shared_vm);
	BUG_ON(mm->mmap || mm->areas.root || mm->exe || !list_empty(&mm->parked));
	trace_state(mm_destroy, mm);
	list_del(&mm->link);
	anon_leave(mm);
	pgd_free(mm->pgd);
	mm->pgd = NULL;
	mm_drop(mm);
}

u32 mm_huge_pages(const struct mm_struct *mm)
{
	u32 pages = 0;

	for (vaddr_t at = 0; mm->had_huge && at < TASK_SIZE; at += LARGE_PAGE_SIZE)
		pages += !!(large_pte(mm->pgd, at)->value & PTE_LARGE);
	return pages;
}

u32 mm_small_rss(const struct mm_struct *mm)
{
	return mm->rss - mm_huge_pages(mm);
}

void mm_grab(struct mm_struct *mm)
{
	BUG_ON(!mm->mm_count); /* it is freed already */
	mm->mm_count++;
}

void mm_drop(struct mm_struct *mm)
{
	BUG_ON(!mm->mm_count);
	if (!--mm->mm_count)
		kmem_cache_free(mm_cache, mm);
}
