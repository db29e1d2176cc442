/* SPDX-License-Identifier: MIT */
/*
 * NVMe disks.
 *
 *     controller ── admin queues: identify, create the I/O queues
 *                \─ I/O queues:   read, write, flush
 *                      submission queue, 64 bytes a command ──> doorbell
 *                      completion queue, 16 bytes an answer <── its phase bit flips at each pass
 *
 *  (1) Each queue is one page, which does not move while the controller is enabled.
 *  (2) One command is under way at a time, and interrupts are off: an answer is polled in memory.
 *  (3) PRP 1 names the first frame. PRP 2 names the second one, or a list of all others if there
 *      are more: a page for each controller, so that a request allocates nothing (4.3). MDTS is
 *      the most that a command may move, in pages; it becomes disk->max_frames (figure 247).
 *  (4) A command that got no answer may still write to its frame, until the controller is
 *      disabled. disk.c resets after each error, which does that and empties the queues.
 *
 * Sources: NVM Express 1.4: 3.1 (registers), 4.2, 4.6 (commands, answers), 4.3 (PRP), 5 (admin
 * commands), 6 (I/O commands), 7.6.1 (start), 7.6.2 (shutdown).
 */
#include "kernel/disks/driver.h"
#include "kernel/disks/nvme.h"
#include "kernel/disks/poll.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

/* Indices of 32-bit registers. */
enum {
	REG_CAP_LOW,
	REG_CAP_HIGH = NVME_CAP_HIGH,
	REG_INTERRUPTS_OFF = 3,
	REG_CC = 5,
	REG_CSTS = 7,
	REG_ADMIN_SIZES = 9,
	REG_ADMIN_SUBMISSION,
	REG_ADMIN_COMPLETION = 12,
};
#define CAP_ENTRIES(low)   (((low)&0xffff) + 1) /* of a queue, at most */
#define CAP_TIMEOUT(low)   ((low) >> 24)	/* in 500 ms */
#define CAP_NVM(high)	   ((high) >> 5 & 1)
#define CAP_PAGE_MIN(high) ((high) >> 16 & 15) /* 0: 4096 bytes */
#define CC_ENABLE	   1u
#define CC_SHUTDOWN	   (1u << 14)
#define CC_SHUTDOWN_MASK   (3u << 14)
#define CC_ENTRY_SIZES	   (6u << 16 | 4u << 20) /* 64 and 16 bytes */
#define CSTS_READY	   1u
#define CSTS_SHUTDOWN	   (3u << 2)
#define CSTS_SHUTDOWN_DONE (2u << 2)
#define SHUTDOWN_MS	   5000u

enum admin_command {
	ADMIN_CREATE_SUBMISSION = 1,
	ADMIN_CREATE_COMPLETION = 5,
	ADMIN_IDENTIFY = 6,
	ADMIN_SET_FEATURES = 9,
};
enum io_command { IO_FLUSH, IO_WRITE, IO_READ };
#define FEATURE_QUEUES	    7u
#define QUEUE_CONTIGUOUS    1u
#define IDENTIFY_NAMESPACE  0u
#define IDENTIFY_CONTROLLER 1u

/* Offsets in the answers of identify. */
#define ID_MODEL	  24u
#define ID_MODEL_BYTES	  40u
#define ID_MDTS		  77u /* 2^this pages; 0: no limit */
#define ID_NAMESPACES	  516u
#define ID_CACHE	  525u
#define ID_CACHE_VOLATILE 1u

/* NSIDs are tried from 1 to this; few disks have more than one. */
#define NAMESPACES_MAX 8u

/* More than one command is never under way; some controllers dislike queues of two entries. */
#define QUEUE_ENTRIES 16u

struct command {
	u32 opcode; /* and the identifier, in the upper half */
	u32 namespace;
	u32 reserved[4];
	u32 prp1[2], prp2[2];
	u32 words[6]; /* the specification's dwords 10 to 15 */
};
_Static_assert(sizeof(struct command) == 64, "NVMe 1.4, figure 105");

struct answer {
	u32 result, reserved;
	u32 queue; /* submission queue and its head */
	u32 status;
};
#define STATUS_IDENTIFIER 0xffffu
#define STATUS_PHASE	  (1u << 16)
#define STATUS_CODE(word) ((word) >> 17 & 0x7ff) /* type and code; 0: good */

