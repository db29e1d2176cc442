// SPDX-License-Identifier: MIT
/**
 * Copies of a whole emulated machine, so that it can be taken back at once.
 *
 * v86's own save_state() leaves out the TLB, and what waits in a serial line: a run that goes on from
 * it is not the same run. So the copy is of all that v86 has:
 *
 *     its WebAssembly memory      guest memory, processor, TLB, interrupt controllers; in blocks, and
 *                                 a block that is as in the copy before is kept once
 *     its devices in JavaScript   the data of each object that they reach
 */
const BLOCK = 4096; // words

/** The blocks of a WebAssembly memory; `before`: the blocks of an earlier copy, or []. Returns {blocks, added}. */
export function copyMemory(heap, before) {
	const words = new Int32Array(heap.buffer);
	const blocks = [];
	let added = 0; // words
	for (let i = 0; i * BLOCK < words.length; i++) {
		const now = words.subarray(i * BLOCK, (i + 1) * BLOCK);
		const kept = before[i] ?? ZERO;
		const same = isSame(kept, now);
		blocks.push(same ? kept : now.slice());
		added += same ? 0 : now.length;
	}
	return { blocks, added };
}

const ZERO = new Int32Array(BLOCK);

function isSame(one, other) {
	for (let i = 0; i < other.length; i++)
		if (one[i] !== other[i])
			return false;
	return true;
}

export function restoreMemory(heap, blocks) {
	const words = new Int32Array(heap.buffer);
	blocks.forEach((block, i) => words.set(block.subarray(0, words.length - i * BLOCK), i * BLOCK));
}

/**
 * The data of objects and of all that they reach: [[object, its copy], ...]. Nothing in `others` is
 * visited, no function, and no view of `heap`.
 */
export function copyObjects(roots, others, heap) {
	const seen = new Set(others);
	const copies = [];
	const waiting = [...roots];
	while (waiting.length) {
		const object = waiting.pop();
		if (typeof object !== 'object' || object === null || seen.has(object) || object instanceof ArrayBuffer || object.buffer === heap.buffer)
			continue;
		seen.add(object);
		if (ArrayBuffer.isView(object)) {
			copies.push([object, object.slice()]);
			continue;
		}
		const copy = object instanceof Map ? new Map(object) : Array.isArray(object) ? object.slice() : { ...object };
		copies.push([object, copy]);
		waiting.push(...(object instanceof Map ? copy.values() : Object.values(copy)));
	}
	return copies;
}

export function restoreObjects(copies) {
	for (const [object, copy] of copies)
		if (ArrayBuffer.isView(object)) {
			object.set(copy);
		} else if (object instanceof Map) {
			object.clear();
			copy.forEach((value, key) => object.set(key, value));
		} else {
			if (Array.isArray(object))
				object.length = copy.length;
			Object.assign(object, copy);
		}
}
