/* SPDX-License-Identifier: MIT */
/*
 * System V objects by their own calls, not by ipc(): what is in use, the objects by their index,
 * and what each call refuses. On Linux other programs may have objects too: totals are compared
 * with those before, again if they have changed meanwhile.
 */
#include "abi/linux/msg.h"
#include "abi/linux/sem.h"
#include "abi/linux/shm.h"
#include "abi/linux/time.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"

#define BAD   16
#define NO_ID 0x7fffffff
#define TRIES 50

static u32 info[64], before[64];
static u8 state[256];

static long call(int number, long a, long b, long c, long d, long e)
{
	return system_call(number, a, b, c, d, e, 0);
}

/* The four kinds of calls, of one kind of object. */
struct kind {
	int control; /* with the buffer as its last argument */
	u32 stat, info, stat_any;
	bool has_number; /* semctl(): the buffer comes one argument later */
};

static const struct kind messages = { NR_msgctl, MSG_STAT, MSG_INFO, MSG_STAT_ANY, false };
static const struct kind semaphores = { NR_semctl, SEM_STAT, SEM_INFO, SEM_STAT_ANY, true };
static const struct kind segments = { NR_shmctl, SHM_STAT, SHM_INFO, SHM_STAT_ANY, false };

static long control(const struct kind *kind, int id, u32 command, void *place)
{
	return kind->has_number ? call(kind->control, id, 0, (long)command, (long)place, 0)
				: call(kind->control, id, (long)command, (long)place, 0, 0);
}

/* The object's index, and that none is beyond the highest. -1: it is not found. */
static int index_of(const struct kind *kind, int id)
{
	long highest = control(kind, 0, kind->info, info);

	EXPECT(highest >= 0);
	for (long i = 0; i <= highest; i++)
		if (control(kind, (int)i, kind->stat, state) == id)
			return (int)i;
	return -1;
}

static void as_another_user(void *argument)
{
	const struct kind *kind = argument;
	int index = (int)info[63];

	EXPECT_EQ(call(NR_setresgid32, 1234, 1234, 1234, 0, 0), 0);
	EXPECT_EQ(call(NR_setresuid32, 1234, 1234, 1234, 0, 0), 0);
	EXPECT_EQ(control(kind, index, kind->stat, state), -EACCES);
	EXPECT_EQ(control(kind, index, kind->stat_any, state), info[62]);
}

/* By its index; then what all commands refuse. */
static void by_index(const struct kind *kind, int id)
{
	struct ipc64_perm *perm = (void *)state;
	int index = index_of(kind, id);

	EXPECT(index >= 0);
	memset(state, 0x55, sizeof(state));
	EXPECT_EQ(control(kind, index, kind->stat_any, state), id);
	EXPECT_EQ(perm->mode & 0777, 0600);
	EXPECT_EQ(perm->uid, 0);
	info[63] = (u32)index;
	info[62] = (u32)id;
	EXPECT_CHILD(as_another_user, (void *)kind, EXITED(0));
	EXPECT_EQ(control(kind, index, kind->stat, (void *)BAD), -EFAULT);
	EXPECT_EQ(control(kind, 32760, kind->stat, state), -EINVAL);
	EXPECT_EQ(control(kind, 0, kind->info, (void *)BAD), -EFAULT);
	EXPECT_EQ(control(kind, 0, IPC_INFO, (void *)BAD), -EFAULT);
	EXPECT_EQ(control(kind, -1, IPC_INFO, info), -EINVAL);
	EXPECT_EQ(control(kind, -1, kind->stat, state), -EINVAL);
	EXPECT_EQ(control(kind, -1, IPC_STAT, state), -EINVAL);
	EXPECT_EQ(control(kind, NO_ID, IPC_STAT, state), -EINVAL);
	EXPECT_EQ(control(kind, NO_ID, IPC_RMID, NULL), -EINVAL);
	EXPECT_EQ(control(kind, id, 77, state), -EINVAL);
	EXPECT_EQ(control(kind, id, IPC_STAT, (void *)BAD), -EFAULT);
	EXPECT_EQ(control(kind, id, IPC_SET, (void *)BAD), -EFAULT);
	memset(state, 0, sizeof(state));
	EXPECT_EQ(control(kind, NO_ID, IPC_SET, state), -EINVAL);
}

/*
 * Did `words[0..count)` of the kind's totals grow by these? Else something else has changed them.
 */
static bool grew(const struct kind *kind, const u32 *words, const u32 *by, u32 count)
{
	memcpy(before, info, sizeof(before));
	control(kind, 0, kind->info, info);
	for (u32 i = 0; i < count; i++)
		if (info[words[i]] - before[words[i]] != by[i])
			return false;
	return true;
}

