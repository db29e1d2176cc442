/* SPDX-License-Identifier: MIT */
/* A process of many threads; its core file is written to a real tmpfs, and read again. */
#ifndef TESTS_HOST_KERNEL_EXEC_CORE_RIG_H
#define TESTS_HOST_KERNEL_EXEC_CORE_RIG_H

#include "abi/linux/elf_core.h"
#include "kernel/signal/signal.h"

#define MEMORY	    0x10000000u
#define HEADERS	    52u
#define THREADS	    601u
#define FXSAVE_ROOM 512u

struct address_space;

/* The process; its first thread is the leader, and current. */
extern struct thread_group group;
extern struct task threads[THREADS];
extern struct pt_regs frames[THREADS];
extern struct mm_struct *space;
extern const struct siginfo info; /* of the signal that ends it */

extern int fpu_error; /* what fpu_own_memory() returns */
extern u32 marks;     /* calls of usage_mark() */

/* A process of one thread, without memory; and its end. */
void begin(void);
void finish(void);
void add_thread(u32 index);

/* Its areas, at fixed addresses, and its memory. */
void anonymous(vaddr_t address, u32 pages, u32 prot);
void map_object(vaddr_t address, u32 pages, u32 prot, u32 type, u32 first,
		struct address_space *object);
void write_memory(vaddr_t address, const void *bytes, u32 count);

/* Writes a core file, which must succeed, and reads its headers and size. */
void dump_core(void);
extern struct elf_header header;
extern struct elf_phdr areas[16];
extern u32 core_size;

/* Reads bytes of the file; false: it is shorter. */
bool get_core(u64 at, void *to, u32 bytes);

/* The data of note `index`, and its type and name; returns how many bytes, or -1. */
s32 note_at(u32 index, u32 *type, char name[8], void *data, u32 room);

/* Expects this type, and CORE for the name. */
void expect_note(u32 index, u32 type, void *data, u32 bytes);
u32 count_notes(void);

#endif
