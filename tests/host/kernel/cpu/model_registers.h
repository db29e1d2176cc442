/* SPDX-License-Identifier: MIT */
/*
 * For a test that includes sources of kernel/cpu/: their instructions on ports and MSRs, and their
 * ioremap(), become calls of the test's model. Include it before them; the test defines what is
 * declared here.
 */
#ifndef TESTS_HOST_KERNEL_CPU_MODEL_REGISTERS_H
#define TESTS_HOST_KERNEL_CPU_MODEL_REGISTERS_H

#include "lib/types.h"

#define KERNEL_CPU_IO_H /* not the real instructions */
static u8 inb(u16 port);
static void outb(u16 port, u8 value);
static void io_delay(void);

#define rdmsr processor_rdmsr
#define wrmsr processor_wrmsr
#include "kernel/cpu/cpu.h"
#undef rdmsr
#undef wrmsr
#define rdmsr model_rdmsr
#define wrmsr model_wrmsr
static u64 model_rdmsr(u32 index);
static void model_wrmsr(u32 index, u64 value);

#define ioremap model_ioremap

#endif
