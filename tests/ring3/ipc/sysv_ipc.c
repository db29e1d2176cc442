/* SPDX-License-Identifier: MIT */
/* System V semaphores and message queues, through call 117, ipc. The cases leave none. */
#include "abi/linux/msg.h"
#include "abi/linux/sem.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define OTHER_USER 1234u

static long ipc(u32 call, u32 first, u32 second, u32 third, const volatile void *place, u32 fifth)
{
	return system_call(NR_ipc, call, first, second, third, (u32)place, fifth);
}

static long sem_get(u32 key, u32 count, u32 flags)
{
	return ipc(SEMGET, key, count, flags, NULL, 0);
}

static long sem_control(int id, u32 number, u32 command, u32 argument)
{
	return ipc(SEMCTL, (u32)id, number, command | IPC_64, &argument, 0);
}

static long sem_op(int id, const struct sembuf *operations, u32 count)
{
	return ipc(SEMOP, (u32)id, count, 0, operations, 0);
}

static long one_op(int id, u16 number, s16 op, s16 flags)
{
	struct sembuf operation = { number, op, flags };

	return sem_op(id, &operation, 1);
}

static int new_set(u32 count)
{
	long id = sem_get(IPC_PRIVATE, count, 0600);

	if (id < 0)
		tap_bail_out("semget failed");
	return (int)id;
}

static void remove_set(int id)
{
	EXPECT_EQ(sem_control(id, 0, IPC_RMID, 0), 0);
}

static u32 own_key(void)
{
	return 0x50580000u + (u32)sys_getpid();
}

static void sem_keys(void)
{
	long id = sem_get(own_key(), 3, IPC_CREAT | IPC_EXCL | 0640);
	struct semid64 state;

	EXPECT(id >= 0);
	EXPECT_EQ(sem_get(own_key(), 2, 0), id);
	EXPECT_EQ(sem_get(own_key(), 4, 0), -EINVAL);
	EXPECT_EQ(sem_get(own_key(), 3, IPC_CREAT | IPC_EXCL), -EEXIST);
	EXPECT_EQ(sem_get(own_key() + 1, 3, 0), -ENOENT);
	EXPECT_EQ(sem_get(IPC_PRIVATE, 0, 0600), -EINVAL);
	EXPECT_EQ(sem_get(IPC_PRIVATE, UINT32_MAX, 0600), -EINVAL);
	EXPECT_EQ(sem_control((int)id, 0, IPC_STAT, (u32)&state), 0);
	EXPECT(state.count == 3 && state.perm.key == own_key() && state.perm.mode == 0640);
	EXPECT(!state.otime && state.ctime);
	remove_set((int)id);
	EXPECT_EQ(sem_control((int)id, 0, GETVAL, 0), -EINVAL);
	EXPECT_EQ(one_op((int)id, 0, 1, 0), -EINVAL);
}

static void sem_values(void)
{
	u16 values[3] = { 7, 8, 32767 }, read[3] = { 0 };
	int id = new_set(3);

	EXPECT_EQ(sem_control(id, 0, SETALL, (u32)values), 0);
	EXPECT_EQ(sem_control(id, 0, GETALL, (u32)read), 0);
	EXPECT(read[0] == 7 && read[1] == 8 && read[2] == 32767);
	values[1] = 32768;
	EXPECT_EQ(sem_control(id, 0, SETALL, (u32)values), -ERANGE);
	EXPECT_EQ(sem_control(id, 1, GETVAL, 0), 8);
	EXPECT_EQ(sem_control(id, 1, SETVAL, 5), 0);
	EXPECT_EQ(sem_control(id, 1, GETVAL, 0), 5);
	EXPECT_EQ(sem_control(id, 1, GETPID, 0), sys_getpid());
	EXPECT_EQ(sem_control(id, 3, GETVAL, 0), -EINVAL);
	EXPECT_EQ(sem_control(id, 0, SETVAL, 32768), -ERANGE);
	EXPECT_EQ(sem_control(id, 0, SETVAL, UINT32_MAX), -ERANGE);
	EXPECT_EQ(sem_control(id, 0, 99, 0), -EINVAL);
	EXPECT_EQ(sem_control(id, 0, GETALL, 4), -EFAULT);
	EXPECT_EQ(one_op(id, 2, 1, 0), -ERANGE);
	remove_set(id);
}

