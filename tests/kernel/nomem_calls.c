/* SPDX-License-Identifier: MIT */
/*
 * No memory for calls on objects of System V, timers, signals, segments, other address spaces, and
 * for tables that are no longer shared (call_steps.h).
 */
#include "abi/linux/errno.h"
#include "abi/linux/ldt.h"
#include "abi/linux/msg.h"
#include "abi/linux/sched.h"
#include "abi/linux/sem.h"
#include "abi/linux/uio.h"
#include "abi/linux/unistd.h"
#include "kernel/process/fs_struct.h"
#include "kernel/signal/signal.h"
#include "kernel/task/ldt.h"
#include "kernel/task/sched.h"
#include "kernel/time/process_timers.h"
#include "tests/kernel/call_steps.h"

/* --- Objects of System V, timers, segments --- */

static s32 set_id, queue_id, segment_id, timer_id, values_done;

static s32 make_set(void)
{
	return set_id = call(NR_semget, IPC_PRIVATE, 3, 0600, 0);
}

static s32 raise_value(void)
{
	const struct sembuf operation = { 1, 5, SEM_UNDO };

	return call(NR_semtimedop_time64, (u32)set_id, call_put(&operation, sizeof(operation)), 1,
		    0);
}

static s32 read_values(void)
{
	return values_done = call(NR_semctl, (u32)set_id, 0, GETALL, CALL_BYTES);
}

static s32 make_queue(void)
{
	return queue_id = call(NR_msgget, IPC_PRIVATE, 0600, 0, 0);
}

static s32 send_message(void)
{
	const u32 message[] = { 1, 2, 3 };

	return call(NR_msgsnd, (u32)queue_id, call_put(message, sizeof(message)), 8, 0);
}

static s32 copy_message(void)
{
	return call_five(NR_msgrcv, (u32)queue_id, CALL_BYTES, 8, 0, MSG_COPY | IPC_NOWAIT);
}

static s32 make_segment(void)
{
	return segment_id = call(NR_shmget, IPC_PRIVATE, PAGE_SIZE, 0600, 0);
}

static s32 make_timer(void)
{
	s32 err = call(NR_timer_create, 1, 0, CALL_BYTES, 0);

	return timer_id = err;
}

static s32 set_alarm(void)
{
	const u32 times[4] = { 0, 0, 1000, 0 };

	return call(NR_setitimer, ITIMER_REAL, call_put(times, sizeof(times)), 0, 0);
}

static s32 queue_signal(void)
{
	struct siginfo info = { .signo = SIGRTMIN, .code = SI_QUEUE };
	u8 whole[128] = { 0 };

	memcpy(whole, &info, sizeof(info));
	return call(NR_rt_sigqueueinfo, (u32)current->pid, SIGRTMIN, call_put(whole, sizeof(whole)),
		    0);
}

static s32 set_segment(void)
{
	const struct user_desc desc = { 3, 0x1000, 7, DESC_32BIT };

	return call(NR_modify_ldt, 1, call_put(&desc, sizeof(desc)), sizeof(desc), 0);
}

static s32 peek(void)
{
	const struct iovec part = { CALL_BYTES + 64, 4 };
	return call_five(NR_process_vm_readv, (u32)current->pid, call_put(&part, sizeof(part)), 1,
			 CALL_BYTES, 1);
}

static const struct call_step object_steps[] = {
	{ make_set, -ENOMEM },	   { raise_value, -ENOMEM },  { read_values, -ENOMEM },
	{ make_queue, -ENOMEM },   { send_message, -ENOMEM }, { copy_message, -ENOMEM },
	{ make_segment, -ENOMEM }, { queue_signal, -EAGAIN }, { set_segment, -ENOMEM },
	{ peek, -ENOMEM },
};

/* The first one needs memory for all timers of the process. */
static const struct call_step alarm_steps[] = { { set_alarm, -ENOMEM } };
static const struct call_step timer_steps[] = { { make_timer, -EAGAIN } };

static void remove_objects(void)
{
	call(NR_semctl, (u32)set_id, 0, IPC_RMID, 0);
	call(NR_msgctl, (u32)queue_id, IPC_RMID, 0, 0);
	call(NR_shmctl, (u32)segment_id, IPC_RMID, 0, 0);
	set_id = queue_id = segment_id = -1;
	signal_flush(current->group, &current->group->pending, ~0ull);
	signal_flush(current->group, &current->pending, ~0ull);
	ldt_free(current->group);
	process_timers_free(current->group);
}

static void objects(void)
{
	static const struct call_list list = {
		.steps = object_steps,
		.count = ARRAY_SIZE(object_steps),
		.least = 20,
		.undo = remove_objects,
	};

	call_list_run(&list);
}

static void alarms(void)
{
	static const struct call_list list = { alarm_steps, 1, 2, .undo = remove_objects };

	call_list_run(&list);
}

static void timers(void)
{
	static const struct call_list list = { timer_steps, 1, 2, .undo = remove_objects };

	call_list_run(&list);
}

/* --- Tables that are no longer shared --- */

static struct files_struct *shared_files;
static struct fs_struct *shared_fs;

static s32 leave_files(void)
{
	s32 err = call(NR_unshare, CLONE_FILES, 0, 0, 0);

	EXPECT((current->files != shared_files) == !err);
	return err;
}

static s32 leave_folders(void)
{
	s32 err = call(NR_unshare, CLONE_FS, 0, 0, 0);

	EXPECT((current->fs != shared_fs) == !err);
	return err;
}

static s32 close_own(void)
{
	s32 err;

	files_put(current->files);
	current->files = shared_files;
	files_get(shared_files);
	err = call(NR_close_range, 5, 9, 2, 0);
	EXPECT((current->files != shared_files) == !err);
	return err;
}

static const struct call_step share_steps[] = {
	{ leave_files, -ENOMEM },
	{ leave_folders, -ENOMEM },
	{ close_own, -ENOMEM },
};

static bool share(void)
{
	shared_files = current->files;
	shared_fs = current->fs;
	files_get(shared_files);
	shared_fs->count++;
	return true;
}

static void end_sharing(void)
{
	files_put(current->files);
	current->files = shared_files;
	fs_leave(current);
	current->fs = shared_fs;
}
static void sharing(void)
{
	static const struct call_list list = {
		.steps = share_steps,
		.count = ARRAY_SIZE(share_steps),
		.least = 5,
		.files = true,
		.begin = share,
		.undo = end_sharing,
	};

	call_list_run(&list);
}

static const struct test_case cases[] = {
	{ "objects", objects },
	{ "alarms", alarms },
	{ "timers", timers },
	{ "sharing", sharing },
};

TEST_SUITE(nomem_calls, cases);
