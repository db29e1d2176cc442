/* SPDX-License-Identifier: MIT */
/* The console as an open file. What programs write is indented, so that the log tells it from what the kernel says. */
#include "kernel/console_file.h"
#include "kernel/console.h"
#include "lib/errno.h"

#define PROGRAM_INDENT 2

static s32 console_read(struct file *file, void *buffer, u32 bytes, u64 position)
{
	(void)file;
	(void)buffer;
	(void)bytes;
	(void)position;
	return 0;
}

static s32 console_file_write(struct file *file, const void *buffer, u32 bytes)
{
	(void)file;
	console_set_indent(PROGRAM_INDENT);
	console_write(buffer, bytes);
	console_set_indent(0);
	return (s32)bytes;
}

static const struct file_operations console_operations = {
	.read = console_read,
	.write = console_file_write,
};

int console_files(struct task *task)
{
	struct file *file = file_alloc(&console_operations);

	if (!file)
		return -ENOMEM;
	for (int fd = 0; fd < 3; fd++) {
		task->files[fd] = file;
		file->count = (u32)fd + 1;
	}
	return 0;
}
