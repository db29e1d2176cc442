/* SPDX-License-Identifier: MIT */
/*
 * What /proc says of the machine, of its kernel and of System V objects. Formats: proc(5),
 * sysvipc(7), Linux Documentation/admin-guide/sysctl/.
 *
 * sources: kernel/proc/machine.c kernel/proc/sysvipc.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/utsname.h"
#include "fs/names.h"
#include "fs/pipe/pipe.h"
#include "fs/tmpfs/mount.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/time.h"
#include "kernel/ipc/sysv_msg.h"
#include "kernel/ipc/sysv_sem.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/proc/proc.h"
#include "kernel/syscall/syscall.h"
#include "mm/user_space/mm.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct cpu_info cpu;
u32 kmsg_restricted;
const struct file_operations proc_kmsg_operations;
struct utsname system_names = { "Linux", "node", "1.2.3", "#1 today", "i686", "domain" };
struct ipc_table shm_table = IPC_TABLE(shm_table), sem_table = IPC_TABLE(sem_table),
		 msg_table = IPC_TABLE(msg_table);
u32 shmmax = SHMMAX, shmall = SHMALL, shmmni = SHMMNI, semmni = SEMMNI, msgmni = MSGMNI,
    msgmax = MSGMAX, msgmnb = MSGMNB;

static u32 per_ms;

u32 tsc_per_ms(void)
{
	return per_ms;
}

s32 ipc_id(const struct ipc_object *object)
{
	return (s32)(object->sequence * IPC_INDEXES + object->index);
}

u32 shm_attached(const struct shm_segment *segment)
{
	return segment->size / 1000;
}

u32 shm_resident(const struct shm_segment *segment)
{
	return segment->size / PAGE_SIZE;
}

static void boot(void)
{
	proc_boot();
	mm_put(proc_mm);
	proc_mm = NULL;
	proc_add_machine("console=none x=y");
	machine_settle();
}

/* The file has this text, whatever is read at once. */
static void expect_file(const char *path, const char *wanted)
{
	read_file(path, 4096);
	EXPECT_TEXT(text, wanted);
	read_file(path, 7);
	EXPECT_TEXT(text, wanted);
}

/* ---- The kernel ---- */

static void kernel(void)
{
	boot();
	expect_file("/proc/version", "Linux version 1.2.3 #1 today\n");
	expect_file("/proc/cmdline", "console=none x=y\n");
	expect_file("/proc/filesystems",
		    "nodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tproc\nnodev\tpipefs\n");
	expect_file("/proc/sys/kernel/ostype", "Linux\n");
	expect_file("/proc/sys/kernel/osrelease", "1.2.3\n");
	expect_file("/proc/sys/kernel/version", "#1 today\n");
	expect_file("/proc/sys/kernel/hostname", "node\n");
	expect_file("/proc/sys/kernel/domainname", "domain\n");
	expect_file("/proc/sys/kernel/core_pattern", "core\n");
	expect_file("/proc/sys/kernel/pid_max", "32768\n");
	expect_file("/proc/sys/kernel/cap_last_cap", "40\n");
}

static void processor(void)
{
	boot();
	cpu = (struct cpu_info){
		.vendor = "GenuineIntel", .family = 6, .model = 58, .stepping = 9
	};
	expect_file("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
				     "model\t\t: 58\nmodel name\t: unknown\nstepping\t: 9\n"
				     "flags\t\t:\n\n");
	strcpy(cpu.brand, "A Brand");
	per_ms = 2600045;
	memset(cpu.words, 0xff, sizeof(cpu.words));
	read_file("/proc/cpuinfo", 4096);
	EXPECT(strstr(text, "model name\t: A Brand\n") != NULL);
	EXPECT(strstr(text, "cpu MHz\t\t: 2600.045\n") != NULL);
	EXPECT(strstr(text, pte_nx ? "flags\t\t: tsc pse pae pge apic pat fxsr sse nx smep smap "
				     "umip lm\n\n"
				   : "flags\t\t: tsc pse pae pge apic pat fxsr sse smep smap "
				     "umip lm\n\n") != NULL);
	/* NX counts only where page tables use it. */
	cpu.words[CPU_NX / 32] = 0;
	read_file("/proc/cpuinfo", 4096);
	EXPECT(!strstr(text, " nx"));
}