/* ---- Messages ---- */

struct packet {
	s32 type;
	char text[24];
};

static long put(int queue, s32 type, u32 bytes, int flags)
{
	struct packet packet = { .type = type, .text = "abcdefghijklmnopqrstuvw" };

	return call(NR_msgsnd, queue, (long)&packet, (long)bytes, flags, 0);
}

static long take(int queue, struct packet *packet, u32 bytes, s32 type, u32 flags)
{
	return call(NR_msgrcv, queue, (long)packet, (long)bytes, type, (long)flags);
}

static int new_queue(void)
{
	return (int)call(NR_msgget, IPC_PRIVATE, 0600, 0, 0, 0);
}

static void message_totals(void)
{
	static const u32 words[] = { 0, 1, 6 }; /* queues, messages, bytes */
	int queue = 0;
	bool good = false;

	EXPECT(control(&messages, 0, IPC_INFO, info) >= 0);
	EXPECT(info[2] == 8192 && info[3] == 16384 && info[5] == 16);
	EXPECT((info[7] & 0xffff) == 0xffff);
	for (u32 i = 0; i < TRIES && !good; i++) {
		control(&messages, 0, MSG_INFO, info);
		queue = new_queue();
		EXPECT_EQ(put(queue, 1, 10, 0), 0);
		EXPECT_EQ(put(queue, 2, 5, 0), 0);
		good = grew(&messages, words, (u32[]){ 1, 2, 15 }, 3);
		if (!good)
			EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
	}
	EXPECT(good);
	by_index(&messages, queue);
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), -EINVAL);
}

static void message_keys(void)
{
	long key = 0x51000000 + sys_getpid();
	int queue = (int)call(NR_msgget, key, IPC_CREAT | 0640, 0, 0, 0);

	EXPECT(queue >= 0);
	EXPECT_EQ(call(NR_msgget, key, 0600, 0, 0, 0), queue);
	EXPECT_EQ(call(NR_msgget, key, IPC_CREAT | 0600, 0, 0, 0), queue);
	EXPECT_EQ(call(NR_msgget, key, IPC_EXCL, 0, 0, 0), queue);
	EXPECT_EQ(call(NR_msgget, key, IPC_CREAT | IPC_EXCL, 0, 0, 0), -EEXIST);
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
	EXPECT_EQ(call(NR_msgget, key, 0600, 0, 0, 0), -ENOENT);
}

