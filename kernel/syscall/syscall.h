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

/* The names that uname(2) tells. kernel/syscall/sys_uname.c. */
extern struct utsname system_names;

/* Returns a call's name, with *length; "-": Linux has none. kernel/syscall/syscall_names.c. */
const char *syscall_name(u32 number, u32 *length);

/* Registers /dev/random and /dev/urandom. After file_init(). sys_random.c. */
void random_init(void);

/* The rights that new files do not get. file/sys_open.c. */
u32 current_umask(void);

/*
 * Duplicates a descriptor to the lowest free one from `least` on. Returns it, -EBADF,
 * -EMFILE, -ENOMEM. file/sys_descriptor.c.
 */
s32 fd_duplicate(u32 fd, u32 least, bool close_on_exec);

/*
 * A descriptor for a new file, whose reference it takes over, also after an error: -EMFILE,
 * -ENOMEM. file/sys_descriptor.c.
 */
s32 fd_new(struct file *file, bool close_on_exec);

/* Writes a siginfo_t of 128 bytes to ring 3. 0 or -EFAULT. process/sys_sigwait.c. */
struct siginfo;
int put_siginfo(vaddr_t place, const struct siginfo *info);

/* The handlers, by file of kernel/syscall/. */
/* sys_allocate.c: */ syscall_t sys_fallocate;
/* sys_attributes.c: */ syscall_t sys_access, sys_chmod, sys_chown, sys_chown32, sys_faccessat,
	sys_faccessat2, sys_fchmod, sys_fchmodat, sys_fchmodat2, sys_fchown, sys_fchown32,
	sys_fchownat, sys_futimesat, sys_lchown, sys_lchown32, sys_utime, sys_utimensat, sys_utimes;
/* sys_capability.c: */ syscall_t sys_capget, sys_capset;
/* sys_clone.c: */ syscall_t sys_clone, sys_clone3, sys_fork, sys_vfork;
/* sys_clock.c: */ syscall_t sys_clock_getres, sys_clock_gettime, sys_clock_nanosleep,
	sys_nanosleep;
/* sys_copy.c: */ syscall_t sys_copy_file_range, sys_sendfile, sys_sendfile64;
/* sys_descriptor.c: */ syscall_t sys_dup, sys_dup2, sys_dup3, sys_ioctl, sys_pipe, sys_pipe2;
/* sys_advice.c: */ syscall_t sys_close_range, sys_fadvise64, sys_fadvise64_64, sys_readahead,
	sys_unshare;
/* sys_events.c: */ syscall_t sys_epoll_create, sys_epoll_create1, sys_epoll_ctl, sys_epoll_pwait,
	sys_epoll_pwait2, sys_epoll_wait, sys_eventfd, sys_eventfd2, sys_signalfd, sys_signalfd4,
	sys_timerfd_create, sys_timerfd_gettime, sys_timerfd_settime;
/* sys_fcntl.c: */ syscall_t sys_fcntl64;
/* sys_file.c: */ syscall_t sys__llseek, sys_lseek, sys_pread64, sys_preadv, sys_preadv2,
	sys_pwrite64, sys_pwritev, sys_pwritev2, sys_read, sys_readv, sys_write, sys_writev;
/* sys_folder.c: */ syscall_t sys_chdir, sys_chroot, sys_fchdir, sys_getcwd, sys_getdents,
	sys_getdents64, sys_umask;
/* sys_ids.c: */ syscall_t sys_getegid, sys_geteuid, sys_getgid, sys_getgroups, sys_getresgid,
	sys_getresuid, sys_getuid, sys_setfsgid, sys_setfsuid, sys_setgid, sys_setgroups,
	sys_setregid, sys_setresgid, sys_setresuid, sys_setreuid, sys_setuid;
/* sys_inotify.c: */ syscall_t sys_inotify_add_watch, sys_inotify_init, sys_inotify_init1,
	sys_inotify_rm_watch;
/* sys_ipc.c: */ syscall_t sys_ipc, sys_shmat, sys_shmctl, sys_shmdt, sys_shmget, sys_semget,
	sys_semctl, sys_semtimedop, sys_msgget, sys_msgsnd, sys_msgrcv, sys_msgctl;
/* sys_itimer.c: */ syscall_t sys_alarm, sys_getitimer, sys_setitimer;
/* sys_kill.c: */ syscall_t sys_kill, sys_rt_sigqueueinfo, sys_rt_tgsigqueueinfo, sys_tgkill,
	sys_tkill;
/* sys_limits.c: */ syscall_t sys_getrlimit, sys_prlimit64, sys_setrlimit, sys_ugetrlimit;
/* sys_lock.c: */ syscall_t sys_flock;
/* sys_log.c: */ syscall_t sys_syslog;
/* sys_machine.c: */ syscall_t sys_arch_prctl, sys_pkey_alloc, sys_pkey_free, sys_reboot;
/* sys_memfd.c: */ syscall_t sys_memfd_create;
/* sys_memory.c: */ syscall_t sys_brk, sys_madvise, sys_mincore, sys_mlock, sys_mlock2,
	sys_mlockall, sys_mmap2, sys_mprotect, sys_mremap, sys_msync, sys_munlock, sys_munlockall,
	sys_munmap, sys_old_mmap, sys_pkey_mprotect, sys_remap_file_pages;
