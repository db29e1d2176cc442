/* SPDX-License-Identifier: MIT */
/*
 * What /proc says of processes and of the machine. fs/proc/proc.h has the mechanism and the files
 * about memory.
 */
#ifndef KERNEL_PROC_PROC_H
#define KERNEL_PROC_PROC_H

#include "fs/proc/proc.h"
#include "kernel/task/task.h"
#include "mm/user_space/page_fault.h"

/* Makes all files. `options` is the command line, which stays. Once, after file_init(). */
void proc_files_init(const char *options);

/* The subject's thread, or its leader, which may be a zombie; NULL: it is gone. */
struct task *proc_task(const struct proc_subject *subject);

/*
 * access_process_vm() on a space that may be another task's: waits until no task changes it. 0 if
 * it is gone. kernel/proc/mem.c
 */
u32 proc_access(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		enum fault_access access);

extern const struct file_operations proc_mem_operations;

/* Its state, as "R (running)"; the signals that it ignores, or handles itself. */
const char *proc_state(const struct task *task);
u64 proc_handled(const struct task *task, bool ignored);

/* The function of the kernel in which a task that does not run waits, or "0". */
const char *task_wait_place(const struct task *task);

/*
 * Tables of entries: kernel/proc/process.c, account.c, links.c, threads.c, inspect.c, devices.c,
 * machine.c, sysvipc.c.
 */
void proc_add_identity(void);
void proc_add_accounts(void);
void proc_add_links(void);
void proc_add_threads(void);
void proc_add_inspection(void);
void proc_add_devices(void);
void proc_add_machine(const char *options);
void proc_add_sysvipc(void);

/* As Linux counts them: a leader that has ended too, until it is waited for. */
static inline u32 proc_threads(const struct thread_group *group)
{
	return group->threads + (group->leader->state == TASK_ZOMBIE);
}

#endif
