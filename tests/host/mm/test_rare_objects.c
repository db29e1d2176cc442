/* SPDX-License-Identifier: MIT */
/*
 * Objects and processes at the end of what they may have: reads and writes of a task that is
 * killed, objects without room, places behind the last; the end of memory among many processes.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/oom.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/shmem.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PROCESSES 40u

static u8 buffer[3 * PAGE_SIZE];

static void killed(void)
{
	struct address_space *object;

	machine_boot();
	object = shmem_object(8 * PAGE_SIZE, "killed");
	EXPECT_EQ(mapping_write(object, buffer, sizeof(buffer), 0), sizeof(buffer));
	host_killed = true;
	EXPECT_EQ(mapping_read(object, buffer, sizeof(buffer), 0), PAGE_SIZE);
	EXPECT_EQ(mapping_write(object, buffer, sizeof(buffer), 4 * PAGE_SIZE), PAGE_SIZE);
	mapping_read_ahead(object, 0, 8);
	host_killed = false;
	EXPECT_EQ(object->nrpages, 4);
	mapping_get(object);
	mapping_free(object); /* another task has a reference meanwhile */
	EXPECT_EQ(object->count, 1);
	mapping_put(object);
}

static void behind_the_last_place(void)
{
	struct address_space *object;

	machine_boot();
	object = shmem_object(0, "full");
	EXPECT_EQ(mapping_write(object, buffer, 0, MAPPING_SIZE_MAX), 0);
	EXPECT_EQ(mapping_write(object, buffer, 1, MAPPING_SIZE_MAX), -EFBIG);
	EXPECT_EQ(mapping_write(object, buffer, PAGE_SIZE + 1, MAPPING_SIZE_MAX - PAGE_SIZE),
		  PAGE_SIZE);
	mapping_put(object);
}

static int no_room(struct address_space *mapping, u32 index)
{
	(void)mapping;
	return index ? -ENOSPC : 0;
}

/* The first page has room, no other has. */
static void no_room_for_a_page(void)
{
	struct address_space_operations few;
	const struct address_space_operations *all;
	struct address_space *object;

	machine_boot();
	object = shmem_object(0, "few");
	all = object->a_ops;
	few = *all;
	few.charge = no_room;
	object->a_ops = &few;
	EXPECT_EQ(mapping_write(object, buffer, sizeof(buffer), 0), PAGE_SIZE);
	EXPECT_EQ(mapping_write(object, buffer, sizeof(buffer), PAGE_SIZE), -ENOSPC);
	EXPECT_EQ(mapping_write(object, buffer, 1, PAGE_SIZE), -ENOSPC);
	EXPECT_EQ(object->nrpages, 1);
	object->a_ops = all;
	mapping_put(object);
}

static struct mm_struct *spaces[PROCESSES];
static const struct mm_struct *own;
static u32 kills;

/* The first process is never chosen, the second is none. */
static bool describe(const struct mm_struct *mm, struct oom_process *process)
{
	*process = (struct oom_process){ .name = "many" };
	if (mm == spaces[0])
		process->adj = OOM_ADJ_MIN;
	return mm != spaces[1];
}

static void kill(const struct mm_struct *mm)
{
	EXPECT(mm != spaces[0] && mm != spaces[1]);
	EXPECT_EQ(oom_kill(GFP_HIGHUSER, 0), 0); /* not within itself */
	kills++;
}

static const struct mm_struct *current_space(void)
{
	return own;
}

static void many_processes(void)
{
	static const struct oom_ops many = { describe, kill, current_space };
	out_of_memory_t before = set_out_of_memory(NULL);

	machine_boot();
	for (u32 i = 0; i < PROCESSES; i++) {
		spaces[i] = mm_alloc();
		if (i == PROCESSES - 1)
			break; /* the last one has no memory */
		EXPECT_EQ(user_poke(spaces[i],
				    user_map(spaces[i], PAGE_SIZE, PROT_READ | PROT_WRITE), 1),
			  FAULT_OK);
	}
	user_switch(NULL);
	oom_init(&many);
	EXPECT_EQ(oom_kill(GFP_HIGHUSER, 0), 0); /* a task of the kernel asks */
	own = spaces[2];
	EXPECT_EQ(oom_kill(__GFP_DMA, 0), 0);
	EXPECT_EQ(kills, 0);
	console_clear();
	EXPECT(oom_kill(GFP_HIGHUSER, 0) > 0);
	EXPECT_EQ(kills, 1);
	EXPECT(strstr(console_text(), "oom: more=5\n"));
	own = spaces[1];
	EXPECT_EQ(oom_kill(GFP_HIGHUSER, 0), 0); /* not a process any more */
	set_out_of_memory(before);
	for (u32 i = 0; i < PROCESSES; i++)
		mm_put(spaces[i]);
}

TAP_MAIN({ "a task that is killed", killed }, { "behind the last place", behind_the_last_place },
	 { "no room for a page", no_room_for_a_page }, { "many processes", many_processes })
