// SPDX-License-Identifier: MIT
/**
 * A recording (recorder.js) as trees of calls, one for each kernel stack.
 *
 *     node {id, esp, at, from, place, items, result}     place of its CALL in the recording
 *     items, in order                                    nodes, and places of STORE and EFFECT
 *
 * Interrupts come at other places in another run, so they have a tree of their own, with the key INTERRUPTS. What depends on
 * them in other functions, as a switch of tasks, is `optional`.
 */
import fs from 'node:fs';
import { CALL, RETURN, KIND_BITS, COUNT_BITS } from './recorder.js';
import { lastAtMost } from './search.js';

export const STACK_SHIFT = 13; // kernel stacks
export const INTERRUPTS = -1;
const PAGE = 4096;
const NMI = 2, FIRST_INTERRUPT = 32; // vectors
const stackOf = (esp) => esp - 1 >>> STACK_SHIFT;

const rootOf = (key) => ({ id: -1, esp: 0x100000000, at: 0, items: [], parent: null, key });

export class Recording {
	/** `about`: of tools/modules/blame_course.py. */
	constructor(file, about) {
		this.about = about;
		const bytes = fs.readFileSync(file);
		this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
		this.roots = new Map([[INTERRUPTS, rootOf(INTERRUPTS)]]); // stack -> node without a function
		this.optional = new Set(about.optional);
		this.read();
	}

	read() {
		const { words } = this;
		const tops = new Map();
		for (let place = 0; place < words.length;) {
			const first = words[place];
			if (first === -1) {
				place++;
				continue;
			}
			const kind = first & (1 << KIND_BITS) - 1, count = this.count(place);
			const esp = words[place + 1] >>> 0, key = stackOf(esp);
			let top = tops.get(key);
			if (!top) {
				top = rootOf(key);
				this.roots.set(key, top);
			}
			tops.set(key, this.take(top, kind, first >>> KIND_BITS + COUNT_BITS, place, count, esp));
			place += 3 + count;
		}
	}

	/** One event. Returns the node that is in progress after it. */
	take(node, kind, id, place, count, esp) {
		const { words } = this;
		let top = node;
		while (top.esp < esp)
			top = top.parent;
		if (kind === RETURN) {
			while (top.esp === esp) {
				top.result = count ? words[place + 3] : undefined;
				top.ended = words[place + 2];
				top = top.parent;
			}
		} else if (kind === CALL) {
			const from = words[place + 3] >>> 0;
			while (top.esp === esp && top.from !== from) // else it was jumped to
				top = top.parent;
			const call = { id, esp, at: words[place + 2], from, place, items: [], parent: top, key: stackOf(esp) };
			if (this.isInterrupt(call))
				this.roots.get(INTERRUPTS).items.push(call);
			else
				top.items.push(call);
			top = call;
		} else {
			top.items.push(place);
		}
		return top;
	}

	/** The arguments of a call. Views of them all would take more room than all else. */
	args({ place }) {
		return this.words.subarray(place + 4, place + 3 + this.count(place));
	}

	/** The values of the event at a place. */
	count(place) {
		return this.words[place] >>> KIND_BITS & (1 << COUNT_BITS) - 1;
	}

	isInterrupt({ id, place }) {
		return id === this.about.interrupt && (this.words[place + 5] >= FIRST_INTERRUPT || this.words[place + 5] === NMI);
	}

	name(id) {
		return this.about.names[id] ?? '';
	}

	/** The functions that begin a page. */
	atPages() {
		return Object.entries(this.about.entries).filter(([address]) => address % PAGE === 0).map(([, name]) => name);
	}

	/** From now on a word that is the address of one of these functions means no more than text. */
	forget(names) {
		for (const [address, name] of Object.entries(this.about.entries))
			if (names.includes(name))
				delete this.about.entries[address];
	}

	/** A word that means the same in both builds: addresses of the image by name. */
	meaning(value, key) {
		const word = value >>> 0;
		const { text, data } = this.about;
		if (word >>> STACK_SHIFT === key)
			return 'stack';
		if (word >= text[0] && word < data[0])
			return this.about.entries[word] ?? this.constant(word);
		if (word >= data[0] && word < data[1]) {
			const symbol = this.symbol(word);
			return symbol ? `${symbol[2]}+${word - symbol[0]}` : word;
		}
		return word;
	}

	/** A constant that has a name, or what has none: text, a string. */
	constant(address) {
		const found = this.symbol(address);
		return found && address < found[0] + found[1] ? `${found[2]}+${address - found[0]}` : 'text';
	}

	symbol(address) {
		const { symbols } = this.about;
		return symbols[lastAtMost(symbols, address, ([start]) => start)] ?? null;
	}
}
