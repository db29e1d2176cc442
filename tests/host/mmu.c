/* SPDX-License-Identifier: MIT */
/* The software MMU. The numbers are those of the header. */
#include <string.h>

#include "kernel/cpu/trap.h"
#include "lib/printk.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

#define PAGES	       (1u << (32 - PAGE_SHIFT))
#define LARGE_RESERVED 0x003ff000u

struct mmu_counters mmu_counters;
void (*mmu_frame_seen)(pfn_t pfn, vaddr_t address);

static phys_addr_t root;

/*
 * tlb[page] is the translation of a page: frame and flags as in a pte of 4 KiB, the rights of both
 * levels combined; 0 is none. The pages with a translation are listed, and each knows its place on
 * the list.
 */
static u32 tlb[PAGES];
static u32 tlb_place[PAGES];
static u32 tlb_list[PAGES];
static u32 tlb_count;

/* Directory entries that led to page tables; 0 is nothing. */
static u32 directory_cache[PTRS_PER_PGD];

static u32 *entry_at(phys_addr_t table, u32 index)
{
	phys_addr_t place = table + index * sizeof(u32);

	if (place >= MACHINE_RAM)
		panic("mmu: a table lies at %#llx, beyond the RAM", place);
	return machine_ram(place);
}

/* `entry` is of a pte or of a directory entry that names a page table. */
static void saw(u32 entry, vaddr_t address)
{
	if (mmu_frame_seen)
		mmu_frame_seen(entry >> PAGE_SHIFT, address);
}

static void tlb_insert(u32 page, u32 entry)
{
	if (!tlb[page]) {
		tlb_place[page] = tlb_count;
		tlb_list[tlb_count++] = page;
	}
	tlb[page] = entry;
}

static void tlb_forget(u32 page)
{
	u32 last;

	if (!tlb[page])
		return;
	saw(tlb[page], page << PAGE_SHIFT);
	last = tlb_list[--tlb_count];
	tlb_list[tlb_place[page]] = last;
	tlb_place[last] = tlb_place[page];
	tlb[page] = 0;
}

static void forget_directory_entry(u32 index)
{
	if (!directory_cache[index])
		return;
	saw(directory_cache[index], index << PGDIR_SHIFT);
	directory_cache[index] = 0;
}

static void forget(bool global_too)
{
	for (u32 i = tlb_count; i-- > 0;)
		if (global_too || !(tlb[tlb_list[i]] & PTE_GLOBAL))
			tlb_forget(tlb_list[i]);
	for (u32 i = 0; i < PTRS_PER_PGD; i++)
		forget_directory_entry(i);
}

void tlb_flush_page(vaddr_t address)
{
	tlb_forget(address >> PAGE_SHIFT);
	forget_directory_entry(address >> PGDIR_SHIFT);
	mmu_counters.page++;
}

void tlb_flush_all(void)
{
	forget(false);
	mmu_counters.all++;
}

void tlb_flush_kernel(void)
{
	forget(true);
	mmu_counters.kernel++;
}

phys_addr_t mmu_root(void)
{
	return root;
}

void mmu_set_root(phys_addr_t page_directory)
{
	if (page_directory & ~(phys_addr_t)PAGE_MASK || page_directory >= MACHINE_RAM)
		panic("mmu: the page directory lies at %#llx", page_directory);
	root = page_directory;
	forget(false);
	mmu_counters.root++;
}

/* The directory entry for an address, remembered or from memory; accessed is not set. */
static u32 directory_entry(vaddr_t address, bool cached)
{
	u32 index = address >> PGDIR_SHIFT;

	return cached && directory_cache[index] ? directory_cache[index] : *entry_at(root, index);
}

/*
 * The pte of 4 KiB for this address, with the rights of both levels combined; 0: not present. No
 * side effect.
 */
static u32 look_up(vaddr_t address, bool cached)
{
	u32 pde = directory_entry(address, cached), pte;
	const u32 rights = PTE_WRITE | PTE_USER;

	if (!(pde & PTE_PRESENT))
		return 0;
	if (pde & PTE_LARGE) {
		if (pde & LARGE_RESERVED)
			panic("mmu: reserved bits in the entry %#x for %#x", pde, address);
		return (pde & ~(LARGE_PAGE_SIZE - 1)) |
		       (address & (LARGE_PAGE_SIZE - 1) & PAGE_MASK) |
		       (pde & PTE_FLAGS_MASK & ~(u32)PTE_LARGE);
	}
	pte = *entry_at(pde & PAGE_MASK, pte_index(address));
	if (!(pte & PTE_PRESENT))
		return 0;
	return (pte & ~rights) | (pte & pde & rights);
}

