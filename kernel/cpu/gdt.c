/* SPDX-License-Identifier: MIT */
/*
 * Segments, task states, the IDT, and the report of a double fault.
 *
 *     GDT   0x00 null   0x10 ring-0 code   0x20 ring-3 code   0x30 main TSS
 *           0x08 null   0x18 ring-0 data   0x28 ring-3 data   0x38 double-fault TSS
 *           0x60, 0x68, 0x70 of ring 3: the current task's own (set_thread_area)
 *           0x40 the current process's LDT, if it has one (modify_ldt)
 *
 *     IDT   0..31        exceptions     interrupt gates; ring 3 may call 3 and 4; 8 is a task gate
 *           0x20..0x2f   8259           interrupt gates
 *           0x80         system call    trap gate, ring 3
 *           rest         interrupt gates: local APIC, and unused vectors
 *
 *  (1) All gates but 0x80 enter with interrupts off: a page fault must read CR2 before a second
 *      one can happen. trap.c enables them again if the interrupted code had them on.
 *  (2) When a kernel stack runs into its guard page, the page fault's frame cannot be pushed, and
 *      the processor raises a double fault. The task gate gives that a stack of its own and saves
 *      the interrupted registers in the main TSS.
 *  (3) The page directory in the double-fault TSS is always one in use (cpu.c).
 */
#include "kernel/cpu/backtrace.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/trap.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "paging/layout.h"

#define GDT_ENTRIES	    (GDT_ENTRY_TLS_MIN + GDT_TLS_ENTRIES)
#define SYSCALL_VECTOR	    0x80
#define VECTOR_BREAKPOINT   3
#define VECTOR_OVERFLOW	    4
#define VECTOR_DOUBLE_FAULT 8

/* Descriptor types with the present bit; DPL goes to bits 5 and 6. */
#define GATE_TASK      0x85u
#define GATE_INTERRUPT 0x8eu
#define GATE_TRAP      0x8fu
#define GATE_RING3     0x60u
#define SEGMENT_CODE   0x9au
#define SEGMENT_DATA   0x92u
#define SEGMENT_TSS    0x89u
#define SEGMENT_LDT    0x82u
#define SEGMENT_RING3  0x60u

struct tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2;
	u32 cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, io_map_base;
};
_Static_assert(sizeof(struct tss) == 104, "32-bit TSS: Intel SDM vol. 3A figure 7-2");

struct table_register {
	u16 limit;
	u32 base;
} __packed;

static u64 gdt[GDT_ENTRIES] __aligned(8);
static u64 idt[256] __aligned(8);
static struct tss main_tss, double_fault_tss;
static char double_fault_stack[KiB(4)] __aligned(16);

static u64 segment(u32 base, u32 limit, u32 access, u32 flags)
{
	return (u64)(base >> 24) << 56 | (u64)flags << 52 | (u64)(limit >> 16 & 15) << 48 |
	       (u64)access << 40 | (u64)(base & 0xffffff) << 16 | (limit & 0xffff);
}

static u64 flat_segment(u32 access)
{
	return segment(0, 0xfffff, access, 0xc); /* 4 KiB units, 32 bits */
}

static u64 tss_segment(const struct tss *tss)
{
	return segment((u32)(uintptr_t)tss, sizeof(*tss) - 1, SEGMENT_TSS, 0);
}

static u64 gate(u32 offset, u32 selector, u32 type)
{
	return (u64)(offset >> 16) << 48 | (u64)type << 40 | (u64)selector << 16 |
	       (offset & 0xffff);
}

/*
 * Reports which kernel stack overflowed. The fault address lies in the unmapped page below it,
 * near ESP, and the page above is mapped. ESP alone is no proof: it may point at the last word.
 */
static void report_overflow(u32 esp, u32 address)
{
	u32 bottom = ALIGN_UP(address + 1, PAGE_SIZE);
	u32 top = bottom == (u32)(uintptr_t)boot_stack ? (u32)(uintptr_t)boot_stack_top
						       : main_tss.esp0;

	if (address < PAGE_OFFSET || kernel_address_mapped(address) ||
	    !kernel_address_mapped(bottom) || esp - (address - PAGE_SIZE) > 2 * PAGE_SIZE)
		return;
	printk("kernel stack overflow: pid=%d name=%s esp=0x%08x address=0x%08x "
	       "guard=0x%08x-0x%08x stack=0x%08x-0x%08x\n",
	       current_pid(), current_name(), esp, address, (u32)(bottom - PAGE_SIZE), bottom,
	       bottom, top);
}

/* The double-fault task starts here, with an error code in the place of a return address. */
static __noreturn void double_fault(void)
{
	const struct tss *t = &main_tss;
	u32 address = read_cr2();
	struct pt_regs regs = {
		.ebx = t->ebx,
		.ecx = t->ecx,
		.edx = t->edx,
		.esi = t->esi,
		.edi = t->edi,
		.ebp = t->ebp,
		.eax = t->eax,
		.ds = t->ds,
		.es = t->es,
		.fs = t->fs,
		.gs = t->gs,
		.eip = t->eip,
		.cs = t->cs,
		.eflags = t->eflags,
		.esp = t->esp,
		.ss = t->ss,
	};

	report_overflow(t->esp, address);
	panic_task(&regs, "double fault");
}

