/* SPDX-License-Identifier: MIT */
/*
 * What mm/ counts, for /proc/vmstat, the trace and the end of a run: each event once, under its
 * own name, and nothing else.
 */
#include "mm/frames/highmem.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

struct counters {
	struct fault_counters fault;
	struct reclaim_counters reclaim;
	struct swap_counters swap;
};

#define COUNTERS (sizeof(struct counters) / sizeof(u32))

static struct counters before;
static struct mm_struct *mm;

static struct counters counters_now(void)
{
	return (struct counters){ fault_counters, reclaim_counters, swap_counters };
}

static void expect_counted(const char *call, const struct counters *expected, int line)
{
	struct counters now = counters_now();
	const u32 *from = (const u32 *)&before, *to = (const u32 *)&now;

	for (u32 i = 0; i < COUNTERS; i++)
		if (!tap_check_equal(to[i] - from[i], ((const u32 *)expected)[i], call, __FILE__,
				     line))
			tap_note("it is counter %u of struct counters", i);
}

/* The call counts just this: fields of struct counters. */
#define COUNTED(call, ...)                                                                \
	do {                                                                              \
		before = counters_now();                                                  \
		call;                                                                     \
		expect_counted(#call, &(const struct counters){ __VA_ARGS__ }, __LINE__); \
	} while (0)

static void fault(vaddr_t address, enum fault_access access, enum fault_result result)
{
	EXPECT_EQ(mm_fault(mm, address, access), result);
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
}

static void anonymous_pages(void)
{
	struct mm_struct *child;
	vaddr_t area;

	start();
	area = user_map(mm, 3 * PAGE_SIZE, RW);
	COUNTED(fault(area, FAULT_READ, FAULT_OK), .fault = { .zero_page = 1, .resolved = 1 });
	COUNTED(fault(area, FAULT_WRITE, FAULT_OK), .fault = { .fresh_page = 1, .resolved = 1 });
	COUNTED(fault(area + PAGE_SIZE, FAULT_WRITE, FAULT_OK),
		.fault = { .fresh_page = 1, .resolved = 1 });
	COUNTED(fault(area, FAULT_WRITE, FAULT_OK), .fault = { .spurious = 1, .resolved = 1 });
	child = mm_copy(mm);
	COUNTED(fault(area, FAULT_WRITE, FAULT_OK), .fault = { .cow_copy = 1, .resolved = 1 });
	mm_put(child);
	COUNTED(fault(area + PAGE_SIZE, FAULT_WRITE, FAULT_OK),
		.fault = { .cow_reuse = 1, .resolved = 1 });
	COUNTED(fault(area + 4 * PAGE_SIZE, FAULT_READ, FAULT_MAPERR), .fault = { .refused = 1 });
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, R), 0);
	COUNTED(fault(area, FAULT_WRITE, FAULT_ACCERR), .fault = { .refused = 1 });
	mm_put(mm);
}

static void stack(void)
{
	const vaddr_t at = 0x50000000;

	start();
	EXPECT_EQ(do_mmap(mm, at, PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN),
		  at);
	COUNTED(fault(at - PAGE_SIZE, FAULT_WRITE, FAULT_OK),
		.fault = { .stack_growth = 1, .fresh_page = 1, .resolved = 1 });
	mm_put(mm);
}

static vaddr_t map_object(struct address_space *mapping, vaddr_t at, u32 flags)
{
	struct mmap_request request = { .address = at,
					.length = 4 * PAGE_SIZE,
					.prot = RW,
					.flags = flags | MAP_FIXED,
					.mapping = mapping,
					.may = VM_MAY_MASK };

	EXPECT_EQ(do_mmap_pgoff(mm, &request), at);
	return at;
}

static void pages_of_objects(void)
{
	static const char text[4 * PAGE_SIZE];
	struct address_space *object;
	vaddr_t shared, private;

	start();
	object = shmem_object(0, "counted");
	EXPECT_EQ(mapping_write(object, text, 3 * PAGE_SIZE, 0), 3 * PAGE_SIZE);
	EXPECT_EQ(mapping_resize(object, 4 * PAGE_SIZE), 0);
	shared = map_object(object, 0x50000000, MAP_SHARED);
	private = map_object(object, 0x51000000, MAP_PRIVATE);
	COUNTED(fault(shared, FAULT_WRITE, FAULT_OK), .fault = { .mapped_page = 1, .resolved = 1 });
	COUNTED(fault(shared + PAGE_SIZE, FAULT_READ, FAULT_OK),
		.fault = { .mapped_page = 1, .mapped_around = 1, .resolved = 1 });
	COUNTED(fault(private, FAULT_WRITE, FAULT_OK), .fault = { .cow_copy = 1, .resolved = 1 });
	EXPECT_EQ(mapping_resize(object, 0), 0);
	COUNTED(fault(shared, FAULT_READ, FAULT_SIGBUS), .fault = { .refused = 1 });
	mapping_put(object);
	mm_put(mm);
}

static struct page *page_at(vaddr_t address)
{
	return pfn_to_page(pte_pfn(*pte_lookup(mm->pgd, address)));
}

static void evict(vaddr_t address, u32 freed)
{
	struct page *page = page_at(address);

	EXPECT_EQ(reclaim_these_pages(&page, 1), freed);
}

