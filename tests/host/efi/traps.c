/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/host/efi/traps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define PAGE	    4096u
#define TRAP_FLAG   0x100
#define FAULT_WRITE 2 /* of the error code of a page fault */

#ifdef __x86_64__
#define REG_IP REG_RIP
static const int registers[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				   REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
				   REG_R12, REG_R13, REG_R14, REG_R15 };
#else
#define REG_IP REG_EIP
static const int registers[16] = { REG_EAX, REG_ECX, REG_EDX, REG_EBX,
				   REG_ESP, REG_EBP, REG_ESI, REG_EDI };
#endif

struct traps traps;
static struct trapped_device devices[8];

/* The access that runs alone now. */
static struct {
	const struct trapped_device *device;
	u32 offset;
	bool write;
} alone;

static greg_t *reg(ucontext_t *context, u32 number)
{
	return &context->uc_mcontext.gregs[registers[number]];
}

static u32 eax(ucontext_t *context)
{
	return (u32)*reg(context, 0);
}

/* ---- Ports ---- */

static void set_low(greg_t *place, u32 value, u32 bytes)
{
	if (bytes == 4)
		*place = (greg_t)value;
	else
		memcpy(place, &value, bytes);
}

static void do_in(ucontext_t *context, u16 port, u32 bytes)
{
	set_low(reg(context, 0), traps.in ? traps.in(port, bytes) : ~0u, bytes);
}

static void do_out(ucontext_t *context, u16 port, u32 bytes)
{
	u32 value = eax(context) & (bytes == 4 ? ~0u : (1u << 8 * bytes) - 1);

	if (traps.out)
		traps.out(port, bytes, value);
}

/* IN and OUT; returns the length of the instruction, 0: another one. */
static u32 port_instruction(ucontext_t *context, const u8 *code)
{
	u32 prefix = code[0] == 0x66, opcode = code[prefix];
	u16 dx = (u16)*reg(context, 2);
	u32 bytes = !(opcode & 1) ? 1 : prefix ? 2 : 4;
	bool immediate = (opcode & 0xfc) == 0xe4;

	if (!immediate && (opcode & 0xfc) != 0xec)
		return 0;
	if (opcode & 2)
		do_out(context, immediate ? code[prefix + 1] : dx, bytes);
	else
		do_in(context, immediate ? code[prefix + 1] : dx, bytes);
	return prefix + 1 + immediate;
}

/* ---- The processor's registers ---- */

static void put_pair(ucontext_t *context, u64 value)
{
	set_low(reg(context, 0), (u32)value, 4);
	set_low(reg(context, 2), (u32)(value >> 32), 4);
}

static void do_wrmsr(ucontext_t *context)
{
	if (traps.wrmsr)
		traps.wrmsr((u32)*reg(context, 1), (u64)(u32)*reg(context, 2) << 32 | eax(context));
}

/* Those of two bytes, 0x0f first. */
static u32 long_instruction(ucontext_t *context, const u8 *code)
{
	u32 rex = sizeof(void *) == 8 && (code[0] & 0xf0) == 0x40 ? code[0] : 0;

	code += rex != 0;
	if (code[0] != 0x0f)
		return 0;
	switch (code[1]) {
	case 0x09:
		traps.wbinvds++;
		return 2;
	case 0x30:
		do_wrmsr(context);
		return 2;
	case 0x32:
		put_pair(context, traps.rdmsr ? traps.rdmsr((u32)*reg(context, 1)) : 0);
		return 2;
	case 0x20:
		*reg(context, (code[2] & 7) + (rex & 1) * 8) =
			(greg_t)traps.control[code[2] >> 3 & 7];
		return 3 + (rex != 0);
	default:
		return 0;
	}
}

static u32 instruction(ucontext_t *context)
{
	const u8 *code = (const u8 *)(uintptr_t)context->uc_mcontext.gregs[REG_IP];

	if (code[0] == 0xf4) {
		if (traps.halt)
			traps.halt();
		return 1;
	}
	if (code[0] == 0xfa) {
		traps.clis++;
		return 1;
	}
	return port_instruction(context, code) ?: long_instruction(context, code);
}

/* ---- Devices ---- */

static const struct trapped_device *device_at(u64 address)
{
	for (u32 i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i].address && address - devices[i].address < PAGE)
			return &devices[i];
	return NULL;
}

static void set_rights(const struct trapped_device *device, int rights)
{
	mprotect((void *)(uintptr_t)device->address, PAGE, rights);
}

/* The access runs with the page's rights, and is the only instruction that does. */
static bool begin_access(ucontext_t *context, u64 address)
{
	u32 *place = (u32 *)(uintptr_t)(address & ~3ull);

	alone.device = device_at(address);
	if (!alone.device)
		return false;
	alone.offset = (u32)(address & ~3ull & (PAGE - 1));
	alone.write = context->uc_mcontext.gregs[REG_ERR] & FAULT_WRITE;
	set_rights(alone.device, PROT_READ | PROT_WRITE);
	if (!alone.write)
		*place = alone.device->read ? alone.device->read(alone.offset) : ~0u;
	context->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
	return true;
}

static void on_step(int signal, siginfo_t *info, void *context_of)
{
	ucontext_t *context = context_of;
	const struct trapped_device *device = alone.device;
	u32 value = *(u32 *)(uintptr_t)(device->address + alone.offset);

	(void)signal, (void)info;
	context->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	set_rights(device, PROT_NONE);
	if (alone.write && device->write)
		device->write(alone.offset, value);
}

static void on_fault(int number, siginfo_t *info, void *context_of)
{
	ucontext_t *context = context_of;
	u32 length;

	if (info->si_code == SEGV_ACCERR && begin_access(context, (uintptr_t)info->si_addr))
		return;
	length = info->si_code > 0 && info->si_code != SI_KERNEL ? 0 : instruction(context);
	if (length) {
		context->uc_mcontext.gregs[REG_IP] += (greg_t)length;
		return;
	}
	fprintf(stderr, "# a fault at %p, code %d, of the instruction at %p\n", info->si_addr,
		info->si_code, (void *)(uintptr_t)context->uc_mcontext.gregs[REG_IP]);
	signal(number, SIG_DFL);
}

void traps_device(const struct trapped_device *device)
{
	for (u32 i = 0; i < ARRAY_SIZE(devices); i++) {
		void *place = (void *)(uintptr_t)device->address;

		if (devices[i].address)
			continue;
		devices[i] = *device;
		if (mmap(place, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			 -1, 0) != place) {
			perror("registers of a device");
			exit(1);
		}
		return;
	}
}

void traps_start(void)
{
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct sigaction step = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGTRAP, &step, NULL);
}
