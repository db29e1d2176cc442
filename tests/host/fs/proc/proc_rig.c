/* SPDX-License-Identifier: MIT */
/* A machine with /proc and one process. See the header. */
#include <stdio.h>
#include <string.h>

#include "tests/host/fs/proc/proc_rig.h"
#include "fs/proc/proc.h"
#include "mm/user_space/mm.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct mm_struct *proc_mm;
char text[TEXT_BYTES];

bool may_look;

static int self(void)
{
	return PID;
}

static int next(int after)
{
	return after < PID ? PID : 0;
}

static bool find(int pid, struct proc_subject *subject, u32 *uid, u32 *gid)
{
	if (pid != PID || !proc_mm)
		return false;
	subject->pid = PID;
	subject->birth = BIRTH;
	*uid = 7;
	*gid = 8;
	return true;
}

static struct mm_struct *grab(const struct proc_subject *subject)
{
	(void)subject;
	mm_grab(proc_mm);
	return proc_mm;
}

static bool may_inspect(const struct proc_subject *subject)
{
	(void)subject;
	return may_look;
}

static const struct proc_processes one_process = { self, next, find, grab, may_inspect };

void proc_boot(void)
{
	machine_boot();
	file_init();
	proc_set_processes(&one_process);
	may_look = true;
	machine_settle();
	proc_mm = mm_alloc();
}

struct file *open_file(const char *path)
{
	struct file *file = NULL;

	EXPECT_EQ(file_open(path, O_RDONLY, 0, &file), 0);
	return file;
}

s32 read_at(struct file *file, void *buffer, u32 bytes, u64 position)
{
	char *to = buffer;

	return file_read(file, &position, bytes, copy_to_buffer, &to);
}

u32 read_file(const char *path, u32 step)
{
	struct file *file = open_file(path);
	u32 length = 0;
	s32 got;

	while ((got = read_at(file, text + length, step, length)) > 0) {
		EXPECT((u32)got <= step);
		length += (u32)got;
	}
	EXPECT_EQ(got, 0);
	text[length] = '\0';
	file_put(file);
	return length;
}

s32 write_to(const char *path, const char *number)
{
	struct file *file;
	u64 position = 0;
	s32 result;

	EXPECT_EQ(file_open(path, O_WRONLY, 0, &file), 0);
	result = file_write(file, &position, (u32)strlen(number), copy_from_buffer, &number);
	file_put(file);
	return result;
}

u32 smaps_value(vaddr_t start, const char *name)
{
	char line[40];
	const char *area;
	u32 value = ~0u;

	read_file("/proc/self/smaps", 4096);
	snprintf(line, sizeof(line), "%08x-", start);
	area = strstr(text, line);
	snprintf(line, sizeof(line), "\n%s:", name);
	if (EXPECT(area && strstr(area, line)))
		sscanf(strstr(area, line) + strlen(line), "%u", &value);
	return value;
}
