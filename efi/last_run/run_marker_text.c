/* SPDX-License-Identifier: MIT */
/* The text of STARTED.TXT. Pure. */
#include "efi/options.h"
#include "efi/last_run/run_marker.h"
#include "lib/printf.h"
#include "lib/string.h"

#define OVERWRITE "overwrite=1"

int run_marker_text(char *text, size_t size, u32 run, const struct memory_state *state)
{
	return scnprintf(text, size,
			 "Pagewright: run %04u has begun, and its log is not saved yet.\r\n"
			 "%s encrypted=%u\r\n",
			 run, state->overwrite ? OVERWRITE : "overwrite=0", state->encrypted);
}

static bool contains(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; strnlen(text, length) == length; text++) {
		if (memcmp(text, part, length) == 0)
			return true;
	}
	return false;
}

const char *run_marker_reason(const char *text, const struct memory_state *now)
{
	if (contains(text, OVERWRITE))
		return "the firmware was asked to overwrite memory at a reset "
		       "(MemoryOverwriteRequestControl)";
	if (now->encrypted)
		return "the processor encrypts memory with a new key after each reset (TME)";
	return "it was switched off, or its firmware clears memory";
}

const char *run_marker_stop(const char *options)
{
	bool panics = options_say(options, "panic", NULL) && !options_say(options, "panic", "0");

	if (!options_say(options, "log", "stop"))
		return NULL;
	if (options_say(options, "exit", "reboot"))
		return "exit=poweroff panic=0";
	return panics ? "panic=0" : NULL;
}
