/* SPDX-License-Identifier: MIT */
/* splice and tee. */
#include "fs/pipe/splice.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "fs/pipe/ring.h"
#include "fs/process.h"
#include "lib/string.h"

/* May a call with this pipe wait? */
static bool may_wait(const struct file *file, bool nonblock)
{
	return !nonblock && !(file->flags & O_NONBLOCK);
}

/* Waits for a byte. With the lock. 1, 0 at the end, -errno. */
static s32 wait_for_data(const struct file *in, bool waits)
{
	struct pipe *pipe = in->pipe;
	int err = 0;

	while (pipe->start == pipe->end && !err) {
		if (!pipe->writers)
			return 0;
		err = waits ? pipe_sleep(pipe) : -EAGAIN;
	}
	return err ? err : 1;
}

/* Waits for a free page. With the lock. 1, -errno. */
static s32 wait_for_room(const struct file *out, bool waits)
{
	struct pipe *pipe = out->pipe;
	int err = 0;

	while (!err) {
		if (!pipe->readers) {
			process_signal(SIGPIPE);
			return -EPIPE;
		}
		if (ring_free_pages(pipe))
			return 1;
		err = waits ? pipe_sleep(pipe) : -EAGAIN;
	}
	return err;
}

/* The write may sleep: the lock keeps the bytes where they are. */
static s32 write_pages(struct pipe *pipe, struct file *out, u64 *position, u32 bytes)
{
	u32 done = 0;
	struct ring_part next;

	while (done < bytes && (next = ring_look(pipe, 0)).bytes) {
		u32 part = min(next.bytes, bytes - done);
		s32 written = file_write(out, position, part, copy_from_buffer, &next.data);

		if (written <= 0)
			return done ? (s32)done : written;
		ring_drop(pipe, (u32)written);
		done += (u32)written;
		if ((u32)written < part)
			break;
	}
	return (s32)done;
}

s32 splice_from_pipe(struct file *in, struct file *out, u64 *position, u32 bytes, bool nonblock)
{
	struct pipe *pipe = in->pipe;
	s32 done;

	mutex_lock(&pipe->lock);
	done = wait_for_data(in, may_wait(in, nonblock));
	if (done > 0)
		done = write_pages(pipe, out, position, bytes);
	if (done > 0)
		pipe_changed(pipe, false);
	mutex_unlock(&pipe->lock);
	return done;
}

/*
 * Reads into a free page, so that what was read has a place: of a regular file a page or the rest
 * of one, as Linux has it, which moves these pages.
 */
static s32 read_part(struct file *in, u64 *position, struct pipe *pipe, u32 bytes)
{
	u32 part = in->mapping ? PAGE_SIZE - (u32)*position % PAGE_SIZE : PAGE_SIZE;
	char *to = ring_space(pipe);
	s32 got;

	if (!to)
		return -ENOMEM;
	got = file_read(in, position, min(bytes, part), copy_to_buffer, &to);
	ring_filled(pipe, (u32)max(got, 0), PAGE_ENDS);
	return got;
}

s32 splice_to_pipe(struct file *in, u64 *position, struct file *out, u32 bytes, bool nonblock)
{
	struct pipe *pipe = out->pipe;
	u32 done = 0;
	s32 part;

	mutex_lock(&pipe->lock);
	part = wait_for_room(out, may_wait(out, nonblock));
	if (part > 0 && bytes && !file_can_splice(in))
		part = -EINVAL;
	while (part > 0 && done < bytes && ring_free_pages(pipe)) {
		part = read_part(in, position, pipe, bytes - done);
		done += part > 0 ? (u32)part : 0;
		if (!in->operations->seekable) /* a terminal: what it has now */
			break;
	}
	if (done)
		pipe_changed(pipe, true);
	mutex_unlock(&pipe->lock);
	return done ? (s32)done : min(part, 0);
}

/* Copies parts of the sender's memory to pages of their own. */
static s32 put_parts(struct pipe *pipe, u32 bytes, part_size_t size, mapping_copy_t copy,
		     void *context)
{
	u32 done = 0;

	while (done < bytes && ring_free_pages(pipe)) {
		u32 part = min(size(context), bytes - done);
		s32 put = ring_put(pipe, part, PAGE_ENDS, copy, context);

		if (put <= 0)
			return done ? (s32)done : put;
		done += (u32)put;
	}
	return (s32)done;
}

