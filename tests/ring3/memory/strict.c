/* SPDX-License-Identifier: MIT */
/*
 * Strict overcommit: what mmap() has promised is there, so no process ends for lack of memory,
 * however many take what they can get. The mode is the machine's, so only on Pagewright, and only
 * with little memory: to fill gigabytes takes minutes in an emulator.
 */
#include "abi/linux/sysinfo.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PART	   256u /* pages that a child maps at once */
#define MODE	   "/proc/sys/vm/overcommit_memory"

static bool is_tried(void)
{
	static struct utsname name;
	struct sysinfo m;

	EXPECT_EQ(sys_uname(&name), 0);
	EXPECT_EQ(system_call(NR_sysinfo, (long)&m, 0, 0, 0, 0, 0), 0);
	return !memcmp(name.version, "#1 Pagewright", 13) &&
	       (u64)(m.total_ram + m.total_swap) * m.unit <= MiB(400);
}

static void set_mode(const char *mode)
{
	int fd = (int)sys_open(MODE, O_WRONLY);

	EXPECT_EQ(sys_write(fd, mode, 1), 1);
	EXPECT_EQ(sys_close(fd), 0);
}

/* Private or shared memory, in turn, until there is none. Then all is written, and right. */
static void take_all(void *argument)
{
	static u32 *parts[2048];
	u32 count = 0;

	(void)argument;
	for (; count < 2048; count++) {
		int type = count % 2 ? MAP_PRIVATE : MAP_SHARED;
		u32 part = (u32)sys_mmap2(0, PART * PAGE_SIZE, READ_WRITE, type | MAP_ANONYMOUS, -1,
					  0);

		if (part >= (u32)-4095)
			break;
		parts[count] = (u32 *)part;
		for (u32 page = 0; count % 4 == 0 && page < PART; page++)
			parts[count][page * PAGE_SIZE / 4] = count + page;
		system_call(NR_sched_yield, 0, 0, 0, 0, 0, 0);
	}
	for (u32 part = 0; part < count; part++)
		for (u32 page = 0; page < PART; page++)
			parts[part][page * PAGE_SIZE / 4] = part + page;
	for (u32 part = 0; part < count; part++)
		for (u32 page = 0; page < PART; page++)
			if (!EXPECT_EQ(parts[part][page * PAGE_SIZE / 4], part + page))
				return;
}

static void none_ends(void)
{
	int pids[4];

	if (!is_tried())
		return;
	set_mode("2");
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = process_start(take_all, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
	set_mode("0");
}

static const struct tap_case cases[] = {
	{ "no process ends", none_ends },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
