/* SPDX-License-Identifier: MIT */
/*
 * A machine with little memory, a disk for swap and a program, for the tests of swap. Each page of
 * the program carries a word that depends on its address and on a round.
 */
#ifndef TESTS_HOST_MM_SWAP_SWAP_RIG_H
#define TESTS_HOST_MM_SWAP_SWAP_RIG_H

#include "mm/user_space/mm.h"
#include "tests/host/mm/swap/swap_disk.h"

#define LEFT 600u /* frames that a case has */

extern struct swap_disk disk;
extern struct mm_struct *swapper;
extern u32 disk_type; /* of the disk's area */

/* Boots the machine; the disk has so many slots, the header included. */
void rig_start(u32 slots);

/* Ends the program and checks that nothing is left. */
void rig_stop(void);

u32 stamp(vaddr_t address, u32 round);
void write_all(struct mm_struct *space, vaddr_t area, u32 pages, u32 round);
void read_all(struct mm_struct *space, vaddr_t area, u32 pages, u32 round);

/* One page; false: it could not be written, or has another word. */
bool write_page(struct mm_struct *space, vaddr_t address, u32 round);
bool read_page(struct mm_struct *space, vaddr_t address, u32 round);

#endif
