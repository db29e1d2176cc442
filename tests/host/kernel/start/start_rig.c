/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fs/file.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/tmpfs/rootfs.h"
#include "kernel/harness/suite.h"
#include "kernel/syscall/syscall.h"
#include "lib/trace/trace.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/huge_pool.h"
#include "mm/frames/memmap.h"
#include "mm/frames/page_alloc.h"
#include "mm/init.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/reclaim/reclaim.h"
#include "paging/range.h"
#include "paging/tlb.h"

#undef EXPECT /* those of the host's harness */
#undef EXPECT_EQ
#include "tests/host/console.h"
#include "tests/host/kernel/start/start_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

char record[4000];

static jmp_buf ended;

static void note(const char *format, ...) __printf(1, 2);
static void note(const char *format, ...)
{
	size_t length = strlen(record);
	va_list list;

	va_start(list, format);
	vsnprintf(record + length, sizeof(record) - length, format, list);
	va_end(list);
}

static void __noreturn end(const char *how)
{
	note("%s\n", how);
	longjmp(ended, 1);
}

/* ---- The parts in rooms below ---- */

struct start_parts parts;
struct boot_layout layout_given;
struct fail_spec failing;

static int part_mm_init_early(struct boot_layout *layout)
{
	note("mm_init_early\n");
	layout_given = *layout;
	layout->initramfs.start += 0x1000; /* it moves */
	return parts.lacks_memory_early ? -12 : 0;
}

static int part_mm_init_late(void)
{
	note("mm_init_late\n");
	return parts.lacks_memory_late ? -12 : 0;
}

static void part_memmap_limit(const struct memmap *map, phys_addr_t limit)
{
	EXPECT(map == &memmap);
	note("memmap_limit %#llx\n", (unsigned long long)limit);
}

static void part_memmap_print(const struct memmap *map)
{
	EXPECT(map == &memmap);
	note("memmap_print\n");
}

static bool part_unmap_page(const pgd_t *directory, vaddr_t address);
static bool part_translate(const pgd_t *directory, vaddr_t address, struct translation *result);

static void *part_kernel_map_device(phys_addr_t start, u64 bytes, bool write_combining)
{
	EXPECT(!write_combining);
	note("kernel_map_device %#llx %llu\n", (unsigned long long)start,
	     (unsigned long long)bytes);
	return record;
}

static void part_huge_pool_init(u32 pages)
{
	note("huge_pool_init %u\n", pages);
}

static u32 part_nr_present_pages(void)
{
	return parts.ram_pages;
}

static bool part_reclaim_set_policy(const char *name)
{
	note("reclaim_set_policy %s\n", name);
	return true;
}

static int part_initramfs_init(const void *archive, size_t bytes)
{
	EXPECT_EQ(virt_to_phys(archive), 0x801000);
	note("initramfs_init %zu\n", bytes);
	return parts.bad_archive ? -22 : 0;
}

static int part_rootfs_unpack(void)
{
	note("rootfs_unpack\n");
	return parts.lacks_names ? -12 : 0;
}

static void part_fail_alloc_set(const struct fail_spec *spec)
{
	failing = *spec;
	note("fail_alloc_set\n");
}

static void part_trace_record(enum trace_event event, u32 value)
{
	EXPECT_EQ(event, TRACE_clock);
	note("clock %u\n", value);
}

#define mm_init_early	   part_mm_init_early
#define mm_init_late	   part_mm_init_late
#define memmap_limit	   part_memmap_limit
#define memmap_print	   part_memmap_print
#define unmap_page	   part_unmap_page
#define translate	   part_translate
#define kernel_map_device  part_kernel_map_device
#define huge_pool_init	   part_huge_pool_init
#define nr_present_pages   part_nr_present_pages
#define reclaim_set_policy part_reclaim_set_policy
#define initramfs_init	   part_initramfs_init
#define rootfs_unpack	   part_rootfs_unpack
#define fail_alloc_set	   part_fail_alloc_set
#define trace_record	   part_trace_record
#define file_init()	   note("file_init\n")
#define random_init()	   note("random_init\n")
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat" /* u64 is another type in 64 bits */
#include "kernel/start/main.c"
#pragma GCC diagnostic pop

static bool part_unmap_page(const pgd_t *directory, vaddr_t address)
{
	EXPECT(directory == kernel_pgd && address == (vaddr_t)(uintptr_t)boot_stack_guard);
	note("unmap_page\n");
	return true;
}

static bool part_translate(const pgd_t *directory, vaddr_t address, struct translation *result)
{
	(void)result;
	EXPECT(directory == kernel_pgd);
	EXPECT_EQ(address, (vaddr_t)(uintptr_t)phys_to_virt(0x900000 + 0x2fff));
	return parts.region_is_mapped;
}

/* ---- The parts of kernel/ ---- */

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
#define PART_ENDS(name)            \
	void __noreturn name(void) \
	{                          \
		end(#name);        \
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
	end(success ? "qemu_exit good" : "qemu_exit bad");
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
	EXPECT(info == &boot_info);
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
	note("logbuf_move %s\n", region == record ? "window" : "direct");
}

void screen_init(const struct boot_framebuffer *given, bool colours)
{
	EXPECT(given == &boot_info.framebuffer);
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
	EXPECT(info == &boot_info && map == &memmap);
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

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	static struct thread_group group;
	static struct task task = { .group = &group, .pid = 1 };

	EXPECT(function == init_main && !argument);
	note("kernel_task %s\n", name);
	return parts.no_init ? NULL : &task;
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

/* ---- The start ---- */

#define INFO_PLACE 0x3000u

struct boot_info *info(void)
{
	return phys_to_virt(INFO_PLACE);
}

void begin_start(void)
{
	record[0] = '\0';
	console_clear();
	cpu.words[0] = ~0u;
	memset(keys, 0, sizeof(keys));
	key_polls = 0;
	log_is_kept = false;
	parts = (struct start_parts){ .region_is_mapped = true, .passes = true };
	*info() = (struct boot_info){
		.magic = BOOT_INFO_MAGIC,
		.version = BOOT_INFO_VERSION,
		.size = sizeof(struct boot_info),
		.firmware_bits = 64,
		.kernel = { 0x100000, 0x300000 },
		.initramfs = { 0x800000, 12345 },
		.acpi_rsdp = 0xe0000,
		.uefi_revision = 2 << 16 | 70,
		.firmware_vendor = "Maker",
		.options = "a=b",
		.handover = { 1, 2, 1, 4, 5, 6, 7, 8, 0, 10, 11, 12 },
		.loader_tsc = 4000,
	};
	chosen = (struct options){
		.disk = true,
		.limit = 60,
		.suites = "*",
		.programs = "x*",
		.tty = { 80, 24 },
	};
}

void start_kernel(void)
{
	if (!setjmp(ended))
		kernel_main(INFO_PLACE);
}

void run_init(void)
{
	options = chosen;
	record[0] = '\0';
	console_clear();
	if (!setjmp(ended))
		init_main(NULL);
}

void finish_run(bool passed)
{
	record[0] = '\0';
	key_polls = 0;
	if (!setjmp(ended))
		finish(passed);
}

struct start_figures figures_of(u64 loader, u64 entry)
{
	boot_info.loader_tsc = loader;
	entry_tsc = entry;
	return (struct start_figures){ boot_to_ring3(), loader_to_entry(), frames_at_start() };
}

const struct boot_info *info_taken(void)
{
	return &boot_info;
}
