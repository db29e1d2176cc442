/* SPDX-License-Identifier: MIT */
/* The software MMU. The numbers are those of the header. */
#include <string.h>

#include "kernel/cpu/trap.h"
#include "lib/printk.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

#define PAGES	     (1u << (32 - PAGE_SHIFT))
#define MIDDLES	     (1u << (32 - PMD_SHIFT))
#define LARGE_UNUSED (LARGE_PAGE_SIZE - PAGE_SIZE) /* here: no PSE-36, no PAT */

struct mmu_control mmu_control = { .wp = true, .nxe = true };
struct mmu_counters mmu_counters;
void (*mmu_frame_seen)(pfn_t pfn, vaddr_t address);

static phys_addr_t root;

/*
 * tlb[page] is the translation of a page: frame and flags as in a pte of 4 KiB, the rights of both
 * levels combined; 0 is none. The pages with a translation are listed, and each knows its place on
 * the list.
 */
static pteval_t tlb[PAGES];
static u32 tlb_place[PAGES];
static u32 tlb_list[PAGES];
static u32 tlb_count;

/* Entries of the middle level that led to page tables; 0 is nothing. */
static pteval_t middle_cache[MIDDLES];

/* With PAE the entries of the first level, which are read only when CR3 is loaded. */
static pgd_t held[PTRS_PER_PGD];

static pteval_t *entry_at(phys_addr_t table, u32 index)
{
	phys_addr_t place = table + index * sizeof(pteval_t);

	if (place >= MACHINE_RAM_MAX)
		panic("mmu: a table lies at %#llx, beyond the direct map", place);
	return machine_ram(place);
}

/* The entry of the middle level, which with two levels is the directory's. NULL: there is none. */
static pteval_t *middle_entry(vaddr_t address)
{
	pteval_t upper;

	if (PMD_FOLDED)
		return entry_at(root, address >> PMD_SHIFT);
	upper = held[address >> PGDIR_SHIFT].value;
	if (!(upper & PTE_PRESENT))
		return NULL;
	return entry_at(upper & PTE_FRAME, (address & (PGDIR_SIZE - 1)) >> PMD_SHIFT);
}

/* `entry` is of a pte or of an entry that names a page table. */
static void saw(pteval_t entry, vaddr_t address)
{
	if (mmu_frame_seen)
		mmu_frame_seen((pfn_t)(entry >> PAGE_SHIFT), address);
}

/* Pages of the TLB that are parts of a large page, for each entry of the middle level. */
static u32 parts[1u << (32 - PMD_SHIFT)];
static bool is_part[1u << 20];

static void tlb_insert(u32 page, pteval_t entry, bool large)
{
	parts[page >> (PMD_SHIFT - PAGE_SHIFT)] += large - is_part[page];
	is_part[page] = large;
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
	parts[page >> (PMD_SHIFT - PAGE_SHIFT)] -= is_part[page];
	is_part[page] = false;
	last = tlb_list[--tlb_count];
	tlb_list[tlb_place[page]] = last;
	tlb_place[last] = tlb_place[page];
	tlb[page] = 0;
}

static void forget_middle_entry(u32 index)
{
	if (!middle_cache[index])
		return;
	saw(middle_cache[index], index << PMD_SHIFT);
	middle_cache[index] = 0;
}

static void forget(bool global_too)
{
	for (u32 i = tlb_count; i-- > 0;)
		if (global_too || !(tlb[tlb_list[i]] & PTE_GLOBAL))
			tlb_forget(tlb_list[i]);
	for (u32 i = 0; i < MIDDLES; i++)
		forget_middle_entry(i);
}

/* As a load of CR3. */
static void load_root(phys_addr_t page_directory)
{
	root = page_directory;
	if (!PMD_FOLDED)
		memcpy(held, machine_ram(root), sizeof(held));
	for (u32 i = 0; !PMD_FOLDED && i < PTRS_PER_PGD; i++)
		if (held[i].value & PTE_PRESENT && held[i].value & PGD_RESERVED)
			panic("mmu: reserved bits in entry %u of the first level", i);
	forget(false);
}

