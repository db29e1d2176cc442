/* SPDX-License-Identifier: MIT */
#include "kernel/cpu/mtrr.h"
#include "kernel/cpu/cpu.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "paging/pgtable.h"

#define DEFAULT_ENABLED 0x800u
#define MASK_VALID	0x800ull
#define ADDRESS_BITS	0x000ffffffffff000ull
#define PIECES_MAX	64u

/* Overlapping ranges: uncached wins, write through beats write back; the rest is undefined. */
static enum mtrr_type combine(enum mtrr_type a, enum mtrr_type b)
{
	if (a == b)
		return a;
	if ((a == MTRR_WRITE_THROUGH && b == MTRR_WRITE_BACK) ||
	    (b == MTRR_WRITE_THROUGH && a == MTRR_WRITE_BACK))
		return MTRR_WRITE_THROUGH;
	return MTRR_UNCACHED;
}

enum mtrr_type mtrr_type_at(const struct mtrrs *mtrrs, u64 address, u64 *end)
{
	enum mtrr_type type = mtrrs->default_type & 0xff;
	bool found = false;

	*end = ~0ull;
	for (u32 i = 0; i < mtrrs->count; i++) {
		u64 mask = mtrrs->variable[i].mask & ADDRESS_BITS;
		u64 base = mtrrs->variable[i].base & mask, size = mask & -mask;
		enum mtrr_type own = mtrrs->variable[i].base & 0xff;

		if (!(mtrrs->variable[i].mask & MASK_VALID) || !mask)
			continue;
		if (base > address)
			*end = min(*end, base);
		if ((address & mask) != base)
			continue;
		*end = min(*end, ALIGN_DOWN(address, size) + size);
		type = found ? combine(type, own) : own;
		found = true;
	}
	return type;
}

static const char *type_name(enum mtrr_type type)
{
	return type == MTRR_WRITE_THROUGH     ? "write-through"
	       : type == MTRR_WRITE_COMBINING ? "write-combining"
	       : type == MTRR_WRITE_PROTECTED ? "write-protected"
					      : "uncached";
}

int mtrr_reserve(const struct mtrrs *mtrrs, struct memmap *map)
{
	struct mem_range pieces[PIECES_MAX];
	u32 count = 0, cached = 0;

	if (!(mtrrs->default_type & DEFAULT_ENABLED))
		return 0;
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->range[i];
		u64 end = min(range->end, mtrrs->high_cached ? GiB(4) : PHYS_LIMIT), next;

		if (range->type > MEM_LOADER)
			continue;
		for (u64 at = max(range->start, (u64)MiB(1)); at < end; at = next) {
			enum mtrr_type type = mtrr_type_at(mtrrs, at, &next);

			next = min(next, end);
			cached += type == MTRR_WRITE_BACK;
			if (type == MTRR_WRITE_BACK)
				continue;
			if (count == PIECES_MAX)
				return -E2BIG;
			pieces[count++] = (struct mem_range){ at, next, (enum mem_type)type };
		}
	}
	if (!cached)
		return 0;
	for (u32 i = 0; i < count; i++) {
		printk("mtrr: start=%#012llx end=%#012llx type=%s\n", pieces[i].start,
		       pieces[i].end, type_name((enum mtrr_type)pieces[i].type));
		if (memmap_add(map, pieces[i].start, pieces[i].end - pieces[i].start, MEM_RESERVED))
			return -E2BIG;
	}
	if (count)
		memmap_sanitise(map);
	return 0;
}

/*
 * AMD's own rule for RAM from 4 GiB to TOM2. Source: AMD64 Architecture Programmer's Manual vol.
 * 2, 7.9.3 and 7.9.5: SYSCFG.MtrrTom2En and Tom2ForceMemTypeWB.
 */
static bool amd_caches_high_memory(void)
{
	const u64 bits = 3u << 21;
	u64 value;

	return !strcmp(cpu.vendor, "AuthenticAMD") && cpu.family >= 15 &&
	       rdmsr_safe(MSR_AMD_SYSCFG, &value) && (value & bits) == bits;
}

int mtrr_apply(struct memmap *map)
{
	struct mtrrs mtrrs = { 0 };

	if (!cpu_has(CPU_MTRR) || !cpu_has(CPU_MSR))
		return 0;
	mtrrs.default_type = rdmsr(MSR_MTRR_DEFAULT);
	mtrrs.high_cached = amd_caches_high_memory();
	mtrrs.count = min((u32)rdmsr(MSR_MTRR_CAP) & 0xff, MTRRS_MAX);
	for (u32 i = 0; i < mtrrs.count; i++) {
		mtrrs.variable[i].base = rdmsr(MSR_MTRR_BASE(i));
		mtrrs.variable[i].mask = rdmsr(MSR_MTRR_MASK(i));
	}
	return mtrr_reserve(&mtrrs, map);
}
