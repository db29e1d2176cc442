// SPDX-License-Identifier: MIT
/**
 * The kernel's view of the guest's memory.
 *
 * A machine offers physical memory: u8(), u32() by physical address. The kernel's pointers are
 * virtual. Those of the direct map differ by PAGE_OFFSET; all others go through the kernel's page
 * directory, which is the same in every address space.
 */
const PRESENT = 1, LARGE = 0x80;
const LOW_LIMIT = 896 << 20; // the direct map, before the kernel has set its end

export class KernelMemory {
	/** `physical`: a machine's memory; `constants`, `variables`: of kernel.json. */
	constructor(physical, constants, variables) {
		this.physical = physical;
		this.offset = constants.PAGE_OFFSET;
		this.lowPlace = variables.max_low_pfn[0] - this.offset;
		this.directoryPlace = variables.kernel_pgd[0] - this.offset;
	}

	/** The physical address of a kernel pointer; -1: not mapped. */
	translate(address) {
		const low = address - this.offset;
		if (low >= 0 && low < (this.physical.u32(this.lowPlace) * 4096 || LOW_LIMIT))
			return low;
		return this.walk(this.physical.u32(this.directoryPlace) - this.offset, address);
	}

	/** The same by the page directory at this physical address. */
	walk(directory, address) {
		const pde = this.physical.u32(directory + (address >>> 22) * 4);
		if (!(pde & PRESENT))
			return -1;
		if (pde & LARGE)
			return (pde & 0xffc00000) >>> 0 | address & 0x3fffff;
		const pte = this.physical.u32(((pde & 0xfffff000) >>> 0) + (address >>> 12 & 1023) * 4);
		return pte & PRESENT ? ((pte & 0xfffff000) >>> 0) + (address & 0xfff) : -1;
	}

	u8(address) {
		const place = this.translate(address);
		return place < 0 ? 0 : this.physical.u8(place);
	}

	u16(address) {
		return this.u8(address) | this.u8(address + 1) << 8;
	}

	u32(address) {
		const place = this.translate(address);
		return place < 0 ? 0 : this.physical.u32(place);
	}

	/** Text that ends in NUL, of at most `limit` bytes. */
	text(address, limit = 256) {
		let text = '';
		for (let i = 0; i < limit; i++) {
			const byte = this.u8(address + i);
			if (!byte)
				break;
			text += String.fromCharCode(byte);
		}
		return text;
	}
}
