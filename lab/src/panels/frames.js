// SPDX-License-Identifier: MIT
/**
 * All frames as a grid, coloured by owner, with the zones at its edge.
 *
 * The canvas has one pixel for each frame; CSS enlarges it. So a picture costs one loop, and zoom
 * costs nothing.
 */
import { element } from '../dom.js';

const COLUMNS = 128; // a power of two: blocks of the buddy system are aligned
const ZOOMS = [3, 4, 5, 8, 12, 16];
const OWNER = 0x0f, FIRST = 0x40, HOT = 0x80; // kernel/frames.js

/** "rgb(1, 2, 3)" or "#010203" of the style sheet as numbers. */
function colour(name) {
	const probe = element('span', { style: `color: var(--${name})`, hidden: true });
	document.body.append(probe);
	const numbers = getComputedStyle(probe).color.match(/\d+/g).map(Number);
	probe.remove();
	return numbers;
}

export class FramesPanel {
	/** `onSelect(pfn)`: a frame was chosen; `onLook(pfn)`: one is looked at. */
	constructor(place, { onSelect, onLook }) {
		this.zoom = 1;
		this.cursor = 0;
		this.legend = element('ul', { class: 'legend', 'data-test': 'owners' });
		this.canvas = element('canvas', { width: COLUMNS, height: 1 });
		this.mark = element('div', { class: 'mark' });
		this.zones = element('div', { class: 'zones' });
		this.grid = element('div', { class: 'grid', tabindex: 0, role: 'application', 'aria-label': 'Frames: arrow keys move, Enter tells about a frame, + and - zoom' }, this.canvas, this.mark);
		place.append(this.legend, element('div', { class: 'scroll' }, this.zones, this.grid));
		this.grid.addEventListener('pointermove', (event) => this.look(this.at(event), onLook));
		this.grid.addEventListener('click', (event) => { this.look(this.at(event), onLook); onSelect(this.cursor); });
		this.grid.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
		this.grid.addEventListener('keydown', (event) => this.key(event, onSelect, onLook));
		matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.palette = null; this.draw(); });
	}

	show(picture) {
		this.picture = picture;
		if (this.canvas.height !== Math.ceil(picture.frames.length / COLUMNS)) {
			this.canvas.height = Math.ceil(picture.frames.length / COLUMNS);
			this.scale();
		}
		this.draw();
		this.tellOwners();
	}

	colours(owners) {
		this.palette ??= owners.map((name) => colour(`owner-${name}`));
		this.hot ??= colour('owner-hot');
		return this.palette;
	}

	draw() {
		if (!this.picture)
			return;
		const { frames, owners } = this.picture;
		const palette = this.colours(owners);
		const context = this.canvas.getContext('2d');
		const image = context.createImageData(COLUMNS, this.canvas.height);
		for (let pfn = 0; pfn < frames.length; pfn++) {
			const [red, green, blue] = frames[pfn] & HOT ? this.hot : palette[frames[pfn] & OWNER];
			image.data.set([red, green, blue, 255], pfn * 4);
		}
		context.putImageData(image, 0, 0);
	}

	tellOwners() {
		const { owners, byOwner } = this.picture;
		if (!this.legend.children.length)
			this.legend.append(...owners.map((name) => element('li', {}, element('i', { style: `background: var(--owner-${name})` }), `${name} `, element('b', { 'data-owner': name }))));
		owners.forEach((name, i) => { this.legend.children[i].lastChild.textContent = byOwner[i]; });
	}

	scale() {
		const cell = ZOOMS[this.zoom];
		const rows = this.canvas.height;
		this.grid.style.setProperty('--cell', `${cell}px`);
		this.grid.style.width = this.canvas.style.width = `${cell * COLUMNS}px`;
		this.grid.style.height = this.canvas.style.height = `${cell * rows}px`;
		this.zones.replaceChildren(...this.picture.zones.map((zone) => element('div', {
			style: `top: ${Math.floor(zone.start / COLUMNS) * cell}px; height: ${Math.ceil((zone.end - zone.start) / COLUMNS) * cell}px`,
		}, zone.name)));
		this.placeMark();
	}

	placeMark() {
		const cell = ZOOMS[this.zoom];
		this.mark.style.transform = `translate(${this.cursor % COLUMNS * cell}px, ${Math.floor(this.cursor / COLUMNS) * cell}px)`;
	}

	at(event) {
		const box = this.grid.getBoundingClientRect();
		const cell = ZOOMS[this.zoom];
		return Math.floor((event.clientY - box.top) / cell) * COLUMNS + Math.floor((event.clientX - box.left) / cell);
	}

	look(pfn, onLook) {
		if (!this.picture || pfn < 0 || pfn >= this.picture.frames.length || pfn === this.cursor)
			return;
		this.cursor = pfn;
		this.placeMark();
		onLook(pfn);
	}

	setZoom(zoom) {
		this.zoom = Math.min(Math.max(zoom, 0), ZOOMS.length - 1);
		this.scale();
		this.mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	}

	wheel(event) {
		if (!event.ctrlKey)
			return;
		event.preventDefault();
		this.setZoom(this.zoom + (event.deltaY < 0 ? 1 : -1));
	}

	key(event, onSelect, onLook) {
		const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS, Home: -this.cursor };
		if (event.key in moves)
			this.look(this.cursor + moves[event.key], onLook);
		else if (event.key === 'Enter')
			onSelect(this.cursor);
		else if (event.key === '+' || event.key === '-')
			this.setZoom(this.zoom + (event.key === '+' ? 1 : -1));
		else
			return;
		event.preventDefault();
		this.mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	}
}