/* Of a large page, all its parts go (SDM 3A 4.10.4.1). */
void tlb_flush_page(vaddr_t address)
{
	u32 first = ALIGN_DOWN(address, LARGE_PAGE_SIZE) >> PAGE_SHIFT;

	tlb_forget(address >> PAGE_SHIFT);
	for (u32 i = 0; parts[address >> PMD_SHIFT] && i < PTRS_PER_PTE; i++)
		if (is_part[first + i])
			tlb_forget(first + i);
	forget_middle_entry(address >> PMD_SHIFT);
	mmu_counters.page++;
}

void tlb_flush_all(void)
{
	load_root(root);
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
	if (page_directory & ~(phys_addr_t)PAGE_MASK || page_directory >= MACHINE_RAM_MAX)
		panic("mmu: the page directory lies at %#llx", page_directory);
	load_root(page_directory);
	mmu_counters.root++;
}

/* The entry of the middle level, remembered or from memory, or 0; accessed is not set. */
static pteval_t look_up_middle(vaddr_t address, bool cached)
{
	u32 index = address >> PMD_SHIFT;
	const pteval_t *place = middle_entry(address);

	if (cached && middle_cache[index])
		return middle_cache[index];
	return place ? *place : 0;
}

/* What look_up() returns for an entry with a reserved bit: no entry is like this. */
#define MET_RESERVED ((pteval_t)PTE_WRITE)

/* A present entry has a reserved bit. */
static bool has_reserved(pteval_t entry, bool large, vaddr_t address)
{
	pteval_t reserved = PTE_RESERVED | (large ? LARGE_UNUSED : 0);

	if (!mmu_control.nxe)
		reserved |= PTE_NX;
	if (!(entry & reserved))
		return false;
	if (!mmu_control.reserved_faults)
		panic("mmu: reserved bits in the entry %#llx for %#x", (u64)entry, address);
	return true;
}

/*
 * The pte of 4 KiB for this address, with the rights of both levels combined; 0: not present;
 * MET_RESERVED. No side effect.
 */
static pteval_t look_up(vaddr_t address, bool cached)
{
	pteval_t pde = look_up_middle(address, cached), pte;
	const pteval_t rights = PTE_WRITE | PTE_USER;

	if (!(pde & PTE_PRESENT))
		return 0;
	if (has_reserved(pde, pde & PTE_LARGE, address))
		return MET_RESERVED;
	if (pde & PTE_LARGE)
		return (pde & ~(pteval_t)PTE_LARGE) | (address & (LARGE_PAGE_SIZE - 1) & PAGE_MASK);
	pte = *entry_at(pde & PTE_FRAME, pte_index(address));
	if (!(pte & PTE_PRESENT))
		return 0;
	if (has_reserved(pte, false, address))
		return MET_RESERVED;
	return (pte & ~rights) | (pte & pde & rights) | (pde & PTE_NX);
}

static bool allowed(pteval_t entry, enum mmu_kind kind, enum mmu_mode mode)
{
	const struct mmu_control *control = &mmu_control;
	bool user_page = entry & PTE_USER, writable = entry & PTE_WRITE;

	if (!(entry & PTE_PRESENT) || (kind == MMU_FETCH && entry & PTE_NX))
		return false;
	if (mode == MMU_USER)
		return user_page && (kind != MMU_WRITE || writable);
	if (user_page && (kind == MMU_FETCH ? control->smep : control->smap && !control->ac))
		return false;
	return kind != MMU_WRITE || writable || !control->wp;
}

static u32 error_code(pteval_t entry, enum mmu_kind kind, enum mmu_mode mode)
{
	bool tells = mmu_control.smep || (PTE_NX && mmu_control.nxe);

	return (entry == MET_RESERVED ? ERROR_PRESENT | ERROR_RESERVED : 0) |
	       (entry & PTE_PRESENT ? ERROR_PRESENT : 0) | (kind == MMU_WRITE ? ERROR_WRITE : 0) |
	       (mode == MMU_USER ? ERROR_USER : 0) | (kind == MMU_FETCH && tells ? ERROR_FETCH : 0);
}

