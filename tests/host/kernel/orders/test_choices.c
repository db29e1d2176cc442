/* SPDX-License-Identifier: MIT */
/*
 * Choosing the next task: which ones are there to choose from, when a task is interrupted, what a
 * path and a generator decide; and the code that is patched so that it happens.
 *
 * sources: kernel/orders/path.c
 */
#include <string.h>

#include "kernel/cpu/trap.h"
#include "kernel/orders/orders.h"
#include "kernel/task/sched.h"
#include "lib/resched.h"
#include "tests/host/console.h"

/* The code of the functions that are replaced, and of the way to ring 3. */
static u8 code[4][8];
static char way_code[64];

#define schedule	    ((void (*)(void))(uintptr_t)code[0])
#define let_others_run	    ((void (*)(void))(uintptr_t)code[1])
#define turn_is_over	    ((void (*)(void))(uintptr_t)code[2])
#define return_to_user_site way_code
#define return_to_order	    (way_code + 42)
#define random_below	    orders_random_below
#include "kernel/orders/orders.c"
#undef random_below

#include "tests/host/tap.h"

#define TASKS 5u

struct task *current;
volatile u32 return_work;

static struct task tasks[TASKS], self;
static struct mm_struct spaces[TASKS];
static u32 works;
static struct pt_regs regs;

void schedule_chosen(void)
{
}

void let_others_run_chosen(void)
{
}

bool turn_is_over_chosen(void)
{
	return false;
}

void do_return_work(struct pt_regs *given)
{
	EXPECT(given == &regs);
	return_work = ++works < 2 ? return_work : 0;
}

/* So many tasks are ready, of priority 0. */
static void ready(u32 count)
{
	list_init(&run_queue);
	memset(tasks, 0, sizeof(tasks));
	memset(&self, 0, sizeof(self));
	memset(spaces, 0, sizeof(spaces));
	for (u32 i = 0; i < count; i++)
		list_add_tail(&tasks[i].run, &run_queue);
	current = &self;
	return_work = works = 0;
}

static struct task *first(void)
{
	return list_first_entry(&run_queue, struct task, run);
}

/* A path that takes this alternative at the next point. */
static struct order_path *path_with(u32 choice)
{
	static struct order_path made;

	memset(&made, 0, sizeof(made));
	path_init(&made, 100, 5);
	if (choice)
		made.point[0].chosen = (u8)choice;
	made.known = choice != 0;
	return &made;
}

/* The next task if a path takes this alternative of so many. */
static struct task *next_of(u32 choice, u32 count)
{
	struct order_path *made = path_with(choice);

	made->point[0].count = (u8)count;
	orders_follow(made);
	order_next();
	EXPECT_EQ(made->position, count > 1);
	EXPECT(!made->diverged);
	orders_end();
	EXPECT_EQ(irq_depth(), 0);
	return first();
}

static void next_task(void)
{
	for (u32 i = 0; i < 4; i++) {
		ready(4);
		EXPECT(next_of(i, 4) == &tasks[i]);
	}
	ready(1);
	EXPECT(next_of(0, 1) == &tasks[0]);
	ready(0);
	orders_follow(path_with(0));
	order_next(); /* none */
	EXPECT(list_empty(&run_queue));
}

/* Only those of the highest priority with an address space that no other task holds. */
static void candidates_of(void)
{
	ready(4);
	tasks[0].policy.priority = tasks[1].policy.priority = 7;
	EXPECT(next_of(1, 2) == &tasks[1]);

	ready(4);
	tasks[0].mm = &spaces[0];
	spaces[0].holder = &tasks[1]; /* parked */
	tasks[1].mm = &spaces[0];
	tasks[2].mm = &spaces[2]; /* no holder */
	EXPECT(next_of(0, 3) == &tasks[1]);
	ready(4);
	tasks[0].mm = &spaces[0];
	spaces[0].holder = &self;
	EXPECT(next_of(2, 3) == &tasks[3]);
	/* One that cannot run does not decide the priority. */
	ready(3);
	tasks[0].policy.priority = 9;
	tasks[0].mm = &spaces[0];
	spaces[0].holder = &self;
	EXPECT(next_of(1, 2) == &tasks[2]);
}

static bool preempts_with(u32 choice)
{
	struct order_path *made = path_with(choice);
	bool result;

	made->point[0].count = 2;
	made->point[0].preempts = true;
	orders_follow(made);
	result = order_preempts();
	orders_end();
	EXPECT_EQ(irq_depth(), 0);
	return result;
}

