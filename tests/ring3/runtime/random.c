/* SPDX-License-Identifier: MIT */
/*
 * The steps of random programs. A step chooses its arguments, does one call (or two that belong
 * together), and leaves in `line` what it did; random_step() adds the result and a checksum of
 * three pages. Only random_look() reads all pages: reading is faulting in, and most of the time
 * most pages should be in whatever state they are.
 */
#include "tests/ring3/runtime/random.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define ARENA	     (FIXED_PLACE + MiB(4) - ARENA_PAGES / 2 * PAGE_SIZE)
#define READ_WRITE   (PROT_READ | PROT_WRITE)
#define MAX_DEPTH    2u
#define RANGE_PAGES  8u
#define AREAS	     (2 * ARENA_PAGES)
#define HASH_PRIME   0x01000193u
#define SCRATCH_WORD 0x5EED0000u

u32 random_below(struct random_run *run, u32 n)
{
	u32 x = run->state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	run->state = x;
	return (x >> 4) % n;
}

static u32 address_of(u32 page)
{
	return ARENA + page * PAGE_SIZE;
}

static void say(struct random_run *run, const char *name, long value)
{
	text_add(&run->line, " ");
	text_add(&run->line, name);
	text_add(&run->line, "=");
	text_add_decimal(&run->line, value);
}

static void say_hash(struct random_run *run, const char *name, u32 value)
{
	text_add(&run->line, " ");
	text_add(&run->line, name);
	text_add(&run->line, "=");
	text_add_hex(&run->line, value);
}

struct range {
	u32 first, pages;
};

/* A range of the arena: names it in the line. */
static struct range choose_range(struct random_run *run)
{
	struct range range;

	range.first = random_below(run, ARENA_PAGES);
	range.pages = 1 + random_below(run, min(RANGE_PAGES, ARENA_PAGES - range.first));
	say(run, "page", (long)range.first);
	say(run, "n", (long)range.pages);
	return range;
}

static int choose_protection(struct random_run *run)
{
	static const int choice[] = { READ_WRITE, READ_WRITE, READ_WRITE, READ_WRITE,
				      PROT_READ,  PROT_READ,  PROT_NONE };
	int protection = choice[random_below(run, ARRAY_SIZE(choice))];

	say(run, "prot", protection);
	return protection;
}

/* A result that is an address, as a page of the arena; an error as it is. */
static long as_page(u32 result)
{
	return is_error(result) ? (long)result : (long)((result - ARENA) / PAGE_SIZE);
}

static long step_mmap(struct random_run *run)
{
	static const int extra[] = { 0, 0, 0, 0, MAP_NORESERVE, MAP_POPULATE, MAP_LOCKED };
	int flags = MAP_ANONYMOUS | (random_below(run, 3) ? MAP_PRIVATE : MAP_SHARED);
	struct range range;

	flags |= random_below(run, 5) ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	flags |= extra[random_below(run, ARRAY_SIZE(extra))];
	say(run, "flags", flags);
	range = choose_range(run);
	return as_page(sys_mmap2(address_of(range.first), range.pages * PAGE_SIZE,
				 choose_protection(run), flags, -1, 0));
}

static long step_mmap_file(struct random_run *run)
{
	int flags = MAP_FIXED | (random_below(run, 2) ? MAP_PRIVATE : MAP_SHARED);
	u32 offset = random_below(run, FILE_PAGES);
	struct range range;

	if (random_below(run, 6) == 0)
		flags |= MAP_POPULATE;
	say(run, "flags", flags);
	say(run, "offset", (long)offset);
	range = choose_range(run);
	return as_page(sys_mmap2(address_of(range.first), range.pages * PAGE_SIZE,
				 choose_protection(run), flags, run->file, offset));
}

static long step_munmap(struct random_run *run)
{
	struct range range = choose_range(run);

	return sys_munmap(address_of(range.first), range.pages * PAGE_SIZE);
}

static long step_mprotect(struct random_run *run)
{
	struct range range = choose_range(run);

	return sys_mprotect(address_of(range.first), range.pages * PAGE_SIZE,
			    choose_protection(run));
}

/*
 * One page, so that it lies in one area on every kernel: to another place, or larger, or both.
 * Never onto itself: kernels differ in whether they see that first, or that nothing is mapped
 * there.
 */
static long step_mremap(struct random_run *run)
{
	u32 from = random_below(run, ARENA_PAGES);
	u32 to = random_below(run, ARENA_PAGES);
	u32 pages = 1 + random_below(run, min(4u, ARENA_PAGES - max(from, to)));
	int flags = 0;

	if (random_below(run, 3) && (from < to || from >= to + pages))
		flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	say(run, "flags", flags);
	say(run, "from", (long)from);
	say(run, "to", (long)to);
	say(run, "n", (long)pages);
	return as_page(
		sys_mremap(address_of(from), PAGE_SIZE, pages * PAGE_SIZE, flags, address_of(to)));
}

static long step_shrink(struct random_run *run)
{
	struct range range = choose_range(run);
	u32 rest = 1 + random_below(run, range.pages);

	say(run, "rest", (long)rest);
	return as_page(sys_mremap(address_of(range.first), range.pages * PAGE_SIZE,
				  rest * PAGE_SIZE, 0, 0));
}

