/* SPDX-License-Identifier: MIT */
/*
 * inotify: which events are queued, how they are read, and how a watch ends. Limits are in
 * test_watch_limits.c.
 */
#include "abi/linux/errno.h"
#include "abi/linux/inotify.h"
#include "fs/events/inotify.h"
#include "fs/poll.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"

static struct file *inotify, *file;

static void start_watch(void)
{
	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(inotify_open(O_NONBLOCK, &inotify), 0);
}

static void end_watch(void)
{
	file_put(inotify);
	EXPECT_EQ(inotify_watches, 0);
	if (file)
		file_put(file);
	path_unlink(NULL, "/tmp/f");
}

static s32 read_some(void *buffer, u32 bytes)
{
	char *to = buffer;

	return file_read(inotify, &inotify->position, bytes, copy_to_buffer, &to);
}

/* The next event is this one; `name` may be NULL. */
static void expect_event(s32 number, u32 mask, const char *name)
{
	struct {
		struct inotify_event event;
		char name[32];
	} got = { { 0 }, "" };
	u32 length = name ? ALIGN_UP((u32)strlen(name) + 1, 16u) : 0;

	EXPECT_EQ(file_poll(inotify, NULL), POLLIN | POLLRDNORM);
	EXPECT_EQ(read_some(&got, (u32)sizeof(got.event) + length), sizeof(got.event) + length);
	EXPECT_EQ(got.event.wd, number);
	EXPECT_EQ(got.event.mask, mask);
	EXPECT_EQ(got.event.length, length);
	EXPECT_TEXT(got.name, name ? name : "");
}

static void expect_none(void)
{
	char byte;

	EXPECT_EQ(file_poll(inotify, NULL), 0);
	EXPECT_EQ(read_some(&byte, 1), -EAGAIN);
}

static void attributes(void)
{
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, file->inode, IN_ATTRIB);
	expect_none();
	EXPECT_EQ(inode_chmod(file->inode, 0755), 0);
	expect_event(watch, IN_ATTRIB, NULL);
	/* Without an owner and a group only rights that went are a change. */
	EXPECT_EQ(inode_chown(file->inode, UINT32_MAX, UINT32_MAX), 0);
	expect_none();
	EXPECT_EQ(inode_chown(file->inode, 0, UINT32_MAX), 0);
	expect_event(watch, IN_ATTRIB, NULL);
	EXPECT_EQ(inode_chown(file->inode, UINT32_MAX, 0), 0);
	expect_event(watch, IN_ATTRIB, NULL);
	EXPECT_EQ(inode_chmod(file->inode, S_ISUID | 0755), 0);
	expect_event(watch, IN_ATTRIB, NULL);
	EXPECT_EQ(inode_chown(file->inode, UINT32_MAX, UINT32_MAX), 0);
	expect_event(watch, IN_ATTRIB, NULL);
	/* What is not asked for is not told. */
	EXPECT_EQ(put_text(file, "text"), 4);
	expect_none();
	end_watch();
}

/* The file is open before its size changes, and also if that is refused. */
static void truncated(void)
{
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, file->inode, IN_ALL_EVENTS);
	EXPECT_EQ(try("/tmp/f", O_WRONLY | O_TRUNC), 0);
	expect_event(watch, IN_OPEN, NULL);
	expect_event(watch, IN_MODIFY, NULL);
	expect_event(watch, IN_CLOSE_WRITE, NULL);
	file_put(file);
	expect_event(watch, IN_CLOSE_WRITE, NULL);
	file = opened("/tmp/f", O_RDONLY);
	expect_event(watch, IN_OPEN, NULL);
	EXPECT(mapping_deny_write(file->mapping));
	EXPECT_EQ(try("/tmp/f", O_WRONLY | O_TRUNC), -ETXTBSY);
	expect_none();
	EXPECT_EQ(try("/tmp/f", O_RDONLY | O_TRUNC), -ETXTBSY);
	expect_event(watch, IN_OPEN, NULL);
	expect_event(watch, IN_CLOSE_NOWRITE, NULL);
	EXPECT_EQ(path_truncate(NULL, "/tmp/f", 0), -ETXTBSY);
	expect_none();
	mapping_allow_write(file->mapping);
	end_watch();
}