static void bad_messages(void)
{
	struct packet packet;
	int queue = new_queue();

	EXPECT_EQ(put(queue, 0, 1, 0), -EINVAL);
	EXPECT_EQ(put(queue, -1, 1, 0), -EINVAL);
	EXPECT_EQ(put(queue, 1, 8193, 0), -EINVAL);
	EXPECT_EQ(put(queue, 1, -1u, 0), -EINVAL);
	EXPECT_EQ(put(NO_ID, 1, 1, 0), -EINVAL);
	EXPECT_EQ(put(-1, 1, 1, 0), -EINVAL);
	EXPECT_EQ(call(NR_msgsnd, queue, BAD, 1, 0, 0), -EFAULT);
	EXPECT_EQ(take(queue, &packet, 24, 0, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(take(queue, &packet, -1u, 0, IPC_NOWAIT), -EINVAL);
	EXPECT_EQ(take(-1, &packet, 24, 0, IPC_NOWAIT), -EINVAL);
	EXPECT_EQ(take(NO_ID, &packet, 24, 0, IPC_NOWAIT), -EINVAL);
	EXPECT_EQ(put(queue, 3, 10, 0), 0);
	EXPECT_EQ(take(queue, &packet, 9, 0, IPC_NOWAIT), -E2BIG);
	EXPECT_EQ(take(queue, (void *)BAD, 24, 0, 0), -EFAULT); /* the message is lost */
	EXPECT_EQ(take(queue, &packet, 24, 0, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(put(queue, 3, 10, 0), 0);
	EXPECT_EQ(take(queue, &packet, 4, 0, MSG_NOERROR), 4);
	EXPECT(packet.type == 3 && !memcmp(packet.text, "abcd", 4));
	EXPECT_EQ(put(queue, 3, 0, 0), 0);
	EXPECT_EQ(take(queue, &packet, 0, 0, 0), 0);
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
}

/* MSG_COPY: the argument is the place in the queue, and the message stays. */
static void message_copies(void)
{
	struct packet packet;
	int queue = new_queue();

	for (int i = 1; i <= 3; i++)
		EXPECT_EQ(put(queue, i, (u32)i, 0), 0);
	EXPECT_EQ(take(queue, &packet, 24, 1, MSG_COPY), -EINVAL);
	EXPECT_EQ(take(queue, &packet, 24, 1, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT), -EINVAL);
	for (int i = 2; i >= 0; i--) {
		EXPECT_EQ(take(queue, &packet, 24, i, MSG_COPY | IPC_NOWAIT), i + 1);
		EXPECT_EQ(packet.type, i + 1);
	}
	EXPECT_EQ(take(queue, &packet, 24, 3, MSG_COPY | IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(take(queue, &packet, 1, 1, MSG_COPY | IPC_NOWAIT), -E2BIG);
	EXPECT_EQ(take(queue, &packet, 24, 1, MSG_EXCEPT), 2);
	EXPECT_EQ(take(queue, &packet, 24, 0, 0), 1);
	EXPECT_EQ(take(queue, &packet, 24, 0, 0), 3);
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
}

/* ipc() with version 0 has address and type of msgrcv() in memory. */
static void older_receive(void)
{
	struct packet packet;
	long place[2] = { (long)&packet, 0 };
	int queue = new_queue();

	EXPECT_EQ(put(queue, 5, 3, 0), 0);
	EXPECT_EQ(system_call(NR_ipc, MSGRCV, queue, 24, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_ipc, MSGRCV, queue, 24, 0, BAD, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_ipc, MSGRCV, queue, 24, 0, (long)place, 0), 3);
	EXPECT_EQ(packet.type, 5);
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
}

/* ---- Semaphores ---- */

static int new_set(u32 count)
{
	return (int)call(NR_semget, IPC_PRIVATE, (long)count, 0600, 0, 0);
}

/* semop() has no number of its own on the i386. */
static long operate(int set, u16 number, s16 op, s16 flags)
{
	struct sembuf operation = { number, op, flags };

	return call(NR_semtimedop_time64, set, (long)&operation, 1, 0, 0);
}

static long semaphore(int set, u32 number, u32 command, long argument)
{
	return call(NR_semctl, set, (long)number, (long)command, argument, 0);
}

static void semaphore_totals(void)
{
	static const u32 words[] = { 7, 9 }; /* sets, semaphores */
	int set = 0;
	bool good = false;

	EXPECT(control(&semaphores, 0, IPC_INFO, info) >= 0);
	EXPECT(info[5] == 500 && info[8] == 32767);
	EXPECT_EQ(info[9], 32767);
	for (u32 i = 0; i < TRIES && !good; i++) {
		control(&semaphores, 0, SEM_INFO, info);
		set = new_set(3);
		good = grew(&semaphores, words, (u32[]){ 1, 3 }, 2);
		if (!good)
			EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), 0);
	}
	EXPECT(good);
	by_index(&semaphores, set);
	EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), 0);
	EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), -EINVAL);
}

static void semaphore_values(void)
{
	u16 values[3] = { 1, 2, 32767 }, got[3];
	int set = new_set(3);

	EXPECT_EQ(semaphore(set, 0, SETALL, (long)values), 0);
	EXPECT_EQ(semaphore(set, 0, GETALL, (long)got), 0);
	EXPECT(!memcmp(values, got, sizeof(got)));
	EXPECT_EQ(semaphore(set, 0, SETALL, BAD), -EFAULT);
	EXPECT_EQ(semaphore(set, 0, GETALL, BAD), -EFAULT);
	values[1] = 32768;
	EXPECT_EQ(semaphore(set, 0, SETALL, (long)values), -ERANGE);
	EXPECT_EQ(semaphore(set, 1, GETVAL, 0), 2);
	EXPECT_EQ(semaphore(set, 3, GETVAL, 0), -EINVAL);
	EXPECT_EQ(semaphore(set, 3, SETVAL, 1), -EINVAL);
	EXPECT_EQ(semaphore(set, 0, SETVAL, 32768), -ERANGE);
	EXPECT_EQ(semaphore(set, 0, SETVAL, -1), -ERANGE);
	EXPECT_EQ(operate(set, 2, 1, 0), -ERANGE);
	EXPECT_EQ(operate(set, 3, 1, 0), -EFBIG);
	EXPECT_EQ(operate(set, 1, -3, IPC_NOWAIT), -EAGAIN);
	EXPECT_EQ(operate(set, 1, 0, IPC_NOWAIT), -EAGAIN);
	EXPECT_EQ(operate(set, 1, -2, IPC_NOWAIT), 0);
	EXPECT_EQ(operate(set, 1, 0, IPC_NOWAIT), 0);
	EXPECT_EQ(semaphore(set, 1, GETPID, 0), sys_getpid());
	EXPECT_EQ(operate(NO_ID, 0, 1, 0), -EINVAL);
	EXPECT_EQ(call(NR_semtimedop_time64, set, BAD, 1, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_semtimedop_time64, set, BAD, 0, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_semtimedop_time64, set, BAD, 501, 0, 0), -E2BIG);
	EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), 0);
}

