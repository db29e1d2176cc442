/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID: what a process is: status, comm, cmdline, environ, auxv, limits, oom_score, mem.
 * Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "fs/process.h"
#include "kernel/proc/proc.h"
#include "kernel/task/cred.h"
#include "kernel/task/files.h"
#include "kernel/process/job.h"
#include "kernel/signal/signal.h"
#include "lib/string.h"
#include "mm/frames/huge_pool.h"
#include "mm/reclaim/oom.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)

/* --- status --- */

const char *proc_state(const struct task *task)
{
	static const char *const names[] = {
		[TASK_RUNNING] = "R (running)",	  [TASK_WAITING] = "S (sleeping)",
		[TASK_SLEEPING] = "S (sleeping)", [TASK_BLOCKED] = "D (disk sleep)",
		[TASK_STOPPED] = "T (stopped)",	  [TASK_ZOMBIE] = "Z (zombie)",
		[TASK_DEAD] = "X (dead)",
	};

	return names[task->state];
}

static void print_ids(struct seq *seq, const char *name, const struct id_set *ids)
{
	seq_printf(seq, "%s:\t%u\t%u\t%u\t%u\n", name, ids->real, ids->effective, ids->saved,
		   ids->file);
}

static void print_identity(struct seq *seq, const struct task *task)
{
	const struct group_ids *groups = &task->group->groups;
	u32 umask = task->fs ? task->fs->umask : UMASK_DEFAULT;

	seq_printf(seq, "Name:\t%s\nUmask:\t0%u%u%u\nState:\t%s\n", task->name, umask >> 6,
		   umask >> 3 & 7, umask & 7, proc_state(task));
	seq_printf(seq, "Tgid:\t%d\nPid:\t%d\nPPid:\t%d\n", task->tgid, task->pid,
		   task->parent ? task->parent->pid : 0);
	seq_printf(seq, "TracerPid:\t0\n");
	print_ids(seq, "Uid", &task->group->user);
	print_ids(seq, "Gid", &groups->ids);
	seq_printf(seq, "FDSize:\t%u\nGroups:\t", task->files ? task->files->size : 0);
	for (u32 i = 0; i < groups->count; i++)
		seq_printf(seq, "%u ", groups->list[i]);
	seq_printf(seq, "\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", task->pid,
		   task->group->job.group, task->group->job.session);
	/* A zombie has no address space either, and was a process. */
	seq_printf(seq, "Kthread:\t%u\n", !task->mm && task->state != TASK_ZOMBIE);
}

static void print_kib(struct seq *seq, const char *name, u32 pages)
{
	seq_printf(seq, "%s:\t%8u kB\n", name, pages * KIB_PER_PAGE);
}