static void load_segments(void)
{
	struct table_register r = { sizeof(gdt) - 1, (u32)(uintptr_t)gdt };

	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %1, $1f\n"
			 "1:\n\t"
			 "movl %2, %%ds\n\t"
			 "movl %2, %%es\n\t"
			 "movl %2, %%ss\n\t"
			 "movl %3, %%fs\n\t"
			 "movl %3, %%gs\n\t"
			 "lldt %w3\n\t"
			 "ltr %w4"
			 :
			 : "m"(r), "i"(KERNEL_CS), "r"(KERNEL_DS), "r"(0), "r"(TSS_SELECTOR)
			 : "memory");
}

void gdt_init(void)
{
	gdt[KERNEL_CS / 8] = flat_segment(SEGMENT_CODE);
	gdt[KERNEL_DS / 8] = flat_segment(SEGMENT_DATA);
	gdt[USER_CS / 8] = flat_segment(SEGMENT_CODE | SEGMENT_RING3);
	gdt[USER_DS / 8] = flat_segment(SEGMENT_DATA | SEGMENT_RING3);
	gdt[TSS_SELECTOR / 8] = tss_segment(&main_tss);
	gdt[DOUBLE_FAULT_SELECTOR / 8] = tss_segment(&double_fault_tss);

	main_tss.ss0 = KERNEL_DS;
	main_tss.io_map_base = sizeof(main_tss); /* no map: ring 3 may use no port */

	double_fault_tss.cr3 = read_cr3();
	double_fault_tss.eip = (u32)(uintptr_t)double_fault;
	double_fault_tss.esp = (u32)(uintptr_t)(double_fault_stack + sizeof(double_fault_stack));
	double_fault_tss.eflags = 2; /* the bit that is always set */
	double_fault_tss.cs = KERNEL_CS;
	double_fault_tss.ss = KERNEL_DS;
	double_fault_tss.ds = KERNEL_DS;
	double_fault_tss.es = KERNEL_DS;
	double_fault_tss.io_map_base = sizeof(double_fault_tss);

	load_segments();
}

void idt_init(void)
{
	struct table_register r = { sizeof(idt) - 1, (u32)(uintptr_t)idt };

	for (u32 vector = 0; vector < 256; vector++) {
		u32 stub = (u32)(uintptr_t)trap_stubs + vector * TRAP_STUB_SIZE;
		u32 type = GATE_INTERRUPT;

		if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW)
			type |= GATE_RING3;
		idt[vector] = gate(stub, KERNEL_CS, type);
	}
	idt[VECTOR_PAGE_FAULT] = gate((u32)(uintptr_t)page_fault_entry, KERNEL_CS, GATE_INTERRUPT);
	idt[VECTOR_DOUBLE_FAULT] = gate(0, DOUBLE_FAULT_SELECTOR, GATE_TASK);
	idt[SYSCALL_VECTOR] =
		gate((u32)(uintptr_t)syscall_entry, KERNEL_CS, GATE_TRAP | GATE_RING3);
	__asm__ volatile("lidt %0" : : "m"(r) : "memory");
}

void tss_set_kernel_stack(void *top)
{
	BUG_ON(!IS_ALIGNED((uintptr_t)top, sizeof(u32)));
	main_tss.esp0 = (u32)(uintptr_t)top;
}

void gdt_set_tls(const u64 tls[GDT_TLS_ENTRIES])
{
	/*
	 * First: an interrupt that comes now reloads FS and GS when it returns. A selector
	 * without a descriptor would fault then, and the way out of that fault would fault again,
	 * without end.
	 */
	__asm__ volatile("movl %0, %%fs\n\tmovl %0, %%gs" : : "r"(0) : "memory");
	for (u32 i = 0; i < GDT_TLS_ENTRIES; i++) {
		BUG_ON(tls[i] && (tls[i] >> 40 & 0xf8) != 0xf0); /* tls.c, (1) */
		gdt[GDT_ENTRY_TLS_MIN + i] = tls[i];
	}
}

void gdt_set_ldt(const u64 *entries, u32 count)
{
	gdt[LDT_SELECTOR / 8] = segment((u32)(uintptr_t)entries, count * 8 - 1, SEGMENT_LDT, 0);
	/* An interrupt of the kernel may not reload a selector of the old table. */
	__asm__ volatile("movl %1, %%fs\n\tmovl %1, %%gs\n\tlldt %w0"
			 :
			 : "r"(entries ? LDT_SELECTOR : 0), "r"(0)
			 : "memory");
}

void tss_set_root(u32 page_directory)
{
	BUG_ON(!IS_ALIGNED(page_directory, PAGE_SIZE));
	double_fault_tss.cr3 = page_directory;
}
