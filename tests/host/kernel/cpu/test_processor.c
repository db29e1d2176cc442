/* SPDX-License-Identifier: MIT */
/*
 * Writes to registers of the processor and of its local APIC, against a model: machine checks,
 * C1E, the local vector table, errors of the local APIC. The model is a table of the MSRs that
 * exist; access to another one would fault, and fails the case.
 */
#include "tests/host/kernel/cpu/model_registers.h"

#include "kernel/cpu/c1e.c"
#include "kernel/cpu/irq.c"
#include "kernel/cpu/lapic.c"
#include "kernel/cpu/machine_check.c"

#include <stdio.h>
#include <string.h>

#include "tests/host/console.h"
#include "tests/host/tap.h"

#define FIRST_HIGH 0xc0010000u
#define MSRS	   0x1000u

/* From the manuals, not from the code under test. */
#define INTERRUPT_PENDING 0xc0010055u
#define BANK_CAP	  0x179u
#define BANK_CAP_CTL	  0x100u
#define BANK_CTL	  0x17bu
#define BANK(bank)	  (0x400u + 4 * (bank))
#define BANKS		  32u
#define COUNTERS	  0x340u
#define THERMAL		  0x330u
#define CMCI		  0x2f0u
#define X2APIC(reg)	  (0x800u + (reg) / 16)

struct cpu_info cpu;

struct msr {
	u64 value;
	u32 writes;
	bool there;
};

static struct msr low[MSRS], high[MSRS];
static u32 page[1024]; /* the local APIC's registers in memory */

static struct msr *msr(u32 index)
{
	static struct msr none;

	if (index < MSRS)
		return &low[index];
	return index >= FIRST_HIGH && index - FIRST_HIGH < MSRS ? &high[index - FIRST_HIGH] : &none;
}

static void there(u32 index, u64 value)
{
	*msr(index) = (struct msr){ .value = value, .there = true };
}

static u64 model_rdmsr(u32 index)
{
	tap_check(msr(index)->there, __FILE__, __LINE__, "register %#x is read", index);
	return msr(index)->value;
}

static void model_wrmsr(u32 index, u64 value)
{
	tap_check(msr(index)->there, __FILE__, __LINE__, "register %#x is written", index);
	msr(index)->value = value;
	msr(index)->writes++;
}

bool rdmsr_safe(u32 index, u64 *value)
{
	*value = msr(index)->value;
	return msr(index)->there;
}

void *ioremap(phys_addr_t start, size_t bytes)
{
	EXPECT(start == 0xfee00000 && bytes == sizeof(page));
	return page;
}

static u8 inb(u16 port)
{
	(void)port;
	return 0;
}

static void outb(u16 port, u8 value)
{
	(void)port;
	(void)value;
}

static void io_delay(void)
{
}

void timer_interrupt(struct pt_regs *regs)
{
	(void)regs;
}

static void be(const char *vendor, u32 family, u32 model)
{
	cpu = (struct cpu_info){ .family = family, .model = model };
	strcpy(cpu.vendor, vendor);
	cpu.words[0] = 1u << CPU_MSR | 1u << CPU_MCE | 1u << CPU_MCA | 1u << CPU_APIC;
	memset(low, 0, sizeof(low));
	memset(high, 0, sizeof(high));
	console_clear();
}

/* ---- C1E ---- */

static void c1e(void)
{
	static const struct {
		const char *vendor;
		u32 family;
		u64 before, after;
	} cases[] = {
		{ "AuthenticAMD", 0x0f, 0x18000000, 0 },
		{ "AuthenticAMD", 0x10, 0x10000000, 0 },
		{ "AuthenticAMD", 0x10, 0x0800000000ull | 0x08001234, 0x0800000000ull | 0x1234 },
		{ "AuthenticAMD", 0x10, 0x1234, 0x1234 },
		{ "AuthenticAMD", 0x11, 0x18000000,
		  0x18000000 }, /* other bits of another register */
		{ "AuthenticAMD", 0x17, 0x18000000, 0x18000000 },
		{ "GenuineIntel", 0x0f, 0x18000000, 0x18000000 }, /* a Pentium 4 */
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		be(cases[i].vendor, cases[i].family, 0);
		there(INTERRUPT_PENDING, cases[i].before);
		c1e_disable();
		tap_check(msr(INTERRUPT_PENDING)->value == cases[i].after, __FILE__, __LINE__,
			  "case %u", i);
		EXPECT_EQ(msr(INTERRUPT_PENDING)->writes, cases[i].before != cases[i].after);
		EXPECT_EQ(strstr(console_text(), "cpu: c1e=off") != NULL,
			  cases[i].before != cases[i].after);
	}
	/* An emulator without the register. */
	be("AuthenticAMD", 0x0f, 0);
	c1e_disable();
}

