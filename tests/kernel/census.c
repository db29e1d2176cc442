/* SPDX-License-Identifier: MIT */
/*
 * The census finds faults: each case plants one that a bug would leave, checks that it is found,
 * and removes it.
 */
#include "lib/bitmap.h"
#include "mm/census.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "tests/kernel/user_space.h"

#define ADDRESS 0x40000000u

static bool clean(void)
{
	struct census census;

	return mm_census(&census) && !census.violated;
}

/* The census finds something wrong now. */
static bool found(void)
{
	struct census census;

	return !mm_census(&census) && census.violated;
}

/* It finds something wrong with this frame. */
static bool found_at(const struct page *page)
{
	struct census census;

	return !mm_census(&census) && census.violated && census.where == page_to_pfn(page);
}

/* Adds `change` to a number, checks, and restores it. */
static bool number_found(u32 *number, u32 change)
{
	bool seen;

	*number += change;
	seen = found();
	*number -= change;
	return seen;
}

/* Every frame is counted, under its owner. */
static void sums(void)
{
	struct census census;
	u32 sum = 0, vmalloc_frames, kernel_frames;
	struct page *page;
	void *area;

	EXPECT(mm_census(&census));
	for (u32 i = 0; i < NR_PAGE_OWNERS; i++)
		sum += census.frames[i];
	EXPECT_EQ(sum, census.total);
	EXPECT_EQ(census.frames[OWNER_FREE], nr_free_pages());
	EXPECT(census.frames[OWNER_SLAB] && census.frames[OWNER_PGTABLE]);
	vmalloc_frames = census.frames[OWNER_VMALLOC];
	kernel_frames = census.frames[OWNER_KERNEL];
	area = vmalloc(3 * PAGE_SIZE);
	page = alloc_page(GFP_KERNEL);
	EXPECT(mm_census(&census));
	EXPECT_EQ(census.frames[OWNER_VMALLOC], vmalloc_frames + 3);
	EXPECT_EQ(census.frames[OWNER_KERNEL], kernel_frames + 1);
	vfree(area);
	if (page)
		__free_page(page);
}

/* A page table that no address space has: its count is right, its owner is known, it is lost. */
static void page_tables(void)
{
	struct page *page = alloc_page(GFP_PGTABLE);
	bool seen = found();

	if (page)
		__free_page(page);
	EXPECT(page);
	EXPECT(seen);
	EXPECT(clean());
}

/* A count without a reference, and a reference without a count. */
static void kernel_counts(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	bool seen;

	EXPECT(page);
	page->count++;
	seen = found_at(page);
	page->count -= 2;
	seen &= found();
	page->count++;
	EXPECT(seen);
	EXPECT(clean());
	__free_page(page);
}

static void user_counts(void)
{
	struct mm_struct *mm = user_enter();
	struct page *page;
	pte_t *pte, was;
	bool seen;

	map_anonymous(mm, ADDRESS, 2, PROT_RW);
	EXPECT(user_write(ADDRESS, 1) && user_write(ADDRESS + PAGE_SIZE, 2));
	page = user_page_at(mm, ADDRESS);
	EXPECT(clean());
	EXPECT(number_found(&page->count, 1));

	/* A page that is gone from the tables but still counted. */
	pte = pte_lookup(mm->pgd, ADDRESS);
	was = *pte;
	pte_clear(pte);
	mm->rss--;
	seen = found_at(page);
	mm->rss++;

	/* One that is mapped twice and counted once. */
	set_pte(pte, pte_wrprotect(*pte_lookup(mm->pgd, ADDRESS + PAGE_SIZE)));
	seen &= found();
	set_pte(pte, was);
	EXPECT(seen);
	EXPECT(clean());
	user_leave(mm);
}

static void owners(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	bool seen;

	EXPECT(page);
	page->flags |= PG_slab;
	seen = found_at(page);
	page->flags &= ~(u32)PG_slab;
	page->flags ^= OWNER_KERNEL << PAGE_OWNER_SHIFT;
	seen &= found_at(page);
	page->flags ^= OWNER_KERNEL << PAGE_OWNER_SHIFT;
	EXPECT(seen);
	EXPECT(clean());
	__free_page(page);

	/* It is free and in use at once. */
	EXPECT(number_found(&page->count, 1));
	EXPECT(clean());
}

