/* SPDX-License-Identifier: MIT */
/*
 * The notes of core files: registers of each thread, what the process is called, the auxiliary
 * vector, the coprocessor; and more threads than there is room for.
 *
 * sources: tests/host/kernel/exec/core_rig.c
 */
#include "tests/host/kernel/exec/core_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/task/fpu.h"
#include "mm/mman/mman.h"
#include "tests/host/tap.h"

static union fpu_state registers;

static void status_note(void)
{
	struct elf_prstatus status;

	begin();
	frames[0] =
		(struct pt_regs){ 1,  2,	  3,	      4,	  5,	      6,
				  7,  0xaaaa0008, 0xaaaa0009, 0xaaaa000a, 0xaaaa000b, 0xc000000c,
				  13, 0xaaaa000e, 15,	      16,	  0xaaaa0011 };
	group.job.group = 77;
	group.job.session = 66;
	current->blocked = 0x500000002;
	current->pending.signals = 0x600000004;
	current->usage.time[0] = 2ull * (3 * 1000000000ull + 456789999);
	current->usage.time[1] = 2ull * (8 * 1000000000ull + 1999);
	dump_core();
	EXPECT_EQ(marks, 1);
	expect_note(0, NT_PRSTATUS, &status, sizeof(status));
	EXPECT(status.signo == SIGQUIT && status.code == SI_USER && !status.error);
	EXPECT(status.current_signal == SIGQUIT && status.pending == 4 && status.blocked == 2);
	EXPECT(status.pid == 20 && status.ppid == 10 && status.pgrp == 77 && status.sid == 66);
	EXPECT(status.user.seconds == 3 && status.user.microseconds == 456789);
	EXPECT(status.system.seconds == 8 && status.system.microseconds == 1);
	for (u32 i = 0; i < 17; i++)
		EXPECT_EQ(status.regs[i], i == 11 ? 0xc000000c : i + 1);
	EXPECT_EQ(status.has_fpu, 0);
	finish();
}

static void process_note(void)
{
	static const char text[] = "program\0-x\0last";
	struct elf_prpsinfo process;
	char many[200];

	begin();
	anonymous(MEMORY, 1, PROT_READ | PROT_WRITE);
	write_memory(MEMORY + 8, text, sizeof(text));
	current->mm->arg_start = MEMORY + 8;
	current->mm->arg_end = MEMORY + 8 + sizeof(text);
	current->policy.nice = -7;
	strcpy(current->name, "fifteen letters");
	group.user = (struct id_set){ .real = 70001, .effective = 5 };
	group.groups.ids.real = 70002;
	group.job.group = 77;
	group.job.session = 66;
	dump_core();
	expect_note(1, NT_PRPSINFO, &process, sizeof(process));
	EXPECT(!process.state && process.name == 'R' && !process.zombie && process.nice == -7);
	EXPECT(process.uid == (u16)70001 && process.gid == (u16)70002);
	EXPECT(process.pid == 20 && process.ppid == 10 && process.pgrp == 77 && process.sid == 66);
	EXPECT_TEXT(process.file, "fifteen letters");
	EXPECT_TEXT(process.arguments, "program -x last ");
	/* As much as there is room for. */
	memset(many, 'm', sizeof(many));
	write_memory(MEMORY, many, sizeof(many));
	for (u32 count = 78; count < 82; count++) {
		current->mm->arg_end = MEMORY + 8 + count;
		dump_core();
		expect_note(1, NT_PRPSINFO, &process, sizeof(process));
		EXPECT_EQ(strnlen(process.arguments, 80), count < 79 ? count : 79);
	}
	current->mm->arg_start = current->mm->arg_end = MEMORY - 8; /* nothing is there */
	dump_core();
	expect_note(1, NT_PRPSINFO, &process, sizeof(process));
	EXPECT_TEXT(process.arguments, "");
	finish();
}

