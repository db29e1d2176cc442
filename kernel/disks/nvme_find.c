/* SPDX-License-Identifier: MIT */
/* Finds NVMe controllers, and maps their registers. */
#include "kernel/cpu/cpu.h"
#include "kernel/devices/pci.h"
#include "kernel/disks/driver.h"
#include "kernel/disks/nvme.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/frames/memmap.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"

#define CLASS_NVME 0x010802u /* mass storage, non-volatile memory, NVM Express */
#define HIGH_MAX   4u
#define HIGH_BYTES MiB(1) /* more than the offset of any doorbell */
#define DOORBELLS  4u	  /* two for each pair of queues */

/*
 * Registers above 4 GiB, where firmware may put them for a controller without a bridge above it. A
 * large page reaches them.
 */
static struct {
	struct pci_device device;
	volatile u32 *registers;
} high[HIGH_MAX];
static u32 high_count;

static bool is_nvme(struct pci_device device)
{
	return pci_read(device, PCI_CLASS) >> 8 == CLASS_NVME;
}

static bool map_if_high(struct pci_device device, void *context)
{
	phys_addr_t start = is_nvme(device) ? pci_address(device, 0) : 0;

	(void)context;
	if (start < GiB(4) || memmap_has_ram(&memmap, start, start + HIGH_BYTES))
		return false;
	high[high_count].device = device;
	high[high_count].registers = kernel_map_device(start, HIGH_BYTES, false);
	high_count++;
	return high_count == HIGH_MAX;
}

void nvme_map_early(void)
{
	if (!PMD_FOLDED || (cpu_has(CPU_PSE) && cpu_has(CPU_PSE36)))
		pci_find(map_if_high, NULL);
}

static volatile u32 *high_registers(struct pci_device device)
{
	for (u32 i = 0; i < high_count; i++)
		if (!memcmp(&high[i].device, &device, sizeof(device)))
			return high[i].registers;
	return NULL;
}

/* Maps the registers and doorbells. How far these are apart is in a register. */
static volatile u32 *map_registers(struct pci_device device)
{
	volatile u32 *registers = pci_map(device, 0, NVME_REGISTERS_BYTES);
	u32 stride;

	if (!registers)
		return NULL;
	stride = NVME_STRIDE_BYTES(registers[NVME_CAP_HIGH]);
	iounmap(registers);
	return pci_map(device, 0, NVME_REGISTERS_BYTES + DOORBELLS * stride);
}

static bool visit(struct pci_device device, void *context)
{
	volatile u32 *registers, *mapped = NULL;

	(void)context;
	if (!is_nvme(device))
		return false;
	pci_set_command(device, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX, 0);
	registers = high_registers(device);
	if (!registers)
		registers = mapped = map_registers(device);
	if (!registers)
		printk("disk: nvme error=registers-out-of-reach\n");
	else if (!nvme_start(device, registers))
		iounmap(mapped);
	return false;
}

void nvme_init(void)
{
	pci_find(visit, NULL);
}
