/* SPDX-License-Identifier: MIT */
/*
 * The identity of a futex word: by the address space, or by the object of its page, and what a
 * word may not be.
 */
/* In place of a program's memory. */
#define mm_page	   model_page
#define vma_search model_search
#define mm_grab	   model_grab
#define mm_drop	   model_drop
#include "kernel/process/futex_key.c"

#include "abi/linux/errno.h"
#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define PLACE 0x08049abcu

struct task *current;

static struct mm_struct space;
static struct task task = { .mm = &space };
static struct vm_area_struct area = { .vm_start = 0x08000000, .vm_end = 0x09000000 };
static struct address_space object = { .count = 1 };
static struct page *page, saved;
static enum fault_result outcome;
static u32 faults, memory_gone;
static s32 space_references;
static enum fault_access accessed;

enum fault_result mm_page(struct mm_struct *mm, vaddr_t address, enum fault_access access,
			  struct page **found)
{
	EXPECT(mm == &space && address == PLACE);
	faults++;
	accessed = access;
	*found = page;
	return outcome;
}

struct vm_area_struct *vma_search(struct mm_struct *mm, vaddr_t address)
{
	EXPECT(mm == &space && address);
	return NULL;
}

void user_out_of_memory(vaddr_t address, enum fault_access access)
{
	EXPECT(address == PLACE && access == accessed);
	memory_gone++;
}

void mm_grab(struct mm_struct *mm)
{
	EXPECT(mm == &space);
	space_references++;
}

void mm_drop(struct mm_struct *mm)
{
	EXPECT(mm == &space);
	space_references--;
}

static void start(void)
{
	machine_boot();
	current = &task;
	page = pfn_to_page(4 * HUGE_FRAMES); /* the first of a large page */
	saved = *page;
	page->mapping = (struct address_space *)(uintptr_t)PAGE_ANON;
	outcome = FAULT_OK;
	space.mmap_cache = &area;
	area.vm_flags = VM_READ | VM_WRITE;
}

static void stop(void)
{
	*page = saved;
}

static void expect_key(bool shared, void *of, u32 number, u32 kind)
{
	struct futex_key key = { NULL, 0, 0 };

	EXPECT_EQ(make_key(PLACE, shared, &key), 0);
	EXPECT(key.object == of);
	EXPECT_EQ(key.page, number);
	EXPECT_EQ(key.offset, (PLACE & 0xfff) | kind);
}

static void expect_refused(int error)
{
	struct futex_key key;

	EXPECT_EQ(make_key(PLACE, true, &key), error);
}

/* No fault, wherever the word is. */
static void private_words(void)
{
	struct futex_key key;

	start();
	expect_key(false, &space, PLACE >> PAGE_SHIFT, KEY_PRIVATE);
	for (u32 i = 1; i < 4; i++)
		EXPECT_EQ(make_key(PLACE + i, false, &key), -EINVAL);
	EXPECT_EQ(make_key(TASK_SIZE - 4, false, &key), 0);
	EXPECT_EQ(make_key(TASK_SIZE, false, &key), -EFAULT);
	EXPECT_EQ(make_key(TASK_SIZE + 1, false, &key), -EINVAL);
	EXPECT_EQ(faults, 0);
	stop();
}

static void shared_words(void)
{
	start();
	expect_key(true, &space, PLACE >> PAGE_SHIFT, KEY_ANONYMOUS);
	EXPECT(faults == 1 && accessed == FAULT_WRITE);
	page->mapping = &object;
	page->index = 70;
	expect_key(true, &object, 70, KEY_OBJECT);
	area.vm_flags = VM_READ;
	expect_key(true, &object, 70, KEY_OBJECT); /* the file's word, to sleep on */
	EXPECT_EQ(accessed, FAULT_READ);
	stop();
}

/* A page of 4 KiB in the middle of a large one. */
static void large_pages(void)
{
	start();
	area.vm_flags |= VM_HUGETLB;
	page->mapping = &object;
	page->index = 5;
	page += 3;
	expect_key(true, &object, 8, KEY_OBJECT);
	page -= 3;
	stop();
}

static void refused(void)
{
	start();
	area.vm_flags = VM_READ; /* private memory that can't be written */
	expect_refused(-EFAULT);
	page->mapping = &object;
	outcome = FAULT_MAPERR;
	expect_refused(-EFAULT);
	EXPECT_EQ(memory_gone, 0);
	outcome = FAULT_OOM;
	expect_refused(-EFAULT);
	EXPECT_EQ(memory_gone, 1);
	space.mmap_cache = NULL; /* no area there */
	outcome = FAULT_MAPERR;
	expect_refused(-EFAULT);
	EXPECT_EQ(accessed, FAULT_READ);
	stop();
}

static void zeros(void)
{
	struct page *other;

	start();
	other = page;
	page = zero_page;
	area.vm_flags = VM_READ;
	expect_refused(-EFAULT);
	page = other;
	stop();
}

static void references(void)
{
	const struct futex_key of_object = { &object, 1, KEY_OBJECT },
			       of_space = { &space, 1, KEY_ANONYMOUS },
			       of_process = { &space, 1, KEY_PRIVATE };

	start();
	key_get(&of_object);
	EXPECT(object.count == 2 && !space_references);
	key_put(&of_object);
	EXPECT_EQ(object.count, 1);
	key_get(&of_space);
	key_get(&of_process);
	EXPECT(object.count == 1 && space_references == 2);
	key_put(&of_space);
	key_put(&of_process);
	EXPECT_EQ(space_references, 0);
	stop();
}

TAP_MAIN({ "words of a process", private_words }, { "words that others see", shared_words },
	 { "words in a large page", large_pages }, { "words that are refused", refused },
	 { "the page of zeros", zeros }, { "references", references })
