/* SPDX-License-Identifier: MIT */
/*
 * The end of threads and of processes: what is left in which order, which tasks are told, which
 * parent the children get, and how the threads of a process end each other.
 *
 * sources: kernel/process/exit.c tests/host/kernel/process/exit_rig.c
 */
#include "tests/host/kernel/process/exit_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

/* ---- The end of a task ---- */

#define PROCESS_ENDS "timers ldt ipc pending "

static void all_is_left(void)
{
	start(1);
	current->mm = &space;
	current->files = files;
	current->fs = folders;
	current->fpu = &registers;
	current->sighand = (struct sighand *)&space;
	current->group->pending.signals = 1;
	exits(3 << 8);
	EXPECT_TEXT(did,
		    "files fs release locks space registers retarget signals pidfd(0) " PROCESS_ENDS
		    "job(0x300) parent(10:1,3) ");
	EXPECT(current->state == TASK_ZOMBIE && !current->group->threads);
	EXPECT(current->exit_status == 3 << 8 && current->ends);
}

/* A task of the kernel, or a program that used nothing. */
static void little_is_left(void)
{
	start(1);
	exits(0);
	EXPECT_TEXT(did, "signals pidfd(0) " PROCESS_ENDS "job(0) parent(10:1,0) ");
}

static void never(void)
{
	start(1);
	init_task = current;
	EXPECT_PANIC("init has ended", exits(0));
	with_threads(OWN, 2);
	current = &all[OWN].thread[1];
	EXPECT_PANIC("init has ended", exits(0));
	start(1);
	current->mm = &space;
	space.holder = current;
	EXPECT_PANIC("holder", exits(0));
	space.holder = &all[OWN].thread[1];
	exits(0);
	start(1);
	current->group->threads = 0;
	EXPECT_PANIC("threads", exits(0));
	start(1);
	returns = true;
	EXPECT_PANIC("zombie was scheduled", exits(0));
}

/* ---- Threads ---- */

static void thread_ends(void)
{
	start(3);
	runs(1);
	exits(5 << 8);
	EXPECT_TEXT(did, "signals bury pidfd(2) ");
	EXPECT_EQ(all[OWN].group.threads, 2);
	runs(0); /* the leader waits as a zombie for the last thread */
	exits(6 << 8);
	EXPECT_TEXT(did, "signals pidfd(1) ");
	EXPECT(all[OWN].thread[0].state == TASK_ZOMBIE);
	runs(2);
	exits(7 << 8);
	EXPECT_TEXT(did, "signals bury pidfd(0) " PROCESS_ENDS "job(0x700) parent(10:1,7) ");
	EXPECT_EQ(all[OWN].thread[0].exit_status, 7 << 8);
}

static void one_is_left(void)
{
	start(3);
	all[OWN].group.last_one = &all[OWN].thread[0];
	runs(1);
	exits(0);
	EXPECT_TEXT(did, "signals bury pidfd(2) ");
	runs(2);
	exits(0);
	EXPECT_TEXT(did, "signals bury pidfd(1) wake(10) ");
	start(2);
	runs(1);
	exits(0);
	EXPECT_TEXT(did, "signals bury pidfd(1) ");
}

/* Each child was made by another thread. */
static void start_of_makers(void)
{
	start(3);
	with_children();
	all[FIRST].group.maker = 11;
	all[FIRST].thread[0].parent_death_signal = SIGUSR1;
	all[SECOND].group.maker = 12;
	all[SECOND].thread[1].parent_death_signal = SIGUSR2;
}

/* The thread that made a child is its parent, for PR_SET_PDEATHSIG. */
static void children_of_threads(void)
{
	start_of_makers();
	runs(1);
	exits(0); /* it has made none, as it says */
	EXPECT_TEXT(did, "signals bury pidfd(2) ");
	start_of_makers();
	all[OWN].thread[1].made_children = all[OWN].thread[2].made_children = true;
	runs(1);
	exits(0);
	EXPECT_TEXT(did, "signals bury pidfd(2) 20:10 ");
	runs(2);
	exits(0);
	EXPECT_TEXT(did, "signals bury pidfd(1) 30:12 ");
}

