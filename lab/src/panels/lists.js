// SPDX-License-Identifier: MIT
/** The ten free lists of each zone, with its watermarks. */
import { bar, element, table } from '../dom.js';

export class ListsPanel {
	constructor(place) {
		this.place = place;
	}

	show({ zones }) {
		if (!zones.length)
			this.place.replaceChildren('No event of the group `buddy` is in this trace, so nothing is known about free lists.');
		else
			this.draw(zones);
	}

	draw(zones) {
		this.place.replaceChildren(...zones.map((zone) => element('article', {},
			element('h3', {}, zone.name),
			element('p', {}, `frames ${zone.start} to ${zone.end - 1}: ${zone.free}${zone.present === null ? '' : ` of ${zone.present}`} free, ${zone.hot} of these hot${zone.min === null ? '' : `; watermarks min ${zone.min}, low ${zone.low}, high ${zone.high}`}`),
			table(['order', 'frames each', 'blocks', 'frames', 'part of the free memory'], zone.lists.map((blocks, order) => [
				order, 1 << order, blocks, blocks << order, bar([[(blocks << order) / (zone.free || 1), 'fill']]),
			]), { 'data-zone': zone.name }))));
	}
}