static const struct timespec64 soon = { .nanoseconds = 1000000 },
			       wrong = { .nanoseconds = 1000000000 };

static void semaphore_time(void)
{
	struct sembuf operation = { 0, -1, 0 };
	int set = new_set(1);

	EXPECT_EQ(call(NR_semtimedop_time64, set, (long)&operation, 1, (long)&soon, 0), -EAGAIN);
	EXPECT_EQ(call(NR_semtimedop_time64, set, (long)&operation, 1, (long)&wrong, 0), -EINVAL);
	EXPECT_EQ(call(NR_semtimedop_time64, set, (long)&operation, 1, BAD, 0), -EFAULT);
	EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), 0);
}

/*
 * What a process would undo at its end is limited, undone with its call, and ends with the set.
 */
static void undone(void)
{
	struct sembuf both[2] = { { 0, 5, SEM_UNDO }, { 1, -1, IPC_NOWAIT } };
	int set = new_set(2);

	EXPECT_EQ(call(NR_semtimedop_time64, set, (long)both, 2, 0, 0), -EAGAIN);
	EXPECT_EQ(semaphore(set, 0, GETVAL, 0), 0);
	EXPECT_EQ(operate(set, 0, 32767, SEM_UNDO), 0);
	EXPECT_EQ(operate(set, 0, -32767, 0), 0);
	EXPECT_EQ(operate(set, 0, 1, SEM_UNDO), 0);
	EXPECT_EQ(operate(set, 0, 1, SEM_UNDO), -ERANGE);
	EXPECT_EQ(semaphore(set, 0, GETVAL, 0), 1);
	EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), 0);
}

static void semaphore_keys(void)
{
	long key = 0x52000000 + sys_getpid();
	int set = (int)call(NR_semget, key, 2, IPC_CREAT | 0600, 0, 0);

	EXPECT(set >= 0);
	EXPECT_EQ(call(NR_semget, key, 2, 0600, 0, 0), set);
	EXPECT_EQ(call(NR_semget, key, 0, 0600, 0, 0), set);
	EXPECT_EQ(call(NR_semget, key, 3, 0600, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_semget, key, 2, IPC_CREAT | IPC_EXCL, 0, 0), -EEXIST);
	EXPECT_EQ(semaphore(set, 0, IPC_RMID, 0), 0);
	EXPECT_EQ(call(NR_semget, key, 2, 0600, 0, 0), -ENOENT);
	EXPECT_EQ(call(NR_semget, IPC_PRIVATE, 0, 0600, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_semget, IPC_PRIVATE, -1, 0600, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_semget, IPC_PRIVATE, 32001, 0600, 0, 0), -EINVAL);
}

/* ---- Segments ---- */

static void segment_totals(void)
{
	static const u32 words[] = { 0, 1, 2 }; /* segments, pages, resident pages */
	int id = 0;
	bool good = false;

	EXPECT(control(&segments, 0, IPC_INFO, info) >= 0);
	EXPECT(info[1] == 1 && info[2] == 4096 && info[3] == 4096);
	for (u32 i = 0; i < TRIES && !good; i++) {
		u8 *place;

		control(&segments, 0, SHM_INFO, info);
		id = (int)call(NR_shmget, IPC_PRIVATE, 3 * PAGE_SIZE - 5, 0600, 0, 0);
		place = (u8 *)call(NR_shmat, id, 0, 0, 0, 0);
		place[PAGE_SIZE] = 1;
		good = grew(&segments, words, (u32[]){ 1, 3, 1 }, 3);
		EXPECT_EQ(call(NR_shmdt, (long)place, 0, 0, 0, 0), 0);
		if (!good)
			EXPECT_EQ(control(&segments, id, IPC_RMID, NULL), 0);
	}
	EXPECT(good);
	by_index(&segments, id);
	EXPECT_EQ(control(&segments, id, IPC_RMID, NULL), 0);
	EXPECT_EQ(control(&segments, id, IPC_RMID, NULL), -EINVAL);
}

/* ---- Times ---- */

static u32 seconds_now(void)
{
	return (u32)call(NR_time, 0, 0, 0, 0, 0);
}