static bool allowed(u32 entry, bool write, enum mmu_mode mode)
{
	return !(write && !(entry & PTE_WRITE)) && !(mode == MMU_USER && !(entry & PTE_USER));
}

/* Keeps (4), and fills the TLB. */
static u32 complete_walk(vaddr_t address, bool write, u32 entry)
{
	u32 index = address >> PGDIR_SHIFT, pde = directory_entry(address, true);
	u32 marks = PTE_ACCESSED | (write ? PTE_DIRTY : 0);

	if (pde & PTE_LARGE) {
		*entry_at(root, index) |= marks;
	} else {
		if (!directory_cache[index]) {
			*entry_at(root, index) |= PTE_ACCESSED;
			directory_cache[index] = pde | PTE_ACCESSED;
		}
		*entry_at(pde & PAGE_MASK, pte_index(address)) |= marks;
	}
	tlb_insert(address >> PAGE_SHIFT, entry | marks);
	return entry | marks;
}

bool mmu_access(vaddr_t address, bool write, enum mmu_mode mode, phys_addr_t *phys, u32 *error)
{
	u32 entry = tlb[address >> PAGE_SHIFT];
	bool walk = !entry || (allowed(entry, write, mode) && write && !(entry & PTE_DIRTY));

	if (walk)
		entry = look_up(address, true);
	if (!entry || !allowed(entry, write, mode)) {
		*error = (entry ? ERROR_PRESENT : 0) | (write ? ERROR_WRITE : 0) |
			 (mode == MMU_USER ? ERROR_USER : 0);
		return false;
	}
	if (walk)
		entry = complete_walk(address, write, entry);
	*phys = (entry & PAGE_MASK) | (address & ~PAGE_MASK);
	if (*phys >= MACHINE_RAM)
		panic("mmu: %#x is at %#llx, beyond the RAM", address, *phys);
	saw(entry, address);
	return true;
}

const char *mmu_check(vaddr_t *where)
{
	for (u32 i = 0; i < tlb_count; i++) {
		u32 remembered = tlb[tlb_list[i]], real;

		*where = tlb_list[i] << PAGE_SHIFT;
		real = look_up(*where, false);
		if (!real)
			return "a page that is gone is in the TLB";
		if ((real ^ remembered) & PAGE_MASK)
			return "a page is in the TLB with another frame";
		if (remembered & ~real & (PTE_WRITE | PTE_USER))
			return "a page is in the TLB with rights that it lost";
	}
	for (u32 i = 0; i < PTRS_PER_PGD; i++) {
		*where = i << PGDIR_SHIFT;
		if (directory_cache[i] &&
		    (directory_cache[i] ^ *entry_at(root, i)) & ~(u32)(PTE_ACCESSED | PTE_DIRTY))
			return "a directory entry that changed is remembered";
	}
	return NULL;
}

bool mmu_remembers(vaddr_t address)
{
	return tlb[address >> PAGE_SHIFT];
}

bool mmu_copy(vaddr_t address, void *buffer, u32 bytes, bool write, enum mmu_mode mode, u32 *error)
{
	phys_addr_t phys;

	if ((address & ~PAGE_MASK) + bytes > PAGE_SIZE)
		panic("mmu_copy: [%#x, +%u) crosses a page", address, bytes);
	if (!mmu_access(address, write, mode, &phys, error))
		return false;
	if (write)
		memcpy(machine_ram(phys), buffer, bytes);
	else
		memcpy(buffer, machine_ram(phys), bytes);
	return true;
}

void *mmu_pointer(vaddr_t address)
{
	phys_addr_t phys;
	u32 error;

	if (!mmu_access(address, true, MMU_KERNEL, &phys, &error))
		panic("page fault in the kernel: %#x, error code %#x", address, error);
	return machine_ram(phys);
}

static bool kernel_copy(vaddr_t address, char *buffer, u32 bytes, bool write)
{
	u32 error;

	while (bytes) {
		u32 part = min(bytes, PAGE_SIZE - (address & ~PAGE_MASK));

		if (!mmu_copy(address, buffer, part, write, MMU_KERNEL, &error))
			return false;
		address += part;
		buffer += part;
		bytes -= part;
	}
	return true;
}

bool kernel_read(vaddr_t address, void *buffer, u32 bytes)
{
	return kernel_copy(address, buffer, bytes, false);
}

bool kernel_write(vaddr_t address, const void *buffer, u32 bytes)
{
	return kernel_copy(address, (char *)(uintptr_t)buffer, bytes, true);
}
