/* SPDX-License-Identifier: MIT */
/*
 * The processor: its features (CPUID), control and model-specific registers, time-stamp counter.
 *
 * cpu.c also defines the functions of paging/tlb.h and lib/irq.h.
 *
 * Sources: Intel SDM vol. 2A "CPUID", vol. 3A 2.5 (control registers), vol. 4 (MSRs).
 */
#ifndef KERNEL_CPU_CPU_H
#define KERNEL_CPU_CPU_H

/* EAX at the entry point: BOOT_INFO_MAGIC, from a header that assembly cannot include. */
#define ENTRY_MAGIC 0x74685750

#ifndef __ASSEMBLER__

#include "lib/types.h"

#define CR0_MP			  0x00000002u /* WAIT obeys TS */
#define CR0_EM			  0x00000004u /* no x87: #NM for x87, #UD for MMX and SSE */
#define CR0_TS			  0x00000008u
#define CR0_NE			  0x00000020u /* x87 errors raise #MF, not an 8259 interrupt */
#define CR0_WP			  0x00010000u /* ring 0 obeys read-only pages */
#define CR0_AM			  0x00040000u /* EFLAGS.AC: misaligned accesses of ring 3: #AC */
#define CR4_PAE			  0x00000020u /* entries of 64 bits, three levels */
#define CR4_TSD			  0x00000004u /* RDTSC in ring 3 is #GP */
#define CR4_OSFXSR		  0x00000200u /* FXSAVE is in use: SSE runs */
#define CR4_OSXMMEXCPT		  0x00000400u /* SSE errors are #XM */
#define CR4_OSXSAVE		  0x00040000u
#define CR4_UMIP		  0x00000800u /* no SGDT, SIDT, SLDT, SMSW, STR in ring 3 */
#define CR4_SMEP		  0x00100000u
#define CR4_SMAP		  0x00200000u
#define CR4_PGE			  0x00000080u /* global pages */
#define CR4_MCE			  0x00000040u /* a machine check is #MC, not a reset */
#define EFLAGS_IF		  0x00000200u
#define EFLAGS_AC		  0x00040000u /* SMAP: ring 0 may access user pages; CR0_AM */
#define MSR_APIC_BASE		  0x0000001bu
#define MSR_SYSENTER_CS		  0x00000174u /* 0: SYSENTER is #GP */
#define MSR_SYSENTER_ESP	  0x00000175u
#define MSR_SYSENTER_EIP	  0x00000176u
#define MSR_SMI_COUNT		  0x00000034u
#define MSR_PAT			  0x00000277u
#define MSR_EFER		  0xc0000080u
#define EFER_SCE		  0x00000001u /* SYSCALL; else it is #UD */
#define EFER_NXE		  0x00000800u /* PTE_NX is no reserved bit */
#define MSR_X2APIC		  0x00000800u
#define MSR_AMD_INTERRUPT_PENDING 0xc0010055u
#define APIC_BASE_X2APIC	  0x00000400u
#define APIC_BASE_ENABLED	  0x00000800u

/* A feature is a bit of a CPUID register: word * 32 + bit, with the words of struct cpu_info. */
enum cpu_feature {
	CPU_FPU = 0,
	CPU_PSE = 3,
	CPU_TSC = 4,
	CPU_MSR = 5,
	CPU_PAE = 6,
	CPU_MCE = 7,
	CPU_APIC = 9,
	CPU_SEP = 11,
	CPU_MTRR = 12,
	CPU_PGE = 13,
	CPU_MCA = 14,
	CPU_CMOV = 15,
	CPU_PAT = 16,
	CPU_PSE36 = 17,
	CPU_CLFLUSH = 19,
	CPU_FXSR = 24,
	CPU_SSE = 25,
	CPU_X2APIC = 32 + 21,
	CPU_RDRAND = 32 + 30,
	CPU_HYPERVISOR = 32 + 31,
	CPU_SMEP = 64 + 7,
	CPU_SMAP = 64 + 20,
	CPU_SYSCALL = 96 + 11,
	CPU_NX = 96 + 20,
	CPU_LM = 96 + 29,
	CPU_UMIP = 128 + 2,
};

