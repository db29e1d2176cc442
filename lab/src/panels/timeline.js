// SPDX-License-Identifier: MIT
/** The place in a recorded trace: a slider over its events. Arrow keys go an event on or back. */
import { element } from '../dom.js';

export class Timeline {
	/** `onMove(position)`: the slider was moved. */
	constructor(place, onMove) {
		this.place = place;
		this.slider = element('input', { type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'Events of the trace so far', oninput: () => onMove(Number(this.slider.value)) });
		this.says = element('output', {});
		place.append(this.slider, this.says);
	}

	show({ position, total, ms }) {
		this.place.hidden = false;
		this.slider.max = total;
		this.slider.value = position;
		this.says.textContent = `event ${position.toLocaleString('en')} of ${total.toLocaleString('en')}${ms === null ? '' : `, ${ms.toFixed(1)} ms`}`;
	}
}
