/* SPDX-License-Identifier: MIT */
/*
 * clone: which flags go together, what a child gets, what a failure at each step undoes, and how
 * a task leaves its address space.
 *
 * sources: tests/host/kernel/process/fork_rig.c
 */
#include "tests/host/kernel/process/fork_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "kernel/process/pidfd.h"
#include "tests/host/kernel/user_bytes.h"

/* Kernel addresses have 32 bits. */
#pragma GCC diagnostic ignored "-Wpointer-to-int-cast"

/* ---- Flags ---- */

static void flags_agree(void)
{
	static const struct {
		u32 flags;
		int result;
	} cases[] = {
		{ 0, 50 },
		{ SIGCHLD, 50 },
		{ CSIGNAL, 50 },
		{ CLONE_VM, 50 },
		{ CLONE_SIGHAND, -EINVAL },
		{ CLONE_THREAD, -EINVAL },
		{ CLONE_VM | CLONE_THREAD, -EINVAL },
		{ CLONE_SIGHAND | CLONE_THREAD, -EINVAL },
		{ CLONE_VM | CLONE_SIGHAND, 50 },
		{ THREAD, 50 },
		{ CLONE_PTRACE | CLONE_UNTRACED | CLONE_SYSVSEM | CLONE_DETACHED, 50 },
		{ 0x00020000, -EINVAL }, /* CLONE_NEWNS */
		{ 0x02000000, -EINVAL }, /* CLONE_NEWCGROUP */
		{ 0x80000000, -EINVAL },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		EXPECT_EQ(clone_flags(cases[i].flags), cases[i].result);
		EXPECT_EQ(did[0] == '\0', cases[i].result < 0);
	}
}

static void who_may(void)
{
	start();
	init_task = &leader; /* init has no parent */
	EXPECT_EQ(clone_flags(CLONE_PARENT), -EINVAL);
	EXPECT_EQ(clone_flags(0), 50);
	start();
	current->ends = true;
	EXPECT_EQ(clone_flags(0), -EAGAIN);
	EXPECT_TEXT(did, "");
	current->ends = false;
	current->policy.kind = SCHED_DEADLINE;
	EXPECT_EQ(clone_flags(0), -EAGAIN);
	EXPECT_TEXT(did, "");
	current->policy.reset_on_fork = true;
	EXPECT_EQ(clone_flags(0), 50);
	current->policy.kind = SCHED_FIFO;
	current->policy.reset_on_fork = false;
	EXPECT_EQ(clone_flags(0), 50);
}

/* ---- What the child gets ---- */

static void relations(void)
{
	start();
	current = &thread;
	EXPECT_EQ(clone_flags(SIGUSR2), 50);
	EXPECT(child.parent == &leader && child.group == &child_group);
	EXPECT(child_group.maker == 21 && thread.made_children && !leader.made_children);
	EXPECT_EQ(child.exit_signal, SIGUSR2);
	start();
	EXPECT_EQ(clone_flags(CLONE_PARENT | SIGUSR2), 50);
	EXPECT(child.parent == &above && child.group == &child_group);
	EXPECT(!child_group.maker && !leader.made_children);
	EXPECT_EQ(child.exit_signal, SIGUSR1);
	start();
	own_group.maker = 0;
	EXPECT_EQ(clone_flags(THREAD), 50);
	EXPECT(child.parent == &above && child.group == &own_group);
	EXPECT(!own_group.maker && !leader.made_children);
	EXPECT_EQ(child.exit_signal, 0);
}

static void policies(void)
{
	static const struct {
		struct sched_policy parent, child;
	} cases[] = {
		{ { SCHED_OTHER, 5, 0, false, 0, 0, 0 }, { SCHED_OTHER, 5, 0, false, 0, 0, 0 } },
		{ { SCHED_OTHER, -5, 0, false, 0, 0, 0 }, { SCHED_OTHER, -5, 0, false, 0, 0, 0 } },
		{ { SCHED_OTHER, -5, 0, true, 0, 0, 0 }, { SCHED_OTHER, 0, 0, false, 0, 0, 0 } },
		{ { SCHED_BATCH, 5, 0, true, 0, 0, 0 }, { SCHED_BATCH, 5, 0, false, 0, 0, 0 } },
		{ { SCHED_RR, 5, 40, false, 0, 0, 0 }, { SCHED_RR, 5, 40, false, 0, 0, 0 } },
		{ { SCHED_RR, 5, 40, true, 0, 0, 0 }, { SCHED_OTHER, 0, 0, false, 0, 0, 0 } },
		{ { SCHED_FIFO, -5, 1, true, 0, 0, 0 }, { SCHED_OTHER, 0, 0, false, 0, 0, 0 } },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		current->policy = cases[i].parent;
		current->personality = READ_IMPLIES_EXEC;
		current->timer_slack = 70;
		current->timer_slack_default = 60;
		EXPECT_EQ(clone_flags(0), 50);
		EXPECT_EQ(child.policy.kind, cases[i].child.kind);
		EXPECT_EQ(child.policy.nice, cases[i].child.nice);
		EXPECT_EQ(child.policy.priority, cases[i].child.priority);
		EXPECT_EQ(child.policy.reset_on_fork, cases[i].child.reset_on_fork);
		EXPECT(child.personality == READ_IMPLIES_EXEC && child.timer_slack == 70);
		EXPECT_EQ(child.timer_slack_default, 70);
		EXPECT_EQ(current->policy.reset_on_fork, cases[i].parent.reset_on_fork);
	}
}

