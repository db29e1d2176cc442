/* SPDX-License-Identifier: MIT */
/*
 * Relations of processes: groups, sessions, orphaned groups, and signals to the owner of a file.
 *
 * sources: kernel/task/pid.c tests/host/kernel/process/process_rig.c
 */
#include "tests/host/kernel/process/process_rig.h"

#include "abi/linux/errno.h"
#include "abi/linux/poll.h"
#include "kernel/process/job.h"
#include "kernel/task/pid.h"
#include "tests/host/tap.h"

/* ---- Groups and sessions ---- */

static void groups_checked(void)
{
	processes_start();
	EXPECT_EQ(process_check_group(2), 0);
	EXPECT_EQ(process_check_group(3), 0);
	EXPECT_EQ(process_check_group(6), -EPERM);
	EXPECT_EQ(process_check_group(9), -ESRCH);
	EXPECT_EQ(process_check_group(2 + 256), -ESRCH); /* in the same bucket */
	EXPECT(process_number() == 2 && process_group() == 2 && process_session() == 2);
	current = &all[3].leader;
	EXPECT(process_number() == 4 && process_group() == 3 && process_session() == 2);
}

static int moved(int pid, int group)
{
	return job_set_group(pid, group);
}

static void group_set(void)
{
	processes_start();
	EXPECT_EQ(moved(3, -1), -EINVAL);
	EXPECT_EQ(moved(99, 0), -ESRCH);
	EXPECT_EQ(moved(5, 0), -ESRCH); /* a grandchild */
	EXPECT_EQ(moved(0, 0), -EPERM); /* the leader of its session */
	EXPECT_EQ(moved(2, 3), -EPERM);
	EXPECT_EQ(moved(3, 6), -EPERM);	 /* a group of another session */
	EXPECT_EQ(moved(3, 50), -EPERM); /* no such group */
	EXPECT_EQ(moved(4, 4), 0);
	EXPECT(all[3].group.job.group == 4 && all[3].group.job.session == 2);
	EXPECT_EQ(moved(4, 3), 0);
	EXPECT_EQ(moved(4, 0), 0);
	EXPECT_EQ(all[3].group.job.group, 4);
	EXPECT_EQ(moved(4, 2), 0);
	EXPECT_EQ(process_check_group(4), -ESRCH);
	all[2].group.executes = true;
	EXPECT_EQ(moved(3, 0), -EACCES);
	all[2].group.executes = false;
	all[2].group.job.session = 9;
	EXPECT_EQ(moved(3, 0), -EPERM);
	all[2].group.job.session = 2;
	all[2].leader.state = TASK_DEAD;
	EXPECT_EQ(moved(3, 0), -ESRCH);
	all[2].leader.state = TASK_ZOMBIE;
	EXPECT_EQ(moved(3, 0), 0);
	/* A thread is no process. */
	all[3].thread.pid = 0;
	EXPECT_EQ(pid_alloc(&all[3].thread), 0);
	EXPECT_EQ(moved(all[3].thread.pid, 0), -EINVAL);
	/* The caller itself, also after it has called execve(). */
	current = &all[3].leader;
	all[3].group.executes = true;
	EXPECT_EQ(moved(0, 0), 0);
	EXPECT_EQ(all[3].group.job.group, 4);
	EXPECT_EQ(moved(4, 3), 0);
}

static void new_sessions(void)
{
	processes_start();
	EXPECT_EQ(job_new_session(), -EPERM);
	current = &all[3].leader;
	EXPECT_EQ(job_new_session(), 4);
	EXPECT(all[3].group.job.group == 4 && all[3].group.job.session == 4);
	EXPECT_EQ(job_new_session(), -EPERM);
	current = &all[4].leader; /* a group of its number is there, in another session */
	job_move(&all[2].group, 5, 2);
	EXPECT_EQ(job_new_session(), -EPERM);
}

static void signals_to_groups(void)
{
	const struct siginfo info = { .signo = 10, .code = 7 };

	processes_start();
	EXPECT(job_signal(3, &info));
	EXPECT_TEXT(sent, "3:10 4:10 5:10 ");
	EXPECT_EQ(last.code, 7);
	EXPECT(!job_signal(50, &info));
	clear_sent();
	process_signal_group(7, 2);
	EXPECT_TEXT(sent, "7:02 8:02 ");
	EXPECT_EQ(last.code, SI_KERNEL);
}

static void orphans(void)
{
	processes_start();
	EXPECT(job_is_orphaned()); /* the shell's parent is in another session */
	current = &all[2].leader;
	EXPECT(!job_is_orphaned());
	current = &all[6].leader;
	EXPECT(job_is_orphaned());
	/* Init is as a shell to the programs that it started. */
	all[6].group.job.session = 1;
	EXPECT(job_is_orphaned());
	all[6].group.of_run = true;
	EXPECT(!job_is_orphaned());
	/* A zombie ties nothing. */
	current = &all[2].leader;
	all[2].leader.state = TASK_ZOMBIE;
	EXPECT(!job_is_orphaned());
	all[3].leader.state = TASK_ZOMBIE;
	EXPECT(job_is_orphaned()); /* the grandchild's parent is in its own group */
}

