// SPDX-License-Identifier: MIT
/**
 * A laboratory: a machine, what is known about the kernel that runs on it, and the controls.
 *
 * It knows nothing of pages and workers, so tests use it in Node.
 *
 *  (1) The machine is deterministic (machine/v86.js). What a person did to it is kept in `history`,
 *      each deed with the turn of the machine at which it was done. So stepping back is starting
 *      again and repeating all deeds but the last.
 */
import { frameStory } from './kernel/frame_story.js';
import { Kernel } from './kernel/layout.js';
import { readPicture } from './kernel/picture.js';
import { V86Machine } from './machine/v86.js';
import { Recorder } from './trace/recorder.js';
import { Steps } from './trace/steps.js';

const LOADED = 'loader: entering the kernel'; // from here on the kernel's code is in memory

export class Laboratory {
	/** `files`: those of V86Machine, and {description, source}: kernel.json and source.json. */
	constructor(settings) {
		this.settings = settings;
		this.onByte = () => {}; // (byte, line) of a serial line
		this.onLine = () => {}; // (text) of the log, before the guest goes on
		this.onStop = () => {}; // (story)
		this.onEvent = () => {};
	}

	/** `watch()` is called before the first instruction. */
	async start(watch = () => {}) {
		const { files, options, memory, patient } = this.settings;
		this.line = '';
		this.machine = new V86Machine({ files, options: `console=ttyS0 exit=halt ${options}`, memory, patient });
		this.machine.onByte = (line, byte) => this.takeByte(line, byte);
		await this.machine.start(() => {
			this.prepare();
			watch();
		});
	}

	async end() {
		await this.machine.destroy();
	}

	/** The guest's memory is there, and nothing runs yet. */
	prepare() {
		const { description, source } = this.settings.files;
		this.kernel = new Kernel(description, this.machine.processor.memory);
		this.recorder = new Recorder(this.machine, this.kernel, (event) => this.onEvent(event));
		this.steps = new Steps(this.machine, this.kernel, this.recorder, source);
		this.recorder.start();
	}

	takeByte(line, byte) {
		this.onByte(byte, line);
		if (line !== 0)
			return;
		if (byte !== 10) {
			this.line += String.fromCharCode(byte);
			return;
		}
		const text = this.line.replace(/\r$/, '');
		this.line = '';
		if (text === LOADED)
			this.machine.hooks.arm();
		this.onLine(text);
	}

	/** What the panels show; null while the kernel has no map of its memory yet. */
	picture(chosen = {}) {
		return this.kernel?.isReady() ? readPicture(this.kernel, chosen) : null;
	}

	/** All that is known about one frame; null while mem_map is not there. */
	frame(pfn) {
		return this.kernel.isReady() ? frameStory(this.kernel, pfn) : null;
	}

	/** Types on the line where programs listen. */
	send(text) {
		this.machine.send(this.settings.input ?? 1, new TextEncoder().encode(text));
	}

	run() {
		this.steps.cancel();
		this.machine.resume();
	}

	pause() {
		this.steps.cancel();
		this.machine.pause();
	}

	/** Runs until something happens: see Steps. onStop(story) follows. */
	step(step) {
		this.steps.begin(step, (story) => this.onStop(story));
	}
}
