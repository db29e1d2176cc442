/* SPDX-License-Identifier: MIT */
/*
 * vmalloc and ioremap. The memory is reached through the software MMU alone, so that a stale
 * translation leads to the old frame.
 */
#include <string.h>

#include "mm/frames/fail_alloc.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "paging/check.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"

static vaddr_t allocate(size_t bytes)
{
	vaddr_t address = (vaddr_t)(uintptr_t)vmalloc(bytes);

	EXPECT_VALID(vmalloc_validate(&vmalloc_space));
	return address;
}

static void release(vaddr_t address)
{
	vfree((void *)(uintptr_t)address);
	EXPECT_VALID(vmalloc_validate(&vmalloc_space));
}

static bool mapped(vaddr_t address)
{
	u8 byte;

	return kernel_read(address, &byte, 1);
}

static u32 frame_of(vaddr_t address)
{
	struct translation page = { 0 };

	EXPECT(translate(kernel_pgd, address, &page));
	return phys_to_pfn(page.phys);
}

static void write_and_read(void)
{
	static u8 in[10000], out[sizeof(in)];
	vaddr_t area;

	machine_boot();
	area = allocate(sizeof(in));
	EXPECT(area >= vmalloc_space.start && area < VMALLOC_END && IS_ALIGNED(area, PAGE_SIZE));
	for (u32 i = 0; i < sizeof(in); i++)
		in[i] = (u8)random_u32();
	EXPECT(kernel_write(area, in, sizeof(in)));
	EXPECT(kernel_read(area, out, sizeof(out)));
	EXPECT(!memcmp(in, out, sizeof(in)));
	EXPECT_EQ(vmalloc_space.count, 1);
	EXPECT_EQ(vmalloc_space.pages, 3);
	release(area);
	EXPECT_EQ(vmalloc_space.count + vmalloc_space.pages, 0);
}

/* Ring 3 cannot reach the kernel's area. It cannot be executed where data are not. */
static void not_for_ring_3(void)
{
	vaddr_t where;
	vaddr_t area;
	phys_addr_t phys;
	u32 error;

	machine_boot();
	area = allocate(1);
	EXPECT(!mmu_access(area, MMU_READ, MMU_USER, &phys, &error));
	EXPECT_VALID(pgtable_validate(kernel_pgd, kernel_pgd, max_pfn, &where));
	EXPECT(mapped(area));
	EXPECT(!mmu_access(area, MMU_READ, MMU_USER, &phys, &error));
	EXPECT_EQ(error, 5);
	release(area);
}

/*
 * In Linux 2.4 vmalloc(-1) and similar sizes wrapped to 0, and the area before it was overrun.
 */
static void sizes_that_wrap(void)
{
	static const size_t sizes[] = { 0,
					(size_t)-1,
					(size_t)-4095,
					(size_t)-4096,
					(size_t)-4097,
					(size_t)-8192,
					0xc0000000u,
					0x80000000u,
					0x40000000u };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT(!vmalloc(sizes[i]));
		EXPECT(!ioremap(0xfe000000, i ? sizes[i] : 0));
		machine_check();
	}
	EXPECT(!vmalloc(vmalloc_space.end - vmalloc_space.start));
	EXPECT_EQ(vmalloc_space.count, 0);
	release(0);
}

static void guard_pages(void)
{
	vaddr_t area[3];

	machine_boot();
	for (u32 i = 0; i < 3; i++)
		area[i] = allocate((i + 1) * PAGE_SIZE);
	for (u32 i = 0; i < 3; i++) {
		vaddr_t end = area[i] + (i + 1) * PAGE_SIZE;

		EXPECT(mapped(end - 1) && !mapped(end) && !mapped(end + PAGE_SIZE - 1));
		EXPECT(!i || area[i] >= area[i - 1] + (i + 1) * PAGE_SIZE);
		EXPECT(find_vm_area(&vmalloc_space, end) == find_vm_area(&vmalloc_space, area[i]));
		EXPECT(!kernel_write(end - 1, "xy", 2));
	}
	EXPECT(!mapped(vmalloc_space.start - 1));
	for (u32 i = 0; i < 3; i++)
		release(area[i]);
}

