/* SPDX-License-Identifier: MIT */
/*
 * Runs programs of system calls and prints every result, on Linux and on Pagewright: what differs
 * is a bug (tools/call-programs).
 *
 *	conductor --fork--> slots 0, 1, 2 --fork, clone--> slots 3 to 7
 *	     \------- STATE: one operation at a time ------/
 *
 * The calls of one program come one after the other, from several processes, and the output does
 * not depend on the clock: after each call the conductor waits until all processes rest. A
 * process that sleeps inside a call is printed as blocked, and its result where it comes. Rest is
 * what /proc/PID/stat says; a task that another one wakes is R there from that moment on.
 *
 *	call_programs [FILE FOLDER]	/call-programs, /dev/shm/calls
 *	call_programs SLOT		(argument 0: the state's path) after an execve of a program
 */
#include "tests/fuzz/call_worker.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/job_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define READ_WRITE	 (PROT_READ | PROT_WRITE)
#define SPINS		 200u
#define PATIENCE_SECONDS 5
#define DEPTH		 4u /* of folders in a program's */
#define SUBREAPER	 36 /* prctl() */
#define DUMPABLE	 4

static char folder[40] = "/dev/shm/calls";
static const u8 *programs;
static u32 programs_size;
static bool known_blocked[SLOTS];
static u32 pending_index[SLOTS];
static bool created[OPERATIONS]; /* the operation creates a process */

/* --- output, a line at a time --- */

static char output[4096];
static u32 output_length;

static void flush(void)
{
	for (u32 done = 0; done < output_length;) {
		long wrote = sys_write(1, output + done, output_length - done);

		if (wrote <= 0)
			break;
		done += (u32)wrote;
	}
	output_length = 0;
}

static void put(const char *text)
{
	while (*text && output_length < sizeof(output))
		output[output_length++] = *text++;
}

static void put_number(long value)
{
	struct text text;

	text_clear(&text);
	text_add_decimal(&text, value);
	put(text.data);
}

static void put_bytes(const u8 *bytes, u32 length)
{
	for (u32 i = 0; i < length; i++) {
		char pair[3] = { "0123456789abcdef"[bytes[i] >> 4],
				 "0123456789abcdef"[bytes[i] & 15], 0 };

		put(pair);
	}
}

static void end_line(void)
{
	put("\n");
	if (output_length > sizeof(output) / 8)
		flush();
}

/* --- the state of processes --- */

/* The letter of /proc/PID/task/TID/stat, or X where there is none. */
static char letter(const struct slot *slot)
{
	char data[128];
	struct text path;
	long length;
	int file;

	text_clear(&path);
	text_add(&path, "/proc/");
	text_add_decimal(&path, slot->tgid);
	text_add(&path, "/task/");
	text_add_decimal(&path, slot->tid);
	text_add(&path, "/stat");
	file = (int)sys_open(path.data, O_RDONLY);
	length = file < 0 ? 0 : sys_read(file, data, sizeof(data));
	if (file >= 0)
		sys_close(file);
	for (long i = 0; i + 2 < length; i++)
		if (data[i] == ')')
			return data[i + 2];
	return 'X';
}

static bool is_dead(const struct slot *slot)
{
	char now = letter(slot);

	return now == 'X' || now == 'Z';
}

static bool may_wait_deep(const struct slot *slot)
{
	const struct operation *order = (const void *)slot->order;

	return order->call == NR_vfork || order->call == NR_clone || order->call == NR_clone3;
}

static bool rests(const struct slot *slot)
{
	const struct operation *order = (const void *)slot->order;
	char now = slot->turn == SLOT_NONE ? 'X' : letter(slot);

	if (now == 'X' || now == 'Z' || now == 'T' || now == 't')
		return true;
	if (slot->turn == SLOT_BUSY && order->flags & OPERATION_TIMED)
		return false;
	return now == 'S' || (now == 'D' && slot->turn == SLOT_BUSY && may_wait_deep(slot));
}

static bool all_rest(void)
{
	for (u32 i = 0; i < SLOTS; i++)
		if (!rests(&calls_state->slots[i]))
			return false;
	return true;
}

static void nap(void)
{
	struct timespec time = { 0, 200000 };

	sys_nanosleep(&time, NULL);
}

