/* SPDX-License-Identifier: MIT */
/*
 * mm_validate() names each planted fault: in the list of areas, in the counts, in the page
 * tables, in the tree. The numbers are those of mm/user_space/mm.h.
 */
#include "mm/page_cache/filemap.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* After `plant` invariant `number` is violated, after `undo` none is. `where`: of the message. */
#define PLANTED(plant, undo, number)                                                            \
	do {                                                                                    \
		const char *violated;                                                           \
                                                                                                \
		plant;                                                                          \
		violated = mm_validate(mm, &where);                                             \
		tap_check(violated &&violated[1] == (number), __FILE__, __LINE__, "%s: got %s", \
			  #plant, violated ? violated : "nothing");                             \
		undo;                                                                           \
		EXPECT_VALID(mm_validate(mm, &where));                                          \
	} while (0)

static struct vm_area_struct *second_area(void)
{
	return mm->mmap->vm_next;
}

static pte_t *entry_of(u32 number)
{
	return pte_lookup(mm->pgd, page(number));
}

static void planted(void)
{
	struct vm_area_struct *vma;
	struct anon_family *family;
	vaddr_t where = 0;
	pte_t saved;

	start();
	map(0, 2, RW, 0);
	map(4, 2, R, 0);
	map(8, 2, N, 0);
	EXPECT_EQ(user_poke(mm, page(0), 1), FAULT_OK);
	EXPECT_EQ(user_peek(mm, page(4)), 0);
	user_switch(NULL);
	vma = second_area();

	PLANTED(vma->vm_end = vma->vm_start, vma->vm_end = page(6), '1');
	PLANTED(vma->vm_end--, vma->vm_end++, '1');
	PLANTED(vma->vm_mm = NULL, vma->vm_mm = mm, '1');
	PLANTED(mm->mmap->vm_start = PAGE_SIZE, mm->mmap->vm_start = page(0), '1');
	PLANTED(vma->vm_next->vm_end = TASK_SIZE + PAGE_SIZE, vma->vm_next->vm_end = page(10), '1');
	PLANTED(vma->vm_start = page(1), vma->vm_start = page(4), '1');
	PLANTED(mm->map_count++, mm->map_count--, '1');
	PLANTED((vma->vm_start = page(2), vma->vm_flags = mm->mmap->vm_flags),
		(vma->vm_start = page(4), vma->vm_flags = VM_READ), '2');
	PLANTED(mm->mmap_last = vma, mm->mmap_last = vma->vm_next, '1');
	PLANTED(vma->vm_prev = NULL, vma->vm_prev = mm->mmap, '1');
	PLANTED(mm->total_vm++, mm->total_vm--, '3');
	PLANTED(mm->locked_vm++, mm->locked_vm--, '3');
	PLANTED(mm->data_vm++, mm->data_vm--, '3');
	PLANTED(mm->exec_vm++, mm->exec_vm--, '3');
	PLANTED(mm->stack_vm++, mm->stack_vm--, '3');
	PLANTED(mm->shared_vm++, mm->shared_vm--, '3');
	PLANTED(vma->vm_flags |= VM_MAYSHARE, vma->vm_flags &= ~(u32)VM_MAYSHARE, '9');
	PLANTED(vma->vm_pgoff = 1, vma->vm_pgoff = 0, '9');
	saved = *entry_of(4);
	PLANTED(set_pte(entry_of(3), saved), pte_clear(entry_of(3)), '4');
	PLANTED(set_pte(entry_of(4), pte_mkwrite(saved)), set_pte(entry_of(4), saved), '4');
	PLANTED(set_pte(entry_of(8), saved), pte_clear(entry_of(8)), '4');
	saved = *entry_of(0);
	PLANTED(pfn_to_page(pte_pfn(saved))->count++, pfn_to_page(pte_pfn(saved))->count--, '5');
	PLANTED(set_pte(entry_of(0),
			mk_pte(page_to_pfn(zero_page), vm_get_page_prot(VM_WRITE | VM_SHARED))),
		set_pte(entry_of(0), saved), '5');
	PLANTED(set_pte(entry_of(0), mk_pte(max_pfn, PAGE_READONLY)), set_pte(entry_of(0), saved),
		'4');
	family = mm->family;
	mm->family = NULL;
	EXPECT_TEXT(mm_validate(mm, &where), "(10) a page belongs to another family");
	mm->family = family;
	PLANTED(mm->rss++, mm->rss--, '6');
	PLANTED(mm->nr_swap++, mm->nr_swap--, '6');
	PLANTED(mm->nr_ptes--, mm->nr_ptes++, '7');
	stop();
}

static void planted_tree(void)
{
	struct vm_area_struct *vma, *next;
	struct gap_node *root, more;
	vaddr_t where = 0;
	u32 gap;

	start();
	for (u32 i = 0; i < 40; i++)
		map(3 * i, 1, R, 0);
	map(200, 2, R, 0);
	EXPECT_EQ(do_mmap(mm, page(300), 2 * PAGE_SIZE, R, MAP_SHARED | MAP_ANONYMOUS), page(300));
	vma = find_vma(mm, page(200));
	next = find_vma(mm, page(300));
	root = mm->areas.root;
	gap = vma->node.gap;
	PLANTED(gap_set(&vma->node, gap + 1), gap_set(&vma->node, gap), '8');
	vma->node.largest_gap++;
	EXPECT_TEXT(mm_validate(mm, &where), "gap tree (4): the largest gap of a subtree is wrong");
	vma->node.largest_gap--;
	PLANTED(mm->areas.root = NULL, mm->areas.root = root, '8');
	PLANTED((vma->vm_end -= PAGE_SIZE, mm->total_vm--),
		(vma->vm_end += PAGE_SIZE, mm->total_vm++), '8');
	PLANTED((gap_erase(&mm->areas, &vma->node), vma->node.parent = &vma->node),
		gap_insert_after(&mm->areas, &vma_prev_in_tree(vma)->node, &vma->node, gap), '8');
	PLANTED(gap_insert_after(&mm->areas, gap_last(&mm->areas), &more, 1),
		gap_erase(&mm->areas, &more), '8');
	PLANTED((gap_erase(&mm->areas, &vma->node),
		 gap_insert_after(&mm->areas, NULL, &vma->node, gap)),
		(gap_erase(&mm->areas, &vma->node),
		 gap_insert_after(&mm->areas, &vma_prev_in_tree(vma)->node, &vma->node, gap)),
		'8');
	PLANTED(next->shared.parent = &vma->shared, next->shared.parent = NULL, '9');
	PLANTED(gap_erase(&next->vm_mapping->i_mmap, &next->shared),
		gap_insert_after(&next->vm_mapping->i_mmap, NULL, &next->shared, 2), '9');
	stop();
}

static vaddr_t map_more(void)
{
	return do_mmap(mm, page(20), PAGE_SIZE, R, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
}

static vaddr_t unmap_some(void)
{
	return (vaddr_t)do_munmap(mm, page(1), PAGE_SIZE);
}

static vaddr_t protect_some(void)
{
	return (vaddr_t)do_mprotect(mm, page(2), PAGE_SIZE, R);
}

static vaddr_t advise_some(void)
{
	return (vaddr_t)do_madvise(mm, page(2), PAGE_SIZE, MADV_RANDOM);
}

static vaddr_t lock_some(void)
{
	return (vaddr_t)do_mlock(mm, page(2), PAGE_SIZE, MLOCK_ONFAULT);
}

static vaddr_t lock_all(void)
{
	return (vaddr_t)do_mlockall(mm, MCL_CURRENT | MCL_ONFAULT);
}

static vaddr_t grow_heap(void)
{
	mm->start_brk = mm->brk = page(30);
	return do_brk(mm, page(31));
}

static vaddr_t move_some(void)
{
	return do_mremap(mm, page(2), PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
}

static vaddr_t grow_stack(void)
{
	return user_poke(mm, page(500) - 1, 1);
}

/* vm_debug: each call that changes areas checks all of them. */
static void checked_after_each_call(void)
{
	static vaddr_t (*const calls[])(void) = { map_more,    unmap_some, protect_some,
						  advise_some, lock_some,  lock_all,
						  grow_heap,   move_some,  grow_stack };

	start();
	map(0, 4, RW, 0);
	map(500, 1, RW, MAP_GROWSDOWN);
	mm->locked_vm++;
	vm_debug = true;
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++) {
		EXPECT_PANIC("mm_validate: (3)", calls[i]());
		if (tap_failed())
			tap_note("call %u", i);
	}
	mm->locked_vm--;
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT(!IS_ERR_VALUE(calls[i]()));
	vm_debug = false;
	user_switch(NULL);
	stop();
}

TAP_MAIN({ "planted violations are named", planted }, { "vm_debug", checked_after_each_call },
	 { "planted violations of the tree are named", planted_tree })
