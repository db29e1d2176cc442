// SPDX-License-Identifier: MIT
/**
 * A laboratory: a machine, what is known about its kernel, and the controls.
 *
 * It knows nothing of pages and workers, so tests use it in Node.
 *
 *  (1) What a person did is a list of moves (history.js). The machine is deterministic, so a moment
 *      is reached again by a new machine and the same moves. Stepping back does that.
 */
import { frameStory } from './kernel/frame_story.js';
import { Kernel } from './kernel/layout.js';
import { readPicture } from './kernel/picture.js';
import { V86Machine } from './machine/v86.js';
import { History } from './history.js';
import { Recorder } from './trace/recorder.js';
import { Steps } from './trace/steps.js';

const LOADED = 'loader: entering the kernel'; // from here on the kernel's code is in memory
const FIXED_OPTIONS = 'console=ttyS0 exit=halt';

export class Laboratory {
	/**
	 * `files`: those of V86Machine, and {description, source}: kernel.json and source.json;
	 * `first`: a step that begins with the machine.
	 */
	constructor(settings) {
		this.settings = { patient: true, ...settings };
		this.history = new History(settings.first);
		this.waiting = null; // a step that begins after the next stop
		this.onByte = () => {}; // (byte, line) of a serial line
		this.onLine = () => {}; // (text) of the log, before the guest goes on
		this.onStop = () => {}; // (story), story null for a pause
		this.watch = () => {}; // (lab) before the first instruction of each machine
	}

	/** Starts a machine, which runs. */
	async start() {
		const { files, options, memory, patient } = this.settings;
		this.line = '';
		this.machine = new V86Machine({ files, options: `${FIXED_OPTIONS} ${options}`, memory, patient });
		this.machine.onByte = (line, byte) => this.takeByte(line, byte);
		this.machine.onTurn = (turn) => this.atTurn(turn);
		await this.machine.start(() => this.prepare());
	}

	async end() {
		await this.machine.destroy();
	}

	/** The guest's memory is there, and nothing runs yet. */
	prepare() {
		const { description, source } = this.settings.files;
		this.kernel = new Kernel(description, this.machine.processor.memory);
		this.recorder = new Recorder(this.machine, this.kernel);
		this.steps = new Steps(this.machine, this.kernel, this.recorder, source);
		this.recorder.start();
		this.watch(this);
		this.arm(this.history.last);
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

	/** Input and pauses happen here, (1) of machine/v86.js. */
	atTurn(turn) {
		for (const { line, text } of this.history.inputAt(turn))
			this.machine.send(line, new TextEncoder().encode(text));
		if (this.history.endsAt(turn))
			this.stop(null);
	}

	/** The last move has ended. Another one may wait for that. */
	stop(story) {
		this.steps.cancel();
		this.machine.pause();
		this.history.close();
		const { waiting } = this;
		this.waiting = null;
		if (waiting)
			setTimeout(() => this.begin(waiting), 0);
		else
			this.onStop(story);
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
	send(text, line = 1) {
		this.history.type(line, text);
	}

	/** Runs until a pause. */
	run() {
		if (!this.history.isOpen)
			this.begin({ kind: 'run' });
	}

	/** onStop(null) follows. */
	pause() {
		this.waiting = null;
		this.history.endSoon();
		if (this.machine.ended)
			this.stop(null);
	}

	/** Runs until something happens: see Steps. onStop(story) follows. */
	step(step) {
		if (this.history.isOpen) { // it begins at the next turn
			this.history.endSoon();
			this.waiting = step;
		} else {
			this.begin(step);
		}
	}

	begin(move) {
		this.go(this.history.begin(move));
	}

	go(move) {
		this.arm(move);
		this.machine.resume();
	}

	arm(move) {
		if (move.kind !== 'run')
			this.steps.begin(move, (story) => this.stop(story));
	}

	/** Goes back to the stop before this one. onStop() follows. */
	async back() {
		await this.restore(this.history.before());
	}

	/** What restore() needs to come to this moment again: plain data. */
	save() {
		return this.history.save();
	}

	async restore(moves) {
		const { onStop } = this;
		const { patient } = this.settings;
		this.waiting = null;
		await this.end();
		this.settings = { ...this.settings, patient: false };
		this.history.repeat(moves);
		const story = await new Promise((resolve, reject) => {
			this.onStop = (told) => {
				if (this.history.coming.length)
					setTimeout(() => this.go(this.history.next()), 0);
				else
					resolve(told);
			};
			this.start().catch(reject);
		});
		this.onStop = onStop;
		this.settings.patient = this.machine.patient = patient;
		onStop(story);
	}
}
