/* SPDX-License-Identifier: MIT */
#include "kernel/exec/exec.c"

#include "tests/host/kernel/exec/exec_rig.h"

#include <string.h>

#include "lib/printf.h"
#include "mm/user_space/vma.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/record.h"
#include "tests/host/space.h"

#define HEADERS 52u

struct thread_group group;
struct task own, leader;
struct task *current;
struct files_struct table, copied_table;
struct sighand actions, copied_actions;
struct mm_struct *old_space;
struct pt_regs regs;
const char *fails;
struct exec_ids ids;
bool shared_folders;
static const struct exec_strings none;

/* ---- The rest of the kernel ---- */

static int step(const char *name)
{
	note("%s ", name);
	return fails && !strcmp(name, fails) ? -EAGAIN : 0;
}

int exec_stack(struct mm_struct *mm, const char *path, const struct elf_program *program,
	       const struct exec_ids *with, const struct exec_strings *argv,
	       const struct exec_strings *envp, vaddr_t *stack)
{
	EXPECT(current->mm == old_space && envp == &none && program->count && with->secure);
	note("stack(%s", path);
	for (u32 i = argv->script ? argv->script->count : 0; i--;)
		note(",%s", argv->script->before[i]);
	note(") ");
	*stack = 0xbf000ff0;
	if (IS_ERR_VALUE(do_mmap(mm, 0xbf000000, PAGE_SIZE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)))
		return -ENOMEM;
	return fails && !strcmp(fails, "stack") ? -E2BIG : 0;
}

int end_other_threads(void)
{
	if (step("alone"))
		return -EAGAIN;
	group.threads = 1;
	return 0;
}

void task_become_leader(void)
{
	note("leader ");
	group.leader = current;
}

void mm_release(void)
{
	EXPECT(current->mm == old_space);
	EXPECT(group.executes); /* a parent in vfork() goes on, and may call setpgid() */
	note("release ");
}

void exec_set_ids(const struct exec_ids *set)
{
	EXPECT(current->mm == old_space && set->secure);
	note("ids ");
}

struct exec_ids exec_ids(const struct inode *file, bool shared)
{
	EXPECT(file && shared == shared_folders);
	ids.secure = true;
	return ids;
}

bool fs_begin_exec(void)
{
	note("begin ");
	return shared_folders;
}

void fs_end_exec(void)
{
	note("end ");
}

void futex_pi_exit(void)
{
	EXPECT(current->mm != old_space);
	note("locks ");
}

void activate_mm(struct mm_struct *mm)
{
	EXPECT(mm == current->mm && (!old_space || old_space->mm_users == 1));
	note("space ");
}

struct files_struct *files_copy(const struct files_struct *from)
{
	EXPECT(from == &table);
	copied_table.count = 1;
	return step("files") ? NULL : &copied_table;
}

void files_put(struct files_struct *files)
{
	if (!files)
		return;
	note(files == &table ? "-files " : "~files ");
	files->count--;
}

void files_exec(struct files_struct *files)
{
	EXPECT(files == current->files);
	note("close ");
}

struct sighand *sighand_copy(const struct sighand *from)
{
	EXPECT(from == &actions);
	copied_actions.count = 1;
	return step("actions") ? NULL : &copied_actions;
}

struct sighand *sighand_alloc(void)
{
	copied_actions.count = 1;
	return step("new-actions") ? NULL : &copied_actions;
}

void sighand_put(struct sighand *sighand)
{
	if (!sighand)
		return;
	note(sighand == &actions ? "-actions " : "~actions ");
	sighand->count--;
}

void sighand_exec(struct sighand *sighand)
{
	EXPECT(sighand == current->sighand);
	note("defaults ");
}

u64 read_tsc(void)
{
	static u64 counts = 5;

	return counts++;
}

void tls_clear(void)
{
	note("tls ");
}

void ldt_free(struct thread_group *of)
{
	EXPECT(of == &group);
	note("ldt ");
}

void fpu_release(struct task *task)
{
	EXPECT(task == current);
	note("fpu ");
}

void posix_timers_free(struct thread_group *of)
{
	EXPECT(of == &group);
	note("timers ");
}