/* ---- Machine checks ---- */

#define STALE (STATUS_VALID | 0x135)

/* `count` banks, each with CTL and STATUS. ADDR and MISC exist only after add_bank(). */
static void have_banks(u32 count, u32 capabilities)
{
	there(BANK_CAP, capabilities | count);
	if (capabilities & BANK_CAP_CTL)
		there(BANK_CTL, 0);
	for (u32 bank = 0; bank < min(count, BANKS); bank++) {
		there(BANK(bank), 0);
		there(BANK(bank) + 1, 0);
	}
}

static void add_bank(u32 bank, u64 status)
{
	there(BANK(bank) + 1, status);
	if (status & STATUS_ADDRESS)
		there(BANK(bank) + 2, 0x12345678);
	if (status & STATUS_MISC)
		there(BANK(bank) + 3, 0x8c);
}

static void stale_banks(void)
{
	be("GenuineIntel", 6, 0x3a);
	have_banks(9, BANK_CAP_CTL);
	add_bank(0, STALE);
	add_bank(4, STALE | STATUS_ADDRESS | STATUS_MISC);
	add_bank(8, STALE & ~STATUS_VALID);
	machine_check_init();
	EXPECT_TEXT(console_text(), "machine check: bank=0 status=0x8000000000000135 stale=yes\n"
				    "machine check: bank=4 status=0x8c00000000000135 "
				    "address=0x12345678 misc=0x8c stale=yes\n");
	EXPECT(msr(BANK_CTL)->value == ~0ull);
	for (u32 bank = 0; bank < 9; bank++) {
		EXPECT(msr(BANK(bank))->value == ~0ull);
		EXPECT(msr(BANK(bank) + 1)->value == 0);
		EXPECT_EQ(msr(BANK(bank) + 1)->writes, 1);
	}
	/* Later errors are logged without that word, and stay for the next start. */
	console_clear();
	add_bank(3, STALE);
	machine_check_report(false);
	EXPECT_TEXT(console_text(), "machine check: bank=3 status=0x8000000000000135\n");
	EXPECT(msr(BANK(3) + 1)->value == STALE);
}

/* The register names 255; only the registers of 32 are accessed. */
static void many_banks(void)
{
	be("GenuineIntel", 6, 0x55);
	have_banks(255, 0);
	add_bank(31, STALE);
	machine_check_init();
	EXPECT_TEXT(console_text(), "machine check: bank=31 status=0x8000000000000135 stale=yes\n");
	EXPECT(msr(BANK(31))->value == ~0ull && !msr(BANK(31) + 1)->value);
}

/* Bank 0 of the older family 6 belongs to the firmware: status is cleared, control stays. */
static void first_bank(void)
{
	static const struct {
		const char *vendor;
		u32 family, model;
		bool ours;
	} cases[] = {
		{ "GenuineIntel", 6, 0x07, false }, { "GenuineIntel", 6, 0x17, false },
		{ "GenuineIntel", 6, 0x1a, true },  { "GenuineIntel", 15, 2, true },
		{ "AuthenticAMD", 6, 8, true },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		be(cases[i].vendor, cases[i].family, cases[i].model);
		have_banks(2, 0);
		add_bank(0, STALE);
		machine_check_init();
		tap_check(msr(BANK(0))->value == (cases[i].ours ? ~0ull : 0), __FILE__, __LINE__,
			  "case %u", i);
		EXPECT(msr(BANK(1))->value == ~0ull && !msr(BANK(0) + 1)->value);
	}
}

static void no_banks(void)
{
	be("GenuineIntel", 5, 4);
	cpu.words[0] &= ~(1u << CPU_MCA); /* a Pentium: has none of the registers */
	machine_check_init();
	machine_check_report(false);
	EXPECT_TEXT(console_text(), "");
}

