/* SPDX-License-Identifier: MIT */
#include "kernel/process/run_end.h"
#include "abi/linux/errno.h"
#include "kernel/signal/signal.h"
#include "mm/user_space/limits.h"

enum run_end run_end;
bool run_may_end;

int run_request_end(enum run_end end)
{
	if (!run_may_end || !capable(CAP_SYS_BOOT))
		return -EPERM;
	run_end = end;
	end_processes();
	return 0;
}

int run_end_by_signal(int signal)
{
	switch (signal) {
	case SIGUSR1:
		return run_request_end(RUN_HALT);
	case SIGUSR2:
		return run_request_end(RUN_POWER_OFF);
	case SIGTERM:
		return run_request_end(RUN_RESTART);
	}
	return 0;
}
