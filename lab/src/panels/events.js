// SPDX-License-Identifier: MIT
/** The events of memory management, the newest last; a button for each kind hides it. */
import { element } from '../dom.js';

const SHOWN = 200, KEPT = 20000;
export const KINDS = ['fault', 'alloc', 'free', 'split', 'merge', 'area'];

export class EventsPanel {
	/** `onFrame(pfn)`: the frame of an event was chosen. */
	constructor(place, { onFrame }) {
		Object.assign(this, { onFrame, events: [], total: 0, hidden: new Set() });
		this.counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
		this.buttons = KINDS.map((kind) => element('button', { 'aria-pressed': 'true', 'data-kind': kind, onclick: (event) => this.toggle(kind, event.target) }, kind));
		this.list = element('ol', { class: 'events', tabindex: 0, 'aria-label': 'Events' });
		this.list.addEventListener('click', ({ target }) => { if (target.dataset.frame) this.onFrame(Number(target.dataset.frame)); });
		place.append(element('p', {}, this.buttons), this.list);
	}

	reset() {
		this.events = [];
		this.counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
	}

	take(events) {
		for (const event of events)
			this.counts[event.kind]++;
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
		KINDS.forEach((kind, i) => { this.buttons[i].textContent = `${kind} ${this.counts[kind]}`; });
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
