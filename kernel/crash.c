/* SPDX-License-Identifier: MIT */
/* Breaking the kernel on purpose. Each function here is wrong, and says in its name how. */
#include "kernel/crash.h"
#include "kernel/trap.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/page_alloc.h"
#include "mm/slab.h"

/* Each call needs its own frame: what it returns depends on what lies in it. It ends, but not on a stack of ours. */
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

	/* The compiler must not see that it is null, or it makes an invalid instruction of it. */
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

static void crash_panic(void)
{
	panic("crash=panic");
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
		{ "panic", crash_panic },
	};

	for (u32 i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!strcmp(name, ways[i].name)) {
			ways[i].run();
			return;
		}
	}
	printk("option: bad value name=crash value=%s (one of stack null text double-free "
	       "slab-overrun panic)\n",
	       name);
}
