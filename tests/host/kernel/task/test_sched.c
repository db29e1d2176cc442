/* SPDX-License-Identifier: MIT */
/*
 * The scheduler and the accounts of tasks: order of the queue, slices, parked tasks, sleeps, what
 * a switch loads, processor time, load averages. A switch of stacks is a call that returns: then
 * the current task is the next one.
 *
 * sources: kernel/task/usage.c kernel/task/load.c
 */
#include <string.h>

#include "lib/types.h"

/* Replaces real instructions, and the MMU. */
#define cpu_forbid_tsc	  processor_forbid_tsc
#define local_irq_enable  processor_irq_enable
#define local_irq_disable processor_irq_disable
#define cpu_halt	  processor_halt
#include "kernel/cpu/cpu.h"
#undef cpu_forbid_tsc
#undef local_irq_enable
#undef local_irq_disable
#undef cpu_halt
#define cpu_forbid_tsc	  model_forbid_tsc
#define local_irq_enable  model_irq_enable
#define local_irq_disable model_irq_disable
#define cpu_halt	  model_halt
static void model_forbid_tsc(bool forbid);
static void model_irq_enable(void);
static void model_irq_disable(void);
static void model_halt(void);
#define mmu_root     model_mmu_root
#define mmu_set_root model_mmu_set_root

#include "kernel/task/sched.c"

#include <setjmp.h>

#include "kernel/task/usage.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define TASKS	6
#define PER_MS	1000u
#define PROGRAM 3 /* CS of ring 3 */

static struct thread_group groups[TASKS], idle_group;
static struct task tasks[TASKS];
struct task idle_task, *current;
struct list_head dead_tasks = LIST_HEAD_INIT(dead_tasks);
volatile u32 jiffies;
bool fpu_enabled, orders_chosen;

static struct {
	u64 counts; /* the clock */
	bool no_clock;
	u32 switches, fpu_disabled, tls, orders, freed, enabled, disabled;
	const void *stack, *saved;
	const struct ldt *ldt;
	u32 ldt_loads;
	int forbids;
	phys_addr_t root;
	u32 roots;
	bool preempts, tick_comes, ticked;
	void (*while_away)(void); /* before a switch returns */
} machine;

static void model_forbid_tsc(bool forbid)
{
	machine.forbids = forbid ? 1 : 0;
}

static void model_irq_enable(void)
{
	machine.enabled++;
}

static void model_irq_disable(void)
{
	machine.disabled++;
}

static jmp_buf out_of_idle;
static u32 halts;

static void model_halt(void)
{
	halts++;
	longjmp(out_of_idle, 1);
}

phys_addr_t mmu_root(void)
{
	return machine.root;
}

void mmu_set_root(phys_addr_t root)
{
	machine.root = root;
	machine.roots++;
}

void switch_to(u32 *save_esp, u32 load_esp)
{
	machine.switches++;
	machine.saved = save_esp;
	EXPECT_EQ(load_esp, current->esp);
	if (machine.while_away)
		machine.while_away();
}

void fpu_disable(void)
{
	machine.fpu_disabled++;
}

void tss_set_kernel_stack(void *top)
{
	machine.stack = top;
}

void gdt_set_tls(const u64 tls[GDT_TLS_ENTRIES])
{
	EXPECT(tls == current->tls);
	machine.tls++;
}

void ldt_load(const struct ldt *ldt)
{
	machine.ldt = ldt;
	machine.ldt_loads++;
}

void order_next(void)
{
	machine.orders++;
}

bool order_preempts(void)
{
	return machine.preempts;
}

void tasks_free_dead(void)
{
	machine.freed++;
	list_init(&dead_tasks);
}

u64 clock_counts(void)
{
	return machine.counts;
}

u32 tsc_per_ms(void)
{
	return machine.no_clock ? 0 : PER_MS;
}

bool tick_seen(void)
{
	return machine.ticked;
}

