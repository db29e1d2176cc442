/* SPDX-License-Identifier: MIT */
/*
 * Calls of the super-user, which a test program cannot make on Linux without changing the machine
 * that it runs on: mounts, the date, names, the end of the run. Each with the one capability that
 * it needs, and without it.
 *
 * sources: kernel/syscall/file/sys_mount.c kernel/syscall/time/sys_set_clock.c
 * sources: kernel/syscall/time/sys_adjust.c kernel/syscall/time/sys_time.c
 * sources: kernel/syscall/sys_machine.c kernel/syscall/sys_uname.c kernel/process/run_end.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "abi/linux/stat.h"
#include "abi/linux/timex.h"
#include "abi/linux/unistd.h"
#include "abi/linux/utsname.h"
#include "fs/tmpfs/mount.h"
#include "kernel/process/run_end.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/task/task.h"
#include "kernel/time/clock.h"
#include "tests/host/console.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define SECOND	1000000000ull
#define OUTSIDE 0x1000u
#define END	(USER_BYTES + (u32)sizeof(user_bytes))

/* Where texts lie in the program's memory. */
#define PATH	(USER_BYTES + 0x100)
#define TYPE	(USER_BYTES + 0x200)
#define OPTIONS (USER_BYTES + 0x300)
#define SOURCE	(USER_BYTES + 0x800)

static struct task own;
struct task *current = &own;

static u64 rights;
static u32 asked; /* the capability that was asked for last */

bool capable(u32 capability)
{
	asked = capability;
	return rights >> capability & 1;
}

/* ---- What the calls lead to ---- */

#define REFERENCES 100u

static struct inode folder = { .mode = S_IFDIR | 0755, .mapping = { .count = REFERENCES } };
static u32 path_flags;
static int path_error;
static struct mount_options mounted;
static u32 mounts, changes, removes;
static bool changed_to, detached;

int user_inode(u32 directory, vaddr_t from, u32 flags, struct inode **inode)
{
	EXPECT(directory == (u32)AT_FDCWD && from == PATH);
	path_flags = flags;
	if (!path_error)
		inode_get(&folder);
	*inode = &folder;
	return path_error;
}

int mount_tmpfs(struct inode *place, const struct mount_options *options)
{
	EXPECT(place == &folder);
	mounted = *options;
	mounts++;
	return 0;
}

int mount_change(const struct inode *root, bool readonly)
{
	EXPECT(root == &folder);
	changed_to = readonly;
	changes++;
	return 0;
}

int mount_remove(struct inode *root, bool detach)
{
	EXPECT(root == &folder);
	detached = detach;
	removes++;
	return 0;
}

s32 clock_tai;
static u64 date_set, monotonic;
static u32 dates;

int clock_set_date(u64 nanoseconds)
{
	date_set = nanoseconds;
	dates++;
	return nanoseconds < monotonic ? -EINVAL : 0;
}

int clock_read(int clock, u64 *now)
{
	*now = 0;
	return clock == CLOCK_MONOTONIC || clock == -6 ? 0 : -EINVAL;
}

u64 clock_monotonic(void)
{
	return monotonic;
}

static u32 ends;

void end_processes(void)
{
	ends++;
}

static void text(u32 place, const char *content)
{
	strcpy((char *)user_bytes + (place - USER_BYTES), content);
}

/* ---- Mounts ---- */

static s32 mount(const char *type, const char *options, u32 flags)
{
	struct pt_regs regs = { .ecx = PATH, .esi = flags };

	if (type) {
		text(TYPE, type);
		regs.edx = TYPE;
	}
	if (options) {
		text(OPTIONS, options);
		regs.edi = OPTIONS;
	}
	memset(&mounted, 0xee, sizeof(mounted));
	return sys_mount(&regs);
}

