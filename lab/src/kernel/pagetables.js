// SPDX-License-Identifier: MIT
/**
 * Page directories and page tables as the MMU reads them: words of physical memory
 * (paging/pgtable.h).
 */
const ENTRIES = 1024, PAGE = 4096;

/** The 1024 words of a directory or table at a physical address. */
export function readTable(kernel, physical) {
	return Uint32Array.from({ length: ENTRIES }, (_, i) => kernel.memory.physical.u32(physical + i * 4));
}

/** The physical address of the directory of an address space; of the kernel's own without one. */
export function directoryOf(kernel, mm) {
	const { PAGE_OFFSET } = kernel.constants;
	const pointer = mm ? kernel.memory.u32(mm.address + kernel.offset('mm_struct', 'pgd')) : kernel.variable('kernel_pgd');
	return pointer - PAGE_OFFSET;
}

/** "present write user ...", the bits of an entry. */
export function entryBits(kernel, value, level) {
	const bits = kernel.enums.pte_bits;
	const names = kernel.flags('pte_bits', value, 'PTE_').filter((name) => !['LARGE', 'PROTNONE'].includes(name));
	if (value & bits.PTE_LARGE)
		names.push(level === 'pgd' ? 'LARGE' : value & bits.PTE_PRESENT ? 'PAT' : 'PROTNONE');
	return names.map((name) => name.toLowerCase());
}

/** The entries for an address: {pde, pte, frame}; pte null where no table is, frame -1 where no page is. */
export function lookUp(kernel, directory, address) {
	const { PTE_PRESENT, PTE_LARGE, PTE_PROTNONE } = kernel.enums.pte_bits;
	const { physical } = kernel.memory;
	const pde = physical.u32(directory + (address >>> 22) * 4);
	if (!(pde & PTE_PRESENT))
		return { pde, pte: null, frame: -1 };
	if (pde & PTE_LARGE)
		return { pde, pte: null, frame: (pde >>> 12 & ~1023) + (address >>> 12 & 1023) };
	const place = (pde >>> 12) * PAGE + (address >>> 12 & 1023) * 4;
	const pte = physical.u32(place);
	return { pde, pte, place, frame: pte & (PTE_PRESENT | PTE_PROTNONE) ? pte >>> 12 : -1 };
}

/** The entry that a page of a 4 MiB page would have if it were alone. */
export function partOfLarge({ PTE_LARGE }, pde, address) {
	return (pde & 0xffc00fff & ~PTE_LARGE | address & 0x3ff000) >>> 0;
}

/** Calls visit(address, entry) for each user page that an address space maps. */
export function eachUserPage(kernel, mm, visit) {
	const bits = kernel.enums.pte_bits;
	const { PTE_PRESENT, PTE_PROTNONE, PTE_LARGE } = bits;
	const { physical } = kernel.memory;
	const directory = directoryOf(kernel, mm);
	for (let i = 0; i < kernel.constants.KERNEL_PGD_INDEX; i++) {
		const pde = physical.u32(directory + i * 4);
		if (!(pde & PTE_PRESENT))
			continue;
		const table = (pde >>> 12) * PAGE;
		for (let j = 0; j < ENTRIES; j++) {
			const pte = pde & PTE_LARGE ? partOfLarge(bits, pde, j << 12) : physical.u32(table + j * 4);
			if (pte & (PTE_PRESENT | PTE_PROTNONE))
				visit((i << 22 | j << 12) >>> 0, pte);
		}
	}
}

/** The address spaces and addresses that map a frame: [{pids, address, entry}]. */
export function mappersOf(kernel, pfn) {
	const found = [];
	const tasks = [...kernel.list(kernel.variable('task_list'), 'task', 'link')];
	for (const mm of kernel.list(kernel.variable('mm_list'), 'mm_struct', 'link'))
		eachUserPage(kernel, mm, (address, entry) => {
			if (entry >>> 12 === pfn)
				found.push({ pids: tasks.filter((task) => task.mm?.address === mm.address).map((task) => task.pid), mm: mm.address, address, entry });
		});
	return found;
}
