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

#include "fs/file.h"
#include "kernel/cpu/trap.h"

typedef s32 syscall_t(struct pt_regs *regs);

/* Returns a call's name, with *length; "-": Linux has none. kernel/syscall/syscall_names.c. */
const char *syscall_name(u32 number, u32 *length);

/* Copies a path from ring 3. 0, -EFAULT, -ENOENT for an empty path, -ENAMETOOLONG. */
int get_path(vaddr_t from, char path[PATH_MAX]);

/* For an `at` call. A relative path needs AT_FDCWD: else -EBADF or -ENOTDIR. */
int get_path_at(u32 directory, vaddr_t from, char path[PATH_MAX]);

/* In the files kernel/syscall/sys_*.c. */
syscall_t sys__llseek, sys_access, sys_brk, sys_clock_getres, sys_clock_gettime,
	sys_clock_nanosleep, sys_clone, sys_close, sys_creat, sys_dup, sys_dup2, sys_dup3,
	sys_execve, sys_exit, sys_exit_group, sys_fcntl64, sys_fork, sys_fstat64, sys_fstatat64,
	sys_fsync, sys_ftruncate, sys_ftruncate64, sys_futex, sys_get_robust_list,
	sys_get_thread_area, sys_getcpu, sys_getegid, sys_geteuid, sys_getgid, sys_getgroups,
	sys_getpgid, sys_getpgrp, sys_getpid, sys_getppid, sys_getrandom, sys_getresgid,
	sys_getresuid, sys_getrlimit, sys_getrusage, sys_getsid, sys_gettid, sys_gettimeofday,
	sys_getuid, sys_ioctl, sys_ipc, sys_kill, sys_link, sys_linkat, sys_lseek, sys_lstat64,
	sys_madvise, sys_mincore, sys_mlock, sys_mlock2, sys_mlockall, sys_mmap2, sys_mprotect,
	sys_mremap, sys_msync, sys_munlock, sys_munlockall, sys_munmap, sys_nanosleep, sys_old_mmap,
	sys_open, sys_openat, sys_pause, sys_pkey_mprotect, sys_pread64, sys_prlimit64,
	sys_pwrite64, sys_read, sys_readlink, sys_readlinkat, sys_readv, sys_restart_syscall,
	sys_rt_sigaction, sys_rt_sigpending, sys_rt_sigprocmask, sys_rt_sigqueueinfo,
	sys_rt_sigreturn, sys_rt_sigsuspend, sys_sched_get_priority_max, sys_sched_get_priority_min,
	sys_sched_getaffinity, sys_sched_getparam, sys_sched_getscheduler, sys_sched_setaffinity,
	sys_sched_yield, sys_set_robust_list, sys_set_thread_area, sys_set_tid_address,
	sys_setfsgid, sys_setfsuid, sys_setgid, sys_setgroups, sys_setregid, sys_setresgid,
	sys_setresuid, sys_setreuid, sys_setrlimit, sys_setsid, sys_setuid, sys_shmat, sys_shmctl,
	sys_shmdt, sys_shmget, sys_sigaction, sys_sigaltstack, sys_signal, sys_sigpending,
	sys_sigprocmask, sys_sigreturn, sys_sigsuspend, sys_stat64, sys_statx, sys_swapoff,
	sys_swapon, sys_sysinfo, sys_tgkill, sys_time, sys_times, sys_tkill, sys_truncate,
	sys_truncate64, sys_ugetrlimit, sys_uname, sys_unlink, sys_unlinkat, sys_vfork, sys_wait4,
	sys_waitpid, sys_write, sys_writev;

#endif
