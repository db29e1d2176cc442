/* SPDX-License-Identifier: MIT */
/*
 * The Linux i386 system calls that the ring-3 programs use: numbers (Linux
 * arch/x86/entry/syscalls/syscall_32.tbl), constants, structures, and one thin wrapper each.
 *
 * Every wrapper returns what the kernel returned: a result, or -errno. There is no errno variable.
 * The wrappers take addresses as void pointers or as u32 where a program wants to pass an address
 * that no C object has.
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
#define E2BIG	     7
#define EBADF	     9
#define ECHILD	     10
#define ENOMEM	     12
#define EFAULT	     14
#define EINVAL	     22
#define ENAMETOOLONG 36
#define ENOSYS	     38

#define SIGILL	 4
#define SIGTRAP	 5
#define SIGFPE	 8
#define SIGKILL	 9
#define SIGUSR1	 10
#define SIGSEGV	 11
#define SIGTERM	 15
#define SIGCHLD	 17
#define SIGCONT	 18
#define SIGSTOP	 19
#define SIGURG	 23
#define SIGWINCH 28

#define WNOHANG	  1
#define WUNTRACED 2

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

#define O_RDONLY 0
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

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

/* signals */

#define NR_PAUSE	   29
#define NR_SIGNAL	   48
#define NR_SIGACTION	   67
#define NR_SIGSUSPEND	   72
#define NR_SIGPENDING	   73
#define NR_SIGRETURN	   119
#define NR_SIGPROCMASK	   126
#define NR_RT_SIGRETURN	   173
#define NR_RT_SIGACTION	   174
#define NR_RT_SIGPROCMASK  175
#define NR_RT_SIGPENDING   176
#define NR_RT_SIGQUEUEINFO 178
#define NR_RT_SIGSUSPEND   179
#define NR_SIGALTSTACK	   186
#define NR_TKILL	   238
#define NR_TGKILL	   270

#define EINTR 4

#define SIGHUP	 1
#define SIGBUS	 7
#define SIGUSR2	 12
#define SIGPIPE	 13
#define SIGTSTP	 20
#define SIGRTMIN 32

#define WCONTINUED 8

#define SIG_DFL 0u
#define SIG_IGN 1u

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u
#define SA_SIGINFO   0x00000004u
#define SA_RESTORER  0x04000000u
#define SA_ONSTACK   0x08000000u
#define SA_RESTART   0x10000000u
#define SA_NODEFER   0x40000000u
#define SA_RESETHAND 0x80000000u

#define SI_USER	    0
#define SI_KERNEL   0x80
#define SI_QUEUE    -1
#define SI_TKILL    -6
#define ILL_ILLOPN  2
#define FPE_INTDIV  1
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRERR  2
#define TRAP_TRACE  2

#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ   2048u

/* The bit of a signal in a set. */
#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

/* rt_sigaction(): a set is a u64. */
struct sigaction {
	u32 handler;
	u32 flags;
	u32 restorer;
	u32 mask[2];
};

/* sigaction() */
struct old_sigaction {
	u32 handler;
	u32 mask;
	u32 flags;
	u32 restorer;
};

struct siginfo {
	int signo, error, code;
	union {
		u32 address;
		struct {
			int pid;
			u32 uid;
			int value; /* or the status of a child */
		};
		u32 words[29];
	};
};

struct sigcontext {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
	u32 trapno, err;
	u32 eip, cs, eflags;
	u32 esp_at_signal, ss;
	u32 fpstate, oldmask, cr2;
};

struct altstack {
	u32 start;
	u32 flags;
	u32 size;
};

struct ucontext {
	u32 flags, link;
	struct altstack stack;
	struct sigcontext context;
	u32 mask[2];
};

static inline long sys_rt_sigaction(int signal, const struct sigaction *action,
				    struct sigaction *old)
{
	return system_call(NR_RT_SIGACTION, signal, (long)action, (long)old, 8, 0, 0);
}

static inline long sys_sigaction(int signal, const struct old_sigaction *action,
				 struct old_sigaction *old)
{
	return system_call(NR_SIGACTION, signal, (long)action, (long)old, 0, 0, 0);
}

