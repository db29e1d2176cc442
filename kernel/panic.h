/* SPDX-License-Identifier: MIT */
/*
 * The end: what panic() of lib/printk.h prints, and its variants for a trap.
 *
 *     Kernel panic - not syncing: TEXT
 *     task: pid=0 name=boot
 *     EIP=... CS=... EFLAGS=... and the other registers
 *     CR0=... CR2=... CR3=... CR4=...
 *     Call trace:
 *      [<c0101234>] function+0x12/0x40
 *
 * Then what exit= and panic= say (kernel/options.h): exit=qemu ends QEMU with the status of a
 * failure; else reboot, or halt.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "kernel/trap.h"

/* A trap that the kernel cannot go on from; regs is its frame. */
void panic_regs(const struct pt_regs *regs, const char *format, ...) __printf(2, 3) __noreturn;

/*
 * As panic_regs(), for registers that were saved by a task switch: regs->esp is that of the
 * interrupted code.
 */
void panic_task(const struct pt_regs *regs, const char *text) __noreturn;

/* entry.S: whoever jumped here with this in EAX was not our loader. */
void entry_magic_wrong(u32 magic) __noreturn;

#endif
