// SPDX-License-Identifier: MIT
/** What the scripts of this folder know of the processor, and of the kernel's address space. */
export const HLT = 0xf4; // the instruction
export const PRESENT = 1, LARGE = 0x80; // of an entry of the page directory
export const PAGE_OFFSET = 0xc0000000; // the kernel's direct map
