// SPDX-License-Identifier: MIT
/** The events of memory management, the newest last; a button for each kind that has come hides it. */
import { element } from '../dom.js';

const SHOWN = 200, KEPT = 20000;
const USUAL = ['fault', 'alloc', 'free', 'split', 'merge', 'area']; // first, in this order

export class EventsPanel {
	/** `onFrame(pfn)`: the frame of an event was chosen. */
	constructor(place, { onFrame }) {
		Object.assign(this, { onFrame, hidden: new Set() });
		this.buttons = element('p', {});
		this.list = element('ol', { class: 'events', tabindex: 0, 'aria-label': 'Events' });
		this.list.addEventListener('click', ({ target }) => { if (target.dataset.frame) this.onFrame(Number(target.dataset.frame)); });
		place.append(this.buttons, this.list);
		this.reset();
	}

	reset() {
		this.events = [];
		this.counts = new Map();
		this.made = new Map(); // kind -> button
		this.buttons.replaceChildren();
		USUAL.forEach((kind) => this.addKind(kind));
	}

	addKind(kind) {
		const button = element('button', { 'aria-pressed': String(!this.hidden.has(kind)), 'data-kind': kind, onclick: () => this.toggle(kind, button) }, kind);
		this.counts.set(kind, 0);
		this.made.set(kind, button);
		this.buttons.append(button, ' ');
	}

	/** `counts`: by kind, of all events so far; without it those that came are counted. */
	take(events, counts) {
		for (const { kind } of events) {
			if (!this.counts.has(kind))
				this.addKind(kind);
			this.counts.set(kind, this.counts.get(kind) + 1);
		}
		for (const [kind, count] of Object.entries(counts ?? {})) {
			if (!this.counts.has(kind))
				this.addKind(kind);
			this.counts.set(kind, count);
		}
		this.events.push(...events);
		if (this.events.length > KEPT)
			this.events.splice(0, this.events.length - KEPT);
	}

	toggle(kind, button) {
		const shown = this.hidden.delete(kind);
		if (!shown)
			this.hidden.add(kind);
		button.setAttribute('aria-pressed', String(shown));
		this.show();
	}

	show() {
		for (const [kind, button] of this.made)
			button.textContent = `${kind} ${this.counts.get(kind)}`;
		const wanted = [];
		for (let i = this.events.length - 1; i >= 0 && wanted.length < SHOWN; i--)
			if (!this.hidden.has(this.events[i].kind))
				wanted.push(this.events[i]);
		this.list.replaceChildren(...wanted.reverse().map(eventLine));
		this.list.scrollTop = this.list.scrollHeight;
	}
}

/** One event as a line of a list. */
export function eventLine({ at, pid, kind, text, frame }) {
	return element('li', { class: `event-${kind}` }, element('span', { class: 'number' }, at.toLocaleString('en')), ` ${pid} `, element('b', {}, kind), ` ${text} `,
		frame >= 0 ? element('button', { class: 'link', 'data-frame': frame }, `frame ${frame}`) : null);
}
