/* SPDX-License-Identifier: MIT */
/* 32-bit ELF. Source: the System V ABI, chapter 4; Linux include/uapi/linux/elf.h. */
#ifndef ABI_LINUX_ELF_H
#define ABI_LINUX_ELF_H

#include "abi/types.h"

enum { ET_EXEC = 2, EM_386 = 3 };
enum { PT_LOAD = 1, PT_INTERP = 3 };
enum { PF_X = 1, PF_W = 2, PF_R = 4 };

struct __packed elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

/* Packed: the file may place them at any offset. */
struct __packed elf_phdr {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

#endif
