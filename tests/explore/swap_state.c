/* SPDX-License-Identifier: MIT */
/* The world `swap`: its memory, lists and disk beside what each page contains; and the state. */
#include "mm/frames/lru.h"
#include "mm/user_space/vma.h"
#include "paging/range.h"
#include "paging/tlb.h"
#include "tests/explore/explore.h"
#include "tests/explore/spaces.h"
#include "tests/explore/swap_world.h"
#include "tests/host/user.h"

/* --- comparing --- */

/* The word of a page that is in this slot, or in the frame that is cached for it. */
static u32 swapped_word(swp_entry_t entry, u32 offset)
{
	const struct page *page = lookup_swap_cache(entry);

	if (page)
		return frame_word(page, offset);
	EXPLORE_CHECK(disk.written[swp_offset(entry)]);
	return disk.words[swp_offset(entry)][offset == TAIL];
}

/* A page that MADV_FREE gave up may be gone: then it reads as zero from now on. */
static void check_private(struct process *process, u32 page)
{
	const pte_t *pte = pte_lookup(process->mm->pgd, page_at(page));
	struct contents *contents = &process->page[page];
	u32 head = 0, tail = 0;

	if (pte && pte_present(*pte)) {
		head = frame_word(pfn_to_page(pte_pfn(*pte)), HEAD);
		tail = frame_word(pfn_to_page(pte_pfn(*pte)), TAIL);
	} else if (pte && pte_swap(*pte)) {
		head = swapped_word(pte_to_swp_entry(*pte), HEAD);
		tail = swapped_word(pte_to_swp_entry(*pte), TAIL);
	} else if (contents->dropped) {
		*contents = (struct contents){ .locked = contents->locked };
	}
	EXPLORE_EQUAL(head, contents->head);
	EXPLORE_EQUAL(tail, contents->tail);
}

static swp_entry_t item_entry(const void *item)
{
	return (swp_entry_t){ (u32)(uintptr_t)item & ~1u };
}

static void check_object(void)
{
	void *item = radix_tree_lookup(&object->pages, 0);
	u32 head = 0, tail = 0;

	if (item_is_absent(item)) {
		head = swapped_word(item_entry(item), HEAD);
		tail = swapped_word(item_entry(item), TAIL);
	} else if (item) {
		head = frame_word(item, HEAD);
		tail = frame_word(item, TAIL);
	}
	EXPLORE_EQUAL(head, shared.head);
	EXPLORE_EQUAL(tail, shared.tail);
}

static void check_locked(const struct process *process, u32 page)
{
	const struct vm_area_struct *vma = find_vma(process->mm, page_at(page));

	EXPLORE_EQUAL(!!(vma->vm_flags & VM_LOCKED), process->page[page].locked);
}

void swap_check(void)
{
	spaces_check();
	for (u32 i = 0; i < PROCESSES; i++)
		for (u32 page = 0; processes[i].mm && page < pages; page++) {
			check_locked(&processes[i], page);
			if (!of_object(page))
				check_private(&processes[i], page);
		}
	check_object();
}

/* --- the state --- */

/* The place of a frame in reclaim's lists; the head is the one link that is no frame's. */
static u32 place_in_list(const struct page *page)
{
	const struct list_head *link = &page->lru;
	u32 place = 0;

	if (!(page->flags & PG_lru))
		return 0;
	while ((const struct page *)link >= mem_map &&
	       (const struct page *)link < mem_map + max_pfn) {
		link = link->prev;
		place++;
	}
	return place;
}

static void describe_frame(const struct page *page)
{
	const u32 flags =
		PG_dirty | PG_lru | PG_swapcache | PG_refused | PG_lazyfree | PG_unevictable;

	explore_put(page->flags & flags);
	explore_put(place_in_list(page) | page->count << 8);
	explore_put(page->flags & PG_swapcache ? swp_offset(page_swap_entry(page)) : 0);
}

/* Frames are named by the first page that has them. */
static u32 first_with(const struct page *frame)
{
	for (u32 i = 0; i < PROCESSES; i++)
		for (u32 page = 0; processes[i].mm && page < pages; page++)
			if (mapped_frame(processes[i].mm, page_at(page)) == frame)
				return i * PAGES_MAX + page;
	return UINT32_MAX;
}

/* Accessed bits are not asked for by this policy; dirty ones only after MADV_FREE. */
static void describe_page(const struct process *process, u32 page)
{
	const pte_t *pte = pte_lookup(process->mm->pgd, page_at(page));
	const struct page *frame = mapped_frame(process->mm, page_at(page));
	bool dirty_counts = frame && frame->flags & PG_lazyfree;

	explore_put((u32)process->page[page].locked | (u32)process->page[page].dropped << 1);
	explore_put(entry_bits(process->mm, page_at(page),
			       dirty_counts ? ENTRY_RIGHTS | PTE_DIRTY : ENTRY_RIGHTS));
	if (frame == zero_page) {
		explore_put(UINT32_MAX);
	} else if (frame) {
		explore_put(first_with(frame));
		describe_frame(frame);
	} else {
		explore_put(pte && pte_swap(*pte) ? swp_offset(pte_to_swp_entry(*pte)) : 0);
	}
}

static void describe_object(void)
{
	void *item = radix_tree_lookup(&object->pages, 0);

	explore_put(item_is_absent(item) ? swp_offset(item_entry(item)) : item ? UINT32_MAX : 0);
	if (item && !item_is_absent(item))
		describe_frame(item);
	explore_put((u32) !!shared.head | (u32) !!shared.tail << 1);
}

void swap_describe(void)
{
	const struct swap_info *area = &swap_info[swap_type];

	for (u32 i = 0; i < PROCESSES; i++) {
		const struct process *process = &processes[i];

		explore_put(process->mm ? 1 + (mmu_root() == virt_to_phys(process->mm->pgd)) : 0);
		for (u32 page = 0; process->mm && page < pages; page++)
			describe_page(process, page);
	}
	describe_object();
	/* Where the search for a slot begins decides only between two. */
	explore_put((u32)area->failed | (u32)lru_unlocked << 1 |
		    (area->inuse ? 0 : area->next) << 2);
	for (u32 slot = 1; slot < BAD_SLOT; slot++) {
		const struct page *page = lookup_swap_cache(swp_entry(swap_type, slot));

		explore_put(swap_slot(area, slot)->map | (u32)(page != NULL) << 8);
		if (page)
			describe_frame(page);
	}
}
