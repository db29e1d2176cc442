/* SPDX-License-Identifier: MIT */
/*
 * Protection of ring 3's memory from the kernel, and the reverse. access.c has every combination.
 */
#include "kernel/cpu/protection.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/smap.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/uaccess.h"
#include "lib/irq.h"
#include "lib/string.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/mman/mman.h"
#include "tests/kernel/probe.h"
#include "tests/kernel/user_space.h"

#define BASE 0x30000000u

/* image/kernel.lds */
extern char _text[], _etext[], _data[];

static u32 read_eflags(void)
{
	u32 flags;

	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	return flags;
}

static void control_registers(void)
{
	u32 cr4 = read_cr4();

	EXPECT_EQ(read_cr0() & (CR0_WP | CR0_AM), CR0_WP | CR0_AM);
	EXPECT_EQ(!!(cr4 & CR4_SMEP), cpu_has(CPU_SMEP));
	EXPECT_EQ(!!(cr4 & CR4_SMAP), cpu_has(CPU_SMAP));
	EXPECT_EQ(!!(cr4 & CR4_UMIP), cpu_has(CPU_UMIP));
	EXPECT_EQ(read_eflags() & EFLAGS_AC, 0);
	if (cpu_has(CPU_MSR) && cpu_has(CPU_NX))
		EXPECT_EQ(rdmsr(MSR_EFER) & EFER_NXE, PTE_NX ? EFER_NXE : 0);
	EXPECT(!!pte_nx == (PTE_NX && cpu_has(CPU_NX)));
}

/* As a firmware could have left them. */
static void gates(void)
{
	bool syscall = cpu_has(CPU_SYSCALL);

	if (!cpu_has(CPU_SEP)) {
		test_skip("the processor has no SYSENTER");
		return;
	}
	EXPECT_EQ((u32)rdmsr(MSR_SYSENTER_CS), 0);
	wrmsr(MSR_SYSENTER_CS, 8);
	wrmsr(MSR_SYSENTER_EIP, (u32)(uintptr_t)_text);
	if (syscall)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	protection_close_gates();
	EXPECT_EQ((u32)rdmsr(MSR_SYSENTER_CS), 0);
	EXPECT_EQ((u32)rdmsr(MSR_SYSENTER_ESP), 0);
	EXPECT_EQ((u32)rdmsr(MSR_SYSENTER_EIP), 0);
	EXPECT(!syscall || !(rdmsr(MSR_EFER) & EFER_SCE));
}

static bool has_site(const void *start, u32 bytes, u32 instruction)
{
	for (const struct smap_site *s = __start___smap_sites; s < __stop___smap_sites; s++)
		if ((uintptr_t)s->place - (uintptr_t)start < bytes && s->instruction == instruction)
			return true;
	return false;
}

/* Patched sites have this processor's instructions, in both kernel entries and in the copies. */
static void places(void)
{
	for (const struct smap_site *s = __start___smap_sites; s < __stop___smap_sites; s++) {
		u32 wanted = cpu_has(CPU_SMAP) ? s->instruction : SMAP_NOTHING;
		u32 there = 0;

		memcpy(&there, s->place, 3);
		EXPECT_EQ(there, wanted);
	}
	EXPECT(has_site(syscall_entry, 32, SMAP_CLAC));
	EXPECT(has_site(page_fault_entry, 32, SMAP_CLAC));
	EXPECT(has_site(trap_stubs + 256 * TRAP_STUB_SIZE, 48, SMAP_CLAC));
	EXPECT(has_site(user_copy, 32, SMAP_STAC));
	EXPECT(has_site(user_copy, 48, SMAP_CLAC));
}

/* A present, writable page of ring 3 that begins with the code of the probes. */
static struct mm_struct *one_page(void)
{
	static u8 code[64];
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, BASE, 1, PROT_RW);
	probe_fill_code(code);
	EXPECT_EQ(copy_to_user(BASE, code, sizeof(code)), 0);
	return mm;
}

