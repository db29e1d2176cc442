/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/console/kmsg_rig.h"

#include <string.h>

#include "kernel/console/console.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/devices/time.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/machine.h"

u64 now;
char text[BUFFER];
char printed[4096];

u64 clock_counts(void)
{
	return now * 3;
}

u64 clock_monotonic_at(u64 counts)
{
	return counts / 3 * 1000 + 999;
}

void console_write_program(const char *from, size_t count)
{
	strncat(printed, from, count);
}

u32 refuse(void *memory, u32 bytes, void *context)
{
	(void)memory;
	(void)context;
	return bytes;
}

void boot(void)
{
	start();
	kmsg_device_init();
	machine_settle();
}

s32 read_record(struct file *file, u32 bytes)
{
	char *to = text;

	memset(text, 0, sizeof(text));
	return file_read(file, &file->position, bytes, copy_to_buffer, &to);
}
