/* SPDX-License-Identifier: MIT */
/*
 * The driver of the programs' terminal: where it is, what becomes of its input and output, and
 * the descriptors of a program that begins. Tty, line, screen and keyboard are models.
 */
#include <setjmp.h>
#include <string.h>

#include "fs/file.h"
#include "fs/tty/tty.h"
#include "kernel/task/files.h"
#include "lib/timer_wheel.h"

static void model_tty_init(void (*out)(const char *text, u32 count));
static void model_tty_attend(void (*sender)(const char *text, u32 count), u16 columns, u16 rows);
static void model_tty_receive(u8 c);
static void model_tty_give(int session, int group);
static int model_open(const char *path, u32 flags, struct file **file);
static struct files_struct *model_files_alloc(void);
static int model_fd_alloc(u32 least, u32 limit, bool close_on_exec);
static void model_fd_install(u32 fd, const struct file *file);
static void model_timer_add(struct timer *timer, u32 when);

static u32 references; /* to the console's file */

#define tty_init			      model_tty_init
#define tty_attend			      model_tty_attend
#define tty_receive			      model_tty_receive
#define tty_give			      model_tty_give
#define file_open(path, flags, mode, file)    model_open(path, flags, file)
#define file_get(file)			      ((void)(file), references++)
#define file_put(file)			      ((void)(file), references--)
#define files_alloc			      model_files_alloc
#define fd_alloc(files, least, limit, closes) model_fd_alloc(least, limit, closes)
#define fd_install(files, fd, file)	      model_fd_install(fd, file)
#define timer_add(wheel, timer, when)	      model_timer_add(timer, when)
#include "kernel/harness/terminal.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct task *current;
struct timer_wheel kernel_timers;
volatile u32 jiffies = 1000;

static struct task taker, program;
static struct thread_group group;
static struct file *const console_file = (struct file *)&group;
static struct files_struct table;

static void (*output)(const char *text, u32 count);
static void (*sender)(const char *text, u32 count);
static u16 tty_columns, tty_rows;
static int tty_session, tty_group, moved_group, moved_session;
static u32 next_look;
static bool has_line, has_screen, no_task, no_table;
static int no_file;
static u32 next_fd, installs;

static const char *keys = "", *typed_later; /* what the keyboard or the line has */
static char received[1000], to_log[50], to_line[50], to_screen[50], to_tap[50];
static u32 wakes, sleeps;
static jmp_buf nothing_comes;

static void model_tty_init(void (*out)(const char *text, u32 count))
{
	output = out;
}

static void model_tty_attend(void (*send_of)(const char *text, u32 count), u16 columns, u16 rows)
{
	sender = send_of;
	tty_columns = columns;
	tty_rows = rows;
}

static void model_tty_receive(u8 c)
{
	EXPECT_EQ(irq_depth(), 0);
	strncat(received, (const char *)&c, 1);
}

static void model_tty_give(int session, int of_group)
{
	tty_session = session;
	tty_group = of_group;
}

static int model_open(const char *path, u32 flags, struct file **file)
{
	EXPECT_TEXT(path, "/dev/console");
	EXPECT_EQ(flags, O_RDWR);
	if (no_file)
		return no_file;
	*file = console_file;
	references = 1;
	return 0;
}

static struct files_struct *model_files_alloc(void)
{
	return no_table ? NULL : &table;
}

static int model_fd_alloc(u32 least, u32 limit, bool close_on_exec)
{
	EXPECT(least == next_fd && limit == OPEN_MAX && !close_on_exec);
	return (int)next_fd++;
}

static void model_fd_install(u32 fd, const struct file *file)
{
	EXPECT(fd == installs++ && file == console_file && references == installs);
}

static void model_timer_add(struct timer *timer, u32 when)
{
	EXPECT(timer == &input_timer && timer->fire == look_for_input);
	next_look = when;
}

void job_leave(struct thread_group *process)
{
	EXPECT(process == &group);
}

void job_join(struct thread_group *process, int of_group, int session)
{
	EXPECT(process == &group);
	moved_group = of_group;
	moved_session = session;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	EXPECT(!strcmp(name, "terminal") && function == receive && !argument);
	return no_task ? NULL : &taker;
}

void task_wake_first(struct task *task)
{
	EXPECT(task == &taker);
	task->state = TASK_RUNNING;
	wakes++;
}

void schedule(void)
{
	EXPECT(current->state == TASK_SLEEPING && irq_depth() == 1);
	if (++sleeps > 3 || !typed_later) {
		irq_restore(0);
		longjmp(nothing_comes, 1);
	}
	keys = typed_later;
	typed_later = NULL;
	look_for_input(&input_timer);
}

static void add(char *to, const char *text, size_t count)
{
	strncat(to, text, count);
}

void console_write_program(const char *text, size_t count)
{
	add(to_log, text, count);
}

bool terminal_line_there(void)
{
	return has_line;
}

void terminal_line_write(const char *text, size_t count)
{
	add(to_line, text, count);
}

bool terminal_line_read(char *c)
{
	*c = *keys;
	if (*keys)
		keys++;
	return *c;
}

void screen_terminal_init(void (*reply)(const char *text, u32 count))
{
	EXPECT(reply == arrive);
}

void screen_terminal_write(const char *text, u32 count)
{
	add(to_screen, text, count);
}