static void print_memory(struct seq *seq, const struct mm_struct *mm)
{
	u32 text = (PAGE_ALIGN(mm->end_code) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >> PAGE_SHIFT;

	print_kib(seq, "VmPeak", max(mm->max_vm, mm->total_vm));
	print_kib(seq, "VmSize", mm->total_vm);
	print_kib(seq, "VmLck", mm->locked_vm);
	print_kib(seq, "VmPin", 0);
	print_kib(seq, "VmHWM", max(mm->max_rss, mm_small_rss(mm)));
	print_kib(seq, "VmRSS", mm_small_rss(mm));
	print_kib(seq, "VmData", mm->data_vm);
	print_kib(seq, "VmStk", mm->stack_vm);
	print_kib(seq, "VmExe", text);
	print_kib(seq, "VmLib", mm->exec_vm > text ? mm->exec_vm - text : 0);
	print_kib(seq, "VmPTE", mm->nr_ptes);
	print_kib(seq, "VmSwap", mm->nr_swap);
	print_kib(seq, "HugetlbPages", mm_huge_pages(mm) * HUGE_FRAMES);
}

static void print_set(struct seq *seq, const char *name, u64 set)
{
	seq_printf(seq, "%s:\t%016llx\n", name, set);
}

u64 proc_handled(const struct task *task, bool ignored)
{
	u64 set = 0;

	for (int signal = 1; task->sighand && signal <= NR_SIGNALS; signal++) {
		vaddr_t handler = sighand_action(task, signal)->handler;

		if (ignored ? handler == SIG_IGN : handler != SIG_IGN && handler != SIG_DFL)
			set |= SIGMASK(signal);
	}
	return set;
}

static void print_signals(struct seq *seq, const struct task *task)
{
	seq_printf(seq, "Threads:\t%u\nSigQ:\t%u/%u\n", proc_threads(task->group),
		   task->group->queued, task->group->rlim[RLIMIT_SIGPENDING].cur);
	print_set(seq, "SigPnd", task->pending.signals);
	print_set(seq, "ShdPnd", task->group->pending.signals);
	print_set(seq, "SigBlk", task->blocked);
	print_set(seq, "SigIgn", proc_handled(task, true));
	print_set(seq, "SigCgt", proc_handled(task, false));
}

static void print_capabilities(struct seq *seq, const struct capabilities *caps)
{
	print_set(seq, "CapInh", caps->inheritable);
	print_set(seq, "CapPrm", caps->permitted);
	print_set(seq, "CapEff", caps->effective);
	print_set(seq, "CapBnd", caps->bounding);
	print_set(seq, "CapAmb", caps->ambient);
}

static int show_status(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	print_identity(seq, task);
	if (task->mm)
		print_memory(seq, task->mm);
	print_signals(seq, task);
	print_capabilities(seq, &task->group->caps);
	seq_printf(seq,
		   "NoNewPrivs:\t%u\nCpus_allowed:\t1\nCpus_allowed_list:\t0\n"
		   "voluntary_ctxt_switches:\t%u\nnonvoluntary_ctxt_switches:\t%u\n",
		   task->group->flags.no_new_privs, task->usage.voluntary, task->usage.involuntary);
	return 1;
}

/* --- comm, limits, oom --- */

static int show_comm(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	seq_printf(seq, "%s\n", task->name);
	return 1;
}

/* Only a process itself names itself. */
static int write_comm(const struct proc_subject *subject, const char *text)
{
	struct task *task = proc_task(subject);
	const char *end = strchr(text, '\n');
	u32 length = end ? (u32)(end - text) : (u32)strlen(text);

	if (!task)
		return -ESRCH;
	if (task->group != current->group)
		return -EINVAL;
	length = min(length, TASK_NAME_SIZE - 1u);
	memcpy(task->name, text, length);
	task->name[length] = '\0';
	return 0;
}

static void print_limit(struct seq *seq, u32 value)
{
	if (value == RLIM_INFINITY)
		seq_printf(seq, "%-20s ", "unlimited");
	else
		seq_printf(seq, "%-20u ", value);
}

static int show_limits(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	static const struct {
		const char *name, *unit;
	} rows[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", "" },
		[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	seq_printf(seq, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (u32 i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(seq, "%-25s ", rows[i].name);
		print_limit(seq, task->group->rlim[i].cur);
		print_limit(seq, task->group->rlim[i].max);
		seq_printf(seq, "%-10s\n", rows[i].unit);
	}
	return 1;
}

static int show_oom_score(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	seq_printf(seq, "%u\n", task->mm ? oom_score(task->mm, task->group->oom.adj) : 0);
	return 1;
}

static int show_oom_score_adj(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	seq_printf(seq, "%d\n", task->group->oom.adj);
	return 1;
}

/* What the super-user has set is the least that others may set later, as on Linux. */
static int write_oom_score_adj(const struct proc_subject *subject, const char *text)
{
	struct task *task = proc_task(subject);
	s64 number;
	int err = proc_parse_number(text, &number);

	if (err)
		return err;
	if (!task)
		return -ESRCH;
	if (number < OOM_ADJ_MIN || number > OOM_ADJ_MAX)
		return -EINVAL;
	if (number < task->group->oom.least && !capable(CAP_SYS_RESOURCE))
		return -EACCES;
	task->group->oom.adj = (s32)number;
	if (capable(CAP_SYS_RESOURCE))
		task->group->oom.least = (s32)number;
	return 0;
}

/* --- cmdline and environ: strings in the memory of the process --- */

/* A record for each piece; the cursor counts bytes. */
static int show_memory(struct seq *seq, const struct proc_subject *subject, u64 *cursor,
		       vaddr_t start, vaddr_t end)
{
	struct mm_struct *mm = subject->mm;
	u32 bytes;

	if (!mm->mm_users || *cursor >= end - start)
		return 0;
	bytes = min(end - start - (u32)*cursor, seq->size);
	seq->length = proc_access(mm, start + (u32)*cursor, seq->text, bytes, FAULT_READ);
	*cursor += seq->length;
	return seq->length != 0;
}

static int show_cmdline(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mm_struct *mm = subject->mm;

	if (!proc_alive(subject))
		return -ESRCH;
	return mm ? show_memory(seq, subject, cursor, mm->arg_start, mm->arg_end) : 0;
}

static int show_environ(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mm_struct *mm = subject->mm;

	return mm ? show_memory(seq, subject, cursor, mm->env_start, mm->env_end) : 0;
}

/* The process can have changed it. */
static int show_auxv(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mm_struct *mm = subject->mm;

	return mm ? show_memory(seq, subject, cursor, mm->auxv_start, mm->auxv_end) : 0;
}

static const struct proc_entry entries[] = {
	{ "status", 0444, .show = show_status },
	{ "comm", 0644, .show = show_comm, .write = write_comm },
	{ "limits", 0444, .show = show_limits },
	{ "oom_score", 0444, .show = show_oom_score },
	{ "oom_score_adj", 0644, .show = show_oom_score_adj, .write = write_oom_score_adj },
	{ "cmdline", 0444, PROC_MM, .show = show_cmdline },
	{ "mem", 0600, PROC_MM | PROC_INSPECT, .operations = &proc_mem_operations },
	{ "auxv", 0400, PROC_MM | PROC_INSPECT, .show = show_auxv },
	{ "environ", 0400, PROC_MM | PROC_INSPECT, .show = show_environ },
};

void proc_add_identity(void)
{
	proc_add_process(entries, ARRAY_SIZE(entries));
}
