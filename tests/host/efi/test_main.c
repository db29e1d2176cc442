/* SPDX-License-Identifier: MIT */
/*
 * The whole loader, from its entry to the first instruction of the kernel: what the kernel gets,
 * and that a loader which fails at any call frees everything and leaves no trace.
 *
 * sources: efi/main.c efi/acpi.c efi/archive.c efi/console.c efi/displays.c efi/graphics.c
 * sources: efi/inputs.c efi/kernel_image.c efi/machine_parts.c efi/memory.c efi/options.c
 * sources: efi/programs_folder.c efi/variables.c efi/volume.c efi/describe/describe.c
 * sources: efi/describe/describe_acpi.c efi/describe/describe_file.c
 * sources: efi/describe/describe_processor.c efi/describe/describe_smbios.c
 * sources: efi/handoff/boot_directory.c efi/handoff/exit_boot_services.c
 * sources: efi/handoff/memory_map.c efi/handoff/steps.c efi/last_run/log.c
 * sources: efi/last_run/log_reader.c efi/last_run/run_marker.c efi/last_run/run_marker_text.c
 * sources: efi/quiesce/clock.c efi/quiesce/processors.c efi/quiesce/quiesce.c
 * sources: efi/quiesce/quiesce_rules.c efi/quiesce/usb.c efi/quiesce/usb_handoff.c
 * sources: kernel/devices/pci.c lib/crc32.c
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/efi/firmware.h"

static int cpuid_of_model(unsigned int leaf, unsigned int *a, unsigned int *b, unsigned int *c,
			  unsigned int *d);
#define __get_cpuid cpuid_of_model
#include "efi/handoff/handoff.c"
#undef __get_cpuid

#include "abi/boot/boot_step.h"
#include "abi/boot/log_region.h"
#include "tests/host/efi/embedded.h"
#include "tests/host/efi/small_kernel.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

/* In place of handoff_ARCH.S: a jump to entered(). */
void entered(struct handoff *handoff);
__asm__(".pushsection .data\n"
	".globl handoff_start, handoff_end\n"
	".hidden handoff_start, handoff_end\n"
#ifdef __x86_64__
	"handoff_start: .byte 0x48, 0xb8\n .quad entered\n .byte 0xff, 0xe0\n handoff_end:\n"
#else
	"handoff_start: .byte 0xb8\n .long entered\n .byte 0xff, 0xe0\n handoff_end:\n"
#endif
	".popsection\n");

#ifdef __x86_64__
#define BITS "64"
#else
#define BITS "32"
#endif

static u32 features = ~0u & ~(1u << CPU_MSR);

static int cpuid_of_model(unsigned int leaf, unsigned int *a, unsigned int *b, unsigned int *c,
			  unsigned int *d)
{
	*a = *b = *c = leaf;
	*d = features;
	return 1;
}

/* ---- The machine: one screen, no PCI ---- */

#define PIXELS ((u32 *)(uintptr_t)0x1f900000)
#define WIDTH  128u
#define HEIGHT 4u

static u32 codes[16], code_count; /* at port 0x80 */

static void write_port(u16 port, u32 bytes, u32 value)
{
	(void)bytes;
	if (port == 0x80)
		codes[code_count++ % 16] = value;
}

