// SPDX-License-Identifier: MIT
/**
 * The time of the emulated machine: it passes with instructions, not with the host's clock.
 *
 * So a run with the same input repeats exactly, and a stopped machine does not notice the stop.
 * While the processor waits for an interrupt, the time jumps to the next one.
 */
const INSTRUCTIONS_PER_MS = 20000;
const SHORTEST_WAIT = 0.01; // ms; the timer rounds, and may be due in 0 ms for ever

export class Clock {
	constructor() {
		this.reset();
	}

	reset() {
		this.count = 0; // instructions since the start, beyond 32 bits
		this.skipped = 0; // milliseconds of waiting
		this.pace = 1; // other than 1: the same run, with its interrupts at other places
		this.begun = { count: 0, time: 0 }; // of this pace
		this.unit = 0; // of the time that is told, ms
		this.counter = () => 0;
		this.last = 0;
		this.waiting = -1;
	}

	/** The emulator's counter of 32 bits, once there is one. */
	attach(counter) {
		this.counter = counter;
		this.last = counter();
	}

	instructions() {
		const now = this.counter();
		this.count += now - this.last | 0; // a hook may take one back
		this.last = now;
		return this.count;
	}

	/** Where the clock stands, for restore(). */
	save() {
		return { count: this.instructions(), skipped: this.skipped, last: this.last, waiting: this.waiting };
	}

	/** The emulator's counter is the one of save() again. */
	restore(saved) {
		Object.assign(this, saved);
	}

	now() {
		const time = this.begun.time + (this.instructions() - this.begun.count) / INSTRUCTIONS_PER_MS * this.pace;
		return (this.unit ? Math.floor(time / this.unit) * this.unit : time) + this.skipped;
	}

	/** From here on time passes at another pace, beginning at `time`, in steps of `unit` ms. */
	goOnAt(pace, time, unit) {
		Object.assign(this, { begun: { count: this.instructions(), time: time - this.skipped }, pace, unit });
	}

	/**
	 * The processor is halted, and its next timer is due in `ms`. The first call for a halt comes
	 * from the instruction itself; from the second on the emulator waits.
	 */
	halted(ms) {
		const now = this.instructions();
		if (now === this.waiting)
			this.skipped += Math.max(ms, SHORTEST_WAIT);
		this.waiting = now;
	}
}
