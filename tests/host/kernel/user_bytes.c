/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/user_bytes.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"

u8 user_bytes[8192];
u32 user_copies, user_writable = sizeof(user_bytes);
void (*user_others)(void);

/* Where the bytes are that the address names, or NULL. */
static u8 *find(uintptr_t address, u32 bytes)
{
	if (address < USER_BYTES || address - USER_BYTES > sizeof(user_bytes) ||
	    bytes > sizeof(user_bytes) - (address - USER_BYTES))
		return NULL;
	return &user_bytes[address - USER_BYTES];
}

u32 word_at(vaddr_t address)
{
	u32 value;

	memcpy(&value, &user_bytes[address - USER_BYTES], sizeof(value));
	return value;
}

void set_word(vaddr_t address, u32 value)
{
	memcpy(&user_bytes[address - USER_BYTES], &value, sizeof(value));
}

/* One side is an address of the program, the other a pointer. */
u32 user_copy(void *to, const void *from, u32 bytes)
{
	u8 *there = find((uintptr_t)to, bytes);
	const u8 *here = find((uintptr_t)from, bytes);

	if (there ? there + bytes > user_bytes + user_writable : !here)
		return bytes;
	user_copies++;
	if (user_others)
		user_others();
	memcpy(there ? there : to, here ? here : from, bytes);
	return 0;
}

u32 copy_from_user(void *to, vaddr_t from, u32 bytes)
{
	u32 left = user_copy(to, (const void *)(uintptr_t)from, bytes);

	memset((char *)to + bytes - left, 0, left);
	return left;
}

int user_string(char *to, const char *from, u32 size)
{
	if (user_others)
		user_others();
	for (u32 i = 0; i < size; i++) {
		const u8 *c = find((uintptr_t)from + i, 1);

		if (!c)
			return -EFAULT;
		to[i] = (char)*c;
		if (!*c)
			return (int)i;
	}
	return (int)size;
}

int strncpy_near_end(char *to, vaddr_t from, u32 size)
{
	(void)to, (void)from, (void)size;
	return -EFAULT;
}

int get_user(u32 *value, vaddr_t from)
{
	return copy_from_user(value, from, sizeof(*value)) ? -EFAULT : 0;
}

int put_user(u32 value, vaddr_t to)
{
	return copy_to_user(to, &value, sizeof(value)) ? -EFAULT : 0;
}