#define MOUNTS                                                  \
	"tmpfs / tmpfs rw 0 0\ndevtmpfs /dev devtmpfs rw 0 0\n" \
	"tmpfs /dev/shm tmpfs rw 0 0\nproc /proc proc rw 0 0\n"

/* Those of mount(2) come after the others, the oldest first. */
static void mounts(void)
{
	static const char *const places[] = { "/a", "/b" };
	struct inode *root;

	boot();
	expect_file("/proc/mounts", MOUNTS);
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(path_make(NULL, places[i], S_IFDIR | 0755, 0), 0);
		EXPECT_EQ(path_lookup(NULL, places[i], 0, &root), 0);
		EXPECT_EQ(mount_tmpfs(root, &(struct mount_options){ .readonly = i == 1 }), 0);
		inode_put(root);
	}
	expect_file("/proc/mounts", MOUNTS "tmpfs /a tmpfs rw 0 0\ntmpfs /b tmpfs ro 0 0\n");
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(path_lookup(NULL, places[i], 0, &root), 0);
		EXPECT_EQ(mount_remove(root, false), 0);
		inode_put(root);
		EXPECT_EQ(path_rmdir(NULL, places[i]), 0);
	}
	expect_file("/proc/mounts", MOUNTS);
}

static void numbers(void)
{
	boot();
	EXPECT_EQ(write_to("/proc/sys/kernel/dmesg_restrict", "1"), 1);
	EXPECT_EQ(kmsg_restricted, 1);
	EXPECT_EQ(write_to("/proc/sys/kernel/dmesg_restrict", "2"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/vm/max_map_count", "2147483647"), 10);
	EXPECT_EQ(write_to("/proc/sys/vm/max_map_count", "2147483648"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "65537"), 5);
	expect_file("/proc/sys/fs/pipe-max-size", "131072\n"); /* a power of two */
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "0"), 1);
	expect_file("/proc/sys/fs/pipe-max-size", "4096\n");
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "-1"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "x"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "2147483648"), 10);
	EXPECT_EQ(pipe_max_size, 1u << 31);
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "2147483649"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/fs/pipe-max-size", "1048576"), 7);
}

/* ---- System V ---- */

#define SHM_HEAD                                                                      \
	"       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid" \
	"  cgid      atime      dtime      ctime        rss       swap\n"
#define SEM_HEAD                                                                    \
	"       key      semid perms      nsems   uid   gid  cuid  cgid      otime" \
	"      ctime\n"
#define MSG_HEAD                                                                     \
	"       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid" \
	"  cuid  cgid      stime      rtime      ctime\n"

static struct ipc_object object(u32 index, u32 key, u32 mode)
{
	return (struct ipc_object){ .index = index,
				    .sequence = 2,
				    .key = key,
				    .uid = 1,
				    .gid = 2,
				    .cuid = 3,
				    .cgid = 4,
				    .mode = mode };
}

static void segments(void)
{
	static struct shm_segment segment[3];

	boot();
	expect_file("/proc/sysvipc/shm", SHM_HEAD);
	for (u32 i = 0; i < ARRAY_SIZE(segment); i++) {
		segment[i] = (struct shm_segment){ .ipc = object(3 * i, 0xffffffff - i, 0640),
						   .size = 5000 + i,
						   .atime = 11,
						   .dtime = 12,
						   .ctime = 13,
						   .cpid = 14,
						   .lpid = 15 };
		mapping_init(&segment[i].mapping, NULL, 1);
		list_add_tail(&segment[i].ipc.link, &shm_table.objects);
	}
	segment[1].mapping.count = 0; /* it is about to be freed */
	segment[2].ipc.mode = 01777;
	expect_file("/proc/sysvipc/shm", SHM_HEAD
		    "        -1      65536   640       5000    14    15      5     1     2"
		    "     3     4         11         12         13       4096          0\n"
		    "        -3      65542  1777       5002    14    15      5     1     2"
		    "     3     4         11         12         13       4096          0\n");
	EXPECT(segment[0].mapping.count == 1 && segment[2].mapping.count == 1);
}

