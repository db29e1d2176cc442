/* SPDX-License-Identifier: MIT */
/*
 * SATA disks behind an AHCI controller.
 *
 *     controller ── port 0 ──> command list ──> command table ──> frames
 *                 \ port 5     slot 0 only      one FIS, one PRD
 *                          |                    for each frame
 *                          \─> received FIS: the device's answers
 *
 *  (1) One page a port holds the four structures; nothing in it moves while the port runs.
 *  (2) Only slot 0 is used, and interrupts are off: a command is issued, then polled.
 *  (3) A port with anything but an ATA disk with 48-bit addresses is stopped again.
 *  (4) The firmware's driver may have left everything running: the controller is reset first.
 *  (5) A controller that reaches only memory below 4 GiB is not used where frames lie above.
 *
 * Sources: Serial ATA AHCI 1.3.1: 3 (registers), 4.2 (memory structures), 5.5, 6.2, 10.1.2
 * (start), 10.4 (resets), 10.6 (hand-off); ATA8-ACS: 7.12 (FLUSH CACHE EXT), 7.16 (IDENTIFY
 * DEVICE).
 */
#include "kernel/devices/pci.h"
#include "kernel/devices/time.h"
#include "kernel/disks/ahci_handoff.h"
#include "kernel/disks/driver.h"
#include "kernel/disks/poll.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

#define CLASS_AHCI	0x010601u /* mass storage, SATA, AHCI */
#define BAR_AHCI	5u
#define PORTS_MAX	32u
#define REGISTERS_BYTES (0x100u + PORTS_MAX * 0x80u)

/* Generic host control. */
#define CAP_64_BITS	 (1u << 31) /* S64A */
#define GHC_RESET	 1u
#define GHC_INTERRUPTS	 (1u << 1)
#define GHC_AHCI	 (1u << 31)
#define RESET_MS	 1000u
#define PORT_REGISTERS	 0x40u /* index of port 0's registers */
#define REGISTERS_A_PORT 0x20u

/* Registers of a port, likewise. */
enum {
	PORT_CLB,
	PORT_CLBU,
	PORT_FB,
	PORT_FBU,
	PORT_IS,
	PORT_IE,
	PORT_CMD,
	PORT_TFD = 8,
	PORT_SIG,
	PORT_SSTS,
	PORT_SCTL,
	PORT_SERR,
	PORT_SACT,
	PORT_CI,
};
#define CMD_START	 1u
#define CMD_SPIN_UP	 2u
#define CMD_POWER_ON	 4u
#define CMD_FIS		 (1u << 4)
#define CMD_FIS_RUNS	 (1u << 14)
#define CMD_RUNS	 (1u << 15)
#define CMD_MULTIPLIER	 (1u << 17)
#define CMD_ATAPI	 (1u << 24)
#define CMD_LINK_POWER	 (3u << 26)
#define CMD_STATE	 (15u << 28)
#define CMD_STATE_ACTIVE (1u << 28)
#define IS_ERRORS	 0x78000000u /* task file, host bus fatal and data, interface fatal */
#define TFD_ERROR	 1u
#define TFD_DRQ		 (1u << 3)
#define TFD_BUSY	 (1u << 7)
#define SIG_DISK	 0x00000101u
#define SIG_NONE	 0xffffffffu
#define SSTS_DETECTION	 15u
#define SSTS_LINK	 3u
#define SCTL_NO_POWER	 (3u << 8) /* no partial and slumber states */
#define SCTL_RESET	 1u
#define STOP_MS		 500u
#define LINK_MS		 1000u
#define LINK_RESET_US	 1500u
#define READY_MS	 10000u /* a hard disk may have to spin up */

/* Offsets in the port's page. */
#define COMMAND_LIST  0x000u /* 1024 bytes */
#define RECEIVED_FIS  0x400u /* 256 bytes */
#define COMMAND_TABLE 0x500u
#define TABLE_PRDS    0x80u
#define PRD_DWORDS    4u
#define IDENTITY      0x800u /* 512 bytes */
_Static_assert(COMMAND_TABLE + TABLE_PRDS + DISK_FRAMES_MAX * PRD_DWORDS * sizeof(u32) <= IDENTITY,
	       "the command table has room for a PRD for each frame");

#define FIS_HOST_TO_DEVICE 0x27u
#define FIS_COMMAND	   (1u << 15)
#define FIS_DWORDS	   5u
#define DEVICE_LBA	   (1u << 30)
#define HEADER_WRITE	   (1u << 6)
#define HEADER_PRDS(count) ((count) << 16)

enum ata_command {
	ATA_READ_DMA_EXT = 0x25,
	ATA_WRITE_DMA_EXT = 0x35,
	ATA_FLUSH_CACHE_EXT = 0xea,
	ATA_IDENTIFY = 0xec,
};

