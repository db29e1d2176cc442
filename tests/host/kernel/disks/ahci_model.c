/* SPDX-License-Identifier: MIT */
/* The model of an AHCI controller. */
#include <string.h>

#include "kernel/devices/pci.h"
#include "kernel/devices/time.h"
#include "kernel/disks/poll.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/host/kernel/disks/ahci_model.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

/* Generic host control: 3.1. */
enum { CAP, GHC, IS, PI };
#define GHC_RESET	1u
#define GHC_INTERRUPTS	2u
#define GHC_AHCI	(1u << 31)
#define CMD_ST		1u
#define CMD_SUD		2u
#define CMD_POD		4u
#define CMD_FRE		(1u << 4)
#define CMD_FR		(1u << 14)
#define CMD_CR		(1u << 15)
#define CMD_OTHERS	(1u << 17 | 1u << 24 | 3u << 26) /* multiplier, ATAPI, link power */
#define CMD_ICC		(15u << 28)
#define LINK_UP		0x123u /* active, 1.5 Gbit/s, device and link */
#define TFD_READY	0x50u
#define TFD_BUSY	0x80u
#define IDENTIFY	0xecu
#define READ_DMA_EXT	0x25u
#define WRITE_DMA_EXT	0x35u
#define FLUSH_CACHE_EXT 0xeau

struct ahci_model ahci_model;

static struct ahci_model *const m = &ahci_model;

u32 *ahci_registers(u32 number)
{
	return m->registers + 0x40 + number * 0x20;
}

void ahci_model_init(void)
{
	memset(m, 0, sizeof(*m));
	m->class = 0x01060100;
	m->registers[CAP] = 1u << 31 | 31;
	m->registers[GHC] = GHC_AHCI | GHC_INTERRUPTS;
	m->registers[PI] = ~0u;
	for (u32 i = 0; i < AHCI_PORTS; i++) {
		u32 *r = ahci_registers(i);

		/* What a driver may find, and must change. */
		r[P_CLBU] = r[P_FBU] = 0x55;
		r[P_IE] = ~0u;
		r[P_CMD] = CMD_ST | CMD_CR | CMD_FRE | CMD_FR | CMD_OTHERS | 6u << 28;
		r[P_TFD] = 0x7f;
		r[P_SIG] = AHCI_NOTHING;
	}
}

/* Words of IDENTIFY DEVICE: ATA8-ACS, 7.16. */
void ahci_model_disk(u32 number)
{
	static const char name[] = "Model of a\x01 disk                         ";
	struct ahci_model_port *port = &m->port[number];

	port->signature = AHCI_DISK;
	ahci_registers(number)[P_SSTS] = LINK_UP;
	for (u32 i = 0; i < 20; i++)
		port->identity[27 + i] = (u16)(name[2 * i] << 8 | name[2 * i + 1]);
	port->identity[83] = 1u << 14 | 1u << 10;
	port->identity[100] = AHCI_SECTORS;
	for (u32 i = 0; i < sizeof(port->data); i++)
		port->data[i] = (u8)(i * 7 + i / 512 + number);
}

/* ---- Commands ---- */

static u64 get64(const u32 *words)
{
	return words[0] | (u64)words[1] << 32;
}

/* Moves the data of a command between the disk and memory: 4.2.3. Returns the number of bytes. */
static u32 move(struct ahci_model_port *port, const u32 *table, u32 prds, u8 *disk, u32 bytes,
		bool write)
{
	u32 done = 0;

	for (u32 i = 0; i < prds; i++) {
		const u32 *prd = table + 0x80 / 4 + 4 * i;
		u32 part = (prd[3] & 0x3fffff) + 1;
		u64 address = get64(prd);
		u8 *memory;

		EXPECT(!prd[2] && !(prd[3] >> 22) && !(part & 1) && !(address & 1));
		port->last_address[i] = address;
		if (port->keeps_memory || done + part > bytes) {
			done += part;
			continue;
		}
		memory = machine_ram(address);
		memcpy(write ? disk + done : memory, write ? memory : disk + done, part);
		done += part;
	}
	EXPECT_EQ(done, bytes);
	return done;
}

