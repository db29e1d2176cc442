/* SPDX-License-Identifier: MIT */
/*
 * In place of efi/embedded.S, as make builds it by default: no kernel with PAE. The kernel's place
 * has FILE_SIZE bytes (small_kernel.h), which a test fills.
 */
#ifndef TESTS_HOST_EFI_EMBEDDED_H
#define TESTS_HOST_EFI_EMBEDDED_H

#include "lib/types.h"

__asm__(".pushsection .data\n"
	".globl embedded_kernel, embedded_kernel_end, embedded_initramfs, embedded_initramfs_end\n"
	".globl embedded_pae_kernel, embedded_pae_kernel_end\n"
	".balign 16\n"
	"embedded_kernel: .space 640\n"
	"embedded_kernel_end:\n"
	"embedded_initramfs: .ascii \"070701 embedded\"\n"
	"embedded_initramfs_end:\n"
	"embedded_pae_kernel:\n"
	"embedded_pae_kernel_end: .byte 0\n"
	".popsection\n");
extern u8 embedded_kernel[], embedded_kernel_end[];

#endif
