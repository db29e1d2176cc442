/* SPDX-License-Identifier: MIT */
#include "efi/handoff/boot_directory.h"
#include "paging/pgtable.h"

#define BOOT_MEMORY ((pgprot_t){ PTE_PRESENT | PTE_WRITE })
/* Uncached, unless the MTRRs say write combining. */
#define BOOT_DEVICE ((pgprot_t){ PTE_PRESENT | PTE_WRITE | PTE_PCD })

static void map_framebuffer(u32 *directory, struct boot_framebuffer *framebuffer, u64 limit)
{
	u64 start = ALIGN_DOWN(framebuffer->base, LARGE_PAGE_SIZE);
	u64 bytes = (u64)framebuffer->stride * framebuffer->height * sizeof(u32), end;

	framebuffer->early = 0;
	if (!framebuffer->base || !bytes || bytes > BOOT_FRAMEBUFFER_MAX ||
	    framebuffer->base > limit - bytes)
		return;
	end = framebuffer->base + bytes;
	for (u32 i = BOOT_FRAMEBUFFER >> PGDIR_SHIFT; start < end; i++, start += LARGE_PAGE_SIZE)
		directory[i] = mk_pmd_large(phys_to_pfn(start), BOOT_DEVICE).value;
	framebuffer->early = BOOT_FRAMEBUFFER + (u32)(framebuffer->base & (LARGE_PAGE_SIZE - 1));
}

void boot_directory_fill(u32 *directory, struct boot_framebuffer *framebuffer, bool pse36)
{
	const u32 step = phys_to_pfn(LARGE_PAGE_SIZE);

	for (u32 i = 0; i < PTRS_PER_PGD; i++)
		directory[i] = mk_pmd_large(i % KERNEL_PGD_INDEX * step, BOOT_MEMORY).value;
	for (u32 i = BOOT_FRAMEBUFFER >> PGDIR_SHIFT; i < PTRS_PER_PGD; i++)
		directory[i] = 0;
	map_framebuffer(directory, framebuffer, pse36 ? (u64)1 << 40 : GiB(4));
}
