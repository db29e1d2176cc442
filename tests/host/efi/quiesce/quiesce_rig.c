/* SPDX-License-Identifier: MIT */
#include "tests/host/efi/quiesce/quiesce_rig.h"

#include <string.h>

#include "efi/handoff/steps.h"
#include "efi/quiesce/clock.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

/* ---- In place of other files of the loader ---- */

u32 features;
char order[40];
u64 now;

bool processor_has(enum cpu_feature feature)
{
	return features >> feature & 1;
}

void step_tell(enum boot_step step)
{
	order[strlen(order)] = (char)('a' + step);
}

u64 clock_after_us(u32 microseconds)
{
	return now + microseconds;
}

/* Time passes in steps of 100 us. */
void (*each_look)(void);

bool clock_reached(u64 moment)
{
	now += 100;
	if (each_look)
		each_look();
	return now >= moment;
}

void clock_wait_us(u32 microseconds)
{
	now += microseconds;
}

/* ---- PCI: functions of bus 0, one a device ---- */

u32 config[8][64];
static u32 chosen;
bool no_pci;

static u32 read_port(u16 port, u32 bytes)
{
	u32 device = chosen >> 11 & 31;

	EXPECT_EQ(bytes, 4);
	if (port == 0xcf8)
		return no_pci ? 0 : chosen;
	if (chosen >> 16 & 0xff || chosen >> 8 & 7 || device >= ARRAY_SIZE(config))
		return ~0u;
	return config[device][chosen >> 2 & 63];
}

static void write_port(u16 port, u32 bytes, u32 value)
{
	EXPECT_EQ(bytes, 4);
	if (port == 0xcf8)
		chosen = value;
	else
		config[chosen >> 11 & 31][chosen >> 2 & 63] = value;
}

void have_function(u32 device, u32 class, u32 command)
{
	config[device][0] = 0x12348086;
	config[device][1] = 0xffff0000 | command; /* each bit of the status is set */
	config[device][2] = class << 8;
}

/* ---- The machine ---- */

struct machine_parts parts;
struct boot_handover counts;
u8 *parking;

void start_machine(void)
{
	firmware_start();
	traps_start();
	traps.in = read_port;
	traps.out = write_port;
	memset(config, 0xff, sizeof(config));
	parking = (u8 *)(uintptr_t)FIRMWARE_LOW_START;
	memset(parking, 0, 4096);
	parts.processors = 1;
	memset(&counts, 0xee, sizeof(counts));
}

void run(u32 skips)
{
	memset(order, 0, sizeof(order));
	quiesce(&parts, skips, parking, &counts);
}
