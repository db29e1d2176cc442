/* SPDX-License-Identifier: MIT */
/*
 * The start of the kernel: which part is called when, with what, and what ends it.
 *
 * sources: tests/host/kernel/start/start_rig.c tests/host/kernel/start/start_parts.c
 */
#include <stdio.h>
#include <string.h>

#include "kernel/cpu/cpu.h"
#include "kernel/start/options.h"
#include "mm/frames/memmap.h"
#include "paging/layout.h"
#include "paging/pgtable.h"
#include "tests/host/console.h"
#include "tests/host/kernel/start/start_parts.h"
#include "tests/host/kernel/start/start_rig.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

extern char _text[], _data[];

static void whole_start(void)
{
	begin_start();
	start_kernel();
	EXPECT_TEXT(did, "read_tsc\ngdt_init\nidt_init\ncpu_detect\nconsole_init_early\n"
			 "-- entered\noptions_parse a=b\n-- console\nprogress_end_squares\n"
			 "screen_init 1\nconsole_show_early\nconsole_setup ''\n"
			 "-- cpu\ncpu_init\ncrash_early ''\nprotection_patch\ntrace_patch\n"
			 "orders_patch\ntrace_output_open\nmachine_check_init\n"
			 "-- memory\nfirmware_map_read\nmtrr_apply\nmemmap_print\n"
			 "cpu_enable_nx\nmm_init_early\nscreen_leave_boot_map\n"
			 "cpu_start_paging\nprotection_enable\nunmap_page\n"
			 "cpu_enable_global_pages\nscreen_start\ndisks_map_early\n"
			 "mm_init_late\nhuge_pool_init 0\n"
			 "-- acpi\nacpi_init 0xe0000\nconsole_setup_late\n"
			 "-- interrupts\nirq_init\n-- time\ntime_init ''\nclock 2400\n"
			 "-- tasks\ntask_init\nfpu_init\nsignal_init\noom_kill_init\n"
			 "-- files\nfs_struct_init\nfile_init\nrandom_init\nkmsg_device_init\n"
			 "initramfs_init 12345\nrootfs_unpack\n-- disks\ndisks_init\n"
			 "proc_files_init a=b\ntrace_proc_init\nswap_devices_init 0\n"
			 "-- init\nkernel_task init\njob 1 1\nkswapd_init\nktimerd_init\n"
			 "terminal_init 0 80x24\nidle_loop\n");
	EXPECT_TEXT(console_text(),
		    "boot: firmware=\"Maker\" bits=64 uefi=2.7 kernel=0x100000 size=3145728\n"
		    "handover: bus_masters=1 processors=2 init=sent io_apics=5 open_entries=6 "
		    "iommus=7 translating=8 parked=4\n"
		    "handover: usb=10 owned=11 forced=12\n"
		    "boot: options=\"a=b\"\n");
	EXPECT_EQ(figures_of(info_taken()->loader_tsc, 5000).loader_to_entry, 1000);
	EXPECT(layout_given.kernel.start == 0x100000 && layout_given.kernel.end == 0x400000);
	EXPECT(layout_given.initramfs.start == 0x800000 &&
	       layout_given.initramfs.end == 0x800000 + 12345);
	EXPECT(layout_given.read_only.start == virt_to_phys(_text) &&
	       layout_given.read_only.end == virt_to_phys(_data));
	EXPECT(!layout_given.page_owner && !layout_given.high_bytes && !layout_given.trace_bytes);
}

/* Options change what is called. */
static void options_of_the_start(void)
{
	begin_start();
	chosen.screen = SCREEN_PLAIN;
	chosen.mem = MiB(64);
	chosen.highmem = MiB(8);
	chosen.hugepages = 9;
	chosen.page_owner = chosen.debug_pagealloc = true;
	chosen.slab_debug = 5;
	chosen.trace = (struct trace_options){ .on = true, .bytes = 8192 };
	chosen.terminal.kind = CONSOLE_PORT;
	chosen.terminal_screen = true;
	strcpy(chosen.reclaim, "fifo");
	start_kernel();
	EXPECT(strstr(did, "screen_init 0\nconsole_show_early\n"));
	EXPECT(strstr(did, "mtrr_apply\nmemmap_limit 0x4000000\nmemmap_print\n"));
	EXPECT(strstr(did, "huge_pool_init 9\n"));
	EXPECT(strstr(did, "console_setup_late\nterminal_line_open\n"));
	EXPECT(strstr(did, "reclaim_set_policy fifo\nswap_devices_init 0\n"));
	EXPECT(strstr(did, "terminal_init 1 80x24\n"));
	EXPECT(layout_given.high_bytes == MiB(8) && layout_given.page_owner &&
	       layout_given.debug_pagealloc && layout_given.slab_debug == 5 &&
	       layout_given.trace_bytes == 8192);

	begin_start();
	chosen.screen = SCREEN_OFF;
	chosen.disk = false;
	start_kernel();
	EXPECT(!strstr(did, "screen_init") && !strstr(did, "console_show_early"));
	EXPECT(!strstr(did, "disks") && !strstr(did, "terminal_line_open"));
}

