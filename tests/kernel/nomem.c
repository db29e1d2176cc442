/* SPDX-License-Identifier: MIT */
/*
 * No memory: every operation that allocates is tried with no free frame, with one, with two, ...
 * until it succeeds, and with each of its allocations failing in turn. Each failure must return
 * an error, not panic, and must leave frames, counts and structures as they were.
 */
#include "fs/file.h"
#include "fs/names.h"
#include "fs/tmpfs/initramfs.h"
#include "kernel/exec/exec.h"
#include "kernel/process/exit.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/user_space/overcommit.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "mm/page_cache/filemap.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x20000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)

/* Both sweeps. The operation allocates at least so many frames and objects. */
static void sweep(operation_t operation, void *context, u32 least)
{
	u32 drained = drain_sweep(operation, context);
	u32 failed = fail_sweep(operation, context);

	EXPECT(drained >= least);
	EXPECT(failed >= least);
	printk("  # failures: %u without frames, %u injected\n", drained, failed);
}

static bool make_frames(void *order)
{
	void *block = __get_free_pages(GFP_KERNEL, *(u32 *)order);

	free_pages(block, *(u32 *)order);
	return block;
}

static void frames(void)
{
	u32 order = 0;

	sweep(make_frames, &order, 1);
	/* Single frames, freed one by one, merge to the requested block. */
	order = 2;
	EXPECT(drain_sweep(make_frames, &order) >= 4);
}

static bool make_objects(void *context)
{
	static const u32 sizes[] = { 20, 100, 1000, 4000, 8192 };
	void *objects[ARRAY_SIZE(sizes)];
	bool complete = true;

	(void)context;
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		objects[i] = kmalloc(sizes[i], GFP_KERNEL);
		complete &= objects[i] != NULL;
	}
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		kfree(objects[i]);
	return complete;
}

static void objects(void)
{
	sweep(make_objects, NULL, 3);
}

static bool make_cache(void *context)
{
	struct kmem_cache *cache = kmem_cache_create("nomem", 600, 0, 0, NULL, NULL);
	void *object = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;

	(void)context;
	if (object)
		kmem_cache_free(cache, object);
	if (cache)
		EXPECT_EQ(kmem_cache_destroy(cache), 0);
	return object;
}

static void caches(void)
{
	sweep(make_cache, NULL, 1);
}

static bool make_area(void *context)
{
	u32 count = vmalloc_space.count, pages = vmalloc_space.pages;
	char *area = vmalloc(20 * PAGE_SIZE);

	(void)context;
	vfree(area);
	EXPECT_EQ(vmalloc_space.count, count);
	EXPECT_EQ(vmalloc_space.pages, pages);
	return area;
}

static void vmalloc_areas(void)
{
	sweep(make_area, NULL, 20);
}

static void ends(void *argument)
{
	(void)argument;
	do_exit(EXIT_STATUS(5));
}

static bool make_task(void *context)
{
	struct task *task = kernel_task("nomem", ends, NULL);
	int status = 0;

	(void)context;
	if (!task) {
		EXPECT_EQ((u32)do_wait(-1, &status, WNOHANG), (u32)-ECHILD);
		return false;
	}
	do_wait(task->pid, &status, 0);
	EXPECT_EQ((u32)status, (u32)EXIT_STATUS(5));
	return true;
}

static void tasks(void)
{
	sweep(make_task, NULL, 2);
}

static bool fault_in(struct mm_struct *mm)
{
	enum fault_result result = FAULT_OK;

	for (u32 i = 0; i < 3 && result == FAULT_OK; i++)
		result = mm_fault(mm, AT(i * 1024), FAULT_WRITE);
	return result == FAULT_OK;
}

static bool make_space(void *context)
{
	struct mm_struct *mm = mm_alloc();
	bool complete = false;

	(void)context;
	if (!mm)
		return false;
	if (map_anonymous(mm, AT(0), 4096, PROT_RW) == AT(0))
		complete = fault_in(mm);
	expect_valid(mm);
	mm_put(mm);
	return complete;
}

/* A structure, a page directory, an area, three page tables and three pages. */
static void spaces(void)
{
	sweep(make_space, NULL, 8);
}

/* The address space to copy: pages in two page tables, and one that was only read. */
static struct mm_struct *parent_space(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 2048, PROT_RW);
	map_anonymous(mm, AT(3000), 2, PROT_READ);
	for (u32 i = 0; i < 8; i++)
		EXPECT(user_write(AT(i * 200), i));
	EXPECT_EQ(user_word(AT(3000)), 0);
	return mm;
}

static bool make_copy(void *context)
{
	struct mm_struct *mm = context, *child = mm_copy(mm);
	bool complete = child;

	expect_valid(mm);
	if (child) {
		expect_valid(child);
		EXPECT_EQ(child->rss, 8);
		EXPECT_EQ(user_page_at(mm, AT(200))->count, 2);
		mm_put(child);
	}
	for (u32 i = 0; i < 8; i++)
		EXPECT_EQ(user_page_at(mm, AT(i * 200))->count, 1);
	EXPECT_EQ(mm->rss, 8);
	return complete;
}

