/* SPDX-License-Identifier: MIT */
/*
 * Mapped objects: two spaces map one object, shared in one and private in the other. Both write
 * to it and truncate it, against flat copies. After each step a TLB entry of a truncated page is
 * found.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/truncate.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/resched.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES 80u /* two nodes of the tree */
#define AREA  0x50000000u
#define FIRST 3u /* page of the object at the start of the private area */

static struct address_space *object;
static struct mm_struct *sharer, *owner;
static u8 contents[PAGES * PAGE_SIZE]; /* of the object's pages, also beyond its size */
static u8 copies[PAGES * PAGE_SIZE];   /* of the owner's pages that are copies */
static bool copied[PAGES];
static u32 size;

static vaddr_t map(struct mm_struct *mm, u32 type, u32 first)
{
	const struct mmap_request request = { .address = AREA,
					      .length = (PAGES - first) * PAGE_SIZE,
					      .prot = PROT_READ | PROT_WRITE,
					      .flags = type | MAP_FIXED,
					      .mapping = object,
					      .may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
					      .pgoff = first };

	return do_mmap_pgoff(mm, &request);
}

static void start(void)
{
	machine_boot_highmem(MiB(24));
	object = shmem_object(0, "object");
	sharer = mm_alloc();
	owner = mm_alloc();
	EXPECT_EQ(map(sharer, MAP_SHARED, 0), AREA);
	EXPECT_EQ(map(owner, MAP_PRIVATE, FIRST), AREA);
	EXPECT_EQ(object->count, 3);
}

static void check_all(void)
{
	EXPECT_VALID(mapping_validate(object));
	EXPECT_VALID(mapping_validate_areas(object));
	check_space(sharer);
	check_space(owner);
	machine_check();
}

/* The spaces are freed in this order; the object is freed with the last reference. */
static void end(void)
{
	check_all();
	mapping_put(object);
	mm_put(sharer);
	EXPECT(!list_empty(&mapping_list));
	mm_put(owner);
	EXPECT(list_empty(&mapping_list));
}

static bool inside(u32 page)
{
	return page < DIV_ROUND_UP(size, PAGE_SIZE);
}

static void expect_byte(struct mm_struct *mm, vaddr_t address, u32 page, u8 value)
{
	user_switch(mm);
	EXPECT_EQ(user_peek(mm, address), inside(page) ? value : -1 - FAULT_SIGBUS);
}

static void peek(u32 at)
{
	u32 page = at / PAGE_SIZE;

	expect_byte(sharer, AREA + at, page, contents[at]);
	if (page >= FIRST)
		expect_byte(owner, AREA + at - FIRST * PAGE_SIZE, page,
			    copied[page] ? copies[at] : contents[at]);
}

static void poke_shared(u32 at, u8 value)
{
	user_switch(sharer);
	EXPECT_EQ(user_poke(sharer, AREA + at, value),
		  inside(at / PAGE_SIZE) ? FAULT_OK : FAULT_SIGBUS);
	if (inside(at / PAGE_SIZE))
		contents[at] = value;
}

static void poke_private(u32 at, u8 value)
{
	u32 page = at / PAGE_SIZE;

	if (page < FIRST)
		return;
	user_switch(owner);
	EXPECT_EQ(user_poke(owner, AREA + at - FIRST * PAGE_SIZE, value),
		  inside(page) ? FAULT_OK : FAULT_SIGBUS);
	if (!inside(page))
		return;
	if (!copied[page])
		memcpy(copies + page * PAGE_SIZE, contents + page * PAGE_SIZE, PAGE_SIZE);
	copied[page] = true;
	copies[at] = value;
}

static void truncate_to(u32 bytes)
{
	EXPECT_EQ(mapping_resize(object, bytes), 0);
	if (bytes <= size)
		memset(contents + bytes, 0, sizeof(contents) - bytes);
	size = bytes;
	for (u32 page = 0; page < PAGES; page++)
		copied[page] = copied[page] && inside(page);
}

/* Private copies stay. */
static void punch_hole(u32 first, u32 pages)
{
	mapping_punch_hole(object, first, first + pages);
	memset(contents + first * PAGE_SIZE, 0, pages * PAGE_SIZE);
}

static void write_bytes(u32 at)
{
	static u8 buffer[3 * PAGE_SIZE];
	u32 bytes = random_below(min((u32)sizeof(buffer), (u32)sizeof(contents) - at)) + 1;

	memset(buffer, (int)random_u32(), bytes);
	EXPECT_EQ(mapping_write(object, buffer, bytes, at), bytes);
	memcpy(contents + at, buffer, bytes);
	size = max(size, at + bytes);
}

