/* SPDX-License-Identifier: MIT */
/*
 * Interrupts at their controllers: a model of the two 8259s and of a local APIC in x2APIC mode.
 * Each interrupt is acknowledged where it came from, once, and the timer in use gets its ticks.
 *
 * The model is written from the data sheet of the 8259A and Intel's SDM vol. 3A 10, not from the
 * code under test.
 */
#include "tests/host/kernel/cpu/model_registers.h"

#include "kernel/cpu/irq.c"
#include "kernel/cpu/lapic.c"

#include <stdio.h>
#include <string.h>

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

/* ---- The 8259s ---- */

static struct pic {
	u32 icw; /* the next initialization word, from 2; 0: none */
	u8 base, cascade, icw4, mask;
	bool read_service;
	u8 in_service;
	u32 ends;
} pics[2];

/* Initialization takes a moment: old ones lose a word that comes too early. */
static bool settles;

static u8 inb(u16 port)
{
	const struct pic *pic = &pics[port >= 0xa0];

	EXPECT((port & 0x7f) == 0x20);
	return pic->read_service ? pic->in_service : 0;
}

static void outb(u16 port, u8 value)
{
	struct pic *pic = &pics[port >= 0xa0];

	if (!EXPECT((port & 0x7e) == 0x20))
		return;
	EXPECT(!settles);
	settles = pic->icw || (!(port & 1) && value & 0x10);
	if (port & 1) {
		switch (pic->icw) {
		case 2:
			pic->base = value;
			pic->icw = 3;
			break;
		case 3:
			pic->cascade = value;
			pic->icw = 4;
			break;
		case 4:
			pic->icw4 = value;
			pic->icw = 0;
			break;
		default:
			pic->mask = value;
		}
	} else if (value & 0x10) {
		EXPECT_EQ(value, 0x11); /* edges, two 8259s, ICW4 */
		*pic = (struct pic){ .icw = 2 };
	} else if (value & 0x08) {
		pic->read_service = value == 0x0b;
	} else {
		EXPECT_EQ(value, 0x20); /* the highest one in service */
		pic->in_service &= (u8)(pic->in_service - 1);
		pic->ends++;
	}
}

static void io_delay(void)
{
	settles = false;
}

/* ---- The local APIC ---- */

static u64 base; /* IA32_APIC_BASE */
static u32 apic[64];
static u32 ends;	 /* of interrupts */
static u32 next_error;	 /* comes with a write to the register */
static u32 memory[1024]; /* the registers in xAPIC mode */
static bool cannot_map;

static u64 model_rdmsr(u32 index)
{
	if (index == 0x1b)
		return base;
	EXPECT(index >= 0x800 && index < 0x840 && base >> 11 & 1);
	return apic[index & 63];
}

static void model_wrmsr(u32 index, u64 value)
{
	if (index == 0x1b) {
		base = value;
		return;
	}
	EXPECT(index >= 0x800 && index < 0x840 && base >> 11 & 1 && !(value >> 32));
	if (index == 0x80b) {
		u32 i = 7;

		EXPECT(!value);
		ends++;
		while (i && !apic[0x10 + i])
			i--;
		if (apic[0x10 + i])
			apic[0x10 + i] &= ~(1u << (31 - __builtin_clz(apic[0x10 + i])));
		return;
	}
	if (index == 0x828) {
		EXPECT(!value);
		apic[0x28] = next_error;
		next_error = 0;
		return;
	}
	if (index == 0x838)
		apic[0x39] = (u32)value;
	apic[index & 63] = (u32)value;
}

void *ioremap(phys_addr_t start, size_t bytes)
{
	EXPECT(start == 0xfee00000 && bytes == 4096);
	return cannot_map ? NULL : memory;
}

static u32 ticks, ends_at_tick;

void timer_interrupt(struct pt_regs *regs)
{
	EXPECT(regs == (struct pt_regs *)&ticks);
	ticks++;
	ends_at_tick = ends;
}

static void be(bool x2)
{
	memset(&cpu, 0, sizeof(cpu));
	cpu.words[0] = 1u << CPU_MSR | 1u << CPU_APIC;
	base = 0xfee00900 | (x2 ? 0xc00 : 0);
	apic[3] = 5u << 16 | 0x15;
	memory[0x30 / 4] = 5u << 16 | 0x15;
}

static void dispatch_one(u32 vector)
{
	irq_dispatch((struct pt_regs *)&ticks, vector);
}

/* ---- The start ---- */

