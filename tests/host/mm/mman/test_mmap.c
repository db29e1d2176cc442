/* SPDX-License-Identifier: MIT */
/*
 * mmap(2), row by row: which area a request makes of a file and of anonymous memory, which errors
 * it gives, and whether its pages are there at once.
 */
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum {
	X = PROT_EXEC,
	/* What a file was opened for. */
	MAY_ALL = VM_MAY_MASK,
	MAY_NOT_WRITE = VM_MAYREAD | VM_MAYEXEC,
	MAY_NOT_READ = VM_MAYWRITE | VM_MAYEXEC,
	MAY_NOT_EXEC = VM_MAYREAD | VM_MAYWRITE,
	/* Of an area. */
	SHARED = VM_SHARED | VM_MAYSHARE,
	ANONYMOUS = MAP_ANONYMOUS,
};

#define PAGES	5u
#define FIRST	7u	    /* page of the object */
#define UNKNOWN 0x00400000u /* a flag of mmap() that has no meaning */

/* What is mapped. */
enum what {
	OBJECT,	 /* a file, or anonymous memory with MAP_ANONYMOUS */
	ZEROS,	 /* /dev/zero */
	NOTHING, /* a file that cannot be mapped */
};

struct kind_case {
	u32 flags, prot, may;
	enum what what;
	int result;
	u32 vm_flags; /* if the result is 0 */
};

static struct address_space *object;

static vaddr_t request(u32 flags, u32 prot, u32 may, enum what what)
{
	const struct mmap_request request = {
		.address = page(0),
		.length = PAGES * PAGE_SIZE,
		.prot = prot,
		.flags = flags | MAP_FIXED,
		.mapping = what == OBJECT && !(flags & MAP_ANONYMOUS) ? object : NULL,
		.may = may,
		.pgoff = flags & MAP_ANONYMOUS ? 0 : FIRST,
		.zeros = what == ZEROS,
	};

	return do_mmap_pgoff(mm, &request);
}

static void begin(void)
{
	start();
	object = shmem_object((FIRST + PAGES) * PAGE_SIZE, "object");
}

static void end(void)
{
	user_switch(NULL);
	stop();
	mapping_put(object);
}

/* The row's request makes the row's area, or none. */
static void try_kind(const struct kind_case *row, u32 number)
{
	vaddr_t got = request(row->flags, row->prot, row->may, row->what);
	const struct vm_area_struct *vma = mm->mmap;

	EXPECT_EQ(IS_ERR_VALUE(got) ? (int)got : 0, row->result);
	if (!row->result && EXPECT(vma && vma->vm_start == page(0) && vma->vm_end == page(PAGES))) {
		bool file = row->what == OBJECT && !(row->flags & MAP_ANONYMOUS);

		EXPECT_EQ(vma->vm_flags & ~(u32)VM_ACCOUNT, row->vm_flags);
		EXPECT_EQ(vma->vm_pgoff, file ? FIRST : 0);
		EXPECT((vma->vm_mapping == object) == file);
		EXPECT(!!vma->vm_mapping == (file || row->vm_flags & VM_SHARED));
		unmap(0, PAGES);
	}
	EXPECT(!mm->mmap);
	if (tap_failed())
		tap_note("row %u", number);
}

static void try_kinds(const struct kind_case *rows, u32 count)
{
	for (u32 i = 0; i < count && !tap_failed(); i++)
		try_kind(&rows[i], i);
}

#define TRY_KINDS(rows) try_kinds(rows, ARRAY_SIZE(rows))

