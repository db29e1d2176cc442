/* SPDX-License-Identifier: MIT */
/*
 * The direct loader: the kernel without firmware, for emulators. Firmware takes most of the time
 * of a short run, and most tests are not about firmware.
 *
 *     QEMU ── Multiboot ──> start.S ──> main.c ──> efi/handoff/handoff_ia32.S ──> the kernel
 *        -kernel direct.elf -initrd kernel.elf,initramfs.cpio -append OPTIONS
 *
 *     1 MiB   the kernel, in the first free range
 *     8 MiB   direct.elf, the modules, the Multiboot structures (image/direct/direct.lds)
 *
 *  (1) The kernel's file is checked, its place chosen, its relocations made, its page directory
 *      filled and the mode changed by the code of the UEFI loader. So what differs is only the
 *      source of struct boot_info.
 *  (2) There is no framebuffer, no region for the log, and no quiescing of devices: nothing but
 *      a BIOS ran before.
 *  (3) What is missing or damaged leaves one line `loader: error:` on COM1, and no kernel runs.
 *
 * Context: 32-bit protected mode without paging, interrupts off, one processor.
 */
#include <cpuid.h>
#include <stdarg.h>

#include "efi/handoff/boot_directory.h"
#include "efi/handoff/handoff.h"
#include "efi/kernel_image.h"
#include "efi/handoff/memory_map.h"
#include "efi/options.h"
#include "image/direct/multiboot.h"
#include "kernel/cpu/io.h"
#include "kernel/devices/serial.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "paging/pgtable.h"

#define COM1	    0x3f8
#define BAUD	    115200u
#define EXIT_PORT   0xf4 /* QEMU's isa-debug-exit */
#define EXIT_FAILED 0x11 /* as the kernel's after a bad run */
#define CPUID_PSE   0x8u
#define CPUID_TSC   0x10u
#define CPUID_PSE36 0x20000u
#define SPARE	    6u /* entries, two each for the loader and two modules */
#define MAP_MAX	    1024u
#define GDT_CODE    0x00cf9b000000ffffull
#define GDT_DATA    0x00cf93000000ffffull

/* The parts of the BIOS's memory where the root pointer may lie. Source: ACPI 6.5, 5.2.5.1. */
#define EBDA_SEGMENT 0x40eu /* the word with the segment of the extended BIOS data area */
#define EBDA_BYTES   0x400u
#define BIOS_START   0xe0000u
#define BIOS_END     0x100000u

enum module { MODULE_KERNEL, MODULE_INITRAMFS, NR_MODULES };

/* image/direct/direct.lds */
extern char _start_image[], _end_image[];

/* start.S calls it. */
void direct_main(u32 magic, u32 info_address) __noreturn;

/* efi/handoff/handoff_ia32.S; its argument is on the stack. */
void handoff_start(struct handoff *handoff) __attribute__((regparm(0), noreturn));

static struct serial line;
static struct boot_info info;
static struct boot_memory map[MAP_MAX];
static u32 directory[PTRS_PER_PGD] __attribute__((aligned(PAGE_SIZE)));
static struct handoff handoff;
static char handoff_stack[1024] __attribute__((aligned(16)));

/* gcc takes a constant address in the first page for a null pointer with an offset. */
static void *at(u32 address)
{
	__asm__("" : "+r"(address));
	return (void *)(uintptr_t)address;
}

static void say_arguments(const char *prefix, const char *format, va_list arguments)
{
	char text[200];
	size_t length = (size_t)vscnprintf(text, sizeof(text), format, arguments);

	serial_send(&line, prefix, strlen(prefix));
	serial_send(&line, text, length);
	serial_send(&line, "\r\n", 2);
}

static void __printf(1, 2) say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_arguments("loader: ", format, arguments);
	va_end(arguments);
}

static void __noreturn __printf(1, 2) fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_arguments("loader: error: ", format, arguments);
	va_end(arguments);
	outb(EXIT_PORT, EXIT_FAILED);
	for (;;)
		__asm__ volatile("hlt");
}

static u32 processor_features(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) ? edx : 0;
}

static void take_options(const struct multiboot_info *given)
{
	const char *text = given->flags & MULTIBOOT_COMMAND_LINE ? at(given->command_line) : "";
	const char *options = multiboot_options(text);
	unsigned int bad_line;

	if (options_add_file(info.options, sizeof(info.options), options, strlen(options),
			     &bad_line))
		fail("the options are longer than %u characters", BOOT_OPTIONS_SIZE - 1);
}

static void take_name(const struct multiboot_info *given)
{
	const char *name = given->flags & MULTIBOOT_NAME ? at(given->loader_name) : "unknown";

	scnprintf(info.firmware_vendor, sizeof(info.firmware_vendor), "Multiboot, %s", name);
	say("Pagewright for Multiboot, started by %s", name);
}

