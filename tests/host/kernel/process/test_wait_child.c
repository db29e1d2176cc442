/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: which of them, what is news of them, and in which order it is told.
 *
 * sources: kernel/process/wait_child.c kernel/task/pid.c tests/host/kernel/process/process_rig.c
 */
#include "tests/host/kernel/process/process_rig.h"

#include "abi/linux/errno.h"
#include "kernel/process/wait_child.h"
#include "kernel/task/pid.h"
#include "kernel/task/usage.h"
#include "tests/host/tap.h"

static void ends(u32 i, int status)
{
	all[i].leader.state = TASK_ZOMBIE;
	all[i].group.threads = 0;
	all[i].leader.exit_status = status;
	if (list_empty(&all[i].leader.in_news))
		list_add_tail(&all[i].leader.in_news, &all[i].leader.parent->news);
}

static void which_children(void)
{
	struct wait_news news;

	processes_start();
	EXPECT_EQ(do_wait4(-1, WNOHANG, &news), 0);
	EXPECT_EQ(news.pid, 0);
	EXPECT_EQ(do_wait4(5, WNOHANG, &news), -ECHILD); /* a grandchild */
	EXPECT_EQ(do_wait4(2, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(99, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(0, WNOHANG, &news), -ECHILD); /* none in its own group */
	EXPECT_EQ(do_wait4(-3, WNOHANG, &news), 0);
	EXPECT_EQ(do_wait4(-6, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(INT32_MIN, WNOHANG, &news), -ESRCH);
	EXPECT_EQ(do_wait4(-1, 0x100, &news), -EINVAL);
	EXPECT_EQ(do_wait4(-1, WNOHANG | WEXITED, &news), -EINVAL);
	EXPECT_EQ(do_wait4(-1, WNOHANG | __WNOTHREAD | WUNTRACED | WCONTINUED, &news), 0);
	/* Children that end with another signal, or with none, need an option. */
	all[2].leader.exit_signal = 0;
	EXPECT_EQ(do_wait4(3, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(3, WNOHANG | __WCLONE, &news), 0);
	EXPECT_EQ(do_wait4(4, WNOHANG | __WCLONE, &news), -ECHILD);
	EXPECT_EQ(do_wait4(3, WNOHANG | __WALL, &news), 0);
	EXPECT_EQ(do_wait4(4, WNOHANG | __WALL, &news), 0);
	current = &all[4].leader;
	EXPECT_EQ(do_wait4(-1, 0, &news), -ECHILD);
}

static void children_end(void)
{
	struct wait_news news;
	int status = 0;

	processes_start();
	all[2].group.ended.faults = 7;
	all[2].group.children.faults = 30;
	ends(2, 5 << 8);
	EXPECT_EQ(do_wait4(4, WNOHANG, &news), 0);
	EXPECT_EQ(do_wait4(-1, 0, &news), 3);
	EXPECT(news.pid == 3 && news.uid == 1002 && news.status == 5 << 8);
	EXPECT(news.code == CLD_EXITED && news.signal_or_exit == 5 && news.usage.faults == 37);
	EXPECT_EQ(current->group->children.faults, 37);
	EXPECT(freed == 1 && !task_find(3));
	EXPECT_EQ(do_wait4(3, 0, &news), -ECHILD);
	ends(3, 11 | 0x80);
	EXPECT_EQ(do_wait(4, &status, 0), 4);
	EXPECT(status == (11 | 0x80) && freed == 2);
	EXPECT_EQ(do_wait(-1, &status, 0), -ECHILD);
	EXPECT_EQ(status, 11 | 0x80);
}

static void news_of(int options, int code, int signal_or_exit, int status)
{
	const struct wait_request request = { P_ALL, 0, options, false };
	struct wait_news news;

	EXPECT_EQ(wait_child(&request, &news), 0);
	EXPECT_EQ(news.pid, 3);
	EXPECT_EQ(news.code, code);
	EXPECT_EQ(news.signal_or_exit, signal_or_exit);
	EXPECT_EQ(news.status, status);
}

static void nothing_of(int options)
{
	const struct wait_request request = { P_ALL, 0, options | WNOHANG, false };
	struct wait_news news = { .pid = 7 };

	EXPECT_EQ(wait_child(&request, &news), 0);
	EXPECT_EQ(news.pid, 0);
}

static void kinds_of_news(void)
{
	processes_start();
	all[2].leader.stop_signal = SIGTSTP;
	list_add(&all[2].leader.in_news, &current->news);
	nothing_of(WEXITED);
	nothing_of(WCONTINUED);
	news_of(WSTOPPED | WNOWAIT, CLD_STOPPED, SIGTSTP, SIGTSTP << 8 | 0x7f);
	news_of(WSTOPPED | WEXITED, CLD_STOPPED, SIGTSTP, SIGTSTP << 8 | 0x7f);
	nothing_of(WSTOPPED);
	EXPECT(list_empty(&current->news)); /* what was told is no news */
	all[2].leader.continued = true;
	list_add(&all[2].leader.in_news, &current->news);
	nothing_of(WSTOPPED | WEXITED);
	news_of(WCONTINUED | WNOWAIT, CLD_CONTINUED, SIGCONT, 0xffff);
	news_of(WCONTINUED, CLD_CONTINUED, SIGCONT, 0xffff);
	nothing_of(WCONTINUED);
	/* A stop comes before the end of an older one; the end before all. */
	all[2].leader.continued = true;
	all[2].leader.stop_signal = SIGSTOP;
	list_move(&all[2].leader.in_news, &current->news);
	news_of(WSTOPPED | WCONTINUED | WNOWAIT, CLD_STOPPED, SIGSTOP, SIGSTOP << 8 | 0x7f);
	ends(2, 9);
	news_of(WSTOPPED | WEXITED | WNOWAIT, CLD_KILLED, 9, 9);
	nothing_of(0);
	all[2].leader.exit_status = 9 | 0x80;
	news_of(WEXITED | WNOWAIT, CLD_DUMPED, 9, 9 | 0x80);
	all[2].leader.exit_status = 0x12300;
	news_of(WEXITED | WNOWAIT, CLD_EXITED, 0x23, 0x12300);
	EXPECT_EQ(freed, 0);
	all[2].group.threads = 1; /* another thread still runs */
	all[2].leader.stop_signal = 0;
	all[2].leader.continued = false;
	nothing_of(WEXITED | WSTOPPED | WCONTINUED);
}

static void child_ends(void)
{
	ends(3, 0);
	wake_waiters(current);
	EXPECT_EQ(current->state, TASK_RUNNING);
}

static void waits(void)
{
	struct wait_news news;

	processes_start();
	while_asleep = child_ends;
	EXPECT_EQ(do_wait4(-1, 0, &news), 4);
	EXPECT_EQ(sleeps, 1);
	EXPECT(list_empty(&current->group->waiters));
	current->pending.signals = SIGMASK(SIGUSR1);
	EXPECT_EQ(do_wait4(-1, 0, &news), -ERESTARTSYS);
	EXPECT_EQ(sleeps, 1);
	while_asleep = NULL;
	EXPECT_EQ(sleep_for_child(50), 49);
	EXPECT_EQ(sleep_for_child(0), 0);
	EXPECT_EQ(sleeps, 3);
}

TAP_MAIN({ "which children", which_children }, { "children end", children_end },
	 { "kinds of news", kinds_of_news }, { "a wait", waits })