static void copies(void)
{
	start();
	EXPECT_EQ(clone_flags(0), 50);
	EXPECT_TEXT(did, "task files fs signals mm wake(50) ");
	EXPECT(child.files == &copied_table && child.mm == &copied_space);
	EXPECT(child.sighand == child_actions && !child.fpu && !child_group.ldt);
	EXPECT(table.count == 1 && space.mm_users == 1 && !space.holder);
	own_group.ldt = &own_ldt;
	current->fpu = &registers;
	list_add(&thread.run, &space.parked);
	EXPECT_EQ(clone_flags(0), 50);
	EXPECT_TEXT(did, "task ldt files fs fpu signals mm unpark wake(50) ");
	own_group.ldt = NULL;
}

static void shares(void)
{
	start();
	EXPECT_EQ(clone_flags(CLONE_VM), 50);
	EXPECT_TEXT(did, "task files fs signals wake(50) ");
	EXPECT(child.mm == &space && space.mm_users == 2);
	start();
	EXPECT_EQ(clone_flags(CLONE_FILES | CLONE_FS), 50);
	EXPECT_TEXT(did, "task share-files share-fs signals mm wake(50) ");
	EXPECT(child.files == &table && table.count == 2);
	start();
	EXPECT_EQ(clone_flags(CLONE_VM | CLONE_SIGHAND), 50);
	EXPECT_TEXT(did, "task files fs share-signals wake(50) ");
}

/* Two that run in one space need two stacks for handlers. */
static void stacks_of_handlers(void)
{
	start();
	EXPECT_EQ(clone_flags(0), 50);
	EXPECT(!reset_stack && child.altstack_size);
	EXPECT_EQ(clone_flags(CLONE_VM), 50);
	EXPECT(reset_stack && !child.altstack_size);
	start();
	own_group.killed = true; /* it does not wait */
	EXPECT_EQ(clone_flags(CLONE_VM | CLONE_VFORK), 50);
	EXPECT(!reset_stack && child.altstack_size);
	own_group.killed = false;
}

static void default_actions(void)
{
	start();
	EXPECT_EQ(clone_flags(0), 50);
	EXPECT(!cleared_actions);
	EXPECT_EQ(clone(&(struct clone_args){ .clear_sighand = true }), 50);
	EXPECT(cleared_actions);
	start();
	fails = "signals";
	error = -ENOMEM;
	EXPECT_EQ(clone(&(struct clone_args){ .clear_sighand = true }), -ENOMEM);
	EXPECT(!cleared_actions);
}

static void segments(void)
{
	start();
	current->tls[0] = 11;
	EXPECT_EQ(clone_flags(0), 50); /* without EXTRA_TLS they are not in use */
	EXPECT(!child.extras && !child.tls[0]);
	current->extras = EXTRA_TLS | EXTRA_NO_TSC | EXTRA_LDT;
	EXPECT_EQ(clone_flags(0), 50);
	EXPECT_EQ(child.extras, EXTRA_TLS | EXTRA_NO_TSC);
	EXPECT(child.tls[0] == 11 && !child.tls[1]);
	EXPECT_EQ(clone(&(struct clone_args){ .flags = CLONE_SETTLS, .tls = 77 }), 50);
	EXPECT(child.tls[0] == 11 && child.tls[1] == 77);
	EXPECT_EQ(current->tls[1], 0);
}

static void first_instruction(void)
{
	const struct pt_regs *frame = task_regs(&child);
	const u32 *words = (const u32 *)frame;
	struct pt_regs expected = regs;

	start();
	EXPECT_EQ(clone_flags(0), 50);
	expected.eax = 0;
	EXPECT(!memcmp(frame, &expected, sizeof(expected)));
	EXPECT_EQ(words[-1], (u32)trap_return);
	for (int i = -5; i < -1; i++)
		EXPECT_EQ(words[i], 0);
	EXPECT_EQ(words[-6], 0xeeeeeeee);
	EXPECT_EQ(child.esp, (u32)(words - 5));
	EXPECT_EQ(clone(&(struct clone_args){ .stack = 0x40000 }), 50);
	expected.esp = 0x40000;
	EXPECT(!memcmp(frame, &expected, sizeof(expected)));
	regs.cs = 8;
	EXPECT_PANIC("user_mode", clone_flags(0));
	regs.cs = 0x73;
}

