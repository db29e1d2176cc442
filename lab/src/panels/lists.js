// SPDX-License-Identifier: MIT
/** The ten free lists of each zone, with its watermarks. */
import { bar, element, table } from '../dom.js';

export class ListsPanel {
	constructor(place) {
		this.place = place;
	}

	show({ zones }) {
		this.place.replaceChildren(...zones.map((zone) => element('article', {},
			element('h3', {}, zone.name),
			element('p', {}, `frames ${zone.start} to ${zone.end - 1}: ${zone.free} of ${zone.present} free, ${zone.hot} of these hot; watermarks min ${zone.min}, low ${zone.low}, high ${zone.high}`),
			table(['order', 'frames each', 'blocks', 'frames', 'part of the free memory'], zone.lists.map((blocks, order) => [
				order, 1 << order, blocks, blocks << order, bar([[(blocks << order) / (zone.free || 1), 'fill']]),
			]), { 'data-zone': zone.name }))));
	}
}
