/* SPDX-License-Identifier: MIT */
/*
 * Files of the volume that the loader was started from. Source: UEFI 2.10, sections 13.4 and 13.5.
 *
 * What may be missing is not an error: a loader that came over the network has no volume. What is
 * there and cannot be read is one: to go on with something else than the user put there would be a
 * lie.
 *
 * Context: boot services.
 */
#include "efi/loader.h"

#define PATH_SIZE  64		   /* characters, with the NUL */
#define READ_CHUNK (1024u * 1024u) /* some firmware fails with reads of many MiB */

EFI_FILE_HANDLE volume_open(EFI_HANDLE device)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_FILE_IO_INTERFACE *file_system = NULL;
	EFI_FILE_HANDLE root = NULL;
	EFI_STATUS status;

	if (!device)
		return NULL;
	status = BS->HandleProtocol(device, &guid, (void **)&file_system);
	if (EFI_ERROR(status) || !file_system)
		return NULL;
	status = file_system->OpenVolume(file_system, &root);
	if (EFI_ERROR(status)) {
		say("the boot volume cannot be opened: %s", status_text(status));
		return NULL;
	}
	return root;
}

void volume_close(EFI_FILE_HANDLE root)
{
	if (root)
		root->Close(root);
}

static EFI_STATUS file_size(EFI_FILE_HANDLE handle, struct file *file, UINTN limit)
{
	EFI_GUID guid = EFI_FILE_INFO_ID;
	union file_info buffer;
	UINTN size = sizeof(buffer);
	EFI_STATUS status;

	status = handle->GetInfo(handle, &guid, &size, &buffer);
	if (EFI_ERROR(status))
		return fail(status, "%s: its size cannot be read: %s", file->name,
			    status_text(status));
	if (buffer.info.Attribute & EFI_FILE_DIRECTORY)
		return fail(EFI_UNSUPPORTED, "%s: is a directory", file->name);
	if (buffer.info.FileSize > limit)
		return fail(EFI_BAD_BUFFER_SIZE, "%s: is larger than %zu KiB", file->name,
			    (size_t)limit / 1024);
	file->size = (UINTN)buffer.info.FileSize;
	return EFI_SUCCESS;
}

static EFI_STATUS read_all(EFI_FILE_HANDLE handle, const struct file *file)
{
	for (UINTN done = 0; done < file->size;) {
		UINTN wanted = min(file->size - done, (UINTN)READ_CHUNK);
		UINTN bytes = wanted;
		EFI_STATUS status = handle->Read(handle, &bytes, (UINT8 *)file->data + done);

		if (EFI_ERROR(status))
			return fail(status, "%s: cannot be read: %s", file->name,
				    status_text(status));
		if (bytes == 0 || bytes > wanted)
			return fail(EFI_END_OF_FILE, "%s: ends after %zu bytes", file->name,
				    (size_t)done);
		done += bytes;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS open_file(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *handle)
{
	CHAR16 wide_path[PATH_SIZE] = { 0 };

	for (UINTN i = 0; path[i] != '\0' && i < PATH_SIZE - 1; i++)
		wide_path[i] = path[i];
	return root->Open(root, handle, wide_path, EFI_FILE_MODE_READ, 0);
}

EFI_STATUS volume_read(EFI_FILE_HANDLE root, const char *path, enum memory_place place, UINTN limit,
		       struct file *file)
{
	EFI_FILE_HANDLE handle = NULL;
	EFI_STATUS status;

	*file = (struct file){ .name = path };
	if (!root)
		return EFI_NOT_FOUND;
	status = open_file(root, path, &handle);
	if (status == EFI_NOT_FOUND)
		return status;
	if (EFI_ERROR(status))
		return fail(status, "%s: cannot be opened: %s", path, status_text(status));
	status = file_size(handle, file, limit);
	if (!EFI_ERROR(status) && file->size != 0) {
		file->data = memory_alloc(place, EfiLoaderData, file->size, path);
		status = file->data ? read_all(handle, file) : EFI_OUT_OF_RESOURCES;
	}
	handle->Close(handle);
	/*
	 * EFI_NOT_FOUND is for a file that is not there, whatever the firmware says of one that it
	 * began to read.
	 */
	return status == EFI_NOT_FOUND ? EFI_DEVICE_ERROR : status;
}
