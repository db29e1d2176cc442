/* SPDX-License-Identifier: MIT */
/*
 * A kernel that only looks at what the loader handed over and says what it sees on COM1, as
 * `handoff:` lines of key=value fields. Then it leaves QEMU through the debug exit port.
 */
#include "abi/boot/boot_info.h"
#include "kernel/devices/pci.h"
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

/* Data that the file has, a bss after it, and pointers that relocation has to move. */
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

/* ---- What still goes on. Registers where QEMU's q35 has them. ---- */

#define IO_APIC	     0xfec00000u
#define IOMMU_STATUS 0xfed9001cu
#define LARGE_DEVICE 0x9bu /* present, writable, uncached, 4 MiB */
#define LARGE_SHIFT  22
#define DELAY	     300000u

/* The boot page directory is in the first 3 GiB, which are mapped to themselves. */
static void map_registers(void)
{
	u32 *directory;

	__asm__ volatile("movl %%cr3, %0" : "=r"(directory));
	directory[IO_APIC >> LARGE_SHIFT] = IO_APIC | LARGE_DEVICE;
	__asm__ volatile("movl %0, %%cr3" : : "r"(directory) : "memory");
}

static void delay(void)
{
	for (u32 i = 0; i < DELAY; i++)
		inb(COM1 + 5);
}

/*
 * Does loader-chain.c's counter go on? -1: there is none. On a busy host an emulated processor
 * needs its time to see that it was stopped.
 */
static int counting(void)
{
	static const u8 code[] = {
		0x8c, 0xc8, 0x8e, 0xd8, 0x66, 0xff, 0x06, 0x80, 0x00, 0xeb, 0xf9
	};

	for (u32 page = 0x1000; page < 0xa0000; page += 0x1000) {
		volatile u32 *count = (volatile u32 *)(page + 0x80);
		u32 before;

		if (memcmp((void *)page, code, sizeof(code)) != 0)
			continue;
		delay();
		before = *count;
		delay();
		return *count != before;
	}
	return -1;
}

/* The type of the page that the other processors halt in; -1: there is none. */
static int parking_type(const struct boot_info *info)
{
	static const u8 code[] = { 0xfa, 0xf0, 0x2e, 0xff, 0x06, 0x20, 0x00, 0xf4, 0xeb, 0xfd };

	for (u32 page = 0x1000; page < 0xa0000; page += 0x1000) {
		if (memcmp((void *)page, code, sizeof(code)) == 0)
			return type_of(info, page, 4096);
	}
	return -1;
}

static u32 io_apic_entry(u32 i)
{
	volatile u32 *io_apic = (volatile u32 *)IO_APIC;

	io_apic[0] = 0x10 + 2 * i;
	return io_apic[4];
}

static bool count_master(struct pci_device device, void *context)
{
	u32 class = pci_read(device, PCI_CLASS) >> 24;

	if (pci_read(device, PCI_COMMAND) & PCI_COMMAND_MASTER && class != 3 && class != 6)
		(*(u32 *)context)++;
	return false;
}

static void say_activity(const struct boot_info *info)
{
	const struct boot_handover *h = &info->handover;
	u32 masters = 0;

	map_registers();
	pci_find(count_master, &masters);
	say("handoff: found masters=%u processors=%u init=%u io_apics=%u open=%u iommus=%u "
	    "active=%u left=%u parked=%u parking=%d\r\n",
	    h->bus_masters, h->processors, h->init_sent, h->io_apics, h->open_entries, h->iommus,
	    h->iommus_active, h->iommus_left, h->parked, parking_type(info));
	say("handoff: now masters=%u counting=%d entry4=0x%x entry5=0x%x translating=%d\r\n",
	    masters, counting(), io_apic_entry(4), io_apic_entry(5),
	    h->iommus ? (int)(*(volatile u32 *)IOMMU_STATUS >> 31) : -1);
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
	say_activity(info);
	outb(DEBUG_EXIT, 0x10);
}
