/* SPDX-License-Identifier: MIT */
/*
 * A kernel that only looks at what the loader handed over and says what it sees on COM1, as
 * `handoff:` lines of key=value fields. Then it leaves QEMU through the debug exit port.
 */
#include "efi/boot_info.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/types.h"

#define PAGE_OFFSET   0xC0000000u
#define COM1	      0x3f8
#define DEBUG_EXIT    0xf4
#define MSR_EFER      0xc0000080u
#define CPUID_EFER    0x20100800u /* long mode, NX, SYSCALL */
#define PATTERN_WORDS 100000u

struct entry_state {
	u32 cr0, cr4, eax, ebx, cs, ss, ds, eflags;
};

void test_kernel_main(const struct entry_state *state);

/* Data that the file has, a bss behind it, and pointers that relocation has to move. */
static u32 pattern[PATTERN_WORDS] = { [0] = 0x12345678, [PATTERN_WORDS - 1] = 0x87654321 };
static u32 cleared[PATTERN_WORDS];
static u32 *volatile pattern_end = &pattern[PATTERN_WORDS - 1];
static u32 *volatile cleared_start = cleared;

static void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void say(const char *format, ...) __printf(1, 2);

static void say(const char *format, ...)
{
	va_list arguments;
	char line[3000];
	int length;

	va_start(arguments, format);
	length = vscnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (int i = 0; i < length; i++) {
		while (!(inb(COM1 + 5) & 0x20))
			;
		outb(COM1, (u8)line[i]);
	}
}

static u32 read_efer(void)
{
	u32 eax = 0x80000001, ebx, ecx, edx = 0;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	if (!(edx & CPUID_EFER))
		return 0;
	__asm__ volatile("rdmsr" : "=a"(eax), "=d"(edx) : "c"(MSR_EFER));
	return eax;
}

static void *at(u64 physical)
{
	return (void *)(uintptr_t)(PAGE_OFFSET + (u32)physical);
}

static u32 sum_of(struct boot_range range)
{
	const u8 *bytes = at(range.start);
	u32 sum = 0;

	for (u32 i = 0; i < (u32)range.size; i++)
		sum += bytes[i];
	return sum;
}

/* The type of the one entry that has all of [start, start + size); -1 if there is none. */
static int type_of(const struct boot_info *info, u64 start, u64 size)
{
	const struct boot_memory *entry = at(info->memory_map);

	for (u32 i = 0; i < info->memory_map_count; i++) {
		if (start >= entry[i].start &&
		    start + size <= entry[i].start + entry[i].pages * 4096)
			return (int)entry[i].type;
	}
	return -1;
}

static void say_memory(const struct boot_info *info, u32 ebx)
{
	u32 dirty = 0;

	for (u32 i = 0; i < PATTERN_WORDS; i++)
		dirty += cleared_start[i] != 0;
	for (u32 i = 1; i < PATTERN_WORDS - 1; i++)
		dirty += pattern[i] != 0;
	say("handoff: image start=0x%llx size=0x%llx linked=%p first=0x%x last=0x%x dirty=%u\r\n",
	    info->kernel.start, info->kernel.size, (void *)test_kernel_main, pattern[0],
	    *pattern_end, dirty);
	say("handoff: initramfs size=%llu sum=%u type=%d\r\n", info->initramfs.size,
	    sum_of(info->initramfs), type_of(info, info->initramfs.start, info->initramfs.size));
	say("handoff: map count=%u stride=%u type=%d\r\n", info->memory_map_count,
	    info->memory_map_stride,
	    type_of(info, info->memory_map, (u64)info->memory_map_count * info->memory_map_stride));
	say("handoff: info magic=0x%x version=%u size=%u bits=%u type=%d\r\n", info->magic,
	    info->version, info->size, info->firmware_bits, type_of(info, ebx, sizeof(*info)));
}

void test_kernel_main(const struct entry_state *state)
{
	const struct boot_info *info = at(state->ebx);

	say("\r\nhandoff: cpu cr0=0x%x cr4=0x%x efer=0x%x eax=0x%x cs=0x%x ss=0x%x ds=0x%x "
	    "eflags=0x%x\r\n",
	    state->cr0, state->cr4, read_efer(), state->eax, state->cs, state->ss, state->ds,
	    state->eflags);
	say_memory(info, state->ebx);
	/* The root pointer may lie above what is mapped at PAGE_OFFSET. */
	say("handoff: firmware vendor=\"%s\" acpi=%d\r\n", info->firmware_vendor,
	    info->acpi_rsdp != 0 &&
		    memcmp((const void *)(uintptr_t)info->acpi_rsdp, "RSD PTR ", 8) == 0);
	say("handoff: options=\"%s\"\r\n", info->options);
	outb(DEBUG_EXIT, 0x10);
}
