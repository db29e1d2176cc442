/* SPDX-License-Identifier: MIT */
/* Making, finding and freeing tasks. */
#include "kernel/task.h"
#include "kernel/gdt.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"

#define PID_MAX 32768

static struct task idle_task;
static struct kmem_cache *task_cache;
static int last_pid;

struct task *current = &idle_task;
struct task *init_task;
LIST_HEAD(task_list);

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

void task_init(void)
{
	task_cache = kmem_cache_create("task", sizeof(struct task), 0, 0, NULL, NULL);
	BUG_ON(!task_cache);
	strscpy(idle_task.name, "idle", sizeof(idle_task.name));
	idle_task.stack = boot_stack;
	list_init(&idle_task.children);
	list_init(&idle_task.sibling);
	list_init(&idle_task.run);
	list_add_tail(&idle_task.link, &task_list);
}

struct task *task_find(int pid)
{
	struct task *task;

	list_for_each_entry (task, &task_list, link)
		if (task->pid == pid)
			return task;
	return NULL;
}

static int next_pid(void)
{
	do {
		last_pid = last_pid >= PID_MAX ? 2 : last_pid + 1;
	} while (task_find(last_pid));
	return last_pid;
}

struct task *task_alloc(struct task *parent, const char *name)
{
	struct task *task = kmem_cache_alloc(task_cache, GFP_KERNEL);

	if (!task)
		return NULL;
	*task = (struct task){ .pid = next_pid(), .parent = parent, .slice = TASK_SLICE };
	task->stack = vmalloc(KERNEL_STACK);
	if (!task->stack) {
		kmem_cache_free(task_cache, task);
		return NULL;
	}
	strscpy(task->name, name, sizeof(task->name));
	list_init(&task->children);
	list_init(&task->run);
	list_add_tail(&task->sibling, &parent->children);
	list_add_tail(&task->link, &task_list);
	return task;
}

void task_free(struct task *task)
{
	BUG_ON(task == current || task->mm || !list_empty(&task->children));
	list_del(&task->sibling);
	list_del(&task->link);
	vfree(task->stack);
	kmem_cache_free(task_cache, task);
}

struct pt_regs *task_regs(struct task *task)
{
	return (struct pt_regs *)(task->stack + KERNEL_STACK) - 1;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	struct task *task = task_alloc(current, name);
	u32 *stack;

	if (!task)
		return NULL;
	/* What switch_to() pops: edi, esi, ebx, ebp and the way to go on; then what kernel_task_start pops. */
	stack = (u32 *)task_regs(task);
	*--stack = (u32)argument;
	*--stack = (u32)function;
	*--stack = (u32)kernel_task_start;
	for (int i = 0; i < 4; i++)
		*--stack = 0;
	task->esp = (u32)stack;
	task_wake(task);
	return task;
}
