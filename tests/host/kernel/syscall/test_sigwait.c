/* SPDX-License-Identifier: MIT */
/*
 * rt_sigtimedwait(): which signals it takes at once, how its sleep ends, what the masks are
 * meanwhile and afterwards, and what is told.
 *
 * sources: kernel/syscall/process/sys_sigwait.c kernel/syscall/time/sys_time.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/unistd.h"
#include "kernel/devices/time.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/task/sched.h"
#include "tests/host/console.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define TICK 1000000u
#define SET  USER_BYTES
#define TIME (USER_BYTES + 0x100)
#define INFO (USER_BYTES + 0x200)
#define OWN  (SIGMASK(SIGUSR1) | SIGMASK(SIGUSR2))

struct task *current;

static struct thread_group group;
static struct task task = { .group = &group };
static struct pt_regs regs;
static u64 now;
static u32 sleeps, ticks_slept, updates;
static int pending;		/* the signal that can be taken, or 0 */
static void (*meanwhile)(void); /* during a sleep, and wakes the task */
static bool late_ticks;		/* come in a burst: the next sleep ends a tick after its start */

u64 clock_monotonic(void)
{
	return now;
}

u32 to_ticks(u64 nanoseconds)
{
	return (u32)min(nanoseconds / TICK, (u64)INT32_MAX);
}

void update_return_work(void)
{
	EXPECT(!task.awaited);
	updates++;
}

bool signal_dequeue(u64 set, struct siginfo *info)
{
	EXPECT(!(set & SIGMASK_UNBLOCKABLE));
	if (!pending || !(set & SIGMASK(pending)))
		return false;
	*info = (struct siginfo){ .signo = pending, .code = SI_USER, .pid = 77, .value = 5 };
	pending = 0;
	return true;
}

/* While it sleeps, what it waits for is awaited and not blocked. */
u32 schedule_timeout(u32 ticks)
{
	EXPECT(task.state == TASK_SLEEPING && irq_depth() == 1);
	EXPECT_EQ(task.awaited, SIGMASK(SIGUSR1));
	EXPECT_EQ(task.blocked, SIGMASK(SIGHUP));
	sleeps++;
	ticks_slept = ticks;
	task.state = TASK_RUNNING;
	if (meanwhile) {
		meanwhile();
		return ticks - 1;
	}
	if (late_ticks) {
		late_ticks = false;
		now += TICK;
		return 0;
	}
	now += (u64)ticks * TICK;
	return 0;
}

/* Waits for SIGUSR1, which is blocked, and SIGUSR2, which is not. */
static s32 wait_for(vaddr_t time, vaddr_t info)
{
	const u64 set = OWN | SIGMASK(SIGKILL);
	s32 result;

	memcpy(user_bytes, &set, sizeof(set));
	memset(&user_bytes[INFO - USER_BYTES], 0xee, 2 * SI_MAX_SIZE);
	regs = (struct pt_regs){
		.ebx = SET, .ecx = info, .edx = time, .esi = 8, .orig_eax = NR_rt_sigtimedwait
	};
	current = &task;
	task.blocked = SIGMASK(SIGUSR1) | SIGMASK(SIGHUP);
	sleeps = updates = 0;
	result = sys_rt_sigtimedwait(&regs);
	EXPECT_EQ(task.blocked, SIGMASK(SIGUSR1) | SIGMASK(SIGHUP));
	EXPECT(!task.awaited && !irq_depth());
	EXPECT_EQ(updates, sleeps != 0);
	task.forced.signo = 0;
	return result;
}

static void put(s32 seconds, u32 nanoseconds)
{
	const struct timespec time = { seconds, nanoseconds };

	memcpy(&user_bytes[TIME - USER_BYTES], &time, sizeof(time));
}

static void at_once(void)
{
	struct siginfo info;

	pending = SIGUSR2;
	EXPECT_EQ(wait_for(0, INFO), SIGUSR2);
	memcpy(&info, &user_bytes[INFO - USER_BYTES], sizeof(info));
	EXPECT(info.signo == SIGUSR2 && info.pid == 77 && info.value == 5);
	for (u32 i = sizeof(info); i < SI_MAX_SIZE; i++)
		EXPECT_EQ(user_bytes[INFO - USER_BYTES + i], 0);
	EXPECT_EQ(user_bytes[INFO - USER_BYTES + SI_MAX_SIZE], 0xee);
	pending = SIGUSR1;
	EXPECT_EQ(wait_for(0, 0), SIGUSR1);
	pending = SIGUSR1;
	EXPECT_EQ(wait_for(0, USER_BYTES + sizeof(user_bytes) - SI_MAX_SIZE + 1), -EFAULT);
	EXPECT_EQ(pending, 0); /* it is lost, as on Linux */
	put(0, 0);
	EXPECT_EQ(wait_for(TIME, 0), -EAGAIN);
	EXPECT_EQ(sleeps, 0);
}

static void comes_later(void)
{
	pending = SIGUSR1;
	task.forced.signo = SIGUSR1; /* so that a signal is pending */
}

static void other_comes(void)
{
	task.forced.signo = SIGSEGV;
}

static void sleep_ends(void)
{
	put(0, 7 * TICK);
	now = 1000 * TICK;
	EXPECT_EQ(wait_for(TIME, 0), -EAGAIN);
	EXPECT(sleeps == 1 && ticks_slept == 7);
	meanwhile = comes_later;
	EXPECT_EQ(wait_for(TIME, INFO), SIGUSR1);
	EXPECT_EQ(wait_for(0, 0), SIGUSR1);
	EXPECT(sleeps == 1 && ticks_slept == INT32_MAX);
	meanwhile = other_comes;
	EXPECT_EQ(wait_for(TIME, 0), -EINTR);
	EXPECT_EQ(wait_for(0, 0), -EINTR);
}

static void tick_passes(void)
{
	now += TICK;
}

static void early_end(void)
{
	put(0, 7 * TICK);
	late_ticks = true;
	EXPECT_EQ(wait_for(TIME, 0), -EAGAIN);
	EXPECT(sleeps == 2 && ticks_slept == 6); /* the rest is slept too */
	meanwhile = tick_passes;		 /* something else wakes the task */
	EXPECT_EQ(wait_for(TIME, 0), -EINTR);
	EXPECT_EQ(sleeps, 1);
}

static void refused(void)
{
	pending = SIGUSR1;
	regs = (struct pt_regs){ .ebx = SET, .esi = 4, .orig_eax = NR_rt_sigtimedwait };
	current = &task;
	EXPECT_EQ(sys_rt_sigtimedwait(&regs), -EINVAL);
	regs.esi = 8;
	regs.ebx = USER_BYTES + sizeof(user_bytes) - 7;
	EXPECT_EQ(sys_rt_sigtimedwait(&regs), -EFAULT);
	put(0, NSEC_PER_SEC);
	EXPECT_EQ(wait_for(TIME, 0), -EINVAL);
	put(-1, 0);
	EXPECT_EQ(wait_for(TIME, 0), -EINVAL);
	EXPECT_EQ(wait_for(USER_BYTES + sizeof(user_bytes) - 7, 0), -EFAULT);
	EXPECT_EQ(pending, SIGUSR1);
}

TAP_MAIN({ "signals that are pending", at_once }, { "how a sleep ends", sleep_ends },
	 { "a sleep that ends early", early_end }, { "what is refused", refused })
