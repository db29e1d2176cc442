/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc about the machine: sums and orders that hold on each, and what system calls
 * say of the same. procfs.c has those about processes.
 */
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"

static void machine_memory(void)
{
	const char *text = file_text("/proc/meminfo");
	u32 total = field_in(text, "MemTotal");

	EXPECT(total && field_in(text, "MemFree") <= total);
	EXPECT(field_in(text, "MemAvailable") <= total);
	EXPECT(field_in(text, "SwapFree") <= field_in(text, "SwapTotal"));
	EXPECT_EQ(field_in(text, "Active"),
		  field_in(text, "Active(anon)") + field_in(text, "Active(file)"));
	EXPECT_EQ(field_in(text, "Inactive"),
		  field_in(text, "Inactive(anon)") + field_in(text, "Inactive(file)"));
	EXPECT(field_in(text, "Cached") >= field_in(text, "Shmem"));
	EXPECT(field_in(text, "Slab") && field_in(text, "PageTables"));
	EXPECT(field_in(text, "CommitLimit") && field_in(text, "Committed_AS"));
}

static void zones(void)
{
	static const char *const words[] = { "pages free ", "min ", "low ", "high " };
	const char *line = file_text("/proc/zoneinfo");
	u32 count = 0, marks[ARRAY_SIZE(words)], found = 0;

	EXPECT(text_begins(line, "Node 0, zone "));
	for (; line; line = next_line(line)) {
		count += text_begins(line, "Node ");
		while (*line == ' ')
			line++;
		if (found < ARRAY_SIZE(words) && text_begins(line, words[found])) {
			const char *number = line + strlen(words[found]);

			while (*number == ' ')
				number++;
			marks[found++] = string_to_number(number);
		}
	}
	EXPECT(count >= 2 && found == ARRAY_SIZE(words));
	EXPECT(marks[1] <= marks[2] && marks[2] <= marks[3]);
	EXPECT(string_to_number(file_text("/proc/sys/vm/min_free_kbytes")) > 0);
}

/* What it drops is of the machine: not for a test that also runs elsewhere. */
static void caches(void)
{
	EXPECT_EQ(file_write_text("/proc/sys/vm/drop_caches", "0"), -EINVAL);
	EXPECT_EQ(file_write_text("/proc/sys/vm/drop_caches", "x"), -EINVAL);
	/* Its mode is for the super-user too. */
	EXPECT_EQ(sys_open("/proc/sys/vm/drop_caches", O_RDONLY), -EACCES);
	EXPECT_EQ(sys_open("/proc/sys/vm/drop_caches", O_RDWR), -EACCES);
	EXPECT_EQ(sys_open("/proc/sys/kernel/ostype", O_WRONLY), -EACCES);
}

static void resources(void)
{
	u32 ram = 0, before = 0;

	for (const char *line = file_text("/proc/iomem"); line && *line; line = next_line(line)) {
		if (*line == ' ')
			continue; /* a part of the line above */
		if (line[8] != '-')
			break; /* above 4 GiB */
		EXPECT(number_in(line, 16) >= before);
		before = number_in(line + 9, 16);
		ram += text_begins(line + 17, " : System RAM");
	}
	EXPECT(ram);
}

/* Word `number`, counted from 1, of a line. */
static const char *word_of(const char *line, u32 number)
{
	for (;;) {
		while (*line == ' ')
			line++;
		if (!--number)
			return line;
		while (*line && *line != ' ' && *line != '\n')
			line++;
	}
}

static void segments(void)
{
	long id = sys_shmget(IPC_PRIVATE, 2 * PAGE_SIZE + 1, IPC_CREAT | 0640);
	const char *line;
	u32 address = 0, pid = (u32)sys_getpid();

	EXPECT_EQ(sys_shmat((int)id, 0, 0, &address), 0);
	*(volatile u8 *)address = 1;
	line = file_text("/proc/sysvipc/shm");
	EXPECT(text_begins(word_of(line, 1), "key "));
	line = next_line(line);
	while (line && string_to_number(word_of(line, 2)) != (u32)id)
		line = next_line(line);
	if (EXPECT(line)) {
		EXPECT_EQ(number_in(word_of(line, 3), 8), 0640);
		EXPECT_EQ(string_to_number(word_of(line, 4)), 2 * PAGE_SIZE + 1);
		EXPECT_EQ(string_to_number(word_of(line, 5)), pid);
		EXPECT_EQ(string_to_number(word_of(line, 6)), pid);
		EXPECT_EQ(string_to_number(word_of(line, 7)), 1);
		EXPECT_EQ(string_to_number(word_of(line, 15)) + string_to_number(word_of(line, 16)),
			  PAGE_SIZE);
	}
	EXPECT_EQ(sys_shmdt(address), 0);
	EXPECT_EQ(sys_shmctl((int)id, IPC_RMID, NULL), 0);
}

static void mounts(void)
{
	const char *proc = NULL, *dev;
	struct stat64 stat;

	for (const char *line = file_text("/proc/self/mountinfo"); line && *line;
	     line = next_line(line))
		if (text_begins(word_of(line, 5), "/proc "))
			proc = line;
	if (!EXPECT(proc))
		return;
	EXPECT_EQ(sys_stat64("/proc", &stat), 0);
	dev = word_of(proc, 3);
	EXPECT_EQ(string_to_number(dev), stat.dev >> 8);
	while (*dev++ != ':')
		;
	EXPECT_EQ(string_to_number(dev), stat.dev & 0xff);
}

static const struct tap_case cases[] = {
	{ "meminfo's sums", machine_memory },
	{ "zoneinfo", zones },
	{ "drop_caches", caches },
	{ "iomem", resources },
	{ "sysvipc/shm", segments },
	{ "mountinfo", mounts },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
