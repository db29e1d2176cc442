/* SPDX-License-Identifier: MIT */
/*
 * The census: it holds for a machine in use, and it names each planted fault: a wrong count, a
 * lost frame, a freed frame in use, and the findings of the parts' checkers.
 */
#include <string.h>

#include "mm/census.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/slab/slab_internal.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static struct mm_struct *mm, *child;
static vaddr_t area, kernel_area;
static void *object;
static struct page *kernel_block;

/* Frames of every owner. */
static void start(void)
{
	machine_boot();
	mm = mm_alloc();
	area = user_map(mm, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (u32 i = 0; i < 5; i++)
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 1), FAULT_OK);
	EXPECT_EQ(user_peek(mm, area + 5 * PAGE_SIZE), 0);
	child = mm_copy(mm);
	EXPECT_EQ(user_poke(child, area, 2), FAULT_OK);
	user_switch(NULL);
	kernel_area = (vaddr_t)(uintptr_t)vmalloc(3 * PAGE_SIZE);
	object = kmalloc(100, GFP_KERNEL);
	kernel_block = alloc_pages(GFP_KERNEL, 2);
}

static void stop(void)
{
	__free_pages(kernel_block, 2);
	kfree(object);
	vfree((void *)(uintptr_t)kernel_area);
	mm_put(child);
	mm_put(mm);
}

static void sound(void)
{
	struct census census;
	u32 sum = 0;

	start();
	EXPECT(mm_census(&census));
	EXPECT_VALID(census.violated);
	EXPECT_EQ(census.total, MACHINE_FRAMES);
	for (u32 i = 0; i < NR_PAGE_OWNERS; i++)
		sum += census.frames[i];
	EXPECT_EQ(sum, census.total);
	EXPECT(census_counted_all(&census));
	EXPECT_EQ(census.frames[OWNER_ANON], 6);
	EXPECT_EQ(census.frames[OWNER_VMALLOC], 3);
	EXPECT_EQ(census.frames[OWNER_KERNEL], 4 + 1); /* the zero page */
	EXPECT_EQ(census.frames[OWNER_FREE], nr_free_pages());
	console_clear();
	census_print(&census);
	EXPECT(strstr(console_text(), "census: total=16384 free="));
	EXPECT(strstr(console_text(), " anon=6 "));
	stop();
}

/* The census names `number`, and `where` if that is not 0. */
static void expect_violation(char number, u32 where, const char *plant)
{
	struct census census;
	bool holds = mm_census(&census);

	tap_check(!holds && census.violated && census.violated[1] == number, __FILE__, __LINE__,
		  "%s: got %s", plant, census.violated ? census.violated : "nothing");
	if (where)
		EXPECT_EQ(census.where, where);
	console_clear();
	census_print(&census);
	EXPECT(strstr(console_text(), "census: violated=\"("));
}

