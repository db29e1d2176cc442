/* SPDX-License-Identifier: MIT */
/*
 * The console: lines of the kernel and of programs on the serial line, the screen and in the log
 * buffer; which serial line is chosen, and what is repeated there.
 *
 * sources: kernel/console/kmsg.c kernel/devices/console_option.c
 */
#include "lib/types.h"

/* The harness has these too. */
#define printk	     console_printk
#define printk_flush console_printk_flush
#include "kernel/console/console.c"
#undef printk
#undef printk_flush

#include <stdio.h>
#include <string.h>

#include "tests/host/tap.h"

#define COM1 0x3f8

struct acpi acpi;

static char sent[200000], shown[200000], kept[200000];
static u32 opened, refreshes, wakes;
static u32 longest; /* of the pieces for the line */
static struct uart last_uart;
static u32 last_baud;
static bool same;     /* the line and its rate do not change */
static u32 ports;     /* bit n: COM(n + 1) has a UART */
static bool answers;  /* serial_answers() */
static u64 in_memory; /* the address that has a UART, or 0 */
static u8 memory_stride;
static bool memory_wide, on_card, acpi_works;

static void append(char *to, const char *text, size_t count)
{
	strncat(to, text, count);
}

void serial_send(struct serial *to, const char *text, size_t count)
{
	longest = max(longest, (u32)count);
	if (to->there)
		append(sent, text, count);
}

bool serial_open(struct serial *to, const struct uart *uart, u32 baud)
{
	opened++;
	last_uart = *uart;
	last_baud = baud;
	to->there = true;
	sent[0] = '\0'; /* of the line before */
	return !same;
}

struct uart uart_at_port(u16 port)
{
	return (struct uart){ .port = port, .base_baud = UART_BASE_BAUD };
}

bool serial_probe(const struct uart *uart)
{
	return uart->port == COM1 && ports & 1;
}

bool serial_answers(const struct uart *uart)
{
	EXPECT(uart->port);
	return answers;
}

bool uart_find_com(struct uart *uart)
{
	for (u32 i = 0; i < SERIAL_PORTS; i++)
		if (ports >> i & 1) {
			*uart = uart_at_port(serial_port(i));
			return true;
		}
	return false;
}

bool uart_find_memory(struct uart *uart, phys_addr_t address, u8 stride, bool wide)
{
	memory_stride = stride;
	memory_wide = wide;
	*uart = (struct uart){ .memory = address, .stride = stride, .wide = wide };
	return address == in_memory;
}

bool uart_find_acpi(const struct acpi_uart *told, struct uart *uart)
{
	EXPECT(told == &acpi.uart);
	*uart = (struct uart){ .memory = told->address, .stride = told->stride };
	return acpi_works;
}

bool uart_find_pci(struct uart *uart)
{
	*uart = uart_at_port(0xe000);
	return on_card;
}

void screen_write(const char *text, size_t count)
{
	append(shown, text, count);
}

void screen_refresh(void)
{
	refreshes++;
}

void logbuf_write(const char *text, size_t count)
{
	append(kept, text, count);
}

void kmsg_wake(void)
{
	wakes++;
}

u64 clock_counts(void)
{
	return 7;
}

/* All three outputs have this since the last call. */
static void expect_output(const char *wanted)
{
	EXPECT_TEXT(sent, wanted);
	EXPECT_TEXT(shown, wanted);
	EXPECT_TEXT(kept, wanted);
	sent[0] = shown[0] = kept[0] = '\0';
}

static void boot(void)
{
	ports = 1;
	console_init_early();
	EXPECT(opened == 1 && last_uart.port == COM1 && last_baud == 115200);
}

/* ---- Lines ---- */

static void lines_of_the_kernel(void)
{
	struct kmsg_record record;

	boot();
	console_printk("one %d\ntwo", 1);
	expect_output("one 1\r\ntwo");
	console_printk(" more\n\n");
	expect_output(" more\r\n\r\n");
	EXPECT(kmsg_find(0, &record) && record.length == 5 && record.counts == 7);
	EXPECT(kmsg_find(1, &record) && record.length == 8 && !memcmp(record.text, "two more", 8));
	EXPECT(kmsg_find(2, &record) && !record.length);
	EXPECT_EQ(kmsg_next(), 3);
	EXPECT_EQ(wakes, 2);
	console_printk_flush();
	EXPECT_EQ(refreshes, 1);
}

