/* SPDX-License-Identifier: MIT */
/*
 * alarm, the three timers of setitimer, the timers of timer_create, and RLIMIT_CPU: when signals
 * come, what they carry, what is left, and what execve and fork keep. Of times only lower bounds
 * are held against the kernel, but for upper ones of many seconds.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD  ((void *)16)
#define MSEC 1000000

struct itimerval {
	struct timeval interval, value;
};
struct itimerspec {
	struct timespec interval, value;
};
struct itimerspec64 {
	struct timespec64 interval, value;
};

static long getitimer(int which, struct itimerval *left)
{
	return system_call(NR_getitimer, which, (long)left, 0, 0, 0, 0);
}

static long setitimer(int which, const struct itimerval *timer, struct itimerval *old)
{
	return system_call(NR_setitimer, which, (long)timer, (long)old, 0, 0, 0);
}

static long alarm(u32 seconds)
{
	return system_call(NR_alarm, (long)seconds, 0, 0, 0, 0, 0);
}

static long timer_create(int clock, const void *event, void *id)
{
	return system_call(NR_timer_create, clock, (long)event, (long)id, 0, 0, 0);
}

static long timer_settime(int id, int flags, const void *new, void *old)
{
	return system_call(NR_timer_settime, id, flags, (long)new, (long)old, 0, 0);
}

static long timer_gettime(int id, void *left)
{
	return system_call(NR_timer_gettime, id, (long)left, 0, 0, 0, 0);
}

static long timer_call(int number, int id)
{
	return system_call(number, id, 0, 0, 0, 0, 0);
}

static u32 now(int clock)
{
	struct timespec time = { 0, 0 };

	EXPECT_EQ(sys_clock_gettime(clock, &time), 0);
	return (u32)time.seconds * 1000 + time.nanoseconds / MSEC;
}

static void nap(u32 msec)
{
	const struct timespec time = { 0, msec * MSEC };

	sys_nanosleep(&time, NULL);
}

static const int signals[] = { SIGALRM, SIGVTALRM, SIGPROF };

/* Uses processor time until `count` calls of the handler, for at most 20 s. */
static void spin(u32 count)
{
	u32 start = now(CLOCK_MONOTONIC);

	while (handled.count < count && now(CLOCK_MONOTONIC) - start < 20000)
		sys_getppid();
}

static void once(void)
{
	for (int which = 0; which < 3; which++) {
		const struct itimerval timer = { { 0, 0 }, { 0, 30000 } };
		struct itimerval left;
		u32 start = now(CLOCK_MONOTONIC);

		handled_clear();
		handler_note(signals[which], SA_SIGINFO);
		EXPECT_EQ(setitimer(which, &timer, NULL), 0);
		spin(1);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 29);
		EXPECT_EQ(handled.count, 1);
		EXPECT_EQ(handled.signal, signals[which]);
		EXPECT_EQ(handled.info.code, SI_KERNEL);
		EXPECT_EQ(getitimer(which, &left), 0);
		EXPECT_EQ(left.value.seconds, 0);
		EXPECT_EQ(left.value.microseconds, 0);
		handler_set(signals[which], SIG_DFL, 0, 0);
	}
}

static void again(void)
{
	for (int which = 0; which < 3; which++) {
		const struct itimerval timer = { { 0, 20000 }, { 0, 20000 } },
				       none = { { 0 }, { 0 } };
		struct itimerval old;
		u32 start = now(CLOCK_MONOTONIC);

		handled_clear();
		handler_note(signals[which], SA_RESTART);
		EXPECT_EQ(setitimer(which, &timer, NULL), 0);
		spin(3);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 59);
		EXPECT(handled.count >= 3);
		EXPECT_EQ(setitimer(which, &none, &old), 0);
		EXPECT_EQ(old.interval.microseconds, 20000);
		EXPECT(old.value.microseconds > 0 && old.value.microseconds <= 20000);
		handler_set(signals[which], SIG_DFL, 0, 0);
	}
}

static void refused(void)
{
	const struct itimerval bad[] = {
		{ { 0, 0 }, { -1, 0 } },      { { 0, 0 }, { 0, 1000000 } }, { { 0, 0 }, { 0, -1u } },
		{ { -1, 0 }, { 0, 0 } },      { { 0, 1000000 }, { 0, 0 } },
	}, none = { { 0 }, { 0 } };
	struct itimerval left;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(setitimer(0, &bad[i], NULL), -EINVAL);
	EXPECT_EQ(setitimer(3, &none, NULL), -EINVAL);
	EXPECT_EQ(setitimer(-1, &none, NULL), -EINVAL);
	EXPECT_EQ(setitimer(0, BAD, NULL), -EFAULT);
	EXPECT_EQ(setitimer(0, &none, BAD), -EFAULT);
	EXPECT_EQ(setitimer(0, NULL, NULL), 0);
	EXPECT_EQ(getitimer(3, &left), -EINVAL);
	EXPECT_EQ(getitimer(0, BAD), -EFAULT);
}