/* What moved no byte is neither a change nor an access. */
static void nothing_moved(void)
{
	char byte, *to = &byte;
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, file->inode, IN_ACCESS | IN_MODIFY);
	EXPECT_EQ(put_text(file, ""), 0);
	EXPECT_EQ(file_read(file, &file->position, 1, copy_to_buffer, &to), 0);
	expect_none();
	EXPECT_EQ(put_text(file, "a"), 1);
	expect_event(watch, IN_MODIFY, NULL);
	file->position = 0;
	EXPECT_EQ(file_read(file, &file->position, 0, copy_to_buffer, &to), 0);
	expect_none();
	EXPECT_EQ(file_read(file, &file->position, 1, copy_to_buffer, &to), 1);
	expect_event(watch, IN_ACCESS, NULL);
	end_watch();
}

/* A file that is made by the open has nothing to lose. */
static void made_and_truncated(void)
{
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, found("/tmp"), IN_CREATE | IN_OPEN | IN_MODIFY);
	file_put(opened("/tmp/g", O_RDWR | O_CREAT | O_TRUNC));
	expect_event(watch, IN_CREATE, "g");
	expect_event(watch, IN_OPEN, "g");
	expect_none();
	file_put(opened("/tmp/g", O_RDWR | O_CREAT | O_TRUNC));
	expect_event(watch, IN_OPEN, "g");
	expect_event(watch, IN_MODIFY, "g");
	EXPECT_EQ(path_unlink(NULL, "/tmp/g"), 0);
	end_watch();
}

static void names_in_a_folder(void)
{
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, found("/tmp"), IN_ATTRIB | IN_CREATE | IN_DELETE);
	EXPECT_EQ(inode_chmod(file->inode, 0600), 0);
	expect_event(watch, IN_ATTRIB, "f");
	EXPECT_EQ(inode_chmod(found("/tmp"), 0777), 0);
	expect_event(watch, IN_ATTRIB | IN_ISDIR, NULL);
	file_put(opened("/tmp/a-name-of-sixteen", O_RDWR | O_CREAT));
	expect_event(watch, IN_CREATE, "a-name-of-sixteen");
	EXPECT_EQ(path_unlink(NULL, "/tmp/a-name-of-sixteen"), 0);
	expect_event(watch, IN_DELETE, "a-name-of-sixteen");
	expect_none();
	/* A file without a name has no folder. */
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	expect_event(watch, IN_DELETE, "f");
	EXPECT_EQ(inode_chmod(file->inode, 0644), 0);
	expect_none();
	end_watch();
}

/* An event like the last one is not told again; others are, in their order. */
static void equal_events(void)
{
	const struct name one = { "one", 3, 0 }, two = { "two", 3, 0 }, longer = { "one1", 4, 0 };
	struct inode *tmp;
	s32 watch;

	start_watch();
	tmp = found("/tmp");
	watch = inotify_add(inotify, tmp, IN_ALL_EVENTS);
	for (u32 i = 0; i < 2; i++)
		inotify_tell_name_slow(tmp, &one, IN_CREATE, 0);
	inotify_tell_name_slow(tmp, &one, IN_DELETE, 0);
	inotify_tell_name_slow(tmp, &two, IN_DELETE, 0);
	inotify_tell_name_slow(tmp, &one, IN_DELETE, 0);
	inotify_tell_name_slow(tmp, &longer, IN_DELETE, 0);
	inotify_tell_name_slow(tmp, &one, IN_DELETE, 0);
	inotify_tell_name_slow(tmp, &one, IN_DELETE, 7);
	expect_event(watch, IN_CREATE, "one");
	expect_event(watch, IN_DELETE, "one");
	expect_event(watch, IN_DELETE, "two");
	expect_event(watch, IN_DELETE, "one");
	expect_event(watch, IN_DELETE, "one1");
	expect_event(watch, IN_DELETE, "one"); /* one with both cookies */
	expect_none();
	end_watch();
}