static void numbers_told(void)
{
	struct clone_args args = { .parent_tid = USER_BYTES, .child_tid = USER_BYTES + 8 };

	start();
	EXPECT_EQ(clone(&args), 50);
	EXPECT(word_at(USER_BYTES) == 0xeeeeeeee && !child.clear_child_tid);
	EXPECT_TEXT(did, "task files fs signals mm wake(50) ");
	args.flags = CLONE_PARENT_SETTID;
	EXPECT_EQ(clone(&args), 50);
	EXPECT(word_at(USER_BYTES) == 50 && word_at(USER_BYTES + 4) == 0xeeeeeeee);
	args.flags = CLONE_CHILD_SETTID;
	EXPECT_EQ(clone(&args), 50);
	EXPECT_TEXT(did, "task files fs signals mm tell(0x10008,50) wake(50) ");
	EXPECT(!current->ends_none && !child.clear_child_tid);
	args.flags = CLONE_CHILD_CLEARTID;
	EXPECT_EQ(clone(&args), 50);
	EXPECT_EQ(child.clear_child_tid, USER_BYTES + 8);
	/* A bad address is no error. */
	args = (struct clone_args){ .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
				    .parent_tid = NOWHERE,
				    .child_tid = NOWHERE };
	EXPECT_EQ(clone(&args), 50);
	EXPECT_TEXT(did, "task files fs signals mm tell(0x1000,50) wake(50) ");
}

/* ---- Failures ---- */

static void undone(void)
{
	static const struct {
		const char *fails;
		u32 flags;
		const char *did;
	} cases[] = {
		{ "task", 0, "task " },
		{ "tls", CLONE_SETTLS, "task tls ~pending ~task " },
		{ "ldt", 0, "task ldt ~pending ~task " },
		{ "files", 0, "task ldt files ~ldt ~pending ~task " },
		{ "fs", 0, "task ldt files fs ~files ~ldt ~pending ~task " },
		{ "fpu", 0, "task ldt files fs fpu ~files ~fs ~ldt ~pending ~task " },
		{ "signals", 0,
		  "task ldt files fs fpu signals ~files ~fs ~fpu ~ldt ~pending ~task " },
		{ "mm", 0,
		  "task ldt files fs fpu signals mm "
		  "~files ~fs ~fpu ~signals ~ldt ~pending ~task " },
		/* Of a thread's group the rest stays. */
		{ "share-fs", THREAD | CLONE_FS | CLONE_FILES,
		  "task ldt share-files share-fs ~files ~task " },
		{ "share-signals", THREAD,
		  "task ldt files fs fpu share-signals "
		  "~files ~fs ~fpu ~task " },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		own_group.ldt = &own_ldt;
		current->fpu = &registers;
		fails = cases[i].fails;
		error = -ENOMEM;
		EXPECT_EQ(clone_flags(cases[i].flags), -ENOMEM);
		EXPECT_TEXT(did, cases[i].did);
		EXPECT(table.count == 1 && space.mm_users == 1 && !space.holder);
		EXPECT(own_group.ldt == &own_ldt && current->fpu == &registers);
	}
	own_group.ldt = NULL;
}

/* The error of a step is the call's; without a task it depends on what was missing. */
static void errors(void)
{
	start();
	fails = "fs";
	error = -EAGAIN;
	EXPECT_EQ(clone_flags(0), -EAGAIN);
	fails = "tls";
	error = -EINVAL;
	EXPECT_EQ(clone_flags(CLONE_SETTLS), -EINVAL);
	fails = "task";
	nr_tasks = PID_MAX - 2;
	EXPECT_EQ(clone_flags(0), -ENOMEM);
	nr_tasks = PID_MAX - 1;
	EXPECT_EQ(clone_flags(0), -EAGAIN);
	nr_tasks = 0;
}

/* ---- CLONE_PIDFD ---- */

static int with_pidfd(u32 flags, vaddr_t place)
{
	return clone(&(struct clone_args){ .flags = flags | CLONE_PIDFD, .pidfd = place });
}

