/* SPDX-License-Identifier: MIT */
/*
 * The SPCR, ACPI's table of the serial console (Microsoft, Serial Port Console Redirection Table):
 * ports, registers in memory, rates, and tables that are refused.
 *
 * sources: kernel/devices/acpi.c
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/devices/acpi.h"
#include "tests/host/kernel/devices/acpi_table.h"
#include "tests/host/tap.h"

/* The parser is given its table; none is mapped. */
void *ioremap(phys_addr_t start, size_t bytes)
{
	(void)start;
	(void)bytes;
	return NULL;
}

void iounmap(const volatile void *address)
{
	(void)address;
}

#define SPCR_BYTES 90u

/* An SPCR of revision 4 of a COM port, 115200 baud; the tests change what they are about. */
static void make_spcr(u8 *spcr, u8 revision)
{
	memset(spcr, 0, SPCR_BYTES);
	memcpy(spcr, "SPCR", 4);
	put32(spcr, 4, revision >= 4 ? SPCR_BYTES : 80);
	spcr[8] = revision;
	spcr[40] = ACPI_IO;
	spcr[41] = 8; /* bits of a register */
	spcr[43] = 1; /* accesses of a byte */
	put32(spcr, 44, 0x2f8);
	spcr[58] = 7; /* 115200 */
}

/* The same bytes, as many as the table says and no more. */
static bool parse_spcr(const u8 *spcr, struct acpi_uart *to)
{
	u8 *copy = malloc(get32(spcr, 4));
	bool good;

	memcpy(copy, spcr, get32(spcr, 4));
	seal(copy);
	memset(to, 0xa5, sizeof(*to));
	EXPECT(acpi_table_valid(copy, get32(spcr, 4), "SPCR", 80));
	good = acpi_parse_spcr(copy, to);
	free(copy);
	return good;
}

static void spcr_of_ports(void)
{
	static const u8 revisions[] = { 1, 2, 3, 4 }, types[] = { 0, 1, 0x12 };
	u8 spcr[SPCR_BYTES];
	struct acpi_uart uart;

	for (u32 i = 0; i < ARRAY_SIZE(revisions); i++)
		for (u32 j = 0; j < ARRAY_SIZE(types); j++) {
			make_spcr(spcr, revisions[i]);
			spcr[36] = types[j];
			EXPECT(parse_spcr(spcr, &uart));
			EXPECT(uart.space == ACPI_IO && uart.address == 0x2f8);
			EXPECT_EQ(uart.baud, 115200);
			EXPECT_EQ(uart.clock, 0);
		}
}

static void spcr_in_memory(void)
{
	/* bits of a register, size of an access, result */
	static const struct {
		u8 bits, access, stride;
		bool wide;
	} cases[] = { { 8, 1, 1, false },  { 8, 0, 1, false },	{ 32, 3, 4, true },
		      { 8, 3, 4, true },   { 32, 1, 4, false }, { 16, 1, 2, false },
		      { 32, 0, 4, false }, { 0, 0, 1, false } };
	u8 spcr[SPCR_BYTES];
	struct acpi_uart uart;

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		make_spcr(spcr, 2);
		spcr[40] = ACPI_MEMORY;
		spcr[41] = cases[i].bits;
		spcr[43] = cases[i].access;
		put32(spcr, 44, 0xfe034000);
		put32(spcr, 48, i == 0); /* the parser accepts an address above 4 GiB */
		EXPECT(parse_spcr(spcr, &uart));
		EXPECT_EQ(uart.space, ACPI_MEMORY);
		EXPECT_EQ(uart.address, 0xfe034000 + (i == 0 ? GiB(4) : 0));
		EXPECT_EQ(uart.stride, cases[i].stride);
		EXPECT_EQ(uart.wide, cases[i].wide);
	}
}

static void spcr_rates(void)
{
	static const u32 rates[] = { 0, 0, 0, 9600, 19200, 0, 57600, 115200, 0 };
	u8 spcr[SPCR_BYTES];
	struct acpi_uart uart;

	for (u32 i = 0; i < ARRAY_SIZE(rates); i++) {
		make_spcr(spcr, 2);
		spcr[58] = (u8)i;
		EXPECT(parse_spcr(spcr, &uart));
		EXPECT_EQ(uart.baud, rates[i]);
	}
	/*
	 * The clock counts from revision 3, the precise rate from 4 if the table is long enough.
	 */
	for (u8 revision = 1; revision <= 4; revision++) {
		make_spcr(spcr, revision);
		put32(spcr, 76, 48000000);
		put32(spcr, 80, 1500000);
		EXPECT(parse_spcr(spcr, &uart));
		EXPECT_EQ(uart.clock, revision >= 3 ? 48000000 : 0);
		EXPECT_EQ(uart.baud, revision >= 4 ? 1500000 : 115200);
	}
	make_spcr(spcr, 4);
	put32(spcr, 80, 1500000);
	for (u32 size = 80; size < 84; size++) {
		put32(spcr, 4, size);
		EXPECT(parse_spcr(spcr, &uart));
		EXPECT_EQ(uart.baud, 115200);
	}
	/* Rates that are none. */
	make_spcr(spcr, 4);
	put32(spcr, 80, 1);
	EXPECT(parse_spcr(spcr, &uart) && uart.baud == 0);
	put32(spcr, 80, 0xffffffff);
	EXPECT(parse_spcr(spcr, &uart) && uart.baud == 0);
}

static void spcr_refused(void)
{
	u8 spcr[SPCR_BYTES];
	struct acpi_uart uart;

	for (u32 type = 0; type < 256; type++) {
		make_spcr(spcr, 2);
		spcr[36] = (u8)type;
		EXPECT_EQ(parse_spcr(spcr, &uart), type <= 1 || type == 0x12);
	}
	for (u32 space = 0; space < 256; space++) {
		make_spcr(spcr, 2);
		spcr[40] = (u8)space;
		EXPECT_EQ(parse_spcr(spcr, &uart), space <= ACPI_IO);
	}
	make_spcr(spcr, 2);
	put32(spcr, 44, 0); /* no console */
	EXPECT(!parse_spcr(spcr, &uart));
	put32(spcr, 44, 0xfff9); /* the last register has no port */
	EXPECT(!parse_spcr(spcr, &uart));
	put32(spcr, 44, 0xfff8);
	EXPECT(parse_spcr(spcr, &uart));
	put32(spcr, 48, 1);
	EXPECT(!parse_spcr(spcr, &uart));
}

TAP_MAIN({ "an SPCR of I/O ports", spcr_of_ports }, { "an SPCR of memory", spcr_in_memory },
	 { "rates of an SPCR", spcr_rates }, { "an SPCR that is not used", spcr_refused })