static const struct msqid64 *queue_state(int id)
{
	EXPECT_EQ(control(&messages, id, IPC_STAT, state), 0);
	return (void *)state;
}

static const struct semid64 *set_state(int id)
{
	EXPECT_EQ(control(&semaphores, id, IPC_STAT, state), 0);
	return (void *)state;
}

static const struct shmid64 *segment_state(int id)
{
	EXPECT_EQ(control(&segments, id, IPC_STAT, state), 0);
	return (void *)state;
}

/* Which times each call sets, a second after the objects were made. */
static void times(void)
{
	const struct timespec64 second = { .seconds = 1, .nanoseconds = 10000000 };
	int queue = new_queue(), set = new_set(1), second_set = new_set(1), third_set = new_set(1);
	u16 value = 1;
	int id = (int)call(NR_shmget, IPC_PRIVATE, PAGE_SIZE, 0600, 0, 0);
	u32 made = seconds_now();
	struct packet packet;
	long place;

	EXPECT(queue_state(queue)->ctime - made + 1 <= 1);
	EXPECT(!queue_state(queue)->stime && !queue_state(queue)->rtime);
	EXPECT(set_state(set)->ctime - made + 1 <= 1 && !set_state(set)->otime);
	EXPECT(segment_state(id)->ctime - made + 1 <= 1);
	EXPECT(!segment_state(id)->atime && !segment_state(id)->dtime);
	EXPECT_EQ(call(NR_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, (long)&second, 0, 0), 0);
	EXPECT_EQ(put(queue, 1, 1, 0), 0);
	EXPECT(queue_state(queue)->stime > made && !queue_state(queue)->rtime);
	EXPECT(queue_state(queue)->ctime <= made);
	EXPECT_EQ(take(queue, &packet, 24, 0, 0), 1);
	EXPECT(queue_state(queue)->rtime > made);
	EXPECT_EQ(control(&messages, queue, IPC_SET, (void *)queue_state(queue)), 0);
	EXPECT(queue_state(queue)->ctime > made);
	EXPECT_EQ(queue_state(queue)->lspid, sys_getpid());
	EXPECT_EQ(queue_state(queue)->lrpid, sys_getpid());
	EXPECT_EQ(operate(set, 0, 1, 0), 0);
	EXPECT(set_state(set)->otime > made && set_state(set)->ctime <= made);
	EXPECT_EQ(semaphore(set, 0, SETVAL, 3), 0);
	EXPECT(set_state(set)->ctime > made);
	EXPECT_EQ(semaphore(second_set, 0, SETALL, (long)&value), 0);
	EXPECT(set_state(second_set)->ctime > made);
	EXPECT_EQ(semaphore(third_set, 0, IPC_SET, (long)set_state(third_set)), 0);
	EXPECT(set_state(third_set)->ctime > made);
	EXPECT_EQ(semaphore(second_set, 0, IPC_RMID, 0), 0);
	EXPECT_EQ(semaphore(third_set, 0, IPC_RMID, 0), 0);
	place = call(NR_shmat, id, 0, 0, 0, 0);
	EXPECT(segment_state(id)->atime > made && !segment_state(id)->dtime);
	EXPECT_EQ(segment_state(id)->attached, 1);
	EXPECT_EQ(call(NR_shmdt, place, 0, 0, 0, 0), 0);
	EXPECT(segment_state(id)->dtime > made && segment_state(id)->ctime <= made);
	EXPECT_EQ(control(&segments, id, IPC_SET, (void *)segment_state(id)), 0);
	EXPECT(segment_state(id)->ctime > made);
	EXPECT_EQ(segment_state(id)->lpid, sys_getpid());
	EXPECT_EQ(control(&messages, queue, IPC_RMID, NULL), 0);
	EXPECT_EQ(control(&semaphores, set, IPC_RMID, NULL), 0);
	EXPECT_EQ(control(&segments, id, IPC_RMID, NULL), 0);
}

static const struct tap_case cases[] = {
	{ "messages: totals and objects by index", message_totals },
	{ "messages: keys", message_keys },
	{ "messages: bad calls", bad_messages },
	{ "messages: copies", message_copies },
	{ "messages: receiving by the older form", older_receive },
	{ "semaphores: totals and objects by index", semaphore_totals },
	{ "semaphores: keys", semaphore_keys },
	{ "semaphores: values", semaphore_values },
	{ "semaphores: a time limit", semaphore_time },
	{ "semaphores: what is undone", undone },
	{ "segments: totals and objects by index", segment_totals },
	{ "times", times },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
