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

export class FaultStory {
	/** `source`: source.json. */
	constructor(machine, kernel, calls, source) {
		Object.assign(this, { machine, kernel, calls, source });
		this.lineHooks = [];
	}

	/** do_page_fault() was entered. done(story) follows when it returns. */
	begin(call, done) {
		const { kernel } = this;
		const [regs, error, address] = call.arguments;
		const task = kernel.variable('current');
		const frame = kernel.at('pt_regs', regs);
		const story = {
			pid: task.pid,
			name: task.name,
			address,
			access: error & ERROR_WRITE ? 'write' : 'read',
			ring: error & ERROR_USER ? 3 : 0,
			eip: frame.eip,
			code: this.code(task, frame.eip),
			symbol: kernel.symbol(frame.eip),
			before: this.entry(task, address),
			areaBefore: this.area(task, address),
			result: null,
			lines: [],
		};
		this.plantLines(story);
		const endResult = this.calls.onEntry('mm_fault', (inner) => this.calls.onReturn(inner, (result) => {
			story.result = kernel.enumName('fault_result', result, 'FAULT_');
		}));
		this.calls.onReturn(call, () => {
			endResult();
			this.dropLines();
			story.after = this.entry(task, address);
			story.area = this.area(task, address);
			story.lines = this.grouped(story.lines);
			done(story);
		});
	}

	/** The bytes of the instruction and after it, read through the task's page tables. */
	code(task, eip) {
		const { kernel } = this;
		const directory = directoryOf(kernel, task.mm);
		return Array.from({ length: CODE_BYTES }, (_, i) => {
			const place = kernel.memory.walk(directory, eip + i >>> 0);
			return place < 0 ? null : kernel.memory.physical.u8(place);
		}).filter((byte) => byte !== null);
	}

	entry(task, address) {
		const { kernel } = this;
		const { pde, pte, frame } = lookUp(kernel, directoryOf(kernel, task.mm), address);
		const value = pte ?? pde;
		return { pde, pte, frame, bits: entryBits(kernel, value, pte === null ? 'pgd' : 'pte') };
	}

	area(task, address) {
		const area = task.mm && findArea(task.mm, address);
		return area && readArea(this.kernel, task.mm, area);
	}

	plantLines(story) {
		const { hooks } = this.machine;
		for (const [address, file, line] of this.source.rows) {
			const call = () => {
				hooks.remove(address, call);
				story.lines.push([file, line]);
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

	/** [[file, line], ...] as [{file, lines: [{number, text, order}]}], with what stands between near lines. */
	grouped(reached) {
		return reached.map(([file, number]) => {
			const [name, text] = this.source.files[file];
			return { file: name, number, text: text[number - 1] };
		});
	}
}
