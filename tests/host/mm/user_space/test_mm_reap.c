/* SPDX-License-Identifier: MIT */
/* mm_reap(): the memory of a space that is about to end; and what a mapping counts for a frame. */
#include "abi/linux/errno.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

#define PAGES 2000u /* more than a page table has */

static void touch(struct mm_struct *mm, vaddr_t area, u32 pages)
{
	for (u32 i = 0; i < pages; i++)
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 1), FAULT_OK);
}

/* All frames and page tables come free; the areas stay, and every fault fails. */
static void reaped(void)
{
	struct mm_struct *mm, *child;
	vaddr_t area, shared;
	u32 free;

	machine_boot();
	mm = mm_alloc();
	child = mm_alloc();
	shrink_caches();
	free = nr_free_pages();
	area = user_map(mm, PAGES * PAGE_SIZE, RW);
	shared = do_mmap(mm, 0, 10 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	touch(mm, area, PAGES);
	touch(mm, shared, 10);
	EXPECT(free - nr_free_pages() >= PAGES + 10);
	user_switch(NULL);
	mm_reap(mm);
	shrink_caches();
	EXPECT(mm->oom_victim);
	EXPECT_EQ(mm->rss, 0);
	EXPECT_EQ(mm->nr_ptes, 0);
	EXPECT_EQ(mm->max_rss, PAGES + 10);
	EXPECT_EQ(mm->total_vm, PAGES + 10);
	EXPECT(free - nr_free_pages() < 20); /* the shared pages have an object */
	check_space(mm);
	EXPECT_EQ(mm_fault(mm, area, FAULT_READ), FAULT_OOM);
	EXPECT_EQ(mm_fault(mm, shared, FAULT_WRITE), FAULT_OOM);
	EXPECT_EQ(mm_fault(mm, area - PAGE_SIZE, FAULT_READ), FAULT_MAPERR);
	EXPECT_EQ(do_madvise(mm, area, PAGE_SIZE, MADV_POPULATE_WRITE), -ENOMEM);
	EXPECT(!mm_copy(mm));
	EXPECT_EQ(mm->nr_ptes, 0);
	touch(child, user_map(child, 10 * PAGE_SIZE, RW), 10); /* another one goes on */
	user_switch(NULL);
	mm_put(mm);
	mm_put(child);
}

static struct mm_struct *ending;
static u32 looks;

/* Areas that are there are whole, and in order. */
static void look_at_areas(void)
{
	u32 areas = 0;

	for (const struct vm_area_struct *vma = ending->mmap; vma; vma = vma->vm_next) {
		EXPECT(vma->vm_mm == ending && vma->vm_start < vma->vm_end);
		EXPECT(vma->vm_next ? vma->vm_next->vm_prev == vma : ending->mmap_last == vma);
		areas++;
	}
	EXPECT(!ending->mmap || !ending->mmap->vm_prev);
	EXPECT_EQ(areas, ending->map_count);
	looks++;
}

/* Other tasks may look at the areas of a space that ends. */
static void seen_while_it_ends(void)
{
	machine_boot();
	ending = mm_alloc();
	for (u32 i = 0; i < 50; i++) /* with a tree too */
		EXPECT_EQ(do_mmap(ending, 0x50000000 + 2 * i * PAGE_SIZE, PAGE_SIZE, RW,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
			  0x50000000 + 2 * i * PAGE_SIZE);
	touch(ending, 0x50000000, 1);
	user_switch(NULL);
	mm_grab(ending);
	host_others = look_at_areas;
	mm_put(ending);
	host_others = NULL;
	EXPECT(looks >= 50);
	EXPECT(!ending->mmap && !ending->map_count);
	mm_drop(ending);
}

/* Entries that map a frame, whatever else refers to it. */
static void mapcounts(void)
{
	struct address_space *object;
	struct mmap_request request = {
		.length = PAGE_SIZE, .prot = RW, .flags = MAP_SHARED, .may = VM_MAY_MASK
	};
	struct mm_struct *mm, *child;
	struct page *page;
	vaddr_t area;

	machine_boot();
	mm = mm_alloc();
	area = user_map(mm, PAGE_SIZE, RW);
	touch(mm, area, 1);
	page = pfn_to_page(pte_pfn(*pte_lookup(mm->pgd, area)));
	EXPECT(page_is_anon(page));
	EXPECT_EQ(page_mapcount(page), 1);
	child = mm_copy(mm);
	EXPECT_EQ(page_mapcount(page), 2);
	user_switch(NULL);
	mm_put(child);
	EXPECT_EQ(page_mapcount(page), 1);
	object = request.mapping = shmem_object(PAGE_SIZE, "object");
	for (u32 i = 1; i < 4; i++) {
		area = do_mmap_pgoff(mm, &request);
		touch(mm, area, 1);
		page = find_page(object, 0);
		EXPECT(!page_is_anon(page));
		EXPECT_EQ(page_mapcount(page), i);
	}
	EXPECT_EQ(do_munmap(mm, area, PAGE_SIZE), 0);
	EXPECT_EQ(page_mapcount(page), 2);
	user_switch(NULL);
	mm_put(mm);
	EXPECT_EQ(page_mapcount(page), 0);
	mapping_put(object);
}

/* The rights of an area as text, each bit for itself. */
static void rights(void)
{
	static const struct {
		u32 flags;
		const char *text;
	} rows[] = {
		{ 0, "---p" },		 { VM_READ, "r--p" },	  { VM_WRITE, "-w-p" },
		{ VM_EXEC, "--xp" },	 { VM_MAYSHARE, "---s" }, { VM_SHARED, "---p" },
		{ VM_MAY_MASK, "---p" }, { ~0u, "rwxs" },
	};
	char text[5] = { 'x', 'x', 'x', 'x', 'x' };

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_TEXT(vm_flags_text(rows[i].flags, text), rows[i].text);
}

TAP_MAIN({ "a space is reaped", reaped }, { "seen while it ends", seen_while_it_ends },
	 { "entries of a frame", mapcounts }, { "rights as text", rights })