static void have_screen(void)
{
	static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION mode_info = {
		.HorizontalResolution = WIDTH,
		.VerticalResolution = HEIGHT,
		.PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
		.PixelsPerScanLine = WIDTH,
	};
	static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = { &mode_info, 0x1f900000, 4096 };
	static EFI_GRAPHICS_OUTPUT_PROTOCOL screen = { &mode };

	firmware_install(&screen, 0x9042a9de, &screen);
	mmap(PIXELS, 4096, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	memset(PIXELS, 0x55, 4096);
}

static void start(void)
{
	u8 *file = image_sound_file();

	firmware_start();
	traps_start();
	traps.out = write_port;
	memcpy(embedded_kernel, file, FILE_SIZE);
	free(file);
	have_screen();
	volume_have_text("\\pagewright\\pagewright.txt", "mem=8M");
}

/* The output so far is printed once. */
static pid_t fork_flushed(void)
{
	fflush(stdout);
	return fork();
}

static jmp_buf back;
static struct handoff *seen;

void entered(struct handoff *given)
{
	seen = given;
	longjmp(back, 1);
}

/* Runs the loader. EFI_SUCCESS: the kernel was entered. */
static EFI_STATUS run(void)
{
	static EFI_STATUS status;

	status = EFI_SUCCESS;
	seen = NULL;
	if (!setjmp(back)) {
		status = efi_main(firmware_image, &system_table);
		EXPECT(EFI_ERROR(status) && !seen);
	}
	return status;
}

static const struct boot_info *info_seen(void)
{
	return (const struct boot_info *)(uintptr_t)seen->boot_info;
}

/* The loader has failed: everything is as before, and the firmware goes on. */
static void check_undone(void)
{
	firmware_clean();
	EXPECT(!volume_has("\\pagewright\\LOGS\\STARTED.TXT"));
	EXPECT(!firmware_left);
}

/* ---- A kernel is entered ---- */

static void enters(void)
{
	const struct boot_info *info;

	start();
	EXPECT_EQ(run(), EFI_SUCCESS);
	info = info_seen();
	EXPECT(firmware_left && volume_open_files == 0);
	EXPECT_EQ(firmware_watchdog, 0);
	EXPECT_EQ(firmware_stalled, 1000); /* the clock was measured */
	EXPECT(info->magic == BOOT_INFO_MAGIC && info->version == BOOT_INFO_VERSION);
	EXPECT(info->size == sizeof(*info) && info->loader_tsc != 0);
	EXPECT_TEXT(info->options, "mem=8M");
	EXPECT_TEXT(info->firmware_vendor, "Model");
	EXPECT(info->kernel.start == KERNEL_HOME && info->kernel.size == 12288);
	EXPECT(info->initramfs.size == 15 && info->initramfs.start < BOOT_ADDRESS_LIMIT);
	EXPECT(info->memory_map_count > 5 && info->memory_map < BOOT_ADDRESS_LIMIT);
	EXPECT(info->log.start == MiB(64) && info->log.size == LOG_REGION_SIZE);
	EXPECT(info->framebuffer.width == WIDTH && info->framebuffer.early);
	EXPECT_EQ(info->acpi_rsdp, 0);
	EXPECT_EQ(seen->place, KERNEL_HOME);
	EXPECT(volume_has("\\pagewright\\LOGS\\STARTED.TXT"));
	EXPECT(volume_has("\\pagewright\\LOGS\\PRE0001.TXT"));
	/* A page for the other processors, where real mode reaches it. */
	EXPECT_EQ(firmware_type((void *)(uintptr_t)(FIRMWARE_LOW_END - 4096)),
		  EfiReservedMemoryType);
	EXPECT_TEXT(take_told(),
		    "(clear)loader: Pagewright, " BITS "-bit UEFI 2.7, Model 0x10\n"
		    "loader: options: 6 characters from \\pagewright\\pagewright.txt\n"
		    "loader: options: 0 characters from load options\n"
		    "loader: kernel: embedded kernel, 12 KiB in memory, 3 relocations\n"
		    "loader: initramfs: embedded initramfs, 0 KiB\n"
		    "loader: display: gop=0 128x4 stride=128 bgr base=0x1f900000 chosen\n"
		    "loader: framebuffer: gop=0\n"
		    "loader: acpi: none\n"
		    "loader: log: \\pagewright\\LOGS\\PRE0001.TXT: what machine this is\n"
		    "loader: if the next line stays for 30 s, photograph the screen\n"
		    "loader: leaving the firmware; the log goes on here\n");
}

/* From the firmware's last call on: interrupts off, each step at port 0x80, a black screen. */
static void after_the_firmware(void)
{
	start();
	EXPECT_EQ(run(), EFI_SUCCESS);
	EXPECT_EQ(traps.clis, 1);
	EXPECT_EQ(code_count, STEP_JUMP);
	for (u32 i = 0; i < STEP_JUMP; i++)
		EXPECT_EQ(codes[i], STEP_LEFT + i);
	/* Black, and the squares of the steps above: the last one was drawn after that. */
	EXPECT_EQ(PIXELS[WIDTH * (HEIGHT - 1)], 0);
	EXPECT(PIXELS[0] != 0 && PIXELS[3 * 7] != 0);
	EXPECT_EQ(log_step((void *)(uintptr_t)MiB(64)), STEP_JUMP);
}

static void screen_off(void)
{
	start();
	volume_have_text("\\pagewright\\pagewright.txt", "screen=off");
	EXPECT_EQ(run(), EFI_SUCCESS);
	EXPECT(has_told("loader: leaving the firmware; the log goes on over serial\n"));
	EXPECT_EQ(PIXELS[0], 0);
}

static void programs_without_archive(void)
{
	start();
	volume_have_text("\\pagewright\\programs\\x", "y");
	EXPECT_EQ(run(), EFI_LOAD_ERROR); /* the embedded initramfs has no end */
	EXPECT(has_told("the initramfs has no end"));
	check_undone();
}

/* ACPI's tables: a root pointer, a list of one table, and in it one processor. */
static void sum(u8 *table, u32 bytes, u32 at)
{
	u8 total = 0;

	for (u32 i = 0; i < bytes; i++)
		total += table[i];
	table[at] -= total;
}

static void tables_of_acpi(void)
{
	static const u8 processor[] = { 0, 8, 0, 0, 1, 0, 0, 0 };
	u8 *pointer = (u8 *)(uintptr_t)MiB(400), *root = pointer + 64, *madt = pointer + 128;
	u32 root_at = MiB(400) + 64, madt_at = MiB(400) + 128;

	start();
	firmware_take(MiB(400), MiB(401), EfiACPIReclaimMemory);
	memset(pointer, 0, 4096);
	memcpy(pointer, "RSD PTR ", 8);
	memcpy(pointer + 16, &root_at, 4);
	sum(pointer, 20, 8);
	memcpy(root, "RSDT\x28", 5);
	memcpy(root + 36, &madt_at, 4);
	sum(root, 40, 9);
	memcpy(madt, "APIC\x34", 5);
	memcpy(madt + 44, processor, sizeof(processor));
	sum(madt, 52, 9);
	firmware_table((EFI_GUID)ACPI_TABLE_GUID, pointer);
	EXPECT_EQ(run(), EFI_SUCCESS);
	EXPECT_EQ(info_seen()->acpi_rsdp, MiB(400));
	EXPECT_EQ(info_seen()->handover.processors, 1);
	EXPECT(strstr(volume_text("\\pagewright\\LOGS\\PRE0001.TXT"), "APIC"));
}

/* ---- A kernel is not entered ---- */

/* Each of these is an error, and not the start of a kernel with other files. */
static const struct {
	const char *path;
	enum firmware_call call;
	u32 skip;
	const char *line;
} errors[] = {
	{ "\\pagewright.txt", CALL_READ, 1, "pagewright.txt: cannot be read" },
	{ "\\kernel.elf", CALL_READ, 2, "kernel.elf: cannot be read" },
	{ "\\initramfs.cpio", CALL_READ, 2, "initramfs.cpio: cannot be read" },
	{ "\\pagewright\\programs\\x", CALL_READ, 1, "programs: cannot be read" },
	{ "\\x", CALL_PAGES, 12, "no memory for the trampoline" },
	{ "\\x", CALL_MAP, 0, "the memory map cannot be had" },
};

static void run_with_error(u32 i)
{
	start();
	volume_have_text("\\pagewright\\pagewright.txt", "wait=0");
	volume_have_text(errors[i].path, "070701");
	if (!strcmp(errors[i].path, "\\kernel.elf"))
		volume_have("\\kernel.elf", embedded_kernel, FILE_SIZE);
	firmware_refuse(errors[i].call, errors[i].skip, EFI_DEVICE_ERROR);
	EXPECT(EFI_ERROR(run()));
	EXPECT(has_told(errors[i].line));
	check_undone();
}

static void errors_end_the_loader(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(errors); i++) {
		pid_t child = fork_flushed();
		int result = 0;

		if (child == 0) {
			run_with_error(i);
			fflush(stdout);
			_exit(tap_failed());
		}
		waitpid(child, &result, 0);
		EXPECT_EQ(result, 0);
	}
}