static void auxiliary_vector(void)
{
	u32 words[70], read[64];

	begin();
	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = i * 3 + 1;
	anonymous(MEMORY, 1, PROT_READ | PROT_WRITE);
	write_memory(MEMORY, words, sizeof(words));
	current->mm->auxv_start = MEMORY;
	current->mm->auxv_end = MEMORY + 40;
	dump_core();
	expect_note(2, NT_AUXV, read, 40);
	EXPECT(!memcmp(read, words, 40));
	EXPECT_EQ(count_notes(), 3);
	current->mm->auxv_end = MEMORY + sizeof(words);
	dump_core();
	expect_note(2, NT_AUXV, read, 256);
	EXPECT(!memcmp(read, words, 256));
	/* One that is only partly there is left out. */
	current->mm->auxv_start = MEMORY + PAGE_SIZE - 20;
	current->mm->auxv_end = MEMORY + PAGE_SIZE + 20;
	dump_core();
	EXPECT_EQ(count_notes(), 2);
	finish();
}

static void coprocessor(void)
{
	struct elf_prstatus status;
	u8 data[FXSAVE_ROOM];
	char name[8];
	u32 type;

	begin();
	memset(&registers, 0x5a, sizeof(registers));
	fpu_has_fxsr = true;
	dump_core();
	EXPECT_EQ(count_notes(), 3); /* it has not used the registers */
	current->fpu = &registers;
	dump_core();
	expect_note(0, NT_PRSTATUS, &status, sizeof(status));
	EXPECT_EQ(status.has_fpu, 1);
	EXPECT_EQ(note_at(3, &type, name, data, sizeof(data)), 512);
	EXPECT_EQ(type, NT_PRXFPREG);
	EXPECT_TEXT(name, "LINUX");
	EXPECT(!memcmp(data, &registers, 512));
	fpu_error = -ENOMEM;
	dump_core();
	EXPECT_EQ(count_notes(), 3);
	fpu_error = 0;
	fpu_has_fxsr = false;
	dump_core();
	EXPECT_EQ(count_notes(), 3);
	finish();
}

/* ---- Threads ---- */

static void other_threads(void)
{
	struct elf_prstatus status;

	begin();
	for (u32 i = 1; i < 4; i++)
		add_thread(i);
	frames[3].eip = 0x333;
	threads[2].mm = NULL; /* it has ended */
	current = &threads[1];
	dump_core();
	EXPECT_EQ(count_notes(), 5);
	expect_note(0, NT_PRSTATUS, &status, sizeof(status));
	EXPECT(status.pid == 21 && status.code == SI_USER);
	expect_note(3, NT_PRSTATUS, &status, sizeof(status));
	EXPECT(status.pid == 20 && status.signo == SIGQUIT && !status.code);
	expect_note(4, NT_PRSTATUS, &status, sizeof(status));
	EXPECT(status.pid == 23 && status.regs[12] == 0x333);
	finish();
}

/* So many that there is no room for all: the others are written, and nothing behind the room. */
static void too_many_threads(void)
{
	const u32 room = PAGE_SIZE + 512 * (sizeof(struct elf_prstatus) + 32);

	begin();
	for (u32 i = 1; i < THREADS; i++)
		add_thread(i);
	dump_core();
	EXPECT(areas[0].filesz <= room && areas[0].filesz > room - 164);
	EXPECT(count_notes() > 512);
	/* 573 threads, the process, and this auxiliary vector fill it to the last byte. */
	anonymous(MEMORY, 1, PROT_READ);
	space->auxv_start = MEMORY;
	space->auxv_end = MEMORY + 72;
	dump_core();
	EXPECT_EQ(areas[0].filesz, room);
	EXPECT_EQ(count_notes(), 575);
	finish();
}

TAP_MAIN({ "the note of a thread", status_note }, { "the note of the process", process_note },
	 { "the auxiliary vector", auxiliary_vector },
	 { "the coprocessor's registers", coprocessor }, { "other threads", other_threads },
	 { "more threads than there is room for", too_many_threads })