/* What the file was opened for decides about the rights of a mapping, now and later. */
static void files(void)
{
	static const struct kind_case rows[] = {
		{ MAP_SHARED, RW, MAY_ALL, OBJECT, 0, VM_READ | VM_WRITE | VM_MAY_MASK | SHARED },
		{ MAP_SHARED, N, MAY_ALL, OBJECT, 0, VM_MAY_MASK | SHARED },
		{ MAP_SHARED, R, MAY_NOT_WRITE, OBJECT, 0, VM_READ | MAY_NOT_WRITE | VM_MAYSHARE },
		{ MAP_SHARED, RW, MAY_NOT_WRITE, OBJECT, -EACCES, 0 },
		{ MAP_SHARED, PROT_WRITE, MAY_NOT_WRITE, OBJECT, -EACCES, 0 },
		{ MAP_PRIVATE, RW, MAY_NOT_WRITE, OBJECT, 0, VM_READ | VM_WRITE | VM_MAY_MASK },
		{ MAP_PRIVATE, R | X, MAY_ALL, OBJECT, 0, VM_READ | VM_EXEC | VM_MAY_MASK },
		{ MAP_PRIVATE, N, MAY_NOT_READ, OBJECT, -EACCES, 0 },
		{ MAP_SHARED, PROT_WRITE, MAY_NOT_READ, OBJECT, -EACCES, 0 },
		{ MAP_PRIVATE, R, MAY_NOT_EXEC, OBJECT, 0, VM_READ | MAY_NOT_EXEC },
		{ MAP_PRIVATE, R | X, MAY_NOT_EXEC, OBJECT, -EPERM, 0 },
		{ MAP_SHARED, X, MAY_NOT_EXEC, OBJECT, -EPERM, 0 },
		{ MAP_SHARED, R, MAY_ALL | VM_WRITER, OBJECT, 0,
		  VM_READ | VM_MAY_MASK | SHARED | VM_WRITER },
		{ MAP_PRIVATE, R, MAY_ALL | VM_WRITER, OBJECT, 0,
		  VM_READ | VM_MAY_MASK | VM_WRITER },
		{ MAP_PRIVATE, R, MAY_ALL, NOTHING, -ENODEV, 0 },
		{ MAP_SHARED, RW, MAY_NOT_WRITE, NOTHING, -EACCES, 0 },
		{ MAP_PRIVATE, R, MAY_NOT_READ, NOTHING, -EACCES, 0 },
		{ MAP_PRIVATE, R | X, MAY_NOT_EXEC, NOTHING, -EPERM, 0 },
	};

	begin();
	TRY_KINDS(rows);
	EXPECT_EQ(object->writers, 0);
	end();
}

/* /dev/zero: as anonymous memory, but for the rights of a file. */
static void zeros(void)
{
	static const struct kind_case rows[] = {
		{ MAP_PRIVATE, RW, MAY_ALL, ZEROS, 0, VM_READ | VM_WRITE | VM_MAY_MASK },
		{ MAP_SHARED, RW, MAY_ALL, ZEROS, 0, VM_READ | VM_WRITE | VM_MAY_MASK | SHARED },
		{ MAP_SHARED, R, MAY_NOT_WRITE, ZEROS, 0, VM_READ | MAY_NOT_WRITE },
		{ MAP_SHARED, RW, MAY_NOT_WRITE, ZEROS, -EACCES, 0 },
		{ MAP_PRIVATE, R, MAY_NOT_READ, ZEROS, -EACCES, 0 },
	};

	begin();
	TRY_KINDS(rows);
	end();
}

/* The kind of sharing, and flags that only MAP_SHARED_VALIDATE looks at. */
static void types(void)
{
	static const struct kind_case rows[] = {
		{ 0, R, MAY_ALL, OBJECT, -EINVAL, 0 },
		{ 4, R, MAY_ALL, OBJECT, -EINVAL, 0 },
		{ 5, R, MAY_ALL, OBJECT, -EINVAL, 0 },
		{ MAP_SHARED_VALIDATE, R, MAY_ALL, OBJECT, 0, VM_READ | VM_MAY_MASK | SHARED },
		{ MAP_SHARED_VALIDATE | MAP_POPULATE | MAP_STACK, R, MAY_ALL, OBJECT, 0,
		  VM_READ | VM_MAY_MASK | SHARED },
		{ MAP_SHARED_VALIDATE | UNKNOWN, R, MAY_ALL, OBJECT, -EOPNOTSUPP, 0 },
		{ MAP_SHARED_VALIDATE | UNKNOWN, RW, MAY_NOT_WRITE, OBJECT, -EOPNOTSUPP, 0 },
		{ MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE, R, MAY_ALL, OBJECT, -EOPNOTSUPP, 0 },
		{ MAP_SHARED | UNKNOWN, R, MAY_ALL, OBJECT, 0, VM_READ | VM_MAY_MASK | SHARED },
		{ MAP_PRIVATE | UNKNOWN, R, MAY_ALL, OBJECT, 0, VM_READ | VM_MAY_MASK },
		{ ANONYMOUS, R, 0, OBJECT, -EINVAL, 0 },
		{ ANONYMOUS | MAP_SHARED_VALIDATE, R, 0, OBJECT, -EINVAL, 0 },
		{ ANONYMOUS | MAP_SHARED, R, 0, OBJECT, 0, VM_READ | VM_MAY_MASK | SHARED },
		{ ANONYMOUS | MAP_PRIVATE, R, 0, OBJECT, 0, VM_READ | VM_MAY_MASK },
		/* Only private anonymous memory grows. */
		{ ANONYMOUS | MAP_PRIVATE | MAP_GROWSDOWN, R, 0, OBJECT, 0,
		  VM_READ | VM_MAY_MASK | VM_GROWSDOWN },
		{ ANONYMOUS | MAP_SHARED | MAP_GROWSDOWN, R, 0, OBJECT, -EINVAL, 0 },
		{ MAP_SHARED | MAP_GROWSDOWN, R, MAY_ALL, OBJECT, -EINVAL, 0 },
		{ MAP_PRIVATE | MAP_GROWSDOWN, R, MAY_ALL, OBJECT, -EINVAL, 0 },
	};

	begin();
	TRY_KINDS(rows);
	end();
}

