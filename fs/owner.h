/* SPDX-License-Identifier: MIT */
/*
 * The owner of an open file: the process that gets a signal when a file with O_ASYNC becomes
 * ready (fs/pipe/pipe.c) or its lease is to end (fs/lease.h). fcntl(2): F_SETOWN, F_SETSIG,
 * O_ASYNC.
 *
 * kernel/process/file_owner.c defines these, tests/host/ for the host.
 */
#ifndef FS_OWNER_H
#define FS_OWNER_H

#include "fs/file.h"

struct file_owner {
	struct list_head async; /* in a pipe's list; empty: the file has not O_ASYNC */
	struct file *file;
	u32 kind;	     /* F_OWNER_* */
	int id;		     /* of the process, group or thread; 0: none */
	int signal;	     /* 0: SIGIO, without data */
	u32 fd;		     /* si_fd: the descriptor by which the signals were asked for */
	u32 real, effective; /* user IDs of the process that set the owner */
};

/* The file's, made if it has none. It lives as long as the file. NULL: no memory. */
struct file_owner *file_owner_make(struct file *file);

/* Sends the owner's signal, with `code` POLL_IN, POLL_OUT or POLL_MSG, if it may get it. */
void process_tell_owner(const struct file_owner *owner, int code);

/* Makes the current process the owner, if there is none. */
void process_becomes_owner(struct file_owner *owner);

#endif
