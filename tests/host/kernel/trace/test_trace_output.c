/* SPDX-License-Identifier: MIT */
/*
 * The outputs of a trace: the stream on a serial line, decoded again; lines of the log, at the end
 * and in a panic; /proc/trace and /proc/trace_events.
 *
 * sources: kernel/trace/describe.c kernel/trace/proc.c
 */
#include "lib/types.h"

#define KERNEL_CPU_IO_H /* no ports on the host */
static u8 inb(u16 port);

#include "kernel/trace/output.c"

#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/trace_events.h"
#include "mm/user_space/mm.h"
#include "tests/host/console.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define WORDS 16384u

char _text[1];
u32 trace_books_every;

static u32 words[WORDS];
static char stream[65536];
static u32 sent;
static u64 clock;
static bool answers;
static u32 line_baud;

static u8 inb(u16 port)
{
	EXPECT_EQ(port, 0xe9);
	return 0xff; /* no debug console */
}

u64 read_tsc(void)
{
	return clock;
}

u32 trace_task(void)
{
	return 300 << 16 | 5;
}

struct uart uart_at_port(u16 port)
{
	return (struct uart){ .port = port };
}

bool serial_answers(const struct uart *uart)
{
	EXPECT_EQ(uart->port, 0x2f8);
	return answers;
}

bool serial_open(struct serial *to, const struct uart *uart, u32 baud)
{
	EXPECT(to == &line && uart->port == 0x2f8);
	line_baud = baud;
	return true;
}

void serial_send(struct serial *to, const char *text_, size_t count)
{
	EXPECT(to == &line && sent + count <= sizeof(stream));
	memcpy(stream + sent, text_, count);
	sent += (u32)count;
}

static struct trace_options options(enum trace_output output)
{
	return (struct trace_options){ .on = true,
				       .output = output,
				       .line = { .port = 0x2f8, .baud = 9600 },
				       .dump = 2,
				       .books = 7 };
}

static void open_output(struct trace_options chosen)
{
	console_clear();
	trace_ring_init(words, WORDS);
	trace_output_open(&chosen);
}

static void add(u32 pfn)
{
	trace_record(TRACE_mm_page_free, pfn, 1);
}

/* ---- The stream ---- */

/* One number of the stream: groups of seven bits, the lowest first. */
static u64 take(u32 *at)
{
	u64 value = 0;
	u32 shift = 0;

	do
		value |= (u64)(stream[*at] & 0x7f) << shift;
	while (shift += 7, stream[(*at)++] & 0x80);
	return value;
}

static void serial_stream(void)
{
	static const u64 times[] = { 0x7f, 0x80, 0x123456789abcdefull, ~0ull };
	static const u32 values[] = { 0, 127, 128, 0xffffffff };
	char described[TRACE_LINE];
	u32 at = 0, length;
	u64 before = 0;

	answers = true;
	open_output(options(TRACE_OUT_SERIAL));
	EXPECT(line_baud == 9600 && trace_books_every == 7);
	EXPECT_TEXT(console_text(), "");
	/* The description, and an empty line. */
	for (u32 i = 0; (length = trace_describe(i, _text, described, sizeof(described))); i++) {
		EXPECT(!memcmp(stream + at, described, length) && stream[at + length] == '\n');
		at += length + 1;
	}
	EXPECT(stream[at++] == '\n' && sent == at);
	for (u32 i = 0; i < ARRAY_SIZE(times); i++) {
		u32 bytes, begin;

		clock = times[i];
		trace_record(TRACE_mm_page_free, values[i], 300);
		bytes = (u8)stream[at++];
		begin = at;
		EXPECT_EQ(take(&at), TRACE_mm_page_free);
		EXPECT(take(&at) == times[i] - before);
		before = times[i];
		EXPECT_EQ(take(&at), 300);
		EXPECT_EQ(take(&at), 5);
		EXPECT_EQ(take(&at), values[i]);
		EXPECT_EQ(take(&at), 300);
		EXPECT(at - begin == bytes && at == sent);
	}
}

/* ---- No stream ---- */

static void other_outputs(void)
{
	struct trace_options chosen = options(TRACE_OUT_NONE);

	open_output(chosen);
	EXPECT(!trace_sink && trace_books_every == 7);
	chosen.output = TRACE_OUT_SERIAL;
	chosen.on = false;
	trace_output_open(&chosen);
	EXPECT(!trace_sink && !sent);
	/* A device that is absent is told. */
	chosen.on = true;
	trace_output_open(&chosen);
	EXPECT(!trace_sink && !sent && !line_baud);
	EXPECT_TEXT(console_text(), "trace: absent: no device for trace_out=, /proc/trace has what "
				    "the ring holds\n");
	console_clear();
	chosen.output = TRACE_OUT_DEBUGCON;
	trace_output_open(&chosen);
	EXPECT(!trace_sink && strstr(console_text(), "trace: absent"));
}

static void to_the_log(void)
{
	open_output(options(TRACE_OUT_LOG));
	clock = 11;
	add(42);
	EXPECT_TEXT(console_text(), "trace: tsc=11 pid=300 tid=5 event=mm_page_free pfn=0x2a "
				    "order=1\n");
}

/* ---- The end ---- */

