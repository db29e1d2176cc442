/* SPDX-License-Identifier: MIT */
/* The log, panic, names of code and the masking of interrupts on the host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/linux/errno.h"
#include "fs/owner.h"
#include "fs/process.h"
#include "mm/reclaim/oom.h"
#include "lib/clock.h"
#include "lib/irq.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/symbol.h"
#include "lib/trace/ring.h"
#include "tests/host/console.h"
#include "tests/host/owner.h"

#define LOG_SIZE    65536u
#define PANIC_SIZE  2048u
#define LINES_SHOWN 20

static char log_text[LOG_SIZE];
static u32 log_length;
static char *panic_text; /* PANIC_SIZE bytes, shared with the children */
static bool panic_expected;
static u32 depth;

void console_init(void)
{
	if (panic_text)
		return;
	panic_text =
		mmap(NULL, PANIC_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (panic_text == MAP_FAILED)
		abort();
}

const char *console_text(void)
{
	return log_text;
}

void console_clear(void)
{
	log_text[0] = '\0';
	log_length = 0;
}

void console_show(void)
{
	const char *from = log_text + log_length;
	u32 lines = 0;

	while (from > log_text && lines <= LINES_SHOWN)
		lines += *--from == '\n';
	if (lines > LINES_SHOWN)
		from++;
	while (*from) {
		u32 length = (u32)strcspn(from, "\n");

		printf("#   log: %.*s\n", (int)length, from);
		from += length + (from[length] == '\n');
	}
}

void printk(const char *format, ...)
{
	va_list arguments;

	/* The older half is dropped when a line might not fit. */
	if (log_length > LOG_SIZE - 1024) {
		memmove(log_text, log_text + LOG_SIZE / 2, log_length - LOG_SIZE / 2 + 1);
		log_length -= LOG_SIZE / 2;
	}
	va_start(arguments, format);
	log_length +=
		(u32)vscnprintf(log_text + log_length, LOG_SIZE - log_length, format, arguments);
	va_end(arguments);
}

void console_expect_panic(void)
{
	panic_expected = true;
	panic_text[0] = '\0';
	console_clear();
}

const char *console_panic_text(void)
{
	return panic_text;
}

#ifdef COVERAGE
void __gcov_dump(void); /* of libgcov; exit() would call it */
#else
static void __gcov_dump(void)
{
}
#endif

void host_exit(int status)
{
	fflush(stdout);
	__gcov_dump();
	_exit(status);
}

void panic(const char *format, ...)
{
	va_list arguments;
	u32 length;

	console_init();
	va_start(arguments, format);
	length = (u32)vscnprintf(panic_text, PANIC_SIZE, format, arguments);
	va_end(arguments);
	if (panic_expected && log_length)
		scnprintf(panic_text + length, PANIC_SIZE - length, "\n%s", log_text);
	if (!panic_expected) {
		printf("# panic: %s\n", panic_text);
		console_show();
	}
	host_exit(EXIT_PANICKED);
}

u64 console_date = 1000000000ull * 1000000000;

u64 clock_realtime(void)
{
	return console_date;
}

u64 clock_coarse(void)
{
	return console_date;
}

u32 console_file_limit_exceeded;

struct fs_struct *console_fs;

const struct fs_struct *process_fs(void)
{
	return console_fs;
}

bool process_in_group(u32 gid)
{
	return gid == host_fsgid;
}

void process_exceeds_file_limit(void)
{
	console_file_limit_exceeded++;
}

struct console_job console_job = { 1, 1, 1, 0, 0, 0 };

int process_number(void)
{
	return console_job.number;
}

int process_group(void)
{
	return console_job.group;
}

int process_session(void)
{
	return console_job.session;
}

int process_check_group(int group)
{
	return group == console_job.group ? 0 : -ESRCH;
}

void process_signal_group(int group, int signal)
{
	console_job.signalled = group;
	console_job.signal = signal;
}

int process_in_background(int signal)
{
	console_job.background = signal;
	return -ERESTARTSYS;
}

bool process_interrupted(void)
{
	return false;
}

int console_signal;

void process_signal(int signal)
{
	console_signal = signal;
}

/* Addresses of user memory lie in an array. */
u8 console_user[4096];

int user_get(void *to, vaddr_t from, u32 bytes)
{
	if (from > sizeof(console_user) - bytes)
		return -EFAULT;
	memcpy(to, console_user + from, bytes);
	return 0;
}

int user_put(vaddr_t to, const void *from, u32 bytes)
{
	if (to > sizeof(console_user) - bytes)
		return -EFAULT;
	memcpy(console_user + to, from, bytes);
	return 0;
}

u32 irq_depth(void)
{
	return depth;
}

unsigned long irq_save(void)
{
	return depth++;
}

void irq_restore(unsigned long state)
{
	if (!depth || state != depth - 1)
		panic("irq_restore: state %lu at depth %u: not in the reverse order of irq_save",
		      state, depth);
	depth--;
}

const char *symbol_text(const void *address, char *buffer)
{
	scnprintf(buffer, SYMBOL_SIZE, "%p", address);
	return buffer;
}

int console_told;

void process_tell_owner(const struct file_owner *owner, int code)
{
	(void)owner;
	console_told = code;
}

void process_becomes_owner(struct file_owner *owner)
{
	if (owner->id)
		return;
	owner->id = console_job.number;
	owner->real = owner->effective = host_fsuid;
}
