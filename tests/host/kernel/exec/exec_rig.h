/* SPDX-License-Identifier: MIT */
/*
 * A process that executes files of a real tmpfs in real address spaces, and what
 * kernel/exec/exec.c needs of the rest of the kernel: each call is noted (tests/host/record.h).
 */
#ifndef TESTS_HOST_KERNEL_EXEC_EXEC_RIG_H
#define TESTS_HOST_KERNEL_EXEC_EXEC_RIG_H

#include "kernel/exec/exec.h"
#include "kernel/signal/signal.h"

#define TEXT	  0x08048000u
#define DATA	  0x0804a100u
#define FILE_END  0x1334u
#define GNU_STACK 0x6474e551u

/* The process. Its leader is `leader` if a case says so. */
extern struct thread_group group;
extern struct task own, leader;
extern struct mm_struct *old_space; /* what it has when it calls execve() */
extern struct files_struct table, copied_table;
extern struct sighand actions, copied_actions;
extern struct pt_regs regs;

extern const char *fails; /* this step fails; NULL: none */
extern struct exec_ids ids;
extern bool shared_folders; /* what fs_begin_exec() returns */

/* A program: text, data and bss, and a third header of this type. */
extern u8 image[FILE_END];
void make_image(u32 type, u32 data_rights);

/* Files that finish() removes. */
void make_file(const char *path, const void *bytes, u32 count, u32 mode);
void make_script(const char *path, const char *text);

/* A fresh machine with the program /prog. */
void begin(void);

/* execve() with a new record: its result. */
int run(const char *path);

/* Expects that no one has the file or runs it. */
void expect_unused(const char *path);

/* The process ends. */
void finish(void);

/* Its areas as a text: addresses, rights, and f for a file. */
const char *areas(void);

/* A byte of its memory. */
u8 byte(vaddr_t address);

#endif
