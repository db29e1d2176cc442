/* SPDX-License-Identifier: MIT */
/*
 * Failure injection: makes allocations fail on purpose, so that tests reach the error paths.
 *
 * `fail_alloc=KIND,N[,every|on]` at boot, or fail_alloc_set() from a test:
 *   KIND   page (frames), slab (objects) or any
 *   N      the Nth allocation from now fails, once; with `every` each Nth; with `on` the Nth and
 *          all that follow
 *
 * Requests with __GFP_NOFAIL are neither counted nor failed.
 */
#ifndef MM_FRAMES_FAIL_ALLOC_H
#define MM_FRAMES_FAIL_ALLOC_H

#include "mm/frames/gfp.h"

enum fail_kind { FAIL_PAGE = 1, FAIL_SLAB = 2, FAIL_ANY = 3 };
enum fail_mode { FAIL_ONCE, FAIL_EVERY, FAIL_ON };

struct fail_spec {
	enum fail_kind kinds;
	enum fail_mode mode;
	u32 nth; /* from 1; 0: nothing fails */
};

/* Counts an allocation. Returns true if it must fail. */
bool fail_alloc(enum fail_kind kind, gfp_t gfp);

/*
 * Registers the one function to call when slab objects start or stop being able to fail. The slab
 * allocator keeps that as a flag of its caches.
 */
void fail_alloc_on_change(void (*slabs_can_fail)(bool));

/* Sets the plan and restarts the count. NULL: nothing fails any more. */
void fail_alloc_set(const struct fail_spec *spec);

/* Number of allocations made to fail since fail_alloc_set(). */
u32 fail_alloc_failed(void);

/* Parses the option's text. Returns 0 or -EINVAL. */
int fail_alloc_parse(const char *text, struct fail_spec *spec);

#endif