static void tell_later(void)
{
	EXPECT_EQ(inode_chmod(file->inode, 0600), 0);
}

static void reading(void)
{
	struct wait_entry entry;
	struct poll_table table;
	char buffer[64];
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, found("/tmp"), IN_ATTRIB);
	EXPECT_EQ(inode_chmod(file->inode, 0600), 0);
	EXPECT_EQ(read_some(buffer, 31), -EINVAL);
	EXPECT_EQ(inode_chmod(found("/tmp"), 0777), 0);
	EXPECT_EQ(read_some(buffer, 47), 32); /* the second one does not fit */
	expect_event(watch, IN_ATTRIB | IN_ISDIR, NULL);
	EXPECT_EQ(inode_chmod(file->inode, 0600), 0);
	EXPECT_EQ(inode_chmod(found("/tmp"), 0777), 0);
	EXPECT_EQ(read_some(buffer, 48), 48);
	expect_none();
	inotify->flags &= ~(u32)O_NONBLOCK;
	EXPECT_EQ(read_some(buffer, 32), -ERESTARTSYS);
	host_others = tell_later;
	EXPECT_EQ(read_some(buffer, 32), 32);
	poll_begin(&table, &entry, 1);
	EXPECT_EQ(file_poll(inotify, &table), 0);
	EXPECT_EQ(poll_sleep(&table, WAIT_FOREVER), 0);
	poll_end(&table);
	host_others = NULL;
	EXPECT_EQ(file_poll(inotify, NULL), POLLIN | POLLRDNORM);
	end_watch();
}

static u32 copies;

static u32 copy_some(void *buffer, u32 bytes, void *context)
{
	(void)buffer, (void)context;
	return copies-- ? 0 : bytes;
}

/* An event that cannot be copied is lost with those of the same call; it is not counted. */
static void bad_addresses(void)
{
	const u32 limit = inotify_max_queued;
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, found("/tmp"), IN_CREATE);
	inotify_max_queued = 4;
	for (u32 good = 0; good < 4; good++) { /* a name is a second copy */
		for (char path[] = "/tmp/a"; path[5] < 'e'; path[5]++) {
			file_put(opened(path, O_RDWR | O_CREAT));
			EXPECT_EQ(path_unlink(NULL, path), 0);
		}
		copies = good;
		EXPECT_EQ(file_read(inotify, &inotify->position, 200, copy_some, NULL), -EFAULT);
		if (good < 2)
			expect_event(watch, IN_CREATE, "b");
		expect_event(watch, IN_CREATE, "c");
		expect_event(watch, IN_CREATE, "d");
		expect_none();
	}
	inotify_max_queued = limit;
	end_watch();
}

/* One more event than may wait is told as such, once. */
static void too_many(void)
{
	const u32 limit = inotify_max_queued;
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, file->inode, IN_ALL_EVENTS);
	inotify_max_queued = 2;
	for (u32 i = 0; i < 3; i++) {
		inotify_tell_self_slow(file->inode, IN_MODIFY);
		inotify_tell_self_slow(file->inode, IN_ATTRIB);
	}
	expect_event(watch, IN_MODIFY, NULL);
	expect_event(watch, IN_ATTRIB, NULL);
	expect_event(-1, IN_Q_OVERFLOW, NULL);
	expect_none();
	inotify_tell_self_slow(file->inode, IN_MODIFY);
	expect_event(watch, IN_MODIFY, NULL);
	/* Not again before that was read, though others could wait meanwhile. */
	for (u32 i = 0; i < 3; i++)
		inotify_tell_self_slow(file->inode, i % 2 ? IN_ATTRIB : IN_MODIFY);
	expect_event(watch, IN_MODIFY, NULL);
	expect_event(watch, IN_ATTRIB, NULL);
	inotify_tell_self_slow(file->inode, IN_ATTRIB);
	inotify_tell_self_slow(file->inode, IN_MODIFY);
	expect_event(-1, IN_Q_OVERFLOW, NULL);
	inotify_tell_self_slow(file->inode, IN_MODIFY);
	inotify_tell_self_slow(file->inode, IN_ATTRIB);
	expect_event(watch, IN_ATTRIB, NULL);
	expect_event(watch, IN_MODIFY, NULL);
	expect_event(-1, IN_Q_OVERFLOW, NULL);
	expect_none();
	inotify_max_queued = limit;
	end_watch();
}

