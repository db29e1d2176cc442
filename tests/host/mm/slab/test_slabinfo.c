/* SPDX-License-Identifier: MIT */
/* The lines of /proc/slabinfo: a head of two, then a line for each cache, in order of creation. */
#include <string.h>

#include "mm/slab/slab.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define HEAD                                                                                \
	"slabinfo - version: 2.1\n"                                                         \
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> " \
	": tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> "         \
	"<num_slabs> <sharedavail>\n"

static char line[300];

/* The line of a cache, or an empty one. Sets *number. */
static const char *line_of(const char *name, u32 *number)
{
	for (*number = 1; kmem_cache_slabinfo(*number, line, sizeof(line)); ++*number)
		if (!strncmp(line, name, strlen(name)))
			return line;
	return "";
}

static void lines(void)
{
	struct kmem_cache *first, *second;
	void *objects[30];
	u32 number, last;

	machine_boot();
	EXPECT_EQ(kmem_cache_slabinfo(0, line, sizeof(line)), sizeof(HEAD) - 1);
	EXPECT_TEXT(line, HEAD);
	line_of("kmem_cache", &number);
	EXPECT_EQ(number, 1);
	/* 38 objects of 104 bytes fit beside the descriptor and the chain. */
	first = kmem_cache_create("first_cache", 104, 0, 0, NULL, NULL);
	second = kmem_cache_create("a_name_that_fits", 9000, 0, 0, NULL, NULL);
	EXPECT_TEXT(line_of("first_cache", &number),
		    "first_cache            0      0    104   38    1 : tunables    0    0    0 : "
		    "slabdata      0      0      0\n");
	for (u32 i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(first, GFP_KERNEL);
	EXPECT_TEXT(line_of("first_cache", &number),
		    "first_cache           30     38    104   38    1 : tunables    0    0    0 : "
		    "slabdata      1      1      0\n");
	kmem_cache_free(first, objects[0]);
	objects[0] = kmem_cache_alloc(second, GFP_KERNEL);
	EXPECT_TEXT(line_of("a_name_that_fits", &last),
		    "a_name_that_fits       1      7   9000    7   16 : tunables    0    0    0 : "
		    "slabdata      1      1      0\n");
	EXPECT_EQ(last, number + 1);
	EXPECT_EQ(kmem_cache_slabinfo(last + 1, line, sizeof(line)), 0);
	kmem_cache_free(second, objects[0]);
	for (u32 i = 1; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(first, objects[i]);
	EXPECT_EQ(kmem_cache_destroy(first), 0);
	EXPECT_EQ(kmem_cache_destroy(second), 0);
	EXPECT_TEXT(line_of("first_cache", &number), "");
}

TAP_MAIN({ "lines", lines })
