/* SPDX-License-Identifier: MIT */
/*
 * Panic: the output of panic() (lib/printk.h) and of its variants for a trap.
 *
 *     Kernel panic - not syncing: TEXT
 *     task: pid=0 name=boot
 *     EIP=... CS=... EFLAGS=... and the other registers
 *     CR0=... CR2=... CR3=... CR4=...
 *     Call trace:
 *      [<c0101234>] function+0x12/0x40
 *
 * Then exit= and panic= decide (kernel/start/options.h): exit=qemu ends QEMU with the status of a
 * failure; else reboot, or halt.
 */
#ifndef KERNEL_START_PANIC_H
#define KERNEL_START_PANIC_H

#include "kernel/cpu/trap.h"

/* entry.S calls this if EAX is not BOOT_INFO_MAGIC: our loader did not start the kernel. */
void entry_magic_wrong(u32 magic) __noreturn;

#endif
