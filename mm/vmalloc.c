/* SPDX-License-Identifier: MIT */
/* vmalloc and ioremap. The numbers are the invariants of the header. */
#include "mm/vmalloc.h"
#include "lib/assert.h"
#include "mm/kernel_map.h"
#include "mm/slab.h"
#include "paging/tlb.h"

/* From so many pages on it is cheaper to forget all translations than to name each. */
#define FLUSH_ALL_PAGES 64

struct vmalloc_space vmalloc_space;
static struct kmem_cache *vm_struct_cache;

void vmalloc_space_init(struct vmalloc_space *space, vaddr_t start, vaddr_t end, pgd_t *directory,
			const struct pgtable_ops *ops)
{
	*space = (struct vmalloc_space){
		.start = start, .end = end, .directory = directory, .ops = ops
	};
	list_init(&space->areas);
}

/*
 * Page tables for as much of the window as there is RAM to map into it: one frame in a thousand. They are never given back
 * (mm/kernel_map.h), and made now they are no part of what a later caller seems to cost. What lies beyond gets its tables
 * when it is first used.
 */
static void make_tables(struct vmalloc_space *space)
{
	u32 pages = min(max_low_pfn, (space->end - space->start) >> PAGE_SHIFT);

	for (u32 i = 0; i < pages; i += PTRS_PER_PTE)
		if (!pte_alloc(space->directory, space->start + i * PAGE_SIZE, space->ops))
			return;
}

void vmalloc_init(void)
{
	vaddr_t high_memory = PAGE_OFFSET + (max_low_pfn << PAGE_SHIFT);

	vm_struct_cache = kmem_cache_create("vm_struct", sizeof(struct vm_struct), 0, 0, NULL, NULL);
	BUG_ON(!vm_struct_cache);
	vmalloc_space_init(&vmalloc_space, ALIGN_UP(high_memory, PGDIR_SIZE) + VMALLOC_OFFSET,
			   VMALLOC_END, kernel_pgd, &kernel_pgtable_ops);
	make_tables(&vmalloc_space);
}

static vaddr_t area_end(const struct vm_struct *area)
{
	return area->start + area->pages * PAGE_SIZE;
}

/* Enters an area of `pages` pages and its guard at the first gap that is large enough. NULL: no gap, or no memory. */
static struct vm_struct *area_insert(struct vmalloc_space *space, u32 pages)
{
	struct vm_struct *area, *next;
	vaddr_t place = space->start;
	u32 span = pages + 1;

	list_for_each_entry(next, &space->areas, link) {
		if ((next->start - place) >> PAGE_SHIFT >= span)
			break;
		place = area_end(next) + PAGE_SIZE;
	}
	if (&next->link == &space->areas && (space->end - place) >> PAGE_SHIFT < span)
		return NULL;
	area = kmem_cache_alloc(vm_struct_cache, GFP_KERNEL);
	if (!area)
		return NULL;
	area->start = place;
	area->pages = pages;
	list_init(&area->frames);
	list_add_tail(&area->link, &next->link);
	space->count++;
	space->pages += pages;
	return area;
}

static void flush_area(const struct vm_struct *area)
{
	if (area->pages >= FLUSH_ALL_PAGES) {
		tlb_flush_kernel();
		return;
	}
	for (u32 i = 0; i < area->pages; i++)
		tlb_flush_page(area->start + i * PAGE_SIZE);
}

