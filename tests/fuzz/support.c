/* SPDX-License-Identifier: MIT */
/* The machine that lib/ needs: the log, panic, the masking of interrupts, names of code. */
#include <stdio.h>
#include <stdlib.h>

#include "fs/process.h"
#include "lib/clock.h"
#include "lib/irq.h"
#include "lib/printf.h"
#include "lib/symbol.h"
#include "tests/fuzz/fuzz.h"

u64 fuzz_operations;
u32 fuzz_check_interval = 32;

static unsigned long irq_depth;

/* Formatted, so that the sanitizers see the reads, and dropped. */
void printk(const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	vscnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
}

void panic(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vscnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fflush(stdout);
	fprintf(stderr, "panic: %s\n", text);
	fuzz_describe();
	abort();
}

u64 clock_realtime(void)
{
	return fuzz_operations;
}

u64 clock_coarse(void)
{
	return fuzz_operations;
}

void process_exceeds_file_limit(void)
{
}

unsigned long irq_save(void)
{
	return irq_depth++;
}

void irq_restore(unsigned long state)
{
	if (!irq_depth || state != irq_depth - 1)
		panic("irq_restore: not in the reverse order of irq_save()");
	irq_depth--;
}

const char *symbol_text(const void *address, char *buffer)
{
	scnprintf(buffer, SYMBOL_SIZE, "%p", address);
	return buffer;
}
