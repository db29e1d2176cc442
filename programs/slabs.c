/* SPDX-License-Identifier: MIT */
/*
 * slabs [N]: the N caches with the most memory (default 12), from /proc/slabinfo.
 *
 *   cache    object bytes   in use / all   slabs   KiB   used
 */
#include "programs/runtime/runtime.h"

#define CACHES_MAX 256u

struct cache {
	const char *name;
	u32 active, all, size, per_slab, pages, slabs;
};

static struct cache caches[CACHES_MAX];

static u32 kib(const struct cache *cache)
{
	return cache->slabs * cache->pages * 4;
}

/*
 * A line of version 2.1: `name active all size per-slab pages-per-slab : tunables 0 0 0 :
 * slabdata active-slabs slabs shared`.
 */
static bool read_cache(char *line, struct cache *cache)
{
	cache->name = next_word(&line);
	if (!*cache->name || *cache->name == '#' || !strcmp(cache->name, "slabinfo"))
		return false;
	cache->active = (u32)decimal(next_word(&line));
	cache->all = (u32)decimal(next_word(&line));
	cache->size = (u32)decimal(next_word(&line));
	cache->per_slab = (u32)decimal(next_word(&line));
	cache->pages = (u32)decimal(next_word(&line));
	cache->slabs = cache->per_slab ? DIV_ROUND_UP(cache->all, cache->per_slab) : 0;
	return true;
}

static u32 largest(u32 count)
{
	u32 best = 0;

	for (u32 i = 1; i < count; i++)
		if (kib(&caches[i]) > kib(&caches[best]))
			best = i;
	return best;
}

int main(int argc, char **argv)
{
	char *text = must_read("/proc/slabinfo"), *line;
	u32 wanted = argc > 1 ? number(argv[1], CACHES_MAX) : 12, count = 0, sum = 0;

	while ((line = next_line(&text)) && count < CACHES_MAX)
		count += read_cache(line, &caches[count]);
	for (u32 i = 0; i < count; i++)
		sum += kib(&caches[i]);
	say("%u caches, %u KiB\n%-24s %6s %8s %8s %6s %6s %5s\n", count, sum, "cache", "bytes",
	    "in use", "objects", "slabs", "KiB", "used");
	for (; wanted && count; wanted--, count--) {
		u32 place = largest(count);
		struct cache *cache = &caches[place];

		say("%-24s %6u %8u %8u %6u %6u %4u%%\n", cache->name, cache->size, cache->active,
		    cache->all, cache->slabs, kib(cache),
		    cache->all ? 100 * cache->active / cache->all : 0);
		*cache = caches[count - 1];
	}
	return 0;
}