/* Waits until all processes rest, seen twice. Returns false after a while. */
static bool settle(void)
{
	struct timespec start, now;
	u32 spins = 0, seen = 0;

	sys_clock_gettime(CLOCK_MONOTONIC, &start);
	while (seen < 2) {
		sys_sched_yield();
		seen = all_rest() ? seen + 1 : 0;
		if (!seen && ++spins > SPINS) {
			nap();
			sys_clock_gettime(CLOCK_MONOTONIC, &now);
			if (now.seconds - start.seconds > PATIENCE_SECONDS)
				return false;
		}
	}
	return true;
}

/* --- results --- */

static void print_signals(u32 number)
{
	struct slot *slot = &calls_state->slots[number];

	if (!slot->signals)
		return;
	put("# signals ");
	put_number((long)number);
	for (u32 i = 0; i < slot->signals; i++) {
		put(" ");
		put_number(slot->signal[i]);
	}
	slot->signals = 0;
	end_line();
}

static void print_result(u32 number)
{
	struct slot *slot = &calls_state->slots[number];

	put("# ");
	put_number((long)pending_index[number]);
	put(" = ");
	put_number(slot->result);
	if (slot->shown)
		put(" ");
	put_bytes(slot->bytes, slot->shown);
	end_line();
}

static void print_state(u32 number, const char *word)
{
	put("# ");
	put_number((long)pending_index[number]);
	put(word);
	end_line();
}

/* What happened to the slots since the last call. `busy`: they have a call without an end. */
static void print_news(bool *busy, bool *dead)
{
	for (u32 i = 0; i < SLOTS; i++) {
		struct slot *slot = &calls_state->slots[i];

		if (slot->turn == SLOT_NONE || dead[i])
			continue;
		print_signals(i);
		if (busy[i] && slot->turn == SLOT_IDLE) {
			print_result(i);
			busy[i] = known_blocked[i] = false;
		}
		if (is_dead(slot)) {
			put("# dead ");
			put_number((long)i);
			end_line();
			dead[i] = true;
		} else if (busy[i] && !known_blocked[i]) {
			print_state(i, letter(slot) == 'T' ? " stopped" : " blocked");
			known_blocked[i] = true;
		}
	}
}

/* --- one program --- */

static const u8 *next_operation(const struct operation *order)
{
	const struct link *links = (const void *)(order + 1);
	const struct show *shows = (const void *)(links + order->links);

	return (const u8 *)(shows + order->shows) + (order->bytes + 3u) / 4 * 4;
}

static bool creates(const struct operation *order)
{
	return order->call == NR_fork || may_wait_deep(&calls_state->slots[order->slot]);
}

/* A child that the parent knows may not have run yet. */
static void await_child(const struct operation *order)
{
	struct slot *parent = &calls_state->slots[order->slot];
	struct slot *child = &calls_state->slots[order->child];

	for (u32 i = 0; child->turn == SLOT_NONE && i < 20 * SPINS; i++) {
		if (parent->turn == SLOT_IDLE && parent->result <= 0)
			return;
		sys_sched_yield();
		if (i > SPINS)
			nap();
	}
}

static bool run_operation(const struct operation *order, bool *busy, bool *dead)
{
	struct slot *slot = &calls_state->slots[order->slot];
	u32 number = order->slot;

	if (slot->turn != SLOT_IDLE || dead[number] || letter(slot) == 'T' ||
	    (creates(order) && calls_state->slots[order->child].turn != SLOT_NONE))
		return true;
	memcpy(slot->order, order, (u32)(next_operation(order) - (const u8 *)order));
	pending_index[number] = order->index;
	busy[number] = true;
	word_set((volatile int *)&slot->turn, SLOT_BUSY);
	for (u32 spins = 0; slot->turn == SLOT_BUSY && spins < SPINS / 4; spins++)
		sys_sched_yield();
	if (creates(order)) {
		await_child(order);
		created[order->index] = calls_state->results[order->index] > 0;
	}
	if (!settle()) {
		print_state(number, " does not rest");
		return false;
	}
	print_news(busy, dead);
	return true;
}

static void lower_limits(void)
{
	static const struct {
		int resource;
		u32 value;
	} limits[] = { { 0, 3600 },    { 1, 1 << 20 }, { 2, 1 << 28 }, { 3, 8 << 20 },
		       { 4, 0 },       { 5, 1 << 30 }, { 6, 3000 },    { 7, 40 },
		       { 8, 65536 },   { 9, 1 << 30 }, { 10, 1000 },   { 11, 32 },
		       { 12, 819200 }, { 13, 0 },      { 14, 0 },      { 15, 1000000 } };

	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		u32 limit[2] = { limits[i].value, limits[i].value };

		system_call(NR_setrlimit, limits[i].resource, (long)limit, 0, 0, 0, 0);
	}
}

