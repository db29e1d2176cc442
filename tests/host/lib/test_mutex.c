/* SPDX-License-Identifier: MIT */
/* The inlined parts of a mutex (lib/resched.h): when it waits and when it wakes. */
#include "lib/resched.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

static struct mutex mutex;
static struct list_head sleeper;

/* The host has one task: to wait for a mutex that is locked ends it. */
static void one_at_a_time(void)
{
	mutex_init(&mutex);
	EXPECT_PANIC("BUG", mutex_unlock(&mutex));
	mutex_lock(&mutex);
	EXPECT(mutex.locked);
	EXPECT_PANIC("BUG", mutex_lock(&mutex));
	mutex_unlock(&mutex);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	EXPECT_PANIC("BUG", mutex_unlock(&mutex));
	EXPECT_EQ(host_mutexes_woken, 0);
}

static void wakes_one_that_waits(void)
{
	mutex_init(&mutex);
	mutex_lock(&mutex);
	list_add(&sleeper, &mutex.waiting);
	mutex_unlock(&mutex);
	EXPECT_EQ(host_mutexes_woken, 1);
	list_del(&sleeper);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	EXPECT_EQ(host_mutexes_woken, 1);
}

TAP_MAIN({ "one at a time", one_at_a_time }, { "wakes one that waits", wakes_one_that_waits })
