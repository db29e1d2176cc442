/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: one queue, round robin, one slice each.
 *
 *      run_queue --> priority 99 --> 50 --> 50 --> 0 --> 0 --> 0
 *
 * Tasks with a real-time priority come first, in its order; one that wakes up gets the processor
 * at once from one with less. All others have priority 0, and a slice by their nice value. Init
 * has the highest one, so that no program keeps it from ending the run.
 *
 * The current task is not on the queue; it goes to the tail of its priority when its slice is
 * over. SCHED_FIFO has no slice. The kernel is not preempted: a tick only requests a switch. The
 * switch happens when the task returns to ring 3, when it sleeps, or when a long call asks for it
 * (lib/resched.h).
 *
 * While a task holds an address space, the other tasks of that space are not picked: they wait in
 * mm->parked.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/task/load.h"
#include "kernel/task/fpu.h"
#include "kernel/task/ldt.h"
#include "kernel/cpu/gdt.h"
#include "abi/linux/sched.h"
#include "kernel/task/sched.h"
#include "kernel/task/trace_events.h"
#include "kernel/devices/time.h"
#include "lib/assert.h"
#include "lib/irq.h"
#include "lib/resched.h"
#include "mm/frames/highmem.h"
#include "mm/kernel_space/kernel_map.h"
#include "paging/tlb.h"

volatile u32 return_work;
LIST_HEAD(run_queue);

/* switch.S */
void switch_to(u32 *save_esp, u32 load_esp);

void update_return_work(void)
{
	return_work = signal_pending(current) || current->restore_blocked || current->ends
			      ? WORK_SIGNAL
			      : 0;
}

/* Puts a ready task on the queue, behind those of its priority. */
static void enqueue(struct task *task)
{
	struct list_head *place = &run_queue;

	if (unlikely(task->policy.priority)) {
		list_for_each (place, &run_queue)
			if (list_entry(place, struct task, run)->policy.priority <
			    task->policy.priority)
				break;
		if (task->policy.priority > current->policy.priority)
			return_work |= WORK_RESCHEDULE;
	}
	list_add_tail(&task->run, place);
	load.ready++;
}

static noinline u32 unusual_slice(const struct task *task)
{
	switch (task->policy.kind) {
	case SCHED_FIFO:
		return 0;
	case SCHED_RR:
		return TASK_SLICE;
	case SCHED_IDLE:
		return 1;
	}
	return 1 + (u32)(19 - task->policy.nice) * (TASK_SLICE - 1) / 19;
}

static inline u32 slice_of(const struct task *task)
{
	if (likely(!task->policy.nice && task->policy.kind == SCHED_OTHER))
		return TASK_SLICE;
	return unusual_slice(task);
}

u32 task_slice(const struct task *task)
{
	return slice_of(task);
}

void task_set_policy(struct task *task, const struct sched_policy *policy)
{
	unsigned long irq = irq_save();

	task->policy = *policy;
	if (!list_empty(&task->run)) {
		list_del_init(&task->run);
		load.ready--;
		enqueue(task);
	}
	task->slice = task_slice(task);
	return_work |= WORK_RESCHEDULE;
	irq_restore(irq);
}

void task_wake(struct task *task)
{
	unsigned long irq = irq_save();

	BUG_ON(task->state == TASK_ZOMBIE || task->state == TASK_DEAD); /* (1) */
	trace(sched_wakeup, task);
	if (task->state == TASK_BLOCKED && task != current)
		load.blocked--;
	task->state = TASK_RUNNING;
	if (task != current && list_empty(&task->run))
		enqueue(task);
	irq_restore(irq);
}

void task_wake_first(struct task *task)
{
	unsigned long irq = irq_save();

	task_wake(task);
	if (task != current) {
		list_move(&task->run, &run_queue);
		return_work |= WORK_RESCHEDULE;
	}
	irq_restore(irq);
}

void activate_mm(struct mm_struct *mm)
{
	phys_addr_t root = virt_to_phys(mm ? mm->pgd : kernel_pgd);

	if (mmu_root() != root)
		mmu_set_root(root);
}

void mm_unpark(struct mm_struct *mm)
{
	unsigned long irq = irq_save();

	BUG_ON(mm->holder);
	while (!list_empty(&mm->parked)) {
		struct task *task = list_first_entry(&mm->parked, struct task, run);

		list_del(&task->run);
		load.ready--;
		enqueue(task);
	}
	irq_restore(irq);
}

static struct task *pick_next(void)
{
	while (!list_empty(&run_queue)) {
		struct task *next = list_first_entry(&run_queue, struct task, run);

		list_del_init(&next->run);
		load.ready--;
		BUG_ON(next->state != TASK_RUNNING); /* (1) */
		if (likely(!next->mm || !next->mm->holder || next->mm->holder == next))
			return next;
		list_add_tail(&next->run, &next->mm->parked);
		load.ready++;
	}
	return NULL;
}

/* The start of the current task's turn. */
static struct {
	u64 counts; /* of clock_counts() */
	u32 jiffies;
} turn;