/* A process of a program: it inherits the same, whoever started the conductor. */
static void start_worker(void *argument)
{
	u32 number = *(u32 *)argument;
	const int *user = (const int *)programs + 1;

	for (int i = 0; i < 3; i++)
		sys_close(i);
	for (int i = 0; i < 3; i++)
		sys_open("/dev/null", O_RDWR);
	system_call(NR_setpgid, 0, number ? calls_state->slots[0].tid : 0, 0, 0, 0, 0);
	lower_limits();
	if (system_call(NR_getuid32, 0, 0, 0, 0, 0, 0) == 0) {
		system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0);
		system_call(NR_setresgid32, user[1], user[1], user[1], 0, 0, 0);
		system_call(NR_setresuid32, user[0], user[0], user[0], 0, 0, 0);
		system_call(NR_prctl, DUMPABLE, 1, 0, 0, 0, 0);
	}
	worker_start(number);
}

/* What makes an object of System V: the call itself, or the first argument of ipc(2). */
static u32 object_call(const struct operation *order)
{
	static const u16 by_ipc[][2] = { { 2, NR_semget }, { 13, NR_msgget }, { 23, NR_shmget } };

	if (order->call != NR_ipc)
		return order->call;
	for (u32 i = 0; i < ARRAY_SIZE(by_ipc); i++)
		if (order->arguments[0] == by_ipc[i][0])
			return by_ipc[i][1];
	return 0;
}

/* They would stay on the machine that runs this. */
static void remove_objects(const u8 *at, u32 operations)
{
	for (u32 i = 0; i < operations; i++) {
		const struct operation *order = (const void *)at;
		u32 call = object_call(order);
		int id = calls_state->results[order->index];

		if (call == NR_shmget && id >= 0)
			system_call(NR_shmctl, id, 0, 0, 0, 0, 0);
		if (call == NR_msgget && id >= 0)
			system_call(NR_msgctl, id, 0, 0, 0, 0, 0);
		if (call == NR_semget && id >= 0)
			system_call(NR_semctl, id, 0, 0, 0, 0, 0);
		at = next_operation(order);
	}
}

static void remove_tree(const char *path, u32 depth);

/*
 * Removes an entry of a folder. Returns false for the two that are the folder and the one above.
 */
static bool remove_entry(const char *folder_path, const u8 *entry, u32 depth)
{
	const char *last = (const char *)entry + 19;
	struct text name;

	if (!strcmp(last, ".") || !strcmp(last, ".."))
		return false;
	text_clear(&name);
	text_add(&name, folder_path);
	text_add(&name, "/");
	text_add(&name, last);
	if (entry[18] == 4)
		remove_tree(name.data, depth + 1);
	else
		sys_unlink(name.data);
	return true;
}

static void remove_tree(const char *path, u32 depth)
{
	static u8 entries[DEPTH][2048];
	bool more = true;
	int file = (int)sys_open(path, O_RDONLY);

	while (depth < DEPTH && more) {
		long length = system_call(NR_getdents64, file, (long)entries[depth],
					  sizeof(entries[0]), 0, 0, 0);

		more = false;
		for (const u8 *entry = entries[depth]; entry < entries[depth] + length;
		     entry += *(const u16 *)(entry + 16))
			more |= remove_entry(path, entry, depth);
		system_call(NR_lseek, file, 0, 0, 0, 0, 0);
	}
	if (file >= 0)
		sys_close(file);
	system_call(NR_rmdir, (long)path, 0, 0, 0, 0, 0);
}

/* Kills and reaps until there is no child any more; orphans are children too. */
static void kill_all(void)
{
	int status;
	long pid;

	for (u32 rounds = 0; rounds < 20 * SPINS; rounds++) {
		for (u32 i = 0; i < SLOTS; i++)
			if (calls_state->slots[i].turn != SLOT_NONE)
				sys_kill(calls_state->slots[i].tgid, SIGKILL);
		for (u32 i = 0; i < OPERATIONS; i++)
			if (created[i])
				sys_kill(calls_state->results[i], SIGKILL);
		while ((pid = sys_waitpid(-1, &status, WNOHANG)) > 0)
			;
		if (pid < 0)
			return;
		sys_sched_yield();
		if (rounds > 4)
			nap();
	}
	put("# left over\n");
}

