/* SPDX-License-Identifier: MIT */
/*
 * execve: finds the file, maps it into a new address space, commits. exec_stack.c has the stack.
 *
 *   segment  |.....file.....|0000|......zeros......|
 *            start     file_end  page    memory_end, end
 *
 * The file part is a private mapping of the page cache: all processes that run the program share
 * its text.
 */
#include "kernel/exec/exec.h"
#include "kernel/process/exit.h"
#include "kernel/process/fork.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/futex.h"
#include "kernel/time/posix_timer.h"
#include "kernel/task/sched.h"
#include "kernel/task/trace_events.h"
#include "fs/file.h"
#include "kernel/cpu/cpu.h"
#include "kernel/exec/elf.h"
#include "kernel/exec/script.h"
#include "kernel/task/fpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/signal/signal.h"
#include "kernel/task/ldt.h"
#include "kernel/task/tls.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mman/mman.h"
#include "mm/slab/slab.h"
#include "mm/user_space/page_fault.h"

u64 first_program_tsc;
u32 first_program_free;

/* With READ_IMPLIES_EXEC a segment that can be read can be executed. */
static u32 segment_prot(const struct elf_segment *segment, u32 personality)
{
	u32 rights = segment->rights;

	if (personality & READ_IMPLIES_EXEC && rights & PF_R)
		rights |= PF_X;
	return (rights & PF_R ? PROT_READ : 0) | (rights & PF_W ? PROT_WRITE : 0) |
	       (rights & PF_X ? PROT_EXEC : 0);
}

/* Clears the rest of the file's last page. If that cannot be written it stays, as on Linux. */
static int clear_tail(struct mm_struct *mm, const struct elf_segment *segment, vaddr_t file_end)
{
	static const char zeros[256];

	if (!(segment->rights & PF_W))
		return 0;
	for (vaddr_t at = segment->file_end; at < file_end;) {
		u32 part = min(file_end - at, (u32)sizeof(zeros));

		if (access_process_vm(mm, at, (void *)zeros, part, FAULT_WRITE) != part)
			return -ENOMEM;
		at += part;
	}
	return 0;
}

