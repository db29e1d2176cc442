/* SPDX-License-Identifier: MIT */
/*
 * Machine checks.
 *
 *  (1) ADDR and MISC are read only if STATUS marks them valid: otherwise they need not exist.
 *
 * Source: Intel SDM vol. 3B 16.3 (registers), 16.8 (initialisation).
 */
#include "kernel/cpu/machine_check.h"
#include "kernel/cpu/cpu.h"
#include "lib/printk.h"
#include "lib/string.h"

#define MCG_CAP_CTL    0x100u /* MCG_CTL exists */
#define STATUS_VALID   (1ull << 63)
#define STATUS_MISC    (1ull << 59)
#define STATUS_ADDRESS (1ull << 58)

static u32 bank_count(void)
{
	if (!cpu_has(CPU_MCE) || !cpu_has(CPU_MCA) || !cpu_has(CPU_MSR))
		return 0;
	return min((u32)rdmsr(MSR_MCG_CAP) & 0xff, BANKS_MAX);
}

void machine_check_report(bool stale)
{
	for (u32 bank = 0; bank < bank_count(); bank++) {
		u64 status = rdmsr(MSR_BANK(bank) + 1);

		if (!(status & STATUS_VALID))
			continue;
		printk("machine check: bank=%u status=0x%016llx", bank, status);
		if (status & STATUS_ADDRESS)
			printk(" address=%#llx", rdmsr(MSR_BANK(bank) + 2));
		if (status & STATUS_MISC)
			printk(" misc=%#llx", rdmsr(MSR_BANK(bank) + 3));
		printk("%s\n", stale ? " stale=yes" : "");
	}
}

/* On older processors of family 6 bank 0 belongs to the firmware (SDM: "P6 family"). */
static bool ours(u32 bank)
{
	return bank != 0 || strcmp(cpu.vendor, "GenuineIntel") || cpu.family != 6 ||
	       cpu.model >= 0x1a;
}

void machine_check_init(void)
{
	u32 banks = bank_count();

	machine_check_report(true);
	if (banks && rdmsr(MSR_MCG_CAP) & MCG_CAP_CTL)
		wrmsr(MSR_MCG_CTL, ~0ull);
	for (u32 bank = 0; bank < banks; bank++) {
		if (ours(bank))
			wrmsr(MSR_BANK(bank), ~0ull);
		wrmsr(MSR_BANK(bank) + 1, 0);
	}
}
