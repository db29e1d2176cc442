/* SPDX-License-Identifier: MIT */
/* A process with open files, for the calls of kernel/syscall/file/. */
#ifndef TESTS_HOST_KERNEL_SYSCALL_FILE_RIG_H
#define TESTS_HOST_KERNEL_SYSCALL_FILE_RIG_H

#include "abi/linux/errno.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/kernel/user_bytes.h"

/* The result of a call with up to six arguments. */
#define CALL(name, ...) call(sys_##name, (u32[6]){ __VA_ARGS__ })

#define CLOSED	  77u	      /* a descriptor without a file */
#define NOWHERE	  0x1000u     /* user memory that is not there */
#define KERNEL	  0xc0001000u /* an address of the kernel's half */
#define PATHS	  (USER_BYTES + 0x1000)
#define LIMIT_FDS 100u /* RLIMIT_NOFILE */

extern struct task own; /* the current task */
extern struct thread_group own_group;

/* The last call of an operation of a probe, which returns the result that is given. */
extern struct probe {
	u64 position;
	u32 bytes, calls;
	s32 result;
	mapping_copy_t copy;
	void *context;
} probe;
extern struct file_operations probe_operations;

/*
 * Boots a machine with an empty table of descriptors. At its end all are closed, and no file may
 * have a reference more than the table's.
 */
void begin(void);

s32 call(syscall_t *handler, const u32 *arguments);

/* Descriptors: of the file, with its reference; of a path; of a nameless file. */
u32 fd_of(struct file *file);
u32 open_fd(const char *path, u32 flags);
u32 nameless(u32 flags, const char *contents);

/* A file with probe_operations, and one without any. */
u32 probe_fd(u32 flags);
u32 blank_fd(u32 flags);

/* The two ends of a pipe. */
void pipe_fds(u32 fds[2], u32 flags);

struct file *file_at(u32 fd);

/* The nth allocation from here on fails; 0: none does. */
void fail(u32 nth);

/* Writes a path at PATHS, or at its nth place of 256 bytes. Returns the address. */
vaddr_t path_at(u32 n, const char *text);
#define PATH(text) path_at(0, text)

/*
 * Makes a folder "/tmp/d" and a file "/tmp/f". At the end of the case these names are removed, and
 * those that are in `names`, up to NULL, if they are there, in this order.
 */
void begin_names(const char *const *names);

/* The process's umask. */
void set_umask(u32 umask);

/* A path of so many bytes at PATHS, which leads to the root's "tmp". */
vaddr_t long_path(u32 length);

/* Copies to and from the program's memory. */
void put(vaddr_t place, const void *from, u32 bytes);
void get(void *to, vaddr_t place, u32 bytes);
void put_wide(vaddr_t place, u64 value);
u64 wide_at(vaddr_t place);

/* Are these the program's bytes there? */
bool bytes_are(vaddr_t place, const char *text);

#endif