/* fork fails half-way, at every step: the parent is unchanged and can still write. */
static void copies(void)
{
	struct mm_struct *mm = parent_space();

	sweep(make_copy, mm, 4);
	for (u32 i = 0; i < 8; i++) {
		EXPECT_EQ(user_word(AT(i * 200)), i);
		EXPECT(user_write(AT(i * 200), 0));
	}
	user_leave(mm);
}

static bool make_write(void *context)
{
	struct mm_struct *mm = context;
	u32 rss = mm->rss, left;
	char text[8] = "written";

	left = copy_to_user(AT(1) - 4, text, 8);
	if (left) {
		EXPECT(left == 8 || left == 4);
		EXPECT_EQ(mm->rss, rss + (left == 4));
	}
	do_madvise(mm, AT(0), 2 * PAGE_SIZE, MADV_DONTNEED);
	return !left;
}

/* A copy to user memory without a free frame ends like one to a bad address. */
static void user_copies(void)
{
	struct mm_struct *mm = user_enter();

	map_anonymous(mm, AT(0), 2, PROT_RW);
	EXPECT(user_write(AT(0), 1)); /* so that the page table is there */
	do_madvise(mm, AT(0), PAGE_SIZE, MADV_DONTNEED);
	sweep(make_write, mm, 2);
	user_leave(mm);
}

#define PAGES 4000u

/*
 * Unmaps holes in an area until there is no memory for another part, and uses up the memory that
 * the last call had allocated when it failed. Returns the place of the hole that failed, in
 * pages.
 */
static u32 cut_holes(struct mm_struct *mm)
{
	u32 place = 1, beyond = PAGES + 100;

	while (place < PAGES - 2 && !do_munmap(mm, AT(place), PAGE_SIZE))
		place += 2;
	while (!IS_ERR_VALUE(map_anonymous(mm, AT(beyond), 1, PROT_READ)))
		beyond += 2;
	return place;
}

/* Calls that need another area fail without memory, and change nothing. */
static void areas(void)
{
	struct mm_struct *mm = user_enter();
	struct test_undo undo;
	struct drain drain;
	u32 place, count, total;

	mm->start_brk = mm->brk = AT(0) - 64 * PAGE_SIZE;
	map_anonymous(mm, AT(0), PAGES, PROT_RW);
	drain_begin(&drain);
	test_undo_push(&undo, drain_end, &drain);
	place = cut_holes(mm);
	count = mm->map_count;
	total = mm->total_vm;
	EXPECT(place < PAGES - 2);
	EXPECT_EQ((u32)do_munmap(mm, AT(place), PAGE_SIZE), (u32)-ENOMEM);
	EXPECT_EQ((u32)do_mprotect(mm, AT(place), PAGE_SIZE, PROT_READ), (u32)-ENOMEM);
	EXPECT_EQ(map_anonymous(mm, AT(PAGES + 1), 1, PROT_RW), (u32)-ENOMEM);
	EXPECT_EQ(map_anonymous(mm, AT(place), 1, PROT_READ), (u32)-ENOMEM);
	EXPECT_EQ(do_brk(mm, mm->brk + 2 * PAGE_SIZE), mm->start_brk);
	EXPECT_EQ(mm->map_count, count);
	EXPECT_EQ(mm->total_vm, total);
	expect_valid(mm);
	/* Calls that need no new area still work: to extend an area, and to remove a whole one. */
	EXPECT_EQ(map_anonymous(mm, AT(PAGES), 1, PROT_RW), AT(PAGES));
	EXPECT_EQ(do_munmap(mm, AT(0), PAGE_SIZE), 0);
	EXPECT_EQ(do_munmap(mm, AT(2), PAGE_SIZE), 0);
	EXPECT_EQ(do_munmap(mm, AT(place), PAGE_SIZE),
		  0); /* there is memory for its two splits now */
	test_undo_now(&undo);
	EXPECT_EQ(mm->map_count, count - 1);
	user_leave(mm);
}

/* Every call on areas, in a space of its own. Pages are not touched. */
static bool calls_on_areas(struct mm_struct *mm)
{
	vaddr_t heap = AT(100);

	mm->start_brk = mm->brk = heap;
	return map_anonymous(mm, AT(0), 10, PROT_RW) == AT(0) &&
	       map_anonymous(mm, AT(20), 1, PROT_READ) == AT(20) &&
	       !do_munmap(mm, AT(4), PAGE_SIZE) && !do_mprotect(mm, AT(1), PAGE_SIZE, PROT_READ) &&
	       map_anonymous(mm, AT(6), 2, PROT_READ) == AT(6) &&
	       do_brk(mm, heap + 3 * PAGE_SIZE) == heap + 3 * PAGE_SIZE &&
	       do_brk(mm, heap + PAGE_SIZE) == heap + PAGE_SIZE;
}

