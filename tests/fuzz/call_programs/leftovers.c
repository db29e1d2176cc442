/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/call_programs/leftovers.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define DEPTH 4u /* of folders in a program's */

/* What makes an object of System V: the call itself, or the first argument of ipc(2). */
static u32 object_call(const struct operation *order)
{
	static const u16 by_ipc[][2] = { { 2, NR_semget }, { 13, NR_msgget }, { 23, NR_shmget } };

	if (order->call != NR_ipc)
		return order->call;
	for (u32 i = 0; i < ARRAY_SIZE(by_ipc); i++)
		if (order->arguments[0] == by_ipc[i][0])
			return by_ipc[i][1];
	return 0;
}

void remove_objects(const u8 *at, u32 operations)
{
	for (u32 i = 0; i < operations; i++) {
		const struct operation *order = (const void *)at;
		u32 call = object_call(order);
		int id = calls_state->results[order->index];

		if (call == NR_shmget && id >= 0)
			system_call(NR_shmctl, id, 0, 0, 0, 0, 0);
		if (call == NR_msgget && id >= 0)
			system_call(NR_msgctl, id, 0, 0, 0, 0, 0);
		if (call == NR_semget && id >= 0)
			system_call(NR_semctl, id, 0, 0, 0, 0, 0);
		at = next_operation(order);
	}
}

static void remove_folder(const char *path, u32 depth);

/*
 * Removes an entry of a folder. Returns false for the two that are the folder and the one above.
 */
static bool remove_entry(const char *folder_path, const u8 *entry, u32 depth)
{
	const char *last = (const char *)entry + 19;
	struct text name;

	if (!strcmp(last, ".") || !strcmp(last, ".."))
		return false;
	text_clear(&name);
	text_add(&name, folder_path);
	text_add(&name, "/");
	text_add(&name, last);
	if (entry[18] == 4)
		remove_folder(name.data, depth + 1);
	else
		sys_unlink(name.data);
	return true;
}

static void remove_folder(const char *path, u32 depth)
{
	static u8 entries[DEPTH][2048];
	bool more = true;
	int file = (int)sys_open(path, O_RDONLY);

	while (depth < DEPTH && more) {
		long length = system_call(NR_getdents64, file, (long)entries[depth],
					  sizeof(entries[0]), 0, 0, 0);

		more = false;
		for (const u8 *entry = entries[depth]; entry < entries[depth] + length;
		     entry += *(const u16 *)(entry + 16))
			more |= remove_entry(path, entry, depth);
		system_call(NR_lseek, file, 0, 0, 0, 0, 0);
	}
	if (file >= 0)
		sys_close(file);
	system_call(NR_rmdir, (long)path, 0, 0, 0, 0, 0);
}

void remove_tree(const char *path)
{
	remove_folder(path, 0);
}