/* Contiguous addresses from frames of which no two are neighbours. */
static void frames_from_anywhere(void)
{
	struct page *taken[128];
	vaddr_t area;

	machine_boot();
	area = allocate(1); /* fills the caches */
	for (u32 i = 0; i < ARRAY_SIZE(taken); i++)
		taken[i] = alloc_page(GFP_KERNEL);
	machine_exhaust();
	for (u32 i = 0; i < ARRAY_SIZE(taken); i++)
		if (page_to_pfn(taken[i]) % 2)
			__free_page(taken[i]);
	release(area);
	area = allocate(32 * PAGE_SIZE);
	EXPECT(area != 0);
	for (u32 i = 0; area && i < 32; i++) {
		const struct page *page = pfn_to_page(frame_of(area + i * PAGE_SIZE));

		EXPECT(page_owner(page) == OWNER_VMALLOC && page->count == 1);
		EXPECT(i < 2 || page_to_pfn(page) % 2 == 1);
	}
	release(area);
	for (u32 i = 0; i < ARRAY_SIZE(taken); i++)
		if (page_to_pfn(taken[i]) % 2 == 0)
			__free_page(taken[i]);
	machine_relax();
}

/*
 * No frame is reused before its TLB entry is flushed. The pages are touched, freed, and touched at
 * once.
 */
static void touch_after_free(u32 pages)
{
	vaddr_t area = allocate(pages * PAGE_SIZE);
	u32 word = 0x12345678;

	for (u32 i = 0; i < pages; i++)
		EXPECT(kernel_write(area + i * PAGE_SIZE, &word, 4));
	EXPECT(mmu_remembers(area) && mmu_remembers(area + (pages - 1) * PAGE_SIZE));
	release(area);
	for (u32 i = 0; i < pages; i++)
		if (!EXPECT(!mapped(area + i * PAGE_SIZE)))
			break;
}

static void stale_translations(void)
{
	static const u32 pages[] = { 1, 2, 31, 63, 64, 65, 200 };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++)
		touch_after_free(pages[i]);
}

/* The translation is global: a change of the page directory does not flush it. */
static void new_frame_at_the_old_address(void)
{
	vaddr_t first, second;
	u32 word = 1, got = 0;

	machine_boot();
	first = allocate(PAGE_SIZE);
	EXPECT(kernel_write(first, &word, 4));
	mmu_set_root(mmu_root());
	EXPECT(mmu_remembers(first));
	release(first);
	machine_exhaust(); /* so that the next frame is another one */
	machine_relax_by(3);
	second = allocate(PAGE_SIZE);
	EXPECT_EQ(second, first);
	word = 2;
	memcpy(pfn_to_virt(frame_of(second)), &word, 4);
	EXPECT(kernel_read(second, &got, 4));
	EXPECT_EQ(got, 2);
	release(second);
	machine_relax();
}

/* An older page directory sees the area without a fault (mm/kernel_space/kernel_map.h (2)). */
static void in_every_page_directory(void)
{
	pgd_t *before, *after;
	vaddr_t area;
	struct vmalloc_space far;

	machine_boot();
	before = pgd_alloc();
	/* An address without a page table. */
	vmalloc_space_init(&far, 0xf8000000, 0xf9000000, kernel_pgd, &kernel_pgtable_ops);
	area = vmalloc_from(&far, 5 * PAGE_SIZE, GFP_KERNEL);
	after = pgd_alloc();
	EXPECT_EQ(area, 0xf8000000);
	mmu_set_root(virt_to_phys(before));
	EXPECT(kernel_write(area, "old", 4));
	mmu_set_root(virt_to_phys(after));
	EXPECT(kernel_write(area + 0x4000, "new", 4));
	EXPECT_VALID(vmalloc_validate(&far));
	vfree_to(&far, area);
	EXPECT(!mapped(area) && !mapped(area + 0x4000));
	mmu_set_root(virt_to_phys(kernel_pgd));
	pgd_free(before);
	pgd_free(after);
	/*
	 * The page table stays for ever (3): one frame less. Undone here, for the check at the
	 * end of the case.
	 */
	{
		pmd_t *pmd = pmd_offset(pgd_offset(kernel_pgd, area), area);

		__free_page(pfn_to_page(pmd_pfn(*pmd)));
		pmd_clear(pmd);
	}
}

static void wrong_frees(void)
{
	vaddr_t area;

	machine_boot();
	area = allocate(3 * PAGE_SIZE);
	EXPECT_PANIC("not the start of an area", (release(area + PAGE_SIZE), true));
	EXPECT_PANIC("not the start of an area", (release(area + 1), true));
	EXPECT_PANIC("not the start of an area", (release(area + 3 * PAGE_SIZE), true));
	EXPECT_PANIC("not the start of an area", (release(area), release(area), true));
	EXPECT_PANIC("not the start of an area", (release(0x1000), true));
	EXPECT_PANIC("not the start of an area", (iounmap((void *)0x1000), true));
	release(area);
}

