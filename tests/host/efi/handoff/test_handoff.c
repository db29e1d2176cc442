/* SPDX-License-Identifier: MIT */
/*
 * The jump to the kernel: the data and the rights of the trampoline, and what it finds when it is
 * entered. The trampoline is a jump to the test. And the steps that are shown after the firmware.
 *
 * sources: efi/handoff/boot_directory.c efi/handoff/steps.c efi/memory.c efi/console.c
 * sources: efi/kernel_image.c efi/options.c lib/crc32.c
 */
#include <cpuid.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/efi/firmware.h"

static int cpuid_of_model(unsigned int leaf, unsigned int *a, unsigned int *b, unsigned int *c,
			  unsigned int *d);
#define __get_cpuid cpuid_of_model
#include "efi/handoff/handoff.c"
#undef __get_cpuid

#include "abi/boot/log_region.h"
#include "efi/handoff/steps.h"
#include "tests/host/efi/small_kernel.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

/* In place of efi/handoff/handoff_ARCH.S: a jump to entered(), with its argument. */
void entered(struct handoff *handoff);
#ifdef __x86_64__
__asm__(".pushsection .data\n .globl handoff_start, handoff_end\n"
	".hidden handoff_start, handoff_end\n"
	"handoff_start: .byte 0x48, 0xb8\n .quad entered\n .byte 0xff, 0xe0\n handoff_end:\n"
	".popsection\n");
#else
__asm__(".pushsection .data\n .globl handoff_start, handoff_end\n"
	".hidden handoff_start, handoff_end\n"
	"handoff_start: .byte 0xb8\n .long entered\n .byte 0xff, 0xe0\n handoff_end:\n"
	".popsection\n");
#endif

static u32 features;
static bool no_leaf;

static int cpuid_of_model(unsigned int leaf, unsigned int *a, unsigned int *b, unsigned int *c,
			  unsigned int *d)
{
	EXPECT_EQ(leaf, 1);
	*a = *b = *c = 0;
	if (no_leaf)
		return 0;
	*d = features;
	return 1;
}

/* ---- The processor ---- */

static void processor(void)
{
	firmware_start();
	features = 1u << CPU_PSE | 1u << CPU_CMOV;
	EXPECT(processor_has(CPU_PSE) && processor_has(CPU_CMOV) && !processor_has(CPU_PAE));
	EXPECT_EQ(check_processor(), EFI_SUCCESS);
	EXPECT_TEXT(take_told(), "");
	features = ~(1u << CPU_PSE);
	EXPECT_EQ(check_processor(), EFI_UNSUPPORTED);
	EXPECT_TEXT(take_told(), "loader: error: the processor has no 4 MiB pages (PSE)\n");
	features = ~(1u << CPU_CMOV);
	EXPECT_EQ(check_processor(), EFI_UNSUPPORTED);
	EXPECT(has_told("loader: error: the processor has no CMOV"));
	no_leaf = true;
	EXPECT(!processor_has(CPU_FPU));
}

/* ---- The trampoline ---- */

static struct boot_framebuffer framebuffer;
static struct handoff *handoff;

static void prepared(void)
{
	firmware_start();
	tap_finally(firmware_clean);
	firmware_have_attributes(true);
	features = ~(1u << CPU_PSE36);
	framebuffer = (struct boot_framebuffer){ .base = 0x500000000, .height = 1, .stride = 1 };
	EXPECT_EQ(prepare_handoff(&framebuffer, &handoff), EFI_SUCCESS);
	EXPECT((uintptr_t)handoff < BOOT_ADDRESS_LIMIT && !((uintptr_t)handoff & 4095));
	EXPECT_EQ(framebuffer.early, 0); /* above 4 GiB, and no PSE36 */
	EXPECT_EQ(firmware_pages(), 3);
	EXPECT(firmware_type(trampoline) == EfiLoaderCode &&
	       firmware_type(handoff) == EfiLoaderData);
	EXPECT(!memcmp(trampoline, handoff_start, (size_t)(handoff_end - handoff_start)));
	EXPECT_EQ(firmware_calls[CALL_ATTRIBUTES], 2);
	memory_free_all();
	features = ~0u;
	EXPECT_EQ(prepare_handoff(&framebuffer, &handoff), EFI_SUCCESS);
	EXPECT(framebuffer.early);
	memory_free_all();
	EXPECT_TEXT(told, "");
}

