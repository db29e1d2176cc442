// SPDX-License-Identifier: MIT
/**
 * The next change of some words of memory.
 *
 * v86 has no watchpoints. So a hook stands at each function of mm/ and paging/, and the words are
 * compared there: the stop comes a few instructions after the change, and tells between which two
 * calls it happened. The processor itself sets the accessed and dirty bits; such a change is found
 * at the next call.
 */
export class Watch {
	/** `read()`: the watched words as text; `done({before, after, from, to})` at the first change. */
	constructor(machine, kernel, read, done) {
		this.hooks = [];
		let before = read(), from = null;
		for (const [address, name, length] of kernel.functions) {
			if (!length || !(name in kernel.unit))
				continue;
			const call = () => {
				const after = read();
				if (after !== before) {
					this.end(machine);
					done({ before, after, from, to: name });
				}
				from = name;
			};
			machine.hooks.set(address, length, call);
			this.hooks.push([address, call]);
		}
	}

	end(machine) {
		for (const [address, call] of this.hooks)
			machine.hooks.remove(address, call);
		this.hooks = [];
	}
}
