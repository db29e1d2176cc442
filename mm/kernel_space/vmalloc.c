/* SPDX-License-Identifier: MIT */
/*
 * vmalloc, vmap and ioremap: addresses, frames and page-table entries of an area, and its checker.
 * Numbers cite the invariants of the header.
 */
#include "mm/kernel_space/vmalloc.h"
#include "lib/assert.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/trace_events.h"
#include "mm/slab/slab.h"
#include "paging/tlb.h"

/* From so many pages on, one flush of the whole TLB is cheaper than one flush a page. */
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
	};
}

/*
 * Makes page tables for as many pages of the window as there are frames: one frame in a thousand.
 * They are never freed (mm/kernel_space/kernel_map.h). Made later, they would look like a leak of
 * the first caller. The rest of the window gets its page tables on first use.
 */
static void make_tables(struct vmalloc_space *space)
{
	u32 pages = min(max_pfn, (space->end - space->start) >> PAGE_SHIFT);

	for (u32 i = 0; i < pages; i += PTRS_PER_PTE)
		if (!pte_alloc(space->directory, space->start + i * PAGE_SIZE, space->ops))
			return; /* not reached: at the start there are frames */
}

void vmalloc_init(void)
{
	vaddr_t high_memory = PAGE_OFFSET + (vaddr_t)pfn_to_phys(max_low_pfn);

	vm_struct_cache =
		kmem_cache_create("vm_struct", sizeof(struct vm_struct), 0, 0, NULL, NULL);
	BUG_ON(!vm_struct_cache);
	vmalloc_space_init(&vmalloc_space, ALIGN_UP(high_memory, PMD_SIZE) + VMALLOC_OFFSET,
			   vmalloc_end, kernel_pgd, &kernel_pgtable_ops);
	make_tables(&vmalloc_space);
}

static vaddr_t area_end(const struct vm_struct *area)
{
	return area->start + area->pages * PAGE_SIZE;
}

static struct vm_struct *area_of(struct gap_node *node)
{
	return node ? gap_entry(node, struct vm_struct, node) : NULL;
}

/* The lowest address that may follow this area, after its guard (NULL: the start of the space). */
static vaddr_t address_after(const struct vmalloc_space *space, const struct vm_struct *area)
{
	return area ? area_end(area) + PAGE_SIZE : space->start;
}

/* (5) */
static u32 gap_below(const struct vmalloc_space *space, struct vm_struct *area)
{
	return (area->start - address_after(space, area_of(gap_prev(&area->node)))) >> PAGE_SHIFT;
}

/* Places the area at the lowest free addresses for its pages and guard. False: no space. */
static bool area_insert(struct vmalloc_space *space, struct vm_struct *area)
{
	u32 span = area->pages + 1;
	struct gap_node *next = gap_search(&space->areas, NULL, span);
	struct gap_node *prev = next ? gap_prev(next) : gap_last(&space->areas);

	BUG_ON(!area->pages);
	area->start = address_after(space, area_of(prev));
	if (!next && (area->start > space->end || (space->end - area->start) >> PAGE_SHIFT < span))
		return false;
	BUG_ON(area->start < space->start || area_end(area) >= space->end); /* (1) */
	gap_insert_after(&space->areas, prev, &area->node, 0);
	if (next)
		gap_set(next, next->gap - span);
	space->count++;
	space->pages += area->pages;
	return true;
}

static void area_erase(struct vmalloc_space *space, struct vm_struct *area)
{
	struct gap_node *next = gap_next(&area->node);

	BUG_ON(!space->count || space->pages < area->pages);
	gap_erase(&space->areas, &area->node);
	if (next)
		gap_set(next, gap_below(space, area_of(next)));
	space->count--;
	space->pages -= area->pages;
}

struct vm_struct *find_vm_area(struct vmalloc_space *space, vaddr_t address)
{
	struct vm_struct *area = area_of(space->areas.root);

	while (area) {
		if (address < area->start)
			area = area_of(area->node.left);
		else if (address >= area_end(area) + PAGE_SIZE)
			area = area_of(area->node.right);
		else
			break;
	}
	return area;
}

/* Allocates an area for `bytes`, with nothing mapped. NULL: no addresses or no memory. */
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
	if (!area_insert(space, area)) {
		area->start = 0;
		trace_state(alloc_vmap_area, space, area);
		kmem_cache_free(vm_struct_cache, area);
		return NULL;
	}
	trace_state(alloc_vmap_area, space, area);
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

/* Keeps (4): clears the entries, flushes the TLB, and only then frees frames and addresses. */
static void area_destroy(struct vmalloc_space *space, struct vm_struct *area)
{
	BUG_ON(!area->pages || area->start < space->start ||
	       area_end(area) >= space->end); /* (1) */
	unmap_range(space->directory, area->start, area->pages);
	flush_area(area);
	while (!list_empty(&area->frames)) {
		struct page *page = list_first_entry(&area->frames, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
	trace_state(free_vmap_area, space, area);
	area_erase(space, area);
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

	if (!area || address >= area_end(area))
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

/* Larger blocks of kmalloc() are rare when memory is fragmented. */
#define KVMALLOC_SMALL (4 * PAGE_SIZE)

void *kvmalloc(size_t bytes)
{
	return bytes <= KVMALLOC_SMALL ? kmalloc(bytes, GFP_KERNEL) : vmalloc(bytes);
}

void kvfree(const void *address)
{
	uintptr_t place = (uintptr_t)address;

	if (place >= vmalloc_space.start && place < vmalloc_space.end)
		vfree(address);
	else
		kfree(address);
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
	list_for_each (link, &area->frames) {
		const struct page *page = list_entry(link, struct page, lru);

		if (page_owner(page) != OWNER_VMALLOC || page->count != 1)
			return "(3) a frame of an area is not owned by it";
		frames++;
	}
	if (frames && frames != area->pages)
		return "(3) an area owns another number of frames than it has pages";
	return NULL;
}

static const char *validate_place(const struct vmalloc_space *space, struct vm_struct *area)
{
	if (area->start < address_after(space, area_of(gap_prev(&area->node))) ||
	    area_end(area) >= space->end)
		return "(1) areas overlap, are not sorted, or lie outside";
	return area->node.gap == gap_below(space, area) ? NULL : "(5) a gap is wrong";
}

const char *vmalloc_validate(struct vmalloc_space *space)
{
	const char *violated = gap_tree_validate(&space->areas);
	u32 count = 0, pages = 0;

	for (struct gap_node *node = gap_first(&space->areas); node && !violated;
	     node = gap_next(node)) {
		violated = validate_place(space, area_of(node));
		if (!violated)
			violated = validate_area(space, area_of(node));
		count++;
		pages += area_of(node)->pages;
	}
	if (!violated && (count != space->count || pages != space->pages))
		violated = "(1) the sums are not those of the areas";
	return violated;
}
