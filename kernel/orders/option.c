/* SPDX-License-Identifier: MIT */
#include "kernel/orders/orders.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/text.h"

/* A number and what ends it: a comma, which is skipped, or the text's end. */
static int take_number(const char **text, u64 most, u64 *number)
{
	const char *end;

	if (parse_u64(*text, &end, 10, number) || *number > most || (*end && *end != ','))
		return -EINVAL;
	*text = *end ? end + 1 : end;
	return 0;
}

static int parse_explore(const char *text, struct orders_option *option)
{
	u64 points = ORDERS_POINTS, preemptions = ORDERS_PREEMPTIONS;

	if (*text && *text++ != ':')
		return -EINVAL;
	if (*text && take_number(&text, PATH_POINTS, &points))
		return -EINVAL;
	if (*text && take_number(&text, PATH_POINTS, &preemptions))
		return -EINVAL;
	option->points = (u32)points;
	option->preemptions = (u32)preemptions;
	return *text ? -EINVAL : 0;
}

static int parse_replay(const char *text, struct orders_option *option)
{
	u64 number;

	if (take_number(&text, UINT16_MAX, &number) || !number ||
	    strnlen(text, ORDERS_TEXT) == ORDERS_TEXT)
		return -EINVAL;
	option->case_number = (u32)number;
	strscpy(option->choices, text, sizeof(option->choices));
	return 0;
}

int orders_parse(const char *value, struct orders_option *option)
{
	struct orders_option parsed = { .mode = ORDERS_NORMAL };
	const char *rest = strchr(value, ':');
	int err = -EINVAL;

	if (!strncmp(value, "random:", 7)) {
		parsed.mode = ORDERS_RANDOM;
		rest++;
		err = *rest ? take_number(&rest, UINT32_MAX, &parsed.seed) : -EINVAL;
		err = *rest ? -EINVAL : err;
	} else if (!strncmp(value, "explore", 7)) {
		parsed.mode = ORDERS_EXPLORE;
		err = parse_explore(value + 7, &parsed);
	} else if (!strncmp(value, "replay:", 7)) {
		parsed.mode = ORDERS_REPLAY;
		err = parse_replay(rest + 1, &parsed);
	}
	if (!err)
		*option = parsed;
	return err;
}
