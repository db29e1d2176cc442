/* SPDX-License-Identifier: MIT */
#include "mm/kernel_space/vmalloc.h"

/* The model's addresses of vmalloc() are for the software MMU. */
static void *model_vmalloc(size_t bytes);
static void model_vfree(const void *memory);
#define vmalloc model_vmalloc
#define vfree	model_vfree

#include "kernel/exec/core_dump.c"

#include "tests/host/kernel/exec/core_rig.h"

#include <string.h>

#include "kernel/devices/time.h"
#include "kernel/task/fpu.h"
#include "mm/frames/fail_alloc.h"
#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

struct thread_group group;
static struct task parent = { .pid = 11, .tgid = 10 };
struct task threads[THREADS]; /* the first one is the leader */
struct task *current = &threads[0];
struct pt_regs frames[THREADS];
bool fpu_has_fxsr;
int fpu_error;
u32 marks;
struct mm_struct *space;

const struct siginfo info = { .signo = SIGQUIT, .code = SI_USER };

static u32 allocated;

static void *model_vmalloc(size_t bytes)
{
	if (fail_alloc(FAIL_PAGE, GFP_KERNEL))
		return NULL;
	allocated++;
	return __builtin_malloc(bytes);
}

static void model_vfree(const void *memory)
{
	allocated -= memory != NULL;
	__builtin_free((void *)memory);
}

struct pt_regs *task_regs(struct task *task)
{
	return &frames[task - threads];
}

/* Two counts a nanosecond. */
u64 counts_to_ns(u64 counts)
{
	return counts / 2;
}

void usage_mark(void)
{
	marks++;
}

int fpu_own_memory(void)
{
	return fpu_error;
}

void add_thread(u32 index)
{
	struct task *thread = &threads[index];

	*thread = (struct task){
		.pid = 20 + (int)index, .tgid = 20, .group = &group, .parent = &parent, .mm = space
	};
	memset(&frames[index], 0, sizeof(frames[index]));
	list_add_tail(&thread->thread, &group.list);
	group.threads++;
}

void begin(void)
{
	start();
	host_rlim[RLIMIT_CORE].cur = RLIM_INFINITY;
	host_killed = fpu_has_fxsr = false;
	fpu_error = 0;
	marks = 0;
	group = (struct thread_group){ .leader = &threads[0] };
	list_init(&group.list);
	current = &threads[0];
	space = mm_alloc();
	add_thread(0);
}

void finish(void)
{
	EXPECT_EQ(allocated, 0);
	mm_put(space);
	path_unlink(NULL, "core");
}

/* ---- Memory ---- */

void anonymous(vaddr_t address, u32 pages, u32 prot)
{
	EXPECT_EQ(do_mmap(current->mm, address, pages * PAGE_SIZE, prot,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
		  address);
}

void map_object(vaddr_t address, u32 pages, u32 prot, u32 type, u32 first,
		struct address_space *object)
{
	const struct mmap_request request = { .address = address,
					      .length = pages * PAGE_SIZE,
					      .prot = prot,
					      .flags = type | MAP_FIXED,
					      .mapping = object,
					      .may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
					      .pgoff = first };

	EXPECT_EQ(do_mmap_pgoff(current->mm, &request), address);
}

void write_memory(vaddr_t address, const void *bytes, u32 count)
{
	EXPECT_EQ(access_process_vm(current->mm, address, (void *)bytes, count, FAULT_WRITE),
		  count);
}

/* ---- The file ---- */

struct elf_header header;
struct elf_phdr areas[16];
u32 core_size;

bool get_core(u64 at, void *to, u32 bytes)
{
	struct file *file = opened("/core", O_RDONLY);
	s32 result = file_read(file, &at, bytes, copy_to_buffer, &to);

	file_put(file);
	return result == (s32)bytes;
}

void dump_core(void)
{
	EXPECT(core_dump(&info));
	EXPECT(get_core(0, &header, sizeof(header)));
	EXPECT(header.phnum && header.phnum <= ARRAY_SIZE(areas));
	EXPECT(get_core(header.phoff, areas, header.phnum * (u32)sizeof(*areas)));
	core_size = (u32)found("/core")->mapping.i_size;
}

s32 note_at(u32 index, u32 *type, char name[8], void *data, u32 room)
{
	struct elf_note note;

	for (u32 at = 0; at < areas[0].filesz;) {
		EXPECT(get_core(areas[0].offset + at, &note, sizeof(note)));
		at += sizeof(note);
		if (!index--) {
			*type = note.type;
			EXPECT(get_core(areas[0].offset + at, name, note.name_size));
			EXPECT(note.data_size <= room);
			EXPECT(get_core(areas[0].offset + at + ALIGN_UP(note.name_size, 4), data,
					note.data_size));
			return (s32)note.data_size;
		}
		at += ALIGN_UP(note.name_size, 4) + ALIGN_UP(note.data_size, 4);
		EXPECT(at <= areas[0].filesz);
	}
	return -1;
}

void expect_note(u32 index, u32 type, void *data, u32 bytes)
{
	char name[8];
	u32 of;

	EXPECT_EQ(note_at(index, &of, name, data, bytes), (s32)bytes);
	EXPECT_EQ(of, type);
	EXPECT_TEXT(name, "CORE");
}

u32 count_notes(void)
{
	char name[8];
	u8 data[FXSAVE_ROOM];
	u32 type, count = 0;

	while (note_at(count, &type, name, data, sizeof(data)) >= 0)
		count++;
	return count;
}
