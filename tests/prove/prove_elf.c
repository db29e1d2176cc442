/* SPDX-License-Identifier: MIT */
/*
 * The check of programs: a file of any size below 4 GiB with any contents; its read() may fail.
 *
 * sources: kernel/exec/elf.c
 * eva: -eva-precision 5 -eva-slevel 5000
 * planted: kernel/exec/elf.c: count == ELF_SEGMENTS_MAX => count > ELF_SEGMENTS_MAX
 */
#include "kernel/exec/elf.h"
#include "abi/linux/errno.h"
#include "paging/layout.h"
#include "tests/prove/prove.h"

static int read_any(const struct elf_file *file, u32 offset, void *to, u32 bytes)
{
	if (any_bool())
		return -EIO;
	any_bytes(to, bytes);
	return 0;
}

int main(void)
{
	struct elf_file file = { .size = any_between(0, UINT32_MAX), .read = read_any };
	struct elf_program program;
	const char *wrong;

	return elf_read(&file, USER_MIN, TASK_SIZE, &program, &wrong);
}