/* Allocation k fails, for every k up to success: a failure leaks nothing. */
static void without_memory(void)
{
	const struct fail_spec first = { .kinds = FAIL_PAGE, .mode = FAIL_ONCE, .nth = 1 };
	const struct fail_spec second = { .kinds = FAIL_PAGE, .mode = FAIL_ONCE, .nth = 2 };
	struct vmalloc_space far;
	struct page *page;
	u32 free, failed = 0;
	vaddr_t area = 0;

	machine_boot();
	free = nr_free_pages();
	for (u32 k = 1; !area && k < 100; k++) {
		const struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ON, .nth = k };

		fail_alloc_set(&spec);
		area = allocate(16 * PAGE_SIZE);
		fail_alloc_set(NULL);
		if (area)
			break;
		failed++;
		kmem_cache_reap();
		EXPECT_EQ(nr_free_pages(), free);
		EXPECT_EQ(vmalloc_space.count + vmalloc_space.pages, 0);
		machine_check();
	}
	EXPECT(area && failed >= 17); /* the area, and each page */
	release(area);
	/* A page table, where there is none yet. */
	vmalloc_space_init(&far, 0xf8000000, 0xf9000000, kernel_pgd, &kernel_pgtable_ops);
	page = alloc_page(GFP_KERNEL);
	fail_alloc_set(&first);
	EXPECT(!vmap_to(&far, &page, 1, PAGE_KERNEL));
	fail_alloc_set(&second);
	EXPECT(!vmalloc_from(&far, 1, GFP_KERNEL));
	EXPECT_EQ(fail_alloc_failed(), 1);
	fail_alloc_set(NULL);
	EXPECT_EQ(far.count, 0);
	__free_page(page);
	/* The same with no free frame. */
	machine_exhaust();
	EXPECT(!allocate(1));
	machine_relax();
}

static void without_addresses(void)
{
	struct vmalloc_space small;
	vaddr_t area[3];

	machine_boot();
	vmalloc_space_init(&small, vmalloc_space.start, vmalloc_space.start + 8 * PAGE_SIZE,
			   kernel_pgd, &kernel_pgtable_ops);
	EXPECT(!vmalloc_from(&small, 8 * PAGE_SIZE, GFP_KERNEL));
	area[0] = vmalloc_from(&small, 7 * PAGE_SIZE, GFP_KERNEL);
	EXPECT_EQ(area[0], small.start);
	EXPECT(!vmalloc_from(&small, 1, GFP_KERNEL));
	vfree_to(&small, area[0]);
	for (u32 i = 0; i < 3; i++)
		area[i] = vmalloc_from(&small, PAGE_SIZE, GFP_KERNEL);
	EXPECT_EQ(area[2], small.start + 4 * PAGE_SIZE);
	EXPECT(!vmalloc_from(&small, 2 * PAGE_SIZE, GFP_KERNEL));
	/* The hole in the middle is used again. */
	vfree_to(&small, area[1]);
	area[1] = vmalloc_from(&small, PAGE_SIZE, GFP_KERNEL);
	EXPECT_EQ(area[1], small.start + 2 * PAGE_SIZE);
	EXPECT_VALID(vmalloc_validate(&small));
	for (u32 i = 0; i < 3; i++)
		vfree_to(&small, area[i]);
	EXPECT_EQ(small.count, 0);
}

static void device_memory(void)
{
	vaddr_t place;
	struct translation page;
	u32 free;

	machine_boot();
	free = nr_free_pages();
	place = (vaddr_t)(uintptr_t)ioremap(0xfee00123, 0x2000);
	EXPECT_EQ(place & ~PAGE_MASK, 0x123);
	EXPECT(translate(kernel_pgd, place, &page) && page.phys == 0xfee00123);
	EXPECT(page.flags & PTE_PCD && page.flags & PTE_WRITE && !(page.flags & PTE_USER));
	EXPECT(translate(kernel_pgd, place + 0x2000, &page) && page.phys == 0xfee02123);
	EXPECT(!translate(kernel_pgd, place + 0x2fff, &page));
	EXPECT_VALID(vmalloc_validate(&vmalloc_space));
	iounmap((void *)(uintptr_t)(place + 1));
	EXPECT(!translate(kernel_pgd, place, &page));
	kmem_cache_reap();
	EXPECT_EQ(nr_free_pages(), free);
	EXPECT(!ioremap(GiB(4) - 0x1000, 0x2000));
	EXPECT(!ioremap(~0ull, 2));
	EXPECT(!ioremap(~0ull - 8, 8));
	EXPECT(!kernel_map_device(~0ull - 0xfff, 0x2000, false));
	iounmap(NULL);
}

