// SPDX-License-Identifier: MIT
/**
 * Records the course of a run: calls with their arguments, results, stores and what goes to the processor itself.
 *
 *     words of one event      kind and number of a site      ESP      instructions since the start      values
 *       CALL                  the function                   return address, arguments
 *       RETURN                the function                   its result
 *       STORE                 the instruction                address, word after it
 *       EFFECT                the instruction                its operand: a flush, a segment, a register of the FPU
 *
 * Stores to the frame of the own function are left out: they are its local variables. compare.js reads it.
 */
export const CALL = 0, RETURN = 1, STORE = 2, EFFECT = 3;
export const KIND_BITS = 2, COUNT_BITS = 4; // of the first word
const REGISTERS = ['eax', 'edx', 'ecx']; // of arguments, -mregparm=3
const CHUNK = 1 << 20; // words
const ARGUMENTS_ON_STACK = 3;
const STEPS = 300000;

export class Recorder {
	/** `limit`: events, then full() is true; `steps`: {id, at} of a call, which is executed step by step and ends the run. */
	constructor(run, course, limit, steps = null) {
		Object.assign(this, { run, course, limit, steps });
		this.chunks = [];
		this.events = 0;
		this.place = CHUNK;
		this.pending = -1; // where the value of the last store goes
		this.mask = 0;
		this.address = 0;
	}

	/** Sets its hooks. */
	plant(hooks) {
		const { calls, returns, stores, effects, inputs } = this.course;
		calls.forEach(([address, length, sizes, input], id) => {
			if (length)
				hooks.set(address, length, () => this.call(id, sizes, input && inputs));
		});
		for (const [address, bytes, id, size] of returns)
			hooks.setReturn(address, bytes, (at) => this.run.word(at), () => this.take(RETURN, id, size ? [this.run.register('eax') & maskOf(size)] : []));
		stores.forEach(([address, length, size, ...operand], id) => hooks.set(address, length, () => this.store(id, size, operand)));
		effects.forEach(([address, length, register, ...operand], id) => hooks.set(address, length, () => {
			this.take(EFFECT, id, [register ? this.run.register(register) : operand.length ? this.run.operand(operand) : 0]);
		}));
	}

	full() {
		return this.events >= this.limit;
	}

	call(id, sizes, inputs) {
		const { run } = this;
		const stack = run.register('esp');
		if (this.steps && id === this.steps.id && run.at() === this.steps.at)
			this.stepThrough(stack);
		const values = [run.word(stack)];
		let used = 0, onStack = 0;
		for (const size of sizes) {
			const words = size > 4 ? 2 : 1;
			for (let i = 0; i < words; i++)
				if (used + words - i <= REGISTERS.length && size <= 8)
					values.push(run.register(REGISTERS[used++]) & maskOf(size));
				else if (onStack < ARGUMENTS_ON_STACK)
					values.push(run.word(stack + 4 + onStack++ * 4) & maskOf(size));
		}
		// What a program asks for: its registers.
		if (inputs)
			for (const offset of inputs)
				values.push(run.word(run.register('eax') + offset));
		this.take(CALL, id, values.slice(0, 15));
	}

	/** The addresses that are executed until the function returns, with those of its callees. */
	stepThrough(stack) {
		const { run, steps } = this;
		steps.path = [];
		run.stepFrom((last, next) => {
			steps.path.push(next);
			if (run.register('esp') > stack && last || steps.path.length >= STEPS)
				run.stop();
		});
	}

	store(id, size, operand) {
		const address = this.run.operand(operand);
		const { events } = this;
		this.take(STORE, id, [address, 0]);
		if (this.events === events)
			return;
		this.pending = this.place - 1;
		this.address = address;
		this.mask = maskOf(size);
	}

	take(kind, id, values) {
		if (this.pending >= 0)
			this.settle();
		if (this.full())
			return;
		if (this.place + 3 + values.length > CHUNK) {
			this.chunk?.fill(-1, this.place);
			this.chunk = new Int32Array(CHUNK);
			this.chunks.push(this.chunk);
			this.place = 0;
		}
		const { chunk, run } = this;
		this.events++;
		chunk[this.place++] = kind | values.length << KIND_BITS | id << KIND_BITS + COUNT_BITS;
		chunk[this.place++] = run.register('esp');
		chunk[this.place++] = run.at();
		for (const value of values)
			chunk[this.place++] = value;
	}

	/** The last store is done: its value. */
	settle() {
		this.chunk[this.pending] = this.run.word(this.address) & this.mask;
		this.pending = -1;
	}

	/** All words; -1 fills up a chunk. */
	words() {
		this.chunk?.fill(-1, this.place);
		return this.chunks;
	}
}

const maskOf = (size) => (size === 1 ? 0xff : size === 2 ? 0xffff : -1);
