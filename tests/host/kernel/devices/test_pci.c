/* SPDX-License-Identifier: MIT */
/*
 * PCI configuration space behind a model of its two ports, the registers that functions map, and
 * the search for a serial line: on COM ports, in ACPI's table, on cards.
 *
 * sources: kernel/devices/console_option.c
 */
#define KERNEL_CPU_IO_H /* the model is the ports */
#include <string.h>

#include "lib/types.h"

static u32 inl(u16 port);
static void outl(u16 port, u32 value);
static void outb(u16 port, u8 value);

/* Neither memory nor mappings are real here. */
#define ioremap	       model_ioremap
#define iounmap	       model_iounmap
#define memmap_has_ram model_has_ram
#define uart_at_port   model_uart_at_port
#define serial_probe   model_serial_probe
#include "kernel/devices/pci.c"
#include "kernel/devices/pci_map.c"
#include "kernel/devices/uart_find.c"

#include "tests/host/tap.h"

#define FUNCTIONS_MAX 4u
#define RAM_END	      0x1000000u
#define SINGLE	      0
#define MULTI	      0x800000u
#define SERIAL_CARD   0x07000200u /* a 16550 */

struct function {
	u32 bus, device, function;
	u32 space[64]; /* configuration registers */
};

static struct {
	bool absent; /* no host bridge of this mechanism */
	u32 address;
	u32 count;
	struct function functions[FUNCTIONS_MAX];
} bridge;

/* Answers of the other rooms. */
static u32 mapped, unmapped;
static u64 probed;     /* the last port or address */
static u32 probes;     /* how many */
static u64 uart_there; /* the port or address that has a UART */
static u64 mapped_start;
static size_t mapped_bytes;
static bool cannot_map;

static u32 *chosen(void)
{
	u32 address = bridge.address;

	if (!(address >> 31) || bridge.absent)
		return NULL;
	EXPECT(!(address & 0x7f000003));
	for (u32 i = 0; i < bridge.count; i++) {
		struct function *f = &bridge.functions[i];

		if (f->bus == (address >> 16 & 255) && f->device == (address >> 11 & 31) &&
		    f->function == (address >> 8 & 7))
			return &f->space[(address & 255) / 4];
	}
	return NULL;
}

static u32 inl(u16 port)
{
	const u32 *place = chosen();

	EXPECT(port == 0xcf8 || port == 0xcfc);
	if (port == 0xcf8)
		return bridge.absent ? ~0u : bridge.address;
	return place ? *place : ~0u;
}

static void outl(u16 port, u32 value)
{
	u32 *place = chosen();

	EXPECT(port == 0xcf8 || port == 0xcfc);
	if (port == 0xcf8)
		bridge.address = value;
	else if (place)
		*place = value;
}

static void outb(u16 port, u8 value)
{
	u32 *place = chosen(), shift = (port & 3u) * 8;

	EXPECT_EQ(port & ~3u, 0xcfc);
	*place = (*place & ~(255u << shift)) | (u32)value << shift;
}

bool memmap_has_ram(const struct memmap *map, phys_addr_t start, phys_addr_t end)
{
	EXPECT(map == &memmap && start <= end);
	return start < RAM_END && end > 0;
}

void *ioremap(phys_addr_t start, size_t bytes)
{
	mapped_start = start;
	mapped_bytes = bytes;
	if (cannot_map)
		return NULL;
	mapped++;
	return &mapped;
}

void iounmap(const volatile void *address)
{
	unmapped += address == &mapped;
}

struct uart uart_at_port(u16 port)
{
	return (struct uart){ .port = port, .base_baud = UART_BASE_BAUD };
}

bool serial_probe(const struct uart *uart)
{
	probed = uart->port ? uart->port : uart->memory;
	probes++;
	EXPECT(uart->port || uart->registers == &mapped);
	return probed == uart_there;
}

static struct function *add(u32 bus, u32 device, u32 function, u32 class, u32 header)
{
	struct function *f = &bridge.functions[bridge.count++];

	*f = (struct function){ bus, device, function, { 0x11118086, 0xffff0000u, class, header } };
	return f;
}

/* ---- Configuration space ---- */

static void registers(void)
{
	const struct pci_device device = { 0x81, 0x1f, 6 };
	struct function *f = add(0x81, 0x1f, 6, 0x01060102, SINGLE);

	EXPECT_EQ(pci_read(device, PCI_CLASS), 0x01060102);
	EXPECT_EQ(bridge.address, 0x8081fe08u);
	EXPECT_EQ(pci_read((struct pci_device){ 0x81, 0x1f, 5 }, PCI_CLASS), ~0u);
	pci_write(device, 0x40, 0x12345678);
	EXPECT_EQ(f->space[16], 0x12345678);
	for (u8 i = 0; i < 4; i++)
		pci_write_byte(device, (u8)(0x44 + i), (u8)(0xa0 + i));
	EXPECT_EQ(f->space[17], 0xa3a2a1a0u);
	EXPECT_EQ(f->space[16], 0x12345678);
	/* A one in the upper half would clear a bit of the status. */
	f->space[1] = 0xffff0107u;
	EXPECT_EQ(pci_set_command(device, PCI_COMMAND_NO_INTX, PCI_COMMAND_IO), 0x0107);
	EXPECT_EQ(f->space[1], 0x0506);
	EXPECT_EQ(pci_set_command(device, PCI_COMMAND_MASTER, PCI_COMMAND_MASTER), 0x0506);
	EXPECT_EQ(f->space[1], 0x0502);
}

