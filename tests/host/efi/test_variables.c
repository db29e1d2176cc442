/* SPDX-License-Identifier: MIT */
/*
 * Variables of the firmware: values, sizes, and firmware that has none.
 *
 * sources: efi/variables.c efi/console.c
 */
#include "tests/host/efi/firmware.h"
#include "tests/host/tap.h"

static const struct row {
	const char *value;
	size_t bytes;
	bool enforced, overwrite;
} rows[] = {
	{ NULL, 0, false, false },	 { "\0", 1, false, false }, { "\1", 1, true, true },
	{ "\2", 1, false, false },	 { "\3", 1, false, true },  { "\x11", 1, false, true },
	{ "\1\0\0\0", 4, false, false }, { "", 0, false, false },
};

static void values(void)
{
	firmware_start();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		firmware_variable("SecureBoot", row->value, row->bytes);
		EXPECT_EQ(secure_boot_enforced(), row->enforced);
		EXPECT(!memory_overwrite_requested());
		firmware_variable("SecureBoot", NULL, 0);
		firmware_variable("MemoryOverwriteRequestControl", row->value, row->bytes);
		EXPECT_EQ(memory_overwrite_requested(), row->overwrite);
		EXPECT(!secure_boot_enforced());
		firmware_variable("MemoryOverwriteRequestControl", NULL, 0);
	}
}

static EFI_STATUS get_value_and_fail(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
				     void *data)
{
	(void)name, (void)guid, (void)attributes;
	*(u8 *)data = 1;
	*size = 1;
	return EFI_DEVICE_ERROR;
}

static void refused(void)
{
	firmware_start();
	runtime.GetVariable = get_value_and_fail;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
}

/* The GUIDs, and that the name alone is not enough. */
static u32 asked_guid;

static EFI_STATUS note_guid(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
			    void *data)
{
	(void)name, (void)data;
	EXPECT(!attributes && *size == 1);
	asked_guid = guid->first;
	return EFI_NOT_FOUND;
}

static void guids(void)
{
	firmware_start();
	runtime.GetVariable = note_guid;
	secure_boot_enforced();
	EXPECT_EQ(asked_guid, 0x8be4df61);
	memory_overwrite_requested();
	EXPECT_EQ(asked_guid, 0xe20939be);
}

TAP_MAIN({ "values of variables", values }, { "a value beside an error", refused },
	 { "GUIDs", guids })