bool tick_comes(void)
{
	return machine.tick_comes;
}

static void prepare(struct task *task, struct thread_group *group, int pid)
{
	task->pid = pid;
	task->group = group;
	task->esp = 0x1000u * (u32)pid;
	task->stack = (char *)(uintptr_t)(0x100000u * (u32)pid);
	list_init(&task->run);
	timer_init(&task->timer, task_timeout);
	group->leader = task;
	group->rlim[RLIMIT_CPU].cur = RLIM_INFINITY;
	list_init(&group->list);
	list_add_tail(&task->thread, &group->list);
}

/* Task 0 runs, the others sleep. */
static void start(void)
{
	prepare(&idle_task, &idle_group, 0);
	for (int i = 0; i < TASKS; i++) {
		prepare(&tasks[i], &groups[i], i + 1);
		tasks[i].state = TASK_SLEEPING;
	}
	timer_wheel_init(&kernel_timers, jiffies);
	current = &tasks[0];
	current->state = TASK_RUNNING;
	current->slice = task_slice(current);
}

static void wake(u32 number)
{
	task_wake(&tasks[number]);
}

/* The queue as a text of numbers. */
static const char *queue(void)
{
	static char text[TASKS + 1];
	struct task *task;
	u32 length = 0;

	list_for_each_entry (task, &run_queue, run)
		text[length++] = (char)('0' + task->pid - 1);
	text[length] = '\0';
	return text;
}

/* ---- Order ---- */

static void round_robin(void)
{
	start();
	wake(1);
	wake(2);
	wake(1); /* it is on the queue */
	EXPECT_TEXT(queue(), "12");
	EXPECT_EQ(load.ready, 2);
	EXPECT_EQ(return_work, 0);
	schedule();
	EXPECT(current == &tasks[1] && machine.saved == &tasks[0].esp);
	EXPECT(machine.stack == tasks[1].stack + KERNEL_STACK);
	EXPECT(current_rlim == groups[1].rlim);
	EXPECT_EQ(current->slice, TASK_SLICE);
	EXPECT_TEXT(queue(), "20");
	EXPECT_EQ(load.ready, 2);
	current->state = TASK_SLEEPING;
	schedule();
	schedule();
	EXPECT(current == &tasks[0]);
	EXPECT_TEXT(queue(), "2");
	/* None that sleeps is on the queue; the last one that can go on does. */
	current->state = TASK_BLOCKED;
	EXPECT_EQ(load.blocked, 0);
	schedule();
	EXPECT_EQ(load.blocked, 1);
	schedule();
	EXPECT(current == &tasks[2] && !load.ready);
	EXPECT_EQ(machine.switches, 4);
	current->state = TASK_SLEEPING;
	schedule();
	EXPECT(current == &idle_task);
	wake(0);
	EXPECT_EQ(load.blocked, 0);
	schedule(); /* the idle task is never on the queue */
	EXPECT(current == &tasks[0]);
	EXPECT_TEXT(queue(), "");
	EXPECT_PANIC("TASK_ZOMBIE", (tasks[3].state = TASK_ZOMBIE, wake(3)));
	EXPECT_PANIC("TASK_DEAD", (tasks[3].state = TASK_DEAD, wake(3)));
}

static void wakes_itself(void)
{
	start();
	/* Woken between its decision to sleep and the sleep. */
	current->state = TASK_BLOCKED;
	wake(0);
	EXPECT_EQ(load.blocked, 0);
	EXPECT_TEXT(queue(), "");
	schedule();
	EXPECT(current == &tasks[0] && !machine.switches);
	tasks[1].state = TASK_BLOCKED;
	load.blocked = 1;
	wake(1);
	EXPECT_EQ(load.blocked, 0);
	wake(1);
	EXPECT_EQ(load.blocked, 0);
}