static u32 visited[8], visits;

static bool visit(struct pci_device device, void *context)
{
	visited[visits++ % ARRAY_SIZE(visited)] =
		(u32)device.bus << 16 | (u32)device.device << 8 | device.function;
	return context && visits == *(u32 *)context;
}

static void search(void)
{
	u32 second = 2;

	add(0, 0, 0, 0x06000000, SINGLE);
	add(0, 0, 7, 0x06000000, SINGLE); /* the first one answers for all eight */
	add(0, 31, 0, 0x06010000, MULTI);
	add(0, 31, 7, 0x0c050000, SINGLE);
	bridge.functions[1].function = 0;
	bridge.functions[1].bus = 255;
	bridge.functions[1].device = 31;
	EXPECT(!pci_find(visit, NULL));
	EXPECT_EQ(visits, 4);
	EXPECT(visited[0] == 0 && visited[1] == 0x1f00 && visited[2] == 0x1f07);
	EXPECT_EQ(visited[3], 0xff1f00);
	visits = 0;
	EXPECT(pci_find(visit, &second));
	EXPECT_EQ(visits, 2);
	/* Functions above 0 count only if function 0 says so, and only if it is there. */
	bridge.functions[2].space[3] = ~MULTI;
	visits = 0;
	pci_find(visit, NULL);
	EXPECT_EQ(visits, 3);
	bridge.functions[2].function = 1;
	visits = 0;
	pci_find(visit, NULL);
	EXPECT_EQ(visits, 2);
	bridge.absent = true;
	visits = 0;
	EXPECT(!pci_find(visit, NULL));
	EXPECT_EQ(visits, 0);
}

static void maps(void)
{
	const struct pci_device device = { 0, 1, 0 };
	struct function *f = add(0, 1, 0, 0, SINGLE);
	u32 *bar = &f->space[4];

	bar[0] = 0xfebf0000u | 8; /* prefetchable */
	EXPECT_EQ(pci_address(device, 0), 0xfebf0000u);
	EXPECT(pci_map(device, 0, 0x1100) == &mapped);
	EXPECT(mapped_start == 0xfebf0000u && mapped_bytes == 0x1100);
	bar[1] = 0xc041; /* ports */
	EXPECT_EQ(pci_address(device, 1), 0);
	EXPECT(!pci_map(device, 1, 16));
	EXPECT(!pci_map(device, 2, 16)); /* not set */
	bar[2] = 0xe0000000u | PCI_BAR_64BIT;
	bar[3] = 0x12;
	EXPECT_EQ(pci_address(device, 2), 0x12e0000000ull);
	EXPECT(!pci_map(device, 2, 16));
	bar[3] = 0;
	EXPECT(pci_map(device, 2, 16));
	/* The end of what can be mapped. */
	bar[5] = 0xfffff000u;
	EXPECT(pci_map(device, 5, 0x1000));
	EXPECT(!pci_map(device, 5, 0x1001));
	/* RAM is none of a device's. */
	bar[4] = 0x100000;
	mapped = 0;
	EXPECT(!pci_map(device, 4, 16));
	bar[4] = RAM_END - 16;
	EXPECT(!pci_map(device, 4, 32));
	EXPECT_EQ(mapped, 0);
	bar[4] = RAM_END;
	EXPECT(pci_map(device, 4, 32));
}

/* ---- The serial line ---- */

static void com_ports(void)
{
	struct uart uart;

	EXPECT(!uart_find_com(&uart));
	EXPECT_EQ(probes, 4);
	EXPECT_EQ(probed, 0x2e8);
	probes = 0;
	uart_there = 0x3e8;
	EXPECT(uart_find_com(&uart));
	EXPECT_EQ(probes, 3);
	EXPECT_EQ(uart.port, 0x3e8);
}

