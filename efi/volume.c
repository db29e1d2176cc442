/* SPDX-License-Identifier: MIT */
/*
 * Files of the loader's volume. Source: UEFI 2.10, sections 13.4 and 13.5.
 *
 *   (1) A missing file is not an error: a loader from the network has no volume. A file that
 *       cannot be read is an error: another one must not silently replace the user's.
 *   (2) A file is written completely, or the volume stays as it was.
 *
 * Context: boot services.
 */
#include "efi/loader.h"
#include "lib/string.h"

#define PATH_SIZE  64		   /* characters, with the NUL */
#define PATH_DEPTH 4		   /* directories in a path */
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
	file->cut = buffer.info.FileSize > limit;
	file->size = file->cut ? limit : (UINTN)buffer.info.FileSize;
	return EFI_SUCCESS;
}

EFI_STATUS volume_read_all(EFI_FILE_HANDLE handle, const struct file *file)
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

EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, UINT64 mode, UINT64 attributes,
			    EFI_FILE_HANDLE *handle)
{
	CHAR16 wide_path[PATH_SIZE] = { 0 };

	if (!root)
		return EFI_NOT_FOUND;
	for (UINTN i = 0; i < PATH_SIZE - 1 && path[i] != '\0'; i++)
		wide_path[i] = (UINT8)path[i];
	return root->Open(root, handle, wide_path, mode, attributes);
}

EFI_STATUS volume_peek(EFI_FILE_HANDLE root, const char *path, void *head, UINTN bytes)
{
	EFI_FILE_HANDLE handle = NULL;
	EFI_STATUS status;

	memset(head, 0, bytes);
	status = volume_open_file(root, path, EFI_FILE_MODE_READ, 0, &handle);
	if (EFI_ERROR(status))
		return status;
	status = handle->Read(handle, &bytes, head);
	handle->Close(handle);
	/* A directory's answer to so small a buffer. */
	return status == EFI_BUFFER_TOO_SMALL ? EFI_SUCCESS : status;
}

EFI_STATUS volume_read(EFI_FILE_HANDLE root, const char *path, enum memory_place place, UINTN limit,
		       struct file *file)
{
	EFI_FILE_HANDLE handle = NULL;
	EFI_STATUS status;

	*file = (struct file){ .name = path };
	status = volume_open_file(root, path, EFI_FILE_MODE_READ, 0, &handle);
	if (status == EFI_NOT_FOUND)
		return status;
	if (EFI_ERROR(status))
		return fail(status, "%s: cannot be opened: %s", path, status_text(status));
	status = file_size(handle, file, limit);
	if (!EFI_ERROR(status) && file->size != 0) {
		file->data = memory_alloc(place, EfiLoaderData, file->size, path);
		status = file->data ? volume_read_all(handle, file) : EFI_OUT_OF_RESOURCES;
	}
	handle->Close(handle);
	/*
	 * EFI_NOT_FOUND is only for a missing file, even if the firmware returns it during a read.
	 */
	return status == EFI_NOT_FOUND ? EFI_DEVICE_ERROR : status;
}

/*
 * Is there free space for a file of this size, and for the directories that it may need? If the
 * firmware does not know, or reports too much (U-Boot), the write fails.
 */
static EFI_STATUS check_room(EFI_FILE_HANDLE root, UINTN bytes)
{
	EFI_GUID guid = EFI_FILE_SYSTEM_INFO_ID;
	union {
		EFI_FILE_SYSTEM_INFO info;
		union file_info space;
	} buffer;
	UINTN size = sizeof(buffer);

	if (EFI_ERROR(root->GetInfo(root, &guid, &size, &buffer)))
		return EFI_SUCCESS;
	if (buffer.info.ReadOnly)
		return EFI_WRITE_PROTECTED;
	if (buffer.info.FreeSpace < bytes + (PATH_DEPTH + 1ull) * buffer.info.BlockSize)
		return EFI_VOLUME_FULL;
	return EFI_SUCCESS;
}

/* Opens a directory; if there is none, makes it and sets *made. */
static EFI_STATUS open_directory(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *handle,
				 bool *made)
{
	const UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
	EFI_STATUS status = volume_open_file(root, path, mode, 0, handle);

	*made = status == EFI_NOT_FOUND;
	if (*made)
		status = volume_open_file(root, path, mode | EFI_FILE_MODE_CREATE,
					  EFI_FILE_DIRECTORY, handle);
	return status;
}

/* Writes a file into an existing directory. Removes it if it cannot be written completely. */
static EFI_STATUS write_file(EFI_FILE_HANDLE root, const char *path, const void *data, UINTN bytes)
{
	const UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE;
	EFI_FILE_HANDLE file = NULL;
	EFI_STATUS status = volume_open_file(root, path, mode, 0, &file);
	UINTN done = bytes;

	if (EFI_ERROR(status))
		return status;
	status = file->Write(file, &done, (void *)data);
	if (!EFI_ERROR(status) && done != bytes)
		status = EFI_VOLUME_FULL;
	if (!EFI_ERROR(status))
		status = file->Flush(file);
	if (EFI_ERROR(status))
		file->Delete(file);
	else
		file->Close(file);
	return status;
}

EFI_STATUS volume_write(EFI_FILE_HANDLE root, const char *path, const void *data, UINTN bytes)
{
	EFI_FILE_HANDLE directory[PATH_DEPTH] = { NULL };
	bool made[PATH_DEPTH] = { false };
	char prefix[PATH_SIZE];
	UINTN depth = 0;
	EFI_STATUS status = root ? check_room(root, bytes) : EFI_NO_MEDIA;

	for (UINTN i = 1; path[i] && !EFI_ERROR(status); i++) {
		if (path[i] != '\\')
			continue;
		memcpy(prefix, path, i);
		prefix[i] = '\0';
		status = open_directory(root, prefix, &directory[depth], &made[depth]);
		depth += !EFI_ERROR(status);
	}
	if (!EFI_ERROR(status))
		status = write_file(root, path, data, bytes);
	while (depth-- != 0) {
		if (EFI_ERROR(status) && made[depth])
			directory[depth]->Delete(directory[depth]);
		else
			directory[depth]->Close(directory[depth]);
	}
	return status;
}

EFI_STATUS volume_remove(EFI_FILE_HANDLE root, const char *path)
{
	const UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
	EFI_FILE_HANDLE file = NULL;
	EFI_STATUS status = volume_open_file(root, path, mode, 0, &file);

	/* Delete() also closes the file; if it cannot delete, it returns a warning. */
	if (!EFI_ERROR(status) && file->Delete(file) != EFI_SUCCESS)
		status = EFI_WRITE_PROTECTED;
	return status;
}
