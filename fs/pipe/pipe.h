/* SPDX-License-Identifier: MIT */
/*
 * Pipes and FIFOs: pipe(7).
 *
 *   page 0   page 1   page 2         places, used in turn; a page is allocated when the
 *   |..####| |######| |###...|       first byte comes, and freed when its last one was read
 *      ^ start           ^ end
 *
 *   (0) places is a power of 2, at least PIPE_PAGES; capacity is at most their size;
 *   (1) end - (start rounded down to a page) <= capacity: space becomes free by whole pages, as on
 *       Linux;
 *   (2) a place has a page exactly if a byte of it is in [start rounded down, end rounded up);
 *   (3) an empty pipe has no page, or only the first: start = end = 0 within it;
 *   (4) a write of up to PIPE_BUF bytes waits until there is room for all of it, so that it is not
 *       mixed with others.
 *
 * As on Linux a write begins a page. Only what it has beyond whole pages goes behind the bytes of
 * the last page, if all of that fits there: 16 writes of 3000 bytes fill a pipe. What a page has
 * no use for stays unused: `fill` says how many bytes it has.
 *
 * With O_DIRECT a write that begins a page is a packet: a read takes one packet at most and drops
 * what it had no room for.
 *
 * start and end may wrap: only their difference counts.
 *
 * Bytes are copied under the lock of the pipe. A task never sleeps for data with the lock.
 */
#ifndef FS_PIPE_PIPE_H
#define FS_PIPE_PIPE_H

#include "fs/file.h"

#define PIPE_BUF   4096u
#define PIPE_PAGES 16u /* at first; F_SETPIPE_SZ changes it */

/* Bytes that F_SETPIPE_SZ gives without CAP_SYS_RESOURCE. /proc/sys/fs/pipe-max-size. */
extern u32 pipe_max_size;

/* Sizes are powers of 2, from a page to this. */
#define PIPE_SIZE_MAX (1u << 31)
u32 pipe_round_size(u32 bytes);

struct pipe;

/*
 * pipe2(2): opens both ends of a new pipe, ends[0] to read and ends[1] to write. `flags`:
 * O_NONBLOCK, O_DIRECT. 0, -ENOMEM, -ENFILE: the user's pipes hold too much.
 */
int pipe_open(u32 flags, struct file *ends[2]);

/*
 * A FIFO opened by its name. An open() to read waits until one to write comes, and the other way
 * round; with O_NONBLOCK one to read does not wait, and one to write without a reader fails,
 * ENXIO. inode->pipe exists as long as the FIFO is open.
 */
extern const struct file_operations fifo_operations;

/*
 * F_GETPIPE_SZ and F_SETPIPE_SZ, bytes. -EBADF: the file is no pipe. -EINVAL, -EPERM: too large.
 * -EPERM also: the user's pipes would hold too much. -EBUSY: it contains more. -ENOMEM.
 */
s32 pipe_size(const struct file *file);
s32 pipe_set_size(struct file *file, u32 bytes);

/* Creates the cache of pipes. */
void pipe_init(void);

#endif
