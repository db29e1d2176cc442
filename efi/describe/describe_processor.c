/* SPDX-License-Identifier: MIT */
/* The processor: CPUID, and the registers that CPUID reports. */
#include "efi/describe/describe.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/machine_check.h"
#include "kernel/cpu/mtrr.h"
#include "lib/string.h"

#define HYPERVISOR  (1u << 31)	/* leaf 1, ECX */
#define FEATURE_TME (1u << 13)	/* leaf 7, ECX */
#define HAS_EFER    0x20100800u /* leaf 80000001h, EDX: long mode, NX, SYSCALL */

#define LEAF_EXTENDED 0x80000000u
#define LEAF_SERIAL   3u /* of a Pentium III: the number of the processor */
#define LEAVES_MAX    0x30u

#define MSR_TME_ACTIVATE 0x982u

#define MTRR_FIXED 0x100u /* of MSR_MTRR_CAP */
#define TME_ON	   2u	  /* of MSR_TME_ACTIVATE */

/* The features that decide which registers may be read. */
struct identity {
	u32 features, features_c; /* leaf 1: EDX, ECX */
	u32 family;
	u32 basic, extended; /* the highest leaves */
	bool intel, amd;
};

static bool has(const struct identity *id, enum cpu_feature feature)
{
	return id->features >> feature & 1;
}

static void identify(struct identity *id)
{
	u32 r[4], vendor[3];

	memset(id, 0, sizeof(*id));
	processor_cpuid(0, 0, r);
	id->basic = r[0];
	memcpy(vendor, (u32[]){ r[1], r[3], r[2] }, sizeof(vendor));
	id->intel = memcmp(vendor, "GenuineIntel", 12) == 0;
	id->amd =
		memcmp(vendor, "AuthenticAMD", 12) == 0 || memcmp(vendor, "HygonGenuine", 12) == 0;
	if (id->basic == 0)
		return;
	processor_cpuid(1, 0, r);
	id->family = r[0] >> 8 & 15;
	if (id->family == 15)
		id->family += r[0] >> 20 & 255;
	id->features = r[3];
	id->features_c = r[2];
	/* A Pentium III returns arbitrary values for an extended leaf. */
	processor_cpuid(LEAF_EXTENDED, 0, r);
	if (r[0] >= LEAF_EXTENDED && r[0] <= LEAF_EXTENDED + 0xffff)
		id->extended = r[0];
}

/* The number of subleaves to print. */
static u32 subleaves(u32 leaf)
{
	return leaf == 4 || leaf == 0xb || leaf == 0x1f || leaf == 0x8000001d ? 4
	       : leaf == 7 || leaf == 0xd				      ? 2
									      : 1;
}

static void add_leaves(struct description *out, u32 first, u32 last)
{
	u32 r[4];

	last = min(last, first + LEAVES_MAX);
	for (u32 leaf = first; leaf <= last; leaf++) {
		if (leaf == LEAF_SERIAL && !out->serials)
			continue;
		for (u32 i = 0; i < subleaves(leaf); i++) {
			processor_cpuid(leaf, i, r);
			if (r[0] | r[1] | r[2] | r[3])
				describe_line(out, "cpuid: %08x.%u %08x %08x %08x %08x", leaf, i,
					      r[0], r[1], r[2], r[3]);
		}
	}
}

static void add_name(struct description *out)
{
	char name[49] = "";

	for (u32 i = 0; i < 3; i++) {
		u32 r[4];

		processor_cpuid(LEAF_EXTENDED + 2 + i, 0, r);
		memcpy(name + 16 * i, r, sizeof(r));
	}
	describe_line(out, "processor: name=\"%s\"", name);
}