/* Fresh memory, some of it written to, moves as a whole. */
static long step_move(struct random_run *run)
{
	int flags = MAP_ANONYMOUS | MAP_FIXED | (random_below(run, 3) ? MAP_PRIVATE : MAP_SHARED);
	struct range range = choose_range(run);
	u32 pages = 1 + random_below(run, RANGE_PAGES);
	u32 to = random_below(run, ARENA_PAGES - pages + 1);
	u32 start = sys_mmap2(address_of(range.first), range.pages * PAGE_SIZE, READ_WRITE, flags,
			      -1, 0);

	say(run, "flags", flags);
	say(run, "to", (long)to);
	say(run, "pages", (long)pages);
	if (is_error(start))
		return (long)start;
	for (u32 i = 0; i < range.pages; i += 1 + random_below(run, 3))
		*(volatile u32 *)(start + i * PAGE_SIZE) = run->state;
	return as_page(sys_mremap(start, range.pages * PAGE_SIZE, pages * PAGE_SIZE,
				  MREMAP_MAYMOVE | MREMAP_FIXED, address_of(to)));
}

/* The break, to the byte, and a word into its last page. */
static long step_brk(struct random_run *run)
{
	u32 bytes = random_below(run, HEAP_PAGES * PAGE_SIZE) & ~3u;

	say(run, "bytes", (long)bytes);
	run->heap_end = sys_brk(run->heap + bytes);
	if (bytes >= 4)
		*(volatile u32 *)(run->heap_end - 4) = run->state;
	return (long)(run->heap_end - run->heap);
}

static long step_madvise(struct random_run *run)
{
	static const int choice[] = { MADV_DONTNEED,	  MADV_DONTNEED,      MADV_DONTNEED,
				      MADV_WILLNEED,	  MADV_NORMAL,	      MADV_DONTFORK,
				      MADV_DOFORK,	  MADV_WIPEONFORK,    MADV_KEEPONFORK,
				      MADV_POPULATE_READ, MADV_POPULATE_WRITE };
	int advice = choice[random_below(run, ARRAY_SIZE(choice))];
	struct range range;

	say(run, "advice", advice);
	range = choose_range(run);
	/* Of a hole and a page without rights kernels report the first or the last. */
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		range.pages = 1;
	return sys_madvise(address_of(range.first), range.pages * PAGE_SIZE, advice);
}

static long step_mlock(struct random_run *run)
{
	u32 kind = random_below(run, 7);
	struct range range = choose_range(run);
	u32 start = address_of(range.first), length = range.pages * PAGE_SIZE;

	say(run, "kind", (long)kind);
	if (kind < 3)
		return sys_mlock(start, length);
	if (kind < 4)
		return sys_mlock2(start, length, MLOCK_ONFAULT);
	if (kind < 6)
		return sys_munlock(start, length);
	return sys_munlockall();
}

static long step_msync(struct random_run *run)
{
	static const int choice[] = { 0, MS_ASYNC, MS_INVALIDATE, MS_ASYNC | MS_INVALIDATE,
				      MS_ASYNC | MS_SYNC };
	int flags = choice[random_below(run, ARRAY_SIZE(choice))];
	struct range range;

	say(run, "flags", flags);
	range = choose_range(run);
	return sys_msync(address_of(range.first), range.pages * PAGE_SIZE, flags);
}

/* One of four words of a page; checksum() looks at these. */
static u32 choose_word(struct random_run *run)
{
	u32 page = random_below(run, ARENA_PAGES);
	u32 word = random_below(run, 4);

	say(run, "page", (long)page);
	say(run, "word", (long)word);
	return address_of(page) + word * 1364;
}

static long step_call_writes(struct random_run *run)
{
	u32 value = SCRATCH_WORD + random_below(run, 0x10000);
	u32 address = choose_word(run);

	sys_pwrite64(run->scratch, &value, 4, 0);
	return sys_pread64(run->scratch, (void *)address, 4, 0);
}

static long step_call_reads(struct random_run *run)
{
	u32 value = 0;
	long result = sys_pwrite64(run->scratch, (void *)choose_word(run), 4, 8);

	if (result == 4)
		sys_pread64(run->scratch, &value, 4, 8);
	say(run, "value", (long)value);
	return result;
}

/* A child tries; if it lives, the access is made here as well. */
static long step_touch(struct random_run *run)
{
	bool writes = random_below(run, 3);
	void *address = (void *)choose_word(run);
	int status = process_run(writes ? memory_write_child : memory_read_child, address);
	u8 value = (u8)random_below(run, 256);

	say(run, "write", writes);
	if (status != EXITED(0))
		return status;
	if (writes)
		memory_write(address, value);
	/*
	 * The parent has an area that is kept from children, or the other way round: never both.
	 */
	return memory_read(address);
}

static void some_steps(void *argument)
{
	struct random_run *run = argument;
	u32 steps = 1 + random_below(run, 8);

	run->depth++;
	run->hash = 1;
	while (steps--)
		random_step(run);
	random_look(run);
	sys_exit_group((int)(run->hash % 251));
}

