// SPDX-License-Identifier: MIT
/**
 * All frames as a grid, coloured by owner, with the zones at its edge.
 *
 * The canvas has one pixel for each frame; CSS enlarges it. So a picture costs one loop, and zoom
 * costs nothing.
 */
import { colour, element, moved, onScheme } from '../dom.js';
import { FRAME_HOT, FRAME_OWNER } from '../kernel/frames.js';

const COLUMNS = 128; // a power of two: blocks of the buddy system are aligned
const ZOOMS = [[4, 2], [4, 3], [4, 4], [6, 6], [8, 8], [12, 12], [16, 16]]; // pixels of a cell

export class FramesPanel {
	/** `onLook(pfn)`: the cursor is at a frame; `onSelect(pfn)`: its story is wanted. */
	constructor(place, { onLook, onSelect }) {
		Object.assign(this, { onLook, onSelect, zoom: 0, cursor: 0 });
		this.legend = element('ul', { class: 'legend' });
		this.canvas = element('canvas', { width: COLUMNS, height: 1 });
		this.mark = element('div', { class: 'mark' });
		this.zones = element('div', { class: 'zones' });
		this.grid = element('div', {
			class: 'grid', tabindex: 0, role: 'application',
			'aria-label': 'Frames. Arrow keys move, Enter tells the story of a frame, plus and minus zoom.',
		}, this.canvas, this.mark);
		place.append(this.legend, element('div', { class: 'scroll' }, this.zones, this.grid));
		this.listen();
		onScheme(() => { this.palette = null; this.draw(); });
	}

	listen() {
		this.grid.addEventListener('pointermove', (event) => this.look(this.at(event)));
		this.grid.addEventListener('click', (event) => {
			this.look(this.at(event));
			this.onSelect(this.cursor);
		});
		this.grid.addEventListener('wheel', (event) => {
			if (!event.ctrlKey)
				return;
			event.preventDefault();
			this.setZoom(this.zoom - Math.sign(event.deltaY));
		}, { passive: false });
		this.grid.addEventListener('keydown', (event) => this.key(event));
	}

	show(picture) {
		if (picture.owners.length !== this.picture?.owners.length)
			this.palette = null;
		this.picture = picture;
		const rows = Math.ceil(picture.frames.length / COLUMNS);
		if (this.canvas.height !== rows) {
			this.canvas.height = rows;
			this.image = null;
			this.zoom = this.fittingZoom(rows);
		}
		this.draw();
		this.tellOwners();
		const zones = picture.zones.map(({ name, start, end }) => `${name} ${start} ${end}`).join();
		if (zones !== this.zonesShown)
			this.scale();
		this.zonesShown = zones;
	}

	/** The largest of the flat zooms at which all rows can be seen. */
	fittingZoom(rows) {
		const { clientHeight } = this.grid.parentElement;
		return Math.max(ZOOMS.slice(0, 3).findLastIndex(([, height]) => rows * height <= clientHeight), 0);
	}

	/** Colours as words of ImageData, by the byte of a frame. */
	words() {
		const word = ([red, green, blue]) => (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
		const owners = this.picture.owners.map((name) => word(colour(`owner-${name}`)));
		const hot = word(colour('owner-hot'));
		return Uint32Array.from({ length: 256 }, (_, byte) => byte & FRAME_HOT ? hot : owners[byte & FRAME_OWNER] ?? 0);
	}

	draw() {
		if (!this.picture)
			return;
		const { frames } = this.picture;
		const context = this.canvas.getContext('2d');
		this.palette ??= this.words();
		this.image ??= context.createImageData(COLUMNS, this.canvas.height);
		const pixels = new Uint32Array(this.image.data.buffer);
		for (let pfn = 0; pfn < frames.length; pfn++)
			pixels[pfn] = this.palette[frames[pfn]];
		context.putImageData(this.image, 0, 0);
	}

	tellOwners() {
		const { owners, byOwner } = this.picture;
		if (this.legend.children.length !== owners.length)
			this.legend.replaceChildren(...owners.map((name) => element('li', {},
				element('i', { style: `background: var(--owner-${name})` }), `${name} `, element('b', { 'data-owner': name }))));
		owners.forEach((name, i) => { this.legend.children[i].lastChild.textContent = byOwner[i]; });
	}

	scale() {
		const [width, height] = ZOOMS[this.zoom];
		const top = (pfn) => Math.floor(pfn / COLUMNS) * height;
		this.grid.style.setProperty('--width', `${width}px`);
		this.grid.style.setProperty('--height', `${height}px`);
		for (const part of [this.grid, this.canvas]) {
			part.style.width = `${width * COLUMNS}px`;
			part.style.height = `${height * this.canvas.height}px`;
		}
		this.grid.classList.toggle('lines', height >= 8);
		this.zones.replaceChildren(...(this.picture?.zones ?? []).map(({ name, start, end }) => element('div', {
			style: `top: ${top(start)}px; height: ${Math.max(top(end) - top(start), 16)}px`,
		}, name)));
		this.placeMark();
	}

	placeMark() {
		const [width, height] = ZOOMS[this.zoom];
		this.mark.style.transform = `translate(${this.cursor % COLUMNS * width}px, ${Math.floor(this.cursor / COLUMNS) * height}px)`;
	}

	at(event) {
		const box = this.grid.getBoundingClientRect();
		const [width, height] = ZOOMS[this.zoom];
		return Math.floor((event.clientY - box.top) / height) * COLUMNS + Math.floor((event.clientX - box.left) / width);
	}

	look(pfn) {
		if (!this.picture || pfn < 0 || pfn >= this.picture.frames.length || pfn === this.cursor)
			return;
		this.cursor = pfn;
		this.placeMark();
		this.onLook(pfn);
	}

	/** Another panel shows this frame. */
	point(pfn) {
		this.look(pfn);
		this.mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	}

	setZoom(zoom) {
		this.zoom = Math.min(Math.max(zoom, 0), ZOOMS.length - 1);
		this.scale();
		this.mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	}

	key(event) {
		const to = this.picture && moved(event.key, this.cursor, COLUMNS, this.picture.frames.length);
		if (to !== undefined)
			this.point(to);
		else if (event.key === 'Enter')
			this.onSelect(this.cursor);
		else if (event.key === '+' || event.key === '-')
			this.setZoom(this.zoom + (event.key === '+' ? 1 : -1));
		else
			return;
		event.preventDefault();
		event.stopPropagation();
	}
}
