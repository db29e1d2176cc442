/* SPDX-License-Identifier: MIT */
/* From the loader's hand-off to the verdict: the order of the start, and the work of init. */
#include "abi/boot/boot_info.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/tmpfs/rootfs.h"
#include "kernel/devices/acpi.h"
#include "kernel/harness/bench.h"
#include "kernel/start/progress.h"
#include "kernel/start/trace_sums.h"
#include "kernel/console/console.h"
#include "kernel/cpu/cpu.h"
#include "kernel/start/command.h"
#include "kernel/start/crash.h"
#include "kernel/exec/exec.h"
#include "kernel/start/firmware_map.h"
#include "kernel/proc/proc.h"
#include "kernel/task/fpu.h"
#include "kernel/task/pid.h"
#include "kernel/process/fs_struct.h"
#include "kernel/disks/disk.h"
#include "kernel/orders/orders.h"
#include "kernel/disks/swap_devices.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/irq.h"
#include "kernel/devices/keyboard.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/console/logbuf.h"
#include "kernel/cpu/machine_check.h"
#include "kernel/cpu/mtrr.h"
#include "kernel/start/options.h"
#include "kernel/devices/power.h"
#include "kernel/harness/programs.h"
#include "kernel/cpu/protection.h"
#include "kernel/harness/report.h"
#include "kernel/console/screen.h"
#include "kernel/console/terminal_line.h"
#include "kernel/time/deferred_timer.h"
#include "kernel/process/kswapd.h"
#include "kernel/process/oom_kill.h"
#include "kernel/process/run_end.h"
#include "kernel/signal/signal.h"
#include "kernel/harness/suite.h"
#include "kernel/harness/terminal.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/devices/time.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/trace/trace.h"
#include "mm/frames/huge_pool.h"
#include "mm/init.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/overcommit.h"
#include "paging/range.h"
#include "paging/tlb.h"

/* image/kernel.lds */
extern char _text[], _data[], _end[];

/* A copy: the loader's is in memory that the kernel will reuse. */
static struct boot_info boot_info;

static u64 entry_tsc;

#define KEYBOARD_BUFFER 32u /* bytes; more than a controller and a keyboard hold */

/* entry.S calls this. The address is physical; the loader's page directory has the direct map. */
void kernel_main(u32 boot_info_address) __noreturn;

/* Counts seconds down on the screen. True as soon as a key is pressed: a person is reading. */
static bool wait_for_key(u32 seconds)
{
	char note[40];

	/* Drop the keys that were pressed before. */
	for (u32 i = 0; i < KEYBOARD_BUFFER; i++)
		keyboard_poll();
	for (u32 tenths = 10 * seconds; tenths; tenths--) {
		if (tenths % 10 == 0) {
			scnprintf(note, sizeof(note), "%u s left; a key keeps this", tenths / 10);
			screen_note(note);
		}
		if (keyboard_poll())
			return true;
		delay_us(100000);
	}
	return false;
}

/* Ends as a process has asked for: reboot(2). */
static void end_as_asked(void)
{
	switch (run_end) {
	case RUN_POWER_OFF:
		machine_power_off();
	case RUN_RESTART:
		machine_restart();
	case RUN_HALT:
		machine_halt();
	case RUN_GOES_ON:
		break;
	}
}

/* Ends as exit= says; also if the kernel cannot use what the loader passed, after a line. */
static void __noreturn finish(bool passed)
{
	screen_refresh();
	if (wait_for_key(options.wait)) {
		screen_note("stays on");
		machine_halt();
	}
	if (options.exit == EXIT_QEMU)
		qemu_exit(passed);
	end_as_asked();
	switch (options.exit) {
	case EXIT_REBOOT:
		machine_restart();
	case EXIT_HALT:
		machine_halt();
	default:
		machine_power_off();
	}
}

static void take_boot_info(u32 address)
{
	const struct boot_info *given = phys_to_virt(address);

	if (given->version != BOOT_INFO_VERSION || given->size != sizeof(boot_info))
		panic("boot: the loader speaks version %u (%u bytes), the kernel %u (%u bytes)",
		      given->version, given->size, BOOT_INFO_VERSION, (u32)sizeof(boot_info));
	boot_info = *given;
	boot_info.options[BOOT_OPTIONS_SIZE - 1] = '\0';
	boot_info.firmware_vendor[BOOT_VENDOR_SIZE - 1] = '\0';
}

/* Keeps the log for the next boot, if the loader has reserved a region for it. */
static void keep_log(void)
{
	const struct boot_range *place = &boot_info.log;

	if (place->size)
		logbuf_open(phys_to_virt(place->start), (size_t)place->size);
}