/* MAP_NORESERVE has no meaning where all memory is counted. */
static void not_reserved(void)
{
	static const struct kind_case counted[] = {
		{ ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, RW, 0, OBJECT, 0,
		  VM_READ | VM_WRITE | VM_MAY_MASK },
	};
	static const struct kind_case not_counted[] = {
		{ ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, RW, 0, OBJECT, 0,
		  VM_READ | VM_WRITE | VM_MAY_MASK | VM_NORESERVE },
		{ MAP_PRIVATE | MAP_NORESERVE, R, MAY_ALL, OBJECT, 0,
		  VM_READ | VM_MAY_MASK | VM_NORESERVE },
	};

	begin();
	TRY_KINDS(not_counted);
	overcommit_mode = OVERCOMMIT_ALWAYS;
	TRY_KINDS(not_counted);
	overcommit_mode = OVERCOMMIT_NEVER;
	TRY_KINDS(counted);
	overcommit_mode = OVERCOMMIT_GUESS;
	end();
}

/* READ_IMPLIES_EXEC of personality(2), in a space that may have it. */
static void reading_implies_execution(void)
{
	static const struct kind_case rows[] = {
		{ ANONYMOUS | MAP_PRIVATE, R, 0, OBJECT, 0, VM_READ | VM_EXEC | VM_MAY_MASK },
		{ ANONYMOUS | MAP_PRIVATE, N, 0, OBJECT, 0, VM_MAY_MASK },
		{ ANONYMOUS | MAP_PRIVATE, PROT_WRITE, 0, OBJECT, 0, VM_WRITE | VM_MAY_MASK },
		{ MAP_PRIVATE, R, MAY_ALL, OBJECT, 0, VM_READ | VM_EXEC | VM_MAY_MASK },
		{ MAP_PRIVATE, R, MAY_NOT_EXEC, OBJECT, 0, VM_READ | MAY_NOT_EXEC },
	};
	static const struct kind_case other_space[] = {
		{ ANONYMOUS | MAP_PRIVATE, R, 0, OBJECT, 0, VM_READ | VM_MAY_MASK },
	};

	begin();
	host_read_exec = true;
	TRY_KINDS(other_space);
	mm->read_exec = true;
	TRY_KINDS(rows);
	host_read_exec = false;
	TRY_KINDS(other_space);
	end();
}

/* PR_SET_MDWE: nothing is writable and executable. */
static void write_xor_execute(void)
{
	static const struct kind_case rows[] = {
		{ ANONYMOUS | MAP_PRIVATE, RW | X, 0, OBJECT, -EACCES, 0 },
		{ MAP_SHARED, RW | X, MAY_ALL, OBJECT, -EACCES, 0 },
		{ MAP_SHARED, RW | X, MAY_NOT_WRITE, OBJECT, -EACCES, 0 },
		{ MAP_PRIVATE, RW | X, MAY_NOT_EXEC, OBJECT, -EPERM, 0 },
		{ ANONYMOUS | MAP_PRIVATE, R | X, 0, OBJECT, 0, VM_READ | VM_EXEC | VM_MAY_MASK },
		{ ANONYMOUS | MAP_PRIVATE, RW, 0, OBJECT, 0, VM_READ | VM_WRITE | VM_MAY_MASK },
	};

	begin();
	mm->mdwe = PR_MDWE_REFUSE_EXEC_GAIN;
	TRY_KINDS(rows);
	end();
}

