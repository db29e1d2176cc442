/* SPDX-License-Identifier: MIT */
/* inotify. Numbers cite the invariants of the header. */
#include "fs/events/inotify.h"
#include "fs/folder.h"
#include "fs/poll.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "abi/linux/termios.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

#define MAX_QUEUED 16384u
#define MASK_STAYS (IN_ALL_EVENTS | IN_UNMOUNT | IN_EXCL_UNLINK | IN_ONESHOT)

struct queued_event {
	struct list_head link;
	struct inotify_event event;
	char name[]; /* event.length bytes */
};

struct inotify_group {
	struct list_head watches, events;
	struct wait_queue queue;
	u32 queued;
	bool overflowed; /* `overflow` is queued */
	s32 last_number;
	struct queued_event overflow; /* says that others are lost */
};

struct inotify_watch {
	struct list_head link;	    /* in group->watches */
	struct inotify_watch *next; /* of the same inode */
	struct inotify_group *group;
	struct inode *inode;
	s32 number;
	u32 mask;
};

u32 inotify_watches, inotify_max_queued = MAX_QUEUED;
u32 inotify_max_instances = 128;
static u32 last_cookie, instances;

u32 inotify_cookie(void)
{
	return ++last_cookie;
}

/* The bytes of a name in an event: with a NUL, and padded. */
static u32 padded(const struct name *name)
{
	return name ? ALIGN_UP(name->length + 1, (u32)sizeof(struct inotify_event)) : 0;
}

/* The cookie does not count, as on Linux. */
static bool is_same(const struct queued_event *queued, const struct inotify_event *event,
		    const struct name *name)
{
	return queued->event.wd == event->wd && queued->event.mask == event->mask &&
	       queued->event.length == event->length &&
	       (!name ||
		(!queued->name[name->length] && !memcmp(queued->name, name->text, name->length)));
}

static struct queued_event *last_event(const struct inotify_group *group)
{
	return list_empty(&group->events)
		       ? NULL
		       : list_entry(group->events.prev, struct queued_event, link);
}

/*
 * Without memory, and beyond the limit, the event is lost: this is told once. It does not wait for
 * memory: other tasks would change the lists meanwhile.
 */
static void queue_event(struct inotify_group *group, s32 number, u32 mask, u32 cookie,
			const struct name *name)
{
	const struct inotify_event event = { number, mask, cookie, padded(name) };
	struct queued_event *queued = last_event(group);
	bool full = group->queued >= inotify_max_queued;

	/* An event like the last one says nothing new. */
	if (!full && queued && is_same(queued, &event, name))
		return;
	queued = full ? NULL : kmalloc(sizeof(*queued) + event.length, GFP_ATOMIC);
	if (queued) {
		queued->event = event;
		memset(queued->name, 0, event.length);
		if (name)
			memcpy(queued->name, name->text, name->length);
	} else {
		if (group->overflowed)
			return;
		group->overflowed = true;
		queued = &group->overflow;
	}
	list_add_tail(&queued->link, &group->events);
	group->queued++;
	wait_queue_wake(&group->queue);
}

/* The caller ends its use of it by free_event(). */
static void unqueue(struct inotify_group *group, struct queued_event *queued)
{
	list_del(&queued->link);
	group->queued--;
	group->overflowed &= queued != &group->overflow;
}

static void free_event(struct inotify_group *group, struct queued_event *queued)
{
	if (queued != &group->overflow)
		kfree(queued);
}

static void free_watch(struct inotify_watch *watch)
{
	struct inotify_watch **place = &watch->inode->watches;

	while (*place != watch)
		place = &(*place)->next;
	*place = watch->next;
	list_del(&watch->link);
	inotify_watches--;
	kfree(watch);
}

/* Tells the program that the watch is no more. */
static void end_watch(struct inotify_watch *watch)
{
	struct inotify_group *group = watch->group;
	s32 number = watch->number;

	free_watch(watch);
	queue_event(group, number, IN_IGNORED, 0, NULL);
}

static void tell_watches(const struct inode *inode, u32 mask, u32 cookie, const struct name *name)
{
	struct inotify_watch *watch, *next;

	for (watch = inode->watches; watch; watch = next) {
		next = watch->next;
		if (!(watch->mask & mask & IN_ALL_EVENTS))
			continue;
		queue_event(watch->group, watch->number, mask, cookie, name);
		if (watch->mask & IN_ONESHOT)
			end_watch(watch);
	}
}

void inotify_tell_name_slow(const struct inode *folder, const struct name *name, u32 mask,
			    u32 cookie)
{
	tell_watches(folder, mask, cookie, name);
}

void inotify_tell_self_slow(const struct inode *inode, u32 mask)
{
	/* As on Linux, a move does not say that it is a folder. */
	bool folder = is_kind(inode, S_IFDIR) && mask != IN_MOVE_SELF;

	tell_watches(inode, mask | (folder ? IN_ISDIR : 0), 0, NULL);
}

void inotify_tell_slow(const struct inode *inode, u32 mask)
{
	const struct dentry *dentry = inode->nlink ? inode_dentry(inode) : NULL;

	if (dentry) {
		const struct name name = { dentry->text, dentry->length, dentry->hash };

		tell_watches(dentry->folder, mask | (is_kind(inode, S_IFDIR) ? IN_ISDIR : 0), 0,
			     &name);
	}
	inotify_tell_self_slow(inode, mask);
}

void inotify_inode_ends(struct inode *inode)
{
	while (inode->watches) {
		struct inotify_watch *watch = inode->watches;

		if (watch->mask & IN_DELETE_SELF)
			queue_event(watch->group, watch->number, IN_DELETE_SELF, 0, NULL);
		end_watch(watch);
	}
}

