/* SPDX-License-Identifier: MIT */
/*
 * No memory for a new task: every kind of clone, and execve of a process that shares things,
 * with each allocation failing in turn. A failed call must leave counts, lists and frames as
 * they were. A successful one makes a child that really runs in ring 3.
 */
#include "fs/tmpfs/initramfs.h"
#include "kernel/exec/exec.h"
#include "kernel/process/exit.h"
#include "kernel/process/fork.h"
#include "kernel/process/fs_struct.h"
#include "kernel/task/sched.h"
#include "kernel/cpu/gdt.h"
#include "kernel/signal/signal.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/oom.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

#define CODE  0x20000000u
#define DATA  0x20100000u
#define PAGES 4u

/* movl $1, %eax; movl $5, %ebx; int $0x80: exit(5) */
static const u8 exits_with_5[] = { 0xb8, 1, 0, 0, 0, 0xbb, 5, 0, 0, 0, 0xcd, 0x80 };

static const struct pt_regs start = {
	.eip = CODE, .cs = USER_CS, .ds = USER_DS, .es = USER_DS, .ss = USER_DS, .eflags = 0x202
};

/* The current task becomes a process with code, data and a file. */
static void become_process(void)
{
	struct file *file;

	current->files = files_alloc();
	current->sighand = sighand_alloc();
	EXPECT(current->files && current->sighand && fs_own() && user_enter());
	EXPECT(map_anonymous(current->mm, CODE, 1, PROT_RW | PROT_EXEC) == CODE);
	EXPECT(map_anonymous(current->mm, DATA, PAGES, PROT_RW) == DATA);
	EXPECT_EQ(copy_to_user(CODE, exits_with_5, sizeof(exits_with_5)), 0);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(user_write(DATA + i * PAGE_SIZE, i));
	EXPECT_EQ(file_open("/proc/meminfo", O_RDONLY, 0, &file), 0);
	fd_install(current->files, (u32)fd_alloc(current->files, 0, OPEN_MAX, false), file);
}

static void wait_for_child(int pid, u32 flags)
{
	int status = 0;

	if (flags & CLONE_THREAD) {
		while (current->group->threads > 1)
			schedule();
		return;
	}
	EXPECT_EQ((u32)do_wait(pid, &status, __WALL), (u32)pid);
	EXPECT_EQ((u32)status, EXIT_STATUS(5));
}

static bool make_child(void *flags)
{
	const struct clone_args args = { .flags = (u32)(uintptr_t)flags };
	int pid = do_clone(&start, &args);

	if (pid > 0)
		wait_for_child(pid, args.flags);
	else
		EXPECT_EQ((u32)pid, (u32)-ENOMEM);
	tasks_free_dead();
	EXPECT_EQ(current->group->threads, 1);
	EXPECT(list_empty(&current->children));
	EXPECT_EQ(current->mm->mm_users, 1);
	EXPECT_EQ(current->files->count, 1);
	EXPECT_EQ(current->sighand->count, 1);
	EXPECT_EQ(fd_file(0)->count, 1);
	EXPECT(!current->vfork_child && current->state == TASK_RUNNING);
	return pid > 0;
}

static void sweep(operation_t operation, void *context, u32 least)
{
	u32 drained = drain_sweep(operation, context);
	u32 failed = fail_sweep(operation, context);

	EXPECT(drained >= 1);
	EXPECT(failed >= least);
	printk("  # failures: %u without frames, %u injected\n", drained, failed);
}

static const struct {
	u32 flags, least;
} ways[] = {
	{ SIGCHLD, 6 },
	{ CLONE_VM | CLONE_VFORK | SIGCHLD, 3 },
	{ CLONE_VM | CLONE_FILES | SIGCHLD, 2 },
	{ CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD, 2 },
};

static void clones(void *way)
{
	u32 i = (u32)(uintptr_t)way;

	become_process();
	sweep(make_child, (void *)(uintptr_t)ways[i].flags, ways[i].least);
	do_exit(0);
}

