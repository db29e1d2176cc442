// SPDX-License-Identifier: MIT
/**
 * Hooks: JavaScript that runs when the guest reaches an address.
 *
 * The emulator has no hook for instructions, but it calls the page at each HLT. So a hook is an
 * HLT over the first byte of an instruction. To go on, the original byte has to be there again,
 * and the hook has to come back after it: a second HLT stands at the next instruction for that.
 *
 *     address  push %ebp    F4 .. ..     the hook was reached: its function is called;
 *     next     mov  ...     .. .. ..     then the byte returns, and F4 goes to `next`
 *                                        F4 at `next` was reached: F4 returns to `address`
 *
 * A hook without a length of its first instruction serves once.
 *
 *  (1) No interrupt comes between the two HLTs: they run with interrupts off.
 *  (2) The guest's count of instructions does not count an HLT of ours, so time is the same with
 *      and without hooks.
 */
const HLT = 0xf4;

export class Hooks {
	/** `processor`: see v86.js; `place(address)`: the physical address of code. */
	constructor(processor, place) {
		this.processor = processor;
		this.place = place;
		this.hooks = new Map(); // address -> {call, length, original}
		this.returning = null; // the hook that waits at its next instruction
		this.armed = false;
	}

	/** Calls call(address) each time when `address` is reached; length 0: once. */
	set(address, length, call) {
		const hook = this.hooks.get(address);
		if (hook) {
			hook.calls.push(call);
			hook.length ||= length;
			return;
		}
		const made = { address, length, calls: [call], original: 0 };
		this.hooks.set(address, made);
		if (this.armed)
			this.plant(made);
	}

	/** The same at a `ret` that pops `bytes` more; word(address) reads the stack. It is done here: its next instruction is not known in advance. */
	setReturn(address, bytes, word, call) {
		this.set(address, 0, call);
		Object.assign(this.hooks.get(address), { word, pops: 4 + bytes });
	}

	remove(address, call) {
		const hook = this.hooks.get(address);
		if (!hook)
			return;
		hook.calls = hook.calls.filter((other) => other !== call);
		if (!hook.calls.length)
			this.drop(hook);
	}

	/** Called within a hook. */
	removeAll() {
		for (const hook of [...this.hooks.values()])
			this.drop(hook);
	}

	drop(hook) {
		this.hooks.delete(hook.address);
		if (!this.armed || this.returning?.hook === hook)
			return;
		if (this.returning?.next === hook.address)
			this.returning.original = hook.original;
		else
			this.processor.memory.set8(this.place(hook.address), hook.original);
	}

	plant(hook) {
		const place = this.place(hook.address);
		if (this.returning?.next === hook.address) { // there is an HLT already
			hook.original = this.returning.original;
			this.returning.original = HLT;
			return;
		}
		hook.original = this.processor.memory.u8(place);
		this.processor.memory.set8(place, HLT);
	}

	/** The hooks as they are now; their bytes are in the guest's memory. */
	save() {
		return { ...this.copy(this.hooks, this.returning), armed: this.armed };
	}

	restore({ hooks, returning, armed }) {
		Object.assign(this, this.copy(hooks, returning), { armed });
	}

	/** Hooks are changed in place, so each has a copy; the one that waits is the copy of itself. */
	copy(hooks, returning) {
		const made = new Map([...hooks].map(([address, hook]) => [address, { ...hook, calls: [...hook.calls] }]));
		const waits = returning && { ...returning, hook: hooks.get(returning.hook.address) === returning.hook ? made.get(returning.hook.address) : returning.hook };
		return { hooks: made, returning: waits };
	}

	/** The code is in memory now: the hooks that were set before appear in it. */
	arm() {
		this.armed = true;
		for (const hook of this.hooks.values())
			this.plant(hook);
	}

	/**
	 * The processor executed an HLT that ends at `end`. Returns false if it is the guest's own.
	 */
	halted(end) {
		const address = end - 1 >>> 0;
		if (this.returning && address === this.returning.next) {
			this.replant();
			this.processor.setEip(address);
			this.processor.uncount();
			this.processor.setHalted(false);
			return true;
		}
		const hook = this.hooks.get(address);
		if (!hook || !this.armed)
			return false;
		this.processor.setEip(address);
		if (!hook.pops)
			this.processor.uncount();
		this.processor.setHalted(false);
		for (const call of [...hook.calls])
			call(address);
		if (hook.pops) {
			this.doReturn(hook);
			return true;
		}
		if (!this.processor.paused)
			this.goOn();
		return true;
	}

	/** A `ret`; it counts as the HLT in its place. */
	doReturn({ word, pops }) {
		const stack = this.processor.register('esp');
		this.processor.setEip(word(stack));
		this.processor.setRegister('esp', stack + pops);
	}

	/** Lets the processor go on from where it stands, past a hook there. */
	goOn() {
		const { memory } = this.processor;
		const address = this.processor.eip();
		const hook = this.armed && this.hooks.get(address);
		if (!hook)
			return;
		memory.set8(this.place(address), hook.original);
		if (!hook.length) {
			this.hooks.delete(address);
			return;
		}
		const next = address + hook.length;
		const place = this.place(next);
		this.returning = { hook, next, original: memory.u8(place), interrupts: this.processor.maskInterrupts() };
		memory.set8(place, HLT);
	}

	/** The instruction is done: its hook returns. */
	replant() {
		const { hook, next, original, interrupts } = this.returning;
		const { memory } = this.processor;
		memory.set8(this.place(next), original);
		this.returning = null;
		this.processor.unmaskInterrupts(interrupts);
		if (this.hooks.has(hook.address))
			memory.set8(this.place(hook.address), HLT);
	}
}
