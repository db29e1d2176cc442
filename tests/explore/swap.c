/* SPDX-License-Identifier: MIT */
/*
 * Swap: a few pages, two frames, two slots, and a disk; each transfer may fail. Of two or
 * more pages the last one is an object's; with one page there may be a child that fork made.
 *
 *   process   | private | private | object |        disk   | header | slot 1 | slot 2 | bad |
 *
 * Operations: reads and writes, of ring 3 and by access_process_vm(), eviction of a page and of
 * all, MADV_FREE, MADV_DONTNEED, mlock, munlock, truncation of the object, swapoff with swapon.
 * The model is what each page contains, wherever it is.
 *
 * The policy is `fifo`: it has no memory but the order of the pages.
 */
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/swapoff.h"
#include "mm/user_space/truncate.h"
#include "tests/explore/explore.h"
#include "tests/explore/spaces.h"
#include "tests/explore/swap_world.h"
#include "tests/host/mapping_write.h"
#include "tests/host/user.h"

#define FRAMES	     2u
#define FORK_FRAMES  8u /* more than fork needs for tables */
#define RECLAIM_MANY 32u

enum operation {
	OP_READ,
	OP_WRITE,
	OP_POKE,
	OP_PAGEOUT,
	OP_FREE,
	OP_DONTNEED,
	OP_MLOCK,
	OP_MUNLOCK,
	OP_RECLAIM,
	OP_TRUNCATE,
	OP_SWAPOFF,
	OP_FORK,
	OP_EXIT,
	OPERATION_KINDS
};

enum { OPERATIONS = OPERATION_KINDS * PROCESSES * PAGES_MAX * DISK_MODES };

const struct world world = { "swap", "pages", 1, PAGES_MAX, 2, PAGES_MAX, OPERATIONS };

struct process processes[PROCESSES];
struct contents shared;
struct address_space *object;
u32 pages;

static u32 next_value;
static LIST_HEAD(held); /* frames that are not there for programs */

/* --- the machine --- */

static void hold(u32 count)
{
	while (count--) {
		struct page *page = alloc_page(__GFP_HIGHMEM | GFP_OWNER(OWNER_KERNEL));

		EXPLORE_CHECK(page);
		list_add(&page->lru, &held);
	}
}

static void give(u32 count)
{
	while (count--) {
		struct page *page = list_first_entry(&held, struct page, lru);

		EXPLORE_CHECK(!list_empty(&held));
		list_del(&page->lru);
		__free_page(page);
	}
}

static bool of_a_program(const struct page *page)
{
	enum page_owner owner = page_owner(page);

	return page->block == BLOCK_USED && (owner == OWNER_ANON || owner == OWNER_PAGECACHE);
}

/* Programs have FRAMES; what the kernel needs for itself does not count. */
static void settle(void)
{
	u32 used = 0, wanted, free;

	shrink_idle_caches();
	drain_hot_frames();
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		used += of_a_program(pfn_to_page(pfn));
	wanted = used < FRAMES ? FRAMES - used : 0;
	free = nr_free_pages();
	if (free > wanted)
		hold(free - wanted);
	else
		give(wanted - free);
}

