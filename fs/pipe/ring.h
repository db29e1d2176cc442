/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a pipe (fs/pipe/pipe.h has the picture and the invariants). All need pipe->lock,
 * but for those that only look. After a change the caller calls pipe_changed().
 */
#ifndef FS_PIPE_RING_H
#define FS_PIPE_RING_H

#include "fs/pipe/pipe.h"
#include "fs/poll.h"

/* How a page's bytes came, so what may come behind them. */
enum ring_page {
	PAGE_JOINS, /* written: ring_join() may go on there, if it is the last one */
	PAGE_ENDS,  /* spliced: nothing joins it */
	PAGE_PACKET
};

struct pipe_page {
	char *data;
	u32 fill; /* its bytes; 0: all up to the next page or `end` */
	enum ring_page kind;
};

struct pipe {
	struct mutex lock;
	struct wait_queue queue;
	struct list_head async;		/* of struct file_owner: files with O_ASYNC */
	u32 users;			/* open files, and calls of open() that wait */
	u32 readers, writers;		/* open files */
	u32 reader_opens, writer_opens; /* so far; may wrap */
	u32 ino, uid, gid;		/* of one without a name: the process that made it */
	u32 start, end, capacity;	/* bytes */
	struct pipe_user *user;		/* charged with the capacity (fs/pipe/pipe_user.h) */
	u32 places;
	struct pipe_page *pages;
	struct pipe_page few[PIPE_PAGES];
};

/* Bytes of one page that come next. */
struct ring_part {
	const char *data;
	u32 bytes;	     /* 0: there are none */
	enum ring_page kind; /* of a packet: they are one, or the rest of one */
};

/* The bytes that can be read. */
u32 ring_bytes(const struct pipe *pipe);

/* Pages that can be written now, besides the last one. */
u32 ring_free_pages(const struct pipe *pipe);

/*
 * Copies up to `bytes` of what is there. Of a page that cannot be copied as wanted nothing is
 * taken, as on Linux. Returns the count of the pages before; 0 of them: -EFAULT.
 */
s32 ring_take(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context);

/* Copies `bytes`, less than a page, behind those of the last one. 0: there is no room. -EFAULT. */
s32 ring_join(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context);

/*
 * Copies up to `bytes` to free pages, of which there is one; of a packet one page. Returns the
 * count; -EFAULT or -ENOMEM if the first page failed.
 */
s32 ring_put(struct pipe *pipe, u32 bytes, enum ring_page kind, mapping_copy_t copy, void *context);

/*
 * A free page for the next bytes, allocated before they are read, so that none is lost. NULL: no
 * memory. Then ring_filled() gets the number of bytes that came, also 0.
 */
char *ring_space(struct pipe *pipe);
void ring_filled(struct pipe *pipe, u32 bytes, enum ring_page kind);

/* The bytes of one page that come after the next `skip` ones. */
struct ring_part ring_look(const struct pipe *pipe, u32 skip);

/* Removes the next `bytes`, all of one page: ring_look() has told them. */
void ring_drop(struct pipe *pipe, u32 bytes);

/* Moves the pages to an array of another size. 0 or -ENOMEM. */
int ring_set_places(struct pipe *pipe, u32 places);

/* Frees all pages. */
void ring_free(struct pipe *pipe);

/* --- fs/pipe/pipe.c --- */

/* The pipe changed: wakes those that wait, and tells the owners of the ends that can go on. */
void pipe_changed(struct pipe *pipe, bool readable);

/* Releases the lock, sleeps until the pipe changes, and takes it again. 0 or -ERESTARTSYS. */
int pipe_sleep(struct pipe *pipe);

#endif
