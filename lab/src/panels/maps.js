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
	}

	show({ maps, frames, owners }) {
		if (!maps)
			return;
		const uses = new Map();
		this.eachFrame(maps, (pfn) => uses.set(pfn, (uses.get(pfn) ?? 0) + 1));
		const focused = document.activeElement?.dataset?.page;
		this.list.replaceChildren(...(maps.length ? maps.map((map) => this.process(map, uses, frames, owners)) : [element('p', {}, 'No process has an address space now.')]));
		if (focused)
			this.list.querySelector(`[data-page="${focused}"]`)?.focus();
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
		return element('article', {}, element('h3', {}, `${name} ${pids.join(', ')}`), areas.map((area) => element('div', { class: 'area' },
			element('span', { class: 'address' }, `${hex(area.start)} ${area.rights}`),
			element('span', { class: 'pages' }, [...area.entries].map((entry, i) => this.page(area.start + i * 4096, entry, pids[0], uses, frames, owners))),
			element('span', { class: 'faint' }, `${area.name}${area.pages > area.entries.length ? ` and ${area.pages - area.entries.length} pages more` : ''}`))));
	}

	page(address, entry, pid, uses, frames, owners) {
		const { PTE_PRESENT, PTE_PROTNONE, PTE_WRITE } = this.bits;
		const attributes = { 'data-page': `${pid}:${hex(address)}` };
		if (entry & (PTE_PRESENT | PTE_PROTNONE)) {
			const pfn = entry >>> 12;
			attributes['data-frame'] = pfn;
			attributes.tabindex = 0;
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
		this.says.textContent = `process ${pid}, page ${address}: ${frame ? `frame ${frame}${target.classList.contains('shared') ? ', mapped more than once' : ''}${target.classList.contains('readonly') ? ', read-only' : ', writable'}` : 'no frame yet'}`;
		if (act)
			this.onPage(Number(pid), parseInt(address, 16));
		if (frame)
			(act ? this.onSelect : this.onLook)(Number(frame));
	}
}
