/* SPDX-License-Identifier: MIT */
/*
 * STAC and CLAC in assembly: the instructions that let ring 0 access user memory, and forbid it.
 *
 * A processor without SMAP does not have them. So each site holds a three-byte instruction that
 * does nothing, and a table lists the sites. kernel/cpu/protection.c writes the real
 * instructions if the processor has them.
 *
 * Source: Intel SDM vol. 3A 4.6.1, vol. 2A "CLAC", vol. 2B "STAC".
 */
#ifndef KERNEL_CPU_SMAP_H
#define KERNEL_CPU_SMAP_H

#define SMAP_CLAC 0xca010f
#define SMAP_STAC 0xcb010f

/* leal 0(%esi), %esi */
#define SMAP_NOTHING 0x00768d

#ifdef __ASSEMBLER__

#define SMAP_SITE(instruction)                                                      \
	661 :.byte SMAP_NOTHING & 255, SMAP_NOTHING >> 8 & 255, SMAP_NOTHING >> 16; \
	.pushsection __smap_sites, "a", @progbits;                                  \
	.balign 4;                                                                  \
	.long 661b, instruction;                                                    \
	.popsection

#else

#include "lib/types.h"

/* image/kernel.lds */
struct smap_site {
	u8 *place;
	u32 instruction; /* its three bytes */
};
extern const struct smap_site __start___smap_sites[], __stop___smap_sites[];

#endif /* __ASSEMBLER__ */
#endif