static void alarms(void)
{
	const struct itimerval timer = { { 0, 0 }, { 3, 600000 } };
	struct itimerval left;

	EXPECT_EQ(alarm(0), 0);
	EXPECT_EQ(alarm(100), 0);
	EXPECT_EQ(getitimer(0, &left), 0);
	EXPECT(left.value.seconds == 99 || left.value.seconds == 100);
	EXPECT_EQ(alarm(50), 100);
	EXPECT_EQ(alarm(0), 50);
	EXPECT_EQ(setitimer(0, &timer, NULL), 0);
	EXPECT_EQ(alarm(0x7fffffff), 4);
	EXPECT_EQ(alarm(0), 0x7fffffff);
}

static void dies_by_alarm(void *argument)
{
	(void)argument;
	EXPECT_EQ(alarm(0), 0); /* the parent's is not inherited */
	EXPECT_EQ(alarm(1), 0);
	for (;;)
		sys_pause();
}

static void default_action(void)
{
	EXPECT_EQ(alarm(1000), 0);
	EXPECT_CHILD(dies_by_alarm, NULL, KILLED(SIGALRM));
	EXPECT(alarm(0) >= 990);
}

/* --- timer_create() --- */

static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,		CLOCK_BOOTTIME,
			      CLOCK_TAI,      CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };

static void every_clock(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(clocks); i++) {
		const struct sigevent event = { .value = 0x1234, .signo = SIGUSR1 };
		const struct itimerspec time = { { 0, 20 * MSEC }, { 0, 20 * MSEC } };
		struct itimerspec left;
		int id = -1;
		u32 start = now(CLOCK_MONOTONIC);

		handled_clear();
		handler_note(SIGUSR1, SA_SIGINFO | SA_RESTART);
		EXPECT_EQ(timer_create(clocks[i], &event, &id), 0);
		EXPECT_EQ(timer_gettime(id, &left), 0);
		EXPECT_EQ(left.value.seconds | (s32)left.value.nanoseconds, 0);
		EXPECT_EQ(timer_settime(id, 0, &time, &left), 0);
		EXPECT_EQ(left.value.seconds | (s32)left.value.nanoseconds, 0);
		spin(3);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 59);
		EXPECT(handled.count >= 3);
		EXPECT_EQ(handled.info.code, SI_TIMER);
		EXPECT_EQ(handled.info.words[0], id);
		EXPECT_EQ(handled.info.value, 0x1234);
		EXPECT_EQ(timer_gettime(id, &left), 0);
		EXPECT_EQ(left.interval.nanoseconds, 20 * MSEC);
		EXPECT(left.value.nanoseconds > 0 && left.value.nanoseconds <= 20 * MSEC);
		EXPECT_EQ(timer_call(NR_timer_delete, id), 0);
		EXPECT_EQ(timer_call(NR_timer_delete, id), -EINVAL);
		handler_set(SIGUSR1, SIG_DFL, 0, 0);
	}
}