/* Words of IDENTIFY DEVICE. */
#define ID_MODEL	    27u
#define ID_MODEL_BYTES	    40u
#define ID_COMMANDS	    83u
#define ID_COMMANDS_48BIT   (1u << 10)
#define ID_ENABLED	    85u
#define ID_ENABLED_CACHE    (1u << 5)
#define ID_SECTORS	    100u
#define ID_SECTOR_SIZE	    106u
#define ID_SECTOR_SIZE_MASK 0xd000u
#define ID_SECTOR_SIZE_LONG 0x5000u /* valid, and longer than 256 words */
#define ID_SECTOR_WORDS	    117u

struct ahci_port {
	struct disk disk;
	struct pci_device controller;
	volatile u32 *registers;
	u8 *page;
	bool write_cache;
};

static struct ahci_port *port_of(struct disk *disk)
{
	return container_of(disk, struct ahci_port, disk);
}

static void set_bits(volatile u32 *word, u32 set, u32 clear)
{
	*word = (*word | set) & ~clear;
}

/* 10.3: no more commands, then no more received FISes. */
static bool port_stop(volatile u32 *registers)
{
	set_bits(&registers[PORT_CMD], 0, CMD_START);
	if (!poll_bits(&registers[PORT_CMD], CMD_RUNS, 0, STOP_MS))
		return false;
	set_bits(&registers[PORT_CMD], 0, CMD_FIS);
	return poll_bits(&registers[PORT_CMD], CMD_FIS_RUNS, 0, STOP_MS);
}

/* The device has sent its signature, and takes commands. */
static bool port_ready(volatile u32 *registers)
{
	return poll_bits(&registers[PORT_TFD], TFD_BUSY | TFD_DRQ, 0, READY_MS);
}

static void port_run(volatile u32 *registers)
{
	registers[PORT_SERR] = ~0u;
	registers[PORT_IS] = ~0u;
	set_bits(&registers[PORT_CMD], CMD_START, 0);
}

/* 10.4.2: a reset of the link resets the device, whatever state it is in. */
static bool port_reset(struct disk *disk)
{
	volatile u32 *registers = port_of(disk)->registers;

	set_bits(&registers[PORT_CMD], 0, CMD_START);
	poll_bits(&registers[PORT_CMD], CMD_RUNS, 0, STOP_MS);
	registers[PORT_SCTL] = SCTL_NO_POWER | SCTL_RESET;
	delay_us(LINK_RESET_US);
	registers[PORT_SCTL] = SCTL_NO_POWER;
	if (!poll_bits(&registers[PORT_SSTS], SSTS_DETECTION, SSTS_LINK, LINK_MS))
		return false;
	registers[PORT_SERR] = ~0u;
	if (!port_ready(registers) || (registers[PORT_CMD] & CMD_RUNS))
		return false;
	port_run(registers);
	return true;
}

/* 4.2.3.3: one piece of memory of the command's data. */
static void fill_prd(struct ahci_port *port, u32 index, phys_addr_t address, u32 bytes)
{
	u32 *prd = (u32 *)(port->page + COMMAND_TABLE + TABLE_PRDS) + index * PRD_DWORDS;

	prd[0] = (u32)address;
	prd[1] = (u32)(address >> 32);
	prd[2] = 0;
	prd[3] = bytes - 1;
}

/* Writes the command to slot 0. Its data are in the first `prds` PRDs. */
static void fill_slot(struct ahci_port *port, enum ata_command command, u64 sector, u32 count,
		      u32 prds)
{
	u32 *header = (u32 *)(port->page + COMMAND_LIST);
	u32 *fis = (u32 *)(port->page + COMMAND_TABLE);

	fis[0] = FIS_HOST_TO_DEVICE | FIS_COMMAND | (u32)command << 16;
	fis[1] = ((u32)sector & 0xffffff) | DEVICE_LBA;
	fis[2] = (u32)(sector >> 24) & 0xffffff;
	fis[3] = count;
	fis[4] = 0;
	header[0] =
		FIS_DWORDS | (command == ATA_WRITE_DMA_EXT ? HEADER_WRITE : 0) | HEADER_PRDS(prds);
	header[1] = 0; /* bytes moved */
	header[2] = (u32)virt_to_phys(fis);
	header[3] = 0;
}

