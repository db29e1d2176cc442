/* SPDX-License-Identifier: MIT */
/*
 * The Linux i386 system calls that the ring-3 programs use: numbers (Linux
 * arch/x86/entry/syscalls/syscall_32.tbl), constants, structures, and one thin wrapper each.
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

#include "lib/types.h"

#define PAGE_SIZE 4096u

#define NR_EXIT	       1
#define NR_FORK	       2
#define NR_READ	       3
#define NR_WRITE       4
#define NR_OPEN	       5
#define NR_CLOSE       6
#define NR_WAITPID     7
#define NR_EXECVE      11
#define NR_LSEEK       19
#define NR_GETPID      20
#define NR_KILL	       37
#define NR_BRK	       45
#define NR_GETPPID     64
#define NR_MMAP	       90
#define NR_MUNMAP      91
#define NR_WAIT4       114
#define NR_UNAME       122
#define NR_MPROTECT    125
#define NR_LLSEEK      140
#define NR_WRITEV      146
#define NR_SCHED_YIELD 158
#define NR_PREAD64     180
#define NR_MMAP2       192
#define NR_MINCORE     218
#define NR_MADVISE     219
#define NR_EXIT_GROUP  252

#define EPERM	     1
#define ENOENT	     2
#define ESRCH	     3
#define EINTR	     4
#define E2BIG	     7
#define EBADF	     9
#define ECHILD	     10
#define EAGAIN	     11
#define ENOMEM	     12
#define EFAULT	     14
#define EINVAL	     22
#define EMFILE	     24
#define ENOTTY	     25
#define ENAMETOOLONG 36
#define ENOSYS	     38
#define EOPNOTSUPP   95
#define ETIMEDOUT    110

#define SIGHUP	 1
#define SIGILL	 4
#define SIGTRAP	 5
#define SIGBUS	 7
#define SIGFPE	 8
#define SIGKILL	 9
#define SIGUSR1	 10
#define SIGSEGV	 11
#define SIGUSR2	 12
#define SIGPIPE	 13
#define SIGTERM	 15
#define SIGCHLD	 17
#define SIGCONT	 18
#define SIGSTOP	 19
#define SIGTSTP	 20
#define SIGURG	 23
#define SIGWINCH 28
#define SIGRTMIN 32

#define WNOHANG	   1
#define WUNTRACED  2
#define WCONTINUED 8

#define PROT_NONE  0
#define PROT_READ  1
#define PROT_WRITE 2
#define PROT_EXEC  4

#define MAP_PRIVATE   0x02
#define MAP_FIXED     0x10
#define MAP_ANONYMOUS 0x20
#define MAP_NORESERVE 0x4000

#define MADV_DONTNEED	4
#define MADV_NOHUGEPAGE 15

#define O_RDONLY  0
#define O_CLOEXEC 02000000
#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2

#define AT_NULL	  0
#define AT_PHDR	  3
#define AT_PHENT  4
#define AT_PHNUM  5
#define AT_PAGESZ 6
#define AT_ENTRY  9

/* The argument of call 90, mmap: the six arguments in memory. `offset` is in bytes. */
struct mmap_arguments {
	u32 address;
	u32 length;
	u32 protection;
	u32 flags;
	u32 fd;
	u32 offset;
};

struct iovec {
	const void *base;
	u32 length;
};

#define UTSNAME_LENGTH 65

struct utsname {
	char sysname[UTSNAME_LENGTH];
	char nodename[UTSNAME_LENGTH];
	char release[UTSNAME_LENGTH];
	char version[UTSNAME_LENGTH];
	char machine[UTSNAME_LENGTH];
	char domainname[UTSNAME_LENGTH];
};

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
		system_call(NR_EXIT, status, 0, 0, 0, 0, 0);
}

