/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of devices.
 *
 *     timer of the local APIC ── VECTOR_LAPIC_TIMER ──────────────────> timer_interrupt()
 *     PIT ── 8259 input 0 ── local APIC's LINT0 ── VECTOR_PIC + 0 ────> the same, as a fallback
 *
 *  (1) Only the timer in use is unmasked.
 *  (2) Every interrupt is handled: acknowledged at its controller, counted, and logged the first
 *      few times. An interrupt of the firmware's may be pending when the kernel first enables
 *      interrupts.
 *
 * Sources: Intel 8259A data sheet (ICW1..4, OCW2, OCW3); Intel SDM vol. 3A 10.
 */
#include "kernel/cpu/io.h"
#include "kernel/cpu/irq.h"
#include "kernel/cpu/lapic.h"
#include "lib/printk.h"
#include "lib/assert.h"
#include "mm/frames/page_alloc.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA    0xa1

#define ICW1_INIT	  0x11 /* edge triggered, cascade, ICW4 follows */
#define ICW4_8086	  0x01
#define OCW2_EOI	  0x20
#define OCW3_READ_SERVICE 0x0b
#define CASCADE		  2u

#define STRAY_LINES	  8u
#define LAPIC_ERROR_LINES 10u

static u8 pic_mask[2] = { 0xff, 0xff };
static u32 stray_count;

u32 irq_counts[VECTOR_COUNT];

static void pic_init(void)
{
	static const u8 words[][2] = {
		{ VECTOR_PIC, VECTOR_PIC + 8 },
		{ 1 << CASCADE, CASCADE },
		{ ICW4_8086, ICW4_8086 },
	};

	/* ICW1 also clears the detected edges and the in-service bits. */
	outb(PIC1_COMMAND, ICW1_INIT);
	io_delay();
	outb(PIC2_COMMAND, ICW1_INIT);
	io_delay();
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		outb(PIC1_DATA, words[i][0]);
		io_delay();
		outb(PIC2_DATA, words[i][1]);
		io_delay();
	}
	outb(PIC1_DATA, pic_mask[0]);
	outb(PIC2_DATA, pic_mask[1]);
}

static bool pic_in_service(unsigned int irq)
{
	u16 port = irq < 8 ? PIC1_COMMAND : PIC2_COMMAND;

	outb(port, OCW3_READ_SERVICE);
	return inb(port) >> (irq & 7) & 1;
}

/* Ends interrupt irq. False: it was spurious, the request ended before the processor took it. */
static bool pic_acknowledge(unsigned int irq)
{
	bool real = (irq & 7) != 7 || pic_in_service(irq);

	if (real && irq >= 8)
		outb(PIC2_COMMAND, OCW2_EOI);
	if (real || irq >= 8) /* the first 8259 does not know that the second one's was spurious */
		outb(PIC1_COMMAND, OCW2_EOI);
	return real;
}

static void report_stray(u32 vector)
{
	if (stray_count++ < STRAY_LINES)
		printk("irq: stray vector=0x%02x count=%u\n", vector, stray_count);
}

/* A permanent fault raises one error after the other: only the first few are logged. */
static void report_lapic_error(void)
{
	static u32 count;
	u32 error = lapic_error();

	if (count++ < LAPIC_ERROR_LINES)
		printk("irq: lapic error=0x%x count=%u\n", error, count);
}

static void pic_interrupt(struct pt_regs *regs, u32 vector)
{
	unsigned int irq = vector - VECTOR_PIC;

	if (!pic_acknowledge(irq))
		return;
	if (irq == 0 && !(pic_mask[0] & 1))
		timer_interrupt(regs);
	else
		report_stray(vector);
}

static void dispatch(struct pt_regs *regs, u32 vector)
{
	if (vector == VECTOR_LAPIC_TIMER) {
		lapic_end_of_interrupt();
		timer_interrupt(regs);
	} else if (vector >= VECTOR_PIC && vector < VECTOR_PIC + 16) {
		pic_interrupt(regs, vector);
	} else if (vector == VECTOR_LAPIC_ERROR) {
		report_lapic_error();
		lapic_end_of_interrupt();
	} else if (vector != VECTOR_LAPIC_SPURIOUS) {
		if (lapic_in_service(vector))
			lapic_end_of_interrupt();
		report_stray(vector);
	}
}

/* It may come while an allocator runs, and no lock guards those: it must not allocate. */
void irq_dispatch(struct pt_regs *regs, u32 vector)
{
	u32 free_pages = nr_free_pages();

	BUG_ON(vector < VECTOR_PIC || vector > VECTOR_LAPIC_SPURIOUS);
	irq_counts[vector]++;
	dispatch(regs, vector);
	BUG_ON(nr_free_pages() != free_pages);
}

void irq_unmask(unsigned int irq)
{
	BUG_ON(irq >= 16);
	pic_mask[irq / 8] &= (u8) ~(1u << (irq & 7));
	if (irq >= 8)
		pic_mask[0] &= (u8) ~(1u << CASCADE);
	outb(PIC1_DATA, pic_mask[0]);
	outb(PIC2_DATA, pic_mask[1]);
}

void irq_init(void)
{
	unsigned int drained = 0;
	const char *mode;

	pic_init();
	mode = lapic_init(&drained);
	printk("irq: pic=0x%02x lapic=%s drained=%u\n", VECTOR_PIC, mode, drained);
}
