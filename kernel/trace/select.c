/* SPDX-License-Identifier: MIT */
/* Which events are on: the option trace=. */
#include "abi/linux/errno.h"
#include "kernel/trace/trace.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "lib/trace/ring.h"

static u32 chosen[BITMAP_WORDS(TRACE_EVENTS)];

static bool names(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && !memcmp(word, name, length);
}

/* Adds the events that a word of the list means. False: it means none. */
static bool add_word(u32 *to, const char *word, size_t length)
{
	bool found = false;

	for (u32 i = 0; i < TRACE_EVENTS; i++) {
		if (!names(word, length, "all") && !names(word, length, trace_events[i].name) &&
		    !names(word, length, trace_events[i].group))
			continue;
		bitmap_set(to, i);
		found = true;
	}
	return found;
}

int trace_select(const char *list)
{
	u32 wanted[ARRAY_SIZE(chosen)] = { 0 };

	for (;;) {
		const char *end = strchr(list, ',');
		size_t length = end ? (size_t)(end - list) : strlen(list);

		if (!add_word(wanted, list, length))
			return -EINVAL;
		if (!end)
			break;
		list = end + 1;
	}
	memcpy(chosen, wanted, sizeof(chosen));
	return 0;
}

bool trace_chosen(u32 event)
{
	return bitmap_test(chosen, event);
}