static void mount_options(void)
{
	static const struct {
		const char *options;
		u32 mode, pages, inodes;
		int result;
	} cases[] = {
		{ "", 0, 0, 0, 0 },
		{ "size=1", 0, 1, 0, 0 },
		{ "size=4096", 0, 1, 0, 0 },
		{ "size=4097", 0, 2, 0, 0 },
		{ "size=3k", 0, 1, 0, 0 },
		{ "size=8K", 0, 2, 0, 0 },
		{ "size=3m", 0, 768, 0, 0 },
		{ "size=3M", 0, 768, 0, 0 },
		{ "size=2g", 0, 524288, 0, 0 },
		{ "size=2G", 0, 524288, 0, 0 },
		{ "size=16384g", 0, UINT32_MAX, 0, 0 },
		{ "mode=1777", 01777, 0, 0, 0 },
		{ "mode=17755", 07755, 0, 0, 0 },
		{ "mode=8", 0, 0, 0, -EINVAL },
		{ "nr_inodes=190", 0, 0, 190, 0 },
		{ "nr_inodes=2k", 0, 0, 2048, 0 },
		{ "nr_inodes=4294967296", 0, 0, UINT32_MAX, 0 },
		{ "size=9,mode=700,nr_inodes=5", 0700, 1, 5, 0 },
		{ "size=9,", 0, 1, 0, 0 },
		{ ",", 0, 0, 0, -EINVAL },
		{ "size=9x", 0, 0, 0, -EINVAL },
		{ "size=9kk", 0, 0, 0, -EINVAL },
		{ "size", 0, 0, 0, -EINVAL },
		{ "huge=never", 0, 0, 0, -EINVAL },
	};

	rights = CAPABILITY(CAP_SYS_ADMIN);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(mount("tmpfs", cases[i].options, 0), cases[i].result);
		if (cases[i].result)
			continue;
		EXPECT(mounted.mode == cases[i].mode && !mounted.readonly);
		EXPECT(mounted.max_pages == cases[i].pages);
		EXPECT(mounted.max_inodes == cases[i].inodes);
	}
	EXPECT(folder.mapping.count == REFERENCES && mounts > 10);
}

static void mount_flags(void)
{
	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(mount("tmpfs", NULL, 0), 0);
	EXPECT(!mounted.readonly && !mounted.max_pages && asked == CAP_SYS_ADMIN);
	EXPECT_EQ(mount("tmpfs", NULL, 1), 0);
	EXPECT(mounted.readonly);
	EXPECT_EQ(mount("tmpfs", NULL, 0xc0ed0001), 0);
	EXPECT(mounted.readonly);
	EXPECT_EQ(mount("tmpfs", NULL, 0x1000), -EINVAL);
	EXPECT_EQ(mount("tmpfs", NULL, 0x2000), -EINVAL);
	EXPECT_EQ(mount("tmpfs", NULL, 0xc0ed2000), -EINVAL);
	EXPECT_EQ(mount("ext4", NULL, 0), -ENODEV);
	EXPECT_EQ(mount("", NULL, 0), -EINVAL);
	EXPECT_EQ(mount(NULL, NULL, 0), -EINVAL);
	folder.mode = S_IFREG;
	EXPECT_EQ(mount("tmpfs", NULL, 0), -ENOTDIR);
	folder.mode = S_IFDIR;
	EXPECT_EQ(mounts, 3);
	/* A remount changes one right, and reads no options. */
	EXPECT_EQ(mount(NULL, "nonsense", 0x21), 0);
	EXPECT(changes == 1 && changed_to);
	EXPECT_EQ(mount("tmpfs", NULL, 0x20), 0);
	EXPECT(changes == 2 && !changed_to && mounts == 3);
	path_error = -ENOENT;
	EXPECT_EQ(mount("tmpfs", NULL, 0), -ENOENT);
	path_error = 0;
	EXPECT_EQ(folder.mapping.count, REFERENCES);
	rights = ~CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(mount("tmpfs", NULL, 0), -EPERM);
	EXPECT_EQ(folder.mapping.count, REFERENCES);
	EXPECT_EQ(mounts, 3);
}

