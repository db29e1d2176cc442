/* SPDX-License-Identifier: MIT */
/* kvmalloc() by size, and the frames behind addresses of the window. */
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/slab/slab.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static bool in_window(const void *address)
{
	const uintptr_t place = (uintptr_t)address;

	return place >= vmalloc_space.start && place < vmalloc_space.end;
}

/* Up to 16 KiB are a block of kmalloc(); what is larger is mapped page by page. */
static void sizes(void)
{
	static const struct {
		size_t bytes;
		u32 pages; /* of the window */
	} rows[] = { { 1, 0 },	   { 4096, 0 },	 { 16383, 0 }, { 16384, 0 },
		     { 16385, 5 }, { 20480, 5 }, { 20481, 6 }, { MiB(1), 256 } };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 areas = vmalloc_space.count;
		void *memory = kvmalloc(rows[i].bytes);

		EXPECT(memory);
		EXPECT_EQ(in_window(memory), rows[i].pages > 0);
		EXPECT_EQ(vmalloc_space.pages, rows[i].pages);
		EXPECT_EQ(vmalloc_space.count - areas, !!rows[i].pages);
		EXPECT_VALID(vmalloc_validate(&vmalloc_space));
		kvfree(memory);
		EXPECT_EQ(vmalloc_space.count, areas);
		if (tap_failed())
			tap_note("%zu bytes", rows[i].bytes);
	}
	EXPECT(!kvmalloc(0));
	EXPECT(!kvmalloc(SIZE_MAX));
	kvfree(NULL);
}

static void free_at(vaddr_t address)
{
	kvfree((void *)(uintptr_t)address);
}

/* The first and the last address of the window, and what lies beside it. */
static void ends_of_the_window(void)
{
	void *object;

	machine_boot();
	object = kmalloc(100, GFP_KERNEL);
	kvfree(object);
	EXPECT_PANIC("vfree: ", free_at(vmalloc_space.start));
	EXPECT_PANIC("vfree: ", free_at(vmalloc_space.end - PAGE_SIZE));
	EXPECT_PANIC("kfree: ", free_at(vmalloc_space.start - PAGE_SIZE));
	EXPECT_PANIC("kfree: ", free_at(vmalloc_space.end));
}

/* Each address of an area has its frame; the guard, holes and devices have none. */
static void frames(void)
{
	struct page *pages[3], *again[3];
	char *area, *device;

	machine_boot();
	for (u32 i = 0; i < 3; i++)
		pages[i] = alloc_page(GFP_KERNEL);
	again[0] = pages[2], again[1] = pages[0], again[2] = pages[2];
	area = vmap(again, 3, PAGE_KERNEL);
	for (u32 i = 0; i < 3; i++) {
		EXPECT(vmalloc_to_page(area + i * PAGE_SIZE) == again[i]);
		EXPECT(vmalloc_to_page(area + i * PAGE_SIZE + PAGE_SIZE - 1) == again[i]);
	}
	EXPECT(!vmalloc_to_page(area + 3 * PAGE_SIZE));
	EXPECT(!vmalloc_to_page(area + 4 * PAGE_SIZE));
	EXPECT(!vmalloc_to_page(area - 1));
	device = ioremap(0xe0000000, PAGE_SIZE);
	EXPECT(device && !vmalloc_to_page(device));
	iounmap(device);
	vunmap(area);
	EXPECT(!vmalloc_to_page(area));
	vunmap(NULL);
	iounmap(NULL);
	for (u32 i = 0; i < 3; i++)
		__free_page(pages[i]);
}

TAP_MAIN({ "sizes", sizes }, { "the ends of the window", ends_of_the_window }, { "frames", frames })