/* Call it before kernel_pgd is loaded, which may not map the region: then it gets a window. */
static void keep_log_within_reach(void)
{
	const struct boot_range *place = &boot_info.log;
	char *region = phys_to_virt(place->start);
	vaddr_t address = (vaddr_t)(uintptr_t)region;
	struct translation unused;

	if (!logbuf_written())
		return;
	/* The direct map is one piece from address 0, and may end inside the region. */
	if (!translate(kernel_pgd, address + (u32)place->size - 1, &unused))
		region = kernel_map_device(place->start, place->size, false);
	logbuf_move(region);
}

/*
 * Devices that the loader stopped (efi/quiesce/), before the kernel was loaded into memory that
 * the firmware had freed. The firmware's console was gone by then.
 */
static void print_handover(const struct boot_handover *h)
{
	printk("handover: bus_masters=%u processors=%u init=%s io_apics=%u open_entries=%u "
	       "iommus=%u translating=%u parked=%u\n",
	       h->bus_masters, h->processors, h->init_sent ? "sent" : "no", h->io_apics,
	       h->open_entries, h->iommus, h->iommus_active, h->parked);
	printk("handover: usb=%u owned=%u forced=%u\n", h->usb, h->usb_owned, h->usb_forced);
	if (h->iommus_left)
		printk("handover: iommus=%u could not be switched off\n", h->iommus_left);
}

static void print_boot_info(void)
{
	printk("boot: firmware=\"%s\" bits=%u uefi=%u.%u kernel=%#llx size=%llu\n",
	       boot_info.firmware_vendor, boot_info.firmware_bits, boot_info.uefi_revision >> 16,
	       (boot_info.uefi_revision & 0xffff) / 10, boot_info.kernel.start,
	       boot_info.kernel.size);
	if (boot_info.log.size)
		printk("log: start=%#llx bytes=%llu\n", boot_info.log.start, boot_info.log.size);
	print_handover(&boot_info.handover);
	printk("boot: options=\"%s\"\n", boot_info.options);
}

static struct mem_range range_of(const struct boot_range *range)
{
	return (struct mem_range){ range->start, range->start + range->size, MEM_RESERVED };
}

/* Physical memory: the firmware's map, then the kernel's page tables, then all allocators. */
static void memory_init(void)
{
	struct boot_layout layout = {
		.kernel = range_of(&boot_info.kernel),
		.read_only = { virt_to_phys(_text), virt_to_phys(_data), MEM_RESERVED },
		.initramfs = range_of(&boot_info.initramfs),
		.high_bytes = options.highmem,
		.page_owner = options.page_owner,
		.debug_pagealloc = options.debug_pagealloc,
		.slab_debug = options.slab_debug,
		.trace_bytes = options.trace.on ? options.trace.bytes : 0,
	};

	if (!PMD_FOLDED && !cpu_has(CPU_PAE)) {
		printk("cpu: error: no PAE, which this kernel needs: take the two-level one\n");
		finish(false);
	}
	if (firmware_map_read(&boot_info, &memmap))
		finish(false);
	if (mtrr_apply(&memmap)) {
		printk("memmap: error: too many ranges that are not write back\n");
		finish(false);
	}
	if (options.mem)
		memmap_limit(&memmap, options.mem);
	memmap_print(&memmap);
	cpu_enable_nx();
	if (mm_init_early(&layout))
		finish(false);
	boot_info.initramfs.start = layout.initramfs.start;
	keep_log_within_reach();
	screen_leave_boot_map(&boot_info.framebuffer);
	cpu_start_paging(virt_to_phys(kernel_pgd));
	protection_enable();
	/* Unmap the guard of the boot stack, which becomes the idle task's. */
	unmap_page(kernel_pgd, (vaddr_t)(uintptr_t)boot_stack_guard);
	cpu_enable_global_pages();
	screen_start(&boot_info.framebuffer);
	if (options.disk)
		disks_map_early();
	if (mm_init_late())
		finish(false);
	huge_pool_init((u32)options.hugepages);
}

static void swap_start(void)
{
	u32 ram = (u32)min(options.swap.bytes, (u64)UINT32_MAX) >> PAGE_SHIFT;

	if (options.reclaim[0])
		reclaim_set_policy(options.reclaim);
	if (options.swap.ram && !ram)
		ram = nr_present_pages() / 2;
	if (!options.swap.off)
		swap_devices_init(options.swap.ram ? ram : 0);
}

static void run_all(void)
{
	const char *programs = options.programs;
	u32 suites = suites_count(options.suites);

	if (command.argv[0]) {
		report_plan(0, 1);
		command_run(command.argv, command.envp, command.cwd);
		return;
	}
	if (options.init[0]) {
		report_plan(0, 1);
		program_run(options.init, options.limit);
		return;
	}
	if (options.bench[0]) {
		report_plan(1, programs_count(programs) + bench_programs_count());
		programs_run(programs, options.limit);
		bench_programs_run(options.bench);
		benchmarks_run(options.bench);
		return;
	}
	report_plan(suites, programs_count(programs));
	suites_run(options.suites);
	programs_run(programs, options.limit);
}

