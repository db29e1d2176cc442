/* SPDX-License-Identifier: MIT */
/* The first stack of a program. */
#ifndef KERNEL_EXEC_EXEC_STACK_H
#define KERNEL_EXEC_EXEC_STACK_H

#include "kernel/exec/elf.h"
#include "kernel/exec/exec.h"

/*
 * Maps the stack of `mm` and writes strings, auxiliary vector and pointers as in the picture in
 * kernel/exec/exec.h. Returns 0 and the initial stack pointer, or -E2BIG, -EFAULT, -ENOMEM.
 */
int exec_stack(struct mm_struct *mm, const char *path, const struct elf_program *program,
	       const struct exec_strings *argv, const struct exec_strings *envp, vaddr_t *stack);

#endif
