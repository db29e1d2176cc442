/* SPDX-License-Identifier: MIT */
/*
 * execve: the areas of a program and their bytes, what the process keeps and loses, scripts, and
 * that a failure at any step leaves the process and the file as they were.
 *
 * sources: kernel/exec/elf.c kernel/exec/script.c tests/host/kernel/exec/exec_rig.c
 */
#include "tests/host/kernel/exec/exec_rig.h"

#include <string.h>

#include "abi/linux/elf.h"
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "kernel/cpu/gdt.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"
#include "tests/host/record.h"
#include "tests/host/space.h"

/* ---- A program starts ---- */

static void starts(void)
{
	const struct pt_regs first = { .eip = TEXT + 0x100,
				       .cs = USER_CS,
				       .eflags = 0x202,
				       .esp = 0xbf000ff0,
				       .ss = USER_DS,
				       .ds = USER_DS,
				       .es = USER_DS,
				       .orig_eax = (u32)-1 };

	begin();
	group.flags.membarrier = 5;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_TEXT(did, "begin stack(/prog) alone release ids locks space close tls ldt fpu "
			 "defaults timers altstack end ");
	EXPECT(!memcmp(&regs, &first, sizeof(regs)));
	EXPECT(!strcmp(own.name, "prog") && !own.name[TASK_NAME_SIZE - 1] && !own.name[6]);
	EXPECT(group.executes && !group.flags.membarrier && !group.flags.not_dumpable);
	EXPECT(own.extras == EXTRA_NO_TSC && !own.wx_told && own.exit_signal == SIGCHLD);
	EXPECT(first_program_tsc && first_program_free);
	EXPECT(own.mm->mm_users == 1 && own.mm->exe == &found("/prog")->mapping);
	EXPECT_EQ(try("/prog", O_WRONLY), -ETXTBSY);
	check_space(own.mm);
	finish();
}

static void memory(void)
{
	begin();
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_TEXT(areas(), "8048000-8049000 r-xf 804a000-804b000 rw-f 804b000-804e000 rw- "
			     "bf000000-bf001000 rw- ");
	EXPECT(own.mm->start_code == TEXT && own.mm->end_code == TEXT + 0x1000);
	EXPECT(own.mm->start_data == DATA && own.mm->end_data == DATA + 0x234);
	EXPECT(own.mm->start_brk == 0x804e000 && own.mm->brk == 0x804e000);
	EXPECT(byte(TEXT + 0x100) == image[0x100] && byte(TEXT + 0xfff) == image[0xfff]);
	EXPECT(byte(DATA) == image[0x1100] && byte(DATA + 0x233) == image[0x1333]);
	for (u32 at = DATA + 0x234; at < 0x804e000; at += at < 0x804b000 ? 1 : 4095)
		EXPECT_EQ(byte(at), 0);
	finish();
}

static void first_program(void)
{
	u64 tsc;

	begin();
	EXPECT_EQ(run("/prog"), 0);
	tsc = first_program_tsc;
	first_program_free = 77;
	old_space = own.mm;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT(first_program_tsc == tsc && first_program_free == 77);
	finish();
}

/* A segment that cannot be written keeps the rest of the page. */
static void no_writing(void)
{
	begin();
	make_image(GNU_STACK, 4);
	make_file("/prog", image, sizeof(image), 0755);
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_TEXT(areas(), "8048000-8049000 r-xf 804a000-804b000 r--f 804b000-804e000 rw- "
			     "bf000000-bf001000 rw- ");
	EXPECT(own.mm->start_data == DATA && own.mm->end_data == DATA + 0x234);
	finish();
}

/* A segment without bytes of the file. */
static void only_zeros(void)
{
	begin();
	memset(image + 52 + 32 + 16, 0, 4);
	make_file("/prog", image, sizeof(image), 0755);
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_TEXT(areas(), "8048000-8049000 r-xf 804a000-804e000 rw- bf000000-bf001000 rw- ");
	EXPECT(own.mm->start_data == DATA && own.mm->end_data == DATA);
	EXPECT(own.mm->end_code == TEXT + 0x1000 && byte(DATA) == 0);
	finish();
}

