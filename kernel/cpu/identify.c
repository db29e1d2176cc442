/* SPDX-License-Identifier: MIT */
/* What CPUID says of the processor. Sources: Intel SDM vol. 2A, CPUID; AMD "CPUID". */
#include "kernel/cpu/cpu.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"

struct cpu_info cpu;

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static struct cpuid cpuid(u32 leaf)
{
	u32 words[4];

	cpu_leaf(leaf, words);
	return (struct cpuid){ words[0], words[1], words[2], words[3] };
}

static void read_brand(void)
{
	char text[49];
	const char *start = text;

	for (u32 i = 0; i < 3; i++) {
		struct cpuid r = cpuid(0x80000002u + i);

		memcpy(text + 16 * i, &r, 16);
	}
	text[48] = '\0';
	while (*start == ' ')
		start++;
	scnprintf(cpu.brand, sizeof(cpu.brand), "%s", start);
}

/* "Display family" and "display model": Intel SDM vol. 2A, CPUID leaf 1. AMD's are the same. */
static void read_signature(u32 eax)
{
	cpu.family = eax >> 8 & 15;
	cpu.model = eax >> 4 & 15;
	cpu.stepping = eax & 15;
	if (cpu.family == 6 || cpu.family == 15)
		cpu.model |= (eax >> 16 & 15) << 4;
	if (cpu.family == 15)
		cpu.family += eax >> 20 & 255;
}

void cpu_identify(void)
{
	struct cpuid r = cpuid(0);
	u32 highest = r.eax;

	memcpy(cpu.vendor, &r.ebx, 4);
	memcpy(cpu.vendor + 4, &r.edx, 4);
	memcpy(cpu.vendor + 8, &r.ecx, 4);

	r = cpuid(1);
	read_signature(r.eax);
	cpu.words[0] = r.edx;
	cpu.words[1] = r.ecx;
	if (highest >= 7) {
		r = cpuid(7);
		cpu.words[2] = r.ebx;
		cpu.words[4] = r.ecx;
	}

	/* Without extended leaves the answer may be anything, often the highest basic leaf. */
	highest = cpuid(0x80000000u).eax;
	if (highest >> 16 != 0x8000)
		return;
	if (highest >= 0x80000001u)
		cpu.words[3] = cpuid(0x80000001u).edx;
	if (highest >= 0x80000004u)
		read_brand();
}

void cpu_print(void)
{
	static const struct {
		enum cpu_feature feature;
		const char *name;
	} names[] = {
		{ CPU_PSE, "pse" },	  { CPU_PSE36, "pse36" }, { CPU_PGE, "pge" },
		{ CPU_PAE, "pae" },	  { CPU_PAT, "pat" },	  { CPU_NX, "nx" },
		{ CPU_SMEP, "smep" },	  { CPU_SMAP, "smap" },	  { CPU_UMIP, "umip" },
		{ CPU_TSC, "tsc" },	  { CPU_MSR, "msr" },	  { CPU_APIC, "apic" },
		{ CPU_X2APIC, "x2apic" }, { CPU_LM, "lm" },	  { CPU_HYPERVISOR, "guest" },
	};
	char features[96] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (cpu_has(names[i].feature))
			used += scnprintf(features + used, sizeof(features) - used, "%s%s",
					  used ? "," : "", names[i].name);
	}
	printk("cpu: vendor=%s family=%u model=%u stepping=%u features=%s brand=\"%s\"\n",
	       cpu.vendor, cpu.family, cpu.model, cpu.stepping, features, cpu.brand);
}

bool smi_count(u32 *count)
{
	u64 value;

	/* Nehalem was the first; CPUID has no bit for it. */
	if (strcmp(cpu.vendor, "GenuineIntel") || cpu.family != 6 || cpu.model < 0x1a ||
	    !rdmsr_safe(MSR_SMI_COUNT, &value))
		return false;
	*count = (u32)value;
	return true;
}