/* All operations of a call are done, or none is. */
static void sem_all_or_none(void)
{
	const struct sembuf operations[] = { { 0, 5, 0 }, { 1, -1, IPC_NOWAIT }, { 0, 1, 0 } };
	const struct sembuf zero[] = { { 0, 0, IPC_NOWAIT }, { 0, 2, 0 } };
	int id = new_set(2);

	EXPECT_EQ(sem_op(id, operations, 3), -EAGAIN);
	EXPECT_EQ(sem_control(id, 0, GETVAL, 0), 0);
	EXPECT_EQ(sem_op(id, zero, 2), 0);
	EXPECT_EQ(sem_op(id, zero, 2), -EAGAIN);
	EXPECT_EQ(sem_control(id, 1, SETVAL, 1), 0);
	EXPECT_EQ(sem_op(id, operations, 3), 0);
	EXPECT_EQ(sem_control(id, 0, GETVAL, 0), 8);
	EXPECT_EQ(sem_control(id, 1, GETVAL, 0), 0);
	EXPECT_EQ(one_op(id, 2, 1, 0), -EFBIG);
	EXPECT_EQ(sem_op(id, operations, 0), -EINVAL);
	EXPECT_EQ(sem_op(id, operations, 501), -E2BIG);
	EXPECT_EQ(sem_op(id, (void *)4, 1), -EFAULT);
	EXPECT_EQ(sem_op(-1, (void *)4, 1), -EFAULT);
	EXPECT_EQ(sem_op(-1, operations, 1), -EINVAL);
	remove_set(id);
}

static void takes_two(void *argument)
{
	int id = *(int *)argument;

	sys_exit(one_op(id, 0, -2, 0) ? 1 : 3);
}

static void wait_until(int id, u32 number, u32 command, long value)
{
	while (sem_control(id, number, command, 0) != value)
		sys_sched_yield();
}

static void sem_sleep(void)
{
	const struct timespec soon = { 0, 20000000 };
	struct sembuf down = { 0, -9, 0 };
	int id = new_set(1), pid;

	pid = process_start(takes_two, &id);
	wait_until(id, 0, GETNCNT, 1);
	EXPECT_EQ(one_op(id, 0, 1, 0), 0);
	EXPECT_EQ(sem_control(id, 0, GETNCNT, 0), 1);
	EXPECT_EQ(one_op(id, 0, 2, 0), 0);
	EXPECT_EQ(process_wait(pid), EXITED(3));
	EXPECT_EQ(sem_control(id, 0, GETVAL, 0), 1);
	EXPECT_EQ(sem_control(id, 0, GETPID, 0), pid);
	EXPECT_EQ(sem_control(id, 0, GETNCNT, 0), 0);
	EXPECT_EQ(ipc(SEMTIMEDOP, (u32)id, 1, 0, &down, (u32)&soon), -EAGAIN);
	remove_set(id);
}

static void waits_for_zero(void *argument)
{
	long result = one_op(*(int *)argument, 0, 0, 0);

	sys_exit(result == -EIDRM ? 4 : result == -EINTR ? 5 : 6);
}

static void nothing(int signal)
{
	(void)signal;
}

