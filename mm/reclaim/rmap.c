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

struct walk {
	struct page *page;
	rmap_visitor_t *visit;
	void *context;
	u32 left; /* entries that are not found yet */
	bool ended;
};

u32 page_cache_references(const struct page *page)
{
	bool cached = page->mapping && !page_is_anon(page);

	return cached + !!(page->flags & PG_swapcache);
}

/* The frame, if the space maps it at `address`. */
static void visit_at(struct walk *walk, struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = find_pte(mm->pgd, address);

	if (!pte || !pte_present(*pte) || pte_pfn(*pte) != page_to_pfn(walk->page))
		return;
	walk->left--;
	walk->ended = !walk->visit(walk->page, mm, address, pte, walk->context) || !walk->left;
}

static void walk_family(struct walk *walk, u32 place)
{
	struct anon_family *family = page_family(walk->page);
	struct mm_struct *hinted = anon_hinted(place), *mm;
	vaddr_t address = place_address(place);

	if (hinted && hinted->family == family)
		visit_at(walk, hinted, address);
	list_for_each_entry (mm, &family->spaces, family_link) {
		if (walk->ended)
			return;
		if (mm != hinted)
			visit_at(walk, mm, address);
	}
}

static void walk_areas(struct walk *walk)
{
	const struct address_space *mapping = walk->page->mapping;
	const struct vm_area_struct *vma;

	list_for_each_entry (vma, &mapping->i_mmap, shared) {
		u32 at = walk->page->index - vma->vm_pgoff;

		if (walk->ended)
			return;
		/* A cursor of truncation is an empty area. */
		if (walk->page->index >= vma->vm_pgoff && at < vma_pages(vma))
			visit_at(walk, vma->vm_mm, vma->vm_start + (at << PAGE_SHIFT));
	}
}

/* Visits the entries that map the frame. Only a frame that is mapped names a family that lives. */
static void rmap_walk(struct page *page, rmap_visitor_t *visit, void *context)
{
	struct walk walk = { page, visit, context, 0, false };
	u32 caches = page_cache_references(page);

	BUG_ON(page->count < caches);
	walk.left = page->count - caches;
	if (!walk.left || !page->mapping)
		return;
	if (!page_is_anon(page))
		walk_areas(&walk);
	else
		walk_family(&walk,
			    page->flags & PG_swapcache ? page_swap_place(page) : page->index);
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

static bool find_locked(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
			void *context)
{
	const struct vm_area_struct *vma = mm->locked_vm ? find_vma(mm, address) : NULL;

	(void)page;
	(void)pte;
	if (vma && vma->vm_start <= address && vma->vm_flags & VM_LOCKED)
		*(bool *)context = true;
	return !*(bool *)context;
}

bool page_mlocked(struct page *page)
{
	bool locked = false;

	rmap_walk(page, find_locked, &locked);
	return locked;
}

static bool unmap(struct page *page, struct mm_struct *mm, vaddr_t address, pte_t *pte,
		  void *context)
{
	pte_t instead = { 0 };

	(void)context;
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

bool try_to_unmap(struct page *page)
{
	BUG_ON(!page_cache_references(page)); /* the last entry must not free it */
	rmap_walk(page, unmap, NULL);
	return page->count == page_cache_references(page);
}
