// SPDX-License-Identifier: MIT
/**
 * A laboratory on a running QEMU: the same panels, and steps by breakpoints.
 *
 * It has the calls of Laboratory (lab.js) that make sense there: a machine outside the page can
 * be stopped, but not be taken back, and there are no events.
 */
import { frameStory } from '../kernel/frame_story.js';
import { pageFrame } from '../kernel/frames.js';
import { Kernel } from '../kernel/layout.js';
import { readPicture } from '../kernel/picture.js';
import { faultAfter, faultBefore } from '../trace/fault.js';
import { FetchedMemory } from './memory.js';

const SAMPLE_MS = 1000; // a running machine is stopped for a picture each second

export class LiveLaboratory {
	/** `gdb`: an open Gdb, the machine stopped; `description`: kernel.json. */
	constructor(gdb, description) {
		this.gdb = gdb;
		this.memory = new FetchedMemory((address, length) => gdb.read(address, length));
		this.kernel = new Kernel(description, this.memory);
		this.paused = true;
		this.ended = false;
		this.queue = Promise.resolve(); // one talk with the stub at a time
		this.onStop = () => {}; // (story)
		gdb.onClose = () => { this.ended = true; this.onStop(null); };
	}

	/** Talks run one after the other. */
	alone(talk) {
		const done = this.queue.then(talk);
		this.queue = done.catch(() => {});
		return done;
	}

	picture(chosen) {
		return this.alone(() => this.memory.with(() => this.kernel.isReady() ? readPicture(this.kernel, chosen) : null));
	}

	frame(pfn) {
		return this.alone(() => this.memory.with(() => this.kernel.isReady() ? frameStory(this.kernel, pfn) : null));
	}

	/** Runs, with a short stop for a picture now and then, until pause(). */
	async run(onSample) {
		this.paused = false;
		while (!this.paused && !this.ended) {
			this.memory.forget();
			const stopped = this.gdb.run();
			await new Promise((resolve) => {
				this.interrupt = resolve;
				setTimeout(resolve, SAMPLE_MS);
			});
			this.gdb.stop();
			await stopped;
			if (!this.paused)
				await onSample();
		}
		this.onStop(null);
	}

	pause() {
		this.paused = true;
		this.interrupt?.();
	}

	/** `fault` or `allocation`; onStop(story) follows. */
	async step({ kind }) {
		this.paused = false;
		const story = await this.alone(() => kind === 'fault' ? this.nextFault() : this.nextAllocation());
		this.paused = true;
		this.onStop(story);
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
		this.memory.forget();
		await this.gdb.ask('s'); // the stub would stop again where the machine stands
		for (const place of places)
			await this.gdb.setBreakpoint(place);
		await this.gdb.run();
		for (const place of places)
			await this.gdb.clearBreakpoint(place);
		return this.gdb.registers();
	}
}