/* ---- The local APIC ---- */

/* An APIC with this highest entry of its table, with MSRs (x2APIC) or a page of registers. */
static void have_lapic(bool model_specific, u32 last_entry)
{
	memset(page, 0, sizeof(page));
	registers = NULL;
	x2apic = false;
	there(MSR_APIC_BASE,
	      0xfee00000 | APIC_BASE_ENABLED | (model_specific ? APIC_BASE_X2APIC : 0));
	for (u32 reg = 0; reg < 0x400; reg += 16)
		if (model_specific && reg != CMCI)
			there(X2APIC(reg), 0);
	if (model_specific && last_entry >= 6)
		there(X2APIC(CMCI), 0);
	if (model_specific)
		msr(X2APIC(LAPIC_VERSION))->value = last_entry << 16 | 0x15;
	else
		page[LAPIC_VERSION / 4] = last_entry << 16 | 0x15;
}

static void set_entry(bool model_specific, u32 entry, u32 value)
{
	if (model_specific)
		msr(X2APIC(entry))->value = value;
	else
		page[entry / 4] = value;
}

static u32 entry_value(bool model_specific, u32 entry)
{
	return model_specific ? (u32)msr(X2APIC(entry))->value : page[entry / 4];
}

/* Each way of delivery, masked or not: an SMI's entry stays as it is, any other is masked. */
static void vector_table(bool model_specific, u32 last_entry)
{
	static const struct {
		u32 entry, since;
	} entries[] = { { COUNTERS, 4 }, { THERMAL, 5 }, { CMCI, 6 } };

	for (u32 mode = 0; mode < 16; mode++) {
		u32 value = (mode & 7) << 8 | (mode & 8 ? LVT_MASKED : 0) | 0x31;
		unsigned int drained = 99;

		be("GenuineIntel", 6, 0x3a);
		have_lapic(model_specific, last_entry);
		for (u32 i = 0; i < ARRAY_SIZE(entries); i++)
			if (entries[i].since <= last_entry)
				set_entry(model_specific, entries[i].entry, value);
		EXPECT_TEXT(lapic_init(&drained), model_specific ? "x2apic" : "xapic");
		EXPECT_EQ(drained, 0);
		for (u32 i = 0; i < ARRAY_SIZE(entries); i++) {
			u32 now = entry_value(model_specific, entries[i].entry);

			if (entries[i].since > last_entry)
				EXPECT_EQ(now, 0);
			else if ((mode & 7) == 2)
				EXPECT_EQ(now, value);
			else
				EXPECT(now & LVT_MASKED);
		}
		EXPECT_EQ(entry_value(model_specific, LAPIC_LVT_LINT1), 0x400);
	}
}

static void smi_entries(void)
{
	for (u32 last_entry = 3; last_entry <= 6; last_entry++) {
		vector_table(false, last_entry);
		vector_table(true, last_entry);
	}
}

/* An error that repeats is logged at most ten times, and each of its interrupts gets its EOI. */
static void error_lines(void)
{
	const char *text;
	char last[40];
	u32 lines = 0;

	be("GenuineIntel", 6, 0x3a);
	have_lapic(true, 6);
	irq_init();
	console_clear();
	msr(X2APIC(LAPIC_EOI))->writes = 0;
	for (u32 i = 0; i < 1000; i++) {
		msr(X2APIC(LAPIC_ERROR_STATUS))->value = 0x80;
		irq_dispatch(NULL, VECTOR_LAPIC_ERROR);
	}
	for (text = strstr(console_text(), "irq: lapic error="); text;
	     text = strstr(text + 1, "irq: lapic error="))
		lines++;
	EXPECT_EQ(lines, 10);
	snprintf(last, sizeof(last), "count=%u\n", lines);
	EXPECT(strstr(console_text(), last));
	EXPECT_EQ(msr(X2APIC(LAPIC_EOI))->writes, 1000);
}

TAP_MAIN({ "AMD's C1E", c1e }, { "machine checks of the run before", stale_banks },
	 { "no more than 32 banks", many_banks }, { "the firmware's bank", first_bank },
	 { "no banks", no_banks }, { "entries that raise an SMI", smi_entries },
	 { "errors of the local APIC", error_lines })
