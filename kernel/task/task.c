/* SPDX-License-Identifier: MIT */
/* Create, find and free tasks. The numbers are the invariants in task.h. */
#include "kernel/devices/time.h"
#include "kernel/task/load.h"
#include "kernel/task/pid.h"
#include "kernel/task/sched.h"
#include "kernel/task/trace_events.h"
#include "kernel/cpu/gdt.h"
#include "abi/linux/mman.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "lib/trace/ring.h"
#include "mm/frames/shrinker.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"

/* A cache of stacks: to make one, with its guard page, costs more than the rest of a task. */
#define STACKS_KEPT 8u

struct task idle_task;
static struct thread_group idle_group;
static struct kmem_cache *task_cache, *group_cache;
static char *kept_stacks[STACKS_KEPT];
static u32 nr_kept_stacks;

struct task *current = &idle_task;
struct task *init_task;
LIST_HEAD(task_list);
LIST_HEAD(dead_tasks);

/* sched.c, switch.S */
extern char kernel_task_start[];

const char *current_name(void)
{
	return current->name[0] ? current->name : "boot";
}

int current_pid(void)
{
	return current->pid;
}

u32 trace_task(void)
{
	const struct task *leader = current->group ? current->group->leader : NULL;

	return (u32)(leader ? leader->pid : 0) << 16 | (u32)current->pid;
}

static struct shrinker stack_shrinker = { .name = "stacks", .shrink = stacks_drain };

void task_init(void)
{
	task_cache = kmem_cache_create("task", sizeof(struct task), 0, 0, NULL, NULL);
	group_cache =
		kmem_cache_create("thread_group", sizeof(struct thread_group), 0, 0, NULL, NULL);
	BUG_ON(!task_cache || !group_cache);
	files_init();
	register_shrinker(&stack_shrinker);
	pid_init();
	strscpy(idle_task.name, "idle", sizeof(idle_task.name));
	idle_task.stack = boot_stack;
	idle_task.group = &idle_group;
	idle_task.parent = &idle_task;
	idle_group.leader = &idle_task;
	limits_init(idle_group.rlim);
	capabilities_init(&idle_group.caps);
	current_rlim = idle_group.rlim;
	list_init(&idle_group.list);
	list_init(&idle_group.waiters);
	list_add(&idle_task.thread, &idle_group.list);
	list_init(&idle_task.children);
	list_init(&idle_task.sibling);
	list_init(&idle_task.news);
	list_init(&idle_task.in_news);
	list_init(&idle_task.run);
	timer_init(&idle_task.timer, task_timeout);
	timer_wheel_init(&kernel_timers, jiffies);
	list_add_tail(&idle_task.link, &task_list);
}

/*
 * With its guard page a stack takes 12 KiB of the addresses for vmalloc(). A machine of 1 GiB and
 * more has 112 MiB of them, enough for 9,500 stacks, not for 32,767. So when half of them are
 * taken, further stacks are pairs of frames, without a guard.
 */
static bool has_room_for_guards(void)
{
	u32 taken = vmalloc_space.pages + vmalloc_space.count; /* the guards too */

	return taken < (vmalloc_space.end - vmalloc_space.start) / PAGE_SIZE / 2;
}

static void stack_discard(char *stack)
{
	if (likely((uintptr_t)stack >= vmalloc_space.start))
		vfree(stack);
	else
		free_pages(stack, KERNEL_STACK_ORDER);
}

/*
 * A new stack is cleared. A stack is written only where it is used, and its frames may contain an
 * old program's code. An emulator that has translated that code checks every later write to the
 * frame, as long as some of it is left.
 */
static char *stack_alloc(void)
{
	char *stack;

	if (likely(nr_kept_stacks))
		return kept_stacks[--nr_kept_stacks];
	stack = likely(has_room_for_guards()) ? vmalloc(KERNEL_STACK)
					      : __get_free_pages(GFP_KERNEL, KERNEL_STACK_ORDER);
	if (stack)
		memset(stack, 0, KERNEL_STACK);
	return stack;
}

static void stack_free(char *stack)
{
	if (nr_kept_stacks < STACKS_KEPT)
		kept_stacks[nr_kept_stacks++] = stack;
	else
		stack_discard(stack);
}

u32 stacks_drain(void)
{
	u32 frames = 0;

	tasks_free_dead();
	while (nr_kept_stacks) {
		stack_discard(kept_stacks[--nr_kept_stacks]);
		frames += KERNEL_STACK / PAGE_SIZE;
	}
	return frames;
}

/* Copies what a child inherits: the members from rlim on. */
static void group_inherit(struct thread_group *group, const struct thread_group *from)
{
	const u32 first = offsetof(struct thread_group, rlim),
		  end = offsetof(struct thread_group, groups.list);

	__builtin_memcpy((char *)group + first, (const char *)from + first, end - first);
	for (u32 i = 0; i < from->groups.count; i++)
		group->groups.list[i] = from->groups.list[i];
}

/*
 * The group of a new leader, with the limits and IDs of the process that creates it: its parent
 * may be another one (CLONE_PARENT), with more rights.
 */
static struct thread_group *group_alloc(struct task *leader)
{
	const struct thread_group *creator = current->group;
	struct thread_group *group = kmem_cache_alloc(group_cache, GFP_KERNEL);

	if (!group)
		return NULL;
	__builtin_memset(group, 0, offsetof(struct thread_group, rlim));
	group_inherit(group, creator);
	group->leader = leader;
	group->flags.subreaper = false;
	list_init(&group->list);
	list_init(&group->waiters);
	job_join(group, creator->job.group, creator->job.session);
	return group;
}