/* The private space and a child of it see the same; the child's write is its own. */
static void fork_owner(u32 at)
{
	struct mm_struct *parent = owner;
	u32 page = at / PAGE_SIZE;

	owner = mm_copy(parent);
	peek(at);
	user_switch(owner);
	if (page >= FIRST && inside(page))
		EXPECT_EQ(user_poke(owner, AREA + at - FIRST * PAGE_SIZE, 0xee), FAULT_OK);
	check_space(owner);
	user_switch(parent);
	mm_put(owner);
	owner = parent;
	peek(at);
}

static void forget_copies(void)
{
	EXPECT_EQ(do_madvise(owner, AREA, (PAGES - FIRST) * PAGE_SIZE, MADV_DONTNEED), 0);
	memset(copied, 0, sizeof(copied));
}

static void model(void)
{
	start();
	for (u32 step = 0; step < tap_scaled(4000) && !tap_failed(); step++) {
		u32 at = random_below(random_below(4) ? sizeof(contents) : max(size, 1u));

		switch (random_below(16)) {
		case 0:
			truncate_to(at);
			break;
		case 1:
			forget_copies();
			break;
		case 2:
			fork_owner(at);
			break;
		case 3:
		case 4:
			write_bytes(at);
			break;
		case 5:
		case 6:
		case 7:
			poke_shared(at, (u8)step);
			break;
		case 8:
		case 9:
		case 10:
			poke_private(at, (u8)step);
			break;
		case 11:
			punch_hole(at / PAGE_SIZE, 1 + random_below(PAGES - at / PAGE_SIZE));
			peek(at);
			break;
		default:
			peek(at);
		}
		if (step % 16 == 0)
			check_all();
	}
	end();
}

/* No entry of either space names a truncated page or a private copy of it. */
static void truncation_unmaps(void)
{
	start();
	truncate_to(10 * PAGE_SIZE);
	for (u32 page = 0; page < 10; page++)
		poke_shared(page * PAGE_SIZE, 1);
	poke_private(5 * PAGE_SIZE, 2);
	poke_private(8 * PAGE_SIZE, 2);
	EXPECT_EQ(sharer->rss, 10);
	EXPECT_EQ(owner->rss, 2);
	truncate_to(6 * PAGE_SIZE + 1);
	EXPECT_EQ(object->nrpages, 7);
	EXPECT_EQ(sharer->rss, 7);
	EXPECT_EQ(owner->rss, 1);
	for (u32 page = 0; page < 10; page++)
		peek(page * PAGE_SIZE);
	end();
}

/* A punched page is replaced by a new one in the sharing space; a private copy stays. */
static void hole_unmaps(void)
{
	start();
	truncate_to(6 * PAGE_SIZE);
	for (u32 page = 0; page < 6; page++)
		poke_shared(page * PAGE_SIZE, 1);
	poke_private(4 * PAGE_SIZE, 2);
	peek(5 * PAGE_SIZE);
	EXPECT_EQ(sharer->rss, 6);
	EXPECT_EQ(owner->rss, 3); /* the copy, and the pages around page 5 */
	punch_hole(2, 3);
	EXPECT_EQ(object->nrpages, 3);
	EXPECT_EQ(sharer->rss, 3);
	EXPECT_EQ(owner->rss, 2);
	for (u32 page = 0; page < 6; page++)
		peek(page * PAGE_SIZE);
	end();
}

/*
 * A write that copies nothing adds no page. Until bytes have arrived, no fault maps the new page.
 */
static u32 faulting_copy(void *kernel, u32 bytes, void *context)
{
	(void)kernel;
	(void)context;
	/* Beside the new page: cached pages around it are mapped too. */
	user_switch(sharer);
	EXPECT_EQ(user_peek(sharer, AREA), 1);
	EXPECT_EQ((u32)mm_fault(sharer, AREA + PAGE_SIZE, FAULT_READ), (u32)FAULT_SIGBUS);
	return bytes;
}

static void write_that_fails(void)
{
	start();
	EXPECT_EQ(mapping_write(object, "\1", 1, 0), 1);
	size = 1;
	contents[0] = 1;
	EXPECT_EQ(mapping_copy_to(object, PAGE_SIZE, 100, faulting_copy, NULL), -EFAULT);
	EXPECT_EQ(object->nrpages, 1);
	EXPECT_EQ(object->i_size, 1);
	EXPECT_EQ(sharer->rss, 1);
	peek(PAGE_SIZE);
	end();
}

