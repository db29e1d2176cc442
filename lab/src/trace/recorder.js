// SPDX-License-Identifier: MIT
/**
 * The events of memory management, recorded by hooks.
 *
 * An event is {at (instructions), pid, kind, text, frame, order}; frame is -1 where no frame is
 * concerned. The last LIMIT events are kept.
 */
import { pageFrame } from '../kernel/frames.js';
import { Calls } from './calls.js';
import { mergesOf, splitsOf } from './buddy.js';

const LIMIT = 20000;
const hex = (number) => (number >>> 0).toString(16).padStart(8, '0');

export class Recorder {
	/** `onEvent(event)`: at once, before the guest goes on; a stop may follow. */
	constructor(machine, kernel, onEvent = () => {}) {
		Object.assign(this, { machine, kernel, onEvent });
		this.calls = new Calls(machine, kernel);
		this.events = [];
		this.dropped = 0; // from the front
		this.ends = [];
	}

	start() {
		if (!this.ends.length)
			this.ends = watches.map(([name, watch]) => this.calls.onEntry(name, (call) => watch(this, call)));
	}

	stop() {
		this.ends.forEach((end) => end());
		this.ends = [];
	}

	add(kind, text, frame = -1, order = 0) {
		const event = { at: this.machine.clock.instructions(), pid: this.kernel.variable('current')?.pid ?? 0, kind, text, frame, order };
		this.events.push(event);
		if (this.events.length > LIMIT) {
			this.events.splice(0, LIMIT / 4);
			this.dropped += LIMIT / 4;
		}
		this.onEvent(event);
	}

	/** What was recorded so far. */
	save() {
		return { events: this.events.slice(), dropped: this.dropped };
	}

	restore({ events, dropped }) {
		Object.assign(this, { events: events.slice(), dropped });
	}

	caller(address) {
		return this.kernel.symbol(address)?.name ?? hex(address);
	}

	/** Events from a position on: {events, next}. */
	since(position) {
		return { events: this.events.slice(Math.max(position - this.dropped, 0)), next: this.dropped + this.events.length };
	}

	/** The events of a frame, as part of a block too. */
	ofFrame(pfn) {
		return this.events.filter((event) => event.frame >= 0 && pfn >= event.frame && pfn < event.frame + (1 << event.order));
	}
}

function allocation(order) {
	return (recorder, call) => recorder.calls.onReturn(call, (result) => {
		const by = recorder.caller(call.caller);
		const count = order(call);
		if (result)
			recorder.add('alloc', `order ${count} by ${by}`, pageFrame(recorder.kernel, result), count);
		else
			recorder.add('alloc', `order ${count} by ${by}: no memory`);
	});
}

function release(order) {
	return (recorder, call) => {
		const pfn = pageFrame(recorder.kernel, call.arguments[0]);
		recorder.add('free', `order ${order(call)} by ${recorder.caller(call.caller)}`, pfn, order(call));
	};
}

function area(text) {
	return (recorder, call) => recorder.add('area', text(recorder.kernel, call.arguments));
}

const range = (start, end) => `${hex(start)}-${hex(end)}`;

/** [function, what its call means] */
const watches = [
	['do_page_fault', (recorder, { arguments: [, error, address] }) => recorder.add('fault', `${error & 2 ? 'write' : 'read'} ${hex(address)}`)],
	['alloc_page', allocation(() => 0)],
	['alloc_pages', (recorder, call) => call.arguments[1] && allocation((made) => made.arguments[1])(recorder, call)],
	['__free_page', release(() => 0)],
	['__free_pages', release((call) => call.arguments[1])],
	['put_last_page', release(() => 0)],
	['buddy_alloc', (recorder, call) => {
		const [zone, order] = call.arguments;
		const split = splitsOf(recorder.kernel, zone, order);
		if (split)
			recorder.calls.onReturn(call, () => recorder.add('split', `order ${split.from} to ${order}`, split.frame, split.from));
	}],
	['buddy_free', (recorder, call) => {
		const [zone, page, order] = call.arguments;
		const merged = mergesOf(recorder.kernel, zone, page, order);
		if (merged)
			recorder.calls.onReturn(call, () => recorder.add('merge', `order ${order} to ${merged.to}`, merged.frame, merged.to));
	}],
	['vma_insert', area((kernel, [, start, end]) => `insert ${range(start, end)}`)],
	['vma_insert_alone', area((kernel, [, start, end]) => `insert ${range(start, end)}`)],
	['vma_split', area((kernel, [vma, address]) => `split ${range(kernel.at('vm_area_struct', vma).vm_start, kernel.at('vm_area_struct', vma).vm_end)} at ${hex(address)}`)],
	['vma_remove', area((kernel, [, start, end]) => `remove ${range(start, end)}`)],
];
