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
	made.append(...children.flat());
	return made;
}

/** A table with these heads and rows of texts or elements; numbers are set to the right. */
export function table(heads, rows, attributes = {}) {
	const cell = (kind, value) => element(kind, typeof value === 'number' ? { class: 'number' } : {}, value instanceof Node ? value : String(value));
	return element('table', attributes,
		element('thead', {}, element('tr', {}, heads.map((head) => cell('th', head)))),
		element('tbody', {}, rows.map((row) => element('tr', {}, row.map((value) => cell('td', value))))));
}

export const hex = (number, digits = 8) => (number >>> 0).toString(16).padStart(digits, '0');
