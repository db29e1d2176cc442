/* SPDX-License-Identifier: MIT */
/*
 * Random programs in several forked address spaces, on the software MMU, against a flat model: for
 * each space the rights and the bytes of every page of a window. A program must read the model's
 * bytes, whatever was shared, copied, unmapped or protected in between.
 */
#include <stdlib.h>
#include <string.h>

#include "mm/frames/fail_alloc.h"
#include "mm/slab/slab.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES	   72u
#define BASE	   (0x40400000u - 30 * PAGE_SIZE) /* the window lies in two page tables */
#define SPACES_MAX 6u
#define UNMAPPED   0xff

struct space {
	struct mm_struct *mm;
	u8 prot[PAGES]; /* PROT_*, or UNMAPPED */
	u8 *bytes;	/* PAGES pages */
};

static struct space spaces[SPACES_MAX];
static u32 space_count;
static bool failures_on; /* allocations may fail */
static u32 refused, out_of_memory;

static vaddr_t address_of(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

/* Lets one of the next allocations fail, or none. */
static void arm(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY,
				  .mode = FAIL_ONCE,
				  .nth = 1 + random_below(4) };

	fail_alloc_set(failures_on && random_one_in(4) ? &spec : NULL);
}

static enum fault_result expected_result(const struct space *space, u32 page, bool write)
{
	if (space->prot[page] == UNMAPPED)
		return FAULT_MAPERR;
	if (write ? !(space->prot[page] & PROT_WRITE) : space->prot[page] == PROT_NONE)
		return FAULT_ACCERR;
	return FAULT_OK;
}

/* An access within one page, by the program itself or by access_process_vm(). */
static void access_page(struct space *space, u32 page, u32 offset, u32 length, bool write)
{
	enum fault_result expected = expected_result(space, page, write), got;
	u8 buffer[PAGE_SIZE], *shadow = space->bytes + page * PAGE_SIZE + offset;
	vaddr_t address = address_of(page) + offset;
	u32 fill = random_u32();

	for (u32 i = 0; write && i < length; i++)
		buffer[i] = (u8)(fill + i);
	arm();
	if (random_one_in(6)) {
		u32 done = access_process_vm(space->mm, address, buffer, length,
					     write ? FAULT_WRITE : FAULT_READ);

		got = done == length ? FAULT_OK : expected != FAULT_OK ? expected : FAULT_OOM;
		EXPECT(done == length || !done);
	} else if (write) {
		got = user_write(space->mm, address, buffer, length);
	} else {
		got = user_read(space->mm, address, buffer, length);
	}
	if (got == FAULT_OOM && fail_alloc_failed()) {
		out_of_memory++;
		return;
	}
	EXPECT_EQ(got, expected);
	refused += got != FAULT_OK;
	if (got == FAULT_OK && write)
		memcpy(shadow, buffer, length);
	else if (got == FAULT_OK)
		EXPECT(!memcmp(shadow, buffer, length));
	if (tap_failed())
		tap_note("%s %#x, %u bytes", write ? "write to" : "read of", address, length);
}

static void step_access(struct space *space)
{
	u32 page = random_below(PAGES), offset = random_below(PAGE_SIZE);

	access_page(space, page, offset, 1 + random_below(min(PAGE_SIZE - offset, 64u)),
		    random_one_in(2));
}

static void forget_bytes(struct space *space, u32 page, u32 pages)
{
	memset(space->bytes + page * PAGE_SIZE, 0, pages * PAGE_SIZE);
}

static void random_range(u32 *page, u32 *pages)
{
	*page = random_below(PAGES);
	*pages = min(1 + random_below(random_one_in(6) ? PAGES : 6), PAGES - *page);
}

static u32 random_prot(void)
{
	static const u32 prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE };

	return prots[random_below(ARRAY_SIZE(prots))];
}