static void zone_sums(void)
{
	struct zone *zone = &zones[ZONE_DMA];
	bool seen;

	EXPECT(number_found(&zone->free_pages, 1));
	EXPECT(number_found(&zone->nr_hot, 1));
	bitmap_toggle(zone->free_area[0].map, 0);
	seen = found();
	bitmap_toggle(zone->free_area[0].map, 0);
	EXPECT(seen);
	EXPECT(clean());
}

static void slabs(void)
{
	struct kmem_cache *cache = kmem_cache_create("census", 64, 0, 0, NULL, NULL);
	void *object;
	bool seen;

	EXPECT(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT(number_found(&cache->inuse, 1));
	EXPECT(number_found(&cache->slabs, (u32)-1));
	EXPECT(object);
	struct page *page = virt_to_page(object);

	page->cache = NULL;
	seen = found();
	page->cache = cache;
	EXPECT(seen);
	kmem_cache_free(cache, object);
	EXPECT(clean());
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void vmalloc_areas(void)
{
	char *area = vmalloc(2 * PAGE_SIZE);
	struct vm_struct *entry;
	pte_t *pte, was;
	bool seen;

	EXPECT(area);
	entry = find_vm_area(&vmalloc_space, (vaddr_t)(uintptr_t)area);
	EXPECT(number_found(&vmalloc_space.count, 1));
	EXPECT(number_found(&entry->pages, 1));
	EXPECT(number_found(&entry->start, PAGE_SIZE));
	pte = pte_lookup(kernel_pgd, (vaddr_t)(uintptr_t)area);
	was = *pte;
	pte_clear(pte);
	seen = found();
	set_pte(pte, was);
	EXPECT(seen);
	EXPECT(clean());
	vfree(area);
}

static void address_space(void)
{
	struct mm_struct *mm = user_enter();
	struct vm_area_struct *vma;
	pte_t *pte;

	map_anonymous(mm, ADDRESS, 4, PROT_RW);
	map_anonymous(mm, ADDRESS + 8 * PAGE_SIZE, 1, PROT_READ);
	EXPECT(user_write(ADDRESS, 1));
	EXPECT_EQ(user_word(ADDRESS + 8 * PAGE_SIZE), 0);
	vma = mm->mmap;
	EXPECT(number_found(&mm->map_count, 1));
	EXPECT(number_found(&mm->total_vm, 1));
	EXPECT(number_found(&mm->rss, 1));
	EXPECT(number_found(&mm->nr_ptes, 1));
	EXPECT(number_found(&vma->vm_end, 8 * PAGE_SIZE)); /* overlaps its neighbour */
	EXPECT(number_found(&vma->vm_start, PAGE_SIZE));   /* a page lies outside */
	EXPECT(number_found(&vma->vm_start, 4));

	/* More rights than the area has: mprotect missed a page. */
	pte = pte_lookup(mm->pgd, ADDRESS + 8 * PAGE_SIZE);
	EXPECT(number_found((u32 *)&pte->value, PTE_WRITE));
	/* A writable page with a second user: fork missed its write protection. */
	EXPECT(number_found(&user_page_at(mm, ADDRESS)->count, 1));
	EXPECT(clean());
	user_leave(mm);
}

/* A kernel half that differs from the master's. */
static void kernel_half(void)
{
	struct mm_struct *mm = mm_alloc();

	EXPECT(mm);
	EXPECT(number_found((u32 *)pgd_offset(mm->pgd, PKMAP_BASE), PAGE_SIZE));
	EXPECT(number_found((u32 *)find_pmd(mm->pgd, 0), PTE_PRESENT | PTE_LARGE));
	EXPECT(clean());
	mm_put(mm);
}

static const struct test_case cases[] = {
	{ "sums", sums },
	{ "page_tables", page_tables },
	{ "kernel_counts", kernel_counts },
	{ "user_counts", user_counts },
	{ "owners", owners },
	{ "zone_sums", zone_sums },
	{ "slabs", slabs },
	{ "vmalloc_areas", vmalloc_areas },
	{ "address_space", address_space },
	{ "kernel_half", kernel_half },
};

TEST_SUITE(census, cases);
