/* SPDX-License-Identifier: MIT */
/*
 * Two processes of a few pages each, and four frames for them: a first process, fork, exit, reads
 * and writes of ring 3 and by access_process_vm(), munmap, mmap (private; the first page also
 * shared), and the end of memory of a process that is to die. Each operation also with each of
 * its allocations failing.
 *
 *   process 0    | a | b | b | zero |      model: the frame of each page, by a number of its own;
 *   process 1    | a | c | - |  -   |      a page without one reads as zero
 *
 * A frame that two pages have is shared: a write needs another one. A frame that one page has is
 * written to as it is, even if no memory is left. Which of the processes is which does not
 * matter.
 */
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "paging/tlb.h"
#include "tests/explore/explore.h"
#include "tests/explore/spaces.h"
#include "tests/host/mmu.h"
#include "tests/host/user.h"

#define PROCESSES  2u
#define PAGES_MAX  4u
#define FRAMES	   4u /* of programs; the fifth is not there */
#define FAILURES   12u
#define TOKENS_MAX 64u

enum operation {
	OP_EXEC,
	OP_FORK,
	OP_EXIT,
	OP_REAP,
	OP_READ,
	OP_WRITE,
	OP_POKE,
	OP_MUNMAP,
	OP_MMAP,
	OP_MMAP_SHARED,
	OPERATION_KINDS
};

enum { OPERATIONS = OPERATION_KINDS * PROCESSES * PAGES_MAX * (FAILURES + 1) };

const struct world world = { "fork", "pages", 1, PAGES_MAX, 2, 3, OPERATIONS };

struct page_model {
	bool mapped, shared;
	u32 frame; /* a number, or 0. A shared page has one as soon as it is mapped */
};

static struct process {
	struct mm_struct *mm;
	bool reaped;
	struct page_model page[PAGES_MAX];
} processes[PROCESSES];

/* By the number of a frame. */
static struct contents {
	u32 head, tail, users;
	bool there; /* a shared page has a frame after the first access */
} frames[TOKENS_MAX];

static u32 pages, next_value;

void world_start(u32 size)
{
	pages = size;
	spaces_start();
}

static vaddr_t page_at(u32 page)
{
	return MMAP_BASE - pages / 2 * PAGE_SIZE + page * PAGE_SIZE;
}

/* --- the model --- */

static u32 new_frame(void)
{
	for (u32 frame = 1; frame < TOKENS_MAX; frame++)
		if (!frames[frame].users) {
			frames[frame] = (struct contents){ .users = 1 };
			return frame;
		}
	panic("the model has too few frames");
}

static u32 frames_in_use(void)
{
	u32 count = 0;

	for (u32 frame = 1; frame < TOKENS_MAX; frame++)
		count += frames[frame].users && frames[frame].there;
	return count;
}

static void forget_frame(struct page_model *page)
{
	if (page->frame)
		frames[page->frame].users--;
	page->frame = 0;
}

static void forget(struct page_model *page)
{
	forget_frame(page);
	*page = (struct page_model){ .mapped = false };
}

/* An access needs a frame that is not there yet. */
static bool needs_frame(const struct page_model *page, bool write)
{
	if (page->shared)
		return !frames[page->frame].there;
	return write && (!page->frame || frames[page->frame].users > 1);
}

static void model_write(struct page_model *page, u32 value)
{
	struct contents before = frames[page->frame];

	if (!page->shared && needs_frame(page, true)) {
		u32 tail = page->frame ? before.tail : 0;

		forget_frame(page);
		page->frame = new_frame();
		frames[page->frame].tail = tail;
	}
	frames[page->frame].there = true;
	frames[page->frame].head = value;
}

static enum fault_result expected(const struct process *process, const struct page_model *page)
{
	if (!page->mapped)
		return FAULT_MAPERR;
	return process->reaped ? FAULT_OOM : FAULT_OK;
}

/* --- operations --- */

/* No memory: the result says so, and nothing is changed. */
static bool out_of_memory(enum fault_result result)
{
	if (!fail_alloc_failed())
		return false;
	EXPLORE_EQUAL(result, FAULT_OOM);
	return true;
}

