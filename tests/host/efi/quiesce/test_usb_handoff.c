/* SPDX-License-Identifier: MIT */
/*
 * USB controllers that the firmware owns: it releases them, it does not answer, lists never end.
 *
 * sources: efi/quiesce/usb_handoff.c
 */
#include <string.h>

#include "efi/quiesce/usb_handoff.h"
#include "tests/host/tap.h"

#define LEGACY	 1u
#define FIRMWARE (1u << 16)
#define SYSTEM	 (1u << 24)

/* Registers, and a firmware that watches them. */
static struct {
	u32 memory[256], config[64];
	u32 *legacy;	/* the register that the firmware polls */
	u32 answers_in; /* reads of it; 0: never */
	u32 patience;
} machine;

/* OHCI. */
#define CONTROL	   machine.memory[1]
#define COMMAND	   machine.memory[2]
#define ENABLE	   machine.memory[4]
#define DISABLE	   machine.memory[5]
#define SUSPEND	   (3u << 6)
#define ROUTED	   (1u << 8)
#define WAKEUP	   (1u << 9)
#define OHCI_ASKED (1u << 3)
#define IS_ASKED   (ENABLE == 1u << 30 && COMMAND == OHCI_ASKED)

static u32 look(u32 *place)
{
	if (place == machine.legacy && *place & SYSTEM && machine.answers_in &&
	    --machine.answers_in == 0)
		*place &= ~FIRMWARE;
	return *place;
}

u32 usb_read(struct usb_controller *controller, u32 at)
{
	(void)controller;
	if (at == 4 && COMMAND == OHCI_ASKED && machine.answers_in && --machine.answers_in == 0)
		CONTROL &= ~ROUTED;
	return at / 4 < ARRAY_SIZE(machine.memory) ? look(&machine.memory[at / 4]) : ~0u;
}

void usb_write(struct usb_controller *controller, u32 at, u32 value)
{
	(void)controller;
	EXPECT(at / 4 < ARRAY_SIZE(machine.memory));
	machine.memory[at / 4] = value;
}

u32 usb_read_config(struct usb_controller *controller, u8 at)
{
	(void)controller;
	return look(&machine.config[at / 4]);
}

void usb_write_config(struct usb_controller *controller, u8 at, u32 value)
{
	(void)controller;
	machine.config[at / 4] = value;
}

bool usb_patience(struct usb_controller *controller)
{
	(void)controller;
	return machine.patience && --machine.patience;
}

/* An xHCI: its second capability is the legacy one. */
static void make_xhci(u32 legacy, u32 answers_in)
{
	memset(&machine, 0, sizeof(machine));
	machine.memory[4] = 0x20u << 16; /* capabilities from 0x80 on */
	machine.memory[32] = 2 | 4u << 8;
	machine.memory[36] = LEGACY | legacy;
	machine.memory[37] = 0xe001e011; /* SMIs on, events pending */
	machine.legacy = &machine.memory[36];
	machine.answers_in = answers_in;
	machine.patience = 1000;
}

static void xhci(void)
{
	make_xhci(FIRMWARE, 5);
	EXPECT_EQ(usb_take(0x30, NULL), USB_TAKEN);
	EXPECT_EQ(machine.memory[36], LEGACY | SYSTEM);
	EXPECT_EQ(machine.memory[37] & 0xe011, 0);
	EXPECT_EQ(machine.memory[37] >> 29, 7);
	make_xhci(FIRMWARE, 0);
	EXPECT_EQ(usb_take(0x30, NULL), USB_FORCED);
	EXPECT_EQ(machine.memory[36], LEGACY | SYSTEM);
	EXPECT_EQ(machine.memory[37] & 0xe011, 0);
	EXPECT_EQ(machine.patience, 0);
	make_xhci(0, 0);
	EXPECT_EQ(usb_take(0x30, NULL), USB_FREE);
	EXPECT_EQ(machine.memory[37] & 0xe011, 0);
	/*
	 * No list, a list without the capability, one that leaves the registers, absent
	 * registers.
	 */
	make_xhci(0, 0);
	machine.memory[4] = 0;
	EXPECT_EQ(usb_take(0x30, NULL), USB_FREE);
	make_xhci(FIRMWARE, 1);
	machine.memory[32] = 2;
	EXPECT_EQ(usb_take(0x30, NULL), USB_FREE);
	make_xhci(FIRMWARE, 1);
	machine.memory[32] = 2 | 0xff00;
	EXPECT_EQ(usb_take(0x30, NULL), USB_FREE);
	make_xhci(0, 0);
	machine.memory[4] = ~0u;
	EXPECT_EQ(usb_take(0x30, NULL), USB_FREE);
}

static void make_ehci(u32 answers_in)
{
	memset(&machine, 0, sizeof(machine));
	machine.memory[2] = 0x68 << 8;
	machine.config[26] = LEGACY | FIRMWARE;
	machine.config[27] = 0xe000203f;
	machine.legacy = &machine.config[26];
	machine.answers_in = answers_in;
	machine.patience = 1000;
}

