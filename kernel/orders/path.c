/* SPDX-License-Identifier: MIT */
#include "kernel/orders/path.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/text.h"

#define COUNT_UNKNOWN 0u /* of a point that path_parse() made */

void path_init(struct order_path *path, u32 points, u32 preemptions)
{
	path->points = min(points, PATH_POINTS);
	path->preemptions = preemptions;
	path->known = path->position = 0;
	path->diverged = false;
}

void path_begin(struct order_path *path)
{
	path->position = 0;
	path->diverged = false;
}

/* The choice that was made here before. */
static u32 repeat(struct order_path *path, u32 at, u32 count, bool preempts)
{
	u32 before = path->point[at].count;

	if (before == COUNT_UNKNOWN) {
		path->point[at].count = (u8)count;
		path->point[at].preempts = preempts;
	} else if (before != count || path->point[at].preempts != preempts) {
		path->diverged = true;
	}
	if (path->point[at].chosen < count)
		return path->point[at].chosen;
	path->diverged = true;
	return 0;
}

u32 path_choose(struct order_path *path, u32 count, bool preempts)
{
	u32 at = path->position++;

	BUG_ON(count < 2 || count > UINT8_MAX);
	if (at < path->known)
		return repeat(path, at, count, preempts);
	if (at < path->points && at == path->known) {
		path->point[at].count = (u8)count;
		path->point[at].chosen = 0;
		path->point[at].preempts = preempts;
		path->known++;
	}
	return 0;
}

static u32 preemptions_before(const struct order_path *path, u32 end)
{
	u32 count = 0;

	for (u32 i = 0; i < end; i++)
		count += path->point[i].preempts && path->point[i].chosen;
	return count;
}

/* Has the point another alternative, within the limits? */
static bool has_more(const struct order_path *path, u32 at)
{
	if (path->point[at].chosen + 1u >= path->point[at].count)
		return false;
	return !path->point[at].preempts || path->point[at].chosen ||
	       preemptions_before(path, at) < path->preemptions;
}

bool path_next(struct order_path *path)
{
	u32 at = min(path->known, path->position);

	while (at--) {
		if (!has_more(path, at))
			continue;
		path->point[at].chosen++;
		path->known = at + 1;
		return true;
	}
	return false;
}

const char *path_print(const struct order_path *path, char *text, size_t size)
{
	int used = 0;

	*text = '\0';
	for (u32 i = 0; i < path->known; i++)
		if (path->point[i].chosen)
			used += scnprintf(text + used, size - (size_t)used, "%s%u=%u",
					  used ? "," : "", i, path->point[i].chosen);
	return text;
}

int path_parse(struct order_path *path, const char *text)
{
	u64 at, chosen;
	const char *end;

	path_init(path, 0, 0);
	while (*text) {
		if (parse_u64(text, &end, 10, &at) || *end != '=' || at >= PATH_POINTS ||
		    at < path->known)
			return -EINVAL;
		if (parse_u64(end + 1, &end, 10, &chosen) || chosen > UINT8_MAX ||
		    (*end && *end != ','))
			return -EINVAL;
		for (; path->known <= at; path->known++) {
			path->point[path->known].count = COUNT_UNKNOWN;
			path->point[path->known].chosen = 0;
		}
		path->point[at].chosen = (u8)chosen;
		text = *end ? end + 1 : end;
	}
	return 0;
}