/* Keeps (4), and fills the TLB. */
static pteval_t complete_walk(vaddr_t address, bool write, pteval_t entry)
{
	u32 index = address >> PMD_SHIFT;
	pteval_t pde = look_up_middle(address, true);
	u32 marks = PTE_ACCESSED | (write ? PTE_DIRTY : 0);

	if (pde & PTE_LARGE) {
		*middle_entry(address) |= marks;
	} else {
		if (!(middle_cache[index] & PTE_ACCESSED)) {
			*middle_entry(address) |= PTE_ACCESSED;
			middle_cache[index] = pde | PTE_ACCESSED;
		}
		*entry_at(pde & PTE_FRAME, pte_index(address)) |= marks;
	}
	tlb_insert(address >> PAGE_SHIFT, entry | marks, pde & PTE_LARGE);
	return entry | marks;
}

/* (2); the walk may find no page. */
static void remember_middle(vaddr_t address)
{
	u32 index = address >> PMD_SHIFT;
	pteval_t pde = look_up_middle(address, true);

	if (pde & PTE_PRESENT && !(pde & PTE_LARGE) && !(pde & PTE_RESERVED))
		middle_cache[index] = pde;
}

bool mmu_access(vaddr_t address, enum mmu_kind kind, enum mmu_mode mode, phys_addr_t *phys,
		u32 *error)
{
	pteval_t entry = tlb[address >> PAGE_SHIFT];
	bool write = kind == MMU_WRITE;
	bool walk = !entry || (allowed(entry, kind, mode) && write && !(entry & PTE_DIRTY));

	if (walk) {
		entry = look_up(address, true);
		remember_middle(address);
	}
	if (!allowed(entry, kind, mode)) {
		*error = error_code(entry, kind, mode);
		return false;
	}
	if (walk)
		entry = complete_walk(address, write, entry);
	*phys = (entry & PTE_FRAME) | (address & ~PAGE_MASK);
	if (*phys >= MACHINE_RAM_MAX && *phys - MACHINE_FAR_RAM >= MACHINE_RAM)
		panic("mmu: %#x is at %#llx, beyond the RAM", address, *phys);
	saw(entry, address);
	return true;
}

const char *mmu_check(vaddr_t *where)
{
	for (u32 i = 0; i < tlb_count; i++) {
		pteval_t remembered = tlb[tlb_list[i]], real;

		*where = tlb_list[i] << PAGE_SHIFT;
		real = look_up(*where, false);
		if (!real)
			return "a page that is gone is in the TLB";
		if ((real ^ remembered) & PTE_FRAME)
			return "a page is in the TLB with another frame";
		if (remembered & ~real & (PTE_WRITE | PTE_USER) || real & ~remembered & PTE_NX)
			return "a page is in the TLB with rights that it lost";
	}
	for (u32 i = 0; i < MIDDLES; i++) {
		*where = i << PMD_SHIFT;
		if (middle_cache[i] && (middle_cache[i] ^ look_up_middle(*where, false)) &
					       ~(pteval_t)(PTE_ACCESSED | PTE_DIRTY))
			return "a directory entry that changed is remembered";
	}
	return NULL;
}

bool mmu_remembers(vaddr_t address)
{
	return tlb[address >> PAGE_SHIFT];
}

u32 mmu_remembered_bits(vaddr_t address)
{
	return tlb[address >> PAGE_SHIFT] & (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_DIRTY);
}

bool mmu_copy(vaddr_t address, void *buffer, u32 bytes, bool write, enum mmu_mode mode, u32 *error)
{
	phys_addr_t phys;

	if ((address & ~PAGE_MASK) + bytes > PAGE_SIZE)
		panic("mmu_copy: [%#x, +%u) crosses a page", address, bytes);
	if (!mmu_access(address, write ? MMU_WRITE : MMU_READ, mode, &phys, error))
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

	if (!mmu_access(address, MMU_WRITE, MMU_KERNEL, &phys, &error))
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
