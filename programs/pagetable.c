/* SPDX-License-Identifier: MIT */
/*
 * pagetable [PID | self | kernel] [ADDRESS]: the page tables of a process or of the kernel, a
 * line for each run of pages with equal rights and adjacent frames; or how the processor finds
 * the frame of one address:
 *
 *   31        22 21        12 11         0
 *   | directory | page table | offset    |
 */
#include "programs/runtime/runtime.h"

static const char *path_of(const char *whose)
{
	static char path[64];

	if (!strcmp(whose, "kernel"))
		return "/proc/kpagetables";
	scnprintf(path, sizeof(path), "/proc/%s/pagetables", whose);
	return path;
}

/* A line `08048000-08049000 ur--- frame 00fd34 pages 1`. */
static bool holds(char *line, u32 address, u32 *frame, const char **rights)
{
	char *range = next_word(&line), *dash = strchr(range, '-');
	u32 start = (u32)hexadecimal(range), end = dash ? (u32)hexadecimal(dash + 1) : 0;

	if (address < start || address > end - 1)
		return false;
	*rights = next_word(&line);
	next_word(&line);
	*frame = (u32)hexadecimal(next_word(&line)) + (address - start) / PAGE_SIZE;
	return true;
}

static void explain(char *text, u32 address)
{
	const char *rights;
	char *line;
	u32 frame;

	say("address 0x%08x = directory entry %u, page-table entry %u, offset 0x%03x\n", address,
	    address >> 22, address >> 12 & 1023, address & 4095);
	while ((line = next_line(&text))) {
		if (!holds(line, address, &frame, &rights))
			continue;
		say("-> frame 0x%x, physical 0x%08x, %s, %s%s\n", frame,
		    frame << 12 | (address & 4095), rights[0] == 'u' ? "user" : "kernel only",
		    rights[1] == 'w' ? "writable" : "read-only",
		    rights[2] == '4' ? ", a page of 4 MiB: no page table" : "");
		return;
	}
	say("-> not present: an access faults\n");
}

int main(int argc, char **argv)
{
	char *text = must_read(path_of(argc > 1 ? argv[1] : "self")), *line;

	if (argc > 2) {
		explain(text, number(argv[2], UINT32_MAX));
		return 0;
	}
	say("u user, k kernel; w writable, r read-only (X and x: can be executed, where others "
	    "cannot); 4 a page of 4 MiB; g global; n not cached\n");
	while ((line = next_line(&text)))
		say("%s\n", line);
	return 0;
}
