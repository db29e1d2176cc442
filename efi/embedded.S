/* SPDX-License-Identifier: MIT */
/*
 * The embedded kernel and initramfs, and with PAGING=both the kernel with PAE. build.mk names the
 * files (EMBEDDED_KERNEL, EMBEDDED_INITRAMFS, EMBEDDED_PAE_KERNEL) and rebuilds this when they
 * change.
 */
	.section .rodata.embedded, "a"
	.globl embedded_kernel, embedded_kernel_end, embedded_initramfs, embedded_initramfs_end
	.hidden embedded_kernel, embedded_kernel_end, embedded_initramfs, embedded_initramfs_end
	.globl embedded_pae_kernel, embedded_pae_kernel_end
	.hidden embedded_pae_kernel, embedded_pae_kernel_end

	.balign 16
embedded_kernel:
	.incbin EMBEDDED_KERNEL
embedded_kernel_end:

	.balign 16
embedded_initramfs:
	.incbin EMBEDDED_INITRAMFS
embedded_initramfs_end:

	.balign 16
embedded_pae_kernel:
#ifdef EMBEDDED_PAE_KERNEL
	.incbin EMBEDDED_PAE_KERNEL
#endif
embedded_pae_kernel_end:

	.section .note.GNU-stack, "", @progbits
