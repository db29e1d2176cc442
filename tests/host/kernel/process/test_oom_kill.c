/* SPDX-License-Identifier: MIT */
/*
 * What is known of processes when memory is exhausted: which process has an address space, whether
 * it is about to end, and the signal that kills it.
 *
 * sources: kernel/process/oom_kill.c kernel/task/pid.c tests/host/kernel/process/process_rig.c
 */
#include "tests/host/kernel/process/process_rig.h"

#include <string.h>

#include "kernel/process/oom_kill.h"
#include "mm/reclaim/oom.h"
#include "tests/host/tap.h"

static bool of(u32 space, struct oom_process *process)
{
	memset(process, 0xee, sizeof(*process));
	return oom->process(&spaces[space], process);
}

static void processes_of_spaces(void)
{
	struct oom_process process;

	processes_start();
	list_add(&idle_task.link, &task_list);
	idle_task.group = &all[0].group;
	oom_kill_init();
	for (u32 i = 0; i < PROCESSES; i++)
		spaces[i].mm_users = 1;
	strcpy(all[4].leader.name, "five");
	all[4].group.oom.adj = -17;
	EXPECT(of(4, &process));
	EXPECT(process.pid == 5 && process.adj == -17 && !process.ending);
	EXPECT_TEXT(process.name, "five");
	/* Never init, and no task of the kernel. */
	EXPECT(!of(0, &process));
	all[4].leader.sighand = NULL;
	EXPECT(!of(4, &process));
	/* No task has that space any more. */
	all[5].leader.mm = NULL;
	EXPECT(!of(5, &process));
	/* The search begins at the last one that was found, and goes around. */
	for (u32 round = 0; round < 3; round++)
		for (u32 i = 1; i < 4; i++)
			EXPECT(of(4 - i, &process) && process.pid == (int)(4 - i) + 1);
}

/* Two processes in one space, after vfork(): the older one names it. */
static void shared_spaces(void)
{
	struct oom_process process;

	processes_start();
	list_add(&idle_task.link, &task_list);
	oom_kill_init();
	spaces[2].mm_users = 2;
	all[3].leader.mm = &spaces[2];
	EXPECT(of(2, &process) && process.pid == 3);
	all[3].leader.born = 1;
	EXPECT(of(2, &process) && process.pid == 4);
	/* It is about to end only if all are. */
	all[2].leader.ends = true;
	EXPECT(of(2, &process) && !process.ending);
	all[3].group.killed = true;
	EXPECT(of(2, &process) && process.ending);
	all[2].leader.ends = false;
	EXPECT(of(2, &process) && !process.ending);
	oom->kill(&spaces[2]);
	EXPECT_TEXT(sent, "3.09 4.09 ");
	EXPECT(oom->current_space() == &spaces[1]);
	current->ends_none = true;
	EXPECT(!oom->current_space());
}

TAP_MAIN({ "processes of address spaces", processes_of_spaces },
	 { "shared address spaces", shared_spaces })
