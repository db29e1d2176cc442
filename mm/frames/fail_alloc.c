/* SPDX-License-Identifier: MIT */
/* Failure injection. */
#include "mm/frames/fail_alloc.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/frames/page_alloc.h"

static struct fail_spec spec;
static u32 counted, failed;
static void (*told)(bool slabs_can_fail);

static bool due(void)
{
	switch (spec.mode) {
	case FAIL_ONCE:
		return counted == spec.nth;
	case FAIL_EVERY:
		return counted % spec.nth == 0;
	default: /* FAIL_ON */
		return counted >= spec.nth;
	}
}

bool fail_alloc(enum fail_kind kind, gfp_t gfp)
{
	if (!(spec.kinds & kind) || gfp & __GFP_NOFAIL)
		return false;
	counted++;
	if (!due())
		return false;
	failed++;
	return true;
}

void fail_alloc_on_change(void (*slabs_can_fail)(bool))
{
	told = slabs_can_fail;
}

void fail_alloc_set(const struct fail_spec *new)
{
	spec = new ? *new : (struct fail_spec){ 0 };
	alloc_watch(ALLOC_WATCH_FAIL, spec.nth && spec.kinds & FAIL_PAGE);
	if (told)
		told(spec.nth && spec.kinds & FAIL_SLAB);
	counted = failed = 0;
}

u32 fail_alloc_failed(void)
{
	return failed;
}

int fail_alloc_parse(const char *text, struct fail_spec *to)
{
	static const struct {
		const char *name;
		enum fail_kind kinds;
	} kinds[] = { { "page,", FAIL_PAGE }, { "slab,", FAIL_SLAB }, { "any,", FAIL_ANY } };
	u64 nth;

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(text, kinds[i].name, length))
			continue;
		if (parse_u64(text + length, &text, 10, &nth) || !nth || nth > UINT32_MAX)
			return -EINVAL;
		*to = (struct fail_spec){ .kinds = kinds[i].kinds, .nth = (u32)nth };
		if (!strcmp(text, ",every"))
			to->mode = FAIL_EVERY;
		else if (!strcmp(text, ",on"))
			to->mode = FAIL_ON;
		else if (*text)
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}
