/* SPDX-License-Identifier: MIT */
/*
 * Breaking the kernel on purpose (`crash=NAME`; Linux calls its own lkdtm), to see and to test what the log says then.
 */
#ifndef KERNEL_START_CRASH_H
#define KERNEL_START_CRASH_H

/*
 * Does what `name` says and does not return: stack (an endless recursion), null (a read through a null pointer), text (a write to the
 * kernel's code), double-free (of a frame), slab-overrun (needs slab_debug=Z), panic. An unknown name leaves a line that lists them, and returns.
 */
void crash_on_purpose(const char *name);

/*
 * The same before there is memory, interrupts or time: early (an invalid instruction); early-wait, which waits for an NMI for about 20 s and goes on.
 * Any other name is left to crash_on_purpose().
 */
void crash_early(const char *name);

#endif
