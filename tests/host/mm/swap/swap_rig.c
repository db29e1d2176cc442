/* SPDX-License-Identifier: MIT */
/* See the header. */
#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

struct swap_disk disk;
struct mm_struct *swapper;
u32 disk_type;

void rig_start(u32 slots)
{
	machine_boot();
	swapper = mm_alloc();
	disk_type = swap_disk_add(&disk, slots, -1);
	shrink_caches();
	machine_exhaust();
	machine_relax_by(LEFT);
}

void rig_stop(void)
{
	check_space(swapper);
	machine_check();
	user_switch(NULL);
	mm_put(swapper);
	machine_relax();
	swap_disk_remove(disk_type);
	lru_stop();
	machine_check();
}

u32 stamp(vaddr_t address, u32 round)
{
	return address * 2654435761u ^ round;
}

bool write_page(struct mm_struct *space, vaddr_t address, u32 round)
{
	u32 value = stamp(address, round);

	return user_write(space, address + 8, &value, 4) == FAULT_OK;
}

bool read_page(struct mm_struct *space, vaddr_t address, u32 round)
{
	u32 value = 0;

	return user_read(space, address + 8, &value, 4) == FAULT_OK &&
	       value == stamp(address, round);
}

void write_all(struct mm_struct *space, vaddr_t area, u32 pages, u32 round)
{
	u32 good = 0;

	for (u32 i = 0; i < pages; i++)
		good += write_page(space, area + i * PAGE_SIZE, round);
	EXPECT_EQ(good, pages);
}

void read_all(struct mm_struct *space, vaddr_t area, u32 pages, u32 round)
{
	u32 good = 0;

	for (u32 i = 0; i < pages; i++)
		good += read_page(space, area + i * PAGE_SIZE, round);
	EXPECT_EQ(good, pages);
}
