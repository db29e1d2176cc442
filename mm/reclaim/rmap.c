/* SPDX-License-Identifier: MIT */
/* Walks over the entries that map a frame: mm/reclaim/rmap.h. */
#include "mm/reclaim/rmap.h"
#include "lib/assert.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/policy.h"
#include "mm/swap/swap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/page_tables.h"
#include "mm/user_space/vma.h"

/* Called for an entry that maps the frame. Returns false to end the walk. */
typedef bool rmap_visitor_t(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
			    void *context);

/*
 * The frame, its place (anon.h) if it is anonymous, a visitor and its context, and the number of
 * entries that are not found yet.
 */
struct walk {
	struct page *page;
	u32 place;
	rmap_visitor_t *visit;
	void *context;
	u32 left;
};

/* The entry of the space at `address`, if it maps the frame; else NULL. */
static inline pte_t *entry_at(const struct page *page, const struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = find_pte(mm->pgd, address);

	if (!pte || !pte_present(*pte) || pfn_to_page(pte_pfn(*pte)) != page)
		return NULL;
	return pte;
}

static void visit_at(struct walk *walk, struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = entry_at(walk->page, mm, address);

	if (!pte)
		return;
	walk->left--;
	if (!walk->visit(walk->page, mm, address, pte, walk->context))
		walk->left = 0;
}

static noinline void walk_family(struct walk walk)
{
	struct mm_struct *hinted = place_hint(walk.place), *mm;

	list_for_each_entry (mm, &page_family(walk.page)->spaces, family_link) {
		if (mm != hinted)
			visit_at(&walk, mm, place_address(walk.place));
		if (!walk.left)
			return;
	}
}

static noinline void walk_areas(struct walk walk)
{
	const struct address_space *mapping = walk.page->mapping;
	u32 index = walk.page->index;
	struct vm_area_struct *vma = NULL;

	while (walk.left && (vma = next_sharing_area(mapping, vma, index)) &&
	       vma->vm_pgoff <= index)
		visit_at(&walk, vma->vm_mm,
			 vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT));
}

/*
 * Visits the entries that map an anonymous frame. Only a frame that is mapped names a family that
 * lives. Inlined with a constant visit(): most frames are mapped once, where the hint says. A
 * call for each would cost a tenth of reclaim (reclaim_page of `make bench`).
 */
static inline __attribute__((always_inline)) void walk_anon(struct page *page, u32 place, u32 left,
							    rmap_visitor_t *visit, void *context)
{
	struct mm_struct *hinted = place_hint(place);
	vaddr_t address = place_address(place);
	pte_t *pte;

	if (!left)
		return;
	if (hinted && hinted->family == page_family(page)) {
		pte = entry_at(page, hinted, address);
		if (pte && (!visit(page, hinted, address, pte, context) || !--left))
			return;
	}
	walk_family((struct walk){ page, place, visit, context, left });
}

static bool clear_young(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
			void *context)
{
	(void)page;
	if (pte_young(*pte)) {
		*(bool *)context = true;
		set_pte(pte, pte_mkold(*pte));
		flush_tlb_page(mm, address);
	}
	return true;
}

bool page_referenced(struct page *page)
{
	bool cached = page->flags & PG_swapcache, referenced = false;

	if (page_is_anon(page))
		walk_anon(page, cached ? page_swap_place(page) : page->index, page->count - cached,
			  clear_young, &referenced);
	else if (page->mapping)
		walk_areas((struct walk){ page, 0, clear_young, &referenced, page->count - 1 });
	return referenced;
}

static bool in_locked_area(struct mm_struct *mm, vaddr_t address)
{
	const struct vm_area_struct *vma = mm->locked_vm ? find_vma(mm, address) : NULL;

	return vma && vma->vm_start <= address && vma->vm_flags & VM_LOCKED;
}

/* What try_to_unmap() puts in place of an entry, and what it finds. */
struct unmapping {
	struct swap_slot *slot; /* NULL: the page is an object's, entries become empty */
	pte_t instead;
	bool locked;
};

static inline bool unmap(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
			 void *context)
{
	struct unmapping *unmapping = context;

	if (unlikely(in_locked_area(mm, address))) {
		unmapping->locked = true;
		return false;
	}
	if (unmapping->slot) {
		if (swap_slot_duplicate(unmapping->slot))
			return false; /* not reached: no test has so many spaces with one page */
		mm->nr_swap++;
	}
	set_pte(pte, unmapping->instead);
	mm->max_rss = max(mm->max_rss, mm->rss);
	mm->rss--;
	BUG_ON(page->count < 2);
	page->count--;
	return true;
}

/* *context counts the emptied entries, whose references the caller drops. */
static bool unmap_clean(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
			void *context)
{
	(void)page;
	if (pte_dirty(*pte) || in_locked_area(mm, address))
		return false;
	set_pte(pte, (pte_t){ 0 });
	flush_tlb_page(mm, address);
	mm->max_rss = max(mm->max_rss, mm->rss);
	mm->rss--;
	++*(u32 *)context;
	return true;
}

bool try_to_drop(struct page *page)
{
	u32 emptied = 0, left;

	page->flags &= ~(u32)PG_lazyfree;
	walk_anon(page, page->index, page->count, unmap_clean, &emptied);
	left = page->count - emptied;
	while (emptied--)
		put_page(page);
	return !left;
}

enum unmap_result try_to_unmap(struct page *page)
{
	struct unmapping unmapping = { .slot = NULL };
	u32 left = page->count - 1; /* one is a cache's */

	/* The last entry must not free it. */
	BUG_ON(!(page->flags & PG_swapcache) && (!page->mapping || page_is_anon(page)));
	if (page_is_anon(page)) {
		unmapping.slot = swap_entry_slot(page_swap_entry(page));
		unmapping.instead = swp_entry_to_pte(page_swap_entry(page));
		walk_anon(page, unmapping.slot->place, left, unmap, &unmapping);
	} else if (page->mapping) {
		walk_areas((struct walk){ page, 0, unmap, &unmapping, left });
	}
	if (page->count == 1)
		return UNMAPPED;
	return unmapping.locked ? UNMAP_LOCKED : UNMAP_BUSY;
}

/* A slot that entries name belongs to a family that lives. */
u32 swap_entries_of(const struct page *page, const swp_entry_t *to)
{
	swp_entry_t entry = page_swap_entry(page);
	vaddr_t address = place_address(page_swap_place(page));
	const struct mm_struct *mm;
	u32 found = 0;

	if (!swap_count(entry))
		return 0;
	list_for_each_entry (mm, &page_family(page)->spaces, family_link) {
		pte_t *pte = find_pte(mm->pgd, address);

		if (!pte || pte->value != entry.value)
			continue;
		found++;
		if (to)
			set_pte(pte, swp_entry_to_pte(*to));
	}
	return found;
}
