// SPDX-License-Identifier: MIT
/**
 * Step by step: an HLT stands over each instruction of the kernel but the one that is to be executed.
 *
 *     F4 F4 mov F4 F4      `mov` is executed, then the processor halts at whatever comes next, also after a jump
 *
 * It takes the place of Hooks, whose hooks stand at few places and cannot stand at jumps.
 */
import { HLT, PAGE_OFFSET } from './i386.js';

export class Stepper {
	/** step(address of the last instruction or 0, address of the next) is called before each instruction. */
	constructor(processor, about, step) {
		Object.assign(this, { processor, about, step });
		this.originals = new Map();
		this.last = 0;
	}

	arm() {
		const { memory } = this.processor;
		for (const address of this.about.instructions) {
			this.originals.set(address, memory.u8(address - PAGE_OFFSET));
			memory.set8(address - PAGE_OFFSET, HLT);
		}
	}

	halted(end) {
		const address = end - 1 >>> 0;
		const { processor } = this;
		if (!this.originals.has(address) || address === this.last)
			return false;
		processor.setEip(address);
		processor.uncount();
		processor.setHalted(false);
		if (this.last)
			processor.memory.set8(this.last - PAGE_OFFSET, HLT);
		const { last } = this;
		this.step(last, address);
		this.last = address;
		processor.memory.set8(address - PAGE_OFFSET, this.originals.get(address));
		return true;
	}

	/** The processor goes on after a pause; nothing stands in its way. */
	goOn() {}
}
