/* SPDX-License-Identifier: MIT */
/*
 * The Linux i386 system calls that the ring-3 programs use: one thin wrapper each. Numbers,
 * constants and structures are the kernel's own, from abi/linux/: a wrong one fails on Linux.
 *
 * Every wrapper returns what the kernel returned: a result, or -errno. There is no errno
 * variable. The wrappers take addresses as void pointers or as u32 where a program wants to pass
 * an address that no C object has.
 *
 * Here is what most programs use. signal_calls.h has signals, task_calls.h threads, descriptors
 * and limits, time_calls.h clocks.
 */
#ifndef RING3_SYSCALL_H
#define RING3_SYSCALL_H

#include "abi/linux/auxvec.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "abi/linux/mman.h"
#include "abi/linux/signal.h"
#include "abi/linux/uio.h"
#include "abi/linux/unistd.h"
#include "abi/linux/utsname.h"
#include "abi/linux/wait.h"
#include "lib/types.h"

#define PAGE_SIZE 4096u

/*
 * Kept by start.S at the first instruction. Registers in the order eax, ebx, ecx, edx, esi, edi,
 * ebp.
 */
extern u32 start_stack;
extern char **start_environment;
extern u32 start_flags;
extern u32 start_registers[7];
extern char _start[];

/* One int 0x80 with all six argument registers. Returns eax. */
long system_call(long number, long a, long b, long c, long d, long e, long f);

static inline __noreturn void sys_exit(int status)
{
	for (;;)
		system_call(NR_exit, status, 0, 0, 0, 0, 0);
}

static inline __noreturn void sys_exit_group(int status)
{
	for (;;)
		system_call(NR_exit_group, status, 0, 0, 0, 0, 0);
}

static inline long sys_fork(void)
{
	return system_call(NR_fork, 0, 0, 0, 0, 0, 0);
}

static inline long sys_read(int fd, void *buffer, u32 length)
{
	return system_call(NR_read, fd, (long)buffer, length, 0, 0, 0);
}

static inline long sys_write(int fd, const void *buffer, u32 length)
{
	return system_call(NR_write, fd, (long)buffer, length, 0, 0, 0);
}

static inline long sys_writev(int fd, const struct iovec *vector, int count)
{
	return system_call(NR_writev, fd, (long)vector, count, 0, 0, 0);
}

static inline long sys_open(const char *path, int flags)
{
	return system_call(NR_open, (long)path, flags, 0, 0, 0, 0);
}

static inline long sys_close(int fd)
{
	return system_call(NR_close, fd, 0, 0, 0, 0, 0);
}

static inline long sys_lseek(int fd, long offset, int whence)
{
	return system_call(NR_lseek, fd, offset, whence, 0, 0, 0);
}

static inline long sys_llseek(int fd, u32 high, u32 low, u64 *result, int whence)
{
	return system_call(NR__llseek, fd, high, low, (long)result, whence, 0);
}

static inline long sys_pread64(int fd, void *buffer, u32 length, u64 offset)
{
	return system_call(NR_pread64, fd, (long)buffer, length, (long)(u32)offset,
			   (long)(u32)(offset >> 32), 0);
}

static inline long sys_waitpid(int pid, int *status, int options)
{
	return system_call(NR_waitpid, pid, (long)status, options, 0, 0, 0);
}

static inline long sys_wait4(int pid, int *status, int options, void *usage)
{
	return system_call(NR_wait4, pid, (long)status, options, (long)usage, 0, 0);
}

static inline long sys_execve(const char *path, const char *const *argv, const char *const *envp)
{
	return system_call(NR_execve, (long)path, (long)argv, (long)envp, 0, 0, 0);
}

static inline int sys_getpid(void)
{
	return system_call(NR_getpid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_getppid(void)
{
	return system_call(NR_getppid, 0, 0, 0, 0, 0, 0);
}

static inline long sys_kill(int pid, int signal)
{
	return system_call(NR_kill, pid, signal, 0, 0, 0, 0);
}

static inline long sys_sched_yield(void)
{
	return system_call(NR_sched_yield, 0, 0, 0, 0, 0, 0);
}

static inline long sys_uname(struct utsname *name)
{
	return system_call(NR_uname, (long)name, 0, 0, 0, 0, 0);
}

/* The break after the call, which is the old one where the kernel refuses. */
static inline u32 sys_brk(u32 address)
{
	return (u32)system_call(NR_brk, (long)address, 0, 0, 0, 0, 0);
}

/* An address of 0xFFFFF001 or more is -errno. `page_offset` is in pages. */
static inline u32 sys_mmap2(u32 address, u32 length, int protection, int flags, int fd,
			    u32 page_offset)
{
	return (u32)system_call(NR_mmap2, (long)address, (long)length, protection, flags, fd,
				(long)page_offset);
}

static inline u32 sys_mmap(const struct mmap_arguments *arguments)
{
	return (u32)system_call(NR_mmap, (long)arguments, 0, 0, 0, 0, 0);
}

static inline long sys_munmap(u32 address, u32 length)
{
	return system_call(NR_munmap, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long sys_mprotect(u32 address, u32 length, int protection)
{
	return system_call(NR_mprotect, (long)address, (long)length, protection, 0, 0, 0);
}

static inline long sys_madvise(u32 address, u32 length, int advice)
{
	return system_call(NR_madvise, (long)address, (long)length, advice, 0, 0, 0);
}

static inline long sys_mincore(u32 address, u32 length, u8 *vector)
{
	return system_call(NR_mincore, (long)address, (long)length, (long)vector, 0, 0, 0);
}

/* Is the result of mmap, mmap2 an error? */
static inline bool is_error(u32 result)
{
	return result > 0xFFFFF000u;
}

#endif