static void interrupted(void)
{
	ready(2);
	EXPECT(!preempts_with(0) && preempts_with(1));
	ready(0);
	EXPECT(!preempts_with(1)); /* by none */
	return_work = WORK_RESCHEDULE;
	EXPECT(preempts_with(0));
	/* Priorities decide alone. */
	ready(1);
	self.policy.priority = 3;
	EXPECT(!preempts_with(1));
	tasks[0].policy.priority = 4;
	EXPECT(preempts_with(0));
	tasks[0].policy.priority = 3;
	EXPECT(!preempts_with(0) && preempts_with(1));
}

/* A task that asks again and again lets others run after 64 times. */
static void asks_for_ever(void)
{
	u32 times = 0;

	ready(1);
	order_next();
	orders_follow(path_with(0));
	while (times < 1000 && !order_preempts())
		times++;
	EXPECT_EQ(times, 64);
	EXPECT(order_preempts());
	order_next(); /* another one runs: it counts anew */
	EXPECT(!order_preempts());
	orders_end();
}

static void way_to_ring_3(void)
{
	ready(1);
	return_work = WORK_SIGNAL;
	order_return(&regs);
	EXPECT(works == 2 && !return_work); /* until there is none */
	ready(1);
	order_return(&regs);
	EXPECT_EQ(works, 0);
	/* A task of higher priority interrupts, if orders are chosen. */
	tasks[0].policy.priority = 1;
	order_return(&regs);
	EXPECT_EQ(works, 0);
	orders_follow(path_with(0));
	works = 1;
	order_return(&regs);
	EXPECT_EQ(works, 2);
}

/* ---- Random orders, and the code ---- */

static void fill_code(void)
{
	memset(code, 0x55, sizeof(code));
	memset(way_code, 0x11, sizeof(way_code));
	way_code[0] = 0x75;
}

static void with_seed(u64 seed)
{
	const struct orders_option option = { .mode = ORDERS_RANDOM, .seed = seed };

	fill_code();
	orders_patch(&option);
	orders_begin();
	EXPECT(orders_chosen);
}

static u64 history(u64 seed)
{
	u64 taken = 0;

	with_seed(seed);
	for (u32 i = 0; i < 30; i++) {
		ready(4);
		order_next();
		taken = taken * 4 + (u64)(first() - tasks);
	}
	return taken;
}

static void generator(void)
{
	u32 count = 0, next[4] = { 0 };
	u64 before = history(7);

	EXPECT(history(7) == before && history(8) != before && history(7ull << 32) != before);
	with_seed(0);
	ready(1);
	for (u32 i = 0; i < 4000; i++)
		count += order_preempts();
	EXPECT(count > 850 && count < 1150); /* one in four */
	for (u32 i = 0; i < 4000; i++) {
		ready(4);
		order_next();
		next[first() - tasks]++;
	}
	for (u32 i = 0; i < 4; i++)
		EXPECT(next[i] > 850 && next[i] < 1150);
	orders_end();
	EXPECT(!orders_chosen);
}

static bool jumps(u32 function, void (*to)(void))
{
	s32 distance;

	memcpy(&distance, &code[function][1], sizeof(distance));
	EXPECT_EQ(code[function][5], 0x55);
	return code[function][0] == 0xe9 &&
	       (uintptr_t)code[function] + 5 + (uintptr_t)distance == (uintptr_t)to;
}

static void patched(void)
{
	struct orders_option option = { .mode = ORDERS_NORMAL, .case_number = 5 };

	fill_code();
	orders_patch(&option);
	EXPECT_EQ(orders_option.case_number, 5);
	EXPECT(code[0][0] == 0x55 && code[1][0] == 0x55 && code[2][0] == 0x55 &&
	       way_code[0] == 0x75);
	orders_begin();
	EXPECT(!orders_chosen); /* without random orders a program has the usual one */
	for (u32 mode = ORDERS_RANDOM; mode <= ORDERS_REPLAY; mode++) {
		option.mode = (enum orders_mode)mode;
		fill_code();
		orders_patch(&option);
		EXPECT(jumps(0, schedule_chosen));
		EXPECT(jumps(1, let_others_run_chosen));
		EXPECT(jumps(2, (void (*)(void))turn_is_over_chosen));
		EXPECT_EQ(code[3][0], 0x55);
		EXPECT((u8)way_code[0] == 0xeb && way_code[1] == 40 && way_code[2] == 0x11);
	}
	option.mode = ORDERS_EXPLORE;
	fill_code();
	way_code[0] = 0x74;
	EXPECT_PANIC("JNE_REL8", orders_patch(&option));
}

TAP_MAIN({ "the next task", next_task }, { "tasks that can run", candidates_of },
	 { "a task is interrupted", interrupted }, { "a task that asks for ever", asks_for_ever },
	 { "the way to ring 3", way_to_ring_3 }, { "random orders", generator },
	 { "the patched code", patched })
