/* SPDX-License-Identifier: MIT */
/*
 * Corner cases of the calls on mappings: every pair of flags, advice and rights with every kind
 * of area, and lengths, places and old lengths from a list of limits. Linux is the oracle: each
 * call's results become a hash, and the hashes on both systems must agree.
 *
 *	corners		a line with the hash of each call
 *	corners all	every result, for a comparison by diff
 *
 * An address in a result counts as success: where the kernel puts a mapping is its own business.
 * Not asked, because the answer is not the same on every Linux:
 *
 *	mmap: flag 0x80, type 8			new in the last years
 *	mmap: MAP_SYNC (0x80000) with a file	the file system's: tmpfs ignores it
 *	mmap: 2 GiB				whether there is as much, in one piece
 *	mremap: a hole, or nothing		changed in 2025, see changed()
 *	what wraps around 4 GiB			it does so in a 32-bit kernel only
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/outcome.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/random.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PLACE	   FIXED_PLACE
#define PAGES	   4u
#define LENGTH	   (PAGES * PAGE_SIZE)
#define AWAY	   (PLACE + MiB(16))

static int file;
static bool talk;
static u32 hash = OUTCOME_START;

enum area { NOTHING, PRIVATE, READ_ONLY, NONE, SHARED, OF_FILE, PRIVATE_FILE, GROWS, HOLE, AREAS };

/* An area of this kind at PLACE, between two unmapped pages. */
static void make(enum area area)
{
	static const struct {
		int protection, flags;
		bool file;
	} kinds[AREAS] = {
		[PRIVATE] = { READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, false },
		[READ_ONLY] = { PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, false },
		[NONE] = { PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, false },
		[SHARED] = { READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, false },
		[OF_FILE] = { READ_WRITE, MAP_SHARED, true },
		[PRIVATE_FILE] = { READ_WRITE, MAP_PRIVATE, true },
		[GROWS] = { READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, false },
		[HOLE] = { READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, false },
	};

	sys_munmap(PLACE - 2 * PAGE_SIZE, LENGTH + 4 * PAGE_SIZE);
	sys_munmap(AWAY, MiB(1));
	if (area == NOTHING)
		return;
	sys_mmap2(PLACE, LENGTH, kinds[area].protection, kinds[area].flags | MAP_FIXED,
		  kinds[area].file ? file : -1, 0);
	if (area == HOLE)
		sys_munmap(PLACE + PAGE_SIZE, PAGE_SIZE);
}

static void take(const char *call, long result, u32 a, u32 b, u32 c)
{
	struct text line;
	u32 told = is_error((u32)result) ? (u32)-result : 0;

	hash = outcome_add(hash, told);
	if (!talk)
		return;
	text_clear(&line);
	text_add(&line, "# ");
	text_add(&line, call);
	text_add(&line, " ");
	text_add_hex(&line, a);
	text_add(&line, " ");
	text_add_hex(&line, b);
	text_add(&line, " ");
	text_add_hex(&line, c);
	text_add(&line, ": ");
	text_add_decimal(&line, (long)told);
	tap_line(line.data);
}

#define GREATEST 0x7fffffffu

static const u32 lengths[] = { 0, 1, PAGE_SIZE, LENGTH, LENGTH + PAGE_SIZE, GREATEST };

#define SYNC 0x80000u

/* Bits of mmap's flags that programs use; bit 31 and MAP_SYNC are for MAP_SHARED_VALIDATE. */
static const u32 map_flags[] = { 0,	    0x40,      0x100,	  0x800,     0x1000,
				 0x2000,    0x4000,    0x8000,	  0x10000,   0x20000,
				 0x40000,   SYNC,      0x100000,  0x200000,  21u << 26,
				 22u << 26, 30u << 26, 0x4000000, 0x80000000 };

static void mmap_one(u32 flags, u32 length, int fd)
{
	make(PRIVATE);
	take("mmap", (long)sys_mmap2(AWAY, length, PROT_READ, (int)flags, fd, 0), flags, length,
	     (u32)fd);
}