static void executable_memory(void)
{
	begin();
	make_image(GNU_STACK, 7);
	make_file("/prog", image, sizeof(image), 0755);
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_TEXT(areas(), "8048000-8049000 r-xf 804a000-804b000 rwxf 804b000-804e000 rwx "
			     "bf000000-bf001000 rw- ");
	EXPECT_TEXT(strstr(did, "end"), "end wx(0x804a000,0x4000) ");
	old_space = own.mm;
	/* Without PT_GNU_STACK all that can be read can be executed. */
	make_image(0x6fffffff, 6);
	make_file("/old", image, sizeof(image), 0755);
	EXPECT_EQ(run("/old"), 0);
	EXPECT_TEXT(areas(), "8048000-8049000 r-xf 804a000-804b000 rwxf 804b000-804e000 rwx "
			     "bf000000-bf001000 rw- ");
	EXPECT(own.mm->read_exec);
	EXPECT_TEXT(strstr(did, "end"), "end ");
	old_space = own.mm;
	make_image(GNU_STACK, 6);
	make_file("/prog", image, sizeof(image), 0755);
	EXPECT_EQ(run("/prog"), 0);
	EXPECT(!own.mm->read_exec);
	old_space = own.mm;
	ids.personality = READ_IMPLIES_EXEC;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT(own.mm->read_exec);
	finish();
}

static void inherits(void)
{
	begin();
	own.mm->mdwe = PR_MDWE_REFUSE_EXEC_GAIN;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_EQ(own.mm->mdwe, PR_MDWE_REFUSE_EXEC_GAIN);
	mm_put(own.mm);
	own.mm = old_space = NULL; /* a task of the kernel */
	EXPECT_EQ(run("/prog"), 0);
	EXPECT_EQ(own.mm->mdwe, 0);
	EXPECT_TEXT(did, "begin stack(/prog) alone ids locks space close tls ldt fpu "
			 "defaults timers altstack end ");
	finish();
}

/* ---- What is shared ---- */

static void unshared(void)
{
	begin();
	table.count = 2;
	actions.count = 3;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT(strstr(did, "files actions alone release ids locks space -actions -files close"));
	EXPECT(own.files == &copied_table && own.sighand == &copied_actions);
	EXPECT(table.count == 1 && actions.count == 2);
	old_space = own.mm;
	own.files = NULL;
	own.sighand = NULL;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT(strstr(did, "new-actions alone release ids locks space tls"));
	EXPECT(!own.files && own.sighand == &copied_actions);
	finish();
}

static void a_thread(void)
{
	begin();
	group.leader = &leader;
	group.threads = 3;
	own.exit_signal = SIGUSR1;
	EXPECT_EQ(run("/prog"), 0);
	EXPECT(strstr(did, "alone leader release"));
	EXPECT_EQ(own.exit_signal, SIGCHLD);
	finish();
}

static void cannot_be_read(void)
{
	begin();
	shared_folders = true;
	make_file("/secret", image, sizeof(image), 0711);
	host_fsuid = 1000;
	EXPECT_EQ(run("/secret"), 0);
	host_fsuid = 0;
	EXPECT(group.flags.not_dumpable);
	EXPECT_TEXT(own.name, "secret");
	finish();
}

/* ---- Failures ---- */

static void expect_unchanged(void)
{
	EXPECT(own.mm == old_space && own.files == &table && own.sighand == &actions);
	EXPECT(own.name[0] == 'x' && regs.eip == 0xeeeeeeee && !group.executes);
	EXPECT(table.count == 2 && actions.count == 2 && own.wx_told);
	expect_unused("/prog");
}

static void steps_fail(void)
{
	static const struct {
		const char *fails;
		int error;
		const char *did;
	} cases[] = {
		{ "stack", -E2BIG, "begin stack(/prog) end " },
		{ "files", -ENOMEM, "begin stack(/prog) files end " },
		{ "actions", -ENOMEM, "begin stack(/prog) files actions ~files end " },
		{ "alone", -EAGAIN, "begin stack(/prog) files actions alone ~actions ~files end " },
	};

	begin();
	table.count = actions.count = 2;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		fails = cases[i].fails;
		EXPECT_EQ(run("/prog"), cases[i].error);
		EXPECT_TEXT(did, cases[i].did);
		expect_unchanged();
	}
	finish();
}

