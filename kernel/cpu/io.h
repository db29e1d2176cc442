/* SPDX-License-Identifier: MIT */
/*
 * Port I/O (Intel SDM vol. 1, "Input/Output"). Any context, never fails: a port without a device
 * reads as all ones.
 */
#ifndef KERNEL_CPU_IO_H
#define KERNEL_CPU_IO_H

#include "lib/types.h"

static inline u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u16 inw(u16 port)
{
	u16 value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u32 inl(u16 port)
{
	u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(u16 port, u16 value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/*
 * About 1 us on real machines. Reads, not writes, the port of the POST codes: a POST display keeps
 * the boot step that it shows (abi/boot/boot_step.h).
 */
static inline void io_delay(void)
{
	(void)inb(0x80);
}

#endif
