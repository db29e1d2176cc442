// SPDX-License-Identifier: MIT
/** The buttons of the machine, and their keys. */
import { element } from './dom.js';

/** [name, key, text, hint, while running] */
const buttons = [
	['run', 'r', 'Run', 'Run or pause', true],
	['event', 'e', 'Next event', 'Go on to the next event', true],
	['fault', 'f', 'Next fault', 'Run until the next page fault is handled', true],
	['allocation', 'a', 'Next allocation', 'Run until frames are allocated', true],
	['buddy', 'b', 'Next split or merge', 'Run until the buddy system splits or merges a block', true],
	['change', 'c', 'Next change of', 'Run until the chosen frame, entry or area changes', true],
	['back', 'z', 'Step back', 'Go to the stop before this one', true],
	['save', 's', 'Save', 'Put this moment into the address of the page', false],
	['restore', 'l', 'Restore', 'Go to the moment that was saved', true],
	['settings', 'o', 'Machine', 'Options, memory and exercises', true],
];

export class Controls {
	/** `acts`: a function for each name of a button; it gets 'frame', 'entry' or 'area', and whether Shift is down. */
	constructor(place, acts) {
		this.offer(null);
		this.what = element('select', { 'aria-label': 'What is to change', title: 'What is to change' },
			['frame', 'entry', 'area'].map((name) => element('option', {}, name)));
		this.made = Object.fromEntries(buttons.map(([name, key, text, hint]) => [name, element('button', {
			'data-act': name, title: `${hint} (${key})`, 'aria-keyshortcuts': key, onclick: (event) => acts[name](this.what.value, this.backwards && event.shiftKey),
		}, text)]));
		place.append(...Object.entries(this.made).flatMap(([name, button]) => name === 'change' ? [button, this.what] : [button]));
		document.addEventListener('keydown', (event) => this.key(event));
	}

	/** `only`: the names that work, null: all; `backwards`: with Shift a step goes back. */
	offer(only, backwards = false) {
		Object.assign(this, { only, backwards });
	}

	/** 'running', 'paused', 'ended' or 'busy'. */
	show(state) {
		this.made.run.textContent = state === 'running' ? 'Pause' : 'Run';
		for (const [name, , , , whileRunning] of buttons)
			this.made[name].disabled = this.only && !this.only.includes(name) || state === 'busy' || !whileRunning && state === 'running' || state === 'ended' && !['back', 'restore', 'settings'].includes(name);
	}

	/** Keys act wherever nothing is typed; F6 goes from part to part. */
	key(event) {
		if (event.key === 'F6') {
			event.preventDefault();
			nextPart(event.shiftKey ? -1 : 1);
		}
		if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input:not([type=range]), select, textarea, dialog'))
			return;
		const found = buttons.find(([, key]) => key === (this.backwards ? event.key.toLowerCase() : event.key));
		if (!found || this.made[found[0]].disabled)
			return;
		event.preventDefault();
		this.made[found[0]].dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: event.shiftKey }));
	}
}

/** Moves the focus to the next part of the page. */
function nextPart(step) {
	const parts = [...document.querySelectorAll('#controls, #console, #story, #frames, #tabs')].filter((part) => !part.hidden);
	const at = parts.findIndex((part) => part.contains(document.activeElement));
	const part = parts[(at + step + parts.length) % parts.length];
	(part.matches('[tabindex]') ? part : part.querySelector('textarea, [tabindex="0"], button:not(:disabled)'))?.focus();
}
