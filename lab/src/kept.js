// SPDX-License-Identifier: MIT
/**
 * The stops of a laboratory's machine that were kept, the oldest first.
 *
 * A copy of the machine costs some 50 ms and the blocks of memory that changed since the copy before;
 * to repeat a run costs a new machine and all its instructions.
 */
const WORDS_MAX = 32 << 20; // of all copies together: 128 MiB

export class KeptStops {
	constructor() {
		this.clear();
	}

	/** Forgets all stops: their machine has ended. */
	clear() {
		this.stops = [];
	}

	/** Keeps the stop at which a laboratory stands. */
	add(lab) {
		const { machine, recorder, history, output, line, story } = lab;
		const key = JSON.stringify(history.done);
		if (this.stops.some((stop) => stop.key === key))
			return;
		const before = this.stops[this.stops.length - 1]?.machine;
		this.stops.push({ key, count: history.done.length, machine: machine.save(before), events: recorder.save(), bytes: output.length, line, story });
		while (this.stops.length > 1 && this.stops.reduce((sum, stop) => sum + stop.machine.added, 0) > WORDS_MAX)
			this.stops.shift();
	}

	/** The last stop on the way of these moves, or undefined. */
	find(moves) {
		return this.stops.findLast(({ key, count }) => count <= moves.length && key === JSON.stringify(moves.slice(0, count)));
	}

	restore(lab, { machine, events, bytes, line }) {
		lab.machine.restore(machine);
		lab.recorder.restore(events);
		lab.output.length = bytes;
		lab.line = line;
	}
}
