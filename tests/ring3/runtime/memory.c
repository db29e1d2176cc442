/* SPDX-License-Identifier: MIT */
/*
 * Pages: mapping, patterns, and the pagemap reader. /proc/self/pagemap belongs to the process that
 * opened it, so it is opened anew for every question: a descriptor from before a fork would tell
 * about the parent.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

#define ENTRY_BATCH 256u

static u8 *map(u32 address, u32 pages, int protection, int flags)
{
	u32 result = sys_mmap2(address, pages * PAGE_SIZE, protection,
			       MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (is_error(result))
		tap_bail_out("mmap2 of anonymous memory failed");
	memory_small_pages((void *)result, pages);
	return (u8 *)result;
}

u8 *memory_map(u32 pages, int protection)
{
	return map(0, pages, protection, 0);
}

u8 *memory_map_at(u32 address, u32 pages, int protection)
{
	u8 *start = map(address, pages, protection, MAP_FIXED);

	EXPECT_EQ((u32)start, address);
	return start;
}

u8 *memory_map_sparse(u32 pages)
{
	return map(0, pages, PROT_READ | PROT_WRITE, MAP_NORESERVE);
}

void memory_unmap(void *start, u32 pages)
{
	EXPECT_EQ(sys_munmap((u32)start, pages * PAGE_SIZE), 0);
}

void memory_small_pages(void *start, u32 pages)
{
	sys_madvise((u32)start, pages * PAGE_SIZE, MADV_NOHUGEPAGE);
}

static void read_entries(u32 first_page, u32 count, u64 *entries)
{
	long fd = sys_open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0)
		tap_bail_out("/proc/self/pagemap cannot be opened");
	if (sys_pread64((int)fd, entries, count * 8, (u64)first_page * 8) != (long)count * 8)
		tap_bail_out("/proc/self/pagemap cannot be read");
	sys_close((int)fd);
}

static struct page_state decode(u64 entry)
{
	struct page_state state = {
		.present = (entry >> 63) & 1,
		.exclusive = (entry >> 56) & 1,
		.frame = (u32)entry,
	};

	return state;
}

struct page_state memory_page(const void *address)
{
	u64 entry;

	read_entries((u32)address / PAGE_SIZE, 1, &entry);
	return decode(entry);
}

static void count(const void *start, u32 pages, u32 *present, u32 *exclusive)
{
	u64 entries[ENTRY_BATCH];
	u32 first = (u32)start / PAGE_SIZE;

	*present = 0;
	*exclusive = 0;
	while (pages) {
		u32 batch = min(pages, ENTRY_BATCH);

		read_entries(first, batch, entries);
		for (u32 i = 0; i < batch; i++) {
			struct page_state state = decode(entries[i]);

			*present += state.present;
			*exclusive += state.present && state.exclusive;
		}
		first += batch;
		pages -= batch;
	}
}

u32 memory_count_present(const void *start, u32 pages)
{
	u32 present;
	u32 exclusive;

	count(start, pages, &present, &exclusive);
	return present;
}

u32 memory_count_exclusive(const void *start, u32 pages)
{
	u32 present;
	u32 exclusive;

	count(start, pages, &present, &exclusive);
	return exclusive;
}

/*
 * Neighbouring words and neighbouring seeds differ in many bits, and no word of a small area is
 * zero by design.
 */
static u32 pattern(u32 seed, u32 index)
{
	return (seed * 0x9E3779B1u) ^ ((index + 1) * 0x85EBCA6Bu);
}

void memory_fill_part(void *start, u32 first, u32 pages, u32 seed)
{
	u32 *word = start;
	u32 end = (first + pages) * (PAGE_SIZE / 4);

	for (u32 i = first * (PAGE_SIZE / 4); i < end; i++)
		word[i] = pattern(seed, i);
}

bool memory_check_part(const void *start, u32 first, u32 pages, u32 seed)
{
	const u32 *word = start;
	u32 end = (first + pages) * (PAGE_SIZE / 4);

	for (u32 i = first * (PAGE_SIZE / 4); i < end; i++) {
		if (word[i] != pattern(seed, i))
			return false;
	}
	return true;
}

void memory_fill(void *start, u32 pages, u32 seed)
{
	memory_fill_part(start, 0, pages, seed);
}

bool memory_check(const void *start, u32 pages, u32 seed)
{
	return memory_check_part(start, 0, pages, seed);
}

bool memory_is_zero(const void *start, u32 bytes)
{
	const u8 *byte = start;

	for (; bytes && (u32)byte % 4; bytes--) {
		if (*byte++)
			return false;
	}
	for (; bytes >= 4; bytes -= 4, byte += 4) {
		if (*(const u32 *)byte)
			return false;
	}
	for (; bytes; bytes--) {
		if (*byte++)
			return false;
	}
	return true;
}

bool memory_is_mapped(const void *address)
{
	u8 resident;

	return sys_mincore((u32)address & ~(PAGE_SIZE - 1), PAGE_SIZE, &resident) == 0;
}

bool memory_is_resident(const void *address)
{
	u8 resident = 0;

	return sys_mincore((u32)address & ~(PAGE_SIZE - 1), PAGE_SIZE, &resident) == 0 &&
	       (resident & 1);
}

u8 memory_read(const void *address)
{
	return *(const volatile u8 *)address;
}

void memory_write(void *address, u8 value)
{
	*(volatile u8 *)address = value;
}

void memory_read_child(void *argument)
{
	memory_read(argument);
}

void memory_write_child(void *argument)
{
	memory_write(argument, 0x5A);
}