/* The caller's frames, in the caller's order; the caller keeps them. */
static void mapped_frames(void)
{
	struct page *pages[5];
	vaddr_t place;
	u8 byte;

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		memset(page_address(pages[i]), (int)i, PAGE_SIZE);
	}
	place = (vaddr_t)(uintptr_t)vmap(pages, ARRAY_SIZE(pages), PAGE_KERNEL_RO);
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		EXPECT(kernel_read(place + i * PAGE_SIZE, &byte, 1) && byte == i);
		EXPECT(!kernel_write(place + i * PAGE_SIZE, &byte, 1));
		EXPECT(vmalloc_page(&vmalloc_space, place + i * PAGE_SIZE + 9) == pages[i]);
	}
	EXPECT(!vmalloc_page(&vmalloc_space, place + ARRAY_SIZE(pages) * PAGE_SIZE));
	EXPECT(!vmalloc_page(&vmalloc_space, place - PAGE_SIZE));
	EXPECT(!vmap(pages, 0, PAGE_KERNEL) && !vmap(pages, 0xffffffff, PAGE_KERNEL) &&
	       !vmap(pages, 0x100000, PAGE_KERNEL));
	EXPECT_VALID(vmalloc_validate(&vmalloc_space));
	vunmap((void *)(uintptr_t)place);
	EXPECT(!mapped(place));
	vunmap(NULL);
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		EXPECT_EQ(pages[i]->count, 1);
		__free_page(pages[i]);
	}
}

/* From frames outside of the direct map, if there are any. */
static void from_high_memory(void)
{
	vaddr_t area;
	u32 word = 0;

	machine_boot_highmem(MiB(32));
	area = allocate(4 * PAGE_SIZE);
	EXPECT(frame_of(area) >= max_low_pfn);
	EXPECT(kernel_write(area, &area, 4) && kernel_read(area, &word, 4));
	EXPECT_EQ(word, area);
	release(area);
	area = vmalloc_from(&vmalloc_space, 3 * PAGE_SIZE, GFP_KERNEL | __GFP_ZERO);
	for (u32 at = 0; at < 3 * PAGE_SIZE; at += 4)
		if (!EXPECT(kernel_read(area + at, &word, 4) && !word))
			break;
	release(area);
}

/* --- Random requests against the model: every area holds its own pattern --- */

#define AREAS_MAX 60

static struct {
	vaddr_t address;
	u32 bytes, mark;
} areas[AREAS_MAX];

static void write_marks(u32 i)
{
	for (u32 at = 0; at < areas[i].bytes; at += PAGE_SIZE) {
		u32 mark = areas[i].mark + at;

		EXPECT(kernel_write(areas[i].address + at, &mark, sizeof(mark)));
	}
}

static void check_marks(u32 i)
{
	for (u32 at = 0; at < areas[i].bytes; at += PAGE_SIZE) {
		u32 mark = 0;

		EXPECT(kernel_read(areas[i].address + at, &mark, sizeof(mark)));
		EXPECT_EQ(mark, areas[i].mark + at);
	}
}

static void random_requests(void)
{
	u32 count = 0, pages = 0;

	machine_boot();
	for (u32 step = 0; step < tap_scaled(12000) && !tap_failed(); step++) {
		if (count && (count == AREAS_MAX || random_one_in(2))) {
			u32 pick = random_below(count);
			vaddr_t address = areas[pick].address;

			check_marks(pick);
			pages -= areas[pick].bytes / PAGE_SIZE;
			release(address);
			EXPECT(!mapped(address));
			areas[pick] = areas[--count];
		} else {
			areas[count].bytes =
				PAGE_SIZE * (1 + random_below(random_one_in(20) ? 100 : 9));
			areas[count].address =
				allocate(areas[count].bytes - random_below(PAGE_SIZE));
			areas[count].mark = random_u32();
			pages += areas[count].bytes / PAGE_SIZE;
			EXPECT(areas[count].address != 0);
			write_marks(count++);
		}
		EXPECT_EQ(vmalloc_space.count, count);
		EXPECT_EQ(vmalloc_space.pages, pages);
		if (random_one_in(500))
			machine_check();
	}
	while (count--) {
		check_marks(count);
		release(areas[count].address);
	}
}

TAP_MAIN({ "write and read", write_and_read }, { "not for ring 3", not_for_ring_3 },
	 { "sizes 0, -1, -4096 and huge (Linux 2.4's vmalloc)", sizes_that_wrap },
	 { "guard pages", guard_pages }, { "frames from anywhere", frames_from_anywhere },
	 { "touched right after vfree", stale_translations },
	 { "a new frame at the old address", new_frame_at_the_old_address },
	 { "in every page directory", in_every_page_directory },
	 { "wrong releases panic", wrong_frees },
	 { "without memory, step by step", without_memory },
	 { "without addresses", without_addresses }, { "device memory", device_memory },
	 { "mapped frames", mapped_frames }, { "from high memory", from_high_memory },
	 { "random requests against a model", random_requests })