static void add_mtrrs(struct description *out)
{
	static const u16 fixed[] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
				     0x26b, 0x26c, 0x26d, 0x26e, 0x26f };
	u64 capabilities = processor_msr(MSR_MTRR_CAP);
	u32 ranges = min((u32)capabilities & 0xff, MTRRS_MAX);

	describe_line(out, "mtrr: capabilities=0x%llx default=0x%llx", capabilities,
		      processor_msr(MSR_MTRR_DEFAULT));
	for (u32 i = 0; capabilities & MTRR_FIXED && i < ARRAY_SIZE(fixed); i++)
		describe_line(out, "mtrr: fixed=%x types=%016llx", fixed[i],
			      processor_msr(fixed[i]));
	for (u32 i = 0; i < ranges; i++)
		describe_line(out, "mtrr: range=%u base=0x%llx mask=0x%llx", i,
			      processor_msr(MSR_MTRR_BASE(i)), processor_msr(MSR_MTRR_MASK(i)));
}

static void add_machine_checks(struct description *out)
{
	u64 capabilities = processor_msr(MSR_MCG_CAP);
	u32 banks = min((u32)capabilities & 0xff, BANKS_MAX);

	describe_line(out, "machine check: capabilities=0x%llx status=0x%llx", capabilities,
		      processor_msr(MSR_MCG_STATUS));
	for (u32 i = 0; i < banks; i++) {
		u64 status = processor_msr(MSR_BANK(i) + 1);

		if (status)
			describe_line(out, "machine check: bank=%u status=0x%llx", i, status);
	}
}

/* A virtual machine has no microcode, and some have no such register. */
static bool has_microcode(const struct identity *id)
{
	return !(id->features_c & HYPERVISOR) && id->family >= (id->amd ? 0x10u : 6u) &&
	       (id->intel || id->amd);
}

/* A hypervisor may report the feature without its register: a read would fault. */
static bool has_tme(const struct identity *id)
{
	u32 r[4];

	if (!id->intel || id->basic < 7 || id->features_c & HYPERVISOR || !has(id, CPU_MSR))
		return false;
	processor_cpuid(7, 0, r);
	return r[2] & FEATURE_TME;
}

static void add_registers(struct description *out, const struct identity *id)
{
	u32 r[4] = { 0 };

	if (id->extended > LEAF_EXTENDED)
		processor_cpuid(LEAF_EXTENDED + 1, 0, r);
	if (r[3] & HAS_EFER)
		describe_line(out, "processor: efer=0x%llx", processor_msr(MSR_EFER));
	if (has(id, CPU_APIC) && id->family >= 6)
		describe_line(out, "processor: apic_base=0x%llx", processor_msr(MSR_APIC_BASE));
	if (has(id, CPU_PAT))
		describe_line(out, "processor: pat=0x%llx", processor_msr(MSR_PAT));
	if (has_microcode(id))
		describe_line(out, "processor: microcode=0x%llx",
			      id->intel ? processor_microcode() >> 32
					: processor_msr(0x8b) & 0xffffffff);
	if (has_tme(id))
		describe_line(out, "processor: tme=0x%llx", processor_msr(MSR_TME_ACTIVATE));
	if (has(id, CPU_MTRR))
		add_mtrrs(out);
	if (has(id, CPU_MCA))
		add_machine_checks(out);
}

void describe_processor(struct description *out, u64 cr0, u64 cr4)
{
	struct identity id;
	u32 r[4];

	identify(&id);
	if (id.extended >= LEAF_EXTENDED + 4)
		add_name(out);
	describe_line(out, "processor: cr0=0x%llx cr4=0x%llx", cr0, cr4);
	if (has(&id, CPU_MSR))
		add_registers(out, &id);
	add_leaves(out, 0, id.basic);
	if (id.extended)
		add_leaves(out, LEAF_EXTENDED, id.extended);
	if (id.features_c & HYPERVISOR) {
		processor_cpuid(LEAF_HYPERVISOR, 0, r);
		add_leaves(out, LEAF_HYPERVISOR,
			   max(LEAF_HYPERVISOR, min(r[0], LEAF_HYPERVISOR + 0x10)));
	}
}

bool memory_is_encrypted(void)
{
	struct identity id;

	identify(&id);
	return has_tme(&id) && processor_msr(MSR_TME_ACTIVATE) & TME_ON;
}
