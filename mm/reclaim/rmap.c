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

/* The frame, a visitor and its context, and the number of entries that are not found yet. */
struct walk {
	struct page *page;
	rmap_visitor_t *visit;
	void *context;
	u32 left;
};

u32 page_cache_references(const struct page *page)
{
	bool cached = page->mapping && !page_is_anon(page);

	return cached + !!(page->flags & PG_swapcache);
}

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

static noinline void walk_family(struct walk walk, u32 place)
{
	struct mm_struct *hinted = place_hint(place), *mm;

	list_for_each_entry (mm, &page_family(walk.page)->spaces, family_link) {
		if (mm != hinted)
			visit_at(&walk, mm, place_address(place));
		if (!walk.left)
			return;
	}
}

static noinline void walk_areas(struct walk walk)
{
	const struct address_space *mapping = walk.page->mapping;
	const struct vm_area_struct *vma;

	list_for_each_entry (vma, &mapping->i_mmap, shared) {
		u32 at = walk.page->index - vma->vm_pgoff;

		if (!walk.left)
			return;
		/* A cursor of truncation is an empty area. */
		if (walk.page->index >= vma->vm_pgoff && at < vma_pages(vma))
			visit_at(&walk, vma->vm_mm, vma->vm_start + (at << PAGE_SHIFT));
	}
}

/*
 * Visits the entries that map the frame. Only a frame that is mapped names a family that lives.
 * Inlined with a constant visit(): most frames are mapped once, where the hint says. A call for
 * each would cost a tenth of reclaim (reclaim_page of `make bench`).
 */
static inline __attribute__((always_inline)) void rmap_walk(struct page *page,
							    rmap_visitor_t *visit, void *context)
{
	bool cached = page->flags & PG_swapcache;
	u32 place, left = page->count - cached;
	struct mm_struct *hinted;
	pte_t *pte;

	if (!page->mapping || !left)
		return;
	if (!page_is_anon(page)) {
		walk_areas((struct walk){ page, visit, context, page->count - 1 });
		return;
	}
	place = cached ? page_swap_place(page) : page->index;
	hinted = place_hint(place);
	if (hinted && hinted->family == page_family(page)) {
		pte = entry_at(page, hinted, place_address(place));
		if (pte && (!visit(page, hinted, place_address(place), pte, context) || !--left))
			return;
	}
	walk_family((struct walk){ page, visit, context, left }, place);
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
	bool referenced = false;

	rmap_walk(page, clear_young, &referenced);
	return referenced;
}

static bool in_locked_area(struct mm_struct *mm, vaddr_t address)
{
	const struct vm_area_struct *vma = mm->locked_vm ? find_vma(mm, address) : NULL;

	return vma && vma->vm_start <= address && vma->vm_flags & VM_LOCKED;
}

/* *context becomes true if the entry has to stay because its area is locked. */
static bool unmap(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
		  void *context)
{
	pte_t instead = { 0 };

	if (unlikely(in_locked_area(mm, address))) {
		*(bool *)context = true;
		return false;
	}
	if (page->flags & PG_swapcache) {
		if (swap_duplicate(page_swap_entry(page)))
			return false;
		instead = swp_entry_to_pte(page_swap_entry(page));
		mm->nr_swap++;
	}
	set_pte(pte, instead);
	flush_tlb_page(mm, address);
	mm->max_rss = max(mm->max_rss, mm->rss);
	mm->rss--;
	put_page(page);
	return true;
}

enum unmap_result try_to_unmap(struct page *page)
{
	u32 caches = page_is_anon(page) ? 1 : page_cache_references(page);
	bool locked = false;

	BUG_ON(page_is_anon(page) && !(page->flags & PG_swapcache));
	BUG_ON(!caches); /* the last entry must not free it */
	rmap_walk(page, unmap, &locked);
	if (page->count == caches)
		return UNMAPPED;
	return locked ? UNMAP_LOCKED : UNMAP_BUSY;
}
