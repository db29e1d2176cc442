/* SPDX-License-Identifier: MIT */
/*
 * The last step: from the firmware's processor mode to the one that efi/boot_info.h promises.
 *
 *     low memory, EfiLoaderCode:  trampoline, a copy of [handoff_start, handoff_end)
 *     low memory, EfiLoaderData:  page 0: struct handoff ... stack grows down from the end
 *                                 page 1: boot page directory
 *
 * The trampoline runs through a change of page tables, so it, its data and its stack must lie where
 * virtual equals physical before and after: in the copy, not in the loader's image, which may lie
 * above 4 GiB.
 *
 *     boot page directory, 4 MiB pages:   0x00000000..0xBFFFFFFF -> itself
 *                                         0xC0000000..0xFFFFFFFF -> 0x00000000..0x3FFFFFFF
 */
#include <cpuid.h>

#include "efi/handoff.h"
#include "efi/loader.h"
#include "lib/string.h"

#define PAGE_OFFSET	  0xC0000000u
#define LARGE_PAGE_BYTES  0x400000u
#define LARGE_PAGE_FLAGS  0x83u /* present, writable, 4 MiB */
#define DIRECTORY_ENTRIES 1024u
#define GDT_CODE	  0x00cf9b000000ffffull /* accessed: the processor has nothing to write */
#define GDT_DATA	  0x00cf93000000ffffull
#define CPUID_PSE	  (1u << 3)  /* leaf 1, EDX */
#define CPUID_CMOV	  (1u << 15) /* the kernel is compiled for i686 */

_Static_assert(BOOT_INFO_MAGIC == 0x74685750, "handoff_tail.S knows this number");

#pragma GCC visibility push(hidden)
extern const UINT8 handoff_start[], handoff_end[];
#pragma GCC visibility pop

static void *trampoline;

static EFI_STATUS check_processor(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(edx & CPUID_PSE))
		return fail(EFI_UNSUPPORTED, "the processor has no 4 MiB pages (PSE)");
	if (!(edx & CPUID_CMOV))
		return fail(EFI_UNSUPPORTED, "the processor has no CMOV, it is older than i686");
	return EFI_SUCCESS;
}

static void fill_page_directory(UINT32 *directory)
{
	for (UINT32 i = 0; i < DIRECTORY_ENTRIES; i++) {
		UINT32 address = i * LARGE_PAGE_BYTES;

		if (address >= PAGE_OFFSET)
			address -= PAGE_OFFSET;
		directory[i] = address | LARGE_PAGE_FLAGS;
	}
}

EFI_STATUS prepare_handoff(struct handoff **handoff)
{
	EFI_STATUS status = check_processor();
	UINT8 *data;

	if (EFI_ERROR(status))
		return status;
	trampoline = memory_alloc(MEMORY_LOW, EfiLoaderCode, handoff_end - handoff_start,
				  "the trampoline");
	data = memory_alloc(MEMORY_LOW, EfiLoaderData, 2 * EFI_PAGE_SIZE,
			    "the boot page directory");
	if (!trampoline || !data)
		return EFI_OUT_OF_RESOURCES;
	memcpy(trampoline, handoff_start, handoff_end - handoff_start);
	status = memory_make_executable(trampoline, "the trampoline");
	if (EFI_ERROR(status))
		return status;
	fill_page_directory((UINT32 *)(data + EFI_PAGE_SIZE));
	*handoff = (struct handoff *)data;
	**handoff = (struct handoff){
		.stack = (UINT32)(UINTN)(data + EFI_PAGE_SIZE),
		.page_directory = (UINT32)(UINTN)(data + EFI_PAGE_SIZE),
		.gdt_limit = sizeof((*handoff)->gdt) - 1,
		.gdt_base = { (UINT32)(UINTN)(*handoff)->gdt },
		.gdt = { [HANDOFF_CODE / 8] = GDT_CODE, [HANDOFF_DATA / 8] = GDT_DATA },
	};
	return EFI_SUCCESS;
}

void start_kernel(struct handoff *handoff, const struct kernel_image *kernel, void *staging,
		  struct boot_info *info)
{
	void (*jump)(struct handoff *) = (void (*)(struct handoff *))(UINTN)trampoline;
	UINT32 delta = (UINT32)info->kernel.start - KERNEL_HOME;

	kernel_image_relocate(kernel, staging, delta);
	handoff->staged = (UINT32)(UINTN)staging;
	handoff->staged_words = kernel->loaded / 4;
	handoff->place = (UINT32)info->kernel.start;
	handoff->bss_words = (kernel->size - kernel->loaded) / 4;
	handoff->entry = kernel->entry + delta;
	handoff->boot_info = (UINT32)(UINTN)info;
	jump(handoff);
	__builtin_unreachable();
}
