/* SPDX-License-Identifier: MIT */
/*
 * The firmware's volume: a tree of files and folders in memory, with names that have no case, as
 * FAT's. A folder is read entry by entry, "." and ".." first.
 */
#include "tests/host/efi/firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/tap.h"

#define NAME_MAX_LENGTH 260u
#define BLOCK		512u

struct node {
	CHAR16 name[NAME_MAX_LENGTH];
	struct node *parent, *children, *next;
	bool is_folder;
	u8 *data;
	u64 size, stored; /* bytes in `data`; the rest are zeros */
};

struct open_file {
	EFI_FILE file;
	struct node *node;
	u64 position; /* of a folder: entries */
	bool writable;
};

static struct node root_node = { .is_folder = true };
static EFI_FILE_IO_INTERFACE file_system;
struct volume_manners volume;
u32 volume_open_files;

/* ---- The tree ---- */

static CHAR16 upper(CHAR16 c)
{
	return c >= 'a' && c <= 'z' ? (CHAR16)(c - 'a' + 'A') : c;
}

/* Is this the name up to a backslash or its end? */
static bool is_named(const struct node *node, const CHAR16 *name)
{
	size_t i = 0;

	while (node->name[i] && upper(node->name[i]) == upper(name[i]))
		i++;
	return !node->name[i] && (!name[i] || name[i] == '\\');
}

static const CHAR16 *next_name(const CHAR16 *path)
{
	while (*path && *path != '\\')
		path++;
	while (*path == '\\')
		path++;
	return path;
}

static struct node *child_of(struct node *parent, const CHAR16 *name)
{
	struct node *child = parent->children;

	while (child && !is_named(child, name))
		child = child->next;
	return child;
}

static struct node *new_node(struct node *parent, const CHAR16 *name, bool is_folder)
{
	struct node *node = calloc(1, sizeof(*node)), **end = &parent->children;

	for (u32 i = 0; i < NAME_MAX_LENGTH - 1 && name[i] && name[i] != '\\'; i++)
		node->name[i] = name[i];
	node->parent = parent;
	node->is_folder = is_folder;
	while (*end)
		end = &(*end)->next;
	*end = node;
	return node;
}

/* The node of a path from `at`; *parent and *name: where it would be. */
static struct node *find(struct node *at, const CHAR16 *path, struct node **parent,
			 const CHAR16 **name)
{
	if (*path == '\\') {
		at = &root_node;
		path++;
	}
	*parent = NULL;
	for (*name = path; at && **name; *name = next_name(*name)) {
		*parent = next_name(*name)[0] ? NULL : at;
		at = child_of(at, *name);
		if (!at)
			break;
	}
	return at;
}

static void remove_node(struct node *node)
{
	struct node **place = &node->parent->children;

	while (*place != node)
		place = &(*place)->next;
	*place = node->next;
	free(node->data);
	free(node);
}

/* ---- The test's view ---- */

static struct node *node_at(const char *path, bool make, bool is_folder)
{
	CHAR16 wide[NAME_MAX_LENGTH] = { 0 };
	struct node *at = &root_node;

	for (u32 i = 0; path[i]; i++)
		wide[i] = (u8)path[i];
	for (const CHAR16 *name = wide + (wide[0] == '\\'); at && *name; name = next_name(name)) {
		struct node *child = child_of(at, name);

		if (!child && make)
			child = new_node(at, name, is_folder || next_name(name)[0]);
		at = child;
	}
	return at;
}

void volume_have(const char *path, const void *data, u64 bytes)
{
	struct node *node = node_at(path, true, false);

	free(node->data);
	node->stored = data ? bytes : 0;
	node->data = data ? malloc(bytes + 1) : NULL;
	if (data)
		memcpy(node->data, data, bytes);
	node->size = bytes;
}

void volume_have_zeros_after(const char *path, const void *data, u64 bytes, u64 size)
{
	volume_have(path, data, bytes);
	node_at(path, false, false)->size = size;
}

