// SPDX-License-Identifier: MIT
/** The slab caches, the largest first, with the figures of /proc/slabinfo. */
import { bar, table } from '../dom.js';

export class SlabsPanel {
	constructor(place) {
		this.place = place;
	}

	show({ slabs }) {
		if (!slabs)
			return;
		const used = slabs.filter((cache) => cache.slabs).sort((a, b) => b.slabs * b.pages - a.slabs * a.pages || (a.name < b.name ? -1 : 1));
		const empty = slabs.length - used.length;
		this.place.replaceChildren(table(['cache', 'in use', 'objects', '', 'bytes each', 'full', 'partial', 'free', 'frames'], used.map((cache) => [
			cache.name, cache.inuse, cache.objects, bar([[cache.inuse / cache.objects, 'fill']]), cache.size,
			cache.full ?? '', cache.partial ?? '', cache.free ?? '', cache.slabs * cache.pages,
		])), `${empty} more caches have no slab.`);
	}
}
