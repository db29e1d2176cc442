/* SPDX-License-Identifier: MIT */
/*
 * The figures of /proc, record by record: each number is the manager's own, at its place in the
 * text. The records are made directly, so that no reader changes what is counted.
 */
#include <stdio.h>
#include <string.h>

#include "fs/file.h"
#include "fs/names.h"
#include "fs/proc/proc.h"
#include "fs/tmpfs/rootfs.h"
#include "fs/tmpfs/tmpfs.h"
#include "abi/linux/errno.h"
#include "mm/frames/huge_pool.h"
#include "mm/frames/memmap.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/page_fault.h"
#include "mm/page_cache/filemap.h"
#include "tests/host/machine.h"
#include "tests/host/owner.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

typedef int (*show_t)(struct seq *seq, const struct proc_subject *subject, u64 *cursor);

static char expected[TEXT_BYTES];

static void expect(const char *format, ...) __printf(1, 2);

static void expect(const char *format, ...)
{
	size_t length = strlen(expected);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(expected + length, sizeof(expected) - length, format, arguments);
	va_end(arguments);
}

/* All records of a file, in `text`. Returns how many there are. */
static u32 show_all(show_t show)
{
	const struct proc_subject subject = { .pid = PID, .birth = BIRTH, .mm = proc_mm };
	struct seq seq = { text, sizeof(text), 0 };
	u64 cursor = 0;
	u32 records = 0;

	while (records < 1000 && show(&seq, &subject, &cursor) == 1)
		records++;
	EXPECT_EQ(show(&seq, &subject, &cursor), 0);
	text[seq.length] = '\0';
	return records;
}

static void end(void)
{
	*expected = '\0';
	mm_put(proc_mm);
}

static void zoneinfo(void)
{
	proc_boot();
	EXPECT(!zones[ZONE_HIGHMEM].present_pages);
	for (u32 i = 0; i < NR_ZONES; i++) {
		const struct zone *zone = &zones[i];

		expect("Node 0, zone %8s\n  pages free     %u\n        min      %u\n"
		       "        low      %u\n        high     %u\n        spanned  %u\n"
		       "        present  %u\n        managed  %u\n",
		       zone->name, zone->free_pages, zone->pages_min, zone->pages_low,
		       zone->pages_high, (u32)(zone->end - zone->start), zone->present_pages,
		       zone->present_pages);
		if (zone->present_pages)
			expect("      nr_free_pages %u\n  pagesets\n    cpu: 0\n"
			       "              count: %u\n              high:  %u\n"
			       "  start_pfn:           %u\n",
			       zone->free_pages, zone->nr_hot, zone->hot_max, (u32)zone->start);
	}
	EXPECT_EQ(show_all(proc_show_zoneinfo), NR_ZONES);
	EXPECT_TEXT(text, expected);
	end();
}

/* Blocks of each order, and the hot frames with those of order 0. */
static void buddyinfo(void)
{
	struct page *page;
	struct file *file;

	proc_boot();
	page = alloc_page(GFP_KERNEL);
	__free_pages(page, 0);
	file = open_file("/proc/buddyinfo");
	EXPECT_EQ(read_at(file, text, 1, 0), 1); /* now it has its buffer */
	EXPECT(zones[ZONE_NORMAL].nr_hot);
	for (u32 i = 0; i < NR_ZONES; i++) {
		expect("Node 0, zone %8s ", zones[i].name);
		for (u32 order = 0; order < MAX_ORDER; order++) {
			u32 blocks = zone_free_blocks(&zones[i], order);

			expect("%6u ", order ? blocks : blocks + zones[i].nr_hot);
		}
		expect("\n");
	}
	text[read_at(file, text, sizeof(text), 0)] = '\0';
	EXPECT_TEXT(text, expected);
	file_put(file);
	end();
}

static u32 frames_of(enum page_owner owner)
{
	u32 count = 0;

	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		count += frame_owner(pfn) == owner;
	return count;
}

static u32 mark(struct page *page, u32 flags)
{
	u32 before = page->flags;

	page->flags = (before & ~(u32)(PG_active | PG_unevictable | PG_swapcache)) | flags;
	return before;
}