static void priorities(void)
{
	start();
	tasks[2].policy.priority = 5;
	tasks[3].policy.priority = 50;
	tasks[4].policy.priority = 5;
	wake(1);
	EXPECT_EQ(return_work, 0);
	wake(2);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	wake(4);
	wake(3);
	wake(5);
	EXPECT_TEXT(queue(), "32415");
	/* One with as much as the current one does not interrupt it. */
	schedule();
	EXPECT(current == &tasks[3]);
	tasks[1].policy.priority = 50;
	list_del_init(&tasks[1].run);
	load.ready--;
	return_work = 0;
	wake(1);
	EXPECT_EQ(return_work, 0);
	EXPECT_TEXT(queue(), "12450");
	/* The next one. */
	task_wake_first(&tasks[0]);
	EXPECT_TEXT(queue(), "01245");
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	return_work = 0;
	task_wake_first(current);
	EXPECT_EQ(return_work, 0);
	EXPECT_TEXT(queue(), "01245");
	list_del_init(&tasks[5].run);
	load.ready--;
	tasks[5].state = TASK_SLEEPING;
	task_wake_first(&tasks[5]);
	EXPECT_TEXT(queue(), "50124");
	EXPECT_EQ(tasks[5].state, TASK_RUNNING);
}

static void policy_changes(void)
{
	const struct sched_policy high = { .kind = SCHED_FIFO, .priority = 9 };
	const struct sched_policy nice = { .kind = SCHED_OTHER, .nice = 19 };

	start();
	wake(1);
	wake(2);
	task_set_policy(&tasks[2], &high);
	EXPECT_TEXT(queue(), "21");
	EXPECT_EQ(load.ready, 2);
	EXPECT_EQ(tasks[2].slice, 0);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	/* One that sleeps stays where it is. */
	return_work = 0;
	task_set_policy(&tasks[3], &nice);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	EXPECT_TEXT(queue(), "21");
	EXPECT_EQ(load.ready, 2);
	EXPECT_EQ(tasks[3].slice, 1);
	EXPECT_EQ(tasks[3].policy.nice, 19);
}

static void slices(void)
{
	static const struct {
		int kind;
		s32 nice;
		u32 slice;
	} cases[] = {
		{ SCHED_OTHER, 0, 50 },	 { SCHED_OTHER, 19, 1 }, { SCHED_OTHER, -20, 101 },
		{ SCHED_OTHER, 18, 3 },	 { SCHED_BATCH, 0, 50 }, { SCHED_IDLE, 0, 1 },
		{ SCHED_OTHER, -1, 52 }, { SCHED_RR, 0, 50 },	 { SCHED_RR, 19, 50 },
		{ SCHED_FIFO, 0, 0 },	 { SCHED_OTHER, 1, 47 }, { SCHED_BATCH, 19, 1 },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		tasks[1].policy =
			(struct sched_policy){ .kind = cases[i].kind, .nice = cases[i].nice };
		EXPECT_EQ(task_slice(&tasks[1]), cases[i].slice);
		wake(1);
		schedule();
		EXPECT_EQ(current->slice, cases[i].slice);
		current->state = TASK_SLEEPING;
		schedule();
	}
	/* A long call lets each other task run for 10 ms only; SCHED_FIFO still has no end. */
	tasks[1].policy = (struct sched_policy){ .kind = SCHED_OTHER };
	wake(1);
	let_others_run();
	EXPECT(current == &tasks[1] && current->slice == 10);
	current->state = TASK_SLEEPING;
	schedule();
	tasks[1].policy.kind = SCHED_FIFO;
	wake(1);
	let_others_run();
	EXPECT_EQ(current->slice, 0);
}

static void ticks_of_a_slice(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	start();
	wake(1);
	current->slice = 3;
	for (u32 i = 0; i < 2; i++) {
		scheduler_tick(&regs);
		EXPECT_EQ(return_work, 0);
	}
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	/* Alone on the queue, or without an end: it goes on. */
	return_work = 0;
	current->slice = 0;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	schedule();
	current->state = TASK_SLEEPING;
	schedule();
	return_work = 0;
	current->slice = 1;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, 0);
}

