/* SPDX-License-Identifier: MIT */
/*
 * Tasks as they are made, related, buried and freed: every member of a new one, each allocation
 * that fails, the lists in which a task is, and the stacks that are kept.
 *
 * sources: kernel/task/pid.c
 */
#include "lib/types.h"

/* Kernel addresses have 32 bits. */
#pragma GCC diagnostic ignored "-Wpointer-to-int-cast"

#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
static void *model_vmalloc(size_t bytes);
static void model_vfree(const void *address);
static void *model_frames(gfp_t gfp, u32 order);
static void model_free_frames(void *address, u32 order);
static struct {
	uintptr_t start, end; /* of the host */
	u32 count, pages;
} model_space;
#define vmalloc		 model_vmalloc
#define vfree		 model_vfree
#define vmalloc_space	 model_space
#define __get_free_pages model_frames
#define free_pages	 model_free_frames
#define trace_task	 number_of_task /* tests/host/trace_clock.c has one */

#include "kernel/task/task.c"

#include <string.h>

#include "mm/frames/fail_alloc.h"
#include "paging/pgtable.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct load load;
struct timer_wheel kernel_timers;
volatile u32 jiffies;
char boot_stack[KERNEL_STACK], kernel_task_start[1];

static u32 files_inits, marks, wakes;
static u64 counts = 1000;
static struct task *parent;

/* Stacks of frames lie below those with a guard page, as in the kernel. */
static struct {
	char frames[4][KERNEL_STACK], guarded[16][KERNEL_STACK];
} memory;
static bool frames_used[4], guarded_used[16];

static void *take(char (*stacks)[KERNEL_STACK], bool *used, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		if (used[i])
			continue;
		used[i] = true;
		memset(stacks[i], 0xee, KERNEL_STACK);
		return stacks[i];
	}
	return NULL;
}

static void *model_vmalloc(size_t bytes)
{
	EXPECT_EQ(bytes, KERNEL_STACK);
	return fail_alloc(FAIL_PAGE, GFP_KERNEL) ? NULL : take(memory.guarded, guarded_used, 16);
}

static void model_vfree(const void *address)
{
	u32 i = (u32)((const char(*)[KERNEL_STACK])address - memory.guarded);

	EXPECT(i < 16 && guarded_used[i]);
	guarded_used[i] = false;
}

static void *model_frames(gfp_t gfp, u32 order)
{
	EXPECT(gfp == GFP_KERNEL && order == KERNEL_STACK_ORDER);
	return take(memory.frames, frames_used, 4);
}

static void model_free_frames(void *address, u32 order)
{
	u32 i = (u32)((const char(*)[KERNEL_STACK])address - memory.frames);

	EXPECT(order == KERNEL_STACK_ORDER && i < 4 && frames_used[i]);
	frames_used[i] = false;
}

static u32 stacks_used(void)
{
	u32 count = 0;

	for (u32 i = 0; i < 16; i++)
		count += guarded_used[i];
	for (u32 i = 0; i < 4; i++)
		count += frames_used[i];
	return count;
}

void files_init(void)
{
	files_inits++;
}

void limits_init(struct rlimit rlim[RLIM_NLIMITS])
{
	rlim[3].cur = 333;
}

void capabilities_init(struct capabilities *caps)
{
	caps->effective = 77;
}

u64 clock_counts(void)
{
	return ++counts;
}

void usage_mark(void)
{
	marks++;
}

void usage_add(struct usage *to, const struct usage *from)
{
	to->faults += from->faults;
}

void task_timeout(struct timer *timer)
{
	(void)timer;
}

void task_wake(struct task *task)
{
	wakes++;
	EXPECT(task->esp);
}

/* ---- The idle task ---- */

static void begin(void)
{
	machine_boot();
	idle_group.leader = NULL;
	model_space.start = (uintptr_t)memory.guarded;
	model_space.end = model_space.start + 1000 * PAGE_SIZE;
	task_init();
	idle_group.job.group = idle_group.job.session = 5;
	parent = &idle_task;
	machine_settle();
}

static void finish(void)
{
	tasks_free_dead();
	EXPECT_EQ(nr_tasks, 0);
	EXPECT(list_empty(&parent->children) && list_empty(&dead_tasks));
	stacks_drain();
	EXPECT_EQ(stacks_used(), 0);
}

