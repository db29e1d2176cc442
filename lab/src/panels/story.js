// SPDX-License-Identifier: MIT
/** The story of a stop: what happened, in which process, and the lines of source that decided. */
import { element, hex } from '../dom.js';
import { disassemble } from '../trace/disassemble.js';
import { eventLine } from './events.js';

const bytes = (code) => code.map((byte) => hex(byte, 2)).join(' ');
const areaText = (area) => area ? `${hex(area.start)}-${hex(area.end)} ${area.rights} ${area.name}` : 'no area';

function facts(pairs) {
	return element('dl', {}, pairs.map(([name, value]) => [element('dt', {}, name), element('dd', { 'data-fact': name }, value)]));
}

function entryText({ pde, pte, frame, bits }) {
	if (pte === null)
		return pde ? `no page table: directory entry ${hex(pde)}` : 'no page table';
	if (!pte)
		return 'empty';
	return frame < 0 ? `${hex(pte)}, in swap` : `${hex(pte)}: frame ${frame}, ${bits.join(' ')}`;
}

/** The lines that were executed, with the function's other lines left out. */
function sourceLines(lines) {
	const files = new Map();
	for (const { file, number, text } of lines)
		files.set(file, (files.get(file) ?? new Map()).set(number, text));
	return [...files].map(([file, found]) => element('details', { open: file.endsWith('_fault.c') }, element('summary', {}, `${file}: ${found.size} lines`),
		element('pre', {}, [...found].sort(([a], [b]) => a - b).map(([number, text], i, all) => [
			i && number > all[i - 1][0] + 1 ? element('span', { class: 'faint' }, '     ...\n') : null,
			element('span', { class: 'faint' }, `${String(number).padStart(4)} `), `${text.replaceAll('\t', '    ')}\n`,
		]))));
}

/** What the fault came to, in words. */
function outcome({ result, before, after, area }) {
	if (result !== 'ok')
		return result === null ? 'The kernel found no page to map here: it is a fault of the kernel, or of the program.' : `The kernel refuses the access: ${result}.`;
	if (after.frame < 0)
		return 'The kernel handles it, and no page is mapped yet: the access is tried again.';
	if (before.frame < 0)
		return `No page was mapped here: ${area?.name.startsWith('/') ? 'a page of the file or a copy of it' : 'a page of memory'} is mapped now, frame ${after.frame}.`;
	if (before.frame !== after.frame)
		return `Copy on write: the process gets a copy of its own, frame ${after.frame}; frame ${before.frame} stays with the others.`;
	return before.pte === after.pte ? `The entry allows it already: the processor had an old one.` : `Frame ${after.frame} stays, and its entry allows the access now.`;
}

function faultStory(fault) {
	const where = fault.symbol ? `${hex(fault.eip)} in ${fault.symbol.name}` : hex(fault.eip);
	return [
		element('h2', {}, `Page fault: ${fault.name} ${fault.pid}, ${fault.access} of ${hex(fault.address)}`),
		element('p', {}, outcome(fault)),
		facts([
			['instruction', `${where}, ring ${fault.ring}: ${disassemble(fault.code) || bytes(fault.code)}`],
			['area', areaText(fault.area ?? fault.areaBefore)],
			['before', entryText(fault.before)],
			['after', entryText(fault.after)],
			['decision', fault.result ?? 'not a fault of memory management'],
		]),
		...sourceLines(fault.lines),
	];
}

function changeStory({ of, before, after, from, to }) {
	return [
		element('h2', {}, `This ${of} has changed`),
		facts([
			['before', before],
			['after', after],
			['by', from ? `${from}(), or what it was called from; found when ${to}() was called` : `the processor or a program, before ${to}() was called`],
		]),
	];
}

function recordedStory({ index, total, kindName, task, pid, tid, ms, tsc, fields, steps, name }) {
	return [
		element('h2', {}, `Event ${(index + 1).toLocaleString('en')} of ${total.toLocaleString('en')}: ${kindName}${task ? `, ${task}` : ''} ${pid}`),
		facts([
			['event', name],
			...(tid === pid ? [] : [['thread', String(tid)]]),
			['time', ms === null ? `${tsc.toLocaleString('en')} cycles` : `${ms.toFixed(3)} ms`],
			...fields,
		]),
		...(steps.length > 1 ? [element('h3', {}, 'What was done for this fault'), element('ol', { class: 'events' }, steps.map(eventLine))] : []),
	];
}

export class StoryPanel {
	constructor(place) {
		this.place = place;
	}

	show(story) {
		this.place.hidden = !story;
		if (!story)
			return;
		const { fault, event, change } = story;
		this.place.replaceChildren(...(fault ? faultStory(fault) : change ? changeStory(change) : story.kind === 'recorded' ? recordedStory(story)
			: [element('h2', {}, `The next ${story.kind === 'buddy' ? 'split or merge' : story.kind}`), element('ol', { class: 'events' }, eventLine(event))]));
		this.place.scrollTop = 0;
	}
}

/** The story of one frame, as the contents of a dialog. */
export function frameContents(story) {
	const size = 1 << story.order;
	return [
		element('h2', {}, `Frame ${story.pfn}`),
		facts([
			['address', hex(story.address)],
			['owner', `${story.owner}${story.hot ? ', hot' : ''}${story.use ? `: ${story.use}` : ''}`],
			['block', size > 1 ? `order ${story.order}: frames ${story.first} to ${story.first + size - 1}` : 'order 0: this frame alone'],
			['zone', story.zone],
			...(story.count === null ? [] : [['count', `${story.count} ${story.count === 1 ? 'reference' : 'references'}${story.flags.length ? `; ${story.flags.join(' ')}` : ''}`]]),
			...(story.caller ? [['allocated by', story.caller]] : []),
			['mapped by', story.maps.length ? element('ul', {}, story.maps.map((map) => element('li', {},
				`process ${map.pids.join(', ')} at ${hex(map.address)}: ${map.bits.join(' ')}; area ${areaText(map.area)}`))) : 'no process'],
		]),
		element('h3', {}, 'Its past, as far as it was recorded'),
		story.events.length ? element('ol', { class: 'events' }, story.events.map(eventLine)) : element('p', {}, 'No event.'),
	];
}

/** One line about a frame. */
export function frameLine(story) {
	const maps = story.maps.slice(0, 3).map(({ pids, address }) => `${pids.join(',')} at ${hex(address)}`).join('; ');
	return `frame ${story.pfn}: ${story.owner}${story.hot ? ', hot' : ''}, order ${story.order}${story.count === null ? '' : `, count ${story.count}`}${maps ? `, mapped by ${maps}` : ''}${story.maps.length > 3 ? ' and more' : ''}`;
}
