// SPDX-License-Identifier: MIT
/**
 * One run of a failing kernel, from its start, with a visitor at chosen places.
 *
 * A run repeats to the instruction, with or without hooks (machine/v86.js (1), machine/hooks.js (2)). So a moment
 * is a number: the instructions since the start. A visit may evaluate the checkers, which leaves the run as it was.
 */
import { V86Machine } from '../machine/v86.js';
import { Checker } from './copy.js';
import { LARGE, PRESENT } from './i386.js';
import { Stepper } from './stepper.js';

const UP = /^KTAP version/; // the kernel has started, and knows how fast its clocks are
const LOADED = 'loader: entering the kernel';
const FIXED_OPTIONS = 'console=ttyS0 exit=halt';
const CHAIN_MAX = 40;
const KERNEL_UNIT = 1 << 20; // its file in memory
const SLOW_FROM = 60000, SLOW_UNIT = 1; // ms

export class Run {
	/**
	 * `settings`: {files, options, memory, about, pace, slow}: of time, and once the kernel is up; visit(address, at, this) is called at each hook; `onLine(text, at)`:
	 * lines of the log. run() resolves when the log has its verdict, the limit of instructions is reached, or stop() was called.
	 */
	constructor(settings, visit, onLine = () => {}) {
		Object.assign(this, { settings, visit, onLine });
		this.stopped = false;
	}

	async run() {
		const { files, options, memory, about } = this.settings;
		this.machine = new V86Machine({ files, options: `${FIXED_OPTIONS} ${options}`, memory, patient: false, unit: KERNEL_UNIT });
		const { machine } = this;
		this.checker = new Checker(machine, about);
		let line = '';
		const ended = new Promise((resolve, reject) => {
			this.resolve = resolve;
			machine.onByte = (number, byte) => {
				if (number !== 0)
					return;
				if (byte !== 10) {
					line += String.fromCharCode(byte);
					return;
				}
				const text = line.replace(/\r$/, '');
				line = '';
				try {
					this.takeLine(text);
				} catch (error) {
					reject(error);
				}
			};
			machine.onTurn = () => {
				if (this.stopped || machine.clock.instructions() > this.settings.limit)
					this.stop();
			};
			machine.start(() => this.plant(reject)).catch(reject);
		});
		const watch = setInterval(() => machine.ended && this.stop(), 200); // halted for ever
		try {
			await ended;
		} finally {
			clearInterval(watch);
			machine.pause();
			await machine.destroy();
		}
	}

	plant(reject) {
		const { hooks, clock } = this.machine;
		clock.goOnAt(this.settings.pace ?? 1, 0, 0);
		this.prepare?.(hooks);
		for (const [address, length] of this.settings.about.hooks)
			hooks.set(address, length, (place) => {
				if (this.stopped)
					return;
				try {
					this.visit(place, this.at(), this);
				} catch (error) {
					reject(error);
				}
			});
	}

	takeLine(text) {
		if (text === LOADED) {
			this.checker.keepText();
			this.machine.hooks.arm();
		}
		if (UP.test(text) && this.settings.slow)
			this.machine.clock.goOnAt(this.settings.slow, SLOW_FROM, SLOW_UNIT);
		this.onLine(text, this.at());
		if (/^(verdict:)/.test(text))
			this.stop();
	}

	/** Instructions since the start. */
	at() {
		return this.machine.clock.instructions();
	}

	/** Ends the run soon; no visit follows. */
	stop() {
		this.stopped = true;
		setTimeout(() => this.resolve(), 0);
		this.machine.pause();
	}

	/** `focus`: a verdict that is looked for; others do not hide it. */
	evaluate(focus = null) {
		return this.checker.evaluate(focus);
	}

	/** From here on each instruction is visited: step(address of the last one, address of the next one). */
	stepFrom(step) {
		const { machine } = this;
		machine.hooks.removeAll();
		machine.hooks = new Stepper(machine.processor, this.settings.about, (last, next) => !this.stopped && step(last, next));
		machine.hooks.arm();
	}

	register(name) {
		return this.machine.processor.register(name);
	}

	/** The physical address behind a virtual one, by the page directory in use; -1: none. */
	physical(address) {
		const { memory } = this.machine.processor;
		const pde = memory.u32((this.machine.processor.cr(3) & ~4095) + (address >>> 22) * 4);
		if (!(pde & PRESENT))
			return -1;
		if (pde & LARGE)
			return (pde & 0xffc00000) >>> 0 | address & 0x3fffff;
		const pte = memory.u32(((pde & 0xfffff000) >>> 0) + (address >>> 12 & 1023) * 4);
		return pte & PRESENT ? ((pte & 0xfffff000) >>> 0) + (address & 0xfff) : -1;
	}

	/** The address of [base, index, scale, offset]. */
	operand([base, index, scale, offset]) {
		return (base ? this.register(base) : 0) + (index ? this.register(index) * scale : 0) + offset >>> 0;
	}

	word(address) {
		const place = this.physical(address);
		return place < 0 ? 0 : this.machine.processor.memory.u32(place);
	}

	/** Return addresses, the innermost first; `entry`: the processor is at the first instruction of a function. */
	chain(entry) {
		const [start, end] = this.settings.about.text;
		const found = [];
		if (entry)
			found.push(this.word(this.register('esp')));
		for (let frame = this.register('ebp'); frame && found.length < CHAIN_MAX; frame = this.word(frame)) {
			const back = this.word(frame + 4);
			if (back < start || back >= end)
				break;
			found.push(back);
		}
		return found;
	}
}
