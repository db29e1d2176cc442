/* SPDX-License-Identifier: MIT */
/*
 * What processes and the machine have used: /proc/PID/stat, /proc/stat, /proc/uptime,
 * /proc/loadavg. Times are in hundredths of a second (USER_HZ). Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "fs/tty/tty.h"
#include "kernel/cpu/irq.h"
#include "kernel/devices/time.h"
#include "kernel/proc/proc.h"
#include "kernel/task/load.h"
#include "kernel/task/pid.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "lib/math64.h"

#define NSEC_PER_TICK 10000000u
#define NSEC_PER_SEC  1000000000u

static u64 ticks_of(u64 counts)
{
	return div_u64(counts_to_ns(counts), NSEC_PER_TICK);
}

/* The priority as Linux shows it: 20 + nice, or below 0 for real-time policies. */
static s32 shown_priority(const struct sched_policy *policy)
{
	return policy->priority ? -1 - (s32)policy->priority : 20 + policy->nice;
}

static void print_times(struct seq *seq, const struct task *task, bool thread)
{
	const struct thread_group *group = task->group;
	struct usage own = thread ? task->usage : usage_of_group(group);

	seq_printf(seq, " %u %u %u %u %llu %llu %llu %llu", own.faults - own.major_faults,
		   group->children.faults - group->children.major_faults, own.major_faults,
		   group->children.major_faults, ticks_of(own.time[0]), ticks_of(own.time[1]),
		   ticks_of(group->children.time[0]), ticks_of(group->children.time[1]));
}

/* Addresses are only for who may inspect the process, as on Linux. */
static void print_places(struct seq *seq, const struct mm_struct *mm, bool inspects)
{
	static const struct mm_struct none;

	mm = mm ? mm : &none;
	seq_printf(seq, " %u %u %u", mm->total_vm * PAGE_SIZE, mm_small_rss(mm), RLIM_INFINITY);
	if (!inspects)
		mm = &none;
	seq_printf(seq, " %u %u %u 0 0", mm->start_code, mm->end_code, mm->start_stack);
}

static int show_stat(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);
	const struct thread_group *group;
	bool inspects;

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	group = task->group;
	inspects = may_inspect(task);
	seq_printf(seq, "%d (%s) %c %d %d %d %d %d 0", task->pid, task->name, *proc_state(task),
		   task->parent ? task->parent->pid : 0, group->job.group, group->job.session,
		   tty_device(group->job.session), tty_foreground(group->job.session));
	print_times(seq, task, subject->tid);
	seq_printf(seq, " %d %d %u 0 %llu", shown_priority(&task->policy), task->policy.nice,
		   proc_threads(group), ticks_of(task->born));
	print_places(seq, task->mm, inspects);
	seq_printf(seq, " %u %u %u %u 0 0 0 %d 0 %u %u 0 0 0", (u32)task->pending.signals,
		   (u32)task->blocked, (u32)proc_handled(task, true),
		   (u32)proc_handled(task, false), task->exit_signal, task->policy.priority,
		   (u32)task->policy.kind);
	if (task->mm && inspects)
		seq_printf(seq, " %u %u %u %u %u %u %u", task->mm->start_data, task->mm->end_data,
			   task->mm->start_brk, task->mm->arg_start, task->mm->arg_end,
			   task->mm->env_start, task->mm->env_end);
	else
		seq_printf(seq, " 0 0 0 0 0 0 0");
	seq_printf(seq, " %d\n", inspects ? task->exit_status : 0);
	return 1;
}

/* --- The machine --- */

static u32 sum_of_interrupts(void)
{
	u32 sum = 0;

	for (u32 i = 0; i < ARRAY_SIZE(irq_counts); i++)
		sum += irq_counts[i];
	return sum;
}

static int show_machine_stat(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	u64 boot = clock_realtime() - clock_monotonic(), user, system, idle;

	(void)subject;
	if ((*cursor)++)
		return 0;
	usage_mark();
	user = ticks_of(load.time[0]);
	system = ticks_of(load.time[1]);
	idle = ticks_of(load.time[2]);
	seq_printf(seq, "cpu  %llu 0 %llu %llu 0 0 0 0 0 0\ncpu0 %llu 0 %llu %llu 0 0 0 0 0 0\n",
		   user, system, idle, user, system, idle);
	seq_printf(seq, "intr %u\n", sum_of_interrupts());
	seq_printf(seq, "ctxt %llu\nbtime %llu\nprocesses %u\nprocs_running %u\nprocs_blocked %u\n",
		   load.switches, div_u64(boot, NSEC_PER_SEC), load.started, tasks_running(),
		   load.blocked);
	return 1;
}

static void print_hundredths(struct seq *seq, u64 ticks)
{
	u64 whole = div_u64(ticks, 100);

	seq_printf(seq, "%llu.%02u", whole, (u32)(ticks - whole * 100));
}

static int show_uptime(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	if ((*cursor)++)
		return 0;
	usage_mark();
	print_hundredths(seq, div_u64(clock_monotonic(), NSEC_PER_TICK));
	seq_printf(seq, " ");
	print_hundredths(seq, ticks_of(load.time[2]));
	seq_printf(seq, "\n");
	return 1;
}

static int show_loadavg(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	if ((*cursor)++)
		return 0;
	for (u32 i = 0; i < ARRAY_SIZE(load.average); i++) {
		u32 rounded = load.average[i] + LOAD_ONE / 200;

		seq_printf(seq, "%u.%02u ", rounded >> LOAD_SHIFT,
			   ((rounded & (LOAD_ONE - 1)) * 100) >> LOAD_SHIFT);
	}
	seq_printf(seq, "%u/%u %u\n", tasks_running(), nr_tasks, last_pid);
	return 1;
}

static const struct proc_entry of_process[] = { { "stat", 0444, .show = show_stat } };

static const struct proc_entry of_machine[] = {
	{ "stat", 0444, .show = show_machine_stat },
	{ "uptime", 0444, .show = show_uptime },
	{ "loadavg", 0444, .show = show_loadavg },
};

void proc_add_accounts(void)
{
	proc_add_process(of_process, ARRAY_SIZE(of_process));
	proc_add(of_machine, ARRAY_SIZE(of_machine));
}
