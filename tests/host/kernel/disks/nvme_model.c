/* SPDX-License-Identifier: MIT */
/* The model of an NVMe controller. */
#include <string.h>

#include "kernel/devices/pci.h"
#include "kernel/disks/poll.h"
#include "tests/host/kernel/disks/nvme_model.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

/* Figure 68 and 3.1: offsets of registers / 4. */
enum { CAP, CAP_HIGH, MASK = 3, CC = 5, CSTS = 7, AQA = 9, ASQ = 10, ACQ = 12, DOORBELL = 0x400 };

#define NO_ANSWER 0xffffu

struct nvme_model nvme_model;

static struct nvme_model *const m = &nvme_model;

void nvme_model_init(void)
{
	memset(m, 0, sizeof(*m));
	m->registers[CAP] = 1023 | 4u << 24;
	m->registers[CAP_HIGH] = 1u << 5;
	m->namespaces = 1;
	m->fail_opcode = ~0u;
	for (u32 i = 0; i <= NVME_SPACES; i++)
		m->shift[i] = 9;
	for (u32 i = 0; i <= NVME_SPACES; i++)
		for (u32 byte = 0; byte < sizeof(m->data[i]); byte++)
			m->data[i][byte] = (u8)(byte * 7 + byte / 512 + i);
}

/* ---- Commands ---- */

static u64 get64(const u32 *words)
{
	return words[0] | (u64)words[1] << 32;
}

/* 4.3: the address of page `index` of the data. */
static u64 page_of(const u32 *command, u32 index, u32 pages)
{
	u64 list;

	if (!index)
		return get64(command + 6);
	if (pages == 2)
		return get64(command + 8);
	memcpy(&list, (u8 *)machine_ram(get64(command + 8)) + 8 * (index - 1), sizeof(list));
	return list;
}

static u32 move(const u32 *command, bool write)
{
	u32 space = command[1], shift, bytes, pages;
	u64 sector = get64(command + 10);

	if (!space || space > m->namespaces)
		return 0xb; /* invalid namespace or format */
	shift = m->shift[space];
	bytes = ((command[12] & 0xffff) + 1) << shift;
	pages = (bytes + 4095) / 4096;
	EXPECT_EQ(command[12] >> 16, 0);
	EXPECT(!m->mdts || pages <= 1u << m->mdts);
	m->last_space = space;
	m->last_sector = sector;
	m->last_sectors = bytes >> shift;
	m->last_prp1 = get64(command + 6);
	m->last_prp2 = get64(command + 8);
	if (m->keeps_memory)
		return 0;
	if ((sector << shift) + bytes > sizeof(m->data[0]))
		return 0x80; /* LBA out of range */
	for (u32 done = 0; done < bytes; done += 4096) {
		u64 address = page_of(command, done / 4096, pages);
		u8 *disk = m->data[space] + (sector << shift) + done, *memory;
		u32 part = bytes - done < 4096 ? bytes - done : 4096;

		if (!tap_check(!(address & 4095) && address < MACHINE_RAM, __FILE__, __LINE__,
			       "page %u is at %#llx", done / 4096, (unsigned long long)address))
			return 2;
		memory = machine_ram(address);
		memcpy(write ? disk : memory, write ? memory : disk, part);
	}
	return 0;
}

static void put32(u8 *to, u32 value)
{
	memcpy(to, &value, sizeof(value));
}

static u32 identify(const u32 *command)
{
	u32 space = command[1];
	u8 id[4096] = { 0 };

	EXPECT(!(get64(command + 6) & 4095) && !get64(command + 8));
	if ((command[10] & 0xff) == 1) {
		EXPECT_EQ(space, 0);
		memcpy(id + 4, "SERIAL", 6);
		memcpy(id + 24, "Model of \x01 a disk                        ", 40);
		memcpy(id + 64, "FIRMWARE", 8);
		id[77] = (u8)m->mdts;
		put32(id + 516, m->namespaces);
		id[525] = (u8)m->cache;
	} else if (space && space <= NVME_SPACES) {
		EXPECT_EQ(command[10] & 0xff, 0);
		put32(id, sizeof(m->data[0]) >> m->shift[space]);
		id[26] = 2;
		id[99] = (u8)m->protect[space];
		put32(id + 128 + 4 * 2, m->shift[space] << 16 | m->metadata[space]);
	} else {
		return 0xb;
	}
	memcpy(machine_ram(get64(command + 6)), id, sizeof(id));
	return 0;
}

static u32 create(struct nvme_queue *queue, const u32 *command, bool submission)
{
	u64 address = get64(command + 6);

	EXPECT_EQ(command[10] & 0xffff, NVME_IO);
	EXPECT(!(address & 4095) && address);
	queue->size = (command[10] >> 16) + 1;
	EXPECT(queue->size >= 2 && queue->size <= (m->registers[CAP] & 0xffff) + 1);
	if (!submission) {
		EXPECT_EQ(command[11], 1); /* contiguous, no interrupts */
		queue->answers = address;
		queue->phase = 1;
		queue->last = ~0u;
		return 0;
	}
	EXPECT_EQ(command[11], 1u << 16 | 1);
	if (!queue->answers)
		return 0x100; /* completion queue invalid */
	queue->commands = address;
	queue->exists = true;
	return 0;
}