static void child_file(void)
{
	start();
	EXPECT_EQ(with_pidfd(0, USER_BYTES), 50);
	EXPECT_TEXT(did, "task files fs signals mm pidfd fd wake(50) ");
	EXPECT(open_files[0] == &pidfd && pidfd.count == 1 && word_at(USER_BYTES) == 0);
	EXPECT_EQ(pidfd_flags, 0);
	open_files[0] = NULL;
	EXPECT_EQ(with_pidfd(THREAD, USER_BYTES), 50);
	EXPECT_EQ(pidfd_flags, PIDFD_THREAD);
}

static void no_child_file(void)
{
#define UNDONE "~files ~fs ~mm ~signals ~pending ~task "
	start();
	fails = "pidfd";
	error = -ENOMEM;
	EXPECT_EQ(with_pidfd(0, USER_BYTES), -ENOMEM);
	EXPECT_TEXT(did, "task files fs signals mm pidfd " UNDONE);
	fails = "fd";
	error = -EMFILE;
	EXPECT_EQ(with_pidfd(0, USER_BYTES), -EMFILE);
	EXPECT_TEXT(did, "task files fs signals mm pidfd fd ~pidfd " UNDONE);
	EXPECT_EQ(word_at(USER_BYTES), 0xeeeeeeee);
	fails = NULL;
	EXPECT_EQ(with_pidfd(0, NOWHERE), -EFAULT);
	EXPECT_TEXT(did, "task files fs signals mm pidfd fd ~pidfd ~fd " UNDONE);
	EXPECT_EQ(with_pidfd(CLONE_VM | CLONE_FILES, NOWHERE), -EFAULT);
	EXPECT(!open_files[0] && table.count == 1 && space.mm_users == 1);
	EXPECT_EQ(copied_space.mm_users, 0);
}

/* ---- vfork ---- */

static void child_leaves(void)
{
	if (sleeps < 2)
		return;
	current = &child;
	mm_release();
	current = &leader;
	EXPECT(!child.vfork_parent && !leader.vfork_child);
}

static void parent_killed(void)
{
	current->ends = true;
}

static void vforks(void)
{
	start();
	while_asleep = child_leaves;
	EXPECT_EQ(clone_flags(CLONE_VM | CLONE_VFORK), 50);
	EXPECT(sleeps == 2 && current->state == TASK_RUNNING);
	EXPECT_TEXT(did, "task files fs signals wake(50) usage wake(20) ");
	start();
	while_asleep = parent_killed;
	EXPECT_EQ(clone_flags(CLONE_VM | CLONE_VFORK), 50);
	EXPECT(sleeps == 1 && current->state == TASK_RUNNING);
	EXPECT(!current->vfork_child && !child.vfork_parent);
	/* The child finds none to wake. */
	current = &child;
	did[0] = '\0';
	mm_release();
	EXPECT_TEXT(did, "usage ");
	start();
	while_asleep = NULL;
	EXPECT_EQ(clone_flags(CLONE_VM), 50);
	EXPECT(!sleeps && !current->vfork_child && !child.vfork_parent);
	current->vfork_child = &thread;
	EXPECT_PANIC("vfork_child", clone_flags(CLONE_VFORK));
}

/* ---- Leaving an address space ---- */

static void released(void)
{
	start();
	current->robust_list = 4;
	current->clear_child_tid = USER_BYTES;
	mm_release(); /* without another user the word is not read again */
	EXPECT_TEXT(did, "robust usage ");
	EXPECT(word_at(USER_BYTES) == 0xeeeeeeee && !current->clear_child_tid);
	start();
	space.mm_users = 2;
	mm_release();
	EXPECT_TEXT(did, "usage ");
	EXPECT_EQ(word_at(USER_BYTES), 0xeeeeeeee);
	current->clear_child_tid = USER_BYTES;
	mm_release();
	EXPECT_TEXT(did, "usage usage futex(0x10000) ");
	EXPECT(word_at(USER_BYTES) == 0 && !current->clear_child_tid);
	current->clear_child_tid = NOWHERE;
	mm_release();
	EXPECT_TEXT(did, "usage usage futex(0x10000) usage ");
	EXPECT(!current->clear_child_tid);
	current->vfork_parent = &above;
	above.vfork_child = &thread;
	EXPECT_PANIC("vfork_child", mm_release());
}

TAP_MAIN({ "flags that go together", flags_agree }, { "tasks that may not", who_may },
	 { "parent, group and signal of the end", relations }, { "policies", policies },
	 { "what is copied", copies }, { "what is shared", shares },
	 { "stacks of handlers", stacks_of_handlers }, { "CLONE_CLEAR_SIGHAND", default_actions },
	 { "segments", segments }, { "the first instruction", first_instruction },
	 { "where the number is told", numbers_told }, { "a failure at each step", undone },
	 { "errors", errors }, { "CLONE_PIDFD", child_file }, { "no descriptor", no_child_file },
	 { "vfork", vforks }, { "a task leaves its space", released })