static void texts_of_mounts(void)
{
	struct pt_regs regs = { .ebx = SOURCE, .ecx = PATH, .edx = TYPE, .edi = OPTIONS };

	rights = CAPABILITY(CAP_SYS_ADMIN);
	text(TYPE, "tmpfs");
	text(OPTIONS, "size=8k");
	text(SOURCE, "none");
	EXPECT_EQ(sys_mount(&regs), 0);
	regs.edx = OUTSIDE;
	EXPECT_EQ(sys_mount(&regs), -EFAULT);
	regs.edx = TYPE;
	regs.edi = OUTSIDE;
	EXPECT_EQ(sys_mount(&regs), -EFAULT);
	regs.edi = OPTIONS;
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_mount(&regs), -EFAULT);
	regs.ebx = SOURCE;
	/* The longest texts, and one byte more. */
	text(TYPE, "0123456789abcde");
	EXPECT_EQ(sys_mount(&regs), -ENODEV);
	text(TYPE, "0123456789abcdef");
	EXPECT_EQ(sys_mount(&regs), -EINVAL);
	text(TYPE, "tmpfs");
	memset(user_bytes + (SOURCE - USER_BYTES), 'x', 128);
	user_bytes[SOURCE - USER_BYTES + 127] = '\0';
	EXPECT_EQ(sys_mount(&regs), 0);
	user_bytes[SOURCE - USER_BYTES + 127] = 'x';
	EXPECT_EQ(sys_mount(&regs), -EINVAL);
	text(SOURCE, "none");
	memset(user_bytes + (OPTIONS - USER_BYTES), '0', 256);
	text(OPTIONS, "size=");
	user_bytes[OPTIONS - USER_BYTES + 5] = '1';
	user_bytes[OPTIONS - USER_BYTES + 255] = '\0';
	EXPECT_EQ(sys_mount(&regs), 0);
	user_bytes[OPTIONS - USER_BYTES + 255] = '0';
	EXPECT_EQ(sys_mount(&regs), -EINVAL);
}

static s32 unmount(u32 flags)
{
	struct pt_regs regs = { .ebx = PATH, .ecx = flags };

	return sys_umount2(&regs);
}

static void unmounts(void)
{
	struct pt_regs regs = { .ebx = PATH, .ecx = 2 };

	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(sys_umount(&regs), 0);
	EXPECT(!detached && path_flags == 0);
	EXPECT_EQ(unmount(2), 0);
	EXPECT(detached);
	EXPECT_EQ(unmount(1), 0);
	EXPECT(!detached);
	EXPECT_EQ(unmount(8), 0);
	EXPECT_EQ(path_flags, AT_SYMLINK_NOFOLLOW);
	EXPECT_EQ(unmount(4), 0);
	EXPECT_EQ(unmount(5), -EINVAL);
	EXPECT_EQ(unmount(6), -EINVAL);
	EXPECT_EQ(unmount(16), -EINVAL);
	EXPECT_EQ(removes, 5);
	rights = 0;
	EXPECT_EQ(unmount(0), -EPERM);
	EXPECT(folder.mapping.count == REFERENCES && removes == 5);
	path_error = -EACCES;
	EXPECT_EQ(unmount(0), -EACCES);
	EXPECT_EQ(folder.mapping.count, REFERENCES);
}

/* ---- The date ---- */

static s32 call_with(s32 (*call)(struct pt_regs *), const void *bytes, u32 count)
{
	struct pt_regs regs = { .ebx = USER_BYTES };

	memcpy(user_bytes, bytes, count);
	return call(&regs);
}

static void seconds(void)
{
	struct pt_regs regs = { .ebx = OUTSIDE };
	s32 value = 1700000000;

	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(call_with(sys_stime, &value, 4), 0);
	EXPECT_EQ(date_set, 1700000000 * SECOND);
	EXPECT_EQ(sys_stime(&regs), -EFAULT);
	value = -1;
	EXPECT_EQ(call_with(sys_stime, &value, 4), -EINVAL);
	value = 0;
	EXPECT_EQ(call_with(sys_stime, &value, 4), 0);
	rights = 0;
	EXPECT_EQ(call_with(sys_stime, &value, 4), -EPERM);
	EXPECT(dates == 2 && asked == CAP_SYS_TIME);
}

