/* SPDX-License-Identifier: MIT */
/* System calls on the processor and the machine. */
#include "abi/linux/errno.h"
#include "kernel/process/run_end.h"
#include "kernel/syscall/syscall.h"
#include "mm/user_space/limits.h"

/* Source: Linux arch/x86/include/uapi/asm/prctl.h. */
enum { ARCH_GET_CPUID = 0x1011, ARCH_SET_CPUID = 0x1012 };

/* Programs may always execute CPUID. */
s32 sys_arch_prctl(struct pt_regs *regs)
{
	switch (regs->ebx) {
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV;
	}
	return -EINVAL;
}

/* Protection keys exist only with 64-bit paging: as on a processor without them. */
s32 sys_pkey_alloc(struct pt_regs *regs)
{
	const u32 rights = 3;

	return regs->ebx || regs->ecx & ~rights ? -EINVAL : -ENOSPC;
}

s32 sys_pkey_free(struct pt_regs *regs)
{
	(void)regs;
	return -EINVAL;
}

/* Source: Linux include/uapi/linux/reboot.h. */
enum {
	REBOOT_MAGIC = (int)0xfee1dead,
	REBOOT_MAGIC_A = 672274793,
	REBOOT_MAGIC_B = 85072278,
	REBOOT_MAGIC_C = 369367448,
	REBOOT_MAGIC_D = 537993216,
	REBOOT_CAD_OFF = 0,
	REBOOT_CAD_ON = (int)0x89abcdef,
	REBOOT_RESTART = 0x01234567,
	REBOOT_RESTART2 = (int)0xa1b2c3d4,
	REBOOT_HALT = (int)0xcdef0123,
	REBOOT_POWER_OFF = 0x4321fedc,
};

static bool is_second_magic(u32 magic)
{
	return magic == REBOOT_MAGIC_A || magic == REBOOT_MAGIC_B || magic == REBOOT_MAGIC_C ||
	       magic == REBOOT_MAGIC_D;
}

/* Ctrl-Alt-Del means nothing here: it can be set, without effect. */
s32 sys_reboot(struct pt_regs *regs)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (regs->ebx != (u32)REBOOT_MAGIC || !is_second_magic(regs->ecx))
		return -EINVAL;
	switch ((int)regs->edx) {
	case REBOOT_CAD_OFF:
	case REBOOT_CAD_ON:
		return 0;
	case REBOOT_RESTART:
	case REBOOT_RESTART2:
		return run_request_end(RUN_RESTART);
	case REBOOT_HALT:
		return run_request_end(RUN_HALT);
	case REBOOT_POWER_OFF:
		return run_request_end(RUN_POWER_OFF);
	}
	return -EINVAL;
}