static void mmap_calls(void)
{
	for (u32 type = 0; type < 8; type++) {
		for (u32 i = 0; i < ARRAY_SIZE(map_flags); i++) {
			/*
			 * The sizes of huge pages differ from machine to machine: only what all
			 * refuse.
			 */
			bool huge = map_flags[i] == 0x40000;
			bool legacy = type == MAP_SHARED || type == MAP_PRIVATE;

			if (map_flags[i] != SYNC || !legacy)
				mmap_one(map_flags[i] | type, PAGE_SIZE, file);
			mmap_one(map_flags[i] | type, 0, file);
			mmap_one(map_flags[i] | type, PAGE_SIZE, -1);
			mmap_one(map_flags[i] | type | MAP_ANONYMOUS, 0, -1);
			if (!huge)
				mmap_one(map_flags[i] | type | MAP_ANONYMOUS, PAGE_SIZE, -1);
		}
		for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
			if (lengths[i] != GREATEST)
				mmap_one(type | MAP_ANONYMOUS, lengths[i], -1);
		}
	}
	hash = outcome_print("mmap", "", hash);
}

/*
 * Linux 6.12 moves one area, and looks for it before it judges the new place. Linux 6.18 judges
 * the new place first, and moves several areas with what is unmapped between them.
 */
static bool changed(enum area area, u32 old, u32 new, u32 flags, u32 to)
{
	bool overlaps = to < PLACE + old && PLACE < to + new;

	if (area == NOTHING)
		return flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && (overlaps || to % PAGE_SIZE);
	return area == HOLE && flags & MREMAP_FIXED && old == new;
}

static void mremap_one(enum area area, u32 old, u32 new, u32 flags, u32 to)
{
	if (changed(area, old, new, flags, to))
		return;
	make(area);
	take("mremap", (long)sys_mremap(PLACE, old, new, (int)flags, to), area << 8 | flags, old,
	     new);
}

static void mremap_calls(void)
{
	static const u32 places[] = { AWAY, PLACE, PLACE + PAGE_SIZE, AWAY + 1 };

	for (u32 area = NOTHING; area < AREAS; area++) {
		for (u32 flags = 0; flags < 16; flags++) {
			for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
				/* Whether 2 GiB are free in one piece is the layout's business. */
				if (lengths[i] != GREATEST)
					mremap_one(area, LENGTH, lengths[i], flags, AWAY);
				mremap_one(area, lengths[i], LENGTH, flags, AWAY);
			}
			for (u32 i = 0; i < ARRAY_SIZE(places); i++)
				mremap_one(area, LENGTH, LENGTH, flags, places[i]);
		}
	}
	hash = outcome_print("mremap", "", hash);
}

static void advice(void)
{
	for (u32 area = NOTHING; area < AREAS; area++) {
		for (int advice = -1; advice < 25; advice++) {
			/* Merging (12, 13) is a matter of how Linux was built. */
			if (advice == 12 || advice == 13)
				continue;
			for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
				make(area);
				take("madvise", sys_madvise(PLACE, lengths[i], advice), area,
				     (u32)advice, lengths[i]);
			}
			make(area);
			take("madvise", sys_madvise(PLACE + 1, PAGE_SIZE, advice), area,
			     (u32)advice, 1);
		}
	}
	hash = outcome_print("madvise", "", hash);
}

typedef long range_call(u32 address, u32 length, int flags);

static long mincore(u32 address, u32 length, int flags)
{
	static u8 vector[16];

	(void)flags;
	return sys_mincore(address, length, vector);
}

static long munlock(u32 address, u32 length, int flags)
{
	(void)flags;
	return sys_munlock(address, length);
}

static long munmap(u32 address, u32 length, int flags)
{
	(void)flags;
	return sys_munmap(address, length);
}

static const struct {
	const char *name;
	range_call *call;
	u32 flags;
} calls[] = {
	{ "mprotect", sys_mprotect, 32 }, { "msync", sys_msync, 16 }, { "mlock2", sys_mlock2, 4 },
	{ "munlock", munlock, 1 },	  { "mincore", mincore, 1 },  { "munmap", munmap, 1 },
};

static void ranges(void)
{
	for (u32 c = 0; c < ARRAY_SIZE(calls); c++) {
		for (u32 n = 0; n < AREAS * calls[c].flags; n++) {
			enum area area = n / calls[c].flags;
			int flags = (int)(n % calls[c].flags);

			for (u32 i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
				u32 length = lengths[i / 2], place = PLACE + i % 2;

				make(area);
				take(calls[c].name, calls[c].call(place, length, flags),
				     area << 8 | (u32)flags, place, length);
			}
		}
		hash = outcome_print(calls[c].name, "", hash);
	}
}

static void open_file(void)
{
	file = file_create(PAGES, 3);
}

static const struct tap_case cases[] = {
	{ "a file to map", open_file }, { "mmap", mmap_calls },	       { "mremap", mremap_calls },
	{ "madvise", advice },		{ "calls on ranges", ranges },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	talk = outcome_all(argc, argv);
	return tap_run(cases, ARRAY_SIZE(cases));
}
