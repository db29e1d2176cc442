/* SPDX-License-Identifier: MIT */
/*
 * The driver of the programs' terminal (fs/tty/tty.h), on the line of the option terminal=, or on
 * the screen with terminal=screen, or in the log without both. The log takes no input.
 *
 *   UART or keyboard --every 10 ms--> arrived --> the task "terminal" --> tty_receive()
 *   UART or screen <---------------------------------------------------- send()
 */
#include "kernel/harness/terminal.h"
#include "fs/tty/tty.h"
#include "kernel/console/console.h"
#include "kernel/console/screen.h"
#include "kernel/console/screen_terminal.h"
#include "kernel/console/terminal_line.h"
#include "kernel/devices/keyboard.h"
#include "kernel/devices/time.h"
#include "kernel/harness/program_tap.h"
#include "kernel/task/pid.h"
#include "kernel/task/sched.h"
#include "abi/linux/errno.h"
#include "lib/irq.h"
#include "lib/printk.h"

/* Characters that arrived and wait for the task. More wait in the UART, and in the sender. */
#define ARRIVED 256u

/* Between two looks at the UART or keyboard: 10 ms. */
#define LOOK_TICKS (HZ / 100)

static struct {
	u32 first, count;
	u8 text[ARRIVED];
} arrived;

static bool on_screen, attended, output_quiet;
static struct keyboard keyboard;
static struct task *input_task;
static struct timer input_timer;
static struct program_tap *output_tap;

void console_output_to(struct program_tap *tap, bool quiet)
{
	output_tap = tap;
	output_quiet = quiet;
}

static void written(const char *text, u32 count)
{
	if (!attended && !output_quiet)
		console_write_program(text, count);
	if (output_tap)
		tap_take(output_tap, text, count);
}

static void send(const char *text, u32 count)
{
	if (on_screen)
		screen_terminal_write(text, count);
	else
		terminal_line_write(text, count);
}

/* Any context. */
static void arrive(const char *text, u32 count)
{
	unsigned long irq = irq_save();

	for (u32 i = 0; i < count && arrived.count < ARRIVED; i++)
		arrived.text[(arrived.first + arrived.count++) % ARRIVED] = (u8)text[i];
	if (input_task->state == TASK_SLEEPING)
		task_wake_first(input_task);
	irq_restore(irq);
}

/* An interrupt: takes what has arrived since the last look. */
static void look_for_input(struct timer *timer)
{
	char text[KEYBOARD_TEXT];

	while (arrived.count + KEYBOARD_TEXT <= ARRIVED) {
		u32 count = on_screen		       ? keyboard_read(&keyboard, text)
			    : terminal_line_read(text) ? 1
						       : 0;

		if (!count)
			break;
		arrive(text, count);
	}
	timer_add(&kernel_timers, timer, jiffies + LOOK_TICKS);
}

/* Sleeps until a character has arrived. */
static u8 next_character(void)
{
	unsigned long irq = irq_save();
	u8 c;

	while (!arrived.count) {
		current->state = TASK_SLEEPING;
		schedule();
	}
	c = arrived.text[arrived.first++ % ARRIVED];
	arrived.count--;
	irq_restore(irq);
	return c;
}

static void receive(void *argument)
{
	(void)argument;
	for (;;)
		tty_receive(next_character());
}

/* The terminal is the screen, if there is one. */
static void start_on_screen(void)
{
	struct screen_place size = screen_size();

	if (!size.row) {
		printk("terminal: error: there is no screen: programs write to the log\n");
		return;
	}
	on_screen = true;
	screen_terminal_init(arrive);
	tty_attend(send, (u16)size.column, (u16)size.row);
}

int terminal_init(bool screen, u16 columns, u16 rows)
{
	tty_init(written);
	if (screen)
		start_on_screen();
	attended = on_screen || terminal_line_there();
	if (!attended)
		return 0;
	if (!on_screen)
		tty_attend(send, columns, rows);
	input_task = kernel_task("terminal", receive, NULL);
	if (!input_task)
		return -ENOMEM;
	timer_init(&input_timer, look_for_input);
	timer_add(&kernel_timers, &input_timer, jiffies + LOOK_TICKS);
	return 0;
}

/* A person types: the program is as a shell, the leader of a session with this terminal. */
static void enter_job(struct task *task)
{
	task->group->of_run = true;
	job_move(task->group, task->pid, attended ? task->pid : task->group->job.session);
	if (!attended)
		return;
	tty_give(task->pid, task->pid);
}

int console_files(struct task *task)
{
	struct file *file = NULL;
	int err = file_open("/dev/console", O_RDWR, 0, &file);
	struct files_struct *files = err ? NULL : files_alloc();

	if (!files) {
		if (file)
			file_put(file);
		return -ENOMEM;
	}
	for (u32 i = 0; i < 3; i++) {
		if (i)
			file_get(file);
		fd_install(files, (u32)fd_alloc(files, i, OPEN_MAX, false), file);
	}
	task->files = files;
	enter_job(task);
	return 0;
}
