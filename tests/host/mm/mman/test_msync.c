/* SPDX-License-Identifier: MIT */
/* msync(2), row by row: it only tells whether a range is mapped and may be dropped. */
#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/tap.h"

/* Mapped are pages 0..3, of which 2 and 3 are locked, and 5. */
static void synced(void)
{
	static const struct {
		vaddr_t start;
		u32 length, flags;
		int result;
	} rows[] = {
		{ BASE, 4 * PAGE_SIZE, 0, 0 },
		{ BASE, 4 * PAGE_SIZE, MS_ASYNC, 0 },
		{ BASE, 4 * PAGE_SIZE, MS_SYNC, 0 },
		{ BASE, 4 * PAGE_SIZE, MS_SYNC | MS_ASYNC, -EINVAL },
		{ BASE, 4 * PAGE_SIZE, 8, -EINVAL },
		{ BASE + 1, PAGE_SIZE, MS_SYNC, -EINVAL },
		{ BASE, 0, MS_SYNC, 0 },
		{ BASE + 4 * PAGE_SIZE, 0, MS_SYNC, 0 },
		{ BASE, UINT32_MAX, MS_SYNC, 0 }, /* rounded up: no page */
		{ BASE, 0u - PAGE_SIZE, MS_SYNC, -ENOMEM },
		{ BASE, 2 * PAGE_SIZE, MS_INVALIDATE, 0 },
		{ BASE, 2 * PAGE_SIZE, MS_INVALIDATE | MS_SYNC, 0 },
		{ BASE, 2 * PAGE_SIZE + 1, MS_INVALIDATE, -EBUSY },
		{ BASE + 3 * PAGE_SIZE, PAGE_SIZE, MS_INVALIDATE | MS_ASYNC, -EBUSY },
		/* Holes: the rest is looked at, but not by MS_ASYNC alone. */
		{ BASE, 5 * PAGE_SIZE, MS_SYNC, -ENOMEM },
		{ BASE, 6 * PAGE_SIZE, MS_SYNC, -ENOMEM },
		{ BASE, 7 * PAGE_SIZE, MS_SYNC, -ENOMEM },
		{ BASE - PAGE_SIZE, 4 * PAGE_SIZE, MS_INVALIDATE, -EBUSY },
		{ BASE - PAGE_SIZE, 4 * PAGE_SIZE, MS_INVALIDATE | MS_ASYNC, -EBUSY },
		{ BASE - PAGE_SIZE, 4 * PAGE_SIZE, MS_ASYNC, -ENOMEM },
		{ BASE - PAGE_SIZE, 3 * PAGE_SIZE, MS_INVALIDATE, -ENOMEM },
		{ BASE - PAGE_SIZE, PAGE_SIZE, MS_INVALIDATE, -ENOMEM },
		{ BASE + 4 * PAGE_SIZE, PAGE_SIZE, 0, -ENOMEM },
		{ BASE + 6 * PAGE_SIZE, PAGE_SIZE, 0, -ENOMEM },
	};

	start();
	map(0, 4, RW, 0);
	map(5, 1, R, 0);
	EXPECT_EQ(do_mlock(mm, page(2), 2 * PAGE_SIZE, 0), 0);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		if (!EXPECT_EQ(do_msync(mm, rows[i].start, rows[i].length, rows[i].flags),
			       rows[i].result))
			tap_note("row %u", i);
	EXPECT_AREAS("ww|ww.r");
	stop();
}

TAP_MAIN({ "msync", synced })
