/* SPDX-License-Identifier: MIT */
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

#include "tests/host/kernel/task/sched_rig.h"
#include "tests/host/tap.h"

static struct thread_group idle_group;
struct thread_group groups[TASKS];
struct task tasks[TASKS];
struct task idle_task, *current;
struct list_head dead_tasks = LIST_HEAD_INIT(dead_tasks);
volatile u32 jiffies;
bool fpu_enabled, orders_chosen;

struct sched_machine machine;

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

jmp_buf out_of_idle;

static void model_halt(void)
{
	machine.halts++;
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

void sched_start(void)
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

void wake(u32 number)
{
	task_wake(&tasks[number]);
}

const char *queue(void)
{
	static char text[TASKS + 1];
	struct task *task;
	u32 length = 0;

	list_for_each_entry (task, &run_queue, run)
		text[length++] = (char)('0' + task->pid - 1);
	text[length] = '\0';
	return text;
}
