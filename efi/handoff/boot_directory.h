/* SPDX-License-Identifier: MIT */
/*
 * The page directory that the kernel starts with. Pure; runs on a host.
 *
 *     0x00000000..0xBFFFFFFF -> itself
 *     0xC0000000..0xF7FFFFFF -> 0x00000000..0x37FFFFFF
 *     0xF8000000..           -> the framebuffer, if it can be mapped; the rest is not mapped
 */
#ifndef EFI_HANDOFF_BOOT_DIRECTORY_H
#define EFI_HANDOFF_BOOT_DIRECTORY_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

/*
 * Fills the 1024 entries with 4 MiB pages, and sets framebuffer->early. `pse36`: the pages reach
 * 2^40, else 4 GiB. Source: Intel SDM vol. 3A 4.3, table 4-4.
 */
void boot_directory_fill(u32 *directory, struct boot_framebuffer *framebuffer, bool pse36);

#endif
