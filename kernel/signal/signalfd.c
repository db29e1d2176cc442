/* SPDX-License-Identifier: MIT */
/* signalfd. */
#include "kernel/signal/signalfd.h"
#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/signal/signal.h"
#include "mm/slab/slab.h"

/* signalfd_siginfo (Linux include/uapi/linux/signalfd.h). */
struct signal_record {
	u32 signo;
	s32 error, code;
	u32 pid, uid;
	s32 fd;
	u32 tid, band, overrun, trapno;
	s32 status, value;
	u32 pointer[2]; /* 64 bits each from here */
	u64 utime, stime, address;
	u8 rest[48];
} __packed;
_Static_assert(sizeof(struct signal_record) == 128, "signalfd_siginfo is not Linux's");

struct signalfd {
	u64 set;
};

/* One queue for all: few wait, and each looks again. */
static struct wait_queue waiting = { LIST_HEAD_INIT(waiting.entries) };

void signalfd_wake(void)
{
	if (unlikely(!list_empty(&waiting.entries)))
		wait_queue_wake(&waiting);
}

static void fill(struct signal_record *record, const struct siginfo *info)
{
	*record = (struct signal_record){ .signo = (u32)info->signo,
					  .error = info->error,
					  .code = info->code };
	if (info->code == SI_TIMER) {
		record->tid = info->words[0];
		record->overrun = info->words[1];
		record->value = (s32)info->words[2];
		record->pointer[0] = info->words[2];
	} else if (info->signo == SIGCHLD && info->code > 0) {
		record->pid = (u32)info->pid;
		record->uid = info->uid;
		record->status = (s32)info->value;
		record->utime = info->words[3];
		record->stime = info->words[4];
	} else if (info->code <= 0) {
		record->pid = (u32)info->pid;
		record->uid = info->uid;
		record->value = (s32)info->value;
		record->pointer[0] = info->value;
	} else if (info->code != SI_KERNEL) { /* of a file (POLL_IN) */
		record->band = info->words[0];
		record->fd = (s32)info->words[1];
	}
}

static s32 signalfd_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			 void *context)
{
	const struct signalfd *signalfd = file->data;
	struct signal_record record;
	struct siginfo info;
	u32 done = 0;
	int err = 0;

	(void)position;
	if (bytes < sizeof(record))
		return -EINVAL;
	while (bytes - done >= sizeof(record)) {
		if (signal_dequeue(signalfd->set, &info)) {
			fill(&record, &info);
			if (copy(&record, sizeof(record), context))
				return done ? (s32)done : -EFAULT;
			done += sizeof(record);
		} else if (done || err) {
			break;
		} else {
			err = file->flags & O_NONBLOCK ? -EAGAIN : wait_queue_sleep(&waiting);
		}
	}
	return done ? (s32)done : err;
}

static u32 signalfd_poll(struct file *file, struct poll_table *table)
{
	const struct signalfd *signalfd = file->data;

	poll_wait(table, &waiting);
	return signals_waiting(current) & signalfd->set ? POLLIN : 0;
}

static void signalfd_release(struct file *file)
{
	kfree(file->data);
}

static const struct file_operations signalfd_operations = {
	.name = "[signalfd]",
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.seek = file_seek_nowhere,
	.no_splice_read = true,
	.mode = 0600,
};

int signalfd_open(u64 set, u32 flags, struct file **opened)
{
	struct signalfd *signalfd = kmalloc(sizeof(*signalfd), GFP_KERNEL);
	struct file *file = signalfd ? file_alloc(&signalfd_operations) : NULL;

	if (!file) {
		kfree(signalfd);
		return -ENOMEM;
	}
	signalfd->set = set & ~SIGMASK_UNBLOCKABLE;
	file->data = signalfd;
	file->flags = O_RDWR | (flags & O_NONBLOCK);
	*opened = file;
	return 0;
}

int signalfd_set(struct file *file, u64 set)
{
	struct signalfd *signalfd = file->data;

	if (file->operations != &signalfd_operations)
		return -EINVAL;
	signalfd->set = set & ~SIGMASK_UNBLOCKABLE;
	wait_queue_wake(&waiting);
	return 0;
}
