/* SPDX-License-Identifier: MIT */
/* STARTED.TXT on the volume. Context: boot services. Nothing here is an error. */
#include "efi/last_run/run_marker.h"
#include "efi/loader.h"
#include "efi/options.h"
#include "efi/describe/describe.h"
#include "lib/string.h"

#define PATH OUR_DIRECTORY "\\LOGS\\STARTED.TXT"

struct memory_state memory_state(void)
{
	return (struct memory_state){ memory_overwrite_requested(), memory_is_encrypted() };
}

bool run_marker_collect(EFI_FILE_HANDLE root, bool found)
{
	char text[RUN_MARKER_SIZE];
	EFI_STATUS status = volume_peek(root, PATH, text, sizeof(text) - 1);
	struct memory_state now;

	if (EFI_ERROR(status))
		return false;
	text[sizeof(text) - 1] = '\0';
	status = volume_remove(root, PATH);
	if (EFI_ERROR(status))
		say("log: " PATH " cannot be removed: %s", status_text(status));
	if (found)
		return true;
	now = memory_state();
	say("log: the run before left none:");
	say("log: %s", run_marker_reason(text, &now));
	return true;
}

void run_marker_write(EFI_FILE_HANDLE root, u32 run, char *options)
{
	struct memory_state state = memory_state();
	char text[RUN_MARKER_SIZE];
	int length = run_marker_text(text, sizeof(text), run, &state);
	EFI_STATUS status = volume_write(root, PATH, text, (UINTN)length);
	const char *stop = run_marker_stop(options);
	unsigned int bad_line;

	if (!EFI_ERROR(status))
		return;
	if (root)
		say("log: no STARTED.TXT: %s", status_text(status));
	if (stop &&
	    options_add_file(options, BOOT_OPTIONS_SIZE, stop, strlen(stop), &bad_line) == 0)
		say("log: it could start again for ever, so %s", stop);
}

void run_marker_undo(EFI_HANDLE device)
{
	EFI_FILE_HANDLE root = volume_open(device);

	volume_remove(root, PATH);
	volume_close(root);
}