static bool make_areas(void *context)
{
	struct mm_struct *mm = mm_alloc();
	bool complete;

	(void)context;
	if (!mm)
		return false;
	complete = calls_on_areas(mm);
	expect_valid(mm);
	mm_put(mm);
	return complete;
}

static void area_calls(void)
{
	sweep(make_areas, NULL, 3);
}

/* The calls that create objects, populate pages, and move them. */
static bool calls_on_pages(struct mm_struct *mm)
{
	const u32 shared = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED;
	const u32 to = MREMAP_MAYMOVE | MREMAP_FIXED;

	return do_mmap(mm, AT(3000), 4 * PAGE_SIZE, PROT_RW, shared) == AT(3000) &&
	       map_anonymous(mm, AT(0), 6, PROT_RW) == AT(0) &&
	       !do_mlock(mm, AT(1), 2 * PAGE_SIZE, 0) &&
	       !do_madvise(mm, AT(3), PAGE_SIZE, MADV_DONTFORK) &&
	       !do_madvise(mm, AT(3000), 2 * PAGE_SIZE, MADV_POPULATE_WRITE) &&
	       do_mremap(mm, AT(1), 2 * PAGE_SIZE, 2 * PAGE_SIZE, to, AT(5000)) == AT(5000) &&
	       do_mremap(mm, AT(3001), PAGE_SIZE, PAGE_SIZE, to, AT(7000)) == AT(7000) &&
	       do_mremap(mm, AT(7000), 0, PAGE_SIZE, to, AT(9000)) == AT(9000) &&
	       !do_mprotect(mm, AT(5001), PAGE_SIZE, PROT_READ) &&
	       !do_madvise(mm, AT(3000), PAGE_SIZE, MADV_REMOVE);
}

static bool make_pages(void *context)
{
	struct mm_struct *mm = mm_alloc();
	bool complete;

	(void)context;
	if (!mm)
		return false;
	complete = calls_on_pages(mm);
	expect_valid(mm);
	mm_put(mm);
	EXPECT_EQ(vm_committed, 0);
	return complete;
}

static void page_calls(void)
{
	sweep(make_pages, NULL, 8);
}

static bool open_proc(void *context)
{
	struct file *file = NULL;
	int err = file_open(context, O_RDONLY, 0, &file);

	if (!err)
		file_put(file);
	else
		EXPECT_EQ((u32)err, (u32)-ENOMEM);
	return !err;
}

/* A new file, some bytes beyond what one node of its tree covers, and its end. */
static bool make_file(void *context)
{
	const char *path = context, *from = path;
	struct file *file = NULL;
	u64 position = 70 * PAGE_SIZE - 2;
	int err = file_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, &file);
	s32 written;

	if (err) {
		EXPECT_EQ((u32)err, (u32)-ENOMEM);
		return false;
	}
	EXPECT_EQ((u32)file_truncate(file, 3), 0);
	written = file_write(file, &position, 8, copy_from_buffer, &from);
	EXPECT(written == -ENOMEM || written == 2 || written == 8);
	EXPECT(!mapping_validate(file->mapping));
	EXPECT_EQ((u32)file_truncate(file, 0), 0);
	EXPECT_EQ(file->mapping->nrpages, 0);
	file_put(file);
	EXPECT_EQ((u32)path_unlink(NULL, path), 0);
	return written == 8;
}

static void files(void)
{
	struct mm_struct *mm = user_enter();

	sweep(open_proc, "/proc/meminfo", 1);
	sweep(make_file, "/tmp/no-memory", 3);
	user_leave(mm);
}

static char program_path[256] = "/";
static int execve_result;

static void executes(void *argument)
{
	struct exec_strings none = { 0 };
	struct pt_regs regs;

	(void)argument;
	execve_result = do_execve(program_path, &none, &none, &regs);
	do_exit(0);
}

static bool make_program(void *context)
{
	struct task *task = kernel_task("nomem", executes, NULL);
	int status;

	(void)context;
	if (!task)
		return false;
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
	EXPECT(execve_result == 0 || execve_result == -ENOMEM);
	EXPECT(list_empty(&mm_list));
	return !execve_result;
}

/* Every step of the way to a new program. */
static void programs(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	while (initramfs_next(&cursor, &entry)) {
		if (entry.size < 4 || memcmp(entry.data, "\177ELF", 4))
			continue;
		strscpy(program_path + 1, entry.name, sizeof(program_path) - 1);
		sweep(make_program, NULL, 10);
		return;
	}
	test_skip("no program in the initramfs");
}

static const struct test_case cases[] = {
	{ "frames", frames },	      { "objects", objects },
	{ "caches", caches },	      { "vmalloc_areas", vmalloc_areas },
	{ "tasks", tasks },	      { "spaces", spaces },
	{ "copies", copies },	      { "user_copies", user_copies },
	{ "areas", areas },	      { "area_calls", area_calls },
	{ "page_calls", page_calls }, { "files", files },
	{ "programs", programs },
};

TEST_SUITE(nomem, cases);
