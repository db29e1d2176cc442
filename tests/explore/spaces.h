/* SPDX-License-Identifier: MIT */
/*
 * The machine of the worlds with address spaces: 640 KiB of RAM, of which little is ever used.
 *
 *   0   1536 KiB      2048 KiB      2176 KiB
 *   | hole | direct map | high memory |
 *
 * Frames of programs come from high memory. At the start each has words of its own at both ends:
 * so a page that was not cleared is seen.
 */
#ifndef TESTS_EXPLORE_SPACES_H
#define TESTS_EXPLORE_SPACES_H

#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

/* The two words of a page that a world knows: at its start and at its end. */
enum { HEAD = 0, TAIL = PAGE_SIZE - 4 };

/* Starts mm/. Afterwards memory is as before the first process. */
void spaces_start(void);

/*
 * Checks what holds in every state: the TLB has nothing stale, the census, the charges, and each
 * cache has as many objects as there are spaces and areas.
 */
void spaces_check(void);

/* All that spaces_check() checks in a machine without processes and objects: nothing leaked. */
void spaces_check_empty(void);

/* The word of a frame, wherever it lies. */
u32 frame_word(const struct page *page, u32 offset);

/* The frame that the entry at `address` names, or NULL. */
struct page *mapped_frame(const struct mm_struct *mm, vaddr_t address);

/*
 * For describe(): these bits (PTE_*, below 256) of the page's entry, and as the TLB remembers
 * them.
 */
#define ENTRY_RIGHTS (PTE_PRESENT | PTE_WRITE | PTE_USER)
u32 entry_bits(const struct mm_struct *mm, vaddr_t address, u32 bits);

/* For describe(): there is a page table for this address. */
bool has_table(const struct mm_struct *mm, vaddr_t address);

#endif
