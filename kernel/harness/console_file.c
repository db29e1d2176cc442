/* SPDX-License-Identifier: MIT */
/* The console as an open file. */
#include "kernel/harness/console_file.h"
#include "kernel/console/console.h"
#include "kernel/harness/program_tap.h"
#include "kernel/process/signal.h"
#include "kernel/harness/terminal.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"

/* Bytes per write: 8 ms at 115200 baud, during which no other task runs. */
#define PART 96u

static struct program_tap *output_tap;

void console_output_to(struct program_tap *tap)
{
	output_tap = tap;
}

static s32 console_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	(void)file;
	(void)position;
	(void)bytes;
	(void)copy;
	(void)context;
	return 0;
}

static s32 console_file_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			      void *context)
{
	char buffer[PART];
	u32 done = 0, left = 0;

	(void)file;
	(void)position;
	while (done < bytes && !left) {
		u32 part = min(bytes - done, PART);

		left = copy(buffer, part, context);
		console_write_program(buffer, part - left);
		if (output_tap)
			tap_take(output_tap, buffer, part - left);
		done += part - left;
		/* A serial line is slow: let other tasks run, and let a signal end the call. */
		if (done < bytes && signal_pending(current))
			break;
		cond_resched();
	}
	return left && !done ? -EFAULT : (s32)done;
}

static const struct file_operations console_operations = {
	.read = console_read,
	.write = console_file_write,
	.mode = S_IFCHR | 0620,
	.ioctl = terminal_ioctl,
	.dev = DEVICES_DEV,
	.rdev = 0x501, /* /dev/console */
};

int console_files(struct task *task)
{
	struct file *file = file_alloc(&console_operations);
	struct files_struct *files = file ? files_alloc() : NULL;

	if (!files) {
		if (file)
			file_put(file);
		return -ENOMEM;
	}
	file->flags = O_RDWR;
	for (u32 i = 0; i < 3; i++) {
		if (i)
			file_get(file);
		fd_install(files, (u32)fd_alloc(files, i, OPEN_MAX, false), file);
	}
	task->files = files;
	return 0;
}
