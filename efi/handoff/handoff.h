/* SPDX-License-Identifier: MIT */
/*
 * The trampoline's data, for C and assembly. struct handoff lies in low memory, below 4 GiB, and
 * the trampoline gets its address.
 */
#ifndef EFI_HANDOFF_HANDOFF_H
#define EFI_HANDOFF_HANDOFF_H

#define HANDOFF_STACK	       0
#define HANDOFF_PAGE_DIRECTORY 4
#define HANDOFF_STAGED	       8
#define HANDOFF_STAGED_WORDS   12
#define HANDOFF_PLACE	       16
#define HANDOFF_BSS_WORDS      20
#define HANDOFF_ENTRY	       24
#define HANDOFF_BOOT_INFO      28
#define HANDOFF_GDTR	       34
#define HANDOFF_IDTR	       50

#define HANDOFF_CODE 0x08 /* selectors: flat, ring 0, 32-bit */
#define HANDOFF_DATA 0x10

#ifndef __ASSEMBLER__

#include "lib/types.h"

struct handoff {
	u32 stack; /* top */
	u32 page_directory;
	u32 staged;	  /* the part of the kernel that is in the file */
	u32 staged_words; /* of 4 bytes */
	u32 place;	  /* its destination */
	u32 bss_words;	  /* of 4 bytes, to clear after it */
	u32 entry;	  /* virtual address */
	u32 boot_info;
	u16 padding_1;
	u16 gdt_limit; /* LGDT reads from here: 6 bytes in 32-bit mode, 10 in 64-bit mode */
	u32 gdt_base[2];
	u32 padding_2;
	u16 padding_3;
	u16 idt_limit; /* 0: an exception is a reset, not a wild jump */
	u32 idt_base[2];
	u32 padding_4;
	u64 gdt[3]; /* null, HANDOFF_CODE, HANDOFF_DATA */
};

_Static_assert(offsetof(struct handoff, stack) == HANDOFF_STACK, "handoff layout");
_Static_assert(offsetof(struct handoff, page_directory) == HANDOFF_PAGE_DIRECTORY,
	       "handoff layout");
_Static_assert(offsetof(struct handoff, staged) == HANDOFF_STAGED, "handoff layout");
_Static_assert(offsetof(struct handoff, staged_words) == HANDOFF_STAGED_WORDS, "handoff layout");
_Static_assert(offsetof(struct handoff, place) == HANDOFF_PLACE, "handoff layout");
_Static_assert(offsetof(struct handoff, bss_words) == HANDOFF_BSS_WORDS, "handoff layout");
_Static_assert(offsetof(struct handoff, entry) == HANDOFF_ENTRY, "handoff layout");
_Static_assert(offsetof(struct handoff, boot_info) == HANDOFF_BOOT_INFO, "handoff layout");
_Static_assert(offsetof(struct handoff, gdt_limit) == HANDOFF_GDTR, "handoff layout");
_Static_assert(offsetof(struct handoff, idt_limit) == HANDOFF_IDTR, "handoff layout");
_Static_assert(offsetof(struct handoff, gdt) % 8 == 0, "handoff layout");

#endif
#endif