static void in_a_task(void (*function)(void *argument), u32 argument)
{
	struct task *task;
	int status;

	task = kernel_task("nomem", function, (void *)(uintptr_t)argument);
	EXPECT(task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
}

static void fork(void)
{
	in_a_task(clones, 0);
}

static void vfork(void)
{
	in_a_task(clones, 1);
}

static void shared_memory(void)
{
	in_a_task(clones, 2);
}

static void thread(void)
{
	in_a_task(clones, 3);
}

/* The kernel writes to an absent page: without memory the process ends as by its own fault. */
static bool touch(void *word)
{
	u32 left = copy_to_user(DATA, word, sizeof(u32));

	do_madvise(current->mm, DATA, PAGE_SIZE, MADV_DONTNEED);
	EXPECT_EQ(!!(current->pending.signals & SIGMASK(SIGKILL)), !!left);
	signal_flush(current->group, &current->pending, SIGMASK(SIGKILL));
	return !left;
}

static void touches(void *argument)
{
	u32 word = 5;

	(void)argument;
	become_process();
	do_madvise(current->mm, DATA, PAGE_SIZE, MADV_DONTNEED);
	sweep(touch, &word, 1);
	do_exit(0);
}

static void user_memory(void)
{
	in_a_task(touches, 0);
}

/* Frames come one by one; how often was that asked for while no process may end? */
static struct {
	struct drain drain;
	reclaim_t before;
	u32 protected, ended;
} scarce;

static u32 give_one(gfp_t gfp, u32 order)
{
	if (current->ends_none) {
		scarce.protected ++;
		scarce.ended += oom_kill(gfp, order);
	}
	return drain_give(&scarce.drain);
}

static void restore_reclaim(void *unused)
{
	(void)unused;
	set_reclaim(scarce.before);
}

/* The kernel writes to the memory of a child that has not started: it must not end meanwhile. */
static void tells_the_child(void *unused)
{
	struct clone_args args = { .flags = SIGCHLD };
	struct test_undo drained, hook;
	int pid;

	(void)unused;
	become_process();
	EXPECT(make_child((void *)SIGCHLD)); /* the caches are filled */
	args.flags |= CLONE_CHILD_SETTID;
	args.child_tid = DATA;
	drain_begin(&scarce.drain);
	test_undo_push(&drained, drain_end, &scarce.drain);
	for (u32 i = 0; i < zones[ZONE_NORMAL].pages_min; i++)
		drain_give(&scarce.drain);
	scarce.before = set_reclaim(give_one);
	test_undo_push(&hook, restore_reclaim, NULL);
	pid = do_clone(&start, &args);
	test_undo_now(&hook);
	test_undo_now(&drained);
	EXPECT(pid > 0);
	EXPECT(scarce.protected && !scarce.ended);
	wait_for_child(pid, args.flags);
	do_exit(0);
}

static void child_tid(void)
{
	in_a_task(tells_the_child, 0);
}

static char program_path[256] = "/";
static struct files_struct *shared_files;
static int execve_result;

/* It shares its descriptors with the test. */
static void executes(void *argument)
{
	static const char *const strings[] = { "one", "two", "three", NULL };
	struct exec_strings both = { .kernel = strings };
	struct pt_regs regs;

	(void)argument;
	files_get(shared_files);
	current->files = shared_files;
	execve_result = do_execve(program_path, &both, &both, &regs);
	EXPECT((current->files != shared_files) == !execve_result);
	do_exit(0);
}

static bool make_program(void *context)
{
	struct task *task = kernel_task("nomem", executes, NULL);
	int status;

	(void)context;
	if (!task)
		return false;
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
	EXPECT(execve_result == 0 || execve_result == -ENOMEM);
	EXPECT_EQ(shared_files->count, 1);
	return !execve_result;
}

static void execve(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	shared_files = files_alloc();
	EXPECT(shared_files);
	while (initramfs_next(&cursor, &entry)) {
		if (entry.size < 4 || memcmp(entry.data, "\177ELF", 4))
			continue;
		strscpy(program_path + 1, entry.name, sizeof(program_path) - 1);
		sweep(make_program, NULL, 10);
		break;
	}
	files_put(shared_files);
}

static const struct test_case cases[] = {
	{ "fork", fork },	    { "vfork", vfork },	  { "shared_memory", shared_memory },
	{ "thread", thread },	    { "execve", execve }, { "user_memory", user_memory },
	{ "child_tid", child_tid },
};

TEST_SUITE(nomem_tasks, cases);