/* The fifth frame is not there: all allocations fail, and only a need for one may be seen. */
static bool limit_frames(const struct page_model *page, bool write)
{
	static const struct fail_spec always = { .kinds = FAIL_PAGE, .mode = FAIL_ON, .nth = 1 };
	bool none = page->mapped && needs_frame(page, write) && frames_in_use() == FRAMES;

	if (none)
		fail_alloc_set(&always);
	return none;
}

static void read_page(struct process *process, u32 number)
{
	struct page_model *page = &process->page[number];
	const struct contents *contents = &frames[page->frame];
	bool limited = limit_frames(page, false);
	u32 head = 0;
	enum fault_result result =
		user_read(process->mm, page_at(number) + HEAD, &head, sizeof(head));

	if (limited)
		EXPLORE_EQUAL(result, FAULT_OOM);
	if (out_of_memory(result))
		return;
	EXPLORE_EQUAL(result, expected(process, page));
	if (result != FAULT_OK)
		return;
	if (page->shared)
		frames[page->frame].there = true;
	EXPLORE_EQUAL(head, page->frame ? contents->head : 0);
}

static enum fault_result write_word(struct process *process, u32 number, u32 value, bool poke)
{
	vaddr_t address = page_at(number) + HEAD;

	if (!poke)
		return user_write(process->mm, address, &value, sizeof(value));
	if (access_process_vm(process->mm, address, &value, sizeof(value), FAULT_WRITE))
		return FAULT_OK;
	return process->page[number].mapped ? FAULT_OOM : FAULT_MAPERR;
}

/* A write that needs no frame works without memory too. */
static void write_page(struct process *process, u32 number, bool poke)
{
	static const struct fail_spec always = { .kinds = FAIL_PAGE, .mode = FAIL_ON, .nth = 1 };
	struct page_model *page = &process->page[number];
	bool limited = limit_frames(page, true);
	u32 value = ++next_value;
	enum fault_result result;
	bool own;

	own = page->frame && !needs_frame(page, true) && mapped_frame(process->mm, page_at(number));
	if (own)
		fail_alloc_set(&always);
	result = write_word(process, number, value, poke);
	if (own)
		EXPLORE_EQUAL(fail_alloc_failed(), 0);
	if (limited)
		EXPLORE_EQUAL(result, FAULT_OOM);
	if (out_of_memory(result))
		return;
	EXPLORE_EQUAL(result, expected(process, page));
	if (result == FAULT_OK)
		model_write(page, value);
}

static void map_one(struct process *process, u32 number, bool shared)
{
	u32 flags = MAP_FIXED | MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE);
	vaddr_t result =
		do_mmap(process->mm, page_at(number), PAGE_SIZE, PROT_READ | PROT_WRITE, flags);

	if (fail_alloc_failed()) {
		EXPLORE_EQUAL(result, -ENOMEM);
		return;
	}
	EXPLORE_EQUAL(result, page_at(number));
	process->page[number] = (struct page_model){ true, shared, shared ? new_frame() : 0 };
}

static void unmap_one(struct process *process, u32 number)
{
	int err = do_munmap(process->mm, page_at(number), PAGE_SIZE);

	EXPLORE_EQUAL(err, fail_alloc_failed() ? -ENOMEM : 0);
	if (!err)
		forget(&process->page[number]);
}

