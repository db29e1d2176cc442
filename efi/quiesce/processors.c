/* SPDX-License-Identifier: MIT */
/*
 * Moves the other processors from the firmware's loop to one of the loader's.
 *
 *     INIT ── 10 ms ── start-up ── some are missing ── start-up ──> parking page: cli, count, hlt
 *
 * Firmware parks them in a loop of hlt or mwait, which may lie in memory that will be reused. An
 * INIT ends the loop, but a processor that waits for its start-up message answers no SMI, and the
 * firmware's SMI handler waits for all processors: PCs with Alder Lake and Raptor Lake hung at
 * power-off and reset when Linux 6.5 left processors in that state (commit 45e34c8af58f, reverted
 * by fbe1bf1e5ff1). A processor in HLT answers.
 *
 *  (1) The parking page is of reserved type, so that the kernel never uses it, and lies below 640
 *      KiB: processors start in real mode.
 *  (2) Every wait is bounded. Without a parking page only INIT is sent.
 *
 * Sources: Intel SDM vol. 3A 9.4 (start-up), 11.6 (interrupt command).
 */
#include "efi/quiesce/clock.h"
#include "efi/loader.h"
#include "efi/quiesce/quiesce.h"
#include "lib/string.h"

#define MSR_X2APIC_ICR (MSR_X2APIC + 0x30)
#define APIC_BASE_BSP  0x100u /* the processor that a reset starts */

#define LAPIC_ICR	   (0x300 / 4) /* lower half; registers are counted in words */
#define ICR_PENDING	   0x1000u
#define ICR_INIT_OTHERS	   0xc4500u /* INIT, assert, to all but self */
#define ICR_STARTUP_OTHERS 0xc4600u /* and the number of the page */

#define PENDING_POLLS 1000000u
#define INIT_US	      10000u

/* Real mode: cli; lock inc word [cs:PARKED_COUNT]; 1: hlt; jmp 1b */
static const u8 parking_code[] = { 0xfa, 0xf0, 0x2e, 0xff, 0x06, 0x20, 0x00, 0xf4, 0xeb, 0xfd };
#define PARKED_COUNT 0x20u

/* The value of the register MSR_APIC_BASE; 0: no local APIC can send. */
static u64 sender(void)
{
	u64 base;

	if (!processor_has(CPU_MSR) || !processor_has(CPU_APIC))
		return 0;
	base = rdmsr(MSR_APIC_BASE);
	/* Only from the bootstrap processor: an INIT to that one would restart the firmware. */
	if (!(base & APIC_BASE_ENABLED) || !(base & APIC_BASE_BSP))
		return 0;
	return base & APIC_BASE_X2APIC || base >> 32 == 0 ? base : 0;
}

static void send(u64 base, u32 command)
{
	volatile u32 *lapic = (volatile u32 *)(uintptr_t)(base & ~0xfffull);

	if (base & APIC_BASE_X2APIC) {
		wrmsr(MSR_X2APIC_ICR, command);
		return;
	}
	lapic[LAPIC_ICR] = command;
	for (u32 i = 0; i < PENDING_POLLS && lapic[LAPIC_ICR] & ICR_PENDING; i++)
		;
}

void processors_stop(void *parking_page, struct boot_handover *counts)
{
	/* A processor needs some microseconds; an emulated one waits for the host's scheduler. */
	static const u32 patience_us[] = { 10000, 200000 };
	volatile u16 *parked;
	u32 others = counts->processors ? counts->processors - 1 : ~0u; /* 0: not known */
	u64 base = sender();

	if (!base)
		return;
	send(base, ICR_INIT_OTHERS);
	counts->init_sent = 1;
	clock_wait_us(INIT_US);
	if (!parking_page)
		return;
	memcpy(parking_page, parking_code, sizeof(parking_code));
	parked = (volatile u16 *)((u8 *)parking_page + PARKED_COUNT);
	/* A processor that runs already ignores a second message. */
	for (u32 i = 0; i < ARRAY_SIZE(patience_us); i++) {
		u64 end = clock_after_us(patience_us[i]);

		send(base, ICR_STARTUP_OTHERS | (u32)((uintptr_t)parking_page >> 12));
		while (!clock_reached(end) && *parked < others)
			;
		counts->parked = *parked;
		if (counts->parked >= others)
			return;
	}
}
