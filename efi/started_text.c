/* SPDX-License-Identifier: MIT */
/* What STARTED.TXT says. Pure. */
#include "efi/options.h"
#include "efi/started.h"
#include "lib/printf.h"
#include "lib/string.h"

#define OVERWRITE "overwrite=1"

int started_text(char *text, size_t size, u32 run, const struct memory_state *state)
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

const char *started_reason(const char *text, const struct memory_state *now)
{
	if (contains(text, OVERWRITE))
		return "the firmware was asked to overwrite memory at a reset "
		       "(MemoryOverwriteRequestControl)";
	if (now->encrypted)
		return "the processor encrypts memory with a new key after each reset (TME)";
	return "it was switched off, or its firmware clears memory";
}

bool started_is_needed(const char *options)
{
	return options_say(options, "log", "stop") && options_say(options, "exit", "reboot");
}
