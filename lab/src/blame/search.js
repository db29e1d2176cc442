// SPDX-License-Identifier: MIT
/** The index of the last element of a sorted list that is at most `value`; -1: there is none. `of` tells the number of an element. */
export function lastAtMost(list, value, of = (element) => element) {
	let low = 0, high = list.length;
	while (low < high) {
		const middle = low + high >> 1;
		if (of(list[middle]) <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}
