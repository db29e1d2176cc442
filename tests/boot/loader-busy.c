/* SPDX-License-Identifier: MIT */
/* See the header. Registers are where QEMU's q35 has them. */
#include <cpuid.h>

#include "lib/printf.h"
#include "lib/string.h"
#include "lib/types.h"
#include "tests/boot/loader-busy.h"

#define COM1	      0x3f8
#define LAPIC	      0xfee00000u
#define LAPIC_ICR     (0x300 / 4)
#define ICR_INIT      0xc4500u /* to all but self */
#define ICR_START_UP  0xc4600u
#define IO_APIC	      0xfec00000u
#define IOMMU	      0xfed90000u
#define IOMMU_COMMAND (0x18 / 4)
#define IOMMU_STATUS  (0x1c / 4)
#define IOMMU_ROOT    (0x20 / 4)
#define SET_ROOT      (1u << 30)
#define TRANSLATE     (1u << 31)

static EFI_EXIT_BOOT_SERVICES firmware_exit;
static const char *actions;
static EFI_PHYSICAL_ADDRESS counting_page, empty_page;

void serial_text(const char *text)
{
	for (; *text; text++)
		__asm__ volatile("outb %0, %1" : : "a"(*text), "Nd"((u16)COM1));
}

/* loader-kernel.c looks for it: mov ax, cs; mov ds, ax; 1: inc dword [0x80]; jmp 1b */
static const u8 counting_code[] = {
	0x8c, 0xc8, 0x8e, 0xd8, 0x66, 0xff, 0x06, 0x80, 0x00, 0xeb, 0xf9
};

static volatile u32 *registers_at(u32 address)
{
	return (volatile u32 *)(uintptr_t)address;
}

static void wait(u32 microseconds)
{
	while (microseconds--)
		__asm__ volatile("outb %%al, $0x80" : : "a"(0));
}

static void start_processors(void)
{
	volatile u32 *count = (volatile u32 *)(uintptr_t)(counting_page + 0x80);
	u32 before;

	memcpy((void *)(uintptr_t)counting_page, counting_code, sizeof(counting_code));
	registers_at(LAPIC)[LAPIC_ICR] = ICR_INIT;
	wait(10000);
	for (u32 i = 0; i < 2; i++) {
		registers_at(LAPIC)[LAPIC_ICR] = ICR_START_UP | (u32)(counting_page >> 12);
		wait(1000);
	}
	before = *count;
	for (u32 i = 0; i < 1000 && *count == before; i++)
		wait(1000);
	serial_text(*count == before ? "chain: error: no processor counts\r\n"
				     : "chain: counting\r\n");
}

static void open_entries(void)
{
	volatile u32 *io_apic = registers_at(IO_APIC);

	io_apic[0] = 0x10 + 2 * 4;
	io_apic[4] = 0x44; /* a vector, by an edge, not masked */
	io_apic[0] = 0x10 + 2 * 5;
	io_apic[4] = 0x200;
}

#define CR4_PGE	     (1u << 7)
#define CR4_UMIP     (1u << 11)
#define CR4_FSGSBASE (1u << 16)
#define CR4_PCIDE    (1u << 17)
#define CR4_SMEP     (1u << 20)
#define CR4_SMAP     (1u << 21)
#define CR4_PKE	     (1u << 22)

#define MSR_EFER 0xc0000080u
#define EFER_SCE (1u << 0)
#define EFER_NXE (1u << 11)

/* System calls by SYSCALL, and entries that forbid execution. */
static void fill_efer(void)
{
	unsigned int eax, ebx, ecx, edx, low, high;
	char line[40];

	__cpuid(0x80000001, eax, ebx, ecx, edx);
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_EFER));
	low |= edx >> 11 & 1 ? EFER_SCE : 0;
	low |= edx >> 20 & 1 ? EFER_NXE : 0;
	__asm__ volatile("wrmsr" : : "a"(low), "d"(high), "c"(MSR_EFER));
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_EFER));
	scnprintf(line, sizeof(line), "chain: efer=0x%x\r\n", low);
	serial_text(line);
}

static void fill_cr4(void)
{
	unsigned int eax, ebx, ecx, edx, features;
	char line[40];
	UINTN cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__cpuid(1, eax, ebx, features, edx);
	cr4 |= edx >> 13 & 1 ? CR4_PGE : 0;
	__cpuid_count(7, 0, eax, ebx, ecx, edx);
	cr4 |= ebx >> 7 & 1 ? CR4_SMEP : 0;
	cr4 |= ebx >> 20 & 1 ? CR4_SMAP : 0;
	cr4 |= ecx >> 2 & 1 ? CR4_UMIP : 0;
	if (sizeof(UINTN) == 8) {
		cr4 |= ebx & 1 ? CR4_FSGSBASE : 0;
		cr4 |= features >> 17 & 1 ? CR4_PCIDE : 0;
		cr4 |= ecx >> 3 & 1 ? CR4_PKE : 0;
	}
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	scnprintf(line, sizeof(line), "chain: cr4=0x%x\r\n", (u32)cr4);
	serial_text(line);
}

static void translate(void)
{
	volatile u32 *iommu = registers_at(IOMMU);

	memset((void *)(uintptr_t)empty_page, 0, 4096);
	iommu[IOMMU_ROOT] = (u32)empty_page;
	iommu[IOMMU_ROOT + 1] = 0;
	iommu[IOMMU_COMMAND] = SET_ROOT;
	while (!(iommu[IOMMU_STATUS] & SET_ROOT))
		;
	iommu[IOMMU_COMMAND] = TRANSLATE;
	while (!(iommu[IOMMU_STATUS] & TRANSLATE))
		;
	serial_text("chain: translating\r\n");
}

static bool wanted(char letter)
{
	for (const char *a = actions; *a; a++) {
		if (*a == letter)
			return true;
	}
	return false;
}

static EFI_STATUS EFIAPI busy_exit(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS status = firmware_exit(image, key);

	if (EFI_ERROR(status))
		return status;
	if (wanted('p'))
		start_processors();
	if (wanted('o'))
		open_entries();
	if (wanted('c')) {
		fill_cr4();
		fill_efer();
	}
	if (wanted('t'))
		translate();
	return status;
}

BOOLEAN busy_exit_install(EFI_BOOT_SERVICES *services, const char *letters)
{
	actions = letters;
	if (!wanted('p') && !wanted('o') && !wanted('c') && !wanted('t'))
		return TRUE;
	counting_page = 0x9f000;
	empty_page = 0xffffffff;
	if (EFI_ERROR(services->AllocatePages(AllocateMaxAddress, EfiBootServicesData, 1,
					      &counting_page)) ||
	    EFI_ERROR(services->AllocatePages(AllocateMaxAddress, EfiBootServicesData, 1,
					      &empty_page)))
		return FALSE;
	firmware_exit = services->ExitBootServices;
	services->ExitBootServices = busy_exit;
	return TRUE;
}
