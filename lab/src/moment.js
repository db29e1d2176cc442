// SPDX-License-Identifier: MIT
/**
 * A moment of a machine, as a link or a file: the moves that lead to it, and the kernel that they
 * were made on. Another kernel takes other steps.
 */
const MARK = '#moment=';
const KIND = 'a moment of Pagewright';

/** The part of the address behind the options. */
export function momentHash(kernel, moves) {
	return MARK + encodeURIComponent(JSON.stringify({ kernel, moves }));
}

/** {kernel, moves} of an address, or null. */
export function momentOf({ hash }) {
	return hash.startsWith(MARK) ? JSON.parse(decodeURIComponent(hash.slice(MARK.length))) : null;
}

/** The text of a file. */
export function momentFile(kernel, moves, { options, memory }) {
	return JSON.stringify({ kind: KIND, kernel, options, memory, moves }, null, 1);
}

/** {kernel, options, memory, moves} of a file's text, or null if it is no such file. */
export function readMoment(text) {
	try {
		const found = JSON.parse(text);
		return found.kind === KIND ? found : null;
	} catch {
		return null;
	}
}