/* Issues slot 0 and waits for its end. Returns NULL or what went wrong. */
static const char *run_slot(struct ahci_port *port, u32 bytes, u32 limit_ms)
{
	volatile u32 *registers = port->registers;
	const volatile u32 *header = (const volatile u32 *)(port->page + COMMAND_LIST);

	registers[PORT_IS] = ~0u;
	dma_barrier();
	registers[PORT_CI] = 1;
	/* After an error the bit stays set. */
	if (!poll_bits_or(&registers[PORT_CI], 1, 0, &registers[PORT_IS], IS_ERRORS, limit_ms) &&
	    !(registers[PORT_IS] & IS_ERRORS))
		return "timeout";
	dma_barrier();
	if (registers[PORT_TFD] & TFD_ERROR)
		return "task-file";
	if (registers[PORT_IS] & IS_ERRORS)
		return "interface";
	return header[1] == bytes ? NULL : "short";
}

static const char *ahci_transfer(struct disk *disk, bool write, u64 sector, const pfn_t *frames,
				 u32 bytes)
{
	struct ahci_port *port = port_of(disk);
	u32 prds = DIV_ROUND_UP(bytes, PAGE_SIZE);

	for (u32 i = 0; i < prds; i++)
		fill_prd(port, i, pfn_to_phys(frames[i]),
			 min(bytes - i * PAGE_SIZE, (u32)PAGE_SIZE));
	fill_slot(port, write ? ATA_WRITE_DMA_EXT : ATA_READ_DMA_EXT, sector,
		  bytes / disk->sector_bytes, prds);
	return run_slot(port, bytes, DISK_TIMEOUT_MS);
}

static const char *ahci_flush(struct disk *disk)
{
	struct ahci_port *port = port_of(disk);

	if (!port->write_cache)
		return NULL;
	fill_slot(port, ATA_FLUSH_CACHE_EXT, 0, 0, 0);
	return run_slot(port, 0, DISK_FLUSH_TIMEOUT_MS);
}

/* A port that does not stop loses the bus, and so do the others of its controller. */
static void ahci_isolate(struct disk *disk)
{
	if (!port_stop(port_of(disk)->registers))
		pci_set_command(port_of(disk)->controller, 0, PCI_COMMAND_MASTER);
}

static void ahci_stop(struct disk *disk)
{
	port_stop(port_of(disk)->registers);
}

static const struct disk_ops ahci_ops = {
	.transfer = ahci_transfer,
	.flush = ahci_flush,
	.reset = port_reset,
	.isolate = ahci_isolate,
	.stop = ahci_stop,
};

static u64 sectors_of(const u16 *id)
{
	return (u64)id[ID_SECTORS + 3] << 48 | (u64)id[ID_SECTORS + 2] << 32 |
	       (u32)id[ID_SECTORS + 1] << 16 | id[ID_SECTORS];
}

/* Reads what the disk is. Returns NULL, or why it is not used. */
static const char *identify(struct ahci_port *port)
{
	const u16 *id = (const u16 *)(port->page + IDENTITY);
	char model[ID_MODEL_BYTES];
	const char *error;

	fill_prd(port, 0, virt_to_phys(id), 512);
	fill_slot(port, ATA_IDENTIFY, 0, 0, 1);
	error = run_slot(port, 512, DISK_TIMEOUT_MS);
	if (error)
		return error;
	if (!(id[ID_COMMANDS] & ID_COMMANDS_48BIT))
		return "no-48-bit-addresses";
	/* Each word has two characters, the first one in its upper half. */
	for (u32 i = 0; i < ID_MODEL_BYTES; i++)
		model[i] = (char)(id[ID_MODEL + i / 2] >> (i % 2 ? 0 : 8));
	disk_set_model(&port->disk, model, sizeof(model));
	port->disk.sectors = sectors_of(id);
	port->disk.max_frames = DISK_FRAMES_MAX;
	port->disk.sector_bytes = 512;
	if ((id[ID_SECTOR_SIZE] & ID_SECTOR_SIZE_MASK) == ID_SECTOR_SIZE_LONG)
		port->disk.sector_bytes =
			2 * ((u32)id[ID_SECTOR_WORDS + 1] << 16 | id[ID_SECTOR_WORDS]);
	port->write_cache = id[ID_ENABLED] & ID_ENABLED_CACHE;
	return NULL;
}

/* Tells the port its memory, and lets it receive FISes: the signature comes as one. */
static void port_give_memory(struct ahci_port *port)
{
	volatile u32 *registers = port->registers;

	registers[PORT_IE] = 0;
	registers[PORT_CLB] = (u32)virt_to_phys(port->page + COMMAND_LIST);
	registers[PORT_CLBU] = 0;
	registers[PORT_FB] = (u32)virt_to_phys(port->page + RECEIVED_FIS);
	registers[PORT_FBU] = 0;
	registers[PORT_SCTL] = SCTL_NO_POWER;
	registers[PORT_SERR] = ~0u;
	set_bits(&registers[PORT_CMD], CMD_FIS, CMD_MULTIPLIER | CMD_ATAPI | CMD_LINK_POWER);
	set_bits(&registers[PORT_CMD], CMD_STATE_ACTIVE, CMD_STATE & ~CMD_STATE_ACTIVE);
}