static inline long sys_signal(int signal, u32 handler)
{
	return system_call(NR_SIGNAL, signal, (long)handler, 0, 0, 0, 0);
}

static inline long sys_rt_sigprocmask(int how, const u64 *set, u64 *old)
{
	return system_call(NR_RT_SIGPROCMASK, how, (long)set, (long)old, 8, 0, 0);
}

static inline long sys_sigprocmask(int how, const u32 *set, u32 *old)
{
	return system_call(NR_SIGPROCMASK, how, (long)set, (long)old, 0, 0, 0);
}

static inline long sys_rt_sigpending(u64 *set, u32 size)
{
	return system_call(NR_RT_SIGPENDING, (long)set, (long)size, 0, 0, 0, 0);
}

static inline long sys_sigpending(u32 *set)
{
	return system_call(NR_SIGPENDING, (long)set, 0, 0, 0, 0, 0);
}

static inline long sys_rt_sigsuspend(const u64 *set)
{
	return system_call(NR_RT_SIGSUSPEND, (long)set, 8, 0, 0, 0, 0);
}

static inline long sys_sigsuspend(u32 set)
{
	return system_call(NR_SIGSUSPEND, 0, 0, (long)set, 0, 0, 0);
}

static inline long sys_pause(void)
{
	return system_call(NR_PAUSE, 0, 0, 0, 0, 0, 0);
}

static inline long sys_sigaltstack(const struct altstack *stack, struct altstack *old)
{
	return system_call(NR_SIGALTSTACK, (long)stack, (long)old, 0, 0, 0, 0);
}

static inline long sys_tkill(int thread, int signal)
{
	return system_call(NR_TKILL, thread, signal, 0, 0, 0, 0);
}

static inline long sys_tgkill(int process, int thread, int signal)
{
	return system_call(NR_TGKILL, process, thread, signal, 0, 0, 0);
}

static inline long sys_rt_sigqueueinfo(int pid, int signal, const struct siginfo *info)
{
	return system_call(NR_RT_SIGQUEUEINFO, pid, signal, (long)info, 0, 0, 0);
}

/* processes */

#define NR_DUP		   41
#define NR_DUP2		   63
#define NR_SETRLIMIT	   75
#define NR_GETRLIMIT	   76
#define NR_CLONE	   120
#define NR_NANOSLEEP	   162
#define NR_VFORK	   190
#define NR_UGETRLIMIT	   191
#define NR_GETUID32	   199
#define NR_FCNTL64	   221
#define NR_GETTID	   224
#define NR_FUTEX	   240
#define NR_SET_THREAD_AREA 243
#define NR_GET_THREAD_AREA 244
#define NR_SET_TID_ADDRESS 258
#define NR_DUP3		   330
#define NR_PRLIMIT64	   340

#define EAGAIN	  11
#define EMFILE	  24
#define ETIMEDOUT 110

#define __WALL	 0x40000000
#define __WCLONE ((int)0x80000000)

#define CLONE_VM	     0x00000100u
#define CLONE_FS	     0x00000200u
#define CLONE_FILES	     0x00000400u
#define CLONE_SIGHAND	     0x00000800u
#define CLONE_VFORK	     0x00004000u
#define CLONE_PARENT	     0x00008000u
#define CLONE_THREAD	     0x00010000u
#define CLONE_SYSVSEM	     0x00040000u
#define CLONE_SETTLS	     0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_CHILD_SETTID   0x01000000u

#define FUTEX_WAIT	     0
#define FUTEX_WAKE	     1
#define FUTEX_REQUEUE	     3
#define FUTEX_CMP_REQUEUE    4
#define FUTEX_WAIT_BITSET    9
#define FUTEX_WAKE_BITSET    10
#define FUTEX_PRIVATE_FLAG   128
#define FUTEX_CLOCK_REALTIME 256

#define O_CLOEXEC 02000000

#define F_DUPFD	   0
#define F_GETFD	   1
#define F_SETFD	   2
#define FD_CLOEXEC 1

#define RLIMIT_DATA    2
#define RLIMIT_STACK   3
#define RLIMIT_CORE    4
#define RLIMIT_NOFILE  7
#define RLIMIT_MEMLOCK 8
#define RLIMIT_AS      9
#define RLIM_INFINITY  0xffffffffu