static u32 admin(const u32 *command)
{
	switch (command[0] & 0xff) {
	case 1:
		return create(&m->queue[NVME_IO], command, true);
	case 5:
		return create(&m->queue[NVME_IO], command, false);
	case 6:
		return identify(command);
	case 9: /* set features: the number of queues, counted from 0 */
		EXPECT(command[10] == 7 && command[11] == 0);
		return 0;
	default:
		return 1; /* invalid opcode */
	}
}

static u32 io(const u32 *command)
{
	switch (command[0] & 0xff) {
	case 0:
		EXPECT(command[1] && command[1] <= m->namespaces);
		m->flushes++;
		m->last_space = command[1];
		return 0;
	case 1:
	case 2:
		return move(command, (command[0] & 0xff) == 1);
	default:
		return 1;
	}
}

/* The status of a command, or NO_ANSWER. */
static u32 execute(u32 number, const u32 *command)
{
	u32 opcode = command[0] & 0xff;

	EXPECT_EQ(command[0] & 0xff00, 0); /* not fused, PRPs */
	EXPECT(!command[2] && !command[3] && !command[4] && !command[5]);
	/* So that a late answer is not taken for that of the next command. */
	EXPECT(command[0] >> 16 != m->queue[number].last);
	m->queue[number].last = command[0] >> 16;
	EXPECT(!command[13] && !command[14] && !command[15]);
	if (m->mute && number == m->fail_queue) {
		m->mute--;
		return NO_ANSWER;
	}
	if (m->fail_count && number == m->fail_queue &&
	    (opcode == m->fail_opcode || m->fail_opcode == NVME_ANY_OPCODE)) {
		m->fail_count--;
		return m->fail_status;
	}
	return number ? io(command) : admin(command);
}

static void serve(u32 number)
{
	struct nvme_queue *queue = &m->queue[number];
	u32 stride = 1u << (m->registers[CAP_HIGH] & 15);
	const u32 *doorbells = m->registers + DOORBELL + 2 * number * stride;

	while (queue->exists && queue->head != doorbells[0]) {
		u32 command[16], answer[4] = { 0 }, status;
		u32 *there;

		if (!tap_check(doorbells[0] < queue->size, __FILE__, __LINE__, "doorbell %u",
			       doorbells[0]))
			return;
		/* The driver has taken all answers so far. */
		EXPECT_EQ(doorbells[stride], queue->tail);
		memcpy(command, (u8 *)machine_ram(queue->commands) + 64 * queue->head, 64);
		queue->head = (queue->head + 1) % queue->size;
		queue->done++;
		status = execute(number, command);
		if (status == NO_ANSWER)
			continue;
		if (m->wrong) {
			m->wrong--;
			command[0] ^= 1u << 31;
		}
		answer[2] = number << 16 | queue->head;
		answer[3] = command[0] >> 16 | queue->phase << 16 | status << 17;
		there = (u32 *)((u8 *)machine_ram(queue->answers) + 16 * queue->tail);
		EXPECT((there[3] >> 16 & 1) != queue->phase);
		memcpy(there, answer, sizeof(answer));
		queue->tail = (queue->tail + 1) % queue->size;
		queue->phase ^= !queue->tail;
	}
}

/* ---- Registers ---- */

/* 7.6.1: what the driver must have written before it enables the controller. */
static void enable(void)
{
	u32 *r = m->registers;

	m->enables++;
	EXPECT_EQ(r[CC], 6u << 16 | 4u << 20 | 1); /* NVM, pages of 4 KiB, 64 and 16 bytes */
	EXPECT_EQ(r[MASK], ~0u);
	EXPECT_EQ(r[AQA] & 0xffff, r[AQA] >> 16);
	memset(m->queue, 0, sizeof(m->queue));
	memset(r + DOORBELL, 0, sizeof(m->registers) - DOORBELL * sizeof(*r));
	m->queue[NVME_ADMIN] = (struct nvme_queue){ .commands = get64(r + ASQ),
						    .answers = get64(r + ACQ),
						    .size = (r[AQA] & 0xffff) + 1,
						    .phase = 1,
						    .last = ~0u,
						    .exists = true };
	EXPECT(!(r[ASQ] & 4095) && !(r[ACQ] & 4095) && r[ASQ] && r[ACQ] && r[ASQ] != r[ACQ]);
	if (!m->never_ready)
		r[CSTS] |= 1;
}

static void work(void)
{
	u32 *r = m->registers;

	if (r[CC] & 1 && !(r[CSTS] & 1))
		enable();
	if (!(r[CC] & 1) && r[CSTS] & 1 && !m->never_stops) {
		m->disables++;
		r[CSTS] = 0;
		m->queue[NVME_ADMIN].exists = m->queue[NVME_IO].exists = false;
	}
	if (r[CC] & 1 && (r[CC] >> 14 & 3) == 1 && !(r[CSTS] & 3u << 2)) {
		m->shutdowns++;
		r[CSTS] |= 2u << 2;
	}
	if (r[CSTS] & 1) {
		serve(NVME_ADMIN);
		serve(NVME_IO);
	}
}

bool poll_bits(const volatile u32 *word, u32 mask, u32 value, u32 milliseconds)
{
	m->limit = milliseconds;
	/* One that is off ends no shutdown. */
	EXPECT(word != &m->registers[CSTS] || mask == 1 || m->registers[CSTS] & 1);
	work();
	return (*word & mask) == value;
}

u32 pci_set_command(struct pci_device device, u32 set, u32 clear)
{
	EXPECT(device.bus == 3 && device.device == 4 && device.function == 5 && !set);
	m->bus_off |= clear;
	return 0;
}