static void no_memory(void)
{
	u32 failures = 0;
	int err = -1;

	begin();
	table.count = actions.count = 2;
	make_script("/script", "#!/prog x\n");
	for (u32 nth = 1; err; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, nth };

		fail_alloc_set(&spec);
		err = run("/script");
		fail_alloc_set(NULL);
		if (!err)
			break;
		EXPECT_EQ(err, -ENOMEM);
		expect_unchanged();
		expect_unused("/script");
		failures++;
	}
	EXPECT(failures >= 4); /* the strings, the space, its areas */
	finish();
}

static void not_programs(void)
{
	struct file *file;

	begin();
	table.count = actions.count = 2;
	console_clear();
	EXPECT_EQ(run("/none"), -ENOENT);
	EXPECT_EQ(run("/"), -EACCES);
	make_file("/plain", image, sizeof(image), 0644);
	EXPECT_EQ(run("/plain"), -EACCES);
	EXPECT_TEXT(console_text(), "");
	make_script("/text", "hello");
	EXPECT_EQ(run("/text"), -ENOEXEC);
	EXPECT(strstr(console_text(), "exec: path=/text error=\""));
	expect_unused("/text");
	file = opened("/prog", O_WRONLY);
	EXPECT_EQ(run("/prog"), -ETXTBSY);
	file_put(file);
	EXPECT_TEXT(did, "");
	expect_unchanged();
	finish();
}

/* ---- Scripts ---- */

static void scripts(void)
{
	begin();
	make_script("/one", "#!/prog -x\n");
	make_script("/two", "#! /one\n");
	EXPECT_EQ(run("/one"), 0);
	EXPECT(strstr(did, "stack(/one,/prog,-x,/one) alone"));
	EXPECT_TEXT(own.name, "one");
	expect_unused("/one");
	old_space = own.mm;
	EXPECT_EQ(run("/two"), 0);
	EXPECT(strstr(did, "stack(/two,/prog,-x,/one,/two) alone"));
	expect_unused("/two");
	finish();
}

static void bad_scripts(void)
{
	struct file *file;

	begin();
	table.count = actions.count = 2;
	make_script("/empty", "#!\n");
	EXPECT_EQ(run("/empty"), -ENOEXEC);
	make_script("/lost", "#!/none\n");
	EXPECT_EQ(run("/lost"), -ENOENT);
	make_script("/loop", "#!/loop\n");
	EXPECT_EQ(run("/loop"), -ELOOP);
	make_script("/good", "#!/prog\n");
	file = opened("/prog", O_WRONLY);
	EXPECT_EQ(run("/good"), -ETXTBSY);
	file_put(file);
	file = opened("/good", O_WRONLY);
	EXPECT_EQ(run("/good"), -ETXTBSY);
	file_put(file);
	expect_unused("/empty");
	expect_unused("/lost");
	expect_unused("/loop");
	expect_unused("/good");
	expect_unchanged();
	finish();
}

static void names(void)
{
	EXPECT_TEXT(program_name("prog"), "prog");
	EXPECT_TEXT(program_name("/bin/prog"), "prog");
	EXPECT_TEXT(program_name("/bin/prog/"), "prog/");
	EXPECT_TEXT(program_name("/"), "/");
	EXPECT_TEXT(program_name(""), "");
	EXPECT_TEXT(program_name("a//b"), "b");
}

TAP_MAIN({ "a program starts", starts }, { "its memory", memory },
	 { "the first program", first_program }, { "segments without writing", no_writing },
	 { "a segment of zeros", only_zeros }, { "memory that is executed", executable_memory },
	 { "what it inherits", inherits }, { "what was shared", unshared },
	 { "a thread", a_thread }, { "a file that cannot be read", cannot_be_read },
	 { "each step fails", steps_fail }, { "each allocation fails", no_memory },
	 { "files that are no programs", not_programs }, { "scripts", scripts },
	 { "bad scripts", bad_scripts }, { "names", names })
