/* SPDX-License-Identifier: MIT */
/*
 * Variables of the firmware that tell its state. Sources: UEFI 2.10, section 3.3 (SecureBoot) and
 * 32.3; TCG PC Client Platform Reset Attack Mitigation 1.10, section 4.
 *
 * Context: boot services.
 */
#include "efi/loader.h"

/* The value of a variable of one byte; 0 if there is none. */
static UINT8 byte_variable(CHAR16 *name, EFI_GUID guid)
{
	UINT8 value = 0;
	UINTN size = sizeof(value);
	EFI_STATUS status = ST->RuntimeServices->GetVariable(name, &guid, NULL, &size, &value);

	return EFI_ERROR(status) || size != sizeof(value) ? 0 : value;
}

bool secure_boot_enforced(void)
{
	return byte_variable(L"SecureBoot", (EFI_GUID)EFI_GLOBAL_VARIABLE) == 1;
}

bool memory_overwrite_requested(void)
{
	const EFI_GUID guid = {
		0xe20939be, 0x32d4, 0x41be, { 0xa1, 0x50, 0x89, 0x7f, 0x85, 0xd4, 0x98, 0x29 }
	};

	return byte_variable(L"MemoryOverwriteRequestControl", guid) & 1;
}
