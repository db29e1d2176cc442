// SPDX-License-Identifier: MIT
/**
 * A laboratory on a running QEMU: the same panels, and steps by breakpoints.
 *
 * It has the calls of Laboratory (lab.js) that make sense there: a machine outside the page can
 * be stopped, but not be taken back, and there are no events.
 *
 *  (1) The stub answers in the order of the questions, and while the machine runs any byte stops it.
 *      So there is one activity at a time: a run, or a step. Another one begins when it has ended.
 */
import { frameStory } from '../kernel/frame_story.js';
import { pageFrame } from '../kernel/frames.js';
import { Kernel } from '../kernel/layout.js';
import { readPicture } from '../kernel/picture.js';
import { faultAfter, faultBefore } from '../trace/fault.js';
import { FetchedMemory } from './memory.js';

const SAMPLE_MS = 1000; // a running machine is stopped for a picture each second

/** A step was given up: pause(), another activity, or the machine's end. */
class Interrupted extends Error {}

export class LiveLaboratory {
	/** `gdb`: an open Gdb, the machine stopped; `description`: kernel.json. */
	constructor(gdb, description) {
		this.gdb = gdb;
		this.memory = new FetchedMemory((address, length) => gdb.read(address, length));
		this.kernel = new Kernel(description, this.memory);
		this.paused = true;
		this.ended = false;
		this.activity = Promise.resolve(); // the run or step that goes on, or the last one
		this.queue = Promise.resolve(); // pictures and stories, one after the other
		this.onStop = () => {}; // (story)
		this.onSample = async () => {}; // the machine stands for a moment
		this.onRun = () => {}; // it runs
		gdb.onClose = () => { this.ended = true; this.onStop(null); };
	}

	/** Readings run one after the other; the machine stands. */
	alone(read) {
		const done = this.queue.then(() => this.memory.with(() => this.kernel.isReady() ? read() : null));
		this.queue = done.catch(() => {});
		return done;
	}

	picture(chosen) {
		return this.alone(() => readPicture(this.kernel, chosen));
	}

	frame(pfn) {
		return this.alone(() => frameStory(this.kernel, pfn));
	}

	/** Begins an activity, (1); when act() has ended, onStop() gets its story. */
	async begin(act) {
		this.pause();
		this.activity = this.activity.catch(() => {}).then(async () => {
			await this.queue;
			if (this.ended)
				return;
			this.paused = false;
			this.onRun();
			const story = await act().catch((error) => {
				if (!this.ended && !(error instanceof Interrupted))
					throw error;
				return null;
			});
			this.paused = true;
			if (!this.ended)
				this.onStop(story);
		});
		await this.activity;
	}

	/** Runs, with a short stop for a picture now and then, until pause(). */
	run() {
		return this.begin(async () => {
			while (!this.paused && !this.ended) {
				const limit = setTimeout(() => this.gdb.stop(), SAMPLE_MS);
				await this.go();
				clearTimeout(limit);
				if (!this.paused)
					await this.onSample();
			}
			return null;
		});
	}

	/** Ends the activity; onStop() follows. */
	pause() {
		this.paused = true;
		this.gdb.stop();
	}

	/** `fault` or `allocation`; onStop(story) follows. */
	step({ kind }) {
		return this.begin(() => kind === 'fault' ? this.nextFault() : this.nextAllocation());
	}

	/** Timer interrupts return to the same place as do_page_fault(), but not as mm_fault(). */
	async nextFault() {
		const call = await this.until('do_page_fault');
		const fault = await this.memory.with(() => faultBefore(this.kernel, call.arguments));
		const inner = await this.until('mm_fault', 'do_page_fault');
		if (inner.name === 'mm_fault') {
			const { eax } = await this.untilReturn(inner);
			fault.result = this.kernel.enumName('fault_result', eax, 'FAULT_');
		}
		return { kind: 'fault', fault: { ...fault, ...await this.memory.with(() => faultAfter(this.kernel, fault)) } };
	}

	async nextAllocation() {
		const call = await this.until('alloc_page', 'alloc_pages');
		const order = call.name === 'alloc_page' ? 0 : call.arguments[1];
		const { eax } = await this.untilReturn(call);
		const event = await this.memory.with(() => ({
			at: 0, pid: this.kernel.variable('current')?.pid ?? 0, kind: 'alloc', order,
			text: `order ${order} by ${this.kernel.symbol(call.caller)?.name}`, frame: eax ? pageFrame(this.kernel, eax) : -1,
		}));
		return { kind: 'allocation', event };
	}

	/** Runs to the entry of one of these functions: {name, arguments, caller, stack}. */
	async until(...names) {
		const places = names.map((name) => this.kernel.function(name)[0]);
		const { eax, edx, ecx, esp, eip } = await this.runTo(places);
		const caller = await this.memory.with(() => this.kernel.memory.u32(esp));
		return { name: names[places.indexOf(eip)], arguments: [eax, edx, ecx], caller, stack: esp };
	}

	/** Runs until the call returns; the registers there. */
	async untilReturn({ caller, stack }) {
		for (;;) {
			const registers = await this.runTo([caller]);
			if (registers.esp === stack + 4)
				return registers;
		}
	}

	/** Runs until one of these addresses is reached; the registers there. */
	async runTo(places) {
		if (this.paused)
			throw new Interrupted();
		await this.gdb.ask('s'); // the stub would stop again where the machine stands
		for (const place of places)
			await this.gdb.setBreakpoint(place);
		if (!this.paused) // a byte from pause() before this one would have been lost
			await this.go();
		for (const place of places)
			await this.gdb.clearBreakpoint(place);
		const registers = await this.gdb.registers();
		if (!places.includes(registers.eip))
			throw new Interrupted();
		return registers;
	}

	/** Runs until a breakpoint, or Gdb.stop(). */
	go() {
		this.memory.forget();
		return this.gdb.run();
	}
}
