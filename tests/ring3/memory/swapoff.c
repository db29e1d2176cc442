/* SPDX-License-Identifier: MIT */
/*
 * swapon() and swapoff(): their errors, and an area that leaves and comes back while its pages are
 * used. Where there is no area of Pagewright's own, as on Linux, only the errors are seen.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PREFER	   0x8000
#define USER	   1000
#define PART	   256u /* pages */

static long swap_on(const char *path, u32 flags)
{
	return system_call(NR_swapon, (long)path, (long)flags, 0, 0, 0, 0);
}

static long swap_off(const char *path)
{
	return system_call(NR_swapoff, (long)path, 0, 0, 0, 0, 0);
}

static void as_user(void *argument)
{
	(void)argument;
	EXPECT_EQ(system_call(NR_setuid, USER, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(swap_on("/dev/null", 0), -EPERM);
	EXPECT_EQ(swap_off("/dev/null"), -EPERM);
	EXPECT_EQ(swap_on("/dev/null", 0x80000000), -EINVAL);
}

static void errors(void)
{
	EXPECT_EQ(swap_on("/dev/null", 0x80000000), -EINVAL);
	EXPECT_EQ(swap_on("/dev/null", 0), -EINVAL);
	EXPECT_EQ(swap_off("/dev/null"), -EINVAL);
	EXPECT_EQ(swap_on("/no/such/device", 0), -ENOENT);
	EXPECT_EQ(swap_off("/no/such/device"), -ENOENT);
	EXPECT_EQ(swap_on("", 0), -ENOENT);
	EXPECT_EQ(swap_on((const char *)16, 0), -EFAULT);
	EXPECT_EQ(swap_off((const char *)16), -EFAULT);
	EXPECT_CHILD(as_user, NULL, EXITED(0));
}

static bool begins(const char *text, const char *with)
{
	return !memcmp(text, with, strlen(with));
}

static char swaps[2048];

/* /proc/swaps, without its first line. */
static char *read_swaps(void)
{
	int fd = (int)sys_open("/proc/swaps", O_RDONLY);
	long length = sys_read(fd, swaps, sizeof(swaps) - 1);
	char *line = swaps;

	EXPECT_EQ(sys_close(fd), 0);
	EXPECT(length > 0 && begins(swaps, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"));
	swaps[length > 0 ? length : 0] = '\0';
	while (*line && *line != '\n')
		line++;
	return *line ? line + 1 : line;
}

/* The path of the first area that Linux cannot have. False: there is none. */
static bool first_area(char path[64])
{
	const char *line = read_swaps();
	u32 length = 0;

	if (!begins(line, "/dev/ahci") && !begins(line, "/dev/ram0 ") &&
	    !(begins(line, "/dev/nvme") && line[10] == 'p'))
		return false;
	for (; length < 63 && line[length] != ' '; length++)
		path[length] = line[length];
	path[length] = '\0';
	return true;
}

static bool is_area(const char *path)
{
	for (const char *line = read_swaps(); *line; line++) {
		if (begins(line, path) && line[strlen(path)] == ' ')
			return true;
		while (*line && *line != '\n')
			line++;
	}
	return false;
}

/* Fills memory until so many pages are in swap, by /proc/self/pagemap's bit 62. */
static u32 count_in_swap(const u8 *area, u32 pages)
{
	int fd = (int)sys_open("/proc/self/pagemap", O_RDONLY);
	u32 count = 0;

	for (u32 i = 0; i < pages; i++) {
		u64 entry = 0;

		sys_pread64(fd, &entry, sizeof(entry), ((u32)area / PAGE_SIZE + i) * 8);
		count += entry >> 62 & 1;
	}
	EXPECT_EQ(sys_close(fd), 0);
	return count;
}

/* A few words of each page: a device in memory can then compress it. */
static void fill(u8 *part, u32 seed)
{
	for (u32 at = 0; at < PART * PAGE_SIZE; at += PAGE_SIZE / 4 + 4)
		*(u32 *)(part + at) = (at + seed) * 0x9e3779b1u;
}

static bool check(const u8 *part, u32 seed)
{
	for (u32 at = 0; at < PART * PAGE_SIZE; at += PAGE_SIZE / 4 + 4)
		if (*(const u32 *)(part + at) != (at + seed) * 0x9e3779b1u)
			return false;
	return true;
}

#define PARTS_MAX 1024u
#define IN_SWAP	  2048u /* pages */

static u8 *parts[PARTS_MAX];

static u32 fill_parts(void)
{
	u32 count = 0, in_swap = 0;

	while (count < PARTS_MAX && in_swap < IN_SWAP) {
		parts[count] = memory_map(PART, READ_WRITE);
		fill(parts[count], count + 1);
		count++;
		in_swap = 0;
		for (u32 i = 0; i < count && count % 16 == 0; i++)
			in_swap += count_in_swap(parts[i], PART);
	}
	EXPECT(in_swap >= IN_SWAP);
	return count;
}

static void check_parts(u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (!EXPECT(check(parts[i], i + 1)))
			return;
}

/* The rest is dropped, so that what is in swap fits into memory. */
static u32 drop_parts(u32 from, u32 count)
{
	for (u32 i = from; i < count; i++)
		memory_unmap(parts[i], PART);
	return from;
}

static void use_parts(void *argument)
{
	u32 count = *(u32 *)argument;

	for (u32 round = 0; round < 3; round++) {
		check_parts(count);
		for (u32 i = 0; i < count; i += 2)
			fill(parts[i], i + 1);
	}
}

static void off_and_on(void)
{
	char path[64];
	u32 count;
	int pid;

	if (!first_area(path))
		return;
	EXPECT_EQ(swap_on(path, 0), -EBUSY);
	count = fill_parts();
	EXPECT_EQ(swap_off(path), -ENOMEM);
	EXPECT(is_area(path));
	check_parts(count);
	count = drop_parts(count / 3, count); /* with the copies of the child */
	pid = process_start(use_parts, &count);
	EXPECT_EQ(swap_off(path), 0);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT(!is_area(path));
	EXPECT_EQ(swap_off(path), -EINVAL);
	for (u32 i = 0; i < count; i++)
		EXPECT_EQ(count_in_swap(parts[i], PART), 0);
	check_parts(count);
	EXPECT_EQ(swap_on(path, PREFER | 5), 0);
	EXPECT(is_area(path));
	check_parts(count);
	drop_parts(0, count);
}

static const struct tap_case cases[] = {
	{ "errors", errors },
	{ "an area leaves and comes back", off_and_on },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