static void waits_for_a_key(void)
{
	start();
	firmware_refuse_all(CALL_PAGES, EFI_OUT_OF_RESOURCES);
	EXPECT_EQ(run(), EFI_OUT_OF_RESOURCES);
	EXPECT_EQ(firmware_stalled, 30000000); /* no options yet */
	EXPECT_TEXT(take_told(), "loader: error: no memory for the boot information (4 KiB below "
				 "896 MiB)\n"
				 "loader: a key, or 30 seconds, and the firmware goes on\n");
	check_undone();
}

static void does_not_wait(void)
{
	start();
	volume_have_text("\\pagewright\\pagewright.txt", "wait=0");
	volume_have_text("\\pagewright\\kernel.elf", "x");
	volume_have("\\pagewright\\initramfs.cpio", "070701", 6);
	firmware_refuse(CALL_READ, 3, EFI_DEVICE_ERROR);
	EXPECT(EFI_ERROR(run()));
	EXPECT_EQ(firmware_stalled, 0);
	check_undone();
}

static void old_processor(void)
{
	start();
	features = 0;
	EXPECT_EQ(run(), EFI_UNSUPPORTED);
	EXPECT(has_told("loader: error: the processor has no 4 MiB pages (PSE)\n"));
	EXPECT(!strstr(told, "options"));
	check_undone();
}