static void swap_option(void)
{
	begin_start();
	chosen.swap.off = true;
	start_kernel();
	EXPECT(!strstr(did, "swap_devices_init"));

	begin_start();
	parts.ram_pages = 1001;
	chosen.swap.ram = true;
	start_kernel();
	EXPECT(strstr(did, "swap_devices_init 500\n"));

	begin_start();
	chosen.swap.ram = true;
	chosen.swap.bytes = MiB(3);
	start_kernel();
	EXPECT(strstr(did, "swap_devices_init 768\n"));

	begin_start();
	chosen.swap.ram = true;
	chosen.swap.bytes = GiB(100);
	start_kernel();
	EXPECT(strstr(did, "swap_devices_init 1048575\n"));

	begin_start(); /* a size alone does not count */
	chosen.swap.bytes = MiB(3);
	start_kernel();
	EXPECT(strstr(did, "swap_devices_init 0\n"));
}

static void hand_off(void)
{
	begin_start();
	info()->version = 4;
	EXPECT_PANIC("boot: the loader speaks version 4", start_kernel());
	begin_start();
	info()->size--;
	EXPECT_PANIC("boot: the loader speaks version 5", start_kernel());
	/* Texts of the loader end. */
	begin_start();
	memset(info()->options, 'o', sizeof(info()->options));
	memset(info()->firmware_vendor, 'v', sizeof(info()->firmware_vendor));
	info()->handover.init_sent = 0;
	info()->handover.iommus_left = 2;
	parts.counts_smis = true;
	start_kernel();
	EXPECT_EQ(strlen(info_taken()->options), BOOT_OPTIONS_SIZE - 1);
	EXPECT_EQ(strlen(info_taken()->firmware_vendor), BOOT_VENDOR_SIZE - 1);
	EXPECT(strstr(console_text(), " init=no "));
	EXPECT(strstr(console_text(), "handover: iommus=2 could not be switched off\n"));
	EXPECT(strstr(console_text(), "smi: count=3 at=start\n"));
}

/* The region of the log: opened at once, and reached by a window if the direct map ends before. */
static void log_region(void)
{
	for (u32 mapped = 0; mapped < 2; mapped++) {
		begin_start();
		info()->log = (struct boot_range){ 0x900000, 0x3000 };
		parts.region_is_mapped = mapped;
		start_kernel();
		EXPECT(strstr(did, "-- entered\nlogbuf_open 12288\noptions_parse"));
		EXPECT(strstr(did, mapped ? "mm_init_early\nlogbuf_move direct\nscreen_leave"
					  : "mm_init_early\nkernel_map_device 0x900000 12288\n"
					    "logbuf_move window\nscreen_leave"));
		EXPECT(strstr(console_text(), "log: start=0x900000 bytes=12288\n"));
	}
}

/* What cannot go on: a line, and the end as a failure. */
static void refused(void)
{
	static const struct {
		bool *flag;
		const char *after, *line;
	} cases[] = {
		{ .flag = &parts.bad_map, .after = "firmware_map_read\n", .line = "" },
		{ .flag = &parts.many_ranges,
		  .after = "mtrr_apply\n",
		  .line = "memmap: error: too many ranges that are not write back\n" },
		{ .flag = &parts.lacks_memory_early, .after = "mm_init_early\n", .line = "" },
		{ .flag = &parts.lacks_memory_late, .after = "mm_init_late\n", .line = "" },
		{ .flag = &parts.bad_archive, .after = "initramfs_init 12345\n", .line = "" },
		{ .flag = &parts.lacks_names,
		  .after = "rootfs_unpack\n",
		  .line = "initramfs: error: no memory for its names\n" },
		{ .flag = &parts.no_init,
		  .after = "kernel_task init\n",
		  .line = "memory: error: no memory for the first tasks\n" },
		{ .flag = &parts.no_kswapd,
		  .after = "kswapd_init\n",
		  .line = "memory: error: no memory for the first tasks\n" },
		{ .flag = &parts.no_ktimerd,
		  .after = "ktimerd_init\n",
		  .line = "memory: error: no memory for the first tasks\n" },
		{ .flag = &parts.no_terminal,
		  .after = "terminal_init 0 80x24\n",
		  .line = "memory: error: no memory for the first tasks\n" },
	};
	char end_of_record[100];

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_start();
		chosen.exit = EXIT_QEMU;
		*cases[i].flag = true;
		start_kernel();
		snprintf(end_of_record, sizeof(end_of_record), "%sscreen_refresh\nqemu_exit bad\n",
			 cases[i].after);
		tap_check(strstr(did, end_of_record) != NULL, __FILE__, __LINE__, "case %u", i);
		tap_check(strstr(console_text(), cases[i].line) != NULL, __FILE__, __LINE__,
			  "case %u", i);
	}
	/* The kernel of two levels runs without PAE. */
	begin_start();
	chosen.exit = EXIT_QEMU;
	cpu.words[0] = 0;
	start_kernel();
	EXPECT_EQ(strstr(console_text(), "cpu: error: no PAE") != NULL, !PMD_FOLDED);
	EXPECT_EQ(strstr(did, "qemu_exit bad") != NULL, !PMD_FOLDED);
}

TAP_MAIN({ "the order of the start", whole_start }, { "options", options_of_the_start },
	 { "swap=", swap_option }, { "the loader's structure", hand_off },
	 { "the region of the log", log_region }, { "the start ends", refused })
