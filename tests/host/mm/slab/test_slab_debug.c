/* SPDX-License-Identifier: MIT */
/*
 * The checks of slab_debug: each misuse of an object is reported with the object, the cache and
 * the callers; and debugged caches work as others do.
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "lib/printf.h"
#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define ALL_CHECKS SLAB_DEBUG_MASK
/* Not a multiple of a word: the bytes up to the next word are guarded too. */
#define SIZE 50

static struct kmem_cache *cache;
static char *object, *other;

static void construct(void *at)
{
	memset(at, 0x11, SIZE);
}

static void start(u32 flags, void (*constructor)(void *))
{
	machine_boot();
	cache = kmem_cache_create("checked", SIZE, 0, flags, constructor, NULL);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	other = kmem_cache_alloc(cache, GFP_KERNEL);
}

static void stop(void)
{
	kmem_cache_free(cache, object);
	kmem_cache_free(cache, other);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static bool free_object(char *at)
{
	kmem_cache_free(cache, at);
	return true;
}

static bool write_and_free(char *at)
{
	*at ^= 0x55;
	return free_object(object);
}

static void parse(void)
{
	static const struct {
		const char *text;
		int result;
		u32 flags;
	} cases[] = {
		{ "F", 0, SLAB_CONSISTENCY_CHECKS },
		{ "Z", 0, SLAB_RED_ZONE },
		{ "p", 0, SLAB_POISON },
		{ "U", 0, SLAB_STORE_USER },
		{ "FZPU", 0, SLAB_DEBUG_MASK },
		{ "uu", 0, SLAB_STORE_USER },
		{ "-", 0, 0 },
		{ "", -EINVAL, 7 },
		{ "FX", -EINVAL, 7 },
		{ "F,Z", -EINVAL, 7 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 flags = 7;

		EXPECT_EQ(slab_debug_parse(cases[i].text, &flags), cases[i].result);
		EXPECT_EQ(flags, cases[i].flags);
	}
}

/* Every byte around the object that is not another's. */
static void overruns(void)
{
	start(ALL_CHECKS, NULL);
	for (int at = -8; at < 0; at++)
		EXPECT_PANIC("before the object were overwritten", write_and_free(object + at));
	for (int at = SIZE; at < SIZE + 8; at++)
		EXPECT_PANIC("after the object were overwritten", write_and_free(object + at));
	memset(object, 0, SIZE);
	EXPECT_PANIC("after the object", (memset(object, 0xcd, SIZE + 1), free_object(object)));
	stop();
}

/* A third object stays in use: the sum of the slab does not tell. */
static bool free_twice_with_another_between(void)
{
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL));
	free_object(object);
	free_object(other);
	return free_object(object);
}

/*
 * A double free and a free to another cache are caught, also with another free in between.
 */
static void double_free(void)
{
	start(SLAB_CONSISTENCY_CHECKS, NULL);
	EXPECT_PANIC("freed twice", (free_object(object), free_object(object)));
	EXPECT_PANIC("freed twice", free_twice_with_another_between());
	stop();
	/* No object, and no callers to show: the head of a slab. */
	start(SLAB_STORE_USER, NULL);
	EXPECT_PANIC("slab", free_object(page_address(virt_to_page(object))));
	stop();
	cache = kmem_cache_create("guarded", SIZE, 0, SLAB_RED_ZONE, NULL, NULL);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	other = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_PANIC("freed twice", free_twice_with_another_between());
	stop();
}

static bool write_after_free(u32 at)
{
	free_object(object);
	object[at]++;
	return kmem_cache_alloc(cache, GFP_KERNEL);
}

static bool write_after_free_and_shrink(void)
{
	free_object(object);
	free_object(other);
	object[3]++;
	return kmem_cache_shrink(cache);
}