static void microseconds(void)
{
	struct timeval *time = (struct timeval *)user_bytes;
	s32 *zone = (s32 *)(user_bytes + 64);
	struct pt_regs regs = { .ebx = USER_BYTES };

	rights = CAPABILITY(CAP_SYS_TIME);
	*time = (struct timeval){ 1700000000, 999999 };
	EXPECT_EQ(sys_settimeofday(&regs), 0);
	EXPECT_EQ(date_set, 1700000000 * SECOND + 999999000);
	time->microseconds = 1000000;
	EXPECT_EQ(sys_settimeofday(&regs), -EINVAL);
	*time = (struct timeval){ -1, 0 };
	EXPECT_EQ(sys_settimeofday(&regs), -EINVAL);
	time->seconds = 0;
	EXPECT_EQ(sys_settimeofday(&regs), 0);
	/* The zone alone: nothing changes. */
	regs.ebx = 0;
	regs.ecx = USER_BYTES + 64;
	zone[0] = 0;
	zone[1] = 5;
	EXPECT_EQ(sys_settimeofday(&regs), 0);
	zone[0] = 60;
	EXPECT_EQ(sys_settimeofday(&regs), -EINVAL);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_settimeofday(&regs), -EFAULT);
	regs.ebx = OUTSIDE;
	regs.ecx = 0;
	EXPECT_EQ(sys_settimeofday(&regs), -EFAULT);
	EXPECT_EQ(dates, 2);
	rights = 0;
	regs.ebx = 0;
	EXPECT_EQ(sys_settimeofday(&regs), -EPERM);
	EXPECT_EQ(asked, CAP_SYS_TIME);
}

static s32 set_clock(u32 clock, s32 secs, u32 nanoseconds)
{
	struct pt_regs regs = { .ebx = clock, .ecx = USER_BYTES, .orig_eax = NR_clock_settime };

	*(struct timespec *)user_bytes = (struct timespec){ secs, nanoseconds };
	return sys_clock_settime(&regs);
}

static void clock_times(void)
{
	struct pt_regs regs = { .ecx = USER_BYTES, .orig_eax = NR_clock_settime64 };

	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(set_clock(CLOCK_REALTIME, 77, 5), 0);
	EXPECT_EQ(date_set, 77 * SECOND + 5);
	EXPECT_EQ(set_clock(CLOCK_REALTIME, 77, 1000000000), -EINVAL);
	EXPECT_EQ(set_clock(CLOCK_MONOTONIC, 77, 5), -EINVAL);
	EXPECT_EQ(set_clock((u32)-6, 77, 5), -EPERM);
	EXPECT_EQ(set_clock((u32)-6, -1, 5), -EPERM);
	EXPECT_EQ(set_clock((u32)-7, 77, 5), -EINVAL);
	*(struct timespec64 *)user_bytes = (struct timespec64){ 5000000000ll, 6, 0xffffffff };
	EXPECT_EQ(sys_clock_settime(&regs), 0);
	EXPECT_EQ(date_set, 5000000000ull * SECOND + 6);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_clock_settime(&regs), -EFAULT);
	regs.ebx = (u32)-6;
	EXPECT_EQ(sys_clock_settime(&regs), -EFAULT);
	rights = 0;
	EXPECT_EQ(set_clock(CLOCK_REALTIME, 77, 5), -EPERM);
	EXPECT_EQ(dates, 2);
}

/* ---- adjtimex() ---- */

static struct timex *timex(void)
{
	return (struct timex *)user_bytes;
}

static s32 adjust(struct timex wanted)
{
	return call_with(sys_adjtimex, &wanted, sizeof(wanted));
}