/* The length and the offset are looked at first, then the place, then all that is above. */
static void order_of_errors(void)
{
	static const struct {
		vaddr_t address;
		u32 length, flags, pgoff;
		int result;
	} rows[] = {
		{ BASE + 1, 0, MAP_FIXED, UINT32_MAX, -EINVAL },
		{ BASE + 1, UINT32_MAX, MAP_FIXED, UINT32_MAX, -ENOMEM },
		{ BASE + 1, 2 * PAGE_SIZE, MAP_FIXED, UINT32_MAX - 1, -EOVERFLOW },
		{ BASE + 1, 2 * PAGE_SIZE, MAP_FIXED, UINT32_MAX - 2, -EINVAL },
		{ TASK_SIZE + 1, PAGE_SIZE, MAP_FIXED, 0, -ENOMEM },
		{ 1, PAGE_SIZE, MAP_FIXED, 0, -EINVAL },
		{ 0, PAGE_SIZE, MAP_FIXED_NOREPLACE, 0, -EPERM },
		{ BASE, PAGE_SIZE, MAP_FIXED_NOREPLACE, 0, -EEXIST },
		{ BASE - PAGE_SIZE, 2 * PAGE_SIZE, MAP_FIXED_NOREPLACE, 0, -EEXIST },
		{ BASE, PAGE_SIZE, MAP_FIXED, 0, -ENODEV },
		{ BASE - PAGE_SIZE, PAGE_SIZE, MAP_FIXED_NOREPLACE, 0, -ENODEV },
		{ BASE + 3 * PAGE_SIZE, PAGE_SIZE, MAP_FIXED_NOREPLACE, 0, -ENODEV },
		{ TASK_SIZE - PAGE_SIZE, PAGE_SIZE, MAP_FIXED, 0, -ENODEV },
	};

	start();
	map(0, 3, R, 0);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct mmap_request request = { .address = rows[i].address,
						      .length = rows[i].length,
						      .prot = R,
						      .flags = MAP_PRIVATE | rows[i].flags,
						      .may = VM_MAY_MASK,
						      .pgoff = rows[i].pgoff };

		EXPECT_EQ((int)do_mmap_pgoff(mm, &request), rows[i].result);
		EXPECT_AREAS("rrr");
		if (tap_failed())
			tap_note("row %u", i);
	}
	stop();
}

/* Which pages are there when the call returns, and whether they can be written without a fault. */
static void populated(void)
{
	static const struct {
		u32 flags, prot, pages;
	} rows[] = {
		{ 0, RW, 0 },
		{ MAP_POPULATE, RW, PAGES },
		{ MAP_NONBLOCK, RW, 0 },
		{ MAP_POPULATE | MAP_NONBLOCK, RW, 0 },
		{ MAP_LOCKED, RW, PAGES },
		{ MAP_LOCKED | MAP_NONBLOCK, RW, PAGES },
		{ MAP_POPULATE, N, 0 },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		map(0, PAGES, rows[i].prot, rows[i].flags);
		EXPECT_EQ(mm->rss, rows[i].pages);
		EXPECT_EQ(mm->locked_vm, rows[i].flags & MAP_LOCKED ? PAGES : 0);
		for (u32 p = 0; p < rows[i].pages; p++)
			EXPECT(pte_write(*pte_lookup(mm->pgd, page(p))));
		unmap(0, PAGES);
	}
	/* Only what is named. */
	map(0, 2, RW, 0);
	map(2, 2, RW, MAP_POPULATE);
	EXPECT_AREAS("wwww");
	EXPECT_EQ(mm->rss, 2);
	stop();
}

/* Pages that a mapping replaces count for neither limit; the rest of the old areas stays. */
static void replaced_areas(void)
{
	start();
	map(0, 4, R, 0);
	map(5, 3, R, 0);
	map(10, 2, R, 0);
	EXPECT_EQ(mm->total_vm, 9);
	host_rlim[RLIMIT_AS].cur = 10 * PAGE_SIZE;
	/* 8 pages, of which 5 are mapped: 12 in the end. */
	EXPECT_EQ((int)do_mmap(mm, page(3), 8 * PAGE_SIZE, RW,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  -ENOMEM);
	EXPECT_AREAS("rrrr.rrr..rr");
	map(2, 5, RW, 0); /* 4 of them were mapped */
	EXPECT_AREAS("rr|wwwww|r..rr");
	EXPECT_EQ(mm->total_vm, 10);
	EXPECT_EQ((int)do_mmap(mm, page(8), PAGE_SIZE, R, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  -ENOMEM);
	map(0, 2, RW, 0);
	map(10, 2, RW, 0);
	EXPECT_AREAS("wwwwwww|r..ww");
	host_rlim[RLIMIT_AS].cur = RLIM_INFINITY;
	stop();
}

TAP_MAIN({ "files", files }, { "/dev/zero", zeros }, { "types and flags", types },
	 { "MAP_NORESERVE", not_reserved }, { "READ_IMPLIES_EXEC", reading_implies_execution },
	 { "PR_SET_MDWE", write_xor_execute }, { "the order of errors", order_of_errors },
	 { "pages that are there at once", populated }, { "replaced areas", replaced_areas })
