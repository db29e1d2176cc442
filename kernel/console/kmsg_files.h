/* SPDX-License-Identifier: MIT */
/*
 * The log for programs, in Linux's formats. All readers use the ring of kmsg.h.
 *
 *     syslog(2), /proc/kmsg   one position for all readers; lines: "<6>[    1.234567] text\n"
 *     /dev/kmsg               each open file has its own; records: "6,12,1234567,-;text\n"
 *
 * What a program writes to /dev/kmsg becomes records of its own, and lines of a program on the
 * console if their priority is below the console's level. Sources: syslog(2), Linux
 * Documentation/ABI/testing/dev-kmsg.
 */
#ifndef KERNEL_CONSOLE_KMSG_FILES_H
#define KERNEL_CONSOLE_KMSG_FILES_H

#include "fs/file.h"

/* /proc/sys/kernel/dmesg_restrict: 1: only the super-user reads the log. */
extern u32 kmsg_restricted;

/* The console's level for what programs write, 1 to 8; off: as if it were 1. Set by syslog(2). */
extern u32 kmsg_console_level;
extern bool kmsg_console_off;

/*
 * Reads the lines that no reader has got, as many whole ones as fit, or a part of one. Waits for
 * the first one. Returns the bytes, -EAGAIN instead of a wait, -ERESTARTSYS, or -EFAULT.
 */
s32 kmsg_read_new(bool nonblock, u32 bytes, mapping_copy_t copy, void *context);

/* Copies the last whole lines since kmsg_clear() that fit. Returns the bytes, or -EFAULT. */
s32 kmsg_read_last(u32 bytes, mapping_copy_t copy, void *context);

/* kmsg_read_last() will begin after the last line of now. */
void kmsg_clear(void);

/* The bytes that kmsg_read_new() would return to a large buffer. */
u32 kmsg_unread(void);

/* A record was written: wakes the readers. Any context. */
void kmsg_wake(void);

/* Makes /dev/kmsg. Once, after file_init(). */
void kmsg_device_init(void);

extern const struct file_operations proc_kmsg_operations;

#endif