static void use_after_free(void)
{
	start(SLAB_POISON, NULL);
	kmem_cache_free(cache, object);
	EXPECT(object[0] == 0x6b && object[SIZE - 2] == 0x6b && (u8)object[SIZE - 1] == 0xa5);
	EXPECT(kmem_cache_alloc(cache, GFP_KERNEL) == object);
	for (u32 at = 0; at < SIZE; at++)
		EXPECT_PANIC("written to after it was freed", write_after_free(at));
	EXPECT_PANIC("written to after it was freed", write_after_free_and_shrink());
	/* Uninitialized memory is not zero. */
	EXPECT(object[0] && object[SIZE - 1]);
	stop();
	start(SLAB_POISON, construct);
	EXPECT_PANIC("written to after it was freed", write_after_free(7));
	EXPECT(object[0] == 0x11 && object[SIZE - 1] == 0x11);
	object[4] = 0x12; /* another constructed state */
	stop();
}

/* The last callers in the last report are those of the object `of`; NULL: there are none. */
static void expect_callers(const char *of)
{
	const char *text = console_panic_text();
	char line[100];

	if (!of) {
		EXPECT(!strstr(text, "slab: object="));
		return;
	}
	scnprintf(line, sizeof(line), "\nslab: object=%p cache=checked allocated_by=0x", of);
	EXPECT(strstr(text, line));
	scnprintf(line, sizeof(line), "\nslab: object=%p cache=checked freed_by=", of);
	EXPECT(strstr(text, line));
}

/*
 * The report names the object, the cache, this caller, the allocating one and the one that freed.
 */
static void callers(void)
{
	char caller[40], line[80];
	char *end;

	start(ALL_CHECKS, NULL);
	EXPECT_PANIC("cache checked, caller 0x", (free_object(object), free_object(object)));
	expect_callers(object);
	EXPECT_EQ(sscanf(strstr(console_panic_text(), "caller "), "caller %39s", caller), 1);
	scnprintf(line, sizeof(line), " freed_by=%s\n", caller); /* both by free_object() */
	EXPECT(strstr(console_panic_text(), line));
	EXPECT_PANIC("cache checked, caller 0x", free_object(object + 1));
	expect_callers(object);
	EXPECT_PANIC("cache checked, caller 0x", free_object(other + SIZE - 1));
	expect_callers(other);
	end = virt_to_page(object)->slab->objects + cache->objects * cache->size;
	EXPECT_PANIC("cache checked, caller 0x", free_object(end));
	expect_callers(NULL);
	EXPECT_PANIC("cache checked, caller 0x", free_object(end - 1));
	expect_callers(end - cache->size);
	EXPECT_PANIC("no slab object", free_object(page_address(alloc_page(GFP_KERNEL))));
	expect_callers(NULL);
	EXPECT_PANIC("no slab object", free_object(end + MACHINE_RAM));
	expect_callers(NULL);
	stop();
	start(ALL_CHECKS & ~SLAB_STORE_USER, NULL);
	EXPECT_PANIC("cache checked, caller 0x", (free_object(object), free_object(object)));
	expect_callers(NULL);
	stop();
}

/* A cache works as without checks, in every geometry. */
static void random_use(void)
{
	static const u32 sizes[] = { 1, 5, 32, 100, 511, 512, 2000, 4096, 20000 };
	static char *held[200];

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(sizes) && !tap_failed(); i++) {
		u32 size = sizes[i], count = 0;
		u32 align = 1u << random_below(8);

		cache = kmem_cache_create("random", size, align, random_below(16) << 4, NULL, NULL);
		if (!EXPECT(cache != NULL))
			break;
		for (u32 step = 0; step < tap_scaled(3000); step++) {
			if (count == ARRAY_SIZE(held) || (count && random_one_in(2))) {
				u32 pick = random_below(count);

				EXPECT(held[pick][0] == held[pick][size - 1]);
				free_object(held[pick]);
				held[pick] = held[--count];
			} else {
				held[count] = kmem_cache_alloc(cache, GFP_KERNEL);
				EXPECT(IS_ALIGNED(held[count] - physmap, align));
				memset(held[count++], (int)step, size);
			}
			if (random_one_in(50))
				kmem_cache_shrink(cache);
		}
		EXPECT_VALID(kmem_cache_validate(cache));
		while (count)
			free_object(held[--count]);
		EXPECT_EQ(kmem_cache_destroy(cache), 0);
	}
}

TAP_MAIN({ "slab_debug=", parse }, { "overruns", overruns }, { "double free", double_free },
	 { "use after free", use_after_free }, { "the callers are named", callers },
	 { "random use with random checks", random_use })
