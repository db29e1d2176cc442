/* SPDX-License-Identifier: MIT */
/*
 * Random programs in a machine with few frames and a disk for swap that fails at random, against a
 * flat model: for each space the rights and one word of every page of a window.
 *
 *   run: a few address spaces, forked from each other, 60 to 220 frames, one or two areas of swap
 *        (a disk or memory) that come and go, two files, any policy
 *
 * An access may be refused for lack of memory, or by a disk that fails to read. But what is read
 * is what was written last (or 0, after MADV_FREE), a locked page stays in memory, and at the end
 * of each run all frames and slots are free. SCALE=130 makes more than 10,000 runs.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap_ram.h"
#include "mm/user_space/swapoff.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/mm/swap/swap_model.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define FRAMES_MAX 400u

static struct swap_disk disks[2];
static s32 types[2]; /* of the areas; -1: there is none */
static u32 swapoffs, swapoffs_failed;

/* --- Calls --- */

static void step_map(struct space *space)
{
	u32 page, pages, prot = random_one_in(8) ? PROT_READ : PROT_READ | PROT_WRITE;

	random_range(&page, &pages);
	if (do_mmap(space->mm, address_of(page), pages * PAGE_SIZE, prot,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) != address_of(page)) {
		adopt(space);
		return;
	}
	for (; pages; pages--)
		forget(space, page++, prot);
}

static bool object_used(u32 object)
{
	for (u32 i = 0; i < space_count; i++)
		if (memchr(spaces[i].object, (int)object, PAGES))
			return true;
	return false;
}

static void step_map_shared(struct space *space)
{
	u32 page, pages, object = SWAP_FILES;

	random_range(&page, &pages);
	while (object < OBJECTS && object_used(object))
		object++;
	if (object == OBJECTS)
		return;
	if (do_mmap(space->mm, address_of(page), pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED) != address_of(page)) {
		adopt(space);
		return;
	}
	for (u32 i = 0; i < pages; i++) {
		forget(space, page + i, PROT_READ | PROT_WRITE);
		set_object(space, page + i, object, i, true);
		object_words[object][i] = 0;
	}
}

/* The file that was never written is mapped for reading, or private. */
static void step_map_file(struct space *space)
{
	u32 page, pages, file = random_below(SWAP_FILES), first;
	bool shared = random_one_in(2);
	u32 prot = shared && file == SWAP_FILE_READ ? PROT_READ : PROT_READ | PROT_WRITE;

	random_range(&page, &pages);
	first = random_below(PAGES - pages + 1);
	if (do_mmap_pgoff(space->mm,
			  &(struct mmap_request){
				  .address = address_of(page),
				  .length = pages * PAGE_SIZE,
				  .prot = prot,
				  .flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE),
				  .mapping = swap_files[file].mapping,
				  .may = VM_MAYREAD | VM_MAYEXEC |
					 (shared && file == SWAP_FILE_READ ? 0 : VM_MAYWRITE),
				  .pgoff = first }) != address_of(page)) {
		adopt(space);
		return;
	}
	for (u32 i = 0; i < pages; i++) {
		forget(space, page + i, prot);
		set_object(space, page + i, file, first + i, shared);
	}
}

static void step_unmap(struct space *space)
{
	u32 page, pages;

	random_range(&page, &pages);
	if (do_munmap(space->mm, address_of(page), pages * PAGE_SIZE)) {
		adopt(space);
		return;
	}
	for (; pages; pages--)
		forget(space, page++, UNMAPPED);
}

static void step_protect(struct space *space)
{
	static const u32 prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_WRITE };
	u32 page, pages;

	random_range(&page, &pages);
	(void)do_mprotect(space->mm, address_of(page), pages * PAGE_SIZE,
			  prots[random_below(ARRAY_SIZE(prots))]);
	adopt(space);
}

/* Moves or copies pages of the same kind, so that they lie in one area. */
static void step_move(struct space *space)
{
	u32 from, to, pages;

	random_range(&from, &pages);
	pages = min(pages, 24u);
	to = random_below(PAGES - pages + 1);
	if (to + pages > from && from + pages > to)
		return;
	if (do_mremap(space->mm, address_of(from), pages * PAGE_SIZE, pages * PAGE_SIZE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, address_of(to)) != address_of(to)) {
		adopt(space);
		return;
	}
	for (u32 i = 0; i < pages; i++) {
		space->prot[to + i] = space->prot[from + i];
		space->object[to + i] = space->object[from + i];
		space->index[to + i] = space->index[from + i];
		space->shared[to + i] = space->shared[from + i];
		space->own[to + i] = space->own[from + i];
		space->given_up[to + i] = space->given_up[from + i];
		space->locked[to + i] = space->locked[from + i];
		space->word[to + i] = space->word[from + i];
		forget(space, from + i, UNMAPPED);
	}
}