static void step_map(struct space *space)
{
	u32 page, pages, prot = random_prot();

	random_range(&page, &pages);
	fail_alloc_set(NULL);
	EXPECT_EQ(do_mmap(space->mm, address_of(page), pages * PAGE_SIZE, prot,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  address_of(page));
	memset(space->prot + page, (int)prot, pages);
	forget_bytes(space, page, pages);
}

static void step_unmap(struct space *space)
{
	u32 page, pages;

	random_range(&page, &pages);
	arm();
	if (do_munmap(space->mm, address_of(page), pages * PAGE_SIZE)) {
		EXPECT(fail_alloc_failed());
		return;
	}
	memset(space->prot + page, UNMAPPED, pages);
	forget_bytes(space, page, pages);
}

static void step_protect(struct space *space)
{
	u32 page, pages, prot = random_prot();

	random_range(&page, &pages);
	fail_alloc_set(NULL);
	do_mprotect(space->mm, address_of(page), pages * PAGE_SIZE, prot);
	/* Up to the first hole. */
	for (; pages && space->prot[page] != UNMAPPED; page++, pages--)
		space->prot[page] = (u8)prot;
}

static void step_dontneed(struct space *space)
{
	u32 page, pages;

	random_range(&page, &pages);
	do_madvise(space->mm, address_of(page), pages * PAGE_SIZE, MADV_DONTNEED);
	forget_bytes(space, page, pages);
}

static void step_fork(struct space *space)
{
	struct space *copy = &spaces[space_count];

	if (space_count == SPACES_MAX)
		return;
	user_switch(space->mm);
	arm();
	copy->mm = mm_copy(space->mm);
	if (!copy->mm) {
		EXPECT(fail_alloc_failed());
		out_of_memory++;
		return;
	}
	memcpy(copy->prot, space->prot, sizeof(copy->prot));
	copy->bytes = malloc(PAGES * PAGE_SIZE);
	memcpy(copy->bytes, space->bytes, PAGES * PAGE_SIZE);
	space_count++;
}

static void step_exit(struct space *space)
{
	if (space_count == 1)
		return;
	mm_put(space->mm);
	free(space->bytes);
	*space = spaces[--space_count];
}

/* Every byte of a space, as its program sees it. */
static void compare(struct space *space)
{
	fail_alloc_set(NULL);
	for (u32 page = 0; page < PAGES; page++) {
		u8 buffer[PAGE_SIZE];
		enum fault_result expected = expected_result(space, page, false);

		EXPECT_EQ(user_read(space->mm, address_of(page), buffer, PAGE_SIZE), expected);
		if (expected == FAULT_OK)
			EXPECT(!memcmp(buffer, space->bytes + page * PAGE_SIZE, PAGE_SIZE));
	}
}

static void check_all(void)
{
	vaddr_t where;

	EXPECT_VALID(mmu_check(&where));
	for (u32 i = 0; i < space_count; i++)
		EXPECT_VALID(mm_validate(spaces[i].mm, &where));
}

static void step(void)
{
	struct space *space = &spaces[random_below(space_count)];
	u32 kind = random_below(100);

	if (kind < 70)
		step_access(space);
	else if (kind < 78)
		step_map(space);
	else if (kind < 84)
		step_unmap(space);
	else if (kind < 92)
		step_protect(space);
	else if (kind < 94)
		step_dontneed(space);
	else if (kind < 98)
		step_fork(space);
	else
		step_exit(space);
}

static void run(u32 steps)
{
	spaces[0].mm = mm_alloc();
	spaces[0].bytes = calloc(PAGES, PAGE_SIZE);
	memset(spaces[0].prot, UNMAPPED, sizeof(spaces[0].prot));
	space_count = 1;
	for (u32 i = 0; i < steps && !tap_failed(); i++) {
		step();
		check_all();
		if (random_one_in(300))
			compare(&spaces[random_below(space_count)]);
		if (random_one_in(1000))
			machine_check();
		if (tap_failed())
			tap_note("in step %u", i);
	}
	for (u32 i = 0; i < space_count; i++) {
		compare(&spaces[i]);
		mm_put(spaces[i].mm);
		free(spaces[i].bytes);
	}
	EXPECT(refused > 0);
	tap_note("%u accesses refused, %u without memory", refused, out_of_memory);
}

static void programs(void)
{
	machine_boot();
	run(tap_scaled(40000));
}

static void programs_in_high_memory(void)
{
	machine_boot_highmem(MiB(32));
	run(tap_scaled(10000));
}

static void programs_with_failures(void)
{
	machine_boot();
	failures_on = true;
	run(tap_scaled(20000));
	EXPECT(out_of_memory > 0);
}

TAP_MAIN({ "random programs", programs },
	 { "random programs in high memory", programs_in_high_memory },
	 { "random programs, allocations fail", programs_with_failures })
