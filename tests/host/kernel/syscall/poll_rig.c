/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/syscall/poll_rig.h"

#include <string.h>

#include "abi/linux/time.h"
#include "kernel/signal/signal.h"
#include "mm/frames/fail_alloc.h"
#include "mm/user_space/limits.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

struct files_struct table;
static struct thread_group group;
struct task own = { .group = &group, .files = &table };
struct task *current = &own;

struct wait_queue queue;
u32 ready[FILES];
struct file files[FILES], *open_files[FAR + 1];
u32 mask_count;

u64 clock_monotonic(void)
{
	return host_now;
}

void signal_set_blocked(u64 blocked)
{
	mask_count++;
	own.blocked = blocked;
}

static u32 poll_file(struct file *file, struct poll_table *into)
{
	EXPECT(file->count > 1); /* another thread may close the descriptor */
	poll_wait(into, &queue);
	return ready[file - files];
}

static const struct file_operations operations = { .poll = poll_file };

void check_references(void)
{
	for (u32 i = 0; i < FILES; i++)
		EXPECT_EQ(files[i].count, 1);
	EXPECT(list_empty(&queue.entries));
}

void start(void)
{
	static struct rlimit limits[RLIM_NLIMITS];

	machine_boot();
	machine_settle();
	limits[RLIMIT_NOFILE].cur = 100;
	current_rlim = limits;
	wait_queue_init(&queue);
	for (u32 i = 0; i < FILES; i++) {
		files[i] = (struct file){ .operations = &operations, .count = 1 };
		open_files[i] = &files[i];
	}
	open_files[CLOSED] = NULL;
	open_files[FAR] = &files[7];
	open_files[7] = NULL;
	files[PLACE].flags = O_PATH;
	table = (struct files_struct){ .fd = open_files, .end = FAR + 1, .size = 128 };
	memset(user_bytes, 0, sizeof(user_bytes));
	host_now = 100 * S;
	tap_finally(check_references);
}

void fail(u32 nth)
{
	const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };

	fail_alloc_set(nth ? &spec : NULL);
}

void interrupted(bool yes)
{
	own.forced.signo = yes ? SIGTERM : 0;
}

void third_ready(void)
{
	host_now += 3 * MS;
	ready[3] = POLLIN;
	wait_queue_wake(&queue);
}

void put(vaddr_t place, const void *from, u32 bytes)
{
	memcpy(&user_bytes[place - USER_BYTES], from, bytes);
}

void get(void *to, vaddr_t place, u32 bytes)
{
	memcpy(to, &user_bytes[place - USER_BYTES], bytes);
}

void set_time(s64 seconds, u32 nanoseconds)
{
	const struct timespec time = { (s32)seconds, nanoseconds };

	put(TIME, &time, sizeof(time));
}

bool time_is(s32 seconds, u32 nanoseconds)
{
	struct timespec time;

	get(&time, TIME, sizeof(time));
	return time.seconds == seconds && time.nanoseconds == nanoseconds;
}