static void parameters(void)
{
	static const struct {
		struct timex wanted;
		s32 freq, maxerror, esterror, constant, tick;
	} cases[] = {
		{ { .modes = 0 }, 0, 16000000, 16000000, 2, 10000 },
		{ { .modes = ADJ_FREQUENCY, .freq = 77 }, 77, 16000000, 16000000, 2, 10000 },
		{ { .modes = ADJ_FREQUENCY, .freq = 500 << 16 | 1 },
		  500 << 16,
		  16000000,
		  16000000,
		  2,
		  10000 },
		{ { .modes = ADJ_FREQUENCY, .freq = -(500 << 16) - 1 },
		  -(500 << 16),
		  16000000,
		  16000000,
		  2,
		  10000 },
		{ { .modes = ADJ_MAXERROR, .maxerror = 5 }, -(500 << 16), 5, 16000000, 2, 10000 },
		{ { .modes = ADJ_MAXERROR, .maxerror = -5 }, -(500 << 16), 0, 16000000, 2, 10000 },
		{ { .modes = ADJ_MAXERROR, .maxerror = 16000001 },
		  -(500 << 16),
		  16000000,
		  16000000,
		  2,
		  10000 },
		{ { .modes = ADJ_ESTERROR, .esterror = 6 }, -(500 << 16), 16000000, 6, 2, 10000 },
		{ { .modes = ADJ_ESTERROR, .esterror = -6 }, -(500 << 16), 16000000, 0, 2, 10000 },
		{ { .modes = ADJ_TIMECONST, .constant = 3 }, -(500 << 16), 16000000, 0, 7, 10000 },
		{ { .modes = ADJ_TIMECONST, .constant = 7 }, -(500 << 16), 16000000, 0, 10, 10000 },
		{ { .modes = ADJ_TIMECONST, .constant = -9 }, -(500 << 16), 16000000, 0, 0, 10000 },
		{ { .modes = ADJ_TICK, .tick = 9000 }, -(500 << 16), 16000000, 0, 0, 9000 },
		{ { .modes = ADJ_TICK, .tick = 11000 }, -(500 << 16), 16000000, 0, 0, 11000 },
	};

	rights = CAPABILITY(CAP_SYS_TIME);
	console_date = 1700000000 * SECOND + 123456789;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(adjust(cases[i].wanted), TIME_ERROR);
		EXPECT_EQ(timex()->freq, cases[i].freq);
		EXPECT_EQ(timex()->maxerror, cases[i].maxerror);
		EXPECT_EQ(timex()->esterror, cases[i].esterror);
		EXPECT_EQ(timex()->constant, cases[i].constant);
		EXPECT_EQ(timex()->tick, cases[i].tick);
		EXPECT_EQ(timex()->modes, cases[i].wanted.modes);
		EXPECT(timex()->precision == 1 && timex()->tolerance == 500 << 16);
		EXPECT(timex()->seconds == 1700000000 && timex()->microseconds == 123456);
		EXPECT(!timex()->tai && !timex()->offset);
	}
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_TICK, .tick = 8999 }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_TICK, .tick = 11001 }), -EINVAL);
	adjust((struct timex){ .modes = ADJ_TAI, .constant = 37 });
	EXPECT(clock_tai == 37 && timex()->tai == 37);
	adjust((struct timex){ .modes = ADJ_TAI, .constant = -1 });
	EXPECT_EQ(clock_tai, 37);
	adjust((struct timex){ .modes = ADJ_TAI, .constant = 0 });
	EXPECT_EQ(clock_tai, 0);
}

static void status(void)
{
	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_STATUS, .status = STA_RONLY }), 0);
	EXPECT_EQ(timex()->status, 0); /* these bits only the kernel sets */
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_NANO }), 0);
	EXPECT_EQ(timex()->status, STA_NANO);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_STATUS, .status = STA_UNSYNC }), TIME_ERROR);
	EXPECT_EQ(timex()->status, STA_NANO | STA_UNSYNC);
	console_date = 5 * SECOND + 123456789;
	adjust((struct timex){ .modes = ADJ_TIMECONST, .constant = 3 });
	EXPECT(timex()->constant == 3 && timex()->microseconds == 123456789);
	adjust((struct timex){ .modes = ADJ_MICRO });
	EXPECT_EQ(timex()->status, STA_UNSYNC);
}

static void offsets(void)
{
	rights = CAPABILITY(CAP_SYS_TIME);
	console_date = 1000 * SECOND;
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = 5, .microseconds = 999999 }),
		  TIME_ERROR);
	EXPECT_EQ(date_set, 1005 * SECOND + 999999000);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .microseconds = 1000000 }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .microseconds = -1 }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET | ADJ_NANO, .microseconds = 999999999 }),
		  TIME_ERROR);
	EXPECT_EQ(date_set, 1000 * SECOND + 999999999);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET | ADJ_NANO, .microseconds = 1000000000 }),
		  -EINVAL);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = -1000 }), TIME_ERROR);
	EXPECT_EQ(date_set, 0);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = -1001 }), -EINVAL);
	EXPECT_EQ(dates, 3);
	monotonic = 100 * SECOND; /* the clocks' start would lie before 1970 */
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = -950 }), -EINVAL);
}

static void adjtime_alone(void)
{
	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME | ADJ_OFFSET | ADJ_STATUS }),
		  TIME_ERROR);
	EXPECT_EQ(timex()->status, STA_UNSYNC);
	rights = 0;
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME | ADJ_OFFSET }), -EPERM);
	EXPECT_EQ(asked, CAP_SYS_TIME);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME | ADJ_OFFSET | ADJ_OFFSET_READONLY }),
		  TIME_ERROR);
	EXPECT_EQ(adjust((struct timex){ .modes = 0 }), TIME_ERROR);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ESTERROR }), -EPERM);
}