static void in_memory(void)
{
	struct uart uart;

	uart_there = 0xfe000000u;
	EXPECT(uart_find_memory(&uart, 0xfe000000u, 4, true));
	EXPECT(mapped_start == 0xfe000000u && mapped_bytes == 32);
	EXPECT(uart.memory == 0xfe000000u && uart.stride == 4 && uart.wide);
	EXPECT_EQ(uart.base_baud, UART_BASE_BAUD);
	EXPECT_EQ(unmapped, 0);
	/* What is none is unmapped. */
	EXPECT(!uart_find_memory(&uart, 0xfe001000u, 1, false));
	EXPECT(mapped_bytes == 8 && !uart.wide && unmapped == 1);
	/* Never probed: it is memory, or could not be mapped. */
	probes = 0;
	EXPECT(!uart_find_memory(&uart, RAM_END - 8, 1, false));
	EXPECT(!uart_find_memory(&uart, RAM_END - 8, 4, false));
	cannot_map = true;
	EXPECT(!uart_find_memory(&uart, 0xfe000000u, 1, false));
	EXPECT_EQ(probes, 0);
}

static void by_acpi(void)
{
	struct acpi_uart told = { .address = 0x2f8, .space = ACPI_IO, .stride = 1 };
	struct uart uart;

	uart_there = 0x2f8;
	EXPECT(uart_find_acpi(&told, &uart));
	EXPECT(uart.port == 0x2f8 && uart.base_baud == UART_BASE_BAUD && !mapped);
	told.clock = 15; /* a rate of 0 */
	EXPECT(uart_find_acpi(&told, &uart));
	EXPECT_EQ(uart.base_baud, UART_BASE_BAUD);
	told.clock = 16;
	EXPECT(uart_find_acpi(&told, &uart));
	EXPECT_EQ(uart.base_baud, 1);
	told.address = 0x3f8;
	EXPECT(!uart_find_acpi(&told, &uart));
	told = (struct acpi_uart){ 0xfe032000u, ACPI_MEMORY, 4, true, 0, 48000000 };
	uart_there = 0xfe032000u;
	EXPECT(uart_find_acpi(&told, &uart));
	EXPECT(!uart.port && uart.memory == 0xfe032000u && uart.stride == 4 && uart.wide);
	EXPECT_EQ(uart.base_baud, 3000000);
}

static void on_cards(void)
{
	struct function *f = add(2, 4, 0, SERIAL_CARD, SINGLE);
	struct uart uart;

	/* No base address: not touched. */
	EXPECT(!uart_find_pci(&uart));
	f->space[4] = 1;
	EXPECT(!uart_find_pci(&uart));
	f->space[4] = 12;
	EXPECT(!uart_find_pci(&uart));
	EXPECT_EQ(f->space[1], 0xffff0000u);
	EXPECT_EQ(probes, 0);
	f->space[4] = 0xc041;
	EXPECT(!uart_find_pci(&uart)); /* no UART there: its decoding is as before */
	EXPECT_EQ(probes, 1);
	EXPECT_EQ(f->space[1], 0);
	uart_there = 0xc040;
	EXPECT(uart_find_pci(&uart));
	EXPECT_EQ(uart.port, 0xc040);
	EXPECT_EQ(f->space[1], PCI_COMMAND_IO);
	f->space[4] = 0x1c041; /* no port */
	uart_there = 0xc040;
	EXPECT(!uart_find_pci(&uart));
	f->space[4] = 0x10001;
	uart_there = 0;
	probes = 0;
	EXPECT(!uart_find_pci(&uart));
	EXPECT_EQ(probes, 0);
	/* In memory, also by 64-bit addresses. */
	f->space[4] = 0xfe400000u | 8;
	uart_there = 0xfe400000u;
	f->space[1] = 0;
	EXPECT(uart_find_pci(&uart));
	EXPECT(uart.memory == 0xfe400000u && uart.stride == 1 && !uart.wide);
	EXPECT_EQ(f->space[1], PCI_COMMAND_MEMORY);
	f->space[4] |= PCI_BAR_64BIT;
	EXPECT(uart_find_pci(&uart));
	f->space[5] = 1;
	EXPECT(!uart_find_pci(&uart));
	f->space[4] &= ~(u32)PCI_BAR_64BIT; /* the next word is another address */
	EXPECT(uart_find_pci(&uart));
}

static void other_cards(void)
{
	static const struct {
		u32 class;
		bool serial;
	} cases[] = {
		{ 0x07000000, true },  { 0x07000600, true },  { 0x07000700, false },
		{ 0x07010200, false }, { 0x08000200, false }, { 0x07000001, true },
	};
	struct function *f = add(0, 3, 0, 0, SINGLE);
	struct uart uart;

	f->space[4] = 0xd001;
	uart_there = 0xd000;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		f->space[2] = cases[i].class;
		EXPECT_EQ(uart_find_pci(&uart), cases[i].serial);
	}
}

TAP_MAIN({ "configuration registers", registers }, { "the search for functions", search },
	 { "mapped registers", maps }, { "COM ports", com_ports },
	 { "a UART in memory", in_memory }, { "the UART that ACPI names", by_acpi },
	 { "serial cards", on_cards }, { "other cards", other_cards })
