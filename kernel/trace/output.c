/* SPDX-License-Identifier: MIT */
/*
 * The outputs of a trace.
 *
 * A line gets the description as text, an empty line, and then each record in as few bytes as
 * possible, because a serial line is slow:
 *
 *     | bytes that follow | event | time since the last record | pid | tid | its words ... |
 *
 * The first is one byte; the others are in groups of seven bits, the lowest first, with bit 7 set
 * in all but the last (LEB128). tools/modules/trace_format.py reads it.
 *
 * QEMU's debug console is port 0xe9; it reads as 0xe9 if it is there (QEMU docs, isa-debugcon).
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/io.h"
#include "kernel/devices/serial.h"
#include "kernel/trace/describe.h"
#include "kernel/trace/trace.h"
#include "lib/printk.h"
#include "lib/string.h"

#define DEBUGCON_PORT 0xe9

/* A record in groups of seven bits: the time has ten, a word has five. */
#define PACKED_BYTES (1 + 3 + 10 + 3 + 3 + 5 * TRACE_VALUES)

/* image/kernel.lds */
extern char _text[];

static struct serial line;
static u64 last_time;

static void debugcon_send(const char *bytes, size_t count)
{
	__asm__ volatile("rep outsb" : "+S"(bytes), "+c"(count) : "d"(DEBUGCON_PORT) : "memory");
}

static void serial_line_send(const char *bytes, size_t count)
{
	serial_send(&line, bytes, count);
}

static void (*send)(const char *bytes, size_t count);

static u8 *pack(u8 *to, u64 value)
{
	for (; value >= 0x80; value >>= 7)
		*to++ = (u8)(value | 0x80);
	*to++ = (u8)value;
	return to;
}

static void send_record(const struct trace_record *record)
{
	u8 bytes[PACKED_BYTES], *to = bytes + 1;

	to = pack(to, record->event);
	to = pack(to, record->time - last_time);
	to = pack(to, record->pid);
	to = pack(to, record->tid);
	for (u32 i = 0; i < record->count; i++)
		to = pack(to, record->values[i]);
	bytes[0] = (u8)(to - bytes - 1);
	last_time = record->time;
	send((const char *)bytes, (size_t)(to - bytes));
}

static void log_record(const struct trace_record *record)
{
	char text[TRACE_LINE];

	trace_format(record, text, sizeof(text));
	printk("%s\n", text);
}

static void send_description(void)
{
	char text[TRACE_LINE];
	u32 length;

	for (u32 i = 0; (length = trace_describe(i, _text, text, sizeof(text))); i++) {
		send(text, length);
		send("\n", 1);
	}
	send("\n", 1);
}

static bool open_line(const struct trace_options *options)
{
	struct uart uart = uart_at_port(options->line.port);

	if (options->output == TRACE_OUT_DEBUGCON) {
		send = debugcon_send;
		return inb(DEBUGCON_PORT) == DEBUGCON_PORT;
	}
	send = serial_line_send;
	if (!serial_answers(&uart))
		return false;
	serial_open(&line, &uart, options->line.baud);
	return true;
}

void trace_output_open(const struct trace_options *options)
{
	trace_books_every = options->books;
	if (!options->on || options->output == TRACE_OUT_NONE)
		return;
	if (options->output == TRACE_OUT_LOG) {
		trace_sink = log_record;
		return;
	}
	if (!open_line(options)) {
		printk("trace: absent: no device for trace_out=, /proc/trace has what the ring "
		       "holds\n");
		return;
	}
	send_description();
	trace_sink = send_record;
}

static void dump_newest(u32 count)
{
	u32 position = trace_newest(count);
	struct trace_record record;

	while (trace_read(&position, &record))
		log_record(&record);
}

void trace_end(const struct trace_options *options)
{
	trace_stop(true);
	if (options->dump_at_end)
		dump_newest(options->dump);
	for (u32 i = 0; i < TRACE_EVENTS; i++)
		if (trace_hits[i])
			printk("trace: event=%s hits=%u\n", trace_events[i].name, trace_hits[i]);
	printk("trace: recorded=%llu overwritten=%llu bytes=%u\n", trace_stat.recorded,
	       trace_stat.overwritten, trace_stat.bytes);
}

void trace_panic(const struct trace_options *options)
{
	if (!trace_stat.bytes || trace_stat.stopped)
		return;
	trace_stop(true);
	dump_newest(options->dump);
}

u64 trace_clock(void)
{
	return read_tsc();
}