/* Both forms of the structure, of the call and of the clock. */
static void forms(void)
{
	struct pt_regs regs = { .ebx = CLOCK_REALTIME, .ecx = USER_BYTES };
	struct timex64 *wide = (struct timex64 *)user_bytes;

	rights = CAPABILITY(CAP_SYS_TIME);
	console_date = 5000000000ull * SECOND + 7000;
	regs.orig_eax = NR_clock_adjtime64;
	*wide = (struct timex64){ .modes = ADJ_FREQUENCY | ADJ_MAXERROR | ADJ_ESTERROR,
				  .freq = 3,
				  .maxerror = 4,
				  .esterror = 5 };
	EXPECT_EQ(sys_clock_adjtime(&regs), TIME_ERROR);
	EXPECT(wide->freq == 3 && wide->maxerror == 4 && wide->esterror == 5);
	EXPECT(wide->seconds == 5000000000ll && wide->microseconds == 7 && wide->tick == 10000);
	wide->modes = ADJ_ADJTIME;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EINVAL);
	regs.orig_eax = NR_clock_adjtime;
	*timex() = (struct timex){ .modes = 0 };
	EXPECT_EQ(sys_clock_adjtime(&regs), TIME_ERROR);
	EXPECT(timex()->freq == 3 && timex()->maxerror == 4 && timex()->esterror == 5);
	regs.ebx = CLOCK_MONOTONIC;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EOPNOTSUPP);
	regs.ebx = 99;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EINVAL);
	/* A part of the structure is not there. */
	regs.ecx = END - sizeof(struct timex);
	EXPECT_EQ(sys_clock_adjtime(&regs), -EINVAL);
	regs.orig_eax = NR_clock_adjtime64;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EFAULT);
	regs.ebx = CLOCK_REALTIME;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EFAULT);
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_adjtimex(&regs), -EFAULT);
}

/* ---- Times in the program's memory ---- */

static void times(void)
{
	const struct timespec64 *wide = (const struct timespec64 *)user_bytes;
	const struct timespec *narrow = (const struct timespec *)user_bytes;
	u64 time;

	monotonic = 10 * SECOND;
	EXPECT_EQ(put_time(USER_BYTES, true, 5000000000ull * SECOND + 8), 0);
	EXPECT(wide->seconds == 5000000000ll && wide->nanoseconds == 8);
	EXPECT(!get_time(USER_BYTES, true, &time) && time == 5000000000ull * SECOND + 8);
	EXPECT_EQ(put_time(USER_BYTES, false, 6 * SECOND + 999999999), 0);
	EXPECT(narrow->seconds == 6 && narrow->nanoseconds == 999999999);
	EXPECT(!get_time(USER_BYTES, false, &time) && time == 7 * SECOND - 1);
	EXPECT(!read_timeout(USER_BYTES, false, &time) && time == 17 * SECOND - 1);
	EXPECT(!read_deadline(USER_BYTES, false, false, &time) && time == 7 * SECOND - 1);
	console_date = 14 * SECOND;
	EXPECT(!read_deadline(USER_BYTES, false, true, &time) && time == 3 * SECOND - 1);
	console_date = 100 * SECOND;
	EXPECT(!read_deadline(USER_BYTES, false, true, &time) && time == 0);
	EXPECT_EQ(put_time(OUTSIDE, false, 1), -EFAULT);
	EXPECT_EQ(put_time(OUTSIDE, true, 1), -EFAULT);
	EXPECT_EQ(get_time(OUTSIDE, false, &time), -EFAULT);
	EXPECT_EQ(get_time(OUTSIDE, true, &time), -EFAULT);
	EXPECT_EQ(read_timeout(OUTSIDE, true, &time), -EFAULT);
	EXPECT_EQ(read_deadline(OUTSIDE, true, true, &time), -EFAULT);
	/* The longest time, and longer ones. */
	*(struct timespec64 *)user_bytes = (struct timespec64){ 9223372035ll, 999999999, 0 };
	EXPECT(!get_time(USER_BYTES, true, &time) && time == 9223372035ull * SECOND + 999999999);
	((struct timespec64 *)user_bytes)->seconds++;
	EXPECT(!get_time(USER_BYTES, true, &time) && time == INT64_MAX);
	EXPECT(!read_timeout(USER_BYTES, true, &time) && time == INT64_MAX);
	((struct timespec64 *)user_bytes)->nanoseconds++;
	EXPECT_EQ(get_time(USER_BYTES, true, &time), -EINVAL);
}