static void smap(void)
{
	struct mm_struct *mm;
	struct probe read, write;
	u32 value;

	if (!cpu_has(CPU_SMAP)) {
		test_skip("the processor has no SMAP");
		return;
	}
	mm = one_page();
	read = probe_read_closed(BASE);
	write = probe_write_closed(BASE, 0);
	EXPECT(read.faulted && read.error_code == ERROR_PRESENT);
	EXPECT(write.faulted && write.error_code == (ERROR_PRESENT | ERROR_WRITE));
	EXPECT(!probe_read(BASE).faulted);
	/* The copies open ring 3's memory, and close it again also when they fail. */
	EXPECT_EQ(copy_from_user(&value, BASE, 4), 0);
	EXPECT_EQ(value, probe_read(BASE).value);
	EXPECT_EQ(read_eflags() & EFLAGS_AC, 0);
	EXPECT_EQ(copy_to_user(BASE + PAGE_SIZE - 2, &value, 4), 2);
	EXPECT_EQ(read_eflags() & EFLAGS_AC, 0);
	EXPECT_EQ(copy_from_user(&value, BASE + PAGE_SIZE, 4), 4);
	EXPECT_EQ(read_eflags() & EFLAGS_AC, 0);
	user_leave(mm);
}

static void smep(void)
{
	struct mm_struct *mm;
	struct probe probe;

	if (!cpu_has(CPU_SMEP)) {
		test_skip("the processor has no SMEP");
		return;
	}
	mm = one_page();
	probe = probe_execute(BASE);
	EXPECT(probe.faulted);
	EXPECT_EQ(probe.address, BASE);
	EXPECT_EQ(probe.error_code, ERROR_PRESENT | ERROR_FETCH);
	user_leave(mm);
}

/* Data are not executable: of the kernel in ring 0, of a program in ring 3. */
static void nx(void)
{
	static u8 code[64];
	struct probe probe;
	struct mm_struct *mm;

	if (!pte_nx) {
		test_skip("entries have no NX bit, or the processor has none");
		return;
	}
	probe_fill_code(code);
	probe = probe_execute((u32)(uintptr_t)code);
	EXPECT(probe.faulted);
	EXPECT_EQ(probe.error_code, ERROR_PRESENT | ERROR_FETCH);
	mm = one_page();
	map_anonymous(mm, BASE + PAGE_SIZE, 1, PROT_RW | PROT_EXEC);
	EXPECT_EQ(copy_to_user(BASE + PAGE_SIZE, code, sizeof(code)), 0);
	probe = probe_ring3(BASE + PAGE_SIZE, PROBE_EXECUTE, BASE, 0);
	EXPECT(probe.faulted);
	EXPECT_EQ(probe.error_code, ERROR_PRESENT | ERROR_USER | ERROR_FETCH);
	EXPECT_EQ(do_mprotect(mm, BASE, PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
	EXPECT(!probe_ring3(BASE + PAGE_SIZE, PROBE_EXECUTE, BASE, 0).faulted);
	EXPECT_EQ(do_mprotect(mm, BASE, PAGE_SIZE, PROT_READ), 0);
	EXPECT(probe_ring3(BASE + PAGE_SIZE, PROBE_EXECUTE, BASE, 0).faulted);
	user_leave(mm);
}

/*
 * The kernel half: ring 3 reaches none of it, and only the image's text and constants are
 * read-only.
 */
static void kernel_half(void)
{
	struct kernel_pages pages;
	u32 image = (u32)(_data - _text) / PAGE_SIZE;

	protection_count(&pages);
	EXPECT_EQ(pages.user, 0);
	EXPECT_EQ(pages.writable_code, pte_nx ? 0 : pages.writable);
	EXPECT_EQ(pages.read_only, image);
	EXPECT(pages.writable >= max_low_pfn - image - 1);
}

static const struct test_case cases[] = {
	{ "control_registers", control_registers },
	{ "gates", gates },
	{ "places", places },
	{ "smap", smap },
	{ "smep", smep },
	{ "nx", nx },
	{ "kernel_half", kernel_half },
};

TEST_SUITE(protection, cases);