struct rlimit {
	u32 current;
	u32 most;
};

struct rlimit64 {
	u64 current;
	u64 most;
};

struct timespec {
	s32 seconds;
	s32 nanoseconds;
};

/* set_thread_area(2). The flags are those of a bit field. */
#define DESC_32BIT	 0x01u
#define DESC_CODE	 0x04u
#define DESC_READ_ONLY	 0x08u
#define DESC_PAGES	 0x10u
#define DESC_NOT_PRESENT 0x20u
#define DESC_USEABLE	 0x40u

struct user_desc {
	u32 entry;
	u32 base;
	u32 limit;
	u32 flags;
};

static inline int sys_gettid(void)
{
	return system_call(NR_GETTID, 0, 0, 0, 0, 0, 0);
}

static inline int sys_set_tid_address(volatile int *place)
{
	return system_call(NR_SET_TID_ADDRESS, (long)place, 0, 0, 0, 0, 0);
}

static inline long sys_futex(volatile int *word, int operation, int value, const void *time,
			     volatile int *word2, u32 value3)
{
	return system_call(NR_FUTEX, (long)word, operation, value, (long)time, (long)word2,
			   (long)value3);
}

static inline long sys_set_thread_area(struct user_desc *desc)
{
	return system_call(NR_SET_THREAD_AREA, (long)desc, 0, 0, 0, 0, 0);
}

static inline long sys_get_thread_area(struct user_desc *desc)
{
	return system_call(NR_GET_THREAD_AREA, (long)desc, 0, 0, 0, 0, 0);
}

static inline long sys_dup(int fd)
{
	return system_call(NR_DUP, fd, 0, 0, 0, 0, 0);
}

static inline long sys_dup2(int fd, int to)
{
	return system_call(NR_DUP2, fd, to, 0, 0, 0, 0);
}

static inline long sys_dup3(int fd, int to, int flags)
{
	return system_call(NR_DUP3, fd, to, flags, 0, 0, 0);
}

static inline long sys_fcntl(int fd, int command, long argument)
{
	return system_call(NR_FCNTL64, fd, command, argument, 0, 0, 0);
}

static inline long sys_ugetrlimit(int resource, struct rlimit *limit)
{
	return system_call(NR_UGETRLIMIT, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_getrlimit(int resource, struct rlimit *limit)
{
	return system_call(NR_GETRLIMIT, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_setrlimit(int resource, const struct rlimit *limit)
{
	return system_call(NR_SETRLIMIT, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_prlimit64(int pid, int resource, const struct rlimit64 *limit,
				 struct rlimit64 *old)
{
	return system_call(NR_PRLIMIT64, pid, resource, (long)limit, (long)old, 0, 0);
}

/* time */

#define NR_TIME		 13
#define NR_IOCTL	 54
#define NR_GETTIMEOFDAY	 78
#define NR_CLOCK_GETTIME 265
#define NR_GETRANDOM	 355

#define ENOTTY 25

#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC 1

#define TIOCGWINSZ 0x5413

static inline long sys_time(s32 *place)
{
	return system_call(NR_TIME, (long)place, 0, 0, 0, 0, 0);
}

static inline long sys_gettimeofday(void *time, void *zone)
{
	return system_call(NR_GETTIMEOFDAY, (long)time, (long)zone, 0, 0, 0, 0);
}

static inline long sys_clock_gettime(int clock, struct timespec *time)
{
	return system_call(NR_CLOCK_GETTIME, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_nanosleep(const struct timespec *time, struct timespec *rest)
{
	return system_call(NR_NANOSLEEP, (long)time, (long)rest, 0, 0, 0, 0);
}

static inline long sys_getrandom(void *buffer, u32 bytes, u32 flags)
{
	return system_call(NR_GETRANDOM, (long)buffer, (long)bytes, (long)flags, 0, 0, 0);
}

static inline long sys_ioctl(int fd, u32 command, void *argument)
{
	return system_call(NR_IOCTL, fd, (long)command, (long)argument, 0, 0, 0);
}

#endif