void altstack_reset(struct task *task)
{
	EXPECT(task == current);
	note("altstack ");
}

void task_note_wx(u32 prot, vaddr_t start, u32 bytes)
{
	if ((prot & (PROT_WRITE | PROT_EXEC)) == (PROT_WRITE | PROT_EXEC))
		note("wx(%#x,%#x) ", start, bytes);
}

/* ---- Files ---- */

u8 image[FILE_END];

static void put_words(u32 at, const u32 *words, u32 count)
{
	memcpy(image + at, words, 4 * count);
}

/* A program of two segments; `type` is that of the third header. */
void make_image(u32 type, u32 data_rights)
{
	const u32 header[] = { 0x464c457f, 0x00010101, 0, 0,	      0x00030002, 1, TEXT + 0x100,
			       HEADERS,	   0,	       0, 0x00200034, 3,	  0 };
	const u32 segments[] = { 1,    0,      TEXT, TEXT, 0x1000, 0x1000, 5,		4096,
				 1,    0x1100, DATA, DATA, 0x234,  0x3000, data_rights, 4096,
				 type, 0,      0,    0,	   0,	   0,	   6,		16 };

	for (u32 i = 0; i < sizeof(image); i++)
		image[i] = (u8)(i * 7 + 1);
	put_words(0, header, ARRAY_SIZE(header));
	put_words(HEADERS, segments, ARRAY_SIZE(segments));
}

static const char *made[8];
static u32 nr_made;

void make_file(const char *path, const void *bytes, u32 count, u32 mode)
{
	const char *from = bytes;
	struct file *file;

	EXPECT_EQ(file_open(path, O_CREAT | O_TRUNC | O_WRONLY, mode, &file), 0);
	EXPECT_EQ(file_write(file, &file->position, count, copy_from_buffer, &from), count);
	file_put(file);
	if (strcmp(path, "/prog") || !nr_made)
		made[nr_made++] = path;
}

void make_script(const char *path, const char *text)
{
	make_file(path, text, (u32)strlen(text), 0755);
}

void begin(void)
{
	start();
	group = (struct thread_group){ .leader = &own, .threads = 1 };
	own = (struct task){ .group = &group, .pid = 7, .sighand = &actions, .files = &table };
	memset(own.name, 'x', sizeof(own.name) - 1);
	own.extras = EXTRA_LDT | EXTRA_NO_TSC;
	own.wx_told = true;
	leader = (struct task){ .group = &group };
	current = &own;
	table.count = actions.count = 1;
	ids = (struct exec_ids){ .personality = 0 };
	fails = NULL;
	make_image(GNU_STACK, 6);
	make_file("/prog", image, sizeof(image), 0755);
	old_space = own.mm = mm_alloc();
	memset(&regs, 0xee, sizeof(regs));
	did[0] = '\0';
}

int run(const char *path)
{
	did[0] = '\0';
	return do_execve(path, &none, &none, &regs);
}

/* The file is as before: no reference, no program. */
void expect_unused(const char *path)
{
	struct inode *inode = found(path);

	EXPECT(inode && inode->mapping.writers == 0);
	EXPECT_EQ(try(path, O_WRONLY), 0);
}

void finish(void)
{
	if (own.mm)
		mm_put(own.mm);
	own.mm = NULL;
	expect_unused("/prog");
	while (nr_made)
		EXPECT_EQ(path_unlink(NULL, made[--nr_made]), 0);
}

const char *areas(void)
{
	static char text[400];
	size_t length = 0;

	for (const struct vm_area_struct *vma = own.mm->mmap; vma; vma = vma->vm_next)
		length += (size_t)scnprintf(
			text + length, (u32)(sizeof(text) - length), "%x-%x %s%s%s%s ",
			vma->vm_start, vma->vm_end, vma->vm_flags & VM_READ ? "r" : "-",
			vma->vm_flags & VM_WRITE ? "w" : "-", vma->vm_flags & VM_EXEC ? "x" : "-",
			vma->vm_mapping ? "f" : "");
	return text;
}

u8 byte(vaddr_t address)
{
	u8 value = 0xaa;

	EXPECT_EQ(access_process_vm(own.mm, address, &value, 1, FAULT_READ), 1);
	return value;
}
