/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/start/start_parts.h"

#include <string.h>

#include "kernel/console/console.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/console/logbuf.h"
#include "kernel/console/screen.h"
#include "kernel/console/terminal_line.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/irq.h"
#include "kernel/cpu/machine_check.h"
#include "kernel/cpu/mtrr.h"
#include "kernel/cpu/protection.h"
#include "kernel/devices/acpi.h"
#include "kernel/devices/keyboard.h"
#include "kernel/devices/power.h"
#include "kernel/devices/time.h"
#include "kernel/disks/disk.h"
#include "kernel/disks/swap_devices.h"
#include "kernel/exec/exec.h"
#include "kernel/harness/bench.h"
#include "kernel/harness/programs.h"
#include "kernel/harness/report.h"
#include "kernel/harness/suite.h"
#include "kernel/harness/terminal.h"
#include "kernel/orders/orders.h"
#include "kernel/proc/proc.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/kswapd.h"
#include "kernel/process/oom_kill.h"
#include "kernel/process/run_end.h"
#include "kernel/signal/signal.h"
#include "kernel/start/command.h"
#include "kernel/start/crash.h"
#include "kernel/start/firmware_map.h"
#include "kernel/start/options.h"
#include "kernel/start/progress.h"
#include "kernel/start/trace_sums.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/fpu.h"
#include "kernel/task/pid.h"
#include "kernel/task/sched.h"
#include "kernel/time/deferred_timer.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"

#undef EXPECT /* those of the host's harness */
#undef EXPECT_EQ
#include "tests/host/kernel/start/start_rig.h"
#include "tests/host/machine.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

struct start_parts parts;

jmp_buf machine_ended;

char _text[1], _data[1], boot_stack_guard[4096];
struct cpu_info cpu;
struct options options;
struct command command;
struct task *init_task;
enum run_end run_end;
u64 first_program_tsc;
u32 first_program_free;

struct options chosen;
u32 keys[400], key_polls;

static bool log_is_kept;

static void __noreturn end_machine(const char *how)
{
	note("%s\n", how);
	longjmp(machine_ended, 1);
}