static struct page *page_at(vaddr_t address)
{
	return pfn_to_page(pte_pfn(*pte_lookup(proc_mm->pgd, address)));
}

static struct file *three_pages(const char *path)
{
	static const char contents[3 * PAGE_SIZE] = "only here";
	const char *from = contents;
	struct file *file = NULL;
	u64 position = 0;

	EXPECT_EQ(file_open(path, O_RDWR | O_CREAT, 0644, &file), 0);
	EXPECT_EQ(file_write(file, &position, sizeof(contents), copy_from_buffer, &from),
		  sizeof(contents));
	return file;
}

static void expect_meminfo(void)
{
	u32 free = nr_free_pages(), reserve = 0;

	for (u32 i = 0; i < NR_ZONES; i++)
		reserve += zones[i].pages_low;
	expect("MemTotal:       %8u kB\nMemFree:        %8u kB\nMemAvailable:   %8u kB\n",
	       nr_present_pages() * 4, free * 4, (free + 3 - reserve) * 4);
	expect("Cached:               24 kB\nSwapCached:           20 kB\n"
	       "Active:               12 kB\nInactive:             20 kB\n"
	       "Active(anon):          8 kB\nInactive(anon):       12 kB\n"
	       "Active(file):          4 kB\nInactive(file):        8 kB\n"
	       "Unevictable:           8 kB\n"
	       "SwapTotal:           444 kB\nSwapFree:            308 kB\n"
	       "AnonPages:            12 kB\nMapped:                8 kB\n"
	       "Shmem:                12 kB\n");
	expect("Slab:           %8u kB\nPageTables:     %8u kB\n", frames_of(OWNER_SLAB) * 4,
	       frames_of(OWNER_PGTABLE) * 4);
	expect("CommitLimit:    %8u kB\nCommitted_AS:   %8u kB\nVmallocUsed:    %8u kB\n",
	       vm_commit_limit() * 4, vm_committed * 4, frames_of(OWNER_VMALLOC) * 4);
	expect("HugePages_Total:       9\nHugePages_Free:        5\nHugePages_Rsvd:        2\n"
	       "HugePages_Surp:        0\nHugepagesize:    %7u kB\nHugetlb:         %7u kB\n",
	       LARGE_PAGE_SIZE / 1024, 9 * (LARGE_PAGE_SIZE / 1024));
}

/* A pool of pages that are not in mem_map; `free` ones, of which some are reserved. */
static void enter_large_pages(u32 total, u32 free, u32 reserved)
{
	static struct page pages[16];

	for (u32 i = 0; i < total; i++) {
		pages[i].count = i < free - reserved ? 1 : 2;
		pages[i].flags = i < free ? 0 : PG_uptodate;
		list_add(&pages[i].lru, &huge_pool.list);
	}
	huge_pool.total = total;
}

