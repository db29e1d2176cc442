/* SPDX-License-Identifier: MIT */
/*
 * Names for code addresses, and the walk up the stack.
 *
 * A panic is read by its call trace, and it happens when stacks and pointers are broken. So this
 * code trusts nothing: it must not fault while it reports a fault.
 *
 *     frame      saved EBP  ──> frame of the caller, at a higher address
 *     frame + 4  return address
 *
 * tools/ksyms makes the table of names from the kernel's own symbols.
 *
 *  (1) An address is read only if the page tables in use map it.
 *  (2) Each frame lies above the one before it, by one stack's size at most. A trace has
 *      BACKTRACE_DEPTH frames at most.
 */
#include "kernel/cpu/backtrace.h"
#include "kernel/cpu/cpu.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/symbol.h"
#include "paging/layout.h"
#include "paging/tlb.h"

#define BACKTRACE_DEPTH 32
#define FRAME_LIMIT	KiB(16)

/*
 * The bits of an entry that matter here, at any level: Intel SDM vol. 3A 4.3, 4.4. They are not
 * taken from paging/, so that this code works when that one is broken.
 */
#define ENTRY_PRESENT 0x001u
#define ENTRY_LARGE   0x080u
#define ENTRY_FRAME   0x000ffffffffff000ull

extern const u32 ksyms_count;
extern const u32 ksyms_places[]; /* ksyms_count + 1 elements */
extern const u32 ksyms_names[];
extern const char ksyms_strings[];
extern const char _text[], _etext[];

/* Index of the symbol that holds the address; ksyms_count if there is none. */
static u32 find_symbol(uintptr_t address)
{
	u32 place = (u32)(address - (uintptr_t)_text);
	u32 low = 0, high = ksyms_count;

	if (!ksyms_count || place < ksyms_places[0] || place >= ksyms_places[ksyms_count])
		return ksyms_count;
	while (high - low > 1) {
		u32 middle = (low + high) / 2;

		if (ksyms_places[middle] <= place)
			low = middle;
		else
			high = middle;
	}
	return low;
}

const char *ksym_lookup(uintptr_t address, size_t *offset)
{
	u32 i = find_symbol(address);

	if (i == ksyms_count)
		return NULL;
	*offset = address - (uintptr_t)_text - ksyms_places[i];
	return ksyms_strings + ksyms_names[i];
}

const char *symbol_text(const void *address, char *buffer)
{
	size_t offset;
	const char *name = ksym_lookup((uintptr_t)address, &offset);

	if (name)
		scnprintf(buffer, SYMBOL_SIZE, "%s+%#lx", name, (unsigned long)offset);
	else
		scnprintf(buffer, SYMBOL_SIZE, "%p", address);
	return buffer;
}

bool kernel_address_mapped(uintptr_t address)
{
	/* The loader's tables have two levels, whatever the kernel's own have. */
	bool pae = read_cr4() & CR4_PAE;
	u32 bits = pae ? 9 : 10, shift = pae ? 30 : 22;
	phys_addr_t table = mmu_root();

	if (address < PAGE_OFFSET)
		return false;
	for (;; shift -= bits) {
		u32 index = address >> shift & ((1u << bits) - 1);
		u64 entry;

		if (table >= LOWMEM_LIMIT)
			return false;
		entry = pae ? ((const u64 *)phys_to_virt(table))[index]
			    : ((const u32 *)phys_to_virt(table))[index];
		if (!(entry & ENTRY_PRESENT))
			return false;
		if (shift == PAGE_SHIFT || entry & ENTRY_LARGE)
			return true;
		table = entry & ENTRY_FRAME;
	}
}

/* `called`: the address is a return address, which may be the first byte of the next function. */
static void print_place(uintptr_t address, bool called)
{
	u32 i = find_symbol(address - called);

	if (i == ksyms_count)
		printk(" [<%08x>]\n", (u32)address);
	else
		printk(" [<%08x>] %s+0x%x/0x%x\n", (u32)address, ksyms_strings + ksyms_names[i],
		       (u32)(address - (uintptr_t)_text) - ksyms_places[i],
		       ksyms_places[i + 1] - ksyms_places[i]);
}

static bool frame_readable(uintptr_t frame)
{
	return frame % 4 == 0 && kernel_address_mapped(frame) && kernel_address_mapped(frame + 7);
}

u32 backtrace_callers(uintptr_t ebp, uintptr_t *places, u32 max)
{
	u32 count = 0;

	while (count < max && frame_readable(ebp)) {
		const u32 *frame = (const u32 *)ebp;

		if (!frame[1])
			break;
		places[count++] = frame[1];
		if (frame[0] <= ebp || frame[0] - ebp > FRAME_LIMIT)
			break;
		ebp = frame[0];
	}
	return count;
}

void backtrace(uintptr_t ebp, uintptr_t eip)
{
	uintptr_t places[BACKTRACE_DEPTH];
	u32 count = backtrace_callers(ebp, places, BACKTRACE_DEPTH);

	printk("Call trace:\n");
	if (eip)
		print_place(eip, false);
	for (u32 i = 0; i < count; i++)
		print_place(places[i], true);
}