struct queue {
	struct command *commands;
	volatile struct answer *answers;
	volatile u32 *tail_doorbell, *head_doorbell;
	u32 tail, head, phase, identifier;
};

struct controller {
	struct pci_device device;
	volatile u32 *registers;
	struct queue admin, io;
	u8 *identity; /* a page */
	u64 *list;    /* (3) */
	u32 ready_ms;
	u32 entries; /* of each queue */
	u32 max_frames;
	bool has_disks;
	bool cache, stopped;
	char error[16]; /* the last status, as text */
};

struct namespace
{
	struct disk disk;
	struct controller *controller;
	u32 number, shift;
};

static struct namespace *namespace_of(struct disk *disk)
{
	return container_of(disk, struct namespace, disk);
}

static u32 get_u32(const u8 *from)
{
	u32 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

/* Sends a command and waits for its answer. Returns NULL or what went wrong. */
static const char *run(struct controller *controller, struct queue *queue, struct command *command,
		       u32 limit_ms)
{
	volatile struct answer *answer = &queue->answers[queue->head];
	u32 status;

	queue->identifier = (queue->identifier + 1) & STATUS_IDENTIFIER;
	command->opcode |= queue->identifier << 16;
	queue->commands[queue->tail] = *command;
	queue->tail = (queue->tail + 1) % controller->entries;
	dma_barrier();
	*queue->tail_doorbell = queue->tail;
	if (!poll_bits(&answer->status, STATUS_PHASE, queue->phase, limit_ms))
		return "timeout";
	dma_barrier();
	status = answer->status;
	queue->head = (queue->head + 1) % controller->entries;
	if (!queue->head)
		queue->phase ^= STATUS_PHASE;
	*queue->head_doorbell = queue->head;
	if ((status & STATUS_IDENTIFIER) != queue->identifier)
		return "wrong-answer";
	if (!STATUS_CODE(status))
		return NULL;
	scnprintf(controller->error, sizeof(controller->error), "status-0x%x", STATUS_CODE(status));
	return controller->error;
}

static const char *admin(struct controller *controller, enum admin_command opcode, u32 namespace,
			 const void *memory, u32 word10, u32 word11)
{
	struct command command = { .opcode = opcode,
				   .namespace = namespace,
				   .words = { word10, word11 } };

	if (memory)
		command.prp1[0] = (u32)virt_to_phys(memory);
	return run(controller, &controller->admin, &command, DISK_TIMEOUT_MS);
}

/* Empties a pair of queues, as the controller sees it after a reset: no answer has the phase. */
static void queue_reset(struct controller *controller, struct queue *queue, u32 number)
{
	u32 stride = 1u << NVME_STRIDE(controller->registers[REG_CAP_HIGH]);

	memset((void *)(uintptr_t)queue->answers, 0, PAGE_SIZE);
	queue->tail = queue->head = 0;
	queue->phase = STATUS_PHASE;
	queue->tail_doorbell =
		controller->registers + NVME_REGISTERS_BYTES / sizeof(u32) + 2 * number * stride;
	queue->head_doorbell = queue->tail_doorbell + stride;
}

static bool controller_disable(struct controller *controller)
{
	volatile u32 *registers = controller->registers;

	registers[REG_CC] &= ~CC_ENABLE;
	return poll_bits(&registers[REG_CSTS], CSTS_READY, 0, controller->ready_ms);
}

static void set_address(volatile u32 *words, phys_addr_t address)
{
	words[0] = (u32)address;
	words[1] = (u32)(address >> 32);
}

/* 7.6.1. Returns NULL or what went wrong. */
static const char *controller_enable(struct controller *controller)
{
	volatile u32 *registers = controller->registers;

	queue_reset(controller, &controller->admin, 0);
	queue_reset(controller, &controller->io, 1);
	registers[REG_INTERRUPTS_OFF] = ~0u;
	registers[REG_ADMIN_SIZES] = (controller->entries - 1) << 16 | (controller->entries - 1);
	set_address(&registers[REG_ADMIN_SUBMISSION], virt_to_phys(controller->admin.commands));
	set_address(&registers[REG_ADMIN_COMPLETION], virt_to_phys(controller->admin.answers));
	dma_barrier();
	registers[REG_CC] = CC_ENTRY_SIZES | CC_ENABLE;
	if (!poll_bits(&registers[REG_CSTS], CSTS_READY, CSTS_READY, controller->ready_ms))
		return "not-ready";
	return NULL;
}

static const char *create_io_queues(struct controller *controller)
{
	u32 size_and_number = (controller->entries - 1) << 16 | 1;
	const char *error = admin(controller, ADMIN_SET_FEATURES, 0, NULL, FEATURE_QUEUES, 0);

	if (!error)
		error = admin(controller, ADMIN_CREATE_COMPLETION, 0,
			      (const void *)(uintptr_t)controller->io.answers, size_and_number,
			      QUEUE_CONTIGUOUS);
	if (!error)
		error = admin(controller, ADMIN_CREATE_SUBMISSION, 0, controller->io.commands,
			      size_and_number, 1u << 16 | QUEUE_CONTIGUOUS);
	return error;
}

static const char *controller_start(struct controller *controller)
{
	const char *error = controller_disable(controller) ? NULL : "not-disabled";

	if (!error)
		error = controller_enable(controller);
	return error ? error : create_io_queues(controller);
}

/* (3) */
static void name_frames(struct controller *controller, struct command *command, const pfn_t *frames,
			u32 count)
{
	set_address(command->prp1, pfn_to_phys(frames[0]));
	if (count == 2)
		set_address(command->prp2, pfn_to_phys(frames[1]));
	if (count <= 2)
		return;
	for (u32 i = 1; i < count; i++)
		controller->list[i - 1] = pfn_to_phys(frames[i]);
	set_address(command->prp2, virt_to_phys(controller->list));
}

static const char *nvme_transfer(struct disk *disk, bool write, u64 sector, const pfn_t *frames,
				 u32 bytes)
{
	struct namespace *namespace = namespace_of(disk);
	struct command command = {
		.opcode = write ? IO_WRITE : IO_READ,
		.namespace = namespace->number,
		.words = { (u32)sector, (u32)(sector >> 32), (bytes >> namespace->shift) - 1 },
	};

	name_frames(namespace->controller, &command, frames, DIV_ROUND_UP(bytes, PAGE_SIZE));
	return run(namespace->controller, &namespace->controller->io, &command, DISK_TIMEOUT_MS);
}

static const char *nvme_flush(struct disk *disk)
{
	struct namespace *namespace = namespace_of(disk);
	struct command command = { .opcode = IO_FLUSH, .namespace = namespace->number };

	if (!namespace->controller->cache)
		return NULL;
	return run(namespace->controller, &namespace->controller->io, &command,
		   DISK_FLUSH_TIMEOUT_MS);
}

/* (4) The other disks of the controller have no command under way. */
static bool nvme_reset(struct disk *disk)
{
	return !controller_start(namespace_of(disk)->controller);
}

/* (4) A controller that can't be disabled loses the bus. */
static void nvme_isolate(struct disk *disk)
{
	struct controller *controller = namespace_of(disk)->controller;

	if (!controller_disable(controller))
		pci_set_command(controller->device, 0, PCI_COMMAND_MASTER);
}

/* 7.6.2, once for all disks of the controller. */
static void nvme_stop(struct disk *disk)
{
	struct controller *controller = namespace_of(disk)->controller;
	volatile u32 *registers = controller->registers;

	if (controller->stopped)
		return;
	controller->stopped = true;
	registers[REG_CC] = (registers[REG_CC] & ~CC_SHUTDOWN_MASK) | CC_SHUTDOWN;
	poll_bits(&registers[REG_CSTS], CSTS_SHUTDOWN, CSTS_SHUTDOWN_DONE, SHUTDOWN_MS);
	controller_disable(controller);
}

static const struct disk_ops nvme_ops = {
	.transfer = nvme_transfer,
	.flush = nvme_flush,
	.reset = nvme_reset,
	.isolate = nvme_isolate,
	.stop = nvme_stop,
};

/* Reads what the namespace is. Returns false if it is not there, or not of sectors alone. */
static bool identify_namespace(struct namespace *namespace)
{
	const u8 *id = namespace->controller->identity;

	if (admin(namespace->controller, ADMIN_IDENTIFY, namespace->number, id, IDENTIFY_NAMESPACE,
		  0))
		return false;
	return nvme_describe_namespace(id, &namespace->disk, &namespace->shift);
}

static void add_namespace(struct controller *controller, u32 number, const char *model)
{
	struct namespace *namespace = kzalloc(sizeof(*namespace), GFP_KERNEL);

	if (!namespace)
		return;
	namespace->controller = controller;
	namespace->number = number;
	namespace->disk.ops = &nvme_ops;
	namespace->disk.max_frames = controller->max_frames;
	disk_set_model(&namespace->disk, model, ID_MODEL_BYTES);
	if (identify_namespace(namespace) && !disk_register(&namespace->disk, "nvme"))
		controller->has_disks = true;
	else
		kfree(namespace);
}

/* The unit is the controller's least page, which is PAGE_SIZE: read_capabilities(). */
static u32 frames_of_mdts(u32 mdts)
{
	return mdts ? min(1u << min(mdts, 31u), DISK_FRAMES_MAX) : DISK_FRAMES_MAX;
}

static const char *add_namespaces(struct controller *controller)
{
	const u8 *id = controller->identity;
	char model[ID_MODEL_BYTES];
	u32 count;
	const char *error = admin(controller, ADMIN_IDENTIFY, 0, id, IDENTIFY_CONTROLLER, 0);

	if (error)
		return error;
	count = min(get_u32(id + ID_NAMESPACES), NAMESPACES_MAX);
	controller->cache = id[ID_CACHE] & ID_CACHE_VOLATILE;
	controller->max_frames = frames_of_mdts(id[ID_MDTS]);
	memcpy(model, id + ID_MODEL, sizeof(model));
	for (u32 i = 1; i <= count; i++)
		add_namespace(controller, i, model);
	return NULL;
}

static bool allocate_pages(struct controller *controller)
{
	controller->identity = get_zeroed_page(GFP_KERNEL);
	controller->admin.commands = get_zeroed_page(GFP_KERNEL);
	controller->admin.answers = get_zeroed_page(GFP_KERNEL);
	controller->io.commands = get_zeroed_page(GFP_KERNEL);
	controller->io.answers = get_zeroed_page(GFP_KERNEL);
	controller->list = get_zeroed_page(GFP_KERNEL);
	return controller->identity && controller->admin.commands && controller->admin.answers &&
	       controller->io.commands && controller->io.answers && controller->list;
}

static void free_pages_of(struct controller *controller)
{
	void *const pages[] = { controller->identity,
				controller->admin.commands,
				(void *)(uintptr_t)controller->admin.answers,
				controller->io.commands,
				(void *)(uintptr_t)controller->io.answers,
				controller->list };

	for (u32 i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i])
			free_page(pages[i]);
}

