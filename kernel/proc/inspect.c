/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID for who may inspect the process: where it waits, and in which call: wchan, stack,
 * syscall; and personality. Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "kernel/cpu/backtrace.h"
#include "kernel/proc/proc.h"
#include "lib/string.h"

#define STACK_DEPTH 24u

/* A task that does not run: switch_to() has saved its registers (kernel/cpu/switch.S). */
static u32 places_of(const struct task *task, uintptr_t places[STACK_DEPTH])
{
	const u32 *saved = (const u32 *)(uintptr_t)task->esp;

	/* Without a stack pointer fork() still makes it: it has never run. */
	if (task == current || !task->esp || task->state == TASK_ZOMBIE || task->state == TASK_DEAD)
		return 0;
	places[0] = saved[4];
	return 1 + backtrace_callers(saved[3], places + 1, STACK_DEPTH - 1);
}

/* Functions that wait for others: where the task waits is told by their caller. */
static bool is_wait(const char *name)
{
	static const char *const waits[] = { "switch_for",	     "schedule",
					     "schedule_timeout",     "waiter_sleep",
					     "sleep_unless_woken",   "poll_sleep",
					     "let_others_run",	     "schedule_chosen",
					     "let_others_run_chosen" };

	for (u32 i = 0; i < ARRAY_SIZE(waits); i++)
		if (!strcmp(name, waits[i]))
			return true;
	return false;
}

const char *task_wait_place(const struct task *task)
{
	uintptr_t places[STACK_DEPTH];
	u32 count = places_of(task, places);
	size_t offset;

	for (u32 i = 0; i < count; i++) {
		const char *name = ksym_lookup(places[i] - 1, &offset);

		if (name && !is_wait(name))
			return name;
	}
	return "0";
}

static int show_wchan(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	seq_printf(seq, "%s",
		   task->state != TASK_RUNNING && may_inspect(task) ? task_wait_place(task) : "0");
	return 1;
}

static int show_stack(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);
	uintptr_t places[STACK_DEPTH];
	size_t offset;

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	for (u32 i = 0, count = places_of(task, places); i < count; i++) {
		const char *name = ksym_lookup(places[i] - 1, &offset);

		seq_printf(seq, "[<0>] %s+0x%x\n", name ? name : "?", name ? (u32)offset + 1 : 0);
	}
	return 1;
}

/*
 * As on Linux: a call with its arguments, or -1 for another reason to sleep; then stack and
 * place.
 */
static int show_syscall(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	struct task *task = proc_task(subject);
	const struct pt_regs *regs;

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	if ((task != current && task->state == TASK_RUNNING) || !task->mm) {
		seq_printf(seq, "running\n");
		return 1;
	}
	regs = task_regs(task);
	if (regs->orig_eax == (u32)-1)
		seq_printf(seq, "-1");
	else
		seq_printf(seq, "%u 0x%x 0x%x 0x%x 0x%x 0x%x 0x%x", regs->orig_eax, regs->ebx,
			   regs->ecx, regs->edx, regs->esi, regs->edi, regs->ebp);
	seq_printf(seq, " 0x%x 0x%x\n", regs->esp, regs->eip);
	return 1;
}

static int show_personality(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct task *task = proc_task(subject);

	if ((*cursor)++)
		return 0;
	if (!task)
		return -ESRCH;
	seq_printf(seq, "%08x\n", task->personality);
	return 1;
}

static const struct proc_entry entries[] = {
	{ "wchan", 0444, .show = show_wchan },
	{ "stack", 0400, PROC_INSPECT, .show = show_stack },
	{ "syscall", 0400, PROC_INSPECT, .show = show_syscall },
	{ "personality", 0400, PROC_INSPECT, .show = show_personality },
};

void proc_add_inspection(void)
{
	proc_add_process(entries, ARRAY_SIZE(entries));
}
