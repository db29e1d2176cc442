/* SPDX-License-Identifier: MIT */
/*
 * A program's first stack in a fresh address space, and what kernel/exec/exec_stack.c needs of the
 * rest of the kernel. The memory of ring 3 is an array; around it nothing is mapped.
 */
#ifndef TESTS_HOST_KERNEL_EXEC_EXEC_STACK_RIG_H
#define TESTS_HOST_KERNEL_EXEC_EXEC_STACK_RIG_H

#include "kernel/cpu/cpu.h"
#include "kernel/exec/elf.h"
#include "kernel/exec/exec.h"
#include "mm/user_space/mm.h"

/* The memory of ring 3, mapped from RING3 on. */
#define RING3	    0x10000u
#define RING3_BYTES (3u * ARG_STRING_MAX)

extern u8 ring3[RING3_BYTES];
extern bool is_unmapped;	      /* all of it */
extern void (*after_measuring)(void); /* runs once, when a string was measured */

/* What a stack is made of, unless the case says otherwise. */
extern const struct elf_program plain;
extern const struct exec_ids ids;
extern const struct exec_strings none;

extern struct mm_struct *mm;
extern vaddr_t pointer; /* the stack pointer of the last stack */

/* A fresh machine and an empty address space, for a processor without a time-stamp counter. */
void stack_start(void);

/* Checks the address space, and frees it. */
void stack_stop(void);

/* exec_stack() for /bin/prog: its result. */
int make_stack(const struct exec_strings *argv, const struct exec_strings *envp);

/* The same in a fresh space. */
int make_anew(const struct exec_strings *argv, const struct exec_strings *envp);

/* Puts an array of `count` pointers to the same string, and the 0, at the start of ring 3. */
struct exec_strings in_ring3(u32 count, vaddr_t string);

/* Puts a string of this length into ring 3, behind the array. Returns its bytes. */
#define STRING (RING3 + 0x100u)
char *put_string(u32 length);

/* A word of the space. */
u32 word(vaddr_t address);

/* Expects the string at the address. Returns the address after its NUL. */
vaddr_t expect_string(vaddr_t address, const char *text);

/* The value of an entry of the auxiliary vector; there is one. */
u32 entry(u32 type);

/* Expects all that lies between the pointer and the end of memory. Returns the strings' start. */
vaddr_t expect_stack(const char *const *argv, const char *const *envp);

#endif
