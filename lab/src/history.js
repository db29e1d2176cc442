// SPDX-License-Identifier: MIT
/**
 * What a person did to a machine: moves, one after the other.
 *
 *     run ── input, input ──> pause    step to a fault ──> stop    run ──> pause ...
 *
 * A move is {kind, ..., inputs: [{turn, line, text}], end}. The first one begins at the start of
 * the machine. `end` is the turn of the machine at which a pause ended the move; undefined for a step
 * that ended by itself.
 */
export class History {
	constructor(first = { kind: 'run' }) {
		this.repeat([{ ...first, inputs: [] }]);
		this.repeating = false;
	}

	/** Prepares to do these moves again; the first of them begins. */
	repeat(moves) {
		this.repeatFrom(moves, 0);
		this.next();
	}

	/** So many of these moves are done; the others are to be done again. */
	repeatFrom(moves, done) {
		this.coming = structuredClone(moves);
		this.done = this.coming.splice(0, done);
		this.typed = []; // not yet sent
		this.repeating = true; // the last move is an old one
		this.close();
	}

	/** The next of the moves that are repeated begins; it is returned. */
	next() {
		const move = this.coming.shift();
		this.done.push(move);
		this.isOpen = true;
		this.ending = false;
		return move;
	}

	/** A new move begins. */
	begin(move) {
		this.repeating = false;
		this.coming = [{ ...move, inputs: [] }];
		return this.next();
	}

	get last() {
		return this.done[this.done.length - 1];
	}

	/** The last move has ended. */
	close() {
		this.isOpen = false;
	}

	/** The last move is to end at the machine's next turn. */
	endSoon() {
		this.ending = this.isOpen;
	}

	/** True at the turn at which the last move ends by a pause. */
	endsAt(turn) {
		if (!this.isOpen)
			return false;
		if (this.ending)
			this.last.end = turn;
		return this.last.end === turn;
	}

	type(line, text) {
		this.typed.push({ line, text });
	}

	/** The input that the machine gets at this turn. */
	inputAt(turn) {
		if (this.repeating && this.isOpen)
			return this.last.inputs.filter((input) => input.turn === turn);
		const inputs = this.typed.map((input) => ({ turn, ...input }));
		this.typed = [];
		this.last.inputs.push(...inputs);
		return inputs;
	}

	/** The moves that led here. */
	save() {
		return structuredClone(this.done);
	}

	/** The moves that led to the stop before this one; at the first one, to the start. */
	before() {
		return this.done.length > 1 ? this.save().slice(0, -1) : [{ kind: 'run', inputs: [], end: 1 }];
	}
}
