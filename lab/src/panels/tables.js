// SPDX-License-Identifier: MIT
/**
 * The page directory of a process and one of its page tables, each as a grid of 1024 entries: the
 * user half above, the kernel half below.
 *
 * Colour tells the rights; a point the accessed bit, a square the dirty bit too.
 */
import { colour, element, hex, moved, onScheme } from '../dom.js';

const COLUMNS = 32, CELL = 8, ENTRIES = 1024;

class Grid {
	constructor(label, onLook, onSelect) {
		Object.assign(this, { onLook, onSelect, cursor: 0 });
		this.canvas = element('canvas', { width: COLUMNS * CELL, height: ENTRIES / COLUMNS * CELL, tabindex: 0, role: 'application', 'aria-label': `${label}. Arrow keys move, Enter chooses.` });
		this.title = element('h3', {}, label);
		this.box = element('div', { class: 'half' }, this.title, this.canvas);
		this.canvas.addEventListener('pointermove', (event) => this.look(this.at(event)));
		this.canvas.addEventListener('click', (event) => { this.look(this.at(event)); this.onSelect(this.cursor); });
		this.canvas.addEventListener('keydown', (event) => this.key(event));
	}

	at(event) {
		const box = this.canvas.getBoundingClientRect();
		return Math.floor((event.clientY - box.top) / CELL) * COLUMNS + Math.floor((event.clientX - box.left) / CELL);
	}

	look(index) {
		if (index < 0 || index >= ENTRIES || index === this.cursor)
			return;
		this.cursor = index;
		this.onLook(index);
	}

	key(event) {
		const to = moved(event.key, this.cursor, COLUMNS, ENTRIES);
		if (to !== undefined)
			this.look(to);
		else if (event.key === 'Enter')
			this.onSelect(this.cursor);
		else
			return;
		event.preventDefault();
		event.stopPropagation();
	}

	/** `kind(value)`: {fill: name of a colour, accessed, dirty}; a line above entry `line`. */
	draw(values, kind, chosen, line) {
		const context = this.canvas.getContext('2d');
		const paint = (name) => `rgb(${colours(name).join()})`;
		context.fillStyle = paint('panel');
		context.fillRect(0, 0, this.canvas.width, this.canvas.height);
		for (let i = 0; i < ENTRIES; i++) {
			const { fill, accessed, dirty } = kind(values[i]);
			const x = i % COLUMNS * CELL, y = Math.floor(i / COLUMNS) * CELL;
			context.fillStyle = paint(fill);
			context.fillRect(x, y, CELL - 1, CELL - 1);
			if (accessed) {
				context.fillStyle = paint('panel');
				context.fillRect(x + 2, y + 2, dirty ? 4 : 2, dirty ? 4 : 2);
			}
		}
		context.fillStyle = paint('text');
		if (line)
			context.fillRect(0, line / COLUMNS * CELL - 1, this.canvas.width, 1);
		this.frame(context, chosen, paint('accent'));
		this.frame(context, this.cursor, paint('text'));
	}

	frame(context, index, style) {
		context.strokeStyle = style;
		context.lineWidth = 2;
		context.strokeRect(index % COLUMNS * CELL, Math.floor(index / COLUMNS) * CELL, CELL - 1, CELL - 1);
	}
}

let known = {};
onScheme(() => { known = {}; });
const colours = (name) => known[name] ??= colour(name);

export class TablesPanel {
	/** `onSlot(slot)`: an entry of the directory was chosen; `onEntry(address, entry)`: of a table. */
	constructor(place, { description, onSlot, onEntry }) {
		this.bits = description.enums.pte_bits;
		this.kernelSlot = description.constants.KERNEL_PGD_INDEX;
		this.says = element('p', { class: 'faint', 'aria-live': 'polite' }, 'Point at an entry.');
		this.directory = new Grid('page directory', (index) => this.look('directory', index), onSlot);
		this.table = new Grid('page table', (index) => this.look('table', index), (index) => {
			this.draw();
			onEntry((this.shown.slot << 22 | index << 12) >>> 0, this.shown.table?.[index] ?? 0);
		});
		this.legend = element('ul', { class: 'legend' }, [['entry-table', 'table'], ['entry-write', 'writable'], ['entry-read', 'read-only'], ['entry-large', '4 MiB'], ['entry-none', 'no access'], ['entry-swap', 'in swap'], ['owner-free', 'empty']]
			.map(([name, text]) => element('li', {}, element('i', { style: `background: var(--${name})` }), text)),
			element('li', {}, '▪ accessed'), element('li', {}, '■ dirty'));
		place.append(this.legend, this.says, element('div', { class: 'halves' }, this.directory.box, this.table.box));
		onScheme(() => this.draw());
	}

	show({ tables }) {
		if (!tables)
			return;
		this.shown = tables;
		this.directory.title.textContent = tables.pid ? `page directory of ${tables.pid}` : 'page directory of the kernel';
		this.table.title.textContent = tables.table ? `table of ${hex(tables.slot << 22)}` : `no table at ${hex(tables.slot << 22)}`;
		this.draw();
	}

	/** The cursors go to the entries for an address. */
	point(address) {
		this.directory.cursor = address >>> 22;
		this.table.cursor = address >>> 12 & ENTRIES - 1;
		this.draw();
	}

	draw() {
		if (!this.shown)
			return;
		this.directory.draw(this.shown.directory, (value) => this.kind(value, true), this.shown.slot, this.kernelSlot);
		this.table.draw(this.shown.table ?? new Uint32Array(ENTRIES), (value) => this.kind(value, false), this.table.cursor, 0);
	}

	kind(value, directory) {
		const { PTE_PRESENT, PTE_WRITE, PTE_LARGE, PTE_PROTNONE, PTE_ACCESSED, PTE_DIRTY } = this.bits;
		const accessed = value & PTE_ACCESSED, dirty = value & PTE_DIRTY;
		if (!value)
			return { fill: 'owner-free' };
		if (!(value & PTE_PRESENT))
			return { fill: value & PTE_PROTNONE ? 'entry-none' : 'entry-swap' };
		if (directory)
			return value & PTE_LARGE ? { fill: 'entry-large', accessed, dirty } : { fill: 'entry-table' };
		return { fill: value & PTE_WRITE ? 'entry-write' : 'entry-read', accessed, dirty };
	}

	look(which, index) {
		if (!this.shown)
			return;
		const values = which === 'directory' ? this.shown.directory : this.shown.table;
		const address = which === 'directory' ? index << 22 : this.shown.slot << 22 | index << 12;
		const value = values?.[index] ?? 0;
		this.says.textContent = `${hex(address)}: ${this.describe(value, which === 'directory')}`;
		this.draw();
	}

	describe(value, directory) {
		const { PTE_PRESENT, PTE_PROTNONE, PTE_LARGE } = this.bits;
		if (!value)
			return 'empty';
		if (!(value & (PTE_PRESENT | PTE_PROTNONE)))
			return `in swap: area ${value >>> 1 & 63}, slot ${value >>> 8}`;
		const names = Object.entries(this.bits).filter(([name, bit]) => value & bit && !['PTE_LARGE', 'PTE_PROTNONE'].includes(name)).map(([name]) => name.slice(4).toLowerCase());
		if (value & PTE_LARGE)
			names.push(!(value & PTE_PRESENT) ? 'no access' : directory ? '4 MiB' : 'pat');
		return `${hex(value)}, frame ${value >>> 12}, ${names.join(' ')}`;
	}
}
