/* SPDX-License-Identifier: MIT */
/*
 * vmalloc, vmap and ioremap: frames for an area, its entries, and taking both away. The numbers are the invariants of the header.
 */
#include "mm/kernel_space/vmalloc.h"
#include "lib/assert.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc_internal.h"
#include "paging/tlb.h"

/* From so many pages on it is cheaper to forget all translations than to name each. */
#define FLUSH_ALL_PAGES 64

struct vmalloc_space vmalloc_space;
static struct kmem_cache *vm_struct_cache;

void vmalloc_space_init(struct vmalloc_space *space, vaddr_t start, vaddr_t end, pgd_t *directory,
			const struct pgtable_ops *ops)
{
	BUG_ON(start >= end || !IS_ALIGNED(start | end, PAGE_SIZE));
	*space = (struct vmalloc_space){
		.start = start,
		.end = end,
		.directory = directory,
		.ops = ops,
		.areas = { .update = vm_area_update },
	};
}

/*
 * Page tables for as much of the window as there is RAM to map into it: one frame in a thousand. They are never given back
 * (mm/kernel_space/kernel_map.h), and made now they are no part of what a later caller seems to cost. What lies beyond gets its tables
 * when it is first used.
 */
static void make_tables(struct vmalloc_space *space)
{
	u32 pages = min(max_pfn, (space->end - space->start) >> PAGE_SHIFT);

	for (u32 i = 0; i < pages; i += PTRS_PER_PTE)
		if (!pte_alloc(space->directory, space->start + i * PAGE_SIZE, space->ops))
			return;
}

void vmalloc_init(void)
{
	vaddr_t high_memory = PAGE_OFFSET + (max_low_pfn << PAGE_SHIFT);

	vm_struct_cache =
		kmem_cache_create("vm_struct", sizeof(struct vm_struct), 0, 0, NULL, NULL);
	BUG_ON(!vm_struct_cache);
	vmalloc_space_init(&vmalloc_space, ALIGN_UP(high_memory, PGDIR_SIZE) + VMALLOC_OFFSET,
			   vmalloc_end, kernel_pgd, &kernel_pgtable_ops);
	make_tables(&vmalloc_space);
}

/* Addresses for `bytes` and their guard, with nothing mapped; or NULL. */
static struct vm_struct *area_create(struct vmalloc_space *space, u64 bytes)
{
	struct vm_struct *area;

	if (!bytes || bytes > space->end - space->start)
		return NULL;
	area = kmem_cache_alloc(vm_struct_cache, GFP_KERNEL);
	if (!area)
		return NULL;
	area->pages = (u32)(PAGE_ALIGN(bytes) >> PAGE_SHIFT);
	list_init(&area->frames);
	if (!vm_area_insert(space, area)) {
		kmem_cache_free(vm_struct_cache, area);
		return NULL;
	}
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
static void area_destroy(struct vmalloc_space *space, struct vm_struct *area)
{
	BUG_ON(!area->pages || area->start < space->start ||
	       vm_area_end(area) >= space->end); /* (1) */
	unmap_range(space->directory, area->start, area->pages);
	flush_area(area);
	while (!list_empty(&area->frames)) {
		struct page *page = list_first_entry(&area->frames, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
	vm_area_erase(space, area);
	kmem_cache_free(vm_struct_cache, area);
}

static bool area_fill(struct vmalloc_space *space, struct vm_struct *area, gfp_t gfp)
{
	gfp = GFP_OWNED_BY(gfp, OWNER_VMALLOC) | __GFP_HIGHMEM;
	for (u32 i = 0; i < area->pages; i++) {
		struct page *page = alloc_page(gfp);

		if (!page)
			return false;
		list_add(&page->lru, &area->frames);
		if (map_page(space->directory, area->start + i * PAGE_SIZE, page_to_pfn(page),
			     PAGE_KERNEL, space->ops))
			return false;
	}
	return true;
}

vaddr_t vmalloc_from(struct vmalloc_space *space, size_t bytes, gfp_t gfp)
{
	struct vm_struct *area = area_create(space, bytes);

	if (!area)
		return 0;
	if (!area_fill(space, area, gfp)) {
		area_destroy(space, area);
		return 0;
	}
	return area->start;
}

vaddr_t vmap_to(struct vmalloc_space *space, struct page *const *pages, u32 count, pgprot_t prot)
{
	struct vm_struct *area = area_create(space, (u64)count << PAGE_SHIFT);

	if (!area)
		return 0;
	for (u32 i = 0; i < count; i++) {
		BUG_ON(!pages[i]);
		if (map_page(space->directory, area->start + i * PAGE_SIZE, page_to_pfn(pages[i]),
			     prot, space->ops)) {
			area_destroy(space, area);
			return 0;
		}
	}
	return area->start;
}

static void destroy_at(struct vmalloc_space *space, vaddr_t address, const char *call)
{
	struct vm_struct *area = find_vm_area(space, address);

	if (!area || area->start != address)
		panic("%s: %#x is not the start of an area", call, address);
	area_destroy(space, area);
}

void vfree_to(struct vmalloc_space *space, vaddr_t address)
{
	if (address)
		destroy_at(space, address, "vfree");
}

struct page *vmalloc_page(struct vmalloc_space *space, vaddr_t address)
{
	struct vm_struct *area = find_vm_area(space, address);
	pfn_t pfn;

	if (!area || address >= vm_area_end(area))
		return NULL;
	pfn = pte_pfn(*pte_lookup(space->directory, address));
	return pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
}

void *vmalloc(size_t bytes)
{
	return (void *)(uintptr_t)vmalloc_from(&vmalloc_space, bytes, GFP_KERNEL);
}

void vfree(const void *address)
{
	vfree_to(&vmalloc_space, (vaddr_t)(uintptr_t)address);
}

void *vmap(struct page *const *pages, u32 count, pgprot_t prot)
{
	return (void *)(uintptr_t)vmap_to(&vmalloc_space, pages, count, prot);
}

void vunmap(const void *address)
{
	if (address)
		destroy_at(&vmalloc_space, (vaddr_t)(uintptr_t)address, "vunmap");
}

struct page *vmalloc_to_page(const void *address)
{
	return vmalloc_page(&vmalloc_space, (vaddr_t)(uintptr_t)address);
}

void *ioremap(phys_addr_t start, size_t bytes)
{
	phys_addr_t first = ALIGN_DOWN(start, PAGE_SIZE), end = PAGE_ALIGN(start + bytes);
	struct vmalloc_space *space = &vmalloc_space;
	struct vm_struct *area;

	if (!bytes || start >= GiB(4) || end > GiB(4))
		return NULL;
	area = area_create(space, end - first);
	if (!area)
		return NULL;
	if (map_range(space->directory, area->start, phys_to_pfn(first), area->pages,
		      PAGE_KERNEL_IO, space->ops)) {
		area_destroy(space, area);
		return NULL;
	}
	return (void *)(uintptr_t)(area->start + (vaddr_t)(start - first));
}

void iounmap(const volatile void *address)
{
	if (address)
		destroy_at(&vmalloc_space, (vaddr_t)(uintptr_t)address & PAGE_MASK, "iounmap");
}
