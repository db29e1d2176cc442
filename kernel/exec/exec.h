/* SPDX-License-Identifier: MIT */
/*
 * execve: replaces the program of a process.
 *
 * A failed execve must leave the process as it was. So the new address space is completed beside
 * the old one: segments, stack, arguments. The old one is released when nothing can fail any
 * more.
 *
 *   top of the user half
 *     0 | file name | argument and environment strings | "i686" | 16 random bytes
 *     auxv, envp[], argv[], argc   <- esp, aligned to 16
 */
#ifndef KERNEL_EXEC_EXEC_H
#define KERNEL_EXEC_EXEC_H

#include "kernel/task/task.h"

/*
 * Linux's limits, in bytes; -E2BIG beyond them (execve(2)). ARG_STRING_MAX: one string with its
 * NUL. All strings and their pointers: a quarter of RLIMIT_STACK, but between the other two.
 */
#define ARG_STRING_MAX 131072u
#define ARG_MAX_LEAST  131072u
#define ARG_MAX_MOST   MiB(6)

struct exec_script;

/* Strings of the kernel, or in ring 3 of the current process; neither: no strings. */
struct exec_strings {
	const char *const *kernel;	  /* NULL ends the array */
	vaddr_t user;			  /* of an array of vaddr_t that 0 ends */
	const struct exec_script *script; /* its strings replace the first one; or NULL */
};

/* The last component of a path, which names its process. */
const char *program_name(const char *path);

/*
 * The time-stamp counter when the first program was ready to run, and the free frames; 0 before.
 */
extern u64 first_program_tsc;
extern u32 first_program_free;

/*
 * Replaces the current task's program by the file `path` (a kernel pointer), or by the program
 * that interprets it (kernel/exec/script.h). *regs becomes the frame to start it with. Returns 0
 * or -errno: as open(), -EACCES (not a regular file, or not executable), -ENOEXEC (no program
 * that can run; the log has the reason), -ETXTBSY (open for writing), -ELOOP, -E2BIG, -EFAULT,
 * -ENOMEM.
 */
int do_execve(const char *path, const struct exec_strings *argv, const struct exec_strings *envp,
	      struct pt_regs *regs);

/*
 * The same for a file that is found already (path_program()). Takes over the reference. `path` is
 * what the program is told as its name.
 */
int execve_file(struct address_space *file, const char *path, const struct exec_strings *argv,
		const struct exec_strings *envp, struct pt_regs *regs);

struct elf_program;

/*
 * Maps the stack of `mm` and writes strings, auxiliary vector and pointers as in the picture
 * above (exec_stack.c). Returns 0 and the initial stack pointer, or -E2BIG, -EFAULT, -ENOMEM.
 */
int exec_stack(struct mm_struct *mm, const char *path, const struct elf_program *program,
	       const struct exec_ids *ids, const struct exec_strings *argv,
	       const struct exec_strings *envp, vaddr_t *stack);

#endif
