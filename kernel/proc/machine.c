/* SPDX-License-Identifier: MIT */
/*
 * What the machine and its kernel are: /proc/version, cmdline, cpuinfo, mounts, filesystems and
 * /proc/sys/kernel. Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "abi/linux/utsname.h"
#include "fs/file.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/time.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/proc/proc.h"
#include "kernel/syscall/syscall.h"
#include "lib/math64.h"
#include "mm/user_space/mm.h"

static const char *command_line;

static int show_version(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	seq_printf(seq, "%s version %s %s\n", system_names.sysname, system_names.release,
		   system_names.version);
	return !(*cursor)++;
}

static int show_cmdline(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	seq_printf(seq, "%s\n", command_line);
	return !(*cursor)++;
}

/* Names that Linux gives to the bits of CPUID that programs look for here. */
static const struct {
	enum cpu_feature feature;
	const char *name;
} features[] = {
	{ CPU_TSC, "tsc" },   { CPU_PSE, "pse" },   { CPU_PAE, "pae" },	  { CPU_PGE, "pge" },
	{ CPU_APIC, "apic" }, { CPU_PAT, "pat" },   { CPU_FXSR, "fxsr" }, { CPU_SSE, "sse" },
	{ CPU_NX, "nx" },     { CPU_SMEP, "smep" }, { CPU_SMAP, "smap" }, { CPU_UMIP, "umip" },
	{ CPU_LM, "lm" },
};

static int show_cpuinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	if ((*cursor)++)
		return 0;
	seq_printf(seq,
		   "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
		   "model name\t: %s\nstepping\t: %u\n",
		   cpu.vendor, cpu.family, cpu.model, *cpu.brand ? cpu.brand : "unknown",
		   cpu.stepping);
	if (tsc_per_ms())
		seq_printf(seq, "cpu MHz\t\t: %u.%03u\n", tsc_per_ms() / 1000, tsc_per_ms() % 1000);
	seq_printf(seq, "flags\t\t:");
	for (u32 i = 0; i < ARRAY_SIZE(features); i++)
		if (cpu_has(features[i].feature))
			seq_printf(seq, " %s", features[i].name);
	seq_printf(seq, "\n\n");
	return 1;
}

static int show_mounts(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	seq_printf(seq, "rootfs / tmpfs rw 0 0\ndevtmpfs /dev devtmpfs rw 0 0\n"
			"tmpfs /dev/shm tmpfs rw 0 0\nproc /proc proc rw 0 0\n");
	return !(*cursor)++;
}

static int show_filesystems(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	seq_printf(seq, "nodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tproc\nnodev\tpipefs\n");
	return !(*cursor)++;
}

#define NAME_FILE(file, text)                                                                    \
	static int show_##file(struct seq *seq, const struct proc_subject *subject, u64 *cursor) \
	{                                                                                        \
		(void)subject;                                                                   \
		seq_printf(seq, "%s\n", text);                                                   \
		return !(*cursor)++;                                                             \
	}

NAME_FILE(ostype, system_names.sysname)
NAME_FILE(osrelease, system_names.release)
NAME_FILE(os_version, system_names.version)
NAME_FILE(hostname, system_names.nodename)
NAME_FILE(domainname, system_names.domainname)
NAME_FILE(core_pattern, "core")

static u32 pid_max = PID_MAX, threads_max = PID_MAX, shmmax = SHMMAX, shmall = SHMALL,
	   shmmni = SHMMNI, max_map_count = MAX_MAP_COUNT, mmap_min_addr = USER_MIN;

static const struct proc_entry entries[] = {
	{ "version", 0444, .show = show_version },
	{ "cmdline", 0444, .show = show_cmdline },
	{ "cpuinfo", 0444, .show = show_cpuinfo },
	{ "mounts", 0444, .show = show_mounts },
	{ "filesystems", 0444, .show = show_filesystems },
	{ "sys/kernel/ostype", 0444, .show = show_ostype },
	{ "sys/kernel/osrelease", 0444, .show = show_osrelease },
	{ "sys/kernel/version", 0444, .show = show_os_version },
	{ "sys/kernel/hostname", 0444, .show = show_hostname },
	{ "sys/kernel/domainname", 0444, .show = show_domainname },
	{ "sys/kernel/core_pattern", 0444, .show = show_core_pattern },
	{ "sys/kernel/pid_max", 0444, .number = &pid_max },
	{ "sys/kernel/threads-max", 0444, .number = &threads_max },
	{ "sys/kernel/shmmax", 0444, .number = &shmmax },
	{ "sys/kernel/shmall", 0444, .number = &shmall },
	{ "sys/kernel/shmmni", 0444, .number = &shmmni },
	{ "sys/vm/max_map_count", 0444, .number = &max_map_count },
	{ "sys/vm/mmap_min_addr", 0444, .number = &mmap_min_addr },
};

void proc_add_machine(const char *options)
{
	command_line = options;
	proc_add(entries, ARRAY_SIZE(entries));
}