static void old_calls(void)
{
	struct pt_regs regs = { .ebx = 0 };

	console_date = 77 * SECOND + 1234567;
	EXPECT_EQ(sys_time(&regs), 77);
	regs.ebx = USER_BYTES;
	EXPECT(sys_time(&regs) == 77 && *(u32 *)user_bytes == 77);
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_time(&regs), -EFAULT);
	EXPECT_EQ(sys_gettimeofday(&regs), -EFAULT);
	memset(user_bytes, 0xee, sizeof(user_bytes));
	regs.ebx = USER_BYTES;
	regs.ecx = USER_BYTES + 64;
	EXPECT_EQ(sys_gettimeofday(&regs), 0);
	EXPECT(((u32 *)user_bytes)[0] == 77 && ((u32 *)user_bytes)[1] == 1234);
	EXPECT(((u32 *)user_bytes)[16] == 0 && ((u32 *)user_bytes)[17] == 0);
	EXPECT_EQ(user_bytes[72], 0xee);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_gettimeofday(&regs), -EFAULT);
	regs.ebx = regs.ecx = 0;
	EXPECT_EQ(sys_gettimeofday(&regs), 0);
}

/* ---- Names ---- */

static s32 set_host_name(const char *name, u32 length)
{
	struct pt_regs regs = { .ebx = USER_BYTES, .ecx = length };

	text(USER_BYTES, name);
	return sys_sethostname(&regs);
}

static void names(void)
{
	struct pt_regs regs = { .ebx = OUTSIDE, .ecx = 3 };

	rights = CAPABILITY(CAP_SYS_ADMIN);
	EXPECT_EQ(set_host_name("abcdef", 6), 0);
	EXPECT_TEXT(system_names.nodename, "abcdef");
	EXPECT_EQ(set_host_name("xyz", 2), 0);
	EXPECT_TEXT(system_names.nodename, "xy");
	EXPECT_EQ(sys_sethostname(&regs), -EFAULT);
	memset(user_bytes, 'n', 65);
	regs.ebx = USER_BYTES;
	regs.ecx = 64;
	EXPECT_EQ(sys_setdomainname(&regs), 0);
	EXPECT_EQ(strlen(system_names.domainname), 64);
	regs.ecx = 65;
	EXPECT_EQ(sys_setdomainname(&regs), -EINVAL);
	regs.ecx = 0;
	EXPECT_EQ(sys_setdomainname(&regs), 0);
	EXPECT_TEXT(system_names.domainname, "");
	EXPECT_TEXT(system_names.nodename, "xy");
	EXPECT_TEXT(system_names.machine, "i686");
	rights = 0;
	EXPECT_EQ(set_host_name("q", 1), -EPERM);
	EXPECT_EQ(asked, CAP_SYS_ADMIN);
}

static void told_names(void)
{
	struct pt_regs regs = { .ebx = USER_BYTES };
	const char *bytes = (const char *)user_bytes;
	const struct utsname *name = (const struct utsname *)user_bytes;

	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(sys_uname(&regs), 0);
	EXPECT(!memcmp(name, &system_names, sizeof(*name)));
	EXPECT_EQ(user_bytes[sizeof(*name)], 0xee);
	EXPECT(!strncmp(name->release, "6.", 2));
	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(sys_olduname(&regs), 0);
	EXPECT_TEXT(name->machine, "i686");
	EXPECT_EQ(user_bytes[5 * 65], 0xee);
	memset(user_bytes, 0xee, sizeof(user_bytes));
	EXPECT_EQ(sys_oldolduname(&regs), 0);
	EXPECT_TEXT(bytes, "Linux");
	EXPECT_TEXT(bytes + 9, "pagewrig");
	EXPECT_TEXT(bytes + 18, "6.1.0-pa");
	EXPECT_TEXT(bytes + 36, "i686");
	EXPECT_EQ(user_bytes[45], 0xee);
	own.personality = 0x0020000;
	EXPECT_EQ(sys_uname(&regs), 0);
	EXPECT_TEXT(name->release, "2.6.61-pagewright");
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_uname(&regs), -EFAULT);
	EXPECT_EQ(sys_olduname(&regs), -EFAULT);
	EXPECT_EQ(sys_oldolduname(&regs), -EFAULT);
}