static void idle(void)
{
	EXPECT_TEXT(current_name(), "boot");
	begin();
	EXPECT_TEXT(current_name(), "idle");
	EXPECT(current == &idle_task && current_pid() == 0 && idle_task.stack == boot_stack);
	EXPECT(idle_task.parent == &idle_task && idle_task.group->leader == &idle_task);
	EXPECT(current_rlim == idle_task.group->rlim && current_rlim[3].cur == 333);
	EXPECT_EQ(idle_task.group->caps.effective, 77);
	EXPECT_EQ(files_inits, 1);
	EXPECT(list_empty(&idle_task.children) && list_empty(&idle_task.sibling));
	EXPECT(list_empty(&idle_task.news) && list_empty(&idle_task.in_news));
	EXPECT(list_empty(&idle_task.run) && list_empty(&idle_task.group->waiters));
	EXPECT(idle_task.group->list.next == &idle_task.thread);
	EXPECT(idle_task.group->list.prev == &idle_task.thread);
	EXPECT(task_list.next == &idle_task.link && task_list.prev == &idle_task.link);
	EXPECT(!timer_active(&idle_task.timer) && idle_task.timer.fire == task_timeout);
	EXPECT_VALID(timer_wheel_validate(&kernel_timers));
	EXPECT_EQ(trace_task(), 0);
	EXPECT(!task_find(0)); /* it has no number */
	finish();
}

/* A name has all its bytes. */
static struct task *make_task(struct task *above, struct thread_group *group, const char *name)
{
	char padded[TASK_NAME_SIZE] = "";

	strscpy(padded, name, sizeof(padded));
	return task_alloc(above, group, padded);
}

/* ---- A new task ---- */

static void new_leader(void)
{
	struct task *task, *again;

	begin();
	idle_group.groups.count = 2;
	idle_group.groups.list[0] = 10;
	idle_group.groups.list[1] = 20;
	idle_group.flags.subreaper = idle_group.flags.no_new_privs = true;
	idle_group.user.real = 1234;
	task = make_task(parent, NULL, "a name of fifte");
	EXPECT(task && task->pid == 1 && task->tgid == 1 && task_find(1) == task);
	/* What a freed one leaves behind is not there in the next. */
	memset(&task->restart_block, 0xee, sizeof(task->restart_block));
	memset(&task->forced, 0xee, sizeof(task->forced));
	task->blocked = task->robust_list = 55;
	task->born = 7;
	task->group->stopped = task->group->exiting = true;
	task->group->queued = 9;
	task->group->groups.list[2] = 99;
	task_free(task);
	EXPECT(!task_find(1) && list_empty(&parent->children) && nr_tasks == 0);
	again = make_task(parent, NULL, "a name of fifte");
	EXPECT(again == task && task->pid == 2 && nr_tasks == 1 && load.started == 2);
	EXPECT(!task->restart_block.fn && !task->blocked && !task->robust_list);
	EXPECT(!task->forced.signo && !task->forced.code && !task->forced.words[3]);
	EXPECT(!strcmp(task->name, "a name of fifte") && task->slice == TASK_SLICE);
	EXPECT(task->parent == parent && task->born == counts && task->state == TASK_RUNNING);
	EXPECT(list_empty(&task->children) && list_empty(&task->news));
	EXPECT(list_empty(&task->in_news) && list_empty(&task->run));
	EXPECT(!timer_active(&task->timer) && task->timer.fire == task_timeout);
	EXPECT(parent->children.next == &task->sibling && task_list.prev == &task->link);
	EXPECT(task->group->leader == task && task->group->threads == 1);
	EXPECT(task->group->list.next == &task->thread && list_empty(&task->group->waiters));
	EXPECT(!task->group->stopped && !task->group->exiting && !task->group->queued);
	EXPECT(task->group->user.real == 1234 && task->group->rlim[3].cur == 333);
	EXPECT(!task->group->flags.subreaper && task->group->flags.no_new_privs);
	EXPECT(task->group->groups.count == 2 && task->group->groups.list[0] == 10);
	EXPECT(task->group->groups.list[1] == 20 && task->group->groups.list[2] == 99);
	EXPECT(task->group->job.group == 5 && task->group->job.session == 5);
	current = task;
	EXPECT_EQ(trace_task(), 2 << 16 | 2);
	EXPECT_EQ(current_pid(), 2);
	current = &idle_task;
	EXPECT(task_regs(task) == (struct pt_regs *)(task->stack + KERNEL_STACK) - 1);
	task_free(task);
	finish();
}

static void new_thread(void)
{
	struct task *leader, *thread;

	begin();
	leader = make_task(parent, NULL, "leader");
	thread = make_task(parent, leader->group, "thread");
	EXPECT(thread->group == leader->group && thread->tgid == leader->pid);
	EXPECT(leader->group->threads == 2 && list_empty(&thread->sibling));
	EXPECT(leader->group->list.next == &leader->thread);
	EXPECT(leader->group->list.prev == &thread->thread);
	EXPECT(parent->children.prev == &leader->sibling);
	current = thread;
	EXPECT_EQ(trace_task(), (u32)leader->pid << 16 | (u32)thread->pid);
	current = &idle_task;
	task_free(thread);
	EXPECT(leader->group->threads == 1 && leader->group->list.prev == &leader->thread);
	task_free(leader);
	finish();
}