/* Removal and a handler end a sleep; SA_RESTART or not. */
static void sem_interrupted(void)
{
	int id = new_set(1), pid;

	EXPECT_EQ(sem_control(id, 0, SETVAL, 1), 0);
	handler_set(SIGUSR1, nothing, SA_RESTART, 0);
	pid = process_start(waits_for_zero, &id);
	wait_until(id, 0, GETZCNT, 1);
	EXPECT_EQ(sys_kill(pid, SIGUSR1), 0);
	EXPECT_EQ(process_wait(pid), EXITED(5));
	EXPECT_EQ(sem_control(id, 0, GETZCNT, 0), 0);
	pid = process_start(waits_for_zero, &id);
	wait_until(id, 0, GETZCNT, 1);
	remove_set(id);
	EXPECT_EQ(process_wait(pid), EXITED(4));
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void leaves_undone(void *argument)
{
	int id = *(int *)argument;

	EXPECT_EQ(one_op(id, 0, -3, SEM_UNDO), 0);
	EXPECT_EQ(one_op(id, 0, -1, 0), 0);
	EXPECT_EQ(one_op(id, 1, 4, SEM_UNDO), 0);
	EXPECT_EQ(sem_control(id, 1, SETVAL, 9), 0);
}

static void sem_undo(void)
{
	int id = new_set(2);

	EXPECT_EQ(sem_control(id, 0, SETVAL, 10), 0);
	EXPECT_CHILD(leaves_undone, &id, EXITED(0));
	/* SETVAL forgets what would be undone. */
	EXPECT_EQ(sem_control(id, 0, GETVAL, 0), 9);
	EXPECT_EQ(sem_control(id, 1, GETVAL, 0), 9);
	remove_set(id);
}

/* --- Messages --- */

struct text_message {
	s32 type;
	char text[16];
};

static long msg_get(u32 key, u32 flags)
{
	return ipc(MSGGET, key, flags, 0, NULL, 0);
}

static long msg_send(int id, s32 type, const char *text, u32 flags)
{
	struct text_message message = { .type = type };
	u32 bytes = 0;

	while (text[bytes])
		bytes++;
	memcpy(message.text, text, bytes);
	return ipc(MSGSND, (u32)id, bytes, flags, &message, 0);
}

/* Receives; the number of bytes, and the first letter times 1000. */
static long msg_receive(int id, s32 type, u32 bytes, u32 flags)
{
	struct text_message message = { .type = 0 };
	long result = ipc(MSGRCV | 1 << 16, (u32)id, bytes, flags, &message, (u32)type);

	return result < 0 ? result : result + message.text[0] * 1000;
}

#define IPC_INDEXES 32768 /* id = sequence * this + index */

static int new_queue(void)
{
	long id = msg_get(IPC_PRIVATE, 0600);

	if (id < 0)
		tap_bail_out("msgget failed");
	return (int)id;
}

static void remove_queue(int id)
{
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_RMID | IPC_64, 0, NULL, 0), 0);
}

/* Ids of queues that were removed are unknown: their indexes are used later, in turn. */
static void ids_in_turn(void)
{
	int first = new_queue(), second;

	remove_queue(first);
	second = new_queue();
	EXPECT(first % IPC_INDEXES != second % IPC_INDEXES);
	EXPECT_EQ(ipc(MSGCTL, (u32)first, IPC_RMID | IPC_64, 0, NULL, 0), -EINVAL);
	remove_queue(second);
}