/* What is lost for want of memory is told in the same way. */
static void without_memory(void)
{
	static const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };
	s32 watch;

	start_watch();
	watch = inotify_add(inotify, file->inode, IN_ALL_EVENTS);
	inotify_tell_self_slow(file->inode, IN_MODIFY);
	for (u32 i = 0; i < 2; i++) {
		fail_alloc_set(&none);
		inotify_tell_self_slow(file->inode, IN_ATTRIB);
		inotify_tell_self_slow(file->inode, IN_MODIFY);
		fail_alloc_set(NULL);
		inotify_tell_self_slow(file->inode, IN_ATTRIB);
		if (!i)
			expect_event(watch, IN_MODIFY, NULL);
		expect_event(-1, IN_Q_OVERFLOW, NULL);
		expect_event(watch, IN_ATTRIB, NULL);
		expect_none();
	}
	fail_alloc_set(&none);
	EXPECT_EQ(inotify_remove(inotify, watch), 0);
	fail_alloc_set(NULL);
	end_watch(); /* with the event unread */
}

static void masks(void)
{
	s32 watch;

	start_watch();
	EXPECT_EQ(inotify_add(inotify, file->inode, IN_ATTRIB | IN_ONLYDIR), -ENOTDIR);
	watch = inotify_add(inotify, file->inode, IN_ATTRIB);
	EXPECT_EQ(inotify_add(inotify, file->inode, IN_ATTRIB | IN_MASK_CREATE), -EEXIST);
	EXPECT_EQ(inotify_add(inotify, file->inode, IN_MODIFY), watch);
	inotify_tell_self_slow(file->inode, IN_ATTRIB);
	expect_none();
	EXPECT_EQ(inotify_add(inotify, file->inode, IN_ATTRIB | IN_MASK_ADD), watch);
	inotify_tell_self_slow(file->inode, IN_ATTRIB);
	inotify_tell_self_slow(file->inode, IN_MODIFY);
	expect_event(watch, IN_ATTRIB, NULL);
	expect_event(watch, IN_MODIFY, NULL);
	EXPECT_EQ(inotify_add(inotify, file->inode, IN_ATTRIB | IN_ONESHOT), watch);
	inotify_tell_self_slow(file->inode, IN_ATTRIB);
	inotify_tell_self_slow(file->inode, IN_ATTRIB);
	expect_event(watch, IN_ATTRIB, NULL);
	expect_event(watch, IN_IGNORED, NULL);
	expect_none();
	EXPECT_EQ(inotify_remove(inotify, watch), -EINVAL);
	end_watch();
}

/* The next event, of a move. Returns its cookie. */
static u32 expect_move(s32 number, u32 mask, const char *name)
{
	struct {
		struct inotify_event event;
		char name[16];
	} got = { { 0 }, "" };

	EXPECT_EQ(read_some(&got, sizeof(got)), sizeof(got));
	EXPECT_EQ(got.event.wd, number);
	EXPECT_EQ(got.event.mask, mask);
	EXPECT_TEXT(got.name, name);
	return got.event.cookie;
}

