// SPDX-License-Identifier: MIT
/** The tasks as a tree, and the areas of one of them as a list and as a tree. */
import { element, hex, table } from '../dom.js';

/** The tasks with their depth, each behind its parent: [[task, depth], ...]. */
function descend(tasks) {
	const placed = [];
	const add = (task, depth) => {
		placed.push([task, depth]);
		tasks.filter((child) => child !== task && child.parent === task.pid).forEach((child) => add(child, depth + 1));
	};
	tasks.filter((task) => task.pid === task.parent || !tasks.some((other) => other.pid === task.parent)).forEach((root) => add(root, 0));
	return placed;
}

export class ProcessesPanel {
	/** `onProcess(pid)`: a process was chosen; `onArea(pid, address)`: one of its areas. */
	constructor(place, { onProcess, onArea }) {
		Object.assign(this, { place, onProcess, onArea });
		this.tasks = element('div', { class: 'half' });
		this.areas = element('div', { class: 'half' });
		place.classList.add('halves');
		place.append(this.tasks, this.areas);
	}

	show({ tasks, space }, { pid, area }) {
		if (!space)
			return;
		const button = (task) => element('button', { class: 'link', 'aria-pressed': String(task.pid === pid), onclick: () => this.onProcess(task.pid) }, String(task.pid));
		this.keepFocus(this.tasks, () => this.tasks.replaceChildren(table(['pid', 'parent', 'name', 'state', 'resident', 'mapped', 'tables'], descend(tasks).map(([task, depth]) => [
			button(task), task.parent, element('span', { style: `padding-left: ${depth * 14}px` }, task.running ? `${task.name} ◀` : task.name), task.state,
			...(task.mm ? [task.rss, task.total, task.tables].map((number) => number ?? '') : ['', '', '']),
		]))));
		this.keepFocus(this.areas, () => this.areas.replaceChildren(element('h3', {}, space.areas.length ? `areas of ${pid}, in pages` : `${pid} has no address space`), this.list(space, area), this.tree(space.tree)));
	}

	/** Rebuilds a part; the button at the same place has the focus again. */
	keepFocus(part, rebuild) {
		const index = [...part.querySelectorAll('button')].indexOf(document.activeElement);
		rebuild();
		if (index >= 0)
			part.querySelectorAll('button')[index]?.focus();
	}

	list({ pid, areas }, chosen) {
		if (!areas.length)
			return '';
		return table(['area', 'rights', 'pages', 'what'], areas.map((area) => [
			element('button', { class: 'link', 'aria-pressed': String(area.start === chosen), title: area.flags.join(' '), onclick: () => this.onArea(pid, area.start) }, `${hex(area.start)}-${hex(area.end)}`),
			area.rights, (area.end - area.start) / 4096, area.name,
		]));
	}

	/** The gap tree: each node with the largest gap below it; undefined: not known. */
	tree(node) {
		if (!node)
			return node === null ? element('p', { class: 'faint' }, 'Few areas: there is only the list. Above 32 there is a tree too.') : '';
		const branch = (part) => part && element('li', {}, `${hex(part.start)}-${hex(part.end)} gap ${part.gap}, largest ${part.largest}`,
			part.left || part.right ? element('ul', {}, branch(part.left), branch(part.right)) : null);
		return element('ul', { class: 'tree' }, branch(node));
	}
}
