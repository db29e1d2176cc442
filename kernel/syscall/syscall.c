/* SPDX-License-Identifier: MIT */
/* The table of system calls. */
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "kernel/cpu/trap.h"
#include "abi/linux/unistd.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"

static syscall_t *const syscall_table[NR_syscalls] = {
	[NR_restart_syscall] = sys_restart_syscall,
	[NR_exit] = sys_exit,
	[NR_fork] = sys_fork,
	[NR_read] = sys_read,
	[NR_write] = sys_write,
	[NR_open] = sys_open,
	[NR_close] = sys_close,
	[NR_waitpid] = sys_waitpid,
	[NR_creat] = sys_creat,
	[NR_link] = sys_link,
	[NR_unlink] = sys_unlink,
	[NR_execve] = sys_execve,
	[NR_time] = sys_time,
	[NR_lseek] = sys_lseek,
	[NR_getpid] = sys_getpid,
	[NR_setuid] = sys_setuid,
	[NR_getuid] = sys_getuid,
	[NR_alarm] = sys_alarm,
	[NR_pause] = sys_pause,
	[NR_access] = sys_access,
	[NR_kill] = sys_kill,
	[NR_dup] = sys_dup,
	[NR_pipe] = sys_pipe,
	[NR_times] = sys_times,
	[NR_brk] = sys_brk,
	[NR_setgid] = sys_setgid,
	[NR_getgid] = sys_getgid,
	[NR_signal] = sys_signal,
	[NR_geteuid] = sys_geteuid,
	[NR_getegid] = sys_getegid,
	[NR_ioctl] = sys_ioctl,
	[NR_fcntl] = sys_fcntl64,
	[NR_dup2] = sys_dup2,
	[NR_getppid] = sys_getppid,
	[NR_getpgrp] = sys_getpgrp,
	[NR_setsid] = sys_setsid,
	[NR_sigaction] = sys_sigaction,
	[NR_setreuid] = sys_setreuid,
	[NR_setregid] = sys_setregid,
	[NR_sigsuspend] = sys_sigsuspend,
	[NR_sigpending] = sys_sigpending,
	[NR_setrlimit] = sys_setrlimit,
	[NR_getrlimit] = sys_getrlimit,
	[NR_getrusage] = sys_getrusage,
	[NR_gettimeofday] = sys_gettimeofday,
	[NR_getgroups] = sys_getgroups,
	[NR_setgroups] = sys_setgroups,
	[NR_select] = sys_old_select,
	[NR_readlink] = sys_readlink,
	[NR_swapon] = sys_swapon,
	[NR_mmap] = sys_old_mmap,
	[NR_munmap] = sys_munmap,
	[NR_truncate] = sys_truncate,
	[NR_ftruncate] = sys_ftruncate,
	[NR_setitimer] = sys_setitimer,
	[NR_getitimer] = sys_getitimer,
	[NR_wait4] = sys_wait4,
	[NR_swapoff] = sys_swapoff,
	[NR_sysinfo] = sys_sysinfo,
	[NR_ipc] = sys_ipc,
	[NR_fsync] = sys_fsync,
	[NR_sigreturn] = sys_sigreturn,
	[NR_clone] = sys_clone,
	[NR_uname] = sys_uname,
	[NR_mprotect] = sys_mprotect,
	[NR_sigprocmask] = sys_sigprocmask,
	[NR_getpgid] = sys_getpgid,
	[NR_setfsuid] = sys_setfsuid,
	[NR_setfsgid] = sys_setfsgid,
	[NR__llseek] = sys__llseek,
	[NR__newselect] = sys_select,
	[NR_msync] = sys_msync,
	[NR_readv] = sys_readv,
	[NR_writev] = sys_writev,
	[NR_getsid] = sys_getsid,
	[NR_fdatasync] = sys_fsync,
	[NR_mlock] = sys_mlock,
	[NR_munlock] = sys_munlock,
	[NR_mlockall] = sys_mlockall,
	[NR_munlockall] = sys_munlockall,
	[NR_sched_getparam] = sys_sched_getparam,
	[NR_sched_getscheduler] = sys_sched_getscheduler,
	[NR_sched_yield] = sys_sched_yield,
	[NR_sched_get_priority_max] = sys_sched_get_priority_max,
	[NR_sched_get_priority_min] = sys_sched_get_priority_min,
	[NR_nanosleep] = sys_nanosleep,
	[NR_mremap] = sys_mremap,
	[NR_setresuid] = sys_setresuid,
	[NR_getresuid] = sys_getresuid,
	[NR_poll] = sys_poll,
	[NR_setresgid] = sys_setresgid,
	[NR_getresgid] = sys_getresgid,
	[NR_rt_sigreturn] = sys_rt_sigreturn,
	[NR_rt_sigaction] = sys_rt_sigaction,
	[NR_rt_sigprocmask] = sys_rt_sigprocmask,
	[NR_rt_sigpending] = sys_rt_sigpending,
	[NR_rt_sigtimedwait] = sys_rt_sigtimedwait,
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
	[NR_getuid32] = sys_getuid,
	[NR_getgid32] = sys_getgid,
	[NR_geteuid32] = sys_geteuid,
	[NR_getegid32] = sys_getegid,
	[NR_setreuid32] = sys_setreuid,
	[NR_setregid32] = sys_setregid,
	[NR_getgroups32] = sys_getgroups,
	[NR_setgroups32] = sys_setgroups,
	[NR_setresuid32] = sys_setresuid,
	[NR_getresuid32] = sys_getresuid,
	[NR_setresgid32] = sys_setresgid,
	[NR_getresgid32] = sys_getresgid,
	[NR_setuid32] = sys_setuid,
	[NR_setgid32] = sys_setgid,
	[NR_setfsuid32] = sys_setfsuid,
	[NR_setfsgid32] = sys_setfsgid,
	[NR_mincore] = sys_mincore,
	[NR_madvise] = sys_madvise,
	[NR_fcntl64] = sys_fcntl64,
	[NR_gettid] = sys_gettid,
	[NR_tkill] = sys_tkill,
	[NR_futex] = sys_futex,
	[NR_sched_setaffinity] = sys_sched_setaffinity,
	[NR_sched_getaffinity] = sys_sched_getaffinity,
	[NR_set_thread_area] = sys_set_thread_area,
	[NR_get_thread_area] = sys_get_thread_area,
	[NR_exit_group] = sys_exit_group,
	[NR_set_tid_address] = sys_set_tid_address,
	[NR_timer_create] = sys_timer_create,
	[NR_timer_settime] = sys_timer_settime,
	[NR_timer_gettime] = sys_timer_gettime,
	[NR_timer_getoverrun] = sys_timer_getoverrun,
	[NR_timer_delete] = sys_timer_delete,
	[NR_clock_gettime] = sys_clock_gettime,
	[NR_clock_getres] = sys_clock_getres,
	[NR_clock_nanosleep] = sys_clock_nanosleep,
	[NR_tgkill] = sys_tgkill,
	[NR_openat] = sys_openat,
	[NR_fstatat64] = sys_fstatat64,
	[NR_unlinkat] = sys_unlinkat,
	[NR_linkat] = sys_linkat,
	[NR_readlinkat] = sys_readlinkat,
	[NR_pselect6] = sys_pselect6,
	[NR_ppoll] = sys_ppoll,
	[NR_set_robust_list] = sys_set_robust_list,
	[NR_get_robust_list] = sys_get_robust_list,
	[NR_getcpu] = sys_getcpu,
	[NR_dup3] = sys_dup3,
	[NR_pipe2] = sys_pipe2,
	[NR_rt_tgsigqueueinfo] = sys_rt_tgsigqueueinfo,
	[NR_prlimit64] = sys_prlimit64,
	[NR_getrandom] = sys_getrandom,
	[NR_mlock2] = sys_mlock2,
	[NR_pkey_mprotect] = sys_pkey_mprotect,
	[NR_statx] = sys_statx,
	[NR_shmget] = sys_shmget,
	[NR_shmctl] = sys_shmctl,
	[NR_shmat] = sys_shmat,
	[NR_shmdt] = sys_shmdt,
	[NR_clock_gettime64] = sys_clock_gettime,
	[NR_clock_getres_time64] = sys_clock_getres,
	[NR_clock_nanosleep_time64] = sys_clock_nanosleep,
	[NR_timer_gettime64] = sys_timer_gettime,
	[NR_timer_settime64] = sys_timer_settime,
	[NR_pselect6_time64] = sys_pselect6,
	[NR_ppoll_time64] = sys_ppoll,
	[NR_rt_sigtimedwait_time64] = sys_rt_sigtimedwait,
	[NR_futex_time64] = sys_futex,
};

static s32 not_there(u32 number)
{
	static u32 named[BITMAP_WORDS(NR_syscalls)];
	const char *call;
	u32 length;

	if (number < NR_syscalls && !bitmap_test(named, number)) {
		bitmap_set(named, number);
		call = syscall_name(number, &length);
		printk("syscall: number=%u pid=%d name=%s error=ENOSYS call=%.*s\n", number,
		       current->pid, current->name, (int)length, call);
	}
	return -ENOSYS;
}

void do_syscall(struct pt_regs *regs)
{
	u32 number = regs->eax;

	BUG_ON(!current->mm);
	/*
	 * A processor never gets here with EFLAGS.VM: it faults. QEMU lets ring 3 set IOPL
	 * together with VM.
	 */
	if (unlikely(regs->eflags & EFLAGS_VM)) {
		trap_dispatch(regs, VECTOR_PROTECTION, 0);
		return;
	}
	if (likely(number < NR_syscalls && syscall_table[number]))
		regs->eax = (u32)syscall_table[number](regs);
	else
		regs->eax = (u32)not_there(number);
}
