// SPDX-License-Identifier: MIT
/**
 * The emulated processor: registers and memory, where v86 keeps them in its WebAssembly memory.
 *
 * The places are those of v86 0.5.462 (src/rust/cpu/global_pointers.rs), which package.json pins.
 */
const PLACE = { registers: 64, flags: 120, eip: 556, cr: 580, cpl: 612, inHalt: 616, count: 664 };
const REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];
const INTERRUPTS = 0x200;

export class Processor {
	/** `heap`: v86's WebAssembly.Memory; `base`: where the guest's memory begins in it, `size` bytes. */
	constructor(heap, base, size) {
		this.heap = heap;
		this.memory = new GuestMemory(heap, base, size);
		this.paused = null; // what was changed for the pause
	}

	words() {
		if (this.view?.buffer !== this.heap.buffer)
			this.view = new Int32Array(this.heap.buffer, 0, 1024);
		return this.view;
	}

	register(name) {
		return this.words()[(PLACE.registers >> 2) + REGISTERS.indexOf(name)] >>> 0;
	}

	setRegister(name, value) {
		this.words()[(PLACE.registers >> 2) + REGISTERS.indexOf(name)] = value;
	}

	/** All registers by name. */
	registers() {
		const all = Object.fromEntries(REGISTERS.map((name) => [name, this.register(name)]));
		return { ...all, eip: this.eip(), eflags: this.words()[PLACE.flags >> 2] >>> 0, cr2: this.cr(2), cr3: this.cr(3), cpl: this.cpl() };
	}

	eip() {
		return this.words()[PLACE.eip >> 2] >>> 0;
	}

	setEip(address) {
		this.words()[PLACE.eip >> 2] = address;
	}

	cr(number) {
		return this.words()[(PLACE.cr >> 2) + number] >>> 0;
	}

	/** 0 or 3. */
	cpl() {
		return this.words()[PLACE.cpl >> 2] & 3;
	}

	count() {
		return this.words()[PLACE.count >> 2] >>> 0;
	}

	/** An instruction of ours is not one of the guest's. */
	uncount() {
		this.words()[PLACE.count >> 2]--;
	}

	isHalted() {
		return (this.words()[PLACE.inHalt >> 2] & 0xff) !== 0;
	}

	setHalted(halted) {
		const words = this.words();
		words[PLACE.inHalt >> 2] = words[PLACE.inHalt >> 2] & ~0xff | (halted ? 1 : 0);
	}

	maskInterrupts() {
		const words = this.words();
		const before = words[PLACE.flags >> 2] & INTERRUPTS;
		words[PLACE.flags >> 2] &= ~INTERRUPTS;
		return before;
	}

	unmaskInterrupts(before) {
		this.words()[PLACE.flags >> 2] |= before;
	}

	/** Stops the processor: for the emulator it is halted, with interrupts off. */
	pause() {
		this.paused = { halted: this.isHalted(), interrupts: this.maskInterrupts() };
		this.setHalted(true);
	}

	/** Undoes pause(). Returns false if the guest itself had halted the processor. */
	unpause() {
		const { halted, interrupts } = this.paused;
		this.unmaskInterrupts(interrupts);
		this.setHalted(halted);
		this.paused = null;
		return !halted;
	}
}

/** The guest's physical memory. Addresses beyond its end read as 0. */
export class GuestMemory {
	constructor(heap, base, size) {
		Object.assign(this, { heap, base, size });
	}

	bytes() {
		if (this.view8?.buffer !== this.heap.buffer) {
			this.view8 = new Uint8Array(this.heap.buffer, this.base, this.size);
			this.view32 = new Uint32Array(this.heap.buffer, this.base, this.size >> 2);
		}
		return this.view8;
	}

	u8(address) {
		return this.bytes()[address] ?? 0;
	}

	set8(address, value) {
		this.bytes()[address] = value;
	}

	/** A word; the address is a multiple of 4, or it is read bytewise. */
	u32(address) {
		this.bytes();
		if (!(address & 3))
			return this.view32[address >>> 2] ?? 0;
		return (this.u8(address) | this.u8(address + 1) << 8 | this.u8(address + 2) << 16 | this.u8(address + 3) << 24) >>> 0;
	}

	set32(address, value) {
		this.bytes();
		this.view32[address >>> 2] = value;
	}
}
