/* SPDX-License-Identifier: MIT */
/*
 * System calls: `int 0x80` with Linux's i386 numbers; arguments in ebx, ecx, edx, esi, edi, ebp;
 * the result, or -errno, in eax. Source: syscall(2).
 *
 * A handler reads its arguments from the frame. Pointers are vaddr_t and go through
 * kernel/cpu/uaccess.h. An unknown call returns -ENOSYS, and is logged once.
 */
#ifndef KERNEL_SYSCALL_SYSCALL_H
#define KERNEL_SYSCALL_SYSCALL_H

#include "kernel/cpu/trap.h"

typedef s32 syscall_t(struct pt_regs *regs);

/*
 * Returns the name of a call, and its length in *length; "-" if Linux has no such call.
 * kernel/syscall/syscall_names.c.
 */
const char *syscall_name(u32 number, u32 *length);

/* kernel/syscall/sys_process.c */
syscall_t sys_exit, sys_exit_group, sys_waitpid, sys_execve, sys_getpid, sys_getppid, sys_uname,
	sys_sched_yield;
/* kernel/syscall/sys_kill.c */
syscall_t sys_kill, sys_tkill, sys_tgkill, sys_rt_sigqueueinfo;
/* kernel/syscall/sys_signal.c */
syscall_t sys_rt_sigaction, sys_sigaction, sys_signal, sys_rt_sigprocmask, sys_sigprocmask,
	sys_rt_sigpending, sys_sigpending, sys_pause, sys_rt_sigsuspend, sys_sigsuspend,
	sys_sigreturn, sys_rt_sigreturn, sys_sigaltstack;
/* kernel/syscall/sys_thread.c */
syscall_t sys_fork, sys_vfork, sys_clone, sys_gettid, sys_set_tid_address, sys_futex,
	sys_futex_time64, sys_set_thread_area, sys_get_thread_area;
/* kernel/syscall/sys_pgrp.c */
syscall_t sys_getpgrp, sys_getpgid, sys_setsid, sys_getsid;
/* kernel/syscall/sys_time.c */
syscall_t sys_time, sys_gettimeofday;
/* kernel/syscall/sys_clock.c */
syscall_t sys_clock_gettime, sys_clock_gettime64, sys_clock_getres, sys_clock_getres_time64,
	sys_clock_nanosleep, sys_clock_nanosleep_time64, sys_nanosleep, sys_restart_syscall;
/* kernel/syscall/sys_usage.c */
syscall_t sys_getrusage, sys_wait4, sys_times, sys_sysinfo;
/* kernel/syscall/sys_sched.c */
syscall_t sys_sched_getaffinity, sys_sched_setaffinity, sys_getcpu, sys_sched_getscheduler,
	sys_sched_getparam, sys_sched_get_priority_max, sys_sched_get_priority_min;
/* kernel/process/futex.c */
syscall_t sys_set_robust_list, sys_get_robust_list;
/* kernel/syscall/sys_random.c */
syscall_t sys_getrandom;
/* kernel/syscall/sys_limits.c */
syscall_t sys_getrlimit, sys_ugetrlimit, sys_setrlimit, sys_prlimit64;
/* kernel/syscall/sys_descriptor.c */
syscall_t sys_dup, sys_dup2, sys_dup3, sys_fcntl64, sys_ioctl;
/* kernel/syscall/sys_memory.c */
syscall_t sys_brk, sys_old_mmap, sys_munmap, sys_mprotect, sys_mmap2, sys_mincore, sys_madvise,
	sys_mremap, sys_pkey_mprotect, sys_mlock, sys_mlock2, sys_munlock, sys_mlockall,
	sys_munlockall, sys_msync;
/* kernel/syscall/sys_ids.c */
syscall_t sys_getuid16, sys_getuid32, sys_getgid16, sys_getgid32, sys_geteuid16, sys_geteuid32,
	sys_getegid16, sys_getegid32, sys_setuid16, sys_setuid32, sys_setgid16, sys_setgid32,
	sys_setreuid16, sys_setreuid32, sys_setregid16, sys_setregid32, sys_setresuid16,
	sys_setresuid32, sys_setresgid16, sys_setresgid32, sys_getresuid16, sys_getresuid32,
	sys_getresgid16, sys_getresgid32, sys_setfsuid16, sys_setfsuid32, sys_setfsgid16,
	sys_setfsgid32, sys_getgroups16, sys_getgroups32, sys_setgroups16, sys_setgroups32;
/* kernel/syscall/sys_file.c */
syscall_t sys_read, sys_write, sys_lseek, sys__llseek, sys_readv, sys_writev, sys_pread64,
	sys_pwrite64;
/* kernel/syscall/sys_fs.c */
syscall_t sys_open, sys_openat, sys_creat, sys_close, sys_unlink, sys_unlinkat, sys_link,
	sys_linkat, sys_readlink, sys_readlinkat, sys_access, sys_ftruncate, sys_ftruncate64,
	sys_truncate, sys_truncate64, sys_fsync;
/* kernel/syscall/sys_stat.c */
syscall_t sys_stat64, sys_lstat64, sys_fstat64, sys_fstatat64, sys_statx;
/* kernel/syscall/sys_ipc.c */
syscall_t sys_ipc, sys_shmget, sys_shmctl, sys_shmat, sys_shmdt;

#endif
