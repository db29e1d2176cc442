/* SPDX-License-Identifier: MIT */
#include "kernel/devices/frequency.h"
#include "kernel/cpu/cpu.h"
#include "lib/math64.h"
#include "lib/string.h"

#define KHZ_MAX 100000000u

#define LEAF_CRYSTAL 0x15u
#define LEAF_BASE    0x16u

#define LEAF_FEATURES	 0x40000003u
#define LEAF_VMWARE	 0x40000010u
#define HYPERV_FREQUENCY (1u << 11) /* EAX: the guest may read the frequency registers */
#define HYPERV_HAS_MSRS	 (1u << 8)  /* EDX: they are there */
#define HYPERV_TSC_HZ	 0x40000022u

enum { EAX, EBX, ECX, EDX };

u32 frequency_khz(u32 counts, u32 steps, u64 step_hz)
{
	u64 khz;

	if (!steps)
		return 0;
	khz = div_u64(div_u64(counts * step_hz, 1000), steps);
	return khz > KHZ_MAX ? 0 : (u32)khz;
}

u32 frequency_median(u32 *values, u32 count)
{
	for (u32 i = 1; i < count; i++) {
		u32 value = values[i], at = i;

		for (; at && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
	return values[count / 2];
}

u64 frequency_by_cpuid(leaf_reader leaf)
{
	u32 words[4], highest;

	leaf(0, words);
	highest = words[EAX];
	if (highest < LEAF_CRYSTAL)
		return 0;
	leaf(LEAF_CRYSTAL, words);
	/* The counter is EBX / EAX times as fast as the crystal. ECX has the crystal's Hz. */
	if (words[EAX] && words[EBX] && words[ECX])
		return div_u64((u64)words[ECX] * words[EBX], words[EAX]);
	if (highest < LEAF_BASE)
		return 0;
	leaf(LEAF_BASE, words);
	return (words[EAX] & 0xffff) * 1000000ull;
}

u64 frequency_by_hypervisor(leaf_reader leaf, msr_reader msr)
{
	u32 words[4], highest;
	char name[12];
	u64 hz = 0;

	leaf(LEAF_HYPERVISOR, words);
	highest = words[EAX];
	memcpy(name, words + EBX, sizeof(name));
	if (!memcmp(name, "VMwareVMware", 12) || !memcmp(name, "KVMKVMKVM\0\0\0", 12)) {
		if (highest < LEAF_VMWARE)
			return 0;
		leaf(LEAF_VMWARE, words);
		return words[EAX] * 1000ull;
	}
	if (highest < LEAF_FEATURES)
		return 0;
	leaf(LEAF_FEATURES, words);
	if (!memcmp(name, "XenVMMXenVMM", 12))
		return words[ECX] * 1000ull;
	if (!memcmp(name, "Microsoft Hv", 12) && words[EAX] & HYPERV_FREQUENCY &&
	    words[EDX] & HYPERV_HAS_MSRS && msr(HYPERV_TSC_HZ, &hz))
		return hz;
	return 0;
}