static void lines_of_programs(void)
{
	boot();
	console_write_program("one\ntwo\tx", 9);
	expect_output("  one\r\n  two\tx");
	console_write_program("y\n\n", 3);
	expect_output("y\r\n\r\n");
	EXPECT_EQ(kmsg_next(), 0); /* not lines of the kernel's log */
}

/* No line has text of both. */
static void turns(void)
{
	boot();
	console_write_program("program", 7);
	console_printk("kernel");
	expect_output("  program\r\nkernel");
	console_printk(" goes on");
	console_write_program("again", 5);
	console_write_program(".", 1);
	expect_output(" goes on\r\n  again.");
	console_end_line();
	expect_output("\r\n");
	console_end_line(); /* there is none */
	expect_output("");
	console_printk("kernel");
	console_end_line();
	expect_output("kernel\r\n");
	EXPECT_EQ(kmsg_next(), 1); /* for the ring the two pieces of the kernel are one line */
}

/* A program cannot fake a line: control characters are shown as numbers. */
static void control_characters(void)
{
	boot();
	console_write_program("a\rb\x1b[1m\x7f", 8);
	expect_output("  a\\x0db\\x1b[1m\\x7f");
	/* U+0085 in UTF-8, in two calls; and U+00E5. */
	console_write_program("\xc2", 1);
	console_write_program("\x85\xc3\xa5\n", 4);
	expect_output("\xc2\\x85\xc3\xa5\r\n");
	console_printk("%s\n", "name\r");
	expect_output("name\\x0d\r\n");
}

/* A message has at most 511 characters; one that is cut ends its line all the same. */
static void long_messages(void)
{
	static char text[600], wanted[600];

	boot();
	memset(text, 'x', 510);
	console_printk("%s", text);
	expect_output(text);
	console_end_line();
	expect_output("\r\n");
	text[510] = 'y';
	text[511] = 'z';
	console_printk("%s", text);
	memset(wanted, 'x', 510);
	strcpy(wanted + 510, "\r\n");
	expect_output(wanted);
	EXPECT_EQ(longest, SERIAL_FIFO); /* as many as one wait allows */
}

/* ---- The choice of a line ---- */

static void no_line(void)
{
	ports = 0;
	console_init_early();
	console_printk("early\n");
	EXPECT_EQ(opened, 0);
	EXPECT_TEXT(sent, "");
	EXPECT_TEXT(shown, "early\r\n");
	console_setup("");
	EXPECT_EQ(opened, 0);
	EXPECT_TEXT(shown, "early\r\n");
	acpi.has_uart = false;
	console_setup_late();
	EXPECT_TEXT(kept, "early\r\n");
	EXPECT_PANIC("chosen", console_setup_late());
}

/* The first port that has one; the log so far is repeated there, once. */
static void another_port(void)
{
	ports = 4;
	console_init_early();
	console_printk("early\nopen");
	console_setup("");
	EXPECT(opened == 1 && last_uart.port == 0x3e8 && last_baud == 115200);
	EXPECT_TEXT(shown, "early\r\nopenconsole: port=0x3e8 baud=115200 source=probe\r\n");
	EXPECT_TEXT(sent, "early\r\nopenconsole: port=0x3e8 baud=115200 source=probe\r\n");
	EXPECT_TEXT(kept, shown);
	console_printk("after\n");
	EXPECT(strstr(sent, "\r\nafter\r\n") && strstr(shown, "\r\nafter\r\n"));
	on_card = true;
	console_setup_late(); /* there is one: no card is looked for */
	EXPECT_EQ(opened, 1);
}

/* COM1 was opened early: nothing changes, nothing is repeated. */
static void the_same_port(void)
{
	boot();
	console_printk("early\n");
	same = true;
	console_setup("");
	EXPECT_EQ(opened, 2);
	EXPECT_TEXT(sent, "");
	console_printk("after\n");
	EXPECT_TEXT(sent, "after\r\n");
	EXPECT_TEXT(shown, "early\r\nconsole: port=0x3f8 baud=115200 source=probe\r\nafter\r\n");
}

static void named_port(void)
{
	boot();
	answers = true;
	console_setup("ttyS1,9600");
	EXPECT(last_uart.port == 0x2f8 && last_baud == 9600);
	EXPECT_TEXT(sent, "console: port=0x2f8 baud=9600 source=option\r\n");
	answers = false;
	console_setup("ttyS3");
	EXPECT_EQ(opened, 2);
	EXPECT(strstr(shown, "console: absent=ttyS3\r\n"));
	console_printk("after\n"); /* to the screen only */
	EXPECT(!strstr(sent, "after") && strstr(shown, "after\r\n"));
	on_card = true;
	console_setup_late();
	EXPECT_EQ(opened, 2); /* the one that was named, or none */
}