static void step_lock(struct space *space)
{
	u32 page, pages;
	int err;

	random_range(&page, &pages);
	pages = min(pages, 8u);
	if (random_one_in(2)) {
		(void)do_munlock(space->mm, address_of(page), pages * PAGE_SIZE);
		adopt(space);
		return;
	}
	err = do_mlock(space->mm, address_of(page), pages * PAGE_SIZE, 0);
	for (u32 i = 0; i < pages; i++)
		note_copy(space, page + i);
	if (err) {
		adopt(space);
		return;
	}
	for (; pages; pages--, page++)
		space->locked[page] = space->prot[page] != PROT_NONE;
}

static void step_advise(struct space *space)
{
	static const int advice[] = { MADV_DONTNEED, MADV_PAGEOUT, MADV_PAGEOUT, MADV_COLD,
				      MADV_WILLNEED, MADV_FREE,	   MADV_FREE };
	int which = advice[random_below(ARRAY_SIZE(advice))];
	u32 page, pages;

	random_range(&page, &pages);
	/* One page at a time, so that the model knows which were advised. */
	for (; pages; pages--, page++) {
		int err = do_madvise(space->mm, address_of(page), PAGE_SIZE, which);

		if (!err && which == MADV_FREE)
			space->given_up[page] = true;
		if (err || which != MADV_DONTNEED || space->shared[page])
			continue;
		space->own[page] = space->object[page] == NO_OBJECT;
		space->given_up[page] = false;
		space->word[page] = 0;
	}
}

static void step_fork(struct space *space)
{
	struct space *copy = &spaces[space_count];

	if (space_count == SPACES_MAX)
		return;
	user_switch(space->mm);
	*copy = *space;
	copy->mm = mm_copy(space->mm);
	if (!copy->mm) {
		model_counters.failed_calls++;
		return;
	}
	memset(copy->locked, 0, sizeof(copy->locked));
	space_count++;
}

static void step_exit(struct space *space)
{
	if (space_count == 1)
		return;
	user_switch(NULL);
	mm_put(space->mm);
	*space = spaces[--space_count];
}

static s32 add_area(struct swap_disk *disk)
{
	struct swap_device *ram;
	s32 type;

	memset(disk, 0, sizeof(*disk));
	if (!random_one_in(4))
		return swap_disk_try(disk, 64 + random_below(600), -1, NULL, 0);
	ram = swap_ram_create(64 + random_below(600));
	if (!ram)
		return -ENOMEM;
	type = swap_area_add(ram, -1, NULL, 0);
	if (type < 0)
		ram->release(ram);
	return type;
}

/* An area goes, if there is room for what it has, and comes back at another time. */
static void step_swapoff(void)
{
	u32 which = random_below(2);
	int err;

	if (types[which] < 0) {
		types[which] = add_area(&disks[which]);
		return;
	}
	err = swapoff_area((u32)types[which]);
	EXPECT(!err || err == -ENOMEM || err == -EIO);
	swapoffs++;
	swapoffs_failed += err != 0;
	if (!err)
		types[which] = -1;
}

/* Trouble, and reclaim at other times than it would come by itself. */
static void step_machine(void)
{
	struct swap_disk *disk = &disks[random_below(2)];

	switch (random_below(10)) {
	case 0:
		disk->fail_read = 1 + random_below(20);
		break;
	case 6:
		swap_files[random_below(SWAP_FILES)].fail_read = 1 + random_below(20);
		break;
	case 7:
		step_swapoff();
		break;
	case 1:
		if (random_one_in(20))
			disk->fail_write = 1 + random_below(20);
		break;
	case 2:
		shrink_caches();
		break;
	case 3:
		reclaim_set_policy(policies[random_below(5)]->name);
		break;
	case 4:
		lru_stop();
		break;
	case 5:
		page_cluster = random_below(5);
		break;
	default:
		shrink_pages(1 + random_below(64), __GFP_HIGHMEM);
	}
}

/* --- A run --- */

static void check_all(void)
{
	vaddr_t where;

	EXPECT_VALID(mmu_check(&where));
	EXPECT_VALID(swap_validate());
	EXPECT_VALID(reclaim_validate());
	for (u32 i = 0; i < SWAP_FILES; i++)
		EXPECT_VALID(mapping_validate(swap_files[i].mapping));
	for (u32 i = 0; i < space_count; i++) {
		EXPECT_VALID(mm_validate(spaces[i].mm, &where));
		for (u32 page = 0; page < PAGES; page++) {
			const pte_t *pte = pte_lookup(spaces[i].mm->pgd, address_of(page));

			if (spaces[i].locked[page])
				EXPECT(pte && pte_present(*pte));
		}
	}
}