static int map_segment(struct mm_struct *mm, struct address_space *file,
		       const struct elf_segment *segment, u32 personality)
{
	vaddr_t file_end = PAGE_ALIGN(segment->file_end), place = 0;
	struct mmap_request request = {
		.address = segment->start,
		.length = file_end - segment->start,
		.prot = segment_prot(segment, personality),
		.flags = MAP_PRIVATE | MAP_FIXED,
		.mapping = file,
		.may = VM_MAYREAD | VM_MAYEXEC,
		.pgoff = segment->offset >> PAGE_SHIFT,
	};
	int err = 0;

	BUG_ON(segment->start > segment->file_end || segment->file_end > segment->memory_end ||
	       segment->memory_end > segment->end); /* elf_read() has checked them */
	if (request.length)
		place = do_mmap_pgoff(mm, &request);
	if (IS_ERR_VALUE(place))
		return (int)place;
	if (request.length && segment->memory_end > segment->file_end)
		err = clear_tail(mm, segment, file_end);
	/* As on Linux these pages can be written in any case. */
	if (!err && file_end < segment->end)
		place = do_mmap(mm, file_end, segment->end - file_end,
				PROT_READ | PROT_WRITE | (request.prot & PROT_EXEC),
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	return IS_ERR_VALUE(place) ? (int)place : err;
}

/* As Linux tells it: the data are the bytes of the last segment, whatever its rights. */
static void describe_segment(struct mm_struct *mm, const struct elf_segment *segment)
{
	u32 file_end = max(segment->file_end, segment->first_byte);

	if (segment->rights & PF_X) {
		if (!mm->start_code)
			mm->start_code = segment->first_byte;
		mm->end_code = file_end;
	}
	mm->start_data = segment->first_byte;
	mm->end_data = file_end;
	mm->start_brk = mm->brk = segment->end;
}

/* Returns a new address space with the program's segments, or NULL and an error through *err. */
static struct mm_struct *load_program(struct address_space *file, const struct elf_program *program,
				      u32 personality, int *err)
{
	struct mm_struct *mm = mm_alloc();

	*err = -ENOMEM;
	if (!mm)
		return NULL;
	mm->mdwe = current->mm ? mm_mdwe_inherited(current->mm) : 0;
	mm->read_exec = personality & READ_IMPLIES_EXEC;
	*err = mm_set_exe(mm, file);
	for (u32 i = 0; i < program->count && !*err; i++) {
		*err = map_segment(mm, file, &program->segments[i], personality);
		describe_segment(mm, &program->segments[i]);
	}
	if (!*err)
		return mm;
	mm_put(mm);
	return NULL;
}

static int read_file(const struct elf_file *elf, u32 offset, void *to, u32 bytes)
{
	s32 done = mapping_read(elf->context, to, bytes, offset);

	if (done < 0)
		return done;
	return done == (s32)bytes ? 0 : -EIO;
}

static void program_put(struct address_space *file)
{
	mapping_allow_write(file);
	mapping_put(file);
}

/* Refuses writers from now on. Drops the reference on an error. */
static int program_get(struct address_space *file)
{
	if (mapping_deny_write(file))
		return 0;
	mapping_put(file);
	return -ETXTBSY;
}

/* Reads the headers of the file. On an error it is put. */
static int read_program(struct address_space *file, const char *path, struct elf_program *program)
{
	struct elf_file elf = { .read = read_file, .context = file };
	const char *wrong = NULL;
	int err;

	elf.size = (u32)min(file->i_size, (u64)UINT32_MAX);
	err = elf_read(&elf, USER_MIN, TASK_SIZE - STACK_GUARD_GAP, program, &wrong);
	if (wrong)
		printk("exec: path=%s error=\"%s\"\n", path, wrong);
	if (err)
		program_put(file);
	return err;
}

/* What a call of execve() works on. */
struct execution {
	struct address_space *file; /* with a reference, writers are refused */
	const char *path;
	struct exec_strings argv; /* with those of scripts */
	struct exec_script *script;
	struct elf_program program;
};

/* Goes on with the interpreter of the script that exec->file is. */
static int find_interpreter(struct execution *exec, const char **path, const char *head, u32 bytes)
{
	int err = 0;

	if (!exec->script) {
		exec->script = kmalloc(sizeof(*exec->script), GFP_KERNEL);
		if (!exec->script)
			err = -ENOMEM;
		else
			memset(exec->script, 0, sizeof(*exec->script));
		exec->argv.script = exec->script;
	}
	program_put(exec->file);
	if (!err)
		err = script_read(exec->script, *path, head, bytes, path);
	if (!err)
		err = path_program(NULL, *path, &exec->file);
	return err ? err : program_get(exec->file);
}

/* Finds the program that runs the file, and its headers. Drops the reference on an error. */
static int find_program(struct execution *exec)
{
	const char *path = exec->path;
	char head[SCRIPT_LINE];
	int err = program_get(exec->file);

	while (!err) {
		s32 bytes = mapping_read(exec->file, head, sizeof(head), 0);

		if (bytes < 0) {
			program_put(exec->file);
			return bytes;
		}
		if (!is_script(head, (u32)bytes))
			return read_program(exec->file, path, &exec->program);
		err = find_interpreter(exec, &path, head, (u32)bytes);
	}
	return err;
}

const char *program_name(const char *path)
{
	const char *name = path;

	for (const char *p = path; *p; p++)
		if (*p == '/' && p[1])
			name = p + 1;
	return name;
}

/* Private copies of what the process shares with others; NULL where it shares nothing. */
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
		struct files_struct *old = current->files;

		current->files = own->files;
		files_put(old); /* may let other tasks run */
	}
}

/* Reserves signal actions for a task that has none or shares them; else NULL. */
static int sighand_reserve(struct sighand **sighand)
{
	*sighand = NULL;
	if (current->sighand && current->sighand->count == 1)
		return 0;
	*sighand = current->sighand ? sighand_copy(current->sighand) : sighand_alloc();
	return *sighand ? 0 : -ENOMEM;
}