static void msg_types(void)
{
	int id = new_queue();

	EXPECT_EQ(msg_send(id, 3, "c", 0), 0);
	EXPECT_EQ(msg_send(id, 1, "aa", 0), 0);
	EXPECT_EQ(msg_send(id, 2, "bbb", 0), 0);
	EXPECT_EQ(msg_send(id, 3, "dddd", 0), 0);
	EXPECT_EQ(msg_receive(id, 4, 16, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(msg_receive(id, 0, 16, IPC_NOWAIT | MSG_EXCEPT), 'c' * 1000 + 1);
	EXPECT_EQ(msg_receive(id, 3, 16, IPC_NOWAIT | MSG_EXCEPT), 'a' * 1000 + 2);
	EXPECT_EQ(msg_send(id, 1, "e", 0), 0);
	EXPECT_EQ(msg_receive(id, -2, 16, IPC_NOWAIT), 'e' * 1000 + 1);
	EXPECT_EQ(msg_receive(id, -2, 2, IPC_NOWAIT), -E2BIG);
	EXPECT_EQ(msg_receive(id, -2, 2, IPC_NOWAIT | MSG_NOERROR), 'b' * 1000 + 2);
	EXPECT_EQ(msg_receive(id, -2, 2, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(msg_receive(id, 3, 16, 0), 'd' * 1000 + 4);
	EXPECT_EQ(msg_send(id, 0, "x", 0), -EINVAL);
	EXPECT_EQ(msg_send(-1, 1, "x", 0), -EINVAL);
	EXPECT_EQ(ipc(MSGSND, (u32)id, 8193, 0, (void *)&id, 0), -EINVAL);
	EXPECT_EQ(ipc(MSGSND, (u32)id, 1, 0, (void *)4, 0), -EFAULT);
	remove_queue(id);
	EXPECT_EQ(msg_send(id, 1, "x", 0), -EINVAL);
	EXPECT_EQ(msg_receive(id, 1, 16, 0), -EINVAL);
}

static void msg_full(void)
{
	struct msqid64 state;
	int id = new_queue();

	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_STAT | IPC_64, 0, &state, 0), 0);
	EXPECT(state.most == 16384 && !state.bytes && !state.count && !state.stime);
	state.most = 5;
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_SET | IPC_64, 0, &state, 0), 0);
	EXPECT_EQ(msg_send(id, 1, "abc", IPC_NOWAIT), 0);
	EXPECT_EQ(msg_send(id, 1, "abc", IPC_NOWAIT), -EAGAIN);
	EXPECT_EQ(msg_send(id, 1, "de", IPC_NOWAIT), 0);
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_STAT | IPC_64, 0, &state, 0), 0);
	EXPECT(state.bytes == 5 && state.count == 2 && state.lspid == sys_getpid());
	EXPECT_EQ(ipc(MSGCTL, (u32)id, 99 | IPC_64, 0, &state, 0), -EINVAL);
	remove_queue(id);
}

static void receives(void *argument)
{
	long result = msg_receive(*(int *)argument, 2, 16, 0);

	sys_exit(result == -EIDRM ? 4 : result == 'z' * 1000 + 1 ? 5 : 6);
}

static void let_it_sleep(void)
{
	const struct timespec time = { 0, 30000000 };

	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
}

static void msg_sleep(void)
{
	int id = new_queue(), pid = process_start(receives, &id);

	let_it_sleep();
	EXPECT_EQ(msg_send(id, 1, "y", 0), 0);
	EXPECT_EQ(msg_send(id, 2, "z", 0), 0);
	EXPECT_EQ(process_wait(pid), EXITED(5));
	pid = process_start(receives, &id);
	let_it_sleep();
	remove_queue(id);
	EXPECT_EQ(process_wait(pid), EXITED(4));
}

static int shared_set, shared_queue;

static void become_another_user(void)
{
	EXPECT_EQ(system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresgid32, OTHER_USER, OTHER_USER, OTHER_USER, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresuid32, OTHER_USER, OTHER_USER, OTHER_USER, 0, 0, 0), 0);
}

/* The owner sets what it likes, but only the super-user has larger queues than others. */
static void of_its_own(void *argument)
{
	struct msqid64 state;
	int id;

	(void)argument;
	become_another_user();
	id = new_queue();
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_STAT | IPC_64, 0, &state, 0), 0);
	state.perm.mode = 0640;
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_SET | IPC_64, 0, &state, 0), 0);
	++state.most;
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_SET | IPC_64, 0, &state, 0), -EPERM);
	EXPECT_EQ(ipc(MSGCTL, (u32)id, IPC_STAT | IPC_64, 0, &state, 0), 0);
	EXPECT(state.perm.mode == 0640 && state.most == 16384);
	remove_queue(id);
}