void volume_have_text(const char *path, const char *text)
{
	volume_have(path, text, strlen(text));
}

void volume_have_folder(const char *path)
{
	node_at(path, true, true);
}

void volume_have_wide(const char *folder, const CHAR16 *name, bool is_folder)
{
	new_node(node_at(folder, true, true), name, is_folder);
}

bool volume_has(const char *path)
{
	return node_at(path, false, false);
}

const char *volume_text(const char *path)
{
	struct node *node = node_at(path, false, false);

	if (!node)
		return NULL;
	node->data = realloc(node->data, node->size + 1);
	memset(node->data + node->stored, 0, node->size + 1 - node->stored);
	node->stored = node->size;
	return (const char *)node->data;
}

u64 volume_size(const char *path)
{
	return node_at(path, false, false)->size;
}

/* ---- The protocol ---- */

static struct open_file *opened(EFI_FILE *file)
{
	struct open_file *open = (struct open_file *)file;

	EXPECT(open->node);
	return open;
}

static EFI_FILE *new_file(struct node *node, bool writable);

static EFI_STATUS open_file(EFI_FILE *at, EFI_FILE **result, CHAR16 *path, UINT64 mode,
			    UINT64 attributes)
{
	EFI_STATUS status = firmware_asked(CALL_OPEN);
	bool create = mode & EFI_FILE_MODE_CREATE, write = mode & EFI_FILE_MODE_WRITE;
	struct node *parent, *node;
	const CHAR16 *name;

	EXPECT(mode & EFI_FILE_MODE_READ && (write || !create));
	EXPECT(create || !attributes);
	if (EFI_ERROR(status))
		return status;
	node = find(opened(at)->node, path, &parent, &name);
	if (write && volume.protected)
		return EFI_WRITE_PROTECTED;
	if (!node && (!create || !parent))
		return EFI_NOT_FOUND;
	if (!node)
		node = new_node(parent, name, attributes & EFI_FILE_DIRECTORY);
	*result = new_file(node, write);
	return EFI_SUCCESS;
}

static EFI_STATUS close_file(EFI_FILE *file)
{
	opened(file)->node = NULL;
	free(file);
	volume_open_files--;
	return EFI_SUCCESS;
}

/* It closes the file in any case. */
static EFI_STATUS delete_file(EFI_FILE *file)
{
	struct node *node = opened(file)->node;
	bool refused = EFI_ERROR(firmware_asked(CALL_DELETE)) || !opened(file)->writable ||
		       node->children || volume.protected;

	close_file(file);
	if (refused)
		return EFI_WARN_DELETE_FAILURE;
	remove_node(node);
	return EFI_SUCCESS;
}

static EFI_STATUS put_info(const CHAR16 *name, const struct node *node, UINTN *size, void *buffer)
{
	EFI_FILE_INFO *info = buffer;
	UINTN length = 0, needed, room = *size;

	while (name[length])
		length++;
	needed = offsetof(EFI_FILE_INFO, FileName) + (length + 1) * sizeof(CHAR16);
	*size = needed;
	if (room < needed)
		return EFI_BUFFER_TOO_SMALL;
	memset(buffer, 0xee, room);
	memset(buffer, 0, needed);
	info->Size = needed;
	info->FileSize = node->size;
	info->Attribute = node->is_folder ? EFI_FILE_DIRECTORY : 0;
	memcpy(info->FileName, name, (length + 1) * sizeof(CHAR16));
	return EFI_SUCCESS;
}

static EFI_STATUS read_folder(struct open_file *open, UINTN *size, void *buffer)
{
	u64 dots = open->node->parent ? 2 : 0;
	struct node *child = open->node->children;
	EFI_STATUS status;

	if (open->position < dots) {
		status = put_info(open->position ? L".." : L".", open->node, size, buffer);
	} else {
		for (u64 i = dots; child && i < open->position; i++)
			child = child->next;
		if (!child) {
			*size = 0;
			return EFI_SUCCESS;
		}
		status = put_info(child->name, child, size, buffer);
	}
	open->position += !EFI_ERROR(status);
	return status;
}

