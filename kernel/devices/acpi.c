/* SPDX-License-Identifier: MIT */
/*
 * The part of ACPI that this kernel uses.
 *
 *     RSDP ──> XSDT (or RSDT) ──┬─> FADT "FACP" ──> PM1 control, PM timer, reset, SMI command
 *                               │            └────> DSDT: AML code with the package \_S5
 *                               └─> SPCR: the UART of the firmware's console
 *
 *  (1) Before a byte is read, its offset is checked against the mapped length. Each table's
 *      checksum is checked.
 *  (2) A table is mapped only while it is read.
 *  (3) A damaged table is logged and then ignored.
 */
#include "kernel/devices/acpi.h"
#include "kernel/devices/acpi_tables.h"
#include "kernel/devices/console_option.h"
#include "kernel/devices/power.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kernel_space/vmalloc.h"

#define TABLES_MAX 256u

/* Offsets in the HPET table. */
#define HPET_ADDRESS 40u /* a generic address */
#define HPET_SIZE    56u
#define HPET_BYTES   1024u /* of its registers */

/* Offsets in the SPCR. */
#define SPCR_TYPE	  36u /* of the UART */
#define SPCR_ADDRESS	  40u /* a generic address */
#define SPCR_BAUD	  58u
#define SPCR_CLOCK	  76u /* revision 3 */
#define SPCR_PRECISE_BAUD 80u /* revision 4 */
#define SPCR_SIZE_1	  80u
#define SPCR_SIZE_4	  84u
#define BAUD_MAX	  4000000u /* more: the table is damaged */

/* Types of UART that have a 16550's registers. */
#define SPCR_16550     0
#define SPCR_16450     1
#define SPCR_16550_GAS 0x12

/* AML (ACPI 6.5 chapter 20). */
#define AML_ZERO    0x00
#define AML_ONE	    0x01
#define AML_NAME    0x08
#define AML_BYTE    0x0a
#define AML_WORD    0x0b
#define AML_DWORD   0x0c
#define AML_PACKAGE 0x12
#define AML_ROOT    '\\'

struct acpi acpi;