static void as_another_user(void *argument)
{
	struct msqid64 state;

	(void)argument;
	become_another_user();
	EXPECT_EQ(sem_control(shared_set, 0, GETVAL, 0), 0);
	EXPECT_EQ(sem_control(shared_set, 0, SETVAL, 1), -EACCES);
	EXPECT_EQ(one_op(shared_set, 0, 1, 0), -EACCES);
	EXPECT_EQ(one_op(shared_set, 0, 0, 0), 0);
	EXPECT_EQ(sem_control(shared_set, 0, IPC_RMID, 0), -EPERM);
	EXPECT_EQ(msg_send(shared_queue, 1, "x", 0), -EACCES);
	EXPECT_EQ(msg_receive(shared_queue, 0, 16, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(ipc(MSGCTL, (u32)shared_queue, IPC_STAT | IPC_64, 0, &state, 0), 0);
	EXPECT_EQ(ipc(MSGCTL, (u32)shared_queue, IPC_SET | IPC_64, 0, &state, 0), -EPERM);
	EXPECT_EQ(ipc(MSGCTL, (u32)shared_queue, IPC_RMID | IPC_64, 0, NULL, 0), -EPERM);
}

static void permissions(void)
{
	shared_set = (int)sem_get(IPC_PRIVATE, 1, 0604);
	shared_queue = (int)msg_get(IPC_PRIVATE, 0604);
	EXPECT_CHILD(as_another_user, NULL, EXITED(0));
	EXPECT_CHILD(of_its_own, NULL, EXITED(0));
	remove_set(shared_set);
	remove_queue(shared_queue);
}

/*
 * Does a line of the file have this id in its second column? On a machine with many objects it is
 * read in parts.
 */
static bool lists(const char *path, int id)
{
	static char text[4096];
	long fd = sys_open(path, O_RDONLY), length;
	u32 column = 0, number = 0;
	bool in_number = false, found = false;

	while (fd >= 0 && (length = sys_read((int)fd, text, sizeof(text))) > 0) {
		for (long i = 0; i < length; i++) {
			bool digit = text[i] >= '0' && text[i] <= '9';

			if (in_number && !digit && ++column == 2 && number == (u32)id)
				found = true;
			number = digit ? number * 10 + (u32)(text[i] - '0') : 0;
			in_number = digit;
			if (text[i] == '\n')
				column = 0;
		}
	}
	sys_close((int)fd);
	return found;
}

/* Two objects want the highest index: the second gets another one. Linux's settings stay. */
static void wanted_ids(void)
{
	struct stat64 stat;
	int sets[2];
	bool wanted = !sys_stat64("/proc/frames", &stat);

	for (u32 i = 0; i < 2; i++) {
		int fd = wanted ? (int)sys_open("/proc/sys/kernel/sem_next_id", O_WRONLY) : -1;

		if (wanted) {
			EXPECT_EQ(sys_write(fd, "32767", 5), 5);
			EXPECT_EQ(sys_close(fd), 0);
		}
		sets[i] = new_set(1);
	}
	EXPECT(!wanted || sets[0] == 32767);
	EXPECT(sets[0] != sets[1]);
	remove_set(sets[1]);
	remove_set(sets[0]);
}

static void in_proc(void)
{
	int set = new_set(1), queue = new_queue();

	EXPECT(lists("/proc/sysvipc/sem", set));
	EXPECT(lists("/proc/sysvipc/msg", queue));
	remove_set(set);
	remove_queue(queue);
	EXPECT(!lists("/proc/sysvipc/sem", set));
	EXPECT(!lists("/proc/sysvipc/msg", queue));
}

static const struct tap_case cases[] = {
	{ "semaphores: keys", sem_keys },
	{ "semaphores: values", sem_values },
	{ "semaphores: all operations or none", sem_all_or_none },
	{ "semaphores: sleeping until a value grows", sem_sleep },
	{ "semaphores: removal and signals end a sleep", sem_interrupted },
	{ "semaphores: SEM_UNDO", sem_undo },
	{ "ids in turn", ids_in_turn },
	{ "messages: types", msg_types },
	{ "messages: a full queue", msg_full },
	{ "messages: sleeping until one comes", msg_sleep },
	{ "permissions", permissions },
	{ "the highest index", wanted_ids },
	{ "/proc/sysvipc", in_proc },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