/* ---- Relatives ---- */

static void parent_told(void)
{
	static const struct {
		int status;
		const char *told;
	} cases[] = {
		{ 0, "parent(10:1,0) " },
		{ 255 << 8, "parent(10:1,255) " },
		{ SIGKILL, "parent(10:2,9) " },
		{ SIGSEGV, "parent(10:2,11) " },
		{ SIGSEGV | STATUS_CORE, "parent(10:3,11) " },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start(1);
		exits(cases[i].status);
		EXPECT_TEXT(strstr(did, "parent"), cases[i].told);
		EXPECT(current->parent == &all[SHELL].thread[0]);
	}
	start(1);
	wants_none = true;
	exits(0);
	EXPECT_TEXT(strstr(did, "parent"), "parent(10:1,0) 10->1 init ");
}

static void children_given_away(void)
{
	start(1);
	with_children();
	all[FIRST].thread[0].exit_signal = SIGUSR1;
	all[FIRST].thread[0].state = TASK_ZOMBIE;
	all[FIRST].group.threads = 0;
	all[FIRST].thread[0].exit_status = 9 << 8;
	all[SECOND].thread[0].parent_death_signal = SIGUSR1;
	all[SECOND].thread[1].parent_death_signal = SIGUSR2;
	exits(0);
	EXPECT_TEXT(strstr(did, "job"), "job(0) 20->1 parent(20:1,9) 30:10 30:12 30->1 "
					"parent(10:1,0) ");
	EXPECT(all[FIRST].thread[0].exit_signal == SIGCHLD);
	EXPECT(all[SECOND].thread[0].exit_signal == SIGCHLD);
	EXPECT(list_empty(&current->children));
	/* A zombie with threads has not ended. */
	start(1);
	with_children();
	all[SECOND].thread[0].state = TASK_ZOMBIE;
	all[SECOND].group.threads = 1;
	exits(0);
	EXPECT_TEXT(strstr(did, "job"), "job(0) 20->1 30->1 parent(10:1,0) ");
}

/* The parent that a child gets when its own one ends. */
static const char *child_to(void)
{
	with_children();
	exits(0);
	return strstr(did, "20->");
}

static void subreapers(void)
{
	struct process_flags *flags = &all[SHELL].group.flags;

	start(1);
	flags->subreaper = true;
	EXPECT_TEXT(child_to(), "20->2 30->2 parent(10:1,0) ");
	start(1);
	flags->subreaper = true;
	all[SHELL].group.exiting = true;
	EXPECT_TEXT(child_to(), "20->1 30->1 parent(10:1,0) ");
	start(1);
	flags->subreaper = true;
	all[SHELL].group.threads = 0;
	EXPECT_TEXT(child_to(), "20->1 30->1 parent(10:1,0) ");
	start(1);
	all[OWN].group.flags.subreaper = true; /* not the one that ends */
	EXPECT_TEXT(child_to(), "20->1 30->1 parent(10:1,0) ");
	start(1);
	all[INIT].group.flags.subreaper = true;
	all[INIT].group.exiting = true;
	EXPECT_TEXT(child_to(), "20->1 30->1 parent(10:1,0) ");
	/* A task of the kernel beside init has idle as parent. */
	start(1);
	current->parent = &idle_task;
	EXPECT_TEXT(child_to(), "20->1 30->1 parent(10:1,0) ");
}

/* ---- The end of a process ---- */

