/* SPDX-License-Identifier: MIT */
/*
 * The table of system calls: each number has the handler of its call's name, and a number without
 * one, within the table or behind it, is refused and logged once. Each handler is a function here
 * that notes its name.
 *
 * sources: kernel/syscall/syscall.c kernel/syscall/syscall_names.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/unistd.h"
#include "kernel/cpu/trap.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

static struct mm_struct space;
static struct task own = { .pid = 42, .name = "caller", .mm = &space };
struct task *current = &own;

static char called[32];
static const struct pt_regs *called_with;

static s32 note(const char *name, const struct pt_regs *regs)
{
	EXPECT_TEXT(called, ""); /* one handler */
	strcpy(called, name);
	called_with = regs;
	return (s32)regs->ebx;
}

#define HANDLER(name)                        \
	s32 sys_##name(struct pt_regs *regs) \
	{                                    \
		return note(#name, regs);    \
	}
#define FOUR(first, second, third, fourth) \
	HANDLER(first) HANDLER(second) HANDLER(third) HANDLER(fourth)

FOUR(_llseek, access, adjtimex, alarm)
FOUR(arch_prctl, brk, capget, capset)
FOUR(chdir, chmod, chown, chown32)
FOUR(chroot, clock_adjtime, clock_getres, clock_gettime)
FOUR(clock_nanosleep, clock_settime, clone, clone3)
FOUR(close, close_range, copy_file_range, creat)
FOUR(dup, dup2, dup3, epoll_create)
FOUR(epoll_create1, epoll_ctl, epoll_pwait, epoll_pwait2)
FOUR(epoll_wait, eventfd, eventfd2, execve)
FOUR(execveat, exit, exit_group, faccessat)
FOUR(faccessat2, fadvise64, fadvise64_64, fallocate)
FOUR(fchdir, fchmod, fchmodat, fchmodat2)
FOUR(fchown, fchown32, fchownat, fcntl64)
FOUR(fgetxattr, flistxattr, flock, fork)
FOUR(fremovexattr, fsetxattr, fstat64, fstatat64)
FOUR(fstatfs, fstatfs64, fsync, ftruncate)
FOUR(ftruncate64, futex, futex_waitv, futimesat)
FOUR(get_robust_list, get_thread_area, getcpu, getcwd)
FOUR(getdents, getdents64, getegid, geteuid)
FOUR(getgid, getgroups, getitimer, getpgid)
FOUR(getpgrp, getpid, getppid, getpriority)
FOUR(getrandom, getresgid, getresuid, getrlimit)
FOUR(getrusage, getsid, gettid, gettimeofday)
FOUR(getuid, getxattr, inotify_add_watch, inotify_init)
FOUR(inotify_init1, inotify_rm_watch, ioctl, ipc)
FOUR(kill, lchown, lchown32, lgetxattr)
FOUR(link, linkat, listxattr, llistxattr)
FOUR(lremovexattr, lseek, lsetxattr, lstat64)
FOUR(madvise, membarrier, memfd_create, mincore)
FOUR(mkdir, mkdirat, mknod, mknodat)
FOUR(mlock, mlock2, mlockall, mmap2)
FOUR(modify_ldt, mount, mprotect, mremap)
FOUR(msgctl, msgget, msgrcv, msgsnd)
FOUR(msync, munlock, munlockall, munmap)
FOUR(name_to_handle_at, nanosleep, nice, old_mmap)
FOUR(old_select, oldolduname, olduname, open)
FOUR(open_by_handle_at, openat, openat2, pause)
FOUR(personality, pidfd_getfd, pidfd_open, pidfd_send_signal)
FOUR(pipe, pipe2, pkey_alloc, pkey_free)
FOUR(pkey_mprotect, poll, ppoll, prctl)
FOUR(pread64, preadv, preadv2, prlimit64)
FOUR(process_vm_readv, process_vm_writev, pselect6, pwrite64)
FOUR(pwritev, pwritev2, read, readahead)
FOUR(readlink, readlinkat, readv, reboot)
FOUR(remap_file_pages, removexattr, rename, renameat)
FOUR(renameat2, restart_syscall, rmdir, rt_sigaction)
FOUR(rt_sigpending, rt_sigprocmask, rt_sigqueueinfo, rt_sigreturn)
FOUR(rt_sigsuspend, rt_sigtimedwait, rt_tgsigqueueinfo, sched_get_priority_max)
FOUR(sched_get_priority_min, sched_getaffinity, sched_getattr, sched_getparam)
FOUR(sched_getscheduler, sched_rr_get_interval, sched_setaffinity, sched_setattr)
FOUR(sched_setparam, sched_setscheduler, sched_yield, select)
FOUR(semctl, semget, semtimedop, sendfile)
FOUR(sendfile64, set_robust_list, set_thread_area, set_tid_address)
FOUR(setdomainname, setfsgid, setfsuid, setgid)
FOUR(setgroups, sethostname, setitimer, setpgid)
FOUR(setpriority, setregid, setresgid, setresuid)
FOUR(setreuid, setrlimit, setsid, settimeofday)
FOUR(setuid, setxattr, sgetmask, shmat)
FOUR(shmctl, shmdt, shmget, sigaction)
FOUR(sigaltstack, signal, signalfd, signalfd4)
FOUR(sigpending, sigprocmask, sigreturn, sigsuspend)
FOUR(splice, ssetmask, stat64, statfs)
FOUR(statfs64, statx, stime, swapoff)
FOUR(swapon, symlink, symlinkat, sync)
FOUR(sync_file_range, syncfs, sysinfo, syslog)
FOUR(tee, tgkill, time, timer_create)
FOUR(timer_delete, timer_getoverrun, timer_gettime, timer_settime)
FOUR(timerfd_create, timerfd_gettime, timerfd_settime, times)
FOUR(tkill, truncate, truncate64, ugetrlimit)
FOUR(umask, umount, umount2, uname)
FOUR(unlink, unlinkat, unshare, utime)
FOUR(utimensat, utimes, vfork, vmsplice)
FOUR(wait4, waitid, waitpid, write)
HANDLER(writev)

static u32 traps;

void trap_dispatch(struct pt_regs *regs, u32 vector, u32 error_code)
{
	EXPECT(regs->eflags & EFLAGS_VM && vector == VECTOR_PROTECTION && !error_code);
	traps++;
}

/* The result of a call, if its handler returns `result`. */
static s32 call(u32 number, s32 result)
{
	struct pt_regs regs = { .eax = number, .orig_eax = number, .ebx = (u32)result };

	called[0] = '\0';
	called_with = NULL;
	do_syscall(&regs);
	EXPECT(called_with == (called[0] ? &regs : NULL));
	return (s32)regs.eax;
}

/* ---- Handlers ---- */

/* Calls that share a handler: old and new forms that are alike, or that it tells apart. */
static const struct {
	u32 number;
	const char *handler;
} shared[] = {
	{ NR_fcntl, "fcntl64" },
	{ NR_select, "old_select" },
	{ NR_mmap, "old_mmap" },
	{ NR__newselect, "select" },
	{ NR_fdatasync, "fsync" },
	{ NR_getuid32, "getuid" },
	{ NR_getgid32, "getgid" },
	{ NR_geteuid32, "geteuid" },
	{ NR_getegid32, "getegid" },
	{ NR_setreuid32, "setreuid" },
	{ NR_setregid32, "setregid" },
	{ NR_getgroups32, "getgroups" },
	{ NR_setgroups32, "setgroups" },
	{ NR_setresuid32, "setresuid" },
	{ NR_getresuid32, "getresuid" },
	{ NR_setresgid32, "setresgid" },
	{ NR_getresgid32, "getresgid" },
	{ NR_setuid32, "setuid" },
	{ NR_setgid32, "setgid" },
	{ NR_setfsuid32, "setfsuid" },
	{ NR_setfsgid32, "setfsgid" },
	{ NR_clock_gettime64, "clock_gettime" },
	{ NR_clock_settime64, "clock_settime" },
	{ NR_clock_adjtime64, "clock_adjtime" },
	{ NR_clock_getres_time64, "clock_getres" },
	{ NR_clock_nanosleep_time64, "clock_nanosleep" },
	{ NR_timer_gettime64, "timer_gettime" },
	{ NR_timer_settime64, "timer_settime" },
	{ NR_timerfd_gettime64, "timerfd_gettime" },
	{ NR_timerfd_settime64, "timerfd_settime" },
	{ NR_utimensat_time64, "utimensat" },
	{ NR_pselect6_time64, "pselect6" },
	{ NR_ppoll_time64, "ppoll" },
	{ NR_semtimedop_time64, "semtimedop" },
	{ NR_rt_sigtimedwait_time64, "rt_sigtimedwait" },
	{ NR_futex_time64, "futex" },
	{ NR_sched_rr_get_interval_time64, "sched_rr_get_interval" },
};

static bool is_right(u32 number)
{
	u32 length;
	const char *name = syscall_name(number, &length);

	for (u32 i = 0; i < ARRAY_SIZE(shared); i++)
		if (shared[i].number == number)
			return !strcmp(called, shared[i].handler);
	return strlen(called) == length && !memcmp(called, name, length);
}

static void handlers(void)
{
	u32 there = 0;

	for (u32 number = 0; number < NR_syscalls; number++) {
		s32 result = call(number, (s32)number - 70);

		if (!called[0]) {
			EXPECT_EQ(result, -ENOSYS);
			continue;
		}
		EXPECT_EQ(result, (s32)number - 70);
		if (!is_right(number))
			printf("# %u has %s\n", number, called);
		EXPECT(is_right(number));
		there++;
	}
	EXPECT_EQ(there, 326);
}

/* The first and the last one, and whole results. */
static void bounds(void)
{
	static const s32 results[] = { 0, 1, -1, -4095, -4096, INT32_MAX, INT32_MIN };

	EXPECT_EQ(call(0, -4), -4);
	EXPECT_TEXT(called, "restart_syscall");
	EXPECT_EQ(call(NR_fchmodat2, 0), 0);
	EXPECT_TEXT(called, "fchmodat2");
	for (u32 i = 0; i < ARRAY_SIZE(results); i++)
		EXPECT_EQ(call(NR_getpid, results[i]), results[i]);
}

/* ---- Numbers without a handler ---- */

static void unknown(void)
{
	static const u32 behind[] = { 512, 513, 9999, 0x7fffffff, 0x80000000, ~0u };

	console_clear();
	EXPECT_EQ(call(17, 0), -ENOSYS);
	EXPECT_TEXT(called, "");
	EXPECT_TEXT(console_text(),
		    "syscall: number=17 pid=42 name=caller error=ENOSYS call=break\n");
	console_clear();
	EXPECT_EQ(call(17, 0), -ENOSYS); /* known by now */
	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(call(NR_mseal, 0), -ENOSYS);
	EXPECT(strstr(console_text(), "number=462 ") && strstr(console_text(), "call=mseal\n"));
	console_clear();
	EXPECT_EQ(call(511, 0), -ENOSYS); /* the table's last */
	EXPECT(strstr(console_text(), "number=511 ") && strstr(console_text(), "call=-\n"));
	console_clear();
	/* A program could fill the log with numbers behind the table. */
	for (u32 i = 0; i < ARRAY_SIZE(behind); i++) {
		EXPECT_EQ(call(behind[i], 0), -ENOSYS);
		EXPECT_TEXT(called, "");
	}
	EXPECT_TEXT(console_text(), "");
}

/* ---- Callers ---- */

/* EFLAGS.VM: no call is made, and the registers stay. */
static void virtual_8086(void)
{
	struct pt_regs regs = { .eax = NR_getpid, .ebx = 5, .eflags = 0x202 };

	do_syscall(&regs);
	EXPECT(regs.eax == 5 && !traps);
	called[0] = '\0';
	regs = (struct pt_regs){ .eax = NR_getpid, .ebx = 5, .eflags = 0x202 | EFLAGS_VM };
	do_syscall(&regs);
	EXPECT_TEXT(called, "");
	EXPECT(regs.eax == NR_getpid && traps == 1);
}

static void a_task_of_the_kernel(void)
{
	own.mm = NULL;
	EXPECT_PANIC("current->mm", call(NR_getpid, 0));
}

TAP_MAIN({ "handlers stand at their calls' numbers", handlers }, { "results", bounds },
	 { "numbers without a handler", unknown },
	 { "a program in virtual-8086 mode", virtual_8086 },
	 { "a task of the kernel makes no call", a_task_of_the_kernel })