static u32 execute(struct ahci_model_port *port, const u32 *header, const u32 *table)
{
	const u32 *fis = table;
	u32 command = fis[0] >> 16 & 0xff, prds = header[0] >> 16, count = fis[3] & 0xffff;
	u64 sector = (fis[1] & 0xffffff) | (u64)(fis[2] & 0xffffff) << 24;
	bool write = command == WRITE_DMA_EXT;

	EXPECT_EQ(fis[0] & 0xff00ffff, 0x8027); /* host to device, a command */
	EXPECT_EQ(fis[1] >> 24, 0x40);		/* LBA */
	EXPECT(!(fis[2] >> 24) && !(fis[3] >> 16) && !fis[4]);
	EXPECT_EQ(header[0] & 0xffff, 5u | (write ? 1u << 6 : 0));
	EXPECT(!header[1] && !header[3]);
	port->last_command = command;
	port->last_count = count;
	port->last_sector = sector;
	port->last_prds = prds;
	switch (command) {
	case IDENTIFY:
		EXPECT(!sector && prds == 1);
		return move(port, table, prds, (u8 *)port->identity, 512, false);
	case READ_DMA_EXT:
	case WRITE_DMA_EXT:
		if (!port->keeps_memory && sector + count > AHCI_SECTORS)
			break;
		return move(port, table, prds, port->data + (port->keeps_memory ? 0 : sector * 512),
			    count * 512, write);
	case FLUSH_CACHE_EXT:
		EXPECT(!sector && !count && !prds);
		return 0;
	default:
		break;
	}
	tap_check(false, __FILE__, __LINE__, "command %#x of %u sectors", command, count);
	return 0;
}

static void serve(u32 number)
{
	struct ahci_model_port *port = &m->port[number];
	u32 *r = ahci_registers(number), *header;

	if (!(r[P_CMD] & CMD_CR) || !r[P_CI])
		return;
	EXPECT_EQ(r[P_CI], 1);
	EXPECT(!(r[P_CLB] & 1023) && !r[P_CLBU] && !(r[P_FB] & 255) && !r[P_FBU]);
	EXPECT(!r[P_IS] && !r[P_IE] && (r[P_SCTL] & 0xf0f) == 0x300);
	EXPECT_EQ(m->registers[GHC], GHC_AHCI);
	if (port->mute) {
		port->mute--;
		return;
	}
	port->commands++;
	header = machine_ram(r[P_CLB]);
	if (port->fail) {
		port->fail--;
		r[P_IS] |= port->fail_is;
		r[P_TFD] = port->fail_task ? TFD_READY | 1 : TFD_READY;
		return;
	}
	EXPECT(!(header[2] & 127));
	header[1] = execute(port, header, machine_ram(header[2])) - port->lose;
	r[P_IS] |= 1;
	r[P_CI] = 0;
}

/* ---- Registers ---- */

/* The device comes back after a reset of its link: 10.4.2. Its signature needs received FISes. */
static void link_reset(u32 number)
{
	struct ahci_model_port *port = &m->port[number];
	u32 *r = ahci_registers(number);

	r[P_SSTS] = port->signature && !port->loses_link ? LINK_UP : 0;
	r[P_TFD] = port->stays_busy ? TFD_BUSY : TFD_READY;
	r[P_SIG] = port->signature;
	r[P_SERR] = 1u << 26;
	r[P_CI] = 0;
}

static void work_port(u32 number)
{
	struct ahci_model_port *port = &m->port[number];
	u32 *r = ahci_registers(number);

	/* Writing ones clears. */
	if (r[P_IS] == ~0u)
		r[P_IS] = 0;
	if (r[P_SERR] == ~0u)
		r[P_SERR] = 0;
	if (!(r[P_CMD] & CMD_ST) && !port->runs_on) {
		r[P_CMD] &= ~CMD_CR;
		r[P_CI] = 0;
	}
	if (!(r[P_CMD] & CMD_FRE) && !port->receives_on) {
		/* 10.3.2: not while commands run. */
		EXPECT(port->runs_on || !(r[P_CMD] & CMD_CR));
		r[P_CMD] &= ~CMD_FR;
	}
	if (r[P_CMD] & CMD_FRE)
		r[P_CMD] |= CMD_FR;
	if (r[P_CMD] & CMD_ST && !(r[P_CMD] & CMD_CR)) {
		EXPECT(r[P_CMD] & CMD_FR && !(r[P_TFD] & 0x88) && (r[P_SSTS] & 15) == 3);
		EXPECT(!r[P_SERR] && !(r[P_CMD] & CMD_OTHERS) && r[P_CMD] >> 28 == 1);
		port->starts++;
		r[P_CMD] |= CMD_CR;
	}
	serve(number);
}