/* --- The open file --- */

static struct queued_event *first_event(const struct inotify_group *group)
{
	return list_empty(&group->events)
		       ? NULL
		       : list_first_entry(&group->events, struct queued_event, link);
}

/*
 * Copies events that fit. The bytes, -EINVAL if the first does not fit, -EFAULT: then it is lost
 * with those before it, as on Linux.
 */
static s32 take_events(struct inotify_group *group, u32 bytes, mapping_copy_t copy, void *context)
{
	struct queued_event *queued;
	u32 done = 0;

	while ((queued = first_event(group))) {
		u32 size = sizeof(queued->event) + queued->event.length, left;

		if (size > bytes - done)
			return done ? (s32)done : -EINVAL;
		/* The copy may sleep: another reader must not find the event meanwhile. */
		unqueue(group, queued);
		left = copy(&queued->event, sizeof(queued->event), context);
		if (!left && queued->event.length)
			left = copy(queued->name, queued->event.length, context);
		free_event(group, queued);
		if (left)
			return -EFAULT;
		done += size;
	}
	return (s32)done;
}

static s32 inotify_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	struct inotify_group *group = file->data;
	int err = 0;

	(void)position;
	while (list_empty(&group->events) && !err)
		err = file->flags & O_NONBLOCK ? -EAGAIN : wait_queue_sleep(&group->queue);
	return err ? err : take_events(group, bytes, copy, context);
}

static u32 inotify_poll(struct file *file, struct poll_table *table)
{
	struct inotify_group *group = file->data;

	poll_wait(table, &group->queue);
	return list_empty(&group->events) ? 0 : POLLIN | POLLRDNORM;
}

static s32 inotify_ioctl(struct file *file, u32 command, vaddr_t argument)
{
	const struct inotify_group *group = file->data;
	const struct queued_event *queued;
	u32 bytes = 0;

	list_for_each_entry (queued, &group->events, link)
		bytes += sizeof(queued->event) + queued->event.length;
	return command == FIONREAD ? user_put(argument, &bytes, sizeof(bytes)) : -ENOTTY;
}

static void inotify_release(struct file *file)
{
	struct inotify_group *group = file->data;

	while (!list_empty(&group->watches))
		free_watch(list_first_entry(&group->watches, struct inotify_watch, link));
	while (!list_empty(&group->events)) {
		struct queued_event *queued = first_event(group);

		unqueue(group, queued);
		free_event(group, queued);
	}
	kfree(group);
	instances--;
}

static const struct file_operations inotify_operations = {
	.name = "inotify",
	.read = inotify_read,
	.read_each_part = true,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.release = inotify_release,
	.seek = file_seek_nowhere,
	.no_splice_read = true,
	.mode = 0600,
};

int inotify_open(u32 flags, struct file **opened)
{
	struct inotify_group *group;
	struct file *file;

	if (instances >= inotify_max_instances)
		return -EMFILE;
	group = kmalloc(sizeof(*group), GFP_KERNEL);
	file = group ? file_alloc(&inotify_operations) : NULL;
	if (!file) {
		kfree(group);
		return -ENOMEM;
	}
	instances++;
	*group = (struct inotify_group){ .overflow.event = { .wd = -1, .mask = IN_Q_OVERFLOW } };
	list_init(&group->watches);
	list_init(&group->events);
	wait_queue_init(&group->queue);
	file->data = group;
	file->flags = O_RDONLY | (flags & O_NONBLOCK);
	*opened = file;
	return 0;
}

/* --- Watches --- */

static struct inotify_watch *find_watch(const struct inotify_group *group,
					const struct inode *inode)
{
	struct inotify_watch *watch = inode->watches;

	while (watch && watch->group != group)
		watch = watch->next;
	return watch;
}

static s32 change_watch(struct inotify_watch *watch, u32 mask)
{
	if (mask & IN_MASK_CREATE)
		return -EEXIST;
	watch->mask = (mask & IN_MASK_ADD ? watch->mask : 0) | (mask & MASK_STAYS);
	return watch->number;
}

bool file_is_inotify(const struct file *file)
{
	return file->operations == &inotify_operations;
}

s32 inotify_add(struct file *file, struct inode *inode, u32 mask)
{
	struct inotify_group *group = file->data;
	struct inotify_watch *watch, *old;
	int err = inode_permission(inode, MAY_READ);

	if (mask & IN_ONLYDIR && !is_kind(inode, S_IFDIR))
		return -ENOTDIR;
	if (err)
		return err;
	watch = kmalloc(sizeof(*watch), GFP_KERNEL);
	if (!watch)
		return -ENOMEM;
	old = find_watch(group, inode);
	if (old || inotify_watches >= nr_present_pages()) { /* about a percent of memory */
		kfree(watch);
		return old ? change_watch(old, mask) : -ENOSPC;
	}
	*watch = (struct inotify_watch){ .group = group,
					 .inode = inode,
					 .number = ++group->last_number,
					 .mask = mask & MASK_STAYS,
					 .next = inode->watches };
	inode->watches = watch;
	list_add_tail(&watch->link, &group->watches);
	inotify_watches++;
	return watch->number;
}

int inotify_remove(struct file *file, s32 number)
{
	struct inotify_group *group = file->data;
	struct inotify_watch *watch;

	if (!file_is_inotify(file))
		return -EINVAL;
	list_for_each_entry (watch, &group->watches, link)
		if (watch->number == number) {
			end_watch(watch);
			return 0;
		}
	return -EINVAL;
}