/* `extras`: of the previous and the next task. */
static void switch_extras(u32 extras, const struct task *next)
{
	if (extras & EXTRA_TLS)
		gdt_set_tls(next->tls);
	if (extras & EXTRA_LDT)
		ldt_load(next->group->ldt);
	if (extras & EXTRA_NO_TSC)
		cpu_forbid_tsc(next->extras & EXTRA_NO_TSC);
}

/* `slice`: ticks for the next task; 0: its own. */
static void switch_for(u32 slice)
{
	unsigned long irq = irq_save();
	struct task *previous = current, *next;

	BUG_ON(!list_empty(&previous->run)); /* (1) */
	if (previous->pid && previous->state == TASK_RUNNING)
		enqueue(previous);
	else if (previous->state == TASK_BLOCKED)
		load.blocked++;
	next = pick_next();
	if (!next)
		next = &idle_task;
	next->slice = slice && next->policy.kind != SCHED_FIFO ? slice : slice_of(next);
	turn.jiffies = jiffies;
	if (next != previous) {
		trace_state(sched_switch, previous, next);
		turn.counts = usage_switch(previous->state != TASK_RUNNING);
		current = next;
		current_rlim = next->group->rlim;
		/* A kernel task needs no user half and runs in any. */
		if (next->mm && next->mm != previous->mm)
			activate_mm(next->mm);
		if (unlikely(previous->extras | next->extras))
			switch_extras(previous->extras | next->extras, next);
		fpu_leave();
		tss_set_kernel_stack(next->stack + KERNEL_STACK);
		/* Before the switch: a new task does not return here, but goes to ring 3. */
		update_return_work();
		switch_to(&previous->esp, next->esp);
	} else {
		turn.counts = clock_counts();
		update_return_work();
	}
	irq_restore(irq);
	if (unlikely(!list_empty(&dead_tasks)))
		tasks_free_dead();
}

/* Also the calls below go through its first instruction, which sched= changes. */
noinline void schedule(void)
{
	switch_for(0);
}

static inline bool turn_used_up(void)
{
	u32 per_ms = tsc_per_ms();

	if (return_work & WORK_RESCHEDULE)
		return true;
	if (!per_ms)
		return jiffies != turn.jiffies;
	return clock_counts() - turn.counts >= (u64)TURN_MSEC * per_ms;
}

bool turn_is_over(void)
{
	return turn_used_up();
}

/* The other tasks get 10 ms each, not a slice, because this task had no more. */
void let_others_run(void)
{
	BUG_ON(kmap_atomic_depth());
	switch_for(HZ / 100);
}

void schedule_chosen(void)
{
	if (orders_chosen)
		order_next();
	switch_for(0);
}

bool turn_is_over_chosen(void)
{
	return orders_chosen ? order_preempts() : turn_used_up();
}

void let_others_run_chosen(void)
{
	BUG_ON(kmap_atomic_depth());
	if (orders_chosen)
		order_next();
	switch_for(HZ / 100);
}

bool task_killed(void)
{
	return fatal_signal_pending(current);
}

struct timer_wheel kernel_timers;

void task_timeout(struct timer *timer)
{
	task_wake(container_of(timer, struct task, timer));
}

u32 schedule_timeout(u32 ticks)
{
	unsigned long irq = irq_save();
	u32 end = jiffies + ticks;

	timer_add(&kernel_timers, &current->timer, end);
	schedule();
	timer_del(&current->timer);
	irq_restore(irq);
	return (s32)(end - jiffies) > 0 ? end - jiffies : 0;
}

/* Processor time of the group passes only while one of its tasks runs: the tick looks at it. */
static void check_cpu_timers(void)
{
	struct thread_group *group = current->group;

	/* A thread that has ended is in no group until it is switched away from. */
	if (!group || likely(!group->timers && group->rlim[RLIMIT_CPU].cur == RLIM_INFINITY))
		return;
	return_work |= WORK_CPU_TIMERS;
}

void scheduler_tick(struct pt_regs *regs)
{
	usage_tick(!user_mode(regs));
	load_tick();
	check_cpu_timers();
	while (kernel_timers.now != jiffies) /* one interrupt may stand for several ticks */
		timer_wheel_tick(&kernel_timers);
	if (current->slice && --current->slice)
		return;
	if (!list_empty(&run_queue))
		return_work |= WORK_RESCHEDULE;
}

/* No task can run and no tick comes: nothing would wake sleepers. Jumps to the first deadline. */
static void jump_to_timer(void)
{
	unsigned long irq = irq_save();
	u32 ticks = timer_wheel_next(&kernel_timers);

	if (ticks) {
		jiffies += ticks;
		timer_wheel_skip(&kernel_timers, jiffies - 1 - kernel_timers.now);
		timer_wheel_tick(&kernel_timers);
	}
	irq_restore(irq);
}

void idle_loop(void)
{
	for (;;) {
		/* No interrupt is taken between STI and HLT: none that wakes a task is missed. */
		local_irq_disable();
		schedule();
		if (tick_seen()) {
			local_irq_enable();
			cpu_halt();
			continue;
		}
		local_irq_enable();
		if (!tick_comes())
			jump_to_timer();
	}
}
