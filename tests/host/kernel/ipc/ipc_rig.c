/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/ipc/ipc_rig.h"
#include "kernel/task/task.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/owner.h"
#include "tests/host/user.h"

struct thread_group own_group;
static struct task own = { .tgid = 20, .group = &own_group };
struct task *current = &own;

void start(void)
{
	machine_boot();
	machine_settle();
	host_privileged = false;
	own_group.leader = &own;
	own.pid = 20;
	own_group.user.effective = 1000;
	own_group.groups.ids.effective = 100;
	host_fsgid = 100;
	console_date = 1000 * SECOND;
}

void fail(u32 nth)
{
	const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };

	fail_alloc_set(nth ? &spec : NULL);
}
