/* SPDX-License-Identifier: MIT */
/*
 * What init runs, and how a run ends: by its verdict, by a process, or by a key.
 *
 * sources: tests/host/kernel/start/start_rig.c tests/host/kernel/start/start_parts.c
 */
#include <stdio.h>
#include <string.h>

#include "kernel/exec/exec.h"
#include "kernel/process/run_end.h"
#include "kernel/start/command.h"
#include "kernel/start/options.h"
#include "mm/frames/page_alloc.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/mm.h"
#include "tests/host/console.h"
#include "tests/host/kernel/start/start_parts.h"
#include "tests/host/kernel/start/start_rig.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

static void init_runs(void)
{
	begin_start();
	start_kernel();
	run_init();
	EXPECT_TEXT(did, "report_plan 3 5\nsuites_run *\nprograms_run x* 60\n"
			 "report_page Maker\nreport_verdict\nscreen_refresh\n"
			 "machine_power_off\n");
	EXPECT_TEXT(console_text(), "");

	strcpy(chosen.bench, "b*");
	run_init();
	EXPECT(strstr(did, "report_plan 1 7\nprograms_run x* 60\nbench_programs_run b*\n"
			   "benchmarks_run b*\nreport_page"));
	strcpy(chosen.init, "/i");
	run_init();
	EXPECT(strstr(did, "report_plan 0 1\nprogram_run /i 60\nreport_page"));
	command.argv[0] = "/c";
	run_init();
	EXPECT(strstr(did, "report_plan 0 1\ncommand_run /c\nreport_page"));
}

static void options_of_init(void)
{
	begin_start();
	strcpy(chosen.crash, "null");
	chosen.vm_debug = true;
	chosen.overcommit_memory = 2;
	chosen.fail_alloc = (struct fail_spec){ .nth = 7 };
	chosen.trace.on = true;
	parts.counts_smis = true;
	start_kernel();
	first_program_tsc = 5600;
	run_init();
	EXPECT(strstr(did, "fail_alloc_set\ncrash_on_purpose null\nreport_plan") == did);
	EXPECT(strstr(did, "\ntrace_end\ntrace_sums_print\nreport_verdict\n"));
	EXPECT(vm_debug && overcommit_mode == 2 && failing.nth == 7);
	EXPECT_TEXT(console_text(), "boot: loader=1000 entry_to_ring3=600 unit=tsc\n"
				    "smi: count=3 at=end\n");
}

static void figures(void)
{
	struct start_figures found = figures_of(40, 100);

	EXPECT(!found.boot_to_ring3 && !found.frames_at_start && found.loader_to_entry == 60);
	first_program_tsc = 350;
	first_program_free = 30;
	max_pfn = 100;
	found = figures_of(40, 100);
	EXPECT(found.boot_to_ring3 == 250 && found.frames_at_start == 70);
}

/* ---- The end ---- */

static void ends(void)
{
	static const char *const by_option[] = {
		[EXIT_POWEROFF] = "screen_refresh\nmachine_power_off\n",
		[EXIT_REBOOT] = "screen_refresh\nmachine_restart\n",
		[EXIT_HALT] = "screen_refresh\nmachine_halt\n",
		[EXIT_QEMU] = "screen_refresh\nqemu_exit good\n",
	};
	static const char *const by_process[] = {
		[RUN_POWER_OFF] = "screen_refresh\nmachine_power_off\n",
		[RUN_RESTART] = "screen_refresh\nmachine_restart\n",
		[RUN_HALT] = "screen_refresh\nmachine_halt\n",
	};

	for (u32 i = EXIT_POWEROFF; i <= EXIT_QEMU; i++) {
		options.exit = (enum exit_action)i;
		finish_run(true);
		EXPECT_TEXT(did, by_option[i]);
	}
	finish_run(false);
	EXPECT_TEXT(did, "screen_refresh\nqemu_exit bad\n");
	run_end = RUN_HALT; /* the runner decides first */
	finish_run(true);
	EXPECT_TEXT(did, "screen_refresh\nqemu_exit good\n");
	for (u32 i = RUN_POWER_OFF; i <= RUN_HALT; i++) {
		run_end = (enum run_end)i;
		options.exit = i == RUN_RESTART ? EXIT_POWEROFF : EXIT_REBOOT;
		finish_run(true);
		EXPECT_TEXT(did, by_process[i]);
	}
}

/* The countdown: a note each second, and keys from before do not count. */
static void countdown(void)
{
	begin_start();
	options = chosen;
	options.wait = 2;
	for (u32 i = 0; i < 32; i++)
		keys[i] = true;
	finish_run(true);
	EXPECT_TEXT(did, "screen_refresh\nscreen_note '2 s left; a key keeps this'\n"
			 "screen_note '1 s left; a key keeps this'\nmachine_power_off\n");
	EXPECT_EQ(key_polls, 32 + 20);
	keys[32 + 19] = true; /* in the last tenth of a second */
	finish_run(true);
	EXPECT(strstr(did, "screen_note 'stays on'\nmachine_halt\n"));
	keys[32 + 3] = true;
	finish_run(true);
	EXPECT_EQ(key_polls, 32 + 4);
}

TAP_MAIN({ "what init runs", init_runs }, { "options of init", options_of_init },
	 { "figures of the start", figures }, { "ways to end", ends },
	 { "a key stops the end", countdown })
