/* SPDX-License-Identifier: MIT */
/*
 * What the machine and its kernel are: /proc/version, cmdline, cpuinfo, mounts, filesystems and
 * /proc/sys/kernel. Source: proc(5).
 */
#include "abi/linux/errno.h"
#include "abi/linux/utsname.h"
#include "fs/events/inotify.h"
#include "fs/lease.h"
#include "fs/namei.h"
#include "fs/pipe/pipe.h"
#include "fs/pipe/pipe_user.h"
#include "fs/tmpfs/mount.h"
#include "fs/file.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/time.h"
#include "kernel/proc/proc.h"
#include "kernel/syscall/syscall.h"
#include "lib/math64.h"
#include "mm/slab/slab.h"
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
		if (cpu_has(features[i].feature) && (features[i].feature != CPU_NX || pte_nx))
			seq_printf(seq, " %s", features[i].name);
	seq_printf(seq, "\n\n");
	return 1;
}

/* Each is mounted in one of those before it. */
static const struct {
	const char *source, *place, *type;
	u32 dev, parent;
} mounts[] = {
	{ "tmpfs", "/", "tmpfs", TMPFS_DEV, 0 },
	{ "devtmpfs", "/dev", "devtmpfs", DEVICES_DEV, 1 },
	{ "tmpfs", "/dev/shm", "tmpfs", SHM_DEV, 2 },
	{ "proc", "/proc", "proc", PROC_DEV, 1 },
};

static void print_mount(struct seq *seq, const struct mount *mount)
{
	char *buffer = kmalloc(PATH_MAX, GFP_KERNEL);
	const char *path = buffer ? inode_path(mount->root, buffer, PATH_MAX) : NULL;

	if (path)
		seq_printf(seq, "tmpfs %s tmpfs %s 0 0\n", path, mount->fs.readonly ? "ro" : "rw");
	kfree(buffer);
}

static int show_mounts(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mount *mount;

	(void)subject;
	for (u32 i = 0; i < ARRAY_SIZE(mounts) && !*cursor; i++)
		seq_printf(seq, "%s %s %s rw 0 0\n", mounts[i].source, mounts[i].place,
			   mounts[i].type);
	list_for_each_entry (mount, &tmpfs_mounts, link)
		if (!*cursor)
			print_mount(seq, mount);
	return !(*cursor)++;
}

static int show_mountinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	for (u32 i = 0; i < ARRAY_SIZE(mounts) && !*cursor; i++)
		seq_printf(seq, "%u %u %u:%u / %s rw - %s %s rw\n", i + 1, mounts[i].parent,
			   mounts[i].dev >> 8, mounts[i].dev & 0xff, mounts[i].place,
			   mounts[i].type, mounts[i].source);
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

static u32 cap_last = CAP_LAST, pid_max = PID_MAX, threads_max = PID_MAX, mmap_min_addr = USER_MIN,
	   tainted, nr_open = OPEN_MAX;

static int set_pipe_max_size(const struct proc_subject *subject, const char *text)
{
	s64 bytes;
	int err = proc_parse_number(text, &bytes);

	(void)subject;
	if (!err && (bytes < 0 || bytes > PIPE_SIZE_MAX))
		err = -EINVAL;
	if (!err)
		pipe_max_size = pipe_round_size((u32)bytes);
	return err;
}

static const struct proc_entry entries[] = {
	{ "version", 0444, .show = show_version },
	{ "kmsg", 0400, .operations = &proc_kmsg_operations },
	{ "cmdline", 0444, .show = show_cmdline },
	{ "cpuinfo", 0444, .show = show_cpuinfo },
	{ "mounts", 0444, .show = show_mounts },
	{ "filesystems", 0444, .show = show_filesystems },
	{ "sys/fs/inotify/max_queued_events", 0644, .number = &inotify_max_queued,
	  .most = INT32_MAX },
	{ "sys/fs/inotify/max_user_instances", 0644, .number = &inotify_max_instances,
	  .most = INT32_MAX },
	{ "sys/fs/lease-break-time", 0644, .number = &lease_break_time, .most = INT32_MAX },
	{ "sys/fs/nr_open", 0444, .number = &nr_open },
	{ "sys/fs/pipe-max-size", 0644, .number = &pipe_max_size, .write = set_pipe_max_size },
	{ "sys/fs/pipe-user-pages-hard", 0644, .number = &pipe_user_pages_hard, .most = INT32_MAX },
	{ "sys/fs/pipe-user-pages-soft", 0644, .number = &pipe_user_pages_soft, .most = INT32_MAX },
	{ "sys/kernel/ostype", 0444, .show = show_ostype },
	{ "sys/kernel/osrelease", 0444, .show = show_osrelease },
	{ "sys/kernel/version", 0444, .show = show_os_version },
	{ "sys/kernel/hostname", 0444, .show = show_hostname },
	{ "sys/kernel/domainname", 0444, .show = show_domainname },
	{ "sys/kernel/core_pattern", 0444, .show = show_core_pattern },
	{ "sys/kernel/dmesg_restrict", 0644, .number = &kmsg_restricted, .most = 1 },
	{ "sys/kernel/tainted", 0444, .number = &tainted },
	{ "sys/kernel/cap_last_cap", 0444, .number = &cap_last },
	{ "sys/kernel/pid_max", 0444, .number = &pid_max },
	{ "sys/kernel/threads-max", 0444, .number = &threads_max },
	{ "sys/vm/max_map_count", 0644, .number = &max_map_count, .most = INT32_MAX },
	{ "sys/vm/mmap_min_addr", 0444, .number = &mmap_min_addr },
};

static const struct proc_entry of_process[] = {
	{ "mounts", 0444, .show = show_mounts },
	{ "mountinfo", 0444, .show = show_mountinfo },
};

void proc_add_machine(const char *options)
{
	command_line = options;
	proc_add_process(of_process, ARRAY_SIZE(of_process));
	proc_add(entries, ARRAY_SIZE(entries));
	proc_add_sysvipc();
}