static void none(void)
{
	boot();
	console_printk("early\n");
	console_setup("none");
	console_printk("after\n");
	EXPECT_EQ(opened, 1);
	EXPECT_TEXT(sent, "early\r\n");
	EXPECT_TEXT(shown, "early\r\nafter\r\n");
	acpi.has_uart = acpi_works = on_card = true;
	console_setup_late();
	EXPECT_EQ(opened, 1);
}

static void bad_option(void)
{
	boot();
	console_setup("ttyS9");
	EXPECT(strstr(shown, "option: bad value name=console value=ttyS9 (ignored)\r\n"));
	EXPECT(opened == 2 && last_uart.port == COM1); /* as without the option */
}

/* A UART in memory needs mappings: until then COM1 is used. */
static void memory(void)
{
	boot();
	console_setup("uart,mmio32,0xfedc9000,57600");
	EXPECT_EQ(opened, 1);
	console_printk("early\n");
	EXPECT_TEXT(sent, "early\r\n");
	in_memory = 0xfedc9000;
	console_setup_late();
	EXPECT(memory_stride == 4 && memory_wide && last_baud == 57600);
	EXPECT_TEXT(sent, "early\r\nconsole: memory=0xfedc9000 stride=4 baud=57600 "
			  "source=option\r\n");
}

static void memory_absent(void)
{
	boot();
	console_setup("uart,mmio,0xfedc9000");
	console_setup_late();
	EXPECT(opened == 1 && memory_stride == 1 && !memory_wide);
	EXPECT_TEXT(sent, "console: absent=0xfedc9000\r\n"); /* COM1 stays */
}

/* ACPI's UART, then one on a card; the firmware's rate has no number. */
static void late(void)
{
	boot();
	acpi = (struct acpi){ .has_uart = true, .uart = { .address = 0xfe000000, .stride = 4 } };
	acpi_works = true;
	console_setup("");
	on_card = true;
	console_setup_late();
	EXPECT(opened == 3 && last_uart.memory == 0xfe000000 && !last_baud);
	EXPECT(strstr(sent, "console: memory=0xfe000000 stride=4 baud=firmware source=spcr\r\n"));
}

static void card(void)
{
	ports = 0;
	console_init_early();
	acpi = (struct acpi){ .has_uart = true, .uart = { .address = 0xfe000000 } };
	console_setup("");
	on_card = true;
	console_setup_late();
	EXPECT(opened == 1 && last_uart.port == 0xe000 && last_baud == 115200);
	EXPECT_TEXT(sent, "console: absent=0xfe000000\r\n"
			  "console: port=0xe000 baud=115200 source=pci\r\n");
}

/*
 * What the ring has lost is counted on the new line. The ring loses more while it takes the lines
 * about the new line.
 */
static void lost(void)
{
	const char *line;
	unsigned before, told = 0;

	ports = 0;
	console_init_early();
	for (u32 i = 0; i < KMSG_BYTES / 64; i++)
		console_printk("%63u\n", i);
	console_setup("");
	before = (unsigned)kmsg_lost();
	ports = 2;
	console_setup("");
	line = strstr(sent, "console: lost=");
	EXPECT(line && sscanf(line, "console: lost=%u unit=characters\r\n", &told) == 1);
	EXPECT(before && told >= before && told <= kmsg_lost());
	EXPECT(!strstr(sent, " 0\r\n"));
}

/* What was written before there was a screen. */
static void early_output_on_the_screen(void)
{
	boot();
	console_printk("one\ntwo\nopen");
	shown[0] = sent[0] = '\0';
	console_show_early();
	EXPECT_TEXT(shown, "one\ntwo\nopen");
	EXPECT_TEXT(sent, "");
}

TAP_MAIN({ "lines of the kernel", lines_of_the_kernel }, { "lines of programs", lines_of_programs },
	 { "turns", turns }, { "control characters", control_characters },
	 { "long messages", long_messages }, { "no serial line", no_line },
	 { "another port", another_port }, { "the same port", the_same_port },
	 { "a port that is named", named_port }, { "console=none", none },
	 { "a bad option", bad_option }, { "a UART in memory", memory },
	 { "a UART in memory that is absent", memory_absent }, { "the UART of ACPI", late },
	 { "a UART on a card", card }, { "output that is lost", lost },
	 { "early output on the screen", early_output_on_the_screen })
