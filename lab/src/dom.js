// SPDX-License-Identifier: MIT
/** element('td', {class: 'number'}, 'text', child): an element with attributes and children. */
export function element(name, attributes = {}, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (key.startsWith('on'))
			made.addEventListener(key.slice(2), value);
		else if (value !== false && value !== undefined)
			made.setAttribute(key, value === true ? '' : value);
	}
	made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
	return made;
}

const isNumber = (value) => typeof value === 'number';

function cell(kind, value) {
	return element(kind, isNumber(value) ? { class: 'number' } : {}, value instanceof Node ? value : String(value));
}

/** A table with these heads and rows of texts, numbers or elements. */
export function table(heads, rows, attributes = {}) {
	return element('table', attributes,
		element('thead', {}, element('tr', {}, heads.map((head, i) => element('th', { scope: 'col', class: isNumber(rows[0]?.[i]) ? 'number' : undefined }, head)))),
		element('tbody', {}, rows.map((row) => element('tr', {}, row.map((value) => cell('td', value))))));
}

/** A bar of parts, [share of 1, class]. */
export function bar(parts) {
	return element('span', { class: 'bar' }, parts.map(([share, kind]) => element('i', { class: kind, style: `width: ${Math.min(share, 1) * 100}%` })));
}

export const hex = (number, digits = 8) => (number >>> 0).toString(16).padStart(digits, '0');

/** The colour of a variable of the style sheet as [red, green, blue]. */
export function colour(name) {
	const probe = element('span', { style: `color: var(--${name})`, hidden: true });
	document.body.append(probe);
	const numbers = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
	probe.remove();
	return numbers;
}

/** Calls change() when the page turns from light to dark or back. */
export function onScheme(change) {
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', change);
}

/** Arrow keys and the like move in a grid of `columns`: the new index, or undefined for other keys. */
export function moved(key, index, columns, count) {
	const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -index, End: count - 1 - index };
	if (!(key in moves))
		return undefined;
	return Math.min(Math.max(index + moves[key], 0), count - 1);
}
