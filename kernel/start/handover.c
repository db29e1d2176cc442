/* SPDX-License-Identifier: MIT */
/*
 * The loader stops devices that the firmware left running (efi/quiesce.c). That must happen before
 * freed firmware memory is used, and the kernel itself is loaded there. The firmware's console is
 * gone by then, so the kernel prints the counts.
 */
#include "kernel/start/handover.h"
#include "lib/printk.h"

void handover_print(const struct boot_handover *h)
{
	printk("handover: bus_masters=%u processors=%u init=%s io_apics=%u open_entries=%u "
	       "iommus=%u "
	       "translating=%u parked=%u\n",
	       h->bus_masters, h->processors, h->init_sent ? "sent" : "no", h->io_apics,
	       h->open_entries, h->iommus, h->iommus_active, h->parked);
	printk("handover: usb=%u owned=%u forced=%u\n", h->usb, h->usb_owned, h->usb_forced);
	if (h->iommus_left)
		printk("handover: iommus=%u could not be switched off\n", h->iommus_left);
}
