/* SPDX-License-Identifier: MIT */
/*
 * The user's programs: the files of \pagewright\programs, which become /programs of the
 * initramfs.
 *
 *     1. walk the folder: how many bytes do its files take in the archive?
 *     2. a new place: the archive without its trailer
 *     3. walk again: add each file; then the trailer
 *
 *  (1) The second walk writes no more than the first one counted, whatever the firmware answers.
 *
 * Context: boot services. Source: UEFI 2.10, 13.5.
 */
#include "efi/archive.h"
#include "efi/loader.h"
#include "lib/string.h"

#define FOLDER	    OUR_DIRECTORY "\\programs"
#define NAME_SIZE   256u /* of a path in the archive, with its NUL */
#define DEPTH_MAX   8u	 /* folders in folders */
#define FOLDER_MAX  MiB(128)
#define FOLDER_NAME "programs"

struct walk {
	char name[NAME_SIZE]; /* in the archive, of the present folder or file */
	u8 *to;		      /* NULL: only count */
	UINTN bytes;	      /* counted or written so far */
	UINTN limit;
	u32 files;
};

/*
 * Appends "/" and a name, in UTF-8. False: it is too long, or is outside the basic plane. *length
 * is the old one.
 */
static bool append(struct walk *walk, const CHAR16 *wide, size_t *length)
{
	size_t at = *length = strlen(walk->name);

	if (at + 1 >= NAME_SIZE)
		return false;
	walk->name[at++] = '/';
	for (; *wide; wide++) {
		if (at + 4 > NAME_SIZE || (*wide >= 0xd800 && *wide < 0xe000))
			return false;
		if (*wide < 0x80) {
			walk->name[at++] = (char)*wide;
		} else if (*wide < 0x800) {
			walk->name[at++] = (char)(0xc0 | *wide >> 6);
			walk->name[at++] = (char)(0x80 | (*wide & 0x3f));
		} else {
			walk->name[at++] = (char)(0xe0 | *wide >> 12);
			walk->name[at++] = (char)(0x80 | (*wide >> 6 & 0x3f));
			walk->name[at++] = (char)(0x80 | (*wide & 0x3f));
		}
	}
	walk->name[at] = '\0';
	return true;
}

/* Counts an entry, or writes it without data and returns the place for them. */
static EFI_STATUS add_entry(struct walk *walk, u32 mode, UINTN bytes, void **data)
{
	size_t size = archive_entry_size(walk->name, bytes);

	if (bytes > walk->limit || size > walk->limit - walk->bytes)
		return fail(EFI_BAD_BUFFER_SIZE, FOLDER ": more than %zu MiB",
			    (size_t)FOLDER_MAX >> 20);
	if (walk->to)
		*data = archive_put(walk->to + walk->bytes, walk->name, mode, bytes);
	walk->bytes += size;
	return EFI_SUCCESS;
}

static EFI_STATUS add_file(struct walk *walk, EFI_FILE_HANDLE handle, UINTN bytes)
{
	struct file file = { .name = walk->name, .size = bytes };
	EFI_STATUS status = add_entry(walk, ARCHIVE_FILE, bytes, &file.data);

	walk->files++;
	if (EFI_ERROR(status) || !walk->to)
		return status;
	return volume_read_all(handle, &file);
}

static EFI_STATUS walk_folder(struct walk *walk, EFI_FILE_HANDLE folder, u32 depth);

