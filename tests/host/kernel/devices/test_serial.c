/* SPDX-License-Identifier: MIT */
/*
 * The driver of the serial line against a model of a 16550 with I/O ports, which may be absent,
 * stuck or busy; and in memory, with a stride and width of registers.
 */
#define KERNEL_CPU_IO_H /* the model is the ports */
#include "lib/types.h"

static u8 inb(u16 port);
static void outb(u16 port, u8 value);

#include "kernel/devices/serial.c"

#include <string.h>

#include "tests/host/tap.h"

#define PORT 0x2f8

enum kind { NOTHING, ZEROS, UART_16550, UART_8250 };

static struct {
	enum kind kind;
	u8 interrupts, fifo, control, modem;
	u16 divisor;
	u32 busy; /* polls until the transmitter is empty */
	bool stuck;
	bool no_loop;	    /* as in v86, an emulator */
	u8 modem_stuck;	    /* the status is always this one */
	u32 polls, waiting; /* characters not yet sent */
	char sent[256];
	size_t count;
	u32 overruns, lost;
	const char *arrives; /* ends in NUL */
} model;

static void start(enum kind kind)
{
	memset(&model, 0, sizeof(model));
	model.kind = kind;
	model.arrives = "";
	model.divisor = 12;
	model.control = LINE_8N1;
}

static u8 line_status(void)
{
	model.polls++;
	if (model.stuck)
		return 0;
	if (model.busy && --model.busy)
		return 0;
	model.waiting = 0;
	return STATUS_CAN_SEND | STATUS_ALL_SENT | (*model.arrives ? STATUS_ARRIVED : 0);
}

static u8 modem_status(void)
{
	u8 out = model.modem;

	if (model.modem_stuck)
		return model.modem_stuck;
	if (!(out & MODEM_LOOP) || model.no_loop)
		return 0xb0;
	/* RTS, DTR, OUT1, OUT2 as CTS, DSR, RI, DCD. */
	return (u8)((out & 2) << 3 | (out & 1) << 5 | (out & 4) << 4 | (out & 8) << 4);
}

static u8 inb(u16 port)
{
	bool divisor = model.control & LINE_DIVISOR;

	if (model.kind == NOTHING || model.kind == ZEROS)
		return model.kind == NOTHING ? 0xff : 0;
	switch (port - PORT) {
	case UART_DATA:
		if (divisor)
			return (u8)model.divisor;
		return (u8)(*model.arrives ? *model.arrives++ : 0);
	case UART_INTERRUPT_ENABLE:
		return divisor ? (u8)(model.divisor >> 8) : model.interrupts;
	case UART_INTERRUPT_ID:
		return model.kind == UART_16550 && model.fifo & 1 ? 0xc1 : 0x01;
	case UART_LINE_CONTROL:
		return model.control;
	case UART_MODEM_CONTROL:
		return model.modem;
	case UART_LINE_STATUS:
		return line_status();
	case UART_MODEM_STATUS:
		return modem_status();
	default:
		return 0;
	}
}

static void send(u8 value)
{
	u32 room = model.kind == UART_16550 && model.fifo & 1 ? 16 : 1;

	if (model.waiting == room) {
		model.overruns++;
		return;
	}
	model.waiting++;
	model.busy = 5;
	model.sent[model.count++ % sizeof(model.sent)] = (char)value;
}

static void outb(u16 port, u8 value)
{
	bool divisor = model.control & LINE_DIVISOR;

	if (model.kind == NOTHING || model.kind == ZEROS)
		return;
	switch (port - PORT) {
	case UART_DATA:
		if (divisor)
			model.divisor = (u16)((model.divisor & 0xff00) | value);
		else
			send(value);
		break;
	case UART_INTERRUPT_ENABLE:
		if (divisor)
			model.divisor = (u16)((model.divisor & 0xff) | value << 8);
		else
			model.interrupts = value & 0xf;
		break;
	case UART_FIFO_CONTROL:
		model.lost += value & 4 ? model.waiting : 0;
		model.fifo = value;
		break;
	case UART_LINE_CONTROL:
		model.control = value;
		break;
	case UART_MODEM_CONTROL:
		model.lost += value & MODEM_LOOP ? model.waiting : 0;
		model.modem = value & 0x1f;
		break;
	default:
		break;
	}
}

