/* SPDX-License-Identifier: MIT */
/*
 * Names for code addresses, and the walk up the stack.
 *
 *     frame      saved EBP  ──> frame of the caller, at a higher address
 *     frame + 4  return address
 *
 * The table of names is made by tools/ksyms from the kernel's own symbols.
 *
 *  1. Nothing is read before the page tables say that it is mapped: this runs when stacks and
 *     pointers are broken.
 *  2. Frames only grow, stay within one stack's size of each other, and are at most
 *     BACKTRACE_DEPTH.
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
 * Intel SDM vol. 3A 4.3: the bits of an entry that matter here. Not paging/'s words: these must not
 * fail with it.
 */
#define ENTRY_PRESENT 0x001u
#define ENTRY_LARGE   0x080u

extern const u32 ksyms_count;
extern const u32 ksyms_places[]; /* ksyms_count + 1 */
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
	phys_addr_t table = mmu_root();
	u32 entry;

	if (address < PAGE_OFFSET || table >= LOWMEM_LIMIT)
		return false;
	entry = ((const u32 *)phys_to_virt(table))[address >> LARGE_PAGE_SHIFT];
	if (!(entry & ENTRY_PRESENT) || (entry & ENTRY_LARGE))
		return entry & ENTRY_PRESENT;
	table = entry & PAGE_MASK;
	if (table >= LOWMEM_LIMIT)
		return false;
	entry = ((const u32 *)phys_to_virt(table))[address >> PAGE_SHIFT & 1023];
	return entry & ENTRY_PRESENT;
}

/*
 * `called`: the address is where a call returns to, which may be the first byte of the next
 * function.
 */
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

void backtrace(uintptr_t ebp, uintptr_t eip)
{
	printk("Call trace:\n");
	if (eip)
		print_place(eip, false);
	for (int depth = 0; depth < BACKTRACE_DEPTH && frame_readable(ebp); depth++) {
		const u32 *frame = (const u32 *)ebp;

		if (!frame[1])
			break;
		print_place(frame[1], true);
		if (frame[0] <= ebp || frame[0] - ebp > FRAME_LIMIT)
			break;
		ebp = frame[0];
	}
}