/* ---- The end of the run, and small calls ---- */

static s32 restart_by(u32 first, u32 second, u32 command)
{
	struct pt_regs regs = { .ebx = first, .ecx = second, .edx = command };

	return sys_reboot(&regs);
}

static void ends_of_the_run(void)
{
	/* From reboot(2): birthdays. */
	static const u32 magics[] = { 672274793, 85072278, 369367448, 537993216 };
	static const struct {
		u32 command;
		enum run_end end;
	} commands[] = {
		{ 0x01234567, RUN_RESTART },
		{ 0xa1b2c3d4, RUN_RESTART },
		{ 0xcdef0123, RUN_HALT },
		{ 0x4321fedc, RUN_POWER_OFF },
	};

	rights = CAPABILITY(CAP_SYS_BOOT);
	run_may_end = true;
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		run_end = 0;
		EXPECT_EQ(restart_by(0xfee1dead, magics[i], commands[i].command), 0);
		EXPECT(run_end == commands[i].end && ends == i + 1);
	}
	EXPECT_EQ(restart_by(0xfee1dead, 5, 0x01234567), -EINVAL);
	EXPECT_EQ(restart_by(0xfee1deae, magics[0], 0x01234567), -EINVAL);
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 5), -EINVAL);
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 0), 0);
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 0x89abcdef), 0);
	EXPECT_EQ(ends, 4);
	run_may_end = false;
	EXPECT_EQ(restart_by(0xfee1dead, magics[0], 0x01234567), -EPERM);
	run_may_end = true;
	rights = 0;
	EXPECT_EQ(restart_by(0, 0, 0), -EPERM);
	EXPECT_EQ(run_request_end(RUN_HALT), -EPERM);
	EXPECT(ends == 4 && asked == CAP_SYS_BOOT);
}

static void ends_by_signals(void)
{
	static const struct {
		int signal;
		enum run_end end;
	} signals[] = { { SIGUSR1, RUN_HALT },
			{ SIGUSR2, RUN_POWER_OFF },
			{ SIGTERM, RUN_RESTART } };

	rights = CAPABILITY(CAP_SYS_BOOT);
	run_may_end = true;
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		run_end = 0;
		EXPECT_EQ(run_end_by_signal(signals[i].signal), 0);
		EXPECT(run_end == signals[i].end && ends == i + 1);
	}
	EXPECT_EQ(run_end_by_signal(SIGHUP), 0);
	EXPECT_EQ(ends, 3);
	rights = 0;
	EXPECT_EQ(run_end_by_signal(SIGTERM), -EPERM);
}

static void small_calls(void)
{
	EXPECT_EQ(sys_arch_prctl(&(struct pt_regs){ .ebx = 0x1011 }), 1);
	EXPECT_EQ(sys_arch_prctl(&(struct pt_regs){ .ebx = 0x1012 }), -ENODEV);
	EXPECT_EQ(sys_arch_prctl(&(struct pt_regs){ .ebx = 0x1013 }), -EINVAL);
	EXPECT_EQ(sys_pkey_alloc(&(struct pt_regs){ .ecx = 3 }), -ENOSPC);
	EXPECT_EQ(sys_pkey_alloc(&(struct pt_regs){ .ecx = 4 }), -EINVAL);
	EXPECT_EQ(sys_pkey_alloc(&(struct pt_regs){ .ebx = 1 }), -EINVAL);
	EXPECT_EQ(sys_pkey_free(&(struct pt_regs){ .ebx = 1 }), -EINVAL);
}

TAP_MAIN({ "options of mounts", mount_options }, { "flags of mounts", mount_flags },
	 { "texts of mounts", texts_of_mounts }, { "the end of a mount", unmounts },
	 { "stime", seconds }, { "settimeofday", microseconds }, { "clock_settime", clock_times },
	 { "parameters of the clock", parameters }, { "status of the clock", status },
	 { "offsets of the date", offsets }, { "adjtime alone", adjtime_alone },
	 { "both forms", forms }, { "times", times }, { "old calls", old_calls },
	 { "names are set", names }, { "names are told", told_names },
	 { "the end of the run", ends_of_the_run },
	 { "the end of the run by signals", ends_by_signals }, { "small calls", small_calls })