static void step(void)
{
	struct space *space = &spaces[random_below(space_count)];
	u32 kind = random_below(100);

	if (kind < 62)
		step_access(space);
	else if (kind < 64)
		step_noise(space);
	else if (kind < 65)
		step_file();
	else if (kind < 68)
		step_map(space);
	else if (kind < 69)
		step_map_shared(space);
	else if (kind < 71)
		step_map_file(space);
	else if (kind < 74)
		step_unmap(space);
	else if (kind < 77)
		step_protect(space);
	else if (kind < 80)
		step_move(space);
	else if (kind < 82)
		step_lock(space);
	else if (kind < 88)
		step_advise(space);
	else if (kind < 92)
		step_fork(space);
	else if (kind < 94)
		step_exit(space);
	else
		step_machine();
}

static void run_programs(u32 steps)
{
	space_count = 1;
	spaces[0].mm = mm_alloc();
	EXPECT(spaces[0].mm != NULL);
	for (u32 page = 0; page < PAGES; page++)
		forget(&spaces[0], page, UNMAPPED);
	swap_files_create(PAGES);
	for (u32 i = 0; i < SWAP_FILES * PAGES; i++)
		object_words[i / PAGES][i % PAGES] = swap_file_word(i / PAGES, i % PAGES);
	for (u32 i = 0; i < steps && !tap_failed(); i++) {
		step();
		if (random_one_in(20))
			check_all();
		if (tap_failed())
			tap_note("in step %u", i);
	}
	user_switch(NULL);
	for (u32 i = 0; i < space_count; i++)
		mm_put(spaces[i].mm);
	swap_files_end();
}

static void run_once(void)
{
	struct page *hog[FRAMES_MAX];
	u32 left = 60 + random_below(160), hogs = 0, before = nr_free_pages();

	EXPECT(reclaim_set_policy(policies[random_below(5)]->name));
	types[0] = add_area(&disks[0]);
	types[1] = random_one_in(3) ? add_area(&disks[1]) : -1;
	EXPECT(types[0] >= 0);
	while (hogs < FRAMES_MAX && nr_free_pages() > left)
		hog[hogs++] = alloc_page(GFP_KERNEL);
	run_programs(150);
	while (hogs)
		put_page(hog[--hogs]);
	shrink_caches();
	for (u32 i = 0; i < 2; i++) {
		if (types[i] < 0)
			continue;
		EXPECT_EQ(swap_info[types[i]].inuse, 0);
		swap_area_remove((u32)types[i]);
	}
	lru_stop();
	shrink_caches();
	EXPECT_EQ(nr_free_pages(), before);
	machine_check();
}

static void runs(u32 count)
{
	struct swap_device *ram = swap_ram_create(2); /* makes the size classes, which stay */

	ram->release(ram);
	reclaim_set_policy("fifo");
	machine_exhaust();
	machine_relax_by(FRAMES_MAX);
	shrink_caches();
	for (u32 i = 0; i < count && !tap_failed(); i++) {
		run_once();
		if (tap_failed())
			tap_note("in run %u", i);
	}
	tap_note("%u runs: %u accesses, %u without memory, %u bus errors, %u calls failed", count,
		 model_counters.accesses, model_counters.no_memory, model_counters.bus_errors,
		 model_counters.failed_calls);
	tap_note("swapped: %u pages written, %u read, %u evicted clean, %u refused",
		 swap_counters.pswpout, swap_counters.pswpin, swap_counters.clean,
		 swap_counters.refused);
	tap_note("%u times swapoff, %u failed; dropped: %u of files, %u of MADV_FREE", swapoffs,
		 swapoffs_failed, reclaim_counters.dropped, reclaim_counters.lazyfreed);
	EXPECT(model_counters.no_memory < model_counters.accesses / 4);
	EXPECT(swapoffs > swapoffs_failed);
	EXPECT(reclaim_counters.dropped && reclaim_counters.lazyfreed);
	machine_relax();
}

static void programs(void)
{
	machine_boot();
	runs(tap_scaled(60));
	EXPECT(model_counters.no_memory > 0);
	EXPECT(model_counters.bus_errors > 0);
}

static void programs_in_high_memory(void)
{
	machine_boot_highmem(MiB(32));
	runs(tap_scaled(20));
}

TAP_MAIN({ "programs", programs }, { "programs_in_high_memory", programs_in_high_memory })