/* Four anonymous pages, three that are in memory only, three that an archive has. */
static void meminfo(void)
{
	static const char archive[3 * PAGE_SIZE] = "archived";
	static const u32 marks[] = { 0, PG_active, PG_unevictable, PG_swapcache,
				     0, PG_active, PG_unevictable, 0,
				     0, PG_active };
	struct page *pages[ARRAY_SIZE(marks)];
	struct file *only, *archived;
	u32 before[ARRAY_SIZE(marks)];
	vaddr_t area;
	void *space;

	proc_boot();
	space = vmalloc(5 * PAGE_SIZE);
	area = user_map(proc_mm, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	only = three_pages("/tmp/only");
	tmpfs_set_archive(rootfs_make("/tmp", "archived", S_IFREG | 0644), archive,
			  sizeof(archive));
	archived = open_file("/tmp/archived");
	mapping_read_ahead(archived->mapping, 0, 3);
	for (u32 i = 0; i < ARRAY_SIZE(marks); i++) {
		if (i < 4)
			user_poke(proc_mm, area + i * PAGE_SIZE, 1);
		pages[i] = i < 4   ? page_at(area + i * PAGE_SIZE)
			   : i < 7 ? radix_tree_lookup(&only->mapping->pages, i - 4)
				   : radix_tree_lookup(&archived->mapping->pages, i - 7);
		before[i] = mark(pages[i], marks[i]);
	}
	pages[4]->count++, pages[5]->count++; /* as if mapped */
	total_swap_pages += 111, nr_swap_pages += 77, nr_swap_cached += 5;
	enter_large_pages(9, 5, 2);
	expect_meminfo();
	EXPECT_EQ(show_all(proc_show_meminfo), 1);
	EXPECT_TEXT(text, expected);
	huge_pool_init(0);
	total_swap_pages -= 111, nr_swap_pages -= 77, nr_swap_cached -= 5;
	pages[4]->count--, pages[5]->count--;
	for (u32 i = 0; i < ARRAY_SIZE(marks); i++)
		pages[i]->flags = before[i];
	file_put(only);
	file_put(archived);
	EXPECT_EQ(path_unlink(NULL, "/tmp/only"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/archived"), 0);
	vfree(space);
	end();
}

/* With little free memory nothing is available, not a huge number. */
static void nothing_available(void)
{
	struct seq seq = { text, sizeof(text), 0 };
	u64 cursor = 0;

	proc_boot();
	machine_exhaust();
	zones[ZONE_NORMAL].pages_low += 10;
	EXPECT_EQ(proc_show_meminfo(&seq, NULL, &cursor), 1);
	zones[ZONE_NORMAL].pages_low -= 10;
	machine_relax();
	EXPECT(strstr(text, "MemAvailable:          0 kB\n"));
	end();
}

static void vmstat(void)
{
	const struct swap_counters swap = swap_counters;
	const struct reclaim_counters reclaim = reclaim_counters;
	const struct fault_counters faults = fault_counters;

	proc_boot();
	swap_counters = (struct swap_counters){
		.pswpin = 11, .pswpout = 12, .lazyfree = 13, .readahead = 14, .ra_hits = 15
	};
	reclaim_counters = (struct reclaim_counters){ .lazyfreed = 16,
						      .scanned = 17,
						      .freed = 18,
						      .background = 19,
						      .direct = 20,
						      .oom_kills = 21 };
	fault_counters = (struct fault_counters){ .resolved = 22, .swapped_in = 23 };
	nr_swap_cached += 24;
	expect("nr_free_pages %u\nnr_swapcached 24\npswpin 11\npswpout 12\npgfault 22\n"
	       "pglazyfree 13\npglazyfreed 16\npgmajfault 23\npgscan 17\npgsteal 18\n"
	       "pageoutrun 19\nallocstall 20\noom_kill 21\nswap_ra 14\nswap_ra_hit 15\n",
	       nr_free_pages());
	EXPECT_EQ(show_all(proc_show_vmstat), 1);
	EXPECT_TEXT(text, expected);
	nr_swap_cached -= 24;
	swap_counters = swap;
	reclaim_counters = reclaim;
	fault_counters = faults;
	end();
}

/* Long names, long numbers, files; the first area and the last one. */
static void swaps(void)
{
	struct swap_device file = { .name = "/tmp/0123456789012345678901234567890123",
				    .is_file = true };
	struct swap_device disk = { .name = "disk" };

	proc_boot();
	swap_info[0].device = &file;
	swap_info[0].slots = 2499999;
	swap_info[0].inuse = 2500000;
	swap_info[0].prio = -2;
	swap_info[SWAP_TYPES - 1].device = &disk;
	swap_info[SWAP_TYPES - 1].slots = 2500000;
	swap_info[SWAP_TYPES - 1].inuse = 2499999;
	EXPECT_EQ(strlen(file.name), SWAP_NAME - 1);
	EXPECT_EQ(show_all(proc_show_swaps), 1 + SWAP_TYPES);
	EXPECT_TEXT(text,
		    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		    "/tmp/0123456789012345678901234567890123 file\t\t9999996\t\t10000000\t-2\n"
		    "disk                                    partition\t10000000\t9999996\t\t0\n");
	memset(&swap_info[0], 0, sizeof(swap_info[0]));
	memset(&swap_info[SWAP_TYPES - 1], 0, sizeof(swap_info[0]));
	end();
}

/* A line for ranges that touch and have one name, with the addresses for the super-user alone. */
static void iomem(void)
{
	static const struct mem_range ranges[] = {
		{ 0x0, 0x1000, MEM_RESERVED },		{ 0x1000, 0x9000, MEM_USABLE },
		{ 0x9000, 0xa000, MEM_LOADER },		{ 0xb000, 0xc000, MEM_USABLE },
		{ 0xc000, 0xd000, MEM_ACPI_RECLAIM },	{ 0xd000, 0xf000, MEM_ACPI_NVS },
		{ 0xf000, 0x10000, MEM_UNUSABLE },	{ 0x10000, 0x20000, MEM_RUNTIME },
		{ 0x20000, 0x100000000, MEM_RESERVED },
	};
	const u32 count = memmap.count;
	struct mem_range before[ARRAY_SIZE(ranges)];

	proc_boot();
	memcpy(before, memmap.range, sizeof(before));
	memcpy(memmap.range, ranges, sizeof(ranges));
	memmap.range[ARRAY_SIZE(ranges)] =
		(struct mem_range){ 0x100000000, 0x100001000, MEM_RESERVED };
	memmap.count = ARRAY_SIZE(ranges);
	EXPECT_EQ(show_all(proc_show_iomem), 7);
	EXPECT_TEXT(text, "00000000-00000fff : Reserved\n00001000-00009fff : System RAM\n"
			  "0000b000-0000bfff : System RAM\n0000c000-0000cfff : ACPI Tables\n"
			  "0000d000-0000efff : ACPI Non-volatile Storage\n"
			  "0000f000-0000ffff : Unusable memory\n00010000-ffffffff : Reserved\n");
	host_privileged = false;
	show_all(proc_show_iomem);
	EXPECT(!strncmp(text, "00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n",
			60));
	host_privileged = true;
	memcpy(memmap.range, before, sizeof(before));
	memmap.count = count;
	end();
}

/* Areas by address, those that only map frames by another word. */
static void vmallocinfo(void)
{
	struct page *page;
	char *first, *mapped, *last;
	u32 others;

	proc_boot();
	others = show_all(proc_show_vmallocinfo);
	page = alloc_page(GFP_KERNEL);
	first = vmalloc(2 * PAGE_SIZE);
	mapped = vmap(&page, 1, PAGE_KERNEL);
	last = vmalloc(PAGE_SIZE);
	EXPECT_EQ(show_all(proc_show_vmallocinfo), others + 3);
	expect("0x%08x-0x%08x   12288 pages=2 vmalloc\n", (u32)(size_t)first,
	       (u32)(size_t)first + 3 * PAGE_SIZE);
	EXPECT(strstr(text, expected));
	*expected = '\0';
	expect("0x%08x-0x%08x    8192 pages=1 vmap\n", (u32)(size_t)mapped,
	       (u32)(size_t)mapped + 2 * PAGE_SIZE);
	EXPECT(strstr(text, expected));
	vunmap(mapped);
	vfree(first);
	vfree(last);
	put_page(page);
	end();
}

/* Pages of the program text, which are at most all; a process without memory has none. */
static void statm(void)
{
	vaddr_t area;

	proc_boot();
	area = user_map(proc_mm, 9 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(proc_mm, area, 1);
	user_poke(proc_mm, area + PAGE_SIZE, 1);
	proc_mm->start_code = 0x08048fff;
	proc_mm->end_code = 0x0804b001;
	read_file("/proc/self/statm", 100);
	EXPECT_TEXT(text, "9 2 0 4 0 5 0\n");
	proc_mm->end_code = 0x08148000;
	read_file("/proc/self/statm", 3);
	EXPECT_TEXT(text, "9 2 0 9 0 0 0\n");
	proc_mm->start_code = proc_mm->end_code = 0;
	end();
}

TAP_MAIN({ "zoneinfo", zoneinfo }, { "buddyinfo", buddyinfo }, { "meminfo", meminfo },
	 { "nothing is available", nothing_available }, { "vmstat", vmstat }, { "swaps", swaps },
	 { "iomem", iomem }, { "vmallocinfo", vmallocinfo }, { "statm", statm })