/* What the capabilities say. Returns NULL, or why the controller is not used. */
static const char *read_capabilities(struct controller *controller)
{
	u32 low = controller->registers[REG_CAP_LOW], high = controller->registers[REG_CAP_HIGH];

	if (!CAP_NVM(high) || CAP_PAGE_MIN(high))
		return "unsupported";
	controller->entries = min(CAP_ENTRIES(low), QUEUE_ENTRIES);
	/* Some say 0. */
	controller->ready_ms = max(CAP_TIMEOUT(low), 1u) * 500;
	return controller->entries < 2 ? "unsupported" : NULL;
}

/* Returns whether it has disks. */
static bool controller_init(struct controller *controller)
{
	const char *error = read_capabilities(controller);
	bool may_run = !error;

	if (!error)
		error = allocate_pages(controller) ? controller_start(controller) : "no-memory";
	if (!error)
		error = add_namespaces(controller);
	if (error)
		printk("disk: nvme error=%s\n", error);
	if (controller->has_disks)
		return true;
	/* If it does not stop it may still write to its pages, which are lost. */
	if (!may_run || controller_disable(controller))
		free_pages_of(controller);
	kfree(controller);
	return false;
}

bool nvme_start(struct pci_device device, volatile u32 *registers)
{
	struct controller *controller = kzalloc(sizeof(*controller), GFP_KERNEL);

	if (!controller)
		return false;
	controller->device = device;
	controller->registers = registers;
	return controller_init(controller);
}