/* Does all that can fail. On a failure undoes it and returns false. */
static bool task_get_parts(struct task *task, struct thread_group *group)
{
	task->stack = stack_alloc();
	if (!task->stack)
		return false;
	task->group = group ? group : group_alloc(task);
	/* Last: others find the task by its number, and memory may take time. */
	if (task->group && !pid_alloc(task))
		return true;
	if (task->group && !group) {
		job_leave(task->group);
		kmem_cache_free(group_cache, task->group);
	}
	stack_free(task->stack);
	return false;
}

struct task *task_alloc(struct task *parent, struct thread_group *group, const char *name)
{
	struct task *task = kmem_cache_alloc(task_cache, GFP_KERNEL);

	if (!task)
		return NULL;
	BUG_ON(!parent || !parent->group);
	__builtin_memset(task, 0, offsetof(struct task, children));
	task->restart_block.fn = NULL;
	task->forced = (struct siginfo){}; /* programs see all of it */
	task->parent = parent;
	task->slice = TASK_SLICE;
	if (!task_get_parts(task, group)) {
		kmem_cache_free(task_cache, task);
		return NULL;
	}
	task->tgid = task->group->leader->pid;
	task->born = clock_counts();
	load.started++;
	__builtin_memcpy(task->name, name, TASK_NAME_SIZE); /* four moves */
	list_init(&task->children);
	list_init(&task->sibling);
	list_init(&task->news);
	list_init(&task->in_news);
	list_init(&task->run);
	timer_init(&task->timer, task_timeout);
	task->group->threads++;
	list_add_tail(&task->thread, &task->group->list);
	if (!group)
		list_add_tail(&task->sibling, &parent->children);
	list_add_tail(&task->link, &task_list);
	return task;
}

/* Removes a task from the lists in which it can be found. */
static void task_unlink(struct task *task)
{
	/* Of a thread both are empty, (2). */
	if (!list_empty(&task->sibling)) {
		list_del(&task->sibling);
		list_del(&task->in_news);
	}
	list_del(&task->thread);
	list_del(&task->link);
	pid_free(task);
}

static void task_free_parts(struct task *task)
{
	stack_free(task->stack);
	kmem_cache_free(task_cache, task);
}

void task_free(struct task *task)
{
	struct thread_group *group = task->group;

	BUG_ON(task == current || task->mm || task->files || !list_empty(&task->children));
	if (task->state != TASK_ZOMBIE)
		group->threads--;
	task_unlink(task);
	if (group->leader == task) {
		BUG_ON(group->threads || !list_empty(&group->list));
		job_leave(group);
		kmem_cache_free(group_cache, group);
	}
	task_free_parts(task);
}

void task_bury(struct task *task)
{
	BUG_ON(!task->group || task->mm || task->files || task->state == TASK_DEAD);
	if (task == current)
		usage_mark();
	usage_add(&task->group->ended, &task->usage);
	task_unlink(task);
	task->state = TASK_DEAD;
	task->group = NULL;
	list_add_tail(&task->link, &dead_tasks);
}

void tasks_free_dead(void)
{
	struct task *task, *next;

	list_for_each_entry_safe (task, next, &dead_tasks, link) {
		if (task == current)
			continue;
		list_del(&task->link);
		task_free_parts(task);
	}
}

void task_set_parent(struct task *child, struct task *parent)
{
	struct task *thread;

	BUG_ON(child->group->leader != child || parent->group == child->group);
	list_for_each_entry (thread, &child->group->list, thread)
		thread->parent = parent;
	list_move_tail(&child->sibling, &parent->children);
	if (!list_empty(&child->in_news))
		list_move_tail(&child->in_news, &parent->news);
}

void task_become_leader(void)
{
	struct thread_group *group = current->group;
	struct task *old = group->leader;

	BUG_ON(old == current || group->threads != 1 || old->state != TASK_ZOMBIE);
	pid_exchange(current, old);
	current->born = old->born; /* the process is as old as it was */
	current->exit_signal = old->exit_signal;
	current->stop_signal = old->stop_signal;
	current->continued = old->continued;
	group->leader = current;
	list_insert(&current->sibling, &old->sibling, old->sibling.next);
	if (!list_empty(&old->in_news))
		list_insert(&current->in_news, &old->in_news, old->in_news.next);
	while (!list_empty(&old->children))
		task_set_parent(list_first_entry(&old->children, struct task, sibling), current);
	task_bury(old);
}

void task_note_wx(u32 prot, vaddr_t start, u32 bytes)
{
	const u32 wx = PROT_WRITE | PROT_EXEC;

	if (current->personality & READ_IMPLIES_EXEC && prot & PROT_READ)
		prot |= PROT_EXEC;
	if ((prot & wx) != wx || !bytes || current->wx_told)
		return;
	current->wx_told = true;
	printk("wx: pid=%d name=%s start=%#010x bytes=%u nx=%d\n", current->pid, current->name,
	       start, bytes, pte_nx != 0);
}

struct pt_regs *task_regs(struct task *task)
{
	return (struct pt_regs *)(task->stack + KERNEL_STACK) - 1;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	char padded[TASK_NAME_SIZE] = "";
	struct task *task;
	u32 *stack;

	strscpy(padded, name, sizeof(padded));
	task = task_alloc(current, NULL, padded);
	if (!task)
		return NULL;
	/*
	 * switch_to() pops edi, esi, ebx, ebp and the return address; then kernel_task_start pops
	 * the function and its argument.
	 */
	stack = (u32 *)task_regs(task);
	*--stack = (u32)argument;
	*--stack = (u32)function;
	*--stack = (u32)kernel_task_start;
	for (int i = 0; i < 4; i++)
		*--stack = 0;
	task->esp = (u32)stack;
	task->exit_signal = SIGCHLD;
	trace_state(sched_process_fork, task);
	task_wake(task);
	return task;
}
