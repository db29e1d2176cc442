/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/syscall/file_rig.h"

#include "fs/pipe/pipe.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/user.h"

struct thread_group own_group;
struct task own = { .group = &own_group, .pid = 5, .tgid = 5 };
struct task *current = &own;

struct probe probe;

static s32 probed(u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	probe.position = position;
	probe.bytes = bytes;
	probe.copy = copy;
	probe.context = context;
	probe.calls++;
	return probe.result;
}

static s32 probe_transfer(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			  void *context)
{
	EXPECT(file->count > 1); /* another thread may close the descriptor */
	return probed(position, bytes, copy, context);
}

struct file_operations probe_operations = {
	.read = probe_transfer,
	.write = probe_transfer,
	.seekable = true,
};

static const struct file_operations blank_operations;

static void end(void)
{
	fail(0);
	for (u32 fd = 0; fd < own.files->end; fd++) {
		const struct file *file = files_find(own.files, fd);

		if (file && !EXPECT_EQ(file->count, 1))
			tap_note("descriptor %u", fd);
	}
	files_put(own.files);
}

void begin(void)
{
	start();
	files_init();
	machine_settle();
	own.files = files_alloc();
	host_rlim[RLIMIT_NOFILE].cur = LIMIT_FDS;
	memset(user_bytes, 0, sizeof(user_bytes));
	tap_finally(end);
}

s32 call(syscall_t *handler, const u32 *arguments)
{
	struct pt_regs regs = { .ebx = arguments[0],
				.ecx = arguments[1],
				.edx = arguments[2],
				.esi = arguments[3],
				.edi = arguments[4],
				.ebp = arguments[5] };

	return handler(&regs);
}

u32 fd_of(struct file *file)
{
	int fd = fd_alloc(own.files, 0, OPEN_MAX, false);

	EXPECT(file && fd >= 0);
	fd_install(own.files, (u32)fd, file);
	return (u32)fd;
}

u32 open_fd(const char *path, u32 flags)
{
	return fd_of(opened(path, flags));
}

u32 nameless(u32 flags, const char *contents)
{
	struct file *file;

	EXPECT_EQ(file_open_nameless(root_inode, "nameless", O_RDWR | O_LARGEFILE, 0644, &file), 0);
	EXPECT_EQ(put_text(file, contents), strlen(contents));
	file->position = 0;
	if ((flags & O_ACCMODE) == O_RDONLY)
		mapping_put_write(file->mapping);
	file->flags = flags;
	return fd_of(file);
}

u32 probe_fd(u32 flags)
{
	struct file *file = file_alloc(&probe_operations);

	file->flags = flags;
	return fd_of(file);
}

u32 blank_fd(u32 flags)
{
	struct file *file = file_alloc(&blank_operations);

	file->flags = flags;
	return fd_of(file);
}

void pipe_fds(u32 fds[2], u32 flags)
{
	struct file *ends[2];

	EXPECT_EQ(pipe_open(flags, ends), 0);
	fds[0] = fd_of(ends[0]);
	fds[1] = fd_of(ends[1]);
}

struct file *file_at(u32 fd)
{
	return files_find(own.files, fd);
}

void fail(u32 nth)
{
	const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };

	fail_alloc_set(nth ? &spec : NULL);
}

static const char *const *to_remove;

static void remove_name(const char *name)
{
	if (path_unlink(NULL, name))
		path_rmdir(NULL, name);
}

static void end_names(void)
{
	while (*to_remove)
		remove_name(*to_remove++);
	remove_name("/tmp/f");
	remove_name("/tmp/d");
	own.fs = NULL;
	console_fs = NULL;
}

void begin_names(const char *const *names)
{
	begin();
	to_remove = names;
	tap_finally(end_names);
	EXPECT_EQ(path_make(NULL, "/tmp/d", S_IFDIR | 0755, 0), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/f", S_IFREG | 0644, 0), 0);
}

void set_umask(u32 umask)
{
	static struct fs_struct fs;

	fs = (struct fs_struct){
		.count = 1, .umask = umask, .root = root_inode, .cwd = root_inode
	};
	own.fs = &fs;
	console_fs = &fs;
}

vaddr_t long_path(u32 length)
{
	memset(user_bytes + (PATHS - USER_BYTES), '/', length);
	put(PATHS + length - 3, "tmp", 4);
	return PATHS;
}

vaddr_t path_at(u32 n, const char *text)
{
	vaddr_t place = PATHS + 256 * n;

	put(place, text, (u32)strlen(text) + 1);
	return place;
}

void put(vaddr_t place, const void *from, u32 bytes)
{
	memcpy(&user_bytes[place - USER_BYTES], from, bytes);
}

void get(void *to, vaddr_t place, u32 bytes)
{
	memcpy(to, &user_bytes[place - USER_BYTES], bytes);
}

void put_wide(vaddr_t place, u64 value)
{
	put(place, &value, sizeof(value));
}

u64 wide_at(vaddr_t place)
{
	u64 value;

	get(&value, place, sizeof(value));
	return value;
}

bool bytes_are(vaddr_t place, const char *text)
{
	return !memcmp(&user_bytes[place - USER_BYTES], text, strlen(text));
}