static void start_process(struct process *process)
{
	process->mm = mm_alloc();
	EXPLORE_EQUAL(!process->mm, fail_alloc_failed());
	if (!process->mm)
		return;
	fail_alloc_set(NULL);
	EXPLORE_EQUAL(do_mmap(process->mm, page_at(0), pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		      page_at(0));
	for (u32 i = 0; i < pages; i++)
		process->page[i].mapped = true;
}

static void fork_process(struct process *process, struct process *child)
{
	struct mm_struct *mm = mm_copy(process->mm);

	EXPLORE_EQUAL(!mm, fail_alloc_failed() || process->reaped);
	if (!mm)
		return;
	*child = *process;
	child->mm = mm;
	for (u32 i = 0; i < pages; i++)
		frames[child->page[i].frame].users += child->page[i].frame != 0;
}

static void end_process(struct process *process)
{
	for (u32 i = 0; i < pages; i++)
		forget(&process->page[i]);
	mm_put(process->mm);
	*process = (struct process){ .mm = NULL };
}

static void reap_process(struct process *process)
{
	mm_reap(process->mm);
	process->reaped = true;
	for (u32 i = 0; i < pages; i++)
		if (!process->page[i].shared)
			forget_frame(&process->page[i]);
}

/* --- operations by number --- */

struct decoded {
	enum operation operation;
	u32 process, page, nth;
};

static struct decoded decode(u32 operation)
{
	return (struct decoded){
		.nth = operation % (FAILURES + 1),
		.page = operation / (FAILURES + 1) % PAGES_MAX,
		.process = operation / (FAILURES + 1) / PAGES_MAX % PROCESSES,
		.operation = operation / (FAILURES + 1) / PAGES_MAX / PROCESSES,
	};
}

static bool of_a_page(enum operation operation)
{
	return operation >= OP_READ;
}

static bool possible(const struct decoded *decoded)
{
	const struct process *process = &processes[decoded->process];
	const struct process *other = &processes[!decoded->process];
	const struct page_model *page = &process->page[decoded->page];
	bool active = process->mm && mmu_root() == virt_to_phys(process->mm->pgd);

	if (decoded->page >= pages || (decoded->page && !of_a_page(decoded->operation)))
		return false;
	if (!process->mm != (decoded->operation == OP_EXEC))
		return false;
	switch (decoded->operation) {
	case OP_EXEC:
		return !other->mm;
	case OP_FORK:
		return !other->mm;
	case OP_REAP:
		return !active && !process->reaped;
	case OP_MMAP:
		return !page->mapped;
	case OP_MMAP_SHARED:
		return !page->mapped && !decoded->page;
	case OP_MUNMAP:
		return page->mapped;
	default:
		return true;
	}
}

static void call(const struct decoded *decoded)
{
	struct process *process = &processes[decoded->process];

	switch (decoded->operation) {
	case OP_EXEC:
		start_process(process);
		break;
	case OP_FORK:
		fork_process(process, &processes[!decoded->process]);
		break;
	case OP_EXIT:
		end_process(process);
		break;
	case OP_REAP:
		reap_process(process);
		break;
	case OP_READ:
		read_page(process, decoded->page);
		break;
	case OP_WRITE:
	case OP_POKE:
		write_page(process, decoded->page, decoded->operation == OP_POKE);
		break;
	case OP_MUNMAP:
		unmap_one(process, decoded->page);
		break;
	default:
		map_one(process, decoded->page, decoded->operation == OP_MMAP_SHARED);
		break;
	}
}

/* Frames that are only kept for later use are freed: then it is clear which allocation fails. */
bool world_apply(u32 operation)
{
	struct decoded decoded = decode(operation);
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE, .nth = decoded.nth };
	bool failed;

	if (!possible(&decoded))
		return false;
	fail_alloc_set(decoded.nth ? &spec : NULL);
	call(&decoded);
	failed = fail_alloc_failed();
	fail_alloc_set(NULL);
	if (decoded.nth && !failed)
		return explore_undo(FAILURES - decoded.nth);
	shrink_caches();
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const texts[] = {
		[OP_EXEC] = "space[%u] = mm_alloc(); /* and maps all pages */",
		[OP_FORK] = "space[!%u] = mm_copy(space[%u]);",
		[OP_EXIT] = "mm_put(space[%u]);",
		[OP_REAP] = "mm_reap(space[%u]);",
		[OP_READ] = "user_read(space[%u], page_at(%u), &word, sizeof(word));",
		[OP_WRITE] = "user_write(space[%u], page_at(%u), &word, sizeof(word));",
		[OP_POKE] = "access_process_vm(space[%u], page_at(%u), &word, sizeof(word), "
			    "FAULT_WRITE);",
		[OP_MUNMAP] = "do_munmap(space[%u], page_at(%u), PAGE_SIZE);",
		[OP_MMAP] = "do_mmap(space[%u], page_at(%u), PAGE_SIZE, PROT_READ | PROT_WRITE, "
			    "MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);",
		[OP_MMAP_SHARED] = "do_mmap(space[%u], page_at(%u), PAGE_SIZE, PROT_READ | "
				   "PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);",
	};
	const struct decoded decoded = decode(operation);
	u32 second = decoded.operation == OP_FORK ? decoded.process : decoded.page, length;

	scnprintf(buffer, size, texts[decoded.operation], decoded.process, second);
	length = (u32)strlen(buffer);
	if (decoded.nth)
		scnprintf(buffer + length, size - length, " /* allocation %u fails */",
			  decoded.nth);
}