#define PLANTED(plant, undo, number, where)                                    \
	do {                                                                   \
		struct census after;                                           \
                                                                               \
		plant;                                                         \
		expect_violation(number, where, #plant);                       \
		undo;                                                          \
		tap_check(mm_census(&after), __FILE__, __LINE__, "%s", #undo); \
	} while (0)

static pte_t *entry_of(struct mm_struct *space, u32 page)
{
	return pte_lookup(space->pgd, area + page * PAGE_SIZE);
}

static void wrong_counts(void)
{
	struct page *shared, *own;
	pfn_t pfn;

	start();
	pfn = pte_pfn(*entry_of(mm, 1));
	shared = pfn_to_page(pfn);
	EXPECT_EQ(shared->count, 2);
	PLANTED(shared->count++, shared->count--, '1', pfn);
	PLANTED(shared->count--, shared->count++, '1', pfn);
	own = pfn_to_page(pte_pfn(*entry_of(child, 0)));
	PLANTED(own->count++, own->count--, '5',
		0); /* writable, and now shared, says mm_validate() */
	PLANTED(kernel_block[2].count++, kernel_block[2].count--, '1',
		page_to_pfn(kernel_block + 2));
	PLANTED(virt_to_page(object)->count++, virt_to_page(object)->count--, '1',
		page_to_pfn(virt_to_page(object)));
	PLANTED(virt_to_page(mm->pgd)->count++, virt_to_page(mm->pgd)->count--, '1',
		page_to_pfn(virt_to_page(mm->pgd)));
	stop();
}

static void lost_frames(void)
{
	struct page *lost;
	pte_t saved;
	u32 block;

	start();
	/* The mark of a block that is in use is gone. */
	block = kernel_block->block;
	PLANTED(kernel_block->block = 0, kernel_block->block = block, '2',
		page_to_pfn(kernel_block));
	/* A frame of a program that no page table names: fork or munmap forgot it. */
	lost = alloc_page(GFP_USER);
	expect_violation('1', page_to_pfn(lost), "lost");
	__free_page(lost);
	saved = *entry_of(mm, 1);
	PLANTED((pte_clear(entry_of(mm, 1)), mm->rss--),
		(set_pte(entry_of(mm, 1), saved), mm->rss++), '1', pte_pfn(saved));
	/* A frame that is neither in use nor on a free list. */
	PLANTED(kernel_block[1].count = 0, kernel_block[1].count = 1, '5', 0);
	stop();
}

static void freed_frames_in_use(void)
{
	struct page *page;
	pte_t saved;

	start();
	/* Freed under the page table that names it. */
	saved = *entry_of(mm, 1);
	page = alloc_page(GFP_KERNEL);
	__free_page(page);
	PLANTED(set_pte(entry_of(mm, 1), mk_pte(page_to_pfn(page), PAGE_READONLY)),
		set_pte(entry_of(mm, 1), saved), '4', area + PAGE_SIZE);
	/* An entry that names another owner's frame. */
	PLANTED(set_pte(entry_of(mm, 1),
			mk_pte(page_to_pfn(kernel_block), vm_get_page_prot(VM_READ))),
		set_pte(entry_of(mm, 1), saved), '1', 0);
	stop();
}

static void wrong_owners(void)
{
	u32 flags;

	start();
	flags = kernel_block->flags;
	PLANTED(kernel_block->flags = (flags & ~PAGE_OWNER_MASK) | OWNER_SLAB << PAGE_OWNER_SHIFT,
		kernel_block->flags = flags, '2', page_to_pfn(kernel_block));
	/* A reserved frame that is free too. */
	PLANTED(change_page_owner(pfn_to_page(0), OWNER_FREE),
		change_page_owner(pfn_to_page(0), OWNER_RESERVED), '2', 0);
	/* A page table that is no space's. */
	PLANTED(change_page_owner(kernel_block, OWNER_PGTABLE),
		change_page_owner(kernel_block, OWNER_KERNEL), '4', 0);
	PLANTED(kernel_block->flags |= PG_slab, kernel_block->flags = flags, '2',
		page_to_pfn(kernel_block));
	PLANTED(kernel_block->flags = (flags & ~PAGE_OWNER_MASK) | OWNER_ANON << PAGE_OWNER_SHIFT,
		kernel_block->flags = flags, '1', page_to_pfn(kernel_block));
	stop();
}

/* The owner of any frame is that of its block; a reserved frame is the machine's. */
static void owners_of_frames(void)
{
	struct page *page;

	start();
	EXPECT_EQ(frame_owner(0), OWNER_RESERVED);
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(frame_owner(page_to_pfn(kernel_block + i)), OWNER_KERNEL);
	EXPECT_EQ(frame_owner(pte_pfn(*entry_of(mm, 1))), OWNER_ANON);
	EXPECT_EQ(frame_owner(page_to_pfn(virt_to_page(object))), OWNER_SLAB);
	page = alloc_page(GFP_KERNEL);
	__free_page(page);
	EXPECT_EQ(frame_owner(page_to_pfn(page)), OWNER_FREE);
	stop();
}

/* The findings of the parts' own checkers carry the part's name. */
static void parts(void)
{
	struct census census;
	pgd_t *entry;
	pteval_t saved;

	start();
	PLANTED(zones[ZONE_DMA].free_pages++, zones[ZONE_DMA].free_pages--, '4', 0);
	PLANTED(off_slab_cache.slabs++, off_slab_cache.slabs--, '4', 0);
	off_slab_cache.slabs++;
	mm_census(&census);
	EXPECT_TEXT(census.place, "slab");
	off_slab_cache.slabs--;
	PLANTED(vmalloc_space.pages++, vmalloc_space.pages--, '1', 0);
	PLANTED(mm->rss++, mm->rss--, '6', 0);
	entry = pgd_offset(mm->pgd, 0xc0c00000);
	saved = entry->value;
	PLANTED(entry->value = 0, entry->value = saved, '1', PMD_FOLDED ? 0xc0c00000 : PAGE_OFFSET);
	stop();
}

TAP_MAIN({ "a machine in use", sound }, { "wrong counts are named", wrong_counts },
	 { "lost frames are named", lost_frames },
	 { "freed frames in use are named", freed_frames_in_use },
	 { "wrong owners are named", wrong_owners }, { "owners of frames", owners_of_frames },
	 { "what the parts find is named", parts })