static void end(void)
{
	struct trace_options chosen = options(TRACE_OUT_NONE);

	open_output(chosen);
	for (u32 i = 0; i < 4; i++)
		add(i);
	trace_record(TRACE_clock, 5);
	console_clear();
	trace_end(&chosen);
	EXPECT(!strstr(console_text(), "tsc="));
	EXPECT(strstr(console_text(), "trace: event=mm_page_free hits=4\n"));
	EXPECT(strstr(console_text(), "trace: event=clock hits=1\n"));
	EXPECT(!strstr(console_text(), "hits=0"));
	EXPECT(strstr(console_text(), "trace: recorded=5 overwritten=0 bytes=65536\n"));
	add(9); /* not recorded any more */
	EXPECT_EQ(trace_stat.recorded, 5);
	console_clear();
	chosen.dump_at_end = true;
	trace_end(&chosen);
	EXPECT(!strncmp(console_text(), "trace: tsc=0 pid=300 tid=5 event=mm_page_free pfn=0x3 ",
			50));
	EXPECT(strstr(console_text(), "\ntrace: tsc=0 pid=300 tid=5 event=clock "));
	EXPECT(!strstr(console_text(), "pfn=0x2 "));
}

/* The newest records, once; nothing after a run that has ended, or without a ring. */
static void in_a_panic(void)
{
	struct trace_options chosen = options(TRACE_OUT_NONE);

	trace_panic(&chosen);
	EXPECT_TEXT(console_text(), "");
	open_output(chosen);
	for (u32 i = 0; i < 4; i++)
		add(i);
	trace_panic(&chosen);
	EXPECT_TEXT(console_text(),
		    "trace: tsc=0 pid=300 tid=5 event=mm_page_free pfn=0x2 order=1\n"
		    "trace: tsc=0 pid=300 tid=5 event=mm_page_free pfn=0x3 order=1\n");
	EXPECT(trace_stat.stopped);
	console_clear();
	trace_panic(&chosen);
	EXPECT_TEXT(console_text(), "");
}

/* ---- /proc ---- */

static void boot(void)
{
	proc_boot();
	mm_put(proc_mm);
	proc_mm = NULL;
	trace_proc_init();
	machine_settle();
}

static void records_in_proc(void)
{
	static char wanted[65536];
	u32 length = 0;

	boot();
	EXPECT_EQ(read_file("/proc/trace", 4096), 0); /* no ring */
	trace_ring_init(words, WORDS);
	EXPECT_EQ(read_file("/proc/trace", 4096), 0); /* no records */
	for (u32 i = 0; i < 300; i++) {
		clock = i;
		add(i);
		length += (u32)sprintf(wanted + length,
				       "trace: tsc=%u pid=300 tid=5 event=mm_page_free pfn=0x%x "
				       "order=1\n",
				       i, i);
	}
	EXPECT_EQ(read_file("/proc/trace", 4096), length);
	EXPECT(!strcmp(text, wanted));
	EXPECT_EQ(read_file("/proc/trace", 333), length);
	EXPECT(!strcmp(text, wanted));
	EXPECT_EQ(write_to("/proc/trace", "0"), 1);
	EXPECT(trace_stat.stopped);
	EXPECT_EQ(write_to("/proc/trace", "1\n"), 2);
	EXPECT(!trace_stat.stopped);
	EXPECT_EQ(write_to("/proc/trace", "2"), -EINVAL);
	EXPECT_EQ(write_to("/proc/trace", "-1"), -EINVAL);
	EXPECT_EQ(write_to("/proc/trace", "x"), -EINVAL);
	EXPECT(!trace_stat.stopped);
}

/* What is recorded while the file is read is not in it: it would never end. */
static void records_meanwhile(void)
{
	struct file *file;
	u32 length = 0, lines = 0;
	s32 got;

	boot();
	trace_ring_init(words, WORDS);
	for (u32 i = 0; i < 100; i++)
		add(i);
	file = open_file("/proc/trace");
	while ((got = read_at(file, text + length, 100, length)) > 0) {
		length += (u32)got;
		add(1000);
	}
	file_put(file);
	text[length] = '\0';
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	EXPECT_EQ(lines, 100);
	EXPECT(!strstr(text, "pfn=0x3e8"));
}

static void events_in_proc(void)
{
	char described[TRACE_LINE];
	const char *at = text;

	boot();
	trace_ring_init(words, WORDS);
	add(1);
	add(2);
	read_file("/proc/trace_events", 100);
	for (u32 i = 0; trace_describe(i, _text, described, sizeof(described)); i++) {
		size_t length = strlen(described);

		EXPECT(!strncmp(at, described, length));
		at += length;
		if (i >= TRACE_DESCRIPTION_HEAD)
			at += strlen(i - TRACE_DESCRIPTION_HEAD == TRACE_mm_page_free ? " hits=2"
										      : " hits=0");
		EXPECT_EQ(*at++, '\n');
	}
	EXPECT_EQ(*at, '\0');
	EXPECT(strstr(text, "event=mm_page_free ") &&
	       strstr(strstr(text, "event=mm_page_free "), " hits=2\n"));
}

TAP_MAIN({ "the stream on a serial line", serial_stream }, { "no stream", other_outputs },
	 { "to the log", to_the_log }, { "the end", end }, { "in a panic", in_a_panic },
	 { "records in /proc", records_in_proc },
	 { "records that come meanwhile", records_meanwhile },
	 { "events in /proc", events_in_proc })