static void no_image_protocol(void)
{
	for (u32 i = 0; i < 2; i++) {
		start();
		if (i)
			firmware_install(firmware_image, 0x5b1b31a1, NULL);
		else
			firmware_refuse(CALL_PROTOCOL, 0, EFI_ACCESS_DENIED);
		EXPECT_EQ(run(), EFI_UNSUPPORTED);
		EXPECT(has_told(
			i ? "loader: error: the loaded image protocol is missing: Unsupported\n"
			  : "loader: error: the loaded image protocol is missing: "
			    "Access Denied\n"));
		check_undone();
	}
}

/* With log=stop a run that follows another one does not begin. */
static void stops_after_a_run(void)
{
	start();
	volume_have_text("\\pagewright\\pagewright.txt", "log=stop wait=0");
	volume_have_text("\\pagewright\\LOGS\\STARTED.TXT", "x");
	EXPECT_EQ(run(), EFI_ABORTED);
	EXPECT(has_told("loader: log: log=stop: no run; the firmware goes on\n"));
	check_undone();
	/* It was removed, so the next one begins. */
	EXPECT_EQ(run(), EFI_SUCCESS);
}

static void goes_on_without_log_stop(void)
{
	start();
	volume_have_text("\\pagewright\\LOGS\\STARTED.TXT", "x");
	EXPECT_EQ(run(), EFI_SUCCESS);
}

/* No place for the kernel in the last map: nothing was left yet, and STARTED.TXT is removed. */
static void no_place_for_kernel(void)
{
	start();
	volume_have_text("\\pagewright\\pagewright.txt", "wait=1");
	firmware_refuse(CALL_MAP, 2, EFI_DEVICE_ERROR);
	EXPECT_EQ(run(), EFI_DEVICE_ERROR);
	EXPECT(has_told("loader: error: the memory map cannot be had: Device Error\n"));
	EXPECT(has_told("and the firmware goes on\n"));
	EXPECT(!firmware_leaving && firmware_calls[CALL_EXIT] == 0);
	check_undone();
}

/* After the first ExitBootServices nothing is printed, and no file is touched. */
static void cannot_leave(void)
{
	start();
	firmware_changes = 100;
	EXPECT_EQ(run(), EFI_INVALID_PARAMETER);
	EXPECT_EQ(firmware_calls[CALL_EXIT], 32);
	EXPECT(!strstr(told, "error") && !strstr(told, "goes on\n"));
	EXPECT_EQ(firmware_pages(), 0);
	EXPECT(volume_has("\\pagewright\\LOGS\\STARTED.TXT"));
}

/* ---- Any call fails ---- */

/* In a process of its own: the loader runs once. Returns whether there was an n-th call. */
static bool run_with_refusal(u32 n, EFI_STATUS refusal)
{
	pid_t child = fork_flushed();
	int result = 0;

	if (child == 0) {
		start();
		volume_have_text("\\pagewright\\pagewright.txt", "wait=0");
		firmware_refuse_nth(n, refusal);
		if (EFI_ERROR(run()) && !firmware_leaving)
			check_undone();
		else
			EXPECT_EQ(volume_open_files, 0);
		fflush(stdout);
		_exit(tap_failed() ? 2 : firmware_refused());
	}
	waitpid(child, &result, 0);
	if (!EXPECT(WIFEXITED(result) && WEXITSTATUS(result) < 2))
		tap_note("call %u", n);
	return WIFEXITED(result) && WEXITSTATUS(result) == 1;
}

static void any_call_fails(void)
{
	u32 n = 0;

	while (run_with_refusal(n, EFI_DEVICE_ERROR) && !tap_failed())
		n++;
	EXPECT(n > 60);
}

TAP_MAIN({ "the kernel is entered", enters }, { "after the firmware", after_the_firmware },
	 { "screen=off", screen_off }, { "tables of ACPI", tables_of_acpi },
	 { "errors end the loader", errors_end_the_loader },
	 { "programs that cannot be added", programs_without_archive },
	 { "a wait for a key", waits_for_a_key }, { "no wait", does_not_wait },
	 { "an old processor", old_processor }, { "no image protocol", no_image_protocol },
	 { "log=stop", stops_after_a_run }, { "a run after another", goes_on_without_log_stop },
	 { "no place for the kernel", no_place_for_kernel },
	 { "firmware that cannot be left", cannot_leave }, { "any call fails", any_call_fails })
