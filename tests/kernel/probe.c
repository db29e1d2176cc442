/* SPDX-License-Identifier: MIT */
/*
 * Probes: their interrupt descriptor table, and the functions that start them. See the header and
 * probe_entry.S.
 */
#include "tests/kernel/probe.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/task/task.h"
#include "lib/irq.h"
#include "lib/string.h"

#define VECTOR_PAGE_FAULT 14
#define GATES		  256

/* Interrupt gates, present, for ring 0 and for ring 3 (Intel SDM vol. 3A 6.11). */
#define GATE_RING0 0x8e00u
#define GATE_RING3 0xee00u

struct table_register {
	u16 limit;
	u32 base;
} __packed;

/* Bytes below the frame of the function that starts a probe, for its own pushes. */
#define PROBE_STACK 1024

/* The order for probe_enter(): the code, its registers, the ring, flags to set in ring 0. */
struct probe_order {
	u32 entry, address, value, ring3, flags;
};
_Static_assert(offsetof(struct probe_order, entry) == PROBE_ENTRY, "probe_entry.S");
_Static_assert(offsetof(struct probe_order, address) == PROBE_ADDRESS, "probe_entry.S");
_Static_assert(offsetof(struct probe_order, value) == PROBE_VALUE, "probe_entry.S");
_Static_assert(offsetof(struct probe_order, ring3) == PROBE_RING3, "probe_entry.S");
_Static_assert(offsetof(struct probe_order, flags) == PROBE_FLAGS, "probe_entry.S");

struct probe_order probe_order;
u32 probe_esp, probe_faulted, probe_error_code;

/* probe_entry.S */
u32 probe_enter(void);
extern char probe_fault[], probe_done[];
extern char probe_code[], probe_code_read[], probe_code_write[], probe_code_jump[];
extern char probe_code_end[];

static u64 idt[GATES] __aligned(8);

static void load_idt(const struct table_register *table)
{
	__asm__ volatile("lidt %0" : : "m"(*table) : "memory");
}

static u64 gate(const char *target, u32 type)
{
	u32 offset = (u32)(uintptr_t)target;

	return (u64)(offset & 0xffff0000u) << 32 | (u64)type << 32 | (u32)KERNEL_CS << 16 |
	       (offset & 0xffffu);
}

/* Loads the kernel's table with two gates replaced. Returns the kernel's. */
static struct table_register build_idt(void)
{
	struct table_register kernel;

	__asm__ volatile("sidt %0" : "=m"(kernel));
	memcpy(idt, (const void *)(uintptr_t)kernel.base,
	       min((u32)kernel.limit + 1, (u32)sizeof(idt)));
	idt[VECTOR_PAGE_FAULT] = gate(probe_fault, GATE_RING0);
	idt[PROBE_VECTOR] = gate(probe_done, GATE_RING3);
	return kernel;
}

static noinline struct probe run(struct probe_order order)
{
	const struct table_register own = { sizeof(idt) - 1, (u32)(uintptr_t)idt };
	unsigned long irq = irq_save();
	struct table_register kernel = build_idt();
	struct probe probe = { 0 };
	u32 result;

	probe_order = order;
	probe_faulted = 0;
	/* The return from ring 3 must not overwrite this stack. */
	tss_set_kernel_stack((char *)__builtin_frame_address(0) - PROBE_STACK);
	load_idt(&own);
	result = probe_enter();
	load_idt(&kernel);
	tss_set_kernel_stack(current->stack + KERNEL_STACK);
	probe.faulted = probe_faulted;
	if (probe.faulted) {
		probe.address = result;
		probe.error_code = probe_error_code;
	} else {
		probe.value = result;
	}
	irq_restore(irq);
	return probe;
}

static u32 offset_of(enum probe_access access)
{
	const char *const places[] = {
		[PROBE_READ] = probe_code_read,
		[PROBE_WRITE] = probe_code_write,
		[PROBE_EXECUTE] = probe_code_jump,
	};

	return (u32)(places[access] - probe_code);
}

static struct probe run_ring0(enum probe_access access, u32 address, u32 value, u32 flags)
{
	return run((struct probe_order){ (u32)(uintptr_t)probe_code + offset_of(access), address,
					 value, false, flags });
}

struct probe probe_read(u32 address)
{
	return run_ring0(PROBE_READ, address, 0, EFLAGS_AC);
}

struct probe probe_write(u32 address, u32 value)
{
	return run_ring0(PROBE_WRITE, address, value, EFLAGS_AC);
}

struct probe probe_read_closed(u32 address)
{
	return run_ring0(PROBE_READ, address, 0, 0);
}

struct probe probe_write_closed(u32 address, u32 value)
{
	return run_ring0(PROBE_WRITE, address, value, 0);
}

struct probe probe_execute(u32 address)
{
	return run_ring0(PROBE_EXECUTE, address, 0, EFLAGS_AC);
}

struct probe probe_ring3(u32 code, enum probe_access access, u32 address, u32 value)
{
	return run((struct probe_order){ code + offset_of(access), address, value, true, 0 });
}

void probe_fill_code(void *page)
{
	memcpy(page, probe_code, (size_t)(probe_code_end - probe_code));
}

bool probe_accessible(u32 address)
{
	struct probe read = probe_read(address);

	return !read.faulted && !probe_write(address, read.value).faulted;
}

void expect_unmapped(u32 address)
{
	struct probe read = probe_read(address), write = probe_write(address, 0);

	EXPECT(read.faulted);
	EXPECT_EQ(read.error_code, 0);
	EXPECT_EQ(read.address, address);
	EXPECT(write.faulted);
	EXPECT_EQ(write.error_code, ERROR_WRITE);
	EXPECT_EQ(write.address, address);
}
