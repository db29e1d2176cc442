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
 * process that sleeps inside a call is printed as blocked, and its result where it comes.
 *
 *	call_programs [FILE FOLDER]	/call-programs, /dev/shm/calls
 *	call_programs SLOT		(argument 0: the state's path) after an execve of a program
 */
#include "tests/fuzz/call_programs/leftovers.h"
#include "tests/fuzz/call_programs/lines.h"
#include "tests/fuzz/call_programs/rest.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define SPINS	   200u
#define SUBREAPER  36 /* prctl() */
#define DUMPABLE   4

static char folder[40] = "/dev/shm/calls";
static const u8 *programs;
static bool known_blocked[SLOTS];
static u32 pending_index[SLOTS];
static bool created[OPERATIONS]; /* the operation creates a process */

/* --- results --- */

static void print_signals(u32 number)
{
	struct slot *slot = &calls_state->slots[number];

	if (!slot->signals)
		return;
	line_text("# signals ");
	line_number((long)number);
	for (u32 i = 0; i < slot->signals; i++) {
		line_text(" ");
		line_number(slot->signal[i]);
	}
	slot->signals = 0;
	line_end();
}

static void print_result(u32 number)
{
	struct slot *slot = &calls_state->slots[number];

	line_text("# ");
	line_number((long)pending_index[number]);
	line_text(" = ");
	line_number(slot->result);
	if (slot->shown)
		line_text(" ");
	line_bytes(slot->bytes, slot->shown);
	line_end();
}

static void print_state(u32 number, const char *word)
{
	line_text("# ");
	line_number((long)pending_index[number]);
	line_text(word);
	line_end();
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
		if (slot_is_dead(slot)) {
			line_text("# dead ");
			line_number((long)i);
			line_end();
			dead[i] = true;
		} else if (busy[i] && !known_blocked[i]) {
			print_state(i, slot_letter(slot) == 'T' ? " stopped" : " blocked");
			known_blocked[i] = true;
		}
	}
}

/* --- one program --- */

static bool creates(const struct operation *order)
{
	return order->call == NR_fork || slot_may_wait_deep(&calls_state->slots[order->slot]);
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
			take_a_nap();
	}
}

static bool run_operation(const struct operation *order, bool *busy, bool *dead)
{
	struct slot *slot = &calls_state->slots[order->slot];
	u32 number = order->slot;

	if (slot->turn != SLOT_IDLE || dead[number] || slot_letter(slot) == 'T' ||
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
	if (!slots_settle()) {
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
		system_call(NR_setpriority, 0, 0, 0, 0, 0, 0);
		system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0);
		system_call(NR_setresgid32, user[1], user[1], user[1], 0, 0, 0);
		system_call(NR_setresuid32, user[0], user[0], user[0], 0, 0, 0);
		system_call(NR_prctl, DUMPABLE, 1, 0, 0, 0, 0);
	}
	worker_start(number);
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
			take_a_nap();
	}
	line_text("# left over\n");
}

static void run_program(u32 number, const u8 *at, u32 operations)
{
	bool busy[SLOTS] = { false }, dead[SLOTS] = { false };
	const u8 *first = at;
	struct text place;

	line_text("# program ");
	line_number((long)number);
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
		line_text(" ");
		line_number(slot->tid);
	}
	line_end();
	if (!slots_settle())
		line_text("# no start\n");
	for (u32 i = 0; i < operations; i++, at = next_operation((const void *)at))
		if (!run_operation((const void *)at, busy, dead))
			break;
	kill_all();
	remove_objects(first, operations);
	sys_chdir(folder);
	remove_tree(place.data);
	line_flush();
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
	programs = (const void *)sys_mmap2(0, (u32)sys_lseek(file, 0, 2), PROT_READ, MAP_PRIVATE,
					   file, 0);
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

	if (argc == 2) { /* an execve of a program; it may find no descriptor or no memory */
		u32 number = string_to_number(argv[1]) % SLOTS;

		if (argv[0] && argv[0][0] == '/' && state_map(argv[0]) &&
		    calls_state->slots[number].tgid == sys_getpid())
			worker_start(number);
		return 2;
	}
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
