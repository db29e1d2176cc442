/* SPDX-License-Identifier: MIT */
/*
 * Does the firmware enforce signatures? Source: UEFI 2.10, section 3.3 (SecureBoot) and 32.3.
 *
 * Context: boot services.
 */
#include "efi/loader.h"

bool secure_boot_enforced(void)
{
	static CHAR16 name[] = L"SecureBoot";
	EFI_GUID guid = EFI_GLOBAL_VARIABLE;
	UINT8 value = 0;
	UINTN size = sizeof(value);
	EFI_STATUS status = ST->RuntimeServices->GetVariable(name, &guid, NULL, &size, &value);

	return !EFI_ERROR(status) && size == sizeof(value) && value == 1;
}
