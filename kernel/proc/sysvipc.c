/* SPDX-License-Identifier: MIT */
/*
 * System V IPC: /proc/sysvipc, and its limits in /proc/sys/kernel. Source: proc(5), sysvipc(7);
 * Linux Documentation/admin-guide/sysctl/kernel.rst.
 */
#include "abi/linux/errno.h"
#include "kernel/ipc/sysv_msg.h"
#include "kernel/ipc/sysv_sem.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/proc/proc.h"

/* Of the bytes of a message: kmalloc() can have so many. */
#define MSGMAX_MOST 65536u

/* The object with the lowest index from this one on. */
static struct ipc_object *next_object(const struct ipc_table *table, u64 from)
{
	struct ipc_object *object;

	list_for_each_entry (object, &table->objects, link)
		if (object->index >= from)
			return object;
	return NULL;
}

/* Four octal digits as a decimal number. */
static u32 octal(u32 mode)
{
	return (mode >> 9 & 7) * 1000 + (mode >> 6 & 7) * 100 + (mode >> 3 & 7) * 10 + (mode & 7);
}

/* Counting in a large segment lets other tasks run: the reference keeps it. */
static void print_segment(struct seq *seq, struct ipc_object *object)
{
	struct shm_segment *segment = shm_segment_of(object);
	u32 swap;

	/* Without references it is about to be freed. */
	if (!segment->mapping.count)
		return;
	mapping_get(&segment->mapping);
	swap = mapping_count_in_swap(&segment->mapping, 0, PAGE_ALIGN(segment->size) >> PAGE_SHIFT);
	seq_printf(seq,
		   "%10d %10d  %4u %10u %5u %5u  %5u %5u %5u %5u %5u %10u %10u %10u %10u "
		   "%10u\n",
		   (s32)segment->ipc.key, ipc_id(&segment->ipc), octal(segment->ipc.mode),
		   segment->size, segment->cpid, segment->lpid, shm_attached(segment),
		   segment->ipc.uid, segment->ipc.gid, segment->ipc.cuid, segment->ipc.cgid,
		   segment->atime, segment->dtime, segment->ctime,
		   shm_resident(segment) * PAGE_SIZE, swap * PAGE_SIZE);
	mapping_put(&segment->mapping);
}

/* A record for the head and one for each object; the cursor is 1 + the next index. */
static int show_table(struct seq *seq, const struct ipc_table *table, const char *head,
		      void (*print)(struct seq *seq, struct ipc_object *object), u64 *cursor)
{
	struct ipc_object *object;

	if (!*cursor) {
		seq_printf(seq, "%s", head);
		return (int)++*cursor;
	}
	object = next_object(table, *cursor - 1);
	if (!object)
		return 0;
	*cursor = object->index + 2;
	print(seq, object);
	return 1;
}

static int show_shm(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	return show_table(
		seq, &shm_table,
		"       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid"
		"  cgid      atime      dtime      ctime        rss       swap\n",
		print_segment, cursor);
}

static void print_set(struct seq *seq, struct ipc_object *object)
{
	const struct sem_set *set = sem_set_of(object);

	seq_printf(seq, "%10d %10d  %4u %10u %5u %5u %5u %5u %10u %10u\n", (s32)object->key,
		   ipc_id(object), octal(object->mode), set->count, object->uid, object->gid,
		   object->cuid, object->cgid, set->otime, set->ctime);
}

static int show_sem(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	return show_table(
		seq, &sem_table,
		"       key      semid perms      nsems   uid   gid  cuid  cgid      otime"
		"      ctime\n",
		print_set, cursor);
}

static void print_queue(struct seq *seq, struct ipc_object *object)
{
	const struct msg_queue *queue = msg_queue_of(object);

	seq_printf(seq, "%10d %10d  %4u  %10u %10u %5d %5d %5u %5u %5u %5u %10u %10u %10u\n",
		   (s32)object->key, ipc_id(object), octal(object->mode), queue->bytes,
		   queue->count, queue->lspid, queue->lrpid, object->uid, object->gid, object->cuid,
		   object->cgid, queue->stime, queue->rtime, queue->ctime);
}

static int show_msg(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	return show_table(
		seq, &msg_table,
		"       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid"
		"  cuid  cgid      stime      rtime      ctime\n",
		print_queue, cursor);
}

/* Semaphores in a set, in all; operations in a call; sets. Only the last can be changed. */
static int show_sem_limits(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	seq_printf(seq, "%u\t%u\t%u\t%u\n", SEMMSL, SEMMSL * SEMMNI, SEMOPM, semmni);
	return !(*cursor)++;
}

static const char *next_word(const char *text)
{
	while (*text && *text != ' ' && *text != '\t')
		text++;
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

static int write_sem_limits(const struct proc_subject *subject, const char *text)
{
	s64 number;
	int err;

	(void)subject;
	for (u32 i = 0; i < 3; i++)
		text = next_word(text);
	err = proc_parse_number(text, &number);
	if (err)
		return err;
	if (number < 0 || number > (s64)SEMMNI)
		return -EINVAL;
	semmni = (u32)number;
	return 0;
}

/* The id that the next object of a kind gets, if it is free; -1: none is wanted. */
#define NEXT_ID(kind)                                                                           \
	static int show_##kind##_next_id(struct seq *seq, const struct proc_subject *subject,   \
					 u64 *cursor)                                           \
	{                                                                                       \
		(void)subject;                                                                  \
		seq_printf(seq, "%d\n", kind##_table.next_id);                                  \
		return !(*cursor)++;                                                            \
	}                                                                                       \
                                                                                                \
	static int write_##kind##_next_id(const struct proc_subject *subject, const char *text) \
	{                                                                                       \
		(void)subject;                                                                  \
		return parse_id(text, &kind##_table.next_id);                                   \
	}

static int parse_id(const char *text, s32 *id)
{
	s64 number;
	int err = proc_parse_number(text, &number);

	if (err)
		return err;
	if (number < 0 || number > INT32_MAX)
		return -EINVAL;
	*id = (s32)number;
	return 0;
}

NEXT_ID(shm)
NEXT_ID(sem)
NEXT_ID(msg)

static const struct proc_entry entries[] = {
	{ "sysvipc/shm", 0444, .show = show_shm },
	{ "sysvipc/sem", 0444, .show = show_sem },
	{ "sysvipc/msg", 0444, .show = show_msg },
	{ "sys/kernel/shmmax", 0644, .number = &shmmax, .most = SHMMAX },
	{ "sys/kernel/shmall", 0644, .number = &shmall, .most = SHMALL },
	{ "sys/kernel/shmmni", 0644, .number = &shmmni, .most = IPC_INDEXES },
	{ "sys/kernel/msgmax", 0644, .number = &msgmax, .most = MSGMAX_MOST },
	{ "sys/kernel/msgmnb", 0644, .number = &msgmnb, .most = INT32_MAX },
	{ "sys/kernel/msgmni", 0644, .number = &msgmni, .most = IPC_INDEXES },
	{ "sys/kernel/sem", 0644, .show = show_sem_limits, .write = write_sem_limits },
	{ "sys/kernel/shm_next_id", 0644, .show = show_shm_next_id, .write = write_shm_next_id },
	{ "sys/kernel/sem_next_id", 0644, .show = show_sem_next_id, .write = write_sem_next_id },
	{ "sys/kernel/msg_next_id", 0644, .show = show_msg_next_id, .write = write_msg_next_id },
};

void proc_add_sysvipc(void)
{
	proc_add(entries, ARRAY_SIZE(entries));
}
