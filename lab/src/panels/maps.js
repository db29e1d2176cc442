// SPDX-License-Identifier: MIT
/**
 * The virtual map of each process beside the physical one: a row of pages for each area, coloured
 * as the frames that they map. A page that a write would copy or refuse has a line below.
 */
import { element, hex } from '../dom.js';
import { FRAME_OWNER } from '../kernel/frames.js';

export class MapsPanel {
	/** `onLook(pfn)`, `onSelect(pfn)`, `onPage(pid, address)`. */
	constructor(place, { description, onLook, onSelect, onPage }) {
		Object.assign(this, { place, bits: description.enums.pte_bits, onLook, onSelect, onPage });
		this.says = element('p', { class: 'faint', 'aria-live': 'polite' }, 'A cell is a page: hollow if no frame is there yet. The same frame in two processes has a corner.');
		this.list = element('div', {});
		place.append(this.says, this.list);
		for (const [kind, act] of [['pointerover', false], ['focusin', false], ['click', true]])
			this.list.addEventListener(kind, (event) => this.at(event.target, act));
		this.list.addEventListener('keydown', (event) => this.key(event));
	}

	show({ maps, frames, owners }) {
		if (!maps)
			return;
		const uses = new Map();
		this.eachFrame(maps, (pfn) => uses.set(pfn, (uses.get(pfn) ?? 0) + 1));
		const focused = document.activeElement?.dataset?.page;
		this.list.replaceChildren(...(maps.length ? maps.map((map) => this.process(map, uses, frames, owners)) : [element('p', {}, 'No process has an address space now.')]));
		const page = focused && this.list.querySelector(`[data-page="${focused}"]`);
		(page || this.list.querySelector('[data-frame]'))?.setAttribute('tabindex', 0);
		if (page)
			page.focus();
	}

	/** One page is in the order of Tab; arrow keys go from page to page, and from area to area. */
	key(event) {
		const { target } = event;
		const pages = [...this.list.querySelectorAll('[data-frame]')];
		const areas = [...this.list.querySelectorAll('.area')].filter((area) => area.querySelector('[data-frame]'));
		const row = (step) => areas[areas.indexOf(target.closest('.area')) + step]?.querySelector('[data-frame]');
		const to = { ArrowLeft: pages[pages.indexOf(target) - 1], ArrowRight: pages[pages.indexOf(target) + 1], ArrowUp: row(-1), ArrowDown: row(1), Home: pages[0], End: pages[pages.length - 1] }[event.key];
		if (event.key === 'Enter')
			target.click();
		else if (!to)
			return;
		target.tabIndex = -1;
		(to ?? target).tabIndex = 0;
		(to ?? target).focus();
		event.preventDefault();
	}

	eachFrame(maps, visit) {
		const { PTE_PRESENT, PTE_PROTNONE } = this.bits;
		for (const { areas } of maps)
			for (const { entries } of areas)
				for (const entry of entries)
					if (entry & (PTE_PRESENT | PTE_PROTNONE))
						visit(entry >>> 12);
	}

	process({ pids, name, areas }, uses, frames, owners) {
		return element('article', {}, element('h3', {}, pids.length ? `${name} ${pids.join(', ')}` : 'an address space that is being made, or removed'), areas.map((area) => element('div', { class: 'area' },
			element('span', { class: 'address' }, `${hex(area.start)} ${area.rights}`),
			element('span', { class: 'pages' }, [...area.entries].map((entry, i) => this.page(area.start + i * 4096, entry, pids[0], uses, frames, owners))),
			element('span', { class: 'faint' }, `${area.name}${area.pages > area.entries.length ? ` and ${area.pages - area.entries.length} pages more` : ''}`))));
	}

	page(address, entry, pid, uses, frames, owners) {
		const { PTE_PRESENT, PTE_PROTNONE, PTE_WRITE } = this.bits;
		const attributes = { 'data-page': `${pid ?? ''}:${hex(address)}` };
		if (entry & (PTE_PRESENT | PTE_PROTNONE)) {
			const pfn = entry >>> 12;
			attributes['data-frame'] = pfn;
			attributes.tabindex = -1;
			attributes.style = `background: var(--owner-${owners[frames[pfn] & FRAME_OWNER]})`;
			attributes.class = [uses.get(pfn) > 1 ? 'shared' : '', entry & PTE_WRITE ? '' : 'readonly'].join(' ');
		}
		return element('i', attributes);
	}

	at(target, act) {
		const { page, frame } = target.dataset;
		if (!page)
			return;
		const [pid, address] = page.split(':');
		this.says.textContent = `${pid ? `process ${pid}, ` : ''}page ${address}: ${frame ? `frame ${frame}${target.classList.contains('shared') ? ', mapped more than once' : ''}${target.classList.contains('readonly') ? ', read-only' : ', writable'}` : 'no frame yet'}`;
		if (act && pid)
			this.onPage(Number(pid), parseInt(address, 16));
		if (frame)
			(act ? this.onSelect : this.onLook)(Number(frame));
	}
}
