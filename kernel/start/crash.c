/* SPDX-License-Identifier: MIT */
/* Crashing the kernel on purpose. Each function here has one fault, which its name tells. */
#include "kernel/start/crash.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/io.h"
#include "kernel/task/sched.h"
#include "kernel/cpu/trap.h"
#include "kernel/cpu/uaccess.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "mm/mman/mman.h"

#define EARLY_WAIT_US	20000000u
#define USER_PLACE	0x30000000u
#define RET_INSTRUCTION 0xc3

/*
 * Each call needs a frame of its own, because its result depends on the frame's contents. The
 * recursion ends, but not within a kernel stack.
 */
static noinline u32 overflow_stack(u32 depth)
{
	volatile u32 frame[64];

	frame[depth % 64] = depth;
	return (depth ? overflow_stack(depth - 1) : 0) + frame[depth % 64];
}

static void crash_stack(void)
{
	overflow_stack(1000000);
}

static void crash_null(void)
{
	volatile u32 *nothing = NULL;

	/* Hides the null from the compiler, which would emit an invalid instruction for it. */
	__asm__ volatile("" : "+r"(nothing));
	(void)*nothing;
}

static void crash_text(void)
{
	*(volatile u8 *)trap_stubs = 0x90;
}

static void crash_double_free(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);
	__free_page(page);
}

static void crash_slab_overrun(void)
{
	char *object = kmalloc(64, GFP_KERNEL);

	memset(object, 0, 65);
	kfree(object);
}

/* With debug_pagealloc=on the freed frame is not mapped. */
static noinline void crash_use_after_free(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	volatile char *frame = page_address(page);

	__free_page(page);
	frame[16] = 1;
}

/* A page of a program that is present and contains a return instruction. */
static volatile u8 *user_page(void)
{
	struct mm_struct *mm = mm_alloc();

	current->mm = mm;
	activate_mm(mm);
	do_mmap(mm, USER_PLACE, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	put_user(RET_INSTRUCTION, USER_PLACE);
	return (volatile u8 *)USER_PLACE;
}

static void crash_smap(void)
{
	(void)*user_page();
}

static void crash_smep(void)
{
	((void (*)(void))user_page())();
}

/* The worst place to hang: interrupts are off, so that only an NMI is heard. */
static noinline void crash_hang(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void crash_panic(void)
{
	panic("crash=panic");
}

/* Time to send an NMI or a machine check, or to take a picture. */
static void wait_for_nmi(void)
{
	printk("crash: waiting for an NMI\n");
	for (u32 i = 0; i < EARLY_WAIT_US && !nmi_count; i++)
		io_delay();
	printk("crash: nmi_count=%u\n", nmi_count);
}

void crash_early(const char *name)
{
	if (!strcmp(name, "early"))
		__asm__ volatile("ud2");
	if (!strcmp(name, "early-wait"))
		wait_for_nmi();
}

void crash_on_purpose(const char *name)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{ "stack", crash_stack },
		{ "null", crash_null },
		{ "text", crash_text },
		{ "double-free", crash_double_free },
		{ "slab-overrun", crash_slab_overrun },
		{ "use-after-free", crash_use_after_free },
		{ "smap", crash_smap },
		{ "smep", crash_smep },
		{ "panic", crash_panic },
		{ "hang", crash_hang },
	};

	for (u32 i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!strcmp(name, ways[i].name)) {
			ways[i].run();
			return;
		}
	}
	if (!strncmp(name, "early", 5))
		return; /* crash_early() has handled it */
	printk("option: bad value name=crash value=%s (one of stack null text double-free "
	       "slab-overrun use-after-free smap smep panic hang early early-wait)\n",
	       name);
}
