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
const SPACES_MAX = 1000;
const STEPS = 3000; // turns of the emulator's loop, of 20,000 instructions each

/** The same invariant is false, of the same thing. */
export const isSame = (one, other) => one !== null && one.violated === other.violated && one.place === other.place && one.where === other.where && one.space === other.space;

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
	 * null: all invariants hold; else {violated, place, where, space, lack}. `space`: the mm_struct that is meant.
	 *
	 * The census ends at the first violation, and another one may hide what `focus`, an earlier verdict, is about. So all other
	 * checkers and all other address spaces are left out then; and of its frame the count and the references that were
	 * found are compared: `lack` is the difference.
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
		if (!focus && verdict?.place === SPACE)
			verdict.space = this.spaces().find((space) => isSame(this.call({ ...verdict, space }), { ...verdict, space })) ?? 0;
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

	/** The address spaces, in the order of mm_list. */
	spaces() {
		const { memory } = this.machine.processor;
		const { list, link } = this.about.spaces;
		const found = [];
		let next = memory.u32(this.physical(list));
		while (next !== list && next >= PAGE_OFFSET && this.physical(next) < memory.size && found.length < SPACES_MAX) {
			found.push(next - link);
			next = memory.u32(this.physical(next));
		}
		return found;
	}

	/** Calls the census, for a focus with an address space as if it were the only one. */
	call(focus) {
		if (!focus?.space)
			return this.census(focus);
		if (!this.spaces().includes(focus.space))
			return null;
		const { memory } = this.machine.processor;
		const { list, link } = this.about.spaces;
		const heads = [list, focus.space + link], others = [...heads].reverse();
		const places = heads.flatMap((head) => [head, head + 4]).map((head) => this.physical(head));
		const kept = places.map((place) => memory.u32(place));
		places.forEach((place, i) => memory.set32(place, others[i >> 1]));
		const verdict = this.census(focus);
		places.forEach((place, i) => memory.set32(place, kept[i]));
		return verdict;
	}

	census(focus) {
		const { processor } = this.machine;
		const { memory } = processor;
		const { scratch: [start, size], functions, census } = this.about;
		memory.bytes().set(this.text, this.physical(this.about.text[0]));
		const back = start + size - 16; // an HLT to return to
		memory.set8(this.physical(back), HLT);
		for (const name of ['panic', 'panic_regs', 'do_page_fault'])
			memory.set8(this.physical(functions[name]), HLT);
		for (const address of this.about.others[focus?.violated] ?? []) // xor %eax,%eax; ret
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
			return { unable: true, violated: 'a checker met a structure that it cannot follow', place: '', where: processor.cr(2), space: 0 };
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
		const verdict = { violated: text(word('violated')), place: text(word('place')), where: word('where'), space: focus?.space ?? 0 };
		return verdict.violated.startsWith(COUNT) && !verdict.place ? { ...verdict, lack: lackOf(verdict.where) } : verdict;
	}
}