static void refused(void)
{
	static const char *const line[] = {
		"loader: error: no memory for the trampoline (4 KiB below 896 MiB)\n",
		"loader: error: no memory for the boot page directory (8 KiB below 896 MiB)\n",
	};

	firmware_start();
	tap_finally(firmware_clean);
	firmware_have_attributes(true);
	for (u32 i = 0; i < 2; i++) {
		firmware_refuse(CALL_PAGES, i, EFI_OUT_OF_RESOURCES);
		EXPECT_EQ(prepare_handoff(&framebuffer, &handoff), EFI_OUT_OF_RESOURCES);
		EXPECT_TEXT(take_told(), line[i]);
		memory_free_all();
	}
	firmware_refuse(CALL_ATTRIBUTES, 0, EFI_ACCESS_DENIED);
	EXPECT_EQ(prepare_handoff(&framebuffer, &handoff), EFI_ACCESS_DENIED);
	EXPECT_TEXT(take_told(),
		    "loader: error: the trampoline cannot be made executable: Access Denied\n");
	memory_free_all();
}

static jmp_buf back;
static struct handoff *seen;

void entered(struct handoff *given)
{
	seen = given;
	longjmp(back, 1);
}

#define PLACE MiB(3)

/* The small kernel of 640 bytes is loaded, and linked at KERNEL_LINK_ADDRESS. */
static void started(void)
{
	static struct loader loader;
	static u8 *file, *staged;
	const u32 delta = PLACE - KERNEL_HOME;

	firmware_start();
	tap_finally(firmware_clean);
	features = ~0u;
	file = image_sound_file();
	EXPECT(!kernel_image_check(&loader.kernel, file, FILE_SIZE));
	staged = memory_alloc(MEMORY_LOW, EfiLoaderData, loader.kernel.loaded, "x");
	kernel_image_load(&loader.kernel, staged);
	loader.staging = staged;
	loader.info = memory_alloc(MEMORY_LOW, EfiLoaderData, sizeof(*loader.info), "x");
	loader.info->kernel.start = PLACE;
	EXPECT_EQ(prepare_handoff(&framebuffer, &loader.handoff), EFI_SUCCESS);
	if (!setjmp(back))
		start_kernel(&loader);
	EXPECT(seen == loader.handoff);
	EXPECT_EQ(seen->stack, (uintptr_t)seen + 4096);
	EXPECT_EQ(seen->page_directory, (uintptr_t)seen + 4096);
	EXPECT(seen->staged == (uintptr_t)staged && seen->staged_words == FILE_SIZE / 4);
	EXPECT_EQ(seen->place, PLACE);
	EXPECT_EQ(seen->bss_words, (loader.kernel.size - FILE_SIZE) / 4);
	EXPECT_EQ(seen->entry, KERNEL_LINK_ADDRESS + TEXT + 4 + delta);
	EXPECT_EQ(seen->boot_info, (uintptr_t)loader.info);
	EXPECT_EQ(seen->gdt_limit, 23);
	EXPECT(seen->gdt_base[0] == (u32)(uintptr_t)seen->gdt && !seen->gdt_base[1]);
	EXPECT(!seen->idt_limit && !seen->idt_base[0]);
	EXPECT(!seen->gdt[0] && seen->gdt[1] == GDT_CODE && seen->gdt[2] == GDT_DATA);
	/* Relocated: the word at TEXT + 8 points to the data. */
	EXPECT_EQ(image_get32(staged, TEXT + 8), KERNEL_LINK_ADDRESS + DATA + delta);
	memory_free_all();
	free(file);
}

