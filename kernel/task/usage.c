/* SPDX-License-Identifier: MIT */
/* Accounting of processor time and page faults. The numbers are the invariants in usage.h. */
#include "kernel/task/usage.h"
#include "kernel/task/load.h"
#include "kernel/task/task.h"
#include "kernel/devices/time.h"
#include "lib/irq.h"
#include "mm/user_space/page_fault.h"

/* The start of the current task's span. */
static u64 span_start;
static u32 span_faults, span_major;

/* Interrupts off. Many spans have no fault. */
static inline u64 mark(void)
{
	struct task *task = current;
	u64 now = clock_counts(), span = now - span_start;

	task->usage.time[task->seen_in_kernel] += span;
	load.time[task == &idle_task ? 2 : task->seen_in_kernel] += span;
	span_start = now;
	if (span_faults == fault_counters.resolved && span_major == fault_counters.swapped_in)
		return now;
	task->usage.faults += fault_counters.resolved - span_faults;
	task->usage.major_faults += fault_counters.swapped_in - span_major;
	span_faults = fault_counters.resolved;
	span_major = fault_counters.swapped_in;
	return now;
}

void usage_mark(void)
{
	unsigned long irq = irq_save();

	mark();
	irq_restore(irq);
}

void usage_tick(bool in_kernel)
{
	current->seen_in_kernel = in_kernel;
	mark();
}

u64 usage_switch(bool sleeps)
{
	u64 now = mark();

	load.switches++;
	if (sleeps)
		current->usage.voluntary++;
	else
		current->usage.involuntary++;
	return now;
}

void usage_add(struct usage *to, const struct usage *from)
{
	to->time[0] += from->time[0];
	to->time[1] += from->time[1];
	to->faults += from->faults;
	to->major_faults += from->major_faults;
	to->voluntary += from->voluntary;
	to->involuntary += from->involuntary;
	to->max_rss = max(to->max_rss, from->max_rss);
}

static u32 max_rss(const struct mm_struct *mm)
{
	return max(mm_small_rss(mm), mm->max_rss);
}

void usage_sum(const struct thread_group *group, struct usage *sum)
{
	const struct task *task;

	if (group == current->group)
		usage_mark();
	*sum = group->ended;
	list_for_each_entry (task, &group->list, thread) {
		usage_add(sum, &task->usage);
		if (task->mm)
			sum->max_rss = max(sum->max_rss, max_rss(task->mm));
	}
}

void usage_leave_mm(void)
{
	current->usage.max_rss = max(current->usage.max_rss, max_rss(current->mm));
}
