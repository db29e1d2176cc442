// SPDX-License-Identifier: MIT
/**
 * The kernel's checkers, called on a copy of the machine.
 *
 * A checker is a function of the kernel. Calling it would change the run: its stack, the TLB, the count of
 * instructions. So the machine is copied, the processor is diverted to the checker, and the copy is
 * written back. The run goes on as if nothing had happened, to the instruction.
 *
 *     hook in the kernel ──> copy ──> eip = mm_census, its stack in `ring` ──> HLT ──> verdict ──> copy back
 *
 *  (1) It is called from a hook, in ring 0. The emulator's loop is entered again for the checker: no device
 *      gets its time meanwhile.
 *  (2) No hook is in the text that the checker runs.
 *  (3) A checker that faults, or does not end, has met a broken structure.
 */
import { HLT, LARGE, PAGE_OFFSET, PRESENT } from './i386.js';

const INTERRUPTS = 0x200;
const COUNT = '(1) a frame', SPACE = 'address space'; // of mm/census.c
const STEPS = 3000; // turns of the emulator's loop, of 20,000 instructions each

export class Checker {
	/** `about`: what tools/blame says of the kernel; `text`: the bytes of its code, without hooks. */
	constructor(machine, about) {
		Object.assign(this, { machine, about, evaluations: 0 });
		this.text = null;
	}

	physical(address) {
		return address - PAGE_OFFSET;
	}

	/** Called once, when the kernel is in memory and no hook is in it. */
	keepText() {
		const { memory } = this.machine.processor;
		const [start, end] = this.about.text.map((address) => this.physical(address));
		this.text = memory.bytes().slice(start, end);
	}

	/**
	 * null: all invariants hold; else {violated, place, where, lack}. The census ends at the first violation, and another one may
	 * hide what `focus`, an earlier verdict, is about: then the checkers before it are left out, and of its frame the count and
	 * the references that were found are compared: `lack` is the difference.
	 */
	evaluate(focus) {
		const { machine } = this;
		const time = machine.clock.save();
		const { hooks, ended } = machine;
		this.evaluations++;
		const parts = this.parts();
		const size = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
		if (!(this.kept?.length >= size))
			this.kept = new Uint8Array(size + (1 << 20));
		this.move(parts, (kept, part) => kept.set(part));
		Object.assign(machine, { hooks: { halted: () => false }, timers: () => 100 });
		const verdict = this.call(focus);
		delete machine.timers;
		Object.assign(machine, { hooks, ended });
		this.move(parts, (kept, part) => part.set(kept));
		machine.clock.restore(time);
		return verdict;
	}

	move(parts, copy) {
		const all = new Uint8Array(this.machine.processor.heap.buffer);
		let place = 0;
		for (const [start, bytes] of parts) {
			copy(this.kept.subarray(place, place + bytes), all.subarray(start, start + bytes));
			place += bytes;
		}
	}

	/**
	 * [[place in the emulator's memory, bytes]] of all that a checker can change: the emulator's own data, the kernel's text, where
	 * hooks are, its variables (the scratch memory too), mem_map, where references are counted, and page tables, where the processor marks accesses.
	 */
	parts() {
		const { processor } = this.machine;
		const { memory } = processor;
		const { text, data, variables } = this.about;
		const parts = [[0, memory.base]];
		const add = (address, bytes) => parts.push([memory.base + address, bytes]);
		add(this.physical(text[0]), text[1] - text[0]);
		add(this.physical(data[0]), data[1] - data[0]);
		const map = memory.u32(this.physical(variables.mem_map)), frames = memory.u32(this.physical(variables.max_pfn));
		if (map >= PAGE_OFFSET && this.physical(map) + frames * this.about.page <= memory.size)
			add(this.physical(map), frames * this.about.page);
		const directory = processor.cr(3) & ~4095;
		add(directory, 4096);
		for (let i = PAGE_OFFSET >>> 22; i < 1024; i++) {
			const entry = memory.u32(directory + i * 4);
			if ((entry & (PRESENT | LARGE)) === PRESENT && (entry & ~4095) >>> 0 < memory.size)
				add((entry & ~4095) >>> 0, 4096);
		}
		return parts;
	}

	call(focus) {
		const { processor } = this.machine;
		const { memory } = processor;
		const { scratch: [start, size], functions, census } = this.about;
		memory.bytes().set(this.text, this.physical(this.about.text[0]));
		const back = start + size - 16; // an HLT to return to
		memory.set8(this.physical(back), HLT);
		for (const name of ['panic', 'panic_regs', 'do_page_fault'])
			memory.set8(this.physical(functions[name]), HLT);
		const left = !focus ? [] : focus.place === SPACE ? this.about.before : focus.lack !== undefined ? this.about.checkers : [];
		for (const address of left) // xor %eax,%eax; ret
			[0x31, 0xc0, 0xc3].forEach((byte, i) => memory.set8(this.physical(address) + i, byte));
		memory.set32(this.physical(back - 16), back);
		processor.setRegister('esp', back - 16);
		processor.setRegister('ebp', 0);
		processor.setRegister('eax', start);
		processor.setEip(functions.mm_census);
		processor.maskInterrupts();
		processor.setHalted(false);
		for (let i = 0; i < STEPS && !processor.isHalted(); i++)
			this.machine.loop();
		const word = (name) => memory.u32(this.physical(start + census[name]));
		if (processor.eip() - 1 !== back)
			return { unable: true, violated: 'a checker met a structure that it cannot follow', place: '', where: processor.cr(2) };
		const text = (address) => {
			let letters = '';
			for (let place = this.physical(address), byte; address && (byte = memory.u8(place++)) && letters.length < 200;)
				letters += String.fromCharCode(byte);
			return letters;
		};
		const { variables, page } = this.about;
		const lackOf = (frame) => {
			const place = this.physical(memory.u32(this.physical(variables.mem_map))) + frame * page;
			return memory.u32(place + census.count) - memory.u32(place + census.audit) | 0;
		};
		if (focus?.lack !== undefined)
			return lackOf(focus.where) === focus.lack ? focus : null;
		if (!word('violated'))
			return null;
		const verdict = { violated: text(word('violated')), place: text(word('place')), where: word('where') };
		return verdict.violated.startsWith(COUNT) && !verdict.place ? { ...verdict, lack: lackOf(verdict.where) } : verdict;
	}
}
