/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out: the process that holds most of it ends by SIGKILL, and no other. Only on a
 * machine with little memory: to fill gigabytes takes minutes in an emulator.
 */
#include "abi/linux/sysinfo.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define OWN	   64u	 /* pages of the parent */
#define PART	   1024u /* pages that a child maps at once */

static bool too_much_to_fill(void)
{
	struct sysinfo m;
	u64 all;

	EXPECT_EQ(system_call(NR_sysinfo, (long)&m, 0, 0, 0, 0, 0), 0);
	all = ((u64)m.free_ram + m.free_swap) * m.unit;
	if (all > MiB(600))
		tap_line("# more than 600 MiB: not tried");
	return all > MiB(600);
}

static void hold_all(void *argument)
{
	(void)argument;
	for (;;) {
		u8 *part = memory_map(PART, READ_WRITE);

		for (u32 page = 0; page < PART; page++)
			part[page * PAGE_SIZE] = (u8)page | 1;
	}
}

/* The victim does not ask for memory itself: it waits, and holds most of it. */
static void hold_half(void *argument)
{
	const struct gate *gate = argument;
	u32 parts = 0;
	u8 *part;

	(void)gate;
	for (; parts < 8; parts++) {
		part = memory_map(PART, READ_WRITE);
		for (u32 page = 0; page < PART; page++)
			part[page * PAGE_SIZE] = 1;
	}
	gate_wait(gate);
}

static void a_child_holds_all(void)
{
	u8 *own = memory_map(OWN, READ_WRITE);

	if (too_much_to_fill())
		return;
	memory_fill(own, OWN, 1);
	for (u32 round = 0; round < 3; round++) {
		EXPECT_CHILD(hold_all, NULL, KILLED(SIGKILL));
		EXPECT(memory_check(own, OWN, 1));
	}
	memory_unmap(own, OWN);
}

/* Both children end: the one that asks becomes the largest at last. */
static void beside_another(void)
{
	struct gate gate;
	int waits, status;

	if (too_much_to_fill())
		return;
	gate_create(&gate);
	waits = process_start(hold_half, &gate);
	EXPECT_CHILD(hold_all, NULL, KILLED(SIGKILL));
	gate_open(&gate);
	status = process_wait(waits);
	EXPECT(status == EXITED(0) || status == KILLED(SIGKILL));
}

/* Children that all ask: some end, at least one does not have to. */
static void many(void)
{
	int pids[6];

	if (too_much_to_fill())
		return;
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = process_start(hold_all, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(process_wait(pids[i]), KILLED(SIGKILL));
}

static const struct tap_case cases[] = {
	{ "a child holds all memory", a_child_holds_all },
	{ "beside another large process", beside_another },
	{ "many children at once", many },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
