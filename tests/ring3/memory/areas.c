/* SPDX-License-Identifier: MIT */
/*
 * The area cases of tests/area_cases.h, by system calls; the areas are those of /proc/self/maps.
 * Only pages of the window are looked at, and none of them is touched.
 */
#include "tests/area_cases.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"

static long call(const struct area_step *step)
{
	u32 at = FIXED_PLACE + step->first * PAGE_SIZE, bytes = step->pages * PAGE_SIZE;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, rights = area_protection(step->rights);

	if (step->call == AREA_UNMAP)
		return sys_munmap(at, bytes);
	if (step->call == AREA_PROTECT)
		return sys_mprotect(at, bytes, rights);
	return sys_mmap2(at, bytes, rights, flags, -1, 0) == at ? 0 : -EINVAL;
}

static char letter(const struct map_area *area)
{
	return area->protection & PROT_WRITE ? 'w' : area->protection & PROT_READ ? 'r' : 'n';
}

/* The areas of the window as a picture. */
static const char *draw(void)
{
	static char picture[2 * AREA_WINDOW + 1];
	struct map_area areas[AREA_WINDOW];
	u32 end = FIXED_PLACE + AREA_WINDOW * PAGE_SIZE, at = FIXED_PLACE, length = 0;
	u32 count = maps_read(FIXED_PLACE, end, areas, AREA_WINDOW, false);

	for (u32 i = 0; i < count; i++) {
		if (i && areas[i].start == at)
			picture[length++] = '|';
		for (; at < areas[i].start; at += PAGE_SIZE)
			picture[length++] = '.';
		for (; at < areas[i].end; at += PAGE_SIZE)
			picture[length++] = letter(&areas[i]);
	}
	picture[length] = '\0';
	return picture;
}

static void expect_picture(const char *expected)
{
	struct text line;

	if (EXPECT(strcmp(draw(), expected) == 0))
		return;
	text_clear(&line);
	text_add(&line, "# areas are ");
	text_add(&line, draw());
	text_add(&line, ", expected ");
	text_add(&line, expected);
	tap_line(line.data);
}

static void run(const struct area_step *steps, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		EXPECT_EQ(call(&steps[i]), steps[i].result);
		expect_picture(steps[i].picture);
	}
	EXPECT_EQ(sys_munmap(FIXED_PLACE, AREA_WINDOW * PAGE_SIZE), 0);
	expect_picture("");
}

#define DEFINE(name, steps)                    \
	static void run_##steps(void)          \
	{                                      \
		run(steps, ARRAY_SIZE(steps)); \
	}
#define ROW(name, steps) { name, run_##steps },

AREA_CASES(DEFINE)

static const struct tap_case cases[] = { AREA_CASES(ROW) };

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
