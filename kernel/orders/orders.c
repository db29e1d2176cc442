/* SPDX-License-Identifier: MIT */
/*
 * Chooses whether to switch, and to which task; and puts itself in the place of the scheduler's.
 */
#include "kernel/orders/orders.h"
#include "kernel/cpu/trap.h"
#include "kernel/task/sched.h"
#include "lib/assert.h"
#include "lib/irq.h"
#include "lib/resched.h"

/* A task that asks again and again whether another has run: that one must run at some time. */
#define STAYS_MAX 64u

#define PREEMPT_ONE_IN 4u /* of the places where a task could go on, with random orders */

struct orders_option orders_option;
bool orders_chosen;

static u64 random_state;
static struct order_path *path; /* NULL: random */
static u32 stays;		/* places at which the current task has gone on */

static u32 random_below(u32 limit)
{
	/* xorshift64* (Vigna 2016). */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (u32)((u64)(u32)(random_state * 0x2545f4914f6cdd1dull >> 32) * limit >> 32);
}

static bool can_run(const struct task *task)
{
	return !task->mm || !task->mm->holder || task->mm->holder == task;
}

/* The tasks of the highest priority that can run: their number, and the task of an index. */
static u32 candidates(u32 index, struct task **found)
{
	struct task *task;
	u32 count = 0, priority = 0;

	list_for_each_entry (task, &run_queue, run) {
		if (!can_run(task))
			continue;
		if (count && task->policy.priority != priority)
			break;
		priority = task->policy.priority;
		if (count++ == index)
			*found = task;
	}
	return count;
}

bool order_preempts(void)
{
	struct task *first = NULL;
	unsigned long irq = irq_save();
	bool others = candidates(0, &first);

	irq_restore(irq);
	if (return_work & WORK_RESCHEDULE)
		return true;
	if (!others || first->policy.priority < current->policy.priority)
		return false;
	if (first->policy.priority > current->policy.priority)
		return true;
	if (!path)
		return !random_below(PREEMPT_ONE_IN);
	return ++stays > STAYS_MAX || path_choose(path, 2, true);
}

void order_next(void)
{
	unsigned long irq = irq_save();
	struct task *next = NULL;
	u32 count = candidates(0, &next);

	stays = 0;
	count = min(count, (u32)UINT8_MAX);
	if (count > 1)
		candidates(path ? path_choose(path, count, false) : random_below(count), &next);
	if (next)
		list_move(&next->run, &run_queue);
	irq_restore(irq);
}

/* On the way to ring 3, in place of do_return_work() if return_work is not 0. */
void order_return(struct pt_regs *regs)
{
	if (orders_chosen && order_preempts())
		return_work |= WORK_RESCHEDULE;
	while (return_work)
		do_return_work(regs);
}

void orders_begin(void)
{
	path = NULL;
	orders_chosen = random_state;
}

void orders_follow(struct order_path *to)
{
	path = to;
	path_begin(path);
	orders_chosen = true;
}

void orders_end(void)
{
	orders_chosen = false;
}

#define JMP_REL32 0xe9
#define JNE_REL8  0x75
#define JMP_REL8  0xeb

/* A function's first instruction becomes a jump to another function. */
static void replace(void (*function)(void), void (*other)(void))
{
	volatile u8 *code = (volatile u8 *)(uintptr_t)function;
	u32 distance = (u32)((uintptr_t)other - ((uintptr_t)function + 5));

	/* Code is constant for the compiler: it does not see what is written here. */
	__asm__("" : "+r"(code));
	for (u32 i = 0; i < 4; i++)
		code[1 + i] = (u8)(distance >> 8 * i);
	code[0] = JMP_REL32;
}

void orders_patch(const struct orders_option *option)
{
	volatile u8 *way = (volatile u8 *)return_to_user_site;
	ptrdiff_t distance = return_to_order - (return_to_user_site + 2);

	orders_option = *option;
	if (option->mode == ORDERS_NORMAL)
		return;
	if (option->mode == ORDERS_RANDOM)
		random_state = (option->seed << 32 | option->seed) * 0x9e3779b97f4a7c15ull | 1;
	replace(schedule, schedule_chosen);
	replace(let_others_run, let_others_run_chosen);
	replace((void (*)(void))turn_is_over, (void (*)(void))turn_is_over_chosen);
	BUG_ON(way[0] != JNE_REL8 || distance < INT8_MIN || distance > INT8_MAX);
	way[0] = JMP_REL8;
	way[1] = (u8)distance;
}