struct cpu_info {
	u32 words[5]; /* CPUID 1 EDX, 1 ECX, 7 EBX, 0x80000001 EDX, 7 ECX; 0: no such leaf */
	char vendor[13];
	char brand[49]; /* empty: unknown */
	u32 family, model, stepping;
};

extern struct cpu_info cpu;

static inline bool cpu_has(enum cpu_feature feature)
{
	return cpu.words[feature / 32] >> (feature % 32) & 1;
}

/*
 * Reads CPUID into cpu, forbids x87, MMX and SSE until fpu_init(), and enables machine checks.
 * Called once, before all that asks for a feature; interrupts off, IDT loaded.
 */
void cpu_detect(void);

/* Prints the line `cpu: ...`, sets the PAT, switches AMD's C1E off. Once, after cpu_detect(). */
void cpu_init(void);

/* Switches C1E off on AMD's families 0Fh and 10h (kernel/cpu/c1e.c). After cpu_detect(). */
void c1e_disable(void);

#define LEAF_HYPERVISOR 0x40000000u /* the first one of a virtual machine: CPU_HYPERVISOR */

/* Reads a leaf of CPUID, sub-leaf 0: EAX, EBX, ECX, EDX. */
void cpu_leaf(u32 leaf, u32 words[4]);

/* kernel/cpu/identify.c: fills cpu; prints the line `cpu: ...`. For cpu_detect(), cpu_init(). */
void cpu_identify(void);
void cpu_print(void);

/* System management interrupts since the reset. False: the processor does not count them. */
bool smi_count(u32 *count);

/*
 * Makes the kernel's own page directory the active one, instead of the loader's. The processor has
 * PAE if the kernel's tables do. Interrupts off.
 */
void cpu_start_paging(phys_addr_t page_directory);

/*
 * Switches global pages on if the processor has them. Call it when the final kernel page tables
 * are in use: a global entry survives the loading of CR3.
 */
void cpu_enable_global_pages(void);

/*
 * Sets EFER.NXE, and pte_nx (paging/pgtable.h), if entries have the bit and the processor knows
 * it. Before the kernel's page tables are made.
 */
void cpu_enable_nx(void);

#define DEFINE_CONTROL_REGISTER(name)                                                \
	static inline u32 read_##name(void)                                          \
	{                                                                            \
		u32 value;                                                           \
                                                                                     \
		__asm__ volatile("movl %%" #name ", %0" : "=r"(value) : : "memory"); \
		return value;                                                        \
	}                                                                            \
	static inline void write_##name(u32 value)                                   \
	{                                                                            \
		__asm__ volatile("movl %0, %%" #name : : "r"(value) : "memory");     \
	}

DEFINE_CONTROL_REGISTER(cr0)
DEFINE_CONTROL_REGISTER(cr2)
DEFINE_CONTROL_REGISTER(cr3)

/* Every processor of -march=i686 has CR4: the Pentium Pro is the oldest. */
DEFINE_CONTROL_REGISTER(cr4)

/* Clears CR0.TS: x87 and SSE instructions raise no #NM. */
static inline void clear_ts(void)
{
	__asm__ volatile("clts" : : : "memory");
}

/* May ring 3 read the time-stamp counter? If not, RDTSC raises #GP there. */
static inline void cpu_forbid_tsc(bool forbid)
{
	write_cr4((read_cr4() & ~CR4_TSD) | (forbid ? CR4_TSD : 0));
}

/* Only if CPUID has MSR, and only for registers that exist: another one is #GP, and a panic. */
static inline u64 rdmsr(u32 index)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 index, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

/* Reads a register that may not exist. False: it does not. Needs the IDT. */
bool rdmsr_safe(u32 index, u64 *value);

/* The time-stamp counter, if CPUID has TSC. QEMU's -icount shift=0: guest instructions. */
static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

/* As rdtsc(), or 0 if there is no counter. Needs no cpu_detect(). */
u64 read_tsc(void);

static inline void local_irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void local_irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/*
 * Writes the cached lines of [start, start + bytes) back to memory, so that they survive a reset
 * of the processor. Does nothing before cpu_detect(). Any context.
 */
void cache_clean(const volatile void *start, size_t bytes);

/* Waits for the next interrupt. With interrupts off only an NMI ends the wait. */
static inline void cpu_halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

#endif /* __ASSEMBLER__ */
#endif
