/* SPDX-License-Identifier: MIT */
/* execve: reads the file, makes the new address space, commits. See kernel/exec_stack.c for the stack. */
#include "kernel/exec.h"
#include "fs/initramfs.h"
#include "kernel/cpu.h"
#include "kernel/elf.h"
#include "kernel/exec_stack.h"
#include "kernel/fpu.h"
#include "kernel/gdt.h"
#include "kernel/protection.h"
#include "kernel/signal.h"
#include "kernel/tls.h"
#include "lib/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"

u64 first_program_tsc;

static u32 segment_prot(const struct elf_segment *segment)
{
	return (segment->rights & ELF_READ ? PROT_READ : 0) |
	       (segment->rights & ELF_WRITE ? PROT_WRITE : 0) |
	       (segment->rights & ELF_EXECUTE ? PROT_EXEC : 0);
}

/* Maps a segment writable, fills it from the file, and then gives it the rights that it asks for. */
static int load_segment(struct mm_struct *mm, const char *file, const struct elf_segment *segment)
{
	u32 bytes = segment->file_end - segment->start;
	vaddr_t start = do_mmap(mm, segment->start, segment->end - segment->start,
				PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);

	if (IS_ERR_VALUE(start))
		return (int)start;
	if (access_process_vm(mm, start, (char *)file + segment->offset, bytes, FAULT_WRITE) !=
	    bytes)
		return -ENOMEM;
	return do_mprotect(mm, start, segment->end - segment->start, segment_prot(segment));
}

static void describe_segment(struct mm_struct *mm, const struct elf_segment *segment)
{
	if (segment->rights & ELF_EXECUTE) {
		if (!mm->start_code)
			mm->start_code = segment->start;
		mm->end_code = segment->memory_end;
	} else if (segment->rights & ELF_WRITE) {
		mm->start_data = segment->start;
		mm->end_data = segment->file_end;
	}
	mm->start_brk = mm->brk = segment->end;
}

/* A new address space with the program's segments, or an error through *err. */
static struct mm_struct *load_program(const char *file, const struct elf_program *program, int *err)
{
	struct mm_struct *mm = mm_alloc();

	*err = -ENOMEM;
	if (!mm)
		return NULL;
	limits_apply(current->group, mm);
	for (u32 i = 0; i < program->count; i++) {
		*err = load_segment(mm, file, &program->segments[i]);
		if (*err) {
			mm_put(mm);
			return NULL;
		}
		describe_segment(mm, &program->segments[i]);
	}
	return mm;
}

static int find_program(const char *path, struct initramfs_entry *entry,
			struct elf_program *program)
{
	const char *wrong;
	int err = initramfs_find(path, entry);

	if (err == -EISDIR)
		return -EACCES;
	if (err)
		return err;
	wrong = elf_read(entry->data, entry->size, USER_MIN, TASK_SIZE - STACK_GUARD_GAP, program);
	if (!wrong)
		return 0;
	printk("exec: path=%s error=\"%s\"\n", path, wrong);
	return -ENOEXEC;
}

static void set_name(const char *path)
{
	const char *name = path;

	for (const char *p = path; *p; p++)
		if (*p == '/' && p[1])
			name = p + 1;
	strscpy(current->name, name, sizeof(current->name));
}

/* What replaces that which the process shares with others; NULL where it shares nothing. */
struct unshared {
	struct sighand *sighand;
	struct files_struct *files;
};

static void take_unshared(const struct unshared *own)
{
	if (own->sighand) {
		sighand_put(current->sighand);
		current->sighand = own->sighand;
	}
	if (own->files) {
		files_put(current->files);
		current->files = own->files;
	}
}

/* Actions of its own for a task that has none, or that shares them; else NULL. */
static int sighand_reserve(struct sighand **sighand)
{
	*sighand = NULL;
	if (current->sighand && current->sighand->count == 1)
		return 0;
	*sighand = current->sighand ? sighand_copy(current->sighand) : sighand_alloc();
	return *sighand ? 0 : -ENOMEM;
}

/* The point of no return. */
static void commit(struct mm_struct *mm, const char *path, u32 entry, vaddr_t stack,
		   const struct unshared *own, struct pt_regs *regs)
{
	struct mm_struct *old = current->mm;

	if (old)
		mm_release();
	current->mm = mm;
	activate_mm(mm);
	if (old)
		mm_put(old);
	take_unshared(own);
	if (current->files)
		files_exec(current->files);
	tls_clear();
	fpu_release(current);
	sighand_exec(current->sighand);
	altstack_reset(current);
	current->wx_told = false;
	set_name(path);
	if (!first_program_tsc)
		first_program_tsc = read_tsc();
	*regs = (struct pt_regs){
		.eip = entry,
		.cs = USER_CS,
		.eflags = EFLAGS_IF | 2,
		.esp = stack,
		.ss = USER_DS,
		.ds = USER_DS,
		.es = USER_DS,
		.orig_eax = (u32)-1,
	};
}

/* The process becomes one thread, which leads it. Returns 0, or -EAGAIN where it is to end. */
static int become_single(void)
{
	int err = end_other_threads();

	if (err)
		return err;
	if (current->group->leader != current)
		task_become_leader();
	current->exit_signal = SIGCHLD;
	return 0;
}

/*
 * Makes ready what has to be the process's own. The threads come last: when they have ended, the call can't fail any more.
 */
static int unshare(struct unshared *own)
{
	int err;

	own->files = NULL;
	if (current->files && current->files->count > 1) {
		own->files = files_copy(current->files);
		if (!own->files)
			return -ENOMEM;
	}
	err = sighand_reserve(&own->sighand);
	if (!err)
		err = become_single();
	if (err) {
		sighand_put(own->sighand);
		files_put(own->files);
	}
	return err;
}

int do_execve(const char *path, const struct exec_strings *argv, const struct exec_strings *envp,
	      struct pt_regs *regs)
{
	struct elf_program program;
	struct initramfs_entry entry;
	struct unshared own;
	struct mm_struct *mm;
	vaddr_t stack;
	int err = find_program(path, &entry, &program);

	if (err)
		return err;
	mm = load_program(entry.data, &program, &err);
	if (!mm)
		return err;
	err = exec_stack(mm, path, &program, argv, envp, &stack);
	if (!err)
		err = unshare(&own);
	if (err) {
		mm_put(mm);
		return err;
	}
	commit(mm, path, program.entry, stack, &own, regs);
	for (u32 i = 0; i < program.count; i++)
		protection_note(segment_prot(&program.segments[i]), program.segments[i].start,
				program.segments[i].end - program.segments[i].start);
	return 0;
}