/* No thing is left of a task that could not be made whole. */
static void no_memory(void)
{
	struct task *task = NULL;
	u32 failures = 0;

	begin();
	for (u32 nth = 1; !task; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };

		fail_alloc_set(&spec);
		task = make_task(parent, NULL, "name");
		fail_alloc_set(NULL);
		stacks_drain();
		failures += !task;
		if (!task)
			EXPECT(!nr_tasks && !stacks_used() && list_empty(&parent->children));
	}
	EXPECT(failures >= 3); /* the task, its stack, its group */
	task_free(task);
	finish();
}

static struct task fillers[PID_MAX];

static void no_number(void)
{
	struct task *leader;

	begin();
	leader = make_task(parent, NULL, "leader");
	for (u32 i = 1; i < PID_MAX - 1; i++)
		EXPECT_EQ(pid_alloc(&fillers[i]), 0);
	EXPECT(!make_task(parent, NULL, "name"));
	EXPECT(!make_task(parent, leader->group, "name"));
	EXPECT(leader->group->threads == 1 && parent->children.next == &leader->sibling);
	for (u32 i = 1; i < PID_MAX - 1; i++)
		pid_free(&fillers[i]);
	task_free(leader);
	finish();
}

/* ---- Its end ---- */

static void ended(void)
{
	struct task *leader, *thread, *other;

	begin();
	leader = make_task(parent, NULL, "leader");
	thread = make_task(parent, leader->group, "thread");
	other = make_task(parent, leader->group, "other");
	thread->usage.faults = 30;
	other->usage.faults = 4;
	current = thread;
	task_bury(other);
	EXPECT(leader->group->ended.faults == 4 && !marks);
	task_bury(thread);
	EXPECT(leader->group->ended.faults == 34 && marks == 1);
	EXPECT(thread->state == TASK_DEAD && !thread->group && !task_find(2));
	EXPECT(leader->group->list.prev == &leader->thread);
	EXPECT_EQ(trace_task(), (u32)thread->pid);
	tasks_free_dead(); /* not the one that runs */
	EXPECT(dead_tasks.next == &thread->link && dead_tasks.prev == &thread->link);
	EXPECT(task_list.prev == &leader->link);
	current = &idle_task;
	tasks_free_dead();
	EXPECT(list_empty(&dead_tasks));
	leader->group->threads = 0;
	leader->state = TASK_ZOMBIE; /* it has been counted */
	list_add_tail(&leader->in_news, &parent->news);
	task_free(leader);
	EXPECT(list_empty(&parent->news));
	finish();
}

static void new_parent(void)
{
	struct task *first, *second, *child, *thread;

	begin();
	first = make_task(parent, NULL, "first");
	second = make_task(parent, NULL, "second");
	child = make_task(first, NULL, "child");
	thread = make_task(first, child->group, "thread");
	task_set_parent(child, second);
	EXPECT(child->parent == second && thread->parent == second);
	EXPECT(list_empty(&first->children) && second->children.next == &child->sibling);
	EXPECT(list_empty(&second->news));
	list_add_tail(&child->in_news, &second->news);
	task_set_parent(child, first);
	EXPECT(list_empty(&second->news) && first->news.next == &child->in_news);
	list_del_init(&child->in_news);
	task_free(thread);
	task_free(child);
	task_free(second);
	task_free(first);
	finish();
}

/* A thread takes the place of the leader, with all its relations. */
static void new_place(void)
{
	struct task *before, *old, *after, *thread, *children[2];
	u64 born;

	begin();
	before = make_task(parent, NULL, "before");
	old = make_task(parent, NULL, "old");
	after = make_task(parent, NULL, "after");
	thread = make_task(parent, old->group, "thread");
	children[0] = make_task(old, NULL, "first");
	children[1] = make_task(old, NULL, "second");
	born = old->born;
	old->exit_signal = 10;
	old->stop_signal = 19;
	old->continued = true;
	old->state = TASK_ZOMBIE;
	old->group->threads = 1;
	list_add_tail(&before->in_news, &parent->news);
	list_add_tail(&old->in_news, &parent->news);
	current = thread;
	task_become_leader();
	EXPECT(thread->pid == 2 && old->pid == 4 && thread->group->leader == thread);
	EXPECT(thread->born == born && thread->exit_signal == 10);
	EXPECT(thread->stop_signal == 19 && thread->continued);
	EXPECT(before->sibling.next == &thread->sibling && after->sibling.prev == &thread->sibling);
	EXPECT(before->in_news.next == &thread->in_news);
	EXPECT(parent->news.prev == &thread->in_news);
	EXPECT(thread->children.next == &children[0]->sibling);
	EXPECT(thread->children.prev == &children[1]->sibling);
	EXPECT(children[0]->parent == thread && children[1]->parent == thread);
	EXPECT(old->state == TASK_DEAD && dead_tasks.next == &old->link);
	current = &idle_task;
	for (u32 i = 0; i < 2; i++)
		task_free(children[i]);
	list_del_init(&before->in_news);
	thread->state = TASK_ZOMBIE;
	thread->group->threads = 0;
	task_free(thread);
	task_free(after);
	task_free(before);
	finish();
}

