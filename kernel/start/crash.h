/* SPDX-License-Identifier: MIT */
/* Crashes the kernel on purpose (`crash=NAME`; as Linux's lkdtm), to test the reports. */
#ifndef KERNEL_START_CRASH_H
#define KERNEL_START_CRASH_H

/*
 * Crashes as `name` says and does not return: stack (an endless recursion), null (a read through
 * a null pointer), text (a write to the kernel's code), double-free (of a frame), slab-overrun
 * (needs slab_debug=Z), smap, smep, panic, hang (interrupts off, for ever). For an unknown name
 * prints a line that lists them, and returns.
 */
void crash_on_purpose(const char *name);

/*
 * Crashes before there is memory, interrupts or time: early (an invalid instruction); early-wait
 * waits about 20 s for an NMI and returns. Ignores other names, which are for crash_on_purpose().
 */
void crash_early(const char *name);

#endif
