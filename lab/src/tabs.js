// SPDX-License-Identifier: MIT
/** Tabs as the ARIA Authoring Practices describe them: arrow keys go from tab to tab. */
import { element } from './dom.js';

export class Tabs {
	/** `titles`: {name: text}; `onChoose(name)`. */
	constructor(place, titles, chosen, onChoose) {
		this.names = Object.keys(titles);
		this.onChoose = onChoose;
		this.tabs = this.names.map((name) => element('button', { role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`, onclick: () => this.choose(name) }, titles[name]));
		this.panels = this.names.map((name) => element('div', { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}` }));
		this.list = element('div', { role: 'tablist' }, this.tabs);
		this.list.addEventListener('keydown', (event) => this.key(event));
		place.append(this.list, ...this.panels);
		this.choose(this.names.includes(chosen) ? chosen : this.names[0]);
	}

	panel(name) {
		return this.panels[this.names.indexOf(name)];
	}

	choose(name) {
		this.chosen = name;
		this.names.forEach((other, i) => {
			this.tabs[i].setAttribute('aria-selected', String(other === name));
			this.tabs[i].tabIndex = other === name ? 0 : -1;
			this.panels[i].hidden = other !== name;
		});
		this.onChoose(name);
	}

	key(event) {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (!step)
			return;
		const next = (this.names.indexOf(this.chosen) + step + this.names.length) % this.names.length;
		this.choose(this.names[next]);
		this.tabs[next].focus();
		event.preventDefault();
	}
}