static inline __noreturn void sys_exit_group(int status)
{
	for (;;)
		system_call(NR_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

static inline long sys_fork(void)
{
	return system_call(NR_FORK, 0, 0, 0, 0, 0, 0);
}

static inline long sys_read(int fd, void *buffer, u32 length)
{
	return system_call(NR_READ, fd, (long)buffer, length, 0, 0, 0);
}

static inline long sys_write(int fd, const void *buffer, u32 length)
{
	return system_call(NR_WRITE, fd, (long)buffer, length, 0, 0, 0);
}

static inline long sys_writev(int fd, const struct iovec *vector, int count)
{
	return system_call(NR_WRITEV, fd, (long)vector, count, 0, 0, 0);
}

static inline long sys_open(const char *path, int flags)
{
	return system_call(NR_OPEN, (long)path, flags, 0, 0, 0, 0);
}

static inline long sys_close(int fd)
{
	return system_call(NR_CLOSE, fd, 0, 0, 0, 0, 0);
}

static inline long sys_lseek(int fd, long offset, int whence)
{
	return system_call(NR_LSEEK, fd, offset, whence, 0, 0, 0);
}

static inline long sys_llseek(int fd, u32 high, u32 low, u64 *result, int whence)
{
	return system_call(NR_LLSEEK, fd, high, low, (long)result, whence, 0);
}

static inline long sys_pread64(int fd, void *buffer, u32 length, u64 offset)
{
	return system_call(NR_PREAD64, fd, (long)buffer, length, (long)(u32)offset,
			   (long)(u32)(offset >> 32), 0);
}

static inline long sys_waitpid(int pid, int *status, int options)
{
	return system_call(NR_WAITPID, pid, (long)status, options, 0, 0, 0);
}

static inline long sys_wait4(int pid, int *status, int options, void *usage)
{
	return system_call(NR_WAIT4, pid, (long)status, options, (long)usage, 0, 0);
}

static inline long sys_execve(const char *path, const char *const *argv, const char *const *envp)
{
	return system_call(NR_EXECVE, (long)path, (long)argv, (long)envp, 0, 0, 0);
}

static inline int sys_getpid(void)
{
	return system_call(NR_GETPID, 0, 0, 0, 0, 0, 0);
}

static inline int sys_getppid(void)
{
	return system_call(NR_GETPPID, 0, 0, 0, 0, 0, 0);
}

static inline long sys_kill(int pid, int signal)
{
	return system_call(NR_KILL, pid, signal, 0, 0, 0, 0);
}

static inline long sys_sched_yield(void)
{
	return system_call(NR_SCHED_YIELD, 0, 0, 0, 0, 0, 0);
}

static inline long sys_uname(struct utsname *name)
{
	return system_call(NR_UNAME, (long)name, 0, 0, 0, 0, 0);
}

/* The break after the call, which is the old one where the kernel refuses. */
static inline u32 sys_brk(u32 address)
{
	return (u32)system_call(NR_BRK, (long)address, 0, 0, 0, 0, 0);
}

/* An address of 0xFFFFF001 or more is -errno. `page_offset` is in pages. */
static inline u32 sys_mmap2(u32 address, u32 length, int protection, int flags, int fd,
			    u32 page_offset)
{
	return (u32)system_call(NR_MMAP2, (long)address, (long)length, protection, flags, fd,
				(long)page_offset);
}

static inline u32 sys_mmap(const struct mmap_arguments *arguments)
{
	return (u32)system_call(NR_MMAP, (long)arguments, 0, 0, 0, 0, 0);
}

static inline long sys_munmap(u32 address, u32 length)
{
	return system_call(NR_MUNMAP, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long sys_mprotect(u32 address, u32 length, int protection)
{
	return system_call(NR_MPROTECT, (long)address, (long)length, protection, 0, 0, 0);
}

static inline long sys_madvise(u32 address, u32 length, int advice)
{
	return system_call(NR_MADVISE, (long)address, (long)length, advice, 0, 0, 0);
}

static inline long sys_mincore(u32 address, u32 length, u8 *vector)
{
	return system_call(NR_MINCORE, (long)address, (long)length, (long)vector, 0, 0, 0);
}

/* Is the result of mmap, mmap2 an error? */
static inline bool is_error(u32 result)
{
	return result > 0xFFFFF000u;
}

#endif