static u32 get_u32(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static u64 get_u64(const u8 *p)
{
	return (u64)get_u32(p + 4) << 32 | get_u32(p);
}

static bool sum_is_zero(const u8 *p, size_t length)
{
	u8 sum = 0;

	while (length--)
		sum = (u8)(sum + *p++);
	return sum == 0;
}

static size_t table_length(const u8 *table)
{
	return get_u32(table + ACPI_LENGTH);
}

bool acpi_table_valid(const void *table, size_t available, const char *signature, size_t minimum)
{
	const u8 *bytes = table;

	if (available < ACPI_HEADER_SIZE || memcmp(bytes, signature, 4) != 0)
		return false;
	if (table_length(bytes) < max(minimum, (size_t)ACPI_HEADER_SIZE) ||
	    table_length(bytes) > available)
		return false;
	return sum_is_zero(bytes, table_length(bytes));
}

/*
 * A generic address: space, bits of a register, offset, access size, address. All 0: the table is
 * too short.
 */
static struct acpi_address generic_address(const u8 *table, size_t at)
{
	if (table_length(table) < at + 12)
		return (struct acpi_address){ 0 };
	return (struct acpi_address){ .space = table[at], .address = get_u64(table + at + 4) };
}

/* Can a byte be written there? Yes for any memory and any I/O port. */
static bool reachable(const struct acpi_address *place)
{
	return place->address && (place->space == ACPI_MEMORY ||
				  (place->space == ACPI_IO && place->address <= 0xffff));
}

/* An I/O port: from the generic address if the table has and uses it, else from the old field. */
static u16 fadt_port(const u8 *fadt, size_t old, size_t generic)
{
	struct acpi_address place = generic_address(fadt, generic);
	u64 port = place.space == ACPI_IO && place.address ? place.address : get_u32(fadt + old);

	return port <= 0xffff ? (u16)port : 0;
}

static void parse_reset(const u8 *fadt, struct acpi *to)
{
	/* The register came with revision 2; a shorter table, or flag bit 10 clear, has none. */
	if (fadt[8] < 2 || table_length(fadt) <= FADT_RESET_VALUE ||
	    !(get_u32(fadt + FADT_FLAGS) & FADT_FLAG_RESET))
		return;
	to->reset = generic_address(fadt, FADT_RESET_REGISTER);
	to->reset_value = fadt[FADT_RESET_VALUE];
	if (to->reset.space == ACPI_IO && to->reset.address == RESET_PORT)
		to->reset_value &= (u8)~RESET_POWER_CYCLE;
	to->has_reset = reachable(&to->reset) || (to->reset.space == ACPI_PCI && to->reset.address);
}

/* The old field is a port. Some tables have only the new one, which may be in memory. */
static void parse_pm_timer(const u8 *fadt, struct acpi *to)
{
	struct acpi_address timer = generic_address(fadt, FADT_X_PM_TIMER);

	if (!reachable(&timer))
		timer = (struct acpi_address){ .space = ACPI_IO,
					       .address = get_u32(fadt + FADT_PM_TIMER) };
	if (reachable(&timer))
		to->pm_timer = timer;
}

/*
 * The registers that switch the machine off. Hardware-reduced machines have a sleep control
 * register, and their PM1 is not valid. Exception: the Surface Laptop 3 (AMD) says that it is
 * hardware-reduced, has no such register, and has PM1. So without that register PM1 is used.
 */
static void parse_off(const u8 *fadt, struct acpi *to)
{
	bool reduced = get_u32(fadt + FADT_FLAGS) & FADT_FLAG_NO_HARDWARE;

	if (reduced) {
		to->sleep_control = generic_address(fadt, FADT_SLEEP_CONTROL);
		if (reachable(&to->sleep_control))
			return;
		to->sleep_control.address = 0;
	}
	to->pm1a_control = fadt_port(fadt, FADT_PM1A_CONTROL, FADT_X_PM1A_CONTROL);
	to->pm1b_control = fadt_port(fadt, FADT_PM1B_CONTROL, FADT_X_PM1B_CONTROL);
	if (!reduced) {
		to->smi_command = (u16)get_u32(fadt + FADT_SMI_COMMAND);
		to->acpi_enable = fadt[FADT_ACPI_ENABLE];
	}
}

phys_addr_t acpi_parse_fadt(const void *table, struct acpi *to)
{
	const u8 *fadt = table;
	phys_addr_t dsdt = get_u32(fadt + FADT_DSDT);

	parse_reset(fadt, to);
	parse_off(fadt, to);
	/* Even on a hardware-reduced machine: measure() finds out if the timer stands still. */
	parse_pm_timer(fadt, to);
	if (table_length(fadt) >= FADT_X_DSDT + 8 && get_u64(fadt + FADT_X_DSDT))
		dsdt = get_u64(fadt + FADT_X_DSDT);
	return dsdt;
}

u64 acpi_parse_hpet(const void *table)
{
	struct acpi_address place = generic_address(table, HPET_ADDRESS);

	return place.space == ACPI_MEMORY ? place.address : 0;
}

bool acpi_parse_spcr(const void *table, struct acpi_uart *to)
{
	static const u32 bauds[] = { [3] = 9600, [4] = 19200, [6] = 57600, [7] = 115200 };
	const u8 *spcr = table, *place = spcr + SPCR_ADDRESS;
	u8 type = spcr[SPCR_TYPE], baud = spcr[SPCR_BAUD], revision = spcr[8];

	if (type != SPCR_16550 && type != SPCR_16450 && type != SPCR_16550_GAS)
		return false;
	*to = (struct acpi_uart){ .address = get_u64(place + 4), .space = place[0] };
	/* A generic address, with the bits of a register and the access size (3: 32 bits). */
	to->wide = place[3] == 3;
	to->stride = to->wide || place[1] == 32 ? 4 : place[1] == 16 ? 2 : 1;
	if (baud < ARRAY_SIZE(bauds))
		to->baud = bauds[baud];
	if (revision >= 3)
		to->clock = get_u32(spcr + SPCR_CLOCK);
	if (revision >= 4 && table_length(spcr) >= SPCR_SIZE_4 && get_u32(spcr + SPCR_PRECISE_BAUD))
		to->baud = get_u32(spcr + SPCR_PRECISE_BAUD);
	if (to->baud < CONSOLE_BAUD_MIN || to->baud > BAUD_MAX)
		to->baud = 0;
	return to->address &&
	       (to->space == ACPI_MEMORY || (to->space == ACPI_IO && to->address <= 0xfff8));
}

/* A number in a package. Returns the address after it; NULL: no number, or the code ends. */
static const u8 *aml_number(const u8 *p, const u8 *end, u32 *value)
{
	size_t bytes;

	if (p >= end)
		return NULL;
	*value = *p;
	if (*p == AML_ZERO || *p == AML_ONE)
		return p + 1;
	bytes = *p == AML_BYTE ? 1 : *p == AML_WORD ? 2 : *p == AML_DWORD ? 4 : 0;
	if (!bytes || (size_t)(end - p) < bytes + 1)
		return NULL;
	*value = p[1]; /* a sleep type has three bits */
	return p + 1 + bytes;
}

/* The package that follows a name: opcode, length (1 to 4 bytes), number of elements, elements. */
static bool aml_s5_package(const u8 *p, const u8 *end, u8 *type_a, u8 *type_b)
{
	u32 a, b = 0;
	u8 count;

	if (end - p < 3 || *p != AML_PACKAGE)
		return false;
	p += 2 + (p[1] >> 6);
	if (p >= end)
		return false;
	count = *p++;
	p = count >= 1 ? aml_number(p, end, &a) : NULL;
	if (!p || (count >= 2 && !aml_number(p, end, &b)) || a > 7 || b > 7)
		return false;
	*type_a = (u8)a;
	*type_b = (u8)b;
	return true;
}

bool acpi_find_s5(const u8 *aml, size_t length, u8 *type_a, u8 *type_b)
{
	for (size_t i = 1; i + 4 <= length; i++) {
		bool named = aml[i - 1] == AML_NAME ||
			     (aml[i - 1] == AML_ROOT && i >= 2 && aml[i - 2] == AML_NAME);

		if (named && memcmp(aml + i, "_S5_", 4) == 0 &&
		    aml_s5_package(aml + i + 4, aml + length, type_a, type_b))
			return true;
	}
	return false;
}

/* Copies the header of the table at this address. */
static bool read_header(phys_addr_t address, u8 header[ACPI_HEADER_SIZE])
{
	const u8 *table = address ? ioremap(address, ACPI_HEADER_SIZE) : NULL;

	if (!table)
		return false;
	memcpy(header, table, ACPI_HEADER_SIZE);
	iounmap(table);
	return true;
}

/*
 * Maps and checks the table at this address; `header` is its header. Returns NULL if the signature
 * is another one (silently), or if the table is damaged (with a line in the log).
 */
static u8 *map_with_header(phys_addr_t address, const u8 *header, const char *signature,
			   size_t minimum)
{
	size_t length = table_length(header);
	u8 *table = NULL;

	if (memcmp(header, signature, 4) != 0)
		return NULL;
	if (length >= ACPI_HEADER_SIZE && length <= ACPI_TABLE_SIZE_MAX)
		table = ioremap(address, length);
	if (table && acpi_table_valid(table, length, signature, minimum))
		return table;
	printk("acpi: bad table signature=%s start=0x%llx bytes=%u (ignored)\n", signature, address,
	       (u32)length);
	if (table)
		iounmap(table);
	return NULL;
}

static u8 *map_table(phys_addr_t address, const char *signature, size_t minimum)
{
	u8 header[ACPI_HEADER_SIZE];

	return read_header(address, header) ? map_with_header(address, header, signature, minimum)
					    : NULL;
}

/* Maps the XSDT with 8-byte addresses, or the RSDT with 4 (*width). NULL: neither is valid. */
static u8 *map_root(phys_addr_t address, size_t *width)
{
	u8 *rsdp = ioremap(address, RSDP_SIZE), *root = NULL;
	phys_addr_t rsdt = 0, xsdt = 0;

	if (rsdp && memcmp(rsdp, "RSD PTR ", 8) == 0 && sum_is_zero(rsdp, RSDP_SIZE_1)) {
		rsdt = get_u32(rsdp + RSDP_RSDT);
		if (rsdp[RSDP_REVISION] >= 2 && sum_is_zero(rsdp, RSDP_SIZE))
			xsdt = get_u64(rsdp + RSDP_XSDT);
	} else {
		printk("acpi: bad root pointer start=0x%llx (ignored)\n", address);
	}
	if (rsdp)
		iounmap(rsdp);

	*width = 8;
	root = map_table(xsdt, "XSDT", ACPI_HEADER_SIZE);
	if (!root) {
		*width = 4;
		root = map_table(rsdt, "RSDT", ACPI_HEADER_SIZE);
	}
	return root;
}

/* Looks for \_S5 in a table of AML code: the DSDT, or one of the SSDTs. */
static void find_s5_in(u8 *table)
{
	if (!table)
		return;
	if (!acpi.has_s5)
		acpi.has_s5 = acpi_find_s5(table + ACPI_HEADER_SIZE,
					   table_length(table) - ACPI_HEADER_SIZE, &acpi.s5_type_a,
					   &acpi.s5_type_b);
	iounmap(table);
}

/* A table to look for. `table`: the first valid one with that signature, mapped, or NULL. */
struct wanted {
	const char *signature;
	size_t minimum;
	u8 *table;
};

static void find_tables(phys_addr_t rsdp, struct wanted *wanted, size_t kinds)
{
	size_t width, count;
	u8 *root = map_root(rsdp, &width), header[ACPI_HEADER_SIZE];

	if (!root)
		return;
	count = min((table_length(root) - ACPI_HEADER_SIZE) / width, (size_t)TABLES_MAX);
	for (size_t i = 0; i < count; i++) {
		const u8 *entry = root + ACPI_HEADER_SIZE + i * width;
		phys_addr_t address = width == 8 ? get_u64(entry) : get_u32(entry);

		if (!read_header(address, header))
			continue;
		find_s5_in(map_with_header(address, header, "SSDT", ACPI_HEADER_SIZE));
		for (struct wanted *w = wanted; w < wanted + kinds; w++)
			if (!w->table)
				w->table =
					map_with_header(address, header, w->signature, w->minimum);
	}
	iounmap(root);
}

/* Reads the tables that the root table names. Returns the address of the DSDT, or 0. */
static phys_addr_t read_tables(phys_addr_t rsdp)
{
	struct wanted wanted[] = { { "FACP", FADT_SIZE_1, NULL },
				   { "SPCR", SPCR_SIZE_1, NULL },
				   { "HPET", HPET_SIZE, NULL } };
	u8 **fadt = &wanted[0].table, **spcr = &wanted[1].table, **hpet = &wanted[2].table;
	phys_addr_t dsdt = 0;

	find_tables(rsdp, wanted, ARRAY_SIZE(wanted));
	if (*fadt)
		dsdt = acpi_parse_fadt(*fadt, &acpi);
	if (*spcr)
		acpi.has_uart = acpi_parse_spcr(*spcr, &acpi.uart);
	if (*hpet)
		acpi.hpet_address = acpi_parse_hpet(*hpet);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		iounmap(wanted[i].table);
	return dsdt;
}

/* Maps a register in memory at boot: when it is needed, nothing can be mapped any more. */
static void map_register(struct acpi_address *place)
{
	if (place->space != ACPI_MEMORY || !place->address)
		return;
	place->memory = ioremap(place->address, sizeof(u32));
	if (!place->memory)
		place->address = 0;
}

void acpi_init(phys_addr_t rsdp)
{
	if (!rsdp) {
		printk("acpi: rsdp=none\n");
		return;
	}
	find_s5_in(map_table(read_tables(rsdp), "DSDT", ACPI_HEADER_SIZE));
	if (acpi.hpet_address)
		acpi.hpet = ioremap(acpi.hpet_address, HPET_BYTES);
	map_register(&acpi.reset);
	map_register(&acpi.pm_timer);
	map_register(&acpi.sleep_control);
	acpi.has_reset = acpi.has_reset && acpi.reset.address;
	printk("acpi: rsdp=0x%llx pm1a=0x%x pm1b=0x%x s5=%s reset=%s pm_timer=%#llx hpet=%#llx "
	       "sleep_control=%#llx\n",
	       rsdp, acpi.pm1a_control, acpi.pm1b_control, acpi.has_s5 ? "yes" : "no",
	       acpi.has_reset ? "yes" : "no", acpi.pm_timer.address, acpi.hpet_address,
	       acpi.sleep_control.address);
}
