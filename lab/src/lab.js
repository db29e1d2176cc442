// SPDX-License-Identifier: MIT
/**
 * A laboratory: a machine, what is known about its kernel, and the controls.
 *
 * It knows nothing of pages and workers, so tests use it in Node.
 *
 *  (1) What a person did is a list of moves (history.js). The machine is deterministic, so a moment
 *      is reached again by a new machine and the same moves.
 *  (2) When a move begins, the stop that it leaves is kept (kept.js). So a step back to it is quick.
 */
import { frameStory } from './kernel/frame_story.js';
import { Kernel } from './kernel/layout.js';
import { readPicture } from './kernel/picture.js';
import { V86Machine } from './machine/v86.js';
import { History } from './history.js';
import { KeptStops } from './kept.js';
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
		this.kept = new KeptStops();
		this.waiting = null; // a step that begins after the next stop
		this.story = null; // of the stop
		this.onByte = () => {}; // (byte, line) of a serial line
		this.onLine = () => {}; // (text) of the log, before the guest goes on
		this.onStop = () => {}; // (story), story null for a pause
		this.watch = () => {}; // (lab) before the first instruction of each machine
	}

	/** Starts a machine, which runs. */
	async start() {
		const { files, options, memory, patient } = this.settings;
		this.line = '';
		this.output = []; // bytes of the serial lines, with the number of the line above them
		this.kept.clear();
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
		this.output.push(line << 8 | byte);
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
		Object.assign(this, { waiting: null, story });
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
		if (this.machine.paused)
			this.kept.add(this);
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
		const kept = this.kept.find(moves);
		this.settings = { ...this.settings, patient: false };
		const story = await new Promise((resolve, reject) => {
			this.onStop = (told) => {
				if (this.history.coming.length)
					setTimeout(() => this.go(this.history.next()), 0);
				else
					resolve(told);
			};
			if (kept)
				this.return(kept, moves);
			else
				this.startAgain(moves).catch(reject);
		});
		this.onStop = onStop;
		this.settings.patient = this.machine.patient = patient;
		onStop(story);
	}

	/** A new machine repeats the moves. */
	async startAgain(moves) {
		await this.end();
		this.history.repeat(moves);
		await this.start();
	}

	/** The machine goes back to a stop that was kept, and repeats the moves after it. */
	return(kept, moves) {
		this.steps.cancel();
		this.machine.patient = false;
		this.kept.restore(this, kept);
		this.history.repeatFrom(moves, kept.count);
		this.output.forEach((byte) => this.onByte(byte & 0xff, byte >> 8));
		this.onStop(kept.story);
	}
}