static void start_of_the_8259s(void)
{
	be(true);
	pics[0].mask = pics[1].mask = 0;
	pics[0].in_service = 0xff; /* ICW1 clears that */
	irq_init();
	EXPECT_TEXT(console_text(), "irq: pic=0x20 lapic=x2apic drained=0\n");
	for (u32 i = 0; i < 2; i++) {
		EXPECT(!pics[i].icw && pics[i].base == 0x20 + 8 * i && pics[i].icw4 == 1);
		EXPECT_EQ(pics[i].cascade, i ? 2 : 4);
		EXPECT_EQ(pics[i].mask, 0xff);
	}
}

static void unmask(void)
{
	be(true);
	irq_init();
	irq_unmask(0);
	EXPECT(pics[0].mask == 0xfe && pics[1].mask == 0xff);
	irq_unmask(7);
	EXPECT(pics[0].mask == 0x7e && pics[1].mask == 0xff);
	irq_unmask(8); /* and the input of the second 8259 */
	EXPECT(pics[0].mask == 0x7a && pics[1].mask == 0xfe);
	irq_unmask(15);
	EXPECT(pics[0].mask == 0x7a && pics[1].mask == 0x7e);
	EXPECT_PANIC("irq >= 16", irq_unmask(16));
}

/* Interrupts in service are ended, the highest first. */
static void drain(void)
{
	be(true);
	apic[0x11] = 1u << 17;
	apic[0x14] = 3;
	apic[0x17] = 1u << 31;
	irq_init();
	EXPECT_TEXT(console_text(), "irq: pic=0x20 lapic=x2apic drained=4\n");
	EXPECT(!apic[0x11] && !apic[0x14] && !apic[0x17]);
}

/* Registers that are stuck are not waited for. */
static void drain_ends(void)
{
	be(false);
	memory[0x170 / 4] = 1;
	irq_init();
	EXPECT_TEXT(console_text(), "irq: pic=0x20 lapic=xapic drained=256\n");
}

/* The table of local vectors, priorities, and the error that was there before. */
static void start_of_the_local_apic(void)
{
	be(true);
	for (u32 i = 0x32; i < 0x38; i++)
		apic[i] = 0x20;
	next_error = 0x80;
	irq_init();
	EXPECT_EQ(apic[0x0f], 0x1ff);			     /* enabled; the spurious vector */
	EXPECT_EQ(apic[0x32], 0x30000 | VECTOR_LAPIC_TIMER); /* masked, periodic */
	EXPECT_EQ(apic[0x38], 0);			     /* stopped */
	EXPECT_EQ(apic[0x35], 0x10000);			     /* LINT0: masked */
	EXPECT_EQ(apic[0x36], 0x400);			     /* LINT1: NMI */
	EXPECT(apic[0x33] == 0x10000 && apic[0x34] == 0x10000);
	EXPECT_EQ(apic[0x37], VECTOR_LAPIC_ERROR);
	EXPECT_EQ(apic[0x08], 0xd0);
	EXPECT_EQ(next_error, 0); /* written, so that it is of the past */
	EXPECT_EQ(lapic_error(), 0);
	lapic_accept_pic();
	EXPECT_EQ(apic[0x35], 0x700);
}

/* The firmware has switched it off; or it cannot be reached. */
static void other_machines(void)
{
	unsigned int drained = 7;

	be(false);
	base = 0xfee00100;
	EXPECT_TEXT(lapic_init(&drained), "xapic");
	EXPECT(base == 0xfee00900 && lapic_present() && !drained);
	EXPECT_EQ(memory[0xf0 / 4], 0x1ff);
	registers = NULL;
	cannot_map = true;
	be(false);
	EXPECT_TEXT(lapic_init(&drained), "none");
	EXPECT_TEXT(console_text(), "irq: lapic at 0xfee00000 cannot be mapped\n");
	EXPECT(!lapic_present() && !lapic_in_service(0x20));
	cpu.words[0] = 1u << CPU_MSR;
	EXPECT_TEXT(lapic_init(&drained), "none");
	cpu.words[0] = 1u << CPU_APIC;
	EXPECT_TEXT(lapic_init(&drained), "none");
	EXPECT(!lapic_present());
}

/* ---- The timer ---- */

