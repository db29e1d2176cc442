/* SPDX-License-Identifier: MIT */
/*
 * AMD's C1E: HLT puts the processor into a sleep in which the local APIC's timer stops, and the
 * tick with it. The firmware of families 0Fh and 10h switches it on.
 *
 * Source: AMD, BIOS and Kernel Developer's Guide for family 10h, MSRC001_0055.
 */
#include "kernel/cpu/cpu.h"
#include "lib/printk.h"
#include "lib/string.h"

#define SMI_ON_CMP_HALT (1ull << 27)
#define C1E_ON_CMP_HALT (1ull << 28)

void c1e_disable(void)
{
	const u64 c1e = SMI_ON_CMP_HALT | C1E_ON_CMP_HALT;
	u64 value;

	if (strcmp(cpu.vendor, "AuthenticAMD") || (cpu.family != 0x0f && cpu.family != 0x10) ||
	    !rdmsr_safe(MSR_AMD_INTERRUPT_PENDING, &value) || !(value & c1e))
		return;
	wrmsr(MSR_AMD_INTERRUPT_PENDING, value & ~c1e);
	printk("cpu: c1e=off msr=%#llx\n", value);
}