static void bad_timers(void)
{
	static const int unfit[] = { CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
				     CLOCK_MONOTONIC_COARSE };
	struct sigevent event = { .signo = SIGUSR1 };
	struct itimerspec time = { { 0, 0 }, { 0, 1000 * MSEC } };
	const struct itimerspec past = { { 0, 0 }, { 0, 1 } };
	int id = -1, first = -1;

	for (u32 i = 0; i < ARRAY_SIZE(unfit); i++)
		EXPECT_EQ(timer_create(unfit[i], NULL, &id), -EOPNOTSUPP);
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, NULL, &first), 0);
	EXPECT_EQ(timer_call(NR_timer_delete, first), 0);
	EXPECT_EQ(timer_create(99, NULL, &id), -EINVAL);
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, BAD, &id), -EFAULT);
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, NULL, BAD), -EFAULT);
	event.signo = 65;
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), -EINVAL);
	event.signo = 0;
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), -EINVAL);
	event.signo = SIGUSR1;
	event.notify = 77;
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), -EINVAL);
	event.notify = SIGEV_THREAD_ID;
	event.thread = 1;
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), -EINVAL);
	/* Those with a wrong event, or no place for the number, have used one up. */
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, NULL, &id), 0);
	EXPECT_EQ(id, first + 6);
	EXPECT_EQ(timer_settime(id, 0, NULL, NULL), -EINVAL);
	/* A time that is past is reached within the call. */
	handled_clear();
	handler_note(SIGALRM, 0);
	EXPECT_EQ(timer_settime(id, TIMER_ABSTIME, &past, NULL), 0);
	EXPECT_EQ(handled.count, 1);
	handler_set(SIGALRM, SIG_DFL, 0, 0);
	EXPECT_EQ(timer_settime(id, 0, BAD, NULL), -EFAULT);
	EXPECT_EQ(timer_settime(id, 0, &time, NULL), -EINVAL);
	time.value = (struct timespec){ -1, 0 };
	EXPECT_EQ(timer_settime(id, 0, &time, NULL), -EINVAL);
	time.value = (struct timespec){ 0, 0 };
	EXPECT_EQ(timer_settime(id, 0, &time, BAD), -EFAULT);
	EXPECT_EQ(timer_settime(id + 1, 0, &time, NULL), -EINVAL);
	EXPECT_EQ(timer_gettime(id, BAD), -EFAULT);
	EXPECT_EQ(timer_gettime(-1, &time), -EINVAL);
	EXPECT_EQ(timer_call(NR_timer_getoverrun, id), 0);
	EXPECT_EQ(timer_call(NR_timer_getoverrun, id + 1), -EINVAL);
	EXPECT_EQ(timer_call(NR_timer_delete, id), 0);
}

/* Blocked for many intervals: one signal, which knows how many were missed. */
static void overruns(void)
{
	const struct sigevent event = { .value = 5, .signo = SIGRTMIN + 5 };
	const struct itimerspec64 time = { { 0, 10 * MSEC, 0 }, { 0, 10 * MSEC, 0 } };
	int id = -1, missed;

	handled_clear();
	handler_note(SIGRTMIN + 5, SA_SIGINFO);
	mask_set(SIGNAL_BIT(SIGRTMIN + 5));
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), 0);
	EXPECT_EQ(system_call(NR_timer_settime64, id, 0, (long)&time, 0, 0, 0), 0);
	nap(100);
	EXPECT(pending_get() == SIGNAL_BIT(SIGRTMIN + 5));
	mask_set(0);
	EXPECT_EQ(handled.count, 1);
	missed = timer_call(NR_timer_getoverrun, id);
	EXPECT(missed >= 5);
	EXPECT_EQ(handled.info.words[1], missed);
	EXPECT_EQ(timer_call(NR_timer_delete, id), 0);
	handler_set(SIGRTMIN + 5, SIG_DFL, 0, 0);
}

/* An absolute time, one without a signal, and one whose signal is ignored. */
static void silent(void)
{
	const struct sigevent none = { .notify = SIGEV_NONE }, chld = { .signo = SIGCHLD };
	struct itimerspec time = { { 0, 0 }, { 0, 0 } }, left;
	int quiet = -1, ignored = -1;

	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &none, &quiet), 0);
	EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, &time.value), 0);
	time.value.seconds += 2;
	EXPECT_EQ(timer_settime(quiet, TIMER_ABSTIME, &time, NULL), 0);
	EXPECT_EQ(timer_gettime(quiet, &left), 0);
	EXPECT(left.value.seconds == 1 || left.value.seconds == 2);
	time.value = (struct timespec){ 0, 10 * MSEC };
	time.interval = (struct timespec){ 0, 300 * MSEC };
	EXPECT_EQ(timer_settime(quiet, 0, &time, NULL), 0);
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &chld, &ignored), 0);
	EXPECT_EQ(timer_settime(ignored, 0, &time, NULL), 0);
	nap(50);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(timer_gettime(i ? quiet : ignored, &left), 0);
		EXPECT(!left.value.seconds && left.value.nanoseconds > 10 * MSEC &&
		       left.value.nanoseconds <= 300 * MSEC);
	}
	EXPECT_EQ(timer_call(NR_timer_delete, quiet), 0);
	EXPECT_EQ(timer_call(NR_timer_delete, ignored), 0);
}

/*
 * A time long ago with an interval of some seconds: millions of intervals were missed. The next
 * one ends in more than three seconds, after the timers were deleted.
 */