static void timer(void)
{
	be(true);
	irq_init();
	lapic_timer_measure();
	EXPECT_EQ(apic[0x32], 0x10000 | VECTOR_LAPIC_TIMER); /* masked, one pass */
	EXPECT_EQ(apic[0x3e], 3);			     /* by 16 */
	EXPECT_EQ(apic[0x38], ~0u);
	apic[0x39] = ~0u - 1234;
	EXPECT_EQ(lapic_timer_elapsed(), 1234);
	apic[0x3e] = 0;
	lapic_timer_periodic(777);
	EXPECT_EQ(apic[0x32], 0x20000 | VECTOR_LAPIC_TIMER);
	EXPECT(apic[0x3e] == 3 && apic[0x38] == 777);
	lapic_timer_periodic(0);
	EXPECT_EQ(apic[0x32], 0x30000 | VECTOR_LAPIC_TIMER);
	EXPECT_EQ(apic[0x38], 0);
}

/* ---- Interrupts ---- */

/* The local APIC's timer: its end comes first, so that the handler may switch tasks. */
static void ticks_of_the_local_apic(void)
{
	be(true);
	irq_init();
	console_clear();
	ends = 0;
	dispatch_one(VECTOR_LAPIC_TIMER);
	EXPECT(ticks == 1 && ends == 1 && ends_at_tick == 1);
	EXPECT_EQ(irq_counts[VECTOR_LAPIC_TIMER], 1);
	dispatch_one(VECTOR_LAPIC_SPURIOUS); /* has no end */
	EXPECT(ticks == 1 && ends == 1 && irq_counts[VECTOR_LAPIC_SPURIOUS] == 1);
	EXPECT_TEXT(console_text(), "");
}

static void take(unsigned int irq)
{
	pics[irq / 8].in_service |= (u8)(1u << (irq & 7));
	if (irq >= 8)
		pics[0].in_service |= 4;
	dispatch_one(0x20 + irq);
	EXPECT(!pics[0].in_service && !pics[1].in_service);
}

/* Input 0 is the timer while it is unmasked; anything else is logged. */
static void inputs_of_the_8259s(void)
{
	char line[60];

	be(true);
	irq_init();
	ends = 0;
	console_clear();
	take(0);
	EXPECT_EQ(ticks, 0);
	EXPECT_TEXT(console_text(), "irq: stray vector=0x20 count=1\n");
	irq_unmask(0);
	take(0);
	EXPECT_EQ(ticks, 1);
	for (unsigned int irq = 1; irq < 16; irq += 2) {
		console_clear();
		take(irq);
		snprintf(line, sizeof(line), "irq: stray vector=0x%02x count=%u\n", 0x20 + irq,
			 2 + irq / 2);
		EXPECT_TEXT(console_text(), irq < 15 ? line : ""); /* no more than eight lines */
	}
	EXPECT(ticks == 1 && !ends); /* the local APIC has no part in them */
	EXPECT(pics[0].ends == 10 && pics[1].ends == 4);
}

/* A request that ended too early comes as input 7 or 15, which is not in service. */
static void spurious(void)
{
	be(true);
	irq_init();
	console_clear();
	dispatch_one(0x27);
	EXPECT(!pics[0].ends && !pics[1].ends);
	pics[0].in_service = 4; /* the first one does not know */
	dispatch_one(0x2f);
	EXPECT(pics[0].ends == 1 && !pics[1].ends && !pics[0].in_service);
	EXPECT_TEXT(console_text(), "");
	EXPECT(irq_counts[0x27] == 1 && irq_counts[0x2f] == 1);
}

/* Other vectors: they are ended only if the local APIC has them in service. */
static void strays(void)
{
	be(true);
	irq_init();
	console_clear();
	ends = 0;
	dispatch_one(0xf0);
	EXPECT_EQ(ends, 0);
	EXPECT_TEXT(console_text(), "irq: stray vector=0xf0 count=1\n");
	apic[0x17] = 1u << 19;
	dispatch_one(0xf2);
	EXPECT_EQ(ends, 0);
	dispatch_one(0xf3);
	EXPECT(ends == 1 && !apic[0x17]);
	EXPECT_PANIC("VECTOR_PIC", dispatch_one(0x1f));
}

TAP_MAIN({ "the start of the 8259s", start_of_the_8259s }, { "inputs are unmasked", unmask },
	 { "interrupts in service before the start", drain },
	 { "interrupts that stay in service", drain_ends },
	 { "the start of the local APIC", start_of_the_local_apic },
	 { "local APICs that are off or out of reach", other_machines },
	 { "the local APIC's timer", timer },
	 { "ticks of the local APIC", ticks_of_the_local_apic },
	 { "inputs of the 8259s", inputs_of_the_8259s }, { "spurious inputs", spurious },
	 { "stray vectors", strays })
