/* SPDX-License-Identifier: MIT */
/*
 * What may still run is stopped after ExitBootServices, and before the first write to memory of
 * the firmware, which is the copy of the kernel to its place:
 *
 *     other processors ── processors.c ────────> they halt in a reserved page
 *     USB controllers  ── usb.c ───────────────> the firmware's SMM stops serving them
 *     devices          ── bus mastering off ───> no writes to memory; their registers stay
 *     I/O APICs        ── all entries masked ──> interrupts only by the 8259s
 *     IOMMUs           ── translation off ─────> their tables may be in memory that is reused
 *
 *  (1) In this order. A USB controller is taken over before its bus mastering goes off; if it is
 *      not taken over, it stays a master. Translation goes off when no device that it restricts is
 *      a master.
 *  (2) Every wait is bounded.
 *  (3) Only registers below 4 GiB are used, except some of USB. The firmware's page tables are
 *      still in use and map memory and registers to themselves.
 *
 * Sources: PCI Local Bus 3.0, 6.2.2; 82093AA data sheet (I/O APIC); Intel VT-d 4.1, 11.4.4 (global
 * command and status).
 */
#include "efi/quiesce/quiesce.h"
#include "efi/handoff/steps.h"
#include "efi/quiesce/usb_handoff.h"
#include "kernel/cpu/io.h"
#include "kernel/devices/pci.h"

#define IO_APIC_SELECT	0 /* words */
#define IO_APIC_WINDOW	(0x10 / 4)
#define IO_APIC_VERSION 1u /* registers selected by it */
#define IO_APIC_ENTRY	0x10u
#define ENTRY_MASKED	0x10000u

#define IOMMU_COMMAND (0x18 / 4) /* words */
#define IOMMU_STATUS  (0x1c / 4)
#define IOMMU_ACTIVE  0x80000000u /* translation: in both registers */
#define IOMMU_KEEP    0x96ffffffu /* of the status: bits to repeat in a command; others act once */

#define ABSENT	   0xffffffffu
#define POLL_LIMIT 1000000u

static volatile u32 *registers_at(u64 address)
{
	return (volatile u32 *)(uintptr_t)address;
}

struct stop {
	bool keep_usb; /* the firmware's SMM still serves them */
	u32 count;     /* of stopped devices */
};

static bool stop_master(struct pci_device device, void *context)
{
	u32 command = pci_read(device, PCI_COMMAND), class = pci_read(device, PCI_CLASS);
	struct stop *stop = context;

	if (stop->keep_usb && class >> 16 == USB_CLASS)
		return false;
	if (quiesce_function(class, pci_read(device, PCI_HEADER), command)) {
		/* The upper half is the status; a one clears a bit. */
		pci_write(device, PCI_COMMAND, command & 0xffff & ~(u32)PCI_COMMAND_MASTER);
		stop->count++;
	}
	return false;
}

/* Returns the number of unmasked entries; ABSENT: there is no I/O APIC. */
static u32 mask_entries(volatile u32 *io_apic)
{
	u32 version, open = 0;

	io_apic[IO_APIC_SELECT] = IO_APIC_VERSION;
	version = io_apic[IO_APIC_WINDOW];
	if (version == ABSENT)
		return ABSENT;
	for (u32 i = 0; i <= (version >> 16 & 0xff); i++) {
		u32 entry;

		io_apic[IO_APIC_SELECT] = IO_APIC_ENTRY + 2 * i;
		entry = io_apic[IO_APIC_WINDOW];
		if (entry & ENTRY_MASKED || quiesce_entry(entry) == entry)
			continue;
		io_apic[IO_APIC_WINDOW] = quiesce_entry(entry);
		open++;
	}
	return open;
}

static void stop_translation(volatile u32 *iommu, struct boot_handover *counts)
{
	u32 status = iommu[IOMMU_STATUS];

	if (status == ABSENT || !(status & IOMMU_ACTIVE))
		return;
	counts->iommus_active++;
	iommu[IOMMU_COMMAND] = status & IOMMU_KEEP & ~IOMMU_ACTIVE;
	for (u32 i = 0; i < POLL_LIMIT; i++) {
		if (!(iommu[IOMMU_STATUS] & IOMMU_ACTIVE))
			return;
	}
	counts->iommus_left++;
}

static void mask_io_apics(const struct machine_parts *parts, struct boot_handover *counts)
{
	for (u32 i = 0; i < parts->io_apics; i++) {
		u32 open = mask_entries(registers_at(parts->io_apic[i]));

		counts->io_apics += open != ABSENT;
		counts->open_entries += open != ABSENT ? open : 0;
	}
}

void quiesce(const struct machine_parts *parts, u32 skips, void *parking_page,
	     struct boot_handover *counts)
{
	struct stop stop = { .keep_usb = skips & SKIP_USB };

	*counts =
		(struct boot_handover){ .processors = parts->processors, .iommus = parts->iommus };
	step_tell(STEP_PROCESSORS);
	if (parts->processors != 1 && !(skips & SKIP_INIT))
		processors_stop(parking_page, counts);
	step_tell(STEP_USB);
	if (!(skips & SKIP_USB))
		usb_stop(counts);
	step_tell(STEP_PCI);
	if (!(skips & SKIP_PCI))
		pci_find(stop_master, &stop);
	counts->bus_masters = stop.count;
	step_tell(STEP_IO_APICS);
	if (!(skips & SKIP_IO_APICS))
		mask_io_apics(parts, counts);
	step_tell(STEP_IOMMUS);
	for (u32 i = 0; i < parts->iommus && !(skips & SKIP_IOMMU); i++)
		stop_translation(registers_at(parts->iommu[i]), counts);
}
