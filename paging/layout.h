/* SPDX-License-Identifier: MIT */
/*
 * The address map, and the conversions between its four kinds of address.
 *
 *   0x00000000  never mapped: the first 64 KiB (USER_MIN)
 *   0x00010000  user: text, data, heap upward; mappings from MMAP_BASE upward; stack downward
 *   0xC0000000  PAGE_OFFSET: direct map of the first 896 MiB of RAM at most (LOWMEM_LIMIT)
 *               high_memory + 8 MiB .. VMALLOC_END: vmalloc areas
 *   0xFF800000  PKMAP_BASE: 4 MiB, of which one page table, for frames outside the direct map
 *   0xFFC00000  FIXMAP_BASE: slots with fixed addresses
 *   0xFFFFF000  the top page, never mapped, so that -errno is never an address
 *
 * The four kinds are a physical address (phys_addr_t, bytes), a frame number (pfn_t), a virtual
 * address for page tables (vaddr_t), and a kernel pointer. The direct map relates the first two to
 * the last: frame n lies at physmap + n * PAGE_SIZE. In the kernel the link script puts `physmap`
 * at PAGE_OFFSET. On the host it is an array that represents the RAM.
 */
#ifndef PAGING_LAYOUT_H
#define PAGING_LAYOUT_H

#include "lib/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define USER_MIN     0x00010000u
#define MMAP_BASE    0x40000000u
#define PAGE_OFFSET  0xC0000000u
#define TASK_SIZE    PAGE_OFFSET
#define LOWMEM_LIMIT 0x38000000u /* physical, bytes */

#define VMALLOC_OFFSET \
	0x00800000u /* unmapped bytes between the direct map and the first vmalloc area */
#define VMALLOC_END 0xFF7FF000u
#define PKMAP_BASE  0xFF800000u
#define FIXMAP_BASE 0xFFC00000u
#define FIXMAP_END  0xFFFFF000u

#define PAGE_ALIGN(x) ALIGN_UP(x, PAGE_SIZE)

extern char physmap[];

static inline void *phys_to_virt(phys_addr_t address)
{
	return physmap + (uintptr_t)address;
}

/* Only for pointers into the direct map. */
static inline phys_addr_t virt_to_phys(const volatile void *pointer)
{
	return (phys_addr_t)((uintptr_t)pointer - (uintptr_t)physmap);
}

static inline void *pfn_to_virt(pfn_t pfn)
{
	return physmap + ((uintptr_t)pfn << PAGE_SHIFT);
}

static inline pfn_t virt_to_pfn(const volatile void *pointer)
{
	return (pfn_t)(((uintptr_t)pointer - (uintptr_t)physmap) >> PAGE_SHIFT);
}

static inline phys_addr_t pfn_to_phys(pfn_t pfn)
{
	return (phys_addr_t)pfn << PAGE_SHIFT;
}

static inline pfn_t phys_to_pfn(phys_addr_t address)
{
	return (pfn_t)(address >> PAGE_SHIFT);
}

#endif
