/* SPDX-License-Identifier: MIT */
/*
 * Random programs in a machine with few frames and a disk for swap that fails at random, against a
 * flat model: for each space the rights and one word of every page of a window.
 *
 *   run: a few address spaces, forked from each other, 40 to 200 frames, one or two areas of swap
 *        (a disk or memory), any policy
 *
 * An access may be refused for lack of memory, or by a disk that fails to read. But what is read
 * is what was written last, a locked page stays in memory, and at the end of each run all frames
 * and slots are free. SCALE=130 makes more than 10,000 runs.
 */
#include <stdlib.h>
#include <string.h>

#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap_ram.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES	   192u
#define BASE	   (0x40400000u - 64 * PAGE_SIZE) /* the window lies in two page tables */
#define SPACES_MAX 5u
#define FRAMES_MAX 400u
#define UNMAPPED   0xff
#define OBJECTS	   4u
#define NO_OBJECT  0xff
#define WORD	   1000u /* the offset of the word in its page */

struct space {
	struct mm_struct *mm;
	u8 prot[PAGES];	  /* PROT_*, or UNMAPPED */
	u8 object[PAGES]; /* of shared memory, or NO_OBJECT */
	u8 index[PAGES];  /* the object's page */
	bool locked[PAGES];
	u32 word[PAGES]; /* of a private page */
};

static struct space spaces[SPACES_MAX];
static u32 space_count;
static u32 object_words[OBJECTS][PAGES];
static struct swap_disk disks[2];
static u32 accesses, no_memory, bus_errors, failed_calls;

static vaddr_t address_of(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

static u32 *word_of(struct space *space, u32 page)
{
	return space->object[page] == NO_OBJECT
		       ? &space->word[page]
		       : &object_words[space->object[page]][space->index[page]];
}

static void random_range(u32 *page, u32 *pages)
{
	*page = random_below(PAGES);
	*pages = min(1 + random_below(random_one_in(4) ? PAGES : 24), PAGES - *page);
}

/* A page is mapped anew, private, or unmapped. */
static void forget(struct space *space, u32 page, u32 prot)
{
	space->prot[page] = (u8)prot;
	space->object[page] = NO_OBJECT;
	space->locked[page] = false;
	space->word[page] = 0;
}

/* A call failed half-way: the areas tell how far it came. */
static void adopt(struct space *space)
{
	failed_calls++;
	for (u32 page = 0; page < PAGES; page++) {
		const struct vm_area_struct *vma = find_vma(space->mm, address_of(page));

		if (!vma || vma->vm_start > address_of(page))
			forget(space, page, UNMAPPED);
		else
			space->prot[page] =
				(u8)(vma->vm_flags & (PROT_READ | PROT_WRITE | PROT_EXEC));
		if (space->prot[page] == UNMAPPED || !(vma->vm_flags & VM_LOCKED))
			space->locked[page] = false;
	}
}

/* --- Accesses --- */

static enum fault_result expected_result(const struct space *space, u32 page, bool write)
{
	if (space->prot[page] == UNMAPPED)
		return FAULT_MAPERR;
	if (write ? !(space->prot[page] & PROT_WRITE) : space->prot[page] == PROT_NONE)
		return FAULT_ACCERR;
	return FAULT_OK;
}

static enum fault_result access_word(struct space *space, u32 page, u32 *word, bool write)
{
	vaddr_t address = address_of(page) + WORD;

	if (random_one_in(8))
		return access_process_vm(space->mm, address, word, 4,
					 write ? FAULT_WRITE : FAULT_READ) == 4
			       ? FAULT_OK
			       : FAULT_OOM;
	return write ? user_write(space->mm, address, word, 4)
		     : user_read(space->mm, address, word, 4);
}

static void access_page(struct space *space, u32 page, bool write)
{
	enum fault_result expected = expected_result(space, page, write), got;
	u32 word = random_u32();

	got = access_word(space, page, &word, write);
	accesses++;
	if (got != FAULT_OK && expected != FAULT_OK)
		return;
	no_memory += got == FAULT_OOM;
	bus_errors += got == FAULT_SIGBUS;
	if (got == FAULT_OOM || got == FAULT_SIGBUS)
		return;
	EXPECT_EQ(got, expected);
	if (write)
		*word_of(space, page) = word;
	else
		EXPECT_EQ(word, *word_of(space, page));
	if (tap_failed())
		tap_note("%s page %u of space %u", write ? "write to" : "read of", page,
			 (u32)(space - spaces));
}

/* Some pages near each other, as programs do. */
static void step_access(struct space *space)
{
	u32 page = random_below(PAGES), pages = min(random_below(40), PAGES - page);
	bool write = random_one_in(2);

	for (; pages && !tap_failed(); pages--)
		access_page(space, page++, write);
}

/* A page that does not compress; its word stays what it is. */
static void step_noise(struct space *space)
{
	u32 page = random_below(PAGES), noise[PAGE_SIZE / 4], word = *word_of(space, page);
	u8 *bytes = (u8 *)noise;

	if (expected_result(space, page, true) != FAULT_OK)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(noise); i++)
		noise[i] = random_u32();
	memcpy(bytes + WORD, &word, 4);
	(void)user_write(space->mm, address_of(page), noise, PAGE_SIZE);
}

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
	u32 page, pages, object = 0;

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
		space->object[page + i] = (u8)object;
		space->index[page + i] = (u8)i;
		object_words[object][i] = 0;
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
		space->locked[to + i] = space->locked[from + i];
		space->word[to + i] = space->word[from + i];
		forget(space, from + i, UNMAPPED);
	}
}