s32 pipe_give(struct file *out, u32 bytes, part_size_t size, mapping_copy_t copy, void *context,
	      bool nonblock)
{
	struct pipe *pipe = out->pipe;
	s32 done;

	if (!bytes)
		return 0;
	mutex_lock(&pipe->lock);
	done = wait_for_room(out, !nonblock);
	if (done > 0)
		done = put_parts(pipe, bytes, size, copy, context);
	if (done > 0)
		pipe_changed(pipe, true);
	mutex_unlock(&pipe->lock);
	return done;
}

/* Copies what there is; as on Linux the end of a packet is no end here. */
static s32 take_bytes(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 done = 0;
	struct ring_part next;

	while (done < bytes && (next = ring_look(pipe, 0)).bytes) {
		u32 part = min(next.bytes, bytes - done);

		if (copy((void *)next.data, part, context))
			return done ? (s32)done : -EFAULT;
		ring_drop(pipe, part);
		done += part;
	}
	return (s32)done;
}

s32 pipe_take(struct file *in, u32 bytes, mapping_copy_t copy, void *context, bool nonblock)
{
	struct pipe *pipe = in->pipe;
	s32 done;

	if (!bytes)
		return 0;
	mutex_lock(&pipe->lock);
	done = wait_for_data(in, !nonblock);
	if (done > 0)
		done = take_bytes(pipe, bytes, copy, context);
	if (done > 0)
		pipe_changed(pipe, false);
	mutex_unlock(&pipe->lock);
	return done;
}

/* Two calls may want the same two pipes in another order: neither waits for the second lock. */
static void lock_both(struct pipe *first, struct pipe *second)
{
	mutex_lock(&first->lock);
	while (second->lock.locked) {
		mutex_unlock(&first->lock);
		mutex_lock(&second->lock);
		mutex_unlock(&second->lock);
		mutex_lock(&first->lock);
	}
	mutex_lock(&second->lock);
}

/* As on Linux a written page that moves whole can still be joined. Packets stay packets. */
static enum ring_page kind_after(const struct ring_part *part, u32 moved, bool keep)
{
	bool whole = !keep && moved == part->bytes;

	return part->kind == PAGE_JOINS && !whole ? PAGE_ENDS : part->kind;
}

/* Copies what there is and what there is room for, under both locks. */
static s32 copy_between(struct pipe *in, struct pipe *out, u32 bytes, bool keep)
{
	u32 done = 0;
	struct ring_part next;

	while (done < bytes && ring_free_pages(out) &&
	       (next = ring_look(in, keep ? done : 0)).bytes) {
		u32 part = min(next.bytes, bytes - done);
		s32 put = ring_put(out, part, kind_after(&next, part, keep), copy_from_buffer,
				   &next.data);

		if (put <= 0)
			return done ? (s32)done : put;
		if (!keep)
			ring_drop(in, (u32)put);
		done += (u32)put;
	}
	return (s32)done;
}

/* Waits for bytes, then for room, also at the end of the input. 1, 0 at that end, -errno. */
static s32 wait_for_both(const struct file *in, const struct file *out, bool nonblock)
{
	s32 there, room;

	mutex_lock(&in->pipe->lock);
	there = wait_for_data(in, may_wait(in, nonblock));
	mutex_unlock(&in->pipe->lock);
	if (there < 0)
		return there;
	mutex_lock(&out->pipe->lock);
	room = wait_for_room(out, may_wait(out, nonblock));
	mutex_unlock(&out->pipe->lock);
	return room < 0 ? room : there;
}

s32 splice_pipes(struct file *in, struct file *out, u32 bytes, bool nonblock, bool keep)
{
	struct pipe *from = in->pipe, *to = out->pipe;
	s32 done, there;

	if (from == to)
		return -EINVAL;
	nonblock |= (in->flags | out->flags) & O_NONBLOCK;
	do {
		there = wait_for_both(in, out, nonblock);
		if (there < 0)
			return there;
		lock_both(from, to);
		done = copy_between(from, to, bytes, keep);
		if (done > 0)
			pipe_changed(to, true);
		if (done > 0 && !keep)
			pipe_changed(from, false);
		mutex_unlock(&to->lock);
		mutex_unlock(&from->lock);
	} while (!done && there);
	return done;
}