static void map_all(struct mm_struct *mm)
{
	const struct mmap_request request = {
		.address = page_at(pages - 1),
		.length = PAGE_SIZE,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_SHARED | MAP_FIXED,
		.mapping = object,
		.may = VM_MAY_MASK,
	};

	EXPLORE_EQUAL(do_mmap(mm, page_at(0), pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		      page_at(0));
	if (of_object(pages - 1))
		EXPLORE_EQUAL(do_mmap_pgoff(mm, &request), request.address);
}

void world_start(u32 size)
{
	u32 word;

	pages = size;
	spaces_start();
	for (u32 i = 0; i < NR_ZONES; i++)
		zones[i].pages_min = zones[i].pages_low = zones[i].pages_high = 0;
	EXPLORE_CHECK(reclaim_set_policy("fifo"));
	page_cluster = 2; /* both slots are read together */
	disk_swap_on();
	object = shmem_object(PAGE_SIZE, "object");
	processes[0].mm = mm_alloc();
	EXPLORE_CHECK(object && processes[0].mm);
	map_all(processes[0].mm);
	/* The page tables are there, and stay. */
	for (u32 page = 0; page < pages; page++)
		EXPLORE_EQUAL(user_read(processes[0].mm, page_at(page), &word, 4), FAULT_OK);
	EXPLORE_EQUAL(do_madvise(processes[0].mm, page_at(0), pages * PAGE_SIZE, MADV_DONTNEED), 0);
	mapping_punch_hole(object, 0, 1);
	shrink_caches();
	shrink_pages(1, __GFP_HIGHMEM); /* the lists begin */
	hold(nr_free_pages());
	settle();
}

/* --- operations --- */

static struct contents *contents_of(struct process *process, u32 page)
{
	return of_object(page) ? &shared : &process->page[page];
}

/*
 * An operation may run out of memory only where no frame can come free: the disk fails or is
 * full, or pages are locked.
 */
static bool may_lack_memory(void)
{
	u32 locked = 0;

	for (u32 i = 0; i < PROCESSES; i++)
		locked += processes[i].mm ? processes[i].mm->locked_vm : 0;
	return locked || disk.failed || swap_info[swap_type].failed || nr_swap_pages < FRAMES;
}

/* True: the access succeeded. */
static bool check_result(enum fault_result result)
{
	if (result == FAULT_OOM)
		EXPLORE_CHECK(may_lack_memory());
	else if (result == FAULT_SIGBUS)
		EXPLORE_CHECK(disk.failed && disk.mode == DISK_READ_FAILS);
	else
		EXPLORE_EQUAL(result, FAULT_OK);
	return result == FAULT_OK;
}

static void read_page(struct process *process, u32 page)
{
	struct contents *contents = contents_of(process, page);
	u32 head = 0;

	if (!check_result(user_read(process->mm, page_at(page) + HEAD, &head, sizeof(head))))
		return;
	if (contents->dropped && !head)
		*contents = (struct contents){ .locked = contents->locked };
	EXPLORE_EQUAL(head, contents->head);
}

/* Both words of the object's page; the first one of a private page. */
static void write_page(struct process *process, u32 page, bool poke)
{
	struct contents *contents = contents_of(process, page);
	vaddr_t address = page_at(page) + HEAD;
	u32 value = ++next_value;
	enum fault_result result;

	if (!poke)
		result = user_write(process->mm, address, &value, sizeof(value));
	else if (access_process_vm(process->mm, address, &value, sizeof(value), FAULT_WRITE))
		result = FAULT_OK;
	else
		result = disk.failed && disk.mode == DISK_READ_FAILS ? FAULT_SIGBUS : FAULT_OOM;
	if (!check_result(result))
		return;
	contents->dropped = false;
	contents->head = value;
	if (of_object(page) && !poke &&
	    user_write(process->mm, page_at(page) + TAIL, &value, sizeof(value)) == FAULT_OK)
		contents->tail = value;
}

static void advise(struct process *process, u32 page, int advice)
{
	struct contents *contents = contents_of(process, page);
	int err = do_madvise(process->mm, page_at(page), PAGE_SIZE, advice), expected = 0;

	if (process->page[page].locked || (advice == MADV_FREE && of_object(page)))
		expected = -EINVAL;
	EXPLORE_EQUAL(err, expected);
	if (err || of_object(page))
		return;
	if (advice == MADV_DONTNEED)
		*contents = (struct contents){ .head = 0 };
	else if (advice == MADV_FREE)
		contents->dropped = true;
}

static void lock_page(struct process *process, u32 page, bool on)
{
	int err = on ? do_mlock(process->mm, page_at(page), PAGE_SIZE, MLOCK_ONFAULT)
		     : do_munlock(process->mm, page_at(page), PAGE_SIZE);

	EXPLORE_EQUAL(err, 0);
	process->page[page].locked = on;
}

/* To half a page, and back: the end is zero then. */
static void truncate_object(void)
{
	int err = mapping_resize(object, PAGE_SIZE / 2);

	if (err == -ENOMEM)
		EXPLORE_CHECK(may_lack_memory());
	else if (err == -EIO)
		EXPLORE_CHECK(disk.failed && disk.mode == DISK_READ_FAILS);
	else
		EXPLORE_EQUAL(err, 0);
	if (err)
		return;
	shared.tail = 0;
	EXPLORE_EQUAL(mapping_resize(object, PAGE_SIZE), 0);
}

static void swap_off(void)
{
	int err = swapoff_area(swap_type);

	if (err) {
		EXPLORE_CHECK(err == -ENOMEM || disk.failed);
		EXPLORE_CHECK(swap_info[swap_type].device && !swap_info[swap_type].leaving);
		return;
	}
	for (u32 slot = 0; slot < DISK_PAGES; slot++)
		EXPLORE_CHECK(!disk.written[slot]);
	disk_swap_on();
}

static void fork_process(void)
{
	processes[1] = processes[0];
	give(FORK_FRAMES);
	processes[1].mm = mm_copy(processes[0].mm);
	EXPLORE_CHECK(processes[1].mm);
	for (u32 page = 0; page < pages; page++)
		processes[1].page[page].locked = false;
}

static void end_child(void)
{
	mm_put(processes[1].mm);
	processes[1] = (struct process){ .mm = NULL };
}

/* --- operations by number --- */

struct decoded {
	enum operation operation;
	enum disk_mode mode;
	u32 process, page;
};

static struct decoded decode(u32 operation)
{
	return (struct decoded){
		.mode = (enum disk_mode)(operation % DISK_MODES),
		.page = operation / DISK_MODES % PAGES_MAX,
		.process = operation / DISK_MODES / PAGES_MAX % PROCESSES,
		.operation = (enum operation)(operation / DISK_MODES / PAGES_MAX / PROCESSES),
	};
}

static bool possible(const struct decoded *decoded)
{
	const struct process *process = &processes[decoded->process];
	bool of_page = decoded->operation < OP_RECLAIM;

	if (decoded->page >= (of_page ? pages : 1) || (!of_page && decoded->process))
		return false;
	switch (decoded->operation) {
	case OP_FORK:
		return !processes[1].mm && pages == 1;
	case OP_EXIT:
		return processes[1].mm;
	case OP_TRUNCATE:
		return pages > 1;
	case OP_MLOCK:
		return process->mm && !decoded->page && !process->page[0].locked;
	case OP_MUNLOCK:
		return process->mm && process->page[decoded->page].locked;
	default:
		return process->mm;
	}
}

static void call(const struct decoded *decoded)
{
	static const int advices[] = {
		[OP_PAGEOUT] = MADV_PAGEOUT,
		[OP_FREE] = MADV_FREE,
		[OP_DONTNEED] = MADV_DONTNEED,
	};
	struct process *process = &processes[decoded->process];

	switch (decoded->operation) {
	case OP_READ:
		read_page(process, decoded->page);
		break;
	case OP_WRITE:
	case OP_POKE:
		write_page(process, decoded->page, decoded->operation == OP_POKE);
		break;
	case OP_PAGEOUT:
	case OP_FREE:
	case OP_DONTNEED:
		advise(process, decoded->page, advices[decoded->operation]);
		break;
	case OP_MLOCK:
	case OP_MUNLOCK:
		lock_page(process, decoded->page, decoded->operation == OP_MLOCK);
		break;
	case OP_RECLAIM:
		shrink_pages(RECLAIM_MANY, __GFP_HIGHMEM);
		break;
	case OP_TRUNCATE:
		truncate_object();
		break;
	case OP_SWAPOFF:
		swap_off();
		break;
	case OP_FORK:
		fork_process();
		break;
	default:
		end_child();
		break;
	}
}

/* Only the first page is ever locked. */
static bool locked_in_memory(const struct process *process)
{
	return process->mm && process->page[0].locked && mapped_frame(process->mm, page_at(0));
}

bool world_apply(u32 operation)
{
	struct decoded decoded = decode(operation);
	bool failed, stays;

	if (!possible(&decoded))
		return false;
	disk.mode = decoded.mode;
	stays = locked_in_memory(&processes[0]) && decoded.operation != OP_MUNLOCK;
	call(&decoded);
	/* (3) of mm/reclaim/reclaim.h */
	EXPLORE_CHECK(!stays || locked_in_memory(&processes[0]));
	failed = disk.failed;
	disk.mode = DISK_WORKS;
	disk.failed = false;
	if (failed != (decoded.mode != DISK_WORKS))
		return explore_undo(0);
	settle();
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const texts[] = {
		[OP_READ] = "user_read(space[%u], page_at(%u), &word, sizeof(word));",
		[OP_WRITE] = "user_write(space[%u], page_at(%u), &word, sizeof(word));",
		[OP_POKE] = "access_process_vm(space[%u], page_at(%u), &word, sizeof(word), "
			    "FAULT_WRITE);",
		[OP_PAGEOUT] = "do_madvise(space[%u], page_at(%u), PAGE_SIZE, MADV_PAGEOUT);",
		[OP_FREE] = "do_madvise(space[%u], page_at(%u), PAGE_SIZE, MADV_FREE);",
		[OP_DONTNEED] = "do_madvise(space[%u], page_at(%u), PAGE_SIZE, MADV_DONTNEED);",
		[OP_MLOCK] = "do_mlock(space[%u], page_at(%u), PAGE_SIZE, MLOCK_ONFAULT);",
		[OP_MUNLOCK] = "do_munlock(space[%u], page_at(%u), PAGE_SIZE);",
		[OP_RECLAIM] = "shrink_pages(32, __GFP_HIGHMEM);",
		[OP_TRUNCATE] = "mapping_resize(object, PAGE_SIZE / 2); "
				"mapping_resize(object, PAGE_SIZE);",
		[OP_SWAPOFF] = "swapoff_area(type); swap_area_add(&device, 0, bad, 1);",
		[OP_FORK] = "space[1] = mm_copy(space[0]);",
		[OP_EXIT] = "mm_put(space[1]);",
	};
	static const char *const modes[] = {
		[DISK_WORKS] = "",
		[DISK_READ_FAILS] = " /* a read fails */",
		[DISK_WRITE_FAILS] = " /* a write fails */",
		[DISK_REFUSES] = " /* the disk refuses a page */",
	};
	const struct decoded decoded = decode(operation);
	u32 length;

	scnprintf(buffer, size, texts[decoded.operation], decoded.process, decoded.page);
	length = (u32)strlen(buffer);
	scnprintf(buffer + length, size - length, "%s", modes[decoded.mode]);
}

void world_check(void)
{
	swap_check();
}

void world_describe(void)
{
	swap_describe();
}