#define PART(name)                \
	void name(void)           \
	{                         \
		note(#name "\n"); \
	}
#define PART_OF(name, type)       \
	void name(type unused)    \
	{                         \
		(void)unused;     \
		note(#name "\n"); \
	}
#define PART_COUNTS(name, format, type)             \
	void name(type value)                       \
	{                                           \
		note(#name " " format "\n", value); \
	}
#define PART_ENDS(name)             \
	void __noreturn name(void)  \
	{                           \
		end_machine(#name); \
	}
PART(gdt_init)
PART(idt_init)
PART(cpu_detect)
PART(console_init_early)
PART(console_show_early)
PART(console_setup_late)
PART(cpu_init)
PART(protection_patch)
PART(trace_patch)
PART(machine_check_init)
PART(cpu_enable_nx)
PART(protection_enable)
PART(cpu_enable_global_pages)
PART(disks_map_early)
PART(irq_init)
PART(task_init)
PART(fpu_init)
PART(signal_init)
PART(oom_kill_init)
PART(fs_struct_init)
PART(kmsg_device_init)
PART(disks_init)
PART(trace_proc_init)
PART(screen_refresh)
PART(trace_sums_print)
PART_OF(screen_leave_boot_map, const struct boot_framebuffer *)
PART_OF(screen_start, const struct boot_framebuffer *)
PART_OF(progress_end_squares, const struct boot_info *)
PART_COUNTS(console_setup, "'%s'", const char *)
PART_COUNTS(crash_early, "'%s'", const char *)
PART_COUNTS(crash_on_purpose, "%s", const char *)
PART_COUNTS(time_init, "'%s'", const char *)
PART_COUNTS(proc_files_init, "%s", const char *)
PART_COUNTS(swap_devices_init, "%u", u32)
PART_COUNTS(suites_run, "%s", const char *)
PART_COUNTS(bench_programs_run, "%s", const char *)
PART_COUNTS(benchmarks_run, "%s", const char *)
PART_COUNTS(report_page, "%s", const char *)
PART_COUNTS(screen_note, "'%s'", const char *)
PART_ENDS(machine_power_off)
PART_ENDS(machine_restart)
PART_ENDS(machine_halt)
PART_ENDS(idle_loop)

void qemu_exit(bool success)
{
	end_machine(success ? "qemu_exit good" : "qemu_exit bad");
}

u64 read_tsc(void)
{
	note("read_tsc\n");
	return 5000;
}

u32 tsc_per_ms(void)
{
	return 2400;
}

bool keyboard_poll(void)
{
	return keys[key_polls++];
}

void delay_us(u32 microseconds)
{
	EXPECT_EQ(microseconds, 100000);
}

void progress_mark(enum boot_step step, const struct boot_info *info)
{
	EXPECT(info == info_taken());
	note("-- %s\n", boot_step_name(step));
}

void options_parse(const char *text)
{
	note("options_parse %s\n", text);
	options = chosen;
}

bool logbuf_open(void *region, size_t bytes)
{
	EXPECT_EQ(virt_to_phys(region), 0x900000);
	note("logbuf_open %zu\n", bytes);
	return log_is_kept = true;
}

size_t logbuf_written(void)
{
	return log_is_kept ? 77 : 0;
}

void logbuf_move(void *region)
{
	note("logbuf_move %s\n", region == DEVICE_WINDOW ? "window" : "direct");
}

void screen_init(const struct boot_framebuffer *given, bool colours)
{
	EXPECT(given == &info_taken()->framebuffer);
	note("screen_init %d\n", colours);
}

bool smi_count(u32 *count)
{
	*count = 3;
	return parts.counts_smis;
}

void orders_patch(const struct orders_option *option)
{
	EXPECT(option == &options.sched);
	note("orders_patch\n");
}

void trace_output_open(const struct trace_options *given)
{
	EXPECT(given == &options.trace);
	note("trace_output_open\n");
}

void trace_end(const struct trace_options *given)
{
	EXPECT(given == &options.trace);
	note("trace_end\n");
}

int firmware_map_read(const struct boot_info *info, struct memmap *map)
{
	EXPECT(info == info_taken() && map == &memmap);
	note("firmware_map_read\n");
	return parts.bad_map ? -22 : 0;
}

int mtrr_apply(struct memmap *map)
{
	EXPECT(map == &memmap);
	note("mtrr_apply\n");
	return parts.many_ranges ? -7 : 0;
}

void cpu_start_paging(phys_addr_t page_directory)
{
	EXPECT(page_directory == virt_to_phys(kernel_pgd));
	note("cpu_start_paging\n");
}

void acpi_init(phys_addr_t rsdp)
{
	note("acpi_init %#llx\n", (unsigned long long)rsdp);
}

void terminal_line_open(const struct console_option *option)
{
	EXPECT(option == &options.terminal);
	note("terminal_line_open\n");
}

void job_leave(struct thread_group *group)
{
	EXPECT(group == init_task->group);
}

void job_join(struct thread_group *group, int number, int session)
{
	EXPECT(group == init_task->group);
	note("job %d %d\n", number, session);
}

int kswapd_init(void)
{
	note("kswapd_init\n");
	return parts.no_kswapd ? -12 : 0;
}

int ktimerd_init(void)
{
	note("ktimerd_init\n");
	return parts.no_ktimerd ? -12 : 0;
}

int terminal_init(bool screen, u16 columns, u16 rows)
{
	note("terminal_init %d %ux%u\n", screen, columns, rows);
	return parts.no_terminal ? -12 : 0;
}

u32 suites_count(const char *patterns)
{
	return strcmp(patterns, "none") ? 3 : 0;
}

u32 programs_count(const char *patterns)
{
	return strcmp(patterns, "none") ? 5 : 0;
}

u32 bench_programs_count(void)
{
	return 2;
}

void programs_run(const char *patterns, u32 limit)
{
	note("programs_run %s %u\n", patterns, limit);
}

void program_run(const char *path, u32 limit)
{
	note("program_run %s %u\n", path, limit);
}

void command_run(const char *const *argv, const char *const *envp, const char *cwd)
{
	EXPECT(argv == command.argv && envp == command.envp && cwd == command.cwd);
	note("command_run %s\n", argv[0]);
}

void report_plan(u32 suites, u32 programs)
{
	note("report_plan %u %u\n", suites, programs);
}

bool report_verdict(void)
{
	note("report_verdict\n");
	return parts.passes;
}

void begin_parts(void)
{
	did[0] = '\0';
	cpu.words[0] = ~0u;
	memset(keys, 0, sizeof(keys));
	key_polls = 0;
	log_is_kept = false;
	parts = (struct start_parts){ .region_is_mapped = true, .passes = true };
}
