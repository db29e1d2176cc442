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

const struct operation area_operations[] = {
	{ "dontneed_fault_10000", dontneed_fault_10000, SAMPLES, 1 },
	{ "fault_100_areas", fault_100_areas, SAMPLES, 1 },
	{ "fault_65000_areas", fault_65000_areas, SAMPLES, 1 },
	{ "mmap_100_areas", mmap_100_areas, SAMPLES, 1 },
	{ "mmap_65000_areas", mmap_65000_areas, SAMPLES, 1 },
	{},
};