struct screen_place screen_size(void)
{
	return has_screen ? (struct screen_place){ .row = 37, .column = 100 }
			  : (struct screen_place){ 0, 0 };
}

/* Up to two characters a key. */
u32 keyboard_read(struct keyboard *of, char text[KEYBOARD_TEXT])
{
	u32 count = 0;

	EXPECT(of == &keyboard);
	while (*keys && count < 2)
		text[count++] = *keys++;
	return count;
}

void tap_take(struct program_tap *tap, const char *text, size_t count)
{
	EXPECT(tap == (struct program_tap *)to_tap);
	add(to_tap, text, count);
}

static void no_terminal(void)
{
	EXPECT_EQ(terminal_init(false, 80, 24), 0);
	EXPECT(!sender && !next_look && !input_task);
	output("a", 1);
	console_output_to((struct program_tap *)to_tap, false);
	output("bc", 1);
	console_output_to((struct program_tap *)to_tap, true);
	output("d", 1);
	console_output_to(NULL, true);
	output("e", 1);
	console_output_to(NULL, false);
	output("f", 1);
	EXPECT_TEXT(to_log, "abf");
	EXPECT_TEXT(to_tap, "bd");
}

static void on_a_line(void)
{
	has_line = true;
	EXPECT_EQ(terminal_init(false, 80, 24), 0);
	EXPECT(tty_columns == 80 && tty_rows == 24 && input_task == &taker);
	EXPECT_EQ(next_look, 1000 + HZ / 100);
	sender("xy", 2);
	EXPECT_TEXT(to_line, "xy");
	/* The log gets nothing, whatever listens does. */
	console_output_to((struct program_tap *)to_tap, false);
	output("a", 1);
	EXPECT_TEXT(to_log, "");
	EXPECT_TEXT(to_tap, "a");
	jiffies = 2000;
	keys = "typed";
	taker.state = TASK_SLEEPING;
	look_for_input(&input_timer);
	EXPECT_EQ(next_look, 2000 + HZ / 100);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(arrived.count, 5);
}

static void on_the_screen(void)
{
	has_screen = has_line = true;
	EXPECT_EQ(terminal_init(true, 80, 24), 0);
	EXPECT(tty_columns == 100 && tty_rows == 37);
	sender("xy", 2);
	EXPECT_TEXT(to_screen, "xy");
	EXPECT_TEXT(to_line, "");
	keys = "abc";
	look_for_input(&input_timer);
	EXPECT_EQ(arrived.count, 3);
}

static void no_screen(void)
{
	EXPECT_EQ(terminal_init(true, 80, 24), 0);
	EXPECT_TEXT(console_text(),
		    "terminal: error: there is no screen: programs write to the log\n");
	EXPECT(!sender && !input_task);
	no_task = has_line = true;
	EXPECT_EQ(terminal_init(false, 80, 24), -ENOMEM);
	EXPECT_EQ(next_look, 0);
}

/* All that is typed is received, in order; more than fits waits where it is. */
static void input(void)
{
	static char many[600];

	has_line = true;
	terminal_init(false, 80, 24);
	current = &taker;
	for (u32 i = 0; i < sizeof(many) - 1; i++)
		many[i] = (char)('a' + i % 26);
	keys = many;
	look_for_input(&input_timer);
	EXPECT(arrived.count <= ARRIVED && arrived.count + KEYBOARD_TEXT > ARRIVED);
	EXPECT_EQ(keys - many, arrived.count);
	for (u32 i = 0; i < 200; i++)
		model_tty_receive(next_character());
	look_for_input(&input_timer);
	arrive("AB", 2); /* a report of the screen: before it is read */
	for (u32 i = 0; i < 4; i++)
		arrive("....................................................................", 68);
	EXPECT_EQ(arrived.count, ARRIVED);
	typed_later = "later";
	taker.state = TASK_RUNNING;
	if (!setjmp(nothing_comes))
		receive(NULL);
	EXPECT_EQ(sleeps, 2);
	EXPECT(!strncmp(received, many, 450));
	EXPECT(strstr(received, "AB..") && strstr(received, "..later"));
	EXPECT_EQ(arrived.count, 0);
}

static void descriptors(void)
{
	program.group = &group;
	program.pid = 12;
	group.job.session = 1;
	EXPECT_EQ(console_files(&program), 0);
	EXPECT(program.files == &table && installs == 3 && references == 3 && group.of_run);
	EXPECT(moved_group == 12 && moved_session == 1 && !tty_session);

	has_line = true;
	terminal_init(false, 80, 24);
	next_fd = installs = 0;
	EXPECT_EQ(console_files(&program), 0);
	EXPECT(moved_group == 12 && moved_session == 12 && tty_session == 12 && tty_group == 12);

	program.files = NULL;
	no_table = true;
	EXPECT_EQ(console_files(&program), -ENOMEM);
	EXPECT(!references && !program.files);
	no_file = -ENOENT;
	EXPECT_EQ(console_files(&program), -ENOMEM);
	EXPECT_EQ(references, 0);
}

TAP_MAIN({ "no terminal: the log", no_terminal }, { "on a line", on_a_line },
	 { "on the screen", on_the_screen }, { "without a screen, without memory", no_screen },
	 { "input", input }, { "descriptors of a program", descriptors })