/* A tick counts time for what it interrupted, and for the load. */
static void accounts_of_a_tick(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	start();
	usage_mark();
	memset(&current->usage, 0, sizeof(current->usage));
	machine.counts += 7;
	scheduler_tick(&regs);
	EXPECT(current->usage.time[0] == 7 && current->usage.time[1] == 0);
	regs.cs = 0;
	machine.counts += 9;
	scheduler_tick(&regs);
	EXPECT(current->usage.time[0] == 7 && current->usage.time[1] == 9);
	jiffies += 5 * HZ;
	scheduler_tick(&regs);
	EXPECT(load.average[0] > 0);
}

static void processor_time_limits(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	start();
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, 0);
	groups[0].rlim[RLIMIT_CPU].cur = 5;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_CPU_TIMERS);
	groups[0].rlim[RLIMIT_CPU].cur = RLIM_INFINITY;
	groups[0].timers = (struct process_timers *)&regs;
	return_work = 0;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_CPU_TIMERS);
	return_work = 0;
	current->group = NULL; /* it has ended */
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, 0);
}

/* ---- Address spaces ---- */

static void parked(void)
{
	struct mm_struct *mm, *other;

	machine_boot();
	start();
	mm = mm_alloc();
	other = mm_alloc();
	tasks[0].mm = tasks[1].mm = tasks[2].mm = mm;
	tasks[3].mm = other;
	machine.root = virt_to_phys(mm->pgd);
	mm_hold();
	wake(1);
	wake(2);
	wake(3);
	schedule();
	EXPECT(current == &tasks[3]);
	EXPECT_TEXT(queue(), "0");
	EXPECT_EQ(load.ready, 3); /* parked ones too */
	EXPECT(machine.root == virt_to_phys(other->pgd) && machine.roots == 1);
	schedule(); /* the holder itself */
	EXPECT(current == &tasks[0] && machine.roots == 2);
	mm_unhold();
	EXPECT_TEXT(queue(), "312");
	EXPECT_EQ(load.ready, 3);
	EXPECT(list_empty(&mm->parked));
	/* A kernel task runs in any space. */
	list_del_init(&tasks[3].run);
	load.ready--;
	tasks[3].mm = NULL;
	wake(3);
	schedule();
	schedule();
	schedule();
	EXPECT(current == &tasks[3] && machine.roots == 2);
	activate_mm(NULL);
	EXPECT_EQ(machine.root, virt_to_phys(kernel_pgd));
	activate_mm(NULL);
	EXPECT_EQ(machine.roots, 3);
	EXPECT_PANIC("holder", (mm->holder = current, mm_unpark(mm)));
	tasks[0].mm = NULL;
	mm_put(mm);
	mm_put(other);
}

/* ---- What a switch loads ---- */

static u32 forbidden(u32 from, u32 to)
{
	tasks[0].extras = from;
	tasks[1].extras = to;
	current = &tasks[0];
	current->state = TASK_RUNNING;
	list_init(&run_queue);
	list_init(&tasks[0].run);
	list_init(&tasks[1].run);
	load.ready = machine.tls = machine.ldt_loads = 0;
	machine.forbids = -1;
	wake(1);
	schedule();
	EXPECT(current == &tasks[1]);
	return machine.tls * 100 + machine.ldt_loads * 10;
}