static const struct uart uart = { .port = PORT, .base_baud = UART_BASE_BAUD };

static void probe(void)
{
	static const struct uart none;

	start(UART_16550);
	model.interrupts = 5;
	model.modem = MODEM_DTR_RTS;
	EXPECT(serial_probe(&uart));
	EXPECT(!model.interrupts && model.modem == MODEM_DTR_RTS && model.divisor == 12);
	EXPECT_EQ(model.count, 0);
	start(UART_8250);
	EXPECT(serial_probe(&uart));
	start(NOTHING);
	EXPECT(!serial_probe(&uart));
	start(ZEROS);
	EXPECT(!serial_probe(&uart));
	EXPECT(!serial_probe(&none));
	/* Either answer alone is chance. */
	for (u32 i = 0; i < 2; i++) {
		start(UART_16550);
		model.modem_stuck = i ? 0x90 : 0x60;
		EXPECT(!serial_probe(&uart));
	}
	/* A UART that never gets ready is still detected, and the wait for it ends. */
	start(UART_16550);
	model.stuck = true;
	EXPECT(serial_probe(&uart));
	EXPECT(model.polls <= POLL_LIMIT);
}

/* A UART that the user has named need not have a loop-back, but there must be something. */
static void named(void)
{
	static const struct uart none;
	struct serial line = { .there = false };

	start(UART_16550);
	model.no_loop = true;
	model.interrupts = 5;
	EXPECT(!serial_probe(&uart));
	EXPECT(serial_answers(&uart));
	EXPECT(!model.interrupts && !model.modem);
	serial_open(&line, &uart, 115200);
	serial_send(&line, "Q", 1);
	EXPECT(line.there && model.count == 1 && model.sent[0] == 'Q');
	start(NOTHING);
	EXPECT(!serial_answers(&uart));
	EXPECT(!serial_answers(&none));
}

/* The firmware's last characters are sent before the loop-back and before the FIFO is cleared. */
static void last_words(void)
{
	struct serial line = { .there = false };

	start(UART_16550);
	model.fifo = FIFO_ENABLE;
	for (int i = 0; i < 16; i++)
		outb(PORT, 'x');
	EXPECT(serial_probe(&uart));
	EXPECT_EQ(model.lost, 0);
	for (int i = 0; i < 16; i++)
		outb(PORT, 'x');
	serial_open(&line, &uart, 115200);
	EXPECT_EQ(model.lost, 0);
}

static void rates(void)
{
	struct serial line = { .there = false };
	struct uart fast = uart;

	start(UART_16550);
	EXPECT(serial_open(&line, &uart, 115200));
	EXPECT(line.there && line.depth == 16);
	EXPECT_EQ(model.divisor, 1);
	EXPECT_EQ(model.control, LINE_8N1);
	EXPECT_EQ(model.modem, MODEM_DTR_RTS);
	EXPECT(!serial_open(&line, &uart, 115200)); /* nothing new */
	EXPECT(serial_open(&line, &uart, 9600));
	EXPECT_EQ(model.divisor, 12);
	EXPECT(serial_open(&line, &uart, 300));
	EXPECT_EQ(model.divisor, 384);
	/* 0: the rate at the start. */
	EXPECT(serial_open(&line, &uart, 0));
	EXPECT_EQ(model.divisor, 12);
	EXPECT(!serial_open(&line, &uart, 9600));
	/* Outside the range of the divisor. */
	serial_open(&line, &uart, 4000000);
	EXPECT_EQ(model.divisor, 1);
	fast.base_baud = 0xfffffffu;
	serial_open(&line, &fast, 300);
	EXPECT_EQ(model.divisor, 0xffff);
	/* Not set up before. */
	start(UART_16550);
	model.divisor = 0;
	line = (struct serial){ .there = false };
	EXPECT(serial_open(&line, &uart, 0));
	EXPECT_EQ(model.divisor, 1);
}

