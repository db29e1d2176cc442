/* SPDX-License-Identifier: MIT */
/*
 * The option crash=: each name does what it says, once; the log has the valid names if one is
 * unknown. What would end the kernel ends a child, or is a record here.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_CPU_IO_H /* no ports on the host */
#include "lib/types.h"
static void io_delay(void);

#define local_irq_disable processor_irq_disable
#define cpu_relax	  processor_relax
#include "kernel/cpu/cpu.h"
#undef local_irq_disable
#undef cpu_relax
#include "kernel/task/sched.h"
#include "mm/frames/page_alloc.h"
#include "mm/mman/mman.h"
#include "mm/slab/slab.h"
#include "mm/user_space/mm.h"

pid_t waitpid(pid_t child, int *status, int options); /* its header has the kernel's names */

static char did[200];
static u8 heap_object[80];
static struct page frame_freed;
static jmp_buf out;

static void note(const char *word)
{
	strcat(did, word);
	strcat(did, " ");
}

static void relax(void)
{
	note("relax");
	longjmp(out, 1);
}

#define local_irq_disable() note("cli")
#define cpu_relax()	    relax()
#define alloc_page(gfp)	    (note("alloc"), &frame_freed)
#define __free_page(of)	    note((of) == &frame_freed ? "free" : "?")
#define page_address(of)    ((char *)heap_object)
#define kmalloc(bytes, gfp) (note((bytes) == 64 ? "kmalloc" : "?"), (char *)heap_object)
#define kfree(of)	    note((u8 *)(of) == heap_object ? "kfree" : "?")
#define mm_alloc()	    (&space)
#define do_mmap(mm, at, bytes, rights, flags) \
	note((mm) == &space && (at) == 0x30000000 && (rights) == 7 ? "mmap" : "?")
static struct mm_struct space;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wint-to-pointer-cast"
#include "kernel/start/crash.c"
#pragma GCC diagnostic pop

#include "tests/host/console.h"
#include "tests/host/low_memory.h"
#include "tests/host/tap.h"

char trap_stubs[16];
volatile u32 nmi_count;
struct task *current;

static struct task init;
static u8 *user;
static u32 delays, nmi_at;

static void io_delay(void)
{
	if (++delays == nmi_at)
		nmi_count++;
}

void activate_mm(struct mm_struct *mm)
{
	EXPECT(mm == &space && current->mm == mm);
	note("activate");
}

int put_user(u32 value, vaddr_t to)
{
	EXPECT(value == 0xc3 && to == 0x30000000);
	memcpy(user, &value, sizeof(value));
	note("put");
	return 0;
}

static const char *crash(const char *name)
{
	did[0] = '\0';
	memset(heap_object, 0x55, sizeof(heap_object));
	if (!setjmp(out))
		crash_on_purpose(name);
	return did;
}

/* A child dies of it. */
static bool is_deadly(void (*crashes)(const char *name), const char *name)
{
	int status;
	pid_t child = fork();

	if (!child) {
		fclose(stderr); /* of the sanitizers */
		close(2);
		crashes(name);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status != 0;
}

static void ways(void)
{
	current = &init;
	user = low_memory(0x30000000, 4096);
	EXPECT_TEXT(crash("double-free"), "alloc free free ");
	EXPECT_TEXT(crash("slab-overrun"), "kmalloc kfree ");
	EXPECT(!heap_object[0] && !heap_object[64] && heap_object[65] == 0x55);
	EXPECT_TEXT(crash("use-after-free"), "alloc free ");
	EXPECT(heap_object[16] == 1 && heap_object[15] == 0x55 && heap_object[17] == 0x55);
	EXPECT_TEXT(crash("smap"), "activate mmap put ");
	EXPECT_TEXT(crash("smep"), "activate mmap put ");
	EXPECT_TEXT(crash("hang"), "cli relax ");
	crash("text");
	EXPECT_EQ((u8)trap_stubs[0], 0x90);
	EXPECT_PANIC("crash=panic", crash_on_purpose("panic"));
	EXPECT(is_deadly(crash_on_purpose, "stack") && is_deadly(crash_on_purpose, "null"));
	EXPECT_TEXT(console_text(), "");
}

static void unknown(void)
{
	EXPECT_TEXT(crash("null "), "");
	EXPECT_TEXT(console_text(), "option: bad value name=crash value=null  (one of stack null "
				    "text double-free slab-overrun use-after-free smap smep "
				    "panic hang early early-wait)\n");
	console_clear();
	crash("early");
	crash("early-wait");
	EXPECT_TEXT(console_text(), "");
	crash("earl");
	EXPECT(strstr(console_text(), "value=earl "));
}

/* About 20 s, if none comes. */
static void waits(void)
{
	crash_early("panic");
	EXPECT_TEXT(console_text(), "");
	nmi_at = 7;
	crash_early("early-wait");
	EXPECT_EQ(delays, 7);
	EXPECT_TEXT(console_text(), "crash: waiting for an NMI\ncrash: nmi_count=1\n");
	nmi_count = nmi_at = delays = 0;
	crash_early("early-wait");
	EXPECT_EQ(delays, 20000000);
	EXPECT(strstr(console_text(), "crash: nmi_count=0\n"));
}

static void invalid_instruction(void)
{
	EXPECT(is_deadly(crash_early, "early"));
}

TAP_MAIN({ "each way", ways }, { "an unknown name", unknown }, { "waiting for an NMI", waits },
	 { "an invalid instruction", invalid_instruction })
