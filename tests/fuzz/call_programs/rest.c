/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/call_programs/rest.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/time_calls.h"

#define SPINS		 200u
#define PATIENCE_SECONDS 5

char slot_letter(const struct slot *slot)
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

bool slot_is_dead(const struct slot *slot)
{
	char now = slot_letter(slot);

	return now == 'X' || now == 'Z';
}

bool slot_may_wait_deep(const struct slot *slot)
{
	const struct operation *order = (const void *)slot->order;

	return order->call == NR_vfork || order->call == NR_clone || order->call == NR_clone3;
}

static bool rests(const struct slot *slot)
{
	const struct operation *order = (const void *)slot->order;
	char now = slot->turn == SLOT_NONE ? 'X' : slot_letter(slot);

	if (now == 'X' || now == 'Z' || now == 'T' || now == 't')
		return true;
	if (slot->turn == SLOT_BUSY && order->flags & OPERATION_TIMED)
		return false;
	return now == 'S' || (now == 'D' && slot->turn == SLOT_BUSY && slot_may_wait_deep(slot));
}

static bool all_rest(void)
{
	for (u32 i = 0; i < SLOTS; i++)
		if (!rests(&calls_state->slots[i]))
			return false;
	return true;
}

void take_a_nap(void)
{
	struct timespec time = { 0, 200000 };

	sys_nanosleep(&time, NULL);
}

bool slots_settle(void)
{
	struct timespec start, now;
	u32 spins = 0, seen = 0;

	sys_clock_gettime(CLOCK_MONOTONIC, &start);
	while (seen < 2) {
		sys_sched_yield();
		seen = all_rest() ? seen + 1 : 0;
		if (!seen && ++spins > SPINS) {
			take_a_nap();
			sys_clock_gettime(CLOCK_MONOTONIC, &now);
			if (now.seconds - start.seconds > PATIENCE_SECONDS)
				return false;
		}
	}
	return true;
}
