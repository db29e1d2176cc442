// SPDX-License-Identifier: MIT
/**
 * The story of a page fault: the access, the area, the entry before and after, and the lines of
 * source that decided.
 *
 * While the fault is handled, a hook stands at each line of mm/user_space; each is reached once.
 */
import { directoryOf, entryBits, lookUp } from '../kernel/pagetables.js';
import { findArea, readArea } from '../kernel/processes.js';

const CODE_BYTES = 15; // an instruction has no more
const ERROR_WRITE = 2, ERROR_USER = 4;

/** What is known when do_page_fault(regs, error, address) is entered. */
export function faultBefore(kernel, [regs, error, address]) {
	const task = kernel.variable('current');
	const { eip } = kernel.at('pt_regs', regs);
	return {
		pid: task.pid,
		name: task.name,
		address,
		access: error & ERROR_WRITE ? 'write' : 'read',
		ring: error & ERROR_USER ? 3 : 0,
		eip,
		code: code(kernel, task, eip),
		symbol: kernel.symbol(eip),
		before: entry(kernel, task, address),
		areaBefore: area(kernel, task, address),
		result: null,
		lines: [],
	};
}

/** What is known in addition when it returns, in the same task. */
export function faultAfter(kernel, { address }) {
	const task = kernel.variable('current');
	return { after: entry(kernel, task, address), area: area(kernel, task, address) };
}

/** The bytes from an address on, read through the task's page tables. */
function code(kernel, task, eip) {
	const directory = directoryOf(kernel, task.mm);
	return Array.from({ length: CODE_BYTES }, (_, i) => {
		const place = kernel.memory.walk(directory, eip + i >>> 0);
		return place < 0 ? null : kernel.memory.physical.u8(place);
	}).filter((byte) => byte !== null);
}

function entry(kernel, task, address) {
	const { pde, pte, frame } = lookUp(kernel, directoryOf(kernel, task.mm), address);
	return { pde, pte, frame, bits: entryBits(kernel, pte ?? pde, pte === null ? 'pgd' : 'pte') };
}

function area(kernel, task, address) {
	const found = task.mm && findArea(task.mm, address);
	return found && readArea(kernel, task.mm, found);
}

export class FaultStory {
	/** `source`: source.json. */
	constructor(machine, kernel, calls, source) {
		Object.assign(this, { machine, kernel, calls, source });
		this.lineHooks = [];
	}

	/** do_page_fault() was entered. done(story) follows when it returns. */
	begin(call, done) {
		const story = faultBefore(this.kernel, call.arguments);
		this.plantLines(story.lines);
		const endResult = this.calls.onEntry('mm_fault', (inner) => this.calls.onReturn(inner, (result) => {
			story.result = this.kernel.enumName('fault_result', result, 'FAULT_');
		}));
		this.calls.onReturn(call, () => {
			endResult();
			this.dropLines();
			done({ ...story, ...faultAfter(this.kernel, story) });
		});
	}

	/** Adds each line to `lines` when it is reached for the first time. */
	plantLines(lines) {
		const { hooks } = this.machine;
		for (const [address, file, number] of this.source.rows) {
			const call = () => {
				const [name, text] = this.source.files[file];
				hooks.remove(address, call);
				lines.push({ file: name, number, text: text[number - 1] });
			};
			hooks.set(address, 0, call);
			this.lineHooks.push([address, call]);
		}
	}

	dropLines() {
		for (const [address, call] of this.lineHooks)
			this.machine.hooks.remove(address, call);
		this.lineHooks = [];
	}
}
