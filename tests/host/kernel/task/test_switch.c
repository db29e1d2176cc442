/* SPDX-License-Identifier: MIT */
/*
 * What a switch of tasks does: parked tasks, what is loaded for the next one, sleeps with a time,
 * and the idle task.
 *
 * sources: kernel/task/usage.c kernel/task/load.c tests/host/kernel/task/sched_rig.c
 */
#include "tests/host/kernel/task/sched_rig.h"

#include "kernel/task/fpu.h"
#include "kernel/task/load.h"
#include "kernel/task/sched.h"
#include "lib/irq.h"
#include "mm/kernel_space/kernel_map.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static void parked(void)
{
	struct mm_struct *mm, *other;

	machine_boot();
	sched_start();
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

	sched_start();
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
	sched_start();
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
	sched_start();
	schedule();
	EXPECT_EQ(machine.freed, 0);
	list_add(&tasks[5].link, &dead_tasks);
	schedule();
	EXPECT_EQ(machine.freed, 1);
}

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

	sched_start();
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
	sched_start();
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

static void idle(void)
{
	sched_start();
	current = &idle_task;
	idle_task.state = TASK_RUNNING;
	machine.ticked = true;
	if (!setjmp(out_of_idle))
		idle_loop();
	EXPECT(machine.halts == 1 && machine.disabled == 1 && machine.enabled == 1);
}

static void other_way_out(void)
{
	if (jiffies >= 1000)
		longjmp(out_of_idle, 1);
}

static void idle_without_ticks(void)
{
	sched_start();
	current = &idle_task;
	idle_task.state = TASK_RUNNING;
	machine.while_away = other_way_out;
	timer_add(&kernel_timers, &tasks[2].timer, jiffies + 1000);
	if (!setjmp(out_of_idle))
		idle_loop();
	EXPECT(current == &tasks[2] && jiffies == 1000 && !machine.halts);
	EXPECT_EQ(kernel_timers.now, 1000);
	/* irq_save() in schedule() was left by the jump. */
	irq_restore(0);
}

TAP_MAIN({ "parked tasks", parked }, { "extra registers", extras },
	 { "work at the return", return_work_of_the_next },
	 { "the dead are freed", the_dead_are_freed }, { "sleeps", sleeps },
	 { "the idle task", idle }, { "the idle task without ticks", idle_without_ticks })