/* A file or folder of the folder; "." and ".." and what has no usable name are left out. */
static EFI_STATUS add(struct walk *walk, EFI_FILE_HANDLE folder, const EFI_FILE_INFO *info,
		      u32 depth)
{
	bool is_folder = info->Attribute & EFI_FILE_DIRECTORY;
	EFI_FILE_HANDLE handle = NULL;
	EFI_STATUS status;
	size_t length;

	if (is_folder && info->FileName[0] == '.')
		return EFI_SUCCESS;
	if (!append(walk, info->FileName, &length) || (is_folder && depth == DEPTH_MAX)) {
		walk->name[length] = '\0';
		if (!walk->to)
			say("warning: %s: a name in it is too long, left out", walk->name);
		return EFI_SUCCESS;
	}
	status = folder->Open(folder, &handle, (CHAR16 *)info->FileName, EFI_FILE_MODE_READ, 0);
	if (EFI_ERROR(status))
		return fail(status, "%s: cannot be opened: %s", walk->name, status_text(status));
	status = is_folder ? walk_folder(walk, handle, depth + 1)
			   : add_file(walk, handle,
				      (UINTN)min(info->FileSize, (UINT64)FOLDER_MAX + 1));
	handle->Close(handle);
	walk->name[length] = '\0';
	return status;
}

static EFI_STATUS walk_folder(struct walk *walk, EFI_FILE_HANDLE folder, u32 depth)
{
	void *unused;
	EFI_STATUS status = add_entry(walk, ARCHIVE_FOLDER, 0, &unused);

	if (!EFI_ERROR(status))
		status = folder->SetPosition(folder, 0);
	while (!EFI_ERROR(status)) {
		union file_info buffer = { 0 };
		UINTN size = sizeof(buffer);

		status = folder->Read(folder, &size, &buffer);
		if (EFI_ERROR(status))
			return fail(status, "%s: cannot be read: %s", walk->name,
				    status_text(status));
		if (!size)
			break;
		status = add(walk, folder, &buffer.info, depth);
	}
	return status;
}

/* One walk over the whole folder. */
static EFI_STATUS walk_all(struct walk *walk, EFI_FILE_HANDLE folder)
{
	memcpy(walk->name, FOLDER_NAME, sizeof(FOLDER_NAME));
	return walk_folder(walk, folder, 0);
}

static EFI_STATUS add_all(EFI_FILE_HANDLE folder, struct boot_range *initramfs)
{
	const void *old = (const void *)(UINTN)initramfs->start;
	UINTN end = archive_end(old, (UINTN)initramfs->size);
	struct walk count = { .limit = FOLDER_MAX }, write = { 0 };
	UINTN trailer = archive_entry_size(ARCHIVE_TRAILER, 0);
	EFI_STATUS status = walk_all(&count, folder);
	u8 *place;

	if (EFI_ERROR(status))
		return status;
	if (end == initramfs->size)
		return fail(EFI_LOAD_ERROR,
			    FOLDER ": the initramfs has no end, nothing can be added");
	place = memory_alloc(MEMORY_LOW, EfiLoaderData, end + count.bytes + trailer, FOLDER);
	if (!place)
		return EFI_OUT_OF_RESOURCES;
	memcpy(place, old, end);
	write.to = place + end;
	write.limit = count.bytes;
	status = walk_all(&write, folder);
	if (EFI_ERROR(status))
		return status;
	archive_put(place + end + write.bytes, ARCHIVE_TRAILER, 0, 0);
	memory_free((void *)old);
	initramfs->start = (UINTN)place;
	initramfs->size = end + write.bytes + trailer;
	say("programs: " FOLDER ", %u files, %u KiB", write.files, (UINT32)(write.bytes / 1024));
	return EFI_SUCCESS;
}

EFI_STATUS gather_programs(EFI_FILE_HANDLE root, struct boot_range *initramfs)
{
	EFI_FILE_HANDLE folder = NULL;
	union file_info buffer = { 0 };
	EFI_GUID guid = EFI_FILE_INFO_ID;
	UINTN size = sizeof(buffer);
	EFI_STATUS status = volume_open_file(root, FOLDER, EFI_FILE_MODE_READ, 0, &folder);

	if (EFI_ERROR(status))
		return EFI_SUCCESS;
	status = folder->GetInfo(folder, &guid, &size, &buffer);
	if (!EFI_ERROR(status) && buffer.info.Attribute & EFI_FILE_DIRECTORY)
		status = add_all(folder, initramfs);
	else if (!EFI_ERROR(status))
		say("warning: " FOLDER ": is not a folder, left out");
	folder->Close(folder);
	return status;
}
