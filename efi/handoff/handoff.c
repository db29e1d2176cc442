/* SPDX-License-Identifier: MIT */
/*
 * The last step: from the firmware's processor mode to the one that abi/boot/boot_info.h promises.
 *
 *     low memory, EfiLoaderCode:  trampoline, a copy of [handoff_start, handoff_end)
 *     low memory, EfiLoaderData:  page 0: struct handoff ... stack grows down from the end
 *                                 page 1: boot page directory
 *
 * The trampoline changes page tables while it runs. So it, its data and its stack must lie where
 * virtual equals physical before and after: in the copy, not in the loader's image, which may lie
 * above 4 GiB. efi/handoff/boot_directory.c fills the page directory.
 */
#include <cpuid.h>

#include "efi/handoff/boot_directory.h"
#include "efi/handoff/handoff.h"
#include "efi/loader.h"
#include "lib/string.h"

#define GDT_CODE 0x00cf9b000000ffffull /* accessed is set: the processor need not write it */
#define GDT_DATA 0x00cf93000000ffffull

_Static_assert(BOOT_INFO_MAGIC == 0x74685750, "handoff_tail.S knows this number");

#pragma GCC visibility push(hidden)
extern const UINT8 handoff_start[], handoff_end[];
#pragma GCC visibility pop

static void *trampoline;

bool processor_has(enum cpu_feature feature)
{
	unsigned int eax, ebx, ecx, features = 0;

	__get_cpuid(1, &eax, &ebx, &ecx, &features);
	return features >> feature & 1;
}

EFI_STATUS check_processor(void)
{
	if (!processor_has(CPU_PSE))
		return fail(EFI_UNSUPPORTED, "the processor has no 4 MiB pages (PSE)");
	if (!processor_has(CPU_CMOV))
		return fail(EFI_UNSUPPORTED, "the processor has no CMOV: one as old as a Pentium "
					     "Pro, or newer, is needed");
	return EFI_SUCCESS;
}

EFI_STATUS prepare_handoff(struct boot_framebuffer *framebuffer, struct handoff **handoff)
{
	EFI_STATUS status;
	UINT8 *data;

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
	boot_directory_fill((UINT32 *)(data + EFI_PAGE_SIZE), framebuffer,
			    processor_has(CPU_PSE36));
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

void start_kernel(const struct loader *loader)
{
	struct handoff *handoff = loader->handoff;
	const struct kernel_image *kernel = &loader->kernel;
	void (*jump)(struct handoff *) = (void (*)(struct handoff *))(UINTN)trampoline;
	UINT32 delta = (UINT32)loader->info->kernel.start - KERNEL_HOME;

	kernel_image_relocate(kernel, loader->staging, delta);
	handoff->staged = (UINT32)(UINTN)loader->staging;
	handoff->staged_words = kernel->loaded / 4;
	handoff->place = (UINT32)loader->info->kernel.start;
	handoff->bss_words = (kernel->size - kernel->loaded) / 4;
	handoff->entry = kernel->entry + delta;
	handoff->boot_info = (UINT32)(UINTN)loader->info;
	jump(handoff);
	__builtin_unreachable();
}