/* From kernel entry to ring 3; instructions with QEMU's -icount shift=0. 0: no program has run. */
static u64 boot_to_ring3(void)
{
	return first_program_tsc ? first_program_tsc - entry_tsc : 0;
}
BENCHMARK(boot_to_ring3, .reading = boot_to_ring3);

/* From the loader's first step, with its waits, to the kernel's. */
static u64 loader_to_entry(void)
{
	return entry_tsc - boot_info.loader_tsc;
}
BENCHMARK(loader_to_entry, .reading = loader_to_entry);

/* All frames up to the end of memory but those that are free when the first program starts. */
static u64 frames_at_start(void)
{
	return first_program_tsc ? max_pfn - first_program_free : 0;
}
BENCHMARK(frames_at_start, .reading = frames_at_start, .unit = "frames");

/* The firmware takes the time of system management interrupts unseen. */
static void print_smi_count(const char *when)
{
	u32 count;

	if (smi_count(&count))
		printk("smi: count=%u at=%s\n", count, when);
}

static void print_boot_cost(void)
{
	if (first_program_tsc)
		printk("boot: loader=%llu entry_to_ring3=%llu unit=tsc\n", loader_to_entry(),
		       boot_to_ring3());
}

static void init_main(void *argument)
{
	(void)argument;
	vm_debug = options.vm_debug;
	overcommit_mode = options.overcommit_memory;
	if (options.fail_alloc.nth)
		fail_alloc_set(&options.fail_alloc);
	if (options.crash[0])
		crash_on_purpose(options.crash);
	run_all();
	print_boot_cost();
	print_smi_count("end");
	report_page(boot_info.firmware_vendor);
	if (options.trace.on) {
		trace_end(&options.trace);
		trace_sums_print();
	}
	finish(report_verdict());
}

static void file_systems_init(void)
{
	fs_struct_init();
	file_init();
	random_init();
	kmsg_device_init();
	if (initramfs_init(phys_to_virt(boot_info.initramfs.start),
			   (size_t)boot_info.initramfs.size))
		finish(false);
	if (rootfs_unpack()) {
		printk("initramfs: error: no memory for its names\n");
		finish(false);
	}
}

void kernel_main(u32 boot_info_address)
{
	entry_tsc = read_tsc();
	gdt_init();
	idt_init();
	cpu_detect();
	console_init_early();
	take_boot_info(boot_info_address);
	progress_mark(STEP_ENTERED, &boot_info);
	keep_log();
	options_parse(boot_info.options);
	progress_mark(STEP_CONSOLE, &boot_info);
	progress_end_squares(&boot_info);
	if (options.screen != SCREEN_OFF) {
		screen_init(&boot_info.framebuffer, options.screen == SCREEN_COLOUR);
		console_show_early();
	}
	console_setup(options.console);
	print_boot_info();
	progress_mark(STEP_CPU, &boot_info);
	cpu_init();
	print_smi_count("start");
	crash_early(options.crash);
	protection_patch();
	trace_patch();
	orders_patch(&options.sched);
	trace_output_open(&options.trace);
	machine_check_init();
	progress_mark(STEP_MEMORY, &boot_info);
	memory_init();
	progress_mark(STEP_ACPI, &boot_info);
	acpi_init(boot_info.acpi_rsdp);
	console_setup_late();
	if (options.terminal.kind == CONSOLE_PORT)
		terminal_line_open(&options.terminal);
	progress_mark(STEP_INTERRUPTS, &boot_info);
	irq_init();
	progress_mark(STEP_TIME, &boot_info);
	time_init(options.timer);
	trace_record(TRACE_clock, tsc_per_ms());
	progress_mark(STEP_TASKS, &boot_info);
	task_init();
	fpu_init();
	signal_init();
	oom_kill_init();
	progress_mark(STEP_FILES, &boot_info);
	file_systems_init();
	if (options.disk) {
		progress_mark(STEP_DISKS, &boot_info);
		disks_init();
	}
	proc_files_init(boot_info.options);
	trace_proc_init();
	swap_start();
	progress_mark(STEP_INIT, &boot_info);
	init_task = kernel_task("init", init_main, NULL);
	if (init_task)
		job_move(init_task->group, init_task->pid, init_task->pid);
	if (!init_task || kswapd_init() || ktimerd_init() ||
	    terminal_init(options.terminal_screen, options.tty.columns, options.tty.rows)) {
		printk("memory: error: no memory for the first tasks\n");
		finish(false);
	}
	idle_loop();
}