static void extras(void)
{
	static struct ldt *const table = (struct ldt *)&groups[5];

	start();
	groups[1].ldt = table;
	EXPECT_EQ(forbidden(0, 0), 0);
	EXPECT_EQ(machine.forbids, -1);
	EXPECT_EQ(forbidden(EXTRA_TLS, 0), 100);
	EXPECT_EQ(forbidden(0, EXTRA_TLS), 100);
	EXPECT_EQ(forbidden(EXTRA_LDT, 0), 10);
	EXPECT_EQ(forbidden(0, EXTRA_LDT), 10);
	EXPECT(machine.ldt == table);
	EXPECT_EQ(forbidden(EXTRA_NO_TSC, 0), 0);
	EXPECT_EQ(machine.forbids, 0);
	EXPECT_EQ(forbidden(0, EXTRA_NO_TSC), 0);
	EXPECT_EQ(machine.forbids, 1);
	EXPECT_EQ(machine.fpu_disabled, 0);
	fpu_enabled = true;
	forbidden(0, 0);
	EXPECT_EQ(machine.fpu_disabled, 1);
}

static void return_work_of_the_next(void)
{
	start();
	wake(1);
	tasks[1].pending.signals = SIGMASK(9);
	return_work = WORK_RESCHEDULE;
	schedule();
	EXPECT_EQ(return_work, WORK_SIGNAL);
	schedule();
	EXPECT_EQ(return_work, 0);
	current->ends = true;
	update_return_work();
	EXPECT_EQ(return_work, WORK_SIGNAL);
	current->ends = false;
	current->restore_blocked = true;
	update_return_work();
	EXPECT_EQ(return_work, WORK_SIGNAL);
	current->restore_blocked = false;
	current->pending.signals = current->blocked = SIGMASK(5);
	update_return_work();
	EXPECT_EQ(return_work, 0);
	EXPECT(!task_killed());
	current->pending.signals = SIGMASK(9);
	EXPECT(task_killed());
	/* Also where it goes on itself. */
	tasks[1].state = TASK_SLEEPING;
	list_del_init(&tasks[1].run);
	return_work = WORK_RESCHEDULE;
	current->pending.signals = 0;
	schedule();
	EXPECT(current == &tasks[0] && !return_work);
}

static void the_dead_are_freed(void)
{
	start();
	schedule();
	EXPECT_EQ(machine.freed, 0);
	list_add(&tasks[5].link, &dead_tasks);
	schedule();
	EXPECT_EQ(machine.freed, 1);
}

/* ---- Sleeps and turns ---- */

static void sleeper_is_woken(void)
{
	machine.while_away = NULL;
	EXPECT(timer_active(&tasks[0].timer));
	jiffies += 3;
	current = &tasks[0]; /* as if it had been woken and scheduled again */
}

static void sleeps(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	start();
	jiffies = kernel_timers.now = UINT32_MAX - 2; /* it wraps */
	current->state = TASK_SLEEPING;
	machine.while_away = sleeper_is_woken;
	EXPECT_EQ(schedule_timeout(10), 7);
	EXPECT(!timer_active(&tasks[0].timer));
	current->state = TASK_SLEEPING;
	machine.while_away = sleeper_is_woken;
	EXPECT_EQ(schedule_timeout(3), 0);
	current->state = TASK_SLEEPING;
	machine.while_away = sleeper_is_woken;
	EXPECT_EQ(schedule_timeout(2), 0);
	/* The tick wakes it, also one that comes late. */
	start();
	tasks[1].state = TASK_SLEEPING;
	timer_add(&kernel_timers, &tasks[1].timer, jiffies + 4);
	jiffies += 3;
	scheduler_tick(&regs);
	EXPECT_EQ(tasks[1].state, TASK_SLEEPING);
	jiffies += 5;
	scheduler_tick(&regs);
	EXPECT_EQ(tasks[1].state, TASK_RUNNING);
	EXPECT_EQ(kernel_timers.now, jiffies);
}

