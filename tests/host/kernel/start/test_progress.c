/* SPDX-License-Identifier: MIT */
/*
 * Marks of the start: port 0x80 for each step; squares and the log's header up to the console,
 * lines of the log after it; and where crash=step-NAME stops.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#define KERNEL_CPU_IO_H /* the port is a variable */
#include "lib/types.h"
static void outb(u16 port, u8 value);

#include "kernel/cpu/cpu.h"
#include "tests/host/console.h"
#include "tests/host/efi/traps.h"
#include "tests/host/low_memory.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#include "kernel/start/progress.c"

#define WIDTH  128u
#define EDGE   (WIDTH / 64)
#define HEADER 0x5000u /* physical */
#define PIXELS (WIDTH * 4)

struct options options;

static struct boot_info info;
static u32 *pixels; /* below 4 GiB */
static u8 shown;
static const void *cleaned;
static jmp_buf halted;

static void outb(u16 port, u8 value)
{
	EXPECT_EQ(port, 0x80);
	shown = value;
}

void cache_clean(const volatile void *start, size_t bytes)
{
	EXPECT_EQ(bytes, sizeof(struct log_header));
	cleaned = (const void *)start;
}

static struct log_header *header(void)
{
	return phys_to_virt(HEADER);
}

static void on_halt(void)
{
	longjmp(halted, 1);
}

static void begin(void)
{
	if (!pixels)
		pixels = low_memory(0x20000000, PIXELS * 4);
	memset(pixels, 0x11, PIXELS * 4);
	memset(header(), 0x22, sizeof(struct log_header));
	info = (struct boot_info){
		.framebuffer = { .width = WIDTH,
				 .height = 4,
				 .stride = WIDTH,
				 .red_mask = 0xff0000,
				 .green_mask = 0xff00,
				 .blue_mask = 0xff,
				 .early = (u32)(uintptr_t)pixels },
		.log = { HEADER, 0x80000 },
	};
	cleaned = NULL;
	shown = 0;
	console_clear();
}

/* The colour of a step's square. */
static u32 square(u32 step)
{
	return pixels[(step - 1) * (EDGE + EDGE / 2)];
}

/* Steps that the log cannot show yet. */
static void early_steps(void)
{
	for (u32 step = STEP_ENTERED; step <= STEP_CONSOLE; step++) {
		begin();
		progress_mark((enum boot_step)step, &info);
		EXPECT_EQ(shown, step);
		EXPECT_TEXT(console_text(), "");
		EXPECT_EQ(square(1), 0xff0000);
		EXPECT_EQ(square(step), step == 9 ? 0xff00 : 0xffff00);
		EXPECT_EQ(square(step + 1), 0x11111111);
		EXPECT_EQ(log_step(header()), step);
		EXPECT(cleaned == header());
	}
}

static void no_screen_and_no_log(void)
{
	begin();
	info.log.size = 0;
	options.screen = SCREEN_OFF;
	progress_mark(STEP_CONSOLE, &info);
	EXPECT(square(1) == 0x11111111 && header()->step == 0x22222222 && !cleaned);
	begin();
	options.screen = SCREEN_PLAIN;
	info.framebuffer.early = 0; /* not mapped */
	progress_mark(STEP_CONSOLE, &info);
	EXPECT(square(1) == 0x11111111);
}

/* From then on they are lines. */
static void late_steps(void)
{
	begin();
	progress_mark(STEP_CPU, &info);
	EXPECT_TEXT(console_text(), "boot: step=11 name=cpu\n");
	EXPECT(square(1) == 0x11111111 && !cleaned);
	progress_mark(STEP_INIT, &info);
	EXPECT_EQ(shown, STEP_INIT);
	EXPECT_PANIC("step < STEP_ENTERED", progress_mark(STEP_JUMP, &info));
	EXPECT_PANIC("step >= NR_BOOT_STEPS", progress_mark(NR_BOOT_STEPS, &info));
}

static void row_becomes_black(void)
{
	begin();
	progress_mark(STEP_CONSOLE, &info);
	progress_end_squares(&info);
	for (u32 i = 0; i < EDGE * WIDTH; i++)
		if (!EXPECT_EQ(pixels[i], 0))
			return;
	EXPECT_EQ(pixels[EDGE * WIDTH], 0x11111111);
}

/* crash=step-NAME: that step is marked, and is the last. */
static void stops(void)
{
	static const struct {
		const char *option;
		enum boot_step step;
		bool stops;
	} cases[] = {
		{ "", STEP_MEMORY, false },
		{ "step-memory", STEP_MEMORY, true },
		{ "step-memory", STEP_ACPI, false },
		{ "step-entered", STEP_ENTERED, true },
		{ "stop-memory", STEP_MEMORY, false },
		{ "memory", STEP_MEMORY, false },
	};

	traps.halt = on_halt;
	traps_start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		volatile bool stopped = true;

		begin();
		traps.clis = 0;
		strcpy(options.crash, cases[i].option);
		if (!setjmp(halted)) {
			progress_mark(cases[i].step, &info);
			stopped = false;
		}
		tap_check(stopped == cases[i].stops, __FILE__, __LINE__, "case %u", i);
		EXPECT_EQ(traps.clis, cases[i].stops);
		EXPECT_EQ(shown, cases[i].step);
	}
}

TAP_MAIN({ "squares and the log's header", early_steps },
	 { "neither screen nor log", no_screen_and_no_log }, { "lines", late_steps },
	 { "the squares go", row_becomes_black }, { "crash=step-NAME", stops })