static void a_leader_ends(void)
{
	processes_start();
	job_exit(&all[1].leader);
	EXPECT_EQ(session_ended, 2);
	EXPECT_TEXT(sent, ""); /* none had stopped */
	all[4].group.stopped = true;
	job_exit(&all[1].leader);
	EXPECT_TEXT(sent, "3:01 4:01 5:01 3:18 4:18 5:18 3:01 4:01 5:01 3:18 4:18 5:18 ");
	EXPECT_EQ(last.code, SI_KERNEL);
	/* One of two ties ends: the group still has the other one. */
	clear_sent();
	session_ended = 0;
	job_exit(&all[2].leader);
	EXPECT_TEXT(sent, "");
	EXPECT_EQ(session_ended, 0);
	all[3].leader.state = TASK_ZOMBIE;
	job_exit(&all[2].leader);
	EXPECT_TEXT(sent, "3:01 4:01 5:01 3:18 4:18 5:18 ");
	/* One that was no tie takes none away. */
	clear_sent();
	all[7].group.stopped = true;
	job_exit(&all[6].leader);
	EXPECT_TEXT(sent, "");
}

static void background(void)
{
	processes_start();
	current = &all[2].leader;
	EXPECT_EQ(process_in_background(SIGTTOU), -ERESTARTSYS);
	EXPECT_TEXT(sent, "3:22 4:22 5:22 ");
	clear_sent();
	ignores = true;
	EXPECT_EQ(process_in_background(SIGTTOU), 0);
	EXPECT_EQ(process_in_background(SIGTTIN), -EIO);
	ignores = false;
	current->blocked = SIGMASK(SIGTTIN);
	EXPECT_EQ(process_in_background(SIGTTIN), -EIO);
	current->blocked = 0;
	current = &all[6].leader;
	EXPECT_EQ(process_in_background(SIGTTIN), -EIO);
	EXPECT_TEXT(sent, "");
}

/* ---- Owners of files ---- */

static void owners(void)
{
	struct file_owner owner = { .fd = 9 };

	processes_start();
	current->group->user.effective = 77;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, ""); /* it has none */
	process_becomes_owner(&owner);
	EXPECT(owner.kind == F_OWNER_PID && owner.id == 2);
	EXPECT(owner.real == 1001 && owner.effective == 77);
	current = &all[3].leader;
	process_becomes_owner(&owner);
	EXPECT_EQ(owner.id, 2);
	owner.effective = 1001;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2:29 ");
	EXPECT(last.code == SI_KERNEL && !last.words[0] && !last.words[1]);
	/* With a signal of its own choice there are data. */
	clear_sent();
	owner.signal = SIGUSR1;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2:10 ");
	EXPECT(last.code == POLL_IN && last.words[0] == (POLLIN | POLLRDNORM) &&
	       last.words[1] == 9);
	process_tell_owner(&owner, POLL_OUT);
	EXPECT(last.words[0] == (POLLOUT | POLLWRNORM | POLLWRBAND));
	process_tell_owner(&owner, POLL_MSG);
	EXPECT(last.words[0] == (POLLIN | POLLRDNORM | POLLMSG));
	/* A full queue: SIGIO says that something was lost. */
	clear_sent();
	queue_full = -EAGAIN;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2.29 ");
	queue_full = 0;
	clear_sent();
	owner.kind = F_OWNER_TID;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2.10 ");
	clear_sent();
	owner.kind = F_OWNER_PGRP;
	owner.id = 3;
	owner.effective = 0;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "3:10 4:10 5:10 ");
	clear_sent();
	owner.kind = F_OWNER_PID;
	owner.id = 99;
	process_tell_owner(&owner, POLL_IN);
	owner.id = 2;
	all[1].leader.mm = NULL; /* it ends */
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "");
}

/* Who may be told: as for kill(). */
static void may_be_told(void)
{
	static const struct {
		u32 real, effective, told_real, told_saved;
		bool allowed;
	} cases[] = {
		{ 5, 6, 7, 8, false }, { 5, 6, 5, 8, true }, { 5, 6, 7, 5, true },
		{ 5, 6, 6, 8, true },  { 5, 6, 7, 6, true }, { 5, 0, 7, 8, true },
		{ 0, 6, 7, 8, false },
	};
	struct file_owner owner = { .kind = F_OWNER_PID, .id = 4, .signal = SIGUSR1 };

	processes_start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		clear_sent();
		owner.real = cases[i].real;
		owner.effective = cases[i].effective;
		all[3].group.user.real = cases[i].told_real;
		all[3].group.user.saved = cases[i].told_saved;
		process_tell_owner(&owner, POLL_IN);
		EXPECT_TEXT(sent, cases[i].allowed ? "4:10 " : "");
	}
}

TAP_MAIN({ "groups", groups_checked }, { "setpgid", group_set }, { "setsid", new_sessions },
	 { "signals to groups", signals_to_groups }, { "orphaned groups", orphans },
	 { "a leader ends", a_leader_ends }, { "in the background", background },
	 { "owners of files", owners }, { "owners that may be told", may_be_told })
