/* SPDX-License-Identifier: MIT */
/* The table of system calls. */
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "kernel/unistd.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/printk.h"

static syscall_t *const syscall_table[NR_syscalls] = {
	[NR_exit] = sys_exit,
	[NR_fork] = sys_fork,
	[NR_read] = sys_read,
	[NR_write] = sys_write,
	[NR_open] = sys_open,
	[NR_close] = sys_close,
	[NR_waitpid] = sys_waitpid,
	[NR_creat] = sys_creat,
	[NR_unlink] = sys_unlink,
	[NR_execve] = sys_execve,
	[NR_time] = sys_time,
	[NR_lseek] = sys_lseek,
	[NR_getpid] = sys_getpid,
	[NR_pause] = sys_pause,
	[NR_access] = sys_access,
	[NR_kill] = sys_kill,
	[NR_dup] = sys_dup,
	[NR_brk] = sys_brk,
	[NR_signal] = sys_signal,
	[NR_ioctl] = sys_ioctl,
	[NR_dup2] = sys_dup2,
	[NR_getppid] = sys_getppid,
	[NR_fcntl] = sys_fcntl64,
	[NR_getpgrp] = sys_getpgrp,
	[NR_setsid] = sys_setsid,
	[NR_sigaction] = sys_sigaction,
	[NR_sigsuspend] = sys_sigsuspend,
	[NR_sigpending] = sys_sigpending,
	[NR_setrlimit] = sys_setrlimit,
	[NR_getrlimit] = sys_getrlimit,
	[NR_gettimeofday] = sys_gettimeofday,
	[NR_mmap] = sys_old_mmap,
	[NR_munmap] = sys_munmap,
	[NR_truncate] = sys_truncate,
	[NR_ftruncate] = sys_ftruncate,
	[NR_wait4] = sys_wait4,
	[NR_ipc] = sys_ipc,
	[NR_fsync] = sys_fsync,
	[NR_sigreturn] = sys_sigreturn,
	[NR_clone] = sys_clone,
	[NR_uname] = sys_uname,
	[NR_mprotect] = sys_mprotect,
	[NR_sigprocmask] = sys_sigprocmask,
	[NR_getpgid] = sys_getpgid,
	[NR__llseek] = sys__llseek,
	[NR_msync] = sys_msync,
	[NR_readv] = sys_readv,
	[NR_writev] = sys_writev,
	[NR_getsid] = sys_getsid,
	[NR_fdatasync] = sys_fsync,
	[NR_mlock] = sys_mlock,
	[NR_munlock] = sys_munlock,
	[NR_mlockall] = sys_mlockall,
	[NR_munlockall] = sys_munlockall,
	[NR_sched_yield] = sys_sched_yield,
	[NR_nanosleep] = sys_nanosleep,
	[NR_mremap] = sys_mremap,
	[NR_rt_sigreturn] = sys_rt_sigreturn,
	[NR_rt_sigaction] = sys_rt_sigaction,
	[NR_rt_sigprocmask] = sys_rt_sigprocmask,
	[NR_rt_sigpending] = sys_rt_sigpending,
	[NR_rt_sigqueueinfo] = sys_rt_sigqueueinfo,
	[NR_rt_sigsuspend] = sys_rt_sigsuspend,
	[NR_pread64] = sys_pread64,
	[NR_pwrite64] = sys_pwrite64,
	[NR_sigaltstack] = sys_sigaltstack,
	[NR_vfork] = sys_vfork,
	[NR_ugetrlimit] = sys_ugetrlimit,
	[NR_mmap2] = sys_mmap2,
	[NR_truncate64] = sys_truncate64,
	[NR_ftruncate64] = sys_ftruncate64,
	[NR_stat64] = sys_stat64,
	[NR_lstat64] = sys_lstat64,
	[NR_fstat64] = sys_fstat64,
	[NR_getuid32] = sys_getuid32,
	[NR_geteuid32] = sys_geteuid32,
	[NR_setreuid32] = sys_setreuid32,
	[NR_setresuid32] = sys_setresuid32,
	[NR_getresuid32] = sys_getresuid32,
	[NR_setuid32] = sys_setuid32,
	[NR_mincore] = sys_mincore,
	[NR_madvise] = sys_madvise,
	[NR_fcntl64] = sys_fcntl64,
	[NR_gettid] = sys_gettid,
	[NR_tkill] = sys_tkill,
	[NR_futex] = sys_futex,
	[NR_set_thread_area] = sys_set_thread_area,
	[NR_get_thread_area] = sys_get_thread_area,
	[NR_exit_group] = sys_exit_group,
	[NR_set_tid_address] = sys_set_tid_address,
	[NR_clock_gettime] = sys_clock_gettime,
	[NR_tgkill] = sys_tgkill,
	[NR_openat] = sys_openat,
	[NR_fstatat64] = sys_fstatat64,
	[NR_unlinkat] = sys_unlinkat,
	[NR_dup3] = sys_dup3,
	[NR_prlimit64] = sys_prlimit64,
	[NR_getrandom] = sys_getrandom,
	[NR_mlock2] = sys_mlock2,
	[NR_pkey_mprotect] = sys_pkey_mprotect,
	[NR_statx] = sys_statx,
	[NR_shmget] = sys_shmget,
	[NR_shmctl] = sys_shmctl,
	[NR_shmat] = sys_shmat,
	[NR_shmdt] = sys_shmdt,
};

static s32 not_there(u32 number)
{
	static u32 named[BITMAP_WORDS(NR_syscalls)];

	if (number < NR_syscalls && !bitmap_test(named, number)) {
		bitmap_set(named, number);
		printk("syscall: number=%u pid=%d name=%s error=ENOSYS\n", number, current->pid,
		       current->name);
	}
	return -ENOSYS;
}

void do_syscall(struct pt_regs *regs)
{
	u32 number = regs->eax;

	if (likely(number < NR_syscalls && syscall_table[number]))
		regs->eax = (u32)syscall_table[number](regs);
	else
		regs->eax = (u32)not_there(number);
}
