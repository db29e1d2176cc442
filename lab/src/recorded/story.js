// SPDX-License-Identifier: MIT
/** What a trace tells about one of its events: its fields, and the steps of a fault. */
import { fieldText, kindOf } from './kinds.js';

const STEPS = 60; // of a fault, at most

/** {index, total, name, group, pid, tid, task, at, fields, steps}; `steps` are lines of events. */
export function eventStory(lab, index) {
	const event = lab.trace.event(index);
	const task = lab.memory.state.tasks.get(event.tid);
	return {
		kind: 'recorded',
		index,
		total: lab.trace.length,
		name: event.name,
		kindName: kindOf(event),
		group: event.group,
		pid: event.pid,
		tid: event.tid,
		task: task?.name ?? '',
		mm: task?.mm ?? 0,
		tsc: event.tsc,
		ms: lab.khz ? (event.tsc - lab.trace.event(0).tsc) / lab.khz : null,
		address: event.fields.address ?? null,
		fields: Object.entries(event.fields).map(([name, value]) => [name, fieldText(name, value)]),
		steps: event.name === 'fault' ? faultSteps(lab, index, event) : [],
	};
}

/** The events of the same thread since the exception, which is the first of them; or since the fault before. */
function faultSteps(lab, last, { tid }) {
	const found = [];
	for (let i = last; i >= 0 && found.length < STEPS; i--) {
		const event = lab.trace.event(i);
		if (event.tid !== tid)
			continue;
		if (event.name === 'fault' && i < last)
			break;
		found.push(lab.line(i));
		if (event.name.startsWith('page_fault_'))
			break;
	}
	return found.reverse();
}