/* --- comparing --- */

static void check_page(const struct process *process, u32 number)
{
	const struct page_model *page = &process->page[number];
	const struct page *frame = mapped_frame(process->mm, page_at(number));
	struct vm_area_struct *vma = find_vma(process->mm, page_at(number));

	EXPLORE_EQUAL(vma && vma->vm_start <= page_at(number), page->mapped);
	if (!page->shared)
		EXPLORE_EQUAL(frame && frame != zero_page, page->frame != 0);
	if (!frame)
		return;
	EXPLORE_EQUAL(frame_word(frame, HEAD), page->frame ? frames[page->frame].head : 0);
	EXPLORE_EQUAL(frame_word(frame, TAIL), page->frame ? frames[page->frame].tail : 0);
	for (u32 i = 0; i < PROCESSES; i++) {
		const struct process *other = &processes[i];
		const struct page *its =
			other->mm ? mapped_frame(other->mm, page_at(number)) : NULL;

		if (page->frame && its)
			EXPLORE_EQUAL(its == frame, other->page[number].frame == page->frame);
	}
}

void world_check(void)
{
	if (!processes[0].mm && !processes[1].mm)
		spaces_check_empty();
	spaces_check();
	for (u32 i = 0; i < PROCESSES; i++)
		for (u32 page = 0; processes[i].mm && page < pages; page++)
			check_page(&processes[i], page);
}

/* --- the state --- */

#define NUMBERS (PROCESSES * (2 * PAGES_MAX + 3))

/* The numbers of a state, if `first` is the first process. Returns how many. */
static u32 describe(u32 first, u32 *numbers)
{
	u32 names[TOKENS_MAX] = { 0 }, named = 0, count = 0;

	for (u32 i = 0; i < PROCESSES; i++) {
		const struct process *process = &processes[first ^ i];

		numbers[count++] = process->mm ? 1 + process->reaped : 0;
		if (!process->mm)
			continue;
		numbers[count++] = mmu_root() == virt_to_phys(process->mm->pgd);
		numbers[count++] = has_table(process->mm, page_at(0)) |
				   (u32)has_table(process->mm, page_at(pages - 1)) << 1;
		for (u32 page = 0; page < pages; page++) {
			const struct page_model *model = &process->page[page];

			if (model->frame && !names[model->frame])
				names[model->frame] = ++named;
			numbers[count++] = model->mapped | (u32)model->shared << 1 |
					   (u32)frames[model->frame].there << 2 |
					   names[model->frame] << 8;
			numbers[count++] = entry_bits(process->mm, page_at(page), ENTRY_RIGHTS);
		}
	}
	return count;
}

void world_describe(void)
{
	u32 numbers[2][NUMBERS], counts[2], at = 0;
	bool second;

	for (u32 first = 0; first < 2; first++)
		counts[first] = describe(first, numbers[first]);
	while (at < counts[0] && at < counts[1] && numbers[0][at] == numbers[1][at])
		at++;
	second = at < counts[0] && at < counts[1] && numbers[1][at] < numbers[0][at];
	for (u32 i = 0; i < counts[second]; i++)
		explore_put(numbers[second][i]);
}