static void turns(void)
{
	start();
	schedule();
	EXPECT(!turn_is_over());
	machine.counts += 3 * PER_MS - 1;
	EXPECT(!turn_is_over());
	machine.counts++;
	EXPECT(turn_is_over());
	schedule();
	EXPECT(!turn_is_over());
	return_work = WORK_RESCHEDULE;
	EXPECT(turn_is_over());
	return_work = WORK_SIGNAL;
	EXPECT(!turn_is_over());
	wake(1);
	machine.counts += 3 * PER_MS;
	schedule();
	EXPECT(!turn_is_over());
	/* Without a clock a turn is a tick. */
	machine.no_clock = true;
	machine.counts += 3 * PER_MS;
	EXPECT(!turn_is_over());
	jiffies++;
	EXPECT(turn_is_over());
	schedule();
	EXPECT(!turn_is_over());
}

static void chosen_orders(void)
{
	start();
	wake(1);
	schedule_chosen();
	EXPECT(!machine.orders && current == &tasks[1]);
	let_others_run_chosen();
	EXPECT(!machine.orders && current == &tasks[0] && current->slice == 10);
	machine.preempts = true;
	EXPECT(!turn_is_over_chosen());
	machine.counts += 3 * PER_MS;
	EXPECT(turn_is_over_chosen());
	orders_chosen = true;
	EXPECT(turn_is_over_chosen());
	machine.preempts = false;
	EXPECT(!turn_is_over_chosen());
	schedule_chosen();
	EXPECT(machine.orders == 1 && current == &tasks[1]);
	let_others_run_chosen();
	EXPECT(machine.orders == 2 && current == &tasks[0] && current->slice == 10);
}

static void idle(void)
{
	start();
	current = &idle_task;
	idle_task.state = TASK_RUNNING;
	machine.ticked = true;
	if (!setjmp(out_of_idle))
		idle_loop();
	EXPECT(halts == 1 && machine.disabled == 1 && machine.enabled == 1);
}

static void other_way_out(void)
{
	if (jiffies >= 1000)
		longjmp(out_of_idle, 1);
}

static void idle_without_ticks(void)
{
	start();
	current = &idle_task;
	idle_task.state = TASK_RUNNING;
	machine.while_away = other_way_out;
	timer_add(&kernel_timers, &tasks[2].timer, jiffies + 1000);
	if (!setjmp(out_of_idle))
		idle_loop();
	EXPECT(current == &tasks[2] && jiffies == 1000 && !halts);
	EXPECT_EQ(kernel_timers.now, 1000);
	/* irq_save() in schedule() was left by the jump. */
	irq_restore(0);
}

/* ---- Accounts ---- */

static void spans(void)
{
	struct usage sum;

	start();
	machine.counts = 1000;
	usage_mark();
	memset(&tasks[0].usage, 0, sizeof(tasks[0].usage));
	memset(&load, 0, sizeof(load));
	fault_counters.resolved = 5;
	fault_counters.swapped_in = 2;
	machine.counts += 100;
	usage_tick(true);
	machine.counts += 10;
	fault_counters.resolved++;
	usage_mark();
	EXPECT(current->usage.time[0] == 0 && current->usage.time[1] == 110);
	EXPECT(current->usage.faults == 6 && current->usage.major_faults == 2);
	machine.counts += 7;
	usage_tick(false);
	EXPECT(current->usage.time[0] == 7 && load.time[0] == 7 && load.time[1] == 110);
	wake(1);
	machine.counts += 3;
	fault_counters.swapped_in++;
	schedule();
	EXPECT_EQ(tasks[0].usage.time[0], 10);
	EXPECT(tasks[0].usage.involuntary == 1 && !tasks[0].usage.voluntary);
	EXPECT_EQ(tasks[0].usage.major_faults, 3);
	EXPECT_EQ(load.switches, 1);
	machine.counts += 5;
	current->state = TASK_SLEEPING;
	schedule();
	EXPECT(tasks[1].usage.voluntary == 1 && !tasks[1].usage.involuntary);
	EXPECT(tasks[1].usage.time[0] == 5 && !tasks[1].usage.faults);
	/* A running process is counted up to now, another one as it is. */
	machine.counts += 30;
	usage_sum(&groups[1], &sum);
	EXPECT_EQ(sum.time[0], 5);
	usage_sum(&groups[0], &sum);
	EXPECT_EQ(sum.time[0], 40);
	current->state = TASK_SLEEPING;
	schedule();
	machine.counts += 11;
	usage_mark();
	EXPECT(current == &idle_task && load.time[2] == 11);
}