static void sets_and_queues(void)
{
	static struct sem_set set;
	static struct msg_queue queue;

	boot();
	expect_file("/proc/sysvipc/sem", SEM_HEAD);
	expect_file("/proc/sysvipc/msg", MSG_HEAD);
	set = (struct sem_set){ .ipc = object(5, 77, 0600), .count = 9, .otime = 21, .ctime = 22 };
	queue = (struct msg_queue){ .ipc = object(0, 78, 0123),
				    .stime = 31,
				    .rtime = 32,
				    .ctime = 33,
				    .lspid = 34,
				    .lrpid = 35,
				    .bytes = 100,
				    .count = 3 };
	list_add_tail(&set.ipc.link, &sem_table.objects);
	list_add_tail(&queue.ipc.link, &msg_table.objects);
	expect_file("/proc/sysvipc/sem",
		    SEM_HEAD "        77      65541   600          9     1     2     3     4"
			     "         21         22\n");
	expect_file("/proc/sysvipc/msg",
		    MSG_HEAD "        78      65536   123         100          3    34    35     1"
			     "     2     3     4         31         32         33\n");
}

/* Of semaphores only the number of sets can be changed; the others are read over. */
static void limits(void)
{
	char wanted[60];

	boot();
	snprintf(wanted, sizeof(wanted), "8000\t%u\t500\t32000\n", 8000 * 32000);
	expect_file("/proc/sys/kernel/sem", wanted);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem", "1 2\t 3 4"), 8);
	EXPECT_EQ(semmni, 4);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem", "1 2 3 0\n"), 8);
	EXPECT_EQ(semmni, 0);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem", "1 2 3 32000"), 11);
	EXPECT_EQ(semmni, 32000);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem", "1 2 3 32001"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem", "1 2 3 -1"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem", "1 2 3"), -EINVAL);
	EXPECT_EQ(semmni, 32000);
	EXPECT_EQ(write_to("/proc/sys/kernel/shmmni", "32768"), 5);
	EXPECT_EQ(write_to("/proc/sys/kernel/shmmni", "32769"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/kernel/msgmax", "65536"), 5);
	EXPECT_EQ(write_to("/proc/sys/kernel/msgmax", "65537"), -EINVAL);
	EXPECT(shmmni == 32768 && msgmax == 65536);
}

static void next_ids(void)
{
	boot();
	expect_file("/proc/sys/kernel/shm_next_id", "-1\n");
	EXPECT_EQ(write_to("/proc/sys/kernel/shm_next_id", "0"), 1);
	EXPECT_EQ(write_to("/proc/sys/kernel/sem_next_id", "7"), 1);
	EXPECT_EQ(write_to("/proc/sys/kernel/msg_next_id", "2147483647"), 10);
	expect_file("/proc/sys/kernel/shm_next_id", "0\n");
	expect_file("/proc/sys/kernel/sem_next_id", "7\n");
	expect_file("/proc/sys/kernel/msg_next_id", "2147483647\n");
	EXPECT_EQ(write_to("/proc/sys/kernel/msg_next_id", "2147483648"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/kernel/msg_next_id", "-1"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/kernel/msg_next_id", "x"), -EINVAL);
	EXPECT_EQ(msg_table.next_id, INT32_MAX);
}

TAP_MAIN({ "the kernel", kernel }, { "the processor", processor }, { "mounts", mounts },
	 { "numbers", numbers }, { "segments", segments }, { "sets and queues", sets_and_queues },
	 { "limits", limits }, { "next ids", next_ids })