/*
 * Joins the two areas of the owner when truncation has passed the first one and not the second.
 * Other tasks run after the sharer's area, within the owner's first area, and after it.
 */
static void join_areas(void)
{
	static u32 turns;

	if (++turns == 3)
		EXPECT_EQ(do_mprotect(owner, AREA, (PAGES - FIRST) * PAGE_SIZE,
				      PROT_READ | PROT_WRITE),
			  0);
}

/*
 * Private copies beyond the new end go too, also in an area that truncation had already passed.
 */
static void truncation_while_others_run(void)
{
	start();
	EXPECT_EQ(mapping_resize(object, PAGES * PAGE_SIZE), 0);
	for (u32 page = FIRST; page < PAGES; page++)
		EXPECT_EQ(mm_fault(owner, AREA + (page - FIRST) * PAGE_SIZE, FAULT_WRITE),
			  FAULT_OK);
	EXPECT_EQ(do_mprotect(owner, AREA, 10 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(owner->map_count, 2);
	host_others = join_areas;
	EXPECT_EQ(mapping_resize(object, 0), 0);
	host_others = NULL;
	EXPECT_EQ(owner->map_count, 1);
	EXPECT_EQ(owner->rss, 0);
	EXPECT_EQ(object->nrpages, 0);
	check_all();
	mapping_put(object);
	mm_put(sharer);
	mm_put(owner);
}

#define SECOND (AREA + MiB(4)) /* the next step of fork */

/* As soon as fork has shared the first copy. */
static void truncate_while_forking(void)
{
	struct vm_area_struct *vma = NULL;
	const pte_t *pte = pte_lookup(owner->pgd, AREA);

	if (!pte || !pte_present(*pte) || pfn_to_page(pte_pfn(*pte))->count == 1)
		return;
	EXPECT_EQ(mapping_resize(object, 0), 0);
	while ((vma = next_sharing_area(object, vma, 0)))
		EXPECT_EQ(vma->vm_mm->rss, 0);
}

/* The pages of both sides are counted whenever truncation may remove them. */
static void fork_while_others_truncate(void)
{
	struct mm_struct *child;

	machine_boot_highmem(MiB(24));
	object = shmem_object(MiB(8), "object");
	sharer = mm_alloc();
	owner = mm_alloc();
	EXPECT_EQ(do_mmap_pgoff(owner, &(struct mmap_request){ .address = AREA,
							       .length = MiB(8),
							       .prot = PROT_READ | PROT_WRITE,
							       .flags = MAP_PRIVATE | MAP_FIXED,
							       .mapping = object,
							       .may = VM_MAYREAD | VM_MAYEXEC }),
		  AREA);
	EXPECT_EQ(mm_fault(owner, AREA, FAULT_WRITE), FAULT_OK);
	EXPECT_EQ(mm_fault(owner, SECOND, FAULT_WRITE), FAULT_OK);
	host_others = truncate_while_forking;
	child = mm_copy(owner);
	host_others = NULL;
	EXPECT(child);
	EXPECT_EQ(object->i_size, 0);
	check_space(child);
	mm_put(child);
	end();
}

/* Reserved frames with the contents of the object's first pages. */
static struct page *frames;

#define IN_PLACE 20u

static struct page *in_place(const struct address_space *mapping, u32 *first, u32 *end)
{
	(void)mapping;
	*end = min(*end, IN_PLACE);
	return *first < *end ? frames + *first : NULL;
}

static u8 *frame_byte(u32 page)
{
	return page_address(frames + page);
}

/* The first run of so many reserved frames in the direct map. */
static struct page *reserved_frames(u32 count)
{
	u32 run = 0;

	for (pfn_t pfn = 0; pfn < max_low_pfn; pfn++) {
		run = reserved_page_at(pfn_to_virt(pfn)) ? run + 1 : 0;
		if (run == count)
			return pfn_to_page(pfn + 1 - count);
	}
	return NULL;
}

/*
 * Pages in place: the frames are those of the object and are written by shared areas, but private
 * areas copy them; 16 are mapped by one fault, none is counted or freed, and truncation unmaps
 * them.
 */
static void pages_in_place(void)
{
	static struct address_space_operations operations;
	u32 free;

	start();
	frames = reserved_frames(IN_PLACE);
	if (!EXPECT(frames))
		return;
	operations = *object->a_ops;
	operations.in_place = in_place;
	object->a_ops = &operations;
	object->i_size = size = (IN_PLACE + 1) * PAGE_SIZE;
	for (u32 page = 0; page < IN_PLACE; page++)
		*frame_byte(page) = contents[page * PAGE_SIZE] = (u8)(page + 1);
	user_switch(sharer);
	user_peek(sharer, AREA);
	free = nr_free_pages();
	EXPECT_EQ(user_peek(sharer, AREA + 7 * PAGE_SIZE), 8);
	EXPECT_EQ(sharer->rss, 16);
	EXPECT_EQ(nr_free_pages(), free);
	peek(5 * PAGE_SIZE);
	poke_private(5 * PAGE_SIZE, 0x55);
	EXPECT_EQ(*frame_byte(5), 6);
	poke_shared(6 * PAGE_SIZE, 0x66);
	EXPECT_EQ(*frame_byte(6), 0x66);
	peek(17 * PAGE_SIZE);
	peek(IN_PLACE * PAGE_SIZE); /* a page that is not in place */
	check_all();
	truncate_to(7 * PAGE_SIZE);
	EXPECT_EQ(sharer->rss, 7);
	peek(6 * PAGE_SIZE);
	peek(7 * PAGE_SIZE);
	EXPECT(frames[7].flags & PG_reserved);
	end();
}

/*
 * Many areas beside: those that map the tail are found among the others, and no other is touched.
 */
static void tail_beside_many_areas(void)
{
	struct vm_area_struct *vma = NULL;
	u32 found = 0;

	start();
	EXPECT_EQ(mapping_resize(object, PAGES * PAGE_SIZE), 0);
	for (u32 i = 0; i < PAGES; i += 2)
		EXPECT(do_munmap(owner, AREA + i * PAGE_SIZE, PAGE_SIZE) == 0);
	while ((vma = next_sharing_area(object, vma, PAGES - 2)))
		EXPECT(vma->vm_pgoff + vma_pages(vma) > PAGES - 2 && ++found);
	EXPECT_EQ(found, 2); /* the sharer's, and the owner's last but one or last */
	EXPECT(!next_sharing_area(object, NULL, PAGES));
	EXPECT(!next_sharing_area(object, NULL, UINT32_MAX));
	check_all();
	size = PAGES * PAGE_SIZE;
	truncate_to(0);
	end();
}

/* The right to execute that comes with reading, from a file that may not be executed. */
static void reading_implies_no_execution_of_data(void)
{
	struct mmap_request request = { .address = AREA,
					.length = PAGE_SIZE,
					.prot = PROT_READ,
					.flags = MAP_PRIVATE | MAP_FIXED,
					.may = VM_MAYREAD };

	start();
	request.mapping = object;
	owner->read_exec = host_read_exec = true;
	EXPECT_EQ(do_mmap_pgoff(owner, &request), AREA);
	EXPECT_EQ(find_vma(owner, AREA)->vm_flags & VM_ACCESS_MASK, VM_READ);
	EXPECT_EQ(do_mprotect(owner, AREA, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQ(find_vma(owner, AREA)->vm_flags & VM_ACCESS_MASK, VM_READ | VM_WRITE);
	EXPECT_EQ(do_mprotect(owner, AREA, PAGE_SIZE, PROT_READ | PROT_EXEC), -EACCES);
	request.prot |= PROT_EXEC;
	EXPECT_EQ((int)do_mmap_pgoff(owner, &request), -EPERM);
	request.may |= VM_MAYEXEC;
	request.prot = PROT_READ;
	EXPECT_EQ(do_mmap_pgoff(owner, &request), AREA);
	EXPECT_EQ(find_vma(owner, AREA)->vm_flags & VM_ACCESS_MASK, VM_READ | VM_EXEC);
	host_read_exec = false; /* another task of the space has it */
	EXPECT_EQ(do_mmap_pgoff(owner, &request), AREA);
	EXPECT_EQ(find_vma(owner, AREA)->vm_flags & VM_ACCESS_MASK, VM_READ);
	end();
}

TAP_MAIN({ "truncation unmaps", truncation_unmaps }, { "a hole unmaps", hole_unmaps },
	 { "a write that fails", write_that_fails },
	 { "truncation while others run", truncation_while_others_run },
	 { "fork while others truncate", fork_while_others_truncate },
	 { "pages in place", pages_in_place },
	 { "READ_IMPLIES_EXEC and data", reading_implies_no_execution_of_data },
	 { "the tail beside many areas", tail_beside_many_areas }, { "model", model })
