/* SPDX-License-Identifier: MIT */
/*
 * What /proc says of the memory of a process: its files agree with each other and with the system
 * calls. Only relations are compared, because the numbers of two kernels differ.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE   (PROT_READ | PROT_WRITE)
#define KIB_PER_PAGE (PAGE_SIZE / 1024)

static u32 resident_by_statm(void)
{
	const char *word = file_text("/proc/self/statm");

	while (*word && *word++ != ' ')
		;
	return number_in(word, 10) * KIB_PER_PAGE;
}

static u32 size_by_stat(void)
{
	return string_to_number(stat_word(file_text("/proc/self/stat"), 23)) / 1024;
}

static void compare_sizes(bool compared)
{
	const char *status = file_text("/proc/self/status");
	u32 size = field_in(status, "VmSize"), resident = field_in(status, "VmRSS");

	EXPECT(field_in(status, "VmPeak") >= size);
	EXPECT(field_in(status, "VmHWM") >= resident);
	EXPECT(resident && resident < size);
	EXPECT(field_in(status, "VmData") + field_in(status, "VmStk") <= size);
	EXPECT(field_in(status, "VmExe") && field_in(status, "VmStk") && field_in(status, "VmPTE"));
	EXPECT_EQ(field_in(status, "VmLck"), 0);
	EXPECT(resident_by_statm() == resident || !compared);
	EXPECT_EQ(number_in(file_text("/proc/self/statm"), 10) * KIB_PER_PAGE, size);
	EXPECT_EQ(size_by_stat(), size);
}

/* The second time all pages that it needs are there, and none comes between two files. */
static void sizes(void)
{
	compare_sizes(false);
	compare_sizes(true);
}

static void peaks(void)
{
	u32 before = field_in(file_text("/proc/self/status"), "VmSize");
	u8 *area = memory_map(256, READ_WRITE);

	memory_fill(area, 256, 1);
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "VmSize"), before + 1024);
	memory_unmap(area, 256);
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "VmSize"), before);
	EXPECT(field_in(file_text("/proc/self/status"), "VmPeak") >= before + 1024);
	EXPECT(field_in(file_text("/proc/self/status"), "VmHWM") >=
	       field_in(file_text("/proc/self/status"), "VmRSS") + 900);
}

static void areas(void)
{
	u32 sum = 0, stacks = 0;
	const char *line = file_text("/proc/self/maps");

	while (line && *line) {
		const char *end = next_line(line), *name = line;

		sum += (number_in(line + 9, 16) - number_in(line, 16)) / 1024;
		while (name < end && *name != '[')
			name++;
		stacks += name < end && text_begins(name, "[stack]");
		line = end;
	}
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "VmSize"), sum);
	EXPECT_EQ(stacks, 1);
}

static u32 sum_of(const char *name)
{
	u32 sum = 0;

	for (const char *line = file_text("/proc/self/smaps"); line; line = next_line(line))
		if (text_begins(line, name) && line[strlen(name)] == ':')
			sum += field_in(line, name);
	return sum;
}

/* All sums but those of parts of pages. */
static void rollup(void)
{
	static const char *const names[] = { "Rss", "Private_Dirty", "Anonymous", "Swap" };
	static u32 sums[ARRAY_SIZE(names)];

	for (u32 turn = 0; turn < 2; turn++)
		for (u32 i = 0; i < ARRAY_SIZE(names); i++)
			sums[i] = sum_of(names[i]);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(field_in(file_text("/proc/self/smaps_rollup"), names[i]), sums[i]);
	EXPECT(sums[0] >= sums[2] && sums[2]);
}

/* --- Memory of others --- */

static void is_read(void *argument)
{
	struct gate *gates = argument;

	gate_open_by_child(&gates[0]);
	gate_wait(&gates[1]);
	EXPECT_EQ(((u8 *)FIXED_PLACE)[PAGE_SIZE - 1], 77);
	EXPECT_EQ(((u8 *)FIXED_PLACE)[PAGE_SIZE], 78);
}

static void memory_of_another(void)
{
	u8 *area = memory_map_at(FIXED_PLACE, 2, READ_WRITE), bytes[4];
	struct gate gates[2];
	int pid, fd;

	gate_create(&gates[0]);
	gate_create(&gates[1]);
	memory_fill(area, 2, 5);
	pid = process_start(is_read, gates);
	gate_join(&gates[0]);
	fd = (int)sys_open(proc_path(pid, "/mem"), O_RDWR);
	EXPECT_EQ(sys_pread64(fd, bytes, 4, FIXED_PLACE + PAGE_SIZE - 2), 4);
	EXPECT(!memcmp(bytes, area + PAGE_SIZE - 2, 4));
	EXPECT_EQ(sys_pwrite64(fd, "MN", 2, FIXED_PLACE + PAGE_SIZE - 1), 2);
	EXPECT_EQ(sys_pread64(fd, bytes, 4, FIXED_PLACE + 2 * PAGE_SIZE), -EIO);
	EXPECT_EQ(sys_pread64(fd, bytes, 4, FIXED_PLACE + 2 * PAGE_SIZE - 2), 2);
	EXPECT_EQ(sys_pread64(fd, (void *)16, 4, FIXED_PLACE), -EFAULT);
	EXPECT_EQ(sys_pwrite64(fd, bytes, 4, 16), -EIO);
	EXPECT_EQ(sys_pread64(fd, bytes, 0, 16), 0);
	EXPECT(memory_check(area, 2, 5)); /* the parent's own copy */
	gate_open(&gates[1]);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(sys_pread64(fd, bytes, 4, FIXED_PLACE), 0);
	sys_close(fd);
	memory_unmap(area, 2);
}

static const struct tap_case cases[] = {
	{ "status, stat and statm agree", sizes },
	{ "peaks", peaks },
	{ "the areas' sizes are VmSize", areas },
	{ "smaps_rollup", rollup },
	{ "mem", memory_of_another },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