/* Both folders are told, with one cookie, then a file that was replaced and the moved one. */
static void moves(void)
{
	s32 from, to, moved, replaced;
	u32 cookie, other;

	start_watch();
	EXPECT_EQ(path_make(NULL, "/tmp/d", S_IFDIR | 0755, 0), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/d/g", S_IFREG | 0644, 0), 0);
	from = inotify_add(inotify, found("/tmp"), IN_ALL_EVENTS);
	to = inotify_add(inotify, found("/tmp/d"), IN_ALL_EVENTS);
	moved = inotify_add(inotify, file->inode, IN_ALL_EVENTS);
	replaced = inotify_add(inotify, found("/tmp/d/g"), IN_ALL_EVENTS);
	EXPECT_EQ(path_rename(NULL, "/tmp/f", NULL, "/tmp/d/g", 0), 0);
	cookie = expect_move(from, IN_MOVED_FROM, "f");
	EXPECT(cookie && cookie == expect_move(to, IN_MOVED_TO, "g"));
	expect_event(replaced, IN_ATTRIB, NULL);
	expect_event(moved, IN_MOVE_SELF, NULL);
	expect_event(replaced, IN_DELETE_SELF, NULL);
	expect_event(replaced, IN_IGNORED, NULL);
	expect_none();
	/* A folder says so, but not of itself. */
	EXPECT_EQ(inotify_remove(inotify, moved), 0);
	expect_event(moved, IN_IGNORED, NULL);
	EXPECT_EQ(path_rename(NULL, "/tmp/d", NULL, "/tmp/e", 0), 0);
	other = expect_move(from, IN_MOVED_FROM | IN_ISDIR, "d");
	EXPECT(other != cookie && other == expect_move(from, IN_MOVED_TO | IN_ISDIR, "e"));
	expect_event(to, IN_MOVE_SELF, NULL);
	expect_none();
	/* An exchange is two moves. */
	EXPECT_EQ(inotify_remove(inotify, to), 0);
	expect_event(to, IN_IGNORED, NULL);
	EXPECT_EQ(path_make(NULL, "/tmp/h", S_IFREG | 0644, 0), 0);
	expect_event(from, IN_CREATE, "h");
	EXPECT_EQ(path_rename(NULL, "/tmp/e", NULL, "/tmp/h", RENAME_EXCHANGE), 0);
	cookie = expect_move(from, IN_MOVED_FROM | IN_ISDIR, "e");
	EXPECT_EQ(expect_move(from, IN_MOVED_TO | IN_ISDIR, "h"), cookie);
	other = expect_move(from, IN_MOVED_FROM, "h");
	EXPECT(other != cookie && expect_move(from, IN_MOVED_TO, "e") == other);
	expect_none();
	EXPECT_EQ(path_unlink(NULL, "/tmp/e"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/h/g"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/h"), 0);
	end_watch();
}

static void ends(void)
{
	s32 first, second;

	start_watch();
	first = inotify_add(inotify, file->inode, IN_DELETE_SELF);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	expect_none();
	file_put(file);
	expect_event(first, IN_DELETE_SELF, NULL);
	expect_event(first, IN_IGNORED, NULL);
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	second = inotify_add(inotify, file->inode, IN_ATTRIB);
	EXPECT_EQ(second, first + 1);
	EXPECT_EQ(inotify_remove(inotify, second), 0);
	expect_event(second, IN_IGNORED, NULL);
	second = inotify_add(inotify, file->inode, IN_ATTRIB);
	file_put(file);
	file = NULL;
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	expect_event(second, IN_ATTRIB, NULL); /* it has one name less */
	expect_event(second, IN_IGNORED, NULL);
	expect_none();
	end_watch();
}

TAP_MAIN({ "attributes", attributes }, { "truncated", truncated },
	 { "made and truncated", made_and_truncated }, { "nothing moved", nothing_moved },
	 { "names in a folder", names_in_a_folder }, { "equal events", equal_events },
	 { "reading", reading }, { "too many", too_many }, { "without memory", without_memory },
	 { "bad addresses", bad_addresses }, { "masks", masks }, { "moves", moves },
	 { "the end of a watch", ends })