static void ehci(void)
{
	make_ehci(3);
	EXPECT_EQ(usb_take(0x20, NULL), USB_TAKEN);
	EXPECT_EQ(machine.config[26], LEGACY | SYSTEM);
	EXPECT_EQ(machine.config[27] & 0x1fffffff, 0);
	make_ehci(0);
	EXPECT_EQ(usb_take(0x20, NULL), USB_FORCED);
	EXPECT_EQ(machine.config[26], LEGACY | SYSTEM);
	/* A list that leads to itself ends. */
	make_ehci(0);
	machine.config[26] = 2 | 0x68 << 8;
	EXPECT_EQ(usb_take(0x20, NULL), USB_FREE);
	make_ehci(0);
	machine.memory[2] = 0x10 << 8;
	EXPECT_EQ(usb_take(0x20, NULL), USB_FREE);
	EXPECT_EQ(machine.config[4], 0);
}

/* What looks like the capability, at a place of the configuration space. */
static enum usb_owner take_ehci_at(u32 pointer, u32 place)
{
	make_ehci(3);
	machine.config[26] = 2;
	machine.memory[2] = pointer;
	machine.config[place / 4] = LEGACY | FIRMWARE;
	machine.legacy = &machine.config[place / 4];
	return usb_take(0x20, NULL);
}

/* Capabilities follow PCI's header of 64 bytes. */
static void ehci_pointers(void)
{
	EXPECT_EQ(take_ehci_at(0x40 << 8, 0x40), USB_TAKEN);
	EXPECT_EQ(take_ehci_at(0x3c << 8, 0x3c), USB_FREE);
	EXPECT_EQ(machine.config[0x3c / 4], LEGACY | FIRMWARE);
	EXPECT_EQ(take_ehci_at(~0u, 0xfc), USB_FREE); /* no registers */
	EXPECT_EQ(machine.config[0xfc / 4], LEGACY | FIRMWARE);
	for (u32 next = 0x3c; next <= 0x40; next += 4) {
		make_ehci(3);
		machine.config[26] = 2 | next << 8;
		machine.config[next / 4] = LEGACY | FIRMWARE;
		machine.legacy = &machine.config[next / 4];
		EXPECT_EQ(usb_take(0x20, NULL), next < 0x40 ? USB_FREE : USB_TAKEN);
	}
}

/* 64 capabilities are looked at. */
static void long_lists(void)
{
	for (u32 count = 64; count <= 65; count++) {
		make_xhci(0, 1);
		for (u32 i = 0; i < count; i++)
			machine.memory[32 + i] = 2 | 1u << 8;
		machine.memory[32 + count - 1] = LEGACY | FIRMWARE;
		machine.legacy = &machine.memory[32 + count - 1];
		EXPECT_EQ(usb_take(0x30, NULL), count == 64 ? USB_TAKEN : USB_FREE);
	}
}

static void uhci(void)
{
	memset(&machine, 0, sizeof(machine));
	machine.config[48] = 0xabcd0010;
	EXPECT_EQ(usb_take(0x00, NULL), USB_TAKEN);
	EXPECT_EQ(machine.config[48], 0xabcd8f00);
	machine.config[48] = 0x2000;
	EXPECT_EQ(usb_take(0x00, NULL), USB_FREE);
	EXPECT_EQ(usb_take(0x40, NULL), USB_FREE);
	machine.config[48] = ~0u; /* no registers */
	EXPECT_EQ(usb_take(0x00, NULL), USB_FREE);
	EXPECT_EQ(machine.config[48], ~0u);
}

static void make_ohci(u32 control, u32 answers_in)
{
	memset(&machine, 0, sizeof(machine));
	CONTROL = control;
	machine.answers_in = answers_in;
	machine.patience = 1000;
}

static void ohci(void)
{
	make_ohci(ROUTED | WAKEUP | SUSPEND, 5);
	EXPECT_EQ(usb_take(0x10, NULL), USB_TAKEN);
	EXPECT(IS_ASKED);
	EXPECT_EQ(CONTROL, WAKEUP | SUSPEND);
	EXPECT_EQ(DISABLE, ~0u);
	make_ohci(ROUTED | WAKEUP | SUSPEND, 0);
	EXPECT_EQ(usb_take(0x10, NULL), USB_FORCED);
	EXPECT(IS_ASKED);
	EXPECT_EQ(CONTROL, WAKEUP);
	EXPECT_EQ(DISABLE, ~0u);
	EXPECT_EQ(machine.patience, 0);
	/* The firmware does not own it: its SMIs are disabled, and nothing else changes. */
	make_ohci(SUSPEND, 0);
	EXPECT_EQ(usb_take(0x10, NULL), USB_FREE);
	EXPECT(!IS_ASKED);
	EXPECT_EQ(CONTROL, SUSPEND);
	EXPECT_EQ(DISABLE, ~0u);
	make_ohci(~0u, 0);
	EXPECT_EQ(usb_take(0x10, NULL), USB_FREE);
	EXPECT_EQ(DISABLE, 0);
}

TAP_MAIN({ "xHCI", xhci }, { "EHCI", ehci }, { "EHCI: pointers", ehci_pointers },
	 { "long lists", long_lists }, { "UHCI, and others", uhci }, { "OHCI", ohci })
