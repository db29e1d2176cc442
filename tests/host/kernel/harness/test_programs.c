/* SPDX-License-Identifier: MIT */
/*
 * Which ring-3 programs run, and what is reported of them: of one, of those of the archive, and of
 * the benchmarks; in chosen orders, and without a tick.
 *
 * sources: tests/host/kernel/harness/programs_rig.c
 * sources: tests/host/kernel/harness/report_lines.c
 */
#include <string.h>

#include "kernel/harness/programs.h"
#include "kernel/orders/orders.h"
#include "tests/host/console.h"
#include "tests/host/kernel/harness/programs_rig.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

#define WHOLE                                                                               \
	"check output task cow priority 100 begin end priority 0 no-output line leftovers " \
	"checked "

static void reported(void)
{
	begin_program();
	ends_with(5, 0);
	program_run("/tests/cow", 0);
	EXPECT_TEXT(console_text(), "<ring3/cow>\n<ring3/cow passed>\n");
	EXPECT_TEXT(did, WHOLE "explore ");
	begin_program();
	ends_with(5, 0);
	model.explored = OUTCOME_FAILED;
	program_run("/tests/cow", 0);
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	begin_program();
	ends_with(5, 1);
	program_run("/tests/cow", 0);
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	EXPECT_TEXT(did, WHOLE);
	begin_program();
	ends_with(5, 0);
	model.memory_differs = true;
	program_run("/tests/cow", 0);
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	begin_program();
	model.is_slow = model.memory_differs = true;
	program_run("/tests/cow", 1);
	EXPECT(strstr(console_text(), "<ring3/cow timed out>\n"));
	/* A program that is no test. */
	begin_program();
	ends_with(5, 1);
	command_run(program_words, no_words, NULL);
	EXPECT(strstr(console_text(), "<ring3/cow passed>\n"));
	EXPECT_TEXT(did, WHOLE);
}

static void chosen_orders(void)
{
	begin_program();
	orders_option.mode = ORDERS_REPLAY;
	program_run("/tests/cow", 0);
	EXPECT_TEXT(did, "check output replay no-output line leftovers checked ");
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	begin_program();
	ends_with(5, 0);
	command_run(program_words, no_words, NULL);
	EXPECT_TEXT(did, WHOLE);
	/* Without a tick they are skipped, but where there never is one. */
	for (u32 mode = ORDERS_NORMAL; mode <= ORDERS_EXPLORE; mode++) {
		begin_program();
		ends_with(5, 0);
		model.lacks_tick = true;
		orders_option.mode = (enum orders_mode)mode;
		program_run("/tests/fpu", 0);
		EXPECT_EQ(did[0] != '\0', mode == ORDERS_EXPLORE);
	}
	begin_program();
	orders_option.mode = ORDERS_NORMAL;
	model.lacks_tick = true;
	ends_with(5, 0);
	command_run((const char *const[]){ "/tests/fpu", NULL }, no_words, NULL);
	EXPECT(did[0]);
}

static void of_the_archive(void)
{
	begin_program();
	EXPECT(programs_count("*") == 3 && programs_count("c*,swap") == 2 &&
	       programs_count("sub") == 0);
	ends_with(5, 0);
	model.each_ends = true;
	programs_run("swap,cow", 0);
	EXPECT_TEXT(console_text(), "<ring3/cow>\n<ring3/cow passed>\n"
				    "<ring3/swap>\n<ring3/swap passed>\n");
	EXPECT_EQ(bench_programs_count(), 1);
	begin_program();
	ends_with(5, 0);
	bench_programs_run("*");
	EXPECT_TEXT(console_text(), "<ring3/loops>\n<ring3/loops passed>\n");
	model.has_operations = true;
	EXPECT_EQ(bench_programs_count(), 2);
}

TAP_MAIN({ "the result", reported }, { "chosen orders, and no tick", chosen_orders },
	 { "programs of the archive", of_the_archive })
