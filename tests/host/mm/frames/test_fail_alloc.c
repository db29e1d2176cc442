/* SPDX-License-Identifier: MIT */
/* Failure injection itself: the option, and what fails when. */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static void parse(void)
{
	static const struct {
		const char *text;
		int result;
		struct fail_spec spec;
	} cases[] = {
		{ "page,1", 0, { FAIL_PAGE, FAIL_ONCE, 1 } },
		{ "slab,20,every", 0, { FAIL_SLAB, FAIL_EVERY, 20 } },
		{ "any,4294967295,on", 0, { FAIL_ANY, FAIL_ON, 4294967295u } },
		{ "page,0", -EINVAL, { 0 } },
		{ "page,4294967296", -EINVAL, { 0 } },
		{ "page,", -EINVAL, { 0 } },
		{ "page", -EINVAL, { 0 } },
		{ "", -EINVAL, { 0 } },
		{ "pages,1", -EINVAL, { 0 } },
		{ "page,1,", -EINVAL, { 0 } },
		{ "page,1,never", -EINVAL, { 0 } },
		{ "page,1,on ", -EINVAL, { 0 } },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail_spec spec = { 0 };
		int result = fail_alloc_parse(cases[i].text, &spec);

		tap_check(result == cases[i].result, __FILE__, __LINE__, "\"%s\": %d",
			  cases[i].text, result);
		if (!result)
			EXPECT(!memcmp(&spec, &cases[i].spec, sizeof(spec)));
	}
}

/* Of 12 requests for a frame, one letter each: 'x' failed, '.' did not. */
static void expect_frames(enum fail_kind kinds, enum fail_mode mode, u32 nth, const char *expected)
{
	const struct fail_spec spec = { kinds, mode, nth };
	char got[13] = "";
	u32 failed = 0;

	fail_alloc_set(&spec);
	for (u32 i = 0; i < 12; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		got[i] = page ? '.' : 'x';
		failed += !page;
		if (page)
			__free_page(page);
	}
	EXPECT_TEXT(got, expected);
	EXPECT_EQ(fail_alloc_failed(), failed);
	fail_alloc_set(NULL);
}

static void modes(void)
{
	machine_boot();
	expect_frames(FAIL_PAGE, FAIL_ONCE, 1, "x...........");
	expect_frames(FAIL_PAGE, FAIL_ONCE, 5, "....x.......");
	expect_frames(FAIL_PAGE, FAIL_EVERY, 4, "...x...x...x");
	expect_frames(FAIL_ANY, FAIL_ON, 10, ".........xxx");
	expect_frames(FAIL_SLAB, FAIL_ON, 1, "............");
	expect_frames(FAIL_PAGE, FAIL_EVERY, 0, "............");
}

static void objects_and_urgent_requests(void)
{
	const struct fail_spec slab = { FAIL_SLAB, FAIL_ON, 1 }, any = { FAIL_ANY, FAIL_ON, 1 };
	struct page *page;
	void *object = NULL;

	machine_boot();
	fail_alloc_set(&slab);
	EXPECT(!kmalloc(100, GFP_KERNEL));
	EXPECT_EQ(fail_alloc_failed(), 1);
	fail_alloc_set(&any);
	EXPECT(!kmalloc(100, GFP_KERNEL));
	page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	EXPECT(page != NULL);
	EXPECT(!alloc_page(GFP_ATOMIC));
	fail_alloc_set(NULL);
	object = kmalloc(100, GFP_KERNEL);
	EXPECT(object != NULL);
	kfree(object);
	__free_page(page);
}

TAP_MAIN({ "fail_alloc=", parse }, { "once, every, on", modes },
	 { "objects, and what must not fail", objects_and_urgent_requests })