static void run_program(u32 number, const u8 *at, u32 operations)
{
	bool busy[SLOTS] = { false }, dead[SLOTS] = { false };
	const u8 *first = at;
	struct text place;

	put("# program ");
	put_number((long)number);
	memset(calls_state, 0, __builtin_offsetof(struct state, home));
	memset(known_blocked, 0, sizeof(known_blocked));
	memset(created, 0, sizeof(created));
	text_clear(&place);
	text_add(&place, folder);
	text_add(&place, "/work");
	system_call(NR_mkdir, (long)place.data, 0777, 0, 0, 0, 0);
	system_call(NR_chmod, (long)place.data, 0777, 0, 0, 0, 0);
	sys_chdir(place.data);
	sys_mmap2(ARENA + SHARED_PAGE * PAGE_SIZE, (ARENA_PAGES - SHARED_PAGE) * PAGE_SIZE,
		  READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	for (u32 i = 0; i < STARTED; i++) {
		struct slot *slot = &calls_state->slots[i];

		slot->tid = slot->tgid = process_start(start_worker, &i);
		while (slot->turn != SLOT_IDLE)
			sys_sched_yield();
		put(" ");
		put_number(slot->tid);
	}
	end_line();
	if (!settle())
		put("# no start\n");
	for (u32 i = 0; i < operations; i++, at = next_operation((const void *)at))
		if (!run_operation((const void *)at, busy, dead))
			break;
	kill_all();
	remove_objects(first, operations);
	sys_chdir(folder);
	remove_tree(place.data, 0);
	flush();
}

static void run_programs(void)
{
	const u32 *head = (const void *)programs;
	const u8 *at = (const void *)(head + 3);

	for (u32 i = 0; i < *head; i++) {
		const u32 *program = (const void *)at;
		const u8 *first = at + 8;

		at = first;
		for (u32 j = 0; j < program[1]; j++)
			at = next_operation((const void *)at);
		run_program(program[0], first, program[1]);
	}
}

static const struct tap_case cases[] = {
	{ "programs of system calls", run_programs },
};

static bool read_programs(const char *path)
{
	int file = (int)sys_open(path, O_RDONLY);

	if (file < 0)
		return false;
	programs_size = (u32)sys_lseek(file, 0, 2);
	programs = (const void *)sys_mmap2(0, programs_size, PROT_READ, MAP_PRIVATE, file, 0);
	sys_close(file);
	return !is_error((u32)programs);
}

static bool make_state(void)
{
	struct text path;
	int file;

	system_call(NR_umask, 0, 0, 0, 0, 0, 0);
	system_call(NR_mkdir, (long)folder, 0777, 0, 0, 0, 0);
	text_clear(&path);
	text_add(&path, folder);
	text_add(&path, "/state");
	file = (int)sys_open_mode(path.data, O_RDWR | O_CREAT, 0666);
	sys_ftruncate(file, sizeof(struct state));
	sys_close(file);
	if (!state_map(path.data))
		return false;
	memcpy(calls_state->home, path.data, path.length + 1);
	system_call(NR_umask, 022, 0, 0, 0, 0, 0);
	return true;
}

int main(int argc, char **argv)
{
	int status;

	if (argc == 2 && argv[0] && argv[0][0] == '/' && state_map(argv[0]))
		worker_start(string_to_number(argv[1]) % SLOTS);
	if (!argv[0] || !argv[0][0]) /* a program's execve without arguments */
		return 2;
	if (argc == 3)
		memcpy(folder, argv[2], min(strlen(argv[2]) + 1, sizeof(folder)));
	if (!read_programs(argc == 3 ? argv[1] : "/call-programs") || !make_state())
		return 2;
	system_call(NR_prctl, SUBREAPER, 1, 0, 0, 0, 0);
	system_call(NR_setsid, 0, 0, 0, 0, 0, 0);
	status = tap_run(cases, ARRAY_SIZE(cases));
	sys_unlink(calls_state->home);
	system_call(NR_rmdir, (long)folder, 0, 0, 0, 0, 0);
	return status;
}
