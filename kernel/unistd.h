/* SPDX-License-Identifier: MIT */
/* Numbers of Linux's system calls for the i386 (arch/x86/entry/syscalls/syscall_32.tbl). */
#ifndef KERNEL_UNISTD_H
#define KERNEL_UNISTD_H

enum {
	NR_exit = 1,
	NR_fork = 2,
	NR_read = 3,
	NR_write = 4,
	NR_open = 5,
	NR_close = 6,
	NR_waitpid = 7,
	NR_execve = 11,
	NR_lseek = 19,
	NR_getpid = 20,
	NR_kill = 37,
	NR_brk = 45,
	NR_getppid = 64,
	NR_mmap = 90,
	NR_munmap = 91,
	NR_wait4 = 114,
	NR_uname = 122,
	NR_mprotect = 125,
	NR__llseek = 140,
	NR_writev = 146,
	NR_sched_yield = 158,
	NR_pread64 = 180,
	NR_mmap2 = 192,
	NR_mincore = 218,
	NR_madvise = 219,
	NR_exit_group = 252,
	NR_syscalls = 512,
};

#endif
