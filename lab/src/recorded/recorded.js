// SPDX-License-Identifier: MIT
/**
 * A laboratory without a machine: a recorded trace, through which one goes forward and back.
 *
 *     event   0     1     2     3     4 ...          position 3: events 0 to 2 have happened
 *                               ^ position
 *
 * It knows nothing of pages and workers, so tests use it in Node.
 *
 *  (1) A moment is kept every KEPT events. Going back returns to the last one before the aim and
 *      applies the events from there on.
 */
import { FRAME_OWNER } from '../kernel/frames.js';
import { changeTest } from './change.js';
import { eventText, kindOf, KINDS } from './kinds.js';
import { framesOf, TracedMemory } from './memory.js';
import { frameStory, readPicture } from './picture.js';
import { eventStory } from './story.js';

const KEPT = 4096;

export class RecordedLaboratory {
	/** `trace`: of readTrace(); `description`: kernel.json, for the names of bits and owners. */
	constructor(trace, description) {
		Object.assign(this, { trace, description });
		this.kinds = new Uint8Array(trace.length); // of each event, as an index of KINDS
		this.frames = new Int32Array(trace.length); // the first frame that it names, or -1
		this.orders = new Uint8Array(trace.length);
		this.khz = 0;
		const frames = this.index();
		this.memory = new TracedMemory(frames, trace.enums.OWNER ?? ownerNames(description), description.constants.PAGE_OFFSET);
		this.position = 0;
		this.moments = [this.keep()];
	}

	/** Looks at each event once. Returns the number of frames. */
	index() {
		let frames = 0;
		for (let i = 0; i < this.trace.length; i++) {
			const event = this.trace.event(i);
			const { pfn, order, merged, merged_to: mergedTo, split_from: from, khz } = event.fields;
			this.kinds[i] = KINDS.indexOf(kindOf(event));
			this.frames[i] = merged ?? pfn ?? -1;
			this.orders[i] = mergedTo ?? from ?? order ?? 0;
			this.khz ||= event.name === 'clock' ? khz : 0;
			frames = Math.max(frames, framesOf(event));
		}
		return frames;
	}

	keep() {
		return { position: this.position, state: structuredClone(this.memory.state) };
	}

	/** Goes to the moment after so many events. */
	goTo(position) {
		const aim = Math.min(Math.max(Math.round(position), 0), this.trace.length);
		const kept = this.moments[Math.min(Math.floor(aim / KEPT), this.moments.length - 1)];
		if (aim < this.position || kept.position > this.position) {
			this.memory.state = structuredClone(kept.state);
			this.position = kept.position;
		}
		while (this.position < aim) {
			this.memory.apply(this.trace.event(this.position++));
			if (this.position === this.moments.length * KEPT)
				this.moments.push(this.keep());
		}
	}

	/**
	 * Goes to the next event that `step` names, or with `back` to the one before; to the end, or the
	 * start, if there is none. Steps are those of Steps (trace/steps.js), and `event` for any event.
	 */
	step(step) {
		const wanted = changeTest(this, step) ?? ((i) => step.kind === 'event' || steps[step.kind].includes(KINDS[this.kinds[i]]));
		const by = step.back ? -1 : 1;
		let i = this.position - 1 + by;
		while (i >= 0 && i < this.trace.length && !wanted(i))
			i += by;
		this.goTo(i + 1);
	}

	/** The event that has just happened, with what belongs to it; null at the start. */
	story() {
		return this.position ? eventStory(this, this.position - 1) : null;
	}

	picture(chosen = {}) {
		return readPicture(this, chosen);
	}

	/** All that is known about one frame. */
	frame(pfn) {
		return frameStory(this, pfn);
	}

	/** The events so far, by kind. */
	counts() {
		const sums = new Array(KINDS.length).fill(0);
		for (let i = 0; i < this.position; i++)
			sums[this.kinds[i]]++;
		return Object.fromEntries(sums.map((sum, kind) => [KINDS[kind], sum]).filter(([, sum]) => sum));
	}

	/** An event as the page's lists have it. */
	line(index) {
		const event = this.trace.event(index);
		return { at: event.tsc, pid: event.pid, kind: kindOf(event), text: eventText(event), frame: this.frames[index], order: this.orders[index] };
	}

	/** The events from one position to another, as lines. */
	lines(from, to) {
		return Array.from({ length: Math.max(to - from, 0) }, (_, i) => this.line(from + i));
	}

	/** The last events so far that concern a frame, as part of a block too. */
	ofFrame(pfn, most) {
		const found = [];
		for (let i = this.position - 1; i >= 0 && found.length < most; i--)
			if (this.frames[i] >= 0 && pfn >= this.frames[i] && pfn < this.frames[i] + (1 << this.orders[i]))
				found.push(this.line(i));
		return found.reverse();
	}

	ownerOf(pfn) {
		return this.memory.owners[this.memory.state.frames[pfn] & FRAME_OWNER];
	}
}

/** Kinds of step -> kinds of events. */
const steps = { fault: ['fault'], allocation: ['alloc'], buddy: ['split', 'merge'], area: ['area'] };

function ownerNames({ enums }) {
	const { NR_PAGE_OWNERS: count, ...owners } = enums.page_owner;
	return Object.keys(owners).slice(0, count).map((name) => name.replace('OWNER_', '').toLowerCase());
}