/* Replaces the program. Cannot fail. */
static void commit(struct mm_struct *mm, const char *path, u32 entry, vaddr_t stack,
		   const struct unshared *own, const struct exec_ids *ids, struct pt_regs *regs)
{
	struct mm_struct *old = current->mm;

	BUG_ON(mm == old || current->group->threads != 1 || current->group->leader != current);
	/* Before others can run: a parent that sees that the program runs no longer moves it. */
	current->group->executes = true;
	if (old)
		mm_release();
	/*
	 * Before others can run: by the old rights they would write to a set-ID program's memory.
	 */
	exec_set_ids(ids);
	/* A file that may not be read is not read from memory either: would_dump() of Linux. */
	if (mm->exe && inode_permission(inode_of(mm->exe), MAY_READ))
		current->group->flags.not_dumpable = true;
	current->mm = mm;
	futex_pi_exit();
	activate_mm(mm);
	if (old)
		mm_put(old);
	take_unshared(own);
	if (current->files)
		files_exec(current->files);
	tls_clear();
	ldt_free(current->group);
	current->extras &= ~(u32)EXTRA_LDT;
	fpu_release(current);
	sighand_exec(current->sighand);
	posix_timers_free(current->group);
	current->group->flags.membarrier = 0;
	altstack_reset(current);
	current->wx_told = false;
	memset(current->name, 0, sizeof(current->name)); /* programs see all of it */
	strscpy(current->name, program_name(path), sizeof(current->name));
	trace_state(sched_process_exec, current);
	if (!first_program_tsc) {
		first_program_tsc = read_tsc();
		first_program_free = nr_free_pages();
	}
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

/* Ends all other threads; the current one becomes the leader. 0, or -EAGAIN: it is to end. */
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

/* Reserves private copies of shared state. The threads come last: after that nothing fails. */
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

/* Completes the program that was found beside the old one, and replaces that. */
static int replace_program(struct execution *exec, const struct exec_strings *envp,
			   const struct exec_ids *ids, struct pt_regs *regs)
{
	const struct elf_program *program = &exec->program;
	struct unshared own;
	vaddr_t stack;
	int err;
	struct mm_struct *mm = load_program(exec->file, program, ids->personality, &err);

	program_put(exec->file);
	if (!mm)
		return err;
	err = exec_stack(mm, exec->path, program, ids, &exec->argv, envp, &stack);
	if (!err)
		err = unshare(&own);
	if (err) {
		mm_put(mm);
		return err;
	}
	commit(mm, exec->path, program->entry, stack, &own, ids, regs);
	return 0;
}

/* The log tells once of memory that can be written and executed: of a segment, or of the stack. */
static void note_wx(const struct elf_program *program)
{
	const struct vm_area_struct *stack = current->mm->mmap_last;

	for (u32 i = 0; i < program->count; i++)
		task_note_wx(segment_prot(&program->segments[i], 0), program->segments[i].start,
			     program->segments[i].end - program->segments[i].start);
	task_note_wx(stack->vm_flags & VM_ACCESS_MASK, stack->vm_start,
		     stack->vm_end - stack->vm_start);
}

static int run_program(struct execution *exec, const struct exec_strings *envp,
		       struct pt_regs *regs)
{
	const struct elf_program *program = &exec->program;
	bool shared = fs_begin_exec();
	struct exec_ids ids = exec_ids(inode_of(exec->file), shared);
	int err;

	if (program->stack == ELF_STACK_UNTOLD)
		ids.personality |= READ_IMPLIES_EXEC;
	err = replace_program(exec, envp, &ids, regs);
	fs_end_exec();
	if (err)
		return err;
	note_wx(program);
	return 0;
}

int execve_file(struct address_space *file, const char *path, const struct exec_strings *argv,
		const struct exec_strings *envp, struct pt_regs *regs)
{
	struct execution exec = { .file = file, .path = path, .argv = *argv };
	int err = find_program(&exec);

	if (!err)
		err = run_program(&exec, envp, regs);
	if (exec.script)
		kfree(exec.script);
	return err;
}

int do_execve(const char *path, const struct exec_strings *argv, const struct exec_strings *envp,
	      struct pt_regs *regs)
{
	struct address_space *file;
	int err = path_program(NULL, path, &file);

	return err ? err : execve_file(file, path, argv, envp, regs);
}