/* Keeps (4): clear, flush, and only then give back frames and addresses. */
static void area_remove(struct vmalloc_space *space, struct vm_struct *area)
{
	unmap_range(space->directory, area->start, area->pages);
	flush_area(area);
	while (!list_empty(&area->frames)) {
		struct page *page = list_first_entry(&area->frames, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
	space->count--;
	space->pages -= area->pages;
	list_del(&area->link);
	kmem_cache_free(vm_struct_cache, area);
}

static bool area_fill(struct vmalloc_space *space, struct vm_struct *area, gfp_t gfp)
{
	for (u32 i = 0; i < area->pages; i++) {
		struct page *page = alloc_page(GFP_OWNED_BY(gfp, OWNER_VMALLOC) | __GFP_HIGHMEM);

		if (!page)
			return false;
		list_add(&page->lru, &area->frames);
		if (map_page(space->directory, area->start + i * PAGE_SIZE, page_to_pfn(page), PAGE_KERNEL,
			     space->ops))
			return false;
	}
	return true;
}

vaddr_t vmalloc_from(struct vmalloc_space *space, size_t bytes, gfp_t gfp)
{
	struct vm_struct *area;

	if (!bytes || bytes > space->end - space->start)
		return 0;
	area = area_insert(space, (u32)(PAGE_ALIGN(bytes) >> PAGE_SHIFT));
	if (!area)
		return 0;
	if (!area_fill(space, area, gfp)) {
		area_remove(space, area);
		return 0;
	}
	return area->start;
}

struct vm_struct *find_vm_area(struct vmalloc_space *space, vaddr_t address)
{
	struct vm_struct *area;

	list_for_each_entry(area, &space->areas, link)
		if (address >= area->start && address < area_end(area) + PAGE_SIZE)
			return area;
	return NULL;
}

static void remove_at(struct vmalloc_space *space, vaddr_t address, const char *call)
{
	struct vm_struct *area = find_vm_area(space, address);

	if (!area || area->start != address)
		panic("%s: %#x is not the start of an area", call, address);
	area_remove(space, area);
}

void vfree_to(struct vmalloc_space *space, vaddr_t address)
{
	if (address)
		remove_at(space, address, "vfree");
}

void *vmalloc(size_t bytes)
{
	return (void *)(uintptr_t)vmalloc_from(&vmalloc_space, bytes, GFP_KERNEL);
}

void vfree(const void *address)
{
	vfree_to(&vmalloc_space, (vaddr_t)(uintptr_t)address);
}

void *ioremap(phys_addr_t start, size_t bytes)
{
	phys_addr_t first = ALIGN_DOWN(start, PAGE_SIZE), end = PAGE_ALIGN(start + bytes);
	struct vmalloc_space *space = &vmalloc_space;
	struct vm_struct *area;

	if (!bytes || start + bytes < start || end > GiB(4) || end - first > space->end - space->start)
		return NULL;
	area = area_insert(space, (u32)((end - first) >> PAGE_SHIFT));
	if (!area)
		return NULL;
	if (map_range(space->directory, area->start, phys_to_pfn(first), area->pages, PAGE_KERNEL_IO,
		      space->ops)) {
		area_remove(space, area);
		return NULL;
	}
	return (void *)(uintptr_t)(area->start + (vaddr_t)(start - first));
}

void iounmap(const volatile void *address)
{
	if (address)
		remove_at(&vmalloc_space, (vaddr_t)(uintptr_t)address & PAGE_MASK, "iounmap");
}

static bool page_is_mapped(struct vmalloc_space *space, vaddr_t address)
{
	pte_t *pte = pte_lookup(space->directory, address);

	return pte && !pte_none(*pte);
}

static const char *validate_area(struct vmalloc_space *space, const struct vm_struct *area)
{
	const struct list_head *link;
	u32 frames = 0;

	for (u32 i = 0; i < area->pages; i++)
		if (!page_is_mapped(space, area->start + i * PAGE_SIZE))
			return "(3) a page of an area is not mapped";
	if (page_is_mapped(space, area_end(area)))
		return "(2) a guard page is mapped";
	list_for_each(link, &area->frames) {
		const struct page *page = list_entry(link, struct page, lru);

		if (page_owner(page) != OWNER_VMALLOC || page->count != 1)
			return "(3) a frame of an area is not owned by it";
		frames++;
	}
	if (frames && frames != area->pages)
		return "(3) an area owns another number of frames than it has pages";
	return NULL;
}

const char *vmalloc_validate(struct vmalloc_space *space)
{
	struct vm_struct *area;
	vaddr_t free_from = space->start;
	u32 count = 0, pages = 0;

	list_for_each_entry(area, &space->areas, link) {
		const char *violated = validate_area(space, area);

		if (violated)
			return violated;
		if (area->start < free_from || area_end(area) >= space->end)
			return "(1) areas overlap, are not sorted, or lie outside";
		free_from = area_end(area) + PAGE_SIZE;
		count++;
		pages += area->pages;
	}
	if (count != space->count || pages != space->pages)
		return "(1) the sums are not those of the list";
	return NULL;
}