static EFI_STATUS read_file(EFI_FILE *file, UINTN *size, void *buffer)
{
	EFI_STATUS status = firmware_asked(CALL_READ);
	struct open_file *open = opened(file);
	struct node *node = open->node;
	u64 end = volume.ends_after ? min((u64)volume.ends_after, node->size) : node->size, stored;

	if (EFI_ERROR(status))
		return status;
	if (node->is_folder)
		return read_folder(open, size, buffer);
	if (volume.largest_read && *size > volume.largest_read)
		return EFI_DEVICE_ERROR;
	*size = (UINTN)min((u64)*size, end - min(end, open->position));
	stored = node->stored - min(node->stored, open->position);
	memset(buffer, 0, *size);
	if (stored)
		memcpy(buffer, node->data + open->position, min((u64)*size, stored));
	open->position += *size;
	*size += volume.reads_more;
	return EFI_SUCCESS;
}

static EFI_STATUS write_file(EFI_FILE *file, UINTN *size, void *buffer)
{
	EFI_STATUS status = firmware_asked(CALL_WRITE);
	struct open_file *open = opened(file);
	struct node *node = open->node;

	EXPECT(open->writable && !node->is_folder);
	if (EFI_ERROR(status))
		return status;
	if (volume.write_limit)
		*size = min(*size, volume.write_limit);
	node->size = max(node->size, open->position + *size);
	node->stored = node->size;
	node->data = realloc(node->data, node->size + 1);
	memcpy(node->data + open->position, buffer, *size);
	open->position += *size;
	return EFI_SUCCESS;
}

static EFI_STATUS set_position(EFI_FILE *file, UINT64 position)
{
	EFI_STATUS status = firmware_asked(CALL_POSITION);

	EXPECT(!opened(file)->node->is_folder || !position);
	if (!EFI_ERROR(status))
		opened(file)->position = position;
	return status;
}

static EFI_STATUS get_info(EFI_FILE *file, EFI_GUID *type, UINTN *size, void *buffer)
{
	EFI_STATUS status = firmware_asked(CALL_INFO);
	struct open_file *open = opened(file);
	EFI_FILE_SYSTEM_INFO info = { .ReadOnly = volume.read_only,
				      .FreeSpace = volume.free_space,
				      .BlockSize = BLOCK };

	if (EFI_ERROR(status))
		return status;
	if (type->first == 0x09576e92)
		return put_info(open->node->name, open->node, size, buffer);
	EXPECT(type->first == 0x09576e93 && *size >= sizeof(info) && !open->node->parent);
	memcpy(buffer, &info, sizeof(info));
	return EFI_SUCCESS;
}

static EFI_STATUS flush_file(EFI_FILE *file)
{
	EXPECT(opened(file)->writable);
	return firmware_asked(CALL_FLUSH);
}

static EFI_FILE *new_file(struct node *node, bool writable)
{
	struct open_file *open = calloc(1, sizeof(*open));

	open->file = (EFI_FILE){ 0,	     open_file,	   close_file, delete_file, read_file,
				 write_file, set_position, get_info,   flush_file };
	open->node = node;
	open->writable = writable;
	volume_open_files++;
	return &open->file;
}

static EFI_STATUS open_volume(EFI_FILE_IO_INTERFACE *interface, EFI_FILE **root)
{
	EFI_STATUS status = firmware_asked(CALL_VOLUME);

	EXPECT(interface == &file_system);
	if (!EFI_ERROR(status))
		*root = new_file(&root_node, false);
	return status;
}

void firmware_volume_start(void)
{
	file_system.OpenVolume = open_volume;
	firmware_install(firmware_device, 0x964e5b22, &file_system);
	volume.free_space = MiB(100);
}