/* Starts a port whose device has a link. Returns NULL, or why it is not used; "" for no disk. */
static const char *port_start(struct ahci_port *port)
{
	volatile u32 *registers = port->registers;

	if (!port_stop(registers))
		return "port-does-not-stop";
	port_give_memory(port);
	if (!poll_bits(&registers[PORT_SSTS], SSTS_DETECTION, SSTS_LINK, LINK_MS))
		return "no-link";
	registers[PORT_SERR] = ~0u;
	if (!port_ready(registers))
		return "busy";
	if (registers[PORT_SIG] != SIG_DISK)
		return registers[PORT_SIG] == SIG_NONE ? "no-signature" : "";
	port_run(registers);
	return identify(port);
}

static void port_init(struct pci_device device, volatile u32 *registers, u32 number)
{
	struct ahci_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	u8 *page = get_zeroed_page(GFP_KERNEL);
	const char *error = "no-memory";

	if (port && page) {
		port->controller = device;
		port->registers = registers;
		port->page = page;
		port->disk.ops = &ahci_ops;
		error = port_start(port);
		if (!error && !disk_register(&port->disk, "ahci"))
			return;
		if (error && *error)
			printk("disk: ahci-port=%u error=%s\n", number, error);
		/* If it does not stop it may still write to the page, which is lost. */
		if (!port_stop(registers))
			return;
	} else {
		printk("disk: ahci-port=%u error=%s\n", number, error);
	}
	kfree(port);
	if (page)
		free_page(page);
}

/*
 * 10.4.3. The reset may clear the list of ports, which the firmware has written (3.1.4). Returns
 * the ports, or 0.
 */
static u32 controller_reset(volatile u32 *hba)
{
	u32 ports;

	set_bits(&hba[HBA_GHC], GHC_AHCI, 0);
	ports = hba[HBA_PI];
	set_bits(&hba[HBA_GHC], GHC_RESET, 0);
	if (!poll_bits(&hba[HBA_GHC], GHC_RESET, 0, RESET_MS))
		return 0;
	set_bits(&hba[HBA_GHC], GHC_AHCI, GHC_INTERRUPTS);
	if (hba[HBA_PI] != ports)
		hba[HBA_PI] = ports;
	return ports;
}

/* The ports whose device has a link. An empty port need not be waited for after the reset. */
static u32 linked_ports(const volatile u32 *hba)
{
	u32 linked = 0;

	for (u32 i = 0; i < PORTS_MAX; i++) {
		const volatile u32 *port = hba + PORT_REGISTERS + i * REGISTERS_A_PORT;

		if (hba[HBA_PI] & 1u << i && (port[PORT_SSTS] & SSTS_DETECTION) == SSTS_LINK)
			linked |= 1u << i;
	}
	return linked;
}

static volatile u32 *port_registers(volatile u32 *hba, u32 number)
{
	return hba + PORT_REGISTERS + number * REGISTERS_A_PORT;
}

static void controller_init(struct pci_device device, volatile u32 *hba)
{
	u32 linked, ports;

	if (max_pfn > phys_to_pfn(GiB(4)) && !(hba[HBA_CAP] & CAP_64_BITS)) {
		printk("disk: ahci error=no-64-bit-addresses\n");
		return;
	}
	ahci_take_from_firmware(hba);
	set_bits(&hba[HBA_GHC], GHC_AHCI, 0);
	linked = linked_ports(hba);
	ports = controller_reset(hba);
	if (!ports) {
		printk("disk: ahci error=controller-does-not-reset\n");
		return;
	}
	/* All together, so that hard disks spin up at the same time. */
	for (u32 i = 0; i < PORTS_MAX; i++)
		if (ports & linked & 1u << i)
			set_bits(&port_registers(hba, i)[PORT_CMD], CMD_SPIN_UP | CMD_POWER_ON, 0);
	for (u32 i = 0; i < PORTS_MAX; i++)
		if (ports & linked & 1u << i)
			port_init(device, port_registers(hba, i), i);
}

static bool visit(struct pci_device device, void *context)
{
	volatile u32 *hba;

	(void)context;
	if (pci_read(device, PCI_CLASS) >> 8 != CLASS_AHCI)
		return false;
	pci_set_command(device, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX, 0);
	hba = pci_map(device, BAR_AHCI, REGISTERS_BYTES);
	if (hba)
		controller_init(device, hba);
	else
		printk("disk: ahci error=registers-out-of-reach\n");
	return false;
}

void ahci_init(void)
{
	pci_find(visit, NULL);
}