/* A line after a time-out, or another UART: earlier output counts as lost. */
static void changes(void)
{
	struct serial line = { .there = false };
	struct uart other = uart;

	start(UART_16550);
	EXPECT(serial_open(&line, &uart, 115200));
	line.there = false;
	EXPECT(serial_open(&line, &uart, 115200));
	other.port = PORT + 1;
	EXPECT(!uart_same(&uart, &other));
	EXPECT(serial_open(&line, &other, 115200));
}

static void sending(void)
{
	struct serial line = { .there = false };
	char text[100];

	for (u32 i = 0; i < sizeof(text); i++)
		text[i] = (char)('!' + i % 64);
	for (enum kind kind = UART_16550; kind <= UART_8250; kind++) {
		start(kind);
		line = (struct serial){ .there = false };
		serial_open(&line, &uart, 115200);
		EXPECT_EQ(line.depth, kind == UART_16550 ? 16 : 1);
		serial_send(&line, text, sizeof(text));
		EXPECT_EQ(model.count, sizeof(text));
		EXPECT(!memcmp(model.sent, text, sizeof(text)));
		EXPECT_EQ(model.overruns, 0);
	}
	/* The UART stops sending: after some time-outs the driver waits no more. */
	model.stuck = true;
	for (u32 i = 0; i < TIMEOUTS_TO_GIVE_UP; i++) {
		EXPECT(line.there);
		serial_send(&line, text, 3);
	}
	EXPECT(!line.there);
	EXPECT_EQ(model.count, sizeof(text));
	model.polls = 0;
	serial_send(&line, text, 3);
	EXPECT_EQ(model.polls, 0);
}

/* Plain registers, but the status is always ready. */
static void in_memory(u8 stride, bool wide)
{
	u32 words[16], step = stride / 4;
	u8 *bytes = (u8 *)words;
	struct uart there = { .memory = 0xfe000000,
			      .registers = words,
			      .stride = stride,
			      .wide = wide,
			      .base_baud = 3 * UART_BASE_BAUD };
	struct serial line = { .there = false };

	memset(words, 0xa5, sizeof(words));
	/* The upper bits of a wide register are undefined. */
	bytes[UART_LINE_STATUS * stride] = STATUS_CAN_SEND | STATUS_ALL_SENT;
	serial_open(&line, &there, 115200);
	serial_send(&line, "Q", 1);
	EXPECT_EQ(bytes[UART_DATA * stride], 'Q');
	EXPECT_EQ(bytes[UART_INTERRUPT_ENABLE * stride], 0);
	EXPECT_EQ(bytes[UART_FIFO_CONTROL * stride], FIFO_ENABLE);
	EXPECT_EQ(bytes[UART_LINE_CONTROL * stride], LINE_8N1);
	EXPECT_EQ(bytes[UART_MODEM_CONTROL * stride], MODEM_DTR_RTS);
	EXPECT_EQ(line.divisor, 3);
	if (wide)
		EXPECT_EQ(words[UART_LINE_CONTROL * step], LINE_8N1);
	for (u32 i = 0; i < sizeof(words) && !wide; i++) {
		bool written = i % stride == 0 && i / stride <= UART_LINE_STATUS;

		EXPECT(written || bytes[i] == 0xa5);
	}
	EXPECT_EQ(bytes[UART_MODEM_STATUS * stride], 0xa5);
}

static void receiving(void)
{
	struct serial line = { 0 };
	char c;

	start(UART_16550);
	serial_open(&line, &uart, 115200);
	EXPECT(!serial_receive(&line, &c));
	model.arrives = "ab";
	EXPECT(serial_receive(&line, &c) && c == 'a');
	EXPECT(serial_receive(&line, &c) && c == 'b');
	EXPECT(!serial_receive(&line, &c));
	model.kind = NOTHING;
	EXPECT(!serial_receive(&line, &c));
}

static void memory_kinds(void)
{
	in_memory(1, false);
	in_memory(2, false);
	in_memory(4, false);
	in_memory(4, true);
}

TAP_MAIN({ "what is there and what is not", probe }, { "named by the user", named },
	 { "the firmware's last words", last_words }, { "rates", rates },
	 { "another line", changes }, { "sending", sending }, { "receiving", receiving },
	 { "registers in memory", memory_kinds })