static void step_lock(struct space *space)
{
	u32 page, pages;

	random_range(&page, &pages);
	pages = min(pages, 8u);
	if (random_one_in(2)) {
		(void)do_munlock(space->mm, address_of(page), pages * PAGE_SIZE);
		adopt(space);
		return;
	}
	if (do_mlock(space->mm, address_of(page), pages * PAGE_SIZE, 0)) {
		adopt(space);
		return;
	}
	for (; pages; pages--, page++)
		space->locked[page] = space->prot[page] != PROT_NONE;
}

static void step_advise(struct space *space)
{
	static const int advice[] = { MADV_DONTNEED, MADV_PAGEOUT, MADV_PAGEOUT, MADV_COLD,
				      MADV_WILLNEED };
	int which = advice[random_below(ARRAY_SIZE(advice))];
	u32 page, pages;

	random_range(&page, &pages);
	/* One page at a time, so that the model knows which were advised. */
	for (; pages; pages--, page++) {
		int err = do_madvise(space->mm, address_of(page), PAGE_SIZE, which);

		if (!err && which == MADV_DONTNEED && space->object[page] == NO_OBJECT)
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
		failed_calls++;
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

/* Trouble, and reclaim at other times than it would come by itself. */
static void step_machine(void)
{
	struct swap_disk *disk = &disks[random_below(2)];

	switch (random_below(8)) {
	case 0:
		disk->fail_read = 1 + random_below(20);
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
	else if (kind < 69)
		step_map(space);
	else if (kind < 71)
		step_map_shared(space);
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
}

static u32 add_area(struct swap_disk *disk)
{
	struct swap_device *ram;
	int type = -1;

	memset(disk, 0, sizeof(*disk));
	if (!random_one_in(4))
		return swap_disk_add(disk, 64 + random_below(600), -1);
	ram = swap_ram_create(64 + random_below(600));
	if (ram)
		type = swap_area_add(ram, -1, NULL, 0);
	EXPECT(type >= 0);
	return (u32)type;
}

static void run_once(void)
{
	struct page *hog[FRAMES_MAX];
	u32 left = 60 + random_below(160), hogs = 0, second = random_one_in(3), type[2] = { 0, 0 };
	u32 before = nr_free_pages();

	EXPECT(reclaim_set_policy(policies[random_below(5)]->name));
	type[0] = add_area(&disks[0]);
	if (second)
		type[1] = add_area(&disks[1]);
	while (hogs < FRAMES_MAX && nr_free_pages() > left)
		hog[hogs++] = alloc_page(GFP_KERNEL);
	run_programs(150);
	while (hogs)
		put_page(hog[--hogs]);
	shrink_caches();
	EXPECT_EQ(swap_info[type[0]].inuse, 0);
	swap_area_remove(type[0]);
	if (second)
		swap_area_remove(type[1]);
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
		 accesses, no_memory, bus_errors, failed_calls);
	tap_note("swapped: %u pages written, %u read, %u evicted clean, %u refused",
		 swap_counters.pswpout, swap_counters.pswpin, swap_counters.clean,
		 swap_counters.refused);
	EXPECT(no_memory < accesses / 4);
	machine_relax();
}

static void programs(void)
{
	machine_boot();
	runs(tap_scaled(60));
	EXPECT(no_memory > 0);
	EXPECT(bus_errors > 0);
}

static void programs_in_high_memory(void)
{
	machine_boot_highmem(MiB(32));
	runs(tap_scaled(20));
}

TAP_MAIN({ "programs", programs }, { "programs_in_high_memory", programs_in_high_memory })