/* ---- The steps ---- */

static u32 pixels[64 * 4] __aligned(4096);
static struct boot_info info;
static u32 codes[4], code_count;

static void note_code(u16 port, u32 bytes, u32 value)
{
	EXPECT(port == 0x80 && bytes == 1);
	codes[code_count++ % 4] = value;
}

static void halted(void)
{
	longjmp(back, 1);
}

static void begin(const char *options)
{
	static struct log_header header;

	traps_start();
	traps.out = note_code;
	traps.halt = halted;
	memset(pixels, 0x11, sizeof(pixels));
	info.framebuffer = (struct boot_framebuffer){ .base = (uintptr_t)pixels,
						      .width = 64,
						      .height = 2,
						      .stride = 64,
						      .red_mask = 0xff0000,
						      .early = 1 };
	header = (struct log_header){ .magic = LOG_MAGIC };
	info.log.start = (uintptr_t)&header;
	steps_begin(options, &info);
}

static const struct log_header *log_header(void)
{
	return (const struct log_header *)(uintptr_t)info.log.start;
}

static void steps_are_told(void)
{
	begin("");
	EXPECT_EQ(code_count, 0);
	step_tell(STEP_LEFT);
	EXPECT(code_count == 1 && codes[0] == STEP_LEFT);
	EXPECT(pixels[0] == 0xff0000 && pixels[1] == 0 && pixels[64] == 0x11111111);
	EXPECT_EQ(log_step(log_header()), STEP_LEFT);
	EXPECT_EQ(traps.wbinvds, 1);
	step_tell(STEP_USB);
	EXPECT(code_count == 2 && codes[1] == STEP_USB && log_step(log_header()) == STEP_USB);
	/* Without a log, and with a screen that cannot be drawn to. */
	info.log.start = 0;
	info.framebuffer.early = 0;
	memset(pixels, 0x11, sizeof(pixels));
	step_tell(STEP_JUMP);
	EXPECT(code_count == 3 && traps.wbinvds == 2 && pixels[0] == 0x11111111);
	info.framebuffer.early = 1;
	if (sizeof(void *) == 4) /* 32-bit firmware does not reach it */
		info.framebuffer.base += 0x100000000;
	step_tell(STEP_JUMP);
	EXPECT((pixels[0] == 0x11111111) == (sizeof(void *) == 4));
	EXPECT_EQ(traps.clis, 0);
}

static void screen_is_off(void)
{
	begin("screen=off");
	step_tell(STEP_LEFT);
	EXPECT(pixels[0] == 0x11111111 && code_count == 1);
	begin("screen=on");
	step_tell(STEP_LEFT);
	EXPECT(pixels[0] == 0xff0000);
}

/* crash=step-NAME: it stops there, with the mark of that step. */
static void stops_at_a_step(void)
{
	begin("crash=step-usb");
	step_tell(STEP_PROCESSORS);
	EXPECT_EQ(traps.clis, 0);
	if (!setjmp(back)) {
		step_tell(STEP_USB);
		EXPECT(!"it went on");
	}
	EXPECT(traps.clis == 1 && log_step(log_header()) == STEP_USB);
	EXPECT_EQ(codes[1], STEP_USB);
}

/* The last step has a name too. */
static void stops_at_the_last(void)
{
	begin("crash=step-init");
	if (!setjmp(back)) {
		step_tell(STEP_INIT);
		EXPECT(!"it went on");
	}
	EXPECT_EQ(traps.clis, 1);
}

TAP_MAIN({ "the processor's features", processor }, { "the trampoline", prepared },
	 { "firmware that refuses", refused }, { "the kernel is started", started },
	 { "steps", steps_are_told }, { "screen=off", screen_is_off },
	 { "a step that hangs", stops_at_a_step }, { "the last step", stops_at_the_last })