static void long_ago(void)
{
	const struct sigevent event = { .signo = SIGUSR2 }, none = { .notify = SIGEV_NONE };
	struct itimerspec time = { { 5, 0 }, { 0, 1 } }, left;
	u32 start = now(CLOCK_MONOTONIC);
	struct timespec today;
	int id = -1;

	EXPECT_EQ(sys_clock_gettime(CLOCK_REALTIME, &today), 0);
	time.value.seconds = (today.seconds - 1) % 5;
	handled_clear();
	handler_note(SIGUSR2, SA_SIGINFO);
	for (int i = 0; i < 8; i++) {
		EXPECT_EQ(timer_create(CLOCK_REALTIME, i % 2 ? &none : &event, &id), 0);
		EXPECT_EQ(timer_settime(id, TIMER_ABSTIME, &time, NULL), 0);
		nap(20);
		EXPECT_EQ(timer_gettime(id, &left), 0);
		EXPECT(left.value.seconds < 5);
		EXPECT_EQ(timer_call(NR_timer_delete, id), 0);
	}
	EXPECT_EQ(handled.count, 4);
	EXPECT(now(CLOCK_MONOTONIC) - start < 4000);
}

/* Timers that tell nothing are counted too. */
static void makes_too_many(void *argument)
{
	const struct sigevent none = { .notify = SIGEV_NONE };
	const struct rlimit64 few = { 0, 0 };
	int id;

	(void)argument;
	EXPECT_EQ(system_call(NR_prlimit64, 0, RLIMIT_SIGPENDING, (long)&few, 0, 0, 0), 0);
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &none, &id), -EAGAIN);
}

static void limited(void)
{
	EXPECT_CHILD(makes_too_many, NULL, EXITED(0));
}

/* A signal that waits is delivered, though its timer was deleted. */
static void deleted(void)
{
	const struct sigevent event = { .signo = SIGUSR2 };
	const struct itimerspec time = { { 0, 0 }, { 0, 1 } };
	int id = -1;

	handled_clear();
	handler_note(SIGUSR2, SA_SIGINFO);
	mask_set(SIGNAL_BIT(SIGUSR2));
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), 0);
		EXPECT_EQ(timer_settime(id, 0, &time, NULL), 0);
		if (i % 10 == 0)
			nap(10);
		EXPECT_EQ(timer_call(NR_timer_delete, id), 0);
	}
	mask_set(0);
	handler_set(SIGUSR2, SIG_DFL, 0, 0);
}

/* A timer for one thread. */
static volatile int heard_by;

static void hear(int signal)
{
	(void)signal;
	heard_by = sys_gettid();
}

static int wait_in_thread(void *argument)
{
	(void)argument;
	while (!heard_by)
		nap(1);
	return 0;
}

static void for_a_thread(void)
{
	static struct thread thread;
	const struct itimerspec time = { { 0, 0 }, { 0, MSEC } };
	struct sigevent event = { .signo = SIGUSR1, .notify = SIGEV_THREAD_ID };
	int id = -1, tid;

	heard_by = 0;
	handler_set(SIGUSR1, hear, SA_RESTART, 0);
	thread_start(&thread, wait_in_thread, NULL);
	tid = thread.tid;
	event.thread = tid;
	EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &id), 0);
	EXPECT_EQ(timer_settime(id, 0, &time, NULL), 0);
	thread_join(&thread);
	EXPECT_EQ(heard_by, tid);
	EXPECT_EQ(timer_call(NR_timer_delete, id), 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

/* --- RLIMIT_CPU --- */

static void uses_up_its_time(void *argument)
{
	struct rlimit limit = { 1, 2 };

	handled_clear();
	if (argument)
		handler_note(SIGXCPU, SA_RESTART);
	EXPECT_EQ(sys_setrlimit(RLIMIT_CPU, &limit), 0);
	while (!handled.count)
		sys_getppid();
	EXPECT(now(CLOCK_PROCESS_CPUTIME_ID) >= 300); /* on a busy Linux ticks count too much */
	for (;;)
		sys_getppid();
}

static void cpu_limit(void)
{
	EXPECT_CHILD(uses_up_its_time, NULL, KILLED(SIGXCPU));
	EXPECT_CHILD(uses_up_its_time, BAD, KILLED(SIGKILL));
}

static const struct tap_case cases[] = {
	{ "once", once },
	{ "again and again", again },
	{ "refused", refused },
	{ "alarm", alarms },
	{ "the default action ends a process; a child has no alarm", default_action },
	{ "timer_create: every clock", every_clock },
	{ "timer_create: refused", bad_timers },
	{ "missed intervals are counted", overruns },
	{ "no signal, or an ignored one", silent },
	{ "missed intervals of many years", long_ago },
	{ "RLIMIT_SIGPENDING counts timers", limited },
	{ "a deleted timer", deleted },
	{ "a timer for one thread", for_a_thread },
	{ "RLIMIT_CPU", cpu_limit },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
