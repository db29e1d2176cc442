/* SPDX-License-Identifier: MIT */
#include "kernel/console/framebuffer.h"
#include "kernel/cpu/cpu.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/memmap.h"

#define SIDE_MAX 16384u

struct framebuffer framebuffer;

bool framebuffer_take(const struct boot_framebuffer *given)
{
	if (!given->base)
		return false;
	if (!given->width || !given->height || given->width > given->stride ||
	    given->stride > SIDE_MAX || given->height > SIDE_MAX ||
	    (u64)given->stride * given->height * sizeof(u32) > given->size || !given->red_mask ||
	    !given->green_mask || !given->blue_mask) {
		printk("screen: error: width=%u height=%u stride=%u size=%llu: no framebuffer is "
		       "like that\n",
		       given->width, given->height, given->stride, (u64)given->size);
		return false;
	}
	framebuffer = (struct framebuffer){
		.width = given->width,
		.height = given->height,
		.stride = given->stride,
		.red_mask = given->red_mask,
		.green_mask = given->green_mask,
		.blue_mask = given->blue_mask,
		.pixels = (volatile u32 *)(uintptr_t)given->early,
	};
	return true;
}

/* Is part of it memory of the allocators? Drawing would overwrite allocated frames. */
static bool is_ours(phys_addr_t start, u64 bytes)
{
	for (u32 i = 0; i < memmap.count; i++) {
		const struct mem_range *range = &memmap.range[i];

		if (range->type <= MEM_LOADER && range->start < start + bytes && start < range->end)
			return true;
	}
	return false;
}

static const char *map(const struct boot_framebuffer *given)
{
	u64 bytes = (u64)given->stride * given->height * sizeof(u32);

	if (!cpu_has(CPU_PSE))
		return "the processor has no 4 MiB pages";
	if (given->base + bytes > GiB(4) && PMD_FOLDED && !cpu_has(CPU_PSE36))
		return "it lies above 4 GiB and the processor has no PSE-36";
	if (is_ours(given->base, bytes))
		return "the firmware's map calls its memory free";
	framebuffer.pixels = kernel_map_device(given->base, bytes, cpu_has(CPU_PAT));
	return framebuffer.pixels ? NULL : "it is too large or too far up to be mapped";
}

bool framebuffer_map(const struct boot_framebuffer *given)
{
	framebuffer.pixels = NULL;
	framebuffer.unused = map(given);
	return !framebuffer.unused;
}

void framebuffer_print(const struct boot_framebuffer *given)
{
	const char *wrong = framebuffer.unused;

	printk("screen: width=%u height=%u stride=%u base=%#llx%s%s%s\n", given->width,
	       given->height, given->stride, (u64)given->base, wrong ? " unused=\"" : "",
	       wrong ? wrong : "", wrong ? "\"" : "");
}

/* The highest bits of an 8-bit value, shifted to the mask. */
static u32 channel(u32 value, u32 mask)
{
	u32 shift = (u32)__builtin_ctz(mask), bits = 32 - (u32)__builtin_clz(mask >> shift);

	return (bits >= 8 ? value << (bits - 8) : value >> (8 - bits)) << shift & mask;
}

u32 framebuffer_colour(u32 rgb)
{
	return channel(rgb >> 16 & 0xff, framebuffer.red_mask) |
	       channel(rgb >> 8 & 0xff, framebuffer.green_mask) |
	       channel(rgb & 0xff, framebuffer.blue_mask);
}

void framebuffer_line(u32 x, u32 y, const u32 *pixels, u32 count, u32 lines)
{
	for (; lines; lines--, y++) {
		volatile u32 *to = framebuffer.pixels + y * framebuffer.stride + x;
		const u32 *from = pixels;
		u32 left = count;

		__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(left) : : "memory");
	}
}

void framebuffer_dots(u32 x, u32 y, const u16 *dots, u32 count, u32 ink)
{
	volatile u32 *to = framebuffer.pixels + y * framebuffer.stride + x;

	for (u32 i = 0; i < count; i++)
		to[dots[i]] = ink;
}
