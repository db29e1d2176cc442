/* SPDX-License-Identifier: MIT */
/* Ring 3. See the header. */
#include "kernel/cpu/trap.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_fault.h"
#include "paging/tlb.h"
#include "tests/host/console.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"
#include "tests/host/owner.h"
#include "tests/host/user.h"

/*
 * Faults of one access before it counts as hung. Two are normal where a stale translation hides
 * an empty entry.
 */
#define FAULTS_MAX 3

#define UNLIMITED                            \
	{                                    \
		RLIM_INFINITY, RLIM_INFINITY \
	}

struct rlimit host_rlim[RLIM_NLIMITS] = {
	[0 ... RLIMIT_DATA] = UNLIMITED,
	[RLIMIT_STACK] = { MiB(8), RLIM_INFINITY },
	[RLIMIT_CORE... RLIMIT_NOFILE] = UNLIMITED,
	[RLIMIT_MEMLOCK] = { MiB(8), MiB(8) },
	[RLIMIT_AS... RLIM_NLIMITS - 1] = UNLIMITED,
};
const struct rlimit *current_rlim = host_rlim;
bool host_privileged = true;
bool host_read_exec;

/* A test may have one of its own. */
__attribute__((weak)) bool capable(u32 capability)
{
	(void)capability;
	return host_privileged && !host_fsuid;
}

bool read_implies_exec(void)
{
	return host_read_exec;
}

void user_switch(struct mm_struct *mm)
{
	phys_addr_t directory = virt_to_phys(mm ? mm->pgd : kernel_pgd);

	if (mmu_root() != directory)
		mmu_set_root(directory);
}

/* A fetch reads what is executed. */
static bool user_part(vaddr_t address, char *buffer, u32 bytes, enum fault_access access,
		      u32 *error)
{
	phys_addr_t phys;

	if (access == FAULT_EXEC && !mmu_access(address, MMU_FETCH, MMU_USER, &phys, error))
		return false;
	return mmu_copy(address, buffer, bytes, access == FAULT_WRITE, MMU_USER, error);
}

static enum fault_result user_copy(struct mm_struct *mm, vaddr_t address, char *buffer, u32 bytes,
				   enum fault_access access)
{
	u32 faults = 0, error;

	user_switch(mm);
	while (bytes) {
		u32 part = min(bytes, PAGE_SIZE - (address & ~PAGE_MASK));

		if (!user_part(address, buffer, part, access, &error)) {
			/*
			 * kernel/ passes no address of its own half on, and absent code as a
			 * read.
			 */
			const enum fault_access told =
				access == FAULT_EXEC && !(error & ERROR_PRESENT) ? FAULT_READ
										 : access;
			enum fault_result result =
				address >= TASK_SIZE ? FAULT_MAPERR : mm_fault(mm, address, told);

			if (result != FAULT_OK)
				return result;
			if (++faults > FAULTS_MAX)
				panic("ring 3: the fault at %#x is never resolved", address);
			continue;
		}
		faults = 0;
		address += part;
		buffer += part;
		bytes -= part;
	}
	return FAULT_OK;
}

enum fault_result user_read(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes)
{
	return user_copy(mm, address, buffer, bytes, FAULT_READ);
}

enum fault_result user_write(struct mm_struct *mm, vaddr_t address, const void *buffer, u32 bytes)
{
	return user_copy(mm, address, (char *)(uintptr_t)buffer, bytes, FAULT_WRITE);
}

enum fault_result user_fetch(struct mm_struct *mm, vaddr_t address)
{
	char byte;

	return user_copy(mm, address, &byte, 1, FAULT_EXEC);
}

int user_peek(struct mm_struct *mm, vaddr_t address)
{
	u8 value;
	enum fault_result result = user_read(mm, address, &value, 1);

	return result == FAULT_OK ? value : -1 - (int)result;
}

enum fault_result user_poke(struct mm_struct *mm, vaddr_t address, u8 value)
{
	return user_write(mm, address, &value, 1);
}

vaddr_t user_map(struct mm_struct *mm, u32 bytes, u32 prot)
{
	vaddr_t address = do_mmap(mm, 0, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS);

	if (IS_ERR_VALUE(address))
		panic("user_map: %d", (int)address);
	return address;
}