static long step_fork(struct random_run *run)
{
	struct random_run child = *run;

	if (run->depth == MAX_DEPTH)
		return -1;
	child.state ^= 0x9E3779B9u;
	child.state += !child.state;
	return process_run(some_steps, &child);
}

static long step_file(struct random_run *run)
{
	u32 word = random_below(run, FILE_PAGES * PAGE_SIZE / 4);
	u32 value = run->state;

	if (random_below(run, 3) == 0) {
		u32 size = random_below(run, 2) ? word * 4 : word / 1024 * PAGE_SIZE;

		say(run, "truncate", (long)size);
		return sys_ftruncate(run->file, (long)size);
	}
	word = word / 1024 * 1024 + random_below(run, 4) * 341;
	say(run, "at", (long)word);
	return sys_pwrite64(run->file, &value, 4, word * 4);
}

static const struct {
	const char *name;
	u32 weight;
	long (*run)(struct random_run *run);
} steps[] = {
	{ "mmap", 14, step_mmap },
	{ "mmap-file", 8, step_mmap_file },
	{ "munmap", 7, step_munmap },
	{ "mprotect", 10, step_mprotect },
	{ "mremap", 10, step_mremap },
	{ "shrink", 2, step_shrink },
	{ "move", 5, step_move },
	{ "brk", 4, step_brk },
	{ "madvise", 9, step_madvise },
	{ "mlock", 5, step_mlock },
	{ "msync", 2, step_msync },
	{ "call-writes", 14, step_call_writes },
	{ "call-reads", 6, step_call_reads },
	{ "touch", 4, step_touch },
	{ "fork", 3, step_fork },
	{ "file", 5, step_file },
};

static u32 mix(u32 hash, u32 value)
{
	for (u32 i = 0; i < 4; i++, value >>= 8)
		hash = (hash ^ (value & 0xFF)) * HASH_PRIME;
	return hash;
}

/* The four words of each of the pages, and which of the pages can be read at all. */
static u32 checksum(const struct random_run *run, u32 first, u32 pages)
{
	u32 sum = 1;

	for (u32 page = first; page < first + pages; page++) {
		u32 at = address_of(page % ARENA_PAGES);

		if (sys_pwrite64(run->scratch, (void *)at, 4, 16) != 4) {
			sum = mix(sum, page);
			continue;
		}
		for (u32 word = 0; word < 4; word++)
			sum = mix(sum, *(volatile u32 *)(at + word * 1364));
	}
	return sum;
}

static void end_line(struct random_run *run)
{
	for (u32 i = 0; i < run->line.length; i++)
		run->hash = (run->hash ^ (u8)run->line.data[i]) * HASH_PRIME;
	if (run->talk)
		tap_line(run->line.data);
}

static void begin_line(struct random_run *run, const char *name)
{
	text_clear(&run->line);
	text_add(&run->line, "#");
	for (u32 i = 0; i <= run->depth; i++)
		text_add(&run->line, " ");
	text_add(&run->line, name);
}

void random_step(struct random_run *run)
{
	u32 total = 0, choice, i;
	long result;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		total += steps[i].weight;
	choice = random_below(run, total);
	for (i = 0; choice >= steps[i].weight; i++)
		choice -= steps[i].weight;
	begin_line(run, steps[i].name);
	result = steps[i].run(run);
	say(run, "result", result);
	say_hash(run, "sum", checksum(run, random_below(run, ARENA_PAGES), 3));
	end_line(run);
}

void random_look(struct random_run *run)
{
	static struct map_area areas[AREAS];
	u32 count = maps_read(ARENA, ARENA + ARENA_PAGES * PAGE_SIZE, areas, AREAS, true);
	u32 layout = 1, heap = 1;

	for (u32 i = 0; i < count; i++) {
		layout = mix(layout, (areas[i].start - ARENA) / PAGE_SIZE);
		layout = mix(layout, (areas[i].end - ARENA) / PAGE_SIZE);
		layout = mix(layout, (u32)areas[i].protection * 2 + areas[i].shared);
	}
	for (u32 at = run->heap; at + 4 <= run->heap_end; at += 4)
		heap = (heap ^ *(volatile u32 *)at) * HASH_PRIME;
	begin_line(run, "look");
	say(run, "areas", (long)count);
	say_hash(run, "layout", layout);
	say_hash(run, "heap", heap);
	say_hash(run, "sum", checksum(run, 0, ARENA_PAGES));
	say(run, "file", file_size(run->file));
	end_line(run);
}

void random_begin(struct random_run *run, u32 seed, bool talk)
{
	*run = (struct random_run){ .state = seed * 0x9E3779B1u, .hash = 1, .talk = talk };
	run->state += !run->state;
	run->file = file_create_in_memory(FILE_PAGES, seed);
	run->scratch = file_create(1, seed);
	run->heap = (sys_brk(0) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	run->heap_end = sys_brk(run->heap);
	/* Every other program begins with all of the arena mapped. */
	if (seed % 2)
		memory_map_at(ARENA, ARENA_PAGES, READ_WRITE);
}
