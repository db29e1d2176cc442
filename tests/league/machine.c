/* SPDX-License-Identifier: MIT */
/* What a Linux guest has to be told before programs can swap. */
#include "tests/league/league.h"
#include "tests/ring3/runtime/tap.h"

/* Numbers that no other ring-3 program needs. */
#define NR_MOUNT       21
#define NR_MKDIR       39
#define NR_REBOOT      88
#define NR_INIT_MODULE 128

#define POWER_OFF      0x4321FEDC /* these three: Linux include/uapi/linux/reboot.h */
#define REBOOT_MAGIC_1 0xFEE1DEAD
#define REBOOT_MAGIC_2 672274793

#define TRIES 2000000u /* yields, until the disk is there */

static void must(long result, const char *what)
{
	struct text line;

	if (result >= 0)
		return;
	text_clear(&line);
	text_add(&line, what);
	text_add(&line, ": errno ");
	text_add_decimal(&line, -result);
	tap_bail_out(line.data);
}

static void mount(const char *type, const char *where)
{
	system_call(NR_MKDIR, (long)where, 0755, 0, 0, 0, 0);
	must(system_call(NR_MOUNT, (long)type, (long)where, (long)type, 0, 0, 0), where);
}

static void load_module(const char *name, u32 length)
{
	struct text path;
	struct stat64 stat;
	long fd;
	u32 file;

	text_clear(&path);
	text_add(&path, "/modules/");
	for (u32 i = 0; i < length; i++)
		text_add(&path, (char[]){ name[i], 0 });
	text_add(&path, ".ko");
	fd = sys_open(path.data, O_RDONLY);
	must(fd, path.data);
	must(sys_fstat64((int)fd, &stat), path.data);
	file = sys_mmap2(0, (u32)stat.size, PROT_READ, MAP_PRIVATE, (int)fd, 0);
	must(is_error(file) ? (long)file : 0, path.data);
	must(system_call(NR_INIT_MODULE, (long)file, (long)stat.size, (long)"", 0, 0, 0),
	     path.data);
	sys_munmap(file, (u32)stat.size);
	sys_close((int)fd);
	sys_unlink(path.data); /* its memory is free */
}

static void load_modules(const char *names)
{
	while (*names) {
		u32 length = 0;

		while (names[length] && names[length] != ',')
			length++;
		load_module(names, length);
		names += length + (names[length] == ',');
	}
}

long file_put(const char *path, const char *text)
{
	long fd = sys_open(path, O_WRONLY), result;

	if (fd < 0)
		return fd;
	result = sys_write((int)fd, text, strlen(text));
	sys_close((int)fd);
	return result < 0 ? result : 0;
}

void machine_start(const struct orders *orders)
{
	long result = -ENOENT;

	mount("proc", "/proc");
	mount("sysfs", "/sys");
	mount("devtmpfs", "/dev");
	if (orders->modules)
		load_modules(orders->modules);
	if (orders->mglru)
		must(file_put("/sys/kernel/mm/lru_gen/enabled", orders->mglru), "lru_gen");
	for (u32 i = 0; i < TRIES && result == -ENOENT; i++) {
		result = system_call(NR_swapon, (long)orders->swap, 0, 0, 0, 0, 0);
		if (result)
			sys_sched_yield();
	}
	must(result, orders->swap);
}

void machine_power_off(void)
{
	for (;;)
		system_call(NR_REBOOT, (long)REBOOT_MAGIC_1, REBOOT_MAGIC_2, POWER_OFF, 0, 0, 0);
}