/* The map, with the memory of the loader and of its modules. */
static void take_map(const struct multiboot_info *given, const struct multiboot_module *modules)
{
	u32 count = 0;

	if (given->flags & MULTIBOOT_MAP)
		count = multiboot_map(map, MAP_MAX - SPARE, at(given->map), given->map_bytes);
	if (!count)
		fail("Multiboot passed no memory map, or a damaged one");
	multiboot_keep(map, &count, (uintptr_t)_start_image, (uintptr_t)_end_image);
	for (u32 i = 0; i < NR_MODULES; i++)
		multiboot_keep(map, &count, modules[i].start, modules[i].end);
	info.memory_map = (uintptr_t)map;
	info.memory_map_count = count;
	info.memory_map_stride = sizeof(map[0]);
}

static u64 find_rsdp(void)
{
	u32 ebda = (u32) * (volatile u16 *)at(EBDA_SEGMENT) << 4;
	int offset = ebda ? multiboot_find_rsdp(at(ebda), EBDA_BYTES) : -1;

	if (offset >= 0)
		return ebda + (u32)offset;
	offset = multiboot_find_rsdp(at(BIOS_START), BIOS_END - BIOS_START);
	return offset >= 0 ? BIOS_START + (u32)offset : 0;
}

static void take_initramfs(const struct multiboot_module *module)
{
	if (module->end > BOOT_ADDRESS_LIMIT)
		fail("the initramfs lies at 0x%x, above 896 MiB", module->start);
	info.initramfs = (struct boot_range){ module->start, module->end - module->start };
	say("initramfs: module 2, %u KiB", (module->end - module->start + 1023) / 1024);
}

/* Nothing can fail any more when this has been done. Sets the hand-off's fields of the kernel. */
static void load_kernel(const struct multiboot_module *module)
{
	struct kernel_image image;
	const char *wrong =
		kernel_image_check(&image, at(module->start), module->end - module->start);
	u64 place;
	u32 delta;

	if (wrong)
		fail("the kernel, module 1: %s", wrong);
	if (memory_map_choose(map, info.memory_map_count, KERNEL_HOME,
			      image.relocatable ? BOOT_ADDRESS_LIMIT : KERNEL_HOME + image.size,
			      image.size, KERNEL_ALIGNMENT, &place))
		fail("no memory for the kernel (%u KiB)", image.size / 1024);
	delta = (u32)place - KERNEL_HOME;
	kernel_image_load(&image, at((u32)place));
	kernel_image_relocate(&image, at((u32)place), delta);
	info.kernel = (struct boot_range){ place, image.size };
	handoff.place = (u32)place + image.loaded;
	handoff.bss_words = (image.size - image.loaded) / 4;
	handoff.entry = image.entry + delta;
	say("kernel: module 1, at 0x%llx", place);
}

static void __noreturn start_kernel(u32 features)
{
	boot_directory_fill(directory, &info.framebuffer, features & CPUID_PSE36);
	handoff.stack = (u32)(uintptr_t)(handoff_stack + sizeof(handoff_stack));
	handoff.page_directory = (u32)(uintptr_t)directory;
	handoff.boot_info = (u32)(uintptr_t)&info;
	handoff.gdt[HANDOFF_CODE / 8] = GDT_CODE;
	handoff.gdt[HANDOFF_DATA / 8] = GDT_DATA;
	handoff.gdt_limit = sizeof(handoff.gdt) - 1;
	handoff.gdt_base[0] = (u32)(uintptr_t)handoff.gdt;
	handoff_start(&handoff);
}

void direct_main(u32 magic, u32 info_address)
{
	const struct multiboot_info *given = at(info_address);
	const struct multiboot_module *modules;
	const struct uart uart = uart_at_port(COM1);
	u32 features = processor_features();

	if (features & CPUID_TSC)
		info.loader_tsc = __builtin_ia32_rdtsc();
	serial_open(&line, &uart, BAUD);
	if (magic != MULTIBOOT_MAGIC)
		fail("started without Multiboot");
	info.magic = BOOT_INFO_MAGIC;
	info.version = BOOT_INFO_VERSION;
	info.size = sizeof(info);
	info.firmware_bits = 32;
	take_options(given);
	take_name(given);
	if (!(features & CPUID_PSE))
		fail("the processor has no 4 MiB pages (PSE)");
	modules = at(given->modules);
	if (!(given->flags & MULTIBOOT_MODULES) || given->module_count != NR_MODULES)
		fail("%u modules: two are wanted, kernel.elf and initramfs.cpio",
		     given->flags & MULTIBOOT_MODULES ? given->module_count : 0);
	take_map(given, modules);
	take_initramfs(&modules[MODULE_INITRAMFS]);
	load_kernel(&modules[MODULE_KERNEL]);
	info.acpi_rsdp = find_rsdp();
	say("entering the kernel");
	start_kernel(features);
}
