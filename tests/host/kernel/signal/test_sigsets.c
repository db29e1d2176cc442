/* SPDX-License-Identifier: MIT */
/* Sets of signals: signal n is bit n - 1, from 1 to 64, on both sides of the middle. */
#include "kernel/signal/signal.h"
#include "tests/host/tap.h"

static void each_signal(void)
{
	for (int signal = 1; signal <= 64; signal++) {
		const u64 alone = 1ull << (signal - 1), others = ~alone;
		u64 set = 0;

		EXPECT_EQ(SIGMASK(signal), alone);
		EXPECT(sigset_has(&alone, signal));
		EXPECT(!sigset_has(&others, signal));
		sigset_add(&set, signal);
		EXPECT_EQ(set, alone);
		set = others;
		sigset_add(&set, signal);
		EXPECT_EQ(set, ~0ull);
	}
}

TAP_MAIN({ "each signal", each_signal })