static void sums(void)
{
	const struct usage a = { { 1, 2 }, 3, 4, 5, 6, 70 }, b = { { 10, 20 }, 30, 40, 50, 60, 7 };
	struct mm_struct mm = { .max_rss = 90 };
	struct usage sum = a;

	start();
	usage_add(&sum, &b);
	EXPECT(sum.time[0] == 11 && sum.time[1] == 22 && sum.faults == 33);
	EXPECT(sum.major_faults == 44 && sum.voluntary == 55 && sum.involuntary == 66);
	EXPECT_EQ(sum.max_rss, 70);
	sum = b;
	usage_add(&sum, &a);
	EXPECT_EQ(sum.max_rss, 70);
	/* Threads, and those that have ended. */
	groups[1].ended = a;
	tasks[1].usage = b;
	tasks[2].usage = b;
	list_add_tail(&tasks[2].thread, &groups[1].list);
	usage_sum(&groups[1], &sum);
	EXPECT(sum.time[0] == 21 && sum.time[1] == 42 && sum.involuntary == 126 &&
	       sum.max_rss == 70);
	tasks[1].mm = &mm;
	usage_sum(&groups[1], &sum);
	EXPECT_EQ(sum.max_rss, 90);
	mm.max_rss = 60;
	usage_sum(&groups[1], &sum);
	EXPECT_EQ(sum.max_rss, 70);
	current->mm = &mm;
	current->usage.max_rss = 65;
	usage_leave_mm();
	EXPECT_EQ(current->usage.max_rss, 65);
	mm.max_rss = 66;
	usage_leave_mm();
	EXPECT_EQ(current->usage.max_rss, 66);
}

/* Linux's kernel/sched/loadavg.c, by floating point. */
static void load_averages(void)
{
	static const u32 keep[] = { 1884, 2014, 2037 };
	u32 expected[3] = { 0, 0, 0 };

	start();
	EXPECT_EQ(tasks_running(), 1);
	current = &idle_task;
	EXPECT_EQ(tasks_running(), 0);
	current = &tasks[0];
	load.ready = 2;
	load.blocked = 1;
	EXPECT_EQ(tasks_running(), 3);
	for (u32 sample = 0; sample < 40; sample++) {
		jiffies += 4999;
		load_tick();
		for (u32 i = 0; i < 3; i++)
			EXPECT_EQ(load.average[i], expected[i]);
		jiffies++;
		load_tick();
		load_tick(); /* not again */
		for (u32 i = 0; i < 3; i++) {
			expected[i] = (expected[i] * keep[i] + 4 * 2048 * (2048 - keep[i])) / 2048;
			EXPECT_EQ(load.average[i], expected[i]);
		}
	}
	EXPECT(load.average[0] > 3 * LOAD_ONE && load.average[2] < LOAD_ONE);
}

TAP_MAIN({ "round robin", round_robin }, { "a wake-up before the sleep", wakes_itself },
	 { "priorities", priorities }, { "changes of a policy", policy_changes },
	 { "slices", slices }, { "ticks of a slice", ticks_of_a_slice },
	 { "accounts of a tick", accounts_of_a_tick },
	 { "limits of processor time", processor_time_limits }, { "parked tasks", parked },
	 { "extra registers", extras }, { "work at the return", return_work_of_the_next },
	 { "the dead are freed", the_dead_are_freed }, { "sleeps", sleeps }, { "turns", turns },
	 { "chosen orders", chosen_orders }, { "the idle task", idle },
	 { "the idle task without ticks", idle_without_ticks }, { "spans", spans },
	 { "sums", sums }, { "load averages", load_averages })
