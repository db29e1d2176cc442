/* SPDX-License-Identifier: MIT */
/*
 * Faults and searches in a process of many areas. They are of one page each, with a hole of one
 * page after each, so none merges with another and no hole has room for two pages:
 *
 *     │rw│  │rw│  │rw│  │rw│  ...  │rw│
 *
 * A sample goes to another area than the one before, far from it.
 */
#include "tests/bench/bench.h"

#define STRIDE	7919u /* prime, and so without a common factor with the counts of areas */
#define SAMPLES 200u

static u32 base, areas;

static u8 *area_of(u32 sample)
{
	return (u8 *)base + (sample * STRIDE) % areas * 2 * PAGE_SIZE;
}

/* Makes the areas, and for each sample's area its page table. Returns 0 or -errno. */
static int make_areas(u32 count)
{
	areas = count;
	base = map_anonymous(0, count * 2 * PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
	if (is_error(base))
		return (int)base;
	sys_munmap(base, count * 2 * PAGE_SIZE);
	for (u32 i = 0; i < count; i++) {
		u32 address = map_anonymous(base + i * 2 * PAGE_SIZE, PAGE_SIZE,
					    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED);

		if (is_error(address))
			return (int)address;
	}
	for (u32 i = 0; i < WARM_UP + SAMPLES; i++) {
		touch(area_of(i));
		sys_madvise((u32)area_of(i), PAGE_SIZE, MADV_DONTNEED);
	}
	return 0;
}

static int fault_among(u32 count)
{
	int err = make_areas(count);

	if (err)
		return err;
	while (samples_wanted()) {
		u8 *page = area_of(samples_taken());

		samples_add(SAMPLE(touch(page)));
		sys_madvise((u32)page, PAGE_SIZE, MADV_DONTNEED);
	}
	return 0;
}

/* Two pages have room in no hole between the areas. */
static int mmap_among(u32 count)
{
	int err = make_areas(count);

	if (err)
		return err;
	while (samples_wanted()) {
		u32 address;

		samples_add(SAMPLE({
			address = map_anonymous(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
						MAP_PRIVATE);
			call2(NR_munmap, (long)address, 2 * PAGE_SIZE);
		}));
		if (is_error(address))
			return (int)address;
	}
	return 0;
}

static int dontneed_fault_10000(void)
{
	int err = make_areas(10000);

	if (err)
		return err;
	for (u32 i = 0; i < WARM_UP + SAMPLES; i++)
		touch(area_of(i));
	while (samples_wanted()) {
		u8 *page = area_of(samples_taken());

		samples_add(SAMPLE({
			call3(NR_madvise, (long)page, PAGE_SIZE, MADV_DONTNEED);
			touch(page);
		}));
	}
	return 0;
}

static int fault_100_areas(void)
{
	return fault_among(100);
}

static int fault_65000_areas(void)
{
	return fault_among(65000);
}

static int mmap_100_areas(void)
{
	return mmap_among(100);
}

static int mmap_65000_areas(void)
{
	return mmap_among(65000);
}

/* As mprotect_pair of calls.c, in the middle one of three pages beside the areas. */
static int mprotect_among(u32 count)
{
	int err = make_areas(count);
	u32 area = err ? 0 : map_pages(3);

	if (err || is_error(area))
		return err ? err : (int)area;
	for (u32 i = 0; i < 3; i++)
		touch((u8 *)area + i * PAGE_SIZE);
	while (!err && samples_wanted()) {
		long back;

		samples_add(SAMPLE({
			err = (int)call3(NR_mprotect, (long)(area + PAGE_SIZE), PAGE_SIZE,
					 PROT_READ);
			back = call3(NR_mprotect, (long)(area + PAGE_SIZE), PAGE_SIZE,
				     PROT_READ | PROT_WRITE);
		}));
		err = err ? err : (int)back;
	}
	return err;
}

/* The whole text, read by the page. */
static int read_maps(u32 count)
{
	static char text[PAGE_SIZE];
	int err = make_areas(count);
	long fd = err ? err : call3(NR_open, (long)"/proc/self/maps", O_RDONLY, 0), length = 1;

	if (fd < 0)
		return (int)fd;
	samples_without_warm_up();
	while (length >= 0 && samples_wanted()) {
		sys_lseek((int)fd, 0, SEEK_SET);
		samples_add(SAMPLE(do length = call3(NR_read, fd, (long)text, sizeof(text));
				   while (length > 0)));
	}
	return (int)length;
}

static int mprotect_100_areas(void)
{
	return mprotect_among(100);
}

static int mprotect_65000_areas(void)
{
	return mprotect_among(65000);
}

static int maps_1000_areas(void)
{
	return read_maps(1000);
}

static int maps_60000_areas(void)
{
	return read_maps(60000);
}

const struct operation area_operations[] = {
	{ "dontneed_fault_10000", dontneed_fault_10000, SAMPLES, 1 },
	{ "fault_100_areas", fault_100_areas, SAMPLES, 1 },
	{ "fault_65000_areas", fault_65000_areas, SAMPLES, 1 },
	{ "mmap_100_areas", mmap_100_areas, SAMPLES, 1 },
	{ "mmap_65000_areas", mmap_65000_areas, SAMPLES, 1 },
	{ "mprotect_100_areas", mprotect_100_areas, SAMPLES, 1 },
	{ "mprotect_65000_areas", mprotect_65000_areas, SAMPLES, 1 },
	{ "maps_1000_areas", maps_1000_areas, 3, 1000 },
	{ "maps_60000_areas", maps_60000_areas, 1, 60000 },
	{},
};