/* 10.4.3. The addresses stay, and a sloppy controller leaves more as the firmware had it. */
static void reset(void)
{
	m->resets++;
	m->registers[GHC] = 0;
	if (m->forgets_ports)
		m->registers[PI] = 0;
	for (u32 i = 0; i < AHCI_PORTS; i++) {
		u32 *r = ahci_registers(i);

		r[P_CMD] &= CMD_OTHERS | CMD_ICC;
		if (m->port[i].runs_on)
			r[P_CMD] |= CMD_CR;
		if (m->port[i].receives_on)
			r[P_CMD] |= CMD_FR;
		r[P_SSTS] = r[P_SCTL] = r[P_SERR] = r[P_IS] = r[P_CI] = 0;
		r[P_TFD] = 0x7f;
		r[P_SIG] = AHCI_NOTHING;
	}
}

static void work(void)
{
	if (m->registers[GHC] & GHC_RESET && !m->stays_in_reset)
		reset();
	for (u32 i = 0; i < AHCI_PORTS; i++) {
		u32 *r = ahci_registers(i);

		/* After the reset a device waits until it is told to spin up. */
		if ((r[P_CMD] & (CMD_SUD | CMD_POD | CMD_FRE)) == (CMD_SUD | CMD_POD | CMD_FRE) &&
		    r[P_TFD] == 0x7f)
			link_reset(i);
		work_port(i);
	}
}

bool poll_bits_or(const volatile u32 *word, u32 mask, u32 value, const volatile u32 *errors,
		  u32 bad, u32 milliseconds)
{
	m->limit = milliseconds;
	work();
	/* Of the same port: fatal errors and that of the task file. */
	EXPECT(!errors || (word - errors == P_CI - P_IS && bad == 0x78000000));
	return (*word & mask) == value;
}

bool poll_bits(const volatile u32 *word, u32 mask, u32 value, u32 milliseconds)
{
	return poll_bits_or(word, mask, value, NULL, 0, milliseconds);
}

/* A reset of the link is held for a millisecond at least: 10.4.2. */
void delay_us(u32 us)
{
	m->delayed += us;
	for (u32 i = 0; i < AHCI_PORTS; i++)
		if ((ahci_registers(i)[P_SCTL] & 15) == 1 && us >= 1000) {
			EXPECT(!(ahci_registers(i)[P_CMD] & CMD_ST));
			EXPECT_EQ(ahci_registers(i)[P_SCTL], 0x301);
			m->port[i].resets++;
			link_reset(i);
		}
}

/* ---- The PCI function ---- */

u32 pci_read(struct pci_device device, u8 place)
{
	EXPECT(device.bus == 3 && device.device == 4 && device.function == 5);
	EXPECT_EQ(place, PCI_CLASS);
	return m->class;
}

u32 pci_set_command(struct pci_device device, u32 set, u32 clear)
{
	EXPECT(device.bus == 3 && device.device == 4 && device.function == 5);
	m->bus_on |= set;
	m->bus_off |= clear;
	return 0;
}

bool pci_find(bool (*visit)(struct pci_device device, void *context), void *context)
{
	return visit((struct pci_device){ 3, 4, 5 }, context);
}

void *pci_map(struct pci_device device, u32 index, u32 bytes)
{
	EXPECT(device.bus == 3 && index == 5);
	EXPECT_EQ(bytes, sizeof(m->registers));
	EXPECT_EQ(m->bus_on, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX);
	return m->out_of_reach ? NULL : m->registers;
}
