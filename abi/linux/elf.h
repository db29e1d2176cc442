/* SPDX-License-Identifier: MIT */
/* 32-bit ELF. Source: the System V ABI, chapter 4; Linux include/uapi/linux/elf.h. */
#ifndef ABI_LINUX_ELF_H
#define ABI_LINUX_ELF_H

#include "abi/types.h"

enum { EI_CLASS = 4, EI_DATA = 5, EI_VERSION = 6 }; /* bytes of `ident` */
enum { ELFCLASS32 = 1, ELFDATA2LSB = 1, EV_CURRENT = 1 };
enum { ET_EXEC = 2, ET_DYN = 3, EM_386 = 3 };
enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3 };
enum { PT_GNU_STACK = 0x6474e551 }; /* its flags are the rights of the stack */
enum { PF_X = 1, PF_W = 2, PF_R = 4 };
enum { DT_NULL = 0, DT_NEEDED = 1, DT_PLTRELSZ = 2, DT_RELA = 7 };
enum { DT_REL = 17, DT_RELSZ = 18, DT_RELENT = 19, DT_RELR = 36 };
enum { R_386_NONE = 0, R_386_RELATIVE = 8 };

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

struct __packed elf_dyn {
	u32 tag, value;
};

struct __packed elf_rel {
	u32 offset, info;
};

#endif