/* sys_mount.c: */ syscall_t sys_mount, sys_umount, sys_umount2;
/* sys_names.c: */ syscall_t sys_link, sys_linkat, sys_mkdir, sys_mkdirat, sys_mknod, sys_mknodat,
	sys_readlink, sys_readlinkat, sys_rename, sys_renameat, sys_renameat2, sys_rmdir,
	sys_symlink, sys_symlinkat, sys_unlink, sys_unlinkat;
/* sys_open.c: */ syscall_t sys_close, sys_creat, sys_fsync, sys_ftruncate, sys_ftruncate64,
	sys_open, sys_openat, sys_openat2, sys_sync, sys_sync_file_range, sys_syncfs, sys_truncate,
	sys_truncate64;
/* sys_peek.c: */ syscall_t sys_process_vm_readv, sys_process_vm_writev;
/* sys_pidfd.c: */ syscall_t sys_pidfd_getfd, sys_pidfd_open, sys_pidfd_send_signal;
/* sys_poll.c: */ syscall_t sys_old_select, sys_poll, sys_ppoll, sys_pselect6, sys_select;
/* sys_prctl.c: */ syscall_t sys_personality, sys_prctl;
/* sys_priority.c: */ syscall_t sys_getpriority, sys_nice, sys_setpriority;
/* sys_process.c: */ syscall_t sys_execve, sys_execveat, sys_exit, sys_exit_group, sys_getpgid,
	sys_getpgrp, sys_getpid, sys_getppid, sys_getsid, sys_sched_yield, sys_setpgid, sys_setsid;
/* sys_adjust.c: */ syscall_t sys_adjtimex, sys_clock_adjtime;
/* sys_random.c: */ syscall_t sys_getrandom;
/* sys_sched.c: */ syscall_t sys_getcpu, sys_sched_get_priority_max, sys_sched_get_priority_min,
	sys_sched_getaffinity, sys_sched_getattr, sys_sched_getparam, sys_sched_getscheduler,
	sys_sched_rr_get_interval, sys_sched_setaffinity, sys_sched_setattr, sys_sched_setparam,
	sys_sched_setscheduler;
/* sys_set_clock.c: */ syscall_t sys_clock_settime, sys_settimeofday, sys_stime;
/* sys_signal.c: */ syscall_t sys_pause, sys_restart_syscall, sys_rt_sigaction, sys_rt_sigpending,
	sys_rt_sigprocmask, sys_rt_sigreturn, sys_rt_sigsuspend, sys_sgetmask, sys_sigaction,
	sys_sigaltstack, sys_signal, sys_sigpending, sys_sigprocmask, sys_sigreturn, sys_sigsuspend,
	sys_ssetmask;
/* sys_sigwait.c: */ syscall_t sys_rt_sigtimedwait;
/* sys_splice.c: */ syscall_t sys_splice, sys_tee, sys_vmsplice;
/* sys_stat.c: */ syscall_t sys_fstat64, sys_fstatat64, sys_lstat64, sys_stat64, sys_statx;
/* sys_statfs.c: */ syscall_t sys_fstatfs, sys_fstatfs64, sys_statfs, sys_statfs64;
/* sys_swap.c: */ syscall_t sys_swapoff, sys_swapon;
/* sys_thread.c: */ syscall_t sys_futex, sys_futex_waitv, sys_get_robust_list, sys_get_thread_area,
	sys_gettid, sys_membarrier, sys_modify_ldt, sys_set_robust_list, sys_set_thread_area,
	sys_set_tid_address;
/* sys_time.c: */ syscall_t sys_gettimeofday, sys_time;
/* sys_timer.c: */ syscall_t sys_timer_create, sys_timer_delete, sys_timer_getoverrun,
	sys_timer_gettime, sys_timer_settime;
/* sys_uname.c: */ syscall_t sys_oldolduname, sys_olduname, sys_setdomainname, sys_sethostname,
	sys_uname;
/* sys_usage.c: */ syscall_t sys_getrusage, sys_sysinfo, sys_times;
/* sys_xattr.c: */ syscall_t sys_fgetxattr, sys_flistxattr, sys_fremovexattr, sys_fsetxattr,
	sys_getxattr, sys_lgetxattr, sys_listxattr, sys_llistxattr, sys_lremovexattr, sys_lsetxattr,
	sys_name_to_handle_at, sys_open_by_handle_at, sys_removexattr, sys_setxattr;
/* sys_wait.c: */ syscall_t sys_wait4, sys_waitid, sys_waitpid;

#endif
