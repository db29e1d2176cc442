/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/maps with more areas than any buffer holds: every area is told once, whatever is
 * read at once and from where.
 *
 *	place  |r-|rw|r-|rw|r-|rw| ...	one large area, cut by mprotect page by page
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define AREAS	   12000u
#define TEXT_BYTES (2u << 20)
#define LINE_LEAST 40u /* bytes of a line at least */

static char text[TEXT_BYTES], part[8192];
static const u32 place = FIXED_PLACE;

static u32 hex(const char *digits)
{
	u32 value = 0;

	for (u32 i = 0; i < 8; i++)
		value = value * 16 +
			(u32)(digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
	return value;
}

static int open_maps(void)
{
	int fd = (int)sys_open("/proc/self/maps", O_RDONLY);

	if (fd < 0)
		tap_bail_out("there is no /proc/self/maps");
	return fd;
}

static void cut(u32 areas)
{
	memory_map_at(place, areas, PROT_READ | PROT_WRITE);
	for (u32 i = 0; i < areas; i += 2)
		EXPECT_EQ(sys_mprotect(place + i * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
}

/* The rest of the file, `step` bytes at a time. Returns its length. */
static u32 read_rest(int fd, char *to, u32 step)
{
	u32 length = 0;
	long got = 0;

	while (length + step <= TEXT_BYTES && (got = sys_read(fd, to + length, step)) > 0)
		length += (u32)got;
	EXPECT_EQ(got, 0);
	return length;
}

/* The line after this one, or the end. */
static const char *next_line(const char *line, const char *end)
{
	while (line < end && *line != '\n')
		line++;
	return line < end ? line + 1 : end;
}

/*
 * How many lines are those of cut areas, each with the right rights, and all in ascending order.
 */
static u32 count_areas(u32 length)
{
	const char *end = text + length;
	u32 areas = 0, last = 0;

	for (const char *line = text; line + LINE_LEAST < end; line = next_line(line, end)) {
		u32 from = hex(line), to = hex(line + 9), index = (from - place) / PAGE_SIZE;

		EXPECT(from >= last && to > from && line[8] == '-');
		last = to;
		if (from < place || index >= AREAS || to != from + PAGE_SIZE)
			continue;
		areas += index % 2 ? !memcmp(line + 18, "rw-p", 4) : !memcmp(line + 18, "r--p", 4);
	}
	return areas;
}

static void whole_in_steps(void)
{
	const u32 steps[] = { 777, 4096, 65536 };

	cut(AREAS);
	for (u32 i = 0; i < ARRAY_SIZE(steps); i++) {
		int fd = open_maps();

		EXPECT_EQ(count_areas(read_rest(fd, text, steps[i])), AREAS);
		sys_close(fd);
	}
	memory_unmap((void *)place, AREAS);
}

/* Any place, forth and back; what is read there is what the whole has there. */
static void any_place(void)
{
	int fd;
	u32 length;

	cut(1000);
	fd = open_maps();
	length = read_rest(fd, text, 4096);
	for (u32 i = 0; i < 40; i++) {
		u32 offset = i * 48271 % length, want = 1 + i * 13 % 200;
		long got = sys_pread64(fd, part, want, offset);

		EXPECT(got > 0 && got <= (long)want && !memcmp(part, text + offset, (u32)got));
	}
	EXPECT_EQ(sys_pread64(fd, part, 100, length), 0);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_SET), 0);
	EXPECT(sys_read(fd, part, 100) > 0 && !memcmp(part, text, 30));
	sys_close(fd);
	memory_unmap((void *)place, 1000);
}

/* Lines that were read stay, the next ones are those of that time; no line is torn. */
static void areas_change_between(void)
{
	u32 length = 0, rest;
	int fd;

	cut(AREAS);
	fd = open_maps();
	while (length < 100000) {
		long got = sys_read(fd, text + length, 1000);

		if (!EXPECT(got > 0))
			break;
		length += (u32)got;
	}
	/* All areas after the reader's position are unmapped, and one in the middle is new. */
	memory_unmap((void *)(place + 4000 * PAGE_SIZE), AREAS - 4000);
	memory_map_at(place + 6001 * PAGE_SIZE, 1, PROT_READ | PROT_WRITE);
	rest = read_rest(fd, text + length, 1000);
	EXPECT(rest > 0);
	EXPECT_EQ(count_areas(length + rest), 4001);
	sys_close(fd);
	memory_unmap((void *)place, 6002);
}

static const struct tap_case cases[] = {
	{ "the whole, in steps", whole_in_steps },
	{ "at any place", any_place },
	{ "areas change between two reads", areas_change_between },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