static void whole_group(void)
{
	struct thread_group *group = &all[OWN].group;

	start(3);
	runs(1);
	group_exits(4 << 8);
	EXPECT_TEXT(did, "kill(10) kill(12) signals bury pidfd(2) ");
	EXPECT(group->exiting && group->exit_status == 4 << 8);
	runs(2); /* a status of its own counts no more */
	group_exits(5 << 8);
	EXPECT_TEXT(did, "signals bury pidfd(1) ");
	EXPECT_EQ(all[OWN].thread[2].exit_status, 4 << 8);
	runs(0);
	exits(6 << 8);
	EXPECT_TEXT(did, "signals pidfd(0) " PROCESS_ENDS "job(0x400) parent(10:1,4) ");
	/* A thread that ends by another one's execve ends alone. */
	start(2);
	runs(1);
	current->ends = true;
	group_exits(4 << 8);
	EXPECT_TEXT(did, "signals bury pidfd(1) ");
	EXPECT(!group->exiting && all[OWN].thread[1].exit_status == 4 << 8);
	start(1);
	group_exits(4 << 8);
	EXPECT_TEXT(strstr(did, "job"), "job(0x400) parent(10:1,4) ");
}

static void by_signal(void)
{
	struct thread_group *group = &all[OWN].group;

	start(3);
	all[OWN].thread[1].ends = true;
	all[OWN].thread[2].state = TASK_ZOMBIE;
	begin_exit_by(group, SIGTERM);
	EXPECT_TEXT(did, "kill(10) ");
	EXPECT(group->exiting && group->exit_status == SIGTERM && current->ends);
	EXPECT_PANIC("exiting", begin_exit_by(group, SIGTERM));
	EXPECT_EQ(cores, 0);
}

static void cores_written(void)
{
	struct thread_group *group = &all[OWN].group;

	start(1);
	core_written = true;
	dies(SIGTERM);
	EXPECT(!cores && group->exit_status == SIGTERM && current->exit_status == SIGTERM);
	start(2);
	dies(SIGSEGV);
	EXPECT_TEXT(did, "kill(11) signals pidfd(1) ");
	EXPECT(cores == 1 && group->exit_status == (SIGSEGV | STATUS_CORE));
	EXPECT_EQ(current->exit_status, SIGSEGV | STATUS_CORE);
	start(1);
	core_written = false;
	dies(SIGSEGV);
	EXPECT(cores == 1 && group->exit_status == SIGSEGV);
	/* The process ends already; or this thread alone. */
	start(1);
	group->exiting = true;
	group->exit_status = 2 << 8;
	dies(SIGSEGV);
	EXPECT(!cores && current->exit_status == 2 << 8);
	start(2);
	current->ends = true;
	dies(SIGSEGV);
	EXPECT(!cores && current->exit_status == SIGSEGV && !group->exiting);
}

/* For execve. */
static void others_end(void)
{
	start(3);
	current->ends = true;
	EXPECT_EQ(end_other_threads(), -EAGAIN);
	start(3);
	current->group->killed = true;
	EXPECT_EQ(end_other_threads(), -EAGAIN);
	EXPECT_TEXT(did, "");
	start(1);
	EXPECT_EQ(end_other_threads(), 0);
	EXPECT_TEXT(did, "");
	start(3);
	runs(1);
	EXPECT_EQ(end_other_threads(), 0);
	EXPECT_TEXT(did, "kill(10) kill(12) ");
	EXPECT(sleeps == 2 && current->group->threads == 1 && !current->group->last_one);
	EXPECT(!current->ends && current->state == TASK_RUNNING && !current->group->exiting);
}

TAP_MAIN({ "a process leaves all", all_is_left }, { "one that used little", little_is_left },
	 { "ends that must not be", never }, { "threads end", thread_ends },
	 { "the one that is left is woken", one_is_left },
	 { "children of a thread", children_of_threads }, { "the parent is told", parent_told },
	 { "children get a new parent", children_given_away }, { "subreapers", subreapers },
	 { "all threads end", whole_group }, { "a signal ends the process", by_signal },
	 { "core files", cores_written }, { "all other threads end", others_end })
