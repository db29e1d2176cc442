// SPDX-License-Identifier: MIT
/**
 * Going on until something happens: the next fault, allocation, split or merge, or the next change
 * of a frame, a page-table entry or an area.
 */
import { page } from '../kernel/frames.js';
import { directoryOf, entryBits, lookUp } from '../kernel/pagetables.js';
import { findArea, findTask, readArea } from '../kernel/processes.js';
import { FaultStory } from './fault.js';
import { Watch } from './watch.js';

const hex = (number) => (number >>> 0).toString(16).padStart(8, '0');

/** Kinds of step that are kinds of events of the recorder; `event` is any. */
const eventSteps = { event: null, allocation: ['alloc'], buddy: ['split', 'merge'], area: ['area'] };

/** What a step of kind `change` can watch: text of the words, with their meaning. */
const watched = {
	frame: (kernel, { pfn }) => {
		const { flags, count, mapping, index, block } = page(kernel, pfn);
		return `flags=${hex(flags)} count=${count} mapping=${hex(mapping ?? 0)} index=${index} block=${hex(block)}`;
	},
	entry: (kernel, { pid, address }) => {
		const { pde, pte } = lookUp(kernel, directoryOf(kernel, findTask(kernel, pid)?.mm), address);
		const value = pte ?? pde;
		return `${pte === null ? 'directory entry' : 'entry'} ${hex(value)} ${entryBits(kernel, value, pte === null ? 'pgd' : 'pte').join(' ')}`;
	},
	area: (kernel, { pid, address }) => {
		const mm = findTask(kernel, pid)?.mm;
		const area = mm && findArea(mm, address);
		if (!area)
			return 'no area';
		const { start, end, rights, flags } = readArea(kernel, mm, area);
		return `${hex(start)}-${hex(end)} ${rights} ${flags.join(' ')}`;
	},
};

export class Steps {
	/** `recorder`: its events are listened to; `source`: source.json. */
	constructor(machine, kernel, recorder, source) {
		Object.assign(this, { machine, kernel, recorder, source });
		this.cancel = () => {};
	}

	/** Arms the step; done(story) is called when it happens, before the guest goes on. */
	begin(step, done) {
		this.cancel();
		this.cancel = this.arm(step, (story) => done({ kind: step.kind, ...story }));
	}

	/** Returns the function that gives the step up. */
	arm(step, finish) {
		if (step.kind === 'fault')
			return this.armFault(finish);
		if (step.kind === 'change')
			return this.armChange(step, finish);
		const kinds = eventSteps[step.kind];
		const before = this.recorder.onEvent;
		this.recorder.onEvent = (event) => {
			before(event);
			if (!kinds || kinds.includes(event.kind))
				finish({ event });
		};
		return () => { this.recorder.onEvent = before; };
	}

	armFault(finish) {
		const { calls } = this.recorder;
		const story = new FaultStory(this.machine, this.kernel, calls, this.source);
		let end = calls.onEntry('do_page_fault', (call) => {
			end();
			end = () => {};
			story.begin(call, (told) => finish({ fault: told }));
		});
		return () => {
			end();
			story.dropLines();
		};
	}

	armChange(step, finish) {
		const watch = new Watch(this.machine, this.kernel, () => watched[step.of](this.kernel, step), (change) => finish({ change: { of: step.of, ...change } }));
		return () => watch.end(this.machine);
	}
}
