/* SPDX-License-Identifier: MIT */
/* The description of the events, and records as text. */
#include "kernel/trace/describe.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "mm/frames/page.h"
#include "paging/pgtable.h"

static u32 describe_owners(char *line, u32 size)
{
	u32 length = (u32)scnprintf(line, size, "trace: enum=OWNER names=");

	for (u32 i = 0; i < NR_PAGE_OWNERS; i++)
		length += (u32)scnprintf(line + length, size - length, "%s%s", i ? "," : "",
					 page_owner_name((enum page_owner)i));
	return length;
}

u32 trace_describe(u32 number, const void *text_start, char *line, u32 size)
{
	const struct trace_description *event;
	u32 id = number - TRACE_DESCRIPTION_HEAD;

	switch (number) {
	case 0:
		return (u32)scnprintf(line, size, "trace: version=1 text=%#x levels=%u",
				      trace_address(text_start), PMD_FOLDED ? 2 : 3);
	case 1:
		return describe_owners(line, size);
	case 2:
		return (u32)scnprintf(line, size, "trace: enum=FAULT names=" TRACE_FAULT_NAMES);
	case 3:
		return (u32)scnprintf(line, size, "trace: enum=FLUSH names=" TRACE_FLUSH_NAMES);
	}
	if (id >= TRACE_EVENTS)
		return 0;
	event = &trace_events[id];
	return (u32)scnprintf(line, size, "trace: event=%s id=%u group=%s fields=%.*s", event->name,
			      id, event->group, (int)strlen(event->fields) - 1, event->fields);
}

/* The item of a list that commas separate. */
static const char *list_item(const char *list, u32 index, int *length)
{
	const char *end;

	while (index-- && strchr(list, ','))
		list = strchr(list, ',') + 1;
	end = strchr(list, ',');
	*length = end ? (int)(end - list) : (int)strlen(list);
	return list;
}

static u32 format_value(const u32 **value, u8 kind, char *text, u32 size)
{
	u32 number = **value;
	char symbol[SYMBOL_SIZE];
	const char *name;
	int length;

	if (kind == TRACE_KIND_TEXT) {
		name = (const char *)*value;
		*value += TRACE_TEXT / sizeof(u32);
		return (u32)scnprintf(text, size, "\"%s\"", name);
	}
	++*value;
	switch (kind) {
	case TRACE_KIND_NUMBER:
		return (u32)scnprintf(text, size, "%u", number);
	case TRACE_KIND_SIGNED:
		return (u32)scnprintf(text, size, "%d", (s32)number);
	case TRACE_KIND_CODE:
		return (u32)scnprintf(text, size, "%s",
				      symbol_text((const void *)(uintptr_t)number, symbol));
	case TRACE_KIND_OWNER:
		return (u32)scnprintf(text, size, "%s", page_owner_name((enum page_owner)number));
	case TRACE_KIND_FAULT:
		name = list_item(TRACE_FAULT_NAMES, number, &length);
		return (u32)scnprintf(text, size, "%.*s", length, name);
	case TRACE_KIND_FLUSH:
		name = list_item(TRACE_FLUSH_NAMES, number, &length);
		return (u32)scnprintf(text, size, "%.*s", length, name);
	default:
		return (u32)scnprintf(text, size, "%#x", number);
	}
}

u32 trace_format(const struct trace_record *record, char *line, u32 size)
{
	const struct trace_description *event = &trace_events[record->event];
	const char *fields = event->fields;
	const u32 *value = record->values;
	u32 length = (u32)scnprintf(line, size, "trace: tsc=%llu pid=%u tid=%u event=%s",
				    record->time, record->pid, record->tid, event->name);

	for (const u8 *kind = event->kinds; *kind; kind++) {
		length += (u32)scnprintf(line + length, size - length,
					 " %.*s=", (int)(strchr(fields, ':') - fields), fields);
		length += format_value(&value, *kind, line + length, size - length);
		fields = strchr(fields, ',') + 1;
	}
	return length;
}
