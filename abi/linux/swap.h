/* SPDX-License-Identifier: MIT */
/* Flags of swapon(). Source: Linux include/linux/swap.h; swapon(2). */
#ifndef ABI_LINUX_SWAP_H
#define ABI_LINUX_SWAP_H

#define SWAP_FLAG_PREFER    0x8000u /* the priority is given */
#define SWAP_FLAG_PRIO_MASK 0x7fffu
#define SWAP_FLAG_DISCARD   0x70000u /* three flags; a device decides for itself */
#define SWAP_FLAGS_VALID    (SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK | SWAP_FLAG_DISCARD)

#endif