/* Each page goes to swap, comes back, or stays. */
static void swapped_pages(void)
{
	struct swap_disk disk;
	struct page *page;
	vaddr_t area;
	u32 type;

	start();
	type = swap_disk_add(&disk, 100, -1);
	page_cluster = 0;
	area = user_map(mm, 3 * PAGE_SIZE, RW);
	fault(area, FAULT_WRITE, FAULT_OK);
	COUNTED(evict(area, 1), .reclaim = { .freed = 1 },
		.swap = { .pswpout = 1, .evictions = 1 });
	COUNTED(fault(area, FAULT_READ, FAULT_OK), .fault = { .swapped_in = 1, .resolved = 1 },
		.swap = { .pswpin = 1 });
	COUNTED(evict(area, 1), .reclaim = { .freed = 1 }, .swap = { .clean = 1, .evictions = 1 });
	disk.fail_read = 1;
	COUNTED(fault(area, FAULT_READ, FAULT_SIGBUS), .fault = { .refused = 1 },
		.swap = { .read_errors = 1 });
	fault(area, FAULT_WRITE, FAULT_OK);
	disk.refuses = true;
	COUNTED(evict(area, 0), .reclaim = { .kept_unwritten = 1 }, .swap = { .refused = 1 });
	disk.refuses = false;
	area += PAGE_SIZE;
	EXPECT_EQ(do_mlock(mm, area, PAGE_SIZE, 0), 0);
	COUNTED(evict(area, 0), .reclaim = { .kept_locked = 1 });
	EXPECT_EQ(do_munlock(mm, area, PAGE_SIZE), 0);
	page = page_at(area);
	get_page(page);
	COUNTED(evict(area, 0), .reclaim = { .kept_busy = 1 });
	put_page(page);
	area += PAGE_SIZE;
	fault(area, FAULT_WRITE, FAULT_OK);
	disk.fail_write = 1;
	COUNTED(evict(area, 0), .reclaim = { .kept_unwritten = 1 }, .swap = { .write_errors = 1 });
	mm_put(mm);
	swap_disk_remove(type);
}

/* Neighbours are read too; a fault on one of them finds it in memory. */
static void read_ahead(void)
{
	struct page *pages[4];
	struct swap_disk disk;
	vaddr_t area;
	u32 type;

	start();
	type = swap_disk_add(&disk, 100, -1);
	page_cluster = 2;
	area = user_map(mm, 4 * PAGE_SIZE, RW);
	for (u32 i = 0; i < 4; i++) {
		fault(area + i * PAGE_SIZE, FAULT_WRITE, FAULT_OK);
		pages[i] = page_at(area + i * PAGE_SIZE);
	}
	/* They lie in one cluster of slots, and so in one window. */
	COUNTED(EXPECT_EQ(reclaim_these_pages(pages, 4), 4), .reclaim = { .freed = 4 },
		.swap = { .pswpout = 4, .evictions = 4 });
	COUNTED(fault(area, FAULT_READ, FAULT_OK), .fault = { .swapped_in = 1, .resolved = 1 },
		.swap = { .pswpin = 4, .readahead = 3 });
	COUNTED(fault(area + PAGE_SIZE, FAULT_READ, FAULT_OK), .fault = { .resolved = 1 },
		.swap = { .ra_hits = 1 });
	mm_put(mm);
	swap_disk_remove(type);
}

/* MADV_FREE: without swap. */
static void lazily_freed(void)
{
	vaddr_t area;

	start();
	area = user_map(mm, 2 * PAGE_SIZE, RW);
	for (u32 i = 0; i < 2; i++)
		fault(area + i * PAGE_SIZE, FAULT_WRITE, FAULT_OK);
	COUNTED(EXPECT_EQ(do_madvise(mm, area, 2 * PAGE_SIZE, MADV_FREE), 0),
		.swap = { .lazyfree = 2 });
	COUNTED(evict(area, 1), .reclaim = { .lazyfreed = 1, .freed = 1 });
	mm_put(mm);
}

static int fill(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	clear_highpage(page);
	return 0;
}

/* Pages that can be filled again need no swap. */
static void dropped(void)
{
	const struct address_space_operations *all;
	struct address_space_operations filled;
	struct address_space *object;
	vaddr_t area;

	start();
	object = shmem_object(4 * PAGE_SIZE, "filled");
	all = object->a_ops;
	filled = *all;
	filled.readpage = fill;
	object->a_ops = &filled;
	area = map_object(object, 0x50000000, MAP_SHARED);
	fault(area, FAULT_READ, FAULT_OK);
	COUNTED(evict(area, 1), .reclaim = { .dropped = 1, .freed = 1 },
		.swap = { .evictions = 1 });
	object->a_ops = all;
	mm_put(mm);
	mapping_put(object);
}

/* Requests that wait for reclaim, and turns of the task in the background. */
static void callers_of_reclaim(void)
{
	u32 high;

	start();
	high = zones[ZONE_NORMAL].pages_high;
	COUNTED(EXPECT(!reclaim_balance()), .reclaim = { 0 });
	zones[ZONE_NORMAL].pages_high = UINT32_MAX;
	COUNTED(reclaim_balance(), .reclaim = { .background = 1 });
	zones[ZONE_NORMAL].pages_high = high;
	machine_exhaust();
	COUNTED(EXPECT(!alloc_page(GFP_KERNEL)), .reclaim = { .direct = 1 });
	COUNTED(EXPECT(!alloc_page(GFP_ATOMIC)), .reclaim = { 0 });
	machine_relax();
	mm_put(mm);
}

TAP_MAIN({ "anonymous pages", anonymous_pages }, { "a stack", stack },
	 { "pages of objects", pages_of_objects }, { "swapped pages", swapped_pages },
	 { "read ahead", read_ahead }, { "lazily freed", lazily_freed }, { "dropped", dropped },
	 { "callers of reclaim", callers_of_reclaim })