/* ---- Stacks ---- */

static void stacks(void)
{
	struct task *tasks[12];

	begin();
	for (u32 i = 0; i < 12; i++) {
		tasks[i] = make_task(parent, NULL, "name");
		EXPECT(!tasks[i]->stack[0] && !tasks[i]->stack[KERNEL_STACK - 1]);
		tasks[i]->stack[0] = 'x';
	}
	EXPECT_EQ(stacks_used(), 12);
	for (u32 i = 0; i < 12; i++)
		task_free(tasks[i]);
	EXPECT_EQ(stacks_used(), 8);
	tasks[0] = make_task(parent, NULL, "name");
	EXPECT(stacks_used() == 8 && tasks[0]->stack[0] == 'x'); /* one of the eight */
	task_free(tasks[0]);
	EXPECT_EQ(stacks_drain(), 16);
	EXPECT_EQ(stacks_used(), 0);
	/* When half of the addresses are taken. */
	model_space.pages = 400;
	model_space.count = 99;
	tasks[0] = make_task(parent, NULL, "name");
	model_space.count = 100;
	tasks[1] = make_task(parent, NULL, "name");
	EXPECT(guarded_used[0] && !guarded_used[1] && frames_used[0]);
	EXPECT(!tasks[1]->stack[0] && !tasks[1]->stack[KERNEL_STACK - 1]);
	task_free(tasks[0]);
	task_free(tasks[1]);
	EXPECT(shrink_caches() >= 4); /* the stacks kept have a shrinker */
	EXPECT_EQ(stacks_used(), 0);
	finish();
}

/* ---- Tasks of the kernel, and the line about memory that is written and executed ---- */

static void works(void *argument)
{
	(void)argument;
}

static void kernel_tasks(void)
{
	const u32 *stack;
	struct task *task;

	begin();
	task = kernel_task("worker with a long name", works, &files_inits);
	EXPECT(!strcmp(task->name, "worker with a l") && task->exit_signal == SIGCHLD);
	EXPECT(task->parent == current && wakes == 1);
	stack = (u32 *)task_regs(task) - 7;
	EXPECT_EQ(task->esp, (u32)stack);
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(stack[i], 0);
	EXPECT(stack[4] == (u32)kernel_task_start && stack[5] == (u32)works);
	EXPECT_EQ(stack[6], (u32)&files_inits);
	task_free(task);
	finish();
}

static void expect_note(const char *line, u32 prot, u32 bytes)
{
	console_clear();
	task_note_wx(prot, 0x1000, bytes);
	EXPECT_TEXT(console_text(), line);
}

static void notes(void)
{
	const char *line;

	begin();
	line = pte_nx ? "wx: pid=0 name=idle start=0x00001000 bytes=4096 nx=1\n"
		      : "wx: pid=0 name=idle start=0x00001000 bytes=4096 nx=0\n";
	expect_note("", PROT_READ | PROT_WRITE, 4096);
	expect_note("", PROT_READ | PROT_EXEC, 4096);
	expect_note("", PROT_WRITE | PROT_EXEC, 0);
	EXPECT(!current->wx_told);
	expect_note(line, PROT_WRITE | PROT_EXEC, 4096);
	EXPECT(current->wx_told);
	expect_note("", PROT_WRITE | PROT_EXEC, 4096); /* once */
	current->wx_told = false;
	current->personality = READ_IMPLIES_EXEC;
	expect_note("", PROT_WRITE, 4096);
	expect_note(line, PROT_READ | PROT_WRITE, 4096);
	finish();
}

TAP_MAIN({ "the idle task", idle }, { "a new process", new_leader }, { "a new thread", new_thread },
	 { "no memory", no_memory }, { "no number", no_number }, { "threads that end", ended },
	 { "another parent", new_parent }, { "a thread becomes the leader", new_place },
	 { "stacks", stacks }, { "tasks of the kernel", kernel_tasks },
	 { "memory that is written and executed", notes })
