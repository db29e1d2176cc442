/* SPDX-License-Identifier: MIT */
/* The notes of core files for the i386. Source: Linux include/uapi/linux/elfcore.h, elf.h. */
#ifndef ABI_LINUX_ELF_CORE_H
#define ABI_LINUX_ELF_CORE_H

#include "abi/linux/elf.h"
#include "abi/linux/time.h"

enum { ET_CORE = 4, PT_NOTE = 4 };
enum { NT_PRSTATUS = 1, NT_PRPSINFO = 3, NT_AUXV = 6, NT_PRXFPREG = 0x46e62b7f };

/* Before the name and the data, each padded to four bytes. */
struct elf_note {
	u32 name_size, data_size, type;
};

struct elf_prstatus {
	s32 signo, code, error;
	s16 current_signal;
	u32 pending, blocked;
	s32 pid, ppid, pgrp, sid;
	struct timeval user, system, children_user, children_system;
	u32 regs[17]; /* of struct user_regs_struct: ebx ... eax, ds, es, fs, gs, ... */
	s32 has_fpu;
};
_Static_assert(sizeof(struct elf_prstatus) == 144, "the ABI's");

struct elf_prpsinfo {
	s8 state, name, zombie, nice;
	u32 flags;
	u16 uid, gid;
	s32 pid, ppid, pgrp, sid;
	char file[16], arguments[80];
};
_Static_assert(sizeof(struct elf_prpsinfo) == 124, "the ABI's");

#endif
